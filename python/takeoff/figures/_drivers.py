"""What drives an ensemble: densities, drivers side by side, tornadoes and Sobol' indices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff._arrays import as_count, as_number
from takeoff.errors import InvalidValueError, UnknownNameError
from takeoff.figures._style import (
    BLUE,
    DASHED,
    GREEN,
    ORANGE,
    PURPLE,
    axis_in_plain_numbers,
    drawing,
    label_of_input,
    note,
    with_unit,
)

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff._arrays import Floats
    from takeoff.figures._protocols import Draws, Indices, Swings
    from takeoff.models import Model

_LOOKS: Final = ((BLUE, "o"), (ORANGE, "^"), (GREEN, "s"), (PURPLE, "D"))


def label_of(name: str, model: Model | None = None, *, unit: bool = True) -> str:
    """Return a column's label with its unit from the model's spec, or else its name or expression in words.

    Parameters
    ----------
    name : str
        Path of an input, name of an output or of an input that the user defined, or text of a polars expression.
    model : Model, optional
        The model that has it.
    unit : bool
        Whether the unit is added.
    """
    if "(" in name:
        return _expression_in_words(name)
    if model is not None:
        label, field = label_of_input(model.spec.group, name)
        described = field or model.spec.outputs.get(name)
        if described is not None:
            label = label if field else described.label
            return with_unit(label, described.unit) if unit else label
    return name.rpartition(".")[2].replace("_", " ")


def _expression_in_words(text: str) -> str:
    """Return the text of a polars expression in words, or its alias if it has one."""
    alias = re.search(r'\.alias\("([^"]*)"\)$', text)
    if alias:
        return alias[1]
    text = re.sub(r'col\("([^"]*)"\)', lambda column: column[1].rpartition(".")[2].replace("_", " "), text)
    text = re.sub(r"\bdyn \w+: ", "", text)
    text = re.sub(r'(?<!\w)\("?([^()\[\]"]+)"?\)', r"\1", text)  # parentheses round a single name or value
    text = text.replace("([", "(").replace("])", ")")
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def density(
    result: Draws, column: str = "r", *, mark: float | None = None, bins: int = 60, ax: Axes | None = None
) -> Figure:
    """Draw the density of an input or an output of an ensemble.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with rows.
    column : str, default "r"
        An input or an output that is a number. Infinite values are not drawn; the title gives their share.
    mark : float, optional
        Value to mark; the title gives the share of draws above it (default: the tipping point of the input, if it has
        one: 1 for ``"r"``).
    bins : int, default 60
        Number of bins, equally wide in logarithms where the values span more than a factor of 5.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        The column on the horizontal axis; the share of draws in each bin on the vertical axis.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError, DtypeError, InvalidValueError
        A column that the rows do not have, that is not a number, or without finite values; an ensemble without rows.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=1)
    >>> figure = takeoff.figures.density(takeoff.ensemble(law, 10_000, rows=True))
    >>> figure.axes[0].get_xlabel()
    'r'
    """
    count = as_count("density", "bins", bins, 2, 10_000)
    values = result._column(column)
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise InvalidValueError("density", "column", column, "one with finite values")
    field = result.model.spec.group.field_at(column)
    tipping = None if field is None else field.mark
    at = tipping if mark is None else as_number("density", "mark", mark)
    low, high = np.quantile(finite, [0.001, 0.999])
    logarithmic = low > 0 and high > 5 * low
    ends = (np.log(low), np.log(high)) if logarithmic else (low, high)
    edges = np.linspace(*ends, count + 1) if ends[1] > ends[0] else np.linspace(ends[0] - 0.5, ends[0] + 0.5, count + 1)
    edges = np.exp(edges) if logarithmic else edges
    counted, _ = np.histogram(finite, bins=edges)
    with drawing(ax) as (figure, axes):
        axes.stairs(100 * counted / values.size, edges, fill=True, color=BLUE, alpha=0.35)
        axes.stairs(100 * counted / values.size, edges, color=BLUE, linewidth=1.4)
        axes.set_xlim(edges[0], edges[-1])
        if logarithmic:
            axes.set_xscale("log")
            axis_in_plain_numbers(axes.xaxis)
        axes.set_ylim(0, 1.15 * 100 * counted.max() / values.size)
        axes.set_xlabel(label_of(column, result.model))
        axes.set_ylabel("share of draws in each bin, %")
        notes = []
        if at is not None:
            axes.axvline(at, **DASHED)
            share_above = f"{(values > at).mean():.0%} of draws above {at:g}"
            if at == tipping:
                share_above += ", the tipping point"
            notes.append(share_above)
        if finite.size < values.size:
            notes.append(f"{1 - finite.size / values.size:.1%} of draws infinite")
        axes.set_title("; ".join(notes))
    return figure


def scatter(
    result: Draws, x: str, y: str, *, color: str | None = "regime", points: int = 2000, ax: Axes | None = None
) -> Figure:
    """Plot two columns of an ensemble against each other, a point for each of its first draws.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with rows.
    x, y : str
        Inputs or outputs that are numbers. Infinite values are left out.
    color : str or None, default "regime"
        A column of words, or of true and false, which gives the colour and the marker.
    points : int, default 2000
        Draws to show, from the first on.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        One column on each axis.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError, DtypeError, InvalidValueError
        A column that the rows do not have or of the wrong type; an ensemble without rows.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=1 / 12, limit=takeoff.Uniform(10, 40))
    >>> run = takeoff.ensemble(law, 1000, horizon=1, rows=True)
    >>> takeoff.figures.scatter(run, "r", "doublings_at_horizon").axes[0].get_ylabel()
    'doublings at horizon'
    """
    count = as_count("scatter", "points", points, 1, 1_000_000)
    across, up = result._column(x)[:count], result._column(y)[:count]
    groups = np.zeros(across.size, int) if color is None else None
    names = [""]
    if groups is None:
        schema = result.scan().collect_schema()
        if color not in schema:
            raise UnknownNameError("column", color, schema.names())
        words = result.scan().select(color).head(count).collect().to_series().cast(str)
        names = sorted(set(words.to_list()))
        groups = np.array([names.index(word) for word in words])
    with drawing(ax) as (figure, axes):
        for k, name in enumerate(names):
            hue, marker = _LOOKS[k % len(_LOOKS)]
            there = (groups == k) & np.isfinite(across) & np.isfinite(up)
            axes.scatter(across[there], up[there], s=12, color=hue, marker=marker, alpha=0.5, linewidths=0, label=name)
        if across[np.isfinite(across)].min(initial=np.inf) > 0 and _wide(across):
            axes.set_xscale("log")
            axis_in_plain_numbers(axes.xaxis)
        axes.set_xlabel(label_of(x, result.model))
        axes.set_ylabel(label_of(y, result.model))
        if color is not None:
            handles = axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4, markerscale=2).legend_handles
            for handle in handles:
                if handle is not None:
                    handle.set_alpha(1)
    return figure


def _wide(values: Floats) -> bool:
    finite = values[np.isfinite(values)]
    return bool(finite.max() > 10 * finite.min())


def probability_curve(
    result: Draws, column: str, event: str | pl.Expr, *, bins: int = 20, ax: Axes | None = None
) -> Figure:
    """Plot the probability of an event against an input, with error bars of two Monte Carlo standard errors.

    Parameters
    ----------
    result : Ensemble
        What to draw: one with rows.
    column : str
        An input that is a number.
    event : str or polars expression
        As ``"regime: explosion"``, or the name of an output that is true or false, or an expression of the columns.
    bins : int, default 20
        Number of bins, each with about the same number of draws.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        The input on the horizontal axis, the probability on the other.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    UnknownNameError, DtypeError, InvalidValueError
        As :meth:`takeoff.Ensemble.probability_by`.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=1 / 12, limit=20)
    >>> run = takeoff.ensemble(law, 1000, horizon=1, rows=True)
    >>> takeoff.figures.probability_curve(run, "r", "regime: explosion").axes[0].get_ylabel()
    'P(regime: explosion)'
    >>> takeoff.figures.probability_curve(run, "r", pl.col("doublings_at_horizon") >= 10).axes[0].get_ylabel()
    'P(doublings at horizon >= 10)'
    """
    shares = result.probability_by(column, event, bins)
    low, high = shares["low"].to_numpy(), shares["high"].to_numpy()
    middle = np.sqrt(low * high) if (low > 0).all() and high[-1] > 10 * low[0] else (low + high) / 2
    with drawing(ax) as (figure, axes):
        errors = 2 * shares["standard_error"].to_numpy()
        axes.errorbar(middle, shares["probability"], yerr=errors, color=BLUE, marker="o", markersize=4, capsize=2)
        if (low > 0).all() and high[-1] > 10 * low[0]:
            axes.set_xscale("log")
            axis_in_plain_numbers(axes.xaxis)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel(label_of(column, result.model))
        axes.set_ylabel(f"P({event if isinstance(event, str) else label_of(str(event))})")
    return figure


def tornado_bars(result: Swings, *, ax: Axes | None = None) -> Figure:
    """Draw a bar for each input of a tornado, the widest on top.

    Parameters
    ----------
    result : Tornado
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        The output on the horizontal axis; the ends of each bar are labelled with the values of the input.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    InvalidValueError
        An output that is infinite at the medians or at an end of an input.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
    >>> figure = takeoff.figures.tornado_bars(takeoff.tornado(law, "doublings_at_horizon", horizon=1))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['r', 'first doubling, years']
    """
    frame = result.frame
    ends = frame.select("at_low", "at_high").to_numpy()
    if not np.isfinite(ends).all() or not np.isfinite(result.base):
        raise InvalidValueError("plot", "output", result.output, "finite at the medians and at both ends of each input")
    height = max(2.2, 0.55 * frame.height + 1.4)
    with drawing(ax, **{"figure.figsize": (7.2, height)}) as (figure, axes):
        span = float(np.ptp(ends)) or 1.0
        for row, (_, low, high, at_low, at_high) in enumerate(frame.iter_rows()):
            for value, at, hue in ((low, at_low, ORANGE), (high, at_high, BLUE)):
                axes.barh(row, at - result.base, left=result.base, color=hue, height=0.6)
                right = at >= result.base if at != result.base else value == high
                _beside(axes, (at, row), f"{value:.3g}", right=bool(right))
        axes.set_yticks(range(frame.height), [label_of(name, result.model) for name in frame["input"]])
        axes.invert_yaxis()
        axes.axvline(result.base, color="black", linewidth=0.9)
        axes.set_xlim(ends.min() - 0.12 * span, ends.max() + 0.12 * span)
        axes.set_xlabel(label_of(result.output, result.model))
        for words, hue in (("input at its low end", ORANGE), ("at its high end (others: medians)", BLUE)):
            axes.bar(0, 0, color=hue, label=words)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure


def _beside(axes: Axes, at: tuple[float, float], text: str, *, right: bool) -> None:
    note(axes, text, at, xytext=(4 if right else -4, 0), ha="left" if right else "right", va="center")


def sobol_bars(result: Indices, *, ax: Axes | None = None) -> Figure:
    """Draw the first-order and the total Sobol' index of each input as bars.

    Parameters
    ----------
    result : Sensitivity
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw (default: a new figure).

    Returns
    -------
    matplotlib.figure.Figure
        Shares of the variance of the output, with their intervals.

    Raises
    ------
    MissingExtraError
        Without matplotlib.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
    >>> indices = takeoff.sobol_indices(law, "doublings_at_horizon", horizon=1, points=64)
    >>> takeoff.figures.sobol_bars(indices).axes[0].get_xlabel()
    'share of the variance of doublings at horizon'
    """
    frame = result.frame
    height = max(2.4, 0.6 * frame.height + 1.5)
    with drawing(ax, **{"figure.figsize": (7.2, height)}) as (figure, axes):
        looks: tuple[tuple[str, str, float, Any], ...] = (
            ("first_order", "alone (first order)", -0.19, {"color": BLUE}),
            ("total", "with interactions (total)", 0.19, {"color": ORANGE, "hatch": "//"}),
        )
        for name, words, shift, look in looks:
            values = frame[name].to_numpy()
            errors = np.abs(np.stack([frame[f"{name}_low"].to_numpy(), frame[f"{name}_high"].to_numpy()]) - values)
            rows = np.arange(frame.height) + shift
            axes.barh(rows, values, xerr=errors, height=0.34, capsize=2, label=words, edgecolor="white", **look)
        axes.set_yticks(range(frame.height), [label_of(name, result.model) for name in frame["input"]])
        axes.invert_yaxis()
        axes.axvline(0, color="black", linewidth=0.9)
        axes.set_xlabel(f"share of the variance of {label_of(result.output, result.model, unit=False)}")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return figure
