"""An ensemble's tables, summary and figure as files, beside its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from takeoff.errors import MissingExtraError

if TYPE_CHECKING:
    from takeoff.ensembles._result import Ensemble

__all__ = ["files"]


def files(run: Ensemble) -> dict[str, bytes]:
    """Contents by name: tables, a summary in words, and a figure of the bands where it can be drawn."""
    made = {"summary.txt": f"{run!r}\n".encode(), "quantiles.csv": run.summary.write_csv().encode()}
    if run.probabilities.height:
        made["probabilities.csv"] = run.probabilities.write_csv().encode()
    if run.bands is not None and run.bands.height:
        made["bands.csv"] = run.bands.write_csv().encode()
        try:
            from takeoff.reproduce import image

            made["bands.svg"] = image(run.plot(), "svg")
        except (ImportError, MissingExtraError):  # matplotlib is an extra; the tables are not
            pass
    return made
