"""Growth over a span of time, as a factor, a doubling time or a yearly rate.

A quantity that grows steadily by the *factor* F over a *span* of s years has

``doubling time T = s / log2 F``, ``yearly factor y = F^(1/s)``, ``yearly rate y - 1``, and ``F = 2^(s/T)``.

Time is in years; :mod:`takeoff.units` has the month and the day.

Each function takes any mixture of numbers, NumPy arrays, polars Series and polars expressions, which broadcast. The
result is an expression if any argument is one, else a Series if any is one, else an array if any is one, else a float.
It has the name of the first expression or Series, and nulls stay null. Values outside their range raise; those of an
expression raise when the query runs.

References
----------
Eth & Davidson (2025), pages 8-11 and Table 1 (doubling times from factors), page 30 (yearly rates from factors),
footnotes 13, 19 and 24 (factors from doubling times).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_floats, check_numeric, common_shape
from takeoff.errors import InvalidValueError, ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["doubling_time", "factor_over", "yearly_factor", "yearly_rate"]

T = TypeVar("T", float, Floats, pl.Series, pl.Expr)
Quantity: TypeAlias = "float | Floats | pl.Series | pl.Expr"


class _Field(NamedTuple):
    """An argument: its value, and the number that it must exceed."""

    value: Any
    above: float

    @property
    def rule(self) -> str:
        return f"finite and > {self.above:g}"


def doubling_time(factor: T | float, span: T | float) -> T:
    """Compute the doubling time of growth by a factor over a span: ``span / log2 factor``.

    Parameters
    ----------
    factor : float, array, Series or Expr
        Level at the end relative to the level at the start, above 1.
    span : float, array, Series or Expr
        Time between start and end, years, above 0.

    Returns
    -------
    float, array, Series or Expr
        Doubling time, years.

    Raises
    ------
    InvalidValueError
        A factor that is not finite and above 1, or a span that is not finite and above 0.
    DtypeError
        A value that is not a number.
    ShapeError
        Arguments that do not broadcast.

    Examples
    --------
    Compute for image recognition fell to 1/18 over 2012-2017, which the paper calls a doubling time of 15 months:

    >>> from takeoff.growth_rates import doubling_time
    >>> from takeoff.units import MONTH
    >>> round(doubling_time(18, 5) / MONTH, 1)
    14.4

    In a polars query:

    >>> import polars as pl
    >>> frame = pl.DataFrame({"factor": [4.0, 64.0, None], "span": [1.0, 3.0, 1.0]})
    >>> query = doubling_time(pl.col("factor"), pl.col("span")).alias("doubling_time")
    >>> frame.with_columns(query)["doubling_time"].to_list()
    [0.5, 0.5, None]
    """
    fields = {"factor": _Field(factor, 1), "span": _Field(span, 0)}
    return cast("T", _evaluate("doubling_time", lambda f, s: s / np.log2(f), fields))


def yearly_factor(factor: T | float, span: T | float) -> T:
    """Compute the factor per year of growth by a factor over a span: ``factor^(1 / span)``.

    Parameters
    ----------
    factor : float, array, Series or Expr
        Level at the end relative to the level at the start, above 0; below 1 for what shrinks.
    span : float, array, Series or Expr
        Time between start and end, years, above 0.

    Returns
    -------
    float, array, Series or Expr
        Factor per year; infinite where float64 overflows.

    Raises
    ------
    InvalidValueError
        A factor or a span that is not finite and above 0.
    DtypeError
        A value that is not a number.
    ShapeError
        Arguments that do not broadcast.

    Examples
    --------
    A doubling every 6 months is 4x a year (footnote 19), one every 3 months 16x (footnote 24):

    >>> from takeoff.growth_rates import yearly_factor
    >>> from takeoff.units import MONTH
    >>> yearly_factor(2, 6 * MONTH), yearly_factor(2, 3 * MONTH)
    (4.0, 16.0)
    """
    fields = {"factor": _Field(factor, 0), "span": _Field(span, 0)}
    return cast("T", _evaluate("yearly_factor", lambda f, s: f ** (1 / s), fields))


def yearly_rate(factor: T | float, span: T | float) -> T:
    """Compute the yearly rate, as a fraction, of growth by a factor over a span: ``factor^(1 / span) - 1``.

    Parameters
    ----------
    factor : float, array, Series or Expr
        Level at the end relative to the level at the start, above 0; below 1 for what shrinks.
    span : float, array, Series or Expr
        Time between start and end, years, above 0.

    Returns
    -------
    float, array, Series or Expr
        Growth per year; 0.07 is 7% per year. Negative for what shrinks.

    Raises
    ------
    InvalidValueError
        A factor or a span that is not finite and above 0.
    DtypeError
        A value that is not a number.
    ShapeError
        Arguments that do not broadcast.

    Examples
    --------
    Programmers, Bachelor's and Master's degrees in computer science grew 12x, 25x and 20x over 1970-2014, "around 7%,
    give or take a percent or two":

    >>> import numpy as np
    >>> from takeoff.growth_rates import yearly_rate
    >>> yearly_rate(np.array([12, 25, 20]), 2014 - 1970).round(3).tolist()
    [0.058, 0.076, 0.07]
    """
    fields = {"factor": _Field(factor, 0), "span": _Field(span, 0)}
    return cast("T", _evaluate("yearly_rate", lambda f, s: f ** (1 / s) - 1, fields))


def factor_over(doubling_time: T | float, span: T | float) -> T:
    """Compute the factor over a span from a constant doubling time: ``2^(span / doubling_time)``.

    Parameters
    ----------
    doubling_time : float, array, Series or Expr
        Doubling time, years, above 0.
    span : float, array, Series or Expr
        Time from the start to the end, years, above 0.

    Returns
    -------
    float, array, Series or Expr
        Level at the end relative to the level at the start; infinite from 1,024 doublings on, where float64 overflows.

    Raises
    ------
    InvalidValueError
        A doubling time or a span that is not finite and above 0.
    DtypeError
        A value that is not a number.
    ShapeError
        Arguments that do not broadcast.

    Examples
    --------
    A doubling every 9 months, as Epoch found for image recognition over 2012-2022:

    >>> from takeoff.growth_rates import factor_over
    >>> from takeoff.units import MONTH
    >>> round(factor_over(9 * MONTH, 10))
    10321
    """
    fields = {"doubling_time": _Field(doubling_time, 0), "span": _Field(span, 0)}
    return cast("T", _evaluate("factor_over", lambda d, s: 2.0 ** (s / d), fields))


def _evaluate(owner: str, formula: Callable[[Any, Any], Any], fields: dict[str, _Field]) -> Quantity:
    """Apply the formula to the two fields; return an expression, a Series, an array or a float, as the fields are."""
    arguments = [field.value for field in fields.values()]
    if any(isinstance(value, pl.Expr) for value in arguments):
        return _expression(owner, formula, fields)
    values = {name: _checked(owner, name, field) for name, field in fields.items()}
    shape = common_shape(owner, values)
    with np.errstate(over="ignore"):
        result = np.asarray(formula(*values.values()), dtype=np.float64)
    series = [value for value in arguments if isinstance(value, pl.Series)]
    if not series:
        return float(result) if shape == () else result
    if len(shape) != 1:
        raise ShapeError(f"a Series broadcasts with arrays of one axis, got the shape {shape} ({owner})")
    missing = np.zeros(shape, dtype=bool)
    for column in series:
        missing |= column.is_null().to_numpy()
    return pl.Series(series[0].name, result).set(pl.Series(missing), None)


def _checked(owner: str, name: str, field: _Field) -> Floats:
    """Convert a field to floats within its range; nulls of a Series become a valid placeholder."""
    value = field.value
    if isinstance(value, pl.Series):
        check_numeric(owner, name, value)
        value = value.cast(pl.Float64).fill_null(field.above + 1)
        if not value.len():
            return np.empty(0)
    floats = as_floats(owner, name, value)
    invalid = ~(np.isfinite(floats) & (floats > field.above))
    if invalid.any():
        first = int(invalid.argmax())
        index = first if floats.ndim else None
        raise InvalidValueError(owner, name, float(floats.reshape(-1)[first]), field.rule, index)
    return floats


def _expression(owner: str, formula: Callable[[Any, Any], Any], fields: dict[str, _Field]) -> pl.Expr:
    """Return an expression that evaluates and checks the columns when the query runs."""
    expressions = {name: field.value for name, field in fields.items() if isinstance(field.value, pl.Expr)}
    for name, field in fields.items():
        if name not in expressions and _checked(owner, name, field).ndim > 1:
            raise ShapeError(f"{name} must have at most one axis beside an expression ({owner}.{name})")

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        by_name = dict(zip(expressions, columns, strict=True))
        bound = {name: field._replace(value=by_name.get(name, field.value)) for name, field in fields.items()}
        return cast("pl.Series", _evaluate(owner, formula, bound))

    return pl.map_batches(list(expressions.values()), apply, return_dtype=pl.Float64)
