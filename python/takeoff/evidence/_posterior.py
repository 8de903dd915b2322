"""Draws of an estimate as ArviZ data."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from takeoff.errors import MissingExtraError

if TYPE_CHECKING:
    import polars as pl


def import_arviz(owner: str) -> Any:
    """Import ArviZ, without the announcement of its next version that the first import prints."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"\s*ArviZ is undergoing", FutureWarning)
            import arviz
    except ImportError:
        raise MissingExtraError(owner, "bayes") from None
    return arviz


def inference_data(draws: pl.DataFrame) -> Any:
    """Convert draws to ArviZ data, as one chain: they have equal weights, and their order has no meaning."""
    arviz = import_arviz("Estimate.posterior")
    columns = {name: draws[name].to_numpy()[None, :] for name in draws.columns}
    log_likelihood = columns.pop("log_likelihood", None)
    groups = {"posterior": columns}
    if log_likelihood is not None:
        groups["sample_stats"] = {"lp": log_likelihood}
    major = int(str(arviz.__version__).partition(".")[0])
    return arviz.from_dict(groups) if major >= 1 else arviz.from_dict(**groups)
