"""Parts of the growth law: what slows the loop and what feeds it."""

from __future__ import annotations

from dataclasses import InitVar
from typing import Any, ClassVar

import numpy as np

from takeoff._arrays import FloatLike, as_floats
from takeoff.distributions import Derived, Distribution
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.models._base import Described, Uncertain, plain
from takeoff.models._declare import DEFAULT, part

__all__ = ["CES", "Automation", "Hardware"]


@part("growth_law", "effort")
class CES(Described):
    """Research effort from labor and experiment compute, with a constant elasticity of substitution.

    ``E = (a L^rho + (1 - a) K^rho)^(1/rho)`` with AI labor ``L = S G`` and experiment compute ``K = S^eta G``, all 1 at
    the start; G is the growth of hardware. As S grows on fixed hardware, E goes as ``S^e`` with ``e = eta`` for
    rho < 0, ``a + (1 - a) eta`` for rho = 0 and 1 for rho > 0.

    Every field may be an array; fields broadcast.

    Parameters
    ----------
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
    experiment_efficiency: Uncertain = DEFAULT
    elasticity: InitVar[FloatLike | None] = None
    alternatives: ClassVar = {"elasticity": "1"}

    def __post_init__(self, elasticity: FloatLike | None) -> None:
        if (self.rho is None) == (elasticity is None):
            passed = "neither" if self.rho is None else "both"
            raise InvalidValueError("CES", "rho", passed, "given, or elasticity in its place, but not both")
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
            object.__setattr__(self, "rho", plain(1.0 - 1.0 / sigma))
        super().__post_init__()

    @property
    def sigma(self) -> Any:
        """Elasticity of substitution, ``1/(1 - rho)``; infinite for perfect substitutes."""
        with np.errstate(divide="ignore"):
            return plain(np.asarray(1.0 / (1.0 - self._numeric["rho"])))


@part("growth_law", "hardware")
class Hardware(Described):
    """Hardware that keeps growing, felt by the number of AI copies and by experiments alike.

    ``G(t) = 2^(t / doubling_time)`` from the start, 1 at the start; at each of the `changes` the doubling time becomes
    another. Effort is ``E = G E0`` with ``E0`` the effort on fixed hardware.

    Every number may be an array; they broadcast.

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


@part("growth_law", "automation")
class Automation(Described):
    """Research labor before full automation: people and AI share the tasks.

    A fraction f of the research tasks can be done by AI; it rises linearly in doublings from `start` to 1 at
    `full_at`, where AI systems for AI R&D automation (ASARA) are reached. Tasks are complements of equal weight, and
    labor goes where it adds most: AI does the automated tasks, and people are squeezed onto the others. With people
    numbering 1 and AI labor ``A = ai_labor S``, labor is ``(f^(1-rho) A^rho + (1-f)^(1-rho))^(1/rho)`` while that
    squeezes people (``A/f > 1/(1-f)``), and ``A + 1`` otherwise, when people help out on automated tasks; in the limit
    of no substitution between tasks the first is ``1/(1-f)``.

    Every field may be an array; fields broadcast.

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
    rho: Uncertain = DEFAULT
