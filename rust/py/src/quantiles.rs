//! The search for quantiles.

use crate::door::{Policy, enter};
use crate::plan::{Asked, Plan};
use crate::{Column, errors, owned};
use numpy::PyArray1;
use pyo3::prelude::*;
use std::sync::{Mutex, PoisonError};
use takeoff_core::Error;

/// A search for quantiles of columns that are made row by row.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct QuantileSearch(Mutex<takeoff_core::QuantileSearch>);

impl QuantileSearch {
    fn locked(&self) -> std::sync::MutexGuard<'_, takeoff_core::QuantileSearch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl QuantileSearch {
    #[new]
    fn new(
        py: Python<'_>,
        sample: Column<'_>,
        columns: usize,
        rows: usize,
        probabilities: Vec<f64>,
        policy: Policy,
    ) -> PyResult<Self> {
        let sample = owned(&sample)?;
        let search =
            enter(py, policy, |run| takeoff_core::QuantileSearch::new(&sample, columns, rows, probabilities, run))?;
        Ok(Self(Mutex::new(search)))
    }

    /// Takes in rows; stopped, it has taken in all of them or none, as `seen` tells.
    fn add(&self, py: Python<'_>, rows: Column<'_>, policy: Policy) -> PyResult<()> {
        let rows = rows.as_slice().map_err(|e| errors::internal(&format!("rows are not contiguous: {e}")))?;
        enter(py, policy, |run| {
            if run.cancel.raised() {
                return Err(Error::Cancelled);
            }
            self.locked().add(rows);
            Ok(())
        })
    }

    /// Takes in the values of a plan's output; stopped, it has taken in all of them or none. Returns how many are infinite in
    /// each column.
    fn add_rows<'py>(
        &self,
        py: Python<'py>,
        plan: PyRef<'py, Plan>,
        output: Asked<'py>,
        horizon: Option<f64>,
        policy: Policy,
    ) -> PyResult<Bound<'py, PyArray1<u64>>> {
        let request = plan.request(vec![output], horizon)?;
        let plan = plan.shared();
        let infinite = enter(py, policy, |run| {
            let rows = plan.rows(&request, run)?;
            self.locked().add_rows(&*rows, plan.paths(), run)
        })?;
        Ok(PyArray1::from_vec(py, infinite))
    }

    fn end_pass(&self, py: Python<'_>, policy: Policy) -> PyResult<bool> {
        enter(py, policy, |_| Ok(self.locked().end_pass()))
    }

    #[getter]
    fn seen(&self) -> usize {
        self.locked().seen()
    }

    fn bounds(&self, py: Python<'_>, policy: Policy) -> PyResult<Vec<(f64, f64)>> {
        enter(py, policy, |_| Ok(self.locked().bounds()))
    }

    fn quantiles<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, self.locked().quantiles())
    }
}
