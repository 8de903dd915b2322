//! The search for quantiles: brackets and counts, which travel, and the search itself, which does not.

use crate::door::{Policy, enter};
use crate::plan::{Asked, Plan};
use crate::{Column, errors, owned};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::{Mutex, PoisonError};
use takeoff_core::Error;

/// What a pass of a search counts.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct Brackets(takeoff_core::Brackets);

#[pymethods]
impl Brackets {
    #[new]
    fn new(data: &[u8]) -> PyResult<Self> {
        takeoff_core::Brackets::from_bytes(data).map(Self).ok_or_else(|| errors::internal("bytes of no brackets"))
    }

    fn __getnewargs__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>,) {
        (PyBytes::new(py, &self.0.to_bytes()),)
    }

    /// Counts rows.
    fn count(&self, py: Python<'_>, rows: Column<'_>, policy: Policy) -> PyResult<Counts> {
        let rows = rows.as_slice().map_err(|e| errors::internal(&format!("rows are not contiguous: {e}")))?;
        enter(py, policy, |run| self.0.count(rows, run)).map(Counts)
    }

    /// Counts the values of a plan's output. Returns how many are infinite in each column, too.
    fn count_rows<'py>(
        &self,
        py: Python<'py>,
        plan: PyRef<'py, Plan>,
        output: Asked<'py>,
        horizon: Option<f64>,
        policy: Policy,
    ) -> PyResult<(Counts, Bound<'py, PyArray1<u64>>)> {
        let request = plan.request(vec![output], horizon)?;
        let plan = plan.shared();
        let (counts, infinite) = enter(py, policy, |run| {
            let rows = plan.rows(&request, run)?;
            self.0.count_rows(&*rows, plan.paths(), run)
        })?;
        Ok((Counts(counts), PyArray1::from_vec(py, infinite)))
    }
}

/// What some rows of a pass come to.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct Counts(takeoff_core::Counts);

#[pymethods]
impl Counts {
    #[new]
    fn new(data: &[u8]) -> PyResult<Self> {
        takeoff_core::Counts::from_bytes(data).map(Self).ok_or_else(|| errors::internal("bytes of no counts"))
    }

    fn __getnewargs__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>,) {
        (PyBytes::new(py, &self.0.to_bytes()),)
    }
}

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

    /// What the pass counts, as far as it has come.
    fn brackets(&self) -> Brackets {
        Brackets(self.locked().brackets())
    }

    /// Takes in counts of the pass; stopped, it has taken in all of them or none, as `seen` tells.
    fn take(&self, py: Python<'_>, counts: &Bound<'_, Counts>, policy: Policy) -> PyResult<()> {
        let counts = &counts.get().0;
        enter(py, policy, |run| if run.cancel.raised() { Err(Error::Cancelled) } else { self.locked().take(counts) })
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
