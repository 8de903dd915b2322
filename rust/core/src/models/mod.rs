//! The models: one file each.

mod course;
pub mod davidson_houlden;
pub mod growth_law;
pub mod human_reaction;
mod own_time;
mod reaction;
pub mod retraining;
pub mod toy;
mod turns;
