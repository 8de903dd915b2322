"""What benchmarks say of the machine, and the sections of README.md that they write."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def available_threads() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def load() -> str:
    try:
        return f"{os.getloadavg()[0]:.2f}"
    except (AttributeError, OSError):
        return "unknown"


def write(file: Path, text: str) -> None:
    """Replace a file at once, so that no reader sees half of it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_section(file: Path, name: str, section: str) -> None:
    """Replace what stands between a benchmark's marks in a file."""
    begin, end = f"<!-- written by {name} -->", f"<!-- end of {name} -->"
    head, found, rest = file.read_text(encoding="utf-8").partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        sys.exit(f"{name}: {file} has no marks '{begin}' and '{end}'")
    write(file, f"{head}{begin}\n\n{section}\n\n{end}{tail}")
