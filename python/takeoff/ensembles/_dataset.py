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
    draws, part_rows : int
        Rows in all, and rows of a part.
    """

    def __init__(self, directory: str | os.PathLike[str], manifest: dict[str, Any], draws: int, part_rows: int) -> None:
        if not isinstance(directory, (str, os.PathLike)):
            raise DtypeError("ensemble", "to_parquet", type(directory).__name__, "the path of a directory")
        self.directory = Path(as_text("ensemble", "to_parquet", os.fsdecode(directory)))
        self._draws, self._part_rows = draws, part_rows
        self._taken = 0
        self._waiting: list[pl.DataFrame] = []
        self._read: tuple[int, pl.DataFrame] | None = None
        manifest = {**manifest, "rows_per_part": part_rows}
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

    def holds(self, draw: int) -> bool:
        """Whether the part with a draw is complete."""
        return self._part(draw // self._part_rows).exists()

    def rows(self, start: int, count: int) -> dict[str, pl.Series]:
        """Return the columns of `count` rows of a complete part, from the draw `start` on."""
        number = start // self._part_rows
        if self._read is None or self._read[0] != number:
            self._read = (number, self._complete(number))
        part = self._read[1].slice(start - number * self._part_rows, count)
        return {column.name: column for column in part.iter_columns()}

    def extend(self, rows: pl.DataFrame) -> None:
        """Take the rows of the next draws; write a part as soon as its rows are there."""
        self._waiting.append(rows)
        self._taken += rows.height
        if self._taken % self._part_rows and self._taken < self._draws:
            return
        number = (self._taken - 1) // self._part_rows
        if not self._part(number).exists():
            self._write(number, pl.concat(self._waiting, rechunk=True))
        self._waiting = []

    def _part(self, number: int) -> Path:
        return self.directory / f"part-{number:06}.parquet"

    def _complete(self, number: int) -> pl.DataFrame:
        try:
            return pl.read_parquet(self._part(number))
        except (OSError, pl.exceptions.PolarsError) as error:
            rule = "remove it to have it made again"
            raise OutputError(f"cannot read {self._part(number)}: {error}; {rule}") from error

    def _write(self, number: int, rows: pl.DataFrame) -> None:
        """Write a part whole."""
        content = io.BytesIO()
        rows.write_parquet(content, metadata={"takeoff": self._text})
        self._replace(self._part(number), content.getbuffer())

    def _replace(self, target: Path, content: bytes | memoryview) -> None:
        """Write a temporary file next to the target and rename it to the target."""
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            temporary.write_bytes(content)
            temporary.replace(target)
        except OSError as error:
            rule = "what was written before is complete, and the same call goes on from there"
            raise OutputError(f"cannot write {target}: {error.strerror or error}; {rule}") from error
        finally:
            temporary.unlink(missing_ok=True)
