"""The command line: ``takeoff reproduce``, ``takeoff scenarios``, ``takeoff run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.table import Table
from rich.text import Text

import takeoff
from takeoff.errors import InvalidValueError, TakeoffError

if TYPE_CHECKING:
    import polars as pl

    from takeoff.trajectory import ToyTrajectory, Trajectory

__all__ = ["main"]

_FRAMES = {".parquet", ".csv"}
_IMAGES = {".svg", ".png", ".pdf"}
_MOST_ROWS = 25


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(takeoff.__version__, prog_name="takeoff")
def cli() -> None:
    """Simulate what happens to AI progress once AI does the AI research."""


@cli.command()
@click.option(
    "--out", default="reproduction", show_default=True, type=click.Path(path_type=Path), help="Folder to write into."
)
def reproduce(out: Path) -> None:
    """Compute the source paper's tables, numbers and figures again.

    Exit status 1 if a number does not hold.
    """
    from takeoff.reproduce import reproduce as make

    checked = make(out)
    table = Table(title="Eth & Davidson (2025): the paper's numbers, computed again", title_justify="left")
    for name, options in (
        ("quantity", {"overflow": "fold"}),
        ("paper says", {"justify": "right"}),
        ("computed", {"justify": "right"}),
        ("difference", {"justify": "right"}),
        ("unit", {}),
        ("holds", {}),
    ):
        table.add_column(name, **options)  # type: ignore[arg-type]
    for row in checked.iter_rows(named=True):
        quantity = Text.assemble(row["quantity"], (f"\n{row['note']}" if row["note"] else "", "dim"))
        difference = row["difference"]
        table.add_row(
            quantity,
            row["paper_says"],
            f"{row['computed']:.4g}",
            f"{difference:+.2g}" if abs(difference) > 1e-12 else "0",
            row["unit"],
            Text("holds", "green") if row["holds"] else Text("DOES NOT HOLD", "bold red"),
        )
    console = _console()
    console.print(table)
    held = int(checked["holds"].sum())
    console.print(Text(f"{held} of {checked.height} numbers hold. Report: {out / 'report.html'}"), soft_wrap=True)
    if held < checked.height:
        sys.exit(1)


@cli.command()
def scenarios() -> None:
    """List the scenarios that come with the package."""
    table = Table("name", "model", "what it shows", "source")
    for name in takeoff.scenarios.names():
        scenario = takeoff.scenarios.load(name)
        table.add_row(*map(Text, (name, scenario.model.name, scenario.title, scenario.source)))
    _console().print(table)


@cli.command()
@click.argument("scenario")
@click.option(
    "--out",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File to write: .parquet or .csv for the frame, .svg, .png or .pdf for a figure. May be repeated.",
)
@click.option("--threads", type=int, help="Threads to use (default: all cores); the result is the same for any number.")
def run(scenario: str, out: tuple[Path, ...], threads: int | None) -> None:
    """Simulate SCENARIO: the name of a shipped one or a TOML file."""
    from takeoff._files import check_writable, write_files

    for path in out:
        if path.suffix not in _FRAMES | _IMAGES:
            allowed = ", ".join(sorted(_FRAMES | _IMAGES))
            raise InvalidValueError("run", "--out", str(path), f"a file that ends in one of {allowed}")
    loaded = takeoff.scenarios.load(scenario)
    for path in out:
        check_writable(path.parent)
    result = loaded.run(threads=threads)
    console = _console()
    console.print(Text.assemble((loaded.title, "bold"), f"\n{loaded.source}\n"))
    console.print(Text(repr(result)), soft_wrap=True)
    console.print(_frame_table(result))
    contents = [_content(result, path.suffix) for path in out]
    for path, content in zip(out, contents, strict=True):
        write_files(path.parent, {path.name: content})
        console.print(Text(f"wrote {path}"), soft_wrap=True)


def _content(result: Trajectory | ToyTrajectory, suffix: str) -> bytes:
    import io

    if suffix in _IMAGES:
        from takeoff.reproduce import image

        return image(result.plot(), suffix[1:])
    buffer = io.BytesIO()
    if suffix == ".csv":
        result.frame.write_csv(buffer)
    else:
        result.frame.write_parquet(buffer)
    return buffer.getvalue()


def _frame_table(result: Trajectory | ToyTrajectory) -> Table:
    """A frame of the result that fits a screen: the summary of many paths, or about two dozen rows of one."""
    frame: pl.DataFrame = result.frame
    if isinstance(result, takeoff.Trajectory) and result.model.shape:
        frame = result.summary
    elif frame.height > _MOST_ROWS:
        frame = frame.gather_every(-(-frame.height // _MOST_ROWS))
    shown = frame.head(_MOST_ROWS)
    table = Table(*(name.replace("_", " ") for name in shown.columns))
    for row in shown.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    if frame.height > shown.height:
        table.caption = f"{shown.height} of {frame.height:,} rows"
    return table


def _cell(value: Any) -> Text:
    return Text(f"{value:.5g}" if isinstance(value, float) else str(value))


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=120)


def main() -> None:
    """Run the command line; an error of takeoff is a sentence and exit status 2."""
    try:
        cli.main(standalone_mode=True)
    except TakeoffError as error:
        Console(stderr=True).print(Text.assemble(("error: ", "bold red"), str(error)), soft_wrap=True)
        sys.exit(2)
