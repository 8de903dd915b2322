"""Comparison of estimators, over series of several inputs and outputs: the disagreement table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import as_choice, as_text
from takeoff._draw import draw_figure
from takeoff.errors import DtypeError, InvalidValueError, TakeoffError, UnknownNameError
from takeoff.evidence._estimators import ESTIMATORS
from takeoff.evidence._series import ResearchSeries
from takeoff.evidence._shared import credibility_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from takeoff.evidence._estimate import Estimate

__all__ = ["Comparison", "chosen_estimators", "compare"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Estimates of r by several estimators on several series.

    ``comparison["jones_level_ml"]`` is the estimate by that estimator; with several series,
    ``comparison["staff", "jones_level_ml"]`` is the estimate from that series.

    Attributes
    ----------
    table : polars.DataFrame
        One row per series and estimator: ``series``, ``output``, ``input``, ``estimator``, ``r``, ``r_low``,
        ``r_high``, ``interval``, ``noise``, ``warnings`` and, if the estimator refused the series, ``problem``.
    estimates : dict
        The estimates, by name of the series and of the estimator.

    Examples
    --------
    >>> from takeoff import evidence
    >>> table = {"year": [0, 10, 20], "efficiency": [1, 12, 140], "staff": [1, 2, 4]}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> comparison = evidence.compare(series, ["naive_ratio", "loglog_cumulative"])
    >>> comparison.table["estimator"].to_list(), comparison.table["problem"].is_null().to_list()
    (['naive_ratio', 'loglog_cumulative'], [True, False])
    >>> round(comparison["naive_ratio"].r, 2)
    3.56
    """

    table: pl.DataFrame
    estimates: dict[tuple[str, str], Estimate]

    def __getitem__(self, key: str | tuple[str, str]) -> Estimate:
        has_several = self._several
        known = [str(pair) if has_several else pair[1] for pair in self.estimates]
        parts = key if isinstance(key, tuple) else (key,)
        if not all(isinstance(part, str) for part in parts):
            raise UnknownNameError("estimate", key, known)
        for (series, estimator), estimate in self.estimates.items():
            if key == (series, estimator) or (key == estimator and not has_several):
                return estimate
        refused = self.table.filter(pl.col("problem").is_not_null()).select("series", "estimator", "problem")
        for series, estimator, problem in refused.iter_rows():
            if key == (series, estimator) or (key == estimator and not has_several):
                raise InvalidValueError("Comparison", "estimate", key, f"one that was made ({problem})")
        raise UnknownNameError("estimate", key, known)

    @property
    def _several(self) -> bool:
        return self.table["series"].n_unique() > 1

    def _rows(self) -> list[tuple[str, ...]]:
        """Return a header and one row per estimate: series (if several), estimator, r, interval and remark."""
        rows: list[tuple[str, ...]] = [("series", "estimator", "r", "interval", "remark")]
        for series, estimator, r, low, high, warnings, problem in self.table.select(
            "series", "estimator", "r", "r_low", "r_high", "warnings", "problem"
        ).iter_rows():
            if problem is not None:
                rows.append((series, estimator, "", "", _shortened(f"refused: {problem}")))
                continue
            level = f"{self.estimates[series, estimator].credibility:.0%}"
            interval = f"{low:.3g} to {high:.3g} ({level})"
            rows.append((series, estimator, f"{r:.3g}", interval, _shortened(warnings.partition("; ")[0])))
        return rows if self._several else [row[1:] for row in rows]

    def __repr__(self) -> str:
        rows = self._rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(["Comparison", *(f"  {line}".rstrip() for line in lines)])

    def _repr_html_(self) -> str:
        lines = [
            "".join(f"<{cell} style='text-align:left'>{escape(text)}</{cell}>" for text in row)
            for cell, row in zip(["th"] + ["td"] * self.table.height, self._rows(), strict=True)
        ]
        return f"<table><caption>Comparison</caption><tr>{'</tr><tr>'.join(lines)}</tr></table>"

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Plot all estimates one below the other, with the tipping point (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Axes to draw on (default: those of a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            One line per estimate, in the colour and with the marker of its series; arrows mark unbounded intervals.

        Raises
        ------
        InvalidValueError
            No estimate with a finite r above 0.

        Examples
        --------
        >>> from takeoff import evidence
        >>> table = {"year": [0, 10, 20], "efficiency": [1, 12, 140], "staff": [1, 2, 4]}
        >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
        >>> len(evidence.compare(series, ["naive_ratio"]).plot().axes[0].get_yticklabels())
        1
        """
        label = pl.concat_str("series", pl.lit(": "), "estimator") if self._several else pl.col("estimator")
        levels = {f"{estimate.credibility:.0%}" for estimate in self.estimates.values()}
        table = self.table.filter(pl.col("r").is_not_null()).with_columns(label.alias("label"))
        interval = f"{' or '.join(sorted(levels))} interval"
        return draw_figure("evidence._figures", "forest", table, "label", ax, interval, "series")


def compare(
    series: ResearchSeries | Mapping[str, ResearchSeries],
    estimators: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    *,
    credibility: float = 0.9,
) -> Comparison:
    """Estimate r from every series by every estimator, to see how much these choices change it.

    Look at this first. Published estimates of r depend on the noise model, the input proxy and the output series more
    than on sampling error: a single number with a standard error would mislead.

    Parameters
    ----------
    series : ResearchSeries or mapping of names to series
        One series, or several by name, with other input proxies or outputs.
    estimators : sequence of str or mapping, optional
        Names of estimators, or names with arguments (default: all but ``feller_bayes``, which is slow, and
        ``endpoint_bayes``, which uses only the first and the last measurement).
    credibility : float, default 0.9
        Probability of the intervals.

    Returns
    -------
    Comparison
        Table with one row per series and estimator; if an estimator refuses a series, ``problem`` gives the reason.

    Raises
    ------
    DtypeError
        A value that is not a series.
    UnknownNameError
        An unknown estimator, or an argument that it does not take.
    InvalidValueError
        No series or no estimators; a credibility that is not between 0 and 1.

    Examples
    --------
    >>> import numpy as np
    >>> import polars as pl
    >>> from takeoff import evidence
    >>> year = np.arange(20)
    >>> staff = 100 * 1.1**year
    >>> total = 1000 + np.concatenate([[0], np.cumsum(staff)[:-1]])
    >>> table = {"year": year, "efficiency": (total / 1000) ** 1.4, "staff": staff}
    >>> series = evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input="staff")
    >>> comparison = evidence.compare(series, ["naive_ratio", "loglog_cumulative"])
    >>> comparison.table.select("estimator", pl.col("r").round(2)).rows()
    [('naive_ratio', 1.4), ('loglog_cumulative', 1.4)]
    """
    by_name = {"series": series} if isinstance(series, ResearchSeries) else series
    if not hasattr(by_name, "items") or not all(isinstance(value, ResearchSeries) for value in dict(by_name).values()):
        received = type(series).__name__
        raise DtypeError("compare", "series", received, "a ResearchSeries or a mapping of names to these")
    for name in by_name:
        as_text("compare", "name of a series", name)
    credibility_of("compare", credibility)
    chosen = chosen_estimators(estimators)
    if not by_name or not chosen:
        raise InvalidValueError("compare", "series", len(by_name), "one series and one estimator at least")
    rows, estimates = [], {}
    for name, current in by_name.items():
        for estimator, options in chosen.items():
            row: dict[str, Any] = {
                "series": name, "output": current.output_name, "input": current.input_name, "estimator": estimator
            }  # fmt: skip
            try:
                estimate = ESTIMATORS[estimator].function(current, **{"credibility": credibility, **options})
            except (TakeoffError, ArithmeticError) as error:
                row["problem"] = str(error)
            else:
                estimates[name, estimator] = estimate
                row |= {field: getattr(estimate, field) for field in ("r", "r_low", "r_high", "interval", "noise")}
                row["warnings"] = "; ".join(estimate.warnings)
            rows.append(row)
    return Comparison(pl.DataFrame(rows, schema=_SCHEMA), estimates)


def _shortened(text: str) -> str:
    """Shorten a text to 50 characters, for a table."""
    return text if len(text) <= 50 else f"{text[:47].rstrip()}..."


_SCHEMA: Final = {
    **dict.fromkeys(("series", "output", "input", "estimator"), pl.String),
    **dict.fromkeys(("r", "r_low", "r_high"), pl.Float64),
    **dict.fromkeys(("interval", "noise", "warnings", "problem"), pl.String),
}


def chosen_estimators(estimators: Any) -> dict[str, dict[str, Any]]:
    """Return the names of the chosen estimators, each with its arguments."""
    if estimators is None:
        return {name: {} for name, estimator in ESTIMATORS.items() if estimator.quick}
    if isinstance(estimators, str):
        estimators = [estimators]
    if not np.iterable(estimators):
        raise DtypeError(
            "compare", "estimators", type(estimators).__name__, "names, or a mapping of these to arguments"
        )
    pairs = list(estimators.items()) if isinstance(estimators, Mapping) else [(name, {}) for name in estimators]
    for name, options in pairs:
        as_choice("estimator", name, ESTIMATORS)
        if not isinstance(options, Mapping):
            rule = "a mapping of its arguments to values"
            raise DtypeError("compare", name, type(options).__name__, rule)
        arguments = ESTIMATORS[name].arguments
        for option in options:
            if option not in arguments:
                raise UnknownNameError(f"argument of {name}", option, arguments)
    return {name: dict(options) for name, options in pairs}
