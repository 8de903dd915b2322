"""A distribution of r from a prior and a profile likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff.distributions import Discrete, Distribution, Empirical, Normal
from takeoff.distributions._foreign import distribution_of
from takeoff.distributions._values import TABLE_END, Tabulated, values_within
from takeoff.errors import InvalidValueError, MissingExtraError

if TYPE_CHECKING:
    from takeoff._arrays import Floats

__all__ = ["posterior"]

_NODES: Final = 8001
"""Values of r at which the prior is multiplied, evenly spaced in its standard normal quantile."""
_VANISHES: Final = -80.0
"""Logarithm of a share of the highest density below which a node is left out."""


def posterior(prior: Any, profile: pl.DataFrame, title: str) -> Distribution:
    """Multiply a prior by a profile likelihood.

    Parameters
    ----------
    prior : Distribution
        Prior of r, above 0.
    profile : polars.DataFrame
        ``r`` and ``log_likelihood``. Beyond its values of r the nearest one is taken: a profile that is flat towards an
        end leaves the prior there as it is.
    title : str
        Origin of the distribution.

    Returns
    -------
    Distribution
        Table of quantiles; weighted values for a prior of values.

    Raises
    ------
    InvalidValueError
        A prior that allows an r of 0 or less.
    MissingExtraError
        Without SciPy.
    """
    try:
        from scipy.interpolate import PchipInterpolator
    except ImportError:
        raise MissingExtraError("Estimate.distribution", "scipy") from None
    belief = distribution_of(prior, "Estimate", "prior")
    of_values = isinstance(belief, (Discrete, Empirical))
    low = belief.support[0]
    if low < 0 or (low == 0 and of_values):
        raise InvalidValueError(
            "Estimate", "prior", belief, "of values above 0, such as takeoff.Truncated(prior, low=0)"
        )
    points = profile.filter(pl.col("r") > 0).group_by("r").agg(pl.col("log_likelihood").max()).sort("r")
    log_r, height = points["r"].log().to_numpy(), points["log_likelihood"].to_numpy()
    curve = PchipInterpolator(log_r, height)

    def log_likelihood(r: Floats) -> Floats:
        with np.errstate(divide="ignore"):  # an r of 0 is below the profile's least
            values: Floats = curve(np.clip(np.log(r), log_r[0], log_r[-1]))
        return values

    if isinstance(belief, (Discrete, Empirical)):
        values, weights = values_within(belief, -np.inf, np.inf)
        relative = log_likelihood(values)
        return Discrete(values, weights * np.exp(relative - relative.max()))
    standard, ends = Normal(0, 1), (-TABLE_END, TABLE_END)
    for _ in range(2):  # once over the prior, once over the part of it that the data leave
        z = np.linspace(*ends, _NODES)
        tail = standard.cdf(-np.abs(z))
        r = np.where(z < 0, belief.quantile(tail), belief.quantile(1 - tail))
        log_density = log_likelihood(r) - 0.5 * z * z
        inside = np.flatnonzero(log_density > log_density.max() + _VANISHES)
        ends = (z[max(inside[0] - 1, 0)], z[min(inside[-1] + 1, z.size - 1)])
    density = np.exp(log_density - log_density.max())
    steps = 0.5 * (density[1:] + density[:-1])
    below = np.concatenate([[0.0], np.cumsum(steps)])
    above = np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
    share, rest = below / below[-1], above / above[0]
    place = np.where(share < 0.5, standard.quantile(share), -standard.quantile(rest))
    finite = np.isfinite(place) & np.isfinite(r)
    place, r = place[finite], r[finite]
    rising = np.diff(place, prepend=-np.inf) > 0
    nodes = np.linspace(-TABLE_END, TABLE_END, (_NODES + 1) // 2)
    return Tabulated(tuple(np.interp(nodes, place[rising], r[rising]).tolist()), title)
