"""Training runs: the level deployed over time, and the frontier between runaway and fizzle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import paths_in
from takeoff.errors import InvalidValueError
from takeoff.figures._style import BLUE, DASHED, GREY, RED, STYLES, axes_of_doublings, drawing, labels_of, note, unit_of
from takeoff.models import GrowthLaw
from takeoff.models.retraining import frontier
from takeoff.units import MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import RetrainingTrajectory

_MOST_DOUBLINGS = 60.0


def generations(result: RetrainingTrajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Doublings deployed over time: a step at the end of each training run.

    Parameters
    ----------
    result : RetrainingTrajectory
        What to draw, up to six paths; the law without training runs joins them, where all share one.
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
    paths = paths_in(result.model.shape)
    if paths > len(STYLES):
        raise InvalidValueError("plot", "paths", paths, f"at most {len(STYLES)} for a figure of training runs")
    named = labels_of(result.model) if labels is None else list(labels)
    if len(named) != paths:
        raise InvalidValueError("plot", "labels", len(named), f"one per path ({paths})")
    ends, deployed = (each.reshape(paths, -1) for each in (result.ends, result.deployed))
    shown = deployed <= _MOST_DOUBLINGS
    horizon = min(result.horizon, float(np.max(ends, initial=0, where=shown & np.isfinite(ends))))
    top = max(1.0, float(np.max(deployed, initial=0, where=shown & (ends <= horizon))))
    unit, size = unit_of(horizon)
    with drawing(ax) as (figure, axes):
        if result.model.law.shape == ():
            x = np.linspace(0, 1.1 * top, 400)
            time = result.model.law.time_at(x) / size
            axes.plot(time, x, color=GREY, linewidth=1.4, linestyle=(0, (4, 2)), label="without training runs")
        for i, (label, (color, _)) in enumerate(zip(named, STYLES if paths > 1 else ((BLUE, None),), strict=False)):
            times = np.concatenate([[0], ends[i], [max(horizon, ends[i][-1])]])
            steps = np.concatenate([[0], deployed[i], deployed[i][-1:]])
            axes.step(times / size, np.minimum(steps, 2 * top), where="post", color=color, label=label,
                      linewidth=1.2 + 0.5 * (paths - i))  # fmt: skip
        axes_of_doublings(axes, unit, top)
        axes.set_ylabel("software doublings deployed since the start")
        axes.set_xlim(0, (horizon or 1.0) / size)
        axes.legend(loc="best")
    return figure


def frontier_of_runs(law: GrowthLaw | None = None, *, first_run: float = 2 * MONTH, ax: Axes | None = None) -> Figure:
    """Frontier between runaway and fizzle in returns r and the share of gains that shortens training runs.

    Parameters
    ----------
    law : GrowthLaw, optional
        One path, of which r is varied (default: a first doubling of one month).
    first_run : float, default two months
        Time that the first run takes, years.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        The computed frontier as points, ``r (1 - s) = 1`` as a line; and where runs become leaps.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    References
    ----------
    Eth & Davidson (2025), footnotes 42 and 43.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.figures.frontier_of_runs().axes[0].get_xlabel()
    'returns to software R&D, r'
    """
    import dataclasses

    given = GrowthLaw(1, 1 * MONTH) if law is None else law
    parallelizability = float(np.max(given.parallelizability))
    points = np.linspace(1.1, 4, 30)
    found = frontier(dataclasses.replace(given, r=points), first_run)
    r = np.linspace(0.5, 4, 400)
    whole = np.maximum(1 - 1 / r, 0)
    # Each run brings more than the last where 1/r + s/lambda < 1 - s.
    leaps = np.maximum((1 - 1 / r) / (1 + 1 / parallelizability), 0)
    with drawing(ax) as (figure, axes):
        axes.fill_between(r, whole, 1, color=BLUE, alpha=0.13, lw=0)
        axes.fill_between(r, leaps, whole, color=RED, alpha=0.13, lw=0)
        axes.fill_between(r, 0, leaps, color=RED, alpha=0.3, lw=0)
        axes.plot(r, whole, **DASHED, label="r (1 - s) = 1")
        axes.plot(points, found, "o", color="black", markersize=4, label="computed from the runs")
        texts: tuple[tuple[str, tuple[float, float]], ...] = (
            ("fizzle", (1.3, 0.75)),
            ("runaway, in ever smaller steps", (2.35, 0.42)),
            ("runaway in leaps: each run\nbrings more than the last", (2.6, 0.08)),
        )
        for text, at in texts:
            note(axes, text, at, xytext=(0, 0), fontsize=10.5)
        axes.set_xlim(0.5, 4)
        axes.set_ylim(0, 1)
        axes.set_xlabel("returns to software R&D, r")
        axes.set_ylabel("share s of each gain that shortens runs")
        axes.legend(loc="upper right", frameon=True, framealpha=0.85, edgecolor="none")
    return figure
