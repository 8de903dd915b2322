"""Numbers that the paper prints (Eth & Davidson 2025), each with its place."""

import numpy as np
import pytest

import takeoff
from takeoff import DAY, MONTH


@pytest.mark.parametrize(
    ("factor", "papers", "months", "r"),
    [
        (3.0, [2, 6, 18], [2, 3, 4.5], 0.63),  # Figure 6, Table 3
        (1.5, [2, 3], [2, 1.5], 1.71),  # Figure 7; Table 3 prints 1.72, from a rounded 0.58
        (2.0, [2, 4, 8], [2, 2, 2], 1.0),  # text after Figure 8, Table 3
    ],
)
def test_toy_model(factor: float, papers: list[float], months: list[float], r: float) -> None:
    toy = takeoff.simulate(takeoff.ToyModel(papers_factor=factor))
    np.testing.assert_allclose(toy.papers[: len(papers)], papers, rtol=1e-14)
    np.testing.assert_allclose(toy.durations[: len(months)] / MONTH, months, rtol=1e-14)
    assert round(toy.model.r, 2) == r


def test_asymptote_of_the_toy_model() -> None:
    assert takeoff.ToyModel(papers_factor=1.5).singular_time == pytest.approx(8 * MONTH, rel=1e-15)  # Figure 8
    assert takeoff.ToyModel(papers_factor=3).singular_time == np.inf


@pytest.mark.parametrize(
    ("r", "days"),
    [(0.7, [30, 41, 55, 74, 100]), (3.0, [30, 19, 12, 7.6, 4.8])],  # text before footnote 24 and after footnote 25
)
def test_doublings_after_a_first_month(r: float, days: list[float]) -> None:
    found = takeoff.GrowthLaw(r, 1 * MONTH).doubling_times(5) / DAY
    assert [float(f"{x:.2g}") if x < 10 else round(float(x)) for x in found] == days


def test_thirty_times_in_a_bit_under_a_year() -> None:
    law = takeoff.GrowthLaw(0.7, 1 * MONTH)
    assert 0.75 < law.time_at(np.log2(30)) < 1  # text before footnote 24


def test_fast_fizzle() -> None:
    law = takeoff.GrowthLaw(0.9, 3 * DAY)
    x = takeoff.simulate(law, time=[0, 1, 2, 3]).doublings
    assert int(x[1]) == 30  # footnote 29: 30 doublings in the first year
    assert round(2 * (x[2] - x[1]) / 6) / 2 == 1.5  # the next year about 1.5 years' worth at 6 doublings a year
    assert round(2 * (x[3] - x[2]) / 6) / 2 == 1  # the year after about 1


@pytest.mark.parametrize(("k", "months"), [(0.9, 20), (0.75, 8)])
def test_training_runs(k: float, months: float) -> None:
    assert takeoff.retraining.schedule_time(2 * MONTH, k) == pytest.approx(months * MONTH, rel=1e-14)  # footnote 43
    runs = takeoff.retraining.schedule_time(2 * MONTH, k, [0, 1, 2])
    np.testing.assert_allclose(runs, [0, 2 * MONTH, 2 * MONTH * (1 + k)], rtol=1e-14)
