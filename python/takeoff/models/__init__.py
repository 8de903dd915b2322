"""The models: one file each, and the registry by name."""

from takeoff.models._base import Model
from takeoff.models.growth_law import GrowthLaw
from takeoff.models.human_reaction import HumanReaction
from takeoff.models.parts import CES, Automation, Hardware
from takeoff.models.toy_model import ToyModel

__all__ = ["CES", "MODELS", "Automation", "GrowthLaw", "Hardware", "HumanReaction", "Model", "ToyModel"]

MODELS: dict[str, type[GrowthLaw] | type[HumanReaction] | type[ToyModel]] = {
    model.name: model for model in (GrowthLaw, HumanReaction, ToyModel)
}
"""Every model by its name in scenario files."""
