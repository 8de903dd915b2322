"""Scenarios: a model and its simulation as a TOML file in which every value has a unit and a source.

A scenario file has three parts::

    title = "Fizzle: each doubling takes 35% longer than the last"
    model = "growth_law"
    source = "Eth & Davidson (2025), text after Table 3"

    [parameters]
    r = { value = 0.7, unit = "1", source = "Eth & Davidson (2025), footnote 23" }
    first_doubling = { value = 1, unit = "month", source = "Eth & Davidson (2025), footnote 22" }

    [simulation]
    horizon = { value = 1, unit = "year", source = "Eth & Davidson (2025), Figure 9" }

A value may be a list: each element is then one path.
"""

from takeoff.scenarios._load import Scenario, load, names, parse

__all__ = ["Scenario", "load", "names", "parse"]
