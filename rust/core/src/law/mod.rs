//! The growth law: one path, and what it is made of.

pub(crate) mod automation;
mod balance;
pub(crate) mod calls;
mod closed_form;
mod dated;
pub(crate) mod effort;
mod form;
pub(crate) mod hardware;
pub(crate) mod limit;
mod marks;
mod panels;
mod passage;
pub(crate) mod path;
mod peak;
mod short;
#[allow(clippy::unreadable_literal)] // generated digits
mod tables;
mod thresholds;
mod windows;

use crate::model::unit::NUMBER;
use crate::model::{Field, Range};

/// Exponent on research effort.
pub(crate) const PARALLELIZABILITY: Field = Field::new("parallelizability", NUMBER, Range::share(1e-6, 1.0));
