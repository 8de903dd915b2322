"""The causal loop of a model: the graph, which parts are on, and a picture that can be read."""

import math
import sys
from itertools import combinations
from typing import Any

import matplotlib as mpl
import networkx as nx
import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

import takeoff
from takeoff import CES, Automation, DavidsonHoulden, GrowthLaw, Hardware, HumanReaction, Retraining, ToyModel
from takeoff.errors import DtypeError, MissingExtraError
from takeoff.figures import causal_loop, causal_loop_graph

PLAIN = GrowthLaw(3, 1 / 12)
CORE = {"software", "labor", "effort", "progress", "returns"}
MODELS: dict[str, tuple[Any, set[str]]] = {
    "labor alone": (PLAIN, set()),
    "toy": (ToyModel(), set()),
    "one path of many with a limit": (GrowthLaw(3, 1, limit=[np.inf, 30]), {"limit"}),
    "parallelizability": (GrowthLaw(3, 1, [1, 0.5]), {"toes"}),
    "compute": (GrowthLaw(3, 1, effort=CES(0.5, 0)), {"compute"}),
    "hardware": (GrowthLaw(3, 1, hardware=Hardware(1)), {"hardware"}),
    "automation": (GrowthLaw(3, 1, automation=Automation(0, 1, 1)), {"tasks", "people"}),
    "retraining": (Retraining(PLAIN, 0.2), {"runs"}),
    "human reaction": (HumanReaction(PLAIN, target_pace=24, gain=20), {"reaction"}),
    "Davidson & Houlden": (
        DavidsonHoulden(1.2, 8, 11, 0.3, retraining="paper", boost="gradual"),
        {"limit", "toes", "hardware", "runs"},
    ),
    "a law inside": (
        Retraining(GrowthLaw(3, 1, effort=CES(0.5, 0), hardware=Hardware(1)), 0.2),
        {"runs", "compute", "hardware"},
    ),
}


def words_on(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.axes[0].texts if text.get_color() == "black"}


def active(model: Any) -> Any:
    graph = causal_loop_graph(model)
    return graph.edge_subgraph([edge for edge in graph.edges if graph.edges[edge]["on"]])


def loops(model: Any) -> dict[frozenset[str], int]:
    """Feedback loops, and whether each reinforces (1) or balances (-1)."""
    graph = active(model)
    return {
        frozenset(loop): math.prod(graph.edges[edge]["sign"] for edge in nx.utils.pairwise(loop, cyclic=True))
        for loop in nx.simple_cycles(graph)
    }


@pytest.mark.parametrize("name", MODELS)
def test_the_parts_of_a_model_are_on(name: str) -> None:
    model, more = MODELS[name]
    graph = causal_loop_graph(model)
    on = {node for node, there in graph.nodes(data="on") if there}
    assert on == CORE | more == set(active(model))
    assert words_on(causal_loop(model)) == {graph.nodes[node]["label"] for node in on}
    assert graph.name == model.name


def test_influences() -> None:
    assert ("progress", "software") in active(PLAIN).edges
    assert ("progress", "software") not in active(Retraining(PLAIN, 1)).edges
    both = GrowthLaw(3, 1, effort=CES(0.5, 0, experiment_efficiency=0.3), hardware=Hardware(1))
    assert {("hardware", "compute"), ("software", "compute")} <= set(active(both).edges)
    assert ("software", "compute") not in active(GrowthLaw(3, 1, effort=CES(0.5, 0))).edges
    assert ("hardware", "compute") not in active(GrowthLaw(3, 1, hardware=Hardware(1))).edges


def test_feedback_loops_reinforce_or_balance() -> None:
    plain = {
        frozenset({"software", "labor", "effort", "progress"}): 1,
        frozenset({"software", "returns", "progress"}): -1,
    }
    assert loops(PLAIN) == plain
    limited = frozenset({"software", "limit", "progress"})
    assert loops(GrowthLaw(3, 1, limit=30)) == plain | {limited: -1}
    braked = frozenset({"effort", "progress", "reaction"})
    assert loops(HumanReaction(PLAIN, target_pace=24, gain=20)) == plain | {braked: -1}
    trained = loops(Retraining(PLAIN, 0.2))
    assert set(trained) == {each | {"runs"} for each in plain}


def test_every_quantity_has_an_influence_and_every_influence_a_part() -> None:
    graph = causal_loop_graph(PLAIN)
    assert nx.is_weakly_connected(graph)
    assert graph.number_of_edges() == 21
    for _, _, edge in graph.edges(data=True):
        assert edge["sign"] in {1, -1}
        assert edge["part"]
    assert {edge for edge in graph.edges if graph.edges[edge]["part"] == "human reaction"} == {
        ("progress", "reaction"),
        ("reaction", "effort"),
    }


@pytest.mark.parametrize("name", ["labor alone", "retraining", "human reaction"])
def test_nothing_overlaps(name: str) -> None:
    model = MODELS[name][0]
    figure, graph = causal_loop(model), causal_loop_graph(model)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    point = figure.dpi / 72
    (radius,) = {
        0.5 * point * float(np.sqrt(size))
        for c in axes.collections
        if isinstance(c, PathCollection)
        for size in c.get_sizes()
    }
    places = {node: axes.transData.transform(pos) for node, pos in graph.nodes(data="pos")}
    for a, b in combinations(places.values(), 2):
        assert np.hypot(*(a - b)) > 2 * radius
    for node, place in places.items():
        (words,) = (text for text in axes.texts if text.get_text() == graph.nodes[node]["label"])
        box = words.get_window_extent()
        assert box.width < 2 * radius
        assert box.height < 1.5 * radius
        assert np.hypot(box.x0 + box.width / 2 - place[0], box.y0 + box.height / 2 - place[1]) < 3
    lines = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(lines) == graph.number_of_edges()
    for line in lines:
        course = line.get_transform().transform_path(line.get_path()).interpolated(50).vertices
        near = {node for node, place in places.items() if np.min(np.hypot(*(course - place).T)) < radius - 1}
        assert near == set()  # lines end at the border of their nodes and cross no other
    signs = [text.get_window_extent() for text in axes.texts if text.get_text() in {"+", "\N{MINUS SIGN}"}]
    assert len(signs) == len(lines)
    assert not any(a.overlaps(b) for a, b in combinations(signs, 2))
    key = axes.get_legend()
    assert key is not None
    whole, box = figure.bbox, key.get_window_extent()
    assert whole.x0 <= box.x0 < box.x1 <= whole.x1
    assert whole.y0 <= box.y0 < box.y1 < min(place[1] for place in places.values()) - radius
    assert all(whole.x0 + radius < x < whole.x1 - radius and y < whole.y1 - radius for x, y in places.values())


def test_axes_may_be_given_and_models_are_checked() -> None:
    figure = Figure(figsize=(8, 4))
    axes, small = figure.subplots(1, 2)
    assert causal_loop(PLAIN, ax=axes) is causal_loop(PLAIN, ax=small) is figure
    assert mpl.rcParams["axes.grid"] is False
    (words,) = (text for text in small.texts if text.get_text() == "human\nreaction")
    assert 2 < words.get_fontsize() < 5
    others: list[Any] = [None, "explosion", 3, takeoff.simulate(PLAIN, 1)]
    for other in others:
        for call in (causal_loop, causal_loop_graph):
            with pytest.raises(DtypeError, match=r"model must be a model.*\(causal_loop.model\)"):
                call(other)
    with pytest.raises(DtypeError, match="ax must be"):
        causal_loop(PLAIN, ax=3)  # type: ignore[arg-type]


def test_without_networkx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(MissingExtraError, match=r"a causal loop needs the extra 'plot'.*takeoff\[plot\]"):
        causal_loop(PLAIN)
