"""The growth law with training runs between what is known and what is deployed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from takeoff import _core
from takeoff._arrays import FloatLike, as_floats
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.models._base import Model, Uncertain, plain, regime_of
from takeoff.models.growth_law import GrowthLaw

__all__ = ["Retraining"]


@dataclass(frozen=True, eq=False, repr=False)
class Retraining(Model):
    """Training runs, one after the other, between what research has found and what is deployed.

    During a run the level deployed is that of the run before, so research grows at a constant rate; what it finds
    follows the growth law. A run trains on the algorithms known when it starts, k doublings: of these the share
    `speed_share` has shortened the run, to ``first_run 2^(-speed_share k)``, and the rest is deployed when it ends.

    Every numeric field may be an array; fields broadcast with those of the law, and each element is one path.

    Parameters
    ----------
    law : GrowthLaw
        The law without training runs: its first doubling is that of knowledge while the first level is deployed
        without delay.
    first_run : float or array
        Time that the first run takes, years.
    speed_share : float or array, default 0.0
        Share s of the doublings known that goes into shorter runs, from 0 and below 1.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError, ShapeError
        Something that is not a number or not a law; fields that do not broadcast.

    References
    ----------
    Eth & Davidson (2025), "Progress might become bottlenecked by the time required to train new AI systems",
    footnotes 42 and 43.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> model = takeoff.Retraining(law, first_run=2 * takeoff.MONTH, speed_share=0.3)
    >>> model.regime, round(model.singular_time / law.singular_time, 2)
    ('explosion', 3.57)
    """

    law: GrowthLaw
    first_run: Uncertain
    speed_share: Uncertain = 0.0

    name: ClassVar[str] = "retraining"
    citations: ClassVar[tuple[str, ...]] = ("eth-davidson-2025",)

    def __post_init__(self) -> None:
        if not isinstance(self.law, GrowthLaw):
            raise DtypeError("Retraining", "law", type(self.law).__name__, "a takeoff.GrowthLaw")
        numeric = {"first_run": self.first_run, "speed_share": self.speed_share}
        first_run, speed_share, *_ = self._freeze(numeric, {"law": self.law})
        law = self.law._inside("Retraining", self.shape)
        object.__setattr__(self, "_plan", _core.Retraining(law, first_run, speed_share))

    @property
    def _engine(self) -> _core.Retraining:
        return self._plan  # type: ignore[no-any-return]

    @property
    def criticality(self) -> Any:
        """``r e (1 - s)``: that of the law, with the share of each gain that is deployed.

        Above 1 each doubling takes less time than the last in the end, however long the first run takes. With s > 0 the
        level then becomes infinite in finite time; with s = 0 runs never get shorter, and every run brings more
        doublings than the last.
        """
        found = np.broadcast_to(self.law.criticality, self.shape) * (1 - self._numeric["speed_share"])
        return plain(np.asarray(found))

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as criticality is above, at or below 1, limits aside."""
        return regime_of(self.criticality)

    @property
    def singular_time(self) -> Any:
        """Time at which infinitely many runs are done and the level is infinite, years; infinite where it never is."""
        return self.time_at(np.inf)

    def time_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Time at which a number of doublings is deployed: the end of a run.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Years; infinite where it never is. After 20,000 runs the rest is taken as the law on which the share
            ``1 - speed_share`` is deployed at once, which the runs, by then short beside the doublings, approach.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
        >>> takeoff.Retraining(law, first_run=0.5).time_at([1, 2])
        array([2. , 3.5])
        """
        return self._at("time_at", doublings, threads)

    def delay_factor(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Time at which a number of doublings is deployed over that of the law without training runs.

        The paper cites a factor of about 1 to 3 until superhuman AI (footnote 43).

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, above 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Factor; infinite where it is never deployed.

        Raises
        ------
        InvalidValueError
            Doublings that are not above 0.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1)
        >>> takeoff.Retraining(law, first_run=0.5).delay_factor([1, 2])
        array([2.  , 1.75])
        """
        given = as_floats("delay_factor", "doublings", doublings)
        if not np.all(given > 0):
            raise InvalidValueError("delay_factor", "doublings", given.flat[int(np.argmin(given > 0))], "> 0")
        time, without = (np.asarray(each.time_at(given, threads=threads)) for each in (self, self.law))
        with np.errstate(invalid="ignore", over="ignore"):
            return plain(np.asarray(np.where(np.isinf(time), np.inf, time / without)))
