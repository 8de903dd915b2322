//! Likelihood of the level of the law.

use crate::door::Policy;
use crate::{Column, Out, errors, filled, owned};
use pyo3::prelude::*;
use takeoff_core::estimation::level;

/// A validated series of ln A and input.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct LevelLikelihood(level::LevelLikelihood);

#[pymethods]
impl LevelLikelihood {
    #[new]
    fn new(
        time: Column<'_>,
        log_output: Column<'_>,
        variance: Column<'_>,
        durations: Column<'_>,
        flows: Column<'_>,
        counts: Vec<usize>,
    ) -> PyResult<Self> {
        let (time, flows) = (owned(&time)?, owned(&flows)?);
        level::LevelLikelihood::new(&time, owned(&log_output)?, owned(&variance)?, owned(&durations)?, &flows, counts)
            .map(Self)
            .map_err(errors::to_python)
    }

    /// Computes the log-likelihood at vectors of b, lambda, stock, deviation and length, one after the other.
    fn log_likelihood<'py>(&self, py: Python<'py>, parameters: Column<'py>, policy: Policy) -> Out<'py> {
        let parameters = owned(&parameters)?;
        filled(py, parameters.len() / level::WIDTH, policy, |run, out| self.0.log_likelihood(&parameters, run, out))
    }
}
