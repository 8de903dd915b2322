//! Distributions and the sampler.

use crate::door::Policy;
use crate::{Column, Out, errors, filled, owned};
use pyo3::prelude::*;
use takeoff_core::sampling::{self, Function, Recipe};

/// A validated distribution.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct Distribution(sampling::Distribution);

#[pymethods]
impl Distribution {
    #[new]
    fn new(
        kind: String,
        numbers: Column<'_>,
        weights: Column<'_>,
        parts: Vec<PyRef<'_, Distribution>>,
    ) -> PyResult<Self> {
        let parts = parts.iter().map(|part| part.0.clone()).collect();
        let recipe = Recipe { kind, numbers: owned(&numbers)?, weights: owned(&weights)?, parts };
        sampling::Distribution::new(recipe).map(Self).map_err(errors::to_python)
    }

    fn quantile<'py>(&self, py: Python<'py>, p: Column<'py>, policy: Policy) -> Out<'py> {
        let p = owned(&p)?;
        filled(py, p.len(), policy, |run, out| self.0.quantile(&p, run, out))
    }

    fn cdf<'py>(&self, py: Python<'py>, x: Column<'py>, policy: Policy) -> Out<'py> {
        let x = owned(&x)?;
        filled(py, x.len(), policy, |run, out| self.0.distribution_function(&x, run, out))
    }
}

/// Variables prepared for draws.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct Sampler(sampling::Sampler);

#[pymethods]
impl Sampler {
    #[new]
    fn new(
        names: Vec<String>,
        distributions: Vec<PyRef<'_, Distribution>>,
        correlations: Vec<(usize, usize, f64)>,
    ) -> PyResult<Self> {
        let distributions = distributions.iter().map(|one| one.0.clone()).collect();
        sampling::Sampler::new(&names, distributions, &correlations).map(Self).map_err(errors::to_python)
    }

    #[getter]
    fn variables(&self) -> usize {
        self.0.variables()
    }

    fn draw<'py>(&self, py: Python<'py>, seed: u64, start: u64, draws: usize, policy: Policy) -> Out<'py> {
        filled(py, self.0.variables() * draws, policy, |run, out| self.0.draw(seed, start, run, out))
    }

    fn draw_from<'py>(&self, py: Python<'py>, uniforms: Column<'py>, policy: Policy) -> Out<'py> {
        let uniforms = owned(&uniforms)?;
        filled(py, uniforms.len(), policy, |run, out| self.0.draw_from(&uniforms, run, out))
    }
}

/// Computes `e^x` of each value, none of which is NaN.
#[pyfunction]
pub(crate) fn exp<'py>(py: Python<'py>, values: Column<'py>, policy: Policy) -> Out<'py> {
    let values = owned(&values)?;
    filled(py, values.len(), policy, |run, out| sampling::apply(Function::Exp, &values, run, out))
}

/// Computes the natural logarithm of each value; NaN unless the value is a positive normal number.
#[pyfunction]
pub(crate) fn ln<'py>(py: Python<'py>, values: Column<'py>, policy: Policy) -> Out<'py> {
    let values = owned(&values)?;
    filled(py, values.len(), policy, |run, out| sampling::apply(Function::Ln, &values, run, out))
}
