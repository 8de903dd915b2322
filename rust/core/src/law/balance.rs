//! The fastest window around a peak of the pace, on fixed hardware.
//!
//! While a window of fixed length moves on, the doublings in it grow by the pace at its end less that at its start. Most are in
//! the window with the same pace at both ends, one on either side of the peak:
//!
//! ```text
//! ln p(b) - ln p(a) = 0,    integral_a^b e^phi dz = within
//! ```
//!
//! Newton's method solves the two equations, each step at the price of one integral.

use crate::law::effort::Effort;
use crate::law::limit::Decline;
use crate::law::marks::{Mark, Passage};
use crate::numerics::elementary::{exp, ln, ln_1p};

/// Steps after which there is none to be found.
const MOST_STEPS: usize = 20;
/// A step that changes logarithms by less than this is the last: what the second order leaves is its third power.
const SMALL: f64 = 1e-4;
/// Share of the window that the last step may be.
const NARROW: f64 = 1e-3;
/// Windows in which the pace changes by less than the square of this have no balance that could be told.
const FLAT: f64 = 1e-6;

/// A window, in difficulty and first doublings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Balanced {
    /// Difficulties at its ends.
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Doublings gained in it.
    pub(crate) gained: f64,
}

impl<D: Decline, E: Effort> Passage<D, E> {
    /// The window of `within` first doublings around the peak of the pace at difficulty `crest`, if there is one after the
    /// start.
    #[inline(always)]
    pub(crate) fn balanced(&self, crest: f64, within: f64) -> Option<Balanced> {
        let top = self.mark(crest);
        let widest = within / self.density(&top);
        let offset = 1e-3 * (1.0 + crest);
        let bend = self.ascent(&self.mark(crest + offset)) / -offset;
        let flatness = 0.5 * widest * bend.sqrt();
        if flatness < FLAT {
            let gained = self.decline.doublings(crest + 0.5 * widest) - self.decline.doublings(crest - 0.5 * widest);
            return Some(Balanced { from: crest - 0.5 * widest, to: crest + 0.5 * widest, gained });
        }
        let (mut from, mut to) = self.guess(&top, flatness, bend);
        for _ in 0..MOST_STEPS {
            let (start, end) = (self.mark(from), self.mark(to));
            let time = self.scaled(self.integral(start, end));
            let (early, late) = (self.density(&start), self.density(&end));
            let (rise, fall) = (self.ascent(&start), self.ascent(&end));
            let apart = self.height(&end) - self.height(&start);
            // The logarithm of a time that is far off is nearer to a straight line.
            let excess = time * ln(time / within);
            let determinant = fall * early - rise * late;
            let first = (fall * excess - late * apart) / determinant;
            let last = (rise * excess - early * apart) / determinant;
            let width = to - from;
            if !(first.is_finite() && last.is_finite()) || (from == 0.0 && first < 0.0) {
                return None;
            }
            let step = first.abs() + last.abs();
            if step * bend.sqrt() < SMALL && rise * first.abs() - fall * last.abs() < SMALL && step < NARROW * width {
                let (from, to) = (from + first, to + last);
                let more = late * last * (1.0 + 0.5 * self.slope(&end) * last);
                let less = early * first * (1.0 + 0.5 * self.slope(&start) * first);
                let rest = (within - (time + more - less)) / late * end.place.returns;
                let gained = self.decline.doublings(to) - self.decline.doublings(from) + rest;
                return Some(Balanced { from, to, gained });
            }
            from = if from + first < crest { (from + first).max(0.0) } else { 0.5 * (from + crest) };
            to = if to + last > crest { to + last } else { 0.5 * (to + crest) };
        }
        None
    }

    /// Ends of a window over which the pace falls as far as that of a peak that is a parabola to the logarithm.
    #[inline(always)]
    fn guess(&self, top: &Mark<E::Place>, flatness: f64, bend: f64) -> (f64, f64) {
        // integral_0^y e^(v^2/2) dv = flatness, with v^2/2 the drop.
        let drop = ln_1p(0.5 * flatness * flatness);
        let drop = ln_1p(0.5 * flatness * (2.0 * drop).sqrt());
        let height = self.height(top) - drop;
        let half = (2.0 * drop / bend).sqrt();
        let (mut from, mut to) = ((top.z - half).max(0.0), top.z + half);
        for _ in 0..2 {
            let (start, end) = (self.mark(from), self.mark(to));
            let (first, last) = (height - self.height(&start), height - self.height(&end));
            from = (from + first / self.ascent(&start)).clamp(0.0, 0.5 * (from + top.z));
            to = (to + last / self.ascent(&end)).max(0.5 * (to + top.z));
        }
        (from, to)
    }

    /// Logarithm of the pace up to a constant.
    #[inline(always)]
    fn height(&self, at: &Mark<E::Place>) -> f64 {
        self.decline.log_returns(at.z) - at.phi
    }

    /// `d ln p / dz`.
    #[inline(always)]
    fn ascent(&self, at: &Mark<E::Place>) -> f64 {
        -(self.slope(at) + at.place.slope / at.place.returns)
    }

    /// First doublings per difficulty.
    #[inline(always)]
    fn density(&self, at: &Mark<E::Place>) -> f64 {
        exp(at.phi - self.peak) / self.unit
    }
}
