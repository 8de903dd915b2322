//! Measurements of `ln A`, and the input between them: what likelihoods of a gain from each to the next read.

use crate::numerics::elementary::{exp, ln};
use crate::{Error, Result};

const OWNER: &str = "Increments";

/// Steps from each measurement to the next; those that take no time tell nothing of progress and are left out.
#[derive(Debug)]
pub struct Increments {
    /// `ln A` where each step starts and where it ends.
    pub(super) start: Vec<f64>,
    pub(super) end: Vec<f64>,
    ln_duration: Vec<f64>,
    ln_flow: Vec<f64>,
    /// First piece of each step, and the number of pieces at the end.
    pieces: Vec<usize>,
    /// Logarithm of the greatest flow.
    pub(super) greatest: f64,
}

impl Increments {
    /// `ln A` at measurements; pieces of constant input in their order: durations in years, flows, and how many there are
    /// from each measurement to the next.
    pub fn new(log_output: &[f64], duration: &[f64], flow: &[f64], counts: &[usize]) -> Result<Self> {
        let length = |name, given, expected| {
            if given == expected { Ok(()) } else { Err(Error::Length { owner: OWNER, name, given, expected }) }
        };
        length("counts", counts.len() + 1, log_output.len().max(2))?;
        length("flow", flow.len(), duration.len())?;
        length("duration", duration.len(), counts.iter().sum())?;
        let invalid = |name, values: &[f64], rule: &'static str, good: fn(f64) -> bool| match values
            .iter()
            .position(|v| !good(*v))
        {
            Some(i) => {
                Err(Error::InvalidValue { owner: OWNER, name, value: values[i], index: Some(i), rule: rule.into() })
            }
            None => Ok(()),
        };
        invalid("log_output", log_output, "finite", f64::is_finite)?;
        invalid("duration", duration, "finite and > 0", |v| v > 0.0 && v.is_finite())?;
        invalid("flow", flow, "finite and >= 0", |v| v >= 0.0 && v.is_finite())?;
        // Of no input, lambda times this has an exponential of 0, or of 1 for lambda = 0.
        let ln_flow: Vec<f64> = flow.iter().map(|i| if *i > 0.0 { ln(*i) } else { -1e300 }).collect();
        let greatest = ln_flow.iter().copied().fold(-1e300, f64::max);
        let (mut start, mut end, mut pieces) = (Vec::new(), Vec::new(), vec![0]);
        let mut passed = 0;
        for (ends, count) in log_output.windows(2).zip(counts).filter(|(_, count)| **count > 0) {
            start.push(ends[0]);
            end.push(ends[1]);
            passed += count;
            pieces.push(passed);
        }
        let ln_duration = duration.iter().map(|d| ln(*d)).collect();
        Ok(Self { start, end, ln_duration, ln_flow, pieces, greatest })
    }

    /// Logarithm of the operational time of each step, the integral of `I^lambda`, over `e^top`.
    #[inline(always)]
    pub(super) fn ln_passed(&self, lambda: f64, top: f64) -> Vec<f64> {
        let pieces = self.ln_flow.iter().zip(&self.ln_duration);
        let mut pieces: Vec<f64> = pieces.map(|(flow, duration)| lambda.mul_add(*flow, duration - top)).collect();
        if self.pieces.len() == pieces.len() + 1 {
            return pieces;
        }
        for piece in &mut pieces {
            *piece = exp(*piece);
        }
        self.pieces.windows(2).map(|ends| ln(pieces[ends[0]..ends[1]].iter().sum())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused() {
        assert!(Increments::new(&[0.0], &[], &[], &[]).is_err());
        assert!(Increments::new(&[0.0, 1.0], &[1.0], &[1.0], &[2]).is_err());
        assert!(Increments::new(&[0.0, f64::NAN], &[1.0], &[1.0], &[1]).is_err());
        assert!(Increments::new(&[0.0, 1.0], &[1.0], &[-1.0], &[1]).is_err());
    }

    #[test]
    fn steps_without_time_are_left_out() {
        let some = Increments::new(&[0.0, 1.0, 1.5, 3.0], &[1.0, 2.0, 4.0], &[2.0, 3.0, 5.0], &[1, 0, 2]).unwrap();
        assert_eq!((some.start.as_slice(), some.end.as_slice()), (&[0.0, 1.5][..], &[1.0, 3.0][..]));
        let passed: Vec<f64> = some.ln_passed(1.0, 0.0).iter().map(|v| v.exp()).collect();
        assert!((passed[0] - 2.0).abs() < 1e-14 && (passed[1] - 26.0).abs() < 1e-13, "{passed:?}");
    }
}
