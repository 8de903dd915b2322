"""People who brake progress that seems too fast, and release the brake when it seems too slow."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from takeoff._answers import answer
from takeoff._arrays import paths_in
from takeoff.models._base import Model, Uncertain
from takeoff.models._declare import DEFAULT, model
from takeoff.models._influences import Influence
from takeoff.models.growth_law import GrowthLaw, check_law
from takeoff.trajectory import Trajectory, duration, series, shares, value

__all__ = ["Behaviour", "HumanReaction", "ReactionTrajectory"]

Behaviour = Literal["settles", "oscillates", "escapes", "free"]


class ReactionTrajectory(Trajectory):
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

    doublings = series(
        "doublings_at", "Doublings x = log2 S, shape (*paths, points); infinite from the singular time on."
    )
    level = series(
        "level", "Level S = 2^x, shape (*paths, points); infinite only from 1,024 doublings on, where float64 ends."
    )
    brake = series(
        "brake",
        """Brake b on research effort, shape (*paths, points): 1 where it is off, constant after the end of a path.

        Above 0, but shown as 0 below the range of float64.
        """,
    )
    pace = series(
        "pace",
        "Pace dx/dt, doublings per year, shape (*paths, points): infinite from the singular time on, 0 at a limit.",
    )
    returns = series(
        "returns",
        """Effective returns, brake included, shape (*paths, points).

        ``1/(1 - s/lambda)`` with ``s = d log2(pace)/dx`` along the path: the r of a law without limit or brake whose
        pace changes as fast. 1 where the brake holds the pace constant, the law's own where it is off. Infinite and
        then negative where the pace grows by more than any r would give.
        """,
    )
    outcome = value(
        "outcome",
        """How each path ends: ``"horizon"``, ``"singular"``, ``"limit"`` or ``"unresolved"``.

        A path is unresolved if the steps of the integrator ran out (4,000,000); its columns are NaN from there on.
        """,
    )
    singular_time = value(
        "singular_time",
        "Time at which the level becomes infinite, years; infinite for a path that does not by the horizon.",
    )
    limit_time = value(
        "limit_time", "Time at which the limit is reached, years; infinite for a path that does not by the horizon."
    )
    behaviour = value(
        "behaviour",
        """What the reaction comes to by the horizon.

        ``"escapes"``: the level becomes infinite. ``"oscillates"``: the last swing of ln pace is at least 0.001 and at
        least 0.9 times the one a cycle before, in the last cycle before the end. Else ``"settles"`` if the brake is on
        at the end, and ``"free"`` if it is off: the law goes by itself, as it does below the target. A horizon of a
        dozen lags or more tells these apart.
        """,
    )
    period = value(
        "period",
        "Time from the last peak (or trough) but one to the last, years; NaN for a path that does not oscillate.",
    )
    amplitude = value(
        "amplitude",
        "Half of the last swing of ln pace between peak and trough; NaN for a path that does not oscillate.",
    )
    steps = value("steps", "Steps that the integrator took, those tried in vain included.")

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


@model("human_reaction")
class HumanReaction(Model):
    """Growth law whose research effort people brake by the pace that they observe, against a target.

    With b the brake, a factor from 0 to 1 on research effort, and o the observed pace,

    ``dx/dt = pace(x) b^lambda``, ``smoothing do/dt = dx/dt - o`` and
    ``d ln b/dt = -gain ln(o(t - lag) / target_pace)``,

    where pace(x) is the law's own, with the growth of its hardware by the calendar, and o = dx/dt without smoothing.
    b never exceeds 1: there the brake is off, and stays off while the observed pace is below the target. Before the
    start the brake is off, and what was observed is the law's pace at the start. Whether the brake holds the pace
    (``settles``), makes it swing (``oscillates``) or comes too late (``escapes``) is found by
    :func:`takeoff.simulate`; ``docs/models.md`` derives where each is to be expected.

    Every numeric field may be an array; fields broadcast with those of the law, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        Something that is not a number, or not a growth law.
    ShapeError
        Fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Eth & Davidson (2025), "Being more mathematically concrete: returns to software R&D": the text before footnote 28
    (a reaction that oscillates, as to COVID) and after it (policy that targets constant exponential growth). The
    equations are this package's.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1.2, first_doubling=1 * takeoff.MONTH)
    >>> weeks = takeoff.HumanReaction(law, target_pace=24, gain=20, lag=[7 * takeoff.DAY, 90 * takeoff.DAY])
    >>> takeoff.simulate(weeks, horizon=3).behaviour
    array(['settles', 'escapes'], dtype='<U10')
    """

    law: GrowthLaw
    target_pace: Uncertain
    gain: Uncertain
    lag: Uncertain = DEFAULT
    smoothing: Uncertain = DEFAULT
    Result: ClassVar[type[ReactionTrajectory]] = ReactionTrajectory
    influences: ClassVar[tuple[Influence, ...]] = (
        Influence("human reaction", (("progress", "reaction", 1), ("reaction", "effort", -1))),
    )

    def _check(self) -> None:
        check_law("HumanReaction", self.law)

    @property
    def criticality(self) -> Any:
        """``r e`` of the law, spread over the paths: see :attr:`GrowthLaw.criticality`."""
        return answer(self, "criticality")

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"``: where the law leads without a brake."""
        return answer(self, "regime")
