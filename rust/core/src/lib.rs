//! The engine of `takeoff`: models of AI progress once AI does the AI research.
//!
//! Time is in years throughout. No Python and no I/O live here: a model is validated into a plan, the plan
//! is computed into columns, and every result is a function of the plan alone, whatever the threads,
//! chunks or machine.
#![forbid(unsafe_code)]

mod argument;
mod conversions;
mod error;
pub mod estimation;
mod law;
pub mod model;
pub mod models;
mod numerics;
mod parallel;
mod quantiles;
pub mod sampling;

pub use argument::Argument;
pub use conversions::{
    doubling_ratio_from_papers_factor, doubling_ratio_from_returns, level, papers_factor_from_doubling_ratio,
    papers_factor_from_returns, returns_from_doubling_ratio, returns_from_papers_factor,
};
pub use error::{Error, Result};

pub use parallel::{Cancel, Run};
pub use quantiles::{Brackets, Counts, QuantileSearch};
