"""Maximum likelihood of increments with noise that jumps: stable laws."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_number
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._shared import (
    INSEPARABLE,
    check_varies,
    credibility_of,
    fit_table,
    likelihood_drop,
    likelihood_interval,
    unused,
)

if TYPE_CHECKING:
    from takeoff.evidence._series import ResearchSeries

__all__ = ["stable_increment_ml"]

_NODES: Final = 1 << 17
_REACH: Final = 2000.0
"""Half the width of the grid of the density; from a tenth of it on the power law of the tail is nearer."""
_PROFILE: Final = np.geomspace(1 / 30, 30, 41)


def stable_increment_ml(
    series: ResearchSeries,
    *,
    stability: float | None = None,
    skewness: float = 1.0,
    credibility: float = 0.9,
) -> Estimate:
    """Maximum likelihood of the increments of A^beta, with noise of a stable law (needs the extra ``scipy``).

    ``X = A^beta`` gains ``beta theta dtau`` from measurement to measurement, with noise of the scale
    ``sigma A^(beta - beta/alpha) dtau^(1/alpha)``, ``tau`` the integral of ``I^lambda``. A stability alpha of 2 is the
    normal law (the Euler step of a diffusion); below 2 the noise jumps, and with a skewness of 1 it jumps upwards
    alone, as when a new architecture is merged. The law has mean 0 (for alpha above 1). Its density comes from its
    characteristic function by a Fourier transform.

    beta, lambda, theta, sigma and alpha (where it is not given) are those of the highest likelihood; the interval is of
    the profile likelihood of ``r = lambda/beta``, with alpha held at its value. It fails where errors of measurement
    are large beside the increments, since it takes them for progress that comes and goes, and where the input is
    smooth: lambda and beta are then known as a ratio alone.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    stability : float, optional
        alpha, above 1 and up to 2 (default: the best from 1.1 to 2).
    skewness : float, default 1.0
        From -1 to 1; without effect for an alpha of 2.
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        With beta, lambda, the profile and the ridge.

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
    Erdil, Besiroglu & Ho (2024), the fits of Stockfish (alpha = 1.74) and of US total factor productivity (alpha = 2);
    Nolan (1997), "Numerical calculation of stable densities", for the law's parametrisation (S1).

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
    >>> found = evidence.stable_increment_ml(series, stability=2)
    >>> found.r_low < 1 < found.r_high
    True
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingExtraError("stable_increment_ml", "scipy") from None
    level = credibility_of("stable_increment_ml", credibility)
    skew = as_number("stable_increment_ml", "skewness", skewness)
    if not -1 <= skew <= 1:
        raise InvalidValueError("stable_increment_ml", "skewness", skew, "from -1 to 1")
    alpha = None if stability is None else as_number("stable_increment_ml", "stability", stability)
    if alpha is not None and not 1 < alpha <= 2:
        raise InvalidValueError("stable_increment_ml", "stability", alpha, "above 1, up to 2")
    if series.time.size < 8:
        given = series.time.size
        raise ShapeError(f"the series must have eight measurements at least, got {given} (stable_increment_ml.series)")
    check_varies("stable_increment_ml", series.log_output)
    steps = _Increments(series, skew, minimize)
    start = steps.best(alpha or 2.0, steps.starts())
    if alpha is None:
        alpha, start = _best_stability(steps, start)
    top, at = start
    r, beta = math.exp(at[0]), math.exp(at[1])
    profile = steps.profile(alpha, at)
    returns = np.array([math.exp(point[0]) for _, point in profile])
    heights = np.array([height for height, _ in profile])
    low, high = likelihood_interval(returns, heights, likelihood_drop(level))
    warnings = [INSEPARABLE, *unused(series, "output_error", "initial_stock")]
    if low == 0 or not math.isfinite(high):
        warnings.append("the profile of r is not bounded by these increments on both sides")
    return Estimate(
        estimator="stable_increment_ml",
        r=r,
        r_low=low,
        r_high=high,
        interval="profile likelihood, stability as fitted",
        noise="normal increments" if alpha == 2 else f"increments of a stable law, stability {alpha:g}",
        credibility=level,
        beta=beta,
        parallelizability=r * beta,
        effective_size=float(series.time.size - 1),
        log_likelihood=top,
        diagnostics={"stability": alpha, "skewness": skew},
        warnings=tuple(warnings),
        ridge=pl.DataFrame(
            {
                "beta": [math.exp(point[1]) for _, point in profile],
                "parallelizability": [math.exp(point[0] + point[1]) for _, point in profile],
                "log_likelihood": heights,
            }
        ).filter(pl.col("log_likelihood") > top - 4),
        profile=pl.DataFrame({"r": returns, "log_likelihood": heights}),
        fitted=fit_table(series, steps.path(at)),
        series=series,
        citations=("erdil-2024",),
    )


def _best_stability(steps: _Increments, start: tuple[float, Floats]) -> tuple[float, tuple[float, Floats]]:
    """The stability of the highest likelihood: down from 2, each fit from the last, then closer around the best."""
    found = {2.0: start}
    for alpha in (1.95, 1.9, 1.85, 1.8, 1.75, 1.7, 1.65, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1):
        found[alpha] = start = steps.best(alpha, [start[1]])
    for step in (0.02, 0.005):
        middle = max(found, key=lambda each: found[each][0])
        for alpha in (middle - 2 * step, middle - step, middle + step, middle + 2 * step):
            near = round(min(max(alpha, 1.05), 2.0), 4)
            found.setdefault(near, steps.best(near, [found[middle][1]]))
    best = max(found, key=lambda each: found[each][0])
    return best, steps.best(best, [found[best][1], *steps.starts()])


class _Increments:
    """The likelihood of the increments, with efficiency relative to the first and input to its mean."""

    def __init__(self, series: ResearchSeries, skewness: float, minimize: Any) -> None:
        self.y = np.array(series.log_output - series.log_output[0])
        self.durations, flows, counts = series.pieces()
        self.starts_of_steps = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int)
        mean = float(flows @ self.durations / self.durations.sum())
        self.log_flows = np.log(np.maximum(flows / mean, 1e-300))
        if (self.operational(1.0) <= 1e-290).any():
            raise InvalidValueError("stable_increment_ml", "series", 0.0, "of an input above 0 before each measurement")
        self.skewness = skewness
        self.minimize = minimize

    def operational(self, lam: float) -> Floats:
        """Operational time from each measurement to the next."""
        gained = np.exp(np.clip(lam * self.log_flows, -690, 690)) * self.durations
        found: Floats = np.add.reduceat(gained, self.starts_of_steps)
        return found

    def height(self, free: Floats, alpha: float) -> float:
        """Log likelihood of ln A at logarithms of r, beta, the drift's rate and the scale."""
        if (np.abs(free) > 12).any():
            return -1e12
        r, beta, theta, sigma = np.exp(free)
        gained = self.operational(r * beta)
        x = np.exp(np.clip(beta * self.y, -600, 600))
        scale = beta * sigma * x[:-1] ** (1 - 1 / alpha) * gained ** (1 / alpha)
        moved = (np.diff(x) - beta * theta * gained) / scale
        log_density = log_stable_density(moved, alpha, self.skewness)
        found = float((log_density + math.log(beta) + beta * self.y[1:] - np.log(scale)).sum())
        return found if math.isfinite(found) else -1e12

    def starts(self) -> list[Floats]:
        """Places to begin the search, with the drift and the scale of the moments there."""
        found = []
        for r in (0.3, 1.0, 3.0):
            for beta in (0.2, 0.6, 2.0, 6.0):
                gained = self.operational(r * beta)
                x = np.exp(np.clip(beta * self.y, -600, 600))
                theta = max((x[-1] - 1) / (beta * gained.sum()), 1e-5)
                moved = (np.diff(x) - beta * theta * gained) / (beta * np.sqrt(x[:-1] * gained))
                sigma = max(float(np.subtract(*np.quantile(moved, [0.75, 0.25]))), 1e-5)
                found.append(np.clip(np.log([r, beta, theta, sigma]), -11, 11))
        return found

    def best(self, alpha: float, starts: list[Floats], held: float | None = None) -> tuple[float, Floats]:
        """Highest log likelihood and where, from several starts; with ln r held where it is given."""
        results = []
        for start in starts:
            free = start if held is None else start[1:]

            def lost(point: Floats) -> float:
                whole = point if held is None else np.concatenate([[held], point])
                return -self.height(whole, alpha)

            simplex = np.vstack([free, free + 0.3 * np.eye(free.size)])
            options = {"initial_simplex": simplex, "xatol": 1e-5, "fatol": 1e-7, "maxiter": 3000, "maxfev": 3000}
            done = self.minimize(lost, free, method="Nelder-Mead", options=options)
            for _ in range(4):  # a simplex may collapse before it is there
                options["initial_simplex"] = np.vstack([done.x, done.x + 0.2 * np.eye(free.size)])
                before, done = done.fun, self.minimize(lost, done.x, method="Nelder-Mead", options=options)
                if before - done.fun < 1e-4:
                    break
            where = np.asarray(done.x) if held is None else np.concatenate([[held], done.x])
            results.append((-float(done.fun), where))
        return max(results, key=lambda each: each[0])

    def profile(self, alpha: float, at: Floats) -> list[tuple[float, Floats]]:
        """Highest log likelihood at values of r around the best, each sought from its neighbour."""
        upper: list[tuple[float, Floats]] = []
        lower: list[tuple[float, Floats]] = []
        for found, factors in ((upper, _PROFILE[_PROFILE > 1]), (lower, _PROFILE[_PROFILE < 1][::-1])):
            beside = at
            for factor in factors:
                height, beside = self.best(alpha, [beside], held=float(np.clip(at[0] + math.log(factor), -11.9, 11.9)))
                found.append((height, beside))
        return [*lower[::-1], (self.height(at, alpha), at), *upper]

    def path(self, at: Floats) -> Floats:
        """Expected ln A without noise, from the first measurement on."""
        r, beta, theta, _ = np.exp(at)
        total = np.concatenate([[0.0], np.cumsum(self.operational(r * beta))])
        found: Floats = np.log1p(beta * theta * total) / beta
        return found


def log_stable_density(x: Floats, stability: float, skewness: float) -> Floats:
    """Logarithm of the density of the standard stable law of mean 0 (parametrisation S1, scale 1).

    Parameters
    ----------
    x : array
        Where.
    stability, skewness : float
        Above 1, up to 2; from -1 to 1.

    Returns
    -------
    array of the shape of `x`
        To an absolute error of the density of 1e-9; the normal law of variance 2 for a stability of 2.
    """
    if stability == 2:
        return np.asarray(-0.25 * x * x - 0.5 * math.log(4 * math.pi))
    grid, table, tail = _table(stability, skewness)
    inner = np.interp(x, grid, table)
    beyond = np.abs(x) > 0.1 * _REACH
    if beyond.any():
        weight = np.where(x > 0, 1 + skewness, 1 - skewness)
        far = tail + np.log(np.maximum(weight, 1e-12)) - (stability + 1) * np.log(np.maximum(np.abs(x), 1.0))
        inner = np.where(beyond, far, inner)
    return np.asarray(inner)


@lru_cache(maxsize=8)
def _table(stability: float, skewness: float) -> tuple[Floats, Floats, float]:
    """Log density on a grid, and the constant of its tails."""
    step = 2 * _REACH / _NODES
    grid = (np.arange(_NODES) - _NODES // 2) * step
    t = 2 * math.pi * np.fft.rfftfreq(_NODES, step)
    power = t**stability
    phi = np.exp(-power + 1j * skewness * math.tan(math.pi * stability / 2) * power)
    density = np.fft.fftshift(np.fft.irfft(np.conj(phi), _NODES)) / step
    constant = math.gamma(stability + 1) * math.sin(math.pi * stability / 2) / math.pi
    return np.asarray(grid), np.asarray(np.log(np.maximum(density, 1e-12))), math.log(constant)
