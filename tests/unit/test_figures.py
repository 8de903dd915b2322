"""Figures of every model: labels and units are those of its spec."""

import re
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure

import takeoff
from takeoff import MONTH, GrowthLaw, HumanReaction, Retraining, ToyModel, figures, simulate
from takeoff._draw import draw, image
from takeoff.errors import InvalidValueError, UnknownNameError
from takeoff.figures._drivers import label_of
from takeoff.figures._style import in_words, label_of_input, labels_of, title_of, with_unit
from takeoff.models import MODELS, Model
from takeoff.models._base import Described
from takeoff.models._influences import LABOR, Influence
from takeoff.models._spec import Field, Group

PACKAGE = Path(takeoff.__file__).parent


def usual(field: Field) -> float:
    """A value within the usual range of a field."""
    low, high = field.usual or (1.0, 1.0)
    return float(np.sqrt(low * high)) if low > 0 else (low + high) / 2


def made(kind: Any, **changes: Any) -> Any:
    """A model or a part of it with usual values of what has no default."""
    group: Group = kind.group
    fields = {name: usual(each) for name, each in group.fields.items() if each.required}
    parts = {n: made(Described._kinds[p.group.owner]) for n, p in group.parts.items() if p.presence == "required"}
    return kind(**(fields | parts | changes))


def simulated(model: Model) -> Any:
    needs_horizon = model.spec.grid.points is not None and model.spec.grid.horizon is None
    return simulate(model, 1.0) if needs_horizon else simulate(model)


def several(kind: Any, count: int) -> Any:
    """A model of several paths, which differ in its first field."""
    name, field = next(iter(kind.group.fields.items()))
    value = usual(field)
    return made(kind, **{name: np.linspace(value, 1.1 * value, count)})


def drawn(figure: Figure) -> bool:
    axes = figure.axes[0]
    return bool(axes.lines or axes.patches or axes.collections)


@pytest.mark.parametrize("name", MODELS)
def test_every_result_has_a_figure(name: str) -> None:
    for model in (made(MODELS[name]), several(MODELS[name], 3)):
        figure = simulated(model).plot()
        axes = figure.axes[0]
        assert drawn(figure)
        assert re.search(r"time .*, (years|months|days|hours)$", axes.get_xlabel())
        assert axes.get_ylabel() or all(label.get_text() for label in axes.get_yticklabels())
        figure.draw_without_rendering()


@pytest.mark.parametrize("count", [1, 3, 12])
@pytest.mark.parametrize("name", MODELS)
def test_every_series_of_every_model_is_drawn_with_its_unit(name: str, count: int) -> None:
    kind = MODELS[name]
    result = simulated(several(kind, count) if count > 1 else made(kind))
    drawings = [("time", figures.series)] if result.time is not None else []
    for axis, drawing in (*drawings, ("step", figures.steps)):
        for output in kind.spec.series(axis):
            figure = drawing(result, output=output)
            axes, described = figure.axes[0], kind.spec.outputs[output]
            label = axes.get_ylabel()
            if described.unit == "years":
                assert re.fullmatch(rf"{described.label}, (years|months|days|hours)", label)
            else:
                assert label == with_unit(described.label, described.unit)
            assert len(axes.collections) == (2 if count > 6 else 0)
            assert axes.get_xlabel()
            figure.draw_without_rendering()


def test_a_model_without_a_figure_of_its_own_is_drawn_as_a_series(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, label in ((GrowthLaw, "software doublings since the start"), (ToyModel, "papers")):
        monkeypatch.setattr(kind, "spec", replace(kind.spec, figure="series"))
        result = simulated(made(kind))
        assert takeoff.Trajectory.plot(result).axes[0].get_ylabel() == label


def test_times_of_a_model_may_be_calendar_years(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GrowthLaw, "spec", replace(GrowthLaw.spec, clock="calendar year"))
    for r in (0.7, np.linspace(0.5, 0.9, 9)):
        axes = simulate(GrowthLaw(r, 5), time=[2026.0, 2030.0]).plot().axes[0]
        assert axes.get_xlabel() == "time, years"
        assert axes.get_xlim() == (2026, 2030)


def test_series_that_span_decades_are_logarithmic() -> None:
    law = simulate(GrowthLaw(3, MONTH, limit=30), 1)
    scales = {name: figures.series(law, output=name).axes[0].get_yscale() for name in ("doublings_at", "level", "pace")}
    assert scales == {"doublings_at": "linear", "level": "log", "pace": "log"}
    toys = simulate(ToyModel(papers_factor=3))
    assert figures.steps(toys, output="papers").axes[0].get_yscale() == "log"
    assert figures.steps(toys, output="agis").axes[0].get_yscale() == "log"
    assert figures.steps(simulate(ToyModel()), output="ends").axes[0].get_yscale() == "linear"


def test_limits_and_targets_are_marked_where_they_are_in_sight() -> None:
    def marks(model: Any, output: str) -> list[str]:
        return [text.get_text() for text in figures.series(simulate(model, 1), output=output).axes[0].texts]

    assert marks(GrowthLaw(3, MONTH, limit=30), "doublings_at") == ["limit 30"]
    assert marks(GrowthLaw(0.7, MONTH, limit=300), "doublings_at") == []
    law = GrowthLaw(1.2, MONTH)
    assert marks(HumanReaction(law, [12, 20, 24], 20), "pace") == ["target pace 12", "target pace 24"]
    assert marks(HumanReaction(GrowthLaw(3, MONTH, limit=15), 1000, 20), "doublings_at") == ["limit 15"]


@pytest.mark.parametrize(
    ("series", "label"), [("doublings_at", "since the start"), ("pace", "pace, doublings per year")]
)
def test_bands_of_an_ensemble_are_of_any_series(series: str, label: str) -> None:
    law = GrowthLaw(takeoff.Uniform(0.5, 3), takeoff.Uniform(0.08, 0.2))
    axes = takeoff.ensemble(law, 1000, horizon=1, bands=series).plot().axes[0]
    assert axes.get_ylabel().endswith(label)
    assert axes.get_yscale() == ("log" if series == "pace" else "linear")
    assert len(axes.collections) == 2


def test_poles_are_gaps_and_do_not_set_the_scale() -> None:
    swings = HumanReaction(GrowthLaw(1.2, MONTH), 24, 20, 28 / 365.25)
    axes = figures.series(simulate(swings, 3), output="returns").axes[0]
    assert max(map(abs, axes.get_ylim())) < 50
    assert np.isnan(axes.lines[0].get_ydata()).any()


def test_what_runs_along_another_axis_is_no_series() -> None:
    result = simulate(GrowthLaw(1, 1), 1)
    with pytest.raises(UnknownNameError, match="did you mean 'pace'"):
        figures.series(result, output="pac")
    with pytest.raises(UnknownNameError, match="series of a HumanReaction"):
        figures.steps(simulate(HumanReaction(GrowthLaw(1, 1), 24, 20), 1))
    with pytest.raises(InvalidValueError, match="labels must be one per path"):
        figures.series(result, labels=["a", "b"])
    with pytest.raises(UnknownNameError, match="pace"):
        figures.doubling_time(simulate(ToyModel()))


def test_a_result_that_counts_its_own_steps() -> None:
    axes = figures.steps(simulate(made(MODELS["davidson_houlden"]))).axes[0]
    assert axes.get_xlabel() == "step"
    assert axes.get_ylabel() == "end, years"


# ---- labels --------------------------------------------------------------------------------------------------------


def test_units_in_words() -> None:
    said = {"1": "", "years": "years", "1/year": "per year", "doublings/year": "doublings per year"}
    assert {unit: in_words(unit) for unit in said} == said
    assert in_words("papers/AGI/month") == "papers per AGI per month"
    assert with_unit("known doublings", "doublings") == "known doublings"
    assert with_unit("pace", "doublings/year") == "pace, doublings per year"
    assert with_unit("level", "1") == "level"


@pytest.mark.parametrize("name", MODELS)
def test_paths_are_told_apart_with_the_units_of_every_field(name: str) -> None:
    kind = MODELS[name]
    for field in kind.group.fields.values():
        low, high = field.usual or (1.0, 2.0)
        labels = labels_of(made(kind, **{field.name: [low, high]}))
        assert len(set(labels)) == 2
        for label, value in zip(labels, (low, high), strict=True):
            assert label.startswith(field.label)
            unit = r"(years?|months?|days?|hours?)" if field.unit == "years" else re.escape(in_words(field.unit))
            assert re.search(rf"{unit}$", label)
            if field.unit not in ("1", "years"):
                assert f"{value:.3g}" in label


def test_inputs_that_do_not_differ_do_not_tell_paths_apart() -> None:
    assert labels_of(GrowthLaw([0.7, 3], [MONTH, MONTH])) == ["r = 0.7", "r = 3"]
    assert labels_of(GrowthLaw([0.7], 1)) == ["r = 0.7"]
    inside = Retraining(GrowthLaw(1, 1, effort=takeoff.CES([0.3, 0.5], 0), limit=[np.inf, 30]), 0.1)
    assert labels_of(inside) == ["no limit, effort labor share = 0.3", "limit 30 doublings, effort labor share = 0.5"]


def test_titles_name_what_differs_from_the_defaults() -> None:
    assert title_of(GrowthLaw(3, MONTH)) == "r = 3, first doubling 1 month"
    assert title_of(ToyModel()) == ""
    assert title_of(ToyModel(papers_factor=3)) == "papers factor = 3"


@pytest.mark.parametrize("name", MODELS)
def test_labels_of_columns_are_those_of_the_spec(name: str) -> None:
    model = made(MODELS[name])
    for path in model._numbers.values:
        label, field = label_of_input(model.spec.group, path)
        assert field is not None
        assert label_of(path, model) == with_unit(label, field.unit)
    for output in model.spec.outputs.values():
        if output.name not in model.spec.group.fields:
            assert label_of(output.name, model) == with_unit(output.label, output.unit)
    assert label_of("a_name_of_the_user", model) == label_of("a_name_of_the_user") == "a name of the user"


def test_drivers_have_labels_of_the_spec() -> None:
    law = GrowthLaw(takeoff.Uniform(0.5, 1.5), takeoff.Uniform(0.09, 0.1), limit=20)
    model = Retraining(law, takeoff.Uniform(0.1, 0.3))
    run = takeoff.ensemble(model, 500, rows=True, outputs=["criticality", "singular_time"])
    bars = figures.drivers(run, "criticality").axes[0]
    assert {label.get_text() for label in bars.get_yticklabels()} == {"first doubling", "first run", "r"}
    assert figures.density(run, "law.r").axes[0].get_title("left").endswith("above 1, the tipping point")
    assert figures.density(run, "law.first_doubling").axes[0].get_xlabel() == "first doubling, years"
    curve = figures.probability_curve(run, "first_run", pl.col("criticality") > 1)
    assert curve.axes[0].get_xlabel() == "first run, years"


# ---- causal loops --------------------------------------------------------------------------------------------------


def test_a_model_without_influences_has_no_causal_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ToyModel, "influences", ())
    for call in (figures.causal_loop, figures.causal_loop_graph):
        with pytest.raises(InvalidValueError, match=r"model must be a model that declares.*got 'ToyModel'"):
            call(ToyModel())


def test_quantities_without_a_place_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = Influence("policy", (("progress", "public_concern", 1), ("public_concern", "effort", -1)))
    ring = Influence("ring", (("first", "second", 1), ("second", "third", 1), ("third", "first", -1)))
    for declared, known in (((LABOR, policy), True), ((ring,), False)):
        monkeypatch.setattr(ToyModel, "influences", declared)
        graph = figures.causal_loop_graph(ToyModel())
        assert ("hardware" in graph) is known  # what other models add to quantities of the figure
        places = dict(graph.nodes(data="pos"))
        assert all(np.hypot(*np.subtract(a, b)) > 1 for a, b in combinations(places.values(), 2))
        assert {graph.nodes[node]["on"] for edge in declared[-1].edges for node in edge[:2]} == {True}
        assert figures.causal_loop_graph(ToyModel()).nodes(data=True) == graph.nodes(data=True)
        figures.causal_loop(ToyModel()).draw_without_rendering()
    assert nx.is_directed(graph)


def test_a_causal_loop_of_an_uncertain_model() -> None:
    law = GrowthLaw(3, 1, takeoff.Uniform(0.4, 0.9), limit=takeoff.Uniform(10, 40))
    graph = figures.causal_loop_graph(Retraining(law, takeoff.Uniform(0.1, 0.2)))
    assert {node for node, on in graph.nodes(data="on") if on} >= {"limit", "toes", "runs"}


# ---- direction -----------------------------------------------------------------------------------------------------


def test_figures_know_no_model_by_name_and_nothing_above_them() -> None:
    names = {kind.__name__ for kind in MODELS.values()} | {kind.Result.__name__ for kind in MODELS.values()}
    for path in (PACKAGE / "figures").glob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        code = "\n".join(line for line in lines if not line.lstrip().startswith((">>>", "...")))
        assert not {name for name in names if re.search(rf"(?<!takeoff\.)\b{name}\b", code)}, path.name
        assert not re.search(r"takeoff\.(ensembles|scenarios|reproduce|cli)\b", code), path.name


def test_images_are_equal_bytes_and_need_no_reproduction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "takeoff.reproduce", None)
    first, again = (draw("series", simulate(GrowthLaw(1, 1), 1)) for _ in range(2))
    assert image(first, "svg") == image(again, ".svg")
    assert image(first, "png").startswith(b"\x89PNG")
