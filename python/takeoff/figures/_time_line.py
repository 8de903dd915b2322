"""A time line of doublings, and several courses against time (the paper's Figures 6 to 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import as_count, paths_in
from takeoff.figures._style import BLUE, DASHED, RED, STYLES, drawing, labels_of, note
from takeoff.units import MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.trajectory import Trajectory


def time_line(result: Trajectory, *, doublings: int = 5, path: int = 0, ax: Axes | None = None) -> Figure:
    """Doublings on a time line (the paper's Figures 6 and 7).

    Parameters
    ----------
    result : Trajectory
        What to draw.
    doublings : int, default 5
        Number of doublings to draw, at most those that were simulated.
    path : int, default 0
        Of several models, the one to draw; the title names it.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        A bar per doubling along time, in months, with its papers and AGIs.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        No doublings, or a path that is not there.

    Examples
    --------
    >>> import takeoff
    >>> figure = takeoff.simulate(takeoff.ToyModel(papers_factor=3)).plot()
    >>> figure.axes[0].get_xlabel()
    'time since AI R&D is automated, months'
    """
    count, paths = result.step_count, paths_in(result.model.shape)
    drawn = min(as_count("plot", "doublings", doublings, 1, 1_000_000), count)
    path = as_count("plot", "path", path, 0, paths - 1)
    papers, agis, spans, ends = (
        result.column(name).reshape(-1, count)[path, :drawn] for name in ("papers", "agis", "durations", "ends")
    )
    spans, ends = spans / MONTH, ends / MONTH
    with drawing(ax, **{"figure.figsize": (8.0, 0.62 * drawn + 1.5), "axes.grid": False}) as (figure, axes):
        color = RED if np.ravel(result.regime)[path] == "explosion" else BLUE
        singular = float(np.ravel(result.column("singular_time"))[path]) / MONTH
        right = singular * 1.03 if np.isfinite(singular) else float(ends[-1]) * 1.02
        for i in range(drawn):
            start = ends[i] - spans[i]
            axes.barh(i, spans[i], left=start, height=0.55, color=color, alpha=0.35 + 0.5 * i / max(1, drawn - 1))
            crew = f"{_plain(agis[i])} AGI{'' if agis[i] == 1 else 's'}"
            inside = ends[i] > 0.62 * right
            note(axes, f"{_plain(papers[i])} papers by {crew}: {spans[i]:.4g} months",
                 (start if inside else ends[i], i), xytext=(-6 if inside else 6, 0), va="center",
                 ha="right" if inside else "left",
                 bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
            axes.vlines(
                ends[i], i - 0.28, drawn - 0.45, color="#bbbbbb", linewidth=0.8, linestyle=(0, (2, 2)), zorder=0
            )
        if np.isfinite(singular):
            axes.axvline(singular, **DASHED)
            text = f"infinitely many doublings\nby {singular:.3g} months"
            note(axes, text, (singular, -0.45), xytext=(-6, 0), ha="right", va="top")
        if paths > 1:
            axes.set_title(f"model {path + 1} of {paths:,}: {labels_of(result.model)[path]}")
        axes.set_xlim(0, right)
        axes.set_ylim(drawn - 0.45, -0.55)
        axes.set_yticks(range(drawn), [f"doubling {i + 1}" for i in range(drawn)])
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("time since AI R&D is automated, months")
    return figure


def _plain(value: float) -> str:
    return f"{value:,.4g}" if value < 10_000 else f"{value:,.0f}"


def comparison(results: Mapping[str, Trajectory], *, horizon: float) -> Figure:
    """Efficiency against time, doubling by doubling (the paper's Figure 8).

    Parameters
    ----------
    results : mapping of str to Trajectory
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
    with drawing() as (figure, axes):
        top = 11
        for (name, result), (color, style) in zip(results.items(), (STYLES[0], STYLES[4], *STYLES), strict=False):
            ends = np.concatenate([[0.0], result.column("ends").reshape(-1, result.step_count)[0] / MONTH])
            axes.plot(ends, np.arange(ends.size), color=color, linestyle=style, marker="o", markersize=4.5, label=name)
            singular = float(np.ravel(result.column("singular_time"))[0]) / MONTH
            if np.isfinite(singular):
                axes.axvline(singular, **DASHED)
                note(axes, f"asymptote at {singular:.3g} months", (singular, 0.4), xytext=(6, 0))
        axes.set_xlim(0, horizon / MONTH)
        axes.set_ylim(0, top)
        ticks = range(0, top + 1, 2)
        axes.set_yticks(ticks, [f"{2**i:,}x" for i in ticks])
        axes.set_xlabel("time since AI R&D is automated, months")
        axes.set_ylabel("efficiency, relative to the start")
        axes.legend(loc="center right", handlelength=3.5)
    return figure
