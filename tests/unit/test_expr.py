"""Polars expressions: the numbers of the plain functions in every kind of query, nulls, chunks and errors."""

import math
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

import takeoff
from takeoff import MONTH, GrowthLaw, _core, conversions, expr
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError

Function: TypeAlias = Callable[..., Any]

R = np.array([0.4, 0.7, 1.0, 1.5, 3.0, 2.0])
FRAME = pl.DataFrame(
    {
        "r": R,
        "q": R + 0.7,
        "g": R + 1,
        "x": R * 4,
        "time": R / 5,
        "first": 0.05 + R / 10,
        "toes": [1.0, 0.5, 0.3, 0.9, 1.0, 0.1],
        "limit": [20.0, math.inf, 30.0, 3.0, math.inf, 12.0],
        "group": [0, 1, 0, 1, 0, 1],
    }
)


def law(**fields: Any) -> GrowthLaw:
    columns = {name: FRAME[column].to_numpy() for name, column in fields.items()}
    return GrowthLaw(**{"first_doubling": MONTH} | columns)


def doublings_at(model: GrowthLaw, time: Any) -> Any:
    """Doublings of each path at its own time, from as many simulations."""
    return np.array([takeoff.simulate(model, time=[t]).doublings[i, 0] for i, t in enumerate(time)])


LAW: dict[str, Any] = {"r": "r", "first_doubling": "first", "parallelizability": "toes", "limit": "limit"}
# What an expression must give, the name of its column, and what the plain functions give.
CASES: dict[str, tuple[pl.Expr, str, Callable[[], Any]]] = {
    "returns_from_papers_factor": (
        expr.returns_from_papers_factor("g"),
        "r",
        lambda: takeoff.returns_from_papers_factor(FRAME["g"]),
    ),
    "papers_factor_from_returns": (
        expr.papers_factor_from_returns("r"),
        "papers_factor",
        lambda: takeoff.papers_factor_from_returns(FRAME["r"]),
    ),
    "doubling_ratio_from_papers_factor": (
        expr.doubling_ratio_from_papers_factor("g"),
        "doubling_ratio",
        lambda: takeoff.doubling_ratio_from_papers_factor(FRAME["g"]),
    ),
    "papers_factor_from_doubling_ratio": (
        expr.papers_factor_from_doubling_ratio("q"),
        "papers_factor",
        lambda: takeoff.papers_factor_from_doubling_ratio(FRAME["q"]),
    ),
    "doubling_ratio_from_returns": (
        expr.doubling_ratio_from_returns("r", parallelizability=0.6),
        "doubling_ratio",
        lambda: takeoff.doubling_ratio_from_returns(FRAME["r"], parallelizability=0.6),
    ),
    "doubling_ratio": (
        expr.doubling_ratio(pl.col("r"), parallelizability=pl.col("toes")),
        "doubling_ratio",
        lambda: [
            takeoff.doubling_ratio_from_returns(r, parallelizability=t) for r, t in zip(R, FRAME["toes"], strict=True)
        ],
    ),
    "returns_from_doubling_ratio": (
        expr.returns_from_doubling_ratio(pl.col("q"), parallelizability="toes"),
        "r",
        lambda: [
            takeoff.returns_from_doubling_ratio(q, parallelizability=t)
            for q, t in zip(FRAME["q"], FRAME["toes"], strict=True)
        ],
    ),
    "level_from_doublings": (
        expr.level_from_doublings("x"),
        "level",
        lambda: takeoff.level_from_doublings(FRAME["x"]),
    ),
    "regime": (expr.regime("r"), "regime", lambda: law(r="r").regime),
    "singular_time": (
        expr.singular_time(pl.col("r"), MONTH, parallelizability="toes"),
        "singular_time",
        lambda: law(r="r", parallelizability="toes").singular_time,
    ),
    "singular_time with limits": (expr.singular_time(**LAW), "singular_time", lambda: law(**LAW).singular_time),
    "time_at": (expr.time_at("x", **LAW), "time", lambda: law(**LAW).time_at(FRAME["x"])),
    "time_at of numbers": (
        expr.time_at("x", 1.5, MONTH, limit=40),
        "time",
        lambda: GrowthLaw(1.5, MONTH, limit=40).time_at(FRAME["x"]),
    ),
    "time_at of an abrupt limit": (
        expr.time_at(2.5, "r", MONTH, limit="limit", limit_shape="abrupt"),
        "time",
        lambda: GrowthLaw(R, MONTH, limit=FRAME["limit"], limit_shape="abrupt").time_at(2.5),
    ),
    "doublings_at": (expr.doublings_at("time", **LAW), "doublings", lambda: doublings_at(law(**LAW), FRAME["time"])),
    "doublings_at one time": (
        expr.doublings_at(0.3, "r", first_doubling="first"),
        "doublings",
        lambda: takeoff.simulate(law(r="r", first_doubling="first"), time=[0.3]).doublings[:, 0],
    ),
    "doublings_at of numbers": (
        expr.doublings_at("time", 3, MONTH),
        "doublings",
        lambda: takeoff.simulate(GrowthLaw(3, MONTH), time=np.sort(R) / 5).doublings[np.argsort(np.argsort(R))],
    ),
}
ALL = pytest.mark.parametrize("name", CASES)


def wanted(name: str) -> pl.Series:
    _, output, plain = CASES[name]
    return pl.Series(output, plain())


def test_every_conversion_has_its_expression() -> None:
    assert set(conversions.__all__) < set(expr.__all__)
    assert {name.partition(" ")[0] for name in CASES} == set(expr.__all__)


# ---- the same in every kind of query -------------------------------------------------------------------------------


@ALL
def test_the_numbers_are_those_of_the_plain_functions(name: str) -> None:
    found = FRAME.select(CASES[name][0]).to_series()
    assert_series_equal(found, wanted(name), check_exact=True)


@ALL
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_lazy_queries(name: str, engine: Literal["in-memory", "streaming"]) -> None:
    query = FRAME.lazy().select(CASES[name][0].alias("found"), "r")
    assert query.collect_schema() == {"found": wanted(name).dtype, "r": pl.Float64}
    found = query.collect(engine=engine)
    assert_series_equal(found["found"], wanted(name).alias("found"), check_exact=True)
    # Rows may be taken away before, as the expression is elementwise.
    fewer = query.filter(pl.col("r") > 0.9).collect(engine=engine)
    assert_series_equal(fewer["found"], wanted(name).filter(FRAME["r"] > 0.9).alias("found"), check_exact=True)


@ALL
def test_groups_and_windows(name: str) -> None:
    expression, output, _ = CASES[name]
    whole = FRAME.select("group", wanted(name))
    found = FRAME.group_by("group", maintain_order=True).agg(expression)
    assert_frame_equal(found, whole.group_by("group", maintain_order=True).agg(output), check_exact=True)
    assert_series_equal(FRAME.select(expression.over("group")).to_series(), wanted(name), check_exact=True)
    largest = FRAME.group_by("group", maintain_order=True).agg(expression.max())
    assert_frame_equal(largest, whole.group_by("group", maintain_order=True).agg(pl.col(output).max()))


@ALL
def test_chunks_slices_and_other_numbers(name: str) -> None:
    expression, _, _ = CASES[name]
    parts = pl.concat([FRAME[:2], FRAME[2:3], FRAME[3:]], rechunk=False)
    assert parts["r"].n_chunks() == 3
    assert_series_equal(parts.select(expression).to_series(), wanted(name), check_exact=True)
    assert_series_equal(FRAME[1:4].select(expression).to_series(), wanted(name)[1:4], check_exact=True)
    assert_series_equal(FRAME[::-2].select(expression).to_series(), wanted(name)[::-2], check_exact=True)
    assert_series_equal(FRAME[:1].select(expression).to_series(), wanted(name)[:1], check_exact=True)
    for dtype in (pl.Float32, pl.Decimal(20, 4)):
        rounded = (
            FRAME.cast({pl.Float64: dtype}) if dtype == pl.Float32 else FRAME.with_columns(pl.col("r").cast(dtype))
        )
        again = rounded.cast({dtype: pl.Float64})
        assert_frame_equal(rounded.select(expression), again.select(expression), check_exact=True)


def test_whole_numbers_are_taken() -> None:
    for dtype in (pl.Int8, pl.UInt64, pl.Int128):
        frame = pl.DataFrame({"r": pl.Series([1, 2, None], dtype=dtype)})
        found = frame.select(expr.papers_factor_from_returns("r")).to_series()
        assert found.to_list() == [2.0, takeoff.papers_factor_from_returns(2), None]


@ALL
def test_nulls_stay_null_and_change_nothing_else(name: str) -> None:
    expression, output, _ = CASES[name]
    names = expression.meta.root_names()
    for column in names:
        holes = FRAME.with_columns(
            pl.when(pl.int_range(pl.len()).is_in([1, 4])).then(None).otherwise(column).alias(column)
        )
        expected = wanted(name).to_frame().select(pl.when(holes[column].is_not_null()).then(output)).to_series()
        assert_series_equal(holes.select(expression).to_series(), expected, check_exact=True)
        nothing = FRAME.with_columns(pl.lit(None).alias(column))
        found = nothing.select(expression).to_series()
        assert found.null_count() == FRAME.height
        assert found.dtype == wanted(name).dtype
    # A row with a null is not judged.
    if len(names) > 1:
        bad = FRAME.with_columns(pl.lit(math.nan).alias(names[0]), pl.lit(None).alias(names[1]))
        assert bad.select(expression).to_series().null_count() == FRAME.height


@ALL
def test_no_rows(name: str) -> None:
    expression, output, _ = CASES[name]
    assert FRAME.clear().select(expression).schema == {output: wanted(name).dtype}
    assert FRAME.lazy().clear().select(expression).collect().height == 0


def test_numbers_alone_are_a_constant() -> None:
    frame = FRAME.select("r", expr.doubling_ratio(2.0).alias("q"), expr.regime(0.5), expr.singular_time(3, MONTH))
    assert frame["q"].to_list() == [takeoff.doubling_ratio_from_returns(2.0)] * 6
    assert frame["regime"].to_list() == ["fizzle"] * 6
    assert frame["singular_time"].to_list() == [GrowthLaw(3, MONTH).singular_time] * 6


def test_a_column_of_one_value_stands_for_all_rows() -> None:
    mean = FRAME.select(expr.doubling_ratio(pl.col("r").mean(), parallelizability="toes")).to_series()
    again = FRAME.select(expr.doubling_ratio(float(R.mean()), parallelizability="toes")).to_series()
    assert_series_equal(mean, again, check_exact=True)
    found = FRAME.select(expr.time_at(pl.lit(2.0), "r", pl.lit(None, dtype=pl.Float64))).to_series()
    assert found.to_list() == [None] * 6


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises((ShapeError, pl.exceptions.PolarsError)):
        FRAME.select(expr.time_at(pl.col("x").head(2), "r", MONTH))


def test_results_are_columns_like_others() -> None:
    found = FRAME.with_columns(expr.regime("r"), (expr.singular_time("r", MONTH) / MONTH).round(1).alias("months"))
    assert found.columns == [*FRAME.columns, "regime", "months"]
    assert found.filter(pl.col("regime") == "explosion")["months"].to_list() == [4.8, 2.7, 3.4]


# ---- memory and size -----------------------------------------------------------------------------------------------


def address(values: Any) -> int:
    return int(values.__array_interface__["data"][0])


def test_nothing_is_copied_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    class Engine:
        def __getattr__(self, name: str) -> Any:
            def call(*values: Any) -> Any:
                seen.extend([values[0], getattr(_core, name)(*values)])
                return seen[-1]

            return call

    monkeypatch.setattr(expr, "_core", Engine())
    expression = expr.doubling_ratio("r")
    seen.clear()
    found = FRAME.select(expression).to_series()
    given, result = seen
    assert np.shares_memory(given, FRAME["r"].to_numpy(allow_copy=False))
    assert address(given) == address(FRAME["r"].to_numpy())
    assert address(found.to_numpy(allow_copy=False)) == address(result)


def test_a_million_rows() -> None:
    rows = 1_000_000
    r = 0.5 + np.arange(rows) / rows
    frame = pl.DataFrame({"r": r})
    found = frame.select(
        expr.doubling_ratio("r"), expr.regime("r"), expr.singular_time("r", MONTH), expr.time_at(5, "r", MONTH)
    )
    model = GrowthLaw(r, MONTH)
    assert np.array_equal(found["doubling_ratio"], takeoff.doubling_ratio_from_returns(r))
    assert np.array_equal(found["singular_time"], model.singular_time)
    assert np.array_equal(found["time"], model.time_at(5))
    assert found["regime"].value_counts().sort("regime").rows() == [
        ("explosion", rows // 2 - 1),
        ("exponential", 1),
        ("fizzle", rows // 2),
    ]


# ---- what is refused -----------------------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_bad_row_says_field_value_and_row(name: str, engine: Literal["in-memory", "streaming"]) -> None:
    expression, _, _ = CASES[name]
    for column in expression.meta.root_names():
        bad = FRAME.with_columns(pl.when(pl.int_range(pl.len()) == 3).then(math.nan).otherwise(column).alias(column))
        with pytest.raises(InvalidValueError, match=r"^\w+ must be .*, got nan at index \d \("):
            bad.lazy().select(expression).collect(engine=engine)
        with pytest.raises(InvalidValueError, match=r", got nan at index 3 \("):
            bad.select(expression)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("r", ["1.5"] * 6),
        pl.Series("r", [[1.5]] * 6),
        pl.Series("r", [True] * 6),
        pl.Series("r", [0] * 6).cast(pl.Date),
        pl.Series("r", [0] * 6).cast(pl.Duration),
        pl.Series("r", ["a"] * 6, dtype=pl.Categorical),
        pl.Series("r", [{"r": 1.5}] * 6),
    ],
    ids=lambda column: str(column.dtype),
)
@pytest.mark.parametrize("name", ["papers_factor_from_returns", "doubling_ratio", "regime", "singular_time", "time_at"])
def test_columns_of_another_type_are_refused(name: str, column: pl.Series) -> None:
    with pytest.raises(DtypeError, match=r"^r must be a number or an array of numbers, got a Series of .* \(\w+\.r\)"):
        FRAME.with_columns(column).select(CASES[name][0])


def test_numbers_are_judged_when_the_expression_is_made() -> None:
    calls: dict[str, Callable[[], Any]] = {
        "parallelizability must be > 0 and <= 1.*, got 2.0": lambda: expr.doubling_ratio("r", parallelizability=2),
        "r must be finite and > 0, got nan": lambda: expr.doubling_ratio(math.nan),
        "r must be finite and > 0.*, got -1.0": lambda: expr.regime(-1),
        "first_doubling must be .*, got 0.0": lambda: expr.singular_time("r", 0),
        "limit must be > 1 .*, got 0.5": lambda: expr.time_at("x", "r", MONTH, limit=0.5),
        "doublings must be >= 0, got -1.0": lambda: expr.time_at(-1, "r", MONTH),
        "time must be finite and >= 0 .*, got inf": lambda: expr.doublings_at(math.inf, "r", MONTH),
        "doubling_ratio must be finite and > 2.*, got 0.5": lambda: expr.returns_from_doubling_ratio(0.5),
    }
    for message, call in calls.items():
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            call()
    with pytest.raises(DtypeError, match=r"^first_doubling must be a number .*, got NoneType .*singular_time"):
        expr.singular_time("r", None)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="r must be one number, got an array of shape"):
        expr.doubling_ratio(FRAME["r"])  # type: ignore[arg-type]
    for shape in ("flat", 3, None):
        with pytest.raises(UnknownNameError, match="limit_shape must be one of linear, abrupt, got"):
            expr.time_at("x", "r", MONTH, limit=9, limit_shape=shape)  # type: ignore[arg-type]


def test_a_doubling_ratio_has_the_bound_of_its_row() -> None:
    frame = pl.DataFrame({"q": [0.6, 0.6], "toes": [1.0, 0.5]})
    with pytest.raises(InvalidValueError, match=r"doubling_ratio must be finite and > 2\^-.*, got 0.6 at index 1"):
        frame.select(expr.returns_from_doubling_ratio("q", parallelizability="toes"))


def test_times_beyond_all_measure_are_refused() -> None:
    frame = pl.DataFrame({"t": [1e90, 1.0], "first": [1.0, 1e-90]})
    with pytest.raises(InvalidValueError, match=r"first_doubling must be within 1e100 of the last time.* at index 1"):
        frame.select(expr.doublings_at("t", 1, "first"))
