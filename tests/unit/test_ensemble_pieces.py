"""Ensembles of every model: bands of any series, and pieces that may be worked anywhere and in any order."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
import pytest

import takeoff
from model_cases import CASES, Case
from takeoff import MONTH, GrowthLaw, ToyModel, Uniform, between, ensemble
from takeoff._answers import ask
from takeoff._arrays import quantiles
from takeoff.ensembles import Ensemble, _run
from takeoff.ensembles._backends import Local, in_order
from takeoff.ensembles._job import Job
from takeoff.ensembles._piece import Piece, Sample, sample, work
from takeoff.ensembles._totals import Totals
from takeoff.errors import InvalidValueError, UnknownNameError
from takeoff.models._base import with_values

ALL = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
SERIES = [(name, series) for name, case in CASES.items() for series in case.model.spec.series("time")]
LEVELS = (0.0, 0.05, 0.5, 0.77, 1.0)
DRAWS = 150
LAW = GrowthLaw(r=between(0.4, 3.6), first_doubling=MONTH)


def uncertain(case: Case) -> Any:
    """The model of a case with distributions in place of its columns."""
    return with_values(case.model, {path: Uniform(min(each), max(each)) for path, each in case.columns.items()})


def events_of(case: Case) -> dict[str, pl.Expr]:
    return {"low": pl.col(next(iter(case.columns))) < 0.3}


def edges_of(case: Case) -> dict[str, list[float]]:
    return {next(iter(case.columns)): [0.2, 0.6, 1.0, 2.0]}


def run(case: Case, **options: Any) -> Ensemble:
    """An ensemble of a case, in which everything is asked for that is summed up."""
    given: dict[str, Any] = {"horizon": case.horizon, "points": 5, "quantiles": LEVELS}
    given |= {"events": events_of(case), "histograms": edges_of(case)}
    return ensemble(uncertain(case), DRAWS, **given | options)


def same(found: Ensemble, expected: Ensemble) -> None:
    """Whether two ensembles agree in every bit, rows aside where one has none."""
    assert found.draws == expected.draws
    assert found.counts == expected.counts
    assert found.quantile_error == expected.quantile_error
    for name in ("bands", "summary", "rows"):
        one, other = getattr(found, name), getattr(expected, name)
        assert one is other is None or one.equals(other), name
    assert found.histograms.keys() == expected.histograms.keys()
    assert all(found.histograms[name].equals(each) for name, each in expected.histograms.items())


def contents(piece: Piece) -> dict[str, Any]:
    """What a piece holds, in forms that compare bit for bit."""
    assert piece.infinite is not None
    assert piece.rows is not None
    return {
        "draws": (piece.start, piece.count),
        "counts": [pickle.dumps(each) for each in (piece.summary, piece.bands)],
        "infinite": piece.infinite.tolist(),
        "events": piece.events,
        "histograms": {name: bins.tolist() for name, bins in piece.histograms.items()},
        "rows": piece.rows.with_columns(cs.float().reinterpret(signed=False)).to_dict(as_series=False),
    }


def small_pieces(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Cut ensembles into small pieces, whose quantiles are bracketed by few draws."""
    for name, value in (("_CHUNK", size), ("_COUNTED", size), ("_SAMPLE", 20)):
        monkeypatch.setattr(_run, name, value)


# ---- bands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "series"), SERIES)
def test_bands_that_are_counted_are_those_of_a_matrix_that_is_sorted(
    name: str, series: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pieces(monkeypatch, 64)
    case = CASES[name]
    result = run(case, bands=series, rows=True)
    assert result.bands is not None
    assert result.rows is not None
    assert (result.series, result.horizon) == (series, case.horizon)
    time = np.linspace(0, case.horizon, 5)
    np.testing.assert_allclose(result.bands["time_years"], time, rtol=1e-15)
    paths = with_values(case.model, {path: result.rows[path].to_numpy() for path in case.columns})
    matrix = ask(paths, [series], horizon=case.horizon, along={"time": result.bands["time_years"].to_numpy()})[series]
    table = result.bands.select(pl.exclude("time_years", "singular_share")).to_numpy()
    np.testing.assert_array_equal(table.T, quantiles(matrix, LEVELS))
    np.testing.assert_array_equal(result.bands["singular_share"], (matrix == np.inf).mean(axis=0))


@ALL
def test_the_first_series_has_the_bands(case: Case) -> None:
    series = case.model.spec.series("time")
    result = run(case)
    assert result.series == (series[0] if series else None)
    assert (result.bands is None) == (not series)


@pytest.mark.parametrize(
    ("model", "options", "says"),
    [
        (LAW, {"bands": "pace"}, "horizon must be given, or time, for bands of 'pace', got None"),
        (LAW, {"bands": "pace", "horizon": 1, "points": 0}, "points must be at least 2 for bands of 'pace', got 0"),
        (LAW, {"bands": "paec", "horizon": 1}, "bands must be one of doublings_at, level, pace.*did you mean 'pace'"),
        (
            LAW,
            {"outputs": ["pace"], "horizon": 1},
            "outputs must be those that do not run over time .bands='pace' gives",
        ),
        (ToyModel(papers_factor=Uniform(1, 3)), {"bands": "papers"}, "bands must be left out for a ToyModel"),
        (ToyModel(papers_factor=Uniform(1, 3)), {"time": [0.0, 1.0]}, "time must be left out for a ToyModel"),
    ],
)
def test_bands_refuse(model: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises((InvalidValueError, UnknownNameError), match=says):
        ensemble(model, 10, **options)


# ---- pieces --------------------------------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("size", [7, 64])
def test_threads_and_pieces_change_no_bit(case: Case, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run(case, rows=True, threads=1)
    small_pieces(monkeypatch, size)
    for threads in (1, 2, 3):
        same(run(case, rows=True, threads=threads), expected)


class Away:
    """A backend that works pieces elsewhere: arguments and pieces travel as bytes, all at once and in another order."""

    jobs: list[Job]

    def __init__(self) -> None:
        self.jobs = []

    def map(self, work: Callable[..., Piece], pieces: Iterable[tuple[Any, ...]]) -> Iterator[Piece]:
        assert isinstance(work, partial)
        self.jobs += work.args
        sent = [pickle.dumps((work, piece)) for piece in pieces]
        for order in np.random.default_rng(1).permutation(len(sent)):
            there, arguments = pickle.loads(sent[order])  # noqa: S301  (our own bytes)
            yield pickle.loads(pickle.dumps(there(*arguments)))  # noqa: S301


@ALL
@pytest.mark.parametrize("options", [{}, {"exact": False}, {"quantiles": np.linspace(0, 1, 201).tolist()}])
def test_pieces_that_travel_and_come_back_in_any_order_add_up(
    case: Case, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pieces(monkeypatch, 30)
    expected = run(case, rows=True, **options)
    monkeypatch.setattr(_run, "Local", Away)
    same(run(case, rows=True, **options), expected)


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Job:
    """The job of an ensemble with everything that a job may hold."""
    backend = Away()
    monkeypatch.setattr(_run, "Local", lambda: backend)
    model = GrowthLaw(takeoff.Derived("base * factor"), MONTH, limit=Uniform(10, 40))
    ensemble(
        model,
        300,
        horizon=1,
        points=3,
        inputs={"base": Uniform(0.5, 1.5), "factor": between(0.9, 1.1)},
        correlations={("base", "limit"): 0.5},
        doublings=[2.0, 5.0],
        multiple=2.0,
        events={"fast": pl.col("doublings_at_horizon") > 10},
        histograms={"r": [0.5, 1.0]},
        seed=7,
        rows=True,
    )
    return backend.jobs[0]


def test_a_job_travels(job: Job) -> None:
    job.drawn(0, 10)  # what is derived is left behind
    again = pickle.loads(pickle.dumps(job))  # noqa: S301  (our own bytes)
    assert vars(again).keys() == {name for name in vars(job) if name != "sampler"}
    assert again.model == job.model
    assert again.inputs == job.inputs
    assert again.manifest == job.manifest
    assert again.events["fast"].meta.eq(job.events["fast"])
    assert again.histograms["r"].tolist() == [-np.inf, 0.5, 1.0, np.inf]
    assert (again.levels, again.rows, again.end, again.width) == (job.levels, True, 1.0, job.width)
    with pytest.raises(AttributeError):
        job.seed = 3  # type: ignore[misc]


def total(job: Job, first: Sample, step: int) -> tuple[Ensemble, int]:
    """Totals of a job whose pieces are worked by the brackets of the start of a pass, and the passes that it takes."""
    totals, passes = Totals(job, first), 0
    while passes == 0 or not totals.end_pass():
        brackets = totals.brackets
        for start in range(0, job.draws, 60)[::step]:
            totals.add(work(job, start, min(60, job.draws - start), brackets))
        passes += 1
        assert totals.done == job.draws
    return totals.result(), passes


def test_totals_are_the_same_for_any_order_of_the_pieces(job: Job) -> None:
    first = sample(job, 40, 16)
    expected, _ = total(job, first, 1)
    same(total(job, first, -1)[0], expected)


def test_a_sample_unlike_the_rest_costs_passes_but_no_bit(job: Job) -> None:
    expected, _ = total(job, sample(job, 40, 16), 1)
    columns, summary, bands = sample(job, 40, 16)
    assert bands is not None
    for step in (1, -1):
        found, passes = total(job, Sample(columns, np.full_like(summary, 1.1), np.full_like(bands, 5.0)), step)
        assert passes > 1
        same(found, expected)


def test_work_is_a_function_of_its_arguments(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    brackets = Totals(job, sample(job, 40, 16)).brackets
    first, again = (contents(work(job, 100, 50, brackets)) for _ in range(2))
    assert first == again
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("when", [{"horizon": 1, "points": 3}, {"time": [0.0, 0.5, 1.0]}], ids=str)
def test_bands_come_with_outputs_that_need_no_horizon(when: dict[str, Any]) -> None:
    found = ensemble(LAW, 50, outputs="regime", **when)
    assert found.bands is not None
    assert found.bands["time_years"].to_list() == [0.0, 0.5, 1.0]


def test_pieces_come_in_order() -> None:
    pieces = [Piece(start, 2, None) for start in (4, 2, 8, 6)]  # type: ignore[arg-type]
    assert [piece.start for piece in in_order(pieces, 2)] == [2, 4, 6, 8]


def test_the_local_backend_takes_brackets_as_they_are_when_a_piece_is_due() -> None:
    taken: list[int] = []

    def arguments() -> Iterator[tuple[int, int, Any]]:
        for start in range(3):
            taken.append(start)
            yield start, 1, None

    pieces = Local().map(lambda start, count, _: Piece(start, count, None), arguments())  # type: ignore[arg-type]
    assert not taken
    assert next(pieces).start == 0
    assert taken == [0]


# ---- files ---------------------------------------------------------------------------------------------------------


@ALL
@pytest.mark.parametrize("points", [0, 5])
def test_a_run_goes_on_from_its_files(case: Case, points: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch, 20)
    monkeypatch.setattr(_run, "_PART", 40)
    expected = run(case, points=points, to_parquet=tmp_path, rows=True)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(files) == [*(f"part-{k:06}.parquet" for k in range(4)), "takeoff.json"]
    assert expected.rows is not None
    assert expected.scan().collect().equals(expected.rows)
    for lost in (["part-000001.parquet"], ["part-000000.parquet", "part-000003.parquet"], []):
        for name in lost:
            (tmp_path / name).unlink()
        same(run(case, points=points, to_parquet=tmp_path, rows=True), expected)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
