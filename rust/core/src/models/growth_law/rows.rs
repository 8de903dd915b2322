//! Answers of the growth law.
//!
//! Each kernel is compiled with all that a path may be, three times over for the vector units, so there are few of them:
//! what is one value per path is put together from their columns.

use super::{GrowthLaw, MULTIPLE, OWNER, TARGET, WITHIN, doublings_of};
use crate::law::limit::LimitShape;
use crate::law::path::Path;
use crate::model::{Along, Ask, Request, Rows, comes_by, regime};
use crate::numerics::elementary::exp2;
use crate::parallel::{Kernel, fill_here};
use crate::{Cancel, Result, Run};

/// Windows of the outputs that name theirs, years.
const MONTHS_12: f64 = 1.0;
const MONTHS_4: f64 = 4.0 / 12.0;

/// A checked request to some laws.
struct LawRows<'a> {
    law: &'a GrowthLaw,
    request: &'a Request,
    widths: Vec<usize>,
}

/// Checks a request, and prepares the rows that answer it.
pub(super) fn prepare<'a>(law: &'a GrowthLaw, request: &'a Request, run: &Run) -> Result<Box<dyn Rows + 'a>> {
    request.check(OWNER, law.paths())?;
    if request.horizon.is_finite() {
        law.check_times(&[request.horizon], run)?;
    }
    for Ask { output, along } in &request.asks {
        match (output.name, along) {
            ("doublings_at" | "level" | "pace", Along::Own(time, _)) => {
                law.check_times(&[time.iter().copied().fold(0.0, f64::max)], run)?;
            }
            ("doublings_at" | "level" | "pace", along) => law.check_times(along.values(), run)?,
            ("threshold_time", along) => MULTIPLE.check(along.values())?,
            ("crossing_time", along) => TARGET.check(along.values())?,
            ("most_doublings", along) => WITHIN.check(along.values())?,
            (_, along) => doublings_of(OWNER).check(along.values())?,
        }
    }
    Ok(Box::new(LawRows { law, request, widths: request.widths() }))
}

impl Rows for LawRows<'_> {
    fn widths(&self) -> &[usize] {
        &self.widths
    }

    fn fill(&self, first: usize, out: &mut [&mut [f64]], cancel: &Cancel) -> Result<()> {
        let paths = out.iter().zip(&self.widths).filter(|(_, width)| **width > 0);
        let count = paths.map(|(values, width)| values.len() / width).next().unwrap_or(0);
        let mut chunk = Chunk::new(self.law, self.request.horizon, first, count, cancel);
        for ((ask, width), rows) in self.request.asks.iter().zip(&self.widths).zip(out) {
            chunk.answer(ask.output.name, &ask.along, *width, rows)?;
        }
        Ok(())
    }
}

/// Consecutive paths, with the columns that several outputs need.
struct Chunk<'a> {
    law: &'a GrowthLaw,
    horizon: f64,
    first: usize,
    count: usize,
    cancel: &'a Cancel,
    singular_time: Option<Vec<f64>>,
    limit_time: Option<Vec<f64>>,
    criticality: Option<Vec<f64>>,
    reached: Option<Vec<f64>>,
    /// Doublings and pace at the peak, path by path.
    peak: Option<Vec<f64>>,
}

impl<'a> Chunk<'a> {
    fn new(law: &'a GrowthLaw, horizon: f64, first: usize, count: usize, cancel: &'a Cancel) -> Self {
        let (singular_time, limit_time, criticality, reached, peak) = (None, None, None, None, None);
        Self { law, horizon, first, count, cancel, singular_time, limit_time, criticality, reached, peak }
    }

    fn answer(&mut self, output: &str, along: &Along, width: usize, rows: &mut [f64]) -> Result<()> {
        let (law, horizon, along) = (self.law, self.horizon, self.part(along));
        match output {
            "doublings_at" => self.doublings(&along, rows)?,
            "level" => {
                self.doublings(&along, rows)?;
                for value in rows {
                    *value = exp2(*value);
                }
            }
            "pace" => {
                self.doublings(&along, rows)?;
                let doublings = Along::Own(rows.to_vec(), width);
                self.pace(&doublings, rows)?;
            }
            "time_at" => self.time(&along, rows)?,
            "pace_at" => self.pace(&along, rows)?,
            "effort_doublings" => self.each(&along, rows, Effort)?,
            "doubling_times" => {
                let kernel = DoublingTimes { law, cancel: self.cancel };
                fill_here(&kernel, self.first, width, rows, self.cancel)?;
            }
            "peak_doublings_by" | "peak_pace_by" => {
                let mut peaks = vec![0.0; 2 * rows.len()];
                self.peaks(&along, &mut peaks)?;
                let which = usize::from(output == "peak_pace_by");
                rows.iter_mut().zip(peaks.chunks_exact(2)).for_each(|(value, peak)| *value = peak[which]);
            }
            "threshold_time" => {
                let mut targets = vec![0.0; self.count];
                self.pace(&Along::Shared(vec![0.0]), &mut targets)?;
                let multiples = (0..self.count).flat_map(|i| along.of(i).iter().map(move |multiple| (i, multiple)));
                let targets = multiples.map(|(i, multiple)| multiple * targets[i]).collect();
                self.crossing(&Along::Own(targets, width), rows)?;
            }
            "crossing_time" => self.crossing(&along, rows)?,
            "most_doublings" => self.most(&along, rows)?,
            "most_doublings_in_12_months" => self.most(&Along::Shared(vec![MONTHS_12]), rows)?,
            "most_doublings_in_4_months" => self.most(&Along::Shared(vec![MONTHS_4]), rows)?,
            "regime" => {
                rows.copy_from_slice(self.criticality()?);
                for value in rows {
                    *value = regime(*value);
                }
            }
            "criticality" => rows.copy_from_slice(self.criticality()?),
            "singular_time" => rows.copy_from_slice(self.singular_time()?),
            "limit_time" => rows.copy_from_slice(self.limit_time()?),
            "outcome" => {
                rows.copy_from_slice(self.limit_time()?);
                for (outcome, singular) in rows.iter_mut().zip(self.singular_time()?) {
                    let limit = 2.0 * f64::from(u8::from(comes_by(*outcome, horizon)));
                    *outcome = if comes_by(*singular, horizon) { 1.0 } else { limit };
                }
            }
            "doublings_at_horizon" => rows.copy_from_slice(self.reached()?),
            "peak_doublings" => {
                rows.iter_mut().zip(self.peak()?.chunks_exact(2)).for_each(|(value, peak)| *value = peak[0]);
            }
            "peak_pace" => {
                rows.iter_mut().zip(self.peak()?.chunks_exact(2)).for_each(|(value, peak)| *value = peak[1]);
            }
            "peak_time" => {
                let peaks: Vec<f64> = self.peak()?.chunks_exact(2).map(|peak| peak[0]).collect();
                let finite = peaks.iter().map(|x| if *x == f64::INFINITY { 0.0 } else { *x }).collect();
                self.time(&Along::Own(finite, 1), rows)?;
                for ((time, x), singular) in rows.iter_mut().zip(peaks).zip(self.singular_time()?) {
                    *time = if x == f64::INFINITY { *singular } else { *time }.min(horizon);
                }
            }
            other => unreachable!("no output of a growth law: {other}"),
        }
        Ok(())
    }

    /// The values along an axis that belong to these paths.
    fn part(&self, along: &Along) -> Along {
        match along {
            Along::Own(values, width) => {
                let (from, to) = (self.first * width, (self.first + self.count) * width);
                Along::Own(values[from..to].to_vec(), *width)
            }
            other => other.clone(),
        }
    }

    fn singular_time(&mut self) -> Result<&[f64]> {
        if self.singular_time.is_none() {
            let mut times = vec![0.0; self.count];
            self.time(&Along::Shared(vec![f64::INFINITY]), &mut times)?;
            for (i, time) in times.iter_mut().enumerate() {
                if self.law.limit.at(self.first + i).is_finite() {
                    *time = f64::INFINITY;
                }
            }
            self.singular_time = Some(times);
        }
        Ok(self.singular_time.as_deref().unwrap_or_default())
    }

    fn limit_time(&mut self) -> Result<&[f64]> {
        if self.limit_time.is_none() {
            let mut times = vec![f64::INFINITY; self.count];
            let limits: Vec<f64> = (0..self.count).map(|i| self.law.limit.at(self.first + i)).collect();
            if self.law.shape == LimitShape::Abrupt && limits.iter().any(|limit| limit.is_finite()) {
                self.time(&Along::Own(limits.clone(), 1), &mut times)?;
                for (time, limit) in times.iter_mut().zip(limits) {
                    *time = if limit.is_finite() { *time } else { f64::INFINITY };
                }
            }
            self.limit_time = Some(times);
        }
        Ok(self.limit_time.as_deref().unwrap_or_default())
    }

    fn criticality(&mut self) -> Result<&[f64]> {
        if self.criticality.is_none() {
            let mut column = vec![0.0; self.count];
            self.each(&Along::Shared(vec![0.0]), &mut column, Criticality)?;
            self.criticality = Some(column);
        }
        Ok(self.criticality.as_deref().unwrap_or_default())
    }

    /// Doublings at the horizon.
    fn reached(&mut self) -> Result<&[f64]> {
        if self.reached.is_none() {
            let mut column = vec![0.0; self.count];
            self.doublings(&Along::Shared(vec![self.horizon]), &mut column)?;
            self.reached = Some(column);
        }
        Ok(self.reached.as_deref().unwrap_or_default())
    }

    fn peak(&mut self) -> Result<&[f64]> {
        if self.peak.is_none() {
            let mut column = vec![0.0; 2 * self.count];
            let reached = self.reached()?.to_vec();
            self.peaks(&Along::Own(reached, 1), &mut column)?;
            self.peak = Some(column);
        }
        Ok(self.peak.as_deref().unwrap_or_default())
    }

    fn doublings(&self, along: &Along, rows: &mut [f64]) -> Result<()> {
        let kernel = DoublingsAt { law: self.law, along, from: self.first };
        fill_here(&kernel, self.first, along.width(), rows, self.cancel)
    }

    fn time(&self, along: &Along, rows: &mut [f64]) -> Result<()> {
        self.each(along, rows, Time)
    }

    fn pace(&self, along: &Along, rows: &mut [f64]) -> Result<()> {
        self.each(along, rows, Pace)
    }

    fn crossing(&mut self, along: &Along, rows: &mut [f64]) -> Result<()> {
        let reached = self.reached()?.to_vec();
        let (law, from, horizon, cancel) = (self.law, self.first, self.horizon, self.cancel);
        let kernel = Crossing { law, along, from, horizon, reached: &reached, cancel };
        fill_here(&kernel, from, along.width(), rows, cancel)
    }

    /// A function of each path at the values along an axis.
    fn each(&self, along: &Along, rows: &mut [f64], of: impl OfPath) -> Result<()> {
        let kernel = Each { law: self.law, along, from: self.first, cancel: self.cancel, of };
        fill_here(&kernel, self.first, along.width(), rows, self.cancel)
    }

    /// Doublings and pace at the highest pace up to the doublings along an axis.
    fn peaks(&self, along: &Along, rows: &mut [f64]) -> Result<()> {
        let kernel = Peaks { law: self.law, along, from: self.first };
        fill_here(&kernel, self.first, 2 * along.width(), rows, self.cancel)
    }

    fn most(&self, along: &Along, rows: &mut [f64]) -> Result<()> {
        let kernel =
            MostDoublings { law: self.law, along, from: self.first, horizon: self.horizon, cancel: self.cancel };
        fill_here(&kernel, self.first, along.width(), rows, self.cancel)
    }
}

/// Doublings at times.
struct DoublingsAt<'a> {
    law: &'a GrowthLaw,
    along: &'a Along,
    /// The path of the first values.
    from: usize,
}

impl Kernel for DoublingsAt<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]) {
        self.law.path(path).doublings_at(simd, self.along.of(path - self.from), values);
    }
}

struct DoublingTimes<'a> {
    law: &'a GrowthLaw,
    cancel: &'a Cancel,
}

impl Kernel for DoublingTimes<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        self.law.path(path).doubling_times(values, self.cancel);
    }
}

/// A function of a path and a value. Not a closure: only what is inlined is compiled
/// for the vector unit.
trait OfPath: Sync {
    fn of(&self, path: &Path, x: f64) -> f64;
}

/// A function of the path at each value of the axis.
struct Each<'a, F> {
    law: &'a GrowthLaw,
    along: &'a Along,
    from: usize,
    cancel: &'a Cancel,
    of: F,
}

impl<F: OfPath> Kernel for Each<'_, F> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let along = self.along.of(path - self.from);
        let path = self.law.path(path);
        for (i, (value, x)) in values.iter_mut().zip(along).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *value = self.of.of(&path, *x);
        }
    }
}

macro_rules! of_path {
    ($(#[$doc:meta])* $name:ident, $path:ident, $x:ident => $answer:expr) => {
        $(#[$doc])*
        struct $name;

        impl OfPath for $name {
            #[inline(always)]
            fn of(&self, $path: &Path, $x: f64) -> f64 {
                $answer
            }
        }
    };
}

of_path!(
    /// Time at a number of doublings.
    Time, path, x => path.time_at(x)
);
of_path!(
    /// Pace at a number of doublings.
    Pace, path, x => path.pace(x)
);
of_path!(
    /// Doublings of effort at a number of doublings.
    Effort, path, x => path.effort(x)
);
of_path!(Criticality, path, _x => path.criticality());

/// Time at which the pace first reaches a target.
struct Crossing<'a> {
    law: &'a GrowthLaw,
    along: &'a Along,
    from: usize,
    horizon: f64,
    /// Doublings at the horizon, by path.
    reached: &'a [f64],
    cancel: &'a Cancel,
}

impl Kernel for Crossing<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]) {
        let (targets, reached) = (self.along.of(path - self.from), self.reached[path - self.from]);
        let path = self.law.path(path);
        for (i, (time, target)) in values.iter_mut().zip(targets).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *time = path.threshold_time(simd, *target, self.horizon, reached);
        }
    }
}

struct Peaks<'a> {
    law: &'a GrowthLaw,
    along: &'a Along,
    from: usize,
}

impl Kernel for Peaks<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, _: S, path: usize, values: &mut [f64]) {
        let along = self.along.of(path - self.from);
        let path = self.law.path(path);
        for (peak, up_to) in values.chunks_exact_mut(2).zip(along) {
            (peak[0], peak[1]) = path.peak(*up_to);
        }
    }
}

struct MostDoublings<'a> {
    law: &'a GrowthLaw,
    along: &'a Along,
    from: usize,
    horizon: f64,
    cancel: &'a Cancel,
}

impl Kernel for MostDoublings<'_> {
    #[inline(always)]
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]) {
        let windows = self.along.of(path - self.from);
        let path = self.law.path(path);
        for (i, (most, within)) in values.iter_mut().zip(windows).enumerate() {
            if self.cancel.raised_at(i) {
                return;
            }
            *most = path.most_doublings(simd, *within, self.horizon);
        }
    }
}
