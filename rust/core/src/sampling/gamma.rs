//! Gamma distribution function and its inverse.
//!
//! With `s = ln(x/a)` the density in s is `e^d`, `d = a (s - expm1 s) + c`: log-concave, and free of cancellation.

use super::{ln_positive, newton, normal};
use crate::numerics::elementary::{exp, expm1, ln};

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Greatest number of terms; sums end once terms are negligible, which takes hundreds for a shape of 10,000.
const MOST_TERMS: u32 = 100_000;

/// Computes the remainder of Stirling's formula, `ln Gamma(a) - (a - 1/2) ln a + a - ln(2 pi)/2`, for `a > 0`.
pub(crate) fn stirling_remainder(a: f64) -> f64 {
    // From 10 on the first omitted term is below 1e-15.
    const C: [f64; 6] = [-691.0 / 360_360.0, 1.0 / 1_188.0, -1.0 / 1_680.0, 1.0 / 1_260.0, -1.0 / 360.0, 1.0 / 12.0];
    let (mut large, mut product) = (a, 1.0);
    while large < 10.0 {
        product *= large;
        large += 1.0;
    }
    let square = 1.0 / (large * large);
    let series = C.iter().fold(0.0, |sum, c| square.mul_add(sum, *c)) / large;
    if large == a {
        return series;
    }
    let ln_gamma = (large - 0.5) * ln(large) - large + HALF_LN_TWO_PI + series - ln(product);
    ln_gamma - (a - 0.5) * ln(a) + a - HALF_LN_TWO_PI
}

/// Gamma distribution.
#[derive(Debug)]
pub(super) struct Gamma {
    shape: f64,
    scale: f64,
    ln_scale: f64,
    /// `a ln a - a - ln Gamma(a)`.
    constant: f64,
}

impl Gamma {
    pub(super) fn new(shape: f64, scale: f64) -> Self {
        let constant = 0.5 * ln(shape) - HALF_LN_TWO_PI - stirling_remainder(shape);
        Self { shape, scale, ln_scale: ln_positive(scale), constant }
    }

    /// Returns a multiple of the scale that is exceeded with a probability below 1e-300.
    #[inline(always)]
    fn farthest(&self) -> f64 {
        2.0 * self.shape + 1500.0
    }

    /// Computes the logarithm of the density in s.
    #[inline(always)]
    fn ln_density(&self, s: f64) -> f64 {
        self.shape.mul_add(s - expm1(s), self.constant)
    }

    /// Computes the probability up to `x = a e^s` over the density in s, for `x < a + 1`, by the series of the incomplete gamma
    /// function.
    #[inline(always)]
    fn below_ratio(&self, x: f64) -> f64 {
        let (mut term, mut sum) = (1.0, 1.0);
        let mut divisor = self.shape;
        for _ in 0..MOST_TERMS {
            divisor += 1.0;
            term *= x / divisor;
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        sum / self.shape
    }

    /// Computes the probability beyond `x = a e^s` over the density in s, for `x >= a + 1`, by Lentz's continued fraction.
    #[inline(always)]
    fn above_ratio(&self, x: f64) -> f64 {
        let mut b = x + 1.0 - self.shape;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut fraction = d;
        let mut i = 0.0;
        for _ in 0..MOST_TERMS {
            i += 1.0;
            let a = -i * (i - self.shape);
            b += 2.0;
            d = 1.0 / a.mul_add(d, b);
            c = b + a / c;
            let factor = c * d;
            fraction *= factor;
            if (factor - 1.0).abs() < 2e-16 {
                break;
            }
        }
        fraction
    }

    /// Computes the logarithm of the probability below or above, and the probability over the density.
    #[inline(always)]
    fn tail(&self, s: f64, upper: bool) -> (f64, f64) {
        let x = self.shape * exp(s);
        let ln_density = self.ln_density(s);
        let in_series = x < self.shape + 1.0;
        let ratio = if in_series { self.below_ratio(x) } else { self.above_ratio(x) };
        if in_series == upper {
            let density = exp(ln_density);
            let rest = density.mul_add(-ratio, 1.0);
            (ln(rest), rest / density)
        } else {
            (ln_density + ln(ratio), ratio)
        }
    }

    #[inline(always)]
    pub(super) fn cdf(&self, value: f64) -> (f64, f64) {
        if value <= 0.0 {
            return (0.0, 1.0);
        }
        let x = value / self.scale;
        if x > self.farthest() {
            return (1.0, 0.0);
        }
        // A small shape puts much probability where the quotient has lost its digits: its logarithm has them.
        let s = if x < f64::MIN_POSITIVE {
            ln_positive(value) - self.ln_scale - ln(self.shape)
        } else {
            ln(x / self.shape)
        };
        let density = exp(self.ln_density(s));
        if x < self.shape + 1.0 {
            let below = density * self.below_ratio(x);
            (below, 1.0 - below)
        } else {
            let above = density * self.above_ratio(x);
            (1.0 - above, above)
        }
    }

    #[inline(always)]
    pub(super) fn quantile(&self, below: f64, above: f64) -> f64 {
        let a = self.shape;
        // Start by the power law of the lower tail, or by the cube of a normal (Wilson & Hilferty) above the lower tail.
        let power = (ln(below) - self.constant - a + ln(a)) / a;
        let cube = 1.0 - 1.0 / (9.0 * a) + normal::quantile(below, above) / (3.0 * a.sqrt());
        let start = if cube > 0.1 { power.max(3.0 * ln(cube)) } else { power };
        let upper = above < below;
        let most = ln(self.farthest() / a);
        let s = newton::solve(ln(if upper { above } else { below }), start, most, upper, |s| self.tail(s, upper));
        let x = a * exp(s);
        if x < f64::MIN_POSITIVE { exp(s + ln(a) + self.ln_scale) } else { self.scale * x }
    }
}
