"""How late an alarm comes, and how often a false one, by the buffer that is chosen."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Final

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import FloatLike, Floats, as_count, as_floats, as_number, policy
from takeoff.distributions import Normal
from takeoff.distributions._sampling import Sampler
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.evidence._monitor import Monitor

__all__ = ["alarm_errors"]

_OWNER: Final = "alarm_errors"
_LN_2: Final = math.log(2)
_MOST_UPDATES: Final = 10_000


def alarm_errors(
    monitor: Monitor,
    *,
    buffers: FloatLike = (2.0, 3.0, 4.0),
    alarm_probabilities: FloatLike = 0.5,
    interval: float = 1 / 12,
    horizon: float = 4.0,
    r: float = 2.0,
    parallelizability: float = 0.6,
    volatility: float = 0.1,
    courses: int = 100,
    particles: int = 1_000,
    seed: int = 0,
) -> pl.DataFrame:
    """Errors of the rule to raise an alarm once the pace is probably above a buffer, by simulation.

    Simulated courses are measured and filtered as a user would. Quiet ones keep the reference pace but for noise
    (r = 1); accelerating ones follow the growth law with the given r from the reference pace on, with automated
    research.

    Parameters
    ----------
    monitor : Monitor
        Its reference, threshold, measurement error and priors are those of the rule; measurements it has do not count.
    buffers : float or array, default (2, 3, 4)
        Multiples of the reference, at most the threshold.
    alarm_probabilities : float or array, default 0.5
        The alarm is raised when the probability that the pace is above the buffer first reaches this, from 0 to 1.
    interval : float, default a month
        Years between measurements.
    horizon : float, default 4
        Years for which a course is watched.
    r : float, default 2
        Returns in the accelerating courses, above 1.
    parallelizability : float, default 0.6
        lambda in all courses.
    volatility : float, default 0.1
        Noise of the logarithm of the pace in all courses, per square root of a year.
    courses : int, default 100
        Courses of each kind.
    particles : int, default 1,000
        Particles of each filter.
    seed : int, default 0
        From 0 to 2^63.

    Returns
    -------
    polars.DataFrame
        A row for each buffer and alarm probability: ``buffer``, ``alarm_probability``, ``false_alarm_share`` (quiet
        courses with an alarm by the horizon), ``late_share`` (of the accelerating courses that reach the threshold by
        the horizon, those without an alarm before it), ``delay_years`` (median time from the true pace's reaching the
        buffer to the alarm), ``warning_years`` and ``warning_years_5%`` (median and 5% quantile of the time from the
        alarm to the threshold; below 0 where the alarm is late), and ``crossings`` (accelerating courses that reach the
        threshold, on which these rest). Null where there are none.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        Something that is no number, or no monitor.

    References
    ----------
    .. [1] Eth, D. & Davidson, T. (2025). Will AI R&D Automation Cause a Software Intelligence Explosion? Forethought.
       Section on policy: a threshold of the pace, and a buffer below it.

    Examples
    --------
    >>> from takeoff.evidence import Monitor, alarm_errors
    >>> watch = Monitor(reference=2.0, threshold=5)
    >>> table = alarm_errors(watch, buffers=[2, 4], interval=0.25, horizon=3, courses=10, particles=200)
    >>> table.select("buffer", "alarm_probability").rows()
    [(2.0, 0.5), (4.0, 0.5)]
    >>> table["warning_years"][0] > table["warning_years"][1]
    True
    """
    if not isinstance(monitor, Monitor):
        raise DtypeError(_OWNER, "monitor", type(monitor).__name__, "a Monitor")
    limits = _within(
        "buffers", buffers, 1e-9, monitor.threshold, f"> 0 and at most the threshold {monitor.threshold:g}"
    )
    levels = _within("alarm_probabilities", alarm_probabilities, 1e-9, 1.0, "> 0 and at most 1")
    step = _one("interval", interval, 1e-4, 100.0, "from 1e-4 to 100 years")
    end = _one("horizon", horizon, step, _MOST_UPDATES * step, f"from 1 to {_MOST_UPDATES:,} intervals")
    fast = _one("r", r, math.nextafter(1, 2), 1e6, "> 1 and at most 1e6")
    shared = (
        _one("parallelizability", parallelizability, 1e-9, 1.0, "> 0 and at most 1"),
        _one("volatility", volatility, 0.0, 1e3, "at least 0 and at most 1,000"),
    )
    many = as_count(_OWNER, "courses", courses, 1, 1_000_000)
    few = as_count(_OWNER, "particles", particles, 10, 1_000_000)
    start = as_count(_OWNER, "seed", seed, 0, 2**63)
    rule = _Rule(dataclasses.replace(monitor, particles=few), limits, levels, step, round(end / step), start)
    alarms = rule.alarms(_Courses(rule, "quiet", 1.0, shared, many))
    sudden = _Courses(rule, "accelerating", fast, shared, many)
    return _table(rule, alarms, sudden, rule.alarms(sudden))


class _Courses:
    """True courses: doublings and pace (as a multiple of the reference) at each measurement, infinite once singular."""

    def __init__(self, rule: _Rule, kind: str, r: float, shared: tuple[float, float], count: int) -> None:
        self.kind, self.count = kind, count
        pace = rule.monitor.reference
        start, returns, parallelizability, volatility = (np.full(count, value) for value in (pace, r, *shared))
        engine: _core.Particles | None = _core.Particles(
            start, returns, parallelizability, volatility, rule.seed, policy()
        )
        doublings, multiples = [np.zeros(count)], [np.ones(count)]
        singular = np.zeros(count, dtype=bool)
        for _ in range(rule.updates):
            engine = None if engine is None else engine.advanced(rule.interval, None, policy())
            if engine is None:
                singular = np.ones(count, dtype=bool)
                level = log_pace = np.zeros(count)
            else:
                level, log_pace, *_, weight = engine.columns().reshape(6, count)
                singular = singular | (weight == 0)
            doublings.append(np.where(singular, np.inf, level))
            multiples.append(np.where(singular, np.inf, np.exp(np.where(singular, 0.0, log_pace)) / pace))
        self.doublings, self.multiples = np.array(doublings), np.array(multiples)
        names = [f"alarm {kind} {step:05d}" for step in range(rule.updates + 1)]
        noise = Sampler(dict.fromkeys(names, Normal(0, rule.monitor.measurement_error)), rule.seed).columns(0, count)
        self.noise = np.array([noise[name] for name in names])

    def reach(self, multiple: float, interval: float) -> Floats:
        """Time at which the true pace reaches a multiple; infinite where it does not."""
        above = self.multiples >= multiple
        first = above.argmax(axis=0)
        every = np.arange(self.count)
        high, low = self.multiples[first, every], self.multiples[np.maximum(first - 1, 0), every]
        inside = (first > 0) & np.isfinite(high)
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.where(inside, np.log(multiple / low) / np.log(high / low), 1.0)
        time = np.where(first > 0, (first - 1 + part) * interval, 0.0)
        return np.where(above.any(axis=0), time, np.inf)


@dataclasses.dataclass
class _Rule:
    monitor: Monitor
    buffers: Floats
    probabilities: Floats
    interval: float
    updates: int
    seed: int

    def alarms(self, courses: _Courses) -> Floats:
        """Time of the alarm by buffer, probability and course; infinite where there is none."""
        found = np.full((self.buffers.size, self.probabilities.size, courses.count), np.inf)
        for course in range(courses.count):
            watch = dataclasses.replace(self.monitor, seed=self.seed + course)
            for step in range(self.updates + 1):
                time, level = step * self.interval, courses.doublings[step, course] * _LN_2
                above = np.ones(self.buffers.size)
                if math.isfinite(level):
                    measured = float(level + courses.noise[step, course])
                    try:
                        watch = watch.update(time, log_efficiency=measured)
                        above = watch.probability_above(self.buffers)
                    except InvalidValueError:  # faster than any particle, or slower: then it is passed over
                        expected = watch.forecast(time - watch.state()["time_years"])["log_efficiency"]
                        above *= math.isinf(expected) or measured > expected
                raised = above[:, None] >= self.probabilities
                mine = found[:, :, course]
                mine[raised & np.isinf(mine)] = time
                if np.isfinite(mine).all() or not math.isfinite(level):
                    break
        return found


def _table(rule: _Rule, quiet: Floats, courses: _Courses, alarms: Floats) -> pl.DataFrame:
    crossed = courses.reach(rule.monitor.threshold, rule.interval)
    there = np.isfinite(crossed)
    rows = []
    for i, buffer in enumerate(rule.buffers):
        reached = courses.reach(float(buffer), rule.interval)
        for j, probability in enumerate(rule.probabilities):
            at = alarms[i, j]
            warned = np.sort(crossed[there] - at[there])
            delay = np.sort(at[there] - reached[there])
            rows.append(
                {
                    "buffer": float(buffer),
                    "alarm_probability": float(probability),
                    "false_alarm_share": float(np.isfinite(quiet[i, j]).mean()),
                    "late_share": float((warned < 0).mean()) if warned.size else None,
                    "delay_years": _quantile(delay, 0.5),
                    "warning_years": _quantile(warned, 0.5),
                    "warning_years_5%": _quantile(warned, 0.05),
                    "crossings": int(there.sum()),
                }
            )
    floats = dict.fromkeys(("late_share", "delay_years", "warning_years", "warning_years_5%"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=floats)


def _quantile(ordered: Floats, part: float) -> float | None:
    """The value at a rank, without interpolation, since some are infinite."""
    return float(ordered[max(math.ceil(part * ordered.size) - 1, 0)]) if ordered.size else None


def _within(name: str, given: Any, low: float, high: float, rule: str) -> Floats:
    values = as_floats(_OWNER, name, given)
    bad = ~((values >= low) & (values <= high))
    if bad.any():
        index = int(bad.reshape(-1).argmax()) if values.ndim else None
        raise InvalidValueError(_OWNER, name, float(values[bad][0]), rule, index)
    return values.reshape(-1)


def _one(name: str, given: Any, low: float, high: float, rule: str) -> float:
    value = as_number(_OWNER, name, given)
    if not low <= value <= high:
        raise InvalidValueError(_OWNER, name, value, rule)
    return value
