"""From a panel's answer to the chart drawn of it: names of lines, time, thresholds, what is missing. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration, inert
from kurator_tui.link.metrics import Failure, PanelData, PanelMeta, PanelSeries, packed
from kurator_tui.widgets.chart import Chart, Drawn, Marker, Threshold

DAY = 86_400.0
MOST, MOST_ALONE = 12, 24
"""Lines of a chart among others, and of one alone: more are a carpet. Those that matter most are drawn."""
LATE = 3.0
"""Steps without an answer after which data is old."""
LEAST_LATE = 90.0
"""Seconds, at least."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one panel: the last answer with series, and what went wrong since."""

    data: PanelData | None = None
    failure: Failure | None = None
    failed_at: float = 0.0
    others: PanelData | None = None
    """The same a day before."""

    def stale(self, now: float) -> bool:
        """Whether this may not be how things are at `now` (Unix seconds)."""
        if self.data is None or self.failure is not None:
            return self.data is not None
        return now - self.data.at > max(LATE * self.data.step, LEAST_LATE)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the charts of a page are drawn: what all of them share."""

    now: float
    seconds: float
    """Length of the time axis where there is no answer yet."""
    end: float = 0.0
    """End of the time axis; 0 for now."""
    words: str = ""
    """Of all lines those whose name has these words."""
    most: int = MOST
    """Lines that are drawn."""
    cursor: float | None = None
    markers: tuple[Marker, ...] = ()


def named(series: Sequence[PanelSeries], by: Sequence[str] = ()) -> list[str]:
    """A name for each line: the values of those of its labels `by` (all without any) that tell it from the others.

    Lines that no label tells apart are numbered.
    """
    labels = [dict(each.labels) for each in series]
    keys = [key for key in by if any(key in each for each in labels)]
    if not keys:
        keys = sorted({key for each in labels for key in each}, key=lambda key: (key != "cluster", key))
    telling = [key for key in keys if len({each.get(key, "") for each in labels}) > 1] or keys
    seen: dict[str, int] = {}
    names = []
    for each in labels:
        name = " ".join(value for key in telling if (value := inert(each.get(key, ""))))
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return names


def thresholds(meta: PanelMeta) -> tuple[Threshold, ...]:
    """The lines beyond which values are bad."""
    levels = ((meta.warning, Level.DEGRADED), (meta.critical, Level.FAILED))
    return tuple(Threshold(value, level) for value, level in levels if value is not None)


def level_of(value: float | None, meta: PanelMeta) -> Level:
    """How bad a value is by the panel's thresholds."""
    if value is None or math.isnan(value):
        return Level.UNKNOWN
    for limit, level in ((meta.critical, Level.FAILED), (meta.warning, Level.DEGRADED)):
        if limit is not None and (value < limit if meta.below else value >= limit):
            return level
    return Level.HEALTHY


def matching(name: str, words: str) -> bool:
    """Whether `name` has all `words`; one after `!` must not be there."""
    folded = name.casefold()
    return all(
        word[1:] not in folded if word.startswith("!") and len(word) > 1 else word in folded
        for word in words.casefold().split()
    )


def _drawn(data: PanelData, meta: PanelMeta, words: str) -> tuple[Drawn, ...]:
    lines = zip(named(data.series, meta.by), data.series, strict=True)
    return tuple(Drawn(name, each.values) for name, each in lines if matching(name, words))


def foremost(lines: tuple[Drawn, ...], most: int, *, lowest: bool = False) -> tuple[Drawn, ...]:
    """Those of `lines` with the greatest newest values, or the `lowest`; in the order they have."""
    if len(lines) <= most:
        return lines

    def weight(at: int) -> float:
        last = lines[at].last
        return -math.inf if math.isnan(last) else -last if lowest else last

    chosen = sorted(range(len(lines)), key=weight, reverse=True)[:most]
    return tuple(lines[at] for at in sorted(chosen))


def shifted(data: PanelData, over: PanelData, by: float = DAY) -> PanelData:
    """`data`, which is `by` seconds older than `over`, on the grid of `over`."""
    if not data.step or not over.step:
        return structs.replace(data, series=())
    series = []
    for each in data.series:
        old, values = each.values, array("d", [math.nan]) * over.count
        for at in range(over.count):
            then = round((over.start + at * over.step - by - data.start) / data.step)
            if 0 <= then < len(old):
                values[at] = old[then]
        series.append(PanelSeries(each.labels, packed(values)))
    return structs.replace(data, series=tuple(series))


def chart_of(meta: PanelMeta, reading: Reading, how: Drawing) -> Chart:
    """The chart of a panel; what is missing, and how old it is where that matters, is its note or in its title."""
    data = reading.data
    bare = Chart(inert(meta.title), meta.unit, how.end or how.now, how.seconds)
    if not meta.available and data is None:
        return replace(bare, note=meta.hint or "nothing measures this here", stale=True)
    if data is None:
        return replace(bare, note=_failed(reading.failure) if reading.failure else "asking")
    stale = reading.stale(how.now)
    title = f"{bare.title} ({duration(how.now - data.at)} old)" if stale else bare.title
    every = _drawn(data, meta, how.words)
    lines = foremost(every, how.most, lowest=meta.below)
    others = shifted(reading.others, data) if reading.others is not None else None
    known = {each.name for each in lines}
    return replace(
        bare,
        title=title,
        end=data.start + max(0, data.count - 1) * data.step,
        seconds=max(data.step, (data.count - 1) * data.step),
        series=lines,
        others=tuple(each for each in _drawn(others, meta, how.words) if each.name in known) if others else (),
        thresholds=thresholds(meta),
        markers=how.markers,
        cursor=how.cursor,
        total=max(len(every), data.total - len(data.series) + len(every)),
        note="" if lines else _empty(data, how.words),
        stale=stale,
    )


def _empty(data: PanelData, words: str) -> str:
    if data.series:
        return f"no line's name has {words}"
    if data.missing:
        return f"no values: {data.missing[0].reason}"
    return "no values in this time"


def _failed(failure: Failure) -> str:
    return ": ".join(text for text in (failure.title, failure.message) if text)


def pointed(query: str, at: int, width: int) -> tuple[str, str] | None:
    """A part of `query` around the character `at` and a line that points at it; None where that is nowhere."""
    if not 0 <= at <= len(query):
        return None
    first = max(0, min(at - width // 2, len(query) - width + 1))
    return query[first : first + width], " " * (at - first) + "^"


def merged_missing(readings: Iterable[Reading]) -> Mapping[str, str]:
    """Members that are in no answer, or not in all of them, with the reason."""
    found: dict[str, str] = {}
    for reading in readings:
        for each in reading.data.missing if reading.data is not None else ():
            found.setdefault(each.cluster, each.reason)
    return found
