"""How fast a path doubles, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import paths_in
from takeoff.errors import InvalidValueError
from takeoff.figures._style import BLUE, STYLES, drawing, labels_of, unit_of
from takeoff.units import MONTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.trajectory import Trajectory


def doubling_time(result: Trajectory, *, ax: Axes | None = None) -> Figure:
    """Time that a doubling would take at the pace of the moment, over time.

    Parameters
    ----------
    result : Trajectory
        What to draw, up to six paths.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Months per doubling on a logarithmic axis.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        More than six paths.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 1.4], first_doubling=0.5)
    >>> takeoff.figures.doubling_time(takeoff.simulate(law, horizon=1)).axes[0].get_ylabel()
    'months per doubling'
    """
    paths = paths_in(result.model.shape)
    if paths > len(STYLES):
        raise InvalidValueError("doubling_time", "paths", paths, f"at most {len(STYLES)}")
    unit, size = unit_of(result.horizon)
    with drawing(ax) as (figure, axes):
        styles = STYLES if paths > 1 else ((BLUE, "solid"),)
        paces = result.pace.reshape(paths, -1)
        for pace, label, (color, style) in zip(paces, labels_of(result.model), styles, strict=False):
            drawn = (pace > 0) & np.isfinite(pace)
            axes.plot(result.time[drawn] / size, 1 / pace[drawn] / MONTH, color=color, linestyle=style, label=label)
        axes.set_yscale("log")
        low, high = axes.get_ylim()
        ticks = [t * 10.0**k for k in range(-6, 7) for t in (1, 2, 5) if low <= t * 10.0**k <= high]
        if 2 <= len(ticks) <= 10:
            axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
            axes.minorticks_off()
        axes.set_xlabel(f"time since the start, {unit}")
        axes.set_ylabel("months per doubling")
        axes.set_xlim(0, (result.horizon or 1.0) / size)
        if paths > 1:
            axes.legend(loc="best", handlelength=3.5)
    return figure
