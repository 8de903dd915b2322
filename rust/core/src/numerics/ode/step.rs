//! Steps of DOP853 and the choice of their width.

use super::tables::{ALL_STAGES, ERROR_3, ERROR_5, NODES, STAGES, STEP_STAGES};
use super::{Ending, Policy, Span, System, Work};
use crate::Cancel;

/// Most and least by which one step may differ from the last.
const MOST_GROWTH: f64 = 6.0;
const LEAST_GROWTH: f64 = 1.0 / 3.0;
/// Part of the width at which the error should be what is allowed.
const SAFETY: f64 = 0.9;

/// Factor from the width of a step to that of the next, by its error relative to what is allowed.
#[inline(always)]
fn growth(error: f64, most: f64) -> f64 {
    if error.is_finite() { (SAFETY / eighth_root(error)).clamp(LEAST_GROWTH, most) } else { LEAST_GROWTH }
}

/// By square roots, which every machine rounds alike.
#[inline(always)]
fn eighth_root(x: f64) -> f64 {
    x.sqrt().sqrt().sqrt()
}

/// The choice of the next step.
pub(super) struct Control {
    width: f64,
    most_growth: f64,
}

impl Control {
    /// With a first width.
    #[inline(always)]
    pub(super) fn new(width: f64) -> Self {
        Self { width, most_growth: MOST_GROWTH }
    }

    /// Width of a step with so much left to go, and whether it goes all the way. Two equal steps replace a step and a rest.
    #[inline(always)]
    fn fitted(&self, left: f64) -> (f64, bool) {
        if self.width * 1.01 >= left {
            (left, true)
        } else if self.width * 2.0 >= left {
            (0.5 * left, false)
        } else {
            (self.width, false)
        }
    }

    /// Learns from the error of a step, relative to what is allowed, and says whether the step is good.
    #[inline(always)]
    fn accepts(&mut self, width: f64, error: f64) -> bool {
        if error <= 1.0 {
            let proposed = width * growth(error, self.most_growth);
            // A step that was cut short for a kink says little about the next.
            self.width = if width < self.width { proposed.max(self.width) } else { proposed };
            self.most_growth = MOST_GROWTH;
            true
        } else {
            self.width = width * growth(error, 1.0);
            self.most_growth = 1.0;
            false
        }
    }
}

/// A step that was accepted.
pub(super) struct Step<const N: usize> {
    pub(super) width: f64,
    pub(super) end: f64,
    pub(super) state: [f64; N],
}

/// The integration at one time.
pub(super) struct Walk<'a, const N: usize, const E: usize, S> {
    pub(super) system: &'a S,
    pub(super) piece: usize,
    pub(super) time: f64,
    pub(super) state: [f64; N],
    /// The first is the slope at the time; the others are of the last step tried from there.
    pub(super) slopes: [[f64; N]; ALL_STAGES],
    pub(super) work: Work,
}

impl<'a, const N: usize, const E: usize, S: System<N, E>> Walk<'a, N, E, S> {
    #[inline(always)]
    pub(super) fn new(system: &'a S, span: &Span, state: [f64; N]) -> Self {
        let piece = span.kinks.partition_point(|kink| *kink <= span.start);
        let mut walk =
            Self { system, piece, time: span.start, state, slopes: [[0.0; N]; ALL_STAGES], work: Work::default() };
        walk.slopes[0] = walk.derivative(span.start, &state);
        walk
    }

    #[inline(always)]
    fn derivative(&mut self, time: f64, y: &[f64; N]) -> [f64; N] {
        self.work.evaluations += 1;
        self.system.derivative(self.piece, time, y)
    }

    #[inline(always)]
    pub(super) fn events(&self) -> [f64; E] {
        self.system.events(self.piece, self.time, &self.state)
    }

    /// Tries steps towards a goal until one is good.
    #[inline(always)]
    pub(super) fn step(
        &mut self,
        goal: f64,
        policy: &Policy<N>,
        control: &mut Control,
        cancel: &Cancel,
    ) -> Result<Step<N>, Ending> {
        loop {
            let tried = self.work.accepted + self.work.rejected;
            if cancel.raised_at(tried as usize) {
                return Err(Ending::Cancelled);
            }
            if tried >= policy.most_steps {
                return Err(Ending::Steps);
            }
            let (width, reaches) = control.fitted(goal - self.time);
            if !reaches && self.time + 0.1 * width == self.time {
                return Err(Ending::Stuck);
            }
            let (state, error) = self.attempt(width, policy);
            if control.accepts(width, error) {
                self.work.accepted += 1;
                let end = if reaches { goal } else { self.time + width };
                self.slopes[STEP_STAGES] = self.derivative(end, &state);
                return Ok(Step { width, end, state });
            }
            self.work.rejected += 1;
        }
    }

    /// A step of a width, whatever its error.
    #[cfg(test)]
    pub(super) fn forced(&mut self, width: f64, policy: &Policy<N>) -> Step<N> {
        let (state, _) = self.attempt(width, policy);
        let end = self.time + width;
        self.slopes[STEP_STAGES] = self.derivative(end, &state);
        Step { width, end, state }
    }

    /// Goes to the end of a step, and into the next piece if a kink is there: whether one is.
    #[inline(always)]
    pub(super) fn advance(&mut self, step: &Step<N>, kinks: &[f64]) -> bool {
        (self.time, self.state) = (step.end, step.state);
        let piece = self.piece;
        while kinks.get(self.piece).is_some_and(|kink| *kink <= self.time) {
            self.piece += 1;
        }
        let kinked = self.piece != piece;
        self.slopes[0] = if kinked { self.derivative(step.end, &step.state) } else { self.slopes[STEP_STAGES] };
        kinked
    }

    /// Width of the first step: Hairer, Norsett & Wanner II.4, "Starting step size".
    #[inline(always)]
    pub(super) fn first_width(&mut self, policy: &Policy<N>) -> f64 {
        let scale: [f64; N] = std::array::from_fn(|i| policy.relative.mul_add(self.state[i].abs(), policy.absolute[i]));
        let size = |y: &[f64; N]| y.iter().zip(scale).map(|(y, s)| (y / s) * (y / s)).sum::<f64>().sqrt();
        let (state, slope) = (size(&self.state), size(&self.slopes[0]));
        let guess = if state < 1e-5 || slope < 1e-5 { 1e-6 } else { 0.01 * state / slope };
        let y = std::array::from_fn(|i| guess.mul_add(self.slopes[0][i], self.state[i]));
        let next = self.derivative(self.time + guess, &y);
        let bend = size(&std::array::from_fn(|i| next[i] - self.slopes[0][i])) / guess;
        let steepest = slope.max(bend);
        let width = if steepest <= 1e-15 { f64::max(1e-6, guess * 1e-3) } else { eighth_root(0.01 / steepest) };
        // The comparison is false for NaN too.
        if width < 100.0 * guess { width } else { 100.0 * guess }
    }

    /// Tries a step: the state at its end, and the estimate of its error relative to what is allowed.
    #[inline(always)]
    pub(super) fn attempt(&mut self, width: f64, policy: &Policy<N>) -> ([f64; N], f64) {
        let y = self.stages(1..STEP_STAGES + 1, width);
        let (fifth, third) = (ERROR_5.of(&self.slopes), ERROR_3.of(&self.slopes));
        let (mut sum_5, mut sum_3, mut sound) = (0.0, 0.0, true);
        for i in 0..N {
            let scale = policy.relative.mul_add(self.state[i].abs().max(y[i].abs()), policy.absolute[i]);
            sum_5 += (fifth[i] / scale) * (fifth[i] / scale);
            sum_3 += (third[i] / scale) * (third[i] / scale);
            sound &= y[i].is_finite();
        }
        let size = 0.01_f64.mul_add(sum_3, sum_5);
        let error = if size == 0.0 { 0.0 } else { width * sum_5 / (size * N as f64).sqrt() };
        (y, if sound { error } else { f64::INFINITY })
    }

    /// Computes stages one after the other, and gives the state of the last, of which the slope is left out where it is the
    /// step itself.
    #[inline(always)]
    pub(super) fn stages(&mut self, range: std::ops::Range<usize>, width: f64) -> [f64; N] {
        let mut y = self.state;
        for stage in range {
            let slope = STAGES[stage - 1].of(&self.slopes);
            for i in 0..N {
                y[i] = width.mul_add(slope[i], self.state[i]);
            }
            if stage != STEP_STAGES {
                self.slopes[stage] = self.derivative(width.mul_add(NODES[stage], self.time), &y);
            }
        }
        y
    }
}
