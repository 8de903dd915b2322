//! One path of the growth law: what its parts come down to, and what it answers.

use crate::Cancel;
use crate::law::automation::Automation;
use crate::law::closed_form::{unlimited_doublings, unlimited_log_time, unlimited_pace, unlimited_time};
use crate::law::dated::Journey;
use crate::law::effort::{AiLabor, Ces, Dated, Effort, Share};
use crate::law::hardware::{Clock, Moment};
use crate::law::limit::{Constant, Decline, LimitShape, Linear};
use crate::law::marks::{FAR, MOST_DOUBLINGS, Passage};
use crate::law::peak::peak_doublings;
use crate::numerics::elementary::{exp, expm1, ln};

/// One path of the law.
#[derive(Debug, Clone)]
pub(crate) struct Path<'a> {
    pub(crate) r: f64,
    /// ln2 lambda.
    pub(crate) rate: f64,
    pub(crate) limit: f64,
    pub(crate) shape: LimitShape,
    /// Effective time (years) of the first doubling: the calendar's on fixed hardware.
    pub(crate) first_effective: f64,
    pub(crate) clock: Clock<'a>,
    pub(crate) course: Course,
    /// Doublings up to which people work next to growing hardware; 0 where they do not.
    pub(crate) people_until: f64,
}

/// The course on fixed hardware: a closed form, or a passage through declining returns, changing effort, or both.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Course {
    Closed { log_ratio: f64 },
    Limited(Passage<Linear, AiLabor>),
    Compute(Passage<Constant, Ces<AiLabor>>),
    LimitedCompute(Passage<Linear, Ces<AiLabor>>),
    Automated(Passage<Constant, Automation>),
    LimitedAutomated(Passage<Linear, Automation>),
    AutomatedCompute(Passage<Constant, Ces<Automation>>),
    LimitedAutomatedCompute(Passage<Linear, Ces<Automation>>),
}

/// Labor's share, rho and experiment efficiency.
pub(crate) type Compute = (f64, f64, f64);

/// Does the same with the passage of any course, or something else with a closed form.
macro_rules! by_course {
    ($course:expr, $log_ratio:ident => $closed:expr, $passage:ident => $open:expr) => {
        match $course {
            Course::Closed { log_ratio: $log_ratio } => $closed,
            Course::Limited($passage) => $open,
            Course::Compute($passage) => $open,
            Course::LimitedCompute($passage) => $open,
            Course::Automated($passage) => $open,
            Course::LimitedAutomated($passage) => $open,
            Course::AutomatedCompute($passage) => $open,
            Course::LimitedAutomatedCompute($passage) => $open,
        }
    };
}
pub(crate) use by_course;

impl<'a> Path<'a> {
    #[inline(always)]
    pub(crate) fn new(
        r: f64,
        first_doubling: f64,
        parallelizability: f64,
        limit: (f64, LimitShape),
        labor: Option<Automation>,
        effort: Option<Compute>,
        clock: Clock<'a>,
    ) -> Self {
        let (limit, shape) = limit;
        let rate = std::f64::consts::LN_2 * parallelizability;
        let declines = shape == LimitShape::Linear && limit.is_finite();
        let linear = Linear::new(limit);
        let with = |labor, (a, rho, eta): Compute| Ces::new(labor, a, rho, eta);
        let course = match (labor, effort, declines) {
            (None, None, false) => Course::Closed { log_ratio: rate * ((1.0 - r) / r) },
            (None, None, true) => Course::Limited(Passage::new(r, rate, linear, AiLabor)),
            (None, Some((a, rho, eta)), false) => {
                Course::Compute(Passage::new(r, rate, Constant, Ces::new(AiLabor, a, rho, eta)))
            }
            (None, Some((a, rho, eta)), true) => {
                Course::LimitedCompute(Passage::new(r, rate, linear, Ces::new(AiLabor, a, rho, eta)))
            }
            (Some(labor), None, false) => Course::Automated(Passage::new(r, rate, Constant, labor)),
            (Some(labor), None, true) => Course::LimitedAutomated(Passage::new(r, rate, linear, labor)),
            (Some(labor), Some(compute), false) => {
                Course::AutomatedCompute(Passage::new(r, rate, Constant, with(labor, compute)))
            }
            (Some(labor), Some(compute), true) => {
                Course::LimitedAutomatedCompute(Passage::new(r, rate, linear, with(labor, compute)))
            }
        };
        let first_effective = if clock.still() { first_doubling } else { clock.effective_at(first_doubling) };
        let mut path = Self { r, rate, limit, shape, first_effective, clock, course, people_until: 0.0 };
        if labor.is_some() && !clock.still() {
            path.people_until = by_course!(&path.course, _ratio => 0.0, passage => passage.effort.alone_from());
            path.fit_first_doubling(first_doubling);
        }
        path
    }

    /// Sets the effective time of the first doubling such that it takes `first_doubling` years with people. Effective time
    /// passes at most as fast as for AI labor alone, which brackets it; the two are nearly in proportion.
    #[cold]
    fn fit_first_doubling(&mut self, first_doubling: f64) {
        let target = ln(self.first_effective);
        let mut low = (ln(first_doubling), f64::NEG_INFINITY);
        let mut high = (target, f64::INFINITY);
        let mut guess = target;
        let mut span = f64::INFINITY;
        for _ in 0..200 {
            self.first_effective = exp(guess);
            let (_, years) = self.ahead(Moment::default(), 0.0, 1.0);
            let above = ln(self.clock.effective_at(years.min(1e100))) - target;
            let end = if above > 0.0 { &mut high } else { &mut low };
            *end = (guess, above);
            if above.abs() < 1e-14 || high.0 - low.0 <= f64::EPSILON * high.0.abs() {
                break;
            }
            let slope = (high.1 - low.1) / (high.0 - low.0);
            let middle = 0.5 * (low.0 + high.0);
            let secant = guess - above / if slope.is_finite() { slope } else { 1.0 };
            // Where the two are far from proportion a secant may stay on one side: then the bracket is halved.
            let narrows = high.0 - low.0 <= 0.5 * span;
            guess = if narrows && secant > low.0 && secant < high.0 { secant } else { middle };
            span = high.0 - low.0;
        }
    }

    /// `ln F` of [`Journey`].
    pub(crate) fn log_factor(&self) -> f64 {
        by_course!(&self.course, _ratio => 0.0, passage => ln(self.first_effective / passage.unit) - passage.peak)
    }

    /// The moment at which the path goes on from `x0` to `x1` doublings while people count, and the years that this takes.
    fn dated_ahead(&self, from: Moment, x0: f64, x1: f64) -> (Moment, f64) {
        let (clock, log_factor) = (self.clock, self.log_factor());
        by_course!(&self.course, _ratio => (from, 0.0), path => Journey { path, clock, log_factor }.ahead(from, x0, x1))
    }

    #[inline(always)]
    pub(crate) fn doublings_at<S: pulp::Simd>(&self, simd: S, time: &[f64], row: &mut [f64]) {
        let calendar;
        let (mut done, mut start) = (0, 0.0);
        let time = if self.clock.still() {
            time
        } else {
            let mut effective = vec![0.0; time.len()];
            self.clock.effective(time, &mut effective);
            if self.people_until > 0.0 {
                (done, start) = self.dated_doublings(time, &mut effective, row);
            }
            calendar = effective;
            &calendar[done..]
        };
        let (unit, row) = (self.first_effective, &mut row[done..]);
        by_course!(
            &self.course,
            log_ratio => unlimited_doublings(time, unit, *log_ratio, self.limit, row),
            passage => passage.doublings_at(simd, start, time, unit, self.limit, row)
        );
    }

    /// Doublings while people count; gives back how many and where the rest starts, with `effective` times from there on.
    #[cold]
    fn dated_doublings(&self, time: &[f64], effective: &mut [f64], row: &mut [f64]) -> (usize, f64) {
        let (clock, log_factor, end) = (self.clock, self.log_factor(), self.people_until.min(self.limit));
        let (past, time) = time.split_at(time.partition_point(|t| *t <= 0.0)); // at 0 the pace may be beyond f64
        let (before, row) = row.split_at_mut(past.len());
        before.fill(0.0);
        let effective = &mut effective[past.len()..];
        let (done, z) = by_course!(&self.course, _ratio => (0, 0.0), path => {
            let journey = Journey { path, clock, log_factor };
            let (done, at) = journey.doublings_at(time, end, row);
            let since = clock.effective_at(at.moment.time);
            for u in &mut effective[done..] {
                *u -= since;
            }
            (done, at.z)
        });
        if end == self.limit {
            row[done..].fill(end);
            (past.len() + time.len(), end)
        } else {
            (past.len() + done, by_course!(&self.course, _ratio => z, passage => passage.decline.doublings(z)))
        }
    }

    /// Effective time (years) from `x0` to `x1` doublings; infinite where the limit is in the way.
    #[inline(always)]
    fn time_between(&self, x0: f64, x1: f64) -> f64 {
        if x1 > self.limit {
            return f64::INFINITY;
        }
        let time = by_course!(
            &self.course,
            log_ratio => if x1 == f64::INFINITY { singular(*log_ratio) } else { unlimited_time(x0, x1, *log_ratio) },
            passage => if x1 == passage.decline.limit() || x1 > MOST_DOUBLINGS {
                passage.singular_time(x0)
            } else {
                passage.scaled(passage.between(x0, x1))
            }
        );
        self.first_effective * time
    }

    /// The moment at which the path goes on from `x0` to `x1` doublings, and the years that this takes.
    #[inline(always)]
    pub(crate) fn ahead(&self, from: Moment, x0: f64, x1: f64) -> (Moment, f64) {
        if from.time == f64::INFINITY {
            return (from, f64::INFINITY);
        }
        if x0 >= self.people_until {
            return self.homogeneous_ahead(from, x0, x1);
        }
        let approached = self.shape == LimitShape::Linear && self.limit.is_finite();
        if x1 > self.limit || (x1 == self.limit && approached) {
            return self.clock.ahead(from, f64::INFINITY);
        }
        let (moment, years) = self.dated_ahead(from, x0, x1.min(self.people_until));
        if x1 <= self.people_until || years == f64::INFINITY {
            return (moment, years);
        }
        let (end, more) = self.homogeneous_ahead(moment, self.people_until, x1);
        (end, years + more)
    }

    #[inline(always)]
    fn homogeneous_ahead(&self, from: Moment, x0: f64, x1: f64) -> (Moment, f64) {
        let effective = self.time_between(x0, x1);
        let beyond = effective == f64::INFINITY && !self.clock.still() && x1 < f64::INFINITY && x1 <= self.limit;
        if beyond { self.clock.far_ahead(from, self.log_time(x0, x1)) } else { self.clock.ahead(from, effective) }
    }

    /// Logarithm of an effective time that is finite, but beyond f64.
    #[cold]
    #[inline(never)]
    fn log_time(&self, x0: f64, x1: f64) -> f64 {
        let log = by_course!(
            &self.course,
            log_ratio => unlimited_log_time(x0, x1, *log_ratio),
            passage => if x1 == passage.decline.limit() || x1 > MOST_DOUBLINGS {
                f64::INFINITY
            } else {
                passage.log_scaled(passage.between(x0, x1))
            }
        );
        ln(self.first_effective) + log
    }

    /// Years that each of the doublings from the first on takes.
    #[inline(always)]
    pub(crate) fn doubling_times(&self, durations: &mut [f64], cancel: &Cancel) {
        let done = by_course!(
            &self.course,
            _ratio => 0,
            passage => if self.people_until > 0.0 { 0 } else { passage.doubling_times(self.limit, durations, cancel) }
        );
        let mut moment = Moment::default();
        for (n, duration) in durations.iter_mut().enumerate() {
            if cancel.raised_at(n) {
                return;
            }
            let effective = if n < done { *duration * self.first_effective } else { f64::INFINITY };
            (moment, *duration) = if effective < f64::INFINITY {
                self.clock.ahead(moment, effective)
            } else {
                self.ahead(moment, n as f64, n as f64 + 1.0)
            };
        }
    }

    /// Time (years) at which `x` doublings are reached; infinite if never.
    #[inline(always)]
    pub(crate) fn time_at(&self, x: f64) -> f64 {
        self.ahead(Moment::default(), 0.0, x).0.time
    }

    /// Doublings per year at `x` doublings; 0 at the limit, infinite at a singularity.
    #[inline(always)]
    pub(crate) fn pace(&self, x: f64) -> f64 {
        if x >= self.limit && self.limit.is_finite() { 0.0 } else { self.pace_before(x) }
    }

    /// The pace, which at a limit is that just before it.
    #[inline(always)]
    pub(crate) fn pace_before(&self, x: f64) -> f64 {
        if x == f64::INFINITY || (x > MOST_DOUBLINGS && !matches!(self.course, Course::Closed { .. })) {
            return self.final_pace();
        }
        let (factor, log) =
            by_course!(&self.course, log_ratio => unlimited_pace(x, *log_ratio), passage => passage.pace(x));
        let moment = if self.clock.still() { Moment::default() } else { self.ahead(Moment::default(), 0.0, x).0 };
        if x < self.people_until {
            return exp(self.dated_log_pace(x, moment));
        }
        let growth = moment.growth;
        if growth == f64::INFINITY {
            return self.final_pace(); // so far on that hardware is beyond f64
        }
        // In two factors: one may leave the range of f64 where the product does not.
        let half = exp(0.5 * (log + growth));
        factor / self.first_effective * half * half
    }

    #[cold]
    fn dated_log_pace(&self, x: f64, moment: Moment) -> f64 {
        let (clock, log_factor) = (self.clock, self.log_factor());
        by_course!(&self.course, _ratio => 0.0, path => {
            let journey = Journey { path, clock, log_factor };
            journey.pace(&journey.stand(journey.difficulty(x), moment)).0
        })
    }

    /// Logarithm of the pace (doublings per year) at the moment at which `x` doublings are reached, without the stop at an
    /// abrupt limit.
    #[inline(always)]
    pub(crate) fn log_pace_at(&self, x: f64, moment: Moment) -> f64 {
        if x < self.people_until { self.dated_log_pace(x, moment) } else { self.log_pace(x) + moment.growth }
    }

    /// Logarithm of the pace (doublings per year) on the hardware of the start, without the stop at an abrupt limit.
    #[inline(always)]
    pub(crate) fn log_pace(&self, x: f64) -> f64 {
        let (factor, log) =
            by_course!(&self.course, log_ratio => unlimited_pace(x, *log_ratio), passage => passage.pace(x));
        ln(factor / self.first_effective) + log
    }

    /// `d ln pace / dx` of that.
    #[inline(always)]
    pub(crate) fn pace_slope(&self, x: f64) -> f64 {
        by_course!(&self.course, log_ratio => -log_ratio, passage => passage.pace_slope(x))
    }

    /// The pace that a path without a limit goes to.
    fn final_pace(&self) -> f64 {
        let (_, growth_rate) = self.clock.last();
        let criticality = self.criticality();
        if criticality > 1.0 || (criticality == 1.0 && growth_rate > 0.0) {
            return f64::INFINITY;
        }
        if growth_rate > 0.0 {
            // S^(lambda (1/r - e)) grows as the hardware does.
            return growth_rate / self.rate / ((1.0 - criticality) / self.r);
        }
        if criticality < 1.0 {
            return 0.0;
        }
        let (factor, log) = by_course!(
            &self.course,
            log_ratio => unlimited_pace(0.0, *log_ratio),
            passage => passage.pace(passage.effort.settled())
        );
        factor / self.first_effective * exp(log + self.clock.ahead(Moment::default(), f64::INFINITY).0.growth)
    }

    #[inline(always)]
    pub(crate) fn criticality(&self) -> f64 {
        self.r * by_course!(&self.course, _ratio => 1.0, passage => passage.effort.final_elasticity())
    }

    /// Doublings of effort on the hardware of the start at `x` doublings.
    #[inline(always)]
    pub(crate) fn effort(&self, x: f64) -> f64 {
        by_course!(&self.course, _ratio => x, passage => passage.effort.doublings(x))
    }

    /// `ln(dW/dt)` per year of effective time at the effort of `x` doublings; W is 1 at the start.
    pub(crate) fn log_research_rate(&self, x: f64) -> f64 {
        // W = 2^(lambda z / r), and dt = e^phi dz / (the integral of e^phi over the first doubling).
        let log_first = by_course!(
            &self.course,
            log_ratio => if log_ratio.abs() < 1e-200 { 0.0 } else { ln(expm1(*log_ratio) / log_ratio) },
            passage => ln(passage.unit) + passage.peak
        );
        ln(self.rate / self.r / self.first_effective) + log_first + self.rate * self.effort(x)
    }

    /// Doublings that cumulative research brings, by its logarithm.
    pub(crate) fn known(&self, log_research: f64) -> f64 {
        let difficulty = log_research * (self.r / self.rate);
        let known = by_course!(&self.course, _ratio => difficulty, passage => passage.decline.doublings(difficulty));
        known.min(self.limit)
    }

    /// Years from a moment until `known` doublings are known, if research has come to `log_research` and a share of the
    /// doublings known is deployed at once; infinite if never.
    pub(crate) fn time_when_shared(&self, from: Moment, log_research: f64, share: f64, known: f64) -> f64 {
        if known > self.limit || (known == f64::INFINITY && self.limit.is_finite()) {
            return f64::INFINITY;
        }
        let effective = by_course!(
            &self.course,
            _ratio => self.effective_when_shared(Constant, AiLabor, log_research, share, known),
            passage => self.effective_when_shared(passage.decline, passage.effort, log_research, share, known)
        );
        self.clock.ahead(from, effective).1
    }

    fn effective_when_shared<D: Decline, E: Effort>(
        &self,
        decline: D,
        effort: E,
        log_research: f64,
        share: f64,
        known: f64,
    ) -> f64 {
        let shared = Passage::new(self.r, self.rate, decline, Share { effort, share });
        let endless = known == f64::INFINITY;
        if known == decline.limit() && (!endless || shared.singular_time(0.0) == f64::INFINITY) {
            return f64::INFINITY;
        }
        let start = shared.mark(log_research * (self.r / self.rate));
        let end = shared.mark(if endless { FAR } else { decline.difficulty(known) });
        if end.z <= start.z {
            return 0.0;
        }
        let log_integral = shared.log_scaled(shared.integral(start, end)) + ln(shared.unit) + shared.peak;
        // From the integral of e^phi to time, as for the first doubling of this law.
        exp(log_integral + ln(self.rate / self.r) - self.log_research_rate(0.0))
    }

    /// Doublings at which the pace is highest while they are at most `up_to`, and that pace.
    #[inline(always)]
    pub(crate) fn peak(&self, up_to: f64) -> (f64, f64) {
        let up_to = up_to.min(self.limit);
        let (clock, unit) = (self.clock, self.first_effective);
        let people_until = self.people_until.min(up_to);
        if people_until == up_to && up_to > 0.0 {
            return self.dated_peak(up_to);
        }
        let start = if people_until > 0.0 {
            (people_until, self.ahead(Moment::default(), 0.0, people_until).0)
        } else {
            (0.0, Moment::default())
        };
        let (x, endless) = match &self.course {
            Course::Closed { log_ratio } if clock.still() => (if *log_ratio >= 0.0 { 0.0 } else { up_to }, false),
            Course::Closed { .. } => {
                peak_doublings(&Passage::new(self.r, self.rate, Constant, AiLabor), clock, unit, start, up_to)
            }
            Course::Limited(_) if clock.still() => (self.limited_peak().clamp(0.0, up_to), false),
            course => by_course!(
                course,
                _ratio => (up_to, false),
                passage => peak_doublings(passage, clock, unit, start, up_to)
            ),
        };
        let (earlier, highest) = if people_until > 0.0 { self.dated_peak(people_until) } else { (x, 0.0) };
        // Beyond the most doublings nothing is told apart: a peak there is as high as the pace at them, at least.
        let x = if endless || matches!(self.course, Course::Closed { .. }) { x } else { x.min(MOST_DOUBLINGS) };
        let pace = self.pace_before(x);
        let (x, pace) = if highest > pace { (earlier, highest) } else { (x, pace) };
        let end = if endless { self.pace_before(f64::INFINITY) } else { 0.0 };
        if end > pace { (f64::INFINITY, end) } else { (x, pace) }
    }

    /// Doublings at which the pace of labor alone before a linear limit is highest; below 0 where it only falls.
    #[inline(always)]
    pub(crate) fn limited_peak(&self) -> f64 {
        // d ln(dx/dt)/dx = -1/(limit h) + ln2 lambda (1 - 1/(r h)) is 0.
        let h = 1.0 / self.r + 1.0 / (self.rate * self.limit);
        self.limit * (1.0 - h)
    }

    /// Where and how high the peak is while people count and doublings are at most `up_to`.
    #[cold]
    fn dated_peak(&self, up_to: f64) -> (f64, f64) {
        let (clock, log_factor) = (self.clock, self.log_factor());
        let (x, log_pace) =
            by_course!(&self.course, _ratio => (0.0, 0.0), path => Journey { path, clock, log_factor }.peak(up_to));
        (x, exp(log_pace))
    }
}

/// Singular time in first doublings without a limit.
#[inline(always)]
fn singular(log_ratio: f64) -> f64 {
    if log_ratio >= 0.0 { f64::INFINITY } else { -1.0 / expm1(log_ratio) }
}
