"""What figures read of an ensemble and of its sensitivities, which are above them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import polars as pl

    from takeoff._arrays import Floats

__all__ = ["Draws", "Indices", "Swings"]


class Draws(Protocol):
    """Many draws of an uncertain model, summed up: an ensemble."""

    @property
    def model(self) -> Any: ...
    @property
    def horizon(self) -> float | None: ...
    @property
    def series(self) -> str | None: ...
    @property
    def bands(self) -> pl.DataFrame | None: ...
    def scan(self) -> pl.LazyFrame: ...
    def rank_correlations(self, output: str) -> pl.DataFrame: ...
    def probability_by(self, name: str, event: str | pl.Expr, bins: int = ...) -> pl.DataFrame: ...
    def _column(self, name: str) -> Floats: ...


class Indices(Protocol):
    """Shares of the variance of an output, by input."""

    @property
    def model(self) -> Any: ...
    @property
    def output(self) -> str: ...
    @property
    def frame(self) -> pl.DataFrame: ...


class Swings(Protocol):
    """An output while one input at a time is low or high."""

    @property
    def model(self) -> Any: ...
    @property
    def output(self) -> str: ...
    @property
    def frame(self) -> pl.DataFrame: ...
    @property
    def base(self) -> float: ...
