"""The toy model of papers and AGIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl

from takeoff._answers import answer
from takeoff._arrays import paths_in
from takeoff._draw import draw
from takeoff.models._base import Model, Uncertain
from takeoff.models._declare import DEFAULT, model
from takeoff.models._influences import DEPLOYMENT, LABOR, RETURNS, Influence
from takeoff.trajectory import Trajectory, duration, series, value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ToyModel", "ToyTrajectory"]


class ToyTrajectory(Trajectory):
    """Course of a toy model, doubling by doubling.

    Arrays have shape (*paths, doublings).

    Attributes
    ----------
    model : ToyModel
        What was simulated.
    horizon : float
        Time at which the simulation stops, years; infinite where none was given.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.simulate(takeoff.ToyModel(papers_factor=3)).papers[:3]
    array([ 2.,  6., 18.])
    """

    papers = series("papers", "Papers that each doubling takes.")
    agis = series("agis", "AGIs at work during each doubling.")
    durations = series("durations", "Time that each doubling takes, years.")
    ends = series("ends", "Time at which each doubling is done, years.")
    singular_time = value(
        "singular_time", "Time at which the number of AGIs becomes infinite, years; infinite if never."
    )

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per doubling that is done by the horizon (and per path, where there are several).

        Columns: ``path`` (index) and the parameters that differ between models, where there are several; ``doubling``,
        ``papers``, ``agis``, ``duration_years``, ``end_years``.
        """
        return super().frame.filter(pl.col("end_years") <= self.horizon)

    def _summary(self) -> dict[str, Any]:
        return {
            "regime": self.regime,
            "outcome": self.outcome,
            "returns": self.criticality,
            "last_doubling": self.step_count,
            "last_end_years": self.ends[..., -1],
            "singular_time_years": self.singular_time,
        }

    def plot(  # type: ignore[override]
        self, *, doublings: int = 5, path: int = 0, ax: Axes | None = None
    ) -> Figure:
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
        return draw("time_line", self, doublings=doublings, path=path, ax=ax)

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


@model("toy_model")
class ToyModel(Model):
    """Toy model: AGIs on fixed hardware write papers, and papers make room for more AGIs.

    The first doubling of efficiency takes `first_papers` papers, each further one `papers_factor` times as many as the
    last, while the number of AGIs doubles each time. So each doubling takes ``papers_factor / 2`` times as long as the
    last: progress fizzles above a factor of 2 and explodes below it.

    Every field may be an array; fields broadcast, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        Something that is not a number.
    ShapeError
        Fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Eth & Davidson (2025), "A toy model to demonstrate the dynamics of a software intelligence explosion",
    Figures 5-8, Tables 2 and 3.

    Examples
    --------
    >>> import takeoff
    >>> model = takeoff.ToyModel(papers_factor=1.5)
    >>> model.regime, model.singular_time / takeoff.MONTH
    ('explosion', 8.0)
    """

    agis: Uncertain = DEFAULT
    papers_per_agi_month: Uncertain = DEFAULT
    first_papers: Uncertain = DEFAULT
    papers_factor: Uncertain = DEFAULT
    Result: ClassVar[type[ToyTrajectory]] = ToyTrajectory
    influences: ClassVar[tuple[Influence, ...]] = (LABOR, RETURNS, DEPLOYMENT)

    @property
    def r(self) -> Any:
        """Returns to software R&D: ``1 / log2(papers_factor)`` (Table 3)."""
        return answer(self, "criticality")

    @property
    def criticality(self) -> Any:
        """``r``: AGIs are the only input, and their number is the level."""
        return self.r

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as `papers_factor` is below, at or above 2."""
        return answer(self, "regime")

    @property
    def singular_time(self) -> Any:
        """Time at which the number of AGIs becomes infinite, years; infinite where it never does."""
        return answer(self, "singular_time")
