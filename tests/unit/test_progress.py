"""Progress bars of long runs: in a notebook, on a terminal, and none where nobody looks."""

import io
import sys
from types import ModuleType
from typing import Any

import pytest
import rich.console

from takeoff import MONTH, GrowthLaw, between, ensemble
from takeoff.ensembles import _progress, _run

LAW = GrowthLaw(r=between(0.4, 3.6), first_doubling=MONTH)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "_QUIET", -1.0)
    monkeypatch.setattr(_progress, "_PAUSE", 0.0)
    monkeypatch.setattr(_run, "_COUNTED", 4096)


def test_a_notebook_is_shown_one_bar_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, dict[str, str]]] = []

    class Handle:
        def update(self, data: dict[str, str], *, raw: bool) -> None:
            assert raw
            shown.append(("update", data))

    def display(data: dict[str, str], *, raw: bool, display_id: bool) -> Handle:
        assert raw
        assert display_id
        shown.append(("new", data))
        return Handle()

    module: Any = ModuleType("IPython.display")
    module.display = display
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)
    ensemble(LAW, 16_384, horizon=1)
    assert [kind for kind, _ in shown] == ["new", *["update"] * 4]
    assert [data["text/plain"] for _, data in shown] == [*(f"ensemble: {n}%" for n in (25, 50, 75, 100)), ""]
    assert '<progress value="0.250" max="1">' in shown[0][1]["text/html"]
    assert shown[-1][1]["text/html"] == ""
    shown.clear()
    ensemble(LAW, 16_384, horizon=1, progress=False)
    assert not shown


def test_a_terminal_is_shown_a_bar_for_each_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with _progress.progress(None, 100) as advance:
        for _ in range(4):
            advance(50)
    text = terminal.getvalue()
    assert "ensemble" in text
    assert "exact quantiles" in text


def test_nothing_is_shown_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    ensemble(LAW, 16_384, horizon=1)
    assert not file.getvalue()
