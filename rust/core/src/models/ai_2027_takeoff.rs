//! The takeoff model of AI 2027: gaps of human-only research, crossed at a pace that rises as they are crossed.
//!
//! ```text
//! x   = prior + to_sar                              human-years of research at SAR
//! g_1 = from_sc                                     SC to SAR, human-years
//! X   = x (x / prior)^siar_exponent,  g_2 = X - x   SAR to SIAR
//! g_3 = X (X / x)^asi_exponent - X                  SIAR to ASI
//! dp/dt = v_0 (v_1 / v_0)^(p / g)                   progress p in a phase from pace v_0 to v_1, from 0 to its gap g
//! T   = g (1 - v_0 / v_1) / (v_0 ln(v_1 / v_0))     what the phase takes
//! ```
//!
//! Source: AI 2027 (2025), "Takeoff forecast", and its code, which crosses the gaps in steps of one day.

use crate::model::unit::{DOUBLINGS, NUMBER, YEARS};
use crate::model::{
    Axis, ByPath, Choice, Column, Field, Group, Output, PathRows, Plan, Range, Request, Rows, Slots, Spec, View,
    comes_by,
};
use crate::numerics::elementary::{exp, expm1, ln, ln_1p};
use crate::{Cancel, Result, Run};
use std::sync::Arc;

const OWNER: &str = "AI2027Takeoff";
const HUMAN_YEARS: &str = "human-years";
const PACE: &str = "human-years/year";
const DATE: &str = "calendar year";

const GAP: Range = Range::non_negative(1e6);
const EXPONENT: Range = Range::non_negative(1e3);
const PACES: Range = Range::positive(1e-6, 1e12);

/// The takeoff model.
pub(super) static SPEC: Spec = Spec {
    name: "ai_2027_takeoff",
    group: &Group {
        owner: OWNER,
        fields: &[
            Field::new("to_sar", HUMAN_YEARS, GAP),
            Field::new("from_sc", HUMAN_YEARS, GAP),
            Field::new("asi_exponent", NUMBER, EXPONENT),
            Field::new("siar_exponent", NUMBER, EXPONENT),
            Field::new("prior_research", HUMAN_YEARS, Range::positive(1e-6, 1e6)),
            Field::new("pace_sc", PACE, PACES),
            Field::new("pace_sar", PACE, PACES),
            Field::new("pace_siar", PACE, PACES),
            Field::new("pace_asi", PACE, PACES),
            Field::new("sc_date", DATE, Range::from(-1e6, 1e6, "finite")),
        ],
        choices: &[Choice { name: "steps", options: &["exact", "published"] }],
        parts: &[],
        check: |_| Ok(()),
    },
    outputs: &[
        Output::word("outcome", &["SC", "SAR", "SIAR", "ASI"]).by_horizon().quick(),
        Output::new("sc_to_sar", YEARS).quick(),
        Output::new("sc_to_siar", YEARS).quick(),
        Output::new("sc_to_asi", YEARS).quick(),
        Output::new("sar_to_siar", YEARS).quick(),
        Output::new("siar_to_asi", YEARS).quick(),
        Output::new("sar_date", DATE).quick(),
        Output::new("siar_date", DATE).quick(),
        Output::new("asi_date", DATE).quick(),
        Output::new("research_doublings_at_sar", DOUBLINGS),
        Output::new("research_doublings_at_siar", DOUBLINGS),
        Output::new("research_doublings_at_asi", DOUBLINGS),
        Output::new("research", HUMAN_YEARS).along(Axis::Time),
        Output::new("pace", PACE).along(Axis::Time),
    ],
    build: |view| Ok(Arc::new(Takeoff::build(view))),
};

/// Days to a year, in the published code.
const DAYS: f64 = 365.0;
/// Days after which the published code gives a phase up.
const MOST_DAYS: f64 = 365_000.0;

/// A validated set of paths.
#[derive(Debug)]
struct Takeoff {
    sc_date: Column,
    prior: Column,
    to_sar: Column,
    from_sc: Column,
    siar_exponent: Column,
    asi_exponent: Column,
    paces: [Column; 4],
    steps: Steps,
    paths: usize,
}

impl Takeoff {
    fn build(view: &View) -> Self {
        Self {
            sc_date: view.column("sc_date"),
            prior: view.column("prior_research"),
            to_sar: view.column("to_sar"),
            from_sc: view.column("from_sc"),
            siar_exponent: view.column("siar_exponent"),
            asi_exponent: view.column("asi_exponent"),
            paces: ["pace_sc", "pace_sar", "pace_siar", "pace_asi"].map(|name| view.column(name)),
            steps: [Steps::Exact, Steps::Days][view.word("steps")],
            paths: view.paths(),
        }
    }

    #[inline(always)]
    fn path(&self, i: usize) -> Path {
        let parameters = Parameters {
            sc_date: self.sc_date.at(i),
            prior: self.prior.at(i),
            to_sar: self.to_sar.at(i),
            from_sc: self.from_sc.at(i),
            siar_exponent: self.siar_exponent.at(i),
            asi_exponent: self.asi_exponent.at(i),
            paces: self.paces.each_ref().map(|pace| pace.at(i)),
        };
        Path::new(&parameters, self.steps)
    }
}

impl Plan for Takeoff {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, _: &Run) -> Result<Box<dyn Rows + 'a>> {
        request.check(OWNER, self.paths)?;
        Ok(Box::new(PathRows::new(request, Answers { model: self, request })))
    }
}

struct Answers<'a> {
    model: &'a Takeoff,
    request: &'a Request,
}

impl ByPath for Answers<'_> {
    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, index: usize, slots: &mut Slots, _: &Cancel) {
        let path = self.model.path(index);
        let (years, since, dates, doublings) = (path.years, path.since_sc(), path.dates(), path.doublings());
        for (place, ask) in self.request.asks.iter().enumerate() {
            let row = slots.row(place);
            let value = match ask.output.name {
                "research" => {
                    for (research, time) in row.iter_mut().zip(ask.along.of(index)) {
                        *research = path.at(*time).0;
                    }
                    continue;
                }
                "pace" => {
                    for (pace, time) in row.iter_mut().zip(ask.along.of(index)) {
                        *pace = path.at(*time).1;
                    }
                    continue;
                }
                "outcome" => since.iter().filter(|since| comes_by(**since, self.request.horizon)).count() as f64,
                "sc_to_sar" => since[0],
                "sc_to_siar" => since[1],
                "sc_to_asi" => since[2],
                "sar_to_siar" => years[1],
                "siar_to_asi" => years[2],
                "sar_date" => dates[0],
                "siar_date" => dates[1],
                "asi_date" => dates[2],
                "research_doublings_at_sar" => doublings[0],
                "research_doublings_at_siar" => doublings[1],
                "research_doublings_at_asi" => doublings[2],
                other => unreachable!("no output of the takeoff model: {other}"),
            };
            row[0] = value;
        }
    }
}

/// How the gaps are crossed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Steps {
    /// Continuously.
    Exact,
    /// In days, as the published code does: a phase ends with the day that crosses its gap, or after 365,000 days.
    Days,
}

/// What one path is given.
#[derive(Debug, Clone, Copy)]
struct Parameters {
    /// Date of SC, calendar year.
    sc_date: f64,
    /// Human-years of research before there was an AI that does median research.
    prior: f64,
    /// Human-years from there to SAR.
    to_sar: f64,
    /// Human-years from SC to SAR.
    from_sc: f64,
    /// Doublings of cumulative research from SAR to SIAR, relative to those before SAR.
    siar_exponent: f64,
    /// Doublings of cumulative research from SIAR to ASI, relative to those from SAR to SIAR.
    asi_exponent: f64,
    /// Human-years per year at SC, SAR, SIAR and ASI.
    paces: [f64; 4],
}

/// The way from one milestone to the next.
#[derive(Debug, Clone, Copy)]
struct Phase {
    /// Human-years to cross.
    gap: f64,
    /// Pace at the start, human-years per year.
    start: f64,
    /// Logarithm of the pace at the end relative to that.
    rise: f64,
}

impl Phase {
    #[inline(always)]
    fn new(gap: f64, start: f64, end: f64) -> Self {
        Self { gap, start, rise: ln(end / start) }
    }

    /// Years that the phase takes.
    #[inline(always)]
    fn years(&self, steps: Steps) -> f64 {
        let mean = if self.rise == 0.0 { 1.0 } else { -expm1(-self.rise) / self.rise };
        let exact = self.gap * mean / self.start;
        match steps {
            Steps::Exact => exact,
            Steps::Days => self.days(exact * DAYS) / DAYS,
        }
    }

    /// Days that the published code counts, given those of the continuous course.
    ///
    /// In `u = g exp(-k p / g) / (k v_0)`, `k = ln(v_1 / v_0)`, a day takes u to `u exp(-1/u)`, whatever the paces, and
    /// [`daily`] counts days. The count itself is made where that is not precise, or where rounding decides.
    #[inline(always)]
    fn days(&self, exact: f64) -> f64 {
        if self.rise > 0.0 {
            // A day is crossed at its first pace, which is its slowest: no fewer days than of the continuous course.
            if exact > MOST_DAYS {
                return MOST_DAYS;
            }
            let first = self.gap * DAYS / (self.rise * self.start);
            let last = first * exp(-self.rise);
            if last >= LEAST_DAILY {
                let days = daily(last) - daily(first);
                if (days - days.round()).abs() > 1e-6 {
                    return days.ceil().min(MOST_DAYS);
                }
            }
        }
        self.counted()
    }

    /// Days counted one by one.
    fn counted(&self) -> f64 {
        let goal = self.gap * DAYS;
        let (mut progress, mut days) = (0.0, 0.0);
        while progress < goal && days < MOST_DAYS {
            progress += self.start * exp(self.rise * (progress / goal));
            days += 1.0;
        }
        days
    }

    /// Progress (human-years) and pace, some years of continuous course after the start of the phase.
    #[inline(always)]
    fn at(&self, years: f64) -> (f64, f64) {
        // At the end 1 - v_0 / v_1, which rounding must not exceed.
        let most = (-expm1(-self.rise)).max(0.0);
        let crossed = (self.start * years * self.rise / self.gap).min(most);
        let mean = if crossed == 0.0 { 1.0 } else { -ln_1p(-crossed) / crossed };
        ((self.start * years * mean).min(self.gap), self.start / (1.0 - crossed))
    }
}

/// Where [`daily`] is precise to 1e-13.
const LEAST_DAILY: f64 = 16.0;

/// A function that grows by 1 when u becomes `u exp(-1/u)` (Abel's equation), as an asymptotic series in 1/u.
#[inline(always)]
fn daily(u: f64) -> f64 {
    const SERIES: [f64; 8] = [
        -443.0 / 80_640.0,
        18_349.0 / 3_175_200.0,
        37.0 / 103_680.0,
        -41.0 / 4_200.0,
        1.0 / 48.0,
        -19.0 / 540.0,
        1.0 / 16.0,
        -1.0 / 6.0,
    ];
    let inverse = 1.0 / u;
    let mut tail: f64 = 0.0;
    for term in SERIES {
        tail = tail.mul_add(inverse, term);
    }
    tail.mul_add(inverse, -(0.5 * ln(u))) - u
}

const NO_PHASE: Phase = Phase { gap: 0.0, start: 0.0, rise: 0.0 };

/// The three phases of one path.
#[derive(Debug, Clone, Copy)]
struct Path {
    sc_date: f64,
    phases: [Phase; 3],
    /// Years that each phase takes.
    years: [f64; 3],
    /// Years of continuous course for each of those: 1, unless the published days take longer.
    haste: [f64; 3],
    /// Natural logarithms of cumulative research at SAR, SIAR and ASI relative to the prior one.
    growth: [f64; 3],
}

impl Path {
    #[inline(always)]
    fn new(given: &Parameters, steps: Steps) -> Self {
        let to_sar = ln_1p(given.to_sar / given.prior);
        let to_siar = given.siar_exponent * to_sar;
        let to_asi = given.asi_exponent * to_siar;
        let growth = [to_sar, to_sar + to_siar, to_sar + to_siar + to_asi];
        let at_sar = given.prior + given.to_sar;
        let second = grown(at_sar, to_siar);
        let gaps = [given.from_sc, second, grown(at_sar + second, to_asi)];
        Self::of_gaps(given.sc_date, gaps, given.paces, steps, growth)
    }

    #[inline(always)]
    fn of_gaps(sc_date: f64, gaps: [f64; 3], paces: [f64; 4], steps: Steps, growth: [f64; 3]) -> Self {
        let mut path = Self { sc_date, phases: [NO_PHASE; 3], years: [0.0; 3], haste: [1.0; 3], growth };
        for i in 0..3 {
            let phase = Phase::new(gaps[i], paces[i], paces[i + 1]);
            (path.phases[i], path.years[i]) = (phase, phase.years(steps));
            if steps == Steps::Days && path.years[i] > 0.0 {
                path.haste[i] = phase.years(Steps::Exact) / path.years[i];
            }
        }
        path
    }

    /// Human-years of each phase.
    #[inline(always)]
    #[cfg(test)]
    fn gaps(&self) -> [f64; 3] {
        self.phases.map(|phase| phase.gap)
    }

    /// Years from SC to SAR, SIAR and ASI.
    #[inline(always)]
    fn since_sc(&self) -> [f64; 3] {
        let [first, second, third] = self.years;
        [first, first + second, first + second + third]
    }

    /// Calendar years of SAR, SIAR and ASI; infinite for those beyond floats.
    #[inline(always)]
    fn dates(&self) -> [f64; 3] {
        self.since_sc().map(|years| self.sc_date + years)
    }

    /// Doublings of cumulative research from the prior one to SAR, SIAR and ASI.
    #[inline(always)]
    fn doublings(&self) -> [f64; 3] {
        self.growth.map(|growth| growth * std::f64::consts::LOG2_E)
    }

    /// Human-years of progress since SC, and pace, some years after it. After ASI, of which the model says nothing, they are
    /// what they are there.
    #[inline(always)]
    fn at(&self, years: f64) -> (f64, f64) {
        let (mut left, mut done) = (years, 0.0);
        for (i, phase) in self.phases.iter().enumerate() {
            if left < self.years[i] {
                let (progress, pace) = phase.at(left * self.haste[i]);
                return (done + progress, pace);
            }
            left -= self.years[i];
            done += phase.gap;
        }
        (done, self.phases[2].start * exp(self.phases[2].rise))
    }
}

/// What an amount gains while it grows by a factor of which the logarithm is given; infinite where it is beyond floats.
#[inline(always)]
fn grown(amount: f64, growth: f64) -> f64 {
    if growth < 600.0 { amount * expm1(growth) } else { exp(growth + ln(amount)) }
}

#[cfg(test)]
mod tests;
