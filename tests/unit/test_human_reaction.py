"""Human reaction against theory: the linear delay equation, its roots, where it settles and when it comes too late."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import lambertw

import takeoff
from takeoff import DAY, MONTH, GrowthLaw, Hardware, HumanReaction, simulate
from takeoff.errors import InvalidValueError

STEADY = GrowthLaw(r=1, first_doubling=1 * MONTH)  # 12 doublings a year, whatever the doublings
EXPLOSIVE = GrowthLaw(r=1.2, first_doubling=1 * MONTH)
WEEK = HumanReaction(EXPLOSIVE, target_pace=24, gain=20, lag=7 * DAY)


def linear(gain: float, lag: float, time: float) -> float:
    """``y(t)/y(0)`` of y' = -gain y(t - lag) with a constant past, by the method of steps."""
    terms = range(1, math.floor(time / lag) + 2)
    return 1 + sum((-gain * (time - (j - 1) * lag)) ** j / math.gamma(j + 1) for j in terms)


# ---- the linear equation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loop", [0.2, 1 / math.e, 0.6, 1.0, 1.2])
def test_a_steady_law_follows_the_linear_delay_equation(loop: float) -> None:
    # ln(pace/target) = y with y(0) = ln 2: for these loops the brake never comes back to 1.
    gain = 5.0
    lag = loop / gain
    found = simulate(HumanReaction(STEADY, 6, gain, lag), 3)
    expected = [math.log(2) * linear(gain, lag, float(t)) for t in found.time]
    np.testing.assert_allclose(np.log(found.pace / 6), expected, atol=1e-8)
    assert found.behaviour == "settles"
    np.testing.assert_allclose(found.brake, found.pace / 12, rtol=1e-9)


def test_below_1_over_e_it_is_monotone_and_above_it_overshoots() -> None:
    for loop, overshoots in ((0.9 / math.e, False), (0.99 / math.e, False), (1.2 / math.e, True)):
        pace = simulate(HumanReaction(STEADY, 6, 5, loop / 5), 4, points=2000).pace
        assert np.any(pace < 6 * (1 - 1e-9)) == overshoots


def test_it_is_damped_below_half_pi_and_swings_for_four_lags_there() -> None:
    lag = 0.1
    loops = np.array([1.3, math.pi / 2, 1.8])
    found = simulate(HumanReaction(STEADY, 11, loops / lag, lag), 12)
    assert found.behaviour.tolist() == ["settles", "oscillates", "oscillates"]
    assert np.isnan(found.period[0])
    # Small swings that just last, as those of 11 against 12, hardly meet the brake's end at 1.
    assert found.period[1] == pytest.approx(4 * lag, rel=2e-3)
    assert found.amplitude[2] > found.amplitude[1]


@pytest.mark.parametrize(("r", "parallelizability", "lag"), [(1.2, 1.0, 0.03), (1.5, 0.6, 0.04), (3.0, 1.0, 0.02)])
def test_an_explosive_law_settles_above_the_target_with_the_roots_of_theory(
    r: float, parallelizability: float, lag: float
) -> None:
    target, gain = 24.0, 40.0
    law = GrowthLaw(r, 1 * MONTH, parallelizability)
    loop = parallelizability * gain
    drift = math.log(2) * parallelizability * (1 - 1 / r) * target
    offset = -lambertw(-drift / loop).real
    found = simulate(HumanReaction(law, target, gain, lag), 4, points=4001)
    assert found.behaviour == "settles"
    assert found.pace[-1] == pytest.approx(target * math.exp(offset), rel=1e-6)
    assert found.returns[-1] == pytest.approx(1, abs=1e-6)
    # y' = drift e^y - loop y(t - lag) about its rest: s = a - loop e^(-s lag), the rightmost root by Lambert's W.
    a = loop * offset
    root = a + lambertw(-loop * lag * np.exp(-a * lag)) / lag
    y = np.log(found.pace / found.pace[-1])
    turns = 1 + np.flatnonzero(np.diff(np.sign(np.diff(y))) != 0)
    turns = turns[(np.abs(y[turns]) > 1e-6) & (np.abs(y[turns]) < 1e-3) & (found.time[turns] > 0.6)]
    assert turns.size >= 3
    decay = np.diff(np.log(np.abs(y[turns]))) / np.diff(found.time[turns])
    np.testing.assert_allclose(decay, root.real, rtol=0.02)
    np.testing.assert_allclose(np.diff(found.time[turns]), np.pi / abs(root.imag), rtol=0.02)


def test_it_oscillates_from_the_edge_of_stability_on_and_then_escapes() -> None:
    target, gain = 24.0, 20.0
    drift = math.log(2) / 6 * target
    a = -gain * lambertw(-drift / gain).real
    edge = math.acos(a / gain) / math.sqrt(gain**2 - a**2)
    found = simulate(HumanReaction(EXPLOSIVE, target, gain, edge * np.array([0.9, 1.005, 1.15])), 3)
    assert found.behaviour.tolist() == ["settles", "oscillates", "escapes"]
    assert found.period[1] == pytest.approx(2 * math.pi / math.sqrt(gain**2 - a**2), rel=0.02)


def test_smoothing_alone_is_a_damped_oscillator() -> None:
    # smoothing y'' + y' + gain y = 0 for small y: overdamped for 4 gain smoothing < 1.
    for product, overshoots in ((0.9, False), (4.0, True)):
        pace = simulate(HumanReaction(STEADY, 11.9, 5, smoothing=product / 4 / 5), 4, points=2000).pace
        assert np.any(pace < 11.9 * (1 - 1e-9)) == overshoots
    damped = simulate(HumanReaction(STEADY, 11.9, 5, smoothing=0.2), 6, points=6001)
    y = np.log(damped.pace / 11.9)
    troughs = np.flatnonzero((y[1:-1] < y[:-2]) & (y[1:-1] < y[2:]))[:2] + 1
    assert np.diff(damped.time[troughs])[0] == pytest.approx(2 * math.pi / (math.sqrt(3) / 2 * 5), rel=5e-3)


# ---- escapes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lag", [0.37, 0.5, 10.0])
def test_a_lag_longer_than_the_way_from_the_target_to_the_end_changes_nothing(lag: float) -> None:
    law = EXPLOSIVE
    to_target = law.time_at(6 * math.log2(24 / law.pace_at(0)))
    assert law.singular_time - to_target < lag
    found = simulate(HumanReaction(law, 24, 1e4, lag), 3)
    assert (found.outcome, found.behaviour) == ("singular", "escapes")
    assert found.singular_time == pytest.approx(law.singular_time, rel=1e-9)
    assert np.isinf(found.doublings[-1])
    assert np.isinf(found.pace[-1])
    assert found.brake[-1] == 1


def test_a_shorter_lag_delays_the_end_or_prevents_it() -> None:
    ends = simulate(HumanReaction(EXPLOSIVE, 24, 20, [0.02, 0.1, 0.2, 0.3, 0.5]), 10).singular_time
    assert np.isinf(ends[0])
    assert np.all(np.diff(ends[1:]) < 0)
    assert ends[-1] == pytest.approx(EXPLOSIVE.singular_time, rel=1e-9)


@pytest.mark.parametrize("r", [1.2, 3.0])
def test_without_lag_it_holds_if_the_loop_is_e_times_the_drift(r: float) -> None:
    # y' = drift e^y - gain y has a rest if and only if gain >= e drift.
    drift = math.log(2) * (1 - 1 / r) * 24
    found = simulate(HumanReaction(GrowthLaw(r, 1 * MONTH), 24, drift * math.e * np.array([0.95, 1.05])), 20)
    assert found.behaviour.tolist() == ["escapes", "settles"]


# ---- limits, hardware, and how it starts ---------------------------------------------------------------------------


def test_a_brake_that_comes_too_late_for_a_limit_is_released() -> None:
    for shape, outcome in (("linear", "horizon"), ("abrupt", "limit")):
        kind: Any = shape
        found = simulate(HumanReaction(GrowthLaw(3, 1 * MONTH, limit=30, limit_shape=kind), 24, 5, 0.1), 3)
        assert found.outcome == outcome
        assert found.doublings[-1] <= 30
        assert found.behaviour in {"free", "settles"}
    assert found.doublings[-1] == 30
    assert found.pace[-1] == 0
    law = GrowthLaw(3, 1 * MONTH, limit=30, limit_shape="abrupt")
    assert simulate(HumanReaction(law, 24, 0), 3).limit_time == pytest.approx(law.limit_time, rel=1e-9)


def test_an_instant_rise_under_a_far_limit_ends_at_its_far_side() -> None:
    law = GrowthLaw(3, 1 * MONTH, limit=1000.0)
    found, expected = simulate(HumanReaction(law, 24, 0), 1), simulate(law, 1)
    np.testing.assert_allclose(found.doublings, expected.doublings, rtol=1e-6)
    assert found.outcome == "horizon"


def test_hardware_goes_by_the_calendar_under_a_brake() -> None:
    # With r = 1 and doublings that take no account of the level, the pace is that of the hardware times the brake.
    law = GrowthLaw(1, 1, hardware=Hardware(0.5, [(1.5, math.inf)]))
    found = simulate(HumanReaction(law, 3, 4, 0.05), 3)
    growth = 2 ** (np.minimum(found.time, 1.5) / 0.5)
    np.testing.assert_allclose(found.pace, law.pace_at(0) * growth * found.brake, rtol=1e-8)
    assert simulate(HumanReaction(law, 3, 0), 3).doublings[-1] == pytest.approx(
        simulate(law, 3).doublings[-1], rel=1e-8
    )


def test_before_the_start_the_law_went_at_its_first_pace() -> None:
    found = simulate(HumanReaction(STEADY, 6, 5, lag=0.5), 0.4, points=5)
    np.testing.assert_allclose(found.brake, np.exp(-5 * math.log(2) * found.time), rtol=1e-9)


@pytest.mark.parametrize("lag", [0.0, 7 * DAY, 26 * DAY])
def test_effective_returns_are_those_of_the_course(lag: float) -> None:
    law = GrowthLaw(1.2, 1 * MONTH, 0.8)
    found = simulate(HumanReaction(law, 24, 20, lag), 1.5, points=20_001)
    slope = np.gradient(np.log2(found.pace), found.doublings)
    smooth = np.abs(np.gradient(slope)) < 1e-3  # the brake sets in with a kink
    np.testing.assert_allclose((1 / (1 - slope / 0.8))[smooth], found.returns[smooth], rtol=1e-3)
    assert smooth.mean() > 0.99


def test_work_is_counted_and_small() -> None:
    lags = np.array([0.0, 1e-6, 7 * DAY, 26 * DAY, 90 * DAY])
    steps = simulate(HumanReaction(EXPLOSIVE, 24, 20, lags), 3).steps
    assert np.all(steps < [400, 600, 300, 900, 1500])


# ---- what the result gives -----------------------------------------------------------------------------------------


def test_frame_summary_and_forms() -> None:
    many = simulate(HumanReaction(EXPLOSIVE, 24, [[20.0], [10.0]], [7 * DAY, 26 * DAY, 90 * DAY]), 3, points=7)
    assert many.frame.height == 42
    assert many.frame.columns == [
        "path",
        "gain_per_year",
        "lag_years",
        "time_years",
        "doublings",
        "level",
        "pace_doublings_per_year",
        "brake",
        "returns",
    ]
    assert many.summary.height == 6
    assert many.summary["behaviour"].to_list()[:3] == ["settles", "oscillates", "escapes"]
    np.testing.assert_array_equal(many.frame["pace_doublings_per_year"], many.pace.reshape(-1))
    np.testing.assert_allclose(many.level, np.exp2(many.doublings), rtol=1e-14)
    assert "6 (shape (2, 3))" in repr(many)
    one = simulate(WEEK, 1)
    for words in ("explosion without the brake (criticality 1.2)", "settles", "(target 24)"):
        assert words in repr(one)
        assert words in one._repr_html_()
    swings = simulate(HumanReaction(EXPLOSIVE, 24, 20, 26 * DAY), 3)
    assert "oscillates with a period of 3.8" in repr(swings)
    assert "singular at 9.43 months" in repr(simulate(HumanReaction(EXPLOSIVE, 24, 20, 90 * DAY), 3))
    assert "limit at" in repr(simulate(HumanReaction(GrowthLaw(3, 1, limit=4, limit_shape="abrupt"), 1e9, 0), 9))


def test_regime_and_citation() -> None:
    model = HumanReaction(GrowthLaw([0.7, 1.0, 3.0], 1), [[1.0], [2.0]], 5)
    assert takeoff.regime(model).tolist() == [["fizzle", "exponential", "explosion"]] * 2
    assert takeoff.regime(WEEK) == "explosion"
    assert simulate(WEEK, 1).criticality == 1.2
    assert "Eth" in takeoff.citation(simulate(WEEK, 1))


def test_times_may_repeat_and_stand_alone() -> None:
    found = simulate(WEEK, time=[0.0, 0.0, 0.5, 0.5])
    assert found.doublings[2] == found.doublings[3]
    assert found.doublings[:2].tolist() == [0, 0]
    alone = simulate(WEEK, time=[0.0])
    assert (alone.pace[0], alone.outcome) == (pytest.approx(EXPLOSIVE.pace_at(0)), "horizon")


# ---- the figure ----------------------------------------------------------------------------------------------------


def test_figures() -> None:
    lines = simulate(HumanReaction(EXPLOSIVE, 24, 20, [7 * DAY, 90 * DAY]), 3).plot()
    legend = lines.axes[0].get_legend()
    assert legend is not None
    named = [text.get_text() for text in legend.get_texts()]
    assert named == ["lag 0.23 months", "lag 2.96 months"]
    bands = simulate(HumanReaction(EXPLOSIVE, 24, 20, np.linspace(0, 0.3, 30)), 3).plot()
    assert len(bands.axes[0].collections) == 2
    alone = simulate(WEEK, 1).plot(ax=lines.axes[0])
    assert alone is lines
    with pytest.raises(InvalidValueError, match="labels must be one per path"):
        simulate(WEEK, 1).plot(labels=["a", "b"])
    with pytest.raises(InvalidValueError, match="labels must be left out for more than 6 paths"):
        simulate(HumanReaction(EXPLOSIVE, 24, 20, np.linspace(0, 0.3, 30)), 3).plot(labels=["a"])
