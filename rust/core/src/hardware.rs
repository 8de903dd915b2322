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

use crate::elementary::{exp, expm1, ln_1p};

/// Growth of hardware from a date on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    /// Date from which it holds, years.
    pub(crate) since: f64,
    /// `d ln G^lambda / dt`, per year.
    pub(crate) rate: f64,
}

/// Calendar time and effective time of a path; without pieces they are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    pieces: Vec<Piece>,
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

impl Clock {
    /// Pieces by ascending date, the first from 0 on.
    pub(crate) fn new(pieces: Vec<Piece>) -> Self {
        Self { pieces }
    }

    /// Whether the hardware stands still forever.
    #[inline(always)]
    pub(crate) fn still(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Date of the last change, and the rate from then on.
    pub(crate) fn end(&self) -> (f64, f64) {
        self.pieces.last().map_or((0.0, 0.0), |piece| (piece.since, piece.rate))
    }

    fn until(&self, piece: usize) -> f64 {
        self.pieces.get(piece + 1).map_or(f64::INFINITY, |next| next.since)
    }

    /// Effective times of ascending calendar times.
    #[inline(always)]
    pub(crate) fn effective(&self, times: &[f64], effective: &mut [f64]) {
        let (mut done, mut before, mut growth) = (0, 0.0, 0.0);
        for (k, piece) in self.pieces.iter().enumerate() {
            let until = self.until(k);
            let last = done + times[done..].partition_point(|t| *t <= until);
            let factor = exp(growth);
            for (u, t) in effective[done..last].iter_mut().zip(&times[done..last]) {
                *u = factor.mul_add(grown(piece.rate, t - piece.since), before);
            }
            if until < f64::INFINITY {
                before += factor * grown(piece.rate, until - piece.since);
                growth += piece.rate * (until - piece.since);
            }
            done = last;
        }
    }

    /// Effective time at one moment.
    #[inline(always)]
    pub(crate) fn effective_at(&self, time: f64) -> f64 {
        let mut effective = [time];
        self.effective(&[time], &mut effective);
        effective[0]
    }

    /// Growth rate of hardware at a moment, `d ln G^lambda / dt`.
    pub(crate) fn rate(&self, at: &Moment) -> f64 {
        self.pieces.get(at.piece).map_or(0.0, |piece| piece.rate)
    }

    /// The moment at which `effective` more of effective time has passed, and the calendar time that this takes.
    #[inline(always)]
    pub(crate) fn ahead(&self, from: Moment, effective: f64) -> (Moment, f64) {
        if self.pieces.is_empty() || !effective.is_finite() {
            return (Moment { time: from.time + effective, ..from }, effective);
        }
        let mut at = from;
        let mut passed = 0.0;
        let mut left = effective * exp(-at.growth);
        loop {
            let rate = self.pieces[at.piece].rate;
            let step = if rate == 0.0 { left } else { ln_1p(rate * left) / rate };
            let until = self.until(at.piece);
            if at.time + step <= until {
                let growth = rate.mul_add(step, at.growth);
                return (Moment { time: at.time + step, growth, piece: at.piece }, passed + step);
            }
            let step = until - at.time;
            passed += step;
            left = (left - grown(rate, step)).max(0.0) * exp(-rate * step);
            at = Moment { time: until, growth: rate.mul_add(step, at.growth), piece: at.piece + 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clock(rates: [f64; 3]) -> Clock {
        let since = [0.0, 0.7, 2.5];
        Clock::new(rates.into_iter().zip(since).map(|(rate, since)| Piece { since, rate }).collect())
    }

    proptest! {
        #[test]
        fn ahead_inverts_effective(a in 0.0..5.0_f64, b in 0.0..5.0_f64, t in 0.0..6.0_f64, more in 0.0..6.0_f64) {
            for rates in [[a, b, 0.0], [0.0, a, b], [1e-300, 1e-12, a]] {
                let clock = clock(rates);
                let (at, _) = clock.ahead(Moment::default(), clock.effective_at(t));
                prop_assert!((at.time - t).abs() <= 1e-14 * (1.0 + t));
                let (next, took) = clock.ahead(at, clock.effective_at(t + more) - clock.effective_at(t));
                prop_assert!((next.time - t - more).abs() <= 1e-12 * (1.0 + t + more));
                prop_assert!((took - more).abs() <= 1e-12 * (1.0 + t + more));
            }
        }

        #[test]
        fn effective_time_is_the_integral(a in 0.1..3.0_f64, b in 0.1..3.0_f64) {
            let clock = clock([a, 0.0, b]);
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
