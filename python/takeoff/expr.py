"""Polars expressions: the conversions, and the growth law of AI labor alone, row by row inside a query.

Each argument is a column, by name or as an expression, or a number. The result is an expression named after what it
is (``"doubling_ratio"``, ``"singular_time"``, ...); ``alias`` gives it another name. A row in which a column is null
gives null, and is not judged otherwise. Any other row outside the range of a field stops the query with the error
of the plain function: of numbers when the expression is made, of columns when the query runs. The index in that error
counts rows of the column, in the streaming engine those of the batch.

Expressions are elementwise: they work in lazy, streaming, grouped (``group_by``) and windowed (``over``) queries. A
Float64 column of one chunk without nulls reaches the engine as it is, others are cast or filled first, and the engine's
result becomes a column without a copy.

References
----------
Eth & Davidson (2025): see :mod:`takeoff.conversions` and the growth law for each number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_number, check_numeric, common_shape, policy
from takeoff.models import LimitShape, law_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "doubling_ratio",
    "doubling_ratio_from_papers_factor",
    "doubling_ratio_from_returns",
    "doublings_at",
    "level_from_doublings",
    "papers_factor_from_doubling_ratio",
    "papers_factor_from_returns",
    "regime",
    "returns_from_doubling_ratio",
    "returns_from_papers_factor",
    "singular_time",
    "time_at",
]

Column: TypeAlias = "pl.Expr | str | float"
"""A column by its name or as an expression, or one number for all rows."""

_REGIMES = pl.Series(["fizzle", "exponential", "explosion"])


def returns_from_papers_factor(papers_factor: Column) -> pl.Expr:
    """Returns r of a papers factor: ``1 / log2 g``.

    Parameters
    ----------
    papers_factor : Expr, str or float
        Research of a doubling over that of the one before, above 1.

    Returns
    -------
    Expr
        r, dimensionless, Float64; named ``"r"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value that is not finite and above 1, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"papers_factor": [4.0, 2.0, None]})
    >>> frame.select(takeoff.expr.returns_from_papers_factor("papers_factor"))["r"].to_list()
    [0.5, 1.0, None]
    """
    return _conversion("r", "returns_from_papers_factor", papers_factor=papers_factor)


def papers_factor_from_returns(r: Column) -> pl.Expr:
    """Papers factor of returns r: ``2^(1/r)``.

    Parameters
    ----------
    r : Expr, str or float
        Returns to software R&D, above 0.

    Returns
    -------
    Expr
        Research of a doubling over that of the one before, Float64; named ``"papers_factor"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value that is not finite and above 0, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"r": [0.5, 1.0, None]})
    >>> frame.select(takeoff.expr.papers_factor_from_returns("r"))["papers_factor"].to_list()
    [4.0, 2.0, None]
    """
    return _conversion("papers_factor", "papers_factor_from_returns", r=r)


def doubling_ratio_from_papers_factor(papers_factor: Column) -> pl.Expr:
    """Doubling ratio of a papers factor with lambda = 1: ``g / 2``.

    Parameters
    ----------
    papers_factor : Expr, str or float
        Research of a doubling over that of the one before, above 1.

    Returns
    -------
    Expr
        Duration of a doubling over that of the one before, Float64; named ``"doubling_ratio"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value that is not finite and above 1, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"papers_factor": [3.0, 1.5]})
    >>> frame.select(takeoff.expr.doubling_ratio_from_papers_factor("papers_factor"))["doubling_ratio"].to_list()
    [1.5, 0.75]
    """
    return _conversion("doubling_ratio", "doubling_ratio_from_papers_factor", papers_factor=papers_factor)


def papers_factor_from_doubling_ratio(doubling_ratio: Column) -> pl.Expr:
    """Papers factor of a doubling ratio with lambda = 1: ``2 q``.

    Parameters
    ----------
    doubling_ratio : Expr, str or float
        Duration of a doubling over that of the one before, above 0.5.

    Returns
    -------
    Expr
        Research of a doubling over that of the one before, Float64; named ``"papers_factor"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value that is not finite and above 0.5, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"q": [1.5, 0.75]})
    >>> frame.select(takeoff.expr.papers_factor_from_doubling_ratio("q"))["papers_factor"].to_list()
    [3.0, 1.5]
    """
    return _conversion("papers_factor", "papers_factor_from_doubling_ratio", doubling_ratio=doubling_ratio)


def doubling_ratio_from_returns(r: Column, *, parallelizability: Column = 1.0) -> pl.Expr:
    """Doubling ratio of returns r: ``2^(lambda (1/r - 1))``. Also called ``doubling_ratio``.

    Parameters
    ----------
    r : Expr, str or float
        Returns to software R&D, above 0.
    parallelizability : Expr, str or float, default 1.0
        Exponent lambda on research effort, above 0 and at most 1.

    Returns
    -------
    Expr
        Duration of a doubling over that of the one before, Float64; named ``"doubling_ratio"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value outside its range, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"r": [0.5, 0.5, None], "toes": [1.0, 0.5, 1.0]})
    >>> query = takeoff.expr.doubling_ratio("r", parallelizability="toes")
    >>> frame.select(query.round(2))["doubling_ratio"].to_list()
    [2.0, 1.41, None]
    """
    return _conversion("doubling_ratio", "doubling_ratio_from_returns", r=r, parallelizability=parallelizability)


doubling_ratio = doubling_ratio_from_returns


def returns_from_doubling_ratio(doubling_ratio: Column, *, parallelizability: Column = 1.0) -> pl.Expr:
    """Returns r of a doubling ratio: ``1 / (1 + log2(q) / lambda)``.

    Parameters
    ----------
    doubling_ratio : Expr, str or float
        Duration of a doubling over that of the one before, above ``2^-lambda``.
    parallelizability : Expr, str or float, default 1.0
        Exponent lambda on research effort, above 0 and at most 1.

    Returns
    -------
    Expr
        r, dimensionless, Float64; named ``"r"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value outside its range, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"q": [2.0, 1.0, None]})
    >>> frame.select(takeoff.expr.returns_from_doubling_ratio("q"))["r"].to_list()
    [0.5, 1.0, None]
    """
    fields = {"doubling_ratio": doubling_ratio, "parallelizability": parallelizability}
    return _conversion("r", "returns_from_doubling_ratio", **fields)


def level_from_doublings(doublings: Column) -> pl.Expr:
    """Level ``S = 2^x`` of x doublings.

    Parameters
    ----------
    doublings : Expr, str or float
        Doublings since the start; may be infinite.

    Returns
    -------
    Expr
        Software capacity relative to the start, Float64, infinite only from 1,024 doublings on; named ``"level"``.

    Raises
    ------
    InvalidValueError, DtypeError
        NaN, or something that is not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"doublings": [0, 5, None]})
    >>> frame.select(takeoff.expr.level_from_doublings("doublings"))["level"].to_list()
    [1.0, 32.0, None]
    """
    return _expression("level", "level_from_doublings", {"doublings": doublings}, lambda x: _core.level(x, policy()))


def regime(r: Column) -> pl.Expr:
    """Regime of the growth law: ``"explosion"``, ``"exponential"`` or ``"fizzle"`` as r is above, at or below 1.

    Parameters
    ----------
    r : Expr, str or float
        Returns to software R&D, from 1e-6 to 1e6.

    Returns
    -------
    Expr
        Where the feedback loop leads, limits aside, String; named ``"regime"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value outside its range, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"r": [0.7, 1.0, 3.0, None]})
    >>> frame.select(takeoff.expr.regime("r"))["regime"].to_list()
    ['fizzle', 'exponential', 'explosion', None]
    """
    fields = _fields(r, 1.0, 1.0, None)
    return _expression("regime", "regime", fields, lambda *law: _answer("regime", *law))


def singular_time(
    r: Column, first_doubling: Column, *, parallelizability: Column = 1.0, limit: Column | None = None
) -> pl.Expr:
    """Time at which the level of the growth law becomes infinite: ``first_doubling / (1 - q)`` for r > 1.

    Parameters
    ----------
    r : Expr, str or float
        Returns to software R&D, from 1e-6 to 1e6.
    first_doubling : Expr, str or float
        Time that the first doubling takes, years.
    parallelizability : Expr, str or float, default 1.0
        Exponent lambda on research effort, above 0 and at most 1.
    limit : Expr, str or float, optional
        Doublings at the physical limit, above 1; None or infinity means no limit.

    Returns
    -------
    Expr
        Years, Float64, infinite where it never does, as with any limit; named ``"singular_time"``.

    Raises
    ------
    InvalidValueError, DtypeError
        A value outside its range, or not a number.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"r": [0.7, 1.0, 3.0, None]})
    >>> query = takeoff.expr.singular_time("r", first_doubling=1 * takeoff.MONTH) / takeoff.MONTH
    >>> frame.select(query.round(2))["singular_time"].to_list()
    [inf, inf, 2.7, None]
    """
    fields = _fields(r, first_doubling, parallelizability, limit)
    return _expression("singular_time", "singular_time", fields, lambda *law: _answer("singular_time", *law))


def time_at(
    doublings: Column,
    r: Column,
    first_doubling: Column,
    *,
    parallelizability: Column = 1.0,
    limit: Column | None = None,
    limit_shape: LimitShape = "linear",
) -> pl.Expr:
    """Time at which the growth law reaches a number of doublings.

    Parameters
    ----------
    doublings : Expr, str or float
        Doublings since the start, at least 0.
    r : Expr, str or float
        Returns to software R&D, from 1e-6 to 1e6.
    first_doubling : Expr, str or float
        Time that the first doubling takes, years.
    parallelizability : Expr, str or float, default 1.0
        Exponent lambda on research effort, above 0 and at most 1.
    limit : Expr, str or float, optional
        Doublings at the physical limit, above 1; None or infinity means no limit.
    limit_shape : {"linear", "abrupt"}, default "linear"
        How returns fall towards the limit, in all rows.

    Returns
    -------
    Expr
        Years, Float64, infinite where they are never reached; named ``"time"``.

    Raises
    ------
    InvalidValueError, DtypeError, UnknownNameError
        A value outside its range or not a number; a shape that there is not.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"goal": [1.0, 5.0, 5.0], "r": [0.7, 0.7, 3.0]})
    >>> query = takeoff.expr.time_at("goal", r="r", first_doubling=1 * takeoff.MONTH) / takeoff.DAY
    >>> frame.select(query.round(1))["time"].to_list()
    [30.4, 300.6, 74.1]
    """
    fields = {"doublings": doublings} | _fields(r, first_doubling, parallelizability, limit)

    def engine(doublings: Floats, r: Floats, *others: Floats) -> Any:
        law = (_spread(r, doublings.size), *others)
        return _answer("time_at", *law, shape=limit_shape, at=doublings)

    return _expression("time", "time_at", fields, engine)


def doublings_at(
    time: Column,
    r: Column,
    first_doubling: Column,
    *,
    parallelizability: Column = 1.0,
    limit: Column | None = None,
    limit_shape: LimitShape = "linear",
) -> pl.Expr:
    """Doublings that the growth law has reached at a time.

    Parameters
    ----------
    time : Expr, str or float
        Time since the start, years, from 0 to 1e100.
    r : Expr, str or float
        Returns to software R&D, from 1e-6 to 1e6.
    first_doubling : Expr, str or float
        Time that the first doubling takes, years.
    parallelizability : Expr, str or float, default 1.0
        Exponent lambda on research effort, above 0 and at most 1.
    limit : Expr, str or float, optional
        Doublings at the physical limit, above 1; None or infinity means no limit.
    limit_shape : {"linear", "abrupt"}, default "linear"
        How returns fall towards the limit, in all rows.

    Returns
    -------
    Expr
        Doublings, Float64, infinite from the singular time on; named ``"doublings"``.

    Raises
    ------
    InvalidValueError, DtypeError, UnknownNameError
        A value outside its range or not a number; a shape that there is not.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"years": [0.0, 1.0, 1.0], "r": [0.7, 0.7, 3.0]})
    >>> query = takeoff.expr.doublings_at("years", r="r", first_doubling=1 * takeoff.MONTH)
    >>> frame.select(query.round(2))["doublings"].to_list()
    [0.0, 5.52, inf]
    """
    fields = {"time": time} | _fields(r, first_doubling, parallelizability, limit)

    def engine(time: Floats, r: Floats, *others: Floats) -> Any:
        law = (_spread(r, time.size), *others)
        return _answer("doublings_at", *law, shape=limit_shape, at=time)

    return _expression("doublings", "doublings_at", fields, engine)


def _fields(r: Column, first_doubling: Column, parallelizability: Column, limit: Column | None) -> dict[str, Column]:
    unlimited = np.inf if limit is None else limit
    return {"r": r, "first_doubling": first_doubling, "parallelizability": parallelizability, "limit": unlimited}


def _answer(
    output: str,
    r: Floats,
    first_doubling: Floats,
    parallelizability: Floats,
    limit: Floats,
    *,
    shape: str = "linear",
    at: Floats | None = None,
) -> Any:
    """Ask laws of AI labor alone for an output, each at a value of its own where it runs along an axis."""
    plan = law_plan(r, first_doubling, parallelizability, limit, shape)
    (values,) = plan.run([(output, None if at is None else at.reshape(-1, 1))], None, policy())
    return _REGIMES.gather(values.astype(np.int64)) if output == "regime" else values


def _conversion(output: str, owner: str, **fields: Column) -> pl.Expr:
    convert = getattr(_core, owner)
    return _expression(output, owner, fields, lambda *values: convert(*values, policy()))


def _expression(
    output: str, owner: str, fields: Mapping[str, Column], engine: Callable[..., Floats | pl.Series]
) -> pl.Expr:
    """Apply the engine to the columns of a query, and to as many rows of numbers; judge numbers at once."""
    columns: dict[str, pl.Expr] = {}
    numbers: dict[str, float] = {}
    for name, value in fields.items():
        if isinstance(value, (pl.Expr, str)):
            columns[name] = pl.col(value) if isinstance(value, str) else value
        else:
            numbers[name] = as_number(owner, name, value)
    judged = pl.Series(engine(*(np.full(1, numbers.get(name, _stand_in(name))) for name in fields)))
    if not columns:
        return pl.lit(judged.item(), dtype=judged.dtype).alias(output)

    def apply(given: Sequence[pl.Series]) -> pl.Series:
        values, missing = _values(owner, dict(zip(columns, given, strict=True)))
        rows = next(iter(values.values())).size
        if not rows:
            return judged.clear()
        first, *others = (values[name] if name in values else np.full(1, numbers[name]) for name in fields)
        answers = pl.Series(engine(_spread(first, rows), *others))
        return answers if missing is None else answers.set(missing, None)

    return pl.map_batches(list(columns.values()), apply, return_dtype=judged.dtype, is_elementwise=True).alias(output)


def _values(owner: str, columns: Mapping[str, pl.Series]) -> tuple[dict[str, Floats], pl.Series | None]:
    """Columns as arrays of as many rows, with a stand-in for every value of a row that has a null; where those are."""
    for name, column in columns.items():
        check_numeric(owner, name, column)
    floats = {name: column.cast(pl.Float64).to_numpy() for name, column in columns.items()}
    (rows,) = common_shape(owner, floats)
    missing = np.zeros(rows, dtype=bool)
    for column in columns.values():
        if column.null_count():
            missing |= column.is_null().to_numpy()
    if missing.any():
        floats = {name: np.where(missing, _stand_in(name), each) for name, each in floats.items()}
        return floats, pl.Series(missing)
    return {name: _spread(each, rows) for name, each in floats.items()}, None


def _stand_in(name: str) -> float:
    """Return a value that a field allows together with any of the others."""
    return 1.0 if name == "parallelizability" else 2.0


def _spread(values: Floats, rows: int) -> Floats:
    return np.ascontiguousarray(np.broadcast_to(values, rows))
