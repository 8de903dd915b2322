"""Results of a simulation: columns that are computed when first used, frames, a readable form and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, overload

import numpy as np
import polars as pl

from takeoff._answers import ask, typed
from takeoff._arrays import Floats, check_memory, paths_in, quantiles
from takeoff._draw import draw
from takeoff.errors import UnknownNameError
from takeoff.units import DAY, MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models._base import Model

__all__ = ["Trajectory"]

MOST_LISTED: Final = 8
"""Paths whose values a readable form lists one by one."""


_Read = TypeVar("_Read")


class _Column(Generic[_Read]):
    """Attribute that reads an output of the model's spec.

    Parameters
    ----------
    output : str
        Output of the model's spec.
    doc : str
        Docstring of the attribute.
    """

    def __init__(self, output: str, doc: str) -> None:
        self.output, self.__doc__ = output, doc

    @overload
    def __get__(self, result: None, owner: type) -> Self: ...
    @overload
    def __get__(self, result: Trajectory, owner: type) -> _Read: ...
    def __get__(self, result: Trajectory | None, owner: type) -> Any:
        return self if result is None else result.column(self.output)


class series(_Column[Floats]):  # noqa: N801  (a descriptor, written where a property would be)
    """Attribute that holds a series of the result, of shape (*paths, values along the axis)."""


class value(_Column[Any]):  # noqa: N801  (a descriptor, written where a property would be)
    """Attribute that holds one value per path: a float, an integer, a truth value or text, or an array of them."""


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Trajectory:
    """Course of a model, for one path or many.

    Arrays carry the axes of the model's paths first, then time, or the number of the step.

    Attributes
    ----------
    model : Model
        What was simulated.
    horizon : float
        Time at which the simulation stops, years; infinite where none was given.
    time : array of shape (points,) or None
        Years; None for a model without a course over time.
    step_count : int
        Number of steps that are followed; 0 for a model without steps.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> result = takeoff.simulate(law, horizon=1)
    >>> result.outcome, isinstance(result, takeoff.Trajectory)
    ('horizon', True)
    """

    model: Any
    horizon: float
    time: Any
    step_count: int
    _computed: dict[str, Floats]
    """Raw outputs by name."""

    def __init__(
        self,
        model: Any,
        horizon: float,
        time: Floats | None = None,
        step_count: int = 0,
        threads: int | None = None,
    ) -> None:
        fields = {"model": model, "horizon": horizon, "time": time, "step_count": step_count}
        self.__dict__.update(fields, _computed={})  # the class is frozen
        self._compute(self._first(), threads)

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"``; see the model."""
        return self.column("regime")

    @property
    def criticality(self) -> Any:
        """Criticality of the model; see there."""
        return self.column("criticality")

    @property
    def outcome(self) -> Any:
        """How each path ends."""
        return self.column("outcome")

    def column(self, name: str) -> Any:
        """Return an output of the model: one value per path, or a series along time or steps.

        Parameters
        ----------
        name : str
            Name in ``model.spec.outputs``.

        Returns
        -------
        float, int, bool, str or array
            Of the shape of the paths; a series has its axis last.

        Raises
        ------
        UnknownNameError
            A name that is not an output of the model.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1 * takeoff.MONTH)
        >>> takeoff.simulate(law, horizon=1, points=3).column("doublings_at")
        array([ 0.,  6., 12.])
        """
        if name not in self._computed:
            if name not in self.model.spec.outputs:
                raise UnknownNameError(f"output of a {type(self.model).__name__}", name, self.model.spec.outputs)
            self._compute([name])
        output, shape = self.model.spec.outputs[name], self.model.shape
        if output.along is None:
            return typed(output, self._computed[name], shape)
        return self._computed[name].reshape((*shape, -1))

    def _compute(self, names: Sequence[str], threads: int | None = None) -> None:
        """Compute outputs that are not there yet, with all that comes from the same integration, in one call."""
        outputs = self.model.spec.outputs
        passes = {outputs[name].passed for name in names} - {0}
        together = (
            [name for name, each in outputs.items() if each.passed in passes and self._has(each.along)]
            if passes
            else []
        )
        missing = [name for name in dict.fromkeys([*names, *together]) if name not in self._computed]
        if missing:
            along: dict[str, Any] = {} if self.time is None else {"time": self.time}
            if self.step_count:
                along["step"] = self.step_count
            horizon = self.horizon if np.isfinite(self.horizon) else None
            self._computed.update(ask(self.model, missing, horizon=horizon, along=along, threads=threads))

    def _has(self, axis: str | None) -> bool:
        return axis is None or (axis == "time" and self.time is not None) or (axis == "step" and self.step_count > 0)

    def _first(self) -> list[str]:
        """Return what is computed at once: the first series, or what the horizon decides."""
        spec = self.model.spec
        axis = "time" if self.time is not None else "step"
        if self._has(axis):
            for name, output in spec.outputs.items():
                if output.along == axis:
                    return [name]
        return [name for name, each in spec.outputs.items() if each.horizon and each.along is None][:1]

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per path and time (or step).

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several paths;
        ``time_years`` or the number of the step; then the series of the model, with their units.
        """
        axis = "time" if self.time is not None else "step"
        step = (self.model.spec.grid.steps or "steps").removesuffix("s")
        index = (
            {"time_years": self.time} if axis == "time" else {step: np.arange(1, self.step_count + 1, dtype=np.int64)}
        )
        names = self.model.spec.series(axis)
        self._compute(names)
        return self._long(index, {self.model.spec.outputs[name].column: self.column(name) for name in names})

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per path: how it ends, and what else is one value per path.

        ``path`` (index) and the parameters that differ between paths come first, where there are several paths.
        """
        return self._per_path(self._summary())

    def _summary(self) -> dict[str, Any]:
        names, outputs = self.model.spec.summary, self.model.spec.outputs
        self._compute(names)
        return {outputs[name].column: self.column(name) for name in names}

    def plot(self, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
        """Draw the course (needs the extra ``plot``).

        Parameters
        ----------
        labels : sequence of str, optional
            Names of the lines, of up to six paths (default: the parameters in which they differ).
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The figure; save it with ``savefig``. Up to six paths are lines, more are bands.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=0.7, first_doubling=1 * takeoff.MONTH)
        >>> takeoff.simulate(law, horizon=1).plot().axes[0].get_xlabel()
        'time since the start, months'
        """
        return draw(self.model.spec.figure, self, labels=labels, ax=ax)

    def _per_path(self, columns: Mapping[str, Any]) -> pl.DataFrame:
        """Return a frame of one row per path: its index and the parameters that differ, if several, and columns."""
        shape = self.model.shape
        if shape == ():
            return pl.DataFrame({name: [np.asarray(column).item()] for name, column in columns.items()})
        index = {"path": np.arange(paths_in(shape), dtype=np.int64)} | parameters(self.model)
        spread = {name: np.broadcast_to(np.asarray(column), shape).reshape(-1) for name, column in columns.items()}
        return pl.DataFrame(index | spread)

    def _long(self, index: Mapping[str, Any], columns: Mapping[str, Floats]) -> pl.DataFrame:
        """Return a frame of one row per path and element of an index, with columns of shape (*paths, n)."""
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

    def _lines(self) -> list[tuple[str, str]]:
        """Return what the readable form says, by name."""
        spec, paths = self.model.spec, paths_in(self.model.shape)
        lines = [] if paths == 1 else [("paths", f"{paths:,} (shape {self.model.shape})")]
        if np.isfinite(self.horizon):
            points = "" if self.time is None else f", {self.time.size:,} points"
            lines.append(("horizon", f"{duration(self.horizon)}{points}"))
        self._compute(spec.summary)
        for name in spec.summary:
            output, column = spec.outputs[name], np.ravel(self.column(name))
            if output.kind in ("word", "flag"):
                text = str(column[0]) if paths == 1 else shares(column)
            else:
                text = _in_words(column.astype(np.float64), output.unit)
            lines.append((output.label, text))
        return lines

    def __repr__(self) -> str:
        lines = self._lines()
        width = max(len(name) for name, _ in lines)
        head = f"{type(self).__name__} of {self.model!r}"
        return "\n".join([head, *(f"  {name:<{width}}  {text}" for name, text in lines)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(text)}</td></tr>"
            for name, text in self._lines()
        )
        caption = f"{type(self).__name__} of <code>{escape(repr(self.model))}</code>"
        return f"<table><caption>{caption}</caption>{rows}</table>"


def _in_words(column: Floats, unit: str) -> str:
    """Return numbers of a unit as text: one, a few, or the middle 90% of many."""

    def written(number: float) -> str:
        if unit == "years":
            return duration(number)
        if unit == "calendar year":
            return f"{number:.2f}"
        return f"{number:.4g}" if unit == "1" else f"{number:.4g} {unit}"

    if column.size <= MOST_LISTED:
        return ", ".join(written(float(number)) for number in column)
    known = column[column == column]
    if not known.size:
        return "NaN for all"
    low, middle, high = (written(float(number)) for number in quantiles(known, (0.05, 0.5, 0.95)))
    return f"{middle} in the median, 5% to 95%: {low} to {high}"


def shares(names: Any) -> str:
    """Return how often each name occurs, as text."""
    counted = zip(*np.unique(names, return_counts=True), strict=True)
    return ", ".join(f"{name} {count / np.size(names):.1%}" for name, count in counted)


def parameters(model: Model) -> dict[str, Floats]:
    """Return columns of the parameters that differ between paths, with units in their names."""
    columns = {}
    for path, values in model._varying().items():
        field = model.spec.group.field_at(path)
        part = path[: len(path) - len(field.name)] if field else path
        name = (part + (field.column if field else "")).replace(".", "_").replace("[", "_").replace("]", "")
        columns[name] = np.broadcast_to(values, model.shape).reshape(-1)
    return columns


def duration(years: float) -> str:
    """Return a time in the unit in which it reads best, to three digits."""
    if not np.isfinite(years):
        return "never"
    for unit, size in (("years", 1.0), ("months", MONTH), ("days", DAY), ("hours", DAY / 24), ("seconds", DAY / 86400)):
        if abs(years) >= (2.0 if unit == "years" else 1.995) * size or (unit == "years" and years == 0):
            return f"{years / size:.3g} {unit}" if abs(years / size) < 1000 else f"{years / size:,.4g} {unit}"
    return f"{years / (DAY / 86400):.3g} seconds"
