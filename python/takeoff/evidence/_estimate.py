"""Estimate of the returns to software R&D, with its interval, diagnostics and warnings."""

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
from takeoff.evidence._prior import posterior
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
    """Estimate of the returns to software R&D, by one estimator from one series.

    Attributes
    ----------
    estimator : str
        Name of the estimator.
    r : float
        Central estimate.
    r_low, r_high : float
        Ends of the interval; 0 or infinite if the data do not bound it.
    credibility : float
        Probability of the interval.
    interval : str
        Kind of interval: "profile likelihood", "posterior quantiles", "Fieller", "delta method", "block bootstrap".
    noise : str
        Description of the noise that is assumed.
    beta, parallelizability : float or None
        beta of ``dA/dt = theta A^(1 - beta) I^lambda`` and lambda, at the central estimate; None where only their ratio
        is estimated.
    initial_stock : float or None
        Cumulative input before the first measurement, estimated or given.
    effective_size : float or None
        Effective sample size: how many independent observations or draws would carry as much information.
    log_likelihood : float or None
        Maximum of the log-likelihood.
    diagnostics : dict
        Diagnostics of the fit, by name.
    warnings : tuple of str
        Caveats that matter for the use of the estimate.
    ridge : polars.DataFrame or None
        Pairs of ``beta`` and ``parallelizability`` that fit about equally well, with ``r`` and ``log_likelihood``.
    profile : polars.DataFrame or None
        ``r``, and the maximum ``log_likelihood`` given r.
    fitted : polars.DataFrame or None
        ``time_years``, ``log_output`` as measured and ``fitted``.
    draws : polars.DataFrame or None
        Equally weighted draws of the posterior or of a bootstrap: ``r`` and other parameters.
    series : ResearchSeries or None
        The series that was read.
    definition : str
        Definition of r.
    citations : tuple of str
        Keys of the publications behind the estimator, see :func:`takeoff.citation`.

    Raises
    ------
    DtypeError, InvalidValueError
        r or an end of its interval is not a number, or the ends are not in order.

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year = np.arange(6)
    >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
    >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> estimate = evidence.naive_ratio(series)
    >>> print(estimate)  # doctest: +ELLIPSIS
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

    def distribution(self, prior: Any = None) -> Distribution:
        """Return a distribution of r for an ensemble: of the draws, by a prior, or one that has the same interval.

        Parameters
        ----------
        prior : Distribution, optional
            Prior of r, above 0 (or a frozen distribution of ``scipy.stats``), by which the profile likelihood is
            multiplied. Use it where the data alone do not bound r. An estimate with draws has a prior already.

        Returns
        -------
        Distribution
            :class:`takeoff.Empirical` if there are draws. With a prior, the prior times the profile likelihood, taken
            as level beyond the values of r at which it was computed. Otherwise the central estimate is the median, and
            `r_low` to `r_high` is the central interval of probability `credibility`: :class:`takeoff.Lognormal` if the
            interval is symmetric in ln r, else a :class:`takeoff.Mixture` of two half-lognormals that meet at the
            median.

        Raises
        ------
        InvalidValueError
            An interval with an end that is 0, infinite or the estimate itself, which determines no distribution
            without a prior; a prior for an estimate with draws or without a profile, or one that allows an r of 0 or
            less.
        MissingExtraError
            A prior without SciPy.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(6)
        >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
        >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> estimate = evidence.naive_ratio(series)
        >>> distribution = estimate.distribution()
        >>> bool(np.allclose(distribution.quantile([0.05, 0.5, 0.95]), [estimate.r_low, estimate.r, estimate.r_high]))
        True
        """
        if prior is not None:
            if self.draws is not None or self.profile is None:
                state = "draws, which have a prior already" if self.draws is not None else "no profile likelihood"
                raise InvalidValueError("Estimate", "prior", prior, f"left out for {self.estimator}, which has {state}")
            return posterior(prior, self.profile, f"{self.estimator} with a prior")
        if self.draws is not None:
            return Empirical(self.draws["r"].to_numpy())
        if not 0 < self.r_low < self.r < self.r_high < math.inf:
            rule = "finite and above 0 at both ends, around r, for a distribution: the data alone do not bound r"
            if self.profile is not None:
                rule += "; state a prior, as in estimate.distribution(prior=takeoff.between(0.4, 3.6))"
            raise InvalidValueError("Estimate", "interval", f"{self.r_low:g} to {self.r_high:g}", rule)
        z = float(Normal(0, 1).quantile((1 + self.credibility) / 2))
        middle = math.log(self.r)
        below, above = (abs(math.log(end) - middle) / z for end in (self.r_low, self.r_high))
        if math.isclose(below, above, rel_tol=1e-9):
            return Lognormal(middle, below)
        return Mixture(
            [Truncated(Lognormal(middle, below), high=self.r), Truncated(Lognormal(middle, above), low=self.r)]
        )

    def as_defined_by(self, definition: str, *, labor_share: float = 1.0) -> Estimate:
        """Convert the estimate to r as another paper defines it.

        Parameters
        ----------
        definition : {"eth-davidson-2025", "erdil-2024", "davidson-houlden-2025", "davidson-2023"}
            Paper that defines r: as ``lambda / beta`` (the first two, and all estimators), as ``alpha lambda / beta``,
            or as ``1 / beta`` without lambda (the full takeoff model of 2023).
        labor_share : float, default 1.0
            alpha of ``davidson-houlden-2025``: the share of labor in effort.

        Returns
        -------
        Estimate
            The estimate with r, interval, profile and draws converted, and the `definition` of the other paper. It has
            no ridge and no draws of beta and lambda, since their ratio is not the converted r.

        Raises
        ------
        UnknownNameError
            An unknown definition.
        InvalidValueError
            An estimate that is converted already; ``1 / beta`` if lambda was neither held fixed nor drawn, since the
            interval of ``lambda / beta`` does not determine that of ``1 / beta``; a share of labor that is not above 0
            and at most 1.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(20)
        >>> staff = 100 * 1.1**year
        >>> total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
        >>> table = {"year": year, "efficiency": (total / 1000) ** 1.4, "staff": staff}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> estimate = evidence.loglog_cumulative(series).as_defined_by("davidson-houlden-2025", labor_share=0.5)
        >>> round(estimate.r, 2), estimate.definition[:28]
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
        description = _OTHERS[definition].format(share)
        if definition == "davidson-houlden-2025":
            return self._scaled(share, description)
        if self.draws is not None and {"beta", "parallelizability"} <= set(self.draws.columns):
            tail = (1 - self.credibility) / 2
            draws = self.draws.select(r=1 / pl.col("beta"))
            low, middle, high = np.quantile(draws["r"].to_numpy(), [tail, 0.5, 1 - tail])
            return replace(
                self, r=middle, r_low=low, r_high=high, draws=draws, profile=None, ridge=None, definition=description
            )
        lam = self.parallelizability
        lambda_fixed = self.ridge is None or self.ridge["parallelizability"].n_unique() == 1
        if lam is None or not lam > 0 or not lambda_fixed:
            raise InvalidValueError("Estimate", "parallelizability", lam, "held or drawn, for an interval of 1 / beta")
        return self._scaled(1 / lam, description)

    def _scaled(self, factor: float, definition: str) -> Estimate:
        """Multiply r, its interval, profile and draws by a factor."""
        profile = None if self.profile is None else self.profile.with_columns(pl.col("r") * factor)
        draws = None if self.draws is None else self.draws.select(pl.col("r") * factor)
        ends = {name: factor * getattr(self, name) for name in ("r", "r_low", "r_high")}
        return replace(self, **ends, profile=profile, draws=draws, ridge=None, definition=definition)

    def plot(self, kind: Literal["fit", "profile", "ridge"] = "fit", ax: Axes | None = None) -> Figure:
        """Plot the data with the fit, the profile likelihood (or the draws) of r, or the ridge of beta and lambda.

        Parameters
        ----------
        kind : {"fit", "profile", "ridge"}, default "fit"
            Kind of figure.
        ax : matplotlib Axes, optional
            Axes to draw on (default: those of a new figure).

        Returns
        -------
        matplotlib Figure
            The figure.

        Raises
        ------
        UnknownNameError
            An unknown kind.
        InvalidValueError
            A kind for which the estimate has no data.

        Examples
        --------
        >>> import numpy as np
        >>> from takeoff import evidence
        >>> year = np.arange(6)
        >>> growth = np.array([0, 0.2, 0.5, 0.6, 0.9, 1.1])
        >>> table = {"year": year, "efficiency": np.exp(growth), "staff": [1, 1.1, 1.3, 1.3, 1.5, 1.6]}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> estimate = evidence.naive_ratio(series)
        >>> estimate.plot().axes[0].get_ylabel()
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
        """Return the lines of the summary, each as a name and a text."""
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
        """Format the estimate as text, one value per line.

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
        >>> estimate = evidence.naive_ratio(series)
        >>> estimate.summary().splitlines()[0]
        'naive_ratio of ResearchSeries of efficiency (6 measurements, 0 to 5) and staff'
        """
        lines = self._lines()
        width = max(len(name) for name, _ in lines)
        source = "" if self.series is None else f" of {self.series!r}"
        return "\n".join([f"{self.estimator}{source}", *(f"  {name:<{width}}  {text}" for name, text in lines)])

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(text)}</td></tr>"
            for name, text in self._lines()
        )
        return f"<table><caption>{escape(self.estimator)}</caption>{rows}</table>"
