"""The package as a whole: a light import, documented names, types for others, and modules of a readable size."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import takeoff
from takeoff import _core, errors

ROOT = Path(__file__).parents[2]
PACKAGE = Path(takeoff.__file__).parent
MODULES = sorted(m.name for m in pkgutil.walk_packages(takeoff.__path__, "takeoff."))
PUBLIC = ["takeoff", *(name for name in MODULES if "._" not in name)]
HEAVY = (
    "matplotlib",
    "networkx",
    "jinja2",
    "rich",
    "rich_click",
    "click",
    "scipy",
    "numba",
    "pandas",
    "mpmath",
    "pyarrow",
)
SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "See Also", "Notes", "References", "Examples")
LONGEST = 550


def imported(name: str) -> ModuleType:
    return importlib.import_module(name)


def documented() -> dict[str, Any]:
    """Every public function, class and method by where it is found first; exceptions and commands are apart."""
    found: dict[str, Any] = {}
    for module in PUBLIC:
        if module in {"takeoff.errors", "takeoff.cli"}:
            continue
        for name in imported(module).__all__:
            thing = getattr(imported(module), name)
            if inspect.isroutine(thing) or inspect.isclass(thing):
                found.setdefault(f"{thing.__module__}.{name}", thing)
            if inspect.isclass(thing):
                members = [(n, m) for n, m in vars(thing).items() if not n.startswith("_") and inspect.isfunction(m)]
                found.update({f"{thing.__module__}.{name}.{n}": member for n, member in members})
    return found


DOCUMENTED = documented()


def headings(doc: str) -> list[str]:
    return re.findall(r"^([A-Z][A-Za-z ]+)\n-+$", doc, re.MULTILINE)


# ---- import --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import takeoff",
        "from takeoff import *",
        "import takeoff; takeoff.simulate(takeoff.GrowthLaw(r=3, first_doubling=1, limit=30), 1).summary",
        "import takeoff; [takeoff.scenarios.load(name).run() for name in ('fizzle', 'toy-fizzle')]",
        "import takeoff; takeoff.datasets.load('returns_estimates'); dir(takeoff)",
    ],
)
def test_the_import_is_light(code: str) -> None:
    listed = f"{code}\nimport sys\nprint(*sys.modules)"
    program = [sys.executable, "-W", "error", "-c", listed]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    tops = {name.partition(".")[0] for name in done.stdout.split()}
    assert tops & set(HEAVY) == set()
    assert "takeoff" in tops


def test_figures_and_reproduction_come_when_asked_for() -> None:
    code = "import takeoff; print(takeoff.figures.__name__, takeoff.reproduce.__name__)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["takeoff.figures", "takeoff.reproduce"]
    with pytest.raises(AttributeError, match="module 'takeoff' has no attribute 'figure'"):
        takeoff.figure  # noqa: B018


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported_first(name: str) -> None:
    if name.endswith("._core"):
        name = "takeoff._core"
    assert imported(name).__name__ == name


def test_modules_can_be_imported_in_any_order() -> None:
    for name in ("takeoff.errors", "takeoff.trajectory", "takeoff.scenarios", "takeoff.models", "takeoff.reproduce"):
        subprocess.run([sys.executable, "-W", "error", "-c", f"import {name}"], check=True)


# ---- names and documentation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", PUBLIC)
def test_listed_names_exist(module: str) -> None:
    listed = imported(module).__all__
    assert len(set(listed)) == len(listed)
    for name in listed:
        assert hasattr(imported(module), name)


@pytest.mark.parametrize("module", ["takeoff", *MODULES])
def test_every_module_says_what_it_is(module: str) -> None:
    if not module.endswith("._core"):
        assert (imported(module).__doc__ or "").strip()


def test_every_listed_name_is_documented() -> None:
    for name in takeoff.__all__:
        thing = getattr(takeoff, name)
        if not isinstance(thing, (float, str)):
            assert (inspect.getdoc(thing) or "").strip(), name


def test_constants_are_documented() -> None:
    text = (PACKAGE / "units.py").read_text(encoding="utf-8")
    for name in ("DAY", "MONTH", "YEAR"):
        assert re.search(rf'^{name}: Final = .*\n"""', text, re.MULTILINE)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_docstrings_are_numpydoc(name: str) -> None:
    doc = inspect.getdoc(DOCUMENTED[name]) or ""
    summary, _, rest = doc.partition("\n")
    assert summary.endswith((".", ":"))
    assert not rest or rest.startswith("\n")
    found = headings(doc)
    assert set(found) <= set(SECTIONS)
    assert found == sorted(found, key=SECTIONS.index)
    assert "Examples" in found
    assert ">>> " in doc.partition("Examples\n")[2]


@pytest.mark.parametrize("name", [n for n, thing in DOCUMENTED.items() if inspect.isfunction(thing)])
def test_every_parameter_and_result_is_documented(name: str) -> None:
    function = DOCUMENTED[name]
    doc = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    given = [str(p.replace(annotation=p.empty, default=p.empty)) for p in signature.parameters.values()]
    section = doc.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    listed = [n.strip() for line in re.findall(r"^(\S[^:\n]*)(?: :|$)", section, re.MULTILINE) for n in line.split(",")]
    assert [n for n in given if n != "self"] == listed
    if signature.return_annotation not in (None, "None"):
        assert "Returns\n-------\n" in doc


def test_properties_are_documented() -> None:
    models = (takeoff.DavidsonHoulden, takeoff.GrowthLaw, takeoff.HumanReaction, takeoff.ToyModel)
    results = (takeoff.DavidsonHouldenTrajectory, takeoff.ReactionTrajectory, takeoff.ToyTrajectory)
    for thing in (*models, *results, takeoff.Trajectory):
        for name, member in inspect.getmembers(thing):
            if not name.startswith("_") and not isinstance(member, (str, tuple)) and member is not None:
                assert (inspect.getdoc(member) or "").strip(), f"{thing.__name__}.{name}"


def test_every_error_is_documented() -> None:
    for error in (errors.TakeoffError, *errors.CATALOGUE.values()):
        assert (vars(error).get("__doc__") or "").strip()


def test_every_publication_that_a_model_names_is_known() -> None:
    for model in takeoff.models.MODELS.values():
        assert model.citations
        for key in model.citations:
            assert takeoff.citations.reference(key)


# ---- files ---------------------------------------------------------------------------------------------------------


def test_the_package_is_typed() -> None:
    files = resources.files("takeoff")
    assert files.joinpath("py.typed").is_file()
    assert files.joinpath("_core.pyi").is_file()


def test_data_files_are_in_the_package() -> None:
    assert len(takeoff.scenarios.names()) >= 8
    assert len(takeoff.datasets.names()) >= 7
    assert resources.files("takeoff.reproduce").joinpath("report.html.j2").is_file()


def sources() -> list[Path]:
    package = [path for path in PACKAGE.rglob("*.py*") if path.suffix in {".py", ".pyi"}]
    return sorted({*package, *(ROOT / "rust").rglob("*.rs")})


@pytest.mark.parametrize("path", sources(), ids=lambda path: "/".join(path.parts[-3:]))
def test_modules_are_of_a_readable_size(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST
    assert max(map(len, lines), default=0) <= 140


def test_versions_agree() -> None:
    assert takeoff.__version__ == _core.__version__
    assert f"version: {takeoff.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8").replace('"', "")
    assert takeoff.__version__ in takeoff.citation(takeoff.ToyModel())


def test_the_build_is_known() -> None:
    assert takeoff.build_profile() in {"release", "debug"}
