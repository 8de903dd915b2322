//! The law's level with errors that wander back: Ornstein-Uhlenbeck, and errors of measurement.
//!
//! `ln A(t) = a + b ln(1 + tau(t) / stock) + z(t) + e`, with `tau` the integral of `input^lambda`, z of standard deviation
//! `deviation` and memory `length` (years), e of known variance. Innovations come from Kalman's filter, so that a series of
//! n measurements takes n steps.
//!
//! The likelihood is the restricted one (Patterson & Thompson 1971, Harville 1977): integrated over the constant a, and
//! over the growth from the first measurement to the last, `b ln(1 + tau(end)/stock)` at the given b, by Laplace's method.
//! The highest likelihood would leave out that a and that growth are fitted, and find deviations too small and too soon
//! forgotten: intervals of b would be too narrow.

use crate::numerics::elementary::{exp, expm1, ln, ln_1p};
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

    /// Restricted log likelihood of each vector of [`WIDTH`] parameters; minus infinity where one is out of its range.
    pub fn log_likelihood(&self, parameters: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        if parameters.len() != out.len() * WIDTH {
            let expected = out.len() * WIDTH;
            return Err(Error::Length { owner: OWNER, name: "parameters", given: parameters.len(), expected });
        }
        run.fill(out, 1, &Vectors { series: self, parameters })
    }

    /// Operational time of each measurement.
    #[inline(always)]
    fn taus(&self, lambda: f64) -> Vec<f64> {
        let (mut tau, mut piece) = (0.0, 0);
        let mut found = vec![0.0];
        for count in &self.counts {
            for _ in 0..*count {
                let effort = if lambda == 0.0 { 1.0 } else { exp(lambda * self.log_flows[piece]) };
                tau += effort * self.durations[piece];
                piece += 1;
            }
            found.push(tau);
        }
        found
    }

    #[inline(always)]
    fn of(&self, [b, lambda, stock, deviation, length]: [f64; WIDTH]) -> f64 {
        let inside = lambda >= 0.0 && stock > 0.0 && deviation > 0.0 && length > 0.0;
        if !(inside && b.is_finite() && stock.is_finite() && deviation.is_finite() && lambda.is_finite()) {
            return f64::NEG_INFINITY;
        }
        let total = deviation * deviation;
        let taus = self.taus(lambda);
        let last = taus[taus.len() - 1];
        // Columns: what the law leaves, a constant of 1, and the level per growth until the end. Of each what is
        // expected before a measurement, and weighted products of what is not.
        let mut expected = [0.0; 3];
        let mut products = [[0.0; 3]; 3];
        let (mut spread, mut determinant) = (total, 0.0);
        for (i, tau) in taus.iter().enumerate() {
            if i > 0 {
                let kept = exp(-self.gaps[i - 1] / length);
                expected = expected.map(|value| value * kept);
                spread = (kept * kept).mul_add(spread, -expm1(-2.0 * self.gaps[i - 1] / length) * total);
            }
            let level = self.log_output[i] - b * ln_1p(tau / stock);
            let growth = (tau / last) * ((stock + last) / (stock + tau));
            let news = [level - expected[0], 1.0 - expected[1], growth - expected[2]];
            let variance = spread + self.variance[i];
            let precision = 1.0 / variance;
            determinant += ln(variance);
            let gain = spread * precision;
            for j in 0..3 {
                for k in 0..=j {
                    products[j][k] += news[j] * news[k] * precision;
                }
                expected[j] += gain * news[j];
            }
            spread *= 1.0 - gain;
            // Without an error of measurement nothing is left; rounding must not make it negative.
            spread = spread.max(0.0);
        }
        #[allow(clippy::cast_precision_loss)]
        let count = self.log_output.len() as f64;
        let [[squares, ..], [cross, ones, _], [_, tilt, slopes]] = products;
        let information = ones * (slopes - tilt * tilt / ones);
        if information.is_nan() || information <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let restricted = determinant + ln(information) + squares - cross * cross / ones;
        let found = -0.5 * (count - 2.0).mul_add(LN_TAU, restricted);
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

    /// Two measurements: the difference of what the law leaves is normal, and the growth until the second is 0 or 1.
    #[test]
    fn two_measurements_are_a_bivariate_normal() {
        let series =
            LevelLikelihood::new(&[0.0, 2.0], vec![0.0, 1.0], vec![0.04, 0.09], vec![2.0], &[4.0], vec![1]).unwrap();
        let mut out = [0.0];
        series.log_likelihood(&[1.5, 0.5, 8.0, 0.3, 3.0], &Run::default(), &mut out).unwrap();
        let (total, kept) = (0.09, (-2.0f64 / 3.0).exp());
        let (p, q, c) = (total + 0.04, total + 0.09, total * kept);
        let away = 1.0 - 1.5 * (4.0f64 / 8.0).ln_1p();
        // Both columns together have the information 1/determinant, whose logarithm takes back that of the determinant.
        let expected = -0.5 * away * away / (p + q - 2.0 * c);
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
