"""Writes down what a store is told, once a second, so that every moment can be shown again.

The format is `link.recording`'s. Entries are encoded in slices between which the screen has its turns, the bytes
are written in a thread. A disk that is full costs what happens until it is not, and one notice, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from kurator_tui import __version__
from kurator_tui.link import messages as m
from kurator_tui.link.heard import Entries, Heard
from kurator_tui.link.recording import PLAIN, Head, Mark, Turned, header, record
from kurator_tui.link.saver import PATIENCE, beside
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two writings: how exactly a moment is known."""
SIGN = 10.0
"""Seconds after which a record without entries says that nothing changed."""
LEAST = 256 * 1024
"""Bytes of changes before another keyframe pays, however small it is."""
RETRY = 60.0
"""Seconds after which it is tried again, where a sink that failed can begin anew."""
LONGEST = 3600.0
"""Seconds after which there is one in any case."""


class Sink(Protocol):
    """Where the bytes go. Called in a thread, one call after the other."""

    def begin(self, head: bytes) -> None:
        """A keyframe comes: what was written may end here, and something new begin with `head`. Raises OSError."""

    def write(self, pieces: Sequence[bytes]) -> None:
        """Raises OSError."""


class Recorder:
    """Records what `store` holds, from now until `close`. With `retry` it begins anew after the sink failed."""

    def __init__(
        self, store: Store, sink: Sink, clock: Callable[[], float], *, session: str = "", retry: bool = False
    ) -> None:
        self.notice: Callable[[m.Noticed], None] = lambda _notice: None
        """Told once, when no more can be recorded."""
        self.failure = ""
        """Why nothing is recorded now."""
        self._retry, self._failed_at, self._told = retry, 0.0, False
        self.written = 0
        """Bytes."""
        self._store, self._heard = store, Heard(store)
        self._sink, self._clock, self._session = sink, clock, session
        self._host: m.HostDescribed | None = None
        self._last = 0.0
        """The moment of the last record."""
        self._keyframe_at: float | None = None
        self._keyframe_size = self._size_since = 0
        self._writing = asyncio.Lock()

    def hear(self, fact: m.ToConsole | None) -> None:
        """A fact of the link that is not rows."""
        if not self.failure:
            self._heard.fact(fact)
        if isinstance(fact, m.HostDescribed):
            self._host = fact

    async def run(self, interval: float = INTERVAL, first: float = 0.0) -> None:
        """Record from `first` seconds on, until cancelled, or until it fails."""
        await asyncio.sleep(first)
        await beside(_learn)
        while self._retry or not self.failure:
            await self.record()
            await asyncio.sleep(interval)

    async def close(self) -> None:
        """Write what is still to be written, and that it ended; or give up soon."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.record(ended=True)
        except TimeoutError:
            _LOG.warning("the end of the recording was not written within %g s", PATIENCE)
        self._heard.stop()

    async def record(self, *, ended: bool = False) -> None:
        """Write down what is different now."""
        async with self._writing:
            now = max(self._clock(), self._last)  # a clock that is set back does not turn the order round
            if self.failure and not self._again(now, ended=ended):
                return
            try:
                await self._record(now, ended=ended)
            except OSError as error:
                self._fail(error, now)

    def _again(self, now: float, *, ended: bool) -> bool:
        """Whether it is tried anew, from a keyframe on."""
        if not self._retry or ended or now - self._failed_at < RETRY:
            return False
        self.failure, self._keyframe_at = "", None
        self._heard = Heard(self._store)
        self._heard.fact(self._host)
        return True

    async def _record(self, now: float, *, ended: bool) -> None:
        """Raises OSError."""
        changes = await _encoded(now, self._heard.changes())
        if self._keyframe_at is not None:
            if ended or (not changes and now - self._last >= SIGN):
                changes.append(record(now, (), Mark.ENDED if ended else PLAIN))
            await self._write(now, changes)
            self._size_since += sum(map(len, changes))
        if self._keyframe_due(now) and not ended:
            keyframe = await self._keyframe(now)
            context = self._host.context if self._host is not None else ""
            await beside(lambda: self._sink.begin(header(Head(__version__, self._session, context))))
            await self._write(now, keyframe)
            self._keyframe_at, self._size_since = now, 0
            self._keyframe_size = sum(map(len, keyframe))

    def _keyframe_due(self, now: float) -> bool:
        if self._keyframe_at is None or now - self._keyframe_at > LONGEST:
            return True
        return self._size_since > max(LEAST, self._keyframe_size)

    async def _keyframe(self, now: float) -> list[bytes]:
        begin = record(now, (), Mark.KEYFRAME)
        return [begin, *await _encoded(now, self._heard.everything()), record(now, (), Mark.WHOLE)]

    async def _write(self, now: float, pieces: list[bytes]) -> None:
        """Raises OSError."""
        if pieces:
            await beside(lambda: self._sink.write(pieces))
            self.written += sum(map(len, pieces))
            self._last = now

    def _fail(self, error: OSError, now: float) -> None:
        self.failure, self._failed_at = error.strerror or str(error), now
        self._heard.stop()
        if self._told:
            return
        self._told = True
        _LOG.warning("nothing is recorded: %s", error)
        hint = "What was recorded before can still be shown."
        if self._retry:
            hint += f" It is tried again each {RETRY:.0f} s."
        self.notice(m.Noticed("Nothing is recorded any more", self.failure, hint))


def _learn() -> None:
    """Know all kinds, in a thread: that takes longer than a key may wait."""
    import kurator_tui.kinds.registry  # noqa: F401


async def _encoded(now: float, slices: Iterable[Entries]) -> list[bytes]:
    """A record for each slice, the screen having a turn after each."""
    pieces: list[bytes] = []
    for entries in slices:
        turned = any(isinstance(entry, Turned) for entry in entries)
        pieces.append(record(now, entries, Mark.TURNED if turned else PLAIN))
        await asyncio.sleep(0)
    return pieces
