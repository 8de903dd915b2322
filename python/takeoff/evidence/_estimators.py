"""The estimators of one series, as a comparison and the command line know them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from takeoff.evidence._endpoint import endpoint_bayes
from takeoff.evidence._feller import feller_ml
from takeoff.evidence._feller_bayes import feller_bayes
from takeoff.evidence._level import jones_level_ml
from takeoff.evidence._loglog import loglog_cumulative
from takeoff.evidence._ratio import growth_rate_ols, naive_ratio
from takeoff.evidence._stable import stable_increment_ml

if TYPE_CHECKING:
    from collections.abc import Callable

    from takeoff.evidence._estimate import Estimate

__all__ = ["ESTIMATORS", "Estimator"]


@dataclass(frozen=True)
class Estimator:
    """An estimator of r from one series.

    Attributes
    ----------
    function : callable
        Function of a series and, by keyword, of `arguments`.
    least_measurements : int
        Number of measurements that the function needs with default arguments.
    extra : str or None
        Extra of this package that it may need with default arguments.
    quick : bool
        Whether a comparison includes it by default.
    """

    function: Callable[..., Estimate]
    least_measurements: int
    extra: str | None = None
    quick: bool = True

    @property
    def arguments(self) -> list[str]:
        """Names of its arguments, without the series."""
        return list(inspect.signature(self.function).parameters)[1:]


ESTIMATORS: Final[dict[str, Estimator]] = {
    "naive_ratio": Estimator(naive_ratio, 2),
    "growth_rate_ols": Estimator(growth_rate_ols, 6, "evidence"),
    "loglog_cumulative": Estimator(loglog_cumulative, 4),
    "jones_level_ml": Estimator(jones_level_ml, 6, "scipy"),
    "stable_increment_ml": Estimator(stable_increment_ml, 8, "scipy"),
    "feller_ml": Estimator(feller_ml, 5, "evidence"),
    "feller_bayes": Estimator(feller_bayes, 2, "bayes", quick=False),
    "endpoint_bayes": Estimator(endpoint_bayes, 2, quick=False),
}
"""Estimators by name."""
