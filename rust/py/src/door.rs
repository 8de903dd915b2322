//! Entry of every long call into the engine.

use crate::errors;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use takeoff_core::{Cancel, Error, Run};

/// Interval at which a running call checks for a signal (Ctrl-C).
const POLL: Duration = Duration::from_millis(50);

/// Execution policy of a call, from Python.
#[derive(FromPyObject, Clone, Copy)]
#[pyo3(from_item_all)]
pub(crate) struct Policy {
    threads: Option<usize>,
    chunk: Option<usize>,
}

impl Policy {
    /// Returns whether the call does not set chunks, so that a few paths may be one task.
    pub(crate) fn free(self) -> bool {
        self.chunk.is_none()
    }
}

/// Thread pools by process id and number of threads. A forked child inherits the map but not the threads of its parent: the
/// pools of the parent are never used in the child, nor dropped.
static POOLS: Mutex<Option<Pools>> = Mutex::new(None);

type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;

/// Returns the pool with a number of threads, which is created on first use.
fn pool(threads: usize) -> PyResult<Arc<ThreadPool>> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let pools = pools.get_or_insert_with(HashMap::new);
    let key = (std::process::id(), threads);
    if let Some(pool) = pools.get(&key) {
        return Ok(Arc::clone(pool));
    }
    let build = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("takeoff-{i}")).build();
    let pool = Arc::new(build.map_err(|e| errors::internal(&format!("no thread pool: {e}")))?);
    pools.insert(key, Arc::clone(&pool));
    Ok(pool)
}

/// Runs `work` on the package's own threads: releases the interpreter, checks for signals, catches panics, converts errors.
pub(crate) fn enter<T: Send>(
    py: Python<'_>,
    policy: Policy,
    work: impl FnOnce(&Run) -> takeoff_core::Result<T> + Send,
) -> PyResult<T> {
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = pool(policy.threads.unwrap_or_else(available))?;
    let run = Run { chunk: policy.chunk, ..Run::default() };
    py.detach(|| {
        let (send, receive) = channel();
        let run = &run;
        pool.in_place_scope(|scope| {
            scope.spawn(move |_| {
                // The receiver lives until the result arrives, so sending cannot fail.
                let _ = send.send(catch_unwind(AssertUnwindSafe(|| work(run))));
            });
            let mut interrupt = None;
            loop {
                match receive.recv_timeout(POLL) {
                    Ok(Ok(Ok(value))) => return interrupt.map_or(Ok(value), Err),
                    Ok(Ok(Err(Error::Cancelled))) if interrupt.is_some() => {
                        return Err(interrupt.unwrap_or_else(|| errors::internal("cancelled")));
                    }
                    Ok(Ok(Err(error))) => return Err(errors::to_python(error)),
                    Ok(Err(panic)) => return Err(errors::internal(&message(&*panic))),
                    Err(RecvTimeoutError::Timeout) => {
                        #[allow(clippy::redundant_closure_for_method_calls)] // the lifetimes need the closure
                        if let Err(signal) = Python::attach(|py| py.check_signals()) {
                            run.cancel.raise();
                            interrupt = Some(signal);
                        }
                    }
                    Err(RecvTimeoutError::Disconnected) => return Err(errors::internal("the engine's thread is gone")),
                }
            }
        })
    })
}

/// Runs `work` that is a single task on the thread of the caller, which avoids the cost of a change of thread. The run itself
/// checks for signals, as often as `enter` does; panics and errors are handled as in `enter`.
pub(crate) fn enter_here<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&Run) -> takeoff_core::Result<T> + Send,
) -> PyResult<T> {
    let interrupt = Arc::new(Mutex::new(None));
    let (last, held) = (Mutex::new(Instant::now()), Arc::clone(&interrupt));
    let wanted = move || {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < POLL {
            return false;
        }
        *last = Instant::now();
        #[allow(clippy::redundant_closure_for_method_calls)] // the lifetimes need the closure
        let signal = Python::attach(|py| py.check_signals()).err();
        let stop = signal.is_some();
        *held.lock().unwrap_or_else(PoisonError::into_inner) = signal;
        stop
    };
    let run = Run { cancel: Cancel::asking(wanted), chunk: Some(usize::MAX) }; // one task, so no pool is entered
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(|| work(&run))));
    let interrupt = interrupt.lock().unwrap_or_else(PoisonError::into_inner).take();
    match done {
        Ok(Ok(value)) => interrupt.map_or(Ok(value), Err),
        Ok(Err(Error::Cancelled)) if interrupt.is_some() => {
            Err(interrupt.unwrap_or_else(|| errors::internal("cancelled")))
        }
        Ok(Err(error)) => Err(errors::to_python(error)),
        Err(panic) => Err(errors::internal(&message(&*panic))),
    }
}

/// Describes a panic.
fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the engine stopped: {}", text.unwrap_or("no message"))
}
