"""A recursion in doublings: its steps over time, next to the continuous law of which it is a discrete form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import paths_in
from takeoff.figures._curves import lines_over_time
from takeoff.figures._style import BLUE, DASHED, STYLES, drawing, legend_above, names_of_paths, unit_of
from takeoff.simulation import simulate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.trajectory import Trajectory


_MARKERS = "os^vDP"


def recursion(result: Trajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Doublings over time: a point where each is done, and the continuous law as a line.

    Parameters
    ----------
    result : Trajectory
        What to draw, up to six paths.
    labels : sequence of str, optional
        Names of the paths (default: the inputs in which they differ).
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Time on the horizontal axis; doublings on the left and, where the paths share it, years of AI progress at the
        recent pace on the right. Training runs and a gradual boost have no law next to them; the recent pace of
        software is dashed, where the paths share it.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        More than six paths, or labels that are not one per path.

    Examples
    --------
    >>> import takeoff
    >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=[2, 8], limit_years=11, parallelizability=0.3)
    >>> figure = takeoff.figures.recursion(takeoff.simulate(model))
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['speed-up = 2', 'speed-up = 8', 'continuous law', 'recent pace of software']
    """
    model, paths = result.model, paths_in(result.model.shape)
    names = names_of_paths(model, labels, "doublings")
    ends = result.ends.reshape(paths, -1)  # type: ignore[attr-defined]
    done = np.arange(1, ends.shape[1] + 1)
    unit, size = unit_of(result.horizon)
    colors = [color for color, _ in STYLES] if paths > 1 else [BLUE]
    with drawing(ax) as (figure, axes):
        for times, label, color, marker in zip(ends, names, colors, _MARKERS, strict=False):
            drawn = times <= result.horizon
            axes.plot(times[drawn] / size, done[drawn], marker, color=color, markersize=3.5, label=label or "recursion")
        if (model.retraining, model.boost) == ("none", "sudden") and np.all(np.greater(model.limit, 1)):
            _draw_law(axes, result, colors, size)
        recent = np.unique(model.recent_doubling_time)
        if recent.size == 1:
            axes.plot([0, result.horizon / size], [0, result.horizon / recent[0]], **DASHED,
                      label="recent pace of software")  # fmt: skip
        axes.set_xlim(0, result.horizon / size)
        axes.set_ylim(0, 1.06 * float(np.max(result.column("doublings"))))
        axes.set_xlabel(f"time since the start, {unit}")
        axes.set_ylabel("software doublings since the start")
        per_year = np.unique(model._year_of_progress)
        if per_year.size == 1:
            scale = (lambda x: x / per_year[0], lambda y: y * per_year[0])
            axes.secondary_yaxis("right", functions=scale).set_ylabel("years of AI progress at the recent pace")
        legend_above(axes)
    return figure


def _draw_law(axes: Axes, result: Trajectory, colors: list[str], size: float) -> None:
    course = simulate(result.model.continuous_law(), result.horizon)
    curves = lines_over_time(course, "doublings_at")
    for doublings, color in zip(curves.values, colors, strict=False):
        axes.plot(curves.x / size, doublings, color=color, linewidth=1.2)
    axes.plot([], [], color="black", linewidth=1.2, label="continuous law")
