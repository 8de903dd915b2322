//! Propagation of particles from one measurement to the next.

use super::{BLOCK, Effort, HIGHEST, LN_2, Particles};
use crate::numerics::elementary::{exp, expm1, ln_1p};
use crate::parallel::Kernel;
use crate::sampling::normal_block;

/// Propagation of particles over an interval by Strang splitting: exact steps of the law, with half a step at the start and at
/// the end, and noise between them.
pub(super) struct Propagation<'a> {
    pub(super) particles: &'a Particles,
    /// Length of a step, years.
    pub(super) h: f64,
    /// Number of the random variable for the noise of each step.
    pub(super) variables: Vec<u64>,
    pub(super) effort: Effort,
    /// Logarithms of the paces whose crossing is watched.
    pub(super) barriers: &'a [f64],
}

/// State of a block of particles.
struct Block {
    gain: [f64; BLOCK],
    log_pace: [f64; BLOCK],
    /// Logarithm of the pace at the end of the previous step.
    before: [f64; BLOCK],
    /// `ln 2 (lambda / r - lambda x share of automation)`: fall of the logarithm of the pace per doubling.
    drag: [f64; BLOCK],
    /// Growth of effort, times lambda, per year.
    push: [f64; BLOCK],
    /// Standard deviation of the noise of a step.
    deviation: [f64; BLOCK],
}

impl Block {
    /// Advances by the law without noise. The doubling time y = e^-u obeys `dy/dt = drag - push y`, which is linear; it reaches 0
    /// at a singularity.
    #[inline(always)]
    fn flow(&mut self, years: f64, n: usize) {
        for i in 0..n {
            let push = self.push[i] * years;
            let mean = if push.abs() > 1e-12 { expm1(push) / push } else { 1.0 };
            let free_gain = years * mean * exp(self.log_pace[i].min(HIGHEST));
            let change = self.drag[i] * free_gain;
            let singular = change <= 1e-12 - 1.0 || self.log_pace[i] >= HIGHEST;
            let bounded = if singular { 0.0 } else { change };
            let log = ln_1p(bounded);
            let ratio = if bounded == 0.0 { 1.0 } else { log / bounded };
            self.gain[i] += free_gain * ratio;
            let log_pace = (self.log_pace[i] + push - log).max(-HIGHEST);
            self.log_pace[i] = if singular { f64::INFINITY } else { log_pace };
        }
    }
}

impl Kernel for Propagation<'_> {
    const TASK_VALUES: usize = 1 << 11;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let first = path * BLOCK;
        let n = BLOCK.min(self.particles.count() - first);
        let [_, log_pace, log_r, log_lambda, log_volatility] = &self.particles.columns;
        let zero = [0.0; BLOCK];
        let mut block = Block { gain: zero, log_pace: zero, before: zero, drag: zero, push: zero, deviation: zero };
        block.log_pace[..n].copy_from_slice(&log_pace[first..first + n]);
        let (share, growth) = match self.effort {
            Effort::Automated => (1.0, 0.0),
            Effort::Growing(rate) => (0.0, rate),
        };
        let root_h = self.h.sqrt();
        for i in 0..n {
            let lambda = exp(log_lambda[first + i]);
            block.drag[i] = LN_2 * lambda * (exp(-log_r[first + i]) - share);
            block.push[i] = lambda * growth;
            block.deviation[i] = root_h * exp(log_volatility[first + i]);
        }
        let (state, survival) = values.split_at_mut(2 * BLOCK);
        survival.fill(1.0);
        let mut z = zero;
        block.before = block.log_pace;
        for (step, variable) in self.variables.iter().enumerate() {
            block.flow(if step == 0 { 0.5 * self.h } else { self.h }, n);
            normal_block(self.particles.seed, *variable, first, &mut z[..n]);
            for (i, normal) in z.iter().enumerate().take(n) {
                block.log_pace[i] += block.deviation[i] * normal;
            }
            multiply_survival(&block, self.barriers, survival, n);
            block.before = block.log_pace;
        }
        block.flow(0.5 * self.h, n);
        multiply_survival(&block, self.barriers, survival, n);
        state[..BLOCK].copy_from_slice(&block.gain);
        state[BLOCK..].copy_from_slice(&block.log_pace);
    }
}

/// Multiplies the probability of staying below each barrier by that of a Brownian bridge over the step.
#[inline(always)]
fn multiply_survival(block: &Block, barriers: &[f64], survival: &mut [f64], n: usize) {
    for (barrier, survivals) in barriers.iter().zip(survival.chunks_exact_mut(BLOCK)) {
        for (i, probability) in survivals.iter_mut().enumerate().take(n) {
            let (from, to) = (barrier - block.before[i], barrier - block.log_pace[i]);
            let deviation = block.deviation[i];
            let power = -2.0 * from.max(0.0) * to.max(0.0) / (deviation * deviation);
            *probability *= -expm1(power.max(-700.0));
        }
    }
}
