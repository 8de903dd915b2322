"""Ensembles: a model over many draws of its uncertain fields."""

from takeoff.ensembles._result import Ensemble
from takeoff.ensembles._run import ensemble
from takeoff.ensembles._sensitivity import Sensitivity, Tornado, sobol_indices, tornado

__all__ = ["Ensemble", "Sensitivity", "Tornado", "ensemble", "sobol_indices", "tornado"]
