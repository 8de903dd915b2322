"""The paper's Figures 4, 6 to 10 and 12, drawn from scenarios.

The report shows the source of each function as it stands here.
"""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib  # noqa: F401  (fails here, before any work, where figures cannot be drawn)

import takeoff

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.figure import Figure

__all__ = ["PICTURES", "Picture"]


@dataclass(frozen=True)
class Picture:
    """A figure, its caption and the scenarios behind it.

    Attributes
    ----------
    name : str
        Stem of its files.
    title : str
        Its number in the paper, or what it adds.
    caption : str
        What it shows and how to read it.
    scenarios : tuple of str
        Names of the scenarios.
    draw : callable
        Makes the figure.
    """

    name: str
    title: str
    caption: str
    scenarios: tuple[str, ...]
    draw: Callable[[], Figure]

    @property
    def code(self) -> str:
        """Python that makes the figure again, as it stands."""
        source = inspect.getsource(self.draw)
        imports = "import dataclasses\n\n" if "dataclasses." in source else ""
        name = self.draw.__name__
        return (
            f"from __future__ import annotations\n\n{imports}import takeoff\n\n\n"
            f'{source}\n\n{name}().savefig("{self.name}.svg")\n'
        )


def figure_4() -> Figure:
    """Causal loop of AI that does the research on fixed hardware."""
    return takeoff.figures.causal_loop(takeoff.scenarios.load("explosion").model)


def figure_6() -> Figure:
    """Fizzle in the toy model."""
    run: takeoff.ToyTrajectory = takeoff.scenarios.load("toy-fizzle").run()
    return run.plot(doublings=4)


def figure_7() -> Figure:
    """Explosion in the toy model."""
    run: takeoff.ToyTrajectory = takeoff.scenarios.load("toy-explosion").run()
    return run.plot(doublings=6)


def figure_8() -> Figure:
    """Fizzle and explosion against time."""
    runs = {
        f"{label}: x{g:g} papers per doubling": takeoff.simulate(
            dataclasses.replace(takeoff.scenarios.load(name).model, papers_factor=g), doublings=60
        )
        for label, name, g in (("fizzle", "toy-fizzle", 3.0), ("explosion", "toy-explosion", 1.5))
    }
    return takeoff.figures.comparison(runs, horizon=24 * takeoff.MONTH)


def figure_9() -> Figure:
    """First year after AI research is automated, for several returns."""
    scenario = takeoff.scenarios.load("first-year")
    result = takeoff.simulate(scenario.model, scenario.simulation["horizon"], points=2001)
    return takeoff.figures.first_year(result, today=6)


def figure_10() -> Figure:
    """Explosion that meets a limit."""
    scenario = takeoff.scenarios.load("explosion-with-limit")
    horizon = scenario.simulation["horizon"]
    free = dataclasses.replace(scenario.model, limit=None)
    return takeoff.figures.limited(
        takeoff.simulate(scenario.model, horizon, points=2001), takeoff.simulate(free, horizon, points=2001)
    )


def figure_12() -> Figure:
    """Causal loop with training runs."""
    return takeoff.figures.causal_loop(takeoff.scenarios.load("retraining").model)


PICTURES: tuple[Picture, ...] = (
    Picture(
        "figure-04",
        "Figure 4",
        "What drives progress once AI does the AI research and hardware is constant: the loop from AI software through "
        "AI labor back to AI software, against returns that diminish. Parts that other models of this package have and "
        "this one leaves out are grey and dashed.",
        ("explosion",),
        figure_4,
    ),
    Picture(
        "figure-06",
        "Figure 6",
        "A fizzle in the toy model: each doubling of efficiency takes three times as many papers as the last, so with "
        "twice the AGIs it takes 1.5 times as long.",
        ("toy-fizzle",),
        figure_6,
    ),
    Picture(
        "figure-07",
        "Figure 7",
        "A software intelligence explosion in the toy model: each doubling takes 1.5 times as many papers as the last, "
        "so with twice the AGIs it takes 75% as long.",
        ("toy-explosion",),
        figure_7,
    ),
    Picture(
        "figure-08",
        "Figure 8",
        "The two scenarios against time. Each point is a doubling. An explosion passes every level before its end.",
        ("toy-fizzle", "toy-explosion"),
        figure_8,
    ),
    Picture(
        "figure-09",
        "Figure 9",
        "The first year after AI systems for AI R&D automation (ASARA) for several returns r, if the first doubling "
        "takes a month and hardware is constant. Above r = 1 progress accelerates, below it slows down. The dashed "
        "line is a very rough guess of today's pace, gains from hardware included: 64x, or 6 doublings, a year.",
        ("first-year",),
        figure_9,
    ),
    Picture(
        "figure-10",
        "Figure 10",
        "An explosion that meets a physical limit: returns fall in proportion to the doublings that are left. Progress "
        "is fastest a little before the returns that are left fall to r = 1, then slows down; the limit is approached, "
        "never reached. Where the limit lies is unknown: 30 doublings are an illustration.",
        ("explosion-with-limit",),
        figure_10,
    ),
    Picture(
        "figure-12",
        "Figure 12",
        "The same loop with training runs between software progress and the AI software that is deployed.",
        ("retraining",),
        figure_12,
    ),
)
