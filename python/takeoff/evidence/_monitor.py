"""A monitor of the pace of progress: a particle filter over measurements of efficiency."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import numpy as np
import polars as pl

from takeoff import _core
from takeoff._arrays import FloatLike, Floats, as_choice, as_count, as_floats, policy, unwrapped
from takeoff._draw import draw_figure
from takeoff.distributions import Distribution, Lognormal, Uniform, between
from takeoff.distributions._sampling import Sampler
from takeoff.errors import InvalidValueError
from takeoff.evidence import _monitor_file
from takeoff.evidence._monitor_arguments import measured_log, positive, prior_of, years_at

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Monitor"]

_LN_2: Final = math.log(2)
_QUANTILES: Final = (0.05, 0.5, 0.95)
_MARKS: Final = ("mean", "5%", "50%", "95%")
_SUMMARIES: Final = tuple(f"{name} {mark}" for name in ("pace", "acceleration", "r") for mark in _MARKS)
COLUMNS: Final = (
    "time_years",
    "log_efficiency",
    "error",
    "input",
    *_SUMMARIES,
    "filtered_log_efficiency",
    "filtered_deviation",
    "above_threshold",
    "above_buffer",
    "effective_size",
    "log_density",
)
PRIORS: Final = ("pace", "r", "parallelizability", "volatility")
_MOST_PARTICLES: Final = 5_000_000


@dataclass(frozen=True, eq=False, repr=False)
class Monitor:
    """Monitor of the current pace of software progress: a particle filter over measurements of efficiency.

    The model is the growth law with multiplicative noise, in doublings x of efficiency and its pace ``p = dx/dt``::

        d ln p = lambda d ln E - (lambda / r) ln 2 dx + s dB(t)

    where the research effort E is either measured (`input` of each measurement) or, without inputs, proportional to the
    level of efficiency: research is automated. Then only ``lambda (1 - 1/r)``, the doublings of the pace per doubling
    of efficiency, is identified. A monitor is immutable: :meth:`update` returns a new one.

    Parameters
    ----------
    reference : float
        The recent pace, doublings of efficiency per year, of which `threshold` and `buffer` are multiples.
    threshold : float, default 5
        Multiple of the reference pace that must not be exceeded without precautions.
    buffer : float, default 3
        Multiple of the reference pace at which to warn, at most the threshold.
    measurement_error : float, default 0.1
        Standard error of the natural logarithm of efficiency, for measurements that are given without one.
    pace : float or Distribution, optional
        Pace at the first measurement, doublings per year (default: lognormal around the reference, 0.5 in logarithm).
    r : float or Distribution, optional
        Returns to software R&D (default: 90% within 0.4 to 3.6, lognormal).
    parallelizability : float or Distribution, optional
        lambda, above 0 and at most 1 (default: uniform from 0.3 to 0.9).
    volatility : float or Distribution, optional
        Deviation s of the noise of ln(pace), per root of a year (default: lognormal around 0.2, 0.6 in logarithm).
    particles : int, default 20,000
        From 10 to 5 million.
    seed : int, default 0
        From 0 to 2^64 - 1; seed, measurements and version determine every bit of the results.

    Raises
    ------
    InvalidValueError
        A value outside its range, or a prior with such values.
    DtypeError
        A value that is not a number (for a prior: neither a number nor a distribution).

    References
    ----------
    .. [1] Eth, D. & Davidson, T. (2025). Will AI R&D Automation Cause a Software Intelligence Explosion? Forethought.
       Section on policy: ongoing measurement, and a threshold with a buffer.
    .. [2] Liu, J. & West, M. (2001). Combined parameter and state estimation in simulation-based filtering. In:
       Sequential Monte Carlo Methods in Practice. Springer.
    .. [3] Doucet, A., de Freitas, N., Murphy, K. & Russell, S. (2000). Rao-Blackwellised particle filtering for dynamic
       Bayesian networks. UAI 2000.

    Examples
    --------
    >>> from takeoff.evidence import Monitor
    >>> watch = Monitor(reference=2.0, particles=2_000)
    >>> for year, efficiency in [(2025, 1.0), (2025.25, 1.4), (2025.5, 2.2), (2025.75, 3.9), (2026, 9.5)]:
    ...     watch = watch.update(year, efficiency=efficiency)
    >>> 2.5 < watch.state()["pace 50%"] < 5.5, 0 <= watch.probability_above(5) <= watch.probability_above(3) <= 1
    (True, True)
    """

    reference: float
    threshold: float = 5.0
    buffer: float = 3.0
    measurement_error: float = 0.1
    pace: float | Distribution | None = None
    r: float | Distribution | None = None
    parallelizability: float | Distribution | None = None
    volatility: float | Distribution | None = None
    particles: int = 20_000
    seed: int = 0
    citations: ClassVar[tuple[str, ...]] = ("eth-davidson-2025",)
    _engine: _core.Particles = field(init=False)
    _rows: tuple[tuple[float, ...], ...] = field(init=False, default=())
    _growth: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for name in ("reference", "threshold", "buffer", "measurement_error"):
            set_(self, name, positive(name, getattr(self, name)))
        if self.buffer > self.threshold:
            raise InvalidValueError("Monitor", "buffer", self.buffer, f"at most the threshold {self.threshold:g}")
        set_(self, "particles", as_count("Monitor", "particles", self.particles, 10, _MOST_PARTICLES))
        set_(self, "seed", as_count("Monitor", "seed", self.seed, 0, 2**64 - 1))
        defaults: dict[str, Distribution] = {
            "pace": Lognormal(math.log(self.reference), 0.5),
            "r": between(0.4, 3.6),
            "parallelizability": Uniform(0.3, 0.9),
            "volatility": Lognormal(math.log(0.2), 0.6),
        }
        for name in PRIORS:
            argument = getattr(self, name)
            set_(self, name, prior_of(name, defaults[name] if argument is None else argument))
        drawn = Sampler({f"monitor {name}": getattr(self, name) for name in PRIORS}, self.seed).columns(
            0, self.particles
        )
        pace, r, parallelizability, volatility = (np.ascontiguousarray(drawn[f"monitor {name}"]) for name in PRIORS)
        set_(self, "_engine", _core.Particles(pace, r, parallelizability, volatility, self.seed, policy()))

    def update(
        self,
        time: float | date | np.datetime64,
        *,
        log_efficiency: float | None = None,
        efficiency: float | None = None,
        error: float | None = None,
        input: float | None = None,  # noqa: A002 - the field's word
    ) -> Monitor:
        """Update the monitor with a measurement.

        Parameters
        ----------
        time : float, date or numpy.datetime64
            Time, years, later than the previous one; dates count 1/365.25 years each from 2000-01-01 = 2000 on.
        log_efficiency : float, optional
            Natural logarithm of efficiency, in a constant unit. Either this or `efficiency` is required.
        efficiency : float, optional
            Efficiency itself, above 0.
        error : float, optional
            Standard error of the logarithm, above 0 (default: `measurement_error`).
        input : float, optional
            Research effort at that time, in any unit, above 0. With every measurement or with none.

        Returns
        -------
        Monitor
            A new monitor, after the measurement; this one does not change.

        Raises
        ------
        InvalidValueError
            A time that is not later, a value outside its range, or a measurement that is far from the forecast.
        DtypeError
            A value that is not a number, or neither or both of `log_efficiency` and `efficiency`.

        Examples
        --------
        >>> from datetime import date
        >>> from takeoff.evidence import Monitor
        >>> watch = Monitor(reference=2.0, particles=1_000).update(date(2026, 1, 1), efficiency=1.0)
        >>> watch.update(date(2026, 3, 1), efficiency=1.3, error=0.05).history.height
        2
        """
        time_years = years_at(time)
        measured = measured_log(log_efficiency, efficiency)
        standard_error = self.measurement_error if error is None else positive("error", error, "Monitor.update")
        effort = math.nan if input is None else positive("input", input, "Monitor.update", 1e-100)
        years, growth = 0.0, self._growth
        if self._rows:
            previous = dict(zip(COLUMNS, self._rows[-1], strict=True))
            years = time_years - previous["time_years"]
            if not years > 0:
                last = previous["time_years"]
                raise InvalidValueError(
                    "Monitor.update", "time", time_years, f"later than the last measurement, {last:.10g}"
                )
            if math.isnan(effort) != math.isnan(previous["input"]):
                received = "none" if input is None else effort
                rule = "given with every measurement or with none"
                raise InvalidValueError("Monitor.update", "input", received, rule)
            if input is not None:
                growth = math.log(effort / previous["input"]) / years
        elif input is not None:
            growth = 0.0
        updated = self._engine.updated(years, growth, measured / _LN_2, standard_error / _LN_2, policy())
        if updated is None:
            raise InvalidValueError("Monitor.update", "log_efficiency", measured, self._plausible(years, growth))
        engine, density, effective = updated
        # The engine gives the density of doublings, the history that of the natural logarithm.
        density = density - math.log(_LN_2) if self._rows else 0.0
        return self._next(engine, growth, (time_years, measured, standard_error, effort), (effective, density))

    def state(self) -> dict[str, float]:
        """Return the state of the filter after the last measurement.

        Returns
        -------
        dict
            The last row of :attr:`history`.

        Raises
        ------
        InvalidValueError
            Before the first measurement.

        Examples
        --------
        >>> from takeoff.evidence import Monitor
        >>> watch = Monitor(reference=2.0).update(2026, efficiency=1.0)
        >>> [round(watch.state()[name], 1) for name in ("pace 5%", "pace 50%", "pace 95%")]
        [0.9, 2.0, 4.5]
        """
        if not self._rows:
            raise InvalidValueError("Monitor", "history", 0, "of at least one measurement (call update first)")
        return dict(zip(COLUMNS, self._rows[-1], strict=True))

    @property
    def history(self) -> pl.DataFrame:
        """All measurements, and the state of the filter after each.

        ``time_years``, ``log_efficiency``, ``error`` and ``input`` as measured; mean and quantiles of the ``pace``
        (doublings per year), of the ``acceleration`` (relative change of the pace per year by the law, 1/year) and of
        ``r``; the filtered logarithm of efficiency and its standard deviation; the probabilities that the pace is
        ``above_threshold`` and ``above_buffer``; the ``effective_size`` of the particles after the measurement and
        before resampling; and the ``log_density`` of the measurement under the forecast.
        """
        schema = dict.fromkeys(COLUMNS, pl.Float64)
        return pl.DataFrame(self._rows, schema=schema, orient="row").with_columns(pl.col("input").fill_nan(None))

    def forecast(self, within: float) -> dict[str, float]:
        """Forecast the logarithm of efficiency at a time after the last measurement.

        Parameters
        ----------
        within : float
            Time from the last measurement, years.

        Returns
        -------
        dict
            ``log_efficiency``, the mean, and ``deviation``, the standard deviation without measurement error; both are
            infinite if the pace of all particles is infinite by then. Input continues its latest growth.

        Raises
        ------
        InvalidValueError
            Before the first measurement, or a time that is not above 0.

        Examples
        --------
        >>> from takeoff.evidence import Monitor
        >>> watch = Monitor(reference=2.0).update(2026, efficiency=1.0)
        >>> watch.forecast(0.5)["log_efficiency"] > 0.6
        True
        """
        self.state()
        return self._ahead(positive("within", within, "Monitor.forecast"), self._growth)

    def _ahead(self, years: float, growth: float | None) -> dict[str, float]:
        """Forecast by particles that advance for some years without a measurement."""
        engine = self._engine.advanced(years, growth, policy())
        if engine is None:
            return {"log_efficiency": math.inf, "deviation": math.inf}
        level, deviation = (float(v) * _LN_2 for v in engine.summary(growth, [], policy())[-2:])
        return {"log_efficiency": level, "deviation": deviation}

    def probability_above(self, multiple: FloatLike) -> Any:
        """Compute the probability that the pace is now above a multiple of the reference.

        Parameters
        ----------
        multiple : float or array
            Multiples, above 0.

        Returns
        -------
        float or array
            One probability per multiple.

        Raises
        ------
        InvalidValueError
            A multiple that is not above 0.

        Examples
        --------
        >>> from takeoff.evidence import Monitor
        >>> round(Monitor(reference=2.0).probability_above(1.0), 1)
        0.5
        """
        shape, paces = self._paces("probability_above", multiple)
        return unwrapped(self._engine.above(paces), shape)

    def probability_of_crossing(
        self, multiple: FloatLike, *, within: float, research: Literal["measured", "automated"] | None = None
    ) -> Any:
        """Compute the probability that the pace reaches a multiple of the reference within a time from now.

        All particles advance by the growth law with new noise; the pace may fall again after it has reached the
        multiple.

        Parameters
        ----------
        multiple : float or array
            Multiples, above 0.
        within : float
            Years from the last measurement.
        research : {"measured", "automated"}, optional
            Whether effort continues to grow as between the last two measurements, or is proportional to the level from
            now on (default: "measured" if inputs are given, else "automated").

        Returns
        -------
        float or array
            One probability per multiple.

        Raises
        ------
        InvalidValueError
            A multiple or a time that is not above 0, or "measured" without inputs.
        UnknownNameError
            An unknown kind of research.

        Examples
        --------
        >>> from takeoff import MONTH
        >>> from takeoff.evidence import Monitor
        >>> watch = Monitor(reference=2.0, particles=1_000).update(2026, efficiency=1.0)
        >>> soon, later = (watch.probability_of_crossing(5, within=k * MONTH) for k in (3, 12))
        >>> 0 < soon < later < 1
        True
        """
        shape, paces = self._paces("probability_of_crossing", multiple)
        years = positive("within", within, "Monitor.probability_of_crossing")
        if research is not None:
            as_choice("research", research, ("measured", "automated"))
        if research == "measured" and self._growth is None:
            rule = '"automated" where no input was measured'
            raise InvalidValueError("Monitor.probability_of_crossing", "research", research, rule)
        growth = None if research == "automated" else self._growth
        return unwrapped(self._engine.crossing(years, growth, paces, policy()), shape)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the monitor to a file, completely or not at all.

        Parameters
        ----------
        path : str or path
            The file.

        Raises
        ------
        OutputError
            A file that cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from takeoff.evidence import Monitor
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Monitor(reference=2.0, particles=100).save(Path(folder) / "watch.monitor")
        ...     Monitor.load(Path(folder) / "watch.monitor").particles
        100
        """
        names = [f.name for f in fields(self) if f.init]
        values = {name: getattr(self, name) for name in names}
        header = {
            "fields": {k: v.to_dict() if isinstance(v, Distribution) else v for k, v in values.items()},
            "rows": self._rows,
            "growth": self._growth,
            "variance": self._engine.variance,
            "step": self._engine.step,
        }
        _monitor_file.write(path, header, self._engine.columns())

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Monitor:
        """Read a monitor that :meth:`save` wrote; it resumes bit for bit.

        Parameters
        ----------
        path : str or path
            The file.

        Returns
        -------
        Monitor
            The monitor.

        Raises
        ------
        InvalidValueError
            A file that does not exist, is truncated or changed, or is not the file of a monitor.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from takeoff.evidence import Monitor
        >>> watch = Monitor(reference=2.0, particles=100).update(2026, efficiency=1.0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     watch.save(Path(folder) / "watch.monitor")
        ...     again = Monitor.load(Path(folder) / "watch.monitor")
        >>> again.update(2026.5, efficiency=1.9).state() == watch.update(2026.5, efficiency=1.9).state()
        True
        """
        header, columns = _monitor_file.read(path)
        try:
            monitor = cls(**_monitor_file.fields(header))
            engine = _core.Particles.restored(columns, header["variance"], header["step"], monitor.seed)
            rows = tuple(tuple(float(v) for v in row) for row in header["rows"])
            growth = None if header["growth"] is None else float(header["growth"])
            sound = engine.count == monitor.particles and all(len(row) == len(COLUMNS) for row in rows)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise _monitor_file.not_a_monitor(path) from error
        if not sound:
            raise _monitor_file.not_a_monitor(path)
        for name, value in (("_engine", engine), ("_rows", rows), ("_growth", growth)):
            object.__setattr__(monitor, name, value)
        return monitor

    def plot(self, ax: Axes | None = None) -> Figure:
        """Plot the pace over time with its band, and the probabilities of being above the buffer and the threshold.

        The panel of probabilities continues for a year after the last measurement, with the probabilities of reaching
        buffer and threshold by then: see :meth:`probability_of_crossing`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes for the pace alone (default: a new figure of three panels, efficiency, pace and probabilities).

        Returns
        -------
        matplotlib Figure
            The figure.

        Raises
        ------
        InvalidValueError
            Before the first measurement.

        Examples
        --------
        >>> from takeoff.evidence import Monitor
        >>> watch = Monitor(reference=2.0, particles=1_000)
        >>> for quarter in range(5):
        ...     watch = watch.update(2026 + quarter / 4, efficiency=2.0 ** (quarter / 2))
        >>> [axes.get_ylabel().split()[0] for axes in watch.plot().axes]
        ['doublings', 'pace', 'probability']
        """
        self.state()
        return draw_figure("evidence._monitor_figures", "plot_monitor", self, ax)

    def _next(
        self,
        engine: _core.Particles,
        growth: float | None,
        measurement: tuple[float, ...],
        diagnostics: tuple[float, float],
    ) -> Monitor:
        """Return the monitor after a measurement, with one more row of history."""
        summary = engine.summary(growth, list(_QUANTILES), policy())
        *numbers, level, deviation = (float(v) for v in summary)
        above = engine.above(self.reference * np.array([self.threshold, self.buffer]))
        row = (
            *measurement,
            *numbers,
            level * _LN_2,
            deviation * _LN_2,
            *(float(v) for v in above),
            *diagnostics,
        )
        following = copy.copy(self)
        for name, value in (("_engine", engine), ("_rows", (*self._rows, row)), ("_growth", growth)):
            object.__setattr__(following, name, value)
        return following

    def _plausible(self, years: float, growth: float | None) -> str:
        """Describe, by the forecast, the measurements that the filter can take."""
        level, deviation = self._ahead(years, growth).values()
        remedy = "check its unit, or give a larger error, or start with a wider prior"
        if math.isinf(level):
            return f"measured before the pace of all particles is infinite; {remedy}"
        return f"within 6 standard errors of the forecast, {level:.4g} +- {deviation:.2g} ({remedy})"

    def _paces(self, owner: str, multiple: FloatLike) -> tuple[tuple[int, ...], Floats]:
        """Convert multiples of the reference to paces; return their shape, and the paces in one axis."""
        multiples = as_floats(f"Monitor.{owner}", "multiple", multiple)
        outside = ~((multiples >= 1e-12) & (multiples <= 1e12))
        if outside.any():
            value, rule = multiples[outside][0], "> 0 (from 1e-12 to 1e12)"
            index = int(outside.reshape(-1).argmax()) if multiples.ndim else None
            raise InvalidValueError(f"Monitor.{owner}", "multiple", float(value), rule, index)
        return multiples.shape, np.ascontiguousarray(self.reference * multiples).reshape(-1)

    def __repr__(self) -> str:
        if not self._rows:
            return f"Monitor(reference={self.reference:g} doublings a year, no measurement)"
        now = self.state()
        multiples = (self.buffer, self.threshold)
        above = (now["above_buffer"], now["above_threshold"])
        crossing = self.probability_of_crossing(multiples, within=1.0)
        description = "; ".join(
            f"above {multiple:g}x: {format_probability(current)} now, "
            f"{format_probability(ahead)} at some time within a year"
            for multiple, current, ahead in zip(multiples, above, crossing, strict=True)
        )
        count = f"{len(self._rows)} measurement{'s' if len(self._rows) > 1 else ''}"
        return (
            f"Monitor({count} until {now['time_years']:.6g}; pace {now['pace 50%']:.3g} "
            f"({now['pace 5%']:.3g} to {now['pace 95%']:.3g}) doublings a year; {description})"
        )


def format_probability(value: float) -> str:
    """Format a probability with as many digits as the particles support."""
    return "<0.001" if value < 0.001 else ">0.999" if value > 0.999 else f"{value:.3f}"
