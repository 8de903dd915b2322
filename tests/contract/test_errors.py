"""The catalogue of errors: every class, its code, its kind, its message, and a call that raises it."""

import copy
import pickle
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import takeoff
from takeoff import _core, errors
from takeoff import reproduce as reproduction
from takeoff._files import write_files
from takeoff.errors import (
    CATALOGUE,
    DtypeError,
    InternalError,
    InvalidValueError,
    MissingExtraError,
    OutputError,
    ScenarioError,
    ShapeError,
    SizeError,
    TakeoffError,
    UnknownNameError,
)

# The whole catalogue. A code is a promise: it may be added here, never changed.
EXPECTED: dict[str, type[TakeoffError]] = {
    "invalid-value": InvalidValueError,
    "invalid-type": DtypeError,
    "shape": ShapeError,
    "size": SizeError,
    "unknown-name": UnknownNameError,
    "invalid-scenario": ScenarioError,
    "output": OutputError,
    "missing-extra": MissingExtraError,
    "internal": InternalError,
}

BAD_VALUES = (InvalidValueError, DtypeError, ShapeError, SizeError, UnknownNameError, ScenarioError)

EXAMPLES: dict[type[TakeoffError], tuple[TakeoffError, str]] = {
    InvalidValueError: (
        InvalidValueError("GrowthLaw", "r", -0.3, "finite and > 0"),
        "r must be finite and > 0, got -0.3 (GrowthLaw.r)",
    ),
    DtypeError: (
        DtypeError("GrowthLaw", "r", "str", "a number"),
        "r must be a number, got str (GrowthLaw.r)",
    ),
    ShapeError: (
        ShapeError("the shapes of GrowthLaw's fields do not broadcast: r (2,), limit (3,)"),
        "the shapes of GrowthLaw's fields do not broadcast: r (2,), limit (3,)",
    ),
    SizeError: (
        SizeError("simulate", 80 * 10**12, 12 * 10**9, "ask for fewer points"),
        "simulate needs 80.0 TB and at most 12.0 GB is taken; ask for fewer points",
    ),
    UnknownNameError: (
        UnknownNameError("limit_shape", "linaer", ("linear", "abrupt")),
        "limit_shape must be one of linear, abrupt, got 'linaer'; did you mean 'linear'?",
    ),
    ScenarioError: (
        ScenarioError("mine.toml", "title is missing: it must be a text"),
        "title is missing: it must be a text (scenario mine.toml)",
    ),
    OutputError: (OutputError("cannot write to /x: Not a directory"), "cannot write to /x: Not a directory"),
    MissingExtraError: (
        MissingExtraError("the reproduction", "plot"),
        "the reproduction needs the extra 'plot': pip install 'takeoff[plot]'",
    ),
    InternalError: (InternalError("the engine stopped: on purpose"), "the engine stopped: on purpose"),
}


def test_the_whole_catalogue() -> None:
    assert CATALOGUE == EXPECTED
    assert list(CATALOGUE) == list(EXPECTED)


def test_no_exception_class_is_left_out() -> None:
    classes = {c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, BaseException)}
    assert classes == {TakeoffError, *CATALOGUE.values()}
    assert {c.__name__ for c in classes} | {"CATALOGUE"} == set(errors.__all__)


def test_codes_are_unique_and_stable_in_form() -> None:
    for code, error in CATALOGUE.items():
        assert error.code == code
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert TakeoffError.code not in CATALOGUE


@pytest.mark.parametrize("error", EXPECTED.values(), ids=EXPECTED)
def test_every_class_is_of_takeoff_and_described(error: type[TakeoffError]) -> None:
    assert issubclass(error, TakeoffError)
    assert error.__doc__ is not None
    assert error.__module__ == "takeoff.errors"
    assert issubclass(error, ValueError) == (error in BAD_VALUES)


def test_classes_are_kin_of_the_built_in_ones() -> None:
    for error, kin in (
        (DtypeError, TypeError),
        (OutputError, OSError),
        (MissingExtraError, ImportError),
        (InternalError, RuntimeError),
    ):
        assert issubclass(error, kin)


@pytest.mark.parametrize("error", EXPECTED.values(), ids=EXPECTED)
def test_messages(error: type[TakeoffError]) -> None:
    example, message = EXAMPLES[error]
    assert str(example) == message


def test_messages_hold_field_value_rule_and_place() -> None:
    error = InvalidValueError("ToyModel", "agis", -1.5, "finite and > 0", 7)
    assert str(error) == "agis must be finite and > 0, got -1.5 at index 7 (ToyModel.agis)"
    assert (error.owner, error.name, error.value, error.rule, error.index) == (
        "ToyModel",
        "agis",
        -1.5,
        "finite and > 0",
        7,
    )
    unknown = UnknownNameError("dataset", "zzz", ("a", "b"))
    assert str(unknown) == "dataset must be one of a, b, got 'zzz'"
    assert (unknown.what, unknown.given, unknown.allowed) == ("dataset", "zzz", ("a", "b"))
    assert "1,000 bytes" in str(SizeError("x", 1000, 999, "y"))


LONG: dict[str, object] = {
    "text": "x" * 10_000,
    "list": list(range(10_000)),
    "array": np.zeros(10_000),
    "integer": 10**5000,
    "negative integer": -(10**5000),
    "list of an integer": [10**5000],
    "dict of an integer": {"a": 10**5000},
}


@pytest.mark.parametrize("value", LONG.values(), ids=LONG)
def test_long_values_are_cut_short(value: object) -> None:
    for error in (InvalidValueError("f", "x", value, "short"), UnknownNameError("x", value, ("a",))):
        assert len(str(error)) < 250
        assert "must be" in str(error)


@pytest.mark.parametrize("error", EXPECTED.values(), ids=EXPECTED)
def test_errors_travel_between_processes(error: type[TakeoffError]) -> None:
    example, message = EXAMPLES[error]
    for again in (pickle.loads(pickle.dumps(example)), copy.copy(example), copy.deepcopy(example)):  # noqa: S301
        assert type(again) is error
        assert str(again) == message
        assert vars(again) == vars(example)


def _unwritable() -> None:
    with tempfile.NamedTemporaryFile() as file:
        write_files(Path(file.name) / "below", {"x": b""})


RAISED: dict[type[TakeoffError], tuple[Callable[[], object], str]] = {
    InvalidValueError: (lambda: takeoff.GrowthLaw(r=-0.3, first_doubling=1), "r must be .*, got -0.3"),
    DtypeError: (lambda: takeoff.GrowthLaw(r="x", first_doubling=1), "r must be .*, got str"),
    ShapeError: (lambda: takeoff.GrowthLaw(r=[1, 2], first_doubling=[1, 2, 3]), r"r \(2,\), first_doubling \(3,\)"),
    SizeError: (
        lambda: takeoff.simulate(takeoff.GrowthLaw(r=np.ones(10**5), first_doubling=1), 1, points=10**7),
        "simulate needs 8.0 TB",
    ),
    UnknownNameError: (
        lambda: takeoff.GrowthLaw(r=1, first_doubling=1, limit_shape="flat"),  # type: ignore[arg-type]
        "limit_shape must be one of linear, abrupt, got 'flat'",
    ),
    ScenarioError: (lambda: takeoff.scenarios.parse("", "mine"), "title is missing"),
    OutputError: (_unwritable, "cannot write to"),
    InternalError: (lambda: _core.panic_for_tests({"threads": None, "chunk": None}), "on purpose"),
}


@pytest.mark.parametrize("error", RAISED, ids=lambda error: error.code)
def test_every_class_is_raised(error: type[TakeoffError]) -> None:
    call, message = RAISED[error]
    with pytest.raises(error, match=message) as caught:
        call()
    assert type(caught.value) is error


def test_a_missing_extra_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {*RAISED, MissingExtraError} == set(CATALOGUE.values())
    result = takeoff.simulate(takeoff.GrowthLaw(r=1, first_doubling=1), 1)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("_pictures", "_report"):
        monkeypatch.delitem(sys.modules, f"takeoff.reproduce.{name}", raising=False)
        monkeypatch.delattr(reproduction, name, raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=re.escape("takeoff[plot]")):
        result.plot()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        with pytest.raises(MissingExtraError, match="the reproduction needs the extra 'plot'"):
            reproduction.reproduce(out)
        assert not out.exists()


def test_errors_of_the_engine_carry_their_fields() -> None:
    with pytest.raises(InvalidValueError) as caught:
        takeoff.GrowthLaw(r=[1, 2, -3], first_doubling=1)
    error = caught.value
    assert (error.owner, error.name, error.value, error.index) == ("GrowthLaw", "r", -3.0, 2)
    assert "finite and > 0" in error.rule
    with pytest.raises(UnknownNameError) as unknown:
        takeoff.GrowthLaw(r=1, first_doubling=1, limit_shape="abrubt")  # type: ignore[arg-type]
    assert unknown.value.given == "abrubt"
    assert unknown.value.allowed == takeoff.GrowthLaw.group.choices["limit_shape"].options
    assert "did you mean 'abrupt'?" in str(unknown.value)
