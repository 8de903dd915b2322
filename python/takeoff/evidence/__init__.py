"""Returns to software R&D from data: series, estimators, and what they rest on."""

from takeoff.evidence._compare import Comparison, compare
from takeoff.evidence._endpoint import endpoint_bayes, endpoint_series
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._feller import feller_log_likelihood, feller_ml, simulate_feller
from takeoff.evidence._feller_bayes import feller_bayes
from takeoff.evidence._loglog import loglog_cumulative
from takeoff.evidence._pooling import Pooled, pool_random_effects
from takeoff.evidence._ratio import growth_rate_ols, naive_ratio
from takeoff.evidence._series import ResearchSeries

__all__ = [
    "Comparison",
    "Estimate",
    "Pooled",
    "ResearchSeries",
    "compare",
    "endpoint_bayes",
    "endpoint_series",
    "feller_bayes",
    "feller_log_likelihood",
    "feller_ml",
    "growth_rate_ols",
    "loglog_cumulative",
    "naive_ratio",
    "pool_random_effects",
    "simulate_feller",
]
