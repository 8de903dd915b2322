//! The solution within a step: the continuous extension, times asked for and events.

use super::step::{Step, Walk};
use super::tables::{ALL_STAGES, Combination, DENSE, STEP_STAGES};
use super::{Seen, System};
use crate::numerics::crossing::zero;

/// The solution within a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dense<const N: usize> {
    pub(super) start: [f64; N],
    pub(super) terms: [[f64; N]; 7],
}

impl<const N: usize> Dense<N> {
    /// Of the last step.
    #[inline(always)]
    pub(super) fn new<const E: usize, S: System<N, E>>(walk: &mut Walk<N, E, S>, step: &Step<N>) -> Self {
        walk.stages(STEP_STAGES + 1..ALL_STAGES, step.width);
        let (start, slopes, width) = (walk.state, &walk.slopes, step.width);
        let mut terms = [[0.0; N]; 7];
        for i in 0..N {
            let gain = step.state[i] - start[i];
            let bulge = width.mul_add(slopes[0][i], -gain);
            terms[0][i] = gain;
            terms[1][i] = bulge;
            terms[2][i] = gain - width * slopes[STEP_STAGES][i] - bulge;
        }
        for (term, row) in terms[3..].iter_mut().zip(&DENSE) {
            let bent = Combination::of(row, slopes);
            for i in 0..N {
                term[i] = width * bent[i];
            }
        }
        Self { start, terms }
    }

    /// The state at a share of the step.
    #[inline(always)]
    pub(super) fn at(&self, share: f64) -> [f64; N] {
        let [t0, t1, t2, t3, t4, t5, t6] = &self.terms;
        let (rest, mut y) = (1.0 - share, self.start);
        for i in 0..N {
            let late = share.mul_add(rest.mul_add(share.mul_add(t6[i], t5[i]), t4[i]), t3[i]);
            y[i] += share * rest.mul_add(share.mul_add(rest.mul_add(late, t2[i]), t1[i]), t0[i]);
        }
        y
    }
}

/// A step that is looked into, with a continuous extension made when it is first needed.
struct Inside<'a, 's, const N: usize, const E: usize, S> {
    walk: &'a mut Walk<'s, N, E, S>,
    step: &'a Step<N>,
    dense: Option<Dense<N>>,
}

impl<const N: usize, const E: usize, S: System<N, E>> Inside<'_, '_, N, E, S> {
    #[inline(always)]
    fn dense(&mut self) -> Dense<N> {
        if let Some(dense) = self.dense {
            return dense;
        }
        let dense = Dense::new(self.walk, self.step);
        self.dense = Some(dense);
        dense
    }

    /// Time and state at a share of the step.
    #[inline(always)]
    pub(super) fn at(&mut self, share: f64) -> (f64, [f64; N]) {
        if share >= 1.0 {
            return (self.step.end, self.step.state);
        }
        (share.mul_add(self.step.width, self.walk.time), self.dense().at(share))
    }

    /// The state at a time.
    #[inline(always)]
    pub(super) fn at_time(&mut self, time: f64) -> [f64; N] {
        if time >= self.step.end { self.step.state } else { self.at((time - self.walk.time) / self.step.width).1 }
    }

    /// Share of the step, between two of them, at which an event function reaches 0.
    #[inline(always)]
    fn reached(&mut self, event: usize, (low, before): (f64, f64), (high, after): (f64, f64)) -> f64 {
        let dense = self.dense();
        let (walk, width) = (&*self.walk, self.step.width);
        let sign = if before < 0.0 { 1.0 } else { -1.0 };
        zero(low, high, 0.0, |share| {
            let value = if share == low {
                before
            } else if share == high {
                after
            } else {
                walk.system.events(walk.piece, share.mul_add(width, walk.time), &dense.at(share))[event]
            };
            sign * value
        })
    }
}

/// What is looked out for.
pub(super) struct Watch<'a, const E: usize, F> {
    pub(super) times: &'a [f64],
    /// The next of the times.
    pub(super) next: usize,
    /// Event functions at the last look.
    pub(super) values: [f64; E],
    pub(super) seen: F,
}

impl<const E: usize, F> Watch<'_, E, F> {
    /// Reports the times up to the start.
    #[inline(always)]
    pub(super) fn start<const N: usize>(&mut self, start: f64, state: &[f64; N])
    where
        F: FnMut(Seen, f64, &[f64; N]),
    {
        while let Some(&time) = self.times.get(self.next).filter(|time| **time <= start) {
            (self.seen)(Seen::Time(self.next), time, state);
            self.next += 1;
        }
    }

    /// Reports the times up to one within a step.
    #[inline(always)]
    fn report_times<const N: usize, S: System<N, E>>(&mut self, until: f64, inside: &mut Inside<N, E, S>)
    where
        F: FnMut(Seen, f64, &[f64; N]),
    {
        while let Some(&time) = self.times.get(self.next).filter(|time| **time <= until) {
            let state = inside.at_time(time);
            (self.seen)(Seen::Time(self.next), time, &state);
            self.next += 1;
        }
    }

    /// Reports what lies in a step, up to a terminal event, of which it gives the number, the time and the state.
    #[inline(always)]
    pub(super) fn within<const N: usize, S: System<N, E>>(
        &mut self,
        walk: &mut Walk<N, E, S>,
        step: &Step<N>,
    ) -> Option<(usize, f64, [f64; N])>
    where
        F: FnMut(Seen, f64, &[f64; N]),
    {
        let mut inside = Inside { walk, step, dense: None };
        for look in 0..if E > 0 { S::LOOKS } else { 0 } {
            let [low, high] = [look, look + 1].map(|part| f64::from(part) / f64::from(S::LOOKS));
            let (time, state) = inside.at(high);
            let after = inside.walk.system.events(inside.walk.piece, time, &state);
            let before = std::mem::replace(&mut self.values, after);
            let mut hits = [(f64::INFINITY, 0); E];
            for event in 0..E {
                if S::EVENTS[event].happens(before[event], after[event]) {
                    hits[event] = (inside.reached(event, (low, before[event]), (high, after[event])), event);
                }
            }
            hits.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
            for (share, event) in hits.into_iter().take_while(|(share, _)| share.is_finite()) {
                let (time, state) = inside.at(share);
                self.report_times(time, &mut inside);
                (self.seen)(Seen::Event(event), time, &state);
                if S::EVENTS[event].terminal {
                    return Some((event, time, state));
                }
            }
        }
        self.report_times(step.end, &mut inside);
        None
    }

    /// Reports events that happen by a jump at a kink, up to a terminal one, of which it gives the number.
    #[inline(always)]
    pub(super) fn at_kink<const N: usize, S: System<N, E>>(&mut self, walk: &Walk<N, E, S>) -> Option<usize>
    where
        F: FnMut(Seen, f64, &[f64; N]),
    {
        let after = walk.events();
        let before = std::mem::replace(&mut self.values, after);
        for event in 0..E {
            if S::EVENTS[event].happens(before[event], after[event]) {
                (self.seen)(Seen::Event(event), walk.time, &walk.state);
                if S::EVENTS[event].terminal {
                    return Some(event);
                }
            }
        }
        None
    }
}
