"""The feeder's end of one stream: messages out while the console keeps up, and what the console feeds.

Nothing here knows a method or a cluster. At most `WINDOW` messages are on their way unacknowledged, so a method
that awaits `send` is slowed down to what the console handles, and with it the socket it reads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from kurator_tui.link import messages as m
from kurator_tui.link.streams import WINDOW


class Channel:
    """What a stream's method talks to; `Streams` makes it, and cancels the method when the console is done."""

    def __init__(self, stream: int, tell: Callable[[m.Message], None]) -> None:
        self._stream = stream
        self._tell = tell
        self._sent = 0
        self._handled = 0
        self._room = asyncio.Event()
        self._room.set()
        self._fed: deque[bytes] = deque()
        self._taken = 0
        self._food = asyncio.Event()

    @property
    def room(self) -> int:
        """How many messages may be sent without waiting."""
        return max(0, WINDOW - (self._sent - self._handled))

    async def send(self, data: bytes) -> None:
        """Send one message (at most about `link.streams.MESSAGE` bytes), once the console has room for it."""
        while not self.room:
            self._room.clear()
            await self._room.wait()
        self._sent += 1
        self._tell(m.StreamFlowed(self._stream, data))

    async def receive(self) -> bytes:
        """The next message that the console feeds; it may feed another one for each that is taken."""
        while not self._fed:
            self._food.clear()
            await self._food.wait()
        self._taken += 1
        self._tell(m.StreamAcknowledged(self._stream, self._taken))
        return self._fed.popleft()

    # -- what the console says --------------------------------------------------------------------------------

    def acknowledged(self, count: int) -> None:
        """The console has handled so many messages."""
        self._handled = min(max(self._handled, count), self._sent)
        self._room.set()

    def fed(self, data: bytes) -> None:
        """The console fed this."""
        self._fed.append(data)
        self._food.set()
