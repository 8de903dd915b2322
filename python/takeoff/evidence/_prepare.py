"""Preparation of data: Elo chained over releases, a frontier of records, and r in other definitions and units."""

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
"""Greatest difference of Elo from the reference: beyond it the odds are not representable."""


def chained_elo(reference: Sequence[str | None], elo: Sequence[float | None]) -> Floats:
    """Chain Elo that was measured against changing references into Elo above the first reference.

    The Elo of a reference is the last that was measured before it became the reference. It is added once, when the
    reference changes. Adding the last Elo at every release instead counts it twice for a release that did not become
    the reference, as Erdil et al. (2024) do for Stockfish 14.1 and 15.1 (25.33 Elo in all: efficiency grows 367-fold
    rather than 308-fold).

    Parameters
    ----------
    reference : sequence of str or None
        Version that each row was tested against, in order of time.
    elo : sequence of float or None
        Elo of the version of the row above its reference; None (or NaN) for rows without a test, which are skipped.

    Returns
    -------
    array of float
        One value per row; NaN for rows without a test.

    Raises
    ------
    ShapeError
        Columns of different lengths, or no test at all.
    InvalidValueError
        An Elo of a million or more, a test without a reference, or a reference that returns after another.

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
    chained = np.full(values.size, math.nan)
    base, last, current = 0.0, 0.0, None
    seen: set[str] = set()
    for k, (name, value) in enumerate(zip(names, values.tolist(), strict=True)):
        if math.isnan(value):
            continue
        if not abs(value) < _MOST_ELO:
            rule = f"below {_MOST_ELO:,.0f} in size, or None without a test"
            raise InvalidValueError("chained_elo", "elo", value, rule, k)
        if not name:
            raise InvalidValueError("chained_elo", "reference", name, "given for every test", k)
        if name != current:
            if name in seen:
                raise InvalidValueError(
                    "chained_elo", "reference", name, "in the order of time, each for one stretch", k
                )
            seen.add(name)
            base, current = (last if current is not None else 0.0), name
        last = chained[k] = base + value
    return chained


def _tests(reference: Any, elo: Any) -> tuple[list[str | None], Floats]:
    """Read the columns of :func:`chained_elo`."""
    names, results = _as_list("reference", reference, "names"), _as_list("elo", elo, "numbers")
    for k, name in enumerate(names):
        if name is not None and not isinstance(name, str):
            received = f"{type(name).__name__} {shown(name)} at index {k}"
            raise DtypeError("chained_elo", "reference", received, "a column of names, with None where there is none")
    return names, np.array(
        [math.nan if result is None else as_number("chained_elo", "elo", result) for result in results]
    )


def _as_list(column: str, values: Any, kind: str) -> list[Any]:
    """Convert a column to a list."""
    if not isinstance(values, (str, bytes)):  # text is a sequence of letters
        with suppress(TypeError):
            return list(values)
    raise DtypeError("chained_elo", column, type(values).__name__, f"a column of {kind}")


def frontier(frame: Any, *, time: str, value: str, lower_is_better: bool = False) -> pl.DataFrame:
    """Select the rows of a table whose results beat all earlier results.

    Parameters
    ----------
    frame : polars or pandas DataFrame, Arrow table, or mapping of columns
        One row per result, in any order.
    time : str
        Column of times: years as numbers, or dates.
    value : str
        Column of results; rows without a result are left out.
    lower_is_better : bool, default False
        Whether a lower result beats a higher one, as with cost or loss.

    Returns
    -------
    polars.DataFrame
        The records, in order of time; of several records at one time, the best.

    Raises
    ------
    UnknownNameError
        A column that does not exist.
    DtypeError
        Results that are not numbers, or times that are neither numbers nor dates.
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
    measured = table.filter(pl.col(value).is_not_null() & ~pl.col(value).cast(pl.Float64).is_nan())
    for name, rule in ((time, "a time for every result"), (value, "finite")):
        valid = measured[name].is_finite() if measured[name].dtype.is_float() else measured[name].is_not_null()
        if not valid.fill_null(value=False).all():
            index = int((~valid.fill_null(value=False)).arg_max() or 0)
            raise InvalidValueError("frontier", name, measured[name][index], rule)
    measured = measured.sort(time, value, descending=[False, not lower])
    best_before = (pl.col(value).cum_min() if lower else pl.col(value).cum_max()).shift(1)
    is_record = pl.col(value) < best_before if lower else pl.col(value) > best_before
    return measured.filter(is_record.fill_null(value=True)).unique(time, keep="first", maintain_order=True)


def returns_from_parameters(
    parallelizability: float, beta: float, *, labor_share: float = 1.0, definition: str = "eth-davidson-2025"
) -> float:
    """Compute r, as a paper defines it, from the parameters of the growth law.

    Parameters
    ----------
    parallelizability : float
        lambda: the exponent of research effort.
    beta : float
        Exponent of diminishing returns: ``dA/dt = A^(1 - beta) effort^lambda``.
    labor_share : float, default 1.0
        alpha of ``davidson-houlden-2025``: the share of labor in effort.
    definition : {"eth-davidson-2025", "erdil-2024", "davidson-houlden-2025", "davidson-2023"}
        Paper that defines r: as ``lambda / beta`` (the first two), as ``alpha lambda / beta``, or as ``1 / beta``
        without lambda (the full takeoff model of 2023).

    Returns
    -------
    float
        r by that definition.

    Raises
    ------
    UnknownNameError
        An unknown definition.
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
    exponent, share = _positive(owner, "beta", beta), _positive(owner, "labor_share", labor_share)
    by_definition = {
        "eth-davidson-2025": lam / exponent,
        "erdil-2024": lam / exponent,
        "davidson-houlden-2025": share * (lam / exponent),
        "davidson-2023": 1 / exponent,
    }
    return _positive("returns_from_parameters", "r", by_definition[as_choice("definition", definition, by_definition)])


def returns_in_other_unit(r: float, exponent: float) -> float:
    """Convert r to another unit of efficiency, ``A' = A^exponent``: r is multiplied by the exponent.

    Parameters
    ----------
    r : float
        Returns for A. To convert a series, with a note, use :meth:`ResearchSeries.in_other_unit`.
    exponent : float
        Exponent of the conversion. From efficiency in training to efficiency in use it is 1/2 to 1, since the compute
        of a training run is proportional to the square of the size of the model; between scales of Elo it is the ratio
        of points per e-fold.

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
    """Convert `value` to a finite float above 0."""
    number = as_number(owner, name, value)
    if not 0 < number < math.inf:
        raise InvalidValueError(owner, name, number, "finite and above 0")
    return number
