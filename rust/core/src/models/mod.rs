//! The models: one file each.

pub mod growth_law;
pub mod toy;
