"""Estimates of several domains pooled by random effects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import check_numeric
from takeoff._draw import draw_figure
from takeoff.distributions import Lognormal, Normal
from takeoff.errors import DtypeError, InvalidValueError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._series import column_of
from takeoff.evidence._shared import credibility_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff._arrays import Floats

__all__ = ["Pooled", "pool_random_effects"]

_LEAST: Final = 1e-30
"""Least r, and the inverse of the greatest: beyond them a predictive interval may overflow."""

_MOST_LOG: Final = 690.0
"""Greatest size of ln r at the ends of an interval."""

_COLUMNS: Final = ("domain", "r", "r_low", "r_high")


@dataclass(frozen=True, eq=False, repr=False)
class Pooled:
    """Pooled estimates of several domains.

    Attributes
    ----------
    r : float
        Pooled estimate: the median of r over domains.
    r_low, r_high : float
        Interval of the pooled estimate.
    predictive_low, predictive_high : float
        Interval of r in a further domain; it is wider the more domains differ.
    tau : float
        Standard deviation of ln r between domains.
    i_squared : float
        Share of the variation that is between domains rather than error.
    credibility, pooled_credibility : float
        Probability of the predictive interval, and of the interval of the pooled estimate.
    table : polars.DataFrame
        ``domain``, ``r``, ``r_low`` and ``r_high`` as given, and the ``weight`` of each domain.
    citations : tuple of str
        Keys of the publications behind the method and the estimates, see :func:`takeoff.citation`.

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"domain": ["a", "b"], "r": [1.0, 2.0], "r_low": [0.5, 1.0], "r_high": [2.0, 4.0]}
    >>> evidence.pool_random_effects(table).tau > 0
    True
    """

    r: float
    r_low: float
    r_high: float
    predictive_low: float
    predictive_high: float
    tau: float
    i_squared: float
    credibility: float
    pooled_credibility: float
    table: pl.DataFrame
    citations: tuple[str, ...] = ("dersimonian-1986",)

    def __repr__(self) -> str:
        own, further = f"{self.pooled_credibility:.0%}", f"{self.credibility:.0%}"
        lines = [
            f"{self.table.height} domains pooled by random effects",
            f"  r                {self.r:.3g}, {own} interval {self.r_low:.3g} to {self.r_high:.3g}",
            f"  further domain   {further} interval {self.predictive_low:.3g} to {self.predictive_high:.3g}",
            f"  P(r > 1) there   {self.probability_above_1:.0%}",
            f"  between domains  tau {self.tau:.3g} of ln r, {self.i_squared:.0%} of the spread",
        ]
        return "\n".join(lines)

    @property
    def sigma(self) -> float:
        """Standard deviation of ln r in a further domain."""
        width = math.log(self.predictive_high / self.predictive_low)
        return width / (2 * float(Normal(0, 1).quantile((1 + self.credibility) / 2)))

    def distribution(self) -> Lognormal:
        """Return the predictive distribution of r in a further domain, for an ensemble.

        Returns
        -------
        Lognormal
            Lognormal around the pooled estimate with the standard deviation `sigma`, which includes the differences
            between domains; the interval of the pooled estimate does not.

        Examples
        --------
        >>> from takeoff import evidence
        >>> table = {"domain": ["a", "b"], "r": [1.0, 1.0], "r_low": [0.5, 0.5], "r_high": [2.0, 2.0]}
        >>> evidence.pool_random_effects(table).distribution().quantile(0.5)
        1.0
        """
        return Lognormal(math.log(self.r), self.sigma)

    @property
    def probability_above_1(self) -> float:
        """Probability that r is above 1 in a further domain."""
        return 1 - float(self.distribution().cdf(1.0))

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Plot the domains, the pooled estimate and the predictive interval (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on (default: those of a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            One line per domain, one for the pooled estimate and one for the predictive interval.

        Examples
        --------
        >>> from takeoff import evidence
        >>> table = {"domain": ["a", "b"], "r": [1.0, 1.0], "r_low": [0.5, 0.5], "r_high": [2.0, 2.0]}
        >>> len(evidence.pool_random_effects(table).plot().axes[0].get_yticklabels())
        4
        """
        rows = [
            *self.table.select(_COLUMNS).rows(),
            (f"pooled, {self.pooled_credibility:.0%}", self.r, self.r_low, self.r_high),
            (f"a further domain, {self.credibility:.0%}", self.r, self.predictive_low, self.predictive_high),
        ]
        table = pl.DataFrame(rows, schema=list(_COLUMNS), orient="row")
        return draw_figure("evidence._figures", "forest", table, "domain", ax, "intervals")


def pool_random_effects(
    estimates: Mapping[str, Estimate] | Any, *, credibility: float = 0.9, pooled_credibility: float | None = None
) -> Pooled:
    """Pool estimates of several domains, whose r may differ, by random effects on ln r.

    DerSimonian & Laird (1986): each ln r has an error, known from the width of its interval, and a random effect of its
    domain with standard deviation tau, estimated from how much the domains differ beyond their errors. With few domains
    tau is poorly known, and one estimate with a narrow interval may dominate.

    Parameters
    ----------
    estimates : mapping of names to Estimate, or frame
        Estimates by domain; or a frame (or mapping of columns) with ``domain``, ``r``, ``r_low`` and ``r_high``.
    credibility : float, default 0.9
        Probability of the intervals in a frame, and of the predictive interval.
    pooled_credibility : float, optional
        Probability of the interval of the pooled estimate (default: `credibility`).

    Returns
    -------
    Pooled
        Pooled estimate, standard deviation between domains, and the predictive distribution, for ensembles.

    Raises
    ------
    ShapeError
        Fewer than two domains.
    InvalidValueError
        An interval that reaches to 0 or infinity (below 1e-30 or above 1e30), or does not contain its estimate;
        intervals so wide for their probability that a pooled interval reaches to 0 or infinity.
    UnknownNameError, DtypeError
        A frame without these columns, or a value of another type.

    References
    ----------
    DerSimonian, R. & Laird, N. (1986), "Meta-analysis in clinical trials".

    Examples
    --------
    Five published estimates (Erdil, Besiroglu & Ho 2024), each with the 5th and 95th percentile:

    >>> from takeoff import evidence
    >>> published = {
    ...     "domain": ["chess", "vision", "sample efficiency", "SAT", "linear programming"],
    ...     "r": [0.83, 1.437, 1.583, 3.542, 1.077],
    ...     "r_low": [0.65, 0.82, 0.46, 1.28, 0.25],
    ...     "r_high": [1.11, 2.42, 3.67, 6.90, 3.10],
    ... }
    >>> pooled = evidence.pool_random_effects(published)
    >>> round(pooled.r, 2), round(pooled.probability_above_1, 2)
    (1.36, 0.72)
    """
    level = credibility_of("pool_random_effects", credibility)
    inner = level if pooled_credibility is None else credibility_of("pool_random_effects", pooled_credibility)
    names, y, error, interval_ends = _logarithms(estimates, level)
    if y.size < 2:
        raise ShapeError(f"two domains at least can be pooled, got {y.size} (pool_random_effects.estimates)")
    fixed = 1 / error**2
    mean = float(fixed @ y / fixed.sum())
    spread = float(fixed @ (y - mean) ** 2)
    excess = spread - (y.size - 1)
    # As a sum of products: in a difference of sums one large weight would cancel all others.
    pairs = float(np.triu(np.outer(fixed, fixed), 1).sum())
    tau2 = max(0.0, excess * float(fixed.sum()) / (2 * pairs))
    weight = 1 / (error**2 + tau2)
    middle, variance = float(weight @ y / weight.sum()), 1 / float(weight.sum())

    def ends(deviation: float, probability: float) -> tuple[float, float]:
        half_width = float(Normal(0, 1).quantile((1 + probability) / 2)) * deviation
        if abs(middle) + half_width > _MOST_LOG:
            rule = f"such that the ends of all intervals are floats, for a probability of {probability:g}"
            raise InvalidValueError("pool_random_effects", "estimates", f"a deviation of ln r of {deviation:g}", rule)
        return math.exp(middle - half_width), math.exp(middle + half_width)

    low, high = ends(math.sqrt(variance), inner)
    predictive = ends(math.sqrt(variance + tau2), level)
    table = pl.DataFrame(
        {
            "domain": names,
            "r": np.exp(y),
            "r_low": interval_ends[:, 0],
            "r_high": interval_ends[:, 1],
            "weight": weight / weight.sum(),
        }
    )
    share = max(0.0, excess / spread) if spread > 0 else 0.0
    values = list(estimates.values()) if isinstance(estimates, Mapping) else []
    sources = sorted({key for estimate in values if isinstance(estimate, Estimate) for key in estimate.citations})
    return Pooled(
        math.exp(middle), low, high, *predictive, math.sqrt(tau2), share, level, inner, table,
        ("dersimonian-1986", *sources),
    )  # fmt: skip


def _logarithms(estimates: Any, level: float) -> tuple[list[str], Floats, Floats, Floats]:
    """Return the names, ln r, its standard errors, and the ends of its intervals."""
    if hasattr(estimates, "items") and all(isinstance(estimate, Estimate) for _, estimate in estimates.items()):
        rows = [
            (name, estimate.r, estimate.r_low, estimate.r_high, estimate.credibility)
            for name, estimate in estimates.items()
        ]
    else:
        try:
            frame = estimates if isinstance(estimates, pl.DataFrame) else pl.DataFrame(estimates, strict=False)
        except Exception as error:
            received = type(estimates).__name__
            rule = f"a mapping of names to Estimates, or a frame ({error})"
            raise DtypeError("pool_random_effects", "estimates", received, rule) from error
        for name in _COLUMNS:
            column = column_of(frame, name, "estimates")
            if name != "domain":
                check_numeric("pool_random_effects", name, column)
        numbers = frame.select("domain", pl.col(_COLUMNS[1:]).cast(pl.Float64))
        rows = [(*row, level) for row in numbers.iter_rows()]
    names, logs, errors, ends = [], [], [], []
    for name, r, low, high, credibility in rows:
        if None in (r, low, high) or not _LEAST <= low < high <= 1 / _LEAST or not low <= r <= high:
            rule = f"from {_LEAST:g} to {1 / _LEAST:g}, low below r below high, for {name}"
            raise InvalidValueError("pool_random_effects", "estimates", f"{low} to {high} around {r}", rule)
        names.append(str(name))
        logs.append(math.log(r))
        ends.append((low, high))
        errors.append(math.log(high / low) / (2 * float(Normal(0, 1).quantile((1 + credibility) / 2))))
    return names, np.array(logs), np.array(errors), np.array(ends, dtype=np.float64)
