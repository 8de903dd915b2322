//! How the pace goes over time, where the parts of a law tell.
//!
//! The pace is `p = G^lambda e^f(x)`, with `f` that on fixed hardware, so that
//!
//! ```text
//! d ln p / dt = d ln G^lambda / dt + f'(x) p
//! ```
//!
//! While hardware grows at one rate, `d^2 ln p / dt^2 = f''(x) p^2` wherever the pace is level. If `f` is concave, and
//! hardware growth never becomes faster, the pace therefore has one peak at most; if `f` is convex, and hardware growth never
//! becomes slower, it has one trough at most. The limit adds a concave term to `f`, and the elasticity of effort `e` enters as
//! `f' = ln2 lambda e`, with what research takes more and more of in a term that is concave too.

use crate::law::effort::{Effort, Trend};
use crate::law::limit::Decline;
use crate::law::marks::Passage;
use crate::law::path::{Course, Path, by_course};
use crate::numerics::crossing::crossing;

/// How the pace goes over time, up to a limit that is abrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// It rises and then falls, or does one of the two.
    Peak,
    /// It falls and then rises, or does one of the two.
    Valley,
    /// It may have several peaks.
    Any,
}

impl Path<'_> {
    /// The form of the pace.
    #[inline(always)]
    pub(crate) fn form(&self) -> Form {
        let trend = by_course!(&self.course, _ratio => Trend::Constant, passage => passage.effort.trend());
        let limited = by_course!(&self.course, _ratio => false, passage => passage.decline.limit() < f64::INFINITY);
        let (never_faster, never_slower) = self.clock.trend();
        match trend {
            Trend::Constant | Trend::Rises if !limited && never_slower => Form::Valley,
            Trend::Constant | Trend::Falls if never_faster => Form::Peak,
            _ => Form::Any,
        }
    }

    /// Doublings at which the pace of [`Form::Peak`] on fixed hardware is highest: 0 if it only falls, infinite if it only
    /// rises, and beyond an abrupt limit it may be too.
    #[inline(always)]
    pub(crate) fn crest(&self) -> f64 {
        match &self.course {
            Course::Limited(_) => self.limited_peak().max(0.0),
            Course::Compute(passage) => passage.crest(),
            Course::LimitedCompute(passage) => passage.crest(),
            Course::Closed { log_ratio } if *log_ratio >= 0.0 => 0.0,
            _ => f64::INFINITY,
        }
    }
}

impl<D: Decline, E: Effort> Passage<D, E> {
    /// Doublings at which the pace is highest if the elasticity of effort never rises: 0 if it only falls, infinite if it only
    /// rises.
    #[inline(always)]
    fn crest(&self) -> f64 {
        // The pace rises while e h > 1/r + (-d ln h / dz) / (ln2 lambda).
        let ratio = |z: f64| {
            let place = self.decline.place(z);
            let lift = self.effort.elasticity(&self.effort.place(place.doublings)) * place.returns;
            (self.inverse_r + place.slope / place.returns / self.rate) / lift
        };
        if ratio(0.0) >= 1.0 {
            return 0.0;
        }
        let start = self.effort.elasticity(&self.effort.place(0.0));
        let mut end = self.decline.faded_to(self.inverse_r / start);
        if end == f64::INFINITY {
            if self.effort.final_elasticity() >= self.inverse_r {
                return f64::INFINITY;
            }
            end = self.effort.settled();
        }
        self.decline.doublings(crossing(0.0, end, 1.0, ratio))
    }
}
