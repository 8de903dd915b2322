"""Results of a simulation: columns, a frame, a readable form and a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import FloatLike, Floats, check_memory, paths_in, policy, quantiles, unwrapped
from takeoff._thresholds import crossing_time, time_between
from takeoff.models._base import plain
from takeoff.units import DAY, MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import GrowthLaw, ToyModel

__all__ = ["Outcome", "ToyTrajectory", "Trajectory"]

_MOST_LISTED = 8
"""Paths whose values a readable form lists one by one."""

Outcome = Literal["horizon", "singular", "limit"]


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """Course of a growth law, for one path or many.

    Arrays carry the axes of the model's paths first, then time (or the number of the doubling).

    Attributes
    ----------
    model : GrowthLaw
        What was simulated.
    time : array of shape (points,)
        Years.
    doublings : array of shape (*paths, points)
        Doublings x = log2 S at each time; infinite from the singular time on.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> takeoff.simulate(law, horizon=1).outcome
    'horizon'
    """

    model: GrowthLaw
    time: Floats
    doublings: Floats
    _count: int = field(default=40)

    @property
    def horizon(self) -> float:
        """Time at which the simulation stops, years."""
        return float(self.time[-1])

    @cached_property
    def level(self) -> Floats:
        """Level S = 2^x, shape (*paths, points); infinite only from 1,024 doublings on, where float64 ends."""
        return _core.level(self.doublings.reshape(-1), policy()).reshape(self.doublings.shape)

    @cached_property
    def pace(self) -> Floats:
        """Pace dx/dt, doublings per year, shape (*paths, points): infinite from the singular time on, 0 at a limit."""
        flat = self.doublings.reshape(-1)
        return self.model._engine.pace_at(flat, self.time.size, policy()).reshape(self.doublings.shape)

    @cached_property
    def doubling_times(self) -> Floats:
        """Time that each doubling takes, years, shape (*paths, count); infinite for those that the limit rules out."""
        times: Floats = self.model.doubling_times(self._count)
        return times

    @property
    def criticality(self) -> Any:
        """``r e`` of the model: see :attr:`GrowthLaw.criticality`."""
        return self.model.criticality

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"``."""
        return self.model.regime

    @cached_property
    def singular_time(self) -> Any:
        """Time at which the level becomes infinite, years, whether before the horizon or after; infinite if never."""
        return self.model.singular_time

    @cached_property
    def limit_time(self) -> Any:
        """Time at which the limit is reached, years; infinite if never."""
        return self.model.limit_time

    @property
    def outcome(self) -> Any:
        """How each path ends: ``"singular"`` or ``"limit"`` if that comes by the horizon, else ``"horizon"``."""
        ends = np.where(
            np.less_equal(self.singular_time, self.horizon),
            "singular",
            np.where(np.less_equal(self.limit_time, self.horizon), "limit", "horizon"),
        )
        return str(ends) if ends.ndim == 0 else ends

    @cached_property
    def _peak(self) -> tuple[Any, Any, Any]:
        shape, engine = self.model.shape, self.model._engine
        last = np.ascontiguousarray(self.doublings[..., -1]).reshape(-1)
        pace, at = engine.peak_pace(last, policy()), engine.peak_doublings(last, policy())
        times = np.reshape(self.model.time_at(np.where(np.isinf(at), 0.0, at).reshape(shape)), -1)
        singular = np.broadcast_to(np.asarray(self.singular_time), shape).reshape(-1)
        time = np.minimum(np.where(np.isinf(at), singular, times), self.horizon)
        return unwrapped(pace, shape), unwrapped(time, shape), unwrapped(at, shape)

    @property
    def peak_pace(self) -> Any:
        """Highest pace up to the horizon, doublings per year; infinite for a path that becomes singular by then."""
        return self._peak[0]

    @property
    def peak_time(self) -> Any:
        """Time of the highest pace, years; the horizon if the pace still rises there."""
        return self._peak[1]

    @property
    def peak_doublings(self) -> Any:
        """Doublings reached when the pace is highest; infinite for a path that becomes singular by the horizon."""
        return self._peak[2]

    def threshold_time(self, multiple: FloatLike = 5.0, *, recent_pace: FloatLike | None = None) -> Any:
        """Time at which the pace first reaches a multiple of the recent pace.

        Companies could commit not to exceed such a threshold without precautions: "Adopting a threshold level of
        substantial AI-led software acceleration", Eth & Davidson (2025), with 5 times the recent pace as its example.

        Parameters
        ----------
        multiple : float or array, default 5.0
            The threshold over the recent pace, from 1e-100 to 1e100; broadcasts against the paths.
        recent_pace : float or array, optional
            Doublings per year, from 1e-100 to 1e100 (default: the pace of each path at the start); broadcasts too.

        Returns
        -------
        float or array
            Years, independent of the points of the trajectory; 0 if the pace is there from the start, infinite if it
            is not by the horizon.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1 * takeoff.MONTH)
        >>> (takeoff.simulate(law, horizon=1).threshold_time() / takeoff.MONTH).round(2)
        array([ inf, 2.16])
        """
        return plain(crossing_time(self, "threshold_time", "multiple", multiple, recent_pace))

    def warning_time(
        self, multiple: FloatLike = 5.0, buffer: FloatLike = 3.0, *, recent_pace: FloatLike | None = None
    ) -> Any:
        """Time between a buffer below the threshold of the pace and the threshold.

        How long a company that watches the pace is warned once it "has increased to within some buffer of the threshold
        amount", Eth & Davidson (2025).

        Parameters
        ----------
        multiple : float or array, default 5.0
            The threshold over the recent pace, as :meth:`threshold_time` takes it.
        buffer : float or array, default 3.0
            The buffer over the recent pace, at most `multiple` (the default is chosen here: the paper names none).
        recent_pace : float or array, optional
            Doublings per year (default: the pace of each path at the start).

        Returns
        -------
        float or array
            Years; infinite where the threshold is not reached by the horizon.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
        >>> round(takeoff.simulate(law, horizon=1).warning_time() / takeoff.DAY, 1)
        11.0
        """
        return plain(time_between(self, multiple, buffer, recent_pace))

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per path and time.

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several paths;
        ``time_years``, ``doublings``, ``level``, ``pace_doublings_per_year``.
        """
        paths = paths_in(self.model.shape)
        check_memory("frame", 6 * self.doublings.size, "use the arrays of the trajectory")
        columns: dict[str, Any] = {}
        if self.model.shape:
            columns["path"] = np.repeat(np.arange(paths, dtype=np.int64), self.time.size)
            columns |= {name: np.repeat(each, self.time.size) for name, each in parameters(self.model).items()}
        columns |= {
            "time_years": np.tile(self.time, paths),
            "doublings": self.doublings.reshape(-1),
            "level": self.level.reshape(-1),
            "pace_doublings_per_year": self.pace.reshape(-1),
        }
        return pl.DataFrame(columns)

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per path: regime, outcome, criticality, doublings at the horizon, special times, peak.

        ``path`` (index) and the parameters that differ between paths come first, where there are several paths.
        """
        shape = self.model.shape
        first = {"path": np.arange(paths_in(shape), dtype=np.int64)} | parameters(self.model) if shape else {}

        def each(value: Any) -> Any:
            return np.broadcast_to(np.asarray(value), shape).reshape(-1)

        return pl.DataFrame(
            first
            | {
                "regime": each(self.regime),
                "outcome": each(self.outcome),
                "criticality": each(self.criticality),
                "doublings_at_horizon": each(self.doublings[..., -1]),
                "singular_time_years": each(self.singular_time),
                "limit_time_years": each(self.limit_time),
                "peak_pace_doublings_per_year": each(self.peak_pace),
                "peak_time_years": each(self.peak_time),
                "peak_doublings": each(self.peak_doublings),
            },
        )

    def plot(self, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
        """Draw the doublings over time (needs the extra ``plot``).

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
        from takeoff import figures

        return figures.trajectory(self, labels=labels, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        paths = paths_in(self.model.shape)
        if paths > 1:
            ends_at = self.doublings[..., -1].reshape(-1)
            if paths <= _MOST_LISTED:
                reached = f"{', '.join(f'{x:.4g}' for x in ends_at)} doublings"
            else:
                low, middle, high = quantiles(ends_at, (0.05, 0.5, 0.95))
                reached = f"{middle:.4g} doublings in the median, 5% to 95%: {low:.4g} to {high:.4g}"
            return [
                ("paths", f"{paths:,} (shape {self.model.shape})"),
                ("horizon", f"{duration(self.horizon)}, {self.time.size:,} points"),
                ("regime", shares(self.regime)),
                ("outcome", shares(self.outcome)),
                ("at the horizon", reached),
            ]
        singular, limit = (float(np.min(t)) for t in (self.singular_time, self.limit_time))
        outcome = str(np.ravel(self.outcome)[0])
        ended = {"singular": f" at {duration(singular)}", "limit": f" at {duration(limit)}", "horizon": ""}[outcome]
        first = self.doubling_times.reshape(-1)[:5]
        end = float(self.doublings.reshape(-1)[-1])
        return [
            ("regime", f"{np.ravel(self.regime)[0]} (criticality {float(np.min(self.criticality)):.4g})"),
            ("outcome", f"{outcome}{ended}"),
            ("horizon", f"{duration(self.horizon)}, {self.time.size:,} points"),
            ("at the horizon", f"{end:.4g} doublings (level {float(self.level.reshape(-1)[-1]):.4g})"),
            ("doubling times", ", ".join(duration(float(t)) for t in first) + ", ..."),
            (
                "peak pace",
                f"{float(np.min(self.peak_pace)):.4g} doublings per year at {duration(float(np.min(self.peak_time)))}",
            ),
        ]

    def __repr__(self) -> str:
        return text_form("Trajectory", self.model, self._lines())

    def _repr_html_(self) -> str:
        return html_form("Trajectory", self.model, self._lines())


def shares(names: Any) -> str:
    """How often each name occurs."""
    counted = zip(*np.unique(names, return_counts=True), strict=True)
    return ", ".join(f"{name} {count / np.size(names):.1%}" for name, count in counted)


def parameters(model: Any) -> dict[str, Floats]:
    """Columns of the parameters that differ between paths, with units in their names."""
    units = {"first_doubling": "years", "limit": "doublings", "doubling_time": "years", "time": "years"}
    units |= {"first_run": "years", "target_pace": "doublings_per_year", "gain": "per_year"}
    units |= {"lag": "years", "smoothing": "years"}
    columns = {}
    for name, value in model._varying().items():
        unit = units.get(name.rpartition(".")[2], "")
        column = name.replace(".", "_").replace("[", "_").replace("]", "") + ("_" + unit if unit else "")
        columns[column] = np.broadcast_to(value, model.shape).reshape(-1)
    return columns


@dataclass(frozen=True, eq=False, repr=False)
class ToyTrajectory:
    """Course of a toy model, doubling by doubling.

    Arrays have shape (*paths, doublings).

    Attributes
    ----------
    model : ToyModel
        What was simulated.
    horizon : float
        Time at which the simulation stops, years; infinite where none was given.
    papers : array
        Papers that each doubling takes.
    agis : array
        AGIs at work during each doubling.
    durations : array
        Time that each doubling takes, years.
    ends : array
        Time at which each doubling is done, years.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.simulate(takeoff.ToyModel(papers_factor=3)).papers[:3]
    array([ 2.,  6., 18.])
    """

    model: ToyModel
    horizon: float
    papers: Floats
    agis: Floats
    durations: Floats
    ends: Floats

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"``."""
        return self.model.regime

    @property
    def singular_time(self) -> Any:
        """Time at which the number of AGIs becomes infinite, years; infinite if never."""
        return self.model.singular_time

    @property
    def outcome(self) -> Any:
        """``"singular"`` where that comes by the horizon, else ``"horizon"``."""
        singular = np.asarray(self.singular_time)
        ends = np.where(np.isfinite(singular) & (singular <= self.horizon), "singular", "horizon")
        return str(ends) if ends.ndim == 0 else ends

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per doubling that is done by the horizon (and per path, where there are several).

        Columns: ``path`` where there are several, ``doubling``, ``papers``, ``agis``, ``duration_years``,
        ``end_years``.
        """
        count = self.ends.shape[-1]
        paths = paths_in(self.model.shape)
        columns: dict[str, Any] = {}
        if self.model.shape:
            columns["path"] = np.repeat(np.arange(paths, dtype=np.int64), count)
        columns |= {
            "doubling": np.tile(np.arange(1, count + 1, dtype=np.int64), paths),
            "papers": self.papers.reshape(-1),
            "agis": self.agis.reshape(-1),
            "duration_years": self.durations.reshape(-1),
            "end_years": self.ends.reshape(-1),
        }
        return pl.DataFrame(columns).filter(pl.col("end_years") <= self.horizon)

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per model: regime, outcome, r, the last doubling and its end, singular time.

        ``path`` (index) and the parameters that differ between models come first, where there are several.
        """
        shape = self.model.shape
        first = {"path": np.arange(paths_in(shape), dtype=np.int64)} | parameters(self.model) if shape else {}

        def each(value: Any) -> Any:
            return np.broadcast_to(np.asarray(value), shape).reshape(-1)

        return pl.DataFrame(
            first
            | {
                "regime": each(self.regime),
                "outcome": each(self.outcome),
                "returns": each(self.model.r),
                "last_doubling": np.full(paths_in(shape), self.ends.shape[-1], dtype=np.int64),
                "last_end_years": each(self.ends[..., -1]),
                "singular_time_years": each(self.singular_time),
            },
        )

    def plot(self, *, doublings: int = 5, path: int = 0, ax: Axes | None = None) -> Figure:
        """Draw the doublings on a time line, as the paper's Figures 6 and 7 (needs the extra ``plot``).

        Parameters
        ----------
        doublings : int, default 5
            Number of doublings to draw, at most those that were simulated.
        path : int, default 0
            Of several models, the one to draw; the title names it.
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The figure; save it with ``savefig``.

        Examples
        --------
        >>> import takeoff
        >>> len(takeoff.simulate(takeoff.ToyModel()).plot(doublings=3).axes[0].patches)
        3
        """
        from takeoff import figures

        return figures.time_line(self, doublings=doublings, path=path, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        singular = float(np.ravel(self.singular_time)[0])
        durations = self.durations.reshape(-1, self.durations.shape[-1])[0, :5]
        lines = [("regime", f"{np.ravel(self.regime)[0]} (r = {float(np.ravel(self.model.r)[0]):.4g})")]
        if np.isfinite(singular):
            lines.append(("singular at", duration(singular)))
        lines += [
            ("doublings", f"{self.ends.shape[-1]:,}"),
            ("durations", ", ".join(duration(float(t)) for t in durations) + ", ..."),
        ]
        return lines if not self.model.shape else [("paths", f"{paths_in(self.model.shape):,}; the first:"), *lines]

    def __repr__(self) -> str:
        return text_form("ToyTrajectory", self.model, self._lines())

    def _repr_html_(self) -> str:
        return html_form("ToyTrajectory", self.model, self._lines())


def duration(years: float) -> str:
    """A time in the unit in which it reads best, to three digits."""
    if not np.isfinite(years):
        return "never"
    for unit, size in (("years", 1.0), ("months", MONTH), ("days", DAY), ("hours", DAY / 24), ("seconds", DAY / 86400)):
        if abs(years) >= (2.0 if unit == "years" else 1.995) * size or (unit == "years" and years == 0):
            return f"{years / size:.3g} {unit}" if abs(years / size) < 1000 else f"{years / size:,.4g} {unit}"
    return f"{years / (DAY / 86400):.3g} seconds"


def text_form(kind: str, model: Any, lines: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in lines)
    return "\n".join([f"{kind} of {model!r}", *(f"  {name:<{width}}  {value}" for name, value in lines)])


def html_form(kind: str, model: Any, lines: list[tuple[str, str]]) -> str:
    from html import escape

    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
        for name, value in lines
    )
    return f"<table><caption>{kind} of <code>{escape(repr(model))}</code></caption>{rows}</table>"
