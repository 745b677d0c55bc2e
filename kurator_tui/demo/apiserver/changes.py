"""Versions of objects and their changes: what a write makes, and who hears of it.

A subscriber gets every event after its subscription, in order; one that does not read is dropped
(`Subscription.lagged`), as a real watch cache does.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

Obj = dict[str, Any]
Key = tuple[str, str]
"""(namespace, name); namespace '' for cluster-scoped objects."""

_QUEUE_LIMIT = 100_000
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(obj: Any) -> bytes:
    """Compact UTF-8 JSON; what UTF-8 cannot carry (lone surrogates) becomes '?'."""
    try:
        return msgspec.json.encode(obj)
    except UnicodeEncodeError:
        return _ENCODER.encode(obj).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One version of one object: the (shared, read-only) dict, its encoding, and where kind/apiVersion end."""

    obj: Obj
    raw: bytes
    rv: int
    key: Key
    item_offset: int

    @property
    def item_raw(self) -> bytes:
        """The encoding without `kind` and `apiVersion`, as lists of built-in kinds carry it."""
        return b"{" + self.raw[self.item_offset :]


class StorageEvent(NamedTuple):
    """One change: ADDED, MODIFIED or DELETED; `old` is the version before (None for ADDED).

    A DELETED event's `new` is the last state carrying the deletion's resourceVersion.
    """

    type: str
    new: Stored
    old: Stored | None
    rv: int

    @property
    def obj(self) -> Obj:
        """The object after the change (read-only)."""
        return self.new.obj

    @property
    def old_obj(self) -> Obj | None:
        """The object before the change (read-only)."""
        return self.old.obj if self.old else None


class Subscription:
    """Events of one resource from now on: iterate (`async for`), or take what is there with `batch`."""

    def __init__(self, close: Callable[["Subscription"], None]) -> None:
        self._pending: deque[StorageEvent] = deque()
        self.queued: Collection[StorageEvent] = self._pending
        self._waiter: asyncio.Future[None] | None = None
        self._close = close
        self.closed = False
        self.lagged = False

    def offer(self, event: StorageEvent) -> None:
        """Queue an event; a queue beyond its limit ends the subscription instead."""
        if len(self._pending) >= _QUEUE_LIMIT:
            self.lagged = True
            self._pending.clear()
            self.close()
            return
        self._pending.append(event)
        self._wake()

    def close(self) -> None:
        """End the subscription; a waiting reader returns.  May be called twice."""
        if not self.closed:
            self.closed = True
            self._close(self)
            self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def pending(self) -> list[StorageEvent]:
        """Take what is queued without waiting."""
        events = list(self._pending)
        self._pending.clear()
        return events

    async def batch(self, timeout: float | None = None) -> list[StorageEvent]:
        """Take what is queued, waiting up to `timeout` seconds for the first; [] on timeout or end."""
        if not self._pending and not self.closed:
            self._waiter = asyncio.get_running_loop().create_future()
            await asyncio.wait((self._waiter,), timeout=timeout)
            self._waiter = None
        return self.pending()

    async def __aiter__(self) -> AsyncIterator[StorageEvent]:
        while not self.closed:
            for event in await self.batch():
                yield event
