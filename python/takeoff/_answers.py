"""The one way from a model to its numbers: a request of outputs, answered by one call of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from takeoff._arrays import (
    FloatLike,
    Floats,
    as_floats,
    check_memory,
    common_shape,
    paths_in,
    policy,
    unwrapped,
)
from takeoff._grid import as_horizon, time_grid
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from takeoff.models._base import Model
    from takeoff.models._spec import Output, Spec

__all__ = ["answer", "answer_at", "ask", "list_of_names", "output_names", "row_answers", "typed"]

_AXES: Final = ("time", "doublings", "multiple")
"""Axes along which the rows of a frame may be asked."""


def ask(
    model: Model,
    names: Sequence[str],
    *,
    horizon: float | None = None,
    along: Mapping[str, Floats | int] | None = None,
    threads: int | None = None,
    owner: str = "simulate",
    remedy: str = "ask for fewer points or simulate the paths in parts",
) -> dict[str, Floats]:
    """Ask a model for outputs, all in one call of the engine.

    Parameters
    ----------
    model : Model
        The model, of one path or many.
    names : sequence of str
        Outputs of its spec.
    horizon : float, optional
        Time at which paths end, years; infinite if left out.
    along : mapping, optional
        Values along an axis, by its name: an array of one axis for all paths, or of shape (paths, width); a number of
        steps for ``"step"``.
    threads : int, optional
        Threads to use.
    owner, remedy : str
        What a result that would not fit in memory is called, and what to do about it.

    Returns
    -------
    dict of str to array
        Floats, read-only: of shape (paths,), or (paths, width) for what runs along an axis.
    """
    values = along or {}
    spec, paths = model.spec, paths_in(model.shape)
    outputs = [spec.outputs[name] for name in names]
    request = [(output.name, None if output.along is None else values[output.along]) for output in outputs]
    widths = [1 if place is None else place if isinstance(place, int) else place.shape[-1] for _, place in request]
    check_memory(owner, paths * sum(widths), remedy)
    columns = model._plan.run(request, horizon, policy(threads))
    return {
        output.name: column if output.along is None else column.reshape(paths, width)
        for output, column, width in zip(outputs, columns, widths, strict=True)
    }


def typed(output: Output, values: Floats, shape: tuple[int, ...]) -> Any:
    """Return the values of an output in a shape, as words, whole numbers, true and false, or floats."""
    if output.kind == "number":
        return unwrapped(values, shape)
    if output.kind == "word":
        column = np.array(output.words)[values.astype(np.int64)]
    else:
        column = values.astype(np.int64 if output.kind == "whole" else np.bool)
    if shape == ():
        return column.item()
    shaped = column.reshape(shape)
    shaped.setflags(write=False)
    return shaped


def answer(model: Model, name: str, *, horizon: float | None = None, threads: int | None = None) -> Any:
    """Ask a model for an output that has one value per path."""
    column = ask(model, [name], horizon=horizon, threads=threads)[name]
    return typed(model.spec.outputs[name], column, model.shape)


def answer_at(
    model: Model,
    name: str,
    owner: str,
    argument: str,
    at: FloatLike,
    *,
    horizon: float | None = None,
    threads: int | None = None,
) -> Any:
    """Ask a model for an output at values along its axis that broadcast against the paths.

    Parameters
    ----------
    model : Model
        The model, of one path or many.
    name : str
        Output that runs along an axis.
    owner, argument : str
        What messages call the question and the values.
    at : float or array
        Values along the axis.
    horizon : float, optional
        Time at which paths end, years.
    threads : int, optional
        Threads to use.

    Returns
    -------
    float or array
        Of the shape to which the paths and the values broadcast.
    """
    numbers = as_floats(owner, argument, at)
    shape = common_shape(owner, {"paths": np.empty(model.shape), argument: numbers})
    check_memory(owner, paths_in(shape), f"ask for fewer {argument} or paths")
    if model.shape not in ((), shape):
        # Axes that only the values have: every element becomes a path of its own.
        model = model._spread(shape)
    flat = np.ascontiguousarray(np.broadcast_to(numbers, shape)).reshape(-1)
    output = model.spec.outputs[name]
    values = flat if model.shape == () else flat.reshape(-1, 1)
    answers = ask(model, [name], horizon=horizon, along={str(output.along): values}, threads=threads, owner=owner)[name]
    return typed(output, answers.reshape(-1), shape)


def list_of_names(owner: str, outputs: Any) -> list[str]:
    """Check that `outputs` is a name or a list of names, each once."""
    names = [outputs] if isinstance(outputs, str) else outputs
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise DtypeError(owner, "outputs", type(outputs).__name__, "a name or a list of names")
    if not names or len(set(names)) < len(names):
        raise InvalidValueError(owner, "outputs", names, "one name or more, each once")
    return list(names)


def output_names(
    owner: str, outputs: Any, spec: Spec, arguments: Mapping[str, Any], *, quick: bool = False
) -> list[str]:
    """Return the names of outputs for which all is given that they need, and nothing else.

    Parameters
    ----------
    owner : str
        What messages call the question.
    outputs : str, sequence of str or None
        Names; None for all that the arguments allow.
    spec : Spec
        The model.
    arguments : mapping
        ``horizon``, ``time``, ``doublings`` and ``multiple``, None where not given.
    quick : bool
        Whether None stands for the quick ones alone.

    Returns
    -------
    list of str
        Names.

    Raises
    ------
    UnknownNameError
        No output of the model that has a value, or a row of values, per path.
    InvalidValueError
        An output without what it needs; an argument, other than the horizon, that no output needs.
    """
    askable = {name: each for name, each in spec.outputs.items() if each.along is None or each.along in _AXES}
    passed = {name for name, value in arguments.items() if value is not None}
    met = passed | ({"horizon"} if "time" in passed else set())  # the last of the times is the horizon
    needs = {name: _needs(each) for name, each in askable.items()}
    if outputs is None:
        offers = ("quick",) if quick else ("quick", "rows")
        names = [name for name, each in askable.items() if each.offer in offers and needs[name] <= met]
    else:
        names = list_of_names(owner, outputs)
    for name in names:
        if name not in askable:
            raise UnknownNameError(f"outputs of a {spec.group.owner}", name, askable)
        for need in sorted(needs[name] - met, key=lambda need: need == "horizon"):
            by_time = need == "horizon" and askable[name].along is not None
            rule = f"given{', or time,' if by_time else ''} for the output {name!r}"
            raise InvalidValueError(owner, need, None, rule)
    used = set().union(*(needs[name] for name in names))
    if used & {"horizon", "time"}:
        used |= {"horizon", "time"}
    for argument in arguments:
        if argument in passed - used - {"horizon"}:  # a horizon that nothing needs changes nothing
            rule = "left out, as no output that is asked for needs it"
            raise InvalidValueError(owner, argument, arguments[argument], rule)
    return names


def _needs(output: Output) -> set[str]:
    return ({output.along} if output.along else set()) | ({"horizon"} if output.horizon else set())


def row_answers(
    model: Model,
    names: Sequence[str],
    *,
    horizon: float | None = None,
    time: FloatLike | None = None,
    doublings: FloatLike | None = None,
    multiple: float | None = None,
) -> dict[str, pl.Series]:
    """Return outputs as columns of a frame, one row per path: text, true and false, numbers, or arrays of numbers.

    Parameters
    ----------
    model : Model
        The model, of many paths along one axis.
    names : sequence of str
        Outputs, as :func:`output_names` gives them.
    horizon, time, doublings, multiple
        As :func:`takeoff.simulate_frame` takes them.

    Returns
    -------
    dict of str to polars.Series
        Columns by name.
    """
    spec = model.spec
    along: dict[str, Any] = {}
    single = set()
    if time is not None:
        if not spec.series("time"):
            raise InvalidValueError("simulate", "time", time, f"left out for a {spec.group.owner}")
        along["time"] = time_grid(spec.group.owner, spec.grid, horizon, None, time)
        horizon = float(along["time"][-1])
    elif horizon is not None:
        horizon = as_horizon(horizon)
    for name, value in (("doublings", doublings), ("multiple", multiple)):
        if value is not None:
            asked = as_floats("time_at", name, value)
            if asked.ndim > 1:
                raise ShapeError(f"{name} must have one axis, got shape {asked.shape} (time_at.{name})")
            along[name] = asked.reshape(-1)
            if asked.ndim == 0:
                single.add(name)
    if not names:
        return {}
    remedy = "ask for fewer doublings or rows"
    columns = ask(model, names, horizon=horizon, along=along, owner=names[-1], remedy=remedy)
    return {
        name: _series(spec.outputs[name], column.reshape(-1) if spec.outputs[name].along in single else column)
        for name, column in columns.items()
    }


def _series(output: Output, values: Floats) -> pl.Series:
    if output.kind == "word":
        return pl.Series(list(output.words)).gather(values.astype(np.int64))
    if output.kind == "number":
        return pl.Series(values)
    return pl.Series(values.astype(np.int64 if output.kind == "whole" else np.bool))
