"""The one way from results to their figures, by a figure's name: only here is :mod:`takeoff.figures` loaded."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw"]


def draw(name: str, *what: Any, **options: Any) -> Figure:
    """Draw a figure of :mod:`takeoff.figures` (needs the extra ``plot``).

    Parameters
    ----------
    name : str
        Name of the function that draws it.
    *what, **options
        Its arguments.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure: Figure = getattr(importlib.import_module("takeoff.figures"), name)(*what, **options)
    return figure
