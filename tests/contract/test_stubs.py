"""The stub of the compiled module agrees with what is compiled."""

import ast
import inspect
from importlib import resources
from types import ModuleType

import numpy as np
import pytest

import takeoff
from takeoff import _core

TEXT = resources.files("takeoff").joinpath("_core.pyi").read_text(encoding="utf-8")
STUB = ast.parse(TEXT)
FUNCTIONS = {node.name: node for node in STUB.body if isinstance(node, ast.FunctionDef)}
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}
ANY = {"threads": None, "chunk": None}


def public(thing: ModuleType | type) -> set[str]:
    return {name for name in vars(thing) if not name.startswith("_")}


def parameters(node: ast.FunctionDef) -> list[str]:
    """Names of a stub's parameters; none has a default, none is keyword-only."""
    given = node.args
    assert given.vararg is given.kwarg is None
    assert not [*given.kwonlyargs, *given.defaults]
    return [argument.arg for argument in (*given.posonlyargs, *given.args)]


def members(name: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in CLASSES[name].body if isinstance(node, ast.FunctionDef)}


def decorators(node: ast.FunctionDef | ast.ClassDef) -> set[str]:
    return {ast.unparse(decorator) for decorator in node.decorator_list}


def test_the_same_names() -> None:
    assert set(FUNCTIONS) | set(CLASSES) == public(_core)
    listed = next(
        ast.literal_eval(node.value)
        for node in STUB.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert set(listed) == set(_core.__all__) == public(_core) | {"__version__"}
    assert "__version__: Final[str]" in TEXT


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    function = getattr(_core, name)
    assert list(inspect.signature(function).parameters) == parameters(FUNCTIONS[name])
    assert all(
        parameter.default is inspect.Parameter.empty for parameter in inspect.signature(function).parameters.values()
    )
    assert FUNCTIONS[name].returns is not None


@pytest.mark.parametrize("name", CLASSES)
def test_classes(name: str) -> None:
    compiled, stub = getattr(_core, name), members(name)
    assert {member for member in stub if member != "__new__"} == public(compiled)
    assert list(inspect.signature(compiled).parameters) == parameters(stub["__new__"])[1:]
    for member, node in stub.items():
        if member == "__new__":
            continue
        assert node.returns is not None
        if "property" in decorators(node):
            assert inspect.isdatadescriptor(getattr(compiled, member))
        else:
            assert list(inspect.signature(getattr(compiled, member)).parameters) == parameters(node)


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_final_and_frozen(name: str) -> None:
    compiled = getattr(_core, name)
    assert "final" in decorators(CLASSES[name])
    assert compiled.__module__ == "takeoff._core"
    with pytest.raises(TypeError, match="not an acceptable base type"):
        type("Derived", (compiled,), {})


def test_what_is_returned_is_what_is_said() -> None:
    assert isinstance(_core.__version__, str)
    assert _core.build_profile() in {"release", "debug"}
    assert [spec["name"] for spec in _core.models()] == list(takeoff.models.MODELS)
    law = takeoff.GrowthLaw(r=[0.7, 3], first_doubling=1)._plan
    toy = takeoff.ToyModel(agis=[1, 2, 3])._plan
    assert (law.paths, toy.paths) == (2, 3)
    two = np.ones(2)
    normal = takeoff.Normal(0, 1)._engine
    sampler = _core.Sampler(["a", "b"], [normal, normal], [(0, 1, 0.5)])
    assert sampler.variables == 2
    columns = [
        normal.quantile(two / 3, ANY),
        normal.cdf(two, ANY),
        sampler.draw(0, 0, 3, ANY),
        sampler.draw_from(np.full(4, 0.5), ANY),
        _core.exp(two, ANY),
        _core.ln(two, ANY),
        *law.run([("doublings_at", np.arange(4.0)), ("pace_at", np.ones((2, 3))), ("outcome", None)], 4.0, ANY),
        *toy.run([("papers", 4), ("singular_time", None)], None, ANY),
        _core.level(two, ANY),
        _core.papers_factor_from_returns(two, ANY),
        _core.returns_from_papers_factor(2 * two, ANY),
        _core.doubling_ratio_from_papers_factor(2 * two, ANY),
        _core.papers_factor_from_doubling_ratio(two, ANY),
        _core.doubling_ratio_from_returns(two, two[:1], ANY),
        _core.returns_from_doubling_ratio(two, two[:1], ANY),
    ]
    for values in columns:
        assert isinstance(values, np.ndarray)
        assert (values.dtype.str, values.ndim, values.flags.writeable) == (np.dtype(float).str, 1, False)


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert takeoff.__version__ == _core.__version__ == version("takeoff")
