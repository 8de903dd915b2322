"""Time of successive training runs: geometric series, the paper's numbers, bad input."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest

import takeoff
from takeoff import MONTH
from takeoff.errors import DtypeError, InvalidValueError, ShapeError
from takeoff.models.retraining import schedule_time

INF = math.inf


@pytest.mark.parametrize(("shrink", "months", "factor"), [(0.9, 20, 10), (0.75, 8, 4)])
def test_arbitrarily_many_runs_of_footnote_43(shrink: float, months: float, factor: float) -> None:
    assert schedule_time(2 * MONTH, shrink) == pytest.approx(months * MONTH, rel=1e-15 * factor)
    assert schedule_time(1, shrink) == pytest.approx(factor, rel=1e-15 * factor)
    many = schedule_time(2 * MONTH, shrink, np.arange(1, 400))
    assert np.all(np.diff(many) >= 0)
    assert np.all(many <= schedule_time(2 * MONTH, shrink))
    assert many[-1] == pytest.approx(months * MONTH, rel=1e-14)


@pytest.mark.parametrize("shrink", [0.001, 0.5, 0.75, 0.9, 0.999999, 1 - 2**-53, 1.0, 1 + 2**-52, 1.01, 2.0, 30.0])
@pytest.mark.parametrize("runs", [0, 1, 2, 3, 10, 60])
def test_the_sum_of_a_geometric_series(shrink: float, runs: int) -> None:
    exact = float(sum(Fraction(shrink) ** n for n in range(runs)))  # footnote 42: sum of k^n from 0 to m - 1
    # k^m is taken as exp(m ln k), whose relative error is that of its exponent.
    slack = 1e-15 * (1 + runs * abs(math.log(shrink)))
    assert schedule_time(0.25, shrink, runs) == pytest.approx(0.25 * exact, rel=slack)


@pytest.mark.parametrize("shrink", [0.3, 0.9, 1.0, 1.5])
def test_each_run_is_shrink_times_the_last(shrink: float) -> None:
    times = schedule_time(0.5, shrink, np.arange(20))
    slack = 1e-14 * times[-1]  # a difference keeps the rounding of the times
    np.testing.assert_allclose(np.diff(times), 0.5 * shrink ** np.arange(19), rtol=0, atol=slack)


@pytest.mark.parametrize(
    ("shrink", "runs", "time"),
    [
        (1, 7, 7.0),  # runs of the same length
        (0.9, 0, 0.0),
        (5e-324, INF, 1.0),  # only the first takes time
        (1, INF, INF),
        (1 + 2**-52, INF, INF),
        (2, INF, INF),
        (2, 5000, INF),  # beyond float64
        (0.5, 1e300, 2.0),
    ],
)
def test_ends_of_the_range(shrink: float, runs: float, time: float) -> None:
    assert schedule_time(1, shrink, runs) == time


def test_a_short_first_run_of_many_that_grow() -> None:
    # The sum alone, 2^1500 - 1, is beyond float64; the time is not.
    assert schedule_time(1e-300, 2, 1500) == pytest.approx(float(Fraction(1e-300) * (2**1500 - 1)), rel=1e-12)


def test_the_doublings_of_an_explosion_are_such_a_schedule() -> None:
    law = takeoff.GrowthLaw(r=3, first_doubling=1 * MONTH)
    ratio = takeoff.doubling_ratio_from_returns(3.0)
    assert schedule_time(1 * MONTH, ratio) == pytest.approx(law.singular_time, rel=1e-14)
    np.testing.assert_allclose(schedule_time(1 * MONTH, ratio, np.arange(1, 9)), law.time_at(np.arange(1, 9)), 1e-13)


def test_numbers_give_a_float_and_others_an_array() -> None:
    for number in (1, 1.0, np.float32(1), np.array(1)):
        assert type(schedule_time(number, 0.5)) is float
    first = np.array([[1.0], [2.0]])
    found = schedule_time(first, [0.5, 0.75, 1.0], pl.Series([INF, INF, 3]))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[2, 4, 3], [4, 8, 6]], rtol=1e-15)
    assert np.array_equal(first, [[1.0], [2.0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0.5), "first_run must be finite and > 0 (years), got 0.0 (schedule_time.first_run)"),
        ((INF, 0.5), "first_run must be finite and > 0 (years), got inf (schedule_time.first_run)"),
        (([1, 2, -3], 0.5), "first_run must be finite and > 0 (years), got -3.0 at index 2 (schedule_time.first_run)"),
        ((1, 0), "shrink must be finite and > 0, got 0.0 (schedule_time.shrink)"),
        ((1, -0.5), "shrink must be finite and > 0, got -0.5 (schedule_time.shrink)"),
        ((1, [[0.5], [math.nan]]), "shrink must be finite and > 0, got nan at index 1 (schedule_time.shrink)"),
        ((1, 0.5, -1), "runs must be >= 0, got -1.0 (schedule_time.runs)"),
        ((1, 0.5, [1, math.nan]), "runs must be >= 0, got nan at index 1 (schedule_time.runs)"),
        ((pl.Series([1, None]), 0.5), "first_run must be a number everywhere, got 'null' at index 1"),
    ],
)
def test_bad_values_are_refused(arguments: Any, message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        schedule_time(*arguments)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("value", ["2", None, True, 1j, [True], pl.Series(["2"])])
def test_what_is_no_number_is_refused(value: Any) -> None:
    for name in ("first_run", "shrink", "runs"):
        with pytest.raises(DtypeError, match=rf"\(schedule_time\.{name}\)$"):
            schedule_time(**{"first_run": 1, "shrink": 0.5, name: value})


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(ShapeError, match=r"schedule_time's fields do not broadcast: first_run \(2,\), runs \(3,\)"):
        schedule_time([1, 2], 0.5, [1, 2, 3])
    with pytest.raises(ShapeError, match="shrink must hold at least one value"):
        schedule_time(1, [])
