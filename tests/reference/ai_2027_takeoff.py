"""AI 2027's takeoff model in plain Python: gaps between milestones, crossed at a pace that rises as they are crossed.

The exact course of a phase is left to a solver rather than to the formula that the engine has.
"""

from collections.abc import Sequence
from math import exp, expm1, inf, log

import numpy as np
import numpy.typing as npt
from scipy.integrate import quad

Floats = npt.NDArray[np.float64]

PACES = (5.0, 25.0, 250.0, 2000.0)
DAYS_PER_YEAR = 365
MOST_DAYS = 365_000


def gaps(to_sar: float, from_sc: float, exponent: float, *, before: float = 10.0) -> tuple[float, float, float]:
    """Years of human-only research from SC to SAR, SAR to SIAR and SIAR to ASI.

    `to_sar` is A, the years from an AI that does median research to SAR; `from_sc` is g1; `exponent` is j.
    """
    x = before + to_sar
    to_siar = x * (x / before) ** 2
    doublings = exponent * log(to_siar / x)  # natural logarithm of the factor from SIAR to ASI
    to_asi = to_siar * expm1(doublings) if doublings + log(to_siar) < 700 else inf
    return from_sc, to_siar - x, to_asi


def pace(progress: float, gap: float, start: float, end: float) -> float:
    """Human-only years per year, after some progress into a gap."""
    return start * exp(log(end / start) * progress / gap)


def exact_years(gap: float, start: float, end: float) -> float:
    """Time of a phase: the integral of one over the pace."""
    return (
        0.0 if gap == 0 else gap * quad(lambda share: 1 / pace(share, 1.0, start, end), 0, 1, epsabs=0, epsrel=1e-13)[0]
    )


def published_days(gap: float, start: float, end: float) -> int:
    """Time of a phase in the published steps of a day."""
    goal, progress, days = gap * DAYS_PER_YEAR, 0.0, 0
    while progress < goal and days < MOST_DAYS:
        progress += pace(progress, goal, start, end)
        days += 1
    return days


def phases(to_sar: float, from_sc: float, exponent: float, paces: Sequence[float] = PACES) -> list[float]:
    """Years of the three phases."""
    between = zip(gaps(to_sar, from_sc, exponent), paces[:-1], paces[1:], strict=True)
    return [exact_years(gap, start, end) for gap, start, end in between]


def drawn(draws: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Their A, g1 and j."""
    generator = np.random.default_rng(seed)

    def lognormal(low: float, high: float, normal: Floats) -> Floats:
        """Quantiles of the lognormal distribution whose central 80% are from low to high."""
        mean, spread = (log(low) + log(high)) / 2, (log(high) - log(low)) / (2 * 1.2815515655446004)
        return np.exp(mean + spread * normal)

    one, other, free = generator.standard_normal((3, draws))
    tied = 0.8 * one + 0.6 * other
    from_sc = np.where(generator.random(draws) < 0.15, 0.0, lognormal(1.5, 10, tied))
    return lognormal(1, 25, one), from_sc, lognormal(0.3, 7.5, free)


def durations(draws: int, seed: int) -> Floats:
    """Years of the three phases, one row per draw; infinite where they are beyond floats."""
    to_sar, from_sc, exponent = drawn(draws, seed)
    x = 10 + to_sar
    to_siar = x**3 / 100
    with np.errstate(over="ignore"):
        to_asi = to_siar * np.expm1(exponent * np.log(to_siar / x))
    each = zip((from_sc, to_siar - x, to_asi), PACES[:-1], PACES[1:], strict=True)
    return np.stack([gap * exact_years(1.0, start, end) for gap, start, end in each], axis=1)
