"""Where the pieces of an ensemble are worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from takeoff.ensembles._piece import Brackets, Piece

__all__ = ["Backend", "Local", "in_order"]


class Backend(Protocol):
    """Somewhere to work pieces: this process, other processes, other machines."""

    def map(
        self, work: Callable[[int, int, Brackets], Piece], pieces: Iterable[tuple[int, int, Brackets]]
    ) -> Iterator[Piece]:
        """Work pieces.

        Parameters
        ----------
        work : callable
            A function of its arguments alone, which pickles.
        pieces : iterable of tuple
            Arguments: first draw, number of draws and brackets, which pickle. To be taken when there is room for
            another piece, since brackets narrow as pieces are added.

        Returns
        -------
        iterator of Piece
            Each piece once, in any order.
        """
        ...


class Local:
    """Work in this process: one piece after the other, each on all threads."""

    def map(
        self, work: Callable[[int, int, Brackets], Piece], pieces: Iterable[tuple[int, int, Brackets]]
    ) -> Iterator[Piece]:
        """Work each piece when the one before has been added."""
        for start, count, brackets in pieces:
            yield work(start, count, brackets)


def in_order(pieces: Iterable[Piece], start: int) -> Iterator[Piece]:
    """Yield consecutive pieces in the order of their draws, of which `start` is the first."""
    waiting: dict[int, Piece] = {}
    for piece in pieces:
        waiting[piece.start] = piece
        while start in waiting:
            following = waiting.pop(start)
            start += following.count
            yield following
