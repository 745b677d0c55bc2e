"""A consumer of facts for tests: it keeps rows as `reflect`'s contract says, and hands out facts one by one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from kurator_tui.api.connection import Connection
from kurator_tui.api.facts import Began, Bookmarked, Changed, Fact, Listed, Lost, Resumed
from kurator_tui.api.reflector import reflect
from tests.unit.api.support import PATH, QUICK, QuickClock, decoder, status


class Consumer:
    """`rows` by uid. Asserts on the way that facts come in the promised order."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.history: list[Fact] = []
        self.listing: set[str] | None = None
        self.stale = True
        self._queue: asyncio.Queue[Fact] = asyncio.Queue()

    def __call__(self, fact: Fact) -> None:
        self.history.append(fact)
        match fact:
            case Began():
                self.listing = set()
            case Changed(rows):
                assert rows, "a change of nothing"
                assert self.listing is not None or not self.stale, "changes before the list or while lost"
                self._change(rows)
            case Listed():
                assert self.listing is not None, "a list ended that had not begun"
                self.rows = {uid: row for uid, row in self.rows.items() if uid in self.listing}
                self.listing, self.stale = None, False
            case Lost():
                self.stale, self.listing = True, None
            case Resumed():
                assert self.stale
                assert self.listing is None
                self.stale = False
            case Bookmarked():
                assert not self.stale
        self._queue.put_nowait(fact)

    def _change(self, rows: Any) -> None:
        for uid, row in rows.items():
            if row is None:
                self.rows.pop(uid, None)
            else:
                self.rows[uid] = row
            if self.listing is not None:
                (self.listing.discard if row is None else self.listing.add)(uid)

    @property
    def values(self) -> dict[str, str]:
        """Name -> value of what is known."""
        return {row.name: row.value for row in self.rows.values()}

    async def next(self) -> Any:
        """The next fact."""
        async with asyncio.timeout(60):
            return await self._queue.get()

    async def until(self, kind: type[Any]) -> Any:
        """The next fact of a kind; those before it are passed over."""
        while not isinstance(fact := await self.next(), kind):
            pass
        return fact

    async def knows(self, **values: str) -> None:
        """Returns when exactly these objects are known."""
        while self.values != values:
            await self.next()


@contextlib.asynccontextmanager
async def reflecting(
    connection: Connection, clock: QuickClock | None = None, **kwargs: Any
) -> AsyncIterator[Consumer]:
    """A consumer of `reflect` while the block runs; what `reflect` raises is raised at its end."""
    consumer = Consumer()
    settings = kwargs.pop("settings", QUICK)
    task = asyncio.create_task(
        reflect(connection, PATH, decoder(), consumer, clock=clock or QuickClock(), settings=settings, **kwargs)
    )
    try:
        yield consumer
    finally:
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.result()


def answer(code: int, reason: str, **headers: str) -> Any:
    """A handler that answers with a Status."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = status(code, reason, reason)
        response.headers.update({key.replace("_", "-"): value for key, value in headers.items()})
        return response

    return handler


def streaming(*writes: bytes) -> Any:
    """A watch answer of these bytes that then ends cleanly."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for data in writes:
            await response.write(data)
        return response

    return handler
