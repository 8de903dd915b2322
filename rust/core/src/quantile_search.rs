//! Exact quantiles of columns that are made row by row, again and again, but never kept.
//!
//! A sample of the first rows brackets each quantile. A pass over all rows counts those below the bracket and those in each
//! of its bins; the next pass keeps the few values of the bins that hold the quantile (Munro & Paterson 1980, "Selection and
//! sorting with limited storage"). A bracket that turns out too narrow is opened, at the price of a pass. Values are compared
//! by keys, integers in the order of the floats, and all that is summed are counts: the result is the same for any order
//! of the rows, threads and chunks.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts of rows

use crate::{Result, Run};
use rayon::prelude::*;

/// Columns that are handled together.
const LANES: usize = 8;
/// Bins of a bracket.
const BINS: usize = 4096;
/// Values that are kept rather than counted once more.
const KEPT: usize = 8192;
/// Half-width of a bracket in standard deviations of a sample's order statistic: it is missed about twice in a billion.
const DEVIATIONS: f64 = 6.0;

/// What is known of a quantile of a column.
#[derive(Debug, Clone, Default)]
struct Target {
    /// Rows counted in each bin of the bracket.
    bins: Vec<u32>,
    shift: u32,
    /// Keys of the rows in the bracket, where they are kept.
    kept: Vec<i64>,
    keeps: bool,
    /// The lower and the upper order statistic, once known.
    found: Option<(f64, f64)>,
}

/// Columns side by side with a bracket (first and last key) and the rows below it, by quantile and column.
#[derive(Debug, Clone)]
struct Block {
    first: usize,
    low: Vec<[i64; LANES]>,
    high: Vec<[i64; LANES]>,
    below: Vec<[usize; LANES]>,
    targets: Vec<[Target; LANES]>,
}

/// A search for quantiles of columns.
#[derive(Debug, Clone)]
pub struct QuantileSearch {
    columns: usize,
    rows: usize,
    seen: usize,
    probabilities: Vec<f64>,
    blocks: Vec<Block>,
}

/// An integer in the order of the floats; that of NaN is not used.
#[inline(always)]
fn key(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed(); // the sum makes 0 of -0
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

fn value(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63).cast_unsigned() >> 1).cast_signed()).cast_unsigned())
}

impl QuantileSearch {
    /// A search for quantiles by `probabilities` of `columns` columns of `rows` rows (at most `u32::MAX`), from a sample of
    /// their first rows.
    pub fn new(sample: &[f64], columns: usize, rows: usize, probabilities: Vec<f64>, run: &Run) -> Result<Self> {
        let block = |first: usize| Block {
            first,
            low: vec![[0; LANES]; probabilities.len()],
            high: vec![[0; LANES]; probabilities.len()],
            below: vec![[0; LANES]; probabilities.len()],
            targets: vec![std::array::from_fn(|_| Target::default()); probabilities.len()],
        };
        let blocks = (0..columns).step_by(LANES).map(block).collect();
        let mut search = Self { columns, rows, seen: 0, probabilities, blocks };
        let all = sample.len() / columns == rows;
        let Self { blocks, probabilities, .. } = &mut search;
        blocks.par_iter_mut().try_for_each(|block| {
            for lane in 0..LANES.min(columns - block.first) {
                if run.cancel.raised() {
                    return Err(crate::Error::Cancelled);
                }
                block.bracket(sample, columns, lane, probabilities, if all { None } else { Some(rows) });
            }
            block.prepare(LANES.min(columns - block.first));
            Ok(())
        })?;
        Ok(search)
    }

    /// Takes in further rows of a pass: all of them, whoever asks to stop, so that what is known fits together.
    pub fn add(&mut self, rows: &[f64]) {
        let columns = self.columns;
        let arch = pulp::Arch::new();
        self.blocks.par_iter_mut().for_each(|block| arch.dispatch(Adding { block, rows, columns }));
        self.seen += rows.len() / columns;
    }

    /// Ends a pass; whether all quantiles are known, so that no other is needed.
    pub fn end_pass(&mut self) -> bool {
        let (columns, rows, probabilities) = (self.columns, self.rows, &self.probabilities);
        self.seen = 0;
        let mut known = true;
        for block in &mut self.blocks {
            let lanes = LANES.min(columns - block.first);
            block.refine(lanes, |q| ranks(probabilities[q], rows));
            known &= block.prepare(lanes);
        }
        known
    }

    /// Lower and upper bounds of the quantiles of the rows that a pass has taken in so far, by column and probability.
    pub fn bounds(&self) -> Vec<(f64, f64)> {
        let rows = self.seen;
        let one = |column: usize, q: usize| {
            let block = &self.blocks[column / LANES];
            block.bound(q, column % LANES, self.probabilities[q], rows)
        };
        let count = self.probabilities.len();
        (0..self.columns).flat_map(|column| (0..count).map(move |q| (column, q))).map(|(c, q)| one(c, q)).collect()
    }

    /// Rows taken in since the pass began.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Quantiles by column and probability, by linear interpolation between the nearest values; NaN where not known.
    pub fn quantiles(&self) -> Vec<f64> {
        let mut found = Vec::with_capacity(self.columns * self.probabilities.len());
        for column in 0..self.columns {
            for (q, probability) in self.probabilities.iter().enumerate() {
                let target = &self.blocks[column / LANES].targets[q][column % LANES];
                let weight = place(*probability, self.rows).fract();
                found.push(target.found.map_or(f64::NAN, |(low, high)| between(low, high, weight)));
            }
        }
        found
    }
}

/// Interpolation that takes infinities as they are.
fn between(low: f64, high: f64, weight: f64) -> f64 {
    if weight == 0.0 || low == high { low } else { low + weight * (high - low) }
}

/// Where a quantile lies among sorted rows.
fn place(probability: f64, rows: usize) -> f64 {
    probability * (rows - 1) as f64
}

/// Ranks of the order statistics on either side of a quantile.
fn ranks(probability: f64, rows: usize) -> (usize, usize) {
    let place = place(probability, rows);
    (place.floor() as usize, place.ceil() as usize)
}

impl Block {
    /// Sets a column's brackets from a sample of `rows` rows; of all there are, its quantiles are found.
    fn bracket(&mut self, sample: &[f64], columns: usize, lane: usize, probabilities: &[f64], rows: Option<usize>) {
        let mut keys: Vec<i64> = sample.iter().skip(self.first + lane).step_by(columns).map(|v| key(*v)).collect();
        keys.sort_unstable();
        let size = keys.len() as f64;
        for (q, probability) in probabilities.iter().enumerate() {
            let target = &mut self.targets[q][lane];
            if rows.is_none() {
                let (low, high) = ranks(*probability, keys.len());
                target.found = Some((value(keys[low]), value(keys[high])));
                continue;
            }
            let place = probability * (size - 1.0);
            let margin = DEVIATIONS * (1.0 + (size * probability * (1.0 - probability)).sqrt());
            let (low, high) = ((place - margin).floor(), (place + margin).ceil());
            self.low[q][lane] = if low < 0.0 { i64::MIN } else { keys[low as usize] };
            self.high[q][lane] = if high > size - 1.0 { i64::MAX } else { keys[high as usize] };
        }
    }

    /// Makes ready for a pass; whether none is needed.
    fn prepare(&mut self, lanes: usize) -> bool {
        let mut known = true;
        for q in 0..self.targets.len() {
            for lane in 0..lanes {
                let target = &mut self.targets[q][lane];
                self.below[q][lane] = 0;
                if target.found.is_some() {
                    (self.low[q][lane], self.high[q][lane]) = (i64::MAX, i64::MIN); // nothing lies in it
                    target.bins = Vec::new();
                    continue;
                }
                known = false;
                let width = self.high[q][lane].wrapping_sub(self.low[q][lane]).cast_unsigned();
                target.shift = (u64::BITS - width.leading_zeros()).saturating_sub(BINS.ilog2());
                target.bins.clear();
                if !target.keeps {
                    target.bins.resize(BINS, 0);
                }
            }
        }
        known
    }

    /// Narrows the brackets after a pass, or opens those that hold no such rank.
    fn refine(&mut self, lanes: usize, ranks: impl Fn(usize) -> (usize, usize)) {
        for q in 0..self.targets.len() {
            let (first, last) = ranks(q);
            for lane in 0..lanes {
                let (low, below) = (self.low[q][lane], self.below[q][lane]);
                let target = &mut self.targets[q][lane];
                if target.found.is_some() {
                    continue;
                }
                if target.keeps {
                    target.kept.sort_unstable();
                    let at = |rank: usize| value(target.kept[rank - below]);
                    target.found = Some((at(first), at(last)));
                    target.kept = Vec::new();
                    continue;
                }
                let inside: usize = target.bins.iter().map(|count| *count as usize).sum();
                if first < below {
                    self.low[q][lane] = i64::MIN;
                    continue;
                }
                if last >= below + inside {
                    self.high[q][lane] = i64::MAX;
                    continue;
                }
                let (from, to) = (target.bin_of(first - below), target.bin_of(last - below));
                let held: usize = target.bins[from.0..=to.0].iter().map(|count| *count as usize).sum();
                let start = |bin: usize| low.wrapping_add(((bin as u64) << target.shift).cast_signed());
                self.high[q][lane] =
                    self.high[q][lane].min(start(to.0).saturating_add(((1_i64 << target.shift) - 1).max(0)));
                self.low[q][lane] = start(from.0);
                if self.low[q][lane] == self.high[q][lane] {
                    target.found = Some((value(self.low[q][lane]), value(self.low[q][lane])));
                } else {
                    target.keeps = held <= KEPT;
                }
            }
        }
    }

    /// Bounds of a quantile from a pass's counts.
    fn bound(&self, q: usize, lane: usize, probability: f64, rows: usize) -> (f64, f64) {
        let target = &self.targets[q][lane];
        if let Some(found) = target.found {
            return found;
        }
        let (low, high, below) = (self.low[q][lane], self.high[q][lane], self.below[q][lane]);
        let inside: usize = target.bins.iter().map(|count| *count as usize).sum();
        let (first, last) = ranks(probability, rows);
        if target.keeps || first < below || last >= below + inside {
            return (value(low), value(high));
        }
        let (from, to) = (target.bin_of(first - below).0, target.bin_of(last - below).0);
        let start = |bin: usize| low.wrapping_add(((bin as u64) << target.shift).cast_signed());
        let end = start(to).saturating_add((1_i64 << target.shift) - 1);
        (value(start(from)), value(end.min(high)))
    }
}

impl Target {
    /// The bin of a rank within the bracket, and its rank in it.
    fn bin_of(&self, mut rank: usize) -> (usize, usize) {
        for (bin, count) in self.bins.iter().enumerate() {
            if rank < *count as usize {
                return (bin, rank);
            }
            rank -= *count as usize;
        }
        (BINS - 1, rank)
    }

    #[inline(always)]
    fn take(&mut self, key: i64, low: i64) {
        if self.keeps {
            self.kept.push(key);
        } else {
            self.bins[(key.wrapping_sub(low).cast_unsigned() >> self.shift) as usize] += 1;
        }
    }
}

/// Rows that a block takes in.
struct Adding<'a> {
    block: &'a mut Block,
    rows: &'a [f64],
    columns: usize,
}

impl pulp::WithSimd for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Block { first, low, high, below, targets } = self.block;
        let lanes = LANES.min(self.columns - *first);
        for row in self.rows.chunks_exact(self.columns) {
            let mut keys = [i64::MAX; LANES];
            for (key_of, value) in keys.iter_mut().zip(&row[*first..*first + lanes]) {
                *key_of = key(*value);
            }
            for (q, targets) in targets.iter_mut().enumerate() {
                let (low, high, below) = (&low[q], &high[q], &mut below[q]);
                let mut inside = 0_u64;
                for lane in 0..LANES {
                    below[lane] += usize::from(keys[lane] < low[lane]);
                    inside |= u64::from(keys[lane] >= low[lane] && keys[lane] <= high[lane]) << lane;
                }
                while inside != 0 {
                    let lane = inside.trailing_zeros() as usize;
                    inside &= inside - 1;
                    if lane < lanes {
                        targets[lane].take(keys[lane], low[lane]);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Quantiles of a matrix by sorting each column.
    fn sorted(rows: &[f64], columns: usize, probabilities: &[f64]) -> Vec<f64> {
        let mut found = Vec::new();
        for column in 0..columns {
            let mut values: Vec<f64> = rows.iter().skip(column).step_by(columns).copied().collect();
            values.sort_by(f64::total_cmp);
            for p in probabilities {
                let (low, high) = ranks(*p, values.len());
                found.push(between(values[low], values[high], place(*p, values.len()).fract()));
            }
        }
        found
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
        fn what_is_found_is_what_sorting_finds(
            columns in 1_usize..20,
            seeds in prop::collection::vec(0_u64..1 << 40, 40..300),
            sample in 1_usize..40,
            kind in 0_u8..4,
        ) {
            let value = |i: u64| {
                let x = (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
                match kind {
                    0 => x,
                    1 => (8.0 * x).floor(), // ties
                    2 => if x < 0.4 { f64::INFINITY } else { 1.0 / x },
                    _ => x - 0.5,
                }
            };
            let rows: Vec<f64> = seeds.iter().flat_map(|s| (0..columns as u64).map(move |c| value(s + c * 977))).collect();
            let probabilities = [0.0, 0.05, 0.5, 0.77, 1.0];
            let (found, _) = searched(&rows, columns, sample, &probabilities);
            prop_assert_eq!(found, sorted(&rows, columns, &probabilities));
        }
    }

    #[test]
    fn two_passes_are_enough_for_a_sample_like_the_rest() {
        let value = |i: u64| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / (1_u64 << 53) as f64;
        let rows: Vec<f64> = (0..60_000).map(value).collect();
        let (found, passes) = searched(&rows, 3, 4096, &[0.05, 0.5, 0.95]);
        assert_eq!((found, passes), (sorted(&rows, 3, &[0.05, 0.5, 0.95]), 2));
    }
}
