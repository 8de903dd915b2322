"""Human reaction in plain Python: method of steps with classical Runge-Kutta in many small equal steps.

dx/dt = p0 2^(kappa x) b^lambda,   smoothing do/dt = dx/dt - o
d ln b/dt = -gain ln(o(t - lag)/target),   b <= 1

for the growth law without a limit, kappa = lambda (1 - 1/r). The observed pace of the past is read from the steps by
interpolation; the brake is cut at 1 after each step, which is of first order there.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Twin:
    """One path; every step must be at most the lag, unless that is 0."""

    r: float
    first_doubling: float
    target_pace: float
    gain: float
    lag: float = 0.0
    smoothing: float = 0.0
    parallelizability: float = 1.0

    @property
    def kappa(self) -> float:
        """d log2 pace / dx without a brake."""
        return self.parallelizability * (1 - 1 / self.r)

    @property
    def first_pace(self) -> float:
        """Pace at the start: the first doubling takes its time."""
        rate = np.log(2) * self.kappa
        return float((-np.expm1(-rate) / rate if rate else 1.0) / self.first_doubling)

    def log_pace(self, y: Floats) -> float:
        """ln dx/dt of a state (x, ln b, o)."""
        return float(np.log(self.first_pace) + np.log(2) * self.kappa * y[0] + self.parallelizability * y[1])

    def solve(self, horizon: float, steps: int) -> tuple[Floats, Floats]:
        """Times, and the states at them, one row each."""
        width = horizon / steps
        times: Floats = np.linspace(0.0, horizon, steps + 1)
        states: Floats = np.zeros((steps + 1, 3))
        states[0, 2] = self.first_pace
        seen = np.full(steps + 1, np.log(self.first_pace))
        for i in range(steps):
            kept = None if self.lag == 0 else [self.past(times, seen, i, times[i] + c * width) for c in (0, 0.5, 1)]
            y = states[i]
            slope = [self.slope(y, None if kept is None else kept[0])]
            for share, place in ((0.5, 1), (0.5, 1), (1.0, 2)):
                slope.append(self.slope(y + share * width * slope[-1], None if kept is None else kept[place]))
            y = y + width / 6 * (slope[0] + 2 * slope[1] + 2 * slope[2] + slope[3])
            y[1] = min(y[1], 0.0)
            states[i + 1], seen[i + 1] = y, self.observed(y)
        return times, states

    def observed(self, y: Floats) -> float:
        """ln of the observed pace."""
        return self.log_pace(y) if self.smoothing == 0 else float(np.log(y[2]))

    def slope(self, y: Floats, past: float | None) -> Floats:
        """The derivative of a state."""
        pace = np.exp(self.log_pace(y))
        delayed = self.observed(y) if past is None else past
        brake = -self.gain * (delayed - np.log(self.target_pace))
        watched = 0.0 if self.smoothing == 0 else (pace - y[2]) / self.smoothing
        return np.array([pace, min(brake, 0.0) if y[1] >= 0 else brake, watched])

    def past(self, times: Floats, seen: Floats, done: int, now: float) -> float:
        """ln of the pace observed one lag before a time."""
        then = now - self.lag
        if then <= 0:
            return float(seen[0])
        near = int(np.clip(np.searchsorted(times, then) - 2, 0, max(done - 3, 0)))
        window = slice(near, min(near + 4, done + 1))
        total = 0.0
        for j in range(*window.indices(len(times))):
            others = [k for k in range(*window.indices(len(times))) if k != j]
            total += seen[j] * np.prod([(then - times[k]) / (times[j] - times[k]) for k in others])
        return float(total)
