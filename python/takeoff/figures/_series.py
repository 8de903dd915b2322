"""Series of a result over time or over steps: a few paths as lines, many as bands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from takeoff._arrays import paths_in
from takeoff.errors import InvalidValueError
from takeoff.figures._curves import (
    Curves,
    bands,
    bands_over_time,
    chosen,
    draw_curves,
    draw_marks,
    label_values,
    lines_over_time,
    mark_ends,
    start_of,
    write_ticks_out,
)
from takeoff.figures._style import (
    axis_of_years,
    drawing,
    legend_above,
    names_of_paths,
    title_of,
    unit_of,
)
from takeoff.units import MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff._arrays import Floats
    from takeoff.models._spec import Output
    from takeoff.trajectory import Trajectory


def series(
    result: Trajectory, *, output: str | None = None, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Figure:
    """Series over time, or over steps for a model without a course over time.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
    output : str, optional
        Output of the model that runs along time (default: the first).
    labels : sequence of str, optional
        Names of the lines (default: the inputs in which the paths differ).
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Time on the horizontal axis, the output on the vertical one, with its unit: in logarithmic steps where it spans
        decades, with the level on the right where it counts doublings. Dashed: what the model compares it with, such as
        a limit or a target, and where paths become singular.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError
        An output that the model does not have, or that does not run along time.
    InvalidValueError
        Labels that are not one per line.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1 * takeoff.MONTH)
    >>> figure = takeoff.figures.series(takeoff.simulate(law, horizon=1), output="pace")
    >>> figure.axes[0].get_ylabel(), figure.axes[0].get_yscale()
    ('pace, doublings per year', 'log')
    """
    if result.time is None:
        return steps(result, output=output, labels=labels, ax=ax)
    return _over_time(result, chosen(result, "time", output), labels, ax)


def _over_time(result: Trajectory, output: Output, labels: Sequence[str] | None, ax: Axes | None) -> Figure:
    names = names_of_paths(result.model, labels)
    curves = lines_over_time(result, output.name) if names else bands_over_time(result, output.name)
    curves, output = _readable(curves, output)
    calendar = result.model.spec.clock == "calendar year"
    unit, size = ("years", 1.0) if calendar else unit_of(result.horizon)
    with drawing(ax) as (figure, axes):
        draw_curves(axes, curves, names, size, scale=output.scale)
        draw_marks(axes, result, output)
        if names:
            mark_ends(axes, curves, result.horizon, size)
        _label(axes, output, result, names)
        start = start_of(result) / size
        axes.set_xlim(start, result.horizon / size if result.horizon / size > start else start + 1.0)
        if calendar:
            axis_of_years(axes.xaxis)
        else:
            axes.set_xlabel(f"time since the start, {unit}")
    return figure


def _readable(curves: Curves, output: Output) -> tuple[Curves, Output]:
    """Return times in the unit in which they read best, and other values as they are."""
    if output.unit != "years":
        return curves, output
    unit, size = unit_of(float(np.max(curves.shown, initial=0.0)))
    return curves.map(lambda values: values / size), replace(output, unit=unit)


def _label(axes: Axes, output: Output, result: Trajectory, names: Sequence[str]) -> None:
    """Label the vertical axis and name the lines."""
    label_values(axes, output)
    if any(names) or not names:
        legend_above(axes)
    else:
        axes.set_title(title_of(result.model))


def steps(
    result: Trajectory, *, output: str | None = None, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Figure:
    """Series over the steps of a model, such as its doublings or its training runs.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as points, more as bands of the central 50% and 90% of paths.
    output : str, optional
        Output of the model that runs along steps (default: the first).
    labels : sequence of str, optional
        Names of the paths (default: the inputs in which they differ).
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        The number of the step on the horizontal axis, the output on the vertical one, with its unit: in logarithmic
        steps where it spans decades.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError
        An output that the model does not have, or that does not run along steps.
    InvalidValueError
        Labels that are not one per path; a result without steps.

    Examples
    --------
    >>> import takeoff
    >>> figure = takeoff.figures.steps(takeoff.simulate(takeoff.ToyModel(papers_factor=3)), output="durations")
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('doubling', 'duration, years')
    """
    step = chosen(result, "step", output)
    names = names_of_paths(result.model, labels)
    # A result that finds out by itself how many steps there are holds them under the name of the output.
    values = np.asarray(result.column(step.name) if result.step_count else getattr(result, step.name, ()))
    if not values.size:
        raise InvalidValueError("plot", "result", type(result).__name__, "one with steps")
    values = values.reshape(paths_in(result.model.shape), -1)
    numbers = np.arange(1.0, values.shape[-1] + 1)
    curves = Curves(numbers, values, np.full(len(values), np.inf)) if names else bands(numbers, values)
    curves, step = _readable(curves.map(lambda column: np.where(np.isinf(column), np.nan, column)), step)
    with drawing(ax) as (figure, axes):
        draw_curves(axes, curves, names, scale=step.scale)
        for line in axes.lines if names else ():
            line.set(marker="o", markersize=3.5, linewidth=1.0)
        _label(axes, step, result, names)
        _axis_of_steps(axes, (result.model.spec.grid.steps or "steps").removesuffix("s"), numbers)
    return figure


def _axis_of_steps(axes: Axes, name: str, numbers: Floats) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(0, numbers[-1] + 1)
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
    axes.set_xlabel(name)


def trajectory(result: Trajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Doublings over time.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
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
    UnknownNameError
        A model without doublings over time.
    InvalidValueError
        Labels that are not one per line.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1 * takeoff.MONTH)
    >>> figure = takeoff.figures.trajectory(takeoff.simulate(law, horizon=1))
    >>> figure.axes[0].get_ylabel()
    'software doublings since the start'
    """
    return _over_time(result, chosen(result, "time", "doublings_at"), labels, ax)


def reaction(result: Trajectory, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
    """Pace over time, with the target of a model that has one.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
    labels : sequence of str, optional
        Names of the lines (default: the inputs in which the paths differ).
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
    UnknownNameError
        A model without a pace over time.
    InvalidValueError
        Labels that are not one per line.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1.2, first_doubling=1 * takeoff.MONTH)
    >>> weeks = takeoff.HumanReaction(law, target_pace=24, gain=20, lag=[0.02, 0.25])
    >>> figure = takeoff.figures.reaction(takeoff.simulate(weeks, horizon=3))
    >>> figure.axes[0].get_yscale()
    'log'
    """
    return _over_time(result, chosen(result, "time", "pace"), labels, ax)


def doubling_time(result: Trajectory, *, ax: Axes | None = None) -> Figure:
    """Time that a doubling would take at the pace of the moment, over time.

    Parameters
    ----------
    result : Trajectory
        What to draw: up to six paths as lines, more as bands of the central 50% and 90% of paths.
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
    UnknownNameError
        A model without a pace over time.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=[0.7, 1.4], first_doubling=0.5)
    >>> takeoff.figures.doubling_time(takeoff.simulate(law, horizon=1)).axes[0].get_ylabel()
    'months per doubling'
    """
    pace = chosen(result, "time", "pace").name
    names = names_of_paths(result.model, None)
    curves = lines_over_time(result, pace) if names else bands_over_time(result, pace)
    unit, size = unit_of(result.horizon)
    with drawing(ax) as (figure, axes), np.errstate(divide="ignore"):
        draw_curves(axes, curves.map(lambda values: 1 / values / MONTH), names, size, scale="log")
        write_ticks_out(axes)
        axes.set_xlim(0, (result.horizon or 1.0) / size)
        axes.set_xlabel(f"time since the start, {unit}")
        axes.set_ylabel("months per doubling")
        if names != [""]:  # a lone path needs no name
            legend_above(axes)
    return figure
