"""Running an ensemble: passes over its draws, Ctrl-C, progress and files."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff._answers import list_of_names, output_names
from takeoff._arrays import FloatLike, as_choice, as_count, as_floats, as_number, as_switch, check_memory, using_threads
from takeoff._grid import time_grid
from takeoff.distributions._sampling import Sampler
from takeoff.ensembles._backends import Backend, Local, in_order
from takeoff.ensembles._dataset import Dataset
from takeoff.ensembles._events import checked_events
from takeoff.ensembles._histograms import checked_edges
from takeoff.ensembles._inputs import uncertain_inputs
from takeoff.ensembles._job import Bands, Job
from takeoff.ensembles._piece import Piece, reduced, sample, work
from takeoff.ensembles._progress import progress as progress_bar
from takeoff.ensembles._totals import Totals
from takeoff.errors import InvalidValueError, ShapeError
from takeoff.simulation import check_model, default_horizon

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from takeoff.ensembles._result import Ensemble
    from takeoff.models._base import Model

__all__ = ["ensemble"]

_OWNER: Final = "ensemble"
_CHUNK: int = 8192
"""Draws per piece; results do not depend on it."""
_COUNTED: int = 1 << 16
"""Draws per piece with bands; results do not depend on it. Values of bands are counted, and not kept."""
_PART: int = 1 << 17
"""Rows of a file of a dataset."""
_SAMPLE: Final = 32768
"""Draws from which quantiles are bracketed."""
_MOST: Final = 2**32 - 1


def ensemble(
    model: Any,
    draws: int = 1_000_000,
    *,
    seed: int = 0,
    horizon: float | None = None,
    time: FloatLike | None = None,
    points: int = 121,
    bands: str | None = None,
    inputs: Mapping[str, Any] | None = None,
    correlations: Mapping[tuple[str, str], float] | None = None,
    method: Literal["philox", "sobol", "latin_hypercube"] = "philox",
    outputs: str | Sequence[str] | None = None,
    doublings: FloatLike | None = None,
    multiple: float | None = None,
    events: Mapping[str, pl.Expr] | None = None,
    histograms: Mapping[str, FloatLike] | None = None,
    quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
    exact: bool = True,
    rows: bool = False,
    to_parquet: str | os.PathLike[str] | None = None,
    outside: Literal["refuse", "truncate"] = "refuse",
    progress: bool | None = None,
    threads: int | None = None,
) -> Ensemble:
    """Simulate a model for many draws of its uncertain fields.

    Simulate and reduce the draws in pieces, none of which is kept: memory does not grow with the number of draws,
    unless `rows` are asked for. Draw i of an input depends on the seed, i and the input's name alone, so that models
    with inputs of the same names see the same draws (common random numbers). All numbers are the same for any number
    of threads.

    Parameters
    ----------
    model : model
        A model of a single path, in which distributions or formulas (:class:`takeoff.Derived`) replace some numbers,
        those of its parts included.
    draws : int, default 1_000_000
        Number of draws, at most 2^32 - 1.
    seed : int, default 0
        From 0 to 2^64 - 1.
    horizon : float, optional
        Time at which simulations stop, years (default: that of the model, ``model.spec.grid.horizon``, if it has one).
    time : array of shape (points,), optional
        Ascending times for bands, years, the last of which is the horizon; in place of `horizon` (models with a course
        over time).
    points : int, default 121
        Number of equally spaced times for bands up to the horizon (models with a course over time); 0 for no bands.
    bands : str, optional
        Output over time whose quantiles at each time are computed, one of ``model.spec.series("time")`` (default: the
        first one).
    inputs : mapping, optional
        Inputs by name: new ones for formulas to use, or fields such as ``"r"`` or ``"effort.rho"``, which replace those
        of the model.
    correlations : mapping, optional
        Rank correlations between inputs, see :func:`takeoff.draw`.
    method : {"philox", "sobol", "latin_hypercube"}, default "philox"
        How draws are made, see :func:`takeoff.draw`. The errors stated for probabilities hold for "philox".
    outputs : str or sequence of str, optional
        What is asked of each draw, see :func:`takeoff.simulate_frame` (default: all that takes little time).
    doublings : float or array of shape (counts,), optional
        Doublings for the output ``"time_at"``, which gives a column ``time_at_<doublings>`` for each.
    multiple : float, optional
        Ratio of the pace to the pace at the start, at which the output ``"threshold_time"`` is taken.
    events : mapping, optional
        Polars expressions of the columns (inputs and outputs) by the name of the event, true where it happens.
    histograms : mapping, optional
        Ascending edges of bins by the name of a column (an input or an output that is a number), for
        ``Ensemble.histograms``.
    quantiles : sequence of float
        Probabilities of the bands and of the summary, from 0 to 1.
    exact : bool, default True
        Whether quantiles are exact, which takes two passes over very many draws. Otherwise one pass gives them to
        within the bound that ``Ensemble.quantile_error`` states.
    rows : bool, default False
        Whether to keep one row per draw in memory.
    to_parquet : str or path, optional
        Directory for one row per draw as Parquet files, each complete or absent. A run that was interrupted goes on
        where it stopped, and ends with the same files.
    outside : {"refuse", "truncate"}, default "refuse"
        What to do with a distribution that reaches beyond the range of its field.
    progress : bool, optional
        Whether to show a progress bar (default: on a terminal or in a notebook, in runs of more than a second).
    threads : int, optional
        Threads to use.

    Returns
    -------
    Ensemble
        Bands, probabilities, a summary and rows. After Ctrl-C it holds the draws that were done by then, and says so.

    Raises
    ------
    InvalidValueError
        A value out of range; a distribution with draws outside the range of its field, with their share; an event that
        is not true or false for each draw.
    DtypeError, ShapeError, UnknownNameError
        An argument of the wrong type, shape or name.
    SizeError
        Rows that would not fit in memory.
    OutputError
        A directory that cannot be written, or holds another run.

    Examples
    --------
    >>> import polars as pl
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=1 * takeoff.MONTH)
    >>> run = takeoff.ensemble(law, 100_000, horizon=3, events={"within a year": pl.col("singular_time") < 1})
    >>> run.probabilities.select("event", pl.col("probability", "standard_error").round(4))
    shape: (5, 3)
    ┌───────────────────┬─────────────┬────────────────┐
    │ event             ┆ probability ┆ standard_error │
    │ ---               ┆ ---         ┆ ---            │
    │ str               ┆ f64         ┆ f64            │
    ╞═══════════════════╪═════════════╪════════════════╡
    │ within a year     ┆ 0.5269      ┆ 0.0016         │
    │ outcome: horizon  ┆ 0.4181      ┆ 0.0016         │
    │ outcome: singular ┆ 0.5819      ┆ 0.0016         │
    │ regime: explosion ┆ 0.6066      ┆ 0.0015         │
    │ regime: fizzle    ┆ 0.3934      ┆ 0.0015         │
    └───────────────────┴─────────────┴────────────────┘
    """
    check_model(_OWNER, model)
    as_choice("outside", outside, ("refuse", "truncate"))
    if horizon is None and time is None:
        horizon = default_horizon(model)
    as_count(_OWNER, "points", points, 0, 1_000_000)
    multiple = None if multiple is None else as_number(_OWNER, "multiple", multiple)
    exact, rows = as_switch(_OWNER, "exact", exact), as_switch(_OWNER, "rows", rows)
    progress = None if progress is None else as_switch(_OWNER, "progress", progress)
    arguments = {"horizon": horizon, "time": time, "doublings": doublings, "multiple": multiple}
    count = as_count(_OWNER, "draws", draws, 1, 2**63 - 1 if rows else _MOST)  # with rows, memory allows far fewer
    uncertain = uncertain_inputs(model, inputs, truncate=outside == "truncate")
    asked = _outputs(model, arguments, outputs)
    series = _bands(model, bands, horizon, time, points)
    sampler = Sampler(uncertain.variables, seed, correlations, method)
    job = Job(
        model=model,
        inputs=uncertain,
        correlations=correlations,
        method=method,
        seed=sampler.seed,
        draws=count,
        outputs=tuple(asked),
        horizon=horizon,
        doublings=doublings,
        multiple=multiple,
        bands=series,
        events=checked_events(events),
        histograms=checked_edges(histograms),
        levels=_levels(quantiles),
        rows=rows or to_parquet is not None,
    )
    if rows:
        check_memory(f"rows of {count:,} draws", count * job.width, "write them with to_parquet=, or ask for fewer")
    uncertain.refuse_what_is_outside(count)
    dataset = None if to_parquet is None else Dataset(to_parquet, job.manifest, count, _PART)
    with using_threads(threads), progress_bar(progress, count) as advance:
        return _run(job, Local(), dataset, advance, exact=exact, keep=rows)


def _bands(
    model: Model, series: str | None, horizon: float | None, time: FloatLike | None, points: int
) -> Bands | None:
    """Check which output has bands, and its times."""
    kind, names = type(model).__name__, model.spec.series("time")
    for name, value in (("bands", series), ("time", time)):
        if value is not None and not names:
            raise InvalidValueError(_OWNER, name, value, f"left out for a {kind}, which has no course over time")
    if series is not None:
        as_choice("bands", series, names)
        if time is None and not points:
            raise InvalidValueError(_OWNER, "points", points, f"at least 2 for bands of {series!r}")
        if time is None and horizon is None:
            raise InvalidValueError(_OWNER, "horizon", None, f"given, or time, for bands of {series!r}")
    if time is None and (horizon is None or not points or not names):
        return None
    times = time_grid(kind, model.spec.grid, horizon, None if time is not None else points, time)
    return Bands(names[0] if series is None else series, times)


def _outputs(model: Model, arguments: Mapping[str, Any], outputs: Any) -> list[str]:
    """Return the names of the outputs that are computed for each draw, without the bands."""
    # The times, which bands take, give a horizon; here it matters only that there is one.
    if arguments["time"] is not None:
        arguments = {**arguments, "time": None, "horizon": arguments["time"]}
    if outputs is None:
        return output_names(_OWNER, None, model.spec, arguments, quick=True)
    if isinstance(outputs, (list, tuple)) and not outputs:
        return []
    for name in list_of_names(_OWNER, outputs):
        if name in model.spec.series("time"):
            raise InvalidValueError(
                _OWNER,
                "outputs",
                name,
                f"those that do not run over time (bands={name!r} gives its quantiles at each time)",
            )
    return output_names(_OWNER, outputs, model.spec, arguments)


def _levels(quantiles: Any) -> tuple[float, ...]:
    levels = as_floats(_OWNER, "quantiles", quantiles)
    if levels.ndim != 1 or len(set(levels.tolist())) < levels.size:
        raise ShapeError("quantiles must be distinct numbers along one axis (ensemble.quantiles)")
    if not np.all((levels >= 0) & (levels <= 1)):
        bad = float(levels[~((levels >= 0) & (levels <= 1))][0])
        raise InvalidValueError(_OWNER, "quantiles", bad, "probabilities from 0 to 1")
    return tuple(levels.tolist())


def _run(
    job: Job, backend: Backend, dataset: Dataset | None, advance: Callable[[int], None], *, exact: bool, keep: bool
) -> Ensemble:
    """Pass over the draws until all quantiles are known or Ctrl-C is pressed; return the ensemble."""
    totals = Totals(job, sample(job, min(_SAMPLE, job.draws), _CHUNK))
    rows: list[pl.DataFrame] = []
    try:
        for piece in _pieces(job, backend, dataset, totals):
            with _held():
                totals.add(piece)
                if keep and piece.rows is not None:
                    rows.append(piece.rows)
            if dataset is not None and piece.rows is not None:
                dataset.extend(piece.rows)
            advance(piece.count)
        while exact and not totals.end_pass():
            for piece in _pieces(job, backend, dataset, totals):
                with _held():
                    totals.add(piece)
                advance(piece.count)
    except KeyboardInterrupt:
        if not totals.done:
            raise
    return totals.result(
        rows=pl.concat(rows) if keep else None, directory=None if dataset is None else dataset.directory
    )


def _pieces(job: Job, backend: Backend, dataset: Dataset | None, totals: Totals) -> Iterator[Piece]:
    """Yield the pieces of a pass in order; without bands, those whose rows are on disk are not simulated again."""
    size = _CHUNK if job.bands is None else _COUNTED
    spans = ((start, min(size, job.draws - start)) for start in range(0, job.draws, size))
    start = 0

    def on_disk(span: tuple[int, int]) -> bool:
        return dataset is not None and job.bands is None and dataset.holds(span[0])

    for there, group in groupby(spans, on_disk):
        pieces: Iterator[Piece]
        if dataset is not None and there:
            pieces = (reduced(job, first, dataset.rows(first, count), totals.brackets) for first, count in group)
        else:
            arguments = ((first, count, totals.brackets) for first, count in group)
            pieces = in_order(backend.map(partial(work, job), arguments), start)
        for piece in pieces:
            start += piece.count
            yield piece


@contextmanager
def _held() -> Iterator[None]:
    """Delay Ctrl-C until the block ends."""
    held: list[Any] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    signal.signal(signal.SIGINT, lambda *given: held.append(given))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        before(*held[0])
