//! Numerical methods that do not depend on any model.

pub(crate) mod crossing;
pub(crate) mod delay;
pub(crate) mod elementary;
pub(crate) mod ode;
