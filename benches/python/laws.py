"""What is computed: the laws, the parameters of their paths, and their equations as every solver takes them.

The growth law of software, time t in years, doublings x, ``b = ln2 lambda``::

    dx/dt = (r/b) c h E^lambda / W       c such that the first doubling takes FIRST_DOUBLING in calendar time

limit       ``h = 1 - x/limit``, ``E = 2^x``, ``W = h^(-limit b / r)``
effort      ``h = 1``, ``E = (a 2^(rho x) + 1 - a)^(1/rho)``, ``W = 2^(lambda x / r)``
hardware    as effort, but ``E`` is ``G = 2^(t / doubling time)`` times that

The pace costs exponentials and a logarithm. Solvers get more from the state ``(x, w)``, ``w = dt/dx``, to which
labor's share ``s`` of effort is added where there is one: that needs divisions alone (with ``p = limit b/r + 1``, ``q
= b/r``, ``v = rho ln2`` and ``g = b / doubling time``, which is 0 on fixed hardware)::

    limit       dx/dt = 1/w    dw/dt = p/(limit - x) - b
    otherwise   dx/dt = 1/w    dw/dt = q - b s - g w         ds/dt = v s (1 - s) / w
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
LawName = Literal["limit", "effort", "hardware"]

SEED = 20250101
LN2 = float(np.log(2.0))
FIRST_DOUBLING = 1 / 12
HORIZON, POINTS = 2.0, 121
COUNT = 10  # doublings whose times are asked for
MOST = 200.0  # doublings that are told from a singularity
R_RANGE, TOES_RANGE, LIMIT_RANGE = (0.4, 3.0), (0.3, 1.0), (10.0, 50.0)
SHARE_RANGE, RHO_RANGE, HARDWARE_RANGE = (0.3, 0.9), (-2.0, 0.5), (0.5, 3.0)

NODES, WEIGHTS = ((a + b) / 2 for a, b in zip(np.polynomial.legendre.leggauss(10), (1.0, 0.0), strict=True))


@dataclass(frozen=True)
class Task:
    """Paths of one law: one value of each parameter per path, those that the law has no use for included.

    What is asked for is the doublings at `time`, or if that is empty the times of the first doublings.
    """

    law: LawName
    r: Floats
    parallelizability: Floats
    limit: Floats
    labor_share: Floats
    rho: Floats
    hardware: Floats
    time: Floats

    def take(self, rows: Rows) -> Task:
        """Return some of the paths."""
        columns = ("r", "parallelizability", "limit", "labor_share", "rho", "hardware")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})

    @property
    def times_doublings(self) -> bool:
        """Whether the times of the first doublings are asked for."""
        return self.time.size == 0

    @property
    def rate(self) -> Floats:
        """``b = ln2 lambda``."""
        return LN2 * self.parallelizability

    @property
    def growth(self) -> Floats:
        """``g``, the rate at which hardware speeds research up."""
        return self.rate / self.hardware if self.law == "hardware" else np.zeros_like(self.r)

    @property
    def constants(self) -> tuple[Floats, ...]:
        """Constants of the equations: ``p, limit, b``, or ``q, b, v, g``."""
        b = self.rate
        if self.law == "limit":
            return 1 + self.limit * b / self.r, self.limit, b
        return b / self.r, b, self.rho * LN2, self.growth

    @property
    def columns(self) -> Floats:
        """What the kernels of Numba take: r, b, limit, labor's share, rho, g; one row each."""
        return np.stack([self.r, self.rate, self.limit, self.labor_share, self.rho, self.growth])

    @property
    def tame(self) -> Rows:
        """Paths that neither become singular nor come near it before compute holds them back."""
        steep = (self.rho > -0.2) & (self.r > 1) & (self.law != "limit")
        return np.flatnonzero(~steep)

    def log_inverse_pace(self, x: Floats) -> Floats:
        """``ln(dt/dx)`` on the hardware of the start, relative to that at 0; x has a row per path."""
        r, b, limit, a, rho = (
            column[:, None] for column in (self.r, self.rate, self.limit, self.labor_share, self.rho)
        )
        if self.law == "limit":
            found = -(1 + limit * b / r) * np.log1p(-x / limit) - b * x
        else:
            found = b / r * x - b / LN2 / rho * np.log(a * np.exp(rho * LN2 * x) + (1 - a))
        return np.asarray(found, dtype=np.float64)

    def first_pace(self) -> Floats:
        """Pace at the start, doublings per year: ``pace(0) dt/dx`` integrated over the first doubling, by its time."""
        doubling = np.exp(self.log_inverse_pace(np.broadcast_to(NODES, (self.r.size, NODES.size)))) @ WEIGHTS
        return np.asarray(doubling / self.effective(np.full(1, FIRST_DOUBLING))[:, 0])

    def effective(self, time: Floats) -> Floats:
        """Integral of ``G^lambda`` over calendar time, one row per path."""
        g = self.growth[:, None]
        still = np.broadcast_to(time, (self.r.size, time.size))
        return np.expm1(g * time) / g if self.law == "hardware" else still


def draw(law: LawName, paths: int, *, times_doublings: bool = False) -> Task:
    """Paths with seeded parameters: the same for all laws, but that only the law with a limit has toes."""
    rng = np.random.default_rng(SEED)
    ranges = (R_RANGE, LIMIT_RANGE, TOES_RANGE, SHARE_RANGE, RHO_RANGE, HARDWARE_RANGE)
    r, limit, toes, share, rho, hardware = (rng.uniform(*bounds, paths) for bounds in ranges)
    time = np.empty(0) if times_doublings else np.linspace(0.0, HORIZON, POINTS)
    return Task(law, r, toes if law == "limit" else np.ones(paths), limit, share, rho, hardware, time)


def slopes(law: LawName, state: Any, constants: Any) -> tuple[Any, ...]:
    """Derivatives of ``(x, w)`` or ``(x, w, s)`` in time, for numbers, arrays and expressions alike."""
    if law == "limit":
        x, w = state
        p, limit, b = constants
        return 1.0 / w, p / (limit - x) - b
    _, w, s = state
    q, b, v, g = constants
    return 1.0 / w, q - b * s - g * w, v * s * (1.0 - s) / w


def slopes_over_doublings(law: LawName, x: Any, state: Any, constants: Any) -> tuple[Any, ...]:
    """Derivatives of ``(t, w)`` or ``(t, w, s)`` in doublings, on fixed hardware."""
    if law == "limit":
        _, w = state
        p, limit, b = constants
        return w, w * (p / (limit - x) - b)
    _, w, s = state
    q, b, v = constants
    return w, w * (q - b * s), v * s * (1.0 - s)


def starts(task: Task) -> tuple[Floats, ...]:
    """State at the start: ``x`` or ``t``, ``w`` and, where effort has them, labor's share."""
    nothing, w = np.zeros(task.r.size), 1 / task.first_pace()
    return (nothing, w) if task.law == "limit" else (nothing, w, task.labor_share)
