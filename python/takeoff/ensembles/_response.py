"""An output of a model as a function of its uncertain inputs, taken as independent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._answers import output_names
from takeoff._arrays import as_choice
from takeoff.ensembles._inputs import uncertain_inputs
from takeoff.ensembles._job import Job
from takeoff.errors import DtypeError, InvalidValueError
from takeoff.simulation import check_model, default_horizon

if TYPE_CHECKING:
    from collections.abc import Mapping

    from takeoff._arrays import Floats

__all__ = ["Response", "response"]

_PIECE: Final = 1 << 16
"""Points of the inputs that are simulated at once."""
_DRAWS: Final = 1_000_000
"""Draws of which none may be expected outside the range of a field."""


@dataclass(frozen=True, eq=False)
class Response:
    """An output as a function of inputs.

    Attributes
    ----------
    owner : str
        What messages call the question.
    job : Job
        Model, inputs, and outputs that are needed.
    output : polars expression
        The output, of the columns of inputs and outputs.
    words : str
        The same as it was given.
    """

    owner: str
    job: Job
    output: pl.Expr
    words: str

    @property
    def names(self) -> tuple[str, ...]:
        """Inputs that vary by themselves."""
        return self.job.sampler.drawn

    def at(self, points: Floats) -> Floats:
        """Return the output at points of the unit cube, of shape (inputs, points), which must be finite."""
        variables = self.job.inputs.variables
        columns = {name: variables[name].quantile(row) for name, row in zip(self.names, points, strict=True)}
        return self.values(columns)

    def values(self, columns: Mapping[str, Floats], *, finite: bool = True) -> Floats:
        """Return the output for columns of the inputs; NaN, and unless allowed infinity, is refused."""
        size = next(iter(columns.values())).size
        pieces = [slice(start, start + _PIECE) for start in range(0, size, _PIECE)]
        output = np.concatenate(
            [self._piece({name: column[piece] for name, column in columns.items()}) for piece in pieces]
        )
        bad = ~np.isfinite(output) if finite else np.isnan(output)
        if bad.any():
            rule = (
                f"a finite number for all draws (it is {output[bad][0]:g} for {bad.mean():.2g} of them); ask for what "
                "is true or false, such as pl.col('singular_time') < 1, or for what is bounded"
            )
            raise InvalidValueError(self.owner, "output", self.words, rule)
        return output

    def _piece(self, drawn: dict[str, Floats]) -> Floats:
        sampler, size = self.job.sampler, next(iter(drawn.values())).size
        columns: dict[str, Any] = {name: np.full(size, value) for name, value in sampler.numbers.items()} | drawn
        for name in sampler.order:
            columns[name] = np.broadcast_to(sampler.derived[name].evaluate(columns), (size,))
        columns |= self.job.answers(self.job.paths(columns))
        try:
            answer = pl.DataFrame(columns).select(self.output.alias("output")).to_series()
        except pl.exceptions.PolarsError as error:
            rule = f"an expression that can be computed ({error})"
            raise InvalidValueError(self.owner, "output", self.words, rule) from None
        if not (answer.dtype.is_numeric() or answer.dtype == pl.Boolean) or answer.len() != size:
            raise DtypeError(self.owner, "output", f"{self.words} of {answer.dtype}", "a number, or true and false")
        return answer.cast(pl.Float64).fill_null(np.nan).to_numpy()


def response(
    owner: str,
    model: Any,
    output: Any,
    *,
    horizon: float | None,
    inputs: Mapping[str, Any] | None,
    doublings: float | None,
    multiple: float | None,
    outside: str,
) -> Response:
    """Check a question about an output of an uncertain model.

    Parameters
    ----------
    owner : str
        What messages call the question.
    model : Model
        An uncertain model.
    output : str or polars expression
        The output.
    horizon, inputs, doublings, multiple, outside
        As for :func:`takeoff.ensemble`.

    Returns
    -------
    Response
        The output as a function of the inputs.

    Raises
    ------
    DtypeError, InvalidValueError, UnknownNameError
        Arguments that :func:`takeoff.ensemble` refuses, or an output that is not there.
    """
    check_model(owner, model)
    as_choice("outside", outside, ("refuse", "truncate"))
    if not isinstance(output, (str, pl.Expr)):
        raise DtypeError(owner, "output", type(output).__name__, "the name of an output or a polars expression")
    if horizon is None:
        horizon = default_horizon(model)
    uncertain = uncertain_inputs(model, inputs, truncate=outside == "truncate")
    uncertain.refuse_what_is_outside(_DRAWS)
    expression = pl.col(output) if isinstance(output, str) else output
    needs = [name for name in expression.meta.root_names() if name not in uncertain.variables]
    arguments = {"horizon": horizon, "time": None, "doublings": doublings, "multiple": multiple}
    outputs = tuple(output_names(owner, needs, model.spec, arguments)) if needs else ()
    job = Job(model, uncertain, outputs=outputs, horizon=horizon, doublings=doublings, multiple=multiple)
    if not job.sampler.drawn:
        raise InvalidValueError(owner, "model", model, "one with a distribution for at least one field")
    return Response(owner, job, expression, output if isinstance(output, str) else str(output))
