"""The datasets: what they hold, that every row says where it is from, and that they agree with one another."""

import math
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from takeoff import datasets
from takeoff.errors import UnknownNameError
from takeoff.growth_rates import doubling_time, yearly_factor, yearly_rate
from takeoff.units import DAY, MONTH

NAMES = (
    "conference_attendance",
    "domain_authors",
    "efficiency_doubling_times",
    "growth_factors",
    "hardware_returns",
    "returns_adjustments",
    "returns_estimates",
    "returns_posteriors",
    "workforce_and_compute",
)


def figure(quantity: str) -> dict[str, Any]:
    return datasets.load("workforce_and_compute").row(by_predicate=pl.col("quantity") == quantity, named=True)


def raw(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("takeoff.datasets").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def test_names_are_sorted_and_public() -> None:
    assert datasets.names() == NAMES
    assert set(datasets.__all__) == {"load", "names", "source"}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_its_provenance(name: str) -> None:
    frame = datasets.load(name)
    assert frame.height > 0
    paper = frame["publication"][0] == "Eth & Davidson (2025)"
    for column in ("publication", "place", "unit", *(["printed"] if paper else [])):
        values = frame[column].to_list()
        assert all(isinstance(value, str) and value.strip() for value in values), column
    assert frame["publication"].n_unique() == 1
    assert frame["publication"][0] in raw("_sources")
    assert frame["place"].str.contains(r"\bpp?\. \d+|footnote \d+|Table \d" if paper else r"\bcell \d").all()


@pytest.mark.parametrize("name", NAMES)
def test_no_key_of_a_row_is_lost(name: str) -> None:
    content = raw(name)
    assert all(set(row) <= set(content["columns"]) for row in content["rows"])
    assert datasets.load(name).height == len(content["rows"])
    assert set(content["columns"]) <= set(datasets.load(name).columns)


@pytest.mark.parametrize("name", NAMES)
def test_columns_are_snake_case_and_typed(name: str) -> None:
    frame = datasets.load(name)
    assert all(column.isidentifier() and column == column.lower() for column in frame.columns)
    assert set(frame.dtypes) <= {pl.Float64(), pl.Int64(), pl.String()}
    numbers = frame.select(pl.col(pl.Float64))
    assert numbers.width > 0
    for column in numbers:
        assert not column.is_nan().any()
        assert (column.drop_nulls() >= 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_ranges_are_ordered(name: str) -> None:
    frame = datasets.load(name)
    for low in (column for column in frame.columns if column.endswith(("low", "low_years"))):
        high = low.replace("low", "high")
        middle = low.replace("_low", "") if low != "low" else "value"
        assert (frame[low] < frame[high]).fill_null(value=True).all()
        if middle in frame.columns:
            assert (frame[low] <= frame[middle]).fill_null(value=True).all()
            assert (frame[middle] <= frame[high]).fill_null(value=True).all()
    if "start_year" in frame.columns:
        assert (frame["start_year"] < frame["end_year"]).fill_null(value=True).all()


@pytest.mark.parametrize("name", NAMES)
def test_source_has_all_citations(name: str) -> None:
    text = datasets.source(name)
    citations = raw("_sources")
    squeezed = " ".join(text.split())
    assert " ".join(citations[datasets.load(name)["publication"][0]].split()) in squeezed
    studies = {key for cell in datasets.load(name)["original_study"].drop_nulls() for key in cell.split("; ")}
    for key in studies:
        assert " ".join(citations[key].split()) in squeezed
    for column in datasets.load(name).columns:
        assert f"\n  {column} (" in text


def test_every_citation_is_used() -> None:
    used = {"Eth & Davidson (2025)"}
    for name in NAMES:
        used |= {key for cell in datasets.load(name)["original_study"].drop_nulls() for key in cell.split("; ")}
    assert used == set(raw("_sources"))


def test_a_changed_frame_changes_no_other() -> None:
    frame = datasets.load("returns_estimates")
    frame[0, "r"] = 99.0
    assert datasets.load("returns_estimates")["r"][0] == 1.4


@pytest.mark.parametrize("take", [datasets.load, datasets.source])
def test_unknown_name(take: Callable[[str], object]) -> None:
    with pytest.raises(
        UnknownNameError, match=r"dataset must be one of conference_attendance, .*did you mean"
    ) as caught:
        take("returns_estimate")
    assert isinstance(caught.value, ValueError)
    assert "'returns_estimates'" in str(caught.value)
    for given in ("_sources", "../units", "", "returns_estimates.toml"):
        with pytest.raises(UnknownNameError):
            take(given)


def test_files_are_those_of_the_names() -> None:
    folder = Path(str(resources.files("takeoff.datasets")))
    assert {file.stem for file in folder.glob("*.toml")} == {*NAMES, "_sources"}


def test_table_1() -> None:
    table = datasets.load("efficiency_doubling_times")
    printed = {
        ("image recognition", 1): 15 * MONTH,
        ("image recognition", 2): 16 * MONTH,
        ("image recognition", 3): 9 * MONTH,
        ("language translation", 1): 4 * MONTH,
        ("language translation", 2): 6 * MONTH,
        ("game playing", 1): 4 * MONTH,
        ("game playing", 2): 25 * DAY,
        ("game playing", 3): (10 * MONTH, 18 * MONTH),
        ("large language models", 1): 8 * MONTH,
        ("large language models", 2): 3.6 * MONTH,
        ("algorithms writ large", 1): (None, math.inf),
        ("algorithms writ large", 2): (1.0, 3.0),
        ("algorithms writ large", 3): (0.0, 1.0),
    }
    found = {
        (row["domain"], row["result"]): row["doubling_time_years"]
        if row["doubling_time_years"] is not None
        else (row["doubling_time_low_years"], row["doubling_time_high_years"])
        for row in table.iter_rows(named=True)
    }
    assert found == printed
    llm = table.row(by_predicate=(pl.col("domain") == "large language models") & (pl.col("result") == 1), named=True)
    assert (llm["doubling_time_low"], llm["doubling_time_high"], llm["unit"]) == (5.0, 14.0, "months")
    assert llm["interval"] == "95% confidence interval"
    assert table["class_share"].sum() == 1.0


def test_table_4() -> None:
    table = datasets.load("returns_estimates")
    assert table.select("domain", "r").rows() == [
        ("image recognition", 1.4),
        ("computer chess", 0.8),
        ("RL training data efficiency", 1.6),
        ("SAT solvers", 3.5),
        ("linear programming", 1.1),
        ("algorithms in general", 4.0),
    ]
    assert table.select("r_low", "r_high").rows()[0] == (0.8, 2.4)
    assert table["r_low"].null_count() == 5


def test_hardware_returns() -> None:
    table = datasets.load("hardware_returns")
    assert table.select("r", "start_year", "end_year").rows() == [(7.0, None, None), (5.0, 2006, 2022)]


def test_adjustments_lead_to_the_best_guess() -> None:
    table = datasets.load("returns_adjustments")
    rows = {row["step"]: row for row in table.iter_rows(named=True)}
    assert (rows["best guess"]["low"], rows["best guess"]["high"]) == (1.0, 4.0)
    assert (rows["best guess on constant hardware"]["low"], rows["best guess on constant hardware"]["high"]) == (0.5, 2)
    assert (rows["forecast"]["low"], rows["forecast"]["high"]) == (0.3, 0.6)
    # an r of about 1 from efficiency alone, times up to 2 and again up to 2, is the best guess of up to 4
    both = rows["multiplicative sources"]["high"] * rows["capability improvements"]["high"]
    assert rows["best guess"]["low"] * both == rows["best guess"]["high"]


def test_attendance_bounds_are_implied() -> None:
    table = datasets.load("conference_attendance")
    total, largest, individuals, world = table.iter_rows(named=True)
    assert (total["people"], largest["people"]) == (63_000, 16_000)
    assert (individuals["people_low"], individuals["people_high"]) == (largest["people"], total["people"])
    assert world["people_low"] > individuals["people_high"]


def test_growth_factors_give_what_the_paper_derives() -> None:
    for row in datasets.load("growth_factors").iter_rows(named=True):
        factor, span, slack = row["factor"], row["span_years"], row["span_uncertainty_years"]
        match row["derived_unit"]:
            case "months":
                # whole years: start and end are each uncertain by half a year, so the span by a year at most
                low, high = (doubling_time(factor, span + side * slack) / MONTH for side in (-1, 1))
                assert low <= row["derived"] <= high
            case "percent per year":
                assert row["derived_low"] <= 100 * yearly_rate(factor, span) <= row["derived_high"]
            case "factor per year":
                assert yearly_factor(factor, span) == row["derived"]
            case "doublings per year":
                assert 1 / doubling_time(factor, span) == row["derived"]
            case unit:
                assert unit in {None, "r", "factor on r"}
                assert (unit is None) == (row["derived"] is None)


def test_spans_are_the_years_between() -> None:
    table = datasets.load("growth_factors").filter(pl.col("span_uncertainty_years") > 0)
    assert table.height == 5
    assert (table["end_year"] - table["start_year"] == table["span_years"]).all()


def test_growth_factors_multiply_to_64() -> None:
    table = datasets.load("growth_factors")
    factors = dict(zip(table["quantity"], yearly_factor(table["factor"], table["span_years"]), strict=True))
    software = factors["AI software, efficiency and capability"]
    compute = factors["training compute of the most powerful AI systems"]
    assert compute == factors["training compute of notable AI systems"] == 4.0
    assert software * compute == factors["capacity of the most powerful AI systems, software and hardware"] == 64.0


def test_figures_of_the_brain() -> None:
    brain = datasets.load("workforce_and_compute").filter(pl.col("topic") == "brain")
    per_second, seconds, operations = brain["value"]
    assert per_second * seconds == pytest.approx(operations, rel=1e-15)
    # ~30 years of 3e7 seconds, which the paper rounds to 1e9
    assert seconds == pytest.approx(30 * 3e7, rel=0.12)


def test_figures_of_training_runs() -> None:
    first = figure("duration of a training run in the examples")["value"]
    for k, months in ((0.9, 20.0), (0.75, 8.0)):
        row = figure(f"time of all training runs when each takes {k} times as long as the last")
        assert row["value"] == months
        assert first / (1 - k) == pytest.approx(months, rel=1e-14)
    gain = figure("training efficiency gain in the example of shorter runs")["value"]
    shorter = figure("reduction of the training time in that example")["value"]
    larger = figure("gain left for a larger system in that example")["value"]
    assert shorter * larger == gain == 30.0


def test_figures_of_automation_and_thinking() -> None:
    share = figure("share of tasks that AI automates in the example")["value"]
    assert 1 / (1 - share) == pytest.approx(
        figure("effort on each remaining task at 95% automation")["value"], rel=1e-14
    )
    systems = figure("AI systems in the example of an overhead in the thousands")["value"]
    overhead = figure("overhead of thinking of the first systems")
    experts = figure("human experts that 10 million AI systems amount to with an overhead in the thousands")
    assert systems / overhead["high"] == experts["low"] == 1000.0
    assert systems / overhead["low"] == experts["high"] == 10_000.0
