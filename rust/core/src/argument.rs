//! A numeric argument of a function: its name and the range that it allows.

use crate::{Error, Result};

/// A numeric argument with its allowed range.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// The function or class that takes it.
    pub owner: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Smallest value allowed.
    pub low: f64,
    /// Whether `low` itself is allowed.
    pub low_included: bool,
    /// Largest value allowed.
    pub high: f64,
    /// The range in words, to follow "must be".
    pub rule: &'static str,
}

impl Argument {
    /// The first value outside the range (NaN always is) as an error.
    pub fn check(&self, values: &[f64]) -> Result<()> {
        let outside = |v: &f64| !((*v > self.low || (self.low_included && *v == self.low)) && *v <= self.high);
        match values.iter().position(outside) {
            None => Ok(()),
            Some(i) => Err(self.error(values[i], (values.len() > 1).then_some(i))),
        }
    }

    /// The error for `value`.
    pub fn error(&self, value: f64, index: Option<usize>) -> Error {
        Error::InvalidValue { owner: self.owner, name: self.name, value, index, rule: self.rule.into() }
    }
}
