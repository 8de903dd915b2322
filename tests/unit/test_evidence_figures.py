"""Figures and texts of estimates and of their comparison."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import takeoff
from reference.research import STAFF, TABLE, YEAR, read
from takeoff import evidence
from takeoff.errors import DtypeError, InvalidValueError, UnknownNameError

# Every one that fits growth or the level alone, and two by their beta and lambda.
ESTIMATORS: dict[str, Callable[..., evidence.Estimate]] = {
    name: getattr(evidence, name)
    for name in (
        "naive_ratio", "loglog_cumulative", "jones_level_ml", "stable_increment_ml", "growth_rate_ols", "feller_ml"
    )
}  # fmt: skip


def noisy_table(spread: float = 0.05) -> dict[str, Any]:
    errors = spread * np.random.default_rng(0).normal(size=20)
    return {**TABLE, "year": np.arange(2004, 2024), "efficiency": TABLE["efficiency"] * np.exp(errors)}


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.usefixtures("search")
def test_a_fit_goes_through_the_middle_of_the_data(name: str) -> None:
    series = read(noisy_table())
    axes: Any = ESTIMATORS[name](series).plot("fit").axes[0]
    curve = axes.lines[-1].get_xydata()
    fitted = np.interp(series.time, curve[:, 0], curve[:, 1])
    measured = (series.log_output - series.log_output[0]) / math.log(2)
    assert (fitted - measured).mean() == pytest.approx(0, abs=1e-9)
    assert np.std(fitted - measured) < 0.2
    assert name in axes.get_legend().get_texts()[0].get_text()
    axes.figure.canvas.draw()
    ticks = [text.get_text() for text in axes.get_xticklabels()]
    assert "2010" in ticks
    assert all(text.isdigit() for text in ticks)


def test_a_law_is_drawn_with_its_own_beta_and_lambda() -> None:
    """Of two numbers: through both, and between them as ln(1 + k tau) / beta goes, whatever the unit of input."""
    series = evidence.endpoint_series("image recognition")
    found = evidence.endpoint_bayes(series, effective_size=100)
    assert found.beta is not None
    assert found.parallelizability is not None
    for factor in (1.0, 1e80):
        same = dataclasses.replace(found, series=dataclasses.replace(series, flow=factor * series.flow))
        axes: Any = same.plot("fit").axes[0]
        time, doublings = axes.lines[-1].get_xydata().T
        assert time.tolist() == list(range(11))
        assert doublings[[0, -1]] == pytest.approx(np.log2(np.exp(series.log_output)), abs=0.01)
        made = np.expm1(found.beta * math.log(2) * (doublings - doublings[0]))
        gained = np.diff(made) / (series.flow / series.flow[0]) ** found.parallelizability
        np.testing.assert_allclose(gained, gained[0], rtol=1e-6)


def test_draws_of_beta_and_lambda_are_their_ridge() -> None:
    found = evidence.endpoint_bayes(evidence.endpoint_series("image recognition"), effective_size=2000)
    axes: Any = found.plot("ridge").axes[0]
    assert found.draws is not None
    shown = axes.collections[0].get_offsets()
    np.testing.assert_array_equal(shown, found.draws.select("beta", "parallelizability").to_numpy()[: len(shown)])
    assert f"{len(shown):,} draws" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_chain_shows_probabilities_beside_that_of_its_authors() -> None:
    axes: Any = evidence.paper_chain().plot().axes[0]
    words = [text.get_text() for text in axes.texts if text.get_text()]
    assert words[0] == "P(r > 1)"
    assert words[-1] == "50%\n(authors: 30% to 60%)"
    assert "authors" not in "".join(text.get_text() for text in evidence.davidson_houlden_chain().plot().axes[0].texts)


@pytest.mark.usefixtures("search")
def test_figures_with_nothing_to_draw() -> None:
    series = read(noisy_table())
    held = evidence.jones_level_ml(series)
    with pytest.raises(InvalidValueError, match="lambda is held"):
        held.plot("ridge")
    no_slowing = dataclasses.replace(evidence.growth_rate_ols(series), beta=-0.1)
    with pytest.raises(InvalidValueError, match="no course of efficiency"):
        no_slowing.plot("fit")
    with pytest.raises(InvalidValueError, match="no course of efficiency"):
        evidence.two_input(series, series, compute_share=0.5).plot("fit")


@pytest.mark.usefixtures("search")
def test_profiles_keep_to_what_matters() -> None:
    r = np.geomspace(0.02, 50, 64)
    flat = np.maximum(-200 * np.log(r / 1.5) ** 2, -5.5)  # as where a straight line fits too
    found = evidence.jones_level_ml(read(noisy_table()))
    found = dataclasses.replace(
        found, r_low=1.4, r_high=1.7, profile=pl.DataFrame({"r": r, "log_likelihood": flat}), draws=None
    )
    axes: Any = found.plot("profile").axes[0]
    assert 1.4 / 6 < axes.get_xlim()[0] < 1 < 1.7 < axes.get_xlim()[1] < 6 * 1.7
    assert axes.get_ylabel() == "log likelihood, less its maximum"
    unbounded: Any = dataclasses.replace(found, r_low=0.0, r_high=math.inf).plot("profile").axes[0]
    assert unbounded.get_xlim() == (pytest.approx(0.02, rel=0.2), pytest.approx(50, rel=0.2))


def test_draws_in_as_many_bins_as_they_bear() -> None:
    found = evidence.loglog_cumulative(read(noisy_table()))
    few: Any = found.plot("profile").axes[0]
    bars = [each.get_height() for each in few.patches if each.get_height() != 1]
    assert 8 <= len(bars) <= 25
    assert sum(bars) == pytest.approx(100, abs=1)
    exact = evidence.loglog_cumulative(read(TABLE))
    assert exact.plot("profile").axes


@pytest.mark.usefixtures("search")
def test_a_ridge_shows_its_best_points() -> None:
    found = evidence.jones_level_ml(read(noisy_table()), parallelizability=[0.3, 0.6, 1.0])
    figure = found.plot("ridge")
    points: Any = figure.axes[0].collections[0]
    assert points.get_array().max() == 0
    assert figure.axes[1].get_ylabel() == "log likelihood, less its maximum"
    points.figure.canvas.draw()
    luminance = points.get_facecolors()[:, :3] @ [0.3, 0.6, 0.1]
    assert np.argmin(luminance) == np.argmax(points.get_array())


@pytest.mark.usefixtures("search")
def test_a_comparison_shows_r_and_tells_series_apart() -> None:
    both = {"staff": read(noisy_table()), "hours": read({**noisy_table(), "staff": STAFF**1.3})}
    found = evidence.compare(both, ["naive_ratio", "jones_level_ml"])
    axes: Any = found.plot().axes[0]
    dots = [line for line in axes.lines if line.get_marker() not in ("None", None)]
    assert len({(dot.get_color(), dot.get_marker()) for dot in dots}) == 2
    estimate = found["hours", "jones_level_ml"]
    assert axes.texts[3].get_text() == f"{estimate.r:.2f} [{estimate.r_low:.2f}, {estimate.r_high:.2f}]"
    axes.figure.canvas.draw()
    assert axes.get_xticks(minor=True).size == 0
    open_end = evidence.compare(read({name: column[:3] for name, column in TABLE.items()}), ["naive_ratio"])
    infinite: Any = open_end.plot().axes[0]
    assert infinite.texts[0].get_text().endswith(", \u221e]") == math.isinf(open_end["naive_ratio"].r_high)


@pytest.mark.parametrize(
    ("low", "high", "there"), [(1, 2, {"1.2", "1.6"}), (0.5, 3, {"0.5", "0.7", "2"}), (0.2, 9, {"0.25", "0.5", "8"})]
)
def test_ticks_of_ratios(low: float, high: float, there: set[str]) -> None:
    from matplotlib.figure import Figure

    from takeoff.figures._style import axis_of_ratios

    figure = Figure()
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axis_of_ratios(axes.xaxis)
    assert there <= {text.get_text() for text in axes.get_xticklabels()}


def test_a_comparison_prints_each_r() -> None:
    series = read(noisy_table())
    short = read({name: column[:3] for name, column in TABLE.items()})
    found = evidence.compare(series, ["naive_ratio", "loglog_cumulative"])
    for estimate in found.estimates.values():
        assert f"{estimate.r_low:.3g} to {estimate.r_high:.3g} (90%)" in repr(found)
    assert repr(found).splitlines()[1].split() == ["estimator", "r", "interval", "remark"]
    several = evidence.compare({"<a>": series, "b": short}, ["naive_ratio", "loglog_cumulative"])
    lines = repr(several).splitlines()
    assert lines[1].split()[0] == "series"
    assert "refused: measurements with input" in lines[5]
    assert max(map(len, lines)) < 110
    assert several._repr_html_().count("<tr>") == 5
    assert "&lt;a&gt;" in several._repr_html_()


def test_estimates_of_a_comparison_by_name() -> None:
    series = read(noisy_table())
    short = read({name: column[:3] for name, column in TABLE.items()})
    found = evidence.compare(series, ["naive_ratio", "loglog_cumulative"])
    assert found["naive_ratio"] is found.estimates["series", "naive_ratio"]
    assert found["series", "naive_ratio"] is found["naive_ratio"]
    with pytest.raises(UnknownNameError, match="estimate must be one of naive_ratio, loglog_cumulative, got 'naive_'"):
        found["naive_"]
    several = evidence.compare({"a": series, "b": short}, ["naive_ratio", "loglog_cumulative"])
    assert several["b", "naive_ratio"] is several.estimates["b", "naive_ratio"]
    with pytest.raises(UnknownNameError, match=r"one of \('a', 'naive_ratio'\), .*got 'loglog_cumulative'"):
        several["loglog_cumulative"]
    with pytest.raises(InvalidValueError, match=r"one that was made \(measurements with input before them"):
        several["b", "loglog_cumulative"]


def test_an_estimate_in_place_of_a_number_is_told_what_to_give() -> None:
    found = evidence.naive_ratio(read(noisy_table()))
    with pytest.raises(DtypeError, match=r"give its \.distribution\(\), got Estimate \(GrowthLaw\.r\)"):
        takeoff.GrowthLaw(r=found, first_doubling=1)


def test_a_law_is_drawn_through_several_measurements_of_one_time() -> None:
    table = noisy_table()
    twice = {name: np.repeat(np.asarray(column), 2) for name, column in table.items()}
    options: dict[str, Any] = {"time": "year", "output": "efficiency", "input": "staff", "same_time": "keep"}
    series = evidence.ResearchSeries.from_frame(twice, **options)
    axes: Any = evidence.feller_ml(series, parallelizability=1).plot("fit").axes[0]
    once: Any = evidence.feller_ml(read(table), parallelizability=1).plot("fit").axes[0]
    np.testing.assert_allclose(axes.lines[-1].get_xydata(), once.lines[-1].get_xydata(), rtol=0.05, atol=0.02)


def test_a_profile_below_0_is_not_drawn_on_an_axis_of_ratios() -> None:
    falling = {**TABLE, "efficiency": np.exp(-0.1 * YEAR + 0.05 * np.sin(3 * YEAR))}
    found = evidence.loglog_cumulative(read(falling))
    assert found.r < 0
    with pytest.raises(InvalidValueError, match="r is below 0"):
        found.plot("profile")
    around: Any = dataclasses.replace(found, r_high=0.1).plot
    with pytest.raises(InvalidValueError, match="r is below 0"):
        around("profile")
    mixed = pl.DataFrame({"r": [-0.2, 0.1, 0.2], "log_likelihood": [0.0, -0.5, -1.0]})
    axes: Any = dataclasses.replace(found, r_high=0.3, profile=mixed).plot("profile").axes[0]
    assert axes.get_xlim()[0] > 0


def test_dollars_in_names_are_no_formula() -> None:
    names: dict[str, Any] = {"time": "year", "output": "$x^{$", "input": "staff"}
    series = evidence.ResearchSeries.from_frame({**TABLE, "$x^{$": TABLE["efficiency"]}, **names)
    found = evidence.naive_ratio(series)
    found.plot().axes[0].figure.canvas.draw()
    axes: Any = evidence.compare({"R&D ($m), $x^{$": series, "b": series}, ["naive_ratio"]).plot().axes[0]
    axes.figure.canvas.draw()
    assert evidence.Chain("a", [evidence.Step("$x^{$", 1.0, "b")]).plot().axes[0].get_yticklabels()
