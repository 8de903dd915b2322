"""Reading of the data files: one TOML file per dataset, read on first use."""

from __future__ import annotations

import textwrap
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Final

import polars as pl

from takeoff._arrays import as_choice
from takeoff.units import DAY, MONTH, YEAR

__all__ = ["load", "names", "source"]

# Format of a data file: a title, notes, [columns] with "type: meaning" in the order of the frame, and [[rows]].
# `in_years` lists columns in the unit of time of their row; the frame also has each of them in years.
_TYPES: Final = {"float": pl.Float64(), "integer": pl.Int64(), "text": pl.String()}
_TIMES: Final = {"days": DAY, "months": MONTH, "years": YEAR}
_SOURCES: Final = "_sources"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the datasets, sorted.

    Returns
    -------
    tuple of str
        Names for :func:`load` and :func:`source`.

    Examples
    --------
    >>> from takeoff import datasets
    >>> datasets.names()[:3]
    ('conference_attendance', 'domain_authors', 'efficiency_doubling_times')
    """
    files = (entry.name for entry in resources.files("takeoff.datasets").iterdir())
    return tuple(sorted(file[:-5] for file in files if file.endswith(".toml") and not file.startswith("_")))


def load(name: str) -> pl.DataFrame:
    """Read a dataset.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    polars.DataFrame
        One row per number, with its unit and provenance. The frame is a copy: changes do not affect later calls.

    Raises
    ------
    UnknownNameError
        An unknown dataset.

    Examples
    --------
    Doubling times of large language models in Table 1, and the 95% interval, in months as printed and in years:

    >>> import polars as pl
    >>> from takeoff import datasets
    >>> table = datasets.load("efficiency_doubling_times").filter(pl.col("domain") == "large language models")
    >>> table.select("efficiency", "doubling_time", "doubling_time_low", "doubling_time_high", "unit").rows()
    [('training', 8.0, 5.0, 14.0, 'months'), ('runtime cost', 3.6, None, None, 'months')]
    >>> table["doubling_time_years"].round(3).to_list()
    [0.667, 0.3]
    """
    content = _content(name)
    rows = content["rows"]
    types = {column: _TYPES[text.split(": ", 1)[0]] for column, text in content["columns"].items()}
    frame = pl.DataFrame({column: [row.get(column) for row in rows] for column in types}, schema=types)
    timed = content.get("in_years", [])
    if not timed:
        return frame
    year = pl.col("unit").replace_strict(_TIMES, return_dtype=pl.Float64)
    order = [new for column in types for new in ([f"{column}_years", column] if column in timed else [column])]
    return frame.with_columns((pl.col(column) * year).alias(f"{column}_years") for column in timed).select(order)


def source(name: str) -> str:
    """Describe the source of a dataset: citation, original studies, notes and the meaning of its columns.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    str
        Text of several lines, to be printed.

    Raises
    ------
    UnknownNameError
        An unknown dataset.

    Examples
    --------
    >>> from takeoff import datasets
    >>> print(datasets.source("hardware_returns").split("Notes")[0].rstrip())
    Returns to hardware R&D (page 32 and footnote 37)
    <BLANKLINE>
    Publication
      Eth, D. & Davidson, T. (2025). "Will AI R&D Automation Cause a Software Intelligence Explosion?" Forethought,
        March 2025.
    <BLANKLINE>
    Original studies, as cited there
      Davidson, T. (2023). "What a Compute-Centric Framework Says About Takeoff Speeds." Open Philanthropy.
        https://www.openphilanthropy.org/research/what-a-compute-centric-framework-says-about-takeoff-speeds/
    """
    content = _content(name)
    citations = _read(_SOURCES)
    rows = content["rows"]
    publications = dict.fromkeys(row["publication"] for row in rows)
    studies = dict.fromkeys(key for row in rows for key in row.get("original_study", "").split("; ") if key)
    sections = {
        "Publication": [citations[key] for key in publications],
        "Original studies, as cited there": [citations[key] for key in sorted(studies)],
        "Notes": [" ".join(content["notes"].split()), _LINKED],
        "Columns": _meanings(content),
    }
    blocks = [content["title"]]
    blocks += ["\n".join([heading, *map(_wrapped, entries)]) for heading, entries in sections.items()]
    return "\n\n".join(blocks)


_LINKED: Final = (
    "Where the paper only links a study, original_study is the entry of its reference list that fits the link's text; "
    "null means a figure of the authors' own, or a link without a clear entry."
)


def _meanings(content: dict[str, Any]) -> list[str]:
    """Return one line per column of the frame: name, type and meaning."""
    timed = content.get("in_years", [])
    lines = []
    for column, text in content["columns"].items():
        kind, meaning = text.split(": ", 1)
        if column in timed:
            lines.append(f"{column}_years ({kind}): {column} in years")
        lines.append(f"{column} ({kind}): {meaning}")
    return lines


def _wrapped(entry: str) -> str:
    """Wrap and indent an entry of a section."""
    return textwrap.fill(
        entry, 112, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _content(name: str) -> dict[str, Any]:
    """Return the content of the file of a dataset."""
    return _read(as_choice("dataset", name, names()))


@cache
def _read(stem: str) -> dict[str, Any]:
    """Read a data file by its stem."""
    return tomllib.loads(resources.files("takeoff.datasets").joinpath(f"{stem}.toml").read_text(encoding="utf-8"))
