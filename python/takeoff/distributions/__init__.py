"""Uncertain inputs: distributions as plain data, formulas of them, and their draws.

A distribution is a frozen dataclass of one number per field. :func:`draw` turns a mapping of names to distributions
into a frame of draws; a draw depends only on the seed, on its index and on the name. A number, a sample (an array or a
polars Series) and a frozen distribution of ``scipy.stats`` are accepted wherever a distribution is.
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
