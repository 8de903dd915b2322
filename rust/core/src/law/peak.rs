//! The pace along a passage, hardware included: where it is highest, and where it first comes up to a target.
//!
//! `ln(dx/dt) = ln h - phi + ln G^lambda` up to a constant. Panels are short relative to what bends it, so that at most one peak
//! lies in each, or at a date at which hardware growth changes.

use crate::law::effort::Effort;
use crate::law::hardware::{Clock, Moment};
use crate::law::limit::Decline;
use crate::law::marks::{FAR, Mark, Passage};
use crate::numerics::crossing::crossing;
use crate::numerics::elementary::{exp, ln};

/// Panels after which they may grow with the way that lies behind, and by what share of it.
const MANY: usize = 4096;
const WIDEN: f64 = 0.5;

/// A mark and the moment at which it is reached.
#[derive(Debug, Clone, Copy)]
struct Point<P> {
    mark: Mark<P>,
    moment: Moment,
}

/// What the pace does from a point on.
enum Ahead {
    Falls,
    Rises,
    Unknown,
}

/// The pace along a path.
struct Ascent<'a, D, E> {
    path: &'a Passage<D, E>,
    clock: Clock<'a>,
    /// Effective time of the first doubling, years.
    first_doubling: f64,
}

/// How a walk along the pace ended.
enum End<P> {
    /// The pace is highest here.
    Peak(Point<P>),
    /// It is highest at the end of the way.
    Top,
    /// It rises without end, so far from here on.
    Endless(Point<P>),
    /// It comes up to the goal between these two.
    Goal(Point<P>, Point<P>),
}

/// Doublings at which the pace is highest from `start` on while they are at most `up_to`: `start` where it only falls, `up_to`
/// where it rises to the end; and whether it rises without end from some point on, when `up_to` is infinite.
/// `first_doubling` is in effective time, years.
pub(crate) fn peak_doublings<D: Decline, E: Effort>(
    path: &Passage<D, E>,
    clock: Clock<'_>,
    first_doubling: f64,
    start: (f64, Moment),
    up_to: f64,
) -> (f64, bool) {
    match (Ascent { path, clock, first_doubling }).walk(start, up_to, f64::INFINITY) {
        End::Peak(best) => (best.mark.place.doublings + 0.0, false),
        End::Endless(best) => (best.mark.place.doublings + 0.0, true),
        End::Top | End::Goal(..) => (up_to, false),
    }
}

/// Doublings, and the moment unless hardware stands still, at which the pace (doublings per year) first comes up to a target
/// from `start` on while they are at most `up_to`. It is below the target at the start.
pub(crate) fn first_at_target<D: Decline, E: Effort>(
    path: &Passage<D, E>,
    clock: Clock<'_>,
    first_doubling: f64,
    start: (f64, Moment),
    up_to: f64,
    target: f64,
) -> Option<(f64, Moment)> {
    let ascent = Ascent { path, clock, first_doubling };
    let goal = ln(target) + ln(first_doubling / path.unit) - path.peak;
    let End::Goal(from, to) = ascent.walk(start, up_to, goal) else { return None };
    let point = |z: f64| ascent.point(&from, path.mark(z));
    let z = crossing(from.mark.z, to.mark.z, 1.0, |z| exp(ascent.height(&point(z)) - goal));
    let at = point(z);
    Some((at.mark.place.doublings, at.moment))
}

impl<D: Decline, E: Effort> Ascent<'_, D, E> {
    /// Follows the pace from the start to its peak while doublings are at most `up_to`, or until it is as high as `goal`.
    fn walk(&self, (start, moment): (f64, Moment), up_to: f64, goal: f64) -> End<E::Place> {
        let path = self.path;
        // Where returns are down to e^-40 the pace has long passed its peak.
        let end = path.mark(path.decline.difficulty(up_to.min(FAR)).min(40.0 * path.decline.scale()));
        let mut at = Point { mark: path.mark(path.decline.difficulty(start)), moment };
        let mut best = at;
        let mut panels = 0;
        while at.mark.z < end.z {
            match self.from(&at) {
                Ahead::Falls => return End::Peak(best),
                Ahead::Rises if up_to == f64::INFINITY && goal == f64::INFINITY => return End::Endless(best),
                Ahead::Rises | Ahead::Unknown => {}
            }
            panels += 1;
            // On a way that long nothing changes quickly any more.
            let least = if panels > MANY { WIDEN * at.mark.z } else { 0.0 };
            let width = path.width(&at.mark).min(1.0 + at.mark.z);
            let next = if width < least { path.mark(at.mark.z + least) } else { path.ahead(&at.mark, width) };
            let next = if next.z < end.z && next.z > at.mark.z { next } else { end };
            let from = at;
            at = self.climb(&from, next, &mut best);
            if self.height(&best) >= goal {
                return End::Goal(from, best);
            }
        }
        if best.mark.z >= end.z { End::Top } else { End::Peak(best) }
    }

    fn rises(&self, at: &Point<E::Place>) -> bool {
        let (mark, growth_rate) = (&at.mark, self.clock.rate(&at.moment));
        let mut rise = -self.path.slope(mark);
        if growth_rate > 0.0 {
            let time_per_difficulty = exp(mark.phi - self.path.peak - at.moment.growth) / self.path.unit;
            rise += growth_rate * self.first_doubling * time_per_difficulty;
        }
        mark.place.returns > 0.0 && rise > mark.place.slope / mark.place.returns
    }

    fn height(&self, at: &Point<E::Place>) -> f64 {
        ln(self.path.decline.returns(at.mark.z)) - at.mark.phi + at.moment.growth
    }

    /// The point at a mark after `from`.
    fn point(&self, from: &Point<E::Place>, mark: Mark<E::Place>) -> Point<E::Place> {
        if self.clock.still() {
            return Point { mark, moment: from.moment };
        }
        let integral = self.path.integral(from.mark, mark);
        let time = self.path.scaled(integral) * self.first_doubling;
        let moment = if time < f64::INFINITY {
            self.clock.ahead(from.moment, time).0
        } else {
            self.clock.far_ahead(from.moment, self.path.log_scaled(integral) + ln(self.first_doubling)).0
        };
        Point { mark, moment }
    }

    /// Goes on to the mark `next`, or to just after the date at which hardware growth changes; `best` takes note of a peak on
    /// the way.
    fn climb(&self, at: &Point<E::Place>, next: Mark<E::Place>, best: &mut Point<E::Place>) -> Point<E::Place> {
        let point = |z: f64| self.point(at, self.path.mark(z));
        let mut next = self.point(at, next);
        let mut before = next;
        if next.moment.piece != at.moment.piece {
            let (last, first) = change(at.mark.z, next.mark.z, |z| point(z).moment.piece == at.moment.piece);
            (before, next) = (point(last), point(first));
        }
        let mut top = before;
        if self.rises(at) && !self.rises(&before) {
            top = point(change(at.mark.z, before.mark.z, |z| self.rises(&point(z))).0);
        }
        if self.height(&top) > self.height(best) {
            *best = top;
        }
        next
    }

    fn from(&self, at: &Point<E::Place>) -> Ahead {
        let needed = self.path.inverse_r;
        let (least, most) = self.path.effort.elasticities(&at.mark.effort);
        let place = at.mark.place;
        let (last, growth_rate) = self.clock.last();
        let unlimited = self.path.decline.limit() == f64::INFINITY;
        if unlimited && least >= needed && (least > needed || self.rises(at)) {
            return Ahead::Rises; // and hardware only adds to it
        }
        if at.moment.piece < last || (growth_rate > 0.0 && !unlimited) {
            return Ahead::Unknown;
        }
        if growth_rate > 0.0 {
            // With a fixed elasticity the pace goes to that of the hardware, from one side.
            let settled = most - least <= 1e-12;
            return match (settled, self.rises(at)) {
                (false, _) => Ahead::Unknown,
                (true, true) => Ahead::Rises,
                (true, false) => Ahead::Falls,
            };
        }
        let falls = most * place.returns <= needed + place.slope / place.returns / self.path.rate;
        if falls { Ahead::Falls } else { Ahead::Unknown }
    }
}

/// Where what holds at `low` and not at `high` ends: the last point found where it holds, and the first where it does not.
fn change(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> (f64, f64) {
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low, high)
}
