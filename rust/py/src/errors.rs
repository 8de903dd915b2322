//! The engine's errors as the classes of `takeoff.errors`.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use takeoff_core::Error;

/// An error of the engine as its Python class.
pub(crate) fn to_python(error: Error) -> PyErr {
    Python::attach(|py| {
        let built = match error {
            Error::InvalidValue { owner, name, value, index, rule } => {
                class(py, "InvalidValueError").and_then(|c| c.call1((owner, name, value, rule.as_ref(), index)))
            }
            Error::UnknownName { what, given, allowed } => {
                let allowed: Vec<&str> = allowed.split(", ").collect();
                class(py, "UnknownNameError").and_then(|c| c.call1((what, given, allowed)))
            }
            Error::Length { .. } => class(py, "ShapeError").and_then(|c| c.call1((error.to_string(),))),
            Error::Cancelled => class(py, "InternalError").and_then(|c| c.call1((error.to_string(),))),
        };
        built.map_or_else(|e| e, PyErr::from_value)
    })
}

/// A bug, as `takeoff.errors.InternalError`.
pub(crate) fn internal(message: &str) -> PyErr {
    Python::attach(|py| {
        let built = class(py, "InternalError").and_then(|c| c.call1((message,)));
        built.map_or_else(|_| PyRuntimeError::new_err(message.to_owned()), PyErr::from_value)
    })
}

/// A result for which there is no memory, as `takeoff.errors.SizeError`.
pub(crate) fn too_large(count: usize, cause: &PyErr) -> PyErr {
    Python::attach(|py| {
        let message = format!(
            "a result of {count} numbers needs more memory than there is ({cause}); ask for fewer points or paths"
        );
        let built = class(py, "SizeError").and_then(|c| c.call1((message,)));
        built.map_or_else(|e| e, PyErr::from_value)
    })
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("takeoff.errors")?.getattr(name)
}
