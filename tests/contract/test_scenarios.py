"""Scenario files: those that are shipped hold, and whatever else is read gives a scenario or a sentence."""

import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import takeoff
from takeoff import scenarios
from takeoff.distributions._toml import scaled
from takeoff.errors import InvalidValueError, ScenarioError, TakeoffError, UnknownNameError
from takeoff.scenarios import Scenario

NAMES = (
    "ai-2027-takeoff",
    "compute-bottleneck",
    "davidson-houlden",
    "davidson-houlden-gradual",
    "davidson-houlden-retraining",
    "explosion",
    "explosion-with-limit",
    "fast-fizzle",
    "first-year",
    "fizzle",
    "growing-hardware",
    "kwa",
    "partial-automation",
    "reaction-escapes",
    "reaction-oscillates",
    "reaction-settles",
    "retraining",
    "returns-on-constant-hardware",
    "toy-explosion",
    "toy-exponential",
    "toy-fizzle",
    "years-in-months",
    "years-in-months-gradual",
    "years-in-months-retraining",
)

GOOD = """\
title = "A law"
model = "growth_law"
source = "made up"

[parameters]
r = { value = 0.7, unit = "1", source = "made up" }
first_doubling = { value = 1, unit = "month", source = "made up" }
limit = { value = 30, unit = "doublings", source = "made up" }
limit_shape = { value = "linear", source = "made up" }

[simulation]
horizon = { value = 1, unit = "year", source = "made up" }
points = { value = 11, unit = "1", source = "made up" }
doublings = { value = 5, unit = "doublings", source = "made up" }
"""
TOY = """\
title = "A toy"
model = "toy_model"
source = "made up"

[parameters]
papers_factor = { value = [1.5, 3], unit = "1", source = "made up" }
"""


def parse(text: str) -> Scenario:
    return scenarios.parse(text, "mine")


# ---- the scenarios that are shipped --------------------------------------------------------------------------------


def test_names() -> None:
    assert scenarios.names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_shipped_scenarios_run(name: str) -> None:
    scenario = scenarios.load(name)
    assert scenario.name == name
    assert takeoff.citation(scenario).count("\n") >= 1  # what to cite beside the software
    if scenario.uncertain:
        run = scenario.ensemble(500)
        assert run.summary.null_count().sum_horizontal().item() == 0
        with pytest.raises(InvalidValueError, match=r"takeoff\.ensemble draws"):
            scenario.run()
        return
    result = scenario.run()
    assert result.model == scenario.model
    assert result.frame.height > 0
    assert not any(result.frame[c].is_nan().any() for c in result.frame.columns if result.frame[c].dtype.is_float())


def flat(table: dict[str, Any]) -> dict[str, Any]:
    """The values of a table and of the tables in it, by ``part.key``."""
    values: dict[str, Any] = {}
    for key, entry in table.items():
        if isinstance(entry, list):
            values |= {f"{key}[{k}].{name}": value for k, row in enumerate(entry) for name, value in flat(row).items()}
        elif "value" in entry:
            values[key] = entry
        else:
            values |= {f"{key}.{name}": value for name, value in flat(entry).items()}
    return values


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_value_has_a_unit_and_a_source(name: str) -> None:
    scenario = scenarios.load(name)
    content = tomllib.loads(scenario.text)
    assert scenario.title == content["title"]
    assert scenario.source == content["source"]
    assert content["source"].startswith(
        ("Eth & Davidson (2025)", "Davidson & Houlden (2025)", "AI 2027 (2025)", "Kwa (2026)")
    )
    values = flat(content["parameters"]) | content.get("simulation", {})
    values |= {f"inputs.{key}": entry for key, entry in content.get("inputs", {}).items()}
    assert set(scenario.sources) == set(values)
    for key, entry in values.items():
        assert entry["source"].strip() == scenario.sources[key]
        assert isinstance(entry["value"], str) or entry["unit"].strip()


def test_units_are_those_of_takeoff() -> None:
    scenario = parse(GOOD)
    assert scenario.model == takeoff.GrowthLaw(r=0.7, first_doubling=takeoff.MONTH, limit=30)
    assert scenario.simulation == {"horizon": 1.0, "points": 11, "doublings": 5}
    for unit, size in (("day", takeoff.DAY), ("days", takeoff.DAY), ("months", takeoff.MONTH), ("years", 1.0)):
        model = parse(GOOD.replace('"month"', f'"{unit}"')).model
        assert isinstance(model, takeoff.GrowthLaw)
        assert model.first_doubling == size
    toy = parse(TOY)
    assert toy.model == takeoff.ToyModel(papers_factor=[1.5, 3])
    assert toy.run().model.shape == (2,)


PARTS = """\
title = "A law with parts"
model = "growth_law"
source = "made up"

[parameters]
r = { value = 2, unit = "1", source = "made up" }
first_doubling = { value = 1, unit = "month", source = "made up" }

[parameters.effort]
labor_share = { value = 0.5, unit = "1", source = "a guess" }
elasticity = { value = [0.5, 1], unit = "1", source = "made up" }

[parameters.hardware]
doubling_time = { value = 6, unit = "months", source = "made up" }

[[parameters.hardware.changes]]
time = { value = 2, unit = "years", source = "made up" }
doubling_time = { value = inf, unit = "years", source = "supply runs out" }

[simulation]
horizon = { value = 1, unit = "year", source = "made up" }
"""


def test_parts_are_tables_of_their_own() -> None:
    scenario = parse(PARTS)
    effort = takeoff.CES(0.5, elasticity=[0.5, 1])
    hardware = takeoff.Hardware(0.5, [(2, float("inf"))])
    assert scenario.model == takeoff.GrowthLaw(2, takeoff.MONTH, effort=effort, hardware=hardware)
    assert scenario.sources["effort.labor_share"] == "a guess"
    assert scenario.sources["hardware.changes[0].doubling_time"] == "supply runs out"
    automation = (
        PARTS[: PARTS.index("[parameters.effort]")]
        + """
[parameters.automation]
start = { value = 0.1, unit = "1", source = "made up" }
full_at = { value = 4, unit = "doublings", source = "made up" }
ai_labor = { value = 2, unit = "1", source = "made up" }
rho = { value = -inf, unit = "1", source = "made up" }

[simulation]
horizon = { value = 1, unit = "year", source = "made up" }
"""
    )
    assert parse(automation).model == takeoff.GrowthLaw(2, takeoff.MONTH, automation=takeoff.Automation(0.1, 4, 2))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("labor_share =", "labour_share =", "a key of [parameters.effort] must be one of"),
        ('labor_share = { value = 0.5, unit = "1", source = "a guess" }\n', "", "effort.labor_share is missing"),
        ("value = 0.5", "value = 1", "labor_share must be > 0 and < 1"),
        ("[0.5, 1]", "0", "elasticity must be > 0"),
        ('elasticity = { value = [0.5, 1], unit = "1", source = "made up" }\n', "", "rho must be given, or elasticity"),
        ('[parameters.effort]\nlabor_share = { value = 0.5, unit = "1"', '[parameters]\neffort = { value = 1', "TOML"),
        ("value = 6", "value = 0", "doubling_time must be > 0"),
        ("value = 6", "value = -6", "doubling_time must be > 0"),
        ("value = 2, unit = \"years\"", "value = 0, unit = \"years\"", "time must be finite and > 0"),
        ("[[parameters.hardware.changes]]", "[parameters.hardware.changes]", "hardware.changes must be a list"),
        ('time = { value = 2, unit = "years", source = "made up" }\n', "", "changes[0].time is missing"),
        ('unit = "months", source', 'unit = "months", sauce', "parameters.hardware.doubling_time"),
    ],
)  # fmt: skip
def test_parts_that_are_not_valid(old: str, new: str, words: str) -> None:
    text = PARTS.replace(old, new, 1)
    assert text != PARTS
    with pytest.raises(ScenarioError) as caught:
        parse(text)
    assert words in str(caught.value)


# ---- what is not valid ---------------------------------------------------------------------------------------------

SWAPPED: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # what to replace in GOOD, by what, and words of the error
    "unknown key": ("title =", "titel =", ("a key of a scenario must be one of", "'titel'", "did you mean 'title'?")),
    "unknown section": ("[simulation]", "[simulations]", ("'simulations'", "did you mean 'simulation'?")),
    "unknown parameter": ("first_doubling", "first_doublin", ("[parameters]", "did you mean 'first_doubling'?")),
    "unknown option": ("horizon", "horizn", ("[simulation]", "'horizn'", "did you mean 'horizon'?")),
    "unknown entry": ("unit =", "units =", ("parameters.r", "'units'", "did you mean 'unit'?")),
    "unknown unit": ('"month"', '"mont"', ("parameters.first_doubling.unit", "'mont'", "did you mean 'month'?")),
    "foreign unit": ('"month"', '"doublings"', ("parameters.first_doubling.unit must be one of year", "'doublings'")),
    "unit of a word": ('value = "linear"', 'value = "linear", unit = "1"', ("parameters.limit_shape", "'unit'")),
    "unknown model": (
        '"growth_law"',
        '"growth_low"',
        ("model must be one of growth_law", "did you mean 'growth_law'?"),
    ),
    "unknown shape": ('"linear"', '"linaer"', ("limit_shape must be one of", "did you mean 'linear'?")),
    "no title": ('title = "A law"', "", ("title is missing",)),
    "no model": ('model = "growth_law"', "", ("model is missing",)),
    "no source": ('source = "made up"\n\n', "\n", ("source is missing",)),
    "no source of a value": (', source = "made up" }', " }", ("parameters.r.source is missing",)),
    "no unit": (', unit = "1"', "", ("parameters.r.unit is missing",)),
    "no value": ("value = 0.7, ", "", ("parameters.r.value", "must be")),
    "no parameter r": ('r = { value = 0.7, unit = "1", source = "made up" }\n', "", ("r is missing", "must")),
    "no horizon": ('horizon = { value = 1, unit = "year", source = "made up" }', "", ("horizon is missing", "needs")),
    "empty title": ('"A law"', '"  "', ("title must be a text that is not empty",)),
    "empty source": ('"made up"', '""', ("source must be a text that is not empty",)),
    "title of a number": ('"A law"', "1", ("title must be a text", "got 1")),
    "model of a list": ('"growth_law"', '["growth_law"]', ("model must be a text", "['growth_law']")),
    "source of a number": ('source = "made up" }', "source = 2025 }", ("parameters.r.source must be a text", "2025")),
    "unit of a number": ('unit = "1"', "unit = 1", ("parameters.r.unit must be a text", "got 1")),
    "bare value": (
        '{ value = 0.7, unit = "1", source = "made up" }',
        "0.7",
        ("parameters.r must be a table { value = ..., unit = ..., source = ... }", "got 0.7"),
    ),
    "bare word": ('{ value = "linear", source = "made up" }', '"linear"', ("parameters.limit_shape must be a table",)),
    "number for a word": ('"linear"', "1", ("parameters.limit_shape.value must be a text", "got 1")),
    "text": ("0.7", '"0.7"', ("parameters.r.value must be a number", "'0.7'")),
    "bool": ("0.7", "true", ("parameters.r.value must be a number", "True")),
    "date": ("0.7", "2025-03-01", ("parameters.r.value must be a number", "2025")),
    "table": ("0.7", "{ a = 1 }", ("parameters.r.value must be a number", "'a'")),
    "list with text": ("0.7", '[0.7, "x"]', ("parameters.r.value must be a number or a list of numbers", "'x'")),
    "list of lists": ("0.7", "[[0.7]]", ("parameters.r.value must be a number or a list of numbers", "[[0.7]]")),
    "empty list": ("0.7", "[]", ("r must hold at least one value",)),
    "negative": ("0.7", "-0.7", ("r must be finite and > 0", "got -0.7")),
    "NaN": ("0.7", "nan", ("r must be finite and > 0", "got nan")),
    "infinite": ("0.7", "inf", ("r must be finite and > 0", "got inf")),
    "huge integer": ("0.7", "1" + "0" * 400, ("parameters.r.value must be within the range of float64",)),
    "longer integer": ("0.7", "1" + "0" * 5000, ("mine",)),
    "hexadecimal integer": ("0.7", "0x" + "f" * 5000, ("parameters.r.value must be within the range of float64",)),
    "hexadecimal title": ('"A law"', "0x" + "f" * 5000, ("title must be a text",)),
    "limit of 1": ("value = 30", "value = 1", ("limit must be > 1",)),
    "shapes": ("0.7, unit", "[1, 2], unit", ()),
    "half a point": ("value = 11", "value = 10.5", ("simulation.points", "whole number", "10.5")),
    "list of points": ("value = 11", "value = [11]", ("simulation.points", "whole number")),
    "one point": ("value = 11", "value = 1", ("points must be", "got 1")),
    "10^12 points": ("value = 11", "value = 1e12", ("points must be", "1000000000000")),
    "infinite points": ("value = 11", "value = inf", ("points", "inf")),
    "no doublings": ("value = 5", "value = 0", ("doublings must be", "got 0")),
    "no time": ('value = 1, unit = "year"', 'value = 0, unit = "year"', ("horizon must be finite and > 0", "got 0")),
    "negative time": ('value = 1, unit = "year"', 'value = -1, unit = "year"', ("horizon must be", "got -1")),
    "NaN time": ('value = 1, unit = "year"', 'value = nan, unit = "year"', ("horizon must be", "got nan")),
    "list of times": ('value = 1, unit = "year"', 'value = [1, 2], unit = "year"', ("horizon must be one number",)),
    "byte order mark": ("title", "\ufefftitle", ("not valid TOML",)),
    "no quotes": ('"A law"', "A law", ("not valid TOML", "line 1")),
    "twice": ('model = "growth_law"', 'model = "growth_law"\nmodel = "toy_model"', ("not valid TOML",)),
    "null character": ("A law", "A\0law", ("not valid TOML",)),
}


@pytest.mark.parametrize("name", [name for name in SWAPPED if name != "shapes"])
def test_what_is_not_valid(name: str) -> None:
    old, new, words = SWAPPED[name]
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(ScenarioError) as caught:
        parse(text)
    message = str(caught.value)
    for word in words:
        assert word in message
    assert message.endswith("(scenario mine)")
    assert len(message) < 1000
    assert "__init__" not in message


def test_shapes_that_do_not_fit() -> None:
    text = GOOD.replace("value = 0.7", "value = [1, 2]").replace("value = 30", "value = [10, 20, 30]")
    with pytest.raises(ScenarioError, match=r"r \(2,\), limit \(3,\) \(scenario mine\)"):
        parse(text)


@pytest.mark.parametrize("table", ["parameters", "simulation"])
@pytest.mark.parametrize("value", ["1", '"x"', "[1]", "[{ r = 1 }]"])
def test_sections_are_tables(table: str, value: str) -> None:
    head = GOOD.partition("[parameters]")[0]
    other = "" if table == "parameters" else GOOD[len(head) :].partition("[simulation]")[0]
    with pytest.raises(ScenarioError, match=rf"\[{table}\] must be a table"):
        parse(f"{head}{table} = {value}\n{other}")


def test_sections_may_be_absent() -> None:
    head = TOY.partition("[parameters]")[0]
    with pytest.raises(ScenarioError, match=r"\[parameters\] must be a table|parameters.* missing"):
        parse(head)
    assert parse(head + "[parameters]\n").model == takeoff.ToyModel()


DEEP: dict[str, Callable[[int], str]] = {
    "lists": lambda n: f"title = {'[' * n}{']' * n}",
    "tables": lambda n: f"title = {'{ a = ' * n}1{' }' * n}",
    "lists of a value": lambda n: GOOD.replace("0.7", "[" * n + "]" * n),
    "tables of a value": lambda n: GOOD.replace("0.7", "{ a = " * n + "1" + " }" * n),
    "dotted key": lambda n: f"title{'.a' * n} = 1",
    "dotted key of a parameter": lambda n: TOY + f"agis{'.a' * n} = 1",
    "dotted value": lambda n: TOY + f'agis.unit = "AGIs"\nagis.source = "x"\nagis.value{".a" * n} = 1',
    "dotted header": lambda n: f"[title{'.a' * n}]",
}


@pytest.mark.parametrize("form", DEEP)
@pytest.mark.parametrize("depth", [10, 100, 200, 300, 400, 1000, 5000])
def test_deeply_nested(form: str, depth: int) -> None:
    with pytest.raises(ScenarioError, match=r"not valid TOML|must be"):
        parse(DEEP[form](depth))


# ---- truncated and damaged files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_prefix_is_a_scenario_or_an_error(name: str, tmp_path: Path) -> None:
    whole = scenarios.load(name).text.encode()
    file = tmp_path / "cut.toml"
    valid = 0
    for end in range(len(whole) + 1):
        file.write_bytes(whole[:end])
        try:
            scenario = scenarios.load(file)
        except ScenarioError as error:
            assert str(file) in str(error)  # noqa: PT017  (one of two outcomes)
        else:
            valid += 1
            scenario.ensemble(10) if scenario.uncertain else scenario.run()
    assert valid >= 1


@settings(deadline=None)
@given(st.sampled_from([GOOD, TOY]), st.data())
def test_damaged_text_is_a_scenario_or_an_error(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(at + 20, len(text))))
    put = data.draw(
        st.text(max_size=5) | st.sampled_from(["nan", "inf", "1e999", "[", "{", "9" * 400, "-", '"""', "'"])
    )
    try:
        scenario = parse(text[:at] + put + text[until:])
    except ScenarioError:
        return
    assert not np.isnan(np.asarray(scenario.model.criticality)).any()


@settings(deadline=None)
@given(st.text())
def test_any_text_is_an_error(text: str) -> None:
    with pytest.raises(ScenarioError):
        parse(text)


FILES: dict[str, tuple[bytes, str]] = {
    "binary": (bytes(range(256)), "cannot be read as UTF-8 text"),
    "Latin-1": (GOOD.replace("A law", "Ein Gesetz über Wachstum").encode("latin-1"), "cannot be read as UTF-8 text"),
    "UTF-16": (GOOD.encode("utf-16"), "cannot be read as UTF-8 text"),
    "empty": (b"", "title is missing"),
    "zeros": (bytes(1000), "not valid TOML"),
    "compressed": (b"\x1f\x8b\x08\x00" + bytes(20), "cannot be read as UTF-8 text"),
}


@pytest.mark.parametrize("kind", FILES)
def test_files_that_are_no_text(kind: str, tmp_path: Path) -> None:
    content, message = FILES[kind]
    file = tmp_path / "scenario.toml"
    file.write_bytes(content)
    for path in (file, str(file)):
        with pytest.raises(ScenarioError, match=message) as caught:
            scenarios.load(path)
        assert str(file) in str(caught.value)


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "größer.toml"
    file.write_bytes(GOOD.replace("A law", "größer").replace("\n", "\r\n").encode())
    scenario = scenarios.load(file)
    assert (scenario.name, scenario.title) == ("größer", "größer")
    assert scenario.model == parse(GOOD).model


@pytest.mark.parametrize("name", ["absent.toml", "folder/absent", "x" * 5000, "y" * 5000 + ".toml", "a\0b.toml"])
def test_missing_files(name: str, tmp_path: Path) -> None:
    for path in (tmp_path / name, str(tmp_path / name)):
        with pytest.raises(ScenarioError, match="must be a file that exists"):
            scenarios.load(path)


def test_folders_are_no_scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "fizzle").mkdir()
    for path in (tmp_path, str(tmp_path), "folder", ".", "", Path("folder")):
        with pytest.raises(ScenarioError, match="must be a file that exists"):
            scenarios.load(path)
    assert scenarios.load("fizzle").name == "fizzle"


def test_unknown_names_are_told_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnknownNameError, match=r"got 'toy_fizzle'; did you mean 'toy-fizzle'"):
        scenarios.load("toy_fizzle")
    with pytest.raises(UnknownNameError, match=r"scenario must be one of ai-2027-takeoff, .*, got 'zzz'$"):
        scenarios.load("zzz")
    long: list[Any] = ["x" * 5000, "\udc80", "\ud800"]
    for name in long:
        with pytest.raises(TakeoffError, match="scenario"):
            scenarios.load(name)


# ---- uncertain values ----------------------------------------------------------------------------------------------

UNCERTAIN = """
title = "An uncertain law"
model = "growth_law"
source = "made up"

[parameters]
r = { value = "1.4 * discount", unit = "1", source = "made up" }
first_doubling = { value = { between = [0.5, 2] }, unit = "months", source = "made up" }
limit = { value = { distribution = "uniform", low = 10, high = 40 }, unit = "doublings", source = "made up" }

[inputs]
discount = { value = { distribution = "triangular", low = 0.4, mode = 0.6, high = 1 }, unit = "1", source = "made up" }

[[correlations]]
between = ["discount", "limit"]
rank = 0.5
source = "made up"

[simulation]
horizon = { value = 2, unit = "years", source = "made up" }
"""


def test_an_uncertain_scenario_says_what_python_does() -> None:
    scenario = parse(UNCERTAIN)
    assert scenario.uncertain
    months: Any = takeoff.between(0.5, 2)
    law = takeoff.GrowthLaw(
        takeoff.Derived("1.4 * discount"),
        takeoff.Lognormal(months.mu + math.log(takeoff.MONTH), months.sigma),
        limit=takeoff.Uniform(10, 40),
    )
    assert scenario.model == law
    inputs = {"discount": takeoff.Triangular(0.4, 0.6, 1)}
    direct = takeoff.ensemble(law, 3000, horizon=2, inputs=inputs, correlations={("discount", "limit"): 0.5})
    assert scenario.ensemble(3000).summary.equals(direct.summary)
    assert scenario.sources["inputs.discount"] == "made up"


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("between = [0.5, 2]", "between = [2, 0.5]", "first_doubling.value"),
        ('distribution = "uniform"', 'distribution = "unifrom"', "limit.value.*unifrom"),
        ('"1.4 * discount"', '"1.4 * open()"', "r.value"),
        ("rank = 0.5", 'rank = "high"', r"correlations\[0\].rank"),
        ('between = ["discount", "limit"]', 'between = "discount"', r"correlations\[0\].between"),
        ("[[correlations]]", "[correlations]", "correlations must be a list"),
    ],
)
def test_uncertain_values_that_are_not_valid(old: str, new: str, match: str) -> None:
    with pytest.raises(ScenarioError, match=match):
        parse(UNCERTAIN.replace(old, new))


@pytest.mark.parametrize(
    "distribution",
    [
        takeoff.Normal(2, 0.5),
        takeoff.Loguniform(1, 4),
        takeoff.Gamma(2, 3),
        takeoff.Discrete([1, 2, 5]),
        takeoff.Truncated(takeoff.Lognormal(0, 1), 0.5, 3),
        takeoff.Mixture([takeoff.Uniform(1, 2), takeoff.Triangular(1, 2, 4)], [1, 2]),
    ],
)
def test_units_of_distributions(distribution: Any) -> None:
    p = np.linspace(0.01, 0.99, 41)
    np.testing.assert_allclose(scaled(distribution, 0.25).quantile(p), 0.25 * distribution.quantile(p), rtol=1e-12)
    with pytest.raises(InvalidValueError, match="unit"):
        scaled(takeoff.Beta(1, 2), 0.25)
