"""Parts of the growth law: what slows the loop and what feeds it."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import Any

import numpy as np

from takeoff import _core
from takeoff._arrays import FloatLike, Floats, as_floats
from takeoff.distributions import Derived, Distribution
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.models._base import Frozen, Uncertain, plain

__all__ = ["CES", "Automation", "Hardware"]

_ONE = np.ones(1)
_NO_LIMIT = np.full(1, np.inf)


@dataclass(frozen=True, eq=False, repr=False)
class CES(Frozen):
    """Research effort from labor and experiment compute, with a constant elasticity of substitution.

    ``E = (a L^rho + (1 - a) K^rho)^(1/rho)`` with AI labor ``L = S G`` and experiment compute ``K = S^eta G``, all 1 at
    the start; G is the growth of hardware. As S grows on fixed hardware, E goes as ``S^e`` with ``e = eta`` for
    rho < 0, ``a + (1 - a) eta`` for rho = 0 and 1 for rho > 0.

    Every field may be an array; fields broadcast.

    Parameters
    ----------
    labor_share : float or array
        Labor's share a of effort at the start, above 0 and below 1.
    rho : float or array, optional
        Substitution parameter, at most 1: 1 for perfect substitutes, 0 for Cobb-Douglas, negative for complements.
    experiment_efficiency : float or array, default 0.0
        eta: how much of a software gain makes an experiment cheaper, from 0 (none) to 1 (all).
    elasticity : float or array, optional
        Elasticity of substitution ``sigma = 1/(1 - rho)``, above 0, in place of `rho`; kept as :attr:`sigma`. An
        uncertain one is an input of a formula: ``rho=takeoff.Derived("1 - 1 / elasticity")``.

    Raises
    ------
    InvalidValueError
        A value outside its range, or not exactly one of `rho` and `elasticity`.
    DtypeError, ShapeError
        Something that is not a number; fields that do not broadcast.

    References
    ----------
    Eth & Davidson (2025), "You might need fast growing computing power" and footnotes 39 and 41.

    Examples
    --------
    >>> import takeoff
    >>> bottleneck = takeoff.CES(labor_share=0.5, elasticity=0.5)
    >>> bottleneck
    CES(labor_share=0.5, rho=-1.0, experiment_efficiency=0.0)
    >>> takeoff.GrowthLaw(r=3, first_doubling=1 * takeoff.MONTH, effort=bottleneck).regime
    'fizzle'
    """

    labor_share: Uncertain
    rho: Uncertain | None = None
    experiment_efficiency: Uncertain = 0.0
    elasticity: InitVar[FloatLike | None] = None

    def __post_init__(self, elasticity: FloatLike | None) -> None:
        if (self.rho is None) == (elasticity is None):
            given = "neither" if self.rho is None else "both"
            raise InvalidValueError("CES", "rho", given, "given, or elasticity in its place, but not both")
        rho = self.rho
        if isinstance(elasticity, (Distribution, Derived)):
            rule = "a number; if uncertain, an input of rho=takeoff.Derived('1 - 1 / elasticity')"
            raise DtypeError("CES", "elasticity", type(elasticity).__name__, rule)
        if elasticity is not None:
            sigma = as_floats("CES", "elasticity", elasticity)
            bad = ~((sigma >= 1e-3) & (sigma <= np.inf))
            if np.any(bad):
                index = int(np.argmax(bad))
                rule = "> 0 (from 0.001; infinite for perfect substitutes)"
                raise InvalidValueError("CES", "elasticity", sigma.flat[index], rule, index if sigma.ndim else None)
            rho = 1.0 - 1.0 / sigma
        columns = self._freeze(
            {
                "labor_share": self.labor_share,
                "rho": rho,
                "experiment_efficiency": self.experiment_efficiency,
            },
        )
        _check(effort=(columns[0], columns[1], columns[2]))

    @property
    def sigma(self) -> Any:
        """Elasticity of substitution, ``1/(1 - rho)``; infinite for perfect substitutes."""
        with np.errstate(divide="ignore"):
            return plain(np.asarray(1.0 / (1.0 - self._numeric["rho"])))


@dataclass(frozen=True, eq=False, repr=False)
class Hardware(Frozen):
    """Hardware that keeps growing, felt by the number of AI copies and by experiments alike.

    ``G(t) = 2^(t / doubling_time)`` from the start, 1 at the start; at each of the `changes` the doubling time becomes
    another. Effort is ``E = G E0`` with ``E0`` the effort on fixed hardware.

    Every number may be an array; they broadcast.

    Parameters
    ----------
    doubling_time : float or array
        Time in which hardware doubles, years; infinite for hardware that stands still.
    changes : sequence of (time, doubling_time), default ()
        Dates, ascending and above 0 (years), and the doubling time from each on.

    Raises
    ------
    InvalidValueError
        A value outside its range, or dates that do not ascend.
    DtypeError, ShapeError
        Something that is not a number; values that do not broadcast.

    References
    ----------
    Eth & Davidson (2025), footnote 24: training compute grew by about 4x a year since 2010.

    Examples
    --------
    Hardware that doubles every half year, for two years:

    >>> import takeoff
    >>> takeoff.Hardware(0.5, changes=[(2, float("inf"))])
    Hardware(doubling_time=0.5, changes=((2.0, inf),))
    """

    doubling_time: Uncertain
    changes: Any = ()

    def __post_init__(self) -> None:
        numeric: dict[str, Any] = {"doubling_time": self.doubling_time}
        try:
            pairs = [(since, doubling_time) for since, doubling_time in self.changes]
        except (TypeError, ValueError):
            given = type(self.changes).__name__
            raise DtypeError("Hardware", "changes", given, "pairs of a time and a doubling time") from None
        for k, (since, doubling_time) in enumerate(pairs):
            numeric |= {f"changes[{k}].time": since, f"changes[{k}].doubling_time": doubling_time}
        columns = self._freeze(numeric)
        frozen = [plain(value) for value in self._numeric.values()]
        object.__setattr__(self, "changes", tuple(zip(frozen[1::2], frozen[2::2], strict=True)))
        _check(hardware=pieces(columns))


@dataclass(frozen=True, eq=False, repr=False)
class Automation(Frozen):
    """Research labor before full automation: people and AI share the tasks.

    A fraction f of the research tasks can be done by AI; it rises linearly in doublings from `start` to 1 at
    `full_at`, where AI systems for AI R&D automation (ASARA) are reached. Tasks are complements of equal weight, and
    labor goes where it adds most: AI does the automated tasks, and people are squeezed onto the others. With people
    numbering 1 and AI labor ``A = ai_labor S``, labor is ``(f^(1-rho) A^rho + (1-f)^(1-rho))^(1/rho)`` while that
    squeezes people (``A/f > 1/(1-f)``), and ``A + 1`` otherwise, when people help out on automated tasks; in the limit
    of no substitution between tasks the first is ``1/(1-f)``.

    Every field may be an array; fields broadcast.

    Parameters
    ----------
    start : float or array
        Fraction of tasks automated at the start, from 0 and below 1.
    full_at : float or array
        Doublings at which all tasks are automated, above 0.
    ai_labor : float or array
        AI labor at the start over that of the people, above 0.
    rho : float or array, default -inf
        Substitution parameter between tasks, below 0; minus infinity for none (Leontief).

    Raises
    ------
    InvalidValueError
        A value outside its range.
    DtypeError, ShapeError
        Something that is not a number; fields that do not broadcast.

    References
    ----------
    Eth & Davidson (2025), "AI progress will likely speed up" and footnote 19.

    Examples
    --------
    Once 95% of the tasks are automated and AI labor abounds, the tasks left to people get 20 times the effort:

    >>> import takeoff
    >>> people = takeoff.Automation(start=0, full_at=1, ai_labor=1e6)
    >>> law = takeoff.GrowthLaw(r=1, first_doubling=0.5, automation=people)
    >>> round(law.effort_at(0.95), 10)
    20.0
    """

    start: Uncertain
    full_at: Uncertain
    ai_labor: Uncertain
    rho: Uncertain = -np.inf

    def __post_init__(self) -> None:
        columns = self._freeze(
            {"start": self.start, "full_at": self.full_at, "ai_labor": self.ai_labor, "rho": self.rho}
        )
        _check(automation=(columns[0], columns[1], columns[2], columns[3]))


def pieces(columns: list[Floats]) -> list[tuple[Floats, Floats]]:
    """Dates and doubling times from them on, as the engine takes them."""
    return [(np.zeros(1), columns[0]), *zip(columns[1::2], columns[2::2], strict=True)]


def _check(
    automation: tuple[Floats, Floats, Floats, Floats] | None = None,
    effort: tuple[Floats, Floats, Floats] | None = None,
    hardware: list[tuple[Floats, Floats]] | None = None,
) -> None:
    """Have the engine judge the values of a part."""
    _core.GrowthLaw(_ONE, _ONE, _ONE, _NO_LIMIT, "linear", automation, effort, hardware or [])
