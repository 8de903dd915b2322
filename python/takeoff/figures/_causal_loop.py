"""The causal loop of a model: what drives what, and which parts are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff.errors import DtypeError, MissingExtraError
from takeoff.figures._style import BLUE, RED, drawing
from takeoff.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import networkx as nx
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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


@dataclass(frozen=True)
class _Part:
    """A part of a model: how it is recognised, and the influences that it adds.

    Attributes
    ----------
    name : str
        What the part is called.
    on : callable
        Whether a model has it.
    edges : tuple of (source, target, sign, bend)
        Influences: the sign is 1 where more leads to more and -1 where it leads to less; the bend is how far the line
        bulges to the right of its direction, as a share of its length.
    """

    name: str
    on: Callable[[Any], bool]
    edges: tuple[tuple[str, str, int, float], ...]


def _values(model: Any, field: str) -> Iterator[Any]:
    """The values of a field that is not None, of a model and of the laws inside it."""
    while model is not None:
        if getattr(model, field, None) is not None:
            yield getattr(model, field)
        model = getattr(model, "law", None)


def _has(field: str) -> Callable[[Any], bool]:
    return lambda model: any(True for _ in _values(model, field))


def _training_runs(model: Any) -> bool:
    return _has("first_run")(model) or getattr(model, "retraining", "none") != "none"


def _growing_hardware(model: Any) -> bool:
    return _has("hardware")(model) or getattr(model, "boost", "sudden") == "gradual"


def _cheaper_experiments(model: Any) -> bool:
    return any(np.any(np.greater(each.experiment_efficiency, 0)) for each in _values(model, "effort"))


_PARTS: tuple[_Part, ...] = (
    _Part(
        "AI labor",
        lambda _: True,
        (("software", "labor", 1, 0.0), ("labor", "effort", 1, 0.0), ("effort", "progress", 1, 0.0)),
    ),
    _Part(
        "diminishing returns",
        lambda _: True,
        (("software", "returns", 1, 0.2), ("returns", "progress", -1, 0.2)),
    ),
    _Part(
        "limit",
        lambda model: any(np.any(np.isfinite(each)) for each in _values(model, "limit")),
        (("software", "limit", 1, 0.25), ("limit", "progress", -1, 0.25)),
    ),
    _Part(
        "parallelizability",
        lambda model: any(np.any(np.less(each, 1)) for each in _values(model, "parallelizability")),
        (("effort", "toes", 1, -0.15), ("toes", "progress", -1, -0.15)),
    ),
    _Part("experiment compute", _has("effort"), (("compute", "effort", 1, 0.0),)),
    _Part("cheaper experiments", _cheaper_experiments, (("software", "compute", 1, 0.0),)),
    _Part("hardware", _growing_hardware, (("hardware", "labor", 1, 0.0),)),
    _Part(
        "hardware for experiments",
        lambda model: _has("hardware")(model) and _has("effort")(model),
        (("hardware", "compute", 1, 0.0),),
    ),
    _Part(
        "automation",
        _has("automation"),
        (("software", "tasks", 1, 0.0), ("tasks", "effort", 1, 0.0), ("people", "effort", 1, 0.0)),
    ),
    _Part("deployment at once", lambda model: not _training_runs(model), (("progress", "software", 1, 0.0),)),
    _Part("retraining", _training_runs, (("progress", "runs", 1, -0.1), ("runs", "software", 1, -0.1))),
    _Part("human reaction", _has("target_pace"), (("progress", "reaction", 1, -0.1), ("reaction", "effort", -1, -0.1))),
)
"""Every part that a model can have."""


def causal_loop_graph(model: Model) -> nx.DiGraph[str]:
    """Graph of what drives what in a model, made from its parts: what :func:`causal_loop` draws.

    Parameters
    ----------
    model : Model
        The model; of several paths, a part is on if any has it.

    Returns
    -------
    networkx.DiGraph
        All quantities and influences that this package knows. Nodes have a `label`, a place `pos` and `on`, whether
        the model has them; edges have `sign` (1 where more leads to more, -1 where it leads to less), the `part` of
        the model that they come from, `on`, and `bend`, how far their line bulges. The graph's name is the model's.

    Raises
    ------
    MissingExtraError
        Without networkx.
    DtypeError
        Something that is not a model.

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
        raise DtypeError("causal_loop", "model", type(model).__name__, "a model, such as a takeoff.GrowthLaw")
    try:
        import networkx as nx
    except ImportError as error:
        raise MissingExtraError("a causal loop", "plot") from error
    graph: nx.DiGraph[str] = nx.DiGraph(name=model.name)
    for name, (label, place) in _NODES.items():
        graph.add_node(name, label=label, pos=place, on=False)
    for part in _PARTS:
        there = part.on(model)
        for source, target, sign, bend in part.edges:
            graph.add_edge(source, target, sign=sign, part=part.name, on=there, bend=bend)
            if there:
                graph.nodes[source]["on"] = graph.nodes[target]["on"] = True
    return graph


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
        scale = 1.0 if ax is None else _scale_of(axes)
        axes.set_axis_off()
        axes.set_aspect("equal")
        for there in (False, True):
            _draw_edges(graph, axes, there, scale)
            _draw_nodes(graph, axes, there, scale)
        axes.margins(0.09)
        _draw_key(axes, scale)
    return figure


def _scale_of(axes: Axes) -> float:
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
