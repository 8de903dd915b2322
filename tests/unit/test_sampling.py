"""Draws: their addresses, their bits, the frame they come in. Their statistics are tested under ``statistical``."""

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


def column(distribution: Any, draws: int, seed: int = 7, name: str = "x") -> Any:
    return Sampler({name: distribution}, seed).columns(0, draws)[name]


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


MANY: dict[str, Any] = {
    "normal": Normal(-1, 2),
    "lognormal": Lognormal(0.3, 0.7),
    "uniform": Uniform(-3, 5),
    "loguniform": Loguniform(0.01, 100),
    "triangular": Triangular(0, 0.2, 2),
    "gamma": Gamma(2.5, 3),
    "small_gamma": Gamma(0.05),
    "beta": Beta(0.3, 0.7),
    "mixture": Mixture([Normal(0, 1), Lognormal(1, 0.2)], [1, 3]),
    "truncated": Truncated(Normal(0, 1), 7, 9),
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
    assert abs(stats.spearmanr(tied["a"], tied["c"]).statistic - 0.7) < 0.1


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
