"""The moments that recordings can show, and the way from one to the next.

Moments are Unix seconds. A step is the nearer of two: a change of incidents, or `STEP` seconds. Where one
recording ended before another began there is nothing to show in between; a step crosses that.
"""

from __future__ import annotations

import asyncio
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Protocol

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.link.rebuilt import Rebuilt
from kurator_tui.link.recording import PLAIN, Entry, Mark, NoRecording, Outline, Recording, Turned, outline, read
from kurator_tui.link.saver import beside

STEP = 10.0
"""Seconds of a step in which no incident changed."""
STINT = 8 * 1024
"""Bytes of records applied before the screen may have a turn: some milliseconds, 500 rows."""

Turn = tuple[float, Turned]
"""When incidents changed, and how."""


class NothingRecorded(ConsoleError):
    """There is no moment to show."""

    title = "Nothing recorded"


class Shelf(Protocol):
    """Where recordings are; all of it is called in a thread."""

    def names(self) -> list[tuple[str, int]]:
        """(name, bytes) of each, oldest first: a name always means the same recording, which only grows."""

    def read(self, name: str, start: int = 0) -> bytes:
        """What one has after its first `start` bytes. Raises OSError."""

    def open(self, name: str) -> BinaryIO:
        """One to be read here and there, unbuffered. Raises OSError."""


@dataclass(slots=True)
class _Shelved:
    size: int
    recording: Recording
    turns: list[Turn]


@dataclass(frozen=True, slots=True)
class Span:
    """Moments from `first` to `last` that one recording can show."""

    first: float
    last: float
    name: str
    session: str


@dataclass(slots=True)
class Moment:
    """The fleet as it was at `at`."""

    at: float
    rebuilt: Rebuilt
    span: Span
    next: int
    """Number of the first record that was not applied."""


@dataclass(slots=True)
class Past:
    """What the recordings of a shelf can show; `look` reads what is new. `session` is the one that goes on."""

    shelf: Shelf
    session: str = ""
    spans: list[Span] = field(default_factory=list)
    """Oldest first; none overlap."""
    turns: list[Turn] = field(default_factory=list)
    """Oldest first."""
    problems: list[str] = field(default_factory=list)
    """What is wrong with recordings."""
    _shelved: dict[str, _Shelved] = field(default_factory=dict)

    async def look(self, now: float, since: float = -math.inf) -> None:
        """Find out what there is; the session that goes on can be shown until `now`.

        Recordings that ended before the one that shows `since` began may be left unread.
        """
        known, found = self._shelved, list[_Found]()
        await beside(lambda: found.append(_read(self.shelf, known, self.session, since)))
        (self._shelved, self.problems), *_ = found
        self.spans = self._spans({name: one.recording for name, one in self._shelved.items()}, now)
        self.turns = _told(self.spans, [(one.recording.head.session, one.turns) for one in self._shelved.values()])

    async def timeline(self, now: float, most: int) -> list[Turn]:
        """The last `most` changes of incidents in all recordings, oldest first: no row is read for them."""
        found = list[Turn]()
        await beside(lambda: found.extend(self._timeline(now, most)))
        return found

    def _timeline(self, now: float, most: int) -> list[Turn]:
        outlines: dict[str, Outline] = {}
        told = 0
        for name, _size in reversed(self.shelf.names()):
            if told >= most:
                break
            with suppress(OSError, NoRecording), self.shelf.open(name) as file:  # `look` says what is wrong
                outlines[name] = outline(file)
                told += len(outlines[name].turns)
        turns = [(one.head.session, one.turns) for one in outlines.values()]
        return _told(self._spans(outlines, now), turns)[-most:]

    def rest(self) -> None:
        """Hold nothing until the next `look`."""
        self.spans, self.turns, self._shelved = [], [], {}

    @property
    def end(self) -> float:
        """The last moment that can be shown."""
        return self.spans[-1].last if self.spans else 0.0

    def _spans(self, told: Mapping[str, Recording | Outline], now: float) -> list[Span]:
        """What goes on is shown by its own recordings, what was before by the others'."""
        found = [
            Span(first, min(one.last, now), name, one.head.session)
            for name, one in told.items()
            if (first := one.first) is not None and first <= now
        ]
        found.sort(key=lambda span: span.first)
        own = _joined([span for span in found if self.session and span.session == self.session])
        if not own:
            return _joined(found)
        own[-1] = replace(own[-1], last=now)
        before = [span for span in found if span.session != self.session and span.first < own[0].first]
        return [*_joined([replace(span, last=min(span.last, own[0].first)) for span in before]), *own]

    def span(self, moment: float) -> Span | None:
        """The recording that shows `moment`."""
        return _showing(self.spans, moment)

    def before(self, moment: float) -> float | None:
        """One step back; None where nothing is before."""
        turn = bisect_left(self.turns, moment, key=lambda each: each[0]) - 1
        wanted = max(moment - STEP, self.turns[turn][0] if turn >= 0 else moment - STEP)
        return self._shown(wanted, moment, back=True)

    def after(self, moment: float) -> float | None:
        """One step on; None where nothing is after."""
        turn = bisect_right(self.turns, moment, key=lambda each: each[0])
        wanted = min(moment + STEP, self.turns[turn][0] if turn < len(self.turns) else moment + STEP)
        return self._shown(wanted, moment, back=False)

    def _shown(self, wanted: float, moment: float, *, back: bool) -> float | None:
        """`wanted`, or the next moment beyond it that can be shown; if there is none, the last one before it."""
        if self.span(wanted) is not None:
            return wanted
        if back:
            found = max((span.last for span in self.spans if span.last < wanted), default=None)
            ends = min((span.first for span in self.spans), default=moment)
            return found if found is not None else ends if ends < moment else None
        found = min((span.first for span in self.spans if span.first > wanted), default=None)
        ends = max((span.last for span in self.spans), default=moment)
        return found if found is not None else ends if ends > moment else None

    def entries(self, begin: float, end: float, mark: Mark = PLAIN) -> Iterator[tuple[float, Entry]]:
        """What was recorded from `begin` to `end`, as far as `look` found it, with its moments, oldest first.

        With a `mark` only that of records which have it.
        """
        for span in self.spans:
            recording = self._shelved[span.name].recording
            first, last = max(begin, span.first), min(end, span.last)
            for each in recording.records:
                if first <= each.at <= last and each.mark & mark == mark:
                    with suppress(msgspec.DecodeError):
                        yield from ((each.at, entry) for entry in recording.entries(each))

    async def show(self, moment: float, shown: Moment | None = None) -> Moment:
        """The fleet at `moment`, made of what is `shown` where that is possible. Raises NothingRecorded."""
        span = self.span(moment)
        if span is None:
            raise NothingRecorded("nothing is recorded of that moment", _hint(self.spans))
        recording = self._shelved[span.name].recording
        if shown is None or shown.span.name != span.name or shown.at > moment:
            start = recording.keyframe(moment)
            shown = Moment(moment, Rebuilt(), span, start or 0)
        shown.at = moment
        records, done = recording.records, 0
        while shown.next < len(records) and records[shown.next].at <= moment:
            shown.rebuilt.take(recording, shown.next)
            done += records[shown.next].length
            shown.next += 1
            if done >= STINT:
                done = 0
                await asyncio.sleep(0)
        return shown


_Found = tuple[dict[str, _Shelved], list[str]]


def _read(shelf: Shelf, known: dict[str, _Shelved], session: str, since: float) -> _Found:
    """What is on the shelf and can show moments from `since` on, or is `known`; and what is wrong with it."""
    found: dict[str, _Shelved] = {}
    problems: list[str] = []
    reached = False
    for name, size in reversed(shelf.names()):
        if reached and name not in known:
            continue
        try:
            found[name] = _up_to_date(shelf, name, size, known.get(name))
        except (OSError, NoRecording) as error:
            problems.append(f"{name}: {error}")
            continue
        recording = found[name].recording
        reached = reached or (recording.first is not None and recording.first <= since)
        if recording.problem and (not session or recording.head.session != session):  # ours is being written
            problems.append(f"{name}: {recording.problem}")
    return found, problems[::-1]


def _up_to_date(shelf: Shelf, name: str, size: int, known: _Shelved | None) -> _Shelved:
    """A recording, of which only what is new is read and checked. Raises OSError and NoRecording."""
    if known is None or size < known.size:
        recording = read(shelf.read(name))
        return _Shelved(len(recording.data), recording, list(recording.turns()))
    if size > known.size:
        records = len(known.recording.records)
        known.recording.grow(shelf.read(name, known.size))
        known.size = len(known.recording.data)
        known.turns += known.recording.turns(records)
    return known


def _showing(spans: Sequence[Span], moment: float) -> Span | None:
    at = bisect_right(spans, moment, key=lambda span: span.first) - 1
    return spans[at] if at >= 0 and moment <= spans[at].last else None


def _told(spans: Sequence[Span], turns: Iterable[tuple[str, Sequence[Turn]]]) -> list[Turn]:
    """Those of each session's recordings at moments that this session shows, oldest first.

    Not by the recording: what changes in the second of a keyframe stands in the one before.
    """
    found = [
        (at, turned)
        for session, some in turns
        for at, turned in some
        if (span := _showing(spans, at)) is not None and span.session == session
    ]
    return sorted(found, key=lambda each: each[0])


def _joined(spans: list[Span]) -> list[Span]:
    """`spans` without overlaps: each to its end; within a session to the beginning of the next."""
    found: list[Span] = []
    for span in spans:
        before = found[-1] if found else None
        if before is not None and before.session == span.session:
            found[-1] = replace(before, last=max(before.first, span.first))
        elif before is not None and span.first < before.last:
            span = replace(span, first=before.last)
        if span.first <= span.last:
            found.append(span)
    return found


def _hint(spans: list[Span]) -> str:
    return "" if spans else "A history is kept from the start of the console on."
