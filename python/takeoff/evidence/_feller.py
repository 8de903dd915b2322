"""The exact diffusion in which ideas get harder to find: its likelihood, simulation and greatest likelihood."""

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
    at_an_end,
    cautions,
    check_series,
    check_varies,
    credibility_of,
    implausible,
    likelihood_drop,
    parameter_columns,
    refined_interval,
    reversals,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from takeoff._arrays import FloatLike

__all__ = ["feller_log_likelihood", "feller_ml", "simulate_feller"]

NOISE: Final = "multiplicative diffusion of A, none in its measurement"
_GRID: Final = 41
_WORST: Final = 1e12
"""Minus log-likelihood outside the domain."""


def feller_log_likelihood(
    series: ResearchSeries, *, beta: FloatLike, parallelizability: FloatLike, theta: FloatLike, sigma: FloatLike
) -> Any:
    """Exact log-likelihood of the diffusion ``dA = theta A^(1-beta) I^lambda dt + sigma A^(1-beta/2) I^(lambda/2) dW``.

    Given the first measurement. ``A^beta`` is a Feller (squared Bessel) process in operational time: 2x is noncentral
    chi-squared. The density of each transition is free of cancellation: its relative error is below 1e-10 for an order
    and noncentrality up to 1e5 and a density above e^-1000 (up to 1e7 above e^-50).

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input; errors of measurement are not taken into account.
    beta, parallelizability, theta, sigma : float or array
        Parameters, in the units of A and I of the series; arrays broadcast, and are worked on by all cores.

    Returns
    -------
    float or array
        Log-likelihood; -infinity where ``theta < sigma^2 max(1 - beta, 0)/2``, beta, theta or sigma are not above 0, or
        lambda is below 0.

    Raises
    ------
    DtypeError
        Something that is not a series, or parameters that are not numbers.
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
    given = {"beta": beta, "parallelizability": parallelizability, "theta": theta, "sigma": sigma}
    shape, columns = parameter_columns(owner, given)
    return unwrapped(likelihood_of(series)(*columns), shape)


def likelihood_of(series: ResearchSeries, terms: int | None = None) -> Callable[..., Floats]:
    """Log-likelihood as a function of columns of beta, lambda, theta and sigma."""
    pieces = series.pieces()

    def evaluate(*parameters: Floats) -> Floats:
        columns = tuple(np.ascontiguousarray(each, dtype=np.float64) for each in parameters)
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
    """Draw a series from the diffusion, exactly.

    Parameters
    ----------
    time : array of shape (n,)
        Times of measurements, ascending.
    flow : array of shape (n,)
        Input per year from each time until the next, above 0 (the last has no part in it).
    beta, parallelizability, theta, sigma : float
        Parameters, as in :func:`feller_log_likelihood`; ``theta > sigma^2 max(1 - beta, 0)/2``.
    log_output : float, default 0.0
        ln A at the first time.
    seed : int, default 0
        Of the draws.

    Returns
    -------
    ResearchSeries
        With the input before the first measurement, for lambda = 1, that the law implies: ``A0^beta/(beta theta)``.

    Raises
    ------
    ShapeError
        Times and flows that do not fit together.
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
    given = {"beta": beta, "parallelizability": parallelizability, "theta": theta, "sigma": sigma}
    numbers = {name: as_number(owner, name, value) for name, value in given.items()}
    for name, value in numbers.items():
        if not 0 <= value < math.inf or (value == 0 and name != "parallelizability"):
            raise InvalidValueError(owner, name, value, "finite and > 0 (parallelizability: >= 0)")
    b, lam, drift, noise = numbers.values()
    if 2 * (drift / noise) / noise <= 1 - b:
        raise InvalidValueError(owner, "theta", drift, "above sigma^2 (1 - beta)/2")
    clock, effort = as_floats(owner, "time", time), as_floats(owner, "flow", flow)
    if clock.ndim != 1 or clock.shape != effort.shape or clock.size < 2:
        raise ShapeError(f"time and flow must be two numbers each at least, of one length ({owner}.time)")
    _check_each(owner, "time", clock, np.diff(clock, prepend=-math.inf) > 0, "finite, each later than the one before")
    _check_each(owner, "flow", effort, effort > 0, "finite and > 0")
    start = as_number(owner, "log_output", log_output)
    rng = np.random.Generator(np.random.Philox(as_count(owner, "seed", seed, 0, 2**64 - 1)))
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            logs, stock = _drawn(rng, (np.diff(clock), effort), (b, lam, drift, noise), start)
    except (ArithmeticError, ValueError) as error:
        rule = f"such that A^beta and what it gains are floats: take other units ({error})"
        raise InvalidValueError(owner, "beta", b, rule) from error
    return ResearchSeries.from_frame(
        {"time": clock, "log_efficiency": logs, "input": effort},
        time="time",
        output="log_efficiency",
        output_kind="log",
        input="input",
        initial_stock=stock if lam == 1 else None,
    )


def _check_each(owner: str, name: str, values: Floats, sound: Any, rule: str) -> None:
    """Refuse a column with a value that is not finite or not sound."""
    bad = ~(np.isfinite(values) & sound)
    if bad.any():
        index = int(bad.argmax())
        raise InvalidValueError(owner, name, float(values[index]), rule, index)


def _drawn(
    rng: Any, input_: tuple[Floats, Floats], parameters: tuple[float, float, float, float], start: float
) -> tuple[list[float], float]:
    """Ln A at each time, and the input before the first for lambda = 1."""
    b, lam, drift, noise = parameters
    order = (2 * drift / noise**2 - 1) / b
    scale = b**2 * noise**2 / 2
    logs = [start]
    for span, rate in zip(*input_, strict=False):
        unit = scale * rate**lam * span
        chi2 = rng.noncentral_chisquare(2 * order + 2, 2 * math.exp(b * logs[-1]) / unit)
        logs.append(math.log(unit * max(chi2, 1e-300) / 2) / b)
    return logs, math.exp(b * start) / (b * drift)


class Scaled:
    """Parameters in units of the series: growth and noise per year where A and I have their means, both logarithms."""

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
        """Theta and sigma in the units of the series."""
        shift = beta * self.output - lam * self.input
        return _exp(growth + shift), _exp(noise + shift / 2)

    def initial_stock(self, beta: float, growth: float) -> float:
        """``A0^beta/(beta theta)`` for lambda = 1, in the unit of the input."""
        return _exp(beta * (self.first - self.output) + self.input - growth - math.log(beta))

    def lost(self, beta: float, lam: float, growth: float, noise: float) -> float:
        """Minus the log-likelihood."""
        found = float(self.evaluate(*(np.array([v]) for v in (beta, lam, _exp(growth), _exp(noise))))[0])
        return -found if math.isfinite(found) else _WORST


def _exp(x: float) -> float:
    return math.exp(min(max(x, -700.0), 700.0))


def feller_ml(series: ResearchSeries, *, parallelizability: float | None = None, credibility: float = 0.9) -> Estimate:
    """Greatest likelihood under the exact diffusion, with a profile-likelihood interval of r (needs ``evidence``).

    Of ``dA = theta A^(1-beta) I^lambda dt + sigma A^(1-beta/2) I^(lambda/2) dW`` (:func:`feller_log_likelihood`). With
    lambda free, ``(r, lambda)`` form a ridge that only an input with bursts cuts: on smooth series fix lambda and look
    at several. All noise is in the growth of A; errors of measurement raise sigma, and with it the estimate.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input, five measurements at least.
    parallelizability : float, optional
        The exponent lambda, above 0 (default: free, from 0.01 to 10).
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        With the profile of r (from 0.02 to 50) and the ridge; an end of the interval that the profile does not bound is
        0 or infinite.

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
    >>> found = evidence.feller_ml(series, parallelizability=0.6)
    >>> bool(found.r_low < 1 < found.r_high)
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
    at = int(np.argmin([row[0] for row in rows]))
    *row, r = _best(scaled, grid, rows, at, fixed)
    found: dict[float, _Row] = dict(zip(grid.tolist(), rows, strict=True)) | {r: tuple(row)}
    low, high = refined_interval(found, lambda r, beside: _inner(scaled, r, fixed, beside), likelihood_drop(level))
    r = min(found, key=lambda each: found[each][0])  # may be one of the places in the interval
    lost, lam, nuisance = found[r]
    if lost >= _WORST:
        raise InvalidValueError(owner, "series", series, "such that some parameters have a likelihood")
    warnings = cautions(series, "output_error", "initial_stock")
    warnings += at_an_end(r, grid[0], grid[-1])
    if low == 0 or math.isinf(high):
        warnings.append("the profile likelihood does not bound r within 0.02 to 50 on both sides")
    warnings += [*reversals(series), *([] if fixed else implausible(lam))]
    if fixed is None:
        warnings.append("lambda is free: see the ridge, and compare with fixed values")
    beta = lam / r
    theta, sigma = scaled.natural(beta, lam, *nuisance)
    table = [(each, -found[each][0], found[each][1]) for each in sorted(found)]
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
        log_likelihood=-lost,
        diagnostics={"theta": theta, "sigma": sigma},
        warnings=tuple(warnings),
        profile=profile,
        ridge=profile.with_columns(beta=pl.col("parallelizability") / pl.col("r")).filter(
            pl.col("log_likelihood") > -lost - 2
        ),
        series=series,
        citations=("erdil-2024",),
    )


_Row = tuple[float, float, tuple[float, float]]
"""Minus log-likelihood, lambda, and the logarithms of growth and noise."""


def _profile(scaled: Scaled, grid: Floats, fixed: float | None) -> list[_Row]:
    """The best for each r, from r near 1 outwards, each from where its neighbour ends."""
    rows: dict[int, _Row] = {}
    middle = int(np.argmin(np.abs(np.log(grid))))
    for order in (range(middle, grid.size), range(middle - 1, -1, -1)):
        for i in order:
            near = rows.get(i - 1) or rows.get(i + 1)
            rows[i] = _inner(scaled, float(grid[i]), fixed, near)
    return [rows[i] for i in range(grid.size)]


def _inner(scaled: Scaled, r: float, fixed: float | None, near: _Row | None) -> _Row:
    """The best at one r."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError("feller_ml", "evidence") from None

    def lost(z: Floats) -> float:
        lam = fixed if fixed is not None else _exp(float(z[2]))
        outside = fixed is None and not 0.01 <= lam <= 10
        return _WORST if outside else scaled.lost(lam / r, lam, float(z[0]), float(z[1]))

    growth, noise = scaled.start if near is None else near[2]
    first = [growth, noise] if fixed is not None else [growth, noise, math.log(0.6 if near is None else near[1])]
    simplex = np.vstack([first, first + 0.15 * np.eye(len(first)) * (1 if first[-1] < 1.5 else -1)])
    options = {"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-5, "maxfev": 400}
    found = minimize(lost, first, method="Nelder-Mead", options=options)
    lam = fixed if fixed is not None else _exp(float(found.x[2]))
    return float(found.fun), lam, (float(found.x[0]), float(found.x[1]))


def _best(
    scaled: Scaled, grid: Floats, rows: list[_Row], at: int, fixed: float | None
) -> tuple[float, float, tuple[float, float], float]:
    """The best r between the neighbours of the best on the grid."""
    from scipy.optimize import minimize_scalar

    seen: dict[float, _Row] = {math.log(grid[at]): rows[at]}

    def lost(log_r: float) -> float:
        seen[log_r] = _inner(scaled, math.exp(log_r), fixed, rows[at])
        return seen[log_r][0]

    ends = (math.log(grid[max(at - 1, 0)]), math.log(grid[min(at + 1, grid.size - 1)]))
    minimize_scalar(lost, bounds=ends, method="bounded", options={"xatol": 1e-3})
    log_r = min(seen, key=lambda key: seen[key][0])
    return *seen[log_r], math.exp(log_r)
