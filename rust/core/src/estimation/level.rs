//! Likelihood of the level of the law, with mean-reverting (Ornstein-Uhlenbeck) deviations and measurement errors.
//!
//! `ln A(t) = a + b ln(1 + tau(t) / stock) + z(t) + e`, with `tau` the integral of `input^lambda`, z of standard deviation
//! `deviation` and memory `length` (years), e of known variance. Innovations are those of a Kalman filter, so that a series of
//! n measurements takes n steps.
//!
//! The likelihood is restricted (Patterson & Thompson 1971, Harville 1977): integrated over the constant a, and over the
//! growth from the first measurement to the last, `b ln(1 + tau(end)/stock)` at the given b, by Laplace's method. Maximum
//! likelihood would neglect that a and the growth are fitted, and underestimate the deviations and their memory: intervals of b
//! would be too narrow.

use crate::numerics::elementary::{exp, expm1, ln, ln_1p};
use crate::parallel::Kernel;
use crate::{Error, Result, Run};

const OWNER: &str = "LevelLikelihood";
/// Length of a parameter vector: b, lambda, stock, deviation, length.
pub const WIDTH: usize = 5;
/// Logarithm of 2 pi.
const LN_TAU: f64 = 1.837_877_066_409_345_3;

/// A validated series.
#[derive(Debug, Clone)]
pub struct LevelLikelihood {
    gaps: Vec<f64>,
    log_output: Vec<f64>,
    variance: Vec<f64>,
    durations: Vec<f64>,
    log_flows: Vec<f64>,
    counts: Vec<usize>,
}

impl LevelLikelihood {
    /// Validates a series: times (years, ascending), ln A and its variance at each time, and the pieces of constant input
    /// between them, as durations and flows, with `counts` of pieces from each measurement to the next.
    pub fn new(
        time: &[f64],
        log_output: Vec<f64>,
        variance: Vec<f64>,
        durations: Vec<f64>,
        flows: &[f64],
        counts: Vec<usize>,
    ) -> Result<Self> {
        let n = time.len();
        let lengths = [
            ("log_output", log_output.len(), n),
            ("variance", variance.len(), n),
            ("counts", counts.len(), n.saturating_sub(1)),
            ("flows", flows.len(), durations.len()),
            ("durations", durations.len(), counts.iter().sum()),
        ];
        for (name, given, expected) in lengths {
            if given != expected {
                return Err(Error::Length { owner: OWNER, name, given, expected });
            }
        }
        let gaps = time.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let log_flows = flows.iter().map(|&flow| if flow > 0.0 { ln(flow) } else { f64::NEG_INFINITY }).collect();
        Ok(Self { gaps, log_output, variance, durations, log_flows, counts })
    }

    /// Computes the restricted log-likelihood at each vector of [`WIDTH`] parameters; -infinity if one is out of its range.
    pub fn log_likelihood(&self, parameters: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        if parameters.len() != out.len() * WIDTH {
            let expected = out.len() * WIDTH;
            return Err(Error::Length { owner: OWNER, name: "parameters", given: parameters.len(), expected });
        }
        run.fill(out, 1, &Vectors { series: self, parameters })
    }

    /// Computes the operational time of each measurement.
    #[inline(always)]
    fn operational_times(&self, lambda: f64) -> Vec<f64> {
        let (mut tau, mut piece) = (0.0, 0);
        let mut times = vec![0.0];
        for count in &self.counts {
            for _ in 0..*count {
                let effort = if lambda == 0.0 { 1.0 } else { exp(lambda * self.log_flows[piece]) };
                tau += effort * self.durations[piece];
                piece += 1;
            }
            times.push(tau);
        }
        times
    }

    /// Computes the restricted log-likelihood at one parameter vector.
    #[inline(always)]
    fn at(&self, [b, lambda, stock, deviation, length]: [f64; WIDTH]) -> f64 {
        let in_domain = lambda >= 0.0 && stock > 0.0 && deviation > 0.0 && length > 0.0;
        if !(in_domain && b.is_finite() && stock.is_finite() && deviation.is_finite() && lambda.is_finite()) {
            return f64::NEG_INFINITY;
        }
        let stationary_variance = deviation * deviation;
        let operational_times = self.operational_times(lambda);
        let total_time = operational_times[operational_times.len() - 1];
        // Columns: the residual of the law, a constant of 1, and the level per total growth. For each the prediction before
        // a measurement, and weighted products of the innovations.
        let mut predicted = [0.0; 3];
        let mut products = [[0.0; 3]; 3];
        let (mut state_variance, mut log_determinant) = (stationary_variance, 0.0);
        for (i, tau) in operational_times.iter().enumerate() {
            if i > 0 {
                let decay = exp(-self.gaps[i - 1] / length);
                predicted = predicted.map(|value| value * decay);
                state_variance = (decay * decay)
                    .mul_add(state_variance, -expm1(-2.0 * self.gaps[i - 1] / length) * stationary_variance);
            }
            let residual = self.log_output[i] - b * ln_1p(tau / stock);
            let growth = (tau / total_time) * ((stock + total_time) / (stock + tau));
            let innovations = [residual - predicted[0], 1.0 - predicted[1], growth - predicted[2]];
            let variance = state_variance + self.variance[i];
            let precision = 1.0 / variance;
            log_determinant += ln(variance);
            let gain = state_variance * precision;
            for j in 0..3 {
                for k in 0..=j {
                    products[j][k] += innovations[j] * innovations[k] * precision;
                }
                predicted[j] += gain * innovations[j];
            }
            state_variance *= 1.0 - gain;
            // Without a measurement error the variance is 0, and rounding must not make it negative.
            state_variance = state_variance.max(0.0);
        }
        #[allow(clippy::cast_precision_loss)]
        let count = self.log_output.len() as f64;
        let [[squares, ..], [cross, ones, _], [_, tilt, slopes]] = products;
        let information = ones * (slopes - tilt * tilt / ones);
        if information.is_nan() || information <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let restricted = log_determinant + ln(information) + squares - cross * cross / ones;
        let log_likelihood = -0.5 * (count - 2.0).mul_add(LN_TAU, restricted);
        if log_likelihood.is_nan() { f64::NEG_INFINITY } else { log_likelihood }
    }
}

/// Kernel that computes one log-likelihood per parameter vector.
struct Vectors<'a> {
    series: &'a LevelLikelihood,
    parameters: &'a [f64],
}

impl Kernel for Vectors<'_> {
    const TASK_VALUES: usize = 64;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let vector = std::array::from_fn(|k| self.parameters[path * WIDTH + k]);
        values[0] = self.series.at(vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two measurements: the difference of the residuals of the law is normal, and the growth until the second is 0 or 1.
    #[test]
    fn two_measurements_are_a_bivariate_normal() {
        let series =
            LevelLikelihood::new(&[0.0, 2.0], vec![0.0, 1.0], vec![0.04, 0.09], vec![2.0], &[4.0], vec![1]).unwrap();
        let mut out = [0.0];
        series.log_likelihood(&[1.5, 0.5, 8.0, 0.3, 3.0], &Run::default(), &mut out).unwrap();
        let (total, kept) = (0.09, (-2.0f64 / 3.0).exp());
        let (p, q, c) = (total + 0.04, total + 0.09, total * kept);
        let away = 1.0 - 1.5 * (4.0f64 / 8.0).ln_1p();
        // Both columns together have the information 1/determinant, whose logarithm cancels that of the determinant.
        let expected = -0.5 * away * away / (p + q - 2.0 * c);
        assert!((out[0] - expected).abs() < 1e-13, "{} {expected}", out[0]);
    }

    #[test]
    fn parameters_out_of_range_have_no_likelihood() {
        let series =
            LevelLikelihood::new(&[0.0, 1.0], vec![0.0, 1.0], vec![0.0; 2], vec![1.0], &[0.0], vec![1]).unwrap();
        let good = [1.0, 0.5, 1.0, 0.3, 3.0];
        for (k, bad) in [(0, f64::NAN), (1, -1.0), (2, 0.0), (3, 0.0), (4, 0.0), (2, f64::INFINITY)] {
            let mut vector = good;
            vector[k] = bad;
            let mut out = [0.0];
            series.log_likelihood(&vector, &Run::default(), &mut out).unwrap();
            assert_eq!(out[0], f64::NEG_INFINITY);
        }
    }
}
