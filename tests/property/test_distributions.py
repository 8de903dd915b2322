"""What holds of any distribution: its quantile inverts its distribution function, and so on."""

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import takeoff
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

NUMBER = st.floats(-1e6, 1e6)
POSITIVE = st.floats(1e-3, 1e3)
SHAPE = st.floats(0.01, 1e4)
PROBABILITY = st.floats(1e-12, 1 - 1e-12)
NAME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


def ascending(count: int, values: Any = NUMBER) -> Any:
    return st.lists(values, min_size=count, max_size=count, unique=True).map(sorted)


WEIGHTS = st.floats(0.01, 100)
SMOOTH = st.one_of(
    st.builds(Normal, NUMBER, POSITIVE),
    st.builds(Lognormal, st.floats(-5, 5), st.floats(0.01, 5)),
    ascending(2).map(lambda ends: Uniform(*ends)),
    ascending(2, POSITIVE).map(lambda ends: Loguniform(*ends)),
    ascending(3).map(lambda ends: Triangular(*ends)),
    st.builds(Gamma, SHAPE, POSITIVE),
    st.builds(Beta, SHAPE, SHAPE),
)
ATOMS = st.lists(st.tuples(NUMBER, WEIGHTS), min_size=1, max_size=5).map(
    lambda pairs: Discrete(*zip(*pairs, strict=True))
)
SAMPLES = st.lists(NUMBER, min_size=1, max_size=9).map(Empirical)
SIMPLE = st.one_of(SMOOTH, ATOMS, SAMPLES)
MIXTURES = st.lists(st.tuples(SIMPLE, WEIGHTS), min_size=1, max_size=3).map(
    lambda pairs: Mixture(*zip(*pairs, strict=True))
)


@st.composite
def truncated(draw: Any, of: Any = SIMPLE) -> Truncated:
    """On the condition that it lies between two of its quantiles."""
    one = draw(of)
    low, high = one.quantile(sorted(draw(st.tuples(st.floats(0.001, 0.4), st.floats(0.6, 0.999)))))
    return Truncated(one, np.nextafter(low, -np.inf), np.nextafter(high, np.inf))


ANY = st.one_of(SIMPLE, MIXTURES, truncated())


SMALL_GAMMA = Gamma(0.01171875, 8.0)
SMALL_BETA = Beta(0.0105, 40.0)


@given(ANY, st.lists(PROBABILITY, min_size=1, max_size=6))
# Much of a distribution of a small shape lies below the normal floats, or even below the least float, 5e-324.
@example(SMALL_GAMMA, [6.1e-5])
@example(SMALL_GAMMA, [1e-4, 1.7e-4, 2e-4, 2.4e-4])
@example(Gamma(0.01, 1e300), [1e-6, 4e-7, 6e-7, 1e-3])
@example(Gamma(0.02, 5e-324), [1e-6, 0.3, 0.7, 0.9])
@example(SMALL_BETA, [4e-4, 4.3e-4, 6e-4, 7e-4])
@example(Beta(0.01, 0.011), [2e-4, 3e-4, 4e-4, 0.5, 1 - 1e-4])
@example(Loguniform(5e-324, 1e-300), [1e-3, 0.1, 0.6])
@example(Triangular(0, 1e-320, 2e-320), [1e-4, 1e-3, 0.5, 0.9])
@example(Mixture([SMALL_GAMMA, SMALL_BETA]), [6.1e-5, 2e-4, 3e-4, 5e-4])
@example(Truncated(SMALL_GAMMA, 5e-324, 1e-300), [1e-3, 0.1, 0.9])
@example(Truncated(Mixture([SMALL_GAMMA, Discrete([0.0, 1e-320])]), 0.0, 1e-5), [0.3, 0.6, 0.9])
def test_the_quantile_is_the_least_value_with_that_probability(one: Any, probabilities: list[float]) -> None:
    """Of real numbers it is; of floats it is the nearest, at which the probability is reached within 4 of them.

    So a quantile below half of the least float is 0, where nothing is yet reached, and is reached at the fourth float.
    """
    p = np.sort(probabilities)
    x = one.quantile(p)
    assert (np.diff(x) >= 0).all()
    low, high = one.support
    assert low <= x.min()
    assert x.max() <= high
    # Rounding of x itself moves the probability where the density is high.
    slack = 1e-9
    assert (one.cdf(x + 4 * np.spacing(np.abs(x))) >= p - slack).all()
    assert (one.cdf(x - 4 * np.spacing(np.abs(x))) <= p + slack).all()


@given(ANY, st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=6))
def test_the_distribution_function_rises_from_0_to_1(one: Any, places: list[float]) -> None:
    p = one.cdf(np.sort(places))
    assert (np.diff(p) >= -1e-12).all()
    assert ((p >= 0) & (p <= 1)).all()


TINY = st.builds(math.ldexp, st.integers(1, 2**20), st.integers(-1074, -1022))
"""Floats from the least one to some that are normal."""


@given(st.floats(0.01, 0.05), st.floats(-300, 300).map(lambda x: 10.0**x), TINY)
@example(0.01171875, 8.0, 2e-323)
def test_a_small_shape_has_its_probability_at_the_least_floats(shape: float, scale: float, x: float) -> None:
    with mpmath.workdps(30):
        gamma = mpmath.gammainc(shape, 0, mpmath.mpf(x) / scale, regularized=True)
        beta = mpmath.mpf(x) ** shape / (shape * mpmath.beta(shape, 40))  # the next term is x times as large
    assert Gamma(shape, scale).cdf(x) == pytest.approx(float(gamma), abs=1e-13)
    assert Beta(shape, 40).cdf(x) == pytest.approx(float(beta), abs=1e-13)


@given(ANY)
def test_plain_data_and_back(one: Any) -> None:
    assert takeoff.distributions.from_dict(one.to_dict()) == one


@given(truncated(), PROBABILITY)
def test_a_condition_is_a_share_of_the_whole(one: Truncated, p: float) -> None:
    x = one.quantile(p)
    below = one.of.cdf(math.nextafter(one.low, -math.inf))
    share = one.of.cdf(one.high) - below
    assert math.isclose(one.cdf(x), min(1.0, (one.of.cdf(x) - below) / share), abs_tol=1e-9)


@given(ANY, NAME, st.integers(0, 2**64 - 1), st.integers(0, 2**62), st.integers(1, 600))
def test_a_piece_is_a_piece_of_the_whole(one: Any, name: str, seed: int, start: int, draws: int) -> None:
    whole = takeoff.draw({name: one}, draws + 7, seed=seed, start=start)
    piece = takeoff.draw({name: one, name + "2": takeoff.Uniform(0, 1)}, draws, seed=seed, start=start + 7)
    assert piece[name].equals(whole[name][7:])


@given(st.text(max_size=30))
def test_any_text_is_a_formula_or_refused(text: str) -> None:
    try:
        names = Derived(text).names
    except takeoff.errors.InvalidValueError:
        return
    assert all(names)


@given(NUMBER, st.floats(0.01, 100), st.integers(-9, 9))
def test_formulas_are_those_of_python(a: float, b: float, n: int) -> None:
    inputs = {"a": a, "b": b}
    for formula, expected in (
        ("a + 2 * b", a + 2 * b),
        ("-a * (b - 3) / b", -a * (b - 3) / b),
        (f"b ** {n}", b**n),
        ("b ** 0.37", b**0.37),
        ("log(b) + exp(-b) + sqrt(b)", math.log(b) + math.exp(-b) + math.sqrt(b)),
        ("min(a, b) - max(a, b, 1)", min(a, b) - max(a, b, 1)),
    ):
        assert math.isclose(Derived(formula).evaluate(inputs), expected, rel_tol=1e-13, abs_tol=1e-14)
