//! The growth law and its parts.
//!
//! ```text
//! d ln S = (r / lambda) h(x) d ln W          h = 1 without a limit
//! dW/dt  = c E(x, t)^lambda                  c such that the first doubling takes T0
//! ```
//!
//! Source: Eth & Davidson (2025), "returns to software R&D" and its appendix (r), footnote 27 (lambda), footnote 26 and
//! Figure 10 (limit), footnotes 39 and 41 (experiment compute), footnote 24 (hardware).

mod rows;

use crate::law::PARALLELIZABILITY;
use crate::law::automation;
use crate::law::hardware::{Clock, HardwareGrowth};
use crate::law::limit::LimitShape;
use crate::law::path::Path;
use crate::model::unit::{DOUBLINGS, DOUBLINGS_PER_YEAR, NUMBER, YEARS};
use crate::model::{
    Axis, Choice, Column, Field, Group, Output, Part, Plan, Presence, REGIMES, Range, Request, Rows, Spec, TIME, View,
    check_ascending,
};
use crate::parallel::Kernel;
use crate::{Argument, Result, Run};
use std::sync::Arc;

const OWNER: &str = "GrowthLaw";

const FIRST_DOUBLING: Field = Field::new("first_doubling", YEARS, Range::positive(1e-100, 1e100));
const LIMIT: Field = Field::new("limit", DOUBLINGS, Range::above(1.0, f64::INFINITY, "> 1"))
    .remarked("up to 1e9, or infinite or None for no limit; first_doubling times the first one");
/// Largest finite limit.
const LARGEST_LIMIT: f64 = 1e9;
const HARDWARE_DOUBLING_TIME: Field = Field::new("doubling_time", YEARS, Range::from(1e-6, f64::INFINITY, "> 0"))
    .remarked("infinite for hardware that stands still");
const CHANGE_TIME: Field = Field::new("time", YEARS, Range::above(0.0, 1e100, "finite and > 0"));

/// Labor and experiment compute as complements or substitutes.
static EFFORT: Group = Group {
    owner: "CES",
    fields: &[
        Field::new("labor_share", NUMBER, Range::share(1e-9, 1.0 - 1e-9)),
        Field::new("rho", NUMBER, Range::from(-1e3, 1.0, "<= 1")).remarked("1 - 1/elasticity"),
        Field::new("experiment_efficiency", NUMBER, Range::share(0.0, 1.0)),
    ],
    choices: &[],
    parts: &[],
    check: |_| Ok(()),
};

/// Growth of hardware from a later date on.
static CHANGE: Group = Group {
    owner: "Hardware.changes",
    fields: &[CHANGE_TIME, HARDWARE_DOUBLING_TIME],
    choices: &[],
    parts: &[],
    check: |_| Ok(()),
};

/// Growth of hardware.
static HARDWARE: Group = Group {
    owner: "Hardware",
    fields: &[HARDWARE_DOUBLING_TIME],
    choices: &[],
    parts: &[Part { name: "changes", group: &CHANGE, presence: Presence::Repeated }],
    check: check_order,
};

/// People next to AI before full automation.
static AUTOMATION: Group = Group {
    owner: "Automation",
    fields: &[
        Field::new("start", NUMBER, Range::share(0.0, 1.0 - 1e-9)),
        Field::new("full_at", DOUBLINGS, Range::from(1e-3, 1e6, "> 0")),
        Field::new("ai_labor", NUMBER, Range::positive(1e-30, 1e30)),
        Field::new("rho", NUMBER, Range::from(f64::NEG_INFINITY, -1e-3, "< 0")).remarked("minus infinity for none"),
    ],
    choices: &[],
    parts: &[],
    check: |_| Ok(()),
};

/// Inputs of a growth law.
pub(super) static GROUP: Group = Group {
    owner: OWNER,
    fields: &[Field::new("r", NUMBER, Range::positive(1e-6, 1e6)), FIRST_DOUBLING, PARALLELIZABILITY, LIMIT],
    choices: &[Choice { name: "limit_shape", options: LimitShape::NAMES }],
    parts: &[
        Part { name: "effort", group: &EFFORT, presence: Presence::Optional },
        Part { name: "hardware", group: &HARDWARE, presence: Presence::Optional },
        Part { name: "automation", group: &AUTOMATION, presence: Presence::Optional },
    ],
    check: check_limit,
};

/// How a path ends.
pub(super) const OUTCOMES: &[&str] = &["horizon", "singular", "limit"];

/// The growth law.
pub(super) static SPEC: Spec = Spec {
    name: "growth_law",
    group: &GROUP,
    outputs: &[
        Output::word("regime", REGIMES).quick(),
        Output::new("criticality", NUMBER).quick(),
        Output::new("singular_time", YEARS).quick(),
        Output::new("limit_time", YEARS).quick(),
        Output::word("outcome", OUTCOMES).by_horizon().quick(),
        Output::new("doublings_at_horizon", DOUBLINGS).by_horizon().quick(),
        Output::new("peak_pace", DOUBLINGS_PER_YEAR).by_horizon(),
        Output::new("peak_time", YEARS).by_horizon(),
        Output::new("peak_doublings", DOUBLINGS).by_horizon(),
        Output::new("most_doublings_in_12_months", DOUBLINGS).by_horizon(),
        Output::new("most_doublings_in_4_months", DOUBLINGS).by_horizon(),
        Output::new("doublings_at", DOUBLINGS).along(Axis::Time),
        Output::new("time_at", YEARS).along(Axis::Doublings).quick(),
        Output::new("threshold_time", YEARS).along(Axis::Multiple).by_horizon().quick(),
        Output::new("level", NUMBER).along(Axis::Time).named(),
        Output::new("pace", DOUBLINGS_PER_YEAR).along(Axis::Time).named(),
        Output::new("pace_at", DOUBLINGS_PER_YEAR).along(Axis::Doublings).named(),
        Output::new("effort_doublings", DOUBLINGS).along(Axis::Doublings).named(),
        Output::new("crossing_time", YEARS).along(Axis::Pace).by_horizon().named(),
        Output::new("most_doublings", DOUBLINGS).along(Axis::Within).by_horizon().named(),
        Output::new("doubling_times", YEARS).along(Axis::Step).named(),
        Output::new("peak_doublings_by", DOUBLINGS).along(Axis::Doublings).named(),
        Output::new("peak_pace_by", DOUBLINGS_PER_YEAR).along(Axis::Doublings).named(),
    ],
    build: |view| Ok(Arc::new(GrowthLaw::build(view)?)),
};

/// Length of a window.
const WITHIN: Argument =
    Argument { name: "within", low_included: false, rule: "finite and > 0 (years, at most 1e100)", ..TIME };
/// Multiples of the pace at the start.
const MULTIPLE: Argument = Argument {
    owner: "threshold_time",
    name: "multiple",
    low: 1e-100,
    low_included: true,
    high: 1e100,
    rule: "> 0 (from 1e-100 to 1e100)",
};
/// Paces whose time is asked for.
const TARGET: Argument = Argument { name: "multiple", high: f64::INFINITY, rule: ">= 0", ..TIME };
/// Largest number of first doublings that a time may span.
const LONGEST: f64 = 1e100;

/// Doublings at which a model is asked for something.
pub(super) const fn doublings_of(owner: &'static str) -> Argument {
    Argument { owner, name: "doublings", low: 0.0, low_included: true, high: f64::INFINITY, rule: ">= 0" }
}

/// Refuses finite limits that doublings of full precision do not reach.
fn check_limit(view: &View) -> Result<()> {
    let limit = view.column("limit");
    match limit.values().iter().position(|l| *l > LARGEST_LIMIT && l.is_finite()) {
        Some(i) => Err(LIMIT.error(OWNER, limit.at(i), (limit.len() > 1).then_some(i))),
        None => Ok(()),
    }
}

/// Refuses changes of hardware that do not come one after the other.
fn check_order(view: &View) -> Result<()> {
    let mut before = Column::from(0.0);
    for change in view.repeated("changes") {
        let time = change.column("time");
        let earlier = |i: &usize| time.at(*i) <= before.at(*i);
        if let Some(i) = (0..before.len().max(time.len())).find(earlier) {
            return Err(CHANGE_TIME.error_at(CHANGE.owner, &time, i, "later than the change before it (years)"));
        }
        before = time;
    }
    Ok(())
}

/// Labor and experiment compute, by path.
#[derive(Debug, Clone)]
struct Effort {
    labor_share: Column,
    rho: Column,
    experiment_efficiency: Column,
}

/// People next to AI, by path.
#[derive(Debug, Clone)]
struct People {
    start: Column,
    full_at: Column,
    ai_labor: Column,
    rho: Column,
}

/// Largest `ln G^lambda` in the first doubling: until then paths stay within f64.
const MOST_GROWTH: f64 = 230.0;
/// The same with people, where progress before is to be solved for: it starts that much slower.
const MOST_BESIDE_PEOPLE: f64 = 23.0;

/// A validated set of growth laws.
#[derive(Debug, Clone)]
pub(super) struct GrowthLaw {
    r: Column,
    first_doubling: Column,
    parallelizability: Column,
    limit: Column,
    shape: LimitShape,
    labor: Option<People>,
    effort: Option<Effort>,
    /// Growth of hardware from 0 on and from later dates on.
    hardware: Vec<HardwareGrowth>,
    paths: usize,
}

impl GrowthLaw {
    /// Makes laws of validated inputs.
    pub(super) fn build(view: &View) -> Result<Self> {
        let labor = |part: View| People {
            start: part.column("start"),
            full_at: part.column("full_at"),
            ai_labor: part.column("ai_labor"),
            rho: part.column("rho"),
        };
        let effort = |part: View| Effort {
            labor_share: part.column("labor_share"),
            rho: part.column("rho"),
            experiment_efficiency: part.column("experiment_efficiency"),
        };
        let mut hardware = vec![];
        if let Some(part) = view.optional("hardware") {
            hardware.push(HardwareGrowth { since: 0.0.into(), doubling_time: part.column("doubling_time") });
            hardware.extend(part.repeated("changes").into_iter().map(|change| HardwareGrowth {
                since: change.column("time"),
                doubling_time: change.column("doubling_time"),
            }));
        }
        let law = Self {
            r: view.column("r"),
            first_doubling: view.column("first_doubling"),
            parallelizability: view.column("parallelizability"),
            limit: view.column("limit"),
            shape: LimitShape::ALL[view.word("limit_shape")],
            labor: view.optional("automation").map(labor),
            effort: view.optional("effort").map(effort),
            hardware,
            paths: view.paths(),
        };
        law.check_first_doubling()?;
        Ok(law)
    }

    /// Refuses hardware that outgrows the numbers within the first doubling.
    fn check_first_doubling(&self) -> Result<()> {
        let Some(growth) = self.hardware.first() else { return Ok(()) };
        let (most, rule) = if self.labor.is_some() {
            (
                MOST_BESIDE_PEOPLE,
                "such that hardware grows by less than about 1e10 in the first doubling, beside automation",
            )
        } else {
            (MOST_GROWTH, "such that hardware grows by less than about 1e100 in the first doubling")
        };
        let fast = |i: &usize| self.clock(*i).growth_at(self.first_doubling.at(*i)).0 > most;
        match (0..self.paths).find(fast) {
            Some(i) => Err(HARDWARE_DOUBLING_TIME.error_at(HARDWARE.owner, &growth.doubling_time, i, rule)),
            None => Ok(()),
        }
    }

    #[inline(always)]
    pub(super) fn path(&self, i: usize) -> Path<'_> {
        let compute = |ces: &Effort| (ces.labor_share.at(i), ces.rho.at(i), ces.experiment_efficiency.at(i));
        let labor =
            |a: &People| automation::Automation::new(a.start.at(i), a.full_at.at(i), a.ai_labor.at(i), a.rho.at(i));
        Path::new(
            self.r.at(i),
            self.first_doubling.at(i),
            self.parallelizability.at(i),
            (self.limit.at(i), self.shape),
            self.labor.as_ref().map(labor),
            self.effort.as_ref().map(compute),
            self.clock(i),
        )
    }

    #[inline(always)]
    fn clock(&self, i: usize) -> Clock<'_> {
        Clock::new(&self.hardware, i, std::f64::consts::LN_2 * self.parallelizability.at(i))
    }

    /// Number of paths in which these laws differ.
    pub(super) fn paths(&self) -> usize {
        self.paths
    }

    /// Refuses times that do not ascend or that the law cannot reach.
    pub(super) fn check_times(&self, time: &[f64], run: &Run) -> Result<()> {
        check_ascending(time)?;
        self.check_span(time.last().copied().unwrap_or(0.0), run)
    }

    /// Refuses a time that the law cannot reach.
    fn check_span(&self, end: f64, run: &Run) -> Result<()> {
        let far = |t0: &f64| end / t0 > LONGEST;
        if let Some(i) = self.first_doubling.values().iter().position(far) {
            let rule = "within 1e100 of the last time asked for";
            return Err(FIRST_DOUBLING.error_at(OWNER, &self.first_doubling, i, rule));
        }
        let Some(growth) = self.hardware.first() else { return Ok(()) };
        let mut spans = vec![0.0; self.paths];
        run.fill(&mut spans, 1, &Span { law: self, time: end })?;
        let Some(i) = spans.iter().position(|span| *span > LONGEST) else { return Ok(()) };
        let rule = "such that hardware grows by less than about 1e100 until the last time";
        Err(HARDWARE_DOUBLING_TIME.error_at(HARDWARE.owner, &growth.doubling_time, i, rule))
    }
}

impl Plan for GrowthLaw {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, run: &Run) -> Result<Box<dyn Rows + 'a>> {
        rows::prepare(self, request, run)
    }
}

/// Effective time until a time, in first doublings.
struct Span<'a> {
    law: &'a GrowthLaw,
    time: f64,
}

impl Kernel for Span<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let clock = self.law.clock(path);
        let first = clock.effective_at(self.law.first_doubling.at(path));
        values[0] = clock.effective_at(self.time) / first;
    }
}
