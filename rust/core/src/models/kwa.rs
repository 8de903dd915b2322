//! Kwa's simpler timelines model: research by human labor, on what is not yet automated, and by compute.
//!
//! ```text
//! dS/dt = k (L / (1 - f))^alpha C^zeta S^(1 - beta)     software S; S = L = C = 1 at the start
//! f     = 1 / (1 + exp(-x)),  x = v ln(C S) + logit f_0    automated share of tasks, at most 0.999999 in dS/dt
//! k     = ln 5 (1 - f_0)^alpha                          S grows fivefold a year at the start
//! ```
//!
//! Labor L and compute C grow by a factor in each year, geometrically within it. Time is in years since the start.
//! Integrated in ln S until the share meets its cap; from there the solution is closed.
//!
//! Source: Kwa (2026), "A simpler AI timelines model".

use crate::model::unit::{DOUBLINGS, DOUBLINGS_PER_YEAR, NUMBER, YEARS};
use crate::model::{
    Axis, ByPath, Column, Field, Group, Output, PathRows, Plan, Range, Request, Rows, Slots, Spec, View, comes_by,
};
use crate::numerics::elementary::{exp, expm1, ln, ln_1p};
use crate::numerics::ode::{Direction, Ending, Event, Policy, Seen, Span, System, integrate};
use crate::{Argument, Cancel, Error, Result, Run};
use std::f64::consts::LOG2_E;
use std::sync::Arc;

const OWNER: &str = "Kwa";

/// The model.
pub(super) static SPEC: Spec = Spec {
    name: "kwa",
    group: &Group {
        owner: OWNER,
        fields: &[
            Field::new("automation_width", NUMBER, Range::positive(0.01, 1e3)),
            Field::new("automated", NUMBER, Range::share(1e-9, 1.0 - 1e-9)),
            Field::new("labor_share", NUMBER, Range::share(0.0, 1.0)),
            Field::new("returns_to_scale", NUMBER, Range::positive(1e-6, 10.0)),
            Field::new("difficulty", NUMBER, Range::positive(1e-6, 100.0)),
        ],
        choices: &[],
        parts: &[],
        check: |_| Ok(()),
    },
    outputs: &[
        Output::word("outcome", OUTCOMES).by_horizon().in_pass(1).quick(),
        Output::new("t99", YEARS).in_pass(1).quick(),
        Output::new("t99_date", "calendar year").in_pass(1).quick(),
        Output::new("returns", NUMBER).quick(),
        Output::new("doublings", DOUBLINGS).along(Axis::Time).in_pass(1),
        Output::new("pace", DOUBLINGS_PER_YEAR).along(Axis::Time).in_pass(1),
        Output::new("automated_share", NUMBER).along(Axis::Time).in_pass(1),
        Output::new("research", NUMBER).along(Axis::Time).in_pass(1),
        Output::new("compute_per_labor", NUMBER).along(Axis::Time).in_pass(1),
        Output::new("weighted_compute_per_labor", NUMBER).along(Axis::Time).in_pass(1),
    ],
    build: |view| Ok(Arc::new(Kwa::build(view))),
};

/// Whether 99% of tasks are automated before the model ends.
const OUTCOMES: &[&str] = &["horizon", "automated", "unresolved"];
/// Calendar year of the start.
const START: f64 = 2026.0;
/// Years until the model ends.
const YEARS_COVERED: u32 = 44;
/// Times at which paths are asked for.
const TIME: Argument = Argument {
    owner: "simulate",
    name: "time",
    low: 0.0,
    low_included: true,
    high: YEARS_COVERED as f64,
    rule: "at most 44 years: the model ends with 2069",
};

/// A validated set of paths.
#[derive(Debug)]
struct Kwa {
    automation_width: Column,
    automated: Column,
    labor_share: Column,
    returns_to_scale: Column,
    difficulty: Column,
    drivers: Drivers,
    paths: usize,
}

impl Kwa {
    fn build(view: &View) -> Self {
        Self {
            automation_width: view.column("automation_width"),
            automated: view.column("automated"),
            labor_share: view.column("labor_share"),
            returns_to_scale: view.column("returns_to_scale"),
            difficulty: view.column("difficulty"),
            drivers: Drivers::published(),
            paths: view.paths(),
        }
    }

    #[inline(always)]
    fn parameters(&self, i: usize) -> Parameters {
        Parameters {
            automation_width: self.automation_width.at(i),
            automated: self.automated.at(i),
            labor_share: self.labor_share.at(i),
            returns_to_scale: self.returns_to_scale.at(i),
            difficulty: self.difficulty.at(i),
        }
    }
}

impl Plan for Kwa {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, _: &Run) -> Result<Box<dyn Rows + 'a>> {
        request.check(OWNER, self.paths)?;
        let mut series = request.asks.iter().filter(|ask| ask.output.along == Some(Axis::Time));
        let times = series.next().map_or(&[][..], |ask| ask.along.values());
        TIME.check(times)?;
        if series.any(|ask| ask.along.values() != times) {
            return Err(Error::Length { owner: OWNER, name: "time", given: 2, expected: 1 });
        }
        let wanted = request.asks.iter().any(|ask| ask.output.along.is_none() && ask.output.pass == 1);
        Ok(Box::new(PathRows::new(request, Answers { model: self, request, wanted })))
    }
}

struct Answers<'a> {
    model: &'a Kwa,
    request: &'a Request,
    /// Whether it is asked when 99% are automated.
    wanted: bool,
}

impl ByPath for Answers<'_> {
    /// A value takes about as long as ten of a growth law.
    const COST: usize = 10;

    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, index: usize, slots: &mut Slots, cancel: &Cancel) {
        let parameters = self.model.parameters(index);
        let path = Path::new(&parameters, &self.model.drivers);
        let asks = &self.request.asks;
        let series = asks.iter().position(|ask| ask.output.along.is_some());
        let times = series.map_or(&[][..], |place| asks[place].along.of(index));
        for (place, _) in asks.iter().enumerate().filter(|(_, ask)| ask.output.along.is_some()) {
            slots.row(place).fill(f64::NAN);
        }
        let followed = path.follow(times, self.wanted, cancel, |i, sight| {
            for (place, ask) in asks.iter().enumerate() {
                let value = match ask.output.name {
                    "doublings" => LOG2_E * sight.log_software,
                    "pace" => LOG2_E * sight.rate(),
                    "automated_share" => sight.automated(),
                    "research" => exp(sight.log_research()),
                    "compute_per_labor" => exp(sight.log_compute_per_labor()),
                    "weighted_compute_per_labor" => exp(sight.log_weighted_ratio()),
                    _ => continue,
                };
                slots.row(place)[i] = value;
            }
        });
        let Some(Followed { t99, .. }) = followed else { return };
        for (place, ask) in asks.iter().enumerate() {
            let value = match ask.output.name {
                "returns" => parameters.returns_to_scale / parameters.difficulty,
                "t99" => t99,
                "t99_date" => START + t99,
                "outcome" if t99.is_nan() => 2.0,
                "outcome" => f64::from(u8::from(comes_by(t99, self.request.horizon))),
                _ => continue,
            };
            slots.row(place)[0] = value;
        }
    }
}

/// ln 5: growth of software per year at the start.
const FIRST_RATE: f64 = 1.609_437_912_434_100_3;
/// logit 0.99.
const AT_99: f64 = 4.595_119_850_134_59;
/// logit 0.999999.
const AT_CAP: f64 = 13.815_509_557_963_773;
/// ln(1 - 0.999999).
const HUMAN_AT_CAP: f64 = -13.815_510_557_964_274;
/// Relative and absolute error of a step in ln S.
const TOLERANCE: f64 = 1e-12;
/// Width of the first step that is tried, years.
const FIRST_WIDTH: f64 = 0.25;
/// Steps, on the way to 99% and from there to the cap, after which a path is left unresolved.
const MOST_STEPS: u32 = 10_000;
const POLICY: Policy<1> =
    Policy { relative: TOLERANCE, absolute: [TOLERANCE], first_width: Some(FIRST_WIDTH), most_steps: MOST_STEPS };

/// What one path is given.
#[derive(Debug, Clone, Copy)]
struct Parameters {
    /// 1/v: logarithm of the factor of effective compute from 50% to 73% of automation.
    automation_width: f64,
    /// Automated share f at the start.
    automated: f64,
    /// alpha / (alpha + zeta).
    labor_share: f64,
    /// alpha + zeta.
    returns_to_scale: f64,
    /// beta.
    difficulty: f64,
}

/// Growth of labor and compute from outside, year by year.
#[derive(Debug, Clone)]
struct Drivers {
    /// Starts of the years but for the first.
    kinks: Vec<f64>,
    years: Vec<Year>,
}

/// One year of the drivers.
#[derive(Debug, Clone, Copy)]
struct Year {
    /// The year's start, years since the start.
    start: f64,
    /// Logarithms at the start of the year, and by how much they grow in it.
    labor: f64,
    labor_rate: f64,
    compute: f64,
    compute_rate: f64,
}

impl Drivers {
    /// The published growth of labor and compute.
    fn published() -> Self {
        let labor: Vec<f64> = (0..YEARS_COVERED).map(|t| if t < 3 { 2.0 } else { 1.1 }).collect();
        let compute = (0..YEARS_COVERED).map(|t| match t {
            0..3 => 2.6,
            3 => 2.0,
            4..32 => 2.0 - 0.75 * f64::from(t - 4) / 28.0,
            _ => 1.25,
        });
        Self::new(&labor, &compute.collect::<Vec<f64>>())
    }

    /// From the factors by which labor and compute grow in each year, at least 1.
    fn new(labor: &[f64], compute: &[f64]) -> Self {
        let (mut log_labor, mut log_compute) = (0.0, 0.0);
        let mut years = Vec::with_capacity(labor.len());
        for (i, (labor, compute)) in labor.iter().zip(compute).enumerate() {
            let (labor_rate, compute_rate) = (ln(*labor), ln(*compute));
            years.push(Year { start: i as f64, labor: log_labor, labor_rate, compute: log_compute, compute_rate });
            log_labor += labor_rate;
            log_compute += compute_rate;
        }
        Self { kinks: years.iter().skip(1).map(|year| year.start).collect(), years }
    }

    /// The year that a time lies in.
    #[inline(always)]
    fn year(&self, time: f64) -> usize {
        self.kinks.partition_point(|kink| *kink <= time)
    }

    /// The time at which they end, years since the start.
    fn end(&self) -> f64 {
        self.years.len() as f64
    }
}

impl Year {
    /// Logarithms of labor and compute.
    #[inline(always)]
    fn at(&self, time: f64) -> (f64, f64) {
        let since = time - self.start;
        (self.labor_rate.mul_add(since, self.labor), self.compute_rate.mul_add(since, self.compute))
    }
}

/// Where a path is at one time.
#[derive(Debug, Clone, Copy)]
struct Sight {
    /// ln S.
    log_software: f64,
    /// logit f, without the cap.
    logit: f64,
    /// ln of effective labor L / (1 - f), with the cap, and of compute C, relative to the start.
    log_labor: f64,
    log_compute: f64,
    alpha: f64,
    zeta: f64,
    difficulty: f64,
}

impl Sight {
    /// f: automated share.
    #[inline(always)]
    fn automated(&self) -> f64 {
        1.0 / (1.0 + exp(-self.logit))
    }

    /// d ln S / dt, per year.
    #[inline(always)]
    fn rate(&self) -> f64 {
        FIRST_RATE * exp((-self.difficulty).mul_add(self.log_software, self.log_research()))
    }

    /// ln of research input (L / (1 - f))^alpha C^zeta relative to the start.
    #[inline(always)]
    fn log_research(&self) -> f64 {
        self.zeta.mul_add(self.log_compute, self.alpha * self.log_labor)
    }

    /// ln of compute per effective labor, C / (L / (1 - f)), relative to the start.
    #[inline(always)]
    fn log_compute_per_labor(&self) -> f64 {
        self.log_compute - self.log_labor
    }

    /// ln of their weighted ratio, C^zeta / (L / (1 - f))^alpha, relative to the start.
    #[inline(always)]
    fn log_weighted_ratio(&self) -> f64 {
        self.zeta.mul_add(self.log_compute, -self.alpha * self.log_labor)
    }
}

/// One path.
#[derive(Debug, Clone, Copy)]
struct Path<'a> {
    drivers: &'a Drivers,
    /// v.
    slope: f64,
    /// Logit of the first share f, and ln(1 - f).
    first_logit: f64,
    first_human: f64,
    alpha: f64,
    zeta: f64,
    difficulty: f64,
}

/// What a path came to: the time at which 99% is automated, years since the start. Infinite if the drivers end first, NaN if
/// the path could not be followed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Followed {
    t99: f64,
    /// Evaluations of the derivative.
    evaluations: u32,
}

/// The equation, watched for a level of logit f.
struct Growth<'a> {
    path: Path<'a>,
    level: f64,
}

impl System<1, 1> for Growth<'_> {
    const EVENTS: [Event; 1] = [Event { direction: Direction::Rising, terminal: true }];

    #[inline(always)]
    fn derivative(&self, piece: usize, time: f64, y: &[f64; 1]) -> [f64; 1] {
        let path = &self.path;
        let (labor, compute) = path.drivers.years[piece].at(time);
        let automation = ln_1p_exp(path.logit(compute, y[0])) + path.first_human;
        let research = path.zeta.mul_add(compute, path.alpha * (labor + automation));
        [FIRST_RATE * exp((-path.difficulty).mul_add(y[0], research))]
    }

    #[inline(always)]
    fn events(&self, piece: usize, time: f64, y: &[f64; 1]) -> [f64; 1] {
        [self.path.logit(self.path.drivers.years[piece].at(time).1, y[0]) - self.level]
    }
}

impl<'a> Path<'a> {
    #[inline(always)]
    fn new(given: &Parameters, drivers: &'a Drivers) -> Self {
        let first_human = ln_1p(-given.automated);
        Self {
            drivers,
            slope: 1.0 / given.automation_width,
            first_logit: ln(given.automated) - first_human,
            first_human,
            alpha: given.labor_share * given.returns_to_scale,
            zeta: (1.0 - given.labor_share) * given.returns_to_scale,
            difficulty: given.difficulty,
        }
    }

    /// logit f.
    #[inline(always)]
    fn logit(&self, log_compute: f64, log_software: f64) -> f64 {
        self.slope.mul_add(log_compute + log_software, self.first_logit)
    }

    #[inline(always)]
    fn sight(&self, time: f64, log_software: f64) -> Sight {
        let (log_labor, log_compute) = self.drivers.years[self.drivers.year(time)].at(time);
        let logit = self.logit(log_compute, log_software);
        let log_human = (-ln_1p_exp(logit)).max(HUMAN_AT_CAP) - self.first_human;
        let Self { alpha, zeta, difficulty, .. } = *self;
        Sight { log_software, logit, log_labor: log_labor - log_human, log_compute, alpha, zeta, difficulty }
    }

    /// Follows the path past the ascending `times` (years since the start, within the drivers), and to 99% if that is
    /// `wanted`. Gives nothing where the cancel flag is raised, and no sight from where the path cannot be followed.
    #[inline(always)]
    fn follow(
        &self,
        times: &[f64],
        wanted: bool,
        cancel: &Cancel,
        mut sight: impl FnMut(usize, &Sight),
    ) -> Option<Followed> {
        let last = times.last().copied().unwrap_or(0.0);
        let (mut time, mut state, mut seen) = (0.0, [0.0], 0);
        let mut followed = Followed { t99: f64::INFINITY, evaluations: 0 };
        for (level, end) in [(AT_99, if wanted { self.drivers.end() } else { last }), (AT_CAP, last)] {
            if self.first_logit < level {
                let (system, before) = (Growth { path: *self, level }, seen);
                let span = Span { start: time, end, kinks: &self.drivers.kinks, times: &times[before..] };
                let solved = integrate(&system, &span, &POLICY, state, cancel, |what, time, y| {
                    if let Seen::Time(i) = what {
                        seen = before + i + 1;
                        sight(before + i, &self.sight(time, y[0]));
                    }
                });
                followed.evaluations += solved.work.evaluations;
                (time, state) = (solved.time, solved.state);
                match solved.ending {
                    Ending::Event(_) => {}
                    Ending::Cancelled => return None,
                    Ending::Steps | Ending::Stuck if level == AT_99 => {
                        return Some(Followed { t99: f64::NAN, ..followed });
                    }
                    Ending::End | Ending::Steps | Ending::Stuck => return Some(followed),
                }
            }
            if level == AT_99 {
                followed.t99 = time;
            }
        }
        let mut log_software = state[0];
        for (i, &wanted) in times.iter().enumerate().skip(seen) {
            log_software = self.capped(time, log_software, wanted);
            time = wanted;
            sight(i, &self.sight(time, log_software));
        }
        Some(followed)
    }

    /// ln S at a later time, once the share has met its cap. S^beta then grows as the integral of research, which is
    /// exponential in each year.
    #[inline(always)]
    fn capped(&self, mut time: f64, mut log_software: f64, until: f64) -> f64 {
        let mut year = self.drivers.year(time);
        while time < until {
            let next = self.drivers.kinks.get(year).map_or(until, |kink| kink.min(until));
            let drivers = &self.drivers.years[year];
            let growth = (self.zeta * drivers.compute_rate + self.alpha * drivers.labor_rate) * (next - time);
            let mean = if growth == 0.0 { 1.0 } else { expm1(growth) / growth };
            let straight = self.sight(time, log_software).rate() * (next - time) * mean;
            log_software +=
                if self.difficulty == 0.0 { straight } else { ln_1p(self.difficulty * straight) / self.difficulty };
            (time, year) = (next, year + 1);
        }
        log_software
    }
}

/// ln(1 + e^x).
#[inline(always)]
fn ln_1p_exp(x: f64) -> f64 {
    x.max(0.0) + ln_1p(exp(-x.abs()))
}

#[cfg(test)]
mod tests;
