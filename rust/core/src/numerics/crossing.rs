//! Where a value first comes up to a target, between two places on either side of it.

/// Ends of a bracket whose values are as near to each other as this, relative to the target, are one place.
const NEAR: f64 = 4.0 * f64::EPSILON;

/// A place at which `value`, below `target` at `low`, has come up to it by `high`: to the rounding of the value or of the
/// place.
///
/// Chandrupatla (1997), "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function without
/// using derivatives", on `(value - target) / (value + target)`, which near the target is half of the difference of the
/// logarithms.
pub(crate) fn crossing(low: f64, high: f64, target: f64, value: impl Fn(f64) -> f64) -> f64 {
    let place = |x: f64| {
        let value = value(x);
        (x, if value == f64::INFINITY { 1.0 } else { (value - target) / (value + target) })
    };
    // The last place, the one on the other side of the target, and the one before; then a share of the way between two.
    let (mut last, mut other, mut share) = (place(low), place(high), 0.5);
    loop {
        let least = f64::EPSILON * last.0.abs().max(other.0.abs());
        let width = (other.0 - last.0).abs();
        let apart = last.1 != 0.0 && other.1 != 0.0 && (other.1 - last.1).abs() > NEAR;
        if !(width > 2.0 * least && apart) {
            return if last.1 >= 0.0 { last.0 } else { other.0 };
        }
        share = f64::clamp(share, least / width, 1.0 - least / width);
        let next = place(share.mul_add(other.0 - last.0, last.0));
        let before = if (next.1 >= 0.0) == (last.1 >= 0.0) { last } else { std::mem::replace(&mut other, last) };
        last = next;
        let across = (last.0 - other.0) / (before.0 - other.0);
        let up = (last.1 - other.1) / (before.1 - other.1);
        share = if up * up < across && (1.0 - up) * (1.0 - up) < 1.0 - across {
            let (a, b, c) = (last.1, other.1, before.1);
            a / (b - a) * c / (b - c) + (before.0 - last.0) / (other.0 - last.0) * a / (c - a) * b / (c - b)
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
