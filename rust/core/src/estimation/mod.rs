//! Likelihoods of series of efficiency and research input, over many parameter vectors at once.

mod feller;
pub mod level;
mod transition;

pub use feller::{FellerParameters, FellerSeries};
