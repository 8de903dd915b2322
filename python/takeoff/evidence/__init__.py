"""Returns to software R&D from data: series, estimators, comparisons, and a monitor of the pace of progress."""

from takeoff.evidence._alarms import alarm_errors
from takeoff.evidence._chain import Chain, Step, davidson_houlden_chain, paper_chain
from takeoff.evidence._compare import Comparison, compare
from takeoff.evidence._endpoint import endpoint_bayes, endpoint_series
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._experience import ExperienceCurve, experience_curve
from takeoff.evidence._feller import feller_log_likelihood, feller_ml, simulate_feller
from takeoff.evidence._feller_bayes import feller_bayes
from takeoff.evidence._level import jones_level_ml
from takeoff.evidence._loglog import loglog_cumulative
from takeoff.evidence._monitor import Monitor
from takeoff.evidence._pooling import Pooled, pool_random_effects
from takeoff.evidence._prepare import (
    STOCKFISH_ELO_PER_E_FOLD,
    chained_elo,
    frontier,
    returns_from_parameters,
    returns_in_other_unit,
)
from takeoff.evidence._ratio import growth_rate_ols, naive_ratio
from takeoff.evidence._series import ResearchSeries
from takeoff.evidence._stable import stable_increment_ml, stable_log_likelihood
from takeoff.evidence._two_input import two_input

__all__ = [
    "STOCKFISH_ELO_PER_E_FOLD",
    "Chain",
    "Comparison",
    "Estimate",
    "ExperienceCurve",
    "Monitor",
    "Pooled",
    "ResearchSeries",
    "Step",
    "alarm_errors",
    "chained_elo",
    "compare",
    "davidson_houlden_chain",
    "endpoint_bayes",
    "endpoint_series",
    "experience_curve",
    "feller_bayes",
    "feller_log_likelihood",
    "feller_ml",
    "frontier",
    "growth_rate_ols",
    "jones_level_ml",
    "loglog_cumulative",
    "naive_ratio",
    "paper_chain",
    "pool_random_effects",
    "returns_from_parameters",
    "returns_in_other_unit",
    "simulate_feller",
    "stable_increment_ml",
    "stable_log_likelihood",
    "two_input",
]
