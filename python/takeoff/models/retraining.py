"""Training runs between what is known and what is deployed: the model, its result, schedules, and the frontier.

The frontier is the share of gains that may go into shorter runs in a runaway.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import polars as pl

from takeoff._answers import answer, answer_at, ask
from takeoff._arrays import FloatLike, Floats, as_floats, common_shape, paths_in
from takeoff.errors import InvalidValueError
from takeoff.models._base import Model, Uncertain, plain
from takeoff.models._declare import DEFAULT, model
from takeoff.models._influences import DEPLOYMENT, RETRAINING, Influence
from takeoff.models.growth_law import GrowthLaw, check_law
from takeoff.trajectory import Trajectory, duration, series, shares, value
from takeoff.units import MONTH

__all__ = ["Retraining", "RetrainingTrajectory", "frontier", "schedule_time"]

_RUNS = 4000
"""Runs after which a path is judged to accelerate or not."""
_BEYOND = 1e9
"""Doublings that only runs which bring ever more can reach by then."""


class RetrainingTrajectory(Trajectory):
    """Course of training runs, generation by generation.

    Arrays have shape (*paths, generations).

    Attributes
    ----------
    model : Retraining
        What was simulated.
    horizon : float
        Time at which the simulation stops, years; infinite where none was given.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
    >>> takeoff.simulate(takeoff.Retraining(law, first_run=0.5), generations=4).deployed
    array([0.        , 0.42929308, 0.75970739, 1.11092045])
    """

    starts = series("starts", "Time at which each run starts, years.")
    known = series("known", "Doublings known when each run starts: those that it trains on.")
    log2_research = series("log2_research", "Doublings of cumulative research when each run starts.")
    singular_time = value("singular_time", "Time at which the level becomes infinite, years; infinite if never.")

    @cached_property
    def durations(self) -> Floats:
        """Time that each run takes, years: ``first_run 2^(-speed_share known)``."""
        first_run, share = self._field("first_run"), self._field("speed_share")
        with np.errstate(invalid="ignore"):
            durations: Floats = np.where(share == 0, first_run, first_run * np.exp2(-share * self.known))
        return durations

    @property
    def ends(self) -> Floats:
        """Time at which each run ends and its system is deployed, years."""
        return self.starts + self.durations

    @property
    def deployed(self) -> Floats:
        """Doublings deployed when each run ends: ``(1 - speed_share) known``."""
        deployed: Floats = (1 - self._field("speed_share")) * self.known
        return deployed

    def _field(self, name: str) -> Floats:
        values: Floats = self.model._column(name)
        return values[..., np.newaxis]

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per run that starts by the horizon (and per path, where there are several).

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several; ``generation``,
        ``start_years``, ``duration_years``, ``known_doublings``, ``deployed_doublings``, ``log2_research``.
        """
        columns = {
            "start_years": self.starts,
            "duration_years": self.durations,
            "known_doublings": self.known,
            "deployed_doublings": self.deployed,
            "log2_research": self.log2_research,
        }
        generations = np.arange(1, self.starts.shape[-1] + 1, dtype=np.int64)
        return self._long({"generation": generations}, columns).filter(pl.col("start_years") <= self.horizon)

    def _summary(self) -> dict[str, Any]:
        shape, paths = self.model.shape, paths_in(self.model.shape)
        done = (self.ends <= self.horizon).reshape(paths, -1).sum(axis=1)
        deployed = np.concatenate([np.zeros((paths, 1)), self.deployed.reshape(paths, -1)], axis=1)
        last = deployed[np.arange(paths), done].reshape(shape)
        return {
            "regime": self.regime,
            "outcome": self.outcome,
            "criticality": self.criticality,
            "generations_done": done.astype(np.int64).reshape(shape)[()],
            "deployed_doublings": last[()],
            "singular_time_years": self.singular_time,
        }

    def _lines(self) -> list[tuple[str, str]]:
        count, paths = self.starts.shape[-1], paths_in(self.model.shape)
        if paths > 1:
            return [
                ("paths", f"{paths:,} (shape {self.model.shape})"),
                ("runs", f"{count:,}"),
                ("regime", shares(self.regime)),
                ("outcome", shares(self.outcome)),
            ]
        durations, deployed, ends = (column.reshape(-1) for column in (self.durations, self.deployed, self.ends))
        return [
            ("regime", f"{np.ravel(self.regime)[0]} (criticality {float(np.ravel(self.criticality)[0]):.4g})"),
            ("singular at", duration(float(np.ravel(self.singular_time)[0]))),
            ("runs", ", ".join(duration(float(t)) for t in durations[:5]) + (", ..." if count > 5 else "")),
            ("after run", f"{count:,}: {deployed[-1]:.4g} doublings deployed at {duration(float(ends[-1]))}"),
        ]


@model("retraining")
class Retraining(Model):
    """Training runs, one after the other, between what research has found and what is deployed.

    During a run the level deployed is that of the run before, so research grows at a constant rate; what it finds
    follows the growth law. A run trains on the algorithms known when it starts, k doublings: of these the share
    `speed_share` has shortened the run, to ``first_run 2^(-speed_share k)``, and the rest is deployed when it ends.

    Every numeric field may be an array; fields broadcast with those of the law, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError, ShapeError
        Something that is not a number or not a law; fields that do not broadcast.

    References
    ----------
    Eth & Davidson (2025), "Progress might become bottlenecked by the time required to train new AI systems",
    footnotes 42 and 43.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> model = takeoff.Retraining(law, first_run=2 * takeoff.MONTH, speed_share=0.3)
    >>> model.regime, round(model.singular_time / law.singular_time, 2)
    ('explosion', 3.57)
    """

    law: GrowthLaw
    first_run: Uncertain
    speed_share: Uncertain = DEFAULT
    Result: ClassVar[type[RetrainingTrajectory]] = RetrainingTrajectory
    influences: ClassVar[tuple[Influence, ...]] = (DEPLOYMENT.where(lambda _: False), RETRAINING)

    def _check(self) -> None:
        check_law("Retraining", self.law)

    @property
    def criticality(self) -> Any:
        """``r e (1 - s)``: that of the law, with the share of each gain that is deployed.

        Above 1 each doubling takes less time than the last in the end, however long the first run takes. With s > 0 the
        level then becomes infinite in finite time; with s = 0 runs never get shorter, and every run brings more
        doublings than the last.
        """
        return answer(self, "criticality")

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as criticality is above, at or below 1, limits aside."""
        return answer(self, "regime")

    @property
    def singular_time(self) -> Any:
        """Time at which infinitely many runs are done and the level is infinite, years; infinite where it never is."""
        return answer(self, "singular_time")

    def time_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Time at which a number of doublings is deployed: the end of a run.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Years; infinite where it never is. After 20,000 runs the rest is taken as the law on which the share
            ``1 - speed_share`` is deployed at once, which the runs, by then short relative to the doublings, approach.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
        >>> takeoff.Retraining(law, first_run=0.5).time_at([1, 2])
        array([2. , 3.5])
        """
        return answer_at(self, "time_at", "time_at", "doublings", doublings, threads=threads)

    def delay_factor(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Time at which a number of doublings is deployed over that of the law without training runs.

        The paper cites a factor of about 1 to 3 until superhuman AI (footnote 43).

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, above 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Factor; infinite where it is never deployed.

        Raises
        ------
        InvalidValueError
            Doublings that are not above 0.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
        >>> takeoff.Retraining(law, first_run=0.5).delay_factor([1, 2])
        array([2.  , 1.75])
        """
        grown = as_floats("delay_factor", "doublings", doublings)
        if not np.all(grown > 0):
            raise InvalidValueError("delay_factor", "doublings", grown.flat[int(np.argmin(grown > 0))], "> 0")
        time, without = (np.asarray(model.time_at(grown, threads=threads)) for model in (self, self.law))
        with np.errstate(invalid="ignore", over="ignore"):
            return plain(np.asarray(np.where(np.isinf(time), np.inf, time / without)))


def schedule_time(first_run: FloatLike, shrink: FloatLike, runs: FloatLike = np.inf) -> Any:
    """Time of successive training runs, each `shrink` times as long as the last.

    ``first_run (1 - k^m) / (1 - k)`` for m runs; ``first_run / (1 - k)`` for infinitely many with k < 1.

    Parameters
    ----------
    first_run : float or array
        Time of the first run, years.
    shrink : float or array
        Factor k from one run to the next, above 0.
    runs : float or array, default infinite
        Number m of runs, at least 0.

    Returns
    -------
    float or array
        Years; infinite for infinitely many runs that do not shrink.

    Raises
    ------
    InvalidValueError
        A value outside its range.

    References
    ----------
    Eth & Davidson (2025), footnotes 42 and 43.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.retraining.schedule_time(2 * takeoff.MONTH, 0.75) / takeoff.MONTH, 10)
    8.0
    """
    owner = "schedule_time"
    passed = {"first_run": first_run, "shrink": shrink, "runs": runs}
    fields = {name: as_floats(owner, name, value) for name, value in passed.items()}
    rules = {"first_run": "finite and > 0 (years)", "shrink": "finite and > 0", "runs": ">= 0"}
    for name, rule in rules.items():
        values = fields[name]
        allowed = values >= 0 if name == "runs" else (values > 0) & np.isfinite(values)
        if not np.all(allowed):
            index = int(np.argmin(allowed))
            raise InvalidValueError(owner, name, values.flat[index], rule, index if values.ndim else None)
    common_shape(owner, fields)
    start, k, m = fields.values()
    with np.errstate(all="ignore"):
        total = np.where(k == 1, m, np.expm1(m * np.log(k)) / np.where(k == 1, 1, k - 1))
        time = start * np.where(m == 0, 0.0, total)
        # Where only the sum leaves the range of float64: by logarithms (the last run outweighs all that is left out).
        far = np.isinf(total) & np.isfinite(m)
        time = np.where(far, np.exp(np.log(start) + m * np.log(k) - np.log(np.abs(k - 1))), time)
    return float(time) if time.ndim == 0 else time


def frontier(law: GrowthLaw, first_run: FloatLike, *, threads: int | None = None) -> Any:
    """Share of gains in shorter runs at which training runs turn a runaway into a fizzle, by computation.

    For each path, bisection on the share: a path runs away if, of the doublings that runs 2,000 to 4,000 bring, the
    second half takes less time than the first.

    Parameters
    ----------
    law : GrowthLaw
        Laws without a limit, of one path or many.
    first_run : float or array
        Time that the first run takes, years; broadcasts against the paths.
    threads : int, optional
        Threads to use; the result is the same for any number.

    Returns
    -------
    float or array
        The largest `speed_share` of a runaway; 0 where there is none. At the frontier itself these doublings still
        speed up a little, which moves it by up to 6e-4.

    Raises
    ------
    InvalidValueError
        A law with a limit, with which nothing runs away; a first run of more than 100 first doublings, which brings so
        much at once that what follows cannot be told apart.

    References
    ----------
    Eth & Davidson (2025), footnotes 42 and 43.

    Examples
    --------
    The level deployed has ``1 - s`` of the doublings known, so the frontier lies at ``r (1 - s) = 1``:

    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[1.25, 2, 4], first_doubling=1 * takeoff.MONTH)
    >>> takeoff.retraining.frontier(law, first_run=2 * takeoff.MONTH).round(3)
    array([0.2 , 0.5 , 0.75])
    """
    if law.limit is not None:
        raise InvalidValueError("frontier", "law.limit", law.limit, "None: with a limit nothing runs away")
    first = as_floats("frontier", "first_run", first_run)
    shape = Retraining(law, first).shape
    ratio = np.ravel(np.broadcast_to(first / law._numbers.values["first_doubling"], shape))
    if np.any(ratio > 100):
        index = int(np.argmax(ratio > 100))
        value = np.ravel(np.broadcast_to(first, shape))[index]
        rule = "at most 100 times the first doubling of the law"
        raise InvalidValueError("frontier", "first_run", value, rule, index if shape else None)
    low, high = np.zeros(shape), np.full(shape, 1 - 1e-9)
    low_runs = _runs_away(Retraining(law, first_run, low), threads)
    for _ in range(20):
        middle = 0.5 * (low + high)
        runs = _runs_away(Retraining(law, first_run, middle), threads)
        low, high = np.where(runs, middle, low), np.where(runs, high, middle)
    return plain(np.where(low_runs, 0.5 * (low + high), 0.0))


def frontier_by_returns(r: Floats, law: Any, first_run: float) -> Floats:
    """Return the frontier of a law of several returns; without a law, of one whose first doubling takes a month."""
    return np.asarray(frontier(replace(law or GrowthLaw(1, 1 * MONTH), r=r), first_run))


def leap_share(r: Floats, law: Any) -> Floats:
    """Return the share of gains in shorter runs up to which each run brings more than the last, by returns.

    That is where ``1/r + s/lambda < 1 - s``.
    """
    parallelizability = 1.0 if law is None else float(np.max(law.parallelizability))
    return np.asarray(np.maximum((1 - 1 / r) / (1 + 1 / parallelizability), 0))


def _runs_away(model: Retraining, threads: int | None) -> Any:
    """Whether over the last half of the runs the second half of the doublings took less time than the first."""
    known, log2_research = ask(model, ["known", "log2_research"], along={"step": _RUNS}, threads=threads).values()
    first_run, share = (model._column(name).reshape(-1, 1) for name in ("first_run", "speed_share"))
    # Shorter runs are not told apart in the dates of their starts.
    durations = np.where(share == 0, first_run, first_run * np.exp2(-share * np.minimum(known, _BEYOND)))
    paths = zip(durations, known, log2_research, strict=True)
    return np.array([_accelerates(*path) for path in paths]).reshape(model.shape)


def _accelerates(durations: Any, known: Any, log2_research: Any) -> bool:
    if not known[-1] < _BEYOND or not np.isfinite(log2_research[-1]):
        return True
    half = known.size // 2
    middle = 0.5 * (known[half] + known[-1])
    if not known[half] < middle < known[-1]:
        return False  # nothing more comes of the runs
    run = int(np.searchsorted(known, middle, side="right"))
    # Within a run research is linear in time, and what is known is linear in the logarithm of research without a limit.
    part = (middle - known[run - 1]) / (known[run] - known[run - 1])
    growth = np.log(2) * (log2_research[run] - log2_research[run - 1])
    within = np.exp(growth * (part - 1)) * np.expm1(-growth * part) / np.expm1(-growth)
    first = durations[half : run - 1].sum() + within * durations[run - 1]
    second = (1 - within) * durations[run - 1] + durations[run:-1].sum()
    return bool(second < first)
