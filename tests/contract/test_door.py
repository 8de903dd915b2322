"""The one door into the engine: Ctrl-C, threads, forks, panics, and an interpreter that is free meanwhile.

The engine polls for signals every 50 ms and stops at the next path; the stated bound for a reaction is 0.5 s
(here of the process's own time, so that a busy machine does not count).
"""

import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import takeoff
from takeoff import _core
from takeoff.errors import InternalError, InvalidValueError, TakeoffError

REACTION = 0.5
ONE_THREAD = {"threads": 1, "chunk": None}
ANY = {"threads": None, "chunk": None}

# The call repeats until the signal, however fast the machine is.
INTERRUPTED = """
import os, signal, sys, threading, time
from functools import partial
os.environ["TAKEOFF_THREADS"] = "1"
import numpy as np
import polars as pl
import takeoff

signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background may have it ignored
R, T = np.linspace(0.5, 3, 2_000_000), 1 / 12
one = takeoff.GrowthLaw(r=0.1, first_doubling=T, limit=1e6)

def paths():
    return takeoff.GrowthLaw(r=R, first_doubling=T, limit=30)

def recursion():
    return takeoff.DavidsonHoulden(np.linspace(0.5, 3, 2_000_000), 8, 11, 0.3)

def reaction(law, *parameters):
    return partial(takeoff.simulate, takeoff.HumanReaction(law, *parameters), threads=1)

def training_runs():
    return partial(takeoff.Retraining(one, 1e-9).time_at, np.linspace(1, 9, 1000), threads=1)

def windows():
    return partial(takeoff.simulate(recursion(), threads=1).most_years, 1.0)

def windows_of_one():
    long = takeoff.DavidsonHoulden([1, 1], 1, 125_000, 1e-6, returns="constant")
    return partial(takeoff.simulate(long, 1e90).most_years, 1e90)

# What is called, made anew: nothing that another case needs.
calls = {
    "simulate": lambda: partial(takeoff.simulate, paths(), 1, points=10, threads=1),
    "doubling_times": lambda: partial(paths().doubling_times, 20, threads=1),
    "time_at": lambda: partial(paths().time_at, 20.0, threads=1),
    "time_at of one path": lambda: partial(one.time_at, np.linspace(0, 29, 1_000_000), threads=1),
    "peak_pace": lambda: partial(getattr, paths(), "peak_pace"),
    "reaction": lambda: partial(reaction(paths(), 20, 10, 0.01), 1, points=10),
    "reaction of one path": lambda: partial(reaction(takeoff.GrowthLaw(r=1, first_doubling=T), 1, 33_000, 1e-3), 3),
    "toy": lambda: partial(takeoff.simulate, takeoff.ToyModel(agis=np.ones(10)), doublings=1_000_000, threads=1),
    "training runs": lambda: partial(takeoff.simulate, takeoff.Retraining(one, [1, 2]), generations=10**6, threads=1),
    "time_at of training runs": training_runs,
    "recursion": lambda: partial(takeoff.simulate, recursion(), threads=1),
    "windows of a recursion": windows,
    "windows of one path": windows_of_one,
    "simulate_frame": lambda: partial(takeoff.simulate_frame, pl.DataFrame({"r": R}), one, doublings=20.0, threads=1),
    "draw": lambda: partial(takeoff.draw, {"a": takeoff.Gamma(1e4), "b": takeoff.Normal(0, 1)}, 5_000_000, threads=1),
    "quantile": lambda: partial(takeoff.Beta(1e4, 1e4).quantile, np.linspace(0.1, 0.9, 2_000_000)),
    "returns_from_papers_factor": lambda: partial(takeoff.returns_from_papers_factor, np.full(10_000_000, 3.0)),
}
call, sent = calls[sys.argv[1]](), []

def interrupt():
    sent.append(time.process_time())
    os.kill(os.getpid(), signal.SIGINT)

threading.Timer(0.3, interrupt).start()
try:
    while True:
        call()
except KeyboardInterrupt:
    print(time.process_time() - sent[0])
"""


def run(code: str, *arguments: str, timeout: float = 60) -> str:
    """Standard output of a Python process."""
    program = [sys.executable, "-W", "error", "-c", code, *arguments]
    done = subprocess.run(program, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "simulate",
        "training runs",
        "time_at of training runs",
        "doubling_times",
        "time_at",
        "time_at of one path",
        "peak_pace",
        "recursion",
        "windows of a recursion",
        "windows of one path",
        "reaction",
        "reaction of one path",
        "toy",
        "simulate_frame",
        "draw",
        "quantile",
        "returns_from_papers_factor",
    ],
)
def test_ctrl_c_arrives_soon(name: str) -> None:
    assert float(run(INTERRUPTED, name)) < REACTION


class _Alarm(Exception):  # noqa: N818  (stands for whatever a handler raises)
    pass


@pytest.fixture
def alarm() -> Iterator[Callable[[float, Callable[[], None]], None]]:
    """Run a handler after some seconds, from a signal."""
    before = signal.getsignal(signal.SIGALRM)

    def set_alarm(seconds: float, handler: Callable[[], None]) -> None:
        signal.signal(signal.SIGALRM, lambda *_: handler())
        signal.setitimer(signal.ITIMER_REAL, seconds)

    yield set_alarm
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def repeat_call(call: Callable[[], Any], times: int) -> Iterator[Any]:
    """The results of a call that is made again and again, so that a signal meets one however fast the machine is."""
    return (call() for _ in range(times))


@pytest.fixture(scope="module")
def long_call() -> Callable[[], Any]:
    """A call that takes the better part of a second or more, on one thread, with little memory."""
    engine = takeoff.GrowthLaw(r=np.linspace(0.5, 3, 800_000), first_doubling=1 / 12, limit=30)._plan
    return lambda: engine.run([("doubling_times", 12)], None, ONE_THREAD)[0]


def test_what_a_handler_raises_is_what_arrives(
    alarm: Callable[[float, Callable[[], None]], None], long_call: Callable[[], Any]
) -> None:
    def handler() -> None:
        raise _Alarm

    alarm(0.1, handler)
    with pytest.raises(_Alarm):
        deque(repeat_call(long_call, 100), maxlen=0)
    assert len(long_call()) == 800_000 * 12  # and the engine is as before


def test_a_handler_that_returns_lets_the_call_go_on(
    alarm: Callable[[float, Callable[[], None]], None], long_call: Callable[[], Any]
) -> None:
    seen: list[float] = []
    expected = long_call()
    alarm(0.1, lambda: seen.append(time.monotonic()))
    found = long_call()
    ended = time.monotonic()
    assert np.array_equal(found, expected)
    assert len(seen) == 1
    assert seen[0] < ended


def test_the_interpreter_is_free_during_a_call(long_call: Callable[[], Any]) -> None:
    ticks = 0
    stop = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    before = ticks
    start = time.monotonic()
    long_call()
    took = time.monotonic() - start
    during = ticks - before
    stop.set()
    thread.join()
    # A call that held the interpreter would let through a tick or two, whatever its length.
    assert during >= min(20, took / 0.02)


def test_a_call_from_another_thread() -> None:
    law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1 / 12, limit=[np.inf, 30])
    expected = takeoff.simulate(law, 1).doublings
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(takeoff.simulate(law, 1).doublings))
    thread.start()
    thread.join()
    assert np.array_equal(found[0], expected)


def test_concurrent_calls_do_not_mix() -> None:
    laws = [
        takeoff.GrowthLaw(r=np.linspace(0.3 + n / 10, 3, 2000), first_doubling=1 / 12, limit=20 + n) for n in range(8)
    ]
    time_grid = np.linspace(0, 2, 30)
    request = [("doublings_at", time_grid)]
    expected = [law._plan.run(request, None, ONE_THREAD)[0] for law in laws]
    with ThreadPoolExecutor(8) as pool:
        for threads in (1, 2, 3):
            policy = {"threads": threads, "chunk": 50}
            found = list(pool.map(lambda law, how=policy: law._plan.run(request, None, how)[0], laws * 3))
            for one, whole in zip(found, expected * 3, strict=True):
                assert np.array_equal(one, whole)


def test_errors_in_threads_stay_in_their_calls() -> None:
    def call(n: int) -> float:
        return takeoff.GrowthLaw(r=-1 if n % 3 == 0 else 3, first_doubling=1).time_at(5)  # type: ignore[no-any-return]

    with ThreadPoolExecutor(6) as pool:
        futures = [pool.submit(call, n) for n in range(60)]
    for n, future in enumerate(futures):
        if n % 3 == 0:
            assert isinstance(future.exception(), InvalidValueError)
        else:
            assert future.result() == takeoff.GrowthLaw(r=3, first_doubling=1).time_at(5)


def test_more_threads_than_cores() -> None:
    law = takeoff.GrowthLaw(r=np.linspace(0.5, 3, 100), first_doubling=1, limit=30)
    expected = law.doubling_times(5, threads=1)
    for threads in (2, 5, 33):
        assert np.array_equal(law.doubling_times(5, threads=threads), expected)


FORKED = """
import os, signal, sys
import numpy as np
import takeoff
law = takeoff.GrowthLaw(r=np.linspace(0.5, 3, 5000), first_doubling=1 / 12, limit=30)
expected = {n: law.doubling_times(5, threads=n) for n in (1, 2, 3)}
for generation in range(3):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        for n in (None, 1, 2, 3):
            if not np.array_equal(law.doubling_times(5, threads=n), expected[n or 1]):
                os._exit(1)
        grandchild = os.fork()
        if grandchild == 0:
            signal.alarm(20)
            os._exit(0 if np.array_equal(law.doubling_times(5, threads=2), expected[2]) else 1)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1]))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    law.doubling_times(5)
"""

MULTIPROCESSING = """
import multiprocessing
import takeoff

def work(r):
    return takeoff.GrowthLaw(r=[r, 2 * r], first_doubling=1, limit=30).doubling_times(3, threads=2).tolist()

def fail(r):
    return takeoff.GrowthLaw(r=r, first_doubling=1)

expected = [work(r) for r in (0.5, 1.0, 1.5)]
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map_async(work, (0.5, 1.0, 1.5)).get(20) == expected
    try:
        pool.map_async(fail, (-1,)).get(20)
    except takeoff.errors.InvalidValueError as error:
        print(error)
"""
# From Python 3.12 on, a fork in a process with threads warns; that such a fork works is what is tested here.
QUIET = 'import warnings; warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)\n'


def test_a_forked_child_computes() -> None:
    assert run(QUIET + FORKED).split() == ["0", "0", "0"]


def test_a_pool_of_forked_processes_computes_and_hands_over_errors() -> None:
    assert "r must be finite and > 0" in run(QUIET + MULTIPROCESSING)


def test_a_panic_is_an_internal_error(capfd: pytest.CaptureFixture[str]) -> None:
    for policy in (ANY, ONE_THREAD, {"threads": 3, "chunk": 1}):
        with pytest.raises(InternalError, match="on purpose") as caught:
            _core.panic_for_tests(policy)
        assert isinstance(caught.value, (TakeoffError, RuntimeError))
        assert takeoff.GrowthLaw(r=3, first_doubling=1).time_at(1) == 1
    assert "on purpose" in capfd.readouterr().err


NO_MEMORY = """
import resource
from pathlib import Path
import numpy as np
import takeoff
law = takeoff.GrowthLaw(r=np.full(1000, 3.0), first_doubling=1, limit=30)
toy = takeoff.ToyModel(agis=np.ones(1000))
takeoff.simulate(law, 1, threads=1), takeoff.simulate(toy, threads=1)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, -1))
takeoff._arrays._physical_memory = lambda: 10**15
for call in (
    lambda: takeoff.simulate(law, 1, points=1_000_000, threads=1),
    lambda: takeoff.simulate(toy, doublings=1_000_000, threads=1),
    lambda: law.doubling_times(1_000_000, threads=1),
    lambda: law.time_at(np.zeros((1_000_000, 1)), threads=1),
):
    try:
        call()
    except (MemoryError, takeoff.errors.TakeoffError) as error:
        print(type(error).__name__)
"""


def test_memory_that_is_not_there_is_no_panic() -> None:
    said = run(NO_MEMORY).split()
    assert len(said) == 4
    assert set(said) <= {"MemoryError", "_ArrayMemoryError", "SizeError"}


def test_results_are_read_only() -> None:
    result = takeoff.simulate(takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1), 1)
    for values in (result.doublings, result.level, result.pace, result.doubling_times):
        with pytest.raises(ValueError, match="read-only"):
            values[0, 0] = 1


def test_input_may_change_after_a_call() -> None:
    r = np.array([0.7, 3.0])
    law = takeoff.GrowthLaw(r=r, first_doubling=1)
    before = law.doubling_times(3)
    r[:] = -1
    assert np.array_equal(law.doubling_times(3), before)
    assert np.array_equal(law.r, [0.7, 3.0])
    with pytest.raises(ValueError, match="read-only"):
        law.r[0] = 1  # type: ignore[index]
