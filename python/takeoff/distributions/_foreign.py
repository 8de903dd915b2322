"""Conversion to a distribution: of a number, a sample, or a frozen distribution of scipy.stats."""

from __future__ import annotations

import numbers
import warnings
from typing import Any, Final, cast

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_number
from takeoff.distributions._base import Distribution, as_row
from takeoff.distributions._families import Beta, Gamma, HalfCauchy, Lognormal, Loguniform, Normal, Triangular, Uniform
from takeoff.distributions._values import TABLE_END, Discrete, Empirical, Tabulated
from takeoff.errors import DtypeError, InvalidValueError, ShapeError

_RULE: Final = "a number, a distribution, a frozen distribution of scipy.stats or a sample of one axis"
_NODES: Final = 4001
_SOUND: Final = 7.4
"""Standard normal quantile up to which the quantiles of SciPy have to be sound: a probability of 7e-14 in the tail."""
_MOST_ATOMS: Final = 1_000_000
"""Greatest distance of a value of a discrete distribution from its median."""
_TOLERANCE: Final = 1e-6
"""Greatest relative error of a table of quantiles between its nodes."""


def distribution_of(value: Any, owner: str = "draw", name: str = "distribution") -> Distribution:
    """Convert `value` to a distribution: a number to a constant, an array or a Series to an empirical distribution."""
    if isinstance(value, Distribution):
        return value
    if is_foreign(value):
        return _from_scipy(value, owner, name)
    if isinstance(value, pl.Series) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return Empirical(as_row(owner, name, value))
    if isinstance(value, (numbers.Real, np.generic)) and not isinstance(value, bool):
        return Discrete(tuple(as_row(owner, name, [value]).tolist()))
    raise DtypeError(owner, name, type(value).__name__, _RULE)


def is_foreign(value: Any) -> bool:
    """Return whether `value` is an object of SciPy."""
    return type(value).__module__.partition(".")[0] == "scipy"


def _from_scipy(frozen: Any, owner: str, name: str) -> Distribution:
    """Convert a frozen distribution of scipy.stats."""
    family = getattr(frozen, "dist", None)
    if family is None or not hasattr(frozen, "ppf"):
        raise DtypeError(owner, name, type(frozen).__name__, _RULE)
    if not hasattr(family, "pdf"):
        return _atoms(frozen, owner, name)
    shapes, loc, scale = family._parse_args(*frozen.args, **frozen.kwds)
    try:
        fields = [as_number(owner, name, number) for number in (*shapes, loc, scale)]
    except ShapeError:
        rule = "a distribution of one number, not of an array"
        raise InvalidValueError(owner, name, f"scipy.stats.{family.name} of arrays", rule) from None
    known = _known(family.name, fields)
    return known if known is not None else _table(frozen, owner, name)


def _known(name: str, fields: list[float]) -> Distribution | None:
    """Return the equivalent of this package, or None; ``fields`` are the shapes, the location and the scale."""
    match name, fields:
        case "norm", [loc, scale]:
            return Normal(loc, scale)
        case "uniform", [loc, scale]:
            return Uniform(loc, loc + scale)
        case "lognorm", [sigma, 0.0, scale]:
            return Lognormal.from_median(scale, sigma)
        case (("loguniform" | "reciprocal"), [low, high, 0.0, scale]):
            return Loguniform(low * scale, high * scale)
        case "beta", [alpha, beta, 0.0, 1.0] if _within_limits(alpha, beta):
            return Beta(alpha, beta)
        case "gamma", [shape, 0.0, scale] if _within_limits(shape):
            return Gamma(shape, scale)
        case "halfcauchy", [0.0, scale]:
            return HalfCauchy(scale)
        case "expon", [0.0, scale]:
            return Gamma(1.0, scale)
        case "triang", [mode, loc, scale]:
            return Triangular(loc, loc + mode * scale, loc + scale)
    return None


def _within_limits(*shapes: float) -> bool:
    """Return whether the shapes lie within the range that the engine accepts."""
    return all(0.01 <= shape <= 1e4 for shape in shapes)


def _atoms(frozen: Any, owner: str, name: str) -> Distribution:
    """Convert a discrete distribution, without tails of a probability of about 1e-16."""
    middle = float(frozen.ppf(0.5))
    if max(frozen.cdf(middle - _MOST_ATOMS), frozen.sf(middle + _MOST_ATOMS)) > 1e-16:
        raise InvalidValueError(
            owner, name, f"scipy.stats.{frozen.dist.name}", "of values within a million of the median"
        )
    values = np.arange(float(frozen.ppf(1e-16)), float(frozen.ppf(1 - 1e-16)) + 1)
    weights = frozen.pmf(values)
    return Discrete(values[weights > 0], weights[weights > 0])


def _table(frozen: Any, owner: str, name: str) -> Distribution:
    """Tabulate the quantiles of a continuous distribution, and check the interpolation between the nodes."""
    title = f"scipy.stats.{frozen.dist.name}"
    nodes = np.linspace(-TABLE_END, TABLE_END, 2 * _NODES - 1)
    exact = _quantiles(frozen, nodes)
    spread = float(frozen.ppf(0.75) - frozen.ppf(0.25))
    ascending = _ascending(exact)
    wrong = np.abs(ascending - exact) > _TOLERANCE * np.maximum(np.abs(exact), spread)
    if not np.isfinite(exact).all() or wrong[np.abs(nodes) < _SOUND].any():
        raise InvalidValueError(owner, name, title, "of finite, ascending quantiles")
    if wrong.any():
        warnings.warn(
            f"{title}: SciPy's own quantiles fall where they should rise, at probabilities below 1e-13 of an end "
            f"({owner}.{name}); the quantiles there are held level, and draws as far out are worth little",
            UserWarning,
            stacklevel=2,
        )
    table = Tabulated(tuple(ascending[::2].tolist()), title)
    midpoints = nodes[np.abs(nodes) < (_SOUND if wrong.any() else 8)][1::2]
    standard = Normal(0, 1)
    lower_half = midpoints < 0
    probabilities = standard.cdf(midpoints)
    interpolated, expected = table.quantile(probabilities), frozen.ppf(probabilities)
    error = np.abs(interpolated - expected) / np.maximum(np.abs(expected), spread)
    worst = float(error[lower_half | (probabilities < 1 - 1e-9)].max())
    if not worst <= _TOLERANCE:
        rule = "smooth enough for a table of its quantiles with an error of 1e-6 (give a sample instead)"
        raise InvalidValueError(owner, name, f"{title} with an error of {worst:.1g}", rule)
    return table


def _ascending(quantiles: Floats) -> Floats:
    """Hold quantiles level, outwards from the median, where they fall: by rounding, or by an error of their source."""
    middle = quantiles.size // 2
    lower = np.minimum.accumulate(quantiles[middle::-1])[::-1]
    return np.concatenate([lower[:-1], np.maximum.accumulate(quantiles[middle:])])


def _quantiles(frozen: Any, z: Floats) -> Floats:
    """Compute quantiles at standard normal quantiles, each from the probability of the nearer tail."""
    tail = Normal(0, 1).cdf(-np.abs(z))
    return cast("Floats", np.where(z < 0, frozen.ppf(tail), frozen.isf(tail)))
