"""The command line: ``takeoff run``, ``ensemble``, ``estimate``, ``scenarios``, ``datasets`` and ``reproduce``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import rich_click as click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

import takeoff
from takeoff._arrays import as_count
from takeoff._draw import image
from takeoff.errors import InvalidValueError, TakeoffError, UnknownNameError
from takeoff.evidence._compare import chosen_estimators
from takeoff.evidence._estimators import ESTIMATORS
from takeoff.trajectory import duration

if TYPE_CHECKING:
    from takeoff.evidence import Comparison, ResearchSeries
    from takeoff.models import Model
    from takeoff.trajectory import Trajectory

__all__ = ["main"]

_FRAMES = {".parquet", ".csv"}
_IMAGES = {".svg", ".png", ".pdf"}
_MOST_ROWS = 25
_ASKED = [name for name, spec in ESTIMATORS.items() if not spec.quick]


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
    from takeoff.reproduce._numbers import computed_text, interval_text, verdict

    checked = make(out)
    table = Table(title="Eth & Davidson (2025): the paper's numbers, computed again", title_justify="left", box=SIMPLE)
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
            Text.assemble(row["paper_says"], (f"\n{interval_text(row)}", "dim") if interval_text(row) else ""),
            computed_text(row),
            "" if difference is None else f"{difference:+.2g}" if abs(difference) > 1e-12 else "0",
            row["unit"],
            Text("holds", "green") if row["holds"] else Text("DOES NOT HOLD", "bold red"),
        )
    console = _console()
    console.print(table)
    console.print(Text(f"{verdict(checked)} Report: {out / 'report.html'}"), soft_wrap=True)
    if not checked["holds"].all():
        sys.exit(1)


@cli.command()
@click.argument("name", required=False)
def scenarios(name: str | None) -> None:
    """List the scenarios that come with the package, or print the TOML file of one, as a template for your own."""
    if name is not None:
        if name not in takeoff.scenarios.names():
            raise UnknownNameError("scenario", name, takeoff.scenarios.names())
        click.echo(takeoff.scenarios.load(name).text, nl=False)
        return
    table = Table("name", "model", "what it shows", "source")
    for key in takeoff.scenarios.names():
        scenario = takeoff.scenarios.load(key)
        table.add_row(*map(Text, (key, scenario.model.name, scenario.title, scenario.source)))
    _console().print(table)


@cli.command()
@click.argument("name", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="File to write: .parquet or .csv.")
def datasets(name: str | None, out: Path | None) -> None:
    """List the datasets of the paper's figures, or print one with its sources."""
    from takeoff._files import check_writable, write_files

    console = _console()
    if name is None:
        if out is not None:
            raise InvalidValueError("datasets", "--out", str(out), "given with the name of a dataset")
        table = Table("name", "rows", "what it holds")
        for dataset_name in takeoff.datasets.names():
            title = takeoff.datasets.source(dataset_name).partition("\n")[0]
            table.add_row(dataset_name, str(takeoff.datasets.load(dataset_name).height), Text(title))
        console.print(table)
        return
    frame = takeoff.datasets.load(name)
    if out is not None:
        _check_suffix("datasets", out, _FRAMES)
        check_writable(out.parent)
    console.print(Text(takeoff.datasets.source(name)), soft_wrap=True)
    for row in frame.iter_rows(named=True):
        lines = (f"  {column}  {_cell(value)}" for column, value in row.items() if value is not None)
        console.print(Text("\n" + "\n".join(lines)), soft_wrap=True)
    if out is not None:
        write_files(out.parent, {out.name: _file(frame, out.suffix)})
        console.print(Text(f"wrote {out}"), soft_wrap=True)


@cli.command()
@click.argument("scenario")
@click.option(
    "--out",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File to write: .parquet or .csv for the frame, .svg, .png or .pdf for a figure. May be repeated.",
)
@click.option(
    "--loop",
    type=click.Path(path_type=Path),
    help="File to draw the causal loop of the model into: .svg, .png or .pdf.",
)
@click.option(
    "--threads",
    type=int,
    help="Threads to use (default: all cores); the result is the same for any number.",
)
def run(scenario: str, out: tuple[Path, ...], loop: Path | None, threads: int | None) -> None:
    """Simulate SCENARIO: the name of a shipped one or a TOML file."""
    from takeoff._files import check_writable, write_files

    for path in out:
        _check_suffix("run", path, _FRAMES | _IMAGES)
    if loop is not None:
        _check_suffix("run", loop, _IMAGES, "--loop")
    if threads is not None:
        as_count("run", "--threads", threads, 1, 1024)
    loaded = takeoff.scenarios.load(scenario)
    paths = out if loop is None else (*out, loop)
    for path in paths:
        check_writable(path.parent)
    result = loaded.run(threads=threads)
    console = _console()
    console.print(Text.assemble((loaded.title, "bold"), f"\n{loaded.source}\n"))
    console.print(Text(repr(result)), soft_wrap=True)
    console.print(_frame_table(result))
    contents = [_content(result, path.suffix) for path in out]
    if loop is not None:
        contents.append(_loop(loaded.model, loop.suffix))
    for path, content in zip(paths, contents, strict=True):
        write_files(path.parent, {path.name: content})
        console.print(Text(f"wrote {path}"), soft_wrap=True)


@cli.command()
@click.argument("scenario")
@click.option("--draws", type=int, default=1_000_000, show_default=True, help="Number of draws.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for one row per draw (Parquet), tables, a summary and figures.",
)
@click.option("--plot", type=click.Path(path_type=Path), help="File for a figure of the bands: .svg, .png or .pdf.")
@click.option("--output", multiple=True, help="Output per draw. May be repeated (default: all that take little time).")
@click.option("--truncate", is_flag=True, help="Draw from the part of a distribution that is inside its field's range.")
@click.option("--threads", type=int, help="Threads to use (default: all cores); the result is the same for any number.")
def ensemble(
    scenario: str,
    draws: int,
    seed: int,
    out: Path | None,
    plot: Path | None,
    output: tuple[str, ...],
    truncate: bool,
    threads: int | None,
) -> None:
    """Simulate many draws of the uncertain SCENARIO: the name of a shipped one or a TOML file."""
    from takeoff._files import check_writable, write_files

    if plot is not None:
        _check_suffix("ensemble", plot, _IMAGES, "--plot")
        check_writable(plot.parent)
    loaded = takeoff.scenarios.load(scenario)
    result = loaded.ensemble(
        draws,
        seed=seed,
        to_parquet=out,
        outputs=list(output) or None,
        outside="truncate" if truncate else "refuse",
        threads=threads,
    )
    console = _console()
    console.print(Text.assemble((loaded.title, "bold"), f"\n{loaded.source}\n"))
    done = f"{result.draws:,} of {result.requested:,} draws" if result.draws < draws else f"{result.draws:,} draws"
    console.print(Text(f"{done}, seed {seed}"))
    chances = Table("event", "probability", "standard error", "95% interval", box=SIMPLE)
    for event, share, error, low, high in result.probabilities.iter_rows():
        chances.add_row(Text(event), f"{share:.4g}", f"{error:.2g}", f"{low:.4g} to {high:.4g}")
    if chances.row_count:
        console.print(chances)
    table = Table("quantiles of (times in years)", *result.summary.columns[1:], box=SIMPLE)
    for name, *values in result.summary.iter_rows():
        table.add_row(Text(name), *map(_cell, values))
    console.print(table)
    if plot is not None:
        write_files(plot.parent, {plot.name: image(result.plot(), plot.suffix)})
        console.print(Text(f"wrote {plot}"), soft_wrap=True)
    if out is not None:
        from takeoff.ensembles._files import files

        write_files(out, files(result))
        console.print(Text(f"wrote {out}"), soft_wrap=True)


@cli.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--time", required=True, help="Column of times: years or dates.")
@click.option("--output", required=True, help="Column of efficiency.")
@click.option(
    "--input", "inputs", required=True, multiple=True, help="Column of research input. Repeat it to compare inputs."
)
@click.option("--output-kind", default="level", show_default=True, help="What the output holds: level, log or elo.")
@click.option("--elo-per-e-fold", type=float, help="Elo points for a factor of e in efficiency.")
@click.option("--output-error", help="Column of standard errors of the output, for jones_level_ml.")
@click.option("--input-kind", default="flow", show_default=True, help="What the input holds: flow or cumulative.")
@click.option(
    "--input-holds",
    default="after",
    show_default=True,
    help="The time for which the flow in a row stands: after, until the next row, or before, since the last row.",
)
@click.option(
    "--same-time", default="refuse", show_default=True, help="Several measurements of one time: refuse or keep them."
)
@click.option("--initial-stock", type=float, help="Input before the first measurement, for loglog_cumulative.")
@click.option(
    "--estimator",
    multiple=True,
    help=f"One of {', '.join(ESTIMATORS)}. May be repeated (default: all but {', '.join(_ASKED)}).",
)
@click.option(
    "--parallelizability", type=float, help="lambda of jones_level_ml (otherwise 1) and feller_ml (otherwise free)."
)
@click.option("--window", type=int, help="Steps over which growth_rate_ols takes its rates (otherwise 1).")
@click.option("--steps", type=int, help="Steps of each walker of feller_bayes (otherwise 3,000).")
@click.option("--credibility", type=float, default=0.9, show_default=True, help="Probability of the intervals.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the table, the estimates and figures.")
def estimate(
    data: Path, time: str, output: str, inputs: tuple[str, ...], estimator: tuple[str, ...], credibility: float,
    out: Path | None, parallelizability: float | None, window: int | None, steps: int | None, **options: Any,
) -> None:  # fmt: skip
    """Estimate r, the returns to research, from the columns of DATA (.csv or .parquet).

    Exit status 1 if no estimator has an answer.
    """
    from takeoff import evidence
    from takeoff._files import check_writable

    if out is not None and out.suffix in _FRAMES | _IMAGES:
        raise InvalidValueError("estimate", "--out", str(out), "a folder, for several files, and not named as a file")
    estimators = _with_arguments(estimator, {"parallelizability": parallelizability, "window": window, "steps": steps})
    frame = _table_in(data)
    series = {
        name: evidence.ResearchSeries.from_frame(frame, time=time, output=output, input=name, **options)
        for name in inputs
    }
    if out is not None:
        check_writable(out)
    comparison = _compared(series, estimators, credibility)
    console = _console()
    console.print(Text("How much the choices change r: look at this first\n", "bold"))
    table = Table("input", "estimator", "r", f"{credibility:.0%} interval", "noise that is assumed", box=SIMPLE)
    for row in comparison.table.iter_rows(named=True):
        if row["problem"] is not None:
            table.add_row(*map(Text, (row["input"], row["estimator"], "", "", f"refused: {row['problem']}")))
            continue
        ends = f"{row['r_low']:.3g} to {row['r_high']:.3g}"
        table.add_row(*map(Text, (row["input"], row["estimator"], f"{row['r']:.3g}", ends, row["noise"])))
    console.print(table)
    for fit in comparison.estimates.values():
        console.print(Text(f"{fit.summary()}\n"), soft_wrap=True)
    if out is not None:
        _write_comparison(out, comparison, console)
    if not comparison.estimates:
        _print_error("no estimator has an answer: the table says why each refused")
        sys.exit(1)


def _with_arguments(names: tuple[str, ...], given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Estimators by name, each with those arguments that are given and that it takes."""
    chosen = chosen_estimators(list(names) or None)
    for argument, value in given.items():
        if value is None:
            continue
        takers = [name for name, spec in ESTIMATORS.items() if argument in spec.arguments]
        if not chosen.keys() & takers:
            rule = f"given with an estimator that takes it ({', '.join(takers)})"
            raise InvalidValueError("estimate", f"--{argument}", value, rule)
        for name in chosen.keys() & takers:
            chosen[name][argument] = value
    return chosen


def _table_in(data: Path) -> pl.DataFrame:
    """The table of a file, which has rows."""
    _check_suffix("estimate", data, _FRAMES, "DATA")
    try:
        frame = pl.read_csv(data, try_parse_dates=True) if data.suffix == ".csv" else pl.read_parquet(data)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InvalidValueError("estimate", "DATA", str(data), f"a table that can be read ({error})") from None
    if frame.is_empty():
        raise InvalidValueError("estimate", "DATA", str(data), "a table with rows: this file has none")
    return frame


def _compared(
    series: dict[str, ResearchSeries], estimators: dict[str, dict[str, Any]], credibility: float
) -> Comparison:
    """The comparison, made pair by pair: a terminal shows which is at work."""
    from takeoff import evidence

    terminal = Console(stderr=True)
    parts = []
    for name, one in series.items():
        for estimator, arguments in estimators.items():
            with terminal.status(Text(f"{estimator} of {name}")):
                parts.append(evidence.compare({name: one}, {estimator: arguments}, credibility=credibility))
    estimates = {pair: found for part in parts for pair, found in part.estimates.items()}
    return evidence.Comparison(pl.concat(part.table for part in parts), estimates)


def _write_comparison(out: Path, found: Comparison, console: Console) -> None:
    """Write the files of a comparison in place of those of an earlier one."""
    from takeoff._files import remove_files, write_files
    from takeoff.evidence._files import files, left_over

    contents = files(found)
    earlier = left_over(out, contents)
    write_files(out, contents)
    console.print(Text(f"wrote into {out}: {', '.join(contents)}"), soft_wrap=True)
    if earlier:
        remove_files(earlier)
        console.print(Text(f"removed, of an earlier run: {', '.join(p.name for p in earlier)}"), soft_wrap=True)


def _content(result: Trajectory, suffix: str) -> bytes:
    if suffix in _IMAGES:
        return image(result.plot(), suffix)
    return _file(result.frame, suffix)


def _loop(model: Model, suffix: str) -> bytes:
    return image(takeoff.figures.causal_loop(model), suffix)


def _file(frame: pl.DataFrame, suffix: str) -> bytes:
    import io

    buffer = io.BytesIO()
    if suffix == ".csv":
        frame.write_csv(buffer)
    else:
        frame.write_parquet(buffer)
    return buffer.getvalue()


def _check_suffix(command: str, path: Path, allowed: set[str], option: str = "--out") -> None:
    if path.suffix not in allowed:
        rule = f"a file that ends in one of {', '.join(sorted(allowed))}"
        raise InvalidValueError(command, option, str(path), rule)


def _frame_table(result: Trajectory) -> Table:
    """A frame of the result that fits a screen: the summary of many paths, or about two dozen rows of one."""
    frame: pl.DataFrame = result.frame
    captions = []
    if result.model.shape:
        frame = result.summary
        never = [name for name in frame.columns if frame[name].dtype.is_float() and frame[name].is_infinite().all()]
        frame = frame.drop(never)
        captions = [f"{name.replace('_', ' ')}: infinite for all" for name in never]
    elif "doublings" in frame.columns:
        finite = frame.filter(pl.col("doublings").is_finite())
        if finite.height < frame.height:
            captions = [f"infinite from {duration(float(result.column('singular_time')))} on"]
        frame = finite
    shown = frame if result.model.shape else frame.gather_every(-(-frame.height // _MOST_ROWS))
    shown = shown.head(_MOST_ROWS)
    if frame.height > shown.height:
        captions.insert(0, f"{shown.height} of {frame.height:,} rows")
    table = Table(*(name.replace("_", " ") for name in shown.columns), box=SIMPLE, caption="; ".join(captions) or None)
    for row in shown.iter_rows():
        table.add_row(*(Text(_cell(value)) for value in row))
    return table


def _cell(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal or "COLUMNS" in os.environ else Console(width=120)


def _print_error(message: str) -> None:
    Console(stderr=True).print(Text.assemble(("error: ", "bold red"), message), soft_wrap=True)


def main() -> None:
    """Run the command line; an error of takeoff is a sentence and exit status 2."""
    try:
        cli.main(standalone_mode=True)
    except TakeoffError as error:
        _print_error(str(error))
        sys.exit(2)
