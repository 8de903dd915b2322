"""`takeoff estimate`: bad tables are a sentence and exit status 2, or a named warning, never a silent number."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest

from takeoff import cli
from takeoff.evidence._estimators import ESTIMATORS

YEARS = range(2000, 2016)


class Done(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Shell: TypeAlias = Callable[..., Done]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Run the command on a table; in a process of its own where a package is to be missing (or none, of no name)."""

    def run(rows: list[str], *more: str, without: str | None = None) -> Done:
        data = tmp_path / "data.csv"
        data.write_text("\n".join(rows) + "\n", encoding="utf-8")
        arguments = ["estimate", str(data), "--time", "year", "--output", "efficiency", "--input", "staff", *more]
        if without is not None:
            start = f"import sys; sys.modules[{without!r}] = None; from takeoff.cli import main; main()"
            command = [sys.executable, "-c", start, *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            status, out, err = done.returncode, done.stdout, done.stderr
        else:
            monkeypatch.setattr(sys, "argv", ["takeoff", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
            status, (out, err) = int(ended.value.code or 0), capsys.readouterr()
        assert "Traceback" not in err
        return Done(status, " ".join(out.split()), err)

    return run


def rows(change: Callable[[int, dict[str, Any]], dict[str, Any]] = lambda _, row: row) -> list[str]:
    """A sound table, of which each row is changed."""
    made = ["year,efficiency,staff"]
    for k, year in enumerate(YEARS):
        # Growth is neither smooth nor in step with the input.
        row = {
            "year": year,
            "efficiency": round(1.3**k * (1 + 0.05 * math.sin(3 * k)), 6),
            "staff": round(1.1**k * (1 + 0.3 * math.sin(k)), 6),
        }
        row = change(k, row)
        made.append(",".join("" if value is None else str(value) for value in row.values()))
    return made


def at(k: int, **values: Any) -> list[str]:
    return rows(lambda j, row: row | values if j == k else row)


REFUSED: dict[str, tuple[list[str], str]] = {
    "zero": (
        at(3, efficiency=0),
        "output must be finite and > 0 for a level, whose logarithm is taken, got 0.0 at index 3",
    ),
    "negative": (at(3, efficiency=-1.5), "got -1.5 at index 3 (ResearchSeries.output)"),
    "negative input": (at(3, staff=-1), "input must be finite and >= 0, got -1.0 at index 3"),
    "no input at all": (rows(lambda _, row: row | {"staff": 0}), "input must be above 0 at some time"),
    "duplicate times": (
        at(4, year=2003),
        "year must be finite, each time later than the one before (sort the rows by time, and combine those of one",
    ),
    "unsorted times": (
        [rows()[0], *rows()[:0:-1]],
        "combine those of one time or keep them by same_time), got 2014.0 at index 1",
    ),
    "unsorted dates": (
        rows(lambda k, row: row | {"year": f"{2000 + (k if k != 5 else 1)}-01-01"}),
        "keep them by same_time), got 2001",
    ),
    "null time": (at(5, year=None), "year must be a time everywhere, got 'null' at index 5"),
    "null input": (at(5, staff=None), "input must be a number everywhere in staff, got 'null' at index 5"),
    "input ends early": (
        rows(lambda k, row: row | ({"staff": None} if k > 9 else {})),
        "input must be a number everywhere in staff, got 'null' at index 10",
    ),
    "words": (
        at(3, efficiency="n/a"),
        "output must be numbers, got a column efficiency of String, with 'n/a' at index 3",
    ),
    "no rows": (
        ["year,efficiency,staff"],
        "DATA must be a table with rows: this file has none, got '",
    ),
    "semicolons": (
        [row.replace(",", ";") for row in rows()],
        "all is in one column, 'year;efficiency;staff'; separate the columns of the file by commas",
    ),
    "nothing": ([""], "DATA must be a table that can be read"),
    "one measurement": (
        rows(lambda k, row: row | ({"efficiency": None} if k else {})),
        "efficiency must hold at least two measurements, got 1",
    ),
    "a misnamed time": (
        ["yeer" + rows()[0][4:], *rows()[1:]],
        "time: column must be one of yeer, efficiency, staff, got 'year'; did you mean",
    ),
    "a misnamed output": (
        [rows()[0].replace("ic", "c"), *rows()[1:]],
        "output: column must be one of year, effciency, staff, got 'efficiency'; did you",
    ),
    "a missing input": (
        [",".join(row.split(",")[:2]) for row in rows()],
        "input: column must be one of year, efficiency, got 'staff'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(shell: Shell, tmp_path: Path, name: str) -> None:
    table, says = REFUSED[name]
    out = tmp_path / "out"
    done = shell(table, "--out", str(out))
    assert done.status == 2
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert says in done.err
    assert not done.out
    assert not out.exists()


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--estimator", "naive", "did you mean 'naive_ratio'?"),
        ("--estimator", "jones", "did you mean 'jones_level_ml'?"),
        ("--elo-per-e-fold", "143", "elo_per_e_fold must be left out unless output_kind is 'elo', got 143"),
        ("--steps", "500", "--steps must be given with an estimator that takes it (feller_bayes), got 500"),
        ("--out", "r.csv", "--out must be a folder, for several files, and not named as a file, got 'r.csv'"),
        ("--out", "r.png", "--out must be a folder, for several files, and not named as a file, got 'r.png'"),
        ("--output-kind", "levels", "output_kind must be one of level, log, elo"),
        ("--output-kind", "elo", "elo_per_e_fold must be given where output is in Elo points, got None"),
        ("--credibility", "90", "credibility must be strictly between 0 and 1"),
        ("--initial-stock", "-1", "initial_stock must be finite and >= 0"),
        ("--output-error", "error", "output_error: column must be one of year, efficiency, staff, got 'error'"),
    ],
)
def test_options_that_are_refused(shell: Shell, option: str, value: str, says: str) -> None:
    done = shell(rows(), option, value)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (rows()[:3], "have six measurements at least, got 2"),
        (rows(lambda _, row: row | {"efficiency": 7}), "must be of an efficiency that varies"),
    ],
    ids=["two points", "constant output"],
)
def test_where_no_estimator_has_an_answer(shell: Shell, tmp_path: Path, table: list[str], says: str) -> None:
    out = tmp_path / "out"
    done = shell(table, "--out", str(out))
    assert done.status == 1
    assert any(each in done.out for each in says.split("|"))
    assert done.out.count("refused:") == 6
    assert done.err == "error: no estimator has an answer: the table says why each refused\n"
    # No number, and the reasons are kept.
    assert f"wrote into {out}: comparison.csv, estimates.json" in done.out
    assert json.loads((out / "estimates.json").read_text(encoding="utf-8"))["estimates"] == []
    assert {path.name for path in out.iterdir()} == {"comparison.csv", "estimates.json"}


def test_a_constant_input_is_named(shell: Shell) -> None:
    done = shell(rows(lambda _, row: row | {"staff": 5}))
    assert done.status == 0
    answered = done.out.count("warning the input never changes: it tells beta alone")
    assert answered == 6 - done.out.count("refused:") > 0
    assert "refused: series must be of input that grows" in done.out


def test_gaps_are_named(shell: Shell) -> None:
    table = rows(lambda k, row: row | ({"efficiency": None} if k in (3, 4) else {}))
    done = shell(table, "--estimator", "naive_ratio")
    assert done.status == 0
    assert "note 2 rows without a measurement" in done.out


def test_r_of_0_by_0_is_named(shell: Shell) -> None:
    """Exponential output and input: only the ratio of lambda and beta is known."""
    table = rows(lambda k, row: row | {"efficiency": 1.3**k, "staff": 1.1**k})
    done = shell(table, "--estimator", "naive_ratio", "--estimator", "growth_rate_ols", "--estimator", "feller_ml")
    assert done.status == 0
    assert "lambda and beta are not separately identified by this series: only their ratio is" in done.out
    assert "refused: series must be of growth that varies: r is 0 / 0 where its rate is constant" in done.out
    assert "lambda is free: see the ridge" in done.out


def test_the_window_of_rates_is_an_option(shell: Shell) -> None:
    answers = [shell(rows(), "--estimator", "growth_rate_ols", *more).out for more in ([], ["--window", "3"])]
    assert ["effective size 15 " in out for out in answers] == [True, False]
    assert "effective size 4.333 " in answers[1]
    refused = shell(rows(), "--estimator", "naive_ratio", "--window", "3")
    assert "--window must be given with an estimator that takes it (growth_rate_ols), got 3" in refused.err


def test_a_folder_of_figures_needs_matplotlib(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = shell(rows(), "--estimator", "naive_ratio", "--out", str(out), without="matplotlib")
    assert done.status == 2
    assert done.err == "error: a figure needs the extra 'plot': pip install 'takeoff[plot]'\n"
    assert not out.exists() or not list(out.iterdir())
    assert shell(rows(), "--estimator", "naive_ratio", without="matplotlib").status == 0


def test_in_a_process_of_its_own(shell: Shell) -> None:
    done = shell(at(3, efficiency=0), without="")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error: output must be finite and > 0")


def test_a_sound_table(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = shell(rows(), "--estimator", "naive_ratio", "--out", str(out))
    assert (done.status, done.err) == (0, "")
    assert {path.name for path in out.iterdir()} == {
        "comparison.csv", "comparison.svg", "estimates.json", "naive_ratio-fit.svg"
    }  # fmt: skip
    assert f"wrote into {out}: comparison.csv, estimates.json, comparison.svg, naive_ratio-fit.svg" in done.out


def test_figures_of_an_earlier_run_are_removed_and_nothing_else(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shell(rows(), "--estimator", "naive_ratio", "--estimator", "loglog_cumulative", "--out", str(out))
    mine = {"mine.svg", "loglog_cumulative-mine.svg", "naive_ratio-ridge.svg"}
    for name in mine:
        (out / name).write_text("mine", encoding="utf-8")
    assert (out / "loglog_cumulative-profile.svg").exists()
    done = shell(rows(), "--estimator", "naive_ratio", "--out", str(out))
    assert "removed, of an earlier run: loglog_cumulative-fit.svg, loglog_cumulative-profile.svg" in done.out
    written = {"comparison.csv", "comparison.svg", "estimates.json", "naive_ratio-fit.svg"}
    assert {path.name for path in out.iterdir()} == written | mine
    assert set(json.loads((out / "estimates.json").read_text(encoding="utf-8"))["files"]) == written


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        '{"files": 3}',
        '{"files": [1]}',
        '{"files": ["../apart.svg", "/apart.svg", "data.csv", "gone.svg", ""]}',
    ],
)
def test_a_foreign_list_of_files_removes_nothing(shell: Shell, tmp_path: Path, document: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for path in (tmp_path / "apart.svg", out / "data.csv"):
        path.write_text("mine", encoding="utf-8")
    (out / "estimates.json").write_text(document, encoding="utf-8")
    done = shell(rows(), "--estimator", "naive_ratio", "--out", str(out))
    assert done.status == 0
    assert "removed" not in done.out
    assert (tmp_path / "apart.svg").exists()
    assert (out / "data.csv").exists()


def test_a_lambda_goes_to_the_estimators_that_take_one(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out"
    chosen = [f"--estimator={name}" for name in ("loglog_cumulative", "feller_ml")]
    assert shell(rows(), *chosen, "--parallelizability", "0.5", "--out", str(out)).status == 0
    first, second = json.loads((out / "estimates.json").read_text(encoding="utf-8"))["estimates"]
    assert (first["estimator"], first["parallelizability"]) == ("loglog_cumulative", 1)
    assert (second["estimator"], second["parallelizability"]) == ("feller_ml", 0.5)
    done = shell(rows(), chosen[0], "--parallelizability", "0.5")
    assert (done.status, done.out) == (2, "")
    assert "given with an estimator that takes it (jones_level_ml, feller_ml), got 0.5" in done.err


def test_steps_go_to_the_walkers(shell: Shell) -> None:
    done = shell(rows(), "--estimator", "feller_bayes", "--steps", "1")
    assert done.status == 1
    assert "refused: steps must be an integer from 100" in done.out


def test_what_an_estimator_does_not_use_is_said(shell: Shell) -> None:
    done = shell(rows(), "--estimator", "naive_ratio", "--initial-stock", "5")
    assert done.status == 0
    assert "warning the initial stock of this series is not used" in done.out


def test_the_help_names_the_estimators(shell: Shell) -> None:
    text = shell(rows(), "--help").out
    assert [name for name in ESTIMATORS if name not in text] == []


def test_a_terminal_is_told_what_is_at_work(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shell(rows(), "--estimator", "naive_ratio").err
    monkeypatch.setenv("FORCE_COLOR", "1")  # by which rich takes any stream for a terminal
    assert "naive_ratio of staff" in shell(rows(), "--estimator", "naive_ratio").err
