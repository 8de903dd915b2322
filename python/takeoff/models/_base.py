"""What all models share: frozen fields, a shape of paths, comparison and a readable form."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from takeoff._arrays import Floats, as_columns, as_floats, common_shape


class Model:
    """Base of the models: frozen dataclasses whose numeric fields may be arrays, one value per path.

    Numeric fields broadcast against one another; their common shape is that of the paths.

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

    _shape: tuple[int, ...]

    def _freeze(self, numeric: dict[str, Any]) -> list[Floats]:
        """Replace numeric fields by floats or read-only arrays; give back the engine's columns."""
        owner = type(self).__name__
        fields = {name: as_floats(owner, name, value) for name, value in numeric.items()}
        object.__setattr__(self, "_shape", common_shape(owner, fields))
        for name, value in fields.items():
            object.__setattr__(self, name, float(value) if value.ndim == 0 else value)
        return as_columns(self._shape, fields)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the paths; ``()`` for a single one."""
        return self._shape

    def _fields(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(other) is not type(self):
            return NotImplemented
        theirs = other._fields()
        return all(
            np.shape(mine) == np.shape(theirs[name]) and bool(np.all(np.equal(mine, theirs[name])))
            if isinstance(mine, np.ndarray)
            else not isinstance(theirs[name], np.ndarray) and mine == theirs[name]
            for name, mine in self._fields().items()
        )

    def __hash__(self) -> int:
        return hash(
            (type(self), *(v.tobytes() if isinstance(v, np.ndarray) else v for v in self._fields().values())),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._fields())

    def __repr__(self) -> str:
        def shown(value: Any) -> str:
            if isinstance(value, np.ndarray):
                text: str = np.array2string(value, threshold=6, edgeitems=2, separator=", ")
                return text.replace("\n", "")
            return repr(value)

        inner = ", ".join(f"{name}={shown(value)}" for name, value in self._fields().items())
        return f"{type(self).__name__}({inner})"


def _rebuild(model: type, fields: dict[str, Any]) -> Any:
    return model(**fields)
