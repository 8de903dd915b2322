//! Exponential, logarithm and sine that vectorize and are bit-identical on every machine.
//!
//! The functions are branch-free, so that a loop over an array becomes SIMD code, and they use only
//! IEEE operations (with fused multiply-add), so that the instruction set changes the speed and never
//! the result. The standard library's functions call the platform's libm and promise neither.
//!
//! Error bounds (tested against the standard library on millions of points): 2 ulp for `exp`, `ln`,
//! `exp2`; 3 ulp for `expm1`, `ln_1p` and `log2`; 3e-16 for `sin`.

const LN2_HI: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000); // ln 2 to 32 bits: k * LN2_HI is exact
const LN2_LO: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76); // ln 2 - LN2_HI
/// 1.5 * 2^52: adding it rounds to an integer, which is then in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Returns `2^k` as two factors (each is representable for -1075 <= k <= 1024, their product need not be).
#[inline(always)]
fn pow2_halves(k: f64) -> (f64, f64) {
    let shifted = k.mul_add(0.5, ROUND);
    let first = shifted - ROUND;
    let second = (k - first) + ROUND;
    let scale = |bits: u64| f64::from_bits(bits.wrapping_add(1023) << 52);
    (scale(shifted.to_bits()), scale(second.to_bits()))
}

/// Computes `e^t - 1` for `|t| <= 0.5` by its Taylor series, whose first omitted term is below 2e-15 of the sum, and below 2e-17
/// for `|t| <= ln(2)/2`.
#[inline(always)]
fn expm1_reduced(t: f64) -> f64 {
    series(0.0, t)
}

/// Sums `x + x^2/2! + ... + x^13/13! + head x^14`.
#[inline(always)]
fn series(head: f64, x: f64) -> f64 {
    const C: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ];
    // Even and odd powers separately: two short chains of operations instead of a long one.
    let square = x * x;
    let (mut even, mut odd) = (head.mul_add(x, C[0]), C[1]);
    for pair in C[2..].chunks_exact(2) {
        even = even.mul_add(square, pair[0]);
        odd = odd.mul_add(square, pair[1]);
    }
    even.mul_add(x, odd).mul_add(square, x)
}

/// Computes `e^x - 1` for `|x| <= 0.7` by a polynomial without reduction, two to three times as fast as [`expm1`].
#[inline(always)]
pub(crate) fn expm1_near(x: f64) -> f64 {
    // Two more terms than for |t| <= ln(2)/2: the first omitted term is below 2e-16 of the sum.
    const C: [f64; 2] = [1.0 / 1_307_674_368_000.0, 1.0 / 87_178_291_200.0];
    let head = C[0].mul_add(x, C[1]);
    series(head, x)
}

/// Computes `e^x` for `|x| <= 4`, without reduction to a power of 2 (64 ulp).
#[inline(always)]
pub(crate) fn exp_near(x: f64) -> f64 {
    let root = expm1_reduced(0.125 * x) + 1.0;
    let square = root * root;
    let fourth = square * square;
    fourth * fourth
}

/// Splits `x = k ln 2 + t` with integer `k` and `|t| <= ln(2)/2`.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64) {
    let k = x.mul_add(std::f64::consts::LOG2_E, ROUND) - ROUND;
    (k, k.mul_add(-LN2_LO, k.mul_add(-LN2_HI, x)))
}

/// Computes `e^x`, which underflows to 0 and overflows to infinity. `x` must not be NaN.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (k, t) = reduce(x.clamp(-746.0, 710.0));
    let (a, b) = pow2_halves(k);
    (expm1_reduced(t) + 1.0) * a * b
}

/// Computes `e^x - 1` without cancellation near 0, for `x <= 700` (larger values are clipped to 700).
#[inline(always)]
pub(crate) fn expm1(x: f64) -> f64 {
    let (k, t) = reduce(x.clamp(-746.0, 700.0));
    let (a, b) = pow2_halves(k);
    let scale = a * b;
    scale.mul_add(expm1_reduced(t), scale - 1.0)
}

/// Computes `e^x` and `e^x - 1`, both to full precision, on the domain of [`expm1`].
#[inline(always)]
pub(crate) fn exp_and_expm1(x: f64) -> (f64, f64) {
    let (k, t) = reduce(x.clamp(-746.0, 700.0));
    let (a, b) = pow2_halves(k);
    let (scale, rest) = (a * b, expm1_reduced(t));
    ((rest + 1.0) * a * b, scale.mul_add(rest, scale - 1.0))
}

/// Computes `2^x`, exact for integers, which underflows to 0 and overflows to infinity. `x` must not be NaN.
#[inline(always)]
pub(crate) fn exp2(x: f64) -> f64 {
    let x = x.clamp(-1076.0, 1025.0);
    let k = (x + ROUND) - ROUND;
    let (a, b) = pow2_halves(k);
    (expm1_reduced((x - k) * std::f64::consts::LN_2) + 1.0) * a * b
}

/// Splits a positive normal number into `2^k (1 + f)` with `1 + f` from sqrt(1/2) to sqrt(2) (smaller positive numbers
/// and 0 are clipped to the smallest normal number).
#[inline(always)]
pub(crate) fn split(x: f64) -> (f64, f64) {
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    const BIAS: u64 = 0x3FF0_0000_0000_0000 - SQRT_HALF;
    let bits = x.max(f64::MIN_POSITIVE).to_bits() + BIAS;
    let mantissa = (bits & 0x000F_FFFF_FFFF_FFFF) + SQRT_HALF;
    // The biased exponent becomes a float through the low bits of 2^52, which SIMD units can do.
    let k = f64::from_bits((bits >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    (k, f64::from_bits(mantissa) - 1.0)
}

/// Computes `k ln2 + ln(1 + f)` for a split number.
#[inline(always)]
fn ln_of_split(k: f64, f: f64) -> f64 {
    // ln(1 + f) = 2 artanh(s) = 2 s (1 + z/3 + z^2/5 + ...) with s = f/(2 + f), z = s^2 < 0.0295.
    const C: [f64; 11] = [
        2.0 / 23.0,
        2.0 / 21.0,
        2.0 / 19.0,
        2.0 / 17.0,
        2.0 / 15.0,
        2.0 / 13.0,
        2.0 / 11.0,
        2.0 / 9.0,
        2.0 / 7.0,
        2.0 / 5.0,
        2.0 / 3.0,
    ];
    let s = f / (2.0 + f);
    let z = s * s;
    let square = z * z;
    let (mut even, mut odd) = (C[0], C[1]);
    for pair in C[2..10].chunks_exact(2) {
        even = even.mul_add(square, pair[0]);
        odd = odd.mul_add(square, pair[1]);
    }
    let tail = even.mul_add(square, odd.mul_add(z, C[10]));
    let half_square = 0.5 * f * f;
    let rest = s.mul_add(half_square + tail * z, k * LN2_LO);
    k.mul_add(LN2_HI, f - (half_square - rest))
}

/// Computes the natural logarithm of a positive normal number, on the domain of [`split`].
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    let (k, f) = split(x);
    ln_of_split(k, f)
}

/// Computes the natural logarithm of a positive normal number to an absolute error of 5e-13.
#[inline(always)]
pub(crate) fn ln_absolute(x: f64) -> f64 {
    const C: [f64; 6] = [2.0 / 13.0, 2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0];
    let (k, f) = split(x);
    let s = f / (2.0 + f);
    let z = s * s;
    let square = z * z;
    let (mut even, mut odd) = (C[0], C[1]);
    for pair in C[2..].chunks_exact(2) {
        even = even.mul_add(square, pair[0]);
        odd = odd.mul_add(square, pair[1]);
    }
    let tail = even.mul_add(z, odd) * z;
    k.mul_add(std::f64::consts::LN_2, s.mul_add(tail, 2.0 * s))
}

/// Computes `ln(1 + x)` without cancellation near 0, for `x > -1`.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    // Near 0, use x itself: the sum rounds its low digits away.
    let (k, f) = split(1.0 + x);
    ln_of_split(k, if k == 0.0 { x } else { f })
}

/// Computes the natural logarithm of a ratio without cancellation near 1, from the ratio and from `excess`, the ratio less 1.
#[inline(always)]
pub(crate) fn ln_of_ratio(ratio: f64, excess: f64) -> f64 {
    let (k, f) = split(ratio);
    ln_of_split(k, if k == 0.0 { excess } else { f })
}

/// Computes `log2 x`, accurate near 1 and exact for powers of 2, on the domain of [`ln`].
#[inline(always)]
pub(crate) fn log2(x: f64) -> f64 {
    let k = ((x.to_bits() >> 52) as f64) - 1023.0;
    let mantissa = f64::from_bits((x.to_bits() & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
    let (k, mantissa) = if mantissa > std::f64::consts::SQRT_2 { (k + 1.0, mantissa * 0.5) } else { (k, mantissa) };
    ln(mantissa).mul_add(std::f64::consts::LOG2_E, k)
}

/// Computes `sin x` for `|x|` up to 1e6, to an absolute error of 3e-16 in addition to that of `x` (near 0 to a relative error).
#[inline(always)]
pub(crate) fn sin(x: f64) -> f64 {
    const PI_HI: f64 = f64::from_bits(0x4009_21FB_5440_0000); // pi to 31 bits: k * PI_HI is exact
    const PI_LO: f64 = f64::from_bits(0x3DE0_B461_1A62_6331); // pi - PI_HI
    // The series up to x^21, whose remainder is below 2e-18 at pi/2.
    const C: [f64; 10] = [
        1.0 / 51_090_942_171_709_440_000.0,
        -1.0 / 121_645_100_408_832_000.0,
        1.0 / 355_687_428_096_000.0,
        -1.0 / 1_307_674_368_000.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 39_916_800.0,
        1.0 / 362_880.0,
        -1.0 / 5_040.0,
        1.0 / 120.0,
        -1.0 / 6.0,
    ];
    let shifted = x.mul_add(std::f64::consts::FRAC_1_PI, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-PI_LO, k.mul_add(-PI_HI, x));
    let square = r * r;
    let fourth = square * square;
    let (mut even, mut odd) = (C[0], C[1]);
    for pair in C[2..].chunks_exact(2) {
        even = even.mul_add(fourth, pair[0]);
        odd = odd.mul_add(fourth, pair[1]);
    }
    let sine = (even.mul_add(square, odd) * square).mul_add(r, r);
    // The sign changes with odd multiples of pi.
    f64::from_bits(sine.to_bits() ^ (shifted.to_bits() << 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ulps(computed: f64, expected: f64) -> f64 {
        if computed == expected {
            return 0.0;
        }
        let spacing = f64::from_bits(expected.abs().to_bits() + 1) - expected.abs();
        (computed - expected).abs() / spacing
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn exp_within_2_ulp(x in -708.0..709.7_f64) {
            prop_assert!(ulps(exp(x), x.exp()) <= 2.0);
        }

        #[test]
        fn expm1_within_3_ulp(x in -40.0..600.0_f64, small in -1.0..1.0_f64, tiny in -300.0..0.0_f64) {
            for x in [x, small, small * 10_f64.powf(tiny)] {
                prop_assert!(ulps(expm1(x), x.exp_m1()) <= 3.0, "{x}");
            }
        }

        #[test]
        fn near_functions(x in -0.7..0.7_f64, y in -4.0..4.0_f64, tiny in -300.0..0.0_f64) {
            for x in [x, x * 10_f64.powf(tiny)] {
                prop_assert!(ulps(expm1_near(x), x.exp_m1()) <= 3.0, "{x}");
            }
            prop_assert!(ulps(exp_near(y), y.exp()) <= 64.0, "{y}");
        }

        #[test]
        fn exp2_within_2_ulp(x in -1020.0..1023.9_f64) {
            prop_assert!(ulps(exp2(x), x.exp2()) <= 2.0);
        }

        #[test]
        fn ln_within_2_ulp(mantissa in 0.5..2.0_f64, exponent in -1000..1000_i32) {
            for x in [mantissa, mantissa * f64::from(exponent).exp2()] {
                prop_assert!(ulps(ln(x), x.ln()) <= 2.0, "{x}");
                prop_assert!(ulps(log2(x), x.log2()) <= 3.0, "{x}");
                prop_assert_eq!(log2(f64::from(exponent).exp2()), f64::from(exponent));
            }
        }

        #[test]
        fn ln_absolute_within_5e_13(x in 0.01..100.0_f64) {
            prop_assert!((ln_absolute(x) - x.ln()).abs() <= 5e-13);
        }

        #[test]
        fn sin_within_3e_16(x in -1e6..1e6_f64, near in -4.0..4.0_f64, tiny in -300.0..0.0_f64) {
            for x in [x, near] {
                prop_assert!((sin(x) - x.sin()).abs() <= 3e-16, "{x}");
            }
            let small = near * 10_f64.powf(tiny);
            prop_assert!(ulps(sin(small), small.sin()) <= 3.0 || small.abs() > 3.0, "{small}");
        }

        #[test]
        fn ln_1p_within_3_ulp(x in -0.999..10.0_f64, tiny in -300.0..300.0_f64, sign in prop::bool::ANY) {
            let small = 10_f64.powf(tiny);
            let signed = if sign || small >= 1.0 { small } else { -small };
            for x in [x, signed] {
                prop_assert!(ulps(ln_1p(x), x.ln_1p()) <= 3.0, "{x}");
            }
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(exp(-1e300), 0.0);
        assert_eq!(exp(1e300), f64::INFINITY);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp2(-1074.0), 5e-324);
        assert_eq!(exp2(1024.0), f64::INFINITY);
        assert_eq!(exp2(f64::INFINITY), f64::INFINITY);
        for k in -1022..=1023_i32 {
            assert_eq!(exp2(f64::from(k)), 2_f64.powi(k));
        }
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln_1p(0.0), 0.0);
        assert_eq!(expm1(0.0), 0.0);
        assert_eq!(expm1(-1e300), -1.0);
    }
}
