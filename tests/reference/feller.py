"""Log density of a transition of the Feller diffusion in many digits, from the floats the package is given."""

import mpmath

DIGITS = 70
"""Enough for sums of some 1e12 that cancel, with fifty digits left."""


def log_density(beta: float, theta: float, sigma: float, before: float, after: float) -> mpmath.mpf:
    """Of ln A, from `before` to `after`, in operational time 1."""
    with mpmath.workdps(DIGITS):
        b, drift, noise, first, last = (mpmath.mpf(v) for v in (beta, theta, sigma, before, after))
        scale = b * b * noise * noise / 2
        n = (2 * drift / (noise * noise) - 1) / b
        x, start = mpmath.exp(b * last) / scale, mpmath.exp(b * first) / scale
        q = x * start
        return mpmath.log(b) + (n + 1) * mpmath.log(x) - x - start + _log_sum(n, q)


def _log_sum(n: mpmath.mpf, q: mpmath.mpf) -> mpmath.mpf:
    """Logarithm of the sum of ``q^k/(k! Gamma(n + k + 1))`` over k, which is ``q^(-n/2) I_n(2 sqrt q)``.

    Around its largest term the summand is about Gaussian, of a standard deviation s. Where that is wide, every h-th
    term, at real k, has the same sum but for a part of exp(-2 pi^2 s^2/h^2) (Poisson's summation): 1e-77 for s = 3h.
    """
    middle = (mpmath.sqrt(n * n + 4 * q) - n) / 2
    if middle < 400:
        term = mpmath.rgamma(n + 1)
        k = 0
        if n <= -1:
            term, k = q, 1
        total = term
        while k < middle or term > total * mpmath.mpf(10) ** -50:
            k += 1
            term *= q / (k * (n + k))
            total += term
        return mpmath.log(total)
    wide = mpmath.sqrt(middle * (n + middle) / (n + 2 * middle))
    step = max(mpmath.mpf(1), wide / 3)
    log_q = mpmath.log(q)
    middle = mpmath.floor(middle)

    def height(k: mpmath.mpf) -> mpmath.mpf:
        return k * log_q - mpmath.loggamma(k + 1) - mpmath.loggamma(n + k + 1)

    top = height(middle)
    reach = int(13 * wide / step) + 1
    heights = (mpmath.exp(height(middle + j * step) - top) for j in range(-reach, reach + 1) if middle + j * step >= 0)
    return top + mpmath.log(step * mpmath.fsum(heights))
