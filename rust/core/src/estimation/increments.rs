//! Increments of `ln A` between measurements, and the input between them, for likelihoods of increments.

use crate::numerics::elementary::{exp, ln};
use crate::{Error, Result};

const OWNER: &str = "Increments";

/// Steps from each measurement to the next, without those that take no time, which carry no information.
#[derive(Debug)]
pub struct Increments {
    /// `ln A` at the start and at the end of each step.
    pub(super) start: Vec<f64>,
    pub(super) end: Vec<f64>,
    ln_duration: Vec<f64>,
    ln_flow: Vec<f64>,
    /// Index of the first piece of each step, and at the end the number of pieces.
    pieces: Vec<usize>,
    /// Logarithm of the largest flow.
    pub(super) ln_greatest_flow: f64,
}

impl Increments {
    /// Creates the steps from `ln A` at measurements and the pieces of constant input in order: durations in years, flows, and
    /// the number of pieces from each measurement to the next.
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
        // -1e300 stands for the logarithm of 0: the power lambda of the flow is then 0, and 1 for lambda = 0.
        let ln_flow: Vec<f64> = flow.iter().map(|i| if *i > 0.0 { ln(*i) } else { -1e300 }).collect();
        let ln_greatest_flow = ln_flow.iter().copied().fold(-1e300, f64::max);
        let (mut start, mut end, mut pieces) = (Vec::new(), Vec::new(), vec![0]);
        let mut last_piece = 0;
        for (ends, count) in log_output.windows(2).zip(counts).filter(|(_, count)| **count > 0) {
            start.push(ends[0]);
            end.push(ends[1]);
            last_piece += count;
            pieces.push(last_piece);
        }
        let ln_duration = duration.iter().map(|d| ln(*d)).collect();
        Ok(Self { start, end, ln_duration, ln_flow, pieces, ln_greatest_flow })
    }

    /// Computes the logarithm of the operational time of each step, the integral of `I^lambda`, divided by `e^top`.
    #[inline(always)]
    pub(super) fn ln_operational_times(&self, lambda: f64, top: f64) -> Vec<f64> {
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
    fn invalid_arguments_are_refused() {
        assert!(Increments::new(&[0.0], &[], &[], &[]).is_err());
        assert!(Increments::new(&[0.0, 1.0], &[1.0], &[1.0], &[2]).is_err());
        assert!(Increments::new(&[0.0, f64::NAN], &[1.0], &[1.0], &[1]).is_err());
        assert!(Increments::new(&[0.0, 1.0], &[1.0], &[-1.0], &[1]).is_err());
    }

    #[test]
    fn steps_without_time_are_left_out() {
        let series = Increments::new(&[0.0, 1.0, 1.5, 3.0], &[1.0, 2.0, 4.0], &[2.0, 3.0, 5.0], &[1, 0, 2]).unwrap();
        assert_eq!((series.start.as_slice(), series.end.as_slice()), (&[0.0, 1.5][..], &[1.0, 3.0][..]));
        let passed: Vec<f64> = series.ln_operational_times(1.0, 0.0).iter().map(|v| v.exp()).collect();
        assert!((passed[0] - 2.0).abs() < 1e-14 && (passed[1] - 26.0).abs() < 1e-13, "{passed:?}");
    }
}
