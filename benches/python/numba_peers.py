"""Solvers written by hand in Numba, parallel over paths.

Paths: Dormand-Prince 5(4), first same as last, dense output of order 4 (steps are not cut at the times asked for),
steps scaled by ``0.9 error^(-1/4)``, which needs no power, ``fastmath``. In three forms, since the obvious one is not
the fastest:

(a) the state x, whose pace costs exponentials and a logarithm;
(b) the state of `laws.py`, with divisions alone;
(c) the same with 32 paths side by side in each thread, each with steps of its own, so that the compiler can use vector
    instructions; a finished path makes room for the next. It stands for the fastest Numba we could write.

A path whose doublings reach MOST, or whose steps fall below the spacing of floats around its time, has met its
singularity.

Times of doublings: form (a), which finds them in its dense output; the same with t over x, for which one must have
thought of it; and Gauss-Legendre with 8 nodes, for each doubling on its own, or with a
limit for each part of it in which the research needed grows by little; what is common to all doublings is computed
once. Bands: order statistics by selection, column by column.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numba
import numpy as np

from laws import COUNT, FIRST_DOUBLING, LN2, MOST, NODES, WEIGHTS, Floats, LawName, Task

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

STALLED = 1e-14  # steps relative to the time from which on a path stands still
R, RATE, LIMIT, SHARE, RHO, GROWTH = range(6)  # rows of the columns


def jit(**options: bool | str) -> Callable[[F], F]:
    decorator: Callable[[F], F] = numba.njit(fastmath=True, error_model="numpy", **options)
    return decorator


def exactly(**options: bool | str) -> Callable[[F], F]:
    """The same with infinities as they are."""
    decorator: Callable[[F], F] = numba.njit(error_model="numpy", **options)
    return decorator


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
def cross(row: Floats, g: int, t: float, step: float, x: float, xn: float, k1: float, k7: float, top: float) -> int:
    """Write the times at which x passes whole numbers within a step, by Newton's method, and return the next number."""
    rise = xn - x
    c3 = step * k1 - rise
    c4 = rise - step * k7 - c3
    c5 = step * top
    while g <= row.size and g <= xn:
        s = (g - x) / rise
        for _ in range(8):
            z = 1 - s
            inner = c4 + z * c5
            middle = c3 + s * inner
            off = x + s * (rise + z * middle) - g
            slope = rise + (z - s) * middle + s * z * (inner - s * c5)
            change = off / slope
            s = min(max(s - change, 0.0), 1.0)
            if abs(change) < 1e-12:
                break
        row[g - 1] = t + s * step
        g += 1
    return g


@jit(inline="always")
def scale(error: float) -> float:
    """Factor for the next step: the fourth root in place of the fifth needs no power; steps are slightly bolder."""
    return min(10.0, max(0.1, 0.9 / math.sqrt(math.sqrt(error))))


def pace_of(law: LawName) -> tuple[Any, Any]:
    """The pace at x and t as an exponential, and its constants for a path: the last is its logarithm at the start."""

    @jit(inline="always")
    def limited(x: float, _: float, c: tuple[float, ...]) -> float:
        return math.exp(c[3] + c[0] * math.log(1 - x * c[1]) + c[2] * x)

    @jit(inline="always")
    def limited_constants(columns: Floats, i: int) -> tuple[float, ...]:
        b, limit = columns[RATE, i], columns[LIMIT, i]
        p = 1 + limit * b / columns[R, i]
        total = 0.0
        for j in range(NODES.size):
            total += WEIGHTS[j] * math.exp(-p * math.log(1 - NODES[j] / limit) - b * NODES[j])
        return p, 1 / limit, b, math.log(total / FIRST_DOUBLING), 0.0, 0.0, 0.0

    @jit(inline="always")
    def with_effort(x: float, t: float, c: tuple[float, ...]) -> float:
        return math.exp(c[6] + c[0] * math.log(c[1] * math.exp(c[2] * x) + c[3]) - c[4] * x + c[5] * t)

    @jit(inline="always")
    def effort_constants(columns: Floats, i: int) -> tuple[float, ...]:
        b, a, rho, g = columns[RATE, i], columns[SHARE, i], columns[RHO, i], columns[GROWTH, i]
        q, v, inverse = b / columns[R, i], rho * LN2, b / LN2 / rho
        total = 0.0
        for j in range(NODES.size):
            effort = a * math.exp(v * NODES[j]) + (1 - a)
            total += WEIGHTS[j] * math.exp(q * NODES[j] - inverse * math.log(effort))
        unit = math.expm1(g * FIRST_DOUBLING) / g if g > 0 else FIRST_DOUBLING
        return inverse, a, v, 1 - a, q, g, math.log(total / unit)

    return (limited, limited_constants) if law == "limit" else (with_effort, effort_constants)


def one_by_one(law: LawName, *, crossings: bool = False) -> Callable[[Floats, Floats, float], Floats]:  # noqa: C901 - a kernel in one piece
    """Form (a): x at the times given, or the times of as many first doublings as are given."""
    pace, constants = pace_of(law)
    bounded = law == "limit"

    @jit(parallel=True)
    def solve(columns: Floats, grid: Floats, tolerance: float) -> Floats:
        out = np.full((columns.shape[1], grid.size), np.inf)
        last = grid.size + 1 if crossings else grid.size
        for i in numba.prange(columns.shape[1]):
            c = constants(columns, i)
            top = columns[LIMIT, i] if bounded else MOST + 100
            t, x, step, g = 0.0, 0.0, 0.01 * FIRST_DOUBLING, 1
            k1 = pace(x, t, c)
            if not crossings:
                out[i, 0] = 0.0
            while g < last and x < MOST and step > STALLED * t:
                h = step
                k2 = pace(x + h * (1 / 5 * k1), t + 1 / 5 * h, c)
                k3 = pace(x + h * (3 / 40 * k1 + 9 / 40 * k2), t + 3 / 10 * h, c)
                k4 = pace(x + h * (44 / 45 * k1 - 56 / 15 * k2 + 32 / 9 * k3), t + 4 / 5 * h, c)
                dx = 19372 / 6561 * k1 - 25360 / 2187 * k2 + 64448 / 6561 * k3 - 212 / 729 * k4
                k5 = pace(x + h * dx, t + 8 / 9 * h, c)
                dx = 9017 / 3168 * k1 - 355 / 33 * k2 + 46732 / 5247 * k3 + 49 / 176 * k4 - 5103 / 18656 * k5
                k6 = pace(x + h * dx, t + h, c)
                dx = 35 / 384 * k1 + 500 / 1113 * k3 + 125 / 192 * k4 - 2187 / 6784 * k5 + 11 / 84 * k6
                xn = x + h * dx
                k7 = pace(min(xn, top), t + h, c)
                e = 71 / 57600 * k1 - 71 / 16695 * k3 + 71 / 1920 * k4 - 17253 / 339200 * k5 + 22 / 525 * k6
                e = abs(h * (e - 1 / 40 * k7)) / (tolerance + tolerance * max(abs(x), abs(xn)))
                # A stage at or beyond the limit leaves no number to trust.
                e = min(max(e, 1e-10), 1e8) if xn < top and e < 1e8 else 1e8
                step = h * scale(e)
                if e > 1:
                    step = min(0.9 * h, step)
                    continue
                if crossings:
                    if g <= xn:
                        g = cross(out[i], g, t, h, x, xn, k1, k7, fifth(k1, k3, k4, k5, k6, k7))
                elif grid[g] <= t + h:
                    g = fill(out[i], g, grid, t, h, x, xn, k1, k7, fifth(k1, k3, k4, k5, k6, k7))
                t, x, k1 = t + h, xn, k7
            if crossings:
                for n in range(grid.size - 1, 0, -1):
                    out[i, n] -= out[i, n - 1]
        return out

    return solve


# What lanes hold, in two flat arrays: what a step starts from, and what it makes. Each is one row of values per lane.
X, W, S, H, K1, Q1, U1, C0, C1, C2, C3 = range(11)
TO_X, TO_W, TO_S, K3, K4, K5, K6, K7, Q7, U7, ERROR, FACTOR = range(12)


def step_with_limit(lanes: int) -> Any:
    """One step of all lanes: the state (x, w)."""
    x_, w_, h_, k_, q_, p_, l_, b_ = (row * lanes for row in (X, W, H, K1, Q1, C0, C1, C2))
    tx, tw, t3, t4, t5, t6, t7, tq, te, tf = (
        row * lanes for row in (TO_X, TO_W, K3, K4, K5, K6, K7, Q7, ERROR, FACTOR)
    )

    @jit(inline="always")
    def step(s: Floats, o: Floats, tolerance: float) -> None:
        for j in range(lanes):
            x, w, h, k1, q1 = s[x_ + j], s[w_ + j], s[h_ + j], s[k_ + j], s[q_ + j]
            p, limit, b = s[p_ + j], s[l_ + j], s[b_ + j]
            xs = x + h * (1 / 5 * k1)
            ws = w + h * (1 / 5 * q1)
            k2 = 1 / ws
            q2 = p / (limit - xs) - b
            xs = x + h * (3 / 40 * k1 + 9 / 40 * k2)
            ws = w + h * (3 / 40 * q1 + 9 / 40 * q2)
            k3 = 1 / ws
            q3 = p / (limit - xs) - b
            xs = x + h * (44 / 45 * k1 - 56 / 15 * k2 + 32 / 9 * k3)
            ws = w + h * (44 / 45 * q1 - 56 / 15 * q2 + 32 / 9 * q3)
            k4 = 1 / ws
            q4 = p / (limit - xs) - b
            xs = x + h * (19372 / 6561 * k1 - 25360 / 2187 * k2 + 64448 / 6561 * k3 - 212 / 729 * k4)
            ws = w + h * (19372 / 6561 * q1 - 25360 / 2187 * q2 + 64448 / 6561 * q3 - 212 / 729 * q4)
            k5 = 1 / ws
            q5 = p / (limit - xs) - b
            dx = 9017 / 3168 * k1 - 355 / 33 * k2 + 46732 / 5247 * k3 + 49 / 176 * k4 - 5103 / 18656 * k5
            dw = 9017 / 3168 * q1 - 355 / 33 * q2 + 46732 / 5247 * q3 + 49 / 176 * q4 - 5103 / 18656 * q5
            k6 = 1 / (w + h * dw)
            q6 = p / (limit - (x + h * dx)) - b
            xn = x + h * (35 / 384 * k1 + 500 / 1113 * k3 + 125 / 192 * k4 - 2187 / 6784 * k5 + 11 / 84 * k6)
            wn = w + h * (35 / 384 * q1 + 500 / 1113 * q3 + 125 / 192 * q4 - 2187 / 6784 * q5 + 11 / 84 * q6)
            k7 = 1 / wn
            q7 = p / (limit - xn) - b
            ex = 71 / 57600 * k1 - 71 / 16695 * k3 + 71 / 1920 * k4 - 17253 / 339200 * k5 + 22 / 525 * k6 - 1 / 40 * k7
            ew = 71 / 57600 * q1 - 71 / 16695 * q3 + 71 / 1920 * q4 - 17253 / 339200 * q5 + 22 / 525 * q6 - 1 / 40 * q7
            ex = abs(h * ex) / (tolerance + tolerance * max(abs(x), abs(xn)))
            ew = abs(h * ew) / (tolerance * max(abs(w), abs(wn)))
            e = max(ex, ew)
            e = 1e8 if (wn <= 0.0) | (xn >= limit) else e
            e = min(max(e, 1e-10), 1e8)
            o[tx + j], o[tw + j], o[t3 + j], o[t4 + j], o[t5 + j], o[t6 + j] = xn, wn, k3, k4, k5, k6
            o[t7 + j], o[tq + j], o[te + j], o[tf + j] = k7, q7, e, scale(e)

    return step


def step_with_effort(lanes: int, *, growing: bool) -> Any:
    """One step of all lanes: the state (x, w, s), on hardware that stands still or grows."""
    x_, w_, s_, h_, k_, q_, u_, c_, b_, v_, g_ = (row * lanes for row in (X, W, S, H, K1, Q1, U1, C0, C1, C2, C3))
    tx, tw, ts, t3, t4, t5, t6, t7, tq, tu, te, tf = (
        row * lanes for row in (TO_X, TO_W, TO_S, K3, K4, K5, K6, K7, Q7, U7, ERROR, FACTOR)
    )

    @jit(inline="always")
    def slopes(w: float, s: float, q: float, b: float, v: float, g: float) -> tuple[float, float, float]:
        k = 1 / w
        return k, q - b * s - g * w if growing else q - b * s, v * s * (1 - s) * k

    @jit(inline="always")
    def step(s: Floats, o: Floats, tolerance: float) -> None:
        for j in range(lanes):
            x, w, y, h = s[x_ + j], s[w_ + j], s[s_ + j], s[h_ + j]
            k1, q1, u1 = s[k_ + j], s[q_ + j], s[u_ + j]
            c, b, v, g = s[c_ + j], s[b_ + j], s[v_ + j], s[g_ + j]
            _, q2, u2 = slopes(w + h * (1 / 5 * q1), y + h * (1 / 5 * u1), c, b, v, g)
            ws = w + h * (3 / 40 * q1 + 9 / 40 * q2)
            ys = y + h * (3 / 40 * u1 + 9 / 40 * u2)
            k3, q3, u3 = slopes(ws, ys, c, b, v, g)
            ws = w + h * (44 / 45 * q1 - 56 / 15 * q2 + 32 / 9 * q3)
            ys = y + h * (44 / 45 * u1 - 56 / 15 * u2 + 32 / 9 * u3)
            k4, q4, u4 = slopes(ws, ys, c, b, v, g)
            ws = w + h * (19372 / 6561 * q1 - 25360 / 2187 * q2 + 64448 / 6561 * q3 - 212 / 729 * q4)
            ys = y + h * (19372 / 6561 * u1 - 25360 / 2187 * u2 + 64448 / 6561 * u3 - 212 / 729 * u4)
            k5, q5, u5 = slopes(ws, ys, c, b, v, g)
            dw = 9017 / 3168 * q1 - 355 / 33 * q2 + 46732 / 5247 * q3 + 49 / 176 * q4 - 5103 / 18656 * q5
            dy = 9017 / 3168 * u1 - 355 / 33 * u2 + 46732 / 5247 * u3 + 49 / 176 * u4 - 5103 / 18656 * u5
            k6, q6, u6 = slopes(w + h * dw, y + h * dy, c, b, v, g)
            xn = x + h * (35 / 384 * k1 + 500 / 1113 * k3 + 125 / 192 * k4 - 2187 / 6784 * k5 + 11 / 84 * k6)
            wn = w + h * (35 / 384 * q1 + 500 / 1113 * q3 + 125 / 192 * q4 - 2187 / 6784 * q5 + 11 / 84 * q6)
            yn = y + h * (35 / 384 * u1 + 500 / 1113 * u3 + 125 / 192 * u4 - 2187 / 6784 * u5 + 11 / 84 * u6)
            k7, q7, u7 = slopes(wn, yn, c, b, v, g)
            ex = 71 / 57600 * k1 - 71 / 16695 * k3 + 71 / 1920 * k4 - 17253 / 339200 * k5 + 22 / 525 * k6 - 1 / 40 * k7
            ew = 71 / 57600 * q1 - 71 / 16695 * q3 + 71 / 1920 * q4 - 17253 / 339200 * q5 + 22 / 525 * q6 - 1 / 40 * q7
            ey = 71 / 57600 * u1 - 71 / 16695 * u3 + 71 / 1920 * u4 - 17253 / 339200 * u5 + 22 / 525 * u6 - 1 / 40 * u7
            ex = abs(h * ex) / (tolerance + tolerance * max(abs(x), abs(xn)))
            ew = abs(h * ew) / (tolerance * max(abs(w), abs(wn)))
            e = max(max(ex, ew), abs(h * ey) / tolerance)
            e = 1e8 if wn <= 0.0 else e
            e = min(max(e, 1e-10), 1e8)
            o[tx + j], o[tw + j], o[ts + j], o[t3 + j], o[t4 + j], o[t5 + j] = xn, wn, yn, k3, k4, k5
            o[t6 + j], o[t7 + j], o[tq + j], o[tu + j], o[te + j], o[tf + j] = k6, k7, q7, u7, e, scale(e)

    return step


def start_of(law: LawName, lanes: int) -> Any:
    """Puts a path on a lane."""
    _, constants = pace_of(law)
    x_, w_, s_, h_, k_, q_, u_, c0, c1, c2, c3 = (row * lanes for row in (X, W, S, H, K1, Q1, U1, C0, C1, C2, C3))
    first_step = 0.01 * FIRST_DOUBLING

    @jit(inline="always")
    def limited(s: Floats, j: int, columns: Floats, i: int) -> None:
        c = constants(columns, i)
        p, limit, b, k = c[0], columns[LIMIT, i], c[2], math.exp(c[3])
        s[x_ + j], s[w_ + j], s[h_ + j], s[k_ + j], s[q_ + j] = 0.0, 1 / k, first_step, k, p / limit - b
        s[c0 + j], s[c1 + j], s[c2 + j] = p, limit, b

    @jit(inline="always")
    def with_effort(s: Floats, j: int, columns: Floats, i: int) -> None:
        c = constants(columns, i)
        b, a, v, q, g, k = columns[RATE, i], c[1], c[2], c[4], c[5], math.exp(c[6])
        s[x_ + j], s[w_ + j], s[s_ + j], s[h_ + j] = 0.0, 1 / k, a, first_step
        s[k_ + j], s[q_ + j], s[u_ + j] = k, q - b * a - g / k, v * a * (1 - a) * k
        s[c0 + j], s[c1 + j], s[c2 + j], s[c3 + j] = q, b, v, g

    return limited if law == "limit" else with_effort


def side_by_side(law: LawName, lanes: int, block: int = 512) -> Callable[[Floats, Floats, float], Floats]:  # noqa: C901 - a kernel in one piece
    """Forms (b), with one lane, and (c)."""
    step = step_with_limit(lanes) if law == "limit" else step_with_effort(lanes, growing=law == "hardware")
    start = start_of(law, lanes)
    third = law != "limit"
    x_, w_, s_, h_, k_, q_, u_, c1 = (row * lanes for row in (X, W, S, H, K1, Q1, U1, C1))
    tx, tw, ts, t3, t4, t5, t6, t7, tq, tu, te, tf = (
        row * lanes for row in (TO_X, TO_W, TO_S, K3, K4, K5, K6, K7, Q7, U7, ERROR, FACTOR)
    )

    @jit(parallel=True)
    def solve(columns: Floats, grid: Floats, tolerance: float) -> Floats:  # noqa: C901 - a kernel in one piece
        paths = columns.shape[1]
        out = np.empty((paths, grid.size))
        out[:, 0] = 0.0
        for part in numba.prange((paths + block - 1) // block):
            following, end = part * block, min(paths, (part + 1) * block)
            # A lane without a path repeats a step of length 0.
            s, o = np.ones(11 * lanes), np.ones(12 * lanes)
            s[h_ : h_ + lanes] = 0.0
            s[c1 : c1 + lanes] = 10.0
            t, path, g = np.zeros(lanes), np.full(lanes, -1), np.ones(lanes, np.int64)
            active = 0
            for j in range(min(lanes, end - following)):
                start(s, j, columns, following)
                path[j] = following
                following += 1
                active += 1
            while active > 0:
                step(s, o, tolerance)
                for j in range(lanes):
                    if path[j] < 0:
                        continue
                    h, factor = s[h_ + j], o[tf + j]
                    if o[te + j] > 1:
                        s[h_ + j] = h * min(0.9, factor)
                    else:
                        if grid[g[j]] <= t[j] + h:
                            k1, k7 = s[k_ + j], o[t7 + j]
                            top = fifth(k1, o[t3 + j], o[t4 + j], o[t5 + j], o[t6 + j], k7)
                            g[j] = fill(out[path[j]], g[j], grid, t[j], h, s[x_ + j], o[tx + j], k1, k7, top)
                        t[j] += h
                        s[x_ + j], s[w_ + j], s[h_ + j] = o[tx + j], o[tw + j], h * factor
                        s[k_ + j], s[q_ + j] = o[t7 + j], o[tq + j]
                        if third:
                            s[s_ + j], s[u_ + j] = o[ts + j], o[tu + j]
                    if g[j] < grid.size and s[x_ + j] < MOST and s[h_ + j] > STALLED * t[j]:
                        continue
                    out[path[j], g[j] :] = np.inf
                    if following < end:
                        start(s, j, columns, following)
                        path[j], t[j], g[j] = following, 0.0, 1
                        following += 1
                    else:
                        path[j] = -1
                        s[h_ + j] = 0.0
                        active -= 1
        return out

    return solve


@jit(parallel=True)
def closed(r: Floats, grid: Floats) -> Floats:
    """Doublings without a limit, AI labor alone."""
    out = np.empty((r.size, grid.size))
    for i in numba.prange(r.size):
        a = LN2 * (1 / r[i] - 1)
        inverse, scale_of_time = 1 / a, math.expm1(a) / FIRST_DOUBLING
        for g in range(grid.size):
            z = scale_of_time * grid[g]
            out[i, g] = math.log1p(z) * inverse if z > -1 else np.inf
    return out


def step_by_step(law: LawName) -> Callable[[Floats, float], Floats]:
    """Times of the first doublings by form (a) with its sides changed: t over x, which passes a singularity."""
    pace, constants = pace_of(law)

    @jit(parallel=True)
    def solve(columns: Floats, tolerance: float) -> Floats:
        out = np.empty((columns.shape[1], COUNT))
        ends = np.arange(1.0, COUNT + 1.0)
        for i in numba.prange(columns.shape[1]):
            c = constants(columns, i)
            t, x, step, g = 0.0, 0.0, 0.1, 0
            k1 = 1 / pace(x, 0.0, c)
            while g < COUNT:
                h = min(step, COUNT - x) if COUNT - x > step else COUNT - x
                # The slope depends on x alone, so that the second stage counts for nothing.
                k3 = 1 / pace(x + 3 / 10 * h, 0.0, c)
                k4 = 1 / pace(x + 4 / 5 * h, 0.0, c)
                k5 = 1 / pace(x + 8 / 9 * h, 0.0, c)
                k6 = 1 / pace(x + h, 0.0, c)
                k7 = k6
                tn = t + h * (35 / 384 * k1 + 500 / 1113 * k3 + 125 / 192 * k4 - 2187 / 6784 * k5 + 11 / 84 * k6)
                e = 71 / 57600 * k1 - 71 / 16695 * k3 + 71 / 1920 * k4 - 17253 / 339200 * k5 + 22 / 525 * k6
                e = abs(h * (e - 1 / 40 * k7)) / (tolerance * max(abs(t), abs(tn)))
                e = min(max(e, 1e-10), 1e8)
                step = h * scale(e)
                if e > 1:
                    step = min(0.9 * h, step)
                    continue
                if ends[g] <= x + h:
                    g = fill(out[i], g, ends, x, h, t, tn, k1, k7, fifth(k1, k3, k4, k5, k6, k7))
                t, x, k1 = tn, x + h, k7
            for n in range(COUNT - 1, 0, -1):
                out[i, n] -= out[i, n - 1]
        return out

    return solve


EIGHT, EIGHT_WEIGHTS = ((a + b) / 2 for a, b in zip(np.polynomial.legendre.leggauss(8), (1.0, 0.0), strict=True))


@jit(parallel=True)
def doubling_times_with_effort(columns: Floats) -> Floats:
    paths = columns.shape[1]
    out = np.empty((paths, COUNT))
    for i in numba.prange(paths):
        b, a, rho = columns[RATE, i], columns[SHARE, i], columns[RHO, i]
        q, v, power = b / columns[R, i], rho * LN2, -b / LN2 / rho
        sums, research = np.empty(8), np.empty(8)
        for j in range(8):
            sums[j], research[j] = a * math.exp(v * EIGHT[j]), EIGHT_WEIGHTS[j] * math.exp(q * EIGHT[j])
        labor, work = math.exp(v), math.exp(q)
        labor_n = work_n = 1.0
        for n in range(COUNT):
            total = 0.0
            for j in range(8):
                total += research[j] * math.exp(power * math.log(labor_n * sums[j] + (1 - a)))
            out[i, n] = work_n * total
            labor_n *= labor
            work_n *= work
        unit = FIRST_DOUBLING / out[i, 0]
        for n in range(COUNT):
            out[i, n] *= unit
    return out


@jit(parallel=True)
def doubling_times_with_limit(columns: Floats) -> Floats:
    paths = columns.shape[1]
    out = np.empty((paths, COUNT))
    for i in numba.prange(paths):
        b, limit = columns[RATE, i], columns[LIMIT, i]
        rise, fall = limit * b / columns[R, i], limit * b
        u = 0.0  # -ln h
        for n in range(COUNT):
            end = -math.log1p(-(n + 1) / limit)
            parts = 1 + int(max(rise * 0.5, 1.0) * (end - u))
            width = (end - u) / parts
            total = 0.0
            for _ in range(parts):
                for j in range(8):
                    at = u + width * EIGHT[j]
                    total += EIGHT_WEIGHTS[j] * math.exp(rise * at + fall * (math.exp(-at) - 1))
                u += width
            u = end
            out[i, n] = total * width
        unit = FIRST_DOUBLING / out[i, 0]
        for n in range(COUNT):
            out[i, n] *= unit
    return out


def doubling_times(task: Task) -> Floats:
    solve = doubling_times_with_limit if task.law == "limit" else doubling_times_with_effort
    found: Floats = solve(task.columns)
    return found


@exactly(inline="always")
def selected(values: Floats, ranks: Floats, out: Floats) -> None:
    """Order statistics of some ascending ranks, each sought beyond the last."""
    start = 0
    for k in range(ranks.size):
        rest = np.partition(values[start:], ranks[k] - start)
        values[start:] = rest
        out[k] = values[ranks[k]]
        start = ranks[k]


@exactly(parallel=True)
def closed_bands(growth: Floats, log_ratio: Floats, grid: Floats, ranks: Floats) -> Floats:
    """Order statistics of the closed form at each time (in first doublings), without a matrix."""
    out = np.empty((grid.size, ranks.size))
    for g in numba.prange(grid.size):
        values = np.empty(growth.size)
        for i in range(growth.size):
            progress = growth[i] * grid[g]
            values[i] = math.log1p(progress) / log_ratio[i] if progress > -1 else np.inf
        selected(values, ranks, out[g])
    return out


@exactly(parallel=True)
def matrix_bands(table: Floats, ranks: Floats) -> Floats:
    """Order statistics of each column."""
    out = np.empty((table.shape[1], ranks.size))
    for g in numba.prange(table.shape[1]):
        selected(table[:, g].copy(), ranks, out[g])
    return out
