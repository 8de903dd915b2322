"""What drives an answer: Sobol' indices, and inputs moved one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff._answers import output_names, row_answers
from takeoff._arrays import Floats, as_choice, as_count, as_number, using_threads
from takeoff._draw import draw
from takeoff.distributions._sampling import Sampler, _low_discrepancy
from takeoff.ensembles._inputs import Inputs
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.models._base import with_values
from takeoff.simulation import check_model, default_horizon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Sensitivity", "Tornado", "sobol_indices", "tornado"]

_PIECE: Final = 1 << 16
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
    question = _Question("sobol_indices", model, output, inputs, outside, (horizon, doublings, multiple))
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
    question = _Question("tornado", model, output, inputs, outside, (horizon, doublings, multiple))
    table = np.array([question.inputs.variables[name].quantile([ends[0], 0.5, ends[1]]) for name in question.names])
    rows = 2 * len(question.names) + 1
    columns = {}
    for k, name in enumerate(question.names):
        columns[name] = np.full(rows, table[k, 1])
        columns[name][2 * k + 1], columns[name][2 * k + 2] = table[k, 0], table[k, 2]
    with using_threads(threads):
        found = question.numbers(columns, finite=False)
    at_low, at_high = found[1::2], found[2::2]
    with np.errstate(invalid="ignore"):
        width = np.nan_to_num(np.abs(at_high - at_low), nan=0.0, posinf=np.inf)
    frame = pl.DataFrame(
        {"input": question.names, "low": table[:, 0], "high": table[:, 2], "at_low": at_low, "at_high": at_high}
    )
    order = np.argsort(-width, kind="stable")
    return Tornado(model, question.words, frame[order.tolist()], float(found[0]))


class _Question:
    """An output of an uncertain model as a function of its independent inputs."""

    def __init__(
        self, owner: str, model: Any, output: Any, inputs: Any, outside: Any, given: tuple[Any, Any, Any]
    ) -> None:
        check_model(owner, model)
        as_choice("outside", outside, ("refuse", "truncate"))
        if not isinstance(output, (str, pl.Expr)):
            raise DtypeError(owner, "output", type(output).__name__, "the name of an output or a polars expression")
        horizon, self.doublings, self.multiple = given
        if horizon is None:
            horizon = default_horizon(model)
        self.owner, self.model, self.horizon = owner, model, horizon
        self.words = output if isinstance(output, str) else str(output)
        self.output = pl.col(output) if isinstance(output, str) else output
        self.inputs = Inputs(model, inputs, truncate=outside == "truncate")
        self.inputs.refuse_what_is_outside(1_000_000)
        self.sampler = Sampler(self.inputs.variables)
        self.names = self.sampler.drawn
        if not self.names:
            raise InvalidValueError(owner, "model", model, "one with a distribution for at least one field")
        needs = [name for name in self.output.meta.root_names() if name not in self.inputs.variables]
        known = {"horizon": horizon, "time": None, "doublings": self.doublings, "multiple": self.multiple}
        self.asked = output_names(owner, needs, model.spec, known) if needs else []

    def at(self, points: Floats) -> Floats:
        """The output at points of the unit cube, of shape (inputs, points)."""
        named = zip(self.names, points, strict=True)
        return self.numbers({name: self.inputs.variables[name].quantile(row) for name, row in named})

    def numbers(self, columns: dict[str, Floats], *, finite: bool = True) -> Floats:
        """The output for columns of the inputs, in pieces."""
        size = next(iter(columns.values())).size
        piece = partial(self._piece, columns)
        found = np.concatenate([piece(slice(start, start + _PIECE)) for start in range(0, size, _PIECE)])
        bad = ~np.isfinite(found) if finite else np.isnan(found)
        if bad.any():
            rule = (
                f"a finite number for all draws (it is {found[bad][0]:g} for {bad.mean():.2g} of them); ask for what "
                "is true or false, such as pl.col('singular_time') < 1, or for what is bounded"
            )
            raise InvalidValueError(self.owner, "output", self.words, rule)
        return found

    def _piece(self, columns: dict[str, Floats], rows: slice) -> Floats:
        drawn: dict[str, Any] = {name: column[rows] for name, column in columns.items()}
        size = next(iter(drawn.values())).size
        found: dict[str, Any] = {name: np.full(size, value) for name, value in self.sampler.numbers.items()} | drawn
        for name in self.sampler.order:
            found[name] = np.broadcast_to(self.sampler.derived[name].evaluate(found), (size,))
        self.inputs.check({name: found[name] for name in self.inputs.fields})
        paths = with_values(self.model, {name: np.asarray(found[name]) for name in self.inputs.fields})
        answers = {"doublings": self.doublings, "multiple": self.multiple}
        found |= row_answers(paths, self.asked, horizon=self.horizon, **answers)
        frame = pl.DataFrame({name: np.asarray(value) for name, value in found.items()})
        try:
            answer = frame.select(self.output.alias("output")).to_series()
        except pl.exceptions.PolarsError as error:
            raise InvalidValueError(
                self.owner, "output", self.words, f"an expression that can be computed ({error})"
            ) from None
        if not (answer.dtype.is_numeric() or answer.dtype == pl.Boolean) or answer.len() != size:
            raise DtypeError(self.owner, "output", f"{self.words} of {answer.dtype}", "a number, or true and false")
        return answer.cast(pl.Float64).fill_null(np.nan).to_numpy()
