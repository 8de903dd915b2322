//! The parallel loop over the paths of a plan.

use super::Rows;
use crate::parallel::TASK_VALUES;
use crate::{Result, Run};
use rayon::prelude::*;

impl Run {
    /// Fills the rows of a plan's answers in parallel: one slice for each output, in which a path has its row.
    pub fn fill_rows(&self, rows: &dyn Rows, paths: usize, out: &mut [&mut [f64]]) -> Result<()> {
        let widths = rows.widths();
        let width = widths.iter().sum::<usize>().saturating_mul(rows.cost()).max(1);
        let chunk = self.chunk.unwrap_or(TASK_VALUES / width).clamp(1, paths.max(1));
        if chunk >= paths {
            return rows.fill(0, out, &self.cancel);
        }
        let mut tasks: Vec<Vec<&mut [f64]>> =
            (0..paths.div_ceil(chunk)).map(|_| Vec::with_capacity(out.len())).collect();
        for (values, width) in out.iter_mut().zip(widths) {
            if *width == 0 {
                for task in &mut tasks {
                    task.push(&mut []);
                }
                continue;
            }
            for (task, part) in tasks.iter_mut().zip(values.chunks_mut(chunk * width)) {
                task.push(part);
            }
        }
        tasks.par_iter_mut().enumerate().try_for_each(|(task, out)| rows.fill(task * chunk, out, &self.cancel))
    }
}
