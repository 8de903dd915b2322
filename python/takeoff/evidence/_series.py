"""Series of efficiency and research input: reading, checks and one common form."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_choice, as_number, as_text
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError, shown
from takeoff.units import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ResearchSeries", "years_of"]

_OWNER: Final = "ResearchSeries"
_EPOCH: Final = 10_957
"""Days from 1970-01-01 to 2000-01-01."""
_TICKS: Final = {"ms": 10**3, "us": 10**6, "ns": 10**9}
"""Ticks per second of a time unit of polars."""
_LEAST_TOTAL: Final = 1e-300
"""Least total input, and the inverse of the greatest: beyond them sums and powers of input lose precision."""
_MOST_RATIO: Final = 1e200
"""Greatest ratio of two flows above 0: beyond it the quotient may overflow."""
_MOST_YEARS: Final = 1e12
"""Greatest size of a time, and the inverse of the least distance between two times."""
_MOST_LOG: Final = 1e9
"""Greatest size of a logarithm of efficiency and of its error: beyond it squares and sums lose precision."""


@dataclass(frozen=True, eq=False, repr=False)
class ResearchSeries:
    """Measurements of efficiency over time, and the research input between them.

    :meth:`from_frame` reads and checks a series; the estimators take one.

    Attributes
    ----------
    time : array of shape (n,)
        When efficiency was measured, years, ascending.
    log_output : array of shape (n,)
        Natural logarithm of efficiency.
    output_error : array of shape (n,) or None
        Standard errors of `log_output`, where known.
    edges : array of shape (m + 1,)
        Ends of the periods of constant input, years, ascending; from the first time of `time` to its last.
    flow : array of shape (m,)
        Research input per year in each period, at least 0.
    initial_stock : float or None
        Cumulative input before the first measurement, in the unit of `flow` times a year; None where unknown.
    output_name, input_name : str
        Names of the columns, for tables and figures.
    notes : tuple of str
        Descriptions of what was changed in the data: conversions, and rows left out.

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff.evidence import ResearchSeries
    >>> year = np.arange(2012, 2017)
    >>> table = {"year": year, "efficiency": 4.0 ** (year - 2012), "authors": [100, 150, 220, 330, 500]}
    >>> series = ResearchSeries.from_frame(table, time="year", output="efficiency", input="authors")
    >>> series.cumulative_input
    array([  0., 100., 250., 470., 800.])
    """

    time: Floats
    log_output: Floats
    output_error: Floats | None
    edges: Floats
    flow: Floats
    initial_stock: float | None = None
    output_name: str = "efficiency"
    input_name: str = "input"
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        time: str,
        output: str,
        input: str,  # noqa: A002 - the field's word
        output_kind: Literal["level", "log", "elo"] = "level",
        elo_per_e_fold: float | None = None,
        output_error: str | None = None,
        input_kind: Literal["flow", "cumulative"] = "flow",
        input_holds: Literal["after", "before"] = "after",
        initial_stock: float | None = None,
        inputs: Any = None,
        same_time: Literal["refuse", "keep"] = "refuse",
    ) -> ResearchSeries:
        """Read a series from the columns of a frame.

        Parameters
        ----------
        frame : polars or pandas DataFrame, Arrow table, or mapping of columns
            One row per time. A null or NaN in `output` marks a time without a measurement.
        time : str
            Column of times: years as numbers, or dates.
        output : str
            Column of efficiency.
        input : str
            Column of research input, at least 0 (of `inputs` if that is given). It may be null only where a flow is not
            used: in the first row if flows hold before their row, in the last if they hold after it.
        output_kind : {"level", "log", "elo"}, default "level"
            What `output` holds: efficiency, its natural logarithm, or Elo points.
        elo_per_e_fold : float, optional
            Elo points per factor of e in efficiency; required for Elo, and refused otherwise.
        output_error : str, optional
            Column of standard errors, in the unit of `output` for a logarithm or Elo; relative for a level. An
            estimator that does not use them says so in its warnings.
        input_kind : {"flow", "cumulative"}, default "flow"
            What `input` holds: input per year, or cumulative input.
        input_holds : {"after", "before"}, default "after"
            Period in which the flow of a row holds: from the time of the row to that of the next row, or from the time
            of the previous row to that of the row.
        initial_stock : float, optional
            Input before the first measurement (default: unknown for a flow; the first value for a cumulative input). An
            estimator that does not use it says so in its warnings.
        inputs : frame, optional
            Separate frame for the input, with columns named `time` and `input`, if its times differ.
        same_time : {"refuse", "keep"}, default "refuse"
            Whether to refuse or keep several measurements of one time, which may be a mistake. If they are kept,
            likelihoods of increments skip the step between them, and the level fit needs their errors.

        Returns
        -------
        ResearchSeries
            The series.

        Raises
        ------
        UnknownNameError
            A column that does not exist.
        DtypeError
            A column that is not numeric (for times: neither numeric nor of dates).
        InvalidValueError
            Nulls or infinities, times that do not ascend or repeat, a level that is not above 0, a negative input, an
            input that ends before the output.
        ShapeError
            Fewer than two measurements.

        Examples
        --------
        >>> from datetime import date
        >>> from takeoff.evidence import ResearchSeries
        >>> table = {"day": [date(2020, 1, 1), date(2021, 7, 1)], "elo": [3400.0, 3500.0], "hours": [1e6, 2e6]}
        >>> series = ResearchSeries.from_frame(
        ...     table, time="day", output="elo", output_kind="elo", elo_per_e_fold=143, input="hours"
        ... )
        >>> series.log_output.round(2).tolist()
        [23.78, 24.48]
        """
        keep = as_choice("same_time", same_time, ("refuse", "keep")) == "keep"
        as_choice("input_kind", input_kind, ("flow", "cumulative"))
        as_choice("input_holds", input_holds, ("after", "before"))
        table = table_of("frame", frame)
        row_time = years_of(table, time, repeats=keep)
        notes: list[str] = []
        measured = _measurements(table, output, output_kind, elo_per_e_fold, output_error, notes)
        is_measured = measured["log_output"].is_not_null().to_numpy()
        if is_measured.sum() < 2:
            raise ShapeError(
                f"{output} must hold at least two measurements, got {int(is_measured.sum())} ({_OWNER}.output)"
            )
        measured_time = row_time[is_measured]
        if measured_time[0] == measured_time[-1]:
            raise InvalidValueError(
                _OWNER, time, float(measured_time[0]), "different between measurements, at least once"
            )
        if not is_measured.all():
            unmeasured = int((~is_measured).sum())
            notes.append(f"{unmeasured} row{'s' if unmeasured > 1 else ''} without a measurement")
        input_table = table if inputs is None else table_of("inputs", inputs)
        input_time = years_of(input_table, time, repeats=keep and inputs is None)
        if input_holds == "before" or input_time.max(initial=-np.inf) >= measured_time[-1]:
            input_table = _fill_unused_flow(input_table, input, input_kind, input_holds)
        input_time, flow = _distinct_times(input_time, numbers_of(input_table, input, "input", least=0.0))
        edges, flow, stock = _periods(input_time, flow, input_kind, input_holds)
        if initial_stock is not None:
            stock = as_number(_OWNER, "initial_stock", initial_stock)
            if not 0 <= stock < np.inf:
                raise InvalidValueError(_OWNER, "initial_stock", stock, "finite and >= 0")
        if repeated := measured_time.size - np.unique(measured_time).size:
            notes.append(f"{repeated} measurement{'s' if repeated > 1 else ''} of the time of the one before")
        with np.errstate(over="ignore", invalid="ignore"):
            edges, flow, stock = _cut(edges, flow, stock, (float(measured_time[0]), float(measured_time[-1])), input)
        _check_flow(edges, flow, stock)
        errors = measured["error"].to_numpy()[is_measured] if output_error is not None else None
        return cls(
            time=_read_only(measured_time),
            log_output=_read_only(measured["log_output"].to_numpy()[is_measured]),
            output_error=None if errors is None else _read_only(errors),
            edges=_read_only(edges),
            flow=_read_only(flow),
            initial_stock=stock,
            output_name=output,
            input_name=input,
            notes=tuple(notes),
        )

    def in_other_unit(self, exponent: float, unit: str) -> ResearchSeries:
        """Convert efficiency to another unit, ``A' = A^exponent``: r becomes `exponent` times as large.

        Parameters
        ----------
        exponent : float
            Exponent of the conversion, from 1e-6 to 1e6. From efficiency in training to efficiency in use it is 1/2 to
            1, since the compute of a training run is proportional to the square of the size of the model; between
            scales of Elo it is the ratio of points per e-fold.
        unit : str
            Name of the unit, for the notes: "use", "training", "samples".

        Returns
        -------
        ResearchSeries
            The converted series, with a note that its estimates repeat.

        Raises
        ------
        InvalidValueError
            An exponent out of range.
        DtypeError
            An exponent that is not a number, or a unit that is not text.

        References
        ----------
        Erdil, Besiroglu & Ho (2024), on r in units of training, use and samples.

        Examples
        --------
        >>> from takeoff.evidence import ResearchSeries, naive_ratio
        >>> table = {"year": [0, 1, 2], "output": [1, 4, 16], "input": [100, 200, 400]}
        >>> training = ResearchSeries.from_frame(table, time="year", output="output", input="input")
        >>> use = training.in_other_unit(0.5, "use")
        >>> round(naive_ratio(training).r, 9), round(naive_ratio(use).r, 9)
        (2.0, 1.0)
        >>> use.notes
        ("efficiency in use: A' = A^0.5",)
        """
        power = as_number(_OWNER, "exponent", exponent)
        if not 1e-6 <= power <= 1e6:
            raise InvalidValueError(_OWNER, "exponent", power, "from 1e-6 to 1e6")
        errors = None if self.output_error is None else _read_only(power * self.output_error)
        note = f"efficiency in {as_text(_OWNER, 'unit', unit)}: A' = A^{power:g}"
        return replace(
            self, log_output=_read_only(power * self.log_output), output_error=errors, notes=(*self.notes, note)
        )

    @property
    def cumulative_input(self) -> Floats:
        """Cumulative input from the first measurement to each measurement, of shape (n,)."""
        return self.operational_time(1.0)

    @property
    def span(self) -> float:
        """Time from the first measurement to the last, years."""
        return float(self.time[-1] - self.time[0])

    def operational_time(self, parallelizability: float) -> Floats:
        """Integrate ``input^lambda`` over time, from the first measurement to each measurement.

        Parameters
        ----------
        parallelizability : float
            The exponent lambda, at least 0.

        Returns
        -------
        array of shape (n,)
            Cumulative effective input, in the unit of ``flow^lambda`` times a year.

        Raises
        ------
        InvalidValueError
            An exponent that is below 0 or not finite.

        Examples
        --------
        >>> from takeoff.evidence import ResearchSeries
        >>> table = {"year": [0, 1, 2], "output": [1, 2, 4], "input": [100, 400, 400]}
        >>> series = ResearchSeries.from_frame(table, time="year", output="output", input="input")
        >>> series.operational_time(0.5)
        array([ 0., 10., 30.])
        """
        power = as_number(_OWNER, "parallelizability", parallelizability)
        if not 0 <= power < np.inf:
            raise InvalidValueError(_OWNER, "parallelizability", power, "finite and >= 0")
        with np.errstate(over="ignore"):
            per_period = np.where(self.flow > 0, self.flow, 0.0) ** power * np.diff(self.edges)
        if power == 0:
            per_period = np.diff(self.edges)
        total = np.concatenate([[0.0], np.cumsum(per_period)])
        at_measurements: Floats = np.interp(self.time, self.edges, total)
        return at_measurements

    def pieces(self) -> tuple[Floats, Floats, list[int]]:
        """Split the time between measurements into pieces of constant input, for likelihoods.

        Returns
        -------
        duration : array of shape (k,)
            Years of each piece, in order of time.
        flow : array of shape (k,)
            Input per year in each piece.
        counts : list of int
            Number of pieces between each measurement and the next, n - 1 numbers that add up to k.

        Examples
        --------
        >>> from takeoff.evidence import ResearchSeries
        >>> table = {"year": [0, 1, 2], "output": [1, None, 4], "input": [5, 6, 6]}
        >>> series = ResearchSeries.from_frame(table, time="year", output="output", input="input")
        >>> series.pieces()
        (array([1., 1.]), array([5., 6.]), [2])
        """
        ends = np.unique(np.concatenate([self.edges, self.time]))
        period = np.searchsorted(self.edges, ends[:-1], side="right") - 1
        counts = np.diff(np.searchsorted(ends, self.time))
        return np.diff(ends), self.flow[period], [int(count) for count in counts]

    def __repr__(self) -> str:
        return (
            f"ResearchSeries of {self.output_name} ({self.time.size} measurements, {self.time[0]:.6g} to "
            f"{self.time[-1]:.6g}) and {self.input_name}"
        )


def _fill_unused_flow(frame: pl.DataFrame, column: str, kind: str, holds: str) -> pl.DataFrame:
    """Replace a flow that is null and not used by the flow of the neighbouring row."""
    flow = column_of(frame, column, "input")
    if kind != "flow" or flow.len() < 2:
        return frame
    unused, neighbour = (0, 1) if holds == "before" else (-1, -2)
    if flow[unused] is not None or not flow.dtype.is_numeric():
        return frame
    row = pl.int_range(pl.len()) == unused % flow.len()
    return frame.with_columns(pl.when(row).then(pl.lit(flow[neighbour])).otherwise(pl.col(column)).alias(column))


def _distinct_times(time: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Drop rows that repeat a time; raise unless the input is the same in all rows of one time."""
    repeated, differs = np.zeros((2, time.size), dtype=bool)
    repeated[1:] = np.diff(time) == 0
    differs[1:] = repeated[1:] & (np.diff(values) != 0)
    if differs.any():
        index = int(differs.argmax())
        raise InvalidValueError(_OWNER, "input", float(values[index]), "the same in all rows of one time", index)
    return time[~repeated], values[~repeated]


def years_of(frame: pl.DataFrame, column: str, owner: str = _OWNER, *, repeats: bool = False) -> Floats:
    """Read a column of times in years, which must ascend (or, with `repeats`, not descend).

    Dates count 1/365.25 years each from 2000-01-01 = 2000 on.
    """
    times = column_of(frame, column, "time")
    if times.dtype in (pl.Date, pl.Datetime):
        # By the stored numbers: polars has no calendar for the extreme years among them.
        ticks_per_day = 86_400 * _TICKS[times.dtype.time_unit] if isinstance(times.dtype, pl.Datetime) else 1
        times = 2000 + (times.to_physical().cast(pl.Float64) - _EPOCH * ticks_per_day) / ticks_per_day * DAY
    if times.null_count():
        raise InvalidValueError(owner, column, "null", "a time everywhere", times.is_null().arg_max())
    if not times.dtype.is_numeric():
        raise DtypeError(owner, column, _kind(times), "years as numbers, or dates")
    years = times.cast(pl.Float64).to_numpy()
    invalid = ~np.isfinite(years)
    invalid[1:] |= years[1:] < years[:-1] if repeats else years[1:] <= years[:-1]
    if invalid.any():
        index = int(invalid.argmax())
        advice = "sort the rows by time, and combine those of one time or keep them by same_time"
        rule = f"finite, each time later than the one before ({advice})"
        raise InvalidValueError(owner, column, float(years[index]), rule, index)
    steps = np.diff(years, prepend=-np.inf)
    invalid = (np.abs(years) > _MOST_YEARS) | ((steps > 0) & (steps < 1 / _MOST_YEARS))
    if invalid.any():
        index = int(invalid.argmax())
        rule = f"from -{_MOST_YEARS:g} to {_MOST_YEARS:g} years, and {1 / _MOST_YEARS:g} apart at least"
        raise InvalidValueError(owner, column, float(years[index]), rule, index)
    return np.asarray(years, dtype=np.float64)


def table_of(name: str, frame: Any) -> pl.DataFrame:
    """Convert `frame` to a polars frame."""
    if isinstance(frame, (str, bytes, os.PathLike)):
        rule = "a frame or a mapping of columns: read the file first, as with polars.read_csv"
        raise DtypeError(_OWNER, name, shown(frame), rule)
    try:
        if isinstance(frame, pl.LazyFrame):
            return frame.collect()
        return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame, strict=False)
    except Exception as error:
        raise DtypeError(_OWNER, name, type(frame).__name__, f"a frame or a mapping of columns ({error})") from error


def column_of(frame: pl.DataFrame, name: Any, argument: str) -> pl.Series:
    """Return the column that an argument names; the error for a missing column suggests the nearest."""
    if isinstance(name, str) and name in frame.columns:
        return frame[name]
    if frame.width == 1 and ";" in frame.columns[0]:
        raise UnknownNameError(
            f"{argument}: column {name!r} is not there: all is in one column, {shown(frame.columns[0])}; separate the "
            "columns of the file by commas, or read it with ';' as the separator"
        )
    raise UnknownNameError(f"{argument}: column", name, frame.columns)


def _kind(series: pl.Series) -> str:
    """Describe a column that is not numeric, with its first text that is not a number."""
    text = f"a column {series.name} of {series.dtype}"
    if series.dtype != pl.String or series.is_empty():
        return text if series.len() else f"{text} without rows"
    unparsable = series.is_not_null() & series.cast(pl.Float64, strict=False).is_null()
    return (
        f"{text}, with {series[int(unparsable.arg_max() or 0)]!r} at index {unparsable.arg_max()}"
        if unparsable.any()
        else text
    )


def numbers_of(frame: pl.DataFrame, column: str, name: str, *, least: float = -np.inf, owner: str = _OWNER) -> Floats:
    """Read a numeric column without nulls."""
    values = column_of(frame, column, name)
    if not values.dtype.is_numeric():
        raise DtypeError(owner, name, _kind(values), "numbers")
    if values.null_count():
        raise InvalidValueError(owner, name, "null", f"a number everywhere in {column}", values.is_null().arg_max())
    numbers = values.cast(pl.Float64).to_numpy()
    invalid = ~(np.isfinite(numbers) & (numbers >= least))
    if invalid.any():
        index = int(invalid.argmax())
        rule = "finite" if least == -np.inf else f"finite and >= {least:g}"
        raise InvalidValueError(owner, name, float(numbers[index]), rule, index)
    return numbers


def _measurements(
    frame: pl.DataFrame, output: str, kind: str, elo_per_e_fold: float | None, error: str | None, notes: list[str]
) -> pl.DataFrame:
    """Compute `log_output` and its `error`, null where nothing was measured."""
    as_choice("output_kind", kind, ("level", "log", "elo"))
    series = column_of(frame, output, "output")
    if not series.dtype.is_numeric():
        raise DtypeError(_OWNER, "output", _kind(series), "numbers")
    values = series.cast(pl.Float64).fill_nan(None)
    allowed = values.is_finite() & (values > 0) if kind == "level" else values.is_finite()
    if not allowed.fill_null(value=True).all():
        index = int((~allowed.fill_null(value=True)).arg_max() or 0)
        rule = "finite and > 0 for a level, whose logarithm is taken" if kind == "level" else "finite"
        raise InvalidValueError(_OWNER, "output", values[index], rule, index)
    scale = 1.0
    if kind == "elo":
        if elo_per_e_fold is None:
            raise InvalidValueError(_OWNER, "elo_per_e_fold", None, "given where output is in Elo points")
        scale = as_number(_OWNER, "elo_per_e_fold", elo_per_e_fold)
        if not 0 < scale < np.inf:
            raise InvalidValueError(_OWNER, "elo_per_e_fold", scale, "finite and > 0 where output is in Elo points")
        notes.append(f"{scale:g} Elo points for a factor of e in efficiency")
    elif elo_per_e_fold is not None:
        raise InvalidValueError(_OWNER, "elo_per_e_fold", elo_per_e_fold, "left out unless output_kind is 'elo'")
    errors = pl.Series([None] * values.len(), dtype=pl.Float64)
    if error is not None:
        raw = column_of(frame, error, "output_error")
        known = raw.cast(pl.Float64).set(values.is_null(), 0.0) if raw.dtype.is_numeric() else raw
        errors = pl.Series(numbers_of(pl.DataFrame({error: known}), error, "output_error", least=0.0)) / scale
    logs = values.log() if kind == "level" else values / scale
    for name, column, raw in (("output", logs, values), ("output_error", errors, errors * scale)):
        too_large = (column.abs() > _MOST_LOG).fill_null(value=False)
        if too_large.any():
            index = int(too_large.arg_max() or 0)
            rule = f"at most {_MOST_LOG * scale:g} in size ({_MOST_LOG:g} in logarithms of efficiency)"
            raise InvalidValueError(_OWNER, name, raw[index], rule, index)
    return pl.DataFrame({"log_output": logs, "error": errors})


def _periods(time: Floats, values: Floats, kind: str, holds: str) -> tuple[Floats, Floats, float | None]:
    """Return the ends of the periods of constant input, the flow in each, and the input before the first."""
    if time.size < 2:
        raise ShapeError(f"the input must be known at two times at least, got {time.size} ({_OWNER}.input)")
    if kind == "flow":
        if holds == "before":
            return time, values[1:], None
        # The flow of the last row holds as long as that of the row before.
        return np.append(time, 2 * time[-1] - time[-2]), values, None
    gain = np.diff(values)
    if (gain < 0).any():
        index = int((gain < 0).argmax()) + 1
        raise InvalidValueError(_OWNER, "input", float(values[index]), "cumulative, and so never fall", index)
    with np.errstate(over="ignore"):  # `_check_flow` checks the total
        return time, gain / np.diff(time), float(values[0])


def _cut(
    edges: Floats, flow: Floats, stock: float | None, span: tuple[float, float], column: str
) -> tuple[Floats, Floats, float | None]:
    """Cut the input to the time between the first and the last measurement."""
    first, last = span
    if edges[0] > first or edges[-1] < last:
        rule = f"known from the first measurement ({first:.6g}) to the last ({last:.6g})"
        raise InvalidValueError(_OWNER, "input", f"{column} from {edges[0]:.6g} to {edges[-1]:.6g}", rule)
    inside = (edges[1:] > first) & (edges[:-1] < last)
    if stock is not None:
        time_before = np.clip(first - edges[:-1], 0.0, np.diff(edges))
        stock = stock + float(time_before @ flow)
    if not flow[inside].any():
        raise InvalidValueError(_OWNER, "input", 0.0, f"above 0 at some time between the measurements ({column})")
    ends: Sequence[float] = np.clip(edges, first, last)[np.append(inside, False) | np.append(False, inside)].tolist()
    return np.array(ends), flow[inside], stock


def _check_flow(edges: Floats, flow: Floats, stock: float | None) -> None:
    """Raise if the input is too large, too small or too uneven for floats."""
    with np.errstate(over="ignore"):
        total = float(flow @ np.diff(edges))
    if not _LEAST_TOTAL < total < 1 / _LEAST_TOTAL:
        rule = f"in all from {_LEAST_TOTAL:g} to {1 / _LEAST_TOTAL:g} between the measurements: take another unit"
        raise InvalidValueError(_OWNER, "input", total, rule)
    least, most = float(flow[flow > 0].min()), float(flow.max())
    if least < most / _MOST_RATIO:
        rule = f"0 or at least {1 / _MOST_RATIO:g} of its highest, {most:.3g} a year"
        raise InvalidValueError(_OWNER, "input", least, rule)
    if stock is not None and not stock < np.inf:
        raise InvalidValueError(_OWNER, "initial_stock", stock, "finite, with the input before the first measurement")


def _read_only(values: Any) -> Floats:
    """Copy values into a read-only array of floats."""
    copy = np.array(values, dtype=np.float64)
    copy.setflags(write=False)
    return copy
