//! The fastest window of a path: most doublings within a time.
//!
//! While a window of fixed length moves on, the doublings in it grow by the pace at its end less that at its start. Where the
//! form of the pace is known, the fastest window is the first, the last, or the one around the peak whose ends have the same
//! pace (`balance.rs`). Elsewhere windows that start at the points of a grid tell between which of them the difference of the
//! paces turns, and a bracketed search solves for it.
//!
//! Doublings at given times are interpolated to 1e-8 or so. What is gained in a window is therefore solved for from its start:
//! the doublings that take exactly its time.

use crate::law::balance::Balanced;
use crate::law::calls::Calls;
use crate::law::effort::Effort;
use crate::law::form::Form;
use crate::law::hardware::Moment;
use crate::law::limit::{Decline, LimitShape};
use crate::law::marks::Passage;
use crate::law::path::{Course, Path};
use crate::numerics::elementary::{exp, expm1, ln};
use pulp::{Simd, WithSimd};

/// Starts tried in the length of a window where the pace may have several peaks.
const STARTS: f64 = 8.0;
/// The most of them.
const MOST_STARTS: f64 = 512.0;
/// Starts tried where it has one peak.
const FEW_STARTS: f64 = 12.0;
/// Newton's method is done after a step below this share of the doublings, since the next would be its square.
const CLOSE: f64 = 1e-8;
/// Share of a window's length by which the time may be off for a step to tell how far.
const NEAR: f64 = 1e-3;
/// A window is the fastest when another near it can have more by this share at most.
const BEST: f64 = 1e-12;
/// A bound of what interpolation makes of the doublings in a window, as a share.
const INTERPOLATED: f64 = 1e-6;
/// Logarithm of the pace over the length of the course above which rounding may tell a singularity before the horizon from
/// one after it.
const NEARLY_SINGULAR: f64 = 14.0;
/// Least share of a bracket that is cut off.
const LEAST_SHARE: f64 = 1e-3;
/// Iterations of a bracketed search.
const MOST_STEPS: usize = 200;

impl Path<'_> {
    /// Most doublings gained within a time (years) between the start and the horizon; infinite where the path is singular by
    /// then.
    #[inline(always)]
    pub(crate) fn most_doublings<S: Simd>(&self, simd: S, within: f64, horizon: f64) -> f64 {
        let calls = Calls { path: self, simd };
        let abrupt = self.shape == LimitShape::Abrupt && self.limit.is_finite();
        let end = if abrupt && within < horizon { calls.time_at(self.limit).min(horizon) } else { horizon };
        let windows = Windows { calls, within, end };
        if within >= end {
            return if end < horizon { self.limit } else { windows.all() };
        }
        match self.form() {
            Form::Valley => windows.first_or_last(),
            Form::Peak if self.clock.still() => windows.around_crest(),
            Form::Peak => windows.search(FEW_STARTS),
            Form::Any => windows.search((STARTS * end / within).ceil().min(MOST_STARTS)),
        }
    }
}

/// Windows of one length along a path.
#[derive(Debug, Clone, Copy)]
struct Windows<'a, 'b, S> {
    calls: Calls<'a, 'b, S>,
    /// Their length, years.
    within: f64,
    /// Time at which the last of them ends: the horizon, or an abrupt limit before.
    end: f64,
}

/// What is gained in a window.
#[derive(Debug, Clone, Copy)]
struct Window {
    gained: f64,
    /// Logarithm of the pace at its end over that at its start: the rate at which more is gained in a later window.
    lead: f64,
    /// Doublings at its end.
    to: f64,
}

impl<S: Simd> Windows<'_, '_, S> {
    /// All doublings of the course.
    #[inline(always)]
    fn all(&self) -> f64 {
        let [all] = self.calls.doublings([self.end]);
        if self.singular(all) { f64::INFINITY } else { all }
    }

    /// The fastest window where the pace has no peak but at the start and the end.
    #[inline(always)]
    fn first_or_last(&self) -> f64 {
        let start = self.end - self.within;
        let ascending = self.within <= start;
        let (early, late) = if ascending { (self.within, start) } else { (start, self.within) };
        let [early, late, all] = self.calls.doublings([early, late, self.end]);
        if self.singular(all) {
            return f64::INFINITY;
        }
        let (to, from) = if ascending { (early, late) } else { (late, early) };
        let (first, last) = (to, all - from);
        let near = INTERPOLATED * all;
        let mut most = 0.0;
        if first >= last - near {
            most = self.window(0.0, 0.0, to).gained;
        }
        if last >= first - near {
            most = self.window(start, from, all).gained.max(most);
        }
        most
    }

    /// The fastest window where the pace has one peak, on fixed hardware.
    #[inline(always)]
    fn around_crest(&self) -> f64 {
        let path = self.calls.path;
        let crest = path.crest();
        if crest == 0.0 {
            let [to] = self.calls.doublings([self.within]);
            return self.window(0.0, 0.0, to).gained;
        }
        if crest < path.limit && self.calls.time_at(crest) < self.end {
            let within = self.within / path.first_effective;
            let balanced = match &path.course {
                Course::Limited(passage) => self.calls.simd.vectorize(Balance { passage, crest, within }),
                Course::Compute(passage) => self.calls.simd.vectorize(Balance { passage, crest, within }),
                Course::LimitedCompute(passage) => self.calls.simd.vectorize(Balance { passage, crest, within }),
                _ => None,
            };
            let Some((from, to, gained)) = balanced else { return self.search(FEW_STARTS) };
            if to <= path.limit && self.calls.time_at(from) + self.within <= self.end {
                return gained;
            }
        }
        let start = self.end - self.within;
        let [from, to] = self.calls.doublings([start, self.end]);
        if self.singular(to) { f64::INFINITY } else { self.window(start, from, to).gained }
    }

    /// Whether the path, of which `x` doublings are at the end, is singular by then.
    #[inline(always)]
    fn singular(&self, x: f64) -> bool {
        let path = self.calls.path;
        if x == f64::INFINITY {
            return true;
        }
        if path.limit.is_finite() || path.criticality() <= 1.0 {
            return false;
        }
        let log_pace = self.calls.log_pace_at(x, path.clock.after(Moment::default(), self.end).0);
        log_pace + ln(self.end) > NEARLY_SINGULAR && self.calls.time_at(f64::INFINITY) <= self.end
    }

    #[inline(always)]
    fn search(&self, count: f64) -> f64 {
        self.calls.simd.vectorize(Search { windows: *self, count })
    }

    /// The window that starts at a time, where doublings are about `from`, and ends at about `to`.
    #[inline(always)]
    fn window(&self, start: f64, from: f64, to: f64) -> Window {
        self.calls.simd.vectorize(Solve { windows: *self, start, from, to })
    }

    /// The fastest of the windows that start at the points of a grid, and of those between them.
    #[inline(always)]
    fn searched(&self, count: f64) -> f64 {
        let grid = self.grid(count);
        let (first, last) = (&grid[0], &grid[grid.len() - 1]);
        if self.singular(last.to) {
            return f64::INFINITY;
        }
        let about = grid.iter().fold(0.0, |most: f64, tried| most.max(tried.gained())) * (1.0 - INTERPOLATED);
        let mut most: f64 = 0.0;
        for pair in grid.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            if before.lead() > 0.0 && after.lead() <= 0.0 && before.bound(after) >= most.max(about) {
                most = most.max(self.between(before, after));
            }
        }
        // The first and the last, and the best if the pace has peaks closer to each other than the points of the grid.
        let best = grid.iter().max_by(|a, b| a.gained().total_cmp(&b.gained()));
        let hidden = best.filter(|_| most < about);
        let ends = [(first, first.lead() <= 0.0), (last, last.lead() >= 0.0)];
        let ends = ends.into_iter().filter_map(|(tried, fastest)| fastest.then_some(tried));
        for tried in ends.chain(hidden) {
            most = most.max(self.window(tried.start, tried.from, tried.to).gained);
        }
        most
    }

    /// Windows that start at equal distances, and at the dates at which hardware growth changes or that long before.
    #[inline(always)]
    fn grid(&self, count: f64) -> Vec<Tried> {
        let path = self.calls.path;
        let span = self.end - self.within;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a small number of windows
        let mut starts: Vec<f64> = (0..=count as u32).map(|k| span * (f64::from(k) / count)).collect();
        let dates = path.clock.changes().flat_map(|date| [date, date - self.within]);
        starts.extend(dates.filter(|start| (0.0..=span).contains(start)));
        starts.sort_by(f64::total_cmp);
        starts.dedup();
        let ends = starts.iter().map(|start| if *start == span { self.end } else { start + self.within });
        let mut times: Vec<(f64, usize)> = starts.iter().copied().chain(ends).zip(0..).collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let ascending: Vec<f64> = times.iter().map(|(time, _)| *time).collect();
        let mut doublings = vec![0.0; times.len()];
        self.calls.doublings_at(&ascending, &mut doublings);
        let mut places = vec![(0.0, 0.0); times.len()];
        for ((time, i), x) in times.iter().zip(doublings) {
            let moment = path.clock.after(Moment::default(), *time).0;
            places[*i] = (x, self.calls.log_pace_at(self.before_limit(x), moment));
        }
        let (at_start, at_end) = places.split_at(starts.len());
        let tried = |(i, start): (usize, &f64)| {
            let ((from, log_from), (to, log_to)) = (at_start[i], at_end[i]);
            Tried { start: *start, from, to, log_paces: (log_from, log_to) }
        };
        starts.iter().enumerate().map(tried).collect()
    }

    /// Most doublings in a window between two of which the first starts too early and the second too late.
    #[inline(always)]
    fn between(&self, before: &Tried, after: &Tried) -> f64 {
        let (moment, from) = self.at(before.start, before.from);
        let mut low = (from, before.lead());
        let mut high = (after.from.max(from), after.lead());
        let mut guess = before.to;
        let mut most: f64 = 0.0;
        for _ in 0..MOST_STEPS {
            let share = (low.1 / (low.1 - high.1)).clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
            let middle = share.mul_add(high.0 - low.0, low.0);
            if !(middle > low.0 && middle < high.0) {
                break;
            }
            let still = self.calls.path.clock.still();
            let there = if still { moment } else { self.calls.ahead(moment, from, middle).0 };
            let window = self.calls.simd.vectorize(Gain { windows: *self, moment: there, from: middle, to: guess });
            guess = window.to;
            most = most.max(window.gained);
            // More is gained at most by the lead that is left all the way to the end of the bracket.
            let rest = if window.lead > 0.0 { high.0 - middle } else { middle - low.0 };
            if expm1(window.lead).abs() * rest <= BEST * most {
                break;
            }
            // Where one end stays, its weight is halved (the Illinois method).
            if window.lead > 0.0 {
                low = (middle, window.lead);
                high.1 *= 0.5;
            } else {
                high = (middle, window.lead);
                low.1 *= 0.5;
            }
        }
        most
    }

    /// The moment of a time and the doublings there, which are about `x`.
    #[inline(always)]
    fn at(&self, time: f64, x: f64) -> (Moment, f64) {
        let path = self.calls.path;
        if time == 0.0 {
            return (Moment::default(), 0.0);
        }
        let mut x = x;
        for _ in 0..MOST_STEPS {
            let (there, _) = self.calls.ahead(Moment::default(), 0.0, x);
            let step = newton_step(there.time, time, self.calls.log_pace_at(x, there));
            // Near a limit neither the time nor the pace has digits left.
            if step.is_nan() || step.abs() > INTERPOLATED * (1.0 + x) {
                break;
            }
            x = (x + step).clamp(0.0, path.limit);
            if step.abs() <= CLOSE * (1.0 + x) {
                break;
            }
        }
        (path.clock.after(Moment::default(), time).0, x)
    }

    /// What is gained in the window that starts at a moment and doublings, and ends at about `to`.
    #[inline(always)]
    fn gained(&self, moment: Moment, from: f64, to: f64) -> Window {
        let limit = self.calls.path.limit;
        let (mut low, mut high) = (from, limit);
        let mut x = self.before_limit(to).clamp(from, limit);
        let start = self.calls.log_pace_at(from, moment);
        let mut lead = 0.0;
        for _ in 0..MOST_STEPS {
            let (end, years) = self.calls.ahead(moment, from, x);
            let log_pace = self.calls.log_pace_at(x, end);
            lead = log_pace - start;
            let step = newton_step(years, self.within, log_pace);
            let near = (years - self.within).abs() <= NEAR * self.within;
            if near && step.abs() <= CLOSE * (x - from) {
                return Window { gained: (x - from + step).min(limit - from), lead, to: x };
            }
            if years < self.within {
                low = x;
            } else {
                high = x;
            }
            let next = x + step;
            let middle = if high < f64::INFINITY { 0.5 * (low + high) } else { 2.0 * low + 1.0 };
            x = if next > low && next < high { next } else { middle };
            if x <= low || x >= high {
                break; // nearer to the limit than f64 can tell
            }
        }
        Window { gained: low - from, lead, to: low }
    }

    /// Doublings as far below a limit that is approached as f64 can tell at least.
    #[inline(always)]
    fn before_limit(&self, x: f64) -> f64 {
        let path = self.calls.path;
        let approached = path.shape == LimitShape::Linear && path.limit.is_finite();
        if approached { x.min(path.limit * (1.0 - 4.0 * f64::EPSILON)) } else { x }
    }
}

/// A step of Newton's method towards the doublings that take `time` instead of `years`.
#[inline(always)]
fn newton_step(years: f64, time: f64, log_pace: f64) -> f64 {
    // Before a limit the years rise ever more steeply, and their logarithm is nearer to a straight line.
    let missing = if years > time { years * ln(time / years) } else { time - years };
    missing * exp(log_pace)
}

/// A window of the grid, with interpolated doublings.
#[derive(Debug, Clone, Copy)]
struct Tried {
    start: f64,
    from: f64,
    to: f64,
    log_paces: (f64, f64),
}

impl Tried {
    fn gained(&self) -> f64 {
        self.to - self.from
    }

    /// As that of [`Window`].
    fn lead(&self) -> f64 {
        self.log_paces.1 - self.log_paces.0
    }

    /// Bound of what is gained in a window between this one and the next.
    fn bound(&self, next: &Self) -> f64 {
        next.to - self.from
    }
}

/// A call of [`Windows::searched`].
struct Search<'a, 'b, S> {
    windows: Windows<'a, 'b, S>,
    count: f64,
}

impl<S: Simd> WithSimd for Search<'_, '_, S> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<T: Simd>(self, _: T) -> f64 {
        self.windows.searched(self.count)
    }
}

/// A call of [`Windows::at`] and [`Windows::gained`].
struct Solve<'a, 'b, S> {
    windows: Windows<'a, 'b, S>,
    start: f64,
    from: f64,
    to: f64,
}

impl<S: Simd> WithSimd for Solve<'_, '_, S> {
    type Output = Window;

    #[inline(always)]
    fn with_simd<T: Simd>(self, _: T) -> Window {
        let (moment, from) = self.windows.at(self.start, self.from);
        self.windows.gained(moment, from, self.to)
    }
}

/// A call of [`Windows::gained`].
struct Gain<'a, 'b, S> {
    windows: Windows<'a, 'b, S>,
    moment: Moment,
    from: f64,
    to: f64,
}

impl<S: Simd> WithSimd for Gain<'_, '_, S> {
    type Output = Window;

    #[inline(always)]
    fn with_simd<T: Simd>(self, _: T) -> Window {
        self.windows.gained(self.moment, self.from, self.to)
    }
}

/// A call of [`Passage::balanced`], which gives back doublings at both ends and those gained.
struct Balance<'a, D, E> {
    passage: &'a Passage<D, E>,
    /// Doublings at the peak.
    crest: f64,
    /// First doublings.
    within: f64,
}

impl<D: Decline, E: Effort> WithSimd for Balance<'_, D, E> {
    type Output = Option<(f64, f64, f64)>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        let decline = self.passage.decline;
        let balanced = self.passage.balanced(decline.difficulty(self.crest), self.within);
        balanced.map(|Balanced { from, to, gained }| (decline.doublings(from), decline.doublings(to), gained))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::automation::Automation;
    use crate::law::hardware::{Clock, HardwareGrowth};
    use crate::law::path::Compute;
    use crate::numerics::crossing::crossing;
    use proptest::prelude::*;
    use std::f64::consts::LN_2;

    fn pieces(growth: &[(f64, f64)]) -> Vec<HardwareGrowth> {
        let piece = |(since, doubling_time): &(f64, f64)| HardwareGrowth {
            since: vec![*since].into(),
            doubling_time: vec![*doubling_time].into(),
        };
        growth.iter().map(piece).collect()
    }

    fn path(
        r: f64,
        limit: (f64, LimitShape),
        labor: Option<Automation>,
        effort: Option<Compute>,
        hardware: &[HardwareGrowth],
    ) -> Path<'_> {
        Path::new(r, 0.1, 0.8, limit, labor, effort, Clock::new(hardware, 0, 0.8 * LN_2))
    }

    /// What is gained in a window that starts at `x` doublings, and when it ends.
    fn gained(path: &Path, x: f64, within: f64) -> (f64, f64) {
        let end = path.time_at(x) + within;
        let mut high = 1.0;
        while high < path.limit && path.time_at(x + high) < end {
            high *= 2.0;
        }
        high = high.min(path.limit - x);
        if path.time_at(x + high) < end {
            return (high, end); // stopped at an abrupt limit
        }
        (crossing(0.0, high, end, |gain| path.time_at(x + gain)), end)
    }

    fn limit_time(path: &Path) -> f64 {
        let ends = path.shape == LimitShape::Abrupt && path.limit.is_finite();
        if ends { path.time_at(path.limit) } else { f64::INFINITY }
    }

    fn singular_time(path: &Path) -> f64 {
        if path.limit.is_finite() { f64::INFINITY } else { path.time_at(f64::INFINITY) }
    }

    /// Most doublings by a scan over all windows and a golden section around the best.
    fn scanned(path: &Path, within: f64, horizon: f64) -> f64 {
        let before = |time: f64| if limit_time(path) < time { path.limit } else { gained(path, 0.0, time).0 };
        let last = before((horizon.min(limit_time(path)) - within).max(0.0));
        let gain = |x: f64| gained(path, x.clamp(0.0, last), within).0;
        let step = last / 60.0;
        let best = (0..=60).map(|i| step * f64::from(i)).max_by(|a, b| gain(*a).total_cmp(&gain(*b))).unwrap_or(0.0);
        let (mut low, mut high) = ((best - step).max(0.0), (best + step).min(last));
        for _ in 0..25 {
            let (a, b) = (0.382_f64.mul_add(high - low, low), 0.618_f64.mul_add(high - low, low));
            if gain(a) > gain(b) { high = b } else { low = a }
        }
        gain(0.5 * (low + high)).max(gain(0.0)).max(gain(last))
    }

    fn close(path: &Path, within: f64, horizon: f64) {
        let found = path.most_doublings(pulp::Scalar, within, horizon);
        let expected = scanned(path, within, horizon);
        assert!((found - expected).abs() <= 1e-10 * expected, "{found} {expected}: {within} {horizon} {path:?}");
    }

    #[test]
    fn as_a_scan_of_all_windows() {
        const NONE: (f64, LimitShape) = (f64::INFINITY, LimitShape::Linear);
        let automation = || Some(Automation::new(0.2, 5.0, 3.0, -1.5));
        let abrupt = |limit| (limit, LimitShape::Abrupt);
        let linear = |limit| (limit, LimitShape::Linear);
        let slower = pieces(&[(0.0, 0.3), (0.7, 2.0), (1.5, f64::INFINITY)]);
        let in_turn = pieces(&[(0.0, 0.1), (0.3, f64::INFINITY), (1.5, 0.2), (1.8, f64::INFINITY)]);
        let none = pieces(&[]);
        let laws = [
            path(0.7, NONE, None, None, &none),
            path(1.0, NONE, None, None, &none),
            path(0.7, abrupt(6.0), None, None, &none),
            path(1.5, abrupt(12.0), None, None, &none),
            path(0.8, linear(25.0), None, None, &none),
            path(1.3, linear(25.0), None, None, &none),
            path(4.0, linear(12.0), None, None, &none),
            path(1.2, NONE, None, Some((0.6, -0.4, 0.3)), &none),
            path(2.0, abrupt(14.0), None, Some((0.6, -0.4, 0.3)), &none),
            path(0.9, NONE, None, Some((0.3, 0.5, 0.1)), &none),
            path(1.2, linear(20.0), None, Some((0.6, -0.4, 0.3)), &none),
            path(1.6, linear(20.0), None, Some((0.3, 0.5, 0.1)), &none),
            path(1.4, linear(18.0), automation(), None, &none),
            path(1.1, abrupt(9.0), automation(), Some((0.6, -0.4, 0.3)), &none),
            path(0.6, NONE, None, None, &slower),
            path(1.2, linear(20.0), None, None, &slower),
            path(0.6, NONE, None, None, &in_turn),
            path(0.8, linear(30.0), None, Some((0.6, -0.4, 0.3)), &in_turn),
        ];
        for law in &laws {
            for (within, horizon) in [(0.02, 3.0), (0.4, 3.0), (2.8, 3.0), (0.4, 0.5)] {
                if singular_time(law) > horizon {
                    close(law, within, horizon);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn around_the_peak_as_a_scan(r in 0.5..8.0_f64, limit in 2.0..40.0_f64, part in 0.001..1.2_f64, eta in 0.0..0.9_f64) {
            let linear = (limit, LimitShape::Linear);
            for effort in [None, Some((0.4, -0.7, eta))] {
                let law = path(r, linear, None, effort, &[]);
                close(&law, 2.0 * part, 3.0);
            }
        }
    }
}
