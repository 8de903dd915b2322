//! The growth law in closed form: AI labor alone, without a limit, each doubling `q` times as long as the last.

use crate::numerics::elementary::{exp, expm1, ln, ln_1p};

/// Doublings at `times`, of which `first_doubling` is the unit, without a limit but stopping at `stop`; `log_ratio` is the
/// logarithm of the ratio of successive doubling times.
#[inline(always)]
pub(crate) fn unlimited_doublings(
    times: &[f64],
    first_doubling: f64,
    log_ratio: f64,
    stop: f64,
    doublings: &mut [f64],
) {
    let pairs = doublings.iter_mut().zip(times);
    if log_ratio.abs() < 1e-200 {
        for (x, t) in pairs {
            *x = (t / first_doubling).min(stop);
        }
    } else if log_ratio < 1.0 {
        let growth = expm1(log_ratio) / first_doubling;
        for (x, t) in pairs {
            let progress = t * growth;
            // The sum turns -0 into 0.
            let gained = ln_1p(progress.max(-1.0)) / log_ratio + 0.0;
            *x = if progress <= -1.0 { stop } else { gained.min(stop) };
        }
    } else {
        // The same, with e^log_ratio taken out, which may overflow.
        let start = exp(-log_ratio);
        for (x, t) in pairs {
            let time = t / first_doubling;
            let gained = 1.0 + ln((1.0 - time).mul_add(start, time)) / log_ratio;
            *x = if time == 0.0 { 0.0 } else { gained.clamp(0.0, stop) };
        }
    }
}

/// Time (in first doublings) from `x0` to `x1` doublings without a limit.
#[inline(always)]
pub(crate) fn unlimited_time(x0: f64, x1: f64, log_ratio: f64) -> f64 {
    if log_ratio.abs() < 1e-200 {
        x1 - x0
    } else if log_ratio < 0.0 {
        exp(x0 * log_ratio) * (expm1((x1 - x0) * log_ratio) / expm1(log_ratio)) + 0.0
    } else {
        // (q^x1 - q^x0)/(q - 1) with the powers of q that may overflow taken out.
        exp((x1 - 1.0) * log_ratio) * (expm1((x0 - x1) * log_ratio) / expm1(-log_ratio)) + 0.0
    }
}

/// Logarithm of that time where it may be too long for f64, `log_ratio` being 0 or above.
pub(crate) fn unlimited_log_time(x0: f64, x1: f64, log_ratio: f64) -> f64 {
    if log_ratio.abs() < 1e-200 {
        return ln(x1 - x0);
    }
    (x1 - 1.0) * log_ratio + ln(expm1((x0 - x1) * log_ratio) / expm1(-log_ratio))
}

/// Pace at `x` doublings without a limit, in doublings per first doubling's time: a factor and the logarithm of another.
#[inline(always)]
pub(crate) fn unlimited_pace(x: f64, log_ratio: f64) -> (f64, f64) {
    if log_ratio.abs() < 1e-200 {
        (1.0, 0.0)
    } else if log_ratio < 0.0 {
        (expm1(log_ratio) / log_ratio, -log_ratio * x)
    } else {
        (-expm1(-log_ratio) / log_ratio, log_ratio * (1.0 - x))
    }
}
