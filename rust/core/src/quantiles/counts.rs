//! Counting rows between brackets: a pure function, whose results add up in any order and travel as bytes.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // counts of edges

use crate::model::Rows;
use crate::parallel::dispatch_narrow;
use crate::quantiles::bytes::{Reader, Writer};
use crate::quantiles::column::{Segment, key};
use crate::{Error, Result, Run};
use rayon::prelude::*;

/// Columns that are handled together.
pub(crate) const LANES: usize = 8;
/// Rows that are handled together: few enough to stay near.
const TILE: usize = 64;

/// What a pass counts: the keys of each column between which values are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brackets {
    pub(crate) columns: usize,
    pub(crate) pass: usize,
    pub(crate) blocks: Vec<Lanes>,
}

/// The brackets of columns side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lanes {
    /// The first column.
    pub(crate) first: usize,
    /// Segments of each column, with nothing in them.
    pub(crate) segments: Vec<Vec<Segment>>,
    /// Ends of the segments, by rank and column: the first key in each and the first after it.
    pub(crate) edges: Vec<[i64; LANES]>,
}

/// What some rows come to: the counts of each task, which are added up by who takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub(crate) pass: usize,
    pub(crate) rows: usize,
    pub(crate) tasks: Vec<Vec<Tally>>,
}

/// Counts of columns side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Segments of each column.
    pub(crate) segments: Vec<Vec<Segment>>,
    /// Rows at or above each edge, by rank and column.
    pub(crate) above: Vec<[i64; LANES]>,
}

impl Brackets {
    /// Counts rows.
    pub fn count(&self, rows: &[f64], run: &Run) -> Result<Counts> {
        let columns = self.columns.max(1);
        let tasks = rows.par_chunks(share(rows.len() / columns) * columns);
        let tasks = tasks.map(|rows| {
            let (mut tally, mut keys) = (self.tally(), Vec::with_capacity(TILE * columns));
            for tile in rows.chunks(TILE * columns) {
                if run.cancel.raised() {
                    return Err(Error::Cancelled);
                }
                self.add(&mut tally, tile, &mut keys);
            }
            Ok(tally)
        });
        Ok(Counts { pass: self.pass, rows: rows.len() / columns, tasks: tasks.collect::<Result<_>>()? })
    }

    /// Counts the rows of a plan's only answer without keeping them. Returns how many values of each column are infinite, too.
    pub fn count_rows(&self, rows: &dyn Rows, paths: usize, run: &Run) -> Result<(Counts, Vec<u64>)> {
        let columns = self.columns;
        if rows.widths() != [columns] {
            let given = rows.widths().iter().sum();
            return Err(Error::Length { owner: "QuantileSearch", name: "rows", given, expected: columns });
        }
        let size = share(paths);
        let task = |first: usize| {
            let mut infinite = vec![0; columns];
            let mut tile = vec![0.0; TILE * columns];
            let mut tally = self.tally();
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
                self.add(&mut tally, tile, &mut keys);
            }
            Ok((tally, infinite))
        };
        let starts: Vec<usize> = (0..paths).step_by(size).collect();
        let done: Vec<(Vec<Tally>, Vec<u64>)> = starts.into_par_iter().map(task).collect::<Result<_>>()?;
        let mut infinite = vec![0; columns];
        let mut tasks = Vec::with_capacity(done.len());
        for (tally, some) in done {
            tasks.push(tally);
            infinite.iter_mut().zip(some).for_each(|(all, some)| *all += some);
        }
        Ok((Counts { pass: self.pass, rows: paths, tasks }, infinite))
    }

    /// Counts to begin with.
    fn tally(&self) -> Vec<Tally> {
        let empty = |lanes: &Lanes| Tally {
            segments: lanes.segments.iter().map(|column| column.iter().map(Segment::empty).collect()).collect(),
            above: vec![[0; LANES]; lanes.edges.len()],
        };
        self.blocks.iter().map(empty).collect()
    }

    /// Counts a tile of rows.
    fn add(&self, tally: &mut [Tally], tile: &[f64], keys: &mut Vec<i64>) {
        keys.clear();
        keys.extend(tile.iter().map(|value| key(*value))); // in their order, which memory likes
        for (lanes, tally) in self.blocks.iter().zip(tally) {
            dispatch_narrow(Adding { lanes, tally, keys, columns: self.columns });
        }
    }

    /// Returns the brackets as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.words([self.columns, self.pass]);
        for segments in self.blocks.iter().flat_map(|lanes| &lanes.segments) {
            writer.words([segments.len()]);
            for segment in segments {
                put_segment(&mut writer, segment);
            }
        }
        writer.0
    }

    /// Reads brackets from their bytes; none if they are of something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (columns, pass) = (reader.size()?, reader.size()?);
        let mut blocks = vec![];
        for first in (0..columns).step_by(LANES) {
            let mut segments = vec![];
            for _ in first..(first + LANES).min(columns) {
                let count = reader.length(SEGMENT)?;
                segments.push((0..count).map(|_| segment(&mut reader)).collect::<Option<_>>()?);
            }
            let edges = edges(&segments);
            blocks.push(Lanes { first, segments, edges });
        }
        reader.0.is_empty().then_some(Self { columns, pass, blocks })
    }
}

impl Counts {
    /// Returns the counts as bytes, those of all tasks in one.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let blocks = self.sum();
        writer.words([self.pass, self.rows, blocks.len()]);
        for Tally { segments, above } in &blocks {
            writer.words([segments.len(), above.len()]);
            for column in segments {
                writer.words([column.len()]);
                for segment in column {
                    put_segment(&mut writer, segment);
                    writer.words([segment.kept.len()]);
                    writer.integers(&segment.kept);
                    writer.halves(&segment.bins);
                }
            }
            writer.integers(above.as_flattened());
        }
        writer.0
    }

    /// Reads counts from their bytes; none if they are of something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (pass, rows) = (reader.size()?, reader.size()?);
        let mut blocks = vec![];
        for _ in 0..reader.length(1)? {
            let (lanes, edges) = (reader.length(1)?, reader.length(LANES * size_of::<i64>())?);
            let mut segments = vec![];
            for _ in 0..lanes {
                let mut column = vec![];
                for _ in 0..reader.length(SEGMENT)? {
                    let mut segment = segment(&mut reader)?;
                    let kept = reader.length(size_of::<i64>())?;
                    segment.kept = reader.integers(kept)?;
                    segment.bins = reader.halves(segment.bins.len())?;
                    column.push(segment);
                }
                segments.push(column);
            }
            let above = (0..edges).map(|_| reader.integers(LANES)?.try_into().ok()).collect::<Option<_>>()?;
            blocks.push(Tally { segments, above });
        }
        reader.0.is_empty().then_some(Self { pass, rows, tasks: vec![blocks] })
    }

    /// Counts of all tasks.
    fn sum(&self) -> Vec<Tally> {
        let mut all = self.tasks.first().cloned().unwrap_or_default();
        for task in self.tasks.iter().skip(1) {
            all.iter_mut().zip(task).for_each(|(all, some)| all.add(some));
        }
        all
    }
}

impl Tally {
    /// Adds counts by the same brackets.
    fn add(&mut self, other: &Self) {
        for (all, some) in self.above.as_flattened_mut().iter_mut().zip(other.above.as_flattened()) {
            *all += some;
        }
        for (all, some) in self.segments.iter_mut().flatten().zip(other.segments.iter().flatten()) {
            all.add(some);
        }
    }
}

/// Puts the edges of segments side by side.
pub(crate) fn edges<S: AsRef<[Segment]>>(columns: &[S]) -> Vec<[i64; LANES]> {
    let most = columns.iter().map(|column| column.as_ref().len()).max().unwrap_or(0);
    let mut edges = vec![[i64::MAX; LANES]; 2 * most];
    for (lane, column) in columns.iter().enumerate() {
        for (at, segment) in column.as_ref().iter().enumerate() {
            edges[2 * at][lane] = segment.low;
            edges[2 * at + 1][lane] = segment.high.saturating_add(1);
        }
    }
    edges
}

/// Bytes that a segment takes at least.
const SEGMENT: usize = 3 * size_of::<u64>();

fn put_segment(writer: &mut Writer, segment: &Segment) {
    writer.integers(&[segment.low, segment.high, i64::from(segment.keeps)]);
}

/// Reads a segment with nothing in it.
fn segment(reader: &mut Reader) -> Option<Segment> {
    let [low, high, keeps] = reader.integers(3)?.try_into().ok()?;
    Some(Segment::new(low, high, keeps != 0))
}

/// Rows that a task takes.
fn share(rows: usize) -> usize {
    rows.div_ceil(rayon::current_num_threads()).next_multiple_of(TILE).max(TILE)
}

/// Rows that columns side by side take in.
struct Adding<'a> {
    lanes: &'a Lanes,
    tally: &'a mut Tally,
    keys: &'a [i64],
    columns: usize,
}

impl pulp::WithSimd for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Lanes { first, edges, .. } = self.lanes;
        let Tally { segments, above } = self.tally;
        if edges.is_empty() {
            return;
        }
        let lanes = segments.len();
        for row in self.keys.chunks_exact(self.columns) {
            let mut keys = [i64::MIN; LANES];
            if let Some(whole) = row[*first..].first_chunk() {
                keys = *whole;
            } else {
                keys[..lanes].copy_from_slice(&row[*first..*first + lanes]);
            }
            // How many edges lie at or below each value: an odd number is in a segment.
            let mut passed = [0_i64; LANES];
            for (edge, above) in edges.iter().zip(above.iter_mut()) {
                for lane in 0..LANES {
                    let reached = i64::from(keys[lane] >= edge[lane]);
                    passed[lane] += reached;
                    above[lane] += reached;
                }
            }
            if passed.iter().fold(0, |all, one| all | one) & 1 == 0 {
                continue;
            }
            for ((column, key), passed) in segments.iter_mut().zip(keys).zip(passed) {
                if passed % 2 == 1
                    && let Some(segment) = column.get_mut(passed as usize / 2)
                {
                    segment.take(key);
                }
            }
        }
    }
}
