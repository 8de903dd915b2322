"""Conversion between papers factor, returns and doubling ratio (Tables 2 and 3), and from doublings to the level.

All three describe how much harder research gets. With g the *papers factor* (research of a doubling relative to that of
the previous one), r the *returns* and q the *doubling ratio* (duration of a doubling relative to the previous one),

``r = 1 / log2 g``, ``g = 2^(1/r)``, ``q = 2^(lambda (1/r - 1))``, and ``q = g / 2`` for lambda = 1.

Each function takes a number, an array, a polars Series or a polars expression, and returns the same kind. Nulls of a
Series or an expression stay null.

References
----------
Eth & Davidson (2025), Tables 2 and 3, footnotes 21, 23 and 25; footnote 27 for the parallelizability lambda.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_floats, as_number, check_numeric, policy, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "doubling_ratio_from_papers_factor",
    "doubling_ratio_from_returns",
    "level_from_doublings",
    "papers_factor_from_doubling_ratio",
    "papers_factor_from_returns",
    "returns_from_doubling_ratio",
    "returns_from_papers_factor",
]

T = TypeVar("T", float, npt.NDArray[np.float64], pl.Series, pl.Expr)


def _elementwise(owner: str, name: str, values: T, engine: Callable[[Floats], Floats]) -> T:
    """Apply a function of the engine to each value; return the kind of `values`."""
    return cast("T", _apply(owner, name, values, engine))


def _apply(owner: str, name: str, values: Any, engine: Callable[[Floats], Floats]) -> Any:
    """Apply as :func:`_elementwise` does, without its type."""
    if isinstance(values, pl.Expr):
        return values.map_batches(
            lambda series: _apply(owner, name, series, engine), return_dtype=pl.Float64, is_elementwise=True
        )
    if isinstance(values, pl.Series):
        check_numeric(owner, name, values)
        if not values.len():
            engine(np.full(1, 2.0))  # checks the other arguments
            return pl.Series(values.name, [], dtype=pl.Float64)
        # Nulls are computed as 2, which every function accepts, and become null again.
        converted = pl.Series(values.name, engine(as_floats(owner, name, values.cast(pl.Float64).fill_null(2.0))))
        return converted.set(values.is_null(), None)
    floats = as_floats(owner, name, values)
    return unwrapped(engine(floats.reshape(-1)), floats.shape)


def returns_from_papers_factor(papers_factor: T) -> T:
    """Convert a papers factor to returns: ``r = 1 / log2 g``.

    Parameters
    ----------
    papers_factor : float, array, Series or Expr
        Research of a doubling relative to that of the previous one, above 1.

    Returns
    -------
    float, array, Series or Expr
        r, dimensionless.

    Raises
    ------
    InvalidValueError
        A factor that is not finite and above 1.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.returns_from_papers_factor(3.0), 2), takeoff.returns_from_papers_factor(2.0)
    (0.63, 1.0)
    """
    return _elementwise(
        "returns_from_papers_factor",
        "papers_factor",
        papers_factor,
        lambda v: _core.returns_from_papers_factor(v, policy()),
    )


def papers_factor_from_returns(r: T) -> T:
    """Convert returns to a papers factor: ``g = 2^(1/r)``.

    Parameters
    ----------
    r : float, array, Series or Expr
        Returns to software R&D, above 0.

    Returns
    -------
    float, array, Series or Expr
        Research of a doubling relative to that of the previous one.

    Raises
    ------
    InvalidValueError
        An r that is not finite and above 0.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.papers_factor_from_returns(0.7), 2)  # footnote 23
    2.69
    """
    return _elementwise("papers_factor_from_returns", "r", r, lambda v: _core.papers_factor_from_returns(v, policy()))


def doubling_ratio_from_papers_factor(papers_factor: T) -> T:
    """Convert a papers factor to a doubling ratio, for lambda = 1: ``q = g / 2``.

    Parameters
    ----------
    papers_factor : float, array, Series or Expr
        Research of a doubling relative to that of the previous one, above 1.

    Returns
    -------
    float, array, Series or Expr
        Duration of a doubling relative to the previous one.

    Raises
    ------
    InvalidValueError
        A factor that is not finite and above 1.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.doubling_ratio_from_papers_factor(3.0)
    1.5
    """
    return _elementwise(
        "doubling_ratio_from_papers_factor",
        "papers_factor",
        papers_factor,
        lambda v: _core.doubling_ratio_from_papers_factor(v, policy()),
    )


def papers_factor_from_doubling_ratio(doubling_ratio: T) -> T:
    """Convert a doubling ratio to a papers factor, for lambda = 1: ``g = 2 q``.

    Parameters
    ----------
    doubling_ratio : float, array, Series or Expr
        Duration of a doubling relative to the previous one, above 0.5.

    Returns
    -------
    float, array, Series or Expr
        Research of a doubling relative to that of the previous one.

    Raises
    ------
    InvalidValueError
        A ratio that is not finite and above 0.5.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.papers_factor_from_doubling_ratio(0.75)
    1.5
    """
    return _elementwise(
        "papers_factor_from_doubling_ratio",
        "doubling_ratio",
        doubling_ratio,
        lambda v: _core.papers_factor_from_doubling_ratio(v, policy()),
    )


def doubling_ratio_from_returns(r: T, *, parallelizability: float = 1.0) -> T:
    """Convert returns to a doubling ratio: ``q = 2^(lambda (1/r - 1))``.

    Parameters
    ----------
    r : float, array, Series or Expr
        Returns to software R&D, above 0.
    parallelizability : float, default 1.0
        Exponent lambda of research effort.

    Returns
    -------
    float, array, Series or Expr
        Duration of a doubling relative to the previous one.

    Raises
    ------
    InvalidValueError
        A value outside its range.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> round(takeoff.doubling_ratio_from_returns(0.7), 2)  # footnote 23
    1.35
    >>> frame = pl.DataFrame({"r": [0.5, 1.0, None]})
    >>> frame.with_columns(takeoff.doubling_ratio_from_returns(pl.col("r")).alias("q"))["q"].to_list()
    [2.0, 1.0, None]
    """
    owner = "doubling_ratio_from_returns"
    lam = np.full(1, as_number(owner, "parallelizability", parallelizability))
    return _elementwise(owner, "r", r, lambda v: _core.doubling_ratio_from_returns(v, lam, policy()))


def returns_from_doubling_ratio(doubling_ratio: T, *, parallelizability: float = 1.0) -> T:
    """Convert a doubling ratio to returns: ``r = 1 / (1 + log2(q) / lambda)``.

    Parameters
    ----------
    doubling_ratio : float, array, Series or Expr
        Duration of a doubling relative to the previous one, above ``2^-lambda``.
    parallelizability : float, default 1.0
        Exponent lambda of research effort.

    Returns
    -------
    float, array, Series or Expr
        r, dimensionless.

    Raises
    ------
    InvalidValueError
        A value outside its range.

    Examples
    --------
    >>> import takeoff
    >>> round(takeoff.returns_from_doubling_ratio(0.75), 2)  # the paper prints 1.72, from a rounded 0.58
    1.71
    """
    owner = "returns_from_doubling_ratio"
    lam = np.full(1, as_number(owner, "parallelizability", parallelizability))
    return _elementwise(
        owner, "doubling_ratio", doubling_ratio, lambda v: _core.returns_from_doubling_ratio(v, lam, policy())
    )


def level_from_doublings(doublings: T) -> T:
    """Convert doublings to the level: ``S = 2^x``.

    Parameters
    ----------
    doublings : float, array, Series or Expr
        Doublings since the start; may be infinite.

    Returns
    -------
    float, array, Series or Expr
        Software capacity relative to the start; infinite from 1,024 doublings on, where float64 overflows.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.level_from_doublings(5)
    32.0
    """
    return _elementwise("level_from_doublings", "doublings", doublings, _level)


def _level(doublings: Floats) -> Floats:
    """Compute levels in the engine."""
    return _core.level(doublings, policy())
