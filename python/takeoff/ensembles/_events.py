"""Events: what happens in a draw or does not, as expressions of its columns."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from takeoff.errors import DtypeError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["checked_events", "happenings"]

_OWNER: Final = "ensemble"


def checked_events(events: Any) -> dict[str, pl.Expr]:
    """Check that events are expressions by name."""
    if events is not None and not hasattr(events, "items"):
        raise DtypeError(_OWNER, "events", type(events).__name__, "a mapping of names to polars expressions")
    for name, event in (events or {}).items():
        if not isinstance(name, str) or not isinstance(event, pl.Expr):
            raise DtypeError(_OWNER, "events", f"{name!r}: {type(event).__name__}", "names with polars expressions")
    return dict(events or {})


def happenings(events: Mapping[str, pl.Expr], frame: pl.DataFrame) -> Counter[str]:
    """Count the rows in which each event happens, and each value of the columns that are words or true and false."""
    counts: Counter[str] = Counter()
    for name, event in events.items():
        try:
            happens = frame.select(event.alias(name)).to_series()
        except pl.exceptions.PolarsError as error:
            rule = f"an expression of the columns {', '.join(frame.columns)} ({error})"
            raise InvalidValueError(_OWNER, f"events[{name!r}]", str(event), rule) from None
        if happens.dtype != pl.Boolean or happens.len() != frame.height:
            rule = "true or false for each draw"
            raise InvalidValueError(_OWNER, f"events[{name!r}]", f"of {happens.dtype}", rule)
        counts[name] = int(happens.sum())
    for column in frame.iter_columns():
        if column.dtype == pl.String:
            for value, count in column.value_counts().iter_rows():
                counts[f"{column.name}: {value}"] += count
        elif column.dtype == pl.Boolean:
            counts[column.name] += int(column.sum())
    return counts
