"""How near takeoff's paths come to their roof: the time that their exponentials and logarithms alone would take.

The engine cuts a path into panels. A panel needs an exponential at each of its nodes and at its end, what makes
effort or the doublings of a limit of them, and a logarithm at each knot; the first doubling needs a panel of its own;
and each time asked for needs a logarithm, and on growing hardware an exponential. All that could be left out with the
same method is the rest: cutting, quadrature, divided differences, polynomials, memory. Panels are counted here as the
engine cuts them (`passage.rs`, whose constants are read from it), until the last finite value asked for; what the
functions take alone, one after the other over arrays in the cache, is measured by `kernels/src/bin/elementary.rs`,
which is compiled from the engine's source.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

from laws import LN2, MOST, Floats, Task

ROOT = Path(__file__).resolve().parents[2]
CONSTANTS = ("SPAN", "BULGE", "REACH", "SMOOTH", "LONGEST")


def source_constant(file: str, name: str) -> float:
    """A constant of the engine."""
    text = (ROOT / "rust/core/src" / file).read_text(encoding="utf-8")
    found = re.search(rf"const {name}: \w+ = ([0-9.]+);", text)
    if found is None:
        raise LookupError(f"{file} has no constant {name}: the engine has changed, and roof.py must follow")
    return float(found[1])


def panels(task: Task, end: Floats) -> npt.NDArray[np.int64]:
    """Panels of each path up to `end` doublings."""
    span, bulge, reach, smooth, longest = (source_constant("passage.rs", name) for name in CONSTANTS)
    b, inverse_r, limited = task.rate, 1 / task.r, task.law == "limit"
    shift = task.rho * LN2
    counts = np.zeros(task.r.size, dtype=np.int64)
    x = np.zeros(task.r.size)
    while np.any(going := x < end):
        returns = 1 - x / task.limit if limited else np.ones_like(x)
        if limited:
            slope, curvature = b * (inverse_r - returns), b * returns / task.limit
            widest = np.minimum(reach * task.limit, (0.5 * x + longest) / returns)
        else:
            odds = shift * x + np.log(task.labor_share / (1 - task.labor_share))
            share = 1 / (1 + np.exp(-odds))
            product = np.where((odds < 0) == (shift > 0), 0.25, share * (1 - share))
            slope, curvature = b * (inverse_r - share), b * np.abs(shift) * product
            widest = np.minimum(0.5 * x + longest, smooth * np.hypot(odds, np.pi) / np.abs(shift))
        by_span = 2 * span / (np.abs(slope) + np.sqrt(slope**2 + 2 * span * curvature))
        with np.errstate(divide="ignore"):  # no curvature in f64: a panel of any width
            by_bulge = np.sqrt(8 * bulge / curvature)
        width = np.minimum(np.minimum(by_span, by_bulge), widest)
        gain = task.limit * returns * -np.expm1(-width / task.limit) if limited else width
        counts += going
        x = np.where(going, x + gain, x)
    return counts


def evaluations(task: Task, doublings: Floats) -> tuple[float, dict[str, float]]:
    """Panels, and evaluations of each function, per path."""
    reached = np.where(doublings < MOST, doublings, 0.0)
    asked = float(np.mean(np.sum((doublings < MOST) & (task.time > 0), axis=1)))
    cut = float(np.mean(panels(task, np.max(reached, axis=1))))
    nodes = source_constant("panel_tables.rs", "N")
    knots, first = cut * (nodes + 1), nodes
    counts = {"exp_near": knots + first, "ln_absolute": knots + asked}
    if task.law == "limit":
        return cut, counts | {"expm1_near": 2 * knots + first}
    clock = asked if task.law == "hardware" else 0.0
    return cut, counts | {"expm1": knots + first + clock, "ln_1p": knots + first}


def nanoseconds() -> dict[str, float] | str:
    """Time of one evaluation of each function on one thread, or why it is not known."""
    command = ["cargo", "run", "--release", "--quiet", "--package", "takeoff-kernels", "--bin", "elementary"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - no input
    except OSError as error:
        return f"cargo cannot be run ({error})"
    except subprocess.CalledProcessError as error:
        return f"cargo run failed: {error.stderr.strip().splitlines()[-1]}"
    return {name: float(value) for name, value in (line.split() for line in done.stdout.splitlines())}


def roof(counts: dict[str, float], each: dict[str, float]) -> float:
    """Seconds per path on one thread."""
    return sum(count * each[name] for name, count in counts.items()) * 1e-9
