"""Figures of evidence: fit, profile and ridge of an estimate; several estimates; experience curve; chain."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from takeoff.errors import InvalidValueError
from takeoff.figures._style import (
    BLUE,
    DASHED,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    axis_of_ratios,
    axis_of_years,
    drawing,
    note,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff._arrays import Floats
    from takeoff.evidence._estimate import Estimate
    from takeoff.evidence._experience import ExperienceCurve
    from takeoff.evidence._series import ResearchSeries

_SHOWN: Final = 2000
"""Greatest number of draws in a figure."""
_MOST_LOG: Final = 230.0
"""Greatest size of ln r in a histogram: beyond it the axis overflows."""
_LOOKS: Final = ((BLUE, "o"), (RED, "s"), (GREEN, "^"), (PURPLE, "D"), (ORANGE, "v"))
"""Colour and marker of each series."""


def plot_fit(estimate: Estimate, ax: Axes | None) -> Figure:
    """Plot doublings of efficiency over time, as measured and as fitted."""
    series = estimate.series
    if series is None:
        raise InvalidValueError("plot", "kind", "fit", "another: this estimate has no series")
    time, curve, level = _fitted_curve(estimate, series)
    start = series.log_output[0]
    with drawing(ax) as (figure, axes):
        measured = (series.log_output - start) / math.log(2)
        errors = None if series.output_error is None else series.output_error / math.log(2)
        axes.errorbar(
            series.time, measured, yerr=errors, fmt="o", markersize=4, color=BLUE, label="measured", capsize=2
        )
        label = f"{estimate.estimator}, r = {estimate.r:.3g}\n({level})"
        axes.plot(time, (curve - start) / math.log(2), color=ORANGE, label=label)
        axis_of_years(axes.xaxis)
        axes.set_ylabel(f"doublings of {plain(series.output_name.replace('_', ' '))} since the first")
        axes.legend(loc="best")
    return figure


def _fitted_curve(estimate: Estimate, series: ResearchSeries) -> tuple[Floats, Floats, str]:
    """Return times, the fitted ln A at these times, and a description of what is added to the estimate."""
    if estimate.fitted is not None:
        # Estimators of growth leave the level open; a fit of the level has the mean of the data already.
        fitted = estimate.fitted["fitted"].to_numpy()
        return series.time, fitted + (series.log_output - fitted).mean(), "level: mean of the data"
    beta, lam = estimate.beta, estimate.parallelizability
    if beta is None or lam is None or not (0 < beta < math.inf and 0 <= lam < math.inf):
        raise InvalidValueError("plot", "kind", "fit", "another: this estimate has no course of efficiency")
    time = np.union1d(series.edges, series.time)
    tau = dataclasses.replace(series, time=time, flow=series.flow / series.flow.max()).operational_time(lam)
    with np.errstate(divide="ignore"):
        log_tau = np.log(tau / tau[-1])
    # ln A = a + ln(1 + beta theta tau) / beta: a is the mean residual; ln(beta theta) is searched on ever finer grids.
    low, high = -10.0, 10 + 2 * beta * float(np.ptp(series.log_output))
    for _ in range(3):
        grid = np.linspace(low, high, 101)
        curves = np.logaddexp(0, log_tau + grid[:, None]) / beta
        residuals = series.log_output - curves[:, np.searchsorted(time, series.time)]
        best = int(residuals.var(axis=1).argmin())
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 100)]
    return time, curves[best] + residuals[best].mean(), "theta and level by least squares"


def plot_profile(estimate: Estimate, ax: Axes | None) -> Figure:
    """Plot the profile likelihood of r, or the density of its draws, with the interval and the tipping point."""
    if estimate.profile is None and estimate.draws is None:
        raise InvalidValueError("plot", "kind", "profile", "another: this estimate has neither a profile nor draws")
    if estimate.r_high <= 0 or (estimate.draws is None and (estimate.profile["r"] <= 0).all()):  # type: ignore[index]
        raise InvalidValueError("plot", "kind", "profile", "another: r is below 0")
    with drawing(ax) as (figure, axes):
        axes.set_xscale("log")
        if estimate.draws is None:
            _likelihood(estimate, axes)
        else:
            r = estimate.draws["r"].to_numpy()
            axes.hist(r, bins=_bins(r), color=BLUE, alpha=0.6, weights=np.full(r.size, 100 / r.size))
            axes.set_ylabel("share of draws in each bin, %")
        axes.axvspan(max(estimate.r_low, 1e-12), min(estimate.r_high, 1e12), color=ORANGE, alpha=0.15, linewidth=0)
        axes.axvline(1.0, **DASHED)
        axis_of_ratios(axes.xaxis)
        axes.set_xlabel(f"r (shaded: {estimate.credibility:.0%} interval; dashed: the tipping point)")
    return figure


def _likelihood(estimate: Estimate, axes: Axes) -> None:
    """Plot the relevant part of the profile: at most 6 below its maximum, and 5 times beyond the interval."""
    profile = estimate.profile.sort("r")  # type: ignore[union-attr]
    profile = profile.filter(profile["r"] > 0)
    r, drop = profile["r"].to_numpy(), profile["log_likelihood"].to_numpy() - profile["log_likelihood"].max()
    axes.plot(r, drop, color=BLUE, marker="o", markersize=3)
    axes.set_ylim(max(-6.0, float(np.min(drop))), 0.3)
    visible = r[(drop > -6) & (r > estimate.r_low / 5) & (r < estimate.r_high * 5)]
    axes.set_xlim(min(0.8, *visible / 1.1), max(1.25, *visible * 1.1))
    axes.set_ylabel("log likelihood, less its maximum")


def _bins(r: Floats) -> Sequence[float]:
    """Return edges of bins of equal width in ln r, by the rule of Freedman & Diaconis, without the extreme tails."""
    logs = np.clip(np.log(r[r > 0]), -_MOST_LOG, _MOST_LOG)
    low, first, third, high = np.quantile(logs, [0.002, 0.25, 0.75, 0.998])
    width = 2 * (third - first) / math.cbrt(logs.size)
    if high - low < 1e-6 or not width:
        low, high = low - 0.01, high + 0.01
    count = math.ceil(min(max((high - low) / max(width, 1e-9), 5), 60))
    return [math.exp(end) for end in np.linspace(low, high, count + 1)]


def plot_ridge(estimate: Estimate, ax: Axes | None) -> Figure:
    """Plot pairs of beta and lambda that fit about equally well, or draws of them."""
    pairs, drop = _pairs(estimate)
    beta, lam = pairs.T
    with drawing(ax) as (figure, axes):
        if drop is None:
            axes.scatter(beta, lam, s=6, color=BLUE, alpha=0.3, linewidths=0, label=f"{len(pairs):,} draws")
        else:
            points = axes.scatter(
                beta, lam, c=drop, cmap="viridis_r", s=30, edgecolors="black", linewidths=0.6, zorder=3
            )
            figure.colorbar(points, ax=axes, label="log likelihood, less its maximum")
        right, top = 1.05 * (np.quantile(pairs, 0.99, axis=0) if drop is None else pairs.max(axis=0))
        axes.plot([0, right], [0, right * estimate.r], color=ORANGE, label=f"lambda = {estimate.r:.3g} beta", zorder=4)
        axes.set_xlim(0, right)
        axes.set_ylim(0, top)
        axes.set_xlabel("beta")
        axes.set_ylabel("lambda")
        axes.legend(loc="upper left" if drop is not None else "best")
    return figure


def _pairs(estimate: Estimate) -> tuple[Floats, Floats | None]:
    """Return pairs of beta and lambda, and their log-likelihood relative to its maximum, which is None for draws."""
    names = ["beta", "parallelizability"]
    if estimate.ridge is None and estimate.draws is not None and set(names) <= set(estimate.draws.columns):
        return estimate.draws.select(names)[:_SHOWN].to_numpy(), None
    if estimate.ridge is None:
        raise InvalidValueError("plot", "kind", "ridge", "another: this estimate has no ridge")
    if estimate.ridge["parallelizability"].n_unique() < 2:
        raise InvalidValueError(
            "plot", "kind", "ridge", "another: nothing to draw, since lambda is held or has no bound"
        )
    height = estimate.ridge["log_likelihood"].to_numpy()
    return estimate.ridge.select(names).to_numpy(), height - height.max()


def forest(table: pl.DataFrame, label: str, ax: Axes | None, interval: str, group: str | None = None) -> Figure:
    """Plot central estimates and intervals one below the other, with the tipping point; each group has its own look."""
    rows = table.filter(table["r"].is_finite() & (table["r"] > 0))
    if not rows.height:
        raise InvalidValueError("plot", "table", table.height, "with a finite r above 0 in some row")
    groups = [""] * rows.height if group is None else rows[group].to_list()
    order = list(dict.fromkeys(groups))
    with drawing(ax, **{"figure.figsize": (7.2, max(2.4, 0.42 * rows.height + 1.5))}) as (figure, axes):
        values = np.concatenate([rows["r"], rows["r_low"].filter(rows["r_low"] > 0), rows["r_high"]])
        values = values[np.isfinite(values)]
        left, right = values.min() / 1.6, values.max() * 1.6
        for y, (middle, low, high) in enumerate(rows.select("r", "r_low", "r_high").iter_rows()):
            color, marker = _LOOKS[order.index(groups[y]) % len(_LOOKS)]
            axes.hlines(y, max(low, left), min(high, right), color=color, linewidth=2)
            axes.plot(middle, y, marker, color=color)
            if not np.isfinite(high):
                axes.plot(right, y, ">", color=color, clip_on=False)
            if low <= 0:
                axes.plot(left, y, "<", color=color, clip_on=False)
            text = f"{_short(middle)} [{_short(low)}, {_short(high)}]"
            note(axes, text, (1.0, y), xytext=(10, 0), xycoords=axes.get_yaxis_transform(), va="center",
                 annotation_clip=False)  # fmt: skip
        axes.axvline(1.0, **DASHED)
        axes.set_yticks(range(rows.height), [plain(text) for text in rows[label]])
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlim(left, right)
        axis_of_ratios(axes.xaxis)
        axes.set_xlabel(f"r, {interval} (dashed: the tipping point)")
    return figure


def _short(value: float) -> str:
    """Format a value of r for a column."""
    if not math.isfinite(value):
        return "\u221e"
    return f"{value:.2f}" if value < 10 else f"{value:.3g}"


def experience(curve: ExperienceCurve, ax: Axes | None) -> Figure:
    """Plot cost against cumulative output, with the fit of Wright's law."""
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


def waterfall(table: pl.DataFrame, authors: tuple[float, float] | None, ax: Axes | None) -> Figure:
    """Plot r after each step of a chain: median and central 90%, the tipping point, and the probability of being above.

    If `authors` is given, their probability of an explosion stands next to that of the last step.
    """
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
        chances = [f"{chance:.0%}" for chance in table["probability_above_1"]]
        if authors is not None:
            chances[-1] += f"\n(authors: {authors[0]:.0%} to {authors[1]:.0%})"
        for y, text in [(-0.5, "P(r > 1)"), *enumerate(chances)]:
            note(axes, text, (1.0, y), xytext=(10, 0), xycoords=axes.get_yaxis_transform(), va="center",
                 annotation_clip=False)  # fmt: skip
        names = zip(table["step"], table["factor"], strict=True)
        axes.set_yticks(
            at, [plain(step) if factor is None else f"{plain(step)} (x {factor:.2g})" for step, factor in names]
        )
        axes.invert_yaxis()
        axes.set_xscale("log")
        axis_of_ratios(axes.xaxis)
        axes.set_xlabel(f"r{', central 90%' if (low < high).any() else ''} (dashed: the tipping point)")
    return figure
