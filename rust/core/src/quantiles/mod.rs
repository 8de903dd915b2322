//! Exact quantiles of columns that are computed repeatedly instead of stored.

mod bytes;
mod column;
mod counts;
mod search;

pub use counts::{Brackets, Counts};
pub use search::QuantileSearch;
