"""What holds for every growth law."""

from typing import Any

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import takeoff
from reference.growth_law import Twin

R = st.floats(0.2, 5.0)
LAMBDA = st.floats(0.05, 1.0)
LIMIT = st.floats(2.0, 100.0)
ANY_LIMIT = st.none() | LIMIT


def law(**fields: Any) -> takeoff.GrowthLaw:
    return takeoff.GrowthLaw(first_doubling=1.0, **fields)


@pytest.mark.parametrize(
    "twin",
    [
        Twin(0.7, 0.25),
        Twin(1.0, 0.5, 0.3),
        Twin(2.5, 0.1, 0.6),
        Twin(3.0, 1 / 12, 1.0, 8.0),
        Twin(0.5, 0.2, 0.4, 5.0),
        Twin(1.5, 0.3, 0.8, 6.0, "abrupt"),
    ],
)
def test_agrees_with_its_twin(twin: Twin) -> None:
    shape: Any = twin.shape
    model = takeoff.GrowthLaw(twin.r, twin.first_doubling, twin.parallelizability, twin.limit, shape)
    with mp.workdps(17):
        xs = np.array([0.5, 1.0, 2.5, 4.5])
        times = np.array([float(twin.time_at(x)) for x in xs])
        np.testing.assert_allclose(model.time_at(xs), times, rtol=1e-13)
        x = float(twin.doublings_at(1.3 * twin.first_doubling))
    found = takeoff.simulate(model, time=[1.3 * twin.first_doubling]).doublings[0]
    assert found == pytest.approx(x, abs=1e-7)


@given(r=R, lam=LAMBDA, limit=ANY_LIMIT, fraction=st.floats(0.001, 0.97))
def test_time_and_doublings_are_inverse(r: float, lam: float, limit: float | None, fraction: float) -> None:
    model = law(r=r, parallelizability=lam, limit=limit)
    x = fraction * (limit or 20.0)
    time = model.time_at(x)
    assume(time < 1e90)
    back = takeoff.simulate(model, time=[0.0, time]).doublings[1]
    # In doublings, or in time where the pace is so high that a rounding of the time is many doublings.
    slack = 1e-13 * time * model.pace_at(x)
    assert back == pytest.approx(x, abs=2e-7 + slack)


@given(r=R, lam=LAMBDA, limit=ANY_LIMIT)
def test_first_doubling_takes_its_time(r: float, lam: float, limit: float | None) -> None:
    model = law(r=r, parallelizability=lam, limit=limit)
    assert model.time_at(1.0) == pytest.approx(1.0, rel=1e-12)
    assert takeoff.simulate(model, time=[1.0]).doublings[0] == pytest.approx(1.0, abs=1e-7)


@given(r=R, lam=LAMBDA, limit=ANY_LIMIT, shape=st.sampled_from(["linear", "abrupt"]))
def test_doublings_rise_and_stay_below_the_limit(r: float, lam: float, limit: float | None, shape: Any) -> None:
    model = law(r=r, parallelizability=lam, limit=limit, limit_shape=shape)
    x = takeoff.simulate(model, horizon=50.0, points=301).doublings
    assert x[0] == 0
    assert np.all(np.diff(x[np.isfinite(x)]) >= -1e-7)
    assert not np.isnan(x).any()
    if limit is not None:
        assert x.max() <= limit * (1 + 1e-12)


@given(r=R, lam=LAMBDA, limit=ANY_LIMIT)
def test_singular_iff_r_above_1_and_no_limit(r: float, lam: float, limit: float | None) -> None:
    model = law(r=r, parallelizability=lam, limit=limit)
    assert np.isfinite(model.singular_time) == (r > 1 and limit is None)
    assert model.regime == ("explosion" if r > 1 else "fizzle" if r < 1 else "exponential")


@given(lam=LAMBDA, time=st.floats(0.0, 1000.0))
def test_r_of_1_is_exponential_whatever_the_parallelizability(lam: float, time: float) -> None:
    assert takeoff.simulate(law(r=1.0, parallelizability=lam), time=[time]).doublings[0] == pytest.approx(time)


@given(r=R, lam=LAMBDA, limit=ANY_LIMIT, scale=st.floats(1e-6, 1e6))
def test_first_doubling_only_scales_time(r: float, lam: float, limit: float | None, scale: float) -> None:
    one = law(r=r, parallelizability=lam, limit=limit)
    scaled = takeoff.GrowthLaw(r, scale, lam, limit)
    np.testing.assert_allclose(scaled.doubling_times(8), one.doubling_times(8) * scale, rtol=1e-13)
    assert scaled.singular_time == pytest.approx(one.singular_time * scale)


@given(r=R, more=st.floats(1.001, 3.0), lam=LAMBDA, limit=ANY_LIMIT, n=st.integers(1, 20))
def test_higher_returns_never_delay_a_later_doubling(
    r: float, more: float, lam: float, limit: float | None, n: int
) -> None:
    slow, fast = (law(r=value, parallelizability=lam, limit=limit).doubling_times(n)[-1] for value in (r, r * more))
    assert fast <= slow * (1 + 1e-12)


@given(r=R, lam=st.floats(0.1, 1.0), n=st.integers(2, 20))
def test_stepping_on_toes_moves_towards_the_exponential(r: float, lam: float, n: int) -> None:
    full, toes = (law(r=r, parallelizability=value).doubling_times(n)[-1] for value in (1.0, lam))
    assert abs(np.log(toes)) <= abs(np.log(full)) + 1e-12


@given(r=R, lam=LAMBDA, limit=LIMIT)
def test_abrupt_limit_is_the_unlimited_path_cut_off(r: float, lam: float, limit: float) -> None:
    free, cut = law(r=r, parallelizability=lam), law(r=r, parallelizability=lam, limit=limit, limit_shape="abrupt")
    time = np.linspace(0, 30, 200)
    x, y = (takeoff.simulate(model, time=time).doublings for model in (free, cut))
    np.testing.assert_array_equal(np.minimum(x, limit), y)


@given(r=R, lam=LAMBDA, x=st.floats(0.1, 10.0))
def test_a_far_limit_is_no_limit(r: float, lam: float, x: float) -> None:
    free, far = law(r=r, parallelizability=lam), law(r=r, parallelizability=lam, limit=1e9)
    assert far.time_at(x) == pytest.approx(free.time_at(x), rel=1e-6)


@given(r=R, lam=LAMBDA, limit=ANY_LIMIT)
def test_peak_is_the_highest_pace(r: float, lam: float, limit: float | None) -> None:
    model = law(r=r, parallelizability=lam, limit=limit)
    x = np.linspace(0, (limit or 30.0) * 0.999, 400)
    assert model.peak_pace >= model.pace_at(x).max() * (1 - 1e-12)
    if np.isfinite(model.peak_doublings):
        assert model.pace_at(model.peak_doublings) == pytest.approx(model.peak_pace)


@given(
    r=st.floats(1e-6, 1e6),
    lam=st.floats(1e-6, 1.0),
    limit=st.floats(1.0000001, 1e9) | st.sampled_from([1 + 2**-52, 1e9]),
    shape=st.sampled_from(["linear", "abrupt"]),
)
@example(r=1.0, lam=1.0, limit=1e9, shape="linear")
@example(r=1e-6, lam=1.0, limit=1 + 2**-52, shape="linear")
@example(r=1e6, lam=1.0, limit=1e9, shape="linear")
def test_no_nan_and_no_hang_over_the_whole_range(r: float, lam: float, limit: float, shape: Any) -> None:
    model = law(r=r, parallelizability=lam, limit=limit, limit_shape=shape)
    time = np.concatenate([[0.0], np.geomspace(1e-12, 1e99, 60)])
    x = takeoff.simulate(model, time=time).doublings
    near = np.nextafter(limit, 0)
    values = [x, model.doubling_times(5), model.time_at([0.0, near, limit]), model.pace_at([0.0, near, limit])]
    for value in (*values, model.singular_time, model.limit_time, model.peak_pace, model.peak_doublings):
        assert not np.isnan(value).any()
