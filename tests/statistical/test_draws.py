"""Statistics of the draws, within a budget of false alarms.

The budget: were all seeds drawn anew, the whole module would fail by chance with a probability of at most `BUDGET`, a
millionth, which is split evenly over its checks, of which there are fewer than `CHECKS`. Seeds are fixed, so that what
passes once passes always. The laws to compare with are SciPy's, not this package's own. Samplers that are wrong on
purpose fail the same checks at the same levels.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from takeoff import (
    Beta,
    Discrete,
    Empirical,
    Gamma,
    Lognormal,
    Loguniform,
    Mixture,
    Normal,
    Triangular,
    Truncated,
    Uniform,
)
from takeoff.distributions import HalfCauchy, Tabulated
from takeoff.distributions._sampling import Sampler

BUDGET = 1e-6
CHECKS = 200
ALARM = BUDGET / CHECKS
DRAWS = 200_000


@dataclass(frozen=True)
class Mixed:
    """A mixture of laws of SciPy."""

    laws: tuple[Any, ...]
    weights: tuple[float, ...]

    def cdf(self, x: Any) -> Any:
        return sum(w * law.cdf(x) for law, w in zip(self.laws, self.weights, strict=True))

    def moment(self, order: int) -> float:
        return float(sum(w * law.moment(order) for law, w in zip(self.laws, self.weights, strict=True)))


CONTINUOUS: dict[str, tuple[Any, Any]] = {
    "normal": (Normal(-1, 2), stats.norm(-1, 2)),
    "lognormal": (Lognormal(0.3, 0.7), stats.lognorm(0.7, scale=math.exp(0.3))),
    "uniform": (Uniform(-3, 5), stats.uniform(-3, 8)),
    "loguniform": (Loguniform(0.01, 100), stats.loguniform(0.01, 100)),
    "triangular": (Triangular(0, 0.2, 2), stats.triang(0.1, 0, 2)),
    "gamma": (Gamma(2.5, 3), stats.gamma(2.5, scale=3)),
    "small gamma": (Gamma(0.05), stats.gamma(0.05)),
    "large gamma": (Gamma(5000), stats.gamma(5000)),
    "beta": (Beta(2, 5), stats.beta(2, 5)),
    "bathtub": (Beta(0.3, 0.7), stats.beta(0.3, 0.7)),
    "half Cauchy": (HalfCauchy(2), stats.halfcauchy(scale=2)),
    "table": (Tabulated([-8.25, 0, 8.25]), stats.norm()),
    "mixture": (
        Mixture([Normal(0, 1), Lognormal(1, 0.2)], [1, 3]),
        Mixed((stats.norm(), stats.lognorm(0.2, scale=math.e)), (0.25, 0.75)),
    ),
    "truncated": (Truncated(Normal(0, 1), 1, 3), stats.truncnorm(1, 3)),
    "tail": (Truncated(Normal(0, 1), 7, 9), stats.truncnorm(7, 9)),
}
ATOMS: dict[str, tuple[Any, dict[float, float]]] = {
    "discrete": (Discrete([3, 1, 2], [0.5, 0.2, 0.3]), {3: 0.5, 1: 0.2, 2: 0.3}),
    "empirical": (Empirical([1.0, 2.0, 2.0, 7.0]), {1: 0.25, 2: 0.5, 7: 0.25}),
    "weighted": (Empirical([1.0, 2.0, 5.0], [0.0, 1.0, 3.0]), {2: 0.25, 5: 0.75}),
    "mixture": (Mixture([Discrete([0, 1]), 4], [2, 1]), {0: 1 / 3, 1: 1 / 3, 4: 1 / 3}),
    "truncated": (Truncated(Discrete([1, 2, 3, 4]), 2, 3), {2: 0.5, 3: 0.5}),
}


def column(distribution: Any, draws: int = DRAWS, seed: int = 7, name: str = "x", start: int = 0) -> Any:
    return Sampler({name: distribution}, seed).columns(start, draws)[name]


# ---- checks, each of which a good sample passes with a probability of at least 1 - ALARM ----------------------------


def fits(values: Any, cdf: Callable[[Any], Any]) -> bool:
    """Kolmogorov-Smirnov, and the numbers in both tails, of which there are too few for it."""
    p = cdf(values)
    good = stats.kstest(p, "uniform").pvalue > ALARM / 4
    for share in (1e-2, 1e-3, 1e-4):
        for count in ((p < share).sum(), (p > 1 - share).sum()):
            good &= stats.binomtest(int(count), len(p), share).pvalue > ALARM / 12
    return bool(good)


def distinct(values: Any) -> bool:
    """No more than two equal pairs: of 2e5 uniforms of 52 bits, three would come once in 1e16."""
    return len(values) - len(np.unique(values)) <= 2


def has_moments(values: Any, law: Any) -> bool:
    """Mean and variance within errors by the law's own moments up to the fourth.

    The errors are taken as normal. Where a tail is heavy they are far out more often (by Edgeworth's correction for the
    skewness of a square, 16 times for the gamma of shape 0.05), for which there is a factor of 40.
    """
    m1, m2, m3, m4 = (law.moment(order) for order in range(1, 5))
    variance = m2 - m1**2
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    limit = stats.norm.isf(ALARM / 4 / 40)
    off_mean = abs(values.mean() - m1) / math.sqrt(variance / len(values))
    off_variance = abs(((values - m1) ** 2).mean() - variance) / math.sqrt((fourth - variance**2) / len(values))
    return bool(max(off_mean, off_variance) < limit)


def comes_as_often(values: Any, shares: dict[float, float]) -> bool:
    """Counts of each value."""
    found, counts = np.unique(values, return_counts=True)
    if found.tolist() != sorted(shares):
        return False
    expected = np.array([shares[value] for value in found.tolist()]) * len(values)
    return bool(stats.chisquare(counts, expected).pvalue > ALARM)


def far_tails_fit(z: Any) -> bool:
    """Standard normals in both tails: as many as there should be, spread as they should be, and no two alike."""
    good = True
    for tail in (-z, z):
        p = special.ndtr(-tail[tail > 3.5])
        for share in (1e-4, 1e-5, 1e-6):
            good &= stats.binomtest(int((p < share).sum()), len(z), share).pvalue > ALARM / 12
        far = p[p < 1e-4]
        good &= len(far) > 0 and stats.kstest(far / 1e-4, "uniform").pvalue > ALARM / 4 and distinct(far)
    return bool(good)


def independent(first: Any, second: Any) -> bool:
    """Rank correlation, and counts on a grid of 16 by 16."""
    n = len(first)
    ranks = [stats.rankdata(values) for values in (first, second)]
    rank = np.corrcoef(*ranks)[0, 1]
    row, place = (((r - 1) * 16 // n).astype(int) for r in ranks)
    grid = np.bincount(16 * row + place, minlength=256)
    return bool(
        abs(rank) * math.sqrt(n - 1) < stats.norm.isf(ALARM / 4) and stats.chisquare(grid, ddof=30).pvalue > ALARM / 2
    )


def correlates(first: Any, second: Any, rank: float) -> bool:
    """Spearman's correlation, and how many are in the same 5% of both ends: the Gaussian copula, and no other.

    Its error is at most that of independence; the ends are cut at the 5% and 95% of the sample, which takes away from
    the error of a count of draws.
    """
    n, pearson = len(first), 2 * math.sin(math.pi * rank / 6)
    found = stats.spearmanr(first, second).statistic
    good = abs(found - rank) * math.sqrt(n) < stats.norm.isf(ALARM / 4)
    share = stats.multivariate_normal([0, 0], [[1, pearson], [pearson, 1]]).cdf([stats.norm.ppf(0.05)] * 2)
    ranks = [(stats.rankdata(values) - 0.5) / n for values in (first, second)]
    for low in (ranks, [1 - each for each in ranks]):
        together = int(((low[0] < 0.05) & (low[1] < 0.05)).sum())
        good &= stats.binomtest(together, n, float(share)).pvalue > ALARM / 4
    return bool(good)


def even(table: Any) -> bool:
    """Uniforms by variable and draw: alone, in each row and column, beside their neighbours, and to the last bits."""
    variables, draws = table.shape
    level = ALARM / 12
    good = stats.kstest(table.reshape(-1), "uniform").pvalue > level and distinct(table)
    # Counts in bins, summed over the rows and over the columns: neither too uneven nor too even.
    for rows, bins in ((table, 64), (table.T, 4)):
        cells = (rows * bins).astype(int) + bins * np.arange(len(rows))[:, None]
        counts = np.bincount(cells.reshape(-1), minlength=bins * len(rows))
        expected = rows.shape[1] / bins
        square, freedom = ((counts - expected) ** 2).sum() / expected, (bins - 1) * len(rows)
        good &= min(stats.chi2.sf(square, freedom), stats.chi2.cdf(square, freedom)) > level / 2
    for sums, n in ((table.sum(axis=0), variables), (table.sum(axis=1), draws)):
        good &= stats.kstest((sums - n / 2) / math.sqrt(n / 12), "norm").pvalue > level
    for low in ((table * 2**52).astype(np.int64) % 64, (table * 2**32).astype(np.int64) % 64):
        good &= stats.chisquare(np.bincount(low.reshape(-1), minlength=64)).pvalue > level
    for first, second in (
        (table[:, :-1], table[:, 1:]),
        (table[:, :-4], table[:, 4:]),
        (table[:, : draws // 2], table[:, draws // 2 :]),
        (table[:-1], table[1:]),
        (table[:-1, :-1], table[1:, 1:]),
        (table[:-1, 1:], table[1:, :-1]),
    ):
        good &= independent(first.reshape(-1), second.reshape(-1))  # ALARM each: counted as checks of their own
    return bool(good)


# ---- good samples pass ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_follow_their_distribution(name: str) -> None:
    distribution, law = CONTINUOUS[name]
    values = column(distribution)
    assert fits(values, law.cdf)
    assert distinct(values)
    if name != "half Cauchy":  # which has none
        assert has_moments(values, law)
        assert distribution.mean == pytest.approx(law.moment(1), rel=1e-8)
    low, high = distribution.support
    assert low <= values.min()
    assert values.max() <= high


@pytest.mark.parametrize("name", ATOMS)
def test_values_come_as_often_as_they_should(name: str) -> None:
    distribution, shares = ATOMS[name]
    assert comes_as_often(column(distribution), shares)
    assert distribution.mean == pytest.approx(sum(value * share for value, share in shares.items()))


def far_normals(draws: int = 20_000_000, piece: int = 2_000_000) -> Any:
    """Those of many standard normals that are far out, and zeros in place of the others."""
    far = np.zeros(draws)
    for start in range(0, draws, piece):
        far[start : start + piece] = column(Normal(0, 1), piece, start=start)
    return far


def test_far_tails() -> None:
    assert far_tails_fit(far_normals())


@pytest.mark.parametrize("start", [0, 2**40])
def test_uniformity_across_variables_and_draws(start: int) -> None:
    names = [f"v{i}" for i in range(32)]
    table = np.array(list(Sampler({name: Uniform(0, 1) for name in names}, 13).columns(start, 4096).values()))
    assert even(table)


def test_seeds_are_independent() -> None:
    for one, other in ((0, 1), (1, 2**63 + 1), (2, 4)):
        assert independent(column(Uniform(0, 1), seed=one), column(Uniform(0, 1), seed=other))


@pytest.mark.parametrize("rank", [-0.95, -0.5, 0.1, 0.8])
def test_rank_correlations(rank: float) -> None:
    variables = {"a": Lognormal(0, 1), "b": Gamma(0.5), "c": Beta(2, 2), "d": Mixture([Normal(0, 1), Normal(5, 1)])}
    found = Sampler(variables, 17, {("b", "a"): rank, ("c", "d"): rank}).columns(0, DRAWS)
    assert correlates(found["a"], found["b"], rank)
    assert correlates(found["c"], found["d"], rank)
    for first, second in itertools.product("ab", "cd"):
        assert independent(found[first], found[second])
    for name, values in found.items():
        assert fits(values, variables[name].cdf)  # whose own cdf is held against SciPy's above


def test_three_that_are_correlated() -> None:
    ranks = {("a", "b"): 0.6, ("b", "c"): -0.4, ("a", "c"): 0.2}
    found = Sampler({name: Normal(0, 1) for name in "abc"}, 23, ranks).columns(0, DRAWS)
    for (first, second), rank in ranks.items():
        assert correlates(found[first], found[second], rank)


# ---- wrong samplers fail -------------------------------------------------------------------------------------------

UNIT = stats.uniform()
STANDARD = stats.norm()


def uniforms() -> Any:
    return column(Uniform(0, 1))


def test_a_wrong_distribution_fails() -> None:
    u = uniforms()
    assert fits(u, UNIT.cdf)
    assert has_moments(u, UNIT)
    assert not fits(u + 0.01, UNIT.cdf)  # shifted
    assert not fits(u**1.03, UNIT.cdf)  # bent
    assert not fits(np.clip(u, 2e-3, 1), UNIT.cdf)  # a tail cut off
    z = stats.norm.ppf(u)
    assert has_moments(z, STANDARD)
    assert not has_moments(1.02 * z, STANDARD)  # sigma a little too large
    assert not fits(1.03 * z, STANDARD.cdf)
    assert not has_moments(z + 0.02, STANDARD)
    student = stats.t(30).ppf(u)
    assert not fits(student, STANDARD.cdf)  # tails a little too heavy
    weibull = stats.weibull_min(1.05).ppf(u)
    assert not fits(weibull, stats.expon.cdf)  # a shape a little off


@pytest.mark.parametrize("name", [name for name in CONTINUOUS if name != "half Cauchy"])
def test_a_spread_that_is_off_by_three_percent_fails(name: str) -> None:
    distribution, law = CONTINUOUS[name]
    values = column(distribution)
    wide = values.mean() + 1.03 * (values - values.mean())
    assert not (has_moments(wide, law) and fits(wide, law.cdf))


def test_atoms_that_are_off_fail() -> None:
    distribution, shares = ATOMS["discrete"]
    values = column(distribution)
    assert not comes_as_often(values, shares | {3: 0.49, 1: 0.21})
    assert not comes_as_often(values[values != 1], shares)


def test_single_precision_fails() -> None:
    u = uniforms()
    assert distinct(u)
    assert not distinct(u.astype(np.float32))
    assert not distinct(stats.norm.ppf((np.floor(u * 2**24) + 0.5) / 2**24))


def test_wrong_far_tails_fail() -> None:
    z = far_normals(4_000_000)
    assert far_tails_fit(z)
    u = (np.floor(special.ndtr(z) * 2**24) + 0.5) / 2**24  # of single precision
    assert not far_tails_fit(special.ndtri(u))
    assert not far_tails_fit(np.clip(z, -4.5, 4.5))
    assert not far_tails_fit(z[np.abs(z) < 4])
    assert not far_tails_fit(np.where(np.abs(z) > 3.8, 1.05 * z, z))


def beside(table: Any, axis: int) -> Any:
    """Uniforms of which each has a correlation of 0.05 with the next along an axis."""
    z = special.ndtri(table)
    return special.ndtr((z + 0.05 * np.roll(z, 1, axis=axis)) / math.hypot(1, 0.05))


def test_wrong_tables_fail() -> None:
    rng = np.random.default_rng(3)
    good = rng.random((32, 4096))
    assert even(good)
    wrong = {
        "single precision": good.astype(np.float32).astype(float),
        "32 bits": np.floor(good * 2**32) / 2**32,
        "neighbouring draws go together": beside(good, 1),
        "neighbouring parameters go together": beside(good, 0),
        "every other parameter again": np.repeat(good[::2], 2, axis=0),
        "the next parameter is a draw behind": np.array([np.roll(good[0], k) for k in range(32)]),
        "one parameter off": np.concatenate([good[:-1], good[-1:] ** 1.5]),
        "every eighth draw off": np.where(np.arange(4096) % 8 == 0, good**1.5, good),
        "too even over draws": (np.argsort(good, axis=1).argsort(axis=1) + rng.random(good.shape)) / 4096,
        "too even over parameters": (np.argsort(good, axis=0).argsort(axis=0) + rng.random(good.shape)) / 32,
        "antithetic": np.concatenate([good[:, ::2], 1 - good[:, ::2]], axis=1),
    }
    passed = [name for name, table in wrong.items() if even(table)]
    assert not passed


def test_wrong_dependence_fails() -> None:
    u, other = uniforms(), column(Uniform(0, 1), name="y")
    assert independent(u, other)
    assert not independent(u, other + 0.02 * u)  # a little dependent
    assert not independent(u, np.abs(u - 0.5) + 0.5 * other)  # dependent, and not correlated
    assert not independent(u[:-1], (u[:-1] + u[1:] * 0.1) % 1)
    pair = Sampler({"a": Normal(0, 1), "b": Normal(0, 1)}, 1, {("a", "b"): 0.6}).columns(0, DRAWS)
    assert correlates(pair["a"], pair["b"], 0.6)
    assert not correlates(pair["a"], -pair["b"], 0.6)  # reversed
    pearson = stats.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]]).rvs(DRAWS, random_state=1)
    assert not correlates(pearson[:, 0], pearson[:, 1], 0.6)  # the rank taken for Pearson's
    # Student's copula of the same rank correlation: its ends go together.
    scale = np.sqrt(4 / np.random.default_rng(2).chisquare(4, DRAWS))
    first, second = pair["a"] * scale, pair["b"] * scale
    assert not correlates(first, second, stats.spearmanr(first, second).statistic)
