"""Every example runs: in docstrings, in README and in docs."""

import doctest
import importlib
import pkgutil
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import takeoff

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = sorted(m.name for m in pkgutil.walk_packages(takeoff.__path__, "takeoff.") if not m.name.endswith("._core"))
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("name", ["takeoff", *MODULES])
def test_docstrings(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert result.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 0


def test_commands_of_the_readme(tmp_path: Path) -> None:
    """Every `takeoff` command that README shows runs."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [line.removeprefix("$ ").partition("#")[0] for line in lines if line.startswith("$ takeoff ")]
    assert len(commands) == 7
    for command in commands:
        arguments = shlex.split(command)[1:]
        program = [sys.executable, "-c", "from takeoff.cli import main; main()", *arguments]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert {path.name for path in tmp_path.iterdir()} == {"fizzle.parquet", "fizzle.svg", "reproduction"}


def test_the_scenario_shown_is_valid() -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shown = text.partition("```toml\n")[2].partition("```")[0]
    assert takeoff.scenarios.parse(shown, "shown").run().regime == "fizzle"
