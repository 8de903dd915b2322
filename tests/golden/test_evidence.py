"""Published estimates of r, found again: each with its tolerance, and why it is not narrower."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reference.published import PRODUCTIVITY, SOLAR, STOCKFISH_TESTS, TESTS_PER_DAY
from takeoff import datasets, evidence

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data files are not beside the project")


@pytest.mark.parametrize(
    ("domain", "printed"),
    [
        ("image recognition", 1.4490),
        ("SAT solvers", 4.1662),
        ("linear programming", 1.5104),
        ("RL training data efficiency", 1.6579),
    ],
)
def test_naive_ratios(domain: str, printed: float) -> None:
    # printed to four decimals
    assert evidence.naive_ratio(evidence.endpoint_series(domain)).r == pytest.approx(printed, abs=5e-5)


def test_pooled() -> None:
    pooled = evidence.pool_random_effects(datasets.load("returns_posteriors"), pooled_credibility=0.95)
    # two decimals are published
    assert pooled.r == pytest.approx(1.36, abs=0.005)
    assert (pooled.r_low, pooled.r_high) == pytest.approx((0.79, 2.32), abs=0.005)
    assert pooled.tau == pytest.approx(0.43, abs=0.005)
    assert (pooled.predictive_low, pooled.predictive_high) == pytest.approx((0.59, 3.14), abs=0.01)
    # .73 is published, of a predictive spread with fewer digits
    assert pooled.probability_above_1 == pytest.approx(0.73, abs=0.01)


def test_with_the_level_fit_of_chess_the_spread_vanishes() -> None:
    table = datasets.load("returns_posteriors").with_columns(
        pl.when(pl.col("domain") == "computer chess").then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in (("r", 1.34), ("r_low", 1.09), ("r_high", 1.64))
    )
    pooled = evidence.pool_random_effects(table, pooled_credibility=0.95)
    assert pooled.tau == 0
    assert (pooled.r, pooled.r_low, pooled.r_high) == pytest.approx((1.41, 1.14, 1.76), abs=0.01)


def test_28_percent_over_7_percent() -> None:
    year = np.array([0.0, 10.0, 20.0])
    table = {"year": year, "efficiency": 1.28**year, "staff": 1.07**year}
    series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    found = evidence.naive_ratio(series)
    assert found.r == pytest.approx(math.log(1.28) / math.log(1.07), rel=1e-12)
    assert round(found.r) == 4


def stockfish(column: str, output_error: str | None = None) -> evidence.ResearchSeries:
    """The 258 tests until June 2023, and tests per day between the middles of averages of 30 days."""
    tests = pl.read_csv(DATA / "stockfish_elo_series.csv", try_parse_dates=True).filter(
        pl.col("date") < pl.date(2023, 7, 1)
    )
    assert tests.height == 258
    chart = pl.read_csv(DATA / "stockfish_fishtest_tests_per_day_digitised.csv", try_parse_dates=True)
    middle = chart["date_of_window_end"].dt.offset_by("-15d").dt.epoch("d").to_numpy()
    days = tests.select(date=pl.date_range(pl.col("date").min(), pl.col("date").max(), "1d"))
    flow = np.interp(days["date"].dt.epoch("d").to_numpy(), middle, chart["tests_per_day_ma30_trailing"].to_numpy())
    return evidence.ResearchSeries.from_frame(
        tests,
        time="date",
        output=column,
        output_kind="elo",
        output_error=output_error,
        elo_per_e_fold=evidence.STOCKFISH_ELO_PER_E_FOLD,
        input="tests",
        inputs=days.with_columns(tests=flow),
        same_time="keep",  # of which there are three days
    )


LAST_TESTS = [
    ("2.3.1", 30.86),
    ("3", 56.66),
    ("4", 67.44),
    ("DD", 53.28),
    ("5", 51.71),
    ("6", 62.62),
    ("7", 76.6),
    ("8", 57.25),
    ("9", 54.21),
    ("10", 53.59),
    ("11", 133.65),
    ("12", 36.03),
    ("13", 30.27),
    ("14", 36.69),
    ("15", 18.3),
]
"""The last regression test against each release until June 2023: Elo above it (Stockfish wiki, Regression Tests)."""


COUNTED_TWICE = [(dt.date(2021, 10, 28), 17.87), (dt.date(2022, 12, 4), 7.46)]
"""Days of releases 14.1 and 15.1, and their Elo above 14 and 15, which the published chain counts again."""


def stockfish_by_quarter(*, twice: bool = False, errors: bool = False) -> evidence.ResearchSeries:
    """The last regression test of each quarter until June 2023, and the mean number of tests per day in each."""
    rows: list[tuple[str, str | None, float, float]] = []
    for release, last in LAST_TESTS:
        rows += [(name, date, elo, error) for date, name, elo, error in STOCKFISH_TESTS if name == release]
        rows.append((release, None, last, 0.0))
    level = evidence.chained_elo([row[0] for row in rows], [row[2] for row in rows])
    table = pl.DataFrame(rows, ["release", "date", "above", "error"], orient="row").with_columns(elo=level)
    table = table.drop_nulls("date").with_columns(pl.col("date").str.to_date())
    for date, elo in COUNTED_TWICE if twice else ():
        table = table.with_columns(pl.col("elo") + elo * (pl.col("date") > date))
    return evidence.ResearchSeries.from_frame(
        table,
        time="date",
        output="elo",
        output_kind="elo",
        output_error="error" if errors else None,
        elo_per_e_fold=evidence.STOCKFISH_ELO_PER_E_FOLD,
        input="tests",
        inputs={
            "date": pl.date_range(dt.date(2013, 1, 1), dt.date(2023, 7, 1), "1q", eager=True),
            "tests": [*TESTS_PER_DAY, None],
        },
    )


def test_elo_of_the_last_tests() -> None:
    names, elo = zip(*LAST_TESTS, strict=True)
    grown = math.exp(evidence.chained_elo(names, elo)[-1] / evidence.STOCKFISH_ELO_PER_E_FOLD)
    assert grown == pytest.approx(307.63, abs=0.05)  # two decimals are published
    twice = math.exp(sum(elo for _, elo in COUNTED_TWICE) / evidence.STOCKFISH_ELO_PER_E_FOLD)
    assert grown * twice == pytest.approx(367.2568, abs=0.05)


def test_elo_of_the_tests_of_quarters() -> None:
    for twice, published in ((False, 307.63), (True, 367.2568)):
        assert math.exp(stockfish_by_quarter(twice=twice).log_output[-1]) == pytest.approx(published, abs=0.05)


# Of all tests an estimate is the published one; of those of quarters, which are a sixth of them, it is one of few
# measurements: its interval holds the published one, and its own value shows a change.


def test_stockfish_rates_by_quarter() -> None:
    found = evidence.growth_rate_ols(stockfish_by_quarter(twice=True), window=1)
    assert found.r_low < 0.750 < found.r_high
    assert found.r == pytest.approx(1.09, abs=0.01)


def test_stockfish_increments_by_quarter() -> None:
    for twice, published, r in ((True, 0.981, 0.769), (False, 0.996, 0.836)):
        found = evidence.stable_increment_ml(stockfish_by_quarter(twice=twice))
        assert found.r_low < published < found.r_high
        assert found.r == pytest.approx(r, abs=0.01)


def test_stockfish_level_by_quarter() -> None:
    found = evidence.jones_level_ml(stockfish_by_quarter(errors=True))
    assert found.r == pytest.approx(1.34, abs=0.05)  # published: 1.34 [1.09, 1.64]
    assert found.r_low < 1.09 < 1.64 < found.r_high


@needs_data
def test_elo_chaining() -> None:
    table = pl.read_csv(DATA / "stockfish_regression_elo.csv")
    elo = evidence.chained_elo(table["ref"].to_list(), table["elo1"].to_list())
    there = ~np.isnan(elo)
    assert elo[there] == pytest.approx(table["elo_chained"].drop_nulls().to_numpy(), abs=1e-9)
    until = table["date"].to_numpy()[there] < "2023-07-01"
    grown = math.exp(elo[there][until][-1] / evidence.STOCKFISH_ELO_PER_E_FOLD)
    # published with seven digits for the double count, and two decimals without
    assert grown == pytest.approx(307.63, abs=0.05)
    twice = pl.read_csv(DATA / "stockfish_elo_series.csv").filter(pl.col("date") < "2023-07-01")["elo_erdil_chaining"]
    assert math.exp(twice[-1] / evidence.STOCKFISH_ELO_PER_E_FOLD) == pytest.approx(367.2568, abs=0.01)


@needs_data
def test_stockfish_rates() -> None:
    found = evidence.growth_rate_ols(stockfish("elo_erdil_chaining"), window=10)
    # published: .750, .361, .271, of the table behind the chart
    assert found.r == pytest.approx(0.740, abs=0.003)
    assert (found.beta, found.parallelizability) == pytest.approx((0.358, 0.266), abs=0.001)


@needs_data
def test_stockfish_increments() -> None:
    for column, r in (("elo_erdil_chaining", 0.981), ("elo_chained", 0.996)):
        series = stockfish(column)
        found = evidence.stable_increment_ml(series)
        assert found.r == pytest.approx(r, abs=0.006)  # the table behind the chart of the input is not published
        assert 1.73 < found.diagnostics["stability"] < 1.79  # published: 1.74
        if column == "elo_erdil_chaining":
            steps = np.diff(series.time) > 0
            of_efficiency = found.log_likelihood - series.log_output[1:][steps].sum()  # of A rather than of ln A
            assert of_efficiency == pytest.approx(-214.9, abs=0.1)
            assert evidence.stable_increment_ml(series, skewness=None).diagnostics["skewness"] > 0.95


@needs_data
def test_stockfish_level() -> None:
    found = evidence.jones_level_ml(stockfish("elo_chained", "err"))
    # by the highest likelihood, which takes the few deviations that there are for all: 1.34 [1.09, 1.64]
    assert found.r == pytest.approx(1.36, abs=0.02)
    assert found.r_low < 1.09 < 1.64 < found.r_high


def productivity() -> evidence.ResearchSeries:
    """US total factor productivity: the researchers of a year are behind the growth until its end."""
    table = pl.read_csv(DATA / "us_tfp_researchers_1948_2014_digitised.csv")
    table = table.with_columns(pl.col("researchers").fill_null(strategy="backward"))
    return evidence.ResearchSeries.from_frame(
        table, time="year", output="tfp", input="researchers", input_holds="before"
    )


@needs_data
def test_productivity() -> None:
    found = evidence.stable_increment_ml(productivity(), stability=2)
    assert found.r == pytest.approx(0.249, abs=0.002)  # published: .245 to .247, of the table behind the chart
    assert found.beta == pytest.approx(5.4, abs=0.5)
    assert found.parallelizability == pytest.approx(1.33, abs=0.1)
    rates = evidence.growth_rate_ols(productivity(), window=10)
    assert rates.r == pytest.approx(0.338, abs=0.001)  # published: .339


def test_productivity_of_every_third_year() -> None:
    table = pl.DataFrame(PRODUCTIVITY, ["year", "tfp", "researchers"], orient="row")
    series = evidence.ResearchSeries.from_frame(
        table, time="year", output="tfp", input="researchers", input_holds="before"
    )
    found = evidence.stable_increment_ml(series, stability=2)
    assert found.r_low < 0.246 < found.r_high  # published: .245 to .247, of all years
    assert found.r == pytest.approx(0.293, abs=0.003)
    assert evidence.growth_rate_ols(series, window=3).r == pytest.approx(0.339, abs=0.012)  # published: .339


def test_solar_cells_of_every_fourth_year() -> None:
    found = evidence.experience_curve(SOLAR, output="capacity", cost="cost")
    assert found.exponent == pytest.approx(0.37, abs=0.005)
    assert 0.25 < found.low < found.exponent < found.high < 0.5


@needs_data
def test_solar_cells() -> None:
    table = pl.read_csv(DATA / "solar_pv_cost_capacity_owid.csv")
    found = evidence.experience_curve(table, output="Cumulative capacity", cost="Unit cost")
    assert found.exponent == pytest.approx(0.37, abs=0.005)
    assert 0.3 < found.low < found.exponent < found.high < 0.45


def test_log_log_without_a_stock_is_too_low() -> None:
    """The bias that is known: .73 for a true 1.0 (40 years, lambda = beta = .6, errors of 5%), medians of 60."""
    with_stock, without = [], []
    for seed in range(60):
        series = diffusion(seed)
        with_stock.append(evidence.loglog_cumulative(series, resamples=20).r)
        without.append(evidence.loglog_cumulative(series, initial_stock=0.0, resamples=20).r)
    # The standard error of a median of 60 here is about .03.
    assert np.median(without) == pytest.approx(0.73, abs=0.08)
    assert np.median(with_stock) == pytest.approx(1.02, abs=0.12)


def diffusion(seed: int, years: int = 40, error: float = 0.05) -> evidence.ResearchSeries:
    """A Feller diffusion with r = 1, lambda = beta = .6, input that grows by 7% a year, and errors of measurement."""
    rng = np.random.default_rng(seed)
    beta = lam = 0.6
    theta, sigma, parts = 0.12, 0.05, 50
    x, level = 1.0, [0.0]
    staff = 1.07 ** np.arange(years)
    for flow in staff[:-1]:
        step = flow**lam / parts
        for _ in range(parts):
            drift = beta * theta + beta * (beta - 1) * sigma**2 / 2
            x = max(x + drift * step + beta * sigma * math.sqrt(x * step) * rng.standard_normal(), 1e-9)
        level.append(math.log(x) / beta)
    table = {"year": np.arange(years), "level": np.array(level) + error * rng.standard_normal(years), "staff": staff}
    return evidence.ResearchSeries.from_frame(table, time="year", output="level", output_kind="log", input="staff")
