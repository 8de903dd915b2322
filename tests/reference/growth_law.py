"""The growth law in plain Python at 50 digits: what the engine is compared with.

The law of software on fixed hardware, with S = 2^x the level and W the cumulative research,

    d ln S = (r / lambda) h(x) d ln W          h = 1, or 1 - x/limit
    dW/dt  = c S^lambda                        c such that the first doubling takes T0

is solved by quadrature over the doublings x:

    d ln W / dx = ln2 (lambda / r) / h(x)
    dt / dx     = W (d ln W/dx) / (c S^lambda)

No closed form of the time and no change of variable is used, so that both can be tested with it. Readability and
digits count here, speed does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from mpmath import mp, mpf

__all__ = ["DIGITS", "Law"]

DIGITS = 40
"""Digits that results have; the work is done with ten more."""

Number = Any
"""A float or an ``mpf``: mpmath has no types."""

_STEEPEST = 8
"""Change of the logarithm of dt/dx over one piece of the quadrature."""


@dataclass(frozen=True)
class Law:
    """One path of the growth law; the fields are those of ``takeoff.GrowthLaw``, exact as given."""

    r: Number
    first_doubling: Number
    parallelizability: Number = 1
    limit: Number | None = None
    limit_shape: Literal["linear", "abrupt"] = "linear"

    # ---- the law ---------------------------------------------------------------------------------------------------

    def returns_left(self, x: Number) -> Number:
        """Share h of the returns that is left after x doublings, below the limit."""
        return 1 - x / mpf(self.limit) if self._declines else mpf(1)

    def research(self, x: Number) -> Number:
        """Cumulative research W after x doublings: d ln W / dx = ln2 (lambda / r) / h(x) with W = 1 at the start."""
        exponent = mp.ln2 * mpf(self.parallelizability) / mpf(self.r)
        if self._declines:
            return (1 - x / mpf(self.limit)) ** (-mpf(self.limit) * exponent)
        return mp.exp(exponent * x)

    def scaled_slope(self, x: Number) -> Number:
        """c dt/dx: W (d ln W/dx) / S^lambda."""
        lam = mpf(self.parallelizability)
        growth = mp.ln2 * lam / mpf(self.r) / self.returns_left(x)
        return self.research(x) * growth / mpf(2) ** (lam * x)

    def steepness(self, x: Number) -> Number:
        """Derivative of ln(dt/dx): it rises with x, so dt/dx falls, then rises, or does one of the two."""
        lam = mpf(self.parallelizability)
        steep = mp.ln2 * lam * (1 / (mpf(self.r) * self.returns_left(x)) - 1)
        return steep + 1 / (mpf(self.limit) * self.returns_left(x)) if self._declines else steep

    @property
    def _declines(self) -> bool:
        return self.limit is not None and self.limit_shape == "linear"

    # ---- what follows from it --------------------------------------------------------------------------------------

    def time(self, x: Number) -> Number:
        """Time at which x doublings are reached, years; infinite where they never are."""
        return self.time_between(0, x)

    def time_between(self, x0: Number, x1: Number) -> Number:
        """Time from x0 to x1 doublings, years; infinite where x1 is never reached."""
        with mp.workdps(DIGITS + 10):
            if self.limit is not None and (x1 > self.limit or (self._declines and x1 == self.limit)):
                return mp.inf
            return mpf(self.first_doubling) * self._integral(x0, x1) / self._integral(0, 1)

    def doubling_times(self, count: int) -> list[Number]:
        """Time that each of the first doublings takes, years."""
        return [self.time_between(n, n + 1) for n in range(count)]

    def pace(self, x: Number) -> Number:
        """Doublings per year after x doublings."""
        with mp.workdps(DIGITS + 10):
            if self.limit is not None and x >= self.limit:
                return mpf(0)
            return self._integral(0, 1) / (mpf(self.first_doubling) * self.scaled_slope(mpf(x)))

    def singular_time(self) -> Number:
        """Time at which the level is infinite, years: the improper integral."""
        with mp.workdps(DIGITS + 10):
            if self.limit is not None or self.steepness(mpf(0)) >= 0:
                return mp.inf
            decay = -1 / self.steepness(mpf(0))
            whole = decay * mp.quad(lambda u: self.scaled_slope(decay * u), [0, 1, mp.inf])
            return mpf(self.first_doubling) * whole / self._integral(0, 1)

    def doublings(self, t: Number) -> Number:
        """Doublings at time t, years; infinite from the singular time on."""
        with mp.workdps(DIGITS + 10):
            if t >= self.singular_time():
                return mp.inf
            if self.limit is not None and not self._declines and t >= self.time(self.limit):
                return mpf(self.limit)
            left = mpf(t) / mpf(self.first_doubling) * self._integral(0, 1)
            for start, end in self._pieces(mpf(0), mp.inf):
                takes = mp.quad(self.scaled_slope, [start, end], method='gauss-legendre')
                if takes >= left:
                    return self._within(start, end, left)
                left -= takes
            raise AssertionError("pieces go on until the time is reached")

    def _within(self, start: Number, end: Number, left: Number) -> Number:
        """Where within a piece the time that is left runs out: Newton's iteration, kept in a shrinking bracket."""
        low, high, x, done = start, end, start, mpf(0)
        for _ in range(1000):
            if done < left:
                low = x
            else:
                high = x
            next_x = x + (left - done) / self.scaled_slope(x)
            if not low < next_x < high:
                next_x = (low + high) / 2
            if abs(next_x - x) <= mpf(10) ** -DIGITS * (end - start):
                return next_x
            done += mp.quad(self.scaled_slope, [x, next_x], method='gauss-legendre')
            x = next_x
        raise AssertionError("Newton's iteration converges")

    # ---- quadrature ------------------------------------------------------------------------------------------------

    def _integral(self, x0: Number, x1: Number) -> Number:
        """Integral of c dt/dx: down from its higher end, or from both where it falls and then rises."""
        low, high = mpf(x0), mpf(x1)
        valley = min(max(self._valley(), low), high)
        return self._side(low, valley) + self._side(high, valley)

    def _valley(self) -> Number:
        """Where dt/dx is lowest."""
        if not self._declines:
            return mp.inf if self.steepness(mpf(0)) < 0 else mpf(0)
        # steepness = 0: h = 1/r + 1/(ln2 lambda limit)
        h = 1 / mpf(self.r) + 1 / (mp.ln2 * mpf(self.parallelizability) * mpf(self.limit))
        return max(mpf(0), mpf(self.limit) * (1 - h))

    def _side(self, top: Number, valley: Number) -> Number:
        """Integral from the top of a slope to the valley; the rest is left out where it cannot matter."""
        total = mpf(0)
        for start, end in self._pieces(top, valley):
            total += abs(mp.quad(self.scaled_slope, [start, end], method='gauss-legendre'))
            if self.scaled_slope(end) * abs(valley - end) < total * mpf(10) ** -(DIGITS + 10):
                break
        return total

    def _pieces(self, start: Number, end: Number) -> Iterator[tuple[Number, Number]]:
        """Pieces from start towards end, over each of which dt/dx changes by a moderate factor."""
        forward = end > start
        while start != end:
            step = _STEEPEST / max(abs(self.steepness(start)), mpf(10) ** -6)
            if self._declines:
                # The steepness itself changes: its derivative is (ln2 lambda / r + 1/limit) / (limit h^2).
                room = mpf(self.limit) - start
                bend = (mp.ln2 * mpf(self.parallelizability) / mpf(self.r) * mpf(self.limit) + 1) / room**2
                step = min(step, room / 2, mp.sqrt(_STEEPEST / bend))
            ahead = min(start + step, end) if forward else max(start - step, end)
            yield start, ahead
            start = ahead
