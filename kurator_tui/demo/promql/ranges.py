"""Functions of the samples in a range: rates with Prometheus's extrapolation, trends, and `*_over_time`.

A function is given all samples of a series and the windows of them at once. Series that are scraped at the same
times share their windows, so that a range query costs little more than the samples it reads.
"""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from kurator_tui.demo.promql.values import Edition, Seconds

Times = Sequence[int]
Values = Sequence[float]


class Limits(NamedTuple):
    """A range from `start` to `end` for the instant that is asked about, in milliseconds."""

    start: int
    end: int
    instant: int


class Window(NamedTuple):
    """The samples `low` to `high` (excluded; one at least), and the instant that is asked about."""

    low: int
    high: int
    instant: int


class Span(NamedTuple):
    """A window of two samples or more, for extrapolation: times in seconds.

    `between` the first and the last sample, `apart` two of them, `before` and `after` them in the range; `factor`
    is what the change is multiplied with where nothing limits the extrapolation.
    """

    low: int
    last: int
    between: float
    apart: float
    before: float
    after: float
    factor: float
    length: float


class Spans(list[Span | None]):
    """One for each window; None where there are fewer than two samples."""

    @cached_property
    def multipliers(self) -> list[tuple[int, int, float, float]] | None:
        """(low, last, factor, factor a second) of each; None where a window has no span."""
        spans = [span for span in self if span is not None]
        if len(spans) < len(self):
            return None
        return [(span.low, span.last, span.factor, span.factor / span.length) for span in spans]

    @cached_property
    def reach(self) -> float:
        """The longest extrapolation backwards, in lengths of what it is extrapolated from."""
        return max((span.before / span.between for span in self if span is not None), default=0.0)


class Windows:
    """The windows of samples at `times`, one for each of the limits."""

    def __init__(self, times: Times, limits: Sequence[Limits], edition: Edition) -> None:
        self.times = times
        self._limits = limits
        self.all: list[Window | None] = []
        opened, low, high = int(edition.left_open), 0, 0
        for start, end, instant in limits:
            low = bisect_left(times, start + opened, low)
            high = bisect_right(times, end, high)
            self.all.append(Window(low, high, instant) if high > low else None)

    @cached_property
    def spans(self) -> Spans:
        """As `all`, for extrapolation."""
        return Spans(
            None if window is None or window.high - window.low < 2 else self._span(window, limits)
            for window, limits in zip(self.all, self._limits, strict=True)
        )

    @cached_property
    def edges(self) -> "Edges":
        """The windows as if only their first and last samples had been taken."""
        used = sorted({place for span in self.spans if span for place in (span.low, span.last)})
        places = {place: number for number, place in enumerate(used)}
        moved = Spans(s and s._replace(low=places[s.low], last=places[s.last]) for s in self.spans)
        times = [self.times[place] for place in used]
        seconds = Seconds(time / 1000 for time in times)
        return Edges(times, seconds, moved, Seconds((*seconds[:1], *seconds[-1:])))

    def _span(self, window: Window, limits: Limits) -> Span:
        low, last = window.low, window.high - 1
        first, final = self.times[low], self.times[last]
        between = (final - first) / 1000
        apart = between / (last - low)
        before, after = (first - limits.start) / 1000, (limits.end - final) / 1000
        after = _near(after, apart)
        factor = (between + _near(before, apart) + after) / between
        return Span(low, last, between, apart, before, after, factor, (limits.end - limits.start) / 1000)


class Edges(NamedTuple):
    """Spans over the samples at `times` (milliseconds; in `seconds`, `bounds` first and last) alone."""

    times: list[int]
    seconds: Seconds
    spans: Spans
    bounds: Seconds


Over = Callable[[Windows, Values], list[float | None]]
"""A function's result for each window; None where it has none."""
OfSpans = Callable[[Spans, Values], list[float | None]]
"""The same, of a function that needs the first and the last sample of each window, and all resets."""


def _near(distance: float, apart: float) -> float:
    """How far is extrapolated to a limit: all of it, or half the usual distance where a sample seems to lack."""
    return distance if distance < apart * 1.1 else apart / 2


def _extrapolated(edition: Edition, *, counter: bool, per_second: bool) -> OfSpans:
    """rate, increase and delta: what changed between the first and the last sample, carried on to the limits."""

    def of_spans(spans: Spans, values: Values) -> list[float | None]:
        lost = _lost_by_resets(values) if counter else None
        if counter and lost is None:
            if values[0] == values[-1]:
                return [span and 0.0 for span in spans]
            # What has counted for long is nowhere near zero.
            if spans.multipliers and values[0] >= spans.reach * (values[-1] - values[0]):
                if per_second:
                    return [(values[last] - values[low]) * rate for low, last, _, rate in spans.multipliers]
                return [(values[last] - values[low]) * factor for low, last, factor, _ in spans.multipliers]
        found: list[float | None] = []
        for span in spans:
            if span is None:
                found.append(None)
                continue
            low, last, between, _apart, before, _after, factor, length = span
            first = values[low]
            change = values[last] - first
            if lost is not None:
                change += lost[last] - lost[low]
            if counter and change > 0 and 0 <= first * between < before * change:
                factor = _from_zero(edition, span, between * (first / change))
            change *= factor
            found.append(change / length if per_second else change)
        return found

    return of_spans


def _from_zero(edition: Edition, span: Span, to_zero: float) -> float:
    """The factor of a counter that is not extrapolated backwards beyond the point where it was zero."""
    near = _near(span.before, span.apart) if edition.zero_last else span.before
    before = min(to_zero, near)
    if not edition.zero_last:
        before = _near(before, span.apart)
    return (span.between + before + span.after) / span.between


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


def _instant(*, counter: bool) -> Over:
    """irate and idelta: the last two samples."""

    def of(times: Times, values: Values, _instant: int) -> float | None:
        if len(values) < 2:
            return None
        change = values[-1] - values[-2]
        if not counter:
            return change
        return (values[-1] if change < 0 else change) / ((times[-1] - times[-2]) / 1000)

    return _each(of)


def _each(of: Callable[[Times, Values, int], float | None]) -> Over:
    """A function of a window's times and values, and the instant."""

    def over(windows: Windows, values: Values) -> list[float | None]:
        times = windows.times
        return [
            None
            if window is None
            else of(times[window.low : window.high], values[window.low : window.high], window.instant)
            for window in windows.all
        ]

    return over


def _of_values(of: Callable[[Values], float]) -> Over:
    """A function of the values of a window alone."""

    def over(windows: Windows, values: Values) -> list[float | None]:
        return [None if window is None else of(values[window.low : window.high]) for window in windows.all]

    return over


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


def _deriv(times: Times, values: Values, _instant: int) -> float | None:
    return line(times, values, times[0])[0] if len(values) > 1 else None


def predict_linear(ahead: Callable[[int], float]) -> Over:
    """The value `ahead(instant)` seconds after the instant, on the line through the samples."""

    def of(times: Times, values: Values, instant: int) -> float | None:
        if len(values) < 2:
            return None
        slope, now = line(times, values, instant)
        return now + slope * ahead(instant)

    return _each(of)


def quantile_over_time(share: Callable[[int], float]) -> Over:
    """The `share(instant)` quantile."""
    return _each(lambda _times, values, instant: quantile(share(instant), values))


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


def extrapolated(edition: Edition) -> dict[str, OfSpans]:
    """rate, increase and delta, by name."""
    return {
        "rate": _extrapolated(edition, counter=True, per_second=True),
        "increase": _extrapolated(edition, counter=True, per_second=False),
        "delta": _extrapolated(edition, counter=False, per_second=False),
    }


FUNCTIONS: dict[str, Over] = {
    "irate": _instant(counter=True),
    "idelta": _instant(counter=False),
    "deriv": _each(_deriv),
    **{name: _of_values(of) for name, of in _OF_VALUES.items()},
}
"""The others that take a range and nothing else, by name."""
