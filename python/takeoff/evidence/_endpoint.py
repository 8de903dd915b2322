"""Bayesian estimate from one growth number and a series of input, as by Erdil, Besiroglu & Ho (2024)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff import _core, datasets
from takeoff._arrays import Floats, as_choice, as_count, as_switch, policy
from takeoff.distributions import HalfCauchy, draw
from takeoff.distributions._foreign import distribution_of
from takeoff.errors import DtypeError, InvalidValueError, UnknownNameError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._feller import NOISE, likelihood_of
from takeoff.evidence._ratio import input_growth
from takeoff.evidence._series import ResearchSeries
from takeoff.evidence._shared import check_series, check_varies, common_warnings, credibility_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["endpoint_bayes", "endpoint_series"]

NAMES: Final = ("beta", "parallelizability", "sigma_s", "theta_s")
"""Parameters that have a prior."""
_BATCH: Final = 500_000
_MOST_DRAWS: Final = 8_000_000
_KEPT: Final = 20_000
"""Draws in the estimate."""
_TERMS: Final = 20_000
"""Terms of the sum in the published code."""


def endpoint_series(domain: str) -> ResearchSeries:
    """Return the series of a domain by Erdil, Besiroglu & Ho (2024): authors of papers, and one growth number.

    Parameters
    ----------
    domain : str
        "image recognition", "SAT solvers", "linear programming" or "RL training data efficiency".

    Returns
    -------
    ResearchSeries
        Two measurements, and the authors of each year between them.

    Raises
    ------
    UnknownNameError
        A domain that is not in the dataset ``domain_authors``.

    Examples
    --------
    >>> from takeoff import evidence
    >>> evidence.endpoint_series("image recognition").flow[:3]
    array([111., 174., 505.])
    """
    table = datasets.load("domain_authors")
    domains = table["domain"].unique(maintain_order=True).to_list()
    as_choice("domain", domain, domains)
    rows = table.filter(pl.col("domain") == domain).sort("year")
    span = float(rows["span"][0])
    output = pl.DataFrame({"year": [0.0, span], "efficiency": [1.0, float(rows["growth"][0])]})
    inputs = rows.select(pl.col("year").cast(pl.Float64), "authors")
    frame = inputs.join(output, on="year", how="full", coalesce=True).sort("year").select("year", "efficiency")
    return ResearchSeries.from_frame(frame, time="year", output="efficiency", input="authors", inputs=inputs)


def endpoint_bayes(
    series: ResearchSeries,
    *,
    priors: Mapping[str, Any] | None = None,
    published_truncation: bool = False,
    effective_size: int = 10_000,
    credibility: float = 0.9,
    seed: int = 0,
) -> Estimate:
    """Compute the posterior of r from one growth number and the inputs, under the exact diffusion.

    The law is that of :func:`takeoff.evidence.feller_log_likelihood`, with ``theta = theta_s/t A0^beta I0^-lambda`` and
    ``sigma = sigma_s/sqrt(t) A0^(beta/2) I0^(-lambda/2)``. ``t = beta/(gI lambda)`` is the time in which efficiency
    grows by a factor of e on the balanced path, with input growing at rate gI. The least theta at which the drift of
    ``A^beta`` is not negative, ``sigma^2 max(1 - beta, 0)/2``, is added to theta. Draws of the prior are weighted by
    their likelihood, until their effective sample size is `effective_size`. Most of the spread is that of the prior,
    since one number carries little information.

    Parameters
    ----------
    series : ResearchSeries
        Efficiency and input; of the measurements only the first and the last are used.
    priors : mapping, optional
        Distributions of "beta", "parallelizability", "sigma_s" and "theta_s" (default: half-Cauchy of scale 1 each).
    published_truncation : bool, default False
        Use the density of the published code: a sum of 20,000 terms without those whose gamma function overflows
        (arguments above 171), so that draws with little noise have a likelihood of 0.
    effective_size : int, default 10_000
        Effective sample size to reach, with at most 8 million draws.
    credibility : float, default 0.9
        Probability of the interval.
    seed : int, default 0
        Seed of the draws.

    Returns
    -------
    Estimate
        Medians of the posterior, and 20,000 draws of equal weight.

    Raises
    ------
    DtypeError, InvalidValueError
        A value that is not a series, or a series whose input does not grow or whose efficiency ends as it began; a
        prior of numbers that are not above 0.
    UnknownNameError
        A prior of an unknown parameter.
    ShapeError
        Input in a single period.

    References
    ----------
    Erdil, Besiroglu & Ho (2024), "Estimating Idea Production", tables 7 and 8.

    Examples
    --------
    >>> from takeoff import evidence
    >>> estimate = evidence.endpoint_bayes(evidence.endpoint_series("image recognition"), effective_size=2_000)
    >>> round(estimate.r, 1), estimate.effective_size >= 2_000
    (1.4, True)
    """
    owner = "endpoint_bayes"
    check_series(owner, series)
    level = credibility_of(owner, credibility)
    target_size = as_count(owner, "effective_size", effective_size, 100, 1_000_000)
    seed_number = as_count(owner, "seed", seed, 0, 2**64 - 1)
    distributions = prior_distributions(owner, priors)
    truncated = as_switch(owner, "published_truncation", published_truncation)
    check_varies(owner, series.log_output[[0, -1]])
    model = Rescaled(series, ends_only=True, terms=_TERMS if truncated else None)
    batches: list[tuple[Floats, Floats]] = []
    size, drawn = 0.0, 0
    while size < target_size and drawn < _MOST_DRAWS:
        frame = draw(distributions, _BATCH, seed=seed_number, start=drawn)
        drawn += _BATCH
        columns = np.array([frame[name].to_numpy() for name in NAMES])
        log_likelihoods = model.log_likelihood(*columns)
        possible = np.isfinite(log_likelihoods)
        batches.append((columns[:, possible], log_likelihoods[possible]))
        size = kish_size(np.concatenate([batch for _, batch in batches]))
    values = np.concatenate([batch for batch, _ in batches], axis=1)
    logs = np.concatenate([batch for _, batch in batches])
    if not logs.size:
        raise InvalidValueError(owner, "priors", "priors", "such that some draw has a likelihood")
    weights = _core.exp(logs - logs.max(), policy())
    evidence = float(logs.max()) + math.log(weights.sum() / drawn)
    chosen = resample(weights, _KEPT, seed_number)
    draws = pl.DataFrame({"r": values[1] / values[0], **dict(zip(NAMES, values, strict=True)), "log_likelihood": logs})[
        chosen
    ]
    r = values[1] / values[0]
    low, middle, high = _quantiles(r, weights, [(1 - level) / 2, 0.5, (1 + level) / 2])
    warnings = ["one growth number: most of the spread is that of the prior"]
    warnings += common_warnings(series, "output_error", "initial_stock")
    if size < target_size:
        warnings.append(f"{drawn:,} draws of the prior are worth {size:,.0f} independent ones alone")
    if truncated:
        warnings.append("the density of the published code, which leaves out draws with little noise")
    return Estimate(
        estimator=owner,
        r=middle,
        r_low=low,
        r_high=high,
        interval="posterior quantiles",
        noise=NOISE,
        credibility=level,
        beta=_quantiles(values[0], weights, [0.5])[0],
        parallelizability=_quantiles(values[1], weights, [0.5])[0],
        effective_size=size,
        diagnostics={"draws_of_the_prior": float(drawn), "log_evidence": evidence},
        warnings=tuple(warnings),
        draws=draws,
        series=series,
        citations=("erdil-2024",),
    )


class Rescaled:
    """Likelihood in beta, lambda, sigma_s and theta_s."""

    def __init__(self, series: ResearchSeries, *, ends_only: bool, terms: int | None = None) -> None:
        owner = "endpoint_bayes" if ends_only else "feller_bayes"
        self.growth = input_growth(owner, "series", series)[0]
        if self.growth <= 0:
            raise InvalidValueError(owner, "series", self.growth, "of an input that grows (per year, in logarithms)")
        used = slice(None, None, series.time.size - 1) if ends_only else slice(None)
        scaled = ResearchSeries(
            time=series.time[used],
            log_output=np.ascontiguousarray(series.log_output[used] - series.log_output[0]),
            output_error=None,
            edges=series.edges,
            flow=series.flow / series.flow[0],
        )
        self._evaluate = likelihood_of(scaled, terms)

    def log_likelihood(self, beta: Floats, lam: Floats, sigma_s: Floats, theta_s: Floats) -> Floats:
        """Compute the log-likelihood of columns of parameters."""
        with np.errstate(all="ignore"):
            pace = self.growth * lam / beta
            # Add the least theta for which A^beta does not drift below 0, as the published code does.
            sigma = sigma_s * np.sqrt(pace)
            theta = theta_s * pace + sigma**2 * np.maximum(1 - beta, 0) / 2
        return self._evaluate(beta, lam, theta, sigma)


def prior_distributions(owner: str, priors: Any) -> dict[str, Any]:
    """Return the prior of each parameter by name; raise unless priors are of positive numbers."""
    distributions: dict[str, Any] = dict.fromkeys(NAMES, HalfCauchy(1.0))
    if priors is None:
        return distributions
    if not hasattr(priors, "items"):
        raise DtypeError(owner, "priors", type(priors).__name__, "a mapping of names to distributions")
    for name, value in priors.items():
        if name not in NAMES:
            raise UnknownNameError("prior", name, NAMES)
        distributions[name] = distribution_of(value, owner, name)
        if distributions[name].support[0] < 0:
            raise InvalidValueError(owner, name, distributions[name].support[0], "a distribution of numbers above 0")
    return distributions


def resample(weights: Floats, count: int, seed: int) -> Any:
    """Resample draws systematically to equal weights; return their indices in random order."""
    rng = np.random.Generator(np.random.Philox(seed))
    total = np.cumsum(weights)
    indices = np.searchsorted(total, (np.arange(count) + rng.random()) / count * total[-1]).clip(0, weights.size - 1)
    return rng.permutation(indices)


def kish_size(logs: Floats) -> float:
    """Compute the effective sample size (Kish) of draws with the logarithms of weights `logs`."""
    if not logs.size:
        return 0.0
    weights = _core.exp(logs - logs.max(), policy())
    return float(weights.sum() ** 2 / (weights @ weights))


def _quantiles(values: Floats, weights: Floats, probabilities: list[float]) -> list[float]:
    """Compute weighted quantiles."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    indices = np.searchsorted(total, np.array(probabilities) * total[-1]).clip(0, values.size - 1)
    return [float(values[order[index]]) for index in indices]
