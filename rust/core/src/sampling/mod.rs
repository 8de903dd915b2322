//! Draws of uncertain inputs by inverse distribution functions, each addressed by seed, draw and name.

mod beta;
mod cauchy;
mod composite;
mod copula;
mod discrete;
mod distribution;
mod gamma;
mod newton;
mod normal;
mod philox;
mod table;

pub use distribution::{Distribution, Recipe};
pub(crate) use gamma::stirling_remainder;
pub use philox::{DOMAIN, variable_number};

use crate::numerics::elementary;
use crate::parallel::Kernel;
use crate::{Argument, Result, Run};

/// Draws that are computed together.
pub(crate) const BLOCK: usize = 256;

/// Probabilities below and above a value: the smaller of the two has full precision.
#[derive(Debug, Clone, Copy)]
struct Tails<T> {
    below: T,
    above: T,
}

/// Computes the natural logarithm of a positive number, also below the normal floats, where [`elementary::ln`] takes them all
/// as one.
#[inline(always)]
fn ln_positive(x: f64) -> f64 {
    const RAISE: f64 = 18_014_398_509_481_984.0; // 2^54
    if x < f64::MIN_POSITIVE { elementary::ln(x * RAISE) - 54.0 * std::f64::consts::LN_2 } else { elementary::ln(x) }
}

/// Computation in blocks of at most [`BLOCK`] consecutive values.
trait Blocks: Sync {
    /// Fills a block whose first value has the index `first`.
    fn block<S: pulp::Simd>(&self, simd: S, first: usize, out: &mut [f64]);
}

/// Kernel whose rows are blocks, from the value `first` on.
struct Rows<'a, B> {
    blocks: &'a B,
    first: usize,
}

impl<B: Blocks> Kernel for Rows<'_, B> {
    const TASK_VALUES: usize = 1 << 12;

    #[inline(always)]
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]) {
        self.blocks.block(simd, self.first + path * BLOCK, values);
    }
}

/// Fills `out` block by block, in parallel.
fn fill_blocks<B: Blocks>(run: &Run, out: &mut [f64], blocks: &B) -> Result<()> {
    let first = out.len() - out.len() % BLOCK;
    let (whole, rest) = out.split_at_mut(first);
    run.fill(whole, BLOCK, &Rows { blocks, first: 0 })?;
    run.fill(rest, rest.len(), &Rows { blocks, first })
}

/// Standard normals of a variable.
struct Normals {
    seed: u64,
    variable: u64,
}

impl Blocks for Normals {
    #[inline(always)]
    fn block<S: pulp::Simd>(&self, _: S, first: usize, out: &mut [f64]) {
        normal_block(self.seed, self.variable, first, out);
    }
}

/// Draws standard normals of a variable from draw `first` on; at most [`BLOCK`] of them.
#[inline(always)]
pub(crate) fn normal_block(seed: u64, variable: u64, first: usize, out: &mut [f64]) {
    let n = out.len();
    let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
    let (below, above) = (&mut below[..n], &mut above[..n]);
    philox::uniforms(seed, variable, first as u64, below);
    for (q, p) in above.iter_mut().zip(&*below) {
        *q = 1.0 - *p;
    }
    normal::quantiles(below, above, out);
}

/// Draws standard normals of a variable from the first draw on.
pub(crate) fn normals(seed: u64, variable: u64, run: &Run, out: &mut [f64]) -> Result<()> {
    fill_blocks(run, out, &Normals { seed, variable })
}

/// Returns the first uniform of a variable.
pub(crate) fn first_uniform(seed: u64, variable: u64) -> f64 {
    let mut out = [0.0];
    philox::uniforms(seed, variable, 0, &mut out);
    out[0]
}

/// Source of the uniforms of the draws.
#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    /// Philox, from the draw `start` on.
    Philox { seed: u64, start: u64 },
    /// Given values, one row of draws per variable.
    Given { uniforms: &'a [f64], draws: usize },
}

impl Source<'_> {
    /// Writes the uniforms of a variable from draw `first` on.
    #[inline(always)]
    fn block(&self, variable: &Variable, index: usize, first: usize, out: &mut [f64]) {
        match self {
            Self::Philox { seed, start } => philox::uniforms(*seed, variable.number, start + first as u64, out),
            Self::Given { uniforms, draws } => {
                let from = index * draws + first;
                out.copy_from_slice(&uniforms[from..from + out.len()]);
            }
        }
    }
}

/// A variable with its dependence on others.
#[derive(Debug)]
struct Variable {
    number: u64,
    distribution: Distribution,
    /// Weights of the standard normals of this and other variables; empty for an independent variable.
    factors: Vec<(usize, f64)>,
}

/// Prepared variables, in the order of their names.
#[derive(Debug)]
pub struct Sampler {
    variables: Vec<Variable>,
}

impl Sampler {
    /// Prepares variables by their names, in ascending order, with rank correlations (Spearman's) between pairs, by index.
    pub fn new(
        names: &[String],
        distributions: Vec<Distribution>,
        correlations: &[(usize, usize, f64)],
    ) -> Result<Self> {
        let factors = copula::factors(names.len(), correlations)?;
        let variables = names.iter().zip(distributions).zip(factors);
        let variables = variables
            .map(|((name, distribution), factors)| Variable { number: variable_number(name), distribution, factors })
            .collect();
        Ok(Self { variables })
    }

    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.variables.len()
    }

    /// Draws from `start` on: one row of `out` per variable.
    pub fn draw(&self, seed: u64, start: u64, run: &Run, out: &mut [f64]) -> Result<()> {
        self.fill(Source::Philox { seed, start }, run, out)
    }

    /// Transforms uniforms strictly between 0 and 1 to draws, one row per variable.
    pub fn draw_from(&self, uniforms: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        let field = Argument {
            owner: "draw",
            name: "uniforms",
            low: 0.0,
            low_included: false,
            high: 1.0f64.next_down(),
            rule: "strictly between 0 and 1",
        };
        field.check(uniforms)?;
        self.fill(Source::Given { uniforms, draws: uniforms.len() / self.variables.len().max(1) }, run, out)
    }

    /// Fills one row of `out` per variable.
    fn fill(&self, source: Source, run: &Run, out: &mut [f64]) -> Result<()> {
        let draws = out.len() / self.variables.len().max(1);
        for (index, row) in out.chunks_exact_mut(draws.max(1)).enumerate() {
            fill_blocks(run, row, &Draws { variables: &self.variables, index, source })?;
        }
        Ok(())
    }
}

/// The draws of one variable.
struct Draws<'a> {
    variables: &'a [Variable],
    index: usize,
    source: Source<'a>,
}

impl Draws<'_> {
    /// Writes the uniforms of a variable, and their complements to 1.
    #[inline(always)]
    fn uniforms(&self, index: usize, first: usize, below: &mut [f64], above: &mut [f64]) {
        self.source.block(&self.variables[index], index, first, below);
        for (q, p) in above.iter_mut().zip(below) {
            *q = 1.0 - *p;
        }
    }
}

impl Blocks for Draws<'_> {
    #[inline(always)]
    fn block<S: pulp::Simd>(&self, simd: S, first: usize, out: &mut [f64]) {
        let n = out.len();
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (below, above) = (&mut below[..n], &mut above[..n]);
        let variable = &self.variables[self.index];
        if variable.factors.is_empty() {
            self.uniforms(self.index, first, below, above);
            variable.distribution.quantiles(simd, Tails { below, above }, out);
            return;
        }
        let mut independent = [0.0; BLOCK];
        let independent = &mut independent[..n];
        out.fill(0.0);
        for (index, factor) in &variable.factors {
            self.uniforms(*index, first, below, above);
            normal::quantiles(below, above, independent);
            for (z, other) in out.iter_mut().zip(&*independent) {
                *z = factor.mul_add(*other, *z);
            }
        }
        variable.distribution.transform_normals(simd, out);
    }
}

/// An elementwise function, for formulas; bit-identical on every machine.
#[derive(Debug, Clone, Copy)]
pub enum Function {
    /// Exponential.
    Exp,
    /// Natural logarithm; NaN unless the value is a positive normal number.
    Ln,
}

/// Blocks of values of a function.
struct Map<'a> {
    values: &'a [f64],
    function: Function,
}

impl Blocks for Map<'_> {
    #[inline(always)]
    fn block<S: pulp::Simd>(&self, _: S, first: usize, out: &mut [f64]) {
        let values = &self.values[first..first + out.len()];
        match self.function {
            Function::Exp => {
                for (y, x) in out.iter_mut().zip(values) {
                    *y = elementary::exp(*x);
                }
            }
            Function::Ln => {
                for (y, x) in out.iter_mut().zip(values) {
                    *y = if *x >= f64::MIN_POSITIVE { elementary::ln(*x) } else { f64::NAN };
                }
            }
        }
    }
}

/// Applies a function to each value, none of which is NaN.
pub fn apply(function: Function, values: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
    fill_blocks(run, out, &Map { values, function })
}
