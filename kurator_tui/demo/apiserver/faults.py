"""Ways a server can fail, switched on and off while it runs.

The server asks here before it answers and before it writes a line; nothing else knows of faults.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from kurator_tui.demo.apiserver import errors


class Mode(StrEnum):
    """How a server misbehaves."""

    NONE = "none"
    REFUSE = "refuse"
    """No listener, and every connection is torn down."""
    HANG = "hang"
    """Connections are accepted and never answered; running streams fall silent and stay open."""
    ERROR500 = "error500"
    """Every request is answered with 500; running watches are torn down."""
    THROTTLE429 = "throttle429"
    """Every request is answered with 429 and Retry-After; running watches are torn down."""
    HALF_LINE = "half_line"
    """Watches are cut in the middle of a JSON line; everything else works."""
    LATENCY = "latency"
    """Every answer and every line comes late."""


class Faults:
    """The present fault of one server.

    `seconds` is the delay of LATENCY and the Retry-After of THROTTLE429.
    """

    def __init__(self) -> None:
        self.mode = Mode.NONE
        self.seconds = 1.0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[Mode, Mode], Awaitable[None]]] = []

    def on_change(self, listener: Callable[[Mode, Mode], Awaitable[None]]) -> None:
        """Have `listener(old, new)` awaited at each change."""
        self._listeners.append(listener)

    async def set(self, mode: Mode | str, *, seconds: float = 1.0) -> None:
        """Switch to a mode; returns when the server has taken it up.  Raises ValueError for an unknown one."""
        old, self.mode, self.seconds = self.mode, Mode(mode), seconds
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        for listener in self._listeners:
            await listener(old, self.mode)

    async def clear(self) -> None:
        """Work again."""
        await self.set(Mode.NONE)

    async def before_answer(self) -> None:
        """Wait or raise as the mode says, before a request is handled."""
        await self.before_line()
        if self.mode is Mode.ERROR500:
            raise errors.internal("etcdserver: request timed out")
        if self.mode is Mode.THROTTLE429:
            message = "Too many requests, please try again later."
            raise errors.too_many_requests(message, max(1, round(self.seconds)))

    async def before_line(self) -> None:
        """Wait as the mode says, before anything is written."""
        while self.mode is Mode.HANG:
            await self._changed.wait()
        if self.mode is Mode.LATENCY:
            await asyncio.sleep(self.seconds)
