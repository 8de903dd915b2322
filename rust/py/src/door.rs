//! The one door through which every long call enters the engine.

use crate::errors;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use takeoff_core::{Cancel, Error, Run};

/// How often a running call looks for a signal (Ctrl-C).
const POLL: Duration = Duration::from_millis(50);

/// How a call is to be run, as Python hands it over.
#[derive(FromPyObject, Clone, Copy)]
#[pyo3(from_item_all)]
pub(crate) struct Policy {
    threads: Option<usize>,
    chunk: Option<usize>,
}

/// The pools of this process by their number of threads. A forked child inherits the map but not the threads of its parent,
/// so the process id is part of the key; the parent's pools are never touched in the child, not even dropped.
static POOLS: Mutex<Option<Pools>> = Mutex::new(None);

type Pools = HashMap<(u32, usize), Arc<ThreadPool>>;

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

/// Runs `work` on the package's own threads: releases the interpreter, looks for signals, catches panics, maps errors.
pub(crate) fn enter<T: Send>(
    py: Python<'_>,
    policy: Policy,
    work: impl FnOnce(&Run) -> takeoff_core::Result<T> + Send,
) -> PyResult<T> {
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let pool = pool(policy.threads.unwrap_or_else(available))?;
    let run = Run { cancel: Cancel::default(), chunk: policy.chunk };
    py.detach(|| {
        let (send, receive) = channel();
        let run = &run;
        pool.in_place_scope(|scope| {
            scope.spawn(move |_| {
                // The receiver lives until this arrives, so sending cannot fail.
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

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the engine stopped: {}", text.unwrap_or("no message"))
}
