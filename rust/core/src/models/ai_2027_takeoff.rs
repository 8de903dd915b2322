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
        let given = Parameters {
            sc_date: self.sc_date.at(i),
            prior: self.prior.at(i),
            to_sar: self.to_sar.at(i),
            from_sc: self.from_sc.at(i),
            siar_exponent: self.siar_exponent.at(i),
            asi_exponent: self.asi_exponent.at(i),
            paces: self.paces.each_ref().map(|pace| pace.at(i)),
        };
        Path::new(&given, self.steps)
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
mod tests {
    use super::*;

    const PUBLISHED: [f64; 4] = [5.0, 25.0, 250.0, 2000.0];

    fn path(gaps: [f64; 3], steps: Steps) -> Path {
        Path::of_gaps(2027.25, gaps, PUBLISHED, steps, [0.0; 3])
    }

    fn parameters(to_sar: f64, from_sc: f64, asi_exponent: f64) -> Parameters {
        Parameters {
            sc_date: 2027.25,
            prior: 10.0,
            to_sar,
            from_sc,
            siar_exponent: 2.0,
            asi_exponent,
            paces: PUBLISHED,
        }
    }

    /// Draws, with days by the published code and years by a quadrature of the pace.
    const RUNS: [([f64; 3], [f64; 3], [f64; 3]); 8] = [
        (
            [4.036_607_487_485_24, 34.130_977_323_803_3, 117.868_985_474_898],
            [148.0, 196.0, 74.0],
            [0.401_293_639_853, 0.533_624_224_093, 0.198_390_500_956],
        ),
        (
            [3.693_038_671_741_82, 15.380_566_702_023_9, 29.681_721_571_778_2],
            [135.0, 89.0, 20.0],
            [0.367_138_230_629, 0.240_469_028_9, 0.049_958_617_936_1],
        ),
        (
            [4.367_842_222_149_9, 5.320_895_014_625_76, 71.184_986_379_990_6],
            [160.0, 32.0, 45.0],
            [0.434_222_873_803, 0.083_190_072_371, 0.119_814_597_976],
        ),
        (
            [15.540_637_980_843_9, 211.876_574_524_654, 627_181.803_329_891],
            [565.0, 1_211.0, 365_000.0],
            [1.544_950_605_25, 3.312_605_777_78, 1_055.637_423_63],
        ),
        (
            [3.428_676_202_002_47, 69.443_343_864_973_1, 3_217.766_210_021_35],
            [126.0, 398.0, 1_978.0],
            [0.340_857_008_576, 1.085_718_997_64, 5.415_964_579_59],
        ),
        (
            [4.466_437_007_594_66, 24.430_660_467_035_3, 2_705.655_043_510_12],
            [163.0, 141.0, 1_664.0],
            [0.444_024_535_333, 0.381_963_637_083, 4.554_007_632_57],
        ),
        (
            [1.427_489_429_098_38, 5.739_815_836_561_64, 26.889_971_104_453_6],
            [53.0, 34.0, 18.0],
            [0.141_911_848_162, 0.089_739_732_418_5, 0.045_259_699_289],
        ),
        (
            [0.0, 11.934_421_834_236_5, 90_981.814_853_697],
            [0.0, 70.0, 55_896.0],
            [0.0, 0.186_589_927_703, 153.135_515_284],
        ),
    ];

    #[test]
    fn single_runs() {
        for (gaps, days, years) in RUNS {
            assert_eq!(path(gaps, Steps::Days).years.map(|years| (years * DAYS).round()), days);
            for (found, expected) in path(gaps, Steps::Exact).years.into_iter().zip(years) {
                assert!((found - expected).abs() <= 1e-11 * expected + 1e-13, "{found} {expected}");
            }
        }
    }

    #[test]
    fn days_without_counting() {
        let mut precise = 0;
        for k in 0..240 {
            let gap = 0.003 * 1.07_f64.powi(k);
            for (start, end) in
                [(5.0, 25.0), (25.0, 250.0), (250.0, 2000.0), (1.0, 1.001), (1.0, 3000.0), (4.0, 2.0), (3.0, 3.0)]
            {
                let phase = Phase::new(gap, start, end);
                let exact = phase.years(Steps::Exact) * DAYS;
                if exact > 20_000.0 {
                    continue;
                }
                assert_eq!(phase.days(exact), phase.counted(), "{gap} {start} {end}");
                precise += u32::from(start < end && exact > 100.0);
            }
        }
        assert!(precise > 100);
        for gap in [0.0, 1e300, f64::INFINITY] {
            let days = path([gap; 3], Steps::Days).years.map(|years| years * DAYS);
            assert_eq!(days, if gap == 0.0 { [0.0; 3] } else { [MOST_DAYS; 3] });
        }
    }

    #[test]
    fn gaps_are_the_powers_of_the_text() {
        for (to_sar, exponent) in [(5.0, 1.5_f64), (0.3, 0.4), (25.0, 7.5), (1e-9, 2.0)] {
            let x = 10.0 + to_sar;
            let at_siar = x * (x / 10.0_f64).powi(2);
            let path = Path::new(&parameters(to_sar, 3.0, exponent), Steps::Exact);
            let expected = [3.0, at_siar - x, at_siar * (at_siar / x).powf(exponent) - at_siar];
            for (found, expected) in path.gaps().into_iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-12 * (expected + at_siar), "{found} {expected}");
            }
            let expected = [x, at_siar, at_siar + expected[2]].map(|research| (research / 10.0).log2());
            for (found, expected) in path.doublings().into_iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-12 * expected + 1e-14, "{found} {expected}");
            }
        }
    }

    #[test]
    fn a_gap_beyond_floats_is_never_crossed() {
        let path = Path::new(&parameters(500.0, 3.0, 200.0), Steps::Exact);
        assert!(path.dates()[1].is_finite());
        assert_eq!((path.gaps()[2], path.years[2], path.dates()[2]), (f64::INFINITY, f64::INFINITY, f64::INFINITY));
        let (progress, pace) = path.at(path.since_sc()[1] + 2.0);
        let expected = path.gaps()[0] + path.gaps()[1] + 500.0;
        assert!((progress - expected).abs() < 1e-9 * expected && pace == 250.0, "{progress} {expected} {pace}");
        // The largest that is within: some years by the exact course, the most days by the published one.
        let path = Path::new(&parameters(500.0, 3.0, 88.0), Steps::Days);
        assert!(path.gaps()[2].is_finite() && path.gaps()[2] > 1e290);
        assert_eq!(path.years[2], 1000.0);
    }

    #[test]
    fn the_course_meets_every_milestone_and_its_slope_is_the_pace() {
        for steps in [Steps::Exact, Steps::Days] {
            let path = Path::new(&parameters(5.0, 4.0, 1.5), steps);
            let mut done = 0.0;
            assert_eq!(path.at(0.0), (0.0, 5.0));
            for (i, years) in path.since_sc().into_iter().enumerate() {
                done += path.gaps()[i];
                let (progress, pace) = path.at(years);
                assert!((progress - done).abs() < 1e-9 * done && (pace - PUBLISHED[i + 1]).abs() < 1e-6 * pace);
            }
            assert_eq!(path.at(900.0).0, path.gaps().iter().sum::<f64>());
        }
        let path = Path::new(&parameters(5.0, 4.0, 1.5), Steps::Exact);
        for k in 1..100 {
            let (years, h) = (0.01 * f64::from(k) * path.since_sc()[2], 1e-7);
            let slope = (path.at(years + h).0 - path.at(years - h).0) / (2.0 * h);
            assert!((slope / path.at(years).1 - 1.0).abs() < 1e-4, "{years} {slope} {:?}", path.at(years));
        }
    }

    #[test]
    fn a_pace_that_stays_or_falls() {
        assert_eq!(Phase::new(6.0, 3.0, 3.0).years(Steps::Exact), 2.0);
        assert_eq!(Phase::new(6.0, 3.0, 3.0).at(1.0), (3.0, 3.0));
        let (up, down) = (Phase::new(6.0, 2.0, 8.0), Phase::new(6.0, 8.0, 2.0));
        assert!((up.years(Steps::Exact) - down.years(Steps::Exact)).abs() < 1e-15);
        assert!(((6.0 - up.at(1.0).0) - down.at(up.years(Steps::Exact) - 1.0).0).abs() < 1e-14);
    }

    #[test]
    fn a_phase_scales_with_its_gap_and_is_shorter_at_greater_paces() {
        let years = |gap, start, end| Phase::new(gap, start, end).years(Steps::Exact);
        assert!((years(6.0, 5.0, 25.0) / years(3.0, 5.0, 25.0) - 2.0).abs() < 1e-15);
        assert!(years(3.0, 6.0, 25.0) < years(3.0, 5.0, 25.0) && years(3.0, 5.0, 26.0) < years(3.0, 5.0, 25.0));
        // A phase takes 0.0994118, 0.0156346 and 0.0016832 years per human-year.
        for (i, expected) in [0.099_413_6, 0.015_634_6, 0.001_683_1].into_iter().enumerate() {
            assert!((years(1.0, PUBLISHED[i], PUBLISHED[i + 1]) - expected).abs() < 5e-8);
        }
    }
}
