"""Posterior of a series under the exact diffusion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_count, policy
from takeoff.distributions import draw
from takeoff.errors import InvalidValueError, MissingExtraError
from takeoff.evidence._endpoint import NAMES, Rescaled, kish_size, prior_distributions, resample
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._feller import NOISE
from takeoff.evidence._posterior import import_arviz
from takeoff.evidence._shared import check_series, check_varies, common_warnings, credibility_of, reversal_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from takeoff.evidence._series import ResearchSeries

__all__ = ["feller_bayes"]

_PRIOR_DRAWS: Final = 200_000
_LEAST_SIZE: Final = 1_000
"""Least effective sample size of the weighted draws of the prior, below which walkers are needed."""
_WALKERS: Final = 64
_KEPT: Final = 20_000
"""Draws in the estimate."""
_MOST_LOG: Final = 300.0
"""Greatest size of the logarithm of a parameter."""
_STEP: Final = 1e-4
"""Step in ln x of the finite difference that gives the density of a prior from its distribution function."""


def feller_bayes(
    series: ResearchSeries,
    *,
    priors: Mapping[str, Any] | None = None,
    steps: int = 3_000,
    credibility: float = 0.9,
    seed: int = 0,
) -> Estimate:
    """Compute the posterior of r of a series under the exact diffusion (needs the extra ``bayes``).

    Parameters and priors are those of :func:`takeoff.evidence.endpoint_bayes`, and all measurements are used. Draws of
    the prior are weighted by their likelihood; if their effective sample size is too small, walkers of emcee start from
    the likeliest draws.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    priors : mapping, optional
        Distributions of "beta", "parallelizability", "sigma_s" and "theta_s" (default: half-Cauchy of scale 1 each).
    steps : int, default 3_000
        Steps of each of the 64 walkers; the first half is discarded.
    credibility : float, default 0.9
        Probability of the interval.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    Estimate
        The estimate, with draws and, if walkers were needed, ``r_hat`` and ``ess_bulk`` of r by ArviZ.

    Raises
    ------
    DtypeError, UnknownNameError
        A value that is not a series, or a prior of an unknown parameter.
    InvalidValueError
        Input that does not grow, efficiency that does not vary, or priors under which no draw has a likelihood.
    MissingExtraError
        Without emcee or ArviZ, if walkers are needed.

    References
    ----------
    Foreman-Mackey et al. (2013), "emcee: The MCMC Hammer"; ter Braak & Vrugt (2008), "Differential evolution Markov
    chain with snooker updater and fewer chains"; Erdil, Besiroglu & Ho (2024).

    Examples
    --------
    >>> from takeoff import evidence
    >>> estimate = evidence.feller_bayes(evidence.endpoint_series("linear programming"))
    >>> 0.9 < estimate.r < 1.3
    True
    """
    owner = "feller_bayes"
    check_series(owner, series)
    check_varies(owner, series.log_output)
    level = credibility_of(owner, credibility)
    count = as_count(owner, "steps", steps, 100, 1_000_000)
    seed_number = as_count(owner, "seed", seed, 0, 2**64 - 1)
    distributions = prior_distributions(owner, priors)
    model = Rescaled(series, ends_only=False)
    frame = draw(distributions, _PRIOR_DRAWS, seed=seed_number)
    columns = np.array([frame[name].to_numpy() for name in NAMES])
    logs = model.log_likelihood(*columns)
    if not np.isfinite(logs).any():
        raise InvalidValueError(owner, "priors", "priors", "such that some draw has a likelihood")
    size = kish_size(logs)
    diagnostics: dict[str, float] = {"effective_size_of_the_prior": size}
    warnings = [*common_warnings(series, "output_error", "initial_stock"), *reversal_warnings(series)]
    if size >= _LEAST_SIZE:
        values = columns[:, resample(_core.exp(logs - logs.max(), policy()), _KEPT, seed_number)]
    else:
        values, more = _walk(model, distributions, columns[:, np.argsort(-logs)[:_WALKERS]], (count, seed_number))
        diagnostics |= more
        size = more["ess_bulk"]
        if not more["r_hat"] < 1.02:
            warnings.append("the walkers have not mixed (r_hat above 1.02): take more steps")
    r = values[1] / values[0]
    low, middle, high = (float(q) for q in np.quantile(r, [(1 - level) / 2, 0.5, (1 + level) / 2]))
    return Estimate(
        estimator=owner,
        r=middle,
        r_low=low,
        r_high=high,
        interval="posterior quantiles",
        noise=NOISE,
        credibility=level,
        beta=float(np.median(values[0])),
        parallelizability=float(np.median(values[1])),
        effective_size=size,
        diagnostics=diagnostics,
        warnings=tuple(warnings),
        draws=pl.DataFrame({"r": r, **dict(zip(NAMES, values, strict=True))}),
        series=series,
        citations=("erdil-2024",),
    )


def _walk(
    model: Rescaled, distributions: Any, start: Floats, options: tuple[int, int]
) -> tuple[Floats, dict[str, float]]:
    """Draw by walkers in the logarithms of the parameters; return the draws and their diagnostics."""
    arviz = import_arviz("feller_bayes")
    try:
        import emcee
    except ImportError:
        raise MissingExtraError("feller_bayes", "bayes") from None
    steps, seed = options

    def log_posterior(z: Floats) -> Floats:
        values = np.exp(np.clip(z.T, -_MOST_LOG, _MOST_LOG))
        total = model.log_likelihood(*values)
        for name, x in zip(NAMES, values, strict=True):
            density = distributions[name].cdf(x * math.exp(_STEP)) - distributions[name].cdf(x * math.exp(-_STEP))
            total = total + np.log(np.maximum(density, 1e-300))
        inside = (np.abs(z) <= _MOST_LOG).all(axis=1)  # otherwise walkers diverge where the likelihood is flat
        return np.asarray(np.where(inside & np.isfinite(total), total, -np.inf))

    rng = np.random.Generator(np.random.Philox(seed))
    first = np.log(start.T) + 1e-3 * rng.normal(size=(start.shape[1], len(NAMES)))
    # Differential evolution follows the ridge of beta and lambda better than stretch moves (ter Braak & Vrugt 2008).
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(start.shape[1], len(NAMES), log_posterior, moves=moves, vectorize=True)
    np_state = np.random.RandomState(seed % 2**32).get_state()
    sampler.run_mcmc(emcee.State(first, random_state=np_state), steps, skip_initial_state_check=True)
    chain = sampler.get_chain(discard=steps // 2)
    log_r = (chain[:, :, 1] - chain[:, :, 0]).T
    diagnostics = {"r_hat": float(arviz.rhat(log_r)), "ess_bulk": float(arviz.ess(log_r))}
    pooled = chain.reshape(-1, len(NAMES))
    indices = rng.permutation(len(pooled))[:_KEPT]
    return np.exp(pooled[indices].T), diagnostics
