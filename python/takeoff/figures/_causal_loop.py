"""The causal loop of a model: what drives what, and which parts are on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff.errors import DtypeError
from takeoff.figures._style import BLUE, RED, drawing
from takeoff.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_Point = tuple[float, float]

_WIDTH, _HEIGHT = 2.3, 0.86
_OFF = "#a8a8a8"

_NODES: dict[str, tuple[str, _Point]] = {
    "software": ("AI software", (1.5, 4.7)),
    "labor": ("AI labor:\ncopies at work", (5.2, 7.7)),
    "hardware": ("growing hardware", (5.2, 6.2)),
    "compute": ("experiments that\ncompute allows", (5.2, 4.7)),
    "tasks": ("share of tasks\nautomated", (5.2, 3.2)),
    "people": ("human\nresearchers", (9.0, 8.5)),
    "effort": ("research effort", (9.0, 4.7)),
    "toes": ("duplicated work", (11.4, 6.2)),
    "reaction": ("human reaction", (11.4, 3.2)),
    "progress": ("software progress", (13.8, 4.7)),
    "returns": ("diminishing\nreturns", (7.6, 9.8)),
    "limit": ("nearness of the\nphysical limit", (7.6, 11.0)),
    "runs": ("training runs:\ndelay", (7.6, 0.9)),
}
"""Words of each node and its place."""


@dataclass(frozen=True)
class _Edge:
    """An influence.

    Attributes
    ----------
    source, target : str
        Nodes.
    sign : str
        ``"+"`` where more leads to more, ``"-"`` where it leads to less.
    path : tuple of points
        Where the line runs, from within the source to within the target; empty for the straight one.
    """

    source: str
    target: str
    sign: str
    path: tuple[_Point, ...] = ()


@dataclass(frozen=True)
class _Part:
    """A part of a model: how it is recognised, and the influences that it adds."""

    name: str
    on: Callable[[Any], bool]
    edges: tuple[_Edge, ...]


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
        (
            _Edge("software", "labor", "+", ((2.1, 4.7), (2.1, 7.7), (5.2, 7.7))),
            _Edge("labor", "effort", "+", ((5.2, 7.7), (8.4, 7.7), (8.4, 4.7))),
            _Edge("effort", "progress", "+"),
        ),
    ),
    _Part(
        "diminishing returns",
        lambda _: True,
        (
            _Edge("software", "returns", "+", ((1.5, 4.7), (1.5, 9.8), (7.6, 9.8))),
            _Edge("returns", "progress", "-", ((7.6, 9.8), (14.0, 9.8), (14.0, 4.7))),
        ),
    ),
    _Part(
        "limit",
        lambda model: any(np.any(np.isfinite(each)) for each in _values(model, "limit")),
        (
            _Edge("software", "limit", "+", ((0.9, 4.7), (0.9, 11.0), (7.6, 11.0))),
            _Edge("limit", "progress", "-", ((7.6, 11.0), (14.6, 11.0), (14.6, 4.7))),
        ),
    ),
    _Part(
        "parallelizability",
        lambda model: any(np.any(np.less(each, 1)) for each in _values(model, "parallelizability")),
        (
            _Edge("effort", "toes", "+", ((9.6, 4.7), (9.6, 6.2), (11.4, 6.2))),
            _Edge("toes", "progress", "-", ((11.4, 6.2), (13.2, 6.2), (13.2, 4.7))),
        ),
    ),
    _Part("experiment compute", _has("effort"), (_Edge("compute", "effort", "+"),)),
    _Part("cheaper experiments", _cheaper_experiments, (_Edge("software", "compute", "+"),)),
    _Part("hardware", _growing_hardware, (_Edge("hardware", "labor", "+"),)),
    _Part(
        "hardware for experiments",
        lambda model: _has("hardware")(model) and _has("effort")(model),
        (_Edge("hardware", "compute", "+"),),
    ),
    _Part(
        "automation",
        _has("automation"),
        (
            _Edge("software", "tasks", "+", ((2.1, 4.7), (2.1, 3.2), (5.2, 3.2))),
            _Edge("tasks", "effort", "+", ((5.2, 3.2), (8.4, 3.2), (8.4, 4.7))),
            _Edge("people", "effort", "+"),
        ),
    ),
    _Part(
        "deployment at once",
        lambda model: not _training_runs(model),
        (_Edge("progress", "software", "+", ((13.8, 4.7), (13.8, 2.0), (1.5, 2.0), (1.5, 4.7))),),
    ),
    _Part(
        "retraining",
        _training_runs,
        (
            _Edge("progress", "runs", "+", ((14.4, 4.7), (14.4, 0.9), (7.6, 0.9))),
            _Edge("runs", "software", "+", ((7.6, 0.9), (0.9, 0.9), (0.9, 4.7))),
        ),
    ),
    _Part(
        "human reaction",
        _has("target_pace"),
        (
            _Edge("progress", "reaction", "+", ((13.2, 4.7), (13.2, 3.2), (11.4, 3.2))),
            _Edge("reaction", "effort", "-", ((11.4, 3.2), (9.6, 3.2), (9.6, 4.7))),
        ),
    ),
)
"""Every part that a model can have."""


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
        are grey and dashed.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    DtypeError
        Something that is not a model.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> figure = takeoff.figures.causal_loop(law)
    >>> figure.axes[0].texts[-1].get_text()
    'left out of this model'
    """
    if not isinstance(model, Model):
        raise DtypeError("causal_loop", "model", type(model).__name__, "a model, such as a takeoff.GrowthLaw")
    present = [part.on(model) for part in _PARTS]
    edges = [edge for part, there in zip(_PARTS, present, strict=True) if there for edge in part.edges]
    on = {edge.source for edge in edges} | {edge.target for edge in edges}
    with drawing(ax, **{"figure.figsize": (9.4, 7.2), "axes.grid": False}) as (figure, axes):
        axes.set_xlim(0.1, 15.3)
        axes.set_ylim(-0.5, 11.6)
        axes.set_aspect("equal")
        axes.set_axis_off()
        for there, part in sorted(zip(present, _PARTS, strict=True), key=lambda pair: pair[0]):
            for edge in part.edges:
                _draw_edge(axes, edge, there)
        for name, (words, place) in _NODES.items():
            _draw_node(axes, words, place, name in on)
        _draw_key(axes)
    return figure


def _draw_node(axes: Axes, words: str, place: _Point, there: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (place[0] - _WIDTH / 2, place[1] - _HEIGHT / 2)
    look: dict[str, Any] = (
        {"facecolor": "#edf3f8", "edgecolor": "#222222", "linewidth": 1.3}
        if there
        else {"facecolor": "white", "edgecolor": _OFF, "linewidth": 1.0, "linestyle": (0, (4, 2.5))}
    )
    style = "round,pad=0,rounding_size=0.2"
    axes.add_patch(FancyBboxPatch(corner, _WIDTH, _HEIGHT, boxstyle=style, zorder=3, **look))
    color = "black" if there else "#8a8a8a"
    axes.text(*place, words, ha="center", va="center", fontsize=9, color=color, zorder=4, linespacing=1.1)


def _draw_edge(axes: Axes, edge: _Edge, there: bool) -> None:
    from matplotlib.patches import FancyArrowPatch

    points = list(edge.path or (_NODES[edge.source][1], _NODES[edge.target][1]))
    points[0] = _at_border(points[1], points[0], _NODES[edge.source][1])
    points[-1] = _at_border(points[-2], points[-1], _NODES[edge.target][1])
    color = (BLUE if edge.sign == "+" else RED) if there else _OFF
    line: Any = "solid" if there else (0, (4, 2.5))
    look: dict[str, Any] = {"color": color, "linewidth": 1.8 if there else 1.0, "zorder": 2 if there else 1}
    axes.plot(*_rounded(points).T, linestyle=line, solid_capstyle="butt", **look)
    arrow: dict[str, Any] = {
        "arrowstyle": "-|>,head_width=3.2,head_length=6",
        "mutation_scale": 1,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    near = np.add(points[-1], 0.01 * np.sign(np.subtract(points[-2], points[-1])))
    axes.add_patch(FancyArrowPatch(tuple(near), points[-1], **arrow, **(look | {"linewidth": 1.0})))
    lengths = [float(np.hypot(*np.subtract(b, a))) for a, b in pairwise(points)]
    k = int(np.argmax(lengths))
    middle = np.mean(points[k : k + 2], axis=0) + (0.12 * np.sign(np.subtract(points[k], points[k + 1])))
    _draw_sign(axes, (float(middle[0]), float(middle[1])), edge.sign, color)


def _draw_sign(axes: Axes, place: _Point, sign: str, color: str) -> None:
    words = "+" if sign == "+" else "\N{MINUS SIGN}"
    badge = {"boxstyle": "circle,pad=0.12", "facecolor": "white", "edgecolor": color, "linewidth": 0.9}
    axes.text(*place, words, ha="center", va="center", fontsize=8.5, color=color, bbox=badge, zorder=5)


def _draw_key(axes: Axes) -> None:
    y, at = -0.25, iter((0.9, 5.1, 9.0))
    for sign, color, words in (("+", BLUE, "more leads to more"), ("-", RED, "more leads to less")):
        x = next(at)
        _draw_sign(axes, (x, y), sign, color)
        axes.text(x + 0.35, y, words, ha="left", va="center", fontsize=9)
    x = next(at)
    axes.plot([x, x + 0.8], [y, y], color=_OFF, linewidth=1.0, linestyle=(0, (4, 2.5)))
    axes.text(x + 1.0, y, "left out of this model", ha="left", va="center", fontsize=9, color="#6b6b6b")


def _at_border(outside: _Point, inside: _Point, center: _Point) -> _Point:
    """Where a line along an axis enters the box around a node."""
    if outside[0] == inside[0]:
        return inside[0], center[1] + float(np.copysign(_HEIGHT / 2, outside[1] - inside[1]))
    return center[0] + float(np.copysign(_WIDTH / 2, outside[0] - inside[0])), inside[1]


def _rounded(points: list[_Point], radius: float = 0.3) -> Any:
    """A line through points, with round corners."""
    line = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter = np.add(corner, radius * np.sign(np.subtract(before, corner)))
        leave = np.add(corner, radius * np.sign(np.subtract(after, corner)))
        for s in np.linspace(0, 1, 9):
            bend = (1 - s) ** 2 * enter + 2 * s * (1 - s) * np.asarray(corner) + s**2 * leave
            line.append((float(bend[0]), float(bend[1])))
    return np.array([*line, points[-1]])
