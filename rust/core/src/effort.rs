//! Research effort along a path: labor, and labor together with experiment compute.
//!
//! All logarithms are to base 2, so that effort is counted in doublings like the level; effort is 1 at the start.
//!
//! Source: Eth & Davidson (2025), "You might need fast growing computing power", footnotes 39 and 41 (elastic in AI
//! researchers and computing power). The form is that of Arrow, Chenery, Minhas & Solow (1961).

use crate::elementary::{exp, expm1, ln, ln_1p};
use crate::panels::ROWS;
use std::f64::consts::{LN_2, PI};

/// Effort as a function of the doublings reached; it never falls.
pub(crate) trait Effort: Copy {
    /// All that decides how effort goes on from a point.
    type Place: Copy;

    /// The point after `x` doublings.
    fn place(self, x: f64) -> Self::Place;
    /// Doublings of effort after `x` doublings.
    fn doublings(self, x: f64) -> f64;
    /// Doublings of effort over the next `gain` doublings.
    fn rise(self, from: &Self::Place, gain: f64) -> f64;
    /// Turns doublings gained from each of several places (`gains[i]` from `places[i % L]`, at most [`ROWS`] from each) into
    /// those of effort.
    fn rises<const L: usize>(self, places: &[Self::Place; L], gains: &mut [f64]);
    /// Elasticity of effort in the level, `d log2 E / dx`.
    fn elasticity(self, at: &Self::Place) -> f64;
    /// Bound of `|d^2 log2 E / dx^2|` from a point over its [`Effort::reach`].
    fn bend(self, at: &Self::Place) -> f64;
    /// Doublings from a point to what is not smooth in effort, in the complex plane.
    fn reach(self, at: &Self::Place) -> f64;
    /// The elasticity's least and largest value from a point on (bounds).
    fn elasticities(self, at: &Self::Place) -> (f64, f64);
    /// The elasticity in the end.
    fn final_elasticity(self) -> f64;
    /// Doublings from which on the elasticity is final to the precision of f64.
    fn settled(self) -> f64;
}

/// AI labor alone: `E = S`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AiLabor;

impl Effort for AiLabor {
    type Place = ();

    #[inline(always)]
    fn place(self, _: f64) {}

    #[inline(always)]
    fn doublings(self, x: f64) -> f64 {
        x
    }

    #[inline(always)]
    fn rise(self, (): &(), gain: f64) -> f64 {
        gain
    }

    #[inline(always)]
    fn rises<const L: usize>(self, _: &[(); L], _: &mut [f64]) {}

    #[inline(always)]
    fn elasticity(self, (): &()) -> f64 {
        1.0
    }

    #[inline(always)]
    fn bend(self, (): &()) -> f64 {
        0.0
    }

    #[inline(always)]
    fn reach(self, (): &()) -> f64 {
        f64::INFINITY
    }

    #[inline(always)]
    fn elasticities(self, (): &()) -> (f64, f64) {
        (1.0, 1.0)
    }

    #[inline(always)]
    fn final_elasticity(self) -> f64 {
        1.0
    }

    #[inline(always)]
    fn settled(self) -> f64 {
        0.0
    }
}

/// Labor and experiment compute with a constant elasticity of substitution:
///
/// ```text
/// E = (a L^rho + (1 - a) K^rho)^(1/rho),   L = S,  K = S^eta
/// ```
///
/// With `v = rho ln2 (1 - eta) x`, `log2 E = eta x + ln(1 - a + a e^v) / (rho ln2)`: labor's share of the sum follows a
/// logistic curve in `v`. Nothing here divides by a difference that vanishes with `rho`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ces {
    labor_share: f64,
    /// `1/(rho ln2)`.
    inverse: f64,
    eta: f64,
    /// `dv/dx`.
    speed: f64,
    /// `ln(a / (1 - a))`.
    start: f64,
    /// Elasticity in the end.
    end: f64,
}

/// Below this, rho is taken as 0: all that it scales stays proportional to it.
const LEAST_RHO: f64 = 1e-30;

/// Where a path stands between labor and compute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    /// `ln(share / (1 - share))` of labor.
    odds: f64,
    labor: f64,
    /// The one of the two shares that falls.
    falling: f64,
}

impl Ces {
    pub(crate) fn new(labor_share: f64, rho: f64, experiment_efficiency: f64) -> Self {
        let eta = experiment_efficiency;
        let (rho, end) = if rho.abs() < LEAST_RHO {
            (LEAST_RHO, (1.0 - eta).mul_add(labor_share, eta))
        } else {
            (rho, if rho > 0.0 { eta.max(1.0) } else { eta.min(1.0) })
        };
        Self {
            labor_share,
            inverse: 1.0 / (rho * LN_2),
            eta,
            speed: rho * LN_2 * (1.0 - eta),
            start: ln(labor_share / (1.0 - labor_share)),
            end,
        }
    }

    /// `ln(q e^-|v| + 1 - q) + max(v, 0)`, which is `ln(1 + share (e^v - 1))` when `q` is the share that falls.
    #[inline(always)]
    fn log_sum(falling: f64, v: f64) -> f64 {
        v.max(0.0) + ln_1p(falling * expm1(-v.abs()))
    }
}

impl Effort for Ces {
    type Place = Shares;

    #[inline(always)]
    fn place(self, x: f64) -> Shares {
        let odds = self.speed.mul_add(x, self.start);
        let labor = 1.0 / (1.0 + exp(-odds));
        let compute = 1.0 / (1.0 + exp(odds));
        Shares { odds, labor, falling: if self.speed > 0.0 { compute } else { labor } }
    }

    #[inline(always)]
    fn doublings(self, x: f64) -> f64 {
        let falling = if self.speed > 0.0 { 1.0 - self.labor_share } else { self.labor_share };
        self.inverse.mul_add(Self::log_sum(falling, self.speed * x), self.eta * x)
    }

    #[inline(always)]
    fn rise(self, from: &Shares, gain: f64) -> f64 {
        self.inverse.mul_add(Self::log_sum(from.falling, self.speed * gain), self.eta * gain)
    }

    #[inline(always)]
    fn rises<const L: usize>(self, places: &[Shares; L], gains: &mut [f64]) {
        // One table entry per gain, so that the loop becomes SIMD code.
        let falling = [places.each_ref().map(|place| place.falling); ROWS];
        for (gain, falling) in gains.iter_mut().zip(falling.as_flattened()) {
            *gain = self.inverse.mul_add(Self::log_sum(*falling, self.speed * *gain), self.eta * *gain);
        }
    }

    #[inline(always)]
    fn elasticity(self, at: &Shares) -> f64 {
        (1.0 - self.eta).mul_add(at.labor, self.eta)
    }

    #[inline(always)]
    fn bend(self, at: &Shares) -> f64 {
        // The product of the shares is largest, 1/4, where they are equal; past that it falls.
        let towards = (at.odds < 0.0) == (self.speed > 0.0);
        let product = if towards { 0.25 } else { at.labor * (1.0 - at.labor) };
        (self.speed * (1.0 - self.eta)).abs() * product
    }

    #[inline(always)]
    fn reach(self, at: &Shares) -> f64 {
        // The sum vanishes where the odds are an odd multiple of i pi.
        at.odds.mul_add(at.odds, PI * PI).sqrt() / self.speed.abs()
    }

    #[inline(always)]
    fn elasticities(self, at: &Shares) -> (f64, f64) {
        let (now, end) = (self.elasticity(at), self.final_elasticity());
        (now.min(end), now.max(end))
    }

    #[inline(always)]
    fn final_elasticity(self) -> f64 {
        self.end
    }

    #[inline(always)]
    fn settled(self) -> f64 {
        if self.elasticity(&self.place(0.0)) == self.end { 0.0 } else { (self.start.abs() + 50.0) / self.speed.abs() }
    }
}
