"""A monitored pace: measured efficiency, the filtered pace, the probabilities of being above its limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from takeoff.figures._style import BLUE, DASHED, ORANGE, RED, drawing

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.evidence import Monitor


def plot_monitor(monitor: Monitor, ax: Axes | None = None) -> Figure:
    """Efficiency, pace and probabilities one below the other; the pace alone on given axes."""
    table = monitor.history
    if ax is not None:
        with drawing(ax) as (figure, axes):
            _pace(monitor, table, axes)
            axes.set_xlabel("time, years")
        return figure
    with drawing(None, **{"figure.figsize": (7.2, 7.6)}) as (figure, first):
        first.remove()
        panels = figure.subplots(3, 1, sharex=True, height_ratios=[1.0, 1.25, 1.0])
        _efficiency(table, panels[0])
        _pace(monitor, table, panels[1])
        _probabilities(monitor, table, panels[2])
        panels[2].set_xlabel("time, years")
        panels[2].ticklabel_format(axis="x", useOffset=False)
        panels[2].locator_params(axis="x", nbins=6)
        figure.align_ylabels(panels)
    return figure


def _efficiency(table: pl.DataFrame, axes: Axes) -> None:
    time, start = table["time_years"].to_numpy(), table["filtered_log_efficiency"][0]
    middle = (table["filtered_log_efficiency"].to_numpy() - start) / math.log(2)
    half = 1.645 * table["filtered_deviation"].to_numpy() / math.log(2)
    axes.fill_between(time, middle - half, middle + half, color=BLUE, alpha=0.2, linewidth=0, label="filtered, 90%")
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
    axes.set_ylabel("doublings of efficiency,\nsince the first")
    axes.legend(loc="upper left")


def _pace(monitor: Monitor, table: pl.DataFrame, axes: Axes) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    time = table["time_years"].to_numpy()
    axes.fill_between(time, table["pace 5%"], table["pace 95%"], color=BLUE, alpha=0.2, linewidth=0, label="90%")
    axes.plot(time, table["pace 50%"], color=BLUE, label="median", marker="o", markersize=3)
    limits = ((1.0, "reference"), (monitor.buffer, "buffer"), (monitor.threshold, "threshold"))
    styles = (DASHED, DASHED | {"color": ORANGE}, DASHED | {"color": RED, "linestyle": "solid"})
    for (multiple, name), style in zip(limits, styles, strict=True):
        height = multiple * monitor.reference
        axes.axhline(height, **style)
        label = name if multiple == 1.0 else f"{name}, {multiple:g}x"
        # In the margin, where no line can cross it.
        axes.annotate(
            label,
            (1.0, height),
            xytext=(4, 0),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            annotation_clip=False,
            fontsize=9,
            va="center",
        )
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("pace,\ndoublings per year")
    axes.legend(loc="upper left", ncols=2)


def _probabilities(monitor: Monitor, table: pl.DataFrame, axes: Axes) -> None:
    time = table["time_years"].to_numpy()
    axes.plot(
        time,
        table["above_buffer"],
        color=ORANGE,
        linestyle=(0, (5, 1.5)),
        marker="o",
        markersize=3,
        label=f"above the buffer, {monitor.buffer:g}x",
    )
    axes.plot(
        time,
        table["above_threshold"],
        color=RED,
        marker="s",
        markersize=3,
        label=f"above the threshold, {monitor.threshold:g}x",
    )
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("probability,\nthat the pace is above")
    axes.legend(loc="upper left")
