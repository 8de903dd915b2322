//! Inverse of a distribution function with a log-concave density.

/// Greatest number of steps; about ten are needed.
const MOST_STEPS: u32 = 200;

/// Finds `s <= most` at which the logarithm of the lower (or `upper`) tail is `ln_tail`, by Newton's method on that logarithm.
///
/// The logarithm of a tail of a log-concave density is concave: one step from any start leads to a point at which the tail is too
/// small, and from there convergence is monotone. `tail(s)` returns the logarithm of the tail, and the tail over the density.
#[inline(always)]
pub(super) fn solve(ln_tail: f64, start: f64, most: f64, upper: bool, tail: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut s = start.min(most);
    for _ in 0..MOST_STEPS {
        let (ln_here, over_density) = tail(s);
        let change = (ln_tail - ln_here) * over_density;
        let next = if upper { (s - change).min(most) } else { s + change };
        let step = (next - s).abs();
        s = next;
        // Convergence is quadratic: after a step of 1e-8 of the smallest scale, 1/100, only rounding remains.
        if step < 1e-10 * s.abs().max(1.0) {
            break;
        }
    }
    s
}
