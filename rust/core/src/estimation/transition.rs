//! Log density of a transition of the Feller (squared Bessel) diffusion `dX = c dtau + sqrt(2 a X) dW`.
//!
//! With `n = c/a - 1`, `x = X1/(a tau)` and `l = X0/(a tau)` the density of `ln x` is
//!
//! ```text
//! x (x/l)^(n/2) e^(-x - l) I_n(2 sqrt(x l))        (2x is noncentral chi-squared: 2 n + 2 degrees, noncentrality 2l)
//! ```
//!
//! Debye's expansion of the Bessel function (Olver 1974, chapter 10, 7; in powers of `1/s`, `s = sqrt(n^2 + 4xl)`, and so
//! accurate if either n or its argument is large) is used for `s >= 32`, the power series below. Written directly, the exponent of
//! Debye's expansion is a difference of large numbers; with `d = x - l - n` it is not:
//!
//! ```text
//! -x - l + s + n ln(2x/(n + s)) = -d (x - l + n)/(x + l + s) + n ln(2x/(n + s)),   2x/(n + s) - 1 of the sign of d
//! ```
//!
//! Relative error of the density, for a magnitude of its logarithm up to 1,000: 1e-10 for `l` and `n` up to 1e5. Beyond that
//! the rounding of `l` and `n` alone changes it: by 1e-9 at 1e8, by 1e-8 at 1e10.
#![allow(clippy::needless_bitwise_bool)] // conditions without branches, for the vector unit

use crate::numerics::elementary::{exp, exp_and_expm1, ln, ln_of_ratio};
use crate::sampling::stirling_remainder;

const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;
const TWO_PI: f64 = 2.0 * std::f64::consts::PI;
/// Least size for Debye's expansion, whose first omitted term is then below 6e-12; the power series is used below.
const LEAST: f64 = 32.0;
/// Least size at which the fifth and later terms of Debye's expansion are below 3e-13.
pub(super) const LEAST_OF_FEW: f64 = 256.0;
/// Logarithm of the largest `x` and `l`, and the largest n: beyond them products overflow, and the density counts as 0.
pub(super) const LN_LARGEST: f64 = 300.0;
pub(super) const LARGEST_ORDER: f64 = 1e140;
/// Largest logarithm of `x` and `l`, and largest order, that can be multiplied with each other without overflow.
const PLAIN: f64 = 150.0;
const LARGEST_PLAIN_ORDER: f64 = 1e60;
/// Largest growth of a logarithm for which `x` is computed from `l`.
const FAR: f64 = 600.0;
/// Greatest number of terms of a power series; arguments below [`LEAST`] need about 80 at most.
const MOST_TERMS: u32 = 1_000;
/// Largest argument at which the gamma function is below the largest float.
const GAMMA_OVERFLOWS: f64 = 171.624_376_956_302_7;

/// Debye's `u_k` by powers of `p^2`, without the factor `p^k`.
const U1: [f64; 2] = [0.125, -0.208_333_333_333_333_34];
const U2: [f64; 3] = [0.070_312_5, -0.401_041_666_666_666_7, 0.334_201_388_888_888_9];
const U3: [f64; 4] = [0.073_242_187_5, -0.891_210_937_5, 1.846_462_673_611_111_2, -1.025_812_596_450_617_3];
const U4: [f64; 5] =
    [0.112_152_099_609_375, -2.364_086_914_062_5, 8.789_123_535_156_25, -11.207_002_616_222_994, 4.669_584_423_426_247];
const U5: [f64; 6] = [
    0.227_108_001_708_984_38,
    -7.368_794_359_479_632,
    42.534_998_745_388_46,
    -91.818_241_543_240_02,
    84.636_217_674_600_73,
    -28.212_072_558_200_244,
];
const U6: [f64; 7] = [
    0.572_501_420_974_731_4,
    -26.491_430_486_951_554,
    218.190_511_744_211_6,
    -699.579_627_376_132_5,
    1_059.990_452_527_999_9,
    -765.252_468_141_181_7,
    212.570_130_039_217_13,
];
const U7: [f64; 8] = [
    1.727_727_502_584_457_4,
    -108.090_919_788_394_66,
    1_200.902_913_216_352_5,
    -5_305.646_978_613_403,
    11_655.393_336_864_534,
    -13_586.550_006_434_138,
    8_061.722_181_737_309,
    -1_919.457_662_318_407,
];

/// Evaluates a polynomial by its coefficients in ascending order.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let mut sum = 0.0;
    for c in coefficients.iter().rev() {
        sum = x.mul_add(sum, *c);
    }
    sum
}

/// Computes `ln Gamma(a)` for `a > 0`.
#[inline(always)]
pub(super) fn ln_gamma(a: f64) -> f64 {
    (a - 0.5) * ln(a) - a + HALF_LN_TWO_PI + stirling_remainder(a)
}

/// A transition from `l` to `x`: their logarithms, their values, and `change = x - l`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transition {
    pub(super) ln_l: f64,
    pub(super) ln_x: f64,
    pub(super) l: f64,
    pub(super) x: f64,
    pub(super) change: f64,
}

impl Transition {
    /// Returns whether no product or quotient in [`debye_parts`] can overflow.
    #[inline(always)]
    pub(super) fn is_plain(self, n: f64) -> bool {
        (self.ln_l.abs() <= PLAIN) & (self.ln_x.abs() <= PLAIN) & (n <= LARGEST_PLAIN_ORDER)
    }
}

/// Returns the size `s`, which decides between the two forms.
#[inline(always)]
pub(super) fn size(n: f64, transition: Transition) -> f64 {
    n.mul_add(n, 4.0 * transition.x * transition.l).sqrt()
}

/// Returns whether Debye's expansion is accurate.
#[inline(always)]
pub(super) fn is_large(size: f64) -> bool {
    size >= LEAST
}

/// Computes the log density of `ln x` by Debye's expansion.
#[inline(always)]
pub(super) fn debye(n: f64, s: f64, transition: Transition) -> f64 {
    let Transition { ln_x, l, x, change, .. } = transition;
    let inverse = 1.0 / (n + s);
    // 2x - n + s, with s - n = 4xl/(s + n).
    let excess = 2.0 * x * inverse * ((change - n) / (2.0 * x * l).mul_add(inverse, x));
    let exponent = n.mul_add(ln_of_ratio(2.0 * x * inverse, excess), -(change - n) * ((change + n) / (x + l + s)));
    let series = debye_series::<false>(n / s, 1.0 / s);
    exponent + ln_x + 0.5 * ln(series * series / s * (1.0 / TWO_PI))
}

/// Computes the log density of a plain transition by Debye's expansion with half as many divisions, in two parts: a term, and
/// the square of a factor. `FEW` omits the terms that do not matter from [`LEAST_OF_FEW`] on.
#[inline(always)]
pub(super) fn debye_parts<const FEW: bool>(n: f64, s: f64, transition: Transition) -> (f64, f64) {
    let Transition { ln_x, l, x, change, .. } = transition;
    let (d, sum) = (change - n, n + s);
    let inverse_product = 1.0 / (s * sum);
    let (inverse, v) = (inverse_product * s, inverse_product * sum);
    let (low, high) = ((2.0 * x * l).mul_add(inverse, x), x + l + s);
    let inverse_product = d / (low * high);
    let ratio = 2.0 * x * inverse;
    let excess = ratio * (inverse_product * high);
    let exponent = n.mul_add(ln_of_ratio(ratio, excess), -(change + n) * (inverse_product * low));
    let series = debye_series::<FEW>(n * v, v);
    (exponent + ln_x, series * series * v * (1.0 / TWO_PI))
}

/// Sums Debye's series with `p = n/s` and `v = 1/s`.
#[inline(always)]
fn debye_series<const FEW: bool>(p: f64, v: f64) -> f64 {
    let square = p * p;
    let mut series = 0.0;
    if !FEW {
        series = v * polynomial(&U7, square);
        series = v * (series + polynomial(&U6, square));
        series = v * (series + polynomial(&U5, square));
    }
    series = v * (series + polynomial(&U4, square));
    series = v * (series + polynomial(&U3, square));
    series = v * (series + polynomial(&U2, square));
    series = v * (series + polynomial(&U1, square));
    series + 1.0
}

/// Order of the power series, with its gamma function.
#[derive(Debug)]
pub(super) struct Order {
    n: f64,
    /// `ln Gamma(n + 2)`, not `ln Gamma(n + 1)`: finite for c = 0.
    ln_gamma: f64,
}

impl Order {
    /// Prepares an order `n >= -1`.
    #[inline(always)]
    pub(super) fn new(n: f64) -> Self {
        Self { n, ln_gamma: ln_gamma(n + 2.0) }
    }

    /// Computes the log density of `ln x` by the power series of the Bessel function.
    #[inline(always)]
    pub(super) fn series(&self, transition: Transition) -> f64 {
        let n = self.n;
        let q = transition.x * transition.l;
        let mut term = q;
        let mut sum = (n + 1.0) + q;
        for k in 2..MOST_TERMS {
            let k = f64::from(k);
            term *= q / (k * (n + k));
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        if sum <= 0.0 {
            return f64::NEG_INFINITY; // all mass is at 0
        }
        (n + 1.0).mul_add(transition.ln_x, ln(sum)) - transition.x - transition.l - self.ln_gamma
    }
}

/// Computes the log density of `ln x` by at most `terms` terms of the mixture of gamma distributions, without those in which a
/// gamma function overflows, so that the published code has `log(gamma(a))` infinite.
#[inline(always)]
pub(super) fn truncated(n: f64, transition: Transition, terms: f64) -> f64 {
    let last = (GAMMA_OVERFLOWS - 1.0 - n.max(0.0)).min(terms - 1.0).floor();
    let first = if n > -1.0 { 0.0 } else { 1.0 };
    if last < first {
        return f64::NEG_INFINITY;
    }
    let q = transition.x * transition.l;
    // Down and up from the largest term, in which all ratios are below 1.
    let largest = (0.5 * (size(n, transition) - n)).floor().clamp(first, last);
    let (mut sum, mut term, mut k) = (1.0, 1.0, largest);
    while k > first && term > sum * 1e-17 {
        term *= k * (n + k) / q;
        sum += term;
        k -= 1.0;
    }
    (term, k) = (1.0, largest);
    while k < last && term > sum * 1e-17 {
        k += 1.0;
        term *= q / (k * (n + k));
        sum += term;
    }
    let weight =
        largest.mul_add(transition.ln_x + transition.ln_l, -ln_gamma(largest + 1.0) - ln_gamma(n + largest + 1.0));
    (n + 1.0).mul_add(transition.ln_x, weight + ln(sum)) - transition.x - transition.l
}

/// Creates the transition from `l` whose logarithm grows by `growth`, at most [`FAR`] in size.
#[inline(always)]
pub(super) fn near_transition(ln_l: f64, growth: f64) -> Transition {
    let l = exp(ln_l);
    let (factor, excess) = exp_and_expm1(growth);
    Transition { ln_l, ln_x: ln_l + growth, l, x: l * factor, change: l * excess }
}

/// Creates the transition from `l` whose logarithm grows by any `growth`.
#[inline(always)]
pub(super) fn transition(ln_l: f64, growth: f64) -> Transition {
    if growth.abs() <= FAR {
        return near_transition(ln_l, growth);
    }
    // The ratio of x and l is not representable, but no digits of their difference cancel.
    let (l, ln_x) = (exp(ln_l), ln_l + growth);
    let x = exp(ln_x);
    Transition { ln_l, ln_x, l, x, change: x - l }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn both_forms_agree_where_they_meet(n in -1.0..60.0_f64, share in 0.0..1.0_f64, growth in -3.0..3.0_f64) {
            // n^2 + 4xl = s^2 with s somewhat above the least.
            let s = LEAST + 20.0 * share;
            prop_assume!(n < s - 0.5);
            let ln_l = 0.5 * (((s * s - n * n) / 4.0).ln() - growth);
            let at = transition(ln_l, growth);
            let (a, b) = (debye(n, size(n, at), at), Order::new(n).series(at));
            prop_assert!((a - b).abs() < 2e-11 * b.abs().max(1.0), "{a} {b}");
        }

        #[test]
        fn the_fast_form_is_the_plain_one(
            log_n in -3.0..6.0_f64, log_s in 1.6..6.0_f64, growth in -3.0..3.0_f64, up in prop::bool::ANY
        ) {
            let n = if up { 10_f64.powf(log_n) } else { -0.9 };
            let s = 10_f64.powf(log_s).max(n.mul_add(1.0001, 33.0));
            let at = transition(0.5 * (((s * s - n * n) / 4.0).ln() - growth), growth);
            prop_assert!(at.is_plain(n));
            let (s, exact) = (size(n, at), debye(n, size(n, at), at));
            let close = |(term, factor): (f64, f64)| (term + 0.5 * factor.ln() - exact).abs() < 1e-12 * exact.abs().max(1.0);
            prop_assert!(close(debye_parts::<false>(n, s, at)));
            prop_assert!(s < LEAST_OF_FEW || close(debye_parts::<true>(n, s, at)));
        }

        #[test]
        fn the_truncated_mixture_is_whole_where_noise_is_large(
            n in -0.99..40.0_f64, ln_l in -8.0..3.0_f64, growth in -3.0..1.0_f64
        ) {
            let at = transition(ln_l, growth);
            let (a, b) = (truncated(n, at, 20_000.0), Order::new(n).series(at));
            prop_assert!((a - b).abs() < 1e-11 * b.abs().max(1.0), "{a} {b}");
        }
    }
}
