"""The takeoff model of AI 2027 against its published code, its printed quantiles and the plain-Python twin.

Days are counts of the published code; years a quadrature of the pace. Sources: AI 2027 (2025), Takeoff forecast, its
script and its figure.
"""

from typing import Any

import numpy as np
import pytest

import takeoff
from reference import ai_2027_takeoff as twin
from takeoff import AI2027Takeoff, simulate

# Research from SC to SAR and from SAR to SIAR, and years of the first two phases; days by the published code.
RUNS = (
    (4.03660748748524, 34.1309773238033, (0.401293639853, 0.533624224093), (148, 196)),
    (3.69303867174182, 15.3805667020239, (0.367138230629, 0.2404690289), (135, 89)),
    (4.3678422221499, 5.32089501462576, (0.434222873803, 0.083190072371), (160, 32)),
    (15.5406379808439, 211.876574524654, (1.54495060525, 3.31260577778), (565, 1211)),
    (3.42867620200247, 69.4433438649731, (0.340857008576, 1.08571899764), (126, 398)),
    (4.46643700759466, 24.4306604670353, (0.444024535333, 0.381963637083), (163, 141)),
    (1.42748942909838, 5.73981583656164, (0.141911848162, 0.0897397324185), (53, 34)),
    (0.0, 11.9344218342365, (0.0, 0.186589927703), (0, 70)),
)


def to_sar(gap: float) -> float:
    """The research A from which a gap from SAR to SIAR follows: x^3/100 - x with x = 10 + A."""
    roots = np.roots([0.01, 0, -1, -gap])
    return float(max(root.real for root in roots if abs(root.imag) < 1e-9)) - 10


@pytest.mark.parametrize(("from_sc", "gap", "years", "days"), RUNS)
def test_single_runs(from_sc: float, gap: float, years: tuple[float, float], days: tuple[int, int]) -> None:
    exact = simulate(AI2027Takeoff(to_sar=to_sar(gap), from_sc=from_sc))
    assert (exact.sc_to_sar, exact.sar_to_siar) == pytest.approx(years, rel=1e-8)
    assert exact.siar_date == pytest.approx(2027 + 89 / 365 + sum(years), abs=1e-8)
    published = simulate(AI2027Takeoff(to_sar=to_sar(gap), from_sc=from_sc, steps="published"))
    assert (round(published.sc_to_sar * 365), round(published.sar_to_siar * 365)) == days


@pytest.mark.parametrize("a", [0.3, 5.0, 40.0])
@pytest.mark.parametrize("exponent", [0.2, 1.5, 6.0])
def test_the_twin_agrees(a: float, exponent: float) -> None:
    expected = twin.phases(a, 4.0, exponent)
    result = simulate(AI2027Takeoff(to_sar=a, from_sc=4.0, asi_exponent=exponent))
    assert [result.sc_to_sar, result.sar_to_siar, result.siar_to_asi] == pytest.approx(expected, rel=1e-10)


def test_the_course_meets_the_milestones() -> None:
    model: Any = AI2027Takeoff()
    milestones = [0.0, model.sc_to_sar, model.sc_to_siar, model.sc_to_asi]
    result = simulate(model, time=milestones)
    assert result.pace == pytest.approx([5, 25, 250, 2000], rel=1e-9)
    assert result.research[0] == 0
    gaps = twin.gaps(5.0, model.from_sc, 1.5)
    assert result.research[1:] == pytest.approx(np.cumsum(gaps), rel=1e-9)
    assert [simulate(model, end).outcome for end in (0.1, 0.5, 0.75, 1)] == ["SC", "SAR", "SIAR", "ASI"]


def test_the_published_forecast() -> None:
    run = takeoff.scenarios.load("ai-2027-takeoff").ensemble(200_000, rows=True)
    rows = run.rows
    assert rows is not None
    # Quantiles of a million draws with their standard errors; beside them the 5,000 draws of the published figure.
    for column, level, value, error in (
        ("sc_to_sar", 0.5, 0.3262, 0.0004),
        ("sc_to_sar", 0.9, 0.926, 0.001),
        ("sar_to_siar", 0.1, 0.0361, 0.0001),
        ("sar_to_siar", 0.5, 0.2920, 0.0007),
        ("siar_to_asi", 0.5, 0.1608, 0.0008),
        ("sc_to_siar", 0.1, 0.1538, 0.0003),
        ("sc_to_siar", 0.5, 0.667, 0.001),
        ("sc_to_asi", 0.5, 1.041, 0.003),
    ):
        found = float(np.quantile(rows[column].to_numpy(), level))
        assert abs(found - value) < 4 * error * np.sqrt(1 + 5), (column, level, found)
    for years, share in ((1, 0.492), (2, 0.609)):
        error = 4 * 0.5 / np.sqrt(200_000) + 0.0005
        assert float((rows["sc_to_asi"] <= years).mean()) == pytest.approx(share, abs=error)  # type: ignore[arg-type]
    printed = {"sc_to_sar": 0.33, "sar_to_siar": 0.30, "siar_to_asi": 0.16}
    assert {name: round(float(rows[name].median()), 2) for name in printed} == pytest.approx(printed, abs=0.011)  # type: ignore[arg-type]
    assert float((rows["sc_to_sar"] == 0).mean()) == pytest.approx(0.15, abs=0.004)  # type: ignore[arg-type]


def test_a_phase_is_shorter_at_greater_paces_and_scales_with_its_gap() -> None:
    base: Any = AI2027Takeoff()
    assert AI2027Takeoff(from_sc=2 * base.from_sc).sc_to_sar == pytest.approx(2 * base.sc_to_sar, rel=1e-14)
    assert AI2027Takeoff(pace_sc=6).sc_to_sar < base.sc_to_sar
    assert AI2027Takeoff(pace_sar=30).sc_to_sar < base.sc_to_sar
    assert AI2027Takeoff(steps="published").sc_to_asi >= base.sc_to_asi


def test_gaps_beyond_floats_are_never_crossed() -> None:
    model = AI2027Takeoff(to_sar=500, asi_exponent=200)
    assert model.sc_to_siar < np.inf == model.sc_to_asi
    assert simulate(model, 30_000).outcome == "SIAR"
    assert simulate(AI2027Takeoff(to_sar=500, asi_exponent=200, steps="published"), 2000).siar_to_asi == 1000
