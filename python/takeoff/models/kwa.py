"""Kwa's simpler timelines model: software progress by people and compute, until 99% of AI R&D is automated."""

from __future__ import annotations

from typing import Any, ClassVar

from takeoff._answers import answer
from takeoff.models._base import Model, Uncertain
from takeoff.models._declare import DEFAULT, model
from takeoff.trajectory import Trajectory, series, value

__all__ = ["Kwa", "KwaTrajectory"]


class KwaTrajectory(Trajectory):
    """Course of Kwa's model, from January 2026 on.

    Attributes
    ----------
    model : Kwa
        What was simulated.
    horizon : float
        Time at which the course stops, years since January 2026.
    time : array of shape (points,)
        Years since January 2026.

    Examples
    --------
    >>> import takeoff
    >>> result = takeoff.simulate(takeoff.Kwa(), horizon=10)
    >>> result.outcome, round(result.t99_date, 2)
    ('automated', 2033.06)
    """

    doublings = series("doublings", "Doublings of software, log2 S, shape (*paths, points).")
    pace = series("pace", "Pace of software, doublings per year, shape (*paths, points).")
    automated_share = series("automated_share", "Automated share f of tasks, shape (*paths, points).")
    research = series("research", "Research input (L/(1-f))^alpha C^zeta, shape (*paths, points).")
    compute_per_labor = series(
        "compute_per_labor", "Compute over effective labor relative to the start, shape (*paths, points)."
    )
    weighted_compute_per_labor = series(
        "weighted_compute_per_labor", "C^zeta over (L/(1-f))^alpha relative to the start, shape (*paths, points)."
    )
    t99 = value("t99", "Time at which 99% of tasks are automated, years since January 2026; infinite if not by 2070.")
    t99_date = value("t99_date", "Date at which 99% of tasks are automated; infinite if not by 2070.")


@model("kwa")
class Kwa(Model):
    """Simpler timelines model of Kwa (METR): when 99% of AI R&D tasks are automated.

    Software S, labor L and compute C are 1 in January 2026; with f the automated share of tasks,

    ``dS/dt = k (L/(1-f))^alpha C^zeta S^(1-beta)`` and ``f = 1/(1 + exp(-v (ln(C S) - ln E)))``,

    where k is such that S grows fivefold a year at the start, and E such that f is `automated` then. Labor doubles each
    year until 2029 and grows by 10% a year after it; compute grows by 2.6 a year until 2029, by 2 in 2029, and by
    factors that fall to 1.25 by 2058. f is at most 0.999999 in the equation; the model ends with 2069.
    ``docs/kwa.md`` says what it assumes.

    Every numeric field may be an array; fields broadcast, and each element is one path.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError, ShapeError
        Something that is not a number; fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Kwa (2026), "A simpler AI timelines model", and its notebook.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.Kwa(automated=[0.25, 0.375, 0.5]).t99_date.round(2)
    array([2034.2 , 2033.06, 2032.12])
    """

    automation_width: Uncertain = DEFAULT
    automated: Uncertain = DEFAULT
    labor_share: Uncertain = DEFAULT
    returns_to_scale: Uncertain = DEFAULT
    difficulty: Uncertain = DEFAULT
    Result: ClassVar[type[KwaTrajectory]] = KwaTrajectory

    @property
    def returns(self) -> Any:
        """Returns r to software R&D, ``returns_to_scale / difficulty``."""
        return answer(self, "returns")

    @property
    def t99(self) -> Any:
        """Time at which 99% of tasks are automated, years since January 2026; infinite if not by the end of 2069."""
        return answer(self, "t99")

    @property
    def t99_date(self) -> Any:
        """Date at which 99% of tasks are automated, calendar year; infinite if not by the end of 2069."""
        return answer(self, "t99_date")
