"""The recursion of Davidson & Houlden in plain Python, as they describe it: one doubling's time from the last one's."""

from math import ceil


def ends(
    r: float,
    speed_up: float,
    limit_years: float,
    parallelizability: float,
    *,
    software_share: float = 0.5,
    retraining: str = "none",
    boost: str = "sudden",
    returns: str = "falling",
    start_speed_up: float = 0.1,
    horizon: float = 48.0,
) -> list[float]:
    """Month in which each doubling is done, with the last that starts before the horizon."""
    limit = limit_years * 4 / software_share
    ceiling = ceil(limit - 1e-9)

    def boosted(month: float) -> float:
        """Speed-up when compute, of doublings of 5 months up to a factor 4096, has grown for some months."""
        return start_speed_up * (speed_up / start_speed_up) ** (month / 60) if month < 60 else speed_up

    takes = 3 / speed_up if boost == "sudden" else 3 / (1 + start_speed_up)
    month, done = 0.0, list[float]()
    while month < horizon and len(done) < ceiling:
        before = month
        month += takes
        done.append(month)
        left = r if returns == "constant" else r - len(done) * r / limit
        if len(done) == ceiling or left <= 0:
            break
        x = parallelizability * (1 / left - 1)
        if retraining == "paper":
            x /= 1 + abs(x)
        if retraining == "code":
            x /= abs(1 + x)
        if x > 1000:  # beyond float64: it takes forever
            takes = float("inf")
        takes *= 2 ** min(x, 1000)
        if boost == "gradual":
            takes /= (1 + boosted(month)) / (1 + boosted(before))
    return done


def most_doublings(done: list[float], within: float) -> int:
    """Most consecutive doublings that take less than some months, by looking at all."""
    times = [0.0, *done]
    return max(
        j - i
        for i, start in enumerate(times)
        for j, end in enumerate(times)
        if j == i or (j > i and end - start < within)
    )
