//! A software intelligence explosion counted in doublings: the recursion of Davidson & Houlden (2025).
//!
//! ```text
//! N   = limit_years / (recent_doubling_time software_share)     doublings at the limit
//! r_n = r (1 - n / N)                                           returns after n doublings (or constant)
//! x_n = parallelizability (1 / r_n - 1)                         the retraining options change it
//! d_n = recent_doubling_time 2^(x_1 + ... + x_n) / speed(t_n)   time of doubling n + 1, which starts at t_n
//! ```
//!
//! The speed is the speed-up from the start, or 1 + a speed-up that grows with compute. A path ends at the limit, or at the
//! horizon: the last doubling is the last that starts before it.
//!
//! Source: Davidson & Houlden (2025), "How quick and big would a software intelligence explosion be?", and its code.

use crate::model::unit::{DOUBLINGS, NUMBER, YEARS, YEARS_OF_PROGRESS};
use crate::model::{
    Axis, ByPath, Choice, Column, Field, Group, Kind, Output, PathRows, Plan, REGIMES, Range, Request, Rows, Slots,
    Spec, View, regime,
};
use crate::numerics::elementary::{exp2, log2};
use crate::{Argument, Cancel, Result, Run};
use std::sync::Arc;

const OWNER: &str = "DavidsonHoulden";

const TIME: Range = Range::positive(1e-100, 1e100);
const FACTOR: Range = Range::positive(1e-6, 1e6);
const LIMIT_YEARS: Field = Field::new("limit_years", YEARS_OF_PROGRESS, TIME).remarked("at most 1,000,000 doublings");
/// Most doublings until the limit.
const MOST_DOUBLINGS: f64 = 1e6;

/// The recursion.
pub(super) static SPEC: Spec = Spec {
    name: "davidson_houlden",
    group: &Group {
        owner: OWNER,
        fields: &[
            Field::new("r", NUMBER, FACTOR),
            Field::new("speed_up", NUMBER, FACTOR),
            LIMIT_YEARS,
            Field::new("parallelizability", NUMBER, Range::share(1e-6, 1.0)),
            Field::new("software_share", NUMBER, Range::share(1e-6, 1.0)),
            Field::new("recent_doubling_time", YEARS, TIME),
            Field::new("start_speed_up", NUMBER, FACTOR),
            Field::new("compute_doubling_time", YEARS, TIME),
            Field::new("compute_ceiling", NUMBER, Range::above(1.0, 1e100, "> 1 and finite")),
        ],
        choices: &[
            Choice { name: "retraining", options: &["none", "paper", "code"] },
            Choice { name: "boost", options: &["sudden", "gradual"] },
            Choice { name: "returns", options: &["falling", "constant"] },
        ],
        parts: &[],
        check: |_| Ok(()),
    },
    outputs: &[
        Output::word("regime", REGIMES).quick(),
        Output::new("criticality", NUMBER).quick(),
        Output::word("outcome", &["horizon", "limit"]).by_horizon().in_pass(1).quick(),
        Output::new("years_of_progress", YEARS_OF_PROGRESS).by_horizon().in_pass(1).quick(),
        Output::new("most_years_in_12_months", YEARS_OF_PROGRESS).by_horizon().quick(),
        Output::new("most_years_in_4_months", YEARS_OF_PROGRESS).by_horizon().quick(),
        Output::new("compresses_3_years_in_12_months", NUMBER).of(Kind::Flag).by_horizon().quick(),
        Output::new("compresses_3_years_in_4_months", NUMBER).of(Kind::Flag).by_horizon().quick(),
        Output::new("compresses_10_years_in_12_months", NUMBER).of(Kind::Flag).by_horizon().quick(),
        Output::new("compresses_10_years_in_4_months", NUMBER).of(Kind::Flag).by_horizon().quick(),
        Output::new("doublings", DOUBLINGS).of(Kind::Whole).by_horizon().in_pass(1).named(),
        Output::new("last_end", YEARS).by_horizon().in_pass(1).named(),
        Output::new("most_doublings", DOUBLINGS).of(Kind::Whole).along(Axis::Within).by_horizon().named(),
        Output::new("ends", YEARS).along(Axis::Step).by_horizon().named(),
    ],
    build: |view| Ok(Arc::new(DavidsonHoulden::build(view)?)),
};

/// Time at which a path ends, years.
const HORIZON: Argument = Argument {
    owner: OWNER,
    name: "horizon",
    low: 0.0,
    low_included: false,
    high: 1e100,
    rule: "finite and > 0 (years, at most 1e100)",
};
/// Length of a window, years.
const WITHIN: Argument = Argument { name: "within", ..HORIZON };

/// How the time of training runs moderates the change from one doubling's time to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retraining {
    /// Not at all.
    None,
    /// `x / (1 + |x|)`, the formula of the paper.
    Paper,
    /// `x / |1 + x|`, as the published code has it: the same for x > 0, the inverse of moderation for x < 0.
    Code,
}

impl Retraining {
    #[inline(always)]
    fn moderated(self, x: f64) -> f64 {
        match self {
            Self::None => x,
            Self::Paper => x / (1.0 + x.abs()),
            Self::Code => x / (1.0 + x).abs(),
        }
    }
}

/// A validated set of paths.
#[derive(Debug)]
struct DavidsonHoulden {
    r: Column,
    speed_up: Column,
    limit_years: Column,
    parallelizability: Column,
    software_share: Column,
    recent_doubling_time: Column,
    start_speed_up: Column,
    compute_doubling_time: Column,
    compute_ceiling: Column,
    retraining: Retraining,
    /// Whether the speed-up arrives with compute, rather than at the start.
    gradual: bool,
    /// Whether returns fall towards the limit, linearly in doublings.
    falling: bool,
    paths: usize,
}

impl DavidsonHoulden {
    fn build(view: &View) -> Result<Self> {
        let model = Self {
            r: view.column("r"),
            speed_up: view.column("speed_up"),
            limit_years: view.column("limit_years"),
            parallelizability: view.column("parallelizability"),
            software_share: view.column("software_share"),
            recent_doubling_time: view.column("recent_doubling_time"),
            start_speed_up: view.column("start_speed_up"),
            compute_doubling_time: view.column("compute_doubling_time"),
            compute_ceiling: view.column("compute_ceiling"),
            retraining: [Retraining::None, Retraining::Paper, Retraining::Code][view.word("retraining")],
            gradual: view.word("boost") == 1,
            falling: view.word("returns") == 0,
            paths: view.paths(),
        };
        match (0..model.paths).find(|i| model.limit(*i) > MOST_DOUBLINGS) {
            Some(i) => {
                let index = (model.limit_years.len() > 1).then_some(i);
                Err(LIMIT_YEARS.error(OWNER, model.limit_years.at(i), index))
            }
            None => Ok(model),
        }
    }

    /// Doublings at the limit.
    #[inline(always)]
    fn limit(&self, i: usize) -> f64 {
        self.limit_years.at(i) / (self.recent_doubling_time.at(i) * self.software_share.at(i))
    }

    /// Doublings of software that make a year of AI progress at the recent pace.
    #[inline(always)]
    fn year_of_progress(&self, i: usize) -> f64 {
        1.0 / (self.recent_doubling_time.at(i) * self.software_share.at(i))
    }

    #[inline(always)]
    fn path(&self, i: usize) -> Path {
        let limit = self.limit(i);
        let (speed_up, start) = (self.speed_up.at(i), self.start_speed_up.at(i));
        let ramp = self.compute_doubling_time.at(i) * log2(self.compute_ceiling.at(i));
        Path {
            r: self.r.at(i),
            fall: if self.falling { 1.0 / limit } else { 0.0 },
            parallelizability: self.parallelizability.at(i),
            retraining: self.retraining,
            // A whole number of doublings stays one, however its quotient is rounded.
            last: (limit * (1.0 - 1e-12)).ceil(),
            recent_doubling_time: self.recent_doubling_time.at(i),
            speed_up,
            ramp: self.gradual.then(|| Ramp {
                log2_start: log2(start),
                log2_rise: log2(speed_up) - log2(start),
                length: ramp,
            }),
        }
    }
}

impl Plan for DavidsonHoulden {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, _: &Run) -> Result<Box<dyn Rows + 'a>> {
        request.check(OWNER, self.paths)?;
        if request.asks.iter().any(|ask| ask.output.horizon) {
            HORIZON.check(&[request.horizon])?;
        }
        for ask in &request.asks {
            WITHIN.check(ask.along.values())?;
        }
        let asked = |named: &str| request.asks.iter().any(|ask| ask.output.name.ends_with(named));
        let answers = Answers {
            model: self,
            request,
            follows: request.asks.iter().any(|ask| ask.output.pass == 1),
            windows: ["in_4_months", "in_12_months"].map(asked),
        };
        Ok(Box::new(PathRows::new(request, answers)))
    }
}

/// Growth of a speed-up with compute.
#[derive(Debug, Clone, Copy)]
struct Ramp {
    log2_start: f64,
    log2_rise: f64,
    /// Years until compute stops growing.
    length: f64,
}

/// One path.
#[derive(Debug, Clone, Copy)]
struct Path {
    r: f64,
    /// Share of the returns at the start by which each doubling lowers them.
    fall: f64,
    parallelizability: f64,
    retraining: Retraining,
    /// Number of the doubling that reaches the limit.
    last: f64,
    recent_doubling_time: f64,
    speed_up: f64,
    ramp: Option<Ramp>,
}

impl Path {
    /// Speed of software progress over the recent one, if all research were as productive as at the start.
    #[inline(always)]
    fn speed(&self, time: f64) -> f64 {
        match self.ramp {
            None => self.speed_up,
            Some(ramp) if time < ramp.length => 1.0 + exp2(ramp.log2_rise.mul_add(time / ramp.length, ramp.log2_start)),
            Some(_) => 1.0 + self.speed_up,
        }
    }
}

/// A walk along a path, doubling by doubling.
#[derive(Debug, Clone, Copy)]
struct Walk {
    /// Doublings done.
    done: f64,
    /// When the last of them was, years.
    time: f64,
    /// Doublings of the time of a doubling at constant speed.
    log2_longer: f64,
}

impl Walk {
    const START: Self = Self { done: 0.0, time: 0.0, log2_longer: 0.0 };

    /// Whether another doubling starts.
    #[inline(always)]
    fn goes_on(&self, path: &Path, horizon: f64) -> bool {
        self.done < path.last && self.time < horizon
    }

    /// One more doubling.
    #[inline(always)]
    fn step(&mut self, path: &Path) {
        self.time += path.recent_doubling_time * exp2(self.log2_longer) / path.speed(self.time);
        self.done += 1.0;
        if self.done < path.last {
            let r = path.r * (1.0 - self.done * path.fall);
            self.log2_longer += path.retraining.moderated(path.parallelizability * (1.0 / r - 1.0));
        }
    }
}

/// Follows a path to its end, which is its last doubling.
#[inline(always)]
fn follow(path: &Path, horizon: f64, cancel: &Cancel) -> Walk {
    let mut walk = Walk::START;
    for n in 0.. {
        if !walk.goes_on(path, horizon) || cancel.raised_at(n) {
            break;
        }
        walk.step(path);
    }
    walk
}

/// Fills a row with the times at which doublings are done; infinite for those that do not start before the horizon.
#[inline(always)]
fn ends(path: &Path, horizon: f64, cancel: &Cancel, row: &mut [f64]) {
    let mut walk = Walk::START;
    row.fill(f64::INFINITY);
    for (n, end) in row.iter_mut().enumerate() {
        if !walk.goes_on(path, horizon) || cancel.raised_at(n) {
            return;
        }
        walk.step(path);
        *end = walk.time;
    }
}

/// Most consecutive doublings, of those that start before the horizon, that take less than `within` years. A second walk
/// follows the first at the length of the window, so that no time has to be stored.
#[inline(always)]
fn most_doublings(path: &Path, within: f64, horizon: f64, cancel: &Cancel) -> f64 {
    let (mut ahead, mut behind, mut most) = (Walk::START, Walk::START, 0.0_f64);
    for n in 0.. {
        if !ahead.goes_on(path, horizon) || cancel.raised_at(n) {
            break;
        }
        ahead.step(path);
        // Not of times alone: the last doubling may take forever.
        while behind.done < ahead.done && ahead.time - behind.time >= within {
            behind.step(path);
        }
        most = most.max(ahead.done - behind.done);
    }
    most
}

struct Answers<'a> {
    model: &'a DavidsonHoulden,
    request: &'a Request,
    /// Whether the path has to be followed to its end.
    follows: bool,
    /// Whether the most doublings in 4 and in 12 months are needed.
    windows: [bool; 2],
}

impl Answers<'_> {
    /// Most doublings in a window of so many years, where they are needed.
    #[inline(always)]
    fn most(&self, window: usize, within: f64, path: &Path, cancel: &Cancel) -> f64 {
        if self.windows[window] { most_doublings(path, within, self.request.horizon, cancel) } else { f64::NAN }
    }
}

impl ByPath for Answers<'_> {
    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, path: usize, slots: &mut Slots, cancel: &Cancel) {
        let (horizon, r) = (self.request.horizon, self.model.r.at(path));
        let (limit, per_year) = (self.model.limit(path), self.model.year_of_progress(path));
        let path_of = self.model.path(path);
        let end = if self.follows { follow(&path_of, horizon, cancel) } else { Walk::START };
        let most = [self.most(0, 4.0 / 12.0, &path_of, cancel), self.most(1, 1.0, &path_of, cancel)];
        // A whole number of doublings stays one, however its product is rounded.
        let compresses =
            |most: f64, years: f64| f64::from(u8::from(most >= (years * per_year * (1.0 + 1e-12)).floor()));
        for (place, ask) in self.request.asks.iter().enumerate() {
            let row = slots.row(place);
            match ask.output.name {
                "regime" => row[0] = regime(r),
                "criticality" => row[0] = r,
                "outcome" => {
                    let Walk { done, time, .. } = end;
                    row[0] = f64::from(u8::from(done >= limit * (1.0 - 1e-12) && time <= horizon));
                }
                "doublings" => row[0] = end.done,
                "last_end" => row[0] = end.time,
                "years_of_progress" => row[0] = end.done / per_year,
                "most_years_in_12_months" => row[0] = most[1] / per_year,
                "most_years_in_4_months" => row[0] = most[0] / per_year,
                "compresses_3_years_in_12_months" => row[0] = compresses(most[1], 3.0),
                "compresses_3_years_in_4_months" => row[0] = compresses(most[0], 3.0),
                "compresses_10_years_in_12_months" => row[0] = compresses(most[1], 10.0),
                "compresses_10_years_in_4_months" => row[0] = compresses(most[0], 10.0),
                "most_doublings" => {
                    for (most, within) in row.iter_mut().zip(ask.along.of(path)) {
                        *most = most_doublings(&path_of, *within, horizon, cancel);
                    }
                }
                "ends" => ends(&path_of, horizon, cancel, row),
                other => unreachable!("no output of the recursion: {other}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(value: f64) -> Column {
        value.into()
    }

    fn model(r: f64, speed_up: f64, limit_years: f64, gradual: bool) -> DavidsonHoulden {
        DavidsonHoulden {
            r: column(r),
            speed_up: column(speed_up),
            limit_years: column(limit_years),
            parallelizability: column(0.3),
            software_share: column(0.5),
            recent_doubling_time: column(0.25),
            start_speed_up: column(0.1),
            compute_doubling_time: column(5.0 / 12.0),
            compute_ceiling: column(4096.0),
            retraining: Retraining::None,
            gradual,
            falling: true,
            paths: 1,
        }
    }

    #[test]
    fn a_doubling_that_takes_forever_is_the_last() {
        // The tenth starts with a 100-billionth of the returns left.
        let path = model(1.0, 8.0, 1.125 * (1.0 + 1e-11), false).path(0);
        let cancel = Cancel::default();
        let Walk { done, time, .. } = follow(&path, 1e100, &cancel);
        assert_eq!([done, time].map(f64::to_bits), [10.0, f64::INFINITY].map(f64::to_bits));
        assert_eq!(most_doublings(&path, 1e100, 1e100, &cancel).to_bits(), 9.0_f64.to_bits());
        let most = most_doublings(&path, 1.0, 1e100, &cancel);
        assert!(most > 0.0 && most < 9.0);
    }

    #[test]
    fn the_boost_is_whole_once_compute_stops() {
        let path = model(1.2, 8.0, 11.0, true).path(0);
        assert!((path.speed(0.0) - 1.1).abs() < 1e-15);
        assert!((path.speed(2.5) - 1.0 - 0.8_f64.sqrt()).abs() < 1e-14);
        assert!((path.speed(5.0 - 1e-9) - 9.0).abs() < 1e-7);
        assert_eq!(path.speed(5.0 + 1e-9).to_bits(), 9.0_f64.to_bits());
    }
}
