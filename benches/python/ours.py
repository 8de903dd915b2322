"""takeoff's contenders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import takeoff
from laws import COUNT, FIRST_DOUBLING, Floats, Task

if TYPE_CHECKING:
    from collections.abc import Callable


def law_of(task: Task) -> takeoff.GrowthLaw:
    if task.law == "limit":
        return takeoff.GrowthLaw(
            r=task.r, first_doubling=FIRST_DOUBLING, parallelizability=task.parallelizability, limit=task.limit
        )
    return takeoff.GrowthLaw(
        r=task.r,
        first_doubling=FIRST_DOUBLING,
        parallelizability=task.parallelizability,
        effort=takeoff.CES(labor_share=task.labor_share, rho=task.rho),
        hardware=takeoff.Hardware(task.hardware) if task.law == "hardware" else None,
    )


def answers(threads: int) -> Callable[[Task], Floats]:
    """What is asked for, from the parameters on."""

    def run(task: Task) -> Floats:
        law = law_of(task)
        if task.times_doublings:
            durations: Floats = law.doubling_times(COUNT, threads=threads)
            return durations
        doublings: Floats = takeoff.simulate(law, time=task.time, threads=threads).doublings
        return doublings

    return run


def closed(threads: int) -> Callable[[Task], Floats]:
    """Doublings without a limit, AI labor alone."""

    def run(task: Task) -> Floats:
        law = takeoff.GrowthLaw(r=task.r, first_doubling=FIRST_DOUBLING)
        doublings: Floats = takeoff.simulate(law, time=task.time, threads=threads).doublings
        return doublings

    return run
