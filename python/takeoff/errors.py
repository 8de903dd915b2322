"""The catalogue of errors: every exception that takeoff raises on purpose.

Each class has a stable ``code``. All are subclasses of :class:`TakeoffError`; classes for invalid values are also
subclasses of :class:`ValueError`. An error can be constructed from its message alone, as pickle and polars do.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CATALOGUE",
    "DtypeError",
    "InternalError",
    "InvalidValueError",
    "MissingExtraError",
    "OutputError",
    "ScenarioError",
    "ShapeError",
    "SizeError",
    "TakeoffError",
    "UnknownNameError",
]


class TakeoffError(Exception):
    """Base of all errors of takeoff."""

    code: ClassVar[str] = "takeoff"


class InvalidValueError(TakeoffError, ValueError):
    """A value lies outside what its field allows.

    Parameters
    ----------
    owner : str
        The model or function that has the field.
    name : str
        The field.
    value : object
        The value that was received.
    rule : str
        The allowed values, to follow "must be".
    index : int, optional
        Index of the value in an array.
    """

    code = "invalid-value"

    def __init__(
        self, owner: str, name: str = "", value: object = None, rule: str = "", index: int | None = None
    ) -> None:
        if not rule:
            super().__init__(owner)
            return
        self.owner, self.name, self.value, self.rule, self.index = owner, name, value, rule, index
        place = "" if index is None else f" at index {index}"
        super().__init__(f"{name} must be {rule}, got {shown(value)}{place} ({owner}.{name})")


class DtypeError(TakeoffError, ValueError, TypeError):
    """A value is of a type that its field does not accept."""

    code = "invalid-type"

    def __init__(self, owner: str, name: str = "", given: str = "", rule: str = "") -> None:
        if not rule:
            super().__init__(owner)
            return
        self.owner, self.name, self.given, self.rule = owner, name, given, rule
        super().__init__(f"{name} must be {rule}, got {given} ({owner}.{name})")


class ShapeError(TakeoffError, ValueError):
    """Arrays do not fit together, or one is empty or ragged."""

    code = "shape"


class SizeError(TakeoffError, ValueError):
    """The result would not fit in memory."""

    code = "size"

    def __init__(self, what: str, needed: int = 0, allowed: int = 0, remedy: str = "") -> None:
        if not remedy:
            super().__init__(what)
            return
        self.what, self.needed, self.allowed = what, needed, allowed
        super().__init__(f"{what} needs {_bytes(needed)} and at most {_bytes(allowed)} is taken; {remedy}")


class UnknownNameError(TakeoffError, ValueError):
    """A name is not among the known names."""

    code = "unknown-name"

    def __init__(self, what: str, given: object = None, allowed: Iterable[str] | None = None) -> None:
        if allowed is None:
            super().__init__(what)
            return
        self.what, self.given, self.allowed = what, given, tuple(allowed)
        nearest: list[str] = []
        if isinstance(given, str) and given:
            prefixed = [name for name in self.allowed if name.startswith(given)]
            nearest = difflib.get_close_matches(given, self.allowed, n=1) or prefixed
        hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
        super().__init__(f"{what} must be one of {', '.join(self.allowed)}, got {shown(given)}{hint}")


class ScenarioError(TakeoffError, ValueError):
    """A scenario file is not valid.

    Parameters
    ----------
    source : str
        The file or name of the scenario.
    problem : str
        Description of the problem: the key, its value, and the allowed values.
    """

    code = "invalid-scenario"

    def __init__(self, source: str, problem: str = "") -> None:
        if not problem:
            super().__init__(source)
            return
        self.source, self.problem = source, problem
        super().__init__(f"{problem} (scenario {source})")


class OutputError(TakeoffError, OSError):
    """An output cannot be written; existing files are unchanged."""

    code = "output"


class MissingExtraError(TakeoffError, ImportError):
    """An optional dependency is not installed."""

    code = "missing-extra"

    def __init__(self, what: str, extra: str = "") -> None:
        if not extra:
            super().__init__(what)
            return
        self.what, self.extra = what, extra
        super().__init__(f"{what} needs the extra {extra!r}: pip install 'takeoff[{extra}]'")


class InternalError(TakeoffError, RuntimeError):
    """A bug in takeoff. Please report it with the call that caused it."""

    code = "internal"


CATALOGUE: dict[str, type[TakeoffError]] = {
    error.code: error
    for error in (
        InvalidValueError,
        DtypeError,
        ShapeError,
        SizeError,
        UnknownNameError,
        ScenarioError,
        OutputError,
        MissingExtraError,
        InternalError,
    )
}
"""Errors by code."""


def shown(value: Any) -> str:
    """Format any value for a message, in 80 characters at most."""
    try:
        text = f"{value!r}" if isinstance(value, str) else f"{value}"
    except Exception:  # noqa: BLE001  (integers of thousands of digits, and whatever a foreign __str__ may raise)
        text = f"a {type(value).__name__} that cannot be shown"
    return text if len(text) <= 80 else text[:77] + "..."


def _bytes(count: int) -> str:
    """Format a number of bytes."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,} bytes"
