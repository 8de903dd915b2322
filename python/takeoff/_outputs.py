"""What can be asked of a model per path, as columns of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff._arrays import FloatLike, as_floats, check_memory, paths_in, policy
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError
from takeoff.expr import regimes
from takeoff.models import DavidsonHoulden, GrowthLaw, HumanReaction, Model, Retraining, ToyModel
from takeoff.simulation import simulate
from takeoff.units import MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OUTPUTS: dict[type[Model], dict[str, tuple[str, ...]]] = {
    GrowthLaw: {
        "": ("regime", "criticality", "singular_time", "limit_time"),
        "horizon": (
            *("outcome", "doublings_at_horizon", "peak_pace", "peak_time", "peak_doublings"),
            *("most_doublings_in_12_months", "most_doublings_in_4_months"),
        ),
        "time": ("doublings_at",),
        "doublings": ("time_at",),
        "multiple": ("threshold_time",),
    },
    ToyModel: {"": ("regime", "criticality", "singular_time"), "horizon": ("outcome",)},
    DavidsonHoulden: {
        "": ("regime", "criticality"),
        "horizon": (
            *("outcome", "years_of_progress", "most_years_in_12_months", "most_years_in_4_months"),
            *("compresses_3_years_in_12_months", "compresses_3_years_in_4_months"),
            *("compresses_10_years_in_12_months", "compresses_10_years_in_4_months"),
        ),
    },
    Retraining: {
        "": ("regime", "criticality", "singular_time"),
        "horizon": ("outcome",),
        "doublings": ("time_at",),
    },
    HumanReaction: {
        "": ("regime", "criticality"),
        "horizon": (
            *("outcome", "behaviour", "period", "amplitude", "singular_time", "limit_time"),
            *("doublings_at_horizon", "pace_at_horizon", "brake_at_horizon"),
        ),
        "time": ("doublings_at",),
    },
}
"""Outputs of each model by the argument that they need."""

_LEAST: dict[type[Model], dict[str, int]] = {
    GrowthLaw: {"points": 2},
    DavidsonHoulden: {},
    ToyModel: {"doublings": 1},
    Retraining: {"generations": 1},
    HumanReaction: {"points": 2},
}
"""The shortest simulation up to a horizon; no output depends on its points."""

WINDOWS: Final[dict[str, tuple[str, tuple[float, ...]]]] = (
    {f"most_doublings_in_{months}_months": ("most_doublings", (months * MONTH,)) for months in (12, 4)}
    | {f"most_years_in_{months}_months": ("most_years", (months * MONTH,)) for months in (12, 4)}
    | {
        f"compresses_{years}_years_in_{months}_months": ("compresses", (years, months * MONTH))
        for years in (3, 10)
        for months in (12, 4)
    }
)
"""Outputs of the fastest stretches as a method of the result, with its arguments."""

_TIME_AT: Final = "time_at"


def output_names(owner: str, outputs: Any, kind: type[Model], given: Mapping[str, Any]) -> list[str]:
    """Names of the outputs, for each of which what it needs is given, and nothing else."""
    needs = {name: need for need, group in OUTPUTS[kind].items() for name in group}
    here = {argument for argument, value in given.items() if value is not None}
    met = here | {""} | ({"horizon"} if "time" in here else set())  # the last of the times is the horizon
    names = [name for name, need in needs.items() if need in met] if outputs is None else list_of_names(owner, outputs)
    for name in names:
        if name not in needs:
            raise UnknownNameError(f"outputs of a {kind.__name__}", name, needs)
        if needs[name] not in met:
            raise InvalidValueError(owner, needs[name], None, f"given for the output {name!r}")
    used = {needs[name] for name in names}
    if used & {"horizon", "time", "multiple"}:
        used |= {"horizon", "time"}
    for argument in given:
        if argument in here - used:
            rule = "left out, as no output that is asked for needs it"
            raise InvalidValueError(owner, argument, given[argument], rule)
    return names


def list_of_names(owner: str, outputs: Any) -> list[str]:
    """`outputs` as a list of one name or more."""
    names = [outputs] if isinstance(outputs, str) else outputs
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise DtypeError(owner, "outputs", type(outputs).__name__, "a name or a list of names")
    if not names or len(set(names)) < len(names):
        raise InvalidValueError(owner, "outputs", names, "one name or more, each once")
    return list(names)


def course_for(rows: Any, names: Sequence[str], horizon: float | None, time: FloatLike | None) -> Any:
    """Return the simulation that some outputs need, if any."""
    kind = type(rows)
    if set(names) <= {*OUTPUTS[kind][""], "time_at"}:
        return None
    return simulate(rows, horizon, **({"time": time} if time is not None else _LEAST[kind]))


def answers(
    rows: Any, course: Any, names: Sequence[str], doublings: Any = None, multiple: Any = None
) -> dict[str, Any]:
    """Return each output by its name."""
    kind = type(rows)
    ends = {"doublings_at_horizon": "doublings", "pace_at_horizon": "pace", "brake_at_horizon": "brake"}

    def answer(name: str) -> Any:
        if name == "regime":
            return regimes(np.asarray(rows.criticality))
        if name == "time_at":
            return _time_at(rows, doublings)
        if name == "doublings_at":
            return course.doublings
        if name == "threshold_time":
            return course.threshold_time(multiple)
        if name in WINDOWS:
            return getattr(course, WINDOWS[name][0])(*WINDOWS[name][1])
        if name in ends:
            return getattr(course, ends[name])[..., -1]
        return getattr(rows if name in OUTPUTS[kind][""] else course, name)

    return {name: answer(name) for name in names}


def _time_at(rows: Any, doublings: Any) -> Any:
    """Times of one number of doublings, or of several side by side."""
    asked = as_floats(_TIME_AT, "doublings", doublings)
    if asked.ndim > 1:
        raise ShapeError(f"doublings must have one axis, got shape {asked.shape} ({_TIME_AT}.doublings)")
    count = paths_in(rows.shape)
    check_memory(_TIME_AT, count * asked.size, "ask for fewer doublings or rows")
    found = rows._plan.time_at(np.tile(asked.reshape(-1), count), asked.size, policy())
    return found.reshape((count, *asked.shape))
