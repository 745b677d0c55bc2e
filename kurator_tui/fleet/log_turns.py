"""How many logs are open at once, over all queries of this process and in one cluster, and whose turn is next.

Clusters take turns, so that one with a thousand containers does not keep the others waiting; within a cluster it
is first come, first served. A log that is followed never ends: while others wait (`wanted`) its holder gives the
place up after `TURN` seconds and queues again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TURN = 5.0
"""Seconds that a place is kept at least."""


class Turns:
    """`most` logs open at a time, `most_each` of one cluster."""

    def __init__(self, most: int = 500, most_each: int = 100) -> None:
        self._most = most
        self._most_each = most_each
        self._open: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}
        """By cluster, the next one to be served first."""

    @property
    def open(self) -> int:
        """How many places are taken."""
        return self._open.total()

    def wanted(self, cluster: str) -> bool:
        """Whether somebody waits who could have the place of a log of `cluster`."""
        if self._waiting.get(cluster):
            return True
        return self.open >= self._most and any(self._open[other] < self._most_each for other in self._waiting)

    @asynccontextmanager
    async def turn(self, cluster: str) -> AsyncIterator[None]:
        """Hold a place while the block runs."""
        await self._enter(cluster)
        try:
            yield
        finally:
            self._leave(cluster)

    async def _enter(self, cluster: str) -> None:
        free = self.open < self._most and self._open[cluster] < self._most_each
        if free and not self._waiting.get(cluster):
            self._open[cluster] += 1
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(cluster, deque()).append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._leave(cluster)  # it was our turn already
            else:
                self._give_up(cluster, future)
            raise

    def _give_up(self, cluster: str, future: asyncio.Future[None]) -> None:
        queue = self._waiting.get(cluster)
        if queue is not None and future in queue:
            queue.remove(future)
            if not queue:
                del self._waiting[cluster]

    def _leave(self, cluster: str) -> None:
        self._open[cluster] -= 1
        if not self._open[cluster]:
            del self._open[cluster]
        while self.open < self._most and (chosen := self._next()) is not None:
            queue = self._waiting.pop(chosen)
            future = queue.popleft()
            if queue:
                self._waiting[chosen] = queue  # at the end: the other clusters come first
            if not future.done():
                self._open[chosen] += 1
                future.set_result(None)

    def _next(self) -> str | None:
        return next((name for name in self._waiting if self._open[name] < self._most_each), None)
