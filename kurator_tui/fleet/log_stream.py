"""The log of one container for as long as somebody reads it: opened again where it was, no line lost or repeated.

    ContainerLog.run    when it breaks, ends or has to wait: say so (a mark), wait, go on
    ContainerLog._read  one request

A server finds its place by whole seconds only, so after a cut it sends again what was seen of the last one: the
hashes of that second's lines are kept, and what is among them is not told twice. A line without its end when the
stream stops is told when that was the log's end, not when the next request brings the whole line.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kurator_tui.api.backoff import Backoff
from kurator_tui.api.logs import SECOND, Clock, LogOptions, LogStream, RawLine, open_log
from kurator_tui.errors import ApiError, ConsoleError, Forbidden, NotFound, ServerFault, Throttled, Unauthorized
from kurator_tui.fleet.doors import Door
from kurator_tui.fleet.log_merge import Keyed
from kurator_tui.fleet.log_turns import TURN, Turns
from kurator_tui.kinds.log_lines import FINAL, LogLine, LogSource, Mark

QUIET = 0.3
"""Seconds without a byte after which a followed log has sent what there was."""
SHORT = 1.0
"""Seconds: a stream that ended sooner, without a line, did not bring the container back."""
TRIES = 4
"""Requests after which a log that is not followed is given up."""
LONGEST = 10.0
"""Seconds between two requests for a container that does not run; a change of its pod ends the wait."""
MOST_RECENT = 100_000
"""Lines of one second that are known again; a log without times has them all in one."""
END = 2**63
"""Nanoseconds that no line is as late as."""
_STARTING = (
    "waiting to start",
    "does not have a host assigned",
    "ContainerCreating",
    "PodInitializing",
)
"""Of a server's 400: what may be different in a moment."""


class Verdict(NamedTuple):
    mark: Mark
    again: bool
    """Whether asking again may help."""


def judge(error: ConsoleError, *, follow: bool) -> Verdict:
    """What an error says of a log."""
    if isinstance(error, NotFound):
        return Verdict(Mark.GONE, again=False)
    if isinstance(error, Forbidden):
        return Verdict(Mark.FORBIDDEN, again=False)
    if isinstance(error, ApiError) and not isinstance(error, ServerFault | Throttled | Unauthorized):
        if any(word in error.message for word in _STARTING):
            return Verdict(Mark.WAITING, again=follow)
        return Verdict(Mark.REFUSED, again=False)
    return Verdict(Mark.LOST, again=True)


class Reader(Protocol):
    """Whom a log's lines are for."""

    def put(self, lines: list[Keyed]) -> None:
        """Lines of one log, in order."""

    @property
    def full(self) -> bool:
        """Whether a log that opens now has to wait before it reads."""


@dataclass(frozen=True, slots=True)
class Around:
    """What all logs of a query share. `finished` says of (cluster, namespace, pod): will it never run again?"""

    reader: Reader
    turns: Turns
    door: Callable[[str], Door]
    finished: Callable[[str, str, str], bool]
    clock: Callable[[], float] = time.time


class ContainerLog:
    """One container's log. `key` is the highest time told so far, `heard` when bytes came last (loop's time)."""

    def __init__(self, source: LogSource, options: LogOptions, around: Around) -> None:
        self.source = source
        self.key = 0
        self.heard = 0.0
        self.opened = False
        """Whether a stream is open now."""
        self.queued = False
        """Whether it waits for its turn."""
        self.failing = False
        """Whether the last request failed."""
        self.over = False
        """Whether nothing more will come."""
        self.gone = False
        """Whether that is because there is no such pod."""
        self._options = options
        self._around = around
        self._clock = Clock()
        self._stream: LogStream | None = None
        self._nudged = asyncio.Event()
        self._said: tuple[str, str] = ("", "")
        """The last mark and its text, until lines come."""
        self._backoff = Backoff(0.5, LONGEST)
        self._failures = 0
        self._came = 0
        """Lines of the present request that were new."""
        self._second = 0
        """The second of the newest line, in nanoseconds."""
        self._recent: list[int] = []
        """Hashes of the lines of that second."""
        self._expected: Counter[int] | None = None
        """Of a request that goes on: which lines of `_from` on are known."""
        self._from = 0
        self._heard_at = 0
        """The second in which lines came last, in nanoseconds."""
        self._bytes = 0
        self._partial: RawLine | None = None
        self._stopped = False
        """Whether the container has ended, as far as is known."""
        self._yielded = False
        """Whether it was we who ended the present request."""
        self._timer: asyncio.TimerHandle

    @property
    def read(self) -> bool:
        """Whether any line has come."""
        return self._bytes > 0

    def calm(self, now: float, present: int) -> bool:
        """Whether what there was at the beginning has come (or will not soon): lines are of the `present` now.

        `now` is the loop's time, `present` nanoseconds since 1970.
        """
        if self.over or self.queued or self.failing:
            return True
        return self._options.follow and self.opened and (now - self.heard > QUIET or self.key >= present)

    # -- what others do -----------------------------------------------------------------------------------------

    def nudge(self) -> None:
        """Something about the pod has changed: no need to wait any longer."""
        self._nudged.set()

    def pause(self) -> None:
        """Read nothing until `resume`."""
        if self._stream is not None:
            self._stream.pause()

    def resume(self) -> None:
        if self._stream is not None:
            self._stream.resume()

    # -- life ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until nothing more will come. Raises nothing but cancellation (and mistakes of ours)."""
        try:
            while True:
                self._nudged.clear()
                try:
                    self.queued = True
                    async with self._around.turns.turn(self.source.cluster):
                        self.queued = False
                        wait = await self._once()
                except ConsoleError as error:
                    wait = self._failed(error)
                if wait is None:
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._nudged.wait()
        finally:
            self.over, self.queued = True, False

    async def _once(self) -> float | None:
        """One request to its end; seconds until the next one, None for none."""
        loop = asyncio.get_running_loop()
        began, self._came, self._yielded = loop.time(), 0, False
        await self._read()
        if self._yielded:
            return 0.0
        source = self.source
        ended = self._around.finished(source.cluster, source.namespace, source.pod)
        if not self._options.follow or ended:
            self._tell_partial()
            if self._options.follow:
                self.mark(Mark.ENDED, "")
            return None
        if self._came or loop.time() - began > SHORT:
            self._backoff.reset()
        elif not self._stopped:
            self._tell_partial()
            self._stopped = True
            self.mark(Mark.STOPPED, "")
        return self._backoff.next()

    def _failed(self, error: ConsoleError) -> float | None:
        """Say it; seconds until the next request, None for none."""
        verdict = judge(error, follow=self._options.follow)
        self._failures += 1
        mark = verdict.mark
        again = verdict.again and (self._options.follow or self._failures < TRIES)
        if verdict.again and not again:
            mark = Mark.FAILED
        if mark in FINAL:
            self._tell_partial()
        if not (again and not self._options.follow):
            self.mark(mark, error.message)
        self.gone = mark is Mark.GONE
        if not again:
            return None
        self.failing = True
        return self._backoff.next(error.retry_after if isinstance(error, ApiError) else None)

    async def _read(self) -> None:
        """Read one answer to its end, or until others wait for our place."""
        place, options = self.source, self._asked()
        door = self._around.door(place.cluster)
        async with open_log(door.connection, place.namespace, place.pod, options, door.prefix) as stream:
            self._succeeded(stream)
            try:
                await stream.run(self._take)
            finally:
                self._timer.cancel()
                self._stream, self.opened = None, False
                self._partial = stream.rest or self._partial

    def _look(self) -> None:
        """While others wait a log that never ends gives up its place; it loses nothing by that."""
        if self._stream is not None and self._options.follow:
            self._yielded = self._around.turns.wanted(self.source.cluster)
            if self._yielded:
                self._stream.finish()
            else:
                self._timer = asyncio.get_running_loop().call_later(TURN, self._look)

    def _asked(self) -> LogOptions:
        """The request that goes on where the last one ended."""
        options = self._options._replace(container=self.source.container)
        if not self._bytes:
            return options
        self._expected, self._from = Counter(self._recent), self._second
        left = max(1, options.limit_bytes - self._bytes) if options.limit_bytes else 0
        since = self._second or self._heard_at  # lines without times: the moment they came is all there is
        return options._replace(since=max(options.since, since), tail=None, limit_bytes=left)

    def _succeeded(self, stream: LogStream) -> None:
        loop = asyncio.get_running_loop()
        self._stream, self.opened, self.heard = stream, True, loop.time()
        self._timer = loop.call_later(TURN, self._look)
        self._failures, self.failing = 0, False
        if self._said[0] in (Mark.LOST, Mark.WAITING):
            self.mark(Mark.RESUMED, "")
        if self._around.reader.full:
            stream.pause()

    # -- lines --------------------------------------------------------------------------------------------------

    def mark(self, mark: Mark, text: str) -> None:
        """Say something between the lines, unless it was said already."""
        if self._said != (mark, text):
            self._said = (mark, text)
            now = int(self._around.clock() * SECOND)
            self._around.reader.put([(self.key, LogLine(self.source.number, now, text, 0, mark))])

    def _take(self, lines: list[bytes], cuts: dict[int, int]) -> None:
        """What one network read completed. Runs for every line: 10,000 a second."""
        self.heard = asyncio.get_running_loop().time()
        number, key, second, recent = self.source.number, self.key, self._second, self._recent
        read, told, until = self._clock.read, [], self._options.until or END
        for index, raw in enumerate(lines):
            stamp, text = read(raw)
            if stamp >= until:
                self._finish()
                break
            if self._expected is not None and self._known(stamp, raw):
                continue
            key = max(key, stamp)
            if stamp - second >= SECOND:
                second = stamp - stamp % SECOND
                recent.clear()
            recent.append(hash(raw))
            shown = text.decode("utf-8", "replace")
            told.append((key, LogLine(number, stamp, shown.removesuffix("\r"), cuts.get(index, 0))))
        if told:
            self._put(told, key, second, sum(map(len, lines)))

    def _finish(self) -> None:
        """What follows is not wanted."""
        if self._stream is not None:
            self._stream.finish()

    def _put(self, told: list[Keyed], key: int, second: int, size: int) -> None:
        """Lines that are new; `second` is that of the newest."""
        if self._stopped:
            self._stopped = False
            self.mark(Mark.RESTARTED, "")
        self.key, self._second = key, second
        self._heard_at = int(self._around.clock()) * SECOND
        self._came += len(told)
        self._bytes += size
        self._partial = None
        self._said = ("", "")
        if len(self._recent) > MOST_RECENT:
            del self._recent[: -MOST_RECENT // 2]
        self._around.reader.put(told)

    def _known(self, stamp: int, raw: bytes) -> bool:
        """Whether an earlier request brought this line."""
        if self._expected is None:
            return False
        if 0 < stamp < self._from:
            return True
        if stamp >= self._from + SECOND:
            self._expected = None
            return False
        left = self._expected.get(hash(raw), 0)
        if left:
            self._expected[hash(raw)] = left - 1
        return bool(left)

    def _tell_partial(self) -> None:
        """The last line has no end, and none will come."""
        partial, self._partial = self._partial, None
        if partial is not None and partial.data:
            self._take([partial.data], {0: partial.cut} if partial.cut else {})
