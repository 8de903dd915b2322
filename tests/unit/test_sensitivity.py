"""What drives an ensemble: Sobol' indices, tornado, probabilities by input, differences, fastest stretches, figures."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

import takeoff
from takeoff import GrowthLaw, Uniform
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError

LAW = GrowthLaw(Uniform(0.5, 1.5), Uniform(0.09, 0.1), limit=20)


def close(found: Any, expected: Any, tolerance: float) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=0, atol=tolerance)


# ---- Sobol' indices ------------------------------------------------------------------------------------------------


def test_indices_of_a_function_with_known_ones() -> None:
    """Ishigami & Homma (1990): f = sin a + 7 sin(b)^2 + 0.1 c^4 sin a of three uniforms on [-pi, pi].

    The inputs are a law's fields, of which the output makes the function: r = e^a and so on.
    """
    variable = takeoff.Uniform(-math.pi, math.pi)
    law = GrowthLaw(takeoff.Derived("exp(a)"), takeoff.Derived("exp(b)"), takeoff.Derived("exp(c - 4)"))
    a, b, c = (pl.col(name) for name in "abc")
    function = a.sin() + 7 * b.sin() ** 2 + 0.1 * c**4 * a.sin()
    found = takeoff.sobol_indices(law, function, inputs=dict.fromkeys("abc", variable), points=8192)
    frame = found.frame.sort("input")
    assert frame["input"].to_list() == ["a", "b", "c"]
    close(frame["first_order"], [0.3139, 0.4424, 0.0], 0.02)
    close(frame["total"], [0.5576, 0.4424, 0.2437], 0.02)
    close([found.mean, found.variance], [3.5, 13.845], 0.1)
    assert found.evaluations == 8192 * 5
    for name in ("first_order", "total"):
        assert (frame[f"{name}_low"] <= frame[name]).all()
        assert (frame[name] <= frame[f"{name}_high"]).all()


def test_indices_are_the_same_for_any_threads_and_follow_the_seed() -> None:
    runs = [
        takeoff.sobol_indices(LAW, "doublings_at_horizon", horizon=1, points=64, seed=seed, threads=threads).frame
        for seed, threads in ((1, 1), (1, 2), (2, 2))
    ]
    assert runs[0].equals(runs[1])
    assert not runs[0].equals(runs[2])


def test_indices_of_a_probability() -> None:
    found = takeoff.sobol_indices(LAW, pl.col("regime") == "explosion", points=512)
    assert found.frame.row(0)[0] == "r"
    close(found.frame["total"], [1, 0], 1e-9)
    close(found.mean, 0.5, 0.01)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (
            {"output": "singular_time", "model": GrowthLaw(Uniform(0.5, 1.5), Uniform(1, 2))},
            InvalidValueError,
            "true or",
        ),
        ({"output": "limit_time"}, InvalidValueError, "a finite number for all draws"),
        ({"output": pl.col("criticality") * 0}, InvalidValueError, "not the same for all draws"),
        ({"output": "doublngs_at_horizon"}, UnknownNameError, "did you mean 'doublings_at_horizon'"),
        ({"output": "regime"}, DtypeError, "a number, or true and false"),
        ({"output": 3}, DtypeError, "the name of an output or a polars expression"),
        ({"output": "doublings_at_horizon", "horizon": None}, InvalidValueError, "horizon must be given"),
        ({"points": 100}, InvalidValueError, "a power of 2"),
        ({"points": 0}, InvalidValueError, "points"),
        ({"credibility": 1.0}, InvalidValueError, "credibility must be above 0 and below 1"),
        ({"seed": -1}, InvalidValueError, "seed"),
        ({"outside": "drop"}, UnknownNameError, "refuse, truncate"),
        ({"model": GrowthLaw(Uniform(0.5, 1.5), 1)}, InvalidValueError, "two distributions or more"),
        ({"model": GrowthLaw(1, 1)}, InvalidValueError, "a distribution for at least one field"),
        ({"model": GrowthLaw(takeoff.Normal(1, 1), Uniform(1, 2))}, InvalidValueError, "of its draws are outside"),
    ],
)
def test_indices_refuse(change: dict[str, Any], error: type[Exception], says: str) -> None:
    given: dict[str, Any] = {"model": LAW, "output": "doublings_at_horizon", "points": 16, "horizon": 1} | change
    if not isinstance(given["output"], str) or given["output"] in {"singular_time", "limit_time", "regime"}:
        given["horizon"] = None
    with pytest.raises(error, match=says):
        takeoff.sobol_indices(given.pop("model"), given.pop("output"), **given)


# ---- tornado -------------------------------------------------------------------------------------------------------


def test_a_tornado_is_the_model_at_the_ends() -> None:
    found = takeoff.tornado(LAW, "doublings_at_horizon", horizon=1, low=0.1, high=0.9)

    def at(r: float, first: float) -> float:
        return float(takeoff.simulate(GrowthLaw(r, first, limit=20), 1).doublings[-1])

    assert found.base == at(1.0, 0.095)
    assert found.frame["input"].to_list() == ["r", "first_doubling"]
    close(found.frame.row(0)[1:], [0.6, 1.4, at(0.6, 0.095), at(1.4, 0.095)], 1e-12)
    close(found.frame.row(1)[1:], [0.091, 0.099, at(1.0, 0.091), at(1.0, 0.099)], 1e-12)


def test_a_tornado_with_formulas_and_infinite_ends() -> None:
    law = GrowthLaw(takeoff.Derived("base * factor"), 1.0)
    found = takeoff.tornado(law, "singular_time", inputs={"base": Uniform(0.5, 1.5), "factor": Uniform(1, 3)})
    assert found.base == pytest.approx(takeoff.GrowthLaw(2, 1.0).singular_time)
    rows = {row[0]: row for row in found.frame.iter_rows()}
    assert rows["base"][3] == pytest.approx(takeoff.GrowthLaw(0.55 * 2, 1.0).singular_time)
    certain = takeoff.tornado(GrowthLaw(Uniform(0.5, 1.5), 1.0), "singular_time")
    assert certain.frame.row(0)[3] == math.inf
    with pytest.raises(InvalidValueError, match="finite at the medians and at both ends of each input"):
        certain.plot()


@pytest.mark.parametrize("ends", [(0.5, 0.5), (0.9, 0.1), (0, 0.5), (0.1, 1), (math.nan, 0.5)])
def test_a_tornado_refuses_ends(ends: tuple[float, float]) -> None:
    with pytest.raises(InvalidValueError, match="low below high"):
        takeoff.tornado(LAW, "doublings_at_horizon", horizon=1, low=ends[0], high=ends[1])


# ---- by input, and differences -------------------------------------------------------------------------------------


def test_probability_by_input() -> None:
    run = takeoff.ensemble(LAW, 20_000, horizon=1, rows=True, outputs=["regime", "doublings_at_horizon"])
    found = run.probability_by("r", "regime: explosion", bins=8)
    assert found["draws"].sum() == 20_000
    assert found["draws"].min() == found["draws"].max() == 2500
    assert found["low"][1:].to_list() == found["high"][:-1].to_list()
    close((found["probability"] * found["draws"]).sum() / 20_000, run.probability("regime: explosion"), 1e-12)
    by_expression = run.probability_by("r", pl.col("r") > 1, bins=8)
    assert by_expression.equals(found)
    assert run.probability_by("r", "regime: exponential")["probability"].max() == 0
    one = takeoff.ensemble(GrowthLaw(Uniform(1.1, 1.2), 1), 1, rows=True).probability_by("r", "regime: explosion")
    assert one.rows() == [(one["low"][0], one["low"][0], 1, 1.0, 0.0)]


def test_a_difference_knows_more_than_its_parts() -> None:
    runs = [
        takeoff.ensemble(GrowthLaw(Uniform(0.5, 1.5), 0.1, limit=limit), 20_000, horizon=1, rows=True)
        for limit in (20, 15)
    ]
    found = runs[0].difference(runs[1], ["doublings_at_horizon", "regime: explosion", pl.col("r") * 2])
    both = [run._column("doublings_at_horizon") for run in runs]
    close(found.row(0)[1:4], [both[0].mean(), both[1].mean(), (both[0] - both[1]).mean()], 1e-12)
    close(found.row(0)[4], np.std(both[0] - both[1]) / np.sqrt(20_000), 1e-12)
    assert found["standard_error"][0] < 0.4 * found["if_independent"][0]
    assert found.row(1)[3:5] == found.row(2)[3:5] == (0.0, 0.0)


def test_differences_and_probabilities_refuse() -> None:
    run, other = (takeoff.ensemble(LAW, 100, seed=seed, rows=True) for seed in (0, 1))
    with pytest.raises(InvalidValueError, match="of 100 draws with seed 0"):
        run.difference(other, "criticality")
    with pytest.raises(DtypeError, match="an Ensemble"):
        run.difference(3, "criticality")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="finite in all draws"):
        run.difference(run, "singular_time")
    with pytest.raises(UnknownNameError, match="did you mean 'criticality'"):
        run.difference(run, "critcality")
    with pytest.raises(UnknownNameError, match="did you mean 'regime'"):
        run.probability_by("r", "regme: explosion")
    with pytest.raises(InvalidValueError, match="true or false for each draw"):
        run.probability_by("r", pl.col("r"))
    with pytest.raises(InvalidValueError, match="an expression of the columns"):
        run.probability_by("r", pl.col("nothing") > 1)
    with pytest.raises(InvalidValueError, match="a column of finite values"):
        run.probability_by("singular_time", "regime: explosion")
    with pytest.raises(InvalidValueError, match="bins"):
        run.probability_by("r", "regime: explosion", bins=0)
    with pytest.raises(InvalidValueError, match="rows"):
        takeoff.ensemble(LAW, 100).probability_by("r", "regime: explosion")


# ---- the fastest stretch -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [0.05, 0.3, 1.0, 7.0])
def test_the_fastest_stretch_is_that_of_a_dense_scan(window: float) -> None:
    rng = np.random.default_rng(1)
    law = GrowthLaw(rng.uniform(0.4, 3, 20), rng.uniform(0.05, 0.3, 20), 0.6, rng.uniform(8, 40, 20))
    grow = GrowthLaw([0.5, 0.8], 0.1, hardware=takeoff.Hardware(0.7, [(1.0, math.inf)]))
    for each, horizon in ((law, 3.0), (grow, 4.0)):
        course = takeoff.simulate(each, horizon)
        width = min(window, horizon)
        starts = np.linspace(0, horizon - width, 4001)
        before, after = (takeoff.simulate(each, time=t).doublings for t in (starts, starts + width))
        scanned = (after - before).max(axis=-1)
        found = course.most_doublings(window)
        assert (found >= scanned - 1e-8 * after.max(axis=-1)).all()  # doublings at given times are interpolated to 1e-8
        close(found, scanned, 2e-5)
        close(course.most_years(window, recent_doubling_time=0.25), found / 4, 1e-12)


def test_the_fastest_stretch_around_a_short_peak_on_growing_hardware() -> None:
    law = GrowthLaw([4.694, 3.981], [0.3353, 0.5295], limit=[20.69, 24.91], hardware=takeoff.Hardware(2.0))
    starts = np.linspace(0, 3 - 1 / 3, 4001)
    before, after = (takeoff.simulate(law, time=t).doublings for t in (starts, starts + 1 / 3))
    close(takeoff.simulate(law, 3.0).most_doublings(1 / 3), (after - before).max(axis=-1), 1e-5)


def test_the_fastest_stretch_of_a_singular_path_is_infinite() -> None:
    course = takeoff.simulate(GrowthLaw([0.5, 3], 1 / 12), 2)
    assert np.isinf(course.most_doublings(0.1)).tolist() == [False, True]
    assert takeoff.simulate(GrowthLaw(3, 1 / 12), 0.2).most_doublings([0.1, 1]).shape == (2,)
    frame = pl.DataFrame({"r": [0.5, 3.0]})
    outputs = ["most_doublings_in_12_months", "most_doublings_in_4_months"]
    rows = takeoff.simulate_frame(frame, GrowthLaw(1, 1 / 12), 2, outputs=outputs)
    close(rows[outputs[1]][0], course.most_doublings(4 * takeoff.MONTH)[0], 1e-12)
    assert rows[outputs[0]][1] == math.inf


@pytest.mark.parametrize("within", [0, -1, math.nan, math.inf, 1e101])
def test_the_fastest_stretch_refuses(within: float) -> None:
    course = takeoff.simulate(GrowthLaw(1, 1), 2)
    with pytest.raises(InvalidValueError, match="within must be finite and > 0"):
        course.most_doublings(within)
    with pytest.raises(InvalidValueError, match="recent_doubling_time must be finite and > 0"):
        course.most_years(1, recent_doubling_time=within)
    with pytest.raises(ShapeError):
        takeoff.simulate(GrowthLaw([1, 2], 1), 2).most_doublings([1, 2, 3])


# ---- figures -------------------------------------------------------------------------------------------------------


def test_figures() -> None:
    run = takeoff.ensemble(LAW, 3000, horizon=1, rows=True)
    density = takeoff.figures.density(run).axes[0]
    assert density.get_title("left") == f"{(run._column('r') > 1).mean():.0%} of draws above 1, the tipping point"
    assert not density.texts  # inside the axes they would cross the line of the tipping point
    unlimited = takeoff.ensemble(GrowthLaw(Uniform(0.5, 1.5), 1), 1000, horizon=1, rows=True)
    assert "of draws infinite" in takeoff.figures.density(unlimited, "singular_time").axes[0].get_title("left")
    bars = takeoff.figures.drivers(run, "doublings_at_horizon").axes[0]
    rho = run.rank_correlations("doublings_at_horizon")["correlation"][::-1]
    assert [text.get_text() for text in bars.texts] == [f"{each:.2f}" for each in rho]
    points = takeoff.figures.scatter(run, "r", "doublings_at_horizon", points=500).axes[0]
    assert sum(np.shape(each.get_offsets())[0] for each in points.collections) == 500
    plain = takeoff.figures.scatter(run, "r", "doublings_at_horizon", color=None).axes[0]
    assert plain.get_legend() is None
    assert takeoff.figures.probability_curve(run, "r", "regime: explosion").axes[0].get_xlabel() == "r"
    bars = takeoff.tornado(LAW, "doublings_at_horizon", horizon=1).plot().axes[0]
    assert [label.get_text() for label in bars.get_yticklabels()] == ["r", "first doubling, years"]
    indices = takeoff.sobol_indices(LAW, "doublings_at_horizon", horizon=1, points=64).plot().axes[0]
    assert indices.get_xlabel() == "share of the variance of doublings at horizon"
    event = pl.col("doublings_at_horizon") >= 10
    assert takeoff.figures.probability_curve(run, "r", event).axes[0].get_ylabel() == "P(doublings at horizon >= 10)"
    shares = takeoff.sobol_indices(LAW, event, horizon=1, points=64).plot().axes[0]
    assert shares.get_xlabel() == "share of the variance of doublings at horizon >= 10"
    with pytest.raises(InvalidValueError, match="finite values"):
        takeoff.figures.density(run, "singular_time")
    with pytest.raises(UnknownNameError, match="did you mean 'regime'"):
        takeoff.figures.scatter(run, "r", "doublings_at_horizon", color="regim")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        (pl.col("doublings_at_horizon") >= 20, "doublings at horizon >= 20"),
        ((pl.col("a") > 1) & (pl.col("law.b_c") < 2.5), "(a > 1) & (b c < 2.5)"),
        ((pl.col("a") + pl.col("b")) * 2, "(a + b) * 2"),
        (pl.col("regime") == "explosion", "regime == explosion"),
        (pl.col("a").is_between(0.5, 2), "a.is_between(0.5, 2)"),
        (pl.col("a") > -1, "a > -1"),
        ((pl.col("a") > 1).alias("a large one"), "a large one"),
        (pl.col("a").abs() > 1, "(a.abs()) > 1"),
    ],
)
def test_expressions_in_words(expression: pl.Expr, words: str) -> None:
    from takeoff.figures._drivers import label_of

    assert label_of(str(expression)) == words
