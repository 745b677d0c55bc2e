"""Functions of the samples in a range: rates with Prometheus's extrapolation, trends, and `*_over_time`.

A function is prepared once for all samples of a series and then asked for windows of them, so that a range query
costs little more per instant than the samples that enter its window.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kurator_tui.demo.promql.values import Edition


class Window(NamedTuple):
    """Samples `low` to `high` (excluded), the limits of the range, and the instant asked about (milliseconds)."""

    low: int
    high: int
    start: int
    end: int
    instant: int


Times = Sequence[int]
Values = Sequence[float]
Asked = Callable[[Window], float | None]
Prepare = Callable[[Times, Values], Asked]
"""None: no result for this window.  Windows are never empty."""


def _extrapolated(edition: Edition, *, counter: bool, per_second: bool) -> Prepare:
    """rate, increase and delta: what changed between the first and the last sample, carried on to the limits."""

    def prepare(times: Times, values: Values) -> Asked:
        lost = _lost_by_resets(values) if counter else None

        def ask(window: Window) -> float | None:
            low, last = window.low, window.high - 1
            if last <= low:
                return None
            first = values[low]
            change = values[last] - first
            if lost is not None:
                change += lost[last] - lost[low]
            between = (times[last] - times[low]) / 1000
            apart = between / (last - low)
            before, after = (times[low] - window.start) / 1000, (window.end - times[last]) / 1000
            if counter and change > 0 and first >= 0:
                before = _not_below_zero(edition, before, between * (first / change), apart)
            elif before >= apart * 1.1:
                before = apart / 2
            if after >= apart * 1.1:
                after = apart / 2
            change *= (between + before + after) / between
            return change / ((window.end - window.start) / 1000) if per_second else change

        return ask

    return prepare


def _not_below_zero(edition: Edition, before: float, to_zero: float, apart: float) -> float:
    """How far (seconds) a counter is extrapolated backwards: not beyond the point where it was zero."""
    near = apart * 1.1
    if edition.zero_last:
        return min(to_zero, before if before < near else apart / 2)
    before = min(before, to_zero)
    return before if before < near else apart / 2


def _lost_by_resets(values: Values) -> Sequence[float] | None:
    """By sample: the sum of what was there before each reset so far; None when there was no reset."""
    if all(map(float.__le__, values[:-1], values[1:])):
        return None
    total, found = 0.0, [0.0]
    for before, after in itertools.pairwise(values):
        if after < before:
            total += before
        found.append(total)
    return found


def _instant(*, counter: bool) -> Prepare:
    """irate and idelta: the last two samples."""

    def prepare(times: Times, values: Values) -> Asked:
        def ask(window: Window) -> float | None:
            last = window.high - 1
            if last <= window.low or times[last] == times[last - 1]:
                return None
            if not counter:
                return values[last] - values[last - 1]
            change = values[last] if values[last] < values[last - 1] else values[last] - values[last - 1]
            return change / ((times[last] - times[last - 1]) / 1000)

        return ask

    return prepare


def line(times: Times, values: Values, origin: int) -> tuple[float, float]:
    """Slope (per second) and value at `origin` (milliseconds) of the line through the samples, least squares."""
    if all(value == values[0] for value in values):
        return (math.nan, math.nan) if math.isinf(values[0]) else (0.0, values[0])
    count = len(values)
    xs = [(time - origin) / 1000 for time in times]
    mean_x, mean_y = sum(xs) / count, sum(values) / count
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, values, strict=True))
    variance = sum((x - mean_x) ** 2 for x in xs)
    slope = covariance / variance if variance else math.nan
    return slope, mean_y - slope * mean_x


def _deriv(times: Times, values: Values) -> Asked:
    def ask(window: Window) -> float | None:
        low, high = window.low, window.high
        return line(times[low:high], values[low:high], times[low])[0] if high - low > 1 else None

    return ask


def predict_linear(ahead: Callable[[int], float]) -> Prepare:
    """The value `ahead(instant)` seconds after the instant, on the line through the samples."""

    def prepare(times: Times, values: Values) -> Asked:
        def ask(window: Window) -> float | None:
            low, high = window.low, window.high
            if high - low < 2:
                return None
            slope, now = line(times[low:high], values[low:high], window.instant)
            return now + slope * ahead(window.instant)

        return ask

    return prepare


def quantile_over_time(share: Callable[[int], float]) -> Prepare:
    """The `share(instant)` quantile."""

    def prepare(_times: Times, values: Values) -> Asked:
        return lambda window: quantile(share(window.instant), values[window.low : window.high])

    return prepare


def _over(of: Callable[[Values], float]) -> Prepare:
    """A function of the values of a window alone."""

    def prepare(_times: Times, values: Values) -> Asked:
        return lambda window: of(values[window.low : window.high])

    return prepare


def quantile(share: float, values: Values) -> float:
    """Between the values nearest to it, linearly; NaN counts as smallest."""
    if not values or math.isnan(share):
        return math.nan
    if not 0 <= share <= 1:
        return math.copysign(math.inf, share)
    ordered = sorted(values, key=lambda value: (not math.isnan(value), value))
    rank = share * (len(ordered) - 1)
    lower = math.floor(rank)
    upper = min(len(ordered) - 1, lower + 1)
    weight = rank - lower
    return ordered[lower] * (1 - weight) + ordered[upper] * weight


def variance(values: Values) -> float:
    """Mean square of the distances from the mean."""
    mean = squares = 0.0
    for number, value in enumerate(values, 1):
        distance = value - mean
        mean += distance / number
        squares += distance * (value - mean)
    return squares / len(values)


def deviation(values: Values) -> float:
    """The root of the variance."""
    found = variance(values)
    return math.sqrt(found) if found >= 0 else math.nan


def largest(values: Values) -> float:
    """The largest that is a number."""
    return max((value for value in values if value == value), default=math.nan)


def smallest(values: Values) -> float:
    """The smallest that is a number."""
    return min((value for value in values if value == value), default=math.nan)


def mean(values: Values) -> float:
    """Their mean."""
    return sum(values) / len(values)


def _resets(values: Values) -> float:
    return float(sum(after < before for before, after in itertools.pairwise(values)))


def _changes(values: Values) -> float:
    pairs = itertools.pairwise(values)
    return float(sum(after != before and (after == after or before == before) for before, after in pairs))


_OF_VALUES: dict[str, Callable[[Values], float]] = {
    "avg_over_time": mean,
    "min_over_time": smallest,
    "max_over_time": largest,
    "sum_over_time": sum,
    "count_over_time": lambda values: float(len(values)),
    "last_over_time": lambda values: values[-1],
    "present_over_time": lambda _values: 1.0,
    "stddev_over_time": deviation,
    "stdvar_over_time": variance,
    "resets": _resets,
    "changes": _changes,
}


def functions(edition: Edition) -> dict[str, Prepare]:
    """The functions that take a range and nothing else, by name."""
    return {
        "rate": _extrapolated(edition, counter=True, per_second=True),
        "increase": _extrapolated(edition, counter=True, per_second=False),
        "delta": _extrapolated(edition, counter=False, per_second=False),
        "irate": _instant(counter=True),
        "idelta": _instant(counter=False),
        "deriv": _deriv,
        **{name: _over(of) for name, of in _OF_VALUES.items()},
    }
