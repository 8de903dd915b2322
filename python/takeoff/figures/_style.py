"""What figures share: their look, colours, units and axes."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff._arrays import paths_in
from takeoff.errors import DtypeError, MissingExtraError
from takeoff.units import DAY, MONTH, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from takeoff.models import Model
    from takeoff.models._spec import Field

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#555555",
)
STYLES: tuple[tuple[str, Any], ...] = (
    (BLUE, (0, (1, 1.2))),
    (GREEN, (0, (5, 1.5))),
    (ORANGE, "solid"),
    (PURPLE, (0, (6, 1.5, 1, 1.5))),
    (RED, (0, (3, 1))),
    (SKY, (0, (1, 0.6))),
)
"""Colour and dashes of each line of a figure."""

DASHED: dict[str, Any] = {"color": "black", "linewidth": 1.2, "linestyle": (0, (4, 2))}
"""Lines for comparison: limits, asymptotes."""

_LOOK: dict[str, Any] = {
    "figure.figsize": (7.2, 4.4),
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "svg.hashsalt": "takeoff",
    "svg.fonttype": "path",
}


@contextmanager
def drawing(ax: Axes | None = None, **look: Any) -> Iterator[tuple[Figure, Axes]]:
    """A figure with axes to draw on: those given, or new ones with the look of this package (and `look`)."""
    try:
        import matplotlib as mpl
        from matplotlib.axes import Axes as AnyAxes
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as NewFigure
    except ImportError as error:
        raise MissingExtraError("a figure", "plot") from error
    if ax is not None and not isinstance(ax, AnyAxes):
        raise DtypeError("plot", "ax", type(ax).__name__, "matplotlib Axes or None")
    options: Any = _LOOK | look
    with mpl.rc_context(options):
        if ax is not None:
            yield ax.get_figure(root=True), ax  # type: ignore[misc]
            return
        figure = NewFigure()
        FigureCanvasAgg(figure)
        yield figure, figure.add_subplot()


def unit_of(horizon: float) -> tuple[str, float]:
    """The unit (and its size in years) in which times up to a horizon read best."""
    for name, size in (("years", YEAR), ("months", MONTH), ("days", DAY)):
        if horizon >= 2 * size:
            return name, size
    return "hours", DAY / 24


def in_one_unit(times: Iterable[float]) -> list[str]:
    """Times as texts of the same unit."""
    values = np.array(list(times))
    unit, size = unit_of(float(np.max(values[np.isfinite(values)], initial=0.0)) * 2.001)
    rounded = [f"{value / size:.3g}" for value in values]
    return [f"{text} {unit.removesuffix('s') if text == '1' else unit}" for text in rounded]


def labels_of(model: Model) -> list[str]:
    """Return what tells the paths of a model apart."""
    shape, paths = model.shape, paths_in(model.shape)
    parts = []
    for path, values in model._varying().items():
        field = model.spec.group.field_at(path)
        column = np.broadcast_to(values, shape).reshape(-1)
        if field is None:
            parts.append([f"{path} = {each:.3g}" for each in column])
            continue
        inner = path.removesuffix(field.name).removeprefix("law.").replace("_", " ").replace(".", " ")
        parts.append(_texts(f"{inner}{field.label}", field, column))
    return [", ".join(part[i] for part in parts) for i in range(paths)]


def _texts(label: str, field: Field, column: Any) -> list[str]:
    """Return values of a field as texts with their unit."""
    if field.unit == "years":
        return [f"{label} {text}" for text in in_one_unit(column)]
    if field.unit == "1":
        return [f"{label} = {each:.3g}" for each in column]
    absent = f"no {label}"
    return [absent if each == field.none else f"{label} {each:.3g} {field.unit}" for each in column]


def axes_of_doublings(axes: Axes, unit: str, top: float) -> None:
    """Label axes of time, doublings and (on the right) level, up to a number of doublings."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(0, top * 1.06)
    axes.set_xlabel(f"time since the start, {unit}")
    axes.set_ylabel("software doublings since the start")
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    right = axes.secondary_yaxis("right")
    right.set_ylabel("level, relative to the start")
    ticks = _level_ticks(top)
    right.set_yticks([position for position, _ in ticks], [label for _, label in ticks])


def axis_of_years(axis: Axis) -> None:
    """Label an axis of calendar time: whole years, or parts of one where few are in sight."""
    from matplotlib.ticker import MaxNLocator

    first, last = axis.get_view_interval()
    axis.set_major_locator(MaxNLocator(6, integer=last - first >= 4, steps=[1, 2, 5, 10]))
    axis.get_major_formatter().set_useOffset(False)  # type: ignore[attr-defined]
    axis.set_label_text("time, years")


def axis_of_ratios(axis: Axis) -> None:
    """Ticks of a logarithmic axis as it is in sight: powers of 2, closer where these are few, further where many."""
    from matplotlib.ticker import AutoLocator, LogLocator, NullLocator, StrMethodFormatter

    low, high = axis.get_view_interval()
    if high < 3 * low:
        axis.set_major_locator(AutoLocator())
    elif high < 8 * low:
        axis.set_major_locator(LogLocator(10, subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
    else:
        axis.set_major_locator(LogLocator(2 if high < 300 * low else 10))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_locator(NullLocator())


def _level_ticks(top: float) -> list[tuple[float, str]]:
    """Round levels up to `top` doublings: powers of 2 below a level of 100, else of 10."""
    decades = top * math.log10(2)
    if decades < 2:
        step = max(1, math.ceil(top / 7))
        return [(float(n), f"{2**n:,}x") for n in range(0, math.floor(top) + 1, step)]
    step = math.ceil(decades / 7)
    return [
        (k / math.log10(2), f"{10**k:,}x" if k < 4 else f"$10^{{{k}}}$x")
        for k in range(0, math.floor(decades) + 1, step)
    ]


def plain(text: str) -> str:
    """A name from outside as text: matplotlib reads what stands between two dollars as a formula."""
    return text.replace("$", r"\$")


def note(axes: Axes, text: str, at: tuple[float, float], **options: Any) -> None:
    """A small text beside a point, off it by `xytext` points."""
    axes.annotate(text, at, textcoords="offset points", **({"fontsize": 9.5} | options))
