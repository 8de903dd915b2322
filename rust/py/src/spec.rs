//! The specs of the models as plain data.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use takeoff_core::model::{Field, Group, Kind, Offer, Output, Presence, Spec};
use takeoff_core::models::MODELS;

/// Every model as plain data: its inputs, and what can be asked of it.
#[pyfunction]
pub(crate) fn models(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    MODELS.iter().map(|spec| model(py, spec)).collect()
}

fn model<'py>(py: Python<'py>, spec: &Spec) -> PyResult<Bound<'py, PyDict>> {
    let data = group(py, spec.group)?;
    data.set_item("name", spec.name)?;
    data.set_item("outputs", spec.outputs.iter().map(|each| output(py, each)).collect::<PyResult<Vec<_>>>()?)?;
    Ok(data)
}

fn group<'py>(py: Python<'py>, group: &Group) -> PyResult<Bound<'py, PyDict>> {
    let data = PyDict::new(py);
    data.set_item("owner", group.owner)?;
    data.set_item("fields", group.fields.iter().map(|each| field(py, each)).collect::<PyResult<Vec<_>>>()?)?;
    let choices = PyDict::new(py);
    for choice in group.choices {
        choices.set_item(choice.name, choice.options)?;
    }
    data.set_item("choices", choices)?;
    let parts = PyDict::new(py);
    for part in group.parts {
        let inner = self::group(py, part.group)?;
        let presence = match part.presence {
            Presence::Required => "required",
            Presence::Optional => "optional",
            Presence::Repeated => "repeated",
        };
        inner.set_item("presence", presence)?;
        parts.set_item(part.name, inner)?;
    }
    data.set_item("parts", parts)?;
    Ok(data)
}

fn field<'py>(py: Python<'py>, field: &Field) -> PyResult<Bound<'py, PyDict>> {
    let data = PyDict::new(py);
    data.set_item("name", field.name)?;
    data.set_item("unit", field.unit)?;
    data.set_item("low", field.range.low)?;
    data.set_item("low_included", field.range.low_included)?;
    data.set_item("high", field.range.high)?;
    data.set_item("rule", field.rule())?;
    Ok(data)
}

fn output<'py>(py: Python<'py>, output: &Output) -> PyResult<Bound<'py, PyDict>> {
    let data = PyDict::new(py);
    let (kind, words) = match output.kind {
        Kind::Number => ("number", None),
        Kind::Whole => ("whole", None),
        Kind::Flag => ("flag", None),
        Kind::Word(words) => ("word", Some(words)),
    };
    let offer = match output.offer {
        Offer::Quick => "quick",
        Offer::Rows => "rows",
        Offer::Named => "named",
    };
    data.set_item("name", output.name)?;
    data.set_item("unit", output.unit)?;
    data.set_item("kind", kind)?;
    data.set_item("words", words)?;
    data.set_item("along", output.along.map(takeoff_core::model::Axis::name))?;
    data.set_item("horizon", output.horizon)?;
    data.set_item("pass", output.pass)?;
    data.set_item("offer", offer)?;
    Ok(data)
}
