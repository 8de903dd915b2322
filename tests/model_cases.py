"""A case of every model, from which the checks of all models are derived.

A new model adds its own; nothing else about it is known to those checks.
"""

from dataclasses import dataclass, field
from typing import Any

from takeoff import (
    CES,
    AI2027Takeoff,
    Automation,
    DavidsonHoulden,
    GrowthLaw,
    Hardware,
    HumanReaction,
    Kwa,
    Retraining,
    ToyModel,
)

MONTH = 1 / 12


@dataclass(frozen=True)
class Case:
    """A model of one path, and how to ask it.

    Attributes
    ----------
    model : Model
        One path, with all parts that it may have.
    columns : dict
        Six values of some fields, by their path.
    horizon : float
        Years within which something happens.
    arguments : dict
        Further arguments of a simulation.
    """

    model: Any
    columns: dict[str, list[float]]
    horizon: float = 0.7
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.model.name)


LAW = GrowthLaw(1.4, MONTH, 0.8, 30, effort=CES(0.6, -0.4, 0.3), hardware=Hardware(1.0, changes=[(0.3, 2.0)]))
PEOPLE = GrowthLaw(1.5, MONTH, automation=Automation(0.2, 6, 10))

CASES: dict[str, Case] = {
    "growth_law": Case(LAW, {"r": [0.5, 0.8, 1.0, 1.4, 2.0, 3.0], "effort.rho": [-1.0, -0.5, 0.0, 0.2, 0.4, 0.8]}),
    "growth_law with people": Case(PEOPLE, {"automation.start": [0.0, 0.1, 0.2, 0.3, 0.5, 0.9]}),
    "toy_model": Case(ToyModel(2, 1.5, 3, 1.7), {"papers_factor": [1.2, 1.5, 1.9, 2.0, 2.5, 3.0]}),
    "retraining": Case(
        Retraining(GrowthLaw(1.4, MONTH), 2 * MONTH, 0.3),
        {"law.r": [0.5, 0.8, 1.0, 1.4, 2.0, 3.0], "speed_share": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]},
        arguments={"generations": 12},
    ),
    "human_reaction": Case(
        HumanReaction(GrowthLaw(1.2, MONTH, effort=CES(0.5, 0.2)), target_pace=24, gain=20, lag=0.02, smoothing=0.05),
        {"law.r": [0.5, 0.8, 1.0, 1.4, 2.0, 3.0], "lag": [0.0, 0.02, 0.05, 0.1, 0.2, 0.3]},
    ),
    "davidson_houlden": Case(
        DavidsonHoulden(1.2, 8, 11, 0.3, boost="gradual"),
        {"r": [0.5, 0.8, 1.0, 1.4, 2.0, 3.0], "software_share": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]},
        horizon=4.0,
    ),
    "ai_2027_takeoff": Case(
        AI2027Takeoff(12, 1.4, 1.5, steps="published"),
        {"to_sar": [4.0, 8.0, 12.0, 15.0, 20.0, 50.0], "asi_exponent": [0.3, 0.5, 1.0, 1.5, 3.0, 7.5]},
        horizon=2.0,
    ),
    "kwa": Case(
        Kwa(2.5, 0.4, 0.2),
        {"automated": [0.25, 0.3, 0.35, 0.4, 0.45, 0.5], "difficulty": [0.3, 0.4, 0.5, 0.65, 0.8, 1.0]},
        horizon=9.0,
    ),
}
