"""A piece of an ensemble: some of its draws, simulated and reduced to counts.

:func:`work` is a function of its arguments alone: no files, no signals, nothing printed. Its arguments and its result
pickle, so that it may run on another machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from takeoff._answers import ask
from takeoff._arrays import Floats, policy
from takeoff.ensembles._events import happenings
from takeoff.ensembles._histograms import binned

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from takeoff import _core
    from takeoff.ensembles._job import Job
    from takeoff.models._base import Model

__all__ = ["Brackets", "Piece", "Sample", "reduced", "sample", "work"]


class Brackets(NamedTuple):
    """What a pass over the draws counts.

    Attributes
    ----------
    summary : Brackets
        Of the inputs and outputs.
    bands : Brackets or None
        Of the series at each time.
    quantiles_alone : bool
        Whether all else was counted by an earlier pass.
    """

    summary: _core.Brackets
    bands: _core.Brackets | None
    quantiles_alone: bool


@dataclass(frozen=True, eq=False)
class Piece:
    """What some draws come to: integers that add up, and rows.

    Attributes
    ----------
    start, count : int
        First draw and number of draws.
    summary : Counts
        For the quantiles of the inputs and outputs.
    bands : Counts or None
        For those of the series at each time.
    infinite : array of shape (points,) or None
        Draws in which the series is infinite at each time.
    events : Counter
        Draws in which each event happens, and that have each value of a column of words or true and false.
    histograms : dict
        Draws in each bin by the name of a column.
    rows : polars.DataFrame or None
        One row per draw.
    """

    start: int
    count: int
    summary: _core.Counts
    bands: _core.Counts | None = None
    infinite: npt.NDArray[np.uint64] | None = None
    events: Counter[str] = field(default_factory=Counter)
    histograms: dict[str, npt.NDArray[np.intp]] = field(default_factory=dict)
    rows: pl.DataFrame | None = None


def work(job: Job, start: int, count: int, brackets: Brackets) -> Piece:
    """Simulate draws and reduce them.

    Parameters
    ----------
    job : Job
        The ensemble.
    start, count : int
        First draw and number of draws.
    brackets : Brackets
        What is counted.

    Returns
    -------
    Piece
        What the draws come to.
    """
    columns, paths = _simulated(job, start, count)
    return reduced(job, start, columns, brackets, paths)


def reduced(job: Job, start: int, columns: Mapping[str, Any], brackets: Brackets, paths: Model | None = None) -> Piece:
    """Reduce draws that are simulated.

    Parameters
    ----------
    job : Job
        The ensemble.
    start : int
        First draw.
    columns : mapping
        Columns of the rows.
    brackets : Brackets
        What is counted.
    paths : Model, optional
        Model of the draws, for bands.

    Returns
    -------
    Piece
        What the draws come to.
    """
    numbers = _numbers(columns)
    summary = brackets.summary.count(numbers.reshape(-1), policy())
    bands, infinite = None, None
    if job.bands is not None and brackets.bands is not None and paths is not None:
        series, time = job.bands
        bands, infinite = brackets.bands.count_rows(paths._plan, (series, time), job.end, policy())
    if brackets.quantiles_alone:
        return Piece(start, len(numbers), summary, bands, infinite)
    frame = pl.DataFrame(columns) if job.outputs or job.events or job.rows else None
    return Piece(
        start=start,
        count=len(numbers),
        summary=summary,
        bands=bands,
        infinite=infinite,
        events=Counter() if frame is None else happenings(job.events, frame),
        histograms=binned(job.histograms, columns),
        rows=frame if job.rows else None,
    )


class Sample(NamedTuple):
    """First draws, by which quantiles are bracketed.

    Attributes
    ----------
    columns : list of str
        Inputs and outputs that are numbers.
    summary : array of shape (draws, columns)
        Their values.
    bands : array of shape (draws, points) or None
        The series at each time.
    """

    columns: list[str]
    summary: Floats
    bands: Floats | None


def sample(job: Job, draws: int, chunk: int) -> Sample:
    """Simulate the first draws, so many at once."""
    names: list[str] = []
    numbers, series = [], []
    for start in range(0, draws, chunk):
        columns, paths = _simulated(job, start, min(chunk, job.draws - start))
        names = _names_of_numbers(columns)
        numbers.append(_numbers(columns))
        if job.bands is not None:
            name, time = job.bands
            series.append(ask(paths, [name], horizon=job.end, along={"time": time})[name])
    return Sample(names, np.concatenate(numbers), np.concatenate(series) if series else None)


def _simulated(job: Job, start: int, count: int) -> tuple[dict[str, Any], Model]:
    """Return the columns of draws, and their paths."""
    inputs = job.drawn(start, count)
    paths = job.paths(inputs)
    columns: dict[str, Any] = {"draw": np.arange(start, start + count, dtype=np.int64), **inputs}
    for name, column in job.answers(paths).items():
        if job.model.spec.outputs[name].along == "doublings":
            rows = np.reshape(column.to_numpy(), (count, -1)).T
            places = np.reshape(job.doublings, -1)  # type: ignore[arg-type]
            columns |= {f"{name}_{place:g}": row for place, row in zip(places, rows, strict=True)}
        else:
            columns[name] = column
    return columns, paths


def _names_of_numbers(columns: Mapping[str, Any]) -> list[str]:
    return [name for name, column in columns.items() if name != "draw" and _is_number(column)]


def _is_number(column: Any) -> bool:
    return column.dtype.is_numeric() if isinstance(column, pl.Series) else True


def _numbers(columns: Mapping[str, Any]) -> Floats:
    """Return the numbers of rows that quantiles are of, row by row."""
    names = _names_of_numbers(columns)
    return np.ascontiguousarray(np.column_stack([np.asarray(columns[name], float) for name in names]))
