"""Maximum likelihood of the level of the law, with mean-reverting errors."""

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
    check_type,
    check_varies,
    common_warnings,
    credibility_of,
    fit_table,
    identification_warnings,
    likelihood_drop,
    likelihood_interval,
    range_warnings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from takeoff.evidence._series import ResearchSeries

__all__ = ["jones_level_ml"]

_RETURNS: Final = np.geomspace(0.02, 50.0, 64)
"""Values of r at which the profile is computed."""
_FINER: Final = 16
"""Values of r that are added where the likelihood is high, until half as many are within the interval."""
_PARAMETERS: Final = 5
"""Number of parameters for a known lambda: r, initial stock, level, and the size and memory of the errors."""
_MEMORIES: Final = (0.02, 0.2)
"""A short and a long memory at which the search starts, in lengths of the series."""
_LONGEST: Final = 100.0
"""Longest memory, in lengths of the series: deviations with this memory are a random walk."""
_WORST: Final = -1e12
"""Log-likelihood outside the bounds."""
_PRIOR_POINTS: Final = 9
"""Values of lambda, at quantiles of its prior, over which the likelihood is averaged."""


def jones_level_ml(
    series: ResearchSeries,
    *,
    parallelizability: float | Sequence[float] | Distribution = 1.0,
    credibility: float = 0.9,
) -> Estimate:
    """Estimate r by restricted maximum likelihood of the level of the law (needs the extra ``scipy``).

    ``ln A(t) = a + (1/beta) ln(1 + tau(t) / S0) + z(t) + e``, with ``tau`` the integral of ``I^lambda``: the exact
    solution of ``dA/dt = theta A^(1 - beta) I^lambda``, with mean-reverting (Ornstein-Uhlenbeck) deviations z, whose
    standard deviation and memory are fitted, and measurement errors e if the series has them. The likelihood is
    restricted, that is, integrated over the constant a and the total growth (Harville 1977): otherwise the deviations
    are underestimated. The interval is that of the profile likelihood of ``r = lambda/beta``: all r whose likelihood,
    maximized over the other parameters, is close enough to the maximum, by the small-sample rule that is exact for
    linear fits.

    A smooth series does not identify lambda: give a value, a grid of values (the best at each r counts), or a prior
    (the likelihood is averaged over it). S0 is fitted even if the series has an initial stock: that is a stock of
    input, and equals a stock of ``tau`` only for lambda = 1. The estimate fails if progress jumps, which mean-reverting
    deviations do not, and if a straight line fits: r then rises with the initial stock and has no upper bound.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    parallelizability : float, sequence of floats or Distribution, default 1.0
        lambda: a value, a grid of values, or a prior (of this package, or a frozen distribution of ``scipy.stats``).
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        The estimate, with beta, lambda, the initial stock, the profile, and the ridge over the values of lambda.

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
    >>> estimate = evidence.jones_level_ml(series)
    >>> estimate.r_low < 1.3 < estimate.r_high, round(estimate.r, 1)
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
        measurements = series.time.size
        raise ShapeError(f"the series must have six measurements at least, got {measurements} (jones_level_ml.series)")
    check_varies("jones_level_ml", series.log_output)
    repeats = np.append(False, np.diff(series.time) == 0)
    if repeats.any() and (series.output_error is None or not series.output_error[repeats].all()):
        rule = "of measurements with errors above 0, where several are of one time"
        raise InvalidValueError("jones_level_ml", "series", series.time[repeats.argmax()], rule, int(repeats.argmax()))
    likelihood = _Level(series, minimize)
    prior = _is_prior(parallelizability)
    drop = likelihood_drop(level, series.time.size - 2, 1)  # a and the growth are integrated out
    returns, log_likelihoods, points = _profiles(likelihood, lambdas, drop, prior=prior)
    combined = _together(log_likelihoods, prior=prior)
    low, high = likelihood_interval(returns, combined, drop)
    warnings = common_warnings(series, "initial_stock")
    if low == 0:
        warnings.append(f"the profile is flat towards low r: nothing above {returns[0]:g} bounds it from below")
    if math.isinf(high):
        warnings.append("the profile is flat towards high r: the initial stock has no upper bound, and neither has r")
    best = int(np.argmax(combined))
    warnings += range_warnings(float(returns[best]), float(_RETURNS[0]), float(_RETURNS[-1]))
    lambda_index = int(np.argmax(log_likelihoods[:, best]))
    r, lam = float(returns[best]), lambdas[lambda_index]
    stock, deviation, memory = (math.exp(value) for value in points[lambda_index][best])
    growth = np.log1p(likelihood.series.operational_time(lam) / stock) * r / lam
    if memory < np.diff(series.time).min():
        warnings.append(
            f"deviations are about independent of one another: their fitted memory, {memory:.2g} years, is shorter "
            "than the least time between measurements"
        )
    if len(lambdas) > 1:
        warnings += identification_warnings(series)
    r_indices = log_likelihoods.argmax(axis=1)
    ridge = pl.DataFrame(
        {
            "beta": [value / float(returns[k]) for value, k in zip(lambdas, r_indices, strict=True)],
            "parallelizability": lambdas,
            "r": returns[r_indices],
            "log_likelihood": log_likelihoods.max(axis=1),
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
    """Likelihood of a series, and its profile along r."""

    def __init__(self, series: ResearchSeries, minimize: Callable[..., Any]) -> None:
        self.unit = float(series.flow.max())  # in units of the highest flow, powers of input do not overflow
        series = replace(series, flow=series.flow / self.unit)
        durations, flows, counts = series.pieces()
        variance = np.zeros(series.time.size) if series.output_error is None else series.output_error**2
        self.engine = _core.LevelLikelihood(
            np.array(series.time), np.array(series.log_output), variance, durations, flows, counts
        )
        self.series = series
        self.minimize = minimize
        parabola = np.polynomial.Polynomial.fit(series.time, series.log_output, 2)
        spread = float(np.std(series.log_output - parabola(series.time)))
        self.longest = math.log(_LONGEST * series.span)
        self.scale = max(spread, 1e-6 * float(np.ptp(series.log_output)))

    def log_likelihood(self, free: Floats, r: float, lam: float) -> float:
        """Compute the log-likelihood at logarithms of stock, deviation and memory; `_WORST` outside the bounds."""
        if (np.abs(free) > 60).any() or free[2] > self.longest:
            return _WORST
        stock, deviation, memory = np.exp(free)
        vector = np.array([r / lam, lam, stock, deviation, memory])
        value = float(self.engine.log_likelihood(vector, policy(1))[0])
        return max(value, _WORST) if math.isfinite(value) else _WORST

    def profile(self, lam: float) -> list[tuple[float, Floats]]:
        """Maximize the log-likelihood at each r: from several starts at the middle, then outwards from neighbours."""
        total = float(self.series.operational_time(lam)[-1])
        starts = [
            np.log([share * total, self.scale, memory * self.series.span])
            for share in (0.01, 0.1, 1.0)
            for memory in _MEMORIES
        ]
        fits: list[tuple[float, Floats]] = [(-math.inf, starts[0])] * _RETURNS.size
        middle = int(np.searchsorted(_RETURNS, 1.0))
        fits[middle] = max((self.best(start, _RETURNS[middle], lam) for start in starts), key=lambda fit: fit[0])
        for indices in (range(middle + 1, _RETURNS.size), range(middle - 1, -1, -1)):
            neighbour = middle
            for k in indices:
                fits[k] = self.best_near(fits[neighbour][1], _RETURNS[k], lam)
                neighbour = k
        # A second pass inwards repairs points at which the first stopped at a lower maximum.
        for indices, step in ((range(_RETURNS.size - 2, -1, -1), 1), (range(1, _RETURNS.size), -1)):
            for k in indices:
                if self.log_likelihood(fits[k + step][1], _RETURNS[k], lam) > fits[k][0]:
                    fits[k] = max(fits[k], self.best(fits[k + step][1], _RETURNS[k], lam), key=lambda fit: fit[0])
        return fits

    def best_near(self, start: Floats, r: float, lam: float) -> tuple[float, Floats]:
        """Maximize from the fit at a near r, and from the other memory: both may lead to a maximum of their own."""
        short, long = (math.log(memory * self.series.span) for memory in _MEMORIES)
        alternative = np.array([start[0], math.log(self.scale), long if start[2] < (short + long) / 2 else short])
        return max((self.best(point, r, lam) for point in (start, alternative)), key=lambda fit: fit[0])

    def best(self, start: Floats, r: float, lam: float) -> tuple[float, Floats]:
        """Maximize the log-likelihood from a start; return the maximum and its point."""
        simplex = np.vstack([start, start + 0.7 * np.eye(3)])
        options = {"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-6, "maxiter": 600}

        def objective(free: Floats) -> float:
            return -self.log_likelihood(free, r, lam)

        result = self.minimize(objective, start, method="Nelder-Mead", options=options)
        for _ in range(3):  # a simplex may collapse before it reaches the maximum
            options["initial_simplex"] = np.vstack([result.x, result.x + 0.3 * np.eye(3)])
            previous, result = result.fun, self.minimize(objective, result.x, method="Nelder-Mead", options=options)
            if previous - result.fun < 1e-4:
                break
        return -float(result.fun), np.asarray(result.x)


def _is_prior(value: Any) -> bool:
    """Return whether `value` is a distribution, of this package or of SciPy."""
    return isinstance(value, Distribution) or is_foreign(value)


def _lambdas(argument: Any) -> list[float]:
    """Return the values of lambda to try: the given ones, or quantiles of a prior in the middle of equal parts."""
    if _is_prior(argument):
        points = distribution_of(argument, "jones_level_ml", "parallelizability").quantile(
            (np.arange(_PRIOR_POINTS) + 0.5) / _PRIOR_POINTS
        )
        values = [float(point) for point in points]
    elif np.iterable(argument) and not isinstance(argument, str):
        values = [as_number("jones_level_ml", "parallelizability", point) for point in argument]
    else:
        values = [as_number("jones_level_ml", "parallelizability", argument)]
    if not values:
        raise ShapeError("values of lambda must be one at least, got 0 (jones_level_ml.parallelizability)")
    for value in values:
        if not 0 < value <= 100:
            raise InvalidValueError("jones_level_ml", "parallelizability", value, "above 0, up to 100")
    return values


def _together(log_likelihoods: Floats, *, prior: bool) -> Floats:
    """Combine the profiles of all lambda: by their maximum, or by the mean likelihood if lambda has a prior."""
    highest = log_likelihoods.max(axis=0)
    combined: Floats = highest + np.log(np.exp(log_likelihoods - highest).mean(axis=0)) if prior else highest
    return combined


def _profiles(
    likelihood: _Level, lambdas: list[float], drop: float, *, prior: bool
) -> tuple[Floats, Floats, list[list[Floats]]]:
    """Compute the profile of r for each lambda, on a grid that is finer where the likelihood is high."""
    profiles = [dict(zip(_RETURNS.tolist(), likelihood.profile(lam), strict=True)) for lam in lambdas]
    for _ in range(4):
        returns = np.array(sorted(profiles[0]))
        log_likelihoods = np.array([[profile[r][0] for r in returns] for profile in profiles])
        combined = _together(log_likelihoods, prior=prior)
        inside = np.flatnonzero(combined >= combined.max() - drop)
        if inside.size > _FINER // 2:
            break
        first, last = max(int(inside[0]) - 1, 0), min(int(inside[-1]) + 1, returns.size - 1)
        for r in np.geomspace(returns[first], returns[last], _FINER + 2)[1:-1].tolist():
            for profile, lam in zip(profiles, lambdas, strict=True):
                near = min(profile, key=lambda other: abs(math.log(other / r)))
                profile[r] = likelihood.best_near(profile[near][1], r, lam)
    returns = np.array(sorted(profiles[0]))
    log_likelihoods = np.array([[profile[r][0] for r in returns] for profile in profiles])
    return returns, log_likelihoods, [[profile[r][1] for r in returns] for profile in profiles]
