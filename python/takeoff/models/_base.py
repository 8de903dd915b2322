"""What models and their parts share: frozen fields, a shape of paths, comparison and a readable form."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import numpy as np

from takeoff._arrays import (
    FloatLike,
    Floats,
    as_columns,
    as_floats,
    check_memory,
    common_shape,
    paths_in,
    policy,
    unwrapped,
)
from takeoff.distributions import Derived, Distribution
from takeoff.distributions._foreign import distribution_of, is_foreign
from takeoff.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


Uncertain: TypeAlias = "FloatLike | Any"
"""What a numeric field takes: numbers, a distribution or a formula. What has a plan holds numbers alone."""


class Frozen:
    """Base of frozen dataclasses whose numeric fields may be arrays, one value per path.

    Numeric fields broadcast against one another; their common shape is that of the paths.

    A numeric field may be a distribution or a formula too. What has such a field is a description: it has no paths and
    no plan until :func:`takeoff.ensemble` puts draws in the place of its distributions.
    """

    _shape: tuple[int, ...]
    _numeric: dict[str, Floats]
    _uncertain: dict[str, Distribution | Derived] = {}  # noqa: RUF012  (set per instance, never changed)
    """Distributions and formulas by field, those of parts by ``part.field``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__post_init__" in cls.__dict__:
            cls.__post_init__ = _unless_uncertain(cls.__post_init__)  # type: ignore[attr-defined]

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in ("_plan", "_shape", "_numeric") and self._uncertain:
                field, value = next(iter(self._uncertain.items()))
                rule = "a number or an array here; takeoff.ensemble draws uncertain fields"
                raise InvalidValueError(type(self).__name__, field, value, rule)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def _freeze(self, numeric: dict[str, Any], parts: dict[str, Frozen | None] | None = None) -> list[Floats]:
        """Replace numeric fields by floats or read-only arrays; give back the engine's columns, those of parts last."""
        owner = type(self).__name__
        fields = {name: as_floats(owner, name, value) for name, value in numeric.items()}
        for name in fields.keys() & self._fields().keys():
            object.__setattr__(self, name, plain(fields[name]))
        for name, part in (parts or {}).items():
            if part is not None:
                fields |= {f"{name}.{inner}": value for inner, value in part._numeric.items()}
        object.__setattr__(self, "_numeric", fields)
        object.__setattr__(self, "_shape", common_shape(owner, fields))
        return as_columns(self._shape, fields)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the paths; ``()`` for a single one."""
        return self._shape

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    def _varying(self) -> dict[str, Floats]:
        """Numeric fields that are arrays, those of parts by ``part.field``."""
        return {name: value for name, value in self._numeric.items() if value.ndim}

    def _spread(self, shape: tuple[int, ...]) -> Self:
        """Return the same with every array spread over the axes of a shape."""
        return type(self)(**{name: _spread(value, shape) for name, value in self._fields().items()})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frozen) or type(other) is not type(self):
            return NotImplemented
        return bool(_key(self) == _key(other))

    def __hash__(self) -> int:
        return hash(_key(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._fields())

    def __repr__(self) -> str:
        given = {name: value for name, value in self._fields().items() if value is not None}
        inner = ", ".join(f"{name}={_shown(value)}" for name, value in given.items())
        return f"{type(self).__name__}({inner})"


class Model(Frozen):
    """Base of the models.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.GrowthLaw(r=[0.7, 1, 3], first_doubling=1).shape
    (3,)
    """

    name: ClassVar[str]
    """Name of the model in scenario files."""
    citations: ClassVar[tuple[str, ...]]
    """Publications behind the model, as keys of :mod:`takeoff.citations`."""

    def _at(self, method: str, doublings: FloatLike, threads: int | None) -> Any:
        """What a method of the engine gives for doublings that broadcast against the paths."""
        given = as_floats(method, "doublings", doublings)
        shape = common_shape(method, {"paths": np.empty(self.shape), "doublings": given})
        check_memory(method, paths_in(shape), "ask for fewer doublings or paths")
        if self.shape not in ((), shape):
            # Axes that only the doublings have: every element becomes a path of its own.
            return self._spread(shape)._at(method, given, threads)
        flat = np.ascontiguousarray(np.broadcast_to(given, shape)).reshape(-1)
        width = flat.size if self.shape == () else 1
        return unwrapped(getattr(self._plan, method)(flat, width, policy(threads)), shape)

    _plan: Any


def with_values(model: Any, values: Mapping[str, Any], path: str = "") -> Any:
    """Return a model, a part or a value with others in place of the fields that they name, as ``part.field``."""
    if path in values:
        return values[path]
    if isinstance(model, Frozen):
        start = f"{path}." if path else ""
        return type(model)(**{name: with_values(v, values, start + name) for name, v in model._fields().items()})
    if isinstance(model, tuple):  # changes of hardware
        return tuple(
            tuple(with_values(v, values, f"{path}[{k}].{name}") for name, v in zip(CHANGE, change, strict=True))
            for k, change in enumerate(model)
        )
    return model


CHANGE = ("time", "doubling_time")
"""What a change of hardware growth consists of."""


def _unless_uncertain(build: Callable[..., None]) -> Callable[..., None]:
    """Prepare what has uncertain fields as a description, whose other fields are checked at the medians."""

    @functools.wraps(build)
    def prepare(self: Frozen, *rest: Any) -> None:
        fields = {name: _own(type(self).__name__, name, value) for name, value in self._fields().items()}
        uncertain = {path: value for name, each in fields.items() for path, value in _uncertain_in(name, each)}
        if not uncertain:
            build(self, *rest)
            return
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_uncertain", uncertain)
        medians = {path: d.quantile(0.5) for path, d in uncertain.items() if isinstance(d, Distribution)}
        if len(medians) == len(uncertain):
            middle = type(self)(*(with_values(v, medians, name) for name, v in fields.items()), *rest)
            for name, value in middle._fields().items():
                if not any(_uncertain_in(name, fields[name])):
                    object.__setattr__(self, name, value)
        elif any(value is not None for value in rest):
            rule = "left out beside a formula (give rho)"
            raise InvalidValueError(type(self).__name__, "elasticity", rest[0], rule)

    return prepare


def _own(owner: str, name: str, value: Any) -> Any:
    """Return a value with the distributions of other libraries as ours; changes of hardware are pairs in a tuple."""
    if is_foreign(value):
        return distribution_of(value, owner, name)
    if any(map(_is_uncertain, (inner for change in _pairs(value) for inner in change))):
        return tuple(tuple(_own(owner, name, inner) for inner in change) for change in value)
    return value


def _pairs(value: Any) -> list[Any]:
    """Return the changes of hardware among the values of a list or tuple."""
    return [each for each in value if isinstance(each, (tuple, list))] if isinstance(value, (tuple, list)) else []


def _is_uncertain(value: Any) -> bool:
    return isinstance(value, (Distribution, Derived)) or is_foreign(value)


def _uncertain_in(path: str, value: Any) -> list[tuple[str, Distribution | Derived]]:
    """Return distributions and formulas of a field's value, with their paths."""
    if isinstance(value, (Distribution, Derived)):
        return [(path, value)]
    if isinstance(value, Frozen):
        return [(f"{path}.{inner}", each) for inner, each in value._uncertain.items()]
    named = [
        (f"{path}[{k}].{name}", inner)
        for k, change in enumerate(_pairs(value))
        for name, inner in zip(CHANGE, change, strict=False)
    ]
    return [(inner, each) for inner, each in named if isinstance(each, (Distribution, Derived))]


def regime_of(criticality: Any) -> Any:
    """Name of the regime for a criticality (or an array of them)."""
    named = np.where(
        np.asarray(criticality) > 1, "explosion", np.where(np.asarray(criticality) < 1, "fizzle", "exponential")
    )
    return str(named) if named.ndim == 0 else named


def plain(value: Floats) -> Any:
    """Return an array without axes as a float, and others as they are."""
    return float(value) if value.ndim == 0 else value


def _key(value: Any) -> Any:
    """Return what equal values have in common, hashable."""
    if isinstance(value, np.ndarray):
        return (value.shape, (value + 0.0).tobytes())  # the sum makes 0 of -0
    if isinstance(value, Frozen):
        return (type(value), *(_key(inner) for inner in value._fields().values()))
    return tuple(_key(inner) for inner in value) if isinstance(value, tuple) else value


def _spread(value: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(value, np.ndarray):
        return np.broadcast_to(value, shape)
    if isinstance(value, Frozen):
        return value._spread(shape)
    return tuple(_spread(inner, shape) for inner in value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        text: str = np.array2string(value, threshold=6, edgeitems=2, separator=", ")
        return text.replace("\n", "")
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _rebuild(kind: type, fields: dict[str, Any]) -> Any:
    return kind(**fields)
