"""Bayes for one growth number and a series of input: the estimates of four domains by Erdil, Besiroglu & Ho (2024)."""

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
from takeoff.evidence._shared import cautions, check_series, check_varies, credibility_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["endpoint_bayes", "endpoint_series"]

NAMES: Final = ("beta", "parallelizability", "sigma_s", "theta_s")
_BATCH: Final = 500_000
_MOST: Final = 8_000_000
_KEPT: Final = 20_000
_TERMS: Final = 20_000


def endpoint_series(domain: str) -> ResearchSeries:
    """Authors of papers and one growth number of a domain, as Erdil, Besiroglu & Ho (2024) have them.

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
    """Posterior of r from one growth number and the inputs, under the exact diffusion.

    The law is that of :func:`takeoff.evidence.feller_log_likelihood`, with ``theta = theta_s/t A0^beta I0^-lambda`` and
    ``sigma = sigma_s/sqrt(t) A0^(beta/2) I0^(-lambda/2)``; ``t = beta/(gI lambda)`` is the time in which efficiency
    grows by a factor of e where input grows at gI for long. To theta is added the least at which the drift of
    ``A^beta`` is not negative, ``sigma^2 max(1 - beta, 0)/2``. Draws of the prior are weighted by their likelihood
    until they are worth `effective_size` independent ones. Most of the spread is that of the prior: one number cannot
    tell more.

    Parameters
    ----------
    series : ResearchSeries
        Of which the first and the last measurement are used, and the input between them.
    priors : mapping, optional
        Distributions of "beta", "parallelizability", "sigma_s" and "theta_s" (default: half-Cauchy of scale 1 each).
    published_truncation : bool, default False
        Take the density of the published code: a sum of 20,000 terms in which those with a gamma function beyond the
        floats (of arguments above 171) count nothing, so that draws with little noise have no likelihood.
    effective_size : int, default 10_000
        Independent draws that the weighted ones are to be worth; 8 million are drawn at most.
    credibility : float, default 0.9
        Probability of the interval.
    seed : int, default 0
        Of the draws.

    Returns
    -------
    Estimate
        Medians of the posterior, and 20,000 draws of equal weight.

    Raises
    ------
    DtypeError, InvalidValueError
        Something that is not a series, or one whose input does not grow or whose efficiency ends as it began; a prior
        of numbers that are not above 0.
    UnknownNameError
        A prior of something else.
    ShapeError
        Input in one period alone.

    References
    ----------
    Erdil, Besiroglu & Ho (2024), "Estimating Idea Production", tables 7 and 8.

    Examples
    --------
    >>> from takeoff import evidence
    >>> found = evidence.endpoint_bayes(evidence.endpoint_series("image recognition"), effective_size=2_000)
    >>> round(found.r, 1), found.effective_size >= 2_000
    (1.4, True)
    """
    owner = "endpoint_bayes"
    check_series(owner, series)
    level = credibility_of(owner, credibility)
    wanted = as_count(owner, "effective_size", effective_size, 100, 1_000_000)
    number = as_count(owner, "seed", seed, 0, 2**64 - 1)
    given = prior_distributions(owner, priors)
    truncated = as_switch(owner, "published_truncation", published_truncation)
    check_varies(owner, series.log_output[[0, -1]])
    model = Rescaled(series, ends_only=True, terms=_TERMS if truncated else None)
    batches: list[tuple[Floats, Floats]] = []
    size, drawn = 0.0, 0
    while size < wanted and drawn < _MOST:
        frame = draw(given, _BATCH, seed=number, start=drawn)
        drawn += _BATCH
        columns = np.array([frame[name].to_numpy() for name in NAMES])
        found = model.log_likelihood(*columns)
        kept = np.isfinite(found)
        batches.append((columns[:, kept], found[kept]))
        size = kish_size(np.concatenate([each for _, each in batches]))
    values = np.concatenate([each for each, _ in batches], axis=1)
    logs = np.concatenate([each for _, each in batches])
    if not logs.size:
        raise InvalidValueError(owner, "priors", "priors", "such that some draw has a likelihood")
    weights = _core.exp(logs - logs.max(), policy())
    evidence = float(logs.max()) + math.log(weights.sum() / drawn)
    chosen = resample(weights, _KEPT, number)
    draws = pl.DataFrame({"r": values[1] / values[0], **dict(zip(NAMES, values, strict=True)), "log_likelihood": logs})[
        chosen
    ]
    r = values[1] / values[0]
    low, middle, high = _quantiles(r, weights, [(1 - level) / 2, 0.5, (1 + level) / 2])
    warnings = ["one growth number: most of the spread is that of the prior"]
    warnings += cautions(series, "output_error", "initial_stock")
    if size < wanted:
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
    """The likelihood in beta, lambda and the scaled noise and growth."""

    def __init__(self, series: ResearchSeries, *, ends_only: bool, terms: int | None = None) -> None:
        owner = "endpoint_bayes" if ends_only else "feller_bayes"
        self.growth = input_growth(owner, "series", series)[0]
        if self.growth <= 0:
            raise InvalidValueError(owner, "series", self.growth, "of an input that grows (per year, in logarithms)")
        use = slice(None, None, series.time.size - 1) if ends_only else slice(None)
        scaled = ResearchSeries(
            time=series.time[use],
            log_output=np.ascontiguousarray(series.log_output[use] - series.log_output[0]),
            output_error=None,
            edges=series.edges,
            flow=series.flow / series.flow[0],
        )
        self._evaluate = likelihood_of(scaled, terms)

    def log_likelihood(self, beta: Floats, lam: Floats, sigma_s: Floats, theta_s: Floats) -> Floats:
        """At each vector of parameters."""
        with np.errstate(all="ignore"):
            pace = self.growth * lam / beta
            # The least theta for which A^beta does not drift below 0 is added, as the published code does.
            sigma = sigma_s * np.sqrt(pace)
            theta = theta_s * pace + sigma**2 * np.maximum(1 - beta, 0) / 2
        return self._evaluate(beta, lam, theta, sigma)


def prior_distributions(owner: str, priors: Any) -> dict[str, Any]:
    """Priors by name, of positive numbers."""
    found: dict[str, Any] = dict.fromkeys(NAMES, HalfCauchy(1.0))
    if priors is None:
        return found
    if not hasattr(priors, "items"):
        raise DtypeError(owner, "priors", type(priors).__name__, "a mapping of names to distributions")
    for name, value in priors.items():
        if name not in NAMES:
            raise UnknownNameError("prior", name, NAMES)
        found[name] = distribution_of(value, owner, name)
        if found[name].support[0] < 0:
            raise InvalidValueError(owner, name, found[name].support[0], "a distribution of numbers above 0")
    return found


def resample(weights: Floats, count: int, seed: int) -> Any:
    """Places of draws of equal weight, by systematic resampling, in an order that is shuffled."""
    rng = np.random.Generator(np.random.Philox(seed))
    total = np.cumsum(weights)
    places = np.searchsorted(total, (np.arange(count) + rng.random()) / count * total[-1]).clip(0, weights.size - 1)
    return rng.permutation(places)


def kish_size(logs: Floats) -> float:
    """Independent draws that weighted ones are worth (Kish)."""
    if not logs.size:
        return 0.0
    weights = _core.exp(logs - logs.max(), policy())
    return float(weights.sum() ** 2 / (weights @ weights))


def _quantiles(values: Floats, weights: Floats, parts: list[float]) -> list[float]:
    """Weighted quantiles."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    places = np.searchsorted(total, np.array(parts) * total[-1]).clip(0, values.size - 1)
    return [float(values[order[place]]) for place in places]
