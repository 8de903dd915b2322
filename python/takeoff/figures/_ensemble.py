"""Ensembles: bands of the doublings over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff.errors import InvalidValueError
from takeoff.figures._style import BLUE, axes_of_doublings, drawing, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.ensembles import Ensemble


def fan(result: Ensemble, *, ax: Axes | None = None) -> Figure:
    """Bands of the doublings over time, and the share of draws that have become singular.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with bands.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Time on the horizontal axis; doublings on the left, the level on the right. A band leaves the figure at the top
        where its draws are singular; the share of these is said at the horizon.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        An ensemble without bands.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=1 * takeoff.MONTH)
    >>> figure = takeoff.figures.fan(takeoff.ensemble(law, 1000, horizon=1))
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['5% to 95% of draws', '25% to 75% of draws', 'median']
    """
    if result.bands is None or result.horizon is None:
        raise InvalidValueError("plot", "bands", None, "those of an ensemble with a horizon")
    unit, size = unit_of(result.horizon)
    names = [name for name in result.bands.columns if name.endswith("%")]
    ordered = sorted(names, key=lambda name: float(name[:-1]))
    time = result.bands["time_years"].to_numpy() / size
    curves = {name: result.bands[name].to_numpy() for name in ordered}
    finite = np.concatenate([curve[np.isfinite(curve)] for curve in curves.values()])
    middle = curves["50%"][-1] if "50%" in curves else np.inf
    top = 1.05 * min(float(finite.max(initial=1.0)), max(3 * middle, 20.0) if np.isfinite(middle) else 60.0)
    with drawing(ax) as (figure, axes):
        pairs = [
            (low, high) for low, high in zip(ordered, ordered[::-1], strict=True) if float(low[:-1]) < float(high[:-1])
        ]
        for (low, high), alpha in zip(pairs, np.linspace(0.2, 0.45, len(pairs)), strict=True):
            axes.fill_between(
                time, curves[low], np.minimum(curves[high], 2 * top), color=BLUE, alpha=alpha, linewidth=0,
                label=f"{low} to {high} of draws",
            )  # fmt: skip
        if "50%" in curves:
            drawn = np.isfinite(curves["50%"])
            axes.plot(time[drawn], curves["50%"][drawn], color=BLUE, label="median")
        axes_of_doublings(axes, unit, top)
        axes.set_xlim(0, result.horizon / size)
        share = float(result.bands["singular_share"][-1])
        if share > 0:
            axes.text(0.98, 0.03, f"{share:.1%} of draws singular by the horizon", transform=axes.transAxes, ha="right")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return figure
