"""What holds for the recursion of Davidson & Houlden."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import takeoff
from reference import davidson_houlden as twin
from takeoff import MONTH, DavidsonHoulden, simulate
from takeoff.errors import InvalidValueError, SizeError, TakeoffError

if TYPE_CHECKING:
    from takeoff.models.davidson_houlden import Moderation

R, F, YEARS, P = st.floats(0.2, 5), st.floats(0.5, 40), st.floats(0.05, 20), st.floats(0.05, 1)
OPTIONS = st.fixed_dictionaries(
    {
        "retraining": st.sampled_from(["none", "paper", "code"]),
        "boost": st.sampled_from(["sudden", "gradual"]),
        "returns": st.sampled_from(["falling", "constant"]),
    }
)
SINGLE = DavidsonHoulden(1.2, 8, 11, 0.3)
MANY = DavidsonHoulden([[0.7], [3.6]], [2.0, 8.0, 32.0], 11, 0.3)


@given(R, F, YEARS, P, st.floats(0.2, 1), OPTIONS, st.floats(0.01, 6))
def test_agrees_with_plain_python(
    r: float, f: float, years: float, p: float, share: float, options: Any, horizon: float
) -> None:
    expected = np.array(twin.ends(r, f, years, p, software_share=share, horizon=12 * horizon, **options))
    assume(abs(expected - 12 * horizon).min() > 1e-9 * horizon)
    result = simulate(DavidsonHoulden(r, f, years, p, share, **options), horizon)
    assert result.doublings == len(expected)
    np.testing.assert_allclose(result.ends * 12, expected, rtol=1e-10)
    assert result.last_end == result.ends[-1]
    for within in (0.05, 1 / 3, 1.0):
        assert result.most_doublings(within) == twin.most_doublings(result.ends.tolist(), within)


@given(R, F, YEARS, P, OPTIONS, st.integers(-40, 40))
def test_a_change_of_the_unit_of_time_scales_all_times(
    r: float, f: float, years: float, p: float, options: Any, power: int
) -> None:
    unit = 2.0**power
    model = DavidsonHoulden(r, f, years, p, **options)
    times = ("limit_years", "recent_doubling_time", "compute_doubling_time")
    scaled = dataclasses.replace(model, **{name: getattr(model, name) * unit for name in times})
    one, other = simulate(model, 4), simulate(scaled, 4 * unit)
    assert np.array_equal(one.ends * unit, other.ends)
    assert one.most_doublings(0.5) == other.most_doublings(0.5 * unit)
    assert (one.outcome, one.years_of_progress * unit) == (other.outcome, other.years_of_progress)


@given(R, F, YEARS, P, OPTIONS, st.floats(1.001, 4))
def test_a_greater_speed_up_is_never_later(
    r: float, f: float, years: float, p: float, options: Any, more: float
) -> None:
    slow, fast = (simulate(DavidsonHoulden(r, each, years, p, **options)) for each in (f, f * more))
    assert fast.doublings >= slow.doublings
    assert np.all(fast.ends[: slow.doublings] <= slow.ends * (1 + 1e-12))
    assert fast.most_doublings(0.5) >= slow.most_doublings(0.5)


@given(st.floats(0.3, 5), F, YEARS)
def test_training_runs_vanish_with_the_change_that_they_moderate(r: float, f: float, years: float) -> None:
    """Of a change x they take x^2, here at most 1e-10 a doubling."""
    fields: dict[str, Any] = {"r": r, "speed_up": f, "limit_years": years, "returns": "constant"}
    plain, paper, code = (
        simulate(DavidsonHoulden(**fields, parallelizability=4e-6, retraining=option)).ends
        for option in ("none", "paper", "code")
    )
    np.testing.assert_allclose(paper, plain, rtol=1e-7)
    np.testing.assert_allclose(code, plain, rtol=1e-7)
    unchanged = DavidsonHoulden(1, f, years, 0.3, returns="constant")
    for option in ("paper", "code"):
        assert np.array_equal(
            simulate(unchanged).ends, simulate(dataclasses.replace(unchanged, retraining=option)).ends
        )


@given(st.floats(0.2, 0.99), F, YEARS, P)
def test_the_code_differs_from_the_paper_only_where_doublings_get_shorter(
    r: float, f: float, years: float, p: float
) -> None:
    options: tuple[Moderation, ...] = ("none", "paper", "code")
    longer = [simulate(DavidsonHoulden(r, f, years, p, retraining=option)).ends for option in options]
    assert np.array_equal(longer[1], longer[2])
    none, paper, code = (simulate(DavidsonHoulden(r + 1.2, f, 20, p, retraining=o)).ends[1] for o in options)
    assert code < none < paper


@given(R, F, YEARS, P, OPTIONS)
def test_windows(r: float, f: float, years: float, p: float, options: Any) -> None:
    result = simulate(DavidsonHoulden(r, f, years, p, **options))
    within = np.array([0.01, 0.1, 0.5, 1, 5, 1e100])
    most = result.most_doublings(within)
    assert np.all(np.diff(most) >= 0)
    assert most[-1] == result.doublings - (result.last_end >= 1e100)
    assert np.array_equal(result.most_years(within), most / 8)
    assert result.doublings <= math.ceil(result.model.limit)
    for count, window in zip(most, within, strict=True):
        assert result.compresses(max(count, 0.1) / 8, window)
        assert not result.compresses((count + 1) / 8, window)


def test_broadcasting() -> None:
    result = simulate(MANY)
    assert result.doublings.shape == result.last_end.shape == result.years_of_progress.shape == MANY.shape == (2, 3)
    assert result.ends.shape == (2, 3, result.doublings.max())
    windows = np.array([4 * MONTH, 1.0]).reshape(2, 1, 1)
    most = result.most_doublings(windows)
    assert most.shape == (2, 2, 3)
    assert result.compresses(np.full((5, 1, 1, 1), 3.0), windows).shape == (5, 2, 2, 3)
    for i, j in np.ndindex(2, 3):
        one = simulate(DavidsonHoulden([0.7, 3.6][i], [2.0, 8.0, 32.0][j], 11, 0.3))
        assert one.doublings == result.doublings[i, j]
        assert np.array_equal(one.ends, result.ends[i, j, : one.doublings])
        assert np.all(np.isinf(result.ends[i, j, one.doublings :]))
        assert most[:, i, j].tolist() == one.most_doublings([4 * MONTH, 1]).tolist()
        assert isinstance(one.doublings, int)
        assert [type(each) for each in (one.last_end, one.years_of_progress, one.most_years(1))] == [float] * 3
        assert type(one.compresses(3, 1)) is bool
        assert one.model.continuous_law() == takeoff.GrowthLaw([0.7, 3.6][i], [0.125, 1 / 32, 1 / 128][j], 0.3, 88)


def test_a_whole_number_of_doublings_stays_one() -> None:
    for tenth in range(1, 11):
        share = tenth / 10
        model = DavidsonHoulden(1, 1, 3 * share / 4, 1e-6, share, returns="constant")
        result = simulate(model)
        assert (result.doublings, result.outcome) == (3, "limit")
        assert result.compresses(3 * share / 4, 1)
        assert not result.compresses(4 * share / 4, 100)


def test_constant_returns_are_the_unlimited_law_until_the_limit() -> None:
    model = dataclasses.replace(SINGLE, returns="constant")
    result, law = simulate(model), model.continuous_law()
    assert (law.limit, law.limit_shape, result.outcome, result.doublings) == (88, "abrupt", "limit", 88)
    np.testing.assert_allclose(result.ends, law.time_at(np.arange(1, 89)), rtol=1e-12)


def test_the_boost_stops_with_compute() -> None:
    """Long after, and without a change of pace, progress is 1 + f times as fast as recently."""
    model = DavidsonHoulden(1, 4, 1e3, 0.3, boost="gradual", returns="constant", compute_ceiling=16)
    ends = simulate(model, horizon=30).ends
    assert ends[0] == pytest.approx(0.25 / 1.1, rel=1e-14)
    after = ends[:-1] >= 20 * MONTH
    np.testing.assert_allclose(np.diff(ends)[after], 0.25 / 5, rtol=1e-10)
    assert np.all(np.diff(ends)[~after] > 0.25 / 5)


def named(figure: Any) -> list[str]:
    """Texts of a figure's legend."""
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_forms_frames_and_figures() -> None:
    result = simulate(MANY)
    frame = result.frame
    assert frame.columns == ["path", "r", "speed_up", "doubling", "years_of_progress", "end_years"]
    assert frame.height == result.doublings.sum()
    assert result.summary["doublings"].to_list() == result.doublings.reshape(-1).tolist()
    assert set(result.summary["outcome"]) == {"horizon"}
    assert "compress" in repr(result)
    assert "4.25 in 12 months" in simulate(SINGLE)._repr_html_()
    assert named(result.plot())[-2:] == ["continuous law", "recent pace of software"]
    assert takeoff.regime(MANY).tolist() == [["fizzle"] * 3, ["explosion"] * 3]
    gradual = simulate(dataclasses.replace(SINGLE, boost="gradual"))
    assert named(gradual.plot()) == ["recursion", "recent pace of software"]
    with pytest.raises(InvalidValueError, match="paths must be at most 6"):
        simulate(DavidsonHoulden(np.linspace(1, 2, 7), 8, 11, 0.3)).plot()
    with pytest.raises(InvalidValueError, match=r"labels must be one per path \(6\), got 1"):
        result.plot(labels=["one"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"limit_years": 125_001}, r"at most 1,000,000 doublings\), got 125001"),
        ({"limit_years": [11, 125_001]}, r"got 125001\.0 at index 1"),
        ({"retraining": "papers"}, "retraining must be one of none, paper, code, got 'papers'; did you mean 'paper'"),
        ({"boost": None}, "boost must be one of sudden, gradual, got None"),
        ({"returns": ["falling"]}, "returns must be one of falling, constant"),
        ({"r": [1, 2], "speed_up": [1, 2, 3]}, "do not broadcast"),
        ({"parallelizability": 1.1}, "parallelizability must be > 0 and <= 1"),
        ({"software_share": 0}, "software_share must be > 0 and <= 1"),
        ({"compute_ceiling": 1}, "compute_ceiling must be > 1"),
        ({"recent_doubling_time": "3 months"}, r"takeoff\.MONTH"),
    ],
)
def test_bad_fields(fields: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {"r": 1.2, "speed_up": 8, "limit_years": 11, "parallelizability": 0.3}
    with pytest.raises(TakeoffError, match=words):
        DavidsonHoulden(**(good | fields))


def test_bad_arguments() -> None:
    result = simulate(MANY)
    arguments: Any
    for arguments, words in (
        ({"horizon": 0}, "horizon must be finite and > 0"),
        ({"points": 5}, "points must be left out for a DavidsonHoulden, which takes horizon, got 5"),
    ):
        with pytest.raises(InvalidValueError, match=words):
            simulate(MANY, **arguments)
    with pytest.raises(TakeoffError, match=r"do not broadcast: paths \(2, 3\), within \(2,\)"):
        result.most_years([1, 2])
    with pytest.raises(TakeoffError, match=r"compresses.*do not broadcast: paths and within \(2, 3\), years \(2,\)"):
        result.compresses([1, 2], 1)
    for option in ({"retraining": "paper"}, {"boost": "gradual"}):
        name, given_word = next(iter(option.items()))
        with pytest.raises(InvalidValueError, match=f"{name} must be .* for a growth law to exist, got '{given_word}'"):
            dataclasses.replace(SINGLE, **option).continuous_law()  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"limit must be > 1 \(doublings"):
        DavidsonHoulden(1, 1, 0.125, 1).continuous_law()


def test_all_times_of_very_many_paths_are_refused_and_their_windows_are_not() -> None:
    paths = DavidsonHoulden(1.0, np.full(30, 1e6), 1e5, 0.3, returns="constant")
    result = simulate(paths)
    assert set(result.doublings.tolist()) == {800_000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("takeoff._arrays._physical_memory", lambda: 10**8)
        assert result.most_doublings(1e-5).shape == (30,)
        with pytest.raises(SizeError, match=r"ends needs 192\.0 MB .* use most_years or simulate fewer paths"):
            result.ends  # noqa: B018
