"""Histograms of columns, counted piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff._arrays import as_floats
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from takeoff._arrays import Floats

__all__ = ["Histograms"]

_OWNER = "ensemble"


class Histograms:
    """Counts in bins between given edges, and beyond them; counts of pieces add up to those of the whole.

    Parameters
    ----------
    edges : mapping of str to array, or None
        Ascending edges by the name of a column.
    """

    def __init__(self, edges: Any) -> None:
        if edges is not None and not hasattr(edges, "items"):
            raise DtypeError(
                _OWNER, "histograms", type(edges).__name__, "a mapping of names of columns to edges of bins"
            )
        self._edges = {name: _edges(name, each) for name, each in ({} if edges is None else edges).items()}
        self._counts: dict[str, Any] = dict.fromkeys(self._edges, 0)

    def counted(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Counts of a piece, which changes nothing yet."""
        found = {}
        for name, edges in self._edges.items():
            if name not in columns:
                raise UnknownNameError("column in histograms", name, columns)
            values = np.asarray(columns[name])
            if values.dtype.kind not in "fiub":
                raise DtypeError(_OWNER, f"histograms[{name!r}]", f"of {values.dtype}", "of a column of numbers")
            place = np.searchsorted(edges, values[values == values], side="right") - 1  # a NaN is in none
            bins = edges.size - 1
            found[name] = np.bincount(np.minimum(place, bins - 1), minlength=bins)
        return found

    def add(self, counts: Mapping[str, Any]) -> None:
        """Add the counts of a piece."""
        for name, count in counts.items():
            self._counts[name] = self._counts[name] + count

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """``low``, ``high`` and ``count`` of each bin by the name of the column."""
        return {
            name: pl.DataFrame({"low": edges[:-1], "high": edges[1:], "count": self._counts[name]})
            for name, edges in self._edges.items()
        }


def _edges(name: Any, given: Any) -> Floats:
    """Edges with infinity at both ends."""
    field = f"histograms[{name!r}]"
    edges = as_floats(_OWNER, field, given)
    if edges.ndim != 1:
        raise ShapeError(f"{field} must have one axis, got shape {edges.shape} ({_OWNER}.{field})")
    falls = ~(np.diff(edges, prepend=-np.inf) > 0) & (np.arange(edges.size) > 0) | np.isnan(edges)
    if falls.any():
        index = int(falls.argmax())
        raise InvalidValueError(_OWNER, field, float(edges[index]), "ascending edges of bins", index)
    return np.unique([-np.inf, *edges, np.inf])
