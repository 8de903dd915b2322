"""A progress bar: on a terminal by rich, in a notebook by what IPython has without widgets."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

__all__ = ["progress"]

_QUIET: Final = 1.0
"""Seconds before a bar appears."""
_PAUSE: Final = 0.2
"""Seconds between two looks of a bar in a notebook."""


@contextmanager
def progress(wanted: bool | None, draws: int) -> Iterator[Callable[[int], None]]:
    """Give a function to be called with the draws of each piece that is done."""
    from rich.console import Console

    console = Console(file=sys.stderr)
    if not (console.is_terminal or console.is_jupyter if wanted is None else wanted):
        yield lambda _: None
        return
    bar: _Bar = _Notebook(draws) if console.is_jupyter else _Terminal(console, draws)
    since, done, name = time.monotonic(), 0, "ensemble"

    def advance(count: int) -> None:
        nonlocal done, name
        if done >= draws:
            done, name = 0, "exact quantiles"
        done += count
        if time.monotonic() - since > _QUIET:
            bar.show(name, done)

    try:
        yield advance
    finally:
        bar.close()


class _Bar(Protocol):
    def show(self, name: str, done: int) -> None: ...

    def close(self) -> None: ...


class _Terminal:
    def __init__(self, console: Console, draws: int) -> None:
        from rich.progress import Progress

        self._bar = Progress(console=console, transient=True)
        self._draws = draws
        self._name = ""

    def show(self, name: str, done: int) -> None:
        if name != self._name:
            self._bar.start()
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._task, self._name = self._bar.add_task(name, total=self._draws), name
        self._bar.update(self._task, completed=done)

    def close(self) -> None:
        self._bar.stop()


class _Notebook:
    def __init__(self, draws: int) -> None:
        self._draws = draws
        self._handle: Any = None
        self._shown = 0.0

    def show(self, name: str, done: int) -> None:
        now = time.monotonic()
        if now - self._shown < _PAUSE:
            return
        self._shown = now
        share = done / self._draws
        self._put(f"{name}: {share:.0%}", f'{name} <progress value="{share:.3f}" max="1"></progress> {share:.0%}')

    def close(self) -> None:
        if self._handle is not None:
            self._put("", "")

    def _put(self, plain: str, html: str) -> None:
        from IPython.display import display

        data = {"text/plain": plain, "text/html": html}
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)
