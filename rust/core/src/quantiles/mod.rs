//! Exact quantiles of columns that are computed repeatedly instead of stored.

mod column;
mod search;

pub use search::QuantileSearch;
