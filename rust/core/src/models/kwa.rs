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
mod tests {
    use super::*;

    fn published() -> Drivers {
        Drivers::published()
    }

    const MIDDLE: Parameters = Parameters {
        automation_width: 2.85,
        automated: 0.375,
        labor_share: 0.235,
        returns_to_scale: 0.9,
        difficulty: 0.65,
    };

    /// t99, and at the times the sights, of one path.
    fn follow(given: &Parameters, drivers: &Drivers, times: &[f64]) -> (f64, Vec<Sight>) {
        let mut sights = Vec::new();
        let path = Path::new(given, drivers);
        let followed = path.follow(times, true, &Cancel::default(), |i, sight| {
            assert_eq!(i, sights.len());
            sights.push(*sight);
        });
        (followed.unwrap().t99, sights)
    }

    const TIMES: [f64; 10] = [0.5, 1.0, 2.0, 3.25, 4.0, 6.0, 9.0, 14.0, 24.0, 44.0];

    /// Paths by `SciPy` in the plain-Python twin: parameters, t99, and ln S and f at the times.
#[rustfmt::skip]
    const CASES: [(Parameters, f64, [f64; 10], [f64; 10]); 5] = [
        (MIDDLE, 7.064_532_825_73,
         [0.777_246_217_36, 1.519_431_304_19, 2.967_216_202_9, 4.768_174_023_57, 5.713_491_419_93,
          7.864_808_666_11, 10.723_737_596_97, 15.034_010_660_3, 22.183_457_066_53, 29.979_147_868_79],
         [0.482_388_771_903, 0.588_453_366_001, 0.768_673_686_064, 0.902_808_025_968, 0.939_512_208_713,
          0.981_647_302_165, 0.996_560_495_422, 0.999_732_017_65, 0.999_995_895_369, 0.999_999_956_921]),
        (Parameters { difficulty: 0.3, ..MIDDLE }, 4.107_788_225_23,
         [0.884_279_685_3, 1.927_852_854_56, 4.475_997_206_68, 8.368_892_983_44, 10.611_149_003_37,
          15.946_385_908_96, 23.202_475_496_04, 33.964_147_836_01, 47.165_891_819_34, 62.401_374_156_49],
         [0.491_771_127_288, 0.622_666_381_902, 0.849_442_356_556, 0.970_465_935_039, 0.988_585_555_907,
          0.998_904_115_106, 0.999_956_707_46, 0.999_999_650_4, 0.999_999_999_36, 1.0]),
        (Parameters { automation_width: 4.2, ..MIDDLE }, 12.083_626_084_74,
         [0.772_931_389_93, 1.502_799_211_22, 2.903_279_397_5, 4.609_050_687_67, 5.495_600_305_67,
          7.500_644_836_28, 10.155_334_462_61, 14.164_139_437_24, 20.833_231_624_57, 28.888_593_723_63],
         [0.446_939_792_209, 0.518_613_004_339, 0.653_721_221_668, 0.787_569_096_487, 0.838_240_428_084,
          0.920_520_868_206, 0.972_003_542_301, 0.994_565_202_452, 0.999_640_670_129, 0.999_984_657_641]),
        (Parameters { labor_share: 0.35, ..MIDDLE }, 6.957_093_201_94,
         [0.779_001_933_37, 1.527_201_743_7, 3.003_592_521_35, 4.873_058_098_82, 5.848_152_065_43,
          8.032_858_533_07, 10.904_757_830_77, 15.224_362_308_61, 22.426_132_192_09, 30.008_247_694_46],
         [0.482_542_592_674, 0.589_113_491_997, 0.770_935_455_354, 0.905_989_669_503, 0.942_142_236_665,
          0.982_679_978_42, 0.996_771_481_821, 0.999_749_327_231, 0.999_996_230_407, 0.999_999_957_359]),
        (Parameters { automated: 0.5, ..MIDDLE }, 6.122_126_000_31,
         [0.781_174_441_42, 1.532_634_727_63, 3.005_430_889_66, 4.835_547_415_83, 5.792_043_490_88,
          7.959_182_297_06, 10.826_343_491_21, 15.139_319_705_4, 22.289_120_359_22, 29.910_949_931_83],
         [0.608_671_149_736, 0.705_376_564_841, 0.848_780_925_091, 0.940_659_389_756, 0.963_781_934_54,
          0.989_264_382_582, 0.998_006_384_988, 0.999_845_025_903, 0.999_997_626_853, 0.999_999_973_527]),
    ];

    #[test]
    fn single_runs() {
        let drivers = published();
        for (given, t99, software, automated) in CASES {
            let (found, sights) = follow(&given, &drivers, &TIMES);
            assert!((found - t99).abs() < 1e-10, "{found} {t99}");
            for ((sight, software), automated) in sights.iter().zip(software).zip(automated) {
                assert!((sight.log_software - software).abs() < 1e-10, "{} {software}", sight.log_software);
                assert!((sight.automated() - automated).abs() < 1e-11, "{} {automated}", sight.automated());
            }
        }
    }

    #[test]
    fn constants_are_logarithms() {
        for (constant, expected) in [
            (FIRST_RATE, 5.0_f64.ln()),
            (AT_99, 99.0_f64.ln()),
            (AT_CAP, 999_999.0_f64.ln()),
            (HUMAN_AT_CAP, 1e-6_f64.ln()),
        ] {
            assert!((constant - expected).abs() <= 4e-15, "{constant} {expected}");
        }
    }

    #[test]
    fn what_is_asked_changes_nothing() {
        let drivers = published();
        let (t99, sights) = follow(&MIDDLE, &drivers, &TIMES);
        let (alone, _) = follow(&MIDDLE, &drivers, &[]);
        assert_eq!(alone.to_bits(), t99.to_bits());
        for (i, time) in TIMES.into_iter().enumerate() {
            let (again, single) = follow(&MIDDLE, &drivers, &[time]);
            assert_eq!(again.to_bits(), t99.to_bits());
            assert!((single[0].log_software - sights[i].log_software).abs() < 1e-12);
        }
    }

    #[test]
    fn the_start_is_what_it_is_anchored_to() {
        let (_, sights) = follow(&MIDDLE, &published(), &[0.0]);
        let start = &sights[0];
        assert_eq!((start.log_software, start.log_research()), (0.0, 0.0));
        assert_eq!((start.log_compute_per_labor(), start.log_weighted_ratio()), (0.0, 0.0));
        assert!((start.automated() - 0.375).abs() < 1e-15 && (start.rate() - 5.0_f64.ln()).abs() < 1e-15);
        // Automated by 99% already.
        let late = Parameters { automated: 0.995, ..MIDDLE };
        assert_eq!(follow(&late, &published(), &[0.0]).0, 0.0);
    }

    #[test]
    fn paths_that_do_not_get_there() {
        let slow = Parameters { automation_width: 40.0, ..MIDDLE };
        let (t99, sights) = follow(&slow, &published(), &TIMES);
        assert_eq!((t99, sights.len()), (f64::INFINITY, TIMES.len()));
    }

    #[test]
    fn without_growth_of_inputs_or_automation_the_solution_is_closed() {
        // S = (1 + beta k t)^(1/beta), and in the limit exp(k t), as long as f hardly moves.
        let still = Drivers::new(&[1.0; 44], &[1.0; 44]);
        for difficulty in [0.0, 1e-6, 0.3, 1.0] {
            let given = Parameters { automation_width: 1e12, difficulty, ..MIDDLE };
            let (_, sights) = follow(&given, &still, &[1.0, 20.0]);
            for (time, sight) in [1.0, 20.0].into_iter().zip(sights) {
                let straight = FIRST_RATE * time;
                let expected = if difficulty == 0.0 { straight } else { (difficulty * straight).ln_1p() / difficulty };
                assert!((sight.log_software - expected).abs() < 1e-8, "{difficulty} {}", sight.log_software - expected);
            }
        }
    }

    #[test]
    fn the_closed_solution_after_the_cap_joins_the_equation() {
        let drivers = published();
        for difficulty in [0.3, 0.65, 1.0] {
            let given = Parameters { difficulty, ..MIDDLE };
            let times: Vec<f64> = (0..=440).map(|k| 0.1 * f64::from(k)).collect();
            let (_, sights) = follow(&given, &drivers, &times);
            assert!(sights.windows(2).all(|pair| {
                pair[1].log_software > pair[0].log_software && pair[1].automated() >= pair[0].automated()
            }));
            // What is gained within years, by Simpson's rule; the rate has a kink where the cap is met.
            for (k, three) in sights.windows(3).enumerate().filter(|(k, _)| k % 10 < 9) {
                if three[0].logit < AT_CAP && three[2].logit > AT_CAP {
                    continue;
                }
                let [first, middle, last] = [0, 1, 2].map(|i| three[i].rate());
                let simpson = 0.1 * (first + 4.0 * middle + last) / 3.0;
                let gained = three[2].log_software - three[0].log_software;
                assert!((gained / simpson - 1.0).abs() < 1e-5, "{difficulty} {k} {gained} {simpson}");
            }
            assert_eq!(sights[440].logit > AT_CAP, difficulty < 1.0);
        }
    }

    #[test]
    fn t99_comes_earlier_with_more_of_what_helps() {
        let drivers = published();
        let t99 = |given: Parameters| follow(&given, &drivers, &[]).0;
        let middle = t99(MIDDLE);
        assert!(t99(Parameters { automated: 0.4, ..MIDDLE }) < middle);
        assert!(t99(Parameters { automation_width: 2.5, ..MIDDLE }) < middle);
        assert!(t99(Parameters { returns_to_scale: 1.0, ..MIDDLE }) < middle);
        assert!(t99(Parameters { difficulty: 0.5, ..MIDDLE }) < middle);
    }

    #[test]
    fn extremes_are_followed() {
        let drivers = published();
        for automation_width in [0.05, 1.0, 100.0] {
            for automated in [1e-6, 0.5, 0.999_999_9] {
                for labor_share in [0.0, 0.5, 1.0] {
                    for returns_to_scale in [0.01, 1.0, 2.0] {
                        for difficulty in [1e-3, 0.3, 10.0] {
                            let given =
                                Parameters { automation_width, automated, labor_share, returns_to_scale, difficulty };
                            let (t99, sights) = follow(&given, &drivers, &TIMES);
                            assert!(!t99.is_nan() && sights.len() == TIMES.len(), "{given:?} {t99}");
                            assert!(
                                sights.iter().all(|sight| sight.log_software.is_finite() && sight.rate().is_finite())
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn work_is_what_it_was() {
        let drivers = published();
        let path = Path::new(&MIDDLE, &drivers);
        let work = |times: &[f64]| path.follow(times, true, &Cancel::default(), |_, _| ()).unwrap().evaluations;
        assert_eq!((work(&[]), work(&TIMES)), (406, 964));
        let cancel = Cancel::default();
        cancel.raise();
        assert_eq!(path.follow(&TIMES, true, &cancel, |_, _| ()), None);
    }
}
