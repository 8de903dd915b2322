//! Short stretches of a passage: where `phi` changes little and is smooth, eight nodes give the time to full precision.
//!
//! Nothing is carried from one stretch to the next but where it starts, so that several are integrated side by side.

use crate::law::effort::Effort;
use crate::law::limit::Decline;
use crate::law::marks::Passage;
use crate::law::tables::{SHORT, SHORT_NODES, SHORT_WEIGHTS};
use crate::numerics::elementary::exp_near;

/// Change of `phi` up to which the error of the sum, `(range/2)^16 / 1e17` for an exponential, is below 1e-15.
const RANGE: f64 = 3.0;
/// Largest width in units of the decline's scale.
const REACH: f64 = 0.5;
/// Doublings from effort to what is not smooth in it, at the least: an error of 7.5^-16.
const SMOOTH: f64 = 1.8;

/// Integrals of `e^phi` over consecutive stretches.
pub(crate) struct Short<const B: usize> {
    /// Each in units of `e^phi` at its start.
    pub(crate) sums: [f64; B],
    /// `phi` at the start of each.
    pub(crate) scales: [f64; B],
    /// Which of them are short enough for their sum to be exact.
    pub(crate) exact: [bool; B],
    /// `phi` at the end of the last.
    pub(crate) end: f64,
}

impl<D: Decline, E: Effort> Passage<D, E> {
    /// Whether a doubling may be a short stretch.
    #[inline(always)]
    pub(crate) fn short(&self) -> bool {
        self.effort.least_reach() >= SMOOTH
    }

    /// Integrals between consecutive difficulties of a [`Passage::short`] path; `phi` is that at the first.
    #[inline(always)]
    pub(crate) fn short_integrals<const B: usize>(&self, starts: &[f64; B], phi: f64, ends: &[f64; B]) -> Short<B> {
        // One table entry per stretch and node, and the ends in a row of their own, so that loops become SIMD code.
        let mut table = [[0.0; B]; SHORT + 1];
        for (row, node) in table.iter_mut().zip(SHORT_NODES) {
            for i in 0..B {
                row[i] = (ends[i] - starts[i]).mul_add(node, starts[i]);
            }
        }
        table[SHORT] = *ends;
        for value in table.as_flattened_mut() {
            *value = self.climb(*value, self.effort.doublings(self.decline.doublings(*value)));
        }
        let [nodes @ .., last] = &mut table;
        let scales: [f64; B] = std::array::from_fn(|i| if i == 0 { phi } else { last[i - 1] });
        let (mut sums, mut most) = ([0.0; B], [0.0_f64; B]);
        for (row, weight) in nodes.iter().zip(SHORT_WEIGHTS) {
            for i in 0..B {
                let change = row[i] - scales[i];
                most[i] = most[i].max(change.abs());
                sums[i] = exp_near(change).mul_add(weight, sums[i]);
            }
        }
        let widest = REACH * self.decline.scale();
        let mut exact = [false; B];
        for i in 0..B {
            let width = ends[i] - starts[i];
            sums[i] *= width;
            exact[i] = most[i] <= RANGE && width <= widest;
        }
        Short { sums, scales, exact, end: last[B - 1] }
    }
}
