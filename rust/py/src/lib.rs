//! Module `takeoff._core`: validate, enter, convert; nothing else.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
// The macros of the binding take what Python hands over by value.
#![allow(clippy::needless_pass_by_value)]

mod conversions;
mod door;
mod errors;
mod estimation;
mod level_likelihood;
mod monitor;
mod plan;
mod quantiles;
mod sampling;
mod spec;

use door::{Policy, enter, enter_here};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use takeoff_core::Run;

type Column<'py> = PyReadonlyArray1<'py, f64>;
type Out<'py> = PyResult<Bound<'py, PyArray1<f64>>>;

fn owned(column: &Column<'_>) -> PyResult<Vec<f64>> {
    column.as_slice().map(<[f64]>::to_vec).map_err(|e| errors::internal(&format!("a column is not contiguous: {e}")))
}

/// An array of zeros, made by `NumPy`, which asks for huge pages.
fn zeros(py: Python<'_>, count: usize) -> Out<'_> {
    let array = py.import("numpy")?.getattr("zeros")?.call1((count,));
    Ok(array.map_err(|e| errors::too_large(count, &e))?.cast_into::<PyArray1<f64>>()?)
}

/// Makes a result's column of `count` values, which the engine fills; read-only. One value is one task, worked on the
/// caller's thread.
fn filled(
    py: Python<'_>,
    count: usize,
    policy: Policy,
    work: impl FnOnce(&Run, &mut [f64]) -> takeoff_core::Result<()> + Send,
) -> Out<'_> {
    let array = zeros(py, count)?;
    let mut writable = array.readwrite();
    let out = writable.as_slice_mut().map_err(|e| errors::internal(&format!("a new array is not contiguous: {e}")))?;
    if count == 1 && policy.free() {
        enter_here(py, |run| work(run, out))?;
    } else {
        enter(py, policy, |run| work(run, out))?;
    }
    writable.make_nonwriteable();
    Ok(array)
}

/// Profile with which the engine was built: `release` or `debug`. Timings of a debug build mean nothing.
///
/// Examples
/// --------
/// >>> import takeoff
/// >>> takeoff.build_profile() in {"release", "debug"}
/// True
#[pyfunction]
fn build_profile() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// Panics, so that the tests can see that no panic reaches Python.
#[pyfunction]
fn panic_for_tests(py: Python<'_>, policy: Policy) -> PyResult<()> {
    #[allow(clippy::panic)]
    enter(py, policy, |_| panic!("on purpose"))
}

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::conversions::{
        doubling_ratio_from_papers_factor, doubling_ratio_from_returns, level, papers_factor_from_doubling_ratio,
        papers_factor_from_returns, returns_from_doubling_ratio, returns_from_papers_factor,
    };
    #[pymodule_export]
    use super::estimation::{feller_log_likelihood, stable_log_likelihood};
    #[pymodule_export]
    use super::level_likelihood::LevelLikelihood;
    #[pymodule_export]
    use super::monitor::Particles;
    #[pymodule_export]
    use super::plan::{Plan, check_group};
    #[pymodule_export]
    use super::quantiles::{Brackets, Counts, QuantileSearch};
    #[pymodule_export]
    use super::sampling::{Distribution, Sampler, exp, ln};
    #[pymodule_export]
    use super::spec::models;
    #[pymodule_export]
    use super::{build_profile, panic_for_tests};

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
