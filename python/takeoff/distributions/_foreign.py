"""What stands for a distribution: a number, a sample, a frozen distribution of scipy.stats."""

from __future__ import annotations

import numbers
from typing import Any, Final, cast

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_number
from takeoff.distributions._base import Distribution, as_row
from takeoff.distributions._families import Beta, Gamma, HalfCauchy, Lognormal, Loguniform, Normal, Triangular, Uniform
from takeoff.distributions._values import Discrete, Empirical, Tabulated
from takeoff.errors import DtypeError, InvalidValueError, ShapeError

_RULE: Final = "a number, a distribution, a frozen distribution of scipy.stats or a sample of one axis"
_END: Final = 8.25
_NODES: Final = 4001
_MOST_ATOMS: Final = 1_000_000
_TOLERANCE: Final = 1e-6


def distribution_of(value: Any, owner: str = "draw", name: str = "distribution") -> Distribution:
    """`value` as a distribution: a number is a single value, an array or Series a sample."""
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
    """Whether a value comes from SciPy."""
    return type(value).__module__.partition(".")[0] == "scipy"


def _from_scipy(frozen: Any, owner: str, name: str) -> Distribution:
    given = getattr(frozen, "dist", None)
    if given is None or not hasattr(frozen, "ppf"):
        raise DtypeError(owner, name, type(frozen).__name__, _RULE)
    if not hasattr(given, "pdf"):
        return _atoms(frozen, owner, name)
    shapes, loc, scale = given._parse_args(*frozen.args, **frozen.kwds)
    try:
        fields = [as_number(owner, name, each) for each in (*shapes, loc, scale)]
    except ShapeError:
        rule = "a distribution of one number, not of an array"
        raise InvalidValueError(owner, name, f"scipy.stats.{given.name} of arrays", rule) from None
    known = _known(given.name, fields)
    return known if known is not None else _table(frozen, owner, name)


def _known(name: str, fields: list[float]) -> Distribution | None:
    """The same distribution among ours; ``fields`` are the shapes, the location and the scale."""
    match name, fields:
        case "norm", [loc, scale]:
            return Normal(loc, scale)
        case "uniform", [loc, scale]:
            return Uniform(loc, loc + scale)
        case "lognorm", [sigma, 0.0, scale]:
            return Lognormal.from_median(scale, sigma)
        case (("loguniform" | "reciprocal"), [low, high, 0.0, scale]):
            return Loguniform(low * scale, high * scale)
        case "beta", [alpha, beta, 0.0, 1.0] if _shaped(alpha, beta):
            return Beta(alpha, beta)
        case "gamma", [shape, 0.0, scale] if _shaped(shape):
            return Gamma(shape, scale)
        case "halfcauchy", [0.0, scale]:
            return HalfCauchy(scale)
        case "expon", [0.0, scale]:
            return Gamma(1.0, scale)
        case "triang", [mode, loc, scale]:
            return Triangular(loc, loc + mode * scale, loc + scale)
    return None


def _shaped(*shapes: float) -> bool:
    return all(0.01 <= shape <= 1e4 for shape in shapes)


def _atoms(frozen: Any, owner: str, name: str) -> Distribution:
    """A discrete one by its values, but for tails of about 1e-16."""
    middle = float(frozen.ppf(0.5))
    if max(frozen.cdf(middle - _MOST_ATOMS), frozen.sf(middle + _MOST_ATOMS)) > 1e-16:
        raise InvalidValueError(
            owner, name, f"scipy.stats.{frozen.dist.name}", "of values within a million of the median"
        )
    values = np.arange(float(frozen.ppf(1e-16)), float(frozen.ppf(1 - 1e-16)) + 1)
    weights = frozen.pmf(values)
    return Discrete(values[weights > 0], weights[weights > 0])


def _table(frozen: Any, owner: str, name: str) -> Distribution:
    """Any other continuous one by its quantiles, with a check between the nodes."""
    title = f"scipy.stats.{frozen.dist.name}"
    nodes = np.linspace(-_END, _END, 2 * _NODES - 1)
    exact = _quantiles(frozen, nodes)
    if not (np.isfinite(exact).all() and (np.diff(exact) >= 0).all()):
        raise InvalidValueError(owner, name, title, "of finite, ascending quantiles")
    table = Tabulated(tuple(exact[::2].tolist()), title)
    inner = nodes[(np.abs(nodes) < 8)][1::2]
    standard = Normal(0, 1)
    below = inner < 0
    p = standard.cdf(inner)
    found, right = table.quantile(p), frozen.ppf(p)
    spread = float(frozen.ppf(0.75) - frozen.ppf(0.25))
    error = np.abs(found - right) / np.maximum(np.abs(right), spread)
    worst = float(error[below | (p < 1 - 1e-9)].max())
    if not worst <= _TOLERANCE:
        rule = "smooth enough for a table of its quantiles with an error of 1e-6 (give a sample instead)"
        raise InvalidValueError(owner, name, f"{title} with an error of {worst:.1g}", rule)
    return table


def _quantiles(frozen: Any, z: Floats) -> Floats:
    """Quantiles at standard normal quantiles, each from the nearer end."""
    tail = Normal(0, 1).cdf(-np.abs(z))
    return cast("Floats", np.where(z < 0, frozen.ppf(tail), frozen.isf(tail)))
