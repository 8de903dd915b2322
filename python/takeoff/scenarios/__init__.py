"""Scenarios: a model and its simulation as a TOML file in which every value has a unit and a source.

A file has a head, its parameters and its simulation; ``takeoff scenarios NAME`` prints one as a template:

>>> import takeoff
>>> print(takeoff.scenarios.load("fizzle").text)
title = "Fizzle: r = 0.7 after a first doubling of one month"
model = "growth_law"
source = "Eth & Davidson (2025), text before footnote 23"
<BLANKLINE>
[parameters]
r = { value = 0.7, unit = "1", source = "Eth & Davidson (2025), footnote 23" }
first_doubling = { value = 1, unit = "month", source = "Eth & Davidson (2025), footnote 22" }
<BLANKLINE>
[simulation]
horizon = { value = 1, unit = "year", source = "Eth & Davidson (2025), text before footnote 24: a bit under a year" }
<BLANKLINE>

A value may be a list: each element is then one path.
"""

from takeoff.scenarios._load import Scenario, load, names, parse

__all__ = ["Scenario", "load", "names", "parse"]
