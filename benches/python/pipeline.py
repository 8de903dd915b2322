"""What polars costs: each expression, and `simulate_frame`, beside the direct call on the same NumPy columns.

Both ways give the same bits, which is checked before they are timed, in turn, in one run. The ratio is the time in
polars over that of the direct call.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

import takeoff
from measuring import markdown
from takeoff import MONTH, GrowthLaw, expr

if TYPE_CHECKING:
    from collections.abc import Callable

    from laws import Floats

ROWS = 1_000_000
REPEATS = 7


def pairs(r: Floats, limit: Floats, frame: pl.DataFrame) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """The direct call, and the same in polars, by what is computed."""

    def query(expression: pl.Expr) -> Callable[[], Any]:
        return lambda: frame.select(expression).to_series()

    def over_rows(output: str, **arguments: Any) -> Callable[[], Any]:
        model = GrowthLaw(1, MONTH)
        return lambda: takeoff.simulate_frame(frame, model, outputs=output, **arguments)[output]

    def law() -> GrowthLaw:
        return GrowthLaw(r, MONTH, limit=limit)

    return {
        "doubling_ratio": (lambda: takeoff.doubling_ratio_from_returns(r), query(expr.doubling_ratio("r"))),
        "level_from_doublings": (lambda: takeoff.level_from_doublings(r), query(expr.level_from_doublings("r"))),
        "regime": (lambda: GrowthLaw(r, MONTH).regime, query(expr.regime("r"))),
        "singular_time": (lambda: GrowthLaw(r, MONTH).singular_time, query(expr.singular_time("r", MONTH))),
        "time_at": (lambda: law().time_at(5.0), query(expr.time_at(5.0, "r", MONTH, limit="limit"))),
        "doublings_at": (
            lambda: takeoff.simulate(law(), time=[0.5]).doublings[:, 0],
            query(expr.doublings_at(0.5, "r", MONTH, limit="limit")),
        ),
        "simulate_frame, time_at": (lambda: law().time_at(5.0), over_rows("time_at", doublings=5.0)),
        "simulate_frame, doublings_at_horizon": (
            lambda: takeoff.simulate(law(), 0.5, points=2).doublings[:, -1],
            over_rows("doublings_at_horizon", horizon=0.5),
        ),
        "simulate_frame, peak_pace": (
            lambda: takeoff.simulate(law(), 0.5, points=2).peak_pace,
            over_rows("peak_pace", horizon=0.5),
        ),
    }


def milliseconds(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - begin)


def main() -> None:
    if takeoff.build_profile() != "release":
        sys.exit("pipeline: the engine is a debug build; build it with 'maturin develop --release'")
    rng = np.random.Generator(np.random.Philox(1))
    r, limit = np.exp(rng.normal(0.3, 0.5, ROWS)), rng.uniform(10, 40, ROWS)
    frame = pl.DataFrame({"r": r, "limit": limit})
    rows = [["", "direct, ms", "in polars, ms", "ratio"], ["---", "---:", "---:", "---:"]]
    for name, (direct, polars) in pairs(r, limit, frame).items():
        if not np.array_equal(direct(), polars()):
            sys.exit(f"pipeline: {name} differs between the direct call and polars")
        times = [(milliseconds(direct), milliseconds(polars)) for _ in range(REPEATS)]
        before, after = (min(column) for column in zip(*times, strict=True))
        rows.append([name, f"{before:.1f}", f"{after:.1f}", f"{after / before:.2f}x"])
    print(f"{ROWS:,} rows, best of {REPEATS}; takeoff {takeoff.__version__}, polars {pl.__version__}\n")
    print(markdown(rows))


if __name__ == "__main__":
    main()
