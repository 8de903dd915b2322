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
from takeoff.evidence._shared import cautions, check_type, check_varies, credibility_of, fit_table

if TYPE_CHECKING:
    from takeoff.evidence._series import ResearchSeries

__all__ = ["loglog_cumulative"]

_STOCKS: Final = 241
"""Initial stocks that are tried, from a millionth of the input of the series to ten thousand times it."""
_LEAST_CHANGE: Final = 1e-9
"""Of ln(S + S0) over the series: less is drowned by rounding."""
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
    """Least squares of ln A on ln(S + S0), the logarithm of cumulative input.

    ``A = k (S + S0)^r``: the law for lambda = 1, whose exact solution it is. The initial stock S0, all input before the
    first measurement, is not optional: without it the slope is too low. Residuals are those of a trend, and depend on
    one another, so that the interval comes from blocks of them (Künsch 1989) or from Newey-West errors (Newey & West
    1987).

    It fails where lambda is far from 1, where S0 is large beside the input of the series (any r fits then, with an S0
    to it: the profile shows that), and where residuals wander as random walks do: the interval is then too narrow.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    initial_stock : float, "free" or None
        S0 in the unit of the input times a year; ``"free"`` fits it; None takes that of the series, or else fits it.
    interval : {"block bootstrap", "hac"}, default "block bootstrap"
        Kind of interval; ``"hac"`` (extra ``evidence``) takes S0 as known.
    block : int, optional
        Measurements in a block (default: the square root of their number, rounded up).
    resamples : int, default 400
        Of the bootstrap.
    credibility : float, default 0.9
        Probability of the interval.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    Estimate
        With the initial stock, the profile of r over it, and a warning where the stock is not bounded by the data.

    Raises
    ------
    ShapeError
        Fewer than four measurements with input before them.
    InvalidValueError
        An initial stock below 0, or beside which the input of the series is nothing; efficiency that does not vary.
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
    >>> found = evidence.loglog_cumulative(series)
    >>> round(found.r, 2), round(found.initial_stock)
    (1.4, 1000)
    """
    level = credibility_of("loglog_cumulative", credibility)
    check_type("loglog_cumulative", series)
    as_choice("interval", interval, ("block bootstrap", "hac"))
    stocks, kept = _stocks(series, initial_stock)
    total, output = series.cumulative_input[kept], series.log_output[kept]
    if output.size < 4:
        given = output.size
        raise ShapeError(f"measurements with input before them must be four at least, got {given} (loglog_cumulative)")
    check_varies("loglog_cumulative", output)
    logs = np.log(total + stocks[:, None])
    slope, lost = _slopes(logs, output[None])
    best = _refined(total, output, stocks, int(np.argmin(lost[:, 0])))
    x = np.log(total + best)
    if np.ptp(x) < _LEAST_CHANGE:
        rule = f"of the size of the input of the series, {total[-1]:.3g}, which it drowns"
        raise InvalidValueError("loglog_cumulative", "initial_stock", best, rule)
    r = float(_slopes(x[None], output[None])[0][0, 0])
    fitted = output.mean() + r * (x - x.mean())
    usual = math.isqrt(output.size - 1) + 1
    size = as_count("loglog_cumulative", "block", usual if block is None else block, 1, output.size)
    if interval == "hac":
        low, high, draws = *_newey_west(x, output, r, level, size), None
    else:
        count = as_count("loglog_cumulative", "resamples", resamples, 20, 100_000)
        number = as_count("loglog_cumulative", "seed", seed, 0, 2**64 - 1)
        # Among them the best and its surroundings: the grid alone is too coarse for a narrow interval.
        near = best * np.geomspace(1 / 3, 3, 61) if stocks.size > 1 else np.array([])
        tried = np.log(total + np.concatenate([stocks, near])[:, None])
        draws = _resampled(tried, fitted, output - fitted, (size, count, number))
        low, high = (float(q) for q in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    warnings = cautions(series, "output_error")
    if not low <= r <= high:
        low, high = min(low, r), max(high, r)
        warnings.append("resampled series have other slopes than this one: it says little of r")
    if stocks.size == 1 and best == 0:
        warnings.append(_DROPPED)
    likelihood = -0.5 * output.size * np.log(np.maximum(lost[:, 0], 1e-300) / lost[:, 0].min().clip(1e-300))
    if stocks.size > 1 and likelihood[-1] > -2:
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
        effective_size=output.size / size,
        diagnostics={"residual_standard_deviation": float(np.std(output - fitted))},
        warnings=tuple(warnings),
        profile=pl.DataFrame({"r": slope[:, 0], "log_likelihood": likelihood, "initial_stock": stocks})
        if stocks.size > 1
        else None,
        fitted=fit_table(series, np.interp(series.time, series.time[kept], fitted)),
        draws=None if draws is None or not (draws > 0).all() else pl.DataFrame({"r": draws}),
        series=series,
        definition="r: doublings of efficiency per doubling of cumulative research, for lambda = 1",
        citations=("erdil-2024",),
    )


def _stocks(series: ResearchSeries, initial_stock: Any) -> tuple[Floats, Any]:
    """Initial stocks to try, and the measurements that have input before them."""
    whole = series.cumulative_input
    given = series.initial_stock if initial_stock is None else initial_stock
    if given is None or (isinstance(given, str) and given == "free"):
        return whole[-1] * np.geomspace(1e-6, 1e4, _STOCKS), np.ones(whole.size, bool)
    stock = as_number("loglog_cumulative", "initial_stock", given)
    if not 0 <= stock < math.inf:
        raise InvalidValueError("loglog_cumulative", "initial_stock", stock, "finite and >= 0, or 'free'")
    return np.array([stock]), whole + stock > 0


def _slopes(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Slopes of each row of y on each row of x, and the squares that are left: (rows of x, rows of y)."""
    dx, dy = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    square = np.maximum((dx**2).sum(axis=-1), 1e-300)[:, None]
    cross = dx @ dy.T
    return cross / square, (dy**2).sum(axis=-1)[None] - cross**2 / square


def _refined(total: Floats, output: Floats, stocks: Floats, at: int) -> float:
    """The best stock between the neighbours of the best on the grid."""
    if stocks.size == 1:
        return float(stocks[0])
    for _ in range(6):
        grid = np.geomspace(stocks[max(at - 1, 0)], stocks[min(at + 1, stocks.size - 1)], 41)
        lost = _slopes(np.log(total + grid[:, None]), output[None])[1][:, 0]
        stocks, at = grid, int(np.argmin(lost))
    return float(stocks[at])


def _resampled(logs: Floats, fitted: Floats, residuals: Floats, how: tuple[int, int, int]) -> Floats:
    """Slopes of series made of the fit and of blocks of its residuals."""
    size, count, seed = how
    rng = np.random.default_rng(seed)
    n = residuals.size
    starts = rng.integers(0, n - size + 1, (count, -(-n // size)))
    places = (starts[:, :, None] + np.arange(size)).reshape(count, -1)[:, :n]
    made = fitted + (residuals - residuals.mean())[places]
    slope, lost = _slopes(logs, made)
    found: Floats = slope[np.argmin(lost, axis=0), np.arange(count)]
    return found


def _newey_west(x: Floats, output: Floats, r: float, level: float, lags: int) -> tuple[float, float]:
    try:
        from statsmodels.api import OLS
    except ImportError:
        raise MissingExtraError("loglog_cumulative(interval='hac')", "evidence") from None
    fit = OLS(output, np.column_stack([np.ones(x.size), x - x.mean()])).fit(
        cov_type="HAC", cov_kwds={"maxlags": min(lags, x.size - 1)}
    )
    variance = max(0.0, float(fit.cov_params()[1, 1]))  # rounding makes that of an exact fit negative
    half = Normal(0, 1).quantile((1 + level) / 2) * math.sqrt(variance)
    return r - half, r + half
