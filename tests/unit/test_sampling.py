"""Draws: their addresses, their bits, and their statistics.

False alarms: every statistical test has a fixed seed, so that it always gives the same; for a new seed or a change of
the generator, each would fail by chance with a probability of at most `ALARM`, a millionth. There are fewer than a
hundred such checks: all together they raise a false alarm once in ten thousand changes. Samplers that are wrong on
purpose fail the same checks.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

import takeoff
from reference import sampling as twin
from takeoff import (
    Beta,
    Derived,
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
from takeoff.distributions._sampling import Sampler

ALARM = 1e-6
DRAWS = 200_000

CONTINUOUS: dict[str, Any] = {
    "normal": Normal(-1, 2),
    "lognormal": Lognormal(0.3, 0.7),
    "uniform": Uniform(-3, 5),
    "loguniform": Loguniform(0.01, 100),
    "triangular": Triangular(0, 0.2, 2),
    "gamma": Gamma(2.5, 3),
    "small gamma": Gamma(0.05),
    "large gamma": Gamma(5000),
    "beta": Beta(2, 5),
    "bathtub": Beta(0.3, 0.7),
    "mixture": Mixture([Normal(0, 1), Lognormal(1, 0.2)], [1, 3]),
    "truncated": Truncated(Normal(0, 1), 1, 3),
    "tail": Truncated(Normal(0, 1), 7, 9),
}
ATOMS: dict[str, tuple[Any, dict[float, float]]] = {
    "discrete": (Discrete([3, 1, 2], [0.5, 0.2, 0.3]), {3: 0.5, 1: 0.2, 2: 0.3}),
    "empirical": (Empirical([1.0, 2.0, 2.0, 7.0]), {1: 0.25, 2: 0.5, 7: 0.25}),
    "weighted": (Empirical([1.0, 2.0, 5.0], [0.0, 1.0, 3.0]), {2: 0.25, 5: 0.75}),
    "mixture": (Mixture([Discrete([0, 1]), 4], [2, 1]), {0: 1 / 3, 1: 1 / 3, 4: 1 / 3}),
    "truncated": (Truncated(Discrete([1, 2, 3, 4]), 2, 3), {2: 0.5, 3: 0.5}),
}


def column(distribution: Any, draws: int = DRAWS, seed: int = 7, name: str = "x") -> Any:
    return Sampler({name: distribution}, seed).columns(0, draws)[name]


# ---- checks, each of which a good sample passes with probability 1 - ALARM or more ---------------------------------


def fits(values: Any, cdf: Callable[[Any], Any]) -> bool:
    """Kolmogorov-Smirnov, and the numbers in both tails, of which there are too few for it."""
    p = cdf(values)
    good = stats.kstest(p, "uniform").pvalue > ALARM / 4
    for share in (1e-2, 1e-3, 1e-4):
        for count in ((p < share).sum(), (p > 1 - share).sum()):
            good &= stats.binomtest(int(count), len(p), share).pvalue > ALARM / 12
    return bool(good)


def has_moments(values: Any, mean: float, sd: float) -> bool:
    """Mean within its error, which is normal for so many."""
    limit = stats.norm.isf(ALARM / 2)
    return bool(abs(values.mean() - mean) < limit * sd / math.sqrt(len(values)))


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
    """Spearman's correlation; its error is at most that of independence for a Gaussian copula."""
    found = stats.spearmanr(first, second).statistic
    return bool(abs(found - rank) * math.sqrt(len(first)) < stats.norm.isf(ALARM / 2))


# ---- addresses and bits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("name", ["r", "limit", "effort.labor_share", "λ", ""])
def test_numpy_has_the_same_words(seed: int, name: str) -> None:
    generator = np.random.Philox(
        key=np.array([seed, twin.DOMAIN], dtype=np.uint64),
        counter=np.array([0, twin.variable_number(name), 0, 0], dtype=np.uint64),
    )
    assert [twin.raw(seed, name, i) for i in range(11)] == generator.random_raw(11).tolist()


@pytest.mark.parametrize("seed", [0, 5, 2**64 - 1])
def test_uniforms_are_those_of_the_twin_bit_for_bit(seed: int) -> None:
    found = Sampler({"r": Uniform(0, 1), "λ": Uniform(0, 1)}, seed).columns(6, 1000)
    for name, values in found.items():
        assert values.tolist() == [twin.uniform(seed, name, i) for i in range(6, 1006)]
    far = Sampler({"r": Uniform(0, 1)}, seed).columns(2**62 + 3, 5)["r"]
    assert far.tolist() == [twin.uniform(seed, "r", i) for i in range(2**62 + 3, 2**62 + 8)]


def test_draws_are_those_of_the_twin() -> None:
    weights = [0.3, 0.5, 0.2]
    found = Sampler(
        {"n": Normal(1, 2), "l": Lognormal(0.5, 0.25), "d": Discrete([5, 1, 3], weights), "t": Triangular(0, 1, 4)}, 3
    ).columns(0, 2000)
    u = {name: [twin.uniform(3, name, i) for i in range(2000)] for name in found}
    z = {name: np.array([twin.normal(3, name, i) for i in range(2000)]) for name in ("n", "l")}
    np.testing.assert_allclose(found["n"], 1 + 2 * z["n"], rtol=0, atol=4e-15)
    np.testing.assert_allclose(found["l"], np.exp(0.5 + 0.25 * z["l"]), rtol=2e-15)
    assert found["d"].tolist() == [twin.discrete([5, 1, 3], weights, each) for each in u["d"]]
    np.testing.assert_allclose(found["t"], [twin.triangular(0, 1, 4, each) for each in u["t"]], rtol=4e-15)


def test_correlated_draws_are_those_of_the_twin() -> None:
    sampler = Sampler({"b": Normal(0, 1), "a": Lognormal(0, 1), "c": Uniform(0, 1)}, 9, {("b", "a"): -0.6})
    found = sampler.columns(0, 500)
    pairs = np.array([twin.pair(9, "a", "b", -0.6, i) for i in range(500)])
    np.testing.assert_allclose(np.log(found["a"]), pairs[:, 0], atol=4e-15)
    np.testing.assert_allclose(found["b"], pairs[:, 1], atol=4e-15)


def test_a_draw_depends_on_nothing_else() -> None:
    alone = column(Gamma(2), 1000)
    more = Sampler({"a": Normal(0, 1), "x": Gamma(2), "z": Uniform(0, 1)}, 7).columns(0, 5000)["x"]
    assert np.array_equal(alone, more[:1000])
    tied = Sampler({"a": Normal(0, 1), "x": Gamma(2), "z": Uniform(0, 1)}, 7, {("a", "z"): 0.9}).columns(0, 1000)
    assert np.array_equal(alone, tied["x"])
    assert np.array_equal(tied["a"], Sampler({"a": Normal(0, 1)}, 7).columns(0, 1000)["a"])  # the first in the order
    assert not np.array_equal(column(Gamma(2), 1000, seed=8), alone)
    assert not np.array_equal(column(Gamma(2), 1000, name="y"), alone)


MANY = {name.replace(" ", "_"): each for name, each in CONTINUOUS.items()} | {
    "sum": Derived("normal + exp(uniform) ** 0.5"),
    "sample": np.arange(50.0),
    "two": 2,
}
TIED = {("normal", "gamma"): 0.5, ("gamma", "mixture"): -0.3}


@pytest.mark.parametrize("split", [1, 3, 255, 256, 257, 1000])
def test_any_split_gives_the_same_bits(split: int) -> None:
    sampler = Sampler(MANY, 11, TIED)
    whole = sampler.columns(5, 2000)
    starts = range(5, 2005, split) if split > 3 else range(5, 40, split)
    for start in starts:
        draws = min(split, 2005 - start)
        for name, values in sampler.columns(start, draws).items():
            assert np.array_equal(values, whole[name][start - 5 : start - 5 + draws]), name


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_no_bit(threads: int) -> None:
    assert takeoff.draw(MANY, 20_000, seed=3, correlations=TIED, threads=threads).equals(
        takeoff.draw(MANY, 20_000, seed=3, correlations=TIED, threads=1)
    )


# ---- statistics ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_follow_their_distribution(name: str) -> None:
    distribution = CONTINUOUS[name]
    values = column(distribution)
    assert fits(values, distribution.cdf)
    assert has_moments(values, distribution.mean, values.std())
    low, high = distribution.support
    assert low <= values.min()
    assert values.max() <= high


@pytest.mark.parametrize("name", ATOMS)
def test_values_come_as_often_as_they_should(name: str) -> None:
    distribution, shares = ATOMS[name]
    values, counts = np.unique(column(distribution), return_counts=True)
    assert values.tolist() == sorted(shares)
    expected = np.array([shares[value] for value in values.tolist()]) * DRAWS
    assert stats.chisquare(counts, expected).pvalue > ALARM
    assert has_moments(column(distribution), distribution.mean, column(distribution).std())


def test_uniformity_across_variables_and_draws() -> None:
    """Rows of one draw, columns of one variable, neighbours in both directions, and low bits."""
    names = [f"v{i}" for i in range(64)]
    table = np.array(list(Sampler({name: Uniform(0, 1) for name in names}, 13).columns(0, 4096).values()))
    for values in (table.reshape(-1), table[:, 0], table[0], table.T.reshape(-1)[:4096]):
        assert stats.kstest(values, "uniform").pvalue > ALARM
    for first, second in ((table[:, :-1], table[:, 1:]), (table[:-1], table[1:]), (table[:, :-4], table[:, 4:])):
        assert independent(first.reshape(-1), second.reshape(-1))
    sums = table.sum(axis=0)
    assert stats.kstest((sums - 32) / math.sqrt(64 / 12), "norm").pvalue > ALARM
    low = (table * 2**52).astype(np.int64) % 64
    assert stats.chisquare(np.bincount(low.reshape(-1), minlength=64)).pvalue > ALARM


@pytest.mark.parametrize("rank", [-0.95, -0.5, 0.1, 0.8])
def test_rank_correlations(rank: float) -> None:
    variables = {"a": Lognormal(0, 1), "b": Gamma(0.5), "c": Beta(2, 2), "d": Mixture([Normal(0, 1), Normal(5, 1)])}
    found = Sampler(variables, 17, {("b", "a"): rank, ("c", "d"): rank}).columns(0, DRAWS)
    assert correlates(found["a"], found["b"], rank)
    assert correlates(found["c"], found["d"], rank)
    for first, second in itertools.product("ab", "cd"):
        assert independent(found[first], found[second])
    for name, values in found.items():
        assert fits(values, variables[name].cdf)


def test_wrong_samplers_fail() -> None:
    """The checks above tell a wrong sampler from a good one."""
    uniform = column(Uniform(0, 1))
    good, bad = Uniform(0, 1), stats.uniform
    assert fits(uniform, good.cdf)
    assert not fits(uniform + 0.01, bad.cdf)  # shifted
    assert not fits(uniform**1.03, bad.cdf)  # bent
    assert not fits(np.clip(uniform, 5e-4, 1), bad.cdf)  # a tail cut off
    assert not fits(stats.norm.ppf(uniform) * 1.02, stats.norm.cdf)  # too wide
    assert not has_moments(uniform + 0.01, 0.5, math.sqrt(1 / 12))
    other = column(Uniform(0, 1), name="y")
    assert independent(uniform, other)
    assert not independent(uniform, other + 0.02 * uniform)  # a little dependent
    assert not independent(uniform, np.abs(uniform - 0.5) + 0.5 * other)  # dependent, and not correlated
    assert not independent(uniform[:-1], (uniform[:-1] + uniform[1:] * 0.1) % 1)
    pair = Sampler({"a": Normal(0, 1), "b": Normal(0, 1)}, 1, {("a", "b"): 0.4}).columns(0, DRAWS)
    assert correlates(pair["a"], pair["b"], 0.4)
    assert not correlates(pair["a"], -pair["b"], 0.4)  # reversed
    pearson = stats.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]]).rvs(DRAWS, random_state=1)
    assert not correlates(pearson[:, 0], pearson[:, 1], 0.4)  # the rank taken for Pearson's


# ---- the frame, formulas, other methods ----------------------------------------------------------------------------


def test_the_frame_has_the_columns_in_order_and_shares_their_memory() -> None:
    variables = {
        "z": Uniform(0, 1),
        "two": 2,
        "a": Derived("z * two"),
        "s": pl.Series([1.0, 2.0]),
        "b": stats.norm(1, 2),
    }
    frame = takeoff.draw(variables, 10, seed=1)
    assert frame.columns == list(variables)
    assert frame.dtypes == [pl.Float64] * 5
    assert frame["two"].to_list() == [2.0] * 10
    assert frame["a"].to_list() == [2 * z for z in frame["z"]]
    columns = Sampler(variables, 1).columns(0, 10)
    series = pl.Series("z", columns["z"])
    assert series.to_numpy().__array_interface__["data"][0] == columns["z"].__array_interface__["data"][0]
    with pytest.raises(ValueError, match="read-only"):
        columns["two"][0] = 1


def test_formulas_of_formulas() -> None:
    variables = {"c": Derived("b + a"), "b": Derived("a ** 2"), "a": Uniform(0, 1), "k": Derived("1 / 4")}
    found = Sampler(variables).columns(0, 100)
    assert np.array_equal(found["c"], found["a"] * found["a"] + found["a"])
    assert found["k"].tolist() == [0.25] * 100
    assert list(found) == ["c", "b", "a", "k"]


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_low_discrepancy(method: Any) -> None:
    variables = {"a": Normal(0, 1), "b": Uniform(0, 1), "c": Gamma(2)}
    one = takeoff.draw(variables, 1024, method=method, seed=5)
    assert one.equals(takeoff.draw(variables, 1024, method=method, seed=5, threads=3))
    assert not one.equals(takeoff.draw(variables, 1024, method=method, seed=6))
    for name, distribution in variables.items():
        p = distribution.cdf(one[name].to_numpy())
        # One in each of 1024 cells: what a thousand independent draws never do.
        assert np.array_equal(np.sort((p * 1024).astype(int)), np.arange(1024))
    tied = takeoff.draw(variables, 1024, method=method, correlations={("a", "c"): 0.7})
    assert correlates(tied["a"], tied["c"], 0.7)


def test_sobol_points_come_in_pieces() -> None:
    variables = {"a": Normal(0, 1), "b": Uniform(0, 1)}
    whole = takeoff.draw(variables, 1000, method="sobol")
    for start in (1, 64, 999):
        assert takeoff.draw(variables, 1000 - start, start=start, method="sobol").equals(whole[start:])
    with pytest.raises(takeoff.errors.InvalidValueError, match="start must be 0 for a Latin hypercube"):
        takeoff.draw(variables, 10, start=1, method="latin_hypercube")


def test_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "scipy.stats", None)
    with pytest.raises(takeoff.errors.MissingExtraError, match=r"method='sobol' needs the extra 'scipy'"):
        takeoff.draw({"a": Normal(0, 1)}, 8, method="sobol")
    assert takeoff.draw({"a": Normal(0, 1)}, 8).height == 8
