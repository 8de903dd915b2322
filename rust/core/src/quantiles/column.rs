//! One column of a search for quantiles: its brackets, the counts and values of a pass, and the brackets that follow.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts of rows

/// Bins of a key range: few enough for the bins of all columns to stay in cache.
const BINS: usize = 256;
/// Greatest number of values that a column keeps instead of counting them in bins.
pub(crate) const MOST_KEPT: usize = 1 << 17;
/// Half-width of a bracket in standard deviations of an order statistic of the sample: about seven brackets in a million miss.
pub(crate) const DEVIATIONS: f64 = 4.5;

/// Range of keys from `low` to `high`, which are counted in bins, or kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyRange {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) shift: u32,
    pub(crate) bins: Vec<u32>,
    pub(crate) kept: Vec<i64>,
    pub(crate) keeps: bool,
}

/// Keys between which an order statistic or a quantile lies.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bracket {
    pub(crate) low: i64,
    pub(crate) high: i64,
    /// Number of rows in the bracket, once counted.
    pub(crate) held: usize,
}

/// State of the search for one quantile: its bracket, and the order statistics on both sides once they are known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Target {
    pub(crate) bracket: Bracket,
    pub(crate) order_statistics: Option<(f64, f64)>,
}

/// A column: its targets, and disjoint ascending key ranges that cover their brackets.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) targets: Vec<Target>,
    pub(crate) ranges: Vec<KeyRange>,
    /// Numbers of rows below, in and between the key ranges, in order.
    pub(crate) cells: Vec<usize>,
    /// The largest finite value of the sample.
    pub(crate) largest_finite: i64,
}

/// Converts a float to an integer key of the same order, with NaN at the ends.
#[inline(always)]
pub(crate) fn key(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed(); // the sum makes 0 of -0
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// Returns the key of infinity.
pub(crate) fn key_of_infinity() -> i64 {
    key(f64::INFINITY)
}

/// Converts a key back to its float.
pub(crate) fn value(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63).cast_unsigned() >> 1).cast_signed()).cast_unsigned())
}

/// Interpolates linearly between values that may be infinite.
pub(crate) fn interpolate(low: f64, high: f64, weight: f64) -> f64 {
    if weight == 0.0 || low == high { low } else { low + weight * (high - low) }
}

/// Returns the position of a quantile among sorted rows.
pub(crate) fn position(probability: f64, rows: usize) -> f64 {
    probability * (rows - 1) as f64
}

/// Returns the number of ranks by which an order statistic of a sample of `rows` rows may deviate.
pub(crate) fn margin(probability: f64, rows: f64) -> f64 {
    DEVIATIONS * (1.0 + (rows * probability * (1.0 - probability)).sqrt())
}

/// Returns the ranks of the order statistics on both sides of a quantile.
pub(crate) fn ranks(probability: f64, rows: usize) -> (usize, usize) {
    let position = position(probability, rows);
    (position.floor() as usize, position.ceil() as usize)
}

impl Column {
    /// Brackets the quantiles of `rows` rows by a sample; if the sample is all rows, the quantiles are known.
    pub(crate) fn bracket(&mut self, mut keys: Vec<i64>, rows: usize, probabilities: &[f64]) {
        keys.sort_unstable();
        self.largest_finite =
            keys[..keys.partition_point(|key| *key < key_of_infinity())].last().copied().unwrap_or(i64::MIN);
        let size = keys.len() as f64;
        for (target, probability) in self.targets.iter_mut().zip(probabilities) {
            if keys.len() == rows {
                let (low, high) = ranks(*probability, rows);
                target.order_statistics = Some((value(keys[low]), value(keys[high])));
                continue;
            }
            let position = probability * (size - 1.0);
            let margin = margin(*probability, size);
            let (low, high) = ((position - margin).floor(), (position + margin).ceil());
            target.bracket = Bracket {
                low: if low < 0.0 { i64::MIN } else { keys[low as usize] },
                high: if high > size - 1.0 { i64::MAX } else { keys[high as usize] },
                held: usize::MAX,
            };
        }
    }

    /// Covers the brackets of unknown quantiles by key ranges. Infinity is a range of its own: a bracket that reaches to it would
    /// otherwise waste its bins on keys far above all finite values.
    pub(crate) fn cover(&mut self) {
        let mut open: Vec<Bracket> = self
            .targets
            .iter()
            .filter(|target| target.order_statistics.is_none())
            .map(|target| target.bracket)
            .collect();
        open.sort_by_key(|bracket| bracket.low);
        let held = open.iter().map(|bracket| bracket.held).fold(0, usize::saturating_add);
        let infinity = key_of_infinity();
        let mut ends: Vec<(i64, i64)> = Vec::new();
        for Bracket { low, high, .. } in open {
            if low < infinity && high >= infinity {
                ends.push((low, if low <= self.largest_finite { self.largest_finite } else { infinity - 1 }));
                ends.push((infinity, infinity));
            } else {
                ends.push((low, if low <= infinity { high.min(infinity) } else { high }));
            }
        }
        ends.sort_unstable();
        self.ranges.clear();
        for (low, high) in ends {
            match self.ranges.last_mut() {
                Some(last) if low <= last.high => last.high = last.high.max(high),
                _ => self.ranges.push(KeyRange { low, high, ..KeyRange::default() }),
            }
        }
        for range in &mut self.ranges {
            let width = range.high.wrapping_sub(range.low).cast_unsigned();
            range.shift = (u64::BITS - width.leading_zeros()).saturating_sub(BINS.ilog2());
            range.keeps = held <= MOST_KEPT && width > 0;
            let bins = if width == 0 { 1 } else { BINS };
            range.bins = vec![0; if range.keeps { 0 } else { bins }];
        }
        self.cells = vec![0; 2 * self.ranges.len() + 1];
    }

    /// Returns a column with equal but empty key ranges, to count in.
    pub(crate) fn counting(&self) -> Self {
        let empty = |range: &KeyRange| KeyRange {
            low: range.low,
            high: range.high,
            shift: range.shift,
            bins: vec![0; range.bins.len()],
            kept: Vec::new(),
            keeps: range.keeps,
        };
        let ranges = self.ranges.iter().map(empty).collect();
        Self { targets: Vec::new(), ranges, cells: Vec::new(), largest_finite: self.largest_finite }
    }

    /// Sorts the values that are kept.
    pub(crate) fn sort(&mut self) {
        self.ranges.iter_mut().for_each(|range| range.kept.sort_unstable());
    }

    /// Narrows the brackets by the rows counted so far, whose values are kept; returns how many rows lie at or above each edge of
    /// the new key ranges.
    pub(crate) fn narrow(&mut self, seen: usize, probabilities: &[f64]) -> Vec<usize> {
        self.sort();
        for (q, probability) in probabilities.iter().enumerate() {
            let Bracket { low, high, .. } = self.targets[q].bracket;
            let (position, margin) = (position(*probability, seen), margin(*probability, seen as f64));
            // Ends outside the key ranges are not known exactly, and stay.
            let exact = |rank: f64, other: i64| {
                let inside = rank >= 0.0 && rank < seen as f64;
                let located = if inside { self.locate(rank as usize) } else { Bracket { low: 0, high: 1, held: 0 } };
                if located.low == located.high { located.low } else { other }
            };
            let (first, last) = (exact((position - margin).floor(), low), exact((position + margin).ceil(), high));
            if first <= high && last >= low {
                self.targets[q].bracket = Bracket { low: first.max(low), high: last.min(high), held: 0 };
            } // else the bracket was too narrow from the start, and needs another pass
        }
        let (before, cells) = (std::mem::take(&mut self.ranges), self.cells.clone());
        self.cover();
        let below = |key: i64| {
            let mut rows = cells[0];
            for (k, range) in before.iter().enumerate() {
                if key <= range.high {
                    let inside = range.kept.partition_point(|kept| *kept < key);
                    return rows + if range.keeps || key <= range.low { inside } else { cells[2 * k + 1] };
                }
                rows += cells[2 * k + 1];
                if before.get(k + 1).is_some_and(|next| key >= next.low) || k + 1 == before.len() && key == i64::MAX {
                    rows += cells[2 * k + 2];
                }
            }
            rows
        };
        let mut above = Vec::with_capacity(2 * self.ranges.len());
        for range in &mut self.ranges {
            let (low, end) = (range.low, range.high.saturating_add(1));
            above.extend([seen - below(low), seen - below(end)]);
            if range.keeps {
                let inside = |kept: &&i64| **kept >= low && **kept < end;
                range.kept = before.iter().flat_map(|old| &old.kept).filter(inside).copied().collect();
            } else {
                let rows = above[above.len() - 2] - above[above.len() - 1];
                range.bins[0] = u32::try_from(rows).unwrap_or(u32::MAX); // a single key
            }
        }
        above
    }

    /// Brackets the row of a rank, by the counts of a pass.
    pub(crate) fn locate(&self, mut rank: usize) -> Bracket {
        for (cell, count) in self.cells.iter().enumerate() {
            if rank >= *count {
                rank -= count;
                continue;
            }
            if cell % 2 == 1 {
                return self.ranges[cell / 2].locate(rank);
            }
            let low = if cell == 0 { i64::MIN } else { self.ranges[cell / 2 - 1].high.saturating_add(1) };
            let high = self.ranges.get(cell / 2).map_or(i64::MAX, |next| next.low.saturating_sub(1));
            return Bracket { low, high, held: *count };
        }
        Bracket { low: i64::MIN, high: i64::MAX, held: usize::MAX }
    }

    /// Determines or narrows the quantiles after a pass.
    pub(crate) fn refine(&mut self, rows: usize, probabilities: &[f64]) {
        self.sort();
        for (q, probability) in probabilities.iter().enumerate() {
            if self.targets[q].order_statistics.is_some() {
                continue;
            }
            let (first, last) = ranks(*probability, rows);
            let (from, to) = (self.locate(first), self.locate(last));
            let target = &mut self.targets[q];
            if from.low == from.high && to.low == to.high {
                target.order_statistics = Some((value(from.low), value(to.low)));
            }
            let held =
                if from.low == to.low { from.unresolved() } else { from.unresolved().saturating_add(to.unresolved()) };
            target.bracket = Bracket { low: from.low, high: to.high, held };
        }
    }

    /// Returns bounds of the quantiles of the first `rows` rows.
    pub(crate) fn bounds(&self, rows: usize, probabilities: &[f64]) -> Vec<(f64, f64)> {
        let bound = |(target, probability): (&Target, &f64)| {
            let (first, last) = ranks(*probability, rows);
            if let Some(pair) = target.order_statistics {
                return pair;
            }
            let (from, to) = (self.locate(first), self.locate(last));
            if from.low == from.high && to.low == to.high {
                let exact = interpolate(value(from.low), value(to.low), position(*probability, rows).fract());
                return (exact, exact);
            }
            (value(from.low), value(to.high))
        };
        self.targets.iter().zip(probabilities).map(bound).collect()
    }
}

impl Bracket {
    /// Returns the number of rows that a search must keep to resolve the bracket.
    pub(crate) fn unresolved(&self) -> usize {
        if self.low == self.high { 0 } else { self.held }
    }
}

impl KeyRange {
    /// Brackets the row of a rank within the range, whose kept values must be sorted.
    pub(crate) fn locate(&self, mut rank: usize) -> Bracket {
        if self.keeps {
            return Bracket { low: self.kept[rank], high: self.kept[rank], held: 1 };
        }
        let mut bin = 0;
        while bin + 1 < self.bins.len() && rank >= self.bins[bin] as usize {
            rank -= self.bins[bin] as usize;
            bin += 1;
        }
        Bracket { low: self.start(bin), high: self.end(bin), held: self.bins[bin] as usize }
    }

    /// Returns the first key of a bin.
    pub(crate) fn start(&self, bin: usize) -> i64 {
        self.low.wrapping_add(((bin as u64) << self.shift).cast_signed())
    }

    /// Returns the last key of a bin.
    pub(crate) fn end(&self, bin: usize) -> i64 {
        let width = ((1_u64 << self.shift) - 1).cast_signed();
        self.start(bin).checked_add(width).map_or(self.high, |end| end.min(self.high))
    }

    /// Counts a key, or keeps it.
    #[inline(always)]
    pub(crate) fn add(&mut self, key: i64) {
        if self.keeps {
            self.kept.push(key);
        } else {
            let bin = (key.wrapping_sub(self.low).cast_unsigned() >> self.shift) as usize;
            self.bins[bin] += 1;
        }
    }
}
