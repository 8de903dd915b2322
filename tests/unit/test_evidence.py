"""Estimators of r: what they find where the answer is known, and what they refuse."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import takeoff
from reference.research import STAFF, TABLE, TOTAL, YEAR, read
from takeoff import _core, evidence
from takeoff._arrays import policy
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, TakeoffError, UnknownNameError
from takeoff.evidence._estimators import ESTIMATORS as SPECS
from takeoff.evidence._level import _together
from takeoff.evidence._shared import likelihood_drop, likelihood_interval, refined_interval

ESTIMATORS: dict[str, Callable[..., evidence.Estimate]] = {
    name: getattr(evidence, name)
    for name in ("naive_ratio", "growth_rate_ols", "loglog_cumulative", "jones_level_ml", "stable_increment_ml")
}


def changed(column: str, at: int, value: Any) -> dict[str, Any]:
    values = list(np.asarray(TABLE[column]).tolist())
    values[at] = value
    return {**TABLE, column: values}


# ---- series --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (changed("efficiency", 3, 0.0), "output must"),
        (changed("efficiency", 3, -1.0), "output must"),
        (changed("efficiency", 3, math.inf), "output must"),
        (changed("staff", 3, -1.0), "input"),
        (changed("staff", 3, None), "input"),
        (changed("staff", 3, math.nan), "input"),
        (changed("year", 3, 2.0), "year"),
        (changed("year", 3, 1.0), "year"),
        (changed("year", 3, None), "year"),
        ({**TABLE, "staff": np.zeros(20)}, "input"),
        ({**TABLE, "staff": ["a"] * 20}, "staff"),
    ],
)
def test_bad_series_are_refused(table: dict[str, Any], says: str) -> None:
    with pytest.raises(TakeoffError, match=says):
        read(table)


def test_a_misspelt_column_gets_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'staff'"):
        read(TABLE, input="stuff")


def test_an_input_that_ends_early_is_refused() -> None:
    short = {"year": YEAR[:10], "staff": STAFF[:10]}
    with pytest.raises(InvalidValueError, match="known from the first measurement"):
        read(TABLE, inputs=short)


def test_gaps_are_left_out_and_said() -> None:
    series = read(changed("efficiency", 5, None))
    assert series.time.size == 19
    assert series.notes == ("1 row without a measurement",)
    assert series.cumulative_input[-1] == pytest.approx(TOTAL[-1] - 1000)


@pytest.mark.parametrize(("holds", "at"), [("before", 0), ("after", 19)])
def test_a_flow_of_which_no_use_is_made_may_be_null(holds: str, at: int) -> None:
    whole, without = (read(table, input_holds=holds) for table in (TABLE, changed("staff", at, None)))
    assert without.flow.tolist() == whole.flow.tolist()
    assert without.edges.tolist() == whole.edges.tolist()
    for table, options in (
        (changed("staff", 19 - at, None), {"input_holds": holds}),
        (changed("staff", at, None), {"input_kind": "cumulative"}),
        (TABLE, {"inputs": {"year": YEAR[:-1] + 0.5 * (YEAR[:-1] > 0), "staff": [*STAFF[:-2], None]}}),
    ):
        with pytest.raises(InvalidValueError, match="input must be a number everywhere in staff"):
            read(table, **options)


def test_errors_may_be_integers_and_are_not_needed_without_a_measurement() -> None:
    gap: list[int | None] = [1] * 20
    gap[5] = None
    for errors in (pl.Series([1] * 20), pl.Series(gap)):
        series = read({**changed("efficiency", 5, None), "error": errors}, output_error="error")
        assert series.output_error is not None
        assert series.output_error.tolist() == [1.0] * 19
    with pytest.raises(InvalidValueError, match=r"output_error must be a number everywhere in error, .* at index 6"):
        read({**TABLE, "error": [1] * 6 + [None] + [1] * 13}, output_error="error")


@pytest.mark.parametrize("argument", ["time", "output", "input", "output_error"])
def test_an_argument_with_an_unknown_column_is_named(argument: str) -> None:
    with pytest.raises(UnknownNameError, match=f"^{argument}: column must be one of year, efficiency, staff, got 'no'"):
        read(TABLE, **{argument: "no"})


def test_a_table_in_one_column_hints_at_the_separator() -> None:
    table = pl.read_csv(b"year;efficiency;staff\n2000;1;2\n")
    with pytest.raises(UnknownNameError, match=r"time: column 'year' is not there: all is in one column, .*';'"):
        read(table)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["data.csv", Path("data.csv")])
def test_a_file_is_no_frame(given: Any) -> None:
    with pytest.raises(DtypeError, match=r"frame must be a frame .*: read the file first, .*, got '?data.csv"):
        read(given)


def test_a_query_that_fails_is_no_frame() -> None:
    query = pl.LazyFrame({"year": ["x"]}).select(pl.col("year").cast(pl.Float64))
    with pytest.raises(DtypeError, match=r"frame must be a frame .*conversion from `str`"):
        read(query)  # type: ignore[arg-type]


def test_elo_points_per_e_fold_are_given_for_elo_alone() -> None:
    with pytest.raises(InvalidValueError, match="elo_per_e_fold must be given where output is in Elo points, got None"):
        read(TABLE, output_kind="elo")
    for kind in ("level", "log"):
        with pytest.raises(InvalidValueError, match="elo_per_e_fold must be left out unless output_kind is 'elo'"):
            read(TABLE, output_kind=kind, elo_per_e_fold=143.0)


def test_an_experience_curve_names_its_argument() -> None:
    with pytest.raises(UnknownNameError, match=r"^cost: column must be one of output, price, got 'cost'"):
        evidence.experience_curve({"output": [1, 2, 4, 8], "price": [8.0, 6, 5, 4]}, output="output", cost="cost")


def test_a_column_of_the_name_of_both_is_one_column() -> None:
    table = {"x": [1.0, 2.0, 4.0, 8.0, 16.0]}
    assert evidence.experience_curve(table, output="x", cost="x").exponent == pytest.approx(-1)


def test_one_measurement_is_refused() -> None:
    with pytest.raises(ShapeError, match="two measurements"):
        read({**TABLE, "efficiency": [1.0] + [None] * 19})


# ---- estimators ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize(
    "table",
    [
        {"year": [0, 1], "efficiency": [1.0, 2.0], "staff": [1.0, 2.0]},
        {"year": YEAR, "efficiency": np.ones(20), "staff": STAFF},
        {"year": YEAR, "efficiency": np.ones(20), "staff": np.ones(20)},
    ],
    ids=["two points", "constant output", "constant both"],
)
def test_what_says_nothing_of_r_is_refused_or_unbounded(name: str, table: dict[str, Any]) -> None:
    try:
        found = ESTIMATORS[name](read(table))
    except TakeoffError as error:
        assert " must " in str(error)  # noqa: PT017
    else:
        assert found.warnings
        assert not math.isfinite(found.r_high) or not found.r_low > 0


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("credibility", [0.0, 1.0, -1.0, math.nan, "many"])
def test_bad_credibilities_are_refused(name: str, credibility: Any) -> None:
    with pytest.raises(TakeoffError, match="credibility"):
        ESTIMATORS[name](read(TABLE), credibility=credibility)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("growth_rate_ols", "window", 0),
        ("growth_rate_ols", "window", 20),
        ("loglog_cumulative", "initial_stock", -1.0),
        ("loglog_cumulative", "interval", "guess"),
        ("loglog_cumulative", "resamples", 0),
        ("jones_level_ml", "parallelizability", 0.0),
        ("jones_level_ml", "parallelizability", []),
        ("jones_level_ml", "parallelizability", math.nan),
        ("stable_increment_ml", "stability", 1.0),
        ("stable_increment_ml", "stability", 2.1),
        ("stable_increment_ml", "skewness", 2.0),
    ],
)
def test_bad_options_are_refused(name: str, option: str, value: Any) -> None:
    with pytest.raises(TakeoffError, match=r" must "):
        ESTIMATORS[name](read(TABLE), **{option: value})


def test_an_interval_of_a_profile() -> None:
    r = np.geomspace(0.1, 30, 12)
    bell = -((np.log(r) - 0.3) ** 2) / (2 * 0.5**2)
    # Around the highest of the points the root of what is lost is not that of the bell: add its top.
    r, bell = np.append(r, math.exp(0.3)), np.append(bell, 0.0)
    order = np.argsort(r)
    drop = likelihood_drop(0.9)
    assert drop == pytest.approx(1.6448536269514722**2 / 2)
    low, high = likelihood_interval(r[order], bell[order], drop)
    assert math.log(low) == pytest.approx(0.3 - 1.6448536269514722 * 0.5)
    assert math.log(high) == pytest.approx(0.3 + 1.6448536269514722 * 0.5)
    flat = np.minimum(r[order], 1.0)
    assert likelihood_interval(r[order], 10 * np.log(flat), drop)[1] == math.inf
    assert likelihood_interval(r[order], -10 * np.log(r[order]), drop)[0] == 0


def test_an_exact_fit_lies_in_its_interval() -> None:
    found = evidence.loglog_cumulative(read(TABLE))
    assert found.r_low <= found.r <= found.r_high
    assert found.r_high - found.r_low < 0.02


def test_a_constant_output_is_refused_by_all() -> None:
    constant = read({**TABLE, "efficiency": np.full(20, 3.0)})
    for estimator in (*ESTIMATORS.values(), evidence.feller_ml):
        with pytest.raises(TakeoffError, match=r" must "):
            estimator(constant)


ALL = {**ESTIMATORS, **{name: getattr(evidence, name) for name in ("feller_ml", "feller_bayes", "endpoint_bayes")}}


@pytest.mark.parametrize("name", ALL)
def test_what_is_no_series_is_refused(name: str) -> None:
    for given in (None, pl.DataFrame(TABLE)):
        with pytest.raises(DtypeError, match=rf"series must be a ResearchSeries, got .* \({name}.series\)"):
            ALL[name](given)


@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if spec.quick])
def test_an_estimator_needs_as_many_measurements_as_its_spec_says(name: str) -> None:
    spec = SPECS[name]

    def estimate(measurements: int) -> evidence.Estimate:
        # Every second year, so that the input is known in two periods even between two measurements.
        measured = range(0, 2 * measurements, 2)
        efficiency = [math.exp(0.3 * k + 0.1 * math.sin(k)) if k in measured else None for k in range(20)]
        return spec.function(read({**TABLE, "efficiency": efficiency}))

    assert estimate(spec.least_measurements).estimator == name
    with pytest.raises(ShapeError):
        estimate(spec.least_measurements - 1)


def test_two_inputs_name_what_is_no_series() -> None:
    series = read(TABLE)
    for given, name in (((None, series), "labor"), ((series, None), "compute")):
        with pytest.raises(DtypeError, match=f"{name} must be a ResearchSeries, got NoneType"):
            evidence.two_input(*given, compute_share=0.5)


@pytest.mark.parametrize("name", ["loglog_cumulative", "jones_level_ml", "stable_increment_ml", "feller_ml"])
@pytest.mark.usefixtures("search")
def test_a_constant_input_is_a_warning_and_leaves_no_ratio(name: str) -> None:
    rng = np.random.default_rng(2)
    efficiency = TABLE["efficiency"] * np.exp(0.02 * rng.normal(size=20))
    options = {"parallelizability": [0.5, 1.0]} if name == "jones_level_ml" else {}
    found = ALL[name](read({**TABLE, "efficiency": efficiency, "staff": np.full(20, 5.0)}), **options)
    assert any("the input never changes: it tells beta alone" in each for each in found.warnings)
    assert not any("only their ratio is" in each for each in found.warnings)


@pytest.mark.parametrize(
    "name",
    ["loglog_cumulative", "jones_level_ml", "stable_increment_ml", "feller_ml", "feller_bayes", "endpoint_bayes"],
)
def test_efficiency_that_falls_is_a_warning(name: str, search: dict[str, dict[str, Any]]) -> None:
    arguments = ({"endpoint_bayes": {"effective_size": 100}} | search).get(name, {})
    rng = np.random.default_rng(2)
    falls = TABLE["efficiency"][::-1] * np.exp(0.02 * rng.normal(size=20))
    for efficiency, said in ((falls, True), (falls[::-1], False)):
        found = ALL[name](read({**TABLE, "efficiency": efficiency}), **arguments)
        assert any("lower at the end than at the start" in each for each in found.warnings) == said


@pytest.mark.parametrize("name", ["jones_level_ml", "feller_ml"])
@pytest.mark.usefixtures("search")
def test_an_r_at_the_end_of_the_search_is_no_estimate(name: str) -> None:
    rng = np.random.default_rng(2)
    faster = np.exp(0.3 * YEAR + 0.005 * YEAR**2 + 0.02 * rng.normal(size=20))  # the faster, the less input there is
    said = "r is the end of the range that was searched, 0.02 to 50, and no estimate"
    assert said in ALL[name](read({**TABLE, "efficiency": faster, "staff": STAFF[::-1]})).warnings
    noisy = TABLE["efficiency"] * np.exp(0.02 * rng.normal(size=20))
    assert said not in ALL[name](read({**TABLE, "efficiency": noisy})).warnings


def test_an_endpoint_needs_growth_of_efficiency_and_input() -> None:
    bump = TABLE["efficiency"].copy()
    bump[-1] = bump[0]
    with pytest.raises(InvalidValueError, match=r"efficiency that varies, got .* \(endpoint_bayes.series\)"):
        evidence.endpoint_bayes(read({**TABLE, "efficiency": bump}))
    for estimator in (evidence.endpoint_bayes, evidence.feller_bayes):
        rule = rf"series must be of an input that grows .*, got 0.0 \({estimator.__name__}.series\)"
        with pytest.raises(InvalidValueError, match=rule):
            estimator(read({**TABLE, "staff": np.full(20, 5.0)}))


def test_an_input_of_0_in_between_leaves_growth_without_an_error() -> None:
    staff = STAFF.copy()
    staff[7] = 0
    series = read({**TABLE, "staff": staff})
    found = evidence.naive_ratio(series)
    assert found.r == pytest.approx(evidence.naive_ratio(read(TABLE)).r)
    both = evidence.two_input(read(TABLE), series, compute_share=0.5)
    for each in (found, both):
        assert (each.r_low, each.r_high) == (0, math.inf)
        assert any("an input of 0 in between" in warning for warning in each.warnings)


@pytest.mark.usefixtures("search")
def test_distributions_of_scipy_are_priors() -> None:
    from scipy import stats

    series = read({**TABLE, "efficiency": TABLE["efficiency"] * np.exp(0.02 * np.sin(5 * YEAR))})
    ours, theirs = takeoff.Uniform(0.3, 0.9), stats.uniform(0.3, 0.6)
    found = [evidence.jones_level_ml(series, parallelizability=each) for each in (ours, theirs)]
    assert found[0].r == pytest.approx(found[1].r)
    assert found[0].interval == found[1].interval
    shares = [evidence.two_input(series, series, compute_share=each) for each in (ours, theirs)]
    assert shares[0].r_high == pytest.approx(shares[1].r_high)


def test_a_large_window_says_so() -> None:
    with pytest.raises(ShapeError, match="more measurements than a window"):
        evidence.growth_rate_ols(read(TABLE), window=20)


@pytest.mark.usefixtures("search")
def test_estimates_say_what_they_rest_on() -> None:
    found = evidence.jones_level_ml(read(TABLE, input="staff"), parallelizability=[0.5, 1.0])
    assert found.ridge is not None
    assert found.ridge["parallelizability"].to_list() == [0.5, 1.0]
    assert any("only their ratio" in each for each in found.warnings)
    assert "r = lambda / beta" in found.definition
    text = found.summary()
    assert all(word in text for word in ("90% interval", "noise", "beta", "warning"))
    for kind in ("fit", "profile", "ridge"):
        assert found.plot(kind).axes
    with pytest.raises(UnknownNameError):
        found.plot("all")  # type: ignore[arg-type]


@pytest.mark.usefixtures("search")
def test_estimates_go_into_an_ensemble() -> None:
    rng = np.random.default_rng(0)
    noisy = {**TABLE, "efficiency": TABLE["efficiency"] * np.exp(0.05 * rng.normal(size=20))}
    found = evidence.jones_level_ml(read(noisy))
    run = takeoff.ensemble(takeoff.GrowthLaw(r=found.distribution(), first_doubling=1), 1000)
    assert 0 < run.probability("regime: explosion") <= 1


def with_profile(log_likelihood: Callable[[Any], Any]) -> evidence.Estimate:
    """An estimate without an upper bound, with a profile of 81 values of r."""
    r = np.geomspace(0.02, 50, 81)
    profile = pl.DataFrame({"r": r, "log_likelihood": log_likelihood(np.log(r)) + 123.0})
    return evidence.Estimate("e", r=1.3, r_low=0.5, r_high=math.inf, interval="i", noise="n", profile=profile)


PARTS = np.array([1e-6, 0.001, 0.05, 0.5, 0.95, 0.999])


def test_a_prior_times_a_normal_likelihood_is_lognormal() -> None:
    found = with_profile(lambda log_r: -0.5 * ((log_r - math.log(1.3)) / 0.3) ** 2)
    posterior = found.distribution(prior=takeoff.Lognormal(math.log(1.2), 0.67))
    precisions = np.array([0.67, 0.3]) ** -2.0
    middle = precisions @ np.log([1.2, 1.3]) / precisions.sum()
    expected = takeoff.Lognormal(float(middle), float(precisions.sum() ** -0.5))
    assert posterior.quantile(PARTS) == pytest.approx(expected.quantile(PARTS), rel=1e-3)
    with pytest.raises(InvalidValueError, match=r"state a prior, as in estimate.distribution\(prior=takeoff.between"):
        found.distribution()


@pytest.mark.parametrize("prior", [takeoff.between(0.4, 3.6), takeoff.Uniform(0, 3), takeoff.Gamma(2, 1)], ids=repr)
def test_data_that_say_nothing_leave_the_prior(prior: Any) -> None:
    posterior = with_profile(np.zeros_like).distribution(prior=prior)
    assert posterior.quantile(PARTS) == pytest.approx(prior.quantile(PARTS), rel=1e-5)
    assert posterior.cdf(1.0) == pytest.approx(prior.cdf(1.0), abs=1e-6)


def test_data_that_leave_little_of_a_wide_prior() -> None:
    """Of a likelihood a thousand times as narrow as the prior."""
    found = with_profile(lambda log_r: -0.5 * ((log_r - math.log(1.3)) / 0.2) ** 2)
    posterior = found.distribution(prior=takeoff.Loguniform(1e-200, 1e200))
    expected = takeoff.Lognormal(math.log(1.3), 0.2)
    assert posterior.quantile(PARTS[1:-1]) == pytest.approx(expected.quantile(PARTS[1:-1]), rel=1e-2)


def test_a_prior_of_values_is_weighted() -> None:
    found = with_profile(lambda log_r: log_r)
    assert found.distribution(prior=takeoff.Discrete([0.5, 1, 2], [2, 1, 1])).cdf(1.0) == pytest.approx(0.5, rel=1e-6)


def test_priors_are_refused_where_they_cannot_be_used() -> None:
    found = with_profile(np.zeros_like)
    for prior in (takeoff.Normal(1, 1), takeoff.Discrete([0.0, 1.0]), -1):
        with pytest.raises(InvalidValueError, match=r"prior must be of values above 0, such as takeoff.Truncated"):
            found.distribution(prior=prior)
    with pytest.raises(DtypeError, match="prior must be a number, a distribution"):
        found.distribution(prior="1")
    without = dataclasses.replace(found, profile=None)
    with pytest.raises(InvalidValueError, match="left out for e, which has no profile likelihood"):
        without.distribution(prior=takeoff.between(0.4, 3.6))
    drawn = dataclasses.replace(found, draws=pl.DataFrame({"r": [1.0, 2.0]}))
    with pytest.raises(InvalidValueError, match="left out for e, which has draws, which have a prior already"):
        drawn.distribution(prior=takeoff.between(0.4, 3.6))


@pytest.mark.parametrize(("low", "high"), [(0.72, 1.73), (0.5, 9.0), (1.2, 2.028)])
def test_a_distribution_has_the_ends_and_the_middle(low: float, high: float) -> None:
    found = evidence.Estimate("e", r=1.56, r_low=low, r_high=high, interval="i", noise="n", credibility=0.8)
    assert found.distribution().quantile([0.1, 0.5, 0.9]) == pytest.approx([low, 1.56, high], rel=1e-9)


@pytest.mark.parametrize(("low", "high"), [(0.0, 2.0), (1.0, math.inf), (1.56, 2.0), (1.0, 1.56)])
def test_no_distribution_follows_from_an_open_interval(low: float, high: float) -> None:
    found = evidence.Estimate("e", r=1.56, r_low=low, r_high=high, interval="i", noise="n")
    with pytest.raises(InvalidValueError, match="for a distribution"):
        found.distribution()


def test_an_interval_beyond_all_bounds_gives_no_distribution() -> None:
    found = evidence.Estimate("e", r=9.0, r_low=5e-324, r_high=40.0, interval="i", noise="n")
    with pytest.raises(InvalidValueError, match="sigma must be small enough"):
        found.distribution()


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"r": math.nan}, InvalidValueError, "r must be a number"),
        ({"r_low": "1"}, DtypeError, "r_low must be"),
        ({"r_low": 3.0, "r_high": 2.0}, InvalidValueError, "r_low must be at most r_high, 2, got 3"),
        ({"credibility": 1.0}, InvalidValueError, "credibility must be"),
    ],
)
def test_estimates_of_ones_own_are_checked(given: dict[str, Any], error: type[TakeoffError], says: str) -> None:
    right: dict[str, Any] = {"r": 1.0, "r_low": 0.5, "r_high": 2.0, "interval": "i", "noise": "n"}
    with pytest.raises(error, match=says):
        evidence.Estimate("e", **{**right, **given})


def test_pooling_where_one_domain_hides_the_others() -> None:
    """The spread between domains of which one is known to all digits of a float: no 0 / 0."""
    ends = {"r_low": [0.5, 1 - 1e-15], "r_high": [2.0, 1 + 1e-15]}
    assert evidence.pool_random_effects({"domain": ["a", "b"], "r": [1.0, 1.0], **ends}).tau == 0
    apart = evidence.pool_random_effects({"domain": ["a", "b"], "r": [1.9, 1.0], **ends})
    error = math.log(4) / (2 * 1.6448536269514722)
    assert apart.tau == pytest.approx(math.sqrt((math.log(1.9) ** 2 - error**2) / 2), rel=1e-9)


def test_pooling_refuses_what_is_no_interval() -> None:
    table = {"domain": ["a", "b"], "r": [1.0, 1.0], "r_low": [0.5, 0.5], "r_high": [2.0, 2.0]}
    with pytest.raises(InvalidValueError, match=r"estimates must be from 1e-30 to 1e\+30, .*for b, got '1e-40 to 2.0"):
        evidence.pool_random_effects({**table, "r_low": [0.5, 1e-40]})
    decimals = pl.DataFrame(table).with_columns(pl.col("r").cast(pl.Decimal(10, 2)))
    assert evidence.pool_random_effects(decimals).r == 1


def test_pooling_beyond_floats_is_refused() -> None:
    wide = evidence.Estimate("e", r=1.0, r_low=0.5, r_high=2.0, interval="i", noise="n", credibility=1e-6)
    with pytest.raises(InvalidValueError, match="estimates must be such that the ends of all intervals are floats"):
        evidence.pool_random_effects({"a": wide, "b": wide})


def test_pooling_shows_what_was_given() -> None:
    table = {"domain": ["a", "b"], "r": [1.0, 2.0], "r_low": [0.2, 1.0], "r_high": [1.5, 5.0]}
    pooled = evidence.pool_random_effects(table, pooled_credibility=0.95)
    for name in ("r", "r_low", "r_high"):
        assert pooled.table[name].to_list() == pytest.approx(table[name], rel=1e-14)
    labels = [text.get_text() for text in pooled.plot().axes[0].get_yticklabels()]
    assert labels == ["a", "b", "pooled, 95%", "a further domain, 90%"]


ERRORS = "errors of measurement of this series are not used"
STOCK = "initial stock of this series is not used"


def test_errors_of_newey_and_west_grow_with_the_block() -> None:
    table = {**TABLE, "efficiency": TABLE["efficiency"] * np.exp(0.05 * np.sin(YEAR / 2))}
    widths = []
    for block in (1, 4):
        found = evidence.loglog_cumulative(read(table), initial_stock=1000.0, interval="hac", block=block)
        widths.append(found.r_high - found.r_low)
    assert widths[1] > 1.1 * widths[0]


def test_an_initial_stock_without_an_upper_end_is_said() -> None:
    said = "the initial stock has no upper bound in this series"
    straight = {**TABLE, "efficiency": np.exp(0.3 * YEAR), "staff": np.ones(20)}
    for table, there in ((TABLE, False), (straight, True)):
        found = evidence.loglog_cumulative(read(table))
        assert any(said in each for each in found.warnings) == there


@pytest.mark.usefixtures("search")
def test_the_interval_of_the_level_is_the_small_sample_one() -> None:
    rng = np.random.default_rng(5)
    found = evidence.jones_level_ml(
        read({**TABLE, "efficiency": TABLE["efficiency"] * np.exp(rng.normal(0, 0.02, 20))})
    )
    assert found.profile is not None
    memory = found.diagnostics["memory_years"]
    assert found.effective_size == pytest.approx(19 / (2 * memory))
    wandering = TABLE["efficiency"] * np.exp(0.1 * np.sin(YEAR / 2))
    found_wandering = evidence.jones_level_ml(read({**TABLE, "efficiency": wandering}))
    longer = found_wandering.diagnostics["memory_years"]
    assert found_wandering.effective_size == pytest.approx(max(1, 19 / (2 * longer)))
    drop = likelihood_drop(0.9, 18, 1)  # of 20 measurements, of which the constant and the growth take two
    assert drop > 1.05 * likelihood_drop(0.9)
    profile = found.profile["r"].to_numpy(), found.profile["log_likelihood"].to_numpy()
    assert (found.r_low, found.r_high) == pytest.approx(likelihood_interval(*profile, drop), rel=1e-12)


def test_a_prior_of_lambda_averages_the_likelihood() -> None:
    heights = np.log([[1.0, 4.0, 2.0], [3.0, 2.0, 0.0 + 1e-9]])
    assert np.exp(_together(heights, prior=True)) == pytest.approx([2.0, 3.0, 1.0])
    assert np.exp(_together(heights, prior=False)) == pytest.approx([3.0, 4.0, 2.0])


def test_the_share_of_the_spread_between_domains() -> None:
    width = math.exp(1.6448536269514722 * 0.1)  # errors of 0.1 in ln r
    r = np.array([1.0, math.exp(0.3)])
    pooled = evidence.pool_random_effects({"domain": ["a", "b"], "r": r, "r_low": r / width, "r_high": r * width})
    # Cochran's Q is 2 (0.15/0.1)^2 = 4.5, with one degree of freedom (Higgins & Thompson 2002).
    assert pooled.i_squared == pytest.approx(3.5 / 4.5)
    assert pooled.tau == pytest.approx(math.sqrt(0.3**2 / 2 - 0.1**2))


def test_input_before_the_first_measurement_is_of_the_stock() -> None:
    table = {"year": [0, 1, 2, 3], "efficiency": [None, 1.0, 2.0, 4.0], "staff": [10.0, 30.0, 60.0, 100.0]}
    series = read(table, input_kind="cumulative")
    assert series.initial_stock == pytest.approx(30.0)
    assert series.flow.tolist() == [30.0, 40.0]


def test_the_diffusion_has_the_initial_stock_of_its_law() -> None:
    rng = np.random.default_rng(3)
    series = read({**TABLE, "efficiency": 7 * TABLE["efficiency"] * np.exp(0.02 * rng.normal(size=20))})
    found = evidence.feller_ml(series, parallelizability=1.0)
    assert found.beta is not None
    stock = math.exp(found.beta * series.log_output[0]) / (found.beta * found.diagnostics["theta"])
    assert found.initial_stock == pytest.approx(stock)


@pytest.mark.parametrize("error", ["error", pytest.param(None, marks=pytest.mark.slow)])
def test_the_level_finds_errors_of_both_memories(error: str | None) -> None:
    """Errors that do not wander, as measured or as fitted: the same r, though a random walk fits nearly as well."""
    year, rng = np.arange(40), np.random.default_rng(3)
    staff = 100 * 1.1**year * (1 + 0.3 * np.sin(year))
    total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
    efficiency = (total / 1000) ** 1.4 * np.exp(0.05 * rng.normal(size=40))
    table = {"year": year, "efficiency": efficiency, "staff": staff, "error": np.full(40, 0.05)}
    found = evidence.jones_level_ml(read(table, output_error=error), parallelizability=1.2)
    assert found.r == pytest.approx(1.387, abs=0.002)
    assert found.r_high == pytest.approx(1.416, abs=0.002)


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("naive_ratio", {ERRORS, STOCK}),
        ("growth_rate_ols", {ERRORS, STOCK}),
        ("loglog_cumulative", {ERRORS}),
        ("jones_level_ml", {STOCK}),
        ("stable_increment_ml", {ERRORS, STOCK}),
        ("feller_ml", {ERRORS, STOCK}),
        ("feller_bayes", {ERRORS, STOCK}),
        ("endpoint_bayes", {ERRORS, STOCK}),
        ("two_input", {ERRORS, STOCK}),
    ],
)
def test_what_an_estimator_does_not_use_is_said(
    name: str, ignored: set[str], search: dict[str, dict[str, Any]]
) -> None:
    rng = np.random.default_rng(4)
    table = {
        **TABLE,
        "efficiency": TABLE["efficiency"] * np.exp(0.02 * rng.normal(size=20)),
        "staff": STAFF * np.exp(0.3 * rng.normal(size=20)),
        "error": np.full(20, 0.02),
    }
    arguments: dict[str, dict[str, Any]] = {
        "endpoint_bayes": {"effective_size": 100},
        "feller_ml": {"parallelizability": 1.0},
        **search,
    }

    def said(**given: Any) -> set[str]:
        series = read(table, **given)
        if name == "two_input":
            warnings = evidence.two_input(series, series, compute_share=0.5).warnings
        else:
            warnings = getattr(evidence, name)(series, **arguments.get(name, {})).warnings
        assert len(set(warnings)) == len(warnings)
        return {text for text in (ERRORS, STOCK) if any(text in each for each in warnings)}

    assert said(output_error="error", initial_stock=1000.0) == ignored
    assert not said()


@pytest.mark.usefixtures("search")
def test_deviations_without_memory_are_named() -> None:
    says = "deviations are about independent of one another"
    for made, expected in ((np.random.default_rng(5).normal(size=20), True), (np.sin(YEAR), False)):
        found = evidence.jones_level_ml(read({**TABLE, "efficiency": TABLE["efficiency"] * np.exp(0.05 * made)}))
        assert (found.diagnostics["memory_years"] < 1) == expected
        assert any(says in each for each in found.warnings) == expected


# ---- likelihoods against others ------------------------------------------------------------------------------------


def test_the_level_likelihood_is_that_of_the_contrasts() -> None:
    """The restricted likelihood: a normal law of what no constant and no change of the growth touches."""
    from scipy.linalg import null_space
    from scipy.stats import multivariate_normal

    rng = np.random.default_rng(1)
    time = np.sort(rng.uniform(0, 10, 12))
    y, variance = rng.normal(size=12), rng.uniform(0.01, 0.1, 12)
    durations, flows = np.diff(time), rng.uniform(1, 5, 11)
    engine = _core.LevelLikelihood(time, y, variance, durations, flows, [1] * 11)
    for b, lam, stock, deviation, memory in rng.uniform(0.3, 2, (20, 5)):
        tau = np.concatenate([[0], np.cumsum(flows**lam * durations)])

        def level(growth: float, b: float = b, tau: Any = tau) -> Any:
            return b * np.log1p(tau * np.expm1(growth / b) / tau[-1])

        whole = b * np.log1p(tau[-1] / stock)
        slope = (level(whole + 1e-6) - level(whole - 1e-6)) / 2e-6
        design = np.column_stack([np.ones(12), slope])
        covariance = deviation**2 * np.exp(-np.abs(time[:, None] - time) / memory) + np.diag(variance)
        # The law leaves what the constant alone is fitted to: the growth is given, and only its weight is integrated.
        away = y - level(whole)
        precision = np.linalg.inv(covariance)
        away -= (precision @ away).sum() / precision.sum()
        contrasts = null_space(design.T)
        within = multivariate_normal(np.zeros(10), contrasts.T @ covariance @ contrasts).logpdf(contrasts.T @ away)
        fitted = np.linalg.solve(design.T @ precision @ design, design.T @ precision @ away)
        beside = 0.5 * fitted @ design.T @ precision @ design @ fitted
        unit = 0.5 * np.linalg.slogdet(design.T @ design)[1]
        found = engine.log_likelihood(np.array([b, lam, stock, deviation, memory]), policy(1))
        assert found[0] == pytest.approx(within - beside - unit, rel=1e-7)


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_threads_change_no_bit_of_the_likelihood(threads: int) -> None:
    durations, flows, counts = read(TABLE).pieces()
    engine = _core.LevelLikelihood(YEAR, np.log(TABLE["efficiency"]), np.zeros(20), durations, flows, counts)
    vectors = np.random.default_rng(2).uniform(0.2, 3, 5 * 500)
    assert np.array_equal(engine.log_likelihood(vectors, policy(threads)), engine.log_likelihood(vectors, policy(1)))


# ---- what is made of estimates -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("search")
def test_a_comparison_keeps_refusals() -> None:
    found = evidence.compare({"staff": read(TABLE), "few": read({k: v[:3] for k, v in TABLE.items()})})
    assert found.table["series"].to_list().count("few") == found.table.height / 2
    refused = found.table.filter(pl.col("problem").is_not_null())
    assert "few" in set(refused["series"])
    assert found.table.filter(pl.col("problem").is_null())["r"].null_count() == 0
    with pytest.raises(UnknownNameError, match="did you mean 'naive_ratio'"):
        evidence.compare(read(TABLE), ["naive_ration"])
    with pytest.raises(DtypeError):
        evidence.compare(TABLE)
    with pytest.raises(UnknownNameError, match="argument of naive_ratio"):
        evidence.compare(read(TABLE), {"naive_ratio": {"windows": 3}})


@pytest.mark.usefixtures("search")
def test_a_comparison_takes_an_endpoint_where_asked() -> None:
    found = evidence.compare(read(TABLE), {"naive_ratio": {}, "endpoint_bayes": {"effective_size": 500}})
    assert found["endpoint_bayes"].interval == "posterior quantiles"
    assert "endpoint_bayes" not in evidence.compare(read(TABLE)).table["estimator"].to_list()


@pytest.mark.parametrize("estimators", [5, np.array("naive_ratio"), {"naive_ratio": None}, [["naive_ratio"]]])
def test_names_of_estimators_are_names(estimators: Any) -> None:
    with pytest.raises(TakeoffError, match=r" must be "):
        evidence.compare(read(TABLE), estimators)


def test_names_of_series_are_text() -> None:
    for name in (None, 0, "\udc80"):
        with pytest.raises(TakeoffError, match="name of a series must be text"):
            evidence.compare({name: read(TABLE)}, ["naive_ratio"])  # type: ignore[dict-item]
    found = evidence.compare(read(TABLE), ["naive_ratio"])
    for key in (np.zeros(2), pl.Series(["a"]), pl.col("a"), None, ("series", np.zeros(2))):
        with pytest.raises(UnknownNameError, match="estimate must be one of naive_ratio"):
            found[key]  # type: ignore[index]


def test_chained_elo() -> None:
    nan = math.nan
    found = evidence.chained_elo(["1", "1", None, "2", "2"], [10.0, 20.0, None, 5.0, nan])
    assert found[[0, 1, 3]].tolist() == [10.0, 20.0, 25.0]
    for reference, elo in (
        ([nan, nan], [1.0, 2.0]), ([3], [1.0]),
        (["1"], [1.0, 2.0]), (["1", "2", "1"], [1.0, 2.0, 3.0]), ([None], [1.0]), (["1"], [math.inf]), (["1"], [None]),
        (["1"], ["x"]), (["1"], [10**400]), (["1"], [1e6]), ([3], [1.0]), (5, [1.0]), (["1"], 5),
        ("12", [1.0, 2.0]), (["1", "2"], "12"), (["1"], np.array(1.0)), (["1"], ["1"]), (pl.LazyFrame({"a": []}), [1]),
    ):  # fmt: skip
        with pytest.raises(TakeoffError):
            evidence.chained_elo(reference, elo)  # type: ignore[arg-type]


def test_a_frontier_rises() -> None:
    table = {"year": [3, 1, 2, 2, 4], "loss": [2.0, 3.0, 3.5, 2.5, None]}
    assert evidence.frontier(table, time="year", value="loss", lower_is_better=True).rows() == [
        (1, 3.0),
        (2, 2.5),
        (3, 2.0),
    ]
    with pytest.raises(UnknownNameError, match="value: column must be one of year, loss, got 'los'; did"):
        evidence.frontier(table, time="year", value="los")
    for year, error, says in (
        ([1, None, 2], InvalidValueError, "year must be a time for every result, got None"),
        ([1.0, math.nan, 2.0], InvalidValueError, "year must be a time for every result, got nan"),
        (["2020-1", "2020-10", "2020-2"], DtypeError, "time must be years as numbers, or dates, got a column year"),
    ):
        with pytest.raises(error, match=says):
            evidence.frontier({"year": year, "loss": [1.0, 2.0, 3.0]}, time="year", value="loss")
    with pytest.raises(InvalidValueError, match="loss must be finite, got inf"):
        evidence.frontier({"year": [1, 2], "loss": [math.inf, 2.0]}, time="year", value="loss")
    with pytest.raises(UnknownNameError, match="time: column must be one of year, loss, got 'day'"):
        evidence.frontier(table, time="day", value="loss")
    with pytest.raises(DtypeError, match="value must be numbers, got a column loss of String"):
        evidence.frontier({"year": [1, 2], "loss": ["a", "b"]}, time="year", value="loss")
    with pytest.raises(DtypeError, match="time must be years as numbers, or dates, got a column year of List"):
        evidence.frontier({"year": [[1], [2]], "loss": [1.0, 2.0]}, time="year", value="loss")
    with pytest.raises(DtypeError, match="lower_is_better must be True or False"):
        evidence.frontier(table, time="year", value="loss", lower_is_better="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("word", [["level"], {}, np.array(["a", "b"]), pl.col("a"), None, "levels"])
def test_words_that_are_none_are_refused(word: Any) -> None:
    for option in ("output_kind", "input_kind", "input_holds", "same_time"):
        with pytest.raises(UnknownNameError, match=f"{option} must be one of "):
            read(TABLE, **{option: word})
    with pytest.raises(UnknownNameError, match="definition must be one of "):
        evidence.returns_from_parameters(0.6, 0.5, definition=word)


def test_converted_returns_are_numbers() -> None:
    with pytest.raises(InvalidValueError, match="the result must be finite and above 0, got inf"):
        evidence.returns_in_other_unit(1e200, 1e200)
    with pytest.raises(InvalidValueError, match="r must be finite and above 0, got inf"):
        evidence.returns_from_parameters(1e200, 1e-200)


def test_an_input_without_rows_or_with_times_without_end_is_refused() -> None:
    with pytest.raises(ShapeError, match="the input must be known at two times at least, got 0"):
        read(TABLE, inputs={"year": np.array([]), "staff": np.array([])}, same_time="keep")
    with pytest.raises(InvalidValueError, match="year must be finite"):
        read({**TABLE, "year": [*YEAR[:-2], math.inf, math.inf]}, same_time="keep")


def test_efficiency_in_another_unit_is_said() -> None:
    training = read({**TABLE, "error": np.full(20, 0.1)}, output_error="error")
    use = training.in_other_unit(0.5, "use")
    assert use.output_error is not None
    assert use.output_error.tolist() == [0.05] * 20
    for name in ("naive_ratio", "loglog_cumulative"):
        before, after = (getattr(evidence, name)(series) for series in (training, use))
        assert (after.r, after.r_low, after.r_high) == pytest.approx(
            (before.r / 2, before.r_low / 2, before.r_high / 2), rel=1e-6
        )
        assert "efficiency in use: A' = A^0.5" in after.summary()
    for exponent in (0.0, math.nan, 1e9):
        with pytest.raises(InvalidValueError, match="exponent must be from 1e-6 to 1e6"):
            training.in_other_unit(exponent, "use")
    with pytest.raises(DtypeError, match="unit must be text"):
        training.in_other_unit(0.5, 3)  # type: ignore[arg-type]


@pytest.mark.usefixtures("search")
def test_r_as_another_paper_defines_it() -> None:
    found = evidence.jones_level_ml(read(TABLE), parallelizability=0.5)
    assert found.profile is not None
    assert found.as_defined_by("erdil-2024") is found
    for definition, share, factor in (("davidson-houlden-2025", 0.6, 0.6), ("davidson-2023", 1.0, 2.0)):
        other = found.as_defined_by(definition, labor_share=share)
        assert (other.r, other.r_low, other.r_high) == pytest.approx(
            (factor * found.r, factor * found.r_low, factor * found.r_high)
        )
        assert other.r == pytest.approx(
            evidence.returns_from_parameters(0.5, 0.5 / found.r, labor_share=share, definition=definition)
        )
        assert other.profile is not None
        assert other.profile["r"].to_list() == pytest.approx((factor * found.profile["r"]).to_list())
        assert other.definition != found.definition
        assert other.ridge is None
        with pytest.raises(InvalidValueError, match="convert it once"):
            other.as_defined_by(definition)
    with pytest.raises(UnknownNameError, match="definition must be one of"):
        found.as_defined_by("davidson")
    with pytest.raises(InvalidValueError, match="labor_share must be above 0 and at most 1, got 0"):
        found.as_defined_by("davidson-houlden-2025", labor_share=0)
    for free in (evidence.naive_ratio(read(TABLE)), evidence.growth_rate_ols(regressed(0.5, 0.5))):
        with pytest.raises(InvalidValueError, match="held or drawn, for an interval of 1 / beta"):
            free.as_defined_by("davidson-2023")


def test_draws_of_r_by_another_definition() -> None:
    found = evidence.endpoint_bayes(evidence.endpoint_series("image recognition"), effective_size=2000)
    assert found.draws is not None
    other = found.as_defined_by("davidson-2023")
    inverse = 1 / found.draws["beta"].to_numpy()
    assert (other.r_low, other.r, other.r_high) == pytest.approx(np.quantile(inverse, [0.05, 0.5, 0.95]))
    assert other.distribution().quantile(0.5) == pytest.approx(other.r, rel=0.01)
    share = found.as_defined_by("davidson-houlden-2025", labor_share=0.5)
    assert share.draws is not None
    assert share.draws["r"].to_list() == (found.draws["r"] / 2).to_list()
    for each in (other, share):
        with pytest.raises(InvalidValueError, match="this estimate has no ridge"):
            each.plot("ridge")  # whose line is that of lambda / beta


def test_the_profile_of_a_regression_is_that_of_its_interval() -> None:
    """Fieller's set holds the ratios of which the nearest pair is as likely as the interval's probability says."""
    found = evidence.growth_rate_ols(regressed(0.5, 0.5))
    assert found.profile is not None
    assert found.ridge is not None
    inside = found.profile.filter(pl.col("log_likelihood") >= -0.5 * 1.6448536269514722**2)["r"]
    assert found.r_low == pytest.approx(inside.min(), rel=0.03)
    assert found.r_high == pytest.approx(inside.max(), rel=0.03)
    assert found.r_low <= inside.min() <= found.r <= inside.max() <= found.r_high  # type: ignore[operator]
    best = found.ridge.row(int(found.ridge["log_likelihood"].arg_max() or 0), named=True)
    assert (best["r"], best["beta"], best["parallelizability"]) == pytest.approx(
        (found.r, found.beta, found.parallelizability)
    )


def test_what_is_pooled_is_printed_and_cites_its_sources() -> None:
    noisy = {**TABLE, "staff": STAFF * (2 + np.sin(YEAR))}
    estimates = {"a": evidence.naive_ratio(read(noisy)), "b": evidence.naive_ratio(read(noisy))}
    text = repr(evidence.pool_random_effects(estimates))
    assert text.startswith("2 domains pooled by random effects")
    assert "P(r > 1) there" in text
    cited = takeoff.citation(evidence.pool_random_effects(estimates))
    assert "DerSimonian" in cited
    assert "Erdil" in cited


def test_chains_are_printed_with_the_probability_of_their_authors() -> None:
    assert "constant hardware           r 1 [0.499, 2], P(r > 1) 50%" in str(evidence.paper_chain())
    assert str(evidence.paper_chain()).endswith("the authors' probability of an explosion: 30% to 60%")
    assert "authors" not in str(evidence.davidson_houlden_chain())
    step = evidence.Step("a", 2.0, "made up")
    for bad in ((0.6, 0.3), (0.5,), (0.1, 1.1), (math.nan, 1)):
        with pytest.raises(InvalidValueError, match="two numbers from 0 to 1, the lower one first"):
            evidence.Chain("mine", [step], authors_probability=bad)  # type: ignore[arg-type]


def test_chains() -> None:
    chain = evidence.paper_chain()
    table = chain.table()
    assert table["factor"][1:].to_list() == pytest.approx([math.sqrt(2), math.sqrt(2), 0.5])
    assert table["r_low"][2] == pytest.approx(1, abs=0.03)  # 1e5 draws: a quantile is known to 1%
    assert table["r_high"][2] == pytest.approx(4, abs=0.08)
    assert 0.3 < table["probability_above_1"][-1] < 0.6
    assert table["r"][-1] == pytest.approx(table["r"][-2] / 2)
    assert chain.draws(100, seed=3).equals(chain.draws(200, seed=3).head(100))
    with pytest.raises(InvalidValueError, match="above 0 in all draws"):
        evidence.Chain("mine", [evidence.Step("base", takeoff.Uniform(-1, 1), "made up")]).draws()
    assert "Uniform" in repr(evidence.Chain("mine", [evidence.Step("base", takeoff.Uniform(-1, 1), "made up")]))
    with pytest.raises(InvalidValueError):
        evidence.Chain("mine", [])
    for steps in ([1.4], 1.4, np.array(1.4)):
        with pytest.raises(DtypeError, match="steps must be a sequence of Step"):
            evidence.Chain("mine", steps)  # type: ignore[arg-type]
    for size in (1e-60, 1e200):
        far = evidence.Chain("far", [evidence.Step(name, size, "made up") for name in ("base", "second")])
        with pytest.raises(
            InvalidValueError, match=r"steps must be such that r is from 1e-100 to 1e\+100 in all draws"
        ):
            far.plot()


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"name": 1}, DtypeError, "name must be text, got int 1"),
        ({"source": "\udc80"}, InvalidValueError, "source must be text that is valid Unicode"),
        ({"factor": "2"}, DtypeError, "factor must be a number"),
        ({"factor": 0.0}, InvalidValueError, "factor must be finite and above 0, or a distribution, got 0.0"),
        ({"factor": math.nan}, InvalidValueError, "factor must be finite and above 0"),
    ],
)
def test_steps_are_checked(given: dict[str, Any], error: type[TakeoffError], says: str) -> None:
    with pytest.raises(error, match=says):
        evidence.Step(**{"name": "a", "factor": 2.0, "source": "b", **given})


def test_experience_curves_refuse() -> None:
    table: dict[str, list[float]] = {"output": [1, 2, 4, 8], "cost": [8.0, 6, 5, 4]}
    for bad in (
        {**table, "cost": [1.0, 0, 1, 1]},
        {**table, "cost": [1.0, 1, 1, 1e200]},
        {**table, "output": [1, 1, 1, 1]},
        {**table, "output": [1, 1, 1, 1 + 1e-15]},
        {k: v[:3] for k, v in table.items()},
    ):
        with pytest.raises(TakeoffError, match=r" must "):
            evidence.experience_curve(bad, output="output", cost="cost")


def test_an_experience_curve_needs_output_that_never_falls() -> None:
    table = {"output": [1, 4, 2, 8], "cost": [8.0, 6, 5, 4]}
    rule = r"output must be cumulative, and so never fall .*, got 2.0 at index 2 \(experience_curve.output\)"
    with pytest.raises(InvalidValueError, match=rule):
        evidence.experience_curve(table, output="output", cost="cost")
    with pytest.raises(InvalidValueError, match=r"got 'null' at index 1 \(experience_curve.cost\)"):
        evidence.experience_curve({**table, "cost": [8.0, None, 5, 4]}, output="output", cost="cost")


def test_what_is_pooled_is_of_numbers() -> None:
    table = {"domain": ["a", "b"], "r": [1.0, 1.0], "r_low": [1, 0.5], "r_high": [2, 2]}  # whole numbers among others
    assert evidence.pool_random_effects({**table, "r": [1, 1.5]}).table["r"].to_list() == pytest.approx([1, 1.5])
    with pytest.raises(DtypeError, match=r"r must be a number .*, got a Series of String \(pool_random_effects"):
        evidence.pool_random_effects({**table, "r": ["x", "y"]})
    with pytest.raises(
        UnknownNameError, match=r"estimates: column must be one of .*, got 'r_low'; did you mean 'r_lo'"
    ):
        evidence.pool_random_effects({"domain": ["a"], "r": [1.0], "r_lo": [0.5], "r_high": [2.0]})


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (evidence.paper_chain(), "Eth, D."),
        (evidence.davidson_houlden_chain(), "Houlden"),
        (evidence.Monitor(reference=2.0, particles=10), "Eth, D."),
        (evidence.two_input(read(TABLE), read(TABLE), compute_share=0.5), "Whitfill"),
    ],
    ids=["paper", "Davidson & Houlden", "monitor", "two inputs"],
)
def test_what_stands_on_a_publication_cites_it(thing: Any, says: str) -> None:
    assert says in takeoff.citation(thing)


def test_an_experience_curve_of_an_exact_fit_has_an_interval() -> None:
    for n in range(4, 40):
        for cost in (1.0, 3.0):
            flat = {"output": np.arange(1.0, n + 1), "cost": np.full(n, cost)}
            found = evidence.experience_curve(flat, output="output", cost="cost")
            assert -1e-12 < found.low <= found.exponent <= found.high < 1e-12
    dear = {"output": 1 + 1e-6 * np.arange(5), "cost": np.geomspace(1, 1e99, 5)}
    assert evidence.experience_curve(dear, output="output", cost="cost").learning_rate == -math.inf


def test_two_inputs_refuse() -> None:
    for name in ("labor", "compute"):
        series: dict[str, Any] = {"labor": read(TABLE), "compute": read(TABLE), name: TABLE}
        with pytest.raises(DtypeError, match=f"{name} must be a ResearchSeries, got dict"):
            evidence.two_input(**series, compute_share=0.5)
    other = read({**TABLE, "efficiency": (TOTAL / 500) ** 1.4})
    with pytest.raises(InvalidValueError, match="same efficiency"):
        evidence.two_input(read(TABLE), other, compute_share=0.5)
    for share in (-0.1, 1.1, math.nan, takeoff.Uniform(0.5, 1.5)):
        with pytest.raises(InvalidValueError, match="compute_share"):
            evidence.two_input(read(TABLE), read(TABLE), compute_share=share)


@pytest.mark.usefixtures("search")
def test_estimate_from_the_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from takeoff.cli import cli

    data, out = tmp_path / "data.csv", tmp_path / "out"
    pl.DataFrame(TABLE).write_csv(data)
    command = ["estimate", str(data), "--time", "year", "--output", "efficiency", "--input", "staff", "--out", str(out)]
    command += ["--estimator", "naive_ratio", "--estimator", "jones_level_ml"]
    cli.main(command, standalone_mode=False)
    printed = capsys.readouterr().out
    assert "look at this first" in printed
    assert "naive_ratio" in printed
    names = {path.name for path in out.iterdir()}
    assert {"comparison.csv", "estimates.json", "comparison.svg", "jones_level_ml-profile.svg"} <= names
    document = json.loads((out / "estimates.json").read_text())
    assert [each["estimator"] for each in document["estimates"]] == ["naive_ratio", "jones_level_ml"]
    pl.DataFrame({**TABLE, "hours": STAFF**1.1}).write_csv(data)
    cli.main([*command, "--input", "hours"], standalone_mode=False)
    both = {f"{name}-jones_level_ml-profile.svg" for name in ("staff", "hours")}
    assert both <= {path.name for path in out.iterdir()}
    with pytest.raises(UnknownNameError, match="did you mean 'staff'"):
        cli.main([*command[:7], "stuff"], standalone_mode=False)


# ---- several measurements of one time, and what is said of a fit ---------------------------------------------------


def test_measurements_of_one_time() -> None:
    """Between those of one time there is no step: the likelihood is that of the steps around them."""
    table: dict[str, Any] = {"year": [0.0, 1, 1, 2], "efficiency": [1.0, 1.2, 1.1, 1.5], "staff": [1.0, 2, 2, 3]}
    with pytest.raises(InvalidValueError, match="later than the one before"):
        read(table)
    series = read(table, same_time="keep", input_holds="before")
    assert series.notes == ("1 measurement of the time of the one before",)
    first = read({name: values[:2] for name, values in table.items()}, input_holds="before")
    second = read({name: values[2:] for name, values in table.items()}, input_holds="before")
    values = {"beta": 0.5, "parallelizability": 0.7, "theta": 0.2, "sigma": 0.1}
    more: dict[str, dict[str, float]] = {"feller_log_likelihood": {}, "stable_log_likelihood": {"stability": 1.7}}
    for name, others in more.items():
        whole, *parts = (getattr(evidence, name)(each, **values, **others) for each in (series, first, second))
        assert whole == pytest.approx(sum(parts), rel=1e-12)


def doubled(*, error: bool) -> evidence.ResearchSeries:
    """Twice each measurement of a law, with growing input."""
    rng = np.random.default_rng(1)
    table = {name: np.repeat(values, 2) for name, values in TABLE.items()}
    table["efficiency"] = table["efficiency"] * np.exp(0.05 * rng.normal(size=40))
    table["error"] = np.full(40, 0.05)
    return read(table, same_time="keep", output_error="error" if error else None)


@pytest.mark.parametrize("name", [*ESTIMATORS, "feller_ml"])
@pytest.mark.usefixtures("search")
def test_estimators_of_measurements_of_one_time(name: str) -> None:
    found = getattr(evidence, name)(doubled(error=True))
    assert 0.3 < found.r < 10


def test_the_level_needs_errors_of_measurements_of_one_time() -> None:
    with pytest.raises(InvalidValueError, match="errors above 0, where several are of one time"):
        evidence.jones_level_ml(doubled(error=False))


@pytest.mark.parametrize(
    ("table", "options", "says"),
    [
        ({**TABLE, "year": [0.0] * 20, "staff": np.ones(20)}, {}, "different between measurements"),
        ({**TABLE, "year": [0.0, 0.0, *YEAR[2:]]}, {}, "the same in all rows of one time"),
        (TABLE, {"same_time": "mean"}, "same_time must be one of"),
        ({**TABLE, "year": YEAR[::-1]}, {}, "later than the one before"),
    ],
)
def test_bad_times_that_repeat(table: dict[str, Any], options: dict[str, Any], says: str) -> None:
    with pytest.raises(TakeoffError, match=says):
        read(table, **{"same_time": "keep", **options})


@pytest.mark.usefixtures("search")
def test_errors_of_measurement_are_said() -> None:
    staff = STAFF * (1 + 0.3 * np.sin(YEAR))
    law = {**TABLE, "efficiency": (1 + np.concatenate([[0], np.cumsum(staff)[:-1]]) / 1000) ** 1.4, "staff": staff}
    noisy = {**law, "efficiency": law["efficiency"] * np.exp(0.2 * (-1.0) ** YEAR)}
    for name in ("growth_rate_ols", "stable_increment_ml", "feller_ml"):
        options = {"window": 5} if name == "growth_rate_ols" else {}
        assert "turns back from step to step" in " ".join(getattr(evidence, name)(read(noisy), **options).warnings)
        assert "turns back" not in " ".join(getattr(evidence, name)(read(law), **options).warnings)


def test_a_lambda_far_above_1_is_said() -> None:
    staff = STAFF * (1 + 0.5 * np.sin(YEAR))
    table = {**TABLE, "efficiency": (1 + np.concatenate([[0], np.cumsum(staff)[:-1]]) / 1000) ** 1.4}
    found = [evidence.growth_rate_ols(read({**table, "staff": staff**power}), window=1) for power in (1.0, 0.1)]
    assert [any("far above 1" in text for text in each.warnings) for each in found] == [False, True]


def regressed(power: float, slowing: float) -> evidence.ResearchSeries:
    """A series whose rate of growth goes as ``input^power A^-slowing``, about."""
    rng = np.random.default_rng(2)
    staff = np.exp(rng.normal(size=40))
    logs = [0.0]
    for effort in staff[:-1]:
        logs.append(logs[-1] + 0.1 * effort**power * math.exp(-slowing * logs[-1] + 0.1 * rng.normal()))
    table = {"year": np.arange(40.0), "efficiency": np.exp(logs), "staff": staff}
    return read(table)


def test_growth_that_does_not_follow_the_law() -> None:
    slower = evidence.growth_rate_ols(regressed(-0.5, 0.5))
    assert slower.r_low < slower.r < slower.r_high < 0
    assert any("lambda is below 0" in warning for warning in slower.warnings)
    faster = evidence.growth_rate_ols(regressed(0.5, -0.05))
    assert (faster.r_low, faster.r, faster.r_high) == (0, math.inf, math.inf)
    with pytest.raises(InvalidValueError, match="growth that slows as efficiency rises or quickens with input"):
        evidence.growth_rate_ols(regressed(-0.5, -0.05))


def test_a_regression_does_not_depend_on_the_unit() -> None:
    series = regressed(0.5, 0.5)
    found = evidence.growth_rate_ols(series)
    far = evidence.growth_rate_ols(dataclasses.replace(series, log_output=series.log_output - 650))
    assert (far.r, far.r_low, far.r_high) == pytest.approx((found.r, found.r_low, found.r_high), rel=1e-9)
    logs = 0.2 * YEAR + 0.01 * YEAR**2
    in_step = {"year": YEAR, "efficiency": 1e-300 * np.exp(logs), "staff": np.exp(logs / 2)}
    with pytest.raises(InvalidValueError, match="not in step"):
        evidence.growth_rate_ols(read(in_step))


@pytest.mark.parametrize("rate", [1e-6, 0.05, 5])
@pytest.mark.parametrize("start", [-600, 0, 600])
def test_a_rate_that_varies_by_rounding_alone_is_refused(rate: float, start: float) -> None:
    for column, kind in (("efficiency", "level"), ("log_efficiency", "log")):
        logs = start + rate * YEAR
        table = {"year": YEAR, column: np.exp(logs) if kind == "level" else logs, "staff": STAFF * (2 + np.sin(YEAR))}
        with pytest.raises(InvalidValueError, match="series must be of growth that varies"):
            evidence.growth_rate_ols(read(table, output=column, output_kind=kind))


@pytest.mark.parametrize("name", ["jones_level_ml", "loglog_cumulative", "stable_increment_ml", "feller_ml"])
@pytest.mark.usefixtures("search")
def test_r_does_not_depend_on_the_unit_of_input(name: str) -> None:
    """From training runs counted in FLOP to their share of all the world's."""
    series = regressed(0.5, 0.5)
    found = getattr(evidence, name)(series)
    for unit in (1e27, 1e-27):
        other = getattr(evidence, name)(dataclasses.replace(series, flow=unit * series.flow))
        assert (other.r, other.r_low, other.r_high) == pytest.approx((found.r, found.r_low, found.r_high), rel=1e-4)
        if found.initial_stock is not None:
            assert other.initial_stock == pytest.approx(unit * found.initial_stock, rel=1e-3)


@pytest.mark.parametrize("lam", [1e-3, 50.0])
@pytest.mark.usefixtures("search")
def test_powers_of_input_stay_floats(lam: float) -> None:
    found = evidence.jones_level_ml(read({**TABLE, "staff": 1e70 * STAFF}), parallelizability=lam)
    assert 0 < found.r < math.inf


def test_growth_between_two_times_has_no_error() -> None:
    table = {"year": [0, 0, 1, 1], "efficiency": [1, 1.1, 2, 2.1]}
    inputs = {"year": [0, 0.5, 1], "staff": [1, 2, 3]}
    found = evidence.naive_ratio(read(table, inputs=inputs, same_time="keep"))
    assert (found.r_low, found.r_high) == (0, math.inf)
    assert any("no error from so few steps" in warning for warning in found.warnings)


@pytest.mark.parametrize("interval", ["hac", "block bootstrap"])
def test_a_stock_that_drowns_the_input_is_refused(interval: Any) -> None:
    with pytest.raises(InvalidValueError, match="initial_stock must be of the size of the input"):
        evidence.loglog_cumulative(read(TABLE), initial_stock=1e30, interval=interval)
    large = evidence.loglog_cumulative(read(TABLE), initial_stock=1e9, interval=interval)
    assert 0 < large.r_low < large.r < large.r_high < math.inf


def test_an_interval_of_resamples_holds_the_estimate() -> None:
    table = {
        "year": YEAR[:5],
        "efficiency": [0.045, 11.1, 3.17, 5.4, 0.104],
        "staff": [62.2, 0.0199, 81.2, 79.3, 0.513],
    }
    found = evidence.loglog_cumulative(read(table))
    assert found.r_low == found.r < found.r_high
    assert any("resampled series have other slopes" in warning for warning in found.warnings)
    assert not any("resampled series" in warning for warning in evidence.loglog_cumulative(read(TABLE)).warnings)


def test_an_input_that_has_no_digits_is_refused() -> None:
    for unit in (1e-320, 1e304):
        with pytest.raises(InvalidValueError, match="take another unit"):
            read({**TABLE, "staff": unit * STAFF})


@pytest.mark.parametrize(
    ("table", "options", "says"),
    [
        ({"staff": 10.0 ** np.linspace(-120, 120, 20)}, {}, "input must be 0 or at least 1e-200 of its highest"),
        ({"year": YEAR * 1e12}, {}, r"year must be from -1e\+12 to 1e\+12 years, .* got 2000000000000.0 at index 2"),
        ({"year": YEAR * 1e-13}, {}, r"year must be .* and 1e-12 apart at least, got 1e-13 at index 1"),
        ({"efficiency": 3e9 * YEAR}, {"output_kind": "log"}, r"output must be at most 1e\+09 in size .* at index 1"),
        (
            {"efficiency": 1.0 + YEAR},
            {"output_kind": "elo", "elo_per_e_fold": 1e-9},
            r"output must be at most 1 in size \(1e\+09 in logarithms of efficiency\), got 2.0 at index 1",
        ),
        ({"error": 1e200 * YEAR}, {"output_error": "error"}, r"output_error must be at most 1e\+09 in size"),
        (
            {"staff": np.linspace(0, 1e308, 20), "year": YEAR * 1e-9, "efficiency": [None] * 18 + [1, 2]},
            {"input_kind": "cumulative"},
            "input must be in all from 1e-300 to",
        ),
        (
            {"staff": np.append(1e308, np.ones(19)), "year": YEAR * 1e3, "efficiency": [None, *range(1, 20)]},
            {"initial_stock": 1e307},
            "initial_stock must be finite, with the input before the first measurement, got inf",
        ),
    ],
)  # fmt: skip
def test_what_floats_do_not_hold_is_refused(table: dict[str, Any], options: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValueError, match=says):
        read({**TABLE, **table}, **options)


def test_dates_beyond_the_calendar_are_years() -> None:
    for dtype, most in ((pl.Date, 2**31 - 1), (pl.Datetime("ms"), 2**62), (pl.Datetime("us"), 2**62)):
        days = pl.Series([0, most // 2, most], dtype=pl.Int64).cast(pl.Int32 if dtype == pl.Date else pl.Int64)
        table = {"year": days.cast(dtype), "efficiency": [1, 2, 4], "staff": [1, 1, 1]}
        assert read(table).time[1] > 70_000
    days = pl.Series(["1990-01-01", "2000-01-01", "2010-07-01"]).str.to_date()
    kinds = (pl.Date(), *(pl.Datetime(unit) for unit in ("ms", "us", "ns")))
    local = days.cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Tokyo")
    columns = [*(days.cast(kind) for kind in kinds), local]
    tables = [{"year": column, "efficiency": [1, 2, 4], "staff": [1, 1, 1]} for column in columns]
    times = [read(table).time for table in tables[:4]]
    assert all((time == times[0]).all() for time in times)
    assert times[0][1] == 2000
    assert times[0] - read(tables[4]).time == pytest.approx(9 / 24 / 365.25)


@pytest.mark.parametrize("name", ["naive_ratio", "growth_rate_ols", "loglog_cumulative", "jones_level_ml"])
def test_an_estimator_takes_a_series_alone(name: str) -> None:
    for given in (TABLE, None, 5):
        with pytest.raises(DtypeError, match=rf"series must be a ResearchSeries, got .* \({name}.series\)"):
            getattr(evidence, name)(given)


@pytest.mark.parametrize("power", [None, -1.0, math.nan, math.inf, [0.5, 1.0], 10**400])
def test_a_lambda_of_operational_time_is_one_number(power: Any) -> None:
    with pytest.raises(TakeoffError, match="parallelizability must be"):
        read(TABLE).operational_time(power)


@pytest.mark.parametrize("option", ["initial_stock", "block"])
@pytest.mark.parametrize("value", [np.array([]), pl.Series([1.0, 2.0]), pl.col("a"), 0.5 + 1j])
def test_options_of_a_regression_are_one_thing(option: str, value: Any) -> None:
    with pytest.raises(TakeoffError, match=f"{option} must "):
        evidence.loglog_cumulative(read(TABLE), **{option: value})
    with pytest.raises(InvalidValueError, match="block must be an integer from 1"):
        evidence.loglog_cumulative(read(TABLE), block=0)


@pytest.mark.parametrize("credibility", [5e-324, 1 - 2**-53])
def test_a_credibility_beside_0_or_1_is_refused(credibility: float) -> None:
    table = {"domain": ["a", "b"], "r": [1.0, 1.0], "r_low": [0.5, 0.5], "r_high": [2.0, 2.0]}
    for call in (
        lambda: evidence.pool_random_effects(table, credibility=credibility),
        lambda: evidence.naive_ratio(read(TABLE), credibility=credibility),
        lambda: evidence.Estimate("e", 1.0, 0.5, 2.0, "i", "n", credibility=credibility),
    ):
        with pytest.raises(InvalidValueError, match="credibility must be strictly between 0 and 1, and at least 1e-09"):
            call()


def test_an_interval_of_a_profile_with_a_corner() -> None:
    """Steep beyond the places first tried, and shallow before: ends are sought where they are."""

    def lost(r: float) -> float:
        x = math.log(r)
        return 50 * x**2 if x > 0 else 1e12 if x < -0.18 else 0.5 * (x / 0.1) ** 2

    drop = likelihood_drop(0.9)
    found = {float(r): (lost(float(r)),) for r in np.geomspace(0.02, 50, 41)} | {1.0: (0.0,)}
    low, high = refined_interval(found, lambda r, _: (lost(r),), drop)
    assert (math.log(low), math.log(high)) == pytest.approx((-0.1 * math.sqrt(2 * drop), 0.1645), rel=0.01)


@pytest.mark.parametrize("name", ["feller_ml", "stable_increment_ml"])
@pytest.mark.usefixtures("search")
def test_r_is_the_best_of_the_profile(name: str) -> None:
    """Of a series with one jump at its end, and of one that has hardly any noise."""
    jump = np.where(YEAR == 19, 2.0, 1.0)
    for table in (
        {**TABLE, "efficiency": jump},
        {**TABLE, "staff": np.exp(0.1 * YEAR), "efficiency": np.exp(0.2 * YEAR)},
    ):
        found = getattr(evidence, name)(read(table))
        assert found.profile is not None
        assert found.log_likelihood == pytest.approx(found.profile["log_likelihood"].max(), abs=1e-9)
        assert found.r_low <= found.r <= found.r_high


def test_a_diffusion_does_not_depend_on_the_unit() -> None:
    """Not even where A^beta is beyond the floats."""
    series = evidence.simulate_feller(YEAR, STAFF, beta=3, parallelizability=1, theta=0.01, sigma=0.02, seed=4)
    found = evidence.feller_ml(series, parallelizability=1)
    other = evidence.feller_ml(dataclasses.replace(series, log_output=series.log_output + 500), parallelizability=1)
    assert (other.r, other.r_low, other.r_high) == pytest.approx((found.r, found.r_low, found.r_high), rel=1e-6)
    assert other.initial_stock == pytest.approx(found.initial_stock, rel=1e-6)


def bursts(log_output: Any) -> evidence.ResearchSeries:
    """Input in bursts of e^6, at which a lambda of 100 leaves no time to quiet steps."""
    table = {"year": YEAR, "a": log_output, "staff": np.exp(3 * np.sin(YEAR))}
    return evidence.ResearchSeries.from_frame(table, time="year", output="a", output_kind="log", input="staff")


@pytest.mark.usefixtures("search")
def test_the_search_ends_for_bursts() -> None:
    total = np.concatenate([[0], np.cumsum(np.exp(3 * np.sin(YEAR)))[:-1]])
    found = evidence.stable_increment_ml(bursts(np.log1p(total) + 0.05 * np.random.default_rng(0).normal(size=20)))
    assert 0.1 < found.r_low < found.r < found.r_high < 2


@pytest.mark.parametrize("name", ["feller_ml", "stable_increment_ml"])
def test_a_series_beyond_every_likelihood_is_refused(name: str) -> None:
    leap = bursts(np.repeat([0.0, 1e5], 10))
    with pytest.raises(InvalidValueError, match="some parameters have a likelihood"):
        getattr(evidence, name)(leap)


def test_the_posterior_needs_efficiency_that_varies() -> None:
    with pytest.raises(InvalidValueError, match="an efficiency that varies"):
        evidence.feller_bayes(bursts(np.zeros(20)))
