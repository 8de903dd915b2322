"""Solvers of differential equations from packages, and NumPy, on the equations of `laws.py`.

Doublings over time are solved with ``rtol = 1e-8`` and such an ``atol`` on x and on labor's share; times of doublings
over doublings, where no path is singular, with ``rtol = 1e-12``. A path whose doublings reach MOST, or whose solver
can go no further, has met its singularity. All but SciPy and NumPy are optional.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.integrate import solve_ivp

from laws import COUNT, FIRST_DOUBLING, LN2, MOST, Floats, LawName, Task, draw, slopes, slopes_over_doublings, starts

if TYPE_CHECKING:
    from collections.abc import Callable

TOLERANCE, FINE = 1e-8, 1e-12
TINY = 1e-20  # atol of what is measured relative to itself: w, and times
STEPS = 256  # most steps of a path: only those of a singular path run out
CHUNK = 500  # paths that Diffrax solves as one


def present(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def grid_of(task: Task) -> Floats:
    """The independent variable where the solution is wanted: time, or doublings."""
    return np.arange(COUNT + 1.0) if task.times_doublings else task.time


def constants_of(task: Task) -> tuple[Floats, ...]:
    """Constants that the equations use: over doublings, hardware stands still."""
    return task.constants[:3] if task.times_doublings else task.constants


def tolerances(task: Task) -> tuple[float, tuple[float, ...]]:
    """``rtol``, and ``atol`` for each state."""
    rtol, first = (FINE, TINY) if task.times_doublings else (TOLERANCE, TOLERANCE)
    return rtol, (first, TINY) if task.law == "limit" else (first, TINY, rtol)


def derivatives(task: Task) -> Callable[[Any, Any, Any], tuple[Any, ...]]:
    """Derivatives from the independent variable, the state and the constants."""
    law = task.law
    if task.times_doublings:
        return lambda x, state, constants: slopes_over_doublings(law, x, state, constants)
    return lambda _, state, constants: slopes(law, state, constants)


def asked(task: Task, solution: Floats) -> Floats:
    """What is asked for, from the first state on the grid."""
    if task.times_doublings:
        return np.diff(solution)
    return np.where(solution < MOST, solution, np.inf)


def scipy_one_by_one(task: Task) -> Floats:
    """DOP853, one path per call, with plain floats."""
    grid, slope = grid_of(task), derivatives(task)
    rtol, atol = tolerances(task)

    def endless(_: float, y: Floats, __: Any) -> float:
        return float(y[0]) - MOST

    endless.terminal = True  # type: ignore[attr-defined]
    out = np.full((task.r.size, grid.size), np.inf)
    paths = zip(np.stack(starts(task), 1), np.stack(constants_of(task), 1).tolist(), strict=True)
    for row, (start, constants) in zip(out, paths, strict=True):
        found = solve_ivp(
            lambda at, y, c: slope(at, y.tolist(), c),
            (grid[0], grid[-1]),
            start,
            method="DOP853",
            t_eval=grid,
            events=None if task.times_doublings else endless,
            args=(constants,),
            rtol=rtol,
            atol=atol,
        )
        row[: found.y.shape[1]] = found.y[0]
    return asked(task, out)


def scipy_system(task: Task) -> Floats:
    """DOP853, all paths as one system, vectorized with NumPy: they share their steps, and one norm of the error."""
    grid, slope, start = grid_of(task), derivatives(task), np.stack(starts(task))
    constants = constants_of(task)
    rtol, atol = tolerances(task)

    def all_slopes(at: float, y: Floats) -> Floats:
        with np.errstate(all="ignore"):  # a step that is rejected may try anything
            return np.concatenate(slope(at, y.reshape(start.shape), constants))

    found = solve_ivp(
        all_slopes,
        (grid[0], grid[-1]),
        start.reshape(-1),
        method="DOP853",
        t_eval=grid,
        rtol=rtol,
        atol=np.repeat(atol, task.r.size),
    )
    return asked(task, found.y[: task.r.size])


@functools.cache
def diffrax_solver(law: LawName, times_doublings: bool) -> Any:
    dx, jax = importlib.import_module("diffrax"), importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    task = draw(law, 1, times_doublings=times_doublings)
    slope = derivatives(task)
    rtol, atol = tolerances(task)
    stack = importlib.import_module("jax.numpy").stack

    def solve(start: Any, constants: Any, grid: Any) -> Any:
        return dx.diffeqsolve(
            dx.ODETerm(lambda at, state, c: stack(slope(at, state, c))),
            dx.Tsit5(),
            t0=grid[0],
            t1=grid[-1],
            dt0=0.01 if times_doublings else 0.01 * FIRST_DOUBLING,
            y0=start,
            args=constants,
            saveat=dx.SaveAt(ts=grid, fn=lambda _, state, __: state[0]),
            stepsize_controller=dx.PIDController(rtol=rtol, atol=np.array(atol)),
            max_steps=16 * STEPS if times_doublings else STEPS,
            throw=False,
        ).ys

    return jax.jit(jax.vmap(solve, in_axes=(0, 0, None)))


def diffrax(task: Task) -> Floats:
    """Tsit5 on the CPU, compiled, paths side by side in chunks."""
    solve, grid = diffrax_solver(task.law, task.times_doublings), grid_of(task)
    out = np.empty((task.r.size, grid.size))
    for first in range(0, task.r.size, CHUNK):
        # All chunks have one size, or each would be compiled anew.
        rows = np.arange(first, first + CHUNK) % task.r.size
        part = task.take(rows)
        wanted = min(CHUNK, task.r.size - first)
        out[first : first + wanted] = np.asarray(solve(np.stack(starts(part), 1), constants_of(part), grid))[:wanted]
    return asked(task, out)


@functools.cache
def heyoka_solvers(law: LawName, times_doublings: bool, threads: int) -> list[Any]:
    hy = importlib.import_module("heyoka")
    task = draw(law, 1, times_doublings=times_doublings)
    state = hy.make_vars(*("first", "w", "s")[: 2 if law == "limit" else 3])
    constants = [hy.par[i] for i in range(len(constants_of(task)))]
    system = list(zip(state, derivatives(task)(hy.time, state, constants), strict=True))
    lanes = hy.recommended_simd_size()
    return [
        hy.taylor_adaptive_batch(
            system,
            state=np.ones((len(state), lanes)),
            pars=np.ones((len(constants), lanes)),
            tol=tolerances(task)[0],
        )
        for _ in range(threads)
    ]


def heyoka(threads: int) -> Callable[[Task], Floats]:
    """Taylor's method, compiled, as many paths side by side as the vector unit takes."""

    def run(task: Task) -> Floats:
        solvers = heyoka_solvers(task.law, task.times_doublings, threads)
        lanes = solvers[0].batch_size
        parts = -(-task.r.size // lanes)
        filled = task.take(np.minimum(np.arange(parts * lanes), task.r.size - 1))
        start, constants = np.stack(starts(filled)), np.stack(constants_of(filled))
        grid = grid_of(task)
        grids = np.repeat(grid[:, None], lanes, 1)
        out = np.empty((parts * lanes, grid.size))

        def work(thread: int) -> None:
            solver = solvers[thread]
            for part in range(thread, parts, threads):
                rows = slice(part * lanes, (part + 1) * lanes)
                solver.set_time(0.0)
                solver.state[:] = start[:, rows]
                solver.pars[:] = constants[:, rows]
                _, found = solver.propagate_grid(grids, max_steps=STEPS)
                out[rows] = found[:, 0].T

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
        return asked(task, out[: task.r.size])

    return run


@functools.cache
def pydiffsol_solver(law: LawName) -> Any:
    ds = importlib.import_module("pydiffsol")
    if law == "limit":
        code = """
            in_i { p = 1.0, top = 10.0, b = 1.0, w0 = 1.0 }
            u_i { x = 0.0, w = w0 }
            F_i { 1.0 / w, p / (top - x) - b }
            out { x }"""
    else:
        # Near a singularity a step that is too short for the solver loses the whole path: w tells when.
        code = f"""
            in_i {{ q = 1.0, b = 1.0, v = 1.0, g = 0.0, w0 = 1.0, s0 = 0.5 }}
            u_i {{ x = 0.0, w = w0, s = s0 }}
            F_i {{ 1.0 / w, q - b * s - g * w, v * s * (1.0 - s) / w }}
            stop_i {{ x - {MOST}, w - 1e-12 }}
            out {{ x }}"""
    solver = ds.Ode(code, matrix_type=ds.nalgebra_dense, ode_solver=ds.tsit45)
    solver.rtol = solver.atol = TOLERANCE
    solver.options.min_timestep = 1e-18
    return solver


def pydiffsol(task: Task) -> Floats:
    """Tsit5 of diffsol, compiled, one path per call. It takes one `atol`, which holds for w too."""
    solver = pydiffsol_solver(task.law)
    parameters = np.stack([*task.constants, *starts(task)[1:]], 1)
    out = np.full((task.r.size, task.time.size), np.inf)
    for row, values in zip(out, parameters, strict=True):
        found = solver.solve_dense(values, task.time)
        # Where it stops, the last point is that one.
        reached = int(np.searchsorted(task.time, found.ts[-1], "right"))
        row[:reached] = found.ys[0, :reached]
    return asked(task, out)


def numpy_closed(task: Task) -> Floats:
    """Doublings without a limit, AI labor alone: one expression."""
    a = LN2 * (1 / task.r[:, None] - 1)
    with np.errstate(divide="ignore"):
        # log1p(-1) = -inf, over a negative a: infinite from the singular time on.
        doublings: Floats = np.log1p(np.maximum(task.time / FIRST_DOUBLING * np.expm1(a), -1)) / a
    return doublings


def numpy_closed_in_place(task: Task) -> Floats:
    a = LN2 * (1 / task.r[:, None] - 1)
    out: Floats = np.expm1(a) * (task.time / FIRST_DOUBLING)
    np.maximum(out, -1, out=out)
    with np.errstate(divide="ignore"):
        np.log1p(out, out=out)
    np.divide(out, a, out=out)
    return out


def numpy_doubling_times(task: Task) -> Floats:
    """Times of doublings by Gauss-Legendre: 12 nodes for each of `parts` of a doubling, narrower towards a limit."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    nodes, weights = (nodes + 1) / 2, weights / 2
    parts = 4 if task.law == "limit" else 1
    out = np.empty((task.r.size, COUNT))
    for n in range(COUNT):
        if task.law == "limit":
            ends = -np.log1p(-(n + np.linspace(0, 1, parts + 1)) / task.limit[:, None])
        total = np.zeros(task.r.size)
        for part in range(parts):
            if task.law == "limit":
                width = ends[:, part + 1] - ends[:, part]
                u = ends[:, part, None] + width[:, None] * nodes
                lost = np.exp(-u)
                x, jacobian = task.limit[:, None] * (1 - lost), task.limit[:, None] * lost
                total += width * ((np.exp(task.log_inverse_pace(x)) * jacobian) @ weights)
            else:
                total += np.exp(task.log_inverse_pace(np.broadcast_to(n + nodes, (task.r.size, nodes.size)))) @ weights
        out[:, n] = total
    return out / task.first_pace()[:, None]
