"""References in 30 digits (mpmath), which share no code with any contender, and errors against them.

Time is an integral over a coordinate u of the path, by Gauss-Legendre panels, inverted by Newton's method. With a
limit ``u = -ln h``, otherwise u is the doublings; growing hardware turns calendar time into effective time, whose
course is that on fixed hardware::

    limit       dt ~ exp(limit b u / r - limit b (1 - e^-u)) du
    otherwise   dt ~ exp(b u / r) (a e^(v u) + 1 - a)^(-lambda / rho) du

Near a singularity x is ill-conditioned in t: an error of one part in 10^12 in time can be one of 10^-8 doublings. So
errors of doublings are also given in time: by how much t would have to change for the computed x to be exact,
relative to t.
"""

from __future__ import annotations

import bisect
import itertools
import math
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from laws import COUNT, FIRST_DOUBLING, MOST, Floats, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Number = Any  # a float, or a number of mpmath
Rule = list[tuple[Number, Number]]
DIGITS = 30


def gauss_legendre(count: int) -> Rule:
    """Nodes and weights on [0, 1] in the precision of mpmath, by Newton's method from those of NumPy."""
    mp = mpmath.mp
    rule = []
    for guess in np.polynomial.legendre.leggauss(count)[0].tolist():
        z = mp.mpf(guess)
        for _ in range(4):
            below, value = mp.mpf(1), z
            for n in range(2, count + 1):
                below, value = value, ((2 * n - 1) * z * value - (n - 1) * below) / n
            slope = count * (z * value - below) / (z * z - 1)
            z -= value / slope
        rule.append(((z + 1) / 2, 1 / ((1 - z * z) * slope * slope)))
    return rule


class Path:
    """One path in the precision of mpmath."""

    def __init__(self, task: Task, i: int, rule: Rule) -> None:
        mp = mpmath.mp
        columns = (task.r, task.parallelizability, task.limit, task.labor_share, task.rho, task.hardware)
        r, toes, limit, share, rho, hardware = (mp.mpf(float(column[i])) for column in columns)
        b = mp.log(2) * toes
        self.limited = task.law == "limit"
        self.limit = limit
        self.panel = 0.05 if self.limited else 0.5
        numbers = (limit * b / r, limit * b) if self.limited else (b / r, share, rho * mp.log(2), toes / rho)
        self.density = self._density(numbers, mp.exp, mp.log)
        self.rough_density = self._density(tuple(float(x) for x in numbers), math.exp, math.log)
        self.rule, self.rough_rule = rule, [(float(n), float(w)) for n, w in rule]
        self.growth = b / hardware if task.law == "hardware" else None
        self.times = [mp.mpf(0)]  # at equally spaced u, in a unit of its own
        self.unit = self.until(1) / self.effective(FIRST_DOUBLING)

    def _density(
        self, numbers: tuple[Number, ...], exp: Callable[[Number], Number], log: Callable[[Number], Number]
    ) -> Callable[[Number], Number]:
        if self.limited:
            rise, fall = numbers
            return lambda u: exp(rise * u - fall * (1 - exp(-u)))
        rise, share, speed, power = numbers
        return lambda u: exp(rise * u - power * log(share * exp(speed * u) + (1 - share)))

    def effective(self, time: float) -> Number:
        """Effective time of a calendar time."""
        mp = mpmath.mp
        return mp.mpf(time) if self.growth is None else mp.expm1(self.growth * mp.mpf(time)) / self.growth

    def doublings(self, u: Number) -> Number:
        """Doublings at a coordinate."""
        return -self.limit * mpmath.mp.expm1(-u) if self.limited else u

    def stretch(self, start: Number, width: Number) -> Number:
        """Time from a coordinate on, over at most a panel."""
        return width * sum(weight * self.density(start + width * node) for node, weight in self.rule)

    def extend(self) -> None:
        """Adds the time at the end of another panel."""
        panel = mpmath.mpf(self.panel)
        self.times.append(self.times[-1] + self.stretch(panel * (len(self.times) - 1), panel))

    def until(self, doublings: int) -> Number:
        """Time until a number of doublings."""
        mp = mpmath.mp
        u = -mp.log(1 - doublings / self.limit) if self.limited else mp.mpf(doublings)
        whole = int(u / self.panel)
        while len(self.times) <= whole:
            self.extend()
        anchor = mp.mpf(self.panel) * whole
        return self.times[whole] + self.stretch(anchor, u - anchor)

    def reached(self, time: float) -> float:
        """Doublings at a time; infinite from the most that are told from a singularity on."""
        target = self.effective(time) * self.unit
        while self.times[-1] <= target:
            if self.doublings(mpmath.mpf(self.panel) * (len(self.times) - 1)) >= MOST:
                return math.inf
            self.extend()
        j = bisect.bisect_right(self.times, target) - 1
        anchor, rest = mpmath.mpf(self.panel) * j, target - self.times[j]
        near, goal = float(anchor), float(rest)
        width = self.panel * float(rest / (self.times[j + 1] - self.times[j]))
        for _ in range(12):
            passed = width * sum(weight * self.rough_density(near + width * node) for node, weight in self.rough_rule)
            width = min(max(width + (goal - passed) / self.rough_density(near + width), 0.0), self.panel)
        # One step in 30 digits takes the 14 or so of float64 beyond all that is printed.
        wide = mpmath.mpf(width)
        end = anchor + wide
        return float(self.doublings(end + (rest - self.stretch(anchor, wide)) / self.density(end)))


def reference(task: Task) -> Floats:
    """What is asked for, one row per path."""
    with mpmath.workdps(DIGITS):
        rule = gauss_legendre(16)
        paths = (Path(task, i, rule) for i in range(task.r.size))
        return np.array([durations(path) if task.times_doublings else course(path, task.time) for path in paths])


def course(path: Path, time: Floats) -> Sequence[float]:
    return [0.0, *(path.reached(t) for t in time.tolist()[1:])]


def durations(path: Path) -> Sequence[float]:
    ends = [path.until(n) for n in range(COUNT + 1)]
    return [float((after - before) / path.unit) for before, after in itertools.pairwise(ends)]


def reference_closed(task: Task) -> Floats:
    """Doublings without a limit, AI labor alone."""
    with mpmath.workdps(DIGITS):
        mp = mpmath.mp

        def doublings(r: float, t: float) -> float:
            a = mp.log(2) * (1 / mp.mpf(r) - 1)
            z = mp.mpf(t) / mp.mpf(FIRST_DOUBLING) * mp.expm1(a)
            return float(mp.log1p(z) / a) if z > -1 else math.inf

        return np.array([[doublings(r, t) for t in task.time.tolist()] for r in task.r.tolist()])


def time_error(task: Task, exact: Floats, found: Floats) -> Floats:
    """``|t(found) - t| / t`` after the start, by the integral of dt/dx between the exact and the found doublings."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    x = (exact[..., None] + (found - exact)[..., None] * (nodes + 1) / 2).reshape(task.r.size, -1)
    inverse_pace = np.exp(task.log_inverse_pace(x)).reshape(*exact.shape, nodes.size) / task.first_pace()[:, None, None]
    shift = (found - exact) * (inverse_pace @ weights) / 2 * np.exp(-task.growth[:, None] * task.time)
    return np.asarray(np.abs(shift[:, 1:]) / task.time[1:], dtype=np.float64)


def time_error_closed(task: Task, exact: Floats, found: Floats) -> Floats:
    a = np.log(2.0) * (1 / task.r[:, None] - 1)
    shift = FIRST_DOUBLING * np.exp(a * exact) * np.expm1(a * (found - exact)) / np.expm1(a)
    return np.asarray(np.abs(shift[:, 1:]) / task.time[1:], dtype=np.float64)
