"""Doubling times and singular times against 30-digit values."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import takeoff

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "growth_law.json").read_text())["cases"]
# Relative. The stated bounds are 1e-12 for closed forms and 1e-9 for the others; these are what holds.
TOLERANCE = {"pure": 5e-15, "toes": 5e-15, "limit": 5e-14, "ces": 1e-14, "cobb": 1e-14, "all": 2e-14}


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']}-{c['r']}")
def test_doubling_times(case: dict[str, Any]) -> None:
    law = takeoff.GrowthLaw(
        r=case["r"],
        first_doubling=case["first_doubling_years"],
        parallelizability=case["parallelizability"],
        limit=case["limit_doublings"],
        effort=None if case["ces_rho"] is None else takeoff.CES(case["labor_share"], case["ces_rho"]),
    )
    expected = np.array(case["doubling_times_years"])
    np.testing.assert_allclose(law.doubling_times(expected.size), expected, rtol=TOLERANCE[case["kind"]])
    if case["explosion_time_years"] is None:
        assert law.singular_time == np.inf
    else:
        assert law.singular_time == pytest.approx(case["explosion_time_years"], rel=1e-14)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["kind"] in {"pure", "toes"}], ids=lambda c: f"{c['kind']}-{c['r']}"
)
def test_closed_form(case: dict[str, Any]) -> None:
    q = 2 ** (case["parallelizability"] * (1 / case["r"] - 1))
    law = takeoff.GrowthLaw(case["r"], case["first_doubling_years"], case["parallelizability"])
    expected = case["first_doubling_years"] * q ** np.arange(40)
    np.testing.assert_allclose(law.doubling_times(40), expected, rtol=1e-12)


def test_all_kinds_are_there() -> None:
    assert {case["kind"] for case in CASES} == set(TOLERANCE)
    assert len(CASES) == 24
