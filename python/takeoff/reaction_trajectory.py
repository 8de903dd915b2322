"""Results of a simulation of human reaction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from takeoff import _core
from takeoff._arrays import Floats, paths_in, policy, unwrapped
from takeoff._result import Result, duration, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import HumanReaction

__all__ = ["Behaviour", "ReactionTrajectory"]

Behaviour = Literal["settles", "oscillates", "escapes", "free"]

_OUTCOMES = np.array(["horizon", "singular", "limit", "unresolved"])
_BEHAVIOURS = np.array(["settles", "oscillates", "escapes", "free"])
_COLUMNS = 4
"""Columns of the engine's rows that have one value per time; statistics of the path follow them."""


@dataclass(frozen=True, eq=False, repr=False)
class ReactionTrajectory(Result):
    """Course of a growth law under a human reaction, for one path or many.

    Arrays carry the axes of the model's paths first, then time.

    Attributes
    ----------
    model : HumanReaction
        What was simulated.
    time : array of shape (points,)
        Years.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1.2, first_doubling=1 * takeoff.MONTH)
    >>> weekly = takeoff.HumanReaction(law, target_pace=24, gain=20, lag=7 * takeoff.DAY)
    >>> print(takeoff.simulate(weekly, horizon=3))  # doctest: +ELLIPSIS
    ReactionTrajectory of HumanReaction(law=GrowthLaw(r=1.2, ...), target_pace=24.0, gain=20.0, lag=0.0191..., ...)
      regime          explosion without the brake (criticality 1.2)
      outcome         horizon
      behaviour       settles
      horizon         3 years, 121 points
      at the horizon  28.25 doublings per year (target 24), brake 0.000..., returns 1
    """

    model: HumanReaction
    time: Floats
    _rows: Floats

    @property
    def horizon(self) -> float:
        """Time at which the simulation stops, years."""
        return float(self.time[-1])

    def _column(self, place: int) -> Floats:
        points = self.time.size
        return self._rows[:, place * points : (place + 1) * points].reshape((*self.model.shape, points))

    def _statistic(self, place: int) -> Any:
        return unwrapped(self._rows[:, _COLUMNS * self.time.size + place].copy(), self.model.shape)

    @cached_property
    def doublings(self) -> Floats:
        """Doublings x = log2 S, shape (*paths, points); infinite from the singular time on."""
        return self._column(0)

    @cached_property
    def level(self) -> Floats:
        """Level S = 2^x, shape (*paths, points); infinite only from 1,024 doublings on, where float64 ends."""
        flat = np.ascontiguousarray(self.doublings).reshape(-1)
        return _core.level(flat, policy()).reshape(self.doublings.shape)

    @cached_property
    def brake(self) -> Floats:
        """Brake b on research effort, shape (*paths, points): 1 where it is off, constant after the end of a path.

        Above 0, but shown as 0 below the range of float64.
        """
        return self._column(1)

    @cached_property
    def pace(self) -> Floats:
        """Pace dx/dt, doublings per year, shape (*paths, points): infinite from the singular time on, 0 at a limit."""
        return self._column(2)

    @cached_property
    def returns(self) -> Floats:
        """Effective returns, brake included, shape (*paths, points).

        ``1/(1 - s/lambda)`` with ``s = d log2(pace)/dx`` along the path: the r of a law without limit or brake whose
        pace changes as fast. 1 where the brake holds the pace constant, the law's own where it is off. Infinite and
        then negative where the pace grows by more than any r would give.
        """
        return self._column(3)

    @property
    def outcome(self) -> Any:
        """How each path ends: ``"horizon"``, ``"singular"``, ``"limit"`` or ``"unresolved"``.

        A path is unresolved if the steps of the integrator ran out (4,000,000); its columns are NaN from there on.
        """
        return self._name(_OUTCOMES, 0)

    @property
    def singular_time(self) -> Any:
        """Time at which the level becomes infinite, years; infinite for a path that does not by the horizon."""
        return self._ended("singular")

    @property
    def limit_time(self) -> Any:
        """Time at which the limit is reached, years; infinite for a path that does not by the horizon."""
        return self._ended("limit")

    @property
    def behaviour(self) -> Any:
        """What the reaction comes to by the horizon.

        ``"escapes"``: the level becomes infinite. ``"oscillates"``: the last swing of ln pace is at least 0.001 and at
        least 0.9 times the one a cycle before, in the last cycle before the end. Else ``"settles"`` if the brake is on
        at the end, and ``"free"`` if it is off: the law goes by itself, as it does below the target. A horizon of a
        dozen lags or more tells these apart.
        """
        return self._name(_BEHAVIOURS, 2)

    @property
    def period(self) -> Any:
        """Time from the last peak (or trough) but one to the last, years; NaN for a path that does not oscillate."""
        return self._statistic(3)

    @property
    def amplitude(self) -> Any:
        """Half of the last swing of ln pace between peak and trough; NaN for a path that does not oscillate."""
        return self._statistic(4)

    @property
    def steps(self) -> Any:
        """Steps that the integrator took, those tried in vain included."""
        return self._statistic(5)

    def _name(self, names: Any, place: int) -> Any:
        named = names[np.asarray(self._statistic(place), dtype=np.int64)]
        return str(named) if named.ndim == 0 else named

    def _ended(self, outcome: str) -> Any:
        time = np.where(np.asarray(self.outcome) == outcome, self._statistic(1), np.inf)
        return float(time) if time.ndim == 0 else time

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per path and time.

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several paths;
        ``time_years``, ``doublings``, ``level``, ``pace_doublings_per_year``, ``brake``, ``returns``.
        """
        return self._long(
            {"time_years": self.time},
            {
                "doublings": self.doublings,
                "level": self.level,
                "pace_doublings_per_year": self.pace,
                "brake": self.brake,
                "returns": self.returns,
            },
        )

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per path: regime, outcome, behaviour, period, amplitude, the horizon, special times.

        ``path`` (index) and the parameters that differ between paths come first, where there are several paths.
        """
        return self._per_path(
            {
                "regime": self.regime,
                "outcome": self.outcome,
                "behaviour": self.behaviour,
                "period_years": self.period,
                "amplitude": self.amplitude,
                "doublings_at_horizon": self.doublings[..., -1],
                "pace_at_horizon_doublings_per_year": self.pace[..., -1],
                "brake_at_horizon": self.brake[..., -1],
                "singular_time_years": self.singular_time,
                "limit_time_years": self.limit_time,
            }
        )

    def plot(self, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
        """Draw the pace over time beside the target (needs the extra ``plot``).

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
        >>> law = takeoff.GrowthLaw(r=1.2, first_doubling=1 * takeoff.MONTH)
        >>> steady = takeoff.HumanReaction(law, target_pace=24, gain=20)
        >>> takeoff.simulate(steady, horizon=1).plot().axes[0].get_ylabel()
        'pace, doublings per year'
        """
        from takeoff import figures

        return figures.reaction(self, labels=labels, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        paths = paths_in(self.model.shape)
        span = ("horizon", f"{duration(self.horizon)}, {self.time.size:,} points")
        if paths > 1:
            return [
                ("paths", f"{paths:,} (shape {self.model.shape})"),
                span,
                ("regime", f"{shares(self.regime)} without the brake"),
                ("outcome", shares(self.outcome)),
                ("behaviour", shares(self.behaviour)),
            ]
        first = self.summary.row(0, named=True)
        behaviour, outcome = first["behaviour"], first["outcome"]
        if behaviour == "oscillates":
            factor = np.exp(first["amplitude"])
            behaviour += f" with a period of {duration(first['period_years'])}, by a factor of {factor:.3g} either way"
        ended = {"singular": "singular_time_years", "limit": "limit_time_years"}
        if outcome in ended:
            outcome += f" at {duration(first[ended[outcome]])}"
        target = float(np.ravel(self.model.target_pace)[0])
        pace, brake, returns = (float(column.reshape(-1)[-1]) for column in (self.pace, self.brake, self.returns))
        return [
            ("regime", f"{first['regime']} without the brake (criticality {float(np.min(self.criticality)):.4g})"),
            ("outcome", outcome),
            ("behaviour", behaviour),
            span,
            (
                "at the horizon",
                f"{pace:.4g} doublings per year (target {target:.4g}), brake {brake:.4g}, returns {returns:.4g}",
            ),
        ]
