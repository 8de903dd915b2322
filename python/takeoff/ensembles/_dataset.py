"""Rows of an ensemble on disk: parts that are complete or absent, and a manifest that says what they are of."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any, Final

import polars as pl

from takeoff._arrays import as_text
from takeoff.errors import DtypeError, OutputError

_MANIFEST: Final = "takeoff.json"


class Dataset:
    """A directory of Parquet files, one for each part of the draws.

    Parameters
    ----------
    directory : str or path
        Where it is, or will be.
    manifest : dict
        What it holds; another run's directory is refused.
    """

    def __init__(self, directory: str | os.PathLike[str], manifest: dict[str, Any]) -> None:
        if not isinstance(directory, (str, os.PathLike)):
            raise DtypeError("ensemble", "to_parquet", type(directory).__name__, "the path of a directory")
        self.directory = Path(as_text("ensemble", "to_parquet", os.fsdecode(directory)))
        self._text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._claim(manifest)
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write to {self.directory}: {error.strerror or error}") from error

    def _claim(self, manifest: dict[str, Any]) -> None:
        there = self.directory / _MANIFEST
        for left in self.directory.glob(".part-*.parquet.*"):  # by a run that was killed
            left.unlink(missing_ok=True)
        if there.exists():
            try:
                held = json.loads(there.read_text(encoding="utf-8"))
            except ValueError:
                held = {}
            other = [key for key in {**manifest, **held} if held.get(key) != manifest.get(key)]
            if other:
                rule = "choose another directory, or remove it"
                raise OutputError(f"{self.directory} holds another run, of another {', '.join(other)}: {rule}")
        elif any(path for path in self.directory.iterdir() if not path.name.startswith(f".{_MANIFEST}.")):
            raise OutputError(f"{self.directory} holds other files: choose an empty or a new directory")
        else:
            self._replace(there, self._text.encode())

    def part(self, number: int) -> Path:
        """Return the file of a part."""
        return self.directory / f"part-{number:06}.parquet"

    def read(self, number: int) -> pl.DataFrame:
        """Return a part that is complete."""
        try:
            return pl.read_parquet(self.part(number))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise OutputError(f"cannot read {self.part(number)}: {error}; remove it to have it made again") from error

    def write(self, number: int, rows: pl.DataFrame) -> None:
        """Write a part whole."""
        content = io.BytesIO()
        rows.write_parquet(content, metadata={"takeoff": self._text})
        self._replace(self.part(number), content.getbuffer())

    def scan(self) -> pl.LazyFrame:
        """Return all rows."""
        return pl.scan_parquet(self.directory / "part-*.parquet")

    def _replace(self, target: Path, content: bytes | memoryview) -> None:
        """Write beside a file and rename into its place."""
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_bytes(content)
            beside.replace(target)
        except OSError as error:
            rule = "what was written before is complete, and the same call goes on from there"
            raise OutputError(f"cannot write {target}: {error.strerror or error}; {rule}") from error
        finally:
            beside.unlink(missing_ok=True)
