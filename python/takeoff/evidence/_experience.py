"""Experience curves: cost against cumulative output (Wright's law)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff.distributions import Distribution, Normal
from takeoff.errors import InvalidValueError, MissingExtraError, ShapeError
from takeoff.evidence._series import numbers_of, table_of
from takeoff.evidence._shared import credibility_of, standard_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ExperienceCurve", "experience_curve"]

_LEAST: Final = 1e-100
"""Of output and cost, and the inverse of the most: beyond, the fit and its figure have ends that are no floats."""
_LEAST_CHANGE: Final = 1e-9
"""Of ln output: less is drowned by rounding."""


@dataclass(frozen=True, eq=False)
class ExperienceCurve:
    """Wright's law as fitted: ``cost = k output^(-exponent)``.

    Attributes
    ----------
    exponent : float
        Halvings of cost per doubling of cumulative output.
    low, high : float
        Interval of the exponent.
    credibility : float
        Probability of the interval.
    table : polars.DataFrame
        ``output``, ``cost`` and ``fitted``.

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"output": [1, 2, 4, 8, 16], "cost": [100, 80, 64, 51.2, 40.96]}
    >>> round(evidence.experience_curve(table, output="output", cost="cost").learning_rate, 2)
    0.2
    """

    exponent: float
    low: float
    high: float
    credibility: float
    table: pl.DataFrame

    @property
    def learning_rate(self) -> float:
        """Share by which cost falls per doubling of cumulative output."""
        with np.errstate(over="ignore"):  # of a cost that rises without end
            return float(-np.expm1(-self.exponent * np.log(2)))

    def distribution(self) -> Distribution:
        """Normal distribution of the exponent, for an ensemble.

        Returns
        -------
        Distribution
            With the width of the interval.

        Raises
        ------
        InvalidValueError
            A fit without any error, from which no distribution follows.

        Examples
        --------
        >>> from takeoff import evidence
        >>> table = {"output": [1, 2, 4, 8, 16], "cost": [100, 79, 65, 50, 41]}
        >>> round(evidence.experience_curve(table, output="output", cost="cost").distribution().quantile(0.5), 2)
        0.32
        """
        spread = (self.high - self.low) / (2 * float(Normal(0, 1).quantile((1 + self.credibility) / 2)))
        return Normal(self.exponent, spread)

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Draw cost against cumulative output with the fit (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The figure.

        Examples
        --------
        >>> from takeoff import evidence
        >>> table = {"output": [1, 2, 4, 8, 16], "cost": [100, 79, 65, 50, 41]}
        >>> evidence.experience_curve(table, output="output", cost="cost").plot().axes[0].get_xscale()
        'log'
        """
        from takeoff.figures._evidence import experience

        return experience(self, ax)


def experience_curve(frame: Any, *, output: str, cost: str, credibility: float = 0.9) -> ExperienceCurve:
    """Fit Wright's law to cumulative output and cost by least squares of the logarithms (extra ``evidence``).

    Residuals of such series depend on one another, so errors are those of Newey & West (1987). Its intervals are too
    narrow for short tables: on 44 made-up rows those of 90% held the truth in 82% where residuals were independent, in
    68% where 0.6 of one was left in the next row, and in 57% where 0.8 was. Nor do they say whether the law goes on to
    hold.

    Parameters
    ----------
    frame : polars or pandas DataFrame, Arrow table, or mapping of columns
        One row per time, in its order.
    output : str
        Column of cumulative output, above 0.
    cost : str
        Column of the cost of a unit, above 0.
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    ExperienceCurve
        Exponent, interval and fit.

    Raises
    ------
    UnknownNameError, DtypeError
        A column that is not there or holds no numbers.
    InvalidValueError
        Values that are not above 0, or an output that falls from row to row or does not vary.
    ShapeError
        Fewer than four rows.
    MissingExtraError
        Without statsmodels.

    References
    ----------
    Wright, T. P. (1936), "Factors affecting the cost of airplanes"; Eth & Davidson (2025), the appendix.

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"output": [1, 2, 4, 8, 16], "cost": [100, 79, 65, 50, 41]}
    >>> found = evidence.experience_curve(table, output="output", cost="cost")
    >>> round(found.exponent, 2), found.low < found.exponent < found.high
    (0.32, True)
    """
    try:
        from statsmodels.api import OLS, add_constant
    except ImportError:
        raise MissingExtraError("experience_curve", "evidence") from None
    level = credibility_of("experience_curve", credibility)
    table = table_of("frame", frame)
    logs = {}
    for name, column in (("output", output), ("cost", cost)):
        values = numbers_of(table, column, name, owner="experience_curve")
        bad = ~((values >= _LEAST) & (values <= 1 / _LEAST))
        if bad.any():
            index, rule = int(bad.argmax()), f"above 0 (from {_LEAST:g} to {1 / _LEAST:g})"
            raise InvalidValueError("experience_curve", name, float(values[index]), rule, index)
        logs[name] = np.log(values)
    x, y = logs["output"], logs["cost"]
    if (np.diff(x) < 0).any():
        index = int((np.diff(x) < 0).argmax()) + 1
        rule = "cumulative, and so never fall (rows in the order of time)"
        raise InvalidValueError("experience_curve", "output", float(np.exp(x[index])), rule, index)
    if x.size < 4:
        raise ShapeError(f"rows must be four at least, got {x.size} (experience_curve.frame)")
    if np.ptp(x) < _LEAST_CHANGE:
        rule = f"one that varies, by a part of {_LEAST_CHANGE:g} at least"
        raise InvalidValueError("experience_curve", "output", float(np.exp(x[0])), rule)
    lags = int(4 * (x.size / 100) ** (2 / 9)) + 1
    fit: Any = OLS(y, add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": min(lags, x.size - 1)})
    half = float(Normal(0, 1).quantile((1 + level) / 2)) * standard_error(fit, 1)
    exponent = -float(fit.params[1])
    fitted = pl.DataFrame({"output": np.exp(x), "cost": np.exp(y), "fitted": np.exp(np.asarray(fit.fittedvalues))})
    return ExperienceCurve(exponent, exponent - half, exponent + half, level, fitted)
