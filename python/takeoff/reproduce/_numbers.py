"""Numbers that the paper prints, compared with those of the models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from takeoff import datasets, evidence, growth_rates, retraining, scenarios
from takeoff.conversions import doubling_ratio_from_returns, papers_factor_from_returns
from takeoff.models import Automation, DavidsonHoulden, GrowthLaw
from takeoff.simulation import simulate
from takeoff.units import DAY, MONTH
from takeoff.workforce import Workforce

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["computed_text", "interval_text", "numbers", "verdict"]


@dataclass(frozen=True)
class _Check:
    """A printed number and its computed counterpart.

    `printed` is a number, or words. It stands for the interval `low` to `high`: half a unit of its last digit on both
    sides, unless `because` gives another reason. `span` is the interval of the computed value, if its inputs are
    rounded themselves.
    """

    quantity: str
    place: str
    printed: str
    computed: float
    unit: str
    low: float
    high: float
    span: tuple[float, float] | None = None
    because: str = ""

    @property
    def holds(self) -> bool:
        """Whether the intervals of the printed and of the computed value overlap."""
        low, high = self.span or (self.computed, self.computed)
        return bool(low <= self.high and high >= self.low)

    @property
    def difference(self) -> float | None:
        """Computed minus printed value; None if words are printed."""
        digits = self.printed.lstrip("~")
        return self.computed - float(digits) if digits.replace(".", "").isdigit() else None

    @property
    def as_printed(self) -> bool:
        """Whether the computed value rounds to the printed digits."""
        if self.difference is None:
            return False
        digits = self.printed.lstrip("~")
        half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
        return self.printed == digits and bool(abs(self.difference) <= half)


def _rounded(quantity: str, place: str, printed: str, computed: float, unit: str, because: str = "") -> _Check:
    """Create the check of a number that is printed with rounding: it stands for half a unit of its last digit."""
    decimals = len(printed.partition(".")[2])
    half = 0.5 * 10.0**-decimals
    return _Check(quantity, place, printed, computed, unit, float(printed) - half, float(printed) + half, None, because)


def _exact(quantity: str, place: str, printed: str, computed: float, unit: str) -> _Check:
    """Create the check of a number that is exact as printed, up to the rounding of float64."""
    value = float(printed)
    return _Check(quantity, place, printed, computed, unit, value * (1 - 1e-12), value * (1 + 1e-12))


def numbers() -> pl.DataFrame:
    """Compare the numbers that the paper prints with the computed ones.

    Returns
    -------
    polars.DataFrame
        One row per number: ``quantity``, ``place`` in the paper, ``unit``, ``paper_says`` (as printed), ``computed``,
        ``difference`` (computed minus printed; null if words are printed), ``paper_low`` and ``paper_high`` (the
        interval that the printed number stands for), ``computed_low`` and ``computed_high`` (the interval of the
        computed value, if its inputs are rounded), ``holds`` (the intervals overlap), ``as_printed`` (the computed
        value rounds to the printed digits) and ``note``.

    Examples
    --------
    >>> import takeoff
    >>> takeoff.reproduce.numbers()["holds"].all()
    True
    """
    checks = [
        *_toy(),
        *_fizzle(),
        *_explosion(),
        *_fast_fizzle(),
        *_automation(),
        *_training(),
        *_workforce(),
        *_rates(),
        *_single_runs(),
        *_published_uncertainty(),
        *_evidence(),
    ]
    rows = [
        {
            "quantity": check.quantity,
            "place": check.place,
            "unit": check.unit,
            "paper_says": check.printed,
            "computed": float(check.computed),
            "difference": check.difference,
            "paper_low": check.low,
            "paper_high": check.high,
            "computed_low": (check.span or (check.computed,) * 2)[0],
            "computed_high": (check.span or (check.computed,) * 2)[1],
            "holds": check.holds,
            "as_printed": check.as_printed,
            "note": check.because,
        }
        for check in checks
    ]
    return pl.DataFrame(rows)


def _toy() -> Iterator[_Check]:
    """Check the toy model: papers and durations of doublings, and returns."""
    cases = (
        ("toy-fizzle", "3x papers", "Figure 6", (2, 6, 18), (2, 3, 4.5)),
        ("toy-explosion", "1.5x papers", "Figure 7", (2, 3), (2, 1.5)),
        ("toy-exponential", "2x papers", "text after Figure 8", (2, 4, 8), (2, 2, 2)),
    )
    for name, label, place, papers, months in cases:
        run = scenarios.load(name).run()
        for n, count in enumerate(papers):
            yield _exact(f"{label}: papers of doubling {n + 1}", place, f"{count}", float(run.papers[n]), "papers")
        for n, value in enumerate(months):
            duration = float(run.durations[n]) / MONTH
            yield _exact(f"{label}: time of doubling {n + 1}", place, f"{value}", duration, "months")
    fizzle, explosion, exponential = (scenarios.load(name).run() for name, *_ in cases)
    yield _exact(
        "3x papers: each doubling takes", "Figure 6", "1.5", fizzle.durations[1] / fizzle.durations[0], "times the last"
    )
    ratio = explosion.durations[1] / explosion.durations[0]
    yield _exact("1.5x papers: each doubling takes", "Figure 7", "0.75", ratio, "times the last")
    yield _exact("1.5x papers: asymptote", "Figure 8", "8", explosion.singular_time / MONTH, "months")
    yield _rounded("3x papers: doublings of papers per doubling", "Table 3", "1.58", 1 / fizzle.model.r, "doublings")
    yield _rounded(
        "1.5x papers: doublings of papers per doubling", "Table 3", "0.58", 1 / explosion.model.r, "doublings"
    )
    yield _exact("2x papers: doublings of papers per doubling", "Table 3", "1", 1 / exponential.model.r, "doublings")
    yield _rounded("3x papers: r", "Table 3", "0.63", fizzle.model.r, "1")
    yield _Check(
        "1.5x papers: r",
        "Table 3",
        "1.72",
        explosion.model.r,
        "1",
        1 / 0.585,
        1 / 0.575,
        because="printed as 1/0.58 from a rounded 0.58, which stands for 0.575 to 0.585; 1/log2(1.5) rounds to 1.71",
    )
    yield _exact("2x papers: r", "Table 3", "1", exponential.model.r, "1")


def _fizzle() -> Iterator[_Check]:
    """Check the fizzle with r = 0.7."""
    scenario = scenarios.load("fizzle")
    model = scenario.model
    factor, ratio = papers_factor_from_returns(0.7), doubling_ratio_from_returns(0.7)
    yield _rounded("r = 0.7: doublings of research per doubling", "footnote 23", "1.43", 1 / 0.7, "doublings")
    yield _rounded("r = 0.7: research grows per doubling by a factor of", "footnote 23", "2.69", factor, "1")
    yield _rounded("r = 0.7: next doubling over all research before", "footnote 23", "1.69", factor - 1, "1")
    yield _rounded("r = 0.7: last doubling over all research so far", "footnote 23", "0.63", 1 - 1 / factor, "1")
    yield _rounded("r = 0.7: each doubling takes", "footnote 23", "1.35", ratio, "times the last")
    times = model.doubling_times(5) / DAY
    for n, printed in enumerate(("30", "41", "55", "74", "100")):
        yield _rounded(
            f"r = 0.7: time of doubling {n + 1}", "text before footnote 24", printed, float(times[n]), "days"
        )
    year = float(simulate(model, time=[0, 1]).level[-1])
    yield _Check(
        "r = 0.7: time to a ~30x improvement", "text before footnote 24", "~1",
        model.time_at(math.log2(30)), "years", 0.75, 1,
        because=f"a bit under a year; 32x, the five doublings listed, takes {times.sum():.0f} days, and a whole year "
        f"gives {year:.0f}x",
    )  # fmt: skip


def _explosion() -> Iterator[_Check]:
    """Check the explosion with r = 3."""
    factor, ratio = papers_factor_from_returns(3.0), doubling_ratio_from_returns(3.0)
    yield _rounded("r = 3: doublings of research per doubling", "footnote 25", "0.33", 1 / 3, "doublings")
    yield _rounded("r = 3: research grows per doubling by a factor of", "footnote 25", "1.26", factor, "1")
    yield _rounded("r = 3: next doubling over all research before", "footnote 25", "0.26", factor - 1, "1")
    yield _rounded("r = 3: last doubling over all research so far", "footnote 25", "0.21", 1 - 1 / factor, "1")
    yield _rounded("r = 3: each doubling takes", "footnote 25", "0.63", ratio, "times the last")
    times = scenarios.load("explosion").model.doubling_times(5) / DAY
    for n, printed in enumerate(("30", "19", "12", "7.6", "4.8")):
        yield _rounded(f"r = 3: time of doubling {n + 1}", "text after footnote 25", printed, float(times[n]), "days")


def _fast_fizzle() -> Iterator[_Check]:
    """Check the fizzle with r = 0.9 that starts with a doubling in three days."""
    model = scenarios.load("fast-fizzle").model
    x = simulate(model, time=[0, 1, 2, 3]).doublings
    pace = math.log2(64)
    place = "footnote 29"
    yield _Check(
        "r = 0.9 from three days: doublings in year 1", place, "30", float(x[1]), "doublings", 30, 31,
        because="30 doublings are done in the year, and most of the 31st",
    )  # fmt: skip
    yield _rounded(
        "r = 0.9 from three days: year 1 at today's pace", place, "5", float(x[1]) / pace, "years of progress"
    )
    near = "about: to the nearest half"
    yield _Check(
        "r = 0.9 from three days: year 2 at today's pace", place, "1.5", float(x[2] - x[1]) / pace, "years of progress",
        1.25, 1.75, because=near,
    )  # fmt: skip
    yield _Check(
        "r = 0.9 from three days: year 3 at today's pace", place, "1", float(x[3] - x[2]) / pace, "years of progress",
        0.75, 1.25, because=near,
    )  # fmt: skip


def _automation() -> Iterator[_Check]:
    """Check partial automation."""
    people = Automation(start=0, full_at=1, ai_labor=1e9)
    effort = GrowthLaw(r=1, first_doubling=0.5, automation=people).effort_at(0.95)
    yield _exact("95% of tasks automated: effort on the rest", "footnote 19", "20", effort, "times today's")
    law = scenarios.load("partial-automation").model
    yield _exact("software today: doubling time", "p. 13", "6", law.first_doubling / MONTH, "months")
    full = 1 / law.pace_at(law.automation.full_at) / MONTH
    yield _Check(
        "scenario partial-automation: doubling time once all is automated", "p. 16", "~1.5", full, "months", 1, 2,
        because="a month or two; the scenario's AI labor is chosen so",
    )  # fmt: skip


def _training() -> Iterator[_Check]:
    """Check training runs."""
    split = scenarios.load("retraining").model.speed_share
    yield _rounded("30x as shorter runs and better systems: runs shorter", "p. 38", "3", 30**split, "times")
    yield _rounded("30x as shorter runs and better systems: systems larger", "p. 38", "10", 30 ** (1 - split), "times")
    for k, total, months in ((0.9, "10", "20"), (0.75, "4", "8")):
        yield _exact(
            f"runs {k} times as long each: first runs in all", "footnote 43", total, retraining.schedule_time(1, k), "1"
        )
        time = retraining.schedule_time(2 * MONTH, k) / MONTH
        yield _exact(f"runs {k} times as long each, first of 2 months: all", "footnote 43", months, time, "months")


def _workforce() -> Iterator[_Check]:
    """Check the AI workforce of the hardware of a training run."""
    figures = {row["quantity"]: row for row in datasets.load("workforce_and_compute").iter_rows(named=True)}
    compute = figures["training compute of the most powerful AI systems"]["value"]
    run = figures["duration of a training run in the examples"]["value"] * MONTH
    words = figures["output of one copy of a large language model"]["value"]
    frontier = Workforce(compute, run, words_per_second=words)
    row = figures["copies of a frontier system that its training compute can run"]
    yield _Check(
        "frontier system: copies that its training compute can run", row["place"], "hundreds of thousands",
        frontier.copies, "copies", row["low"], row["high"],
        because=f"{compute:g} FLOP (footnote 38) in {run / MONTH:g} months (footnote 43), {words:g} words a second",
    )  # fmt: skip
    row = figures["exponent of training compute in model size"]
    size = math.log2(Workforce(2 * compute, run).parameters / frontier.parameters)
    yield _exact("exponent of training compute in model size", row["place"], f"{row['value']:g}", size, "1")
    copies = math.log2(Workforce(2 * compute, run).copies / frontier.copies)
    yield _exact("exponent of training compute in copies", row["place"], f"{row['value']:g}", copies, "1")
    overhead = figures["overhead of thinking of the first systems"]
    many = frontier.compute_for(figures["AI systems in the example of an overhead in the thousands"]["value"])
    low, middle, high = (
        Workforce(many, run, words_per_second=words, thinking_overhead=seconds).researcher_equivalents
        for seconds in (overhead["high"], math.sqrt(overhead["low"] * overhead["high"]), overhead["low"])
    )
    row = figures["human experts that 10 million AI systems amount to with an overhead in the thousands"]
    yield _Check(
        "10 million systems that think for thousands of seconds: human experts", row["place"], "a few thousand",
        middle, "human experts", row["low"], row["high"], (low, high),
        f"an overhead of {overhead['low']:g} to {overhead['high']:g} seconds for a second of an expert's",
    )  # fmt: skip


def _rates() -> Iterator[_Check]:
    """Check doubling times and yearly rates that are derived from factors."""
    factors = {row["quantity"]: row for row in datasets.load("growth_factors").iter_rows(named=True)}
    whole = "the span is given in whole years, so half a year to either side is open"
    for quantity in ("runtime efficiency of image recognition", "training efficiency of image recognition"):
        row = factors[quantity]
        low, middle, high = (
            growth_rates.doubling_time(row["factor"], row["span_years"] + d) / MONTH for d in (-0.5, 0.0, 0.5)
        )
        yield _Check(
            f"{quantity}, {row['factor']:g}x from {row['start_year']} to {row['end_year']}: doubling time",
            row["place"], f"{row['derived']:g}", middle, "months", row["derived"] - 0.5, row["derived"] + 0.5,
            (low, high), whole,
        )  # fmt: skip
    for quantity in (
        "employment in computer programming jobs, US",
        "Bachelor's degrees in computer science, US",
        "Master's degrees in computer science, US",
    ):
        row = factors[quantity]
        yield _Check(
            f"{quantity}, {row['factor']:g}x from {row['start_year']} to {row['end_year']}: yearly growth",
            row["place"],
            f"{row['derived']:g}", 100 * growth_rates.yearly_rate(row["factor"], row["span_years"]), "percent",
            row["derived_low"], row["derived_high"], because="around 7%, give or take a percent or two",
        )  # fmt: skip
    output = factors["efficiency of algorithms in general, median class, large datasets"]
    effort = factors["work on software R&D in general, US"]
    logarithmic = math.log(output["factor"]) / math.log(effort["factor"])
    yield _Check(
        "algorithms in general: r as the ratio of yearly rates", "Table 4", "~4",
        (output["factor"] - 1) / (effort["factor"] - 1), "1", 3.5, 4.5,
        because=f"28% over 7%; as a ratio of logarithmic rates it is {logarithmic:.2f}",
    )  # fmt: skip
    compute = factors["training compute of the most powerful AI systems"]
    months = growth_rates.doubling_time(compute["factor"], compute["span_years"]) / MONTH
    yield _rounded("training compute, 4x a year: doubling time", "footnotes 13 and 24", "6", months, "months")
    software = growth_rates.factor_over(0.25, 1.0)
    yield _exact("software, doubling four times a year: growth", "footnote 24", "16", software, "times a year")
    both = software * compute["factor"]
    yield _exact("software and hardware: growth", "footnote 24", "64", both, "times a year")
    yield _exact(
        "software and hardware: pace", "footnote 29", "6", 1 / growth_rates.doubling_time(both, 1.0), "doublings a year"
    )


SINGLE_RUNS: tuple[tuple[tuple[float, float, float, float], tuple[str, ...]], ...] = (
    ((1.2, 8, 11, 0.3), ("0.375", "0.73795", "1.43205", "2.72051", "5.09082", "10.70457", "53", "4.25", "1.625")),
    ((1.2, 2, 11, 0.3), ("1.5", "2.95179", "5.72818", "10.88205", "20.36327", "42.81829", "35", "1.25", "0.375")),
    ((3.6, 8, 11, 0.3), ("0.375", "0.69792", "1.21613", "1.89016", "2.48322", "2.75004", "88", "10.875", "10.75")),
    ((1.2, 8, 6, 0.3), ("0.375", "0.73856", "1.43815", "2.77235", "5.57738", "25.65091", "35", "3.25", "1.375")),
)
"""Single runs of Davidson & Houlden (2025), by r, f, L and p: months at which doublings 1, 2, 4, 8, 16 and 32 are done,
doublings within 48 months, most years of progress in 12 and in 4 months. From a separate program of their recursion."""


def _single_runs() -> Iterator[_Check]:
    """Check single runs of the recursion of Davidson & Houlden."""
    for parameters, printed in SINGLE_RUNS:
        run = simulate(DavidsonHoulden(*parameters))
        label = "r = {:g}, f = {:g}, L = {:g}, p = {:g}".format(*parameters)
        place = "Davidson & Houlden (2025), their recursion"
        for n, month in zip((1, 2, 4, 8, 16, 32), printed, strict=False):
            yield _rounded(f"{label}: doubling {n} is done", place, month, float(run.ends[n - 1]) / MONTH, "months")
        doublings, *most = printed[6:]
        yield _exact(f"{label}: doublings within 48 months", place, doublings, run.doublings, "doublings")
        for months, years in zip((12, 4), most, strict=True):
            years_of_progress = run.most_years(months * MONTH)
            yield _exact(
                f"{label}: most progress within {months} months", place, years, years_of_progress, "years of progress"
            )


_DRAWS = 1 << 16
SHARES = (
    ("years-in-months", "base", ("0.565", "0.163", "0.122", "0.411")),
    ("years-in-months-retraining", "retraining", ("0.572", "0.173", "0.122", "0.404")),
    ("years-in-months-gradual", "gradual boost", ("0.593", "0.325", "0.245", "0.483")),
)
"""Shares of runs of Davidson & Houlden (2025), of 30,000 draws each, with at least so many years of progress in so many
months: 3 in 12, 10 in 12, 10 in 4 and 3.33 in 4."""


@cache
def _shares(name: str) -> tuple[float, ...]:
    """Compute the shares of a scenario, in the order of `SHARES`."""
    outputs = [f"compresses_{years}_years_in_{months}_months" for years, months in ((3, 12), (10, 12), (10, 4))]
    # 3.33 years are 26 whole doublings of 8 in a year of progress.
    events = {"rest": pl.col("most_years_in_4_months") >= 26 / 8}
    run = scenarios.load(name).ensemble(_DRAWS, outputs=[*outputs, "most_years_in_4_months"], events=events)
    return tuple(run.probability(event) for event in (*outputs, "rest"))


def _published_uncertainty() -> Iterator[_Check]:
    """Check published distributions: of r, and of runs."""
    paper = scenarios.load("returns-on-constant-hardware")
    run = paper.ensemble(_DRAWS, outputs=["regime", "outcome"], quantiles=(0.05, 0.95), points=0)
    ends = {row[0]: row[1:] for row in run.summary.iter_rows()}
    because = "read as the central 90% of a lognormal"
    for name, place, quantity, printed_ends in (
        ("before", "p. 31", "r, all in", ("1", "4")),
        ("r", "p. 36", "r on constant hardware", ("0.5", "2")),
    ):
        for end, text, value in zip(("low", "high"), printed_ends, ends[name], strict=True):
            yield _rounded(f"{quantity}: {end} end", place, text, value, "1", because)
    yield _Check(
        "P(r > 1) on constant hardware", "footnote 44", "30% to 60%", 100 * run.probability("regime: explosion"), "%",
        30, 60, None, "the authors' probability of an explosion, which rests on more than r",
    )  # fmt: skip
    for name, words, printed in SHARES:
        for (years, months), text, share in zip(
            (("3", 12), ("10", 12), ("10", 4), ("3.33", 4)), printed, _shares(name), strict=True
        ):
            error = 3 * math.sqrt(share * (1 - share) * (1 / 30_000 + 1 / _DRAWS))
            yield _Check(
                f"{words}: share of runs with {years} years of progress in {months} months",
                "Davidson & Houlden (2025), their draws", text, share, "1", float(text) - error, float(text) + error,
                None, "within three Monte Carlo errors of 30,000 draws and of those here",
            )  # fmt: skip


def _evidence() -> Iterator[_Check]:
    """Check estimates of r: by domain, pooled, and by the chain to constant hardware."""
    published = datasets.load("returns_posteriors")
    for domain, r in datasets.load("returns_estimates").select("domain", "r").iter_rows():
        if domain in ("computer chess", "algorithms in general"):  # not from an endpoint
            continue
        estimate = evidence.endpoint_bayes(evidence.endpoint_series(domain))
        spread = math.log(estimate.r_high / estimate.r_low) / 3.29 * estimate.r
        error = 3 * 1.25 * spread / math.sqrt(estimate.effective_size or 1)
        yield _Check(
            f"Table 4, {domain}: r, posterior median", "Table 4", f"{r:g}", estimate.r, "1", r - 0.05 - error,
            r + 0.05 + error, None, "the exact density; within three Monte Carlo errors of the printed digit",
        )  # fmt: skip
    pooled = evidence.pool_random_effects(published, pooled_credibility=0.95)
    place = "Erdil et al. (2024), as behind Table 4"
    yield _rounded("five domains pooled by random effects: r", place, "1.36", pooled.r, "1", "random effects on ln r")
    for end, text, value in (
        ("low", "0.79", pooled.r_low), ("high", "2.32", pooled.r_high),
    ):  # fmt: skip
        yield _rounded(f"its 95% interval: {end} end", place, text, value, "1")
    chain = evidence.paper_chain().table()
    for step, place, printed in (
        ("capability improvements", "p. 31", ("1", "4")), ("constant hardware", "p. 36", ("0.5", "2")),
    ):  # fmt: skip
        row = chain.row(by_predicate=pl.col("step") == step, named=True)
        for end, text in zip(("low", "high"), printed, strict=True):
            because = "central 90%, each step a lognormal"
            yield _rounded(f"r after the step '{step}': {end} end", place, text, row[f"r_{end}"], "1", because)
    yield _Check(
        "P(r > 1) after the chain", "footnote 44", "30% to 60%", 100 * chain["probability_above_1"][-1], "%", 30, 60,
        None, "the authors' probability of an explosion, which rests on more than r",
    )  # fmt: skip


def verdict(checked: pl.DataFrame) -> str:
    """Summarize a table of numbers in a sentence."""
    held = checked.filter("holds").height
    as_printed = checked.filter("holds", "as_printed").height
    text = f"{held} of {checked.height} numbers hold: {as_printed} to the last printed digit"
    reasons = held - as_printed
    return f"{text}, {reasons} for a stated reason (see the notes)." if reasons else f"{text}."


def interval_text(row: Mapping[str, Any]) -> str:
    """Format the interval that a printed number stands for; empty for an exact number."""
    low, high = row["paper_low"], row["paper_high"]
    return "" if high - low <= 1e-9 * abs(high) else f"{low:.4g} to {high:.4g}"


def computed_text(row: Mapping[str, Any]) -> str:
    """Format the computed value, with its interval if its inputs are rounded."""
    low, high = row["computed_low"], row["computed_high"]
    return f"{row['computed']:.4g}" + (f" ({low:.3g} to {high:.3g})" if high > low else "")
