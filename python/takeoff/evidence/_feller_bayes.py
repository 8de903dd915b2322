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
from takeoff.evidence._shared import cautions, check_series, check_varies, credibility_of, reversals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from takeoff.evidence._series import ResearchSeries

__all__ = ["feller_bayes"]

_PRIOR_DRAWS: Final = 200_000
_LEAST: Final = 1_000
_WALKERS: Final = 64
_KEPT: Final = 20_000
_MOST_LOG: Final = 300.0
"""Of the logarithm of a parameter, in size."""
_STEP: Final = 1e-4
"""Width in ln x over which a prior's density is taken from its distribution function."""


def feller_bayes(
    series: ResearchSeries,
    *,
    priors: Mapping[str, Any] | None = None,
    steps: int = 3_000,
    credibility: float = 0.9,
    seed: int = 0,
) -> Estimate:
    """Posterior of r of a series under the exact diffusion (needs the extra ``bayes``).

    Parameters and priors are those of :func:`takeoff.evidence.endpoint_bayes`, with all measurements. Draws
    of the prior are weighted by their likelihood; where they are worth too few, emcee walks from the best of them.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input.
    priors : mapping, optional
        Distributions of "beta", "parallelizability", "sigma_s" and "theta_s" (default: half-Cauchy of scale 1 each).
    steps : int, default 3_000
        Of each of the 64 walkers, of which the first half is left out.
    credibility : float, default 0.9
        Probability of the interval.
    seed : int, default 0
        Of the draws.

    Returns
    -------
    Estimate
        With draws, and ArviZ's ``r_hat`` and ``ess_bulk`` of r where walkers were needed.

    Raises
    ------
    DtypeError, UnknownNameError
        Something that is not a series, or a prior of something else.
    InvalidValueError
        Input that does not grow, efficiency that does not vary, or priors under which no draw has a likelihood.
    MissingExtraError
        Without emcee or ArviZ, where walkers are needed.

    References
    ----------
    Foreman-Mackey et al. (2013), "emcee: The MCMC Hammer"; ter Braak & Vrugt (2008), "Differential evolution Markov
    chain with snooker updater and fewer chains"; Erdil, Besiroglu & Ho (2024).

    Examples
    --------
    >>> from takeoff import evidence
    >>> found = evidence.feller_bayes(evidence.endpoint_series("linear programming"))
    >>> 0.9 < found.r < 1.3
    True
    """
    owner = "feller_bayes"
    check_series(owner, series)
    check_varies(owner, series.log_output)
    level = credibility_of(owner, credibility)
    count = as_count(owner, "steps", steps, 100, 1_000_000)
    number = as_count(owner, "seed", seed, 0, 2**64 - 1)
    given = prior_distributions(owner, priors)
    model = Rescaled(series, ends_only=False)
    frame = draw(given, _PRIOR_DRAWS, seed=number)
    columns = np.array([frame[name].to_numpy() for name in NAMES])
    logs = model.log_likelihood(*columns)
    if not np.isfinite(logs).any():
        raise InvalidValueError(owner, "priors", "priors", "such that some draw has a likelihood")
    size = kish_size(logs)
    diagnostics: dict[str, float] = {"effective_size_of_the_prior": size}
    warnings = [*cautions(series, "output_error", "initial_stock"), *reversals(series)]
    if size >= _LEAST:
        values = columns[:, resample(_core.exp(logs - logs.max(), policy()), _KEPT, number)]
    else:
        values, more = _walk(model, given, columns[:, np.argsort(-logs)[:_WALKERS]], (count, number))
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


def _walk(model: Rescaled, given: Any, start: Floats, how: tuple[int, int]) -> tuple[Floats, dict[str, float]]:
    """Draws of walkers in the logarithms of the parameters, and their diagnostics."""
    arviz = import_arviz("feller_bayes")
    try:
        import emcee
    except ImportError:
        raise MissingExtraError("feller_bayes", "bayes") from None
    steps, seed = how

    def log_posterior(z: Floats) -> Floats:
        values = np.exp(np.clip(z.T, -_MOST_LOG, _MOST_LOG))
        total = model.log_likelihood(*values)
        for name, x in zip(NAMES, values, strict=True):
            density = given[name].cdf(x * math.exp(_STEP)) - given[name].cdf(x * math.exp(-_STEP))
            total = total + np.log(np.maximum(density, 1e-300))
        inside = (np.abs(z) <= _MOST_LOG).all(axis=1)  # or walkers go without end where the likelihood is flat
        return np.asarray(np.where(inside & np.isfinite(total), total, -np.inf))

    rng = np.random.Generator(np.random.Philox(seed))
    first = np.log(start.T) + 1e-3 * rng.normal(size=(start.shape[1], len(NAMES)))
    # Differences of walkers follow the ridge of beta and lambda better than stretches (ter Braak & Vrugt 2008).
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    sampler = emcee.EnsembleSampler(start.shape[1], len(NAMES), log_posterior, moves=moves, vectorize=True)
    np_state = np.random.RandomState(seed % 2**32).get_state()
    sampler.run_mcmc(emcee.State(first, random_state=np_state), steps, skip_initial_state_check=True)
    chain = sampler.get_chain(discard=steps // 2)
    log_r = (chain[:, :, 1] - chain[:, :, 0]).T
    diagnostics = {"r_hat": float(arviz.rhat(log_r)), "ess_bulk": float(arviz.ess(log_r))}
    flat = chain.reshape(-1, len(NAMES))
    places = rng.permutation(len(flat))[:_KEPT]
    return np.exp(flat[places].T), diagnostics
