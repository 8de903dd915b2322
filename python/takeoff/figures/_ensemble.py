"""Ensembles: bands of a series over time, what drives an output, and when something has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from takeoff.errors import InvalidValueError
from takeoff.figures._curves import Curves, label_values, limits_of, set_limits
from takeoff.figures._drivers import label_of
from takeoff.figures._style import BLUE, axis_of_years, drawing, legend_above, note, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.figures._protocols import Draws


def fan(result: Draws, *, ax: Axes | None = None) -> Figure:
    """Bands of a series over time, such as the doublings, and the share of draws that have become infinite.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with bands.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Time on the horizontal axis, the series on the vertical one, with its unit, and the level to the right of
        doublings. A band leaves the figure at the top where its draws are infinite; the share of these is said at the
        horizon.

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
    spec = result.model.spec
    series = spec.outputs[result.series]
    calendar = spec.clock == "calendar year"
    unit, size = ("years", 1.0) if calendar else unit_of(result.horizon)
    names = sorted((name for name in result.bands.columns if name.endswith("%")), key=lambda name: float(name[:-1]))
    time = result.bands["time_years"].to_numpy()
    rows = result.bands.select(names).to_numpy().T
    known = np.isfinite(rows)
    ends = np.where(known.all(axis=1), np.inf, time[np.argmin(known, axis=1)])
    low, high, logarithmic = limits_of(Curves(time, rows, ends), series.scale)
    if series.unit == "doublings" and not logarithmic:
        middle = rows[names.index("50%"), -1] if "50%" in names else np.inf
        high = min(high, max(3 * middle, 20.0) if np.isfinite(middle) else 60.0)
    # Beyond the axis, and no further than it can draw.
    rows = np.clip(rows, low / 10 if logarithmic else None, high * (1e3 if logarithmic else 3) + 1)
    with drawing(ax) as (figure, axes):
        pairs = [(k, len(names) - 1 - k) for k in range(len(names) // 2)]
        for (first, last), alpha in zip(pairs, np.linspace(0.2, 0.45, len(pairs)), strict=True):
            label = f"{names[first]} to {names[last]} of draws"
            axes.fill_between(time / size, rows[first], rows[last], color=BLUE, alpha=alpha, linewidth=0, label=label)
        if "50%" in names:
            axes.plot(time / size, rows[names.index("50%")], color=BLUE, label="median")
        set_limits(axes, low, high, logarithmic)
        label_values(axes, series)
        axes.set_xlim(time[0] if calendar else 0, result.horizon / size)
        if calendar:
            axis_of_years(axes.xaxis)
        else:
            axes.set_xlabel(f"time since the start, {unit}")
        share = float(result.bands["singular_share"][-1])
        if share > 0:
            words = f"{share:.1%} of draws {'singular' if series.unit == 'doublings' else 'infinite'} by the horizon"
            axes.text(0.98, 0.03, words, transform=axes.transAxes, ha="right")
        legend_above(axes)
    return figure


def drivers(result: Draws, output: str, *, ax: Axes | None = None) -> Figure:
    """Rank correlation of each input with an output, as bars.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with rows.
    output : str
        An output that is a number or true and false.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each input, the strongest on top, with two standard errors.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError, DtypeError, InvalidValueError
        As :meth:`takeoff.Ensemble.rank_correlations`.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.1, 0.2), limit=20)
    >>> run = takeoff.ensemble(law, 1000, horizon=1, rows=True)
    >>> takeoff.figures.drivers(run, "doublings_at_horizon").axes[0].get_xlabel()
    'rank correlation with doublings at horizon'
    """
    ranked = result.rank_correlations(output)[::-1]
    with drawing(ax, **{"figure.figsize": (7.2, max(2.0, 0.45 * ranked.height + 1.1))}) as (figure, axes):
        names = [label_of(name, result.model, unit=False) for name in ranked["input"]]
        errors = 2 * ranked["standard_error"].to_numpy()
        axes.barh(names, ranked["correlation"], xerr=errors, color=BLUE, height=0.6, capsize=3)
        for row, (rho, error) in enumerate(zip(ranked["correlation"], errors, strict=True)):
            inside = abs(rho) > 0.85
            side = np.sign(rho) or 1.0
            end = rho + side * (-error if inside else error)
            right = bool((side > 0) != inside)
            colour = "white" if inside else "black"
            note(axes, f"{rho:.2f}", (end, row), xytext=(5 if right else -5, 0), va="center", color=colour,
                 ha="left" if right else "right")  # fmt: skip
        axes.axvline(0, color="black", linewidth=0.8)
        axes.set_xlim(-1, 1)
        axes.set_xlabel(f"rank correlation with {label_of(output, result.model, unit=False)}")
    return figure


def survival(result: Draws, column: str, *, ax: Axes | None = None) -> Figure:
    """Share of the draws in which something has not come yet, over time.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with rows and a horizon.
    column : str
        An output that is a time in years, infinite where it never comes: ``"threshold_time"``, ``"singular_time"``.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Time up to the horizon on the horizontal axis, the share of draws on the other.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError, DtypeError
        A column that the rows do not have, or that is not a number.
    InvalidValueError
        An ensemble without rows or without a horizon.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.8, 3), first_doubling=1 * takeoff.MONTH)
    >>> outputs = ["threshold_time"]
    >>> run = takeoff.ensemble(law, 1000, horizon=1, multiple=5, outputs=outputs, rows=True)
    >>> takeoff.figures.survival(run, "threshold_time").axes[0].get_ylabel()
    'share of draws before the threshold time'
    """
    if result.horizon is None:
        raise InvalidValueError("plot", "horizon", None, "that of an ensemble with a horizon")
    times = np.sort(result._column(column))
    unit, size = unit_of(result.horizon)
    grid = np.linspace(0, result.horizon, 401)
    left = 1 - np.searchsorted(times, grid, side="right") / times.size
    with drawing(ax) as (figure, axes):
        axes.step(grid / size, left, where="post", color=BLUE)
        axes.set_xlim(0, result.horizon / size)
        axes.set_ylim(0, 1)
        axes.set_xlabel(f"time since the start, {unit}")
        axes.set_ylabel(f"share of draws before the {label_of(column, result.model, unit=False)}")
    return figure
