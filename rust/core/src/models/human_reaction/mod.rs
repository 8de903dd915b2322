//! People who brake research when they see progress go faster than a target, and release the brake when it goes slower.
//!
//! ```text
//! dx/dt = pace(x) b^lambda
//! smoothing do/dt = dx/dt - o                    o = dx/dt without smoothing
//! d ln b/dt = -gain ln(o(t - lag) / target)      0 < b <= 1
//! ```
//!
//! Source: Eth & Davidson (2025), the text before footnote 28 (a reaction that oscillates, as to COVID) and after it (policy
//! that targets constant exponential growth).

mod reaction;
mod turns;

use self::reaction::{Behaviour, Ended, Ending, Reaction, follow};
use crate::law::hardware::value;
use crate::models::growth_law::GrowthLaw;
use crate::numerics::elementary::{exp, ln};
use crate::parallel::Kernel;
use crate::{Error, Field, Result, Run};

const OWNER: &str = "HumanReaction";

const fn field(name: &'static str, low: f64, rule: &'static str) -> Field {
    Field { owner: OWNER, name, low, low_included: true, high: 1e100, rule }
}

/// Pace that people aim at, doublings per year.
pub const TARGET_PACE: Field =
    field("target_pace", 1e-100, "finite and > 0 (doublings per year, from 1e-100 to 1e100)");
/// How fast the brake moves per e-fold of the observed pace off the target, per year.
pub const GAIN: Field = field("gain", 0.0, "finite and >= 0 (per year, at most 1e100)");
/// Time from an observation to its effect, years.
pub const LAG: Field = field("lag", 0.0, "finite and >= 0 (years, at most 1e100)");
/// Time over which the pace is averaged, years.
pub const SMOOTHING: Field = field("smoothing", 0.0, "finite and >= 0 (years, at most 1e100)");

/// Pace with which a law starts, doublings per year.
pub const FIRST_PACE: Field =
    Field { high: 1e200, ..field("law", 0.0, "a law that starts at a pace of at most 1e200 doublings per year") };

/// Reactions and averaging times that a horizon may span.
const MOST_REACTIONS: f64 = 1e5;
/// Values of a path beside those of its times.
const STATISTICS: usize = 6;

/// A validated set of paths.
#[derive(Debug, Clone)]
pub struct HumanReaction {
    law: GrowthLaw,
    target_pace: Vec<f64>,
    gain: Vec<f64>,
    lag: Vec<f64>,
    smoothing: Vec<f64>,
    paths: usize,
}

impl HumanReaction {
    /// Validates the columns beside a law.
    pub fn new(
        law: GrowthLaw,
        target_pace: Vec<f64>,
        gain: Vec<f64>,
        lag: Vec<f64>,
        smoothing: Vec<f64>,
    ) -> Result<Self> {
        let fields = [(&target_pace, TARGET_PACE), (&gain, GAIN), (&lag, LAG), (&smoothing, SMOOTHING)];
        let paths = fields.iter().map(|(column, _)| column.len()).fold(law.paths(), usize::max);
        for (column, field) in fields {
            if column.is_empty() || (column.len() != paths && column.len() != 1) {
                return Err(Error::Length { owner: OWNER, name: field.name, given: column.len(), expected: paths });
            }
            field.check(column)?;
        }
        if law.paths() != paths && law.paths() != 1 {
            return Err(Error::Length { owner: OWNER, name: "law", given: law.paths(), expected: paths });
        }
        Ok(Self { law, target_pace, gain, lag, smoothing, paths })
    }

    /// Number of paths.
    pub fn paths(&self) -> usize {
        self.paths
    }

    /// Values per path that [`HumanReaction::course`] gives for so many times.
    pub fn width(times: usize) -> usize {
        4 * times + STATISTICS
    }

    /// One row per path: doublings, brake, pace (doublings per year) and effective returns at the ascending `time` (years),
    /// then how it ends (0 at the horizon, 1 singular, 2 at the limit, 3 unresolved), when, its behaviour (0 settles,
    /// 1 oscillates, 2 escapes, 3 free), period (years) and amplitude of ln pace (NaN where it does not oscillate), steps.
    pub fn course(&self, time: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        self.law.check_times(time, run)?;
        let horizon = time.last().copied().unwrap_or(0.0);
        self.check_spans(horizon)?;
        let mut first_pace = vec![0.0; self.law.paths()];
        run.fill(&mut first_pace, 1, &FirstPace(&self.law))?;
        FIRST_PACE.check(&first_pace)?;
        let expected = self.paths * Self::width(time.len());
        if time.is_empty() || out.len() != expected {
            return Err(Error::Length { owner: OWNER, name: "rows", given: out.len(), expected });
        }
        run.fill(out, Self::width(time.len()), &Course { model: self, time, run })
    }

    /// Refuses reactions and averages too quick to be followed over a horizon.
    fn check_spans(&self, horizon: f64) -> Result<()> {
        let index = |column: &[f64], i| (column.len() > 1).then_some(i);
        if let Some(i) = self.gain.iter().position(|gain| gain * horizon > MOST_REACTIONS) {
            let rule = "at most 100,000 per horizon (the last time asked for)";
            return Err(Field { rule, ..GAIN }.error(self.gain[i], index(&self.gain, i)));
        }
        if let Some(i) = self.smoothing.iter().position(|s| *s > 0.0 && *s < horizon / MOST_REACTIONS) {
            let rule = "0 or at least 1/100,000 of the horizon (the last time asked for)";
            return Err(Field { rule, ..SMOOTHING }.error(self.smoothing[i], index(&self.smoothing, i)));
        }
        Ok(())
    }

    #[inline(always)]
    fn reaction(&self, i: usize) -> Reaction {
        Reaction {
            log_target: ln(value(&self.target_pace, i)),
            gain: value(&self.gain, i),
            lag: value(&self.lag, i),
            smoothing: value(&self.smoothing, i),
        }
    }
}

struct FirstPace<'a>(&'a GrowthLaw);

impl Kernel for FirstPace<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        values[0] = exp(self.0.path(path).log_pace(0.0));
    }
}

struct Course<'a> {
    model: &'a HumanReaction,
    time: &'a [f64],
    run: &'a Run,
}

impl Kernel for Course<'_> {
    /// A value takes about as long as a hundred of other kernels.
    const TASK_VALUES: usize = 1 << 8;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let count = self.time.len();
        let law = self.model.law.path(if self.model.law.paths() == 1 { 0 } else { path });
        let (sights, statistics) = values.split_at_mut(4 * count);
        let ended = follow(law, self.model.reaction(path), self.time, &self.run.cancel, |i, sight| {
            sights[i] = sight.doublings;
            sights[count + i] = exp_or_nan(sight.log_brake);
            sights[2 * count + i] = sight.pace;
            sights[3 * count + i] = sight.returns;
        });
        if let Some(ended) = ended {
            statistics.copy_from_slice(&codes(&ended));
        }
    }
}

fn exp_or_nan(x: f64) -> f64 {
    if x.is_nan() { x } else { exp(x) }
}

fn codes(ended: &Ended) -> [f64; STATISTICS] {
    let ending = match ended.ending {
        Ending::Horizon => 0.0,
        Ending::Singular => 1.0,
        Ending::Limit => 2.0,
        Ending::Unresolved => 3.0,
    };
    let (behaviour, period, amplitude) = match ended.behaviour {
        Behaviour::Settles => (0.0, f64::NAN, f64::NAN),
        Behaviour::Oscillates { period, amplitude } => (1.0, period, amplitude),
        Behaviour::Escapes => (2.0, f64::NAN, f64::NAN),
        Behaviour::Free => (3.0, f64::NAN, f64::NAN),
    };
    [ending, ended.time, behaviour, period, amplitude, f64::from(ended.steps)]
}
