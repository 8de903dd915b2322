"""Simulate what happens to AI progress once AI does the AI research.

``GrowthLaw(r, first_doubling, ...)``
    the model, with its parts ``CES``, ``Hardware`` and ``Automation``; ``ToyModel`` is the paper's toy
``HumanReaction(law, target_pace, gain, ...)``
    a growth law that people brake when they see it go too fast
``DavidsonHoulden(r, speed_up, limit_years, parallelizability)``
    the recursion of Davidson & Houlden: how many years of progress fit into how many months
``simulate(model, horizon)``
    its course: doublings, level and pace over time, a frame, a plot
``simulate_frame(frame, model, horizon, outputs=...)``, ``expr``
    a model over the rows of a polars frame; expressions for polars queries
``regime(model)``
    explosion, exponential or fizzle
``Workforce(training_compute, run_length, ...)``
    the AI researchers that the hardware of a training run can run
``draw(variables, draws, seed=...)``
    draws of uncertain inputs: ``between(0.4, 3.6)``, ``Normal``, ``Mixture``, ... of ``distributions``
``citation(result)``
    what to cite
``scenarios``, ``datasets``, ``reproduce``
    ready-made scenarios, the paper's data, and the paper computed again

Time is a float in years everywhere: ``1 * takeoff.MONTH`` is a month.
"""

from typing import TYPE_CHECKING

from takeoff import datasets, distributions, errors, expr, scenarios
from takeoff._core import __version__, build_profile
from takeoff.citations import citation
from takeoff.conversions import (
    doubling_ratio_from_papers_factor,
    doubling_ratio_from_returns,
    level_from_doublings,
    papers_factor_from_doubling_ratio,
    papers_factor_from_returns,
    returns_from_doubling_ratio,
    returns_from_papers_factor,
)
from takeoff.distributions import (
    Beta,
    Derived,
    Discrete,
    Empirical,
    Gamma,
    HalfCauchy,
    Lognormal,
    Loguniform,
    Mixture,
    Normal,
    Triangular,
    Truncated,
    Uniform,
    between,
    draw,
)
from takeoff.ensembles import Ensemble, Sensitivity, Tornado, ensemble, sobol_indices, tornado
from takeoff.frames import simulate_frame
from takeoff.growth_rates import doubling_time, factor_over, yearly_factor, yearly_rate
from takeoff.models import (
    CES,
    AI2027Takeoff,
    AI2027TakeoffTrajectory,
    Automation,
    DavidsonHoulden,
    DavidsonHouldenTrajectory,
    GrowthLaw,
    GrowthLawTrajectory,
    Hardware,
    HumanReaction,
    Kwa,
    KwaTrajectory,
    ReactionTrajectory,
    Retraining,
    RetrainingTrajectory,
    ToyModel,
    ToyTrajectory,
    retraining,
)
from takeoff.simulation import regime, simulate
from takeoff.trajectory import Trajectory
from takeoff.units import DAY, MONTH, YEAR
from takeoff.workforce import Workforce

if TYPE_CHECKING:
    from takeoff import evidence
    from takeoff import figures as figures
    from takeoff import reproduce as reproduce

__all__ = [
    "CES",
    "DAY",
    "MONTH",
    "YEAR",
    "AI2027Takeoff",
    "AI2027TakeoffTrajectory",
    "Automation",
    "Beta",
    "DavidsonHoulden",
    "DavidsonHouldenTrajectory",
    "Derived",
    "Discrete",
    "Empirical",
    "Ensemble",
    "Gamma",
    "GrowthLaw",
    "GrowthLawTrajectory",
    "HalfCauchy",
    "Hardware",
    "HumanReaction",
    "Kwa",
    "KwaTrajectory",
    "Lognormal",
    "Loguniform",
    "Mixture",
    "Normal",
    "ReactionTrajectory",
    "Retraining",
    "RetrainingTrajectory",
    "Sensitivity",
    "Tornado",
    "ToyModel",
    "ToyTrajectory",
    "Trajectory",
    "Triangular",
    "Truncated",
    "Uniform",
    "Workforce",
    "__version__",
    "between",
    "build_profile",
    "citation",
    "datasets",
    "distributions",
    "doubling_ratio_from_papers_factor",
    "doubling_ratio_from_returns",
    "doubling_time",
    "draw",
    "ensemble",
    "errors",
    "evidence",
    "expr",
    "factor_over",
    "level_from_doublings",
    "papers_factor_from_doubling_ratio",
    "papers_factor_from_returns",
    "regime",
    "retraining",
    "returns_from_doubling_ratio",
    "returns_from_papers_factor",
    "scenarios",
    "simulate",
    "simulate_frame",
    "sobol_indices",
    "tornado",
    "yearly_factor",
    "yearly_rate",
]


def __getattr__(name: str) -> object:
    """Load the evidence, the figures and the reproduction when they are first asked for."""
    if name in {"evidence", "figures", "reproduce"}:
        import importlib

        return importlib.import_module(f"takeoff.{name}")
    raise AttributeError(f"module 'takeoff' has no attribute {name!r}")
