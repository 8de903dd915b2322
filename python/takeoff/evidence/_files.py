"""Files of a comparison: its table, its estimates as JSON, and figures."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import takeoff
from takeoff._draw import image
from takeoff.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Container

    from takeoff.evidence._compare import Comparison
    from takeoff.evidence._estimate import Estimate

__all__ = ["files", "left_over"]

_DOCUMENT: Final = "estimates.json"
_FIELDS = (
    "estimator", "r", "r_low", "r_high", "credibility", "interval", "noise", "beta", "parallelizability",
    "initial_stock", "effective_size", "log_likelihood", "diagnostics", "warnings", "definition",
)  # fmt: skip


def files(comparison: Comparison) -> dict[str, bytes]:
    """Return contents by file name: ``comparison.csv``, ``estimates.json``, and figures of all and of each estimate."""
    contents = {"comparison.csv": comparison.table.write_csv().encode(), _DOCUMENT: b""}  # filled last: it lists all
    if any(0 < estimate.r < math.inf for estimate in comparison.estimates.values()):
        contents["comparison.svg"] = image(comparison.plot(), "svg")
    several = comparison.table["series"].n_unique() > 1
    for (series, estimator), estimate in comparison.estimates.items():
        name = re.sub(r"[^\w.-]", "_", f"{series}-{estimator}" if several else estimator)
        for kind in ("fit", "profile", "ridge"):
            try:
                figure = estimate.plot(kind)
            except InvalidValueError:  # an estimate without one
                continue
            contents[f"{name}-{kind}.svg"] = image(figure, "svg")
    document = {
        "takeoff": takeoff.__version__,
        "files": list(contents),
        "estimates": [{"series": name, **_as_dict(estimate)} for (name, _), estimate in comparison.estimates.items()],
    }
    contents[_DOCUMENT] = (json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    return contents


def left_over(folder: Path, names: Container[str]) -> list[Path]:
    """Return the figures that an earlier comparison lists in its ``estimates.json``, without those in `names`."""
    try:
        listed = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))["files"]
        figures = [name for name in listed if Path(name).suffix == ".svg" and Path(name).name == name]
    except (OSError, ValueError, KeyError, TypeError):  # no such file, or not one of a comparison
        return []
    return [folder / name for name in figures if name not in names and (folder / name).is_file()]


def _as_dict(estimate: Estimate) -> dict[str, Any]:
    """Convert an estimate to a dict for JSON."""
    fields = {name: _plain(getattr(estimate, name)) for name in _FIELDS}
    notes = () if estimate.series is None else estimate.series.notes
    return fields | {"notes": list(notes), "sources": [takeoff.citations.PUBLICATIONS[c] for c in estimate.citations]}


def _plain(value: Any) -> Any:
    """Convert a value to types of JSON, which has no infinity: it becomes a string."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
