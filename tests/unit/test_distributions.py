"""Distributions as data: values against SciPy and mpmath, plain data, formulas, and what is refused."""

import copy
import itertools
import math
import pickle
import tomllib
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import polars as pl
import pytest
from scipy import stats

import takeoff
from takeoff import (
    Beta,
    Derived,
    Discrete,
    Empirical,
    Gamma,
    HalfCauchy,
    Lognormal,
    Loguniform,
    Mixture,
    Normal,
    Triangular,
    Truncated,
    Uniform,
    between,
    draw,
)
from takeoff.distributions import Tabulated, from_dict
from takeoff.distributions._foreign import distribution_of
from takeoff.errors import (
    DtypeError,
    InvalidValueError,
    ShapeError,
    SizeError,
    TakeoffError,
    UnknownNameError,
)

P = np.concatenate([10.0 ** -np.arange(1, 16), np.linspace(0.01, 0.99, 99), 1 - 10.0 ** -np.arange(2, 10)])
SHAPES = (0.01, 0.05, 0.3, 1.0, 2.5, 30.0, 1e3, 1e4)
SCIPY: dict[str, tuple[Any, Any]] = {
    "normal": (Normal(-1, 2), stats.norm(-1, 2)),
    "lognormal": (Lognormal(0.3, 0.7), stats.lognorm(0.7, scale=math.exp(0.3))),
    "uniform": (Uniform(-3, 5), stats.uniform(-3, 8)),
    "loguniform": (Loguniform(0.01, 100), stats.loguniform(0.01, 100)),
    "triangular": (Triangular(-1, 0.2, 2), stats.triang(0.4, -1, 3)),
    "gamma": (Gamma(2.5, 3), stats.gamma(2.5, scale=3)),
    "half-Cauchy": (HalfCauchy(1.5), stats.halfcauchy(scale=1.5)),
    "beta": (Beta(2, 5), stats.beta(2, 5)),
}
ALL: list[Any] = [
    *(ours for ours, _ in SCIPY.values()),
    Discrete([3, 1, 2], [0.5, 0.2, 0.3]),
    Discrete([1.5]),
    Empirical([1.0, 2.0, 2.0, 7.0]),
    Empirical(np.array([1.0, 2.0, 5.0]), [0.0, 1.0, 3.0]),
    Mixture([Normal(0, 1), Lognormal(1, 0.2), 3.0], [1, 3, 0.5]),
    Truncated(Normal(0, 1), low=7),
    Truncated(Mixture([Gamma(2), Uniform(1, 2)]), 0.5, 1.5),
    Tabulated([-1, 0, 4], "mine"),
]


# ---- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCIPY)
def test_values_are_those_of_scipy(name: str) -> None:
    ours, theirs = SCIPY[name]
    # SciPy loses digits of a half-Cauchy quantile near 1, unless it is asked from above.
    exact = np.where(P > 0.5, theirs.isf(1 - P), theirs.ppf(P))
    np.testing.assert_allclose(ours.quantile(P), exact, rtol=1e-10, atol=1e-13)
    x = theirs.ppf(np.linspace(0.001, 0.999, 77))
    np.testing.assert_allclose(ours.cdf(x), theirs.cdf(x), rtol=1e-12)
    assert math.isclose(ours.mean, theirs.mean(), rel_tol=1e-12)
    assert ours.support == tuple(map(float, theirs.support()))
    known = distribution_of(theirs)
    assert type(known) is type(ours)
    np.testing.assert_allclose(known.quantile(P), ours.quantile(P), rtol=1e-13, atol=1e-15)


def test_normal_quantiles_to_the_last_digits() -> None:
    p = np.concatenate([10.0 ** -np.arange(1, 290, 17), np.linspace(0.02, 0.98, 49)])
    with mpmath.workdps(40):
        exact = [-mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * mpmath.mpf(x)) for x in p[p > 1e-20].tolist()]
        z = Normal(0, 1).quantile(p)
        np.testing.assert_allclose(z[p > 1e-20], np.array(exact, dtype=float), rtol=1e-15, atol=1e-17)
        back = [float(mpmath.ncdf(x)) for x in z.tolist()]
    np.testing.assert_allclose(back, p, rtol=1e-12)
    np.testing.assert_allclose(Normal(0, 1).cdf(z), back, rtol=1e-15)


@pytest.mark.parametrize("shape", SHAPES)
def test_gamma_quantiles(shape: float) -> None:
    """A step of Newton's method at 50 digits would move them by less than 1e-10."""
    found = Gamma(shape).quantile(P[::4])
    with mpmath.workdps(50):
        for p, x in zip(P[::4].tolist(), found.tolist(), strict=True):
            if x < 1e-300:
                continue
            at, a = mpmath.mpf(x), mpmath.mpf(shape)
            excess = mpmath.gammainc(a, 0, at, regularized=True) - mpmath.mpf(p)
            density = mpmath.exp(a * mpmath.log(at) - at - mpmath.loggamma(a))
            assert abs(excess / density) < 1e-10, (p, x)


@pytest.mark.parametrize("alpha", SHAPES)
@pytest.mark.parametrize("beta", SHAPES)
def test_beta_quantiles(alpha: float, beta: float) -> None:
    """A step of Newton's method at 50 digits would move them by less than 1e-10 of x."""
    p = P[::7][P[::7] <= 0.5]  # the other half is that of 1 - x
    with mpmath.workdps(50):
        a, b = mpmath.mpf(alpha), mpmath.mpf(beta)
        for share, x in zip(p.tolist(), Beta(alpha, beta).quantile(p).tolist(), strict=True):
            if not 1e-300 < x < 1 - 1e-10:  # where x or 1 - x is rounded
                continue
            at = mpmath.mpf(x)
            logit_density = at**a * (1 - at) ** b / mpmath.beta(a, b)
            found = logit_density / a * mpmath.hyp2f1(a + b, 1, a + 1, at, maxterms=10**6)
            assert abs((found - mpmath.mpf(share)) / logit_density * (1 - at)) < 1e-10, (share, x)


def test_beta_and_its_mirror_image() -> None:
    p = np.arange(1, 256) / 256  # 1 - p is exact
    for alpha, beta in itertools.product(SHAPES, SHAPES):
        x, y = Beta(alpha, beta).quantile(p), Beta(beta, alpha).quantile(1 - p)
        np.testing.assert_allclose(x + y, 1, rtol=1e-12)


@pytest.mark.parametrize("one", ALL, ids=repr)
def test_quantile_and_cdf_are_inverse(one: Any) -> None:
    p = np.linspace(0.003, 0.997, 333)
    x = one.quantile(p)
    assert (np.diff(x) >= 0).all()
    assert (one.cdf(x) >= p - 1e-12).all()
    assert (one.cdf(np.nextafter(x, -np.inf)) <= p + 1e-12).all()
    low, high = one.support
    assert (one.quantile(0), one.quantile(1)) == (low, high)
    assert one.cdf([-math.inf, math.inf]).tolist() == [0.0, 1.0]
    assert low <= one.mean <= high


def test_the_far_tail_of_a_truncated_normal_keeps_its_digits() -> None:
    for sign in (1, -1):
        one = Truncated(Normal(0, 1), *sorted((sign * 8, sign * 12)))
        p = np.array([0.1, 0.5, 0.9])
        tail = stats.norm.sf(8) - (stats.norm.sf(8) - stats.norm.sf(12)) * (p if sign > 0 else 1 - p)
        np.testing.assert_allclose(one.quantile(p), sign * stats.norm.isf(tail), rtol=1e-13)
        np.testing.assert_allclose(one.cdf(one.quantile(p)), p, rtol=1e-11)


def test_means_on_a_condition() -> None:
    for low, high in ((0, math.inf), (-1, 2), (3, 4)):
        exact = stats.truncnorm(low, high).mean()
        assert math.isclose(Truncated(Normal(0, 1), low, high).mean, exact, rel_tol=1e-9)
    assert Truncated(Discrete([1, 2, 3], [1, 1, 2]), 2).mean == 8 / 3
    assert Truncated(Truncated(Uniform(0, 10), 2), high=4).mean == pytest.approx(3, rel=1e-9)
    both = Truncated(Mixture([Uniform(0, 2), 5.0], [1, 1]), 1, 5)
    assert both.mean == pytest.approx((0.5 * 1.5 + 1.0 * 5) / 1.5, rel=1e-9)
    assert both.support == (1.0, 5.0)
    assert Tabulated(np.linspace(-8.25, 8.25, 50)).mean == pytest.approx(0, abs=1e-12)
    assert Truncated(Discrete([1, 2, 3, 4]), 1.5, 3.5).support == (2.0, 3.0)
    assert Lognormal(0, 40).mean == math.inf


@pytest.mark.parametrize("kind", ["lognormal", "normal", "loguniform", "uniform"])
@pytest.mark.parametrize("credibility", [0.5, 0.8, 0.9, 0.999])
def test_intervals(kind: Any, credibility: float) -> None:
    one = between(0.4, 3.6, credibility=credibility, kind=kind)
    assert type(one).__name__.lower() == kind
    tail = (1 - credibility) / 2
    np.testing.assert_allclose(one.quantile([tail, 1 - tail]), [0.4, 3.6], rtol=1e-12)
    assert one.quantile(0.5) == pytest.approx(1.2 if "log" in kind else 2.0)


# ---- other people's ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frozen",
    [stats.weibull_min(1.5), stats.t(4), stats.gumbel_r(1, 2), stats.invgauss(1)],
    ids=lambda frozen: frozen.dist.name,
)
def test_any_continuous_distribution_of_scipy(frozen: Any) -> None:
    one = distribution_of(frozen)
    assert isinstance(one, Tabulated)
    p = stats.norm.cdf(np.linspace(-6, 6, 997))
    spread = frozen.ppf(0.75) - frozen.ppf(0.25)
    assert (np.abs(one.quantile(p) - frozen.ppf(p)) <= 1e-6 * np.maximum(np.abs(frozen.ppf(p)), spread)).all()
    np.testing.assert_allclose(one.cdf(frozen.ppf(p[100:-100])), p[100:-100], rtol=1e-4)


def test_quantiles_of_scipy_that_fall_by_a_rounding_are_taken() -> None:
    """Four of its 8,001 quantiles in the lower tail fall by 2e-16."""
    one = distribution_of(stats.truncnorm(-1, 2, loc=1, scale=1))
    expected = [0.15689544105105224, 1.1711639180178248, 2.5245966827759774]
    assert one.quantile([0.05, 0.5, 0.95]) == pytest.approx(expected, rel=1e-9)
    assert one.mean == pytest.approx(1.229637179091329, rel=1e-9)


def test_a_tail_that_scipy_has_wrong_is_said() -> None:
    """Beyond 7.9 standard deviations its quantiles of a skew normal fall, by up to 0.003."""
    with pytest.warns(UserWarning, match=r"scipy.stats.skewnorm: SciPy's own quantiles fall .* held level"):
        one = distribution_of(stats.skewnorm(4))
    assert one.quantile([0.05, 0.5, 0.95]) == pytest.approx([-0.08044114, 0.67423548, 1.95996398], abs=1e-8)
    assert one.mean == pytest.approx(0.7740617226446519, rel=1e-9)
    assert (np.diff(one.quantile(stats.norm.cdf(np.linspace(-8.2, 8.2, 4001)))) >= 0).all()


def test_quantiles_that_fall_in_the_middle_are_refused() -> None:
    class Falling(stats.rv_continuous):  # type: ignore[misc]
        def _ppf(self, q: Any) -> Any:
            return np.sin(9 * np.asarray(q))

        def _isf(self, q: Any) -> Any:
            return self._ppf(1 - q)

    with pytest.raises(InvalidValueError, match="of finite, ascending quantiles"):
        distribution_of(Falling(name="falling")())


@pytest.mark.parametrize(
    "frozen", [stats.poisson(3), stats.binom(10, 0.3), stats.randint(2, 5)], ids=lambda frozen: frozen.dist.name
)
def test_any_discrete_distribution_of_scipy(frozen: Any) -> None:
    one = distribution_of(frozen)
    assert isinstance(one, Discrete)
    x = np.arange(-1, 20)
    np.testing.assert_allclose(one.cdf(x), frozen.cdf(x), atol=1e-14)
    assert one.quantile(P[20:90]).tolist() == frozen.ppf(P[20:90]).tolist()


def test_what_stands_for_a_distribution() -> None:
    assert distribution_of(2) == Discrete([2.0])
    assert distribution_of(np.array([1.0, 3.0])) == Empirical([1.0, 3.0])
    assert distribution_of(pl.Series([1, 3])) == Empirical([1.0, 3.0])
    assert distribution_of(stats.expon(scale=2)) == Gamma(1, 2)
    shifted = distribution_of(stats.gamma(2, loc=1))
    assert isinstance(shifted, Tabulated)
    for refused in ("x", [1.0], None, True, 1j, np.ones((2, 2)), {}, stats.norm, object()):
        with pytest.raises(DtypeError, match="must be a number, a distribution, a frozen"):
            distribution_of(refused)
    for frozen, problem in (
        (stats.norm([0, 1], 1), "of one number, not of an array"),
        (stats.zipf(1.1), "within a million of the median"),
        (stats.rv_histogram(([1, 0, 1], [0, 1, 2, 3])), "smooth enough"),
    ):
        with pytest.raises(InvalidValueError, match=problem):
            distribution_of(frozen.freeze() if isinstance(frozen, stats.rv_continuous) else frozen)


# ---- data ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [*ALL, Derived("2 * a")], ids=repr)
def test_distributions_are_frozen_data(one: Any) -> None:
    for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):  # noqa: S301
        assert again == one
        assert hash(again) == hash(one)
    assert one != Normal(9, 9)
    assert repr(one).startswith(type(one).__name__)
    with pytest.raises((AttributeError, TypeError)):
        one.kind = "x"
    if not isinstance(one, Derived):
        assert from_dict(one.to_dict()) == one


def test_distributions_in_toml() -> None:
    text = """
        r = { between = [0.4, 3.6], credibility = 0.8, kind = "normal" }
        limit = { distribution = "truncated", of = { between = [10, 40] }, low = 5 }
        discount = { distribution = "mixture", parts = [0.5, { distribution = "uniform", low = 0.5, high = 1 }] }
        after = "r * discount"
        n = 3
    """
    inputs = {name: from_dict(data) for name, data in tomllib.loads(text).items()}
    assert inputs == {
        "r": between(0.4, 3.6, credibility=0.8, kind="normal"),
        "limit": Truncated(between(10, 40), low=5),
        "discount": Mixture([0.5, Uniform(0.5, 1)]),
        "after": Derived("r * discount"),
        "n": 3,
    }
    assert draw(inputs, 3).shape == (3, 5)


def test_long_samples_are_shown_short() -> None:
    assert repr(Empirical(np.arange(1e6))) == "Empirical(<1,000,000 values: 0, 1, 2, ..., 999999>)"
    assert len(repr(distribution_of(stats.t(4)))) < 120


# ---- formulas ------------------------------------------------------------------------------------------------------


def test_formulas() -> None:
    a, b = np.array([0.5, 2.0]), np.array([3.0, 5.0])
    inputs = {"a": a, "b": b, "effort.rho": -b, "n": 2.0}
    for formula, expected in {
        "1.4 * a * b": 1.4 * a * b,
        "-a + +b - 1": -a + b - 1,
        "a / b ** 2": a / (b * b),
        "a ** -3": 1 / (a * a * a),
        "effort.rho ** 3 ** 1": -(b * b * b),
        "effort.rho ** n": b * b,
        "min(a, b, 1) + max(a, 1)": np.minimum(a, 1) + np.maximum(a, 1),
        "sqrt(b)": np.sqrt(b),
        "0 ** a + a ** 0": np.ones(2),
    }.items():
        assert Derived(formula).evaluate(inputs).tolist() == expected.tolist(), formula
    np.testing.assert_allclose(Derived("exp(log(a)) ** b").evaluate(inputs), a**b, rtol=1e-14)
    np.testing.assert_allclose(Derived("2 ** a").evaluate(inputs), 2**a, rtol=1e-15)
    assert Derived("1 + 1").evaluate({}) == 2.0
    assert Derived("exp(effort.rho) * min(a, 2 / a)").names == ("a", "effort.rho")


REFUSED_FORMULAS = {
    "a.__class__.mro()": "a.__class__.mro()",
    "__import__('os')": "__import__('os')",
    "a if b else c": "a if b else c",
    "a < b": "a < b",
    "[a]": "[a]",
    "a @ b": "a @ b",
    "a // b": "a // b",
    "lambda: a": "lambda: a",
    "2 * 'x'": "'x'",
    "2 * True": "True",
    "1j * a": "1j",
    "exp(a, b)": "exp(a, b)",
    "max(a)": "max(a)",
    "exp(x=a)": "exp(x=a)",
    "exp(*a)": "*a",
    "sin(a)": "sin(a)",
    "exp + 1": "exp",
    "(a := 1)": "a := 1",
    "a[0]": "a[0]",
    "f'{a}'": "f'{a}'",
    "1e999": "1e999",
    "": "",
    "a b": "a b",
    "a +": "a +",
    "a; b": "a; b",
    "\x00": "",
    "(" * 300: "((((",
    "a\n+ b": "a",
}


@pytest.mark.parametrize("formula", REFUSED_FORMULAS)
def test_what_is_no_formula(formula: str) -> None:
    with pytest.raises(InvalidValueError, match=r"formula must be a formula of numbers, names") as caught:
        Derived(formula)
    assert REFUSED_FORMULAS[formula] in str(caught.value)


def test_formulas_that_are_too_much() -> None:
    with pytest.raises(InvalidValueError, match="nested at most 100 deep"):
        Derived("-" * 500 + "a")
    with pytest.raises(InvalidValueError, match="nested at most 100 deep"):
        Derived("+".join(["a"] * 400))
    with pytest.raises(InvalidValueError, match="at most 2,000 characters"):
        Derived("a+" * 2000 + "a")
    for wrong in (1, None, b"a"):
        with pytest.raises(DtypeError, match="formula must be a text"):
            Derived(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "formula", ["1 / (a - a)", "log(-a)", "sqrt(-a)", "(-a) ** 0.5", "exp(1000 * a)", "log(0)", "0 ** -1"]
)
def test_values_that_are_not_finite_are_refused(formula: str) -> None:
    with pytest.raises(InvalidValueError, match="must be finite for every draw, got"):
        draw({"a": Uniform(1, 2), "b": Derived(formula)}, 4)


# ---- what is refused -----------------------------------------------------------------------------------------------

N = Normal(0, 1)
BAD: dict[str, tuple[Callable[[], object], type[TakeoffError], str]] = {
    "reversed": (lambda: between(3, 1), InvalidValueError, r"high must be greater than low.*got 1.0 \(between.high\)"),
    "no interval": (lambda: between(1, 1), InvalidValueError, "high must be greater than low"),
    "not positive": (lambda: between(0, 1), InvalidValueError, "low must be finite and > 0, got 0.0"),
    "NaN": (lambda: between(math.nan, 1, kind="normal"), InvalidValueError, "low must be finite, got nan"),
    "infinite": (lambda: between(1, math.inf), InvalidValueError, "high must be finite and > 0, got inf"),
    "credibility": (lambda: between(1, 2, credibility=1), InvalidValueError, "credibility must be strictly between"),
    "percent": (lambda: between(1, 2, credibility=90), InvalidValueError, "credibility must be strictly between"),
    "kind": (lambda: between(1, 2, kind="nomal"), UnknownNameError, "did you mean 'normal'"),  # type: ignore[arg-type]
    "wide uniform": (lambda: between(1e-300, 1, credibility=0.01, kind="loguniform"), InvalidValueError, "low|high"),
    "text": (lambda: Normal("0", 1), DtypeError, r"mu must be a number.*got str \(Normal.mu\)"),  # type: ignore[arg-type]
    "array": (lambda: Normal([0, 1], 1), ShapeError, "mu must be one number"),  # type: ignore[arg-type]
    "sigma 0": (lambda: Normal(0, 0), InvalidValueError, r"sigma must be finite and > 0.* got 0.0 \(Normal.sigma\)"),
    "sigma -1": (lambda: Lognormal(0, -1), InvalidValueError, "sigma must be finite and > 0"),
    "sigma NaN": (lambda: Lognormal(0, math.nan), InvalidValueError, "sigma must be finite and > 0"),
    "mu inf": (lambda: Normal(math.inf, 1), InvalidValueError, "mu must be finite"),
    "median beyond floats": (lambda: Lognormal(601, 1), InvalidValueError, "mu must be from -600 to 600"),
    "overflow": (lambda: Lognormal(500, 100), InvalidValueError, "sigma must be small enough for draws within"),
    "median": (lambda: Lognormal.from_median(-1, 1), InvalidValueError, "median must be from 1e-260 to 1e260"),
    "range": (lambda: Uniform(2, 1), InvalidValueError, r"high must be greater than low, got 1.0 \(Uniform.high\)"),
    "loguniform 0": (lambda: Loguniform(0, 1), InvalidValueError, "low must be finite and > 0"),
    "mode": (lambda: Triangular(0, 3, 2), InvalidValueError, "mode must be from low to high, got 3"),
    "shape": (lambda: Gamma(0), InvalidValueError, "shape must be from 0.01 to 10,000, got 0"),
    "half-Cauchy": (lambda: HalfCauchy(0), InvalidValueError, "scale must be finite and > 0, at most 1e280"),
    "scale": (lambda: Gamma(1, -1), InvalidValueError, "scale must be finite and > 0"),
    "beta": (lambda: Beta(1, 1e9), InvalidValueError, "beta must be from 0.01 to 10,000"),
    "no values": (lambda: Discrete([]), ShapeError, "values must hold at least one value"),
    "NaN among values": (lambda: Discrete([1, math.nan]), InvalidValueError, "values must be finite.*at index 1"),
    "weights": (
        lambda: Discrete([1, 2], [1]),
        ShapeError,
        r"weights must be 2 numbers, one each, got the shape \(1,\)",
    ),
    "negative": (
        lambda: Discrete([1, 2], [1, -1]),
        InvalidValueError,
        "weights must be finite and >= 0, got -1.0 at index 1",
    ),
    "zero sum": (lambda: Mixture([N, N], [0, 0]), InvalidValueError, "weights must be of a sum > 0"),
    "NaN weight": (lambda: Mixture([N, N], [1, math.nan]), InvalidValueError, "weights must be finite and >= 0"),
    "no parts": (lambda: Mixture([]), ShapeError, "parts must hold at least one distribution"),
    "parts": (lambda: Mixture(["x"]), DtypeError, "parts must be a number, a distribution"),
    "one part": (lambda: Mixture(N), DtypeError, "parts must be a sequence"),  # type: ignore[arg-type]
    "samples": (lambda: Empirical([1.0, math.inf]), InvalidValueError, "samples must be finite.*got inf at index 1"),
    "table": (lambda: Empirical(np.ones((2, 2))), ShapeError, "samples must have one axis"),
    "null": (lambda: Empirical(pl.Series([1.0, None])), InvalidValueError, "got 'null' at index 1"),
    "truncated": (lambda: Truncated(N, 2, 1), InvalidValueError, "high must be greater than low"),
    "nothing left": (lambda: Truncated(N, 50, 51), InvalidValueError, "some of the distribution lies between"),
    "no atom left": (lambda: Truncated(Discrete([1, 2]), 1.2, 1.8), InvalidValueError, "some of the distribution"),
    "NaN bound": (lambda: Truncated(N, math.nan), InvalidValueError, "low must be a number"),
    "not ascending": (lambda: Tabulated([1, 0]), InvalidValueError, "quantiles must be ascending, got 0.0 at index 1"),
    "one quantile": (lambda: Tabulated([1]), ShapeError, "at least two"),
    "p": (lambda: N.quantile([0.5, 1.5]), InvalidValueError, "p must be a probability from 0 to 1, got 1.5 at index 1"),
    "p NaN": (lambda: N.quantile(math.nan), InvalidValueError, "p must be a probability"),
    "x": (lambda: N.cdf(math.nan), InvalidValueError, "x must be a number, got 'NaN'"),
    "toml distribution": (lambda: from_dict({"distribution": "nomal"}), UnknownNameError, "did you mean 'normal'"),
    "toml key": (lambda: from_dict({"distribution": "normal", "mu": 0, "sd": 1}), UnknownNameError, "key of normal"),
    "toml missing": (lambda: from_dict({"distribution": "normal", "mu": 0}), InvalidValueError, "sigma must be given"),
    "toml empty": (lambda: from_dict({}), InvalidValueError, "'distribution' or 'between'"),
    "toml list": (lambda: from_dict([1]), DtypeError, "data must be a number, a formula, or a table"),
    "toml bool": (lambda: from_dict(True), DtypeError, "data must be a number, a formula, or a table"),
    "toml interval": (lambda: from_dict({"between": [1]}), InvalidValueError, "two numbers, low and high"),
    "toml interval key": (lambda: from_dict({"between": [1, 2], "credible": 1}), UnknownNameError, "credibility"),
    "toml parts": (lambda: from_dict({"distribution": "mixture", "parts": 1}), DtypeError, "a list of distributions"),
    "no draws": (lambda: draw({"a": N}, 0), InvalidValueError, "draws must be an integer from 1"),
    "negative draws": (lambda: draw({"a": N}, -1), InvalidValueError, "draws must be an integer from 1"),
    "half a draw": (lambda: draw({"a": N}, 1.5), DtypeError, "draws must be an integer"),  # type: ignore[arg-type]
    "10^15 draws": (lambda: draw({"a": N, "b": N}, 10**15), SizeError, r"needs 16,000\.0 TB .* in pieces by start"),
    "seed": (lambda: draw({"a": N}, 1, seed=-1), InvalidValueError, "seed must be an integer from 0"),
    "start": (lambda: draw({"a": N}, 1, start=2**63), InvalidValueError, "start must be an integer from 0"),
    "method": (lambda: draw({"a": N}, 1, method="sobel"), UnknownNameError, "did you mean 'sobol'"),  # type: ignore[arg-type]
    "sobol start": (lambda: draw({"a": N}, 1, start=2**40, method="sobol"), InvalidValueError, "start"),
    "no variables": (lambda: draw({}, 1), DtypeError, "variables must be a mapping"),
    "list": (lambda: draw([N], 1), DtypeError, "variables must be a mapping"),  # type: ignore[arg-type]
    "name": (lambda: draw({1: N}, 1), DtypeError, "keys are texts"),  # type: ignore[dict-item]
    "empty name": (lambda: draw({"": N}, 1), InvalidValueError, "valid and not empty"),
    "surrogate": (lambda: draw({"\udc80": N}, 1), InvalidValueError, "valid and not empty"),
    "no distribution": (lambda: draw({"a": "x"}, 1), DtypeError, "a must be a number, a distribution"),
    "bool": (lambda: draw({"a": True}, 1), DtypeError, "a must be a number"),
    "NaN number": (lambda: draw({"a": math.nan}, 1), InvalidValueError, "a must be finite, got nan"),
    "NaN sample": (lambda: draw({"a": np.array([1, math.nan])}, 1), InvalidValueError, "a must be finite"),
    "unknown name": (
        lambda: draw({"alpha": N, "b": Derived("2 * alfa")}, 1),
        UnknownNameError,
        r"name in b = '2 \* alfa' must be one of alpha, got 'alfa'; did you mean 'alpha'",
    ),
    "circle": (
        lambda: draw({"a": Derived("b"), "b": Derived("c + 1"), "c": Derived("2 * a")}, 1),
        InvalidValueError,
        "in a circle, got '.* -> .* -> ",
    ),
    "itself": (lambda: draw({"a": Derived("a")}, 1), InvalidValueError, "in a circle, got 'a -> a'"),
}
CORRELATED: dict[str, tuple[Any, type[TakeoffError], str]] = {
    "list": ([("a", "b", 0.5)], DtypeError, "a mapping of pairs"),
    "one name": ({"a": 0.5}, InvalidValueError, "between pairs of names"),
    "unknown": ({("a", "z"): 0.5}, UnknownNameError, "name in correlations must be one of a, b, c"),
    "formula": ({("a", "d"): 0.5}, InvalidValueError, "not numbers or formulas, got 'd'"),
    "number": ({("a", "n"): 0.5}, InvalidValueError, "not numbers or formulas, got 'n'"),
    "itself": ({("a", "a"): 0.5}, InvalidValueError, "two different variables"),
    "twice": ({("a", "b"): 0.5, ("b", "a"): 0.5}, InvalidValueError, "twice"),
    "one": ({("a", "b"): 1}, InvalidValueError, "correlation of a and b must be strictly between -1 and 1, got 1.0"),
    "NaN": ({("a", "b"): math.nan}, InvalidValueError, "strictly between -1 and 1"),
    "text": ({("a", "b"): "x"}, DtypeError, "correlation of a and b must be a number"),
    "indefinite": (
        {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9},
        InvalidValueError,
        r"positive definite.*got 'a-b, a-c, b-c'",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str) -> None:
    call, error, message = BAD[name]
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", CORRELATED)
def test_bad_correlations(name: str) -> None:
    correlations, error, message = CORRELATED[name]
    variables = {"a": N, "b": N, "c": N, "d": Derived("a + b"), "n": 1}
    with pytest.raises(error, match=message):
        draw(variables, 1, correlations=correlations)


def test_the_only_pair_that_disagrees_is_named() -> None:
    names = [f"v{i}" for i in range(6)]
    ranks = {("v0", "v1"): 0.95, ("v1", "v2"): 0.95, ("v0", "v2"): 0.1, ("v4", "v5"): 0.5}
    with pytest.raises(InvalidValueError, match="got 'v0-v1, v0-v2, v1-v2'"):
        draw(dict.fromkeys(names, N), 1, correlations=ranks)
    assert takeoff.draw(dict.fromkeys(names, N), 1, correlations=ranks | {("v0", "v2"): 0.9}).height == 1
