//! People next to growing hardware: effort that depends on the date.
//!
//! Hardware multiplies AI labor and experiments, but not people, so that no change of clock takes it out of the law:
//!
//! ```text
//! dt/dz = F e^phi(z, t),   phi(z, t) = ln2 lambda (z/r - log2 E(x(z), G(t)))
//! ```
//!
//! is an equation for the time. A panel is solved by collocation at its Gauss-Legendre nodes, an implicit Runge-Kutta method
//! of order `2 N` (Butcher 1964) that is stable however steep `phi` is; Newton's method solves its equations. What the
//! density turns out to be at the panel's end, compared with what its polynomial says there, controls the error. Panels end where
//! the law has a kink: at dates at which hardware growth changes, and where people begin or cease to help out.
//!
//! Once people no longer count, effort is homogeneous in hardware, and the passage and its clock take over.

use crate::law::effort::Dated;
use crate::law::hardware::{Clock, Moment};
use crate::law::limit::Decline;
use crate::law::marks::{FAR, Passage};
use crate::law::tables::{AT_END, AT_NODES, ENDS, N, NODES, PARTIAL, ROWS};
use crate::numerics::crossing::crossing;
use crate::numerics::elementary::{exp, ln};

/// Relative distance of the density from its polynomial at a panel's end; that of the times is far smaller.
const TOLERANCE: f64 = 1e-10;
/// Newton's method is done after a relative change below this, since the next would be its square.
const CONVERGED: f64 = 1e-8;
/// Iterations after which a panel is made narrower.
const MOST_ITERATIONS: usize = 12;
/// Years, and years per unit of difficulty, below which there is no relative precision.
const LEAST_TIME: f64 = 1e-290;
/// Growth of the panels.
const WIDER: f64 = 3.0;
/// Doublings of hardware relative to which people are negligible.
const OUTGROWN: f64 = 1e9;
/// People are told to help out or not by the squeeze, to this precision.
const MARGIN: f64 = 1e-9;

/// A path with its calendar.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Journey<'a, D, E> {
    pub(crate) path: &'a Passage<D, E>,
    pub(crate) clock: Clock<'a>,
    /// ln F, for time in years.
    pub(crate) log_factor: f64,
}

/// A point of a journey.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stand {
    pub(crate) z: f64,
    pub(crate) moment: Moment,
    squeezed: bool,
}

/// A solved panel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    from: Stand,
    width: f64,
    /// Years from the panel's start to its start and to each of [`ENDS`].
    elapsed: [f64; ROWS],
    /// Relative error of the density's polynomial.
    error: f64,
}

/// How far the pace has been followed.
#[derive(Debug, Clone, Copy)]
struct Climb {
    /// Doublings at which the pace is highest so far.
    best: f64,
    /// Its logarithm there.
    highest: f64,
    /// The panel in which it comes up to the goal, and a share of it at which it is there.
    goal: Option<(Stretch, f64)>,
}

/// Why a panel ends before its width.
#[derive(Debug, Clone, Copy)]
enum Event {
    Date,
    Squeeze,
}

impl Stretch {
    /// Years that the whole of it takes.
    pub(crate) fn years(&self) -> f64 {
        self.elapsed[N]
    }

    /// Years from the start to a share of the width: the barycentric formula over Chebyshev points.
    fn elapsed_at(&self, share: f64) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for (row, elapsed) in self.elapsed.iter().enumerate() {
            let apart = share - knot(row);
            if apart == 0.0 {
                return *elapsed;
            }
            let weight = if row == 0 || row == N { 0.5 } else { 1.0 };
            let weight = if row % 2 == 0 { weight } else { -weight } / apart;
            above = elapsed.mul_add(weight, above);
            below += weight;
        }
        above / below
    }
}

/// The row of a panel before which what holds at its start ends.
fn first_row(holds: impl Fn(f64) -> bool) -> Option<usize> {
    (1..ROWS).find(|row| !holds(knot(*row)))
}

/// The share of a panel's width up to which something holds that ends between a row and that before.
fn end_of(row: usize, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (knot(row - 1), knot(row));
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Start and [`ENDS`] of a panel.
fn knot(row: usize) -> f64 {
    if row == 0 { 0.0 } else { ENDS[row - 1] }
}

impl<D: Decline, E: Dated> Journey<'_, D, E> {
    /// The stand at a difficulty and a moment.
    pub(crate) fn stand(&self, z: f64, moment: Moment) -> Stand {
        let x = self.path.decline.doublings(z);
        let squeezed = z < self.full() && self.path.effort.squeeze(x, self.hardware(moment.growth)) > 0.0;
        Stand { z, moment, squeezed }
    }

    /// Difficulty from which on all tasks are automated.
    fn full(&self) -> f64 {
        self.path.decline.difficulty(self.path.effort.full_at().min(self.path.decline.limit()))
    }

    /// Doublings of hardware.
    fn hardware(&self, growth: f64) -> f64 {
        growth / self.path.rate
    }

    /// Logarithm of the pace (doublings per year) and its slope over difficulty along the path.
    pub(crate) fn pace(&self, at: &Stand) -> (f64, f64) {
        let (log_density, in_time) = self.density(at.z, at.moment.growth, self.clock.rate(&at.moment), at.squeezed);
        let x = self.path.decline.doublings(at.z);
        let effort = self.path.effort.grown(x, self.hardware(at.moment.growth), at.squeezed);
        let place = self.path.decline.place(at.z);
        let returns = self.path.decline.returns(at.z);
        let slope = self.path.rate * effort.in_level.mul_add(-place.returns, self.path.inverse_r);
        let falls = if returns > 0.0 { place.slope / returns } else { f64::INFINITY };
        let log_pace = ln(returns) - log_density;
        (log_pace, -falls - slope - in_time * exp(log_density))
    }

    /// `ln dt/dz` (years), and its derivative in time, on hardware that has grown by `growth`, which is that of `G^lambda`.
    fn density(&self, z: f64, growth: f64, growth_rate: f64, squeezed: bool) -> (f64, f64) {
        let effort = self.path.effort.grown(self.path.decline.doublings(z), self.hardware(growth), squeezed);
        let phi = self.path.rate * z.mul_add(self.path.inverse_r, -effort.doublings);
        (phi + self.log_factor, -effort.in_hardware * growth_rate)
    }

    /// Solves a panel on which the density is known to the relative precision `rounding`; nothing where its times are beyond
    /// f64 or too far from a first guess.
    fn solve(&self, from: &Stand, width: f64, rounding: f64) -> Option<Stretch> {
        let growth_rate = self.clock.rate(&from.moment);
        let density = |share: f64, elapsed: f64| {
            let growth = growth_rate.mul_add(elapsed, from.moment.growth);
            let (log_density, slope) = self.density(width.mul_add(share, from.z), growth, growth_rate, from.squeezed);
            (exp(log_density), slope)
        };
        let start = density(0.0, 0.0).0;
        let mut elapsed = NODES.map(|node| width * node * start);
        let mut converged = false;
        for _ in 0..MOST_ITERATIONS {
            let densities: [(f64, f64); N] = std::array::from_fn(|i| density(NODES[i], elapsed[i]));
            let mut matrix = [[0.0; N]; N];
            let mut change = elapsed;
            for i in 0..N {
                for j in 0..N {
                    let (value, slope) = densities[j];
                    let weight = width * AT_NODES[i][j];
                    change[i] = (-weight).mul_add(value, change[i]);
                    matrix[i][j] = f64::from(u8::from(i == j)) - weight * slope * value;
                }
            }
            solve_linear(&mut matrix, &mut change);
            let mut relative: f64 = 0.0;
            for (elapsed, change) in elapsed.iter_mut().zip(change) {
                *elapsed -= change;
                relative = relative.max(change.abs() / elapsed.abs().max(LEAST_TIME));
            }
            if converged {
                break;
            }
            converged = relative < CONVERGED.max(10.0 * rounding);
            if !relative.is_finite() {
                return None;
            }
        }
        if !converged {
            return None;
        }
        let values: [f64; N] = std::array::from_fn(|i| density(NODES[i], elapsed[i]).0);
        let weigh = |weights: &[f64; N]| weights.iter().zip(values).fold(0.0, |sum, (w, value)| w.mul_add(value, sum));
        let mut at_ends = [0.0; ROWS];
        for (row, weights) in PARTIAL.iter().enumerate() {
            at_ends[row + 1] = width * weigh(weights);
        }
        let largest = values.iter().copied().fold(LEAST_TIME, f64::max);
        let error = (density(1.0, at_ends[N]).0 - weigh(&AT_END)).abs() / largest;
        let sound = at_ends[N].is_finite() && error.is_finite();
        sound.then_some(Stretch { from: *from, width, elapsed: at_ends, error })
    }

    /// One panel of at most `width` and not beyond difficulty `end`, and where it leads; `width` becomes a guess for the
    /// next. Nothing where the time is beyond f64.
    pub(crate) fn step(&self, from: &Stand, end: f64, width: &mut f64) -> Option<(Stretch, Stand)> {
        let full = self.full();
        // Just before full automation the difference between doublings and that is rounding.
        let from = if from.z < full && full - from.z <= 1e-14 * full {
            &Stand { z: full, squeezed: false, ..*from }
        } else {
            from
        };
        if from.z >= end {
            return Some((Stretch { from: *from, width: 0.0, elapsed: [0.0; ROWS], error: 0.0 }, *from));
        }
        let end = if from.z < full { end.min(full) } else { end };
        // What rounding does to phi, and below what width nothing is gained.
        let near_full = if from.z < full && full < f64::INFINITY { 20.0 * full / (full - from.z) } else { 0.0 };
        let rounding = 1e-15 * (1.0 + self.path.rate * from.z * self.path.inverse_r + near_full);
        let least = 1e-13 * (1e-3 + from.z);
        loop {
            let whole = end - from.z <= *width;
            let tried = if whole { end - from.z } else { *width };
            let Some(panel) = self.solve(from, tried, rounding) else {
                if tried <= least {
                    return None;
                }
                *width = 0.25 * tried;
                continue;
            };
            if panel.error > TOLERANCE + rounding && tried > least {
                *width = tried * (0.7 * exp(ln(TOLERANCE / panel.error) / N as f64)).max(0.2);
                continue;
            }
            let Some((event, share)) = self.event(&panel) else {
                *width = WIDER * tried;
                let stand = self.arrive(&panel, if whole { end } else { from.z + tried }, None);
                return Some((panel, stand));
            };
            let cut = self.solve(from, tried * share, rounding)?;
            *width = tried;
            return Some((cut, self.arrive(&cut, from.z + cut.width, Some(event))));
        }
    }

    /// The first event in a panel, and the share of it that lies before.
    fn event(&self, panel: &Stretch) -> Option<(Event, f64)> {
        let from = &panel.from;
        let left = self.clock.until(from.moment.piece) - from.moment.time;
        let before = |share: f64| panel.elapsed_at(share) <= left;
        let date = first_row(before).map(|row| (Event::Date, end_of(row, before)));
        if from.z >= self.full() {
            return date;
        }
        let growth_rate = self.clock.rate(&from.moment);
        let same = |share: f64| {
            let growth = growth_rate.mul_add(panel.elapsed_at(share), from.moment.growth);
            let x = self.path.decline.doublings(panel.width.mul_add(share, from.z));
            let squeeze = self.path.effort.squeeze(x, self.hardware(growth));
            if from.squeezed { squeeze >= -MARGIN } else { squeeze <= MARGIN }
        };
        let squeeze = first_row(same).map(|row| (Event::Squeeze, end_of(row, same)));
        match (date, squeeze) {
            (Some(date), Some(squeeze)) => Some(if squeeze.1 < date.1 { squeeze } else { date }),
            (date, squeeze) => date.or(squeeze),
        }
    }

    /// Where a panel leads.
    fn arrive(&self, panel: &Stretch, z: f64, event: Option<Event>) -> Stand {
        let from = &panel.from;
        let growth_rate = self.clock.rate(&from.moment);
        let moved = |years: f64| Moment {
            time: from.moment.time + years,
            growth: growth_rate.mul_add(years, from.moment.growth),
            piece: from.moment.piece,
        };
        match event {
            Some(Event::Date) => {
                let until = self.clock.until(from.moment.piece);
                let there = moved(until - from.moment.time);
                Stand { z, moment: Moment { time: until, piece: from.moment.piece + 1, ..there }, ..*from }
            }
            Some(Event::Squeeze) => Stand { z, moment: moved(panel.years()), squeezed: !from.squeezed },
            None => Stand { z, moment: moved(panel.years()), squeezed: from.squeezed && z < self.full() },
        }
    }

    /// Width to begin with.
    pub(crate) fn first_width(&self, from: &Stand) -> f64 {
        self.path.width(&self.path.mark(from.z))
    }

    /// Difficulty at some doublings, or where returns are all but gone.
    pub(crate) fn difficulty(&self, x: f64) -> f64 {
        let decline = self.path.decline;
        let all = FAR.min(40.0 * decline.scale());
        if x < decline.limit() { decline.difficulty(x).min(all) } else { all }
    }

    /// The moment after the way from `x0` to `x1` doublings, and the years that it takes; infinite beyond f64.
    pub(crate) fn ahead(&self, from: Moment, x0: f64, x1: f64) -> (Moment, f64) {
        let end = self.difficulty(x1);
        let mut at = self.stand(self.difficulty(x0), from);
        let mut width = self.first_width(&at);
        let mut years = 0.0;
        while at.z < end {
            let Some((panel, next)) = self.step(&at, end, &mut width) else {
                return (Moment { time: f64::INFINITY, ..at.moment }, f64::INFINITY);
            };
            years += panel.years();
            at = next;
        }
        (at.moment, years)
    }

    /// Doublings at the ascending `times` (years) up to `x` doublings: how many are done, and where the path stands then.
    pub(crate) fn doublings_at(&self, times: &[f64], x: f64, doublings: &mut [f64]) -> (usize, Stand) {
        let end = self.difficulty(x);
        let mut at = self.stand(0.0, Moment::default());
        let mut width = self.first_width(&at);
        let mut done = 0;
        while at.z < end && done < times.len() {
            let Some((panel, next)) = self.step(&at, end, &mut width) else {
                doublings[done..].fill(self.path.decline.doublings(at.z)); // for longer than f64 can tell
                return (times.len(), at);
            };
            while done < times.len() && times[done] <= next.moment.time {
                let z = self.invert(&panel, times[done] - at.moment.time);
                doublings[done] = self.path.decline.doublings(z);
                done += 1;
            }
            at = next;
        }
        (done, at)
    }

    /// Difficulty some years after a panel's start, within it.
    fn invert(&self, panel: &Stretch, years: f64) -> f64 {
        let growth_rate = self.clock.rate(&panel.from.moment);
        let row = panel.elapsed.partition_point(|elapsed| *elapsed < years).clamp(1, N);
        let (mut low, mut high) = (knot(row - 1), knot(row));
        let (before, after) = (panel.elapsed[row - 1], panel.elapsed[row]);
        let mut share = ((years - before) / (after - before)).clamp(0.0, 1.0).mul_add(high - low, low);
        for _ in 0..60 {
            let elapsed = panel.elapsed_at(share);
            if elapsed > years {
                high = share;
            } else {
                low = share;
            }
            let growth = growth_rate.mul_add(elapsed, panel.from.moment.growth);
            let z = panel.width.mul_add(share, panel.from.z);
            let slope = panel.width * exp(self.density(z, growth, growth_rate, panel.from.squeezed).0);
            let guess = share + (years - elapsed) / slope;
            let next = if guess >= low && guess <= high { guess } else { 0.5 * (low + high) };
            let change = (next - share).abs();
            share = next;
            if change < 1e-14 {
                break;
            }
        }
        panel.width.mul_add(share, panel.from.z)
    }

    /// Doublings at which the pace is highest while they are at most `up_to`, and the logarithm of that pace.
    pub(crate) fn peak(&self, up_to: f64) -> (f64, f64) {
        let Climb { best, highest, .. } = self.climb(up_to, f64::INFINITY);
        (best, highest)
    }

    /// Doublings and moment at which the pace (doublings per year) first comes up to a target while doublings are at most
    /// `up_to`. It is below the target at the start.
    pub(crate) fn first_at_target(&self, up_to: f64, target: f64) -> Option<(f64, Moment)> {
        let goal = ln(target);
        let (panel, top) = self.climb(up_to, goal).goal?;
        let stand = |share: f64| self.stand_in(&panel, share);
        let at = stand(crossing(0.0, top, 1.0, |share| exp(self.pace(&stand(share)).0 - goal)));
        Some((self.path.decline.doublings(at.z), at.moment))
    }

    /// Follows the pace while doublings are at most `up_to`, or until its logarithm has come up to `goal`.
    fn climb(&self, up_to: f64, goal: f64) -> Climb {
        let end = self.difficulty(up_to);
        let mut at = self.stand(0.0, Moment::default());
        let mut width = self.first_width(&at);
        let mut climb = Climb { best: 0.0, highest: f64::NEG_INFINITY, goal: None };
        while at.z < end {
            let Some((panel, next)) = self.step(&at, end, &mut width) else { break };
            let rises = |share: f64| self.pace(&self.stand_in(&panel, share)).1 > 0.0;
            let row = if rises(0.0) { first_row(rises) } else { None };
            let share = row.map_or(0.0, |row| end_of(row, rises));
            // At its end the panel is where the next begins, which tells people apart from none.
            for (share, top) in [(0.0, at), (share, self.stand_in(&panel, share)), (1.0, next)] {
                let height = self.pace(&top).0;
                if height > climb.highest {
                    climb.best = if top.z >= end { up_to } else { self.path.decline.doublings(top.z) + 0.0 };
                    climb.highest = height;
                }
                if height >= goal {
                    climb.goal = Some((panel, share));
                    return climb;
                }
            }
            at = next;
            let bound = self.highest_ahead(&at, up_to);
            if bound <= climb.highest {
                break;
            }
        }
        climb
    }

    /// The stand at a share of a panel's width.
    fn stand_in(&self, panel: &Stretch, share: f64) -> Stand {
        let (from, years) = (panel.from, panel.elapsed_at(share));
        let growth = self.clock.rate(&from.moment).mul_add(years, from.moment.growth);
        let moment = Moment { time: from.moment.time + years, growth, piece: from.moment.piece };
        Stand { z: panel.width.mul_add(share, from.z), moment, squeezed: from.squeezed }
    }

    /// Bound of the logarithm of the pace from a point on, while doublings are at most `up_to`: that of hardware that has
    /// outgrown all else, relative to the people that some tasks still need. Infinite where effort has no such bound.
    fn highest_ahead(&self, at: &Stand, up_to: f64) -> f64 {
        let returns = self.path.decline.returns(at.z);
        let x = up_to.min(self.path.decline.limit());
        if x >= self.path.effort.full_at() {
            return f64::INFINITY;
        }
        let most = self.path.effort.grown(x, OUTGROWN, true);
        if most.in_hardware > 0.0 {
            return f64::INFINITY;
        }
        let phi = self.path.rate * at.z.mul_add(self.path.inverse_r, -most.doublings);
        ln(returns) - phi - self.log_factor
    }
}

/// Solves `matrix x = vector` in place, by elimination with the largest pivot of a column.
fn solve_linear(matrix: &mut [[f64; N]; N], vector: &mut [f64; N]) {
    for k in 0..N {
        let pivot = (k..N).max_by(|a, b| matrix[*a][k].abs().total_cmp(&matrix[*b][k].abs())).unwrap_or(k);
        matrix.swap(k, pivot);
        vector.swap(k, pivot);
        let top = matrix[k];
        let inverse = 1.0 / top[k];
        for i in k + 1..N {
            let factor = matrix[i][k] * inverse;
            for j in k + 1..N {
                matrix[i][j] = (-factor).mul_add(top[j], matrix[i][j]);
            }
            vector[i] = (-factor).mul_add(vector[k], vector[i]);
        }
    }
    for k in (0..N).rev() {
        let known = (k + 1..N).fold(vector[k], |sum, j| (-matrix[k][j]).mul_add(vector[j], sum));
        vector[k] = known / matrix[k][k];
    }
}
