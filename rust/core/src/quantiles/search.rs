//! Exact quantiles of columns whose rows are computed repeatedly, and never stored.
//!
//! A sample of the first rows brackets each quantile. A pass over all rows counts the rows below a bracket and keeps the values
//! in it; whenever the number of rows has doubled, the known order statistics narrow the brackets, so that the number of kept
//! values grows with the square root of the rows. If that is too many, a first pass counts in bins, and the next keeps the few
//! values of the bins that hold the quantile (Munro & Paterson 1980, "Selection and sorting with limited storage"). A bracket
//! that turns out too narrow is widened, at the price of a pass. Values are compared by keys, integers in the order of the
//! floats, and quantiles are exact: they do not depend on the order of the rows, threads or chunks.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts of rows

use crate::model::Rows;
use crate::parallel::dispatch_narrow;
use crate::quantiles::column::{Column, MOST_KEPT, Target, interpolate, key, margin, position};
use crate::{Error, Result, Run};
use rayon::prelude::*;

/// Columns that are counted together.
const LANES: usize = 8;
/// Rows that are counted together: few enough to stay in cache.
const TILE: usize = 64;

/// Columns that are counted together.
#[derive(Debug, Clone)]
struct Block {
    first: usize,
    columns: Vec<Column>,
    /// Edges of the key ranges, by rank and column: the first key of each range, and the first key after it.
    edges: Vec<[i64; LANES]>,
    /// Number of rows at or above each edge.
    above: Vec<[i64; LANES]>,
}

/// A search for quantiles of columns.
#[derive(Debug, Clone)]
pub struct QuantileSearch {
    columns: usize,
    rows: usize,
    seen: usize,
    probabilities: Vec<f64>,
    blocks: Vec<Block>,
    /// Number of rows at which the brackets are narrowed next; never if values are not kept from the start.
    narrow_at: usize,
}

impl QuantileSearch {
    /// Starts a search for the quantiles of `probabilities` of `columns` columns of `rows` rows (at most `u32::MAX`), from a
    /// sample of the first rows.
    pub fn new(sample: &[f64], columns: usize, rows: usize, probabilities: Vec<f64>, run: &Run) -> Result<Self> {
        let width = LANES.min(columns);
        let column = || Column {
            targets: vec![Target::default(); probabilities.len()],
            ranges: Vec::new(),
            cells: Vec::new(),
            largest_finite: 0,
        };
        let block = |first: usize| Block {
            first,
            columns: std::iter::repeat_with(column).take(width.min(columns - first)).collect(),
            edges: Vec::new(),
            above: Vec::new(),
        };
        let mut blocks: Vec<Block> = (0..columns).step_by(LANES).map(block).collect();
        // Between two narrowings rows double: by then twice as many values are kept as a bracket of all rows would hold.
        let held: f64 = probabilities.iter().map(|p| 2.0 * margin(*p, rows as f64)).sum();
        let keeps = 2.0 * held <= MOST_KEPT as f64;
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
        Ok(Self { columns, rows, seen: 0, probabilities, blocks, narrow_at })
    }

    /// Counts further rows of a pass: always all of them, so that the counts stay consistent.
    pub fn add(&mut self, rows: &[f64]) {
        let columns = self.columns;
        let tasks = rows.par_chunks(rows_per_task(rows.len() / columns) * columns);
        let counted: Vec<Vec<Block>> = tasks
            .map(|rows| {
                let (mut blocks, mut keys) = (self.empty(), Vec::with_capacity(TILE * columns));
                for tile in rows.chunks(TILE * columns) {
                    count(&mut blocks, tile, &mut keys, columns);
                }
                blocks
            })
            .collect();
        self.merge(&counted, rows.len() / columns);
    }

    /// Counts the rows of the only answer of a plan without storing them: of all paths, or of none if the run is cancelled.
    /// Returns how many values of each column are infinite.
    pub fn add_rows(&mut self, rows: &dyn Rows, paths: usize, run: &Run) -> Result<Vec<u64>> {
        let columns = self.columns;
        if rows.widths() != [columns] {
            let given = rows.widths().iter().sum();
            return Err(Error::Length { owner: "QuantileSearch", name: "rows", given, expected: columns });
        }
        let size = rows_per_task(paths);
        let task = |first: usize| {
            let mut infinite = vec![0; columns];
            let mut tile = vec![0.0; TILE * columns];
            let mut blocks = self.empty();
            let mut keys = Vec::with_capacity(tile.len());
            let end = (first + size).min(paths);
            for start in (first..end).step_by(TILE) {
                let tile = &mut tile[..TILE.min(end - start) * columns];
                rows.fill(start, &mut [&mut *tile], &run.cancel)?;
                for row in tile.chunks_exact(columns) {
                    for (count, value) in infinite.iter_mut().zip(row) {
                        *count += u64::from(*value == f64::INFINITY);
                    }
                }
                count(&mut blocks, tile, &mut keys, columns);
            }
            Ok((blocks, infinite))
        };
        let tasks: Vec<usize> = (0..paths).step_by(size).collect();
        let done: Vec<(Vec<Block>, Vec<u64>)> = tasks.into_par_iter().map(task).collect::<Result<_>>()?;
        let mut infinite = vec![0; columns];
        let mut counted = Vec::with_capacity(done.len());
        for (blocks, task_counts) in done {
            counted.push(blocks);
            infinite.iter_mut().zip(task_counts).for_each(|(all, of_task)| *all += of_task);
        }
        self.merge(&counted, paths);
        Ok(infinite)
    }

    /// Returns empty blocks to count in.
    fn empty(&self) -> Vec<Block> {
        let counting = |block: &Block| Block {
            first: block.first,
            columns: block.columns.iter().map(Column::counting).collect(),
            edges: block.edges.clone(),
            above: vec![[0; LANES]; block.above.len()],
        };
        self.blocks.iter().map(counting).collect()
    }

    /// Adds counts of further rows; the order of the kept values does not matter.
    fn merge(&mut self, counted: &[Vec<Block>], rows: usize) {
        self.blocks.par_iter_mut().enumerate().for_each(|(index, block)| {
            for part in counted.iter().map(|blocks| &blocks[index]) {
                for (all, part) in block.above.as_flattened_mut().iter_mut().zip(part.above.as_flattened()) {
                    *all += part;
                }
                for (column, part) in block.columns.iter_mut().zip(&part.columns) {
                    for (range, part) in column.ranges.iter_mut().zip(&part.ranges) {
                        range.bins.iter_mut().zip(&part.bins).for_each(|(all, part)| *all += part);
                        range.kept.extend(&part.kept);
                    }
                }
            }
        });
        self.seen += rows;
        if self.seen >= self.narrow_at && self.seen < self.rows {
            let (seen, probabilities) = (self.seen, &self.probabilities);
            self.blocks.par_iter_mut().for_each(|block| block.narrow(seen, probabilities));
            self.narrow_at = 2 * seen;
        }
    }

    /// Ends a pass; returns whether all quantiles are known, so that no further pass is needed.
    pub fn end_pass(&mut self) -> bool {
        let (seen, rows, probabilities) = (self.seen, self.rows, &self.probabilities);
        let end = |block: &mut Block| {
            block.count_cells(seen);
            for column in &mut block.columns {
                column.refine(rows, probabilities);
            }
            block.prepare()
        };
        let known = self.blocks.par_iter_mut().map(end).reduce(|| true, |all, block_known| all & block_known);
        self.seen = 0;
        self.narrow_at = usize::MAX;
        known
    }

    /// Number of rows counted since the pass began.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Returns lower and upper bounds of the quantiles of the rows counted so far, by column and probability.
    pub fn bounds(&mut self) -> Vec<(f64, f64)> {
        let (seen, probabilities) = (self.seen, &self.probabilities);
        self.blocks.par_iter_mut().for_each(|block| {
            block.count_cells(seen);
            block.columns.iter_mut().for_each(Column::sort);
        });
        let columns = self.blocks.iter().flat_map(|block| &block.columns);
        columns.flat_map(|column| column.bounds(seen, probabilities)).collect()
    }

    /// Returns quantiles by column and probability, by linear interpolation between the nearest values; NaN if not known.
    pub fn quantiles(&self) -> Vec<f64> {
        let columns = self.blocks.iter().flat_map(|block| &block.columns);
        let known = |(target, probability): (&Target, &f64)| {
            let weight = position(*probability, self.rows).fract();
            target.order_statistics.map_or(f64::NAN, |(low, high)| interpolate(low, high, weight))
        };
        columns.flat_map(|column| column.targets.iter().zip(&self.probabilities).map(known)).collect()
    }
}

/// Returns the number of rows of a parallel task.
fn rows_per_task(rows: usize) -> usize {
    rows.div_ceil(rayon::current_num_threads()).next_multiple_of(TILE).max(TILE)
}

/// Counts a tile of rows.
fn count(blocks: &mut [Block], tile: &[f64], keys: &mut Vec<i64>, columns: usize) {
    keys.clear();
    keys.extend(tile.iter().map(|value| key(*value))); // in row order, for sequential access
    for block in blocks {
        dispatch_narrow(Counting { block, keys, columns });
    }
}

impl Block {
    /// Prepares for a pass; returns whether none is needed.
    fn prepare(&mut self) -> bool {
        for column in &mut self.columns {
            column.cover();
        }
        self.set_edges()
    }

    /// Narrows the brackets of all columns.
    fn narrow(&mut self, seen: usize, probabilities: &[f64]) {
        self.count_cells(seen);
        let counts: Vec<Vec<usize>> =
            self.columns.iter_mut().map(|column| column.narrow(seen, probabilities)).collect();
        self.set_edges();
        for (lane, counts) in counts.into_iter().enumerate() {
            for (above, count) in self.above.iter_mut().zip(counts) {
                above[lane] = count.cast_signed() as i64;
            }
        }
    }

    /// Sets the edges of the key ranges; returns whether there are none.
    fn set_edges(&mut self) -> bool {
        let most = self.columns.iter().map(|column| column.ranges.len()).max().unwrap_or(0);
        self.edges = vec![[i64::MAX; LANES]; 2 * most];
        self.above = vec![[0; LANES]; 2 * most];
        for (lane, column) in self.columns.iter().enumerate() {
            for (rank, range) in column.ranges.iter().enumerate() {
                self.edges[2 * rank][lane] = range.low;
                self.edges[2 * rank + 1][lane] = range.high.saturating_add(1);
            }
        }
        most == 0
    }

    /// Computes the numbers of rows in the cells of each column from the counts.
    fn count_cells(&mut self, seen: usize) {
        for (lane, column) in self.columns.iter_mut().enumerate() {
            let mut at_or_above = seen;
            for (cell, rows) in column.cells.iter_mut().enumerate() {
                let above = self.above.get(cell).map_or(0, |above| above[lane] as usize);
                *rows = at_or_above - above;
                at_or_above = above;
            }
        }
    }
}

/// Rows for a block to count.
struct Counting<'a> {
    block: &'a mut Block,
    keys: &'a [i64],
    columns: usize,
}

impl pulp::WithSimd for Counting<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Block { first, columns, edges, above } = self.block;
        if edges.is_empty() {
            return;
        }
        let lanes = columns.len();
        for row in self.keys.chunks_exact(self.columns) {
            let mut keys = [i64::MIN; LANES];
            if let Some(whole) = row[*first..].first_chunk() {
                keys = *whole;
            } else {
                keys[..lanes].copy_from_slice(&row[*first..*first + lanes]);
            }
            // Number of edges at or below each value: it is odd inside a key range.
            let mut passed = [0_i64; LANES];
            for (edge, above) in edges.iter().zip(above.iter_mut()) {
                for lane in 0..LANES {
                    let reached = i64::from(keys[lane] >= edge[lane]);
                    passed[lane] += reached;
                    above[lane] += reached;
                }
            }
            if passed.iter().fold(0, |all, count| all | count) & 1 == 0 {
                continue;
            }
            for ((column, key), passed) in columns.iter_mut().zip(keys).zip(passed) {
                if passed % 2 == 1
                    && let Some(range) = column.ranges.get_mut(passed as usize / 2)
                {
                    range.add(key);
                }
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
                quantiles.push(interpolate(values[low], values[high], position(*p, values.len()).fract()));
            }
        }
        quantiles
    }

    fn searched(rows: &[f64], columns: usize, sample: usize, probabilities: &[f64]) -> (Vec<f64>, usize) {
        let (count, run) = (rows.len() / columns, Run::default());
        let mut search =
            QuantileSearch::new(&rows[..sample * columns], columns, count, probabilities.to_vec(), &run).expect("runs");
        let mut passes = 0;
        while passes == 0 || !search.end_pass() {
            passes += 1;
            for chunk in rows.chunks(7 * columns) {
                search.add(chunk);
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
        fn quantiles_are_those_of_sorting(
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
            let (quantiles, _) = searched(&rows, columns, sample, &probabilities);
            let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            prop_assert_eq!(bits(quantiles), bits(sorted(&rows, columns, &probabilities)));
        }
    }

    #[test]
    fn one_pass_is_enough_for_a_sample_like_the_rest() {
        let value = |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
        let rows: Vec<f64> = (0..300_000).map(value).collect();
        let (quantiles, passes) = searched(&rows, 3, 4096, &[0.05, 0.5, 0.95]);
        assert_eq!((quantiles, passes), (sorted(&rows, 3, &[0.05, 0.5, 0.95]), 1));
    }
}
