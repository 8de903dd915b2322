"""Maximum likelihood of the law's level, with errors that wander back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_number, policy
from takeoff.distributions import Distribution
from takeoff.distributions._foreign import distribution_of, is_foreign
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._shared import (
    at_an_end,
    cautions,
    check_type,
    check_varies,
    credibility_of,
    fit_table,
    inseparable,
    likelihood_drop,
    likelihood_interval,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from takeoff.evidence._series import ResearchSeries

__all__ = ["jones_level_ml"]

_RETURNS: Final = np.geomspace(0.02, 50.0, 64)
"""Values of r at which the profile is sought."""
_PARAMETERS: Final = 5
"""What is fitted to a series with a known lambda: r, the initial stock, the level, and the errors' size and memory."""
_MEMORIES: Final = (0.02, 0.2)
"""A short and a long memory from which the best is sought, in lengths of the series."""
_LONGEST: Final = 100.0
"""Longest memory, in lengths of the series: deviations are then a random walk."""
_PRIOR_POINTS: Final = 9
"""Values of lambda, at quantiles of its prior, over which the likelihood is averaged."""


def jones_level_ml(
    series: ResearchSeries,
    *,
    parallelizability: float | Sequence[float] | Distribution = 1.0,
    credibility: float = 0.9,
) -> Estimate:
    """Restricted maximum likelihood of the law's level, Ornstein-Uhlenbeck errors (needs the extra ``scipy``).

    ``ln A(t) = a + (1/beta) ln(1 + tau(t) / S0) + z(t) + e``, with ``tau`` the integral of ``I^lambda``: the exact
    solution of ``dA/dt = theta A^(1 - beta) I^lambda``, with deviations z that wander back to it (of a standard
    deviation and a memory that are fitted) and errors of measurement e where the series has them. The likelihood is the
    restricted one, integrated over the constant a and the whole growth (Harville 1977): deviations would else be found
    too small. The interval is that of its profile along ``r = lambda/beta``: all r at which it, with everything else as
    it fits best, is not too far below its maximum, in the small-sample form that is exact for linear fits.

    A smooth series does not tell lambda: give it, or a grid of values (the best at each r counts), or a prior (the
    likelihood is averaged over it). S0 is fitted even where the series has an initial stock, which is of the input, and
    so one of ``tau`` for lambda = 1 alone. It fails where progress jumps, which deviations that wander back do not do,
    and where a straight line fits: r then goes with the initial stock and has no upper bound.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    parallelizability : float, sequence of floats or Distribution, default 1.0
        lambda: a value, a grid of values, or a prior (of this package, or frozen of ``scipy.stats``).
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        With beta, lambda, the initial stock, the profile, and the ridge over the values of lambda.

    Raises
    ------
    ShapeError
        Fewer than six measurements.
    InvalidValueError
        A lambda that is not above 0; efficiency that does not vary.
    MissingExtraError
        Without SciPy.

    References
    ----------
    Erdil, Besiroglu & Ho (2024) for the law; Jones (1995), "R&D-based models of economic growth"; Uhlenbeck & Ornstein
    (1930).

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year, rng = np.arange(40), np.random.default_rng(1)
    >>> staff = 100 * 1.08**year
    >>> total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
    >>> efficiency = (total / 1000) ** 1.3 * np.exp(0.02 * rng.normal(size=40))
    >>> table = {"year": year, "efficiency": efficiency, "staff": staff}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> found = evidence.jones_level_ml(series)
    >>> found.r_low < 1.3 < found.r_high, round(found.r, 1)
    (True, 1.3)
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError("jones_level_ml", "scipy") from None
    level = credibility_of("jones_level_ml", credibility)
    check_type("jones_level_ml", series)
    lambdas = _lambdas(parallelizability)
    if series.time.size <= _PARAMETERS:
        given = series.time.size
        raise ShapeError(f"the series must have six measurements at least, got {given} (jones_level_ml.series)")
    check_varies("jones_level_ml", series.log_output)
    again = np.append(False, np.diff(series.time) == 0)
    if again.any() and (series.output_error is None or not series.output_error[again].all()):
        rule = "of measurements with errors above 0, where several are of one time"
        raise InvalidValueError("jones_level_ml", "series", series.time[again.argmax()], rule, int(again.argmax()))
    likelihood = _Level(series, minimize)
    prior = _is_prior(parallelizability)
    drop = likelihood_drop(level, series.time.size - 2, 1)  # the likelihood leaves out a and the growth
    returns, heights, places = _profiles(likelihood, lambdas, drop, prior=prior)
    combined = _together(heights, prior=prior)
    low, high = likelihood_interval(returns, combined, drop)
    warnings = cautions(series, "initial_stock")
    if low == 0:
        warnings.append(f"the profile is flat towards low r: nothing above {returns[0]:g} bounds it from below")
    if math.isinf(high):
        warnings.append("the profile is flat towards high r: the initial stock has no upper bound, and neither has r")
    best = int(np.argmax(combined))
    warnings += at_an_end(float(returns[best]), float(_RETURNS[0]), float(_RETURNS[-1]))
    at = int(np.argmax(heights[:, best]))
    r, lam = float(returns[best]), lambdas[at]
    stock, deviation, memory = (math.exp(value) for value in places[at][best])
    growth = np.log1p(likelihood.series.operational_time(lam) / stock) * r / lam
    if memory < np.diff(series.time).min():
        warnings.append(
            f"deviations are about independent of one another: their fitted memory, {memory:.2g} years, is shorter "
            "than the least time between measurements"
        )
    if len(lambdas) > 1:
        warnings += inseparable(series)
    tops = heights.argmax(axis=1)
    ridge = pl.DataFrame(
        {
            "beta": [value / float(returns[top]) for value, top in zip(lambdas, tops, strict=True)],
            "parallelizability": lambdas,
            "r": returns[tops],
            "log_likelihood": heights.max(axis=1),
        }
    )
    return Estimate(
        estimator="jones_level_ml",
        r=r,
        r_low=low,
        r_high=high,
        interval="restricted profile likelihood" + (", averaged over the prior of lambda" if prior else ""),
        noise="deviations of ln A that wander back (Ornstein-Uhlenbeck)"
        + ("" if series.output_error is None else " and errors of measurement"),
        credibility=level,
        beta=lam / r,
        parallelizability=lam,
        initial_stock=stock * likelihood.unit if lam == 1 else None,
        effective_size=max(1.0, min(series.time.size, series.span / (2 * memory))),
        log_likelihood=float(combined.max()),
        diagnostics={"deviation": deviation, "memory_years": memory},
        warnings=tuple(warnings),
        ridge=ridge,
        profile=pl.DataFrame({"r": returns, "log_likelihood": combined}),
        fitted=fit_table(series, growth - growth.mean() + series.log_output.mean()),
        series=series,
        citations=("erdil-2024",),
    )


class _Level:
    """The likelihood of a series, and its highest values along r."""

    def __init__(self, series: ResearchSeries, minimize: Callable[..., Any]) -> None:
        self.unit = float(series.flow.max())  # powers of input in it are floats, whatever the unit of the series
        series = replace(series, flow=series.flow / self.unit)
        durations, flows, counts = series.pieces()
        variance = np.zeros(series.time.size) if series.output_error is None else series.output_error**2
        self.engine = _core.LevelLikelihood(
            np.array(series.time), np.array(series.log_output), variance, durations, flows, counts
        )
        self.series = series
        self.minimize = minimize
        line = np.polynomial.Polynomial.fit(series.time, series.log_output, 2)
        spread = float(np.std(series.log_output - line(series.time)))
        self.longest = math.log(_LONGEST * series.span)
        self.scale = max(spread, 1e-6 * float(np.ptp(series.log_output)))

    def height(self, free: Floats, r: float, lam: float) -> float:
        """Log likelihood at logarithms of the stock, the deviation and the memory; very low out of bounds."""
        if (np.abs(free) > 60).any() or free[2] > self.longest:
            return -1e12
        stock, deviation, memory = np.exp(free)
        vector = np.array([r / lam, lam, stock, deviation, memory])
        found = float(self.engine.log_likelihood(vector, policy(1))[0])
        return max(found, -1e12) if math.isfinite(found) else -1e12

    def profile(self, lam: float) -> list[tuple[float, Floats]]:
        """Highest log likelihood and where, at each r: sought from several starts at the middle, then outwards."""
        total = float(self.series.operational_time(lam)[-1])
        starts = [
            np.log([share * total, self.scale, part * self.series.span])
            for share in (0.01, 0.1, 1.0)
            for part in _MEMORIES
        ]
        found: list[tuple[float, Floats]] = [(-math.inf, starts[0])] * _RETURNS.size
        middle = int(np.searchsorted(_RETURNS, 1.0))
        found[middle] = max((self.best(start, _RETURNS[middle], lam) for start in starts), key=lambda each: each[0])
        for order in (range(middle + 1, _RETURNS.size), range(middle - 1, -1, -1)):
            beside = middle
            for k in order:
                found[k] = self.best_beside(found[beside][1], _RETURNS[k], lam)
                beside = k
        # A second pass inwards mends what the first missed.
        for order, step in ((range(_RETURNS.size - 2, -1, -1), 1), (range(1, _RETURNS.size), -1)):
            for k in order:
                if self.height(found[k + step][1], _RETURNS[k], lam) > found[k][0]:
                    found[k] = max(found[k], self.best(found[k + step][1], _RETURNS[k], lam), key=lambda each: each[0])
        return found

    def best_beside(self, start: Floats, r: float, lam: float) -> tuple[float, Floats]:
        """The best from what fits at a near r, and from errors of another memory: each may have a top of its own."""
        short, long = (math.log(part * self.series.span) for part in _MEMORIES)
        other = np.array([start[0], math.log(self.scale), long if start[2] < (short + long) / 2 else short])
        return max((self.best(each, r, lam) for each in (start, other)), key=lambda each: each[0])

    def best(self, start: Floats, r: float, lam: float) -> tuple[float, Floats]:
        simplex = np.vstack([start, start + 0.7 * np.eye(3)])
        options = {"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-6, "maxiter": 600}

        def lost(free: Floats) -> float:
            return -self.height(free, r, lam)

        done = self.minimize(lost, start, method="Nelder-Mead", options=options)
        for _ in range(3):  # a simplex may collapse before it is there
            options["initial_simplex"] = np.vstack([done.x, done.x + 0.3 * np.eye(3)])
            before, done = done.fun, self.minimize(lost, done.x, method="Nelder-Mead", options=options)
            if before - done.fun < 1e-4:
                break
        return -float(done.fun), np.asarray(done.x)


def _is_prior(given: Any) -> bool:
    """Whether a distribution was given, ours or one of SciPy."""
    return isinstance(given, Distribution) or is_foreign(given)


def _lambdas(given: Any) -> list[float]:
    """The values of lambda to try: those given, or at the middles of equal parts of a prior."""
    if _is_prior(given):
        points = distribution_of(given, "jones_level_ml", "parallelizability").quantile(
            (np.arange(_PRIOR_POINTS) + 0.5) / _PRIOR_POINTS
        )
        values = [float(each) for each in points]
    elif np.iterable(given) and not isinstance(given, str):
        values = [as_number("jones_level_ml", "parallelizability", each) for each in given]
    else:
        values = [as_number("jones_level_ml", "parallelizability", given)]
    if not values:
        raise ShapeError("values of lambda must be one at least, got 0 (jones_level_ml.parallelizability)")
    for value in values:
        if not 0 < value <= 100:
            raise InvalidValueError("jones_level_ml", "parallelizability", value, "above 0, up to 100")
    return values


def _together(heights: Floats, *, prior: bool) -> Floats:
    """Profile over the values of lambda: the best of them, or their mean where they are drawn from a prior."""
    top = heights.max(axis=0)
    found: Floats = top + np.log(np.exp(heights - top).mean(axis=0)) if prior else top
    return found


def _profiles(
    likelihood: _Level, lambdas: list[float], drop: float, *, prior: bool
) -> tuple[Floats, Floats, list[list[Floats]]]:
    """Profile of r for each lambda, on a grid that is fine where the likelihood is high."""
    found = [dict(zip(_RETURNS.tolist(), likelihood.profile(lam), strict=True)) for lam in lambdas]
    for _ in range(4):
        returns = np.array(sorted(found[0]))
        heights = np.array([[each[r][0] for r in returns] for each in found])
        combined = _together(heights, prior=prior)
        inside = np.flatnonzero(combined >= combined.max() - drop)
        if inside.size > 8:
            break
        first, last = max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 1, returns.size - 1)
        for r in np.geomspace(returns[first], returns[last], 18)[1:-1].tolist():
            for each, lam in zip(found, lambdas, strict=True):
                near = min(each, key=lambda other: abs(math.log(other / r)))
                each[r] = likelihood.best_beside(each[near][1], r, lam)
    returns = np.array(sorted(found[0]))
    heights = np.array([[each[r][0] for r in returns] for each in found])
    return returns, heights, [[each[r][1] for r in returns] for each in found]
