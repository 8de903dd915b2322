"""The time at which a pace crosses a threshold."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import FloatLike, Floats, as_floats, check_memory, common_shape, paths_in, policy
from takeoff.errors import InvalidValueError

if TYPE_CHECKING:
    from takeoff.models import GrowthLaw
    from takeoff.trajectory import Trajectory


def crossing_time(
    course: Trajectory, owner: str, name: str, multiple: FloatLike, recent_pace: FloatLike | None
) -> Floats:
    """Time at which the pace first reaches a multiple of the recent one; infinite if it does not by the horizon."""
    factor = _positive(owner, name, multiple)
    start = np.asarray(course.model.pace_at(0.0))
    recent = start if recent_pace is None else _positive(owner, "recent_pace", recent_pace)
    shape = common_shape(owner, {"paths": np.empty(course.model.shape), name: factor, "recent_pace": recent})
    check_memory(owner, 4 * paths_in(shape) * (course.time.size + 1), "ask for fewer multiples, paths or points")
    target = np.broadcast_to(factor * recent, shape)
    reached = np.broadcast_to(course.peak_pace, shape) >= target
    target = np.where(reached, target, start)
    law = dataclasses.replace(course.model, r=np.broadcast_to(course.model.r, shape))  # every element a path of its own
    at = _crossing(law, target, *_bracket(course, law, start, target))
    times = np.where(start >= target, 0.0, np.minimum(law.time_at(at), course.horizon))
    return np.where(reached, times, np.inf)


def time_between(course: Trajectory, multiple: FloatLike, buffer: FloatLike, recent_pace: FloatLike | None) -> Floats:
    """Time from a buffer to a threshold of the pace; infinite where the threshold is not reached by the horizon."""
    low, high = _positive("warning_time", "buffer", buffer), _positive("warning_time", "multiple", multiple)
    shape = common_shape("warning_time", {"buffer": low, "multiple": high})
    above = np.broadcast_to(low > high, shape)
    if above.any():
        value = np.broadcast_to(low, shape)[above][0]
        raise InvalidValueError("warning_time", "buffer", value, "at most the multiple")
    lower = crossing_time(course, "warning_time", "buffer", low, recent_pace)
    upper = crossing_time(course, "warning_time", "multiple", high, recent_pace)
    with np.errstate(invalid="ignore"):  # both infinite
        return np.where(np.isinf(upper), np.inf, upper - lower)


def _positive(owner: str, name: str, value: FloatLike) -> Floats:
    """Refuse what is not positive, or beyond what a product of two such can hold."""
    floats = as_floats(owner, name, value)
    bad = ~((floats >= 1e-100) & (floats <= 1e100))
    if np.any(bad):
        index = int(np.argmax(bad))
        rule = "> 0 (from 1e-100 to 1e100)"
        raise InvalidValueError(owner, name, floats.flat[index], rule, index if floats.ndim else None)
    return floats


def _bracket(course: Trajectory, law: GrowthLaw, start: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Doublings up to which the pace stays below `target`, and later ones at which it is at or above it.

    The points of the trajectory come first, the highest pace up to a point then tells what happens between them.
    """
    shape = target.shape
    grid = np.concatenate([np.zeros((*start.shape, 1)), course.doublings], axis=-1)
    pace = np.concatenate([start[..., None], course.pace], axis=-1)
    grid, above = np.broadcast_to(grid, (*shape, grid.shape[-1])), pace >= target[..., None]
    high = np.min(np.where(above, grid, grid[..., -1:]), axis=-1)
    while True:
        low = np.max(np.where(grid < high[..., None], grid, 0.0), axis=-1)
        highest, where = _peak(law, low)
        hidden = (highest >= target) & (low > 0)
        if not hidden.any():
            break
        high = np.where(hidden, where, high)
    step = 1.0
    end = np.where(np.isinf(high), low + step, high)
    while not (found := (peak := _peak(law, end))[0] >= target).all():
        step *= 2.0
        end = np.where(found, end, low + step)
    return low, peak[1]


def _peak(law: GrowthLaw, up_to: Floats) -> tuple[Floats, Floats]:
    """Highest pace up to a number of doublings, and the doublings at which it is reached."""
    flat, engine = up_to.reshape(-1), law._engine
    return (
        engine.peak_pace(flat, policy()).reshape(up_to.shape),
        engine.peak_doublings(flat, policy()).reshape(up_to.shape),
    )


def _crossing(law: GrowthLaw, target: Floats, low: Floats, high: Floats) -> Floats:
    """Doublings at which the pace, below `target` at `low`, reaches it by `high`, to rounding."""
    aim, start, end = (np.ascontiguousarray(each, float).reshape(-1) for each in (target, low, high))
    return law._engine.crossing(aim, start, end, policy()).reshape(target.shape)
