"""The models: one file each, and the registry by name."""

from takeoff.models._base import Model
from takeoff.models.davidson_houlden import DavidsonHoulden
from takeoff.models.growth_law import GrowthLaw
from takeoff.models.human_reaction import HumanReaction
from takeoff.models.parts import CES, Automation, Hardware
from takeoff.models.retraining import Retraining
from takeoff.models.toy_model import ToyModel

__all__ = [
    "CES",
    "MODELS",
    "Automation",
    "DavidsonHoulden",
    "GrowthLaw",
    "Hardware",
    "HumanReaction",
    "Model",
    "Retraining",
    "ToyModel",
]

MODELS: dict[str, type[Model]] = {
    model.name: model for model in (GrowthLaw, ToyModel, Retraining, HumanReaction, DavidsonHoulden)
}
"""Every model by its name in scenario files."""
