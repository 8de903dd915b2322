"""Training runs: the time of a schedule, and the share of gains that may go into shorter runs in a runaway."""

from __future__ import annotations

from typing import Any

import numpy as np

from takeoff._arrays import FloatLike, as_floats, common_shape, policy
from takeoff.errors import InvalidValueError
from takeoff.models import GrowthLaw, Retraining
from takeoff.models._base import plain

__all__ = ["frontier", "schedule_time"]

_RUNS = 4000
"""Runs after which a path is judged to accelerate or not."""
_BEYOND = 1e9
"""Doublings that only runs which bring ever more can reach by then."""


def schedule_time(first_run: FloatLike, shrink: FloatLike, runs: FloatLike = np.inf) -> Any:
    """Time of successive training runs, each `shrink` times as long as the last.

    ``first_run (1 - k^m) / (1 - k)`` for m runs; ``first_run / (1 - k)`` for infinitely many with k < 1.

    Parameters
    ----------
    first_run : float or array
        Time of the first run, years.
    shrink : float or array
        Factor k from one run to the next, above 0.
    runs : float or array, default infinite
        Number m of runs, at least 0.

    Returns
    -------
    float or array
        Years; infinite for infinitely many runs that do not shrink.

    Raises
    ------
    InvalidValueError
        A value outside its range.

    References
    ----------
    Eth & Davidson (2025), footnotes 42 and 43.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.retraining.schedule_time(2 * takeoff.MONTH, 0.75) / takeoff.MONTH, 10)
    8.0
    """
    owner = "schedule_time"
    given = {"first_run": first_run, "shrink": shrink, "runs": runs}
    fields = {name: as_floats(owner, name, value) for name, value in given.items()}
    rules = {"first_run": "finite and > 0 (years)", "shrink": "finite and > 0", "runs": ">= 0"}
    for name, rule in rules.items():
        values = fields[name]
        allowed = values >= 0 if name == "runs" else (values > 0) & np.isfinite(values)
        if not np.all(allowed):
            index = int(np.argmin(allowed))
            raise InvalidValueError(owner, name, values.flat[index], rule, index if values.ndim else None)
    common_shape(owner, fields)
    start, k, m = fields.values()
    with np.errstate(all="ignore"):
        total = np.where(k == 1, m, np.expm1(m * np.log(k)) / np.where(k == 1, 1, k - 1))
        time = start * np.where(m == 0, 0.0, total)
        # Where only the sum leaves the range of float64: by logarithms (the last run outweighs all that is left out).
        far = np.isinf(total) & np.isfinite(m)
        time = np.where(far, np.exp(np.log(start) + m * np.log(k) - np.log(np.abs(k - 1))), time)
    return float(time) if time.ndim == 0 else time


def frontier(law: GrowthLaw, first_run: FloatLike, *, threads: int | None = None) -> Any:
    """Share of gains in shorter runs at which training runs turn a runaway into a fizzle, by computation.

    For each path, bisection on the share: a path runs away if, of the doublings that runs 2,000 to 4,000 bring, the
    second half takes less time than the first.

    Parameters
    ----------
    law : GrowthLaw
        Laws without a limit, of one path or many.
    first_run : float or array
        Time that the first run takes, years; broadcasts against the paths.
    threads : int, optional
        Threads to use; the result is the same for any number.

    Returns
    -------
    float or array
        The largest `speed_share` of a runaway; 0 where there is none. At the frontier itself these doublings still
        speed up a little, which moves it by up to 6e-4.

    Raises
    ------
    InvalidValueError
        A law with a limit, with which nothing runs away; a first run of more than 100 first doublings, which brings so
        much at once that what follows cannot be told apart.

    References
    ----------
    Eth & Davidson (2025), footnotes 42 and 43.

    Examples
    --------
    The level deployed has ``1 - s`` of the doublings known, so the frontier lies at ``r (1 - s) = 1``:

    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[1.25, 2, 4], first_doubling=1 * takeoff.MONTH)
    >>> takeoff.retraining.frontier(law, first_run=2 * takeoff.MONTH).round(3)
    array([0.2 , 0.5 , 0.75])
    """
    if law.limit is not None:
        raise InvalidValueError("frontier", "law.limit", law.limit, "None: with a limit nothing runs away")
    first = as_floats("frontier", "first_run", first_run)
    shape = Retraining(law, first).shape
    ratio = np.ravel(np.broadcast_to(first / law._numeric["first_doubling"], shape))
    if np.any(ratio > 100):
        index = int(np.argmax(ratio > 100))
        value = np.ravel(np.broadcast_to(first, shape))[index]
        rule = "at most 100 times the first doubling of the law"
        raise InvalidValueError("frontier", "first_run", value, rule, index if shape else None)
    low, high = np.zeros(shape), np.full(shape, 1 - 1e-9)
    low_runs = _runs_away(Retraining(law, first_run, low), threads)
    for _ in range(20):
        middle = 0.5 * (low + high)
        runs = _runs_away(Retraining(law, first_run, middle), threads)
        low, high = np.where(runs, middle, low), np.where(runs, high, middle)
    return plain(np.where(low_runs, 0.5 * (low + high), 0.0))


def _runs_away(model: Retraining, threads: int | None) -> Any:
    """Whether over the last half of the runs the second half of the doublings took less time than the first."""
    rows = model._engine.runs(_RUNS, policy(threads)).reshape(-1, 3, _RUNS)
    known, log2_research = rows[:, 1], rows[:, 2]
    first_run, share = (
        np.broadcast_to(model._numeric[name], model.shape).reshape(-1, 1) for name in ("first_run", "speed_share")
    )
    # Shorter runs are not told apart in the dates of their starts.
    durations = np.where(share == 0, first_run, first_run * np.exp2(-share * np.minimum(known, _BEYOND)))
    found = [_accelerates(*row) for row in zip(durations, known, log2_research, strict=True)]
    return np.array(found).reshape(model.shape)


def _accelerates(durations: Any, known: Any, log2_research: Any) -> bool:
    if not known[-1] < _BEYOND or not np.isfinite(log2_research[-1]):
        return True
    half = known.size // 2
    middle = 0.5 * (known[half] + known[-1])
    if not known[half] < middle < known[-1]:
        return False  # nothing more comes of the runs
    run = int(np.searchsorted(known, middle, side="right"))
    # Within a run research is linear in time, and what is known is linear in the logarithm of research without a limit.
    part = (middle - known[run - 1]) / (known[run] - known[run - 1])
    growth = np.log(2) * (log2_research[run] - log2_research[run - 1])
    within = np.exp(growth * (part - 1)) * np.expm1(-growth * part) / np.expm1(-growth)
    first = durations[half : run - 1].sum() + within * durations[run - 1]
    second = (1 - within) * durations[run - 1] + durations[run:-1].sum()
    return bool(second < first)
