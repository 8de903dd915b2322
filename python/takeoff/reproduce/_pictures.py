"""Figures 4, 6 to 10 and 12 of the paper and further figures, drawn from scenarios.

The report shows the source of each function as it is here.
"""

from __future__ import annotations

import dataclasses
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib  # noqa: F401  (fails here, before any work, if it is not installed)

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
        Stem of the names of its files.
    title : str
        Number in the paper, or title of a further figure.
    caption : str
        Content of the figure, and how to read it.
    scenarios : tuple of str
        Names of the scenarios.
    draw : callable
        Function that draws the figure.
    """

    name: str
    title: str
    caption: str
    scenarios: tuple[str, ...]
    draw: Callable[[], Figure]

    @property
    def code(self) -> str:
        """Python code that draws the figure."""
        source = inspect.getsource(self.draw)
        imports = "import dataclasses\n\n" if "dataclasses." in source else ""
        name = self.draw.__name__
        return (
            f"from __future__ import annotations\n\n{imports}import takeoff\n\n\n"
            f'{source}\n\n{name}().savefig("{self.name}.svg")\n'
        )


def figure_4() -> Figure:
    """Draw the causal loop of AI that does the research on fixed hardware."""
    return takeoff.figures.causal_loop(takeoff.scenarios.load("explosion").model)


def figure_6() -> Figure:
    """Draw a fizzle in the toy model."""
    run: takeoff.ToyTrajectory = takeoff.scenarios.load("toy-fizzle").run()
    return run.plot(doublings=4)


def figure_7() -> Figure:
    """Draw an explosion in the toy model."""
    run: takeoff.ToyTrajectory = takeoff.scenarios.load("toy-explosion").run()
    return run.plot(doublings=6)


def figure_8() -> Figure:
    """Draw the fizzle and the explosion against time."""
    runs = {
        f"{label}: x{g:g} papers per doubling": takeoff.simulate(
            dataclasses.replace(takeoff.scenarios.load(name).model, papers_factor=g), doublings=60
        )
        for label, name, g in (("fizzle", "toy-fizzle", 3.0), ("explosion", "toy-explosion", 1.5))
    }
    return takeoff.figures.comparison(runs, horizon=24 * takeoff.MONTH)


def figure_9() -> Figure:
    """Draw the first year after AI research is automated, for several returns."""
    scenario = takeoff.scenarios.load("first-year")
    result = takeoff.simulate(scenario.model, scenario.simulation["horizon"], points=2001)
    return takeoff.figures.first_year(result, today=6)


def figure_10() -> Figure:
    """Draw an explosion that meets a limit."""
    scenario = takeoff.scenarios.load("explosion-with-limit")
    horizon = scenario.simulation["horizon"]
    free = dataclasses.replace(scenario.model, limit=None)
    return takeoff.figures.limited(
        takeoff.simulate(scenario.model, horizon, points=2001), takeoff.simulate(free, horizon, points=2001)
    )


def figure_12() -> Figure:
    """Draw the causal loop with training runs."""
    return takeoff.figures.causal_loop(takeoff.scenarios.load("retraining").model)


def human_reaction() -> Figure:
    """Draw the pace under a human reaction that settles, oscillates or comes too late."""
    cases = [takeoff.scenarios.load(f"reaction-{name}") for name in ("settles", "oscillates", "escapes")]
    lags = [case.model.lag for case in cases]
    result: takeoff.ReactionTrajectory = takeoff.simulate(
        dataclasses.replace(cases[0].model, lag=lags), cases[0].simulation["horizon"]
    )
    labelled = zip(lags, result.behaviour, strict=True)
    return result.plot(labels=[f"lag {lag / takeoff.DAY:.0f} days: {name}" for lag, name in labelled])


def partial_automation() -> Figure:
    """Draw the doubling time as the last tasks are automated."""
    run: takeoff.GrowthLawTrajectory = takeoff.scenarios.load("partial-automation").run()
    return takeoff.figures.doubling_time(run)


def compute_bottleneck() -> Figure:
    """Draw progress whose experiments need compute, for several uses of software gains in experiments."""
    run: takeoff.GrowthLawTrajectory = takeoff.scenarios.load("compute-bottleneck").run()
    return run.plot(labels=[f"{percent}% of a gain" for percent in (0, 25, 50, 75, 100)])


def growing_hardware() -> Figure:
    """Draw a fizzle on hardware that grows, stops growing after two years, or never grows."""
    run: takeoff.GrowthLawTrajectory = takeoff.scenarios.load("growing-hardware").run()
    return run.plot(labels=["hardware doubles twice a year", "only for two years", "fixed hardware"])


def training_runs() -> Figure:
    """Draw training runs between known and deployed software, for several shares of gains in shorter runs."""
    model = takeoff.scenarios.load("retraining").model
    result: takeoff.RetrainingTrajectory = takeoff.simulate(
        dataclasses.replace(model, speed_share=[0, 0.323, 0.8]), horizon=1.5, generations=80
    )
    labels = ["no shorter runs", "a third shortens runs", "four fifths shorten runs"]
    return result.plot(labels=labels)


def training_frontier() -> Figure:
    """Draw the frontier at which training runs turn a runaway into a fizzle."""
    return takeoff.figures.frontier_of_runs(takeoff.scenarios.load("retraining").model.law)


def davidson_houlden() -> Figure:
    """Draw years of progress in months: the recursion of Davidson & Houlden and the continuous law."""
    model = takeoff.scenarios.load("davidson-houlden").model
    cases = dataclasses.replace(model, r=[1.2, 1.2, 3.6, 1.2], speed_up=[8, 2, 8, 8], limit_years=[11, 11, 11, 6])
    labels = ["r = 1.2, f = 8, L = 11", "r = 1.2, f = 2, L = 11", "r = 3.6, f = 8, L = 11", "r = 1.2, f = 8, L = 6"]
    result: takeoff.DavidsonHouldenTrajectory = takeoff.simulate(cases)
    return result.plot(labels=labels)


def returns_pooled() -> Figure:
    """Draw published estimates of r, pooled."""
    return takeoff.evidence.pool_random_effects(takeoff.datasets.load("returns_posteriors")).plot()


def returns_chain() -> Figure:
    """Draw the chain from efficiency alone to r on constant hardware."""
    return takeoff.evidence.paper_chain().plot()


def monitor() -> Figure:
    """Draw a monitor of accelerating progress that is measured every six weeks."""
    watch = takeoff.evidence.Monitor(reference=2.0, particles=5_000)
    law = takeoff.GrowthLaw(r=2.5, first_doubling=0.5, parallelizability=0.6)
    times = [k / 8 for k in range(17)]
    for time, doublings in zip(times, takeoff.simulate(law, time=times).doublings, strict=True):
        watch = watch.update(2027 + time, efficiency=2.0 ** float(doublings))
    return watch.plot()


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
    Picture(
        "partial-automation",
        "Added here: partial automation",
        "How long a doubling takes as the last research tasks are automated (page 16 and footnote 19): from six months "
        "to one or two, as people are squeezed onto ever fewer tasks and AI labor grows. The bend is full automation. "
        "The paper gives the two ends; the course between is this package's.",
        ("partial-automation",),
        partial_automation,
    ),
    Picture(
        "compute-bottleneck",
        "Added here: experiments need compute",
        "An explosion (r = 3) whose research needs experiments as well as labor, as complements on fixed hardware "
        "(footnotes 39 and 41). In the end effort grows as a software gain makes experiments cheaper: to the power of "
        "that share (the lines). If r times it is below 1 the explosion becomes a fizzle.",
        ("compute-bottleneck",),
        compute_bottleneck,
    ),
    Picture(
        "growing-hardware",
        "Added here: growing hardware",
        "A fizzle (r = 0.7) on hardware that doubles every half year (footnote 24), does so for two years only, or is "
        "fixed. Hardware that grows without end keeps the pace from falling to zero.",
        ("growing-hardware",),
        growing_hardware,
    ),
    Picture(
        "training-runs",
        "Added here: training runs",
        "An explosion (r = 3) through training runs, of which the first takes two months (footnote 43): each deploys "
        "what was known when it began. Without shorter runs the steps get higher; with a third of each gain in shorter "
        "runs (30x as 3x and 10x, page 38) it runs away; with four fifths too little is left to deploy: it fizzles.",
        ("retraining",),
        training_runs,
    ),
    Picture(
        "training-frontier",
        "Added here: how much may go into shorter runs",
        "A share s of each gain shortens the next run, the rest is deployed. The frontier between runaway and fizzle, "
        "found by bisection on simulated runs, lies at r (1 - s) = 1, whatever the length of the first run.",
        ("retraining",),
        training_frontier,
    ),
    Picture(
        "human-reaction",
        "Added here: human reaction",
        "Pace of an explosion (r = 1.2 after a first doubling of a month) that people brake when they see it go faster "
        "than the dashed target, and release when it goes slower (the text around footnote 28; the equations and their "
        "parameters are this package's). Within a week they hold a constant pace, a little above the target, since the "
        "brake must keep tightening; within four weeks the pace swings, as with COVID; after a quarter of a year the "
        "brake comes too late.",
        ("reaction-settles", "reaction-oscillates", "reaction-escapes"),
        human_reaction,
    ),
    Picture(
        "davidson-houlden",
        "Added here: Davidson & Houlden (2025)",
        "Four single runs of their recursion in doublings (points: where each is done) next to the continuous law of "
        "the same parameters: returns r at the start, speed-up f, limit in L years of progress. As returns fall a "
        "doubling takes more research; the recursion leaves out a part of that, so it runs ahead of the law "
        "(docs/davidson_houlden.md).",
        ("davidson-houlden",),
        davidson_houlden,
    ),
    Picture(
        "returns-pooled",
        "Added here: Table 4, pooled",
        "Five of the table's six estimates of r with the 90% intervals of Erdil, Besiroglu & Ho (2024), pooled by "
        "random effects, and what they say of a further domain.",
        (),
        returns_pooled,
    ),
    Picture(
        "returns-chain",
        "Added here: the chain to r on constant hardware",
        "The paper's steps (pp. 30 to 36), each range taken as the central 90% of a lognormal: efficiency alone, "
        "post-training enhancements and capability improvements of up to two times each, half on constant hardware.",
        (),
        returns_chain,
    ),
    Picture(
        "monitor",
        "Added here: a monitor of the pace",
        "An accelerating course (r = 2.5, lambda = 0.6, a first doubling of half a year), measured every six weeks "
        "and followed by a particle filter, with a buffer of three and a threshold of five times the pace of two "
        "doublings a year (policy section). Dotted: the probability of reaching them in the year after.",
        (),
        monitor,
    ),
)
