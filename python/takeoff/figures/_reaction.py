"""Pace over time under a human reaction: a few paths as lines, many as bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff._arrays import Floats, paths_in, quantiles
from takeoff.errors import InvalidValueError
from takeoff.figures._style import BLUE, DASHED, STYLES, drawing, labels_of, note, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import ReactionTrajectory

_POINTS = 1500
_BEYOND = 4.0
"""How many times the target, or the highest pace of a path that does not escape, the axis shows."""


def reaction(result: ReactionTrajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Pace over time beside the target.

    Parameters
    ----------
    result : ReactionTrajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
    labels : sequence of str, optional
        Names of the lines (default: the parameters in which they differ).
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Time on the horizontal axis; the pace, in logarithmic steps, on the vertical one. Targets are dashed.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        Labels that are not one per line.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1.2, first_doubling=1 * takeoff.MONTH)
    >>> weeks = takeoff.HumanReaction(law, target_pace=24, gain=20, lag=[0.02, 0.25])
    >>> figure = takeoff.simulate(weeks, horizon=3).plot()
    >>> figure.axes[0].get_yscale()
    'log'
    """
    paths = paths_in(result.model.shape)
    if paths > len(STYLES) and labels is not None:
        raise InvalidValueError("plot", "labels", labels, f"left out for more than {len(STYLES)} paths")
    named = labels_of(result.model) if labels is None and paths <= len(STYLES) else list(labels or ())
    if paths <= len(STYLES) and len(named) != paths:
        raise InvalidValueError("plot", "labels", len(named), f"one per path ({paths})")
    unit, size = unit_of(result.horizon)
    with drawing(ax) as (figure, axes):
        if paths <= len(STYLES):
            low, high = _lines(axes, result, named, size)
        else:
            low, high = _bands(axes, result, size)
        targets = np.unique(np.asarray(result.model.target_pace, dtype=np.float64))
        for target in targets[:: max(1, targets.size - 1)]:
            axes.axhline(target, **DASHED)
            note(axes, f"target {target:.3g}", (0.005, target), xycoords=("axes fraction", "data"), xytext=(0, 3),
                 bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8})  # fmt: skip
        axes.set_yscale("log")
        axes.set_ylim(min(low, targets[0]) / 1.5, _BEYOND * max(high, targets[-1]))
        _plain_ticks(axes)
        axes.set_xlim(0, (result.horizon or 1.0) / size)
        axes.set_xlabel(f"time since the start, {unit}")
        axes.set_ylabel("pace, doublings per year")
        if named != [""]:  # a lone path needs no name
            short = max(map(len, named), default=0) < 25
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3 if short else 1, handlelength=3.2)
    return figure


def _plain_ticks(axes: Axes) -> None:
    """Write the ticks of a logarithmic axis out, and those between decades where there are few."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axes.get_ylim()
    few = high < 2e3 * low
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _lines(axes: Axes, result: ReactionTrajectory, labels: Sequence[str], size: float) -> tuple[float, float]:
    """Draw each path; give back the lowest pace, and the highest of a path that does not escape."""
    times, paces = _fine(result)
    paths = paths_in(result.model.shape)
    for pace, label, (color, style) in zip(paces, labels, STYLES if paths > 1 else ((BLUE, "solid"),), strict=False):
        ended = np.isinf(pace)
        axes.plot(times[~ended] / size, pace[~ended], color=color, linestyle=style, label=label or None)
    escaped = np.isinf(paces).any(axis=1)
    held = paces[~escaped]
    positive = paces[np.isfinite(paces) & (paces > 0)]
    return float(np.min(positive, initial=1e300)), float(np.max(held, initial=0.0))


def _fine(result: ReactionTrajectory) -> tuple[Floats, Floats]:
    """Times close enough for smooth lines, closer still before singular times, and the pace of each path at them."""
    from takeoff.simulation import simulate

    singular = np.ravel(np.asarray(result.singular_time))
    singular = singular[np.isfinite(singular)]
    near = np.outer(singular, 1 - 0.5 ** np.arange(4, 40, 0.25)).reshape(-1)
    times = np.unique(np.concatenate([np.linspace(0, result.horizon, _POINTS), near]))
    return times, simulate(result.model, time=times).pace.reshape(-1, times.size)


def _bands(axes: Axes, result: ReactionTrajectory, size: float) -> tuple[float, float]:
    rows: Any = quantiles(result.pace.reshape(-1, result.time.size), (0.05, 0.25, 0.5, 0.75, 0.95))
    finite = rows[np.isfinite(rows) & (rows > 0)]
    top = float(np.max(finite, initial=0.0, where=finite < 1e3 * np.max(result.model.target_pace)))
    low, first, middle, third, high = np.minimum(rows, 1e3 * max(top, 1.0))
    times = result.time / size
    for lower, upper, alpha, label in ((low, high, 0.18, "5% to 95% of paths"), (first, third, 0.35, "25% to 75%")):
        axes.fill_between(times, lower, upper, color=BLUE, alpha=alpha, lw=0, label=label)
    axes.plot(times, middle, color=BLUE, label="median")
    return float(np.min(finite, initial=1e300)), top
