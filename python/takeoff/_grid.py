"""What a simulation runs over: a horizon, times, a number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from takeoff._arrays import FloatLike, Floats, as_count, as_floats, as_number
from takeoff.errors import InvalidValueError, ShapeError

if TYPE_CHECKING:
    from takeoff.models._spec import Grid

__all__ = ["MOST_STEPS", "as_horizon", "as_steps", "time_grid"]

MOST_STEPS: Final = 1_000_000
_MOST_POINTS: Final = 10_000_000


def as_horizon(horizon: float) -> float:
    """Check a horizon, years."""
    end = as_number("simulate", "horizon", horizon)
    if not 0 < end <= 1e100:
        raise InvalidValueError("simulate", "horizon", end, "finite and > 0 (years, at most 1e100)")
    return end


def as_steps(grid: Grid, steps: int | None) -> int:
    """Check a number of steps, which has a default."""
    return as_count("simulate", grid.steps or "steps", grid.count if steps is None else steps, 1, MOST_STEPS)


def as_points(points: int) -> int:
    """Check a number of times."""
    return as_count("simulate", "points", points, 2, _MOST_POINTS)


def time_grid(kind: str, grid: Grid, horizon: float | None, points: int | None, time: FloatLike | None) -> Floats:
    """Return the times of a simulation: equally spaced up to a horizon, or those given.

    Parameters
    ----------
    kind : str
        Class of the model, for messages.
    grid : Grid
        Its defaults.
    horizon : float or None
        Last time, years.
    points : int or None
        Number of equally spaced times.
    time : array or None
        Times in place of both.

    Returns
    -------
    array of shape (points,)
        Years.

    Raises
    ------
    InvalidValueError, DtypeError, ShapeError
        An argument that is out of range, of the wrong type or shape.
    """
    if time is None:
        if horizon is None and grid.horizon is None:
            raise InvalidValueError("simulate", "horizon", None, f"given, or time, for a {kind}")
        default = 121 if grid.points is None else grid.points
        count = as_points(default if points is None else points)
        end = as_horizon(grid.horizon if horizon is None else horizon)  # type: ignore[arg-type]
        # Multiples of the step rather than its running sum; none beyond the horizon, which is the last.
        times: Floats = np.minimum(np.arange(count) * (end / (count - 1)), end)
        times[-1] = end
        times.setflags(write=False)
        return times
    for name, value in (("horizon", horizon), ("points", points)):
        if value is not None:
            raise InvalidValueError("simulate", name, value, "left out when time is given")
    times = as_floats("simulate", "time", time)
    if times.ndim != 1:
        raise ShapeError(f"time must have one axis, got shape {times.shape} (simulate.time)")
    if times.size > _MOST_POINTS:
        raise InvalidValueError("simulate", "time", f"{times.size:,} values", f"at most {_MOST_POINTS:,} values")
    return times
