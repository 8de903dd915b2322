//! The growth law, its parts and what can be asked of it.
//!
//! ```text
//! d ln S = (r / lambda) h(x) d ln W          h = 1 without a limit
//! dW/dt  = c E(x, t)^lambda                  c such that the first doubling takes T0
//! ```
//!
//! Source: Eth & Davidson (2025), "returns to software R&D" and its appendix (r), footnote 27 (lambda), footnote 26 and
//! Figure 10 (limit), footnotes 39 and 41 (experiment compute), footnote 24 (hardware).

use crate::law::automation;
pub use crate::law::hardware::HardwareGrowth;
use crate::law::hardware::{Clock, value};
use crate::law::limit::LimitShape;
use crate::law::path::Path;
use crate::numerics::crossing::crossing;
use crate::parallel::Kernel;
use crate::{Cancel, Error, Field, Result, Run};

const OWNER: &str = "GrowthLaw";

const fn field(name: &'static str, low: f64, low_included: bool, high: f64, rule: &'static str) -> Field {
    Field { owner: OWNER, name, low, low_included, high, rule }
}

/// Returns to software R&D.
pub const R: Field = field("r", 1e-6, true, 1e6, "finite and > 0 (from 1e-6 to 1e6)");
/// Time of the first doubling, years.
pub const FIRST_DOUBLING: Field =
    field("first_doubling", 1e-100, true, 1e100, "a finite time > 0 in years (from 1e-100 to 1e100)");
/// Exponent on research effort.
pub const PARALLELIZABILITY: Field = field("parallelizability", 1e-6, true, 1.0, "> 0 and <= 1 (from 1e-6)");
/// Doublings at which the limit is reached; infinity stands for none.
pub const LIMIT: Field = field(
    "limit",
    1.0,
    false,
    f64::INFINITY,
    "> 1 doubling, because first_doubling times the first one (up to 1e9; infinite or None means no limit)",
);
/// Largest finite limit.
const LARGEST_LIMIT: f64 = 1e9;
/// Times at which a path is asked for, years.
pub const TIME: Field = Field {
    owner: "simulate",
    name: "time",
    low: 0.0,
    low_included: true,
    high: 1e100,
    rule: "finite, >= 0 and ascending (years, at most 1e100)",
};
/// Doublings at which a path is asked for.
pub const DOUBLINGS: Field =
    Field { owner: OWNER, name: "doublings", low: 0.0, low_included: true, high: f64::INFINITY, rule: ">= 0" };
/// Largest number of first doublings that a time may span.
const LONGEST: f64 = 1e100;

const fn of_automation(name: &'static str, low: f64, low_included: bool, high: f64, rule: &'static str) -> Field {
    Field { owner: "Automation", name, low, low_included, high, rule }
}

/// Fraction of tasks that are automated at the start.
pub const AUTOMATED: Field = of_automation("start", 0.0, true, 1.0 - 1e-9, ">= 0 and < 1 (up to 1 - 1e-9)");
/// Doublings at which all tasks are automated.
pub const FULL_AT: Field = of_automation("full_at", 1e-3, true, 1e6, "> 0 doublings (from 0.001 to 1e6)");
/// AI labor at the start over that of people.
pub const AI_LABOR: Field = of_automation("ai_labor", 1e-30, true, 1e30, "finite and > 0 (from 1e-30 to 1e30)");
/// Substitution between tasks.
pub const TASK_RHO: Field =
    of_automation("rho", f64::NEG_INFINITY, true, -1e-3, "< 0 (up to -0.001; minus infinity for none)");
/// Labor's share of effort at the start.
pub const LABOR_SHARE: Field = Field {
    owner: "CES",
    name: "labor_share",
    low: 1e-9,
    low_included: true,
    high: 1.0 - 1e-9,
    rule: "> 0 and < 1 (from 1e-9 to 1 - 1e-9)",
};
/// Substitution parameter of effort.
pub const RHO: Field = Field {
    owner: "CES",
    name: "rho",
    low: -1e3,
    low_included: true,
    high: 1.0,
    rule: "<= 1 (from -1000; 1 - 1/elasticity)",
};
/// How much of a software gain makes an experiment cheaper.
pub const EXPERIMENT_EFFICIENCY: Field = Field {
    owner: "CES",
    name: "experiment_efficiency",
    low: 0.0,
    low_included: true,
    high: 1.0,
    rule: ">= 0 and <= 1",
};
/// Time in which hardware doubles, years; infinity where it stands still.
pub const HARDWARE_DOUBLING_TIME: Field = Field {
    owner: "Hardware",
    name: "doubling_time",
    low: 1e-6,
    low_included: true,
    high: f64::INFINITY,
    rule: "> 0 (years, from 1e-6; infinite for hardware that stands still)",
};
/// Date of a change of hardware growth.
pub const HARDWARE_CHANGE: Field = Field {
    owner: "Hardware",
    name: "changes",
    low: 0.0,
    low_included: false,
    high: 1e100,
    rule: "at a finite time > 0 (years, at most 1e100), each later than the one before",
};

/// Labor and experiment compute as complements or substitutes.
#[derive(Debug, Clone)]
pub struct Ces {
    /// Labor's share at the start.
    pub labor_share: Vec<f64>,
    /// Substitution parameter.
    pub rho: Vec<f64>,
    /// How much of a software gain makes an experiment cheaper.
    pub experiment_efficiency: Vec<f64>,
}

/// People beside AI before full automation.
#[derive(Debug, Clone)]
pub struct Automation {
    /// Fraction of tasks that are automated at the start.
    pub start: Vec<f64>,
    /// Doublings from which on all are.
    pub full_at: Vec<f64>,
    /// AI labor at the start over that of people.
    pub ai_labor: Vec<f64>,
    /// Substitution between tasks; minus infinity for none.
    pub rho: Vec<f64>,
}

/// The columns of a set of paths. Every column has one value, shared by all paths, or one per path.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Returns to software R&D.
    pub r: Vec<f64>,
    /// Time of the first doubling, years.
    pub first_doubling: Vec<f64>,
    /// Exponent on research effort.
    pub parallelizability: Vec<f64>,
    /// Doublings at the limit; infinite where there is none.
    pub limit: Vec<f64>,
    /// How returns fall towards it.
    pub shape: LimitShape,
    /// People beside AI.
    pub automation: Option<Automation>,
    /// Experiment compute beside labor.
    pub effort: Option<Ces>,
    /// Growth of hardware from 0 on and from later dates on.
    pub hardware: Vec<HardwareGrowth>,
}

/// Largest `ln G^lambda` in the first doubling: until then paths stay within f64.
const MOST_GROWTH: f64 = 230.0;
/// The same beside people, where progress before is to be solved for: it starts that much slower.
const MOST_BESIDE_PEOPLE: f64 = 23.0;

/// A validated set of paths.
#[derive(Debug, Clone)]
pub struct GrowthLaw {
    columns: Columns,
    paths: usize,
}

impl GrowthLaw {
    /// Validates the columns.
    pub fn new(columns: Columns) -> Result<Self> {
        let mut fields = vec![
            (&columns.r, R),
            (&columns.first_doubling, FIRST_DOUBLING),
            (&columns.parallelizability, PARALLELIZABILITY),
            (&columns.limit, LIMIT),
        ];
        if let Some(labor) = &columns.automation {
            fields.push((&labor.start, AUTOMATED));
            fields.push((&labor.full_at, FULL_AT));
            fields.push((&labor.ai_labor, AI_LABOR));
            fields.push((&labor.rho, TASK_RHO));
        }
        if let Some(ces) = &columns.effort {
            fields.push((&ces.labor_share, LABOR_SHARE));
            fields.push((&ces.rho, RHO));
            fields.push((&ces.experiment_efficiency, EXPERIMENT_EFFICIENCY));
        }
        for (k, growth) in columns.hardware.iter().enumerate() {
            fields.push((&growth.doubling_time, HARDWARE_DOUBLING_TIME));
            if k > 0 {
                fields.push((&growth.since, HARDWARE_CHANGE));
            }
        }
        let paths = fields.iter().map(|(c, _)| c.len()).max().unwrap_or(0);
        for (column, field) in fields {
            if column.is_empty() || (column.len() != paths && column.len() != 1) {
                return Err(Error::Length { owner: OWNER, name: field.name, given: column.len(), expected: paths });
            }
            field.check(column)?;
        }
        let limit = &columns.limit;
        if let Some(i) = limit.iter().position(|&l| l > LARGEST_LIMIT && l.is_finite()) {
            return Err(LIMIT.error(limit[i], (limit.len() > 1).then_some(i)));
        }
        let law = Self { columns, paths };
        law.check_order()?;
        law.check_first_doubling()?;
        Ok(law)
    }

    /// Refuses hardware that outgrows the numbers within the first doubling.
    fn check_first_doubling(&self) -> Result<()> {
        let Some(growth) = self.columns.hardware.first() else { return Ok(()) };
        let (most, rule) = if self.columns.automation.is_some() {
            (
                MOST_BESIDE_PEOPLE,
                "such that hardware grows by less than about 1e10 in the first doubling, beside automation",
            )
        } else {
            (MOST_GROWTH, "such that hardware grows by less than about 1e100 in the first doubling")
        };
        let first_doubling = &self.columns.first_doubling;
        let fast = |i: &usize| self.clock(*i).growth_at(value(first_doubling, *i)).0 > most;
        let Some(i) = (0..self.paths).find(fast) else { return Ok(()) };
        let column = &growth.doubling_time;
        Err(Field { rule, ..HARDWARE_DOUBLING_TIME }.error(value(column, i), (self.paths > 1).then_some(i)))
    }

    /// Refuses changes of hardware that do not come one after the other.
    fn check_order(&self) -> Result<()> {
        for pair in self.columns.hardware.windows(2) {
            let (before, since) = (&pair[0].since, &pair[1].since);
            for i in 0..before.len().max(since.len()) {
                if value(since, i) <= value(before, i) {
                    return Err(HARDWARE_CHANGE.error(value(since, i), (since.len() > 1).then_some(i)));
                }
            }
        }
        Ok(())
    }

    /// Number of paths.
    pub fn paths(&self) -> usize {
        self.paths
    }

    #[inline(always)]
    pub(crate) fn path(&self, i: usize) -> Path<'_> {
        let columns = &self.columns;
        let compute =
            |ces: &Ces| (value(&ces.labor_share, i), value(&ces.rho, i), value(&ces.experiment_efficiency, i));
        let labor = |a: &Automation| {
            automation::Automation::new(
                value(&a.start, i),
                value(&a.full_at, i),
                value(&a.ai_labor, i),
                value(&a.rho, i),
            )
        };
        Path::new(
            value(&columns.r, i),
            value(&columns.first_doubling, i),
            value(&columns.parallelizability, i),
            (value(&columns.limit, i), columns.shape),
            columns.automation.as_ref().map(labor),
            columns.effort.as_ref().map(compute),
            self.clock(i),
        )
    }

    /// Doublings of every path at the ascending `time` (years): one row per path, infinite from the singular time on.
    pub fn doublings_at(&self, time: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_times(time, run)?;
        self.check_length(out, time.len())?;
        run.fill(out, time.len(), &DoublingsAt { law: self, time })
    }

    /// The same of the paths from `first` on, of checked times, on this thread alone.
    pub(crate) fn doublings_of(&self, first: usize, time: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        run.fill_here(out, first, time.len(), &DoublingsAt { law: self, time })
    }

    /// Refuses times that do not ascend or that the law cannot reach.
    pub(crate) fn check_times(&self, time: &[f64], run: &Run) -> Result<()> {
        TIME.check(time)?;
        if let Some(i) = (1..time.len()).find(|&i| time[i] < time[i - 1]) {
            return Err(TIME.error(time[i], Some(i)));
        }
        let horizon = time.last().copied().unwrap_or(0.0);
        let first_doubling = &self.columns.first_doubling;
        if let Some(i) = first_doubling.iter().position(|t0| horizon / t0 > LONGEST) {
            let index = (first_doubling.len() > 1).then_some(i);
            return Err(Field { rule: "within 1e100 of the last time asked for", ..FIRST_DOUBLING }
                .error(first_doubling[i], index));
        }
        self.check_growth(horizon, run)
    }

    /// Duration of doublings 1 to `count` of every path (years): one row per path, infinite beyond the limit.
    pub fn doubling_times(&self, count: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, count)?;
        run.fill(out, count, &DoublingTimes { law: self, cancel: &run.cancel })
    }

    /// Time (years) at which every path reaches its own row of `doublings`, `width` to a row; infinite where it never does.
    pub fn time_at(&self, doublings: &[f64], width: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(doublings, width)?;
        self.check_length(out, width)?;
        DOUBLINGS.check(doublings)?;
        run.fill(out, width, &TimeAt { law: self, doublings, cancel: &run.cancel })
    }

    /// Pace (doublings per year) of every path at its own row of `doublings`, `width` to a row; 0 at the limit, infinite at
    /// infinitely many doublings.
    pub fn pace_at(&self, doublings: &[f64], width: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(doublings, width)?;
        self.check_length(out, width)?;
        DOUBLINGS.check(doublings)?;
        run.fill(out, width, &PaceAt { law: self, doublings, cancel: &run.cancel })
    }

    /// Refuses hardware that outgrows the numbers by a time.
    fn check_growth(&self, time: f64, run: &Run) -> Result<()> {
        let Some(growth) = self.columns.hardware.first() else { return Ok(()) };
        let mut spans = vec![0.0; self.paths];
        run.fill(&mut spans, 1, &Span { law: self, time })?;
        let Some(i) = spans.iter().position(|span| *span > LONGEST) else { return Ok(()) };
        let rule = "such that hardware grows by less than about 1e100 until the last time";
        let column = &growth.doubling_time;
        Err(Field { rule, ..HARDWARE_DOUBLING_TIME }.error(value(column, i), (column.len() > 1).then_some(i)))
    }

    #[inline(always)]
    fn clock(&self, i: usize) -> Clock<'_> {
        let rate = std::f64::consts::LN_2 * value(&self.columns.parallelizability, i);
        Clock::new(&self.columns.hardware, i, rate)
    }

    fn check_length(&self, values: &[f64], width: usize) -> Result<()> {
        let expected = self.paths * width;
        if values.len() == expected {
            return Ok(());
        }
        Err(Error::Length { owner: OWNER, name: "rows", given: values.len(), expected })
    }

    /// Time (years) at which the level of every path becomes infinite; infinite for a path that never does.
    pub fn singular_time(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, 1)?;
        run.fill(out, 1, &Each(self, |path: &Path, _| path.singular_time()))
    }

    /// Time (years) at which every path reaches its limit; infinite for a path that never does.
    pub fn limit_time(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, 1)?;
        run.fill(out, 1, &Each(self, |path: &Path, _| path.limit_time()))
    }

    /// Doublings at which the pace of every path is highest while they are at most `up_to` (one per path): 0 where it only
    /// falls, `up_to` where it rises to the end.
    pub fn peak_doublings(&self, up_to: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(up_to, 1)?;
        self.check_length(out, 1)?;
        DOUBLINGS.check(up_to)?;
        run.fill(out, 1, &Each(self, |path: &Path, i| path.peak(up_to[i]).0))
    }

    /// Highest pace of every path while its doublings are at most `up_to`, doublings per year: up to the limit where that is
    /// abrupt, infinite before a singularity.
    pub fn peak_pace(&self, up_to: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(up_to, 1)?;
        self.check_length(out, 1)?;
        DOUBLINGS.check(up_to)?;
        run.fill(out, 1, &Each(self, |path: &Path, i| path.peak(up_to[i]).1))
    }

    /// Doublings at which the pace of every path, below its `target` (doublings per year) at `low` doublings, has come up to it
    /// by `high` doublings (one of each per path).
    pub fn crossing(&self, target: &[f64], low: &[f64], high: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        for column in [target, low, high, out] {
            self.check_length(column, 1)?;
        }
        let find = |path: &Path, i: usize| crossing(low[i], high[i], target[i], |x| path.pace(x));
        run.fill(out, 1, &Each(self, find))
    }

    /// Doublings of effort, on the hardware of the start, of every path at its own row of `doublings`, `width` to a row.
    pub fn effort_at(&self, doublings: &[f64], width: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(doublings, width)?;
        self.check_length(out, width)?;
        DOUBLINGS.check(doublings)?;
        run.fill(out, width, &EffortAt { law: self, doublings, cancel: &run.cancel })
    }

    /// Criticality `r e` of every path, with `e` the elasticity of effort in the level in the end.
    pub fn criticality(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, 1)?;
        run.fill(out, 1, &Each(self, |path: &Path, _| path.criticality()))
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
        let first = clock.effective_at(value(&self.law.columns.first_doubling, path));
        values[0] = clock.effective_at(self.time) / first;
    }
}

struct DoublingsAt<'a> {
    law: &'a GrowthLaw,
    time: &'a [f64],
}

impl Kernel for DoublingsAt<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]) {
        self.law.path(path).doublings_at(simd, self.time, values);
    }
}

struct DoublingTimes<'a> {
    law: &'a GrowthLaw,
    cancel: &'a Cancel,
}

impl Kernel for DoublingTimes<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        self.law.path(path).doubling_times(values, self.cancel);
    }
}

struct TimeAt<'a> {
    law: &'a GrowthLaw,
    doublings: &'a [f64],
    cancel: &'a Cancel,
}

impl Kernel for TimeAt<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let doublings = &self.doublings[path * values.len()..];
        let path = self.law.path(path);
        for (i, (time, x)) in values.iter_mut().zip(doublings).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *time = path.time_at(*x);
        }
    }
}

struct PaceAt<'a> {
    law: &'a GrowthLaw,
    doublings: &'a [f64],
    cancel: &'a Cancel,
}

impl Kernel for PaceAt<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let doublings = &self.doublings[path * values.len()..];
        let path = self.law.path(path);
        for (i, (pace, x)) in values.iter_mut().zip(doublings).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *pace = path.pace(*x);
        }
    }
}

struct EffortAt<'a> {
    law: &'a GrowthLaw,
    doublings: &'a [f64],
    cancel: &'a Cancel,
}

impl Kernel for EffortAt<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let doublings = &self.doublings[path * values.len()..];
        let path = self.law.path(path);
        for (i, (effort, x)) in values.iter_mut().zip(doublings).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *effort = path.effort(*x);
        }
    }
}

/// One value per path.
struct Each<'a, F>(&'a GrowthLaw, F);

impl<F: Fn(&Path, usize) -> f64 + Sync> Kernel for Each<'_, F> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        values[0] = (self.1)(&self.0.path(path), path);
    }
}
