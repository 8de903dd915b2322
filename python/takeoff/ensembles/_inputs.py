"""Uncertain inputs of a model: what is drawn, and whether it lies in the range of its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff.distributions import Derived, Distribution, Truncated
from takeoff.distributions._foreign import distribution_of
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError
from takeoff.models._base import Described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from takeoff._arrays import Floats
    from takeoff.models._spec import Field

_OWNER: Final = "ensemble"


class Inputs:
    """Uncertain inputs of a model.

    Attributes
    ----------
    variables : dict
        What is drawn, by name: fields of the model, and inputs of formulas.
    fields : tuple of str
        Those that are fields.
    """

    def __init__(self, model: Described, inputs: Mapping[str, Any] | None, *, truncate: bool) -> None:
        numbers = _numbers(model)
        if inputs is not None and not hasattr(inputs, "items"):
            raise DtypeError(_OWNER, "inputs", type(inputs).__name__, "a mapping of names to distributions")
        given = {name: _input(name, value) for name, value in (inputs or {}).items()}
        self._owners = numbers
        self.variables: dict[str, Any] = dict(model._uncertain) | given
        if not self.variables:
            rule = "a model with a distribution for at least one field, or inputs that give one"
            raise InvalidValueError(_OWNER, "model", model, rule)
        self.fields = tuple(name for name in self.variables if name in numbers)
        formulas = {name: value for name, value in self.variables.items() if isinstance(value, Derived)}
        known = sorted({*numbers, *self.variables})
        for name, formula in formulas.items():
            for unknown in sorted(set(formula.names) - set(known)):
                raise UnknownNameError(f"name in {name} = {formula.formula!r}", unknown, known)
        needed = {name for formula in formulas.values() for name in formula.names}
        idle = [name for name in given if name not in numbers and name not in needed]
        if idle:
            raise UnknownNameError(
                f"field of this {type(model).__name__}, or name in a formula of it,", idle[0], numbers
            )
        if not self.fields:
            raise InvalidValueError(_OWNER, "inputs", list(given), "such that a field of the model is among them")
        for name in sorted(needed - set(self.variables)):
            value = numbers[name][1] if name in numbers else None
            if isinstance(value, float) and np.isfinite(value):
                self.variables[name] = value
        for name in self.fields:
            self._settle(name, truncate=truncate)

    def _settle(self, name: str, *, truncate: bool) -> None:
        """Truncate a field's distribution to the range of the field, where asked."""
        value = self.variables[name]
        if truncate and isinstance(value, Distribution) and self.share_outside(name) > 0:
            low, _, high = self._range(name)
            self.variables[name] = Truncated(value, low, high)

    def refuse_what_is_outside(self, draws: int) -> None:
        """Refuse distributions of which at least one draw is expected outside the range of its field."""
        for name in self.fields:
            if isinstance(self.variables[name], Distribution) and (share := self.share_outside(name)) * draws >= 1:
                raise self._outside(name, self.variables[name], f"{share:.2g} of its draws")

    def check(self, columns: Mapping[str, Floats]) -> None:
        """Refuse draws outside the range of their field."""
        for name in self.fields:
            low, included, high = self._range(name)
            column = columns[name]
            outside = ~((column >= low if included else column > low) & (column <= high))
            if outside.any():
                share = f"{outside.mean():.2g} of a piece of {outside.size:,} draws, such as {column[outside][0]:.6g},"
                raise self._outside(name, self.variables[name], share)

    def share_outside(self, name: str) -> float:
        """Probability of a value outside the range of a field."""
        distribution, (low, _, high) = self.variables[name], self._range(name)
        least, greatest = distribution.support
        below = distribution.cdf(np.nextafter(low, -np.inf)) if least < low else 0.0
        return float(below + (1 - distribution.cdf(high) if greatest > high else 0.0))

    def _range(self, name: str) -> tuple[float, bool, float]:
        field = self._owners[name][0]
        return field.low, field.low_included, field.high

    def _outside(self, name: str, value: Any, share: str) -> InvalidValueError:
        low, included, high = self._range(name)
        allowed = f"{'from' if included else 'above'} {low:g} to {high:g}"
        remedy = f"{share} are outside; outside='truncate' (--truncate) draws from the part that is inside"
        return InvalidValueError(_OWNER, name, value, f"{allowed} ({remedy})")


def _input(name: Any, value: Any) -> Any:
    if isinstance(value, Derived) or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    return distribution_of(value, _OWNER, f"inputs[{name!r}]")


def _numbers(described: Described, path: str = "") -> dict[str, tuple[Field, Any]]:
    """Return the numeric fields of a model by their path, each with its value."""
    fields: dict[str, tuple[Field, Any]] = {}
    for name, value in described._fields().items():
        place, group = f"{path}.{name}" if path else name, described.group
        if isinstance(value, Described):
            fields |= _numbers(value, place)
        elif name in group.fields:
            fields[place] = (group.fields[name], value)
        elif name in group.parts and value:
            names = group.parts[name].group.fields
            for k, row in enumerate(value):
                fields |= {
                    f"{place}[{k}].{inner}": (names[inner], each) for inner, each in zip(names, row, strict=True)
                }
    for place, (_, value) in fields.items():
        if isinstance(value, np.ndarray):
            raise ShapeError(f"model must be of one path: {place} has the shape {value.shape} (ensemble.model)")
    return fields
