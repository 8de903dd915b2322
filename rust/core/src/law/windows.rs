//! The fastest window of a path: most doublings within a time.
//!
//! While a window of fixed length moves on, the doublings in it grow by the pace at its end less that at its start. Where the
//! form of the pace is known, the fastest window is the first, the last, or the one whose ends have the same pace around the
//! peak ([`balance`](crate::law::balance)). Elsewhere windows that start at the points of a grid tell between which of them the
//! difference of the paces turns, and a bracketed search solves for it.
//!
//! Doublings at given times are interpolated to 1e-8 of a path. What is gained in a window is therefore solved for from its
//! start: the doublings that take exactly its time.

use crate::law::balance::Balanced;
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
    #[inline(never)]
    pub(crate) fn most_doublings<S: Simd>(&self, simd: S, within: f64, horizon: f64) -> f64 {
        if within >= horizon {
            let [all] = (Windows { path: self, simd, within, end: horizon }).doublings([horizon]);
            return if self.singular_by(horizon, all) { f64::INFINITY } else { all };
        }
        let abrupt = self.shape == LimitShape::Abrupt && self.limit.is_finite();
        let end = if abrupt { self.time_at(self.limit).min(horizon) } else { horizon };
        if within >= end {
            return self.limit;
        }
        let windows = Windows { path: self, simd, within, end };
        match self.form() {
            Form::Valley => windows.first_or_last(),
            Form::Peak if self.clock.still() => windows.around_crest(),
            Form::Peak => windows.search(FEW_STARTS),
            Form::Any => windows.search((STARTS * end / within).ceil().min(MOST_STARTS)),
        }
    }

    /// Whether the path, at `x` doublings at the horizon, is singular by then.
    #[inline(never)]
    fn singular_by(&self, horizon: f64, x: f64) -> bool {
        if x == f64::INFINITY {
            return true;
        }
        if self.limit.is_finite() || self.criticality() <= 1.0 {
            return false;
        }
        let log_pace = self.log_pace_at(x, self.clock.after(Moment::default(), horizon).0);
        log_pace + ln(horizon) > NEARLY_SINGULAR && self.singular_time() <= horizon
    }
}

/// Windows of one length along a path.
struct Windows<'a, 'b, S> {
    path: &'a Path<'b>,
    simd: S,
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
    /// The fastest window where the pace has no peak but at the start and the end.
    #[inline(never)]
    fn first_or_last(&self) -> f64 {
        let (early, late) = (self.within.min(self.end - self.within), self.within.max(self.end - self.within));
        let x = self.doublings([early, late, self.end]);
        if self.path.singular_by(self.end, x[2]) {
            return f64::INFINITY;
        }
        let (first_to, last_from) = if early == self.within { (x[0], x[1]) } else { (x[1], x[0]) };
        let (first, last) = (first_to, x[2] - last_from);
        let near = INTERPOLATED * x[2];
        let mut most = 0.0;
        if first >= last - near {
            most = self.from(0.0, 0.0, first_to).gained;
        }
        if last >= first - near {
            most = self.from(self.end - self.within, last_from, x[2]).gained.max(most);
        }
        most
    }

    /// The fastest window where the pace has one peak, on fixed hardware.
    #[inline(never)]
    fn around_crest(&self) -> f64 {
        let crest = self.path.crest();
        if crest == 0.0 {
            return self.first();
        }
        if crest >= self.path.limit || self.ahead(Moment::default(), 0.0, crest).1 >= self.end {
            return self.last();
        }
        let within = self.within / self.path.first_effective;
        let balanced = match &self.path.course {
            Course::Limited(passage) => self.simd.vectorize(Balance { passage, crest, within }),
            Course::Compute(passage) => self.simd.vectorize(Balance { passage, crest, within }),
            Course::LimitedCompute(passage) => self.simd.vectorize(Balance { passage, crest, within }),
            _ => None,
        };
        let Some((from, to, gained)) = balanced else { return self.search(FEW_STARTS) };
        if to > self.path.limit || self.ahead(Moment::default(), 0.0, from).1 + self.within > self.end {
            return self.last();
        }
        gained
    }

    #[inline(never)]
    fn first(&self) -> f64 {
        let [to] = self.doublings([self.within]);
        self.from(0.0, 0.0, to).gained
    }

    #[inline(never)]
    fn last(&self) -> f64 {
        let start = self.end - self.within;
        let [from, to] = self.doublings([start, self.end]);
        if self.path.singular_by(self.end, to) {
            return f64::INFINITY;
        }
        self.from(start, from, to).gained
    }

    #[inline(always)]
    fn search(&self, count: f64) -> f64 {
        self.searched(count)
    }

    /// The fastest of the windows that start at the points of a grid, and of those between them.
    #[inline(never)]
    fn searched(&self, count: f64) -> f64 {
        let grid = self.grid(count);
        let last = grid.len() - 1;
        if self.path.singular_by(self.end, grid[last].to) {
            return f64::INFINITY;
        }
        let about = grid.iter().fold(0.0, |most: f64, at| most.max(at.to - at.from)) * (1.0 - INTERPOLATED);
        let mut most = 0.0;
        if grid[0].lead() <= 0.0 {
            most = self.from(0.0, 0.0, grid[0].to).gained;
        }
        if grid[last].lead() >= 0.0 {
            most = self.from(grid[last].start, grid[last].from, grid[last].to).gained.max(most);
        }
        for pair in grid.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            if before.lead() > 0.0 && after.lead() <= 0.0 && before.bound(after) >= most.max(about) {
                most = self.between(before, after).max(most);
            }
        }
        if most < about {
            // The pace has peaks closer to each other than the points of the grid.
            if let Some(at) = grid.iter().max_by(|a, b| (a.to - a.from).total_cmp(&(b.to - b.from))) {
                most = self.from(at.start, at.from, at.to).gained.max(most);
            }
        }
        most
    }

    /// Windows that start at equal distances, and at the dates at which hardware growth changes or that long before.
    #[inline(never)]
    fn grid(&self, count: f64) -> Vec<Tried> {
        let span = self.end - self.within;
        let mut starts: Vec<f64> = (0..=count as usize).map(|k| span * (k as f64 / count)).collect();
        let dates = self.path.clock.changes();
        starts.extend(dates.flat_map(|date| [date, date - self.within]).filter(|start| (0.0..=span).contains(start)));
        starts.sort_by(f64::total_cmp);
        starts.dedup();
        let n = starts.len();
        let ends = starts.iter().map(|start| if *start == span { self.end } else { start + self.within });
        let mut times: Vec<(f64, usize)> = starts.iter().copied().chain(ends).zip(0..).collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let ascending: Vec<f64> = times.iter().map(|(time, _)| *time).collect();
        let mut x = vec![0.0; 2 * n];
        self.simd.vectorize(DoublingsAt { path: self.path, time: &ascending, row: &mut x });
        let mut places = vec![(0.0, 0.0); 2 * n];
        for ((time, i), x) in times.iter().zip(x) {
            let moment = self.path.clock.after(Moment::default(), *time).0;
            let log_pace = self.path.log_pace_at(self.before_limit(x), moment);
            places[*i] = (x, log_pace);
        }
        let (first, second) = places.split_at(n);
        let tried = |((start, from), to): ((&f64, &(f64, f64)), &(f64, f64))| Tried {
            start: *start,
            from: from.0,
            to: to.0,
            log_paces: (from.1, to.1),
        };
        starts.iter().zip(first).zip(second).map(tried).collect()
    }

    /// The fastest window between two of which the first starts too early and the second too late.
    #[inline(never)]
    fn between(&self, before: &Tried, after: &Tried) -> f64 {
        let (moment, from) = self.at(before.start, before.from);
        let mut low = (from, before.lead());
        let mut high = (after.from.max(from), after.lead());
        let mut guess = before.to;
        let mut most = 0.0;
        for _ in 0..MOST_STEPS {
            let share = (low.1 / (low.1 - high.1)).clamp(LEAST_SHARE, 1.0 - LEAST_SHARE);
            let middle = share.mul_add(high.0 - low.0, low.0);
            if !(middle > low.0 && middle < high.0) {
                break;
            }
            let there = if self.path.clock.still() { moment } else { self.ahead(moment, from, middle).0 };
            let window = self.gained(there, middle, guess);
            guess = window.to;
            most = window.gained.max(most);
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

    /// The window that starts at a time, where doublings are about `from`, and ends at about `to`.
    #[inline(never)]
    fn from(&self, start: f64, from: f64, to: f64) -> Window {
        let (moment, from) = self.at(start, from);
        self.gained(moment, from, to)
    }

    /// The moment of a time and the doublings there, which are about `x`.
    #[inline(never)]
    fn at(&self, time: f64, x: f64) -> (Moment, f64) {
        if time == 0.0 {
            return (Moment::default(), 0.0);
        }
        let mut x = x;
        for _ in 0..MOST_STEPS {
            let (there, _) = self.ahead(Moment::default(), 0.0, x);
            let step = (time - there.time) * exp(self.path.log_pace_at(x, there));
            // Near a limit neither the time nor the pace has digits left.
            if step.abs() <= INTERPOLATED * (1.0 + x) {
                x = (x + step).clamp(0.0, self.path.limit);
            }
            if !(step.abs() > CLOSE * (1.0 + x) && step.abs() <= INTERPOLATED * (1.0 + x)) {
                break;
            }
        }
        (self.path.clock.after(Moment::default(), time).0, x)
    }

    /// What is gained in the window that starts at a moment and doublings, and ends at about `to`.
    #[inline(never)]
    fn gained(&self, moment: Moment, from: f64, to: f64) -> Window {
        let limit = self.path.limit;
        let (mut low, mut high) = (from, limit);
        let mut x = self.before_limit(to).clamp(from, limit);
        let start = self.path.log_pace_at(from, moment);
        let mut lead = 0.0;
        for _ in 0..MOST_STEPS {
            let (end, years) = self.ahead(moment, from, x);
            let log_pace = self.path.log_pace_at(x, end);
            lead = log_pace - start;
            let step = (self.within - years) * exp(log_pace);
            if step.abs() <= CLOSE * (x - from) {
                return Window { gained: (x - from + step).min(limit - from), lead, to: x };
            }
            if years < self.within {
                low = x
            } else {
                high = x
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
        let approached = self.path.shape == LimitShape::Linear && self.path.limit.is_finite();
        if approached { x.min(self.path.limit * (1.0 - 4.0 * f64::EPSILON)) } else { x }
    }

    #[inline(never)]
    fn doublings<const K: usize>(&self, time: [f64; K]) -> [f64; K] {
        let mut row = [0.0; K];
        self.simd.vectorize(DoublingsAt { path: self.path, time: &time, row: &mut row });
        row
    }

    /// [`Path::ahead`] as a function of its own, for the machine's vector unit.
    #[inline(always)]
    fn ahead(&self, moment: Moment, x0: f64, x1: f64) -> (Moment, f64) {
        self.simd.vectorize(Ahead { path: self.path, moment, x0, x1 })
    }
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
    /// As that of [`Window`].
    fn lead(&self) -> f64 {
        self.log_paces.1 - self.log_paces.0
    }

    /// Bound of what is gained in a window between this one and the next, if the lead falls all the way.
    fn bound(&self, next: &Self) -> f64 {
        let slope = |at: &Self| exp(at.log_paces.1) - exp(at.log_paces.0);
        let (rise, fall) = (slope(self), slope(next));
        let (first, last) = (self.to - self.from, next.to - next.from);
        let length = next.start - self.start;
        let bound = first + rise * (last - first - fall * length) / (rise - fall);
        if bound.is_finite() { bound } else { f64::INFINITY }
    }
}

/// A call of [`Path::doublings_at`].
struct DoublingsAt<'a, 'b> {
    path: &'a Path<'b>,
    time: &'a [f64],
    row: &'a mut [f64],
}

impl WithSimd for DoublingsAt<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.path.doublings_at(simd, self.time, self.row);
    }
}

/// A call of [`Path::ahead`].
struct Ahead<'a, 'b> {
    path: &'a Path<'b>,
    moment: Moment,
    x0: f64,
    x1: f64,
}

impl WithSimd for Ahead<'_, '_> {
    type Output = (Moment, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        self.path.ahead(self.moment, self.x0, self.x1)
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
    use proptest::prelude::*;
    use std::f64::consts::LN_2;

    fn pieces(growth: &[(f64, f64)]) -> Vec<HardwareGrowth> {
        let piece = |(since, doubling_time): &(f64, f64)| HardwareGrowth {
            since: vec![*since],
            doubling_time: vec![*doubling_time],
        };
        growth.iter().map(piece).collect()
    }

    fn path<'a>(
        r: f64,
        limit: (f64, LimitShape),
        labor: Option<Automation>,
        effort: Option<Compute>,
        hardware: &'a [HardwareGrowth],
    ) -> Path<'a> {
        Path::new(r, 0.1, 0.8, limit, labor, effort, Clock::new(hardware, 0, 0.8 * LN_2))
    }

    /// Doublings at a time, to rounding.
    fn doublings(path: &Path, time: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        while high < path.limit && path.time_at(high) < time {
            high *= 2.0;
        }
        high = high.min(path.limit);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if path.time_at(middle) < time { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// Most doublings by a scan over all windows and a golden section around the best.
    fn scanned(path: &Path, within: f64, horizon: f64) -> f64 {
        let gained = |start: f64| doublings(path, start + within) - doublings(path, start);
        let span = horizon - within;
        let count = 60;
        let best = (0..=count).max_by(|a, b| {
            gained(span * f64::from(*a) / f64::from(count)).total_cmp(&gained(span * f64::from(*b) / f64::from(count)))
        });
        let best = f64::from(best.unwrap_or(0));
        let (mut low, mut high) = (
            span * (best - 1.0).max(0.0) / f64::from(count),
            span * (best + 1.0).min(f64::from(count)) / f64::from(count),
        );
        for _ in 0..30 {
            let (a, b) = (0.382f64.mul_add(high - low, low), 0.618f64.mul_add(high - low, low));
            if gained(a) > gained(b) { high = b } else { low = a }
        }
        gained(0.5 * (low + high)).max(gained(0.0)).max(gained(span))
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
                if law.singular_time() > horizon {
                    close(law, within, horizon);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
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
