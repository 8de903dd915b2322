//! Numerical tools that know no model.

pub(crate) mod crossing;
pub(crate) mod delay;
pub(crate) mod elementary;
