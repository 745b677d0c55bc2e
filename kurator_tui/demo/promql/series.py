"""Where samples come from: points that were written down, or functions that are scraped at regular times."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol, cast

from kurator_tui.demo.promql.selectors import Selector
from kurator_tui.demo.promql.values import Labels, Seconds

SCRAPE = 30_000
"""Milliseconds between two scrapes of what is computed."""

Samples = tuple[Sequence[int], Sequence[float]]
"""Times (milliseconds, ascending) and values."""


class Series(Protocol):
    """One series; labels include `__name__`."""

    @property
    def labels(self) -> Labels:
        """What tells it apart."""

    def samples(self, first: int, last: int) -> Samples:
        """All samples from `first` to `last`, both included."""

    def latest(self, instants: Sequence[int], lookback: int) -> list[float | None]:
        """At each instant (ascending) the newest sample that is not older than `lookback`, in milliseconds."""


class Storage(Protocol):
    """Where a query finds its series."""

    def select(self, selector: Selector) -> Iterable[Series]:
        """The series that the selector accepts."""


@dataclass(frozen=True, slots=True)
class Points:
    """A series of points that were written down."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]

    def samples(self, first: int, last: int) -> Samples:
        """As `Series`."""
        low, high = bisect_left(self.times, first), bisect_right(self.times, last)
        return self.times[low:high], self.values[low:high]

    def latest(self, instants: Sequence[int], lookback: int) -> list[float | None]:
        """As `Series`."""
        found: list[float | None] = []
        for instant in instants:
            place = bisect_right(self.times, instant) - 1
            fresh = place >= 0 and self.times[place] >= instant - lookback
            found.append(self.values[place] if fresh else None)
        return found


Function = Callable[[Seconds], list[float]]
"""Values at times (seconds since 1970, ascending)."""


@dataclass(frozen=True, slots=True)
class Scraped:
    """A function of time, scraped each `SCRAPE` from `born` until it has `ended` (milliseconds).

    What has ended is known to have: nothing of it is seen afterwards, as with a staleness marker.
    """

    labels: Labels
    function: Function
    born: int = 0
    ended: int = 2**62
    monotone: bool = False
    """Whether the function never decreases."""

    def samples(self, first: int, last: int) -> Samples:
        """As `Series`."""
        times, seconds = scrapes(max(first, self.born), min(last, self.ended - 1))
        return times, self.function(seconds)

    def times(self, first: int, last: int) -> range:
        """When it was scraped, from `first` to `last`."""
        return scrapes(max(first, self.born), min(last, self.ended - 1))[0]

    def latest(self, instants: Sequence[int], lookback: int) -> list[float | None]:
        """As `Series`."""
        values: list[float | None] = list(self.function(_scrapes_before(instants)))
        first = bisect_left(instants, -(-self.born // SCRAPE) * SCRAPE)
        last = bisect_left(instants, self.ended)
        values[:first] = [None] * first
        values[last:] = [None] * (len(values) - last)
        return values

    def at(self, times: Seconds) -> list[float]:
        """The values at times (seconds) at which it was scraped."""
        return self.function(times)


@lru_cache(maxsize=64)
def scrapes(first: int, last: int) -> tuple[range, Seconds]:
    """The times of the scrapes from `first` to `last`, in milliseconds and in seconds."""
    times = range(-(-first // SCRAPE) * SCRAPE, last + 1, SCRAPE)
    return times, Seconds(time / 1000 for time in times)


def _scrapes_before(instants: Sequence[int]) -> Seconds:
    """The time (seconds) of the last scrape at or before each instant."""
    return _scrapes_of(instants if isinstance(instants, range) else tuple(instants))


@lru_cache(maxsize=64)
def _scrapes_of(instants: range | tuple[int, ...]) -> Seconds:
    return Seconds((instant - instant % SCRAPE) / 1000 for instant in instants)


class Additive(Protocol):
    """A `Function` that can be added to others of its kind before it is asked."""

    def __call__(self, seconds: Seconds) -> list[float]:
        """As `Function`."""

    def added(self, parts: Sequence[Any]) -> Function:
        """The sum of `parts`."""


def together(
    found: Iterable[Series],
    key: Callable[[Labels], object],
    bounds: Callable[[Scraped], tuple[Seconds, float] | None],
) -> Iterator[Series]:
    """Series whose rates will be summed by `key`: those that can be are one for each key and scrape times.

    `bounds` has of a counter its first and last time, and how many times the growth between them it must have had
    before: one that began to count only then is extrapolated in a way of its own, and left alone.
    """
    groups: dict[tuple[object, int, int], list[Scraped]] = {}
    for series in found:
        limits = bounds(series) if isinstance(series, Scraped) and hasattr(series.function, "added") else None
        if limits is not None and isinstance(series, Scraped):
            first, last = series.at(limits[0])
            if first >= limits[1] * (last - first):
                groups.setdefault((key(series.labels), series.born, series.ended), []).append(series)
                continue
        yield series
    for those in groups.values():
        one = those[0]
        yield replace(one, function=cast(Additive, one.function).added([each.function for each in those]))
