//! A Rao-Blackwellised particle filter of the pace of progress.
//!
//! A particle holds the logarithm u of the pace dx/dt (doublings x per year), the returns r, the parallelizability lambda and
//! the volatility s. The growth law with multiplicative noise is
//!
//! ```text
//! dx = e^u dt
//! du = lambda d ln E - (lambda / r) ln 2 dx + s dB
//! ```
//!
//! with the research effort E either measured, or proportional to the level (`d ln E = ln 2 dx`: research is automated). The
//! noise acts on the pace alone, so that given the path of the pace the level is its first value plus a known gain: with a normal
//! measurement error it is normal, with a mean per particle and one variance for all (a Kalman filter in each particle, Doucet,
//! de Freitas, Murphy & Russell 2000). Resampling is systematic and followed by a kernel with shrinkage, which preserves means
//! and covariances (Liu & West 2001). A measurement much sharper than the forecast is assimilated in stages (progressive
//! correction, Musso, Oudjane & Le Gland 2001).

mod propagation;

use crate::numerics::elementary::ln;
use crate::sampling::{self, Function, first_uniform, normals, variable_number};
use crate::{Argument, Error, Result, Run};
use propagation::Propagation;
use std::f64::consts::LN_2;

/// Columns of a particle that the kernel perturbs: level, and the logarithms of pace, r, lambda and volatility.
const COLUMNS: usize = 5;
/// Standard deviation of the kernel, in standard deviations of the particles.
const BANDWIDTH: f64 = 0.1;
/// A measurement is refused if it is farther than this from the forecast and from every particle, in standard errors.
const REACH: f64 = 6.0;
/// Share of the particles that a stage of the correction leaves effective.
const STAGE_SHARE: f64 = 0.25;
/// Least share of effective particles after a measurement that is assimilated in one stage.
const LEAST_SHARE: f64 = 0.1;
/// Greatest number of stages.
const MOST_STAGES: usize = 64;
/// Greatest logarithm of a pace: beyond it a particle counts as singular.
const HIGHEST: f64 = 40.0;
/// Particles that are propagated together.
const BLOCK: usize = sampling::BLOCK;

/// Growth of research effort over an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effort {
    /// Effort is proportional to the level.
    Automated,
    /// The logarithm of effort grows at this rate per year.
    Growing(f64),
}

/// A weighted set of particles.
#[derive(Debug, Clone, PartialEq)]
pub struct Particles {
    /// Level (its mean), and the logarithms of pace, r, lambda and volatility.
    columns: [Vec<f64>; COLUMNS],
    weights: Vec<f64>,
    /// Variance of the level given a particle's path; infinite before the first measurement.
    variance: f64,
    /// Number of intervals and measurements so far: part of the address of each random number.
    step: u64,
    seed: u64,
}

/// Outcome of a measurement.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The measurement was assimilated.
    Assimilated {
        /// The particles after the measurement.
        next: Box<Particles>,
        /// Logarithm of the density of the measurement under the forecast.
        density: f64,
        /// Effective number of particles after the measurement and before resampling.
        effective: f64,
    },
    /// The measurement is far from the forecast and from every particle.
    OutOfReach,
}

const fn field(name: &'static str, high: f64, rule: &'static str) -> Argument {
    Argument { owner: "Monitor", name, low: 0.0, low_included: false, high, rule }
}

const PACE: Argument = field("pace", 1e12, "> 0 and at most 1e12 doublings per year");
const RETURNS: Argument = field("r", 1e6, "> 0 and at most 1e6");
const PARALLELIZABILITY: Argument = field("parallelizability", 1.0, "> 0 and at most 1");
const VOLATILITY: Argument = Argument {
    low_included: true,
    ..field("volatility", 1e3, "at least 0 and at most 1,000 per square root of a year")
};

/// Volatility that replaces 0, whose logarithm is infinite.
const LEAST_VOLATILITY: f64 = 1e-12;

impl Particles {
    /// Creates particles of equal weight from draws of the prior.
    pub fn new(
        pace: &[f64],
        returns: &[f64],
        parallelizability: &[f64],
        volatility: &[f64],
        seed: u64,
        run: &Run,
    ) -> Result<Self> {
        for (field, values) in
            [(PACE, pace), (RETURNS, returns), (PARALLELIZABILITY, parallelizability), (VOLATILITY, volatility)]
        {
            same_length(field.name, values.len(), pace.len())?;
            field.check(values)?;
        }
        let floored = |values: &[f64]| values.iter().map(|v| v.max(LEAST_VOLATILITY)).collect::<Vec<f64>>();
        let logarithm = |values: &[f64]| mapped(Function::Ln, &floored(values), run);
        let columns = [
            vec![0.0; pace.len()],
            logarithm(pace)?,
            logarithm(returns)?,
            logarithm(parallelizability)?,
            logarithm(volatility)?,
        ];
        let weights = vec![1.0 / pace.len() as f64; pace.len()];
        Ok(Self { columns, weights, variance: f64::INFINITY, step: 0, seed })
    }

    /// Restores particles from [`Self::columns`].
    pub fn restored(flat: &[f64], variance: f64, step: u64, seed: u64) -> Result<Self> {
        let n = flat.len() / (COLUMNS + 1);
        same_length("columns", flat.len(), n.max(1) * (COLUMNS + 1))?;
        let column = |i: usize| flat[i * n..(i + 1) * n].to_vec();
        let weights = column(COLUMNS);
        let weight_sum: f64 = weights.iter().sum();
        let valid = flat.iter().all(|v| v.is_finite()) && weights.iter().all(|&w| w >= 0.0);
        if !(valid && (weight_sum - 1.0).abs() < 1e-9 && variance > 0.0) {
            let rule = "finite, with weights that add up to 1";
            return Err(Error::InvalidValue {
                owner: "Monitor",
                name: "columns",
                value: weight_sum,
                index: None,
                rule: rule.into(),
            });
        }
        let columns = [column(0), column(1), column(2), column(3), column(4)];
        Ok(Self { columns, weights, variance, step, seed })
    }

    /// Number of particles.
    pub fn count(&self) -> usize {
        self.weights.len()
    }

    /// Variance of the level given a particle's path, square doublings.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Number of intervals and measurements so far.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Returns level, logarithms of pace, r, lambda and volatility, and weights, one row after the other.
    pub fn columns(&self) -> Vec<f64> {
        self.columns.iter().chain([&self.weights]).flatten().copied().collect()
    }

    /// Effective sample size of the weights.
    pub fn effective_size(&self) -> f64 {
        1.0 / self.weights.iter().map(|w| w * w).sum::<f64>()
    }

    /// Propagates the particles over some years without a measurement. Particles that are singular by then get a weight of 0;
    /// returns `None` if all are.
    pub fn advanced(&self, years: f64, effort: Effort, run: &Run) -> Result<Option<Self>> {
        let steps = steps_in(years);
        let propagated = self.propagated("path", years, steps, effort, &[], run)?;
        let mut next = self.clone();
        next.step += 1;
        for (i, block) in propagated.chunks(2 * BLOCK).enumerate() {
            let first = i * BLOCK;
            for j in 0..BLOCK.min(self.count() - first) {
                let (gain, log_pace) = (block[j], block[BLOCK + j]);
                if log_pace < HIGHEST {
                    next.columns[0][first + j] += gain;
                    next.columns[1][first + j] = log_pace;
                } else {
                    next.weights[first + j] = 0.0;
                }
            }
        }
        Ok(next.normalize().then_some(next))
    }

    /// Propagates the particles over some years, then assimilates a measured level (doublings) with its standard error.
    pub fn updated(&self, years: f64, effort: Effort, measured: f64, error: f64, run: &Run) -> Result<Outcome> {
        if self.variance.is_infinite() {
            let mut first = self.clone();
            first.columns[0].fill(measured);
            first.variance = error * error;
            first.step += 1;
            let effective = first.effective_size();
            return Ok(Outcome::Assimilated { next: Box::new(first), density: 0.0, effective });
        }
        let Some(mut next) = self.advanced(years, effort, run)? else { return Ok(Outcome::OutOfReach) };
        let deviation = (self.variance + error * error).sqrt();
        let standardized = |level: f64| (measured - level) / deviation;
        if !next.is_plausible(measured, deviation) {
            return Ok(Outcome::OutOfReach);
        }
        let mut density = -0.5 * ln_of(2.0 * std::f64::consts::PI * deviation * deviation);
        let (mut remaining, mut effective) = (1.0, 0.0);
        for stage in 0.. {
            let likelihood: Vec<f64> =
                next.columns[0].iter().map(|l| -0.5 * standardized(*l) * standardized(*l)).collect();
            if stage == MOST_STAGES {
                return Ok(Outcome::OutOfReach);
            }
            if stage == 0 {
                effective = next.effective_after(&likelihood, 1.0, run)?;
            }
            let exponent = next.next_exponent(&likelihood, remaining, run)?;
            density += next.reweigh(&likelihood, exponent, run)?;
            remaining -= exponent;
            if remaining <= 0.0 {
                break;
            }
            next.resample(&format!("degree {stage}"), run)?;
        }
        let gain = self.variance / (deviation * deviation);
        for level in &mut next.columns[0] {
            *level += gain * (measured - *level);
        }
        next.variance = self.variance * (error * error) / (deviation * deviation);
        if next.effective_size() < 0.5 * next.count() as f64 {
            next.resample("end", run)?;
        }
        Ok(Outcome::Assimilated { next: Box::new(next), density, effective })
    }

    /// Returns whether a measurement is near the forecast or near a particle.
    fn is_plausible(&self, measured: f64, deviation: f64) -> bool {
        let (mean, variance) = self.level();
        let near = |distance: f64, scale: f64| distance.abs() <= REACH * scale;
        near(measured - mean, (variance + deviation * deviation).sqrt())
            || self.columns[0].iter().zip(&self.weights).any(|(l, w)| *w > 0.0 && near(measured - l, deviation))
    }

    /// Returns the weighted mean of the particles' levels, and their variance.
    fn level(&self) -> (f64, f64) {
        let mean: f64 = self.columns[0].iter().zip(&self.weights).map(|(v, w)| v * w).sum();
        let squares = self.columns[0].iter().zip(&self.weights).map(|(v, w)| w * (v - mean) * (v - mean));
        (mean, squares.sum())
    }

    /// Computes the probability that the pace reaches each of `paces` within some years.
    pub fn crossing(&self, years: f64, effort: Effort, paces: &[f64], run: &Run) -> Result<Vec<f64>> {
        let steps = steps_in(years);
        let barriers: Vec<f64> = paces.iter().map(|p| ln_of(*p)).collect();
        let propagated = self.propagated("ahead", years, steps, effort, &barriers, run)?;
        let width = (2 + barriers.len()) * BLOCK;
        let mut probabilities = vec![0.0; barriers.len()];
        for (i, block) in propagated.chunks(width).enumerate() {
            let weights = &self.weights[i * BLOCK..self.count().min((i + 1) * BLOCK)];
            for (sum, below) in probabilities.iter_mut().zip(block[2 * BLOCK..].chunks(BLOCK)) {
                *sum = weights.iter().zip(below).fold(*sum, |sum, (w, b)| sum + w * (1.0 - b));
            }
        }
        Ok(probabilities.iter().map(|p| p.clamp(0.0, 1.0)).collect())
    }

    /// Computes the probability that the pace is now above each of `paces`.
    pub fn above(&self, paces: &[f64]) -> Vec<f64> {
        let above = |log_pace: f64| {
            let pairs = self.columns[1].iter().zip(&self.weights);
            pairs.filter(|(u, _)| **u > log_pace).fold(0.0, |sum: f64, (_, w)| sum + w).min(1.0)
        };
        paces.iter().map(|p| above(ln_of(*p))).collect()
    }

    /// Computes mean and quantiles of the pace, of its relative growth per year by the law, and of r; then mean and standard
    /// deviation of the level.
    pub fn summary(&self, effort: Effort, probabilities: &[f64], run: &Run) -> Result<Vec<f64>> {
        let pace = mapped(Function::Exp, &self.columns[1], run)?;
        let returns = mapped(Function::Exp, &self.columns[2], run)?;
        let lambda = mapped(Function::Exp, &self.columns[3], run)?;
        let growth = |i: usize| {
            let (share, effort_growth) = match effort {
                Effort::Automated => (1.0, 0.0),
                Effort::Growing(rate) => (0.0, rate),
            };
            lambda[i] * (effort_growth + LN_2 * pace[i] * (share - 1.0 / returns[i]))
        };
        let growth: Vec<f64> = (0..self.count()).map(growth).collect();
        let mut out = Vec::new();
        for values in [&pace, &growth, &returns] {
            out.push(values.iter().zip(&self.weights).map(|(v, w)| v * w).sum());
            out.extend(weighted_quantiles(values, &self.weights, probabilities));
        }
        let (mean, variance) = self.level();
        out.extend([mean, (variance + self.variance).sqrt()]);
        Ok(out)
    }

    /// Propagates the particles; returns gains of level, logarithms of pace (infinite if singular) and probabilities of staying
    /// below each barrier, block by block.
    fn propagated(
        &self,
        purpose: &str,
        years: f64,
        steps: usize,
        effort: Effort,
        barriers: &[f64],
        run: &Run,
    ) -> Result<Vec<f64>> {
        let variables = (0..steps).map(|i| self.variable(&format!("{purpose} {i}"))).collect();
        let kernel = Propagation { particles: self, h: years / steps as f64, variables, effort, barriers };
        let width = (2 + barriers.len()) * BLOCK;
        let mut out = vec![0.0; width * self.count().div_ceil(BLOCK)];
        run.fill(&mut out, width, &kernel)?;
        Ok(out)
    }

    /// Returns the number of the random variable for a purpose in this step.
    fn variable(&self, purpose: &str) -> u64 {
        variable_number(&format!("monitor {} {purpose}", self.step))
    }

    /// Normalizes the weights to sum to 1; returns false if all are 0.
    fn normalize(&mut self) -> bool {
        let sum: f64 = self.weights.iter().sum();
        for weight in &mut self.weights {
            *weight /= sum;
        }
        sum > 0.0 && sum.is_finite()
    }

    /// Multiplies the weights by a power of the likelihood and normalizes them; returns the logarithm of the mean of that power.
    fn reweigh(&mut self, likelihood: &[f64], power: f64, run: &Run) -> Result<f64> {
        let (weights, log_mean) = self.reweighed(likelihood, power, run)?;
        self.weights = weights;
        self.normalize();
        Ok(log_mean)
    }

    /// Returns the weights times a power of the likelihood, and the logarithm of their sum.
    fn reweighed(&self, likelihood: &[f64], power: f64, run: &Run) -> Result<(Vec<f64>, f64)> {
        let possible = likelihood.iter().zip(&self.weights).filter(|(_, w)| **w > 0.0);
        let best = possible.fold(f64::NEG_INFINITY, |best, (l, _)| best.max(*l));
        let relative: Vec<f64> = likelihood.iter().map(|l| (power * (l - best)).min(0.0)).collect();
        let mut weights = mapped(Function::Exp, &relative, run)?;
        for (new, old) in weights.iter_mut().zip(&self.weights) {
            *new *= old;
        }
        let sum: f64 = weights.iter().sum();
        Ok((weights, power * best + ln_of(sum)))
    }

    /// Computes the effective sample size of the weights times a power of the likelihood.
    fn effective_after(&self, likelihood: &[f64], power: f64, run: &Run) -> Result<f64> {
        let (weights, _) = self.reweighed(likelihood, power, run)?;
        let (sum, squares) = weights.iter().fold((0.0, 0.0), |(s, q), w| (s + w, q + w * w));
        Ok(sum * sum / squares)
    }

    /// Chooses the exponent of the likelihood in the next stage: the largest that leaves enough particles effective.
    fn next_exponent(&self, likelihood: &[f64], remaining: f64, run: &Run) -> Result<f64> {
        let effective = |power: f64| Ok(self.effective_after(likelihood, power, run)? / self.count() as f64);
        if effective(remaining)? >= LEAST_SHARE {
            return Ok(remaining);
        }
        let (mut low, mut high) = (0.0, remaining);
        for _ in 0..16 {
            let middle = 0.5 * (low + high);
            if effective(middle)? >= STAGE_SHARE {
                low = middle;
            } else {
                high = middle;
            }
        }
        // The upper end is above 0 even if few particles are effective from the start.
        Ok(high)
    }

    /// Resamples systematically, then applies the kernel: each column is shrunk towards its mean and perturbed by a normal with
    /// the covariance of the particles, which preserves means and covariances.
    fn resample(&mut self, label: &str, run: &Run) -> Result<()> {
        let n = self.count();
        let (means, cholesky) = self.moments();
        let offset = first_uniform(self.seed, self.variable(&format!("{label} resample")));
        let mut chosen = Vec::with_capacity(n);
        let (mut sum, mut index) = (self.weights[0], 0);
        for i in 0..n {
            let target = (i as f64 + offset) / n as f64;
            while sum < target && index + 1 < n {
                index += 1;
                sum += self.weights[index];
            }
            chosen.push(index);
        }
        let shrinkage = (1.0 - BANDWIDTH * BANDWIDTH).sqrt();
        let mut noise = Vec::with_capacity(COLUMNS);
        for k in 0..COLUMNS {
            let mut z = vec![0.0; n];
            normals(self.seed, self.variable(&format!("{label} kernel {k}")), run, &mut z)?;
            noise.push(z);
        }
        for (k, mean) in means.iter().enumerate() {
            let old = &self.columns[k];
            let perturbed = |(i, source): (usize, &usize)| {
                let shift: f64 = (0..=k).map(|j| cholesky[k][j] * noise[j][i]).sum();
                mean + shrinkage * (old[*source] - mean) + BANDWIDTH * shift
            };
            let column: Vec<f64> = chosen.iter().enumerate().map(perturbed).collect();
            self.columns[k] = column;
        }
        // Lambda is reflected at 1, and the kernel makes no pace singular.
        for value in &mut self.columns[3] {
            *value = -value.abs();
        }
        for value in &mut self.columns[1] {
            *value = value.clamp(-HIGHEST, 0.99 * HIGHEST);
        }
        self.weights.fill(1.0 / n as f64);
        Ok(())
    }

    /// Returns weighted means of the columns, and the Cholesky factor of their covariance (zeros for a constant column).
    fn moments(&self) -> ([f64; COLUMNS], [[f64; COLUMNS]; COLUMNS]) {
        let mut means = [0.0; COLUMNS];
        for (mean, column) in means.iter_mut().zip(&self.columns) {
            // Relative to the first value, so that the mean of a constant column is exact.
            let first = column[0];
            *mean = first + column.iter().zip(&self.weights).map(|(v, w)| w * (v - first)).sum::<f64>();
        }
        let mut cholesky = [[0.0; COLUMNS]; COLUMNS];
        for i in 0..COLUMNS {
            for j in 0..=i {
                let terms = self.columns[i].iter().zip(&self.columns[j]).zip(&self.weights);
                let covariance: f64 = terms.map(|((a, b), w)| w * (a - means[i]) * (b - means[j])).sum();
                let remainder = covariance - (0..j).map(|k| cholesky[i][k] * cholesky[j][k]).sum::<f64>();
                cholesky[i][j] = if i != j {
                    if cholesky[j][j] > 0.0 { remainder / cholesky[j][j] } else { 0.0 }
                } else if remainder > 1e-14 * covariance {
                    remainder.sqrt()
                } else {
                    0.0
                };
            }
        }
        (means, cholesky)
    }
}

/// Returns the number of steps of an interval: one per month, from 4 to 64.
fn steps_in(years: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 4 to 64
    let steps = (12.0 * years).ceil().clamp(4.0, 64.0) as usize;
    steps
}

/// Computes the natural logarithm; negative infinity unless the value is above 0.
fn ln_of(value: f64) -> f64 {
    if value > 0.0 { ln(value) } else { f64::NEG_INFINITY }
}

/// Checks the length of a column.
fn same_length(name: &'static str, given: usize, expected: usize) -> Result<()> {
    if given == expected && given > 0 { Ok(()) } else { Err(Error::Length { owner: "Monitor", name, given, expected }) }
}

/// Applies a function to each value.
fn mapped(function: Function, values: &[f64], run: &Run) -> Result<Vec<f64>> {
    let mut out = vec![0.0; values.len()];
    sampling::apply(function, values, run, &mut out)?;
    Ok(out)
}

/// Returns the smallest value up to which the weights sum to each probability.
fn weighted_quantiles(values: &[f64], weights: &[f64], probabilities: &[f64]) -> Vec<f64> {
    let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weights.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let quantile = |p: &f64| {
        let mut sum = 0.0;
        let reached = pairs.iter().find(|(_, weight)| {
            sum += weight;
            sum >= *p && *weight > 0.0
        });
        reached.or(pairs.last()).map_or(f64::NAN, |pair| pair.0)
    };
    probabilities.iter().map(quantile).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn particles(n: usize, volatility: f64) -> Particles {
        let spread: Vec<f64> = (0..n).map(|i| 0.5 + i as f64 / n as f64).collect();
        let run = Run::default();
        Particles::new(&spread, &spread, &vec![0.6; n], &vec![volatility; n], 1, &run).unwrap()
    }

    #[test]
    fn without_noise_it_is_the_growth_law() {
        // r = 2, lambda = 1: doubling n takes 2^(-(n-1)/2) of the first; singular at T0 / (1 - q).
        let run = Run::default();
        let (q, first) = (2.0f64.powf(-0.5), 1.0);
        // Pace at the start of a doubling: T0 = (1 - q) / (b p0) with b = ln 2 / 2.
        let pace = (1.0 - q) / (0.5 * LN_2 * first);
        let start = Particles::new(&[pace], &[2.0], &[1.0], &[0.0], 0, &run).unwrap();
        let later = start.advanced(first * (1.0 + q), Effort::Automated, &run).unwrap().unwrap();
        assert!((later.columns[0][0] - 2.0).abs() < 1e-9);
        assert!(start.advanced(first / (1.0 - q) * 1.001, Effort::Automated, &run).unwrap().is_none());
        assert!(start.advanced(first / (1.0 - q) * 0.999, Effort::Automated, &run).unwrap().is_some());
        // Effort that grows by 0.5 a year: in the end the level grows r times as fast.
        let grown = start.advanced(60.0, Effort::Growing(0.5), &run).unwrap().unwrap();
        assert!((grown.columns[1][0].exp() * LN_2 - 2.0 * 0.5).abs() < 1e-9);
    }

    #[test]
    fn resampling_keeps_means_and_covariances() {
        let run = Run::default();
        let n = 20_000;
        let mut set = particles(n, 0.3);
        for (i, w) in set.weights.iter_mut().enumerate() {
            *w *= 1.0 + 0.5 * (i as f64 * 0.37).sin();
        }
        assert!(set.normalize());
        let before = set.moments();
        set.resample("test", &run).unwrap();
        let after = set.moments();
        for k in 0..COLUMNS {
            assert!((before.0[k] - after.0[k]).abs() < 2e-3, "{k}");
            assert!((before.1[k][k] - after.1[k][k]).abs() < 5e-3, "{k}");
        }
        assert_eq!(before.0[3], after.0[3]);
    }

    #[test]
    fn a_far_measurement_is_out_of_reach() {
        let run = Run::default();
        let first = particles(1000, 0.1).updated(0.0, Effort::Automated, 0.0, 0.1, &run).unwrap();
        let Outcome::Assimilated { next: set, .. } = first else {
            panic!("the first measurement is always assimilated");
        };
        assert_eq!(set.updated(0.5, Effort::Automated, 1e6, 0.1, &run).unwrap(), Outcome::OutOfReach);
        assert_eq!(set.updated(0.5, Effort::Automated, f64::NAN, 0.1, &run).unwrap(), Outcome::OutOfReach);
        assert!(matches!(set.updated(0.5, Effort::Automated, 0.5, 1e-4, &run).unwrap(), Outcome::Assimilated { .. }));
    }
}
