//! Likelihoods of increments.

use crate::door::Policy;
use crate::{Column, Out, errors, filled, owned};
use pyo3::prelude::*;
use takeoff_core::estimation::{FellerParameters, Increments, StableParameters};

/// Durations and flows of pieces of constant input, and the number of pieces between measurements.
type Pieces<'py> = (Column<'py>, Column<'py>, Vec<usize>);

/// Creates the increments of a series.
fn increments(log_output: &Column<'_>, (duration, flow, counts): &Pieces<'_>) -> PyResult<Increments> {
    Increments::new(&owned(log_output)?, &owned(duration)?, &owned(flow)?, counts).map_err(errors::to_python)
}

/// Computes the log-likelihood of a series under the Feller diffusion, at each parameter vector.
#[pyfunction]
pub(crate) fn feller_log_likelihood<'py>(
    py: Python<'py>,
    log_output: Column<'py>,
    pieces: Pieces<'py>,
    parameters: (Column<'py>, Column<'py>, Column<'py>, Column<'py>),
    terms: Option<usize>,
    policy: Policy,
) -> Out<'py> {
    let series = increments(&log_output, &pieces)?;
    let (beta, parallelizability, theta, sigma) = parameters;
    let (beta, parallelizability) = (owned(&beta)?, owned(&parallelizability)?);
    let (theta, sigma) = (owned(&theta)?, owned(&sigma)?);
    filled(py, beta.len(), policy, |run, out| {
        let parameters =
            FellerParameters { beta: &beta, parallelizability: &parallelizability, theta: &theta, sigma: &sigma };
        series.feller_log_likelihood(&parameters, terms, run, out)
    })
}

/// Computes the log-likelihood of a series with stable increments, at each parameter vector.
#[pyfunction]
pub(crate) fn stable_log_likelihood<'py>(
    py: Python<'py>,
    log_output: Column<'py>,
    pieces: Pieces<'py>,
    parameters: (Column<'py>, Column<'py>, Column<'py>, Column<'py>, Column<'py>, Column<'py>),
    policy: Policy,
) -> Out<'py> {
    let series = increments(&log_output, &pieces)?;
    let (beta, parallelizability, theta, sigma, stability, skewness) = parameters;
    let (beta, parallelizability) = (owned(&beta)?, owned(&parallelizability)?);
    let (theta, sigma) = (owned(&theta)?, owned(&sigma)?);
    let (stability, skewness) = (owned(&stability)?, owned(&skewness)?);
    filled(py, beta.len(), policy, |run, out| {
        let parameters = StableParameters {
            beta: &beta,
            parallelizability: &parallelizability,
            theta: &theta,
            sigma: &sigma,
            stability: &stability,
            skewness: &skewness,
        };
        series.stable_log_likelihood(&parameters, run, out)
    })
}
