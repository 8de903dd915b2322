"""Uncertain inputs of a model: what is drawn, and whether it lies in the range of its field."""

from __future__ import annotations

from dataclasses import dataclass
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

__all__ = ["Inputs", "uncertain_inputs"]

_OWNER: Final = "ensemble"


@dataclass(frozen=True)
class Inputs:
    """Uncertain inputs of a model.

    Attributes
    ----------
    variables : dict
        Distributions, formulas and numbers by name: fields of the model, and inputs of formulas.
    fields : dict
        The fields among them.
    """

    variables: dict[str, Any]
    fields: dict[str, Field]

    def refuse_what_is_outside(self, draws: int) -> None:
        """Refuse distributions of which at least one draw is expected outside the range of its field."""
        for name, field in self.fields.items():
            value = self.variables[name]
            if isinstance(value, Distribution) and (share := _share_outside(value, field)) * draws >= 1:
                raise _outside(name, value, field, f"{share:.2g} of its draws")

    def check(self, columns: Mapping[str, Floats]) -> None:
        """Refuse draws outside the range of their field."""
        for name, field in self.fields.items():
            column = columns[name]
            outside = ~field.allows(column)
            if outside.any():
                share = f"{outside.mean():.2g} of a piece of {outside.size:,} draws, such as {column[outside][0]:.6g},"
                raise _outside(name, self.variables[name], field, share)


def uncertain_inputs(model: Described, inputs: Mapping[str, Any] | None, *, truncate: bool) -> Inputs:
    """Collect the uncertain inputs of a model.

    Parameters
    ----------
    model : Described
        A model of one path.
    inputs : mapping or None
        Distributions, formulas and numbers by name: names in formulas, or fields in place of what the model says.
    truncate : bool
        Whether to truncate distributions to the range of their field.

    Returns
    -------
    Inputs
        With the numbers of the model that its formulas need.

    Raises
    ------
    DtypeError, InvalidValueError, ShapeError, UnknownNameError
        Inputs that the model does not have, or a model without uncertain ones or of many paths.
    """
    numbers = _numbers(model)
    if inputs is not None and not hasattr(inputs, "items"):
        raise DtypeError(_OWNER, "inputs", type(inputs).__name__, "a mapping of names to distributions")
    further = {name: _input(name, value) for name, value in (inputs or {}).items()}
    variables: dict[str, Any] = dict(model._uncertain) | further
    if not variables:
        rule = "a model with a distribution for at least one field, or inputs that give one"
        raise InvalidValueError(_OWNER, "model", model, rule)
    needed = _needed(variables, numbers)
    idle = [name for name in further if name not in numbers and name not in needed]
    if idle:
        raise UnknownNameError(f"field of this {type(model).__name__}, or name in a formula of it,", idle[0], numbers)
    fields = {name: numbers[name][0] for name in variables if name in numbers}
    if not fields:
        raise InvalidValueError(_OWNER, "inputs", list(further), "such that a field of the model is among them")
    for name in sorted(needed - set(variables)):
        number = numbers[name][1]
        if isinstance(number, float) and np.isfinite(number):
            variables[name] = number
    for name, field in fields.items():
        value = variables[name]
        if truncate and isinstance(value, Distribution) and _share_outside(value, field) > 0:
            variables[name] = Truncated(value, field.low, field.high)
    return Inputs(variables, fields)


def _needed(variables: Mapping[str, Any], numbers: Mapping[str, Any]) -> set[str]:
    """Return the names in formulas, which must be variables or numbers of the model."""
    formulas = {name: value for name, value in variables.items() if isinstance(value, Derived)}
    known = sorted({*numbers, *variables})
    for name, formula in formulas.items():
        for unknown in sorted(set(formula.names) - set(known)):
            raise UnknownNameError(f"name in {name} = {formula.formula!r}", unknown, known)
    return {name for formula in formulas.values() for name in formula.names}


def _share_outside(distribution: Distribution, field: Field) -> float:
    """Probability of a value outside the range of a field."""
    least, greatest = distribution.support
    below = distribution.cdf(np.nextafter(field.low, -np.inf)) if least < field.low else 0.0
    return float(below + (1 - distribution.cdf(field.high) if greatest > field.high else 0.0))


def _outside(name: str, value: Any, field: Field, share: str) -> InvalidValueError:
    allowed = f"{'from' if field.low_included else 'above'} {field.low:g} to {field.high:g}"
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
                    f"{place}[{k}].{inner}": (names[inner], number) for inner, number in zip(names, row, strict=True)
                }
    for place, (_, value) in fields.items():
        if isinstance(value, np.ndarray):
            raise ShapeError(f"model must be of one path: {place} has the shape {value.shape} (ensemble.model)")
    return fields
