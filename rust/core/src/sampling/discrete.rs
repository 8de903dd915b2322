//! Discrete distributions over finitely many values, weighted or equally likely (a sample).

/// Ascending values; without cumulative probabilities they are equally likely.
#[derive(Debug)]
pub(super) struct Discrete {
    values: Vec<f64>,
    /// Probability up to and including each value; the last is 1.
    cumulative: Vec<f64>,
}

impl Discrete {
    /// Creates a distribution of values with weights, or of equally likely values if `weights` is empty.
    pub(super) fn new(mut values: Vec<f64>, weights: &[f64]) -> Self {
        if weights.is_empty() {
            values.sort_unstable_by(f64::total_cmp);
            return Self { values, cumulative: Vec::new() };
        }
        let mut pairs: Vec<(f64, f64)> = values.into_iter().zip(weights.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.retain(|&(_, weight)| weight > 0.0);
        let total: f64 = pairs.iter().map(|&(_, weight)| weight).sum();
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = pairs
            .iter()
            .map(|&(_, weight)| {
                sum += weight;
                sum / total
            })
            .collect();
        if let Some(last) = cumulative.last_mut() {
            *last = 1.0;
        }
        Self { values: pairs.into_iter().map(|(value, _)| value).collect(), cumulative }
    }

    /// Truncates to the values from `low` to `high`; returns `None` if these have no probability.
    pub(super) fn within(&self, low: f64, high: f64) -> Option<Self> {
        let first = self.values.partition_point(|&v| v < low);
        let end = self.values.partition_point(|&v| v <= high);
        let before = if first == 0 { 0.0 } else { self.cumulative.get(first - 1).copied().unwrap_or(0.0) };
        let cumulative = self.cumulative.get(first..end).unwrap_or_default();
        let total = cumulative.last().map_or(1.0, |last| last - before);
        let cumulative = cumulative.iter().map(|c| (c - before) / total).collect();
        (first < end && total > 0.0).then(|| Self { values: self.values[first..end].to_vec(), cumulative })
    }

    /// Returns the least value with a probability of at least `below` up to it.
    pub(super) fn quantile(&self, below: f64) -> f64 {
        let last = self.values.len() - 1;
        let index = if self.cumulative.is_empty() {
            let position = (below * self.values.len() as f64).ceil() - 1.0;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to the last index
            let index = position.max(0.0) as usize;
            index
        } else {
            self.cumulative.partition_point(|&c| c < below)
        };
        self.values[index.min(last)]
    }

    /// Returns the distribution function, and its complement.
    pub(super) fn cdf(&self, x: f64) -> (f64, f64) {
        let count = self.values.partition_point(|&v| v <= x);
        let below = match (count, self.cumulative.is_empty()) {
            (0, _) => 0.0,
            (_, true) => count as f64 / self.values.len() as f64,
            (_, false) => self.cumulative[count - 1],
        };
        (below, 1.0 - below)
    }
}
