//! Log density of a stable law of mean 0 and scale 1 (parametrization S1), with a stability alpha above 1.
//!
//! Its characteristic function is `exp(-|t|^alpha (1 - i beta sign(t) tan(pi alpha/2)))`, with the skewness beta. It is inverted
//! in three forms, each where it is accurate:
//!
//! ```text
//! middle      1/pi int_0^inf e^(-t^alpha) cos(x t - beta tan(pi alpha/2) t^alpha) dt
//! far         1/(pi x) sum_k (-1)^(k-1) Gamma(1 + alpha k)/k! Im(q^k) x^(-alpha k),
//!             q = (1 + i beta tan(pi alpha/2)) e^(i pi alpha/2)          (Zolotarev 1986, theorem 2.4.2; x > 0)
//! thin tail   of a skewness of 1 or -1: 1/(2 pi i) int e^(s x + c s^alpha) ds along the path of steepest descent,
//!             c = -1/cos(pi alpha/2)                                     (x < 0 for a skewness of 1)
//! ```
//!
//! The first is integrated by the trapezoidal rule in u, `t = exp(u - e^(-u))`, which makes the integrand decay equally fast at
//! both ends; the third by the trapezoidal rule in the angle of s. Relative error of the density for a stability up to 1.99, or
//! of 2: 1e-10 in the far and the thin tail and where the density is above 1e-5. Elsewhere the absolute error is 1e-15 (this
//! includes a skewness close to 1, or a stability close to 2).
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // counts of nodes and of terms, small and above 0

use super::transition::ln_gamma;
use crate::numerics::elementary::{exp, ln, sin};
use std::f64::consts::{FRAC_PI_2, PI};

/// Least stability: below it the middle form needs many more nodes.
pub(super) const LEAST_STABILITY: f64 = 1.1;
/// Partial sums over the nodes: a fixed number, so that the order of summation is the same on every machine.
const LANES: usize = 8;
/// Ends of the nodes of the middle form: `e^(-t^alpha)` is below 4e-18 above the upper one, `t` below e^-48 below the lower one.
const FIRST: f64 = -3.8;
const LN_LAST: f64 = 3.7;
/// Logarithm of a relative error that is negligible, and the greatest number of terms of the far series.
const LN_RESOLVED: f64 = -37.0;
const MOST_TERMS: usize = 64;
/// Least curvature of the exponent along the path of steepest descent, relative to the square of the distance from 0, for the
/// thin form, and the step along that path in standard deviations.
const LEAST_CURVATURE: f64 = 12.0;
const STEP: f64 = 0.35;
/// Size from which on (-1e14 is about the logarithm of the density) the exponent is a parabola, up to rounding.
const LARGEST_SIZE: f64 = 1e14;
/// Density below the error of the middle form.
const LEAST_DENSITY: f64 = 1e-17;

/// A stable law with the nodes and coefficients of its forms.
#[derive(Debug)]
pub(super) struct StableLaw {
    stability: f64,
    skewness: f64,
    time: Vec<f64>,
    phase: Vec<f64>,
    weight: Vec<f64>,
    /// Distance from 0 from which on the far series is used.
    far: f64,
    terms: usize,
    /// Coefficients of the far series, right and left.
    series: [[f64; MOST_TERMS]; 2],
    /// `c` of the thin tail.
    constant: f64,
}

impl StableLaw {
    /// Prepares the law of a stability from [`LEAST_STABILITY`] to 2 and a skewness from -1 to 1.
    #[inline(always)]
    pub(super) fn new(stability: f64, skewness: f64) -> Self {
        let angle = FRAC_PI_2 * stability;
        let (sine, cosine) = (sin(angle), sin(angle + FRAC_PI_2));
        let tilt = skewness * sine / cosine;
        let mut law = Self {
            stability,
            skewness,
            time: Vec::new(),
            phase: Vec::new(),
            weight: Vec::new(),
            far: f64::INFINITY,
            terms: 0,
            series: [[0.0; MOST_TERMS]; 2],
            constant: -1.0 / cosine,
        };
        if stability < 2.0 {
            law.place_nodes(tilt);
            let ln_factor = 0.5 * ln(tilt.mul_add(tilt, 1.0)) + stability * ln(stability);
            (law.far, law.terms) = far_limit(stability, ln_factor);
            law.series = [far_series(stability, tilt, [cosine, sine]), far_series(stability, -tilt, [cosine, sine])];
        }
        law
    }

    /// Computes nodes and weights of the middle form.
    #[inline(always)]
    fn place_nodes(&mut self, tilt: f64) {
        let step = 0.055 / 0.6_f64.mul_add(tilt.abs(), 1.0);
        let count = (((LN_LAST / self.stability + 0.4 - FIRST) / step) as usize).next_multiple_of(LANES);
        for i in 0..count {
            let u = step.mul_add(i as f64, FIRST);
            let back = exp(-u);
            let ln_time = u - back;
            let (time, power) = (exp(ln_time), exp(self.stability * ln_time));
            self.time.push(time);
            self.phase.push(tilt.mul_add(-power, FRAC_PI_2));
            self.weight.push(step / PI * time * (1.0 + back) * exp(-power));
        }
    }

    /// Computes the logarithm of the density at `x`, which must not be NaN.
    #[inline(always)]
    pub(super) fn ln_density(&self, x: f64) -> f64 {
        if self.stability == 2.0 {
            return (-0.25 * x).mul_add(x, -0.5 * ln(4.0 * PI));
        }
        if self.skewness.abs() == 1.0 && x * self.skewness < 0.0 {
            let ln_saddle = (ln(x.abs()) - ln(self.constant * self.stability)) / (self.stability - 1.0);
            let size = exp(ln_saddle) * x.abs();
            if size * (self.stability - 1.0) >= LEAST_CURVATURE {
                return self.thin(ln_saddle, size);
            }
        } else if x.abs() > self.far {
            return self.far(x);
        }
        ln(self.middle(x).max(LEAST_DENSITY))
    }

    /// Computes the density by the middle form.
    #[inline(always)]
    fn middle(&self, x: f64) -> f64 {
        let mut sums = [0.0; LANES];
        let nodes = self.time.chunks_exact(LANES).zip(self.phase.chunks_exact(LANES));
        for ((time, phase), weight) in nodes.zip(self.weight.chunks_exact(LANES)) {
            for i in 0..LANES {
                sums[i] = weight[i].mul_add(sin(time[i].mul_add(x, phase[i])), sums[i]);
            }
        }
        sums.iter().sum()
    }

    /// Computes the log density by the far series, as far as its terms decrease.
    #[inline(always)]
    fn far(&self, x: f64) -> f64 {
        let ln_x = ln(x.abs());
        let ratio = exp(-self.stability * ln_x);
        let coefficients = &self.series[usize::from(x < 0.0)];
        let sum = coefficients[..self.terms].iter().rev().fold(0.0_f64, |sum, c| ratio.mul_add(sum, *c));
        ln(sum.max(f64::MIN_POSITIVE)) - ln(PI) - (self.stability + 1.0) * ln_x
    }

    /// Computes the log density by the thin form, along the path of steepest descent through the saddle:
    /// `s = saddle (alpha sin(phi)/sin(alpha phi))^(1/(alpha-1)) e^(i phi)`, where the exponent is
    /// `-size (s/saddle) sin((alpha-1) phi)/sin(alpha phi)`, with `size = saddle |x|`.
    #[inline(always)]
    fn thin(&self, ln_saddle: f64, size: f64) -> f64 {
        let alpha = self.stability;
        let top = -size * (alpha - 1.0) / alpha;
        if size > LARGEST_SIZE {
            return ln_saddle - 0.5 * ln(2.0 * PI * (alpha - 1.0) * size) + top;
        }
        let step = STEP / (size * (alpha - 1.0)).sqrt();
        let mut sum = 0.5;
        let mut phi = step;
        while phi * alpha < PI {
            let (sin_phi, sin_alpha_phi, sin_difference) = (sin(phi), sin(alpha * phi), sin((alpha - 1.0) * phi));
            let length = exp((ln(alpha) + ln(sin_phi) - ln(sin_alpha_phi)) / (alpha - 1.0));
            let exponent = -size * (length * sin_difference / sin_alpha_phi - (alpha - 1.0) / alpha);
            if exponent < LN_RESOLVED - 4.0 {
                break;
            }
            // The imaginary part of ds/dphi, over the saddle.
            let cotangents = sin(phi + FRAC_PI_2) / sin_phi - alpha * sin(alpha * phi + FRAC_PI_2) / sin_alpha_phi;
            let derivative = length * (cotangents / (alpha - 1.0)).mul_add(sin_phi, sin(phi + FRAC_PI_2));
            sum = exp(exponent).mul_add(derivative, sum);
            phi += step;
        }
        ln(sum * step / PI) + ln_saddle + top
    }
}

/// Returns the distance from which on the far series is accurate to rounding, by its smallest or its last term, and its number
/// of terms there.
#[inline(always)]
fn far_limit(stability: f64, ln_factor: f64) -> (f64, usize) {
    let alpha_minus_1 = stability - 1.0;
    // The k-th term is e^ln_factor x^(-alpha) k^(alpha-1) times the previous one.
    let smallest = ln_factor + alpha_minus_1 * ln(-LN_RESOLVED / alpha_minus_1);
    let most = MOST_TERMS as f64;
    let last = ln_factor + alpha_minus_1 * (ln(most) - 1.0) - LN_RESOLVED / most;
    let ln_power = smallest.max(last);
    let terms = exp(((ln_power - ln_factor) / alpha_minus_1).min(6.0));
    (exp(ln_power / stability), (terms as usize).min(MOST_TERMS))
}

/// Computes the coefficients of the far series for positive `x`.
#[inline(always)]
fn far_series(stability: f64, tilt: f64, [cosine, sine]: [f64; 2]) -> [f64; MOST_TERMS] {
    let q = [tilt.mul_add(-sine, cosine), tilt.mul_add(cosine, sine)];
    let mut power = [1.0, 0.0];
    let mut coefficients = [0.0; MOST_TERMS];
    for (i, coefficient) in coefficients.iter_mut().enumerate() {
        power = [power[0] * q[0] - power[1] * q[1], power[0] * q[1] + power[1] * q[0]];
        let k = (i + 1) as f64;
        let size = exp(ln_gamma(stability.mul_add(k, 1.0)) - ln_gamma(k + 1.0));
        *coefficient = if i % 2 == 0 { size } else { -size } * power[1];
    }
    coefficients
}
