"""The one way from results to their figures: only here are modules of figures loaded.

Figures import the results that they draw. A result names its figure instead of importing it, so that imports between
modules go one way, and plotting libraries load with the first figure.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "draw_figure", "image"]


def draw(name: str, *arguments: Any, **options: Any) -> Figure:
    """Draw a figure of :mod:`takeoff.figures` (needs the extra ``plot``).

    Parameters
    ----------
    name : str
        Name of the function that draws it.
    *arguments, **options
        Its arguments.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure: Figure = getattr(import_module("takeoff.figures"), name)(*arguments, **options)
    return figure


def draw_figure(module: str, function: str, *arguments: Any) -> Figure:
    """Call a function of another module of figures.

    Parameters
    ----------
    module : str
        The module, relative to this package: ``evidence._figures``.
    function : str
        Its function that draws the figure.
    *arguments
        Arguments of the function.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure: Figure = getattr(import_module(f"takeoff.{module}"), function)(*arguments)
    return figure


def image(figure: Figure, suffix: str) -> bytes:
    """Render a figure as an image file, without a date, so that equal figures give equal bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    suffix : str
        Kind of the file, with a dot or without: ``"svg"``, ``".png"``.

    Returns
    -------
    bytes
        Content of the file.
    """
    content: bytes = import_module("takeoff.figures._style").image(figure, suffix)
    return content
