//! Execution of a kernel over many paths: chunks in parallel, one cancel flag, the widest instruction set.

use crate::{Error, Result};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that stops a run, which returns [`Error::Cancelled`] after the paths in progress.
#[derive(Default)]
pub struct Cancel {
    raised: AtomicBool,
    /// Returns whether to stop, for a run on the thread that would otherwise check for that.
    wanted: Option<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl Cancel {
    /// Creates a flag that calls `wanted` whenever the run checks it.
    pub fn asking(wanted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { raised: AtomicBool::new(false), wanted: Some(Box::new(wanted)) }
    }

    /// Asks the run to stop.
    pub fn raise(&self) {
        self.raised.store(true, Ordering::Relaxed);
    }

    /// Returns whether the flag is raised; checks it only at every 64th value of a row.
    #[inline(always)]
    pub(crate) fn raised_at(&self, index: usize) -> bool {
        index.is_multiple_of(64) && self.raised()
    }

    /// Returns whether the flag is raised.
    #[inline(always)]
    pub fn raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed) || (self.wanted.is_some() && self.ask())
    }

    #[cold]
    #[inline(never)]
    fn ask(&self) -> bool {
        let wanted = self.wanted.as_ref().is_some_and(|wanted| wanted());
        if wanted {
            self.raise();
        }
        wanted
    }
}

impl std::fmt::Debug for Cancel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cancel").field("raised", &self.raised).finish_non_exhaustive()
    }
}

/// Options of a run, none of which changes a result.
#[derive(Debug, Default)]
pub struct Run {
    /// Flag that stops the run.
    pub cancel: Cancel,
    /// Paths per parallel task; `None` chooses a number by the width of a row.
    pub chunk: Option<usize>,
}

/// Values per parallel task, unless the run sets its paths.
pub(crate) const TASK_VALUES: usize = 1 << 15;

/// Computation of a row of values for each path. Implementations are `#[inline(always)]` down to the arithmetic: only then are
/// they compiled for the vector unit that is detected at run time.
pub(crate) trait Kernel: Sync {
    /// Values per parallel task, unless the run sets its paths.
    const TASK_VALUES: usize = TASK_VALUES;

    /// Fills the row of values of one path.
    fn row<S: pulp::Simd>(&self, simd: S, path: usize, values: &mut [f64]);
}

/// One parallel task: consecutive rows.
struct Task<'a, K> {
    kernel: &'a K,
    cancel: &'a Cancel,
    first: usize,
    width: usize,
    rows: &'a mut [f64],
}

impl<K: Kernel> pulp::WithSimd for Task<'_, K> {
    type Output = Result<()>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> Result<()> {
        for (i, values) in self.rows.chunks_exact_mut(self.width).enumerate() {
            if self.cancel.raised() {
                return Err(Error::Cancelled);
            }
            self.kernel.row(simd, self.first + i, values);
        }
        // A kernel may leave a long row unfinished when the flag is raised.
        if self.cancel.raised() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Does work compiled for the machine's vector unit. With AVX-512, explicit vectors stay as narrow as with AVX2, which fits
/// tables of four columns; the compiler vectorizes loops at full width.
#[inline(always)]
pub(crate) fn dispatch<W: pulp::WithSimd>(work: W) -> W::Output {
    let arch = pulp::Arch::new();
    #[cfg(target_arch = "x86_64")]
    if let pulp::Arch::V4(wide) = arch {
        return wide.vectorize(Narrow { simd: *wide, work });
    }
    arch.dispatch(work)
}

/// Does work compiled for the machine's vector unit without AVX-512, which does not speed up loops that count comparisons.
#[inline(always)]
pub(crate) fn dispatch_narrow<W: pulp::WithSimd>(work: W) -> W::Output {
    let arch = pulp::Arch::new();
    #[cfg(target_arch = "x86_64")]
    if let pulp::Arch::V4(wide) = arch {
        return pulp::Simd::vectorize(*wide, work);
    }
    arch.dispatch(work)
}

/// Work whose explicit vectors are those of AVX2.
#[cfg(target_arch = "x86_64")]
struct Narrow<W> {
    simd: pulp::x86::V3,
    work: W,
}

#[cfg(target_arch = "x86_64")]
impl<W: pulp::WithSimd> pulp::NullaryFnOnce for Narrow<W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.work.with_simd(self.simd)
    }
}

impl Run {
    /// Fills one row of `width` values per path, in parallel on the machine's vector unit.
    pub(crate) fn fill<K: Kernel>(&self, out: &mut [f64], width: usize, kernel: &K) -> Result<()> {
        let width = width.max(1);
        let chunk = self.chunk.unwrap_or(K::TASK_VALUES / width).max(1);
        if out.len() <= chunk.saturating_mul(width) {
            return fill_here(kernel, 0, width, out, &self.cancel); // one task: it needs no threads
        }
        out.par_chunks_mut(chunk.saturating_mul(width)).enumerate().try_for_each(|(task, rows)| {
            dispatch(Task { kernel, cancel: &self.cancel, first: task * chunk, width, rows })
        })
    }
}

/// Fills the rows of consecutive paths from `first` on, on this thread.
pub(crate) fn fill_here<K: Kernel>(
    kernel: &K,
    first: usize,
    width: usize,
    rows: &mut [f64],
    cancel: &Cancel,
) -> Result<()> {
    dispatch(Task { kernel, cancel, first, width: width.max(1), rows })
}
