"""A result is a function of the input and the version alone: the same bits for any threads, chunks and company."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import takeoff
from takeoff.models import CES, Automation, DavidsonHoulden, GrowthLaw, Hardware, HumanReaction, Retraining, ToyModel

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

# Every column of the engine that takes a policy, in one call each.
COLUMNS: dict[str, Callable[[GrowthLaw, Any], Any]] = {
    "doublings_at": lambda law, how: law._engine.doublings_at(TIME, how),
    "at_own_time": lambda law, how: law._engine.doublings_at_own(4 * SPREAD[::-1], how),
    "doubling_times": lambda law, how: law._engine.doubling_times(25, how),
    "time_at": lambda law, how: law._engine.time_at(np.tile(DOUBLINGS, PATHS), DOUBLINGS.size, how),
    "pace_at": lambda law, how: law._engine.pace_at(np.tile(DOUBLINGS, PATHS), DOUBLINGS.size, how),
    "criticality": lambda law, how: law._engine.criticality(how),
    "effort_at": lambda law, how: law._engine.effort_at(np.tile(DOUBLINGS, PATHS), DOUBLINGS.size, how),
    "singular_time": lambda law, how: law._engine.singular_time(how),
    "limit_time": lambda law, how: law._engine.limit_time(how),
    "peak_doublings": lambda law, how: law._engine.peak_doublings(UP_TO, how),
    "peak_pace": lambda law, how: law._engine.peak_pace(UP_TO, how),
}
TOY_COLUMNS: dict[str, Callable[[ToyModel, Any], Any]] = {
    "papers": lambda toy, how: toy._engine.papers(20, how),
    "agis": lambda toy, how: toy._engine.agis(20, how),
    "durations": lambda toy, how: toy._engine.durations(20, how),
    "ends": lambda toy, how: toy._engine.ends(20, how),
    "singular_time": lambda toy, how: toy._engine.singular_time(how),
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


RUNS_COLUMNS: dict[str, Callable[[Retraining, Any], Any]] = {
    "runs": lambda runs, how: runs._engine.runs(40, how),
    "time_at": lambda runs, how: runs._engine.time_at(np.tile([4.0, 0.5], runs._engine.paths), 2, how),
}


RECURSIONS: dict[str, dict[str, Any]] = {
    "base": {},
    "retraining": {"retraining": "paper"},
    "as coded": {"retraining": "code", "returns": "constant"},
    "gradual": {"boost": "gradual"},
}
RECURSION_COLUMNS: dict[str, Callable[[DavidsonHoulden, Any], Any]] = {
    "course": lambda model, how: model._engine.course(4.0, how),
    "ends": lambda model, how: model._engine.ends(60, 4.0, how),
    "most_doublings": lambda model, how: model._engine.most_doublings(np.tile([0.25, 1.0], PATHS), 2, 4.0, how),
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


def policies() -> list[dict[str, int | None]]:
    return [{"threads": threads, "chunk": chunk} for threads in THREADS for chunk in CHUNKS]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", LAWS)
def test_threads_and_chunks_change_no_bit(name: str, column: str) -> None:
    law, call = law_of(name), COLUMNS[column]
    expected = bits(call(law, {"threads": 1, "chunk": None}))
    for policy in policies():
        assert bits(call(law, policy)) == expected, policy


def reaction_course(name: str, policy: Any, rows: Any = slice(None)) -> Any:
    """What the engine says of a law under reactions that differ from path to path."""
    lag = np.where(np.arange(PATHS) % 3 == 0, 0.0, 0.3 * SPREAD)
    smoothing = np.where(np.arange(PATHS) % 4 == 0, 0.05 + SPREAD, 0.0)
    model = HumanReaction(law_of(name, rows), (3 + 20 * SPREAD)[rows], 10.0, lag[rows], smoothing[rows])
    return model._engine.course(TIME[TIME <= 3], policy)


@pytest.mark.parametrize("name", REACTION_LAWS)
def test_threads_and_chunks_change_no_bit_of_a_reaction(name: str) -> None:
    expected = reaction_course(name, {"threads": 1, "chunk": None})
    for threads in THREADS:
        for chunk in (None, 1, 7):
            assert bits(reaction_course(name, {"threads": threads, "chunk": chunk})) == bits(expected)
    some = reaction_course(name, {"threads": 2, "chunk": 1}, slice(100, 117))
    assert bits(some) == bits(expected.reshape(PATHS, -1)[100:117])


@pytest.mark.parametrize("column", TOY_COLUMNS)
def test_threads_and_chunks_change_no_bit_of_a_toy(column: str) -> None:
    toy = ToyModel(agis=1 + SPREAD, first_papers=2 - SPREAD, papers_factor=1.01 + 4 * SPREAD)
    expected = bits(TOY_COLUMNS[column](toy, {"threads": 1, "chunk": None}))
    for policy in policies():
        assert bits(TOY_COLUMNS[column](toy, policy)) == expected, policy


@pytest.mark.parametrize("column", RUNS_COLUMNS)
@pytest.mark.parametrize("name", LAWS)
def test_threads_and_chunks_change_no_bit_of_training_runs(name: str, column: str) -> None:
    runs = runs_of(name)
    expected = bits(RUNS_COLUMNS[column](runs, {"threads": 1, "chunk": None}))
    for policy in policies():
        assert bits(RUNS_COLUMNS[column](runs, policy)) == expected, policy


@pytest.mark.parametrize("column", RECURSION_COLUMNS)
@pytest.mark.parametrize("name", RECURSIONS)
def test_threads_and_chunks_change_no_bit_of_a_recursion(name: str, column: str) -> None:
    model = recursion_of(name)
    expected = bits(RECURSION_COLUMNS[column](model, {"threads": 1, "chunk": None}))
    for policy in policies():
        assert bits(RECURSION_COLUMNS[column](model, policy)) == expected, policy


@pytest.mark.parametrize("threads", THREADS)
def test_threads_change_no_bit_of_a_draw(threads: int) -> None:
    expected = {name: bits(values) for name, values in drawn().items()}
    assert {name: bits(values) for name, values in drawn(threads).items()} == expected


def test_chunks_change_no_bit_of_a_draw() -> None:
    sampler = takeoff.Gamma(2)._engine
    p = (np.arange(5000) + 0.5) / 5000
    expected = bits(sampler.quantile(p, {"threads": 1, "chunk": None}))
    for policy in policies():
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
    "linear limit, doublings_at": "1d91370fe91a7ef6447a6f40fc5d4ee7e65c5b57e979bba7650f2dc4907faa37",
    "linear limit, at_own_time": "92a43f8164c224acc77bd56f50bafce09fe9b02d31f0d87d4168de14a8c84cb7",
    "linear limit, doubling_times": "7aef4d8feb136c1acf8f5dd578294352ce6a504b86a91534ac67e2a4f6ca4d33",
    "linear limit, time_at": "6a0f7196544d2cab1a922b2339ea2f8159cfab0b6a1415c8ee5eb4c4bf09d616",
    "linear limit, pace_at": "429c129b48ed06b4e386df15415d4ef18cd2d6a664387e5803e90f7c080c1828",
    "linear limit, criticality": "3129b70f28128fb1afdae0890ae5d0103e38879fd5e34754d0a8b271f3b3e8aa",
    "linear limit, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "linear limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "linear limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "linear limit, peak_doublings": "3126a9a826b169eb9963189b79046b153a82ab70540fa43acc29f5de879256e8",
    "linear limit, peak_pace": "042adfbe6fc0789e347cc9eda85a33f4143400bd2418cb297a340075125aa407",
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
    "some limits, doublings_at": "e9e469a8f8f2292a4c078825b36f4ea9e08801e91c53610dcd8e8ec1ac97c07c",
    "some limits, at_own_time": "243b7437da5ed08310a119b065e77c43fc6ce5c4aa14db3d034e5d8815814811",
    "some limits, doubling_times": "233b8127fac47d17a4e10539ba32345008d3eb13b51fe5bde08a58cc1424601f",
    "some limits, time_at": "d6651a5c0e198c09d2cf6020a6ffd8c91bb5debb12c6fd954f07239aff9fd30b",
    "some limits, pace_at": "26d9fb96b26f7cdc7b1d8cd4138ca4878b7939d10312b3a10d4ef75f68a60db9",
    "some limits, criticality": "ac39e85f3c6fdb6894b6aafd0df4b4f9748583eb7d6d38c3c19acb607070c30c",
    "some limits, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "some limits, singular_time": "eb92696c5b7728a4e0b45d51bed30cb557f238a0c07e63485a62ead4b8c992c0",
    "some limits, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "some limits, peak_doublings": "ca20c1b080064dcb2c15606a2e184c6cc16171dbf327a80b8038fac46e99c535",
    "some limits, peak_pace": "7abeb4a7e24ce34deefe0daff7c1ea24d0e4f02521ae9a759f7c130685d8f820",
    "compute, doublings_at": "b7bfe45924b3832710318a7d029331eb3157adb2987d7db479dc2c24d290b1da",
    "compute, at_own_time": "b34a921b05e7447f62003b21026134d5e111cc6ef2edd964f0069bd8f456f108",
    "compute, doubling_times": "74d18a1063b364f944d763fead3eb76f73ce1303b6c338eb83ca9d2f0c925006",
    "compute, time_at": "a598ab054876d263303ed383fb1eaa046291f5536a557a11147da5dcbb7950f3",
    "compute, pace_at": "59a992d95b432e2257e661f9b10bf31231985b9acdf1f2fdb87fd922d2ff2745",
    "compute, criticality": "f7a82c2d0d9325034a7eb763b5a69ba12511d7007bd965bf491e872c4e84182d",
    "compute, effort_at": "21c789f7ac1fc01fbd609004018e1c65ef4d6162767c2239eca3d108548b7e49",
    "compute, singular_time": "9a1ef43dba549c879ac6a18ca22976eccc4a93347d35edf3033c17404731e080",
    "compute, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "compute, peak_doublings": "1cd428e064b3e17f031793b5d5066ccaa638aa819367cdb058575bcbbcfd95c8",
    "compute, peak_pace": "9c628b87f6d6e06eeeb1e62f4cf0f6ffc70b83502456d30a9f3921c89604d1dd",
    "compute and limit, doublings_at": "84daa78cec8388584a181c2d4f3ab30840f76313e0f4e985e87fc37792c7ef52",
    "compute and limit, at_own_time": "f08d53f61e46693743a2b1265a0f8c3188e757e68a921b3a6fc2c7dfd0605efb",
    "compute and limit, doubling_times": "ccad223b2ee756ea9ef10e2c4eca4cb0d8a61e8f8fa44d7ab4c5e9406cdbccc1",
    "compute and limit, time_at": "7a4041dc661699e50fba2c3ad0dd596b4f1ee8214dabd085ccc0254f3a6f7542",
    "compute and limit, pace_at": "e4e3cd8d921621ebfb93dadf210b77cebee87cf762a8f3314a2d9c1589e358e1",
    "compute and limit, criticality": "6d33607e70c82b0f1a31e71dd18b930a9493d50373dbd7100ed4484aed074777",
    "compute and limit, effort_at": "46492d0884e15144a0c9fc80b2c29379787f82abe6f1b2acd5c7c6f810dd0857",
    "compute and limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "compute and limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "compute and limit, peak_doublings": "eefd9b6fecdd40e82261710ddb748e6d89aeba89f775098fe7a74337719012a9",
    "compute and limit, peak_pace": "71ba79ac0d921256542b20db32e8db6c865b7e0cc7aadc6cdb7ac5146037a38d",
    "hardware, doublings_at": "16c6b0193c020de280a83ec85527e0570fdd95a9b19e54fdf2d6150d313679fb",
    "hardware, at_own_time": "159c696f867de5d0ff7350c1461a2e8a393acc6b984e893319332bcaa3134d2d",
    "hardware, doubling_times": "d87eb32864443bb2e8c44cbb245de9adfabb04a37e662af9b25c77d80ab5c2db",
    "hardware, time_at": "b5b579ce9aac4bf247dcb97a603adc3831c177e4e6a55349d1edfea14c768f91",
    "hardware, pace_at": "0c0e391c49e0ddad540c04695fc3fe04915921824902d9277f512454526da6ab",
    "hardware, criticality": "a8798d3db165e3033405cafd6986c2b5dfcf2e1bf448c3ef34dca254b5ba98ae",
    "hardware, effort_at": "123c396cb92a392115a92ac85644c9f3636b77507e7f297c55a1774dbcaa06e8",
    "hardware, singular_time": "1375eb3e205f4c2103bf7f0138ecb9a01bf7c29513d920a8356c5639d76f5ecc",
    "hardware, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "hardware, peak_doublings": "0661f00c5f638d2ba66a02e06191c97289318712346046fd3d81026d1a74003f",
    "hardware, peak_pace": "e6c03d0f10636efbd96733f609a665fc13fece537ed2c566f83878169059cca9",
    "automation, doublings_at": "49c7aed85482979fc1e2b1a61e5ab42b3e09e42bfa2c77cda4fd4c5e6268eb53",
    "automation, at_own_time": "fe813e57a3643c40f3185a417deaf087a58c07aecd7fa04fe78422c034056693",
    "automation, doubling_times": "747d58253f3d1505e22dac4b899b1648d6cab6c6d5714ab04f4c11a112c1736b",
    "automation, time_at": "bad40c9ebfa41c809e4c7df7ff31fb4488d7f98501ea63b2bbd3ce2b268218be",
    "automation, pace_at": "38e76cee74c8d92a7c8af095928a32365411249e710817eb96a5a1ba2c48c1f2",
    "automation, criticality": "681f571e4261f673ae9a6b7932ba72af01b5aa4d7496a58bbcc56625b6857c37",
    "automation, effort_at": "a5a6c3c90bce323d2cf9397efb94f538d807abf9107926a51616b654e96e853f",
    "automation, singular_time": "45414457245c39c50c72861b92d1cb9c4c3a6621fd8160a8d891ea735e7b7e34",
    "automation, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "automation, peak_doublings": "deee03966a4596ca6b868d55b96de8c27fb731f0cf78d47d9b0ab2e9868b0b16",
    "automation, peak_pace": "1c8d540bb10a67eebf7bfb30b3406c8e485fd9b38f2189b2a0e3b4951882c78d",
    "automation, compute and limit, doublings_at": "647e1abd93ab404c9f0c1bbd515d7815b8c27c2441d51511767f19880e418e6d",
    "automation, compute and limit, at_own_time": "8031d1d7eeb6ff76bfe90c05ec0b0f48064723ac0bbf30e0d045dcf8e2c48b2b",
    "automation, compute and limit, doubling_times": "ae2223cd4a2d83bc0d11aca08428662b87b02bfdf0093864b868c47d8ade9357",
    "automation, compute and limit, time_at": "2c14f5e322b486642d4f025a1f3916b1f41dd12880ab7fa8a66ac5067b932a64",
    "automation, compute and limit, pace_at": "aaa5999a83c08207d9d71ad6ccf0cda70e6fe9e67e192d484096c377f7eb3356",
    "automation, compute and limit, criticality": "a0ee989ed2a0a2e3626520afa4032e06144865c8c8f6357293c9f4cd2069eaf2",
    "automation, compute and limit, effort_at": "df51b9f8b3373d4e2cda7b66c063165330b05afd53e3c9dd1eb41a77e88de1e6",
    "automation, compute and limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "automation, compute and limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "automation, compute and limit, peak_doublings": "a0ee989ed2a0a2e3626520afa4032e06144865c8c8f6357293c9f4cd2069eaf2",
    "automation, compute and limit, peak_pace": "3dfabc3ae3474451c08dcf20ab5b8a009a2cdd7cb6a943bf5a210facbe056f4a",
    "all parts, doublings_at": "c0ab46297a49cab52fff6f8d2b3e77957bccfa7b35e8192ed3487b67f8e260a7",
    "all parts, at_own_time": "116df0373816b890360267dbf15f0e2023dd950a475eb2b4ea1bd77ec304d9cb",
    "all parts, doubling_times": "d0d94090fb243693845be0bc7915f53201e85d66d5ad4bc72c708d65847ff2a2",
    "all parts, time_at": "e9d2e9913178b17d6a8b2354783f309516b2a1d66cff986784c0e5d34ee0ad79",
    "all parts, pace_at": "2dae96a8b721b5c79efbfb3a12fc9237c2ff1c8af7e6fa98ec1265f5529c5506",
    "all parts, criticality": "408e9096acf8f304a8ad4f762896f52b49a2bb7c77394cea34dc15070661ae3e",
    "all parts, effort_at": "da16b316227d4c4b0c82c04ddf63b922f52f6dc0fcb52d53a6a9919f4bfdf4b7",
    "all parts, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "all parts, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "all parts, peak_doublings": "a457b1f910b7bf7b1b21ae29d0ddd7a2a73c65f3eac4ad4c91f481751d257ec4",
    "all parts, peak_pace": "4bb784741c5ce8b315c7b1823a90d5cb72201a5e96c30c2aa249d451d778216a",
    "unlimited, reaction": "72afe8a915b6791ab0e08c1d0a0b37869170543f70f1dbd6b8078aaa50437114",
    "some limits, reaction": "2c664069c0f914763ee6ae20dc9de5ec23b81b8ff12b5e0a05530919e14216d7",
    "compute, reaction": "ebe5e2f8086e8d992ce6d4fc4691166b796d256cd627890e3a59ed4b357f0da9",
    "hardware, reaction": "fc056b81dcc5fa8c31cf7b19ef2f75c9d4f0a7663dec855a7db85212f128387e",
    "automation, reaction": "23fbdc54671e7af477a321fdb2c386362d5ae0ec912768ceb20b63759c2a6c05",
    "all parts, reaction": "2a1bc9c7263c16cd62b6016985e0075b58f137091f3d191cd176e989197b1ee2",
    "toy, papers": "55ea0f6c12aadf71728bb3eb3befe7efe989dee33b00b718b16184abcc135a52",
    "toy, agis": "2b02afa13f519443d145b843ad585584be9bf8fe44e4d86bfe6827ac9ee90181",
    "toy, durations": "f0c12c8b1103e49127ff741a14930c25fbecc880f2cafecfa0410e2f010fbbae",
    "toy, ends": "fb4f48991751b529fac4155941cc3b549dcb1c2cf261d1ea90edad27e4666ef5",
    "toy, singular_time": "ec398ecc00a4961d395b258663cd936a33dcdc480c23598da1d9321903892e12",
    "runs, unlimited, runs": "a5008e57da6de560ecb0e7b7878352cd1e40e95c2942a1e31854d5afc457c981",
    "runs, unlimited, time_at": "019e2dec6225d947a3ea55de82952da256f6055bbfb4fcd5d1487a0595655f88",
    "runs, linear limit, runs": "d49bacb5fee067ec50afafeb6429cf17ae316b93421cea808b66d49eded90e2e",
    "runs, linear limit, time_at": "450ae3b603dc4742ca473d2a67278b8b011a999767a5456c9eb1cb5472f85a08",
    "runs, abrupt limit, runs": "583d58f46c68eb3f1c16d835538daa5cd1e1ac7276a8c94efe19d0c6e97443c7",
    "runs, abrupt limit, time_at": "06403583c3c3385285050ad309cb950a4eea5df2b017cffbdbbbbf3a974bf83d",
    "runs, some limits, runs": "b3cdf9fdd81f1f095c78f75c3df9caca270bdd71e943a9225283e88d2b5d6cc6",
    "runs, some limits, time_at": "5c9d50ec529b70db3954617b53d8ece13aa0106c86b2f01c54147ee4de59c016",
    "runs, compute, runs": "16cac56cde901377121077ef05b89d24e89e7d18ff576e2a60dc74b82008e1fd",
    "runs, compute, time_at": "b51449d6749015f62f272731e7389e8c249602fe93bb08cf88a27862c21e8ff1",
    "runs, compute and limit, runs": "c5ba51d664ad80ff90d2f98f18c9ff42457a454dfcf77148d06bec148ebb2ea4",
    "runs, compute and limit, time_at": "bdc504bb0f7a52e6bdb2545f846c04d7c0119146affcddc08cc6c36a2e1c996f",
    "runs, hardware, runs": "bc4d8b2ea2a471518807e2b1e5badb77325c1b6cc88ded3531ada90ce19608fc",
    "runs, hardware, time_at": "3e3ceb23c8689cc42f77619ea65bdd6966658269e2f774c9967866e7474ec8a7",
    "runs, automation, runs": "00f4b1bbb8c99892cdd64b58e9168e50eecc25f25a7ab8c96562cb3b8af0f785",
    "runs, automation, time_at": "15abebb9075a6fa82385ad34dbceac8579787a5add88203fd5d0ddf36b8c3f9e",
    "runs, automation, compute and limit, runs": "ce5ae2e0eaeb239f17bb581d84fe05c4d788802cef7a33c4332d6817f40090ea",
    "runs, automation, compute and limit, time_at": "fef1f4ed0d144f1ff6d65cde5e450830a6814653f2218621557650e36860205a",
    "runs, all parts, runs": "195b0a66bd0728fbd382b0dc45c969d7e4d83b3ff6e9a4a44822c73587aadfd7",
    "runs, all parts, time_at": "668f1c751142a8bbbb5709e979295fef7485e1f4ba29055bdc10e429089aff8d",
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
