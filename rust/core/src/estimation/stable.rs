//! Likelihood of increments of `X = A^beta` with stable noise.
//!
//! From measurement to measurement `X` gains `beta theta dtau`, with noise of the scale
//! `beta sigma X^(1 - 1/alpha) dtau^(1/alpha)`, `dtau` the integral of `I^lambda` (Erdil, Besiroglu & Ho 2024).

use super::Increments;
use super::stable_law::{LEAST_STABILITY, StableLaw};
use crate::numerics::elementary::{exp, expm1, ln};
use crate::parallel::Kernel;
use crate::{Error, Result, Run};

/// Columns of parameters: one value per parameter vector.
#[derive(Debug)]
pub struct StableParameters<'a> {
    /// How fast ideas get harder to find.
    pub beta: &'a [f64],
    /// The exponent lambda of the input, at least 0.
    pub parallelizability: &'a [f64],
    /// Drift.
    pub theta: &'a [f64],
    /// Noise.
    pub sigma: &'a [f64],
    /// alpha of the stable law, from 1.1 to 2.
    pub stability: &'a [f64],
    /// Skewness of the stable law, from -1 to 1.
    pub skewness: &'a [f64],
}

impl Increments {
    /// Computes the log-likelihood of `ln A` at each parameter vector: -infinity outside the domain (beta, theta and sigma above
    /// 0, lambda at least 0, a stability from 1.1 to 2, a skewness from -1 to 1).
    pub fn stable_log_likelihood(&self, parameters: &StableParameters<'_>, run: &Run, out: &mut [f64]) -> Result<()> {
        let StableParameters { beta, parallelizability, theta, sigma, stability, skewness } = parameters;
        for (name, given) in [
            ("beta", beta.len()),
            ("parallelizability", parallelizability.len()),
            ("theta", theta.len()),
            ("sigma", sigma.len()),
            ("stability", stability.len()),
            ("skewness", skewness.len()),
        ] {
            if given != out.len() {
                return Err(Error::Length { owner: "stable_log_likelihood", name, given, expected: out.len() });
            }
        }
        run.fill(out, 1, &Likelihood { series: self, parameters })
    }

    /// Computes the log-likelihood at one parameter vector.
    #[inline(always)]
    fn stable_at(&self, [beta, lambda, theta, sigma]: [f64; 4], law: &StableLaw, stability: f64) -> f64 {
        let ln_greatest_rate = lambda * self.ln_greatest_flow;
        let scale = ln(beta) + ln(sigma);
        let mut total = 0.0;
        for ((start, end), ln_operational_times) in
            self.start.iter().zip(&self.end).zip(self.ln_operational_times(lambda, ln_greatest_rate))
        {
            // Relative to X at the start of the step.
            let ln_time = beta.mul_add(-start, ln_operational_times + ln_greatest_rate);
            let ln_scale = scale + ln_time / stability;
            let gain = expm1(beta * (end - start)) - beta * theta * exp(ln_time);
            let standardized = gain * exp(-ln_scale);
            if !standardized.is_finite() {
                return f64::NEG_INFINITY;
            }
            total += law.ln_density(standardized) + beta.mul_add(end - start, -ln_scale);
        }
        let total = (self.start.len() as f64).mul_add(ln(beta), total);
        if total.is_nan() { f64::NEG_INFINITY } else { total }
    }
}

/// Kernel that computes one log-likelihood per parameter vector.
struct Likelihood<'a> {
    series: &'a Increments,
    parameters: &'a StableParameters<'a>,
}

impl Kernel for Likelihood<'_> {
    const TASK_VALUES: usize = 1 << 3;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let p = self.parameters;
        let [beta, lambda] = [p.beta[path], p.parallelizability[path]];
        let [theta, sigma] = [p.theta[path], p.sigma[path]];
        let [stability, skewness] = [p.stability[path], p.skewness[path]];
        let positive = |v: f64| v > 0.0 && v.is_finite();
        let within = positive(beta) && positive(theta) && positive(sigma) && lambda >= 0.0 && lambda.is_finite();
        let valid_law = (LEAST_STABILITY..=2.0).contains(&stability) && (-1.0..=1.0).contains(&skewness);
        values[0] = if within && valid_law {
            self.series.stable_at([beta, lambda, theta, sigma], &StableLaw::new(stability, skewness), stability)
        } else {
            f64::NEG_INFINITY
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(series: &Increments, values: [f64; 6]) -> f64 {
        let [beta, parallelizability, theta, sigma, stability, skewness] = &values.map(|v| [v]);
        let parameters = StableParameters { beta, parallelizability, theta, sigma, stability, skewness };
        let mut out = [0.0];
        series.stable_log_likelihood(&parameters, &Run::default(), &mut out).unwrap();
        out[0]
    }

    #[test]
    fn densities_add_up_to_1() {
        for (stability, skewness) in [(2.0, 0.0), (1.74, 1.0), (1.5, -1.0), (1.3, 0.4), (1.1, 0.9)] {
            // X may fall below 0, where A does not exist: the noise is small enough to make that rare. Places are dense where it
            // leads without noise, to some percent of the noise's scale, and reach to 15 below and 30 above.
            let drift = (0.7_f64 * 0.5).exp() + 0.7 * 0.3 * (2.0_f64.powf(0.6) + 0.5 * 3.0_f64.powf(0.6));
            let (centre, scale, step) = (drift.ln() / 0.7, 0.002, 0.01);
            let total: f64 = (-960..1_030)
                .map(|i| {
                    let u = f64::from(i) * step;
                    let series =
                        Increments::new(&[0.5, centre + scale * u.sinh()], &[1.0, 0.5], &[2.0, 3.0], &[2]).unwrap();
                    at(&series, [0.7, 0.6, 0.3, 0.002, stability, skewness]).exp() * scale * u.cosh() * step
                })
                .sum();
            let below = if skewness == 1.0 || stability == 2.0 { 1e-9 } else { 1e-2 };
            assert!((total - 1.0).abs() < below, "{stability} {skewness}: {total}");
        }
    }

    #[test]
    fn outside_the_domain_there_is_no_likelihood() {
        let series = Increments::new(&[0.0, 0.1], &[1.0], &[2.0], &[1]).unwrap();
        let good = [0.5, 1.0, 0.1, 0.1, 1.7, 1.0];
        assert!(at(&series, good).is_finite());
        for (index, bad) in [(0, 0.0), (1, -0.1), (2, 0.0), (3, f64::NAN), (4, 1.0), (4, 2.1), (5, 1.5)] {
            let mut values = good;
            values[index] = bad;
            assert_eq!(at(&series, values), f64::NEG_INFINITY);
        }
    }

    #[test]
    fn thin_tails_decrease_however_far_out() {
        let series = Increments::new(&[0.0, 0.0], &[1.0], &[1.0], &[1]).unwrap();
        let mut last = 0.0;
        for exponent in 1..300 {
            let found = at(&series, [1.0, 1.0, 10_f64.powi(exponent), 1.0, 1.6, 1.0]);
            assert!(found < last || found == f64::NEG_INFINITY, "{exponent}: {found}");
            last = found;
        }
        // On both sides of the size at which the exponent becomes a parabola.
        let [below, above] =
            [2.6e5, 2.9e5].map(|theta| at(&series, [1.0, 1.0, theta, 1.0, 1.6, 1.0]) / theta.powf(1.6 / 0.6));
        assert!((below / above - 1.0).abs() < 1e-9, "{below} {above}");
    }

    #[test]
    fn extreme_parameters_give_no_nan() {
        let series = Increments::new(&[-300.0, 300.0, -300.0], &[1.0, 1e9], &[1e-200, 1e200], &[1, 1]).unwrap();
        for stability in [1.1, 1.7, 2.0] {
            for skewness in [-1.0, 0.0, 1.0] {
                for scale in [1e-12, 1.0, 1e12] {
                    for beta in [1e-9, 1.0, 1e3] {
                        assert!(!at(&series, [beta, 1.0, scale, 1.0 / scale, stability, skewness]).is_nan());
                        assert!(!at(&series, [beta, 0.0, scale, scale, stability, skewness]).is_nan());
                    }
                }
            }
        }
    }
}
