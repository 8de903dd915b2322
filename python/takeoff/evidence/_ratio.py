"""Estimators that compare growth rates: the naive ratio, and a regression of the growth rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_count
from takeoff.distributions import Normal
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._shared import (
    INSEPARABLE,
    cautions,
    check_type,
    credibility_of,
    fit_table,
    implausible,
    reversals,
)

if TYPE_CHECKING:
    from takeoff.evidence._series import ResearchSeries

__all__ = ["growth_rate_ols", "naive_ratio"]

NO_ERROR: Final = (
    "the growth rates have no error from so few steps, or with an input of 0 in between: the interval is unbounded"
)
_LEAST_GROWTH: Final = 1e-12
"""Growth per year (in logarithms) that rounding alone may give."""


def naive_ratio(series: ResearchSeries, *, credibility: float = 0.9) -> Estimate:
    """Ratio of the growth rates of efficiency and of research input, from their ends.

    ``r = gA / gI`` with ``gA`` the growth of ln A from the first measurement to the last, per year, and ``gI`` that
    of ln I from the middle of the first period of input to the middle of the last. Right on a balanced path, on which
    both grow exponentially, whatever lambda is; it takes no account of transitions, of lags and of what input there was
    before.

    The interval is that of the delta method for ln r, with both growth rates as random walks: the spread of their
    steps, over the square root of how many there are. With fewer than three steps of either there is none.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        Without beta, lambda or an initial stock.

    Raises
    ------
    InvalidValueError
        Efficiency or input that does not grow: r would be negative, infinite or 0/0.
    ShapeError
        Input in one period alone, whose growth is not known.

    References
    ----------
    Erdil, Besiroglu & Ho (2024), "Estimating Idea Production", naive estimates of four domains; Eth & Davidson (2025),
    page 30 (28% over 7% a year).

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"year": [0, 10, 20], "efficiency": [1, 1.28**10, 1.28**20], "staff": [1, 1.07**10, 1.07**20]}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> round(evidence.naive_ratio(series).r, 2)
    3.65
    """
    level = credibility_of("naive_ratio", credibility)
    check_type("naive_ratio", series)
    output = growth_and_error(series.time, series.log_output)
    effort = input_growth("naive_ratio", "series", series)
    for name, (rate, _) in (("efficiency", output), ("input", effort)):
        if rate <= _LEAST_GROWTH:
            raise InvalidValueError("naive_ratio", "series", rate, f"of {name} that grows (per year, in logarithms)")
    r = output[0] / effort[0]
    errors = [error / rate for rate, error in (output, effort)]
    known = all(math.isfinite(error) for error in errors)
    half = Normal(0, 1).quantile((1 + level) / 2) * math.hypot(*errors) if known else math.inf
    warnings = [INSEPARABLE, *cautions(series, "output_error", "initial_stock")]
    if not known:
        warnings.append(NO_ERROR)
    if not known or half > 300:
        low, high = 0.0, math.inf
    else:
        low, high = r * math.exp(-half), r * math.exp(half)
    fitted = series.log_output[0] + output[0] * (series.time - series.time[0])
    return Estimate(
        estimator="naive_ratio",
        r=r,
        r_low=low,
        r_high=high,
        interval="delta method on ln r, growth rates as random walks",
        noise="random walks of ln A and ln I",
        credibility=level,
        effective_size=float(min(series.time.size, series.flow.size) - 1),
        diagnostics={"growth_of_output": output[0], "growth_of_input": effort[0]},
        warnings=tuple(warnings),
        fitted=fit_table(series, fitted),
        series=series,
        citations=("erdil-2024", "eth-davidson-2025"),
    )


def growth_rate_ols(
    series: ResearchSeries, *, window: int = 1, lags: int | None = None, credibility: float = 0.9
) -> Estimate:
    """Least squares of the logarithm of the growth rate on ln A and ln I (needs the extra ``evidence``).

    ``ln(d ln A/dt) = c - beta ln A + lambda ln I``, over windows of a few measurements that overlap, with A at the
    start of a window and I its mean over it. Standard errors are those of Newey & West, and the interval of
    ``r = lambda/beta`` is Fieller's (1954): it may be unbounded where beta is not told from 0.

    It fails where growth is negative in places (these windows have no logarithm and are left out, which selects),
    where errors of measurement are large beside a window's growth (they enter both sides and raise beta), and where
    input moves as smoothly as efficiency (lambda and beta are then known together alone).

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    window : int, default 1
        Steps from measurement to measurement in a window.
    lags : int, optional
        Lags of the Newey-West errors (default: those that a window makes, and those of the rule 4 (n/100)^(2/9)).
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        With beta and lambda, and a warning where the interval is unbounded.

    Raises
    ------
    ShapeError
        Fewer than five windows with positive growth.
    InvalidValueError
        Growth or input that is constant, or input in step with efficiency; growth that quickens with efficiency and
        slows with input.
    MissingExtraError
        Without statsmodels.

    References
    ----------
    Erdil, Besiroglu & Ho (2024), the rate regressions of Stockfish and US total factor productivity; Fieller, E. C.
    (1954), "Some problems in interval estimation"; Newey & West (1987).

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year, rng = np.arange(30), np.random.default_rng(0)
    >>> staff = np.exp(0.1 * year + 0.5 * np.sin(year))
    >>> growth, level = [], [0.0]
    >>> for flow in staff:  # beta = lambda = 0.5
    ...     level.append(level[-1] + 0.1 * np.sqrt(flow) * np.exp(-0.5 * level[-1] + 0.05 * rng.normal()))
    >>> table = {"year": year, "log_efficiency": level[:-1], "staff": staff}
    >>> series = evidence.ResearchSeries.from_frame(
    ...     table, time="year", output="log_efficiency", output_kind="log", input="staff"
    ... )
    >>> found = evidence.growth_rate_ols(series)
    >>> found.r_low < 1 < found.r_high, round(found.r, 1)
    (True, 1.0)
    """
    try:
        from statsmodels.api import OLS
    except ImportError:
        raise MissingExtraError("growth_rate_ols", "evidence") from None
    level = credibility_of("growth_rate_ols", credibility)
    check_type("growth_rate_ols", series)
    steps = as_count("growth_rate_ols", "window", window, 1, 1_000_000)
    chosen = None if lags is None else as_count("growth_rate_ols", "lags", lags, 0, 1_000_000)
    rate, span, start, effort = _windows(series, steps)
    there = (rate > 0) & (effort > 0)
    if there.sum() < 5:
        given = int(there.sum())
        rule = "have at least five windows with input in which efficiency grows"
        raise ShapeError(f"the series must {rule}, got {given} (growth_rate_ols.series)")
    count = int(there.sum())
    rates = np.log(rate[there])
    rounding = np.finfo(float).eps * max(1, np.abs(series.log_output).max())  # of ln A
    if np.ptp(rates) <= 8 * rounding / (rate * span)[there].min():
        rule = "of growth that varies: r is 0 / 0 where its rate is constant"
        raise InvalidValueError("growth_rate_ols", "series", series, rule)
    varying = np.column_stack([start[there], np.log(effort[there])])
    middle = varying.mean(axis=0)
    spread = np.linalg.norm(varying - middle, axis=0)
    # Rounding alone makes a constant vary by about 1e-16 of its size.
    varies = bool((spread > 1e-12 * np.maximum(np.abs(middle), 1)).all())
    if not varies or np.linalg.matrix_rank((varying - middle) / spread, tol=1e-6) < 2:
        rule = "of an efficiency and an input that vary, and not in step"
        raise InvalidValueError("growth_rate_ols", "series", series, rule)
    design = np.column_stack([np.ones(count), varying - middle])
    used = max(steps - 1, math.floor(4 * (count / 100) ** (2 / 9))) if chosen is None else chosen
    used = min(used, count - 1)
    fit: Any = OLS(rates, design).fit(cov_type="HAC", cov_kwds={"maxlags": used})
    beta, lam = -float(fit.params[1]), float(fit.params[2])
    if beta <= 0 and lam <= 0:
        rule = f"of growth that slows as efficiency rises or quickens with input (beta {beta:.3g}, lambda {lam:.3g})"
        raise InvalidValueError("growth_rate_ols", "series", series, rule)
    covariance = np.array([[1, -1], [-1, 1]]) * fit.cov_params()[1:, 1:]
    low, high, warnings = _fieller((beta, lam), covariance, level)
    warnings += [*cautions(series, "output_error", "initial_stock"), *reversals(series), *implausible(lam)]
    if count < rate.size:
        warnings.append(f"{rate.size - count} of {rate.size} windows have no growth, and are left out")
    if beta <= 0:
        warnings.append("growth does not slow as efficiency rises: r has no finite value")
    if lam < 0:
        warnings.append("growth slows as input rises: lambda is below 0, and the law does not fit")
    profile = _profile((beta, lam), covariance)
    correlation = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
    if abs(correlation) > 0.9:
        warnings.append(INSEPARABLE)
    return Estimate(
        estimator="growth_rate_ols",
        r=lam / beta if beta > 0 else math.inf,
        r_low=low,
        r_high=high,
        interval="Fieller, Newey-West errors",
        noise="independent of ln A, in the logarithm of the growth rate",
        credibility=level,
        beta=beta,
        parallelizability=lam,
        effective_size=count / steps,
        diagnostics={
            "standard_error_of_beta": math.sqrt(covariance[0, 0]),
            "standard_error_of_lambda": math.sqrt(covariance[1, 1]),
            "correlation_of_both": float(correlation),
            "r_squared": float(fit.rsquared),
            "lags": float(used),
        },
        warnings=tuple(warnings),
        ridge=None if profile is None else profile.filter(pl.col("log_likelihood") > -2),
        profile=profile,
        series=series,
        citations=("erdil-2024",),
    )


def _profile(values: tuple[float, float], covariance: Floats) -> pl.DataFrame | None:
    """Pairs of beta and lambda nearest to those of the regression at each ratio, and their log likelihood as normal.

    None of a regression without errors.
    """
    beta, lam = values
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return None
    tried = np.geomspace(0.02, 50, 401)
    returns = np.sort([*tried, lam / beta]) if beta > 0 and lam > 0 else tried
    directions = np.column_stack([np.ones(returns.size), returns])
    along, found = (np.linalg.solve(root, each.T).T for each in (directions, np.array([values])))
    part = along @ found[0] / (along**2).sum(axis=1)
    left = found - part[:, None] * along
    table = {"r": returns, "beta": part, "parallelizability": part * returns}
    profile = pl.DataFrame(table | {"log_likelihood": -0.5 * (left**2).sum(axis=1)})
    return profile.filter(pl.col("beta") > 0)


def _windows(series: ResearchSeries, steps: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Growth rate over each window, its length, ln A at its start, and the mean input in it."""
    if series.time.size <= steps:
        given = series.time.size
        raise ShapeError(f"the series must have more measurements than a window, got {given} (growth_rate_ols.series)")
    ends, starts = np.arange(steps, series.time.size), np.arange(series.time.size - steps)
    moving = series.time[ends] > series.time[starts]
    ends, starts = ends[moving], starts[moving]
    span = series.time[ends] - series.time[starts]
    total = series.cumulative_input
    rate = (series.log_output[ends] - series.log_output[starts]) / span
    return rate, span, series.log_output[starts], (total[ends] - total[starts]) / span


def _fieller(values: tuple[float, float], covariance: Floats, level: float) -> tuple[float, float, list[str]]:
    """Interval of lambda over beta: all r for which ``lambda - r beta`` is not told from 0.

    Those below 0 are left out, unless lambda is.
    """
    beta, lam = values
    least = 0.0 if lam >= 0 else -math.inf
    z2 = float(Normal(0, 1).quantile((1 + level) / 2)) ** 2
    a = beta**2 - z2 * covariance[0, 0]
    b = beta * lam - z2 * covariance[0, 1]
    c = lam**2 - z2 * covariance[1, 1]
    inside = b * b - a * c
    if a <= 0 or inside < 0 or beta <= 0:
        return least, math.inf, ["no finite interval of r follows: beta is not told from 0, or is below it"]
    low, high = (b - math.sqrt(inside)) / a, (b + math.sqrt(inside)) / a
    warnings = ["lambda is not told from 0: the interval reaches to r = 0"] if low <= 0 < high else []
    return max(float(low), least), float(high), warnings


def input_growth(owner: str, name: str, series: ResearchSeries) -> tuple[float, float]:
    """Growth of the input per year from the middle of its first period to that of its last, and its error.

    The error is infinite where the input is 0 in between, and has no logarithm.
    """
    if series.flow.size < 2:
        rule = "known in two periods at least, for its growth"
        raise ShapeError(f"the input must be {rule}, got {series.flow.size} ({owner}.{name})")
    if series.flow[0] <= 0 or series.flow[-1] <= 0:
        value = float(min(series.flow[0], series.flow[-1]))
        raise InvalidValueError(owner, name, value, "of an input above 0 in its first and last period")
    middle = (series.edges[1:] + series.edges[:-1]) / 2
    there = series.flow > 0
    rate, error = growth_and_error(middle[there], np.log(series.flow[there]))
    return rate, error if there.all() else math.inf


def growth_and_error(time: Floats, logarithm: Floats) -> tuple[float, float]:
    """Growth per year from end to end, and its standard error as a random walk; infinite for fewer than three steps."""
    span = time[-1] - time[0]
    rate = float((logarithm[-1] - logarithm[0]) / span)
    years = np.diff(time)
    moving = years > 0
    if np.count_nonzero(moving) < 3:
        return rate, math.inf
    spread = (np.diff(logarithm) - rate * years)[moving] / np.sqrt(years[moving])
    return rate, float(np.sqrt((spread**2).sum() / (spread.size - 1) / span))
