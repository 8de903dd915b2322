//! Rows of models that answer a whole request for one path after the other.

use super::{Request, Rows};
use crate::parallel::dispatch;
use crate::{Cancel, Error, Result};

/// The rows of one path: a slice for each output of a request.
pub(crate) struct Slots<'s, 'o> {
    out: &'s mut [&'o mut [f64]],
    widths: &'s [usize],
    /// Which path of the slices.
    at: usize,
}

impl Slots<'_, '_> {
    /// The row of an output, by its place in the request.
    #[inline(always)]
    pub(crate) fn row(&mut self, place: usize) -> &mut [f64] {
        let width = self.widths[place];
        &mut self.out[place][self.at * width..][..width]
    }
}

/// What answers a request path by path. Implementations are `#[inline(always)]` down to the arithmetic, as those of
/// [`crate::parallel::Kernel`] are.
pub(crate) trait ByPath: Sync {
    /// About how long a value takes, in values of a growth law.
    const COST: usize = 1;

    /// Fills the rows of one path.
    fn answer<S: pulp::Simd>(&self, simd: S, path: usize, slots: &mut Slots, cancel: &Cancel);
}

/// Rows of a request that is answered path by path.
pub(crate) struct PathRows<A> {
    answers: A,
    widths: Vec<usize>,
}

impl<A: ByPath> PathRows<A> {
    pub(crate) fn new(request: &Request, answers: A) -> Self {
        Self { answers, widths: request.widths() }
    }
}

impl<A: ByPath> Rows for PathRows<A> {
    fn widths(&self) -> &[usize] {
        &self.widths
    }

    fn fill(&self, first: usize, out: &mut [&mut [f64]], cancel: &Cancel) -> Result<()> {
        dispatch(Task { answers: &self.answers, first, widths: &self.widths, out, cancel })
    }

    fn cost(&self) -> usize {
        A::COST
    }
}

struct Task<'t, 'o, A> {
    answers: &'t A,
    first: usize,
    widths: &'t [usize],
    out: &'t mut [&'o mut [f64]],
    cancel: &'t Cancel,
}

impl<A: ByPath> pulp::WithSimd for Task<'_, '_, A> {
    type Output = Result<()>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> Result<()> {
        let lengths = self.out.iter().zip(self.widths).filter(|(_, width)| **width > 0);
        let paths = lengths.map(|(values, width)| values.len() / width).next().unwrap_or(0);
        for at in 0..paths {
            if self.cancel.raised() {
                return Err(Error::Cancelled);
            }
            let mut slots = Slots { out: &mut *self.out, widths: self.widths, at };
            self.answers.answer(simd, self.first + at, &mut slots, self.cancel);
        }
        // A long row may be left unfinished when the flag is raised.
        if self.cancel.raised() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
