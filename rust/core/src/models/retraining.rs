//! Training runs one after the other: what is known is deployed only by the next run.
//!
//! During run i the level deployed is that of the run before it, so research grows at a constant rate. The run trains on
//! what was known when it began, `k_i` doublings: a share s of them has shortened it, the rest is deployed at its end.
//!
//! ```text
//! d_i = first_run 2^(-s k_i)                    x_i = (1 - s) k_i
//! W_{i+1} = W_i + c E(x_{i-1})^lambda d_i       k = log2 of what the law brings for W
//! ```
//!
//! Source: Eth & Davidson (2025), "Progress might become bottlenecked by the time required to train new AI systems", with
//! footnotes 42 and 43 (the split of a gain between shorter runs and better systems, and runs that shrink by a factor).

use super::growth_law::{DOUBLINGS, GrowthLaw};
use crate::law::hardware::{Moment, value};
use crate::law::path::Path;
use crate::numerics::elementary::{exp, exp2, ln, ln_1p};
use crate::parallel::Kernel;
use crate::{Cancel, Error, Field, Result, Run};

const OWNER: &str = "Retraining";

/// Time of the first run, years.
pub const FIRST_RUN: Field = Field {
    owner: OWNER,
    name: "first_run",
    low: 1e-100,
    low_included: true,
    high: 1e100,
    rule: "a finite time > 0 in years (from 1e-100 to 1e100)",
};
/// Share of what is known that shortens runs.
pub const SPEED_SHARE: Field = Field {
    owner: OWNER,
    name: "speed_share",
    low: 0.0,
    low_included: true,
    high: 1.0 - 1e-9,
    rule: ">= 0 and < 1 (up to 1 - 1e-9)",
};
/// Runs after which the rest is taken as continuous when a time is asked for.
const MOST_RUNS: usize = 20_000;

/// A validated set of paths.
#[derive(Debug, Clone)]
pub struct Retraining {
    law: GrowthLaw,
    first_run: Vec<f64>,
    speed_share: Vec<f64>,
    paths: usize,
}

/// A run as it begins.
#[derive(Debug, Clone, Copy, Default)]
struct Stage {
    moment: Moment,
    /// ln W.
    log_research: f64,
    /// Doublings known.
    known: f64,
    /// Doublings known when the run before began, a share of which is deployed.
    known_before: f64,
}

/// One path.
struct Runs<'a> {
    law: Path<'a>,
    first_run: f64,
    speed_share: f64,
}

impl Runs<'_> {
    fn duration(&self, stage: &Stage) -> f64 {
        // Without a share, known may be infinite.
        let shrink = if self.speed_share == 0.0 { 0.0 } else { self.speed_share * stage.known };
        self.first_run * exp2(-shrink)
    }

    fn next(&self, stage: &Stage) -> Stage {
        let (moment, effective) = self.law.clock.after(stage.moment, self.duration(stage));
        let rate = self.law.log_research_rate((1.0 - self.speed_share) * stage.known_before);
        // W_{i+1} / W_i - 1, which may be beyond f64.
        let log_growth = rate - stage.log_research + ln(effective);
        let grown = if log_growth > 700.0 { log_growth } else { ln_1p(exp(log_growth)) };
        let log_research = stage.log_research + grown;
        // What is beyond f64, or adds no more, stays as it is.
        let log_research = if log_research >= stage.log_research { log_research } else { stage.log_research };
        Stage { moment, log_research, known: self.law.known(log_research), known_before: stage.known }
    }

    /// Years until each of some doublings is deployed. After very many runs, which are then short beside the doublings, what
    /// is left is that of the law with its share deployed at once.
    fn times_at(&self, doublings: &[f64], times: &mut [f64], cancel: &Cancel) {
        let share = 1.0 - self.speed_share;
        let left = |stage: &Stage, x: f64| {
            let endless = x == f64::INFINITY && self.speed_share == 0.0; // finitely many runs of one length in finite time
            let rest = self.law.time_when_shared(stage.moment, stage.log_research, share, x / share);
            if endless { f64::INFINITY } else { stage.moment.time + rest }
        };
        times.fill(f64::INFINITY);
        let ever = |i: &usize| left(&Stage::default(), doublings[*i]) < f64::INFINITY;
        let mut order: Vec<usize> = (0..doublings.len()).filter(ever).collect();
        order.sort_by(|i, j| doublings[*i].total_cmp(&doublings[*j]));
        let mut open = order.into_iter().peekable();
        let mut stage = Stage::default();
        for run in 0..MOST_RUNS {
            if cancel.raised_at(run) {
                return;
            }
            let duration = self.duration(&stage);
            while let Some(i) = open.next_if(|i| stage.known * share >= doublings[*i]) {
                times[i] = if doublings[i] == 0.0 { 0.0 } else { stage.moment.time + duration };
            }
            if open.peek().is_none() {
                return;
            }
            let next = self.next(&stage);
            if duration < 1e-17 * next.moment.time && next.known > stage.known {
                break;
            }
            stage = next;
        }
        for i in open {
            times[i] = left(&stage, doublings[i]);
        }
    }
}

impl Retraining {
    /// Validates the columns, beside a law of as many paths or of one.
    pub fn new(law: GrowthLaw, first_run: Vec<f64>, speed_share: Vec<f64>) -> Result<Self> {
        let paths = law.paths().max(first_run.len()).max(speed_share.len());
        let fields = [(&first_run, FIRST_RUN), (&speed_share, SPEED_SHARE)];
        let lengths = fields.iter().map(|(column, field)| (column.len(), field.name));
        for (given, name) in lengths.chain([(law.paths(), "law")]) {
            if given != paths && given != 1 {
                return Err(Error::Length { owner: OWNER, name, given, expected: paths });
            }
        }
        for (column, field) in fields {
            field.check(column)?;
        }
        Ok(Self { law, first_run, speed_share, paths })
    }

    /// Number of paths.
    pub fn paths(&self) -> usize {
        self.paths
    }

    fn path(&self, i: usize) -> Runs<'_> {
        Runs { law: self.law.path(i), first_run: value(&self.first_run, i), speed_share: value(&self.speed_share, i) }
    }

    /// Of every path, for runs 1 to `count`: years at which each starts, then doublings known at each start, then
    /// `log2 W` at each start; one row of `3 count` per path.
    pub fn runs(&self, count: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        let expected = 3 * self.paths * count;
        if out.len() != expected {
            return Err(Error::Length { owner: OWNER, name: "rows", given: out.len(), expected });
        }
        run.fill(out, 3 * count, &Each { runs: self, cancel: &run.cancel })
    }

    /// Time (years) at which every path deploys its own row of `doublings`, `width` to a row; infinite where it never does.
    pub fn time_at(&self, doublings: &[f64], width: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        for given in [doublings.len(), out.len()] {
            let expected = self.paths * width;
            if given != expected {
                return Err(Error::Length { owner: OWNER, name: "rows", given, expected });
            }
        }
        Field { owner: OWNER, ..DOUBLINGS }.check(doublings)?;
        run.fill(out, width, &TimeAt { runs: self, doublings, cancel: &run.cancel })
    }
}

struct Each<'a> {
    runs: &'a Retraining,
    cancel: &'a Cancel,
}

impl Kernel for Each<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let runs = self.runs.path(path);
        let (starts, rest) = values.split_at_mut(values.len() / 3);
        let (known, research) = rest.split_at_mut(starts.len());
        let mut stage = Stage::default();
        for (i, ((start, known), research)) in starts.iter_mut().zip(known).zip(research).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            (*start, *known) = (stage.moment.time, stage.known);
            *research = stage.log_research * std::f64::consts::LOG2_E;
            stage = runs.next(&stage);
        }
    }
}

struct TimeAt<'a> {
    runs: &'a Retraining,
    doublings: &'a [f64],
    cancel: &'a Cancel,
}

impl Kernel for TimeAt<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let runs = self.runs.path(path);
        let width = values.len();
        runs.times_at(&self.doublings[path * width..][..width], values, self.cancel);
    }
}
