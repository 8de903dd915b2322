//! What measurements say: filters.

pub mod particles;
