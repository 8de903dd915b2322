"""A model over the rows of a frame whose columns are parameters."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff._answers import output_names, row_answers
from takeoff._arrays import FloatLike, Floats, as_number, check_numeric, using_threads
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError
from takeoff.models._base import with_values
from takeoff.simulation import check_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from takeoff.models import Model

__all__ = ["simulate_frame"]

_OWNER = "simulate_frame"
# Units that a column's name may end with, without the signs between words.
_UNITS = ("", "year", "years", "month", "months", "day", "days", "doublings", "peryear", "doublingsperyear")


def simulate_frame(
    frame: Any,
    model: Model,
    horizon: float | None = None,
    *,
    outputs: str | Sequence[str] | None = None,
    time: FloatLike | None = None,
    doublings: FloatLike | None = None,
    multiple: float | None = None,
    threads: int | None = None,
) -> pl.DataFrame:
    """Simulate a model once per row of a frame, with the row's parameters.

    A column that is named as a numeric field of the model (``"r"``; ``"effort.rho"``, ``"law.r"`` for that of a part,
    ``"hardware.changes[0].time"`` for the first change of hardware) replaces the model's value, in the same unit; the
    fields without a column are those of the model. All other columns are kept as they are, but a name that is almost
    that of a field which the frame lacks is refused. A null in a column of a field makes that row's outputs null; the
    other rows are as without it.

    Parameters
    ----------
    frame : polars.DataFrame
        One row per path; or a table of another library that gives Arrow data (pyarrow, pandas with pyarrow).
    model : Model
        The model, of one path, with the parts whose fields the columns name.
    horizon : float, optional
        Time at which the simulation stops, years.
    outputs : str or sequence of str, optional
        Columns to add, of those below (default: all that the other arguments allow).
    time : array of shape (times,), optional
        Ascending times for ``"doublings_at"``, years, the last of which is the horizon; in place of `horizon`.
    doublings : float or array of shape (counts,), optional
        Doublings for ``"time_at"``.
    multiple : float, optional
        Pace for ``"threshold_time"``, over that at the start.
    threads : int, optional
        Threads to use (default: all cores, or the environment variable ``TAKEOFF_THREADS``); the result is the same for
        any number.

    Returns
    -------
    polars.DataFrame
        The frame with the outputs as further columns: String for regime, outcome and behaviour, Float64 for numbers
        (times in years), and Array(Float64, n) for the answers to n times or doublings.

    Raises
    ------
    InvalidValueError
        A value outside its range, with its row; a column that is almost a field's; no column that is a field's; an
        output without the argument that it needs, or with the name of a column; an argument that no output needs.
    DtypeError
        A column, frame, model or argument of another type than is taken.
    ShapeError
        A model of several paths.
    UnknownNameError
        An output that the model does not have.
    SizeError
        A result that would not fit in memory.

    Notes
    -----
    Each output is what the model or its trajectory calls so; ``model.spec.outputs`` has a sentence on each. An output
    that depends on the horizon needs `horizon` or `time`; one that runs along time, doublings or multiples needs that
    argument, and gives an array in each row. Those that a model offers only by name are not among the default.

    >>> import takeoff
    >>> outputs = takeoff.GrowthLaw.spec.outputs
    >>> outputs["threshold_time"].along, outputs["threshold_time"].horizon
    ('multiple', True)

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> frame = pl.DataFrame({"team": ["a", "b", "c"], "r": [0.7, 3.0, None]})
    >>> law = takeoff.GrowthLaw(r=1, first_doubling=1 * takeoff.MONTH)
    >>> takeoff.simulate_frame(frame, law, horizon=1, outputs=["outcome", "doublings_at_horizon"])
    shape: (3, 4)
    ┌──────┬──────┬──────────┬──────────────────────┐
    │ team ┆ r    ┆ outcome  ┆ doublings_at_horizon │
    │ ---  ┆ ---  ┆ ---      ┆ ---                  │
    │ str  ┆ f64  ┆ str      ┆ f64                  │
    ╞══════╪══════╪══════════╪══════════════════════╡
    │ a    ┆ 0.7  ┆ horizon  ┆ 5.51786              │
    │ b    ┆ 3.0  ┆ singular ┆ inf                  │
    │ c    ┆ null ┆ null     ┆ null                 │
    └──────┴──────┴──────────┴──────────────────────┘
    """
    check_model("simulate_frame", model)
    if model.shape:
        rule = "parameters that differ between rows are columns of the frame"
        raise ShapeError(f"model must be of one path, got shape {model.shape}: {rule} (simulate_frame.model)")
    table = _table(frame)
    multiple = None if multiple is None else as_number(_OWNER, "multiple", multiple)
    names = output_names(
        _OWNER, outputs, model.spec, {"horizon": horizon, "time": time, "doublings": doublings, "multiple": multiple}
    )
    for name in names:
        if name in table.columns:
            rule = "names that the frame does not have yet (drop or rename the column)"
            raise InvalidValueError(_OWNER, "outputs", name, rule)
    columns, missing = _columns(table, model)
    with using_threads(threads):
        rows = with_values(model, columns)
        answers = row_answers(rows, names, horizon=horizon, time=time, doublings=doublings, multiple=multiple)
        answered = pl.DataFrame(answers).head(table.height)
    if missing is not None:
        # Not by `when`: it leaves numbers under an array that is null, which `arr.get` of polars before 2.1 reads.
        empty = pl.DataFrame({name: [None] for name in answered.columns}, schema=answered.schema)
        answered = pl.concat([answered, empty])[np.where(missing, answered.height, np.arange(answered.height))]
    return table.hstack(answered)


def _table(frame: Any) -> pl.DataFrame:
    if isinstance(frame, pl.DataFrame):
        return frame
    rule = "a polars DataFrame (collect a LazyFrame first) or another table that gives Arrow data"
    if not hasattr(frame, "__arrow_c_stream__") or isinstance(frame, pl.Series):
        raise DtypeError(_OWNER, "frame", type(frame).__name__, rule)
    try:
        return pl.DataFrame(frame)
    except Exception as error:  # (whatever another library raises)
        raise DtypeError(_OWNER, "frame", f"{type(frame).__name__} that cannot be read: {error}", rule) from error


def _columns(table: pl.DataFrame, model: Model) -> tuple[dict[str, Floats], pl.Series | None]:
    """The columns of fields as arrays, with the model's own values in rows that have a null; where those are.

    Of a frame without rows, one row of the model's own values.
    """
    own = model._numeric
    _check_names(table.columns, model)
    names = [name for name in table.columns if name in own]
    for name in names:
        check_numeric(type(model).__name__, name, table[name])
    if not table.height:
        return {name: np.full(1, own[name]) for name in names}, None
    missing = table.select(pl.any_horizontal(pl.col(names).is_null())).to_series()
    floats = {name: table[name].cast(pl.Float64).to_numpy() for name in names}
    if not missing.any():
        return floats, None
    mask = missing.to_numpy()
    return {name: np.where(mask, own[name], each) for name, each in floats.items()}, missing


def _check_names(columns: Sequence[str], model: Model) -> None:
    """Refuse columns that are meant as a field, but are none that has a number per row."""
    numeric, fields = model._numeric, model._fields()
    absent = [name for name in numeric if name not in columns]
    for column in columns:
        if column in numeric:
            continue
        if column.partition(".")[0] in fields:
            raise UnknownNameError(f"a column of a field of this {type(model).__name__}", column, numeric)
        if (near := _nearest(column, absent)) is not None:
            rule = f"without columns that are almost a field's: rename it to {near!r} if that is meant, or drop it"
            raise InvalidValueError(_OWNER, "frame", column, rule)
    if len(absent) == len(numeric):
        rule = f"a frame with a column for a field of the model ({', '.join(numeric)})"
        raise InvalidValueError(_OWNER, "frame", f"columns {', '.join(columns) or 'none'}", rule)


def _nearest(column: str, fields: Sequence[str]) -> str | None:
    """The field whose name a column almost has: but for case and signs, part, unit or a slip of the pen."""
    letters = _letters(column)
    for field in fields:
        inner = field if "[" in field else field.rpartition(".")[2]
        for name in (_letters(field), _letters(inner)):
            alike = len(name) > 3 and difflib.get_close_matches(letters, [name], n=1, cutoff=0.85)
            if alike or letters in {name + unit for unit in _UNITS}:
                return field
    return None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()
