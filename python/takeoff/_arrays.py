"""Conversion of arguments to the columns that the engine takes, and checks of their type, shape and size."""

from __future__ import annotations

import math
import numbers
import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from takeoff.errors import DtypeError, InvalidValueError, ShapeError, SizeError, UnknownNameError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Floats: TypeAlias = npt.NDArray[np.float64]
FloatLike: TypeAlias = "float | npt.ArrayLike | pl.Series"

_NUMBER = "a number or an array of numbers"
_MOST_AXES = 16
_THREADS: ContextVar[int | None] = ContextVar("threads", default=None)


def as_floats(owner: str, name: str, value: Any) -> Floats:
    """Copy `value` to a read-only contiguous float64 array; a number becomes an array without axes."""
    if isinstance(value, pl.Series):
        check_numeric(owner, name, value)
        if value.null_count():
            raise InvalidValueError(owner, name, "null", "a number everywhere", value.is_null().arg_max())
        value = value.cast(pl.Float64).to_numpy()
    if any(np.ma.is_masked(part) for part in (value if isinstance(value, (list, tuple)) else [value])):
        raise InvalidValueError(owner, name, "a masked value", "a number everywhere")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise ShapeError(f"{name} must be {_NUMBER} of one shape: {error} ({owner}.{name})") from error
    if array.dtype.kind not in "iuf":
        received = type(value).__name__ if array.ndim == 0 else f"an array of dtype {array.dtype}"
        raise DtypeError(owner, name, received, _NUMBER + _hint(value, array))
    if array.size == 0:
        raise ShapeError(f"{name} must hold at least one value, got an empty array ({owner}.{name})")
    if array.ndim > _MOST_AXES:
        raise ShapeError(f"{name} must have at most {_MOST_AXES} axes, got {array.ndim} ({owner}.{name})")
    check_memory(f"{owner}.{name}", array.size, "give fewer values at a time")
    with np.errstate(over="ignore"):  # numbers beyond float64 become infinite, which later checks refuse
        floats = np.array(array, dtype=np.float64, order="C")
    floats.setflags(write=False)
    return floats


def _hint(value: Any, array: Any) -> str:
    """Suggest what may have been meant by a value that is not a number."""
    if isinstance(value, str) and re.search("year|month|week|day|hour", value):
        return "; times are in years, such as 1 * takeoff.MONTH"
    if array.dtype == object and array.ndim and any(element is None for element in array.flat):
        return "; where None stands for no limit, infinity does so in an array"
    if callable(getattr(value, "distribution", None)):
        return "; give its .distribution()"
    return ""


def check_numeric(owner: str, name: str, series: pl.Series) -> None:
    """Raise unless the values of a Series are numbers, or all null."""
    if not series.dtype.is_numeric() and series.dtype != pl.Null:
        raise DtypeError(owner, name, f"a Series of {series.dtype}", _NUMBER)


def is_float(value: Any) -> bool:
    """Return whether `value` is a float of Python, or an int that is one without rounding."""
    return type(value) is float or (type(value) is int and -(2**53) < value < 2**53)


def as_number(owner: str, name: str, value: Any) -> float:
    """Convert `value` to one float."""
    if is_float(value):
        return float(value)
    floats = as_floats(owner, name, value)
    if floats.ndim:
        raise ShapeError(f"{name} must be one number, got an array of shape {floats.shape} ({owner}.{name})")
    return float(floats)


def as_count(owner: str, name: str, value: Any, low: int, high: int) -> int:
    """Convert `value` to an int from `low` to `high`."""
    if type(value) is not int and (isinstance(value, bool) or not isinstance(value, numbers.Integral)):
        raise DtypeError(owner, name, f"{type(value).__name__} {shown(value)}", f"an integer from {low:,} to {high:,}")
    count = int(value)
    if not low <= count <= high:
        raise InvalidValueError(owner, name, count, f"an integer from {low:,} to {high:,}")
    return count


def as_switch(owner: str, name: str, value: Any) -> bool:
    """Convert `value` to a bool."""
    if not isinstance(value, (bool, np.bool)):
        raise DtypeError(owner, name, f"{type(value).__name__} {shown(value)}", "True or False")
    return bool(value)


def as_text(owner: str, name: str, value: Any) -> str:
    """Return `value`; raise unless it is valid text."""
    if not isinstance(value, str):
        raise DtypeError(owner, name, f"{type(value).__name__} {shown(value)}", "text")
    if value.encode(errors="ignore").decode() != value:
        raise InvalidValueError(owner, name, value, "text that is valid Unicode")
    return value


def as_choice(kind: str, value: Any, allowed: Iterable[str]) -> str:
    """Return `value`; raise unless it is one of the allowed names."""
    names = tuple(allowed)
    if not isinstance(value, str) or value not in names:
        raise UnknownNameError(kind, value, names)
    return value


def common_shape(owner: str, fields: Mapping[str, Floats]) -> tuple[int, ...]:
    """Return the shape to which all fields broadcast."""
    try:
        shape = np.broadcast_shapes(*(field.shape for field in fields.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {field.shape}" for name, field in fields.items() if field.ndim)
        raise ShapeError(f"the shapes of {owner}'s fields do not broadcast: {shapes}") from None
    check_memory(owner, paths_in(shape) * len(fields), "give fewer values at a time")
    return shape


def as_columns(shape: tuple[int, ...], fields: Mapping[str, Floats]) -> list[Floats]:
    """Flatten each field to a column, of one value if all paths share it, else of one value per path."""
    return [
        field.reshape(1) if field.size == 1 else np.ascontiguousarray(np.broadcast_to(field, shape)).reshape(-1)
        for field in fields.values()
    ]


def check_memory(result: str, values: int, remedy: str) -> None:
    """Raise if a result of `values` float64 would take more than half of the machine's memory."""
    allowed = _physical_memory() // 2
    if 8 * values > allowed:
        raise SizeError(result, 8 * values, allowed, remedy)


@cache
def _physical_memory() -> int:
    """Return the memory of the machine in bytes, or 8 GB if it is not known."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 8 * 10**9


def policy(threads: int | None = None, chunk: int | None = None) -> dict[str, int | None]:
    """Return the execution policy of a call of the engine; it does not change results.

    Without `threads`, the number of threads is that of a surrounding :func:`using_threads`, or else that of the
    environment variable ``TAKEOFF_THREADS``, or else the number of cores.
    """
    threads = _THREADS.get() if threads is None else threads
    if threads is None and (setting := os.environ.get("TAKEOFF_THREADS")):
        if not (setting.isascii() and setting.isdigit() and len(setting) <= 4):
            raise InvalidValueError("environment", "TAKEOFF_THREADS", setting, "an integer from 1 to 1,024")
        threads = int(setting)
    return {
        "threads": None if threads is None else as_count("policy", "threads", threads, 1, 1024),
        "chunk": None if chunk is None else as_count("policy", "chunk", chunk, 1, 2**31),
    }


@contextmanager
def using_threads(threads: int | None) -> Iterator[None]:
    """Set the default number of threads for calls of the engine inside the context."""
    token = _THREADS.set(policy(threads)["threads"])
    try:
        yield
    finally:
        _THREADS.reset(token)


def unwrapped(values: Floats, shape: tuple[int, ...]) -> Any:
    """Reshape a result; return a float if it has no axes."""
    if shape == ():
        return float(values[0])
    shaped = values.reshape(shape)
    shaped.setflags(write=False)
    return shaped


def paths_in(shape: tuple[int, ...]) -> int:
    """Return the number of paths of a shape."""
    return math.prod(shape)


def quantiles(values: Floats, parts: Sequence[float]) -> Floats:
    """Compute quantiles along the first axis, with linear interpolation between values that may be infinite."""
    position = np.asarray(parts) * (len(values) - 1)
    low = np.floor(position).astype(int)
    high = np.minimum(low + 1, len(values) - 1)
    ordered = np.partition(values, np.unique([low, high]), axis=0)
    below, above = ordered[low], ordered[high]
    weight = (position - low).reshape((-1,) + (1,) * (values.ndim - 1))
    equal = np.broadcast_to((weight == 0), below.shape) | (below == above)
    with np.errstate(invalid="ignore"):  # differences of infinities, which are not used
        interpolated: Floats = np.where(equal, below, below + weight * (above - below))
    return interpolated
