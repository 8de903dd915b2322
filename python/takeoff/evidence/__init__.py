"""Returns to software R&D from data: series, estimators, and what they rest on."""

from takeoff.evidence._compare import Comparison, compare
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._level import jones_level_ml
from takeoff.evidence._loglog import loglog_cumulative
from takeoff.evidence._pooling import Pooled, pool_random_effects
from takeoff.evidence._ratio import growth_rate_ols, naive_ratio
from takeoff.evidence._series import ResearchSeries
from takeoff.evidence._stable import stable_increment_ml

__all__ = [
    "Comparison",
    "Estimate",
    "Pooled",
    "ResearchSeries",
    "compare",
    "growth_rate_ols",
    "jones_level_ml",
    "loglog_cumulative",
    "naive_ratio",
    "pool_random_effects",
    "stable_increment_ml",
]
