"""A software intelligence explosion counted in doublings, after Davidson & Houlden."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from takeoff._answers import answer, answer_at, ask
from takeoff._arrays import FloatLike, Floats, as_floats, check_memory, common_shape, paths_in
from takeoff.errors import InvalidValueError
from takeoff.models import _influences as loop
from takeoff.models._base import Model, Uncertain, plain
from takeoff.models._declare import DEFAULT, model
from takeoff.models.growth_law import GrowthLaw
from takeoff.trajectory import Trajectory, duration, shares, value
from takeoff.units import MONTH

__all__ = ["Boost", "DavidsonHoulden", "DavidsonHouldenTrajectory", "Moderation", "Returns"]

Moderation = Literal["none", "paper", "code"]
Boost = Literal["sudden", "gradual"]
Returns = Literal["falling", "constant"]


class DavidsonHouldenTrajectory(Trajectory):
    """Course of the recursion of Davidson & Houlden.

    It takes the memory of two numbers a path until `ends` or `frame` are asked for.

    Attributes
    ----------
    model : DavidsonHoulden
        What was simulated.
    horizon : float
        Time at which the simulation stops, years.

    Examples
    --------
    >>> import takeoff
    >>> model = takeoff.DavidsonHoulden(r=3.6, speed_up=8, limit_years=11, parallelizability=0.3)
    >>> result = takeoff.simulate(model)
    >>> result.doublings, result.most_years(within=4 * takeoff.MONTH)
    (88, 10.75)
    """

    doublings = value(
        "doublings", "Doublings, with the last one that starts before the horizon: integers of the shape of the paths."
    )
    last_end = value(
        "last_end",
        "Time at which the last of them is done, years, shape of the paths: it may be after the horizon.",
    )
    years_of_progress = value(
        "years_of_progress",
        "Years of AI progress at the recent pace that the doublings amount to, shape of the paths.",
    )

    @cached_property
    def ends(self) -> Floats:
        """Time at which each doubling is done, years, shape (*paths, most doublings of a path).

        Infinite for doublings that do not start before the horizon.
        """
        count = int(np.max(self.doublings))
        check_memory("ends", paths_in(self.model.shape) * count, "use most_years or simulate fewer paths")
        ends = ask(self.model, ["ends"], horizon=self.horizon, along={"step": count}, owner="ends")["ends"]
        return ends.reshape((*self.model.shape, count))

    def most_doublings(self, within: FloatLike) -> Any:
        """Most consecutive doublings that take less than a time.

        Parameters
        ----------
        within : float or array
            Years, above 0 and at most 1e100; broadcasts against the paths.

        Returns
        -------
        int or array
            Doublings.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).most_doublings([4 * takeoff.MONTH, 1])
        array([13, 34])
        """
        return self._most_doublings("most_doublings", within)

    def most_years(self, within: FloatLike) -> Any:
        """Most years of AI progress, at the recent pace, that are made in less than a time.

        Parameters
        ----------
        within : float or array
            Years, above 0 and at most 1e100; broadcasts against the paths.

        Returns
        -------
        float or array
            Years of progress: whole doublings alone count.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).most_years(within=[4 * takeoff.MONTH, 1])
        array([1.625, 4.25 ])
        """
        most = self._most_doublings("most_years", within)
        return plain(np.asarray(most / self.model._year_of_progress))

    def compresses(self, years: FloatLike, within: FloatLike) -> Any:
        """Whether some consecutive doublings that make so many years of AI progress take less than a time.

        Parameters
        ----------
        years : float or array
            Years of AI progress at the recent pace, above 0 and at most 1e100; they are as many doublings, rounded down
            to an integer. Broadcasts against the paths, as does `within`.
        within : float or array
            Years, above 0 and at most 1e100.

        Returns
        -------
        bool or array of bool
            Always true for what is less than one doubling.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        References
        ----------
        Davidson & Houlden (2025): the share of runs that "compress" 3 or 10 years of progress into one.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=[1.2, 3.6], speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).compresses(years=10, within=1)
        array([False,  True])
        """
        needed = as_floats("compresses", "years", years)
        bad = ~((needed > 0) & (needed <= 1e100))
        if np.any(bad):
            index = int(np.argmax(bad))
            rule = "finite and > 0 (years of progress, at most 1e100)"
            raise InvalidValueError("compresses", "years", needed.flat[index], rule, index if needed.ndim else None)
        most = np.asarray(self._most_doublings("compresses", within))
        per_year = self.model._year_of_progress
        common_shape("compresses", {"paths and within": most, "years": needed})
        # A whole number of doublings stays one, however its product is rounded.
        reached = most >= np.floor(needed * per_year * (1 + 1e-12))
        return bool(reached) if reached.ndim == 0 else reached

    def _most_doublings(self, owner: str, within: FloatLike) -> Any:
        return answer_at(self.model, "most_doublings", owner, "within", within, horizon=self.horizon)

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per doubling that starts before the horizon (and per path, where there are several).

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several; ``doubling``,
        ``years_of_progress``, ``end_years``.
        """
        ends = self.ends
        doubling = np.arange(1, ends.shape[-1] + 1, dtype=np.int64)
        years = doubling / self.model._year_of_progress[..., np.newaxis]
        frame = self._long({"doubling": doubling}, {"years_of_progress": years, "end_years": ends})
        started = doubling <= np.asarray(self.doublings)[..., np.newaxis]
        return frame.filter(pl.Series(started.reshape(-1)))

    def _lines(self) -> list[tuple[str, str]]:
        paths = paths_in(self.model.shape)
        windows = (("12 months", 1.0), ("4 months", 4 * MONTH))
        if paths > 1:
            parts = [
                f"{years} years in {name}: {np.mean(self.compresses(years, within)):.1%}"
                for years in (3, 10)
                for name, within in windows
            ]
            return [
                ("paths", f"{paths:,} (shape {self.model.shape})"),
                ("horizon", duration(self.horizon)),
                ("regime", shares(self.regime)),
                ("outcome", shares(self.outcome)),
                ("compress", ", ".join(parts)),
            ]
        doublings, years, end = (
            np.ravel(column)[0] for column in (self.doublings, self.years_of_progress, self.last_end)
        )
        most = ", ".join(f"{np.ravel(self.most_years(within))[0]:.4g} in {name}" for name, within in windows)
        return [
            ("regime", f"{np.ravel(self.regime)[0]} (r = {np.ravel(self.criticality)[0]:.4g} at the start)"),
            ("outcome", str(np.ravel(self.outcome)[0])),
            ("horizon", duration(self.horizon)),
            ("doublings", f"{doublings:,} ({years:.4g} years of progress), the last done at {duration(float(end))}"),
            ("most years", most),
        ]


@model("davidson_houlden")
class DavidsonHoulden(Model):
    """Recursion in doublings from which Davidson & Houlden (2025) say how quick and how big an explosion would be.

    The first doubling of software takes ``recent_doubling_time / speed_up``. After n doublings returns have fallen to
    ``r_n = r (1 - n / limit)``, and each doubling takes ``2^x`` times as long as the last, with
    ``x = parallelizability (1 / r_n - 1)``. A path ends at the limit, or with the last doubling that starts before the
    horizon. A year of AI progress at the recent pace is ``1 / (recent_doubling_time software_share)`` doublings of
    software alone: 8 by default.

    Every numeric field may be an array; fields broadcast, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    UnknownNameError
        An option of another name.
    DtypeError, ShapeError
        Something that is not a number; fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Davidson & Houlden (2025), "How quick and big would a software intelligence explosion be?": the model, its
    parameters and, for the default of every constant, its published code.

    Examples
    --------
    >>> import takeoff
    >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=[2, 8], limit_years=11, parallelizability=0.3)
    >>> result = takeoff.simulate(model)
    >>> result.doublings, result.compresses(years=3, within=1)
    (array([35, 53]), array([False,  True]))
    """

    r: Uncertain
    speed_up: Uncertain
    limit_years: Uncertain
    parallelizability: Uncertain
    software_share: Uncertain = DEFAULT
    retraining: Moderation = DEFAULT
    boost: Boost = DEFAULT
    returns: Returns = DEFAULT
    recent_doubling_time: Uncertain = DEFAULT
    start_speed_up: Uncertain = DEFAULT
    compute_doubling_time: Uncertain = DEFAULT
    compute_ceiling: Uncertain = DEFAULT
    Result: ClassVar[type[DavidsonHouldenTrajectory]] = DavidsonHouldenTrajectory
    influences: ClassVar[tuple[loop.Influence, ...]] = (
        loop.LABOR,
        loop.RETURNS,
        loop.LIMIT,
        loop.PARALLELIZABILITY.where(
            lambda model: loop.holds_for_some(model.parallelizability, lambda values: values < 1)
        ),
        loop.HARDWARE.where(lambda model: model.boost == "gradual"),
        loop.DEPLOYMENT.where(lambda model: model.retraining == "none"),
        loop.RETRAINING.where(lambda model: model.retraining != "none"),
    )

    @property
    def _year_of_progress(self) -> Floats:
        """Doublings of software that make a year of AI progress at the recent pace."""
        return 1 / (self._column("recent_doubling_time") * self._column("software_share"))

    @property
    def limit(self) -> Any:
        """Doublings at the limit: ``limit_years / (recent_doubling_time software_share)``."""
        per_doubling = self._column("recent_doubling_time") * self._column("software_share")
        return plain(np.asarray(self._column("limit_years") / per_doubling))

    @property
    def criticality(self) -> Any:
        """``r`` at the start: above 1 doublings get shorter at first, limits and a gradual boost aside."""
        return answer(self, "criticality")

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as `r` is above, at or below 1 at the start."""
        return answer(self, "regime")

    def continuous_law(self) -> GrowthLaw:
        """Growth law of the same parameters, of which this model is a discrete form.

        Its first doubling, its parallelizability and its limit are those of the recursion; its returns fall linearly
        to the limit, or stay constant until then. ``docs/davidson_houlden.md`` says how far the two differ.

        Returns
        -------
        GrowthLaw
            The law, of the same paths.

        Raises
        ------
        InvalidValueError
            Training runs or a gradual boost, which the law does not have; a limit of at most one doubling.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> law = model.continuous_law()
        >>> law.limit, (law.time_at([1, 8, 32]) / takeoff.MONTH).round(2)
        (88.0, array([ 0.38,  2.83, 13.36]))
        """
        for name, plainest in (("retraining", "none"), ("boost", "sudden")):
            if (value := getattr(self, name)) != plainest:
                raise InvalidValueError("continuous_law", name, value, f"{plainest!r} for a growth law to exist")
        return GrowthLaw(
            r=self.r,
            first_doubling=plain(
                np.asarray(self._numbers.values["recent_doubling_time"] / self._numbers.values["speed_up"])
            ),
            parallelizability=self.parallelizability,
            limit=self.limit,
            limit_shape="linear" if self.returns == "falling" else "abrupt",
        )
