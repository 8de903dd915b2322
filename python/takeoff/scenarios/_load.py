"""Reading and validating scenarios."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from takeoff.distributions import Derived, from_dict
from takeoff.distributions._toml import scaled
from takeoff.ensembles import Ensemble, ensemble
from takeoff.ensembles._inputs import uncertain_inputs
from takeoff.errors import DtypeError, ScenarioError, TakeoffError, UnknownNameError, shown
from takeoff.models import MODELS
from takeoff.models._base import Described
from takeoff.simulation import check_simulation, simulate
from takeoff.units import unit_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping


Member: TypeAlias = "str | type[Described] | dict[str, str] | None"
"""What a value may be: a number of a unit, a table of its own, a list of tables of numbers by their units, a word."""


@dataclass(frozen=True)
class Scenario:
    """A model and how to simulate it, with the source of every value.

    Attributes
    ----------
    name : str
        Name of the scenario: the stem of its file.
    title : str
        What it shows, in a line.
    source : str
        Where it comes from.
    model : Model
        The model.
    simulation : dict
        Arguments of :func:`takeoff.simulate`.
    sources : dict
        Source of each value by its key; that of a part's value by ``part.key``.
    text : str
        The TOML that it was read from.
    inputs : dict
        Inputs of formulas, by name.
    correlations : dict
        Rank correlations between pairs of uncertain values.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.scenarios.load("toy-fizzle").source
    'Eth & Davidson (2025), Figure 6'
    """

    name: str
    title: str
    source: str
    model: Any
    simulation: dict[str, Any]
    sources: dict[str, str] = dataclasses.field(repr=False)
    text: str = dataclasses.field(repr=False)
    inputs: dict[str, Any] = dataclasses.field(default_factory=dict)
    correlations: dict[tuple[str, str], float] = dataclasses.field(default_factory=dict)

    @property
    def uncertain(self) -> bool:
        """Whether a value is a distribution or a formula, so that it is for :meth:`ensemble` rather than for `run`."""
        return bool(self.model._uncertain or self.inputs)

    def ensemble(self, draws: int = 1_000_000, **options: Any) -> Ensemble:
        """Simulate many draws of the scenario's uncertain values.

        Parameters
        ----------
        draws : int, default 1_000_000
            Number of draws.
        **options
            Further arguments of :func:`takeoff.ensemble`, in place of what the scenario says.

        Returns
        -------
        Ensemble
            What :func:`takeoff.ensemble` gives for the model.

        Examples
        --------
        >>> import takeoff
        >>> run = takeoff.scenarios.load("years-in-months").ensemble(20_000)
        >>> round(run.probability("compresses_3_years_in_12_months"), 2)
        0.57
        """
        known: dict[str, Any] = {
            name: self.simulation[name] for name in ("horizon", "points") if name in self.simulation
        }
        given: dict[str, Any] = {"inputs": self.inputs or None, "correlations": self.correlations or None}
        return ensemble(self.model, draws, **{**known, **given, **options})

    def run(self, *, threads: int | None = None) -> Any:
        """Simulate the scenario.

        Parameters
        ----------
        threads : int, optional
            Threads to use; the result is the same for any number.

        Returns
        -------
        Trajectory or another result
            What :func:`takeoff.simulate` gives for the model.

        Examples
        --------
        >>> import takeoff
        >>> takeoff.scenarios.load("toy-explosion").run().regime
        'explosion'
        """
        return simulate(self.model, **self.simulation, threads=threads)


def names() -> tuple[str, ...]:
    """Names of the scenarios that come with the package.

    Returns
    -------
    tuple of str
        Sorted.

    Examples
    --------
    >>> import takeoff
    >>> "toy-fizzle" in takeoff.scenarios.names()
    True
    """
    library = resources.files("takeoff.scenarios").joinpath("library")
    return tuple(sorted(f.name.removesuffix(".toml") for f in library.iterdir() if f.name.endswith(".toml")))


def load(name: str | Path) -> Scenario:
    """Read a scenario by the name of a shipped one or from a file.

    Parameters
    ----------
    name : str or Path
        A name of :func:`names`, or the path of a TOML file.

    Returns
    -------
    Scenario
        The scenario, validated.

    Raises
    ------
    UnknownNameError
        Neither a shipped scenario nor a file.
    ScenarioError
        A file that is not valid, with the key, the value and what is allowed.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.scenarios.load("toy-explosion").model
    ToyModel(agis=1.0, papers_per_agi_month=1.0, first_papers=2.0, papers_factor=1.5)
    """
    if not isinstance(name, (str, Path)):
        raise DtypeError("load", "scenario", type(name).__name__, "a name or the path of a file")
    if isinstance(name, str) and name in names():
        file = resources.files("takeoff.scenarios").joinpath("library", f"{name}.toml")
        return parse(file.read_text(encoding="utf-8"), name)
    path = Path(name)
    try:
        readable, other = path.is_file(), path.exists()
    except (OSError, ValueError):  # no name that a file could have
        readable = other = False
    if not readable:
        if path.suffix == ".toml" or other or len(path.parts) > 1:
            what = "there is no such file" if not other else "it must be a file, not a folder"
            raise ScenarioError(shown(path), f"a scenario must be a file that exists: {what}")
        raise UnknownNameError("scenario", str(name), names())
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(str(path), f"cannot be read as UTF-8 text: {error}") from error
    return parse(text, path.stem, str(path))


def parse(text: str, name: str, place: str | None = None) -> Scenario:
    """Read a scenario from the text of a TOML file.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Name to give the scenario.
    place : str, optional
        What errors call the scenario (default: its name).

    Returns
    -------
    Scenario
        The scenario, validated.

    Raises
    ------
    ScenarioError
        Text that is not valid, with the key, the value and what is allowed.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.scenarios.parse("model = 'growth_law'", "mine")
    Traceback (most recent call last):
        ...
    takeoff.errors.ScenarioError: title is missing: it must be a text (scenario mine)
    """
    if not isinstance(text, str):
        raise ScenarioError(
            shown(place or name), f"a scenario must be the text of a TOML file, got {shown(type(text))}"
        )
    place = place or name
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(place, f"not valid TOML: {error}") from error
    _keys(place, "", data, ("title", "model", "source", "parameters", "inputs", "correlations", "simulation"))
    title, model_name, source = (_text(place, key, data.get(key)) for key in ("title", "model", "source"))
    if model_name not in MODELS:
        raise ScenarioError(place, str(UnknownNameError("model", model_name, MODELS)))
    kind = MODELS[model_name]
    grid = kind.spec.grid
    model, sources = _made(place, "parameters", data.get("parameters"), kind, model_name)
    arguments = {"horizon": "years"} | ({} if grid.points is None else {"points": "1"})
    arguments |= {} if grid.steps is None else {grid.steps: grid.unit}
    simulation, more = _values(place, "simulation", data.get("simulation", {}), arguments)
    named = data.get("inputs", {})
    inputs, of_inputs = _values(place, "inputs", named, dict.fromkeys(named, "1") if isinstance(named, dict) else {})
    correlations = _correlations(place, data.get("correlations", []))
    _whole_numbers(place, simulation)
    if grid.points is not None and grid.horizon is None and "horizon" not in simulation:
        what = model_name.replace("_", " ")
        raise ScenarioError(place, f"simulation.horizon is missing: a {what} needs one, so it must be given")
    try:
        check_simulation(kind, **simulation)
    except TakeoffError as error:
        raise ScenarioError(place, f"simulation: {error}") from error
    try:
        if model._uncertain or inputs:
            uncertain_inputs(model, inputs or None, truncate=True)  # names in formulas
    except UnknownNameError as error:
        raise ScenarioError(place, f"inputs: {error}") from error
    more |= {f"inputs.{key}": value for key, value in of_inputs.items()}
    return Scenario(name, title, source, model, simulation, sources | more, text, inputs, correlations)


def _made(place: str, section: str, table: Any, kind: type[Described], name: str) -> tuple[Any, dict[str, str]]:
    """Make a model or a part of one from a table of its values; return it with the sources of these."""
    values, sources = _values(place, section, table, _members(kind))
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name not in values and field.default is dataclasses.MISSING:
            raise ScenarioError(place, f"{section}.{field.name} is missing: it must be given for a {name}")
    try:
        return kind(**values), sources
    except TakeoffError as error:
        raise ScenarioError(place, str(error)) from error


def _members(kind: type[Described]) -> dict[str, Member]:
    """Return what a table of a model or a part may hold."""
    group = kind.group
    members: dict[str, Member] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name in group.fields:
            members[field.name] = group.fields[field.name].unit
        elif field.name in group.choices:
            members[field.name] = None
        else:
            part = group.parts[field.name]
            repeated = {name: inner.unit for name, inner in part.group.fields.items()}
            members[field.name] = repeated if part.presence == "repeated" else Described._kinds[part.group.owner]
    return members | dict(kind.alternatives)


def _whole_numbers(place: str, simulation: dict[str, Any]) -> None:
    for key in simulation:
        if key != "horizon":
            count = simulation[key]
            if not isinstance(count, float) or not count.is_integer():
                raise ScenarioError(place, f"simulation.{key}.value must be a whole number, got {count}")
            simulation[key] = int(count)


def _keys(place: str, prefix: str, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            raise ScenarioError(place, str(UnknownNameError(f"a key of {prefix or 'a scenario'}", key, allowed)))


def _text(place: str, key: str, value: Any) -> str:
    if value is None:
        raise ScenarioError(place, f"{key} is missing: it must be a text")
    if not isinstance(value, str) or not value.strip():
        raise ScenarioError(place, f"{key} must be a text that is not empty, got {shown(value)}")
    return value


def _values(
    place: str, section: str, table: Any, allowed: Mapping[str, Member]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a table, and the source of each."""
    if not isinstance(table, dict):
        raise ScenarioError(place, f"[{section}] must be a table of values, got {shown(table)}")
    _keys(place, f"[{section}]", table, tuple(allowed))
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, entry in table.items():
        at, field = f"{section}.{key}", allowed[key]
        if isinstance(field, type):
            values[key], inner = _made(place, at, entry, field, key)
            sources |= {f"{key}.{name}": source for name, source in inner.items()}
        elif isinstance(field, dict):
            values[key], inner = _rows(place, at, entry, field)
            sources |= {f"{key}{name}": source for name, source in inner.items()}
        else:
            values[key], sources[key] = _value(place, at, entry, field)
    return values, sources


def _rows(place: str, section: str, tables: Any, rows: dict[str, str]) -> tuple[tuple[Any, ...], dict[str, str]]:
    """A list of tables as a tuple of tuples."""
    if not isinstance(tables, list):
        raise ScenarioError(place, f"{section} must be a list of tables [[{section}]], got {shown(tables)}")
    found: list[Any] = []
    sources: dict[str, str] = {}
    for k, table in enumerate(tables):
        at = f"{section}[{k}]"
        values, inner = _values(place, at, table, rows)
        for name in rows:
            if name not in values:
                raise ScenarioError(place, f"{at}.{name} is missing: it must be given")
        found.append(tuple(values[name] for name in rows))
        sources |= {f"[{k}].{name}": source for name, source in inner.items()}
    return tuple(found), sources


def _value(place: str, at: str, entry: Any, canonical: str | None) -> tuple[Any, str]:
    """A value with its source."""
    if not isinstance(entry, dict):
        form = "{ value = ..., source = ... }" if canonical is None else "{ value = ..., unit = ..., source = ... }"
        raise ScenarioError(place, f"{at} must be a table {form}, got {shown(entry)}")
    _keys(place, at, entry, ("value", "source") if canonical is None else ("value", "unit", "source"))
    source = _text(place, f"{at}.source", entry.get("source"))
    if canonical is None:
        return _text(place, f"{at}.value", entry.get("value")), source
    unit, units = _text(place, f"{at}.unit", entry.get("unit")), unit_sizes(canonical)
    if unit not in units:
        raise ScenarioError(place, str(UnknownNameError(f"{at}.unit", unit, units)))
    value = entry.get("value")
    if isinstance(value, (str, dict)):
        return _uncertain(place, f"{at}.value", value, units[unit]), source
    return _number(place, f"{at}.value", value, units[unit]), source


def _uncertain(place: str, at: str, value: str | dict[str, Any], size: float) -> Any:
    """A distribution or a formula, in a unit of some size."""
    rule = f"{at} must be a number, a list of numbers, a formula of named values or a distribution, got {shown(value)}"
    try:
        parsed = from_dict(value)
        if isinstance(parsed, Derived):
            if not parsed.names:
                raise ScenarioError(place, rule)
            return parsed if size == 1 else Derived(f"{size!r} * ({parsed.formula})")
        return parsed if size == 1 else scaled(parsed, size)
    except ScenarioError:
        raise
    except TakeoffError as error:
        raise ScenarioError(place, f"{rule}: {error}") from error


def _correlations(place: str, tables: Any) -> dict[tuple[str, str], float]:
    """Rank correlations by their pairs."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ScenarioError(place, f"correlations must be a list of tables [[correlations]], got {shown(tables)}")
    found: dict[tuple[str, str], float] = {}
    for k, table in enumerate(tables):
        at = f"correlations[{k}]"
        _keys(place, at, table, ("between", "rank", "source"))
        _text(place, f"{at}.source", table.get("source"))
        pair = table.get("between")
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(name, str) for name in pair)):
            raise ScenarioError(place, f"{at}.between must be two names, got {shown(pair)}")
        found[pair[0], pair[1]] = float(_number(place, f"{at}.rank", table.get("rank"), 1.0))
    return found


def _number(place: str, at: str, value: Any, size: float) -> Any:
    listed = value if isinstance(value, list) else [value]
    for number in listed:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise ScenarioError(place, f"{at} must be a number or a list of numbers, got {shown(value)}")
    try:
        numbers = [float(number) * size for number in listed]
    except OverflowError:
        raise ScenarioError(place, f"{at} must be within the range of float64, got {shown(value)}") from None
    return np.array(numbers) if isinstance(value, list) else numbers[0]
