"""Delay of alarms, and frequency of false alarms, by the choice of the buffer."""

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
    """Simulate the errors of the rule to raise an alarm once the pace is probably above a buffer.

    Courses of progress are simulated, measured and filtered as a user would do it. Quiet courses keep the reference
    pace except for noise (r = 1). Accelerating courses start at the reference pace and follow the growth law with the
    given r and automated research.

    Parameters
    ----------
    monitor : Monitor
        Monitor whose reference, threshold, measurement error and priors the rule uses. Its measurements are not used.
    buffers : float or array, default (2, 3, 4)
        Multiples of the reference, at most the threshold.
    alarm_probabilities : float or array, default 0.5
        Probabilities of a pace above the buffer, from 0 to 1; the alarm is raised when the monitor first reaches one.
    interval : float, default a month
        Years between measurements.
    horizon : float, default 4
        Years for which a course is monitored.
    r : float, default 2
        Returns in the accelerating courses, above 1.
    parallelizability : float, default 0.6
        lambda in all courses.
    volatility : float, default 0.1
        Noise of the logarithm of the pace in all courses, per square root of a year.
    courses : int, default 100
        Number of courses of each kind.
    particles : int, default 1,000
        Number of particles of each filter.
    seed : int, default 0
        From 0 to 2^63.

    Returns
    -------
    polars.DataFrame
        One row per buffer and alarm probability: ``buffer``, ``alarm_probability``, ``false_alarm_share`` (share of
        quiet courses with an alarm by the horizon), ``late_share`` (share of courses without an alarm before they reach
        the threshold), ``delay_years`` (median time from when the true pace reaches the buffer to the alarm),
        ``warning_years`` and ``warning_years_5%`` (median and 5% quantile of the time from the alarm to the threshold;
        below 0 if the alarm is late), and ``crossings`` (number of accelerating courses that reach the threshold by the
        horizon: the previous four columns are about these courses, and null if there are none).

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        A value that is not a number, or not a monitor.

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
    buffer_multiples = _within(
        "buffers", buffers, 1e-9, monitor.threshold, f"> 0 and at most the threshold {monitor.threshold:g}"
    )
    alarm_levels = _within("alarm_probabilities", alarm_probabilities, 1e-9, 1.0, "> 0 and at most 1")
    interval_years = _one_within("interval", interval, 1e-4, 100.0, "from 1e-4 to 100 years")
    horizon_years = _one_within(
        "horizon", horizon, interval_years, _MOST_UPDATES * interval_years, f"from 1 to {_MOST_UPDATES:,} intervals"
    )
    accelerating_r = _one_within("r", r, math.nextafter(1, 2), 1e6, "> 1 and at most 1e6")
    shared = (
        _one_within("parallelizability", parallelizability, 1e-9, 1.0, "> 0 and at most 1"),
        _one_within("volatility", volatility, 0.0, 1e3, "at least 0 and at most 1,000"),
    )
    course_count = as_count(_OWNER, "courses", courses, 1, 1_000_000)
    particle_count = as_count(_OWNER, "particles", particles, 10, 1_000_000)
    seed_number = as_count(_OWNER, "seed", seed, 0, 2**63)
    rule = _Rule(
        dataclasses.replace(monitor, particles=particle_count),
        buffer_multiples,
        alarm_levels,
        interval_years,
        round(horizon_years / interval_years),
        seed_number,
    )
    alarms = rule.alarms(_Courses(rule, "quiet", 1.0, shared, course_count))
    accelerating = _Courses(rule, "accelerating", accelerating_r, shared, course_count)
    return _table(rule, alarms, accelerating, rule.alarms(accelerating))


class _Courses:
    """Simulated courses: true doublings and pace (over the reference) at each measurement, infinite once singular."""

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

    def time_of_reaching(self, multiple: float, interval: float) -> Floats:
        """Return the time at which the true pace first reaches a multiple; infinite if it does not."""
        above = self.multiples >= multiple
        first = above.argmax(axis=0)
        course = np.arange(self.count)
        high, low = self.multiples[first, course], self.multiples[np.maximum(first - 1, 0), course]
        interpolated = (first > 0) & np.isfinite(high)
        with np.errstate(invalid="ignore", divide="ignore"):
            fraction = np.where(interpolated, np.log(multiple / low) / np.log(high / low), 1.0)
        time = np.where(first > 0, (first - 1 + fraction) * interval, 0.0)
        return np.where(above.any(axis=0), time, np.inf)


@dataclasses.dataclass
class _Rule:
    """Rule of an alarm, for several buffers and alarm probabilities."""

    monitor: Monitor
    buffers: Floats
    probabilities: Floats
    interval: float
    updates: int
    seed: int

    def alarms(self, courses: _Courses) -> Floats:
        """Return the time of the alarm by buffer, probability and course; infinite without an alarm."""
        alarm_times = np.full((self.buffers.size, self.probabilities.size, courses.count), np.inf)
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
                    except InvalidValueError:  # beyond all particles: skipped; above all buffers if it is faster
                        expected = watch.forecast(time - watch.state()["time_years"])["log_efficiency"]
                        above *= math.isinf(expected) or measured > expected
                raised = above[:, None] >= self.probabilities
                course_alarms = alarm_times[:, :, course]
                course_alarms[raised & np.isinf(course_alarms)] = time
                if np.isfinite(course_alarms).all() or not math.isfinite(level):
                    break
        return alarm_times


def _table(rule: _Rule, quiet: Floats, courses: _Courses, alarms: Floats) -> pl.DataFrame:
    """Tabulate the errors of the rule, from alarms in quiet courses and in accelerating ones."""
    crossed = courses.time_of_reaching(rule.monitor.threshold, rule.interval)
    crosses = np.isfinite(crossed)
    rows = []
    for i, buffer in enumerate(rule.buffers):
        reached = courses.time_of_reaching(float(buffer), rule.interval)
        for j, probability in enumerate(rule.probabilities):
            alarm_time = alarms[i, j]
            warning = np.sort(crossed[crosses] - alarm_time[crosses])
            delay = np.sort(alarm_time[crosses] - reached[crosses])
            rows.append(
                {
                    "buffer": float(buffer),
                    "alarm_probability": float(probability),
                    "false_alarm_share": float(np.isfinite(quiet[i, j]).mean()),
                    "late_share": float((warning < 0).mean()) if warning.size else None,
                    "delay_years": _quantile(delay, 0.5),
                    "warning_years": _quantile(warning, 0.5),
                    "warning_years_5%": _quantile(warning, 0.05),
                    "crossings": int(crosses.sum()),
                }
            )
    floats = dict.fromkeys(("late_share", "delay_years", "warning_years", "warning_years_5%"), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=floats)


def _quantile(ordered: Floats, probability: float) -> float | None:
    """Return the value at the rank of a quantile, without interpolation, since values may be infinite."""
    return float(ordered[max(math.ceil(probability * ordered.size) - 1, 0)]) if ordered.size else None


def _within(name: str, value: Any, low: float, high: float, rule: str) -> Floats:
    """Convert an argument to floats from `low` to `high`."""
    values = as_floats(_OWNER, name, value)
    outside = ~((values >= low) & (values <= high))
    if outside.any():
        index = int(outside.reshape(-1).argmax()) if values.ndim else None
        raise InvalidValueError(_OWNER, name, float(values[outside][0]), rule, index)
    return values.reshape(-1)


def _one_within(name: str, argument: Any, low: float, high: float, rule: str) -> float:
    """Convert an argument to one float from `low` to `high`."""
    value = as_number(_OWNER, name, argument)
    if not low <= value <= high:
        raise InvalidValueError(_OWNER, name, value, rule)
    return value
