//! What measurements say: likelihoods of series over many parameter vectors at once, and a filter.

mod feller;
pub mod level;
pub mod particles;
mod transition;

pub use feller::{FellerParameters, FellerSeries};
