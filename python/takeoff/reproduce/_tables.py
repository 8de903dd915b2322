"""Tables 1 to 4 of the paper: two from the datasets, two computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from takeoff import datasets, scenarios

if TYPE_CHECKING:
    from takeoff.models import ToyTrajectory

__all__ = ["Table", "tables"]

_RANGE = ("doubling_time", "doubling_time_low", "doubling_time_high")
_SCENARIOS = ("toy-fizzle", "toy-explosion", "toy-exponential")


@dataclass(frozen=True)
class Table:
    """A table with its caption and the code that reproduces it.

    Attributes
    ----------
    caption : str
        Caption of the table.
    frame : polars.DataFrame
        The table.
    code : str
        Python code that reproduces the table.
    shown : tuple of str
        Columns that the report shows; all if empty.
    transcribed : bool
        Whether the table is data of the paper, not a computation.
    """

    caption: str
    frame: pl.DataFrame
    code: str
    shown: tuple[str, ...] = ()
    transcribed: bool = False


def tables() -> dict[int, Table]:
    """Return Tables 1 to 4 of the paper: 1 and 4 are transcribed data, 2 and 3 are computed.

    Returns
    -------
    dict of int to Table
        Tables by number.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.reproduce.tables()[3].frame["r"].round(2).to_list()
    [0.63, 1.71, 1.0]
    """
    code = "takeoff.reproduce.tables()[{}].frame"
    return {
        1: Table(
            "Efficiency doubling times of AI systems in several domains",
            datasets.load("efficiency_doubling_times"),
            "takeoff.datasets.load('efficiency_doubling_times')",
            ("domain", "system", "efficiency", *_RANGE, "unit", "original_study"),
            transcribed=True,
        ),
        2: Table("What tells a fizzle from an explosion in the toy model", _table_2(), code.format(2)),
        3: Table("Returns to software R&D in the toy model", _table_3(), code.format(3)),
        4: Table(
            "Estimates of the returns r in domains related to AI",
            datasets.load("returns_estimates"),
            "takeoff.datasets.load('returns_estimates')",
            ("domain", "r", "r_low", "r_high", "interval", "input_proxy", "original_study"),
            transcribed=True,
        ),
    }


def _runs() -> list[ToyTrajectory]:
    """Run the scenarios of Tables 2 and 3."""
    return [scenarios.load(name).run() for name in _SCENARIOS]


def _table_2() -> pl.DataFrame:
    """Compute Table 2: papers and regime of each scenario."""
    return pl.DataFrame(
        {
            "scenario": [1, 2, 3],
            "regime": [run.regime for run in _runs()],
            "papers_first_doubling": [run.papers[0] for run in _runs()],
            "papers_second_doubling": [run.papers[1] for run in _runs()],
            "papers_factor": [run.papers[1] / run.papers[0] for run in _runs()],
        }
    )


def _table_3() -> pl.DataFrame:
    """Compute Table 3: returns and regime of each scenario."""
    return pl.DataFrame(
        {
            "scenario": [1, 2, 3],
            "regime": [run.regime for run in _runs()],
            "papers_factor": [run.model.papers_factor for run in _runs()],
            "papers_doublings_per_doubling": [1 / run.model.r for run in _runs()],
            "r": [run.model.r for run in _runs()],
        }
    )
