"""From evidence to a forecast: a base estimate of r and the steps from it to r on constant hardware."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_count, as_floats, as_number, as_text
from takeoff._draw import draw_figure
from takeoff.distributions import Distribution, Empirical, between, draw
from takeoff.errors import DtypeError, InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Chain", "Step", "davidson_houlden_chain", "paper_chain"]

_DRAWS: Final = 100_000
_LEAST: Final = 1e-100
"""Least r after a step, and the inverse of the greatest: beyond them a figure cannot be drawn."""


@dataclass(frozen=True)
class Step:
    """One factor on r, with its source.

    Attributes
    ----------
    name : str
        Name of the step.
    factor : Distribution or float
        Factor on r; in the first step of a chain, r itself.
    source : str
        Source of the factor.

    Raises
    ------
    DtypeError
        A name or a source that is not text, a factor that is neither a number nor a distribution.
    InvalidValueError
        A factor that is not finite and above 0.

    Examples
    --------
    >>> from takeoff import evidence
    >>> evidence.Step("constant hardware", 0.5, "Eth & Davidson (2025), p. 36").factor
    0.5
    """

    name: str
    factor: Distribution | float
    source: str

    def __post_init__(self) -> None:
        for name in ("name", "source"):
            as_text("Step", name, getattr(self, name))
        if not isinstance(self.factor, Distribution):
            number = as_number("Step", "factor", self.factor)
            if not 0 < number < math.inf:
                raise InvalidValueError("Step", "factor", number, "finite and above 0, or a distribution")
            object.__setattr__(self, "factor", number)


@dataclass(frozen=True)
class Chain:
    """A base estimate of r and the factors that lead from it to the r of a forecast.

    Attributes
    ----------
    name : str
        Name of the chain.
    steps : sequence of Step
        The base estimate, and then factors on it. Steps are drawn independently.
    citations : tuple of str
        Keys of the publications behind it, see :func:`takeoff.citation`.
    authors_probability : tuple of two floats, optional
        Range of the probability of an explosion according to the authors, to compare with that of r above 1.

    Raises
    ------
    DtypeError
        A name that is not text, steps that are not of class Step.
    InvalidValueError
        No steps, or two of one name; probabilities that are not in order, from 0 to 1.

    Examples
    --------
    >>> from takeoff import evidence
    >>> evidence.davidson_houlden_chain().table()["r"].round(1).to_list()
    [1.4, 2.8, 4.0, 3.0, 1.7, 1.2]
    """

    name: str
    steps: Sequence[Step]
    citations: tuple[str, ...] = ()
    authors_probability: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        as_text("Chain", "name", self.name)
        steps = tuple(self.steps) if np.iterable(self.steps) else (None,)
        if not all(isinstance(step, Step) for step in steps):
            raise DtypeError("Chain", "steps", type(self.steps).__name__, "a sequence of Step")
        names = [step.name for step in steps]
        if not steps or len(set(names)) < len(names):
            raise InvalidValueError("Chain", "steps", ", ".join(names) or "none", "one at least, each of its own name")
        object.__setattr__(self, "steps", steps)
        if self.authors_probability is not None:
            ends = tuple(as_floats("Chain", "authors_probability", self.authors_probability).reshape(-1).tolist())
            if not (len(ends) == 2 and 0 <= ends[0] <= ends[1] <= 1):
                rule = "two numbers from 0 to 1, the lower one first"
                raise InvalidValueError("Chain", "authors_probability", self.authors_probability, rule)
            object.__setattr__(self, "authors_probability", ends)

    def draws(self, count: int = _DRAWS, *, seed: int = 0) -> pl.DataFrame:
        """Draw r after each step.

        Parameters
        ----------
        count : int, default 100_000
            Number of draws.
        seed : int, default 0
            Seed of the draws.

        Returns
        -------
        polars.DataFrame
            One row per draw and a column per step.

        Raises
        ------
        InvalidValueError
            A number of draws out of range, a factor that is not above 0 in some draw, or an r beyond 1e-100 to 1e100.

        Examples
        --------
        >>> from takeoff import evidence
        >>> evidence.paper_chain().draws(10).shape
        (10, 4)
        """
        rows = as_count("Chain", "count", count, 1, 100_000_000)
        factors = draw({f"step_{k}": step.factor for k, step in enumerate(self.steps)}, rows, seed=seed)
        product, columns = np.ones(rows), {}
        for k, step in enumerate(self.steps):
            factor = factors[f"step_{k}"].to_numpy()
            if not (factor > 0).all():
                raise InvalidValueError("Chain", "steps", step.factor, f"above 0 in all draws ({step.name})")
            with np.errstate(over="ignore"):
                product = product * factor
            if not ((product >= _LEAST) & (product <= 1 / _LEAST)).all():
                rule = f"such that r is from {_LEAST:g} to {1 / _LEAST:g} in all draws ({step.name})"
                raise InvalidValueError("Chain", "steps", step.factor, rule)
            columns[step.name] = product
        return pl.DataFrame(columns)

    def table(self) -> pl.DataFrame:
        """Tabulate the steps: the median factor of each, and r after it.

        Returns
        -------
        polars.DataFrame
            ``step``, ``factor`` (null for the first), ``r`` (median), ``r_low`` and ``r_high`` (central 90%),
            ``probability_above_1`` and ``source``.

        Examples
        --------
        >>> import polars as pl
        >>> from takeoff import evidence
        >>> evidence.paper_chain().table()[-1].select("step", pl.col("r_low", "r_high").round(1)).rows()
        [('constant hardware', 0.5, 2.0)]
        """
        draws = self.draws()
        rows = []
        for k, step in enumerate(self.steps):
            values: Floats = draws[step.name].to_numpy()
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            factor = None if k == 0 else _median(step.factor)
            rows.append((step.name, factor, middle, low, high, float((values > 1).mean()), step.source))
        names = ["step", "factor", "r", "r_low", "r_high", "probability_above_1", "source"]
        return pl.DataFrame(rows, schema=names, orient="row")

    def distribution(self) -> Distribution:
        """Return the distribution of r after the last step, for an ensemble.

        Returns
        -------
        Distribution
            Empirical distribution of 100,000 draws.

        Examples
        --------
        >>> from takeoff import evidence
        >>> 0.4 < 1 - evidence.paper_chain().distribution().cdf(1.0) < 0.6
        True
        """
        return Empirical(self.draws()[self.steps[-1].name].to_numpy())

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Plot r after each step (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on (default: those of a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            One line per step, joined to that of the previous step.

        Examples
        --------
        >>> from takeoff import evidence
        >>> len(evidence.paper_chain().plot().axes[0].get_yticklabels())
        4
        """
        return draw_figure("evidence._figures", "waterfall", self.table(), self.authors_probability, ax)

    def __str__(self) -> str:
        width = max(len(step.name) for step in self.steps)
        lines = [
            f"  {step:<{width}}  r {r:.3g} [{low:.3g}, {high:.3g}], P(r > 1) {above:.0%}"
            for step, _, r, low, high, above, _ in self.table().iter_rows()
        ]
        if self.authors_probability is not None:
            low, high = self.authors_probability
            lines.append(f"  the authors' probability of an explosion: {low:.0%} to {high:.0%}")
        return "\n".join([self.name, *lines])


def _median(factor: Any) -> float:
    """Return the median of a factor."""
    return float(factor.quantile(0.5)) if isinstance(factor, Distribution) else float(factor)


def paper_chain() -> Chain:
    """Return the chain of Eth & Davidson: from efficiency alone to r of 1 to 4, and to 0.5 to 2 on constant hardware.

    Each range is read as the central 90% of a lognormal. The spread of the base estimate is what the two factors leave
    of the printed range of 1 to 4, which is wider than the factors alone would make it.

    Returns
    -------
    Chain
        Base estimate, post-training, capability, constant hardware.

    References
    ----------
    Eth & Davidson (2025), pages 30, 31 and 36; footnotes 35, 36 and 44 (30% to 60% for r above 1).

    Examples
    --------
    >>> import polars as pl
    >>> from takeoff import evidence
    >>> evidence.paper_chain().table()[2].select(pl.col("r_low", "r_high").round(1)).rows()
    [(1.0, 4.0)]
    """
    factor = between(1, 2)
    spread = float(np.log(4) ** 2 - 2 * np.log(2) ** 2) ** 0.5
    base = between(float(np.exp(-spread / 2)), float(np.exp(spread / 2)))
    return Chain(
        "Eth & Davidson (2025)",
        (
            Step("efficiency", base, "p. 30, Table 4: about 1; the spread that the range of 1 to 4 leaves for it"),
            Step("post-training enhancements", factor, "pp. 30-31, footnote 35: up to 2 times"),
            Step("capability improvements", factor, "p. 31: up to 2 times"),
            Step("constant hardware", 0.5, "p. 36: from about 1-4 to about 0.5-2"),
        ),
        ("eth-davidson-2025",),
        (0.3, 0.6),
    )


def davidson_houlden_chain() -> Chain:
    """Return the chain of Davidson & Houlden (2025): 1.4, 2.8, 4, 3, 1.7 and 1.2.

    The factors are single numbers, and the source explains only the last two values: 1.7 is the median of the prior for
    research that is automated gradually (log-uniform from 0.57 to 5.1), and 1.2 that of the other prior (log-uniform
    from 0.4 to 3.6).

    Returns
    -------
    Chain
        The base estimate and five steps.

    References
    ----------
    Davidson & Houlden (2025), the section on r.

    Examples
    --------
    >>> from takeoff import evidence
    >>> round(float(evidence.davidson_houlden_chain().distribution().quantile(0.5)), 3)
    1.2
    """
    values = (1.4, 2.8, 4.0, 3.0, 1.7, 1.2)
    names = (
        "base estimate",
        "first step",
        "second step",
        "third step",
        "fourth step, gradual automation",
        "fifth step, as simulated",
    )
    source = "Davidson & Houlden (2025): r goes "
    steps = [Step(names[0], values[0], f"{source}from 1.4")]
    steps += [
        Step(name, after / before, f"{source}from {before:g} to {after:g}")
        for name, before, after in zip(names[1:], values[:-1], values[1:], strict=True)
    ]
    return Chain("Davidson & Houlden (2025)", tuple(steps), ("davidson-houlden-2025",))
