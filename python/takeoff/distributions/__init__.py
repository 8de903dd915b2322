"""Uncertain inputs: distributions as plain data, formulas of them, and their draws.

A distribution is a frozen dataclass of one number per field. :func:`draw` turns a mapping of names to distributions
into a frame of draws, of which each depends on the seed, the number of the draw and the name alone. Wherever a
distribution is taken, so are a number, a sample (an array or a polars Series) and a frozen distribution of
``scipy.stats``.
"""

from takeoff.distributions._base import Distribution
from takeoff.distributions._composite import Mixture, Truncated
from takeoff.distributions._derived import Derived
from takeoff.distributions._families import (
    Beta,
    Gamma,
    HalfCauchy,
    Lognormal,
    Loguniform,
    Normal,
    Triangular,
    Uniform,
)
from takeoff.distributions._interval import between
from takeoff.distributions._sampling import draw
from takeoff.distributions._toml import from_dict
from takeoff.distributions._values import Discrete, Empirical, Tabulated

__all__ = [
    "Beta",
    "Derived",
    "Discrete",
    "Distribution",
    "Empirical",
    "Gamma",
    "HalfCauchy",
    "Lognormal",
    "Loguniform",
    "Mixture",
    "Normal",
    "Tabulated",
    "Triangular",
    "Truncated",
    "Uniform",
    "between",
    "draw",
    "from_dict",
]
