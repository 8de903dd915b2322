"""Frontier between runaway and fizzle of training runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff.figures._style import BLUE, DASHED, RED, drawing, note
from takeoff.models import retraining
from takeoff.units import MONTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import Model


def frontier_of_runs(law: Model | None = None, *, first_run: float = 2 * MONTH, ax: Axes | None = None) -> Figure:
    """Frontier between runaway and fizzle in returns r and the share of gains that shortens training runs.

    Parameters
    ----------
    law : Model, optional
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
    points = np.linspace(1.1, 4, 30)
    r = np.linspace(0.5, 4, 400)
    whole = np.maximum(1 - 1 / r, 0)
    computed, leaps = retraining.frontier_by_returns(points, law, first_run), retraining.leap_share(r, law)
    with drawing(ax) as (figure, axes):
        axes.fill_between(r, whole, 1, color=BLUE, alpha=0.13, lw=0)
        axes.fill_between(r, leaps, whole, color=RED, alpha=0.13, lw=0)
        axes.fill_between(r, 0, leaps, color=RED, alpha=0.3, lw=0)
        axes.plot(r, whole, **DASHED, label="r (1 - s) = 1")
        axes.plot(points, computed, "o", color="black", markersize=4, label="computed from the runs")
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
