"""Report: one HTML file with the numbers, tables and figures, and the code that reproduces each."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import jinja2

from takeoff import __version__, scenarios
from takeoff.citations import PUBLICATIONS
from takeoff.reproduce._numbers import computed_text, interval_text, verdict
from takeoff.reproduce._pictures import PICTURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from takeoff.reproduce._tables import Table

__all__ = ["report"]


def report(checked: pl.DataFrame, printed: Mapping[int, Table], drawings: Mapping[str, bytes]) -> str:
    """Render the report as one self-contained HTML page."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters |= {"number": _number, "computed_text": computed_text, "interval_text": interval_text}
    template = environment.from_string(
        resources.files("takeoff.reproduce").joinpath("report.html.j2").read_text(encoding="utf-8")
    )
    return template.render(
        version=__version__,
        source=" ".join(PUBLICATIONS[key] for key in ("eth-davidson-2025", "davidson-houlden-2025")),
        checked=checked.to_dicts(),
        verdict=verdict(checked),
        tables=[
            {
                "number": number,
                "caption": table.caption,
                "transcribed": table.transcribed,
                "code": table.code,
                "columns": table.shown or table.frame.columns,
                "rows": table.frame.select(table.shown or table.frame.columns).rows(),
            }
            for number, table in printed.items()
        ],
        pictures=[
            {
                "title": picture.title,
                "caption": picture.caption,
                "svg": _inline(drawings[picture.name]),
                "code": picture.code,
                "scenarios": [(name, scenarios.load(name).text) for name in picture.scenarios],
            }
            for picture in PICTURES
        ],
    )


def _inline(svg: bytes) -> str:
    """Return an SVG file as an element of HTML: without XML declaration and document type."""
    text = svg.decode()
    return text[text.index("<svg") :]


def _number(value: object) -> str:
    """Format a value of a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
