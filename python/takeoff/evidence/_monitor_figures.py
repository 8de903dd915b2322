"""Figure of a monitor: efficiency, pace, and the probabilities of being above its limits now or soon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from takeoff.evidence._monitor import format_probability
from takeoff.figures._style import BLUE, DASHED, GREY, ORANGE, RED, axis_of_ratios, axis_of_years, drawing, note

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.evidence._monitor import Monitor


def plot_monitor(monitor: Monitor, ax: Axes | None = None) -> Figure:
    """Plot efficiency, pace and probabilities, also for the year ahead; on given axes only the pace."""
    table = monitor.history
    if ax is not None:
        with drawing(ax) as (figure, axes):
            _pace(monitor, table, axes)
            axis_of_years(axes.xaxis)
        return figure
    with drawing(None, **{"figure.figsize": (7.2, 8.2)}) as (figure, first):
        first.remove()
        panels = figure.subplots(3, 1, sharex=True, height_ratios=[1.0, 1.25, 1.0])
        _efficiency(table, panels[0])
        _pace(monitor, table, panels[1])
        _probabilities(monitor, table, panels[2])
        axis_of_years(panels[2].xaxis)
        figure.align_ylabels(panels)
    return figure


def _efficiency(table: pl.DataFrame, axes: Axes) -> None:
    """Plot efficiency as measured and as filtered."""
    time, start = table["time_years"].to_numpy(), table["filtered_log_efficiency"][0]
    middle = (table["filtered_log_efficiency"].to_numpy() - start) / math.log(2)
    half_width = 1.645 * table["filtered_deviation"].to_numpy() / math.log(2)
    axes.fill_between(
        time, middle - half_width, middle + half_width, color=BLUE, alpha=0.2, linewidth=0, label="filtered, 90%"
    )
    axes.errorbar(
        time,
        (table["log_efficiency"].to_numpy() - start) / math.log(2),
        yerr=table["error"].to_numpy() / math.log(2),
        fmt="o",
        markersize=3.5,
        linewidth=1.2,
        color="black",
        label="measured, with its standard error",
    )
    axes.set_ylabel("doublings of efficiency\nsince the first")
    _legend(axes)


def _pace(monitor: Monitor, table: pl.DataFrame, axes: Axes) -> None:
    """Plot the filtered pace with its band, and the reference, the buffer and the threshold."""
    time = table["time_years"].to_numpy()
    axes.fill_between(time, table["pace 5%"], table["pace 95%"], color=BLUE, alpha=0.2, linewidth=0, label="90%")
    axes.plot(time, table["pace 50%"], color=BLUE, label="median", marker="o", markersize=3)
    limits = ((1.0, "reference"), (monitor.buffer, "buffer"), (monitor.threshold, "threshold"))
    styles = (DASHED, DASHED | {"color": ORANGE}, DASHED | {"color": RED, "linestyle": "solid"})
    for (multiple, name), style in zip(limits, styles, strict=True):
        height = multiple * monitor.reference
        axes.axhline(height, **style)
        label = f"{name}, {height:.3g}" if multiple == 1.0 else f"{name}, {multiple:g}x: {height:.3g}"
        # In the margin no line can cross the label.
        note(axes, label, (1.0, height), xytext=(4, 0), xycoords=axes.get_yaxis_transform(), annotation_clip=False,
             fontsize=9, va="center")  # fmt: skip
    axes.set_yscale("log")
    axis_of_ratios(axes.yaxis)
    axes.set_ylabel("pace\n(doublings per year)")
    _legend(axes)


def _probabilities(monitor: Monitor, table: pl.DataFrame, axes: Axes) -> None:
    """Plot the probabilities of being above the limits at each measurement, and of reaching them after the last."""
    time = table["time_years"].to_numpy()
    multiples = (monitor.buffer, monitor.threshold)
    years_ahead = np.arange(1, 13) / 12
    reached = np.array([monitor.probability_of_crossing(multiples, within=float(years)) for years in years_ahead]).T
    styles = (("buffer", ORANGE, (0, (5, 1.5)), "o"), ("threshold", RED, "solid", "s"))
    for (name, color, style, marker), multiple, chances in zip(styles, multiples, reached, strict=True):
        above = table[f"above_{name}"].to_numpy()
        axes.plot(
            time, above, color=color, linestyle=style, marker=marker, markersize=3,
            label=f"pace above the {name}, {multiple:g}x",
        )  # fmt: skip
        axes.plot(
            time[-1] + np.append(0, years_ahead), np.append(above[-1], chances), color=color, linestyle=(0, (1, 1.2)),
            marker=marker, markersize=2, label=f"reached by then: {format_probability(chances[-1])} in a year",
        )  # fmt: skip
    axes.axvline(time[-1], color=GREY, linewidth=0.9)
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("probability")
    _legend(axes)


def _legend(axes: Axes) -> None:
    """Put the legend above the panel, where it hides nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9.5, borderaxespad=0.2)
