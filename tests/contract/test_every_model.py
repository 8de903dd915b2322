"""What holds of every model, derived from its spec."""

import copy
import json
import math
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import takeoff
from model_cases import CASES, Case
from takeoff import _core
from takeoff._answers import row_answers
from takeoff.errors import InternalError, InvalidValueError, UnknownNameError
from takeoff.models import MODELS
from takeoff.models import _spec as specs
from takeoff.models._base import with_values
from takeoff.models._spec import Field, Group
from takeoff.units import unit_sizes

ALL = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
ONE_THREAD = {"threads": 1, "chunk": None}


def fields_of(group: Group, prefix: str = "") -> Iterator[tuple[str, Field, str]]:
    """Every numeric field of a group and its parts, by its path, with the class that has it."""
    for name, each in group.fields.items():
        yield prefix + name, each, group.owner
    for name, part in group.parts.items():
        place = f"{prefix}{name}[0]." if part.presence == "repeated" else f"{prefix}{name}."
        yield from fields_of(part.group, place)


def held(case: Case) -> dict[str, float]:
    """Values of the numeric fields of a case, by their paths."""
    return {path: float(value) for path, value in case.model._numeric.items()}


def many(case: Case) -> Any:
    """The model of a case with its columns: six paths."""
    return with_values(case.model, {path: np.array(column) for path, column in case.columns.items()})


def request_of(case: Case) -> list[tuple[str, Any]]:
    """Every output of a model, along axes of some values."""
    along: dict[str | None, Any] = {
        None: None,
        "time": np.linspace(0, case.horizon, 7),
        "doublings": np.array([0.0, 1.0, 2.5]),
        "multiple": np.array([1.5, 3.0]),
        "pace": np.array([10.0, 30.0]),
        "within": np.array([0.1, 0.4]),
        "step": 9,
    }
    return [(name, along[output.along]) for name, output in case.model.spec.outputs.items()]


def bits(columns: Any) -> list[bytes]:
    return [np.ascontiguousarray(column).tobytes() for column in columns]


def test_every_model_has_a_case() -> None:
    assert {case.name for case in CASES.values()} == set(MODELS)


# ---- the description -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
def test_the_description_is_whole(name: str) -> None:
    spec = MODELS[name].spec
    assert spec.title
    assert spec.source
    assert spec.citations
    for path, each, _ in fields_of(spec.group):
        assert each.label, path
        assert each.help.endswith("."), path
        assert each.source, path
        assert unit_sizes(each.unit), path
        if each.default is not None:
            assert each.allows(each.default), path
        if each.usual is not None:
            assert each.allows(np.array(each.usual)).all(), path
            assert each.usual[0] < each.usual[1], path
        if each.scale == "log":
            assert each.usual is not None, path
            assert each.usual[0] > 0, path
        if each.prior is not None:
            assert each.allows(np.array(each.prior.quantile([0.01, 0.5, 0.99]))).all(), path
    for output in spec.outputs.values():
        assert output.label, output.name
        assert output.help.endswith("."), output.name
        assert (output.kind == "word") == bool(output.words), output.name
    columns = [output.column for output in spec.outputs.values()]
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize("name", MODELS)
def test_the_description_is_plain_data(name: str) -> None:
    data = MODELS[name].spec.to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["name"] == name


@pytest.mark.parametrize("name", MODELS)
def test_a_description_that_does_not_match_the_engine_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = copy.deepcopy(specs._ENGINE)
    engine[name]["fields"].append(engine[name]["fields"][0] | {"name": "unheard_of"})
    monkeypatch.setattr(specs, "_ENGINE", engine)
    with pytest.raises(InternalError, match="differ in unheard_of"):
        specs.spec_of.__wrapped__(name)


@pytest.mark.parametrize("name", MODELS)
def test_the_class_says_what_the_spec_says(name: str) -> None:
    import inspect

    kind = MODELS[name]
    signature = inspect.signature(kind)
    for inner, each in kind.spec.group.fields.items():
        expected = each.default if each.default is not None else None if each.none is not None else inspect._empty
        assert signature.parameters[inner].default == expected or signature.parameters[inner].default is expected, inner
        assert each.help.split()[0] in (kind.__doc__ or ""), inner
    for inner, choice in kind.spec.group.choices.items():
        assert signature.parameters[inner].default == choice.default


# ---- hostile values ------------------------------------------------------------------------------------------------


def outside(each: Field) -> list[float]:
    """Values that a field does not allow."""
    bad = [math.nan]
    if math.isfinite(each.low):
        bad += [math.nextafter(each.low, -math.inf), -math.inf] + ([] if each.low_included else [each.low])
    if math.isfinite(each.high):
        bad += [math.nextafter(each.high, math.inf), math.inf]
    return bad


@ALL
def test_values_outside_the_range_are_refused_with_the_rule(case: Case) -> None:
    values = held(case)
    for path, each, owner in fields_of(case.model.spec.group):
        if path not in values:
            continue
        for bad in outside(each):
            for value in (bad, np.array([values[path], bad])):
                with pytest.raises(InvalidValueError) as caught:
                    with_values(case.model, {path: value})
                error = caught.value
                assert (error.owner, error.name) == (owner, each.name), path
                assert str(error).startswith(f"{each.name} must be {each.rule.split(' (')[0]}"), path
                assert error.index == (1 if np.ndim(value) else None)
                assert each.unit == "1" or each.unit in error.rule, path


@ALL
def test_words_that_are_not_options_are_refused(case: Case) -> None:
    for name, choice in case.model.spec.group.choices.items():
        with pytest.raises(UnknownNameError) as caught:
            type(case.model)(**case.model._fields() | {name: "unheard of"})
        assert caught.value.allowed == choice.options
        for option in choice.options:
            assert getattr(type(case.model)(**case.model._fields() | {name: option}), name) == option


@ALL
def test_an_uncertain_model_has_no_plan_and_says_so(case: Case) -> None:
    path = next(iter(case.columns))
    uncertain = with_values(case.model, {path: takeoff.Uniform(min(case.columns[path]), max(case.columns[path]))})
    with pytest.raises(InvalidValueError, match=r"takeoff\.ensemble draws uncertain fields"):
        _ = uncertain.shape
    assert pickle.loads(pickle.dumps(uncertain)) == uncertain  # noqa: S301  (our own bytes)


# ---- the same in every way -----------------------------------------------------------------------------------------


@ALL
def test_models_travel_and_compare(case: Case) -> None:
    for model in (case.model, many(case)):
        again = pickle.loads(pickle.dumps(model))  # noqa: S301  (our own bytes)
        assert again == model == copy.deepcopy(model)
        assert hash(again) == hash(model)
        assert bits(again._plan.run(request_of(case), case.horizon, ONE_THREAD)) == bits(
            model._plan.run(request_of(case), case.horizon, ONE_THREAD)
        )


@ALL
def test_threads_and_chunks_change_no_bit_of_any_output(case: Case) -> None:
    model, request = many(case), request_of(case)
    expected = bits(model._plan.run(request, case.horizon, ONE_THREAD))
    for threads in (1, 2, 3):
        for chunk in (None, 1, 2, 4):
            policy = {"threads": threads, "chunk": chunk}
            assert bits(model._plan.run(request, case.horizon, policy)) == expected, policy


@ALL
def test_outputs_asked_for_alone_are_as_among_all(case: Case) -> None:
    model, request = many(case), request_of(case)
    together = model._plan.run(request, case.horizon, ONE_THREAD)
    for ask, column in zip(request, together, strict=True):
        (alone,) = model._plan.run([ask], case.horizon, ONE_THREAD)
        assert bits([alone]) == bits([column]), ask[0]


@ALL
def test_a_path_does_not_depend_on_its_company(case: Case) -> None:
    request = request_of(case)
    whole = many(case)._plan.run(request, case.horizon, ONE_THREAD)
    for row in range(6):
        single = with_values(case.model, {path: column[row] for path, column in case.columns.items()})
        alone = single._plan.run(request, case.horizon, ONE_THREAD)
        for (name, _), column, part in zip(request, whole, alone, strict=True):
            assert bits([column.reshape(6, -1)[row]]) == bits([part]), name


@ALL
def test_frames_are_the_answers_of_the_model(case: Case) -> None:
    model = many(case)
    found = takeoff.simulate_frame(pl.DataFrame(case.columns), case.model, case.horizon)
    names = [name for name in found.columns if name not in case.columns]
    assert names
    expected = pl.DataFrame(row_answers(model, names, horizon=case.horizon))
    assert_frame_equal(found.select(names), expected, check_exact=True)


@ALL
def test_results_have_frames_a_summary_and_a_readable_form(case: Case) -> None:
    arguments = {"horizon": case.horizon} | case.arguments
    for model in (case.model, many(case)):
        result = takeoff.simulate(model, **arguments)
        assert isinstance(result, takeoff.Trajectory)
        assert result.summary.height == max(1, math.prod(model.shape))
        assert result.frame.height > 0
        assert type(result).__name__ in repr(result)
        assert "<table>" in result._repr_html_()
        again = pickle.loads(pickle.dumps(result))  # noqa: S301  (our own bytes)
        assert_frame_equal(again.frame, result.frame, check_exact=True)
        for name, output in model.spec.outputs.items():
            if output.along is None:
                assert np.shape(result.column(name)) == model.shape, name


@ALL
def test_ensembles_and_bands_of_every_model(case: Case) -> None:
    path, column = next(iter(case.columns.items()))
    uncertain = with_values(case.model, {path: takeoff.Uniform(min(column), max(column))})
    run = takeoff.ensemble(uncertain, 200, horizon=case.horizon, points=5, rows=True)
    assert run.draws == 200
    assert run.rows is not None
    quick = [name for name, each in case.model.spec.outputs.items() if each.offer == "quick" and each.along is None]
    assert set(quick) <= set(run.rows.columns)
    series = case.model.spec.series("time")
    assert (run.bands is not None) == bool(series)
    if run.bands is not None:
        drawn = with_values(case.model, {path: run.rows[path].to_numpy()})
        time = run.bands["time_years"].to_numpy()
        (values,) = drawn._plan.run([(series[0], time)], None, ONE_THREAD)
        expected = np.quantile(values.reshape(200, -1), 0.5, axis=0)
        np.testing.assert_allclose(run.bands["50%"].to_numpy(), expected, rtol=1e-12)


def written(case: Case) -> str:
    """The model of a case as a scenario file."""
    lines = ['title = "A case"', f'model = "{case.name}"', 'source = "made up"', "[parameters]"]

    def add(group: Group, described: Any, place: str) -> None:
        tables: list[tuple[str, Group, Any]] = []
        for name, value in described._fields().items():
            if value is None or (isinstance(value, tuple) and not value):
                continue
            if name in group.choices:
                lines.append(f'{name} = {{ value = "{value}", source = "made up" }}')
            elif name in group.fields:
                lines.append(f'{name} = {{ value = {value!r}, unit = "{unit_in(group.fields[name])}", source = "x" }}')
            else:
                tables.append((name, group.parts[name].group, value))
        for name, inner, value in tables:
            if isinstance(value, tuple):
                for row in value:
                    lines.append(f"[[{place}.{name}]]")
                    for (key, each), number in zip(inner.fields.items(), row, strict=True):
                        lines.append(f'{key} = {{ value = {number!r}, unit = "{unit_in(each)}", source = "x" }}')
            else:
                lines.append(f"[{place}.{name}]")
                add(inner, value, f"{place}.{name}")

    add(case.model.spec.group, case.model, "parameters")
    lines.append("[simulation]")
    lines.append(f'horizon = {{ value = {case.horizon}, unit = "years", source = "made up" }}')
    return "\n".join(lines)


def unit_in(each: Field) -> str:
    """A name of a field's own unit that scenario files take."""
    return next(name for name, size in unit_sizes(each.unit).items() if size == 1)


@ALL
def test_scenarios_give_the_model_back(case: Case) -> None:
    scenario = takeoff.scenarios.parse(written(case), "case")
    assert scenario.model == case.model
    assert scenario.run().model == case.model


def test_every_output_that_the_engine_lists_is_answered() -> None:
    listed = {model["name"]: {output["name"] for output in model["outputs"]} for model in _core.models()}
    for case in CASES.values():
        request = request_of(case)
        assert {name for name, _ in request} == listed[case.name]
        assert len(case.model._plan.run(request, case.horizon, ONE_THREAD)) == len(request)
