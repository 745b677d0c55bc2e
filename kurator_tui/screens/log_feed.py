"""What a log view reads: one query into one ring, opened again where it was when the feeder comes back.

Sources of several streams (the query, older lines) get numbers of the feed's own. Lines that came before a stream
was opened again are known by their time and are not taken twice. Nothing here draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs

from kurator_tui.kinds.ansible import Run, is_worker
from kurator_tui.kinds.log_lines import LogBatch, LogLine, LogQuery, LogSource, LogState, Mark
from kurator_tui.link.logs import LogsHandle, open_logs
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.log_targets import Logged
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.store.log_ring import LogRing

ONE_TAIL, MANY_TAIL = 500, 100
"""Lines of each container at the beginning: of one, of several."""
OLDER = 500
"""Lines of each container that are fetched at once from before the first one."""
NUMBERS = 1_000_000_000
"""Numbers of sources of fetched lines begin here: feeders do not get so far."""

Whose = tuple[str, str, str, str]


def whose(source: LogSource) -> Whose:
    """The container, whatever number it has."""
    return source.cluster, source.namespace, source.pod, source.container


@dataclass(frozen=True, slots=True)
class Span:
    """Which lines are wanted: the newest `tail` of each container, those of the last `seconds` or `since` a
    moment, or (none of these) all; and of them those before `until`. Moments in Unix seconds."""

    tail: int | None = None
    seconds: float | None = None
    since: float | None = None
    until: float | None = None
    previous: bool = False

    def begin(self, now: float) -> float:
        """The moment since which lines are wanted; 0 for the beginning."""
        if self.since is not None:
            return self.since
        return now - self.seconds if self.seconds is not None else 0.0

    @property
    def text(self) -> str:
        """As a title says it."""
        end = f" until {_clock(self.until)}" if self.until is not None else ""
        if self.since is not None:
            return f"since {_clock(self.since)}{end}"
        if self.seconds is not None:
            minutes = self.seconds / 60
            return (f"last {minutes / 60:g}h" if minutes >= 60 else f"last {minutes:g}m") + end
        return ("from the beginning" if self.tail is None else f"tail {self.tail}") + end


def _clock(moment: float) -> str:
    return time.strftime("%m-%d %H:%M:%S", time.localtime(moment))


def most_tail(logged: Logged) -> int:
    """How many of the newest lines of each container are read unless somebody says so."""
    return MANY_TAIL if logged.many else ONE_TAIL


class LogFeed:
    """One query. `changed` is called after anything that can be seen has changed."""

    def __init__(
        self, source: Source, logged: Logged, clock: Callable[[], float], changed: Callable[[], None]
    ) -> None:
        self.logged = logged
        self.span = Span(most_tail(logged))
        self.ring = LogRing()
        self.sources: dict[int, LogSource] = {}
        self.state = LogState()
        self.run = Run()
        """What kubespray's worker pods among them say of their run."""
        self.end: StreamEnded | None = None
        """How the query ended; None while it goes on."""
        self.asking = False
        """Whether older lines are being fetched."""
        self.begins = False
        """Whether nothing older exists."""
        self.held = False
        self._source = source
        self._clock = clock
        self._changed = changed
        self._handle: LogsHandle | None = None
        self._older: LogsHandle | None = None
        self._fetched: list[LogLine] = []
        self._last: dict[int, int] = {}
        """Number of a source -> time of its newest line."""
        self._known: dict[Whose, int] = {}
        """Time of each container's newest line when the stream was opened again: lines up to then are known."""
        self._renumbered: dict[int, int] | None = None
        """Numbers of a stream that was opened again -> the feed's; the first one's are the feed's own (None)."""
        self._next = NUMBERS

    # -- the query --------------------------------------------------------------------------------------------

    def open(self, span: Span) -> None:
        """Read `span` from now on; what was read before is let go."""
        self.close()
        self.span = span
        self.ring, self.run = LogRing(), Run()
        self.sources, self._last, self._known, self._renumbered = {}, {}, {}, None
        self.begins = span.previous and span.tail is None
        self._open(span.tail, int(span.begin(self._clock()) * 1e9))

    def _open(self, tail: int | None, since: int) -> None:
        self.end, self.state, self.held = None, LogState(), False
        query = LogQuery(
            self.logged.targets,
            self.logged.selectors,
            previous=self.span.previous,
            tail=tail,
            since=since,
            until=int((self.span.until or 0.0) * 1e9),
        )
        self._handle = open_logs(self._source, query, self._take, self._ended)
        self._changed()

    def reopen(self) -> None:
        """The feeder is back: go on where the stream was."""
        if self.end is None or not self.end.title or self._source.feeder_state != LIVE:
            return
        for number, last in self._last.items():
            container = whose(self.sources[number])
            self._known[container] = max(last, self._known.get(container, 0))
        self._renumbered = {}
        self._open(None if self._last else self.span.tail, min(self._last.values(), default=0))

    def close(self) -> None:
        """Read no more."""
        for handle in (self._handle, self._older):
            if handle is not None:
                handle.close()
        self._handle = self._older = None
        self.asking = False

    def hold(self, held: bool) -> None:
        """Take no more for now, or go on: what is read must not push out what is being looked at."""
        if held != self.held and self._handle is not None:
            self.held = held
            (self._handle.hold if held else self._handle.resume)()

    def _take(self, batch: LogBatch) -> None:
        lines: list[LogLine] = batch.lines
        if self._renumbered is None:
            for source in batch.sources:
                self._add(source, source.number)
        else:
            lines = [line for line in self._renumber(batch, self._renumbered) if not self._is_known(line)]
        for line in lines:
            if line.time and not line.mark:
                self._last[line.source] = line.time
        if batch.state is not None:
            self.state = batch.state
        self.ring.append(lines)
        workers = {number for number, source in self.sources.items() if is_worker(source.pod)}
        if workers:
            self.run.feed(line.text for line in lines if not line.mark and line.source in workers)
        self._changed()

    def _add(self, source: LogSource, number: int) -> None:
        self.sources[number] = source

    def _renumber(self, batch: LogBatch, numbers: dict[int, int]) -> list[LogLine]:
        """The lines of another stream than the first one, with numbers of the feed's own."""
        for source in batch.sources:
            numbers[source.number] = self._next
            self._add(source, self._next)
            self._next += 1
        return [structs.replace(line, source=numbers.get(line.source, line.source)) for line in batch.lines]

    def _is_known(self, line: LogLine) -> bool:
        """Whether a line came before the stream was opened again."""
        source = self.sources.get(line.source)
        return not line.mark and source is not None and 0 < line.time <= self._known.get(whose(source), 0)

    def _ended(self, end: StreamEnded) -> None:
        self._handle, self.end = None, end
        if end.title:
            text = f"{end.title}: {end.message}"
            self.ring.append([LogLine(0, int(self._clock() * 1e9), text, 0, Mark.LOST)])
        self._changed()

    # -- older lines ------------------------------------------------------------------------------------------

    def fetch(self) -> str:
        """Fetch what is before the first line. Returns why that cannot be done, or ""."""
        if self.asking:
            return ""
        if self.begins:
            return "nothing older exists"
        if not self.ring.room:
            return "no older lines fit: as many as can be held are here"
        first = next((line.time for line in self.ring if line.time and not line.mark), 0)
        if not first:
            return "there is no line whose time is known"
        self.asking, self._fetched = True, []
        query = LogQuery(
            self.logged.targets,
            self.logged.selectors,
            follow=False,
            previous=self.span.previous,
            tail=OLDER,
            until=first,
        )
        numbers: dict[int, int] = {}

        def take(batch: LogBatch) -> None:
            self._fetched += self._renumber(batch, numbers)

        self._older = open_logs(self._source, query, take, self._fetching_ended)
        self._changed()
        return ""

    def _fetching_ended(self, end: StreamEnded) -> None:
        self.asking, self._older = False, None
        lines = self._whole([line for line in self._fetched if line.mark != Mark.BEGINS])
        self.begins = not end.title and not any(not line.mark for line in lines)
        self.ring.prepend(lines)
        self._fetched = []
        self._changed()

    @staticmethod
    def _whole(lines: list[LogLine]) -> list[LogLine]:
        """Lines from the moment on since which none of any container is missing.

        A container of which as many came as were asked for may have more before: what others wrote before its
        first line comes the next time.
        """
        counts: dict[int, int] = {}
        firsts: dict[int, int] = {}
        for line in lines:
            if not line.mark:
                counts[line.source] = counts.get(line.source, 0) + 1
                firsts.setdefault(line.source, line.time)
        since = max((firsts[number] for number, count in counts.items() if count >= OLDER), default=0)
        return [line for line in lines if line.mark or line.time >= since]
