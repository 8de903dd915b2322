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

use crate::law::hardware::value;
use crate::numerics::elementary::{exp2, log2};
use crate::parallel::Kernel;
use crate::{Cancel, Error, Field, Result, Run};

const OWNER: &str = "DavidsonHoulden";

const fn field(name: &'static str, low: f64, high: f64, rule: &'static str) -> Field {
    Field { owner: OWNER, name, low, low_included: true, high, rule }
}

/// Returns to software R&D at the start.
pub const R: Field = field("r", 1e-6, 1e6, "finite and > 0 (from 1e-6 to 1e6)");
/// Speed-up of software progress.
pub const SPEED_UP: Field = field("speed_up", 1e-6, 1e6, "finite and > 0 (from 1e-6 to 1e6)");
/// Years of AI progress at the recent pace until the limit.
pub const LIMIT_YEARS: Field = field(
    "limit_years",
    1e-100,
    1e100,
    "finite and > 0 years of progress (from 1e-100 to 1e100), of at most 1,000,000 software doublings in all",
);
/// Exponent on research effort.
pub const PARALLELIZABILITY: Field = field("parallelizability", 1e-6, 1.0, "> 0 and <= 1 (from 1e-6)");
/// Share of recent AI progress that is due to software.
pub const SOFTWARE_SHARE: Field = field("software_share", 1e-6, 1.0, "> 0 and <= 1 (from 1e-6)");
/// Time in which software doubled recently, years.
pub const RECENT_DOUBLING_TIME: Field =
    field("recent_doubling_time", 1e-100, 1e100, "a finite time > 0 in years (from 1e-100 to 1e100)");
/// Speed-up at the start of a gradual boost.
pub const START_SPEED_UP: Field = field("start_speed_up", 1e-6, 1e6, "finite and > 0 (from 1e-6 to 1e6)");
/// Time in which compute doubles during a gradual boost, years.
pub const COMPUTE_DOUBLING_TIME: Field =
    field("compute_doubling_time", 1e-100, 1e100, "a finite time > 0 in years (from 1e-100 to 1e100)");
/// Factor by which compute grows during a gradual boost.
pub const COMPUTE_CEILING: Field =
    Field { low_included: false, ..field("compute_ceiling", 1.0, 1e100, "> 1 and finite (up to 1e100)") };
/// Time at which a path ends, years.
pub const HORIZON: Field =
    Field { low_included: false, ..field("horizon", 0.0, 1e100, "finite and > 0 (years, at most 1e100)") };
/// Length of a window, years.
pub const WITHIN: Field =
    Field { low_included: false, ..field("within", 0.0, 1e100, "finite and > 0 (years, at most 1e100)") };
/// Most doublings until the limit.
const MOST_DOUBLINGS: f64 = 1e6;

/// How the time of training runs moderates the change from one doubling's time to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retraining {
    /// Not at all.
    None,
    /// `x / (1 + |x|)`, the formula of the paper.
    Paper,
    /// `x / |1 + x|`, as the published code has it: the same for x > 0, the inverse of moderation for x < 0.
    Code,
}

impl Retraining {
    /// Every option with its name.
    pub const ALL: [(&'static str, Self); 3] = [("none", Self::None), ("paper", Self::Paper), ("code", Self::Code)];

    /// The option of that name.
    pub fn from_name(name: &str) -> Result<Self> {
        from_name("retraining", &Self::ALL, name)
    }

    #[inline(always)]
    fn moderated(self, x: f64) -> f64 {
        match self {
            Self::None => x,
            Self::Paper => x / (1.0 + x.abs()),
            Self::Code => x / (1.0 + x).abs(),
        }
    }
}

/// How the speed-up arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boost {
    /// All of it at the start.
    Sudden,
    /// With compute, until that stops growing.
    Gradual,
}

impl Boost {
    /// Every option with its name.
    pub const ALL: [(&'static str, Self); 2] = [("sudden", Self::Sudden), ("gradual", Self::Gradual)];

    /// The option of that name.
    pub fn from_name(name: &str) -> Result<Self> {
        from_name("boost", &Self::ALL, name)
    }
}

/// Whether returns fall towards the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// Linearly in doublings, to 0 at the limit.
    Falling,
    /// They stay what they are until the limit.
    Constant,
}

impl Returns {
    /// Every option with its name.
    pub const ALL: [(&'static str, Self); 2] = [("falling", Self::Falling), ("constant", Self::Constant)];

    /// The option of that name.
    pub fn from_name(name: &str) -> Result<Self> {
        from_name("returns", &Self::ALL, name)
    }
}

fn from_name<T: Copy>(what: &'static str, all: &[(&'static str, T)], name: &str) -> Result<T> {
    let found = all.iter().find(|(n, _)| *n == name);
    found.map(|(_, option)| *option).ok_or_else(|| Error::UnknownName {
        what,
        given: name.to_owned(),
        allowed: all.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", "),
    })
}

/// The columns of a set of paths. Every column has one value, shared by all paths, or one per path.
#[derive(Debug, Clone)]
pub struct Columns {
    /// Returns at the start.
    pub r: Vec<f64>,
    /// Speed-up of software progress.
    pub speed_up: Vec<f64>,
    /// Years of AI progress until the limit.
    pub limit_years: Vec<f64>,
    /// Exponent on research effort.
    pub parallelizability: Vec<f64>,
    /// Share of recent progress due to software.
    pub software_share: Vec<f64>,
    /// Recent doubling time of software, years.
    pub recent_doubling_time: Vec<f64>,
    /// Speed-up at the start of a gradual boost.
    pub start_speed_up: Vec<f64>,
    /// Doubling time of compute during a gradual boost, years.
    pub compute_doubling_time: Vec<f64>,
    /// Growth of compute during a gradual boost.
    pub compute_ceiling: Vec<f64>,
    /// Training runs.
    pub retraining: Retraining,
    /// How the speed-up arrives.
    pub boost: Boost,
    /// Whether returns fall.
    pub returns: Returns,
}

/// A validated set of paths.
#[derive(Debug, Clone)]
pub struct DavidsonHoulden {
    columns: Columns,
    paths: usize,
}

impl DavidsonHoulden {
    /// Validates the columns.
    pub fn new(columns: Columns) -> Result<Self> {
        let fields = [
            (&columns.r, R),
            (&columns.speed_up, SPEED_UP),
            (&columns.limit_years, LIMIT_YEARS),
            (&columns.parallelizability, PARALLELIZABILITY),
            (&columns.software_share, SOFTWARE_SHARE),
            (&columns.recent_doubling_time, RECENT_DOUBLING_TIME),
            (&columns.start_speed_up, START_SPEED_UP),
            (&columns.compute_doubling_time, COMPUTE_DOUBLING_TIME),
            (&columns.compute_ceiling, COMPUTE_CEILING),
        ];
        let paths = fields.iter().map(|(c, _)| c.len()).max().unwrap_or(0);
        for (column, field) in fields {
            if column.is_empty() || (column.len() != paths && column.len() != 1) {
                return Err(Error::Length { owner: OWNER, name: field.name, given: column.len(), expected: paths });
            }
            field.check(column)?;
        }
        let model = Self { columns, paths };
        match (0..paths).find(|&i| model.limit(i) > MOST_DOUBLINGS) {
            Some(i) => Err(LIMIT_YEARS.error(value(&model.columns.limit_years, i), (paths > 1).then_some(i))),
            None => Ok(model),
        }
    }

    /// Number of paths.
    pub fn paths(&self) -> usize {
        self.paths
    }

    /// Doublings at the limit.
    #[inline(always)]
    fn limit(&self, i: usize) -> f64 {
        let columns = &self.columns;
        value(&columns.limit_years, i) / (value(&columns.recent_doubling_time, i) * value(&columns.software_share, i))
    }

    #[inline(always)]
    fn path(&self, i: usize) -> Path {
        let columns = &self.columns;
        let limit = self.limit(i);
        let (speed_up, start) = (value(&columns.speed_up, i), value(&columns.start_speed_up, i));
        let ramp = value(&columns.compute_doubling_time, i) * log2(value(&columns.compute_ceiling, i));
        Path {
            r: value(&columns.r, i),
            fall: if columns.returns == Returns::Falling { 1.0 / limit } else { 0.0 },
            parallelizability: value(&columns.parallelizability, i),
            retraining: columns.retraining,
            // A whole number of doublings stays one, however its quotient is rounded.
            last: (limit * (1.0 - 1e-12)).ceil(),
            recent_doubling_time: value(&columns.recent_doubling_time, i),
            speed_up,
            ramp: (columns.boost == Boost::Gradual).then(|| Ramp {
                log2_start: log2(start),
                log2_rise: log2(speed_up) - log2(start),
                length: ramp,
            }),
        }
    }

    /// Of every path by the horizon (years): doublings that start before it, and when the last of them is done (years).
    pub fn course(&self, horizon: f64, run: &Run, out: &mut [f64]) -> Result<()> {
        HORIZON.check(&[horizon])?;
        check_rows(out.len(), 2 * self.paths)?;
        run.fill(out, 2, &Course { model: self, horizon, cancel: &run.cancel })
    }

    /// When each of `count` doublings is done (years): one row per path, infinite for those that do not start before the
    /// horizon.
    pub fn ends(&self, count: usize, horizon: f64, run: &Run, out: &mut [f64]) -> Result<()> {
        HORIZON.check(&[horizon])?;
        check_rows(out.len(), self.paths * count)?;
        run.fill(out, count, &Ends { model: self, horizon, cancel: &run.cancel })
    }

    /// Most consecutive doublings, of those that start before the horizon, that take less than each path's own row of
    /// `within` (years), `width` to a row.
    pub fn most_doublings(&self, within: &[f64], width: usize, horizon: f64, run: &Run, out: &mut [f64]) -> Result<()> {
        HORIZON.check(&[horizon])?;
        WITHIN.check(within)?;
        for given in [within.len(), out.len()] {
            check_rows(given, self.paths * width)?;
        }
        run.fill(out, width, &MostDoublings { model: self, within, horizon, cancel: &run.cancel })
    }
}

/// Refuses rows that are not one per path.
fn check_rows(given: usize, expected: usize) -> Result<()> {
    if given == expected { Ok(()) } else { Err(Error::Length { owner: OWNER, name: "rows", given, expected }) }
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

struct Course<'a> {
    model: &'a DavidsonHoulden,
    horizon: f64,
    cancel: &'a Cancel,
}

impl Kernel for Course<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let path = self.model.path(path);
        let mut walk = Walk::START;
        for n in 0.. {
            if !walk.goes_on(&path, self.horizon) || self.cancel.raised_at(n) {
                break;
            }
            walk.step(&path);
        }
        values.copy_from_slice(&[walk.done, walk.time]);
    }
}

struct Ends<'a> {
    model: &'a DavidsonHoulden,
    horizon: f64,
    cancel: &'a Cancel,
}

impl Kernel for Ends<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let path = self.model.path(path);
        let mut walk = Walk::START;
        values.fill(f64::INFINITY);
        for (n, end) in values.iter_mut().enumerate() {
            if !walk.goes_on(&path, self.horizon) || self.cancel.raised_at(n) {
                return;
            }
            walk.step(&path);
            *end = walk.time;
        }
    }
}

struct MostDoublings<'a> {
    model: &'a DavidsonHoulden,
    within: &'a [f64],
    horizon: f64,
    cancel: &'a Cancel,
}

impl Kernel for MostDoublings<'_> {
    /// A second walk follows the first at the length of the window, so that no time has to be stored.
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let within = &self.within[path * values.len()..];
        let path = self.model.path(path);
        for (most, within) in values.iter_mut().zip(within) {
            let (mut ahead, mut behind) = (Walk::START, Walk::START);
            *most = 0.0;
            for n in 0.. {
                if !ahead.goes_on(&path, self.horizon) || self.cancel.raised_at(n) {
                    break;
                }
                ahead.step(&path);
                // Not of times alone: the last doubling may take forever.
                while behind.done < ahead.done && ahead.time - behind.time >= *within {
                    behind.step(&path);
                }
                *most = most.max(ahead.done - behind.done);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(r: f64, speed_up: f64, limit_years: f64, boost: Boost) -> DavidsonHoulden {
        let columns = Columns {
            r: vec![r],
            speed_up: vec![speed_up],
            limit_years: vec![limit_years],
            parallelizability: vec![0.3],
            software_share: vec![0.5],
            recent_doubling_time: vec![0.25],
            start_speed_up: vec![0.1],
            compute_doubling_time: vec![5.0 / 12.0],
            compute_ceiling: vec![4096.0],
            retraining: Retraining::None,
            boost,
            returns: Returns::Falling,
        };
        DavidsonHoulden::new(columns).expect("good columns")
    }

    #[test]
    fn a_doubling_that_takes_forever_is_the_last() {
        // The tenth starts with a 100-billionth of the returns left.
        let found = model(1.0, 8.0, 1.125 * (1.0 + 1e-11), Boost::Sudden);
        let mut course = [0.0; 2];
        found.course(1e100, &Run::default(), &mut course).expect("a course");
        assert_eq!(course.map(f64::to_bits), [10.0, f64::INFINITY].map(f64::to_bits));
        let mut most = [0.0; 2];
        found.most_doublings(&[1.0, 1e100], 2, 1e100, &Run::default(), &mut most).expect("windows");
        assert_eq!(most[1].to_bits(), 9.0_f64.to_bits());
        assert!(most[0] > 0.0 && most[0] < 9.0);
    }

    #[test]
    fn the_boost_is_whole_once_compute_stops() {
        let path = model(1.2, 8.0, 11.0, Boost::Gradual).path(0);
        assert!((path.speed(0.0) - 1.1).abs() < 1e-15);
        assert!((path.speed(2.5) - 1.0 - 0.8_f64.sqrt()).abs() < 1e-14);
        assert!((path.speed(5.0 - 1e-9) - 9.0).abs() < 1e-7);
        assert_eq!(path.speed(5.0 + 1e-9).to_bits(), 9.0_f64.to_bits());
    }
}
