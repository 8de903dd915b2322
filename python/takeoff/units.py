"""Units of time: takeoff counts time in years, as floats, everywhere.

Multiply by a unit to convert to years, divide by it to convert from years:

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

__all__ = ["DAY", "MONTH", "YEAR", "unit_sizes"]

YEAR: Final = 1.0
"""One year, the unit of time."""

MONTH: Final = 1 / 12
"""One month in years: a twelfth."""

DAY: Final = 1 / 365.25
"""One day in years, the mean of the Julian calendar."""


def unit_sizes(unit: str) -> dict[str, float]:
    """Return the units that may replace a unit, with their sizes in that unit.

    Parameters
    ----------
    unit : str
        A unit of a model's spec: ``"years"``, ``"doublings/year"``, ``"1"``. Parts are joined by ``/``; a time may be
        in years, months or days, other words in the singular or the plural. ``"years of progress"`` is not a calendar
        time: it is given as ``"years"`` alone.

    Returns
    -------
    dict of str to float
        Sizes by the name of the unit.

    Examples
    --------
    >>> from takeoff.units import unit_sizes
    >>> unit_sizes("years")["days"] == 1 / 365.25, list(unit_sizes("AGIs"))
    (True, ['AGI', 'AGIs'])
    >>> unit_sizes("1/year")["1/month"]
    12.0
    """
    if " of " in unit:
        return dict.fromkeys(_forms(unit.partition(" ")[0]), 1.0)
    above, *below = unit.split("/")
    sizes = {form: size for word, size in _alike(above).items() for form in _forms(word)}
    for part in below:
        sizes = {f"{unit}/{word}": size / per for unit, size in sizes.items() for word, per in _alike(part).items()}
    return sizes


_TIMES: Final = {"year": YEAR, "month": MONTH, "day": DAY}


def _alike(word: str) -> dict[str, float]:
    """Return the words (singular) of the dimension of a word, with their sizes in units of that word."""
    stem = word.removesuffix("s")
    return {other: size / _TIMES[stem] for other, size in _TIMES.items()} if stem in _TIMES else {stem: 1.0}


def _forms(word: str) -> tuple[str, ...]:
    """Return the singular and the plural of a word."""
    return ("1",) if word == "1" else (word.removesuffix("s"), f"{word.removesuffix('s')}s")
