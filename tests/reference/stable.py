"""Log density of a stable law of mean 0 and scale 1 (parametrisation S1) in many digits."""

import mpmath

DIGITS = 60
"""Enough for a density of e^-80 as a sum of numbers near 1, with 25 digits left."""
_NEAR = 40
"""Up to here the inversion of the characteristic function is summed as it stands."""


def log_density(x: float, alpha: float, beta: float) -> mpmath.mpf:
    """At x, for a stability alpha above 1 and a skewness beta.

    Beyond 40 on the side of the skewness alone, or for a skewness of 1 or -1.
    """
    with mpmath.workdps(DIGITS):
        if abs(beta) == 1 and x * beta < 0 and _fall(abs(mpmath.mpf(x)), mpmath.mpf(alpha)) > 1:
            return _thin(abs(mpmath.mpf(x)), mpmath.mpf(alpha))
        if abs(x) <= _NEAR:
            return mpmath.log(_inversion(mpmath.mpf(x), mpmath.mpf(alpha), mpmath.mpf(beta)))
        return mpmath.log(
            _turned(abs(mpmath.mpf(x)), mpmath.mpf(alpha), mpmath.mpf(beta) if x > 0 else -mpmath.mpf(beta))
        )


def _inversion(x: mpmath.mpf, alpha: mpmath.mpf, beta: mpmath.mpf) -> mpmath.mpf:
    """``1/pi int_0^inf e^(-t^alpha) cos(x t - beta tan(pi alpha/2) t^alpha) dt``, the steps halved until it stays."""
    tilt = beta * mpmath.tan(mpmath.pi * alpha / 2)

    def total(step: mpmath.mpf) -> mpmath.mpf:
        found = mpmath.mpf(0)
        u = mpmath.mpf(-5)
        while u < mpmath.log(150) / alpha + 0.5:
            t = mpmath.exp(u - mpmath.exp(-u))
            power = t**alpha
            found += t * (1 + mpmath.exp(-u)) * mpmath.exp(-power) * mpmath.cos(x * t - tilt * power)
            u += step
        return found * step / mpmath.pi

    step = mpmath.mpf(1) / 16
    before, after = total(step), total(step / 2)
    while abs(before - after) > mpmath.mpf(10) ** -16 * abs(after):
        step /= 2
        before, after = after, total(step / 2)
    return after


def _saddle(x: mpmath.mpf, alpha: mpmath.mpf) -> tuple[mpmath.mpf, mpmath.mpf]:
    """Place of the saddle of the thin tail, and c."""
    c = -1 / mpmath.cos(mpmath.pi * alpha / 2)
    return (x / (c * alpha)) ** (1 / (alpha - 1)), c


def _fall(x: mpmath.mpf, alpha: mpmath.mpf) -> mpmath.mpf:
    """By how much the logarithm of the thin tail has fallen at x."""
    return x * _saddle(x, alpha)[0] * (alpha - 1) / alpha


def _thin(x: mpmath.mpf, alpha: mpmath.mpf) -> mpmath.mpf:
    """``1/(2 pi i) int e^(-x s + c s^alpha) ds`` on the upright line through the saddle, as a logarithm."""
    saddle, c = _saddle(x, alpha)
    top = -x * saddle + c * saddle**alpha
    wide = 1 / mpmath.sqrt(c * alpha * (alpha - 1) * saddle ** (alpha - 2))

    def along(t: mpmath.mpf) -> mpmath.mpf:
        s = mpmath.mpc(saddle, t)
        return mpmath.re(mpmath.exp(-x * s + c * s**alpha - top))

    ends = [wide * k for k in (0, 1, 2, 4, 8, 12, 16, 24, 32, 48)]
    return top + mpmath.log(mpmath.quad(along, ends) / mpmath.pi)


def _turned(x: mpmath.mpf, alpha: mpmath.mpf, beta: mpmath.mpf) -> mpmath.mpf:
    """The inversion along a ray on which ``e^(-i x t)`` and the characteristic function both fall."""
    tilt = beta * mpmath.tan(mpmath.pi * alpha / 2)
    size, angle = mpmath.sqrt(1 + tilt**2), mpmath.atan(tilt)
    turn = min((mpmath.pi * mpmath.mpf("0.45") - angle) / alpha, mpmath.pi / 2)
    ray, fall = mpmath.expj(-turn), size * mpmath.expj(-(angle + alpha * turn))

    def along(u: mpmath.mpf) -> mpmath.mpf:
        return mpmath.re(ray * mpmath.exp(-1j * x * u * ray - fall * u**alpha))

    reach = 1 / (x * mpmath.sin(turn))
    return mpmath.quad(along, [0, *(reach * mpmath.mpf(2) ** k for k in range(-6, 8))]) / mpmath.pi
