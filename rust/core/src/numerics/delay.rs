//! Integration steps for a delay differential equation, whose derivative depends on an observation one lag ago.
//!
//! Method of steps with the pair of Dormand & Prince (1980), whose continuous extension of order 4 (Hairer, Norsett & Wanner
//! 1993, II.6) is the history for later steps. A step may be longer than the lag: its stages then use its own extension, found by
//! iteration, so that a lag may approach 0 without more steps.

use std::collections::VecDeque;

/// State that is integrated.
pub(crate) type State = [f64; 3];

/// `y' = f(t, y, observed(t - lag))`.
pub(crate) trait Delayed {
    /// Computes `y'` at a time from the state and from the observation one lag before.
    fn derivative(&self, time: f64, y: &State, delayed: f64) -> State;
    /// Computes the observation of a state.
    fn observed(&self, time: f64, y: &State) -> f64;
    /// Years until an observation has an effect.
    fn lag(&self) -> f64;
    /// Observation before the start at time 0.
    fn before(&self) -> f64;
}

/// One step, with its continuous extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) start: f64,
    pub(crate) width: f64,
    coefficients: [State; 5],
}

impl Segment {
    pub(crate) fn end(&self) -> f64 {
        self.start + self.width
    }

    /// Returns the state at a fraction of the step.
    #[inline(always)]
    pub(crate) fn at(&self, fraction: f64) -> State {
        let [c0, c1, c2, c3, c4] = &self.coefficients;
        let complement = 1.0 - fraction;
        std::array::from_fn(|i| {
            let inner = complement.mul_add(c4[i], c3[i]);
            fraction.mul_add(complement.mul_add(fraction.mul_add(inner, c2[i]), c1[i]), c0[i])
        })
    }

    #[inline(always)]
    fn at_time(&self, time: f64) -> State {
        self.at((time - self.start) / self.width)
    }
}

/// A trial step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) segment: Segment,
    /// Estimated error of each component.
    pub(crate) error: State,
}

/// Completed steps, as far back as a lag reaches.
#[derive(Debug, Clone, Default)]
pub(crate) struct History(VecDeque<Segment>);

/// Times of the stages, as fractions of the step.
const NODES: [f64; 7] = [0.0, 1.0 / 5.0, 3.0 / 10.0, 4.0 / 5.0, 8.0 / 9.0, 1.0, 1.0];
/// Weights of the earlier stages; the last row gives the step.
const STAGES: [[f64; 6]; 7] = [
    [0.0; 6],
    [1.0 / 5.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0, 0.0, 0.0],
    [9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0, 0.0],
    [35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// Weights of the step, less those of the embedded method of order 4.
const ERROR: [f64; 7] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0];
/// Weights of the term that the continuous extension adds to Hermite interpolation.
const DENSE: [f64; 7] = [
    -12_715_105_075.0 / 11_282_082_432.0,
    0.0,
    87_487_479_700.0 / 32_700_410_799.0,
    -10_690_763_975.0 / 1_880_347_072.0,
    701_980_252_875.0 / 199_316_789_632.0,
    -1_453_857_185.0 / 822_651_844.0,
    69_997_945.0 / 29_380_423.0,
];
/// Greatest number of iterations of a step longer than the lag.
const MOST_ITERATIONS: usize = 12;

impl History {
    /// Adds a step, and drops steps that end more than one lag before it.
    pub(crate) fn push(&mut self, segment: Segment, lag: f64) {
        let reached = segment.start - lag;
        while self.0.len() > 1 && self.0.front().is_some_and(|first| first.end() < reached) {
            self.0.pop_front();
        }
        self.0.push_back(segment);
    }

    /// Returns the observation one lag before a time at which the state is `y`; `current` is the step in progress.
    #[inline(always)]
    pub(crate) fn delayed<D: Delayed>(&self, system: &D, time: f64, y: &State, current: Option<&Segment>) -> f64 {
        if system.lag() == 0.0 {
            return system.observed(time, y);
        }
        let delayed_time = time - system.lag();
        if delayed_time <= 0.0 {
            return system.before();
        }
        let segment = match current {
            Some(segment) if delayed_time > segment.start => Some(segment),
            _ => self.0.get(self.0.partition_point(|segment| segment.start < delayed_time).saturating_sub(1)),
        };
        segment.map_or(system.before(), |segment| system.observed(delayed_time, &segment.at_time(delayed_time)))
    }

    /// Tries a step, iterating a step longer than the lag to an absolute `tolerance`; returns `None` if the step fails.
    #[inline(always)]
    pub(crate) fn step<D: Delayed>(
        &self,
        system: &D,
        (time, y): (f64, &State),
        width: f64,
        tolerance: f64,
    ) -> Option<Trial> {
        let overlaps = system.lag() > 0.0 && width > system.lag();
        let mut previous: Option<Trial> = None;
        for _ in 0..MOST_ITERATIONS {
            let next = self.stages(system, (time, y), width, previous.as_ref().map(|trial| &trial.segment))?;
            let change = previous.map_or(f64::INFINITY, |last| {
                let (new, old) = (next.segment, last.segment);
                let distance =
                    |share| new.at(share).iter().zip(old.at(share)).fold(0.0, |d, (a, b)| (a - b).abs().max(d));
                f64::max(distance(0.5), distance(1.0))
            });
            if !overlaps || change <= tolerance {
                return Some(next);
            }
            previous = Some(next);
        }
        None
    }

    /// Computes the stages of a step, with delayed observations from `current` where the step overlaps the lag.
    #[inline(always)]
    fn stages<D: Delayed>(
        &self,
        system: &D,
        (time, y): (f64, &State),
        width: f64,
        current: Option<&Segment>,
    ) -> Option<Trial> {
        let mut slopes = [[0.0; 3]; 7];
        let mut end = *y;
        for stage in 0..7 {
            let sum = weighted(&slopes[..stage.min(6)], &STAGES[stage]);
            end = std::array::from_fn(|i| width.mul_add(sum[i], y[i]));
            if !end.iter().all(|value| value.is_finite()) {
                return None;
            }
            let now = width.mul_add(NODES[stage], time);
            slopes[stage] = system.derivative(now, &end, self.delayed(system, now, &end, current));
        }
        let (dense, error) = (weighted(&slopes, &DENSE), weighted(&slopes, &ERROR));
        let mut coefficients = [*y, [0.0; 3], [0.0; 3], [0.0; 3], [0.0; 3]];
        for i in 0..3 {
            let gain = end[i] - y[i];
            let bulge = width.mul_add(slopes[0][i], -gain);
            let rest = gain - width * slopes[6][i] - bulge;
            [coefficients[1][i], coefficients[2][i], coefficients[3][i], coefficients[4][i]] =
                [gain, bulge, rest, width * dense[i]];
        }
        let error = error.map(|e| (width * e).abs());
        let valid = error.iter().all(|e| e.is_finite());
        valid.then_some(Trial { segment: Segment { start: time, width, coefficients }, error })
    }
}

/// Sums slopes with weights.
#[inline(always)]
fn weighted(slopes: &[State], weights: &[f64]) -> State {
    let mut sum = [0.0; 3];
    for (slope, weight) in slopes.iter().zip(weights) {
        for (s, value) in sum.iter_mut().zip(slope) {
            *s = weight.mul_add(*value, *s);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `y' = -speed y(t - lag)`, with y = 1 until time 0.
    struct Linear {
        speed: f64,
        lag: f64,
    }

    impl Delayed for Linear {
        fn derivative(&self, _: f64, _: &State, delayed: f64) -> State {
            [-self.speed * delayed, 0.0, 0.0]
        }
        fn observed(&self, _: f64, y: &State) -> f64 {
            y[0]
        }
        fn lag(&self) -> f64 {
            self.lag
        }
        fn before(&self) -> f64 {
            1.0
        }
    }

    /// Computes the solution at time 1 in equal steps.
    fn solved(system: &Linear, steps: u32) -> f64 {
        let (mut y, mut history) = ([1.0, 0.0, 0.0], History::default());
        let width = 1.0 / f64::from(steps);
        for k in 0..steps {
            let trial = history.step(system, (width * f64::from(k), &y), width, 1e-14).unwrap();
            y = trial.segment.at(1.0);
            history.push(trial.segment, system.lag);
        }
        y[0]
    }

    /// Computes the exact solution: a polynomial in each lag.
    fn exact(system: &Linear, time: f64) -> f64 {
        let (mut sum, mut term, mut j) = (1.0, 1.0, 1.0);
        while time > (j - 1.0) * system.lag {
            term *= -system.speed / j;
            sum += term * (time - (j - 1.0) * system.lag).powf(j);
            j += 1.0;
        }
        sum
    }

    #[test]
    fn the_error_falls_with_the_fifth_power_of_the_step() {
        let system = Linear { speed: 5.0, lag: 0.25 };
        let errors = [16, 32, 64].map(|steps| (solved(&system, steps) - exact(&system, 1.0)).abs());
        for pair in errors.windows(2) {
            let order = (pair[0] / pair[1]).log2();
            assert!(order > 4.5 || pair[1] < 1e-14, "order {order}: {errors:?}");
        }
    }

    #[test]
    fn a_lag_below_the_step_is_close_to_none() {
        for lag in [0.0, 1e-300, 1e-12, 1e-9] {
            // exp(-s) with s (1 - s lag...) to first order in the lag.
            let found = solved(&Linear { speed: 1.0, lag }, 64);
            assert!((found - (-1.0_f64).exp()).abs() < 1e-10 + 2.0 * lag, "{lag} {found}");
        }
    }
}
