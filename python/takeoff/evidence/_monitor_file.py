"""File format of a monitor: a line that names the format, a digest of the rest, a header, and the particles."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from takeoff._arrays import as_text
from takeoff._files import write_files
from takeoff.distributions import from_dict
from takeoff.errors import DtypeError, InvalidValueError, OutputError

if TYPE_CHECKING:
    from os import PathLike

    from takeoff._arrays import Floats

_MAGIC: Final = b"takeoff monitor 1\n"


def write(path: str | PathLike[str], header: dict[str, Any], columns: Floats) -> None:
    """Write the file, completely or not at all."""
    target = _as_path("Monitor.save", path)
    if target.is_dir():
        raise OutputError(f"cannot write to {target}: it is a folder")
    text = json.dumps(header).encode() + b"\n"
    body = text + columns.astype("<f8").tobytes()
    digest = hashlib.sha256(body).hexdigest().encode() + b"\n"
    write_files(target.parent, {target.name: _MAGIC + digest + body})


def read(path: str | PathLike[str]) -> tuple[dict[str, Any], Floats]:
    """Read the header and the particles."""
    source = _as_path("Monitor.load", path)
    try:
        content = source.read_bytes()
    except OSError as error:
        rule = f"a file that can be read ({error.strerror or error})"
        raise InvalidValueError("Monitor.load", "path", str(path), rule) from error
    if not content.startswith(_MAGIC):
        raise not_a_monitor(path)
    digest, _, body = content[len(_MAGIC) :].partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise InvalidValueError("Monitor.load", "path", str(path), "whole: it was cut short or changed")
    text, _, numbers = body.partition(b"\n")
    try:
        header = json.loads(text)
        columns = np.frombuffer(numbers, dtype="<f8").astype(np.float64)
    except ValueError as error:
        raise not_a_monitor(path) from error
    if not isinstance(header, dict):
        raise not_a_monitor(path)
    return header, columns


def _as_path(owner: str, path: Any) -> Path:
    """Convert `path` to a Path."""
    if not isinstance(path, (str, os.PathLike)):
        raise DtypeError(owner, "path", type(path).__name__, "a path")
    text = as_text(owner, "path", os.fsdecode(path))
    if "\0" in text:
        raise InvalidValueError(owner, "path", text, "a path without null characters")
    return Path(text)


def fields(header: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the monitor from the header."""
    return {name: from_dict(v) if isinstance(v, dict) else v for name, v in header["fields"].items()}


def not_a_monitor(path: str | PathLike[str]) -> InvalidValueError:
    """Create the error for a file that no monitor wrote."""
    return InvalidValueError("Monitor.load", "path", str(path), "a file that Monitor.save wrote")
