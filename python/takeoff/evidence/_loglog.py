"""Regression of ln A on the logarithm of cumulative input."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_choice, as_count, as_number
from takeoff.distributions import Normal
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._shared import check_type, check_varies, common_warnings, credibility_of, fit_table

if TYPE_CHECKING:
    from takeoff.evidence._series import ResearchSeries

__all__ = ["loglog_cumulative"]

_STOCKS: Final = 241
"""Number of initial stocks in the grid, which is from a millionth to ten thousand times the input of the series."""
_LEAST_CHANGE: Final = 1e-9
"""Least change of ln(S + S0) over the series: a smaller one is lost in rounding."""
_DROPPED: Final = (
    "the initial stock is taken as 0: if there was input before, r comes out too low (0.73 for a true 1.0 in "
    "simulations of 40 years)"
)


def loglog_cumulative(
    series: ResearchSeries,
    *,
    initial_stock: float | Literal["free"] | None = None,
    interval: Literal["block bootstrap", "hac"] = "block bootstrap",
    block: int | None = None,
    resamples: int = 400,
    credibility: float = 0.9,
    seed: int = 0,
) -> Estimate:
    """Estimate r by least squares of ln A on ln(S + S0), the logarithm of cumulative input.

    ``A = k (S + S0)^r`` is the exact solution of the law for lambda = 1. The initial stock S0, all input before the
    first measurement, is essential: without it the slope is too low. Residuals around a trend are autocorrelated, so
    that the interval is that of a block bootstrap (Künsch 1989) or has Newey-West errors (Newey & West 1987).

    It fails if lambda is far from 1, if S0 is large relative to the input of the series (then any r fits with a
    suitable S0, as the profile shows), and if residuals are random walks: the interval is then too narrow.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    initial_stock : float, "free" or None
        S0 in the unit of the input times a year. ``"free"`` fits S0; None takes S0 from the series if it has one, and
        otherwise fits it.
    interval : {"block bootstrap", "hac"}, default "block bootstrap"
        Kind of interval; ``"hac"`` (extra ``evidence``) treats S0 as known.
    block : int, optional
        Measurements in a block (default: the square root of their number, rounded up).
    resamples : int, default 400
        Number of bootstrap resamples.
    credibility : float, default 0.9
        Probability of the interval.
    seed : int, default 0
        Seed of the bootstrap.

    Returns
    -------
    Estimate
        The estimate, with the initial stock, the profile of r over the stock, and a warning if the data do not bound
        the stock.

    Raises
    ------
    ShapeError
        Fewer than four measurements with input before them.
    InvalidValueError
        An initial stock that is below 0, or so large that the input of the series is lost in rounding; efficiency that
        does not vary.
    MissingExtraError
        Without statsmodels, for ``"hac"``.

    References
    ----------
    Erdil, Besiroglu & Ho (2024) for the law; Künsch (1989), "The jackknife and the bootstrap for general stationary
    observations".

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year = np.arange(20)
    >>> staff = 100 * 1.1**year
    >>> total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
    >>> table = {"year": year, "efficiency": (total / 1000) ** 1.4, "staff": staff}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> estimate = evidence.loglog_cumulative(series)
    >>> round(estimate.r, 2), round(estimate.initial_stock)
    (1.4, 1000)
    """
    level = credibility_of("loglog_cumulative", credibility)
    check_type("loglog_cumulative", series)
    as_choice("interval", interval, ("block bootstrap", "hac"))
    stock_grid, has_input = _stocks(series, initial_stock)
    total, output = series.cumulative_input[has_input], series.log_output[has_input]
    if output.size < 4:
        measurements = output.size
        raise ShapeError(
            f"measurements with input before them must be four at least, got {measurements} (loglog_cumulative)"
        )
    check_varies("loglog_cumulative", output)
    log_totals = np.log(total + stock_grid[:, None])
    slope, rss = _slopes(log_totals, output[None])
    best = _refined(total, output, stock_grid, int(np.argmin(rss[:, 0])))
    log_total = np.log(total + best)
    if np.ptp(log_total) < _LEAST_CHANGE:
        rule = f"of the size of the input of the series, {total[-1]:.3g}, which it drowns"
        raise InvalidValueError("loglog_cumulative", "initial_stock", best, rule)
    r = float(_slopes(log_total[None], output[None])[0][0, 0])
    fitted = output.mean() + r * (log_total - log_total.mean())
    default_block = math.isqrt(output.size - 1) + 1
    block_size = as_count("loglog_cumulative", "block", default_block if block is None else block, 1, output.size)
    if interval == "hac":
        low, high, draws = *_newey_west(log_total, output, r, level, block_size), None
    else:
        count = as_count("loglog_cumulative", "resamples", resamples, 20, 100_000)
        seed_number = as_count("loglog_cumulative", "seed", seed, 0, 2**64 - 1)
        # Add stocks around the best: the grid alone is too coarse for a narrow interval.
        near_stocks = best * np.geomspace(1 / 3, 3, 61) if stock_grid.size > 1 else np.array([])
        tried_logs = np.log(total + np.concatenate([stock_grid, near_stocks])[:, None])
        draws = _bootstrap(tried_logs, fitted, output - fitted, (block_size, count, seed_number))
        low, high = (float(q) for q in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    warnings = common_warnings(series, "output_error")
    if not low <= r <= high:
        low, high = min(low, r), max(high, r)
        warnings.append("resampled series have other slopes than this one: it says little of r")
    if stock_grid.size == 1 and best == 0:
        warnings.append(_DROPPED)
    likelihood = -0.5 * output.size * np.log(np.maximum(rss[:, 0], 1e-300) / rss[:, 0].min().clip(1e-300))
    if stock_grid.size > 1 and likelihood[-1] > -2:
        warnings.append("the initial stock has no upper bound in this series, and neither has r: give it, if known")
    if r <= 0:
        warnings.append("efficiency falls with cumulative input: the law does not fit")
    return Estimate(
        estimator="loglog_cumulative",
        r=r,
        r_low=low,
        r_high=high,
        interval=interval if interval == "block bootstrap" else "Newey-West errors, initial stock as known",
        noise="residuals of a trend, dependent within a block",
        credibility=level,
        beta=1 / r if r > 0 else None,
        parallelizability=1.0,
        initial_stock=float(best),
        effective_size=output.size / block_size,
        diagnostics={"residual_standard_deviation": float(np.std(output - fitted))},
        warnings=tuple(warnings),
        profile=pl.DataFrame({"r": slope[:, 0], "log_likelihood": likelihood, "initial_stock": stock_grid})
        if stock_grid.size > 1
        else None,
        fitted=fit_table(series, np.interp(series.time, series.time[has_input], fitted)),
        draws=None if draws is None or not (draws > 0).all() else pl.DataFrame({"r": draws}),
        series=series,
        definition="r: doublings of efficiency per doubling of cumulative research, for lambda = 1",
        citations=("erdil-2024",),
    )


def _stocks(series: ResearchSeries, initial_stock: Any) -> tuple[Floats, Any]:
    """Return the initial stocks to try, and which measurements have input before them."""
    total = series.cumulative_input
    chosen = series.initial_stock if initial_stock is None else initial_stock
    if chosen is None or (isinstance(chosen, str) and chosen == "free"):
        return total[-1] * np.geomspace(1e-6, 1e4, _STOCKS), np.ones(total.size, bool)
    stock = as_number("loglog_cumulative", "initial_stock", chosen)
    if not 0 <= stock < math.inf:
        raise InvalidValueError("loglog_cumulative", "initial_stock", stock, "finite and >= 0, or 'free'")
    return np.array([stock]), total + stock > 0


def _slopes(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Regress each row of y on each row of x; return slopes and residual sums of squares: (rows of x, rows of y)."""
    dx, dy = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    square = np.maximum((dx**2).sum(axis=-1), 1e-300)[:, None]
    cross = dx @ dy.T
    return cross / square, (dy**2).sum(axis=-1)[None] - cross**2 / square


def _refined(total: Floats, output: Floats, stocks: Floats, best: int) -> float:
    """Refine the best stock of the grid by finer grids between its neighbours."""
    if stocks.size == 1:
        return float(stocks[0])
    for _ in range(6):
        grid = np.geomspace(stocks[max(best - 1, 0)], stocks[min(best + 1, stocks.size - 1)], 41)
        rss = _slopes(np.log(total + grid[:, None]), output[None])[1][:, 0]
        stocks, best = grid, int(np.argmin(rss))
    return float(stocks[best])


def _bootstrap(logs: Floats, fitted: Floats, residuals: Floats, options: tuple[int, int, int]) -> Floats:
    """Compute slopes of resampled series: the fit plus blocks of its residuals."""
    block_size, count, seed = options
    rng = np.random.default_rng(seed)
    n = residuals.size
    starts = rng.integers(0, n - block_size + 1, (count, -(-n // block_size)))
    indices = (starts[:, :, None] + np.arange(block_size)).reshape(count, -1)[:, :n]
    resampled = fitted + (residuals - residuals.mean())[indices]
    slope, rss = _slopes(logs, resampled)
    best_slopes: Floats = slope[np.argmin(rss, axis=0), np.arange(count)]
    return best_slopes


def _newey_west(x: Floats, output: Floats, r: float, level: float, lags: int) -> tuple[float, float]:
    """Return the ends of the interval of r by Newey-West errors."""
    try:
        from statsmodels.api import OLS
    except ImportError:
        raise MissingExtraError("loglog_cumulative(interval='hac')", "evidence") from None
    fit = OLS(output, np.column_stack([np.ones(x.size), x - x.mean()])).fit(
        cov_type="HAC", cov_kwds={"maxlags": min(lags, x.size - 1)}
    )
    variance = max(0.0, float(fit.cov_params()[1, 1]))  # of an exact fit, rounding may make it negative
    half_width = Normal(0, 1).quantile((1 + level) / 2) * math.sqrt(variance)
    return r - half_width, r + half_width
