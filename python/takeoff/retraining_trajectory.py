"""Result of training runs: one generation after the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff._arrays import Floats, paths_in
from takeoff._result import Result, by_horizon, duration, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import Retraining

__all__ = ["RetrainingTrajectory"]


@dataclass(frozen=True, eq=False, repr=False)
class RetrainingTrajectory(Result):
    """Course of training runs, generation by generation.

    Arrays have shape (*paths, generations).

    Attributes
    ----------
    model : Retraining
        What was simulated.
    horizon : float
        Time at which the simulation stops, years; infinite where none was given.
    starts : array
        Time at which each run starts, years.
    known : array
        Doublings known when each run starts: those that it trains on.
    log2_research : array
        Doublings of cumulative research when each run starts.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
    >>> takeoff.simulate(takeoff.Retraining(law, first_run=0.5), generations=4).deployed
    array([0.        , 0.42929308, 0.75970739, 1.11092045])
    """

    model: Retraining
    horizon: float
    starts: Floats
    known: Floats
    log2_research: Floats

    @cached_property
    def durations(self) -> Floats:
        """Time that each run takes, years: ``first_run 2^(-speed_share known)``."""
        first_run, share = self._field("first_run"), self._field("speed_share")
        with np.errstate(invalid="ignore"):
            found: Floats = np.where(share == 0, first_run, first_run * np.exp2(-share * self.known))
        return found

    @property
    def ends(self) -> Floats:
        """Time at which each run ends and its system is deployed, years."""
        return self.starts + self.durations

    @property
    def deployed(self) -> Floats:
        """Doublings deployed when each run ends: ``(1 - speed_share) known``."""
        found: Floats = (1 - self._field("speed_share")) * self.known
        return found

    def _field(self, name: str) -> Floats:
        return np.broadcast_to(self.model._numeric[name], self.model.shape)[..., np.newaxis]

    @cached_property
    def singular_time(self) -> Any:
        """Time at which the level becomes infinite, years; infinite if never."""
        return self.model.singular_time

    @property
    def outcome(self) -> Any:
        """``"singular"`` where that comes by the horizon, else ``"horizon"``."""
        return by_horizon(self.singular_time, self.horizon)

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per run that starts by the horizon (and per path, where there are several).

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several; ``generation``,
        ``start_years``, ``duration_years``, ``known_doublings``, ``deployed_doublings``, ``log2_research``.
        """
        columns = {
            "start_years": self.starts,
            "duration_years": self.durations,
            "known_doublings": self.known,
            "deployed_doublings": self.deployed,
            "log2_research": self.log2_research,
        }
        generations = np.arange(1, self.starts.shape[-1] + 1, dtype=np.int64)
        return self._long({"generation": generations}, columns).filter(pl.col("start_years") <= self.horizon)

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per path: regime, outcome, criticality, singular time, and the last run by the horizon.

        ``path`` (index) and the parameters that differ between paths come first, where there are several.
        """
        shape, paths = self.model.shape, paths_in(self.model.shape)
        done = (self.ends <= self.horizon).reshape(paths, -1).sum(axis=1)
        deployed = np.concatenate([np.zeros((paths, 1)), self.deployed.reshape(paths, -1)], axis=1)
        return self._per_path(
            {
                "regime": self.regime,
                "outcome": self.outcome,
                "criticality": self.criticality,
                "generations_done": done.astype(np.int64).reshape(shape),
                "deployed_doublings": deployed[np.arange(paths), done].reshape(shape),
                "singular_time_years": self.singular_time,
            }
        )

    def plot(self, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
        """Draw the level deployed over time, beside the law without training runs (needs the extra ``plot``).

        Parameters
        ----------
        labels : sequence of str, optional
            Names of the lines, of up to six paths (default: the parameters in which they differ).
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The figure; save it with ``savefig``.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
        >>> figure = takeoff.simulate(takeoff.Retraining(law, first_run=0.5), generations=8).plot()
        >>> figure.axes[0].get_ylabel()
        'software doublings deployed since the start'
        """
        from takeoff import figures

        return figures.generations(self, labels=labels, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        count, paths = self.starts.shape[-1], paths_in(self.model.shape)
        if paths > 1:
            return [
                ("paths", f"{paths:,} (shape {self.model.shape})"),
                ("runs", f"{count:,}"),
                ("regime", shares(self.regime)),
                ("outcome", shares(self.outcome)),
            ]
        durations, deployed, ends = (each.reshape(-1) for each in (self.durations, self.deployed, self.ends))
        return [
            ("regime", f"{np.ravel(self.regime)[0]} (criticality {float(np.ravel(self.criticality)[0]):.4g})"),
            ("singular at", duration(float(np.ravel(self.singular_time)[0]))),
            ("runs", ", ".join(duration(float(t)) for t in durations[:5]) + (", ..." if count > 5 else "")),
            ("after run", f"{count:,}: {deployed[-1]:.4g} doublings deployed at {duration(float(ends[-1]))}"),
        ]
