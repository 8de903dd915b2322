"""The growth law of software: takeoff beside Numba, SciPy, NumPy, Diffrax, heyoka.py and diffsol, in one run.

Five tasks, with seeded parameters (`laws.py` has the equations and the ranges):

A   doublings at 121 times, of a law with a limit and toes;
B   the same with research effort from labor and experiment compute (CES), without a limit;
C   as B, on growing hardware;
D   the times of the first ten doublings alone, of the laws of B and of A;
E   doublings at 121 times, of AI labor alone without a limit, which has a closed form.

Every contender gets the same parameters as arrays and returns a float64 array, one row per path. Its time covers
everything between the two, the constant that makes the first doubling take its time included; importing, compiling and
a first call come before. Contenders take turns in every round, in an order that rotates, so that a drift of the machine
hits all. Slow ones are timed on the first paths only.

In B and C, one path in seven becomes singular before the horizon, and some that do not are astronomically steep for a
while. One rule holds for all: doublings from 200 on count as infinite, and so do those after the last step a solver
can make; a result that is infinite where the exact one is not, or the other way round, ends the run. SciPy's system
of all paths shares its steps, and cannot pass a singularity: there it gets the tame paths alone.

Errors are taken on the first paths against a reference in 30 digits (`exact.py`). Further: how far takeoff is from
the time that its exponentials and logarithms alone would take (`roof.py`), and the memory of a million paths
(`memory.py`).

Results stand on ordinary pages of memory for all: Numba allocates them so. NumPy, and with it takeoff, would ask for
huge pages, which makes the best times a fifth shorter; but in a virtual machine whose host takes freed memory back,
touching them first is at times slower than the computation. NumPy's linear algebra, on which SciPy's solver rests,
keeps to one thread: its own would fight with those of other contenders that are not asleep yet.

Needs the dependency group ``bench``; a contender of the group ``bench-peers`` that is not installed is named as
missing. Run: ``python benches/python/growth_law.py --help``.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

# Before NumPy is imported: see above.
os.environ |= {"NUMPY_MADVISE_HUGEPAGE": "0", "OPENBLAS_NUM_THREADS": "1"}

import numba
import numpy as np

import numba_peers
import ours
import roof
import solver_peers
import takeoff
from exact import reference, reference_closed, time_error, time_error_closed
from laws import COUNT, LawName, Task, draw
from measuring import Comparison, Contender, markdown, times
from reporting import available_threads, cpu_model, load, write, write_section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from laws import Floats, Rows

HERE = Path(__file__).resolve().parent
REPORT, README = HERE.parent / "growth_law.md", HERE.parent / "README.md"
NAME = "growth_law.py"
TOLERANCE, EQUAL, TIGHT = 1e-8, 5e-10, 1e-12
# Paths on which the slower contenders are timed.
ONE_BY_ONE, DIFFSOL, SYSTEM, DIFFRAX, SOME = 100, 2000, 4000, 2000, 20_000
OPTIONAL = {"diffrax": "Diffrax", "heyoka": "heyoka.py", "pydiffsol": "diffsol"}
TITLES = {
    "limit": "A: a limit, and toes; doublings at 121 times",
    "effort": "B: labor and experiment compute; doublings at 121 times",
    "hardware": "C: as B, on growing hardware; doublings at 121 times",
}
TIMES_TITLES = {
    "effort": "D: times of the first ten doublings, laws of B",
    "limit": "D: times of the first ten doublings, laws of A",
}


def plural(threads: int) -> str:
    return f"{threads} thread" if threads == 1 else f"{threads} threads"


def takeoff_rows(threads: int, run: Callable[[int], Callable[[Task], Floats]], paths: int) -> list[Contender]:
    return [
        Contender(f"takeoff, {plural(count)}", run(count), np.arange(paths)) for count in dict.fromkeys((threads, 1))
    ]


def paths_table(law: LawName, options: argparse.Namespace) -> Comparison:
    """Tasks A, B and C."""
    task, threads = draw(law, options.paths), plural(options.threads)
    every, some, tame = np.arange(options.paths), np.arange(min(SOME, options.paths)), task.tame

    def by_hand(solve: Callable[[Floats, Floats, float], Floats], tolerance: float) -> Callable[[Task], Floats]:
        return lambda part: solve(part.columns, part.time, tolerance)

    a, b, c = numba_peers.one_by_one(law), numba_peers.side_by_side(law, 1), numba_peers.side_by_side(law, 32)
    rows = [
        *takeoff_rows(options.threads, ours.answers, options.paths),
        Contender(f"Numba (a): state x, {threads}", by_hand(a, TOLERANCE), some),
        Contender(f"Numba (b): divisions alone, {threads}", by_hand(b, TOLERANCE), every),
        Contender(f"Numba (b) at {EQUAL:g}, {threads}", by_hand(b, EQUAL), every),
        Contender(f"Numba (c): (b), 32 paths side by side, {threads}", by_hand(c, TOLERANCE), every),
        Contender(f"Numba (c) at {EQUAL:g}, {threads}", by_hand(c, EQUAL), every),
        Contender(f"Numba (c) at {TIGHT:g}, {threads}", by_hand(c, TIGHT), every),
        *packages(options, every, tame),
    ]
    exact = reference(task.take(np.arange(options.check)))
    return Comparison(TITLES[law], task, wanted(rows, options), exact, time_error)


def times_table(law: LawName, options: argparse.Namespace) -> Comparison:
    """Task D."""
    task = draw(law, options.paths, times_doublings=True)
    every, some = np.arange(options.paths), np.arange(min(SOME, options.paths))
    crossings, steps = numba_peers.one_by_one(law, crossings=True), numba_peers.step_by_step(law)
    whole, threads = np.arange(1.0, COUNT + 1), plural(options.threads)
    rows = [
        *takeoff_rows(options.threads, ours.answers, options.paths),
        Contender(f"Numba (a): state x, {threads}", lambda part: crossings(part.columns, whole, TOLERANCE), some),
        Contender(f"Numba, t over x, {threads}", lambda part: steps(part.columns, TOLERANCE), every),
        Contender(f"Numba, Gauss-Legendre, {threads}", numba_peers.doubling_times, every),
        Contender("NumPy, Gauss-Legendre, 1 thread", solver_peers.numpy_doubling_times, some),
        *(row for row in packages(options, every, every) if "diffsol" not in row.name),
    ]
    return Comparison(
        TIMES_TITLES[law], task, wanted(rows, options), reference(task.take(np.arange(options.check))), None
    )


def closed_table(options: argparse.Namespace) -> Comparison:
    task = draw("limit", options.paths)
    every = np.arange(options.paths)
    rows = [
        *takeoff_rows(options.threads, ours.closed, options.paths),
        Contender("NumPy, one expression, 1 thread", solver_peers.numpy_closed, every),
        Contender("NumPy, in place, 1 thread", solver_peers.numpy_closed_in_place, every),
        Contender(f"Numba, {plural(options.threads)}", lambda part: numba_peers.closed(part.r, part.time), every),
    ]
    exact = reference_closed(task.take(np.arange(options.check)))
    return Comparison(
        "E: no limit, AI labor alone (closed form); doublings at 121 times",
        task, wanted(rows, options), exact, time_error_closed,
    )  # fmt: skip


def packages(options: argparse.Namespace, every: Rows, tame: Rows) -> list[Contender]:
    """Solvers of packages, as far as they are installed."""
    threads = plural(options.threads)
    rows = {
        "heyoka": Contender(f"heyoka.py, {threads}", solver_peers.heyoka(options.threads), every[:SOME]),
        "diffrax": Contender(f"Diffrax Tsit5, {plural(available_threads())}", solver_peers.diffrax, every[:DIFFRAX]),
        "pydiffsol": Contender("diffsol Tsit5, one path per call, 1 thread", solver_peers.pydiffsol, every[:DIFFSOL]),
    }
    return [
        *(row for package, row in rows.items() if solver_peers.present(package)),
        Contender(f"SciPy DOP853, {SYSTEM:,} tame paths as one, 1 thread", solver_peers.scipy_system, tame[:SYSTEM]),
        Contender("SciPy DOP853, one path per call, 1 thread", solver_peers.scipy_one_by_one, every[:ONE_BY_ONE]),
    ]


def wanted(rows: list[Contender], options: argparse.Namespace) -> list[Contender]:
    return [row for row in rows if not any(word.lower() in row.name.lower() for word in options.skip)]


def roof_table(comparisons: Sequence[Comparison]) -> str:
    """How far takeoff on one thread is from the time of its exponentials and logarithms."""
    each = roof.nanoseconds()
    if isinstance(each, str):
        return f"Not measured: {each}."
    rows = [
        ["task", "panels per path", "exp and ln per path", "their time alone, µs", "takeoff, 1 thread, µs", "ratio"]
    ]
    rows.append(["---"] + ["---:"] * 5)
    for comparison in comparisons:
        ours_alone = [row for row in comparison.contenders if row.name == "takeoff, 1 thread"]
        if ours_alone:
            part = comparison.task.take(np.arange(min(SOME, comparison.task.r.size)))
            cut, counts = roof.evaluations(part, ours.answers(1)(part))
            alone, taken = roof.roof(counts, each), ours_alone[0].best
            numbers = (f"{cut:.1f}", f"{sum(counts.values()):.0f}", f"{alone * 1e6:.3f}", f"{taken * 1e6:.3f}")
            rows.append([comparison.title[:1], *numbers, times(taken / alone)])
    costs = ", ".join(f"`{name}` {value:.2f}" for name, value in each.items())
    return f"{markdown(rows)}\n\nNanoseconds per value, one thread: {costs}."


def memory_table() -> str:
    """Peak memory of a million paths; laws of C are left out, whose peak pace takes minutes."""
    rows = [["laws of", "after the import, MB", "peak, MB", "beyond the import, MB"], ["---"] + ["---:"] * 3]
    for law in ("limit", "effort"):
        command = [sys.executable, str(HERE / "memory.py"), law]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - no input
        imported, peak = (float(value) for value in done.stdout.split())
        rows.append([TITLES[law][:1], f"{imported:.0f}", f"{peak:.0f}", f"{peak - imported:.0f}"])
    return markdown(rows)


def ratios_table(comparisons: Sequence[Comparison]) -> str:
    """How many times as fast takeoff is as each contender, task by task."""
    titles = [comparison.title for comparison in comparisons]
    cells: dict[str, dict[str, str]] = {}
    for comparison in comparisons:
        for contender, rival in comparison.rivals():
            cells.setdefault(contender.name, {})[comparison.title] = times(contender.best / rival.best)
    short = [title.split(":")[0] + (f" ({title[-1]})" if title.startswith("D") else "") for title in titles]
    rows = [["", *short], ["---"] + ["---:"] * len(titles)]
    rows += [[name, *(found.get(title, "") for title in titles)] for name, found in cells.items()]
    return markdown(rows)


def machine(options: argparse.Namespace, before: str) -> str:
    versions = [f"takeoff {takeoff.__version__} ({takeoff.build_profile()})"]
    versions += [f"{name} {metadata.version(name)}" for name in ("numpy", "scipy", "numba")]
    versions += [f"{name} {metadata.version(name)}" for name in OPTIONAL if solver_peers.present(name)]
    missing = [label for name, label in OPTIONAL.items() if not solver_peers.present(name)]
    return (
        f"{cpu_model()}, {platform.system()} {platform.machine()}; {available_threads()} cores available, "
        f"{plural(options.threads)} used.\nPython {platform.python_version()}, {', '.join(versions)}.\n"
        f"{'Missing: ' + ', '.join(missing) + '. ' if missing else ''}Load average {before} before, {load()} after."
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    def positive(text: str) -> int:
        value = int(text)
        if value < 1:
            raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
        return value

    parser = argparse.ArgumentParser(description="Time the growth law: takeoff beside its peers.")
    parser.add_argument("--paths", type=positive, default=100_000, help="number of paths (default 100,000)")
    parser.add_argument("--repeats", type=positive, default=5, help="rounds (default 5)")
    parser.add_argument("--check", type=positive, default=50, help="paths whose errors are taken (default 50)")
    parser.add_argument("--threads", type=positive, default=available_threads(), help="threads (default: all cores)")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name} and the summary in {README.name}")
    parser.add_argument(
        "--skip", action="append", default=[], metavar="WORD", help="leave out contenders whose name has this word"
    )
    options = parser.parse_args(arguments)
    if options.threads > numba.config.NUMBA_NUM_THREADS:
        parser.error(f"--threads is at most {numba.config.NUMBA_NUM_THREADS} here (NUMBA_NUM_THREADS)")
    options.check = min(options.check, options.paths)
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    profile = takeoff.build_profile()
    if profile != "release":
        sys.exit(f"growth_law: takeoff is a {profile} build; build it with the release profile to time it")
    numba.set_num_threads(options.threads)
    before = load()
    laws: tuple[LawName, ...] = ("limit", "effort", "hardware")
    comparisons = [
        *(paths_table(law, options) for law in laws),
        *(times_table(law, options) for law in ("effort", "limit")),
        closed_table(options),
    ]
    for comparison in comparisons:
        comparison.measure(options.repeats)
    roofs, memory, where = roof_table(comparisons[:3]), memory_table(), machine(options, before)
    tables = "\n\n".join(f"## {comparison.title}\n\n{comparison.table()}" for comparison in comparisons)
    report = f"""\
# The growth law beside its peers

{options.paths:,} paths; doublings are asked for at 121 times from 0 to 2 years. First doubling 1/12 year, r uniform
on 0.4 to 3. A: limit uniform on 10 to 50 doublings, parallelizability on 0.3 to 1. B: labor's share uniform on 0.3 to
0.9, rho on -2 to 0.5, experiments that software makes no cheaper, parallelizability 1. C: as B, hardware doubling in
0.5 to 3 years. {options.repeats} rounds, contenders in turn.

{where}

{tables}

Errors: on the first {options.check} paths, against 30 digits. Those in doublings are amplified near an explosion,
where x is ill-conditioned in t; those in time, |t(x computed) - t| / t, are not. takeoff is compared with each
contender on as many threads as that uses. Doublings from 200 on count as infinite. Tolerances: 1e-8 unless named; for
times of doublings 1e-12.

## The roof

What the exponentials and logarithms that the method cannot do without would take alone, vectorised, over arrays in
the cache.

{roofs}

## Memory

A million paths, of which only the singular time, the time of ten doublings, the peak pace and the criticality are
asked for.

{memory}
"""
    print(report)
    if options.write:
        summary = f"""\
takeoff's speed over that of each contender (best times), on as many threads as that uses:

{ratios_table(comparisons)}

takeoff on one thread beside its roof:

{roofs}

Peak memory of a million paths with single numbers as results:

{memory}

{where}"""
        write(REPORT, report)
        write_section(README, NAME, summary)


if __name__ == "__main__":
    main()
