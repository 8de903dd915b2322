"""Kwa's simpler timelines model against exact values, the published sample and the plain-Python twin.

Exact values are of an integration of 8th order at a tolerance of 1e-11 with whole years as knots; the published
notebook agrees to 2e-5 year over its 500 draws.
"""

from typing import Any

import numpy as np
import pytest

import takeoff
from takeoff import Kwa, simulate
from takeoff.errors import InvalidValueError

# One middle value changed, the date at which 99% is automated, S and f at some dates.
CASES: tuple[tuple[dict[str, float], float, dict[float, tuple[float, float]]], ...] = (
    (
        {},
        2033.06453283,
        {
            2026.5: (2.17547322886, 0.482388771903),
            2028: (19.4377335034, 0.768673686064),
            2029.25: (117.704120667, 0.902808025968),
            2032: (2604.01214191, 0.981647302165),
            2040: (3382111.1068, 0.99973201765),
            2070: (10465946047100.0, 0.999999956921),
        },
    ),
    (
        {"difficulty": 0.3},
        2030.10778823,
        {2027: (6.87473333083, 0.622666381902), 2030: (40584.8045504, 0.988585555907), 2070: (1.26058594133e27, 1.0)},
    ),
    (
        {"automation_width": 4.2},
        2038.08362608,
        {2028: (18.2338434497, 0.653721221668), 2035: (25727.9817494, 0.972003542301)},
    ),
)


@pytest.mark.parametrize(("changed", "date", "states"), CASES)
def test_exact_values(changed: dict[str, Any], date: float, states: dict[float, tuple[float, float]]) -> None:
    model = Kwa(**changed)
    assert model.t99_date == pytest.approx(date, abs=1e-7)
    result = simulate(model, time=[when - 2026 for when in states])
    software, share = np.array(list(states.values())).T
    np.testing.assert_allclose(np.exp2(result.doublings), software, rtol=1e-8)
    np.testing.assert_allclose(result.automated_share, share, rtol=1e-8)


def test_the_published_sample() -> None:
    """Their 500 draws, by NumPy's legacy generator with seed 123: five triangular variables each, in this order."""
    generator = np.random.RandomState(123)
    table = ((1.5, 2.85, 4.2), (0.25, 0.375, 0.5), (0.12, 0.235, 0.35), (0.8, 0.9, 1.0), (0.3, 0.65, 1.0))
    draws = np.array([[generator.triangular(*limits) for limits in table] for _ in range(500)]).T
    dates = Kwa(*draws).t99_date
    printed = {0.1: 2030.20, 0.25: 2031.42, 0.5: 2032.76, 0.75: 2034.48, 0.9: 2036.20}
    assert {level: round(float(np.quantile(dates, level)), 2) for level in printed} == printed
    assert (round(dates.min(), 2), round(dates.max(), 2)) == (2028.41, 2040.86)


def test_the_start() -> None:
    result = simulate(Kwa(automated=[0.2, 0.4]), time=[0.0])
    np.testing.assert_allclose(result.pace * np.log(2), np.log(5), rtol=1e-12)
    np.testing.assert_allclose(result.automated_share[:, 0], [0.2, 0.4], rtol=1e-12)
    for ratio in (result.research, result.compute_per_labor, result.weighted_compute_per_labor):
        np.testing.assert_allclose(ratio, 1, rtol=1e-12)


def test_a_date_is_earlier_with_more_automation_and_easier_research() -> None:
    middle = Kwa().t99
    assert Kwa(automated=0.4).t99 < middle
    assert Kwa(automation_width=2.5).t99 < middle
    assert Kwa(returns_to_scale=1.0).t99 < middle
    assert Kwa(difficulty=0.5).t99 < middle
    assert Kwa(returns_to_scale=0.9, difficulty=0.45).returns == 2


def test_what_is_not_reached_says_so() -> None:
    slow = Kwa(automation_width=50)
    assert slow.t99 == np.inf
    result = simulate(slow)
    assert result.outcome == "horizon"
    assert np.isfinite(result.doublings).all()
    with pytest.raises(InvalidValueError, match="at most 44 years: the model ends with 2069"):
        simulate(Kwa(), 45)


def test_the_published_ranges() -> None:
    run = takeoff.scenarios.load("kwa").ensemble(20_000, rows=True)
    rows = run.rows
    assert rows is not None
    # 400,000 draws, with standard errors: 2030.312 (0.004), 2032.893 (0.005), 2036.167 (0.007).
    for level, value, error in ((0.1, 2030.312, 0.004), (0.5, 2032.893, 0.005), (0.9, 2036.167, 0.007)):
        found = float(np.quantile(rows["t99_date"].to_numpy(), level))
        assert abs(found - value) < 4 * error * np.sqrt(1 + 20), (level, found)
    assert run.bands is not None
    assert run.bands["50%"].is_sorted()
