//! Beta distribution function and its inverse.
//!
//! With `s = ln(x/y) - ln(a/b)`, `y = 1 - x`, the density in s is log-concave, and both x and y keep full precision.

use super::gamma::stirling_remainder;
use super::{ln_positive, newton, normal};
use crate::numerics::elementary::{exp, expm1, ln, ln_1p};

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Greatest number of terms; the continued fraction needs hundreds for shapes of 10,000.
const MOST_TERMS: u32 = 100_000;

/// A beta distribution, seen from the side of small x.
#[derive(Debug, Clone, Copy)]
struct Side {
    a: f64,
    b: f64,
    /// `ln(a^a b^b / (a+b)^(a+b) / B(a, b))`.
    constant: f64,
    /// s up to which the density is computed from the side of small x, without cancellation.
    turn: f64,
    /// Mean and standard deviation of s.
    mean: f64,
    sd: f64,
}

/// Approximates the digamma function less the logarithm, and the trigamma function, to a few percent.
fn polygammas(a: f64) -> (f64, f64) {
    let b = a + 1.0;
    let digamma = ln(b) - 0.5 / b - 1.0 / (12.0 * b * b) - 1.0 / a;
    (digamma - ln(a), 1.0 / (a * a) + 1.0 / b + 0.5 / (b * b))
}

impl Side {
    fn new(a: f64, b: f64) -> Self {
        let n = a + b;
        let constant = 0.5 * (ln(a) + ln(b) - ln(n)) - HALF_LN_TWO_PI + stirling_remainder(n)
            - stirling_remainder(a)
            - stirling_remainder(b);
        let turn = if a <= b { ln(n / a) } else { -ln(n / b) };
        let ((mean_a, variance_a), (mean_b, variance_b)) = (polygammas(a), polygammas(b));
        Self { a, b, constant, turn, mean: mean_a - mean_b, sd: (variance_a + variance_b).sqrt() }
    }

    /// Returns x and 1 - x at s.
    #[inline(always)]
    fn x_and_complement(&self, s: f64) -> (f64, f64) {
        let (lesser, small, large) = if s <= 0.0 { (exp(s), self.a, self.b) } else { (exp(-s), self.b, self.a) };
        let whole = lesser.mul_add(small, large);
        let (first, second) = (small * lesser / whole, large / whole);
        if s <= 0.0 { (first, second) } else { (second, first) }
    }

    /// Computes x of s; by its logarithm where x is so small that [`Self::x_and_complement`] loses digits.
    #[inline(always)]
    fn x(&self, s: f64) -> f64 {
        let x = self.x_and_complement(s).0;
        if x < 1e-300 { exp(s + ln(self.a / self.b)) } else { x }
    }

    /// Computes the logarithm of the density in s.
    #[inline(always)]
    fn ln_density(&self, s: f64) -> f64 {
        let n = self.a + self.b;
        let (inner, outer) = if s <= self.turn { (self.a, s) } else { (self.b, -s) };
        inner.mul_add(outer, self.constant) - n * ln_1p(inner / n * expm1(outer))
    }

    /// Computes the logarithm of the probability below, and the probability over the density in s.
    #[inline(always)]
    fn tail(&self, s: f64) -> (f64, f64) {
        let (x, y) = self.x_and_complement(s);
        let ln_density = self.ln_density(s);
        if converges_fast(self.a, self.b, x) {
            let ratio = fraction(self.a, self.b, x) / self.a;
            (ln_density + ln(ratio), ratio)
        } else {
            let density = exp(ln_density);
            let rest = (density * fraction(self.b, self.a, y)).mul_add(-1.0 / self.b, 1.0);
            (ln(rest), rest / density)
        }
    }

    /// Finds s for a probability of at most one half.
    #[inline(always)]
    fn solve(&self, below: f64, z: f64) -> f64 {
        let n = self.a + self.b;
        // Start by the power law of the lower tail, or by a normal.
        let power = (ln(below) - self.constant + ln(self.a) - n * ln(n / self.b)) / self.a;
        let start = power.max(self.sd.mul_add(z, self.mean));
        newton::solve(ln(below), start, f64::MAX, false, |s| self.tail(s))
    }
}

/// Returns whether the continued fraction converges fast at x.
#[inline(always)]
fn converges_fast(a: f64, b: f64, x: f64) -> bool {
    x < (a + 1.0) / (a + b + 2.0)
}

/// Computes the probability up to x, times a over the density in s: the continued fraction of the incomplete beta function by
/// Lentz's method (DLMF 8.17.22).
#[inline(always)]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guarded = |v: f64| if v.abs() < TINY { TINY } else { v };
    let n = a + b;
    let mut c = 1.0;
    let mut d = 1.0 / guarded(1.0 - n * x / (a + 1.0));
    let mut value = d;
    let mut m = 0.0;
    for _ in 0..MOST_TERMS {
        m += 1.0;
        let twice = a + 2.0 * m;
        let even = m * (b - m) * x / ((twice - 1.0) * twice);
        d = 1.0 / guarded(even.mul_add(d, 1.0));
        c = guarded(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (n + m) * x / (twice * (twice + 1.0));
        d = 1.0 / guarded(odd.mul_add(d, 1.0));
        c = guarded(1.0 + odd / c);
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() < 2e-16 {
            break;
        }
    }
    value
}

/// Beta distribution, seen from both sides.
#[derive(Debug)]
pub(super) struct Beta {
    low: Side,
    high: Side,
}

impl Beta {
    pub(super) fn new(a: f64, b: f64) -> Self {
        Self { low: Side::new(a, b), high: Side::new(b, a) }
    }

    #[inline(always)]
    pub(super) fn cdf(&self, x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return (0.0, 1.0);
        }
        if x >= 1.0 {
            return (1.0, 0.0);
        }
        let Side { a, b, .. } = self.low;
        let y = 1.0 - x;
        let density = exp(self.low.ln_density(ln_positive(x / y) - ln(a / b)));
        if converges_fast(a, b, x) {
            let below = density * fraction(a, b, x) / a;
            (below, 1.0 - below)
        } else {
            let above = density * fraction(b, a, y) / b;
            (1.0 - above, above)
        }
    }

    #[inline(always)]
    pub(super) fn quantile(&self, below: f64, above: f64) -> f64 {
        if below <= above {
            self.low.x(self.low.solve(below, normal::quantile(below, above)))
        } else {
            self.high.x_and_complement(self.high.solve(above, normal::quantile(above, below))).1
        }
    }
}
