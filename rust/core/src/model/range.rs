//! The range of a numeric input.

/// Values that an input allows.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// Smallest value.
    pub low: f64,
    /// Whether `low` itself is allowed.
    pub low_included: bool,
    /// Largest value.
    pub high: f64,
    /// The range as the mathematics has it, to follow "must be"; [`Range::numbers`] adds what floats add to that.
    pub says: &'static str,
}

impl Range {
    /// Makes the range from `low` to `high` of a positive number.
    pub const fn positive(low: f64, high: f64) -> Self {
        Self { low, low_included: true, high, says: "finite and > 0" }
    }

    /// Makes the range from 0 to `high`.
    pub const fn non_negative(high: f64) -> Self {
        Self { low: 0.0, low_included: true, high, says: "finite and >= 0" }
    }

    /// Makes the range from `low` to `high` of numbers above 0 and at most 1, or below 1.
    pub const fn share(low: f64, high: f64) -> Self {
        let says = match (low > 0.0, high < 1.0) {
            (true, true) => "> 0 and < 1",
            (true, false) => "> 0 and <= 1",
            (false, true) => ">= 0 and < 1",
            (false, false) => ">= 0 and <= 1",
        };
        Self { low, low_included: true, high, says }
    }

    /// Makes the range above `low`, up to `high`.
    pub const fn above(low: f64, high: f64, says: &'static str) -> Self {
        Self { low, low_included: false, high, says }
    }

    /// Makes the range from `low` to `high`.
    pub const fn from(low: f64, high: f64, says: &'static str) -> Self {
        Self { low, low_included: true, high, says }
    }

    /// Whether a value is allowed; NaN never is.
    pub fn contains(&self, value: f64) -> bool {
        (value > self.low || (self.low_included && value == self.low)) && value <= self.high
    }

    /// States the ends that are not those of the mathematics.
    pub(super) fn numbers(&self) -> String {
        let stated = |end: f64| end.is_finite() && end != 0.0 && end != 1.0;
        match (self.low_included && stated(self.low), stated(self.high)) {
            (true, true) => format!("from {} to {}", number(self.low), number(self.high)),
            (true, false) => format!("from {}", number(self.low)),
            (false, true) => format!("up to {}", number(self.high)),
            (false, false) => String::new(),
        }
    }
}

/// A number as people write it.
fn number(value: f64) -> String {
    let size = value.abs();
    if (1e-3..1e4).contains(&size) { format!("{value}") } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_that_the_mathematics_does_not_have_are_stated() {
        assert_eq!(Range::positive(1e-6, 1e6).numbers(), "from 1e-6 to 1e6");
        assert_eq!(Range::non_negative(1e100).numbers(), "up to 1e100");
        assert_eq!(Range::share(1e-6, 1.0).numbers(), "from 1e-6");
        assert_eq!(Range::share(0.0, 1.0 - 1e-9).numbers(), "up to 0.999999999");
        assert_eq!(Range::above(1.0, f64::INFINITY, "> 1").numbers(), "");
        assert_eq!(Range::from(-1e3, 1.0, "<= 1").numbers(), "from -1000");
        assert_eq!(Range::share(1e-9, 0.5).says, "> 0 and < 1");
    }

    #[test]
    fn an_open_end_and_nan_are_outside() {
        let range = Range::above(1.0, 2.0, "> 1");
        assert!(range.contains(2.0) && !range.contains(1.0) && !range.contains(f64::NAN));
        assert!(Range::from(1.0, 2.0, ">= 1").contains(1.0));
    }
}
