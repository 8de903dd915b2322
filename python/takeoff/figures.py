"""Figures of results (matplotlib, from the extra ``plot``).

Colours are those of Okabe & Ito (2008), told apart by the colour-blind; lines differ in style as well, for grey print.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff._arrays import paths_in, policy
from takeoff.errors import InvalidValueError, MissingExtraError
from takeoff.trajectory import ToyTrajectory, Trajectory, duration
from takeoff.units import DAY, MONTH, YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["comparison", "first_year", "limited", "time_line", "trajectory"]

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#555555",
)
_STYLES: tuple[tuple[str, Any], ...] = (
    (BLUE, (0, (1, 1.2))),
    (GREEN, (0, (5, 1.5))),
    (ORANGE, "solid"),
    (PURPLE, (0, (6, 1.5, 1, 1.5))),
    (RED, (0, (3, 1))),
    (SKY, (0, (1, 0.6))),
)
_MOST_LINES = len(_STYLES)

_LOOK: dict[str, Any] = {
    "figure.figsize": (7.2, 4.4),
    "figure.dpi": 150,
    "figure.constrained_layout.use": True,
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "svg.hashsalt": "takeoff",
    "svg.fonttype": "path",
}


@contextmanager
def _drawing(**options: Any) -> Iterator[tuple[Figure, Axes]]:
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as NewFigure
    except ImportError as error:
        raise MissingExtraError("a figure", "plot") from error
    look: Any = _LOOK | options
    with mpl.rc_context(look):
        figure = NewFigure()
        FigureCanvasAgg(figure)
        yield figure, figure.add_subplot()


def _unit_of(horizon: float) -> tuple[str, float]:
    for name, size in (("years", YEAR), ("months", MONTH), ("days", DAY)):
        if horizon >= 2 * size:
            return name, size
    return "hours", DAY / 24


def trajectory(result: Trajectory, *, labels: Sequence[str] | None = None) -> Figure:
    """Doublings over time.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
    labels : sequence of str, optional
        Names of the lines (default: the parameters in which they differ).

    Returns
    -------
    matplotlib.figure.Figure
        Time on the horizontal axis; doublings on the left, the level on the right.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        Labels that are not one per line.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1 * takeoff.MONTH)
    >>> figure = takeoff.simulate(law, horizon=1).plot()
    >>> figure.axes[0].get_ylabel()
    'software doublings since the start'
    """
    paths = paths_in(result.model.shape)
    rows = result.doublings.reshape(paths, -1)
    unit, size = _unit_of(result.horizon)
    with _drawing() as (figure, axes):
        if paths <= _MOST_LINES:
            named = _labels(result) if labels is None else list(labels)
            if len(named) != paths:
                raise InvalidValueError("trajectory", "labels", len(named), f"one per path ({paths})")
            for (time, doublings), label, (color, style) in zip(
                _curves(result, _top(rows)), named, _STYLES, strict=False
            ):
                axes.plot(time / size, doublings, color=color, linestyle=style, label=label)
            _mark_singular(axes, result, size)
            if paths > 1 or labels is not None:
                axes.legend(loc="best")
        else:
            _bands(axes, result.time / size, rows)
        _axes_of_doublings(axes, unit, _top(rows))
        axes.set_xlim(0, (result.horizon or 1.0) / size)
    return figure


def _curves(result: Trajectory, top: float) -> Iterator[tuple[Any, Any]]:
    """Each path up to `top` doublings as (time, doublings), by doublings: even the steepest explosion is smooth."""
    points = 400
    last = np.minimum(result.doublings[..., -1:], top)
    doublings = last * np.linspace(0, 1, points)
    flat = doublings.reshape(-1)
    time = result.model._engine.time_at(flat, points, policy()).reshape(-1, points)
    for times, values in zip(time, doublings.reshape(-1, points), strict=True):
        ended = values[-1] < top  # the path goes on to the horizon, where its time was taken from
        yield np.append(times, result.horizon) if ended else times, np.append(values, values[-1]) if ended else values


def _labels(result: Trajectory) -> list[str]:
    shape, paths = result.model.shape, paths_in(result.model.shape)
    varying = {name: np.broadcast_to(value, shape).reshape(-1) for name, value in result.model._varying().items()}
    show = {"first_doubling": lambda v: f"first doubling {duration(v)}", "limit": lambda v: f"limit {v:.3g} doublings"}
    return [
        ", ".join(
            show.get(name, lambda v, n=name: f"{n} = {v:.3g}")(float(column[i])) for name, column in varying.items()
        )
        for i in range(paths)
    ]


def _finite(row: Any) -> Any:
    return np.where(np.isfinite(row), row, np.nan)


def _top(rows: Any) -> float:
    finite = rows[np.isfinite(rows)]
    return max(1.0, float(finite.max(initial=0.0)))


def _mark_singular(axes: Axes, result: Trajectory, size: float) -> None:
    times = np.ravel(result.singular_time)
    for time, (color, _) in zip(times, _STYLES, strict=False):
        if time <= result.horizon:
            axes.axvline(time / size, color=color, linewidth=1, linestyle=(0, (2, 2)))
            axes.annotate(
                f"singular at {duration(float(time))}",
                (time / size, 0.98),
                xycoords=("data", "axes fraction"),
                xytext=(4, 0),
                textcoords="offset points",
                va="top",
                fontsize=9,
                color=color,
            )


def _bands(axes: Axes, time: Any, rows: Any) -> None:
    low, first, middle, third, high = np.quantile(rows, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0, method="nearest")
    top = _top(rows) * 2
    for lower, upper, alpha, label in ((low, high, 0.18, "5% to 95% of paths"), (first, third, 0.35, "25% to 75%")):
        axes.fill_between(
            time, np.minimum(lower, top), np.minimum(upper, top), color=BLUE, alpha=alpha, lw=0, label=label
        )
    axes.plot(time, _finite(middle), color=BLUE, label="median")
    axes.legend(loc="upper left")


def _axes_of_doublings(axes: Axes, unit: str, top: float) -> None:
    axes.set_ylim(0, top * 1.06)
    axes.set_xlabel(f"time since the start, {unit}")
    axes.set_ylabel("software doublings since the start")
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    right = axes.secondary_yaxis("right")
    right.set_ylabel("level, relative to the start")
    ticks = _level_ticks(top)
    right.set_yticks([position for position, _ in ticks], [label for _, label in ticks])


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


def time_line(result: ToyTrajectory, *, doublings: int = 5) -> Figure:
    """Doublings of the toy model on a time line (the paper's Figures 6 and 7).

    Parameters
    ----------
    result : ToyTrajectory
        What to draw; of several models, the first.
    doublings : int, default 5
        Number of doublings to draw.

    Returns
    -------
    matplotlib.figure.Figure
        A bar per doubling along time, in months, with its papers and AGIs.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> figure = takeoff.simulate(takeoff.ToyModel(papers_factor=3)).plot()
    >>> figure.axes[0].get_xlabel()
    'time since AI R&D is automated, months'
    """
    count = result.ends.shape[-1]
    drawn = min(doublings, count)
    papers, agis, spans, ends = (
        column.reshape(-1, count)[0, :drawn] for column in (result.papers, result.agis, result.durations, result.ends)
    )
    spans, ends = spans / MONTH, ends / MONTH
    with _drawing(**{"figure.figsize": (8.0, 0.62 * drawn + 1.5), "axes.grid": False}) as (figure, axes):
        color = RED if np.ravel(result.regime)[0] == "explosion" else BLUE
        singular = float(np.ravel(result.singular_time)[0]) / MONTH
        right = singular * 1.03 if np.isfinite(singular) else float(ends[-1]) * 1.02
        for i in range(drawn):
            start = ends[i] - spans[i]
            axes.barh(i, spans[i], left=start, height=0.55, color=color, alpha=0.35 + 0.5 * i / max(1, drawn - 1))
            crew = f"{_plain(agis[i])} AGI{'' if agis[i] == 1 else 's'}"
            text = f"{_plain(papers[i])} papers by {crew}: {spans[i]:.3g} months"
            inside = ends[i] > 0.62 * right
            axes.annotate(
                text,
                (start if inside else ends[i], i),
                xytext=(-6 if inside else 6, 0),
                textcoords="offset points",
                va="center",
                ha="right" if inside else "left",
                fontsize=9.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
            )
            axes.vlines(
                ends[i], i - 0.28, drawn - 0.45, color="#bbbbbb", linewidth=0.8, linestyle=(0, (2, 2)), zorder=0
            )
        if np.isfinite(singular):
            axes.axvline(singular, color="black", linewidth=1.2, linestyle=(0, (4, 2)))
            axes.annotate(
                f"infinitely many doublings\nby {singular:.3g} months",
                (singular, -0.45),
                xytext=(-6, 0),
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize=9.5,
            )
        axes.set_xlim(0, right)
        axes.set_ylim(drawn - 0.45, -0.55)
        axes.set_yticks(range(drawn), [f"doubling {i + 1}" for i in range(drawn)])
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("time since AI R&D is automated, months")
    return figure


def _plain(value: float) -> str:
    return f"{value:,.4g}" if value < 10_000 else f"{value:,.0f}"


def comparison(results: Mapping[str, ToyTrajectory], *, horizon: float) -> Figure:
    """Efficiency of toy models against time (the paper's Figure 8).

    Parameters
    ----------
    results : mapping of str to ToyTrajectory
        What to draw, by name; of several models in one, the first.
    horizon : float
        End of the time axis, years.

    Returns
    -------
    matplotlib.figure.Figure
        Efficiency on a logarithmic axis, the asymptote of an explosion dashed.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> toys = {g: takeoff.simulate(takeoff.ToyModel(papers_factor=g), doublings=30) for g in (3, 1.5)}
    >>> figure = takeoff.figures.comparison({f"x{g}": toy for g, toy in toys.items()}, horizon=1)
    >>> len(figure.axes[0].lines) >= 2
    True
    """
    with _drawing() as (figure, axes):
        top = 11
        for (name, result), (color, style) in zip(results.items(), (_STYLES[0], _STYLES[4], *_STYLES), strict=False):
            ends = np.concatenate([[0.0], result.ends.reshape(-1, result.ends.shape[-1])[0] / MONTH])
            axes.plot(ends, np.arange(ends.size), color=color, linestyle=style, marker="o", markersize=4.5, label=name)
            singular = float(np.ravel(result.singular_time)[0]) / MONTH
            if np.isfinite(singular):
                axes.axvline(singular, color="black", linewidth=1.2, linestyle=(0, (4, 2)))
                axes.annotate(
                    f"asymptote at {singular:.3g} months",
                    (singular, 0.4),
                    xytext=(6, 0),
                    textcoords="offset points",
                    fontsize=9.5,
                )
        axes.set_xlim(0, horizon / MONTH)
        axes.set_ylim(0, top)
        ticks = range(0, top + 1, 2)
        axes.set_yticks(ticks, [f"{2**i:,}x" for i in ticks])
        axes.set_xlabel("time since AI R&D is automated, months")
        axes.set_ylabel("efficiency, relative to the start")
        axes.legend(loc="center right", handlelength=3.5)
    return figure


def first_year(result: Trajectory, *, today: float) -> Figure:
    """First year after ASARA for several returns (the paper's Figure 9).

    Parameters
    ----------
    result : Trajectory
        Paths that differ in r, at most six.
    today : float
        Today's pace for comparison, doublings per year (dashed).

    Returns
    -------
    matplotlib.figure.Figure
        The paths with their r, and today's pace.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 1, 3], first_doubling=1 * takeoff.MONTH)
    >>> figure = takeoff.figures.first_year(takeoff.simulate(law, horizon=1, points=500), today=6)
    >>> figure.axes[0].get_xlabel()
    'time since ASARA, months'
    """
    r = np.ravel(np.broadcast_to(result.model.r, result.model.shape))
    top = 22.0
    with _drawing() as (figure, axes):
        months = result.time / MONTH
        for value, (time, doublings), (color, style) in reversed(
            list(zip(r, _curves(result, top), _STYLES, strict=False))
        ):
            axes.plot(time / MONTH, doublings, color=color, linestyle=style, label=f"r = {value:g}")
        pace = f"today's pace: {today:g} doublings a year"
        axes.plot(months, today * result.time, color="black", linewidth=1.3, linestyle=(0, (4, 3)), label=pace)
        axes.legend(loc="upper right", handlelength=3.5)
        _axes_of_doublings(axes, "months", top / 1.06)
        axes.set_xlabel("time since ASARA, months")
        axes.set_xlim(0, months[-1])
        axes.set_xticks(range(0, round(float(months[-1])) + 1, 2))
    return figure


def limited(result: Trajectory, unlimited: Trajectory) -> Figure:
    """An explosion that meets a physical limit (the paper's Figure 10).

    Parameters
    ----------
    result : Trajectory
        One path with a limit.
    unlimited : Trajectory
        The same path without it.

    Returns
    -------
    matplotlib.figure.Figure
        Both paths, the limit and the place where the pace is highest.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> free = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> bound = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> figure = takeoff.figures.limited(*(takeoff.simulate(law, horizon=1) for law in (bound, free)))
    >>> len(figure.axes[0].lines)
    4
    """
    limit = float(np.max(np.asarray(result.model.limit, dtype=np.float64)))
    with _drawing() as (figure, axes):
        (time, doublings), *_ = _curves(unlimited, limit * 1.2)
        axes.plot(time / MONTH, doublings, color=RED, linestyle=_STYLES[4][1], label="without a limit")
        (time, doublings), *_ = _curves(result, limit)
        axes.plot(time / MONTH, doublings, color=BLUE, label=f"with a limit at {limit:g} doublings")
        axes.axhline(limit, color="black", linewidth=1.2, linestyle=(0, (4, 2)))
        axes.annotate("physical limit of the hardware", (0.5, limit), xycoords=("axes fraction", "data"), xytext=(0, 5),
                      textcoords="offset points", fontsize=9.5)  # fmt: skip
        at, pace = float(np.ravel(result.peak_time)[0]), float(np.ravel(result.peak_pace)[0])
        x = float(np.ravel(result.model.peak_doublings)[0])
        axes.plot([at / MONTH], [x], "o", color=BLUE, markersize=7)
        axes.annotate(
            f"fastest: {pace / 365.25:.2g} doublings a day",
            (at / MONTH, x),
            xytext=(12, -4),
            textcoords="offset points",
            fontsize=9.5,
        )
        _axes_of_doublings(axes, "months", limit * 1.1)
        axes.set_xlim(0, result.horizon / MONTH)
        axes.legend(loc="lower right")
    return figure
