//! Research labor before full automation: people and AI share the tasks.
//!
//! A fraction `f` of the tasks can be done by AI; it rises linearly in doublings from its start to 1. Tasks are complements
//! (CES with `rho < 0`, Leontief in the limit) of equal weight, and labor is allocated so that output is largest: AI on
//! automated tasks, people where they are needed most. With people numbering 1 and AI labor `A = A0 S`,
//!
//! ```text
//! N = (f^(1-rho) A^rho + (1-f)^(1-rho))^(1/rho)   where A/f > 1/(1-f): people are squeezed onto the other tasks
//! N = A + 1                                       elsewhere: people help out on automated tasks too
//! ```
//!
//! and both pieces meet with one slope. `L = N / N(0)`.
//!
//! Source: Eth & Davidson (2025), "AI progress will likely speed up", footnote 19.

use crate::law::effort::{Dated, Effort, Grown, SMOOTH, Trend};
use crate::numerics::elementary::{exp, ln, ln_1p};
use std::f64::consts::{LN_2, LOG2_E, PI};

/// Labor of people and AI.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Automation {
    /// Fraction automated at the start.
    start: f64,
    /// Rise of the fraction per doubling.
    slope: f64,
    /// Doublings from which on all tasks are automated.
    full_at: f64,
    /// ln A0.
    ai_labor: f64,
    /// Substitution between tasks; minus infinity for none.
    rho: f64,
    /// Doublings at which one piece follows on another, ascending; infinite where there are fewer.
    kinks: [f64; 4],
    /// ln N at the start.
    origin: f64,
}

/// Where a path stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    x: f64,
    /// ln N.
    labor: f64,
    elasticity: f64,
    reach: f64,
    /// Whether people do only what AI cannot.
    squeezed: bool,
}

/// `ln(1 + e^v)`.
#[inline(always)]
fn ln_1p_exp(v: f64) -> f64 {
    v.max(0.0) + ln_1p(exp(-v.abs()))
}

/// `1 / (1 + e^-v)`.
#[inline(always)]
fn logistic(v: f64) -> f64 {
    1.0 / (1.0 + exp(-v))
}

impl Automation {
    pub(crate) fn new(start: f64, full_at: f64, ai_labor: f64, rho: f64) -> Self {
        let slope = (1.0 - start) / full_at;
        let kinks = [f64::INFINITY; 4];
        let mut labor = Self { start, slope, full_at, ai_labor: ln(ai_labor), rho, kinks, origin: 0.0 };
        labor.kinks = labor.find_kinks();
        labor.origin = labor.log(0.0);
        labor
    }

    /// The fractions automated and not automated.
    #[inline(always)]
    fn fractions(&self, x: f64) -> (f64, f64) {
        let rest = self.slope * (self.full_at - x).max(0.0);
        let automated = self.slope.mul_add(x, self.start).min(1.0);
        // Less than this makes no difference, and has no logarithm to be told apart.
        (if automated < 1e-200 { 0.0 } else { automated }, rest)
    }

    /// ln A.
    #[inline(always)]
    fn ai(&self, x: f64) -> f64 {
        LN_2.mul_add(x, self.ai_labor)
    }

    /// `ln((A/f) / (1/(1-f)))`: above 0 people are squeezed.
    #[inline(always)]
    fn squeeze(&self, x: f64) -> f64 {
        self.squeeze_by(x, self.ai(x))
    }

    #[inline(always)]
    fn squeeze_by(&self, x: f64, ai: f64) -> f64 {
        let (automated, rest) = self.fractions(x);
        ai + ln(rest / automated.max(f64::MIN_POSITIVE))
    }

    /// Whether people do only what AI cannot.
    #[inline(always)]
    fn squeezed(&self, x: f64) -> bool {
        x < self.full_at && self.squeeze(x) > 0.0
    }

    /// Roots of the squeeze, which falls, rises and falls again (or only falls), and full automation.
    fn find_kinks(&self) -> [f64; 4] {
        // The squeeze is level where f (1 - f) = slope / ln2.
        let root = (1.0 - 4.0 * self.slope / LN_2).max(0.0).sqrt();
        let level = |sign: f64| ((0.5 * sign.mul_add(root, 1.0) - self.start) / self.slope).clamp(0.0, self.full_at);
        let bounds = [0.0, level(-1.0), level(1.0), self.full_at];
        let mut kinks = [f64::INFINITY; 4];
        let mut filled = 0;
        for pair in bounds.windows(2) {
            let (mut low, mut high) = (pair[0], pair[1]);
            let positive = self.squeeze(low) > 0.0;
            if positive == (self.squeeze(high) > 0.0) {
                continue;
            }
            for _ in 0..80 {
                let middle = 0.5 * (low + high);
                if (self.squeeze(middle) > 0.0) == positive {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            kinks[filled] = high;
            filled += 1;
        }
        kinks[filled] = self.full_at;
        kinks
    }

    /// ln N.
    #[inline(always)]
    fn log(&self, x: f64) -> f64 {
        self.log_by(x, self.ai(x), self.squeezed(x))
    }

    /// ln N with AI labor `ai`.
    #[inline(always)]
    fn log_by(&self, x: f64, ai: f64, squeezed: bool) -> f64 {
        let (automated, rest) = self.fractions(x);
        if !squeezed {
            ln_1p_exp(ai)
        } else if self.rho == f64::NEG_INFINITY || automated == 0.0 {
            -ln(rest)
        } else {
            let people = (1.0 - self.rho) * ln(rest);
            (people + ln_1p_exp(self.odds(ai, automated, rest))) / self.rho
        }
    }

    /// Logarithm of the ratio of AI's part of the sum to that of people.
    #[inline(always)]
    fn odds(&self, ai: f64, automated: f64, rest: f64) -> f64 {
        (1.0 - self.rho).mul_add(ln(automated / rest), self.rho * ai)
    }

    /// `d ln N / dx`, and doublings over which `ln N` is smooth, apart from kinks.
    fn course(&self, x: f64) -> (f64, f64) {
        self.course_by(x, self.ai(x), self.squeezed(x))
    }

    fn course_by(&self, x: f64, ai: f64, squeezed: bool) -> (f64, f64) {
        let (automated, rest) = self.fractions(x);
        if !squeezed {
            return (LN_2 * logistic(ai), ai.hypot(PI) / LN_2);
        }
        let ahead = 0.35 * (self.full_at - x);
        // f^(1-rho) is not smooth at f = 0: panels there grow with the distance to it.
        let behind = 0.7 * (x + self.start / self.slope) + 1e-7 * self.full_at;
        if self.rho == f64::NEG_INFINITY {
            return (self.slope / rest, ahead);
        }
        if automated == 0.0 {
            return ((1.0 - self.rho) / -self.rho * self.slope, behind);
        }
        let odds = self.odds(ai, automated, rest);
        let ai_part = logistic(odds);
        let by_ai = (1.0 - self.rho).mul_add(self.slope / automated, self.rho * LN_2);
        let by_people = (self.rho - 1.0) * self.slope / rest;
        let rise = ai_part.mul_add(by_ai, (1.0 - ai_part) * by_people) / self.rho;
        (rise, ahead.min(behind).min(0.5 * odds.hypot(PI) / (by_ai - by_people).abs()))
    }
}

impl Effort for Automation {
    type Place = Stage;

    fn place(self, x: f64) -> Stage {
        // A kink that rounding has left just ahead is passed.
        let margin = 1e-12 * (1.0 + x);
        let kink = self.kinks.iter().find(|kink| **kink - x > margin);
        let (rise, smooth) = self.course(x + margin);
        let reach = smooth.min((kink.unwrap_or(&f64::INFINITY) - x) / SMOOTH);
        Stage { x, labor: self.log(x), elasticity: rise * LOG2_E, reach, squeezed: self.squeezed(x + margin) }
    }

    fn doublings(self, x: f64) -> f64 {
        (self.log(x) - self.origin) * LOG2_E
    }

    fn rise(self, from: &Stage, gain: f64) -> f64 {
        (self.log(from.x + gain) - from.labor) * LOG2_E
    }

    fn rises<const L: usize>(self, places: &[Stage; L], gains: &mut [f64]) {
        for row in gains.chunks_exact_mut(L) {
            for (gain, place) in row.iter_mut().zip(places) {
                *gain = self.rise(place, *gain);
            }
        }
    }

    fn elasticity(self, at: &Stage) -> f64 {
        at.elasticity
    }

    fn bend(self, at: &Stage) -> f64 {
        if !at.squeezed {
            // Labor is A + 1: the product of the shares is largest, 1/4, where they are equal; past that it falls.
            let product = if at.elasticity < 0.5 { 0.25 } else { at.elasticity * (1.0 - at.elasticity) };
            return LN_2 * product;
        }
        // The change of the elasticity over the reach, with a margin.
        let step = 0.999 * SMOOTH * at.reach;
        2.0 * (self.course(at.x + step).0 * LOG2_E - at.elasticity).abs() / step
    }

    fn reach(self, at: &Stage) -> f64 {
        at.reach
    }

    fn least_reach(self) -> f64 {
        0.0
    }

    fn elasticities(self, at: &Stage) -> (f64, f64) {
        if at.x >= self.full_at { (at.elasticity, 1.0) } else { (0.0, f64::INFINITY) }
    }

    fn trend(self) -> Trend {
        Trend::Mixed
    }

    fn final_elasticity(self) -> f64 {
        1.0
    }

    fn settled(self) -> f64 {
        self.full_at.max((50.0 - self.ai_labor) / LN_2)
    }
}

impl Dated for Automation {
    fn grown(self, x: f64, hardware: f64, squeezed: bool) -> Grown {
        let ai = LN_2.mul_add(hardware, self.ai(x));
        let (automated, rest) = self.fractions(x);
        let in_hardware = if !squeezed {
            logistic(ai)
        } else if self.rho == f64::NEG_INFINITY || automated == 0.0 {
            0.0
        } else {
            logistic(self.odds(ai, automated, rest))
        };
        Grown {
            doublings: (self.log_by(x, ai, squeezed) - self.origin) * LOG2_E,
            in_level: self.course_by(x, ai, squeezed).0 * LOG2_E,
            in_hardware,
        }
    }

    fn squeeze(self, x: f64, hardware: f64) -> f64 {
        self.squeeze_by(x, LN_2.mul_add(hardware, self.ai(x)))
    }

    fn full_at(self) -> f64 {
        self.full_at
    }

    fn alone_from(self) -> f64 {
        self.settled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Best labor over all ways to divide people among tasks, by search.
    fn best(automated: f64, ai: f64, rho: f64) -> f64 {
        let output = |helpers: f64| {
            let (done_by_ai, done_by_people) = ((ai + helpers) / automated, (1.0 - helpers) / (1.0 - automated));
            (automated * done_by_ai.powf(rho) + (1.0 - automated) * done_by_people.powf(rho)).powf(1.0 / rho)
        };
        (0..10_000).map(|i| output(f64::from(i) / 10_000.0)).fold(0.0, f64::max)
    }

    proptest! {
        #[test]
        fn the_allocation_is_the_best(start in 0.05..0.9_f64, ai in -4.0..4.0_f64, rho in -5.0..-0.2_f64) {
            let labor = Automation::new(start, 5.0, ai.exp(), rho);
            let expected = best(start, ai.exp(), rho);
            prop_assert!((labor.log(0.0).exp() / expected - 1.0).abs() < 1e-6);
        }

        #[test]
        fn elasticity_is_the_derivative(start in 0.0..0.9_f64, ai in -4.0..4.0_f64, rho in -5.0..-0.2_f64, part in 0.01..1.2_f64) {
            for rho in [rho, f64::NEG_INFINITY] {
                let labor = Automation::new(start, 5.0, ai.exp(), rho);
                let (x, h) = (5.0 * part, 1e-6);
                prop_assume!(labor.kinks.iter().all(|kink| (kink - x).abs() > 1e-3));
                let slope = (labor.doublings(x + h) - labor.doublings(x - h)) / (2.0 * h);
                let elasticity_there = labor.elasticity(&labor.place(x));
                prop_assert!((slope - elasticity_there).abs() < 1e-6 * (1.0 + elasticity_there), "{slope} {elasticity_there}");
            }
        }

        #[test]
        fn labor_never_falls_and_has_no_steps(start in 0.0..0.9_f64, ai in -6.0..6.0_f64, rho in -5.0..-0.2_f64) {
            for rho in [rho, f64::NEG_INFINITY] {
                let labor = Automation::new(start, 5.0, ai.exp(), rho);
                let mut before = 0.0;
                for i in 1..=7000 {
                    let now = labor.doublings(f64::from(i) * 1e-3);
                    prop_assert!(now >= before - 1e-12);
                    before = now;
                }
                for kink in labor.kinks.into_iter().filter(|kink| kink.is_finite()) {
                    let step = labor.doublings(kink + 1e-9) - labor.doublings((kink - 1e-9).max(0.0));
                    prop_assert!(step < 1e-3, "{kink} {step}");
                }
            }
        }
    }
}
