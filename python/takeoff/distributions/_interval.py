"""Distributions by an interval."""

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
    """Distribution whose central interval of a given credibility is from `low` to `high`.

    It lies below `low` with probability ``(1 - credibility)/2``, and above `high` with the same.

    Parameters
    ----------
    low, high : float
        Ends of the interval, low below high; above 0 for the lognormal and the loguniform.
    credibility : float, default 0.9
        Probability of the interval, strictly between 0 and 1.
    kind : {"lognormal", "normal", "loguniform", "uniform"}, default "lognormal"
        Family of the distribution. The two uniform ones reach beyond the interval on either side.

    Returns
    -------
    Lognormal, Normal, Loguniform or Uniform
        The distribution.

    Raises
    ------
    InvalidValueError
        An interval that is reversed or not positive where it must be, or a credibility outside (0, 1).
    UnknownNameError
        A kind that is not among those named.

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
    share = as_number("between", "credibility", credibility)
    if not 0 < share < 1:
        raise InvalidValueError("between", "credibility", share, "strictly between 0 and 1")
    logarithmic = kind in {"lognormal", "loguniform"}
    rule = "finite and > 0" if logarithmic else "finite"
    for name, value in (("low", low), ("high", high)):
        if not (math.isfinite(value) and (value > 0 or not logarithmic)):
            raise InvalidValueError("between", name, value, rule)
    if not high > low:
        raise InvalidValueError("between", "high", high, f"greater than low, which is {low}")
    ends = (math.log(low), math.log(high)) if logarithmic else (low, high)
    try:
        return _of_interval(ends, share, kind)
    except (InvalidValueError, ZeroDivisionError):
        # The whole reaches beyond the numbers: by a credibility that is small, or by the end that is farther out.
        near = max(map(abs, ends)) <= 100
        name = "credibility" if near else "high" if abs(ends[1]) >= abs(ends[0]) else "low"
        value = {"low": low, "high": high, "credibility": share}[name]
        rule = "such that the distribution lies between e^-700 and e^700" if logarithmic else "such that it is finite"
        raise InvalidValueError("between", name, value, rule) from None


def _of_interval(ends: tuple[float, float], share: float, kind: Kind) -> Lognormal | Normal | Loguniform | Uniform:
    """The distribution by the ends of its interval, as logarithms for the two on a logarithmic scale."""
    middle, half = ends[0] / 2 + ends[1] / 2, ends[1] / 2 - ends[0] / 2
    if kind in {"lognormal", "normal"}:
        sigma = -half / Normal(0, 1).quantile((1 - share) / 2)
        return Lognormal(middle, sigma) if kind == "lognormal" else Normal(middle, sigma)
    reach = half / share
    if kind == "loguniform":
        return Loguniform(math.exp(middle - reach), math.exp(min(middle + reach, _LN_LARGE)))
    return Uniform(middle - reach, middle + reach)
