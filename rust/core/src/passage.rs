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
/// Largest distance of `phi` from its chord in a panel; bounds the error of the inversion (below 1e-11 doublings).
const BULGE: f64 = 0.05;
/// Largest panel in units of the decline's scale.
const REACH: f64 = 0.5;
/// Below this change of `phi`, a panel's time is near enough to linear for the polynomial alone.
const FLAT: f64 = 0.02;
/// `e^-HIDDEN` vanishes beside 1 in f64, with a wide margin.
const HIDDEN: f64 = 100.0;
/// Times that are inverted together.
const LANES: usize = 8;

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
    pub(crate) fn doublings_at(&self, times: &[f64], first_doubling: f64, limit: f64, doublings: &mut [f64]) {
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
            let width = self.width(at);
            let next = self.mark(at.z + width);
            let panel = Panel::new(self, at, next, self.peak);
            let end = t + panel.time;
            let last = done + count_up_to(&times[done..], end / unit);
            let rate = 1.0 / panel.time;
            let mut lane = [0.0; LANES];
            for (ts, xs) in times[done..last].chunks(LANES).zip(doublings[done..last].chunks_mut(LANES)) {
                for (fraction, time) in lane.iter_mut().zip(ts) {
                    *fraction = time.mul_add(unit, -t) * rate;
                }
                for (x, found) in xs.iter_mut().zip(panel.invert(&lane)) {
                    *x = found;
                }
            }
            done = last;
            t = end;
            at = self.skip(next, self.peak, t);
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

/// One panel, ready to be inverted.
struct Panel {
    /// Scaled time that the panel takes.
    time: f64,
    /// Change of `phi` over the panel, 0 where it is taken as flat.
    span: f64,
    /// `e^span - 1`.
    growth: f64,
    /// Doublings at the panel's start.
    start: f64,
    /// Mapped partial times, from above 0 to 1.
    knots: [f64; N],
    /// Divided differences of the doublings over 0 and the knots, without the zeroth.
    differences: [f64; N],
}

impl Panel {
    #[inline(always)]
    fn new<D: Decline>(path: &Passage<D>, start: Mark, end: Mark, scale: f64) -> Self {
        let width = end.z - start.z;
        let density = path.density(start.z, width, scale);
        let mut time = 0.0;
        let mut knots = [0.0; N];
        for i in 0..N {
            time = WEIGHTS[i].mul_add(density[i], time);
            for j in 0..N {
                knots[j] = PARTIAL[i][j].mul_add(density[i], knots[j]);
            }
        }
        let span = end.phi - start.phi;
        let (span, growth) = if span.abs() < FLAT { (0.0, 0.0) } else { (span, expm1(span)) };
        let inverse_time = 1.0 / knots[N - 1];
        let mut differences = ENDS;
        for j in 0..N {
            knots[j] *= inverse_time;
            differences[j] = path.decline.doublings(width.mul_add(ENDS[j], start.z));
        }
        straighten(&mut knots, span, growth);
        divide(&knots, start.doublings, &mut differences);
        Self { time, span, growth, start: start.doublings, knots, differences }
    }

    /// Doublings at fractions of the panel's time.
    #[inline(always)]
    fn invert(&self, fractions: &[f64; LANES]) -> [f64; LANES] {
        let mut mapped = *fractions;
        straighten(&mut mapped, self.span, self.growth);
        let mut x = [self.differences[N - 1]; LANES];
        for j in (0..N).rev() {
            let (knot, coefficient) =
                if j == 0 { (0.0, self.start) } else { (self.knots[j - 1], self.differences[j - 1]) };
            for (value, y) in x.iter_mut().zip(&mapped) {
                *value = value.mul_add(y - knot, coefficient);
            }
        }
        x
    }
}

/// Turns values at the knots, and `first` at 0, into their divided differences (the coefficients of Newton's form).
///
/// The table is padded to whole vectors, so that each order is one straight loop.
#[inline(always)]
fn divide(knots: &[f64; N], first: f64, values: &mut [f64; N]) {
    let mut table = [0.0; 2 * N];
    let mut places = [0.0; 3 * N];
    table[0] = first;
    table[1..=N].copy_from_slice(values);
    places[1..=N].copy_from_slice(knots);
    for (i, place) in places.iter_mut().enumerate().skip(N + 1) {
        *place = i as f64; // any distinct places do beyond the knots
    }
    for order in 1..=N {
        for block in 0..N.div_ceil(LANES) {
            let start = block * LANES;
            if start + order > N {
                break;
            }
            for i in start..start + LANES {
                table[i] = (table[i + 1] - table[i]) / (places[i + order] - places[i]);
            }
        }
        values[order - 1] = table[0];
    }
}

/// Maps fractions of a panel's time so that difficulty is nearly proportional to them.
#[inline(always)]
fn straighten<const M: usize>(fractions: &mut [f64; M], span: f64, growth: f64) {
    if span != 0.0 {
        let scale = 1.0 / span;
        for y in fractions {
            *y = ln(growth.mul_add(*y, 1.0)) * scale;
        }
    }
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
