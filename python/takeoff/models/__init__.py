"""The models: one file each, and the registry by name."""

from takeoff.models import retraining
from takeoff.models._base import Model
from takeoff.models._declare import MODELS
from takeoff.models.davidson_houlden import DavidsonHoulden, DavidsonHouldenTrajectory
from takeoff.models.growth_law import GrowthLaw, GrowthLawTrajectory, LimitShape, law_plan
from takeoff.models.human_reaction import HumanReaction, ReactionTrajectory
from takeoff.models.parts import CES, Automation, Hardware
from takeoff.models.retraining import Retraining, RetrainingTrajectory
from takeoff.models.toy_model import ToyModel, ToyTrajectory

__all__ = [
    "CES",
    "MODELS",
    "Automation",
    "DavidsonHoulden",
    "DavidsonHouldenTrajectory",
    "GrowthLaw",
    "GrowthLawTrajectory",
    "Hardware",
    "HumanReaction",
    "LimitShape",
    "Model",
    "ReactionTrajectory",
    "Retraining",
    "RetrainingTrajectory",
    "ToyModel",
    "ToyTrajectory",
    "law_plan",
    "retraining",
]
