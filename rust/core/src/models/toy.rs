//! The toy model of papers and AGIs (Eth & Davidson 2025, "A toy model to demonstrate the dynamics").
//!
//! AGIs on fixed hardware write papers. The n-th doubling of efficiency takes `first_papers * papers_factor^(n-1)`
//! papers, written by `agis * 2^(n-1)` AGIs, so each doubling takes `papers_factor / 2` times as long as the last.

use crate::numerics::elementary::{exp2, log2};
use crate::parallel::Kernel;
use crate::{Error, Field, Result, Run};

const OWNER: &str = "ToyModel";

const fn field(name: &'static str) -> Field {
    Field {
        owner: OWNER,
        name,
        low: 1e-100,
        low_included: true,
        high: 1e100,
        rule: "finite and > 0 (from 1e-100 to 1e100)",
    }
}

/// AGIs at the start.
pub const AGIS: Field = field("agis");
/// Papers per AGI and month.
pub const PAPERS_PER_AGI_MONTH: Field = field("papers_per_agi_month");
/// Papers that the first doubling takes.
pub const FIRST_PAPERS: Field = field("first_papers");
/// Factor by which the papers grow per doubling.
pub const PAPERS_FACTOR: Field = Field {
    low: 1.0,
    low_included: false,
    high: 1e6,
    rule: "> 1 and finite (up to 1e6): research gets harder with every doubling",
    ..field("papers_factor")
};

/// A month in years.
pub const MONTH: f64 = 1.0 / 12.0;

/// A validated set of toy models. Every column has one value, shared by all, or one per model.
#[derive(Debug, Clone)]
pub struct ToyModel {
    columns: [Vec<f64>; 4],
    paths: usize,
}

impl ToyModel {
    /// Validates the columns: AGIs, papers per AGI and month, papers of the first doubling, factor per doubling.
    pub fn new(
        agis: Vec<f64>,
        papers_per_agi_month: Vec<f64>,
        first_papers: Vec<f64>,
        papers_factor: Vec<f64>,
    ) -> Result<Self> {
        let columns = [agis, papers_per_agi_month, first_papers, papers_factor];
        let fields = [AGIS, PAPERS_PER_AGI_MONTH, FIRST_PAPERS, PAPERS_FACTOR];
        let paths = columns.iter().map(Vec::len).max().unwrap_or(0);
        for (column, field) in columns.iter().zip(fields) {
            if column.is_empty() || (column.len() != paths && column.len() != 1) {
                return Err(Error::Length { owner: OWNER, name: field.name, given: column.len(), expected: paths });
            }
            field.check(column)?;
        }
        Ok(Self { columns, paths })
    }

    /// Number of models.
    pub fn paths(&self) -> usize {
        self.paths
    }

    #[inline(always)]
    fn path(&self, i: usize) -> [f64; 4] {
        std::array::from_fn(|c| if self.columns[c].len() == 1 { self.columns[c][0] } else { self.columns[c][i] })
    }

    /// Papers that each doubling takes: one row per model, as in the functions below.
    pub fn papers(&self, count: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.fill(count, run, out, |[_, _, first, factor], n| first * power(factor, n))
    }

    /// AGIs at work during each doubling.
    pub fn agis(&self, count: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.fill(count, run, out, |[agis, ..], n| agis * exp2(n))
    }

    /// Time that each doubling takes, years.
    pub fn durations(&self, count: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.fill(count, run, out, |parameters, n| first_duration(parameters) * power(parameters[3] / 2.0, n))
    }

    /// Time at which each doubling is done, years: the running sum of the durations.
    pub fn ends(&self, count: usize, run: &Run, out: &mut [f64]) -> Result<()> {
        self.durations(count, run, out)?;
        for row in out.chunks_exact_mut(count.max(1)) {
            for n in 1..row.len() {
                row[n] += row[n - 1];
            }
        }
        Ok(())
    }

    /// Time (years) at which the number of AGIs becomes infinite; infinite for a model that never does.
    pub fn singular_time(&self, run: &Run, out: &mut [f64]) -> Result<()> {
        self.fill(1, run, out, |parameters, _| {
            let ratio = parameters[3] / 2.0;
            if ratio < 1.0 { first_duration(parameters) / (1.0 - ratio) } else { f64::INFINITY }
        })
    }

    fn fill(&self, count: usize, run: &Run, out: &mut [f64], value: fn([f64; 4], f64) -> f64) -> Result<()> {
        let expected = self.paths * count;
        if out.len() != expected {
            return Err(Error::Length { owner: OWNER, name: "rows", given: out.len(), expected });
        }
        run.fill(out, count, &Rows { model: self, value })
    }
}

/// Time that the first doubling takes, years.
#[inline(always)]
fn first_duration([agis, rate, first, _]: [f64; 4]) -> f64 {
    MONTH * first / (agis * rate)
}

/// `base^n`, exact for powers of 2.
#[inline(always)]
fn power(base: f64, n: f64) -> f64 {
    exp2(n * log2(base))
}

/// A value of each doubling, from the model's four parameters and the number of doublings before.
struct Rows<'a> {
    model: &'a ToyModel,
    value: fn([f64; 4], f64) -> f64,
}

impl Kernel for Rows<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let parameters = self.model.path(path);
        for (n, v) in values.iter_mut().enumerate() {
            *v = (self.value)(parameters, n as f64);
        }
    }
}
