"""Returns to software R&D from data: series, estimators, and what they rest on."""

from takeoff.evidence._estimate import Estimate
from takeoff.evidence._series import ResearchSeries

__all__ = ["Estimate", "ResearchSeries"]
