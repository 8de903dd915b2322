"""The command line: what it prints and writes, its exit statuses, and files that are whole or absent."""

import hashlib
import html
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib.image
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import takeoff
from takeoff import _files, cli, scenarios
from takeoff import reproduce as reproduction
from takeoff.errors import InternalError, MissingExtraError, OutputError, SizeError
from takeoff.reproduce import _pictures, _report

Run: TypeAlias = Callable[..., tuple[int, str, str]]

ADDED = (
    "partial-automation",
    "compute-bottleneck",
    "growing-hardware",
    "training-runs",
    "training-frontier",
    "human-reaction",
    "davidson-houlden",
    "returns-pooled",
    "returns-chain",
    "monitor",
)
REPRODUCED = {
    "numbers.csv",
    "report.html",
    *(f"table-{n}.csv" for n in range(1, 5)),
    *(f"figure-{n:02}.{kind}" for n in (4, *range(6, 11), 12) for kind in ("svg", "png")),
    *(f"{name}.{kind}" for name in ADDED for kind in ("svg", "png")),
}

SCENARIO = """\
title = "{title}"
model = "growth_law"
source = "made up"
[parameters]
r = {{ value = {r}, unit = "1", source = "made up" }}
first_doubling = {{ value = 1, unit = "month", source = "made up" }}
[simulation]
horizon = {{ value = 1, unit = "year", source = "made up" }}
points = {{ value = 5, unit = "1", source = "made up" }}
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line: exit status, standard output, standard error."""

    def run_it(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["takeoff", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        code = ended.value.code
        return code if isinstance(code, int) else int(code is not None), said.out, said.err

    return run_it


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "mine.toml"
    path.write_text(SCENARIO.format(title="A law", r=0.7), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, str]:
    """Digest of every file in a folder, hidden ones as well."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def check_sentence(err: str) -> None:
    """Assert that an error is one sentence on one line, without a traceback."""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert 'File "' not in err


# ---- help and lists ------------------------------------------------------------------------------------------------


def test_the_script_is_installed() -> None:
    (script,) = entry_points(group="console_scripts", name="takeoff")
    assert script.load() is cli.main


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(run: Run, flag: str) -> None:
    status, out, err = run(flag)
    assert (status, err) == (0, "")
    assert "Simulate what happens to AI progress once AI does the AI research." in out
    for command in ("reproduce", "run", "scenarios"):
        assert command in out
        status, text, err = run(command, flag)
        assert (status, err) == (0, "")
        assert "Usage" in text


def test_version(run: Run) -> None:
    status, out, _ = run("--version")
    assert status == 0
    assert takeoff.__version__ in out


def test_scenarios_are_listed(run: Run) -> None:
    status, out, err = run("scenarios")
    assert (status, err) == (0, "")
    for name in scenarios.names():
        assert name in out
    assert "growth_law" in out
    assert "toy_model" in out
    assert "Eth & Davidson" in out


def test_usage_errors(run: Run) -> None:
    for arguments in (["run"], ["ran", "fizzle"], ["run", "fizzle", "--threads", "x"], ["run", "fizzle", "--unknown"]):
        status, _, err = run(*arguments)
        assert status == 2
        assert "Traceback" not in err
        assert "Usage" in err


# ---- run -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", scenarios.names())
def test_shipped_scenarios_run(run: Run, name: str) -> None:
    many = ("ensemble", name, "--draws", "500") if scenarios.load(name).uncertain else ("run", name)
    status, out, err = run(*many)
    assert (status, err) == (0, "")
    assert scenarios.load(name).title in out
    assert "nan" not in out.lower().split()


def test_a_file_runs(run: Run, file: Path) -> None:
    status, out, err = run("run", file, "--threads", "2")
    assert (status, err) == (0, "")
    for words in ("A law", "made up", "fizzle", "GrowthLaw(r=0.7"):
        assert words in out


@pytest.mark.parametrize("name", ["fizzle", "first-year", "toy-explosion", "explosion-with-limit"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_frames_are_written_whole(run: Run, tmp_path: Path, name: str, kind: str) -> None:
    target = tmp_path / "new" / f"x.{kind}"
    status, out, _ = run("run", name, "--out", target)
    assert status == 0
    assert f"wrote {target}" in out.replace("\n", "")
    found = pl.read_csv(target) if kind == "csv" else pl.read_parquet(target)
    assert_frame_equal(found, scenarios.load(name).run().frame, check_exact=True)
    assert set(contents(target.parent)) == {target.name}


@pytest.mark.parametrize("name", ["first-year", "toy-fizzle"])
def test_pictures_are_written_whole(run: Run, tmp_path: Path, name: str) -> None:
    targets = [tmp_path / f"x.{kind}" for kind in ("svg", "png", "pdf")]
    status, _, err = run("run", name, *(part for target in targets for part in ("--out", target)))
    assert (status, err) == (0, "")
    svg, png, pdf = targets
    assert svg.read_bytes().startswith(b"<?xml")
    assert svg.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    pixels = matplotlib.image.imread(png)
    assert pixels.std() > 0.01
    assert pdf.read_bytes().startswith(b"%PDF")
    assert set(contents(tmp_path)) == {"x.svg", "x.png", "x.pdf"}


def test_the_causal_loop_is_written(run: Run, tmp_path: Path) -> None:
    status, text, err = run("run", "retraining", "--loop", tmp_path / "loop.svg", "--out", tmp_path / "x.csv")
    assert (status, err) == (0, "")
    assert "loop.svg" in text
    assert set(contents(tmp_path)) == {"loop.svg", "x.csv"}
    assert (tmp_path / "loop.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")
    status, _, err = run("run", "fizzle", "--loop", tmp_path / "loop.csv")
    assert status == 2
    assert "--loop must be a file that ends in one of .pdf, .png, .svg" in err


def test_the_same_run_writes_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for folder, threads in (("a", 1), ("b", 3)):
        targets = [tmp_path / folder / f"x.{kind}" for kind in ("csv", "parquet", "svg", "png", "pdf")]
        options = [part for target in targets for part in ("--out", target)]
        assert run("run", "first-year", "--threads", threads, *options)[0] == 0
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_written_files_have_the_usual_permissions(run: Run, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert run("run", "fizzle", "--out", tmp_path / "x.csv")[0] == 0
    finally:
        os.umask(before)
    assert (tmp_path / "x.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    "name", ["[bold].csv", "[/bold].csv", "[red]x[/red].csv", "größer.csv", "a b.csv", "\\[x].csv"]
)
def test_names_are_printed_as_they_are(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = run("run", "fizzle", "--out", name)
    assert status == 0
    assert f"wrote {name}\n" in out
    assert (tmp_path / name).is_file()


@pytest.mark.parametrize("title", ["[/bold] law", "[red]law", "a [parameters] law", "größer ≥ 1", "[link=x]y[/link]"])
def test_titles_are_printed_as_they_are(run: Run, tmp_path: Path, title: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(SCENARIO.format(title=title, r=0.7), encoding="utf-8")
    status, out, err = run("run", file)
    assert (status, err) == (0, "")
    assert title in out


# ---- failures ------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, str]] = {
    "no TOML": ("title = ", "not valid TOML"),
    "a bad value": (SCENARIO.format(title="A law", r=-1), "r must be finite and > 0 (from 1e-6 to 1e6), got -1.0"),
    "a bad horizon": (
        SCENARIO.format(title="x", r=1).replace('= 1, unit = "year"', '= -1, unit = "year"'),
        "horizon must be",
    ),
    "an unknown key": (
        SCENARIO.format(title="A law", r=1).replace("first_doubling", "first_doublin"),
        "a key of [parameters] must be one of r, first_doubling",
    ),
    "markup": (SCENARIO.format(title="A law", r=1).replace('"month"', '"[/bold]"'), "got '[/bold]'"),
    "too much": (SCENARIO.format(title="A law", r=1).replace("value = 5", "value = 1e12"), "points must be"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_scenario_is_a_sentence(run: Run, tmp_path: Path, kind: str) -> None:
    text, words = BAD[kind]
    file, target = tmp_path / "bad.toml", tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    target.write_text("as it was")
    status, out, err = run("run", file, "--out", target)
    assert (status, out) == (2, "")
    check_sentence(err)
    assert words in err
    assert contents(tmp_path).keys() == {"bad.toml", "x.csv"}
    assert target.read_text() == "as it was"


def test_other_failures_are_sentences(run: Run, tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(bytes(range(256)))
    for arguments, words in (
        (["run", "fizle"], "did you mean 'fizzle'?"),
        (["run", tmp_path / "absent.toml"], "must be a file that exists"),
        (["run", tmp_path], "must be a file that exists"),
        (["run", binary], "cannot be read as UTF-8 text"),
        (["run", "fizzle", "--threads", 0], "--threads must be an integer from 1 to 1,024, got 0"),
        (["run", "fizzle", "--threads", -1], "got -1"),
        (["run", "fizzle", "--out", tmp_path / "x.txt"], "--out must be a file that ends in one of .csv"),
        (["run", "fizzle", "--out", tmp_path / "x"], "--out must be a file that ends in one of .csv"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        check_sentence(err)
        assert words in err
    assert set(contents(tmp_path)) == {"binary.toml"}


def test_an_error_in_a_process_is_a_sentence(tmp_path: Path) -> None:
    # A narrow terminal does not break the sentence, and no colour codes reach a pipe.
    program = [sys.executable, "-W", "error", "-c", "from takeoff.cli import main; main()", "run", "fizle"]
    environment = os.environ | {"COLUMNS": "40"}
    done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    check_sentence(done.stderr)
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("command", [["run", "fizzle", "--out", "{}/x.csv"], ["reproduce", "--out", "{}"]])
@pytest.mark.parametrize("place", ["file", "file/below", "file/below/it"])
def test_an_output_that_cannot_be_written(run: Run, tmp_path: Path, command: list[str], place: str) -> None:
    (tmp_path / "file").write_text("as it was")
    status, out, err = run(*(part.format(tmp_path / place) for part in command))
    assert (status, out) == (2, "")
    check_sentence(err)
    assert "cannot write to" in err
    assert str(tmp_path / place) in err
    assert (tmp_path / "file").read_text() == "as it was"
    assert set(contents(tmp_path)) == {"file"}


def test_an_output_that_is_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    status, _, err = run("run", "fizzle", "--out", tmp_path / "x.csv")
    assert status == 2
    check_sentence(err)
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


FAILURES: dict[str, BaseException] = {
    "of takeoff": SizeError("frame", 10**13, 10**9, "use the arrays"),
    "a bug": InternalError("the engine stopped"),
    "an extra": MissingExtraError("figures", "plot"),
    "an output": OutputError("cannot write to x: No space left on device"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_run_leaves_what_was_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def fail(*_: object) -> bytes:
        raise FAILURES[kind]

    targets = [tmp_path / name for name in ("x.csv", "y.parquet", "z.svg")]
    for target in targets:
        target.write_text("as it was")
    before = contents(tmp_path)
    monkeypatch.setattr(cli, "_content", fail)
    status, _, err = run("run", "fizzle", *(part for target in targets for part in ("--out", target)))
    assert status == 2
    check_sentence(err)
    assert contents(tmp_path) == before


def test_outputs_are_written_together_or_not_at_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = cli._content

    def fail_late(result: Any, suffix: str) -> bytes:
        if suffix == ".svg":
            raise MissingExtraError("figures", "plot")
        return content(result, suffix)

    monkeypatch.setattr(cli, "_content", fail_late)
    status, _, err = run("run", "fizzle", "--out", tmp_path / "x.csv", "--out", tmp_path / "x.svg")
    assert status == 2
    check_sentence(err)
    assert contents(tmp_path) == {}


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"as it was")
    before = contents(tmp_path)
    opened, count = os.fdopen, 0

    def full(handle: int, mode: str) -> Any:
        nonlocal count
        count += 1
        if count < 2:
            return opened(handle, mode)
        os.close(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(OutputError, match="No space left on device"):
        _files.write_files(tmp_path, {"a": b"new", "b": b"new"})
    assert count == 2
    assert contents(tmp_path) == before


# ---- reproduce -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the command line has reproduced the paper, in a process of its own."""
    folder = tmp_path_factory.mktemp("paper") / "new" / "reproduction"
    program = [sys.executable, "-W", "error", "-c", "from takeoff.cli import main; main()"]
    done = subprocess.run([*program, "reproduce", "--out", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (folder.parent / "said").write_text(done.stdout, encoding="utf-8")
    return folder


numbers = cache(reproduction.numbers)
"""The numbers of the paper, computed once in this process."""


def test_reproduce_writes_all_files(reproduced: Path) -> None:
    assert set(contents(reproduced)) == REPRODUCED
    assert all(path.stat().st_size > 100 for path in reproduced.iterdir())


def test_every_number_holds(reproduced: Path) -> None:
    table = pl.read_csv(reproduced / "numbers.csv")
    assert table["holds"].all()
    assert table.height >= 50
    assert_frame_equal(table.drop("note"), numbers().drop("note"), check_exact=True)
    said = (reproduced.parent / "said").read_text(encoding="utf-8")
    as_printed = table["as_printed"].sum()
    reasons = f"{as_printed} to the last printed digit, {table.height - as_printed} for a stated reason"
    assert f"{table.height} of {table.height} numbers hold: {reasons}" in said
    assert all(table.filter(~pl.col("as_printed"))["note"])
    assert "DOES NOT HOLD" not in said


def test_reproduced_files_open_again(reproduced: Path) -> None:
    for number, table in reproduction.tables().items():
        assert pl.read_csv(reproduced / f"table-{number}.csv").shape == table.frame.shape
    for path in reproduced.glob("*.png"):
        assert matplotlib.image.imread(path).std() > 0.01
    for path in reproduced.glob("*.svg"):
        assert path.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    report = (reproduced / "report.html").read_text(encoding="utf-8")
    assert report.rstrip().endswith("</html>")
    assert report.count("<svg") == len(_pictures.PICTURES)
    assert not re.search(r'(src|href)="(?!#|data:|https?://)', report)
    assert takeoff.__version__ in report


def test_the_code_in_the_report_runs_as_it_stands(reproduced: Path, tmp_path: Path) -> None:
    report = (reproduced / "report.html").read_text(encoding="utf-8")
    snippets = [html.unescape(code) for code in re.findall(r"<pre[^>]*>((?:from|import) .*?)</pre>", report, re.DOTALL)]
    assert len(snippets) == 4 + len(_pictures.PICTURES)
    program = "for code in snippets:\n    exec(compile(code, 'snippet', 'exec'), {'__name__': 'snippet'})"
    done = subprocess.run([sys.executable, "-c", f"snippets = {snippets!r}\n{program}"], cwd=tmp_path, check=False)
    assert done.returncode == 0
    for picture in _pictures.PICTURES:
        assert (tmp_path / f"{picture.name}.svg").stat().st_size > 1000


def test_datasets_are_listed_shown_and_written(run: Run, tmp_path: Path) -> None:
    status, out, err = run("datasets")
    assert (status, err) == (0, "")
    for name in takeoff.datasets.names():
        assert name in out
    path = tmp_path / "r.csv"
    status, out, err = run("datasets", "returns_estimates", "--out", path)
    assert (status, err) == (0, "")
    assert "Eth, D." in out
    assert pl.read_csv(path)["r"].to_list() == takeoff.datasets.load("returns_estimates")["r"].to_list()
    for arguments, words in (
        (["datasets", "returns"], "must be one of"),
        (["datasets", "returns_estimates", "--out", tmp_path / "r.svg"], "--out must be a file that ends in"),
        (["datasets", "--out", path], "--out must be given with the name of a dataset"),
    ):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        check_sentence(err)
        assert words in err


def test_a_scenario_is_a_template(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("scenarios", "fizzle")
    path = tmp_path / "mine.toml"
    path.write_text(out, encoding="utf-8")
    assert status == 0
    assert scenarios.load(path).model == scenarios.load("fizzle").model
    status, _, err = run("scenarios", "fizle")
    assert status == 2
    assert "did you mean 'fizzle'?" in err


def test_an_explosion_is_printed_up_to_its_end(run: Run) -> None:
    _, out, _ = run("run", "explosion")
    rows = out.partition("time years")[2]
    assert "inf " not in rows.replace("infinite", "")
    assert "infinite from 2.7 months on" in out


def test_the_module_runs() -> None:
    done = subprocess.run([sys.executable, "-m", "takeoff", "--version"], capture_output=True, text=True, check=True)
    assert takeoff.__version__ in done.stdout


@pytest.mark.slow
def test_reproducing_twice_gives_the_same_bytes(run: Run, reproduced: Path, tmp_path: Path) -> None:
    before = contents(reproduced)
    status, out, err = run("reproduce", "--out", tmp_path)
    assert (status, err) == (0, "")
    assert "numbers hold" in out
    assert contents(tmp_path) == before
    assert str(tmp_path) not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_number_that_does_not_hold(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = numbers().with_row_index().with_columns(holds=pl.col("index") != 3).drop("index")
    monkeypatch.setattr(reproduction, "numbers", lambda: wrong)
    for module in (_pictures, _report):
        monkeypatch.setattr(module, "PICTURES", ())
    status, out, err = run("reproduce", "--out", tmp_path)
    assert (status, err) == (1, "")
    assert out.count("DOES NOT HOLD") == 1
    assert f"{wrong.height - 1} of {wrong.height} numbers hold:" in out
    assert pl.read_csv(tmp_path / "numbers.csv")["holds"].sum() == wrong.height - 1


def test_a_failed_reproduction_writes_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise InternalError("the engine stopped: on purpose")

    (tmp_path / "numbers.csv").write_text("as it was")
    before = contents(tmp_path)
    monkeypatch.setattr(reproduction, "numbers", numbers)
    for module in (_pictures, _report):
        monkeypatch.setattr(module, "PICTURES", ())
    monkeypatch.setattr("takeoff.reproduce._report.report", fail)
    status, out, err = run("reproduce", "--out", tmp_path)
    assert (status, out) == (2, "")
    check_sentence(err)
    assert contents(tmp_path) == before


# ---- ensemble ------------------------------------------------------------------------------------------------------


def test_an_ensemble_is_summed_up_drawn_and_written(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "law.toml"
    file.write_text(SCENARIO.format(title="A law", r="{ between = [0.4, 3.6] }"))
    out, plot = tmp_path / "rows", tmp_path / "fan.svg"
    again = ("ensemble", file, "--draws", "3000", "--seed", "3", "--out", out, "--plot", plot)
    status, text, err = run(*again)
    assert (status, err) == (0, "")
    for words in ("3,000 draws, seed 3", "regime: explosion", "doublings_at_horizon", "95% interval"):
        assert words in text
    tables = {"summary.txt", "quantiles.csv", "probabilities.csv", "bands.csv", "bands.svg", "drivers.csv", "r.svg"}
    assert set(contents(out)) == {"takeoff.json", "part-000000.parquet"} | tables
    assert (out / "summary.txt").read_text().startswith("Ensemble of GrowthLaw")
    assert "regime: explosion" in pl.read_csv(out / "probabilities.csv")["event"].to_list()
    drivers = pl.read_csv(out / "drivers.csv")
    assert drivers.filter(pl.col("output") == "doublings_at_horizon")["input"].to_list() == ["r"]
    before = contents(out)
    status, _, err = run(*again)  # goes on with what is there
    assert (status, err) == (0, "")
    assert contents(out) == before
    assert pl.read_parquet(out / "part-000000.parquet").height == 3000
    assert plot.read_text().startswith("<?xml")
    status, _, err = run("ensemble", file, "--draws", "3000", "--seed", "4", "--out", out)
    assert status == 2
    assert "holds another run, of another seed" in err.replace("\n", " ")
    status, _, err = run("ensemble", "fizzle", "--draws", "10")
    assert status == 2
    assert "a distribution for at least one field" in err.replace("\n", " ")
