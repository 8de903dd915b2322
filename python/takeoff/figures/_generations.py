"""Training runs: the level deployed over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import paths_in
from takeoff.figures._style import BLUE, GREY, STYLES, axes_of_doublings, drawing, legend_above, names_of_paths, unit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.trajectory import Trajectory

_MOST_DOUBLINGS = 60.0


def generations(result: Trajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Doublings deployed over time: a step at the end of each training run.

    Parameters
    ----------
    result : Trajectory
        What to draw, up to six paths; the law without training runs joins them, where all share one.
    labels : sequence of str, optional
        Names of the lines (default: the inputs in which the paths differ).
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
        More than six paths, or labels that are not one per path.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
    >>> model = takeoff.Retraining(law, first_run=[0.1, 0.5])
    >>> figure = takeoff.figures.generations(takeoff.simulate(model, horizon=4))
    >>> len(figure.axes[0].get_legend().get_texts())
    3
    """
    names = names_of_paths(result.model, labels, "training runs")
    paths = paths_in(result.model.shape)
    ends, deployed = (column.reshape(paths, -1) for column in (result.ends, result.deployed))  # type: ignore[attr-defined]
    shown = deployed <= _MOST_DOUBLINGS
    horizon = min(result.horizon, float(np.max(ends, initial=0, where=shown & np.isfinite(ends))))
    top = max(1.0, float(np.max(deployed, initial=0, where=shown & (ends <= horizon))))
    unit, size = unit_of(horizon)
    with drawing(ax) as (figure, axes):
        if result.model.law.shape == ():
            x = np.linspace(0, 1.1 * top, 400)
            time = result.model.law.time_at(x) / size
            axes.plot(time, x, color=GREY, linewidth=1.4, linestyle=(0, (4, 2)), label="without training runs")
        for i, (label, (color, _)) in enumerate(zip(names, STYLES if paths > 1 else ((BLUE, None),), strict=False)):
            times = np.concatenate([[0], ends[i], [max(horizon, ends[i][-1])]])
            steps = np.concatenate([[0], deployed[i], deployed[i][-1:]])
            axes.step(times / size, np.minimum(steps, 2 * top), where="post", color=color, label=label,
                      linewidth=1.2 + 0.5 * (paths - i))  # fmt: skip
        axes_of_doublings(axes, unit, top, "software doublings deployed since the start")
        axes.set_xlim(0, (horizon or 1.0) / size)
        legend_above(axes)
    return figure
