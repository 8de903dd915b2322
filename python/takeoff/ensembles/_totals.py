"""Totals of an ensemble: sums of what its pieces come to, in any order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import policy
from takeoff.ensembles._histograms import frames
from takeoff.ensembles._piece import Brackets
from takeoff.ensembles._result import Ensemble, percent

if TYPE_CHECKING:
    from pathlib import Path

    from takeoff._arrays import Floats
    from takeoff.ensembles._job import Job
    from takeoff.ensembles._piece import Piece, Sample

__all__ = ["Totals"]


class Totals:
    """Sums of pieces: integers, and the few values that quantiles depend on.

    Parameters
    ----------
    job : Job
        The ensemble.
    sample : Sample
        Its first draws.

    Attributes
    ----------
    done : int
        Draws that the first pass has taken in.
    """

    def __init__(self, job: Job, sample: Sample) -> None:
        self.done = 0
        self._job = job
        self._columns = sample.columns
        self._passes = 0
        self._known = False
        self._events: Counter[str] = Counter(dict.fromkeys(job.events, 0))
        self._histograms: dict[str, Any] = dict.fromkeys(job.histograms, 0)
        self._infinite: Any = 0
        self._summary = _search(job, sample.summary)
        self._bands = None if sample.bands is None else _search(job, sample.bands)
        self._bounds: list[list[tuple[float, float]]] = []

    @property
    def brackets(self) -> Brackets:
        """What further pieces of the pass are to count; those that counted by earlier brackets of it fit too."""
        bands = None if self._bands is None else self._bands.brackets()
        return Brackets(self._summary.brackets(), bands, quantiles_alone=self._passes > 0)

    def add(self, piece: Piece) -> None:
        """Add a piece of the pass."""
        self._summary.take(piece.summary, policy())
        if self._bands is not None and piece.bands is not None:
            self._bands.take(piece.bands, policy())
        if self._passes:
            return
        self.done += piece.count
        self._events.update(piece.events)
        for name, counts in piece.histograms.items():
            self._histograms[name] = self._histograms[name] + counts
        if piece.infinite is not None:
            self._infinite = self._infinite + piece.infinite

    def end_pass(self) -> bool:
        """End a pass over all draws; return whether all quantiles are known, so that no other is needed."""
        self._bounds = self._bounds or self._bounds_now()
        ended = [search.end_pass(policy()) for search in self._searches]  # of each, known or not
        self._passes += 1
        self._known = all(ended)
        return self._known

    def result(self, *, rows: pl.DataFrame | None = None, directory: Path | None = None) -> Ensemble:
        """Return the ensemble of the draws that are done, with the middle of their bounds for quantiles not known yet.

        Parameters
        ----------
        rows : polars.DataFrame, optional
            One row per draw.
        directory : pathlib.Path, optional
            Where such rows were written.

        Returns
        -------
        Ensemble
            Bands, probabilities, a summary and rows.
        """
        job = self._job
        error = 0.0
        if self._known:
            quantiles = [search.quantiles() for search in self._searches]
        else:
            middles = [_middle(bounds) for bounds in self._bounds or self._bounds_now()]
            quantiles, errors = [middle for middle, _ in middles], [error for _, error in middles]
            error = max(errors)
        names = [percent(level) for level in job.levels]
        summary, *bands = (dict(zip(names, values.reshape(-1, len(names)).T, strict=True)) for values in quantiles)
        return Ensemble(
            model=job.model,
            inputs=dict(job.inputs.variables),
            draws=self.done,
            requested=job.draws,
            seed=job.seed,
            horizon=job.end,
            series=None if job.bands is None else job.bands.series,
            bands=None if job.bands is None else self._banded(job.bands.time, bands[0]),
            summary=pl.DataFrame({"column": self._columns, **summary}),
            counts={name: self._events[name] for name in [*job.events, *sorted(set(self._events) - set(job.events))]},
            histograms=frames(job.histograms, self._histograms),
            rows=rows,
            directory=directory,
            quantile_error=error,
        )

    @property
    def _searches(self) -> list[_core.QuantileSearch]:
        return [self._summary] if self._bands is None else [self._summary, self._bands]

    def _bounds_now(self) -> list[list[tuple[float, float]]]:
        """Bounds of the quantiles of the draws that the pass has taken in."""
        return [search.bounds(policy()) for search in self._searches]

    def _banded(self, time: Floats, quantiles: dict[str, Floats]) -> pl.DataFrame:
        shares = np.asarray(self._infinite, float) / self.done
        return pl.DataFrame({"time_years": time, **quantiles, "singular_share": shares})


def _search(job: Job, values: Floats) -> _core.QuantileSearch:
    """Begin the search for the quantiles of columns by a sample of their first rows."""
    flat = np.ascontiguousarray(values).reshape(-1)
    return _core.QuantileSearch(flat, values.shape[1], job.draws, list(job.levels), policy())


def _middle(bounds: list[tuple[float, float]]) -> tuple[Floats, float]:
    """Return values between bounds, and the greatest relative error that they may have."""
    low, high = np.array(bounds).T
    with np.errstate(invalid="ignore"):
        middle = np.where(low == high, low, np.where(np.isfinite(low + high), 0.5 * (low + high), low))
        apart = np.where(low == high, 0.0, (high - low) / (2 * np.abs(middle)))
    return middle, float(np.nanmax(apart, initial=0.0))
