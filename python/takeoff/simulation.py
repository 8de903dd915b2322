"""The verbs: ``simulate`` a model, and ask for its ``regime``."""

from __future__ import annotations

from typing import Any, overload

import numpy as np

from takeoff._arrays import (
    FloatLike,
    as_count,
    as_floats,
    as_number,
    check_memory,
    paths_in,
    policy,
    unwrapped,
)
from takeoff.davidson_houlden_trajectory import DavidsonHouldenTrajectory, whole
from takeoff.errors import DtypeError, InvalidValueError, ShapeError
from takeoff.models import MODELS, DavidsonHoulden, GrowthLaw, HumanReaction, Model, Retraining, ToyModel
from takeoff.reaction_trajectory import ReactionTrajectory
from takeoff.retraining_trajectory import RetrainingTrajectory
from takeoff.toy_trajectory import ToyTrajectory
from takeoff.trajectory import Trajectory
from takeoff.units import MONTH

__all__ = ["regime", "simulate"]

_MOST_POINTS = 10_000_000
_MOST_DOUBLINGS = 1_000_000
DAVIDSON_HOULDEN_HORIZON = 48 * MONTH  # of their published code


@overload
def simulate(
    model: GrowthLaw,
    horizon: float | None = None,
    *,
    points: int | None = None,
    time: FloatLike | None = None,
    doublings: int | None = None,
    threads: int | None = None,
) -> Trajectory: ...
@overload
def simulate(
    model: DavidsonHoulden,
    horizon: float | None = None,
    *,
    threads: int | None = None,
) -> DavidsonHouldenTrajectory: ...
@overload
def simulate(
    model: HumanReaction,
    horizon: float | None = None,
    *,
    points: int | None = None,
    time: FloatLike | None = None,
    doublings: int | None = None,
    threads: int | None = None,
) -> ReactionTrajectory: ...
@overload
def simulate(
    model: ToyModel,
    horizon: float | None = None,
    *,
    points: int | None = None,
    time: FloatLike | None = None,
    doublings: int | None = None,
    threads: int | None = None,
) -> ToyTrajectory: ...
@overload
def simulate(
    model: Retraining,
    horizon: float | None = None,
    *,
    generations: int | None = None,
    threads: int | None = None,
) -> RetrainingTrajectory: ...
def simulate(
    model: DavidsonHoulden | GrowthLaw | HumanReaction | ToyModel | Retraining,
    horizon: float | None = None,
    *,
    points: int | None = None,
    time: FloatLike | None = None,
    doublings: int | None = None,
    generations: int | None = None,
    threads: int | None = None,
) -> DavidsonHouldenTrajectory | ReactionTrajectory | RetrainingTrajectory | ToyTrajectory | Trajectory:
    """Simulate a model up to a horizon.

    What happens to a path is part of the result, not an error: see :attr:`Trajectory.outcome`.

    Parameters
    ----------
    model : DavidsonHoulden, GrowthLaw, HumanReaction, Retraining or ToyModel
        The model, of one path or many.
    horizon : float, optional
        Time at which the simulation stops, years. A growth law (with a human reaction or not) needs it, or `time`; a
        toy model runs without it to `doublings`, training runs to `generations`, the recursion of Davidson & Houlden
        for 4 years, as theirs does.
    points : int, default 121
        Number of equally spaced times from 0 to the horizon (growth law, human reaction).
    time : array, optional
        Times to use instead of a horizon: ascending, at least 0, years (growth law, human reaction).
    doublings : int, default 40 (growth law) or 10 (toy model)
        Number of doublings whose durations are given.
    generations : int, default 100 (retraining)
        Number of training runs.
    threads : int, optional
        Threads to use (default: all cores, or the environment variable ``TAKEOFF_THREADS``); the result is the same for
        any number.

    Returns
    -------
    Trajectory, DavidsonHouldenTrajectory, ReactionTrajectory, RetrainingTrajectory or ToyTrajectory
        Doublings and level over time, doubling times or the brake, regime, outcome and more.

    Raises
    ------
    InvalidValueError, DtypeError, ShapeError
        An argument that is out of range, of the wrong type or shape.
    SizeError
        A result that would not fit in memory.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=0.7, first_doubling=1 * takeoff.MONTH)
    >>> trajectory = takeoff.simulate(law, horizon=1)
    >>> trajectory.regime, round(float(trajectory.doublings[-1]), 2)
    ('fizzle', 5.52)
    """
    check_model("simulate", model)
    given = {"points": points, "time": time, "doublings": doublings, "generations": generations}
    for name, value in given.items():
        if value is not None and name not in _ARGUMENTS[type(model)]:
            allowed = ", ".join(("horizon", *_ARGUMENTS[type(model)]))
            rule = f"left out for a {type(model).__name__}, which takes {allowed}"
            raise InvalidValueError("simulate", name, value, rule)
    if isinstance(model, ToyModel):
        return _simulate_toy(model, horizon, 10 if doublings is None else doublings, threads)
    if isinstance(model, Retraining):
        return _simulate_retraining(model, horizon, 100 if generations is None else generations, threads)
    if isinstance(model, DavidsonHoulden):
        return _simulate_davidson_houlden(model, horizon, threads)
    grid = time_grid(type(model).__name__, horizon, points, time)
    if isinstance(model, HumanReaction):
        return _simulate_reaction(model, grid, threads)
    count = as_count("simulate", "doublings", 40 if doublings is None else doublings, 1, _MOST_DOUBLINGS)
    values = paths_in(model.shape) * grid.size
    check_memory("simulate", values, "ask for fewer points or simulate the paths in parts")
    found = model._engine.doublings_at(grid, policy(threads))
    return Trajectory(model, grid, found.reshape((*model.shape, grid.size)), count)


_ARGUMENTS: dict[type[Model], tuple[str, ...]] = {
    GrowthLaw: ("points", "time", "doublings"),
    ToyModel: ("doublings",),
    Retraining: ("generations",),
    HumanReaction: ("points", "time"),
    DavidsonHoulden: (),
}
"""Arguments of :func:`simulate` beside the horizon, by model."""


def check_simulation(
    *,
    horizon: float | None = None,
    points: int | None = None,
    doublings: int | None = None,
    generations: int | None = None,
) -> None:
    """Refuse arguments of :func:`simulate` that are out of range, without simulating."""
    if horizon is not None:
        _horizon(horizon)
    if points is not None:
        as_count("simulate", "points", points, 2, _MOST_POINTS)
    if doublings is not None:
        as_count("simulate", "doublings", doublings, 1, _MOST_DOUBLINGS)
    if generations is not None:
        as_count("simulate", "generations", generations, 1, _MOST_DOUBLINGS)


def time_grid(kind: str, horizon: float | None, points: int | None, time: FloatLike | None) -> Any:
    """The times of a simulation."""
    if time is None:
        if horizon is None:
            raise InvalidValueError("simulate", "horizon", None, f"given, or time, for a {kind}")
        count = as_count("simulate", "points", 121 if points is None else points, 2, _MOST_POINTS)
        end = _horizon(horizon)
        # Multiples of the step rather than its running sum; none beyond the horizon, which is the last.
        grid = np.minimum(np.arange(count) * (end / (count - 1)), end)
        grid[-1] = end
        grid.setflags(write=False)
        return grid
    for name, value in (("horizon", horizon), ("points", points)):
        if value is not None:
            raise InvalidValueError("simulate", name, value, "left out when time is given")
    grid = as_floats("simulate", "time", time)
    if grid.ndim != 1:
        raise ShapeError(f"time must have one axis, got shape {grid.shape} (simulate.time)")
    if grid.size > _MOST_POINTS:
        raise InvalidValueError("simulate", "time", f"{grid.size:,} values", f"at most {_MOST_POINTS:,} values")
    return grid


def _horizon(horizon: float) -> float:
    end = as_number("simulate", "horizon", horizon)
    if not 0 < end <= 1e100:
        raise InvalidValueError("simulate", "horizon", end, "finite and > 0 (years, at most 1e100)")
    return end


def _simulate_retraining(
    model: Retraining, horizon: float | None, generations: int, threads: int | None
) -> RetrainingTrajectory:
    count = as_count("simulate", "generations", generations, 1, _MOST_DOUBLINGS)
    end = np.inf if horizon is None else _horizon(horizon)
    check_memory("simulate", 6 * paths_in(model.shape) * count, "ask for fewer generations or paths")
    rows = model._engine.runs(count, policy(threads)).reshape((*model.shape, 3, count))
    starts, known, log2_research = (np.ascontiguousarray(rows[..., i, :]) for i in range(3))
    return RetrainingTrajectory(model, end, starts, known, log2_research)


def _simulate_toy(model: ToyModel, horizon: float | None, doublings: int, threads: int | None) -> ToyTrajectory:
    count = as_count("simulate", "doublings", doublings, 1, _MOST_DOUBLINGS)
    end = np.inf if horizon is None else _horizon(horizon)
    check_memory("simulate", 4 * paths_in(model.shape) * count, "ask for fewer doublings or models")
    engine, how = model._engine, policy(threads)
    rows = (column(count, how) for column in (engine.papers, engine.agis, engine.durations, engine.ends))
    return ToyTrajectory(model, end, *(row.reshape((*model.shape, count)) for row in rows))


def _simulate_davidson_houlden(
    model: DavidsonHoulden, horizon: float | None, threads: int | None
) -> DavidsonHouldenTrajectory:
    end = DAVIDSON_HOULDEN_HORIZON if horizon is None else _horizon(horizon)
    rows = model._engine.course(end, policy(threads)).reshape(-1, 2)
    return DavidsonHouldenTrajectory(model, end, whole(rows[:, 0], model.shape), unwrapped(rows[:, 1], model.shape))


def _simulate_reaction(model: HumanReaction, grid: Any, threads: int | None) -> ReactionTrajectory:
    paths = paths_in(model.shape)
    check_memory("simulate", 4 * paths * (grid.size + 2), "ask for fewer points or simulate the paths in parts")
    rows = model._engine.course(grid, policy(threads)).reshape(paths, -1)
    return ReactionTrajectory(model, grid, rows)


def regime(model: DavidsonHoulden | GrowthLaw | HumanReaction | Retraining | ToyModel) -> Any:
    """Regime of a model: where its feedback loop leads.

    Parameters
    ----------
    model : DavidsonHoulden, GrowthLaw, HumanReaction, Retraining or ToyModel
        The model, of one path or many.

    Returns
    -------
    str or array of str
        ``"explosion"`` where criticality is above 1 (each doubling takes less time than the last), ``"exponential"``
        where it is 1, ``"fizzle"`` below. It says where the loop leads by itself and takes no account of a limit, with
        which nothing becomes singular, and even an "explosion" may slow down from the start if the limit is near. Nor
        of a brake: that of a :class:`HumanReaction` is its law's.

    Raises
    ------
    DtypeError
        Something that is not a model.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.regime(takeoff.ToyModel(papers_factor=3))
    'fizzle'
    >>> takeoff.regime(takeoff.GrowthLaw(r=[0.7, 1, 3], first_doubling=1 * takeoff.MONTH))
    array(['fizzle', 'exponential', 'explosion'], dtype='<U11')
    """
    check_model("regime", model)
    return model.regime


def check_model(owner: str, model: Any) -> None:
    """Refuse what is not a model."""
    if not isinstance(model, tuple(MODELS.values())):
        allowed = " or ".join(m.__name__ for m in MODELS.values())
        raise DtypeError(owner, "model", type(model).__name__, f"a {allowed}")
