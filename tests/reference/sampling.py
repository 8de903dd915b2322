"""The sampler in plain Python: Philox4x64-10 by integers, a stable hash, and inverse distribution functions."""

import bisect
import itertools
import math
from collections.abc import Sequence
from statistics import NormalDist

DOMAIN = int.from_bytes(b"ensemble", "big")
WORD = 2**64 - 1
STANDARD = NormalDist()


def variable_number(name: str) -> int:
    """FNV-1a, 64 bits."""
    number = 0xCBF29CE484222325
    for byte in name.encode():
        number = (number ^ byte) * 0x100000001B3 & WORD
    return number


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """A block of four words."""
    (k0, k1), (c0, c1, c2, c3) = key, counter
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * c0, 0xCA5A826395121157 * c2
        c0, c1, c2, c3 = (second >> 64) ^ c1 ^ k0, second & WORD, (first >> 64) ^ c3 ^ k1, first & WORD
        k0, k1 = k0 + 0x9E3779B97F4A7C15 & WORD, k1 + 0xBB67AE8584CAA73B & WORD
    return c0, c1, c2, c3


def raw(seed: int, name: str, draw: int) -> int:
    """The word of a draw."""
    return philox((seed, DOMAIN), (draw // 4 + 1, variable_number(name), 0, 0))[draw % 4]


def uniform(seed: int, name: str, draw: int) -> float:
    """The middle of one of 2^52 equal cells."""
    return ((raw(seed, name, draw) >> 12) + 0.5) * 2.0**-52


def normal(seed: int, name: str, draw: int) -> float:
    """Standard normal by its quantile (Wichura's AS 241, as Python has it)."""
    return STANDARD.inv_cdf(uniform(seed, name, draw))


def discrete(values: Sequence[float], weights: Sequence[float], u: float) -> float:
    """The least value with at least the probability u up to it."""
    ordered = sorted(zip(values, weights, strict=True))
    total = math.fsum(weights)
    cumulative = [sum_ / total for sum_ in itertools.accumulate(weight for _, weight in ordered)]
    return ordered[min(bisect.bisect_left(cumulative, u), len(ordered) - 1)][0]


def triangular(low: float, mode: float, high: float, u: float) -> float:
    """Quantile of the triangular distribution."""
    if u <= (mode - low) / (high - low):
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def pair(seed: int, first: str, second: str, rank: float, draw: int) -> tuple[float, float]:
    """Standard normals of a Gaussian copula, of names in ascending order, with a rank correlation."""
    pearson = 2 * math.sin(math.pi * rank / 6)
    a, b = normal(seed, first, draw), normal(seed, second, draw)
    return a, pearson * a + math.sqrt(1 - pearson**2) * b
