"""Ensembles: a model over many draws of its uncertain fields."""

from takeoff.ensembles._result import Ensemble
from takeoff.ensembles._run import ensemble

__all__ = ["Ensemble", "ensemble"]
