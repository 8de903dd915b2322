//! The time at which the pace first comes up to a target.

use crate::law::calls::Calls;
use crate::law::dated::Journey;
use crate::law::effort::AiLabor;
use crate::law::form::Form;
use crate::law::hardware::Moment;
use crate::law::limit::Constant;
use crate::law::marks::Passage;
use crate::law::path::{Course, Path, by_course};
use crate::law::peak::first_at_target;
use crate::numerics::crossing::crossing;
use crate::numerics::elementary::ln;
use pulp::Simd;

impl Path<'_> {
    /// Time (years) at which the pace first comes up to `target` (doublings per year): 0 where it is there from the start,
    /// infinite where it is not by the `horizon`, at which `reached` doublings are.
    #[inline(always)]
    pub(crate) fn threshold_time<S: Simd>(&self, simd: S, target: f64, horizon: f64, reached: f64) -> f64 {
        let calls = Calls { path: self, simd };
        if calls.pace_before(0.0) >= target {
            return 0.0;
        }
        let up_to = reached.min(self.limit);
        let top = match self.form() {
            _ if target == f64::INFINITY => up_to,
            Form::Valley => up_to, // below the target at the start, the pace may only come up to it when it rises at last
            Form::Peak if self.clock.still() => self.crest().min(up_to),
            Form::Peak | Form::Any => {
                let time = self.first_time(&calls, target, up_to);
                return if time == f64::INFINITY { time } else { time.min(horizon) };
            }
        };
        if calls.pace_before(top) < target {
            return f64::INFINITY;
        }
        calls.time_at(self.rise(&calls, target, top)).min(horizon)
    }

    /// Doublings at which the pace, below the target at the start, comes up to it by `top` doublings.
    #[inline(always)]
    fn rise<S: Simd>(&self, calls: &Calls<'_, '_, S>, target: f64, top: f64) -> f64 {
        if target == f64::INFINITY {
            return top;
        }
        if let (Course::Closed { log_ratio }, true) = (&self.course, self.clock.still()) {
            return (ln(target / calls.pace_before(0.0)) / -log_ratio).min(top);
        }
        let (mut low, mut high) = (0.0, top);
        if top == f64::INFINITY {
            high = 1.0;
            while calls.pace_before(high) < target {
                (low, high) = (high, 2.0 * high);
            }
        }
        crossing(low, high, target, |x| calls.pace_before(x))
    }

    /// The time of a path whose pace may have several peaks; infinite where the target is not reached by `up_to` doublings.
    fn first_time<S: Simd>(&self, calls: &Calls<'_, '_, S>, target: f64, up_to: f64) -> f64 {
        let people_until = self.people_until.min(up_to);
        let mut start = (0.0, Moment::default());
        if people_until > 0.0 {
            if let Some(moment) = self.first_with_people(target, people_until) {
                return moment.time;
            }
            if people_until == up_to {
                return f64::INFINITY;
            }
            start = (people_until, calls.ahead(Moment::default(), 0.0, people_until).0);
        }
        let (clock, unit) = (self.clock, self.first_effective);
        let crossed = by_course!(
            &self.course,
            _ratio => {
                let passage = Passage::new(self.r, self.rate, Constant, AiLabor);
                first_at_target(&passage, clock, unit, start, up_to, target)
            },
            passage => first_at_target(passage, clock, unit, start, up_to, target)
        );
        let time = |(x, moment): (f64, Moment)| if clock.still() { calls.time_at(x) } else { moment.time };
        crossed.map_or(f64::INFINITY, time)
    }

    /// The moment of the target while people count, if it is reached by `up_to` doublings.
    #[cold]
    fn first_with_people(&self, target: f64, up_to: f64) -> Option<Moment> {
        let (clock, log_factor) = (self.clock, self.log_factor());
        let crossed = by_course!(
            &self.course,
            _ratio => None,
            path => Journey { path, clock, log_factor }.first_at_target(up_to, target)
        );
        crossed.map(|(_, moment)| moment)
    }
}
