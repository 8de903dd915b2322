//! The engine of `takeoff`: models of AI progress once AI does the AI research.
//!
//! Time is in years throughout. No Python and no I/O live here: a model is validated into a plan, the plan
//! is computed into columns, and every result is a function of the plan alone, whatever the threads,
//! chunks or machine.
#![forbid(unsafe_code)]

mod automation;
mod closed_form;
mod conversions;
mod crossing;
mod dated;
mod delay;
mod effort;
mod elementary;
mod error;
pub mod estimation;
mod field;
mod hardware;
pub mod limit;
pub mod models;
#[allow(clippy::unreadable_literal)] // generated digits
mod panel_tables;
mod panels;
mod parallel;
mod passage;
mod peak;
mod quantile_column;
mod quantile_search;
pub mod sampling;
mod short;

pub use conversions::{
    doubling_ratio_from_papers_factor, doubling_ratio_from_returns, level, papers_factor_from_doubling_ratio,
    papers_factor_from_returns, returns_from_doubling_ratio, returns_from_papers_factor,
};
pub use error::{Error, Result};
pub use field::Field;
pub use parallel::{Cancel, Run};
pub use quantile_search::QuantileSearch;
