//! Research effort along a path: labor, and labor together with experiment compute.
//!
//! All logarithms are to base 2, so that effort is counted in doublings like the level; effort is 1 at the start.
//!
//! Source: Eth & Davidson (2025), "You might need fast growing computing power", footnotes 39 and 41 (elastic in AI
//! researchers and computing power). The form is that of Arrow, Chenery, Minhas & Solow (1961).

use crate::law::tables::ROWS;
use crate::numerics::elementary::{exp, expm1, ln, ln_1p};
use std::f64::consts::{LN_2, PI};

/// Which way the elasticity of effort goes as doublings are gained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trend {
    Constant,
    Falls,
    Rises,
    Mixed,
}

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
    /// The least that [`Effort::reach`] may be anywhere; 0 if there is none.
    fn least_reach(self) -> f64;
    /// The elasticity's least and largest value from a point on (bounds).
    fn elasticities(self, at: &Self::Place) -> (f64, f64);
    /// Which way the elasticity goes.
    fn trend(self) -> Trend;
    /// The elasticity in the end.
    fn final_elasticity(self) -> f64;
    /// Doublings from which on the elasticity is final to the precision of f64.
    fn settled(self) -> f64;
}

/// Largest panel in units of effort's reach.
pub(crate) const SMOOTH: f64 = 1.4;

/// Effort on hardware that has grown, in doublings, and its elasticities.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grown {
    pub(crate) doublings: f64,
    pub(crate) in_level: f64,
    pub(crate) in_hardware: f64,
}

/// Effort as a function of the doublings reached and of the doublings of hardware, smooth while people are squeezed onto the
/// tasks that AI cannot do, and while they are not.
pub(crate) trait Dated: Effort {
    fn grown(self, x: f64, hardware: f64, squeezed: bool) -> Grown;
    /// Positive where people are squeezed.
    fn squeeze(self, x: f64, hardware: f64) -> f64;
    /// Doublings from which on all tasks are automated.
    fn full_at(self) -> f64;
    /// Doublings from which on people are negligible relative to AI labor.
    fn alone_from(self) -> f64;
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
    fn least_reach(self) -> f64 {
        f64::INFINITY
    }

    #[inline(always)]
    fn elasticities(self, (): &()) -> (f64, f64) {
        (1.0, 1.0)
    }

    #[inline(always)]
    fn trend(self) -> Trend {
        Trend::Constant
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

impl Dated for AiLabor {
    fn grown(self, x: f64, hardware: f64, _: bool) -> Grown {
        Grown { doublings: x + hardware, in_level: 1.0, in_hardware: 1.0 }
    }

    fn squeeze(self, _: f64, _: f64) -> f64 {
        -1.0
    }

    fn full_at(self) -> f64 {
        0.0
    }

    fn alone_from(self) -> f64 {
        0.0
    }
}

/// Effort of a level that holds only a share of the doublings that are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share<E> {
    pub(crate) effort: E,
    pub(crate) share: f64,
}

impl<E: Effort> Effort for Share<E> {
    type Place = E::Place;

    fn place(self, x: f64) -> E::Place {
        self.effort.place(self.share * x)
    }

    fn doublings(self, x: f64) -> f64 {
        self.effort.doublings(self.share * x)
    }

    fn rise(self, from: &E::Place, gain: f64) -> f64 {
        self.effort.rise(from, self.share * gain)
    }

    fn rises<const L: usize>(self, places: &[E::Place; L], gains: &mut [f64]) {
        for gain in gains.iter_mut() {
            *gain *= self.share;
        }
        self.effort.rises(places, gains);
    }

    fn elasticity(self, at: &E::Place) -> f64 {
        self.share * self.effort.elasticity(at)
    }

    fn bend(self, at: &E::Place) -> f64 {
        self.share * self.share * self.effort.bend(at)
    }

    fn reach(self, at: &E::Place) -> f64 {
        self.effort.reach(at) / self.share
    }

    fn least_reach(self) -> f64 {
        self.effort.least_reach() / self.share
    }

    fn elasticities(self, at: &E::Place) -> (f64, f64) {
        let (low, high) = self.effort.elasticities(at);
        (self.share * low, self.share * high)
    }

    fn trend(self) -> Trend {
        self.effort.trend()
    }

    fn final_elasticity(self) -> f64 {
        self.share * self.effort.final_elasticity()
    }

    fn settled(self) -> f64 {
        self.effort.settled() / self.share
    }
}

/// Labor and experiment compute with a constant elasticity of substitution:
///
/// ```text
/// E = (a L^rho + (1 - a) K^rho)^(1/rho),   K = S^eta
/// ```
///
/// With `v = rho ln(L/K)`, `ln E = ln K + ln(1 - a + a e^v) / rho`: labor's share of the sum follows a logistic curve in `v`.
/// Nothing here divides by a difference that vanishes with `rho`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ces<L> {
    labor: L,
    labor_share: f64,
    /// `rho ln2`.
    speed: f64,
    /// `1/(rho ln2)`.
    inverse: f64,
    eta: f64,
    /// `ln(a / (1 - a))`.
    start: f64,
}

/// Below this, rho is taken as 0: all that it scales stays proportional to it.
const LEAST_RHO: f64 = 1e-30;

/// Where a path stands between labor and compute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares<P> {
    from: P,
    /// `ln(labor / compute)`.
    odds: f64,
    labor: f64,
    compute: f64,
}

impl<L: Effort> Ces<L> {
    #[inline(always)]
    pub(crate) fn new(labor: L, labor_share: f64, rho: f64, experiment_efficiency: f64) -> Self {
        let rho = if rho.abs() < LEAST_RHO { LEAST_RHO } else { rho };
        let start = ln(labor_share / (1.0 - labor_share));
        Self { labor, labor_share, speed: rho * LN_2, inverse: 1.0 / (rho * LN_2), eta: experiment_efficiency, start }
    }

    /// Doublings of effort while labor gains some and the level gains `gain`, from the given shares.
    #[inline(always)]
    fn doublings_from(&self, (labor_share, compute_share): (f64, f64), labor: f64, gain: f64) -> f64 {
        let v = self.speed * (-self.eta).mul_add(gain, labor);
        // ln(1 + share (e^v - 1)), by the share that falls.
        let falling = if v > 0.0 { compute_share } else { labor_share };
        let log_sum = v.max(0.0) + ln_1p(falling * expm1(-v.abs()));
        self.inverse.mul_add(log_sum, self.eta * gain)
    }

    /// `ln(labor / compute)` in the sum, by the doublings of labor on the hardware of the start.
    #[inline(always)]
    fn odds(&self, x: f64, labor: f64) -> f64 {
        self.speed.mul_add((-self.eta).mul_add(x, labor), self.start)
    }

    /// Whether rho is 0 to all purposes: then shares never change.
    #[inline(always)]
    fn fixed_shares(&self) -> bool {
        self.speed.abs() <= 2.0 * LEAST_RHO
    }

    /// The speed at which the odds of labor change, per doubling.
    #[inline(always)]
    fn shift(&self, from: &L::Place) -> f64 {
        self.speed * (self.labor.elasticity(from) - self.eta)
    }
}

/// Shares of labor and compute by the logarithm of their ratio.
#[inline(always)]
fn shares(odds: f64) -> (f64, f64) {
    let less = exp(-odds.abs());
    let more = 1.0 / (1.0 + less);
    if odds > 0.0 { (more, less * more) } else { (less * more, more) }
}

impl<L: Dated> Dated for Ces<L> {
    fn grown(self, x: f64, hardware: f64, squeezed: bool) -> Grown {
        let labor = self.labor.grown(x, hardware, squeezed);
        // The sum is homogeneous in hardware, so that compute may be taken as that of the start.
        let relative = labor.doublings - hardware;
        let (labor_share, compute_share) = shares(self.odds(x, relative));
        // By the one that counts in the end: relative to ages of hardware the other has no digits left.
        let v = self.speed * (-self.eta).mul_add(x, relative);
        let (first, falling) = if v > 0.0 {
            (labor.doublings, 1.0 - self.labor_share)
        } else {
            (self.eta.mul_add(x, hardware), self.labor_share)
        };
        Grown {
            doublings: self.inverse.mul_add(ln_1p(falling * expm1(-v.abs())), first),
            in_level: labor_share.mul_add(labor.in_level, compute_share * self.eta),
            in_hardware: labor_share.mul_add(labor.in_hardware, compute_share),
        }
    }

    fn squeeze(self, x: f64, hardware: f64) -> f64 {
        self.labor.squeeze(x, hardware)
    }

    fn full_at(self) -> f64 {
        self.labor.full_at()
    }

    fn alone_from(self) -> f64 {
        self.labor.alone_from()
    }
}

impl<L: Effort> Effort for Ces<L> {
    type Place = Shares<L::Place>;

    #[inline(always)]
    fn place(self, x: f64) -> Self::Place {
        let odds = self.odds(x, self.labor.doublings(x));
        let (labor, compute) = shares(odds);
        Shares { from: self.labor.place(x), odds, labor, compute }
    }

    #[inline(always)]
    fn doublings(self, x: f64) -> f64 {
        self.doublings_from((self.labor_share, 1.0 - self.labor_share), self.labor.doublings(x), x)
    }

    #[inline(always)]
    fn rise(self, from: &Self::Place, gain: f64) -> f64 {
        self.doublings_from((from.labor, from.compute), self.labor.rise(&from.from, gain), gain)
    }

    #[inline(always)]
    fn rises<const W: usize>(self, places: &[Self::Place; W], gains: &mut [f64]) {
        // One table entry per gain, so that the loop becomes SIMD code.
        let labor_shares = [places.each_ref().map(|place| place.labor); ROWS];
        let compute_shares = [places.each_ref().map(|place| place.compute); ROWS];
        let mut labor = [[0.0; W]; ROWS];
        let labor = &mut labor.as_flattened_mut()[..gains.len()];
        labor.copy_from_slice(gains);
        self.labor.rises(&places.each_ref().map(|place| place.from), labor);
        let shares = labor_shares.as_flattened().iter().zip(compute_shares.as_flattened());
        for ((gain, labor), (labor_share, compute_share)) in gains.iter_mut().zip(labor).zip(shares) {
            *gain = self.doublings_from((*labor_share, *compute_share), *labor, *gain);
        }
    }

    #[inline(always)]
    fn elasticity(self, at: &Self::Place) -> f64 {
        at.labor.mul_add(self.labor.elasticity(&at.from), at.compute * self.eta)
    }

    #[inline(always)]
    fn bend(self, at: &Self::Place) -> f64 {
        let shift = self.shift(&at.from);
        // The product of the shares is largest, 1/4, where they are equal; past that it falls.
        let towards = (at.odds < 0.0) == (shift > 0.0);
        let product = if towards { 0.25 } else { at.labor * at.compute };
        (shift * (self.labor.elasticity(&at.from) - self.eta)).abs().mul_add(product, self.labor.bend(&at.from))
    }

    #[inline(always)]
    fn reach(self, at: &Self::Place) -> f64 {
        // The sum vanishes where the odds are an odd multiple of i pi.
        let pole = at.odds.mul_add(at.odds, PI * PI).sqrt() / self.shift(&at.from).abs();
        pole.min(self.labor.reach(&at.from))
    }

    #[inline(always)]
    fn least_reach(self) -> f64 {
        let shift = self.speed * (self.labor.final_elasticity() - self.eta);
        (PI / shift.abs()).min(self.labor.least_reach())
    }

    #[inline(always)]
    fn elasticities(self, at: &Self::Place) -> (f64, f64) {
        let (low, high) = self.labor.elasticities(&at.from);
        let mixed = |labor: f64| at.labor.mul_add(labor, at.compute * self.eta);
        if self.fixed_shares() {
            return (mixed(low), mixed(high));
        }
        // Labor's share goes one way while its elasticity stays on one side of compute's.
        let more = self.speed > 0.0;
        if low >= self.eta {
            if more { (mixed(low), high) } else { (self.eta, mixed(high)) }
        } else if high <= self.eta {
            if more { (mixed(low), self.eta) } else { (low, mixed(high)) }
        } else {
            (low.min(self.eta), high.max(self.eta))
        }
    }

    #[inline(always)]
    fn trend(self) -> Trend {
        // It goes from a constant elasticity of labor towards that of compute, or away from it, as labor's share does.
        let apart = self.labor.final_elasticity() != self.eta;
        match self.labor.trend() {
            Trend::Constant if !apart || self.fixed_shares() => Trend::Constant,
            Trend::Constant if self.speed < 0.0 => Trend::Falls,
            Trend::Constant => Trend::Rises,
            _ => Trend::Mixed,
        }
    }

    #[inline(always)]
    fn final_elasticity(self) -> f64 {
        let labor = self.labor.final_elasticity();
        if self.fixed_shares() {
            (1.0 - self.labor_share).mul_add(self.eta, self.labor_share * labor)
        } else if self.speed > 0.0 {
            labor.max(self.eta)
        } else {
            labor.min(self.eta)
        }
    }

    #[inline(always)]
    fn settled(self) -> f64 {
        let shift = (self.speed * (self.labor.final_elasticity() - self.eta)).abs();
        let from = self.labor.settled();
        if self.fixed_shares() || shift == 0.0 { from } else { from + (self.start.abs() + 50.0) / shift }
    }
}
