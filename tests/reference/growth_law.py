"""The growth law with mpmath, straight from its two equations: integrated over doublings, inverted by a search.

d ln W / dx = ln2 (lambda / r) / h(x)
dt / dx     = W (d ln W / dx) / (c 2^(lambda x)),   c such that t(1) = T0
"""

from dataclasses import dataclass
from functools import cache

import mpmath as mp


@dataclass(frozen=True)
class Twin:
    """One path; `limit` None for none, `shape` "linear" or "abrupt"."""

    r: float
    first_doubling: float
    parallelizability: float = 1.0
    limit: float | None = None
    shape: str = "linear"

    def returns(self, x: mp.mpf) -> mp.mpf:
        """h(x)."""
        return 1 - x / self.limit if self.limit is not None and self.shape == "linear" else mp.mpf(1)

    def research(self, x: mp.mpf) -> mp.mpf:
        """W(x), by integrating d ln W / dx."""
        rate = mp.log(2) * self.parallelizability / self.r
        return mp.exp(rate * mp.quad(lambda y: 1 / self.returns(y), [0, x]))

    @cache  # noqa: B019  (frozen, and few)
    def _integral(self, x: float) -> mp.mpf:
        lam = mp.mpf(self.parallelizability)

        def slope(y: mp.mpf) -> mp.mpf:
            rate = mp.log(2) * lam / self.r / self.returns(y)
            return self.research(y) * rate / mp.power(2, lam * y)

        steps = [mp.mpf(x) * i / max(1, int(x)) for i in range(max(1, int(x)) + 1)]
        return mp.quad(slope, steps)

    def time_at(self, x: float) -> mp.mpf:
        """Time at which x doublings are reached."""
        return self.first_doubling * self._integral(x) / self._integral(1)

    def doublings_at(self, time: float) -> mp.mpf:
        """Doublings at a time before any limit or singularity, by Ridder's method."""
        low, high = mp.mpf(0), mp.mpf(1)
        ceiling = mp.inf if self.limit is None else mp.mpf(self.limit)
        while high < ceiling and self.time_at(high) < time:
            low, high = high, min(2 * high, (high + ceiling) / 2)
        return mp.findroot(lambda x: self.time_at(x) - time, (low, high), solver="ridder", tol=1e-20)
