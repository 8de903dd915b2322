"""Parametric families of distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from takeoff._arrays import as_number
from takeoff.distributions._base import Parametric
from takeoff.errors import InvalidValueError

__all__ = ["Beta", "Gamma", "HalfCauchy", "Lognormal", "Loguniform", "Normal", "Triangular", "Uniform"]


@dataclass(frozen=True)
class Normal(Parametric):
    """Normal distribution.

    Parameters
    ----------
    mu : float
        Mean.
    sigma : float
        Standard deviation, above 0.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Normal(mu=1, sigma=0.5).cdf(1)
    0.5
    """

    mu: float
    sigma: float
    kind: ClassVar[str] = "normal"

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.mu

    @property
    def support(self) -> tuple[float, float]:
        """All numbers."""
        return -math.inf, math.inf


@dataclass(frozen=True)
class Lognormal(Parametric):
    """Lognormal distribution: ``exp`` of a normal.

    Parameters
    ----------
    mu : float
        Mean of the natural logarithm, from -600 to 600; ``exp(mu)`` is the median.
    sigma : float
        Standard deviation of the natural logarithm, above 0; ``|mu| + 9 sigma`` at most 700, so that draws are finite.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Lognormal(mu=0, sigma=1).quantile(0.5)
    1.0
    """

    mu: float
    sigma: float
    kind: ClassVar[str] = "lognormal"

    @classmethod
    def from_median(cls, median: float, sigma: float) -> Lognormal:
        """Create a lognormal distribution from its median.

        Parameters
        ----------
        median : float
            Median, from 1e-260 to 1e260.
        sigma : float
            Standard deviation of the natural logarithm, above 0: about the relative spread where it is small.

        Returns
        -------
        Lognormal
            The distribution.

        Examples
        --------
        >>> import takeoff
        >>> round(takeoff.Lognormal.from_median(1.2, 0.5).quantile(0.5), 12)
        1.2
        """
        number = as_number("Lognormal", "median", median)
        if not 1e-260 <= number <= 1e260:
            raise InvalidValueError("Lognormal", "median", number, "from 1e-260 to 1e260")
        return cls(math.log(number), sigma)

    @property
    def mean(self) -> float:
        """Expected value, ``exp(mu + sigma^2/2)``; infinite where it exceeds float64."""
        power = self.mu + self.sigma**2 / 2
        return math.exp(power) if power < 709 else math.inf

    @property
    def support(self) -> tuple[float, float]:
        """All positive numbers."""
        return 0.0, math.inf


@dataclass(frozen=True)
class Uniform(Parametric):
    """Uniform distribution over a range.

    Parameters
    ----------
    low, high : float
        Ends of the range, low below high.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Uniform(1, 4).mean
    2.5
    """

    low: float
    high: float
    kind: ClassVar[str] = "uniform"

    @property
    def mean(self) -> float:
        """Expected value: the middle."""
        return self.low / 2 + self.high / 2

    @property
    def support(self) -> tuple[float, float]:
        """The range."""
        return self.low, self.high


@dataclass(frozen=True)
class Loguniform(Parametric):
    """Distribution whose logarithm is uniform: as likely from 1 to 2 as from 2 to 4.

    Parameters
    ----------
    low, high : float
        Ends of the range, above 0, low below high.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.Loguniform(1, 100).quantile(0.5), 12)
    10.0
    """

    low: float
    high: float
    kind: ClassVar[str] = "loguniform"

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.high - self.low) / (math.log(self.high) - math.log(self.low))

    @property
    def support(self) -> tuple[float, float]:
        """The range."""
        return self.low, self.high


@dataclass(frozen=True)
class Triangular(Parametric):
    """Distribution whose density rises linearly from `low` to `mode` and falls linearly to `high`.

    Parameters
    ----------
    low, mode, high : float
        Least, likeliest and greatest value.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Triangular(0, 1, 2).quantile(0.5)
    1.0
    """

    low: float
    mode: float
    high: float
    kind: ClassVar[str] = "triangular"

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.low / 3 + self.mode / 3 + self.high / 3

    @property
    def support(self) -> tuple[float, float]:
        """The range."""
        return self.low, self.high


@dataclass(frozen=True)
class Gamma(Parametric):
    """Gamma distribution; with a shape of 1 it is the exponential distribution.

    Parameters
    ----------
    shape : float
        From 0.01 to 10,000.
    scale : float, default 1.0
        Above 0.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Gamma(shape=2, scale=3).mean
    6.0
    """

    shape: float
    scale: float = 1.0
    kind: ClassVar[str] = "gamma"

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.shape * self.scale

    @property
    def support(self) -> tuple[float, float]:
        """All positive numbers."""
        return 0.0, math.inf


@dataclass(frozen=True)
class HalfCauchy(Parametric):
    """Half-Cauchy distribution, of a positive number: the median is the scale, and the mean is infinite.

    Parameters
    ----------
    scale : float, default 1.0
        Above 0, at most 1e280.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.HalfCauchy(scale=2).quantile(0.5), 12)
    2.0
    """

    scale: float = 1.0
    kind: ClassVar[str] = "half_cauchy"

    @property
    def mean(self) -> float:
        """Infinite."""
        return math.inf

    @property
    def support(self) -> tuple[float, float]:
        """All positive numbers."""
        return 0.0, math.inf


@dataclass(frozen=True)
class Beta(Parametric):
    """Beta distribution, of a number from 0 to 1.

    Parameters
    ----------
    alpha, beta : float
        From 0.01 to 10,000; the mean is ``alpha / (alpha + beta)``.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Beta(2, 6).mean
    0.25
    """

    alpha: float
    beta: float
    kind: ClassVar[str] = "beta"

    @property
    def mean(self) -> float:
        """Expected value."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def support(self) -> tuple[float, float]:
        """From 0 to 1."""
        return 0.0, 1.0
