"""Parts of several estimators: checks, warnings, intervals from a profile likelihood, and the table of a fit."""

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
"""Least credibility, and least distance of a credibility from 1: beyond them rounding decides the interval."""
_ROUNDING: Final = 4 * float(np.finfo(float).eps)
"""Relative change of efficiency that rounding alone may cause."""
_POINTS: Final = 12
"""Points that each of two rounds adds inside an interval."""
_BISECTIONS: Final = 12
_LONGEST_GAP: Final = 0.1
"""Greatest distance between the points next to an end of an interval, relative to the interval, both in ln r."""
_LARGEST_LAMBDA: Final = 2.0
"""Greatest plausible lambda."""


def credibility_of(owner: str, value: Any) -> float:
    """Convert `value` to the probability of an interval."""
    level = as_number(owner, "credibility", value)
    if not _LEAST_TAIL <= level <= 1 - _LEAST_TAIL:
        rule = f"strictly between 0 and 1, and at least {_LEAST_TAIL:g} from both"
        raise InvalidValueError(owner, "credibility", level, rule)
    return level


def check_type(owner: str, series: Any, name: str = "series") -> None:
    """Raise unless `series` is a ResearchSeries."""
    if not isinstance(series, ResearchSeries):
        raise DtypeError(owner, name, type(series).__name__, "a ResearchSeries")


def check_series(owner: str, series: Any) -> None:
    """Raise unless `series` is a ResearchSeries with input between all its measurements."""
    check_type(owner, series)
    without_input = (np.diff(series.cumulative_input) <= 0) & (np.diff(series.time) > 0)
    if without_input.any():
        index = int(without_input.argmax())
        raise InvalidValueError(owner, "series", 0.0, "of an input above 0 between all measurements", index)


def parameter_columns(owner: str, parameters: dict[str, Any]) -> tuple[tuple[int, ...], tuple[Floats, ...]]:
    """Broadcast parameters; return their common shape, and a column of all values of each."""
    fields = {name: as_floats(owner, name, value) for name, value in parameters.items()}
    for name, field in fields.items():
        if np.isnan(field).any():
            raise InvalidValueError(owner, name, math.nan, "a number everywhere")
    shape = common_shape(owner, fields)
    return shape, tuple(np.array(np.broadcast_to(column, math.prod(shape))) for column in as_columns(shape, fields))


def unused_warnings(series: ResearchSeries, *names: str) -> list[str]:
    """Return a warning for each named field that a series has and its estimator does not use."""
    return [_UNUSED[name] for name in names if getattr(series, name) is not None]


def common_warnings(series: ResearchSeries, *names: str) -> list[str]:
    """Return warnings of fields that are not used, of constant input, and of falling efficiency."""
    warnings = unused_warnings(series, *names)
    if np.ptp(series.flow) == 0:
        warnings.append(_CONSTANT_INPUT)
    if series.log_output[-1] < series.log_output[0]:
        warnings.append("efficiency is lower at the end than at the start: growth that the law does not allow")
    return warnings


def identification_warnings(series: ResearchSeries) -> list[str]:
    """Return a warning that only the ratio of beta and lambda is identified, unless the input is constant."""
    return [INSEPARABLE] if np.ptp(series.flow) > 0 else []


_UNUSED: Final = {
    "output_error": "the errors of measurement of this series are not used: all measurements count as exact",
    "initial_stock": "the initial stock of this series is not used",
}


def reversal_warnings(series: ResearchSeries) -> list[str]:
    """Return a warning if growth is negatively autocorrelated, as measurement errors make it."""
    years, gains = np.diff(series.time), np.diff(series.log_output)
    moving = years > 0
    rate = gains.sum() / series.span
    steps = (gains - rate * years)[moving] / np.sqrt(years[moving])
    sum_of_squares = float(steps @ steps)
    if steps.size < 8 or sum_of_squares == 0:
        return []
    correlation = float(steps[1:] @ steps[:-1]) / sum_of_squares
    if correlation >= -float(Normal(0, 1).quantile(0.95)) / math.sqrt(steps.size):
        return []
    warning = f"growth turns back from step to step (correlation {correlation:.2f}), as errors of measurement make it"
    return [f"{warning}: they are taken for progress here, which biases r; see jones_level_ml"]


def range_warnings(r: float, low: float, high: float) -> list[str]:
    """Return a warning if the best r is at an end of the range that was searched: the maximum may lie beyond."""
    if low * 1.001 < r < high / 1.001:
        return []
    return [f"r is the end of the range that was searched, {low:g} to {high:g}, and no estimate"]


def lambda_warnings(lam: float) -> list[str]:
    """Return a warning if lambda is far above 1, the value for research that parallelizes without loss."""
    if lam <= _LARGEST_LAMBDA:
        return []
    return [f"lambda of {lam:.3g} is far above 1, at which nothing is lost by work in parallel: r rests on a poor fit"]


def check_varies(owner: str, log_output: Floats) -> None:
    """Raise if efficiency is constant up to rounding, and so tells nothing about r."""
    if np.ptp(log_output) <= _ROUNDING * max(1.0, float(np.abs(log_output).max())):
        raise InvalidValueError(owner, "series", "a constant", "of an efficiency that varies")


def fit_table(series: ResearchSeries, fitted: Floats) -> pl.DataFrame:
    """Tabulate measurements next to their fitted values."""
    return pl.DataFrame({"time_years": series.time, "log_output": series.log_output, "fitted": fitted})


def likelihood_drop(level: float, measurements: float = math.inf, parameters: int = 0) -> float:
    """Compute how far below its maximum the log-likelihood may be inside an interval of probability `level`.

    For few measurements the drop is the one that is exact for a linear fit with normal errors, from a quantile of
    Student's t; for many it is that of Wilks's theorem.
    """
    degrees_of_freedom = measurements - parameters
    if degrees_of_freedom == math.inf:
        return 0.5 * float(Normal(0, 1).quantile((1 + level) / 2)) ** 2
    from scipy.stats import t

    return 0.5 * measurements * math.log1p(float(t.ppf((1 + level) / 2, degrees_of_freedom)) ** 2 / degrees_of_freedom)


def likelihood_interval(r: Floats, log_likelihood: Floats, drop: float) -> tuple[float, float]:
    """Return the first and the last r, ascending, whose log-likelihood is at most `drop` below the maximum.

    An end that the profile does not bound is 0 or infinity. Between points the square root of the distance from the
    maximum is interpolated linearly in ln r: near a quadratic maximum it is about linear.
    """
    log_r, root_drop = np.log(r), np.sqrt(np.max(log_likelihood) - log_likelihood)
    inside = np.flatnonzero(root_drop <= math.sqrt(drop))
    first, last = int(inside[0]), int(inside[-1])

    def end(inner: int, outer: int) -> float:
        return math.exp(float(np.interp(math.sqrt(drop), root_drop[[inner, outer]], log_r[[inner, outer]])))

    low = end(first, first - 1) if first > 0 else 0.0
    return low, end(last, last + 1) if last < root_drop.size - 1 else math.inf


_Row = TypeVar("_Row", bound=tuple[Any, ...])


def refined_interval(
    profile: dict[float, _Row], fit: Callable[[float, _Row], _Row], drop: float
) -> tuple[float, float]:
    """Find the interval of r, adding points to the profile inside the interval and around its ends.

    `profile` maps r to rows that begin with the negative log-likelihood. New points are added to it; the fit of each
    starts from the row of the nearest point.
    """

    def interval() -> tuple[Floats, Floats, tuple[float, float]]:
        r = np.array(sorted(profile))
        log_likelihood = np.array([-profile[point][0] for point in r])
        return r, log_likelihood, likelihood_interval(r, log_likelihood, drop)

    def add(points: list[float]) -> None:
        for point in points:
            nearest = min(profile, key=lambda other: abs(math.log(other / point)))
            if point not in profile:
                profile[point] = fit(point, profile[nearest])

    for _ in range(2):
        r, _, (low, high) = interval()
        add(np.geomspace(max(low, r[0]), min(high, r[-1]), _POINTS).tolist())
    # Interpolation is inaccurate at a corner of the profile: bisect the gaps that hold the ends until they are short.
    for _ in range(_BISECTIONS):
        r, log_likelihood, (low, high) = interval()
        above = np.flatnonzero(log_likelihood >= log_likelihood.max() - drop)
        gaps = [(k, k + 1) for k in (int(above[0]) - 1, int(above[-1])) if 0 <= k < r.size - 1]
        longest = max(_LONGEST_GAP * math.log(r[above[-1]] / r[above[0]]), 1e-4)
        midpoints = [math.sqrt(r[a] * r[b]) for a, b in gaps if math.log(r[b] / r[a]) > longest]
        if not midpoints:
            break
        add(midpoints)
    return interval()[2]
