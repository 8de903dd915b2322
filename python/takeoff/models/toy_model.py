"""The toy model of papers and AGIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from takeoff import _core
from takeoff._arrays import policy, unwrapped
from takeoff.conversions import returns_from_papers_factor
from takeoff.models._base import Model, Uncertain, regime_of

__all__ = ["ToyModel"]


@dataclass(frozen=True, eq=False, repr=False)
class ToyModel(Model):
    """Toy model: AGIs on fixed hardware write papers, and papers make room for more AGIs.

    The first doubling of efficiency takes `first_papers` papers, each further one `papers_factor` times as many as the
    last, while the number of AGIs doubles each time. So each doubling takes ``papers_factor / 2`` times as long as the
    last: progress fizzles above a factor of 2 and explodes below it.

    Every field may be an array; fields broadcast, and each element is one path.

    Parameters
    ----------
    agis : float or array, default 1.0
        AGIs at the start.
    papers_per_agi_month : float or array, default 1.0
        Papers that an AGI writes per month.
    first_papers : float or array, default 2.0
        Papers that the first doubling of efficiency takes.
    papers_factor : float or array, default 2.0
        Papers of a doubling over those of the one before, above 1.

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

    agis: Uncertain = 1.0
    papers_per_agi_month: Uncertain = 1.0
    first_papers: Uncertain = 2.0
    papers_factor: Uncertain = 2.0

    name: ClassVar[str] = "toy_model"
    citations: ClassVar[tuple[str, ...]] = ("eth-davidson-2025",)

    def __post_init__(self) -> None:
        agis, papers_per_agi_month, first_papers, papers_factor = self._freeze(self._fields())
        plan = _core.ToyModel(agis, papers_per_agi_month, first_papers, papers_factor)
        object.__setattr__(self, "_plan", plan)

    @property
    def _engine(self) -> _core.ToyModel:
        return self._plan  # type: ignore[no-any-return]

    @property
    def r(self) -> Any:
        """Returns to software R&D: ``1 / log2(papers_factor)`` (Table 3)."""
        r: Any = returns_from_papers_factor(np.asarray(self.papers_factor, dtype=np.float64))
        return r if self.shape == () else np.broadcast_to(r, self.shape)

    @property
    def criticality(self) -> Any:
        """``r``: AGIs are the only input, and their number is the level."""
        return self.r

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as `papers_factor` is below, at or above 2."""
        return regime_of(self.criticality)

    @property
    def singular_time(self) -> Any:
        """Time at which the number of AGIs becomes infinite, years; infinite where it never does."""
        return unwrapped(self._engine.singular_time(policy()), self.shape)
