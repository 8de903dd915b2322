"""Result of an ensemble: bands, probabilities, a summary, rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import Floats, as_count
from takeoff._draw import draw
from takeoff.errors import DtypeError, InvalidValueError, UnknownNameError
from takeoff.trajectory import duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SURE: Final = 1.959963984540054
"""Standard deviations of a normal on either side that hold 95%."""


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """Many draws of an uncertain model, summed up.

    Attributes
    ----------
    model : model
        What was simulated.
    inputs : dict
        What was drawn, by name.
    draws : int
        Draws that were done.
    requested : int
        Draws that were asked for: more than `draws` after Ctrl-C.
    seed : int
        Seed of the draws.
    horizon : float or None
        Time at which simulations stop, years.
    series : str or None
        Output that `bands` are of, by its name in ``model.spec.outputs``, which says its unit.
    bands : polars.DataFrame or None
        Quantiles of a series over time: ``time_years``, a column for each quantile (``5%``), and ``singular_share``,
        the share of draws in which the series is infinite by then.
    summary : polars.DataFrame
        Quantiles of each input and output (``column``). A quantile of times that are infinite where they never come
        may be infinite.
    counts : dict
        How many draws each event happens in.
    histograms : dict
        By the name of a column, where asked for: ``low``, ``high`` and ``count`` of each bin, which includes its low
        end; the first and the last hold what lies beyond the edges, infinity too.
    rows : polars.DataFrame or None
        One row per draw, where asked for: ``draw``, the inputs and the outputs.
    directory : pathlib.Path or None
        Directory of the rows as Parquet files, where asked for.
    quantile_error : float
        Bound on the relative error of the quantiles; 0 where they are exact.

    Examples
    --------
    >>> import takeoff
    >>> law = takeoff.GrowthLaw(r=takeoff.between(0.4, 3.6), first_doubling=1 * takeoff.MONTH)
    >>> run = takeoff.ensemble(law, 10_000, horizon=1)
    >>> run.bands.columns
    ['time_years', '5%', '25%', '50%', '75%', '95%', 'singular_share']
    """

    model: Any
    inputs: dict[str, Any]
    draws: int
    requested: int
    seed: int
    horizon: float | None
    series: str | None
    bands: pl.DataFrame | None
    summary: pl.DataFrame
    counts: dict[str, int] = field(repr=False)
    histograms: dict[str, pl.DataFrame]
    rows: pl.DataFrame | None
    directory: Path | None
    quantile_error: float

    @property
    def probabilities(self) -> pl.DataFrame:
        """Polars frame of events: ``event``, ``probability``, its Monte Carlo ``standard_error``, ``low``, ``high``.

        The last two are Wilson's interval of 95% (Wilson 1927), which holds where all draws or none have the event too.
        Events are those asked for, and the values of outputs that are words or true and false.
        """
        n, count = self.draws, np.array(list(self.counts.values()), float)
        share = count / n
        error = np.sqrt(share * (1 - share) / n)
        z2 = _SURE**2
        middle = (count + z2 / 2) / (n + z2)
        half = _SURE / (n + z2) * np.sqrt(count * (n - count) / n + z2 / 4)
        return pl.DataFrame(
            {
                "event": pl.Series(list(self.counts), dtype=pl.String),
                "probability": share,
                "standard_error": error,
                "low": np.maximum(middle - half, 0.0),
                "high": np.minimum(middle + half, 1.0),
            }
        )

    def probability(self, event: str) -> float:
        """Share of the draws in which an event happens.

        Parameters
        ----------
        event : str
            Its name, see :attr:`probabilities`; a value that an output never took has probability 0.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        UnknownNameError
            A name that is neither an event's nor like ``"regime: explosion"``.
        DtypeError
            Something that is no name.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.between(1.1, 3.6, credibility=0.999), first_doubling=1)
        >>> takeoff.ensemble(law, 1000).probability("regime: explosion")
        1.0
        """
        if not isinstance(event, str):
            rule = "the name of an event (an expression gets one by events= of takeoff.ensemble)"
            raise DtypeError("Ensemble.probability", "event", type(event).__name__, rule)
        column = event.partition(":")[0]
        if event not in self.counts and column not in {name.partition(":")[0] for name in self.counts if ":" in name}:
            raise UnknownNameError("event", event, self.counts)
        return self.counts.get(event, 0) / self.draws

    def scan(self) -> pl.LazyFrame:
        """Rows of the ensemble as a polars LazyFrame, from memory or from disk.

        Returns
        -------
        polars.LazyFrame
            One row per draw: ``draw``, the inputs and the outputs.

        Raises
        ------
        InvalidValueError
            An ensemble without rows.

        Examples
        --------
        >>> import polars as pl
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(1.5, 3), first_doubling=1)
        >>> run = takeoff.ensemble(law, 100, rows=True)
        >>> run.scan().filter(pl.col("regime") == "explosion").select(pl.len()).collect().item()
        100
        """
        if self.rows is not None:
            return self.rows.lazy()
        if self.directory is None:
            raise InvalidValueError("ensemble", "rows", False, "True, or to_parquet given, for one row per draw")
        return pl.scan_parquet(self.directory / "part-*.parquet")

    def histogram(self, column: str, bins: int = 100) -> pl.DataFrame:
        """Count the finite values of a column in bins of equal width.

        Parameters
        ----------
        column : str
            An input or an output that is a number.
        bins : int, default 100
            Number of bins between the least and the greatest value.

        Returns
        -------
        polars.DataFrame
            ``low``, ``high`` and ``count`` of each bin; the last bin holds the greatest value too.

        Raises
        ------
        UnknownNameError
            A column that the rows do not have.
        InvalidValueError
            An ensemble without rows, or a column without finite values.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(1, 3), first_doubling=1)
        >>> takeoff.ensemble(law, 1000, rows=True).histogram("r", bins=4)["count"].sum()
        1000
        """
        count = as_count("histogram", "bins", bins, 1, 1_000_000)
        values = self._column(column)
        finite = values[np.isfinite(values)]
        if not finite.size:
            raise InvalidValueError("histogram", "column", column, "one with finite values")
        counted, edges = np.histogram(finite, bins=count)
        return pl.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counted})

    def rank_correlations(self, output: str) -> pl.DataFrame:
        """Rank correlation (Spearman's) of each input with an output: what drives the answer.

        Parameters
        ----------
        output : str
            An output that is a number or true and false. Infinite values rank last.

        Returns
        -------
        polars.DataFrame
            ``input``, ``correlation`` and its ``standard_error``, the strongest first, for inputs that differ between
            draws.

        Raises
        ------
        UnknownNameError, DtypeError
            A column that the rows do not have, or that is not a number.
        InvalidValueError
            An ensemble without rows or of fewer than 4, or an output that is the same for all draws or NaN for some.

        References
        ----------
        Bonett & Wright (2000), "Sample size requirements for estimating Pearson, Kendall and Spearman correlations",
        for the standard error.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(takeoff.Uniform(0.5, 2), 1, limit=takeoff.Uniform(20, 21))
        >>> run = takeoff.ensemble(law, 10_000, horizon=2, rows=True)
        >>> run.rank_correlations("doublings_at_horizon")["input"].to_list()
        ['r', 'limit']
        """
        values = self._column(output)
        if self.draws < 4 or np.isnan(values).any() or np.all(values == values[0]):
            rule = "an output with a number for each of 4 draws or more, not the same for all"
            raise InvalidValueError("rank_correlations", "output", output, rule)
        answer = pl.Series(values).rank()
        ranks = {name: pl.Series(self._column(name)).rank() for name in self.inputs}
        correlations = {name: np.corrcoef(each, answer)[0, 1] for name, each in ranks.items() if each.n_unique() > 1}
        rho = np.array(list(correlations.values()))
        error = (1 - rho**2) * np.sqrt((1 + rho**2 / 2) / (self.draws - 3))
        frame = pl.DataFrame({"input": list(correlations), "correlation": rho, "standard_error": error})
        return frame.sort(pl.col("correlation").abs(), descending=True)

    def probability_by(self, name: str, event: str | pl.Expr, bins: int = 10) -> pl.DataFrame:
        """Share of the draws in which an event happens, by the value of an input: ``P(explosion)`` against r.

        Parameters
        ----------
        name : str
            An input (or an output) that is a number.
        event : str or polars expression
            As ``"regime: explosion"``, the name of an output that is true or false, or an expression of the columns.
        bins : int, default 10
            Number of bins that hold about the same number of draws each.

        Returns
        -------
        polars.DataFrame
            ``low`` and ``high`` of each bin, its ``draws``, the ``probability`` and its Monte Carlo ``standard_error``.

        Raises
        ------
        UnknownNameError, DtypeError
            A column that the rows do not have, or of the wrong type.
        InvalidValueError
            An ensemble without rows, an event that is not true or false for each draw, or infinite values of `name`.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=1)
        >>> run = takeoff.ensemble(law, 10_000, rows=True)
        >>> run.probability_by("r", "regime: explosion", bins=4)["probability"].round(1).to_list()
        [0.0, 0.0, 1.0, 1.0]
        """
        count = as_count("probability_by", "bins", bins, 1, 10_000)
        values = self._column(name)
        if not np.isfinite(values).all():
            raise InvalidValueError("probability_by", "name", name, "a column of finite values")
        happens = self._happens(event)
        edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)))
        bin_of = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, max(edges.size - 2, 0))
        held = np.bincount(bin_of, minlength=max(edges.size - 1, 1)).astype(float)
        share = np.bincount(bin_of, weights=happens, minlength=held.size) / np.maximum(held, 1)
        return pl.DataFrame(
            {
                "low": edges[: held.size],
                "high": edges[-held.size :],
                "draws": held.astype(np.int64),
                "probability": share,
                "standard_error": np.sqrt(share * (1 - share) / np.maximum(held, 1)),
            }
        )

    def difference(self, other: Ensemble, of: Sequence[str | pl.Expr] | str | pl.Expr) -> pl.DataFrame:
        """How much more this ensemble has of something than another of the same draws.

        Inputs of the same name are the same draws in both (common random numbers), so that the difference is known much
        better than each of the two.

        Parameters
        ----------
        other : Ensemble
            As many draws with the same seed, with rows.
        of : str, polars expression or sequence of these
            Outputs that are numbers, events as ``"regime: explosion"``, or expressions of the columns of either.

        Returns
        -------
        polars.DataFrame
            One row for each: ``quantity``, its mean (or probability) ``here`` and ``there``, the ``difference``, its
            Monte Carlo ``standard_error``, and what that would be of independent draws (``if_independent``).

        Raises
        ------
        InvalidValueError
            Ensembles of other draws or without rows; an output that is infinite in some draws.
        UnknownNameError, DtypeError
            A column that the rows do not have, or that is not a number.

        Examples
        --------
        >>> import takeoff
        >>> r = takeoff.between(0.4, 3.6)
        >>> laws = [takeoff.GrowthLaw(r=r, first_doubling=1 / 12, limit=limit) for limit in (30, 20)]
        >>> far, near = (takeoff.ensemble(law, 10_000, horizon=1, rows=True) for law in laws)
        >>> found = far.difference(near, "doublings_at_horizon")
        >>> found["difference"].round(2).to_list(), (found["standard_error"] < found["if_independent"]).to_list()
        ([3.74], [True])
        """
        if not isinstance(other, Ensemble):
            raise DtypeError("difference", "other", type(other).__name__, "an Ensemble")
        if (other.draws, other.seed) != (self.draws, self.seed):
            run = f"{other.draws:,} draws, seed {other.seed}"
            raise InvalidValueError("difference", "other", run, f"of {self.draws:,} draws with seed {self.seed}")
        rows = []
        for one in [of] if isinstance(of, (str, pl.Expr)) else of:
            here, there = self._quantity(one), other._quantity(one)
            with np.errstate(invalid="ignore"):
                apart = here - there
            if not np.isfinite(apart).all():
                rule = "finite in all draws; ask for what is true or false, such as pl.col('singular_time') < 1"
                raise InvalidValueError("difference", "of", str(one), rule)
            n = self.draws
            independent = np.sqrt((here.var() + there.var()) / n)
            means = here.mean(), there.mean(), apart.mean()
            rows.append((str(one), *map(float, (*means, np.sqrt(apart.var() / n), independent))))
        names = ["quantity", "here", "there", "difference", "standard_error", "if_independent"]
        return pl.DataFrame(rows, schema=names, orient="row")

    def _quantity(self, of: str | pl.Expr) -> Floats:
        """Numbers of each draw: of an output, or 0 and 1 of an event."""
        if isinstance(of, str) and ": " not in of:
            return self._column(of)
        if isinstance(of, pl.Expr):
            values = self._evaluated(of)
            if values.dtype.is_numeric():
                return values.cast(pl.Float64).to_numpy()
        return self._happens(of)

    def _happens(self, event: Any) -> Floats:
        """1 for each draw in which an event happens, else 0."""
        if isinstance(event, str):
            name, colon, value = event.partition(": ")
            if name not in self.scan().collect_schema():
                raise UnknownNameError("column", name, self.scan().collect_schema().names())
            event = pl.col(name) == value if colon else pl.col(name)
        happens = self._evaluated(event)
        if happens.dtype != pl.Boolean or happens.len() != self.draws or happens.null_count():
            raise InvalidValueError("ensemble", "event", f"of {happens.dtype}", "true or false for each draw")
        return happens.cast(pl.Float64).to_numpy()

    def _evaluated(self, expression: Any) -> pl.Series:
        if not isinstance(expression, pl.Expr):
            raise DtypeError("ensemble", "event", type(expression).__name__, "a name or a polars expression")
        try:
            return self.scan().select(expression.alias("value")).collect().to_series()
        except pl.exceptions.PolarsError as error:
            names = ", ".join(self.scan().collect_schema().names())
            rule = f"an expression of the columns {names} ({error})"
            raise InvalidValueError("ensemble", "event", str(expression), rule) from None

    def _column(self, name: str) -> Floats:
        """A column of numbers of the rows."""
        table = self.scan()
        schema = table.collect_schema()
        if name not in schema:
            raise UnknownNameError("column", name, schema.names())
        if not (schema[name].is_numeric() or schema[name] == pl.Boolean):
            raise DtypeError("ensemble", name, f"a column of {schema[name]}", "one of numbers")
        return table.select(pl.col(name).cast(pl.Float64)).collect().to_series().to_numpy()

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Draw the bands of the doublings over time (needs the extra ``plot``).

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw (default: a new figure).

        Returns
        -------
        matplotlib.figure.Figure
            The figure; save it with ``savefig``.

        Raises
        ------
        InvalidValueError
            An ensemble without bands.

        Examples
        --------
        >>> import takeoff
        >>> law = takeoff.GrowthLaw(r=takeoff.Uniform(0.5, 1.5), first_doubling=1 * takeoff.MONTH)
        >>> takeoff.ensemble(law, 1000, horizon=1).plot().axes[0].get_ylabel()
        'software doublings since the start'
        """
        return draw("fan", self, ax=ax)

    def _lines(self) -> list[tuple[str, str]]:
        done = f"{self.draws:,}" + ("" if self.draws == self.requested else f" of {self.requested:,} (stopped)")
        lines = [("draws", f"{done}, seed {self.seed}")]
        lines += [(name, str(value)) for name, value in self.inputs.items()]
        if self.horizon is not None:
            lines.append(("horizon", duration(self.horizon)))
        for event, share, error, *_ in self.probabilities.iter_rows():
            lines.append((f"P({event})", f"{share:.4g} ± {error:.1g}"))
        return lines

    def __repr__(self) -> str:
        lines = self._lines()
        width = max(len(name) for name, _ in lines)
        return "\n".join([f"Ensemble of {self.model!r}", *(f"  {name:<{width}}  {value}" for name, value in lines)])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in self._lines()
        )
        return f"<table><caption>Ensemble of <code>{escape(repr(self.model))}</code></caption>{cells}</table>"


def percent(level: float) -> str:
    """Name of a quantile's column."""
    return f"{100 * level:.10g}%"
