"""The monitor: its plain twin, a closed form, calibration, the same bits whatever the threads, and bad input."""

import dataclasses
import math
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import takeoff
from reference import monitor as twin
from takeoff import MONTH, _core
from takeoff._arrays import policy, using_threads
from takeoff.distributions import Lognormal, Normal, Uniform
from takeoff.errors import DtypeError, InvalidValueError, OutputError, UnknownNameError
from takeoff.evidence import Monitor, ResearchSeries, _alarms, _monitor_file, alarm_errors
from takeoff.evidence._monitor import PRIORS

LN_2 = math.log(2)
# Doublings at quarters: a pace that rises from 2 a year, with some wobble.
QUARTERS = [0.0, 0.55, 0.98, 1.61, 2.05, 2.90, 3.80, 4.65]


def followed(watch: Monitor, *, with_input: bool = False, upto: int = len(QUARTERS)) -> Monitor:
    for k, doublings in enumerate(QUARTERS[:upto]):
        effort = {"input": 100 * 1.1**k} if with_input else {}
        watch = watch.update(2025 + k / 4, log_efficiency=doublings * LN_2, **effort)
    return watch


@pytest.mark.parametrize("with_input", [False, True])
@pytest.mark.parametrize("error", [0.1, 0.002])
def test_against_the_twin(with_input: bool, error: float) -> None:
    count = 300  # more than one block of the engine
    watch = Monitor(reference=2.0, measurement_error=error, particles=count, seed=5)
    flat = watch._engine.columns().reshape(6, count)
    plain = twin.Filter([column.tolist() for column in flat[:5]], flat[5].tolist(), 5)
    growth = 0.0 if with_input else None
    for k, doublings in enumerate(QUARTERS[:5]):
        if with_input and k:
            growth = math.log(100 * 1.1**k / (100 * 1.1 ** (k - 1))) / 0.25
        density = plain.update(0.25, growth, doublings, error / LN_2)
        watch = followed_step(watch, k, with_input)
        ours = watch._engine.columns().reshape(6, count)
        np.testing.assert_allclose(ours[:5], plain.columns, rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(ours[5], plain.weights, rtol=1e-5, atol=1e-12)
        expected = density - math.log(LN_2) if k else 0.0
        assert watch.state()["log_density"] == pytest.approx(expected, rel=1e-6)
        assert watch.state()["effective_size"] == pytest.approx(plain.effective, rel=1e-5)


def followed_step(watch: Monitor, k: int, with_input: bool) -> Monitor:
    effort = {"input": 100 * 1.1**k} if with_input else {}
    return watch.update(2025 + k / 4, log_efficiency=QUARTERS[k] * LN_2, **effort)


@pytest.mark.parametrize("error", [0.02, 0.2])
def test_a_constant_pace_has_a_closed_form(error: float) -> None:
    watch = Monitor(reference=2.0, measurement_error=error, r=1.0, parallelizability=0.6, volatility=0.0)
    times = [k / 4 for k in range(6)]
    levels = [2.4 * t + 0.3 * error * (-1) ** k for k, t in enumerate(times)]
    for time, level in zip(times, levels, strict=True):
        watch = watch.update(time, log_efficiency=level * LN_2)
    mean, deviation = twin.constant_pace(times, levels, error / LN_2, math.log(2.0), 0.5)
    state = watch.state()
    # 20,000 particles, some hundred effective at least: 4 standard errors of the mean.
    assert state["pace mean"] == pytest.approx(mean, abs=0.1 * deviation)
    assert (state["pace 95%"] - state["pace 5%"]) / (2 * 1.645) == pytest.approx(deviation, rel=0.1)
    assert state["r mean"] == pytest.approx(1.0, abs=1e-12)


def simulated(courses: int, updates: int, step: float, error: float, seed: int) -> tuple[Any, Any]:
    """True logarithms of pace, and measured ones of efficiency, of courses from the monitor's own prior."""
    prior = Monitor(reference=2.0, particles=courses, seed=seed)
    engine: _core.Particles | None = prior._engine
    paces, measured = [], []
    noise = np.random.default_rng(seed)
    alive = np.ones(courses, dtype=bool)
    for k in range(updates):
        if k:
            assert engine is not None
            engine = engine.advanced(step, None, policy())
        assert engine is not None
        columns = engine.columns().reshape(6, courses)
        alive &= columns[5] > 0
        paces.append(np.where(alive, columns[1], np.nan))
        measured.append(columns[0] * LN_2 + error * noise.standard_normal(courses))
    return np.array(paces), np.array(measured)


def test_intervals_cover_as_they_say() -> None:
    courses, updates, step = 200, 9, 0.25
    paces, measured = simulated(courses, updates, step, 0.1, 1)
    inside = []
    for course in range(courses):
        watch = Monitor(reference=2.0, particles=1_000, seed=course + 10)
        for k in range(updates):
            if math.isnan(paces[k, course]):
                break
            try:
                watch = watch.update(k * step, log_efficiency=float(measured[k, course]))
            except InvalidValueError:  # a singularity is near: counted as not covered
                inside.append(False)
                break
            if k in (2, 5, 8):
                state = watch.state()
                inside.append(state["pace 5%"] <= math.exp(paces[k, course]) <= state["pace 95%"])
    # About 600 of them, of which three belong to one course: the standard error is 0.02 at most; 3 of these.
    assert len(inside) > 500
    assert np.mean(inside) == pytest.approx(0.9, abs=0.06)


def test_probability_of_crossing_is_that_of_the_simulated_paths() -> None:
    count = 20_000
    start = Monitor(reference=2.0, particles=count, seed=3)
    within, steps = 0.5, 200
    engine: _core.Particles | None = start._engine
    highest = start._engine.columns().reshape(6, count)[1].copy()
    for _ in range(steps):
        assert engine is not None
        engine = engine.advanced(within / steps, None, policy())
        assert engine is not None
        columns = engine.columns().reshape(6, count)
        highest = np.where(columns[5] > 0, np.maximum(highest, columns[1]), np.inf)
    for multiple in (1.0, 2.0, 3.0):
        share = np.mean(highest >= math.log(2.0 * multiple))
        assert start.probability_of_crossing(multiple, within=within) == pytest.approx(share, abs=0.01)


def test_probabilities_are_ordered() -> None:
    watch = followed(Monitor(reference=2.0, particles=2_000))
    now = watch.probability_above([1, 2, 3, 5])
    ahead = watch.probability_of_crossing([1, 2, 3, 5], within=0.5)
    assert (np.diff(now) <= 0).all()
    assert (np.diff(ahead) <= 0).all()
    assert (ahead >= now - 1e-12).all()
    assert watch.probability_of_crossing(3, within=1) > watch.probability_of_crossing(3, within=0.1)
    assert watch.state()["above_buffer"] == watch.probability_above(3.0)


def test_measured_input_tells_r_apart() -> None:
    # Effort grows by half a year's e-fold; r = 0.5 or 2 in the long run shows in the pace.
    found = []
    for growth in (0.25, 1.0):
        watch = Monitor(reference=growth / LN_2, measurement_error=0.03, particles=5_000)
        for k in range(17):
            watch = watch.update(k / 2, log_efficiency=growth * k / 2, input=math.exp(0.5 * k / 2))
        found.append(watch.state()["r 50%"])
    assert found[0] < 0.8 < 1.5 < found[1]
    assert watch.probability_of_crossing(3, within=2) < watch.probability_of_crossing(3, within=2, research="automated")


@pytest.mark.parametrize("with_input", [False, True])
def test_threads_do_not_matter(with_input: bool) -> None:
    bits = set()
    for threads in (1, 2, 3, 7):
        with using_threads(threads):
            watch = followed(Monitor(reference=2.0, particles=3_001), with_input=with_input)
            ahead = watch.probability_of_crossing([2, 5], within=1)
            bits.add((watch._engine.columns().tobytes(), tuple(watch.state().values()), ahead.tobytes()))
    assert len({(columns, ahead) for columns, _, ahead in bits}) == 1
    assert len({state[4:] for _, state, _ in bits}) == 1


def test_a_monitor_is_not_changed_and_seeds_matter() -> None:
    first = followed(Monitor(reference=2.0, particles=500), upto=3)
    before = first.state()
    first.update(2026, efficiency=5.0)
    assert first.state() == before
    assert followed(Monitor(reference=2.0, particles=500), upto=3).state() | {"input": 0} == before | {"input": 0}
    other = followed(Monitor(reference=2.0, particles=500, seed=1), upto=3)
    assert other.state()["pace mean"] != before["pace mean"]


@pytest.mark.parametrize("with_input", [False, True])
def test_it_goes_on_from_a_file_with_the_same_bits(tmp_path: Path, with_input: bool) -> None:
    settings: dict[str, Any] = {"particles": 700, "r": Lognormal(0.2, 0.4), "parallelizability": 0.7, "seed": 9}
    straight = followed(Monitor(reference=2.0, **settings), with_input=with_input)
    watch = Monitor(reference=2.0, **settings)
    for k in range(len(QUARTERS)):
        watch.save(tmp_path / "watch")
        watch = followed_step(Monitor.load(tmp_path / "watch"), k, with_input)
    assert watch._engine.columns().tobytes() == straight._engine.columns().tobytes()
    assert watch.history.equals(straight.history)
    for field in dataclasses.fields(Monitor):
        if field.init:
            assert getattr(watch, field.name) == getattr(straight, field.name)
    assert watch.probability_of_crossing(3, within=1) == straight.probability_of_crossing(3, within=1)
    assert [path.name for path in tmp_path.iterdir()] == ["watch"]


def test_files_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "watch"
    with pytest.raises(InvalidValueError, match="a file that can be read"):
        Monitor.load(path)
    followed(Monitor(reference=2.0, particles=50)).save(path)
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:200], whole + b"x", whole.replace(b'"seed": 0', b'"seed": 1')):
        path.write_bytes(content)
        with pytest.raises(InvalidValueError, match="cut short or changed"):
            Monitor.load(path)
    for content in (b"", b"PAR1", whole[:10]):
        path.write_bytes(content)
        with pytest.raises(InvalidValueError, match=r"a file that Monitor\.save wrote"):
            Monitor.load(path)
    calls: tuple[Any, ...] = (Monitor.load, Monitor(reference=2.0, particles=50).save)
    for call in calls:
        for given in (None, 5, b"watch"):
            with pytest.raises(DtypeError, match="path must be a path"):
                call(given)
        for name, rule in (("a\0b", "a path without null characters"), ("\udc80", "text that is valid Unicode")):
            with pytest.raises(InvalidValueError, match=f"path must be {rule}"):
                call(name)
    with pytest.raises(OutputError):
        Monitor(reference=2.0, particles=50).save(tmp_path)
    with pytest.raises(OutputError):
        Monitor(reference=2.0, particles=50).save(path / "below")


@pytest.mark.parametrize("change", [{"fields": "x"}, {"growth": {}}, {"growth": "x"}, {"rows": [["x"]]}])
def test_a_header_of_another_program(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "watch"
    followed(Monitor(reference=2.0, particles=50)).save(path)
    header, columns = _monitor_file.read(path)
    _monitor_file.write(path, {**header, **change}, columns)
    with pytest.raises(InvalidValueError, match=r"a file that Monitor\.save wrote"):
        Monitor.load(path)
    del header["growth"]
    _monitor_file.write(path, header, columns)
    with pytest.raises(InvalidValueError, match=r"a file that Monitor\.save wrote"):
        Monitor.load(path)


BAD_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "reference": ({"reference": 0}, "reference must be > 0"),
    "nan": ({"reference": math.nan}, "reference must be > 0"),
    "threshold": ({"threshold": -5}, "threshold must be > 0"),
    "buffer": ({"buffer": 6}, "buffer must be at most the threshold 5"),
    "error": ({"measurement_error": 0}, "measurement_error must be > 0"),
    "none": ({"particles": 0}, "particles must be an integer from 10 to 5,000,000"),
    "many": ({"particles": 10**12}, "particles must be an integer from 10 to 5,000,000"),
    "fraction": ({"particles": 2.5}, "particles must be an integer"),
    "seed": ({"seed": -1}, "seed must be an integer"),
    "r": ({"r": Normal(0, 1)}, r"r must be > 0 .*\(Monitor.r\)"),
    "lambda": ({"parallelizability": Uniform(0.5, 2)}, r"parallelizability must be > 0 and at most 1"),
    "volatility": ({"volatility": -0.1}, "volatility must be at least 0"),
    "pace": ({"pace": "fast"}, "pace must be"),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_bad_settings(name: str) -> None:
    settings, message = BAD_SETTINGS[name]
    with pytest.raises((InvalidValueError, DtypeError), match=message):
        Monitor(**({"reference": 2.0} | settings))


class NoTime(date):
    """A date that is none, as NaT of pandas."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False


BAD_UPDATES: dict[str, tuple[dict[str, Any], str]] = {
    "the same time": ({"time": 2026, "efficiency": 2}, "time must be later than the last measurement, 2026"),
    "earlier": ({"time": 2025.5, "efficiency": 2}, "time must be later"),
    "nan time": ({"time": math.nan, "efficiency": 2}, "time must be finite"),
    "nan": ({"time": 2027, "efficiency": math.nan}, "efficiency must be finite and > 0, got nan"),
    "zero": ({"time": 2027, "efficiency": 0}, "efficiency must be finite and > 0, got 0"),
    "infinite": ({"time": 2027, "log_efficiency": math.inf}, "log_efficiency must be finite"),
    "negative error": ({"time": 2027, "efficiency": 2, "error": -0.1}, "error must be > 0"),
    "neither": ({"time": 2027}, "efficiency must be given, or log_efficiency"),
    "both": ({"time": 2027, "efficiency": 2, "log_efficiency": 1}, "not both"),
    "input": ({"time": 2027, "efficiency": 2, "input": 0}, "input must be > 0"),
    "input once": ({"time": 2027, "efficiency": 2, "input": 3}, "given with every measurement or with none"),
    "far": ({"time": 2026.1, "log_efficiency": 900}, r"within 6 standard errors of the forecast, 0\.\d+ \+- 0\.\d+"),
    "no time": ({"time": NoTime(2027, 1, 1), "efficiency": 2}, "time must be a number"),
    "text": ({"time": 2027, "efficiency": "2"}, "efficiency must be a number"),
}


@pytest.mark.parametrize("name", BAD_UPDATES)
def test_bad_measurements(name: str) -> None:
    arguments, message = BAD_UPDATES[name]
    watch = Monitor(reference=2.0, particles=100).update(2026, efficiency=1.0)
    before = watch.state()
    with pytest.raises((InvalidValueError, DtypeError), match=message):
        watch.update(**arguments)
    assert watch.state() == before or math.isnan(before["input"])


def test_bad_questions() -> None:
    watch = Monitor(reference=2.0, particles=100)
    with pytest.raises(InvalidValueError, match=r"at least one measurement \(call update first\), got 0"):
        watch.state()
    with pytest.raises(InvalidValueError, match="multiple must be > 0"):
        watch.probability_above([1, -1])
    with pytest.raises(InvalidValueError, match="within must be > 0"):
        watch.probability_of_crossing(5, within=0)
    with pytest.raises(UnknownNameError, match="research must be one of"):
        watch.probability_of_crossing(5, within=1, research="human")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="where no input was measured"):
        watch.probability_of_crossing(5, within=1, research="measured")
    certain = Monitor(reference=2.0, particles=100, r=3.0, parallelizability=1.0).update(2026, efficiency=1.0)
    assert certain.probability_of_crossing(5, within=50) == 1.0
    with pytest.raises(InvalidValueError, match="before the pace of all particles is infinite"):
        certain.update(2126, efficiency=2.0)


def test_a_very_sharp_measurement_leaves_particles() -> None:
    watch = followed(Monitor(reference=2.0), upto=6)
    state = watch.update(2026.5, log_efficiency=3.7 * LN_2, error=1e-4).state()
    assert 1_000 < state["effective_size"] < 0.5 * watch.particles
    assert state["filtered_log_efficiency"] == pytest.approx(3.7 * LN_2, abs=1e-3)


def test_the_effective_size_tells_surprises() -> None:
    watch = followed(Monitor(reference=2.0, particles=2_000))
    assert watch.history["effective_size"][0] == pytest.approx(2_000)
    assert (watch.history["effective_size"] < 2_000.5).all()
    expected, surprising = (watch.update(2027, log_efficiency=level * LN_2) for level in (5.6, 8.0))
    assert surprising.state()["effective_size"] < 0.2 * expected.state()["effective_size"]


def test_dates_are_years() -> None:
    first = Monitor(reference=2.0, particles=100).update(date(2026, 1, 1), efficiency=1.0)
    second = first.update(datetime(2026, 7, 2, 12), efficiency=2.0)
    times = second.history["time_years"].to_list()
    assert times == pytest.approx([2026, 2026.5], abs=3e-3)
    numpy = Monitor(reference=2.0, particles=100).update(np.datetime64("2026-01-01"), efficiency=1.0)
    assert numpy.history["time_years"][0] == times[0]
    for name in ("error", "input"):
        with pytest.raises(InvalidValueError, match=rf"{name} must be > 0 .*, got 0.0 \(Monitor.update.{name}\)"):
            first.update(2027, efficiency=2.0, **{name: 0.0})
    table = {"day": [date(2026, 1, 1), date(2027, 1, 1)], "a": [1, 2], "i": [1, 1]}
    series = ResearchSeries.from_frame(table, time="day", output="a", input="i")
    assert times[0] == series.time[0]


def test_the_history_and_the_figure() -> None:
    watch = followed(Monitor(reference=2.0, particles=500), with_input=True)
    assert watch.history.height == len(QUARTERS)
    assert watch.history["input"].to_list()[1] == pytest.approx(110)
    assert followed(Monitor(reference=2.0, particles=500)).history["input"].null_count() == len(QUARTERS)
    figure = watch.plot()
    assert [axes.get_ylabel().replace("\n", " ") for axes in figure.axes] == [
        "doublings of efficiency since the first",
        "pace (doublings per year)",
        "probability",
    ]
    alone = watch.plot(figure.axes[1])
    assert alone is figure
    assert "8 measurements until 2026.75" in repr(watch)
    assert "no measurement" in repr(Monitor(reference=2.0, particles=100))


def test_the_figure_and_the_text_look_a_year_ahead() -> None:
    watch = followed(Monitor(reference=1.5, particles=2_000), upto=5)
    soon = watch.probability_of_crossing([3, 5], within=1)
    panel: Any = watch.plot().axes[2]
    buffer, ahead, threshold, further, _ = (line.get_xydata() for line in panel.lines)
    assert buffer[:, 1].tolist() == watch.history["above_buffer"].to_list()
    assert threshold[:, 1].tolist() == watch.history["above_threshold"].to_list()
    for line, above, chance in ((ahead, buffer, soon[0]), (further, threshold, soon[1])):
        assert line[0].tolist() == above[-1].tolist()
        assert line[-1].tolist() == [2027, chance]
    assert [text.get_text() for text in panel.get_legend().get_texts()][
        1
    ] == f"reached by then: {soon[0]:.3f} in a year"
    assert f"above 3x: <0.001 now, {soon[0]:.3f} at some time within a year" in repr(watch)
    fast = watch.update(2026.25, log_efficiency=6.0 * LN_2, error=0.5).update(
        2026.5, log_efficiency=14 * LN_2, error=0.5
    )
    assert "above 3x: >0.999 now" in repr(fast)


def test_limits_can_be_read_from_the_figure() -> None:
    pace: Any = followed(Monitor(reference=1.5, particles=500)).plot().axes[1]
    pace.figure.canvas.draw()
    assert [text.get_text() for text in pace.texts] == ["reference, 1.5", "buffer, 3x: 4.5", "threshold, 5x: 7.5"]
    low, high = pace.get_ylim()
    labels = {text.get_text(): text.get_position()[1] for text in pace.get_yticklabels()}
    assert {"1", "2", "4"} <= {text for text, y in labels.items() if low <= y <= high}
    legend, box = pace.get_legend().get_window_extent(), pace.get_window_extent()
    assert legend.y0 >= box.y1 - 1


def test_courses_without_an_alarm_or_a_crossing_are_no_invalid_numbers() -> None:
    watch = Monitor(reference=2.0, threshold=50, buffer=20, particles=100)
    table = alarm_errors(watch, buffers=[20], alarm_probabilities=1, interval=0.5, horizon=1, courses=5)
    row = table.row(0, named=True)
    assert (row["false_alarm_share"], row["crossings"], row["delay_years"], row["warning_years"]) == (0, 0, None, None)


def test_a_measurement_far_below_the_forecast_is_no_alarm() -> None:
    """Paces that wander far, seen by a monitor that takes them for nearly constant: half fall, half rise."""
    watch = Monitor(reference=2.0, measurement_error=0.001, pace=2.0, r=1.0, volatility=0.01)
    table = alarm_errors(
        watch, buffers=[2], interval=0.25, horizon=0.5, courses=100, particles=200, volatility=1.0, seed=1
    )
    assert 0.35 < table["false_alarm_share"][0] < 0.65


def test_input_of_any_unit() -> None:
    found = []
    for unit in (1.0, 1e26):
        watch = Monitor(reference=2.0, particles=500)
        for k in range(4):
            watch = watch.update(2026 + k / 4, efficiency=1.5**k, input=unit * 1.1**k)
        found.append(watch.state()["pace 50%"])
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_the_forecast_is_where_the_next_measurement_is_expected() -> None:
    watch = Monitor(reference=2.0, measurement_error=0.01, pace=2.0, r=1.0, volatility=1e-9, particles=500)
    with pytest.raises(InvalidValueError, match="at least one measurement"):
        watch.forecast(1)
    watch = watch.update(2026, efficiency=8.0)
    ahead = watch.forecast(0.5)
    assert ahead["log_efficiency"] == pytest.approx(math.log(16), abs=0.01)
    assert 0 < ahead["deviation"] < 0.02
    with pytest.raises(InvalidValueError, match=r"within must be > 0"):
        watch.forecast(0)
    sudden = Monitor(reference=2.0, pace=2.0, r=5.0, particles=100).update(2026, efficiency=1.0)
    assert sudden.forecast(1000) == {"log_efficiency": math.inf, "deviation": math.inf}


def test_alarms_at_once_and_never() -> None:
    watch = Monitor(reference=2.0, particles=100)
    table = alarm_errors(
        watch, buffers=[1e-6, 5], alarm_probabilities=[0.5, 1], interval=0.25, horizon=2, courses=20, particles=100
    )
    at_once, _, _, hardly = table.to_dicts()
    assert (at_once["false_alarm_share"], at_once["late_share"]) == (1, 0)
    assert at_once["warning_years"] > 0
    # All particles above the threshold itself: only once the pace is beyond them all.
    assert hardly["late_share"] > 0.5


def test_times_of_the_true_pace_are_between_measurements() -> None:
    courses = object.__new__(_alarms._Courses)
    courses.count = 3
    courses.multiples = np.array([[1.0, 1.0, 8.0], [4.0, math.inf, 9.0], [16.0, math.inf, 9.5]])
    assert courses.time_of_reaching(2.0, 0.5).tolist() == [0.25, 0.5, 0.0]
    assert courses.time_of_reaching(8.0, 0.5).tolist() == pytest.approx([0.75, 0.5, 0.0])
    assert courses.time_of_reaching(20.0, 0.5).tolist() == [math.inf, 0.5, math.inf]


def test_errors_of_alarms() -> None:
    watch = Monitor(reference=2.0)
    table = alarm_errors(
        watch, buffers=[2, 4], alarm_probabilities=[0.3, 0.9], interval=0.25, horizon=3, courses=20, particles=300
    )
    assert table.height == 4
    assert (table["crossings"] > 10).all()
    rows = {(row["buffer"], row["alarm_probability"]): row for row in table.to_dicts()}
    for probability in (0.3, 0.9):
        low, high = rows[2.0, probability], rows[4.0, probability]
        assert low["warning_years"] >= high["warning_years"]
        assert low["false_alarm_share"] >= high["false_alarm_share"]
    assert rows[2.0, 0.3]["warning_years"] >= rows[2.0, 0.9]["warning_years"]
    assert rows[4.0, 0.3]["delay_years"] <= rows[4.0, 0.9]["delay_years"]
    with pytest.raises(InvalidValueError, match="buffers must be > 0 and at most the threshold 5"):
        alarm_errors(watch, buffers=[2, 7])
    with pytest.raises(InvalidValueError, match="r must be > 1"):
        alarm_errors(watch, r=1.0)
    with pytest.raises(InvalidValueError, match="horizon must be from 1 to 10,000 intervals"):
        alarm_errors(watch, horizon=1e6)
    with pytest.raises(DtypeError, match="monitor must be a Monitor"):
        alarm_errors(2.0)  # type: ignore[arg-type]


def test_priors_may_be_numbers_or_distributions() -> None:
    watch = Monitor(reference=2.0, pace=2.0, r=takeoff.between(0.5, 2), particles=200)
    assert type(getattr(watch, PRIORS[0])).__name__ == "float"
    assert watch.probability_above(0.99) == 1.0
    assert watch.probability_above(1.01) == 0.0
    assert 0 < watch.probability_of_crossing(1.5, within=3 * MONTH) < 1
