//! The models: one file each.

pub mod davidson_houlden;
pub mod growth_law;
pub mod human_reaction;
mod own_time;
pub mod retraining;
pub mod toy;

/// The numeric fields of the models and of their parts.
pub const FIELDS: &[crate::Field] = &[
    growth_law::R,
    growth_law::FIRST_DOUBLING,
    growth_law::PARALLELIZABILITY,
    growth_law::LIMIT,
    growth_law::LABOR_SHARE,
    growth_law::RHO,
    growth_law::EXPERIMENT_EFFICIENCY,
    growth_law::HARDWARE_DOUBLING_TIME,
    growth_law::HARDWARE_CHANGE,
    growth_law::AUTOMATED,
    growth_law::FULL_AT,
    growth_law::AI_LABOR,
    growth_law::TASK_RHO,
    retraining::FIRST_RUN,
    retraining::SPEED_SHARE,
    human_reaction::TARGET_PACE,
    human_reaction::GAIN,
    human_reaction::LAG,
    human_reaction::SMOOTHING,
    davidson_houlden::R,
    davidson_houlden::SPEED_UP,
    davidson_houlden::LIMIT_YEARS,
    davidson_houlden::PARALLELIZABILITY,
    davidson_houlden::SOFTWARE_SHARE,
    davidson_houlden::RECENT_DOUBLING_TIME,
    davidson_houlden::START_SPEED_UP,
    davidson_houlden::COMPUTE_DOUBLING_TIME,
    davidson_houlden::COMPUTE_CEILING,
    toy::AGIS,
    toy::PAPERS_PER_AGI_MONTH,
    toy::FIRST_PAPERS,
    toy::PAPERS_FACTOR,
];
