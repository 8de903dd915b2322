"""Courses as the paper draws them: the first year for several returns, and a limit (Figures 9 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff.figures._curves import lines_over_time
from takeoff.figures._style import BLUE, DASHED, RED, STYLES, axes_of_doublings, drawing, note
from takeoff.units import DAY, MONTH

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from takeoff.trajectory import Trajectory


def first_year(result: Trajectory, *, today: float) -> Figure:
    """First year after AI does the AI research, for several returns (the paper's Figure 9).

    Parameters
    ----------
    result : Trajectory
        Paths that differ in r, at most six.
    today : float
        Today's pace for comparison, doublings per year (dashed).

    Returns
    -------
    matplotlib.figure.Figure
        The paths with their r, and today's pace.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 1, 3], first_doubling=1 * takeoff.MONTH)
    >>> figure = takeoff.figures.first_year(takeoff.simulate(law, horizon=1, points=500), today=6)
    >>> figure.axes[0].get_xlabel()
    'time since AI R&D is automated, months'
    """
    r = np.ravel(np.broadcast_to(result.model.r, result.model.shape))
    top = 22.0
    with drawing() as (figure, axes):
        months = result.time / MONTH
        curves = lines_over_time(result, "doublings_at")
        for value, doublings, (color, style) in reversed(list(zip(r, curves.values, STYLES, strict=False))):
            drawn = np.isfinite(doublings)
            axes.plot(curves.x[drawn] / MONTH, doublings[drawn], color=color, linestyle=style, label=f"r = {value:g}")
        pace = f"today's pace: {today:g} doublings a year"
        axes.plot(months, today * result.time, color="black", linewidth=1.3, linestyle=(0, (4, 3)), label=pace)
        axes.legend(loc="upper right", handlelength=3.5)
        axes_of_doublings(axes, "months", top / 1.06)
        axes.set_xlabel("time since AI R&D is automated, months")
        axes.set_xlim(0, months[-1])
        axes.set_xticks(range(0, round(float(months[-1])) + 1, 2))
    return figure


def limited(result: Trajectory, unlimited: Trajectory) -> Figure:
    """An explosion that meets a physical limit (the paper's Figure 10).

    Parameters
    ----------
    result : Trajectory
        One path with a limit.
    unlimited : Trajectory
        The same path without it.

    Returns
    -------
    matplotlib.figure.Figure
        Both paths, the limit and the place where the pace is highest.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> free = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> bound = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, limit=30)
    >>> figure = takeoff.figures.limited(*(takeoff.simulate(law, horizon=1) for law in (bound, free)))
    >>> len(figure.axes[0].lines)
    4
    """
    limit = float(np.max(np.asarray(result.model.limit, dtype=np.float64)))
    with drawing() as (figure, axes):
        free, bound = (lines_over_time(course, "doublings_at") for course in (unlimited, result))
        drawn = np.isfinite(free.values[0])
        axes.plot(
            free.x[drawn] / MONTH, free.values[0][drawn], color=RED, linestyle=STYLES[4][1], label="without a limit"
        )
        axes.plot(bound.x / MONTH, bound.values[0], color=BLUE, label=f"with a limit at {limit:g} doublings")
        axes.axhline(limit, **DASHED)
        note(axes, "physical limit of the hardware", (0.5, limit), xycoords=("axes fraction", "data"), xytext=(0, 5))
        at, pace = (float(np.ravel(result.column(name))[0]) for name in ("peak_time", "peak_pace"))
        x = float(np.ravel(result.model.peak_doublings)[0])
        axes.plot([at / MONTH], [x], "o", color=BLUE, markersize=7)
        note(axes, f"fastest: {pace * DAY:.2g} doublings a day", (at / MONTH, x), xytext=(12, -4))
        axes_of_doublings(axes, "months", limit * 1.1)
        axes.set_xlim(0, result.horizon / MONTH)
        axes.legend(loc="lower right")
    return figure
