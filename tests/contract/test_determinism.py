"""A result is a function of the input and the version alone: the same bits for any threads, chunks and company."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import takeoff
from takeoff.models import GrowthLaw, ToyModel

THREADS = (1, 2, 3, 7)
CHUNKS = (None, 1, 2, 7, 64, 1000, 2**31)
PATHS = 300

# Inputs by sums and products alone: powers and logarithms of NumPy differ in the last bit between processors.
SPREAD = np.arange(PATHS) / (PATHS - 1)
RISE = np.arange(38) / 37
TIME = np.concatenate([[0.0, 0.0, 1e-9], 50 * RISE * RISE * RISE])
TIME.sort()
DOUBLINGS = np.concatenate([[0.5, 1.0], 60 * RISE[::2] * RISE[::2]])

LAWS: dict[str, dict[str, Any]] = {
    "unlimited": {
        "r": 0.1 + 3.9 * SPREAD * SPREAD,
        "first_doubling": 0.01 + SPREAD[::-1],
        "parallelizability": 0.3 + 0.7 * SPREAD,
    },
    "linear limit": {"r": 0.05 + 5 * SPREAD * SPREAD, "first_doubling": 0.1, "limit": 1.5 + 80 * SPREAD[::-1]},
    "abrupt limit": {"r": 0.3 + 3 * SPREAD, "first_doubling": 0.1, "limit": 5 + 40 * SPREAD, "limit_shape": "abrupt"},
    "some limits": {"r": 1 + SPREAD, "first_doubling": 0.1, "limit": np.where(SPREAD > 0.5, np.inf, 20.0)},
}

# Every column of the engine that takes a policy, in one call each.
COLUMNS: dict[str, Callable[[GrowthLaw, Any], Any]] = {
    "doublings_at": lambda law, how: law._engine.doublings_at(TIME, how),
    "doubling_times": lambda law, how: law._engine.doubling_times(25, how),
    "time_at": lambda law, how: law._engine.time_at(np.tile(DOUBLINGS, PATHS), DOUBLINGS.size, how),
    "pace_at": lambda law, how: law._engine.pace_at(np.tile(DOUBLINGS, PATHS), DOUBLINGS.size, how),
    "singular_time": lambda law, how: law._engine.singular_time(how),
    "limit_time": lambda law, how: law._engine.limit_time(how),
    "peak_doublings": lambda law, how: law._engine.peak_doublings(how),
    "peak_pace": lambda law, how: law._engine.peak_pace(how),
}
TOY_COLUMNS: dict[str, Callable[[ToyModel, Any], Any]] = {
    "papers": lambda toy, how: toy._engine.papers(20, how),
    "agis": lambda toy, how: toy._engine.agis(20, how),
    "durations": lambda toy, how: toy._engine.durations(20, how),
    "ends": lambda toy, how: toy._engine.ends(20, how),
    "singular_time": lambda toy, how: toy._engine.singular_time(how),
}


def law_of(name: str, rows: Any = slice(None)) -> GrowthLaw:
    """The named law, or some of its paths."""
    return GrowthLaw(**{k: v[rows] if isinstance(v, np.ndarray) else v for k, v in LAWS[name].items()})


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


@pytest.mark.parametrize("column", TOY_COLUMNS)
def test_threads_and_chunks_change_no_bit_of_a_toy(column: str) -> None:
    toy = ToyModel(agis=1 + SPREAD, first_papers=2 - SPREAD, papers_factor=1.01 + 4 * SPREAD)
    expected = bits(TOY_COLUMNS[column](toy, {"threads": 1, "chunk": None}))
    for policy in policies():
        assert bits(TOY_COLUMNS[column](toy, policy)) == expected, policy


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
        fields: dict[str, Any] = {k: float(v[row]) if isinstance(v, np.ndarray) else v for k, v in LAWS[name].items()}
        single = takeoff.simulate(GrowthLaw(**fields), time=TIME)
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
    "unlimited, doublings_at": "44ab9c0085e06861a139a6414b0080ca819f251475deffc500b0ab8b12dfc1dc",
    "unlimited, doubling_times": "459abbe49ea4d55f86731facc7510bc0fa52870c21c1c83e8a78f9d2a367b581",
    "unlimited, time_at": "37c77134f77beb55d5d986c1cf687c02b95ef83754cc8b23d91db91ae3aa8912",
    "unlimited, pace_at": "e7cb3586c9a11b60769f36efbd3289710bab4c779f432eaf1ed8ce35a3326aa7",
    "unlimited, singular_time": "fe7e2bdab42acb0686bb90384087d7ee30e396d3d2e09f4bd2e033c496c1ac17",
    "unlimited, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "unlimited, peak_doublings": "9b88c0019aa331e92620aaf0b646975d6867e0e3193e2b6e3d5335cd275e59f9",
    "unlimited, peak_pace": "608f48855f8a6e50f8b70291ca65abebef4a1d9c3f2d773e36e940ad1b975e31",
    "linear limit, doublings_at": "f162a38512f18121ba3403e7a236c55db813debe81f740c9dd68bf152d1cc4e8",
    "linear limit, doubling_times": "cbd7c88f479d33e590557cbd2c7271ef4e6d03b2c09ae6258016a52a6ea74b9d",
    "linear limit, time_at": "23d6fbbc182171abb033a4e687f5761c0d79e4a788306cdcbe2dea35b5b967ac",
    "linear limit, pace_at": "956e5e3722b0d7ec5be278e0abe3985f3a6e8d629b5b999f84f4382cb505e15d",
    "linear limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "linear limit, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "linear limit, peak_doublings": "3126a9a826b169eb9963189b79046b153a82ab70540fa43acc29f5de879256e8",
    "linear limit, peak_pace": "c0829ceae308e5f79e16fbf11eb520fae8f3758bcfe93aaaf194651a97e9ce13",
    "abrupt limit, doublings_at": "f11f97828626c8d56ffbe32efb0185eb7192f6d85e28468f607772870ee852d1",
    "abrupt limit, doubling_times": "e3ac53a493afb3c8bdb454283ff8ac2b87ec9e6064eec99e8ca7e0a16e307dde",
    "abrupt limit, time_at": "ec0aebc81de6404519600bd4686e037b151b2284ec9e0f1b7a025d7407f37506",
    "abrupt limit, pace_at": "d791b5e6afeeb7c64387fcad851f75c06f59c20aa6794400ec53ba2454f7b3b0",
    "abrupt limit, singular_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "abrupt limit, limit_time": "ed8ce06c66a0d93bf85c9a403caba487612706d6d750599feac1cafa3270c28e",
    "abrupt limit, peak_doublings": "4ce20986ea6b81bba1232f3421ac83c6f2b47136974faeff03842d42565ff95f",
    "abrupt limit, peak_pace": "d8acd99a81995918e7928c094ad6fc3b27a2e9c985220d1d30def8aaa1f2fbec",
    "some limits, doublings_at": "561cedddd36ba256883c868893f68945bb5fbc6845b04cc761a925d98b56a30b",
    "some limits, doubling_times": "b26b80186ea9bda15d1f3a50d220bd34c21e54ddc1b4178a58548f1e23d1f8ce",
    "some limits, time_at": "dc7d7b7660008d4465bfb605eaca81d8944cbc2386134cfb1af98be95237ec14",
    "some limits, pace_at": "6093fd4d2a985f40d34315fbdcbf7c9da291fef517e9de1545bbf1b650cba8b2",
    "some limits, singular_time": "278df675bca8065caf12b8be83f7f203896534d78fdb80a0dbdb90b984ce5586",
    "some limits, limit_time": "657a1d709ff56ec7c3224a01584fa9191d39a7e2c6a162a072472b21257f903c",
    "some limits, peak_doublings": "0707b28d298837af6d77865d083c16b82af9891f875d8f66ba2730b349671bc4",
    "some limits, peak_pace": "014e59670e659c18ac38d886343a8becbd93f1aead6b74a1d88a004ad0d0aabc",
    "toy, papers": "55ea0f6c12aadf71728bb3eb3befe7efe989dee33b00b718b16184abcc135a52",
    "toy, agis": "2b02afa13f519443d145b843ad585584be9bf8fe44e4d86bfe6827ac9ee90181",
    "toy, durations": "f0c12c8b1103e49127ff741a14930c25fbecc880f2cafecfa0410e2f010fbbae",
    "toy, ends": "fb4f48991751b529fac4155941cc3b549dcb1c2cf261d1ea90edad27e4666ef5",
    "toy, singular_time": "ec398ecc00a4961d395b258663cd936a33dcdc480c23598da1d9321903892e12",
    "level": "d9f0a5d768d27c7e1c60892cf9c1166a2b6c2fa6b6bd2b1a6549a50461e01b7a",
    "returns": "8e50582af7f1a8c2ddd544be492cf1fb035150b973685bf8e089eb95a7a0380e",
}


def snapshot() -> dict[str, str]:
    """SHA-256 of every column of every law, of the toy and of the conversions."""
    columns = {
        f"{name}, {c}": call(law_of(name), {"threads": 1, "chunk": None})
        for name in LAWS
        for c, call in COLUMNS.items()
    }
    toy = ToyModel(agis=1 + SPREAD, first_papers=2 - SPREAD, papers_factor=1.01 + 4 * SPREAD)
    columns |= {f"toy, {c}": call(toy, {"threads": 1, "chunk": None}) for c, call in TOY_COLUMNS.items()}
    columns["level"] = takeoff.level_from_doublings(np.arange(501) / 5 - 50)
    columns["returns"] = takeoff.returns_from_papers_factor(1.001 + np.arange(501) * np.arange(501) / 7)
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
