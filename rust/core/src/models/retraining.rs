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

use super::growth_law::{self, GrowthLaw, doublings_of};
use crate::law::hardware::Moment;
use crate::law::path::Path;
use crate::model::unit::{DOUBLINGS, NUMBER, YEARS};
use crate::model::{
    Axis, ByPath, Column, Field, Group, Output, Part, PathRows, Plan, Presence, REGIMES, Range, Request, Rows, Slots,
    Spec, View, comes_by, regime,
};
use crate::numerics::elementary::{exp, exp2, ln, ln_1p};
use crate::{Cancel, Result, Run};
use std::sync::Arc;

const OWNER: &str = "Retraining";

/// Training runs under a growth law.
pub(super) static SPEC: Spec = Spec {
    name: "retraining",
    group: &Group {
        owner: OWNER,
        fields: &[
            Field::new("first_run", YEARS, Range::positive(1e-100, 1e100)),
            Field::new("speed_share", NUMBER, Range::share(0.0, 1.0 - 1e-9)),
        ],
        choices: &[],
        parts: &[Part { name: "law", group: &growth_law::GROUP, presence: Presence::Required }],
        check: |_| Ok(()),
    },
    outputs: &[
        Output::word("regime", REGIMES).quick(),
        Output::new("criticality", NUMBER).quick(),
        Output::new("singular_time", YEARS).quick(),
        Output::word("outcome", &["horizon", "singular"]).by_horizon().quick(),
        Output::new("time_at", YEARS).along(Axis::Doublings).quick(),
        Output::new("starts", YEARS).along(Axis::Step).in_pass(1).named(),
        Output::new("known", DOUBLINGS).along(Axis::Step).in_pass(1).named(),
        Output::new("log2_research", NUMBER).along(Axis::Step).in_pass(1).named(),
    ],
    build: |view| Ok(Arc::new(Retraining::build(view)?)),
};

/// Runs after which the rest is taken as continuous when a time is asked for.
const MOST_RUNS: usize = 20_000;

/// A validated set of paths.
#[derive(Debug)]
struct Retraining {
    law: GrowthLaw,
    first_run: Column,
    speed_share: Column,
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

    /// Years until each of some doublings is deployed. After very many runs, which are then short relative to the doublings, what
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
    fn build(view: &View) -> Result<Self> {
        Ok(Self {
            law: GrowthLaw::build(&view.part("law"))?,
            first_run: view.column("first_run"),
            speed_share: view.column("speed_share"),
            paths: view.paths(),
        })
    }

    fn path(&self, i: usize) -> Runs<'_> {
        Runs { law: self.law.path(i), first_run: self.first_run.at(i), speed_share: self.speed_share.at(i) }
    }
}

impl Plan for Retraining {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, _: &Run) -> Result<Box<dyn Rows + 'a>> {
        request.check(OWNER, self.paths)?;
        for ask in request.asks.iter().filter(|ask| ask.output.along == Some(Axis::Doublings)) {
            doublings_of(OWNER).check(ask.along.values())?;
        }
        Ok(Box::new(PathRows::new(request, Answers { model: self, request })))
    }
}

struct Answers<'a> {
    model: &'a Retraining,
    request: &'a Request,
}

impl ByPath for Answers<'_> {
    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, path: usize, slots: &mut Slots, cancel: &Cancel) {
        let runs = self.model.path(path);
        let mut singular_time = None;
        let mut singular = || {
            *singular_time.get_or_insert_with(|| {
                let mut time = [f64::INFINITY];
                runs.times_at(&[f64::INFINITY], &mut time, cancel);
                time[0]
            })
        };
        // Of the law, with the share of each gain that is deployed.
        let criticality = runs.law.criticality() * (1.0 - runs.speed_share);
        let (mut starts, mut known, mut research) = (None, None, None);
        for (place, ask) in self.request.asks.iter().enumerate() {
            match ask.output.name {
                "regime" => slots.row(place)[0] = regime(criticality),
                "criticality" => slots.row(place)[0] = criticality,
                "singular_time" => slots.row(place)[0] = singular(),
                "outcome" => slots.row(place)[0] = f64::from(u8::from(comes_by(singular(), self.request.horizon))),
                "time_at" => runs.times_at(ask.along.of(path), slots.row(place), cancel),
                "starts" => starts = Some(place),
                "known" => known = Some(place),
                "log2_research" => research = Some(place),
                other => unreachable!("no output of training runs: {other}"),
            }
        }
        let count = [starts, known, research].into_iter().flatten().map(|place| slots.row(place).len()).max();
        let mut stage = Stage::default();
        for i in 0..count.unwrap_or(0) {
            if cancel.raised_at(i) {
                return;
            }
            let values = [stage.moment.time, stage.known, stage.log_research * std::f64::consts::LOG2_E];
            for (place, value) in [starts, known, research].into_iter().zip(values) {
                if let Some(slot) = place.and_then(|place| slots.row(place).get_mut(i)) {
                    *slot = value;
                }
            }
            stage = runs.next(&stage);
        }
    }
}
