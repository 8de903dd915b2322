"""Describe models as data, their inputs and outputs, for code that works with any model.

The engine says what it enforces: names, units, ranges, options. The model's TOML file says the rest: labels, help,
defaults, sources, usual ranges, published priors. :func:`spec_of` joins the two and refuses names that do not match.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from takeoff import _core
from takeoff.distributions import Distribution, from_dict
from takeoff.errors import InternalError
from takeoff.units import unit_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NAMES", "Choice", "Field", "Grid", "Group", "Output", "Part", "Spec", "column_of", "spec_of"]


@dataclass(frozen=True)
class Field:
    """A numeric input.

    Attributes
    ----------
    name, unit : str
        As every interface writes them.
    low, high : float
        Ends of the range that the engine allows.
    low_included : bool
        Whether `low` itself is allowed.
    rule : str
        What is allowed, to follow "must be".
    label, help : str
        Short name for axes and tables, and a sentence that explains it.
    default : float or None
        Default value, if any.
    none : float or None
        Number that the argument None stands for; None if the argument may not be None.
    source : str
        Publication that the default or the usual range comes from.
    usual : tuple of float or None
        Range in which values are usually taken to lie.
    scale : str
        ``"linear"`` or ``"log"``: how a scale of values reads best.
    mark : float or None
        A value that divides the field in two, such as the tipping point of r.
    column : str
        Name of a column of its values, with the unit.
    """

    name: str
    unit: str
    low: float
    high: float
    low_included: bool
    rule: str
    label: str
    help: str
    default: float | None
    none: float | None
    source: str
    usual: tuple[float, float] | None
    scale: str
    mark: float | None
    column: str
    _prior: Any = field(default=None, repr=False)

    @cached_property
    def prior(self) -> Distribution | None:
        """Published distribution, if there is one."""
        return None if self._prior is None else from_dict(self._prior)

    @property
    def required(self) -> bool:
        """Whether it has no default, and may not be None."""
        return self.default is None and self.none is None

    def allows(self, values: Any) -> Any:
        """Return whether each value is within the range."""
        return (values >= self.low if self.low_included else values > self.low) & (values <= self.high)


@dataclass(frozen=True)
class Choice:
    """An input that is one of a few words.

    Attributes
    ----------
    name : str
        As every interface writes it.
    options : tuple of str
        Words allowed.
    label, help, source : str
        As for a field.
    default : str
        Default option.
    """

    name: str
    options: tuple[str, ...]
    label: str
    help: str
    default: str
    source: str


@dataclass(frozen=True)
class Part:
    """A group of inputs within another.

    Attributes
    ----------
    name : str
        Field that holds it.
    group : Group
        Its inputs.
    presence : str
        ``"required"``, ``"optional"`` or ``"repeated"``.
    label, help : str
        Short name for axes and tables, and a sentence that explains it.
    """

    name: str
    group: Group
    presence: str
    label: str
    help: str


@dataclass(frozen=True)
class Group:
    """Inputs that belong together: those of a model, or of a part.

    Attributes
    ----------
    owner : str
        Class that has them, as errors name it.
    fields, choices, parts : mapping
        Inputs by name.
    """

    owner: str
    fields: Mapping[str, Field]
    choices: Mapping[str, Choice]
    parts: Mapping[str, Part]

    def field_at(self, path: str) -> Field | None:
        """Return the field of a path such as ``"law.effort.rho"`` or ``"hardware.changes[0].time"``, if any."""
        first, _, rest = path.partition(".")
        if not rest:
            return self.fields.get(first)
        part = self.parts.get(first.partition("[")[0])
        return None if part is None else part.group.field_at(rest)


@dataclass(frozen=True)
class Output:
    """Something that can be asked of every path.

    Attributes
    ----------
    name, unit : str
        As every interface writes them.
    kind : str
        ``"number"``, ``"whole"``, ``"flag"`` or ``"word"``.
    words : tuple of str
        The words of a ``"word"``.
    along : str or None
        What it runs along: ``"time"``, ``"doublings"``, ``"multiple"``, ``"pace"``, ``"within"`` or ``"step"``.
    horizon : bool
        Whether it depends on the horizon.
    passed : int
        Integration that computes it, by a number: outputs of one number are computed together; 0 for none.
    offer : str
        When it is computed without being named: ``"quick"`` in frames and ensembles, ``"rows"`` in frames alone,
        ``"named"`` never.
    label, help : str
        Short name for axes and tables, and a sentence that explains it.
    column : str
        Name of a column of its values, with the unit.
    scale : str or None
        ``"linear"`` or ``"log"``: how an axis of its values reads best; None where that depends on the values.
    mark : str or None
        Path of the field whose value is marked in its figures, such as a limit or a target.
    """

    name: str
    unit: str
    kind: str
    words: tuple[str, ...]
    along: str | None
    horizon: bool
    passed: int
    offer: str
    label: str
    help: str
    column: str
    scale: str | None
    mark: str | None


@dataclass(frozen=True)
class Grid:
    """What a simulation runs over.

    Attributes
    ----------
    horizon : float or None
        Default horizon, years; infinite for none; None if it must be given.
    points : int or None
        Default number of times; None for a model without a course over time.
    steps : str or None
        Argument that says how many steps are followed; None for a model without steps.
    count : int
        Default of `steps`.
    unit : str
        Unit of `steps`.
    """

    horizon: float | None
    points: int | None
    steps: str | None
    count: int
    unit: str

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments of :func:`takeoff.simulate`, besides the horizon."""
        times = () if self.points is None else ("points", "time")
        return times if self.steps is None else (*times, self.steps)


@dataclass(frozen=True)
class Spec:
    """A model as data.

    Attributes
    ----------
    name : str
        Name in scenario files.
    title : str
        What it is, in a line.
    source : str
        Where it comes from.
    group : Group
        Its inputs.
    outputs : mapping
        What can be asked of it, by name.
    grid : Grid
        What a simulation runs over.
    citations : tuple of str
        Publications behind it, as keys of :mod:`takeoff.citations`.
    figure : str
        Name of the drawing of its results in :mod:`takeoff.figures`.
    clock : str
        ``"since the start"`` or ``"calendar year"``: what its times count.
    summary : tuple of str
        Outputs that a summary has, in order.
    main : tuple of str
        Outputs that a report explains by their drivers, in order of preference: the first that differs between draws.

    Examples
    --------
    >>> import takeoff
    >>> r = takeoff.GrowthLaw.spec.group.fields["r"]
    >>> r.unit, r.rule
    ('1', 'finite and > 0 (from 1e-6 to 1e6)')
    """

    name: str
    title: str
    source: str
    group: Group
    outputs: Mapping[str, Output]
    grid: Grid
    citations: tuple[str, ...]
    figure: str
    clock: str
    summary: tuple[str, ...]
    main: tuple[str, ...]

    def series(self, axis: str) -> tuple[str, ...]:
        """Return the names of the outputs that run along an axis."""
        return tuple(name for name, output in self.outputs.items() if output.along == axis)

    def to_dict(self) -> dict[str, Any]:
        """Return the spec as plain data: for an explorer, a manual or another language.

        Returns
        -------
        dict
            Text, numbers, lists and dicts alone.

        Examples
        --------
        >>> import takeoff
        >>> takeoff.ToyModel.spec.to_dict()["inputs"]["fields"]["agis"]["unit"]
        'AGIs'
        """
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "citations": list(self.citations),
            "inputs": _group_data(self.group),
            "outputs": {name: _plain(output) for name, output in self.outputs.items()},
            "simulation": _plain(self.grid),
            "figure": self.figure,
            "clock": self.clock,
            "summary": list(self.summary),
        }


def _plain(described: Any) -> dict[str, Any]:
    data = {name: value for name, value in vars(described).items() if not name.startswith("_") and name != "prior"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()}


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "owner": group.owner,
        "fields": {name: _plain(each) | {"prior": each._prior} for name, each in group.fields.items()},
        "choices": {name: _plain(each) for name, each in group.choices.items()},
        "parts": {
            name: {"presence": part.presence, "label": part.label, "help": part.help} | _group_data(part.group)
            for name, part in group.parts.items()
        },
    }


_SUFFIXES: Final = {
    "years": "years",
    "doublings": "doublings",
    "doublings/year": "doublings_per_year",
    "1/year": "per_year",
}


def column_of(name: str, unit: str) -> str:
    """Append the unit to the name of a column, unless the name holds it or the unit has no suffix."""
    suffix = _SUFFIXES.get(unit, "")
    return name if not suffix or suffix.partition("_")[0] in name.split("_") else f"{name}_{suffix}"


_ENGINE: Final[dict[str, dict[str, Any]]] = {model["name"]: model for model in _core.models()}
"""What the engine says of each model, by name."""

NAMES: Final = tuple(_ENGINE)
"""Names of the models in scenario files."""


@cache
def spec_of(name: str) -> Spec:
    """Return the spec of a model.

    Parameters
    ----------
    name : str
        Name in scenario files.

    Returns
    -------
    Spec
        The engine's part of it, joined with ``NAME.toml``.

    Raises
    ------
    InternalError
        A description that does not match what the engine says.
    """
    if name not in _ENGINE:
        raise InternalError(f"the engine has no model {name!r}: it has {', '.join(_ENGINE)}")
    engine, told = _ENGINE[name], _read(name)
    group = _group(f"{name}.toml: parameters", engine, told.parameters)
    outputs = _outputs(name, engine["outputs"], told.outputs)
    if unknown := {*told.summary, *told.main} - set(outputs):
        raise InternalError(f"{name}.toml lists {', '.join(sorted(unknown))}, which are not outputs")
    for output in outputs.values():
        if output.mark is not None and group.field_at(output.mark) is None:
            raise InternalError(f"{name}.toml: outputs.{output.name} marks {output.mark}, which is not a field")
    if told.clock not in ("since the start", "calendar year"):
        raise InternalError(f"{name}.toml: clock must be 'since the start' or 'calendar year', got {told.clock!r}")
    per_path = tuple(n for n, each in outputs.items() if each.along is None and each.offer != "named")
    return Spec(
        name=name,
        title=told.title,
        source=told.source,
        group=group,
        outputs=MappingProxyType(outputs),
        grid=_grid(told.simulation),
        citations=tuple(told.citations),
        figure=told.figure,
        clock=told.clock,
        summary=tuple(told.summary) or per_path,
        main=tuple(told.main),
    )


@dataclass(frozen=True)
class _Description:
    """A model's TOML file."""

    title: str
    source: str
    citations: list[str]
    parameters: dict[str, Any]
    simulation: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    figure: str = "series"
    clock: str = "since the start"
    summary: list[str] = field(default_factory=list)
    main: list[str] = field(default_factory=list)


@cache
def _read(name: str) -> _Description:
    text = resources.files("takeoff.models").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    try:
        return _Description(**tomllib.loads(text))
    except TypeError as error:
        raise InternalError(f"{name}.toml: {error}") from None


def _group(place: str, engine: Mapping[str, Any], told: Mapping[str, Any]) -> Group:
    """Join what the engine and a table of a TOML file say of a group of inputs."""
    fields = {field["name"]: field for field in engine["fields"]}
    names = {*fields, *engine["choices"], *engine["parts"]}
    tables = {key: value for key, value in told.items() if isinstance(value, dict)}
    described = _described_elsewhere(engine["parts"], tables)
    if names != set(tables) | described:
        differing = ", ".join(sorted(names ^ (set(tables) | described)))
        raise InternalError(f"[{place}] and the engine differ in {differing}")
    return Group(
        owner=engine["owner"],
        fields=MappingProxyType({name: _field(f"{place}.{name}", fields[name], tables[name]) for name in fields}),
        choices=MappingProxyType(
            {
                name: Choice(name=name, options=tuple(options), **_only(f"{place}.{name}", tables[name], _CHOICE))
                for name, options in engine["choices"].items()
            }
        ),
        parts=MappingProxyType(
            {name: _part(f"{place}.{name}", name, part, tables.get(name)) for name, part in engine["parts"].items()}
        ),
    )


def _described_elsewhere(parts: Mapping[str, Any], tables: Mapping[str, Any]) -> set[str]:
    """Return the parts that are models and have no table here: their own TOML files describe them."""
    owners = {model["owner"] for model in _ENGINE.values()}
    return {name for name, part in parts.items() if name not in tables and part["owner"] in owners}


def _part(place: str, name: str, engine: Mapping[str, Any], told: Mapping[str, Any] | None) -> Part:
    if told is None:
        model = next(model for model, each in _ENGINE.items() if each["owner"] == engine["owner"])
        title = _read(model).title
        return Part(name, spec_of(model).group, engine["presence"], label=title, help=title)
    words = {key: value for key, value in told.items() if not isinstance(value, dict)}
    return Part(
        name, _group(place, engine, told), engine["presence"], **_only(place, words, {"label": str, "help": str})
    )


_FIELD: Final[dict[str, Any]] = {
    **dict.fromkeys(("label", "help", "source", "unit", "scale", "column"), str),
    **dict.fromkeys(("value", "none", "mark"), (int, float)),
    "usual": list,
    "prior": (dict, str),
}
_CHOICE: Final = {"label": str, "help": str, "value": str, "source": str}
_OUTPUT: Final = {"label": str, "help": str, "column": str, "scale": str, "mark": str}


def _field(place: str, engine: Mapping[str, Any], told: Mapping[str, Any]) -> Field:
    entries = _only(place, told, _FIELD)
    sizes = unit_sizes(engine["unit"])
    if entries["unit"] not in sizes:
        raise InternalError(f"[{place}] unit must be one of {', '.join(sizes)}, got {entries['unit']}")
    default, size = entries["default"], sizes[entries["unit"]]
    return Field(
        **engine,
        **{key: entries[key] for key in ("label", "help", "none", "source", "mark")},
        default=None if default is None else float(default) * size,
        usual=None if entries["usual"] is None else (entries["usual"][0] * size, entries["usual"][1] * size),
        scale=entries["scale"] or "linear",
        column=entries["column"] or column_of(engine["name"], engine["unit"]),
        _prior=entries["prior"],
    )


_OPTIONAL: Final = {"value", "none", "usual", "scale", "mark", "prior", "column"}


def _only(place: str, told: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Check the keys and types of a table; return its values, optional ones as None, ``value`` as ``default``."""
    for key, value in told.items():
        if key not in kinds:
            raise InternalError(f"[{place}] has no key {key!r}: it takes {', '.join(kinds)}")
        if not isinstance(value, kinds[key]) or isinstance(value, bool):
            raise InternalError(f"[{place}] {key} = {value!r} is of the wrong type")
    if missing := [key for key in kinds if key not in told and key not in _OPTIONAL]:
        raise InternalError(f"[{place}] lacks {', '.join(missing)}")
    values = {key: told.get(key) for key in kinds}
    return {("default" if key == "value" else key): value for key, value in values.items()}


def _outputs(name: str, engine: list[dict[str, Any]], told: Mapping[str, Any]) -> dict[str, Output]:
    names = [output["name"] for output in engine]
    if set(names) != set(told):
        differing = ", ".join(sorted(set(names) ^ set(told)))
        raise InternalError(f"[outputs] of {name}.toml and the engine differ in {differing}")
    outputs = {}
    for output in engine:
        entries = _only(f"{name}.toml: outputs.{output['name']}", told[output["name"]], _OUTPUT)
        outputs[output["name"]] = Output(
            name=output["name"],
            unit=output["unit"],
            kind=output["kind"],
            words=tuple(output["words"] or ()),
            along=output["along"],
            horizon=output["horizon"],
            passed=output["pass"],
            offer=output["offer"],
            **(entries | {"column": entries["column"] or column_of(output["name"], output["unit"])}),
        )
    return outputs


def _grid(told: Mapping[str, Any]) -> Grid:
    """Read the defaults of a simulation: ``horizon``, ``points``, and the number of steps by its own name."""
    steps = [key for key in told if key not in ("horizon", "points")]
    name = steps[0] if steps else None
    horizon = told.get("horizon", {"value": None})
    value = horizon["value"]
    return Grid(
        horizon=None if value is None else float(value) * unit_sizes("years")[horizon["unit"]],
        points=told["points"]["value"] if "points" in told else None,
        steps=name,
        count=told[name]["value"] if name else 0,
        unit=told[name]["unit"] if name else "1",
    )
