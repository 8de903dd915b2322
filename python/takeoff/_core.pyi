# The compiled engine: validated plans, and the calls that run them. Private; the package wraps all of it.
#
# Columns are contiguous float64 arrays of one axis, with one value where all paths share it, else one per path. Results
# are new read-only arrays of one axis, one row after the other.

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, final

import numpy as np
import numpy.typing as npt

__all__ = [
    "Brackets",
    "Counts",
    "Distribution",
    "LevelLikelihood",
    "Particles",
    "Plan",
    "QuantileSearch",
    "Sampler",
    "__version__",
    "build_profile",
    "check_group",
    "doubling_ratio_from_papers_factor",
    "doubling_ratio_from_returns",
    "exp",
    "feller_log_likelihood",
    "level",
    "ln",
    "models",
    "panic_for_tests",
    "papers_factor_from_doubling_ratio",
    "papers_factor_from_returns",
    "returns_from_doubling_ratio",
    "returns_from_papers_factor",
    "stable_log_likelihood",
]

_Column: TypeAlias = npt.NDArray[np.float64]
# An output, and where along its axis: nowhere, at steps 1 to a number, at values for all paths, or at a row for each.
_Asked: TypeAlias = tuple[str, int | npt.NDArray[np.float64] | None]
_Policy: TypeAlias = Mapping[str, int | None]  # threads, chunk; None leaves the choice to the engine

__version__: Final[str]

@final
class Plan:
    def __new__(
        cls,
        model: str,
        columns: Mapping[str, float | _Column],  # by path: "r", "law.effort.rho", "hardware.changes[0].time"
        words: Mapping[str, str],
    ) -> Plan: ...
    @property
    def paths(self) -> int: ...
    def run(self, /, request: Sequence[_Asked], horizon: float | None, policy: _Policy) -> list[_Column]: ...

def check_group(owner: str, columns: Mapping[str, float | _Column], words: Mapping[str, str]) -> None: ...
def models() -> list[dict[str, Any]]: ...

@final
class Distribution:
    def __new__(cls, kind: str, numbers: _Column, weights: _Column, parts: Sequence[Distribution]) -> Distribution: ...
    def quantile(self, /, p: _Column, policy: _Policy) -> _Column: ...
    def cdf(self, /, x: _Column, policy: _Policy) -> _Column: ...

@final
class LevelLikelihood:
    def __new__(
        cls,
        time: _Column,
        log_output: _Column,
        variance: _Column,
        durations: _Column,
        flows: _Column,
        counts: Sequence[int],  # of pieces between each measurement and the next
    ) -> LevelLikelihood: ...
    def log_likelihood(self, /, parameters: _Column, policy: _Policy) -> _Column: ...

@final
class Sampler:
    def __new__(
        cls,
        names: Sequence[str],  # ascending
        distributions: Sequence[Distribution],
        correlations: Sequence[tuple[int, int, float]],  # of ranks, between two by their index
    ) -> Sampler: ...
    @property
    def variables(self) -> int: ...
    def draw(self, /, seed: int, start: int, draws: int, policy: _Policy) -> _Column: ...  # one row per variable
    def draw_from(self, /, uniforms: _Column, policy: _Policy) -> _Column: ...

def feller_log_likelihood(
    log_output: _Column,
    pieces: tuple[_Column, _Column, Sequence[int]],  # durations, flows, and how many there are between measurements
    parameters: tuple[_Column, _Column, _Column, _Column],  # beta, lambda, theta, sigma
    terms: int | None,  # of the truncated mixture of the published code
    policy: _Policy,
) -> _Column: ...
def stable_log_likelihood(
    log_output: _Column,
    pieces: tuple[_Column, _Column, Sequence[int]],  # durations, flows, and how many there are between measurements
    parameters: tuple[
        _Column, _Column, _Column, _Column, _Column, _Column
    ],  # beta, lambda, theta, sigma, stability, skewness
    policy: _Policy,
) -> _Column: ...

@final
class Particles:
    def __new__(
        cls,
        pace: _Column,
        r: _Column,
        parallelizability: _Column,
        volatility: _Column,
        seed: int,
        policy: _Policy,
    ) -> Particles: ...
    @staticmethod
    def restored(columns: _Column, variance: float, step: int, seed: int) -> Particles: ...
    @property
    def count(self) -> int: ...
    @property
    def variance(self) -> float: ...
    @property
    def step(self) -> int: ...
    def columns(self, /) -> _Column: ...  # level, log pace, log r, log parallelizability, log volatility, weight
    # growth: of research effort per year, its logarithm; None where it is in proportion to the level
    def advanced(self, /, years: float, growth: float | None, policy: _Policy) -> Particles | None: ...
    def updated(
        self, /, years: float, growth: float | None, measured: float, error: float, policy: _Policy
    ) -> tuple[Particles, float, float] | None: ...  # and log density, effective size; None: out of reach
    def crossing(self, /, years: float, growth: float | None, paces: _Column, policy: _Policy) -> _Column: ...
    def above(self, /, paces: _Column) -> _Column: ...
    def summary(
        self, /, growth: float | None, probabilities: Sequence[float], policy: _Policy
    ) -> _Column: ...  # mean and quantiles of pace, its growth and r; mean and standard deviation of the level

def exp(values: _Column, policy: _Policy) -> _Column: ...
def ln(values: _Column, policy: _Policy) -> _Column: ...
def build_profile() -> str: ...
def panic_for_tests(policy: _Policy) -> None: ...
def level(values: _Column, policy: _Policy) -> _Column: ...
def returns_from_papers_factor(values: _Column, policy: _Policy) -> _Column: ...
def papers_factor_from_returns(values: _Column, policy: _Policy) -> _Column: ...
def doubling_ratio_from_papers_factor(values: _Column, policy: _Policy) -> _Column: ...
def papers_factor_from_doubling_ratio(values: _Column, policy: _Policy) -> _Column: ...
def doubling_ratio_from_returns(values: _Column, parallelizability: _Column, policy: _Policy) -> _Column: ...
def returns_from_doubling_ratio(values: _Column, parallelizability: _Column, policy: _Policy) -> _Column: ...

@final
class Brackets:  # pickles
    def __new__(cls, data: bytes) -> Brackets: ...
    def count(self, /, rows: _Column, policy: _Policy) -> Counts: ...
    def count_rows(
        self, /, plan: Plan, output: _Asked, horizon: float | None, policy: _Policy
    ) -> tuple[Counts, npt.NDArray[np.uint64]]: ...  # and how many values are infinite in each column

@final
class Counts:  # pickles
    def __new__(cls, data: bytes) -> Counts: ...

@final
class QuantileSearch:
    def __new__(
        cls, sample: _Column, columns: int, rows: int, probabilities: Sequence[float], policy: _Policy
    ) -> QuantileSearch: ...
    def brackets(self, /) -> Brackets: ...
    def take(self, /, counts: Counts, policy: _Policy) -> None: ...
    def end_pass(self, /, policy: _Policy) -> bool: ...
    @property
    def seen(self) -> int: ...
    def bounds(self, /, policy: _Policy) -> list[tuple[float, float]]: ...
    def quantiles(self, /) -> _Column: ...
