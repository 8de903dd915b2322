//! Mixtures of distributions, and distributions on the condition that they lie within a range.

use super::distribution::Distribution;
use super::{BLOCK, Tails};

/// A mixture, with weights that sum to 1.
#[derive(Debug)]
pub(super) struct Mixture {
    parts: Vec<(Distribution, f64)>,
}

/// A bracket of a root in Chandrupatla's method: the two ends, the end before, and the function there.
#[derive(Clone, Copy, Default)]
struct Bracket {
    a: f64,
    b: f64,
    c: f64,
    at_a: f64,
    at_b: f64,
    at_c: f64,
    next: f64,
}

impl Bracket {
    fn low(&self) -> f64 {
        self.a.min(self.b)
    }

    fn high(&self) -> f64 {
        self.a.max(self.b)
    }

    /// Whether no float lies between the ends.
    fn closed(&self) -> bool {
        self.low().next_up() >= self.high()
    }

    /// Takes the function at `next`, and chooses the next place (Chandrupatla 1997): inverse quadratic interpolation
    /// where it is safe, else the middle.
    #[inline(always)]
    fn take(&mut self, at_next: f64) {
        if (at_next < 0.0) == (self.at_a < 0.0) {
            (self.c, self.at_c) = (self.a, self.at_a);
        } else {
            (self.c, self.b, self.at_c, self.at_b) = (self.b, self.a, self.at_b, self.at_a);
        }
        (self.a, self.at_a) = (self.next, at_next);
        if self.closed() {
            return;
        }
        let xi = (self.a - self.b) / (self.c - self.b);
        let phi = (self.at_a - self.at_b) / (self.at_c - self.at_b);
        // Where the function is 0 it may be so for long: the least such place is found by halves.
        let safe = self.at_a != 0.0 && self.at_b != 0.0 && phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        let share = if safe {
            self.at_a / (self.at_b - self.at_a) * self.at_c / (self.at_b - self.at_c)
                + (self.c - self.a) / (self.b - self.a) * self.at_a / (self.at_c - self.at_a) * self.at_b
                    / (self.at_c - self.at_b)
        } else {
            0.5
        };
        let place = self.a + share * (self.b - self.a);
        // A float of its own strictly between the ends, so that the bracket shrinks until it is closed.
        self.next = place.clamp(self.low().next_up(), self.high().next_down());
    }
}

impl Mixture {
    pub(super) fn new(parts: Vec<Distribution>, weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        Self { parts: parts.into_iter().zip(weights.iter().map(|w| w / total)).collect() }
    }

    pub(super) fn cdfs<S: pulp::Simd>(&self, simd: S, x: &[f64], sum_below: &mut [f64], sum_above: &mut [f64]) {
        let n = x.len();
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        sum_below.fill(0.0);
        sum_above.fill(0.0);
        for (part, weight) in &self.parts {
            part.cdfs(simd, x, &mut below[..n], &mut above[..n]);
            for (sums, parts) in [(&mut *sum_below, &below), (&mut *sum_above, &above)] {
                for (sum, one) in sums.iter_mut().zip(parts) {
                    *sum = weight.mul_add(*one, *sum);
                }
            }
        }
    }

    /// The least x with the probability up to it: between the least and the greatest quantile of the parts.
    pub(super) fn quantiles<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, out: &mut [f64]) {
        let n = out.len();
        let mut brackets = [Bracket::default(); BLOCK];
        for (i, (part, _)) in self.parts.iter().enumerate() {
            part.quantiles(simd, tails, out);
            for (bracket, &x) in brackets.iter_mut().zip(&*out) {
                let (low, high) = if i == 0 { (x, x) } else { (bracket.low().min(x), bracket.high().max(x)) };
                (bracket.a, bracket.b) = (low, high);
            }
        }
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        let mut excess = |x: &[f64], values: &mut [f64]| {
            self.cdfs(simd, x, &mut below[..n], &mut above[..n]);
            for (i, value) in values.iter_mut().enumerate() {
                let (p, q) = (tails.below[i], tails.above[i]);
                *value = if p < q { below[i] - p } else { q - above[i] };
            }
        };
        let (mut place, mut found) = ([0.0; BLOCK], [0.0; BLOCK]);
        // One place above the ends there is enough, and one below them too little.
        for upper in [false, true] {
            for (x, bracket) in place.iter_mut().zip(&mut brackets[..n]) {
                let end = if upper { &mut bracket.b } else { &mut bracket.a };
                *end = if upper { end.next_up() } else { end.next_down() };
                *x = *end;
            }
            excess(&place[..n], &mut found[..n]);
            for (bracket, value) in brackets.iter_mut().zip(&found[..n]) {
                *(if upper { &mut bracket.at_b } else { &mut bracket.at_a }) = *value;
            }
        }
        for bracket in &mut brackets[..n] {
            bracket.at_a = bracket.at_a.min(-f64::MIN_POSITIVE);
            bracket.at_b = bracket.at_b.max(0.0);
            bracket.next = 0.5f64.mul_add(bracket.b - bracket.a, bracket.a);
        }
        while brackets[..n].iter().any(|bracket| !bracket.closed()) {
            for (x, bracket) in place.iter_mut().zip(&brackets[..n]) {
                *x = bracket.next;
            }
            excess(&place[..n], &mut found[..n]);
            for (bracket, value) in brackets.iter_mut().zip(&found[..n]) {
                if !bracket.closed() {
                    bracket.take(*value);
                }
            }
        }
        for (x, bracket) in out.iter_mut().zip(&brackets[..n]) {
            *x = bracket.high();
        }
    }
}

/// A distribution on the condition that it lies in `[low, high]`.
#[derive(Debug)]
pub(super) struct Truncated {
    of: Distribution,
    low: f64,
    high: f64,
    /// Probability of what lies below the range, of the range, and of what lies above it.
    under: f64,
    within: f64,
    over: f64,
}

impl Truncated {
    pub(super) fn new(of: Distribution, low: f64, high: f64) -> Self {
        let (under, beyond_low) = of.cdf(low.next_down());
        let (up_to_high, over) = of.cdf(high);
        // The difference of the smaller tails, which loses no digits.
        let within = if under < 0.5 { up_to_high - under } else { beyond_low - over };
        Self { of, low, high, under, within, over }
    }

    /// Probability of the range.
    pub(super) fn within(&self) -> f64 {
        self.within
    }

    pub(super) fn quantiles<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, out: &mut [f64]) {
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        for i in 0..out.len() {
            below[i] = tails.below[i].mul_add(self.within, self.under);
            above[i] = tails.above[i].mul_add(self.within, self.over);
        }
        self.of.quantiles(simd, Tails { below: &below[..out.len()], above: &above[..out.len()] }, out);
        for x in out {
            *x = x.clamp(self.low, self.high);
        }
    }

    pub(super) fn cdfs<S: pulp::Simd>(&self, simd: S, x: &[f64], below: &mut [f64], above: &mut [f64]) {
        self.of.cdfs(simd, x, below, above);
        for ((x, p), q) in x.iter().zip(below).zip(above) {
            let lower = ((*p - self.under) / self.within).clamp(0.0, 1.0);
            let upper = ((*q - self.over) / self.within).clamp(0.0, 1.0);
            (*p, *q) = if *x < self.low {
                (0.0, 1.0)
            } else if *x >= self.high {
                (1.0, 0.0)
            } else {
                (if self.under < 0.5 { lower } else { 1.0 - upper }, if self.over < 0.5 { upper } else { 1.0 - lower })
            };
        }
    }
}
