//! The growth law on fixed hardware with AI labor alone (`E = S`).
//!
//! ```text
//! d ln S = (r / lambda) h(x) d ln W          h = 1 without a limit
//! dW/dt  = c S^lambda                        c such that the first doubling takes T0
//! ```
//!
//! Source: Eth & Davidson (2025), "returns to software R&D" and its appendix (r), footnote 27 (lambda),
//! footnote 26 and Figure 10 (limit).

use crate::elementary::expm1;
use crate::limit::{LimitShape, Linear};
use crate::parallel::Kernel;
use crate::passage::{Passage, unlimited_doublings, unlimited_pace, unlimited_time};
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

/// A validated set of paths. Every column has one value, shared by all paths, or one per path.
#[derive(Debug, Clone)]
pub struct GrowthLaw {
    r: Vec<f64>,
    first_doubling: Vec<f64>,
    parallelizability: Vec<f64>,
    limit: Vec<f64>,
    shape: LimitShape,
    paths: usize,
}

/// One path of the law.
#[derive(Debug, Clone, Copy)]
struct Path {
    r: f64,
    first_doubling: f64,
    parallelizability: f64,
    limit: f64,
    shape: LimitShape,
}

/// What a path's course comes down to: a closed form, or the passage through declining returns.
enum Course {
    Closed { log_ratio: f64, limit: f64 },
    Declining(Passage<Linear>),
}

impl GrowthLaw {
    /// Validates the columns; `limit` is infinite where there is none.
    pub fn new(
        r: Vec<f64>,
        first_doubling: Vec<f64>,
        parallelizability: Vec<f64>,
        limit: Vec<f64>,
        shape: LimitShape,
    ) -> Result<Self> {
        let columns =
            [(&r, R), (&first_doubling, FIRST_DOUBLING), (&parallelizability, PARALLELIZABILITY), (&limit, LIMIT)];
        let paths = columns.iter().map(|(c, _)| c.len()).max().unwrap_or(0);
        for (column, field) in columns {
            if column.is_empty() || (column.len() != paths && column.len() != 1) {
                return Err(Error::Length { owner: OWNER, name: field.name, given: column.len(), expected: paths });
            }
            field.check(column)?;
        }
        if let Some(i) = limit.iter().position(|&l| l > LARGEST_LIMIT && l.is_finite()) {
            return Err(LIMIT.error(limit[i], (limit.len() > 1).then_some(i)));
        }
        Ok(Self { r, first_doubling, parallelizability, limit, shape, paths })
    }

    /// Number of paths.
    pub fn paths(&self) -> usize {
        self.paths
    }

    #[inline(always)]
    fn path(&self, i: usize) -> Path {
        let at = |column: &[f64]| if column.len() == 1 { column[0] } else { column[i] };
        Path {
            r: at(&self.r),
            first_doubling: at(&self.first_doubling),
            parallelizability: at(&self.parallelizability),
            limit: at(&self.limit),
            shape: self.shape,
        }
    }

    /// Doublings of every path at the ascending `time` (years): one row per path, infinite from the singular time on.
    pub fn doublings_at(&self, time: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        TIME.check(time)?;
        if let Some(i) = (1..time.len()).find(|&i| time[i] < time[i - 1]) {
            return Err(TIME.error(time[i], Some(i)));
        }
        let horizon = time.last().copied().unwrap_or(0.0);
        if let Some(i) = self.first_doubling.iter().position(|t0| horizon / t0 > LONGEST) {
            let index = (self.first_doubling.len() > 1).then_some(i);
            return Err(Field { rule: "within 1e100 of the last time asked for", ..FIRST_DOUBLING }
                .error(self.first_doubling[i], index));
        }
        self.check_length(out, time.len())?;
        run.fill(out, time.len(), &DoublingsAt { law: self, time })
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
        run.fill(out, 1, &Each(self, Path::singular_time))
    }

    /// Time (years) at which every path reaches its limit; infinite for a path that never does.
    pub fn limit_time(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, 1)?;
        run.fill(out, 1, &Each(self, Path::limit_time))
    }

    /// Doublings at which the pace of every path is highest: 0 where it only falls, infinite where it rises without end.
    pub fn peak_doublings(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, 1)?;
        run.fill(out, 1, &Each(self, Path::peak_doublings))
    }

    /// Highest pace of every path, doublings per year: up to the limit where that is abrupt, infinite before a singularity.
    pub fn peak_pace(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.check_length(out, 1)?;
        run.fill(out, 1, &Each(self, Path::peak_pace))
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
        let path = self.law.path(path);
        let course = path.course();
        for (n, duration) in values.iter_mut().enumerate() {
            if self.cancel.raised_at(n) {
                return;
            }
            *duration = path.time_between(&course, n as f64, n as f64 + 1.0);
        }
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
        let course = path.course();
        for (i, (time, x)) in values.iter_mut().zip(doublings).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *time = path.time_between(&course, 0.0, *x);
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
        let course = path.course();
        for (i, (pace, x)) in values.iter_mut().zip(doublings).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *pace = path.pace(&course, *x);
        }
    }
}

/// One value per path.
struct Each<'a>(&'a GrowthLaw, fn(Path) -> f64);

impl Kernel for Each<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        values[0] = (self.1)(self.0.path(path));
    }
}

impl Path {
    /// Logarithm of the ratio of successive doubling times without a limit: `ln q = ln2 lambda (1/r - 1)`.
    #[inline(always)]
    fn log_ratio(self) -> f64 {
        std::f64::consts::LN_2 * self.parallelizability * ((1.0 - self.r) / self.r)
    }

    #[inline(always)]
    fn course(self) -> Course {
        if self.shape == LimitShape::Linear && self.limit.is_finite() {
            Course::Declining(Passage::new(self.r, self.parallelizability, Linear::new(self.limit)))
        } else {
            Course::Closed { log_ratio: self.log_ratio(), limit: self.limit }
        }
    }

    #[inline(always)]
    fn doublings_at<S: pulp::Simd>(self, simd: S, time: &[f64], row: &mut [f64]) {
        match self.course() {
            Course::Closed { log_ratio, limit } => {
                unlimited_doublings(time, self.first_doubling, log_ratio, limit, row);
            }
            Course::Declining(passage) => {
                passage.doublings_at(simd, time, self.first_doubling, self.limit, row);
            }
        }
    }

    /// Years from `x0` to `x1` doublings.
    #[inline(always)]
    fn time_between(self, course: &Course, x0: f64, x1: f64) -> f64 {
        if x1 > self.limit {
            return f64::INFINITY;
        }
        self.first_doubling
            * match course {
                Course::Closed { .. } if x1 == f64::INFINITY => return self.singular_time(),
                Course::Closed { log_ratio, .. } => unlimited_time(x0, x1, *log_ratio),
                Course::Declining(_) if x1 == self.limit => f64::INFINITY,
                Course::Declining(passage) => passage.time_between(x0, x1),
            }
    }

    /// Doublings per year at `x` doublings.
    #[inline(always)]
    fn pace(self, course: &Course, x: f64) -> f64 {
        if x >= self.limit && self.limit.is_finite() {
            return 0.0;
        }
        let pace = match course {
            Course::Closed { log_ratio, .. } => unlimited_pace(x, *log_ratio),
            Course::Declining(passage) => passage.pace(x),
        };
        pace / self.first_doubling
    }

    #[inline(always)]
    fn peak_pace(self) -> f64 {
        let pace = match self.course() {
            Course::Closed { log_ratio, .. } => unlimited_pace(self.peak_doublings(), log_ratio),
            Course::Declining(passage) => passage.pace(self.peak_doublings()),
        };
        pace / self.first_doubling
    }

    #[inline(always)]
    fn limit_time(self) -> f64 {
        match self.shape {
            LimitShape::Abrupt if self.limit.is_finite() => {
                self.first_doubling * unlimited_time(0.0, self.limit, self.log_ratio())
            }
            _ => f64::INFINITY,
        }
    }

    #[inline(always)]
    fn singular_time(self) -> f64 {
        let log_ratio = self.log_ratio();
        if self.limit.is_finite() || log_ratio >= 0.0 { f64::INFINITY } else { -self.first_doubling / expm1(log_ratio) }
    }

    /// Where `d ln(dx/dt)/dx = -1/(limit h) + ln2 lambda (1 - 1/(r h))` is 0: at `h = 1/r + 1/(ln2 lambda limit)`.
    #[inline(always)]
    fn peak_doublings(self) -> f64 {
        match self.course() {
            Course::Closed { log_ratio, .. } if log_ratio >= 0.0 => 0.0,
            Course::Closed { limit, .. } => limit,
            Course::Declining(_) => {
                let h = 1.0 / self.r + 1.0 / (std::f64::consts::LN_2 * self.parallelizability * self.limit);
                (self.limit * (1.0 - h)).max(0.0)
            }
        }
    }
}
