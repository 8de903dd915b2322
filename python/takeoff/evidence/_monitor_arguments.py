"""Checks of the arguments of a monitor."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from takeoff._arrays import as_number
from takeoff.distributions._foreign import distribution_of
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.evidence._series import years_of

if TYPE_CHECKING:
    from takeoff.distributions import Distribution

__all__ = ["measured_log", "positive", "prior_of", "years_at"]


def positive(name: str, value: Any, owner: str = "Monitor", least: float = 1e-9) -> float:
    """Convert `value` to a float above 0, from `least` to its inverse."""
    number = as_number(owner, name, value)
    if not least <= number <= 1 / least:
        raise InvalidValueError(owner, name, number, f"> 0 (from {least:g} to {1 / least:g})")
    return number


def prior_of(name: str, value: Any) -> float | Distribution:
    """Convert a prior to a distribution, or a known value to a float."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return as_number("Monitor", name, value)
    return distribution_of(value, "Monitor", name)


def years_at(value: Any) -> float:
    """Convert the time of a measurement to years."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, date) and value == value:
        return float(years_of(pl.DataFrame({"time": [value]}), "time", "Monitor.update")[0])
    number = as_number("Monitor.update", "time", value)
    if not abs(number) <= 1e9:
        raise InvalidValueError("Monitor.update", "time", number, "finite, in years")
    return number


def measured_log(log_efficiency: float | None, efficiency: float | None) -> float:
    """Return the logarithm of efficiency, from the one of the two arguments that is given."""
    if (log_efficiency is None) == (efficiency is None):
        received = "neither" if efficiency is None else "both"
        raise DtypeError("Monitor.update", "efficiency", received, "given, or log_efficiency, and not both")
    if log_efficiency is not None:
        number = as_number("Monitor.update", "log_efficiency", log_efficiency)
        if not abs(number) <= 1e6:
            raise InvalidValueError("Monitor.update", "log_efficiency", number, "finite (from -1e6 to 1e6)")
        return number
    number = as_number("Monitor.update", "efficiency", efficiency)
    if not 0 < number < math.inf:
        raise InvalidValueError("Monitor.update", "efficiency", number, "finite and > 0")
    return math.log(number)
