//! The models: one file each.

mod course;
pub mod growth_law;
pub mod human_reaction;
mod reaction;
pub mod retraining;
pub mod toy;
mod turns;
