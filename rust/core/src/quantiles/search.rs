//! Exact quantiles of columns that are made row by row, again and again, but never kept.
//!
//! A sample of the first rows brackets each quantile. A pass over all rows counts those below a bracket and keeps those in
//! it; as rows double, the order statistics that are known narrow the brackets, so that what is kept grows with the square
//! root of the rows. Where that is too much, a first pass counts in bins, and the next keeps the few values of the bins that
//! hold the quantile (Munro & Paterson 1980, "Selection and sorting with limited storage"). A bracket that turns out too
//! narrow is opened, at the price of a pass. Values are compared by keys, integers in the order of the floats, and what is
//! found is exact: the result is the same for any order of the rows, threads and chunks.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts of rows

use crate::quantiles::column::{Column, KEPT, Segment, Target, between, key, margin, place};
use crate::quantiles::counts::{Brackets, Counts, LANES, Lanes, Tally, edges};
use crate::{Error, Result, Run};
use rayon::prelude::*;

/// Columns side by side.
#[derive(Debug, Clone)]
struct Block {
    first: usize,
    columns: Vec<Column>,
    /// Ends of the segments, by rank and column: the first key in each and the first after it.
    edges: Vec<[i64; LANES]>,
    /// Rows at or above each of these.
    above: Vec<[i64; LANES]>,
}

/// A search for quantiles of columns.
#[derive(Debug, Clone)]
pub struct QuantileSearch {
    columns: usize,
    rows: usize,
    /// Passes that have ended.
    pass: usize,
    seen: usize,
    probabilities: Vec<f64>,
    blocks: Vec<Block>,
    /// Rows after which the brackets are narrowed again; none where values are not kept from the start.
    narrow_at: usize,
}

impl QuantileSearch {
    /// A search for quantiles by `probabilities` of `columns` columns of `rows` rows (at most `u32::MAX`), from a sample of
    /// their first rows.
    pub fn new(sample: &[f64], columns: usize, rows: usize, probabilities: Vec<f64>, run: &Run) -> Result<Self> {
        let width = LANES.min(columns);
        let column = || Column {
            targets: vec![Target::default(); probabilities.len()],
            segments: Vec::new(),
            cells: Vec::new(),
            top: 0,
        };
        let block = |first: usize| Block {
            first,
            columns: std::iter::repeat_with(column).take(width.min(columns - first)).collect(),
            edges: Vec::new(),
            above: Vec::new(),
        };
        let mut blocks: Vec<Block> = (0..columns).step_by(LANES).map(block).collect();
        // Between two narrowings rows double: what is kept by then is twice what a bracket of all rows would hold.
        let held: f64 = probabilities.iter().map(|p| 2.0 * margin(*p, rows as f64)).sum();
        let keeps = 2.0 * held <= KEPT as f64;
        blocks.par_iter_mut().try_for_each(|block| {
            for (lane, column) in block.columns.iter_mut().enumerate() {
                if run.cancel.raised() {
                    return Err(crate::Error::Cancelled);
                }
                let keys = sample.iter().skip(block.first + lane).step_by(columns).map(|v| key(*v)).collect();
                column.bracket(keys, rows, &probabilities);
                if keeps {
                    column.targets.iter_mut().for_each(|target| target.bracket.held = 0);
                }
            }
            block.prepare();
            Ok(())
        })?;
        let narrow_at = if keeps { 2 * sample.len() / columns.max(1) } else { usize::MAX };
        Ok(Self { columns, rows, pass: 0, seen: 0, probabilities, blocks, narrow_at })
    }

    /// What the pass counts: rows that are counted by it may be counted elsewhere.
    pub fn brackets(&self) -> Brackets {
        let lanes = |block: &Block| Lanes {
            first: block.first,
            segments: block.columns.iter().map(|column| column.segments.iter().map(Segment::empty).collect()).collect(),
            edges: block.edges.clone(),
        };
        Brackets { columns: self.columns, pass: self.pass, blocks: self.blocks.iter().map(lanes).collect() }
    }

    /// Takes in what further rows of the pass come to, by the brackets of now or of earlier in the pass. The order does not
    /// matter.
    pub fn take(&mut self, counts: &Counts) -> Result<()> {
        let fits = |task: &Vec<Tally>| {
            task.len() == self.blocks.len()
                && task.iter().zip(&self.blocks).all(|(tally, block)| tally.segments.len() == block.columns.len())
        };
        if counts.pass != self.pass || !counts.tasks.iter().all(fits) {
            let rule = "of the pass that is under way".into();
            let value = counts.pass as f64;
            return Err(Error::InvalidValue { owner: "QuantileSearch", name: "counts", value, index: None, rule });
        }
        self.blocks.par_iter_mut().enumerate().for_each(|(at, block)| {
            counts.tasks.iter().for_each(|task| block.take(&task[at]));
        });
        self.seen += counts.rows;
        if self.seen >= self.narrow_at && self.seen < self.rows {
            let (seen, probabilities) = (self.seen, &self.probabilities);
            self.blocks.par_iter_mut().for_each(|block| block.narrow(seen, probabilities));
            self.narrow_at = 2 * seen;
        }
        Ok(())
    }

    /// Ends a pass; whether all quantiles are known, so that no other is needed.
    pub fn end_pass(&mut self) -> bool {
        let (seen, rows, probabilities) = (self.seen, self.rows, &self.probabilities);
        let end = |block: &mut Block| {
            block.settle(seen);
            for column in &mut block.columns {
                column.refine(rows, probabilities);
            }
            block.prepare()
        };
        let known = self.blocks.par_iter_mut().map(end).reduce(|| true, |all, one| all & one);
        self.seen = 0;
        self.pass += 1;
        self.narrow_at = usize::MAX;
        known
    }

    /// Rows taken in since the pass began.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Lower and upper bounds of the quantiles of the rows that a pass has taken in so far, by column and probability.
    pub fn bounds(&mut self) -> Vec<(f64, f64)> {
        let (seen, probabilities) = (self.seen, &self.probabilities);
        self.blocks.par_iter_mut().for_each(|block| {
            block.settle(seen);
            block.columns.iter_mut().for_each(Column::sort);
        });
        let columns = self.blocks.iter().flat_map(|block| &block.columns);
        columns.flat_map(|column| column.bounds(seen, probabilities)).collect()
    }

    /// Quantiles by column and probability, by linear interpolation between the nearest values; NaN where not known.
    pub fn quantiles(&self) -> Vec<f64> {
        let columns = self.blocks.iter().flat_map(|block| &block.columns);
        let known = |(target, probability): (&Target, &f64)| {
            let weight = place(*probability, self.rows).fract();
            target.found.map_or(f64::NAN, |(low, high)| between(low, high, weight))
        };
        columns.flat_map(|column| column.targets.iter().zip(&self.probabilities).map(known)).collect()
    }
}

impl Block {
    /// Makes ready for a pass; whether none is needed.
    fn prepare(&mut self) -> bool {
        for column in &mut self.columns {
            column.cover();
        }
        self.lay_edges()
    }

    /// Takes in counts of all columns.
    fn take(&mut self, tally: &Tally) {
        let lanes = self.columns.iter_mut().zip(&tally.segments).enumerate();
        for (lane, (column, segments)) in lanes {
            let counted = tally.above.iter().map(|above| above[lane]);
            let add = |(all, some): (&mut [i64; LANES], i64)| all[lane] += some;
            match column.take(segments, counted.clone()) {
                None => self.above.iter_mut().zip(counted).for_each(add),
                Some(counted) => self.above.iter_mut().zip(counted).for_each(add),
            }
        }
    }

    /// Narrows the brackets of all columns.
    fn narrow(&mut self, seen: usize, probabilities: &[f64]) {
        self.settle(seen);
        let before = std::mem::take(&mut self.above);
        let counts: Vec<Vec<i64>> = self
            .columns
            .iter_mut()
            .enumerate()
            .map(|(lane, column)| {
                let above: Vec<i64> = before.iter().map(|above| above[lane]).collect();
                column.narrow(seen, probabilities, &above)
            })
            .collect();
        self.lay_edges();
        for (lane, counts) in counts.into_iter().enumerate() {
            for (above, count) in self.above.iter_mut().zip(counts) {
                above[lane] = count;
            }
        }
    }

    /// Puts the edges of the segments side by side; whether there are none.
    fn lay_edges(&mut self) -> bool {
        self.edges = edges(&self.columns.iter().map(|column| &*column.segments).collect::<Vec<_>>());
        self.above = vec![[0; LANES]; self.edges.len()];
        self.edges.is_empty()
    }

    /// Rows in the cells of each column, of those that have been taken in.
    fn settle(&mut self, seen: usize) {
        for (lane, column) in self.columns.iter_mut().enumerate() {
            let mut left = seen;
            for (cell, rows) in column.cells.iter_mut().enumerate() {
                let above = self.above.get(cell).map_or(0, |above| above[lane] as usize);
                *rows = left - above;
                left = above;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantiles::column::{ranks, value};
    use proptest::prelude::*;

    /// Quantiles of a matrix by sorting each column.
    fn sorted(rows: &[f64], columns: usize, probabilities: &[f64]) -> Vec<f64> {
        let mut quantiles = Vec::new();
        for column in 0..columns {
            let mut values: Vec<f64> = rows.iter().skip(column).step_by(columns).copied().collect();
            values.sort_by(f64::total_cmp);
            for p in probabilities {
                let (low, high) = ranks(*p, values.len());
                quantiles.push(between(values[low], values[high], place(*p, values.len()).fract()));
            }
        }
        quantiles
    }

    /// Quantiles by a search, and the passes that it took; `away`: of rows that were counted elsewhere, in reverse order, by
    /// the brackets with which their pass began.
    fn searched(rows: &[f64], columns: usize, sample: usize, probabilities: &[f64], away: bool) -> (Vec<f64>, usize) {
        let (count, run) = (rows.len() / columns, Run::default());
        let mut search =
            QuantileSearch::new(&rows[..sample * columns], columns, count, probabilities.to_vec(), &run).expect("runs");
        let mut passes = 0;
        while passes == 0 || !search.end_pass() {
            passes += 1;
            let chunks: Vec<&[f64]> = rows.chunks(7 * columns).collect();
            if !away {
                for chunk in chunks {
                    let counts = search.brackets().count(chunk, &run).expect("counts");
                    search.take(&counts).expect("takes");
                }
                continue;
            }
            let brackets = Brackets::from_bytes(&search.brackets().to_bytes()).expect("brackets");
            assert_eq!(brackets, search.brackets());
            for chunk in chunks.iter().rev() {
                let counts = brackets.count(chunk, &run).expect("counts").to_bytes();
                search.take(&Counts::from_bytes(&counts).expect("counts")).expect("takes");
            }
        }
        (search.quantiles(), passes)
    }

    #[test]
    fn keys_are_in_the_order_of_the_floats() {
        let values = [f64::NEG_INFINITY, -2.0, -1e-300, 0.0, 1e-300, 1.0, 2.0, f64::MAX, f64::INFINITY];
        assert!(values.windows(2).all(|pair| key(pair[0]) < key(pair[1])));
        assert!(values.iter().all(|v| value(key(*v)).to_bits() == v.to_bits()));
        assert_eq!(key(-0.0), key(0.0));
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_sorting_finds(
            columns in 1_usize..20,
            seeds in prop::collection::vec(0_u64..1 << 40, 40..300),
            sample in 1_usize..40,
            kind in 0_u8..5,
        ) {
            let value = |i: u64| {
                let x = (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
                match kind {
                    0 => x,
                    1 => (8.0 * x).floor(), // ties
                    2 => if x < 0.4 { f64::INFINITY } else { 1.0 / x },
                    3 => if x < 0.3 { f64::NAN } else if x < 0.5 { f64::INFINITY } else { x },
                    _ => x - 0.5,
                }
            };
            let rows: Vec<f64> = seeds.iter().flat_map(|s| (0..columns as u64).map(move |c| value(s + c * 977))).collect();
            let probabilities = [0.0, 0.05, 0.5, 0.77, 1.0];
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            let expected = bits(sorted(&rows, columns, &probabilities));
            prop_assert_eq!(bits(searched(&rows, columns, sample, &probabilities, false).0), expected.clone());
            prop_assert_eq!(bits(searched(&rows, columns, sample, &probabilities, true).0), expected);
        }
    }

    #[test]
    fn one_pass_is_enough_for_a_sample_like_the_rest() {
        let value = |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
        let rows: Vec<f64> = (0..300_000).map(value).collect();
        for away in [false, true] {
            let (found, passes) = searched(&rows, 3, 4096, &[0.05, 0.5, 0.95], away);
            assert_eq!((found, passes), (sorted(&rows, 3, &[0.05, 0.5, 0.95]), 1));
        }
    }

    #[test]
    fn counts_of_another_pass_or_search_are_refused() {
        let (rows, run) = ((0..300).map(f64::from).collect::<Vec<_>>(), Run::default());
        let search =
            |columns: usize| QuantileSearch::new(&rows[..30], columns, 300 / columns, vec![0.5], &run).expect("runs");
        let mut first = search(1);
        let counts = first.brackets().count(&rows, &run).expect("counts");
        assert!(search(3).take(&counts).is_err());
        first.end_pass();
        assert!(first.take(&counts).is_err());
    }

    #[test]
    fn other_bytes_are_no_counts() {
        let (rows, run) = ((0..300).map(f64::from).collect::<Vec<_>>(), Run::default());
        let search = QuantileSearch::new(&rows[..30], 1, 300, vec![0.5], &run).expect("runs");
        let brackets = search.brackets();
        let counts = brackets.count(&rows, &run).expect("counts").to_bytes();
        let brackets = brackets.to_bytes();
        for end in 0..brackets.len() {
            assert!(Brackets::from_bytes(&brackets[..end]).is_none());
        }
        for end in 0..counts.len() {
            assert!(Counts::from_bytes(&counts[..end]).is_none());
        }
        assert!(Counts::from_bytes(&[counts, vec![0]].concat()).is_none());
    }
}
