"""Base classes of the distributions, and conversion of their arguments."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from takeoff import _core
from takeoff._arrays import Floats, as_floats, as_number, policy, unwrapped
from takeoff.errors import InvalidValueError, ShapeError

if TYPE_CHECKING:
    from takeoff._arrays import FloatLike

EMPTY = np.empty(0)
LARGE = 1e300


class Distribution(ABC):
    """Base of the distributions: frozen data about one uncertain number.

    Examples
    --------
    >>> import takeoff
    >>> isinstance(takeoff.Normal(0, 1), takeoff.distributions.Distribution)
    True
    """

    kind: ClassVar[str]
    """Name of the distribution in TOML."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """Expected value."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Least and greatest value, which may be infinite."""

    def to_dict(self) -> dict[str, Any]:
        """Convert the distribution to plain data, as in a TOML file.

        Returns
        -------
        dict
            Name of the distribution, and its fields; :func:`takeoff.distributions.from_dict` is the inverse.

        Examples
        --------
        >>> import takeoff
        >>> takeoff.Uniform(1, 2).to_dict()
        {'distribution': 'uniform', 'low': 1.0, 'high': 2.0}
        """
        return {"distribution": self.kind} | {name: value for name, value in self._data().items() if value is not None}

    @abstractmethod
    def _data(self) -> dict[str, Any]:
        """Return the fields as plain data; None for a field to leave out."""

    @cached_property
    def _engine(self) -> _core.Distribution:
        return self._build()

    @abstractmethod
    def _build(self) -> _core.Distribution:
        """Validate the fields and build the distribution of the engine."""

    def quantile(self, p: FloatLike) -> Any:
        """Compute the value that is not exceeded with a given probability.

        Parameters
        ----------
        p : float or array
            Probability, from 0 to 1; 0 and 1 give the ends of the support.

        Returns
        -------
        float or array
            Quantile, of the shape of `p`.

        Raises
        ------
        InvalidValueError
            A probability outside [0, 1].

        Examples
        --------
        >>> import takeoff
        >>> round(takeoff.Normal(0, 1).quantile(0.975), 6)
        1.959964
        """
        probabilities = as_floats("quantile", "p", p)
        flat = probabilities.reshape(-1)
        outside = ~((flat >= 0) & (flat <= 1))
        if outside.any():
            index = int(outside.argmax())
            position = index if probabilities.ndim else None
            raise InvalidValueError("quantile", "p", float(flat[index]), "a probability from 0 to 1", position)
        strictly_inside = (flat > 0) & (flat < 1)
        quantiles = self._engine.quantile(np.where(strictly_inside, flat, 0.5), policy())
        low, high = self.support
        return unwrapped(np.where(strictly_inside, quantiles, np.where(flat == 0, low, high)), probabilities.shape)

    def cdf(self, x: FloatLike) -> Any:
        """Compute the probability of values up to `x`.

        Parameters
        ----------
        x : float or array
            Value; may be infinite.

        Returns
        -------
        float or array
            Probability from 0 to 1, of the shape of `x`.

        Raises
        ------
        InvalidValueError
            A value that is NaN.

        Examples
        --------
        >>> import takeoff
        >>> takeoff.Uniform(0, 4).cdf([1, 2, 9]).tolist()
        [0.25, 0.5, 1.0]
        """
        values = as_floats("cdf", "x", x)
        flat = values.reshape(-1)
        if np.isnan(flat).any():
            index = int(np.isnan(flat).argmax())
            raise InvalidValueError("cdf", "x", "NaN", "a number", index if values.ndim else None)
        finite = np.isfinite(flat)
        probabilities = self._engine.cdf(np.where(finite, flat, 0.0), policy())
        return unwrapped(np.where(finite, probabilities, (flat > 0).astype(float)), values.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in field_names(self))


class Parametric(Distribution):
    """Base of the distributions whose fields are numbers."""

    def __post_init__(self) -> None:
        for name in field_names(self):
            object.__setattr__(self, name, as_number(type(self).__name__, name, getattr(self, name)))
        self._engine  # noqa: B018  (validates)

    def _data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in field_names(self)}

    def _build(self) -> _core.Distribution:
        return _core.Distribution(self.kind, np.array(list(self._data().values())), EMPTY, [])


def field_names(instance: Any) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass."""
    return tuple(field.name for field in dataclasses.fields(instance))


def as_weights(owner: str, weights: Any, count: int) -> Floats:
    """Convert `weights` to `count` floats."""
    floats = as_floats(owner, "weights", weights)
    if floats.shape != (count,):
        raise ShapeError(f"weights must be {count:,} numbers, one each, got the shape {floats.shape} ({owner}.weights)")
    return floats


def as_row(owner: str, name: str, values: Any) -> Floats:
    """Convert `values` to a one-dimensional array of finite floats."""
    floats = as_floats(owner, name, values)
    if floats.ndim != 1:
        raise ShapeError(f"{name} must have one axis, got the shape {floats.shape} ({owner}.{name})")
    outside = ~(np.abs(floats) <= LARGE)
    if outside.any():
        index = int(outside.argmax())
        raise InvalidValueError(owner, name, float(floats[index]), "finite, from -1e300 to 1e300", index)
    return floats
