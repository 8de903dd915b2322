"""What drives what in a model: the lines of its causal loop, part by part."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff.distributions import Derived, Distribution

if TYPE_CHECKING:
    from collections.abc import Callable

    from takeoff._arrays import Floats

__all__ = [
    "AUTOMATION",
    "DEPLOYMENT",
    "HARDWARE",
    "LABOR",
    "LIMIT",
    "PARALLELIZABILITY",
    "RETRAINING",
    "RETURNS",
    "Influence",
    "holds_for_some",
]


@dataclass(frozen=True)
class Influence:
    """Influences that a part of a model adds.

    Attributes
    ----------
    part : str
        What the part is called. The influences of a model replace those of the same part of a model inside it.
    edges : tuple of (source, target, sign)
        Quantities, as the figure of causal loops names them, or new ones; the sign is 1 where more leads to more and
        -1 where it leads to less.
    on : callable
        Whether a model has the part: true for all by default.
    """

    part: str
    edges: tuple[tuple[str, str, int], ...]
    on: Callable[[Any], bool] = lambda _: True

    def where(self, on: Callable[[Any], bool]) -> Influence:
        """Return the same influences of models for which a condition holds."""
        return replace(self, on=on)


def holds_for_some(values: Any, condition: Callable[[Floats], Any]) -> bool:
    """Whether a condition holds for a number, or for one of an array; of what is uncertain it is taken to hold."""
    if isinstance(values, (Distribution, Derived)):
        return True
    return bool(np.any(condition(np.asarray(values, dtype=np.float64))))


LABOR: Final = Influence("AI labor", (("software", "labor", 1), ("labor", "effort", 1), ("effort", "progress", 1)))
RETURNS: Final = Influence("diminishing returns", (("software", "returns", 1), ("returns", "progress", -1)))
LIMIT: Final = Influence("limit", (("software", "limit", 1), ("limit", "progress", -1)))
PARALLELIZABILITY: Final = Influence("parallelizability", (("effort", "toes", 1), ("toes", "progress", -1)))
HARDWARE: Final = Influence("hardware", (("hardware", "labor", 1),))
AUTOMATION: Final = Influence("automation", (("software", "tasks", 1), ("tasks", "effort", 1), ("people", "effort", 1)))
DEPLOYMENT: Final = Influence("deployment at once", (("progress", "software", 1),))
RETRAINING: Final = Influence("retraining", (("progress", "runs", 1), ("runs", "software", 1)))
