"""The growth law of software."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from takeoff import _core
from takeoff._arrays import (
    FloatLike,
    Floats,
    as_choice,
    as_count,
    check_memory,
    paths_in,
    policy,
    unwrapped,
)
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.models._base import Frozen, Model, Uncertain, regime_of
from takeoff.models.parts import CES, Automation, Hardware, pieces

__all__ = ["GrowthLaw", "LimitShape"]

LimitShape = Literal["linear", "abrupt"]


@dataclass(frozen=True, eq=False, repr=False)
class GrowthLaw(Model):
    """Growth law of the software level S once AI does the research.

    With W the cumulative research, E the research effort and x = log2 S the doublings,

    ``d ln S = (r / lambda) h(x) d ln W`` and ``dW/dt = c E^lambda``,

    where c is such that the first doubling takes `first_doubling`, and h falls from 1 to 0 at the limit. With AI labor
    alone on fixed hardware ``E = S``; then, without a limit, each doubling takes ``q = 2^(lambda (1/r - 1))`` times as
    long as the last: above r = 1 infinitely many doublings take finite time.

    Every numeric field may be an array; fields broadcast, and each element is one path.

    Parameters
    ----------
    r : float or array
        Returns to software R&D: doublings of S per doubling of W, from 1e-6 to 1e6. r = 1 is the tipping point.
    first_doubling : float or array
        Time that the first doubling takes, years (``1 * takeoff.MONTH``).
    parallelizability : float or array, default 1.0
        Exponent lambda on research effort, above 0 and at most 1. Below 1 is "stepping on toes".
    limit : float or array, optional
        Doublings at which the physical limit of the hardware is reached, above 1; None or infinity means no limit.
    limit_shape : {"linear", "abrupt"}, default "linear"
        How returns fall towards the limit: linearly in doublings (h = 1 - x/limit), or not at all until the limit,
        where progress stops.
    effort : CES, optional
        Research effort from labor and experiment compute; None means labor alone.
    hardware : Hardware, optional
        Growth of the hardware; None means fixed hardware.
    automation : Automation, optional
        People who share the research tasks with AI before full automation; None means AI labor alone.

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
    Eth & Davidson (2025), "Being more mathematically concrete: returns to software R&D", footnotes 23, 25 (r), 26
    and Figure 10 (limit), 27 (lambda), 39 and 41 (effort), 24 (hardware),
    19 (automation), and the appendix.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH)
    >>> law.doubling_times(4) / takeoff.DAY
    array([30.4375    , 19.17442348, 12.07912988,  7.609375  ])
    >>> law.regime
    'explosion'
    """

    r: Uncertain
    first_doubling: Uncertain
    parallelizability: Uncertain = 1.0
    limit: Uncertain | None = None
    limit_shape: LimitShape = "linear"
    effort: CES | None = None
    hardware: Hardware | None = None
    automation: Automation | None = None

    name: ClassVar[str] = "growth_law"
    citations: ClassVar[tuple[str, ...]] = ("eth-davidson-2025",)

    def __post_init__(self) -> None:
        as_choice("limit_shape", self.limit_shape, _core.limit_shapes())
        kinds: dict[str, type[Frozen]] = {"effort": CES, "hardware": Hardware, "automation": Automation}
        parts: dict[str, Frozen | None] = {name: getattr(self, name) for name in kinds}
        for name, part in parts.items():
            kind = kinds[name]
            if part is not None and not isinstance(part, kind):
                raise DtypeError("GrowthLaw", name, type(part).__name__, f"a takeoff.{kind.__name__} or None")
        numeric = {
            "r": self.r,
            "first_doubling": self.first_doubling,
            "parallelizability": self.parallelizability,
            "limit": np.inf if self.limit is None else self.limit,
        }
        columns = iter(self._freeze(numeric, parts))
        r, first_doubling, parallelizability, limit = (next(columns) for _ in numeric)
        effort = None if self.effort is None else (next(columns), next(columns), next(columns))
        hardware = [] if self.hardware is None else pieces([next(columns) for _ in self.hardware._numeric])
        labor = None if self.automation is None else (next(columns), next(columns), next(columns), next(columns))
        plan = _core.GrowthLaw(r, first_doubling, parallelizability, limit, self.limit_shape, labor, effort, hardware)
        object.__setattr__(self, "_plan", plan)
        if np.ndim(self.limit) == 0 and np.isinf(self.limit):  # type: ignore[arg-type]
            object.__setattr__(self, "limit", None)

    @property
    def _engine(self) -> _core.GrowthLaw:
        return self._plan  # type: ignore[no-any-return]

    def _inside(self, owner: str, shape: tuple[int, ...]) -> _core.GrowthLaw:
        """Give the engine of a law that is part of another model, spread over its paths."""
        if self.hardware is not None and self.automation is not None:
            rule = f"left out beside automation in a law inside {owner}, since people do not multiply with hardware"
            raise InvalidValueError(owner, "law.hardware", self.hardware, rule)
        return (self if self.shape in ((), shape) else self._spread(shape))._engine

    @property
    def criticality(self) -> Any:
        """``r e``, where effort goes as ``S^e`` in the end: e = 1 for AI labor alone, see :class:`CES`.

        Without a limit, above 1 means a singularity in finite time, 1 exponential progress in the end, and below 1 a
        fizzle. With a limit there is never a singularity: the pace may rise at first and falls before returns run out.
        Hardware that grows without end keeps a fizzle going, as an exponential in the end.
        """
        return unwrapped(self._engine.criticality(policy()), self.shape)

    @property
    def regime(self) -> Any:
        """``"explosion"``, ``"exponential"`` or ``"fizzle"`` as criticality is above, at or below 1.

        The regime says where the feedback loop leads by itself: it takes no account of a limit or of growing hardware.
        """
        return regime_of(self.criticality)

    @property
    def singular_time(self) -> Any:
        """Time at which the level becomes infinite, years; infinite where it never does."""
        return unwrapped(self._engine.singular_time(policy()), self.shape)

    @property
    def limit_time(self) -> Any:
        """Time at which the limit is reached, years; infinite where it never is (a linear limit is only approached)."""
        return unwrapped(self._engine.limit_time(policy()), self.shape)

    @property
    def peak_doublings(self) -> Any:
        """Doublings at which the pace is highest: 0 if it only falls, infinite if it rises without end.

        With AI labor alone and a linear limit the pace dx/dt peaks at ``h = 1/r + 1/(ln2 lambda limit)``, shortly
        before the returns ``r h`` fall to 1.
        """
        return unwrapped(self._engine.peak_doublings(self._unbounded(), policy()), self.shape)

    @property
    def peak_pace(self) -> Any:
        """Highest pace, doublings per year; infinite before a singularity."""
        return unwrapped(self._engine.peak_pace(self._unbounded(), policy()), self.shape)

    def _unbounded(self) -> Floats:
        return np.full(paths_in(self.shape), np.inf)

    def doubling_times(self, count: int = 40, *, threads: int | None = None) -> Any:
        """Time that each of the first `count` doublings takes.

        Parameters
        ----------
        count : int, default 40
            Number of doublings.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        array of shape (*paths, count)
            Years; infinite for doublings that the limit rules out.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=0.7, first_doubling=1 * takeoff.MONTH)
        >>> (law.doubling_times(5) / takeoff.DAY).round()
        array([ 30.,  41.,  55.,  74., 100.])
        """
        count = as_count("doubling_times", "count", count, 1, 1_000_000)
        check_memory("doubling_times", paths_in(self.shape) * count, "ask for fewer doublings or paths")
        found = self._engine.doubling_times(count, policy(threads))
        return found.reshape((*self.shape, count))

    def time_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Time at which a number of doublings is reached.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Years; infinite where it is never reached.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=0.7, first_doubling=1 * takeoff.MONTH)
        >>> round(law.time_at(5) / takeoff.DAY)
        301
        """
        return self._at("time_at", doublings, threads)

    def pace_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Pace after a number of doublings.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Doublings per year; 0 at and beyond the limit.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=1, first_doubling=1 * takeoff.MONTH)
        >>> law.pace_at(5)
        12.0
        """
        return self._at("pace_at", doublings, threads)

    def effort_at(self, doublings: FloatLike, *, threads: int | None = None) -> Any:
        """Research effort after a number of doublings, on the hardware of the start.

        Parameters
        ----------
        doublings : float or array
            Doublings since the start, at least 0; broadcasts against the paths.
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        float or array
            Effort over that at the start; infinite beyond the range of float64.

        Examples
        --------
        >>> import takeoff
        >>> bottleneck = takeoff.CES(labor_share=0.5, rho=0)
        >>> takeoff.GrowthLaw(r=1, first_doubling=1, effort=bottleneck).effort_at(4)
        4.0
        """
        found = np.asarray(self._at("effort_at", doublings, threads))
        return unwrapped(_core.level(found.reshape(-1), policy(threads)), found.shape)
