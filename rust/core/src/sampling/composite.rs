//! Mixtures of distributions, and distributions on the condition that they lie within a range.

use super::distribution::Distribution;
use super::{BLOCK, Tails};

/// A mixture, with weights that sum to 1.
#[derive(Debug)]
pub(super) struct Mixture {
    parts: Vec<(Distribution, f64)>,
    /// Whether single values have a probability: then quantiles are found to the last bit.
    atoms: bool,
}

/// Relative width at which the bracket of a quantile is closed where no single value has a probability.
const TOLERANCE: f64 = 16.0 * f64::EPSILON;

/// The float in the middle of those between two: 64 halvings lead from any two to one.
#[inline(always)]
fn middle(a: f64, b: f64) -> f64 {
    // Integers in the order of the floats.
    let rank = |x: f64| {
        let bits = x.to_bits().cast_signed();
        bits ^ ((bits >> 63) & i64::MAX)
    };
    let (a, b) = (rank(a), rank(b));
    let middle = (a >> 1) + (b >> 1) + (a & b & 1);
    f64::from_bits((middle ^ ((middle >> 63) & i64::MAX)).cast_unsigned())
}

/// A bracket of a root in Chandrupatla's method: the newest end, the other one, the end before, the function at each, and
/// the place to look at next.
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

    /// Whether no float lies between the ends; without atoms, whether the quantile is as good as found.
    #[inline(always)]
    fn closed(&self, atoms: bool) -> bool {
        let (low, high) = (self.low(), self.high());
        low.next_up() >= high || (!atoms && (self.at_a == 0.0 || high - low <= TOLERANCE * low.abs().max(high.abs())))
    }

    /// Takes the function at `next`, and chooses the next place (Chandrupatla 1997): inverse quadratic interpolation
    /// where it is safe, else the float in the middle.
    #[inline(always)]
    fn take(&mut self, at_next: f64, atoms: bool) {
        if (at_next < 0.0) == (self.at_a < 0.0) {
            (self.c, self.at_c) = (self.a, self.at_a);
        } else {
            (self.c, self.b, self.at_c, self.at_b) = (self.b, self.a, self.at_b, self.at_a);
        }
        (self.a, self.at_a) = (self.next, at_next);
        if self.closed(atoms) {
            return;
        }
        let xi = (self.a - self.b) / (self.c - self.b);
        let phi = (self.at_a - self.at_b) / (self.at_c - self.at_b);
        // Where the function is 0 it may be so for long: the least such place is found by halves.
        let safe = self.at_a != 0.0 && self.at_b != 0.0 && phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        let place = if safe {
            let share = self.at_a / (self.at_b - self.at_a) * self.at_c / (self.at_b - self.at_c)
                + (self.c - self.a) / (self.b - self.a) * self.at_a / (self.at_c - self.at_a) * self.at_b
                    / (self.at_c - self.at_b);
            share.mul_add(self.b - self.a, self.a)
        } else {
            middle(self.a, self.b)
        };
        // A little beyond the root that is expected, so that the bracket closes; at least one float inside.
        let margin = if atoms { 0.0 } else { 0.25 * TOLERANCE * self.a.abs() };
        let (low, high) = (self.low(), self.high());
        let least = (low + margin).max(low.next_up());
        let most = (high - margin).min(high.next_down()).max(least);
        self.next = place.clamp(least, most);
    }

    /// The quantile: with atoms the least value that is enough, else the end that is nearer.
    fn found(&self, atoms: bool) -> f64 {
        if atoms {
            self.high()
        } else if self.at_a.abs() <= self.at_b.abs() {
            self.a
        } else {
            self.b
        }
    }
}

impl Mixture {
    pub(super) fn new(parts: Vec<Distribution>, weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let possible = parts.into_iter().zip(weights).filter(|&(_, &weight)| weight > 0.0);
        let parts: Vec<_> = possible.map(|(part, weight)| (part, weight / total)).collect();
        let atoms = parts.iter().any(|(part, _)| part.atoms());
        Self { parts, atoms }
    }

    pub(super) fn atoms(&self) -> bool {
        self.atoms
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

    /// Distribution function at places of the block, less the probability that is wanted there; by the smaller tail.
    fn excess<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, which: &[usize], x: &[f64], out: &mut [f64]) {
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        self.cdfs(simd, x, &mut below[..x.len()], &mut above[..x.len()]);
        for (((&i, value), below), above) in which.iter().zip(out).zip(below).zip(above) {
            let (p, q) = (tails.below[i], tails.above[i]);
            *value = if p < q { below - p } else { q - above };
        }
    }

    /// The least x with the probability up to it: between the least and the greatest quantile of the parts.
    pub(super) fn quantiles<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, out: &mut [f64]) {
        let n = out.len();
        let mut brackets = [Bracket { a: f64::INFINITY, b: f64::NEG_INFINITY, ..Bracket::default() }; BLOCK];
        for (part, _) in &self.parts {
            part.quantiles(simd, tails, out);
            for (bracket, &x) in brackets.iter_mut().zip(&*out) {
                (bracket.a, bracket.b) = (bracket.a.min(x), bracket.b.max(x));
            }
        }
        let mut which: [usize; BLOCK] = std::array::from_fn(|i| i);
        let (mut place, mut value) = ([0.0; BLOCK], [0.0; BLOCK]);
        // Ends at which, in spite of rounding, there is too little below one and enough below the other.
        for bracket in &mut brackets[..n] {
            let margin = |x: f64| if self.atoms { 0.0 } else { TOLERANCE * x.abs() };
            bracket.a = (bracket.a - margin(bracket.a)).next_down();
            bracket.b = (bracket.b + margin(bracket.b)).next_up();
            bracket.next = middle(bracket.a, bracket.b);
        }
        for upper in [false, true] {
            for (x, bracket) in place.iter_mut().zip(&brackets[..n]) {
                *x = if upper { bracket.b } else { bracket.a };
            }
            self.excess(simd, tails, &which[..n], &place[..n], &mut value[..n]);
            for (bracket, &found) in brackets.iter_mut().zip(&value[..n]) {
                if upper {
                    bracket.at_b = found.max(0.0);
                } else {
                    bracket.at_a = found.min(-f64::MIN_POSITIVE);
                }
            }
        }
        let mut open = n;
        while open > 0 {
            for (x, &i) in place.iter_mut().zip(&which[..open]) {
                *x = brackets[i].next;
            }
            self.excess(simd, tails, &which[..open], &place[..open], &mut value[..open]);
            let mut still = 0;
            for k in 0..open {
                let i = which[k];
                brackets[i].take(value[k], self.atoms);
                if !brackets[i].closed(self.atoms) {
                    which[still] = i;
                    still += 1;
                }
            }
            open = still;
        }
        for (x, bracket) in out.iter_mut().zip(&brackets) {
            *x = bracket.found(self.atoms);
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
    /// The condition, unless nothing of the distribution meets it.
    pub(super) fn new(of: Distribution, low: f64, high: f64) -> Option<Self> {
        let (under, beyond_low) = if low.is_infinite() { (0.0, 1.0) } else { of.cdf(low.next_down()) };
        let (up_to_high, over) = if high.is_infinite() { (1.0, 0.0) } else { of.cdf(high) };
        // The difference of the smaller tails, which loses no digits.
        let within = if under < 0.5 { up_to_high - under } else { beyond_low - over };
        (within > 1e-300).then_some(Self { of, low, high, under, within, over })
    }

    pub(super) fn atoms(&self) -> bool {
        self.of.atoms()
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

#[cfg(test)]
mod tests {
    use super::middle;

    #[test]
    fn the_middle_float() {
        assert_eq!(middle(-1.0, 1.0), -0.0);
        assert_eq!(middle(1.0, 1.0f64.next_up().next_up()), 1.0f64.next_up());
        for (a, b) in [(0.0, 1e300), (-1e300, 1e-300), (-3.0, -2.0), (5.0, 4.0)] {
            let (mut low, mut high) = (f64::min(a, b), f64::max(a, b));
            let mut steps = 0;
            while low.next_up() < high {
                let place = middle(low, high);
                assert!(low < place && place < high);
                (low, high) = if steps % 3 == 0 { (low, place) } else { (place, high) };
                steps += 1;
            }
            assert!(steps <= 64);
        }
    }
}
