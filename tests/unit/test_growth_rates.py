"""Growth rates: the rates that the paper derives, and every kind of argument."""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_series_equal

from takeoff.errors import DtypeError, InvalidValueError, ShapeError
from takeoff.growth_rates import doubling_time, factor_over, yearly_factor, yearly_rate
from takeoff.units import DAY, MONTH, YEAR

Function: TypeAlias = Callable[..., Any]

FUNCTIONS: tuple[Function, ...] = (doubling_time, yearly_factor, yearly_rate, factor_over)
FIRST: dict[Function, str] = {
    doubling_time: "factor",
    yearly_factor: "factor",
    yearly_rate: "factor",
    factor_over: "doubling_time",
}


def plain(function: Function, first: float, span: float) -> float:
    """The formulas in plain Python."""
    if function is doubling_time:
        return span * math.log(2) / math.log(first)
    if function is factor_over:
        return math.exp(math.log(2) * span / first)
    yearly = math.exp(math.log(first) / span)
    return yearly if function is yearly_factor else yearly - 1


# ---- what the paper derives ----------------------------------------------------------------------------------------

# The spans are printed in whole years. Each end may lie half a year either way, so the span is uncertain by one year
# at most, and the doubling time by that in proportion: the tolerance is one year in 5 (or 7).
HALF_YEAR_AT_EACH_END = 1.0


@pytest.mark.parametrize(
    ("factor", "start", "end", "printed_months", "months"),
    [
        (18, 2012, 2017, 15, 14.389),  # image recognition, runtime: Eth & Davidson (2025), p. 9
        (44, 2012, 2019, 16, 15.386),  # image recognition, training: the same
    ],
)
def test_doubling_times_of_image_recognition(
    factor: float, start: int, end: int, printed_months: float, months: float
) -> None:
    found = doubling_time(factor, end - start) / MONTH
    assert found == pytest.approx(months, abs=5e-4)
    assert found == pytest.approx(printed_months, rel=HALF_YEAR_AT_EACH_END / (end - start))
    # the printed value corresponds to a span that is well within the uncertainty
    implied_span = printed_months * MONTH * math.log2(factor)
    assert abs(implied_span - (end - start)) < 0.3


def test_nine_months_over_ten_years() -> None:
    # Output growth over the ten years of the computer vision domain in the code published with Erdil, Besiroglu & Ho
    # (2024), "Estimating Idea Production": 10321.273240738805, from the 9-month doubling of Erdil & Besiroglu (2022).
    # Tolerance: rounding of 120 / 9 doublings.
    assert factor_over(9 * MONTH, 10) == pytest.approx(10321.273240738805, rel=1e-13)
    assert doubling_time(10321.273240738805, 10) / MONTH == pytest.approx(9, rel=1e-14)


def test_research_effort_grew_by_about_seven_percent() -> None:
    rates = yearly_rate(np.array([12.0, 25.0, 20.0]), 2014 - 1970)
    assert rates == pytest.approx([0.0581, 0.0759, 0.0705], abs=5e-5)
    # "around 7%, give or take a percent or two", p. 30
    assert rates == pytest.approx(0.07, abs=0.02)
    assert rates.mean() == pytest.approx(0.07, abs=0.005)


def test_returns_of_algorithms_in_general() -> None:
    # "Since 28% is 4x as large as 7%, this would all imply r here was around 4", p. 30
    assert yearly_rate(1.28, 1) / yearly_rate(1.07, 1) == pytest.approx(4, rel=1e-12)
    # doublings per doubling: a ratio of logarithms
    assert doubling_time(1.07, 1) / doubling_time(1.28, 1) == pytest.approx(3.65, abs=5e-3)


def test_whole_doublings_are_exact() -> None:
    assert doubling_time(4, 1) == 6 * MONTH  # footnotes 13 and 19
    assert yearly_factor(2, 6 * MONTH) == 4.0
    assert yearly_factor(2, 3 * MONTH) == 16.0  # footnote 24
    assert 1 / doubling_time(64, 1) == 6.0  # footnotes 24 and 29
    assert factor_over(1, 6) == 64.0


def test_units() -> None:
    assert (YEAR, 12 * MONTH) == (1.0, 1.0)
    assert DAY * 365.25 == 1.0


# ---- kinds of arguments --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("first", [1.001, 1.28, 2, 18.0, 1e6])
@pytest.mark.parametrize("span", [3 * MONTH, 1, 5.5, 44.0])
def test_scalars(function: Function, first: Any, span: Any) -> None:
    found = function(first, span)
    assert type(found) is float
    assert found == pytest.approx(plain(function, first, span), rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arrays_broadcast(function: Function) -> None:
    first = np.array([[1.5], [3.0]])
    span = np.array([1.0, 2.0, 4.0])
    found = function(first, span)
    assert isinstance(found, np.ndarray)
    assert found.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        assert found[i, j] == pytest.approx(plain(function, float(first[i, 0]), float(span[j])), rel=1e-12)
    assert function([1.5, 3.0], 1).shape == (2,)
    assert function(1.5, np.array([1, 2])).dtype == np.float64


@pytest.mark.parametrize("function", FUNCTIONS)
def test_series_keep_name_and_nulls(function: Function) -> None:
    first = pl.Series("growth", [1.5, None, 3.0])
    expected = [plain(function, 1.5, 2.0), None, plain(function, 3.0, 2.0)]
    assert_series_equal(function(first, 2.0), pl.Series("growth", expected), abs_tol=1e-12)
    span = pl.Series("span", [2, 2, None])
    assert_series_equal(function(first, span), pl.Series("growth", [expected[0], None, None]), abs_tol=1e-12)
    assert_series_equal(
        function(3.0, span), pl.Series("span", [expected[2], expected[2], None], dtype=pl.Float64), abs_tol=1e-12
    )
    assert_series_equal(function(first, np.array([2.0, 2.0, 2.0])), pl.Series("growth", expected), abs_tol=1e-12)
    empty = pl.Series("none", [], dtype=pl.Float64)
    assert_series_equal(function(empty, 1.0), empty)
    unknown = pl.Series("unknown", [None, None], dtype=pl.Float64)
    assert_series_equal(function(unknown, 1.0), unknown)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("lazy", [False, True])
def test_expressions_are_the_same_in_a_query(function: Function, lazy: bool) -> None:
    frame = pl.DataFrame({"first": [1.5, 18.0, None, 4.0], "span": [1, 5, 1, None]})
    expected = [plain(function, 1.5, 1), plain(function, 18.0, 5), None, None]
    query = (frame.lazy() if lazy else frame).with_columns(
        function(pl.col("first"), pl.col("span")).alias("both"),
        function(pl.col("first"), 5).alias("first_only"),
        function(18.0, pl.col("span")).alias("span_only"),
        function(pl.col("first"), np.array([1.0, 5.0, 1.0, 1.0])).alias("with_array"),
        function(pl.col("first"), pl.Series([1.0, 5.0, 1.0, None])).alias("with_series"),
    )
    found = query.collect() if isinstance(query, pl.LazyFrame) else query
    assert_series_equal(found["both"], pl.Series("both", expected), abs_tol=1e-12)
    assert found["first_only"][1] == pytest.approx(expected[1])
    assert found["first_only"].null_count() == 1
    assert found["span_only"][1] == pytest.approx(expected[1])
    assert found["span_only"].null_count() == 1
    assert found["with_array"][:2].to_list() == pytest.approx(expected[:2])
    assert_series_equal(found["with_series"], pl.Series("with_series", expected), abs_tol=1e-12)


def test_expressions_keep_the_first_name() -> None:
    frame = pl.DataFrame({"factor": [4.0], "span": [2.0]})
    assert frame.select(doubling_time(pl.col("factor"), pl.col("span"))).columns == ["factor"]
    assert frame.select(doubling_time(18, pl.col("span"))).columns == ["span"]
    assert frame.select(factor_over(pl.col("factor", "span"), 1)).columns == ["factor", "span"]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "bad", [(-1.0, 1.0), (math.nan, 1.0), (math.inf, 1.0), (2.0, 0.0), (2.0, -1.0), (2.0, math.nan)]
)
def test_a_bad_row_behind_an_expression_raises(function: Function, bad: tuple[float, float]) -> None:
    frame = pl.DataFrame({"first": [2.0, bad[0]], "span": [1.0, bad[1]]})
    with pytest.raises(InvalidValueError, match=r"must be finite and > [01], got .* at index 1"):
        frame.select(function(pl.col("first"), pl.col("span")))


def test_expressions_take_integers_and_decimals_but_no_text() -> None:
    frame = pl.DataFrame({"factor": [4], "text": ["4"]}).with_columns(exact=pl.col("factor").cast(pl.Decimal(5, 2)))
    assert frame.select(doubling_time(pl.col("factor"), 1)).item() == 0.5
    assert frame.select(doubling_time(pl.col("exact"), 1)).item() == 0.5
    with pytest.raises(DtypeError, match="Series of String"):
        frame.select(doubling_time(pl.col("text"), 1))


# ---- bad arguments -------------------------------------------------------------------------------------------------

BAD = [0, -1.0, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("value", BAD)
def test_bad_spans_are_refused(function: Function, value: Any) -> None:
    owner = function.__name__
    shown = str(float(value))
    message = f"span must be finite and > 0, got {shown} ({owner}.span)"
    for first in (2.0, np.array([2.0, 3.0]), pl.Series([2.0]), pl.col("a")):
        with pytest.raises(InvalidValueError) as caught:
            function(first, value)
        assert str(caught.value) == message
        assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("value", BAD)
def test_bad_first_arguments_are_refused(function: Function, value: Any) -> None:
    name = FIRST[function]
    rule = "finite and > 1" if function is doubling_time else "finite and > 0"
    with pytest.raises(InvalidValueError) as caught:
        function(value, 1.0)
    assert str(caught.value) == f"{name} must be {rule}, got {float(value)} ({function.__name__}.{name})"
    with pytest.raises(InvalidValueError, match="at index 1"):
        function(np.array([2.0, value]), 1.0)
    with pytest.raises(InvalidValueError, match="at index 2"):
        function(pl.Series([2.0, None, value]), 1.0)
    with pytest.raises(InvalidValueError, match="at index 1"):
        function([2.0, value], pl.col("span"))


def test_a_doubling_time_needs_growth() -> None:
    with pytest.raises(InvalidValueError) as caught:
        doubling_time(0.5, 1)
    assert str(caught.value) == "factor must be finite and > 1, got 0.5 (doubling_time.factor)"
    with pytest.raises(InvalidValueError, match=r"> 1, got 1\.0 "):
        doubling_time(1, 1)


def test_what_shrinks_has_a_rate() -> None:
    assert yearly_factor(0.25, 2) == 0.5
    assert yearly_rate(0.25, 2) == -0.5
    assert yearly_rate(1, 3) == 0.0


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("value", ["2", None, True, 1j, pl.Series(["2"]), np.array(["2"])])
def test_what_is_no_number_is_refused(function: Function, value: Any) -> None:
    with pytest.raises(DtypeError):
        function(value, 1.0)
    with pytest.raises(DtypeError):
        function(2.0, value)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_shapes_that_do_not_fit_are_refused(function: Function) -> None:
    with pytest.raises(ShapeError, match=function.__name__):
        function(np.array([2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    with pytest.raises(ShapeError, match=function.__name__):
        function(pl.Series([2.0, 3.0]), pl.Series([1.0, 2.0, 3.0]))
    with pytest.raises(ShapeError, match="one axis"):
        function(pl.Series([2.0, 3.0]), np.ones((2, 2)))
    with pytest.raises(ShapeError, match="one axis"):
        function(pl.col("factor"), np.ones((2, 2)))


def test_beyond_float64_is_infinite() -> None:
    assert factor_over(1, 1023) == 2.0**1023
    assert factor_over(1, 1024) == math.inf
    assert yearly_factor(2, 0.5 * DAY * 1e-3) == math.inf
