"""Returns to software R&D from data: series, estimators, and what they rest on."""

from takeoff.evidence._alarms import alarm_errors
from takeoff.evidence._compare import Comparison, compare
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._loglog import loglog_cumulative
from takeoff.evidence._monitor import Monitor
from takeoff.evidence._pooling import Pooled, pool_random_effects
from takeoff.evidence._ratio import growth_rate_ols, naive_ratio
from takeoff.evidence._series import ResearchSeries

__all__ = [
    "Comparison",
    "Estimate",
    "Monitor",
    "Pooled",
    "ResearchSeries",
    "alarm_errors",
    "compare",
    "growth_rate_ols",
    "loglog_cumulative",
    "naive_ratio",
    "pool_random_effects",
]
