"""A software intelligence explosion counted in doublings, after Davidson & Houlden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np

from takeoff import _core
from takeoff._arrays import as_choice
from takeoff.errors import InvalidValueError
from takeoff.models._base import Model, Uncertain, plain, regime_of
from takeoff.models.growth_law import GrowthLaw
from takeoff.units import MONTH

if TYPE_CHECKING:
    from takeoff._arrays import Floats

__all__ = ["Boost", "DavidsonHoulden", "Moderation", "Returns"]

Moderation = Literal["none", "paper", "code"]
Boost = Literal["sudden", "gradual"]
Returns = Literal["falling", "constant"]

_WORDS: dict[str, Any] = {"retraining": Moderation, "boost": Boost, "returns": Returns}


@dataclass(frozen=True, eq=False, repr=False)
class DavidsonHoulden(Model):
    """Recursion in doublings from which Davidson & Houlden (2025) say how quick and how big an explosion would be.

    The first doubling of software takes ``recent_doubling_time / speed_up``. After n doublings returns have fallen to
    ``r_n = r (1 - n / limit)``, and each doubling takes ``2^x`` times as long as the last, with
    ``x = parallelizability (1 / r_n - 1)``. A path ends at the limit, or with the last doubling that starts before the
    horizon. A year of AI progress at the recent pace is ``1 / (recent_doubling_time software_share)`` doublings of
    software alone: 8 by default.

    Every numeric field may be an array; fields broadcast, and each element is one path.

    Parameters
    ----------
    r : float or array
        Returns to software R&D at the start, from 1e-6 to 1e6 (theirs: 0.4 to 3.6, with a gradual boost 0.57 to 5.1).
    speed_up : float or array
        Factor f by which automated AI research speeds up software progress at first (theirs: 2 to 32). With a gradual
        boost progress is 1 + f times as fast once all of it has arrived.
    limit_years : float or array
        Distance to the limits of software, years of AI progress at the recent pace (theirs: 6 to 16, with a gradual
        boost 9 to 19); at most 1,000,000 doublings.
    parallelizability : float or array
        Exponent lambda on research effort, above 0 and at most 1 (theirs: 0.15 to 0.6).
    software_share : float or array, default 0.5
        Share of recent AI progress that is due to software, above 0 and at most 1.
    retraining : {"none", "paper", "code"}, default "none"
        How the time of training runs moderates x: not at all; to ``x / (1 + |x|)``, the formula of their paper; or to
        ``x / |1 + x|``, which their published code computes: the same for doublings that get longer, but where they
        get shorter it hastens them instead.
    boost : {"sudden", "gradual"}, default "sudden"
        How the speed-up arrives: at the start, or with compute, from `start_speed_up` on, until that stops growing.
    returns : {"falling", "constant"}, default "falling"
        Whether r falls towards the limit.
    recent_doubling_time : float or array, default 3 months
        Time in which software doubled recently, years.
    start_speed_up : float or array, default 0.1
        Gradual boost: speed-up at the start, so that progress is then 1.1 times as fast as recently.
    compute_doubling_time : float or array, default 5 months
        Gradual boost: time in which compute doubles, years.
    compute_ceiling : float or array, default 4096.0
        Gradual boost: factor by which compute grows before it stops; the speed-up grows exponentially meanwhile, by
        default for 60 months.

    Raises
    ------
    InvalidValueError
        A value outside its range.
    UnknownNameError
        An option of another name.
    DtypeError, ShapeError
        Something that is not a number; fields that do not broadcast, or are empty or ragged.

    References
    ----------
    Davidson & Houlden (2025), "How quick and big would a software intelligence explosion be?": the model, its
    parameters and, for the default of every constant, its published code.

    Examples
    --------
    >>> import takeoff
    >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=[2, 8], limit_years=11, parallelizability=0.3)
    >>> result = takeoff.simulate(model)
    >>> result.doublings, result.compresses(years=3, within=1)
    (array([35, 53]), array([False,  True]))
    """

    r: Uncertain
    speed_up: Uncertain
    limit_years: Uncertain
    parallelizability: Uncertain
    software_share: Uncertain = 0.5
    retraining: Moderation = "none"
    boost: Boost = "sudden"
    returns: Returns = "falling"
    recent_doubling_time: Uncertain = 3 * MONTH
    start_speed_up: Uncertain = 0.1
    compute_doubling_time: Uncertain = 5 * MONTH
    compute_ceiling: Uncertain = 4096.0

    name: ClassVar[str] = "davidson_houlden"
    citations: ClassVar[tuple[str, ...]] = ("davidson-houlden-2025",)

    def __post_init__(self) -> None:
        for name, words in _WORDS.items():
            as_choice(name, getattr(self, name), get_args(words))
        numeric = {name: value for name, value in self._fields().items() if name not in _WORDS}
        columns: Any = dict(zip(numeric, self._freeze(numeric), strict=True))
        plan = _core.DavidsonHoulden(**columns, retraining=self.retraining, boost=self.boost, returns=self.returns)
        object.__setattr__(self, "_plan", plan)

    @property
    def _engine(self) -> _core.DavidsonHoulden:
        return self._plan  # type: ignore[no-any-return]

    @property
    def _year_of_progress(self) -> Floats:
        """Doublings of software that make a year of AI progress at the recent pace."""
        found: Floats = 1 / (self._numeric["recent_doubling_time"] * self._numeric["software_share"])
        return np.broadcast_to(found, self.shape)

    @property
    def limit(self) -> Any:
        """Doublings at the limit: ``limit_years / (recent_doubling_time software_share)``."""
        per_year = self._numeric["recent_doubling_time"] * self._numeric["software_share"]
        return plain(np.broadcast_to(self._numeric["limit_years"] / per_year, self.shape))

    @property
    def criticality(self) -> Any:
        """``r`` at the start: above 1 doublings get shorter at first, limits and a gradual boost aside."""
        return plain(np.broadcast_to(self._numeric["r"], self.shape))

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as `r` is above, at or below 1 at the start."""
        return regime_of(self.criticality)

    def continuous_law(self) -> GrowthLaw:
        """Growth law of the same parameters, of which this model is a discrete form.

        Its first doubling, its parallelizability and its limit are those of the recursion; its returns fall linearly
        to the limit, or stay constant until then. ``docs/davidson_houlden.md`` says how far the two differ.

        Returns
        -------
        GrowthLaw
            The law, of the same paths.

        Raises
        ------
        InvalidValueError
            Training runs or a gradual boost, which the law does not have; a limit of at most one doubling.

        Examples
        --------
        >>> import takeoff
        >>> model = takeoff.DavidsonHoulden(r=1.2, speed_up=8, limit_years=11, parallelizability=0.3)
        >>> law = model.continuous_law()
        >>> law.limit, (law.time_at([1, 8, 32]) / takeoff.MONTH).round(2)
        (88.0, array([ 0.38,  2.83, 13.36]))
        """
        for name, plainest in (("retraining", "none"), ("boost", "sudden")):
            if (given := getattr(self, name)) != plainest:
                raise InvalidValueError("continuous_law", name, given, f"{plainest!r} for a growth law to exist")
        return GrowthLaw(
            r=self.r,
            first_doubling=plain(self._numeric["recent_doubling_time"] / self._numeric["speed_up"]),
            parallelizability=self.parallelizability,
            limit=self.limit,
            limit_shape="linear" if self.returns == "falling" else "abrupt",
        )
