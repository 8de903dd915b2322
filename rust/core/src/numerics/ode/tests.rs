//! Order conditions of the coefficients, observed orders, and problems with known solutions.

use super::step::Walk;
use super::tables::{ALL_STAGES, Combination, DENSE, ERROR_3, ERROR_5, NODES, STAGES, STEP_STAGES};
use super::watch::Dense;
use super::*;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// Order conditions: Butcher (1963); Hairer, Norsett & Wanner (1993), II.2, theorem 2.13.
mod order {
    use super::*;

    type Weights = [f64; ALL_STAGES];
    type Matrix = [Weights; ALL_STAGES];

    fn weights(combination: &Combination) -> Weights {
        let mut weights = [0.0; ALL_STAGES];
        weights[0] = combination.first;
        weights[combination.from..][..combination.rest.len()].copy_from_slice(combination.rest);
        weights
    }

    fn matrix() -> Matrix {
        let mut matrix = [[0.0; ALL_STAGES]; ALL_STAGES];
        for (row, stage) in matrix[1..].iter_mut().zip(&STAGES) {
            *row = weights(stage);
        }
        matrix
    }

    /// A rooted tree with its order, its density and, of each stage, its elementary weight.
    #[derive(Clone, Copy)]
    struct Tree {
        order: i32,
        density: f64,
        stages: Weights,
    }

    /// Every rooted tree up to an order: as many as 1, 1, 2, 4, 9, 20, 48, 115 of the orders from 1 to 8.
    fn trees(matrix: &Matrix, highest: i32) -> Vec<Tree> {
        let mut trees = Vec::<Tree>::new();
        for order in 1..=highest {
            let mut made = Vec::new();
            let root = Tree { order: 1, density: 1.0, stages: [1.0; ALL_STAGES] };
            graft(matrix, &trees, &root, 0, order, &mut made);
            trees.extend(made);
        }
        trees
    }

    /// Grafts smaller trees, from a place in their list on, upon a root until it has the order.
    fn graft(matrix: &Matrix, smaller: &[Tree], root: &Tree, from: usize, order: i32, made: &mut Vec<Tree>) {
        if root.order == order {
            made.push(Tree { density: root.density * f64::from(order), ..*root });
            return;
        }
        for (place, branch) in smaller.iter().enumerate().skip(from).filter(|(_, b)| root.order + b.order <= order) {
            let stages = std::array::from_fn(|i| root.stages[i] * dot(&matrix[i], &branch.stages));
            let grown = Tree { order: root.order + branch.order, density: root.density * branch.density, stages };
            graft(matrix, smaller, &grown, place, order, made);
        }
    }

    fn dot(a: &Weights, b: &Weights) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// Largest violation of the conditions of an order and below for weights at a share of the step.
    fn violation(trees: &[Tree], weights: &Weights, order: i32, share: f64) -> f64 {
        let conditions = trees.iter().filter(|tree| tree.order <= order);
        let misses = conditions.map(|tree| (dot(weights, &tree.stages) - share.powi(tree.order) / tree.density).abs());
        misses.fold(0.0, f64::max)
    }

    /// Weights of the continuous extension: what it makes of slopes of which one is 1 and the others are 0.
    fn dense_weights(dense: &[Weights; 4], step: &Weights, share: f64) -> Weights {
        std::array::from_fn(|stage| {
            let slope = |at: usize| f64::from(u8::from(stage == at));
            let (gain, bulge) = (step[stage], slope(0) - step[stage]);
            let rest = gain - slope(STEP_STAGES) - bulge;
            let late = dense.map(|row| row[stage]);
            Dense { start: [0.0], terms: [[gain], [bulge], [rest], [late[0]], [late[1]], [late[2]], [late[3]]] }
                .at(share)[0]
        })
    }

    /// Every coefficient of the method.
    #[derive(Clone)]
    struct Method {
        matrix: Matrix,
        nodes: Weights,
        errors: [Weights; 2],
        dense: [Weights; 4],
    }

    impl Method {
        fn published() -> Self {
            let (errors, dense) = ([&ERROR_5, &ERROR_3].map(weights), DENSE.each_ref().map(weights));
            Self { matrix: matrix(), nodes: NODES, errors, dense }
        }

        /// Largest violation of what defines the method.
        fn violation(&self) -> f64 {
            let trees = trees(&self.matrix, 8);
            let step = &self.matrix[STEP_STAGES];
            let node = |i: usize| (self.matrix[i].iter().sum::<f64>() - self.nodes[i]).abs();
            let mut worst = (0..ALL_STAGES).map(node).fold(0.0, f64::max).max(violation(&trees, step, 8, 1.0));
            // What is left of the step after one of a lower order, which has the same stages.
            for (error, order) in self.errors.iter().zip([5, 3]) {
                let lower = std::array::from_fn(|i| step[i] - error[i]);
                worst = worst.max(violation(&trees, &lower, order, 1.0));
            }
            for share in [0.25, 0.5, 0.8] {
                worst = worst.max(violation(&trees, &dense_weights(&self.dense, step, share), 7, share));
            }
            worst
        }

        fn coefficients(&mut self) -> impl Iterator<Item = &mut f64> {
            let rows = self.matrix.iter_mut().chain(&mut self.errors).chain(&mut self.dense);
            rows.flatten().chain(&mut self.nodes).filter(|coefficient| **coefficient != 0.0)
        }
    }

    #[test]
    fn as_many_trees_as_there_are() {
        let trees = trees(&matrix(), 8);
        let counts: Vec<usize> = (1..=8).map(|order| trees.iter().filter(|tree| tree.order == order).count()).collect();
        assert_eq!(counts, [1, 1, 2, 4, 9, 20, 48, 115]);
    }

    #[test]
    fn the_coefficients_satisfy_the_order_conditions() {
        let method = Method::published();
        assert!(method.violation() < TOLERANCE, "{}", method.violation());
        // And no more than these: the orders are what they are said to be.
        let trees = trees(&method.matrix, 8);
        let step = &method.matrix[STEP_STAGES];
        for (error, order) in method.errors.iter().zip([5, 3]) {
            let lower = std::array::from_fn(|i| step[i] - error[i]);
            assert!(violation(&trees, &lower, order + 1, 1.0) > 1e-4);
        }
        assert!(violation(&trees, &dense_weights(&method.dense, step, 0.5), 8, 0.5) > 1e-7);
    }

    /// What rounding leaves of the conditions.
    const TOLERANCE: f64 = 1e-14;

    #[test]
    fn a_wrong_eleventh_digit_of_any_coefficient_would_show() {
        let mut method = Method::published();
        let count = method.coefficients().count();
        for place in 0..count {
            let mut wrong = method.clone();
            *wrong.coefficients().nth(place).unwrap() += 1e-11;
            assert!(wrong.violation() > 2.0 * TOLERANCE, "{place}: {}", wrong.violation());
        }
    }
}

fn policy<const N: usize>(tolerance: f64) -> Policy<N> {
    Policy { relative: tolerance, absolute: [tolerance; N], first_width: None, most_steps: 100_000 }
}

fn span(end: f64) -> Span<'static> {
    Span { start: 0.0, end, kinks: &[], times: &[] }
}

fn solve<const N: usize, const E: usize, S: System<N, E>>(
    system: &S,
    span: &Span,
    tolerance: f64,
    state: [f64; N],
) -> (Solved<N>, Vec<(Seen, f64, [f64; N])>) {
    let mut seen = Vec::new();
    let solved = integrate(system, span, &policy(tolerance), state, &Cancel::default(), |what, time, state| {
        seen.push((what, time, *state));
    });
    (solved, seen)
}

/// A system without events, by its derivative.
struct Plain<F>(F);

impl<const N: usize, F: Fn(f64, &[f64; N]) -> [f64; N]> System<N, 0> for Plain<F> {
    const EVENTS: [Event; 0] = [];
    fn derivative(&self, _: usize, time: f64, y: &[f64; N]) -> [f64; N] {
        (self.0)(time, y)
    }
    fn events(&self, _: usize, _: f64, _: &[f64; N]) -> [f64; 0] {
        []
    }
}

/// Hull, Enright, Fellen & Sedgwick (1972), problem D with an eccentricity: an orbit of two bodies.
fn two_bodies(_: f64, y: &[f64; 4]) -> [f64; 4] {
    let square = y[0] * y[0] + y[1] * y[1];
    let cube = square * square.sqrt();
    [y[2], y[3], -y[0] / cube, -y[1] / cube]
}

fn start_of_orbit(eccentricity: f64) -> [f64; 4] {
    [1.0 - eccentricity, 0.0, 0.0, ((1.0 + eccentricity) / (1.0 - eccentricity)).sqrt()]
}

/// Where the bodies are, by Kepler's equation.
fn orbit(eccentricity: f64, time: f64) -> [f64; 2] {
    let mut anomaly = time;
    for _ in 0..50 {
        anomaly -= (anomaly - eccentricity * anomaly.sin() - time) / (1.0 - eccentricity * anomaly.cos());
    }
    [anomaly.cos() - eccentricity, (1.0 - eccentricity * eccentricity).sqrt() * anomaly.sin()]
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn the_error_falls_with_the_eighth_power_of_the_step_and_that_within_with_the_seventh() {
    // Nonlinear, with time in it: y = exp(sin t), Hull et al. (1972), problem A3.
    let system = Plain(|time: f64, y: &[f64; 1]| [y[0] * time.cos()]);
    let errors = [10, 20, 40].map(|steps| {
        let width = 4.0 / f64::from(steps);
        let mut walk = Walk::new(&system, &span(4.0), [1.0]);
        let mut within = 0.0;
        for k in 1..=steps {
            let step = walk.forced(width, &policy(1e-6));
            let (time, dense) = (walk.time, Dense::new(&mut walk, &step));
            for share in [0.2, 0.5, 0.9] {
                let local = dense.at(share)[0] - walk.state[0] * ((time + share * width).sin() - time.sin()).exp();
                within = f64::max(within, local.abs());
            }
            walk.advance(&step, &[]);
            assert!((walk.time - width * f64::from(k)).abs() < 1e-12);
        }
        [(walk.state[0] - 4.0_f64.sin().exp()).abs(), within]
    });
    let orders = |which: usize| errors.windows(2).map(move |pair| (pair[0][which] / pair[1][which]).log2());
    assert!(orders(0).all(|order| (7.6..9.2).contains(&order)), "{errors:?}");
    // The error of one extension, from an exact start, is of the order above that of the course.
    assert!(orders(1).all(|order| (7.6..9.2).contains(&order)), "{errors:?}");
}

#[test]
fn problems_of_detest_with_known_solutions() {
    type Case = (&'static str, fn(f64, &[f64; 1]) -> [f64; 1], f64, fn(f64) -> f64);
    // Hull, Enright, Fellen & Sedgwick (1972), class A, from 0 to 20.
    let cases: [Case; 4] = [
        ("A1", |_, y| [-y[0]], 1.0, |t| (-t).exp()),
        ("A2", |_, y| [-0.5 * y[0].powi(3)], 1.0, |t| 1.0 / (1.0 + t).sqrt()),
        ("A3", |t, y| [y[0] * t.cos()], 1.0, |t| t.sin().exp()),
        ("A4", |_, y| [0.25 * y[0] * (1.0 - y[0] / 20.0)], 1.0, |t| 20.0 / (1.0 + 19.0 * (-0.25 * t).exp())),
    ];
    let times: Vec<f64> = (0..=80).map(|k| 0.25 * f64::from(k)).collect();
    for (name, derivative, start, solution) in cases {
        for tolerance in [1e-6, 1e-9, 1e-12] {
            let asked = Span { times: &times, ..span(20.0) };
            let (solved, seen) = solve(&Plain(derivative), &asked, tolerance, [start]);
            assert_eq!((solved.ending, solved.time), (Ending::End, 20.0));
            assert_eq!(seen.len(), times.len());
            for (k, (what, time, y)) in seen.into_iter().enumerate() {
                assert_eq!((what, time), (Seen::Time(k), times[k]));
                let error = (y[0] - solution(time)).abs() / (1.0 + solution(time));
                assert!(error < 100.0 * tolerance, "{name} {tolerance} {time}: {error}");
            }
        }
    }
}

#[test]
fn orbits_of_two_bodies() {
    for (eccentricity, tolerance, allowed) in [(0.1, 1e-12, 1e-10), (0.5, 1e-12, 1e-10), (0.9, 1e-12, 1e-9)] {
        let times = [1.0, 5.0, 19.0];
        let (_, seen) =
            solve(&Plain(two_bodies), &Span { times: &times, ..span(20.0) }, tolerance, start_of_orbit(eccentricity));
        for (_, time, y) in seen {
            assert!(apart(&y[..2], &orbit(eccentricity, time)) < allowed, "{eccentricity} {time}");
        }
    }
}

/// Arenstorf's orbit around earth and moon, Hairer, Norsett & Wanner (1993), II.0, and its period.
fn arenstorf(_: f64, y: &[f64; 4]) -> [f64; 4] {
    let (moon, earth) = (0.012_277_471, 1.0 - 0.012_277_471);
    let cube = |x: f64| (x * x + y[1] * y[1]) * (x * x + y[1] * y[1]).sqrt();
    let (to_earth, to_moon) = (cube(y[0] + moon), cube(y[0] - earth));
    let pull = [
        y[0] + 2.0 * y[3] - earth * (y[0] + moon) / to_earth - moon * (y[0] - earth) / to_moon,
        y[1] - 2.0 * y[2] - earth * y[1] / to_earth - moon * y[1] / to_moon,
    ];
    [y[2], y[3], pull[0], pull[1]]
}

const ARENSTORF: [f64; 4] = [0.994, 0.0, 0.0, -2.001_585_106_379_082_5];
const PERIOD: f64 = 17.065_216_560_157_964;

#[test]
fn arenstorfs_orbit_closes() {
    let (solved, _) = solve(&Plain(arenstorf), &span(PERIOD), 1e-13, ARENSTORF);
    assert!(apart(&solved.state[..2], &ARENSTORF[..2]) < 1e-7, "{:?}", solved.state);
}

#[test]
fn work_is_what_it_was() {
    let work = |solved: Solved<4>| (solved.work.accepted, solved.work.rejected, solved.work.evaluations);
    let arenstorf =
        [1e-6, 1e-9, 1e-12].map(|tolerance| work(solve(&Plain(arenstorf), &span(PERIOD), tolerance, ARENSTORF).0));
    let orbits = [0.1, 0.9].map(|e| work(solve(&Plain(two_bodies), &span(20.0), 1e-9, start_of_orbit(e)).0));
    assert_eq!(arenstorf, [(65, 24, 1046), (136, 50, 2184), (298, 61, 4249)]);
    assert_eq!(orbits, [(62, 0, 746), (184, 71, 2991)]);
}

/// A harmonic oscillator with events at its zeros, its maxima and a depth never reached.
struct Oscillator {
    terminal: bool,
}

impl System<2, 3> for Oscillator {
    const EVENTS: [Event; 3] = [
        Event { direction: Direction::Either, terminal: false },
        Event { direction: Direction::Falling, terminal: false },
        Event { direction: Direction::Rising, terminal: true },
    ];
    const LOOKS: u32 = 8;
    fn derivative(&self, _: usize, _: f64, y: &[f64; 2]) -> [f64; 2] {
        [y[1], -y[0]]
    }
    fn events(&self, _: usize, time: f64, y: &[f64; 2]) -> [f64; 3] {
        [y[0], y[1], if self.terminal { time - 10.0 } else { -2.0 - y[0] }]
    }
}

#[test]
fn events_come_in_order_and_at_their_times() {
    let times: Vec<f64> = (1..=60).map(|k| 0.5 * f64::from(k)).collect();
    let (solved, seen) =
        solve(&Oscillator { terminal: false }, &Span { times: &times, ..span(30.0) }, 1e-14, [0.0, 1.0]);
    assert_eq!(solved.ending, Ending::End);
    assert!(seen.windows(2).all(|pair| pair[0].1 <= pair[1].1));
    let of = |event| seen.iter().filter(move |(what, ..)| *what == Seen::Event(event)).map(|(_, time, _)| *time);
    let zeros: Vec<f64> = (1..10).map(|k| f64::from(k) * PI).collect();
    let maxima: Vec<f64> = (0..5).map(|k| f64::from(k).mul_add(TAU, FRAC_PI_2)).collect();
    assert!(of(0).count() == zeros.len() && of(0).zip(zeros).all(|(time, zero)| (time - zero).abs() < 1e-12));
    assert!(of(1).count() == maxima.len() && of(1).zip(maxima).all(|(time, top)| (time - top).abs() < 1e-12));
    assert_eq!(of(2).count(), 0);
    assert!(seen.iter().all(|(_, time, y)| (y[0] - time.sin()).abs() < 1e-12));
}

#[test]
fn a_terminal_event_ends_it() {
    let times = [1.0, 9.5, 10.5];
    let (solved, seen) =
        solve(&Oscillator { terminal: true }, &Span { times: &times, ..span(30.0) }, 1e-13, [0.0, 1.0]);
    assert_eq!(solved.ending, Ending::Event(2));
    assert!((solved.time - 10.0).abs() < 1e-14 && (solved.state[0] - 10.0_f64.sin()).abs() < 1e-12);
    assert_eq!(seen.last().unwrap().0, Seen::Event(2));
    assert_eq!(seen.iter().filter(|(what, ..)| matches!(what, Seen::Time(_))).count(), 2);
}

/// A rate that is 1, -1, 1, ... in the pieces between kinks, and the rate as an event function.
struct Zigzag;

impl System<1, 1> for Zigzag {
    const EVENTS: [Event; 1] = [Event { direction: Direction::Falling, terminal: false }];
    fn derivative(&self, piece: usize, _: f64, _: &[f64; 1]) -> [f64; 1] {
        [if piece.is_multiple_of(2) { 1.0 } else { -1.0 }]
    }
    fn events(&self, piece: usize, time: f64, y: &[f64; 1]) -> [f64; 1] {
        self.derivative(piece, time, y)
    }
}

#[test]
fn kinks_are_met_exactly() {
    // Two at once make a piece of no length; those before the start are passed, those after the end do not matter.
    let kinks = [-1.0, -0.5, 0.1, 0.7, 0.7, 0.7, 1e9];
    let (solved, seen) = solve(&Zigzag, &Span { kinks: &kinks, times: &[0.1, 0.4, 0.7], ..span(2.0) }, 1e-10, [0.0]);
    let expected =
        [(Seen::Time(0), 0.1, 0.1), (Seen::Event(0), 0.1, 0.1), (Seen::Time(1), 0.4, -0.2), (Seen::Time(2), 0.7, -0.5)];
    assert_eq!(seen.len(), expected.len());
    for ((what, time, y), (expected, at, value)) in seen.into_iter().zip(expected) {
        assert_eq!((what, time), (expected, at));
        assert!((y[0] - value).abs() < 1e-15, "{time} {y:?}");
    }
    // Rates are 1 to 0.1, -1 to 0.7, and (piece 6) 1 to 2.
    assert!((solved.state[0] - 0.8).abs() < 1e-15);
    assert_eq!(solved.work.rejected, 0);
    assert!(solved.work.accepted < 20, "{:?}", solved.work);
}

#[test]
fn hopeless_problems_end_in_an_outcome() {
    // y' = y^2 is singular at time 1.
    let (solved, _) = solve(&Plain(|_, y: &[f64; 1]| [y[0] * y[0]]), &span(2.0), 1e-10, [1.0]);
    assert_eq!(solved.ending, Ending::Stuck);
    assert!((solved.time - 1.0).abs() < 1e-9, "{solved:?}");
    // No derivative at all, or none from some time on.
    for from in [0.0, 0.5] {
        let gone = Plain(move |time: f64, _: &[f64; 1]| [if time >= from { f64::NAN } else { 1.0 }]);
        let (solved, _) = solve(&gone, &span(1.0), 1e-10, [1.0]);
        assert_eq!(solved.ending, Ending::Stuck);
        assert!((solved.time - from).abs() < 1e-9);
    }
    // Prothero & Robinson (1974), stiff: stability limits the steps to about 6e-8.
    let stiff = Plain(|time: f64, y: &[f64; 1]| [-1e8 * (y[0] - time.cos()) - time.sin()]);
    let (solved, _) = solve(&stiff, &span(1.0), 1e-6, [1.0]);
    assert_eq!((solved.ending, solved.work.accepted + solved.work.rejected), (Ending::Steps, 100_000));
    assert!(solved.time > 0.0 && (solved.state[0] - solved.time.cos()).abs() < 1e-5);
}

#[test]
fn an_empty_span_and_a_raised_flag() {
    let system = Plain(|_, y: &[f64; 1]| [y[0]]);
    let (solved, seen) = solve(&system, &Span { times: &[0.0], ..span(0.0) }, 1e-10, [3.0]);
    assert_eq!((solved.ending, solved.state, seen.len()), (Ending::End, [3.0], 1));
    let cancel = Cancel::default();
    cancel.raise();
    let solved = integrate(&system, &span(1.0), &policy(1e-10), [1.0], &cancel, |_, _, _| ());
    assert_eq!((solved.ending, solved.work.accepted), (Ending::Cancelled, 0));
}

#[test]
fn a_first_width_is_taken_and_growth_recovers_from_a_bad_one() {
    let system = Plain(|_, y: &[f64; 1]| [-y[0]]);
    for first in [1e-9, 1.0, 1e6] {
        let chosen = Policy { first_width: Some(first), ..policy(1e-12) };
        let solved = integrate(&system, &span(5.0), &chosen, [1.0], &Cancel::default(), |_, _, _| ());
        assert!((solved.state[0] - (-5.0_f64).exp()).abs() < 1e-12 && solved.work.accepted < 50, "{solved:?}");
    }
}
