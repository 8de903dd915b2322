"""Searches of estimators that take long."""

from typing import Any

import numpy as np
import pytest

from takeoff.evidence import _level, _stable


@pytest.fixture(params=["coarse", pytest.param("fine", marks=pytest.mark.slow)])
def search(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Estimators that search over few values, or over as many as they do; and the arguments by which samplers follow.

    For what holds of every search, however coarse.
    """
    if request.param == "fine":
        return {}
    monkeypatch.setattr(_level, "_RETURNS", np.geomspace(0.02, 50, 16))
    monkeypatch.setattr(_level, "_FINER", 4)
    monkeypatch.setattr(_level, "_PRIOR_POINTS", 2)
    monkeypatch.setattr(_stable, "_PROFILE", np.geomspace(1 / 30, 30, 9))
    return {"feller_bayes": {"steps": 100}}
