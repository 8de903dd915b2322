"""Result of the recursion of Davidson & Houlden: doublings, and how much progress fits into how little time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff._arrays import FloatLike, Floats, as_floats, check_memory, common_shape, paths_in, policy
from takeoff._result import Result, duration, shares
from takeoff.errors import InvalidValueError
from takeoff.models._base import plain
from takeoff.units import MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.models import DavidsonHoulden

__all__ = ["DavidsonHouldenTrajectory"]


@dataclass(frozen=True, eq=False, repr=False)
class DavidsonHouldenTrajectory(Result):
    """Course of the recursion of Davidson & Houlden.

    It takes the memory of two numbers a path until `ends` or `frame` are asked for.

    Attributes
    ----------
    model : DavidsonHoulden
        What was simulated.
    horizon : float
        Time at which the simulation stops, years.
    doublings : int or array
        Doublings, with the last one that starts before the horizon, shape of the paths.
    last_end : float or array
        Time at which the last of them is done, years, shape of the paths: it may be after the horizon.

    Examples
    --------
    >>> import takeoff
    >>> model = takeoff.DavidsonHoulden(r=3.6, speed_up=8, limit_years=11, parallelizability=0.3)
    >>> result = takeoff.simulate(model)
    >>> result.doublings, result.most_years(within=4 * takeoff.MONTH)
    (88, 10.75)
    """

    model: DavidsonHoulden
    horizon: float
    doublings: Any
    last_end: Any

    @property
    def years_of_progress(self) -> Any:
        """Years of AI progress at the recent pace that the doublings amount to, shape of the paths."""
        return plain(np.asarray(self.doublings / self.model._year_of_progress))

    @cached_property
    def ends(self) -> Floats:
        """Time at which each doubling is done, years, shape (*paths, most doublings of a path).

        Infinite for doublings that do not start before the horizon.
        """
        count = int(np.max(self.doublings))
        check_memory("ends", paths_in(self.model.shape) * count, "use most_years or simulate fewer paths")
        found = self.model._engine.ends(count, self.horizon, policy())
        return found.reshape((*self.model.shape, count))

    @property
    def outcome(self) -> Any:
        """``"limit"`` where that is reached by the horizon, else ``"horizon"``."""
        at_limit = np.greater_equal(self.doublings, np.multiply(self.model.limit, 1 - 1e-12))
        ends = np.where(at_limit & np.less_equal(self.last_end, self.horizon), "limit", "horizon")
        return str(ends) if ends.ndim == 0 else ends

    def most_doublings(self, within: FloatLike) -> Any:
        """Most consecutive doublings that take less than a time.

        Parameters
        ----------
        within : float or array
            Years, above 0 and at most 1e100; broadcasts against the paths.

        Returns
        -------
        int or array
            Doublings.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).most_doublings([4 * takeoff.MONTH, 1])
        array([13, 34])
        """
        return self._most_doublings("most_doublings", within)

    def most_years(self, within: FloatLike) -> Any:
        """Most years of AI progress, at the recent pace, that are made in less than a time.

        Parameters
        ----------
        within : float or array
            Years, above 0 and at most 1e100; broadcasts against the paths.

        Returns
        -------
        float or array
            Years of progress: whole doublings alone count.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).most_years(within=[4 * takeoff.MONTH, 1])
        array([1.625, 4.25 ])
        """
        most = self._most_doublings("most_years", within)
        return plain(np.asarray(most / self.model._year_of_progress))

    def compresses(self, years: FloatLike, within: FloatLike) -> Any:
        """Whether some consecutive doublings that make so many years of AI progress take less than a time.

        Parameters
        ----------
        years : float or array
            Years of AI progress at the recent pace, above 0 and at most 1e100; they are as many doublings, rounded down
            to an integer. Broadcasts against the paths, as does `within`.
        within : float or array
            Years, above 0 and at most 1e100.

        Returns
        -------
        bool or array of bool
            Always true for what is less than one doubling.

        Raises
        ------
        InvalidValueError, DtypeError, ShapeError
            An argument that is out of range, of the wrong type or shape.

        References
        ----------
        Davidson & Houlden (2025): the share of runs that "compress" 3 or 10 years of progress into one.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=[1.2, 3.6], speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).compresses(years=10, within=1)
        array([False,  True])
        """
        needed = as_floats("compresses", "years", years)
        bad = ~((needed > 0) & (needed <= 1e100))
        if np.any(bad):
            index = int(np.argmax(bad))
            rule = "finite and > 0 (years of progress, at most 1e100)"
            raise InvalidValueError("compresses", "years", needed.flat[index], rule, index if needed.ndim else None)
        most = np.asarray(self._most_doublings("compresses", within))
        per_year = self.model._year_of_progress
        common_shape("compresses", {"paths and within": most, "years": needed})
        # A whole number of doublings stays one, however its product is rounded.
        found = most >= np.floor(needed * per_year * (1 + 1e-12))
        return bool(found) if found.ndim == 0 else found

    def _most_doublings(self, owner: str, within: FloatLike) -> Any:
        given, paths = as_floats(owner, "within", within), self.model.shape
        shape = common_shape(owner, {"paths": np.empty(paths), "within": given})
        # Axes that only the windows have: every element becomes a path of its own.
        model = self.model if paths in ((), shape) else self.model._spread(shape)
        windows = np.ascontiguousarray(np.broadcast_to(given, shape)).reshape(-1)
        width = windows.size if paths == () else 1
        return whole(model._engine.most_doublings(windows, width, self.horizon, policy()), shape)

    @property
    def frame(self) -> pl.DataFrame:
        """Polars frame, one row per doubling that starts before the horizon (and per path, where there are several).

        Columns: ``path`` (index) and the parameters that differ between paths, where there are several; ``doubling``,
        ``years_of_progress``, ``end_years``.
        """
        ends = self.ends
        doubling = np.arange(1, ends.shape[-1] + 1, dtype=np.int64)
        years = doubling / self.model._year_of_progress[..., np.newaxis]
        frame = self._long({"doubling": doubling}, {"years_of_progress": years, "end_years": ends})
        started = doubling <= np.asarray(self.doublings)[..., np.newaxis]
        return frame.filter(pl.Series(started.reshape(-1)))

    @property
    def summary(self) -> pl.DataFrame:
        """Polars frame, one row per path: regime, outcome, doublings, years of progress, and most years in a time.

        ``path`` (index) and the parameters that differ between paths come first, where there are several; the windows
        are those of the publication, 12 and 4 months.
        """
        return self._per_path(
            {
                "regime": self.regime,
                "outcome": self.outcome,
                "doublings": self.doublings,
                "years_of_progress": self.years_of_progress,
                "last_end_years": self.last_end,
                "most_years_in_12_months": self.most_years(1.0),
                "most_years_in_4_months": self.most_years(4 * MONTH),
            }
        )

    def plot(self, *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Figure:
        """Draw the doublings over time, beside the continuous law (needs the extra ``plot``).

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
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> takeoff.simulate(model).plot().axes[0].get_xlabel()
        'time since the start, years'
        """
        from takeoff import figures

        return figures.recursion(self, labels=labels, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        paths = paths_in(self.model.shape)
        windows = (("12 months", 1.0), ("4 months", 4 * MONTH))
        if paths > 1:
            parts = [
                f"{years} years in {name}: {np.mean(self.compresses(years, within)):.1%}"
                for years in (3, 10)
                for name, within in windows
            ]
            return [
                ("paths", f"{paths:,} (shape {self.model.shape})"),
                ("horizon", duration(self.horizon)),
                ("regime", shares(self.regime)),
                ("outcome", shares(self.outcome)),
                ("compress", ", ".join(parts)),
            ]
        doublings, years, end = (np.ravel(each)[0] for each in (self.doublings, self.years_of_progress, self.last_end))
        most = ", ".join(f"{np.ravel(self.most_years(within))[0]:.4g} in {name}" for name, within in windows)
        return [
            ("regime", f"{np.ravel(self.regime)[0]} (r = {np.ravel(self.criticality)[0]:.4g} at the start)"),
            ("outcome", str(np.ravel(self.outcome)[0])),
            ("horizon", duration(self.horizon)),
            ("doublings", f"{doublings:,} ({years:.4g} years of progress), the last done at {duration(float(end))}"),
            ("most years", most),
        ]


def whole(values: Floats, shape: tuple[int, ...]) -> Any:
    """Whole numbers of the engine as integers in their shape."""
    found = values.astype(np.int64).reshape(shape)
    found.setflags(write=False)
    return int(found) if shape == () else found
