"""What results share: frames of many paths, the regime, and a readable form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from html import escape
from typing import Any

import numpy as np
import polars as pl

from takeoff._arrays import Floats, check_memory, paths_in
from takeoff.units import DAY, MONTH


class Result(ABC):
    """Base of the results of a simulation."""

    model: Any

    @property
    def criticality(self) -> Any:
        """Criticality of the model; see there."""
        return self.model.criticality

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"``; see the model."""
        return self.model.regime

    def _per_path(self, columns: dict[str, Any]) -> pl.DataFrame:
        """Frame of one row per path: its index and the parameters that differ, where there are several, and columns."""
        shape = self.model.shape
        first = {"path": np.arange(paths_in(shape), dtype=np.int64)} | parameters(self.model) if shape else {}
        each = {name: np.broadcast_to(np.asarray(value), shape).reshape(-1) for name, value in columns.items()}
        return pl.DataFrame(first | each)

    def _long(self, index: dict[str, Any], columns: dict[str, Floats]) -> pl.DataFrame:
        """Frame of one row per path and element of an index that all paths share, with columns of shape (*paths, n)."""
        shape, paths = self.model.shape, paths_in(self.model.shape)
        size = next(iter(columns.values())).size
        check_memory("frame", (2 + len(index) + len(columns)) * size, "use the arrays of the trajectory")
        first: dict[str, Any] = {}
        if shape:
            count = size // paths
            first["path"] = np.repeat(np.arange(paths, dtype=np.int64), count)
            first |= {name: np.repeat(each, count) for name, each in parameters(self.model).items()}
        return pl.DataFrame(
            first
            | {name: np.tile(each, paths) for name, each in index.items()}
            | {name: each.reshape(-1) for name, each in columns.items()},
        )

    @abstractmethod
    def _lines(self) -> list[tuple[str, str]]:
        """What the readable form says, by name."""

    def __repr__(self) -> str:
        lines = self._lines()
        width = max(len(name) for name, _ in lines)
        head = f"{type(self).__name__} of {self.model!r}"
        return "\n".join([head, *(f"  {name:<{width}}  {value}" for name, value in lines)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in self._lines()
        )
        caption = f"{type(self).__name__} of <code>{escape(repr(self.model))}</code>"
        return f"<table><caption>{caption}</caption>{rows}</table>"


def by_horizon(singular_time: Any, horizon: float) -> Any:
    """``"singular"`` where that comes by the horizon, else ``"horizon"``."""
    singular = np.asarray(singular_time)
    ends = np.where(np.isfinite(singular) & (singular <= horizon), "singular", "horizon")
    return str(ends) if ends.ndim == 0 else ends


def shares(names: Any) -> str:
    """How often each name occurs."""
    counted = zip(*np.unique(names, return_counts=True), strict=True)
    return ", ".join(f"{name} {count / np.size(names):.1%}" for name, count in counted)


def parameters(model: Any) -> dict[str, Floats]:
    """Columns of the parameters that differ between paths, with units in their names."""
    units = {"first_doubling": "years", "limit": "doublings", "doubling_time": "years", "time": "years"}
    units |= {"first_run": "years", "target_pace": "doublings_per_year", "gain": "per_year"}
    units |= {"lag": "years", "smoothing": "years"}
    units |= {"recent_doubling_time": "years", "compute_doubling_time": "years"}
    columns = {}
    for name, value in model._varying().items():
        unit = units.get(name.rpartition(".")[2], "")
        column = name.replace(".", "_").replace("[", "_").replace("]", "") + ("_" + unit if unit else "")
        columns[column] = np.broadcast_to(value, model.shape).reshape(-1)
    return columns


def duration(years: float) -> str:
    """A time in the unit in which it reads best, to three digits."""
    if not np.isfinite(years):
        return "never"
    for unit, size in (("years", 1.0), ("months", MONTH), ("days", DAY), ("hours", DAY / 24), ("seconds", DAY / 86400)):
        if abs(years) >= (2.0 if unit == "years" else 1.995) * size or (unit == "years" and years == 0):
            return f"{years / size:.3g} {unit}" if abs(years / size) < 1000 else f"{years / size:,.4g} {unit}"
    return f"{years / (DAY / 86400):.3g} seconds"
