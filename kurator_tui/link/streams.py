"""The console's end of streams: bytes both ways as long as somebody wants them (logs, a shell, one live object).

Promises, of one stream:

- `on_data` is called with each message in order, `on_end` exactly once and last, whatever happens: the method
  returned, it failed, its feeder died, the console closes. After `Handle.close` neither is called any more;
- nothing is unbounded: the feeder sends at most `WINDOW` messages that were not handled here, and what is fed
  waits here (`Handle.waiting`) while the feeder does not take it.

Which feeder a stream belongs to is the session's affair. Nothing here knows a method.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from kurator_tui.errors import FeederLost
from kurator_tui.link import messages as m
from kurator_tui.link.worker import Worker

WINDOW = 16
"""Messages of a stream, each way, that may be unacknowledged."""
MESSAGE = 2**16
"""Bytes: what a message should hold at most, so that a frame never keeps keys or rows waiting."""

OnData = Callable[[bytes], None]
OnEnd = Callable[[m.StreamEnded], None]
"""Gets how it ended; `title` is "" when nothing went wrong."""


class Opener(Protocol):
    """What opens streams: a `session.Session`."""

    def open_stream(
        self,
        method: str,
        arguments: dict[str, str],
        on_data: OnData,
        on_end: OnEnd,
        worker: Any = None,
    ) -> Any: ...


class Handle:
    """One open stream."""

    def __init__(self, number: int, worker: Worker, on_data: OnData, on_end: OnEnd) -> None:
        self.number = number
        self.worker = worker
        self.done = False
        """Whether it has ended or was closed: nothing is called any more."""
        self._on_data = on_data
        self._on_end = on_end
        self._handled = 0
        self._held = False
        self._unsent: deque[bytes] = deque()
        self._fed = 0
        self._taken = 0
        """How many of the fed messages the feeder has taken."""

    def feed(self, data: bytes) -> None:
        """Send bytes to the far end, in order; without waiting (see `waiting`)."""
        if not self.done:
            self._unsent.extend(data[at : at + MESSAGE] for at in range(0, len(data), MESSAGE))
            self._send()

    @property
    def waiting(self) -> int:
        """Bytes that were fed and wait for the far end."""
        return sum(map(len, self._unsent))

    def hold(self) -> None:
        """Handle no more for now: once the window is used up the far end waits."""
        self._held = True

    def resume(self) -> None:
        """What came meanwhile is handled now."""
        if self._held:
            self._held = False
            self._acknowledge()

    def close(self) -> None:
        """End it: neither `on_data` nor `on_end` is called any more. Idempotent."""
        if not self.done:
            self.done = True
            self._unsent.clear()
            self.worker.send(m.StreamClosed(self.number))

    # -- what the feeder says ---------------------------------------------------------------------------------

    def flowed(self, data: bytes) -> None:
        """The next message."""
        self._handled += 1
        if not self.done:
            self._on_data(data)
        self._acknowledge()

    def taken(self, count: int) -> None:
        """The feeder has taken so many of the fed messages."""
        self._taken = max(self._taken, count)
        self._send()

    def ended(self, end: m.StreamEnded) -> None:
        """Nothing more comes."""
        if not self.done:
            self.done = True
            self._unsent.clear()
            self._on_end(end)

    def _acknowledge(self) -> None:
        if not self._held and not self.done:
            self.worker.send(m.StreamAcknowledged(self.number, self._handled))

    def _send(self) -> None:
        while self._unsent and self._fed - self._taken < WINDOW:
            self._fed += 1
            self.worker.send(m.StreamFed(self.number, self._unsent.popleft()))


class Streams:
    """All open streams of a session."""

    def __init__(self) -> None:
        self._open: dict[int, Handle] = {}
        self._numbers = itertools.count(1)

    def open(
        self, worker: Worker, method: str, arguments: dict[str, str], on_data: OnData, on_end: OnEnd
    ) -> Handle:
        """Open one with the feeder of `worker`; one that does not run ends it at once (from the running loop)."""
        handle = Handle(next(self._numbers), worker, on_data, on_end)
        if worker.running:
            self._open[handle.number] = handle
            worker.send(m.StreamOpened(handle.number, method, arguments))
        else:
            asyncio.get_running_loop().call_soon(handle.ended, _lost(handle, "the feeder is not running"))
        return handle

    def take(self, fact: m.StreamFlowed | m.StreamAcknowledged | m.StreamEnded) -> None:
        """One message of a feeder about one of them."""
        handle = self._open.get(fact.stream)
        if handle is None:
            return
        match fact:
            case m.StreamFlowed():
                handle.flowed(fact.data)
            case m.StreamAcknowledged():
                handle.taken(fact.count)
            case m.StreamEnded():
                del self._open[fact.stream]
                handle.ended(fact)

    def lost(self, worker: Worker, reason: str) -> None:
        """The feeder of `worker` is gone: so are its streams."""
        for handle in [handle for handle in self._open.values() if handle.worker is worker]:
            del self._open[handle.number]
            handle.ended(_lost(handle, reason))


def _lost(handle: Handle, reason: str) -> m.StreamEnded:
    return m.StreamEnded(
        handle.number,
        title=FeederLost.title,
        message=reason,
        hint="Open it again when the feeder is back.",
        exit_code=FeederLost.exit_code,
    )
