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

use crate::elementary::{exp, expm1, ln, ln_1p};
use crate::limit::Decline;
use crate::panel_tables::{ENDS, N, NODES, PARTIAL, WEIGHTS};

/// Change of `phi` that a panel may span; bounds the error of the quadrature (below 1e-13).
const SPAN: f64 = 2.0;
/// Largest distance of `phi` from its chord in a panel; bounds the error of the inversion (below 1e-9 doublings).
const BULGE: f64 = 0.1;
/// Largest panel in units of the decline's scale.
const REACH: f64 = 0.5;
/// Below this change of `phi`, a panel's time is near enough to linear for the polynomial alone.
const FLAT: f64 = 0.02;
/// `e^-HIDDEN` vanishes beside 1 in f64, with a wide margin.
const HIDDEN: f64 = 100.0;
/// Panels that are made side by side.
const LANES: usize = 8;
/// Times that are inverted together.
const BLOCK: usize = 8;

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
    /// `d phi / dz`.
    slope: f64,
    /// `d^2 phi / dz^2`.
    curvature: f64,
    /// What is left of the returns.
    returns: f64,
    doublings: f64,
}

impl<D: Decline> Passage<D> {
    #[inline(always)]
    pub(crate) fn new(r: f64, parallelizability: f64, decline: D) -> Self {
        let rate = std::f64::consts::LN_2 * parallelizability;
        let mut path = Self { decline, rate, inverse_r: 1.0 / r, peak: 0.0, unit: 1.0 };
        let first = path.mark(decline.difficulty(1.0));
        path.peak = first.phi.max(0.0);
        path.unit = path.integral(path.mark(0.0), first, path.peak);
        path
    }

    #[inline(always)]
    fn phi(&self, z: f64) -> f64 {
        self.rate * (z * self.inverse_r - self.decline.doublings(z))
    }

    #[inline(always)]
    fn mark(&self, z: f64) -> Mark {
        let place = self.decline.place(z);
        Mark {
            z,
            phi: self.rate * (z * self.inverse_r - place.doublings),
            slope: self.rate * (self.inverse_r - place.returns),
            curvature: self.rate * place.slope,
            returns: place.returns,
            doublings: place.doublings,
        }
    }

    /// Width of the panel that starts at a mark.
    #[inline(always)]
    fn width(&self, start: Mark) -> f64 {
        let by_span = 2.0 * SPAN / (start.slope.abs() + (start.slope * start.slope + 2.0 * SPAN * start.curvature).sqrt());
        let by_bulge = (8.0 * BULGE / start.curvature).sqrt();
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
        if from.slope >= 0.0 || from.phi > scale - HIDDEN {
            return from;
        }
        let visible = scale + ln(sum) - 0.5 * HIDDEN - ln(1.0 + self.decline.scale() / self.inverse_r);
        if from.phi >= visible {
            return from;
        }
        self.rise_to(visible, last_where(from.z, |z| self.mark(z).slope < 0.0))
    }

    /// Integral of `e^(phi - scale)` from `start` to `end`; `scale` is at least `phi` at both.
    #[inline(always)]
    fn integral(&self, start: Mark, end: Mark, scale: f64) -> f64 {
        let mut at = start;
        if at.slope > 0.0 && at.phi < scale - HIDDEN {
            at = self.rise_to(scale - HIDDEN, at.z);
        }
        let mut sum = 0.0;
        while at.z < end.z {
            let width = self.width(at).min(end.z - at.z);
            let mut panel = 0.0;
            let density = self.density(at.z, width, scale);
            for i in 0..N {
                panel = WEIGHTS[i].mul_add(density[i], panel);
            }
            sum += panel;
            let next = at.z + width;
            if next == at.z {
                break; // the rest is narrower than the spacing of floats
            }
            at = self.skip(self.mark(next), scale, sum);
        }
        sum
    }

    /// `e^(phi - scale)` times the panel's width at its nodes.
    #[inline(always)]
    fn density(&self, z: f64, width: f64, scale: f64) -> [f64; N] {
        let mut density = NODES;
        for value in &mut density {
            *value = width * exp(self.phi(width.mul_add(*value, z)) - scale);
        }
        density
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
        let mut at = self.mark(0.0);
        if self.peak > 7.0 * HIDDEN {
            // Nearly all of the first doubling's time is spent at its end; the beginning passes in less than 1e-300 of it.
            at = self.rise_to(self.peak - 7.0 * HIDDEN, 0.0);
        }
        let mut t = 0.0; // scaled time at the mark
        let mut done = count_up_to(times, 0.0);
        doublings[..done].fill(0.0);
        while done < times.len() {
            if at.returns < f64::EPSILON * 0.5 {
                doublings[done..].fill(limit); // nearer to the limit than f64 can tell
                return;
            }
            let mut marks = [at; LANES + 1];
            for panel in 0..LANES {
                marks[panel + 1] = self.mark(marks[panel].z + self.width(marks[panel]));
            }
            let panels = Panels::new(simd, self, &marks, self.peak);
            for panel in 0..LANES {
                let time = panels.time[panel];
                let end = t + time;
                let last = done + count_up_to(&times[done..], end / unit);
                panels.invert(simd, panel, &times[done..last], unit / time, -t / time, &mut doublings[done..last]);
                done = last;
                t = end;
                at = self.skip(marks[panel + 1], self.peak, t);
                if done == times.len() || at.z != marks[panel + 1].z {
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
    times.iter().position(|&time| time > end).unwrap_or(times.len())
}

/// One value per panel of a batch.
type Lanes = [f64; LANES];

/// `N` values per panel of a batch, panels side by side: a straight array, on which loops become SIMD code.
type Table = [f64; N * LANES];

/// Consecutive panels, ready to be inverted. They are made side by side, one per lane of the vector unit.
struct Panels {
    /// Scaled time that each panel takes.
    time: Lanes,
    /// `e^span - 1` with the change of `phi` over the panel as span, 0 where that is taken as flat.
    growth: Lanes,
    /// 1 / span.
    inverse_span: Lanes,
    /// Doublings at the panel's start.
    start: Lanes,
    /// Mapped partial times: 0, then those of the ends.
    knots: [f64; (N + 1) * LANES],
    /// Divided differences of the doublings over the knots, without the zeroth.
    differences: Table,
}

impl Panels {
    #[inline(always)]
    fn new<S: pulp::Simd, D: Decline>(simd: S, path: &Passage<D>, marks: &[Mark; LANES + 1], scale: f64) -> Self {
        let (mut z, mut width, mut start, mut span) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (p, pair) in marks.windows(2).enumerate() {
            z[p] = pair[0].z;
            width[p] = pair[1].z - pair[0].z;
            start[p] = pair[0].doublings;
            let change = pair[1].phi - pair[0].phi;
            span[p] = if change.abs() < FLAT { 0.0 } else { change };
        }
        let mut density = [0.0; N * LANES];
        let mut ends = [0.0; N * LANES];
        for i in 0..N {
            let row = i * LANES..(i + 1) * LANES;
            set_line(simd, NODES[i], &width, &z, &mut density[row.clone()]);
            set_line(simd, ENDS[i], &width, &z, &mut ends[row]);
        }
        for value in &mut density {
            *value = exp(path.phi(*value) - scale);
        }
        for value in &mut ends {
            *value = path.decline.doublings(*value);
        }
        let mut time = [0.0; LANES];
        let mut knots = [0.0; (N + 1) * LANES];
        for (i, density) in density.chunks_exact(LANES).enumerate() {
            add_scaled(simd, WEIGHTS[i], density, &mut time);
            for (coefficient, knots) in PARTIAL[i].iter().zip(knots[LANES..].chunks_exact_mut(LANES)) {
                add_scaled(simd, *coefficient, density, knots);
            }
        }
        let mut growth = span;
        for value in &mut growth {
            *value = expm1(*value);
        }
        let mut inverse_span = [0.0; LANES];
        let mut inverse_time = [0.0; LANES];
        for p in 0..LANES {
            inverse_span[p] = 1.0 / span[p];
            inverse_time[p] = 1.0 / knots[N * LANES + p];
        }
        let mut whole = [0.0; N * LANES];
        let mut spans = [0.0; N * LANES];
        let mut growths = [0.0; N * LANES];
        for row in 0..N {
            let row = row * LANES..(row + 1) * LANES;
            whole[row.clone()].copy_from_slice(&inverse_time);
            spans[row.clone()].copy_from_slice(&inverse_span);
            growths[row].copy_from_slice(&growth);
        }
        for (i, knot) in knots[LANES..].iter_mut().enumerate() {
            *knot = straighten(*knot * whole[i], growths[i], spans[i]);
        }
        let differences = divide(&knots, &start, &ends);
        for p in 0..LANES {
            time[p] *= width[p];
        }
        Self { time, growth, inverse_span, start, knots, differences }
    }

    /// Doublings at times within a panel, of which `rate` and `shift` make fractions.
    #[inline(always)]
    fn invert<S: pulp::Simd>(
        &self,
        simd: S,
        panel: usize,
        times: &[f64],
        rate: f64,
        shift: f64,
        doublings: &mut [f64],
    ) {
        let (growth, inverse_span) = (self.growth[panel], self.inverse_span[panel]);
        for (times, doublings) in times.chunks(BLOCK).zip(doublings.chunks_mut(BLOCK)) {
            let mut mapped = [0.0; BLOCK];
            for (y, time) in mapped.iter_mut().zip(times) {
                *y = time.mul_add(rate, shift);
            }
            for y in &mut mapped {
                *y = straighten(y.clamp(0.0, 1.0), growth, inverse_span);
            }
            let mut x = [self.differences[(N - 1) * LANES + panel]; BLOCK];
            for j in (0..N).rev() {
                let before = if j == 0 { self.start[panel] } else { self.differences[(j - 1) * LANES + panel] };
                newton_step(simd, &mapped, self.knots[j * LANES + panel], before, &mut x);
            }
            doublings.copy_from_slice(&x[..doublings.len()]);
        }
    }
}

/// `line = coefficient * slope + offset`, lane by lane.
#[inline(always)]
fn set_line<S: pulp::Simd>(simd: S, coefficient: f64, slope: &Lanes, offset: &Lanes, line: &mut [f64]) {
    let c = simd.splat_f64s(coefficient);
    let ((slope, _), (offset, _)) = (S::as_simd_f64s(slope), S::as_simd_f64s(offset));
    for ((line, slope), offset) in S::as_mut_simd_f64s(line).0.iter_mut().zip(slope).zip(offset) {
        *line = simd.mul_add_f64s(c, *slope, *offset);
    }
}

/// `sum += coefficient * values`, lane by lane.
#[inline(always)]
fn add_scaled<S: pulp::Simd>(simd: S, coefficient: f64, values: &[f64], sum: &mut [f64]) {
    let c = simd.splat_f64s(coefficient);
    for (sum, value) in S::as_mut_simd_f64s(sum).0.iter_mut().zip(S::as_simd_f64s(values).0) {
        *sum = simd.mul_add_f64s(c, *value, *sum);
    }
}

/// A step of Newton's form: `x = x (y - knot) + before`.
#[inline(always)]
fn newton_step<S: pulp::Simd>(simd: S, y: &[f64; BLOCK], knot: f64, before: f64, x: &mut [f64; BLOCK]) {
    let (knot, before) = (simd.splat_f64s(knot), simd.splat_f64s(before));
    for (x, y) in S::as_mut_simd_f64s(x).0.iter_mut().zip(S::as_simd_f64s(y).0) {
        *x = simd.mul_add_f64s(*x, simd.sub_f64s(*y, knot), before);
    }
}

/// Divided differences (the coefficients of Newton's form, without the zeroth) of `start` at the first knot and `values`
/// at the others.
#[inline(always)]
fn divide(knots: &[f64; (N + 1) * LANES], start: &Lanes, values: &Table) -> Table {
    let mut table = [0.0; (N + 1) * LANES];
    table[..LANES].copy_from_slice(start);
    table[LANES..].copy_from_slice(values);
    let mut differences = [0.0; N * LANES];
    for order in 1..=N {
        let rest = (N + 1 - order) * LANES;
        for i in 0..rest {
            table[i] = (table[i + LANES] - table[i]) / (knots[i + order * LANES] - knots[i]);
        }
        differences[(order - 1) * LANES..order * LANES].copy_from_slice(&table[..LANES]);
    }
    differences
}

/// Maps a fraction of a panel's time so that difficulty is nearly proportional to it.
#[inline(always)]
fn straighten(fraction: f64, growth: f64, inverse_span: f64) -> f64 {
    let mapped = ln(growth.mul_add(fraction, 1.0)) * inverse_span;
    if growth == 0.0 { fraction } else { mapped }
}

/// Doublings at `time` (in first doublings) without a limit; `log_ratio` is the logarithm of the ratio of successive doubling times.
#[inline(always)]
pub(crate) fn unlimited_doublings(time: f64, log_ratio: f64) -> f64 {
    if log_ratio.abs() < 1e-200 {
        time
    } else if log_ratio < 1.0 {
        let progress = time * expm1(log_ratio);
        if progress <= -1.0 { f64::INFINITY } else { ln_1p(progress) / log_ratio }
    } else if time == 0.0 {
        0.0
    } else {
        // The same, with e^log_ratio taken out, which may overflow.
        (1.0 + ln(time + (1.0 - time) * exp(-log_ratio)) / log_ratio).max(0.0)
    }
}

/// Time (in first doublings) from `x0` to `x1` doublings without a limit.
#[inline(always)]
pub(crate) fn unlimited_time(x0: f64, x1: f64, log_ratio: f64) -> f64 {
    if log_ratio.abs() < 1e-200 {
        x1 - x0
    } else if log_ratio < 0.0 {
        exp(x0 * log_ratio) * (expm1((x1 - x0) * log_ratio) / expm1(log_ratio))
    } else {
        // (q^x1 - q^x0)/(q - 1) with the powers of q that may overflow taken out.
        exp((x1 - 1.0) * log_ratio) * (expm1((x0 - x1) * log_ratio) / expm1(-log_ratio))
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
