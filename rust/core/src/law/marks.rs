//! Marks along a passage: what is known at a difficulty, and how wide a panel from there may be.

use crate::law::effort::{Effort, SMOOTH};
use crate::law::limit::{Decline, Place};

/// Change of `phi` that a panel may span. With [`BULGE`] it decides the error of the inversion: below 1e-7 doublings, and
/// 1e-8 for most paths. The quadrature of the times is far more exact: below 1e-13.
pub(crate) const SPAN: f64 = 4.0;
/// Largest distance of `phi` from its chord in a panel.
const BULGE: f64 = 0.2;
/// Largest panel in units of the decline's scale.
const REACH: f64 = 0.7;
/// Doublings that a panel from the start may span, since the error of the inversion is relative to that; later ones may
/// span half of the doublings before them more.
const LONGEST: f64 = 12.0;
/// Doublings beyond which the difference between `z/r` and those of effort has no digits left.
pub(crate) const MOST_DOUBLINGS: f64 = 1e15;
/// No path goes on from here.
pub(crate) const FAR: f64 = 1e300;

/// One path under a law; time is in first doublings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passage<D, E> {
    pub(crate) decline: D,
    pub(crate) effort: E,
    /// ln2 lambda.
    pub(crate) rate: f64,
    /// 1 / r.
    pub(crate) inverse_r: f64,
    /// About the largest `phi` of the first doubling: `e^phi` is scaled by `e^-peak`.
    pub(crate) peak: f64,
    /// Scaled integral over the first doubling: the unit of time.
    pub(crate) unit: f64,
}

/// Where a panel starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark<P> {
    pub(crate) z: f64,
    pub(crate) phi: f64,
    pub(crate) place: Place,
    pub(crate) effort: P,
}

impl<D: Decline, E: Effort> Passage<D, E> {
    #[inline(always)]
    pub(crate) fn mark(&self, z: f64) -> Mark<E::Place> {
        let place = self.decline.place(z);
        let doublings = self.effort.doublings(place.doublings);
        let phi = self.rate * z.mul_add(self.inverse_r, -doublings);
        Mark { z, phi, place, effort: self.effort.place(place.doublings) }
    }

    /// The mark one panel of this `width` further on.
    #[inline(always)]
    pub(crate) fn ahead(&self, from: &Mark<E::Place>, width: f64) -> Mark<E::Place> {
        let gain = self.decline.gain(from.place, width);
        let phi = from.phi + self.climb(width, self.effort.rise(&from.effort, gain));
        Mark { phi, ..self.beyond(from, width) }
    }

    /// The same without `phi`, which is left as it is.
    #[inline(always)]
    pub(crate) fn beyond(&self, from: &Mark<E::Place>, width: f64) -> Mark<E::Place> {
        let place = self.decline.ahead(from.place, self.decline.gain(from.place, width));
        Mark { z: from.z + width, phi: from.phi, place, effort: self.effort.place(place.doublings) }
    }

    /// Change of `phi` over a step in which effort rises by `rise` doublings.
    #[inline(always)]
    pub(crate) fn climb(&self, step: f64, rise: f64) -> f64 {
        self.rate * step.mul_add(self.inverse_r, -rise)
    }

    /// `d phi / dz`.
    #[inline(always)]
    pub(crate) fn slope(&self, at: &Mark<E::Place>) -> f64 {
        self.rate * self.effort.elasticity(&at.effort).mul_add(-at.place.returns, self.inverse_r)
    }

    /// Width of the panel that starts at a mark.
    #[inline(always)]
    pub(crate) fn width(&self, at: &Mark<E::Place>) -> f64 {
        let slope = self.slope(at);
        let returns = at.place.returns;
        let bend = self.effort.bend(&at.effort) * (returns * returns);
        let curvature = self.rate * self.effort.elasticity(&at.effort).mul_add(at.place.slope, bend);
        let by_span = 2.0 * SPAN / (slope.abs() + slope.mul_add(slope, 2.0 * SPAN * curvature).sqrt());
        let by_bulge = (8.0 * BULGE / curvature).sqrt();
        let doublings = at.place.doublings.mul_add(0.5, LONGEST).min(SMOOTH * self.effort.reach(&at.effort));
        let width = by_span.min(by_bulge).min(REACH * self.decline.scale()).min(doublings / returns);
        width.max(at.z * f64::EPSILON) // at least to the next float
    }
}
