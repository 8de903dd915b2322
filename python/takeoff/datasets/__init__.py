"""Numbers of Eth & Davidson (2025) as polars frames, every row with its unit and its place in the paper.

=========================== ================================================================================
dataset                     content
=========================== ================================================================================
conference_attendance       attendance of AI conferences and the number of AI researchers (footnote 17)
efficiency_doubling_times   efficiency doubling times of AI systems and of algorithms in general (Table 1)
growth_factors              factors over spans of time from which the paper derives rates
hardware_returns            returns to hardware R&D (page 32, footnote 37)
returns_adjustments         from the estimates of r to the authors' best guess, and their forecast
returns_estimates           estimates of r by domain (Table 4)
workforce_and_compute       copies, effort, pace, training and computation: other numbers
=========================== ================================================================================

Every frame has the columns ``unit``, ``printed`` (the wording of the paper), ``publication``, ``place`` and
``original_study``. If the paper prints a range or a bound, the columns ``low`` and ``high`` hold it; otherwise they are
null. :func:`source` gives the citations and the meaning of each column.

Examples
--------
>>> from takeoff import datasets
>>> datasets.load("returns_estimates")["r"].to_list()
[1.4, 0.8, 1.6, 3.5, 1.1, 4.0]
"""

from __future__ import annotations

from takeoff.datasets._load import load, names, source

__all__ = ["load", "names", "source"]
