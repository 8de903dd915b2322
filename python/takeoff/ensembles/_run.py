"""Running an ensemble: draws in pieces, each simulated, reduced and let go."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._answers import ask, list_of_names, output_names, row_answers
from takeoff._arrays import (
    FloatLike,
    Floats,
    as_choice,
    as_count,
    as_floats,
    as_number,
    as_switch,
    check_memory,
    policy,
    using_threads,
)
from takeoff._core import __version__
from takeoff._grid import time_grid
from takeoff.distributions import Distribution
from takeoff.distributions._sampling import Sampler
from takeoff.ensembles._dataset import Dataset
from takeoff.ensembles._histograms import Histograms
from takeoff.ensembles._inputs import Inputs
from takeoff.ensembles._progress import progress as progress_bar
from takeoff.ensembles._result import Ensemble, percent
from takeoff.errors import DtypeError, InvalidValueError, ShapeError
from takeoff.models._base import with_values
from takeoff.simulation import check_model, default_horizon

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ensemble"]

_OWNER: Final = "ensemble"
_CHUNK: int = 8192
"""Draws that are simulated at once; changes no result."""
_COUNTED: int = 1 << 16
"""The same where doublings are counted as they are made, and not kept."""
_PART: Final = 1 << 17
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

    Draws are made, simulated and reduced in pieces: memory does not grow with their number, unless `rows` are asked
    for. Draw i of an input depends on the seed, i and the input's name alone, so that models with inputs of the same
    names see the same draws (common random numbers). All numbers are the same for any number of threads.

    Parameters
    ----------
    model : model
        A model of one path with a distribution or a formula (:class:`takeoff.Derived`) in place of numbers of its own
        or of its parts.
    draws : int, default 1_000_000
        Number of draws, at most 2^32 - 1.
    seed : int, default 0
        From 0 to 2^64 - 1.
    horizon : float, optional
        Time at which simulations stop, years (default for the recursion of Davidson & Houlden: 4 years).
    time : array of shape (points,), optional
        Ascending times for bands of the doublings, years, the last of which is the horizon; in place of `horizon`.
    points : int, default 121
        Number of equally spaced times for bands up to the horizon (growth law, human reaction); 0 for no bands.
    inputs : mapping, optional
        Further inputs by name: names in formulas; or fields of the model, as ``"r"`` or ``"effort.rho"``, in place of
        what the model says.
    correlations : mapping, optional
        Rank correlations between inputs, see :func:`takeoff.draw`.
    method : {"philox", "sobol", "latin_hypercube"}, default "philox"
        How draws are made, see :func:`takeoff.draw`. The errors stated for probabilities hold for "philox".
    outputs : str or sequence of str, optional
        What is asked of each draw, see :func:`takeoff.simulate_frame` (default: all that takes little time).
    doublings : float or array of shape (counts,), optional
        Doublings for the output ``"time_at"``, which gives a column ``time_at_<doublings>`` for each.
    multiple : float, optional
        Pace over that at the start for the output ``"threshold_time"``.
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
    given = {"horizon": horizon, "time": time, "doublings": doublings, "multiple": multiple}
    count = as_count(_OWNER, "draws", draws, 1, 2**63 - 1 if rows else _MOST)  # rows run out of memory before
    drawn = Inputs(model, inputs, truncate=outside == "truncate")
    asked = _asked(model, given, outputs)
    grid = _grid(model, horizon, time, points)
    run = _Run(
        model=model,
        inputs=drawn,
        sampler=Sampler(drawn.variables, seed, correlations, method),
        given=given,
        grid=grid,
        asked=asked,
        events=_checked_events(events),
        histograms=Histograms(histograms),
        levels=_levels(quantiles),
        draws=count,
        keep=rows,
        correlations=correlations,
    )
    if rows:
        check_memory(f"rows of {count:,} draws", count * run.width, "write them with to_parquet=, or ask for fewer")
    drawn.refuse_what_is_outside(count)
    if to_parquet is not None:
        run.dataset = Dataset(to_parquet, run.manifest)
    with using_threads(threads), progress_bar(progress, count) as advance:
        return run.result(advance, exact=exact)


def _grid(model: Any, horizon: float | None, time: FloatLike | None, points: int) -> Floats | None:
    """Times of the bands, if any."""
    if time is None and (horizon is None or not points or not model.spec.series("time")):
        return None
    return time_grid(type(model).__name__, model.spec.grid, horizon, None if time is not None else points, time)


def _asked(model: Any, given: Mapping[str, Any], outputs: Any) -> list[str]:
    """Names of the outputs per draw; bands are apart from them."""
    if outputs is None:
        return output_names(_OWNER, None, model.spec, given, quick=True)
    if isinstance(outputs, (list, tuple)) and not outputs:
        return []
    if "doublings_at" in list_of_names(_OWNER, outputs):
        raise InvalidValueError(_OWNER, "outputs", "doublings_at", "without it: time= gives bands of the doublings")
    bands = {} if given["time"] is None else {"time": None, "horizon": given["time"]}
    return output_names(_OWNER, outputs, model.spec, {**given, **bands})


def _checked_events(events: Any) -> dict[str, pl.Expr]:
    if events is not None and not hasattr(events, "items"):
        raise DtypeError(_OWNER, "events", type(events).__name__, "a mapping of names to polars expressions")
    for name, event in (events or {}).items():
        if not isinstance(name, str) or not isinstance(event, pl.Expr):
            raise DtypeError(_OWNER, "events", f"{name!r}: {type(event).__name__}", "names with polars expressions")
    return dict(events or {})


def _levels(quantiles: Any) -> list[float]:
    levels = as_floats(_OWNER, "quantiles", quantiles)
    if levels.ndim != 1 or len(set(levels.tolist())) < levels.size:
        raise ShapeError("quantiles must be different numbers along one axis (ensemble.quantiles)")
    if not np.all((levels >= 0) & (levels <= 1)):
        bad = float(levels[~((levels >= 0) & (levels <= 1))][0])
        raise InvalidValueError(_OWNER, "quantiles", bad, "probabilities from 0 to 1")
    return [float(level) for level in levels]


class _Run:
    """An ensemble under way."""

    dataset: Dataset | None = None
    _read: tuple[int, pl.DataFrame] | None = None

    def __init__(self, **given: Any) -> None:
        self.model: Any = given["model"]
        self.inputs: Inputs = given["inputs"]
        self.sampler: Sampler = given["sampler"]
        self.given: dict[str, Any] = given["given"]
        self.grid: Floats | None = given["grid"]
        self.asked: list[str] = given["asked"]
        self.events: dict[str, pl.Expr] = given["events"]
        self.histograms: Histograms = given["histograms"]
        self.levels: list[float] = given["levels"]
        self.draws: int = given["draws"]
        self.keep: bool = given["keep"]
        self.correlations = given["correlations"]
        # The doublings of a growth law are counted as the engine makes them; those of other models are handed over.
        self.counted = self.grid is not None
        self.done = 0
        self.counts: Counter[str] = Counter(dict.fromkeys(self.events, 0))
        self.singular: Any = 0
        self.rows: list[pl.DataFrame] = []
        self.searches: dict[str, Any] = {}
        self.columns: list[str] = []

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return (
            1
            + len(self.inputs.variables)
            + len(self.asked)
            + (0 if self.given["doublings"] is None else np.size(self.given["doublings"]))
        )

    @property
    def manifest(self) -> dict[str, Any]:
        """What the rows on disk are of."""
        variables = {
            name: value.to_dict() if isinstance(value, Distribution) else getattr(value, "formula", value)
            for name, value in self.inputs.variables.items()
        }
        arguments = {name: None if v is None else np.asarray(v, float).tolist() for name, v in self.given.items()}
        pairs = {" ".join(pair): value for pair, value in (self.correlations or {}).items()}
        return {
            "takeoff": __version__,
            "model": repr(self.model),
            "inputs": variables,
            "correlations": pairs,
            "method": self.sampler.method,
            "seed": self.sampler.seed,
            "draws": self.draws,
            **arguments,
            "outputs": self.asked,
            "rows_per_part": _PART,
        }

    @cached_property
    def _whole_draw(self) -> dict[str, Floats]:
        """All draws, where they cannot be made in pieces."""
        return self.sampler.columns(0, self.draws)

    def _drawn(self, start: int, count: int) -> dict[str, Floats]:
        if self.sampler.method == "philox":
            return self.sampler.columns(start, count)
        return {name: column[start : start + count] for name, column in self._whole_draw.items()}

    def _chunk(self, start: int, count: int, *, keep: bool = False) -> tuple[dict[str, Any], Any]:
        """Columns of some draws, and their doublings over time, or the laws that the engine counts them of."""
        if self.grid is None and (there := self._on_disk(start, count)) is not None:
            return there, None
        columns: dict[str, Any] = self._drawn(start, count)
        self.inputs.check(columns)
        found = {"draw": np.arange(start, start + count, dtype=np.int64), **columns}
        paths = with_values(self.model, {name: columns[name] for name in self.inputs.fields})
        horizon = self.given["horizon"] if self.grid is None else float(self.grid[-1])
        answers = row_answers(
            paths, self.asked, horizon=horizon, doublings=self.given["doublings"], multiple=self.given["multiple"]
        )
        for name, column in answers.items():
            if name == "time_at":
                at = np.reshape(self.given["doublings"], -1)
                times = np.reshape(column.to_numpy(), (count, -1)).T
                found |= {f"time_at_{x:g}": each for x, each in zip(at, times, strict=True)}
            else:
                found[name] = column
        if self.grid is None or not keep:
            return found, paths
        return found, ask(paths, ["doublings_at"], along={"time": self.grid})["doublings_at"]

    def _on_disk(self, start: int, count: int) -> dict[str, Any] | None:
        """Rows of an earlier run, as far as they are complete."""
        number = start // _PART
        if self.dataset is None or not self.dataset.part(number).exists():
            return None
        if self._read is None or self._read[0] != number:
            self._read = (number, self.dataset.read(number))
        part = self._read[1].slice(start - number * _PART, count)
        return dict(zip(part.columns, part.iter_columns(), strict=True))

    def _numeric(self, columns: dict[str, Any]) -> Floats:
        """Numbers of a row that are summed up in quantiles, row by row."""
        if not self.columns:
            kinds = {name: np.asarray(value).dtype for name, value in columns.items() if name != "draw"}
            self.columns = [name for name, kind in kinds.items() if kind.kind in "fi"]
        return np.ascontiguousarray(np.column_stack([np.asarray(columns[name], float) for name in self.columns]))

    def result(self, advance: Any, *, exact: bool) -> Ensemble:
        """Pass over the draws until all is known."""
        bounds: dict[str, Any] = {}
        try:
            self._first_pass(advance)
            bounds = {name: search.bounds(policy()) for name, search in self.searches.items()}
            known = not exact
            while not known:
                ended = [search.end_pass(policy()) for search in self.searches.values()]  # of each, known or not
                known = all(ended)
                if not known:
                    self._further_pass(advance)
            found = {name: search.quantiles() for name, search in self.searches.items()} if exact else None
        except KeyboardInterrupt:
            if not self.done:
                raise
            found, bounds = None, bounds or {name: search.bounds(policy()) for name, search in self.searches.items()}
        return self._finished(found, bounds)

    def _starts(self, done: int = 0) -> Iterator[tuple[int, int]]:
        size = _COUNTED if self.counted else _CHUNK
        for start in range(done, self.draws, size):
            yield start, min(size, self.draws - start)

    def _begin(self) -> None:
        """Bracket the quantiles by a first sample."""
        sample = [
            self._chunk(start, min(_CHUNK, self.draws - start), keep=True)
            for start in range(0, min(_SAMPLE, self.draws), _CHUNK)
        ]
        matrices = {"summary": np.concatenate([self._numeric(columns) for columns, _ in sample])}
        if self.grid is not None:
            matrices["bands"] = np.concatenate([doublings for _, doublings in sample if doublings is not None])
        self.searches = {
            name: _core.QuantileSearch(
                np.ascontiguousarray(matrix).reshape(-1), matrix.shape[1], self.draws, self.levels, policy()
            )
            for name, matrix in matrices.items()
        }

    def _first_pass(self, advance: Any) -> None:
        self._begin()
        waiting: list[pl.DataFrame] = []
        for start, count in self._starts():
            columns, doublings = self._chunk(start, count)
            frame = pl.DataFrame(columns) if self.asked or self.events or self.keep or self.dataset else None
            counted = Counter() if frame is None else self._counted(frame)
            binned = self.histograms.counted(columns)
            with _held():
                self.histograms.add(binned)
                self.singular = self.singular + self._take(columns, doublings)
                self.counts.update(counted)
                if frame is not None and self.keep:
                    self.rows.append(frame)
                self.done = start + count
            if self.dataset is not None and frame is not None:
                waiting.append(frame)
                waiting = self._written(self.dataset, waiting)
            advance(count)

    def _written(self, dataset: Dataset, waiting: list[pl.DataFrame]) -> list[pl.DataFrame]:
        """Write a part as soon as its rows are there."""
        if self.done % _PART and self.done < self.draws:
            return waiting
        number = (self.done - 1) // _PART
        if not dataset.part(number).exists():
            dataset.write(number, pl.concat(waiting, rechunk=True))
        return []

    def _further_pass(self, advance: Any) -> None:
        for start, count in self._starts():
            columns, doublings = self._chunk(start, count)
            with _held():
                self._take(columns, doublings)
            advance(count)

    def _take(self, columns: dict[str, Any], doublings: Any) -> Any:
        """Have a chunk counted; gives back how many of its draws are singular at each time."""
        self.searches["summary"].add(self._numeric(columns).reshape(-1), policy())
        if self.grid is None:
            return 0
        return self.searches["bands"].add_rows(doublings._plan, ("doublings_at", self.grid), None, policy())

    def _counted(self, frame: pl.DataFrame) -> Counter[str]:
        """How often each event happens."""
        counted: Counter[str] = Counter()
        for name, event in self.events.items():
            try:
                happens = frame.select(event.alias(name)).to_series()
            except pl.exceptions.PolarsError as error:
                raise InvalidValueError(
                    _OWNER,
                    f"events[{name!r}]",
                    str(event),
                    f"an expression of the columns {', '.join(frame.columns)} ({error})",
                ) from None
            if happens.dtype != pl.Boolean or happens.len() != frame.height:
                raise InvalidValueError(
                    _OWNER, f"events[{name!r}]", f"of {happens.dtype}", "true or false for each draw"
                )
            counted[name] = int(happens.sum())
        for column in frame.iter_columns():
            if column.dtype == pl.String:
                for value, count in column.value_counts().iter_rows():
                    counted[f"{column.name}: {value}"] += count
            elif column.dtype == pl.Boolean:
                counted[column.name] += int(column.sum())
        return counted

    def _finished(self, found: dict[str, Floats] | None, bounds: dict[str, Any]) -> Ensemble:
        error = 0.0
        if found is None:
            found = {}
            for name, pairs in bounds.items():
                low, high = np.array(pairs).T
                with np.errstate(invalid="ignore"):
                    middle = np.where(low == high, low, np.where(np.isfinite(low + high), 0.5 * (low + high), low))
                    apart = np.where(low == high, 0.0, (high - low) / (2 * np.abs(middle)))
                found[name] = middle
                error = max(error, float(np.nanmax(apart, initial=0.0)))
        names = [percent(level) for level in self.levels]
        tables = {name: values.reshape(-1, len(names)) for name, values in found.items()}
        bands = None
        if self.grid is not None:
            shares = np.asarray(self.singular, float) / self.done
            bands = pl.DataFrame(
                {"time_years": self.grid, **dict(zip(names, tables["bands"].T, strict=True)), "singular_share": shares}
            )
        return Ensemble(
            model=self.model,
            inputs=dict(self.inputs.variables),
            draws=self.done,
            requested=self.draws,
            seed=self.sampler.seed,
            horizon=float(self.grid[-1]) if self.grid is not None else self.given["horizon"],
            bands=bands,
            summary=pl.DataFrame({"column": self.columns, **dict(zip(names, tables["summary"].T, strict=True))}),
            counts={name: self.counts[name] for name in [*self.events, *sorted(set(self.counts) - set(self.events))]},
            histograms=self.histograms.frames,
            rows=pl.concat(self.rows) if self.keep else None,
            directory=None if self.dataset is None else self.dataset.directory,
            quantile_error=error,
        )


@contextmanager
def _held() -> Iterator[None]:
    """Let a Ctrl-C wait until what belongs together is done."""
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
