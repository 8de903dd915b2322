"""What drives an answer: Sobol' indices, and inputs moved one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_count, as_number, using_threads
from takeoff._draw import draw
from takeoff.distributions._sampling import _low_discrepancy
from takeoff.ensembles._response import response
from takeoff.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Sensitivity", "Tornado", "sobol_indices", "tornado"]

_RESAMPLES: Final = 200


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol' indices of an output.

    Attributes
    ----------
    model : model
        What was asked.
    output : str
        What was asked for.
    frame : polars.DataFrame
        ``input``; ``first_order``, the share of the output's variance that goes away once the input is known, with
        ``first_order_low`` and ``first_order_high``; ``total``, the share that stays while all others are known, with
        its ends alike; the largest total first.
    mean, variance : float
        Of the output.
    evaluations : int
        Simulations that were made.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
    >>> takeoff.sobol_indices(law, "doublings_at_horizon", horizon=1, points=64).evaluations
    256
    """

    model: Any
    output: str
    frame: pl.DataFrame
    mean: float
    variance: float
    evaluations: int

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Draw the indices as bars (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            Two bars for each input, with their intervals.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
        >>> takeoff.sobol_indices(law, "doublings_at_horizon", horizon=1, points=64).plot().axes[0].get_xlabel()
        'share of the variance of doublings at horizon'
        """
        return draw("sobol_bars", self, ax=ax)


@dataclass(frozen=True, eq=False)
class Tornado:
    """An output while one input at a time is low or high.

    Attributes
    ----------
    model : model
        What was asked.
    output : str
        What was asked for.
    frame : polars.DataFrame
        ``input``; its ``low`` and ``high``; the output ``at_low`` and ``at_high``, all others being at their medians;
        the widest first.
    base : float
        The output with all inputs at their medians.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
    >>> round(takeoff.tornado(law, "doublings_at_horizon", horizon=1).base, 2)
    6.37
    """

    model: Any
    output: str
    frame: pl.DataFrame
    base: float

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Draw a bar for each input, the widest on top (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The output on the horizontal axis; values of the inputs at the ends of the bars.

        Raises
        ------
        InvalidValueError
            An output that is infinite at an end.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
        >>> takeoff.tornado(law, "doublings_at_horizon", horizon=1).plot().axes[0].get_xlabel()
        'doublings at horizon'
        """
        return draw("tornado_bars", self, ax=ax)


def sobol_indices(
    model: Any,
    output: str | pl.Expr,
    *,
    points: int = 4096,
    horizon: float | None = None,
    inputs: Mapping[str, Any] | None = None,
    doublings: float | None = None,
    multiple: float | None = None,
    outside: Literal["refuse", "truncate"] = "refuse",
    threads: int | None = None,
    credibility: float = 0.95,
    seed: int = 0,
) -> Sensitivity:
    """Shares of an output's variance that go back to each uncertain input (needs the extra ``scipy``).

    Inputs are taken as independent. A formula's inputs are varied, not the formula.

    Parameters
    ----------
    model : model
        An uncertain model, as :func:`takeoff.ensemble` takes it.
    output : str or polars expression
        An output that is a number (see :func:`takeoff.simulate_frame`), or an expression of outputs and inputs. Of
        what is true or false, the indices are those of its probability.
    points : int, default 4096
        Points of the design, a power of 2; ``points (inputs + 2)`` simulations are made.
    horizon, inputs, doublings, multiple, outside, threads
        As for :func:`takeoff.ensemble`.
    credibility : float, default 0.95
        Of the intervals, from a bootstrap of 200 resamples.
    seed : int, default 0
        Of the design and of the bootstrap.

    Returns
    -------
    Sensitivity
        Indices with their intervals.

    Raises
    ------
    InvalidValueError
        An output that is infinite or NaN for some draws, or the same for all; fewer than two inputs.
    MissingExtraError
        Without SciPy.
    DtypeError, UnknownNameError
        An output that is not there, or not a number.

    References
    ----------
    Saltelli, A. et al. (2010), "Variance based sensitivity analysis of model output", for the estimators. The design
    is SciPy's scrambled Sobol' sequence, and may change with its version.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
    >>> found = takeoff.sobol_indices(law, "doublings_at_horizon", horizon=1, points=256)
    >>> found.frame.select("input", "total").row(0)[0], found.frame["total"][0] > 0.9
    ('r', True)
    """
    count = as_count("sobol_indices", "points", points, 2, 2**24)
    if count & (count - 1):
        raise InvalidValueError("sobol_indices", "points", count, "a power of 2")
    number = as_count("sobol_indices", "seed", seed, 0, 2**64 - 1)
    level = as_number("sobol_indices", "credibility", credibility)
    if not 0 < level < 1:
        raise InvalidValueError("sobol_indices", "credibility", level, "above 0 and below 1")
    question = response(
        "sobol_indices",
        model,
        output,
        horizon=horizon,
        inputs=inputs,
        doublings=doublings,
        multiple=multiple,
        outside=outside,
    )
    if len(question.names) < 2:
        raise InvalidValueError("sobol_indices", "inputs", list(question.names), "two distributions or more")

    with using_threads(threads):
        points_of = _low_discrepancy("sobol", 2 * len(question.names), number, 0, count).T
        first, second = np.split(points_of, 2)
        base, other = question.at(first), question.at(second)
        if not np.concatenate([base, other]).var() > 0:
            rule = "an output that is not the same for all draws"
            raise InvalidValueError("sobol_indices", "output", question.words, rule)
        mixed = [question.at(_with_row(first, second, k)) for k in range(len(question.names))]
    mean = np.concatenate([base, other]).mean()
    terms = _Terms(base - mean, other - mean, np.array(mixed) - mean)
    estimates = terms.indices(np.full((1, count), 1 / count))[:, 0]
    weights = np.random.default_rng(number).multinomial(count, np.full(count, 1 / count), _RESAMPLES) / count
    ends = np.quantile(terms.indices(weights), [(1 - level) / 2, (1 + level) / 2], axis=1)
    columns: dict[str, Any] = {"input": list(question.names)}
    for k, name in enumerate(("first_order", "total")):
        columns |= {name: estimates[k], f"{name}_low": ends[0, k], f"{name}_high": ends[1, k]}
    frame = pl.DataFrame(columns).sort("total", descending=True)
    both = np.concatenate([base, other])
    return Sensitivity(model, question.words, frame, float(mean), float(both.var()), count * (len(question.names) + 2))


def _with_row(base: Floats, other: Floats, row: int) -> Floats:
    mixed = base.copy()
    mixed[row] = other[row]
    return mixed


@dataclass(frozen=True)
class _Terms:
    """Outputs, less their mean, at two sets of points, and at the first with one input of the second each."""

    base: Floats
    other: Floats
    mixed: Floats

    def indices(self, weights: Floats) -> Floats:
        """First-order and total indices (2, resamples, inputs), each point counting by its weight (resamples, points).

        Saltelli et al. (2010), Table 2 (b) and (f).
        """
        first, total = self.other * (self.mixed - self.base), (self.base - self.mixed) ** 2 / 2
        mean = weights @ (self.base + self.other) / 2
        variance = weights @ (self.base**2 + self.other**2) / 2 - mean**2
        found: Floats = np.stack([weights @ first.T, weights @ total.T]) / variance[:, np.newaxis]
        return found


def tornado(
    model: Any,
    output: str | pl.Expr,
    *,
    low: float = 0.05,
    high: float = 0.95,
    horizon: float | None = None,
    inputs: Mapping[str, Any] | None = None,
    doublings: float | None = None,
    multiple: float | None = None,
    outside: Literal["refuse", "truncate"] = "refuse",
    threads: int | None = None,
) -> Tornado:
    """Move one uncertain input at a time from its median to a low and a high quantile.

    Parameters
    ----------
    model : model
        An uncertain model, as :func:`takeoff.ensemble` takes it.
    output : str or polars expression
        An output that is a number, or an expression of outputs and inputs.
    low, high : float, default 0.05 and 0.95
        Probabilities of the quantiles.
    horizon, inputs, doublings, multiple, outside, threads
        As for :func:`takeoff.ensemble`.

    Returns
    -------
    Tornado
        The output at both ends of each input. What inputs do together does not show; :func:`sobol_indices` has it.

    Raises
    ------
    InvalidValueError
        Probabilities that do not ascend, or an output that is NaN.
    DtypeError, UnknownNameError
        An output that is not there, or not a number.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=takeoff.Uniform(0.09, 0.1), limit=20)
    >>> takeoff.tornado(law, "doublings_at_horizon", horizon=1).frame["input"].to_list()
    ['r', 'first_doubling']
    """
    ends = [as_number("tornado", name, value) for name, value in (("low", low), ("high", high))]
    for name, value in zip(("low", "high"), ends, strict=True):
        if not 0 < value < 1 or ends[0] >= ends[1]:
            raise InvalidValueError("tornado", name, value, "a probability above 0 and below 1, low below high")
    question = response(
        "tornado",
        model,
        output,
        horizon=horizon,
        inputs=inputs,
        doublings=doublings,
        multiple=multiple,
        outside=outside,
    )
    table = np.array([question.job.inputs.variables[name].quantile([ends[0], 0.5, ends[1]]) for name in question.names])
    rows = 2 * len(question.names) + 1
    columns = {}
    for k, name in enumerate(question.names):
        columns[name] = np.full(rows, table[k, 1])
        columns[name][2 * k + 1], columns[name][2 * k + 2] = table[k, 0], table[k, 2]
    with using_threads(threads):
        values = question.values(columns, finite=False)
    at_low, at_high = values[1::2], values[2::2]
    with np.errstate(invalid="ignore"):
        width = np.nan_to_num(np.abs(at_high - at_low), nan=0.0, posinf=np.inf)
    frame = pl.DataFrame(
        {"input": question.names, "low": table[:, 0], "high": table[:, 2], "at_low": at_low, "at_high": at_high}
    )
    order = np.argsort(-width, kind="stable")
    return Tornado(model, question.words, frame[order.tolist()], float(values[0]))
