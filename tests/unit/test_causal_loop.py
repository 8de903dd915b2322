"""The causal loop of a model: which parts are on, and a picture that can be read."""

from itertools import combinations
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

import takeoff
from takeoff import CES, Automation, DavidsonHoulden, GrowthLaw, Hardware, HumanReaction, Retraining, ToyModel
from takeoff.errors import DtypeError
from takeoff.figures import causal_loop
from takeoff.figures._causal_loop import _NODES, _PARTS

PLAIN = GrowthLaw(3, 1 / 12)
CORE = {"AI software", "AI labor: copies at work", "research effort", "software progress", "diminishing returns"}
EXPERIMENTS, HARDWARE = "experiments that compute allows", "growing hardware"
MODELS: dict[str, tuple[Any, set[str]]] = {
    "labor alone": (PLAIN, set()),
    "toy": (ToyModel(), set()),
    "one path of many with a limit": (GrowthLaw(3, 1, limit=[np.inf, 30]), {"nearness of the physical limit"}),
    "parallelizability": (GrowthLaw(3, 1, [1, 0.5]), {"duplicated work"}),
    "compute": (GrowthLaw(3, 1, effort=CES(0.5, 0)), {EXPERIMENTS}),
    "hardware": (GrowthLaw(3, 1, hardware=Hardware(1)), {HARDWARE}),
    "automation": (GrowthLaw(3, 1, automation=Automation(0, 1, 1)), {"share of tasks automated", "human researchers"}),
    "retraining": (Retraining(PLAIN, 0.2), {"training runs: delay"}),
    "human reaction": (HumanReaction(PLAIN, target_pace=24, gain=20), {"human reaction"}),
    "Davidson & Houlden": (
        DavidsonHoulden(1.2, 8, 11, 0.3, retraining="paper", boost="gradual"),
        {"nearness of the physical limit", "duplicated work", HARDWARE, "training runs: delay"},
    ),
    "a law inside": (
        Retraining(GrowthLaw(3, 1, effort=CES(0.5, 0), hardware=Hardware(1)), 0.2),
        {"training runs: delay", EXPERIMENTS, HARDWARE},
    ),
}


def words_on(figure: Figure) -> set[str]:
    return {
        text.get_text().replace("\n", " ")
        for text in figure.axes[0].texts
        if text.get_color() == "black" and text.get_fontsize() == 9 and "more leads" not in text.get_text()
    }


def influences(model: Any) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for part in _PARTS if part.on(model) for edge in part.edges}


@pytest.mark.parametrize("name", MODELS)
def test_the_parts_of_a_model_are_on(name: str) -> None:
    model, more = MODELS[name]
    assert words_on(causal_loop(model)) == CORE | more


def test_influences() -> None:
    assert ("progress", "software") in influences(PLAIN)
    assert ("progress", "software") not in influences(Retraining(PLAIN, 1))
    both = GrowthLaw(3, 1, effort=CES(0.5, 0, experiment_efficiency=0.3), hardware=Hardware(1))
    assert {("hardware", "compute"), ("software", "compute")} <= influences(both)
    assert ("software", "compute") not in influences(GrowthLaw(3, 1, effort=CES(0.5, 0)))
    assert ("hardware", "compute") not in influences(GrowthLaw(3, 1, hardware=Hardware(1)))


def test_every_part_joins_nodes_and_every_node_has_a_part() -> None:
    edges = [edge for part in _PARTS for edge in part.edges]
    assert {name for edge in edges for name in (edge.source, edge.target)} == set(_NODES)
    assert len({(edge.source, edge.target) for edge in edges}) == len(edges)
    for edge in edges:
        assert edge.sign in {"+", "-"}
        for a, b in zip(edge.path, edge.path[1:], strict=False):
            assert (a[0] == b[0]) != (a[1] == b[1])  # every piece runs along an axis
        for name, point in zip((edge.source, edge.target), (edge.path[:1], edge.path[-1:]), strict=True):
            for x, y in point:
                assert y == _NODES[name][1][1]
                assert abs(x - _NODES[name][1][0]) < 1  # lines end within their boxes


def test_texts_overlap_nothing() -> None:
    figure = causal_loop(Retraining(PLAIN, 0.2))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [patch.get_window_extent() for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    texts = [text.get_window_extent() for text in axes.texts]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert not any(a.overlaps(b) for a, b in combinations(texts, 2))
    for text, box in zip(axes.texts[-5 - len(_NODES) : -5], boxes, strict=True):
        inner = text.get_window_extent()
        assert box.x0 < inner.x0 < inner.x1 < box.x1
        assert box.y0 < inner.y0 < inner.y1 < box.y1
    whole = figure.bbox
    assert all(whole.x0 <= t.x0 and t.x1 <= whole.x1 and whole.y0 <= t.y0 and t.y1 <= whole.y1 for t in texts)


def test_axes_may_be_given_and_models_are_checked() -> None:
    figure = Figure()
    assert causal_loop(PLAIN, ax=figure.add_subplot()) is figure
    assert mpl.rcParams["axes.grid"] is False
    others: list[Any] = [None, "explosion", 3, takeoff.simulate(PLAIN, 1)]
    for other in others:
        with pytest.raises(DtypeError, match=r"model must be a model.*\(causal_loop.model\)"):
            causal_loop(other)
    with pytest.raises(DtypeError, match="ax must be"):
        causal_loop(PLAIN, ax=3)  # type: ignore[arg-type]
