"""The time at which the pace reaches a multiple of the recent one, and the warning before."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import takeoff
from takeoff import CES, MONTH, Automation, GrowthLaw, Hardware, simulate
from takeoff.errors import DtypeError, InvalidValueError, ShapeError

LAWS: dict[str, dict[str, Any]] = {
    "labor alone": {},
    "parallelizability": {"parallelizability": 0.4},
    "limit": {"limit": 30},
    "abrupt limit": {"limit": 20, "limit_shape": "abrupt"},
    "compute": {"effort": CES(0.6, rho=-0.5, experiment_efficiency=0.8)},
    "hardware": {"hardware": Hardware(0.5)},
    "hardware and limit": {"hardware": Hardware(0.5), "limit": 25},
    "automation": {"automation": Automation(start=0.2, full_at=4, ai_labor=5.0)},
}
R = np.array([0.7, 1.0, 1.3, 2.0, 4.0])
SHORT = GrowthLaw(r=3, first_doubling=1 * MONTH)


@pytest.mark.parametrize("multiple", [1.5, 5.0, 1000.0])
@pytest.mark.parametrize("lam", [0.3, 1.0])
def test_the_closed_form_of_labor_alone(multiple: float, lam: float) -> None:
    # Without a limit the pace goes as 2^(lambda (1 - 1/r) x), and x doublings take T0 (q^x - 1)/(q - 1).
    r = np.array([1.2, 2.0, 3.0, 40.0])
    law = GrowthLaw(r, 1 * MONTH, parallelizability=lam)
    q = 2 ** (lam * (1 / r - 1))
    x = np.log2(multiple) / (lam * (1 - 1 / r))
    expected = MONTH * (q**x - 1) / (q - 1)
    np.testing.assert_allclose(simulate(law, 100).threshold_time(multiple), expected, rtol=1e-13)


@pytest.mark.parametrize("name", LAWS)
def test_the_pace_is_there_at_that_time_and_not_before(name: str) -> None:
    course = simulate(GrowthLaw(R, 1 * MONTH, **LAWS[name]), 2)
    times = course.threshold_time(3)
    reached = np.isfinite(times)
    assert reached.any()
    np.testing.assert_array_equal(reached, course.peak_pace >= 3 * course.model.pace_at(0))
    for path in np.flatnonzero(reached):
        until = simulate(course.model, time=times[path] * np.linspace(0, 1, 400))
        pace = until.pace[path] / course.model.pace_at(0)[path]
        assert pace[-2] < 3
        if name != "abrupt limit":
            assert pace[-1] == pytest.approx(3, rel=1e-6)
        assert pace[:-1].max() <= 3 * (1 + 1e-9)


@pytest.mark.parametrize("name", LAWS)
def test_the_points_of_the_trajectory_do_not_matter(name: str) -> None:
    law = GrowthLaw(R, 1 * MONTH, **LAWS[name])
    fine = simulate(law, 2, points=1000).threshold_time(3)
    for coarse in (simulate(law, 2, points=2), simulate(law, time=[2.0]), simulate(law, time=[0.3, 2.0])):
        np.testing.assert_allclose(coarse.threshold_time(3), fine, rtol=1e-12)


def test_a_short_peak_between_the_points_is_found() -> None:
    # Hardware rushes for a month, stands still while progress slows down, and grows again.
    hardware = Hardware(0.02, changes=[(0.1, math.inf), (6.0, 0.5)])
    law = GrowthLaw(r=0.5, first_doubling=0.2, hardware=hardware)
    first = simulate(law, 10, points=2000).threshold_time(3)
    assert first < 0.1
    assert simulate(law, 10, points=2).threshold_time(3) == pytest.approx(first, rel=1e-12)
    assert simulate(law, time=[5.0, 10.0]).threshold_time(3) == pytest.approx(first, rel=1e-12)


def test_what_is_never_reached_is_infinite() -> None:
    assert simulate(GrowthLaw(0.7, 1), 100).threshold_time() == math.inf  # it slows down from the start
    assert simulate(GrowthLaw(1, 1), 100).threshold_time(1.001) == math.inf
    assert simulate(GrowthLaw(1, 1), 100).warning_time() == math.inf
    limited = simulate(GrowthLaw(3, 1 * MONTH, limit=30), 1)
    assert limited.threshold_time(1.001 * limited.peak_pace / limited.model.pace_at(0)) == math.inf
    peak = limited.threshold_time(limited.peak_pace / limited.model.pace_at(0) * (1 - 1e-12))
    assert peak == pytest.approx(limited.peak_time, rel=1e-4)
    time = simulate(SHORT, 1).threshold_time()
    assert simulate(SHORT, time * 1.001).threshold_time() == pytest.approx(time, rel=1e-14)
    assert simulate(SHORT, time * 0.999).threshold_time() == math.inf  # beyond the horizon
    assert simulate(SHORT, time * 0.999).warning_time() == math.inf


def test_the_pace_of_the_start_is_the_default() -> None:
    course = simulate(SHORT, 1)
    assert course.threshold_time(1) == course.threshold_time(0.5) == 0
    assert course.threshold_time(5, recent_pace=course.model.pace_at(0)) == course.threshold_time(5)
    assert course.threshold_time(2, recent_pace=6) == course.threshold_time(12 / course.model.pace_at(0))
    assert course.threshold_time(1e100) == pytest.approx(course.singular_time, rel=1e-15)


def test_arguments_broadcast() -> None:
    course = simulate(GrowthLaw([[2.0], [3.0]], 1 * MONTH), 1)
    found = course.threshold_time([2, 4, 8])
    assert found.shape == (2, 3)
    assert found[1, 1] == simulate(SHORT, 1).threshold_time(4)
    one = simulate(SHORT, 1).threshold_time([2, 4], recent_pace=[[10.0], [20.0], [30.0]])
    assert one.shape == (3, 2)
    assert one[1, 0] == simulate(SHORT, 1).threshold_time(2, recent_pace=20)
    assert isinstance(simulate(SHORT, 1).threshold_time(), float)
    assert course.warning_time([4, 5, 6], buffer=[3, 3, 6]).shape == (2, 3)


@given(r=st.floats(1.05, 20), multiple=st.floats(1.01, 1e6), part=st.floats(0.1, 1))
def test_the_warning_is_the_time_between(r: float, multiple: float, part: float) -> None:
    course = simulate(GrowthLaw(r, 1 * MONTH), 1000)
    buffer = multiple * part
    between = course.threshold_time(multiple) - course.threshold_time(buffer)
    assert course.warning_time(multiple, buffer) == between >= 0
    assert course.warning_time(multiple, multiple) == 0


@pytest.mark.parametrize("name", ["multiple", "recent_pace", "buffer"])
@pytest.mark.parametrize("method", ["threshold_time", "warning_time"])
def test_bad_arguments_are_named(name: str, method: str) -> None:
    if (name, method) == ("buffer", "threshold_time"):
        return
    call = getattr(simulate(SHORT, 1), method)
    for bad in (0, -1, math.nan, math.inf, 1e101, [1.0, math.nan]):
        with pytest.raises(InvalidValueError, match=rf"^{name} must be > 0 .*\({method}\.{name}\)"):
            call(**{name: bad})
    others: list[Any] = ["5", True, 1j, {}]
    for other in others:
        with pytest.raises(DtypeError, match=f"{method}.{name}"):
            call(**{name: other})
    with pytest.raises(ShapeError, match=name):
        call(**{name: []})


def test_shapes_and_order_are_checked() -> None:
    course = simulate(GrowthLaw([2.0, 3.0], 1), 1)
    with pytest.raises(ShapeError, match="broadcast"):
        course.threshold_time([1, 2, 3])
    with pytest.raises(
        InvalidValueError, match=r"^buffer must be at most the multiple, got 6.0 \(warning_time.buffer\)"
    ):
        course.warning_time(5, buffer=6.0)
    with pytest.raises(InvalidValueError, match="buffer must be at most"):
        course.warning_time(5, buffer=[[3, 6]])
    with pytest.raises(ShapeError, match=r"buffer \(2,\), multiple \(3,\)"):
        course.warning_time([4, 5, 6], buffer=[1, 2])
    assert takeoff.simulate(SHORT, 1).warning_time(5, 5.0) == 0


def test_many_thresholds_take_no_memory_for_the_points_of_the_course() -> None:
    course = simulate(SHORT, 1, points=1_000_000)
    times = course.threshold_time(np.full(100_000, 5.0))
    assert times.shape == (100_000,)
    assert np.unique(times).tolist() == [course.threshold_time(5.0)]
