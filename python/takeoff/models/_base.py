"""What models and their parts share: frozen fields, a shape of paths, and a plan of the engine."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self, TypeAlias

import numpy as np

from takeoff import _core
from takeoff._arrays import FloatLike, Floats, as_choice, as_columns, as_floats, common_shape, is_float
from takeoff.distributions import Derived, Distribution
from takeoff.distributions._foreign import distribution_of, is_foreign
from takeoff.errors import DtypeError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from takeoff.models._influences import Influence
    from takeoff.models._spec import Group, Spec

__all__ = ["Described", "Frozen", "Model", "Uncertain", "plain", "with_values"]

Uncertain: TypeAlias = "FloatLike | Any"
"""What a numeric field takes: numbers, a distribution or a formula. What has a plan holds numbers alone."""


_CERTAIN: Final = frozenset({float, int, str, type(None)})
"""Types of values that are no distributions and hold none."""


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass."""
    return tuple(field.name for field in dataclasses.fields(kind))


class Frozen:
    """Base of frozen dataclasses whose numeric fields may be arrays, one value per path.

    Numeric fields broadcast against one another; their common shape is that of the paths.
    """

    _shape: tuple[int, ...]
    _numeric: dict[str, Floats]

    def _freeze(self, numeric: Mapping[str, Any]) -> None:
        """Replace numeric fields by floats or read-only arrays, and keep their common shape."""
        owner = type(self).__name__
        arrays = {name: as_floats(owner, name, value) for name, value in numeric.items()}
        for name in arrays.keys() & self._fields().keys():
            object.__setattr__(self, name, plain(arrays[name]))
        object.__setattr__(self, "_numeric", arrays)
        object.__setattr__(self, "_shape", common_shape(owner, arrays))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the paths; ``()`` for a single one."""
        return self._shape

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _names(type(self))}  # type: ignore[arg-type]

    def _varying(self) -> dict[str, Floats]:
        """Return the numeric fields that are arrays, those of parts by ``part.field``."""
        return {name: value for name, value in self._numeric.items() if value.ndim}

    def _spread(self, shape: tuple[int, ...]) -> Self:
        """Return an equal object with every array spread over the axes of a shape."""
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
        shown = {name: value for name, value in self._fields().items() if value is not None}
        inner = ", ".join(f"{name}={_shown(value)}" for name, value in shown.items())
        return f"{type(self).__name__}({inner})"


class Described(Frozen):
    """Base of models and parts: their spec says which fields are numbers, words and parts, and what each allows.

    A numeric field may be a distribution or a formula too. What has such a field is a description: it has no paths and
    no plan until :func:`takeoff.ensemble` puts draws in the place of its distributions.
    """

    group: ClassVar[Group]
    """Inputs of the class."""
    alternatives: ClassVar[Mapping[str, str]] = {}
    """Arguments that may be given in place of a field, with their units."""
    _kinds: ClassVar[dict[str, type[Described]]] = {}
    """Classes by the name that the engine has for their inputs."""
    _uncertain: dict[str, Distribution | Derived]
    """Distributions and formulas by field, those of parts by ``part.field``."""
    _state: _Numbers | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "_state", None)
        if all(type(value) in _CERTAIN for value in self._fields().values()):
            object.__setattr__(self, "_uncertain", {})
            self._settle()
            return
        fields = {name: self._converted(name, value) for name, value in self._fields().items()}
        uncertain = {path: value for name, each in fields.items() for path, value in self._uncertain_in(name, each)}
        object.__setattr__(self, "_uncertain", uncertain)
        if uncertain:
            self._describe(fields, uncertain)
        else:
            self._settle()

    def _check(self) -> None:
        """Refuse what the engine cannot judge by ranges; for classes to say."""

    def _settle(self) -> None:
        """Make numbers of the fields, and have the engine judge them."""
        owner, group = type(self).__name__, self.group
        words = {name: as_choice(name, getattr(self, name), each.options) for name, each in group.choices.items()}
        values: dict[str, float | Floats] = {}
        for name, field in group.fields.items():
            value = getattr(self, name)
            if value is None and field.none is not None:
                values[name] = field.none
                continue
            values[name] = number = value if type(value) is float else _number(owner, name, value)
            shown = None if type(number) is float and number == field.none else number
            if shown is not value:
                object.__setattr__(self, name, shown)
        for name, part in group.parts.items():
            value = getattr(self, name)
            if part.presence == "repeated":
                values |= self._settle_rows(name, value)
            elif value is not None or part.presence == "required":
                kind = self._kinds[part.group.owner]
                if not isinstance(value, kind):
                    rule = f"a takeoff.{kind.__name__}{'' if part.presence == 'required' else ' or None'}"
                    raise DtypeError(owner, name, type(value).__name__, rule)
                inner = value._numbers
                values |= {f"{name}.{path}": each for path, each in inner.values.items()}
                words |= {f"{name}.{path}": word for path, word in inner.words.items()}
        shape: tuple[int, ...] = ()
        columns = values
        if arrays := {name: value for name, value in values.items() if not isinstance(value, float)}:
            shape = common_shape(owner, arrays)
            spread = zip(arrays, as_columns(shape, arrays), strict=True)
            columns = values | {name: float(column[0]) if column.size == 1 else column for name, column in spread}
        self._check()
        object.__setattr__(self, "_state", _Numbers(shape, values, words, self._planned(columns, words)))

    def _planned(self, columns: dict[str, Any], words: dict[str, str]) -> _core.Plan | None:
        """Have the engine judge the inputs; return its plan, if there is one."""
        _core.check_group(self.group.owner, columns, words)
        return None

    def _settle_rows(self, name: str, rows: Any) -> dict[str, float | Floats]:
        """Make numbers of a field that holds any number of rows, each a tuple of values."""
        owner, names = type(self).__name__, tuple(self.group.parts[name].group.fields)
        try:
            listed = [dict(zip(names, row, strict=True)) for row in rows]
        except (TypeError, ValueError):
            words = " and a ".join(field.replace("_", " ") for field in names)
            raise DtypeError(owner, name, type(rows).__name__, f"pairs of a {words}") from None
        values = {
            f"{name}[{k}].{field}": _number(owner, f"{name}[{k}].{field}", value)
            for k, row in enumerate(listed)
            for field, value in row.items()
        }
        frozen = tuple(tuple(values[f"{name}[{k}].{field}"] for field in names) for k in range(len(listed)))
        object.__setattr__(self, name, frozen)
        return values

    def _describe(self, fields: dict[str, Any], uncertain: dict[str, Distribution | Derived]) -> None:
        """Keep uncertain fields as they are; check the other fields with the distributions at their medians."""
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        medians = {path: each.quantile(0.5) for path, each in uncertain.items() if isinstance(each, Distribution)}
        if len(medians) == len(uncertain):
            middle = with_values(self, medians)
            for name, value in middle._fields().items():
                if not any(self._uncertain_in(name, fields[name])):
                    object.__setattr__(self, name, value)

    def _converted(self, name: str, value: Any) -> Any:
        """Return a field's value with the distributions of other libraries as ours."""
        if is_foreign(value):
            return distribution_of(value, type(self).__name__, name)
        part = self.group.parts.get(name)
        if part is None or part.presence != "repeated" or not isinstance(value, (list, tuple)):
            return value
        rows = [row if isinstance(row, (list, tuple)) else (row,) for row in value]
        if any(_is_uncertain(number) for row in rows for number in row):
            return tuple(tuple(self._converted("", number) for number in row) for row in rows)
        return value

    def _uncertain_in(self, name: str, value: Any) -> Iterator[tuple[str, Distribution | Derived]]:
        """Find the distributions and formulas of a field's value, with their paths."""
        if isinstance(value, (Distribution, Derived)):
            yield name, value
        elif isinstance(value, Described):
            yield from ((f"{name}.{path}", each) for path, each in value._uncertain.items())
        elif (part := self.group.parts.get(name)) is not None and isinstance(value, (list, tuple)):
            for k, row in enumerate(value):
                inner = zip(part.group.fields, row if isinstance(row, (list, tuple)) else (), strict=False)
                yield from (
                    (f"{name}[{k}].{field}", each) for field, each in inner if isinstance(each, (Distribution, Derived))
                )

    @property
    def _numbers(self) -> _Numbers:
        """Values, words and plan; refused where a field is uncertain."""
        if self._state is None:
            field, value = next(iter(self._uncertain.items()))
            rule = "a number or an array here; takeoff.ensemble draws uncertain fields"
            raise InvalidValueError(type(self).__name__, field, value, rule)
        return self._state

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the paths; ``()`` for a single one."""
        return self._numbers.shape

    @property
    def _numeric(self) -> dict[str, Floats]:  # type: ignore[override]
        return {name: np.asarray(value) for name, value in self._numbers.values.items()}

    def _column(self, name: str) -> Floats:
        """Return a field's values, spread over the paths."""
        return np.broadcast_to(np.asarray(self._numbers.values[name]), self.shape)


class Model(Described):
    """Base of the models.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.GrowthLaw(r=[0.7, 1, 3], first_doubling=1).shape
    (3,)
    """

    spec: ClassVar[Spec]
    """The model as data."""
    name: ClassVar[str]
    """Name of the model in scenario files."""
    citations: ClassVar[tuple[str, ...]]
    """Publications behind the model, as keys of :mod:`takeoff.citations`."""
    Result: ClassVar[Any]
    """Class of the results of :func:`takeoff.simulate`."""
    influences: ClassVar[tuple[Influence, ...]] = ()
    """What drives what in the causal loop, in addition to what the models inside it declare."""

    @property
    def _plan(self) -> _core.Plan:
        plan = self._numbers.plan
        assert plan is not None  # noqa: S101  (of a part alone)
        return plan

    def _planned(self, columns: dict[str, Any], words: dict[str, str]) -> _core.Plan:
        return _core.Plan(self.name, columns, words)


class _Numbers(NamedTuple):
    """What a model or a part holds once all its fields are numbers."""

    shape: tuple[int, ...]
    values: dict[str, float | Floats]
    """Numeric fields by their path."""
    words: dict[str, str]
    """Choices by their path."""
    plan: _core.Plan | None


def with_values(model: Any, values: Mapping[str, Any], path: str = "") -> Any:
    """Return a model, a part or a value with other values in place of those that the paths name, as ``part.field``."""
    if path in values:
        return values[path]
    if not isinstance(model, Described):
        return model
    start = f"{path}." if path else ""
    fields = {}
    for name, value in model._fields().items():
        part = model.group.parts.get(name)
        if part is not None and part.presence == "repeated":
            fields[name] = tuple(
                tuple(
                    values.get(f"{start}{name}[{k}].{field}", each)
                    for field, each in zip(part.group.fields, row, strict=True)
                )
                for k, row in enumerate(value)
            )
        else:
            fields[name] = with_values(value, values, start + name)
    return type(model)(**fields)


def plain(value: Floats) -> Any:
    """Return an array without axes as a float, and others as they are."""
    return float(value) if value.ndim == 0 else value


def _number(owner: str, name: str, value: Any) -> Any:
    return float(value) if is_float(value) else plain(as_floats(owner, name, value))


def _is_uncertain(value: Any) -> bool:
    return isinstance(value, (Distribution, Derived)) or is_foreign(value)


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
