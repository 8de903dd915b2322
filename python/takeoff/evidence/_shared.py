"""What several estimators need: intervals from a profile likelihood, the fit as a table, probabilities checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_columns, as_floats, as_number, common_shape
from takeoff.distributions import Normal
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.evidence._series import ResearchSeries

if TYPE_CHECKING:
    from collections.abc import Callable

INSEPARABLE: Final = "lambda and beta are not separately identified by this series: only their ratio is"
_CONSTANT_INPUT: Final = "the input never changes: it tells beta alone, and r only for a lambda that is assumed"
_LEAST_TAIL: Final = 1e-9
"""Of a credibility, and of what is left to 1: below, an interval has ends that rounding makes, or none."""
_ROUNDING: Final = 4 * float(np.finfo(float).eps)
_FINE: Final = 12
_HALVINGS: Final = 12
_SHORT: Final = 0.1
"""Length of the gap in which an end of an interval is sought, relative to the interval, both in ln r."""
_LARGEST_LAMBDA: Final = 2.0


def credibility_of(owner: str, value: Any) -> float:
    """The probability of an interval, checked."""
    level = as_number(owner, "credibility", value)
    if not _LEAST_TAIL <= level <= 1 - _LEAST_TAIL:
        rule = f"strictly between 0 and 1, and at least {_LEAST_TAIL:g} from both"
        raise InvalidValueError(owner, "credibility", level, rule)
    return level


def check_type(owner: str, series: Any, name: str = "series") -> None:
    """Refuse what is no series."""
    if not isinstance(series, ResearchSeries):
        raise DtypeError(owner, name, type(series).__name__, "a ResearchSeries")


def check_series(owner: str, series: Any) -> None:
    """Refuse what is no series, and measurements without any input between them."""
    check_type(owner, series)
    still = (np.diff(series.cumulative_input) <= 0) & (np.diff(series.time) > 0)
    if still.any():
        index = int(still.argmax())
        raise InvalidValueError(owner, "series", 0.0, "of an input above 0 between all measurements", index)


def parameter_columns(owner: str, given: dict[str, Any]) -> tuple[tuple[int, ...], tuple[Floats, ...]]:
    """The shape to which parameters broadcast, and a whole column of each."""
    fields = {name: as_floats(owner, name, value) for name, value in given.items()}
    for name, field in fields.items():
        if np.isnan(field).any():
            raise InvalidValueError(owner, name, math.nan, "a number everywhere")
    shape = common_shape(owner, fields)
    return shape, tuple(np.array(np.broadcast_to(column, math.prod(shape))) for column in as_columns(shape, fields))


def unused(series: ResearchSeries, *names: str) -> list[str]:
    """Warnings of those fields of a series which it has and of which an estimator takes no account."""
    return [_UNUSED[name] for name in names if getattr(series, name) is not None]


def cautions(series: ResearchSeries, *names: str) -> list[str]:
    """Warnings of fields that are not used, of an input that never changes, and of efficiency that falls."""
    found = unused(series, *names)
    if np.ptp(series.flow) == 0:
        found.append(_CONSTANT_INPUT)
    if series.log_output[-1] < series.log_output[0]:
        found.append("efficiency is lower at the end than at the start: growth that the law does not allow")
    return found


def inseparable(series: ResearchSeries) -> list[str]:
    """A warning that beta and lambda are known as a ratio alone, where the input makes known even that."""
    return [INSEPARABLE] if np.ptp(series.flow) > 0 else []


_UNUSED: Final = {
    "output_error": "the errors of measurement of this series are not used: all measurements count as exact",
    "initial_stock": "the initial stock of this series is not used",
}


def reversals(series: ResearchSeries) -> list[str]:
    """A warning where growth turns back from step to step: what errors of measurement look like to a law of growth."""
    years, gained = np.diff(series.time), np.diff(series.log_output)
    moving = years > 0
    rate = gained.sum() / series.span
    steps = (gained - rate * years)[moving] / np.sqrt(years[moving])
    square = float(steps @ steps)
    if steps.size < 8 or square == 0:
        return []
    correlation = float(steps[1:] @ steps[:-1]) / square
    if correlation >= -float(Normal(0, 1).quantile(0.95)) / math.sqrt(steps.size):
        return []
    found = f"growth turns back from step to step (correlation {correlation:.2f}), as errors of measurement make it"
    return [f"{found}: they are taken for progress here, which biases r; see jones_level_ml"]


def at_an_end(r: float, low: float, high: float) -> list[str]:
    """A warning of a best r at an end of the range that was searched, beyond which it may lie."""
    if low * 1.001 < r < high / 1.001:
        return []
    return [f"r is the end of the range that was searched, {low:g} to {high:g}, and no estimate"]


def implausible(lam: float) -> list[str]:
    """A warning of a lambda far above 1, at which work in parallel loses nothing."""
    if lam <= _LARGEST_LAMBDA:
        return []
    return [f"lambda of {lam:.3g} is far above 1, at which nothing is lost by work in parallel: r rests on a poor fit"]


def check_varies(owner: str, log_output: Floats) -> None:
    """Refuse an efficiency that stays as it is but for rounding: it tells nothing of r."""
    if np.ptp(log_output) <= _ROUNDING * max(1.0, float(np.abs(log_output).max())):
        raise InvalidValueError(owner, "series", "a constant", "of an efficiency that varies")


def fit_table(series: ResearchSeries, fitted: Floats) -> pl.DataFrame:
    """Measurements beside what was fitted to them."""
    return pl.DataFrame({"time_years": series.time, "log_output": series.log_output, "fitted": fitted})


def likelihood_drop(level: float, measurements: float = math.inf, parameters: int = 0) -> float:
    """By how much a log likelihood may be below its maximum within an interval of this probability.

    Of few measurements, what is exact for a linear fit with normal errors, Student's t in place of a normal deviate;
    of many, Wilks's theorem.
    """
    free = measurements - parameters
    if free == math.inf:
        return 0.5 * float(Normal(0, 1).quantile((1 + level) / 2)) ** 2
    from scipy.stats import t

    return 0.5 * measurements * math.log1p(float(t.ppf((1 + level) / 2, free)) ** 2 / free)


def likelihood_interval(r: Floats, log_likelihood: Floats, drop: float) -> tuple[float, float]:
    """First and last r, ascending, whose log likelihood is no more than `drop` below the maximum.

    0 and infinity where the profile does not bound r. Between points the root of what is lost is about linear in ln r.
    """
    logs, root = np.log(r), np.sqrt(np.max(log_likelihood) - log_likelihood)
    inside = np.flatnonzero(root <= math.sqrt(drop))
    first, last = int(inside[0]), int(inside[-1])

    def end(near: int, far: int) -> float:
        return math.exp(float(np.interp(math.sqrt(drop), root[[near, far]], logs[[near, far]])))

    low = end(first, first - 1) if first > 0 else 0.0
    return low, end(last, last + 1) if last < root.size - 1 else math.inf


_Row = TypeVar("_Row", bound=tuple[Any, ...])


def refined_interval(found: dict[float, _Row], fit: Callable[[float, _Row], _Row], drop: float) -> tuple[float, float]:
    """Interval of r from rows that begin with minus the log likelihood, with more places in it and around its ends.

    The places are added to those found; each is fitted from the row of the nearest.
    """

    def interval() -> tuple[Floats, Floats, tuple[float, float]]:
        r = np.array(sorted(found))
        heights = np.array([-found[each][0] for each in r])
        return r, heights, likelihood_interval(r, heights, drop)

    def add(places: list[float]) -> None:
        for each in places:
            beside = min(found, key=lambda other: abs(math.log(other / each)))
            if each not in found:
                found[each] = fit(each, found[beside])

    for _ in range(2):
        r, _, (low, high) = interval()
        add(np.geomspace(max(low, r[0]), min(high, r[-1]), _FINE).tolist())
    # What is lost rises unevenly where a profile has a corner: gaps in which the ends lie are halved until short.
    for _ in range(_HALVINGS):
        r, heights, (low, high) = interval()
        inside = np.flatnonzero(heights >= heights.max() - drop)
        ends = [(at, at + 1) for at in (int(inside[0]) - 1, int(inside[-1])) if 0 <= at < r.size - 1]
        short = max(_SHORT * math.log(r[inside[-1]] / r[inside[0]]), 1e-4)
        wide = [math.sqrt(r[a] * r[b]) for a, b in ends if math.log(r[b] / r[a]) > short]
        if not wide:
            break
        add(wide)
    return interval()[2]
