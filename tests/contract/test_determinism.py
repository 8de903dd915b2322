"""A result is a function of the input and the version alone: the same bits for any threads, chunks and company."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

import takeoff
from takeoff.models import CES, Automation, DavidsonHoulden, GrowthLaw, Hardware, HumanReaction, Retraining, ToyModel

Policies: TypeAlias = list[dict[str, int | None]]
THREADS = (1, 2, 3, 7)
CHUNKS = (None, 1, 2, 7, 64, 1000, 2**31)
PATHS = 300

# Inputs by sums and products alone: powers and logarithms of NumPy differ in the last bit between processors.
SPREAD = np.arange(PATHS) / (PATHS - 1)
RISE = np.arange(38) / 37
TIME = np.concatenate([[0.0, 0.0, 1e-9], 50 * RISE * RISE * RISE])
TIME.sort()
DOUBLINGS = np.concatenate([[0.5, 1.0], 60 * RISE[::2] * RISE[::2]])

UP_TO = np.where(np.arange(PATHS) % 2 == 0, np.inf, 15.0)

LAWS: dict[str, dict[str, Any]] = {
    "unlimited": {
        "r": 0.1 + 3.9 * SPREAD * SPREAD,
        "first_doubling": 0.01 + SPREAD[::-1],
        "parallelizability": 0.3 + 0.7 * SPREAD,
    },
    "linear limit": {"r": 0.05 + 5 * SPREAD * SPREAD, "first_doubling": 0.1, "limit": 1.5 + 80 * SPREAD[::-1]},
    "abrupt limit": {"r": 0.3 + 3 * SPREAD, "first_doubling": 0.1, "limit": 5 + 40 * SPREAD, "limit_shape": "abrupt"},
    "some limits": {"r": 1 + SPREAD, "first_doubling": 0.1, "limit": np.where(SPREAD > 0.5, np.inf, 20.0)},
    "compute": {
        "r": 0.5 + 3 * SPREAD,
        "first_doubling": 0.1,
        "effort": lambda rows: CES((0.2 + 0.6 * SPREAD)[rows], (0.9 - 2.5 * SPREAD)[::-1][rows], 0.3),
    },
    "compute and limit": {"r": 2.0, "first_doubling": 0.1, "limit": 20, "effort": lambda rows: CES(0.5, SPREAD[rows])},
    "hardware": {
        "r": 0.5 + SPREAD,
        "first_doubling": 0.1,
        "hardware": lambda rows: Hardware((0.5 + SPREAD)[rows], changes=[(1.0, np.inf), ((2 + SPREAD)[rows], 3.0)]),
    },
    "automation": {
        "r": 1.5,
        "first_doubling": 0.1,
        "automation": lambda rows: Automation((0.5 * SPREAD)[rows], 6, (1 + 50 * SPREAD)[rows]),
    },
    "automation, compute and limit": {
        "r": 1.5,
        "first_doubling": 0.1,
        "limit": 30,
        "effort": CES(0.5, -0.5),
        "automation": lambda rows: Automation(0.2, 6, (1 + 50 * SPREAD)[rows], -1.5),
    },
    "all parts": {
        "r": 2.0,
        "first_doubling": 0.1,
        "limit": 30,
        "effort": lambda rows: CES(0.5, -SPREAD[rows]),
        "hardware": lambda _: Hardware(2.0),
    },
}


def run(model: Any, output: str, how: Any, along: Any = None, horizon: float | None = None) -> Any:
    """What the engine answers, one row per path after the other."""
    return model._plan.run([(output, along)], horizon, how)[0]


def own(values: Any) -> Any:
    """Values of each path's own, one each."""
    return np.ascontiguousarray(values).reshape(-1, 1)


# Every column of the engine that takes a policy, in one call each.
COLUMNS: dict[str, Callable[[GrowthLaw, Any], Any]] = {
    "doublings_at": lambda law, how: run(law, "doublings_at", how, TIME),
    "at_own_time": lambda law, how: run(law, "doublings_at", how, own(4 * SPREAD[::-1])),
    "doubling_times": lambda law, how: run(law, "doubling_times", how, 25),
    "time_at": lambda law, how: run(law, "time_at", how, DOUBLINGS),
    "pace_at": lambda law, how: run(law, "pace_at", how, DOUBLINGS),
    "criticality": lambda law, how: run(law, "criticality", how),
    "effort_at": lambda law, how: run(law, "effort_doublings", how, DOUBLINGS),
    "singular_time": lambda law, how: run(law, "singular_time", how),
    "limit_time": lambda law, how: run(law, "limit_time", how),
    "peak_doublings": lambda law, how: run(law, "peak_doublings_by", how, own(UP_TO)),
    "peak_pace": lambda law, how: run(law, "peak_pace_by", how, own(UP_TO)),
}
TOY_COLUMNS: dict[str, Callable[[ToyModel, Any], Any]] = {
    "papers": lambda toy, how: run(toy, "papers", how, 20),
    "agis": lambda toy, how: run(toy, "agis", how, 20),
    "durations": lambda toy, how: run(toy, "durations", how, 20),
    "ends": lambda toy, how: run(toy, "ends", how, 20),
    "singular_time": lambda toy, how: run(toy, "singular_time", how),
}

# A variable of each distribution: alone in the first columns, correlated in the rest.
DRAWN = {
    "normal": takeoff.Normal(1, 2),
    "lognormal": takeoff.Lognormal(0.1, 0.5),
    "uniform": takeoff.Uniform(-1, 2),
    "loguniform": takeoff.Loguniform(0.5, 8),
    "triangular": takeoff.Triangular(0, 1, 4),
    "gamma": takeoff.Gamma(0.3, 2),
    "beta": takeoff.Beta(0.5, 3),
    "discrete": takeoff.Discrete([1, 2, 5], [1, 2, 1]),
    "mixture": takeoff.Mixture([takeoff.Normal(0, 1), takeoff.Gamma(3), 0.5]),
    "truncated": takeoff.Truncated(takeoff.Normal(0, 1), 2, 9),
    "table": takeoff.distributions.Tabulated(12 * SPREAD * SPREAD * SPREAD),
    "derived": takeoff.Derived("exp(uniform) * log(lognormal + 1) ** 2 + loguniform ** 0.3"),
}
TIES = [
    {},
    {("normal", "uniform"): 0.5, ("gamma", "uniform"): -0.3, ("beta", "mixture"): 0.8, ("table", "discrete"): 0.2},
]


def drawn(threads: int = 1) -> dict[str, Any]:
    """Draws of each, without and with correlations."""
    frames = [takeoff.draw(DRAWN, 5000, seed=2, start=3, correlations=ties, threads=threads) for ties in TIES]
    return {f"{name}, {i}": frame[name].to_numpy() for i, frame in enumerate(frames) for name in DRAWN}


# Laws of which each path is put under another reaction, with and without lag and smoothing.
REACTION_LAWS = ("unlimited", "some limits", "compute", "hardware", "automation", "all parts")


def stages(runs: Retraining, how: Any) -> Any:
    """Starts of 40 runs, doublings known and doublings of research, path by path."""
    columns = runs._plan.run([(name, 40) for name in ("starts", "known", "log2_research")], None, how)
    return np.concatenate([column.reshape(-1, 40) for column in columns], axis=1).reshape(-1)


def ending(model: DavidsonHoulden, how: Any) -> Any:
    """Doublings and the end of the last, path by path."""
    return np.stack(model._plan.run([("doublings", None), ("last_end", None)], 4.0, how), axis=1).reshape(-1)


RUNS_COLUMNS: dict[str, Callable[[Retraining, Any], Any]] = {
    "runs": lambda runs, how: stages(runs, how),
    "time_at": lambda runs, how: run(runs, "time_at", how, np.array([4.0, 0.5])),
}


RECURSIONS: dict[str, dict[str, Any]] = {
    "base": {},
    "retraining": {"retraining": "paper"},
    "as coded": {"retraining": "code", "returns": "constant"},
    "gradual": {"boost": "gradual"},
}
RECURSION_COLUMNS: dict[str, Callable[[DavidsonHoulden, Any], Any]] = {
    "course": lambda model, how: ending(model, how),
    "ends": lambda model, how: run(model, "ends", how, 60, 4.0),
    "most_doublings": lambda model, how: run(model, "most_doublings", how, np.array([0.25, 1.0]), 4.0),
}


def recursion_of(name: str) -> DavidsonHoulden:
    """The named recursion, of paths that differ in all that Davidson & Houlden vary."""
    drawn: dict[str, Any] = {
        "r": 0.4 + 3.2 * SPREAD,
        "speed_up": 2 + 30 * SPREAD[::-1] * SPREAD[::-1],
        "limit_years": 6 + 10 * SPREAD,
    }
    return DavidsonHoulden(**drawn, parallelizability=(0.15 + 0.45 * SPREAD * SPREAD)[::-1], **RECURSIONS[name])


def runs_of(name: str) -> Retraining:
    """Training runs under some paths of the named law."""
    rows = slice(None, None, 9)
    return Retraining(law_of(name, rows), first_run=(0.05 + SPREAD)[rows], speed_share=0.3)


def law_of(name: str, rows: Any = slice(None)) -> GrowthLaw:
    """The named law, or some of its paths."""
    fields = LAWS[name].items()
    return GrowthLaw(**{k: v(rows) if callable(v) else v[rows] if isinstance(v, np.ndarray) else v for k, v in fields})


def bits(values: Any) -> bytes:
    """Bits of an array; unlike a comparison, they tell 0 from -0 and one NaN from another."""
    return np.ascontiguousarray(values).tobytes()


@pytest.fixture(params=["some", pytest.param("all", marks=pytest.mark.slow)])
def policies(request: pytest.FixtureRequest) -> Policies:
    """Each number of threads, and each length of a chunk with one of them; or with all of them."""
    pairs = [(threads, chunk) for threads in THREADS for chunk in CHUNKS]
    if request.param == "some":
        pairs = [(threads, None) for threads in THREADS] + list(zip(THREADS * 2, CHUNKS, strict=False))
    return [{"threads": threads, "chunk": chunk} for threads, chunk in pairs]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", LAWS)
def test_threads_and_chunks_change_no_bit(name: str, column: str, policies: Policies) -> None:
    law, call = law_of(name), COLUMNS[column]
    expected = bits(call(law, {"threads": 1, "chunk": None}))
    for policy in policies:
        assert bits(call(law, policy)) == expected, policy


def reaction_course(name: str, policy: Any, rows: Any = slice(None)) -> Any:
    """What the engine says of a law under reactions that differ from path to path."""
    lag = np.where(np.arange(PATHS) % 3 == 0, 0.0, 0.3 * SPREAD)
    smoothing = np.where(np.arange(PATHS) % 4 == 0, 0.05 + SPREAD, 0.0)
    model = HumanReaction(law_of(name, rows), (3 + 20 * SPREAD)[rows], 10.0, lag[rows], smoothing[rows])
    time = TIME[TIME <= 3]
    series = [(name, time) for name in ("doublings_at", "brake", "pace", "returns")]
    names = ("outcome", "singular_time", "limit_time", "behaviour", "period", "amplitude", "steps")
    *courses, outcome, singular, limit, behaviour, period, amplitude, steps = model._plan.run(
        [*series, *((name, None) for name in names)], float(time[-1]), policy
    )
    end = np.select([outcome == 1, outcome == 2], [singular, limit], time[-1])
    statistics = [outcome, end, behaviour, period, amplitude, steps]
    rows = [column.reshape(-1, time.size) for column in courses] + [column.reshape(-1, 1) for column in statistics]
    return np.concatenate(rows, axis=1).reshape(-1)


@pytest.mark.parametrize("name", REACTION_LAWS)
@pytest.mark.parametrize(
    "pairs",
    [
        ((1, 7), (2, None), (3, 1), (7, 7)),
        pytest.param([(threads, chunk) for threads in THREADS for chunk in (None, 1, 7)], marks=pytest.mark.slow),
    ],
    ids=("some", "all"),
)
def test_threads_and_chunks_change_no_bit_of_a_reaction(name: str, pairs: Any) -> None:
    expected = reaction_course(name, {"threads": 1, "chunk": None})
    for threads, chunk in pairs:
        assert bits(reaction_course(name, {"threads": threads, "chunk": chunk})) == bits(expected)
    some = reaction_course(name, {"threads": 2, "chunk": 1}, slice(100, 117))
    assert bits(some) == bits(expected.reshape(PATHS, -1)[100:117])


@pytest.mark.parametrize("column", TOY_COLUMNS)
def test_threads_and_chunks_change_no_bit_of_a_toy(column: str, policies: Policies) -> None:
    toy = ToyModel(agis=1 + SPREAD, first_papers=2 - SPREAD, papers_factor=1.01 + 4 * SPREAD)
    expected = bits(TOY_COLUMNS[column](toy, {"threads": 1, "chunk": None}))
    for policy in policies:
        assert bits(TOY_COLUMNS[column](toy, policy)) == expected, policy


@pytest.mark.parametrize("column", RUNS_COLUMNS)
@pytest.mark.parametrize("name", LAWS)
def test_threads_and_chunks_change_no_bit_of_training_runs(name: str, column: str, policies: Policies) -> None:
    runs = runs_of(name)
    expected = bits(RUNS_COLUMNS[column](runs, {"threads": 1, "chunk": None}))
    for policy in policies:
        assert bits(RUNS_COLUMNS[column](runs, policy)) == expected, policy


@pytest.mark.parametrize("column", RECURSION_COLUMNS)
@pytest.mark.parametrize("name", RECURSIONS)
def test_threads_and_chunks_change_no_bit_of_a_recursion(name: str, column: str, policies: Policies) -> None:
    model = recursion_of(name)
    expected = bits(RECURSION_COLUMNS[column](model, {"threads": 1, "chunk": None}))
    for policy in policies:
        assert bits(RECURSION_COLUMNS[column](model, policy)) == expected, policy


@pytest.mark.parametrize("threads", THREADS)
def test_threads_change_no_bit_of_a_draw(threads: int) -> None:
    expected = {name: bits(values) for name, values in drawn().items()}
    assert {name: bits(values) for name, values in drawn(threads).items()} == expected


def test_chunks_change_no_bit_of_a_draw(policies: Policies) -> None:
    sampler = takeoff.Gamma(2)._engine
    p = (np.arange(5000) + 0.5) / 5000
    expected = bits(sampler.quantile(p, {"threads": 1, "chunk": None}))
    for policy in policies:
        assert bits(sampler.quantile(p, policy)) == expected, policy


@pytest.mark.parametrize("name", LAWS)
def test_the_public_way_has_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    law = law_of(name)
    expected = [bits(COLUMNS[c](law, {"threads": 1, "chunk": None})) for c in ("doublings_at", "doubling_times")]
    for threads in THREADS:
        result = takeoff.simulate(law, time=TIME, doublings=25, threads=threads)
        assert [bits(result.doublings), bits(result.doubling_times)] == expected
        assert bits(law.doubling_times(25, threads=threads)) == expected[1]
        monkeypatch.setenv("TAKEOFF_THREADS", str(threads))
        again = takeoff.simulate(law, time=TIME, doublings=25)
        assert bits(again.doublings) == expected[0]
        assert bits(again.pace) == bits(result.pace)
        assert bits(again.level) == bits(result.level)
        assert bits(again.peak_pace) == bits(result.peak_pace)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(
    "rows", [slice(0, 1), slice(299, 300), slice(100, 117), slice(1, None, 3), slice(None, None, -1)], ids=str
)
def test_a_path_does_not_depend_on_its_company(name: str, rows: slice) -> None:
    whole, part = law_of(name), law_of(name, rows)
    together = takeoff.simulate(whole, time=TIME, doublings=25)
    alone = takeoff.simulate(part, time=TIME, doublings=25)
    for column in ("doublings", "level", "pace", "doubling_times", "singular_time", "limit_time", "peak_pace"):
        assert bits(getattr(alone, column)) == bits(getattr(together, column)[rows]), column
    assert bits(part.time_at(12.5)) == bits(whole.time_at(12.5)[rows])
    assert bits(part.pace_at(12.5)) == bits(whole.pace_at(12.5)[rows])


@pytest.mark.parametrize("name", LAWS)
def test_one_path_of_numbers_is_the_path_of_an_array(name: str) -> None:
    whole = takeoff.simulate(law_of(name), time=TIME)
    for row in (0, 151, 299):
        single = takeoff.simulate(law_of(name, row), time=TIME)
        assert bits(single.doublings) == bits(whole.doublings[row])
        assert bits(single.pace) == bits(whole.pace[row])
        assert bits(single.doubling_times) == bits(whole.doubling_times[row])


def test_again_is_the_same() -> None:
    law = law_of("linear limit")
    first = bits(takeoff.simulate(law, time=TIME).doublings)
    for _ in range(5):
        assert bits(takeoff.simulate(law_of("linear limit"), time=TIME).doublings) == first


@pytest.mark.parametrize("threads", THREADS)
def test_conversions_change_no_bit(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = 1.001 + 1e5 * np.arange(5000) * np.arange(5000) / 25e6
    functions: tuple[Callable[[Any], Any], ...] = (
        takeoff.returns_from_papers_factor,
        takeoff.papers_factor_from_returns,
        takeoff.doubling_ratio_from_returns,
        takeoff.returns_from_doubling_ratio,
        takeoff.level_from_doublings,
    )
    monkeypatch.setenv("TAKEOFF_THREADS", "1")
    expected = [bits(function(values)) for function in functions]
    monkeypatch.setenv("TAKEOFF_THREADS", str(threads))
    assert [bits(function(values)) for function in functions] == expected
    assert [bits([function(float(v)) for v in values[::500]]) for function in functions] == [
        bits(np.frombuffer(column)[::500]) for column in expected
    ]


# ---- snapshot ------------------------------------------------------------------------------------------------------

# SHA-256 of the bits of every column. A change here changes results: say so in the changelog under "Changes results".
# To renew, run this file: python tests/contract/test_determinism.py
SNAPSHOT: dict[str, str] = {
    "unlimited, doublings_at": "f7de1cf08f9e99e6e133fcd2dc0b746c56d1fb1496e7af93b35d02390079110b",
    "unlimited, at_own_time": "d68edf46a9cd3eef5de65e40ab97b0f375e88ac6a16c4e91263b0bca980c5b1c",
    "unlimited, doubling_times": "459abbe49ea4d55f86731facc7510bc0fa52870c21c1c83e8a78f9d2a367b581",
    "unlimited, time_at": "37c77134f77beb55d5d986c1cf687c02b95ef83754cc8b23d91db91ae3aa8912",
    "unlimited, pace_at": "afe65c3df360f388f51dd682156cc1e680a434d79a52af8a14e4a50cc1ac0a38",
    "unlimited, criticality": "dfe37e1cd144c20cd3e27f990e6728e416e75b9b390ec0dcba50b6cfca8a3665",
    "unlimited, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "unlimited, singular_time": "ffb534bd5247fc1252925d9c3ba96266aa3df915081a7dd1946df262640fb83d",
    "unlimited, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "unlimited, peak_doublings": "cb05fb2abeefa764eccf52319236ff0928e1bb9a6f5ecc30cceac2bdb38ce5cd",
    "unlimited, peak_pace": "a9e1ceb8d11f2e28a2f2a39584d450d5aa3cabfdfcfed0b75c6a9f12e89b2d90",
    "linear limit, doublings_at": "ceff06e65208d650f8b7c1f7397375096527646b9bf63140d1d0276b0da4c6da",
    "linear limit, at_own_time": "d79b76732b9af65e4a01dd9a9e7a40168083665c4f9697c3a12d5f4cc63a2fbb",
    "linear limit, doubling_times": "20561090a821db820be96e524e7716096785b4cf332824d564e976de37b951c3",
    "linear limit, time_at": "e22ca0495bbd7f32888a37cacf1d4c5b057710a47ab8d0196380f7827e8ed6d9",
    "linear limit, pace_at": "37d3e57ca3ee6ab021bb74728a3b88a8886a136d63ac6189982889bc3f148b9e",
    "linear limit, criticality": "3129b70f28128fb1afdae0890ae5d0103e38879fd5e34754d0a8b271f3b3e8aa",
    "linear limit, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "linear limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "linear limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "linear limit, peak_doublings": "3126a9a826b169eb9963189b79046b153a82ab70540fa43acc29f5de879256e8",
    "linear limit, peak_pace": "819f4b0b33a5ea6cb3dd2fa47258bc0a1b6feb0da8cddef45d62015040112146",
    "abrupt limit, doublings_at": "6d3281d2f3e94277b138e3dc5031e782766ecba316ca88438be8908822004f1d",
    "abrupt limit, at_own_time": "b8246b2c60b671d6b6c019471ebedcc2f691d5e32553df84de64c68b4e2a81be",
    "abrupt limit, doubling_times": "e3ac53a493afb3c8bdb454283ff8ac2b87ec9e6064eec99e8ca7e0a16e307dde",
    "abrupt limit, time_at": "ec0aebc81de6404519600bd4686e037b151b2284ec9e0f1b7a025d7407f37506",
    "abrupt limit, pace_at": "c079bf602659d5f3262e127d762c2a8491bb5c5bb272188e56762c0442fad34e",
    "abrupt limit, criticality": "8ad0a9721a0161c913556d6101f5f3ce9f13327a31ce934d4784335174d45f27",
    "abrupt limit, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "abrupt limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "abrupt limit, limit_time": "ed8ce06c66a0d93bf85c9a403caba487612706d6d750599feac1cafa3270c28e",
    "abrupt limit, peak_doublings": "5a265e95267b13bc5abc1b41d5b3356ba88e58d9fe13ed9bfe4b845b449ab67a",
    "abrupt limit, peak_pace": "b3582ae9b63bce3ef425f2996a6f1359996c722a2c09e51c43e1350237f295ef",
    "some limits, doublings_at": "b7064cf711b41cc8562faaebd1e2f2eb99511740e16b32463dad76149031a863",
    "some limits, at_own_time": "c8762248ec2029823c8023535a1a6b4143cafb11a7954cd7579490bcdd68b5a2",
    "some limits, doubling_times": "96010ea5dd09f218928b44795378dbff0efdf3bc0d00fac814550a1c6b6596e7",
    "some limits, time_at": "e5a80f35afec5f23e6b89c70a80f42724ede00dd822387fb6b89bd6469c97345",
    "some limits, pace_at": "2e5d923cac38bd1819709b1d19918d6311701593b42ff1fa128f96895032bffc",
    "some limits, criticality": "ac39e85f3c6fdb6894b6aafd0df4b4f9748583eb7d6d38c3c19acb607070c30c",
    "some limits, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "some limits, singular_time": "eb92696c5b7728a4e0b45d51bed30cb557f238a0c07e63485a62ead4b8c992c0",
    "some limits, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "some limits, peak_doublings": "ca20c1b080064dcb2c15606a2e184c6cc16171dbf327a80b8038fac46e99c535",
    "some limits, peak_pace": "d2f6a009ac5efb56db4ae38fdf61d969af6e01f553327202f16c40ae2375a245",
    "compute, doublings_at": "80fc04020aa936dfda4b1a41c7b49cbc72e327dcf48b17cf30afe9ad9eab58b8",
    "compute, at_own_time": "146a319ad466fb7fb7bae19f9c1568b5c57fc720bc4ce810412ead8f899142c8",
    "compute, doubling_times": "bb1069d9b7569ff1140a88ff59d290b1caecff59f4bdeaa76d66b8df7e62c6e5",
    "compute, time_at": "405380052ef6555bf528867316ba217761df900ae4e6ba48d654e8fe8ce1263e",
    "compute, pace_at": "b09eb777fc706c7a6127675d96699947a65decf7a85b17a3a50159fe9ae66c5b",
    "compute, criticality": "f7a82c2d0d9325034a7eb763b5a69ba12511d7007bd965bf491e872c4e84182d",
    "compute, effort_at": "21c789f7ac1fc01fbd609004018e1c65ef4d6162767c2239eca3d108548b7e49",
    "compute, singular_time": "d0076e4b112328e60d7b3f42234f9daba06a6237da1227bc5d0c09f11c98892e",
    "compute, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "compute, peak_doublings": "1cd428e064b3e17f031793b5d5066ccaa638aa819367cdb058575bcbbcfd95c8",
    "compute, peak_pace": "69486b9bc98f57a0272ebff773e9b2a63e6e248f1120b1766cd4891f08173067",
    "compute and limit, doublings_at": "719f405c8c3a7660667d1f017af51d1a38ff8947c39ff5b80edc4e4dc4fc1e39",
    "compute and limit, at_own_time": "0c02840873f0b4c30bf8bf78449d1b692dff68742f10bb8800abc7ce28b35a59",
    "compute and limit, doubling_times": "cfc19ad24d10e3efa7a3f0f46e861636aeac006c79962e3748b340a1bc249203",
    "compute and limit, time_at": "e2e5aa4aedd70912b82f75f55863720ffe8cae1353ba6902752242f5ef8944ee",
    "compute and limit, pace_at": "7d3ae0f79509045e0e0402d22924ecd05fa0127afc0c4f8084383affa7b15725",
    "compute and limit, criticality": "6d33607e70c82b0f1a31e71dd18b930a9493d50373dbd7100ed4484aed074777",
    "compute and limit, effort_at": "46492d0884e15144a0c9fc80b2c29379787f82abe6f1b2acd5c7c6f810dd0857",
    "compute and limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "compute and limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "compute and limit, peak_doublings": "eefd9b6fecdd40e82261710ddb748e6d89aeba89f775098fe7a74337719012a9",
    "compute and limit, peak_pace": "a0839d83522aeb394e1a84682d37f601b4406dd42b54e991950d9a0721657703",
    "hardware, doublings_at": "16c6b0193c020de280a83ec85527e0570fdd95a9b19e54fdf2d6150d313679fb",
    "hardware, at_own_time": "159c696f867de5d0ff7350c1461a2e8a393acc6b984e893319332bcaa3134d2d",
    "hardware, doubling_times": "d87eb32864443bb2e8c44cbb245de9adfabb04a37e662af9b25c77d80ab5c2db",
    "hardware, time_at": "b5b579ce9aac4bf247dcb97a603adc3831c177e4e6a55349d1edfea14c768f91",
    "hardware, pace_at": "0c0e391c49e0ddad540c04695fc3fe04915921824902d9277f512454526da6ab",
    "hardware, criticality": "a8798d3db165e3033405cafd6986c2b5dfcf2e1bf448c3ef34dca254b5ba98ae",
    "hardware, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "hardware, singular_time": "1375eb3e205f4c2103bf7f0138ecb9a01bf7c29513d920a8356c5639d76f5ecc",
    "hardware, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "hardware, peak_doublings": "5ff979a9d9254089807948c798db05b4dfec257b2568009a928577569c9873c1",
    "hardware, peak_pace": "822f0cc344cccda35e1a1783db6375af8cc8bc8736cae94e3df417d38542e14e",
    "automation, doublings_at": "49c7aed85482979fc1e2b1a61e5ab42b3e09e42bfa2c77cda4fd4c5e6268eb53",
    "automation, at_own_time": "41ea9eeaf1efa86985218b6aa163a87215bdf5cec21dd8462ff286921a9213e8",
    "automation, doubling_times": "a871a4bc55004b0ecb9d2d55923af54a4fd07cb6e6a5e16bf540724785c6ae22",
    "automation, time_at": "bad40c9ebfa41c809e4c7df7ff31fb4488d7f98501ea63b2bbd3ce2b268218be",
    "automation, pace_at": "38e76cee74c8d92a7c8af095928a32365411249e710817eb96a5a1ba2c48c1f2",
    "automation, criticality": "681f571e4261f673ae9a6b7932ba72af01b5aa4d7496a58bbcc56625b6857c37",
    "automation, effort_at": "a5a6c3c90bce323d2cf9397efb94f538d807abf9107926a51616b654e96e853f",
    "automation, singular_time": "45414457245c39c50c72861b92d1cb9c4c3a6621fd8160a8d891ea735e7b7e34",
    "automation, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "automation, peak_doublings": "deee03966a4596ca6b868d55b96de8c27fb731f0cf78d47d9b0ab2e9868b0b16",
    "automation, peak_pace": "1c8d540bb10a67eebf7bfb30b3406c8e485fd9b38f2189b2a0e3b4951882c78d",
    "automation, compute and limit, doublings_at": "a71be8b6d73cbd11f4aee5435e0950122c5e178ac64061fa3b8f0332e8f4d8f0",
    "automation, compute and limit, at_own_time": "ad7fba01f1d335df5c50a4a8659af5fabcbc5253c9df68e141a164c2bcaa848f",
    "automation, compute and limit, doubling_times": "488222dc696015173bd9fe5bc7d3fdadcb933f4baaacf27ae637ffbfbadc5080",
    "automation, compute and limit, time_at": "2c14f5e322b486642d4f025a1f3916b1f41dd12880ab7fa8a66ac5067b932a64",
    "automation, compute and limit, pace_at": "aaa5999a83c08207d9d71ad6ccf0cda70e6fe9e67e192d484096c377f7eb3356",
    "automation, compute and limit, criticality": "a0ee989ed2a0a2e3626520afa4032e06144865c8c8f6357293c9f4cd2069eaf2",
    "automation, compute and limit, effort_at": "df51b9f8b3373d4e2cda7b66c063165330b05afd53e3c9dd1eb41a77e88de1e6",
    "automation, compute and limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "automation, compute and limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "automation, compute and limit, peak_doublings": "a0ee989ed2a0a2e3626520afa4032e06144865c8c8f6357293c9f4cd2069eaf2",
    "automation, compute and limit, peak_pace": "3dfabc3ae3474451c08dcf20ab5b8a009a2cdd7cb6a943bf5a210facbe056f4a",
    "all parts, doublings_at": "d459454ea7512094d81fa60f259567bf3a83227e56161e38521f72758a1b0c2f",
    "all parts, at_own_time": "f204a06dec3c7f519659ec81384a72676382559c9094ae5d481625cef4533be5",
    "all parts, doubling_times": "7ecf44a335929318c22cddaf7c7f0540bd92fd830da16380157b7918100061d7",
    "all parts, time_at": "b7907eef522fec0cf454a44088bd5c0f29f931ccb22e6f85f7f58bd350f4bcd4",
    "all parts, pace_at": "141c392a66637c9f9d484250a757d54ebf80fff5fc94d34966a7aa330d5979be",
    "all parts, criticality": "408e9096acf8f304a8ad4f762896f52b49a2bb7c77394cea34dc15070661ae3e",
    "all parts, effort_at": "da16b316227d4c4b0c82c04ddf63b922f52f6dc0fcb52d53a6a9919f4bfdf4b7",
    "all parts, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "all parts, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "all parts, peak_doublings": "90cca8e80d8f7fa843aaf8899a400b9b17c72b6eaa6f4165d6d8472ee65f1bc3",
    "all parts, peak_pace": "8ffaebaf3fc24bb6abb0ff03b698dccc64f6f20f199df2b12e043001cd16a3b5",
    "unlimited, reaction": "72afe8a915b6791ab0e08c1d0a0b37869170543f70f1dbd6b8078aaa50437114",
    "some limits, reaction": "e603093b80a9456cf15f36027aa989fe772ed9fdefd1f9bf2bf1d918b914e3e0",
    "compute, reaction": "226b2e09ba3f7fc91451f68151827a2053386d4380b2053105c2c71bbcb3ea88",
    "hardware, reaction": "fc056b81dcc5fa8c31cf7b19ef2f75c9d4f0a7663dec855a7db85212f128387e",
    "automation, reaction": "23fbdc54671e7af477a321fdb2c386362d5ae0ec912768ceb20b63759c2a6c05",
    "all parts, reaction": "eead18b2521a881fcf25c8b293806dc47e9020ff49c93b37c6becb040ddbcf62",
    "toy, papers": "55ea0f6c12aadf71728bb3eb3befe7efe989dee33b00b718b16184abcc135a52",
    "toy, agis": "2b02afa13f519443d145b843ad585584be9bf8fe44e4d86bfe6827ac9ee90181",
    "toy, durations": "f0c12c8b1103e49127ff741a14930c25fbecc880f2cafecfa0410e2f010fbbae",
    "toy, ends": "fb4f48991751b529fac4155941cc3b549dcb1c2cf261d1ea90edad27e4666ef5",
    "toy, singular_time": "ec398ecc00a4961d395b258663cd936a33dcdc480c23598da1d9321903892e12",
    "runs, unlimited, runs": "a5008e57da6de560ecb0e7b7878352cd1e40e95c2942a1e31854d5afc457c981",
    "runs, unlimited, time_at": "e700052e4e5b819c7136578f530a7e0db7224fd11c72b71b97deec6edf1ec9ed",
    "runs, linear limit, runs": "f2570cca71fa4fab15358105a176de048e5706f7897621edc786b11dab001003",
    "runs, linear limit, time_at": "61339d8a5e5d7381047da4bbb88096231f5441d969cddb65ca72c8423c308340",
    "runs, abrupt limit, runs": "583d58f46c68eb3f1c16d835538daa5cd1e1ac7276a8c94efe19d0c6e97443c7",
    "runs, abrupt limit, time_at": "06403583c3c3385285050ad309cb950a4eea5df2b017cffbdbbbbf3a974bf83d",
    "runs, some limits, runs": "0a3e481d269bddf67199332a40cdd0b008f731fde43f2f992a6838100ac69743",
    "runs, some limits, time_at": "ee8cba8b411b2fbd7f4ec6611443ca31b9ba72b2b84959e26c1b5282d250e607",
    "runs, compute, runs": "e532c8aba648d88654e20bc54b1356ca0dd784f0f07831f7aa14d5035c45efcf",
    "runs, compute, time_at": "70f100f180ac2665106a3a823f5ee216dec7be6d204b4fdddf5e603bba4b7a0d",
    "runs, compute and limit, runs": "1292690cae34e0688319d4b69940dc943e71a2cb7d58b77a76fddbd9d999bbe3",
    "runs, compute and limit, time_at": "52794652358621f762f1e7c149da0c4fbfe670cd4de5914ea3dfecfa20c2068e",
    "runs, hardware, runs": "bc4d8b2ea2a471518807e2b1e5badb77325c1b6cc88ded3531ada90ce19608fc",
    "runs, hardware, time_at": "3e3ceb23c8689cc42f77619ea65bdd6966658269e2f774c9967866e7474ec8a7",
    "runs, automation, runs": "00f4b1bbb8c99892cdd64b58e9168e50eecc25f25a7ab8c96562cb3b8af0f785",
    "runs, automation, time_at": "15abebb9075a6fa82385ad34dbceac8579787a5add88203fd5d0ddf36b8c3f9e",
    "runs, automation, compute and limit, runs": "ce5ae2e0eaeb239f17bb581d84fe05c4d788802cef7a33c4332d6817f40090ea",
    "runs, automation, compute and limit, time_at": "fef1f4ed0d144f1ff6d65cde5e450830a6814653f2218621557650e36860205a",
    "runs, all parts, runs": "ad66543c5b8ed8ab978d83ed7a5e8c1a32ab7cf3f1bdd450644e068d806b6248",
    "runs, all parts, time_at": "8e5fa9969658e4bfadad19f58375de72ad889af37c2a332664383717a2283d80",
    "recursion, base, course": "8f8896aafcbf084300301f4afc3c472d8b1e62615624ce3cafd8fb819f24b01d",
    "recursion, base, ends": "8303f1035cec003496a37a181646345bc3418dba598ac8f34b371c7d29e3c413",
    "recursion, base, most_doublings": "bd201864f971af3b376342792cf3d3c16dbfe3d9a2ef115e5c7af64f60479542",
    "recursion, retraining, course": "f3a13a2a2f0808d0e4f704af50335e1c67e730809bc74b34326a44343a018e84",
    "recursion, retraining, ends": "e0e76223ab81d24c4c2c6881b52c110d12769cb59c86778da362f37d091e937e",
    "recursion, retraining, most_doublings": "00e6ada6a93ab9b603e34d9acd45cec5fdc23aa8fc2d3276ea577ee3cba8bb90",
    "recursion, as coded, course": "98a9a169fa14a4133462d1342aad6f8865a0f44f05855503a84816a0f9d61e8f",
    "recursion, as coded, ends": "dd835f3710a2a795ff743a9b369fc34a081ebeab142fbd8d8f4a5c8b9764a386",
    "recursion, as coded, most_doublings": "8f2f2d8c8cc5b0b09bc21546555d8f12f6e4abbc588fa844096c445408871c17",
    "recursion, gradual, course": "008327d9ee9a2b300bef7eb794067c723d99626573641e9939d36396921acf1f",
    "recursion, gradual, ends": "6dc4f2248ea9495c410629065f2f8dce39e254328851491bfb8ff8a977be13c5",
    "recursion, gradual, most_doublings": "d81a645e88b8838cf292df1c3490e712c1f3b450b27517b5463dfc123976f4e2",
    "level": "d9f0a5d768d27c7e1c60892cf9c1166a2b6c2fa6b6bd2b1a6549a50461e01b7a",
    "returns": "8e50582af7f1a8c2ddd544be492cf1fb035150b973685bf8e089eb95a7a0380e",
    "draw, normal, 0": "e8993dc51d2cb0d6d7b8cad2cac208ac2caabc6c718f7218e92d17aec49d2761",
    "draw, lognormal, 0": "bd83483aa48e13192c11dc83605944147654268348c040f2d3ed24d39d14a506",
    "draw, uniform, 0": "70bfc7536a5b093ca8bfa955faa13fa49302e826a949b710a009698f4d95b9b7",
    "draw, loguniform, 0": "91707da34d9b426d7c9de15ad4b4f6be2a0fb42abb9b95e215ee8b95af3d9c55",
    "draw, triangular, 0": "0f6f3df218fd7f2ede2beccf6a77606a9bf36b1ce1405a4cd1a75f03ceccb67c",
    "draw, gamma, 0": "40b1e5202e4464c0ebb614d93f99c269e08ef536e255893d385ffef875d60f72",
    "draw, beta, 0": "a3a9ffe6707dfad54f58d4d00acbac16c92d3f4dd3d4200e6c8cd3081aaf2c80",
    "draw, discrete, 0": "48b1acd44362c59c749f862b0a87ae1bd2c5a9c2d223a67267656814f7dd1986",
    "draw, mixture, 0": "e90048ada2a593244b90c8b4d9738bdf40cc20d28601b3e119f5dff5d0c85425",
    "draw, truncated, 0": "4bf90b601a8d2bd08ed12e4220cbfee163ab2bbc3b5117d0c1286132371c3156",
    "draw, table, 0": "df780ef915939c78de1d6f2a9a6a209542bb70be1b4a06e073e9c22f8fe780bb",
    "draw, derived, 0": "25ed86113a6dd18dd360e46e78276f083f2c6d38546b7c1f7516fe309a360d31",
    "draw, normal, 1": "e8993dc51d2cb0d6d7b8cad2cac208ac2caabc6c718f7218e92d17aec49d2761",
    "draw, lognormal, 1": "bd83483aa48e13192c11dc83605944147654268348c040f2d3ed24d39d14a506",
    "draw, uniform, 1": "96572913a61c5640a75332ed4e351a933852e84b8b14a5300e7e03f6afcb2fe3",
    "draw, loguniform, 1": "91707da34d9b426d7c9de15ad4b4f6be2a0fb42abb9b95e215ee8b95af3d9c55",
    "draw, triangular, 1": "0f6f3df218fd7f2ede2beccf6a77606a9bf36b1ce1405a4cd1a75f03ceccb67c",
    "draw, gamma, 1": "40b1e5202e4464c0ebb614d93f99c269e08ef536e255893d385ffef875d60f72",
    "draw, beta, 1": "a3a9ffe6707dfad54f58d4d00acbac16c92d3f4dd3d4200e6c8cd3081aaf2c80",
    "draw, discrete, 1": "48b1acd44362c59c749f862b0a87ae1bd2c5a9c2d223a67267656814f7dd1986",
    "draw, mixture, 1": "cdf9c743aa9fbef87d06077cd595898d62ccd203d3e1d91e2532e1b8171e4c98",
    "draw, truncated, 1": "4bf90b601a8d2bd08ed12e4220cbfee163ab2bbc3b5117d0c1286132371c3156",
    "draw, table, 1": "fc4856d1be347df8d0b3d465180ab875548fb9993f6243dff6347c40b5f4c700",
    "draw, derived, 1": "5a1ee5d23000fdb833b3e2cbe263b9698b4b844de4c9478543324181cc84fe5a",
}


def snapshot() -> dict[str, str]:
    """SHA-256 of every column: of laws, reactions, the toy, training runs, recursions, the conversions and draws."""
    columns = {
        f"{name}, {c}": call(law_of(name), {"threads": 1, "chunk": None})
        for name in LAWS
        for c, call in COLUMNS.items()
    }
    columns |= {f"{name}, reaction": reaction_course(name, {"threads": 1, "chunk": None}) for name in REACTION_LAWS}
    toy = ToyModel(agis=1 + SPREAD, first_papers=2 - SPREAD, papers_factor=1.01 + 4 * SPREAD)
    columns |= {f"toy, {c}": call(toy, {"threads": 1, "chunk": None}) for c, call in TOY_COLUMNS.items()}
    columns |= {
        f"runs, {name}, {c}": call(runs_of(name), {"threads": 1, "chunk": None})
        for name in LAWS
        for c, call in RUNS_COLUMNS.items()
    }
    columns |= {
        f"recursion, {name}, {c}": call(recursion_of(name), {"threads": 1, "chunk": None})
        for name in RECURSIONS
        for c, call in RECURSION_COLUMNS.items()
    }
    columns["level"] = takeoff.level_from_doublings(np.arange(501) / 5 - 50)
    columns["returns"] = takeoff.returns_from_papers_factor(1.001 + np.arange(501) * np.arange(501) / 7)
    columns |= {f"draw, {name}": values for name, values in drawn().items()}
    return {name: hashlib.sha256(np.asarray(values, "<f8").tobytes()).hexdigest() for name, values in columns.items()}


def test_bits_are_those_of_this_version() -> None:
    found = snapshot()
    changed = [name for name in found | SNAPSHOT if found.get(name) != SNAPSHOT.get(name)]
    assert not changed, (
        f"bits have changed: {'; '.join(changed)}. If this is meant, say so in the changelog under 'Changes results', "
        "and renew the snapshot with: python tests/contract/test_determinism.py"
    )


def _renew() -> None:
    """Write the snapshot into this file."""
    from pathlib import Path

    file = Path(__file__)
    head, mark, rest = file.read_text(encoding="utf-8").partition("SNAPSHOT: dict[str, str] = {")
    tail = rest[rest.index("}") + 1 :]
    lines = "".join(f'\n    "{name}": "{digest}",' for name, digest in snapshot().items())
    file.write_text(f"{head}{mark}{lines}\n}}{tail}", encoding="utf-8")


if __name__ == "__main__":
    _renew()
