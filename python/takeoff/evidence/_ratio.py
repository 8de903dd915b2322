"""Estimators from growth rates: the naive ratio, and a regression of the growth rate."""

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
    check_type,
    common_warnings,
    credibility_of,
    fit_table,
    lambda_warnings,
    reversal_warnings,
)

if TYPE_CHECKING:
    from takeoff.evidence._series import ResearchSeries

__all__ = ["growth_rate_ols", "naive_ratio"]

NO_ERROR: Final = (
    "the growth rates have no error from so few steps, or with an input of 0 in between: the interval is unbounded"
)
_LEAST_GROWTH: Final = 1e-12
"""Growth per year (in logarithms) that rounding alone may cause."""


def naive_ratio(series: ResearchSeries, *, credibility: float = 0.9) -> Estimate:
    """Estimate r as the ratio of the growth rates of efficiency and of research input, from end to end.

    ``r = gA / gI`` with ``gA`` the growth of ln A from the first measurement to the last, per year, and ``gI`` that
    of ln I from the middle of the first period of input to the middle of the last. It is exact on a balanced growth
    path, on which both grow exponentially, for any lambda; it neglects transitions, lags and earlier input.

    The interval is that of the delta method for ln r, with ln A and ln I as random walks: the standard error of a rate
    is the standard deviation of its steps over the square root of their number. With fewer than three steps of either
    the interval is unbounded.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        The estimate, without beta, lambda or an initial stock.

    Raises
    ------
    InvalidValueError
        Efficiency or input that does not grow: r would be negative, infinite or 0/0.
    ShapeError
        Input in a single period, whose growth is unknown.

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
    half_width = Normal(0, 1).quantile((1 + level) / 2) * math.hypot(*errors) if known else math.inf
    warnings = [INSEPARABLE, *common_warnings(series, "output_error", "initial_stock")]
    if not known:
        warnings.append(NO_ERROR)
    if not known or half_width > 300:
        low, high = 0.0, math.inf
    else:
        low, high = r * math.exp(-half_width), r * math.exp(half_width)
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
    """Estimate r by regressing the logarithm of the growth rate on ln A and ln I (needs the extra ``evidence``).

    ``ln(d ln A/dt) = c - beta ln A + lambda ln I`` by least squares over overlapping windows of a few measurements,
    with A at the start of a window and I the mean over the window. Standard errors are those of Newey & West, and the
    interval of ``r = lambda/beta`` is that of Fieller (1954), which is unbounded if beta does not differ significantly
    from 0.

    It fails if growth is negative in some windows (they have no logarithm, and leaving them out is selection), if
    measurement errors are large relative to the growth in a window (they enter both sides and raise beta), and if input
    is as smooth as efficiency (lambda and beta are then not identified separately).

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    window : int, default 1
        Length of a window, in steps from measurement to measurement.
    lags : int, optional
        Lags of the Newey-West errors (default: the greater of ``window - 1`` and ``4 (n/100)^(2/9)``).
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        The estimate, with beta and lambda, and a warning if the interval is unbounded.

    Raises
    ------
    ShapeError
        Fewer than five windows with positive growth.
    InvalidValueError
        Constant growth or input, input that is collinear with efficiency, or growth that rises with efficiency and
        falls with input.
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
    >>> estimate = evidence.growth_rate_ols(series)
    >>> estimate.r_low < 1 < estimate.r_high, round(estimate.r, 1)
    (True, 1.0)
    """
    try:
        from statsmodels.api import OLS
    except ImportError:
        raise MissingExtraError("growth_rate_ols", "evidence") from None
    level = credibility_of("growth_rate_ols", credibility)
    check_type("growth_rate_ols", series)
    steps = as_count("growth_rate_ols", "window", window, 1, 1_000_000)
    fixed_lags = None if lags is None else as_count("growth_rate_ols", "lags", lags, 0, 1_000_000)
    rate, span, start, effort = _windows(series, steps)
    usable = (rate > 0) & (effort > 0)
    if usable.sum() < 5:
        received = int(usable.sum())
        rule = "have at least five windows with input in which efficiency grows"
        raise ShapeError(f"the series must {rule}, got {received} (growth_rate_ols.series)")
    count = int(usable.sum())
    rates = np.log(rate[usable])
    rounding = np.finfo(float).eps * max(1, np.abs(series.log_output).max())  # error of ln A
    if np.ptp(rates) <= 8 * rounding / (rate * span)[usable].min():
        rule = "of growth that varies: r is 0 / 0 where its rate is constant"
        raise InvalidValueError("growth_rate_ols", "series", series, rule)
    regressors = np.column_stack([start[usable], np.log(effort[usable])])
    centre = regressors.mean(axis=0)
    scale = np.linalg.norm(regressors - centre, axis=0)
    # Rounding makes a constant vary by about 1e-16 of its size.
    varies = bool((scale > 1e-12 * np.maximum(np.abs(centre), 1)).all())
    if not varies or np.linalg.matrix_rank((regressors - centre) / scale, tol=1e-6) < 2:
        rule = "of an efficiency and an input that vary, and not in step"
        raise InvalidValueError("growth_rate_ols", "series", series, rule)
    design = np.column_stack([np.ones(count), regressors - centre])
    max_lags = max(steps - 1, math.floor(4 * (count / 100) ** (2 / 9))) if fixed_lags is None else fixed_lags
    max_lags = min(max_lags, count - 1)
    fit: Any = OLS(rates, design).fit(cov_type="HAC", cov_kwds={"maxlags": max_lags})
    beta, lam = -float(fit.params[1]), float(fit.params[2])
    if beta <= 0 and lam <= 0:
        rule = f"of growth that slows as efficiency rises or quickens with input (beta {beta:.3g}, lambda {lam:.3g})"
        raise InvalidValueError("growth_rate_ols", "series", series, rule)
    covariance = np.array([[1, -1], [-1, 1]]) * fit.cov_params()[1:, 1:]
    low, high, warnings = _fieller((beta, lam), covariance, level)
    warnings += [
        *common_warnings(series, "output_error", "initial_stock"),
        *reversal_warnings(series),
        *lambda_warnings(lam),
    ]
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
            "lags": float(max_lags),
        },
        warnings=tuple(warnings),
        ridge=None if profile is None else profile.filter(pl.col("log_likelihood") > -2),
        profile=profile,
        series=series,
        citations=("erdil-2024",),
    )


def _profile(values: tuple[float, float], covariance: Floats) -> pl.DataFrame | None:
    """Compute the profile of r: the likeliest beta and lambda at each ratio, for normal errors of the regression.

    None if the regression has no errors.
    """
    beta, lam = values
    try:
        cholesky = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return None
    grid = np.geomspace(0.02, 50, 401)
    returns = np.sort([*grid, lam / beta]) if beta > 0 and lam > 0 else grid
    directions = np.column_stack([np.ones(returns.size), returns])
    whitened_directions, whitened_values = (
        np.linalg.solve(cholesky, rows.T).T for rows in (directions, np.array([values]))
    )
    coefficients = whitened_directions @ whitened_values[0] / (whitened_directions**2).sum(axis=1)
    residuals = whitened_values - coefficients[:, None] * whitened_directions
    table = {"r": returns, "beta": coefficients, "parallelizability": coefficients * returns}
    profile = pl.DataFrame(table | {"log_likelihood": -0.5 * (residuals**2).sum(axis=1)})
    return profile.filter(pl.col("beta") > 0)


def _windows(series: ResearchSeries, steps: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the growth rate in each window, its length, ln A at its start, and its mean input."""
    if series.time.size <= steps:
        received = series.time.size
        raise ShapeError(
            f"the series must have more measurements than a window, got {received} (growth_rate_ols.series)"
        )
    ends, starts = np.arange(steps, series.time.size), np.arange(series.time.size - steps)
    moving = series.time[ends] > series.time[starts]
    ends, starts = ends[moving], starts[moving]
    span = series.time[ends] - series.time[starts]
    total = series.cumulative_input
    rate = (series.log_output[ends] - series.log_output[starts]) / span
    return rate, span, series.log_output[starts], (total[ends] - total[starts]) / span


def _fieller(values: tuple[float, float], covariance: Floats, level: float) -> tuple[float, float, list[str]]:
    """Compute Fieller's interval of lambda / beta: all r for which ``lambda - r beta`` is not significantly nonzero.

    Values below 0 are left out, unless lambda is below 0.
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
    """Return the yearly growth of the input, from the middle of its first period to that of its last, and its error.

    The error is infinite if the input is 0 in some period in between, where it has no logarithm.
    """
    if series.flow.size < 2:
        rule = "known in two periods at least, for its growth"
        raise ShapeError(f"the input must be {rule}, got {series.flow.size} ({owner}.{name})")
    if series.flow[0] <= 0 or series.flow[-1] <= 0:
        value = float(min(series.flow[0], series.flow[-1]))
        raise InvalidValueError(owner, name, value, "of an input above 0 in its first and last period")
    middle = (series.edges[1:] + series.edges[:-1]) / 2
    positive = series.flow > 0
    rate, error = growth_and_error(middle[positive], np.log(series.flow[positive]))
    return rate, error if positive.all() else math.inf


def growth_and_error(time: Floats, logarithm: Floats) -> tuple[float, float]:
    """Return the yearly growth from end to end, and its error as a random walk: infinite for fewer than three steps."""
    span = time[-1] - time[0]
    rate = float((logarithm[-1] - logarithm[0]) / span)
    years = np.diff(time)
    moving = years > 0
    if np.count_nonzero(moving) < 3:
        return rate, math.inf
    scaled_steps = (np.diff(logarithm) - rate * years)[moving] / np.sqrt(years[moving])
    return rate, float(np.sqrt((scaled_steps**2).sum() / (scaled_steps.size - 1) / span))
