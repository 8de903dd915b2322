"""Results of a simulation: arrays, frames, summary, outcome, peak, readable forms and figures."""

import dataclasses
import html
import pickle
import re
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure as MplFigure
from polars.testing import assert_frame_equal

from takeoff import CES, MONTH, GrowthLaw, Hardware, ToyModel, simulate
from takeoff._arrays import quantiles
from takeoff.errors import DtypeError, InvalidValueError, MissingExtraError, UnknownNameError
from takeoff.models import GrowthLawTrajectory, ToyTrajectory

INF = np.inf
COLUMNS = ["time_years", "doublings", "level", "pace_doublings_per_year"]
SUMMARY = dict.fromkeys(["regime", "outcome"], pl.String) | dict.fromkeys(
    [
        *("criticality", "doublings_at_horizon", "singular_time_years", "limit_time_years"),
        *("peak_pace_doublings_per_year", "peak_time_years", "peak_doublings"),
    ],
    pl.Float64,
)
PER_PATH = ("criticality", "regime", "outcome", "singular_time", "limit_time", "peak_pace", "peak_time")


def one() -> GrowthLawTrajectory:
    return simulate(GrowthLaw(0.7, 1 * MONTH), 1, points=13)


def many() -> GrowthLawTrajectory:
    law = GrowthLaw([[0.7], [3.0]], 1 * MONTH, limit=[20.0, 30.0, INF], limit_shape="abrupt")
    return simulate(law, 0.5, points=7)


def test_a_frame_of_one_path() -> None:
    result = one()
    assert result.frame.schema == dict.fromkeys(COLUMNS, pl.Float64)
    for name, values in zip(COLUMNS, (result.time, result.doublings, result.level, result.pace), strict=True):
        np.testing.assert_array_equal(result.frame[name].to_numpy(), values)
    np.testing.assert_allclose(result.time / MONTH, np.arange(13), rtol=1e-15)
    assert result.horizon == 1.0
    assert (result.doublings[0], result.level[0]) == (0, 1)
    assert isinstance(result.outcome, str)
    assert all(np.shape(getattr(result, name)) == () for name in PER_PATH)


def test_a_frame_of_many_paths() -> None:
    result = many()
    assert result.doublings.shape == result.level.shape == result.pace.shape == (2, 3, 7)
    assert all(np.shape(getattr(result, name)) == (2, 3) for name in PER_PATH)
    frame = result.frame
    assert frame.schema == {"path": pl.Int64} | dict.fromkeys(["r", "limit_doublings", *COLUMNS], pl.Float64)
    assert frame["path"].to_list() == np.repeat(np.arange(6), 7).tolist()
    assert frame["r"].to_list() == [0.7] * 21 + [3.0] * 21
    assert frame["limit_doublings"][::7].to_list() == [20, 30, INF] * 2
    for path in range(6):
        i, j = divmod(path, 3)
        law = GrowthLaw([0.7, 3.0][i], 1 * MONTH, limit=[20.0, 30.0, None][j], limit_shape="abrupt")
        alone = simulate(law, 0.5, points=7)
        assert_frame_equal(frame.filter(path=path).select(COLUMNS), alone.frame, check_exact=True)
        assert_frame_equal(result.summary[path : path + 1].select(list(SUMMARY)), alone.summary, check_exact=True)


def test_units_stand_in_the_names_of_parameters() -> None:
    effort = CES([0.3, 0.4], rho=[0.0, -1.0], experiment_efficiency=[0.0, 0.1])
    hardware = Hardware([1.0, 2.0], [([1.0, 2.0], [3.0, 4.0])])
    law = GrowthLaw([1.0, 2.0], [0.1, 0.2], [0.5, 1.0], [9.0, 8.0], effort=effort, hardware=hardware)
    names = [
        *("path", "r", "first_doubling_years", "parallelizability", "limit_doublings"),
        *("effort_labor_share", "effort_rho", "effort_experiment_efficiency"),
        *("hardware_doubling_time_years", "hardware_changes_0_time_years", "hardware_changes_0_doubling_time_years"),
    ]
    result = simulate(law, 1, points=2)
    assert result.frame.columns == [*names, *COLUMNS]
    assert result.summary.columns == [*names, *SUMMARY]


def test_the_summary() -> None:
    result = many()
    assert one().summary.schema == SUMMARY
    assert result.summary.schema == {"path": pl.Int64, "r": pl.Float64, "limit_doublings": pl.Float64} | SUMMARY
    assert result.summary["outcome"].to_list() == ["horizon"] * 3 + ["limit", "limit", "singular"]
    assert result.summary["regime"].to_list() == ["fizzle"] * 3 + ["explosion"] * 3
    np.testing.assert_array_equal(result.summary["doublings_at_horizon"], result.doublings[..., -1].reshape(-1))
    np.testing.assert_array_equal(result.summary["limit_time_years"], result.limit_time.reshape(-1))


def test_a_frame_of_the_toy_model() -> None:
    result = simulate(ToyModel(papers_factor=[3.0, 1.5]), 1, doublings=20)
    floats = ["papers", "agis", "duration_years", "end_years"]
    first = {"path": pl.Int64, "papers_factor": pl.Float64, "doubling": pl.Int64}
    assert result.papers.shape == (2, 20)
    assert result.frame.schema == first | dict.fromkeys(floats, pl.Float64)
    assert result.frame.group_by("path", maintain_order=True).len().rows() == [(0, 3), (1, 20)]
    np.testing.assert_allclose(result.ends, np.cumsum(result.durations, axis=-1), rtol=1e-14)
    np.testing.assert_allclose(result.durations, result.papers / result.agis * MONTH, rtol=1e-14)
    assert result.outcome.tolist() == ["horizon", "singular"]
    alone = simulate(ToyModel(papers_factor=3.0), doublings=4)
    assert alone.frame.rows()[1] == (2, 6.0, 2.0, alone.durations[1], alone.ends[1])


def test_what_is_kept_is_read_only() -> None:
    result, toy = many(), simulate(ToyModel(papers_factor=[1.5, 3.0]))
    kept = ["time", "doublings", "level", "pace", "doubling_times", "singular_time", "limit_time"]
    kept += ["peak_pace", "peak_time", "peak_doublings"]
    assert [name for name in kept if getattr(result, name).flags.writeable] == []
    assert not any(getattr(toy, name).flags.writeable for name in ("papers", "agis", "durations", "ends"))


def test_results_are_frozen_and_travel() -> None:
    for result in (many(), simulate(ToyModel(papers_factor=1.5))):
        with pytest.raises(dataclasses.FrozenInstanceError):
            result.model = None  # type: ignore[misc]
        again = pickle.loads(pickle.dumps(result))  # noqa: S301  (our own bytes)
        assert again.model == result.model
        assert_frame_equal(again.frame, result.frame, check_exact=True)


def test_outcomes_turn_at_their_time() -> None:
    free = GrowthLaw(3, 1 * MONTH)
    for law, time, name in (
        (free, free.singular_time, "singular"),
        (dataclasses.replace(free, limit=9.0, limit_shape="abrupt"), free.time_at(9.0), "limit"),
    ):
        for end, outcome in ((np.nextafter(time, 0), "horizon"), (time, name), (2 * time, name)):
            assert simulate(law, end).outcome == outcome
    assert simulate(GrowthLaw(3, 1 * MONTH, limit=9.0), 1e9).outcome == "horizon"  # a linear limit is approached


def test_the_level_is_infinite_only_from_1024_doublings_on() -> None:
    below = np.nextafter(1024.0, 0)
    result = simulate(GrowthLaw(1, 1), time=[0.0, 1.0, 10.0, 1023.0, below, 1024.0, 1e6])
    assert np.array_equal(np.isinf(result.level), result.doublings >= 1024)
    assert np.isfinite(result.doublings).all()
    assert result.level[:4].tolist() == [1.0, 2.0, 1024.0, 2.0**1023]
    blown = simulate(GrowthLaw([1.0, 3.0], 1e-3), 2, points=5000)
    assert np.array_equal(np.isinf(blown.level), blown.doublings >= 1024)
    assert blown.doublings[1, -1] == blown.pace[1, -1] == INF


@pytest.mark.parametrize(
    ("law", "horizon"),
    [
        (GrowthLaw(3, 1 * MONTH, limit=30), 1),  # within
        (GrowthLaw(3, 1 * MONTH, 0.6, 8), 2),
        (GrowthLaw(3, 1 * MONTH, limit=300), 0.2),  # still rising at the horizon
        (GrowthLaw(0.7, 1 * MONTH), 1),  # falling from the start
        (GrowthLaw(2, 0.2, 0.8, 15, effort=CES(0.5, rho=-0.5, experiment_efficiency=0.3)), 4),
        (GrowthLaw(0.6, 0.2, hardware=Hardware(5, [(2.0, 0.4), (4.0, INF)])), 6),  # falls, rises, falls
        (GrowthLaw(0.6, 0.05, hardware=Hardware(5, [(2.0, 2.0), (3.0, INF)])), 6),  # rises later, to less
    ],
)
def test_the_peak_is_the_numerical_maximum(law: GrowthLaw, horizon: float) -> None:
    result = simulate(law, horizon, points=20_001)
    best = int(np.argmax(result.pace))
    assert result.peak_pace >= result.pace[best] * (1 - 1e-9)
    assert result.peak_pace == pytest.approx(result.pace[best], rel=1e-5)
    assert simulate(law, time=[result.peak_time]).pace[0] == pytest.approx(result.peak_pace, rel=1e-6)
    assert result.peak_doublings == pytest.approx(np.interp(result.peak_time, result.time, result.doublings), rel=1e-5)
    step = horizon / 20_000
    # Around a flat maximum the pace is the same to 1e-9 over more than a step.
    flat = result.time[result.pace >= result.pace[best] * (1 - 1e-9)]
    assert flat[0] - step <= result.peak_time <= flat[-1] + step
    # The pace is the slope of the doublings.
    slope = np.diff(result.doublings) / step
    np.testing.assert_allclose(slope, (result.pace[1:] + result.pace[:-1]) / 2, rtol=1e-4, atol=1e-5)


def test_the_peak_before_a_singularity_and_at_an_abrupt_limit() -> None:
    result = many()
    assert (result.peak_pace[1, 2], result.peak_doublings[1, 2]) == (INF, INF)
    assert result.peak_time[1, 2] == result.singular_time[1, 2]
    assert result.peak_time[1, :2] == pytest.approx(result.limit_time[1, :2])
    assert result.peak_doublings[1, :2] == pytest.approx([20.0, 30.0])


@pytest.mark.parametrize("limit", [None, 12.5])
def test_doubling_times_sum_to_times(limit: float | None) -> None:
    law = GrowthLaw([[0.7], [3.0]], [1 * MONTH, 1.0], 0.8, limit, effort=CES(0.4, rho=0.3))
    result = simulate(law, 1, points=2, doublings=15)
    assert result.doubling_times.shape == (2, 2, 15)
    reached = np.arange(1.0, 16.0)
    times = law.time_at(reached.reshape(-1, 1, 1)).transpose(1, 2, 0)
    np.testing.assert_allclose(np.cumsum(result.doubling_times, axis=-1), times, rtol=1e-12)
    assert np.array_equal(np.isfinite(times[0, 0]), reached < (limit or INF))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (one(), ["fizzle (criticality 0.7)", "outcome", "12 months, 13 points", "5.518 doublings", "30.4 days, "]),
        (simulate(GrowthLaw(3, 1 * MONTH), 1), ["singular at 2.7 months", "inf doublings (level inf)"]),
        (
            simulate(GrowthLaw([0.7, 1.0, 3.0], 1), 9),
            ["3 (shape (3,))", "fizzle 33.3%", "singular 33.3%", "9, inf doublings"],
        ),
        (simulate(GrowthLaw(np.linspace(0.5, 1, 12), 1), 9), ["12 (shape (12,))", "in the median, 5% to 95%"]),
        (simulate(ToyModel(papers_factor=1.5)), ["explosion (r = 1.71)", "8 months", "2 months, 45.7 days, "]),
    ],
)
def test_forms_say_the_same(result: GrowthLawTrajectory | ToyTrajectory, said: list[str]) -> None:
    text, page = repr(result), result._repr_html_()
    plain = html.unescape(re.sub("<[^>]+>", " ", page))
    assert text.startswith(f"{type(result).__name__} of {result.model!r}\n")
    assert text.count("\n") == page.count("<tr>")
    assert (page[:7], page[-8:]) == ("<table>", "</table>")
    for part in (*said, repr(result.model)):
        assert part in text
        assert part in plain


def test_the_form_of_several_toys_tells_of_the_first() -> None:
    forms = (repr(simulate(ToyModel(papers_factor=factor))) for factor in ([3.0, 1.5], 3.0))
    several, first = ([line.split() for line in form.splitlines()[1:]] for form in forms)
    assert several[1:] == first


@pytest.mark.parametrize("r", [1.5, [0.7, 1.0, 3.0], np.linspace(0.5, 3, 50)])
def test_plots(r: Any) -> None:
    result = simulate(GrowthLaw(r, 1 * MONTH), 0.2, points=25)
    axes: Any = result.plot().axes[0]
    assert axes.get_xlabel() == "time since the start, months"
    assert axes.get_xlim() == (0, pytest.approx(2.4))
    if np.size(r) == 1:
        drawn = axes.lines[0].get_xydata()
        np.testing.assert_allclose(np.interp(result.time / MONTH, *drawn.T), result.doublings, atol=1e-3)
    if np.size(r) == 3:
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["r = 0.7", "r = 1", "r = 3"]
    axes.figure.canvas.draw()


def test_no_line_crosses_the_times_of_singularities() -> None:
    axes: Any = simulate(GrowthLaw([2.0, 2.1, 3.0], 1 * MONTH), 1).plot().axes[0]
    axes.figure.canvas.draw()
    assert len(axes.texts) == 3
    for text in axes.texts:
        assert text.get_zorder() > max(line.get_zorder() for line in axes.lines)
        assert text.get_bbox_patch().get_facecolor() == (1, 1, 1, 1)


def test_a_plot_of_a_part_that_differs_names_it() -> None:
    axes: Any = simulate(GrowthLaw(1.5, 1 * MONTH, effort=CES([0.3, 0.5], rho=0)), 1).plot().axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert ["0.3" in labels[0], "0.5" in labels[1]] == [True, True]


def test_quantiles_cope_with_infinity() -> None:
    values = np.array([np.inf, 1.0, 3.0, 2.0, np.inf, np.inf])
    assert quantiles(values, (0, 0.2, 0.25, 0.4, 0.5, 0.9, 1)).tolist() == [1, 2, 2.25, 3, np.inf, np.inf, np.inf]
    rng = np.random.default_rng(0)
    many = rng.normal(size=(37, 5))
    np.testing.assert_allclose(quantiles(many, (0.05, 0.5, 0.95)), np.quantile(many, (0.05, 0.5, 0.95), axis=0))


def test_lines_end_where_the_paths_do() -> None:
    """An abrupt limit goes on to the horizon; an explosion leaves the axes, whatever the points."""
    abrupt = GrowthLaw(3, 1 * MONTH, limit=10, limit_shape="abrupt")
    line: Any = simulate(abrupt, 1).plot().axes[0].lines[0].get_xydata()
    assert tuple(line[-1]) == (pytest.approx(12), 10)
    tops = []
    for points in (11, 1001):
        axes: Any = simulate(GrowthLaw(1.2, 1), 50, points=points).plot().axes[0]
        tops.append(axes.get_ylim()[1])
        assert axes.lines[0].get_xydata()[-1, 1] >= tops[-1]
    assert tops[0] == tops[1]


def test_bands_end_where_their_quantile_becomes_infinite() -> None:
    law = GrowthLaw(np.linspace(0.5, 3, 8), 1 * MONTH)
    median: Any = simulate(law, 1).plot().axes[0].lines[0].get_xydata()
    end = np.sort(law.singular_time)[3] / MONTH
    assert 10 < median[np.searchsorted(median[:, 0], end) - 1, 1] < median[-1, 1]


def test_plots_on_axes_that_are_given() -> None:
    given = MplFigure().add_subplot()
    assert one().plot(ax=given) is given.figure
    assert given.lines
    assert simulate(ToyModel()).plot(ax=given) is given.figure
    with pytest.raises(DtypeError, match="ax must be matplotlib Axes or None, got int"):
        one().plot(ax=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword argument 'title'"):
        one().plot(title="x")  # type: ignore[call-arg]
    with pytest.raises(InvalidValueError, match="path must be an integer from 0 to 1, got 2"):
        simulate(ToyModel(papers_factor=[3, 1.5])).plot(path=2)


def test_the_summary_of_toys() -> None:
    summary = simulate(ToyModel(papers_factor=[3, 1.5])).summary
    assert summary["papers_factor"].to_list() == [3, 1.5]
    assert summary["regime"].to_list() == ["fizzle", "explosion"]
    assert summary["singular_time_years"].to_list() == [np.inf, pytest.approx(8 * MONTH)]


def test_a_plot_of_no_time_at_all() -> None:
    assert simulate(GrowthLaw(1, 1), time=[0.0]).plot().axes[0].get_xlabel()


def test_a_plot_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(simulate(ToyModel()).plot(doublings=3).axes[0].patches) == 3
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for result in (one(), simulate(ToyModel())):
        with pytest.raises(
            MissingExtraError, match=r"^a figure needs the extra 'plot': pip install 'takeoff\[plot\]'$"
        ):
            result.plot()


def test_an_output_that_the_model_does_not_have_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"output of a GrowthLaw must be one of .*did you mean 'regime'"):
        one().column("regimes")
