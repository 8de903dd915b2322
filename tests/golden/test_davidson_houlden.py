"""Davidson & Houlden (2025): their single runs and shares of runs, and how far the recursion is from the law."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from reference import davidson_houlden as twin
from takeoff import MONTH, DavidsonHoulden, GrowthLaw, simulate
from takeoff.reproduce import numbers

DRAWS = 300_000
QUESTIONS = ((3, 12), (3.33, 4), (10, 12), (10, 4))  # years of progress, months
# Shares of 30,000 runs of their parameters, computed apart from their recursion, to three digits.
SHARES: dict[str, tuple[float, ...]] = {
    "base": (0.565, 0.411, 0.163, 0.122),
    "paper": (0.572, 0.404, 0.173, 0.122),
    "gradual": (0.593, 0.483, 0.325, 0.245),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "base": {},
    "paper": {"retraining": "paper"},
    "gradual": {"boost": "gradual"},
    "code": {"retraining": "code"},
    "constant": {"returns": "constant"},
}
# The shares that docs/davidson_houlden.md prints beside them, to two digits.
SHARES_OF_THE_LAW = (0.53, 0.36, 0.14, 0.10)


def drawn(name: str, draws: int = DRAWS) -> DavidsonHoulden:
    """Runs of their distributions."""
    generator = np.random.default_rng([2025, *name.encode()])

    def log_uniform(low: float, high: float) -> Any:
        return np.exp(generator.uniform(np.log(low), np.log(high), draws))

    gradual = name == "gradual"
    return DavidsonHoulden(
        r=log_uniform(0.57, 5.1) if gradual else log_uniform(0.4, 3.6),
        speed_up=log_uniform(2, 32),
        limit_years=generator.uniform(9, 19, draws) if gradual else generator.uniform(6, 16, draws),
        parallelizability=log_uniform(0.15, 0.6),
        **OPTIONS[name],
    )


def shares(model: DavidsonHoulden) -> Any:
    result = simulate(model)
    return np.array([np.mean(result.compresses(years, months * MONTH)) for years, months in QUESTIONS])


def errors(name: str, expected: tuple[float, ...]) -> Any:
    """Differences from shares of 30,000 runs in standard errors, their rounding aside."""
    given = np.array(expected)
    spread = np.sqrt(given * (1 - given) * (1 / 30_000 + 1 / DRAWS))
    return np.maximum(np.abs(shares(drawn(name)) - given) - 0.0005, 0) / spread


def test_single_runs_to_the_printed_digits() -> None:
    runs = numbers().filter(pl.col("place").str.starts_with("Davidson & Houlden"), pl.col("note") == "")
    assert runs.height == 36
    assert runs["as_printed"].all()


@pytest.mark.parametrize("name", SHARES)
def test_shares_of_runs(name: str) -> None:
    # 12 shares within 4 standard errors: a false alarm in 1,300 seeds.
    assert errors(name, SHARES[name]).max() < 4


@pytest.mark.parametrize(("wrong", "name"), [("code", "paper"), ("base", "gradual"), ("constant", "base")])
def test_other_models_have_other_shares(wrong: str, name: str) -> None:
    assert errors(wrong, SHARES[name]).max() > 8


# ---- beside the continuous law -------------------------------------------------------------------------------------

SINGLE: dict[str, Any] = {"r": 1.2, "speed_up": 8, "limit_years": 11, "parallelizability": 0.3}


@pytest.mark.parametrize(
    ("changes", "later", "by_the_law"),
    [  # as docs/davidson_houlden.md prints them: how much later the law's doublings 4, 16 and 32 are, and its counts
        ({}, (1.017, 1.092, 1.248), (48, 3.75, 1.375)),
        ({"speed_up": 2}, (1.017, 1.092, 1.248), (31, 1, 0.25)),
        ({"r": 3.6}, (1.015, 1.059, 1.084), (87, 10.625, 10.375)),
        ({"limit_years": 6}, (1.032, 1.206, 2.123), (32, 2.75, 1.25)),
    ],
)
def test_how_much_later_the_law_is(
    changes: dict[str, float], later: tuple[float, ...], by_the_law: tuple[float, ...]
) -> None:
    model = DavidsonHoulden(**(SINGLE | changes))
    times = np.array(model.continuous_law().time_at(np.arange(1, model.limit)))
    times = times[np.concatenate([[0.0], times[:-1]]) < 4]
    most = [twin.most_doublings(times.tolist(), months * MONTH) / 8 for months in (12, 4)]
    assert (len(times), *most) == by_the_law
    ends = simulate(model).ends[[3, 15, 31]]
    np.testing.assert_allclose(model.continuous_law().time_at([4, 16, 32]) / ends, later, atol=5.1e-4)


def test_the_step_of_a_doubling_hardly_matters() -> None:
    """The recursion in steps of 1/1000 doubling, each 2^(x/1000) times as long, from the same first doubling."""
    model = DavidsonHoulden(**SINGLE)
    x = np.arange(1, 32_001) / 1000
    longer = np.cumsum(0.3 * (1 / (1.2 * (1 - x / model.limit)) - 1) / 1000)
    times = np.cumsum(np.exp2(np.concatenate([[0.0], longer[:-1]])))
    times *= simulate(model).ends[0] / times[999]
    np.testing.assert_allclose(times[999::1000], simulate(model).ends[:32], rtol=2e-4)


@pytest.mark.parametrize("r", [0.5, 1.2, 3.6])
def test_what_the_recursion_leaves_out_is_the_fall_of_returns(r: float) -> None:
    """A doubling of the law takes 1 / h times as long as one of the recursion in fine steps."""
    law = GrowthLaw(r, 1.0, 0.3, limit=88)
    x = np.linspace(0, 80, 17)
    fine = np.exp2(0.3 * (-88 / r * np.log1p(-x / 88) - x))  # of which x is the logarithm's integral
    np.testing.assert_allclose(law.pace_at(0) / law.pace_at(x), fine / (1 - x / 88), rtol=1e-9)


def test_shares_of_the_law() -> None:
    model = drawn("base", 40_000)
    times = np.cumsum(model.continuous_law().doubling_times(128), axis=1)
    times = np.concatenate([np.zeros((len(times), 1)), times], axis=1)
    recursion = simulate(model)
    for (years, months), printed in zip(QUESTIONS, SHARES_OF_THE_LAW, strict=True):
        count = int(8 * years)
        with np.errstate(invalid="ignore"):  # doublings that never come
            short = times[:, count:] - times[:, :-count] < months * MONTH
        law = np.any(short & (times[:, count - 1 : -1] < 4), axis=1)
        assert np.mean(law) == pytest.approx(printed, abs=0.005 + 4 * np.sqrt(0.25 / 40_000))
        assert not np.any(law & ~recursion.compresses(years, months * MONTH))
