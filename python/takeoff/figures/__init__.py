"""Figures of results (matplotlib, from the extra ``plot``).

Colours are those of Okabe & Ito (2008), told apart by the colour-blind; lines differ in style as well, for grey print.
"""

from takeoff.figures._causal_loop import causal_loop, causal_loop_graph
from takeoff.figures._drivers import density, probability_curve, scatter, sobol_bars, tornado_bars
from takeoff.figures._ensemble import drivers, fan, survival
from takeoff.figures._frontier import frontier_of_runs
from takeoff.figures._generations import generations
from takeoff.figures._paper import first_year, limited
from takeoff.figures._recursion import recursion
from takeoff.figures._series import doubling_time, reaction, series, steps, trajectory
from takeoff.figures._time_line import comparison, time_line

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
    "series",
    "sobol_bars",
    "steps",
    "survival",
    "time_line",
    "tornado_bars",
    "trajectory",
]
