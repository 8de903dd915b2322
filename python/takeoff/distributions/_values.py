"""Distributions given by values: a few values, a sample, or a table of quantiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

import numpy as np

from takeoff import _core
from takeoff._arrays import Floats, policy
from takeoff.distributions._base import EMPTY, Distribution, as_row, as_weights
from takeoff.distributions._families import Normal
from takeoff.errors import DtypeError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    Row: TypeAlias = Sequence[float] | Floats | pl.Series

__all__ = ["TABLE_END", "Discrete", "Empirical", "Tabulated", "mean_of_quantiles", "values_within"]

TABLE_END: Final = 8.25
"""Standard normal quantile of the probability of the last value of a table of quantiles."""


@dataclass(frozen=True)
class Discrete(Distribution):
    """Discrete distribution over a few values.

    Parameters
    ----------
    values : sequence of float
        The values; finite.
    weights : sequence of float, optional
        Weight of each value, not negative; the sum need not be 1. By default all values are equally likely.

    Raises
    ------
    InvalidValueError
        A value that is not finite, or weights that are negative or all zero.
    ShapeError
        A number of weights other than the number of values.

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
        checked_weights = None if weights is None else as_weights("Discrete", weights, len(row))
        object.__setattr__(self, "values", tuple(row.tolist()))
        object.__setattr__(self, "weights", None if checked_weights is None else tuple(checked_weights.tolist()))
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        weights = EMPTY if self.weights is None else np.array(self.weights)
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
    """Empirical distribution: the values of a sample, without interpolation.

    Parameters
    ----------
    samples : sequence, array or polars Series
        The sample, of one axis; finite.
    weights : sequence, array or polars Series, optional
        Weight of each value, not negative; the sum need not be 1. By default all values are equally likely.

    Raises
    ------
    InvalidValueError
        A value that is not finite, or weights that are negative or all zero.
    ShapeError
        A sample that is empty or has more than one axis, or a number of weights other than the number of values.

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
        checked_weights = None if weights is None else as_weights("Empirical", weights, len(values))
        object.__setattr__(self, "samples", values)
        object.__setattr__(self, "weights", checked_weights)
        self._engine  # noqa: B018  (validates)

    def _build(self) -> _core.Distribution:
        weights = EMPTY if self.weights is None else self.weights
        # The engine sorts values with their weights; without weights NumPy sorts faster.
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
        return self.samples.tobytes(), EMPTY.tobytes() if self.weights is None else self.weights.tobytes()

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Empirical) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Empirical({_abridged(self.samples)}{'' if self.weights is None else f', {_abridged(self.weights)}'})"


@dataclass(frozen=True, repr=False)
class Tabulated(Distribution):
    """Continuous distribution given by a table of its quantiles.

    Parameters
    ----------
    quantiles : sequence of float
        Ascending values at probabilities whose standard normal quantiles are evenly spaced from -8.25 to 8.25, with
        monotone cubic interpolation in the standard normal quantile.
    name : str, default ""
        Origin of the table.

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
        return _core.Distribution("table", np.array(self.quantiles), EMPTY, [])

    @property
    def mean(self) -> float:
        """Expected value, by quadrature."""
        return mean_of_quantiles(self, -math.inf, math.inf)

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest quantile."""
        return self.quantiles[0], self.quantiles[-1]

    def _data(self) -> dict[str, Any]:
        return {"quantiles": list(self.quantiles), "name": self.name}

    def __repr__(self) -> str:
        return f"Tabulated(name={self.name!r}, quantiles={_abridged(np.array(self.quantiles))})"


def values_within(distribution: Discrete | Empirical, low: float, high: float) -> tuple[Floats, Floats]:
    """Return the values within a range, and their weights."""
    values = np.array(distribution.values if isinstance(distribution, Discrete) else distribution.samples)
    weights = np.ones(values.size) if distribution.weights is None else np.array(distribution.weights)
    inside = (values >= low) & (values <= high)
    return values[inside], weights[inside]


def mean_of_quantiles(distribution: Distribution, low: float, high: float) -> float:
    """Compute the mean of a continuous distribution truncated to a range, by quadrature of its quantile function."""
    # The integral of the quantile over the probability, by the trapezoidal rule in the standard normal quantile.
    step = 1 / 256
    z = np.arange(-8.125, 8.125, step)
    p = Normal(0, 1).cdf(z)
    weights = np.exp(-z * z / 2)
    engine = _core.Distribution("truncated", np.array([low, high]), EMPTY, [distribution._engine])
    values = engine.quantile(np.clip(p, 1e-300, math.nextafter(1, 0)), policy(1))
    return float(np.average(values, weights=weights))


def _abridged(values: Floats) -> str:
    """Format values for a repr: four at most, or the first three and the last."""
    first_three = ", ".join(f"{value:g}" for value in values[:3])
    if len(values) <= 4:
        return "[" + ", ".join(repr(value) for value in values.tolist()) + "]"
    return f"<{len(values):,} values: {first_three}, ..., {values[-1]:g}>"
