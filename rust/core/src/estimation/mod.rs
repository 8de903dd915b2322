//! Likelihoods of the estimators of r, over many parameter vectors at once.

pub mod level;
