//! Likelihoods.

use crate::door::Policy;
use crate::{Column, Out, errors, filled, owned};
use pyo3::prelude::*;
use takeoff_core::estimation::{FellerParameters, FellerSeries};

/// Log-likelihood of a series under the Feller diffusion, for each vector of parameters.
#[pyfunction]
pub(crate) fn feller_log_likelihood<'py>(
    py: Python<'py>,
    log_output: Column<'py>,
    pieces: (Column<'py>, Column<'py>, Vec<usize>),
    parameters: (Column<'py>, Column<'py>, Column<'py>, Column<'py>),
    terms: Option<usize>,
    policy: Policy,
) -> Out<'py> {
    let (duration, flow, counts) = pieces;
    let series = FellerSeries::new(owned(&log_output)?, &owned(&duration)?, &owned(&flow)?, &counts);
    let series = series.map_err(errors::to_python)?;
    let (beta, parallelizability, theta, sigma) = parameters;
    let (beta, parallelizability) = (owned(&beta)?, owned(&parallelizability)?);
    let (theta, sigma) = (owned(&theta)?, owned(&sigma)?);
    filled(py, beta.len(), policy, |run, out| {
        let parameters =
            FellerParameters { beta: &beta, parallelizability: &parallelizability, theta: &theta, sigma: &sigma };
        series.log_likelihood(&parameters, terms, run, out)
    })
}
