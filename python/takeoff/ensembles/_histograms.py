"""Histograms of columns: counts in bins between given edges, and beyond them, which add up over pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from takeoff._arrays import as_floats
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from takeoff._arrays import Floats

__all__ = ["binned", "checked_edges", "frames"]

_OWNER: Final = "ensemble"


def checked_edges(histograms: Any) -> dict[str, Floats]:
    """Check edges of bins by the name of a column; return them with infinity at both ends."""
    if histograms is not None and not hasattr(histograms, "items"):
        kind = type(histograms).__name__
        raise DtypeError(_OWNER, "histograms", kind, "a mapping of names of columns to edges of bins")
    return {name: _edges(name, edges) for name, edges in ({} if histograms is None else histograms).items()}


def binned(edges: Mapping[str, Floats], columns: Mapping[str, Any]) -> dict[str, npt.NDArray[np.intp]]:
    """Count the values of columns in bins; a NaN is in none."""
    counts = {}
    for name, ends in edges.items():
        if name not in columns:
            raise UnknownNameError("column in histograms", name, columns)
        values = np.asarray(columns[name])
        if values.dtype.kind not in "fiub":
            raise DtypeError(_OWNER, f"histograms[{name!r}]", f"of {values.dtype}", "of a column of numbers")
        place = np.searchsorted(ends, values[values == values], side="right") - 1
        bins = ends.size - 1
        counts[name] = np.bincount(np.minimum(place, bins - 1), minlength=bins)
    return counts


def frames(edges: Mapping[str, Floats], counts: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Return the ``low``, ``high`` and ``count`` of each bin by the name of the column."""
    return {
        name: pl.DataFrame({"low": ends[:-1], "high": ends[1:], "count": counts[name]}) for name, ends in edges.items()
    }


def _edges(name: Any, values: Any) -> Floats:
    field = f"histograms[{name!r}]"
    edges = as_floats(_OWNER, field, values)
    if edges.ndim != 1:
        raise ShapeError(f"{field} must have one axis, got shape {edges.shape} ({_OWNER}.{field})")
    falls = ~(np.diff(edges, prepend=-np.inf) > 0) & (np.arange(edges.size) > 0) | np.isnan(edges)
    if falls.any():
        index = int(falls.argmax())
        raise InvalidValueError(_OWNER, field, float(edges[index]), "ascending edges of bins", index)
    return np.unique([-np.inf, *edges, np.inf])
