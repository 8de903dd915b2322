"""Units of time: takeoff counts time in years, as floats, everywhere.

Multiply to come from a unit to years, divide to go back:

>>> from takeoff.units import DAY, MONTH
>>> first_doubling = 3 * MONTH
>>> first_doubling
0.25
>>> round(first_doubling / DAY, 2)
91.31

A month is a twelfth of a year and a year has 365.25 days.
"""

from __future__ import annotations

from typing import Final

__all__ = ["DAY", "MONTH", "YEAR"]

YEAR: Final = 1.0
"""One year, the unit of time."""

MONTH: Final = 1 / 12
"""One month in years: a twelfth."""

DAY: Final = 1 / 365.25
"""One day in years, the mean of the Julian calendar."""
