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
use super::growth_law::{self, GrowthLaw};
use crate::model::unit::{DOUBLINGS, DOUBLINGS_PER_YEAR, NUMBER, PER_YEAR, YEARS};
use crate::model::{
    Along, Axis, ByPath, Column, Field, Group, Kind, Output, Part, PathRows, Plan, Presence, REGIMES, Range, Request,
    Rows, Slots, Spec, View, regime,
};
use crate::numerics::elementary::{exp, exp2, ln};
use crate::parallel::Kernel;
use crate::{Argument, Cancel, Error, Result, Run};
use std::sync::Arc;

const OWNER: &str = "HumanReaction";

const GAIN: Field = Field::new("gain", PER_YEAR, Range::non_negative(1e100));
const SMOOTHING: Field = Field::new("smoothing", YEARS, Range::non_negative(1e100));

/// What the reaction comes to.
const BEHAVIOURS: &[&str] = &["settles", "oscillates", "escapes", "free"];

/// A growth law that people brake.
pub(super) static SPEC: Spec = Spec {
    name: "human_reaction",
    group: &Group {
        owner: OWNER,
        fields: &[
            Field::new("target_pace", DOUBLINGS_PER_YEAR, Range::positive(1e-100, 1e100)),
            GAIN,
            Field::new("lag", YEARS, Range::non_negative(1e100)),
            SMOOTHING,
        ],
        choices: &[],
        parts: &[Part { name: "law", group: &growth_law::GROUP, presence: Presence::Required }],
        check: |_| Ok(()),
    },
    outputs: &[
        Output::word("regime", REGIMES).quick(),
        Output::new("criticality", NUMBER).quick(),
        Output::word("outcome", &["horizon", "singular", "limit", "unresolved"]).by_horizon().in_pass(1).quick(),
        Output::word("behaviour", BEHAVIOURS).by_horizon().in_pass(1).quick(),
        Output::new("period", YEARS).by_horizon().in_pass(1),
        Output::new("amplitude", NUMBER).by_horizon().in_pass(1),
        Output::new("singular_time", YEARS).by_horizon().in_pass(1).quick(),
        Output::new("limit_time", YEARS).by_horizon().in_pass(1).quick(),
        Output::new("doublings_at_horizon", DOUBLINGS).by_horizon().in_pass(1).quick(),
        Output::new("pace_at_horizon", DOUBLINGS_PER_YEAR).by_horizon().in_pass(1).quick(),
        Output::new("brake_at_horizon", NUMBER).by_horizon().in_pass(1).quick(),
        Output::new("doublings_at", DOUBLINGS).along(Axis::Time).in_pass(1),
        Output::new("level", NUMBER).along(Axis::Time).in_pass(1).named(),
        Output::new("pace", DOUBLINGS_PER_YEAR).along(Axis::Time).in_pass(1).named(),
        Output::new("brake", NUMBER).along(Axis::Time).in_pass(1).named(),
        Output::new("returns", NUMBER).along(Axis::Time).in_pass(1).named(),
        Output::new("steps", NUMBER).of(Kind::Whole).by_horizon().in_pass(1).named(),
    ],
    build: |view| Ok(Arc::new(HumanReaction::build(view)?)),
};

/// Pace with which a law starts.
const FIRST_PACE: Argument = Argument {
    owner: OWNER,
    name: "law",
    low: 0.0,
    low_included: true,
    high: 1e200,
    rule: "a law that starts at a pace of at most 1e200 doublings per year",
};
/// Reactions and averaging times that a horizon may span.
const MOST_REACTIONS: f64 = 1e5;

/// A validated set of paths.
#[derive(Debug)]
struct HumanReaction {
    law: GrowthLaw,
    target_pace: Column,
    gain: Column,
    lag: Column,
    smoothing: Column,
    paths: usize,
}

impl HumanReaction {
    fn build(view: &View) -> Result<Self> {
        Ok(Self {
            law: GrowthLaw::build(&view.part("law"))?,
            target_pace: view.column("target_pace"),
            gain: view.column("gain"),
            lag: view.column("lag"),
            smoothing: view.column("smoothing"),
            paths: view.paths(),
        })
    }

    /// Refuses reactions and averages too quick to be followed over a horizon.
    fn check_spans(&self, horizon: f64) -> Result<()> {
        if let Some(i) = self.gain.values().iter().position(|gain| gain * horizon > MOST_REACTIONS) {
            let rule = "at most 100,000 per horizon (the last time asked for)";
            return Err(GAIN.error_at(OWNER, &self.gain, i, rule));
        }
        let quick = |s: &f64| *s > 0.0 && *s < horizon / MOST_REACTIONS;
        if let Some(i) = self.smoothing.values().iter().position(quick) {
            let rule = "0 or at least 1/100,000 of the horizon (the last time asked for)";
            return Err(SMOOTHING.error_at(OWNER, &self.smoothing, i, rule));
        }
        Ok(())
    }

    #[inline(always)]
    fn reaction(&self, i: usize) -> Reaction {
        Reaction {
            log_target: ln(self.target_pace.at(i)),
            gain: self.gain.at(i),
            lag: self.lag.at(i),
            smoothing: self.smoothing.at(i),
        }
    }
}

impl Plan for HumanReaction {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, run: &Run) -> Result<Box<dyn Rows + 'a>> {
        let follows = request.asks.iter().any(|ask| ask.output.pass == 1);
        if !follows {
            return Ok(Box::new(PathRows::new(request, Law { model: self, request })));
        }
        let time = times(request)?;
        self.law.check_times(&time, run)?;
        self.check_spans(time.last().copied().unwrap_or(0.0))?;
        let mut first_pace = vec![0.0; self.law.paths()];
        run.fill(&mut first_pace, 1, &FirstPace(&self.law))?;
        FIRST_PACE.check(&first_pace)?;
        Ok(Box::new(PathRows::new(request, Course { model: self, request, time })))
    }
}

/// The times of a request, which all its series share, up to the horizon.
fn times(request: &Request) -> Result<Vec<f64>> {
    let mut series = request.asks.iter().filter(|ask| ask.output.along == Some(Axis::Time)).map(|ask| &ask.along);
    let Some(first) = series.next() else { return Ok(vec![request.horizon]) };
    let bits = |along: &Along| along.values().iter().map(|t| t.to_bits()).collect::<Vec<_>>();
    let (Along::Shared(time), true) = (first, series.all(|along| bits(along) == bits(first))) else {
        let (given, expected) = (first.values().len(), first.width());
        return Err(Error::Length { owner: OWNER, name: "time", given, expected });
    };
    Ok(time.clone())
}

struct FirstPace<'a>(&'a GrowthLaw);

impl Kernel for FirstPace<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        values[0] = exp(self.0.path(path).log_pace(0.0));
    }
}

/// What the law says by itself.
struct Law<'a> {
    model: &'a HumanReaction,
    request: &'a Request,
}

impl ByPath for Law<'_> {
    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, path: usize, slots: &mut Slots, _: &Cancel) {
        let criticality = self.model.law.path(path).criticality();
        for (place, ask) in self.request.asks.iter().enumerate() {
            let asked = ask.output.name == "criticality";
            slots.row(place)[0] = if asked { criticality } else { regime(criticality) };
        }
    }
}

/// The course under a reaction.
struct Course<'a> {
    model: &'a HumanReaction,
    request: &'a Request,
    time: Vec<f64>,
}

/// Doublings, brake, pace and effective returns at each time.
struct Sights {
    doublings: Vec<f64>,
    brake: Vec<f64>,
    pace: Vec<f64>,
    returns: Vec<f64>,
}

impl ByPath for Course<'_> {
    /// A value takes about as long as a hundred of a growth law.
    const COST: usize = 128;

    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, path: usize, slots: &mut Slots, cancel: &Cancel) {
        let count = self.time.len();
        let row = || vec![0.0; count];
        let mut sights = Sights { doublings: row(), brake: row(), pace: row(), returns: row() };
        let law = self.model.law.path(path);
        let criticality = law.criticality();
        let ended = follow(law, self.model.reaction(path), &self.time, cancel, |i, sight| {
            sights.doublings[i] = sight.doublings;
            sights.brake[i] = exp_or_nan(sight.log_brake);
            sights.pace[i] = sight.pace;
            sights.returns[i] = sight.returns;
        });
        let Some(ended) = ended else { return };
        for (place, ask) in self.request.asks.iter().enumerate() {
            let row = slots.row(place);
            match ask.output.name {
                "doublings_at" => row.copy_from_slice(&sights.doublings),
                "brake" => row.copy_from_slice(&sights.brake),
                "pace" => row.copy_from_slice(&sights.pace),
                "returns" => row.copy_from_slice(&sights.returns),
                "level" => {
                    for (level, doublings) in row.iter_mut().zip(&sights.doublings) {
                        *level = exp2(*doublings);
                    }
                }
                "doublings_at_horizon" => row[0] = sights.doublings[count - 1],
                "pace_at_horizon" => row[0] = sights.pace[count - 1],
                "brake_at_horizon" => row[0] = sights.brake[count - 1],
                "regime" => row[0] = regime(criticality),
                "criticality" => row[0] = criticality,
                statistic => row[0] = statistic_of(&ended, statistic),
            }
        }
    }
}

fn exp_or_nan(x: f64) -> f64 {
    if x.is_nan() { x } else { exp(x) }
}

/// A statistic of a whole path.
fn statistic_of(ended: &Ended, name: &str) -> f64 {
    let time_of = |ending: Ending| if ended.ending == ending { ended.time } else { f64::INFINITY };
    let (behaviour, period, amplitude) = match ended.behaviour {
        Behaviour::Settles => (0.0, f64::NAN, f64::NAN),
        Behaviour::Oscillates { period, amplitude } => (1.0, period, amplitude),
        Behaviour::Escapes => (2.0, f64::NAN, f64::NAN),
        Behaviour::Free => (3.0, f64::NAN, f64::NAN),
    };
    match name {
        "outcome" => match ended.ending {
            Ending::Horizon => 0.0,
            Ending::Singular => 1.0,
            Ending::Limit => 2.0,
            Ending::Unresolved => 3.0,
        },
        "singular_time" => time_of(Ending::Singular),
        "limit_time" => time_of(Ending::Limit),
        "behaviour" => behaviour,
        "period" => period,
        "amplitude" => amplitude,
        "steps" => f64::from(ended.steps),
        other => unreachable!("no output of a human reaction: {other}"),
    }
}
