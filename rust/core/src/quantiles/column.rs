//! One column of a search for quantiles: brackets, what a pass counts and keeps in them, and what follows from it.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts of rows

/// Bins of a bracket: few enough for those of all columns to stay near.
const BINS: usize = 256;
/// Values that a column keeps rather than counts in bins.
pub(crate) const KEPT: usize = 1 << 17;
/// Half-width of a bracket in standard deviations of a sample's order statistic: it is missed about seven times in a million.
pub(crate) const DEVIATIONS: f64 = 4.5;

/// Keys from `low` to `high` that are counted in bins, or kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Segment {
    pub(crate) low: i64,
    pub(crate) high: i64,
    pub(crate) shift: u32,
    pub(crate) bins: Vec<u32>,
    pub(crate) kept: Vec<i64>,
    pub(crate) keeps: bool,
}

/// The keys between which an order statistic or a quantile lies.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bracket {
    pub(crate) low: i64,
    pub(crate) high: i64,
    /// Rows in it, once counted.
    pub(crate) held: usize,
}

/// What is known of a quantile: where it lies, and the order statistics on either side.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Target {
    pub(crate) bracket: Bracket,
    pub(crate) found: Option<(f64, f64)>,
}

/// A column: its targets, and disjoint ascending segments that cover their brackets.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) targets: Vec<Target>,
    pub(crate) segments: Vec<Segment>,
    /// Rows below, in and between the segments, in their order.
    pub(crate) cells: Vec<usize>,
    /// The largest finite value of the sample.
    pub(crate) top: i64,
}

/// An integer in the order of the floats, with NaN at the ends.
#[inline(always)]
pub(crate) fn key(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed(); // the sum makes 0 of -0
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

pub(crate) fn key_of_infinity() -> i64 {
    key(f64::INFINITY)
}

pub(crate) fn value(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63).cast_unsigned() >> 1).cast_signed()).cast_unsigned())
}

/// Interpolation that takes infinities as they are.
pub(crate) fn between(low: f64, high: f64, weight: f64) -> f64 {
    if weight == 0.0 || low == high { low } else { low + weight * (high - low) }
}

/// Where a quantile lies among sorted rows.
pub(crate) fn place(probability: f64, rows: usize) -> f64 {
    probability * (rows - 1) as f64
}

/// Ranks by which an order statistic of some rows may be off.
pub(crate) fn margin(probability: f64, rows: f64) -> f64 {
    DEVIATIONS * (1.0 + (rows * probability * (1.0 - probability)).sqrt())
}

/// Ranks of the order statistics on either side of a quantile.
pub(crate) fn ranks(probability: f64, rows: usize) -> (usize, usize) {
    let place = place(probability, rows);
    (place.floor() as usize, place.ceil() as usize)
}

impl Column {
    /// Brackets the quantiles of `rows` rows by a sample of them; if that is all of them, they are found.
    pub(crate) fn bracket(&mut self, mut keys: Vec<i64>, rows: usize, probabilities: &[f64]) {
        keys.sort_unstable();
        self.top = keys[..keys.partition_point(|key| *key < key_of_infinity())].last().copied().unwrap_or(i64::MIN);
        let size = keys.len() as f64;
        for (target, probability) in self.targets.iter_mut().zip(probabilities) {
            if keys.len() == rows {
                let (low, high) = ranks(*probability, rows);
                target.found = Some((value(keys[low]), value(keys[high])));
                continue;
            }
            let place = probability * (size - 1.0);
            let margin = margin(*probability, size);
            let (low, high) = ((place - margin).floor(), (place + margin).ceil());
            target.bracket = Bracket {
                low: if low < 0.0 { i64::MIN } else { keys[low as usize] },
                high: if high > size - 1.0 { i64::MAX } else { keys[high as usize] },
                held: usize::MAX,
            };
        }
    }

    /// Covers the brackets of what is not known yet by segments. Infinity is one of its own, so that the bins of a bracket
    /// that reaches to it are not lost on what no value comes near.
    pub(crate) fn cover(&mut self) {
        let mut open: Vec<Bracket> =
            self.targets.iter().filter(|target| target.found.is_none()).map(|target| target.bracket).collect();
        open.sort_by_key(|bracket| bracket.low);
        let held = open.iter().map(|bracket| bracket.held).fold(0, usize::saturating_add);
        let infinity = key_of_infinity();
        let mut ends: Vec<(i64, i64)> = Vec::new();
        for Bracket { low, high, .. } in open {
            if low < infinity && high >= infinity {
                ends.push((low, if low <= self.top { self.top } else { infinity - 1 }));
                ends.push((infinity, infinity));
            } else {
                ends.push((low, if low <= infinity { high.min(infinity) } else { high }));
            }
        }
        ends.sort_unstable();
        self.segments.clear();
        for (low, high) in ends {
            match self.segments.last_mut() {
                Some(last) if low <= last.high => last.high = last.high.max(high),
                _ => self.segments.push(Segment { low, high, ..Segment::default() }),
            }
        }
        for segment in &mut self.segments {
            let width = segment.high.wrapping_sub(segment.low).cast_unsigned();
            segment.shift = (u64::BITS - width.leading_zeros()).saturating_sub(BINS.ilog2());
            segment.keeps = held <= KEPT && width > 0;
            let bins = if width == 0 { 1 } else { BINS };
            segment.bins = vec![0; if segment.keeps { 0 } else { bins }];
        }
        self.cells = vec![0; 2 * self.segments.len() + 1];
    }

    /// The same segments with nothing in them, to count in.
    pub(crate) fn counting(&self) -> Self {
        let empty = |segment: &Segment| Segment {
            low: segment.low,
            high: segment.high,
            shift: segment.shift,
            bins: vec![0; segment.bins.len()],
            kept: Vec::new(),
            keeps: segment.keeps,
        };
        let segments = self.segments.iter().map(empty).collect();
        Self { targets: Vec::new(), segments, cells: Vec::new(), top: self.top }
    }

    pub(crate) fn sort(&mut self) {
        self.segments.iter_mut().for_each(|segment| segment.kept.sort_unstable());
    }

    /// Narrows the brackets by the rows taken in so far, all of them kept; gives back how many lie at or above each edge of
    /// the new segments.
    pub(crate) fn narrow(&mut self, seen: usize, probabilities: &[f64]) -> Vec<usize> {
        self.sort();
        for (q, probability) in probabilities.iter().enumerate() {
            let Bracket { low, high, .. } = self.targets[q].bracket;
            let (place, margin) = (place(*probability, seen), margin(*probability, seen as f64));
            // What lies outside the segments is not known, and stays as it is.
            let exact = |rank: f64, other: i64| {
                let inside = rank >= 0.0 && rank < seen as f64;
                let found = if inside { self.locate(rank as usize) } else { Bracket { low: 0, high: 1, held: 0 } };
                if found.low == found.high { found.low } else { other }
            };
            let (first, last) = (exact((place - margin).floor(), low), exact((place + margin).ceil(), high));
            if first <= high && last >= low {
                self.targets[q].bracket = Bracket { low: first.max(low), high: last.min(high), held: 0 };
            } // else the bracket was too narrow from the start, which another pass mends
        }
        let (before, cells) = (std::mem::take(&mut self.segments), self.cells.clone());
        self.cover();
        let below = |key: i64| {
            let mut rows = cells[0];
            for (k, segment) in before.iter().enumerate() {
                if key <= segment.high {
                    let inside = segment.kept.partition_point(|kept| *kept < key);
                    return rows + if segment.keeps || key <= segment.low { inside } else { cells[2 * k + 1] };
                }
                rows += cells[2 * k + 1];
                if before.get(k + 1).is_some_and(|next| key >= next.low) || k + 1 == before.len() && key == i64::MAX {
                    rows += cells[2 * k + 2];
                }
            }
            rows
        };
        let mut above = Vec::with_capacity(2 * self.segments.len());
        for segment in &mut self.segments {
            let (low, end) = (segment.low, segment.high.saturating_add(1));
            above.extend([seen - below(low), seen - below(end)]);
            if segment.keeps {
                let inside = |kept: &&i64| **kept >= low && **kept < end;
                segment.kept = before.iter().flat_map(|old| &old.kept).filter(inside).copied().collect();
            } else {
                let rows = above[above.len() - 2] - above[above.len() - 1];
                segment.bins[0] = u32::try_from(rows).unwrap_or(u32::MAX); // a single key
            }
        }
        above
    }

    /// Where the row of a rank lies, by what a pass has counted.
    pub(crate) fn locate(&self, mut rank: usize) -> Bracket {
        for (cell, count) in self.cells.iter().enumerate() {
            if rank >= *count {
                rank -= count;
                continue;
            }
            if cell % 2 == 1 {
                return self.segments[cell / 2].locate(rank);
            }
            let low = if cell == 0 { i64::MIN } else { self.segments[cell / 2 - 1].high.saturating_add(1) };
            let high = self.segments.get(cell / 2).map_or(i64::MAX, |next| next.low.saturating_sub(1));
            return Bracket { low, high, held: *count };
        }
        Bracket { low: i64::MIN, high: i64::MAX, held: usize::MAX }
    }

    /// Finds or narrows the brackets after a pass.
    pub(crate) fn refine(&mut self, rows: usize, probabilities: &[f64]) {
        self.sort();
        for (q, probability) in probabilities.iter().enumerate() {
            if self.targets[q].found.is_some() {
                continue;
            }
            let (first, last) = ranks(*probability, rows);
            let (from, to) = (self.locate(first), self.locate(last));
            let target = &mut self.targets[q];
            if from.low == from.high && to.low == to.high {
                target.found = Some((value(from.low), value(to.low)));
            }
            let held = if from.low == to.low { from.open() } else { from.open().saturating_add(to.open()) };
            target.bracket = Bracket { low: from.low, high: to.high, held };
        }
    }

    /// Bounds of the quantiles of the first `rows` rows.
    pub(crate) fn bounds(&self, rows: usize, probabilities: &[f64]) -> Vec<(f64, f64)> {
        let bound = |(target, probability): (&Target, &f64)| {
            let (first, last) = ranks(*probability, rows);
            if let Some(found) = target.found {
                return found;
            }
            let (from, to) = (self.locate(first), self.locate(last));
            if from.low == from.high && to.low == to.high {
                let exact = between(value(from.low), value(to.low), place(*probability, rows).fract());
                return (exact, exact);
            }
            (value(from.low), value(to.high))
        };
        self.targets.iter().zip(probabilities).map(bound).collect()
    }
}

impl Bracket {
    /// Rows in it that would have to be kept to tell them apart.
    pub(crate) fn open(&self) -> usize {
        if self.low == self.high { 0 } else { self.held }
    }
}

impl Segment {
    /// Where the row of a rank in it lies. What is kept is in order by now.
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

    /// First key of a bin.
    pub(crate) fn start(&self, bin: usize) -> i64 {
        self.low.wrapping_add(((bin as u64) << self.shift).cast_signed())
    }

    /// Last key of a bin.
    pub(crate) fn end(&self, bin: usize) -> i64 {
        let width = ((1_u64 << self.shift) - 1).cast_signed();
        self.start(bin).checked_add(width).map_or(self.high, |end| end.min(self.high))
    }

    #[inline(always)]
    pub(crate) fn take(&mut self, key: i64) {
        if self.keeps {
            self.kept.push(key);
        } else {
            let bin = (key.wrapping_sub(self.low).cast_unsigned() >> self.shift) as usize;
            self.bins[bin] += 1;
        }
    }
}
