"""Maximum likelihood of increments with stable noise, which jumps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_number, policy, unwrapped
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._shared import (
    check_series,
    check_varies,
    common_warnings,
    credibility_of,
    fit_table,
    identification_warnings,
    lambda_warnings,
    likelihood_drop,
    parameter_columns,
    refined_interval,
    reversal_warnings,
)

if TYPE_CHECKING:
    from takeoff._arrays import FloatLike
    from takeoff.evidence._series import ResearchSeries

__all__ = ["stable_increment_ml", "stable_log_likelihood"]

_LEAST_STABILITY: Final = 1.1
_PROFILE: Final = np.geomspace(1 / 30, 30, 31)
"""Values of r in the profile, relative to the best."""
_WORST: Final = -1e12
"""Log-likelihood outside the domain."""


def stable_log_likelihood(
    series: ResearchSeries,
    *,
    beta: FloatLike,
    parallelizability: FloatLike,
    theta: FloatLike,
    sigma: FloatLike,
    stability: FloatLike,
    skewness: FloatLike = 1.0,
) -> Any:
    """Compute the log-likelihood of increments of A^beta with stable noise.

    ``X = A^beta`` gains ``beta theta dtau`` from measurement to measurement, with noise of the scale
    ``beta sigma X^(1 - 1/alpha) dtau^(1/alpha)``, where ``tau`` is the integral of ``I^lambda``. The likelihood is that
    of ln A, given the first measurement. The noise has mean 0 (parametrization S1); with a stability alpha of 2 it is
    normal, with a variance of twice the square of the scale.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input; measurement errors are not used.
    beta, parallelizability, theta, sigma : float or array
        Parameters, in the units of A and I of the series. All parameters broadcast; arrays are computed in parallel.
    stability : float or array
        alpha of the stable distribution, from 1.1 to 2.
    skewness : float or array, default 1.0
        From -1 to 1; 1 for noise that only jumps upwards.

    Returns
    -------
    float or array
        Log-likelihood; -infinity where beta, theta or sigma are not above 0, lambda is below 0, or stability or
        skewness are out of their ranges. The relative error of a density is below 1e-10 in the tails and where the
        density is above 1e-5 (stability up to 1.99, or 2); otherwise its absolute error is 1e-15.

    Raises
    ------
    DtypeError
        A value that is not a series, or parameters that are not numbers.
    InvalidValueError
        Parameters that are NaN; measurements without any input between them.

    References
    ----------
    Erdil, Besiroglu & Ho (2024); Nolan (1997), "Numerical calculation of stable densities and distribution functions";
    Zolotarev (1986), "One-dimensional stable distributions".

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"year": [0, 1, 2], "efficiency": [1, 1.2, 1.5], "staff": [1, 1.1, 1.2]}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> evidence.stable_log_likelihood(
    ...     series, beta=0.5, parallelizability=0.5, theta=0.2, sigma=0.1, stability=[1.7, 2.0]
    ... ).round(3)
    array([1.94 , 2.245])
    """
    owner = "stable_log_likelihood"
    check_series(owner, series)
    parameters = {"beta": beta, "parallelizability": parallelizability, "theta": theta, "sigma": sigma}
    parameters |= {"stability": stability, "skewness": skewness}
    shape, columns = parameter_columns(owner, parameters)
    log_likelihoods = _core.stable_log_likelihood(series.log_output, series.pieces(), columns, policy())  # type: ignore[arg-type]
    return unwrapped(log_likelihoods, shape)


def stable_increment_ml(
    series: ResearchSeries,
    *,
    stability: float | None = None,
    skewness: float | None = 1.0,
    credibility: float = 0.9,
) -> Estimate:
    """Estimate r by maximum likelihood of increments of A^beta with stable noise (needs the extra ``scipy``).

    The likelihood is :func:`stable_log_likelihood`. With a stability alpha of 2 the noise is normal (the Euler step of
    a diffusion); below 2 it jumps, and with a skewness of 1 it only jumps upwards, as when a new architecture is
    merged.

    Parameters that are not given maximize the likelihood, and the interval is that of the profile likelihood of
    ``r = lambda/beta``. The estimate fails if measurement errors are large relative to the increments, since they are
    taken for progress that comes and goes, and if the input is smooth: then only the ratio of lambda and beta is
    identified. There is no increment between measurements of one time: the last of them starts the next step, and the
    first ends the previous step.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    stability : float, optional
        alpha, from 1.1 to 2 (default: fitted).
    skewness : float or None, default 1.0
        From -1 to 1, or None to fit it; it has no effect for an alpha of 2.
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        The estimate, with beta, lambda, the profile and the ridge.

    Raises
    ------
    ShapeError
        Fewer than eight measurements.
    InvalidValueError
        Efficiency that does not vary; a stability or skewness out of its range; a period without any input between two
        measurements.
    MissingExtraError
        Without SciPy.

    References
    ----------
    Erdil, Besiroglu & Ho (2024), the fits of Stockfish (alpha = 1.74) and of US total factor productivity (alpha = 2).

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year, rng = np.arange(120), np.random.default_rng(3)
    >>> staff = np.exp(0.02 * year + np.sin(year))
    >>> x = [1.0]
    >>> for flow in staff[:-1]:  # beta = lambda = 1
    ...     x.append(x[-1] + 0.05 * flow + 0.02 * np.sqrt(x[-1] * flow) * rng.normal())
    >>> table = {"year": year, "efficiency": x, "staff": staff}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> estimate = evidence.stable_increment_ml(series, stability=2)
    >>> estimate.r_low < 1 < estimate.r_high
    True
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError(_OWNER, "scipy") from None
    level = credibility_of(_OWNER, credibility)
    skew = None if skewness is None else as_number(_OWNER, "skewness", skewness)
    if skew is not None and not -1 <= skew <= 1:
        raise InvalidValueError(_OWNER, "skewness", skew, "from -1 to 1, or None for the best")
    alpha = None if stability is None else as_number(_OWNER, "stability", stability)
    if alpha is not None and not _LEAST_STABILITY <= alpha <= 2:
        raise InvalidValueError(_OWNER, "stability", alpha, f"from {_LEAST_STABILITY} to 2, or None for the best")
    check_series(_OWNER, series)
    if series.time.size < 8:
        measurements = series.time.size
        raise ShapeError(f"the series must have eight measurements at least, got {measurements} ({_OWNER}.series)")
    check_varies(_OWNER, series.log_output)
    steps = _Increments(series, minimize, {_STABILITY: alpha, _SKEWNESS: skew})
    lowest, point = min((steps.fit(start) for start in steps.starts()), key=lambda fit: fit[0])
    fits = {math.exp(point[0]): (lowest, point)}
    for factors in (_PROFILE[_PROFILE > 1], _PROFILE[_PROFILE < 1][::-1]):
        neighbour = point
        for factor in factors:
            r = math.exp(point[0]) * float(factor)
            fits[r] = steps.fit_at(r, neighbour)
            neighbour = fits[r][1]
    # The profile may pass a higher maximum: the search resumes there.
    lower, better_start = min(fits.values(), key=lambda fit: fit[0])
    if lower < lowest:
        lowest, point = steps.fit(better_start)
        fits[math.exp(point[0])] = (lowest, point)
    low, high = refined_interval(fits, lambda r, row: steps.fit_at(r, row[1]), likelihood_drop(level))
    lowest, point = min(fits.values(), key=lambda fit: fit[0])
    if -lowest <= _WORST:
        raise InvalidValueError(_OWNER, "series", series, "such that some parameters have a likelihood")
    beta, lam, _, _, alpha, skew = steps.natural(point[None, :])[:, 0].tolist()
    warnings = [*identification_warnings(series), *common_warnings(series, "output_error", "initial_stock")]
    warnings += [*reversal_warnings(series), *lambda_warnings(lam)]
    if low == 0 or not math.isfinite(high):
        warnings.append("the profile of r is not bounded by these increments on both sides")
    profile = pl.DataFrame(
        [(r, -row[0], math.exp(row[1][1])) for r, row in sorted(fits.items())],
        schema=["r", "log_likelihood", "beta"],
        orient="row",
    )
    return Estimate(
        estimator=_OWNER,
        r=lam / beta,
        r_low=low,
        r_high=high,
        interval="profile likelihood",
        noise="normal increments" if alpha == 2 else f"increments of a stable law, stability {alpha:.4g}",
        credibility=level,
        beta=beta,
        parallelizability=lam,
        effective_size=float(np.count_nonzero(np.diff(series.time))),
        log_likelihood=-lowest,
        diagnostics={"stability": alpha, "skewness": skew},
        warnings=tuple(warnings),
        ridge=profile.filter(pl.col("log_likelihood") > -lowest - 4).select(
            "beta", parallelizability=pl.col("r") * pl.col("beta"), r="r", log_likelihood="log_likelihood"
        ),
        profile=profile,
        fitted=fit_table(series, steps.path(point)),
        series=series,
        citations=("erdil-2024",),
    )


_OWNER: Final = "stable_increment_ml"
_STABILITY, _SKEWNESS = 4, 5
"""Indices in a point of the search, which is ln r, ln beta, drift, noise, stability, skewness."""
_BOUNDS: Final = np.array([(-8, 8), (-8, 6), (-9, 4), (-9, 6), (_LEAST_STABILITY, 2), (-1, 1)], dtype=np.float64)
_DIFFERENCE: Final = 1e-4
"""Step of the finite differences for the gradient."""


class _Increments:
    """Likelihood of the increments and its maximum; efficiency is relative to the first, input to its mean.

    The search is over logarithms of r, of beta, of the total drift relative to the total gain of A^beta, and of the
    noise of a typical step relative to the typical gain in a step: these are close to 0 and hardly correlated.
    """

    def __init__(self, series: ResearchSeries, minimize: Any, held: dict[int, float | None]) -> None:
        self.y = np.array(series.log_output - series.log_output[0])
        self.range = float(np.ptp(self.y))
        durations, flows, counts = series.pieces()
        mean = float(flows @ durations / durations.sum())
        self.pieces = (durations, flows / mean, counts)
        self.log_flows = np.log(np.maximum(flows / mean, 1e-300))
        moving = np.array(counts) > 0
        self.first_pieces = np.concatenate([[0], np.cumsum(counts)[:-1]])[moving].astype(int)
        self.from_y = self.y[:-1][moving]
        self.minimize = minimize
        self.held = {index: value for index, value in held.items() if value is not None}

    def gained(self, lam: Any) -> Floats:
        """Compute the operational time of the pieces."""
        gained: Floats = np.exp(np.clip(lam * self.log_flows, -650, 650)) * self.pieces[0]
        return gained

    def natural(self, points: Floats) -> Floats:
        """Convert points of shape (n, 6) to rows of beta, lambda, theta, sigma, stability and skewness, (6, n)."""
        log_r, log_beta, drift, noise, alpha, skew = points.T
        beta, lam = np.exp(log_beta), np.exp(log_r + log_beta)
        gained = np.add.reduceat(self.gained(lam[:, None]), self.first_pieces, axis=1)
        log_gain = _log_expm1(beta * self.range)
        drift = np.exp(np.clip(log_gain + drift - np.log(gained.sum(axis=1)), -690, 690)) / beta
        log_scale = (beta * (1 - 1 / alpha))[:, None] * self.from_y + np.log(gained) / alpha[:, None]
        typical = log_gain - 0.5 * math.log(self.from_y.size) - log_scale.mean(axis=1)
        noise = np.exp(np.clip(typical + noise, -690, 690)) / beta
        return np.array([beta, lam, drift, noise, alpha, skew])

    def log_likelihoods(self, points: Floats) -> Floats:
        """Compute the log-likelihood of ln A at points of shape (n, 6)."""
        columns = tuple(np.ascontiguousarray(column) for column in self.natural(points))
        values = _core.stable_log_likelihood(self.y, self.pieces, columns, policy())  # type: ignore[arg-type]
        return np.maximum(values, _WORST)

    def starts(self) -> list[Floats]:
        """Choose starts of the search: the best few points of a coarse grid that differ in returns or stability."""
        axes = [np.log([0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5, 5, 10]), np.log([0.1, 0.25, 0.6, 1.5, 4, 10]), [0.0]]
        axes += [[-2.0, -1.0, 0.0, 1.0], [1.3, 1.6, 1.8, 2.0], [-1.0, 0.0, 1.0]]
        for index, value in self.held.items():
            axes[index] = [value]
        grid: Floats = np.array(np.meshgrid(*axes, indexing="ij")).reshape(6, -1).T
        order = np.argsort(-self.log_likelihoods(grid), kind="stable")
        chosen: list[Floats] = []
        for point in grid[order]:
            if all(np.abs(point[[0, 4]] - other[[0, 4]]).max() > 0.3 for other in chosen):
                chosen.append(point)
            if len(chosen) == 3:
                break
        return chosen

    def fit(self, start: Floats, held: tuple[int, ...] = ()) -> tuple[float, Floats]:
        """Minimize the negative log-likelihood from a start; return the minimum and its point."""
        free = np.array([index for index in range(6) if index not in held and index not in self.held])
        low, high = _BOUNDS[free].T

        def objective(values: Floats) -> tuple[float, Floats]:
            points = np.tile(start, (2 * free.size + 1, 1))
            points[:, free] = values
            rows = np.arange(free.size)
            points[rows, free] = above = np.minimum(values + _DIFFERENCE, high)
            points[rows + free.size, free] = below = np.maximum(values - _DIFFERENCE, low)
            log_likelihoods = self.log_likelihoods(points)
            gradient = (log_likelihoods[: free.size] - log_likelihoods[free.size : -1]) / (above - below)
            return -float(log_likelihoods[-1]), -gradient

        options = {"maxiter": 200, "ftol": 1e-10, "gtol": 1e-4}
        first = np.clip(start[free], low, high)
        result = self.minimize(
            objective, first, jac=True, method="L-BFGS-B", bounds=list(zip(low, high, strict=True)), options=options
        )
        point = start.copy()
        point[free] = result.x
        return float(result.fun), point

    def fit_at(self, r: float, near: Floats) -> tuple[float, Floats]:
        """Minimize the negative log-likelihood at one r, from the point of a near r; return minimum and point."""
        start = near.copy()
        start[0] = math.log(r)
        return self.fit(start, (0,))

    def path(self, point: Floats) -> Floats:
        """Compute ln A without noise at the measurements, relative to the first."""
        beta, lam, theta = self.natural(point[None, :])[:3, 0].tolist()
        total = np.concatenate([[0.0], np.cumsum(self.gained(lam))])[np.concatenate([[0], np.cumsum(self.pieces[2])])]
        log_output: Floats = np.log1p(beta * theta * total) / beta
        return log_output


def _log_expm1(x: Floats) -> Floats:
    """Compute ``log(exp(x) - 1)`` without overflow."""
    return np.where(x > 30, x, np.log(np.expm1(np.minimum(x, 30))))
