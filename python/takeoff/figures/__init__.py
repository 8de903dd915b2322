"""Figures of results (matplotlib, from the extra ``plot``).

Colours are those of Okabe & Ito (2008), told apart by the colour-blind; lines differ in style as well, for grey print.
"""

from takeoff.figures._causal_loop import causal_loop, causal_loop_graph
from takeoff.figures._davidson_houlden import recursion
from takeoff.figures._drivers import density, probability_curve, scatter
from takeoff.figures._ensemble import drivers, fan, survival
from takeoff.figures._pace import doubling_time
from takeoff.figures._paper import first_year, limited
from takeoff.figures._reaction import reaction
from takeoff.figures._retraining import frontier_of_runs, generations
from takeoff.figures._toy import comparison, time_line
from takeoff.figures._trajectory import trajectory

__all__ = [
    "causal_loop",
    "causal_loop_graph",
    "comparison",
    "density",
    "doubling_time",
    "drivers",
    "fan",
    "first_year",
    "frontier_of_runs",
    "generations",
    "limited",
    "probability_curve",
    "reaction",
    "recursion",
    "scatter",
    "survival",
    "time_line",
    "trajectory",
]
