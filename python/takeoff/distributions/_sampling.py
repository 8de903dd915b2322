"""Draws of uncertain inputs."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, Literal, TypeAlias, cast

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import Floats, as_choice, as_count, as_number, check_memory, policy
from takeoff.distributions._derived import Derived
from takeoff.distributions._foreign import distribution_of
from takeoff.errors import DtypeError, InvalidValueError, MissingExtraError, UnknownNameError

__all__ = ["draw"]

Method: TypeAlias = Literal["philox", "sobol", "latin_hypercube"]
METHODS: Final = ("philox", "sobol", "latin_hypercube")
MOST: Final = 2**63 - 1
_SOBOL_BITS: Final = 32  # the largest number with which SciPy can fast-forward


class Sampler:
    """Variables prepared once, to be drawn chunk by chunk.

    The parameters are those of :func:`draw`.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        seed: int = 0,
        correlations: Mapping[tuple[str, str], float] | None = None,
        method: Method = "philox",
    ) -> None:
        if not isinstance(variables, Mapping) or not variables:
            received = "an empty mapping" if isinstance(variables, Mapping) else type(variables).__name__
            raise DtypeError("draw", "variables", received, "a mapping of names to distributions or numbers")
        self.seed = as_count("draw", "seed", seed, 0, 2**64 - 1)
        self.method = as_choice("method", method, METHODS)
        self.names = tuple(_name(name) for name in variables)
        self.numbers: dict[str, float] = {}
        self.derived: dict[str, Derived] = {}
        drawn: dict[str, _core.Distribution] = {}
        for name, value in variables.items():
            if isinstance(value, Derived):
                self.derived[name] = value
            elif isinstance(value, (int, float, np.number)):
                self.numbers[name] = _finite(name, value)
            else:
                drawn[name] = distribution_of(value, "draw", name)._engine
        self.drawn = tuple(sorted(drawn))
        self.order = _order(self.derived, self.names)
        ranks = _ranks({} if correlations is None else correlations, self.drawn, self.names)
        self._engine = _core.Sampler(self.drawn, [drawn[name] for name in self.drawn], ranks)

    def columns(self, start: int, draws: int, threads: int | None = None) -> dict[str, Floats]:
        """Draw all variables, in their order: draws `start` to ``start + draws - 1``."""
        count = as_count("draw", "draws", draws, 1, MOST)
        first = as_count("draw", "start", start, 0, MOST - count)
        remedy = "ask for fewer draws at a time, in pieces by start"
        check_memory(f"draw of {count:,} draws", count * len(self.names), remedy)
        values: dict[str, Any] = dict(self.numbers)
        if self.drawn:
            flat = self._draw_flat(first, count, policy(threads))
            values |= zip(self.drawn, flat.reshape(len(self.drawn), count), strict=True)
        for name in self.order:
            values[name] = self.derived[name].evaluate(values)
        return {name: _column(values[name], count) for name in self.names}

    def _draw_flat(self, start: int, draws: int, run_policy: dict[str, int | None]) -> Floats:
        """Draw the variables that have a distribution, one after the other in one flat array."""
        if self.method == "philox":
            return self._engine.draw(self.seed, start, draws, run_policy)
        points = _low_discrepancy(self.method, len(self.drawn), self.seed, start, draws)
        return self._engine.draw_from(np.ascontiguousarray(points.T).reshape(-1), run_policy)


def draw(
    variables: Mapping[str, Any],
    draws: int,
    *,
    seed: int = 0,
    start: int = 0,
    correlations: Mapping[tuple[str, str], float] | None = None,
    method: Method = "philox",
    threads: int | None = None,
) -> pl.DataFrame:
    """Draw uncertain inputs.

    Draw i of a variable depends only on the seed, on i and on the name of the variable: the number of draws, the other
    variables and the number of threads do not change it, and a chunk that begins at `start` equals that part of the
    whole sample.

    Parameters
    ----------
    variables : mapping
        By name: a distribution of :mod:`takeoff.distributions`, a frozen one of ``scipy.stats``, a sample (an array or
        a polars Series), a number, or a :class:`Derived` formula of other variables.
    draws : int
        Number of draws.
    seed : int, default 0
        From 0 to 2^64 - 1.
    start : int, default 0
        The first draw.
    correlations : mapping, optional
        Rank correlations (Spearman's) between pairs of variables, strictly between -1 and 1:
        ``{("r", "limit"): 0.5}``. The copula is Gaussian; pairs that are left out are uncorrelated.
    method : {"philox", "sobol", "latin_hypercube"}, default "philox"
        Philox draws are addressable, as said above. The other methods spread a small number of draws more evenly, with
        ``scipy.stats.qmc``, scrambled by the seed; their draws depend on all variables and on the version of SciPy, and
        those of a Latin hypercube also on the number of draws, so that it takes no `start`. Sobol' points are balanced
        if the number of draws is a power of 2.
    threads : int, optional
        Threads to use; the result is the same for any number.

    Returns
    -------
    polars.DataFrame
        One row per draw and one column per variable, in the order given.

    Raises
    ------
    InvalidValueError
        A draw that is not finite, correlations whose matrix is not positive definite, or formulas that need one another
        in a circle.
    UnknownNameError
        A formula or a correlation with a name that is not among the variables.
    SizeError
        More draws than fit in memory.
    MissingExtraError
        SciPy is needed, and is not installed.
    DtypeError
        A value that is not a distribution.

    References
    ----------
    Salmon, Moraes, Dror & Shaw (2011) for Philox; Wichura (1988) for the normal quantile.

    Examples
    --------
    >>> import takeoff
    >>> before = takeoff.between(0.4, 3.6)
    >>> inputs = {"before": before, "discount": takeoff.Uniform(0.5, 1), "r": takeoff.Derived("before * discount")}
    >>> frame = takeoff.draw(inputs, 4, seed=1)
    >>> frame.columns, frame.height
    (['before', 'discount', 'r'], 4)
    >>> frame[2:].equals(takeoff.draw(inputs, 2, seed=1, start=2))
    True
    """
    columns = Sampler(variables, seed, correlations, method).columns(start, draws, threads)
    return pl.DataFrame([pl.Series(name, column) for name, column in columns.items()])


def _column(value: Any, count: int) -> Floats:
    """Return a read-only column of `count` values; a number is repeated."""
    column = value if isinstance(value, np.ndarray) else np.full(count, value)
    column.setflags(write=False)
    return column


def _name(name: Any) -> str:
    """Raise unless `name` is a name for a variable."""
    if not isinstance(name, str):
        raise DtypeError("draw", "variables", f"a name of type {type(name).__name__}", "a mapping whose keys are texts")
    try:
        encoded = name.encode()
    except UnicodeEncodeError:
        encoded = b""
    if not encoded:
        raise InvalidValueError("draw", "variables", name, "a mapping whose keys are texts, valid and not empty")
    return name


def _finite(name: str, value: Any) -> float:
    """Convert `value` to a finite float."""
    number = as_number("draw", name, value)
    if not math.isfinite(number):
        raise InvalidValueError("draw", name, number, "finite")
    return number


def _order(derived: Mapping[str, Derived], names: tuple[str, ...]) -> tuple[str, ...]:
    """Sort derived variables so that each comes after the variables in its formula."""
    for name, formula in derived.items():
        for needed in formula.names:
            if needed not in names:
                raise UnknownNameError(f"name in {name} = {formula.formula!r}", needed, sorted(set(names) - {name}))
    dependencies = {
        name: [needed for needed in formula.names if needed in derived] for name, formula in derived.items()
    }
    try:
        return tuple(TopologicalSorter(dependencies).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise InvalidValueError(
            "draw", "variables", circle, "free of formulas that need one another in a circle"
        ) from None


def _ranks(
    correlations: Mapping[tuple[str, str], float], drawn: tuple[str, ...], names: tuple[str, ...]
) -> list[tuple[int, int, float]]:
    """Convert correlations to indices of variables; raise unless their matrix is positive definite."""
    if not isinstance(correlations, Mapping):
        raise DtypeError("draw", "correlations", type(correlations).__name__, "a mapping of pairs of names to numbers")
    ranks: dict[tuple[int, int], float] = {}
    for pair, value in correlations.items():
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(name, str) for name in pair)):
            raise InvalidValueError("draw", "correlations", pair, "between pairs of names, such as ('r', 'limit')")
        for name in pair:
            if name in names and name not in drawn:
                rule = "between variables that are drawn, not numbers or formulas"
                raise InvalidValueError("draw", "correlations", name, rule)
            if name not in names:
                raise UnknownNameError("name in correlations", name, drawn)
        indices = tuple(sorted(drawn.index(name) for name in pair))
        if indices[0] == indices[1] or indices in ranks:
            rule = "one number for each pair of two different variables"
            raise InvalidValueError("draw", "correlations", f"{pair} twice" if indices in ranks else pair, rule)
        rank = as_number("draw", f"correlation of {pair[0]} and {pair[1]}", value)
        if not -1 < rank < 1:
            raise InvalidValueError(
                "draw", f"correlation of {pair[0]} and {pair[1]}", rank, "strictly between -1 and 1"
            )
        ranks[cast("tuple[int, int]", indices)] = rank
    _check_definite(ranks, drawn)
    return [(*indices, rank) for indices, rank in ranks.items()]


def _check_definite(ranks: Mapping[tuple[int, int], float], drawn: tuple[str, ...]) -> None:
    """Raise, and name the pairs in conflict, unless the correlations form a positive definite matrix."""
    matrix = np.eye(len(drawn))
    for (i, j), rank in ranks.items():
        matrix[i, j] = matrix[j, i] = 2 * math.sin(math.pi * rank / 6)
    if not ranks:
        return
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= 1e-9:
        return
    involved = [i for i in range(len(drawn)) if abs(vectors[i, 0]) > 0.05]
    pairs = [f"{drawn[i]}-{drawn[j]}" for i, j in itertools.combinations(involved, 2) if (i, j) in ranks]
    rule = "such that they can hold together (a positive definite matrix); weaken some of those named"
    raise InvalidValueError("draw", "correlations", ", ".join(pairs), rule)


def _low_discrepancy(method: str, dimensions: int, seed: int, start: int, draws: int) -> Floats:
    """Generate points of `dimensions` uniform variates each, strictly between 0 and 1."""
    try:
        from scipy.stats import qmc
    except ImportError:
        raise MissingExtraError(f"method={method!r}", "scipy") from None
    if method == "latin_hypercube":
        if start:
            raise InvalidValueError("draw", "start", start, "0 for a Latin hypercube, which is made as a whole")
        points = qmc.LatinHypercube(dimensions, seed=seed).random(draws)
    else:
        as_count("draw", "start + draws", start + draws, 1, 2**_SOBOL_BITS)
        sobol = qmc.Sobol(dimensions, bits=_SOBOL_BITS, seed=seed)
        if start:
            sobol.fast_forward(start)
        with warnings.catch_warnings():
            # SciPy warns of unbalanced points unless their number is a power of 2, as documented in `draw`.
            warnings.simplefilter("ignore", UserWarning)
            points = sobol.random(draws) + 0.5 * 2.0**-_SOBOL_BITS
    return cast("Floats", np.clip(points, 2.0**-53, 1 - 2.0**-53))
