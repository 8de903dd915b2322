"""The publications behind the models."""

from __future__ import annotations

from typing import Any

from takeoff.errors import DtypeError, UnknownNameError

__all__ = ["PUBLICATIONS", "citation", "reference"]

PUBLICATIONS: dict[str, str] = {
    "davidson-houlden-2025": (
        "Davidson, T. & Houlden, T. (2025). How quick and big would a software intelligence explosion be? "
        "Forethought, 2025."
    ),
    "dersimonian-1986": (
        "DerSimonian, R. & Laird, N. (1986). Meta-analysis in clinical trials. "
        "Controlled Clinical Trials 7(3), 177-188."
    ),
    "erdil-2024": (
        "Erdil, E., Besiroglu, T. & Ho, A. (2024). Estimating Idea Production: A Methodological Survey. Epoch AI."
    ),
    "eth-davidson-2025": (
        "Eth, D. & Davidson, T. (2025). Will AI R&D Automation Cause a Software Intelligence Explosion? "
        "Forethought, March 2025."
    ),
    "ho-whitfill-2025": (
        "Ho, A. & Whitfill, P. (2025). The software intelligence explosion debate needs experiments. "
        "Epoch AI, November 2025."
    ),
    "hoffmann-2022": (
        "Hoffmann, J. et al. (2022). Training Compute-Optimal Large Language Models. "
        "36th Conference on Neural Information Processing Systems. https://arxiv.org/abs/2203.15556"
    ),
    "kaplan-2020": (
        "Kaplan, J. et al. (2020). Scaling Laws for Neural Language Models. https://arxiv.org/abs/2001.08361"
    ),
}
"""Publications by key."""


def citation(thing: Any) -> str:
    """List the publications to cite for a model, a result, an estimate, a scenario or a workforce.

    Parameters
    ----------
    thing : Model, Trajectory or another result, Estimate, Pooled, Chain, Monitor, Scenario or Workforce
        Object whose publications to list.

    Returns
    -------
    str
        One publication per line; takeoff itself is the first.

    Raises
    ------
    DtypeError
        An object that has no publications.

    Examples
    --------
    >>> import takeoff
    >>> print(takeoff.citation(takeoff.ToyModel()))  # doctest: +ELLIPSIS
    takeoff ... (software for simulating a software intelligence explosion).
    Eth, D. & Davidson, T. (2025). Will AI R&D Automation Cause a Software Intelligence Explosion? Forethought, ...
    """
    from takeoff import __version__

    keys = getattr(getattr(thing, "model", thing), "citations", None)
    if keys is None:
        raise DtypeError(
            "citation", "thing", type(thing).__name__, "a model, a result, an estimate, a scenario or a workforce"
        )
    software = f"takeoff {__version__} (software for simulating a software intelligence explosion)."
    return "\n".join([software, *map(reference, keys)])


def reference(key: str) -> str:
    """Return a publication in full.

    Parameters
    ----------
    key : str
        A key of :data:`PUBLICATIONS`, or a reference in full, as the files of models may have it.

    Returns
    -------
    str
        Author, year, title.

    Raises
    ------
    UnknownNameError
        A key that is not there.

    Examples
    --------
    >>> from takeoff.citations import reference
    >>> reference("kaplan-2020")[:16]
    'Kaplan, J. et al'
    """
    if key not in PUBLICATIONS and " " not in key:
        raise UnknownNameError("publication", key, PUBLICATIONS)
    return PUBLICATIONS.get(key, key)
