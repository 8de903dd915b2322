"""Ensembles: exact, the same for any pieces, honest about what is outside, interrupted or on disk."""

import errno
import json
import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import scipy.stats

import takeoff
from takeoff import CES, MONTH, Derived, GrowthLaw, Hardware, Truncated, Uniform, between, ensemble
from takeoff.ensembles import _run
from takeoff.errors import DtypeError, InvalidValueError, OutputError, ShapeError, SizeError, UnknownNameError

R = between(0.4, 3.6)
LAW = GrowthLaw(r=R, first_doubling=MONTH)
LIMITED = GrowthLaw(r=R, first_doubling=MONTH, parallelizability=Uniform(0.3, 0.9), limit=Uniform(10, 40))
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def direct(draws: int, horizon: float, seed: int = 0) -> tuple[Any, Any]:
    """All of an ensemble of LIMITED at once."""
    fields = {"r": R, "parallelizability": Uniform(0.3, 0.9), "limit": Uniform(10, 40)}
    frame = takeoff.draw(fields, draws, seed=seed)
    law = GrowthLaw(frame["r"], MONTH, frame["parallelizability"], frame["limit"])
    return law, takeoff.simulate(law, horizon, points=11)


def interpolated(values: Any, levels: Any) -> Any:
    """Quantiles by linear interpolation, with infinities."""
    ordered = np.sort(values, axis=0)
    rows = []
    for level in levels:
        place = level * (len(values) - 1)
        low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
        with np.errstate(invalid="ignore"):
            rows.append(np.where(low == high, low, low + (place - math.floor(place)) * (high - low)))
    return np.array(rows).T


@pytest.mark.parametrize("draws", [1, 2, 1000, 8193, 40_000])
def test_bands_and_summary_are_those_of_all_paths_at_once(draws: int) -> None:
    run = ensemble(LIMITED, draws, horizon=2, points=11)
    law, course = direct(draws, 2)
    assert run.bands is not None
    found = run.bands.select(pl.exclude("time_years", "singular_share")).to_numpy()
    np.testing.assert_array_equal(found, interpolated(course.doublings, LEVELS))
    summary = run.summary.filter(pl.col("column") == "doublings_at_horizon").drop("column").row(0)
    np.testing.assert_array_equal(summary, interpolated(course.doublings[:, -1:], LEVELS)[0])
    assert run.counts == {
        "outcome: horizon": draws,
        **{f"regime: {name}": n for name, n in zip(*np.unique(law.regime, return_counts=True), strict=True)},
    }
    assert run.quantile_error == 0


def test_infinite_quantiles_and_the_singular_share() -> None:
    run = ensemble(LAW, 30_000, horizon=3, points=31)
    r = takeoff.draw({"r": R}, 30_000)["r"]
    course = takeoff.simulate(GrowthLaw(r, MONTH), 3, points=31)
    assert run.bands is not None
    found = run.bands.select(pl.exclude("time_years", "singular_share")).to_numpy()
    np.testing.assert_array_equal(found, interpolated(course.doublings, LEVELS))
    np.testing.assert_array_equal(run.bands["singular_share"], np.isinf(course.doublings).mean(axis=0))
    assert run.bands["singular_share"][-1] == run.probability("outcome: singular") > 0.5


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("chunk", [997, 8192, 50_000])
def test_pieces_and_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch, threads: int, chunk: int) -> None:
    expected = ensemble(LIMITED, 20_000, horizon=2, points=9, rows=True, threads=1)
    monkeypatch.setattr(_run, "_CHUNK", chunk)
    found = ensemble(LIMITED, 20_000, horizon=2, points=9, rows=True, threads=threads)
    assert found.bands is not None
    assert expected.bands is not None
    assert found.rows is not None
    assert expected.rows is not None
    assert found.bands.equals(expected.bands)
    assert found.summary.equals(expected.summary)
    assert found.rows.equals(expected.rows)
    assert found.counts == expected.counts


def test_one_pass_is_within_its_bound() -> None:
    few = ensemble(LIMITED, 60_000, horizon=2, points=9, exact=False)
    assert few.quantile_error == 0  # what lies near five quantiles is kept
    levels = np.linspace(0.01, 0.99, 393).tolist()
    exact, rough = (
        ensemble(LIMITED, 60_000, horizon=2, points=9, exact=each, quantiles=levels) for each in (True, False)
    )
    assert exact.bands is not None
    assert rough.bands is not None
    assert few.bands is not None
    assert 0 < rough.quantile_error < 0.05
    np.testing.assert_allclose(few.bands["50%"], exact.bands["50%"], rtol=1e-12)
    for name in ("5%", "50%", "95%"):
        a, b = exact.bands[name][1:].to_numpy(), rough.bands[name][1:].to_numpy()
        assert np.all(np.abs(a / b - 1) <= 1.0000001 * rough.quantile_error)
        assert np.any(a != b)


def test_rows_hold_the_draws_and_what_is_asked_of_them() -> None:
    run = ensemble(LIMITED, 500, horizon=1, rows=True, outputs=["regime", "time_at", "peak_pace"], doublings=[2, 5.5])
    law, _ = direct(500, 1)
    assert run.rows is not None
    assert run.rows.columns == [
        *("draw", "r", "parallelizability", "limit"),
        *("regime", "time_at_2", "time_at_5.5", "peak_pace"),
    ]
    np.testing.assert_array_equal(run.rows["draw"], np.arange(500))
    np.testing.assert_array_equal(run.rows["time_at_5.5"], law.time_at(5.5))
    np.testing.assert_array_equal(run.rows["peak_pace"], takeoff.simulate(law, 1).peak_pace)
    assert run.rows["regime"].to_list() == law.regime.tolist()
    assert run.histogram("time_at_2", bins=7)["count"].sum() == 500
    assert run.scan().select(pl.len()).collect().item() == 500


@pytest.mark.parametrize("chunk", [997, 50_000])
def test_histograms_count_every_draw_without_rows(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    edges = np.array([0.5, 1.0, 2.0])
    asked: Any = {"r": edges, "singular_time": [0.0, 1.0, math.inf], "draw": [10.0]}
    run = ensemble(LAW, 20_000, rows=True, threads=1)
    monkeypatch.setattr(_run, "_CHUNK", chunk)
    found = ensemble(LAW, 20_000, histograms=asked).histograms
    assert run.rows is not None
    r, singular = run.rows["r"].to_numpy(), run.rows["singular_time"].to_numpy()
    assert found["r"]["low"].to_list() == [-math.inf, 0.5, 1.0, 2.0]
    assert found["r"]["high"].to_list() == [0.5, 1.0, 2.0, math.inf]
    assert found["r"]["count"].to_list() == [
        int(((low <= r) & (r < high)).sum()) for low, high in found["r"].select("low", "high").iter_rows()
    ]
    assert found["singular_time"]["count"].to_list() == [0, int((singular < 1).sum()), int((singular >= 1).sum())]
    assert found["draw"]["count"].to_list() == [10, 19_990]


def test_histograms_of_nothing() -> None:
    with pytest.raises(UnknownNameError, match=r"column in histograms must be one of .*criticality.*, got 'rr'"):
        ensemble(LAW, 10, histograms={"rr": [1.0]})
    with pytest.raises(DtypeError, match=r"histograms\['regime'\] must be of a column of numbers"):
        ensemble(LAW, 10, histograms={"regime": [1.0]})
    for edges, place in (([1.0, 1.0], 1), ([2.0, 1.0], 1), ([math.nan], 0), ([0, 1, math.nan], 2)):
        with pytest.raises(InvalidValueError, match=rf"histograms\['r'\] must be ascending .* at index {place}"):
            ensemble(LAW, 10, histograms={"r": edges})
    with pytest.raises(ShapeError, match=r"histograms\['r'\] must have one axis"):
        ensemble(LAW, 10, histograms={"r": 1.0})
    with pytest.raises(DtypeError, match="histograms must be a mapping"):
        ensemble(LAW, 10, histograms=[1.0])  # type: ignore[arg-type]


def test_models_share_the_draws_of_inputs_of_one_name() -> None:
    other = GrowthLaw(r=R, first_doubling=MONTH, effort=CES(labor_share=Uniform(0.3, 0.9), rho=-0.5))
    first, second = (ensemble(model, 100, seed=7, rows=True) for model in (LAW, other))
    assert first.rows is not None
    assert second.rows is not None
    assert first.rows["r"].equals(second.rows["r"])
    assert second.rows.columns[1:3] == ["r", "effort.labor_share"]


def test_formulas_and_correlations() -> None:
    law = GrowthLaw(r=Derived("1.4 * post_training * discount"), first_doubling=MONTH, limit=Uniform(10, 40))
    inputs = {"post_training": Uniform(0.5, 1), "discount": between(0.6, 0.9, kind="uniform")}
    run = ensemble(law, 4000, inputs=inputs, correlations={("post_training", "limit"): 0.7}, rows=True)
    assert run.rows is not None
    product = 1.4 * run.rows["post_training"] * run.rows["discount"]
    np.testing.assert_allclose(run.rows["r"], product, rtol=1e-15)
    rank = scipy.stats.spearmanr(run.rows["post_training"], run.rows["limit"]).statistic
    assert abs(rank - 0.7) < 4 * 0.51 / math.sqrt(4000) + 1e-3
    twice = ensemble(GrowthLaw(r=Uniform(1, 2), first_doubling=0.25, limit=Derived("20 * r")), 100, rows=True)
    assert twice.rows is not None
    np.testing.assert_array_equal(twice.rows["limit"], 20 * twice.rows["r"])


def test_what_stands_for_a_distribution_and_where() -> None:
    changes = ((0.5, scipy.stats.uniform(1, 2)),)
    law = GrowthLaw(1.0, MONTH, hardware=Hardware(scipy.stats.norm(2, 0.1), changes))
    run = ensemble(law, 50, horizon=1, rows=True)
    assert run.rows is not None
    assert run.rows.columns[1:3] == ["hardware.doubling_time", "hardware.changes[0].doubling_time"]
    sample = np.array([0.5, 1.5, 2.5])
    drawn = ensemble(GrowthLaw(1.0, MONTH), 50, inputs={"r": sample}, rows=True)
    assert drawn.rows is not None
    assert set(drawn.rows["r"]) <= set(sample)


def test_an_uncertain_model_is_a_description() -> None:
    with pytest.raises(InvalidValueError, match=r"takeoff\.ensemble draws"):
        takeoff.simulate(LAW, 1)
    with pytest.raises(InvalidValueError, match="r must be"):
        LAW.criticality  # noqa: B018
    assert GrowthLaw(r=between(0.4, 3.6), first_doubling=MONTH) == LAW
    assert hash(GrowthLaw(r=between(0.4, 3.6), first_doubling=MONTH)) == hash(LAW)
    with pytest.raises(InvalidValueError, match="first_doubling"):
        GrowthLaw(r=R, first_doubling=-1)
    assert CES(labor_share=Uniform(0.2, 0.8), elasticity=0.5).rho == -1


def test_an_uncertain_elasticity_is_an_input() -> None:
    with pytest.raises(DtypeError, match=r"elasticity must be a number; .*rho=takeoff.Derived\('1 - 1 / elasticity'\)"):
        CES(labor_share=0.5, elasticity=Uniform(0.3, 0.6))  # type: ignore[arg-type]
    law = GrowthLaw(3, MONTH, effort=CES(0.5, rho=Derived("1 - 1 / elasticity")))
    run = ensemble(law, 100, horizon=1, inputs={"elasticity": Uniform(0.3, 0.6)}, rows=True)
    assert run.rows is not None
    assert run.rows["effort.rho"].is_between(1 - 1 / 0.3, 1 - 1 / 0.6).all()


def test_events_and_their_errors() -> None:
    events = {"fast": pl.col("r") > 2, "never": pl.col("r") > 1e6}
    run = ensemble(LAW, 20_000, horizon=1, events=events)
    fast = run.probabilities.row(0, named=True)
    exact = 1 - R.cdf(2)
    assert abs(fast["probability"] - exact) < 4 * fast["standard_error"]
    assert math.isclose(fast["standard_error"], math.sqrt(exact * (1 - exact) / 20_000), rel_tol=0.05)
    never = run.probabilities.row(1, named=True)
    assert (never["event"], never["probability"], never["low"]) == ("never", 0, 0)
    assert 1e-4 < never["high"] < 3e-4
    inside = 0
    for seed in range(40):
        row = ensemble(LAW, 500, seed=seed, events=events, outputs=[]).probabilities.row(0, named=True)
        inside += row["low"] <= exact <= row["high"]
    assert inside >= 34  # fewer has a chance of 1 in 10,000


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_low_discrepancy(method: Any) -> None:
    run = ensemble(LIMITED, 4096, horizon=1, events={"more": pl.col("r") > R.quantile(0.5)}, method=method)
    assert abs(run.probability("more") - 0.5) < 2e-3


def test_draws_outside_the_range_of_a_field() -> None:
    law = GrowthLaw(1.0, MONTH, parallelizability=Uniform(0.5, 1.5))
    with pytest.raises(InvalidValueError, match=r"parallelizability.*0\.5 of its draws are outside"):
        ensemble(law, 1000)
    run = ensemble(law, 1000, outside="truncate", rows=True)
    assert run.rows is not None
    assert run.inputs["parallelizability"] == Truncated(Uniform(0.5, 1.5), 1e-6, 1)
    assert run.rows["parallelizability"].max() <= 1  # type: ignore[operator]
    formula = GrowthLaw(1.0, MONTH, parallelizability=Derived("2 * share"))
    with pytest.raises(InvalidValueError, match=r"parallelizability.*of a piece"):
        ensemble(formula, 1000, inputs={"share": Uniform(0.2, 0.8)})


def test_parquet_holds_the_rows_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "_PART", 16384)
    whole = ensemble(LIMITED, 50_000, horizon=1, points=0, to_parquet=tmp_path / "a", rows=True)
    files = {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()}
    assert sorted(files) == [*(f"part-{k:06}.parquet" for k in range(4)), "takeoff.json"]
    assert whole.scan().collect().equals(pl.read_parquet(tmp_path / "a" / "part-*.parquet"))
    manifest = json.loads(files["takeoff.json"])
    assert (manifest["seed"], manifest["draws"], manifest["takeoff"]) == (0, 50_000, takeoff.__version__)
    (tmp_path / "a" / "part-000001.parquet").unlink()
    (tmp_path / "a" / ".part-000003.parquet.99").write_bytes(b"half")
    again = ensemble(LIMITED, 50_000, horizon=1, points=0, to_parquet=tmp_path / "a")
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == files
    assert again.summary.equals(whole.summary)
    assert again.counts == whole.counts
    with pytest.raises(OutputError, match="another run, of another seed"):
        ensemble(LIMITED, 50_000, horizon=1, points=0, seed=1, to_parquet=tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("x")
    with pytest.raises(OutputError, match="holds other files"):
        ensemble(LAW, 10, to_parquet=tmp_path / "b")
    (tmp_path / "a" / "part-000002.parquet").write_bytes(b"PAR1 not")
    with pytest.raises(OutputError, match="cannot read"):
        ensemble(LIMITED, 50_000, horizon=1, points=0, to_parquet=tmp_path / "a")


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_full_disk_leaves_complete_parts_and_the_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_run, "_PART", 16384)
    write, there = Path.write_bytes, tmp_path / "a"
    room = 2

    def full(path: Path, content: Any) -> int:
        nonlocal room
        room -= "part-" in path.name
        if room >= 0:
            return write(path, content)
        write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(
            OutputError, match=r"cannot write .*part-000002\.parquet: No space left .* goes on from there"
        ):
            ensemble(LIMITED, 50_000, horizon=1, points=0, to_parquet=there)
    left = contents(there)
    assert sorted(left) == ["part-000000.parquet", "part-000001.parquet", "takeoff.json"]
    ensemble(LIMITED, 50_000, horizon=1, points=0, to_parquet=there)
    ensemble(LIMITED, 50_000, horizon=1, points=0, to_parquet=tmp_path / "b")
    whole = contents(there)
    assert whole == contents(tmp_path / "b")
    assert len(whole) == 5
    assert left.items() <= whole.items()


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files")
@pytest.mark.parametrize(("limit", "left"), [(50, []), (100_000, ["takeoff.json"])])
def test_files_that_may_not_grow(tmp_path: Path, limit: int, left: list[str]) -> None:
    import resource

    there = tmp_path / "a"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(OutputError, match=r"cannot write .*: File too large; what was written before is complete"):
            ensemble(LAW, 10_000, to_parquet=there)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert sorted(contents(there)) == left
    ensemble(LAW, 10_000, to_parquet=there)
    ensemble(LAW, 10_000, to_parquet=tmp_path / "b")
    assert contents(there) == contents(tmp_path / "b")


@pytest.mark.parametrize("path", [5, True, ["a"], b"a", np.ones(2), pl.Series([1.0]), "\udc80"])
def test_what_is_no_directory(path: Any) -> None:
    with pytest.raises((DtypeError, InvalidValueError), match="to_parquet must be "):
        ensemble(LAW, 10, to_parquet=path)


SCRIPT = textwrap.dedent("""
    import signal, sys, takeoff
    from takeoff import MONTH, Uniform, between
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background may have it ignored
    law = takeoff.GrowthLaw(r=between(0.4, 3.6), first_doubling=MONTH, parallelizability=Uniform(0.3, 0.9))
    print("start", flush=True)
    run = takeoff.ensemble(law, int(sys.argv[1]), horizon=1, points=int(sys.argv[3]), to_parquet=sys.argv[2] or None)
    print(run.draws, run.requested, run.bands is not None, flush=True)
""")


def started(draws: int, directory: Path | str, points: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(draws), str(directory), str(points)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "start\n"
    return run


def test_a_run_that_was_killed_ends_with_the_same_files(tmp_path: Path) -> None:
    run = started(600_000, tmp_path / "killed", 0)
    deadline = time.monotonic() + 60
    while not (tmp_path / "killed" / "part-000000.parquet").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert run.stdout is not None
    run.stdout.close()
    for directory in ("killed", "whole"):
        with started(600_000, tmp_path / directory, 0) as again:
            assert again.wait() == 0
    killed, whole = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("killed", "whole")
    )
    assert killed == whole
    assert len(whole) == 6


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_gives_back_what_is_done() -> None:
    with started(400_000_000, "", 121) as run:
        time.sleep(3)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate()
    draws, requested, bands = out.split()
    assert 0 < int(draws) < int(requested) == 400_000_000
    assert bands == "True"


def test_bad_input() -> None:
    with pytest.raises(InvalidValueError, match="draws"):
        ensemble(LAW, 0)
    with pytest.raises(InvalidValueError, match="draws"):
        ensemble(LAW, -5)
    with pytest.raises(SizeError, match=r"needs 48,000.0 TB .*write them with to_parquet"):
        ensemble(LAW, 10**15, rows=True)
    with pytest.raises(InvalidValueError, match="4,294,967,295"):
        ensemble(LAW, 10**15)
    with pytest.raises(InvalidValueError, match="distribution for at least one field"):
        ensemble(GrowthLaw(1, 1), 10)
    with pytest.raises(ShapeError, match="one path"):
        ensemble(GrowthLaw([1, 2], 1), 10, inputs={"limit": Uniform(10, 20)})
    with pytest.raises(UnknownNameError, match="limt"):
        ensemble(LAW, 10, inputs={"limt": Uniform(10, 20)})
    with pytest.raises(UnknownNameError, match="post"):
        ensemble(GrowthLaw(Derived("2 * post"), 1), 10)
    with pytest.raises(UnknownNameError, match=r"name in r = '2 \* pst' must be .*did you mean 'post'"):
        ensemble(GrowthLaw(Derived("2 * pst"), 1), 10, inputs={"post": Uniform(1, 2)})
    with pytest.raises(InvalidValueError, match="circle"):
        ensemble(GrowthLaw(Derived("limit / 20"), 1, limit=Derived("20 * r")), 10)
    with pytest.raises(InvalidValueError, match="true or false"):
        ensemble(LAW, 10, events={"r": pl.col("r")})
    with pytest.raises(InvalidValueError, match="nothing"):
        ensemble(LAW, 10, events={"r": pl.col("nothing") > 1})
    with pytest.raises(DtypeError, match="events"):
        ensemble(LAW, 10, events={"r": "r > 1"})  # type: ignore[dict-item]
    with pytest.raises(InvalidValueError, match="quantiles"):
        ensemble(LAW, 10, quantiles=[0.5, 1.5])
    with pytest.raises(UnknownNameError, match="outside"):
        ensemble(LAW, 10, outside="clip")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="gives its quantiles at each time"):
        ensemble(LAW, 10, time=[0, 1], outputs=["doublings_at"])
    with pytest.raises(DtypeError, match="model"):
        ensemble("law", 10)
    with pytest.raises(InvalidValueError, match="to_parquet given"):
        ensemble(LAW, 10).scan()
    with pytest.raises(UnknownNameError, match="event"):
        ensemble(LAW, 10).probability("none such")
    for event in (pl.col("r") > 1, 1.0, None):
        with pytest.raises(DtypeError, match="event must be the name of an event"):
            ensemble(LAW, 10).probability(event)  # type: ignore[arg-type]
    with pytest.raises(DtypeError, match="regime"):
        ensemble(LAW, 10, rows=True).histogram("regime")


def test_what_drives_the_answer() -> None:
    run = ensemble(LIMITED, 5000, horizon=1, rows=True)
    assert run.rows is not None
    found = run.rank_correlations("doublings_at_horizon")
    assert found["correlation"].abs().is_sorted(descending=True)
    for name, rho, error in found.iter_rows():
        expected = scipy.stats.spearmanr(run.rows[name], run.rows["doublings_at_horizon"]).statistic
        assert math.isclose(rho, expected, abs_tol=1e-12)
        assert 0.001 < error < 0.02
    singular = ensemble(LAW, 5000, rows=True).rank_correlations("singular_time").row(0)
    assert singular[0] == "r"
    assert singular[1] < -0.95  # infinite for four in ten, which tie
    with pytest.raises(InvalidValueError, match="not the same for all"):
        run.rank_correlations("singular_time")
    with pytest.raises(DtypeError, match="regime"):
        run.rank_correlations("regime")
    spread = [
        ensemble(LIMITED, 400, seed=seed, horizon=1, rows=True).rank_correlations("criticality").row(1)
        for seed in range(30)
    ]
    errors = [row[2] for row in spread]
    assert abs(np.std([row[1] for row in spread]) / np.mean(errors) - 1) < 0.6


def test_survival_is_the_share_that_is_left() -> None:
    outputs = ["threshold_time"]
    run = ensemble(LAW, 2000, horizon=1, multiple=5, outputs=outputs, rows=True)
    line = takeoff.figures.survival(run, "threshold_time").axes[0].lines[0]
    assert run.rows is not None
    share = (run.rows["threshold_time"] > 1).mean()
    assert line.get_ydata()[-1] == pytest.approx(share)  # type: ignore[index]
    assert line.get_ydata()[0] == 1  # type: ignore[index]
