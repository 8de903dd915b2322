"""The causal loop of a model: what drives what, and which parts are on."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff.errors import DtypeError, InvalidValueError, MissingExtraError
from takeoff.figures._style import BLUE, RED, drawing
from takeoff.models import MODELS, Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import networkx as nx
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models._influences import Influence

_SIZE = (8.0, 8.6)
"""Of a figure of its own, inches."""
_DIAMETER = 68.0
"""Of a node of it, points."""
_OFF, _OFF_WORDS = "#a8a8a8", "#8a8a8a"
_DASHES: Any = (0, (4, 2.5))
_SIGN = {1: "+", -1: "\N{MINUS SIGN}"}

_NODES: dict[str, tuple[str, tuple[float, float]]] = {
    "software": ("AI\nsoftware", (0.0, 0.0)),
    "labor": ("AI labor:\ncopies\nat work", (0.0, 3.4)),
    "effort": ("research\neffort", (5.4, 3.4)),
    "progress": ("software\nprogress", (5.4, 0.0)),
    "hardware": ("growing\nhardware", (1.4, 4.7)),
    "compute": ("experiments\nthat compute\nallows", (1.8, 2.45)),
    "tasks": ("share\nof tasks\nautomated", (2.7, 1.15)),
    "people": ("human\nresearchers", (4.0, 4.7)),
    "reaction": ("human\nreaction", (4.35, 1.55)),
    "toes": ("duplicated\nwork", (6.5, 1.7)),
    "runs": ("training\nruns:\ndelay", (2.7, -1.1)),
    "returns": ("diminishing\nreturns", (2.7, -2.35)),
    "limit": ("nearness\nof physical\nlimit", (2.7, -3.6)),
}
"""Words of each node and its place: the loop of software runs around the others."""


_BENDS: dict[tuple[str, str], float] = {
    ("software", "returns"): 0.2,
    ("returns", "progress"): 0.2,
    ("software", "limit"): 0.25,
    ("limit", "progress"): 0.25,
    ("effort", "toes"): -0.15,
    ("toes", "progress"): -0.15,
    ("progress", "runs"): -0.1,
    ("runs", "software"): -0.1,
    ("progress", "reaction"): -0.1,
    ("reaction", "effort"): -0.1,
}
"""How far the line of an influence bulges to the right of its direction, as a share of its length."""
_APART = 1.5
"""Distance of nodes that have no place above from all others."""
_RIGHT = 8.0
"""Where these are to the right of the others."""


def causal_loop_graph(model: Model) -> nx.DiGraph[str]:
    """Graph of what drives what in a model, made from its parts: what :func:`causal_loop` draws.

    Parameters
    ----------
    model : Model
        The model; of several paths, a part is on if any has it.

    Returns
    -------
    networkx.DiGraph
        Influences of the model, and those that other models have of the same quantities. Nodes have a `label`, a place
        `pos` and `on`, whether the model has them; edges have `sign` (1 where more leads to more, -1 where it leads to
        less), the `part` of the model that they come from, `on`, and `bend`, how far their line bulges. The graph's
        name is the model's.

    Raises
    ------
    MissingExtraError
        Without networkx.
    DtypeError
        Something that is not a model.
    InvalidValueError
        A model that declares no influences.

    Examples
    --------
    The feedback loops of a model, and whether each reinforces (1) or balances (-1):

    >>> import math
    >>> import networkx as nx
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> graph = takeoff.figures.causal_loop_graph(law)
    >>> on = graph.edge_subgraph([edge for edge in graph.edges if graph.edges[edge]["on"]])
    >>> for loop in sorted(nx.simple_cycles(on), key=sorted):
    ...     print(sorted(loop), math.prod(on.edges[edge]["sign"] for edge in nx.utils.pairwise(loop, cyclic=True)))
    ['effort', 'labor', 'progress', 'software'] 1
    ['progress', 'returns', 'software'] -1
    """
    if not isinstance(model, Model):
        raise DtypeError("causal_loop", "model", type(model).__name__, "a model of takeoff")
    try:
        import networkx as nx
    except ImportError as error:
        raise MissingExtraError("a causal loop", "plot") from error
    own = _declared(model)
    if not own:
        rule = "a model that declares what drives what"
        raise InvalidValueError("causal_loop", "model", type(model).__name__, rule)
    graph: nx.DiGraph[str] = nx.DiGraph(name=model.name)
    graph.add_nodes_from(_NODES)
    for part, (influence, owner) in own.items():
        _add(graph, influence, part, on=influence.on(owner))
    known = [node for node in graph.nodes if node in _NODES and graph.degree(node)]
    for influence in _of_other_models(own) if known else ():
        _add(graph, influence, influence.part, on=False)
    graph.remove_nodes_from([node for node, degree in list(graph.degree()) if not degree])
    for name, place in _places(graph).items():
        label = _NODES[name][0] if name in _NODES else textwrap.fill(name.replace("_", " "), 12)
        on = any(edge["on"] for *_, edge in (*graph.in_edges(name, data=True), *graph.out_edges(name, data=True)))
        graph.add_node(name, label=label, pos=place, on=on)
    return graph


def _declared(model: Any) -> dict[str, tuple[Influence, Any]]:
    """Return the influences of a model and of those inside it, each with its model, by part: the outer ones win."""
    collected: dict[str, tuple[Influence, Any]] = {}
    for name in model.group.parts:
        inner = getattr(model, name)
        if isinstance(inner, Model):
            collected |= _declared(inner)
    return collected | {influence.part: (influence, model) for influence in model.influences}


def _of_other_models(own: Mapping[str, Any]) -> Iterator[Influence]:
    """Find the influences of other models between quantities that have a place in the figure."""
    for kind in MODELS.values():
        for influence in kind.influences:
            if influence.part not in own and all(
                {source, target} <= set(_NODES) for source, target, _ in influence.edges
            ):
                yield influence


def _add(graph: nx.DiGraph[str], influence: Influence, part: str, *, on: bool) -> None:
    for source, target, sign in influence.edges:
        if not graph.has_edge(source, target):
            graph.add_edge(source, target, sign=sign, part=part, on=on, bend=_BENDS.get((source, target), 0.0))


def _places(graph: nx.DiGraph[str]) -> dict[str, tuple[float, float]]:
    """Return the places of nodes: those of the figure, and for others a layout by springs around them."""
    import networkx as nx

    fixed = {name: _NODES[name][1] for name in graph.nodes if name in _NODES}
    if len(fixed) == graph.number_of_nodes():
        return fixed
    if not fixed:
        radius = max(2.5, graph.number_of_nodes() * _APART / (2 * math.pi))
        placed = nx.circular_layout(graph, scale=radius)
    else:
        names = [name for name in graph.nodes if name not in fixed]
        start = fixed | {name: (_RIGHT, _APART * k) for k, name in enumerate(names)}
        placed = nx.spring_layout(graph.to_undirected(), pos=start, fixed=list(fixed), k=_APART, iterations=200, seed=0)
        placed = _apart(placed, set(fixed))
    return {name: (float(x), float(y)) for name, (x, y) in placed.items()}


def _apart(places: Mapping[str, Any], fixed: set[str]) -> dict[str, Any]:
    """Move nodes that lie too close to others outwards, along the line from the middle."""
    middle = np.mean(list(places.values()), axis=0)
    moved = {name: np.asarray(place, dtype=np.float64) for name, place in places.items() if name in fixed}
    for name, place in places.items():
        if name in fixed:
            continue
        at = np.asarray(place, dtype=np.float64)
        away = at - middle
        away = away / np.hypot(*away) if np.hypot(*away) > 1e-9 else np.array([1.0, 0.0])
        while min(np.hypot(*(at - other)) for other in moved.values()) < _APART:
            at = at + 0.1 * away
        moved[name] = at
    return moved


def causal_loop(model: Model, *, ax: Axes | None = None) -> Figure:
    """Causal loop of a model, in the manner of the paper's Figures 1 to 4 and 12.

    Parameters
    ----------
    model : Model
        The model; of several paths, a part is on if any has it.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        What drives what: ``+`` where more leads to more, ``-`` where it leads to less. Parts that the model leaves out
        are grey and dashed. :func:`causal_loop_graph` gives the graph behind it.

    Raises
    ------
    MissingExtraError
        Without matplotlib or networkx.
    DtypeError
        Something that is not a model.
    InvalidValueError
        A model that declares no influences.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> figure = takeoff.figures.causal_loop(law)
    >>> figure.axes[0].get_legend().get_texts()[-1].get_text()
    'left out of this model'
    """
    graph = causal_loop_graph(model)
    with drawing(ax, **{"figure.figsize": _SIZE, "axes.grid": False}) as (figure, axes):
        scale = _scale_of(graph) * (1.0 if ax is None else _scale_on(axes))
        axes.set_axis_off()
        axes.set_aspect("equal")
        for there in (False, True):
            _draw_edges(graph, axes, there, scale)
            _draw_nodes(graph, axes, there, scale)
        axes.margins(0.09)
        _draw_key(axes, scale)
    return figure


def _scale_of(graph: nx.DiGraph[str]) -> float:
    """Return how large nodes, lines and words are where nodes reach further than those that have a place."""
    reach = np.ptp(list(dict(graph.nodes(data="pos")).values()), axis=0)
    usual = np.ptp([place for _, place in _NODES.values()], axis=0)
    return float(min(1.0, *(usual / np.maximum(reach, usual))))


def _scale_on(axes: Axes) -> float:
    """How large nodes, lines and words are on axes that were given: as on a figure of its own, or smaller."""
    box = axes.get_position()
    size = np.multiply(axes.get_figure(root=True).get_size_inches(), (box.width, box.height))  # type: ignore[union-attr]
    return float(min(1.0, *(size / _SIZE)))


def _draw_nodes(graph: nx.DiGraph[str], axes: Axes, there: bool, scale: float) -> None:
    import networkx as nx

    nodes = {name: each for name, each in graph.nodes.items() if each["on"] is there}
    places = {name: each["pos"] for name, each in nodes.items()}
    drawn = nx.draw_networkx_nodes(
        graph,
        places,
        nodelist=list(nodes),
        node_size=(scale * _DIAMETER) ** 2,
        node_color="#edf3f8" if there else "white",
        edgecolors="#222222" if there else _OFF,
        linewidths=scale * (1.3 if there else 1.0),
        ax=axes,
    )
    drawn.set_linestyle("solid" if there else _DASHES)
    words = {name: each["label"] for name, each in nodes.items()}
    nx.draw_networkx_labels(
        graph, places, words, font_size=9 * scale, font_color="black" if there else _OFF_WORDS, clip_on=False, ax=axes
    )


def _draw_edges(graph: nx.DiGraph[str], axes: Axes, there: bool, scale: float) -> None:
    import networkx as nx

    places = nx.get_node_attributes(graph, "pos")
    for source, target, edge in graph.edges(data=True):
        if edge["on"] is not there:
            continue
        color = (BLUE if edge["sign"] > 0 else RED) if there else _OFF
        line = {"node_size": (scale * _DIAMETER) ** 2, "connectionstyle": f"arc3,rad={edge['bend']}", "ax": axes}
        nx.draw_networkx_edges(
            graph,
            places,
            [(source, target)],
            edge_color=color,
            width=scale * (1.8 if there else 1.0),
            style="solid" if there else _DASHES,
            arrowsize=14 * scale,
            **line,
        )
        nx.draw_networkx_edge_labels(
            graph,
            places,
            {(source, target): _SIGN[edge["sign"]]},
            font_size=8.5 * scale,
            font_color=color,
            bbox={"boxstyle": "circle,pad=0.12", "facecolor": "white", "edgecolor": color, "linewidth": 0.9 * scale},
            rotate=False,
            **line,
        )


def _draw_key(axes: Axes, scale: float) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=BLUE, linewidth=1.8 * scale, label="+  more leads to more"),
        Line2D([], [], color=RED, linewidth=1.8 * scale, label="\N{MINUS SIGN}  more leads to less"),
        Line2D([], [], color=_OFF, linewidth=scale, linestyle=_DASHES, label="left out of this model"),
    ]
    axes.legend(handles=lines, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, fontsize=9 * scale)
