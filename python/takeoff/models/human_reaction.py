"""People who brake progress that seems too fast, and release the brake when it seems too slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from takeoff import _core
from takeoff.errors import DtypeError
from takeoff.models._base import Model, Uncertain
from takeoff.models.growth_law import GrowthLaw

__all__ = ["HumanReaction"]


@dataclass(frozen=True, eq=False, repr=False)
class HumanReaction(Model):
    """Growth law whose research effort people brake by the pace that they observe, against a target.

    With b the brake, a factor from 0 to 1 on research effort, and o the observed pace,

    ``dx/dt = pace(x) b^lambda``, ``smoothing do/dt = dx/dt - o`` and
    ``d ln b/dt = -gain ln(o(t - lag) / target_pace)``,

    where pace(x) is the law's own, with the growth of its hardware by the calendar, and o = dx/dt without smoothing.
    b never exceeds 1: there the brake is off, and stays off while the observed pace is below the target. Before the
    start the brake is off, and what was observed is the law's pace at the start. Whether the brake holds the pace
    (``settles``), makes it swing (``oscillates``) or comes too late (``escapes``) is found by
    :func:`takeoff.simulate`; ``docs/models.md`` derives where each is to be expected.

    Every numeric field may be an array; fields broadcast with those of the law, and each element is one path.

    Parameters
    ----------
    law : GrowthLaw
        Growth law that is braked. For a simulation, its pace at the start is at most 1e200 doublings per year.
    target_pace : float or array
        Pace that people aim at, doublings per year, above 0.
    gain : float or array
        How fast the brake moves: the change of ln b per year for each e-fold by which the observed pace is off the
        target, at least 0, and at most 100,000 per horizon of a simulation.
    lag : float or array, default 0.0
        Time from an observation to its effect, years, at least 0.
    smoothing : float or array, default 0.0
        Time over which the pace is averaged (exponentially) before it counts as observed, years: 0, or at least
        1/100,000 of the horizon of a simulation.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError
        Something that is not a number, or not a growth law.
    ShapeError
        Fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Eth & Davidson (2025), "Being more mathematically concrete: returns to software R&D": the text before footnote 28
    (a reaction that oscillates, as to COVID) and after it (policy that targets constant exponential growth). The
    equations are this package's.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=1.2, first_doubling=1 * takeoff.MONTH)
    >>> weeks = takeoff.HumanReaction(law, target_pace=24, gain=20, lag=[7 * takeoff.DAY, 90 * takeoff.DAY])
    >>> takeoff.simulate(weeks, horizon=3).behaviour
    array(['settles', 'escapes'], dtype='<U10')
    """

    law: GrowthLaw
    target_pace: Uncertain
    gain: Uncertain
    lag: Uncertain = 0.0
    smoothing: Uncertain = 0.0

    name: ClassVar[str] = "human_reaction"
    citations: ClassVar[tuple[str, ...]] = ("eth-davidson-2025",)

    def __post_init__(self) -> None:
        if not isinstance(self.law, GrowthLaw):
            raise DtypeError("HumanReaction", "law", type(self.law).__name__, "a takeoff.GrowthLaw")
        own = {name: value for name, value in self._fields().items() if name != "law"}
        target_pace, gain, lag, smoothing = self._freeze(own, {"law": self.law})[: len(own)]
        law = self.law._inside("HumanReaction", self.shape)
        plan = _core.HumanReaction(law, target_pace, gain, lag, smoothing)
        object.__setattr__(self, "_plan", plan)

    @property
    def _engine(self) -> _core.HumanReaction:
        return self._plan  # type: ignore[no-any-return]

    @property
    def criticality(self) -> Any:
        """``r e`` of the law, spread over the paths: see :attr:`GrowthLaw.criticality`."""
        return self._of_law("criticality")

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"``: where the law leads without a brake."""
        return self._of_law("regime")

    def _of_law(self, name: str) -> Any:
        value = getattr(self.law, name)
        return value if self.shape == () else np.broadcast_to(value, self.shape)
