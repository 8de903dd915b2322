"""Bad input of the estimators under the Feller diffusion."""

import numpy as np
import pytest

from takeoff import HalfCauchy, Normal, errors, evidence

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


def test_outside_the_domain_there_is_no_likelihood() -> None:
    found = evidence.feller_log_likelihood(SERIES, beta=[0.6, 0.1], parallelizability=0.6, theta=0.1, sigma=[0.05, 1])
    assert np.isfinite(found).tolist() == [True, False]
