"""What a container wrote before a moment. A server only knows how to begin at a time, so this looks further and
further back until there are lines enough, and reads no further than the moment."""

from __future__ import annotations

from collections import deque

from kurator_tui.api.logs import SECOND, Clock, LogOptions, LogStream, open_log
from kurator_tui.fleet.doors import Door
from kurator_tui.fleet.log_merge import Keyed
from kurator_tui.kinds.log_lines import LogLine, LogSource

SPANS = (5, 60, 600, 7200, 86400, 0)
"""Seconds to look back, one after the other; 0 is to the beginning."""
MOST = 5000
"""Lines of one container at most."""


class _Before:
    """Takes lines up to a moment, and keeps the newest."""

    def __init__(self, source: LogSource, until: int, tail: int) -> None:
        self._number = source.number
        self._until = until
        self._clock = Clock()
        self._key = 0
        self._over = False
        self.lines: deque[Keyed] = deque(maxlen=tail)
        self.stream: LogStream | None = None

    def take(self, lines: list[bytes], cuts: dict[int, int]) -> None:
        for index, raw in enumerate(lines):
            stamp, text = self._clock.read(raw)
            if stamp >= self._until or self._over:
                self._over = True
                if self.stream is not None:
                    self.stream.finish()
                return
            self._key = max(self._key, stamp)
            shown = text.decode("utf-8", "replace").removesuffix("\r")
            self.lines.append((self._key, LogLine(self._number, stamp, shown, cuts.get(index, 0))))


async def older(
    door: Door, source: LogSource, until: int, tail: int, *, since: int = 0, previous: bool = False
) -> tuple[list[Keyed], bool]:
    """(the newest `tail` lines before `until`, whether nothing older exists). Times in nanoseconds since 1970.

    Raises ConsoleError as `open_log` does.
    """
    tail = min(tail, MOST)
    for span in SPANS:
        begin = max(until - span * SECOND, 0) if span else 0
        reaches = begin <= since or not begin
        before = _Before(source, until, tail)
        options = LogOptions(source.container, previous=previous, since=max(begin, since))
        place = (source.namespace, source.pod, options, door.prefix)
        async with open_log(door.connection, *place) as stream:
            before.stream = stream
            await stream.run(before.take)
            if (rest := stream.rest) is not None:
                before.take([rest.data], {0: rest.cut} if rest.cut else {})
        if len(before.lines) >= tail or reaches:
            return list(before.lines), reaches and not since and len(before.lines) < tail
    raise AssertionError("the last span reaches to the beginning")
