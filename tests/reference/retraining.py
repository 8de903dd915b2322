"""Training runs in plain Python, from their equations and SciPy's quadrature: an independent twin of the engine's."""

from math import exp, inf, log, log1p, log2

from scipy.integrate import quad

LN2 = log(2)


def runs(
    count: int, r: float, first_doubling: float, lam: float, limit: float, first_run: float, share: float
) -> list[tuple[float, float, float]]:
    """Start, doublings known and log2 W of each run, for AI labor alone on fixed hardware with a linear limit."""

    def research_at(x: float) -> float:
        """Log2 W once x doublings are known: the integral of lambda / (r h)."""
        return lam / r * (x if limit == inf else -limit * log1p(-x / limit))

    def known_at(log2_w: float) -> float:
        difficulty = log2_w * r / lam
        return difficulty if limit == inf else limit * (1 - exp(-difficulty / limit))

    # dW/dt = c S^lambda: c is such that the first doubling takes its time.
    def time_density(log2_w: float) -> float:
        return LN2 * 2 ** (log2_w - lam * known_at(log2_w))

    c = quad(time_density, 0, research_at(1), epsabs=0, epsrel=1e-13)[0] / first_doubling
    rows = []
    start, log2_w, known_before = 0.0, 0.0, 0.0
    for _ in range(count):
        known = known_at(log2_w)
        rows.append((start, known, log2_w))
        duration = first_run * 2 ** (-share * known)
        gained = c * 2 ** (lam * (1 - share) * known_before) * duration
        start += duration
        log2_w = log2_w + log2(1 + gained * 2**-log2_w)
        known_before = known
    return rows
