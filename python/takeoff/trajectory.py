"""Results of a simulation: columns, a frame, a readable form and a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from takeoff import _core
from takeoff._arrays import FloatLike, Floats, as_floats, common_shape, paths_in, policy, quantiles, unwrapped
from takeoff._result import Result, duration, shares
from takeoff._thresholds import crossing_time, time_between
from takeoff._windows import most_doublings
from takeoff.errors import InvalidValueError
from takeoff.models._base import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import GrowthLaw

__all__ = ["Outcome", "Trajectory"]

_MOST_LISTED = 8
"""Paths whose values a readable form lists one by one."""

Outcome = Literal["horizon", "singular", "limit"]


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory(Result):
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

    def most_doublings(self, within: FloatLike) -> Any:
        """Most doublings that are gained within a time, anywhere between the start and the horizon.

        Parameters
        ----------
        within : float or array
            Years, above 0 and at most 1e100; broadcasts against the paths. From the horizon on it is all of it.

        Returns
        -------
        float or array
            Doublings, independent of the points of the trajectory; infinite for a path that is singular by the horizon.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1 * takeoff.MONTH, limit=30)
        >>> takeoff.simulate(law, horizon=2).most_doublings(4 * takeoff.MONTH).round(2)
        array([ 2.76, 27.33])
        """
        return plain(most_doublings(self, "most_doublings", within))

    def most_years(self, within: FloatLike, *, recent_doubling_time: FloatLike) -> Any:
        """Most years of progress, at the recent pace, that are made within a time.

        Parameters
        ----------
        within : float or array
            Years, above 0 and at most 1e100; broadcasts against the paths.
        recent_doubling_time : float or array
            Time in which software doubled before, years, above 0 and at most 1e100; broadcasts too.

        Returns
        -------
        float or array
            Years of progress; infinite for a path that is singular by the horizon.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        References
        ----------
        Davidson & Houlden (2025) ask for years of progress within 4 and 12 months;
        :meth:`DavidsonHouldenTrajectory.most_years` is the same of their recursion, in whole doublings.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
        >>> course = takeoff.simulate(law, horizon=2)
        >>> course.most_years([4 * takeoff.MONTH, 1], recent_doubling_time=3 * takeoff.MONTH).round(1)
        array([6.8, 7.1])
        """
        recent = as_floats("most_years", "recent_doubling_time", recent_doubling_time)
        bad = ~((recent > 0) & (recent <= 1e100))
        if bad.any():
            index = int(bad.argmax())
            rule = "finite and > 0 (years, at most 1e100)"
            place = index if recent.ndim else None
            raise InvalidValueError("most_years", "recent_doubling_time", recent.flat[index], rule, place)
        most = most_doublings(self, "most_years", within)
        common_shape("most_years", {"paths and within": most, "recent_doubling_time": recent})
        return plain(most * recent)

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per path and time.

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several paths;
        ``time_years``, ``doublings``, ``level``, ``pace_doublings_per_year``.
        """
        return self._long(
            {"time_years": self.time},
            {"doublings": self.doublings, "level": self.level, "pace_doublings_per_year": self.pace},
        )

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per path: regime, outcome, criticality, doublings at the horizon, special times, peak.

        ``path`` (index) and the parameters that differ between paths come first, where there are several paths.
        """
        return self._per_path(
            {
                "regime": self.regime,
                "outcome": self.outcome,
                "criticality": self.criticality,
                "doublings_at_horizon": self.doublings[..., -1],
                "singular_time_years": self.singular_time,
                "limit_time_years": self.limit_time,
                "peak_pace_doublings_per_year": self.peak_pace,
                "peak_time_years": self.peak_time,
                "peak_doublings": self.peak_doublings,
            }
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
