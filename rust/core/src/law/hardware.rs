//! Hardware that grows with the calendar, as a change of clock.
//!
//! Copies of the AI and experiments both grow with the hardware `G(t)`, and effort is homogeneous of degree one in them, so
//! `E = G(t) E0(x)` with `E0` the effort on fixed hardware. Then `dW/dt = c G(t)^lambda E0(x)^lambda`: the course over
//! *effective time*
//!
//! ```text
//! u(t) = integral_0^t G(t')^lambda dt'
//! ```
//!
//! is that on fixed hardware, and no equation is left to be solved. Source: Eth & Davidson (2025), footnote 24 (growth of
//! training compute).

use crate::model::Column;
use crate::numerics::elementary::{exp, expm1, ln, ln_1p};

/// Hardware growth from a date on, for many paths.
#[derive(Debug, Clone)]
pub(crate) struct HardwareGrowth {
    /// Date, years.
    pub(crate) since: Column,
    /// Doubling time from then on, years; infinite where hardware stands still.
    pub(crate) doubling_time: Column,
}

/// Calendar time and effective time of a path; without hardware growth they are the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock<'a> {
    /// By ascending date, the first from 0 on.
    pieces: &'a [HardwareGrowth],
    path: usize,
    /// ln2 lambda.
    rate: f64,
}

/// A moment of a clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moment {
    /// Calendar time, years.
    pub(crate) time: f64,
    /// `ln G^lambda`.
    pub(crate) growth: f64,
    /// The piece of the clock in force.
    pub(crate) piece: usize,
}

/// `(e^(rate t) - 1) / rate`.
#[inline(always)]
fn grown(rate: f64, t: f64) -> f64 {
    if rate == 0.0 { t } else { expm1(rate * t) / rate }
}

impl<'a> Clock<'a> {
    #[inline(always)]
    pub(crate) fn new(pieces: &'a [HardwareGrowth], path: usize, rate: f64) -> Self {
        Self { pieces, path, rate }
    }

    /// Whether the hardware stands still forever.
    #[inline(always)]
    pub(crate) fn still(&self) -> bool {
        self.pieces.is_empty()
    }

    /// `d ln G^lambda / dt` in a piece.
    #[inline(always)]
    fn growth_rate(&self, piece: usize) -> f64 {
        self.rate / self.pieces[piece].doubling_time.at(self.path)
    }

    /// The last piece, and the growth rate in it.
    pub(crate) fn last(&self) -> (usize, f64) {
        self.pieces.len().checked_sub(1).map_or((0, 0.0), |last| (last, self.growth_rate(last)))
    }

    /// Date up to which a piece is in force.
    #[inline(always)]
    pub(crate) fn until(&self, piece: usize) -> f64 {
        self.pieces.get(piece + 1).map_or(f64::INFINITY, |next| next.since.at(self.path))
    }

    /// Effective times of ascending calendar times.
    #[inline(always)]
    pub(crate) fn effective(&self, times: &[f64], effective: &mut [f64]) {
        let (mut done, mut before, mut growth) = (0, 0.0, 0.0);
        let mut since = 0.0;
        for piece in 0..self.pieces.len() {
            let (rate, until) = (self.growth_rate(piece), self.until(piece));
            let last = done + times[done..].partition_point(|t| *t <= until);
            let factor = exp(growth);
            for (u, t) in effective[done..last].iter_mut().zip(&times[done..last]) {
                *u = factor.mul_add(grown(rate, t - since), before);
            }
            if until < f64::INFINITY {
                before += factor * grown(rate, until - since);
                growth += rate * (until - since);
            }
            (done, since) = (last, until);
        }
    }

    /// Effective time at one moment.
    #[inline(always)]
    pub(crate) fn effective_at(&self, time: f64) -> f64 {
        let mut effective = time;
        self.effective(&[time], std::slice::from_mut(&mut effective));
        effective
    }

    /// `ln G^lambda` at a calendar time, and its rate of growth.
    #[inline(always)]
    pub(crate) fn growth_at(&self, time: f64) -> (f64, f64) {
        let (mut growth, mut since, mut rate) = (0.0, 0.0, 0.0);
        for piece in 0..self.pieces.len() {
            let until = self.until(piece).min(time);
            rate = self.growth_rate(piece);
            growth += rate * (until - since);
            since = until;
            if until == time {
                break;
            }
        }
        (growth, rate)
    }

    /// Dates at which hardware growth changes.
    pub(crate) fn changes(&self) -> impl Iterator<Item = f64> + '_ {
        self.pieces.iter().skip(1).map(|piece| piece.since.at(self.path))
    }

    /// Whether hardware growth never becomes faster, and whether it never becomes slower.
    #[inline(always)]
    pub(crate) fn trend(&self) -> (bool, bool) {
        let rates = |pair: &[HardwareGrowth]| [&pair[0], &pair[1]].map(|piece| piece.doubling_time.at(self.path));
        let pairs = || self.pieces.windows(2).map(rates);
        (pairs().all(|[before, after]| before <= after), pairs().all(|[before, after]| before >= after))
    }

    /// Growth rate of hardware at a moment, `d ln G^lambda / dt`.
    pub(crate) fn rate(&self, at: &Moment) -> f64 {
        if self.still() { 0.0 } else { self.growth_rate(at.piece) }
    }

    /// The moment at which `effective` more of effective time has passed, and the calendar time that this takes.
    #[inline(always)]
    pub(crate) fn ahead(&self, from: Moment, effective: f64) -> (Moment, f64) {
        if self.still() {
            return (Moment { time: from.time + effective, ..from }, effective);
        }
        let mut at = from;
        if effective == f64::INFINITY {
            while self.until(at.piece) < f64::INFINITY {
                let until = self.until(at.piece);
                let growth = self.growth_rate(at.piece).mul_add(until - at.time, at.growth);
                at = Moment { time: until, growth, piece: at.piece + 1 };
            }
            let growth = if self.growth_rate(at.piece) > 0.0 { f64::INFINITY } else { at.growth };
            return (Moment { time: f64::INFINITY, growth, ..at }, f64::INFINITY);
        }
        let mut passed = 0.0;
        let mut left = effective * exp(-at.growth);
        loop {
            let rate = self.growth_rate(at.piece);
            let step = if rate == 0.0 { left } else { ln_1p(rate * left) / rate };
            let until = self.until(at.piece);
            if at.time + step <= until || until == f64::INFINITY {
                let growth = rate.mul_add(step, at.growth);
                return (Moment { time: at.time + step, growth, piece: at.piece }, passed + step);
            }
            let step = until - at.time;
            passed += step;
            left = (left - grown(rate, step)).max(0.0) * exp(-rate * step);
            at = Moment { time: until, growth: rate.mul_add(step, at.growth), piece: at.piece + 1 };
        }
    }

    /// The moment `time` years later, and the effective time until then.
    pub(crate) fn after(&self, from: Moment, time: f64) -> (Moment, f64) {
        if self.still() {
            return (Moment { time: from.time + time, ..from }, time);
        }
        let (mut at, end, mut effective) = (from, from.time + time, 0.0);
        loop {
            let (rate, until) = (self.growth_rate(at.piece), self.until(at.piece));
            let step = (end.min(until) - at.time).max(0.0);
            effective += exp(at.growth) * grown(rate, step);
            let growth = rate.mul_add(step, at.growth);
            if end <= until {
                return (Moment { time: end, growth, ..at }, effective);
            }
            at = Moment { time: until, growth, piece: at.piece + 1 };
        }
    }

    /// The same as [`Clock::ahead`], with the logarithm of the effective time, which may be beyond f64.
    pub(crate) fn far_ahead(&self, from: Moment, log_effective: f64) -> (Moment, f64) {
        let mut at = from;
        let mut log_left = log_effective - at.growth;
        loop {
            let rate = self.growth_rate(at.piece);
            let log_growth = ln(rate) + log_left; // of what is left in terms of the hardware there
            let step = if log_growth > 700.0 { log_growth / rate } else { ln_1p(exp(log_growth)) / rate };
            let step = if rate == 0.0 { exp(log_left) } else { step };
            let until = self.until(at.piece);
            if at.time + step <= until || until == f64::INFINITY {
                // Hardware that stands still does so forever.
                let growth = if rate == 0.0 { at.growth } else { rate.mul_add(step, at.growth) };
                let time = at.time + step;
                return (Moment { time, growth, piece: at.piece }, time - from.time);
            }
            let step = until - at.time;
            let log_passed = if rate * step > 700.0 { rate * step - ln(rate) } else { ln(grown(rate, step)) };
            log_left += ln_1p(-exp((log_passed - log_left).min(0.0))) - rate * step;
            at = Moment { time: until, growth: rate.mul_add(step, at.growth), piece: at.piece + 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(rates: [f64; 3]) -> Vec<HardwareGrowth> {
        let since = [0.0, 0.7, 2.5];
        let piece =
            |(rate, since): (f64, f64)| HardwareGrowth { since: since.into(), doubling_time: (1.0 / rate).into() };
        rates.into_iter().zip(since).map(piece).collect()
    }

    proptest! {
        #[test]
        fn ahead_inverts_effective(a in 0.0..5.0_f64, b in 0.0..5.0_f64, t in 0.0..6.0_f64, more in 0.0..6.0_f64) {
            for rates in [[a, b, 0.0], [0.0, a, b], [1e-300, 1e-12, a]] {
                let pieces = pieces(rates);
                let clock = Clock::new(&pieces, 0, 1.0);
                let (at, _) = clock.ahead(Moment::default(), clock.effective_at(t));
                prop_assert!((at.time - t).abs() <= 1e-14 * (1.0 + t));
                let (far, _) = clock.far_ahead(Moment::default(), clock.effective_at(t).ln());
                prop_assert!((far.time - t).abs() <= 1e-12 * (1.0 + t) && (far.growth - at.growth).abs() <= 1e-11 * (1.0 + t));
                let (next, took) = clock.ahead(at, clock.effective_at(t + more) - clock.effective_at(t));
                prop_assert!((next.time - t - more).abs() <= 1e-12 * (1.0 + t + more));
                let (later, passed) = clock.after(at, more);
                prop_assert!((later.time - t - more).abs() <= 1e-12 * (1.0 + t + more));
                let expected = clock.effective_at(at.time + more) - clock.effective_at(at.time);
                prop_assert!((passed - expected).abs() <= 1e-12 * (1.0 + clock.effective_at(at.time + more)));
                prop_assert!((took - more).abs() <= 1e-12 * (1.0 + t + more));
            }
        }

        #[test]
        fn effective_time_is_the_integral(a in 0.1..3.0_f64, b in 0.1..3.0_f64) {
            let pieces = pieces([a, 0.0, b]);
            let clock = Clock::new(&pieces, 0, 1.0);
            let up_to_first = ((0.7 * a).exp() - 1.0) / a;
            let flat = (0.7 * a).exp() * 1.8;
            let last = (0.7 * a).exp() * ((0.5 * b).exp() - 1.0) / b;
            let mut found = [0.0; 3];
            clock.effective(&[0.7, 2.5, 3.0], &mut found);
            let expected = [up_to_first, up_to_first + flat, up_to_first + flat + last];
            for (u, e) in found.iter().zip(expected) {
                prop_assert!((u - e).abs() <= 1e-14 * e);
            }
        }
    }
}
