"""An estimate of the returns to software R&D, and what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl

from takeoff._arrays import as_choice, as_number
from takeoff._draw import draw_figure
from takeoff.distributions import Distribution, Empirical, Lognormal, Mixture, Normal, Truncated
from takeoff.errors import InvalidValueError
from takeoff.evidence._posterior import inference_data
from takeoff.evidence._shared import credibility_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.evidence._series import ResearchSeries

__all__ = ["Estimate"]

_DEFINITION: Final = (
    "r = lambda / beta: doublings of efficiency per doubling of cumulative research, parallelizability included"
)
_OTHERS: Final = {
    "davidson-houlden-2025": "r = alpha lambda / beta of Davidson & Houlden (2025): alpha = {:g} is labor's share",
    "davidson-2023": "r = 1 / beta of the full takeoff model of Davidson (2023): parallelizability left out",
}


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """The returns to software R&D as one estimator reads one series.

    Attributes
    ----------
    estimator : str
        Name of the estimator.
    r : float
        Central estimate.
    r_low, r_high : float
        Ends of the interval; 0 or infinite where the data do not bound it.
    credibility : float
        Probability of the interval.
    interval : str
        What the interval is: "profile likelihood", "posterior quantiles", "Fieller", "delta method", "block bootstrap".
    noise : str
        The noise that is assumed, in words.
    beta, parallelizability : float or None
        beta of ``dA/dt = theta A^(1 - beta) I^lambda`` and lambda, at the central estimate; None where only their ratio
        is estimated.
    initial_stock : float or None
        Cumulative input before the first measurement, as estimated or as given.
    effective_size : float or None
        Independent observations, or draws, that the estimate is worth.
    log_likelihood : float or None
        Natural logarithm of the likelihood at its maximum.
    diagnostics : dict
        Numbers by name that tell how the fit went.
    warnings : tuple of str
        What to know before using the number, in words.
    ridge : polars.DataFrame or None
        Pairs of ``beta`` and ``parallelizability`` that fit about as well, with ``r`` and ``log_likelihood``.
    profile : polars.DataFrame or None
        ``r`` and the highest ``log_likelihood`` at it.
    fitted : polars.DataFrame or None
        ``time_years``, ``log_output`` as measured and ``fitted``.
    draws : polars.DataFrame or None
        Draws of the posterior or of a bootstrap, of equal weight: ``r`` and other parameters.
    series : ResearchSeries or None
        What was read.
    definition : str
        Which r this is.
    citations : tuple of str
        Keys of the publications behind the estimator, see :func:`takeoff.citation`.

    Raises
    ------
    DtypeError, InvalidValueError
        r or its interval is no number, or not in order.

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year = np.arange(6)
    >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
    >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> found = evidence.naive_ratio(series)
    >>> print(found)  # doctest: +ELLIPSIS
    naive_ratio of ResearchSeries of efficiency (6 measurements, 0 to 5) and staff
      r ...
    """

    estimator: str
    r: float
    r_low: float
    r_high: float
    interval: str
    noise: str
    credibility: float = 0.9
    beta: float | None = None
    parallelizability: float | None = None
    initial_stock: float | None = None
    effective_size: float | None = None
    log_likelihood: float | None = None
    diagnostics: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    ridge: pl.DataFrame | None = None
    profile: pl.DataFrame | None = None
    fitted: pl.DataFrame | None = None
    draws: pl.DataFrame | None = None
    series: ResearchSeries | None = None
    definition: str = _DEFINITION
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("r", "r_low", "r_high"):
            number = as_number("Estimate", name, getattr(self, name))
            if math.isnan(number):
                raise InvalidValueError("Estimate", name, number, "a number, be it infinite")
            object.__setattr__(self, name, number)
        if self.r_low > self.r_high:
            raise InvalidValueError("Estimate", "r_low", self.r_low, f"at most r_high, {self.r_high:g}")
        object.__setattr__(self, "credibility", credibility_of("Estimate", self.credibility))

    def distribution(self) -> Distribution:
        """A distribution of r for an ensemble: the draws where there are any, else what the interval says.

        Returns
        -------
        Distribution
            :class:`takeoff.Empirical` of the draws. Else the median is the central estimate, and the interval is the
            central part of probability `credibility`: :class:`takeoff.Lognormal`, or two halves of lognormals that meet
            in the median (:class:`takeoff.Mixture`) where the ends are not as far in logarithms.

        Raises
        ------
        InvalidValueError
            An interval that reaches to 0 or infinity or ends at the estimate: no distribution follows from it.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(6)
        >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
        >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> found = evidence.naive_ratio(series)
        >>> distribution = found.distribution()
        >>> bool(np.allclose(distribution.quantile([0.05, 0.5, 0.95]), [found.r_low, found.r, found.r_high]))
        True
        """
        if self.draws is not None:
            return Empirical(self.draws["r"].to_numpy())
        if not 0 < self.r_low < self.r < self.r_high < math.inf:
            rule = "finite and above 0 at both ends, around r, for a distribution: the data alone do not bound r"
            raise InvalidValueError("Estimate", "interval", f"{self.r_low:g} to {self.r_high:g}", rule)
        deviations = float(Normal(0, 1).quantile((1 + self.credibility) / 2))
        middle = math.log(self.r)
        below, above = (abs(math.log(end) - middle) / deviations for end in (self.r_low, self.r_high))
        if math.isclose(below, above, rel_tol=1e-9):
            return Lognormal(middle, below)
        return Mixture(
            [Truncated(Lognormal(middle, below), high=self.r), Truncated(Lognormal(middle, above), low=self.r)]
        )

    def as_defined_by(self, definition: str, *, labor_share: float = 1.0) -> Estimate:
        """The same estimate, of r as another paper defines it.

        Parameters
        ----------
        definition : {"eth-davidson-2025", "erdil-2024", "davidson-houlden-2025", "davidson-2023"}
            Whose r: ``lambda / beta`` (the first two: that of all estimators); ``alpha lambda / beta``; or that of the
            full takeoff model of 2023, which leaves lambda out: ``1 / beta``.
        labor_share : float, default 1.0
            alpha of ``davidson-houlden-2025``: the share of labor in effort.

        Returns
        -------
        Estimate
            With r, interval, profile and draws converted, and the `definition` of the other paper. Without the ridge
            and the draws of beta and lambda, whose ratio is not that r.

        Raises
        ------
        UnknownNameError
            Another definition.
        InvalidValueError
            An estimate that was converted before; ``1 / beta`` where lambda was neither held nor drawn: the interval of
            ``lambda / beta`` says nothing of it; a share of labor that is not above 0 and at most 1.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(20)
        >>> staff = 100 * 1.1**year
        >>> total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
        >>> table = {"year": year, "efficiency": (total / 1000) ** 1.4, "staff": staff}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> found = evidence.loglog_cumulative(series).as_defined_by("davidson-houlden-2025", labor_share=0.5)
        >>> round(found.r, 2), found.definition[:28]
        (0.7, 'r = alpha lambda / beta of D')
        """
        as_choice("definition", definition, ("eth-davidson-2025", "erdil-2024", *_OTHERS))
        share = as_number("Estimate", "labor_share", labor_share)
        if not 0 < share <= 1:
            raise InvalidValueError("Estimate", "labor_share", share, "above 0 and at most 1")
        if definition not in _OTHERS:
            return self
        if any(self.definition.startswith(text[:20]) for text in _OTHERS.values()):
            raise InvalidValueError("Estimate", "definition", self.definition, "that of an estimator: convert it once")
        words = _OTHERS[definition].format(share)
        if definition == "davidson-houlden-2025":
            return self._scaled(share, words)
        if self.draws is not None and {"beta", "parallelizability"} <= set(self.draws.columns):
            tail = (1 - self.credibility) / 2
            draws = self.draws.select(r=1 / pl.col("beta"))
            low, middle, high = np.quantile(draws["r"].to_numpy(), [tail, 0.5, 1 - tail])
            return replace(
                self, r=middle, r_low=low, r_high=high, draws=draws, profile=None, ridge=None, definition=words
            )
        lam = self.parallelizability
        held = self.ridge is None or self.ridge["parallelizability"].n_unique() == 1
        if lam is None or not lam > 0 or not held:
            raise InvalidValueError("Estimate", "parallelizability", lam, "held or drawn, for an interval of 1 / beta")
        return self._scaled(1 / lam, words)

    def _scaled(self, factor: float, definition: str) -> Estimate:
        profile = None if self.profile is None else self.profile.with_columns(pl.col("r") * factor)
        draws = None if self.draws is None else self.draws.select(pl.col("r") * factor)
        ends = {name: factor * getattr(self, name) for name in ("r", "r_low", "r_high")}
        return replace(self, **ends, profile=profile, draws=draws, ridge=None, definition=definition)

    def plot(self, kind: Literal["fit", "profile", "ridge"] = "fit", ax: Axes | None = None) -> Figure:
        """Draw the data with the fit, the profile likelihood (or the draws) of r, or the ridge of beta and lambda.

        Parameters
        ----------
        kind : {"fit", "profile", "ridge"}, default "fit"
            What to draw.
        ax : matplotlib Axes, optional
            Axes to draw on.

        Returns
        -------
        matplotlib Figure
            The figure.

        Raises
        ------
        UnknownNameError
            A kind that is not among those.
        InvalidValueError
            A kind for which this estimate has nothing to draw.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(6)
        >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
        >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> found = evidence.naive_ratio(series)
        >>> found.plot().axes[0].get_ylabel()
        'doublings of efficiency since the first'
        """
        as_choice("kind", kind, ("fit", "profile", "ridge"))
        return draw_figure("evidence._figures", f"plot_{kind}", self, ax)

    @property
    def posterior(self) -> Any:
        """The draws as ArviZ data, for its diagnostics and figures; needs the extra ``bayes``."""
        if self.draws is None:
            raise InvalidValueError("Estimate", "posterior", self.estimator, "that of an estimator with draws")
        return inference_data(self.draws)

    def _lines(self) -> list[tuple[str, str]]:
        lines = [
            ("r", f"{self.r:.3g}"),
            (f"{self.credibility:.0%} interval", f"{self.r_low:.3g} to {self.r_high:.3g} ({self.interval})"),
            ("noise", self.noise),
        ]
        numbers = {
            "beta": self.beta,
            "parallelizability": self.parallelizability,
            "initial stock": self.initial_stock,
            "effective size": self.effective_size,
            "log likelihood": self.log_likelihood,
        }
        lines += [(name, f"{value:.4g}") for name, value in numbers.items() if value is not None]
        lines += [(name.replace("_", " "), f"{value:.4g}") for name, value in self.diagnostics.items()]
        lines.append(("definition", self.definition))
        lines += [("note", note) for note in (self.series.notes if self.series is not None else ())]
        lines += [("warning", warning) for warning in self.warnings]
        return lines

    def summary(self) -> str:
        """All of it in words and numbers, a line each.

        Returns
        -------
        str
            Text of several lines, to be printed.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(6)
        >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
        >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> found = evidence.naive_ratio(series)
        >>> found.summary().splitlines()[0]
        'naive_ratio of ResearchSeries of efficiency (6 measurements, 0 to 5) and staff'
        """
        lines = self._lines()
        width = max(len(name) for name, _ in lines)
        of = "" if self.series is None else f" of {self.series!r}"
        return "\n".join([f"{self.estimator}{of}", *(f"  {name:<{width}}  {text}" for name, text in lines)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(text)}</td></tr>"
            for name, text in self._lines()
        )
        return f"<table><caption>{escape(self.estimator)}</caption>{rows}</table>"
