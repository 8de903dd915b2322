"""Series made ready: Elo chained over releases, records turned into a frontier, definitions of r converted."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_choice, as_number, as_switch
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, shown
from takeoff.evidence._series import column_of, table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["STOCKFISH_ELO_PER_E_FOLD", "chained_elo", "frontier", "returns_from_parameters", "returns_in_other_unit"]

STOCKFISH_ELO_PER_E_FOLD: Final = 142.987
"""Elo of Stockfish at long time control for e times less compute: 1.43 Elo per 1% (Erdil et al. 2024)."""


_MOST_ELO: Final = 1e6
"""Above or below the reference: the odds that it stands for have more digits than a float."""


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
        An Elo of a million or more, a test without a reference, or a reference that comes back after another.

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
    names, values = _tests(reference, elo)
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
        if not abs(value) < _MOST_ELO:
            rule = f"below {_MOST_ELO:,.0f} in size, or None without a test"
            raise InvalidValueError("chained_elo", "elo", value, rule, k)
        if not name:
            raise InvalidValueError("chained_elo", "reference", name, "given for every test", k)
        if name != now:
            if name in seen:
                raise InvalidValueError(
                    "chained_elo", "reference", name, "in the order of time, each for one stretch", k
                )
            seen.add(name)
            base, now = (last if now is not None else 0.0), name
        last = found[k] = base + value
    return found


def _tests(reference: Any, elo: Any) -> tuple[list[str | None], Floats]:
    """The columns of :func:`chained_elo`, read."""
    names, results = _listed("reference", reference, "names"), _listed("elo", elo, "numbers")
    for k, name in enumerate(names):
        if name is not None and not isinstance(name, str):
            given = f"{type(name).__name__} {shown(name)} at index {k}"
            raise DtypeError("chained_elo", "reference", given, "a column of names, with None where there is none")
    return names, np.array([math.nan if each is None else as_number("chained_elo", "elo", each) for each in results])


def _listed(column: str, given: Any, kind: str) -> list[Any]:
    if not isinstance(given, (str, bytes)):  # which would be columns of letters
        with suppress(TypeError):
            return list(given)
    raise DtypeError("chained_elo", column, type(given).__name__, f"a column of {kind}")


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
    lower = as_switch("frontier", "lower_is_better", lower_is_better)
    table = table_of("frame", frame)
    results, times = column_of(table, value, "value"), column_of(table, time, "time")
    if not results.dtype.is_numeric():
        raise DtypeError("frontier", "value", f"a column {value} of {results.dtype}", "numbers")
    if not (times.dtype.is_numeric() or times.dtype in (pl.Date, pl.Datetime)):
        raise DtypeError("frontier", "time", f"a column {time} of {times.dtype}", "years as numbers, or dates")
    there = table.filter(pl.col(value).is_not_null() & ~pl.col(value).cast(pl.Float64).is_nan())
    for name, rule in ((time, "a time for every result"), (value, "finite")):
        finite = there[name].is_finite() if there[name].dtype.is_float() else there[name].is_not_null()
        if not finite.fill_null(value=False).all():
            index = int((~finite.fill_null(value=False)).arg_max() or 0)
            raise InvalidValueError("frontier", name, there[name][index], rule)
    there = there.sort(time, value, descending=[False, not lower])
    before = (pl.col(value).cum_min() if lower else pl.col(value).cum_max()).shift(1)
    better = pl.col(value) < before if lower else pl.col(value) > before
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
    owner = "returns_from_parameters"
    lam = _positive(owner, "parallelizability", parallelizability)
    slowing, share = _positive(owner, "beta", beta), _positive(owner, "labor_share", labor_share)
    by_name = {
        "eth-davidson-2025": lam / slowing,
        "erdil-2024": lam / slowing,
        "davidson-houlden-2025": share * (lam / slowing),
        "davidson-2023": 1 / slowing,
    }
    return _positive("returns_from_parameters", "r", by_name[as_choice("definition", definition, by_name)])


def returns_in_other_unit(r: float, exponent: float) -> float:
    """Returns when efficiency is measured in another unit, ``A' = A^exponent``: r changes with the exponent.

    Parameters
    ----------
    r : float
        Returns for A; a series converts itself, with a note (:meth:`ResearchSeries.in_other_unit`).
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
    owner = "returns_in_other_unit"
    return _positive(owner, "the result", _positive(owner, "r", r) * _positive(owner, "exponent", exponent))


def _positive(owner: str, name: str, value: Any) -> float:
    number = as_number(owner, name, value)
    if not 0 < number < math.inf:
        raise InvalidValueError(owner, name, number, "finite and above 0")
    return number
