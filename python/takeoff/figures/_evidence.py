"""Estimates of r: data and fit, profile or draws, ridge, and estimates side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from takeoff.errors import InvalidValueError
from takeoff.figures._style import BLUE, DASHED, ORANGE, drawing

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.evidence import Estimate, ExperienceCurve


def plot_fit(estimate: Estimate, ax: Axes | None) -> Figure:
    """Doublings of efficiency over time, as measured and as fitted."""
    if estimate.series is None:
        raise InvalidValueError("plot", "kind", "fit", "another: this estimate has no series")
    series = estimate.series
    start = series.log_output[0]
    with drawing(ax) as (figure, axes):
        measured = (series.log_output - start) / math.log(2)
        errors = None if series.output_error is None else series.output_error / math.log(2)
        axes.errorbar(
            series.time, measured, yerr=errors, fmt="o", markersize=4, color=BLUE, label="measured", capsize=2
        )
        if estimate.fitted is not None:
            fitted = (estimate.fitted["fitted"].to_numpy() - start) / math.log(2)
            axes.plot(
                estimate.fitted["time_years"], fitted, color=ORANGE, label=f"{estimate.estimator}, r = {estimate.r:.2g}"
            )
        axes.set_xlabel("time, years")
        axes.set_ylabel(f"doublings of {series.output_name.replace('_', ' ')} since the first")
        axes.legend(loc="upper left")
    return figure


def plot_profile(estimate: Estimate, ax: Axes | None) -> Figure:
    """Profile likelihood of r, or the density of its draws, with the interval and the tipping point."""
    if estimate.profile is None and estimate.draws is None:
        raise InvalidValueError("plot", "kind", "profile", "another: this estimate has neither a profile nor draws")
    with drawing(ax) as (figure, axes):
        if estimate.draws is None:
            profile = estimate.profile.sort("r")  # type: ignore[union-attr]
            below = profile["log_likelihood"].to_numpy() - profile["log_likelihood"].max()
            axes.plot(profile["r"], below, color=BLUE, marker="o", markersize=3)
            axes.set_ylim(max(-6.0, float(np.min(below))), 0.3)
            # As far as the profile is in sight, and the tipping point.
            seen = profile["r"].to_numpy()[below > -7]
            axes.set_xlim(min(0.8, seen.min() / 1.1), max(1.25, seen.max() * 1.1))
            axes.set_ylabel("log likelihood below its maximum")
        else:
            r = estimate.draws["r"].to_numpy()
            low, high = np.quantile(r[r > 0], [0.002, 0.998])
            axes.hist(
                r,
                bins=np.geomspace(low, high, 60).tolist(),
                color=BLUE,
                alpha=0.6,
                weights=np.full(r.size, 100 / r.size),
            )
            axes.set_ylabel("share of draws in each bin, %")
        _ratio_axis(axes)
        axes.axvspan(max(estimate.r_low, 1e-12), min(estimate.r_high, 1e12), color=ORANGE, alpha=0.15, linewidth=0)
        axes.axvline(1.0, **DASHED)
        axes.set_xlabel(f"r (shaded: {estimate.credibility:.0%} interval; dashed: the tipping point)")
    return figure


def plot_ridge(estimate: Estimate, ax: Axes | None) -> Figure:
    """Pairs of beta and lambda that fit about as well."""
    if estimate.ridge is None:
        raise InvalidValueError("plot", "kind", "ridge", "another: this estimate has no ridge")
    ridge = estimate.ridge
    below = ridge["log_likelihood"].to_numpy() - ridge["log_likelihood"].max()
    with drawing(ax) as (figure, axes):
        points = axes.scatter(ridge["beta"], ridge["parallelizability"], c=below, cmap="viridis", s=24, zorder=3)
        figure.colorbar(points, ax=axes, label="log likelihood below its maximum")
        top = 1.05 * float(ridge["beta"].max())  # type: ignore[arg-type]
        axes.plot([0, top], [0, top * estimate.r], color=ORANGE, label=f"lambda = {estimate.r:.2g} beta")
        axes.set_xlim(0, top)
        axes.set_ylim(0, 1.05 * float(ridge["parallelizability"].max()))  # type: ignore[arg-type]
        axes.set_xlabel("beta")
        axes.set_ylabel("lambda")
        axes.legend(loc="upper left")
    return figure


def forest(table: pl.DataFrame, label: str, ax: Axes | None, interval: str) -> Figure:
    """Central estimates and intervals, one below the other, with the tipping point."""
    rows = table.filter(table["r"].is_finite() & (table["r"] > 0))
    if not rows.height:
        raise InvalidValueError("plot", "table", table.height, "with a finite r above 0 in some row")
    with drawing(ax, **{"figure.figsize": (7.2, max(2.4, 0.42 * rows.height + 1.5))}) as (figure, axes):
        middle, low, high = (rows[name].to_numpy() for name in ("r", "r_low", "r_high"))
        ends = np.concatenate([middle, low[low > 0], high[np.isfinite(high)]])
        left, right = ends.min() / 1.6, ends.max() * 1.6
        at = np.arange(rows.height)
        axes.hlines(at, np.maximum(low, left), np.minimum(high, right), color=BLUE, linewidth=2)
        axes.plot(middle, at, "o", color=BLUE)
        for y, (from_, to) in enumerate(zip(low, high, strict=True)):
            if not np.isfinite(to):
                axes.plot(right, y, ">", color=BLUE, clip_on=False)
            if from_ <= 0:
                axes.plot(left, y, "<", color=BLUE, clip_on=False)
        axes.axvline(1.0, **DASHED)
        axes.set_yticks(at, rows[label].to_list())
        axes.invert_yaxis()
        axes.set_xlim(left, right)
        _ratio_axis(axes)
        axes.set_xlabel(f"r, {interval} (dashed: the tipping point)")
    return figure


def _ratio_axis(axes: Axes) -> None:
    from matplotlib.ticker import AutoLocator, LogLocator, NullFormatter, StrMethodFormatter

    axes.set_xscale("log")
    low, high = axes.get_xlim()
    marks = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0) if high < 8 * low else (1.0, 2.0, 5.0)
    axes.xaxis.set_major_locator(AutoLocator() if high < 3 * low else LogLocator(10, subs=marks))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def experience(curve: ExperienceCurve, ax: Axes | None) -> Figure:
    """Cost against cumulative output, with Wright's law as fitted."""
    table = curve.table.sort("output")
    with drawing(ax) as (figure, axes):
        axes.plot(table["output"], table["cost"], "o", markersize=4, color=BLUE, label="measured")
        label = f"{curve.learning_rate:.0%} cheaper per doubling"
        axes.plot(table["output"], table["fitted"], color=ORANGE, label=label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("cumulative output")
        axes.set_ylabel("cost of a unit")
        axes.legend(loc="upper right")
    return figure


def waterfall(table: pl.DataFrame, ax: Axes | None) -> Figure:
    """Draw r after each step of a chain: median and central 90%, with the tipping point."""
    with drawing(ax, **{"figure.figsize": (7.2, 0.55 * table.height + 1.4)}) as (figure, axes):
        at = np.arange(table.height)
        middle, low, high = (table[name].to_numpy() for name in ("r", "r_low", "r_high"))
        axes.hlines(at, low, high, color=BLUE, linewidth=2)
        axes.plot(middle, at, "o", color=BLUE, zorder=3)
        for k in range(table.height - 1):
            axes.annotate(
                "", (middle[k + 1], k + 1), (middle[k], k), arrowprops={"arrowstyle": "->", "color": ORANGE, "lw": 1.4}
            )
        axes.axvline(1.0, **DASHED)
        names = zip(table["step"], table["factor"], strict=True)
        axes.set_yticks(at, [step if factor is None else f"{step} (x {factor:.2g})" for step, factor in names])
        axes.invert_yaxis()
        _ratio_axis(axes)
        axes.set_xlabel(f"r{', central 90%' if (low < high).any() else ''} (dashed: the tipping point)")
    return figure
