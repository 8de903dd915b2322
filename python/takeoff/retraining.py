"""Time that training takes when each run is shorter than the last."""

from __future__ import annotations

from typing import Any

import numpy as np

from takeoff._arrays import FloatLike, as_floats, common_shape
from takeoff.errors import InvalidValueError

__all__ = ["schedule_time"]


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
