"""A series of which the law is known: r = 1.4 and lambda = 1, with an initial stock of ten times the first input."""

from typing import Any

import numpy as np

from takeoff import evidence

YEAR = np.arange(20.0)
STAFF = 100 * 1.1**YEAR
TOTAL = 1000 + np.concatenate([[0], np.cumsum(STAFF)[:-1]])
TABLE: dict[str, Any] = {"year": YEAR, "efficiency": (TOTAL / 1000) ** 1.4, "staff": STAFF}
COLUMNS = {"time": "year", "output": "efficiency", "input": "staff"}


def read(table: dict[str, Any], **options: Any) -> evidence.ResearchSeries:
    """A series of these columns."""
    return evidence.ResearchSeries.from_frame(table, **{**COLUMNS, **options})
