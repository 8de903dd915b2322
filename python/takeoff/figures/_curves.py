"""What drawings of a series share: values that show its shape, lines or bands of them, and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff._answers import ask
from takeoff._arrays import Floats, paths_in, quantiles
from takeoff.errors import UnknownNameError
from takeoff.figures._style import BLUE, DASHED, STYLES, axis_in_plain_numbers, axis_of_levels, note, with_unit
from takeoff.trajectory import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from takeoff.models._spec import Output
    from takeoff.trajectory import Trajectory

_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_UNSEEN: Final = 0.002
"""Part of the axis that is too narrow to be seen: a path that becomes infinite counts up to so long before it does."""
_POINTS: Final = 1500
"""Times of a line: more than an axis has pixels."""
_BAND_POINTS: Final = 201
_DECADES: Final = 100.0
"""Values that span such a factor are drawn in logarithmic steps."""
_LEAST: Final = 1e-15
"""Least value that a logarithmic axis shows, of the greatest."""
_BEYOND: Final = 4.0
"""How many times the greatest value of the curves that stay finite a logarithmic axis shows of others."""
_AROUND: Final = 3.0
"""How far around the central 96% of values that change sign an axis reaches, as a multiple of their range."""
_AT_ONCE: Final = 1 << 22
"""Values that bands ask for at once."""


@dataclass(frozen=True)
class Curves:
    """Series as curves: one per path, or one per quantile of the paths.

    Attributes
    ----------
    x : array of shape (points,)
        Times, or numbers of steps.
    values : array of shape (curves, points)
        Infinite from where a curve has ended.
    ends : array of shape (curves,)
        Place at which each becomes infinite; infinite if it does not.
    """

    x: Floats
    values: Floats
    ends: Floats

    @property
    def shown(self) -> Floats:
        """Finite values, less those that are reached too late before an end to be told from it."""
        span = self.x[-1] - self.x[0] if self.x.size else 0.0
        last = np.maximum(self.ends - _UNSEEN * span, self.x[0] + 0.9 * (self.ends - self.x[0]))
        seen: Floats = self.values[np.isfinite(self.values) & (self.x <= last[:, np.newaxis])]
        return seen

    def map(self, function: Callable[[Floats], Floats]) -> Curves:
        """Return curves of a function of the values."""
        return Curves(self.x, function(self.values), self.ends)


def chosen(result: Trajectory, axis: str, name: str | None) -> Output:
    """Return a series along an axis by its name, or the first one."""
    spec = result.model.spec
    names = spec.series(axis)
    if (name is not None and name not in names) or not names:
        raise UnknownNameError(f"series of a {spec.group.owner}", name or axis, names)
    output: Output = spec.outputs[names[0] if name is None else name]
    return output


def lines_over_time(result: Trajectory, name: str) -> Curves:
    """Return a series of each path at times that are close enough for smooth lines, closer still before an end."""
    ends = _singular_times(result)
    times = _times(result, _POINTS, ends, 0.5 ** np.arange(4, 40, 0.25))
    values = _values(result, name, times)
    if not ends.size:
        known = np.isfinite(values)
        ends = np.where(known.all(axis=1), np.inf, times[np.argmin(known, axis=1)])
    return Curves(times, values, ends)


def bands_over_time(result: Trajectory, name: str) -> Curves:
    """Return quantiles of the paths of a series, at times that lie closer together before they become infinite."""
    singular = np.sort(_singular_times(result))[::-1]
    if singular.size:
        ends = singular[np.ceil(np.array(_QUANTILES) * (singular.size - 1)).astype(int)]
    else:
        ends = np.full(len(_QUANTILES), np.inf)
    times = _times(result, _BAND_POINTS, ends, 0.5 ** np.arange(1, 12))
    times = np.union1d(times, ends[ends <= times[-1]])
    count = max(32, _AT_ONCE // paths_in(result.model.shape))
    parts = np.array_split(times, -(-times.size // count))
    rows = [quantiles(_values(result, name, part), _QUANTILES) for part in parts]
    return Curves(times, np.concatenate(rows, axis=1), ends)


def bands(x: Floats, values: Floats) -> Curves:
    """Return quantiles of given values, of shape (paths, points)."""
    return Curves(x, quantiles(values, _QUANTILES), np.full(len(_QUANTILES), np.inf))


def _singular_times(result: Trajectory) -> Floats:
    """Return the time at which each path becomes infinite; none of a model without such times."""
    if "singular_time" not in result.model.spec.outputs:
        return np.empty(0)
    return np.ravel(np.broadcast_to(np.asarray(result.column("singular_time"), dtype=np.float64), result.model.shape))


def start_of(result: Trajectory) -> float:
    """Return where the axis of time starts: 0, or the first time of a model that counts calendar years."""
    return float(result.time[0]) if result.model.spec.clock == "calendar year" and result.time.size else 0.0


def _times(result: Trajectory, count: int, ends: Floats, before: Any) -> Floats:
    """Return times up to the horizon, and shares `before` each end of the time until then."""
    near = np.outer(ends[ends <= result.horizon], 1 - before).reshape(-1)
    return np.unique(np.concatenate([np.linspace(start_of(result), result.horizon, count), near]))


def _values(result: Trajectory, name: str, times: Floats) -> Floats:
    return ask(result.model, [name], horizon=result.horizon, along={"time": times})[name]


def draw_curves(axes: Axes, curves: Curves, names: Sequence[str], size: float = 1.0, *, scale: str | None) -> None:
    """Draw curves as lines with names, or bands where there are none, and set the vertical scale and its limits.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where to draw.
    curves : Curves
        Paths, or the five quantiles of bands.
    names : sequence of str
        Names of the lines.
    size : float
        Unit of the horizontal axis.
    scale : str or None
        ``"linear"`` or ``"log"``; None where that depends on the values.
    """
    low, high, logarithmic = limits_of(curves, scale)
    far = high * (1e3 if logarithmic else 3.0) + 1.0
    values = np.clip(curves.values, low / 10 if logarithmic else -far, far)
    x = curves.x / size
    if names:
        styles = STYLES if len(names) > 1 else ((BLUE, "solid"),)
        for row, name, (color, style) in zip(values, names, styles, strict=False):
            axes.plot(x, _cut_at_poles(row, low, high), color=color, linestyle=style, label=name or None)
    else:
        least, first, middle, third, most = values
        for lower, upper, alpha, label in (
            (least, most, 0.18, "5% to 95% of paths"),
            (first, third, 0.35, "25% to 75%"),
        ):
            axes.fill_between(x, lower, upper, color=BLUE, alpha=alpha, lw=0, label=label)
        axes.plot(x, middle, color=BLUE, label="median")
    set_limits(axes, low, high, logarithmic)


def set_limits(axes: Axes, low: float, high: float, logarithmic: bool) -> None:
    """Set the vertical scale and its limits, with room around the values to show."""
    if logarithmic:
        axes.set_yscale("log")
        axes.set_ylim(low / 1.5, 1.5 * high)
    else:
        gap = 0.06 * (high - low)
        axes.set_ylim(low - gap if low else 0.0, high + gap)


def _cut_at_poles(values: Floats, low: float, high: float) -> Floats:
    """Return values with a gap where they leave the axis at one end and come back at the other."""
    up, down = values > high, values < low
    poles = np.zeros(values.size, dtype=np.bool)
    poles[1:] = (up[1:] & down[:-1]) | (down[1:] & up[:-1])
    return np.where(poles, np.nan, values)


def limits_of(curves: Curves, scale: str | None) -> tuple[float, float, bool]:
    """Return the least and the greatest value to show, and whether in logarithmic steps."""
    shown = curves.shown
    positive = shown[shown > 0]
    if not positive.size or scale == "linear":
        logarithmic = False
    elif scale == "log":
        logarithmic = True
    else:
        starts_above = bool(np.all(curves.values[:, 0] > 0)) and float(shown.min()) >= 0
        logarithmic = starts_above and float(positive.max()) > _DECADES * float(positive.min())
    if logarithmic:
        high = float(positive.max())
        held = curves.values[curves.ends > curves.x[-1]]
        held = held[np.isfinite(held) & (held > 0)]
        if held.size:
            high = min(high, _BEYOND * float(held.max()))
        first = curves.values[:, 0]
        least = min(_LEAST * high, float(np.min(first, initial=np.inf, where=first > 0)))
        return max(float(positive.min()), least), high, True
    low, high = float(np.min(shown, initial=0.0)), float(np.max(shown, initial=0.0))
    if low < 0 < high:  # of a series with poles, what lies around the most of its values
        first, last = np.quantile(shown, (0.02, 0.98))
        low, high = max(low, first - _AROUND * (last - first)), min(high, last + _AROUND * (last - first))
    return low, high if high > low else low + 1.0, False


def draw_marks(axes: Axes, result: Trajectory, output: Output) -> None:
    """Draw dashed lines at the least and the greatest value of the field that an output marks, where they are in sight.

    The axis reaches further for a mark that is close.
    """
    if output.mark is None:
        return
    field = result.model.spec.group.field_at(output.mark)
    values = np.unique(np.asarray(result.model._numbers.values.get(output.mark, np.inf), dtype=np.float64))
    values = values[np.isfinite(values)]
    low, high = axes.get_ylim()
    logarithmic = axes.get_yscale() == "log"
    reach = (low / 4, high * 4) if logarithmic else (low, low + 1.3 * (high - low))
    near = values[(values >= reach[0]) & (values <= reach[1])]
    for value in near[:: max(1, near.size - 1)]:
        axes.axhline(value, **DASHED)
        note(axes, f"{field.label} {value:.3g}", (0.005, value), xycoords=("axes fraction", "data"), xytext=(0, 3),
             bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.8})  # fmt: skip
    if near.size:
        gap = 1.5 if logarithmic else 0.06 * (high - low)
        top = near[-1] * gap if logarithmic else near[-1] + gap
        axes.set_ylim(min(low, near[0] / gap) if logarithmic else low, max(high, top))


def mark_ends(axes: Axes, curves: Curves, horizon: float, size: float) -> None:
    """Draw dashed lines where paths become singular, their labels one below the other."""
    styles = STYLES if len(curves.ends) > 1 else ((BLUE, "solid"),)
    marked = sorted((float(time), color) for time, (color, _) in zip(curves.ends, styles, strict=False))
    for place, (time, color) in enumerate((t, c) for t, c in marked if t <= horizon):
        axes.axvline(time / size, color=color, linewidth=1, linestyle=(0, (2, 2)))
        left = time > 0.7 * horizon
        note(axes, f"singular at {duration(time)}", (time / size, 0.6 - 0.065 * place),
             xycoords=("data", "axes fraction"), xytext=(-4 if left else 4, 0), ha="right" if left else "left",
             va="top", fontsize=9, color=color,
             bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip


def label_values(axes: Axes, output: Output) -> None:
    """Label the vertical axis with an output and its unit, once its limits are known; add levels to doublings."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylabel(with_unit(output.label, output.unit))
    write_ticks_out(axes)
    low, high = axes.get_ylim()
    if output.unit == "doublings" and low == 0 and axes.get_yscale() == "linear":
        axes.yaxis.set_major_locator(MaxNLocator(8, integer=high > 2))
        axis_of_levels(axes, high)


def write_ticks_out(axes: Axes) -> None:
    """Write the ticks of a logarithmic vertical axis out, once its limits are known."""
    if axes.get_yscale() == "log":
        axis_in_plain_numbers(axes.yaxis)
