"""Result of the toy model: one doubling after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff._arrays import Floats, paths_in
from takeoff._result import Result, by_horizon, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import ToyModel

__all__ = ["ToyTrajectory"]


@dataclass(frozen=True, eq=False, repr=False)
class ToyTrajectory(Result):
    """Course of a toy model, doubling by doubling.

    Arrays have shape (*paths, doublings).

    Attributes
    ----------
    model : ToyModel
        What was simulated.
    horizon : float
        Time at which the simulation stops, years; infinite where none was given.
    papers : array
        Papers that each doubling takes.
    agis : array
        AGIs at work during each doubling.
    durations : array
        Time that each doubling takes, years.
    ends : array
        Time at which each doubling is done, years.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.simulate(takeoff.ToyModel(papers_factor=3)).papers[:3]
    array([ 2.,  6., 18.])
    """

    model: ToyModel
    horizon: float
    papers: Floats
    agis: Floats
    durations: Floats
    ends: Floats

    @property
    def singular_time(self) -> Any:
        """Time at which the number of AGIs becomes infinite, years; infinite if never."""
        return self.model.singular_time

    @property
    def outcome(self) -> Any:
        """``"singular"`` where that comes by the horizon, else ``"horizon"``."""
        return by_horizon(self.singular_time, self.horizon)

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per doubling that is done by the horizon (and per path, where there are several).

        Columns: ``path`` (index) and the parameters that differ between models, where there are several; ``doubling``,
        ``papers``, ``agis``, ``duration_years``, ``end_years``.
        """
        columns = {
            "papers": self.papers,
            "agis": self.agis,
            "duration_years": self.durations,
            "end_years": self.ends,
        }
        doublings = np.arange(1, self.ends.shape[-1] + 1, dtype=np.int64)
        return self._long({"doubling": doublings}, columns).filter(pl.col("end_years") <= self.horizon)

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per model: regime, outcome, r, the last doubling and its end, singular time.

        ``path`` (index) and the parameters that differ between models come first, where there are several.
        """
        return self._per_path(
            {
                "regime": self.regime,
                "outcome": self.outcome,
                "returns": self.model.r,
                "last_doubling": self.ends.shape[-1],
                "last_end_years": self.ends[..., -1],
                "singular_time_years": self.singular_time,
            }
        )

    def plot(self, *, doublings: int = 5, path: int = 0, ax: Axes | None = None) -> Figure:
        """Draw the doublings on a time line, as the paper's Figures 6 and 7 (needs the extra ``plot``).

        Parameters
        ----------
        doublings : int, default 5
            Number of doublings to draw, at most those that were simulated.
        path : int, default 0
            Of several models, the one to draw; the title names it.
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The figure; save it with ``savefig``.

        Examples
        --------
        >>> import takeoff
        >>> len(takeoff.simulate(takeoff.ToyModel()).plot(doublings=3).axes[0].patches)
        3
        """
        from takeoff import figures

        return figures.time_line(self, doublings=doublings, path=path, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        singular = float(np.ravel(self.singular_time)[0])
        durations = self.durations.reshape(-1, self.durations.shape[-1])[0, :5]
        lines = [("regime", f"{np.ravel(self.regime)[0]} (r = {float(np.ravel(self.model.r)[0]):.4g})")]
        if np.isfinite(singular):
            lines.append(("singular at", duration(singular)))
        lines += [
            ("doublings", f"{self.ends.shape[-1]:,}"),
            ("durations", ", ".join(duration(float(t)) for t in durations) + ", ..."),
        ]
        return lines if not self.model.shape else [("paths", f"{paths_in(self.model.shape):,}; the first:"), *lines]
