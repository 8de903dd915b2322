//! Time integrated over doublings: the passage of a path through its difficulty.
//!
//! Time in first doublings is
//!
//! ```text
//! t(z) = integral_0^z e^phi(z') dz' / integral_0^z1 e^phi(z') dz',   phi(z) = ln2 lambda (z/r - log2 E(x(z)))
//! ```
//!
//! with the difficulty `z` of `limit.rs`, the effort E of `effort.rs` and `x(z1) = 1`. A path is cut into panels on which
//! `phi` changes little and is smooth; a panel's time is one Gauss-Legendre sum (`panels.rs` inverts it).
//!
//! Work per panel is fixed, and panels per path grow with the logarithm of the time span: no step-size search, no
//! iteration, no event to be found. Since effort never falls, `phi` rises at most by `ln2 lambda / r` per unit of
//! difficulty: this bounds how far a path may leap over difficulties at which `e^phi` is negligible.

use crate::Cancel;
use crate::law::effort::Effort;
use crate::law::limit::Decline;
use crate::law::marks::{FAR, MOST_DOUBLINGS, Mark, Passage, SPAN};
use crate::law::panels::{LANES, Panels, count_up_to};
use crate::law::short::Short;
use crate::law::tables::{N, NODES, WEIGHTS};
use crate::numerics::elementary::{exp, exp_near, ln};

/// Doublings that are integrated side by side.
const BATCH: usize = 4;
/// The same where no more are left.
const SMALL: usize = 2;
/// `e^-HIDDEN` vanishes relative to 1 in f64, with a margin for what adds up over a long way.
const HIDDEN: f64 = 110.0;
/// Panels after which an integral looks ahead for where it has its weight.
const MANY: usize = 4096;

/// An integral, stored as `sum * e^scale`: it may lie outside the range of f64.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scaled {
    sum: f64,
    scale: f64,
}

impl<D: Decline, E: Effort> Passage<D, E> {
    /// `rate` is ln2 lambda.
    #[inline(always)]
    pub(crate) fn new(r: f64, rate: f64, decline: D, effort: E) -> Self {
        let mut path = Self { decline, effort, rate, inverse_r: 1.0 / r, peak: 0.0, unit: 1.0 };
        let end = decline.difficulty(1.0);
        if path.short() {
            let first = path.short_integrals(&[0.0], 0.0, &[end]);
            if first.exact[0] {
                path.unit = first.sums[0];
                return path;
            }
        }
        let first = path.integral(path.mark(0.0), path.mark(end));
        (path.peak, path.unit) = (first.scale, first.sum);
        path
    }

    /// Skips ahead from a mark while `phi` is certain to stay below `visible`; returns the mark from which it may not.
    #[inline(always)]
    fn leap(&self, from: Mark<E::Place>, visible: f64) -> Mark<E::Place> {
        if from.phi > visible - 1.0 { from } else { self.leap_far(from, visible) }
    }

    #[cold]
    #[inline(never)]
    fn leap_far(&self, from: Mark<E::Place>, visible: f64) -> Mark<E::Place> {
        let unlimited = self.decline.limit() == f64::INFINITY;
        let mut at = from;
        while at.phi <= visible - 1.0 && at.z < FAR {
            let least_elasticity = if unlimited { self.effort.elasticities(&at.effort).0 } else { 0.0 };
            let steepest = self.rate * (self.inverse_r - least_elasticity);
            // By one float at least: the step that phi asks for may be too small to change z.
            let step = ((visible - at.phi) / steepest).max(at.z * f64::EPSILON);
            at = self.mark(if steepest <= 0.0 { FAR } else { at.z + step });
        }
        at
    }

    /// Integral of `e^phi` from `start` to `end`.
    #[inline(always)]
    pub(crate) fn integral(&self, start: Mark<E::Place>, end: Mark<E::Place>) -> Scaled {
        let mut total = Scaled { sum: 0.0, scale: start.phi.max(end.phi) };
        let mut at = self.leap(start, total.scale - HIDDEN);
        let mut panels = 0;
        while at.z < end.z {
            if at.phi > total.scale + SPAN {
                total.sum *= exp(total.scale - at.phi);
                total.scale = at.phi;
            }
            let width = self.width(&at).min(end.z - at.z);
            let mut density = NODES;
            for value in &mut density {
                *value = self.decline.gain(at.place, width * *value);
            }
            self.effort.rises(&[at.effort], &mut density);
            for (value, node) in density.iter_mut().zip(NODES) {
                *value = exp_near(self.climb(width * node, *value));
            }
            let mut panel = 0.0;
            for i in 0..N {
                panel = WEIGHTS[i].mul_add(density[i], panel);
            }
            total.sum = (width * exp(at.phi - total.scale)).mul_add(panel, total.sum);
            let next = self.ahead(&at, width);
            if next.z >= end.z || next.z == at.z {
                break; // done, or the rest is narrower than the spacing of floats
            }
            at = self.leap(next, total.scale + ln(total.sum) - HIDDEN);
            panels += 1;
            if panels == MANY && at.z < end.z {
                at = self.leap_to_crest(at, &end, &mut total);
            }
        }
        if total.sum == 0.0 && start.z < end.z {
            total.sum = self.last(&start, &end);
        }
        total
    }

    /// Leaps to just before a later crest of `phi` if all up to the mark is negligible relative to it, and rescales `total`;
    /// else returns the mark as it is.
    #[cold]
    #[inline(never)]
    fn leap_to_crest(&self, at: Mark<E::Place>, end: &Mark<E::Place>, total: &mut Scaled) -> Mark<E::Place> {
        let phi = |log: f64| self.mark(exp(log)).phi;
        let (mut low, mut high) = (ln(at.z), ln(end.z));
        for _ in 0..200 {
            let third = (high - low) / 3.0;
            if phi(low + third) < phi(high - third) { low += third } else { high -= third }
        }
        let crest = self.mark(exp(0.5 * (low + high)).clamp(at.z, end.z));
        if crest.phi <= total.scale + 2.0 * HIDDEN {
            return at;
        }
        total.sum *= exp(total.scale - crest.phi);
        total.scale = crest.phi;
        self.leap(at, crest.phi - HIDDEN)
    }

    /// Estimates the integral in units of `e^phi` at `end`, where nearly all of it lies within one float of `end`.
    #[cold]
    #[inline(never)]
    fn last(&self, start: &Mark<E::Place>, end: &Mark<E::Place>) -> f64 {
        let slope = self.slope(end);
        if slope > 0.0 { (1.0 / slope).min(end.z - start.z) } else { end.z - start.z }
    }

    /// Integral from `x0` to `x1` doublings, both below the limit.
    #[inline(always)]
    pub(crate) fn between(&self, x0: f64, x1: f64) -> Scaled {
        let start = self.mark(self.decline.difficulty(x0));
        let end = self.mark(self.decline.difficulty(x1));
        self.integral(start, end)
    }

    /// Fills `times` with the durations of doublings 1, 2, ..., in first doublings, up to the batch that reaches the limit.
    /// Returns how many were filled.
    #[inline(always)]
    pub(crate) fn doubling_times(&self, limit: f64, times: &mut [f64], cancel: &Cancel) -> usize {
        if !self.short() {
            return 0;
        }
        let (mut done, mut from) = (0, (0.0, 0.0));
        while done < times.len() {
            let count = times.len() - done;
            let rest = &mut times[done..];
            let stop = cancel.raised_at(done / BATCH);
            let to = match count {
                _ if stop => None,
                1..=SMALL => self.some_doubling_times::<SMALL>(limit, done, from, rest),
                _ => self.some_doubling_times::<BATCH>(limit, done, from, rest),
            };
            let Some(to) = to else { return done };
            from = to;
            done += count.min(BATCH);
        }
        done
    }

    /// Fills the times of up to `B` doublings after the first `done`, which end at difficulty `start` with this `phi`. Returns
    /// both after `B` doublings, or `None` if these reach the limit.
    #[inline(always)]
    fn some_doubling_times<const B: usize>(
        &self,
        limit: f64,
        done: usize,
        (start, phi): (f64, f64),
        times: &mut [f64],
    ) -> Option<(f64, f64)> {
        if (done + B) as f64 >= limit {
            return None;
        }
        let mut ends = [0.0; B];
        for (i, end) in ends.iter_mut().enumerate() {
            *end = self.decline.difficulty((done + i + 1) as f64);
        }
        let starts: [f64; B] = std::array::from_fn(|i| if i == 0 { start } else { ends[i - 1] });
        let Short { sums, scales, exact, end } = self.short_integrals(&starts, phi, &ends);
        for (i, time) in times.iter_mut().take(B).enumerate() {
            *time = self.scaled(if exact[i] {
                Scaled { sum: sums[i], scale: scales[i] }
            } else {
                self.integral(self.mark(starts[i]), self.mark(ends[i]))
            });
        }
        Some((ends[B - 1], end))
    }

    /// An integral as a time in first doublings.
    #[inline(always)]
    pub(crate) fn scaled(&self, time: Scaled) -> f64 {
        // In two factors: the difference of the scales may leave the range of exp where the product does not.
        let half = exp((time.scale - self.peak) * 0.5);
        time.sum / self.unit * half * half
    }

    /// Logarithm of an integral as a time in first doublings.
    pub(crate) fn log_scaled(&self, time: Scaled) -> f64 {
        ln(time.sum / self.unit) + (time.scale - self.peak)
    }

    /// Pace at `x` doublings, in doublings per first doubling's time: a factor and the logarithm of another.
    #[inline(always)]
    pub(crate) fn pace(&self, x: f64) -> (f64, f64) {
        let z = self.decline.difficulty(x);
        let phi = self.rate * z.mul_add(self.inverse_r, -self.effort.doublings(self.decline.doublings(z)));
        (self.decline.returns(z) * self.unit, self.peak - phi)
    }

    /// `d ln pace / dx` at `x` doublings.
    #[inline(always)]
    pub(crate) fn pace_slope(&self, x: f64) -> f64 {
        let at = self.mark(self.decline.difficulty(x));
        // place.returns is h, place.slope is -dh/dz, and self.slope is dphi/dz.
        let returns = at.place.returns.max(f64::MIN_POSITIVE);
        -(self.slope(&at) + at.place.slope / returns) / returns
    }

    /// Fills `doublings` with those reached at ascending `times` after `start` doublings, at most `limit`. `first_doubling` has
    /// the unit of `times`, which span at most 1e100 of it.
    #[inline(always)]
    pub(crate) fn doublings_at<S: pulp::Simd>(
        &self,
        simd: S,
        start: f64,
        times: &[f64],
        first_doubling: f64,
        limit: f64,
        doublings: &mut [f64],
    ) {
        let scaled_per_time = self.unit / first_doubling;
        let mut at = self.mark(self.decline.difficulty(start));
        // Skips the beginning where e^(phi - peak) < e^-700: it takes less than 1e-300 of the first doubling's time.
        at = self.leap(at, self.peak - 700.0);
        let mut t = 0.0; // scaled time at the mark
        let mut density = exp(at.phi - self.peak);
        let mut panels = Panels::EMPTY;
        let mut done = count_up_to(times, 0.0);
        doublings[..done].fill(start);
        while done < times.len() {
            if at.place.returns < f64::EPSILON || at.z >= FAR || at.place.doublings >= limit.min(MOST_DOUBLINGS) {
                break; // nearer to the limit than f64 can tell, beyond a singularity or f64, or at an abrupt limit
            }
            let mut marks = [at; LANES + 1];
            for panel in 0..LANES {
                marks[panel + 1] = self.beyond(&marks[panel], self.width(&marks[panel]));
            }
            panels.fill(simd, self, &mut marks);
            for panel in 0..LANES {
                let (from, to) = (&marks[panel], &marks[panel + 1]);
                // Where phi leaps from one float to the next, its exponential is not that of the panel's table.
                let leaps = (to.phi - from.phi).abs() > 2.0 * SPAN;
                let time = if leaps {
                    (to.z - from.z) * exp(from.phi.max(to.phi) - self.peak)
                } else {
                    panels.time[panel] * density
                };
                let end = t + time;
                let last = done + count_up_to(&times[done..], end / scaled_per_time);
                panels.invert(simd, panel, times, done..last, (scaled_per_time / time, -t / time), doublings);
                done = last;
                t = end;
                density *= panels.climb[panel];
                at = self.leap(*to, self.peak + ln(t) - HIDDEN);
                if leaps || at.z != to.z {
                    density = exp(at.phi - self.peak);
                    break;
                }
                if done == times.len() {
                    break;
                }
            }
        }
        doublings[done..].fill(limit);
        if self.decline.limit() > limit {
            for x in doublings.iter_mut() {
                *x = x.min(limit);
            }
        }
    }

    /// Time from `start` doublings until the level becomes infinite, in first doublings; infinite if never.
    pub(crate) fn singular_time(&self, start: f64) -> f64 {
        let bounded = self.decline.limit() < f64::INFINITY;
        if bounded || self.effort.final_elasticity() <= self.inverse_r {
            f64::INFINITY
        } else {
            self.scaled(self.between(start, FAR))
        }
    }
}
