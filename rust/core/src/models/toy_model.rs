//! The toy model of papers and AGIs (Eth & Davidson 2025, "A toy model to demonstrate the dynamics").
//!
//! AGIs on fixed hardware write papers. The n-th doubling of efficiency takes `first_papers * papers_factor^(n-1)`
//! papers, written by `agis * 2^(n-1)` AGIs, so each doubling takes `papers_factor / 2` times as long as the last.

use crate::conversions::returns_of_papers_factor;
use crate::model::unit::{NUMBER, YEARS};
use crate::model::{
    Axis, ByPath, Column, Field, Group, Output, PathRows, Plan, REGIMES, Range, Request, Rows, Slots, Spec, comes_by,
    regime,
};
use crate::numerics::elementary::{exp2, log2};
use crate::{Cancel, Result, Run};
use std::sync::Arc;

const POSITIVE: Range = Range::positive(1e-100, 1e100);

/// The toy model.
pub(super) static SPEC: Spec = Spec {
    name: "toy_model",
    group: &Group {
        owner: "ToyModel",
        fields: &[
            Field::new("agis", "AGIs", POSITIVE),
            Field::new("papers_per_agi_month", "papers/AGI/month", POSITIVE),
            Field::new("first_papers", "papers", POSITIVE),
            Field::new("papers_factor", NUMBER, Range::above(1.0, 1e6, "> 1 and finite"))
                .remarked("research gets harder with every doubling"),
        ],
        choices: &[],
        parts: &[],
        check: |_| Ok(()),
    },
    outputs: &[
        Output::word("regime", REGIMES).quick(),
        Output::new("criticality", NUMBER).quick(),
        Output::new("singular_time", YEARS).quick(),
        Output::word("outcome", &["horizon", "singular"]).by_horizon().quick(),
        Output::new("papers", "papers").along(Axis::Step).named(),
        Output::new("agis", "AGIs").along(Axis::Step).named(),
        Output::new("durations", YEARS).along(Axis::Step).named(),
        Output::new("ends", YEARS).along(Axis::Step).named(),
    ],
    build: |view| {
        let columns = ["agis", "papers_per_agi_month", "first_papers", "papers_factor"].map(|name| view.column(name));
        Ok(Arc::new(ToyModel { columns, paths: view.paths() }))
    },
};

/// A month in years.
const MONTH: f64 = 1.0 / 12.0;

/// A validated set of toy models.
#[derive(Debug)]
struct ToyModel {
    /// AGIs, papers per AGI and month, papers of the first doubling, factor per doubling.
    columns: [Column; 4],
    paths: usize,
}

impl Plan for ToyModel {
    fn paths(&self) -> usize {
        self.paths
    }

    fn rows<'a>(&'a self, request: &'a Request, _: &Run) -> Result<Box<dyn Rows + 'a>> {
        Ok(Box::new(PathRows::new(request, Answers { model: self, request })))
    }
}

struct Answers<'a> {
    model: &'a ToyModel,
    request: &'a Request,
}

impl ByPath for Answers<'_> {
    #[inline(always)]
    fn answer<S: pulp::Simd>(&self, _: S, path: usize, slots: &mut Slots, _: &Cancel) {
        let [agis, rate, first, factor] = self.model.columns.each_ref().map(|column| column.at(path));
        // Time that the first doubling takes, years, and that of each further one over the last.
        let (first_duration, ratio) = (MONTH * first / (agis * rate), factor / 2.0);
        let singular_time = if ratio < 1.0 { first_duration / (1.0 - ratio) } else { f64::INFINITY };
        let duration = |n: f64| first_duration * power(ratio, n);
        for (place, ask) in self.request.asks.iter().enumerate() {
            let row = slots.row(place);
            match ask.output.name {
                "papers" => each_step(row, |n| first * power(factor, n)),
                "agis" => each_step(row, |n| agis * exp2(n)),
                "durations" => each_step(row, duration),
                "ends" => {
                    each_step(row, duration);
                    for n in 1..row.len() {
                        row[n] += row[n - 1];
                    }
                }
                "singular_time" => row[0] = singular_time,
                "outcome" => row[0] = f64::from(u8::from(comes_by(singular_time, self.request.horizon))),
                "regime" => row[0] = regime(returns_of_papers_factor(factor)),
                "criticality" => row[0] = returns_of_papers_factor(factor),
                other => unreachable!("no output of a toy model: {other}"),
            }
        }
    }
}

/// Fills a row by a function of the number of doublings before.
#[inline(always)]
fn each_step(row: &mut [f64], value: impl Fn(f64) -> f64) {
    for (n, slot) in row.iter_mut().enumerate() {
        *slot = value(n as f64);
    }
}

/// `base^n`, exact for powers of 2.
#[inline(always)]
fn power(base: f64, n: f64) -> f64 {
    exp2(n * log2(base))
}
