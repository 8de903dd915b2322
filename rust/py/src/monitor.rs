//! Particle filter of the pace.

use crate::door::{Policy, enter};
use crate::{Column, errors, owned};
use numpy::PyArray1;
use pyo3::prelude::*;
use takeoff_core::estimation::particles::{self, Effort, Outcome};

/// A weighted set of particles.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct Particles(particles::Particles);

/// Converts the growth of effort per year, which is `None` for automated research.
fn effort(growth: Option<f64>) -> Effort {
    growth.map_or(Effort::Automated, Effort::Growing)
}

/// Moves values into an array.
fn array(py: Python<'_>, values: Vec<f64>) -> Bound<'_, PyArray1<f64>> {
    PyArray1::from_vec(py, values)
}

#[pymethods]
impl Particles {
    #[new]
    fn new(
        py: Python<'_>,
        pace: Column<'_>,
        r: Column<'_>,
        parallelizability: Column<'_>,
        volatility: Column<'_>,
        seed: u64,
        policy: Policy,
    ) -> PyResult<Self> {
        let (pace, r, lambda, volatility) =
            (owned(&pace)?, owned(&r)?, owned(&parallelizability)?, owned(&volatility)?);
        enter(py, policy, |run| particles::Particles::new(&pace, &r, &lambda, &volatility, seed, run)).map(Self)
    }

    #[staticmethod]
    fn restored(columns: Column<'_>, variance: f64, step: u64, seed: u64) -> PyResult<Self> {
        let columns = owned(&columns)?;
        particles::Particles::restored(&columns, variance, step, seed).map(Self).map_err(errors::to_python)
    }

    #[getter]
    fn count(&self) -> usize {
        self.0.count()
    }

    #[getter]
    fn variance(&self) -> f64 {
        self.0.variance()
    }

    #[getter]
    fn step(&self) -> u64 {
        self.0.step()
    }

    fn columns<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        array(py, self.0.columns())
    }

    fn advanced(&self, py: Python<'_>, years: f64, growth: Option<f64>, policy: Policy) -> PyResult<Option<Self>> {
        Ok(enter(py, policy, |run| self.0.advanced(years, effort(growth), run))?.map(Self))
    }

    fn updated(
        &self,
        py: Python<'_>,
        years: f64,
        growth: Option<f64>,
        measured: f64,
        error: f64,
        policy: Policy,
    ) -> PyResult<Option<(Self, f64, f64)>> {
        match enter(py, policy, |run| self.0.updated(years, effort(growth), measured, error, run))? {
            Outcome::Assimilated { next, density, effective } => Ok(Some((Self(*next), density, effective))),
            Outcome::OutOfReach => Ok(None),
        }
    }

    fn crossing<'py>(
        &self,
        py: Python<'py>,
        years: f64,
        growth: Option<f64>,
        paces: Column<'py>,
        policy: Policy,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let paces = owned(&paces)?;
        Ok(array(py, enter(py, policy, |run| self.0.crossing(years, effort(growth), &paces, run))?))
    }

    fn above<'py>(&self, py: Python<'py>, paces: Column<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(array(py, self.0.above(&owned(&paces)?)))
    }

    fn summary<'py>(
        &self,
        py: Python<'py>,
        growth: Option<f64>,
        probabilities: Vec<f64>,
        policy: Policy,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(array(py, enter(py, policy, |run| self.0.summary(effort(growth), &probabilities, run))?))
    }
}
