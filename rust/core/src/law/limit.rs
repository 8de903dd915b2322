//! How returns fall towards the physical limit of the hardware: a registry of shapes.
//!
//! A shape is a function `h(x)` that multiplies the returns, 1 at the start and 0 at the limit. The law
//! `d ln S = (r/lambda) h d ln W` becomes smooth in the *difficulty* `z`, the doublings that the same
//! research would have brought without a limit:
//!
//! ```text
//! dz = dx / h(x),    log2 W = (lambda / r) z
//! ```
//!
//! A shape with returns that fall gradually implements [`Decline`]; a new one is its functions here and
//! its name in [`LimitShape`].

use crate::numerics::elementary::{exp, expm1, expm1_near, ln, ln_1p};

/// The registry of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitShape {
    /// Returns fall linearly in doublings: `h = 1 - x/limit`. The limit is approached, never reached.
    Linear,
    /// Returns stay constant until the limit and are 0 there. The limit is reached and progress stops.
    Abrupt,
}

impl LimitShape {
    /// Every shape with its name.
    pub(crate) const NAMES: &[&str] = &["linear", "abrupt"];
    /// The shapes in the order of their names.
    pub(crate) const ALL: [Self; 2] = [Self::Linear, Self::Abrupt];
}

/// A point of a decline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Doublings reached.
    pub(crate) doublings: f64,
    /// `h` there, to an absolute precision.
    pub(crate) returns: f64,
    /// `-dh/dz` there, to an absolute precision.
    pub(crate) slope: f64,
}

/// Returns that fall gradually to 0 at the limit.
pub(crate) trait Decline: Copy {
    /// Doublings reached at difficulty `z`.
    fn doublings(self, z: f64) -> f64;
    /// Difficulty at `x` doublings.
    fn difficulty(self, x: f64) -> f64;
    /// `h` at difficulty `z`, to full relative precision.
    fn returns(self, z: f64) -> f64;
    /// `ln h` at difficulty `z`.
    fn log_returns(self, z: f64) -> f64;
    /// Difficulty at which `h` has fallen to a value; infinite if it never does.
    fn faded_to(self, returns: f64) -> f64;
    /// All that decides the size of a panel at difficulty `z`.
    fn place(self, z: f64) -> Place;
    /// Doublings from a place to `step` further in difficulty, for steps of at most `0.7 * scale()`: a short form of
    /// `doublings(z + step) - doublings(z)`.
    fn gain(self, from: Place, step: f64) -> f64;
    /// All that decides the size of a panel, `gain` doublings from a place.
    fn ahead(self, from: Place, gain: f64) -> Place;
    /// Difficulty over which `h` changes by a factor of about e.
    fn scale(self) -> f64;
    /// The limit, doublings.
    fn limit(self) -> f64;
}

/// No decline: `h = 1`, and difficulty is doublings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Constant;

impl Decline for Constant {
    #[inline(always)]
    fn doublings(self, z: f64) -> f64 {
        z
    }

    #[inline(always)]
    fn difficulty(self, x: f64) -> f64 {
        x
    }

    #[inline(always)]
    fn returns(self, _: f64) -> f64 {
        1.0
    }

    #[inline(always)]
    fn log_returns(self, _: f64) -> f64 {
        0.0
    }

    #[inline(always)]
    fn faded_to(self, _: f64) -> f64 {
        f64::INFINITY
    }

    #[inline(always)]
    fn place(self, z: f64) -> Place {
        Place { doublings: z, returns: 1.0, slope: 0.0 }
    }

    #[inline(always)]
    fn gain(self, _: Place, step: f64) -> f64 {
        step
    }

    #[inline(always)]
    fn ahead(self, from: Place, gain: f64) -> Place {
        self.place(from.doublings + gain)
    }

    #[inline(always)]
    fn scale(self) -> f64 {
        f64::INFINITY
    }

    #[inline(always)]
    fn limit(self) -> f64 {
        f64::INFINITY
    }
}

/// `h = 1 - x/limit`, so `h = exp(-z/limit)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Linear {
    limit: f64,
    inverse: f64,
}

impl Linear {
    #[inline(always)]
    pub(crate) fn new(limit: f64) -> Self {
        Self { limit, inverse: 1.0 / limit }
    }
}

impl Decline for Linear {
    #[inline(always)]
    fn doublings(self, z: f64) -> f64 {
        -self.limit * expm1(-z * self.inverse)
    }

    #[inline(always)]
    fn difficulty(self, x: f64) -> f64 {
        // Near the limit the distance to it is exact, where its ratio to the limit is not.
        let log = if x > 0.5 * self.limit { ln((self.limit - x) / self.limit) } else { ln_1p(-x / self.limit) };
        -self.limit * log
    }

    #[inline(always)]
    fn returns(self, z: f64) -> f64 {
        exp(-z * self.inverse)
    }

    #[inline(always)]
    fn log_returns(self, z: f64) -> f64 {
        -z * self.inverse
    }

    #[inline(always)]
    fn faded_to(self, returns: f64) -> f64 {
        -self.limit * ln(returns)
    }

    #[inline(always)]
    fn place(self, z: f64) -> Place {
        let lost = expm1(-z * self.inverse);
        let returns = 1.0 + lost;
        Place { doublings: -self.limit * lost, returns, slope: returns * self.inverse }
    }

    #[inline(always)]
    fn gain(self, from: Place, step: f64) -> f64 {
        -self.limit * from.returns * expm1_near(-step * self.inverse)
    }

    #[inline(always)]
    fn ahead(self, from: Place, gain: f64) -> Place {
        let returns = (-gain).mul_add(self.inverse, from.returns);
        Place { doublings: from.doublings + gain, returns, slope: returns * self.inverse }
    }

    #[inline(always)]
    fn scale(self) -> f64 {
        self.limit
    }

    #[inline(always)]
    fn limit(self) -> f64 {
        self.limit
    }
}
