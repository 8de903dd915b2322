//! Likelihoods of series of efficiency and research input.

mod feller;
mod transition;

pub use feller::{FellerParameters, FellerSeries};
