"""Estimate of r for research with two inputs: people and compute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from takeoff._arrays import as_number
from takeoff.distributions import Distribution
from takeoff.distributions._foreign import distribution_of, is_foreign
from takeoff.errors import InvalidValueError
from takeoff.evidence._estimate import Estimate
from takeoff.evidence._ratio import NO_ERROR, growth_and_error, input_growth
from takeoff.evidence._shared import INSEPARABLE, check_type, credibility_of, unused_warnings

if TYPE_CHECKING:
    from takeoff.evidence._series import ResearchSeries

__all__ = ["two_input"]

_DRAWS = 20_000


def two_input(
    labor: ResearchSeries, compute: ResearchSeries, *, compute_share: float | Distribution, credibility: float = 0.9
) -> Estimate:
    """Estimate r as the ratio of the growth of efficiency to that of two inputs: ``r = gA / (s gK + (1 - s) gL)``.

    Research effort is ``K^s L^(1 - s)``, of compute K and labor L. Growth rates are those from end to end, with errors
    of random walks (see :func:`naive_ratio`). The interval has its ends at quantiles over draws of the three rates and,
    if it is a distribution, of the share.

    It has the limitations of the naive ratio and one more: the share of compute is taken from costs, and tells nothing
    about how well people and compute can substitute for each other.

    Parameters
    ----------
    labor : ResearchSeries
        Efficiency and people.
    compute : ResearchSeries
        The same efficiency and compute.
    compute_share : float or Distribution
        s, from 0 to 1, or a distribution of s: published estimates range from 0.59 to 0.75.
    credibility : float, default 0.9
        Probability of the interval.

    Returns
    -------
    Estimate
        r, without beta and lambda; growth rates among the diagnostics.

    Raises
    ------
    ShapeError
        An input in a single period.
    InvalidValueError
        An input that is 0 in its first or last period, series of different efficiencies, a share out of its range, or
        efficiency or effort that does not grow.

    References
    ----------
    Ho & Whitfill (2025), "The software intelligence explosion debate needs experiments": estimates of r with the share
    of compute in research spending.

    Examples
    --------
    >>> import numpy as np
    >>> from takeoff import evidence
    >>> year = np.arange(8)
    >>> table = {"year": year, "efficiency": 3.0**year, "staff": 1.2**year, "chips": 2.0**year}
    >>> labor, compute = (
    ...     evidence.ResearchSeries.from_frame(table, time="year", output="efficiency", input=each)
    ...     for each in ("staff", "chips")
    ... )
    >>> estimate = evidence.two_input(labor, compute, compute_share=0.5)
    >>> round(estimate.r, 3), round(float(np.log(3) / (0.5 * np.log(2) + 0.5 * np.log(1.2))), 3)
    (2.51, 2.51)
    """
    level = credibility_of("two_input", credibility)
    check_type("two_input", labor, "labor")
    check_type("two_input", compute, "compute")
    if not np.array_equal(labor.time, compute.time) or not np.array_equal(labor.log_output, compute.log_output):
        raise InvalidValueError("two_input", "compute", compute, "a series of the same efficiency as labor")
    share, shares = _share(compute_share)
    rates = [growth_and_error(labor.time, labor.log_output)]
    rates += [input_growth("two_input", name, series) for name, series in (("labor", labor), ("compute", compute))]
    (output, _), (staff, _), (chips, _) = rates
    effort = share * chips + (1 - share) * staff
    for name, rate in (("efficiency", output), ("effort", effort)):
        if rate <= 1e-12:
            raise InvalidValueError("two_input", "labor", rate, f"of {name} that grows (per year, in logarithms)")
    unused = [
        warning
        for measured in (labor, compute)
        for warning in unused_warnings(measured, "output_error", "initial_stock")
    ]
    warnings = [INSEPARABLE, *dict.fromkeys(unused)]
    low, high = 0.0, math.inf
    if all(math.isfinite(error) for _, error in rates):
        rng = np.random.default_rng(0)
        growth, people, machines = (rate + error * rng.standard_normal(_DRAWS) for rate, error in rates)
        effort_growth = shares * machines + (1 - shares) * people
        ratio = np.where(
            effort_growth > 0, np.maximum(growth, 0.0) / np.where(effort_growth > 0, effort_growth, 1.0), math.inf
        )
        low, high = (float(q) for q in np.quantile(ratio, [(1 - level) / 2, (1 + level) / 2], method="lower"))
    else:
        warnings.append(NO_ERROR)
    return Estimate(
        estimator="two_input",
        r=output / effort,
        r_low=low,
        r_high=high,
        interval="draws of the growth rates, as random walks, and of the share of compute",
        noise="random walks of ln A and of both inputs",
        credibility=level,
        effective_size=float(labor.time.size - 1),
        diagnostics={
            "growth_of_output": output,
            "growth_of_labor": staff,
            "growth_of_compute": chips,
            "compute_share": share,
        },
        warnings=tuple(warnings),
        series=labor,
        definition="r: doublings of efficiency per doubling of the effort that people and compute make together",
        citations=("ho-whitfill-2025",),
    )


def _share(compute_share: Any) -> tuple[float, Any]:
    """Return the central share, and draws of the share."""
    if not isinstance(compute_share, Distribution) and not is_foreign(compute_share):
        share = as_number("two_input", "compute_share", compute_share)
        if not 0 <= share <= 1:
            raise InvalidValueError("two_input", "compute_share", share, "from 0 to 1")
        return share, share
    points = (np.arange(_DRAWS) + 0.5) / _DRAWS
    values = np.asarray(distribution_of(compute_share, "two_input", "compute_share").quantile(points))
    if values.min() < 0 or values.max() > 1:
        raise InvalidValueError("two_input", "compute_share", compute_share, "from 0 to 1 in all draws")
    return float(np.median(values)), np.random.default_rng(1).permutation(values)
