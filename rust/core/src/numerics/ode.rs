//! Ordinary differential equations: adaptive steps, dense output, events and kinks.
//!
//! DOP853, the method of Dormand & Prince of order 8 with the error estimate, the step control and the continuous extension
//! of order 7 of Hairer, Norsett & Wanner (1993), "Solving Ordinary Differential Equations I", II.4 to II.6 and II.10.

mod step;
mod tables;
#[cfg(test)]
mod tests;
mod watch;

use self::step::{Control, Walk};
use self::watch::Watch;
use crate::Cancel;

/// `y' = f(t, y)`, and functions of which the zeros are events.
pub(crate) trait System<const N: usize, const E: usize> {
    /// What is asked of each event function.
    const EVENTS: [Event; E];
    /// Parts of a step at the ends of which events are looked for. With 1, an event function that changes its sign twice
    /// within a step has no event there.
    const LOOKS: u32 = 1;

    /// `y'` at a time in the piece that begins with kink number `piece`, counted from 1; piece 0 is before the first kink.
    fn derivative(&self, piece: usize, time: f64, y: &[f64; N]) -> [f64; N];

    /// Values of the event functions. One that is NaN has no event.
    fn events(&self, piece: usize, time: f64, y: &[f64; N]) -> [f64; E];
}

/// An event: an event function that was on one side of 0 no longer is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    pub(crate) direction: Direction,
    /// Whether the integration ends there.
    pub(crate) terminal: bool,
}

/// Which way an event function has to go.
#[cfg_attr(not(test), allow(dead_code))] // each is part of what an event is, whichever models have it
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Rising,
    Falling,
    Either,
}

impl Event {
    #[inline(always)]
    fn happens(self, before: f64, after: f64) -> bool {
        let (rises, falls) = (before < 0.0 && after >= 0.0, before > 0.0 && after <= 0.0);
        match self.direction {
            Direction::Rising => rises,
            Direction::Falling => falls,
            Direction::Either => rises || falls,
        }
    }
}

/// From when to when, and at which times something is to happen on the way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// Ascending times at which the derivative or an event function may jump. No step crosses one.
    pub(crate) kinks: &'a [f64],
    /// Ascending times, none before the start, at which the state is wanted.
    pub(crate) times: &'a [f64],
}

/// How exact the steps are, and how many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy<const N: usize> {
    /// Estimated error of a step relative to the state.
    pub(crate) relative: f64,
    /// What is allowed in addition, for each component. Must be above 0 where a component may be 0.
    pub(crate) absolute: [f64; N],
    /// Width of the first step that is tried; without it, the choice of Hairer, Norsett & Wanner.
    pub(crate) first_width: Option<f64>,
    /// Steps tried, after which the integration is given up.
    pub(crate) most_steps: u32,
}

/// What the state is reported for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// One of the times asked for.
    Time(usize),
    /// One of the events.
    Event(usize),
}

/// Why an integration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At the end of the span.
    End,
    /// With a terminal event.
    Event(usize),
    /// After the most steps allowed.
    Steps,
    /// Steps became too small to advance time: the solution is singular, or the derivative is not finite.
    Stuck,
    /// The cancel flag was raised.
    Cancelled,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Work {
    pub(crate) accepted: u32,
    pub(crate) rejected: u32,
    /// Evaluations of the derivative.
    pub(crate) evaluations: u32,
}

/// Where an integration ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Solved<const N: usize> {
    pub(crate) ending: Ending,
    pub(crate) time: f64,
    pub(crate) state: [f64; N],
    pub(crate) work: Work,
}

/// Integrates from the state at the start of a span, and reports the states at its times and events in the order of time.
#[inline(always)]
pub(crate) fn integrate<const N: usize, const E: usize, S: System<N, E>>(
    system: &S,
    span: &Span,
    policy: &Policy<N>,
    state: [f64; N],
    cancel: &Cancel,
    seen: impl FnMut(Seen, f64, &[f64; N]),
) -> Solved<N> {
    let mut walk = Walk::new(system, span, state);
    let mut watch = Watch { times: span.times, next: 0, values: walk.events(), seen };
    watch.start(span.start, &state);
    let first = policy.first_width.unwrap_or_else(|| walk.first_width(policy));
    let mut control = Control::new(first.min((span.end - span.start).max(0.0)));
    let ending = loop {
        if walk.time >= span.end {
            break Ending::End;
        }
        let goal = span.kinks.get(walk.piece).map_or(span.end, |kink| kink.min(span.end));
        let step = match walk.step(goal, policy, &mut control, cancel) {
            Ok(step) => step,
            Err(ending) => break ending,
        };
        if let Some((event, time, state)) = watch.within(&mut walk, &step) {
            (walk.time, walk.state) = (time, state);
            break Ending::Event(event);
        }
        if walk.advance(&step, span.kinks)
            && let Some(event) = watch.at_kink(&walk)
        {
            break Ending::Event(event);
        }
    };
    Solved { ending, time: walk.time, state: walk.state, work: walk.work }
}
