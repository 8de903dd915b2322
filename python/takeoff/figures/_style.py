"""What figures share: their look, colours, units and axes."""

from __future__ import annotations

import io
import math
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff._arrays import paths_in
from takeoff.errors import DtypeError, InvalidValueError, MissingExtraError
from takeoff.models import MODELS
from takeoff.units import DAY, MONTH, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    from takeoff.models import Model
    from takeoff.models._spec import Field, Group

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


def in_words(unit: str) -> str:
    """Return a unit of a spec as one says it: ``"doublings/year"`` as "doublings per year", none for ``"1"``."""
    return " per ".join("" if part == "1" else part for part in unit.split("/")).strip()


def with_unit(label: str, unit: str) -> str:
    """Return the label of an axis: what it shows and in which unit, unless the words say that already."""
    words = in_words(unit)
    return label if not words or words.split()[0] in label.split() else f"{label}, {words}"


def labels_of(model: Model) -> list[str]:
    """Return what tells the paths of a model apart: the inputs in which they differ."""
    shape, paths = model.shape, paths_in(model.shape)
    parts = []
    for path, values in model._varying().items():
        column = np.broadcast_to(values, shape).reshape(-1)
        if paths > 1 and np.all(column == column[0]):
            continue
        label, field = label_of_input(model.spec.group, path)
        parts.append(
            [f"{label} = {number:.3g}" for number in column] if field is None else _texts(label, field, column)
        )
    return [", ".join(part[i] for part in parts) for i in range(paths)]


def title_of(model: Model) -> str:
    """Return a lone path in short: its inputs that have no default, or another value."""
    inputs, values = model.spec.group, model._numbers.values
    told = []
    for path, value in values.items():
        label, field = label_of_input(inputs, path)
        if field is not None and "[" not in path and value not in (field.default, field.none):
            told += _texts(label, field, np.ravel(value)[:1])
    shown = [*told[:_MOST_TOLD], *(["..."] if len(told) > _MOST_TOLD else [])]
    return textwrap.fill(", ".join(text.replace(" ", _JOINED) for text in shown), _WIDTH).replace(_JOINED, " ")


_MOST_TOLD: Final = 6
"""Inputs that the title of a lone path names."""
_JOINED: Final = "\N{NO-BREAK SPACE}"
_WIDTH: Final = 90
"""Characters in a line of a title."""


def label_of_input(group: Group, path: str) -> tuple[str, Field | None]:
    """Return the label of an input and its field, if there is one, from a path such as ``law.hardware.doubling_time``.

    Parts are named before the field; those that are models are not.
    """
    first, _, rest = path.partition(".")
    part = group.parts.get(first.partition("[")[0])
    if part is None or not rest:
        field = group.fields.get(path)
        return (path.replace("_", " "), None) if field is None else (field.label, field)
    label, field = label_of_input(part.group, rest)
    is_model = any(part.group is model.spec.group for model in MODELS.values())
    return (label if is_model else f"{part.label}{first[len(part.name) :]} {label}"), field


def _texts(label: str, field: Field, column: Any) -> list[str]:
    """Return values of a field as texts with their unit."""
    if field.unit == "years":
        return [f"{label} {text}" for text in in_one_unit(column)]
    if field.unit == "1":
        return [f"{label} = {number:.3g}" for number in column]
    absent, unit = f"no {label}", in_words(field.unit)
    return [absent if number == field.none else f"{label} {number:.3g} {unit}" for number in column]


def names_of_paths(model: Model, labels: Sequence[str] | None, most: str = "") -> list[str]:
    """Return the names of the lines of a figure, one per path; none where the paths are too many for lines.

    Parameters
    ----------
    model : Model
        What was simulated.
    labels : sequence of str or None
        Names given by the user; None for the inputs in which the paths differ.
    most : str
        What a figure that has lines alone is of: more paths are refused.
    """
    paths = paths_in(model.shape)
    if paths > len(STYLES):
        if most:
            raise InvalidValueError("plot", "paths", paths, f"at most {len(STYLES)} for a figure of {most}")
        if labels is not None:
            raise InvalidValueError("plot", "labels", labels, f"left out for more than {len(STYLES)} paths")
        return []
    names = labels_of(model) if labels is None else list(labels)
    if len(names) != paths:
        raise InvalidValueError("plot", "labels", len(names), f"one per path ({paths})")
    return names


def legend_above(axes: Axes, **options: Any) -> Legend:
    """Add a legend above the axes, where it hides nothing, in as many columns as fit."""
    _, labels = axes.get_legend_handles_labels()
    longest = max((len(label) for label in labels), default=0)
    width = axes.get_figure(root=True).get_size_inches()[0]  # type: ignore[union-attr]
    columns = max(1, min(len(labels), 3, int(width / (0.7 + 0.08 * longest))))
    place: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": columns, "handlelength": 3.2}
    return axes.legend(**(place | options))


def axes_of_doublings(axes: Axes, unit: str, top: float, label: str = "software doublings since the start") -> None:
    """Label axes of time, doublings and (on the right) level, up to a number of doublings."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(0, top * 1.06)
    axes.set_xlabel(f"time since the start, {unit}")
    axes.set_ylabel(label)
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    axis_of_levels(axes, top)


def axis_of_levels(axes: Axes, top: float) -> None:
    """Add an axis of levels to the right of one of doublings, up to a number of doublings."""
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


def axis_in_plain_numbers(axis: Axis) -> None:
    """Write the ticks of a logarithmic axis as it is in sight out: those between decades too, where there are few."""
    from matplotlib.ticker import AutoLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

    low, high = axis.get_view_interval()
    if high < 10 * low:
        axis.set_major_locator(AutoLocator())
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 2e3 * low else (1.0,)))
    powers = high > 1e6 or low < 1e-4
    axis.set_major_formatter(FuncFormatter(lambda value, _: _as_power(value) if powers else f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())


def _as_power(value: float) -> str:
    if value <= 0:
        return f"{value:g}"
    power = math.floor(math.log10(value) + 1e-9)
    digits = f"{value / 10.0**power:.3g}"
    return f"$10^{{{power}}}$" if digits == "1" else rf"${digits} \times 10^{{{power}}}$"


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


def image(figure: Figure, suffix: str) -> bytes:
    """Render a figure as an image file, without a date, so that equal figures give equal bytes."""
    import matplotlib as mpl

    kind = suffix.removeprefix(".")
    dates = {"svg": "Date", "pdf": "CreationDate"}
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "takeoff", "svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind, metadata={dates[kind]: None} if kind in dates else None)
    return buffer.getvalue()


def plain(text: str) -> str:
    """A name from outside as text: matplotlib reads what stands between two dollars as a formula."""
    return text.replace("$", r"\$")


def note(axes: Axes, text: str, at: tuple[float, float], **options: Any) -> None:
    """Write a small text next to a point, at a distance of `xytext` points."""
    axes.annotate(text, at, textcoords="offset points", **({"fontsize": 9.5} | options))
