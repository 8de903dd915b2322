"""Doublings over time: a few paths as lines, many as bands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff._answers import ask
from takeoff._arrays import Floats, paths_in, quantiles
from takeoff.errors import InvalidValueError
from takeoff.figures._style import (
    BLUE,
    DASHED,
    STYLES,
    axes_of_doublings,
    drawing,
    in_one_unit,
    labels_of,
    note,
    unit_of,
)
from takeoff.trajectory import duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.trajectory import Trajectory

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_UNSEEN = 0.002
"""Part of the time axis that is too narrow to be seen: an explosion is drawn up to so long before its end."""


def trajectory(result: Trajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Doublings over time.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
    labels : sequence of str, optional
        Names of the lines (default: the parameters in which they differ).
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

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
    unit, size = unit_of(result.horizon)
    with drawing(ax) as (figure, axes):
        if paths <= len(STYLES):
            top = _lines(axes, result, labels, size)
        elif labels is None:
            top = _bands(axes, result, size)
        else:
            raise InvalidValueError("plot", "labels", labels, f"left out for more than {len(STYLES)} paths")
        axes_of_doublings(axes, unit, top)
        axes.set_xlim(0, (result.horizon or 1.0) / size)
    return figure


def _lines(axes: Axes, result: Trajectory, labels: Sequence[str] | None, size: float) -> float:
    paths = paths_in(result.model.shape)
    named = labels_of(result.model) if labels is None else list(labels)
    if len(named) != paths:
        raise InvalidValueError("plot", "labels", len(named), f"one per path ({paths})")
    styles = STYLES if paths > 1 else ((BLUE, "solid"),)
    top = _top(result)
    for (time, doublings), label, (color, style) in zip(curves(result, 1.1 * top), named, styles, strict=False):
        axes.plot(time / size, doublings, color=color, linestyle=style, label=label)
    limits = np.unique(np.asarray(np.inf if result.model.limit is None else result.model.limit, dtype=np.float64))
    if limits.size == 1 and limits[0] <= 1.4 * top:
        top = max(top, float(limits[0]))
        axes.axhline(limits[0], **DASHED, label=f"limit at {limits[0]:.3g} doublings")
    _mark_singular(axes, result, styles, size)
    if paths > 1 or labels is not None:
        axes.legend(loc="best", handlelength=3.5, frameon=True, framealpha=0.85, edgecolor="none")
    else:
        axes.set_title(_title(result))
    return top


def _top(result: Trajectory) -> float:
    """Doublings up to which the lines are worth being drawn."""
    last = result.doublings.reshape(-1, result.time.size)[:, -1]
    singular = np.broadcast_to(np.asarray(result.singular_time), result.model.shape).reshape(-1)
    sees = np.maximum(singular - _UNSEEN * result.horizon, 0.9 * singular)[~np.isfinite(last)]
    heights = [last[np.isfinite(last)]]
    if sees.size:
        found = ask(result.model, ["doublings_at"], along={"time": np.sort(sees)})["doublings_at"]
        heights.append(np.diagonal(found[~np.isfinite(last)][np.argsort(sees)]))
    return max(1.0, float(np.max(np.concatenate(heights), initial=0.0, where=np.isfinite(np.concatenate(heights)))))


def curves(result: Trajectory, top: float) -> Iterator[tuple[Any, Any]]:
    """Each path up to `top` doublings as (time, doublings), by doublings: even the steepest explosion is smooth."""
    points = 400
    end = result.doublings[..., -1:]
    doublings = np.minimum(end, top) * np.linspace(0, 1, points)
    time = ask(result.model, ["time_at"], along={"doublings": doublings.reshape(-1, points)})["time_at"]
    for times, values, last in zip(time, doublings.reshape(-1, points), end.reshape(-1), strict=True):
        goes_on = last <= top  # to the horizon, where its doublings were taken from
        yield np.append(times, result.horizon) if goes_on else times, np.append(values, last) if goes_on else values


def _title(result: Trajectory) -> str:
    """The law of a lone path, in short."""
    model = result.model
    r, first = (float(np.ravel(value)[0]) for value in (model.r, model.first_doubling))
    text = f"r = {r:.3g}, first doubling {in_one_unit([first])[0]}"
    parallelizability = float(np.ravel(model.parallelizability)[0])
    if result.model.limit is not None:
        text += f", limit {float(np.ravel(result.model.limit)[0]):.3g} doublings"
    if parallelizability < 1:
        text += f", parallelizability {parallelizability:.3g}"
    parts = [name for name in ("effort", "hardware", "automation") if getattr(model, name) is not None]
    return text + (f", with {' and '.join(parts)}" if parts else "")


def _mark_singular(axes: Axes, result: Trajectory, styles: Any, size: float) -> None:
    """Dashed lines where paths become singular, their labels one below the other."""
    times = np.broadcast_to(np.asarray(result.singular_time), result.model.shape).reshape(-1)
    marked = sorted((float(time), color) for time, (color, _) in zip(times, styles, strict=False))
    for place, (time, color) in enumerate((t, c) for t, c in marked if t <= result.horizon):
        axes.axvline(time / size, color=color, linewidth=1, linestyle=(0, (2, 2)))
        left = time > 0.7 * result.horizon
        note(axes, f"singular at {duration(time)}", (time / size, 0.6 - 0.065 * place),
             xycoords=("data", "axes fraction"), xytext=(-4 if left else 4, 0), ha="right" if left else "left",
             va="top", fontsize=9, color=color,
             bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _bands(axes: Axes, result: Trajectory, size: float) -> float:
    times, rows, ends = _quantile_curves(result)
    seen = times <= ends[:, None] - _UNSEEN * result.horizon
    top = max(1.0, float(np.max(rows, initial=0.0, where=seen & np.isfinite(rows))))
    low, first, middle, third, high = np.minimum(rows, 2 * top)
    for lower, upper, alpha, label in ((low, high, 0.18, "5% to 95% of paths"), (first, third, 0.35, "25% to 75%")):
        axes.fill_between(times / size, lower, upper, color=BLUE, alpha=alpha, lw=0, label=label)
    axes.plot(times / size, middle, color=BLUE, label="median")
    axes.legend(loc="upper left", frameon=True, framealpha=0.85, edgecolor="none")
    return top


def _quantile_curves(result: Trajectory) -> tuple[Floats, Floats, Floats]:
    """Times, quantiles of the doublings at them, and the time at which each quantile becomes infinite.

    The times lie closer together before the quantiles become infinite.
    """
    singular = np.sort(np.broadcast_to(np.asarray(result.singular_time), result.model.shape).reshape(-1))[::-1]
    ends = singular[np.ceil(np.array(_QUANTILES) * (singular.size - 1)).astype(int)]
    near = np.outer(ends[ends <= result.horizon], 1 - 0.5 ** np.arange(1, 12)).reshape(-1)
    times = np.unique(np.concatenate([np.linspace(0, result.horizon, 201), near, ends[ends <= result.horizon]]))
    rows = [
        quantiles(ask(result.model, ["doublings_at"], along={"time": part})["doublings_at"], _QUANTILES)
        for part in np.array_split(times, -(-times.size // 32))  # in parts, for the memory
    ]
    return times, np.concatenate(rows, axis=1), ends
