"""The models: one file each, and the registry by name."""

from takeoff.models import retraining
from takeoff.models._base import Model
from takeoff.models._declare import MODELS as _DECLARED
from takeoff.models._spec import NAMES
from takeoff.models.ai_2027_takeoff import AI2027Takeoff, AI2027TakeoffTrajectory
from takeoff.models.davidson_houlden import DavidsonHoulden, DavidsonHouldenTrajectory
from takeoff.models.growth_law import GrowthLaw, GrowthLawTrajectory, LimitShape
from takeoff.models.growth_law import law_plan as law_plan
from takeoff.models.human_reaction import HumanReaction, ReactionTrajectory
from takeoff.models.kwa import Kwa, KwaTrajectory
from takeoff.models.parts import CES, Automation, Hardware
from takeoff.models.retraining import Retraining, RetrainingTrajectory
from takeoff.models.toy_model import ToyModel, ToyTrajectory

__all__ = [
    "CES",
    "MODELS",
    "AI2027Takeoff",
    "AI2027TakeoffTrajectory",
    "Automation",
    "DavidsonHoulden",
    "DavidsonHouldenTrajectory",
    "GrowthLaw",
    "GrowthLawTrajectory",
    "Hardware",
    "HumanReaction",
    "Kwa",
    "KwaTrajectory",
    "LimitShape",
    "Model",
    "ReactionTrajectory",
    "Retraining",
    "RetrainingTrajectory",
    "ToyModel",
    "ToyTrajectory",
    "retraining",
]

MODELS: dict[str, type[Model]] = {name: _DECLARED[name] for name in NAMES}
"""Every model by its name in scenario files, in the engine's order."""
