//! The law's level with errors that wander back: Ornstein-Uhlenbeck, and errors of measurement.
//!
//! `ln A(t) = a + b ln(1 + tau(t) / stock) + z(t) + e`, with `tau` the integral of `input^lambda`, z of standard deviation
//! `deviation` and memory `length` (years), e of known variance. The constant a is the one that fits best. Innovations
//! come from Kalman's filter, so that a series of n measurements takes n steps.

use crate::elementary::{exp, ln, ln_1p};
use crate::parallel::Kernel;
use crate::{Error, Result, Run};

const OWNER: &str = "LevelLikelihood";
/// Numbers of a parameter vector: b, lambda, stock, deviation, length.
pub const WIDTH: usize = 5;
const LN_TAU: f64 = 1.837_877_066_409_345_3;

/// A series, validated.
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
    /// Times (years, ascending), ln A and its variance at each, and the pieces of constant input between them:
    /// durations and flows, `counts` of them from one measurement to the next.
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

    /// Log likelihood of each vector of [`WIDTH`] parameters; minus infinity where one is out of its range.
    pub fn log_likelihood(&self, parameters: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        if parameters.len() != out.len() * WIDTH {
            let expected = out.len() * WIDTH;
            return Err(Error::Length { owner: OWNER, name: "parameters", given: parameters.len(), expected });
        }
        run.fill(out, 1, &Vectors { series: self, parameters })
    }

    #[inline(always)]
    fn of(&self, [b, lambda, stock, deviation, length]: [f64; WIDTH]) -> f64 {
        let inside = lambda >= 0.0 && stock > 0.0 && deviation > 0.0 && length > 0.0;
        if !(inside && b.is_finite() && stock.is_finite() && deviation.is_finite() && lambda.is_finite()) {
            return f64::NEG_INFINITY;
        }
        let total = deviation * deviation;
        // What is expected of z before a measurement, for the residual and for a constant of 1.
        let (mut mean, mut mean_one, mut spread) = (0.0, 0.0, total);
        let (mut determinant, mut squares, mut cross, mut ones) = (0.0, 0.0, 0.0, 0.0);
        let (mut tau, mut piece) = (0.0, 0);
        for i in 0..self.log_output.len() {
            if i > 0 {
                for _ in 0..self.counts[i - 1] {
                    let effort = if lambda == 0.0 { 1.0 } else { exp(lambda * self.log_flows[piece]) };
                    tau += effort * self.durations[piece];
                    piece += 1;
                }
                let kept = exp(-self.gaps[i - 1] / length);
                mean *= kept;
                mean_one *= kept;
                spread = total + kept * kept * (spread - total);
            }
            let residual = self.log_output[i] - b * ln_1p(tau / stock) - mean;
            let one = 1.0 - mean_one;
            let variance = spread + self.variance[i];
            let precision = 1.0 / variance;
            determinant += ln(variance);
            squares += residual * residual * precision;
            cross += residual * one * precision;
            ones += one * one * precision;
            let gain = spread * precision;
            mean += gain * residual;
            mean_one += gain * one;
            spread *= 1.0 - gain;
            // Without an error of measurement nothing is left; rounding must not make it negative.
            spread = spread.max(0.0);
        }
        #[allow(clippy::cast_precision_loss)]
        let count = self.log_output.len() as f64;
        let found = -0.5 * (count * LN_TAU + determinant + squares - cross * cross / ones);
        if found.is_nan() { f64::NEG_INFINITY } else { found }
    }
}

struct Vectors<'a> {
    series: &'a LevelLikelihood,
    parameters: &'a [f64],
}

impl Kernel for Vectors<'_> {
    const TASK_VALUES: usize = 64;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let vector = std::array::from_fn(|k| self.parameters[path * WIDTH + k]);
        values[0] = self.series.of(vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two measurements: their difference is normal, whatever the constant.
    #[test]
    fn two_measurements_are_a_bivariate_normal() {
        let series =
            LevelLikelihood::new(&[0.0, 2.0], vec![0.0, 1.0], vec![0.04, 0.09], vec![2.0], &[4.0], vec![1]).unwrap();
        let mut out = [0.0];
        series.log_likelihood(&[1.5, 0.5, 8.0, 0.3, 3.0], &Run::default(), &mut out).unwrap();
        let (total, kept) = (0.09, (-2.0f64 / 3.0).exp());
        let (p, q, c) = (total + 0.04, total + 0.09, total * kept);
        let away = 1.0 - 1.5 * (4.0f64 / 8.0).ln_1p();
        let expected = -0.5 * (2.0 * LN_TAU + (p * q - c * c).ln() + away * away / (p + q - 2.0 * c));
        assert!((out[0] - expected).abs() < 1e-13, "{} {expected}", out[0]);
    }

    #[test]
    fn what_is_out_of_range_is_impossible() {
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
