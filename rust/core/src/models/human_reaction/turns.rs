//! Peaks and troughs of the pace along a path, and whether it oscillates.

/// Swings of ln pace below this are rounding.
const LEAST_SWING: f64 = 1e-6;
/// A path oscillates if its last swing is at least this large, and this large a share of the swing one cycle before.
const SWING: f64 = 1e-3;
const LASTS: f64 = 0.9;

/// A peak or a trough of the pace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Years.
    pub(crate) time: f64,
    /// ln pace.
    pub(crate) height: f64,
    pub(crate) peak: bool,
}

/// The last four turns.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    last: Vec<Turn>,
    /// Whether the pace rises now, once it has changed.
    pub(crate) rising: Option<bool>,
}

impl Turns {
    /// Adds a turn, unless rounding made it; of two peaks (or troughs) in a row the more extreme counts.
    pub(crate) fn note(&mut self, turn: Turn) {
        if let Some(before) = self.last.last_mut() {
            if before.peak == turn.peak {
                if (turn.height > before.height) == turn.peak {
                    *before = turn;
                }
                return;
            }
            if (turn.height - before.height).abs() < LEAST_SWING {
                return;
            }
        }
        self.last.push(turn);
        if self.last.len() > 4 {
            self.last.remove(0);
        }
    }

    /// Period and amplitude of an oscillation that goes on until `end`.
    pub(crate) fn cycle(&self, end: f64) -> Option<(f64, f64)> {
        let [first, second, third, fourth] = *self.last.as_slice() else { return None };
        let (before, now) = ((second.height - first.height).abs(), (fourth.height - third.height).abs());
        let period = fourth.time - second.time;
        let lasts = now >= SWING && now >= LASTS * before && end - fourth.time <= period;
        lasts.then_some((period, 0.5 * now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycle(heights: &[f64], end: f64) -> Option<(f64, f64)> {
        let mut turns = Turns::default();
        for (k, height) in heights.iter().enumerate() {
            turns.note(Turn { time: k as f64, height: *height, peak: k % 2 == 0 });
        }
        turns.cycle(end)
    }

    #[test]
    fn swings_that_last_are_an_oscillation() {
        assert_eq!(cycle(&[1.0, -1.0, 1.0, -1.0], 4.0), Some((2.0, 1.0)));
        assert_eq!(cycle(&[9.0, -9.0, 4.0, -2.0, 1.0], 5.0), None); // 3 after 13: it dies away
        assert_eq!(cycle(&[1.0, -1.0, 2.0, -2.0, 4.0], 5.0), Some((2.0, 3.0)));
        assert_eq!(cycle(&[1.0, -1.0, 1.0, -1.0], 6.0), None); // over a cycle ago
        assert_eq!(cycle(&[1e-4, -1e-4, 1e-4, -1e-4], 4.0), None);
        assert_eq!(cycle(&[1.0, -1.0, 1.0], 3.0), None);
    }

    #[test]
    fn rounding_makes_no_turn() {
        assert_eq!(cycle(&[1.0, -1.0, 1.0, 1.0 - 1e-9, 1.0, -1.0], 6.0), Some((4.0, 1.0)));
    }
}
