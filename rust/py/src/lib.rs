//! Module `takeoff._core`: validate, enter, convert; nothing else.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
// The macros of the binding take what Python hands over by value.
#![allow(clippy::needless_pass_by_value)]

mod door;
mod errors;
mod estimation;
mod level_likelihood;
mod monitor;
mod sampling;

use door::{Policy, enter};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use std::sync::{Mutex, PoisonError};
use takeoff_core::limit::LimitShape;
use takeoff_core::models::{davidson_houlden, growth_law, human_reaction, retraining, toy};
use takeoff_core::{Error, Run};

type Column<'py> = PyReadonlyArray1<'py, f64>;
type Out<'py> = PyResult<Bound<'py, PyArray1<f64>>>;

fn owned(column: &Column<'_>) -> PyResult<Vec<f64>> {
    column.as_slice().map(<[f64]>::to_vec).map_err(|e| errors::internal(&format!("a column is not contiguous: {e}")))
}

/// A result's column of `count` values: made by `NumPy` (which asks for huge pages), filled by the engine, then read-only.
fn filled(
    py: Python<'_>,
    count: usize,
    policy: Policy,
    work: impl FnOnce(&Run, &mut [f64]) -> takeoff_core::Result<()> + Send,
) -> Out<'_> {
    let zeros = py.import("numpy")?.getattr("zeros")?.call1((count,));
    let array = zeros.map_err(|e| errors::too_large(count, &e))?.cast_into::<PyArray1<f64>>()?;
    let mut writable = array.readwrite();
    let out = writable.as_slice_mut().map_err(|e| errors::internal(&format!("a new array is not contiguous: {e}")))?;
    enter(py, policy, |run| work(run, out))?;
    writable.make_nonwriteable();
    Ok(array)
}

/// A validated set of growth laws.
#[pyclass(frozen, module = "takeoff._core")]
struct GrowthLaw(growth_law::GrowthLaw);

#[pymethods]
impl GrowthLaw {
    #[new]
    #[allow(clippy::too_many_arguments)] // one per field
    fn new(
        r: Column<'_>,
        first_doubling: Column<'_>,
        parallelizability: Column<'_>,
        limit: Column<'_>,
        limit_shape: &str,
        automation: Option<(Column<'_>, Column<'_>, Column<'_>, Column<'_>)>,
        effort: Option<(Column<'_>, Column<'_>, Column<'_>)>,
        hardware: Vec<(Column<'_>, Column<'_>)>,
    ) -> PyResult<Self> {
        let automated = |(start, full_at, ai_labor, rho): (Column<'_>, Column<'_>, Column<'_>, Column<'_>)| {
            Ok::<_, PyErr>(growth_law::Automation {
                start: owned(&start)?,
                full_at: owned(&full_at)?,
                ai_labor: owned(&ai_labor)?,
                rho: owned(&rho)?,
            })
        };
        let ces = |(labor_share, rho, experiment_efficiency): (Column<'_>, Column<'_>, Column<'_>)| {
            Ok::<_, PyErr>(growth_law::Ces {
                labor_share: owned(&labor_share)?,
                rho: owned(&rho)?,
                experiment_efficiency: owned(&experiment_efficiency)?,
            })
        };
        let growth = |(since, doubling_time): (Column<'_>, Column<'_>)| {
            Ok::<_, PyErr>(growth_law::HardwareGrowth { since: owned(&since)?, doubling_time: owned(&doubling_time)? })
        };
        let columns = growth_law::Columns {
            r: owned(&r)?,
            first_doubling: owned(&first_doubling)?,
            parallelizability: owned(&parallelizability)?,
            limit: owned(&limit)?,
            shape: LimitShape::from_name(limit_shape).map_err(errors::to_python)?,
            automation: automation.map(automated).transpose()?,
            effort: effort.map(ces).transpose()?,
            hardware: hardware.into_iter().map(growth).collect::<PyResult<_>>()?,
        };
        growth_law::GrowthLaw::new(columns).map(Self).map_err(errors::to_python)
    }

    #[getter]
    fn paths(&self) -> usize {
        self.0.paths()
    }

    fn doublings_at<'py>(&self, py: Python<'py>, time: Column<'py>, policy: Policy) -> Out<'py> {
        let time = owned(&time)?;
        filled(py, self.0.paths() * time.len(), policy, |run, out| self.0.doublings_at(&time, run, out))
    }

    fn doublings_at_own<'py>(&self, py: Python<'py>, time: Column<'py>, policy: Policy) -> Out<'py> {
        let time = owned(&time)?;
        filled(py, self.0.paths(), policy, |run, out| self.0.doublings_at_own(&time, run, out))
    }

    fn doubling_times<'py>(&self, py: Python<'py>, count: usize, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths() * count, policy, |run, out| self.0.doubling_times(count, run, out))
    }

    fn time_at<'py>(&self, py: Python<'py>, doublings: Column<'py>, width: usize, policy: Policy) -> Out<'py> {
        let doublings = owned(&doublings)?;
        filled(py, doublings.len(), policy, |run, out| self.0.time_at(&doublings, width, run, out))
    }

    fn pace_at<'py>(&self, py: Python<'py>, doublings: Column<'py>, width: usize, policy: Policy) -> Out<'py> {
        let doublings = owned(&doublings)?;
        filled(py, doublings.len(), policy, |run, out| self.0.pace_at(&doublings, width, run, out))
    }

    fn effort_at<'py>(&self, py: Python<'py>, doublings: Column<'py>, width: usize, policy: Policy) -> Out<'py> {
        let doublings = owned(&doublings)?;
        filled(py, doublings.len(), policy, |run, out| self.0.effort_at(&doublings, width, run, out))
    }

    fn singular_time<'py>(&self, py: Python<'py>, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths(), policy, |run, out| self.0.singular_time(run, out))
    }

    fn limit_time<'py>(&self, py: Python<'py>, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths(), policy, |run, out| self.0.limit_time(run, out))
    }

    fn peak_doublings<'py>(&self, py: Python<'py>, up_to: Column<'py>, policy: Policy) -> Out<'py> {
        let up_to = owned(&up_to)?;
        filled(py, self.0.paths(), policy, |run, out| self.0.peak_doublings(&up_to, run, out))
    }

    fn peak_pace<'py>(&self, py: Python<'py>, up_to: Column<'py>, policy: Policy) -> Out<'py> {
        let up_to = owned(&up_to)?;
        filled(py, self.0.paths(), policy, |run, out| self.0.peak_pace(&up_to, run, out))
    }

    fn crossing<'py>(
        &self,
        py: Python<'py>,
        target: Column<'py>,
        low: Column<'py>,
        high: Column<'py>,
        policy: Policy,
    ) -> Out<'py> {
        let (target, low, high) = (owned(&target)?, owned(&low)?, owned(&high)?);
        filled(py, self.0.paths(), policy, |run, out| self.0.crossing(&target, &low, &high, run, out))
    }

    fn criticality<'py>(&self, py: Python<'py>, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths(), policy, |run, out| self.0.criticality(run, out))
    }
}

/// A validated set of laws with training runs.
#[pyclass(frozen, module = "takeoff._core")]
struct Retraining(retraining::Retraining);

#[pymethods]
impl Retraining {
    #[new]
    fn new(law: &GrowthLaw, first_run: Column<'_>, speed_share: Column<'_>) -> PyResult<Self> {
        retraining::Retraining::new(law.0.clone(), owned(&first_run)?, owned(&speed_share)?)
            .map(Self)
            .map_err(errors::to_python)
    }

    #[getter]
    fn paths(&self) -> usize {
        self.0.paths()
    }

    fn runs<'py>(&self, py: Python<'py>, count: usize, policy: Policy) -> Out<'py> {
        filled(py, 3 * self.0.paths() * count, policy, |run, out| self.0.runs(count, run, out))
    }

    fn time_at<'py>(&self, py: Python<'py>, doublings: Column<'py>, width: usize, policy: Policy) -> Out<'py> {
        let doublings = owned(&doublings)?;
        filled(py, doublings.len(), policy, |run, out| self.0.time_at(&doublings, width, run, out))
    }
}

/// A validated set of growth laws under a human reaction.
#[pyclass(frozen, module = "takeoff._core")]
struct HumanReaction(human_reaction::HumanReaction);

#[pymethods]
impl HumanReaction {
    #[new]
    fn new(
        law: &GrowthLaw,
        target_pace: Column<'_>,
        gain: Column<'_>,
        lag: Column<'_>,
        smoothing: Column<'_>,
    ) -> PyResult<Self> {
        let columns = (owned(&target_pace)?, owned(&gain)?, owned(&lag)?, owned(&smoothing)?);
        let (target_pace, gain, lag, smoothing) = columns;
        human_reaction::HumanReaction::new(law.0.clone(), target_pace, gain, lag, smoothing)
            .map(Self)
            .map_err(errors::to_python)
    }

    #[getter]
    fn paths(&self) -> usize {
        self.0.paths()
    }

    fn course<'py>(&self, py: Python<'py>, time: Column<'py>, policy: Policy) -> Out<'py> {
        let time = owned(&time)?;
        let width = human_reaction::HumanReaction::width(time.len());
        filled(py, self.0.paths() * width, policy, |run, out| self.0.course(&time, run, out))
    }
}

/// A validated set of paths of the recursion of Davidson & Houlden.
#[pyclass(frozen, module = "takeoff._core")]
struct DavidsonHoulden(davidson_houlden::DavidsonHoulden);

#[pymethods]
impl DavidsonHoulden {
    #[new]
    #[allow(clippy::too_many_arguments)] // one per field
    fn new(
        r: Column<'_>,
        speed_up: Column<'_>,
        limit_years: Column<'_>,
        parallelizability: Column<'_>,
        software_share: Column<'_>,
        recent_doubling_time: Column<'_>,
        start_speed_up: Column<'_>,
        compute_doubling_time: Column<'_>,
        compute_ceiling: Column<'_>,
        retraining: &str,
        boost: &str,
        returns: &str,
    ) -> PyResult<Self> {
        let columns = davidson_houlden::Columns {
            r: owned(&r)?,
            speed_up: owned(&speed_up)?,
            limit_years: owned(&limit_years)?,
            parallelizability: owned(&parallelizability)?,
            software_share: owned(&software_share)?,
            recent_doubling_time: owned(&recent_doubling_time)?,
            start_speed_up: owned(&start_speed_up)?,
            compute_doubling_time: owned(&compute_doubling_time)?,
            compute_ceiling: owned(&compute_ceiling)?,
            retraining: davidson_houlden::Retraining::from_name(retraining).map_err(errors::to_python)?,
            boost: davidson_houlden::Boost::from_name(boost).map_err(errors::to_python)?,
            returns: davidson_houlden::Returns::from_name(returns).map_err(errors::to_python)?,
        };
        davidson_houlden::DavidsonHoulden::new(columns).map(Self).map_err(errors::to_python)
    }

    #[getter]
    fn paths(&self) -> usize {
        self.0.paths()
    }

    fn course<'py>(&self, py: Python<'py>, horizon: f64, policy: Policy) -> Out<'py> {
        filled(py, 2 * self.0.paths(), policy, |run, out| self.0.course(horizon, run, out))
    }

    fn ends<'py>(&self, py: Python<'py>, count: usize, horizon: f64, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths() * count, policy, |run, out| self.0.ends(count, horizon, run, out))
    }

    fn most_doublings<'py>(
        &self,
        py: Python<'py>,
        within: Column<'py>,
        width: usize,
        horizon: f64,
        policy: Policy,
    ) -> Out<'py> {
        let within = owned(&within)?;
        filled(py, within.len(), policy, |run, out| self.0.most_doublings(&within, width, horizon, run, out))
    }
}

/// A validated set of toy models.
#[pyclass(frozen, module = "takeoff._core")]
struct ToyModel(toy::ToyModel);

#[pymethods]
impl ToyModel {
    #[new]
    fn new(
        agis: Column<'_>,
        papers_per_agi_month: Column<'_>,
        first_papers: Column<'_>,
        papers_factor: Column<'_>,
    ) -> PyResult<Self> {
        let columns = [owned(&agis)?, owned(&papers_per_agi_month)?, owned(&first_papers)?, owned(&papers_factor)?];
        let [agis, papers_per_agi_month, first_papers, papers_factor] = columns;
        toy::ToyModel::new(agis, papers_per_agi_month, first_papers, papers_factor).map(Self).map_err(errors::to_python)
    }

    #[getter]
    fn paths(&self) -> usize {
        self.0.paths()
    }

    fn papers<'py>(&self, py: Python<'py>, count: usize, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths() * count, policy, |run, out| self.0.papers(count, run, out))
    }

    fn agis<'py>(&self, py: Python<'py>, count: usize, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths() * count, policy, |run, out| self.0.agis(count, run, out))
    }

    fn durations<'py>(&self, py: Python<'py>, count: usize, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths() * count, policy, |run, out| self.0.durations(count, run, out))
    }

    fn ends<'py>(&self, py: Python<'py>, count: usize, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths() * count, policy, |run, out| self.0.ends(count, run, out))
    }

    fn singular_time<'py>(&self, py: Python<'py>, policy: Policy) -> Out<'py> {
        filled(py, self.0.paths(), policy, |run, out| self.0.singular_time(run, out))
    }
}

macro_rules! conversion {
    ($name:ident $(, $extra:ident)?) => {
        #[pyfunction]
        fn $name<'py>(py: Python<'py>, values: Column<'py>, $($extra: Column<'py>,)? policy: Policy) -> Out<'py> {
            let values = owned(&values)?;
            $(let $extra = owned(&$extra)?;)?
            filled(py, values.len(), policy, |run, out| takeoff_core::$name(&values, $(&$extra,)? run, out))
        }
    };
}

conversion!(level);
conversion!(returns_from_papers_factor);
conversion!(papers_factor_from_returns);
conversion!(doubling_ratio_from_papers_factor);
conversion!(papers_factor_from_doubling_ratio);
conversion!(doubling_ratio_from_returns, parallelizability);
conversion!(returns_from_doubling_ratio, parallelizability);

/// Names of the shapes in which returns fall towards the limit.
#[pyfunction]
fn limit_shapes() -> Vec<&'static str> {
    LimitShape::ALL.iter().map(|(name, _)| *name).collect()
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

/// A search for quantiles of columns that are made row by row.
#[pyclass(frozen, module = "takeoff._core")]
struct QuantileSearch(Mutex<takeoff_core::QuantileSearch>);

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

    /// Takes in doublings at times; stopped, it has taken in all of them or none. Gives back how many are infinite.
    fn add_doublings<'py>(
        &self,
        py: Python<'py>,
        law: PyRef<'py, GrowthLaw>,
        time: Column<'py>,
        policy: Policy,
    ) -> PyResult<Bound<'py, PyArray1<u64>>> {
        let (time, law) = (owned(&time)?, &law.0);
        let singular = enter(py, policy, |run| self.locked().add_doublings(law, &time, run))?;
        Ok(PyArray1::from_vec(py, singular))
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

/// The range that a numeric field allows: its owner and name, the smallest value and whether it is allowed, the largest.
#[pyfunction]
fn field_ranges() -> Vec<(&'static str, &'static str, f64, bool, f64)> {
    takeoff_core::models::FIELDS.iter().map(|f| (f.owner, f.name, f.low, f.low_included, f.high)).collect()
}

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::estimation::{feller_log_likelihood, stable_log_likelihood};
    #[pymodule_export]
    use super::level_likelihood::LevelLikelihood;
    #[pymodule_export]
    use super::monitor::Particles;
    #[pymodule_export]
    use super::sampling::{Distribution, Sampler, exp, ln};
    #[pymodule_export]
    use super::{
        DavidsonHoulden, GrowthLaw, HumanReaction, QuantileSearch, Retraining, ToyModel, build_profile,
        doubling_ratio_from_papers_factor, doubling_ratio_from_returns, field_ranges, level, limit_shapes,
        panic_for_tests, papers_factor_from_doubling_ratio, papers_factor_from_returns, returns_from_doubling_ratio,
        returns_from_papers_factor,
    };

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
