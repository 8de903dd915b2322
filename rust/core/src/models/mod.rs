//! The models: one file each.

mod course;
pub mod growth_law;
pub mod retraining;
pub mod toy;
