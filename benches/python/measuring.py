"""Contenders, their errors and times, and tables of them."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from laws import MOST, Floats, Rows, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SETTLE = 0.03  # seconds between two contenders, for idle threads to stop spinning


@dataclass
class Contender:
    """One row of a table: what is run, on which paths, and what came of it."""

    name: str
    run: Callable[[Task], Floats]
    rows: Rows
    seconds: list[float] = field(default_factory=list)
    errors: list[Floats] = field(default_factory=list)

    @property
    def best(self) -> float:
        """Seconds per path."""
        return min(self.seconds) / self.rows.size

    @property
    def median(self) -> float:
        """Seconds per path, in the median of the rounds."""
        return statistics.median(self.seconds) / self.rows.size


@dataclass
class Comparison:
    """A table: its task, the exact results of the first paths, and how to give errors in time."""

    title: str
    task: Task
    contenders: list[Contender]
    exact: Floats
    in_time: Callable[[Task, Floats, Floats], Floats] | None

    def check(self, contender: Contender, found: Floats) -> None:
        """Take the errors of a result."""
        known = contender.rows < self.exact.shape[0]
        found, rows = found[known], contender.rows[known]
        exact = self.exact[rows]
        finite, as_found = exact < MOST, found < MOST
        if found.dtype != np.float64 or np.any(np.isnan(found)) or not np.array_equal(as_found, finite):
            sys.exit(f"growth_law: {self.title}, {contender.name}: infinite or missing where it should not be")
        if self.task.times_doublings:
            contender.errors = [np.abs(found / exact - 1)]
            return
        with np.errstate(all="ignore"):
            contender.errors = [np.abs(found - exact)[finite]]
            if self.in_time is not None:
                contender.errors.append(self.in_time(self.task.take(rows), exact, found)[finite[:, 1:]])

    def measure(self, repeats: int) -> None:
        """Take the errors and the times of all contenders, in turn, in an order that rotates."""
        tasks = [self.task.take(contender.rows) for contender in self.contenders]
        for contender, task in zip(self.contenders, tasks, strict=True):
            contender.run(task.take(np.arange(min(64, task.r.size))))  # compiles, starts threads
            # Errors are those of the run that is timed: SciPy's system takes other steps with other paths in it.
            self.check(contender, contender.run(task))
        for k in range(repeats):
            for i in range(len(self.contenders)):
                j = (i + k) % len(self.contenders)
                time.sleep(SETTLE)
                gc.collect()
                begin = time.perf_counter()
                found = self.contenders[j].run(tasks[j])
                self.contenders[j].seconds.append(time.perf_counter() - begin)
                del found

    def rivals(self) -> list[tuple[Contender, Contender]]:
        """Each contender beside the takeoff run of as many threads as it has, as far as there is one."""
        ours = [contender for contender in self.contenders if contender.name.startswith("takeoff")]
        pairs = []
        for contender in self.contenders:
            threads = contender.name.rpartition(", ")[2]
            equal = [our for our in ours if our.name.endswith(threads) and our is not contender]
            if equal and contender not in ours:
                pairs.append((contender, equal[0]))
        return pairs

    def table(self) -> str:
        """Markdown table of all contenders."""
        kinds = ["relative"] if self.task.times_doublings else ["doublings", "time"]
        head = [
            "",
            "paths timed",
            "best, µs per path",
            "median, µs per path",
            *(f"{which} error, {kind}" for kind in kinds for which in ("max", "median")),
            "takeoff's speed over it (best)",
            "(median)",
        ]
        rows = [head, ["---"] + ["---:"] * (len(head) - 1)]
        rivals = {contender.name: rival for contender, rival in self.rivals()}
        for contender in self.contenders:
            rival = rivals.get(contender.name)
            ratios = ["", ""]
            if rival is not None:
                ratios = [times(contender.best / rival.best), times(contender.median / rival.median)]
            errors = [f"{which(error):.1e}" for error in contender.errors for which in (np.max, np.median)]
            timed = [f"{contender.rows.size:,}", f"{contender.best * 1e6:.3g}", f"{contender.median * 1e6:.3g}"]
            rows.append([contender.name, *timed, *errors, *ratios])
        return markdown(rows)


def times(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 100 else f"{ratio:,.0f}x"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
