"""What holds for training runs between what is known and what is deployed."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import takeoff
from reference import retraining as twin
from takeoff import CES, MONTH, Automation, GrowthLaw, Hardware, Retraining, simulate
from takeoff.errors import InvalidValueError, TakeoffError

R = st.floats(0.3, 4)
LAMBDA = st.floats(0.2, 1)
RUN = st.floats(0.01, 3)
SHARE = st.floats(0, 0.9)
LIMIT = st.none() | st.floats(3, 60)


def close(found: Any, expected: Any, tolerance: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-14)


@given(R, LAMBDA, LIMIT, RUN, SHARE)
def test_agrees_with_plain_python(r: float, lam: float, limit: Any, first_run: float, share: float) -> None:
    result = simulate(Retraining(GrowthLaw(r, 1.0, lam, limit), first_run, share), generations=12)
    assume(result.known[-1] < 300)
    rows = twin.runs(12, r, 1.0, lam, limit or math.inf, first_run, share)
    for found, expected in zip(
        (result.starts, result.known, result.log2_research), zip(*rows, strict=True), strict=True
    ):
        close(found, expected, 1e-9)


@given(R, LAMBDA, LIMIT, RUN, SHARE, st.floats(0.1, 10))
def test_a_change_of_the_unit_of_time_scales_all_times(
    r: float, lam: float, limit: Any, first_run: float, share: float, unit: float
) -> None:
    result = simulate(Retraining(GrowthLaw(r, 1.0, lam, limit), first_run, share), generations=20)
    scaled = simulate(Retraining(GrowthLaw(r, unit, lam, limit), first_run * unit, share), generations=20)
    assume(result.known[-1] < 300)
    close(scaled.starts, result.starts * unit, 1e-9)
    close(scaled.known, result.known, 1e-9)


@given(R, LAMBDA, st.none() | st.floats(8, 60), st.floats(0.3, 4))
def test_short_runs_without_a_share_are_the_law(r: float, lam: float, limit: Any, x: float) -> None:
    """Runs delay by 1.5 of their length on average, so the difference is of first order in it."""
    law = GrowthLaw(r, 1.0, lam, limit)
    without = law.time_at(x)
    delays = [Retraining(law, run).time_at(x) - without for run in (1e-3, 5e-4)]
    pace = float(np.max(law.pace_at(np.linspace(0, x, 50))))
    assert 0 < delays[1] < delays[0] < 5e-3 * max(1.0, pace) * max(1.0, without)
    # A system is deployed only at the end of a run, which leaves half a run to chance.
    assert delays[0] == pytest.approx(2 * delays[1], abs=2e-3)


@given(st.floats(1.05, 4), LAMBDA, RUN, SHARE)
def test_singular_iff_critical_and_runs_shorten(r: float, lam: float, first_run: float, share: float) -> None:
    model = Retraining(GrowthLaw(r, 1.0, lam), first_run, share)
    assume(abs(model.criticality - 1) > 1e-3)
    assume(share == 0 or share > 1e-3)
    assert math.isfinite(model.singular_time) == (model.criticality > 1 and share > 0)
    assert model.regime == ("explosion" if model.criticality > 1 else "fizzle")
    if math.isfinite(model.singular_time):
        assert model.singular_time >= max(model.time_at(20), model.law.singular_time)


@given(st.floats(1.2, 4), LAMBDA, st.floats(0.1, 2), st.floats(0.05, 0.6))
def test_the_end_is_the_sum_of_the_runs(r: float, lam: float, first_run: float, share: float) -> None:
    model = Retraining(GrowthLaw(r, 1.0, lam), first_run, share)
    assume(model.criticality > 1.15)
    result = simulate(model, generations=20_000)
    assume(np.isinf(result.known[-1]) or result.durations[-1] * 20_000 < 1e-9 * result.ends[-1])
    close(model.singular_time, result.ends[-1], 1e-5)


@given(R, LAMBDA, st.none() | st.floats(8, 60), RUN, SHARE, st.floats(0.05, 2))
def test_a_time_is_the_end_of_the_run_that_deploys_so_much(
    r: float, lam: float, limit: Any, first_run: float, share: float, x: float
) -> None:
    model = Retraining(GrowthLaw(r, 1.0, lam, limit), first_run, share)
    result = simulate(model, generations=500)
    assume(x <= result.deployed[-1] < math.inf)
    close(model.time_at(x), result.ends[np.searchsorted(result.deployed, x)], 1e-12)


@given(R, LAMBDA, LIMIT, RUN, SHARE)
def test_training_runs_never_hasten(r: float, lam: float, limit: Any, first_run: float, share: float) -> None:
    law = GrowthLaw(r, 1.0, lam, limit)
    x = np.array([0.5, 1.0, 3.0])
    assert np.all(Retraining(law, first_run, share).time_at(x) >= law.time_at(x))


@pytest.mark.parametrize(
    "law",
    [
        GrowthLaw(2, 1, effort=CES(0.5, -0.5, 0.3)),
        GrowthLaw(2, 1, hardware=Hardware(1, [(0.7, 0.5)])),
        GrowthLaw(2, 1, 0.7, 20, effort=CES(0.5, 0), hardware=Hardware(0.5)),
        GrowthLaw(2, 1, automation=Automation(0.1, 4, 2)),
        GrowthLaw(2, 1, limit=10, limit_shape="abrupt"),
    ],
    ids=["CES", "hardware", "all", "automation", "abrupt"],
)
def test_short_runs_approach_laws_with_parts(law: GrowthLaw) -> None:
    without = law.time_at([1.0, 2.0, 5.0])
    first, second = (Retraining(law, run).time_at([1.0, 2.0, 5.0]) for run in (1e-4, 5e-5))
    close(first, without, 2e-3)
    close(2 * second - first, without, 4e-4)  # what one run more or less makes of a difference


def test_a_tail_of_short_runs_goes_over_into_the_law() -> None:
    """Past the runs that are computed one by one nothing jumps."""
    law = GrowthLaw(1.6, 1.0)
    first = Retraining(law, 1e-4, 0.3).time_at([20.0, 40.0, math.inf])
    second = Retraining(law, 5e-5, 0.3).time_at([20.0, 40.0, math.inf])
    close(second, first, 1e-3)
    shared = GrowthLaw(1.6, 1.0, effort=CES(1 - 1e-9, 0, 0.0))  # labor alone
    assert np.all(first > shared.time_at([20.0, 40.0, math.inf]))


def test_an_abrupt_limit_ends_what_is_known() -> None:
    model = Retraining(GrowthLaw(2, 1, limit=6, limit_shape="abrupt"), 0.5, 0.25)
    result = simulate(model, generations=80)
    assert result.known[-1] == 6
    assert result.deployed[-1] == 4.5
    assert model.time_at([4.5, 4.500001]).tolist() == [pytest.approx(model.time_at(4.5)), math.inf]


@pytest.mark.parametrize("r", [1.25, 2.0, 4.0])
@pytest.mark.parametrize("lam", [0.3, 1.0])
@pytest.mark.parametrize("first_run", [0.05, 2.0, 24.0])
def test_the_frontier_is_where_r_times_what_is_deployed_is_1(r: float, lam: float, first_run: float) -> None:
    law = GrowthLaw(r, 1 * MONTH, lam)
    assert takeoff.retraining.frontier(law, first_run * MONTH) == pytest.approx(1 - 1 / r, abs=6e-4)


def test_below_an_r_of_1_nothing_runs_away() -> None:
    assert takeoff.retraining.frontier(GrowthLaw([0.5, 0.99], 1), 1).tolist() == [0, 0]


def test_paths_broadcast_and_threads_change_nothing() -> None:
    law = GrowthLaw([[0.7], [3.0]], 1 * MONTH, limit=[[20.0], [math.inf]])
    model = Retraining(law, [1 * MONTH, 2 * MONTH, 0.5], 0.3)
    assert model.shape == (2, 3)
    results = [simulate(model, generations=30, threads=n) for n in (1, 2, 5)]
    for name in ("starts", "known", "log2_research"):
        assert len({getattr(result, name).tobytes() for result in results}) == 1
    one = simulate(Retraining(GrowthLaw(3.0, 1 * MONTH), 0.5, 0.3), generations=30)
    assert results[0].known[1, 2].tobytes() == one.known.tobytes()
    assert dataclasses.replace(model, law=law) == model


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first_run": 0}, "first_run must be finite and > 0"),
        ({"first_run": -1.0}, "first_run"),
        ({"first_run": math.inf}, "first_run"),
        ({"first_run": math.nan}, "first_run"),
        ({"first_run": "2 months"}, r"takeoff\.MONTH"),
        ({"first_run": []}, "first_run must hold at least one value"),
        ({"speed_share": 1}, "speed_share must be >= 0 and < 1"),
        ({"speed_share": -0.1}, "speed_share"),
        ({"speed_share": [0.1, math.nan]}, "speed_share .* at index 1"),
        ({"speed_share": [0.1, 0.2], "first_run": [1, 2, 3]}, "do not broadcast"),
        ({"law": 3}, "law must be a takeoff.GrowthLaw"),
        ({"law": None}, "law must be a takeoff.GrowthLaw"),
    ],
)
def test_bad_input(fields: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {"law": GrowthLaw(2, 1), "first_run": 1.0, "speed_share": 0.0}
    with pytest.raises(TakeoffError, match=words):
        Retraining(**(good | fields))


def test_bad_arguments() -> None:
    model = Retraining(GrowthLaw(2, 1), 1.0)
    for arguments, words in (
        ({"generations": 0}, "generations must be an integer from 1"),
        ({"generations": 10**12}, "generations must be an integer from 1"),
        ({"points": 5}, "points must be left out for a Retraining"),
        ({"horizon": 0}, "horizon must be finite and > 0"),
    ):
        with pytest.raises(TakeoffError, match=words):
            simulate(model, **arguments)
    with pytest.raises(InvalidValueError, match="generations must be left out for a GrowthLaw"):
        simulate(GrowthLaw(2, 1), 1, generations=5)
    with pytest.raises(InvalidValueError, match="doublings must be > 0"):
        model.delay_factor(0)
    with pytest.raises(InvalidValueError, match=r"law\.limit must be None"):
        takeoff.retraining.frontier(GrowthLaw(2, 1, limit=9), 1)
    with pytest.raises(InvalidValueError, match="first_run must be at most 100 times"):
        takeoff.retraining.frontier(GrowthLaw([2, 3], 1), [1, 101])


def test_forms_and_frames() -> None:
    model = Retraining(GrowthLaw(3, 1 * MONTH), [2 * MONTH, 1 * MONTH], 0.3)
    result = simulate(model, horizon=0.5, generations=50)
    assert result.frame.columns[:3] == ["path", "first_run_years", "generation"]
    assert result.frame["start_years"].max() <= 0.5  # type: ignore[operator]
    assert result.summary["regime"].to_list() == ["explosion", "explosion"]
    assert result.summary["generations_done"][0] == np.sum(result.ends[0] <= 0.5)
    assert "2 (shape (2,))" in repr(result)
    one = simulate(dataclasses.replace(model, first_run=2 * MONTH), generations=8)
    assert "singular at" in one._repr_html_()
    assert one.plot().axes[0].get_legend() is not None
    with pytest.raises(InvalidValueError, match="paths must be at most 6"):
        simulate(Retraining(GrowthLaw(2, 1), np.linspace(0.1, 1, 9)), generations=3).plot()


def test_a_delay_beyond_f64_is_infinite() -> None:
    assert Retraining(GrowthLaw(3, 1 / 12), 0.1).delay_factor(1e-320) == np.inf
