//! Likelihood of a series under `dA = theta A^(1-beta) I^lambda dt + sigma A^(1-beta/2) I^(lambda/2) dW`.
//!
//! `X = A^beta` is a Feller diffusion in operational time, `dtau = I^lambda dt` (as in Roodman 2020, "Modeling the human
//! trajectory"): `dX = c dtau + beta sigma sqrt(X) dW` with `c = beta theta + beta (beta - 1) sigma^2/2 >= 0`.
#![allow(clippy::needless_bitwise_bool)] // conditions without branches, for the vector unit

use super::Increments;
use super::transition::{
    LARGEST_ORDER, LEAST_OF_FEW, LN_LARGEST, Order, Transition, debye, debye_parts, is_large, near_transition, size,
    transition, truncated,
};
use crate::numerics::elementary::{ln, split};
use crate::parallel::Kernel;
use crate::{Error, Result, Run};

/// Transitions that are computed together.
const BLOCK: usize = 64;
/// Partial sums over a block: a fixed number, so that the order of summation is the same on every machine.
const LANES: usize = 8;
/// Logarithm of the shortest operational time, in units of the greatest rate: a shorter one counts as none.
const LN_SHORTEST: f64 = -660.0;

/// Columns of parameters: one value per parameter vector.
#[derive(Debug)]
pub struct FellerParameters<'a> {
    /// How fast ideas get harder to find.
    pub beta: &'a [f64],
    /// The exponent lambda of the input, at least 0.
    pub parallelizability: &'a [f64],
    /// Drift.
    pub theta: &'a [f64],
    /// Noise.
    pub sigma: &'a [f64],
}

impl Increments {
    /// Computes the log-likelihood at each parameter vector: -infinity outside the domain (beta, sigma and theta above 0, lambda
    /// at least 0, `c >= 0`). With `terms`, the density is the truncated mixture of the published code.
    pub fn feller_log_likelihood(
        &self,
        parameters: &FellerParameters<'_>,
        terms: Option<usize>,
        run: &Run,
        out: &mut [f64],
    ) -> Result<()> {
        let FellerParameters { beta, parallelizability, theta, sigma } = parameters;
        for (name, given) in [
            ("beta", beta.len()),
            ("parallelizability", parallelizability.len()),
            ("theta", theta.len()),
            ("sigma", sigma.len()),
        ] {
            if given != out.len() {
                return Err(Error::Length { owner: "feller_log_likelihood", name, given, expected: out.len() });
            }
        }
        run.fill(out, 1, &Likelihood { series: self, parameters, terms: terms.map(|count| count as f64) })
    }
}

/// Kernel that computes one log-likelihood per parameter vector.
struct Likelihood<'a> {
    series: &'a Increments,
    parameters: &'a FellerParameters<'a>,
    terms: Option<f64>,
}

impl Kernel for Likelihood<'_> {
    const TASK_VALUES: usize = 1 << 6;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let p = self.parameters;
        values[0] = self.at(p.beta[path], p.parallelizability[path], p.theta[path], p.sigma[path]);
    }
}

impl Likelihood<'_> {
    /// Computes the log-likelihood at one parameter vector.
    #[inline(always)]
    fn at(&self, beta: f64, lambda: f64, theta: f64, sigma: f64) -> f64 {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        if !(positive(beta) && positive(theta) && positive(sigma) && lambda >= 0.0 && lambda.is_finite()) {
            return f64::NEG_INFINITY;
        }
        // n + 1 = c/a with a = beta^2 sigma^2/2.
        let n = (2.0 * theta / (sigma * sigma) - 1.0) / beta;
        if !(-1.0..=LARGEST_ORDER).contains(&n) {
            return f64::NEG_INFINITY;
        }
        let series = self.series;
        let ln_a = 2.0 * (ln(beta) + ln(sigma)) - std::f64::consts::LN_2;
        let intervals = series.start.len();
        let order = Order::new(n);
        let ln_greatest_rate = lambda * series.ln_greatest_flow;
        let ln_times = series.ln_operational_times(lambda, ln_greatest_rate);
        let mut total = 0.0;
        for (block, ln_times) in ln_times.chunks(BLOCK).enumerate() {
            total += self.block(beta, n, (ln_a + ln_greatest_rate, &order), block * BLOCK, ln_times);
            if total == f64::NEG_INFINITY {
                return total;
            }
        }
        total + intervals as f64 * ln(beta)
    }

    /// Sums the log densities of a block of transitions, without the factor beta.
    #[inline(always)]
    fn block(&self, beta: f64, n: f64, (ln_scale, order): (f64, &Order), first: usize, ln_times: &[f64]) -> f64 {
        let count = ln_times.len();
        let start = &self.series.start[first..first + count];
        let end = &self.series.end[first..first + count];
        let from = |i: usize| beta.mul_add(start[i], -ln_scale) - ln_times[i];
        let growth = |i: usize| beta * (end[i] - start[i]);
        // Each log density is a term plus half the logarithm of a factor.
        let (mut terms, mut factors) = ([0.0; BLOCK], [1.0; BLOCK]);
        let mut sizes = [0.0; BLOCK];
        if self.terms.is_none() {
            // Transitions as arrays of their parts, computed as whole vectors even if the block is not full.
            let (mut ln_l, mut growths) = ([0.0; BLOCK], [0.0; BLOCK]);
            for i in 0..count {
                (ln_l[i], growths[i]) = (from(i), growth(i));
            }
            let (mut l, mut x, mut change) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
            for i in 0..BLOCK {
                let transition = near_transition(ln_l[i], growths[i]);
                (l[i], x[i], change[i]) = (transition.l, transition.x, transition.change);
                sizes[i] = if transition.is_plain(n) { size(n, transition) } else { 0.0 };
            }
            let transition_at = |i: usize| Transition {
                ln_l: ln_l[i],
                ln_x: ln_l[i] + growths[i],
                l: l[i],
                x: x[i],
                change: change[i],
            };
            if sizes.iter().fold(true, |all, size| all & (*size >= LEAST_OF_FEW)) {
                for i in 0..BLOCK {
                    (terms[i], factors[i]) = debye_parts::<true>(n, sizes[i], transition_at(i));
                }
            } else {
                for i in 0..BLOCK {
                    (terms[i], factors[i]) = debye_parts::<false>(n, sizes[i], transition_at(i));
                }
            }
            terms[count..].fill(0.0);
            factors[count..].fill(1.0);
        }
        for i in 0..count {
            if !is_large(sizes[i]) {
                let single = transition(from(i), growth(i));
                factors[i] = 1.0;
                terms[i] = match self.terms {
                    _ if !within(ln_times[i], single) => return f64::NEG_INFINITY,
                    Some(terms) => truncated(n, single, terms),
                    None if is_large(size(n, single)) => debye(n, size(n, single), single),
                    None => order.series(single),
                };
            }
        }
        sum_of(&terms, &factors)
    }
}

/// Sums the terms and half the logarithms of the factors, multiplying several factors before a logarithm.
#[inline(always)]
fn sum_of(terms: &[f64; BLOCK], factors: &[f64; BLOCK]) -> f64 {
    let (mut sum, mut exponent, mut mantissa) = ([0.0; LANES], [0.0; LANES], [1.0; LANES]);
    for (terms, factors) in terms.chunks_exact(LANES).zip(factors.chunks_exact(LANES)) {
        for i in 0..LANES {
            let (k, f) = split(factors[i]);
            sum[i] += terms[i];
            exponent[i] += k;
            mantissa[i] *= f + 1.0;
        }
    }
    for i in 0..LANES {
        sum[i] += 0.5 * exponent[i].mul_add(std::f64::consts::LN_2, ln(mantissa[i]));
    }
    sum.iter().sum()
}

/// Returns whether time passes and nothing overflows in a transition.
#[inline(always)]
fn within(ln_times: f64, transition: Transition) -> bool {
    (ln_times >= LN_SHORTEST) & (transition.ln_l <= LN_LARGEST) & (transition.ln_x <= LN_LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(series: &Increments, values: [f64; 4]) -> f64 {
        let [beta, lambda, theta, sigma] = values.map(|v| [v]);
        let parameters = FellerParameters { beta: &beta, parallelizability: &lambda, theta: &theta, sigma: &sigma };
        let mut out = [0.0];
        series.feller_log_likelihood(&parameters, None, &Run::default(), &mut out).unwrap();
        out[0]
    }

    #[test]
    fn densities_add_up_to_1() {
        let total: f64 = (-4000..4000)
            .map(|i| {
                let end = 0.5 + f64::from(i) * 0.002;
                let series = Increments::new(&[0.5, end], &[1.0, 0.5], &[2.0, 3.0], &[2]).unwrap();
                at(&series, [0.7, 0.6, 0.3, 0.4]).exp() * 0.002
            })
            .sum();
        assert!((total - 1.0).abs() < 1e-9, "{total}");
    }

    #[test]
    fn outside_the_domain_there_is_no_likelihood() {
        let series = Increments::new(&[0.0, 0.1], &[1.0], &[2.0], &[1]).unwrap();
        assert!(at(&series, [0.5, 1.0, 0.1, 0.1]).is_finite());
        // theta = sigma^2 (1 - beta)/2 is the least.
        assert!(at(&series, [0.5, 1.0, 0.0026, 0.1]).is_finite());
        assert_eq!(at(&series, [0.5, 1.0, 0.0024, 0.1]), f64::NEG_INFINITY);
        for bad in [[0.0, 1.0, 0.1, 0.1], [0.5, -0.1, 0.1, 0.1], [0.5, 1.0, 0.1, f64::NAN], [0.5, 1.0, -1.0, 0.1]] {
            assert_eq!(at(&series, bad), f64::NEG_INFINITY);
        }
        let still = Increments::new(&[0.0, 0.1], &[1.0], &[0.0], &[1]).unwrap();
        assert_eq!(at(&still, [0.5, 1.0, 0.1, 0.1]), f64::NEG_INFINITY);
        assert!(at(&still, [0.5, 0.0, 0.1, 0.1]).is_finite());
    }
}
