"""Models as values: broadcasting, equality, copies, readable forms, criticality and regime."""

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

import takeoff
from takeoff import (
    CES,
    MONTH,
    AI2027Takeoff,
    DavidsonHoulden,
    GrowthLaw,
    Hardware,
    HumanReaction,
    Kwa,
    Retraining,
    ToyModel,
)
from takeoff.errors import ShapeError
from takeoff.models import MODELS

INF = np.inf


def array_law() -> GrowthLaw:
    return GrowthLaw(np.array([[0.7], [3.0]]), 1 * MONTH, limit=[20.0, 30.0, INF], limit_shape="abrupt")


def whole_law() -> GrowthLaw:
    effort = CES([0.3, 0.5], elasticity=0.5, experiment_efficiency=0.2)
    return GrowthLaw(1.5, 0.25, 0.7, 40.0, effort=effort, hardware=Hardware(0.5, [(2.0, [INF, 3.0])]))


MAKERS: dict[str, Callable[[], Any]] = {
    "law": lambda: GrowthLaw(0.7, 1 * MONTH),
    "law of arrays": array_law,
    "law with parts": whole_law,
    "toy": lambda: ToyModel(papers_factor=1.5),
    "toy of arrays": lambda: ToyModel(agis=[1.0, 2.0], papers_factor=[[3.0], [1.5]]),
    "reaction": lambda: HumanReaction(GrowthLaw(0.7, 1 * MONTH), 6, 5, lag=0.1),
    "reaction of arrays": lambda: HumanReaction(array_law(), [6.0, 12.0, 24.0], 5, 0.1, 0.2),
    "recursion": lambda: DavidsonHoulden(1.2, 8, 11, 0.3, retraining="paper"),
    "recursion of arrays": lambda: DavidsonHoulden([1.2, 3.6], [[2.0], [8.0]], 11, 0.3, boost="gradual"),
    "CES": lambda: CES(0.4, elasticity=0.5),
    "CES of arrays": lambda: CES([0.4, 0.5], rho=[[-1.0], [0.0]]),
    "hardware": lambda: Hardware(0.5, [(2.0, INF)]),
    "hardware of arrays": lambda: Hardware([0.5, 1.0], [([1.0, 2.0], INF)]),
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),  # noqa: S301  (our own bytes)
    "replace": dataclasses.replace,
}


# ---- broadcasting --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (GrowthLaw(1, 1), ()),
        (GrowthLaw([1], 1), (1,)),
        (GrowthLaw(np.float64(2), np.array(1)), ()),
        (GrowthLaw(pl.Series([1, 2]), 1), (2,)),
        (array_law(), (2, 3)),
        (whole_law(), (2,)),
        (GrowthLaw(np.ones((4, 1, 1)), np.ones((3, 1)), effort=CES([0.3, 0.5], rho=0)), (4, 3, 2)),
        (ToyModel(), ()),
        (ToyModel(np.ones((2, 1, 1)), np.ones((3, 1)), np.ones(4), 1.5), (2, 3, 4)),
    ],
)
def test_fields_broadcast(model: GrowthLaw | ToyModel, shape: tuple[int, ...]) -> None:
    assert model.shape == shape
    for values in (model.criticality, model.regime, model.singular_time):
        assert np.shape(values) == shape
    assert isinstance(model.criticality, float) == isinstance(model.regime, str) == (shape == ())


def test_elements_are_paths_of_their_own() -> None:
    law = array_law()
    times, singular = law.doubling_times(5), law.singular_time
    assert times.shape == (2, 3, 5)
    for i, r in enumerate([0.7, 3.0]):
        for j, limit in enumerate([20.0, 30.0, None]):
            one = GrowthLaw(r, 1 * MONTH, limit=limit, limit_shape="abrupt")
            np.testing.assert_array_equal(times[i, j], one.doubling_times(5))
            assert singular[i, j] == one.singular_time
    assert law.time_at(np.arange(4.0).reshape(4, 1, 1)).shape == (4, 2, 3)


def test_numbers_become_floats_and_arrays_float64() -> None:
    law = GrowthLaw(np.array([1, 2], dtype=np.int8), np.float32(0.5), limit=INF)
    assert isinstance(law.r, np.ndarray)
    assert law.r.dtype == np.float64
    assert type(law.first_doubling) is float
    assert law.limit is None


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (lambda: GrowthLaw([1.0, 2.0], [1.0, 2.0, 3.0]), "GrowthLaw's .*: r (2,), first_doubling (3,)"),
        (lambda: GrowthLaw(1, np.ones((4, 2)), 1, [5.0] * 3), "GrowthLaw's .*: first_doubling (4, 2), limit (3,)"),
        (lambda: GrowthLaw([1, 2], 1, effort=CES([0.1] * 3, 0)), "GrowthLaw's .*: r (2,), effort.labor_share (3,)"),
        (lambda: CES([0.1, 0.2], [0.0, 0.5, 1.0]), "CES's .*: labor_share (2,), rho (3,)"),
        (lambda: Hardware([1.0, 2.0], [([1.0] * 3, 1.0)]), "Hardware's .*: doubling_time (2,), changes[0].time (3,)"),
        (lambda: ToyModel([1.0, 2.0], papers_factor=[1.5] * 3), "ToyModel's .*: agis (2,), papers_factor (3,)"),
    ],
)
def test_shapes_that_disagree_are_named(make: Callable[[], Any], fields: str) -> None:
    owner, _, named = fields.partition(".*")
    with pytest.raises(ShapeError) as caught:
        make()
    assert owner in str(caught.value)
    assert str(caught.value).endswith(f"fields do not broadcast{named}")


# ---- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_same_fields_are_the_same_model(make: Callable[[], Any]) -> None:
    model, again = make(), make()
    assert model == again
    assert hash(model) == hash(again)
    assert len({model, again}) == 1
    others = [other() for other in MAKERS.values() if other is not make]
    assert all(model != other for other in others)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("way", COPIES.values(), ids=COPIES)
def test_copies_are_equal_and_work(make: Callable[[], Any], way: Callable[[Any], Any]) -> None:
    model = make()
    again = way(model)
    assert type(again) is type(model)
    assert again == model
    assert hash(again) == hash(model)
    if isinstance(model, (GrowthLaw, ToyModel)):
        np.testing.assert_array_equal(again.singular_time, model.singular_time)


def test_equality_is_by_value_and_shape() -> None:
    assert GrowthLaw(1, 1) == GrowthLaw(1.0, 1.0, 1, INF)
    assert GrowthLaw([1, 2], 1) == GrowthLaw(np.array([1.0, 2.0]), 1)
    assert GrowthLaw([1, 2], 1) != GrowthLaw([1, 3], 1)
    assert GrowthLaw([1], 1) != GrowthLaw(1, 1)
    assert GrowthLaw([1, 2], 1) != GrowthLaw([[1, 2]], 1)
    assert GrowthLaw(1, 1, limit=5) != GrowthLaw(1, 1, limit=5, limit_shape="abrupt")
    assert CES(0.5, elasticity=0.5) == CES(0.5, rho=-1)


def test_zeros_are_equal_whatever_their_sign() -> None:
    for plus, minus in ((0.0, -0.0), ([0.0, 1.0], [-0.0, 1.0])):
        assert CES(0.5, rho=plus) == CES(0.5, rho=minus)
        assert hash(CES(0.5, rho=plus)) == hash(CES(0.5, rho=minus))


def test_replace_changes_what_is_named_and_judges_it() -> None:
    law = dataclasses.replace(array_law(), r=2.0, limit=None)
    assert law == GrowthLaw(2.0, 1 * MONTH, limit_shape="abrupt")
    assert dataclasses.replace(ToyModel(), papers_factor=[1.5, 3.0]) == ToyModel(papers_factor=[1.5, 3.0])
    with pytest.raises(ValueError, match=r"r must be .*, got -1\.0 \(GrowthLaw\.r\)"):
        dataclasses.replace(law, r=-1)


def test_replace_of_effort() -> None:
    effort = CES(0.4, elasticity=0.5)
    assert dataclasses.replace(effort, labor_share=0.3) == CES(0.3, rho=-1.0)
    assert dataclasses.replace(effort, rho=0.5) == CES(0.4, rho=0.5)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_fields_are_frozen(make: Callable[[], Any]) -> None:
    model = make()
    names = [field.name for field in dataclasses.fields(model)]
    for name in (*names, "shape", "new"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(model, name, 1.0)
    for name in names:
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(model, name)
        if isinstance(getattr(model, name), np.ndarray):
            assert not getattr(model, name).flags.writeable


def test_later_changes_of_an_input_do_not_arrive() -> None:
    one, two, three = np.array([0.7, 3.0]), np.array([0.3, 0.5]), [2.0, 3.0]
    law = GrowthLaw(one, 1 * MONTH, effort=CES(two, rho=0.0), hardware=Hardware(three))
    toy = ToyModel(papers_factor=one + 1)
    before = law.doubling_times(3), hash(law), toy.singular_time
    one[:], two[:], three[:] = 1.0, 0.9, [1.0, 1.0]
    assert np.array_equal(law.doubling_times(3), before[0])
    assert hash(law) == before[1]
    assert np.array_equal(toy.singular_time, before[2])
    view = (base := np.array([1.5, 3.0])).view()
    view.flags.writeable = False  # what is behind a read-only view may change all the same
    toy = ToyModel(papers_factor=view)
    base[:] = 9.0
    assert np.array_equal(toy.papers_factor, [1.5, 3.0])


@pytest.mark.parametrize("name", ["law", "toy", "CES"])
def test_the_form_of_one_path_makes_it_again(name: str) -> None:
    model = MAKERS[name]()
    assert eval(repr(model), vars(takeoff).copy()) == model  # noqa: S307  (our own text)


def test_the_form_shows_arrays_in_short() -> None:
    assert repr(ToyModel(agis=[1, 2])).startswith("ToyModel(agis=[1., 2.], papers_per_agi_month=1.0, ")
    assert "effort=CES(labor_share=[0.3, 0.5], rho=-1.0, experiment_efficiency=0.2)" in repr(whole_law())
    assert "hardware=Hardware(doubling_time=0.5, changes=((2.0, [inf,  3.]),))" in repr(whole_law())
    for shape in ((100_000,), (50, 50, 50)):
        form = repr(GrowthLaw(np.linspace(1, 3, np.prod(shape)).reshape(shape), 1))
        assert "..." in form
        assert "\n" not in form
        assert len(form) < 1500


def test_models_by_name() -> None:
    known = {AI2027Takeoff, DavidsonHoulden, GrowthLaw, HumanReaction, Kwa, Retraining, ToyModel}
    assert set(MODELS.values()) == known
    assert all(kind.name == name for name, kind in MODELS.items())


# ---- criticality and regime ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effort", "e"),
    [
        (None, 1.0),
        (CES(0.3, rho=-0.5, experiment_efficiency=0.4), 0.4),
        (CES(0.3, rho=0, experiment_efficiency=0.4), 0.3 + 0.7 * 0.4),
        (CES(0.3, rho=0.5, experiment_efficiency=0.4), 1.0),
    ],
)
def test_criticality_is_r_times_e(effort: CES | None, e: float) -> None:
    law = GrowthLaw([0.5, 1 / e, 4.0], 1, 0.6, effort=effort)
    np.testing.assert_allclose(law.criticality, np.array([0.5, 1 / e, 4.0]) * e, rtol=1e-15)
    assert law.regime[0] == "fizzle"
    assert law.regime[2] == ("explosion" if 4 * e > 1 else "fizzle")


def test_regimes() -> None:
    r = [1 - 2**-53, 1.0, 1 + 2**-52]
    named = ["fizzle", "exponential", "explosion"]
    assert GrowthLaw(r, 1, [[0.3], [1.0]], limit=10).regime.tolist() == [named] * 2
    assert takeoff.regime(GrowthLaw(r, 1)).tolist() == named
    toy = ToyModel(papers_factor=[3.0, 2.0, 1.5])
    assert toy.regime.tolist() == named
    assert np.array_equal(toy.criticality, toy.r)
    assert toy.r[1] == 1.0
    np.testing.assert_allclose(toy.r, np.log(2) / np.log([3.0, 2.0, 1.5]), rtol=1e-15)
    assert np.isfinite(toy.singular_time).tolist() == [False, False, True]
