"""Reproduction of the source paper: its tables, numbers and figures.

Source: Eth & Davidson (2025), "Will AI R&D Automation Cause a Software Intelligence Explosion?"
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from takeoff._draw import image
from takeoff._files import check_writable, write_files
from takeoff.errors import MissingExtraError
from takeoff.reproduce._numbers import numbers
from takeoff.reproduce._tables import tables

if TYPE_CHECKING:
    import polars as pl

__all__ = ["numbers", "reproduce", "tables"]


def reproduce(out: str | Path = "reproduction") -> pl.DataFrame:
    """Reproduce the results of the paper and write them into a folder.

    Writes ``numbers.csv`` (printed and computed numbers, and whether they agree), ``table-1.csv`` to ``table-4.csv``,
    ``figure-04``, ``figure-06`` to ``figure-10``, ``figure-12`` and the figures added here as SVG and PNG, and
    ``report.html`` with all results and the code that produces them. Files are written once everything is computed,
    each completely or not at all.

    Parameters
    ----------
    out : str or Path, default "reproduction"
        The folder.

    Returns
    -------
    polars.DataFrame
        The table of numbers; see :func:`numbers`.

    Raises
    ------
    OutputError
        A folder that cannot be written to.
    MissingExtraError
        Without the extra ``plot``.

    Examples
    --------
    >>> import tempfile, takeoff
    >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
    ...     takeoff.reproduce.reproduce(folder)["holds"].all()
    True
    """
    try:
        from takeoff.reproduce import _pictures, _report
    except ImportError as error:
        raise MissingExtraError("the reproduction", "plot") from error

    folder = Path(out)
    check_writable(folder)
    checked = numbers()
    files = {"numbers.csv": _csv(checked)}
    printed = tables()
    for number, table in printed.items():
        files[f"table-{number}.csv"] = _csv(table.frame)
    drawings = {}
    for picture in _pictures.PICTURES:
        figure = picture.draw()
        drawings[picture.name] = svg = image(figure, "svg")
        files[f"{picture.name}.svg"] = svg
        files[f"{picture.name}.png"] = image(figure, "png")
    files["report.html"] = _report.report(checked, printed, drawings).encode()
    write_files(folder, files)
    return checked


def _csv(frame: pl.DataFrame) -> bytes:
    """Write a frame as CSV."""
    return frame.write_csv().encode()
