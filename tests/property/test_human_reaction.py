"""What holds for every human reaction."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import takeoff
from reference.human_reaction import Twin
from takeoff import GrowthLaw, HumanReaction, simulate

R = st.floats(0.3, 3.0)
LAMBDA = st.floats(0.2, 1.0)
TARGET = st.floats(2.0, 40.0)
GAIN = st.floats(0.0, 30.0)
LAG = st.just(0.0) | st.floats(0.001, 0.5)
SMOOTHING = st.just(0.0) | st.floats(0.01, 0.5)
LIMIT = st.none() | st.floats(5.0, 60.0)
FIRST = 1 / 12


def law_of(r: float, parallelizability: float = 1.0, limit: float | None = None) -> GrowthLaw:
    return GrowthLaw(r, FIRST, parallelizability, limit)


@pytest.mark.parametrize(
    ("twin", "horizon", "error"),
    [
        (Twin(1.2, FIRST, 24.0, 20.0, 0.02), 1.0, 1e-8),
        (Twin(1.2, FIRST, 24.0, 20.0, 0.07), 2.0, 1e-7),
        (Twin(1.2, FIRST, 24.0, 20.0, 0.05, 0.03, 0.7), 1.0, 1e-7),
        (Twin(3.0, FIRST, 24.0, 100.0), 1.0, 1e-7),
        (Twin(3.0, FIRST, 24.0, 60.0, 0.0, 0.01), 0.5, 1e-7),
        # Where the brake comes back to 1 the twin is of first order only.
        (Twin(1.0, FIRST, 6.0, 5.0, 0.4), 4.0, 2e-3),
        (Twin(0.7, FIRST, 6.0, 10.0, 0.1, 0.05), 2.0, 2e-3),
    ],
)
def test_agrees_with_its_twin(twin: Twin, horizon: float, error: float) -> None:
    times, states = twin.solve(horizon, 10_000)
    law = GrowthLaw(twin.r, twin.first_doubling, twin.parallelizability)
    model = HumanReaction(law, twin.target_pace, twin.gain, twin.lag, twin.smoothing)
    every = slice(0, None, 250)
    found = simulate(model, time=times[every])
    np.testing.assert_allclose(found.doublings, states[every, 0], rtol=error, atol=error)
    np.testing.assert_allclose(np.log(found.brake), states[every, 1], rtol=error, atol=20 * error)


@given(R, LAMBDA, LIMIT, LAG, SMOOTHING, st.sampled_from([("gain", 0.0), ("target_pace", 1e100)]))
def test_without_a_reason_to_brake_it_is_the_law(
    r: float, parallelizability: float, limit: float | None, lag: float, smoothing: float, off: tuple[str, float]
) -> None:
    law = law_of(r, parallelizability, limit)
    # A path so near its end is told apart by more digits than doublings at a time have.
    horizon = 1.0 if math.isinf(law.singular_time) else 0.99 * law.singular_time
    model = HumanReaction(law, **({"target_pace": 10.0, "gain": 5.0, "lag": lag, "smoothing": smoothing} | dict([off])))
    found, expected = simulate(model, horizon), simulate(law, horizon)
    np.testing.assert_allclose(found.doublings, expected.doublings, rtol=3e-7, atol=3e-8)
    assert np.all(found.brake == 1)
    assert found.behaviour == "free"
    beyond = simulate(model, 2 * law.singular_time if math.isfinite(law.singular_time) else 1.0)
    assert beyond.outcome == ("singular" if math.isfinite(law.singular_time) else "horizon")
    assert beyond.singular_time == pytest.approx(law.singular_time, rel=1e-8)


@given(R, TARGET, GAIN, LAG, SMOOTHING, st.floats(1e-3, 1e3))
def test_a_change_of_the_unit_of_time_scales_all_times(
    r: float, target: float, gain: float, lag: float, smoothing: float, unit: float
) -> None:
    one = simulate(HumanReaction(law_of(r), target, gain, lag, smoothing), 0.6)
    scaled = HumanReaction(GrowthLaw(r, FIRST * unit), target / unit, gain / unit, lag * unit, smoothing * unit)
    other = simulate(scaled, time=one.time * unit)
    early = one.time < 0.98 * min(one.singular_time, 1.0)
    np.testing.assert_allclose(other.doublings[early], one.doublings[early], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(other.brake[early], one.brake[early], rtol=1e-5)
    assert other.singular_time == pytest.approx(one.singular_time * unit, rel=1e-6)


@given(R, LAMBDA, LIMIT, TARGET, GAIN, LAG, SMOOTHING)
def test_what_holds_of_every_course(
    r: float,
    parallelizability: float,
    limit: float | None,
    target: float,
    gain: float,
    lag: float,
    smoothing: float,
) -> None:
    law = law_of(r, parallelizability, limit)
    found = simulate(HumanReaction(law, target, gain, lag, smoothing), 2.0)
    assert found.outcome in {"horizon", "singular"}
    assert found.steps < 100_000
    free = simulate(law, 2.0)
    assert np.all(found.doublings <= free.doublings * (1 + 1e-6) + 1e-8)
    assert np.all((found.brake > 0) & (found.brake <= 1))
    assert np.all(np.diff(found.doublings[np.isfinite(found.doublings)]) >= -1e-9)  # the error of each step
    seen = np.isfinite(found.doublings)
    expected = law.pace_at(found.doublings[seen]) * found.brake[seen] ** parallelizability
    np.testing.assert_allclose(found.pace[seen], expected, rtol=1e-8)
    # Off before and after as well: where the brake meets or leaves 1 it already moves.
    off = np.pad(found.brake == 1, 1, constant_values=False)
    off = seen & off[:-2] & off[1:-1] & off[2:]
    if limit is None:
        np.testing.assert_allclose(found.returns[off], r, rtol=1e-6)
    assert (found.behaviour == "escapes") == (found.outcome == "singular")
    assert math.isnan(found.period) == (found.behaviour != "oscillates")


@given(R, TARGET, GAIN, st.floats(0.0, 0.3))
def test_a_lag_that_vanishes_is_none(r: float, target: float, gain: float, smoothing: float) -> None:
    smoothing = smoothing if smoothing > 1e-3 else 0.0
    time: Any = np.linspace(0, 0.5, 21)
    lags = np.array([0.0, 1e-300, 1e-12, 1e-6])
    found = simulate(HumanReaction(law_of(r), target, gain, lags, smoothing), time=time)
    early = time < 0.95 * np.min(found.singular_time)
    for other, lag in zip(found.doublings[1:], lags[1:], strict=True):
        np.testing.assert_allclose(other[early], found.doublings[0][early], rtol=1e-6 + 1e4 * lag, atol=1e-7)


@given(st.lists(R, min_size=1, max_size=5), st.lists(TARGET, min_size=1, max_size=4), LAG)
def test_paths_are_on_their_own(r: list[float], target: list[float], lag: float) -> None:
    model = HumanReaction(GrowthLaw(r, FIRST), np.array(target)[:, None], 10.0, lag)
    together = simulate(model, 1.0, points=5)
    assert together.doublings.shape == (len(target), len(r), 5)
    alone = simulate(HumanReaction(law_of(r[-1]), target[-1], 10.0, lag), 1.0, points=5)
    for name in ("doublings", "brake", "pace", "returns"):
        assert getattr(together, name)[-1, -1].tobytes() == getattr(alone, name).tobytes()
    assert takeoff.regime(model).shape == (len(target), len(r))
