//! Consecutive panels of a passage, made side by side and inverted: doublings at given times.
//!
//! The partial times at Chebyshev points, mapped by the logarithm that would be exact if `phi` were linear, are nearly
//! proportional to `z`, so one polynomial through them gives the doublings at any number of times.

use crate::law::effort::Effort;
use crate::law::limit::{Decline, Place};
use crate::law::marks::{Mark, Passage};
use crate::law::tables::{ENDS, N, NODES, PARTIAL, ROWS};
use crate::numerics::elementary::{exp_near, ln_absolute};
use std::ops::Range;

/// Below this change of `phi`, a panel's time is near enough to linear for the polynomial alone.
const FLAT: f64 = 0.02;
/// Panels that are made side by side.
pub(crate) const LANES: usize = 4;
/// Times that are inverted together.
const BLOCK: usize = 16;

/// A table that starts on a cache line: vectors that straddle two cost half the speed, and where the stack stands is chance.
#[repr(align(64))]
struct Aligned<T>(T);

/// One value per panel of a batch.
type Lanes = [f64; LANES];

/// [`NODES`] (and the panel's end) and [`ENDS`] (after the panel's start), each for every panel of a batch.
const EACH_NODE: [Lanes; ROWS] = {
    let mut table = [[1.0; LANES]; ROWS];
    let mut i = 0;
    while i < N {
        table[i] = [NODES[i]; LANES];
        i += 1;
    }
    table
};
const EACH_END: [Lanes; ROWS] = {
    let mut table = [[0.0; LANES]; ROWS];
    let mut i = 0;
    while i < N {
        table[i + 1] = [ENDS[i]; LANES];
        i += 1;
    }
    table
};

/// Consecutive panels, ready to be inverted. They are made side by side, one per lane of the vector unit; tables have a row
/// per knot, and loops over the flat tables become SIMD code.
#[repr(align(64))]
pub(crate) struct Panels {
    /// Time that each panel takes, in units of `e^phi` at its start.
    pub(crate) time: Lanes,
    /// Factor by which `e^phi` grows over the panel.
    pub(crate) climb: Lanes,
    /// `climb - 1`, or 0 where `phi` is taken as flat.
    growth: Lanes,
    /// 1 over the change of `phi`.
    inverse_span: Lanes,
    /// Mapped partial times, from 0 to 1.
    knots: [Lanes; ROWS],
    /// Divided differences of the doublings over the knots: the coefficients of Newton's form.
    differences: [Lanes; ROWS],
}

impl Panels {
    pub(crate) const EMPTY: Self = Self {
        time: [0.0; LANES],
        climb: [0.0; LANES],
        growth: [0.0; LANES],
        inverse_span: [0.0; LANES],
        knots: [[0.0; LANES]; ROWS],
        differences: [[0.0; LANES]; ROWS],
    };

    /// Makes the panels between the marks, and gives `phi` to all but the first.
    #[inline(always)]
    pub(crate) fn fill<S: pulp::Simd, D: Decline, E: Effort>(
        &mut self,
        simd: S,
        path: &Passage<D, E>,
        marks: &mut [Mark<E::Place>; LANES + 1],
    ) {
        let width: Lanes = std::array::from_fn(|p| marks[p + 1].z - marks[p].z);
        let starts = Starts::new(marks, width);
        let mut density = Aligned([[0.0; LANES]; ROWS]);
        let span = starts.densities(path, marks, &mut density);
        for (i, value) in self.differences.as_flattened_mut().iter_mut().enumerate() {
            let place = starts.place(i);
            *value = place.doublings + path.decline.gain(place, starts.widths(i) * EACH_END.as_flattened()[i]);
        }
        for (weights, knots) in PARTIAL.iter().zip(&mut self.knots[1..]) {
            *knots = weigh(simd, weights, &density.0);
        }
        let mut inverse_time = [0.0; LANES];
        for p in 0..LANES {
            marks[p + 1].phi = marks[p].phi + span[p];
            self.inverse_span[p] = 1.0 / span[p];
            self.climb[p] = density.0[N][p];
            self.growth[p] = if span[p].abs() < FLAT { 0.0 } else { density.0[N][p] - 1.0 };
            self.time[p] = width[p] * self.knots[N][p];
            inverse_time[p] = 1.0 / self.knots[N][p];
        }
        let (growths, inverse_spans, inverse_times) =
            (Aligned([self.growth; ROWS]), Aligned([self.inverse_span; ROWS]), Aligned([inverse_time; ROWS]));
        let (growths, inverse_spans) = (growths.0.as_flattened(), inverse_spans.0.as_flattened());
        let inverse_times = inverse_times.0.as_flattened();
        for (i, knot) in self.knots.as_flattened_mut().iter_mut().enumerate() {
            *knot = straighten(*knot * inverse_times[i], growths[i], inverse_spans[i]);
        }
        self.knots[0] = [0.0; LANES];
        for order in 1..ROWS {
            for row in (order..ROWS).rev() {
                let run = subtract(simd, &self.knots[row], &self.knots[row - order]);
                let rise = subtract(simd, &self.differences[row], &self.differences[row - 1]);
                self.differences[row] = divide(simd, &rise, &run);
            }
        }
    }

    /// Doublings at `times[range]`, which lie within a panel; `rate` and `shift` make fractions of them. What stands after
    /// the range may be overwritten.
    #[inline(always)]
    pub(crate) fn invert<S: pulp::Simd>(
        &self,
        simd: S,
        panel: usize,
        times: &[f64],
        range: Range<usize>,
        (rate, shift): (f64, f64),
        doublings: &mut [f64],
    ) {
        let (growth, inverse_span) = (self.growth[panel], self.inverse_span[panel]);
        let mut at = range.start;
        while at < range.end {
            let mut y = Aligned([0.0; BLOCK]);
            let size = BLOCK.min(times.len() - at);
            if let Some(block) = times[at..].first_chunk() {
                y.0 = *block;
            } else {
                y.0[..size].copy_from_slice(&times[at..]);
            }
            for y in &mut y.0 {
                *y = straighten(y.mul_add(rate, shift).clamp(0.0, 1.0), growth, inverse_span);
            }
            let mut x = Aligned([self.differences[N][panel]; BLOCK]);
            for (knots, differences) in self.knots[..N].iter().zip(&self.differences[..N]).rev() {
                newton_step(simd, &y.0, knots[panel], differences[panel], &mut x.0);
            }
            if let Some(block) = doublings[at..].first_chunk_mut() {
                *block = x.0;
            } else {
                doublings[at..].copy_from_slice(&x.0[..size]);
            }
            at += BLOCK;
        }
    }
}

/// What decides the densities of a batch, one table entry per panel and knot, so that loops become SIMD code.
struct Starts {
    widths: Aligned<[Lanes; ROWS]>,
    doublings: Aligned<[Lanes; ROWS]>,
    returns: Aligned<[Lanes; ROWS]>,
    slopes: Aligned<[Lanes; ROWS]>,
}

impl Starts {
    #[inline(always)]
    fn new<P: Copy>(marks: &[Mark<P>; LANES + 1], width: Lanes) -> Self {
        let values_of = |value: fn(&Place) -> f64| -> Aligned<[Lanes; ROWS]> {
            Aligned([std::array::from_fn::<f64, LANES, _>(|p| value(&marks[p].place)); ROWS])
        };
        Self {
            widths: Aligned([width; ROWS]),
            doublings: values_of(|place| place.doublings),
            returns: values_of(|place| place.returns),
            slopes: values_of(|place| place.slope),
        }
    }

    #[inline(always)]
    fn widths(&self, i: usize) -> f64 {
        self.widths.0.as_flattened()[i]
    }

    #[inline(always)]
    fn place(&self, i: usize) -> Place {
        Place {
            doublings: self.doublings.0.as_flattened()[i],
            returns: self.returns.0.as_flattened()[i],
            slope: self.slopes.0.as_flattened()[i],
        }
    }

    /// `e^phi` at the nodes of each panel and at its end, over that at its start; gives back the changes of `phi`.
    #[inline(always)]
    fn densities<D: Decline, E: Effort>(
        &self,
        path: &Passage<D, E>,
        marks: &[Mark<E::Place>; LANES + 1],
        density: &mut Aligned<[Lanes; ROWS]>,
    ) -> Lanes {
        for (i, value) in density.0.as_flattened_mut().iter_mut().enumerate() {
            *value = path.decline.gain(self.place(i), self.widths(i) * EACH_NODE.as_flattened()[i]);
        }
        path.effort.rises(&std::array::from_fn::<_, LANES, _>(|p| marks[p].effort), density.0.as_flattened_mut());
        for (i, value) in density.0.as_flattened_mut().iter_mut().enumerate() {
            *value = path.climb(self.widths(i) * EACH_NODE.as_flattened()[i], *value);
        }
        let span = density.0[N];
        for value in density.0.as_flattened_mut() {
            *value = exp_near(*value);
        }
        span
    }
}

/// Weighted sum over the first rows of a table, lane by lane. Two running sums hide the latency of the additions.
#[inline(always)]
fn weigh<S: pulp::Simd>(simd: S, weights: &[f64; N], table: &[Lanes; ROWS]) -> Lanes {
    let mut sum = [0.0; LANES];
    for (lane, sum) in S::as_mut_simd_f64s(&mut sum).0.iter_mut().enumerate() {
        let mut even = simd.splat_f64s(0.0);
        let mut odd = simd.splat_f64s(0.0);
        for i in (0..N).step_by(2) {
            even = simd.mul_add_f64s(simd.splat_f64s(weights[i]), S::as_simd_f64s(&table[i]).0[lane], even);
            odd = simd.mul_add_f64s(simd.splat_f64s(weights[i + 1]), S::as_simd_f64s(&table[i + 1]).0[lane], odd);
        }
        *sum = simd.add_f64s(even, odd);
    }
    sum
}

/// A step of Newton's form: `x = x (y - knot) + before`.
#[inline(always)]
fn newton_step<S: pulp::Simd>(simd: S, y: &[f64; BLOCK], knot: f64, before: f64, x: &mut [f64; BLOCK]) {
    let (knot, before) = (simd.splat_f64s(knot), simd.splat_f64s(before));
    for (x, y) in S::as_mut_simd_f64s(x).0.iter_mut().zip(S::as_simd_f64s(y).0) {
        *x = simd.mul_add_f64s(*x, simd.sub_f64s(*y, knot), before);
    }
}

/// `a - b`, lane by lane.
#[inline(always)]
fn subtract<S: pulp::Simd>(simd: S, a: &Lanes, b: &Lanes) -> Lanes {
    let mut difference = *a;
    for (a, b) in S::as_mut_simd_f64s(&mut difference).0.iter_mut().zip(S::as_simd_f64s(b).0) {
        *a = simd.sub_f64s(*a, *b);
    }
    difference
}

/// `a / b`, lane by lane.
#[inline(always)]
fn divide<S: pulp::Simd>(simd: S, a: &Lanes, b: &Lanes) -> Lanes {
    let mut quotient = *a;
    for (a, b) in S::as_mut_simd_f64s(&mut quotient).0.iter_mut().zip(S::as_simd_f64s(b).0) {
        *a = simd.div_f64s(*a, *b);
    }
    quotient
}

/// Maps a fraction of a panel's time so that difficulty is nearly proportional to it.
#[inline(always)]
fn straighten(fraction: f64, growth: f64, inverse_span: f64) -> f64 {
    let mapped = ln_absolute(growth.mul_add(fraction, 1.0)) * inverse_span;
    if growth == 0.0 { fraction } else { mapped }
}

/// How many of the ascending `times` are at most `end`.
#[inline(always)]
pub(crate) fn count_up_to(times: &[f64], end: f64) -> usize {
    let whole = times.chunks_exact(BLOCK).take_while(|block| block[BLOCK - 1] <= end).count() * BLOCK;
    whole + times[whole..].iter().take(BLOCK).take_while(|time| **time <= end).count()
}
