//! The course of one path under a human reaction: steps, events and what they come to.

use super::turns::{Turn, Turns};
use crate::Cancel;
use crate::law::path::Path;
use crate::numerics::delay::{Delayed, History, Segment, State, Trial};
use crate::numerics::elementary::{exp, expm1, ln};
use std::f64::consts::LN_2;

/// Error that a step may make in doublings, `ln b` and `ln o`.
const TOLERANCE: f64 = 1e-10;
/// A brake this little above 1 has met it.
const MET: f64 = 1e-12;
/// Steps after which a path is left unresolved.
pub(crate) const MOST_STEPS: u32 = 4_000_000;
/// A path whose pace changes by a factor e in less than `1/FAST` of the time so far is beyond the reach of any brake.
const FAST: f64 = 1e11;
/// Multiples of the lag at which a kink in the course is still felt by a method of fifth order.
const ECHOES: u32 = 4;
/// Shares of a step at which it is searched for an event.
const LOOKS: [f64; 4] = [0.25, 0.5, 0.75, 1.0];
/// How people react on one path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reaction {
    pub(crate) log_target: f64,
    pub(crate) gain: f64,
    pub(crate) lag: f64,
    pub(crate) smoothing: f64,
}

/// What one path did until its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) ending: Ending,
    /// Years.
    pub(crate) time: f64,
    pub(crate) behaviour: Behaviour,
    pub(crate) steps: u32,
}

/// How a path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Horizon,
    Singular,
    Limit,
    Unresolved,
}

/// What the reaction achieved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Behaviour {
    Settles,
    /// Period in years, and half of the last swing of ln pace.
    Oscillates {
        period: f64,
        amplitude: f64,
    },
    Escapes,
    Free,
}

/// Where a path is at one of the times asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    pub(crate) doublings: f64,
    pub(crate) log_brake: f64,
    pub(crate) pace: f64,
    /// Effective returns.
    pub(crate) returns: f64,
}

/// The equation, with `y = (x, ln b, ln o)`.
struct Loop<'a> {
    path: Path<'a>,
    reaction: Reaction,
    /// lambda.
    lambda: f64,
    before: f64,
    /// The brake is off and stays off while the observed pace is below the target.
    off: bool,
}

impl Loop<'_> {
    #[inline(always)]
    fn log_pace(&self, time: f64, y: &State) -> f64 {
        let growth = if self.path.clock.still() { 0.0 } else { self.path.clock.growth_at(time).0 };
        self.lambda.mul_add(y[1], self.path.log_pace(y[0])) + growth
    }

    /// Rate at which the brake moves by itself.
    #[inline(always)]
    fn brake_rate(&self, delayed: f64) -> f64 {
        if self.off { 0.0 } else { -self.reaction.gain * (delayed - self.reaction.log_target) }
    }

    /// `d ln pace / dt`.
    fn drift(&self, time: f64, y: &State, delayed: f64) -> f64 {
        let growth_rate = if self.path.clock.still() { 0.0 } else { self.path.clock.growth_at(time).1 };
        let own = self.path.pace_slope(y[0]) * exp(self.log_pace(time, y));
        own + growth_rate + self.lambda * self.brake_rate(delayed)
    }

    fn sight(&self, time: f64, y: &State, delayed: f64) -> Sight {
        let pace = exp(self.log_pace(time, y));
        let drift = self.drift(time, y, delayed);
        let slope = if drift == 0.0 { 0.0 } else { drift / (LN_2 * pace) };
        Sight { doublings: y[0], log_brake: y[1].min(0.0), pace, returns: 1.0 / (1.0 - slope / self.lambda) }
    }

    /// Logarithm of the changes of ln pace (or thousands of doublings) that fit into the time so far.
    fn log_speed(&self, time: f64, y: &State) -> f64 {
        self.log_pace(time, y) + ln(time) + ln(self.path.pace_slope(y[0]).abs().max(1e-3))
    }
}

impl Delayed for Loop<'_> {
    #[inline(always)]
    fn derivative(&self, time: f64, y: &State, delayed: f64) -> State {
        let log_pace = self.log_pace(time, y);
        let smoothing = self.reaction.smoothing;
        let watched = if smoothing == 0.0 { 0.0 } else { expm1(log_pace - y[2]) / smoothing };
        [exp(log_pace), self.brake_rate(delayed), watched]
    }

    #[inline(always)]
    fn observed(&self, time: f64, y: &State) -> f64 {
        if self.reaction.smoothing == 0.0 { self.log_pace(time, y) } else { y[2] }
    }

    fn lag(&self) -> f64 {
        self.reaction.lag
    }

    fn before(&self) -> f64 {
        self.before
    }
}

/// What ends a step before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// The brake has come back to 1.
    Meets,
    /// The observed pace rises through the target while the brake is off.
    Leaves,
    /// The path is at an abrupt limit.
    Limit,
}

/// A path under way.
struct Journey<'a> {
    system: Loop<'a>,
    history: History,
    time: f64,
    y: State,
    /// Step that the last error suggests.
    width: f64,
    /// Times at which a derivative jumps, and for how many lags more it will.
    kinks: Vec<(f64, u32)>,
    turns: Turns,
    steps: u32,
}

/// Follows a path through the ascending `times`, each of which is shown with its index; nothing if it was cancelled.
#[inline(always)]
pub(crate) fn follow(
    path: Path<'_>,
    reaction: Reaction,
    times: &[f64],
    cancel: &Cancel,
    mut show: impl FnMut(usize, Sight),
) -> Option<Ended> {
    let horizon = times[times.len() - 1];
    let mut journey = Journey::new(path, reaction, horizon);
    let mut done = 0;
    while done < times.len() && times[done] <= 0.0 {
        show(done, journey.now());
        done += 1;
    }
    let mut ending = Ending::Horizon;
    while journey.time < horizon {
        if cancel.raised_at(journey.steps as usize) {
            return None;
        }
        if journey.steps >= MOST_STEPS {
            ending = Ending::Unresolved;
            break;
        }
        let Some((segment, event)) = journey.advance(horizon) else { continue };
        while done < times.len() && times[done] <= journey.time {
            let share = ((times[done] - segment.start) / segment.width).min(1.0);
            let y = segment.at(share);
            let delayed = journey.history.delayed(&journey.system, times[done], &y, None);
            show(done, journey.system.sight(times[done], &y, delayed));
            done += 1;
        }
        if event == Some(Event::Limit) {
            ending = Ending::Limit;
            break;
        }
        journey.switch(event);
        if let Some(end) = journey.outrun() {
            ending = end;
            break;
        }
    }
    let last = journey.after(ending);
    (done..times.len()).for_each(|i| show(i, last));
    let behaviour = journey.behaviour(ending);
    Some(Ended { ending, time: journey.time, behaviour, steps: journey.steps })
}

impl<'a> Journey<'a> {
    fn new(path: Path<'a>, reaction: Reaction, horizon: f64) -> Self {
        let before = path.log_pace(0.0);
        let slope = path.pace_slope(0.0).abs();
        let lambda = path.rate / LN_2;
        let mut kinks: Vec<(f64, u32)> = path.clock.changes().map(|date| (date, ECHOES)).collect();
        kinks.push((reaction.lag, ECHOES));
        let error = before - reaction.log_target;
        let smoothing_rate = if reaction.smoothing > 0.0 { 1.0 / reaction.smoothing } else { 0.0 };
        let rate = exp(before) * (1.0 + slope) + reaction.gain * error.abs().max(1.0) + smoothing_rate;
        let system = Loop { path, reaction, lambda, before, off: error <= 0.0 };
        Self {
            system,
            history: History::default(),
            time: 0.0,
            y: [0.0, 0.0, before],
            width: (0.01 / rate).min(horizon),
            kinks,
            turns: Turns::default(),
            steps: 0,
        }
    }

    fn now(&self) -> Sight {
        let delayed = self.history.delayed(&self.system, self.time, &self.y, None);
        self.system.sight(self.time, &self.y, delayed)
    }

    #[inline(always)]
    fn attempt(&self, width: f64) -> Option<Trial> {
        self.history.step(&self.system, (self.time, &self.y), width, 0.1 * TOLERANCE)
    }

    /// One step, to the next event at most; nothing where it has to be made smaller.
    #[inline(always)]
    fn advance(&mut self, horizon: f64) -> Option<(Segment, Option<Event>)> {
        self.steps += 1;
        let bound = self.kinks.iter().map(|kink| kink.0).filter(|at| *at > self.time).fold(horizon, f64::min);
        let room = bound - self.time;
        // Two halves rather than a step and a sliver.
        let planned = if self.width >= 0.99 * room { room } else { self.width.min(0.5 * room) };
        let Some(mut trial) = self.attempt(planned) else {
            self.shrink(0.25 * planned);
            return None;
        };
        let error = self.error(&trial);
        let factor = if error > 0.0 { 0.9 * exp(-0.2 * ln(error)) } else { 5.0 };
        if error > 1.0 {
            self.shrink(planned * factor.max(0.2));
            return None;
        }
        let mut event = self.event(&trial.segment);
        if let Some((what, share)) = event {
            match self.attempt(share * planned) {
                Some(shorter) => trial = shorter,
                None => event = Some((what, 1.0)),
            }
        }
        let suggested = planned * factor.min(5.0);
        self.width = if planned < self.width { suggested.max(self.width) } else { suggested };
        let segment = trial.segment;
        self.turns(&segment);
        self.y = segment.at(1.0);
        let reached = event.is_none() && planned == room;
        self.time = if reached { bound } else { segment.end() };
        self.history.push(segment, self.system.reaction.lag);
        self.echo();
        Some((segment, event.map(|(what, _)| what)))
    }

    /// Makes the next step smaller; one too small to matter is left to [`Journey::outrun`] and the count of steps.
    fn shrink(&mut self, width: f64) {
        self.width = width.max(self.time * f64::EPSILON);
    }

    #[inline(always)]
    fn error(&self, trial: &Trial) -> f64 {
        let [doublings, brake, watched] = trial.error;
        let weight = 1.0 + self.system.path.pace_slope(self.y[0]).abs().min(1e9);
        // The weight turns doublings into ln pace; no step is asked for more than f64 tells apart.
        let doublings = doublings / ((1.0 + 1e-4 * self.y[0]) / weight + 8.0 * f64::EPSILON / TOLERANCE * self.y[0]);
        let brake = brake / (1.0 + 1e-4 * self.y[1].abs());
        let watched = if self.system.reaction.smoothing > 0.0 { watched } else { 0.0 };
        doublings.max(brake).max(watched) / TOLERANCE
    }

    /// The first event of a step, and the share of the step at which it comes.
    fn event(&self, segment: &Segment) -> Option<(Event, f64)> {
        let path = &self.system.path;
        let at_limit = |share| segment.at(share)[0] >= path.limit;
        let switches = |share: f64| {
            let y = segment.at(share);
            if self.system.off {
                let time = share.mul_add(segment.width, segment.start);
                self.history.delayed(&self.system, time, &y, Some(segment)) > self.system.reaction.log_target
            } else {
                y[1] > MET
            }
        };
        let locate = |what, happened: &dyn Fn(f64) -> bool| {
            let high = LOOKS.into_iter().find(|share| happened(*share))?;
            let (mut low, mut high) = (high - 0.25, high);
            for _ in 0..50 {
                let middle = 0.5 * (low + high);
                if happened(middle) { high = middle } else { low = middle }
            }
            Some((what, high))
        };
        let switch = if self.system.off { Event::Leaves } else { Event::Meets };
        let limit = path.limit.is_finite().then(|| locate(Event::Limit, &at_limit)).flatten();
        let first = |a: &(Event, f64), b: &(Event, f64)| a.1.total_cmp(&b.1);
        limit.into_iter().chain(locate(switch, &switches)).min_by(first)
    }

    /// Applies an event.
    fn switch(&mut self, event: Option<Event>) {
        if let Some(what) = event {
            self.system.off = what == Event::Meets;
            if what == Event::Meets {
                self.y[1] = 0.0;
            }
            self.kink(ECHOES);
        }
    }

    /// Notes a kink now: it comes back one lag later.
    fn kink(&mut self, echoes: u32) {
        if self.system.reaction.lag > 0.0 {
            self.kinks.push((self.time + self.system.reaction.lag, echoes - 1));
        }
    }

    /// Sends kinks that have been reached one lag further.
    fn echo(&mut self) {
        let (time, lag) = (self.time, self.system.reaction.lag);
        let mut k = 0;
        while k < self.kinks.len() {
            let (at, echoes) = self.kinks[k];
            if at > time {
                k += 1;
            } else if echoes > 0 && lag > 0.0 {
                self.kinks[k] = (at + lag, echoes - 1);
                if at + lag <= time {
                    self.kinks.swap_remove(k);
                }
            } else {
                self.kinks.swap_remove(k);
            }
        }
    }

    /// Takes a path that no brake can follow any more to where it slows down again, or to its end.
    fn outrun(&mut self) -> Option<Ending> {
        let system = &self.system;
        let slope = system.path.pace_slope(self.y[0]);
        if slope <= 0.0 || system.log_speed(self.time, &self.y) < ln(FAST) {
            return None;
        }
        let fast = |x: f64| system.log_speed(self.time, &[x, self.y[1], self.y[2]]) >= ln(FAST);
        let (mut low, mut gain) = (self.y[0], 0.01);
        let limit = system.path.limit;
        let mut high = low + gain;
        while high < limit && fast(high) {
            if high > 1e18 {
                self.time += exp(-ln(slope) - system.log_pace(self.time, &self.y));
                return Some(Ending::Singular);
            }
            gain *= 1.1;
            (low, high) = (high, high + gain);
        }
        high = high.min(limit);
        if high == limit && fast(limit) {
            return Some(Ending::Limit);
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if fast(middle) { low = middle } else { high = middle }
        }
        if self.system.reaction.smoothing > 0.0 {
            self.y[2] = ln(exp(self.y[2]) + (high - self.y[0]) / self.system.reaction.smoothing);
        }
        self.y[0] = high;
        self.width = self.time / FAST;
        self.kink(ECHOES);
        None
    }

    /// What is shown after the end.
    fn after(&self, ending: Ending) -> Sight {
        let log_brake = self.y[1].min(0.0);
        let elasticity = self.system.path.pace_slope(self.y[0]) / self.system.path.rate;
        match ending {
            Ending::Singular => {
                let returns = 1.0 / (1.0 - elasticity);
                Sight { doublings: f64::INFINITY, log_brake, pace: f64::INFINITY, returns }
            }
            Ending::Limit => Sight { doublings: self.system.path.limit, log_brake, pace: 0.0, returns: 0.0 },
            _ => Sight { doublings: f64::NAN, log_brake: f64::NAN, pace: f64::NAN, returns: f64::NAN },
        }
    }

    /// Notes a turn of the pace in a step that is about to be done.
    fn turns(&mut self, segment: &Segment) {
        let drift = |share: f64| {
            let (y, time) = (segment.at(share), share.mul_add(segment.width, segment.start));
            self.system.drift(time, &y, self.history.delayed(&self.system, time, &y, Some(segment)))
        };
        let end = drift(1.0);
        let rising = end > 0.0;
        if end == 0.0 || self.turns.rising == Some(rising) {
            return;
        }
        if self.turns.rising.is_some() {
            let (mut low, mut high) = (0.0, 1.0);
            for _ in 0..40 {
                let middle = 0.5 * (low + high);
                if drift(middle) != 0.0 && (drift(middle) > 0.0) == rising { high = middle } else { low = middle }
            }
            let time = high.mul_add(segment.width, segment.start);
            let height = self.system.log_pace(time, &segment.at(high));
            self.turns.note(Turn { time, height, peak: !rising });
        }
        self.turns.rising = Some(rising);
    }

    fn behaviour(&self, ending: Ending) -> Behaviour {
        if ending == Ending::Singular {
            return Behaviour::Escapes;
        }
        match self.turns.cycle(self.time) {
            Some((period, amplitude)) => Behaviour::Oscillates { period, amplitude },
            None if self.y[1] < 0.0 => Behaviour::Settles,
            None => Behaviour::Free,
        }
    }
}
