//! The toy model of papers and AGIs (Eth & Davidson 2025, "A toy model to demonstrate the dynamics").
//!
//! AGIs on fixed hardware write papers. The n-th doubling of efficiency takes `first_papers * papers_factor^(n-1)`
//! papers, written by `agis * 2^(n-1)` AGIs, so each doubling takes `papers_factor / 2` times as long as the last.

use crate::elementary::{exp2, log2};
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

/// The rows of one quantity, one row per model and one value per doubling.
#[derive(Debug, Clone)]
pub struct Doublings {
    /// Papers that the doubling takes.
    pub papers: Vec<f64>,
    /// AGIs at work during the doubling.
    pub agis: Vec<f64>,
    /// Time that the doubling takes, years.
    pub duration: Vec<f64>,
    /// Time at which the doubling is done, years.
    pub end: Vec<f64>,
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

    /// The first `count` doublings of every model.
    pub fn doublings(&self, count: usize, run: &Run) -> Result<Doublings> {
        let rows = |value| run.rows(self.paths, count, &Rows { model: self, value });
        let papers = rows(|[_, _, first, factor], n| first * power(factor, n))?;
        let at_work = rows(|[agis, ..], n| agis * exp2(n))?;
        let duration = rows(|[agis, rate, first, factor], n| MONTH * first / (agis * rate) * power(factor / 2.0, n))?;
        let mut end = duration.clone();
        for row in end.chunks_exact_mut(count.max(1)) {
            for n in 1..row.len() {
                row[n] += row[n - 1];
            }
        }
        Ok(Doublings { papers, agis: at_work, duration, end })
    }

    /// Time (years) at which the number of AGIs becomes infinite; infinite for a model that never does.
    pub fn singular_time(&self, run: &Run) -> Result<Vec<f64>> {
        let value = |[agis, rate, first, factor]: [f64; 4], _| {
            let ratio = factor / 2.0;
            if ratio < 1.0 { MONTH * first / (agis * rate) / (1.0 - ratio) } else { f64::INFINITY }
        };
        run.rows(self.paths, 1, &Rows { model: self, value })
    }
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
