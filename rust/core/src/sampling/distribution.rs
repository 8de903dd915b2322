//! Distributions of one number: validation, quantiles and distribution functions.

use super::beta::Beta;
use super::composite::{Mixture, Truncated};
use super::discrete::Discrete;
use super::gamma::Gamma;
use super::table::Table;
use super::{BLOCK, Blocks, Tails, cauchy, fill_blocks, ln_positive, normal};
use crate::numerics::elementary::{exp, ln};
use crate::parallel::dispatch;
use crate::{Argument, Error, Result, Run};
use std::borrow::Cow;
use std::sync::Arc;

/// A validated distribution, cheap to clone.
#[derive(Debug, Clone)]
pub struct Distribution(Arc<Kind>);

/// Kind of a distribution, with its parameters.
#[derive(Debug)]
enum Kind {
    Normal { mu: f64, sigma: f64 },
    Lognormal { mu: f64, sigma: f64 },
    Uniform { low: f64, high: f64 },
    Loguniform { low: f64, high: f64, ln_low: f64, ln_ratio: f64 },
    Triangular { low: f64, mode: f64, high: f64 },
    Gamma(Gamma),
    HalfCauchy { scale: f64 },
    Beta(Beta),
    Discrete(Discrete),
    Table(Table),
    Mixture(Mixture),
    Truncated(Truncated),
}

/// Specification of a distribution: its kind by name, its numbers, weights and parts.
#[derive(Debug, Default)]
pub struct Recipe {
    /// `normal`, `lognormal`, `uniform`, `loguniform`, `triangular`, `gamma`, `half_cauchy`, `beta`, `discrete`, `table`, `mixture` or
    /// `truncated`.
    pub kind: String,
    /// Parameters in their order, or the values of a discrete distribution or of a table.
    pub numbers: Vec<f64>,
    /// Weights of values or parts; empty for equal weights.
    pub weights: Vec<f64>,
    /// Parts of a mixture, or the distribution to truncate.
    pub parts: Vec<Distribution>,
}

const KINDS: [&str; 12] = [
    "normal",
    "lognormal",
    "uniform",
    "loguniform",
    "triangular",
    "gamma",
    "half_cauchy",
    "beta",
    "discrete",
    "table",
    "mixture",
    "truncated",
];
/// Largest magnitude of a number, so that sums and differences of two stay finite.
const LARGE: f64 = 1e300;
/// Logarithm of the median of a lognormal.
const LN_MEDIAN: Argument =
    Argument { low: -600.0, high: 600.0, rule: "from -600 to 600", ..finite("Lognormal", "mu") };
/// Largest logarithm of a draw of a lognormal: `e^700` is finite.
const LN_LARGE: f64 = 700.0;
/// Distance from the mean, in standard deviations, that no draw of 52 bits reaches.
const FARTHEST: f64 = 9.0;

/// 2^512, by which widths near the smallest floats are multiplied.
const LIFT: f64 = f64::from_bits(0x5FF0_0000_0000_0000);

/// Describes an argument that is any finite number.
const fn finite(owner: &'static str, name: &'static str) -> Argument {
    Argument { owner, name, low: -LARGE, low_included: true, high: LARGE, rule: "finite, from -1e300 to 1e300" }
}

/// Describes an argument that is a finite number above 0.
const fn positive(owner: &'static str, name: &'static str) -> Argument {
    Argument { owner, name, low: 0.0, low_included: false, high: LARGE, rule: "finite and > 0, at most 1e300" }
}

/// Describes a shape of a gamma or beta distribution.
const fn shape(owner: &'static str, name: &'static str) -> Argument {
    Argument { owner, name, low: 0.01, low_included: true, high: 1e4, rule: "from 0.01 to 10,000" }
}

/// Creates an error for an invalid value.
const fn invalid(owner: &'static str, name: &'static str, value: f64, rule: &'static str) -> Error {
    Error::InvalidValue { owner, name, value, index: None, rule: Cow::Borrowed(rule) }
}

/// Checks that an upper bound is above the lower one.
fn check_range(owner: &'static str, low: f64, high: f64) -> Result<()> {
    if high > low { Ok(()) } else { Err(invalid(owner, "high", high, "greater than low")) }
}

/// Checks weights: none, or `count` weights that are not negative and not all 0.
fn check_weights(owner: &'static str, count: usize, weights: &[f64]) -> Result<()> {
    let field = Argument { owner, name: "weights", low: 0.0, low_included: true, high: LARGE, rule: "finite and >= 0" };
    field.check(weights)?;
    if weights.len() != count && !weights.is_empty() {
        return Err(Error::Length { owner, name: "weights", given: weights.len(), expected: count });
    }
    let sum: f64 = weights.iter().sum();
    if weights.is_empty() || (sum > 0.0 && sum <= LARGE) {
        return Ok(());
    }
    Err(invalid(owner, "weights", sum, "of a sum > 0, at most 1e300"))
}

impl Distribution {
    /// Creates a distribution from its specification.
    pub fn new(recipe: Recipe) -> Result<Self> {
        let Recipe { kind, numbers, weights, parts } = recipe;
        let kind = match (kind.as_str(), numbers.as_slice()) {
            ("normal", &[mu, sigma]) => {
                finite("Normal", "mu").check(&[mu])?;
                positive("Normal", "sigma").check(&[sigma])?;
                Kind::Normal { mu, sigma }
            }
            ("lognormal", &[mu, sigma]) => {
                LN_MEDIAN.check(&[mu])?;
                positive("Lognormal", "sigma").check(&[sigma])?;
                if mu.abs() + FARTHEST * sigma > LN_LARGE {
                    let rule = "small enough for draws within e^-700 and e^700 (|mu| + 9 sigma at most 700)";
                    return Err(invalid("Lognormal", "sigma", sigma, rule));
                }
                Kind::Lognormal { mu, sigma }
            }
            ("uniform", &[low, high]) => {
                finite("Uniform", "low").check(&[low])?;
                finite("Uniform", "high").check(&[high])?;
                check_range("Uniform", low, high)?;
                Kind::Uniform { low, high }
            }
            ("loguniform", &[low, high]) => {
                positive("Loguniform", "low").check(&[low])?;
                positive("Loguniform", "high").check(&[high])?;
                check_range("Loguniform", low, high)?;
                Kind::Loguniform { low, high, ln_low: ln_positive(low), ln_ratio: ln_positive(high) - ln_positive(low) }
            }
            ("triangular", &[low, mode, high]) => {
                finite("Triangular", "low").check(&[low])?;
                finite("Triangular", "high").check(&[high])?;
                check_range("Triangular", low, high)?;
                if !(low <= mode && mode <= high) {
                    return Err(invalid("Triangular", "mode", mode, "from low to high"));
                }
                Kind::Triangular { low, mode, high }
            }
            ("gamma", &[a, scale]) => {
                shape("Gamma", "shape").check(&[a])?;
                positive("Gamma", "scale").check(&[scale])?;
                Kind::Gamma(Gamma::new(a, scale))
            }
            ("half_cauchy", &[scale]) => {
                let field =
                    Argument { high: 1e280, rule: "finite and > 0, at most 1e280", ..positive("HalfCauchy", "scale") };
                field.check(&[scale])?;
                Kind::HalfCauchy { scale }
            }
            ("beta", &[alpha, beta]) => {
                shape("Beta", "alpha").check(&[alpha])?;
                shape("Beta", "beta").check(&[beta])?;
                Kind::Beta(Beta::new(alpha, beta))
            }
            ("truncated", &[low, high]) if parts.len() == 1 => Self::truncated(&parts[0], low, high)?,
            ("discrete", values) if !values.is_empty() => {
                finite("Discrete", "values").check(values)?;
                check_weights("Discrete", values.len(), &weights)?;
                Kind::Discrete(Discrete::new(numbers, &weights))
            }
            ("table", values) if values.len() >= 2 => {
                finite("Tabulated", "quantiles").check(values)?;
                if let Some(i) = values.windows(2).position(|pair| pair[1] < pair[0]) {
                    let field = Argument { rule: "ascending", ..finite("Tabulated", "quantiles") };
                    return Err(field.error(values[i + 1], Some(i + 1)));
                }
                Kind::Table(Table::new(numbers))
            }
            ("mixture", &[]) if !parts.is_empty() => {
                let equal = vec![1.0; parts.len()];
                let weights = if weights.is_empty() { &equal } else { &weights };
                check_weights("Mixture", parts.len(), weights)?;
                Kind::Mixture(Mixture::new(parts, weights))
            }
            (name, _) if KINDS.contains(&name) => {
                return Err(invalid("distribution", "numbers", numbers.len() as f64, "as many as the kind takes"));
            }
            _ => {
                return Err(Error::UnknownName { what: "distribution", given: kind, allowed: KINDS.join(", ") });
            }
        };
        Ok(Self(Arc::new(kind)))
    }

    /// Truncates a distribution to the values from `low` to `high`.
    fn truncated(distribution: &Self, low: f64, high: f64) -> Result<Kind> {
        let bound = |name| Argument {
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
            rule: "a number, or infinite",
            ..finite("Truncated", name)
        };
        bound("low").check(&[low])?;
        bound("high").check(&[high])?;
        check_range("Truncated", low, high)?;
        let kind = match &*distribution.0 {
            Kind::Discrete(values) => values.within(low, high).map(Kind::Discrete),
            _ => Truncated::new(distribution.clone(), low, high).map(Kind::Truncated),
        };
        let rule = "such that some of the distribution lies between low and high";
        kind.ok_or(invalid("Truncated", "high", high, rule))
    }

    /// Returns whether single values have a positive probability.
    pub(super) fn atoms(&self) -> bool {
        match &*self.0 {
            Kind::Discrete(_) | Kind::Table(_) => true, // a table may be flat
            Kind::Mixture(mixture) => mixture.atoms(),
            Kind::Truncated(truncated) => truncated.atoms(),
            _ => false,
        }
    }

    /// Computes quantiles of a block of probabilities strictly between 0 and 1.
    pub(super) fn quantiles<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, out: &mut [f64]) {
        simd.vectorize(Quantiles { kind: &self.0, tails, out });
    }

    /// Computes the distribution function and its complement at a block of values.
    pub(super) fn cdfs<S: pulp::Simd>(&self, simd: S, x: &[f64], below: &mut [f64], above: &mut [f64]) {
        simd.vectorize(Cdfs { kind: &self.0, x, below, above });
    }

    /// Computes the distribution function and its complement at one value.
    pub(super) fn cdf(&self, x: f64) -> (f64, f64) {
        let (mut below, mut above) = ([0.0], [0.0]);
        dispatch(Cdfs { kind: &self.0, x: &[x], below: &mut below, above: &mut above });
        (below[0], above[0])
    }

    /// Computes the quantile of each probability `p`, strictly between 0 and 1.
    pub fn quantile(&self, p: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        fill_blocks(run, out, &QuantileAt { distribution: self, p })
    }

    /// Computes the probability of values up to each `x`.
    pub fn distribution_function(&self, x: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        fill_blocks(run, out, &CdfAt { distribution: self, x })
    }

    /// Transforms standard normals to draws, in place.
    pub(super) fn transform_normals<S: pulp::Simd>(&self, simd: S, z: &mut [f64]) {
        simd.vectorize(FromNormals { distribution: self, z });
    }
}

/// Computation of quantiles of a block.
struct Quantiles<'a> {
    kind: &'a Kind,
    tails: Tails<&'a [f64]>,
    out: &'a mut [f64],
}

/// Computes the quantile of each pair of tails.
#[inline(always)]
fn map_tails(tails: Tails<&[f64]>, out: &mut [f64], quantile: impl Fn(f64, f64) -> f64) {
    for ((x, below), above) in out.iter_mut().zip(tails.below).zip(tails.above) {
        *x = quantile(*below, *above);
    }
}

impl pulp::WithSimd for Quantiles<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let Self { kind, tails, out } = self;
        match kind {
            Kind::Normal { mu, sigma } => {
                normal::quantiles(tails.below, tails.above, out);
                from_normal(out, *mu, *sigma, false);
            }
            Kind::Lognormal { mu, sigma } => {
                normal::quantiles(tails.below, tails.above, out);
                from_normal(out, *mu, *sigma, true);
            }
            Kind::Uniform { low, high } => {
                map_tails(tails, out, |p, _| (high - low).mul_add(p, *low).clamp(*low, *high));
            }
            Kind::Loguniform { low, high, ln_low, ln_ratio } => {
                map_tails(tails, out, |p, _| exp(ln_ratio.mul_add(p, *ln_low)).clamp(*low, *high));
            }
            Kind::Triangular { low, mode, high } => {
                // Lifted from where products of widths have few digits or none.
                let (lift, drop) = if high - low < 1e-200 { (LIFT, 1.0 / LIFT) } else { (1.0, 1.0) };
                let (width, rise, fall) = (lift * (high - low), lift * (mode - low), lift * (high - mode));
                map_tails(tails, out, |p, q| {
                    if p * width <= rise {
                        low + (p * width).sqrt() * rise.sqrt() * drop
                    } else {
                        high - (q * width).sqrt() * fall.sqrt() * drop
                    }
                    .clamp(*low, *high)
                });
            }
            Kind::Gamma(law) => map_tails(tails, out, |p, q| law.quantile(p, q)),
            Kind::HalfCauchy { scale } => map_tails(tails, out, |p, q| scale * cauchy::half_quantile(p, q)),
            Kind::Beta(law) => map_tails(tails, out, |p, q| law.quantile(p, q)),
            Kind::Discrete(values) => map_tails(tails, out, |p, _| values.quantile(p)),
            Kind::Table(table) => map_tails(tails, out, |p, q| table.quantile(p, q)),
            Kind::Mixture(mixture) => mixture.quantiles(simd, tails, out),
            Kind::Truncated(truncated) => truncated.quantiles(simd, tails, out),
        }
    }
}

/// Transformation of a block of standard normals.
struct FromNormals<'a> {
    distribution: &'a Distribution,
    z: &'a mut [f64],
}

impl pulp::WithSimd for FromNormals<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let Self { distribution, z } = self;
        match *distribution.0 {
            Kind::Normal { mu, sigma } => from_normal(z, mu, sigma, false),
            Kind::Lognormal { mu, sigma } => from_normal(z, mu, sigma, true),
            _ => {
                let n = z.len();
                let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
                for ((p, q), z) in below.iter_mut().zip(&mut above).zip(&*z) {
                    (*p, *q) = normal::cdf(*z);
                }
                distribution.quantiles(simd, Tails { below: &below[..n], above: &above[..n] }, z);
            }
        }
    }
}

/// Transforms standard normals to normals of mean `mu` and standard deviation `sigma`, or to their exponentials.
#[inline(always)]
fn from_normal(z: &mut [f64], mu: f64, sigma: f64, exponential: bool) {
    if exponential {
        for x in z {
            *x = exp(sigma.mul_add(*x, mu));
        }
    } else {
        for x in z {
            *x = sigma.mul_add(*x, mu);
        }
    }
}

/// Computation of distribution functions of a block.
struct Cdfs<'a> {
    kind: &'a Kind,
    x: &'a [f64],
    below: &'a mut [f64],
    above: &'a mut [f64],
}

impl Cdfs<'_> {
    /// Computes the distribution function and its complement at each value.
    #[inline(always)]
    fn map(self, cdf: impl Fn(f64) -> (f64, f64)) {
        for ((x, below), above) in self.x.iter().zip(self.below).zip(self.above) {
            (*below, *above) = cdf(*x);
        }
    }
}

impl pulp::WithSimd for Cdfs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        // Distances from both ends of a range, relative to its width.
        let between = |x: f64, low: f64, high: f64| {
            let inner = x.clamp(low, high);
            ((inner - low) / (high - low), (high - inner) / (high - low))
        };
        match self.kind {
            Kind::Normal { mu, sigma } => self.map(|x| normal::cdf((x - mu) / sigma)),
            Kind::Lognormal { mu, sigma } => {
                self.map(|x| if x <= 0.0 { (0.0, 1.0) } else { normal::cdf((ln(x) - mu) / sigma) });
            }
            Kind::Uniform { low, high } => self.map(|x| between(x, *low, *high)),
            Kind::Loguniform { low, high, ln_low, ln_ratio } => self.map(|x| {
                let share = ((ln_positive(x.clamp(*low, *high)) - ln_low) / ln_ratio).clamp(0.0, 1.0);
                (share, 1.0 - share)
            }),
            Kind::Triangular { low, mode, high } => self.map(|x| {
                let (below, above) = between(x, *low, *high);
                if x <= *mode {
                    let p = if x > *low { below * ((x - low) / (mode - low)) } else { 0.0 };
                    (p, 1.0 - p)
                } else {
                    let q = if x < *high { above * ((high - x) / (high - mode)) } else { 0.0 };
                    (1.0 - q, q)
                }
            }),
            Kind::Gamma(law) => self.map(|x| law.cdf(x)),
            Kind::HalfCauchy { scale } => self.map(|x| cauchy::half_cdf(x / scale)),
            Kind::Beta(law) => self.map(|x| law.cdf(x)),
            Kind::Discrete(values) => self.map(|x| values.cdf(x)),
            Kind::Table(table) => self.map(|x| table.cdf(x)),
            Kind::Mixture(mixture) => mixture.cdfs(simd, self.x, self.below, self.above),
            Kind::Truncated(truncated) => truncated.cdfs(simd, self.x, self.below, self.above),
        }
    }
}

/// Blocks of quantiles.
struct QuantileAt<'a> {
    distribution: &'a Distribution,
    p: &'a [f64],
}

impl Blocks for QuantileAt<'_> {
    #[inline(always)]
    fn block<S: pulp::Simd>(&self, simd: S, first: usize, out: &mut [f64]) {
        let below = &self.p[first..first + out.len()];
        let mut above = [0.0; BLOCK];
        for (q, p) in above.iter_mut().zip(below) {
            *q = 1.0 - p;
        }
        self.distribution.quantiles(simd, Tails { below, above: &above[..out.len()] }, out);
    }
}

/// Blocks of values of the distribution function.
struct CdfAt<'a> {
    distribution: &'a Distribution,
    x: &'a [f64],
}

impl Blocks for CdfAt<'_> {
    #[inline(always)]
    fn block<S: pulp::Simd>(&self, simd: S, first: usize, out: &mut [f64]) {
        let mut above = [0.0; BLOCK];
        let x = &self.x[first..first + out.len()];
        let n = out.len();
        self.distribution.cdfs(simd, x, out, &mut above[..n]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(kind: &str, numbers: &[f64], weights: &[f64], parts: Vec<Distribution>) -> Result<Distribution> {
        Distribution::new(Recipe { kind: kind.into(), numbers: numbers.into(), weights: weights.into(), parts })
    }

    #[test]
    fn quantile_and_distribution_function_are_inverse() {
        let normal = create("normal", &[1.0, 2.0], &[], vec![]).unwrap();
        let gamma = create("gamma", &[0.3, 2.0], &[], vec![]).unwrap();
        let all = [
            create("beta", &[0.2, 300.0], &[], vec![]).unwrap(),
            create("beta", &[40.0, 0.5], &[], vec![]).unwrap(),
            create("half_cauchy", &[2.5], &[], vec![]).unwrap(),
            create("triangular", &[-1.0, 0.0, 5.0], &[], vec![]).unwrap(),
            create("table", &[-9.0, -1.0, 0.0, 3.0], &[], vec![]).unwrap(),
            create("mixture", &[], &[1.0, 3.0], vec![normal.clone(), gamma.clone()]).unwrap(),
            create("truncated", &[5.0, 7.0], &[], vec![normal.clone()]).unwrap(),
            normal,
            gamma,
        ];
        let p: Vec<f64> = (1..500).map(|i| f64::from(i) / 500.0).collect();
        let (mut x, mut back) = (vec![0.0; p.len()], vec![0.0; p.len()]);
        for distribution in all {
            distribution.quantile(&p, &Run::default(), &mut x).unwrap();
            distribution.distribution_function(&x, &Run::default(), &mut back).unwrap();
            for (p, back) in p.iter().zip(&back) {
                assert!((p - back).abs() < 1e-12, "{distribution:?} {p} {back}");
            }
        }
    }

    #[test]
    fn the_smallest_floats_keep_their_probability() {
        let small = [
            create("gamma", &[0.012, 8.0], &[], vec![]).unwrap(),
            create("gamma", &[0.01, 1e300], &[], vec![]).unwrap(),
            create("gamma", &[0.02, 1e-307], &[], vec![]).unwrap(),
            create("beta", &[0.01, 1e4], &[], vec![]).unwrap(),
            create("beta", &[0.011, 0.01], &[], vec![]).unwrap(),
            create("loguniform", &[5e-324, 1.0], &[], vec![]).unwrap(),
        ];
        // From 4 to 2^50 times the least float, 5e-324; all are below the normal ones.
        let x: Vec<f64> = (2..50).map(|k| f64::from_bits(1 << k)).collect();
        let (mut p, mut back) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for one in small {
            one.distribution_function(&x, &Run::default(), &mut p).unwrap();
            assert!(p.windows(2).all(|pair| pair[1] > pair[0]), "{one:?} {p:?}");
            one.quantile(&p, &Run::default(), &mut back).unwrap();
            // The logarithm of a place, some 740, is rounded to 1e-13.
            assert!(x.iter().zip(&back).all(|(x, back)| (back / x - 1.0).abs() < 1e-11), "{one:?} {back:?}");
        }
    }

    #[test]
    fn a_triangle_of_few_floats() {
        let least = f64::from_bits(1);
        let one = create("triangular", &[0.0, 1_000.0 * least, 2_000.0 * least], &[], vec![]).unwrap();
        let mut x = [0.0; 3];
        one.quantile(&[5e-5, 0.5, 0.995], &Run::default(), &mut x).unwrap();
        assert_eq!(x.map(|x| x / least), [10.0, 1_000.0, 1_900.0]);
    }

    #[test]
    fn values_with_weights() {
        let weighted = create("discrete", &[3.0, 1.0, 2.0], &[1.0, 1.0, 2.0], vec![]).unwrap();
        let mut x = [0.0; 4];
        weighted.quantile(&[0.25, 0.26, 0.75, 0.99], &Run::default(), &mut x).unwrap();
        assert_eq!(x, [1.0, 2.0, 2.0, 3.0]);
        let upper = create("truncated", &[1.5, 9.0], &[], vec![weighted]).unwrap();
        upper.quantile(&[1e-300, 0.66, 0.67, 0.99], &Run::default(), &mut x).unwrap();
        assert_eq!(x, [2.0, 2.0, 3.0, 3.0]);
    }

    #[test]
    fn invalid_numbers_are_refused() {
        for (kind, numbers) in [("normal", &[0.0, -1.0][..]), ("uniform", &[1.0, 1.0]), ("gamma", &[1.0]), ("x", &[])] {
            assert!(create(kind, numbers, &[], vec![]).is_err());
        }
    }
}
