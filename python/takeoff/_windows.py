"""The fastest stretch of a course: most doublings within a time."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from takeoff._arrays import FloatLike, Floats, as_floats, common_shape, policy
from takeoff.errors import InvalidValueError

if TYPE_CHECKING:
    from takeoff.models import GrowthLaw
    from takeoff.trajectory import Trajectory

_STARTS: Final = 8
"""Starts of windows tried in the length of one, before the best is refined."""
_MOST_STARTS: Final = 512
_GOLDEN: Final = (5**0.5 - 1) / 2
_STEPS: Final = 28
"""Steps of the golden section: the start is then known to a millionth of the window, the doublings far better."""


def most_doublings(course: Trajectory, owner: str, within: FloatLike) -> Floats:
    """Most doublings gained within a time up to the horizon; infinite if the course is singular by then."""
    windows = as_floats(owner, "within", within)
    bad = ~((windows > 0) & (windows <= 1e100))
    if bad.any():
        index = int(bad.argmax())
        rule = "finite and > 0 (years, at most 1e100)"
        raise InvalidValueError(owner, "within", windows.flat[index], rule, index if windows.ndim else None)
    shape = common_shape(owner, {"paths": np.empty(course.model.shape), "within": windows})
    found = np.empty(shape)
    each, singular = np.broadcast_to(windows, shape), np.broadcast_to(course.singular_time, shape)
    for window in np.unique(windows):
        found = np.where(each == window, np.broadcast_to(_most(course, float(window)), shape), found)
    return np.where(singular <= course.horizon, np.inf, found)


def _most(course: Trajectory, window: float) -> Floats:
    """Most doublings of each path within one window."""
    law, horizon, count = course.model, course.horizon, int(np.prod(course.model.shape))
    engine = law._engine
    if window >= horizon:
        whole: Floats = engine.doublings_at(np.array([horizon]), policy()).reshape(law.shape)
        return whole
    starts = np.linspace(0, horizon - window, int(min(_MOST_STARTS, np.ceil(_STARTS * horizon / window))) + 1)
    times, back = np.unique(np.concatenate([starts, starts + window]), return_inverse=True)
    doublings = engine.doublings_at(times, policy()).reshape(count, times.size)[:, back]
    with np.errstate(invalid="ignore"):  # singular paths, which are infinite anyway
        gained = doublings[:, starts.size :] - doublings[:, : starts.size]
    best = np.nan_to_num(gained, nan=-1.0, posinf=-1.0).argmax(axis=1)
    low, high = starts[np.maximum(best - 1, 0)], starts[np.minimum(best + 1, starts.size - 1)]
    refined = _refined(law, low, high, window, count)
    found: Floats = np.fmax(refined, gained[np.arange(count), best]).reshape(law.shape)
    return found


def _refined(law: GrowthLaw, low: Floats, high: Floats, window: float, count: int) -> Floats:
    """The most between two starts, by golden section."""
    # Every element a path of its own, as each has its own times.
    paths = dataclasses.replace(law, r=np.broadcast_to(law.r, law.shape))._engine if law.shape else law._engine

    def gain(start: Floats) -> Floats:
        both = [paths.doublings_at_own(np.ascontiguousarray(time), policy()) for time in (start, start + window)]
        with np.errstate(invalid="ignore"):
            return np.nan_to_num(both[1] - both[0], nan=-1.0, posinf=-1.0)

    inner = [high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)]
    values = [gain(inner[0]), gain(inner[1])]
    for _ in range(_STEPS):
        left = values[0] > values[1]
        high, low = np.where(left, inner[1], high), np.where(left, low, inner[0])
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        value = gain(new)
        inner = [np.where(left, new, inner[1]), np.where(left, inner[0], new)]
        values = [np.where(left, value, values[1]), np.where(left, values[0], value)]
    found: Floats = np.maximum(*values).reshape(count)
    return found
