//! A growth law whose paths are each asked for at a time of their own.

use super::growth_law::{GrowthLaw, TIME};
use crate::law::hardware::value;
use crate::parallel::Kernel;
use crate::{Error, Field, Result, Run};

impl GrowthLaw {
    /// Doublings of every path at its own `time` (years), or at one for all: infinite from the singular time on.
    pub fn doublings_at_own(&self, time: &[f64], run: &Run, out: &mut [f64]) -> Result<()> {
        let (expected, given) = (self.paths(), time.len());
        if given != 1 && given != expected {
            return Err(Error::Length { owner: "doublings_at", name: TIME.name, given, expected });
        }
        Field { owner: "doublings_at", rule: "finite and >= 0 (years, at most 1e100)", ..TIME }.check(time)?;
        let last = time.iter().fold(0.0, |last: f64, t| last.max(*t));
        self.check_times(&[last], run)?;
        run.fill(out, 1, &DoublingsAtOwn { law: self, time })
    }
}

struct DoublingsAtOwn<'a> {
    law: &'a GrowthLaw,
    time: &'a [f64],
}

impl Kernel for DoublingsAtOwn<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]) {
        self.law.path(path).doublings_at(simd, &[value(self.time, path)], values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::hardware::HardwareGrowth;
    use crate::law::limit::LimitShape;
    use crate::models::growth_law::Columns;

    fn law(hardware: Vec<HardwareGrowth>) -> GrowthLaw {
        let columns = Columns {
            r: vec![0.7, 1.0, 3.0, 3.0],
            first_doubling: vec![0.1],
            parallelizability: vec![1.0],
            limit: vec![f64::INFINITY, f64::INFINITY, f64::INFINITY, 30.0],
            shape: LimitShape::Linear,
            automation: None,
            effort: None,
            hardware,
        };
        GrowthLaw::new(columns).unwrap()
    }

    #[test]
    fn each_path_is_where_a_grid_of_that_time_has_it() {
        let growth = HardwareGrowth { since: vec![0.0], doubling_time: vec![0.5] };
        for law in [law(vec![]), law(vec![growth])] {
            let run = Run::default();
            let time = [0.0, 0.3, 2.0, 0.17];
            let mut found = [f64::NAN; 4];
            law.doublings_at_own(&time, &run, &mut found).unwrap();
            for (path, t) in time.iter().enumerate() {
                let mut every = [f64::NAN; 4];
                law.doublings_at(&[*t], &run, &mut every).unwrap();
                assert_eq!(found[path].to_bits(), every[path].to_bits());
            }
        }
    }

    #[test]
    fn times_that_are_none_are_refused() {
        let (law, run) = (law(vec![]), Run::default());
        for (bad, index) in [(f64::NAN, 2), (-1.0, 0), (f64::INFINITY, 3), (1e101, 1)] {
            let mut time = [0.5; 4];
            time[index] = bad;
            let error = law.doublings_at_own(&time, &run, &mut [0.0; 4]).unwrap_err();
            let Error::InvalidValue { name, index: at, .. } = error else { panic!("{error}") };
            assert_eq!((name, at), ("time", Some(index)));
        }
        assert!(matches!(law.doublings_at_own(&[0.5; 3], &run, &mut [0.0; 4]), Err(Error::Length { given: 3, .. })));
    }
}
