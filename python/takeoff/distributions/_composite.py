"""Distributions that are made from other distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from takeoff import _core
from takeoff._arrays import as_number
from takeoff.distributions._base import EMPTY, Distribution, as_weights
from takeoff.distributions._foreign import distribution_of
from takeoff.distributions._values import Discrete, Empirical, mean_of_quantiles, values_within
from takeoff.errors import DtypeError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from takeoff.distributions._values import Row

__all__ = ["Mixture", "Truncated"]


@dataclass(frozen=True)
class Mixture(Distribution):
    """Mixture of distributions.

    Parameters
    ----------
    parts : sequence of distributions
        Components; a number is a constant component.
    weights : sequence of float, optional
        Weight of each component, not negative; the sum need not be 1. By default all components are equally likely.

    Raises
    ------
    InvalidValueError
        Weights that are negative or all zero.
    ShapeError
        No parts, or a number of weights other than the number of parts.

    Notes
    -----
    Draws invert the distribution function of the mixture, and so increase with the uniform variate behind them: rank
    correlations and truncation work as for any other distribution. A draw takes a few microseconds.

    Examples
    --------
    >>> import takeoff
    >>> r = takeoff.Mixture([takeoff.Normal(0.5, 0.1), takeoff.Normal(2, 0.5)], weights=[1, 3])
    >>> r.mean
    1.625
    >>> round(r.cdf(1.0), 3)
    0.267
    """

    parts: tuple[Distribution, ...]
    weights: tuple[float, ...] | None = None
    kind: ClassVar[str] = "mixture"

    def __init__(self, parts: Sequence[Any], weights: Row | None = None) -> None:
        if isinstance(parts, (str, bytes)) or not hasattr(parts, "__iter__"):
            raise DtypeError("Mixture", "parts", type(parts).__name__, "a sequence of distributions")
        components = tuple(distribution_of(part, "Mixture", "parts") for part in parts)
        if not components:
            raise ShapeError("parts must hold at least one distribution, got none (Mixture.parts)")
        checked_weights = None if weights is None else as_weights("Mixture", weights, len(components))
        object.__setattr__(self, "parts", components)
        object.__setattr__(self, "weights", None if checked_weights is None else tuple(checked_weights.tolist()))
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        weights = EMPTY if self.weights is None else np.array(self.weights)
        return _core.Distribution("mixture", EMPTY, weights, [part._engine for part in self.parts])

    @property
    def _weighted_parts(self) -> list[tuple[Distribution, float]]:
        """Parts with a positive weight, and their weights normalized to sum to 1."""
        weights = np.ones(len(self.parts)) if self.weights is None else np.array(self.weights)
        pairs = zip(self.parts, (weights / weights.sum()).tolist(), strict=True)
        return [(part, weight) for part, weight in pairs if weight > 0]

    @property
    def mean(self) -> float:
        """Expected value."""
        return math.fsum(weight * part.mean for part, weight in self._weighted_parts)

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value of any part."""
        ends = [part.support for part, _ in self._weighted_parts]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def _data(self) -> dict[str, Any]:
        return {"parts": [part.to_dict() for part in self.parts], "weights": self.weights and list(self.weights)}


@dataclass(frozen=True)
class Truncated(Distribution):
    """A distribution truncated to a range.

    Parameters
    ----------
    of : distribution
        The distribution to truncate.
    low, high : float, optional
        Ends of the range, both included, low below high; infinite by default.

    Raises
    ------
    InvalidValueError
        A range that is reversed, or that has probability 0.

    Examples
    --------
    >>> import takeoff
    >>> r = takeoff.Truncated(takeoff.Normal(1, 1), low=0)
    >>> round(r.quantile(0.5), 6), r.support
    (1.200174, (0.0, inf))
    """

    of: Distribution
    low: float = -math.inf
    high: float = math.inf
    kind: ClassVar[str] = "truncated"

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", distribution_of(self.of, "Truncated", "of"))
        for name in ("low", "high"):
            object.__setattr__(self, name, as_number("Truncated", name, getattr(self, name)))
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        return _core.Distribution("truncated", np.array([self.low, self.high]), EMPTY, [self.of._engine])

    @property
    def mean(self) -> float:
        """Expected value; of a continuous distribution by quadrature, with an error of about 1e-9 of the spread."""
        return _mean_within(self.of, self.low, self.high)

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value within the range."""
        if isinstance(self.of, (Discrete, Empirical)):
            values, weights = values_within(self.of, self.low, self.high)
            return float(values[weights > 0].min()), float(values[weights > 0].max())
        low, high = self.of.support
        return max(low, self.low), min(high, self.high)

    def _data(self) -> dict[str, Any]:
        ends = {"low": self.low, "high": self.high}
        return {"of": self.of.to_dict()} | {name: end for name, end in ends.items() if math.isfinite(end)}


def _mean_within(distribution: Distribution, low: float, high: float) -> float:
    """Compute the mean of a distribution truncated to a range."""
    if isinstance(distribution, (Discrete, Empirical)):
        values, weights = values_within(distribution, low, high)
        return float(np.average(values, weights=weights))
    if isinstance(distribution, Mixture):
        shares = [(part, weight * _share(part, low, high)) for part, weight in distribution._weighted_parts]
        possible = [(part, share) for part, share in shares if share > 0]
        total = math.fsum(share for _, share in possible)
        return math.fsum(share / total * _mean_within(part, low, high) for part, share in possible)
    if isinstance(distribution, Truncated):
        return _mean_within(distribution.of, max(low, distribution.low), min(high, distribution.high))
    return mean_of_quantiles(distribution, low, high)


def _share(distribution: Distribution, low: float, high: float) -> float:
    """Compute the probability of a range, both ends included."""
    return float(distribution.cdf(high) - distribution.cdf(math.nextafter(low, -math.inf)))
