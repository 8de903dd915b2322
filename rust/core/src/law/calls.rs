//! What a path answers as functions of their own, compiled for the machine's vector unit.
//!
//! A search asks for the same in many places. Each call that is inlined brings the code of every kind of course with it, and one
//! that is not is compiled without the vector unit's instructions.

use crate::law::hardware::Moment;
use crate::law::path::Path;
use pulp::{Simd, WithSimd};

/// A path and the vector unit for which its answers are compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calls<'a, 'b, S> {
    pub(crate) path: &'a Path<'b>,
    pub(crate) simd: S,
}

impl<S: Simd> Calls<'_, '_, S> {
    /// [`Path::doublings_at`].
    #[inline(always)]
    pub(crate) fn doublings_at(&self, time: &[f64], row: &mut [f64]) {
        self.simd.vectorize(DoublingsAt { path: self.path, time, row });
    }

    /// Doublings at ascending times.
    #[inline(always)]
    pub(crate) fn doublings<const K: usize>(&self, time: [f64; K]) -> [f64; K] {
        let mut row = [0.0; K];
        self.doublings_at(&time, &mut row);
        row
    }

    /// [`Path::ahead`].
    #[inline(always)]
    pub(crate) fn ahead(&self, from: Moment, x0: f64, x1: f64) -> (Moment, f64) {
        self.simd.vectorize(Ahead { path: self.path, from, x0, x1 })
    }

    /// [`Path::time_at`].
    #[inline(always)]
    pub(crate) fn time_at(&self, x: f64) -> f64 {
        self.ahead(Moment::default(), 0.0, x).0.time
    }

    /// [`Path::log_pace_at`].
    #[inline(always)]
    pub(crate) fn log_pace_at(&self, x: f64, moment: Moment) -> f64 {
        self.simd.vectorize(LogPaceAt { path: self.path, x, moment })
    }

    /// [`Path::pace_before`].
    #[inline(always)]
    pub(crate) fn pace_before(&self, x: f64) -> f64 {
        self.simd.vectorize(PaceBefore { path: self.path, x })
    }
}

struct DoublingsAt<'a, 'b> {
    path: &'a Path<'b>,
    time: &'a [f64],
    row: &'a mut [f64],
}

impl WithSimd for DoublingsAt<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.path.doublings_at(simd, self.time, self.row);
    }
}

struct Ahead<'a, 'b> {
    path: &'a Path<'b>,
    from: Moment,
    x0: f64,
    x1: f64,
}

impl WithSimd for Ahead<'_, '_> {
    type Output = (Moment, f64);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        self.path.ahead(self.from, self.x0, self.x1)
    }
}

struct LogPaceAt<'a, 'b> {
    path: &'a Path<'b>,
    x: f64,
    moment: Moment,
}

impl WithSimd for LogPaceAt<'_, '_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        self.path.log_pace_at(self.x, self.moment)
    }
}

struct PaceBefore<'a, 'b> {
    path: &'a Path<'b>,
    x: f64,
}

impl WithSimd for PaceBefore<'_, '_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        self.path.pace_before(self.x)
    }
}
