"""Copies, researchers and labor that the hardware of a training run amounts to."""

import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import takeoff
from takeoff import MONTH, Workforce
from takeoff.errors import DtypeError, InvalidValueError, ShapeError

FRONTIER = Workforce(1e26, 2 * MONTH)
GOOD: dict[str, Any] = {
    "training_compute": 1e26,
    "run_length": 0.2,
    "model_size": 1e12,
    "words_per_second": 10,
    "tokens_per_word": 1.5,
    "thinking_overhead": 100,
    "researchers": 1e5,
}


def positive(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(math.log10(low), math.log10(high)).map(lambda power: 10.0**power)


def test_a_frontier_run_of_2025() -> None:
    # Eth & Davidson (2025), p. 15: "hundreds of thousands of copies", "about ten words per second"; footnote 38: 1e26.
    assert 1e5 < FRONTIER.copies < 1e6
    seconds = 365.25 * 86400 / 6
    assert FRONTIER.parameters == pytest.approx(math.sqrt(1e26 / 120), rel=1e-15)
    by_hand = 1e26 / seconds / (2 * math.sqrt(1e26 / 120)) / (10 * 4 / 3)
    assert FRONTIER.copies == pytest.approx(by_hand, rel=1e-14)
    assert FRONTIER.ai_labor == pytest.approx(by_hand / 3e5, rel=1e-14)
    # Epoch AI: 2.1e26 FLOP for GPT-4.5 and 4.64e26 for Grok 3; runs of two and of four months.
    others = Workforce([2.1e26, 4.64e26], [[2 * MONTH], [4 * MONTH]]).copies
    np.testing.assert_allclose(others / 1e6, [[1.13, 1.68], [0.57, 0.84]], atol=0.005)


def test_ten_million_slow_thinkers_are_a_few_thousand_people() -> None:
    many = FRONTIER.compute_for(1e7)
    slow = dataclasses.replace(FRONTIER, training_compute=many, thinking_overhead=[1e3, 3e3, 1e4])  # p. 16
    assert slow.copies[0] == pytest.approx(1e7, rel=1e-14)
    np.testing.assert_allclose(slow.researcher_equivalents, [1e4, 1e7 / 3e3, 1e3], rtol=1e-14)


@given(z=positive(1e-6, 1e20))
def test_z_times_the_compute_runs_the_root_of_z_copies(z: float) -> None:  # footnote 16
    more = dataclasses.replace(FRONTIER, training_compute=1e26 * z)
    assert more.copies / FRONTIER.copies == pytest.approx(math.sqrt(z), rel=1e-12)
    assert more.parameters / FRONTIER.parameters == pytest.approx(math.sqrt(z), rel=1e-12)
    fixed = Workforce([1e26, 1e26 * z], 2 * MONTH, model_size=1e12)
    assert fixed.copies[1] / fixed.copies[0] == pytest.approx(z, rel=1e-12)


@given(
    compute=positive(1e12, 1e30),
    length=positive(1e-6, 1e3),
    speed=positive(1e-3, 1e6),
    size=st.none() | positive(1e6, 1e20),
)
def test_compute_and_copies_are_inverse(compute: float, length: float, speed: float, size: float | None) -> None:
    some = Workforce(compute, length, model_size=size, words_per_second=speed)
    assert some.compute_for(some.copies) == pytest.approx(compute, rel=1e-11)
    assert some.tokens_per_second * some.flop_per_token == pytest.approx(some.flop_per_second, rel=1e-12)


def test_fields_broadcast() -> None:
    some = Workforce([1e25, 1e26], 2 * MONTH, thinking_overhead=[[1.0], [10.0], [100.0]])
    assert some.shape == some.copies.shape == some.flop_per_second.shape == (3, 2)
    assert some.frame.height == 6
    assert some.frame["ai_labor"].to_list() == some.ai_labor.reshape(-1).tolist()
    assert some.ai_labor[1, 1] == Workforce(1e26, 2 * MONTH, thinking_overhead=10).ai_labor
    assert some.compute_for([1, 2]).shape == (3, 2)
    with pytest.raises(ValueError, match="read-only"):
        some.copies[0, 0] = 1
    assert pickle.loads(pickle.dumps(some)) == some  # noqa: S301
    assert FRONTIER.frame.columns[:2] == ["training_compute_flop", "run_length_years"]


def test_it_feeds_automation_and_is_cited() -> None:
    people = takeoff.Automation(start=0.5, full_at=3, ai_labor=FRONTIER.ai_labor)
    assert takeoff.GrowthLaw(r=1, first_doubling=1, automation=people).regime == "exponential"
    assert "Hoffmann" in takeoff.citation(FRONTIER)


@pytest.mark.parametrize("field", GOOD)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, 0.0, 1e70, [1.0, math.nan]])
def test_values_out_of_range_are_named(field: str, bad: Any) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{field} must be from .*\(Workforce\.{field}\)$"):
        Workforce(**(GOOD | {field: bad}))


@pytest.mark.parametrize("field", GOOD)
def test_other_things_are_refused(field: str) -> None:
    others: list[Any] = ["1e26", True, 1j, {}, [None]]
    for bad in others:
        with pytest.raises(DtypeError, match=f"Workforce.{field}"):
            Workforce(**(GOOD | {field: bad}))
    ragged: list[Any] = [[1.0], [1.0, 2.0]]
    for empty in ([], ragged):
        with pytest.raises(ShapeError, match=field):
            Workforce(**(GOOD | {field: empty}))
    if field != "model_size":
        with pytest.raises(DtypeError, match=field):
            Workforce(**(GOOD | {field: None}))


def test_the_copies_wanted_are_checked() -> None:
    for bad in (0, -1, math.nan, math.inf, 1e31):
        with pytest.raises(InvalidValueError, match=r"compute_for\.copies"):
            FRONTIER.compute_for(bad)
    with pytest.raises(ShapeError, match="broadcast"):
        Workforce([1e25, 1e26], 1).compute_for([1, 2, 3])
    extreme = Workforce(1, 1e6, model_size=1e30, words_per_second=1e12, tokens_per_word=1e3, thinking_overhead=1e15)
    assert np.isfinite([extreme.compute_for(1e30), extreme.researcher_equivalents]).all()
