"""An ensemble as data: all that its draws, and what is made of them, depend on."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from takeoff._answers import row_answers
from takeoff._core import __version__
from takeoff.distributions import Distribution
from takeoff.distributions._sampling import Sampler
from takeoff.models._base import with_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from takeoff._arrays import FloatLike, Floats
    from takeoff.distributions._sampling import Method
    from takeoff.ensembles._inputs import Inputs
    from takeoff.models._base import Model

__all__ = ["Bands", "Job"]


class Bands(NamedTuple):
    """A series of which there are bands over time.

    Attributes
    ----------
    series : str
        Output that runs along time.
    time : array of shape (points,)
        Ascending times, years.
    """

    series: str
    time: Floats


@dataclass(frozen=True, eq=False)
class Job:
    """What is drawn, simulated and summed up.

    A job pickles, and says all that its results depend on: where and in which order its pieces are worked changes none.

    Attributes
    ----------
    model : Model
        A model of one path.
    inputs : Inputs
        Its uncertain inputs.
    correlations : mapping or None
        Rank correlations between pairs of inputs.
    method : str
        How draws are made.
    seed, draws : int
        Seed and number of the draws.
    outputs : tuple of str
        Outputs of each draw.
    horizon : float or None
        Time at which simulations stop, years; None where the times of the bands say it, or there is none.
    doublings : float, array or None
        Doublings for outputs that run along them.
    multiple : float or None
        Pace over that at the start for outputs that run along it.
    bands : Bands or None
        Series of which there are bands.
    events : mapping
        Expressions of the columns by the name of the event.
    histograms : mapping
        Edges of bins by the name of a column, infinite at both ends.
    levels : tuple of float
        Probabilities of the quantiles.
    rows : bool
        Whether pieces hold one row per draw.
    """

    model: Model
    inputs: Inputs
    correlations: Mapping[tuple[str, str], float] | None = None
    method: Method = "philox"
    seed: int = 0
    draws: int = 1
    outputs: tuple[str, ...] = ()
    horizon: float | None = None
    doublings: FloatLike | None = None
    multiple: float | None = None
    bands: Bands | None = None
    events: Mapping[str, pl.Expr] = field(default_factory=dict)
    histograms: Mapping[str, Floats] = field(default_factory=dict)
    levels: tuple[float, ...] = ()
    rows: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is derived."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def end(self) -> float | None:
        """Time at which simulations stop, years."""
        return self.horizon if self.bands is None else float(self.bands.time[-1])

    @property
    def width(self) -> int:
        """Numbers in a row."""
        further = 0 if self.doublings is None else np.size(self.doublings)
        return 1 + len(self.inputs.variables) + len(self.outputs) + further

    @property
    def manifest(self) -> dict[str, Any]:
        """What rows are of, as JSON has it."""
        variables = {
            name: value.to_dict() if isinstance(value, Distribution) else getattr(value, "formula", value)
            for name, value in self.inputs.variables.items()
        }
        time = self.bands.time if self.bands is not None and self.horizon is None else None
        arguments = {"horizon": self.horizon, "time": time, "doublings": self.doublings, "multiple": self.multiple}
        return {
            "takeoff": __version__,
            "model": repr(self.model),
            "inputs": variables,
            "correlations": {" ".join(pair): value for pair, value in (self.correlations or {}).items()},
            "method": self.method,
            "seed": self.seed,
            "draws": self.draws,
            **{name: None if value is None else np.asarray(value, float).tolist() for name, value in arguments.items()},
            "outputs": list(self.outputs),
        }

    @cached_property
    def sampler(self) -> Sampler:
        """Inputs, ready to be drawn."""
        return Sampler(self.inputs.variables, self.seed, self.correlations, self.method)

    @cached_property
    def _whole_draw(self) -> dict[str, Floats]:
        """All draws, where they cannot be made in pieces."""
        return self.sampler.columns(0, self.draws)

    def drawn(self, start: int, count: int) -> dict[str, Floats]:
        """Draw inputs, `count` times from the draw `start` on."""
        if self.method == "philox":
            return self.sampler.columns(start, count)
        return {name: column[start : start + count] for name, column in self._whole_draw.items()}

    def paths(self, inputs: Mapping[str, Floats]) -> Model:
        """Return the model with columns of inputs in place of its uncertain fields, refused outside their range."""
        self.inputs.check(inputs)
        model: Model = with_values(self.model, {name: inputs[name] for name in self.inputs.fields})
        return model

    def answers(self, paths: Model) -> dict[str, pl.Series]:
        """Return the outputs of paths as columns."""
        return row_answers(paths, self.outputs, horizon=self.end, doublings=self.doublings, multiple=self.multiple)
