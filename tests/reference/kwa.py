"""Kwa's simpler timelines model in plain Python: SciPy's solver from one whole year to the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, inf, log, log1p
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp

Floats = npt.NDArray[np.float64]

START, END = 2026, 2070
MOST_AUTOMATED = 0.999999


def labor_factor(year: int) -> float:
    """Growth of labor in the year that starts then."""
    return 2.0 if year < START + 3 else 1.1


def compute_factor(year: int) -> float:
    """Growth of compute in the year that starts then."""
    t = year - START
    if t < 3:
        return 2.6
    if t < 4:
        return 2.0
    return 2 - 0.75 * (t - 4) / 28 if t < 32 else 1.25


YEARS = range(START, END)
LOG_LABOR = list(accumulate((log(labor_factor(year)) for year in YEARS), initial=0.0))
LOG_COMPUTE = list(accumulate((log(compute_factor(year)) for year in YEARS), initial=0.0))


def logit(share: float) -> float:
    return log(share) - log1p(-share)


@dataclass(frozen=True)
class Twin:
    """One path, by the symbols of the model."""

    one_over_v: float = 2.85
    f0: float = 0.375
    share: float = 0.235
    sum: float = 0.9
    beta: float = 0.65

    @property
    def alpha(self) -> float:
        return self.share * self.sum

    @property
    def zeta(self) -> float:
        return (1 - self.share) * self.sum

    def drivers(self, year: int, t: float) -> tuple[float, float]:
        """Logarithms of labor and compute at a time t (years since the start) in a year."""
        whole = year - START
        rest = t - whole
        return LOG_LABOR[whole] + rest * log(labor_factor(year)), LOG_COMPUTE[whole] + rest * log(compute_factor(year))

    def logit_automated(self, log_compute: float, log_software: float) -> float:
        """x = v (ln C S - ln E), of which f is the logistic function."""
        return (log_compute + log_software) / self.one_over_v + logit(self.f0)

    def rate(self, year: int, t: float, log_software: float) -> float:
        """d ln S / dt."""
        log_labor, log_compute = self.drivers(year, t)
        x = min(self.logit_automated(log_compute, log_software), logit(MOST_AUTOMATED))
        human = -float(np.logaddexp(0.0, x))  # ln(1 - f)
        k = log(5) * (1 - self.f0) ** self.alpha
        effort = self.alpha * (log_labor - human) + self.zeta * log_compute
        return float(k * exp(effort - self.beta * log_software))

    def piece(self, year: int, log_software: float, tolerance: float) -> tuple[Any, list[float]]:
        """Solve one calendar year from the state at its start: SciPy's solution, and times at which f is 99%."""

        def above(share: float) -> Callable[[float, Floats], float]:
            return lambda t, y: float(self.logit_automated(self.drivers(year, t)[1], y[0])) - logit(share)

        solution = solve_ivp(
            lambda t, y: [self.rate(year, t, y[0])],
            (year - START, year - START + 1),
            [log_software],
            method="DOP853",
            rtol=tolerance,
            atol=tolerance,
            dense_output=True,
            events=above(0.99),
        )
        times: Any = solution.t_events
        return solution.sol, list(times[0])

    def solve(self, years: Sequence[float] = (), *, tolerance: float = 1e-13) -> tuple[float, Floats, Floats]:
        """Year of 99% automation (infinite if not by 2070); ln S and f in some years."""
        t99, log_software = (float(START), 0.0) if self.f0 >= 0.99 else (inf, 0.0)
        solutions = []
        for year in YEARS:
            solution, times = self.piece(year, log_software, tolerance)
            t99 = min([t99, *(START + time for time in times)])
            log_software = float(solution(year - START + 1)[0])
            solutions.append(solution)
        pieces = [min(int(year), END - 1) for year in years]
        logs = np.array([solutions[p - START](y - START)[0] for p, y in zip(pieces, years, strict=True)])
        x = [
            self.logit_automated(self.drivers(p, y - START)[1], s) for p, y, s in zip(pieces, years, logs, strict=True)
        ]
        return t99, logs, 1 / (1 + np.exp(-np.array(x)))


def published_sample(draws: int = 500) -> list[Twin]:
    """Their draws."""
    generator = np.random.RandomState(123)
    ranges = ((1.5, 4.2), (0.25, 0.5), (0.12, 0.35), (0.8, 1.0), (0.3, 1.0))
    return [Twin(*(generator.triangular(a, (a + b) / 2, b) for a, b in ranges)) for _ in range(draws)]
