//! One column of a search for quantiles: brackets, what a pass counts and keeps in them, and what follows from it.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)] // counts of rows

/// Bins of a bracket: few, so that those of all columns stay in the cache.
const BINS: usize = 256;
/// Most values that a column keeps; where there would be more it counts them in bins.
pub(crate) const KEPT: usize = 1 << 17;
/// Half-width of a bracket in standard deviations of a sample's order statistic, which lies outside about 7 times in a million.
pub(crate) const DEVIATIONS: f64 = 4.5;

/// Keys from `low` to `high` that are counted in bins, or kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Rows in it; `usize::MAX` while they are not counted, 0 where their values are certain to be kept.
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
    /// Rows by cell, ascending: cell `2k + 1` is segment k, even cells are below, between and above the segments.
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

    /// Covers the brackets of the quantiles that are not known yet by segments. Infinity has a segment of its own, so that no
    /// bins are wasted on the gap below it.
    pub(crate) fn cover(&mut self) {
        let mut unresolved: Vec<Bracket> =
            self.targets.iter().filter(|target| target.found.is_none()).map(|target| target.bracket).collect();
        unresolved.sort_by_key(|bracket| bracket.low);
        let held = unresolved.iter().map(|bracket| bracket.held).fold(0, usize::saturating_add);
        let infinity = key_of_infinity();
        let mut ends: Vec<(i64, i64)> = Vec::new();
        for Bracket { low, high, .. } in unresolved {
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
            *segment = Segment::new(segment.low, segment.high, held <= KEPT);
        }
        self.cells = vec![0; 2 * self.segments.len() + 1];
    }

    /// Adds counts that were made with these segments, or with wider ones from before the brackets were narrowed. Returns the
    /// rows at or above each edge of these segments if they had to be recounted; `None` if `above` holds as it is.
    pub(crate) fn take(&mut self, segments: &[Segment], above: impl Iterator<Item = i64>) -> Option<Vec<i64>> {
        let same = |(mine, other): (&Segment, &Segment)| (mine.low, mine.high) == (other.low, other.high);
        if segments.len() == self.segments.len() && self.segments.iter().zip(segments).all(same) {
            self.segments.iter_mut().zip(segments).for_each(|(segment, counted)| segment.add(counted));
            return None;
        }
        let mut wider = segments.to_vec();
        for segment in &mut wider {
            segment.kept.sort_unstable();
        }
        let mut within: Vec<Segment> = self.segments.iter().map(Segment::empty).collect();
        let above = recounted(&wider, &above.collect::<Vec<_>>(), &mut within);
        self.segments.iter_mut().zip(&within).for_each(|(segment, counted)| segment.add(counted));
        Some(above)
    }

    pub(crate) fn sort(&mut self) {
        self.segments.iter_mut().for_each(|segment| segment.kept.sort_unstable());
    }

    /// Narrows the brackets by the rows seen so far, whose values within the segments are all kept. `above` and the result are
    /// the rows at or above each edge of the old and of the new segments.
    pub(crate) fn narrow(&mut self, seen: usize, probabilities: &[f64], above: &[i64]) -> Vec<i64> {
        self.sort();
        for (q, probability) in probabilities.iter().enumerate() {
            let Bracket { low, high, .. } = self.targets[q].bracket;
            let (place, margin) = (place(*probability, seen), margin(*probability, seen as f64));
            // A rank outside the segments has no known key: the end of the bracket stays.
            let key_or = |rank: f64, fallback: i64| {
                let inside = rank >= 0.0 && rank < seen as f64;
                let bracket_of_rank =
                    if inside { self.locate(rank as usize) } else { Bracket { low: 0, high: 1, held: 0 } };
                if bracket_of_rank.low == bracket_of_rank.high { bracket_of_rank.low } else { fallback }
            };
            let (first, last) = (key_or((place - margin).floor(), low), key_or((place + margin).ceil(), high));
            if first <= high && last >= low {
                self.targets[q].bracket = Bracket { low: first.max(low), high: last.min(high), held: 0 };
            } // else the bracket was too narrow from the start, which another pass mends
        }
        let wider = std::mem::take(&mut self.segments);
        self.cover();
        recounted(&wider, above, &mut self.segments)
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

    /// Finds the quantiles that a pass has pinned down, and narrows the brackets of the others.
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

/// Recounts wider segments, whose kept values are sorted, into narrower ones within them. `above` and the result are the rows
/// at or above each edge of the wider and of the narrower ones.
fn recounted(wider: &[Segment], above: &[i64], within: &mut [Segment]) -> Vec<i64> {
    let at_or_above = |key: i64| {
        let around = wider.iter().position(|segment| key <= segment.high.saturating_add(1));
        let Some((segment, end)) = around.map(|k| (&wider[k], above[2 * k + 1])) else { return 0 };
        let below = segment.kept.partition_point(|kept| *kept < key);
        let single = if key <= segment.low { segment.bins.iter().map(|rows| i64::from(*rows)).sum() } else { 0 };
        end + single + (segment.kept.len() - below).cast_signed() as i64
    };
    let mut edges = Vec::with_capacity(2 * within.len());
    for segment in within {
        let (first, end) = (at_or_above(segment.low), at_or_above(segment.high.saturating_add(1)));
        edges.extend([first, end]);
        if segment.keeps {
            let inside = |kept: &&i64| **kept >= segment.low && **kept <= segment.high;
            segment.kept = wider.iter().flat_map(|segment| &segment.kept).filter(inside).copied().collect();
        } else {
            segment.bins[0] = u32::try_from(first - end).unwrap_or(u32::MAX); // a single key
        }
    }
    edges
}

impl Bracket {
    /// Counts the rows in it that would have to be kept to tell them apart.
    pub(crate) fn open(&self) -> usize {
        if self.low == self.high { 0 } else { self.held }
    }
}

impl Segment {
    /// Makes a segment with nothing in it, which keeps values rather than counting them in bins if there is room.
    pub(crate) fn new(low: i64, high: i64, room: bool) -> Self {
        let width = high.wrapping_sub(low).cast_unsigned();
        let keeps = room && width > 0;
        let bins = match width {
            _ if keeps => 0,
            0 => 1,
            _ => BINS,
        };
        let shift = (u64::BITS - width.leading_zeros()).saturating_sub(BINS.ilog2());
        Self { low, high, shift, bins: vec![0; bins], kept: Vec::new(), keeps }
    }

    /// Returns the segment with nothing in it.
    pub(crate) fn empty(&self) -> Self {
        Self::new(self.low, self.high, self.keeps)
    }

    /// Adds what was counted in the same segment; of what is kept the order does not matter.
    pub(crate) fn add(&mut self, counted: &Self) {
        self.bins.iter_mut().zip(&counted.bins).for_each(|(all, some)| *all += some);
        self.kept.extend(&counted.kept);
    }

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
