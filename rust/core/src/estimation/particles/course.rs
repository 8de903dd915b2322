//! Particles on their way from one measurement to the next.

use super::{BLOCK, Effort, HIGHEST, LN_2, Particles};
use crate::numerics::elementary::{exp, expm1, ln_1p};
use crate::parallel::Kernel;
use crate::sampling::normal_block;

/// The course of the particles over an interval: the law exactly over half a step, noise, the law over whole steps between
/// further noise, and over half a step at the end.
pub(super) struct Course<'a> {
    pub(super) particles: &'a Particles,
    /// Years of a step.
    pub(super) h: f64,
    /// Variable of the noise of each step.
    pub(super) variables: Vec<u64>,
    pub(super) effort: Effort,
    pub(super) heights: &'a [f64],
}

/// A block of particles on their way.
struct Block {
    gain: [f64; BLOCK],
    log_pace: [f64; BLOCK],
    before: [f64; BLOCK],
    /// `ln 2 (lambda / r - lambda x share of automation)`: what a doubling takes from the logarithm of the pace.
    drag: [f64; BLOCK],
    /// Growth of effort, times lambda, per year.
    push: [f64; BLOCK],
    deviation: [f64; BLOCK],
}

impl Block {
    /// Follows the law without noise. The doubling time y = e^-u obeys `dy/dt = drag - push y`, which is linear; it reaches 0 at
    /// a singularity.
    #[inline(always)]
    fn flow(&mut self, years: f64, n: usize) {
        for i in 0..n {
            let push = self.push[i] * years;
            let mean = if push.abs() > 1e-12 { expm1(push) / push } else { 1.0 };
            let reach = years * mean * exp(self.log_pace[i].min(HIGHEST));
            let change = self.drag[i] * reach;
            let singular = change <= 1e-12 - 1.0 || self.log_pace[i] >= HIGHEST;
            let bounded = if singular { 0.0 } else { change };
            let log = ln_1p(bounded);
            let per = if bounded == 0.0 { 1.0 } else { log / bounded };
            self.gain[i] += reach * per;
            let log_pace = (self.log_pace[i] + push - log).max(-HIGHEST);
            self.log_pace[i] = if singular { f64::INFINITY } else { log_pace };
        }
    }
}

impl Kernel for Course<'_> {
    const TASK_VALUES: usize = 1 << 11;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let first = path * BLOCK;
        let n = BLOCK.min(self.particles.count() - first);
        let [_, log_pace, log_r, log_lambda, log_volatility] = &self.particles.columns;
        let zero = [0.0; BLOCK];
        let mut block = Block { gain: zero, log_pace: zero, before: zero, drag: zero, push: zero, deviation: zero };
        block.log_pace[..n].copy_from_slice(&log_pace[first..first + n]);
        let (share, outside) = match self.effort {
            Effort::Automated => (1.0, 0.0),
            Effort::Growing(rate) => (0.0, rate),
        };
        let root = self.h.sqrt();
        for i in 0..n {
            let lambda = exp(log_lambda[first + i]);
            block.drag[i] = LN_2 * lambda * (exp(-log_r[first + i]) - share);
            block.push[i] = lambda * outside;
            block.deviation[i] = root * exp(log_volatility[first + i]);
        }
        let (moved, below) = values.split_at_mut(2 * BLOCK);
        below.fill(1.0);
        let mut z = zero;
        block.before = block.log_pace;
        for (step, variable) in self.variables.iter().enumerate() {
            block.flow(if step == 0 { 0.5 * self.h } else { self.h }, n);
            normal_block(self.particles.seed, *variable, first, &mut z[..n]);
            for (i, normal) in z.iter().enumerate().take(n) {
                block.log_pace[i] += block.deviation[i] * normal;
            }
            stay_below(&block, self.heights, below, n);
            block.before = block.log_pace;
        }
        block.flow(0.5 * self.h, n);
        stay_below(&block, self.heights, below, n);
        moved[..BLOCK].copy_from_slice(&block.gain);
        moved[BLOCK..].copy_from_slice(&block.log_pace);
    }
}

/// Takes off the probability of a crossing between two points: of a Brownian bridge with the step's variance.
#[inline(always)]
fn stay_below(block: &Block, heights: &[f64], below: &mut [f64], n: usize) {
    for (height, stayed) in heights.iter().zip(below.chunks_exact_mut(BLOCK)) {
        for (i, stay) in stayed.iter_mut().enumerate().take(n) {
            let (from, to) = (height - block.before[i], height - block.log_pace[i]);
            let deviation = block.deviation[i];
            let power = -2.0 * from.max(0.0) * to.max(0.0) / (deviation * deviation);
            *stay *= -expm1(power.max(-700.0));
        }
    }
}
