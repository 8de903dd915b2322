//! Time integrated over doublings: the passage of a path through its difficulty.
//!
//! For a law with `E = S` and returns that decline, time in first doublings is
//!
//! ```text
//! t(z) = integral_0^z e^phi(z') dz' / integral_0^z1 e^phi(z') dz',   phi(z) = ln2 lambda (z/r - x(z))
//! ```
//!
//! with the difficulty `z` of `limit.rs` and `x(z1) = 1`. `phi` is convex, and smooth on the scale of the limit. A path
//! is cut into panels on which `phi` changes little; a panel's time is one Gauss-Legendre sum.
//!
//! Doublings at a given time come from the same panel, inverted: the partial times at Chebyshev points, mapped by
//! the logarithm that would be exact if `phi` were linear, are nearly proportional to `z`, so one polynomial through
//! them gives the doublings at any number of times. Work per panel is fixed, and panels per path grow with the
//! logarithm of the time span: no step-size search, no iteration, no event to be found.

use crate::elementary::{exp, exp_near, expm1, ln, ln_1p, ln_absolute};
use crate::limit::{Decline, Place};
use crate::panel_tables::{ENDS, N, NODES, PARTIAL, WEIGHTS};
use std::ops::Range;

/// Change of `phi` that a panel may span. With [`BULGE`] it decides the error of the inversion: below 1e-7 doublings, and
/// 1e-8 for most paths. The quadrature of the times is far more exact: below 1e-13.
const SPAN: f64 = 4.0;
/// Largest distance of `phi` from its chord in a panel.
const BULGE: f64 = 0.2;
/// Largest panel in units of the decline's scale.
const REACH: f64 = 0.7;
/// Below this change of `phi`, a panel's time is near enough to linear for the polynomial alone.
const FLAT: f64 = 0.02;
/// `e^-HIDDEN` vanishes beside 1 in f64, with a wide margin.
const HIDDEN: f64 = 100.0;
/// Panels that are made side by side.
const LANES: usize = 4;
/// Times that are inverted together.
const BLOCK: usize = 16;

/// One path under a law with declining returns; time is in first doublings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passage<D> {
    decline: D,
    /// ln2 lambda.
    rate: f64,
    /// 1 / r.
    inverse_r: f64,
    /// The largest `phi` in the first doubling: `e^phi` is scaled by `e^-peak`.
    peak: f64,
    /// Scaled integral over the first doubling: the unit of time.
    unit: f64,
}

/// Where a panel starts.
#[derive(Debug, Clone, Copy)]
struct Mark {
    z: f64,
    phi: f64,
    place: Place,
}

impl<D: Decline> Passage<D> {
    #[inline(always)]
    pub(crate) fn new(r: f64, parallelizability: f64, decline: D) -> Self {
        let rate = std::f64::consts::LN_2 * parallelizability;
        let mut path = Self { decline, rate, inverse_r: 1.0 / r, peak: 0.0, unit: 1.0 };
        let first = path.mark(decline.difficulty(1.0));
        path.peak = first.phi.max(0.0);
        path.unit = path.integral(path.start(), first, path.peak);
        path
    }

    #[inline(always)]
    fn phi(&self, z: f64) -> f64 {
        self.rate * (z * self.inverse_r - self.decline.doublings(z))
    }

    #[inline(always)]
    fn start(&self) -> Mark {
        Mark { z: 0.0, phi: 0.0, place: self.decline.start() }
    }

    #[inline(always)]
    fn mark(&self, z: f64) -> Mark {
        let place = self.decline.place(z);
        Mark { z, phi: self.rate * (z * self.inverse_r - place.doublings), place }
    }

    /// The mark one panel of this `width` further on.
    #[inline(always)]
    fn ahead(&self, from: Mark, width: f64) -> Mark {
        let gain = self.decline.gain(from.place, width);
        Mark { z: from.z + width, phi: from.phi + self.climb(width, gain), place: self.decline.ahead(from.place, gain) }
    }

    /// Change of `phi` over a step that brings `gain` doublings.
    #[inline(always)]
    fn climb(&self, step: f64, gain: f64) -> f64 {
        self.rate * step.mul_add(self.inverse_r, -gain)
    }

    /// `d phi / dz`.
    #[inline(always)]
    fn slope(&self, place: Place) -> f64 {
        self.rate * (self.inverse_r - place.returns)
    }

    /// Width of the panel that starts at a place.
    #[inline(always)]
    fn width(&self, start: Place) -> f64 {
        let slope = self.slope(start);
        let curvature = self.rate * start.slope;
        let by_span = 2.0 * SPAN / (slope.abs() + slope.mul_add(slope, 2.0 * SPAN * curvature).sqrt());
        let by_bulge = (8.0 * BULGE / curvature).sqrt();
        by_span.min(by_bulge).min(REACH * self.decline.scale())
    }

    /// Where rising `phi` passes `value`, from `low` on, where it is below.
    #[cold]
    #[inline(never)]
    fn rise_to(&self, value: f64, low: f64) -> Mark {
        self.mark(last_where(low, |z| self.phi(z) < value))
    }

    /// From falling `phi` at a mark to where `phi` matters again on its rise, if all that lies between vanishes beside `sum`.
    ///
    /// `sum` is scaled by `e^-scale`. The way is at most `scale() r` long, where a chord of `phi` that starts at 0 is level.
    #[inline(always)]
    fn skip(&self, from: Mark, scale: f64, sum: f64) -> Mark {
        if self.slope(from.place) >= 0.0 || from.phi > scale - HIDDEN {
            return from;
        }
        let visible = scale + ln(sum) - 0.5 * HIDDEN - ln(1.0 + self.decline.scale() / self.inverse_r);
        if from.phi >= visible {
            return from;
        }
        self.rise_to(visible, last_where(from.z, |z| self.slope(self.decline.place(z)) < 0.0))
    }

    /// Integral of `e^(phi - scale)` from `start` to `end`; `scale` is at least `phi` at both.
    #[inline(always)]
    fn integral(&self, start: Mark, end: Mark, scale: f64) -> f64 {
        let mut at = start;
        if at.phi < scale - HIDDEN {
            at = self.rise_to(scale - HIDDEN, at.z);
        }
        let mut sum = 0.0;
        while at.z < end.z {
            let width = self.width(at.place).min(end.z - at.z);
            let mut density = NODES;
            for value in &mut density {
                let step = width * *value;
                *value = exp_near(self.climb(step, self.decline.gain(at.place, step)));
            }
            let mut panel = 0.0;
            for i in 0..N {
                panel = WEIGHTS[i].mul_add(density[i], panel);
            }
            sum = (width * exp(at.phi - scale)).mul_add(panel, sum);
            let next = self.ahead(at, width);
            if next.z >= end.z || next.z == at.z {
                break; // done, or the rest is narrower than the spacing of floats
            }
            at = self.skip(next, scale, sum);
        }
        sum
    }

    /// Time from `x0` to `x1` doublings, both below the limit, in first doublings.
    #[inline(always)]
    pub(crate) fn time_between(&self, x0: f64, x1: f64) -> f64 {
        let start = self.mark(self.decline.difficulty(x0));
        let end = self.mark(self.decline.difficulty(x1));
        let scale = start.phi.max(end.phi);
        let sum = self.integral(start, end, scale) / self.unit;
        // In two factors: the difference of the scales may leave the range of exp where the product does not.
        let half = exp((scale - self.peak) * 0.5);
        sum * half * half
    }

    /// Pace at `x` doublings: doublings per first doubling's time.
    #[inline(always)]
    pub(crate) fn pace(&self, x: f64) -> f64 {
        let z = self.decline.difficulty(x);
        let half = exp((self.peak - self.phi(z)) * 0.5);
        self.decline.returns(z) * self.unit * half * half
    }

    /// Doublings at the ascending `times`, of which `first_doubling` is the unit (they span at most 1e100 of it).
    #[inline(always)]
    pub(crate) fn doublings_at<S: pulp::Simd>(
        &self,
        simd: S,
        times: &[f64],
        first_doubling: f64,
        limit: f64,
        doublings: &mut [f64],
    ) {
        let unit = self.unit / first_doubling;
        let mut at = self.start();
        if self.peak > 7.0 * HIDDEN {
            // Nearly all of the first doubling's time is spent at its end; the beginning passes in less than 1e-300 of it.
            at = self.rise_to(self.peak - 7.0 * HIDDEN, 0.0);
        }
        let mut t = 0.0; // scaled time at the mark
        let mut density = exp(at.phi - self.peak);
        let mut panels = Panels::EMPTY;
        let mut done = count_up_to(times, 0.0);
        doublings[..done].fill(0.0);
        while done < times.len() {
            if at.place.returns < f64::EPSILON {
                doublings[done..].fill(limit); // nearer to the limit than f64 can tell
                return;
            }
            let mut marks = [at; LANES + 1];
            for panel in 0..LANES {
                marks[panel + 1] = self.ahead(marks[panel], self.width(marks[panel].place));
            }
            panels.fill(simd, self, &marks);
            for panel in 0..LANES {
                let time = panels.time[panel] * density;
                let end = t + time;
                let last = done + count_up_to(&times[done..], end / unit);
                panels.invert(simd, panel, times, done..last, (unit / time, -t / time), doublings);
                done = last;
                t = end;
                density *= panels.climb[panel];
                at = self.skip(marks[panel + 1], self.peak, t);
                if at.z != marks[panel + 1].z {
                    density = exp(at.phi - self.peak);
                    break;
                }
                if done == times.len() {
                    break;
                }
            }
        }
    }
}

/// The last point from `low` on that is `below`, which holds at `low` and ends somewhere: by doubling and bisection.
fn last_where(low: f64, below: impl Fn(f64) -> bool) -> f64 {
    let mut last = low;
    let mut step = 1.0;
    while below(low + step) {
        step *= 2.0;
    }
    for _ in 0..80 {
        step *= 0.5;
        if below(last + step) {
            last += step;
        }
    }
    last
}

/// How many of the ascending `times` are at most `end`.
#[inline(always)]
fn count_up_to(times: &[f64], end: f64) -> usize {
    let whole = times.chunks_exact(BLOCK).take_while(|block| block[BLOCK - 1] <= end).count() * BLOCK;
    whole + times[whole..].iter().take(BLOCK).take_while(|time| **time <= end).count()
}

/// A table that starts on a cache line: vectors that straddle two cost half the speed, and where the stack stands is chance.
#[repr(align(64))]
struct Aligned<T>(T);

/// One value per panel of a batch.
type Lanes = [f64; LANES];

/// Knots of a panel: its start and the ends of the partial integrals.
const ROWS: usize = N + 1;

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
struct Panels {
    /// Time that each panel takes, in units of `e^phi` at its start.
    time: Lanes,
    /// Factor by which `e^phi` grows over the panel.
    climb: Lanes,
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
    const EMPTY: Self = Self {
        time: [0.0; LANES],
        climb: [0.0; LANES],
        growth: [0.0; LANES],
        inverse_span: [0.0; LANES],
        knots: [[0.0; LANES]; ROWS],
        differences: [[0.0; LANES]; ROWS],
    };

    /// Makes the panels between the marks.
    #[inline(always)]
    fn fill<S: pulp::Simd, D: Decline>(&mut self, simd: S, path: &Passage<D>, marks: &[Mark; LANES + 1]) {
        let width: Lanes = std::array::from_fn(|p| marks[p + 1].z - marks[p].z);
        let start: Lanes = std::array::from_fn(|p| marks[p].place.doublings);
        let (widths, doublings) = (Aligned([width; ROWS]), Aligned([start; ROWS]));
        let returns = Aligned([std::array::from_fn::<f64, LANES, _>(|p| marks[p].place.returns); ROWS]);
        let slopes = Aligned([std::array::from_fn::<f64, LANES, _>(|p| marks[p].place.slope); ROWS]);
        let (widths, doublings) = (widths.0.as_flattened(), doublings.0.as_flattened());
        let (returns, slopes) = (returns.0.as_flattened(), slopes.0.as_flattened());
        let place = |i: usize| Place { doublings: doublings[i], returns: returns[i], slope: slopes[i] };
        let mut density = Aligned([[0.0; LANES]; ROWS]);
        for (i, value) in density.0.as_flattened_mut().iter_mut().enumerate() {
            let step = widths[i] * EACH_NODE.as_flattened()[i];
            *value = exp_near(path.climb(step, path.decline.gain(place(i), step)));
        }
        for (i, value) in self.differences.as_flattened_mut().iter_mut().enumerate() {
            *value = doublings[i] + path.decline.gain(place(i), widths[i] * EACH_END.as_flattened()[i]);
        }
        for (weights, knots) in PARTIAL.iter().zip(&mut self.knots[1..]) {
            *knots = weigh(simd, weights, &density.0);
        }
        let mut inverse_time = [0.0; LANES];
        for p in 0..LANES {
            let span = marks[p + 1].phi - marks[p].phi;
            self.inverse_span[p] = 1.0 / span;
            self.climb[p] = density.0[N][p];
            self.growth[p] = if span.abs() < FLAT { 0.0 } else { density.0[N][p] - 1.0 };
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
    fn invert<S: pulp::Simd>(
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

/// Doublings at `times`, of which `first_doubling` is the unit, without a limit but stopping at `stop`; `log_ratio` is the
/// logarithm of the ratio of successive doubling times.
#[inline(always)]
pub(crate) fn unlimited_doublings(
    times: &[f64],
    first_doubling: f64,
    log_ratio: f64,
    stop: f64,
    doublings: &mut [f64],
) {
    let each = doublings.iter_mut().zip(times);
    if log_ratio.abs() < 1e-200 {
        for (x, t) in each {
            *x = (t / first_doubling).min(stop);
        }
    } else if log_ratio < 1.0 {
        let growth = expm1(log_ratio) / first_doubling;
        for (x, t) in each {
            let progress = t * growth;
            // The sum turns -0 into 0.
            let found = ln_1p(progress.max(-1.0)) / log_ratio + 0.0;
            *x = if progress <= -1.0 { stop } else { found.min(stop) };
        }
    } else {
        // The same, with e^log_ratio taken out, which may overflow.
        let start = exp(-log_ratio);
        for (x, t) in each {
            let time = t / first_doubling;
            let found = 1.0 + ln((1.0 - time).mul_add(start, time)) / log_ratio;
            *x = if time == 0.0 { 0.0 } else { found.clamp(0.0, stop) };
        }
    }
}

/// Time (in first doublings) from `x0` to `x1` doublings without a limit.
#[inline(always)]
pub(crate) fn unlimited_time(x0: f64, x1: f64, log_ratio: f64) -> f64 {
    if log_ratio.abs() < 1e-200 {
        x1 - x0
    } else if log_ratio < 0.0 {
        exp(x0 * log_ratio) * (expm1((x1 - x0) * log_ratio) / expm1(log_ratio)) + 0.0
    } else {
        // (q^x1 - q^x0)/(q - 1) with the powers of q that may overflow taken out.
        exp((x1 - 1.0) * log_ratio) * (expm1((x0 - x1) * log_ratio) / expm1(-log_ratio)) + 0.0
    }
}

/// Pace at `x` doublings without a limit, in doublings per first doubling's time.
#[inline(always)]
pub(crate) fn unlimited_pace(x: f64, log_ratio: f64) -> f64 {
    if log_ratio.abs() < 1e-200 {
        1.0
    } else if log_ratio < 0.0 {
        expm1(log_ratio) / log_ratio * exp(-log_ratio * x)
    } else {
        -expm1(-log_ratio) / log_ratio * exp(log_ratio * (1.0 - x))
    }
}
