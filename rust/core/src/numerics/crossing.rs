//! Search for a crossing: the point at which a function reaches a target inside a bracket.

/// Relative difference of the values at the ends of a bracket below which the search ends.
const NEAR: f64 = 4.0 * f64::EPSILON;

/// Finds a point in `low..high` at which `value`, below `target` at `low`, has reached it: up to rounding of the value or of the
/// point.
///
/// The [`zero`] of `(value - target) / (value + target)`, which near the target is half of the difference of the logarithms.
pub(crate) fn crossing(low: f64, high: f64, target: f64, value: impl Fn(f64) -> f64) -> f64 {
    zero(low, high, NEAR, |x| {
        let value = value(x);
        if value == f64::INFINITY { 1.0 } else { (value - target) / (value + target) }
    })
}

/// Finds a point at which `value`, negative at `low`, is no longer negative at `high`: to the rounding of the point, or as soon as
/// the values at the ends of the bracket are at most `near` apart.
///
/// Chandrupatla (1997), "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function without
/// using derivatives".
#[inline(always)]
pub(crate) fn zero(low: f64, high: f64, near: f64, value: impl Fn(f64) -> f64) -> f64 {
    let evaluate = |x: f64| (x, value(x));
    // The last point, the point on the other side of the target, and the next point as a fraction of the way between them.
    let (mut last, mut other, mut fraction) = (evaluate(low), evaluate(high), 0.5);
    loop {
        let least = f64::EPSILON * last.0.abs().max(other.0.abs());
        let width = (other.0 - last.0).abs();
        let distinct = last.1 != 0.0 && other.1 != 0.0 && (other.1 - last.1).abs() > near;
        if !(width > 2.0 * least && distinct) {
            return if last.1 >= 0.0 { last.0 } else { other.0 };
        }
        fraction = f64::clamp(fraction, least / width, 1.0 - least / width);
        let next = evaluate(fraction.mul_add(other.0 - last.0, last.0));
        let previous = if (next.1 >= 0.0) == (last.1 >= 0.0) { last } else { std::mem::replace(&mut other, last) };
        last = next;
        let point_ratio = (last.0 - other.0) / (previous.0 - other.0);
        let value_ratio = (last.1 - other.1) / (previous.1 - other.1);
        fraction = if value_ratio * value_ratio < point_ratio
            && (1.0 - value_ratio) * (1.0 - value_ratio) < 1.0 - point_ratio
        {
            let (a, b, c) = (last.1, other.1, previous.1);
            a / (b - a) * c / (b - c) + (previous.0 - last.0) / (other.0 - last.0) * a / (c - a) * b / (c - b)
        } else {
            0.5
        };
    }
}

#[cfg(test)]
mod tests {
    use super::crossing;
    use std::cell::Cell;

    type Curve = fn(f64) -> f64;

    fn bisected(mut low: f64, mut high: f64, target: f64, value: impl Fn(f64) -> f64) -> f64 {
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return high;
            }
            if value(middle) >= target {
                high = middle;
            } else {
                low = middle;
            }
        }
    }

    #[test]
    fn as_bisection_in_a_few_evaluations() {
        let curves: [(&str, Curve); 6] = [
            ("straight", |x| 1.0 + x),
            ("exponential", |x| (0.6 * x).exp()),
            ("flat at first", |x| 1.0 + x.powi(9)),
            ("steep at the end", |x| 1.0 / (40.0 - x)),
            ("a jump", |x| if x < 7.3 { 1.0 } else { 9.0 }),
            ("infinite", |x| if x < 20.0 { 1.0 + x } else { f64::INFINITY }),
        ];
        for (name, curve) in curves {
            let mut most = 0;
            for k in 1..200 {
                let (low, high) = (0.0, 0.19 * f64::from(k));
                for target in [curve(low) * 1.000_01, curve(low).midpoint(curve(high).min(1e3)), curve(high)] {
                    if !(curve(low) < target && target <= curve(high).min(1e9)) {
                        continue;
                    }
                    let count = Cell::new(0);
                    let counted = |x| {
                        count.set(count.get() + 1);
                        curve(x)
                    };
                    let found = crossing(low, high, target, counted);
                    let expected = bisected(low, high, target, curve);
                    assert!(curve(found) >= target);
                    assert!(
                        (found - expected).abs() <= 1e-15 * expected || (curve(found) / target - 1.0).abs() < 3e-15,
                        "{name} {k}: {found} {expected}"
                    );
                    most = most.max(count.get());
                }
            }
            assert!(most <= if curve(7.2) < 2.0 || name == "infinite" { 60 } else { 20 }, "{name}: {most}");
        }
    }
}
