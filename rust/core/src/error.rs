//! The catalogue of what can go wrong in the engine.

use std::borrow::Cow;

/// Result of the engine's fallible functions.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong: bad input, or a stop that was asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A value lies outside what its field allows.
    #[error("{name} must be {rule}, got {value}{} ({owner}.{name})", at(*.index))]
    InvalidValue {
        /// The model or function that has the field.
        owner: &'static str,
        /// The field.
        name: &'static str,
        /// The value that was given.
        value: f64,
        /// Where it stands, when the field holds several values.
        index: Option<usize>,
        /// What is allowed.
        rule: Cow<'static, str>,
    },
    /// A name is not in its registry.
    #[error("{what} must be one of {allowed}, got '{given}'")]
    UnknownName {
        /// What the name stands for.
        what: &'static str,
        /// The name that was given.
        given: String,
        /// The names that exist.
        allowed: String,
    },
    /// Columns of one plan have different lengths.
    #[error("{owner}.{name} has {given} values where {expected} (or 1) are expected")]
    Length {
        /// The model that has the field.
        owner: &'static str,
        /// The field.
        name: &'static str,
        /// Values given.
        given: usize,
        /// Values expected.
        expected: usize,
    },
    /// The caller raised the cancel flag.
    #[error("cancelled")]
    Cancelled,
}

fn at(index: Option<usize>) -> String {
    index.map_or_else(String::new, |i| format!(" at index {i}"))
}
