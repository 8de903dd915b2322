"""What holds for the growth law with its parts: effort, hardware, automation."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import takeoff
from reference import growth_law_parts as twin
from takeoff import CES, Automation, GrowthLaw, Hardware
from takeoff.errors import InvalidValueError

R = st.floats(0.2, 4)
LAMBDA = st.floats(0.2, 1)
SHARE = st.floats(0.05, 0.95)
RHO = st.floats(-4, 0.9)
ETA = st.floats(0, 1)
LIMIT = st.none() | st.floats(5, 60)
GROWTH = st.floats(0.3, 10)
EFFORT = st.builds(CES, labor_share=SHARE, rho=RHO, experiment_efficiency=ETA)
HARDWARE = st.none() | st.builds(Hardware, GROWTH, st.just(()) | st.tuples(st.tuples(st.floats(0.1, 3), GROWTH)))
AUTOMATION = st.builds(
    Automation,
    start=st.floats(0, 0.9),
    full_at=st.floats(1, 10),
    ai_labor=st.floats(0.01, 1e4),
    rho=st.just(-math.inf) | st.floats(-4, -0.2),
)
LAW = st.builds(
    GrowthLaw,
    R,
    st.floats(0.05, 1),
    LAMBDA,
    LIMIT,
    effort=st.none() | EFFORT,
    hardware=HARDWARE,
    automation=st.none() | AUTOMATION,
)


def close(found: Any, expected: Any, tolerance: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=0)


PARTS: dict[str, dict[str, Any]] = {
    "complements": {"effort": {"labor_share": 0.6, "rho": -0.7, "experiment_efficiency": 0.3}},
    "substitutes": {"effort": {"labor_share": 0.3, "rho": 0.4, "experiment_efficiency": 0.0}},
    "Cobb-Douglas": {"effort": {"labor_share": 0.5, "rho": 0.0, "experiment_efficiency": 0.5}},
    "tasks": {"automation": {"start": 0.0, "full_at": 6.0, "ai_labor": 0.5, "rho": -0.5}},
    "Leontief": {"automation": {"start": 0.1, "full_at": 4.0, "ai_labor": 100.0, "rho": -math.inf}},
    "both": {
        "automation": {"start": 0.2, "full_at": 5.0, "ai_labor": 2.0, "rho": -2.0},
        "effort": {"labor_share": 0.6, "rho": -0.5, "experiment_efficiency": 0.2},
    },
}
GROWTHS: tuple[Any, ...] = ((), ((0.0, 1.5),), ((0.0, 0.8), (1.0, math.inf), (2.5, 3.0)))


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("hardware", GROWTHS)
@pytest.mark.parametrize("limit", [math.inf, 25.0])
def test_agrees_with_scipy(name: str, limit: float, hardware: Any) -> None:
    """An independent integration by DOP853, at a relative tolerance of 1e-13, within 1e-9."""
    parts = PARTS[name]
    law = GrowthLaw(
        1.4,
        0.3,
        0.8,
        limit,
        effort=CES(**parts["effort"]) if "effort" in parts else None,
        automation=Automation(**parts["automation"]) if "automation" in parts else None,
        hardware=Hardware(hardware[0][1], hardware[1:]) if hardware else None,
    )
    doublings = [0.25, 1.0, 2.0, 4.5, 8.0, 15.0]
    stops = twin.kinks(parts["automation"]) if "automation" in parts else ()
    expected = twin.times(doublings, 1.4, 0.3, 0.8, limit, hardware, stops, **parts)
    close(law.time_at(np.array(doublings)), expected, 1e-9)


def test_growing_hardware_beside_automation_is_refused_inside_a_process() -> None:
    law = GrowthLaw(1, 1, hardware=Hardware(1), automation=Automation(0, 1, 1))
    with pytest.raises(InvalidValueError, match=r"law.hardware must be left out beside automation"):
        takeoff.Retraining(law, 0.5)
    with pytest.raises(InvalidValueError, match=r"law.hardware must be left out beside automation"):
        takeoff.HumanReaction(law, 12, 1, 0.1)


@given(LAW)
def test_the_first_doubling_takes_its_time(law: GrowthLaw) -> None:
    close(law.time_at(1), law.first_doubling, 1e-12)


@given(R, LAMBDA, EFFORT, LIMIT, HARDWARE)
def test_singular_iff_critical_and_unlimited(r: float, lam: float, effort: CES, limit: Any, hardware: Any) -> None:
    law = GrowthLaw(r, 0.3, lam, limit, effort=effort, hardware=hardware)
    # With rho just above 0 it takes a million doublings to turn: the singularity is finite, but beyond float64.
    within = math.isfinite(law.time_at(1e6))
    assert math.isfinite(law.singular_time) == (law.criticality > 1 and limit is None and within)
    assert law.regime == ("explosion" if law.criticality > 1 else "fizzle" if law.criticality < 1 else "exponential")


@given(R, LAMBDA, SHARE, ETA, LIMIT, st.sampled_from([1e-12, 1e-10, 1e-8, 1e-6, 1e-4]), st.booleans())
def test_cobb_douglas_is_reached_without_a_jump(
    r: float, lam: float, share: float, eta: float, limit: Any, rho: float, below: bool
) -> None:
    at = GrowthLaw(r, 1, lam, limit, effort=CES(share, 0.0, eta)).doubling_times(20)
    near = GrowthLaw(r, 1, lam, limit, effort=CES(share, -rho if below else rho, eta)).doubling_times(20)
    known = np.isfinite(at)
    # ln E changes by at most rho (ln L/K)^2 / 8, which is 24 rho after 20 doublings.
    close(near[known], at[known], 50 * rho + 1e-12)


@given(R, LAMBDA, SHARE, RHO, LIMIT)
def test_experiments_as_cheap_as_labor_are_no_bottleneck(
    r: float, lam: float, share: float, rho: float, limit: Any
) -> None:
    law = GrowthLaw(r, 1, lam, limit)
    with_compute = dataclasses.replace(law, effort=CES(share, rho, 1.0))
    close(with_compute.doubling_times(15), law.doubling_times(15), 1e-11)


@given(LAW)
def test_hardware_that_stands_still_is_none(law: GrowthLaw) -> None:
    still = dataclasses.replace(law, hardware=None)
    assume(law.automation is None)
    for hardware in (Hardware(math.inf), Hardware(math.inf, [(1.0, math.inf)])):
        found = dataclasses.replace(law, hardware=hardware)
        close(found.doubling_times(15), still.doubling_times(15), 1e-12)
        close(found.pace_at(3.3), still.pace_at(3.3), 1e-12)


@given(LAW, st.floats(0.1, 10))
def test_a_change_of_the_unit_of_time_scales_all_times(law: GrowthLaw, unit: float) -> None:
    hardware = law.hardware
    if hardware is not None:
        changes = [(since * unit, doubling * unit) for since, doubling in hardware.changes]
        hardware = Hardware(hardware.doubling_time * unit, changes)  # type: ignore[operator]
    scaled = dataclasses.replace(law, first_doubling=law.first_doubling * unit, hardware=hardware)  # type: ignore[operator]
    # On hardware that has grown a thousandfold durations are known no better than the date.
    close(scaled.doubling_times(12).cumsum(), law.doubling_times(12).cumsum() * unit, 1e-10)
    close(scaled.singular_time, law.singular_time * unit, 1e-10)
    assert scaled.criticality == law.criticality


@given(LAW)
def test_time_and_doublings_invert_each_other(law: GrowthLaw) -> None:
    end = min(4 * float(np.max(law.first_doubling)), 0.9 * law.singular_time)
    time = np.linspace(0, end, 41)
    doublings = takeoff.simulate(law, time=time).doublings
    close(law.time_at(doublings)[1:], time[1:], 2e-6)
    assert np.all(np.diff(doublings) > 0)


@given(R, LAMBDA, EFFORT, st.floats(8, 60), st.floats(0.5, 6))
def test_a_restart_goes_on_as_the_first_run(r: float, lam: float, effort: CES, limit: float, x: float) -> None:
    law = GrowthLaw(r, 1, lam, limit, effort=effort)
    rho, eta, a = float(effort.rho), float(effort.experiment_efficiency), float(effort.labor_share)  # type: ignore[arg-type]
    # Where the first run stands: returns lower by h, what is left of the limit, and labor's share of effort by then.
    returns = r * (1 - x / limit)
    odds = a / (1 - a) * 2 ** (rho * (1 - eta) * x)
    share = odds / (1 + odds)
    assume(1e-6 < share < 1 - 1e-6)
    first = law.time_at(x + 1) - law.time_at(x)
    again = GrowthLaw(returns, first, lam, limit - x, effort=CES(share, rho, eta))
    more = np.array([0.5, 1.0, 1.5])
    assume(x + 1.5 < limit)
    close(again.time_at(more), law.time_at(x + more) - law.time_at(x), 1e-9)


@given(R, LAMBDA, EFFORT, st.floats(1.01, 2))
def test_what_speeds_up(r: float, lam: float, effort: CES, more: float) -> None:
    """With the first doubling given, doublings after it never come later for higher r, labor share or, rho <= 0, eta.

    Not so before it: higher r moves time from the end of the first doubling to its start. Nor for lambda: closer to 1
    it hastens an explosion and delays a fizzle. Nor for eta where labor and compute are substitutes: cheaper
    experiments keep labor's share a from rising, and d(elasticity)/d(eta) = (1 - a) (1 - a (1 - eta) rho ln2 x) changes
    sign.
    """
    law = GrowthLaw(r, 1, lam, effort=effort)
    x = np.array([1.5, 2, 4, 9.0])
    time = law.time_at(x) * (1 + 1e-12)
    share, eta = float(effort.labor_share), float(effort.experiment_efficiency)  # type: ignore[arg-type]
    assert np.all(dataclasses.replace(law, r=r * more).time_at(x) <= time)
    if eta == 1:
        return  # experiments as cheap as labor leave nothing to shift to
    changes = {"labor_share": share ** (1 / more)}
    if np.all(np.asarray(effort.rho) <= 0):
        changes["experiment_efficiency"] = eta ** (1 / more)
    for field, value in changes.items():
        quicker = dataclasses.replace(law, effort=dataclasses.replace(effort, **{field: value}))
        assert np.all(quicker.time_at(x) <= time), field


def test_cheaper_experiments_can_slow_substitutes() -> None:
    some, none = (GrowthLaw(0.5, 1, effort=CES(0.75, 0.75, eta)).time_at(9) for eta in (0.25, 0.0625))
    assert some > none


@given(R, EFFORT)
def test_without_parallelism_all_is_exponential(r: float, effort: CES) -> None:
    law = GrowthLaw(r, 1, 1e-6, effort=effort)
    close(law.doubling_times(10), np.ones(10), 1e-3)


def peak_is_highest(law: GrowthLaw) -> None:
    up_to = min(30.0, math.inf if law.limit is None else 0.999 * float(np.max(law.limit)))
    pace = law.pace_at(np.linspace(0, up_to, 400))
    assert law.peak_pace >= pace.max() * (1 - 1e-9)
    trajectory = takeoff.simulate(law, min(3.0, 0.9 * law.singular_time))
    assert trajectory.peak_pace >= trajectory.pace.max() * (1 - 1e-6)
    assert trajectory.peak_pace <= law.peak_pace * (1 + 1e-12)


@settings(max_examples=settings().max_examples // 4)
@given(LAW)
def test_no_pace_is_above_the_peak(law: GrowthLaw) -> None:
    peak_is_highest(law)


@pytest.mark.slow
@given(LAW)
def test_no_pace_of_many_is_above_the_peak(law: GrowthLaw) -> None:
    peak_is_highest(law)


def test_times_and_paces_beyond_the_largest_effective_time() -> None:
    """Growing hardware brings far doublings about at the pace at which it grows, after effective times of 2^1000."""
    law = GrowthLaw(0.2, 1, 0.6, hardware=Hardware(1.0))
    close(law.pace_at([100, 1000, 1e5]), 1 / (1 / 0.2 - 1), 1e-9)
    close(np.diff(law.time_at([100, 1000, 1e5])), np.array([900, 99_000]) * (1 / 0.2 - 1), 1e-9)
    limited = GrowthLaw(0.2, 1, 0.6, 9, hardware=Hardware(1.0))
    assert (limited.peak_pace, limited.peak_doublings) == (limited.pace_at(0), 0)


def test_95_percent_automated_is_20_times_the_effort() -> None:
    """Footnote 19: people are squeezed onto the last 5% of the tasks."""
    law = GrowthLaw(1, 0.5, automation=Automation(start=0, full_at=1, ai_labor=1e9))
    close(law.effort_at([0.5, 0.9, 0.95]), [2, 10, 20], 1e-12)
    # With some substitution between tasks abundant AI labor gives more: (1 - f)^((1 - rho)/rho).
    some = GrowthLaw(1, 0.5, automation=Automation(start=0, full_at=1, ai_labor=1e20, rho=-3))
    close(some.effort_at(0.95), 0.05 ** (-4 / 3), 1e-9)


@given(R, LAMBDA, st.sampled_from([1e-2, 1e-4, 1e-6]))
def test_full_automation_joins_the_law_of_ai_alone(r: float, lam: float, people: float) -> None:
    alone = GrowthLaw(r, 1, lam).doubling_times(10)
    joined = GrowthLaw(r, 1, lam, automation=Automation(start=0.999999, full_at=1e-3, ai_labor=1 / people))
    close(joined.doubling_times(10), alone, 2 * people)


def test_hardware_that_outgrows_people_for_ages() -> None:
    """A limit below full automation: people stay, and the last of the way takes millions of years."""
    labor = Automation(start=0, full_at=9.3, ai_labor=0.18, rho=-0.35)
    law = GrowthLaw(1.05, 0.05, 0.9, 5.2, effort=CES(0.7, rho=-3), hardware=Hardware(0.7), automation=labor)
    doublings = np.linspace(0, 5.2, 60)[:-1]
    assert law.peak_pace == law.pace_at(doublings).max() == law.pace_at(0)
    # By then effort is that of people on the tasks left to them, beside compute without end.
    near = np.array([5.19, 5.199])
    left = 1 - near / 5.2
    pace = left * (1 - near / 9.3) ** (0.9 * 1.35 / -0.35) * left ** (5.2 * math.log(2) * 0.9 / 1.05)
    found = law.pace_at(near)
    close(found[1] / found[0], pace[1] / pace[0], 1e-9)


FAR = [0.0, 1.0, 1e3, 1e9, 1e30, 1e100, 1e300, 1.7e308, math.inf]
FIZZLES: dict[str, GrowthLaw] = {
    "no use of software in experiments": GrowthLaw(3, 1 / 12, effort=CES(0.5, -1)),
    "Cobb-Douglas": GrowthLaw(0.8, 2, 0.5, effort=CES(0.5, 0, 0.4)),
    "people": GrowthLaw(0.9, 1, automation=Automation(0.3, 4, 5)),
    "hardware that stops": GrowthLaw(0.6, 1, 0.5, effort=CES(0.5, 0, 0.5), hardware=Hardware(1, [(3, math.inf)])),
    "hardware that never starts": GrowthLaw(0.6, 1, hardware=Hardware(math.inf), automation=Automation(0.3, 4, 5)),
}


@pytest.mark.parametrize("name", FIZZLES)
def test_the_farthest_doublings_of_a_fizzle_take_forever(name: str) -> None:
    law = FIZZLES[name]
    time, pace = law.time_at(FAR), law.pace_at(FAR)
    assert np.all(time[1:] >= time[:-1])
    assert np.all(time[4:] == np.inf)
    assert np.all(pace[2:] <= pace[1:-1])
    assert np.all(pace[4:] == 0)


def test_an_elasticity_close_to_1_decides_after_billions_of_doublings() -> None:
    """The way there is no endless sum of panels: what lies before its crest vanishes beside it."""
    law = GrowthLaw(2.6, 0.03, effort=CES(0.001, 1e-9, 0))
    assert law.regime == "explosion"
    assert law.singular_time == np.inf  # beyond f64
    assert np.all(np.diff(law.time_at([1, 10, 100, 1000])) > 0)
    slow = GrowthLaw(0.76, 0.003, 0.9, effort=CES(0.5, 2e-10, 0), hardware=Hardware(0.7))
    assert slow.peak_pace >= slow.pace_at([0, 1, 10, 1e3, 1e6]).max() * (1 - 1e-9)


@pytest.mark.parametrize("rho", [-1e-9, -0.5, 0.3])
def test_the_first_doubling_beside_hardware_that_outgrows_people(rho: float) -> None:
    """Hardware multiplies AI labor 1e7 times within the first doubling, which takes its time all the same."""
    people = Automation(start=0.997, full_at=0.384, ai_labor=0.0017, rho=-2.5)
    fast = Hardware(math.inf, [(0.036, 0.203), (93.0, 1.47)])
    for effort in (None, CES(0.04, rho)):
        law = GrowthLaw(1.0, 5.278, limit=73.75, limit_shape="abrupt", effort=effort, hardware=fast, automation=people)
        close(law.doubling_times(1)[0], 5.278, 1e-9)
        time = law.time_at([0.1, 0.384, 1, 2, 10, 70])
        assert np.all(np.diff(time) > 0)
        assert np.all(np.isfinite(time))
        close(takeoff.simulate(law, time=time).doublings, [0.1, 0.384, 1, 2, 10, 70], 1e-6)


def test_more_doublings_than_f64_tells_apart_are_infinite() -> None:
    people = Automation(start=0.86, full_at=0.243, ai_labor=1e-5, rho=-1)
    law = GrowthLaw(1.0, 1.85, hardware=Hardware(0.75), automation=people)
    doublings = takeoff.simulate(law, 90).doublings
    assert np.all(doublings[1:] >= doublings[:-1])
    assert doublings[-1] == np.inf


def test_hardware_that_outgrows_the_numbers_within_the_first_doubling_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"doubling_time must be such that .* 1e100 in the first doubling"):
        GrowthLaw(1, [1, 1e40], hardware=Hardware(0.2))
    with pytest.raises(InvalidValueError, match=r"about 1e10 in the first doubling, beside automation"):
        GrowthLaw(1, 65, hardware=Hardware(0.1), automation=Automation(0, 1, 1))


def test_effort_that_leaps_within_one_float() -> None:
    """The last people are the bottleneck until AI takes over 10^21 times their work within a 1e-16th of a doubling."""
    labor = Automation(start=0.0, full_at=1.17, ai_labor=5e21, rho=-math.inf)
    law = GrowthLaw(r=2.7, first_doubling=1.7, automation=labor)
    assert law.singular_time == pytest.approx(law.time_at(1.17), rel=1e-9)
    doublings = takeoff.simulate(law, time=[0.0, 1.7, 1.01 * law.singular_time]).doublings
    assert doublings[1] == pytest.approx(1.0, abs=1e-7)
    assert doublings[2] == math.inf


def test_numbers_beyond_floats_are_infinite_or_zero() -> None:
    even = GrowthLaw(r=1.0, first_doubling=10.0, effort=CES(0.5, rho=1.0))
    assert even.time_at(1e300) == even.time_at(math.inf) == math.inf
    beside = GrowthLaw(1.0, 47.0, 7e-4, hardware=Hardware(0.026))
    assert beside.time_at(1.7e308) > beside.time_at(1e300) > beside.time_at(1e200)
    stops = Hardware(0.2, [(0.002, math.inf), (1.0, math.inf)])
    slow = GrowthLaw(r=2e-5, first_doubling=17.0, limit=8.2, hardware=stops)
    assert np.isposinf(slow.doubling_times(7)[2:]).all()
    people = Automation(start=0.0, full_at=88.0, ai_labor=9e24, rho=-math.inf)
    steep = GrowthLaw(
        r=2e-4,
        first_doubling=6.4,
        effort=CES(1e-4, rho=1e-4),
        hardware=Hardware(14.0),
        automation=people,
    )
    assert takeoff.simulate(steep, time=[0.0, 6.4]).doublings == pytest.approx([0.0, 1.0], abs=1e-3)
