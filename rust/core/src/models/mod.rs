//! The models: one file or folder each.

mod ai_2027_takeoff;
mod davidson_houlden;
mod growth_law;
mod human_reaction;
mod kwa;
mod retraining;
mod toy_model;

use crate::model::Spec;

/// Every model.
pub static MODELS: &[&Spec] = &[
    &growth_law::SPEC,
    &toy_model::SPEC,
    &retraining::SPEC,
    &human_reaction::SPEC,
    &davidson_houlden::SPEC,
    &ai_2027_takeoff::SPEC,
    &kwa::SPEC,
];
