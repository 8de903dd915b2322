"""The verbs: ``simulate`` a model, and ask for its ``regime``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from takeoff._arrays import FloatLike, as_number
from takeoff._grid import as_horizon, as_points, as_steps, time_grid
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.models import MODELS, Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from takeoff.models._spec import Spec

__all__ = ["regime", "simulate"]

_Result = TypeVar("_Result", covariant=True)


class _Simulated(Protocol[_Result]):
    """A model, by the class of its results."""

    @property
    def spec(self) -> Spec: ...
    @property
    def Result(self) -> Callable[..., _Result]: ...  # noqa: N802  (a class)


def simulate(
    model: _Simulated[_Result],
    horizon: float | None = None,
    *,
    points: int | None = None,
    time: FloatLike | None = None,
    doublings: int | None = None,
    generations: int | None = None,
    threads: int | None = None,
) -> _Result:
    """Simulate a model up to a horizon.

    What happens to a path is part of the result, not an error: see :attr:`Trajectory.outcome`.

    Parameters
    ----------
    model : Model
        The model, of one path or many.
    horizon : float, optional
        Time at which the simulation stops, years. Some models need it, or `time`; others have a default, or run without
        one for a number of steps: ``model.spec.grid`` says which.
    points : int, default 121
        Number of equally spaced times from 0 to the horizon (models with a course over time).
    time : array, optional
        Times to use instead of a horizon: ascending, at least 0, years (models with a course over time).
    doublings : int, optional
        Number of doublings that are followed (default: 40 for a growth law, 10 for a toy model).
    generations : int, optional
        Number of training runs that are followed (default: 100).
    threads : int, optional
        Threads to use (default: all cores, or the environment variable ``TAKEOFF_THREADS``); the result is the same for
        any number.

    Returns
    -------
    Trajectory
        Of the class ``model.Result``: series, values per path, frames and a figure.

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
    grid, kind = model.spec.grid, type(model).__name__
    lengths = {"points": points, "time": time, "doublings": doublings, "generations": generations}
    for name, value in lengths.items():
        if value is not None and name not in grid.arguments:
            rule = f"left out for a {kind}, which takes {', '.join(('horizon', *grid.arguments))}"
            raise InvalidValueError("simulate", name, value, rule)
    steps = None if grid.steps is None else lengths[grid.steps]
    count = 0 if grid.steps is None else as_steps(grid, steps)  # type: ignore[arg-type]
    if grid.points is not None:
        times = time_grid(kind, grid, horizon, points, time)
        end = float(times[-1]) if times.size else 0.0
    else:
        times = None
        end = as_horizon(horizon) if horizon is not None else np.inf if grid.horizon is None else grid.horizon
    return model.Result(model, end, times, count, threads)


def default_horizon(model: Model) -> float | None:
    """Return the horizon of a model that has one by default, years."""
    end = model.spec.grid.horizon
    return end if end is not None and np.isfinite(end) else None


def check_simulation(model: type[Model], **arguments: Any) -> None:
    """Refuse arguments of :func:`simulate` that are out of range, without simulating."""
    grid = model.spec.grid
    for name, value in arguments.items():
        if name == "horizon":
            as_horizon(value)
        elif name == "points":
            as_points(value)
        elif name == grid.steps:
            as_steps(grid, value)
        else:
            as_number("simulate", name, value)


def regime(model: Model) -> Any:
    """Name the regime of a model: where its feedback loop leads.

    Parameters
    ----------
    model : Model
        The model, of one path or many.

    Returns
    -------
    str or array of str
        ``"explosion"`` where criticality is above 1 (each doubling takes less time than the last), ``"exponential"``
        where it is 1, ``"fizzle"`` below. It says where the loop leads by itself and takes no account of a limit, with
        which nothing becomes singular, and even an "explosion" may slow down from the start if the limit is near. Nor
        of a brake: that of a law under human reaction is the law's.

    Raises
    ------
    DtypeError
        Something that is not a model, or a model without a feedback loop.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.regime(takeoff.ToyModel(papers_factor=3))
    'fizzle'
    >>> takeoff.regime(takeoff.GrowthLaw(r=[0.7, 1, 3], first_doubling=1 * takeoff.MONTH))
    array(['fizzle', 'exponential', 'explosion'], dtype='<U11')
    """
    check_model("regime", model)
    if "regime" not in model.spec.outputs:
        with_one = " or ".join(kind.__name__ for kind in MODELS.values() if "regime" in kind.spec.outputs)
        raise DtypeError("regime", "model", type(model).__name__, f"a model with a feedback loop: {with_one}")
    return model.regime  # type: ignore[attr-defined]


def check_model(owner: str, model: Any) -> None:
    """Refuse what is not a model."""
    if not isinstance(model, tuple(MODELS.values())):
        allowed = " or ".join(kind.__name__ for kind in MODELS.values())
        raise DtypeError(owner, "model", type(model).__name__, f"a {allowed}")
