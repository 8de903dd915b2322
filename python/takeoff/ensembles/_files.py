"""An ensemble's tables, summary and figures as files next to its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from takeoff._draw import draw, image
from takeoff.distributions import Derived
from takeoff.errors import InvalidValueError, MissingExtraError

if TYPE_CHECKING:
    from takeoff.ensembles._result import Ensemble

__all__ = ["files"]

_RANKED: Final = 100_000
"""Draws of which ranks are taken: their error is 0.003, and they are in memory at once."""


def files(run: Ensemble) -> dict[str, bytes]:
    """Contents by name: tables, a summary in words, and figures where they can be drawn."""
    made = {"summary.txt": f"{run!r}\n".encode(), "quantiles.csv": run.summary.write_csv().encode()}
    if run.probabilities.height:
        made["probabilities.csv"] = run.probabilities.write_csv().encode()
    banded = run.bands is not None and run.bands.height > 0
    if run.bands is not None and banded:
        made["bands.csv"] = run.bands.write_csv().encode()
    few = _first_rows(run)
    correlations = _drivers(few)
    if correlations:
        made["drivers.csv"] = pl.concat(correlations.values()).write_csv().encode()
    try:
        if banded:
            made["bands.svg"] = image(draw("fan", run), "svg")
        free = [name for name, value in run.inputs.items() if not isinstance(value, Derived)]
        for name in run.model.spec.main:
            if name in correlations and correlations[name].filter(pl.col("input").is_in(free)).height > 1:
                made["drivers.svg"] = image(draw("drivers", few, name), "svg")
                break
        for name, mark in _marks(run, correlations).items():
            made[f"{name.rpartition('.')[2]}.svg"] = image(draw("density", few, name, mark=mark), "svg")
    except (ImportError, MissingExtraError):  # matplotlib is an extra; the tables are not
        pass
    return made


def _marks(run: Ensemble, ranked: dict[str, pl.DataFrame]) -> dict[str, float]:
    """Return the inputs that differ between draws and are divided in two by a value, with that value."""
    differing = {name for table in ranked.values() for name in table["input"]}
    fields = {name: run.model.spec.group.field_at(name) for name in run.inputs if name in differing}
    return {name: field.mark for name, field in fields.items() if field is not None and field.mark is not None}


def _first_rows(run: Ensemble) -> Ensemble:
    """The same of its first rows, of which there are none where it was stopped before any was written."""
    there = run.rows is not None or (run.directory is not None and any(run.directory.glob("part-*.parquet")))
    rows = run.scan().head(_RANKED).collect() if there else pl.DataFrame()
    return replace(run, rows=rows, draws=rows.height)


def _drivers(run: Ensemble) -> dict[str, Any]:
    """Rank correlations of the inputs with each output that differs between draws."""
    correlations = {}
    for name, kind in run.scan().collect_schema().items():
        if name not in ("draw", *run.inputs) and (kind.is_numeric() or kind == pl.Boolean):
            try:
                correlations[name] = run.rank_correlations(name).select(pl.lit(name).alias("output"), pl.all())
            except InvalidValueError:  # the same for all draws
                continue
    return correlations
