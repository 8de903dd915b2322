"""Distributions from plain data."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff._arrays import as_choice
from takeoff.distributions._composite import Mixture, Truncated
from takeoff.distributions._derived import Derived
from takeoff.distributions._families import (
    Beta,
    Gamma,
    HalfCauchy,
    Lognormal,
    Loguniform,
    Normal,
    Triangular,
    Uniform,
)
from takeoff.distributions._interval import between
from takeoff.distributions._values import Discrete, Empirical, Tabulated
from takeoff.errors import DtypeError, InvalidValueError, UnknownNameError

if TYPE_CHECKING:
    from takeoff.distributions._base import Distribution

__all__ = ["from_dict"]

_CLASSES: Final[tuple[type[Distribution], ...]] = (
    Beta,
    Discrete,
    Empirical,
    Gamma,
    HalfCauchy,
    Lognormal,
    Loguniform,
    Mixture,
    Normal,
    Tabulated,
    Triangular,
    Truncated,
    Uniform,
)
_BY_KIND: Final = {cls.kind: cls for cls in _CLASSES}
_RULE: Final = "a number, a formula, or a table with 'distribution' or 'between'"


def from_dict(data: Any) -> Any:
    """Create an input from plain data, as in a TOML file.

    Parameters
    ----------
    data : float, str or dict
        A number; the formula of a derived input; or a table: ``{distribution = "lognormal", mu = 0, sigma = 1}`` with
        the fields of the class, or ``{between = [0.4, 3.6], credibility = 0.9, kind = "lognormal"}`` with the arguments
        of :func:`takeoff.between`.

    Returns
    -------
    float, Derived or distribution
        The input.

    Raises
    ------
    UnknownNameError
        A distribution or a key that does not exist.
    InvalidValueError
        A value outside its range, or a key that is missing.
    DtypeError
        Data of another type.

    Examples
    --------
    >>> from takeoff.distributions import from_dict
    >>> from_dict({"distribution": "uniform", "low": 1, "high": 2})
    Uniform(low=1.0, high=2.0)
    >>> from_dict({"between": [1, 3], "credibility": 0.5, "kind": "uniform"})
    Uniform(low=0.0, high=4.0)
    >>> from_dict("1.4 * discount")
    Derived(formula='1.4 * discount')
    """
    if isinstance(data, str):
        return Derived(data)
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return data
    if not isinstance(data, Mapping):
        raise DtypeError("from_dict", "data", type(data).__name__, _RULE)
    fields = dict(data)
    if "between" in fields:
        return _interval(fields)
    if "distribution" not in fields:
        raise InvalidValueError("from_dict", "data", dict(data), _RULE)
    kind = as_choice("distribution", fields.pop("distribution"), sorted(_BY_KIND))
    family = _BY_KIND[kind]
    _check_keys(kind, fields, {f.name: f.default is not dataclasses.MISSING for f in dataclasses.fields(family)})  # type: ignore[arg-type]
    if "of" in fields:
        fields["of"] = from_dict(fields["of"])
    if family is Mixture:
        if not isinstance(fields["parts"], (list, tuple)):
            raise DtypeError("Mixture", "parts", type(fields["parts"]).__name__, "a list of distributions")
        fields["parts"] = [from_dict(part) for part in fields["parts"]]
    return family(**fields)


_FIELDS_IN_UNIT: Final[dict[type, tuple[str, ...]]] = {
    Normal: ("mu", "sigma"),
    Uniform: ("low", "high"),
    Loguniform: ("low", "high"),
    Triangular: ("low", "mode", "high"),
    Gamma: ("scale",),
    HalfCauchy: ("scale",),
    Discrete: ("values",),
    Empirical: ("samples",),
}
"""Fields of a distribution that have the unit of its variable."""


def scaled(distribution: Any, size: float) -> Any:
    """Return the distribution of the variable times a positive `size`, as for a change of its unit."""
    if isinstance(distribution, Lognormal):
        return Lognormal(distribution.mu + math.log(size), distribution.sigma)
    if isinstance(distribution, Truncated):
        return Truncated(scaled(distribution.of, size), distribution.low * size, distribution.high * size)
    if isinstance(distribution, Mixture):
        return Mixture([scaled(part, size) for part in distribution.parts], distribution.weights)
    if type(distribution) not in _FIELDS_IN_UNIT:
        rule = "given in the first unit of the field, which needs no conversion"
        raise InvalidValueError("distribution", "unit", type(distribution).__name__, rule)
    values = {name: np.multiply(getattr(distribution, name), size) for name in _FIELDS_IN_UNIT[type(distribution)]}
    return dataclasses.replace(distribution, **values)


def _interval(fields: dict[str, Any]) -> Any:
    """Create a distribution by :func:`between`."""
    parameters = inspect.signature(between).parameters
    _check_keys(
        "between", fields, {"between": False} | {name: True for name in parameters if name not in {"low", "high"}}
    )
    ends = fields.pop("between")
    if not isinstance(ends, (list, tuple)) or len(ends) != 2:
        raise InvalidValueError("between", "between", ends, "two numbers, low and high")
    return between(*ends, **fields)


def _check_keys(kind: str, fields: Mapping[str, Any], optional: Mapping[str, bool]) -> None:
    """Raise on an unknown key, or on a missing one that is not optional."""
    for key in fields:
        if key not in optional:
            raise UnknownNameError(f"key of {kind}", key, optional)
    for key, is_optional in optional.items():
        if key not in fields and not is_optional:
            raise InvalidValueError(kind, key, "nothing", "given")
