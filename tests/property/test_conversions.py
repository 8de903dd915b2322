"""Papers factor, returns and doubling ratio: round trips, every kind of argument, Table 3, bad values."""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from polars.testing import assert_series_equal

import takeoff
from takeoff.errors import DtypeError, InvalidValueError, ShapeError

Function: TypeAlias = Callable[..., Any]

EPS = 2**-52
LAMBDA = st.floats(0.01, 1.0)


def logarithmic(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers spread evenly over the magnitudes from 10^low to 10^high."""
    return st.floats(low, high).map(lambda power: 10.0**power)


R = logarithmic(-2, 6)
FACTOR = logarithmic(-12, 200).map(lambda above: 1.0 + above)
# Name of the argument, the number that it must exceed, and values to draw.
FUNCTIONS: dict[Function, tuple[str, float, st.SearchStrategy[float]]] = {
    takeoff.returns_from_papers_factor: ("papers_factor", 1, FACTOR.filter(lambda g: g > 1)),
    takeoff.papers_factor_from_returns: ("r", 0, R),
    takeoff.doubling_ratio_from_papers_factor: ("papers_factor", 1, FACTOR.filter(lambda g: g > 1)),
    takeoff.papers_factor_from_doubling_ratio: ("doubling_ratio", 0.5, FACTOR),
    takeoff.doubling_ratio_from_returns: ("r", 0, R),
    takeoff.returns_from_doubling_ratio: ("doubling_ratio", 0.5, FACTOR),
}
ALL = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)

# ---- round trips ---------------------------------------------------------------------------------------------------

# A tolerance is the rounding of the value in between (a relative EPS, and that of the power) times the steepness of the
# way back, and a factor of 2.


@given(r=R)
def test_returns_to_papers_factor_and_back(r: float) -> None:
    factor = takeoff.papers_factor_from_returns(r)
    assert factor == pytest.approx(2 ** (1 / r), rel=2 * EPS * (1 + 1 / r))
    assert takeoff.returns_from_papers_factor(factor) == pytest.approx(r, rel=2 * EPS * (1 + r / math.log(2)))


@given(factor=FACTOR)
def test_papers_factor_to_returns_and_back(factor: float) -> None:
    assume(factor > 1)
    r = takeoff.returns_from_papers_factor(factor)
    assert r == pytest.approx(math.log(2) / math.log(factor), rel=4 * EPS)
    assert takeoff.papers_factor_from_returns(r) == pytest.approx(factor, rel=2 * EPS * (1 + math.log(factor)))


@given(factor=FACTOR)
def test_papers_factor_to_doubling_ratio_and_back(factor: float) -> None:
    assume(factor > 1)
    ratio = takeoff.doubling_ratio_from_papers_factor(factor)
    assert ratio == factor / 2
    assert takeoff.papers_factor_from_doubling_ratio(ratio) == factor


@given(r=logarithmic(-2, 4), lam=LAMBDA)
def test_returns_to_doubling_ratio_and_back(r: float, lam: float) -> None:
    ratio = takeoff.doubling_ratio_from_returns(r, parallelizability=lam)
    power = lam * (1 / r - 1)
    assert ratio == pytest.approx(2**power, rel=2 * EPS * (1 + abs(power) + lam))
    back = takeoff.returns_from_doubling_ratio(ratio, parallelizability=lam)
    assert back == pytest.approx(r, rel=2 * EPS * (1 + r * (1 / (lam * math.log(2)) + abs(1 / r - 1))))


@given(r=logarithmic(-2, 3))
def test_the_two_ways_to_a_doubling_ratio_agree(r: float) -> None:
    through = takeoff.doubling_ratio_from_papers_factor(takeoff.papers_factor_from_returns(r))
    assert through == pytest.approx(takeoff.doubling_ratio_from_returns(r), rel=4 * EPS * (1 + 1 / r))


@given(r=R, lam=LAMBDA)
def test_all_agree_on_the_regime(r: float, lam: float) -> None:
    assume(r == 1 or abs(r - 1) * lam > 1e-14)
    ratio = takeoff.doubling_ratio_from_returns(r, parallelizability=lam)
    assert np.sign(1 - ratio) == np.sign(r - 1)
    law = takeoff.GrowthLaw(r, 1, lam)
    assert law.doubling_times(2)[1] == pytest.approx(ratio, rel=1e-13 * (1 + 1 / r))
    assert law.regime == ("explosion" if ratio < 1 else "fizzle" if ratio > 1 else "exponential")


# ---- kinds of argument ---------------------------------------------------------------------------------------------


@ALL
@given(data=st.data())
def test_every_kind_of_argument_gives_the_same(function: Function, data: st.DataObject) -> None:
    given_values = data.draw(st.lists(st.none() | FUNCTIONS[function][2], min_size=1, max_size=8))
    expected = [None if value is None else function(value) for value in given_values]
    numbers = [value for value in given_values if value is not None]
    assert all(type(value) is float for value in expected if value is not None)
    if numbers:
        found = function(np.array([numbers, numbers]))
        assert found.shape == (2, len(numbers))
        assert found.dtype == np.float64
        assert found.tolist() == [[value for value in expected if value is not None]] * 2
    named = pl.Series("given", given_values, dtype=pl.Float64)
    wanted = pl.Series("given", expected, dtype=pl.Float64)
    assert_series_equal(function(named), wanted, check_exact=True)
    frame = named.to_frame()
    assert_series_equal(frame.select(function(pl.col("given"))).to_series(), wanted, check_exact=True)
    lazy = frame.lazy().select(function(pl.col("given")).alias("found"), pl.col("given"))
    assert_series_equal(lazy.collect()["found"], wanted.alias("found"), check_exact=True)


@given(values=st.lists(st.none() | R, min_size=1, max_size=5), lam=LAMBDA)
def test_parallelizability_beside_every_kind(values: list[float | None], lam: float) -> None:
    function = takeoff.doubling_ratio_from_returns
    expected = [None if value is None else function(value, parallelizability=lam) for value in values]
    series = pl.Series("r", values, dtype=pl.Float64)
    wanted = pl.Series("r", expected, dtype=pl.Float64)
    assert_series_equal(function(series, parallelizability=lam), wanted, check_exact=True)
    found = series.to_frame().select(function(pl.col("r"), parallelizability=lam))
    assert_series_equal(found["r"], wanted, check_exact=True)


@ALL
def test_other_kinds_of_numbers(function: Function) -> None:
    for three in (3, np.int8(3), np.float32(3), np.array(3)):
        assert function(three) == function(3.0)
        assert type(function(three)) is float
    assert function([3, 4]).tolist() == [function(3.0), function(4.0)]
    frame = pl.DataFrame({"whole": [3, 3, 4], "key": [0, 0, 1]}).with_columns(
        exact=pl.col("whole").cast(pl.Decimal(5, 2))
    )
    for name in ("whole", "exact"):
        assert frame.select(function(pl.col(name)))[name].to_list() == function([3, 3, 4]).tolist()
    sums = frame.group_by("key", maintain_order=True).agg(function(pl.col("whole")).sum())
    assert sums["whole"].to_list() == [2 * function(3.0), function(4.0)]
    assert function(pl.Series("none", [], dtype=pl.Float64)).dtype == pl.Float64
    assert frame.clear().select(function(pl.col("whole"))).schema == {"whole": pl.Float64}


# ---- the paper -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("papers", "factor", "doublings", "r"),
    # Table 3 prints r = 1.72 in the second row, "from 1/0.58", where 0.58 is rounded: 1/log2(1.5) is 1.71.
    [((2, 6), 3.0, 1.58, 0.63), ((2, 3), 1.5, 0.58, 1.71), ((2, 4), 2.0, 1.0, 1.0)],
)
def test_table_3(papers: tuple[float, float], factor: float, doublings: float, r: float) -> None:
    assert papers[1] / papers[0] == factor
    found = takeoff.returns_from_papers_factor(factor)
    assert round(1 / found, 2) == doublings
    assert round(found, 2) == r
    assert round(1 / doublings, 2) == (1.72 if factor == 1.5 else r)
    assert takeoff.doubling_ratio_from_papers_factor(factor) == papers[1] / 2 / papers[0]


def test_footnotes_23_and_25() -> None:
    assert round(takeoff.doubling_ratio_from_returns(0.7), 2) == 1.35  # each doubling takes 35% longer than the last
    assert round(takeoff.doubling_ratio_from_returns(3.0), 2) == 0.63  # each takes 63% as long


# ---- bad values ----------------------------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf, -math.inf, "the bound"])
def test_bad_values_are_refused(function: Function, bad: Any) -> None:
    name, bound, _ = FUNCTIONS[function]
    value = float(bound) if bad == "the bound" else bad
    end = rf"\({function.__name__}\.{name}\)"
    with pytest.raises(InvalidValueError, match=rf"^{name} must be finite and > .*, got {value} {end}$"):
        function(value)
    place = rf"^{name} must be finite and > .*, got {value} at index 2 {end}"
    frame = pl.DataFrame({"given": [3.0, None, value]})
    calls: list[Callable[[], Any]] = [
        lambda: function(np.array([3.0, 3.0, value])),
        lambda: function(frame["given"]),
        lambda: frame.select(function(pl.col("given"))),
    ]
    for call in calls:
        with pytest.raises(InvalidValueError, match=place):
            call()


@ALL
@pytest.mark.parametrize("value", ["2", None, True, 1j, np.array(["2"]), pl.Series(["2"]), pl.Series([True])])
def test_what_is_no_number_is_refused(function: Function, value: Any) -> None:
    with pytest.raises(DtypeError, match=rf"\({function.__name__}\.{FUNCTIONS[function][0]}\)$"):
        function(value)


LAM_FUNCTIONS = (takeoff.doubling_ratio_from_returns, takeoff.returns_from_doubling_ratio)


@pytest.mark.parametrize("function", LAM_FUNCTIONS)
@pytest.mark.parametrize("lam", [0.0, -0.5, 1.0000001, math.nan, math.inf])
@pytest.mark.parametrize("value", [1.0, np.array([1.0]), pl.Series([1.0, None])])
def test_bad_parallelizability_is_refused(function: Function, lam: float, value: Any) -> None:
    rule = rf"^parallelizability must be > 0 and <= 1.*, got {lam} \({function.__name__}\.parallelizability\)"
    with pytest.raises(InvalidValueError, match=f"{rule}$"):
        function(value, parallelizability=lam)
    with pytest.raises(InvalidValueError, match=rule):
        pl.DataFrame({"given": value}).select(function(pl.col("given"), parallelizability=lam))


@pytest.mark.parametrize("function", LAM_FUNCTIONS)
def test_bad_parallelizability_is_refused_beside_no_values(function: Function) -> None:
    with pytest.raises(InvalidValueError, match=r"parallelizability must be .*, got 2\.0"):
        function(pl.Series([], dtype=pl.Float64), parallelizability=2.0)


def test_parallelizability_is_one_number() -> None:
    for function in LAM_FUNCTIONS:
        with pytest.raises(ShapeError, match="parallelizability must be one number"):
            function(1.0, parallelizability=[0.5, 1.0])  # type: ignore[arg-type]


@given(lam=LAMBDA)
def test_a_doubling_ratio_has_its_bound(lam: float) -> None:
    bound = 2**-lam
    with pytest.raises(InvalidValueError, match=r"must be finite and > 2\^-parallelizability"):
        takeoff.returns_from_doubling_ratio(bound * (1 - 1e-15), parallelizability=lam)
    assert takeoff.returns_from_doubling_ratio(bound * (1 + 1e-9), parallelizability=lam) > 1e6
