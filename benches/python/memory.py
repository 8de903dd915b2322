"""Peak memory of a million paths of which only single numbers are asked for: run as a process of its own.

Prints, in megabytes, the peak of resident memory after the import and before the law is made (with the parameters
drawn), and at the end, when the law and all four answers are still held.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import cast

import takeoff
from laws import FIRST_DOUBLING, LawName, draw
from ours import law_of

PATHS = 1_000_000
STATUS = Path("/proc/self/status")


def peak() -> float:
    """Peak of resident memory so far, MB."""
    if STATUS.exists():  # Linux, where getrusage would count the process that started this one too
        line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main(name: str) -> None:
    takeoff.GrowthLaw(r=2.0, first_doubling=FIRST_DOUBLING, limit=20.0).time_at(1)  # starts the threads
    imported = peak()
    law = law_of(draw(cast("LawName", name), PATHS))
    answers = (law.singular_time, law.time_at(10), law.peak_pace, law.criticality)
    assert all(answer.shape == (PATHS,) for answer in answers)
    print(imported, peak())


if __name__ == "__main__":
    main(sys.argv[1])
