"""Paths of the growth law from start to finish: takeoff beside SciPy, Numba and NumPy.

The law (time ``t`` in years, doublings ``x``, fixed hardware, AI labor alone, ``b = ln2 * parallelizability``)::

    dx/dt = c h (r/b) 2^x / W        h = 1 - x/limit,  W = h^(-limit b / r),  c such that x(first_doubling) = 1

Every contender gets the same parameters (seeded) and returns a float64 array of doublings, one row per path, one column
per time. Its time covers everything between the two, the constant ``c`` included; importing, compiling and a first call
come before. Contenders take turns in every round, in an order that rotates, so that a drift of the machine hits all.

Declining returns (a limit, linear):

- takeoff, on the given number of threads and on one.
- Numba: Dormand-Prince 5(4) written by hand, parallel over paths, first same as last, dense output of order 4 (steps
  are not cut at the times asked for), steps scaled by ``0.9 error^(-1/4)``, which needs no power, ``fastmath``. Three
  forms, since the obvious one is not the fastest: (a) the state x, whose pace costs an exponential and a logarithm;
  (b) the state (x, w) with ``w = dt/dx``, which follows ``dx/dt = 1/w, dw/dt = (limit b/r + 1)/(limit - x) - b`` and
  needs only divisions; (c) the same with 32 paths side by side in each thread, each with steps of its own, so that the
  compiler can use vector instructions; a finished path makes room for the next. (c) stands for the fastest Numba we
  could write. It also runs at tight tolerances. At 4e-10 their errors are those of takeoff.
- SciPy: ``solve_ivp``, DOP853, one path per call (form b with plain floats, faster than form a), and 4,000 paths as one
  system (form a, vectorized with NumPy), which is far faster but shares its steps and an error norm over all paths.
  Timed on the first paths only and scaled; one thread, so at best its speed times the number of cores with one process
  for each.

Tolerances are ``rtol = atol = 1e-8`` on x and ``rtol = 1e-8`` on w, or as the table says.

Results stand on ordinary pages of memory for all: Numba allocates them so. NumPy, and with it takeoff, would ask for
huge pages, which makes the best times a fifth shorter; but in a virtual machine whose host takes freed memory back,
touching them first is at times slower than the computation.

No limit (closed form ``x = log1p(t/T0 expm1(a))/a``, ``a = b (1/r - 1)``, infinite from the singular time on): takeoff
beside NumPy, as one expression and in place, and Numba, parallel over paths.

Errors are taken on the first paths against a reference in 30 digits (mpmath) that shares no code with any contender:
``t(x)`` as an integral in ``-ln h``, by Gauss-Legendre panels, inverted by Newton's method. Near the explosion the pace
is so high that x is ill-conditioned in t: an error of one part in 10^12 in time can be one of 10^-8 doublings. So the
error is also given in time: by how much t would have to change for the computed x to be exact, relative to t.

Needs the dependency groups ``bench`` and ``test``. Run: ``python benches/python/growth_law.py --help``.
"""

from __future__ import annotations

import argparse
import bisect
import gc
import math
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

# Before NumPy is imported: results on ordinary pages for all, see the head of this file.
os.environ["NUMPY_MADVISE_HUGEPAGE"] = "0"

import mpmath
import numba
import numpy as np
import numpy.typing as npt
import scipy
from scipy.integrate import solve_ivp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Floats = npt.NDArray[np.float64]
F = TypeVar("F", bound="Callable[..., Any]")

SEED = 20250101
B = math.log(2.0)  # ln2 * parallelizability, which is 1
FIRST_DOUBLING = 1 / 12
HORIZON, POINTS = 2.0, 121
R_RANGE, LIMIT_RANGE = (0.4, 3.0), (10.0, 50.0)
TOLERANCE, EQUAL, TIGHT = 1e-8, 4e-10, 1e-12
ONE_BY_ONE, SYSTEM = 300, 4000  # paths on which SciPy is timed
SETTLE = 0.03  # seconds between two contenders, for idle threads to stop spinning

NODES, WEIGHTS = ((a + b) / 2 for a, b in zip(np.polynomial.legendre.leggauss(10), (1.0, 0.0), strict=True))


@dataclass(frozen=True)
class Task:
    """Parameters of the paths, and the times at which their doublings are wanted."""

    r: Floats
    limit: Floats
    time: Floats

    def first(self, count: int) -> Task:
        """Return the first paths of the task."""
        return Task(self.r[:count].copy(), self.limit[:count].copy(), self.time)


@dataclass
class Contender:
    """One row of a table: what is run, on how many paths, and what came of it."""

    name: str
    run: Callable[[Task], Floats]
    paths: int
    seconds: list[float] = field(default_factory=list)
    error: Floats | None = None
    time_error: Floats | None = None

    def speed(self, seconds: float) -> float:
        """Paths per second."""
        return self.paths / seconds


# --- takeoff ----------------------------------------------------------------------------------------------------------


def takeoff_runs(threads: int) -> tuple[Callable[[Task], Floats], Callable[[Task], Floats], str]:
    import takeoff

    profile = takeoff.build_profile()
    if profile != "release":
        sys.exit(f"growth_law: takeoff is a {profile} build; build it with the release profile to time it")

    def with_limit(task: Task) -> Floats:
        law = takeoff.GrowthLaw(r=task.r, first_doubling=FIRST_DOUBLING, limit=task.limit)
        doublings: Floats = takeoff.simulate(law, time=task.time, threads=threads).doublings
        return doublings

    def without_limit(task: Task) -> Floats:
        law = takeoff.GrowthLaw(r=task.r, first_doubling=FIRST_DOUBLING)
        doublings: Floats = takeoff.simulate(law, time=task.time, threads=threads).doublings
        return doublings

    return with_limit, without_limit, f"takeoff {takeoff.__version__} ({profile})"


# --- Numba ------------------------------------------------------------------------------------------------------------


def jit(**options: bool | str) -> Callable[[F], F]:
    decorator: Callable[[F], F] = numba.njit(fastmath=True, error_model="numpy", **options)
    return decorator


@jit(inline="always")
def first_pace(exponent: float, limit: float) -> float:
    """Pace at x = 0, doublings per year: ``pace(0) dt/dx`` integrated over the first doubling, by the time of that."""
    total = 0.0
    for j in range(NODES.size):
        total += WEIGHTS[j] * math.exp(-exponent * math.log(1 - NODES[j] / limit) - B * NODES[j])
    return total / FIRST_DOUBLING


@jit(inline="always")
def fifth(k1: float, k3: float, k4: float, k5: float, k6: float, k7: float) -> float:
    """Highest coefficient of the dense output (Hairer, Norsett & Wanner, DOPRI5)."""
    return (
        -12715105075 / 11282082432 * k1
        + 87487479700 / 32700410799 * k3
        - 10690763975 / 1880347072 * k4
        + 701980252875 / 199316789632 * k5
        - 1453857185 / 822651844 * k6
        + 69997945 / 29380423 * k7
    )


@jit(inline="always")
def fill(
    row: Floats, g: int, grid: Floats, t: float, step: float, x: float, xn: float, k1: float, k7: float, top: float
) -> int:
    """Write x at the times within a step, and return the next time's index."""
    rise = xn - x
    c3 = step * k1 - rise
    c4 = rise - step * k7 - c3
    inverse = 1 / step
    while g < grid.size and grid[g] <= t + step:
        s = (grid[g] - t) * inverse
        z = 1 - s
        row[g] = x + s * (rise + z * (c3 + s * (c4 + z * (step * top))))
        g += 1
    return g


@jit(inline="always")
def pace(x: float, log_scale: float, exponent: float, inverse_limit: float) -> float:
    return math.exp(log_scale + exponent * math.log(1 - x * inverse_limit) + B * x)


@jit(parallel=True)
def numba_direct(r: Floats, limit: Floats, grid: Floats, tolerance: float) -> Floats:
    """Form (a): the state x, one path at a time."""
    out = np.empty((r.size, grid.size))
    for i in numba.prange(r.size):
        p, v = 1 + limit[i] * B / r[i], 1 / limit[i]
        k1 = first_pace(p, limit[i])
        c = math.log(k1)
        t, x, step, g = 0.0, 0.0, 0.01 * FIRST_DOUBLING, 1
        out[i, 0] = 0.0
        while g < grid.size:
            k2 = pace(x + step * (1 / 5 * k1), c, p, v)
            k3 = pace(x + step * (3 / 40 * k1 + 9 / 40 * k2), c, p, v)
            k4 = pace(x + step * (44 / 45 * k1 - 56 / 15 * k2 + 32 / 9 * k3), c, p, v)
            k5 = pace(x + step * (19372 / 6561 * k1 - 25360 / 2187 * k2 + 64448 / 6561 * k3 - 212 / 729 * k4), c, p, v)
            k6 = pace(
                x + step * (9017 / 3168 * k1 - 355 / 33 * k2 + 46732 / 5247 * k3 + 49 / 176 * k4 - 5103 / 18656 * k5),
                c, p, v,
            )  # fmt: skip
            xn = x + step * (35 / 384 * k1 + 500 / 1113 * k3 + 125 / 192 * k4 - 2187 / 6784 * k5 + 11 / 84 * k6)
            k7 = pace(min(xn, limit[i]), c, p, v)
            e = 71 / 57600 * k1 - 71 / 16695 * k3 + 71 / 1920 * k4 - 17253 / 339200 * k5 + 22 / 525 * k6 - 1 / 40 * k7
            e = abs(step * e) / (tolerance + tolerance * max(abs(x), abs(xn)))
            # A stage at or beyond the limit leaves no number to trust.
            e = min(max(e, 1e-10), 1e8) if xn < limit[i] and e < 1e8 else 1e8
            factor = min(10.0, max(0.1, 0.9 / math.sqrt(math.sqrt(e))))
            if e > 1:
                step *= min(0.9, factor)
                continue
            if grid[g] <= t + step:
                g = fill(out[i], g, grid, t, step, x, xn, k1, k7, fifth(k1, k3, k4, k5, k6, k7))
            t, x, k1 = t + step, xn, k7
            step *= factor
    return out


def numba_with_divisions(  # noqa: C901 - kernels in one piece
    lanes: int, block: int = 512
) -> Callable[[Floats, Floats, Floats, float], Floats]:
    """Forms (b) and (c): the state (x, w), with the given number of paths side by side."""
    # Offsets into two flat arrays: what a step starts from, and what it makes.
    at_x, at_w, at_h, at_p, at_limit, at_k1, at_q1 = (i * lanes for i in range(7))
    to_x, to_w, to_k3, to_k4, to_k5, to_k6, to_k7, to_q7, to_error, to_factor = (i * lanes for i in range(10))

    @jit(inline="always")
    def step_all(s: Floats, o: Floats, tolerance: float) -> None:
        for j in range(lanes):
            x, w, h, p, limit = s[at_x + j], s[at_w + j], s[at_h + j], s[at_p + j], s[at_limit + j]
            k1, q1 = s[at_k1 + j], s[at_q1 + j]
            xs = x + h * (1 / 5 * k1)
            ws = w + h * (1 / 5 * q1)
            k2 = 1 / ws
            q2 = p / (limit - xs) - B
            xs = x + h * (3 / 40 * k1 + 9 / 40 * k2)
            ws = w + h * (3 / 40 * q1 + 9 / 40 * q2)
            k3 = 1 / ws
            q3 = p / (limit - xs) - B
            xs = x + h * (44 / 45 * k1 - 56 / 15 * k2 + 32 / 9 * k3)
            ws = w + h * (44 / 45 * q1 - 56 / 15 * q2 + 32 / 9 * q3)
            k4 = 1 / ws
            q4 = p / (limit - xs) - B
            xs = x + h * (19372 / 6561 * k1 - 25360 / 2187 * k2 + 64448 / 6561 * k3 - 212 / 729 * k4)
            ws = w + h * (19372 / 6561 * q1 - 25360 / 2187 * q2 + 64448 / 6561 * q3 - 212 / 729 * q4)
            k5 = 1 / ws
            q5 = p / (limit - xs) - B
            dx = 9017 / 3168 * k1 - 355 / 33 * k2 + 46732 / 5247 * k3 + 49 / 176 * k4 - 5103 / 18656 * k5
            dw = 9017 / 3168 * q1 - 355 / 33 * q2 + 46732 / 5247 * q3 + 49 / 176 * q4 - 5103 / 18656 * q5
            k6 = 1 / (w + h * dw)
            q6 = p / (limit - (x + h * dx)) - B
            xn = x + h * (35 / 384 * k1 + 500 / 1113 * k3 + 125 / 192 * k4 - 2187 / 6784 * k5 + 11 / 84 * k6)
            wn = w + h * (35 / 384 * q1 + 500 / 1113 * q3 + 125 / 192 * q4 - 2187 / 6784 * q5 + 11 / 84 * q6)
            k7 = 1 / wn
            q7 = p / (limit - xn) - B
            ex = 71 / 57600 * k1 - 71 / 16695 * k3 + 71 / 1920 * k4 - 17253 / 339200 * k5 + 22 / 525 * k6 - 1 / 40 * k7
            ew = 71 / 57600 * q1 - 71 / 16695 * q3 + 71 / 1920 * q4 - 17253 / 339200 * q5 + 22 / 525 * q6 - 1 / 40 * q7
            ex = abs(h * ex) / (tolerance + tolerance * max(abs(x), abs(xn)))
            ew = abs(h * ew) / (tolerance * max(abs(w), abs(wn)))
            e = max(ex, ew)
            e = 1e8 if (wn <= 0.0) | (xn >= limit) else e
            e = min(max(e, 1e-10), 1e8)
            o[to_x + j], o[to_w + j], o[to_k3 + j], o[to_k4 + j] = xn, wn, k3, k4
            o[to_k5 + j], o[to_k6 + j], o[to_k7 + j], o[to_q7 + j] = k5, k6, k7, q7
            o[to_error + j] = e
            # The fourth root in place of the fifth: no power, and slightly bolder steps.
            o[to_factor + j] = min(10.0, max(0.1, 0.9 / math.sqrt(math.sqrt(e))))

    @jit(inline="always")
    def start(s: Floats, j: int, r: float, limit: float) -> None:
        p = 1 + limit * B / r
        v = first_pace(p, limit)
        s[at_x + j], s[at_w + j], s[at_h + j], s[at_p + j] = 0.0, 1 / v, 0.01 * FIRST_DOUBLING, p
        s[at_limit + j], s[at_k1 + j], s[at_q1 + j] = limit, v, p / limit - B

    @jit(parallel=True)
    def solve(r: Floats, limit: Floats, grid: Floats, tolerance: float) -> Floats:
        out = np.empty((r.size, grid.size))
        out[:, 0] = 0.0
        for part in numba.prange((r.size + block - 1) // block):
            following, end = part * block, min(r.size, (part + 1) * block)
            s, o = np.ones(7 * lanes), np.ones(10 * lanes)
            t, path, g = np.zeros(lanes), np.full(lanes, -1), np.ones(lanes, np.int64)
            # A lane without a path repeats a step of length 0.
            s[at_h : at_h + lanes] = 0.0
            s[at_limit : at_limit + lanes] = 10.0
            active = 0
            for j in range(min(lanes, end - following)):
                start(s, j, r[following], limit[following])
                path[j] = following
                following += 1
                active += 1
            while active > 0:
                step_all(s, o, tolerance)
                for j in range(lanes):
                    if path[j] < 0:
                        continue
                    h, factor = s[at_h + j], o[to_factor + j]
                    if o[to_error + j] > 1:
                        s[at_h + j] = h * min(0.9, factor)
                        continue
                    if grid[g[j]] <= t[j] + h:
                        k1, k7 = s[at_k1 + j], o[to_k7 + j]
                        top = fifth(k1, o[to_k3 + j], o[to_k4 + j], o[to_k5 + j], o[to_k6 + j], k7)
                        g[j] = fill(out[path[j]], g[j], grid, t[j], h, s[at_x + j], o[to_x + j], k1, k7, top)
                        if g[j] == grid.size:
                            if following < end:
                                start(s, j, r[following], limit[following])
                                path[j], t[j], g[j] = following, 0.0, 1
                                following += 1
                            else:
                                path[j] = -1
                                s[at_h + j] = 0.0
                                active -= 1
                            continue
                    t[j] += h
                    s[at_x + j], s[at_w + j] = o[to_x + j], o[to_w + j]
                    s[at_k1 + j], s[at_q1 + j], s[at_h + j] = o[to_k7 + j], o[to_q7 + j], h * factor
        return out

    return solve


@jit(parallel=True)
def numba_closed(r: Floats, grid: Floats) -> Floats:
    out = np.empty((r.size, grid.size))
    for i in numba.prange(r.size):
        a = B * (1 / r[i] - 1)
        inverse, scale = 1 / a, math.expm1(a) / FIRST_DOUBLING
        for g in range(grid.size):
            z = scale * grid[g]
            out[i, g] = math.log1p(z) * inverse if z > -1 else np.inf
    return out


# --- SciPy and NumPy --------------------------------------------------------------------------------------------------


def numpy_first_pace(exponent: Floats, limit: Floats) -> Floats:
    integrand = np.exp(-exponent[:, None] * np.log1p(-NODES / limit[:, None]) - B * NODES)
    pace_at_0: Floats = integrand @ WEIGHTS / FIRST_DOUBLING
    return pace_at_0


def scipy_one_by_one(task: Task) -> Floats:
    out = np.empty((task.r.size, task.time.size))
    exponents = 1 + task.limit * B / task.r
    paces = numpy_first_pace(exponents, task.limit)
    span = (0.0, float(task.time[-1]))
    columns = zip(exponents.tolist(), task.limit.tolist(), paces.tolist(), strict=True)
    for i, (exponent, limit, at_0) in enumerate(columns):

        def slope(_: float, y: Floats, p: float = exponent, top: float = limit) -> tuple[float, float]:
            x, w = y.tolist()
            return 1 / w, p / (top - x) - B

        found = solve_ivp(
            slope, span, (0.0, 1 / at_0), method="DOP853", t_eval=task.time, rtol=TOLERANCE, atol=(TOLERANCE, 1e-20)
        )
        out[i] = found.y[0]
    return out


def scipy_system(task: Task) -> Floats:
    exponent = 1 + task.limit * B / task.r
    log_scale = np.log(numpy_first_pace(exponent, task.limit))

    def slope(_: float, x: Floats) -> Floats:
        with np.errstate(all="ignore"):  # a step that is rejected may try x beyond the limit
            paces: Floats = np.exp(log_scale + exponent * np.log1p(-x / task.limit) + B * x)
        return paces

    span = (0.0, float(task.time[-1]))
    found = solve_ivp(
        slope, span, np.zeros(task.r.size), method="DOP853", t_eval=task.time, rtol=TOLERANCE, atol=TOLERANCE
    )
    doublings: Floats = found.y
    return doublings


def numpy_closed(task: Task) -> Floats:
    a = B * (1 / task.r[:, None] - 1)
    with np.errstate(divide="ignore"):
        # log1p(-1) = -inf, over a negative a: infinite from the singular time on.
        doublings: Floats = np.log1p(np.maximum(task.time / FIRST_DOUBLING * np.expm1(a), -1)) / a
    return doublings


def numpy_closed_in_place(task: Task) -> Floats:
    a = B * (1 / task.r[:, None] - 1)
    out: Floats = np.expm1(a) * (task.time / FIRST_DOUBLING)
    np.maximum(out, -1, out=out)
    with np.errstate(divide="ignore"):
        np.log1p(out, out=out)
    np.divide(out, a, out=out)
    return out


# --- Reference --------------------------------------------------------------------------------------------------------

PANEL = 0.05
Number = Any  # a float, or a number of mpmath
Rule = list[tuple[Number, Number]]


def panel(
    start: Number, width: Number, rise: Number, scale: Number, rule: Rule, exp: Callable[[Number], Number]
) -> Number:
    """Integral of ``exp(rise w - scale (1 - e^-w))`` over a stretch of ``w = -ln h``."""
    return width * sum(
        weight * exp(rise * (start + width * node) - scale * (1 - exp(-start - width * node))) for node, weight in rule
    )


def reference_path(r: float, limit: float, grid: Sequence[float], rule: Rule) -> list[float]:
    """Doublings of one path at ascending times, the first of which is 0."""
    mp = mpmath.mp
    b, top = mp.log(2), mp.mpf(limit)
    rise, scale = top * b / mp.mpf(r), top * b
    rough = [(float(n), float(w)) for n, w in rule]
    # Times at equally spaced w, in units in which the first doubling takes `unit`.
    first = -mp.log(1 - 1 / top)
    whole = int(first / PANEL)
    times = [mp.mpf(0)]

    def extend() -> None:
        times.append(times[-1] + panel(mp.mpf(PANEL) * (len(times) - 1), mp.mpf(PANEL), rise, scale, rule, mp.exp))

    while len(times) <= whole:
        extend()
    anchor = mp.mpf(PANEL) * whole
    unit = (times[whole] + panel(anchor, first - anchor, rise, scale, rule, mp.exp)) / mp.mpf(FIRST_DOUBLING)
    found = [0.0]
    for t in grid[1:]:
        target = mp.mpf(t) * unit
        while times[-1] <= target:
            extend()
        j = bisect.bisect_right(times, target) - 1
        anchor, rest = mp.mpf(PANEL) * j, target - times[j]
        width = PANEL * float(rest / (times[j + 1] - times[j]))
        near, goal = float(anchor), float(rest)
        for _ in range(12):
            end = near + width
            slope = math.exp(float(rise) * end - float(scale) * (1 - math.exp(-end)))
            short = goal - panel(near, width, float(rise), float(scale), rough, math.exp)
            width = min(max(width + short / slope, 0.0), PANEL)
        # One step in 30 digits takes the 14 or so of float64 beyond all that is printed.
        wide = mp.mpf(width)
        end = anchor + wide
        short = rest - panel(anchor, wide, rise, scale, rule, mp.exp)
        end += short / mp.exp(rise * end - scale * (1 - mp.exp(-end)))
        found.append(float(-top * mp.expm1(-end)))
    return found


def reference(task: Task) -> Floats:
    with mpmath.workdps(30):
        rule = gauss_legendre(16)
        grid = task.time.tolist()
        rows = zip(task.r.tolist(), task.limit.tolist(), strict=True)
        return np.array([reference_path(r, limit, grid, rule) for r, limit in rows])


def gauss_legendre(count: int) -> Rule:
    """Nodes and weights on [0, 1] in the precision of mpmath, by Newton's method from those of NumPy."""
    mp = mpmath.mp
    rule = []
    for guess in np.polynomial.legendre.leggauss(count)[0].tolist():
        z = mp.mpf(guess)
        for _ in range(4):
            below, value = mp.mpf(1), z
            for n in range(2, count + 1):
                below, value = value, ((2 * n - 1) * z * value - (n - 1) * below) / n
            slope = count * (z * value - below) / (z * z - 1)
            z -= value / slope
        rule.append(((z + 1) / 2, 1 / ((1 - z * z) * slope * slope)))
    return rule


def reference_closed(task: Task) -> Floats:
    with mpmath.workdps(30):
        mp = mpmath.mp

        def doublings(r: float, t: float) -> float:
            a = mp.log(2) * (1 / mp.mpf(r) - 1)
            z = mp.mpf(t) / mp.mpf(FIRST_DOUBLING) * mp.expm1(a)
            return float(mp.log1p(z) / a) if z > -1 else math.inf

        return np.array([[doublings(r, t) for t in task.time.tolist()] for r in task.r.tolist()])


def time_error(task: Task, exact: Floats, found: Floats) -> Floats:
    """``|t(found) - t| / t``, by the integral of dt/dx between the exact and the found doublings."""
    p, top = 1 + task.limit * B / task.r, task.limit
    nodes, weights = np.polynomial.legendre.leggauss(20)
    x = exact[..., None] + (found - exact)[..., None] * (nodes + 1) / 2
    inverse_pace = np.exp(-p[:, None, None] * np.log1p(-x / top[:, None, None]) - B * x)
    shift = (found - exact) * (inverse_pace @ weights) / 2 / numpy_first_pace(p, top)[:, None]
    return np.asarray(np.abs(shift[:, 1:]) / task.time[1:], dtype=np.float64)


def time_error_closed(task: Task, exact: Floats, found: Floats) -> Floats:
    a = B * (1 / task.r[:, None] - 1)
    with np.errstate(invalid="ignore"):
        shift = FIRST_DOUBLING * np.exp(a * exact) * np.expm1(a * (found - exact)) / np.expm1(a)
        errors = np.abs(shift[:, 1:]) / task.time[1:]
    return np.asarray(errors[np.isfinite(exact[:, 1:])], dtype=np.float64)


# --- Running and reporting --------------------------------------------------------------------------------------------


def measure(
    contenders: list[Contender],
    task: Task,
    repeats: int,
    exact: Floats,
    in_time: Callable[[Task, Floats, Floats], Floats],
) -> None:
    """Take the errors and the times of all contenders."""
    sample = task.first(exact.shape[0])
    finite = np.isfinite(exact)
    for contender in contenders:
        contender.run(task.first(64))  # compiles, starts threads
        # Errors are those of the run that is timed: SciPy's system takes other steps with other paths in it.
        found = contender.run(task.first(contender.paths))[: exact.shape[0]]
        if found.dtype != np.float64 or not np.array_equal(np.isfinite(found), finite):
            sys.exit(f"growth_law: {contender.name}: infinite or missing values where there should be none")
        with np.errstate(invalid="ignore"):
            contender.error = np.abs(found - exact)[finite]
        contender.time_error = in_time(sample, exact, found)
    tasks = [task.first(c.paths) for c in contenders]
    for k in range(repeats):
        for i in range(len(contenders)):
            j = (i + k) % len(contenders)
            time.sleep(SETTLE)
            gc.collect()
            begin = time.perf_counter()
            found = contenders[j].run(tasks[j])
            contenders[j].seconds.append(time.perf_counter() - begin)
            del found


def table(contenders: list[Contender], paths: int, rival: Contender | None) -> str:
    head = [
        "",
        "paths timed",
        f"best, s per {paths:,} paths",
        "median, s",
        "paths/s (best)",
        "max error, doublings",
        "median error, doublings",
        "max error, time",
        "median error, time",
        "takeoff's speed over it (best)",
        "takeoff's speed over it (median)",
    ]
    rows = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for c in contenders:
        best, middle = min(c.seconds), statistics.median(c.seconds)
        ratios = ["", ""]
        if rival is not None and rival is not c:
            of_best = rival.speed(min(rival.seconds)) / c.speed(best)
            of_median = rival.speed(statistics.median(rival.seconds)) / c.speed(middle)
            ratios = [f"{q:.2f}x" if q < 100 else f"{q:,.0f}x" for q in (of_best, of_median)]
        scaled = "" if c.paths == paths else " (scaled)"
        errors = [f"{f(e):.1e}" for e in (c.error, c.time_error) if e is not None for f in (np.max, np.median)]
        rows.append(
            [
                c.name,
                f"{c.paths:,}",
                f"{best * paths / c.paths:.3g}{scaled}",
                f"{middle * paths / c.paths:.3g}{scaled}",
                f"{c.speed(best):,.0f}",
                *errors,
                *ratios,
            ]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def available_threads() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def load() -> str:
    try:
        return f"{os.getloadavg()[0]:.2f}"
    except (AttributeError, OSError):
        return "unknown"


def write(file: Path, text: str) -> None:
    """Replace a file at once, so that no reader sees half of it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    def positive(text: str) -> int:
        value = int(text)
        if value < 1:
            raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
        return value

    parser = argparse.ArgumentParser(description="Time paths of the growth law: takeoff, SciPy, Numba, NumPy.")
    parser.add_argument("--paths", type=positive, default=100_000, help="number of paths (default 100,000)")
    parser.add_argument("--repeats", type=positive, default=15, help="rounds (default 15)")
    parser.add_argument("--check", type=positive, default=100, help="paths whose errors are taken (default 100)")
    parser.add_argument("--threads", type=positive, default=available_threads(), help="threads (default: all cores)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report as markdown")
    parser.add_argument(
        "--skip", action="append", default=[], metavar="WORD", help="leave out contenders whose name has this word"
    )
    options = parser.parse_args(arguments)
    if options.threads > numba.config.NUMBA_NUM_THREADS:
        parser.error(f"--threads is at most {numba.config.NUMBA_NUM_THREADS} here (NUMBA_NUM_THREADS)")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    paths, threads = options.paths, options.threads
    check = min(options.check, paths, ONE_BY_ONE)
    one_by_one, system = min(ONE_BY_ONE, paths), min(SYSTEM, paths)
    numba.set_num_threads(threads)
    rng = np.random.default_rng(SEED)
    task = Task(rng.uniform(*R_RANGE, paths), rng.uniform(*LIMIT_RANGE, paths), np.linspace(0.0, HORIZON, POINTS))

    def wanted(name: str) -> bool:
        return not any(word.lower() in name.lower() for word in options.skip)

    plural = "thread" if threads == 1 else "threads"
    limited: list[Contender] = []
    closed: list[Contender] = []
    versions = [f"NumPy {np.__version__}", f"SciPy {scipy.__version__}", f"Numba {numba.__version__}"]
    if wanted("takeoff"):
        for count in dict.fromkeys((threads, 1)):
            with_limit, without_limit, version = takeoff_runs(count)
            name = f"takeoff, {count} {'thread' if count == 1 else 'threads'}"
            limited.append(Contender(name, with_limit, paths))
            closed.append(Contender(name, without_limit, paths))
        versions.insert(0, version)

    def numba_run(solve: Callable[..., Floats], tolerance: float) -> Callable[[Task], Floats]:
        return lambda part: solve(part.r, part.limit, part.time, tolerance)

    one, side = numba_with_divisions(1), numba_with_divisions(32)
    limited += [
        Contender(f"Numba (a): state x, {threads} {plural}", numba_run(numba_direct, TOLERANCE), paths),
        Contender(f"Numba (b): state (x, w), {threads} {plural}", numba_run(one, TOLERANCE), paths),
        Contender(f"Numba (b) at {EQUAL:g}, {threads} {plural}", numba_run(one, EQUAL), paths),
        Contender(f"Numba (c): (b), 32 side by side, {threads} {plural}", numba_run(side, TOLERANCE), paths),
        Contender(f"Numba (c) at {EQUAL:g}, {threads} {plural}", numba_run(side, EQUAL), paths),
        Contender(f"Numba (c) at {TIGHT:g}, {threads} {plural}", numba_run(side, TIGHT), paths),
        Contender("SciPy DOP853, one path per call, 1 thread", scipy_one_by_one, one_by_one),
        Contender(f"SciPy DOP853, {system:,} paths as one system, 1 thread", scipy_system, system),
    ]
    closed += [
        Contender("NumPy, one expression, 1 thread", numpy_closed, paths),
        Contender("NumPy, in place, 1 thread", numpy_closed_in_place, paths),
        Contender(f"Numba, {threads} {plural}", lambda part: numba_closed(part.r, part.time), paths),
    ]
    limited, closed = ([c for c in row if wanted(c.name)] for row in (limited, closed))
    if not limited and not closed:
        sys.exit("growth_law: --skip leaves nothing to run")

    before = load()
    measure(limited, task, options.repeats, reference(task.first(check)), time_error)
    measure(closed, task, options.repeats, reference_closed(task.first(check)), time_error_closed)
    layer = numba.threading_layer() if any("Numba" in c.name for c in (*limited, *closed)) else "unused"
    tables = []
    for row in (limited, closed):
        rival = row[0] if row and row[0].name.startswith("takeoff") else None
        tables.append(table(row, paths, rival))
    report = f"""\
# Paths of the growth law

{paths:,} paths, {POINTS} times from 0 to {HORIZON:g} years, first doubling 1/12 year, parallelizability 1, r uniform on
{R_RANGE[0]:g} to {R_RANGE[1]:g}, limit uniform on {LIMIT_RANGE[0]:g} to {LIMIT_RANGE[1]:g} doublings (seed {SEED}).
{options.repeats} rounds, contenders in turn.

{cpu_model()}, {platform.system()} {platform.machine()}; {available_threads()} cores available, {threads} {plural} used.
Python {platform.python_version()}, {", ".join(versions)} (threading layer: {layer}).
Load average {before} before, {load()} after.

## With a limit

{tables[0]}

## Without a limit (closed form)

{tables[1]}

Errors: on the first {check} paths, against 30 digits. Those in doublings are amplified near the explosion, where x is
ill-conditioned in t; those in time, |t(x computed) - t| / t, are not. "(scaled)": timed on fewer paths and scaled to
{paths:,}. SciPy and NumPy run on one thread; compare with takeoff on one thread too.
"""
    print(report)
    if options.write is not None:
        write(options.write, report)


if __name__ == "__main__":
    main()
