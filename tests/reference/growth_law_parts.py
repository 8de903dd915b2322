"""Plain twin of the growth law with all parts: DOP853 at rtol 1e-12 in x, written from the equations alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

LN2 = math.log(2)


def labor(x: float, growth: float, automation: dict[str, float] | None) -> float:
    """Logarithm of labor (not relative): AI alone, or people and AI; `growth` is ln G."""
    if automation is None:
        return LN2 * x + growth
    f = min(1.0, automation["start"] + (1 - automation["start"]) * x / automation["full_at"])
    log_ai = math.log(automation["ai_labor"]) + LN2 * x + growth
    rho = automation["rho"]
    if f >= 1 or log_ai + math.log(1 - f) <= math.log(max(f, 1e-300)):
        return float(np.logaddexp(log_ai, 0))
    if math.isinf(rho) or f == 0:
        return -math.log(1 - f)
    return float(np.logaddexp((1 - rho) * math.log(f) + rho * log_ai, (1 - rho) * math.log(1 - f)) / rho)


def kinks(automation: dict[str, float]) -> tuple[float, ...]:
    """Doublings at which labor is not smooth: where people begin or cease to be squeezed, and full automation."""

    def squeeze(x: float) -> float:
        f = automation["start"] + (1 - automation["start"]) * x / automation["full_at"]
        return math.log(automation["ai_labor"]) + LN2 * x + math.log((1 - f) / max(f, 1e-300))

    grid = np.linspace(1e-9, automation["full_at"] * (1 - 1e-12), 2000)
    signs = [squeeze(x) > 0 for x in grid]
    steps = [i for i in range(len(grid) - 1) if signs[i] != signs[i + 1]]
    roots = [brentq(squeeze, grid[i], grid[i + 1], xtol=1e-14) for i in steps]
    return (*roots, automation["full_at"])


def log_effort(
    x: float, growth: float, automation: dict[str, float] | None = None, effort: dict[str, float] | None = None
) -> float:
    """Logarithm of effort E(x, t), 1 at the start."""
    at = labor(x, growth, automation) - labor(0.0, 0.0, automation)
    if effort is None:
        return at
    a, rho, eta = effort["labor_share"], effort["rho"], effort["experiment_efficiency"]
    compute = eta * LN2 * x + growth
    if rho == 0:
        return a * at + (1 - a) * compute
    top = max(rho * at, rho * compute)
    return (top + math.log(a * math.exp(rho * at - top) + (1 - a) * math.exp(rho * compute - top))) / rho


def log_growth(t: float, hardware: tuple[tuple[float, float], ...]) -> float:
    """Logarithm of hardware after t years; pieces are (since, doubling time)."""
    total = 0.0
    for k, (since, doubling_time) in enumerate(hardware):
        until = hardware[k + 1][0] if k + 1 < len(hardware) else math.inf
        total += LN2 * max(0.0, min(t, until) - since) / doubling_time
    return total


def times(
    doublings: list[float],
    r: float,
    first_doubling: float,
    parallelizability: float = 1.0,
    limit: float = math.inf,
    hardware: tuple[tuple[float, float], ...] = (),
    stops: tuple[float, ...] = (),
    **parts: Any,
) -> np.ndarray[Any, Any]:
    """Times (years) at which the ascending `doublings` are reached; `stops` are doublings where the law is not smooth.

    dt/dx = W (d ln W/dx) / (c E^lambda) is integrated as dt/dx = exp(ln W - lambda ln E(x, t)) lambda ln2 / (r h c);
    c is found such that the first doubling takes its time.
    """
    lam = parallelizability

    def solve(log_c: float, points: list[float]) -> np.ndarray[Any, Any]:
        def rate(x: float, t: Any) -> list[float]:
            h = 1 - x / limit
            log_w = LN2 * lam / r * (-limit * math.log(h) if math.isfinite(limit) else x)
            return [math.exp(log_w - lam * log_effort(x, log_growth(t[0], hardware), **parts) - log_c) / h]

        found, t, at = [], 0.0, 0.0
        for x in sorted({*points, *(s for s in stops if s < points[-1])}):
            if x > at:
                t = solve_ivp(rate, (at, x), [t], method="DOP853", rtol=1e-13, atol=1e-15).y[0, -1]
            at = x
            if x in points:
                found.append(t)
        return np.array(found)

    start = -math.log(first_doubling)
    log_c = brentq(lambda c: math.log(solve(c, [1.0])[0] / first_doubling), start - 5, start + 5, xtol=1e-14)
    return solve(log_c, doublings)
