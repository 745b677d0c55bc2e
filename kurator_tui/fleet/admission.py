"""Turns at something costly: so many at a time, the most wanted first, and nobody keeps a place for ever.

A thousand members that all connect and list at once would fight for the processor and finish together, late; a few
at a time finish one after the other, the ones on the screen first. A member that hangs gives its place up after a
moment and goes on without one, so that it costs the others little.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

HELD = 1.0
"""Longest time (seconds) that one holder keeps others out."""


class Gate:
    """At most `limit` holders at a time. Those who wait are let in by rank, then in the order they came.

    With `ahead`, only so many are let in at first: the rest of the places is given out `lead` seconds after
    somebody had to wait for one. So the first of many that come at once is done long before the last.
    """

    def __init__(self, limit: int, held: float = HELD, *, ahead: int = 0, lead: float = 0.0) -> None:
        self._free = ahead or limit
        self._kept = limit - self._free
        """Places that are not given out yet."""
        self._lead = lead
        self._held = held
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(not future.done() for _rank, _order, future in self._waiting)

    async def enter(self, rank: int = 0) -> Callable[[], None]:
        """Wait for a place. It is held until what this returns is called, but for `held` seconds at most."""
        await self._enter(rank)
        loop = asyncio.get_running_loop()
        held = True

        def leave() -> None:
            nonlocal held
            if held:
                held = False
                timer.cancel()
                self._leave()

        timer = loop.call_later(self._held, leave)
        return leave

    @asynccontextmanager
    async def turn(self, rank: int = 0) -> AsyncIterator[None]:
        """Hold a place while the block runs, but for `held` seconds at most."""
        leave = await self.enter(rank)
        try:
            yield
        finally:
            leave()

    async def _enter(self, rank: int) -> None:
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._order), future))
        if self._kept:
            asyncio.get_running_loop().call_later(self._lead, self._leave, self._kept)
            self._kept = 0
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._leave()  # it was our turn already
            raise

    def _leave(self, places: int = 1) -> None:
        self._free += places
        while self._free > 0 and self._waiting:
            _rank, _order, future = heapq.heappop(self._waiting)
            if not future.done():
                self._free -= 1
                future.set_result(None)
