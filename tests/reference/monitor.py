"""The particle filter of the pace in plain Python: the same steps, one particle after the other."""

import math
from dataclasses import dataclass

from reference import sampling

Columns = list[list[float]]
BANDWIDTH = 0.1
LN_2 = math.log(2)


def effective_size(weights: list[float]) -> float:
    """Number of particles of equal weight that are worth as much (Kish)."""
    return math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)


@dataclass
class Filter:
    """Level, logarithms of pace, r, lambda and volatility of each particle; weights; variance of the level; step."""

    columns: Columns
    weights: list[float]
    seed: int
    variance: float = math.inf
    step: int = 0
    effective: float = 0.0

    def name(self, purpose: str) -> str:
        return f"monitor {self.step} {purpose}"

    def advance(self, years: float, growth: float | None) -> None:
        steps = min(max(math.ceil(12 * years), 4), 64)
        h = years / steps
        for i in range(len(self.weights)):
            level, log_pace, log_r, log_lambda, log_volatility = (column[i] for column in self.columns)
            parallelizability = math.exp(log_lambda)
            drag = LN_2 * parallelizability * (math.exp(-log_r) - (growth is None))
            push = parallelizability * (growth or 0.0)
            pace: float | None = log_pace
            for step in range(steps):
                gain, pace = flow(pace, drag, push, h if step else h / 2)
                level += gain
                if pace is None:
                    break
                pace += (
                    math.exp(log_volatility) * math.sqrt(h) * sampling.normal(self.seed, self.name(f"path {step}"), i)
                )
            gain, pace = flow(pace, drag, push, h / 2)
            if pace is None:
                self.weights[i] = 0.0
            else:
                self.columns[0][i], self.columns[1][i] = level + gain, pace
        self.normalise()
        self.step += 1

    def normalise(self) -> None:
        total = math.fsum(self.weights)
        self.weights = [weight / total for weight in self.weights]

    def update(self, years: float, growth: float | None, measured: float, error: float) -> float:
        if math.isinf(self.variance):
            self.columns[0] = [measured] * len(self.weights)
            self.effective = float(len(self.weights))
            self.variance = error**2
            self.step += 1
            return 0.0
        self.advance(years, growth)
        total = self.variance + error**2
        density, left, degree = -0.5 * math.log(2 * math.pi * total), 1.0, 0
        while True:
            likelihood = [-0.5 * (measured - level) ** 2 / total for level in self.columns[0]]
            if degree == 0:
                self.effective = effective_size(self.reweighed(likelihood, 1.0)[0])
            part = self.part(likelihood, left)
            weights, log_mean = self.reweighed(likelihood, part)
            self.weights = weights
            self.normalise()
            density += log_mean
            left -= part
            if left <= 0:
                break
            self.resample(f"degree {degree}")
            degree += 1
        gain = self.variance / total
        self.columns[0] = [level + gain * (measured - level) for level in self.columns[0]]
        self.variance *= error**2 / total
        if 1 / math.fsum(w * w for w in self.weights) < 0.5 * len(self.weights):
            self.resample("end")
        return density

    def reweighed(self, likelihood: list[float], power: float) -> tuple[list[float], float]:
        best = max(value for value, weight in zip(likelihood, self.weights, strict=True) if weight > 0)
        pairs = zip(likelihood, self.weights, strict=True)
        weights = [weight * math.exp(min(power * (value - best), 0.0)) for value, weight in pairs]
        return weights, power * best + math.log(math.fsum(weights))

    def part(self, likelihood: list[float], left: float) -> float:
        def effective(power: float) -> float:
            weights, _ = self.reweighed(likelihood, power)
            return effective_size(weights) / len(weights)

        if effective(left) >= 0.1:
            return left
        low, high = 0.0, left
        for _ in range(16):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if effective(middle) >= 0.25 else (low, middle)
        return high

    def resample(self, stage: str) -> None:
        n = len(self.weights)
        means = [math.fsum(w * v for w, v in zip(self.weights, column, strict=True)) for column in self.columns]
        root = self.root(means)
        offset = sampling.uniform(self.seed, self.name(f"{stage} resample"), 0)
        chosen, total, at = [], self.weights[0], 0
        for i in range(n):
            while total < (i + offset) / n and at + 1 < n:
                at += 1
                total += self.weights[at]
            chosen.append(at)
        noise = [[sampling.normal(self.seed, self.name(f"{stage} kernel {k}"), i) for i in range(n)] for k in range(5)]
        keep = math.sqrt(1 - BANDWIDTH**2)
        self.columns = [
            [
                mean
                + keep * (column[chosen[i]] - mean)
                + BANDWIDTH * sum(root[k][j] * noise[j][i] for j in range(k + 1))
                for i in range(n)
            ]
            for k, (mean, column) in enumerate(zip(means, self.columns, strict=True))
        ]
        self.columns[3] = [-abs(value) for value in self.columns[3]]
        self.weights = [1 / n] * n

    def root(self, means: list[float]) -> Columns:
        """Cholesky factor of the weighted covariance."""
        root = [[0.0] * 5 for _ in range(5)]
        for i in range(5):
            for j in range(i + 1):
                parts = zip(self.weights, self.columns[i], self.columns[j], strict=True)
                covariance = math.fsum(w * (a - means[i]) * (b - means[j]) for w, a, b in parts)
                rest = covariance - sum(root[i][k] * root[j][k] for k in range(j))
                if i != j:
                    root[i][j] = rest / root[j][j] if root[j][j] > 0 else 0.0
                elif rest > 1e-14 * covariance:
                    root[i][j] = math.sqrt(rest)
        return root


def flow(log_pace: float | None, drag: float, push: float, years: float) -> tuple[float, float | None]:
    """Doublings and the logarithm of the pace after some years of the law without noise; None where singular."""
    if log_pace is None:
        return 0.0, None
    reach = years * (math.expm1(push * years) / (push * years) if push else 1.0) * math.exp(log_pace)
    change = drag * reach
    if change <= -1:
        return 0.0, None
    log = math.log1p(change)
    return reach * (log / change if change else 1.0), log_pace + push * years - log


def constant_pace(
    times: list[float], levels: list[float], error: float, mu: float, sigma: float
) -> tuple[float, float]:
    """Mean and deviation of a constant pace, lognormal before: by quadrature, the level at the start unknown."""
    center = sum(times) / len(times)
    mean_level = sum(levels) / len(levels)
    grid = [math.exp(mu + sigma * (k / 1000)) for k in range(-6000, 6001)]

    def density(pace: float) -> float:
        pairs = zip(times, levels, strict=True)
        squares = sum((level - mean_level - pace * (time - center)) ** 2 for time, level in pairs)
        return math.exp(-0.5 * squares / error**2 - 0.5 * ((math.log(pace) - mu) / sigma) ** 2)

    weights = [density(pace) for pace in grid]
    mean = math.fsum(w * p for w, p in zip(weights, grid, strict=True)) / math.fsum(weights)
    square = math.fsum(w * (p - mean) ** 2 for w, p in zip(weights, grid, strict=True)) / math.fsum(weights)
    return mean, math.sqrt(square)
