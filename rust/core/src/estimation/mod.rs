//! Estimation: likelihoods of series at many parameter vectors at once, and a particle filter.

mod feller;
mod increments;
pub mod level;
pub mod particles;
mod stable;
mod stable_law;
mod transition;

pub use feller::FellerParameters;
pub use increments::Increments;
pub use stable::StableParameters;
