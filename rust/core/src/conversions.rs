//! Conversion between papers factor, returns and doubling ratio (Eth & Davidson 2025, Tables 2 and 3), and from doublings to
//! the level.
//!
//! ```text
//! papers factor  g = 2^(1/r)       papers of a doubling relative to those of the previous one
//! returns        r = 1 / log2 g
//! doubling ratio q = 2^(lambda (1/r - 1))   duration of a doubling relative to the previous one; g/2 for lambda = 1
//! ```

use crate::law::PARALLELIZABILITY;
use crate::numerics::elementary::{exp2, log2};
use crate::parallel::Kernel;
use crate::{Argument, Error, Result, Run};

/// Describes an argument that must be above `low`.
const fn field(owner: &'static str, name: &'static str, low: f64, high: f64, rule: &'static str) -> Argument {
    Argument { owner, name, low, low_included: false, high, rule }
}

const LARGE: f64 = f64::MAX;

/// Kernel that applies a function to each value.
struct Map<'a, F> {
    values: &'a [f64],
    f: F,
}

impl<F: Fn(f64) -> f64 + Sync> Kernel for Map<'_, F> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        values[0] = (self.f)(self.values[path]);
    }
}

/// Kernel that applies a function to each pair of values.
struct MapPairs<'a, F> {
    values: &'a [f64],
    others: &'a [f64],
    f: F,
}

impl<F: Fn(f64, f64) -> f64 + Sync> Kernel for MapPairs<'_, F> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        values[0] = (self.f)(self.values[path], self.others[path]);
    }
}

/// Applies a function to each value.
fn map(values: &[f64], run: &Run, out: &mut [f64], f: impl Fn(f64) -> f64 + Sync) -> Result<()> {
    run.fill(out, 1, &Map { values, f })
}

/// Applies a function to each value and another value, which is one for all or one per value.
fn map_pairs(
    values: &[f64],
    others: &[f64],
    run: &Run,
    out: &mut [f64],
    f: impl Fn(f64, f64) -> f64 + Sync,
) -> Result<()> {
    match others {
        [other] => map(values, run, out, |value| f(value, *other)),
        _ => run.fill(out, 1, &MapPairs { values, others, f }),
    }
}

/// Converts doublings to the level: `S = 2^x`, infinite only beyond the range of f64.
pub fn level(doublings: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    let any = Argument {
        low_included: true,
        ..field("level_from_doublings", "doublings", f64::NEG_INFINITY, f64::INFINITY, "a number")
    };
    any.check(doublings)?;
    map(doublings, run, out, exp2)
}

/// Converts one papers factor to returns.
#[inline(always)]
pub(crate) fn returns_of_papers_factor(papers_factor: f64) -> f64 {
    1.0 / log2(papers_factor)
}

/// Converts papers factors to returns: `r = 1 / log2 g`.
pub fn returns_from_papers_factor(papers_factor: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    field("returns_from_papers_factor", "papers_factor", 1.0, LARGE, "finite and > 1").check(papers_factor)?;
    map(papers_factor, run, out, returns_of_papers_factor)
}

/// Converts returns to a papers factor: `g = 2^(1/r)`.
pub fn papers_factor_from_returns(r: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    field("papers_factor_from_returns", "r", 0.0, LARGE, "finite and > 0").check(r)?;
    map(r, run, out, |r| exp2(1.0 / r))
}

/// Converts a papers factor to a doubling ratio, for lambda = 1: `q = g / 2`.
pub fn doubling_ratio_from_papers_factor(papers_factor: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    field("doubling_ratio_from_papers_factor", "papers_factor", 1.0, LARGE, "finite and > 1").check(papers_factor)?;
    map(papers_factor, run, out, |g| g / 2.0)
}

/// Converts a doubling ratio to a papers factor, for lambda = 1: `g = 2 q`.
pub fn papers_factor_from_doubling_ratio(doubling_ratio: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    field("papers_factor_from_doubling_ratio", "doubling_ratio", 0.5, LARGE, "finite and > 0.5")
        .check(doubling_ratio)?;
    map(doubling_ratio, run, out, |q| 2.0 * q)
}

/// Converts returns to a doubling ratio: `q = 2^(lambda (1/r - 1))`, with one lambda or one per value.
pub fn doubling_ratio_from_returns(r: &[f64], parallelizability: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    const OWNER: &str = "doubling_ratio_from_returns";
    check_parallelizability(OWNER, parallelizability, r.len())?;
    field(OWNER, "r", 0.0, LARGE, "finite and > 0").check(r)?;
    map_pairs(r, parallelizability, run, out, |r, lambda| exp2(lambda * ((1.0 - r) / r)))
}

/// Converts a doubling ratio to returns: `r = 1 / (1 + log2(q)/lambda)`, with one lambda or one per value.
pub fn returns_from_doubling_ratio(
    doubling_ratio: &[f64],
    parallelizability: &[f64],
    run: &Run,
    out: &mut [f64],
) -> Result<()> {
    const OWNER: &str = "returns_from_doubling_ratio";
    const RULE: &str = "finite and > 2^-parallelizability, which infinite r would give";
    check_parallelizability(OWNER, parallelizability, doubling_ratio.len())?;
    let lowest: Vec<f64> = parallelizability.iter().map(|lambda| exp2(-lambda)).collect();
    let outside = |i: &usize| {
        !(doubling_ratio[*i] > lowest[if lowest.len() == 1 { 0 } else { *i }] && doubling_ratio[*i] <= LARGE)
    };
    if let Some(i) = (0..doubling_ratio.len()).find(outside) {
        let index = (doubling_ratio.len() > 1).then_some(i);
        return Err(field(OWNER, "doubling_ratio", 0.0, LARGE, RULE).error(doubling_ratio[i], index));
    }
    map_pairs(doubling_ratio, parallelizability, run, out, |q, lambda| 1.0 / (1.0 + log2(q) / lambda))
}

/// Checks one lambda, or one per value.
fn check_parallelizability(owner: &'static str, column: &[f64], expected: usize) -> Result<()> {
    if column.len() != 1 && column.len() != expected {
        return Err(Error::Length { owner, name: PARALLELIZABILITY.name, given: column.len(), expected });
    }
    PARALLELIZABILITY.check(owner, column)
}
