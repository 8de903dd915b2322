"""Bad input: whatever is handed in, a sentence of takeoff comes back, and never a NaN.

Warnings are errors, so a RuntimeWarning from inside fails a test as well.
"""

import datetime
import math
import operator
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import takeoff
from takeoff import datasets, expr, growth_rates, scenarios
from takeoff.errors import DtypeError, InvalidValueError, ShapeError, SizeError, TakeoffError, UnknownNameError
from takeoff.models import DavidsonHouldenTrajectory, ReactionTrajectory, ToyTrajectory
from takeoff.models.retraining import schedule_time
from takeoff.trajectory import Trajectory

Call: TypeAlias = Callable[[Any], Any]

LAW = takeoff.GrowthLaw(r=3, first_doubling=1 / 12)
UNSURE = takeoff.GrowthLaw(r=takeoff.Uniform(2, 3), first_doubling=1 / 12)
FRAME = pl.DataFrame({"r": [0.7, 3.0]})
COURSE_OF_LAW = takeoff.simulate(LAW, 1)
TOY = takeoff.ToyModel()
REACTION = takeoff.HumanReaction(LAW, target_pace=20, gain=0)
RECURSION: Any = takeoff.DavidsonHoulden(1.2, 8, 11, 0.3)
RUN_OF_RECURSION: Any = takeoff.simulate(RECURSION)
COURSES: dict[type, tuple[str, ...]] = {
    Trajectory: (
        "doublings",
        "level",
        "pace",
        "doubling_times",
        "peak_pace",
        "peak_time",
        "singular_time",
        "limit_time",
    ),
    ToyTrajectory: ("papers", "agis", "durations", "ends", "singular_time"),
    ReactionTrajectory: ("doublings", "level", "pace", "brake", "returns", "singular_time", "limit_time"),
    DavidsonHouldenTrajectory: ("last_end", "years_of_progress", "ends"),
}


def holds_nan(result: object) -> bool:
    """Whether there is a NaN anywhere in a result."""
    if type(result) in COURSES:
        return any(holds_nan(getattr(result, name)) for name in COURSES[type(result)])
    if isinstance(result, takeoff.HumanReaction):
        try:
            return holds_nan(takeoff.simulate(result, 1e-96, points=3))
        except TakeoffError:  # what is refused beside this horizon
            return False
    if isinstance(result, takeoff.GrowthLaw):
        return holds_nan(takeoff.simulate(result, 1, points=3))
    if isinstance(result, takeoff.DavidsonHoulden):
        return holds_nan(takeoff.simulate(result))
    if isinstance(result, takeoff.ToyModel):
        return holds_nan(takeoff.simulate(result, doublings=3))
    if isinstance(result, (pl.DataFrame, pl.Series)):
        return any(bool(column.is_nan().any()) for column in pl.DataFrame(result) if column.dtype.is_float())
    if isinstance(result, (float, np.ndarray)):
        values = np.asarray(result)
        return values.dtype.kind == "f" and bool(np.isnan(values).any())
    return False


# ---- what takes numbers: the field that an error must name, and the call -------------------------------------------

# As many paths as there are values; positive numbers are good for all of these.
MODEL_FIELDS: dict[str, tuple[str, Call]] = {
    "GrowthLaw.r": ("r", lambda v: takeoff.GrowthLaw(r=v, first_doubling=1)),
    "GrowthLaw.first_doubling": ("first_doubling", lambda v: takeoff.GrowthLaw(r=1, first_doubling=v)),
    "GrowthLaw.parallelizability": (
        "parallelizability",
        lambda v: takeoff.GrowthLaw(r=1, first_doubling=1, parallelizability=v),
    ),
    "GrowthLaw.limit": ("limit", lambda v: takeoff.GrowthLaw(r=1, first_doubling=1, limit=v)),
    "HumanReaction.target_pace": ("target_pace", lambda v: takeoff.HumanReaction(LAW, target_pace=v, gain=1)),
    "HumanReaction.gain": ("gain", lambda v: takeoff.HumanReaction(LAW, target_pace=20, gain=v)),
    "HumanReaction.lag": ("lag", lambda v: takeoff.HumanReaction(LAW, target_pace=20, gain=1, lag=v)),
    "HumanReaction.smoothing": ("smoothing", lambda v: takeoff.HumanReaction(LAW, 20, 1, smoothing=v)),
    "ToyModel.agis": ("agis", lambda v: takeoff.ToyModel(agis=v)),
    "ToyModel.papers_per_agi_month": ("papers_per_agi_month", lambda v: takeoff.ToyModel(papers_per_agi_month=v)),
    "ToyModel.first_papers": ("first_papers", lambda v: takeoff.ToyModel(first_papers=v)),
    "ToyModel.papers_factor": ("papers_factor", lambda v: takeoff.ToyModel(papers_factor=v)),
    "DavidsonHoulden.r": ("r", lambda v: takeoff.DavidsonHoulden(v, 8, 11, 0.3)),
    "DavidsonHoulden.speed_up": ("speed_up", lambda v: takeoff.DavidsonHoulden(1, v, 11, 0.3, boost="gradual")),
    "DavidsonHoulden.limit_years": ("limit_years", lambda v: takeoff.DavidsonHoulden(1, 8, v, 0.3)),
    "DavidsonHoulden.parallelizability": ("parallelizability", lambda v: takeoff.DavidsonHoulden(1, 8, 11, v)),
    "DavidsonHoulden.software_share": ("software_share", lambda v: takeoff.DavidsonHoulden(1, 8, 1e-9, 0.3, v)),
    "DavidsonHoulden.recent_doubling_time": (
        "recent_doubling_time",
        lambda v: takeoff.DavidsonHoulden(1, 8, 1e-100, 0.3, recent_doubling_time=v),
    ),
    "DavidsonHoulden.start_speed_up": (
        "start_speed_up",
        lambda v: takeoff.DavidsonHoulden(1, 8, 11, 0.3, boost="gradual", start_speed_up=v),
    ),
    "DavidsonHoulden.compute_doubling_time": (
        "compute_doubling_time",
        lambda v: takeoff.DavidsonHoulden(1, 8, 11, 0.3, boost="gradual", compute_doubling_time=v),
    ),
    "DavidsonHoulden.compute_ceiling": (
        "compute_ceiling",
        lambda v: takeoff.DavidsonHoulden(1, 8, 11, 0.3, boost="gradual", compute_ceiling=v),
    ),
    "most_doublings": ("within", lambda v: RUN_OF_RECURSION.most_doublings(v)),
    "most_years": ("within", lambda v: RUN_OF_RECURSION.most_years(v)),
    "compresses.years": ("years", lambda v: RUN_OF_RECURSION.compresses(v, 1)),
    "compresses.within": ("within", lambda v: RUN_OF_RECURSION.compresses(3, v)),
    "simulate.horizon of a recursion": ("horizon", lambda v: takeoff.simulate(RECURSION, v)),
    "simulate.horizon": ("horizon", lambda v: takeoff.simulate(LAW, v)),
    "simulate.horizon of a toy": ("horizon", lambda v: takeoff.simulate(TOY, v)),
    "simulate.horizon of a reaction": ("horizon", lambda v: takeoff.simulate(REACTION, v)),
    "simulate.time of a reaction": ("time", lambda v: takeoff.simulate(REACTION, time=v)),
    "simulate.time": ("time", lambda v: takeoff.simulate(LAW, time=v)),
    "time_at": ("doublings", lambda v: LAW.time_at(v)),
    "pace_at": ("doublings", lambda v: LAW.pace_at(v)),
    "threshold_time.multiple": ("multiple", lambda v: COURSE_OF_LAW.threshold_time(v)),
    "threshold_time.recent_pace": ("recent_pace", lambda v: COURSE_OF_LAW.threshold_time(recent_pace=v)),
    "warning_time.multiple": ("multiple", lambda v: COURSE_OF_LAW.warning_time(v, 1e-100)),
    "warning_time.buffer": ("buffer", lambda v: COURSE_OF_LAW.warning_time(1e100, v)),
    "Workforce.training_compute": ("training_compute", lambda v: takeoff.Workforce(v, 1).ai_labor),
    "Workforce.run_length": ("run_length", lambda v: takeoff.Workforce(1e26, v).ai_labor),
    "Workforce.thinking_overhead": ("thinking_overhead", lambda v: takeoff.Workforce(1e26, 1, thinking_overhead=v)),
    "Workforce.compute_for": ("copies", lambda v: takeoff.Workforce(1e26, 1).compute_for(v)),
    "simulate_frame.horizon": ("horizon", lambda v: takeoff.simulate_frame(FRAME, LAW, v, outputs="outcome")),
    "simulate_frame.time": ("time", lambda v: takeoff.simulate_frame(FRAME, LAW, time=v, outputs="doublings_at")),
    "simulate_frame.doublings": (
        "doublings",
        lambda v: takeoff.simulate_frame(FRAME, LAW, doublings=v, outputs="time_at"),
    ),
    "schedule_time.first_run": ("first_run", lambda v: schedule_time(v, 0.5)),
    "schedule_time.shrink": ("shrink", lambda v: schedule_time(1, v)),
    "schedule_time.runs": ("runs", lambda v: schedule_time(1, 0.5, v)),
}
# These take polars Series with nulls, and empty ones.
FRAME_FIELDS: dict[str, tuple[str, Call]] = {
    "returns_from_papers_factor": ("papers_factor", takeoff.returns_from_papers_factor),
    "papers_factor_from_returns": ("r", takeoff.papers_factor_from_returns),
    "doubling_ratio_from_papers_factor": ("papers_factor", takeoff.doubling_ratio_from_papers_factor),
    "papers_factor_from_doubling_ratio": ("doubling_ratio", takeoff.papers_factor_from_doubling_ratio),
    "doubling_ratio_from_returns": ("r", takeoff.doubling_ratio_from_returns),
    "returns_from_doubling_ratio": ("doubling_ratio", takeoff.returns_from_doubling_ratio),
    "level_from_doublings": ("doublings", takeoff.level_from_doublings),
    "doubling_time.factor": ("factor", lambda v: growth_rates.doubling_time(v, 1.0)),
    "doubling_time.span": ("span", lambda v: growth_rates.doubling_time(2.0, v)),
    "yearly_factor.factor": ("factor", lambda v: growth_rates.yearly_factor(v, 1.0)),
    "yearly_factor.span": ("span", lambda v: growth_rates.yearly_factor(2.0, v)),
    "yearly_rate.factor": ("factor", lambda v: growth_rates.yearly_rate(v, 1.0)),
    "yearly_rate.span": ("span", lambda v: growth_rates.yearly_rate(2.0, v)),
    "factor_over.doubling_time": ("doubling_time", lambda v: growth_rates.factor_over(v, 1.0)),
    "factor_over.span": ("span", lambda v: growth_rates.factor_over(2.0, v)),
}
NUMBERS = MODEL_FIELDS | FRAME_FIELDS
ONE_NUMBER: dict[str, tuple[str, Call]] = {
    "doubling_ratio_from_returns.parallelizability": (
        "parallelizability",
        lambda v: takeoff.doubling_ratio_from_returns(1.0, parallelizability=v),
    ),
    "returns_from_doubling_ratio.parallelizability": (
        "parallelizability",
        lambda v: takeoff.returns_from_doubling_ratio(1.0, parallelizability=v),
    ),
    "simulate_frame.multiple": (
        "multiple",
        lambda v: takeoff.simulate_frame(FRAME, LAW, 1, multiple=v, outputs="threshold_time"),
    ),
    "ensemble.multiple": ("multiple", lambda v: takeoff.ensemble(UNSURE, 9, horizon=1, multiple=v)),
    "Normal.sigma": ("sigma", lambda v: takeoff.Normal(0, v)),
    "Lognormal.sigma": ("sigma", lambda v: takeoff.Lognormal(0, v)),
    "Lognormal.from_median": ("median", lambda v: takeoff.Lognormal.from_median(v, 1)),
    "Gamma.shape": ("shape", lambda v: takeoff.Gamma(v)),
    "HalfCauchy.scale": ("scale", lambda v: takeoff.HalfCauchy(v)),
    "Gamma.scale": ("scale", lambda v: takeoff.Gamma(1, v)),
    "Beta.alpha": ("alpha", lambda v: takeoff.Beta(v, 1)),
    "Beta.beta": ("beta", lambda v: takeoff.Beta(1, v)),
    "between.credibility": ("credibility", lambda v: takeoff.between(1, 2, credibility=v)),
}
# Those of expressions may be the name of a column, too.
EXPRESSIONS: dict[str, tuple[str, Call]] = {
    "expr.returns_from_papers_factor": ("papers_factor", expr.returns_from_papers_factor),
    "expr.papers_factor_from_returns": ("r", expr.papers_factor_from_returns),
    "expr.doubling_ratio_from_papers_factor": ("papers_factor", expr.doubling_ratio_from_papers_factor),
    "expr.papers_factor_from_doubling_ratio": ("doubling_ratio", expr.papers_factor_from_doubling_ratio),
    "expr.doubling_ratio": ("r", expr.doubling_ratio),
    "expr.doubling_ratio.parallelizability": (
        "parallelizability",
        lambda v: expr.doubling_ratio("r", parallelizability=v),
    ),
    "expr.returns_from_doubling_ratio": ("doubling_ratio", expr.returns_from_doubling_ratio),
    "expr.level_from_doublings": ("doublings", expr.level_from_doublings),
    "expr.regime": ("r", expr.regime),
    "expr.singular_time.first_doubling": ("first_doubling", lambda v: expr.singular_time("r", v)),
    "expr.singular_time.limit": ("limit", lambda v: expr.singular_time("r", 1, limit=v)),
    "expr.time_at.doublings": ("doublings", lambda v: expr.time_at(v, "r", 1)),
    "expr.time_at.limit_shape": ("limit_shape", lambda v: expr.time_at(1, 1, 1, limit=9, limit_shape=v)),
    "expr.doublings_at.time": ("time", lambda v: expr.doublings_at(v, "r", 1)),
}
COUNTS: dict[str, tuple[str, Call]] = {
    "simulate.points": ("points", lambda v: takeoff.simulate(LAW, 1, points=v)),
    "simulate.points of a reaction": ("points", lambda v: takeoff.simulate(REACTION, 1, points=v)),
    "simulate.doublings": ("doublings", lambda v: takeoff.simulate(LAW, 1, doublings=v)),
    "simulate.doublings of a toy": ("doublings", lambda v: takeoff.simulate(TOY, doublings=v)),
    "simulate.threads of a recursion": ("threads", lambda v: takeoff.simulate(RECURSION, threads=v)),
    "simulate_frame.threads": ("threads", lambda v: takeoff.simulate_frame(FRAME, LAW, threads=v)),
    "simulate.threads": ("threads", lambda v: takeoff.simulate(LAW, 1, threads=v)),
    "simulate.threads of a toy": ("threads", lambda v: takeoff.simulate(TOY, threads=v)),
    "doubling_times.count": ("count", lambda v: LAW.doubling_times(v)),
    "doubling_times.threads": ("threads", lambda v: LAW.doubling_times(3, threads=v)),
    "time_at.threads": ("threads", lambda v: LAW.time_at(3, threads=v)),
    "pace_at.threads": ("threads", lambda v: LAW.pace_at(3, threads=v)),
    "draw.draws": ("draws", lambda v: takeoff.draw({"a": takeoff.Normal(0, 1)}, v)),
    "draw.threads": ("threads", lambda v: takeoff.draw({"a": takeoff.Normal(0, 1)}, 1, threads=v)),
    "ensemble.draws": ("draws", lambda v: takeoff.ensemble(UNSURE, v)),
    "ensemble.points": ("points", lambda v: takeoff.ensemble(UNSURE, 9, horizon=1, points=v)),
    "ensemble.threads": ("threads", lambda v: takeoff.ensemble(UNSURE, 9, threads=v)),
    "Scenario.run.threads": ("threads", lambda v: scenarios.load("fizzle").run(threads=v)),
}
# The least and the most that each count may be.
COUNT_RANGES: dict[str, tuple[int, int]] = {
    "simulate.points": (2, 10**7),
    "simulate.points of a reaction": (2, 10**7),
    "simulate.doublings": (1, 10**6),
    "simulate.doublings of a toy": (1, 10**6),
    "doubling_times.count": (1, 10**6),
    "draw.draws": (1, 2**63 - 1),
    "ensemble.draws": (1, 2**32 - 1),
    "ensemble.points": (0, 10**6),
} | {name: (1, 1024) for name in COUNTS if "threads" in name}
# Numbers and samples are good; of what is not, the field is named.
DISTRIBUTIONS: dict[str, tuple[str, Call]] = {
    "Truncated.of": ("of", takeoff.Truncated),
    "Mixture.parts": ("parts", lambda v: takeoff.Mixture([v])),
    "draw.a": ("a", lambda v: takeoff.draw({"a": v}, 1)),
}
LEFT_OUT: dict[str, tuple[str, Call]] = {
    "simulate.points of a toy": ("points", lambda v: takeoff.simulate(TOY, points=v)),
    "simulate.time of a toy": ("time", lambda v: takeoff.simulate(TOY, time=v)),
    "simulate.points of a recursion": ("points", lambda v: takeoff.simulate(RECURSION, points=v)),
    "simulate.time of a recursion": ("time", lambda v: takeoff.simulate(RECURSION, time=v)),
    "simulate.doublings of a recursion": ("doublings", lambda v: takeoff.simulate(RECURSION, doublings=v)),
    "simulate.horizon beside time": ("horizon", lambda v: takeoff.simulate(LAW, v, time=[0, 1])),
    "simulate.points beside time": ("points", lambda v: takeoff.simulate(LAW, points=v, time=[0, 1])),
}
THINGS: dict[str, tuple[str, Call]] = {
    "simulate.model": ("model", lambda v: takeoff.simulate(v, 1)),
    "simulate_frame.model": ("model", lambda v: takeoff.simulate_frame(FRAME, v)),
    "simulate_frame.frame": ("frame", lambda v: takeoff.simulate_frame(v, LAW)),
    "regime": ("model", takeoff.regime),
    "citation": ("thing", takeoff.citation),
    "draw.variables": ("variables", lambda v: takeoff.draw(v, 1)),
    "ensemble.model": ("model", takeoff.ensemble),
    "ensemble.inputs": ("inputs", lambda v: takeoff.ensemble(UNSURE, 9, inputs=v)),
    "ensemble.correlations": ("correlations", lambda v: takeoff.ensemble(UNSURE, 9, correlations=v)),
    "ensemble.events": ("events", lambda v: takeoff.ensemble(UNSURE, 9, events=v)),
    "ensemble.histograms": ("histograms", lambda v: takeoff.ensemble(UNSURE, 9, histograms=v)),
    "ensemble.exact": ("exact", lambda v: takeoff.ensemble(UNSURE, 9, exact=v)),
    "ensemble.rows": ("rows", lambda v: takeoff.ensemble(UNSURE, 9, rows=v)),
    "ensemble.progress": ("progress", lambda v: takeoff.ensemble(UNSURE, 9, progress=v)),
}
NAMES: dict[str, tuple[str, Call]] = {
    "datasets.load": ("dataset", datasets.load),
    "datasets.source": ("dataset", datasets.source),
    "scenarios.load": ("scenario", scenarios.load),
    "GrowthLaw.limit_shape": ("limit_shape", lambda v: takeoff.GrowthLaw(r=1, first_doubling=1, limit_shape=v)),
    "DavidsonHoulden.retraining": (
        "retraining",
        lambda v: takeoff.DavidsonHoulden(1, 1, 1, 1, retraining=v),
    ),
    "DavidsonHoulden.boost": ("boost", lambda v: takeoff.DavidsonHoulden(1, 1, 1, 1, boost=v)),
    "DavidsonHoulden.returns": ("returns", lambda v: takeoff.DavidsonHoulden(1, 1, 1, 1, returns=v)),
    "ensemble.method": ("method", lambda v: takeoff.ensemble(UNSURE, 9, method=v)),
    "ensemble.outside": ("outside", lambda v: takeoff.ensemble(UNSURE, 9, outside=v)),
    "ensemble.outputs": ("outputs", lambda v: takeoff.ensemble(UNSURE, 9, outputs=v)),
    "ensemble.bands": ("bands", lambda v: takeoff.ensemble(UNSURE, 9, horizon=1, bands=v)),
    "simulate_frame.outputs": ("outputs", lambda v: takeoff.simulate_frame(FRAME, LAW, outputs=[v])),
    "scenarios.parse": ("", lambda v: scenarios.parse(v, "mine")),
}

# ---- garbage -------------------------------------------------------------------------------------------------------

SELF: list[Any] = []
SELF.append(SELF)
LONG_DOUBLE = np.longdouble("1e4000")  # infinite where a long double is no longer than a double

NO_NUMBER: dict[str, Any] = {
    "bool": True,
    "bools": np.array([True, False]),
    "str": "1.0",
    "lone surrogate": "\udc80",
    "strs": ["1", "2"],
    "bytes": b"1",
    "complex": 1j,
    "complexes": np.array([1j]),
    "object array": np.array([1, None], dtype=object),
    "list with None": [1.0, None],
    "ragged": [[1.0], [1.0, 2.0]],
    "itself": SELF,
    "empty list": [],
    "empty array": np.empty(0),
    "empty axis": np.empty((3, 0)),
    "datetime": datetime.datetime(2025, 3, 1, tzinfo=datetime.UTC),
    "datetimes": np.array(["2025-03-01"], dtype="datetime64[D]"),
    "timedeltas": np.array([1], dtype="timedelta64[D]"),
    "masked array": np.ma.array([1.0, 2.0], mask=[False, True]),
    "list of masked arrays": [np.ma.array([1.0, 2.0], mask=[False, True])],
    "masked": np.ma.masked,
    "list with masked": [np.ma.masked, 1.0],
    "record": np.zeros(2, dtype=[("a", float)]),
    "strings array": np.array(["1"]),
    "NaN in an array": np.array([1.0, math.nan]),
    "long double": LONG_DOUBLE,
    "long doubles": np.array([LONG_DOUBLE]),
    "10^400": 10**400,
    "10^5000": 10**5000,
    "10^400 in a list": [10**400, 1.0],
    "10^5000 in a list": [10**5000],
    "Fraction of 10^5000": Fraction(10**5000),
    "Decimal": Decimal("NaN"),
    "more than memory": np.broadcast_to(2.0, (10**15,)),
    "40 axes": np.full((1,) * 40, math.nan),
    "set": {1.0},
    "dict": {"r": 1.0},
    "generator": (x for x in (1.0, 2.0)),
    "type": float,
    "function": len,
    "object": object(),
    "ellipsis": ...,
    "LazyFrame": pl.LazyFrame({"a": [1.0]}),
    "DataFrame of str": pl.DataFrame({"a": ["x"]}),
    "Series of str": pl.Series(["a"]),
    "Series of null str": pl.Series([None], dtype=pl.String),
    "Series of bool": pl.Series([True]),
    "Series of date": pl.Series([datetime.date(2025, 3, 1)]),
    "Series of duration": pl.Series([datetime.timedelta(1)]),
    "Series of categories": pl.Series(["a"], dtype=pl.Categorical),
    "Series of lists": pl.Series([[1.0], [2.0]]),
    "Series of arrays": pl.Series([[1.0, 2.0]], dtype=pl.Array(pl.Float64, 2)),
    "Series of structs": pl.Series([{"a": 1}]),
    "Series of objects": pl.Series([object()], dtype=pl.Object),
    "Series of NaN": pl.Series([1.0, math.nan]),
    "Series of int128": pl.Series([-(2**100)], dtype=pl.Int128),
}
NULLS: dict[str, Any] = {
    "Series with null": pl.Series([1.0, None]),
    "Series of null": pl.Series([None, None]),
    "empty Series": pl.Series([], dtype=pl.Float64),
}
OUT_OF_RANGE: dict[str, Any] = {
    "0": 0,
    "-0.0": -0.0,
    "-1": -1,
    "least negative": -5e-324,
    "NaN": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
    "0 in an array": np.array([2.0, 0.0, 2.0]),
    "-1 in a list": [2, -1],
    "inf in an array": np.array([[2.0], [math.inf]]),
    "-1 as int8": np.int8(-1),
    "-1 as float16": np.float16(-1),
}
GARBAGE = NO_NUMBER | NULLS | OUT_OF_RANGE

# What is good after all: an infinite limit is none, infinitely many doublings and runs have a time, 0 is a time.
ZEROS = {"0", "-0.0"}
INFINITE = {"inf", "inf in an array", "long double", "long doubles"}
GOOD: dict[str, set[str]] = {
    "GrowthLaw.limit": INFINITE,
    "HumanReaction.gain": ZEROS | {"0 in an array"},
    "HumanReaction.lag": ZEROS | {"0 in an array"},
    "HumanReaction.smoothing": ZEROS | {"0 in an array"},
    "time_at": ZEROS | INFINITE | {"0 in an array"},
    "simulate_frame.doublings": ZEROS | INFINITE | {"0 in an array"},
    "expr.level_from_doublings": set(OUT_OF_RANGE) - {"NaN"} | INFINITE,
    "expr.singular_time.limit": INFINITE,
    "expr.time_at.doublings": ZEROS | INFINITE,
    "expr.doublings_at.time": ZEROS,
    "pace_at": ZEROS | INFINITE | {"0 in an array"},
    "schedule_time.runs": ZEROS | INFINITE | {"0 in an array"},
    "draw.variables": {"dict"},
    "ensemble.points": {"0"},
    "ensemble.inputs": {"None", "dict"},
    "ensemble.correlations": {"None", "dict"},
    "ensemble.events": {"None", "dict"},
    "ensemble.histograms": {"None", "dict"},
    "ensemble.exact": {"bool"},
    "ensemble.rows": {"bool"},
    "ensemble.progress": {"bool", "None"},
    "ensemble.outputs": {"empty list", "None"},
    "ensemble.bands": {"None"},
    "level_from_doublings": set(OUT_OF_RANGE) - {"NaN"} | INFINITE | {"Series of int128"},
}


def flaw(error: TakeoffError, field: str, kind: type[TakeoffError] | None = None) -> str | None:
    """What an error's sentence lacks: it names the field, what was given and the rule."""
    text = str(error)
    if not isinstance(error, kind or ValueError):
        return "is of the wrong class"
    if len(text) > 2000:
        return "is too long"
    if isinstance(error, (InvalidValueError, DtypeError)):
        whole = text.startswith(f"{field} must be ") and ", got " in text and text.endswith(f".{field})")
        return None if whole else "does not say field, value and rule"
    if isinstance(error, SizeError):
        return None if " needs " in text and "; " in text else "does not say what is needed and what to do"
    return None if field in text and (" must " in text or "not valid TOML" in text) else "does not say field and rule"


def complaints(call: Call, field: str, garbage: dict[str, Any], kind: type[TakeoffError] | None = None) -> list[str]:
    """All garbage that the call does not refuse with a good sentence."""
    found = []
    for name, value in garbage.items():
        problem: str | None
        try:
            call(value)
        except TakeoffError as error:
            problem = flaw(error, field, kind)
            problem = problem and f"{type(error).__name__} {problem}: {error}"
        except Exception as error:  # noqa: BLE001  (the subject of the test: nothing else may come out)
            problem = f"{type(error).__name__}: {error}"
        else:
            problem = "was taken"
        if problem:
            found.append(f"{name}: {problem:.300}")
    return found


def check_refused(calls: dict[str, tuple[str, Call]], name: str, garbage: dict[str, Any]) -> None:
    """Assert that the call refuses all garbage, but for what is good for it after all."""
    field, call = calls[name]
    found = complaints(call, field, {k: v for k, v in garbage.items() if k not in GOOD.get(name, set())})
    assert not found, "\n".join([name, *found])


@pytest.mark.parametrize("name", MODEL_FIELDS)
def test_models_refuse(name: str) -> None:
    check_refused(MODEL_FIELDS, name, GARBAGE)


@pytest.mark.parametrize("name", FRAME_FIELDS)
def test_conversions_and_rates_refuse(name: str) -> None:
    check_refused(FRAME_FIELDS, name, NO_NUMBER | OUT_OF_RANGE)


@pytest.mark.parametrize("name", ONE_NUMBER)
def test_one_number_is_not_another_thing(name: str) -> None:
    check_refused(ONE_NUMBER, name, GARBAGE)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_a_number_of_an_expression_is_not_another_thing(name: str) -> None:
    check_refused(EXPRESSIONS, name, {k: v for k, v in GARBAGE.items() if not isinstance(v, str)})


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_what_stands_for_no_distribution(name: str) -> None:
    good = set(OUT_OF_RANGE) - {"NaN", "inf", "-inf", "inf in an array"} | {"Series of int128", "-1 in a list"}
    check_refused(DISTRIBUTIONS, name, {k: v for k, v in GARBAGE.items() if k not in good} | {"None": None})


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_whole_and_in_range(name: str) -> None:
    check_refused(COUNTS, name, GARBAGE | {"1.0": 1.0, "10^12": 10**12, "-(10^12)": -(10**12)})


@pytest.mark.parametrize("name", COUNTS)
def test_bounds_of_counts(name: str) -> None:
    field, call = COUNTS[name]
    least, most = COUNT_RANGES[name]
    assert not complaints(call, field, {"below": least - 1, "above": most + 1}, InvalidValueError)
    with pytest.raises(InvalidValueError, match=f"an integer from {least:,} to {most:,}, got"):
        call(most + 1)
    assert not holds_nan(call(least))  # the most is allowed, but would be run


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_must_be_left_out(name: str) -> None:
    check_refused(LEFT_OUT, name, GARBAGE)


@pytest.mark.parametrize("name", THINGS)
def test_things_that_are_no_model(name: str) -> None:
    check_refused(THINGS, name, GARBAGE | {"None": None})


@pytest.mark.parametrize("name", NAMES)
def test_things_that_are_no_name(name: str) -> None:
    check_refused(NAMES, name, GARBAGE | {"None": None, "": "", "long": "x" * 5000})


def test_a_publication_that_is_unknown() -> None:
    class Model:
        citations = ("nobody-1900",)

    with pytest.raises(TakeoffError, match="nobody-1900"):
        takeoff.citation(Model())


@pytest.mark.parametrize("name", [name for name in NUMBERS if not name.startswith("simulate.time")])
def test_none_is_refused_where_there_is_no_default(name: str) -> None:
    field, call = NUMBERS[name]
    if name == "GrowthLaw.limit":
        assert call(None).limit is None
    elif name == "simulate.horizon of a toy":
        assert call(None).horizon == math.inf
    elif name == "simulate.horizon of a recursion":
        assert call(None).horizon == 4
    elif name == "threshold_time.recent_pace":
        assert call(None) == COURSE_OF_LAW.threshold_time()
    else:
        assert not complaints(call, field, {"None": None})


# ---- bounds, shapes and order --------------------------------------------------------------------------------------

# What is refused just below the allowed values, the least and the most of them, what is refused just above.
BOUNDS: dict[str, tuple[float, float, float, float]] = {
    "GrowthLaw.r": (math.nextafter(1e-6, 0), 1e-6, 1e6, math.nextafter(1e6, math.inf)),
    "GrowthLaw.first_doubling": (math.nextafter(1e-100, 0), 1e-100, 1e100, math.nextafter(1e100, math.inf)),
    "GrowthLaw.parallelizability": (math.nextafter(1e-6, 0), 1e-6, 1.0, math.nextafter(1.0, 2)),
    "GrowthLaw.limit": (1.0, math.nextafter(1.0, 2), 1e9, math.nextafter(1e9, math.inf)),
    "HumanReaction.target_pace": (math.nextafter(1e-100, 0), 1e-100, 1e100, math.nextafter(1e100, math.inf)),
    "HumanReaction.gain": (-5e-324, 0.0, 1e100, math.nextafter(1e100, math.inf)),
    "HumanReaction.lag": (-5e-324, 0.0, 1e100, math.nextafter(1e100, math.inf)),
    "HumanReaction.smoothing": (-5e-324, 0.0, 1e100, math.nextafter(1e100, math.inf)),
    "ToyModel.agis": (math.nextafter(1e-100, 0), 1e-100, 1e100, math.nextafter(1e100, math.inf)),
    "ToyModel.papers_factor": (1.0, math.nextafter(1.0, 2), 1e6, math.nextafter(1e6, math.inf)),
    "DavidsonHoulden.r": (math.nextafter(1e-6, 0), 1e-6, 1e6, math.nextafter(1e6, math.inf)),
    "DavidsonHoulden.speed_up": (math.nextafter(1e-6, 0), 1e-6, 1e6, math.nextafter(1e6, math.inf)),
    "DavidsonHoulden.limit_years": (math.nextafter(1e-100, 0), 1e-100, 125_000, math.nextafter(125_000, math.inf)),
    "DavidsonHoulden.parallelizability": (math.nextafter(1e-6, 0), 1e-6, 1.0, math.nextafter(1.0, 2)),
    "DavidsonHoulden.software_share": (math.nextafter(1e-6, 0), 1e-6, 1.0, math.nextafter(1.0, 2)),
    "DavidsonHoulden.recent_doubling_time": (
        math.nextafter(1e-100, 0),
        1e-100,
        1e100,
        math.nextafter(1e100, math.inf),
    ),
    "DavidsonHoulden.compute_ceiling": (1.0, math.nextafter(1.0, 2), 1e100, math.nextafter(1e100, math.inf)),
    "most_doublings": (0.0, 5e-324, 1e100, math.nextafter(1e100, math.inf)),
    "compresses.years": (0.0, 5e-324, 1e100, math.nextafter(1e100, math.inf)),
    "simulate.horizon of a recursion": (0.0, 1e-300, 1e90, math.nextafter(1e100, math.inf)),
    "simulate.horizon": (0.0, 1e-300, 1e90, math.nextafter(1e100, math.inf)),
    "time_at": (-5e-324, 0.0, math.inf, math.nan),
    "schedule_time.runs": (-5e-324, 0.0, math.inf, math.nan),
    "threshold_time.multiple": (math.nextafter(1e-100, 0), 1e-100, 1e100, math.nextafter(1e100, math.inf)),
    "threshold_time.recent_pace": (math.nextafter(1e-100, 0), 1e-100, 1e100, math.nextafter(1e100, math.inf)),
    "Workforce.training_compute": (math.nextafter(1.0, 0), 1.0, 1e60, math.nextafter(1e60, math.inf)),
    "Workforce.run_length": (math.nextafter(1e-9, 0), 1e-9, 1e6, math.nextafter(1e6, math.inf)),
    "doubling_time.factor": (1.0, math.nextafter(1.0, 2), sys.float_info.max, math.inf),
    "doubling_time.span": (0.0, 5e-324, sys.float_info.max, math.inf),
    "returns_from_papers_factor": (1.0, math.nextafter(1.0, 2), sys.float_info.max, math.inf),
    "papers_factor_from_returns": (0.0, 5e-324, sys.float_info.max, math.inf),
    "papers_factor_from_doubling_ratio": (0.5, math.nextafter(0.5, 1), sys.float_info.max, math.inf),
    "returns_from_doubling_ratio": (0.5, math.nextafter(0.5, 1), sys.float_info.max, math.inf),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds(name: str) -> None:
    field, call = NUMBERS[name]
    below, least, most, above = BOUNDS[name]
    assert not complaints(call, field, {"below": below, "above": above}, InvalidValueError)
    for value in (least, most):
        assert not holds_nan(call(value))


def test_the_place_of_a_bad_value_is_said() -> None:
    for value in ([1.0, 2.0, -3.0], np.array([1.0, 2.0, -3.0]), pl.Series([1.0, 2.0, -3.0])):
        for call in (MODEL_FIELDS["GrowthLaw.r"][1], takeoff.papers_factor_from_returns):
            with pytest.raises(InvalidValueError, match=r"got -3\.0 at index 2") as caught:
                call(value)
            assert caught.value.index == 2
    with pytest.raises(InvalidValueError, match=r"got -3\.0 at index 2"):
        growth_rates.yearly_factor(pl.Series([1.0, None, -3.0]), 1.0)
    with pytest.raises(InvalidValueError, match=r"got -3\.0 at index 2"):
        takeoff.papers_factor_from_returns(pl.Series([1.0, None, -3.0]))


SHAPES: dict[str, tuple[Callable[[], object], tuple[str, ...]]] = {
    "GrowthLaw": (
        lambda: takeoff.GrowthLaw(r=[1, 2], first_doubling=[1, 2, 3], limit=9),
        ("GrowthLaw", "r (2,)", "first_doubling (3,)"),
    ),
    "HumanReaction": (
        lambda: takeoff.HumanReaction(takeoff.GrowthLaw(r=[1, 2], first_doubling=1), 20, gain=[1, 2, 3]),
        ("HumanReaction", "gain (3,)", "law.r (2,)"),
    ),
    "DavidsonHoulden": (
        lambda: takeoff.DavidsonHoulden([1, 2], [1, 2, 3], 11, 0.3),
        ("DavidsonHoulden", "r (2,)", "speed_up (3,)"),
    ),
    "ToyModel": (
        lambda: takeoff.ToyModel(agis=np.ones((2, 2)), papers_factor=[2, 2, 2]),
        ("ToyModel", "agis (2, 2)", "papers_factor (3,)"),
    ),
    "time_at": (
        lambda: takeoff.GrowthLaw(r=[1, 2], first_doubling=1).time_at([1, 2, 3]),
        ("time_at", "paths (2,)", "doublings (3,)"),
    ),
    "pace_at": (
        lambda: takeoff.GrowthLaw(r=[1, 2], first_doubling=1).pace_at([1, 2, 3]),
        ("pace_at", "paths (2,)", "doublings (3,)"),
    ),
    "schedule_time": (
        lambda: schedule_time([1, 2], [0.5, 0.5, 0.5]),
        ("schedule_time", "first_run (2,)", "shrink (3,)"),
    ),
    "doubling_time": (
        lambda: growth_rates.doubling_time(np.array([2.0, 3.0]), np.array([1.0, 1.0, 1.0])),
        ("doubling_time", "factor (2,)", "span (3,)"),
    ),
    "doubling_time of Series": (
        lambda: growth_rates.doubling_time(pl.Series([2.0, 3.0]), pl.Series([1.0, 1.0, 1.0])),
        ("doubling_time", "factor (2,)", "span (3,)"),
    ),
    "horizon": (lambda: NUMBERS["simulate.horizon"][1]([1, 2]), ("horizon must be one number", "(2,)")),
    "time": (lambda: takeoff.simulate(LAW, time=[[0, 1]]), ("time must have one axis", "(1, 2)")),
    "parallelizability": (
        lambda: takeoff.doubling_ratio_from_returns(1.0, parallelizability=[1, 1]),  # type: ignore[arg-type]
        ("parallelizability must be one number", "(2,)"),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_do_not_fit_are_named(name: str) -> None:
    call, words = SHAPES[name]
    with pytest.raises(ShapeError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


def test_times_must_ascend_from_zero() -> None:
    for time, value, index in (([1, 0], 0.0, 1), ([-1, 0], -1.0, 0), ([0, 2, 1, 3], 1.0, 2), ([0, -0.5], -0.5, 1)):
        with pytest.raises(InvalidValueError, match=r"time must be .* ascending") as caught:
            takeoff.simulate(LAW, time=time)
        assert (caught.value.value, caught.value.index) == (value, index)
    assert takeoff.simulate(LAW, time=[0, 0, 1, 1]).doublings.shape == (4,)


def test_a_horizon_is_needed() -> None:
    with pytest.raises(InvalidValueError, match="horizon must be given, or time, for a GrowthLaw, got None"):
        takeoff.simulate(LAW)


def test_what_a_reaction_refuses() -> None:
    for law in (None, TOY, 3.0):
        with pytest.raises(DtypeError, match=r"law must be a takeoff.GrowthLaw, got .* \(HumanReaction.law\)"):
            takeoff.HumanReaction(law, 20, 1)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="a pace of at most 1e200 doublings per year, got inf at index 1"):
        takeoff.simulate(takeoff.HumanReaction(takeoff.GrowthLaw(r=[1, 1e-6], first_doubling=1), 20, 1), 1)
    with pytest.raises(
        InvalidValueError, match=r"gain must be at most 100,000 per horizon.*, got 1000000.0 at index 1"
    ):
        takeoff.simulate(takeoff.HumanReaction(LAW, 20, gain=[1.0, 1e6]), 0.2)
    with pytest.raises(InvalidValueError, match=r"smoothing must be 0 or at least 1/100,000 of the horizon.*1e-06"):
        takeoff.simulate(takeoff.HumanReaction(LAW, 20, gain=1, smoothing=1e-6), 0.2)
    with pytest.raises(InvalidValueError, match=r"doublings must be left out for a HumanReaction, which .*, got 5"):
        takeoff.simulate(REACTION, 1, doublings=5)
    with pytest.raises(InvalidValueError, match="horizon must be given, or time, for a HumanReaction, got None"):
        takeoff.simulate(REACTION)
    with pytest.raises(InvalidValueError, match=r"time must be .* ascending"):
        takeoff.simulate(REACTION, time=[1, 0])


@pytest.mark.parametrize("horizon", [5e-324, 61 * 5e-324, 1e-320, 1e-300, 1e98])
def test_any_positive_horizon_has_a_grid(horizon: float) -> None:
    result = takeoff.simulate(LAW, horizon)
    assert result.time[0] == 0
    assert result.horizon == horizon
    assert (np.diff(result.time) >= 0).all()


MORE_THAN_MEMORY: dict[str, Callable[[], object]] = {
    "points": lambda: takeoff.simulate(takeoff.GrowthLaw(r=np.ones(10**5), first_doubling=1), 1, points=10**7),
    "points of a reaction": lambda: takeoff.simulate(takeoff.HumanReaction(LAW, np.ones(10**5), 1), 1, points=10**7),
    "windows": lambda: takeoff.simulate(takeoff.DavidsonHoulden(np.ones((2**14, 1)), np.ones(2), 11, 0.3)).most_years(
        np.ones((2**24, 1, 1))
    ),
    "recursions": lambda: takeoff.DavidsonHoulden(np.ones((2**24, 1)), np.ones((1, 2**24)), 11, 0.3),
    "toy doublings": lambda: takeoff.simulate(takeoff.ToyModel(agis=np.ones(10**5)), doublings=10**6),
    "doubling_times": lambda: takeoff.GrowthLaw(r=np.ones(10**6), first_doubling=1).doubling_times(10**6),
    "time_at": lambda: takeoff.GrowthLaw(r=np.ones((10**6, 1)), first_doubling=1).time_at(np.ones((1, 10**6))),
    "paths": lambda: takeoff.GrowthLaw(r=np.ones((2**24, 1)), first_doubling=np.ones((1, 2**24))),
    "toys": lambda: takeoff.ToyModel(agis=np.ones((2**24, 1)), papers_factor=np.full((1, 2**24), 2.0)),
    "schedule_time": lambda: schedule_time(np.ones((2**24, 1)), np.full((1, 2**24), 0.5)),
    "growth rates": lambda: growth_rates.yearly_factor(np.ones((2**24, 1)), np.ones((1, 2**24))),
}


@pytest.mark.parametrize("name", MORE_THAN_MEMORY)
def test_more_than_memory_is_refused(name: str) -> None:
    with pytest.raises(SizeError, match=r"needs .* and at most .* is taken; "):
        MORE_THAN_MEMORY[name]()


@pytest.mark.parametrize("text", ["x", "0", "1025", "-1", "1.5", " 2", "²", "9" * 5000])
def test_threads_of_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEOFF_THREADS", text)
    with pytest.raises(InvalidValueError, match="must be an integer from 1 to 1,024") as caught:
        takeoff.simulate(LAW, 1)
    assert "hreads" in str(caught.value) or "THREADS" in str(caught.value)
    assert takeoff.simulate(LAW, 1, points=2, threads=2).doublings.shape == (2,)


def test_unknown_names_are_told_the_nearest() -> None:
    for call, given_name, nearest in (
        (datasets.load, "growth_factor", "growth_factors"),
        (datasets.source, "returns_estimate", "returns_estimates"),
        (scenarios.load, "fizle", "fizzle"),
        (datasets.load, "conf", "conference_attendance"),
        (NAMES["GrowthLaw.limit_shape"][1], "Linear", "linear"),
    ):
        with pytest.raises(UnknownNameError, match=f"got '{given_name}'; did you mean '{nearest}'"):
            call(given_name)


# ---- polars expressions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in FRAME_FIELDS if "." not in name and name != "level_from_doublings"])
@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
def test_a_bad_row_behind_an_expression_is_named(name: str, bad: float) -> None:
    field, call = FRAME_FIELDS[name]
    frame = pl.DataFrame({"a": [2.0, bad]})
    with pytest.raises((TakeoffError, pl.exceptions.PolarsError), match=f"{field} must be"):
        frame.select(call(pl.col("a")))


@pytest.mark.parametrize("name", FRAME_FIELDS)
def test_text_behind_an_expression_is_refused(name: str) -> None:
    frame = pl.DataFrame({"a": ["x"]})
    with pytest.raises((TakeoffError, pl.exceptions.PolarsError)):
        frame.select(FRAME_FIELDS[name][1](pl.col("a")))


@pytest.mark.parametrize("name", FRAME_FIELDS)
@pytest.mark.parametrize("kind", NULLS)
def test_nulls_stay_null(name: str, kind: str) -> None:
    series = NULLS[kind]
    good = pl.Series([2.0 if value is not None else None for value in series], dtype=pl.Float64)
    result = FRAME_FIELDS[name][1](good)
    assert isinstance(result, pl.Series)
    assert result.is_null().to_list() == good.is_null().to_list()
    assert not holds_nan(result)


# ---- made by hypothesis --------------------------------------------------------------------------------------------

EXAMPLES = settings().max_examples  # of the profile

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(),
    hnp.floating_dtypes(),
    hnp.complex_number_dtypes(),
    hnp.datetime64_dtypes(),
    hnp.timedelta64_dtypes(),
    hnp.byte_string_dtypes(max_len=3),
    hnp.unicode_string_dtypes(max_len=3),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.complex_numbers(), st.text(), st.binary(), st.fractions()
)
SERIES = st.one_of(
    *(
        st.lists(st.none() | values, max_size=4).map(lambda v, t=dtype: pl.Series(v, dtype=t))  # type: ignore[misc]
        for values, dtype in (
            (st.floats(), pl.Float64),
            (st.integers(-(2**31), 2**31 - 1), pl.Int32),
            (st.booleans(), pl.Boolean),
            (st.text(st.characters(codec="utf-8"), max_size=3), pl.String),
            (st.dates(), pl.Date),
        )
    )
)
ANYTHING = st.one_of(
    SCALARS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=6),
    hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)),
    SERIES,
)
CALLS = NUMBERS | ONE_NUMBER | DISTRIBUTIONS | COUNTS | LEFT_OUT | THINGS | NAMES


def is_whole(value: Any) -> bool:
    """Whether a value can stand for a count."""
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


@st.composite
def calls_and_values(draw: st.DrawFn) -> tuple[str, Any]:
    """A call and anything at all for it; of the counts that are allowed only small ones, since they are run."""
    name = draw(st.sampled_from(sorted(CALLS)))
    if name not in COUNTS:
        return name, draw(ANYTHING)
    least, most = COUNT_RANGES[name]
    counts = st.integers(least, least + 8) | st.integers(max_value=least - 1) | st.integers(min_value=most + 1)
    return name, draw(counts | ANYTHING.filter(lambda value: not is_whole(value)))


@settings(max_examples=10 * EXAMPLES, deadline=None)
@given(calls_and_values())
def test_anything_is_refused_or_gives_numbers(drawn: tuple[str, Any]) -> None:
    name, value = drawn
    assume(
        not name.startswith("simulate.time") or value is not None
    )  # without a time it is the horizon that is missing
    field, call = CALLS[name]
    found = complaints(call, field, {"this": value})
    assert found in ([], ["this: was taken"])
    assert not found or not holds_nan(call(value))


def logarithmic(low: float, high: float) -> st.SearchStrategy[float]:
    """Positive numbers of every order of magnitude, and the bounds."""
    spread = st.floats(math.log(low), math.log(high)).map(lambda x: min(max(math.exp(x), low), high))
    return st.sampled_from([low, high, math.nextafter(low, high), math.nextafter(high, low)]) | spread


LIMITS = st.just(math.inf) | logarithmic(math.nextafter(1.0, 2), 1e4)  # above that: test_far_limits
SHAPE_NAMES = st.sampled_from(["linear", "abrupt"])


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    logarithmic(1e-6, 1e6),
    logarithmic(1e-100, 1e100),
    logarithmic(1e-6, 1),
    LIMITS,
    SHAPE_NAMES,
    logarithmic(1e-99, 1e99),
)
def test_no_valid_law_gives_nan(r: float, first: float, lam: float, limit: float, shape: Any, span: float) -> None:
    law = takeoff.GrowthLaw(r, first, lam, limit, shape)
    horizon = min(span * first, 1e100)
    times = np.sort([0, 5e-324, horizon * 1e-9, first / 2, first, horizon]).clip(0, horizon)
    assert not holds_nan(takeoff.simulate(law, time=times, doublings=12))
    doublings = [0, 5e-324, 0.5, 1, 2, limit / 2, math.nextafter(limit, 0), limit, 1e300, math.inf]
    assert not holds_nan(law.time_at(doublings))
    assert not holds_nan(law.pace_at(doublings))
    assert not holds_nan(law.peak_doublings)


FAR = """
import math, sys
import numpy as np
import takeoff
r = float(sys.argv[1])
law = takeoff.GrowthLaw(r=r, first_doubling=1, limit=[1e5, 1e6, 1e7, 1e8, 1e9])
for part in (1e-9, 0.5, 0.99, 1 - 1e-9, 1 - 2**-53):
    assert not np.isnan(law.time_at(law.limit * part)).any()
    assert not np.isnan(law.pace_at(law.limit * part)).any()
assert not np.isnan(takeoff.simulate(law, 1e90).doublings).any()
"""


@pytest.mark.parametrize("r", [1e-6, 0.5, 1 - 1e-9, 1.0, 1.0001, 3.0, 1e6])
def test_far_limits(r: float) -> None:
    # Work grows with the logarithm of the time span alone: milliseconds, where one panel after another takes minutes.
    subprocess.run([sys.executable, "-W", "error", "-c", FAR, str(r)], check=True, timeout=20)


@settings(deadline=None)
@given(*[logarithmic(1e-100, 1e100)] * 3, logarithmic(math.nextafter(1.0, 2), 1e6), st.sampled_from([1, 10, 3000]))
def test_no_valid_toy_gives_nan(agis: float, rate: float, papers: float, factor: float, doublings: int) -> None:
    toy = takeoff.ToyModel(agis, rate, papers, factor)
    assert not holds_nan(takeoff.simulate(toy, doublings=doublings))
    assert not holds_nan(toy.r)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    *[logarithmic(1e-6, 1e6)] * 2,
    logarithmic(1e-6, 1e3),
    logarithmic(1e-6, 1),
    st.sampled_from(["none", "paper", "code"]),
    st.sampled_from(["sudden", "gradual"]),
    st.sampled_from(["falling", "constant"]),
    logarithmic(1e-99, 1e99),
)
def test_no_valid_recursion_gives_nan(
    r: float, f: float, years: float, lam: float, retraining: Any, boost: Any, returns: Any, horizon: float
) -> None:
    model = takeoff.DavidsonHoulden(r, f, years, lam, retraining=retraining, boost=boost, returns=returns)
    result = takeoff.simulate(model, horizon)
    assert not holds_nan(result)
    assert (np.diff(result.ends) >= 0).all()
    assert result.most_doublings(1e100) >= result.doublings - (result.last_end >= 1e100)


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(st.sampled_from(sorted(FRAME_FIELDS)), logarithmic(5e-324, sys.float_info.max))
def test_no_valid_number_gives_nan_or_a_negative_one(name: str, value: float) -> None:
    try:
        result = FRAME_FIELDS[name][1](value)
    except InvalidValueError:
        return
    assert result >= (-1 if "rate" in name else 0)


@settings(deadline=None)
@given(logarithmic(5e-324, 1.0), st.integers(1, 5))
def test_returns_next_to_their_bound_are_not_negative(lam: float, steps: int) -> None:
    ratio = 2.0**-lam
    for _ in range(steps):
        ratio = math.nextafter(ratio, 2)
    try:
        r = takeoff.returns_from_doubling_ratio(ratio, parallelizability=lam)
    except InvalidValueError:
        return
    assert r >= 0


@settings(deadline=None)
@given(*[logarithmic(5e-324, sys.float_info.max)] * 2, st.just(math.inf) | st.floats(0, sys.float_info.max))
@example(1.0, 1.0, math.inf)
@example(1.0, math.nextafter(1.0, 0), 0.0)
def test_no_schedule_gives_nan(first: float, shrink: float, runs: float) -> None:
    assert schedule_time(first, shrink, runs) >= 0
