"""Series made ready: Elo chained over releases, records turned into a frontier, definitions of r converted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_number
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["STOCKFISH_ELO_PER_E_FOLD", "chained_elo", "frontier", "returns_from_parameters", "returns_in_other_unit"]

STOCKFISH_ELO_PER_E_FOLD: Final = 142.987
"""Elo of Stockfish at long time control for e times less compute: 1.43 Elo per 1% (Erdil et al. 2024)."""


def chained_elo(reference: Sequence[str | None], elo: Sequence[float | None]) -> Floats:
    """Elo above the first reference, of versions that were each tested against the reference of their time.

    A reference's own Elo is the last that was measured before it became the reference: it is added once, when the
    reference changes. To add the last Elo at every release instead counts it twice where a release did not become the
    reference, as Erdil et al. (2024) do for Stockfish 14.1 and 15.1 (25.33 Elo in all: efficiency grows 367-fold rather
    than 308-fold).

    Parameters
    ----------
    reference : sequence of str or None
        The version that each row was tested against, in the order of time.
    elo : sequence of float or None
        Elo of the row's version above its reference; None (or NaN) for rows without a test, which change nothing.

    Returns
    -------
    array of float
        One value per row; NaN for rows without a test.

    Raises
    ------
    ShapeError
        Columns of different lengths, or no test at all.
    InvalidValueError
        An infinite Elo, a test without a reference (or with one that is no text), or a reference that comes back after
        another.

    References
    ----------
    Erdil, Besiroglu & Ho (2024), notebook of Stockfish; the regression tests of the Stockfish wiki.

    Examples
    --------
    >>> from takeoff import evidence
    >>> versions = ["3", "3", "4", "4", "4"]
    >>> evidence.chained_elo(versions, [10.0, 30.0, 5.0, None, 12.0]).tolist()
    [10.0, 30.0, 35.0, nan, 42.0]
    """
    names = list(reference)
    try:
        values = np.array([math.nan if each is None else float(each) for each in elo])
    except (TypeError, ValueError) as error:
        raise DtypeError("chained_elo", "elo", type(elo).__name__, "a column of numbers") from error
    if len(names) != values.size:
        raise ShapeError(f"elo must be as long as reference ({len(names)}), got {values.size} (chained_elo.elo)")
    if np.isnan(values).all():
        raise ShapeError("elo must hold one test at least, got none (chained_elo.elo)")
    found = np.full(values.size, math.nan)
    base, last, now = 0.0, 0.0, None
    seen: set[str] = set()
    for k, (name, value) in enumerate(zip(names, values.tolist(), strict=True)):
        if math.isnan(value):
            continue
        if math.isinf(value):
            raise InvalidValueError("chained_elo", "elo", value, "finite, or None without a test", k)
        if not isinstance(name, str) or not name:
            raise InvalidValueError("chained_elo", "reference", name, "a name for every test", k)
        if name != now:
            if name in seen:
                raise InvalidValueError(
                    "chained_elo", "reference", name, "in the order of time, each for one stretch", k
                )
            seen.add(name)
            base, now = (last if now is not None else 0.0), name
        last = found[k] = base + value
    return found


def frontier(frame: Any, *, time: str, value: str, lower_is_better: bool = False) -> pl.DataFrame:
    """Rows of a table of results that beat all before them.

    Parameters
    ----------
    frame : polars or pandas DataFrame, Arrow table, or mapping of columns
        One row per result, in any order.
    time : str
        Column of times: years as numbers, or dates.
    value : str
        Column of results; rows without one are left out.
    lower_is_better : bool, default False
        Whether a lower result beats a higher one, as with cost or loss.

    Returns
    -------
    polars.DataFrame
        The records, in the order of time; the best of several at one time.

    Raises
    ------
    UnknownNameError
        A column that is not there.
    DtypeError
        Results that are no numbers, or times that are neither numbers nor dates.
    InvalidValueError
        A result without a time, or one that is infinite.

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"year": [2012, 2013, 2013, 2014], "accuracy": [0.6, 0.7, 0.65, 0.68]}
    >>> evidence.frontier(table, time="year", value="accuracy")["accuracy"].to_list()
    [0.6, 0.7]
    """
    from takeoff.evidence._series import column_of, table_of

    table = table_of("frame", frame)
    results = column_of(table, value, "value")
    clock = column_of(table, time, "time")
    if not results.dtype.is_numeric():
        raise DtypeError("frontier", "value", f"a column {value} of {results.dtype}", "numbers")
    if not (clock.dtype.is_numeric() or clock.dtype in (pl.Date, pl.Datetime)):
        raise DtypeError("frontier", "time", f"a column {time} of {clock.dtype}", "years as numbers, or dates")
    there = table.filter(pl.col(value).is_not_null() & ~pl.col(value).cast(pl.Float64).is_nan())
    for name, rule in ((time, "a time for every result"), (value, "finite")):
        finite = there[name].is_finite() if there[name].dtype.is_float() else there[name].is_not_null()
        if not finite.fill_null(value=False).all():
            index = int((~finite.fill_null(value=False)).arg_max() or 0)
            raise InvalidValueError("frontier", name, there[name][index], rule)
    there = there.sort(time, value, descending=[False, not lower_is_better])
    before = (pl.col(value).cum_min() if lower_is_better else pl.col(value).cum_max()).shift(1)
    better = pl.col(value) < before if lower_is_better else pl.col(value) > before
    return there.filter(better.fill_null(value=True)).unique(time, keep="first", maintain_order=True)


def returns_from_parameters(
    parallelizability: float, beta: float, *, labor_share: float = 1.0, definition: str = "eth-davidson-2025"
) -> float:
    """Returns r from the parameters of another paper's law, by its name.

    Parameters
    ----------
    parallelizability : float
        lambda: the exponent of research effort.
    beta : float
        By which the law's progress falls: ``dA/dt = A^(1 - beta) effort^lambda``.
    labor_share : float, default 1.0
        alpha of ``davidson-houlden-2025``: the share of labor in effort.
    definition : {"eth-davidson-2025", "erdil-2024", "davidson-houlden-2025", "davidson-2023"}
        Whose r: ``lambda/beta`` (the first two); ``alpha lambda / beta``; or that of the full takeoff model of 2023,
        which leaves lambda out: ``1 / beta``.

    Returns
    -------
    float
        r in that definition.

    Raises
    ------
    UnknownNameError
        Another definition.
    InvalidValueError
        Parameters that are not finite and above 0.

    Examples
    --------
    >>> from takeoff import evidence
    >>> evidence.returns_from_parameters(0.6, 0.5)
    1.2
    >>> evidence.returns_from_parameters(0.6, 0.5, definition="davidson-2023")
    2.0
    """
    numbers = {}
    for name, given in (("parallelizability", parallelizability), ("beta", beta), ("labor_share", labor_share)):
        number = as_number("returns_from_parameters", name, given)
        if not 0 < number < math.inf:
            raise InvalidValueError("returns_from_parameters", name, number, "finite and above 0")
        numbers[name] = number
    ratio = numbers["parallelizability"] / numbers["beta"]
    by_name = {
        "eth-davidson-2025": ratio,
        "erdil-2024": ratio,
        "davidson-houlden-2025": numbers["labor_share"] * ratio,
        "davidson-2023": 1 / numbers["beta"],
    }
    if definition not in by_name:
        raise UnknownNameError("definition", definition, list(by_name))
    return by_name[definition]


def returns_in_other_unit(r: float, exponent: float) -> float:
    """Returns when efficiency is measured in another unit, ``A' = A^exponent``: r changes with the exponent.

    Parameters
    ----------
    r : float
        Returns for A.
    exponent : float
        Of the other unit: from 1/2 to 1 from training efficiency to efficiency in use (compute of a training run goes
        as the square of a model's size), the ratio of Elo points per e-fold for ratings.

    Returns
    -------
    float
        ``exponent * r``.

    Raises
    ------
    InvalidValueError
        Numbers that are not finite and above 0.

    Examples
    --------
    >>> from takeoff import evidence
    >>> evidence.returns_in_other_unit(1.4, 0.5)
    0.7
    """
    for name, given in (("r", r), ("exponent", exponent)):
        if not 0 < as_number("returns_in_other_unit", name, given) < math.inf:
            raise InvalidValueError("returns_in_other_unit", name, given, "finite and above 0")
    return r * exponent
