//! Half-Cauchy distribution function, `2/pi atan x`, and its inverse, without functions of the platform.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Computes `tan y` for y from 0 to pi/4 by Taylor series of sine and cosine, up to rounding.
#[inline(always)]
fn tan_near(y: f64) -> f64 {
    let z = y * y;
    let (mut sine, mut cosine, mut k) = (1.0, 1.0, 16.0);
    // Nested, such as 1 - z/(2 3) (1 - z/(4 5) (1 - ...)) for the sine.
    while k > 1.0 {
        sine = (-z / (k * (k + 1.0))).mul_add(sine, 1.0);
        cosine = (-z / (k * (k - 1.0))).mul_add(cosine, 1.0);
        k -= 2.0;
    }
    y * sine / cosine
}

/// Computes `atan x` for x from 0 to 1: halves the angle twice, then sums the Taylor series.
#[inline(always)]
fn atan_near(x: f64) -> f64 {
    let half = |x: f64| x / (1.0 + x.mul_add(x, 1.0).sqrt());
    let y = half(half(x));
    let z = y * y;
    let (mut sum, mut k) = (0.0, 25.0);
    while k > 0.0 {
        sum = (-z).mul_add(sum, 1.0 / k);
        k -= 2.0;
    }
    4.0 * y * sum
}

/// Computes the quantile of the half-Cauchy distribution of scale 1.
#[inline(always)]
pub(super) fn half_quantile(below: f64, above: f64) -> f64 {
    let tangent = tan_near(FRAC_PI_2 * below.min(above));
    if below <= above { tangent } else { 1.0 / tangent }
}

/// Computes the distribution function of scale 1, and its complement.
#[inline(always)]
pub(super) fn half_cdf(x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let share = FRAC_2_PI * atan_near(if x <= 1.0 { x } else { 1.0 / x });
    if x <= 1.0 { (share, 1.0 - share) } else { (1.0 - share, share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library() {
        for i in 1..1000 {
            let p = f64::from(i) / 1000.0;
            let x = (FRAC_PI_2 * p).tan();
            assert!((half_quantile(p, 1.0 - p) / x - 1.0).abs() < 1e-12, "{p}");
            assert!((half_cdf(x).0 - FRAC_2_PI * x.atan()).abs() < 1e-15, "{x}");
            assert!((half_cdf(x).1 / (FRAC_2_PI * (1.0 / x).atan()) - 1.0).abs() < 1e-13, "{x}");
        }
    }
}
