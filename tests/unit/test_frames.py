"""A model over the rows of a frame: the answers of the direct calls, nulls, kinds of frames and what is refused."""

import datetime
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

import takeoff
from takeoff import (
    CES,
    MONTH,
    Automation,
    DavidsonHoulden,
    GrowthLaw,
    Hardware,
    HumanReaction,
    Retraining,
    ToyModel,
)
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError
from takeoff.frames import simulate_frame
from takeoff.models import MODELS

R = [0.5, 0.8, 1.0, 1.3, 2.5, 4.0]
LIMIT = [10.0, math.inf, 20.0, 25.0, math.inf, 8.0]
FRAME = pl.DataFrame({"name": list("abcdef"), "r": R, "limit": LIMIT, "when": [datetime.date(2025, 3, 1)] * 6})
LAW = GrowthLaw(r=1, first_doubling=MONTH)
HORIZON = 0.8
# The outputs whose place on the result is not their name.
PLACES: dict[str, Callable[[Any], Any]] = {
    "doublings_at_horizon": lambda course: course.doublings[..., -1],
    "pace_at_horizon": lambda course: course.pace[..., -1],
    "brake_at_horizon": lambda course: course.brake[..., -1],
    "most_doublings_in_12_months": lambda course: course.most_doublings(1.0),
    "most_doublings_in_4_months": lambda course: course.most_doublings(4 * MONTH),
    "most_years_in_12_months": lambda course: course.most_years(1.0),
    "most_years_in_4_months": lambda course: course.most_years(4 * MONTH),
    "compresses_3_years_in_12_months": lambda course: course.compresses(3, 1.0),
    "compresses_3_years_in_4_months": lambda course: course.compresses(3, 4 * MONTH),
    "compresses_10_years_in_12_months": lambda course: course.compresses(10, 1.0),
    "compresses_10_years_in_4_months": lambda course: course.compresses(10, 4 * MONTH),
}
# A model of one path, columns of its fields, and the same model of as many paths made directly.
CASES: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "growth law": (LAW, {"r": R, "limit": LIMIT}, GrowthLaw(R, MONTH, limit=LIMIT)),
    "law with compute": (
        GrowthLaw(2, MONTH, limit=30, effort=CES(0.5, elasticity=0.7)),
        {"effort.rho": [-2.0, -1, -0.5, 0, 0.3, 0.5], "effort.labor_share": [0.1, 0.3, 0.5, 0.7, 0.8, 0.9]},
        GrowthLaw(2, MONTH, limit=30, effort=CES([0.1, 0.3, 0.5, 0.7, 0.8, 0.9], rho=[-2.0, -1, -0.5, 0, 0.3, 0.5])),
    ),
    "law with hardware": (
        GrowthLaw(0.7, MONTH, hardware=Hardware(0.5, changes=[(0.2, 1.0), (0.6, math.inf)])),
        {"r": R, "hardware.changes[1].time": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8], "hardware.doubling_time": [0.5] * 6},
        GrowthLaw(R, MONTH, hardware=Hardware([0.5] * 6, changes=[(0.2, 1.0), (np.arange(3, 9) / 10, math.inf)])),
    ),
    "law with people": (
        GrowthLaw(1.5, MONTH, automation=Automation(0.2, 6, 10)),
        {"automation.start": [0.0, 0.1, 0.2, 0.3, 0.5, 0.9], "parallelizability": [0.3, 0.4, 0.5, 0.6, 0.9, 1.0]},
        GrowthLaw(
            1.5, MONTH, [0.3, 0.4, 0.5, 0.6, 0.9, 1], automation=Automation([0.0, 0.1, 0.2, 0.3, 0.5, 0.9], 6, 10)
        ),
    ),
    "toy": (
        ToyModel(agis=2),
        {"papers_factor": [1.2, 1.5, 1.9, 2, 2.5, 3]},
        ToyModel(agis=2, papers_factor=[1.2, 1.5, 1.9, 2, 2.5, 3]),
    ),
    "training runs": (
        Retraining(LAW, first_run=2 * MONTH),
        {"law.r": R, "speed_share": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]},
        Retraining(GrowthLaw(R, MONTH), 2 * MONTH, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
    ),
    "reaction": (
        HumanReaction(GrowthLaw(1.2, MONTH, effort=CES(0.5, 0.2)), target_pace=24, gain=20),
        {"law.r": R, "law.effort.rho": [0.2, 0.1, 0.3, 0.2, 0.1, 0.4], "lag": [0.0, 0.02, 0.05, 0.1, 0.2, 0.3]},
        HumanReaction(
            GrowthLaw(R, MONTH, effort=CES(0.5, [0.2, 0.1, 0.3, 0.2, 0.1, 0.4])),
            24,
            20,
            [0.0, 0.02, 0.05, 0.1, 0.2, 0.3],
        ),
    ),
    "recursion": (
        DavidsonHoulden(1.2, 8, 11, 0.3),
        {"r": R, "software_share": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]},
        DavidsonHoulden(R, 8, 11, 0.3, [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]),
    ),
}
ALL = pytest.mark.parametrize("name", CASES)


def outputs_by_need(model: Any) -> dict[str, list[str]]:
    """Outputs that the rows of a frame are given without being asked for, by the argument that they need."""
    groups: dict[str, list[str]] = {}
    for name, output in model.spec.outputs.items():
        if output.offer != "named" and output.along in (None, "time", "doublings", "multiple"):
            groups.setdefault(output.along or ("horizon" if output.horizon else ""), []).append(name)
    return groups


def has(model: Any, need: str) -> bool:
    return need in outputs_by_need(model)


def everything(model: Any) -> dict[str, Any]:
    """The arguments for all outputs of a model, over times where it takes them."""
    times = {"time": [0.0, 0.1, HORIZON]} if has(model, "time") else {"horizon": HORIZON}
    doublings = {"doublings": [0.0, 1.0, 6.0]} if has(model, "doublings") else {}
    return times | doublings | ({"multiple": 3.0} if has(model, "multiple") else {})


def direct(output: str, model: Any, arguments: dict[str, Any]) -> Any:
    """The answer of the model or its trajectory."""
    if output in outputs_by_need(model)[""]:
        return getattr(model, output)
    if output == "time_at":
        return np.stack([model.time_at(x) for x in arguments["doublings"]], axis=-1)
    given = {name: value for name, value in arguments.items() if name in {"horizon", "time"}}
    course = takeoff.simulate(model, **given)
    if output == "doublings_at":
        return course.doublings
    if output == "threshold_time":
        return course.threshold_time(arguments["multiple"])
    return PLACES[output](course) if output in PLACES else getattr(course, output)


def test_every_model_has_outputs() -> None:
    for kind in MODELS.values():
        for output in (output for group in outputs_by_need(kind).values() for output in group):
            assert kind.spec.outputs[output].label
            assert kind.spec.outputs[output].help.endswith(".")


# ---- the answers ---------------------------------------------------------------------------------------------------


@ALL
def test_the_answers_are_those_of_the_direct_calls(name: str) -> None:
    model, columns, same = CASES[name]
    arguments = everything(model)
    found = simulate_frame(pl.DataFrame({"id": range(6)} | columns), model, **arguments)
    outputs = [output for group in outputs_by_need(model).values() for output in group]
    assert found.columns == ["id", *columns, *outputs]
    for output in outputs:
        expected = pl.Series(output, np.asarray(direct(output, same, arguments)))
        assert_series_equal(found[output], expected, check_exact=True)


@ALL
def test_a_horizon_gives_what_a_finer_course_gives(name: str) -> None:
    model, columns, same = CASES[name]
    found = simulate_frame(pl.DataFrame(columns), model, HORIZON)
    for output in outputs_by_need(model)["horizon"]:
        expected = pl.Series(output, np.asarray(direct(output, same, {"horizon": HORIZON})))
        assert_series_equal(found[output], expected, check_exact=True)


@ALL
def test_one_output_is_as_among_all(name: str) -> None:
    model, columns, _ = CASES[name]
    frame, arguments = pl.DataFrame(columns), everything(model)
    whole = simulate_frame(frame, model, **arguments)
    times = {key: arguments[key] for key in ("horizon", "time") if key in arguments}
    for need, outputs in outputs_by_need(model).items():
        given = {"": {}, "doublings": {"doublings": arguments.get("doublings")}}.get(need, times)
        given = given | ({"multiple": 3.0} if need == "multiple" else {})
        for output in outputs:
            one = simulate_frame(frame, model, outputs=output, **given)
            assert_frame_equal(one, whole.select(*columns, output), check_exact=True)
        backwards = simulate_frame(frame, model, outputs=outputs[::-1], **given)
        assert backwards.columns == [*columns, *outputs[::-1]]


@ALL
def test_nulls_make_a_row_null_and_change_no_other(name: str) -> None:
    model, columns, _ = CASES[name]
    arguments = everything(model)
    frame = pl.DataFrame(columns)
    whole = simulate_frame(frame, model, **arguments)
    holes = frame.with_columns(
        pl.when(pl.int_range(6) != k + 1).then(column).alias(column) for k, column in enumerate(columns)
    )
    whole_rows = pl.Series(not 1 <= k <= len(columns) for k in range(6))
    found = simulate_frame(holes, model, **arguments)
    outputs = whole.drop(columns)
    expected = outputs.select(pl.when(whole_rows).then(pl.all()))
    assert_frame_equal(found.drop(columns), expected, check_exact=True)
    nothing = simulate_frame(frame.with_columns(pl.lit(None).alias(next(iter(columns)))), model, **arguments)
    assert nothing.drop(columns).schema == outputs.schema
    assert nothing.drop(columns).null_count().row(0) == (6,) * outputs.width


@ALL
def test_no_rows_one_row_and_pieces(name: str) -> None:
    model, columns, _ = CASES[name]
    arguments, frame = everything(model), pl.DataFrame(columns)
    whole = simulate_frame(frame, model, **arguments)
    assert_frame_equal(simulate_frame(frame.clear(), model, **arguments), whole.clear())
    assert_frame_equal(simulate_frame(frame[2:3], model, **arguments), whole[2:3], check_exact=True)
    pieces = pl.concat([frame[:1], frame[1:4], frame[4:]], rechunk=False)
    assert pieces.n_chunks() == 3
    assert_frame_equal(simulate_frame(pieces, model, **arguments), whole, check_exact=True)
    assert_frame_equal(simulate_frame(frame[::-1], model, **arguments), whole[::-1], check_exact=True)


@ALL
def test_threads_change_no_bit(name: str) -> None:
    model, columns, _ = CASES[name]
    whole = simulate_frame(pl.DataFrame(columns), model, **everything(model), threads=1)
    for threads in (2, 3, 7):
        again = simulate_frame(pl.DataFrame(columns), model, **everything(model), threads=threads)
        assert_frame_equal(again, whole, check_exact=True)


def test_threads_are_those_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from takeoff import _arrays

    monkeypatch.delenv("TAKEOFF_THREADS", raising=False)
    assert _arrays.policy()["threads"] is None
    with _arrays.using_threads(3):
        assert _arrays.policy()["threads"] == 3
        assert _arrays.policy(2)["threads"] == 2
        monkeypatch.setenv("TAKEOFF_THREADS", "5")
        assert _arrays.policy()["threads"] == 3
    assert _arrays.policy()["threads"] == 5
    with pytest.raises(InvalidValueError, match="threads must be an integer from 1"):
        simulate_frame(FRAME, LAW, threads=0)


# ---- frames --------------------------------------------------------------------------------------------------------


def test_other_columns_are_kept_as_they_are() -> None:
    found = simulate_frame(FRAME, LAW, doublings=3)
    assert_frame_equal(found.select(FRAME.columns), FRAME)
    assert found.schema == FRAME.schema | {
        "regime": pl.String,
        "criticality": pl.Float64,
        "singular_time": pl.Float64,
        "limit_time": pl.Float64,
        "time_at": pl.Float64,
    }
    for name in FRAME.columns[1:3]:
        assert np.shares_memory(found[name].to_numpy(), FRAME[name].to_numpy())


def test_one_number_gives_numbers_and_several_give_arrays() -> None:
    one = simulate_frame(FRAME, LAW, doublings=3, outputs="time_at")["time_at"]
    several = simulate_frame(FRAME, LAW, doublings=[3], outputs=["time_at"])["time_at"]
    assert one.dtype == pl.Float64
    assert several.dtype == pl.Array(pl.Float64, 1)
    assert_series_equal(several.arr.get(0), one, check_exact=True)
    times = simulate_frame(FRAME, LAW, time=[0.1, 0.2], outputs=["doublings_at", "outcome"])
    assert times["doublings_at"].dtype == pl.Array(pl.Float64, 2)


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt32, pl.Float32, pl.Decimal(10, 2), pl.Int128])
def test_other_numbers_are_taken(dtype: Any) -> None:
    whole = pl.DataFrame({"r": [1, 2, 3, None]})
    found = simulate_frame(whole.cast(dtype), LAW, outputs="singular_time")
    expected = simulate_frame(whole.cast(pl.Float64), LAW, outputs="singular_time")
    assert_series_equal(found["singular_time"], expected["singular_time"], check_exact=True)


class Foreign:
    """A table of another library, of which only the Arrow data are known."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


def test_tables_of_other_libraries_are_taken() -> None:
    found = simulate_frame(Foreign(FRAME), LAW, HORIZON)
    assert_frame_equal(found, simulate_frame(FRAME, LAW, HORIZON), check_exact=True)


@pytest.mark.parametrize("within", [FRAME["r"], 3], ids=["one column", "no Arrow data"])
def test_what_is_no_table_after_all_is_refused(within: Any) -> None:
    with pytest.raises(DtypeError, match=r"frame must be a polars DataFrame .*, got Foreign that cannot be read: "):
        simulate_frame(Foreign(within), LAW)


def test_frames_of_results_can_be_used_again() -> None:
    once = simulate_frame(FRAME, LAW, HORIZON)
    twice = simulate_frame(once, LAW, outputs="time_at", doublings=2)
    assert twice.columns == [*once.columns, "time_at"]


@pytest.mark.parametrize("rows", [50_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_many_rows(rows: int) -> None:
    r = 0.5 + 2 * np.arange(rows) / rows
    limit = np.where(np.arange(rows) % 2, 30.0, math.inf)
    found = simulate_frame(pl.DataFrame({"r": r, "limit": limit}), LAW, HORIZON)
    course = takeoff.simulate(GrowthLaw(r, MONTH, limit=limit), HORIZON, points=2)
    assert np.array_equal(found["doublings_at_horizon"], course.doublings[:, -1])
    assert np.array_equal(found["peak_pace"], course.peak_pace)
    assert np.array_equal(found["outcome"] == "singular", course.singular_time <= HORIZON)


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "column", "meant"),
    [
        (LAW, "first_doublings", "first_doubling"),
        (LAW, "first_doubling_years", "first_doubling"),
        (LAW, "First doubling", "first_doubling"),
        (LAW, "paralelizability", "parallelizability"),
        (CASES["law with compute"][0], "effort_rho", "effort.rho"),
        (CASES["law with compute"][0], "labor_share", "effort.labor_share"),
        (CASES["law with hardware"][0], "hardware_changes_0_time_years", "hardware.changes[0].time"),
        (CASES["training runs"][0], "first_run_months", "first_run"),
        (CASES["training runs"][0], "R", "law.r"),
        (CASES["reaction"][0], "lag_days", "lag"),
        (CASES["reaction"][0], "target_pace_doublings_per_year", "target_pace"),
        (CASES["toy"][0], "paper_factor", "papers_factor"),
    ],
)
def test_a_near_miss_is_refused_where_the_field_has_no_column(model: Any, column: str, meant: str) -> None:
    other = next(name for name in model._numeric if name not in {meant, "hardware.changes[1].time"})
    frame = pl.DataFrame({other: [float(model._numeric[other])], column: ["anything"]})
    with pytest.raises(InvalidValueError) as caught:
        simulate_frame(frame, model)
    assert f"rename it to {meant!r}" in str(caught.value)
    assert f", got {column!r} (" in str(caught.value)
    exact = frame.with_columns(pl.lit(float(model._numeric[meant])).alias(meant))
    assert simulate_frame(exact, model, outputs="regime").height == 1


@pytest.mark.parametrize(
    "column", ["id", "name", "year", "or", "rr", "limit_time", "time", "level", "doubling_ratio", "flag", "r2", "er"]
)
def test_other_names_are_no_near_miss(column: str) -> None:
    frame = FRAME.select("r", pl.lit(None).alias(column))
    assert simulate_frame(frame, LAW, outputs="regime").columns == ["r", column, "regime"]


@pytest.mark.parametrize("column", ["effort.rho", "hardware.doubling_time", "limit_shape", "effort", "limit.years"])
def test_a_column_of_a_part_that_the_model_lacks_is_refused(column: str) -> None:
    with pytest.raises(UnknownNameError, match=f"must be one of r, first_doubling, .*, got '{column}'"):
        simulate_frame(FRAME.with_columns(pl.lit(0.5).alias(column)), LAW)


@pytest.mark.parametrize("frame", [pl.DataFrame(), pl.DataFrame({"id": [1]}), pl.DataFrame({"id": []})], ids=str)
def test_a_frame_without_fields_is_refused(frame: pl.DataFrame) -> None:
    with pytest.raises(InvalidValueError, match=r"frame must be a frame with a column for a field of the model \(r, "):
        simulate_frame(frame, LAW)


@pytest.mark.parametrize("given", [FRAME.lazy(), FRAME["r"], {"r": [1.0]}, None, np.ones(3), [FRAME]], ids=type)
def test_what_is_no_frame_is_refused(given: Any) -> None:
    with pytest.raises(DtypeError, match=r"frame must be a polars DataFrame \(collect a LazyFrame first\)"):
        simulate_frame(given, LAW)


@ALL
def test_a_bad_row_says_field_value_and_row(name: str) -> None:
    model, columns, _ = CASES[name]
    for column in columns:
        bad = pl.DataFrame(columns).with_columns(
            pl.when(pl.int_range(6) != 4).then(column).otherwise(math.nan).alias(column)
        )
        field = "changes|time" if "[" in column else column.rpartition(".")[2]
        with pytest.raises(InvalidValueError, match=rf"^({field}) must be .*, got nan at index 4 \("):
            simulate_frame(bad, model)


@pytest.mark.parametrize("values", [["1"], [[1.0]], [True], [datetime.date(2025, 3, 1)], [{"r": 1.0}]], ids=repr)
def test_columns_of_another_type_are_refused(values: Any) -> None:
    with pytest.raises(DtypeError, match=r"^r must be a number .*, got a Series of .* \(GrowthLaw.r\)"):
        simulate_frame(pl.DataFrame({"r": values}), LAW)


@pytest.mark.parametrize(
    ("model", "output", "hint"),
    [(LAW, "behaviour", ""), (LAW, "outcomes", "'outcome'"), (ToyModel(), "time_at", ""), (ToyModel(), "", "")],
)
def test_unknown_outputs_are_refused(model: Any, output: str, hint: str) -> None:
    frame = pl.DataFrame({"r" if model is LAW else "agis": [1.0]})
    with pytest.raises(UnknownNameError, match=f"outputs of a {type(model).__name__} must be one of regime.*{hint}"):
        simulate_frame(frame, model, HORIZON, outputs=["regime", output])


def test_outputs_need_their_arguments_and_arguments_their_outputs() -> None:
    refused: dict[str, dict[str, Any]] = {
        "horizon must be given for the output 'outcome', got None": {"outputs": "outcome"},
        "time must be given for the output 'doublings_at'": {"outputs": "doublings_at", "horizon": 1},
        "doublings must be given for the output 'time_at'": {"outputs": ["time_at"]},
        "multiple must be given for the output 'threshold_time'": {"outputs": ["threshold_time"], "horizon": 1},
        "horizon must be given, or time": {"outputs": ["threshold_time"], "multiple": 2},
        "time must be left out, as no output": {"outputs": "regime", "time": [1]},
        "doublings must be left out, as no output": {"outputs": ["outcome"], "horizon": 1, "doublings": 3},
        "multiple must be left out, as no output": {"outputs": ["outcome"], "horizon": 1, "multiple": 3},
        "horizon must be left out when time is given": {"horizon": 1, "time": [1]},
        "outputs must be one name or more, each once": {"outputs": []},
        "outputs must be one name or more, each once, got": {"outputs": ["regime", "regime"]},
        "multiple must be > 0": {"horizon": 1, "multiple": 0},
        "doublings must be >= 0, got -1.0": {"doublings": -1},
        "doublings must be >= 0, got nan at index 1": {"doublings": [1, math.nan]},
        "horizon must be finite and > 0": {"horizon": -1},
        "time must be .*ascending": {"time": [2, 1]},
    }
    for message, arguments in refused.items():
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            simulate_frame(FRAME, LAW, **arguments)
    for outputs in (3, {"regime"}, [1], b"regime", [["regime"]]):
        with pytest.raises(DtypeError, match="outputs must be a name or a list of names"):
            simulate_frame(FRAME, LAW, outputs=outputs)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="time must be left out for a ToyModel"):
        simulate_frame(pl.DataFrame({"agis": [1]}), ToyModel(), time=[1])
    with pytest.raises(ShapeError, match="doublings must have one axis"):
        simulate_frame(FRAME, LAW, doublings=[[1, 2]])


def test_a_horizon_that_no_output_needs_changes_nothing() -> None:
    assert_frame_equal(simulate_frame(FRAME, LAW, 1, outputs="regime"), simulate_frame(FRAME, LAW, outputs="regime"))


def test_an_output_does_not_replace_a_column() -> None:
    with pytest.raises(
        InvalidValueError, match=r"outputs must be names that the frame does not have yet .*, got 'regime'"
    ):
        simulate_frame(FRAME.with_columns(regime=1), LAW)


def test_a_model_of_several_paths_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"model must be of one path, got shape \(2,\)"):
        simulate_frame(FRAME, GrowthLaw([1, 2], MONTH))
    with pytest.raises(DtypeError, match="model must be a GrowthLaw or ToyModel"):
        simulate_frame(FRAME, "growth_law")  # type: ignore[arg-type]
