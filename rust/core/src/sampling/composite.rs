//! Mixtures of distributions, and distributions truncated to a range.

use super::distribution::Distribution;
use super::{BLOCK, Tails};

/// A mixture, with weights that sum to 1.
#[derive(Debug)]
pub(super) struct Mixture {
    parts: Vec<(Distribution, f64)>,
    /// Whether single values have a positive probability; quantiles are then exact to the last bit.
    atoms: bool,
}

/// Relative width at which the bracket of a quantile is closed, if no single value has a positive probability.
const TOLERANCE: f64 = 16.0 * f64::EPSILON;

/// Returns the middle one of the floats from `a` to `b`: 64 bisections reduce any range to one float.
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

/// Bracket of a root in Chandrupatla's method: the newest end `a`, the opposite end `b`, the previous end `c`, the function at
/// each, and the next point to evaluate.
#[derive(Clone, Copy, Default)]
struct RootBracket {
    a: f64,
    b: f64,
    c: f64,
    at_a: f64,
    at_b: f64,
    at_c: f64,
    next: f64,
}

impl RootBracket {
    fn low(&self) -> f64 {
        self.a.min(self.b)
    }

    fn high(&self) -> f64 {
        self.a.max(self.b)
    }

    /// Returns whether no float lies between the ends or, without atoms, whether the quantile is accurate enough.
    #[inline(always)]
    fn closed(&self, atoms: bool) -> bool {
        let (low, high) = (self.low(), self.high());
        low.next_up() >= high || (!atoms && (self.at_a == 0.0 || high - low <= TOLERANCE * low.abs().max(high.abs())))
    }

    /// Moves the ends by the function at `next`, and chooses the next point (Chandrupatla 1997): inverse quadratic
    /// interpolation where it is safe, else the middle float.
    #[inline(always)]
    fn update(&mut self, at_next: f64, atoms: bool) {
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
        // The function may be 0 over an interval, whose least point is found by bisection.
        let safe = self.at_a != 0.0 && self.at_b != 0.0 && phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        let point = if safe {
            let fraction = self.at_a / (self.at_b - self.at_a) * self.at_c / (self.at_b - self.at_c)
                + (self.c - self.a) / (self.b - self.a) * self.at_a / (self.at_c - self.at_a) * self.at_b
                    / (self.at_c - self.at_b);
            fraction.mul_add(self.b - self.a, self.a)
        } else {
            middle(self.a, self.b)
        };
        // Slightly beyond the expected root, so that the bracket closes; at least one float inside the ends.
        let margin = if atoms { 0.0 } else { 0.25 * TOLERANCE * self.a.abs() };
        let (low, high) = (self.low(), self.high());
        let least = (low + margin).max(low.next_up());
        let most = (high - margin).min(high.next_down()).max(least);
        self.next = point.clamp(least, most);
    }

    /// Returns the quantile: with atoms the least value whose probability suffices, else the end with the smaller error.
    fn root(&self, atoms: bool) -> f64 {
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
    /// Creates a mixture of the parts with positive weights, which it normalizes.
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
                for (sum, part_value) in sums.iter_mut().zip(parts) {
                    *sum = weight.mul_add(*part_value, *sum);
                }
            }
        }
    }

    /// Computes the distribution function at points of the block, less the target probability of each, by the smaller tail.
    fn excess<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, indices: &[usize], x: &[f64], out: &mut [f64]) {
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        self.cdfs(simd, x, &mut below[..x.len()], &mut above[..x.len()]);
        for (((&i, value), below), above) in indices.iter().zip(out).zip(below).zip(above) {
            let (p, q) = (tails.below[i], tails.above[i]);
            *value = if p < q { below - p } else { q - above };
        }
    }

    /// Computes quantiles: the least x up to which the probability suffices, between the least and the greatest quantile of the
    /// parts.
    pub(super) fn quantiles<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, out: &mut [f64]) {
        let n = out.len();
        let mut brackets = [RootBracket { a: f64::INFINITY, b: f64::NEG_INFINITY, ..RootBracket::default() }; BLOCK];
        for (part, _) in &self.parts {
            part.quantiles(simd, tails, out);
            for (bracket, &x) in brackets.iter_mut().zip(&*out) {
                (bracket.a, bracket.b) = (bracket.a.min(x), bracket.b.max(x));
            }
        }
        let mut indices: [usize; BLOCK] = std::array::from_fn(|i| i);
        let (mut points, mut excesses) = ([0.0; BLOCK], [0.0; BLOCK]);
        // Widen the brackets so that, in spite of rounding, the function is negative at one end and not at the other.
        for bracket in &mut brackets[..n] {
            let margin = |x: f64| if self.atoms { 0.0 } else { TOLERANCE * x.abs() };
            bracket.a = (bracket.a - margin(bracket.a)).next_down();
            bracket.b = (bracket.b + margin(bracket.b)).next_up();
            bracket.next = middle(bracket.a, bracket.b);
        }
        for upper in [false, true] {
            for (x, bracket) in points.iter_mut().zip(&brackets[..n]) {
                *x = if upper { bracket.b } else { bracket.a };
            }
            self.excess(simd, tails, &indices[..n], &points[..n], &mut excesses[..n]);
            for (bracket, &at_end) in brackets.iter_mut().zip(&excesses[..n]) {
                if upper {
                    bracket.at_b = at_end.max(0.0);
                } else {
                    bracket.at_a = at_end.min(-f64::MIN_POSITIVE);
                }
            }
        }
        let mut open = n;
        while open > 0 {
            for (x, &i) in points.iter_mut().zip(&indices[..open]) {
                *x = brackets[i].next;
            }
            self.excess(simd, tails, &indices[..open], &points[..open], &mut excesses[..open]);
            let mut remaining = 0;
            for k in 0..open {
                let i = indices[k];
                brackets[i].update(excesses[k], self.atoms);
                if !brackets[i].closed(self.atoms) {
                    indices[remaining] = i;
                    remaining += 1;
                }
            }
            open = remaining;
        }
        for (x, bracket) in out.iter_mut().zip(&brackets) {
            *x = bracket.root(self.atoms) + 0.0; // never -0.0, which lies just below 0 in the order of the bracket
        }
    }
}

/// A distribution truncated to `[low, high]`.
#[derive(Debug)]
pub(super) struct Truncated {
    inner: Distribution,
    low: f64,
    high: f64,
    /// Probabilities below, within and above the range.
    under: f64,
    within: f64,
    over: f64,
}

impl Truncated {
    /// Truncates a distribution; returns `None` if the range has no probability.
    pub(super) fn new(inner: Distribution, low: f64, high: f64) -> Option<Self> {
        let (under, beyond_low) = if low.is_infinite() { (0.0, 1.0) } else { inner.cdf(low.next_down()) };
        let (up_to_high, over) = if high.is_infinite() { (1.0, 0.0) } else { inner.cdf(high) };
        // The difference of the smaller tails, without cancellation.
        let within = if under < 0.5 { up_to_high - under } else { beyond_low - over };
        (within > 1e-300).then_some(Self { inner, low, high, under, within, over })
    }

    pub(super) fn atoms(&self) -> bool {
        self.inner.atoms()
    }

    pub(super) fn quantiles<S: pulp::Simd>(&self, simd: S, tails: Tails<&[f64]>, out: &mut [f64]) {
        let (mut below, mut above) = ([0.0; BLOCK], [0.0; BLOCK]);
        for i in 0..out.len() {
            below[i] = tails.below[i].mul_add(self.within, self.under);
            above[i] = tails.above[i].mul_add(self.within, self.over);
        }
        self.inner.quantiles(simd, Tails { below: &below[..out.len()], above: &above[..out.len()] }, out);
        for x in out {
            *x = x.clamp(self.low, self.high);
        }
    }

    pub(super) fn cdfs<S: pulp::Simd>(&self, simd: S, x: &[f64], below: &mut [f64], above: &mut [f64]) {
        self.inner.cdfs(simd, x, below, above);
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
                let between = middle(low, high);
                assert!(low < between && between < high);
                (low, high) = if steps % 3 == 0 { (low, between) } else { (between, high) };
                steps += 1;
            }
            assert!(steps <= 64);
        }
    }
}
