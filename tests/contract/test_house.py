"""The order of the house: imports go down, and a model is named by its own files alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from takeoff.models import MODELS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "python" / "takeoff"
CORE = ROOT / "rust" / "core" / "src"

pytestmark = pytest.mark.skipif(
    not CORE.exists(), reason="reads the sources of the engine, which a wheel does not hold"
)

# From the bottom up; an import goes to a lower level, or stays within a package.
PYTHON_LEVELS = (
    ("errors", "units"),
    ("_arrays", "_files", "citations"),
    ("_core",),
    ("conversions", "growth_rates", "datasets"),
    ("distributions",),
    ("models._spec", "models._influences", "models._base", "models._declare"),
    ("_grid", "_draw"),
    ("_answers",),
    ("trajectory",),
    ("models",),
    ("simulation", "workforce"),
    ("expr", "frames", "figures"),
    ("ensembles",),
    ("scenarios",),
    ("evidence",),
    ("reproduce",),
    ("cli",),
    ("__main__",),
)
RUST_LEVELS = (
    ("error", "argument"),
    ("parallel", "numerics"),
    ("model",),
    ("law", "quantiles", "sampling"),
    ("estimation", "conversions"),
    ("models",),
)


def python_modules() -> dict[str, Path]:
    """Modules of the package by their name in it; a package stands for its ``__init__``."""
    modules = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules | {"_core": PACKAGE / "_core.pyi"}


def python_graph() -> dict[str, set[str]]:
    """What each module imports: at the top, in functions and for types alike."""
    modules = python_modules()
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = []
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                assert node.level == 0, f"{name} imports by a relative name"
                targets = [f"{node.module}.{alias.name}" for alias in node.names]
            for target in targets:
                inner = target.removeprefix("takeoff.")
                while inner and inner not in modules:
                    inner = inner.rpartition(".")[0]
                if target.startswith("takeoff") and inner and inner != name:
                    graph[name].add(inner)
    return graph


def rust_graph() -> dict[str, set[str]]:
    """What each file of the engine uses of others, by ``crate::`` and ``super::`` paths."""
    files = {}
    for path in CORE.rglob("*.rs"):
        parts = path.relative_to(CORE).with_suffix("").parts
        files["::".join(part for part in parts if part not in ("mod", "lib"))] = path
    graph: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        for root, inner in re.findall(r"\b(crate|super)::((?:\w+::)*\w+)", text):
            base = name.rpartition("::")[0] if root == "super" else ""
            target = "::".join(part for part in (base, inner) if part)
            while target and target not in files:
                target = target.rpartition("::")[0]
            if target and target != name:
                graph[name].add(target)
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which leads to every other."""
    reached = {name: set(targets) for name, targets in graph.items()}
    for middle in graph:
        for targets in reached.values():
            if middle in targets:
                targets |= reached.get(middle, set())
    groups = {tuple(sorted(other for other in reached[name] if name in reached.get(other, set()))) for name in reached}
    return sorted(list(group) for group in groups if len(group) > 1)


def level_of(name: str, levels: tuple[tuple[str, ...], ...], sign: str) -> int:
    """The level of a module, or of the package that it is in."""
    while name:
        for height, members in enumerate(levels):
            if name in members:
                return height
        name = name.rpartition(sign)[0]
    raise AssertionError(f"{name} has no level: add it to the list")


def rising(graph: dict[str, set[str]], levels: tuple[tuple[str, ...], ...], sign: str) -> Iterator[str]:
    """Imports that do not go down."""
    for name, targets in graph.items():
        if not name:  # the face of the package hands names on
            continue
        for target in sorted(targets - {""}):
            above, below = level_of(name, levels, sign), level_of(target, levels, sign)
            if below > above or (below == above and name.partition(sign)[0] != target.partition(sign)[0]):
                yield f"{name} (level {above}) imports {target} (level {below})"


def test_python_imports_go_down(capsys: pytest.CaptureFixture[str]) -> None:
    graph = python_graph()
    assert not list(rising(graph, PYTHON_LEVELS, "."))
    assert not circles({name: targets - {""} for name, targets in graph.items() if name})
    for height, members in enumerate(PYTHON_LEVELS):
        inside = [name for name in graph if name and level_of(name, PYTHON_LEVELS, ".") == height]
        print(f"level {height}: {', '.join(members)} ({len(inside)} modules)")
    assert capsys.readouterr().out.count("level") == len(PYTHON_LEVELS)


def test_the_engine_uses_what_lies_below() -> None:
    graph = {name: targets for name, targets in rust_graph().items() if name}
    assert not list(rising(graph, RUST_LEVELS, "::"))
    # A recursive type may know itself: a mixture is made of distributions.
    assert circles(graph) in ([], [["sampling::composite", "sampling::distribution"]])


def test_only_the_drawing_loads_figures() -> None:
    """`_draw` alone reaches the figures from below, by their names."""
    text = (PACKAGE / "_draw.py").read_text(encoding="utf-8")
    assert 'import_module("takeoff.figures")' in text
    others = [path for path in PACKAGE.rglob("*.py") if path.name != "_draw.py"]
    assert not [path for path in others if '"takeoff.figures"' in path.read_text(encoding="utf-8")]


def code_of(path: Path) -> str:
    """A file without the examples of its docstrings and what they print: they name models so that they can be run."""
    return re.sub(r"^[ ]*>>> .*(\n[ ]*\S.*)*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def may_name(path: Path) -> bool:
    """Whether a file may name a model: those of the models, the face of the package, what reproduces papers, data."""
    inside = path.relative_to(ROOT).parts
    return (
        inside[:3] == ("python", "takeoff", "models")
        or inside[:4] == ("rust", "core", "src", "models")
        or inside == ("python", "takeoff", "__init__.py")
        or inside[:3] == ("python", "takeoff", "reproduce")
        or inside[:4] == ("python", "takeoff", "scenarios", "library")
    )


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_named_by_its_own_files_alone(name: str) -> None:
    kind = MODELS[name]
    # The snake-case name as a word of code: several are words of the language too.
    words = re.compile(rf"\b({kind.__name__}|{kind.Result.__name__})\b|[\"']{name}[\"']|\bmodels[.:]+{name}\b")
    sources = [path for folder in (PACKAGE, ROOT / "rust") for path in folder.rglob("*") if path.suffix in SOURCES]
    named = [str(path.relative_to(ROOT)) for path in sources if not may_name(path) and words.search(code_of(path))]
    assert not named


SOURCES = {".py", ".pyi", ".rs", ".toml"}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_three_files(name: str) -> None:
    assert (PACKAGE / "models" / f"{name}.py").is_file()
    assert (PACKAGE / "models" / f"{name}.toml").is_file()
    engine = CORE / "models"
    assert (engine / f"{name}.rs").is_file() or (engine / name / "mod.rs").is_file()
