//! Exact quantiles of columns that are made again and again, but not kept.

mod column;
mod search;

pub use search::QuantileSearch;
