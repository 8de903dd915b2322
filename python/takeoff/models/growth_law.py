"""The growth law of software, and the result of its simulation."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from takeoff import _core
from takeoff._answers import answer, answer_at, ask
from takeoff._arrays import (
    FloatLike,
    Floats,
    as_choice,
    as_count,
    as_floats,
    common_shape,
    paths_in,
    policy,
    quantiles,
    unwrapped,
)
from takeoff._grid import MOST_STEPS
from takeoff.errors import InvalidValueError
from takeoff.models import _influences as loop
from takeoff.models._base import Model, Uncertain, plain
from takeoff.models._declare import DEFAULT, model
from takeoff.models.parts import CES, Automation, Hardware
from takeoff.trajectory import MOST_LISTED, Trajectory, duration, series, shares, value

__all__ = ["GrowthLaw", "GrowthLawTrajectory", "LimitShape"]

LimitShape = Literal["linear", "abrupt"]


class GrowthLawTrajectory(Trajectory):
    """Course of a growth law, for one path or many.

    Arrays carry the axes of the model's paths first, then time (or the number of the doubling).

    Attributes
    ----------
    model : GrowthLaw
        What was simulated.
    horizon : float
        Time at which the simulation stops, years.
    time : array of shape (points,)
        Years.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> takeoff.simulate(law, horizon=1).outcome
    'horizon'
    """

    doublings = series(
        "doublings_at",
        "Doublings x = log2 S at each time, shape (*paths, points); infinite from the singular time on.",
    )
    level = series(
        "level", "Level S = 2^x, shape (*paths, points); infinite only from 1,024 doublings on, where float64 ends."
    )
    pace = series(
        "pace",
        "Pace dx/dt, doublings per year, shape (*paths, points): infinite from the singular time on, 0 at a limit.",
    )
    doubling_times = series(
        "doubling_times",
        "Time that each doubling takes, years, shape (*paths, count); infinite for those that the limit rules out.",
    )
    singular_time = value(
        "singular_time",
        "Time at which the level becomes infinite, years, whether before the horizon or after; infinite if never.",
    )
    limit_time = value("limit_time", "Time at which the limit is reached, years; infinite if never.")
    peak_pace = value(
        "peak_pace",
        "Highest pace up to the horizon, doublings per year; infinite for a path that becomes singular by then.",
    )
    peak_time = value("peak_time", "Time of the highest pace, years; the horizon if the pace still rises there.")
    peak_doublings = value(
        "peak_doublings",
        "Doublings reached when the pace is highest; infinite for a path that becomes singular by the horizon.",
    )

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
        return plain(self._crossing_time("threshold_time", "multiple", multiple, recent_pace))

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
        low, high = _positive("warning_time", "buffer", buffer), _positive("warning_time", "multiple", multiple)
        shape = common_shape("warning_time", {"buffer": low, "multiple": high})
        above = np.broadcast_to(low > high, shape)
        if above.any():
            most = np.broadcast_to(low, shape)[above][0]
            raise InvalidValueError("warning_time", "buffer", most, "at most the multiple")
        lower = self._crossing_time("warning_time", "buffer", low, recent_pace)
        upper = self._crossing_time("warning_time", "multiple", high, recent_pace)
        with np.errstate(invalid="ignore"):  # both infinite
            return plain(np.where(np.isinf(upper), np.inf, upper - lower))

    def _crossing_time(self, owner: str, name: str, multiple: FloatLike, recent_pace: FloatLike | None) -> Floats:
        """Return the time at which the pace first reaches a multiple of the recent one."""
        factor = _positive(owner, name, multiple)
        recent = self.model.pace_at(0.0) if recent_pace is None else _positive(owner, "recent_pace", recent_pace)
        paths = np.empty(self.model.shape)
        common_shape(owner, {"paths": paths, name: factor, "recent_pace": np.asarray(recent)})
        target = factor * recent
        return np.asarray(answer_at(self.model, "crossing_time", owner, name, target, horizon=self.horizon))

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
        return self._most_doublings("most_doublings", within)

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
        most = np.asarray(self._most_doublings("most_years", within))
        common_shape("most_years", {"paths and within": most, "recent_doubling_time": recent})
        return plain(most * recent)

    def _most_doublings(self, owner: str, within: FloatLike) -> Any:
        windows = as_floats(owner, "within", within)
        bad = ~((windows > 0) & (windows <= 1e100))
        if bad.any():
            index = int(bad.argmax())
            rule = "finite and > 0 (years, at most 1e100)"
            raise InvalidValueError(owner, "within", windows.flat[index], rule, index if windows.ndim else None)
        return answer_at(self.model, "most_doublings", owner, "within", windows, horizon=self.horizon)

    def _lines(self) -> list[tuple[str, str]]:
        paths = paths_in(self.model.shape)
        if paths > 1:
            ends_at = self.doublings[..., -1].reshape(-1)
            if paths <= MOST_LISTED:
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


def _positive(owner: str, name: str, number: FloatLike) -> Floats:
    """Refuse what is not positive, or beyond what a product of two such can hold."""
    floats = as_floats(owner, name, number)
    bad = ~((floats >= 1e-100) & (floats <= 1e100))
    if np.any(bad):
        index = int(np.argmax(bad))
        rule = "> 0 (from 1e-100 to 1e100)"
        raise InvalidValueError(owner, name, floats.flat[index], rule, index if floats.ndim else None)
    return floats


@model("growth_law")
class GrowthLaw(Model):
    """Growth law of the software level S once AI does the research.

    With W the cumulative research, E the research effort and x = log2 S the doublings,

    ``d ln S = (r / lambda) h(x) d ln W`` and ``dW/dt = c E^lambda``,

    where c is such that the first doubling takes `first_doubling`, and h falls from 1 to 0 at the limit. With AI labor
    alone on fixed hardware ``E = S``; then, without a limit, each doubling takes ``q = 2^(lambda (1/r - 1))`` times as
    long as the last: above r = 1 infinitely many doublings take finite time.

    Every numeric field may be an array; fields broadcast, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        Something that is not a number.
    ShapeError
        Fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Eth & Davidson (2025), "Being more mathematically concrete: returns to software R&D", footnotes 23, 25 (r), 26
    and Figure 10 (limit), 27 (lambda), 39 and 41 (effort), 24 (hardware),
    19 (automation), and the appendix.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> law.doubling_times(4) / takeoff.DAY
    array([30.4375    , 19.17442348, 12.07912988,  7.609375  ])
    >>> law.regime
    'explosion'
    """

    r: Uncertain
    first_doubling: Uncertain
    parallelizability: Uncertain = DEFAULT
    limit: Uncertain | None = DEFAULT
    limit_shape: LimitShape = DEFAULT
    effort: CES | None = None
    hardware: Hardware | None = None
    automation: Automation | None = None
    Result: ClassVar[type[GrowthLawTrajectory]] = GrowthLawTrajectory
    influences: ClassVar[tuple[loop.Influence, ...]] = (
        loop.LABOR,
        loop.RETURNS,
        loop.DEPLOYMENT,
        loop.LIMIT.where(lambda law: law.limit is not None and loop.holds_for_some(law.limit, np.isfinite)),
        loop.PARALLELIZABILITY.where(lambda law: loop.holds_for_some(law.parallelizability, lambda values: values < 1)),
        loop.Influence("experiment compute", (("compute", "effort", 1),), lambda law: law.effort is not None),
        loop.Influence(
            "cheaper experiments",
            (("software", "compute", 1),),
            lambda law: (
                law.effort is not None and loop.holds_for_some(law.effort.experiment_efficiency, lambda eta: eta > 0)
            ),
        ),
        loop.HARDWARE.where(lambda law: law.hardware is not None),
        loop.Influence(
            "hardware for experiments",
            (("hardware", "compute", 1),),
            lambda law: law.hardware is not None and law.effort is not None,
        ),
        loop.AUTOMATION.where(lambda law: law.automation is not None),
    )

    @property
    def criticality(self) -> Any:
        """``r e``, where effort goes as ``S^e`` in the end: e = 1 for AI labor alone, see :class:`CES`.

        Without a limit, above 1 means a singularity in finite time, 1 exponential progress in the end, and below 1 a
        fizzle. With a limit there is never a singularity: the pace may rise at first and falls before returns run out.
        Hardware that grows without end keeps a fizzle going, as an exponential in the end.
        """
        return answer(self, "criticality")

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as criticality is above, at or below 1.

        The regime says where the feedback loop leads by itself: it takes no account of a limit or of growing hardware.
        """
        return answer(self, "regime")

    @property
    def singular_time(self) -> Any:
        """Time at which the level becomes infinite, years; infinite where it never does."""
        return answer(self, "singular_time")

    @property
    def limit_time(self) -> Any:
        """Time at which the limit is reached, years; infinite where it never is (a linear limit is only approached)."""
        return answer(self, "limit_time")

    @property
    def peak_doublings(self) -> Any:
        """Doublings at which the pace is highest: 0 if it only falls, infinite if it rises without end.

        With AI labor alone and a linear limit the pace dx/dt peaks at ``h = 1/r + 1/(ln2 lambda limit)``, shortly
        before the returns ``r h`` fall to 1.
        """
        return answer_at(self, "peak_doublings_by", "peak_doublings", "doublings", np.inf)

    @property
    def peak_pace(self) -> Any:
        """Highest pace, doublings per year; infinite before a singularity."""
        return answer_at(self, "peak_pace_by", "peak_pace", "doublings", np.inf)

    def doubling_times(self, count: int = 40, *, threads: int | None = None) -> Any:
        """Time that each of the first `count` doublings takes.

        Parameters
        ----------
        count : int, default 40
            Number of doublings.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        array of shape (*paths, count)
            Years; infinite for doublings that the limit rules out.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=0.7, first_doubling=1 * takeoff.MONTH)
        >>> (law.doubling_times(5) / takeoff.DAY).round()
        array([ 30.,  41.,  55.,  74., 100.])
        """
        count = as_count("doubling_times", "count", count, 1, MOST_STEPS)
        times = ask(
            self,
            ["doubling_times"],
            along={"step": count},
            threads=threads,
            owner="doubling_times",
            remedy="ask for fewer doublings or paths",
        )["doubling_times"]
        return times.reshape((*self.shape, count))

    def time_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Time at which a number of doublings is reached.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Years; infinite where it is never reached.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=0.7, first_doubling=1 * takeoff.MONTH)
        >>> round(law.time_at(5) / takeoff.DAY)
        301
        """
        return answer_at(self, "time_at", "time_at", "doublings", doublings, threads=threads)

    def pace_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Pace after a number of doublings.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Doublings per year; 0 at and beyond the limit.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1 * takeoff.MONTH)
        >>> law.pace_at(5)
        12.0
        """
        return answer_at(self, "pace_at", "pace_at", "doublings", doublings, threads=threads)

    def effort_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Research effort after a number of doublings, on the hardware of the start.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Effort over that at the start; infinite beyond the range of float64.

        Examples
        --------
        >>> import takeoff
        >>> bottleneck = takeoff.CES(labor_share=0.5, rho=0)
        >>> takeoff.GrowthLaw(r=1, first_doubling=1, effort=bottleneck).effort_at(4)
        4.0
        """
        effort = np.asarray(answer_at(self, "effort_doublings", "effort_at", "doublings", doublings, threads=threads))
        return unwrapped(_core.level(effort.reshape(-1), policy(threads)), effort.shape)


def check_law(owner: str, law: GrowthLaw) -> None:
    """Refuse a law inside another model that has both people and growing hardware."""
    if law.hardware is not None and law.automation is not None:
        rule = f"left out beside automation in a law inside {owner}, since people do not multiply with hardware"
        raise InvalidValueError(owner, "law.hardware", law.hardware, rule)


def law_plan(
    r: Floats, first_doubling: Floats, parallelizability: Floats, limit: Floats, limit_shape: str
) -> _core.Plan:
    """Return the engine's plan of laws of AI labor alone on fixed hardware, one per element of the columns."""
    as_choice("limit_shape", limit_shape, GrowthLaw.group.choices["limit_shape"].options)
    columns = {"r": r, "first_doubling": first_doubling, "parallelizability": parallelizability, "limit": limit}
    return _core.Plan(GrowthLaw.name, columns, {"limit_shape": limit_shape})
