"""Distributions given by a central interval."""

from __future__ import annotations

import math
from typing import Final, Literal, TypeAlias

from takeoff._arrays import as_choice, as_number
from takeoff.distributions._families import Lognormal, Loguniform, Normal, Uniform
from takeoff.errors import InvalidValueError

__all__ = ["between"]

Kind: TypeAlias = Literal["lognormal", "normal", "loguniform", "uniform"]
_LN_LARGE: Final = 700.0  # e^700 is refused, and finite
KINDS: Final = ("lognormal", "normal", "loguniform", "uniform")


def between(
    low: float, high: float, *, credibility: float = 0.9, kind: Kind = "lognormal"
) -> Lognormal | Normal | Loguniform | Uniform:
    """Create the distribution whose central interval of a given credibility is from `low` to `high`.

    The probability of values below `low` is ``(1 - credibility)/2``, and so is that of values above `high`.

    Parameters
    ----------
    low, high : float
        Ends of the interval, low below high; above 0 for the lognormal and the loguniform.
    credibility : float, default 0.9
        Probability of the interval, strictly between 0 and 1.
    kind : {"lognormal", "normal", "loguniform", "uniform"}, default "lognormal"
        Family of the distribution. The support of the two uniform families extends beyond the interval on both sides.

    Returns
    -------
    Lognormal, Normal, Loguniform or Uniform
        The distribution.

    Raises
    ------
    InvalidValueError
        An interval that is reversed or not positive where it must be, or a credibility outside (0, 1).
    UnknownNameError
        An unknown kind.

    Examples
    --------
    >>> import takeoff
    >>> r = takeoff.between(0.4, 3.6)
    >>> r.quantile([0.05, 0.5, 0.95]).round(6).tolist()
    [0.4, 1.2, 3.6]
    >>> takeoff.between(1, 3, credibility=0.5, kind="uniform")
    Uniform(low=0.0, high=4.0)
    """
    as_choice("kind", kind, KINDS)
    low, high = as_number("between", "low", low), as_number("between", "high", high)
    level = as_number("between", "credibility", credibility)
    if not 0 < level < 1:
        raise InvalidValueError("between", "credibility", level, "strictly between 0 and 1")
    logarithmic = kind in {"lognormal", "loguniform"}
    rule = "finite and > 0" if logarithmic else "finite"
    for argument, value in (("low", low), ("high", high)):
        if not (math.isfinite(value) and (value > 0 or not logarithmic)):
            raise InvalidValueError("between", argument, value, rule)
    if not high > low:
        raise InvalidValueError("between", "high", high, f"greater than low, which is {low}")
    ends = (math.log(low), math.log(high)) if logarithmic else (low, high)
    try:
        return _of_interval(ends, level, kind)
    except (InvalidValueError, ZeroDivisionError):
        # The distribution overflows: because the credibility is small or, if an end is large, because of that end.
        moderate = max(map(abs, ends)) <= 100
        argument = "credibility" if moderate else "high" if abs(ends[1]) >= abs(ends[0]) else "low"
        value = {"low": low, "high": high, "credibility": level}[argument]
        rule = "such that the distribution lies between e^-700 and e^700" if logarithmic else "such that it is finite"
        raise InvalidValueError("between", argument, value, rule) from None


def _of_interval(ends: tuple[float, float], level: float, kind: Kind) -> Lognormal | Normal | Loguniform | Uniform:
    """Create a distribution from the ends of its interval, given as logarithms for the two logarithmic families."""
    middle, half_width = ends[0] / 2 + ends[1] / 2, ends[1] / 2 - ends[0] / 2
    if kind in {"lognormal", "normal"}:
        sigma = -half_width / Normal(0, 1).quantile((1 - level) / 2)
        return Lognormal(middle, sigma) if kind == "lognormal" else Normal(middle, sigma)
    half_range = half_width / level
    if kind == "loguniform":
        return Loguniform(math.exp(middle - half_range), math.exp(min(middle + half_range, _LN_LARGE)))
    return Uniform(middle - half_range, middle + half_range)
