//! Distribution given by its quantiles at equally spaced standard normal quantiles, with monotone cubic interpolation.

use super::normal;

/// Standard normal quantile of the last node, and minus that of the first. No uniform of 52 bits lies beyond.
pub(super) const END: f64 = 8.25;

/// Ascending quantiles and their slopes per node.
#[derive(Debug)]
pub(super) struct Table {
    values: Vec<f64>,
    slopes: Vec<f64>,
}

impl Table {
    /// Creates a table of at least two ascending values.
    pub(super) fn new(values: Vec<f64>) -> Self {
        let rises: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let last = rises.len() - 1;
        let slope = |i: usize| {
            if i == 0 || i > last {
                return rises[i.min(last)];
            }
            // Fourth-order in the interior; a cubic is monotone if no slope exceeds three times an adjacent rise.
            let centred = if i == 1 || i == last {
                0.5 * (rises[i - 1] + rises[i])
            } else {
                (7.0 * (rises[i - 1] + rises[i]) - rises[i - 2] - rises[i + 1]) / 12.0
            };
            centred.clamp(0.0, 3.0 * rises[i - 1].min(rises[i]))
        };
        let slopes = (0..values.len()).map(slope).collect();
        Self { values, slopes }
    }

    /// Returns the number of cells.
    #[inline(always)]
    fn cells(&self) -> f64 {
        (self.values.len() - 1) as f64
    }

    /// Interpolates within a cell, at `t` from 0 to 1.
    #[inline(always)]
    fn within(&self, cell: usize, t: f64) -> f64 {
        let (low, high) = (self.values[cell], self.values[cell + 1]);
        let (rise, first, second) = (high - low, self.slopes[cell], self.slopes[cell + 1]);
        let bend = (first + second) - 2.0 * rise;
        let value = t.mul_add(t.mul_add(t.mul_add(bend, 3.0 * rise - 2.0 * first - second), first), low);
        value.clamp(low, high)
    }

    #[inline(always)]
    pub(super) fn quantile(&self, below: f64, above: f64) -> f64 {
        let z = normal::quantile(below, above).clamp(-END, END);
        let position = (z + END) / (2.0 * END) * self.cells();
        let cell = position.floor().min(self.cells() - 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to the last cell
        let index = cell as usize;
        self.within(index, position - cell)
    }

    pub(super) fn cdf(&self, x: f64) -> (f64, f64) {
        let count = self.values.partition_point(|&v| v <= x);
        if count == 0 {
            return (0.0, 1.0);
        }
        if count == self.values.len() {
            return (1.0, 0.0);
        }
        let (mut low, mut high) = (0.0, 1.0);
        while high - low > f64::EPSILON {
            let middle = 0.5 * (low + high);
            if self.within(count - 1, middle) <= x {
                low = middle;
            } else {
                high = middle;
            }
        }
        normal::cdf(((count - 1) as f64 + low) / self.cells() * (2.0 * END) - END)
    }
}
