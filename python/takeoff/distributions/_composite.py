"""Distributions that are made from values, or from other distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from takeoff import _core
from takeoff._arrays import Floats, as_number, policy
from takeoff.distributions._base import NONE, Distribution, as_row, as_weights
from takeoff.distributions._families import Normal
from takeoff.errors import DtypeError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    Row: TypeAlias = Sequence[float] | Floats | pl.Series

__all__ = ["Discrete", "Empirical", "Mixture", "Tabulated", "Truncated"]


@dataclass(frozen=True)
class Discrete(Distribution):
    """One of a few values.

    Parameters
    ----------
    values : sequence of float
        The values; finite.
    weights : sequence of float, optional
        A weight each, not negative; their sum need not be 1. Without them all are equally likely.

    Raises
    ------
    InvalidValueError
        A value that is not finite, or weights that are negative or all zero.
    ShapeError
        Not one weight each.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Discrete([1, 2, 4], weights=[2, 1, 1]).mean
    2.0
    """

    values: tuple[float, ...]
    weights: tuple[float, ...] | None = None
    kind: ClassVar[str] = "discrete"

    def __init__(self, values: Row, weights: Row | None = None) -> None:
        row = as_row("Discrete", "values", values)
        given = None if weights is None else as_weights("Discrete", weights, len(row))
        object.__setattr__(self, "values", tuple(row.tolist()))
        object.__setattr__(self, "weights", None if given is None else tuple(given.tolist()))
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        weights = NONE if self.weights is None else np.array(self.weights)
        return _core.Distribution("discrete", np.array(self.values), weights, [])

    @property
    def mean(self) -> float:
        """Expected value."""
        return float(np.average(self.values, weights=self.weights))

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value that has a weight."""
        weights = self.weights or (1.0,) * len(self.values)
        possible = [value for value, weight in zip(self.values, weights, strict=True) if weight > 0]
        return min(possible), max(possible)

    def _data(self) -> dict[str, Any]:
        return {"values": list(self.values), "weights": self.weights and list(self.weights)}


@dataclass(frozen=True, eq=False, repr=False)
class Empirical(Distribution):
    """One of the values of a sample: exact values, none between them.

    Parameters
    ----------
    samples : sequence, array or polars Series
        The sample, of one axis; finite.
    weights : sequence, array or polars Series, optional
        A weight each, not negative; their sum need not be 1. Without them all are equally likely.

    Raises
    ------
    InvalidValueError
        A value that is not finite, or weights that are negative or all zero.
    ShapeError
        A sample that is empty or of more than one axis, or not one weight each.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Empirical([0.5, 1.5, 1.0, 3.0]).quantile([0.25, 0.5, 1]).tolist()
    [0.5, 1.0, 3.0]
    """

    samples: Floats
    weights: Floats | None = None
    kind: ClassVar[str] = "empirical"

    def __init__(self, samples: Row, weights: Row | None = None) -> None:
        values = as_row("Empirical", "samples", samples)
        given = None if weights is None else as_weights("Empirical", weights, len(values))
        object.__setattr__(self, "samples", values)
        object.__setattr__(self, "weights", given)
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        weights = NONE if self.weights is None else self.weights
        # Where the order does not matter to weights, NumPy sorts faster.
        values = np.sort(self.samples) if self.weights is None else self.samples
        return _core.Distribution("discrete", values, weights, [])

    @property
    def mean(self) -> float:
        """Expected value: the (weighted) mean of the sample."""
        return float(np.average(self.samples, weights=self.weights))

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value that has a weight."""
        possible = self.samples if self.weights is None else self.samples[self.weights > 0]
        return float(possible.min()), float(possible.max())

    def _data(self) -> dict[str, Any]:
        return {"samples": self.samples.tolist(), "weights": None if self.weights is None else self.weights.tolist()}

    def _key(self) -> tuple[bytes, bytes]:
        return self.samples.tobytes(), NONE.tobytes() if self.weights is None else self.weights.tobytes()

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Empirical) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Empirical({_shown(self.samples)}{'' if self.weights is None else f', {_shown(self.weights)}'})"


@dataclass(frozen=True)
class Mixture(Distribution):
    """One of several distributions, chosen by weight.

    Parameters
    ----------
    parts : sequence of distributions
        What it is mixed from; a number stands for itself.
    weights : sequence of float, optional
        A weight each, not negative; their sum need not be 1. Without them all are equally likely.

    Raises
    ------
    InvalidValueError
        Weights that are negative or all zero.
    ShapeError
        No parts, or not one weight each.

    Notes
    -----
    A draw is the inverse of the mixture's own distribution function, so that it rises with the probability; rank
    correlations and truncation mean the same as for any other distribution. It takes a few microseconds.

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
        mixed = tuple(_part("Mixture", "parts", part) for part in parts)
        if not mixed:
            raise ShapeError("parts must hold at least one distribution, got none (Mixture.parts)")
        given = None if weights is None else as_weights("Mixture", weights, len(mixed))
        object.__setattr__(self, "parts", mixed)
        object.__setattr__(self, "weights", None if given is None else tuple(given.tolist()))
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        weights = NONE if self.weights is None else np.array(self.weights)
        return _core.Distribution("mixture", NONE, weights, [part._engine for part in self.parts])

    @property
    def _possible(self) -> list[tuple[Distribution, float]]:
        """Parts that have a weight, with weights that sum to 1."""
        weights = np.ones(len(self.parts)) if self.weights is None else np.array(self.weights)
        pairs = zip(self.parts, (weights / weights.sum()).tolist(), strict=True)
        return [(part, weight) for part, weight in pairs if weight > 0]

    @property
    def mean(self) -> float:
        """Expected value."""
        return math.fsum(weight * part.mean for part, weight in self._possible)

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value of any part."""
        ends = [part.support for part, _ in self._possible]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def _data(self) -> dict[str, Any]:
        return {"parts": [part.to_dict() for part in self.parts], "weights": self.weights and list(self.weights)}


@dataclass(frozen=True)
class Truncated(Distribution):
    """A distribution on the condition that it lies within a range.

    Parameters
    ----------
    of : distribution
        What is truncated.
    low, high : float, optional
        Ends of the range, both included, low below high; infinite if left out.

    Raises
    ------
    InvalidValueError
        A range that is reversed, or in which nothing of the distribution lies.

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
        object.__setattr__(self, "of", _part("Truncated", "of", self.of))
        for name in ("low", "high"):
            object.__setattr__(self, name, as_number("Truncated", name, getattr(self, name)))
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        return _core.Distribution("truncated", np.array([self.low, self.high]), NONE, [self.of._engine])

    @property
    def mean(self) -> float:
        """Expected value; by quadrature, to about 1e-9 of the spread, where the distribution is continuous."""
        return _mean_within(self.of, self.low, self.high)

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value that is left."""
        if isinstance(self.of, (Discrete, Empirical)):
            values, weights = _inside(self.of, self.low, self.high)
            return float(values[weights > 0].min()), float(values[weights > 0].max())
        low, high = self.of.support
        return max(low, self.low), min(high, self.high)

    def _data(self) -> dict[str, Any]:
        ends = {"low": self.low, "high": self.high}
        return {"of": self.of.to_dict()} | {name: end for name, end in ends.items() if math.isfinite(end)}


@dataclass(frozen=True, repr=False)
class Tabulated(Distribution):
    """A continuous distribution by its quantiles.

    Parameters
    ----------
    quantiles : sequence of float
        Ascending values at probabilities whose standard normal quantiles are evenly spaced from -8.25 to 8.25. Between
        them a monotone cubic in the standard normal quantile.
    name : str, default ""
        Where it comes from.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.distributions.Tabulated([-8.25, 0, 8.25]).cdf(0)
    0.5
    """

    quantiles: tuple[float, ...]
    name: str = ""
    kind: ClassVar[str] = "tabulated"

    def __init__(self, quantiles: Row, name: str = "") -> None:
        values = as_row("Tabulated", "quantiles", quantiles)
        if len(values) < 2:
            raise ShapeError("quantiles must be at least two numbers, got one (Tabulated.quantiles)")
        if not isinstance(name, str):
            raise DtypeError("Tabulated", "name", type(name).__name__, "a text")
        object.__setattr__(self, "quantiles", tuple(values.tolist()))
        object.__setattr__(self, "name", name)
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        return _core.Distribution("table", np.array(self.quantiles), NONE, [])

    @property
    def mean(self) -> float:
        """Expected value, by quadrature."""
        return _mean_within(self, -math.inf, math.inf)

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest quantile."""
        return self.quantiles[0], self.quantiles[-1]

    def _data(self) -> dict[str, Any]:
        return {"quantiles": list(self.quantiles), "name": self.name}

    def __repr__(self) -> str:
        return f"Tabulated(name={self.name!r}, quantiles={_shown(np.array(self.quantiles))})"


def _part(owner: str, name: str, part: Any) -> Distribution:
    from takeoff.distributions._foreign import distribution_of

    return distribution_of(part, owner, name)


def _shown(values: Floats) -> str:
    few = ", ".join(f"{value:g}" for value in values[:3])
    if len(values) <= 4:
        return "[" + ", ".join(repr(value) for value in values.tolist()) + "]"
    return f"<{len(values):,} values: {few}, ..., {values[-1]:g}>"


def _mean_within(of: Distribution, low: float, high: float) -> float:
    """Mean of a distribution on the condition that it lies within a range."""
    if isinstance(of, (Discrete, Empirical)):
        values, weights = _inside(of, low, high)
        return float(np.average(values, weights=weights))
    if isinstance(of, Mixture):
        shares = [(part, weight * _share(part, low, high)) for part, weight in of._possible]
        kept = [(part, share) for part, share in shares if share > 0]
        total = math.fsum(share for _, share in kept)
        return math.fsum(share / total * _mean_within(part, low, high) for part, share in kept)
    if isinstance(of, Truncated):
        return _mean_within(of.of, max(low, of.low), min(high, of.high))
    # The integral of the quantile over the probability, by the trapezoidal rule in the standard normal quantile.
    step = 1 / 256
    z = np.arange(-8.125, 8.125, step)
    p = Normal(0, 1).cdf(z)
    weights = np.exp(-z * z / 2)
    engine = _core.Distribution("truncated", np.array([low, high]), NONE, [of._engine])
    values = engine.quantile(np.clip(p, 1e-300, math.nextafter(1, 0)), policy(1))
    return float(np.average(values, weights=weights))


def _inside(of: Discrete | Empirical, low: float, high: float) -> tuple[Floats, Floats]:
    """Values within a range, and their weights."""
    values = np.array(of.values if isinstance(of, Discrete) else of.samples)
    weights = np.ones(values.size) if of.weights is None else np.array(of.weights)
    inside = (values >= low) & (values <= high)
    return values[inside], weights[inside]


def _share(of: Distribution, low: float, high: float) -> float:
    """Probability of a range, both ends included."""
    return float(of.cdf(high) - of.cdf(math.nextafter(low, -math.inf)))
