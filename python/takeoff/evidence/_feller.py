"""Exact diffusion in which ideas get harder to find: likelihood, simulation and maximum likelihood."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_count, as_floats, as_number, policy, unwrapped
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._series import ResearchSeries
from takeoff.evidence._shared import (
    check_series,
    check_varies,
    common_warnings,
    credibility_of,
    lambda_warnings,
    likelihood_drop,
    parameter_columns,
    range_warnings,
    refined_interval,
    reversal_warnings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from takeoff._arrays import FloatLike

__all__ = ["feller_log_likelihood", "feller_ml", "simulate_feller"]

NOISE: Final = "multiplicative diffusion of A, none in its measurement"
_GRID: Final = 41
"""Number of values of r in the first profile."""
_WORST: Final = 1e12
"""Negative log-likelihood outside the domain."""


def feller_log_likelihood(
    series: ResearchSeries, *, beta: FloatLike, parallelizability: FloatLike, theta: FloatLike, sigma: FloatLike
) -> Any:
    """Compute the exact log-likelihood of the diffusion, given the first measurement.

    The diffusion is ``dA = theta A^(1-beta) I^lambda dt + sigma A^(1-beta/2) I^(lambda/2) dW``. ``A^beta`` is a Feller
    (squared Bessel) process in operational time, whose transitions are noncentral chi-squared. Their density is
    computed without cancellation: its relative error is below 1e-10 for orders and noncentralities up to 1e5 if the
    density is above e^-1000, and for those up to 1e7 if it is above e^-50.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input; measurement errors are not used.
    beta, parallelizability, theta, sigma : float or array
        Parameters, in the units of A and I of the series; arrays broadcast, and are computed in parallel.

    Returns
    -------
    float or array
        Log-likelihood; -infinity where ``theta < sigma^2 max(1 - beta, 0)/2``, beta, theta or sigma are not above 0, or
        lambda is below 0.

    Raises
    ------
    DtypeError
        A value that is not a series, or parameters that are not numbers.
    InvalidValueError
        Parameters that are NaN; measurements without any input between them.

    References
    ----------
    Feller (1951), "Two singular diffusion problems"; Roodman (2020), "Modeling the human trajectory"; Erdil, Besiroglu
    & Ho (2024).

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"year": [0, 1, 2], "efficiency": [1, 1.2, 1.5], "staff": [1, 1.1, 1.2]}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> evidence.feller_log_likelihood(
    ...     series, beta=[0.5, 1.0], parallelizability=0.5, theta=0.2, sigma=0.1
    ... ).round(3)
    array([2.819, 2.812])
    """
    owner = "feller_log_likelihood"
    check_series(owner, series)
    parameters = {"beta": beta, "parallelizability": parallelizability, "theta": theta, "sigma": sigma}
    shape, columns = parameter_columns(owner, parameters)
    return unwrapped(likelihood_of(series)(*columns), shape)


def likelihood_of(series: ResearchSeries, terms: int | None = None) -> Callable[..., Floats]:
    """Return the log-likelihood as a function of columns of beta, lambda, theta and sigma."""
    pieces = series.pieces()

    def evaluate(*parameters: Floats) -> Floats:
        columns = tuple(np.ascontiguousarray(column, dtype=np.float64) for column in parameters)
        return _core.feller_log_likelihood(series.log_output, pieces, columns, terms, policy())  # type: ignore[arg-type]

    return evaluate


def simulate_feller(
    time: FloatLike,
    flow: FloatLike,
    *,
    beta: float,
    parallelizability: float,
    theta: float,
    sigma: float,
    log_output: float = 0.0,
    seed: int = 0,
) -> ResearchSeries:
    """Draw a series from the exact distribution of the diffusion.

    Parameters
    ----------
    time : array of shape (n,)
        Times of measurements, ascending.
    flow : array of shape (n,)
        Input per year from each time until the next, above 0; the last value is not used.
    beta, parallelizability, theta, sigma : float
        Parameters, as in :func:`feller_log_likelihood`; ``theta > sigma^2 max(1 - beta, 0)/2``.
    log_output : float, default 0.0
        ln A at the first time.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    ResearchSeries
        The series; for lambda = 1 its initial stock is the one that the law implies, ``A0^beta/(beta theta)``.

    Raises
    ------
    ShapeError
        Times and flows of different lengths, or fewer than two.
    InvalidValueError
        Parameters outside their domain.

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year = np.arange(5)
    >>> series = evidence.simulate_feller(
    ...     year, np.exp(0.1 * year), beta=0.6, parallelizability=0.6, theta=0.1, sigma=0.05
    ... )
    >>> series.log_output.shape
    (5,)
    """
    owner = "simulate_feller"
    parameters = {"beta": beta, "parallelizability": parallelizability, "theta": theta, "sigma": sigma}
    numbers = {name: as_number(owner, name, value) for name, value in parameters.items()}
    for name, value in numbers.items():
        if not 0 <= value < math.inf or (value == 0 and name != "parallelizability"):
            raise InvalidValueError(owner, name, value, "finite and > 0 (parallelizability: >= 0)")
    beta_value, lam, drift, noise = numbers.values()
    if 2 * (drift / noise) / noise <= 1 - beta_value:
        raise InvalidValueError(owner, "theta", drift, "above sigma^2 (1 - beta)/2")
    times, effort = as_floats(owner, "time", time), as_floats(owner, "flow", flow)
    if times.ndim != 1 or times.shape != effort.shape or times.size < 2:
        raise ShapeError(f"time and flow must be two numbers each at least, of one length ({owner}.time)")
    _check_each(owner, "time", times, np.diff(times, prepend=-math.inf) > 0, "finite, each later than the one before")
    _check_each(owner, "flow", effort, effort > 0, "finite and > 0")
    start = as_number(owner, "log_output", log_output)
    rng = np.random.Generator(np.random.Philox(as_count(owner, "seed", seed, 0, 2**64 - 1)))
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            logs, stock = _draw_path(rng, (np.diff(times), effort), (beta_value, lam, drift, noise), start)
    except (ArithmeticError, ValueError) as error:
        rule = f"such that A^beta and what it gains are floats: take other units ({error})"
        raise InvalidValueError(owner, "beta", beta_value, rule) from error
    return ResearchSeries.from_frame(
        {"time": times, "log_efficiency": logs, "input": effort},
        time="time",
        output="log_efficiency",
        output_kind="log",
        input="input",
        initial_stock=stock if lam == 1 else None,
    )


def _check_each(owner: str, name: str, values: Floats, sound: Any, rule: str) -> None:
    """Raise unless all values of a column are finite and `sound`."""
    invalid = ~(np.isfinite(values) & sound)
    if invalid.any():
        index = int(invalid.argmax())
        raise InvalidValueError(owner, name, float(values[index]), rule, index)


def _draw_path(
    rng: Any, input_: tuple[Floats, Floats], parameters: tuple[float, float, float, float], start: float
) -> tuple[list[float], float]:
    """Draw ln A at each time; return it and, for lambda = 1, the input before the first time."""
    beta, lam, drift, noise = parameters
    order = (2 * drift / noise**2 - 1) / beta
    scale = beta**2 * noise**2 / 2
    logs = [start]
    for span, rate in zip(*input_, strict=False):
        step_scale = scale * rate**lam * span
        chi2 = rng.noncentral_chisquare(2 * order + 2, 2 * math.exp(beta * logs[-1]) / step_scale)
        logs.append(math.log(step_scale * max(chi2, 1e-300) / 2) / beta)
    return logs, math.exp(beta * start) / (beta * drift)


class Scaled:
    """Likelihood in scaled parameters: logarithms of growth and noise per year at the geometric means of A and I."""

    def __init__(self, series: ResearchSeries) -> None:
        self.output = float(series.log_output.mean())
        years = np.diff(series.edges)
        used = series.flow > 0
        self.input = float(years[used] @ np.log(series.flow[used]) / years[used].sum())
        flow = np.exp(np.log(np.where(used, series.flow, 1.0)) - self.input) * used
        self.evaluate = likelihood_of(
            dataclasses.replace(series, log_output=series.log_output - self.output, flow=flow)
        )
        self.first = float(series.log_output[0])
        growth = max(float(series.log_output[-1] - series.log_output[0]) / series.span, 1e-3)
        moving = np.diff(series.time) > 0
        steps = np.diff(series.log_output)[moving] / np.sqrt(np.diff(series.time)[moving])
        self.start = (math.log(growth), math.log(max(float(np.std(steps)), 1e-4)))

    def natural(self, beta: float, lam: float, growth: float, noise: float) -> tuple[float, float]:
        """Convert growth and noise to theta and sigma in the units of the series."""
        shift = beta * self.output - lam * self.input
        return _exp(growth + shift), _exp(noise + shift / 2)

    def initial_stock(self, beta: float, growth: float) -> float:
        """Compute the initial stock for lambda = 1, ``A0^beta/(beta theta)``, in the unit of the input."""
        return _exp(beta * (self.first - self.output) + self.input - growth - math.log(beta))

    def negative_log_likelihood(self, beta: float, lam: float, growth: float, noise: float) -> float:
        """Compute the negative log-likelihood."""
        log_likelihood = float(self.evaluate(*(np.array([v]) for v in (beta, lam, _exp(growth), _exp(noise))))[0])
        return -log_likelihood if math.isfinite(log_likelihood) else _WORST


def _exp(x: float) -> float:
    """Compute ``exp(x)``, clipped to the range of floats."""
    return math.exp(min(max(x, -700.0), 700.0))


def feller_ml(series: ResearchSeries, *, parallelizability: float | None = None, credibility: float = 0.9) -> Estimate:
    """Estimate r by maximum likelihood of the exact diffusion (needs the extra ``evidence``).

    The likelihood is :func:`feller_log_likelihood`, and the interval is that of its profile along r. With lambda free,
    the likelihood has a ridge in ``(r, lambda)`` unless the input has bursts: for a smooth series fix lambda, and
    compare several values. All noise is taken to be in the growth of A: measurement errors raise sigma, and with it the
    estimate.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input, with at least five measurements.
    parallelizability : float, optional
        The exponent lambda, above 0 (default: free, from 0.01 to 10).
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        The estimate, with the profile of r (from 0.02 to 50) and the ridge. An end of the interval that the profile
        does not bound is 0 or infinite.

    Raises
    ------
    ShapeError
        Fewer than five measurements.
    InvalidValueError
        A lambda that is not above 0; efficiency that does not vary; measurements without any input between them.
    MissingExtraError
        Without SciPy.

    References
    ----------
    Roodman (2020), "Modeling the human trajectory"; Erdil, Besiroglu & Ho (2024).

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year = np.arange(30)
    >>> staff = np.exp(0.1 * year + 0.5 * np.sin(year))
    >>> series = evidence.simulate_feller(
    ...     year, staff, beta=0.6, parallelizability=0.6, theta=0.2, sigma=0.05, seed=1
    ... )
    >>> estimate = evidence.feller_ml(series, parallelizability=0.6)
    >>> bool(estimate.r_low < 1 < estimate.r_high)
    True
    """
    owner = "feller_ml"
    level = credibility_of(owner, credibility)
    check_series(owner, series)
    if series.time.size < 5:
        raise ShapeError(f"the series must have five measurements at least, got {series.time.size} ({owner}.series)")
    check_varies(owner, series.log_output)
    fixed = None if parallelizability is None else as_number(owner, "parallelizability", parallelizability)
    if fixed is not None and not 0 < fixed < math.inf:
        raise InvalidValueError(owner, "parallelizability", fixed, "finite and > 0, or None")
    scaled = Scaled(series)
    grid = np.geomspace(0.02, 50.0, _GRID)
    rows = _profile(scaled, grid, fixed)
    best = int(np.argmin([row[0] for row in rows]))
    *row, r = _fit_near(scaled, grid, rows, best, fixed)
    fits: dict[float, _Row] = dict(zip(grid.tolist(), rows, strict=True)) | {r: tuple(row)}
    low, high = refined_interval(fits, lambda r, near: _fit_at(scaled, r, fixed, near), likelihood_drop(level))
    r = min(fits, key=lambda value: fits[value][0])  # may be a point that `refined_interval` added
    lowest, lam, nuisance = fits[r]
    if lowest >= _WORST:
        raise InvalidValueError(owner, "series", series, "such that some parameters have a likelihood")
    warnings = common_warnings(series, "output_error", "initial_stock")
    warnings += range_warnings(r, grid[0], grid[-1])
    if low == 0 or math.isinf(high):
        warnings.append("the profile likelihood does not bound r within 0.02 to 50 on both sides")
    warnings += [*reversal_warnings(series), *([] if fixed else lambda_warnings(lam))]
    if fixed is None:
        warnings.append("lambda is free: see the ridge, and compare with fixed values")
    beta = lam / r
    theta, sigma = scaled.natural(beta, lam, *nuisance)
    table = [(value, -fits[value][0], fits[value][1]) for value in sorted(fits)]
    profile = pl.DataFrame(table, schema=["r", "log_likelihood", "parallelizability"], orient="row")
    profile = profile.filter(pl.col("log_likelihood") > -_WORST / 2)
    return Estimate(
        estimator=owner,
        r=r,
        r_low=low,
        r_high=high,
        interval="profile likelihood",
        noise=NOISE,
        credibility=level,
        beta=beta,
        parallelizability=lam,
        initial_stock=scaled.initial_stock(beta, nuisance[0]) if lam == 1 else None,
        effective_size=float(np.count_nonzero(np.diff(series.time))),
        log_likelihood=-lowest,
        diagnostics={"theta": theta, "sigma": sigma},
        warnings=tuple(warnings),
        profile=profile,
        ridge=profile.with_columns(beta=pl.col("parallelizability") / pl.col("r")).filter(
            pl.col("log_likelihood") > -lowest - 2
        ),
        series=series,
        citations=("erdil-2024",),
    )


_Row = tuple[float, float, tuple[float, float]]
"""Negative log-likelihood, lambda, and the logarithms of growth and noise."""


def _profile(scaled: Scaled, grid: Floats, fixed: float | None) -> list[_Row]:
    """Fit the other parameters at each r, outwards from r near 1, each from the fit of its neighbour."""
    rows: dict[int, _Row] = {}
    middle = int(np.argmin(np.abs(np.log(grid))))
    for order in (range(middle, grid.size), range(middle - 1, -1, -1)):
        for i in order:
            near = rows.get(i - 1) or rows.get(i + 1)
            rows[i] = _fit_at(scaled, float(grid[i]), fixed, near)
    return [rows[i] for i in range(grid.size)]


def _fit_at(scaled: Scaled, r: float, fixed: float | None, near: _Row | None) -> _Row:
    """Fit the other parameters at one r."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError("feller_ml", "evidence") from None

    def objective(z: Floats) -> float:
        lam = fixed if fixed is not None else _exp(float(z[2]))
        outside = fixed is None and not 0.01 <= lam <= 10
        return _WORST if outside else scaled.negative_log_likelihood(lam / r, lam, float(z[0]), float(z[1]))

    growth, noise = scaled.start if near is None else near[2]
    start = [growth, noise] if fixed is not None else [growth, noise, math.log(0.6 if near is None else near[1])]
    simplex = np.vstack([start, start + 0.15 * np.eye(len(start)) * (1 if start[-1] < 1.5 else -1)])
    options = {"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-5, "maxfev": 400}
    result = minimize(objective, start, method="Nelder-Mead", options=options)
    lam = fixed if fixed is not None else _exp(float(result.x[2]))
    return float(result.fun), lam, (float(result.x[0]), float(result.x[1]))


def _fit_near(
    scaled: Scaled, grid: Floats, rows: list[_Row], best: int, fixed: float | None
) -> tuple[float, float, tuple[float, float], float]:
    """Fit r between the neighbours of the best value of the grid."""
    from scipy.optimize import minimize_scalar

    fits: dict[float, _Row] = {math.log(grid[best]): rows[best]}

    def objective(log_r: float) -> float:
        fits[log_r] = _fit_at(scaled, math.exp(log_r), fixed, rows[best])
        return fits[log_r][0]

    ends = (math.log(grid[max(best - 1, 0)]), math.log(grid[min(best + 1, grid.size - 1)]))
    minimize_scalar(objective, bounds=ends, method="bounded", options={"xatol": 1e-3})
    log_r = min(fits, key=lambda key: fits[key][0])
    return *fits[log_r], math.exp(log_r)
