"""Declaring a model or a part as a class: the spec gives the defaults and the documentation of its fields."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, dataclass_transform

from takeoff.errors import InternalError
from takeoff.models._base import Described, Model
from takeoff.models._spec import Choice, Field, Group, Part, spec_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT", "MODELS", "model", "part"]

MODELS: Final[dict[str, type[Model]]] = {}
"""Every model by its name in scenario files."""

DEFAULT: Any = object()
"""Stands for the default of a field, which the spec gives."""

_WIDTH: Final = 110
"""Longest line of the documentation of a field."""

_Class = TypeVar("_Class", bound=type[Any])


@dataclass_transform(frozen_default=True, eq_default=False)
def model(name: str) -> Callable[[_Class], _Class]:
    """Declare a class as the model of a name.

    Parameters
    ----------
    name : str
        Name in scenario files; ``NAME.toml`` describes it.

    Returns
    -------
    callable
        Decorator that makes a frozen dataclass of the class, puts in the defaults, and documents the fields.

    Raises
    ------
    InternalError
        Fields that are not those of the spec.
    """

    def declare(kind: _Class) -> _Class:
        spec = spec_of(name)
        kind.spec, kind.name, kind.citations = spec, name, spec.citations
        declared = _declared(kind, spec.group)
        MODELS[name] = declared
        return declared

    return declare


@dataclass_transform(frozen_default=True, eq_default=False)
def part(of: str, *path: str) -> Callable[[_Class], _Class]:
    """Declare a class as a part of a model.

    Parameters
    ----------
    of : str
        Name of the model.
    *path : str
        Fields that lead to the part.

    Returns
    -------
    callable
        Decorator, as that of :func:`model`.

    Raises
    ------
    InternalError
        Fields that are not those of the spec.
    """

    def declare(kind: _Class) -> _Class:
        group = spec_of(of).group
        for name in path:
            group = group.parts[name].group
        return _declared(kind, group)

    return declare


def _declared(kind: _Class, group: Group) -> _Class:
    names = [name for name, note in kind.__annotations__.items() if "ClassVar" not in note and "InitVar" not in note]
    inputs: dict[str, Field | Choice | Part] = {**group.fields, **group.choices, **group.parts}
    if set(names) != set(inputs):
        differing = ", ".join(sorted(set(names) ^ set(inputs)))
        raise InternalError(f"the fields of {kind.__name__} and its spec differ in {differing}")
    for name in names:
        if kind.__dict__.get(name) is DEFAULT:
            setattr(kind, name, getattr(inputs[name], "default", None))
    kind.group = group
    Described._kinds[group.owner] = kind
    kind.__doc__ = _documented(kind, {name: inputs[name] for name in names})
    dataclass(frozen=True, eq=False, repr=False)(kind)  # the same class
    return kind


def _documented(kind: type, inputs: dict[str, Any]) -> str | None:
    """Return the docstring with a section of the parameters before that of the errors."""
    if kind.__doc__ is None:  # run without docstrings
        return None
    text = inspect.cleandoc(kind.__doc__)
    entries = "\n".join(_entry(name, each, kind.__dict__.get(name)) for name, each in inputs.items())
    section, errors = "Parameters\n----------\n", "Raises\n------"
    if section in text:  # of an argument that is no field
        return text.replace(section, f"{section}{entries}\n", 1)
    return text.replace(errors, f"{section}{entries}\n\n{errors}", 1)


def _entry(name: str, described: Field | Choice | Part, default: Any) -> str:
    if isinstance(described, Choice):
        words = ", ".join(f'"{word}"' for word in described.options)
        head, rule = f'{name} : {{{words}}}, default "{default}"', ""
    elif isinstance(described, Part):
        of = described.group.owner
        repeated = f"sequence of ({', '.join(described.group.fields)}), default ()"
        optional = f"{of}, optional" if described.presence == "optional" else of
        head, rule = f"{name} : {repeated if described.presence == 'repeated' else optional}", ""
    else:
        default_text = (
            ", optional" if described.none is not None else "" if default is None else f", default {default!r}"
        )
        head, rule = f"{name} : float or array{default_text}", f" Must be {described.rule}."
    lines = [""]
    for word in (described.help + rule).split():
        if len(lines[-1]) + len(word) < _WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "\n".join([head, *(f"   {line}" for line in lines)])
