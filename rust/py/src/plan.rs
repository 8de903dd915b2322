//! Plans: validated sets of paths of any model.

use crate::door::{Policy, enter, enter_here};
use crate::{errors, zeros};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use takeoff_core::Run;
use takeoff_core::model::{self, Along, Ask, Column, Group, Inputs, Output, Request, Spec};
use takeoff_core::models::MODELS;

/// Paths and values of a request that is worked on the caller's thread.
const FEW_PATHS: usize = 4;
const FEW_VALUES: usize = 4096;

/// Values of a field, as Python hands them over.
#[derive(FromPyObject)]
pub(crate) enum Values<'py> {
    /// One for all paths.
    One(f64),
    /// One per path.
    Many(PyReadonlyArray1<'py, f64>),
}

/// Where along its axis an output is asked for, as Python hands it over.
#[derive(FromPyObject)]
pub(crate) enum Place<'py> {
    /// At steps 1 to a number.
    Steps(usize),
    /// At the same values for all paths.
    Shared(PyReadonlyArray1<'py, f64>),
    /// At a row of values of each path's own.
    Own(PyReadonlyArray2<'py, f64>),
}

/// An output by its name, and where along its axis.
pub(crate) type Asked<'py> = (String, Option<Place<'py>>);

/// A validated set of paths of a model.
#[pyclass(frozen, module = "takeoff._core")]
pub(crate) struct Plan {
    outputs: &'static [Output],
    plan: Arc<dyn model::Plan>,
}

#[pymethods]
impl Plan {
    #[new]
    fn new(model: &str, columns: BTreeMap<String, Values<'_>>, words: BTreeMap<String, String>) -> PyResult<Self> {
        let spec = named(model).ok_or_else(|| errors::internal(&format!("no model is named {model}")))?;
        let plan = Inputs::new(spec, owned(columns)?, &words).and_then(|inputs| spec.plan(&inputs));
        Ok(Self { outputs: spec.outputs, plan: plan.map_err(errors::to_python)? })
    }

    #[getter]
    fn paths(&self) -> usize {
        self.plan.paths()
    }

    /// Answers a request: a read-only array for each output, one row per path after the other.
    fn run<'py>(
        &self,
        py: Python<'py>,
        request: Vec<Asked<'py>>,
        horizon: Option<f64>,
        policy: Policy,
    ) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
        let request = self.request(request, horizon)?;
        let paths = self.plan.paths();
        let widths = request.widths();
        let values: usize = widths.iter().fold(0_usize, |sum, width| sum.saturating_add(*width)).saturating_mul(paths);
        let arrays: Vec<_> =
            widths.iter().map(|width| zeros(py, paths.saturating_mul(*width))).collect::<PyResult<_>>()?;
        let mut writable: Vec<_> = arrays.iter().map(PyArrayMethods::readwrite).collect();
        let mut out = vec![];
        for array in &mut writable {
            out.push(
                array.as_slice_mut().map_err(|e| errors::internal(&format!("a new array is not contiguous: {e}")))?,
            );
        }
        let work = |run: &Run| {
            let rows = self.plan.rows(&request, run)?;
            run.fill_rows(&*rows, paths, &mut out)
        };
        if paths <= FEW_PATHS && values <= FEW_VALUES && policy.free() {
            enter_here(py, work)?;
        } else {
            enter(py, policy, work)?;
        }
        for array in writable {
            array.make_nonwriteable();
        }
        Ok(arrays)
    }
}

impl Plan {
    /// The plan, without its interpreter's lock.
    pub(crate) fn shared(&self) -> Arc<dyn model::Plan> {
        Arc::clone(&self.plan)
    }

    /// A request by the names of its outputs.
    pub(crate) fn request(&self, asked: Vec<Asked<'_>>, horizon: Option<f64>) -> PyResult<Request> {
        let mut asks = vec![];
        for (name, place) in asked {
            let output = self.outputs.iter().find(|output| output.name == name);
            let output = output.ok_or_else(|| errors::internal(&format!("no output is named {name}")))?;
            asks.push(Ask { output, along: along(place)? });
        }
        Ok(Request { asks, horizon: horizon.unwrap_or(f64::INFINITY) })
    }
}

/// Checks the inputs of a part by themselves.
#[pyfunction]
pub(crate) fn check_group(
    owner: &str,
    columns: BTreeMap<String, Values<'_>>,
    words: BTreeMap<String, String>,
) -> PyResult<()> {
    let group = MODELS.iter().find_map(|spec| within(spec.group, owner));
    let group = group.ok_or_else(|| errors::internal(&format!("no part of a model is named {owner}")))?;
    Inputs::of_group(group, owned(columns)?, &words).map(|_| ()).map_err(errors::to_python)
}

fn named(model: &str) -> Option<&'static Spec> {
    MODELS.iter().find(|spec| spec.name == model).copied()
}

fn within(group: &'static Group, owner: &str) -> Option<&'static Group> {
    if group.owner == owner { Some(group) } else { group.parts.iter().find_map(|part| within(part.group, owner)) }
}

fn owned(columns: BTreeMap<String, Values<'_>>) -> PyResult<BTreeMap<String, Column>> {
    let column = |values| match values {
        Values::One(value) => Ok(Column::from(value)),
        Values::Many(values) => values.as_slice().map(Column::from).map_err(not_contiguous),
    };
    columns.into_iter().map(|(name, values)| Ok((name, column(values)?))).collect()
}

fn along(place: Option<Place<'_>>) -> PyResult<Along> {
    Ok(match place {
        None => Along::Nothing,
        Some(Place::Steps(count)) => Along::Steps(count),
        Some(Place::Shared(values)) => Along::Shared(values.as_slice().map_err(not_contiguous)?.to_vec()),
        Some(Place::Own(values)) => {
            let width = values.shape().last().copied().unwrap_or(0);
            Along::Own(values.as_slice().map_err(not_contiguous)?.to_vec(), width)
        }
    })
}

fn not_contiguous(error: impl std::fmt::Display) -> PyErr {
    errors::internal(&format!("a column is not contiguous: {error}"))
}
