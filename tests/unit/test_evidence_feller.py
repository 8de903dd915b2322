"""Bad input of the estimators under the Feller diffusion."""

import dataclasses
from typing import Any

import numpy as np
import polars as pl
import pytest

from takeoff import HalfCauchy, Lognormal, Normal, errors, evidence

SERIES = evidence.simulate_feller(
    np.arange(8), np.exp(0.1 * np.arange(8)), beta=0.6, parallelizability=0.6, theta=0.1, sigma=0.05
)


def test_bad_input() -> None:
    with pytest.raises(errors.DtypeError, match="series must be a ResearchSeries"):
        evidence.feller_ml("x")  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidValueError, match="parallelizability must be finite and > 0"):
        evidence.feller_ml(SERIES, parallelizability=0)
    with pytest.raises(errors.InvalidValueError, match="beta must be a number everywhere"):
        evidence.feller_log_likelihood(SERIES, beta=np.nan, parallelizability=1, theta=1, sigma=1)
    with pytest.raises(errors.UnknownNameError, match="prior must be one of"):
        evidence.endpoint_bayes(SERIES, priors={"gamma": HalfCauchy()})
    with pytest.raises(errors.InvalidValueError, match="beta must be a distribution of numbers above 0"):
        evidence.endpoint_bayes(SERIES, priors={"beta": Normal(0, 1)})
    with pytest.raises(errors.UnknownNameError, match="domain must be one of"):
        evidence.endpoint_series("chess")
    with pytest.raises(errors.InvalidValueError, match="theta must be above"):
        evidence.simulate_feller([0, 1], [1, 1], beta=0.1, parallelizability=1, theta=0.1, sigma=1)
    with pytest.raises(errors.DtypeError, match="published_truncation must be True or False"):
        evidence.endpoint_bayes(SERIES, published_truncation=np.array([]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"time": [0, 2, 1]}, "time must be finite, each later than the one before, got 1.0 at index 2"),
        ({"flow": [1, 0, 1]}, "flow must be finite and > 0, got 0.0 at index 1"),
        ({"flow": [1, 1, np.inf]}, "flow must be finite and > 0, got inf at index 2"),
        ({"beta": 1e308}, "beta must be such that A.beta and what it gains are floats"),
        ({"beta": 5e-324}, "beta must be such that"),
        ({"sigma": 5e-324}, "beta must be such that"),
        ({"sigma": 1e308}, "theta must be above"),
        ({"log_output": 1e308}, "beta must be such that"),
        ({"flow": [1e300] * 3, "parallelizability": 2}, "beta must be such that"),
    ],
)
def test_what_cannot_be_simulated(given: dict[str, Any], says: str) -> None:
    right = {"time": [0, 1, 2], "flow": [1, 1, 1], "beta": 0.6, "parallelizability": 0.6, "theta": 0.1, "sigma": 0.05}
    with pytest.raises(errors.InvalidValueError, match=says):
        evidence.simulate_feller(**{**right, **given})


def test_outside_the_domain_there_is_no_likelihood() -> None:
    found = evidence.feller_log_likelihood(SERIES, beta=[0.6, 0.1], parallelizability=0.6, theta=0.1, sigma=[0.05, 1])
    assert np.isfinite(found).tolist() == [True, False]


def long_series(years: int, seed: int = 1) -> evidence.ResearchSeries:
    year = np.arange(years)
    staff = np.exp(0.06 * year + 0.4 * np.sin(year))
    return evidence.simulate_feller(year, staff, beta=0.6, parallelizability=0.6, theta=0.1, sigma=0.05, seed=seed)


@pytest.mark.slow
def test_walkers_mix_on_a_long_series() -> None:
    found = evidence.feller_bayes(long_series(60))
    # Draws of the prior alone were worth too few.
    assert found.diagnostics["effective_size_of_the_prior"] < 1_000
    assert found.diagnostics["r_hat"] < 1.02
    assert found.effective_size == found.diagnostics["ess_bulk"] > 3_000
    assert not found.warnings
    assert found.r_low < 1 < found.r_high


def test_walkers_that_have_not_mixed_say_so() -> None:
    few = evidence.feller_bayes(long_series(60), steps=100)
    assert few.diagnostics["effective_size_of_the_prior"] < 1_000
    assert few.diagnostics["r_hat"] > 1.02
    assert few.warnings == ("the walkers have not mixed (r_hat above 1.02): take more steps",)


def test_walkers_stay_within_the_floats() -> None:
    """Where efficiency grows by so much that hardly any parameters have a likelihood."""
    table = {"year": np.arange(8), "a": 1e4 * np.array([0, 0.3, 0.5, 0.9, 1, 1.6, 1.9, 2.5]), "i": 1.1 ** np.arange(8)}
    series = evidence.ResearchSeries.from_frame(table, time="year", output="a", output_kind="log", input="i")
    found = evidence.feller_bayes(series, steps=1_000)
    assert found.draws is not None
    assert np.isfinite(np.log(found.draws.to_numpy())).all()


def test_draws_far_from_1_have_a_figure() -> None:
    r = np.exp(np.linspace(-690, 690, 1_000))
    found = evidence.Estimate("e", 1.0, 1e-200, 1e200, "i", "n", draws=pl.DataFrame({"r": r}))
    low, high = found.plot("profile").axes[0].get_xlim()
    assert 1e-200 < low < 1e-12 < 1e12 < high < 1e200


def test_the_evidence_is_the_mean_likelihood_over_the_prior() -> None:
    """Of a prior that is nearly one point: the likelihood there, in units of the first input and the first level."""
    series = evidence.endpoint_series("image recognition")
    beta, lam, sigma_s, theta_s = 0.8, 1.1, 0.5, 0.9
    given = {"beta": beta, "parallelizability": lam, "sigma_s": sigma_s, "theta_s": theta_s}
    priors = {name: Lognormal(np.log(value), 1e-6) for name, value in given.items()}
    found = evidence.endpoint_bayes(series, priors=priors, effective_size=1000)
    middle = (series.edges[1:] + series.edges[:-1]) / 2
    pace = np.log(series.flow[-1] / series.flow[0]) / (middle[-1] - middle[0]) * lam / beta
    sigma = sigma_s * np.sqrt(pace)
    theta = theta_s * pace + sigma**2 * (1 - beta) / 2
    scaled = dataclasses.replace(
        series, flow=series.flow / series.flow[0], log_output=series.log_output - series.log_output[0]
    )
    there = evidence.feller_log_likelihood(scaled, beta=beta, parallelizability=lam, theta=theta, sigma=sigma)
    assert found.diagnostics["log_evidence"] == pytest.approx(there, abs=1e-4)


def test_a_posterior_is_arviz_data() -> None:
    found = evidence.endpoint_bayes(evidence.endpoint_series("SAT solvers"), effective_size=1_000)
    data = found.posterior
    assert type(data).__name__ in ("InferenceData", "DataTree")
    assert set(data["posterior"].data_vars) == {"r", "beta", "parallelizability", "sigma_s", "theta_s"}
    assert dict(data["posterior"].sizes) == {"chain": 1, "draw": 20_000}
    assert found.draws is not None
    np.testing.assert_array_equal(data["posterior"]["r"].values[0], found.draws["r"].to_numpy())
    assert data["sample_stats"]["lp"].shape == (1, 20_000)
    assert data["posterior"]["r"].median() == pytest.approx(found.r, rel=0.05)
    with pytest.raises(errors.InvalidValueError, match="posterior must be that of an estimator with draws"):
        _ = evidence.naive_ratio(SERIES).posterior
