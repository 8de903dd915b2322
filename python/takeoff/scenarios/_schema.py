"""What a scenario file may say: the parameters of each model and of its parts, and the units that each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from takeoff.models import CES, Automation, DavidsonHoulden, GrowthLaw, Hardware, HumanReaction, Retraining, ToyModel
from takeoff.units import DAY, MONTH, YEAR

Units: TypeAlias = Mapping[str, float]
"""Units of a value, with their size in takeoff's own."""


@dataclass(frozen=True)
class Part:
    """A value that is a table of values itself.

    Attributes
    ----------
    make : callable
        What the values are arguments of.
    fields : mapping
        The values.
    """

    make: Callable[..., Any]
    fields: Fields


@dataclass(frozen=True)
class Rows:
    """A value that is a list of tables, and becomes a tuple of tuples.

    Attributes
    ----------
    fields : mapping
        The values of each table, all of which must be given, in the order of the tuples.
    """

    fields: Fields


Field: TypeAlias = "Units | Part | Rows | None"
"""What a value may be; None: a word."""
Fields: TypeAlias = Mapping[str, Field]

TIME: Units = {"year": YEAR, "years": YEAR, "month": MONTH, "months": MONTH, "day": DAY, "days": DAY}
NUMBER: Units = {"1": 1.0}
DOUBLINGS: Units = {"doubling": 1.0, "doublings": 1.0}

_EFFORT = Part(CES, {"labor_share": NUMBER, "rho": NUMBER, "elasticity": NUMBER, "experiment_efficiency": NUMBER})
_HARDWARE = Part(Hardware, {"doubling_time": TIME, "changes": Rows({"time": TIME, "doubling_time": TIME})})
_AUTOMATION = Part(Automation, {"start": NUMBER, "full_at": DOUBLINGS, "ai_labor": NUMBER, "rho": NUMBER})

_GROWTH_LAW = Part(
    GrowthLaw,
    {
        "r": NUMBER,
        "first_doubling": TIME,
        "parallelizability": NUMBER,
        "limit": DOUBLINGS,
        "limit_shape": None,
        "effort": _EFFORT,
        "hardware": _HARDWARE,
        "automation": _AUTOMATION,
    },
)

MODELS: Mapping[str, Part] = {
    "growth_law": _GROWTH_LAW,
    "retraining": Part(Retraining, {"law": _GROWTH_LAW, "first_run": TIME, "speed_share": NUMBER}),
    "human_reaction": Part(
        HumanReaction,
        {
            "law": _GROWTH_LAW,
            "target_pace": {"doublings/year": 1.0, "doublings/month": 1.0 / MONTH},
            "gain": {"1/year": 1.0, "1/month": 1.0 / MONTH},
            "lag": TIME,
            "smoothing": TIME,
        },
    ),
    "davidson_houlden": Part(
        DavidsonHoulden,
        {
            "r": NUMBER,
            "speed_up": NUMBER,
            "limit_years": {"year": YEAR, "years": YEAR},
            "parallelizability": NUMBER,
            "software_share": NUMBER,
            "retraining": None,
            "boost": None,
            "returns": None,
            "recent_doubling_time": TIME,
            "start_speed_up": NUMBER,
            "compute_doubling_time": TIME,
            "compute_ceiling": NUMBER,
        },
    ),
    "toy_model": Part(
        ToyModel,
        {
            "agis": {"AGI": 1.0, "AGIs": 1.0},
            "papers_per_agi_month": {"papers/AGI/month": 1.0},
            "first_papers": {"papers": 1.0},
            "papers_factor": NUMBER,
        },
    ),
}

SIMULATION: Mapping[str, Fields] = {
    "growth_law": {"horizon": TIME, "points": NUMBER, "doublings": DOUBLINGS},
    "retraining": {"horizon": TIME, "generations": NUMBER},
    "human_reaction": {"horizon": TIME, "points": NUMBER},
    "davidson_houlden": {"horizon": TIME},
    "toy_model": {"horizon": TIME, "doublings": DOUBLINGS},
}
"""Arguments of :func:`takeoff.simulate` by model."""
COUNTS = ("points", "doublings", "generations")
"""Those that are whole numbers."""
