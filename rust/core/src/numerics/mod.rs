//! Numerical methods that do not depend on any model.

pub(crate) mod crossing;
pub(crate) mod delay;
pub(crate) mod elementary;
#[cfg_attr(not(test), allow(dead_code))] // an integrator for models to come
pub(crate) mod ode;
