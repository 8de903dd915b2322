"""Frames of any rows, in any order and in any pieces: each row's answers are those of its own call."""

import math
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import takeoff
from takeoff import expr

HORIZON = 1.5
FIELDS: dict[str, st.SearchStrategy[float]] = {
    "r": st.floats(0.05, 20),
    "first_doubling": st.floats(0.01, 2),
    "parallelizability": st.floats(0.05, 1),
    "limit": st.floats(1.5, 60) | st.just(math.inf),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, values in FIELDS.items()}), max_size=7)
SCHEMA = dict.fromkeys(FIELDS, pl.Float64)
BASE = takeoff.GrowthLaw(r=1.5, first_doubling=0.1)


def alone(row: dict[str, float | None]) -> dict[str, Any]:
    """The answers of a row, each from a model of one path; None in all places for a row with a null."""
    if None in row.values():
        names = ("regime", "singular_time", "time_at", "outcome", "doublings_at_horizon", "peak_pace", "ratio")
        return dict.fromkeys(names)
    given_row: dict[str, Any] = row
    law = takeoff.GrowthLaw(**given_row)
    course = takeoff.simulate(law, HORIZON)
    return {
        "regime": law.regime,
        "singular_time": law.singular_time,
        "time_at": law.time_at(5.0),
        "outcome": course.outcome,
        "doublings_at_horizon": float(course.doublings[-1]),
        "peak_pace": course.peak_pace,
        "ratio": takeoff.doubling_ratio_from_returns(given_row["r"], parallelizability=given_row["parallelizability"]),
    }


def together(frame: pl.DataFrame) -> pl.DataFrame:
    outputs = ["regime", "singular_time", "time_at", "outcome", "doublings_at_horizon", "peak_pace"]
    found = takeoff.simulate_frame(frame, BASE, HORIZON, doublings=5.0, outputs=outputs)
    # Nulls of other fields than those that the ratio needs count as well.
    ratio = expr.doubling_ratio("r", parallelizability="parallelizability")
    known = ~pl.any_horizontal(pl.col(*FIELDS).is_null())
    return found.select(*outputs, pl.when(known).then(ratio).alias("ratio"))


@given(rows=ROWS)
def test_each_row_is_as_alone(rows: list[dict[str, float | None]]) -> None:
    found = together(pl.DataFrame(rows, schema=SCHEMA))
    expected = pl.DataFrame([alone(row) for row in rows], schema=found.schema)
    assert_frame_equal(found, expected, check_exact=True)


@given(rows=ROWS, data=st.data())
def test_order_and_pieces_do_not_matter(rows: list[dict[str, float | None]], data: st.DataObject) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA)
    whole = together(frame)
    order = data.draw(st.permutations(range(len(rows))))
    assert_frame_equal(together(frame[order]), whole[order], check_exact=True)
    cut = data.draw(st.integers(0, len(rows)))
    pieces = pl.concat([frame[:cut], frame[cut:]], rechunk=False)
    assert_frame_equal(together(pieces), whole, check_exact=True)
    assert_frame_equal(pl.concat([together(frame[:cut]), together(frame[cut:])]), whole, check_exact=True)


@given(rows=ROWS)
def test_an_expression_is_the_frame_s_answer(rows: list[dict[str, float | None]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA)
    law: dict[str, Any] = {name: name for name in FIELDS}
    by_frame = takeoff.simulate_frame(
        frame, BASE, HORIZON, doublings=5.0, outputs=["singular_time", "time_at", "doublings_at_horizon"]
    )
    by_query = frame.lazy().select(
        expr.singular_time(**law), expr.time_at(5, **law).alias("time_at"), expr.doublings_at(HORIZON, **law)
    )
    found = by_query.rename({"doublings": "doublings_at_horizon"}).collect()
    assert_frame_equal(found, by_frame.drop(*FIELDS), check_exact=True)
