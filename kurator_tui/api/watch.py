"""One watch request as typed events. Knows nothing of lists, of trying again, or of the rows known before."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass

import msgspec

from kurator_tui.api.backoff import Clock
from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import error_from_event, host_of, not_kubernetes
from kurator_tui.api.lines import LineStream
from kurator_tui.api.transport import Query
from kurator_tui.errors import Broken
from kurator_tui.kinds.base import P, R
from kurator_tui.kinds.decode import RowDecoder, WatchEvent

OPENED = WatchEvent("OPENED")
"""Yielded by `watch_once` for a stream that is open and has been quiet for `settle` seconds."""


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Deadlines of a watch, in seconds."""

    term: tuple[float, float] = (240.0, 300.0)
    """What we ask the server to end the stream after; anywhere between, so that streams do not end together."""
    grace: float = 30.0
    """Silence allowed beyond the term where no bookmarks come."""
    bookmark_gap: float = 130.0
    """Silence allowed where bookmarks come: the API server sends one a minute."""
    initial_quiet: float = 10.0
    """Silence allowed before the end of a WatchList's initial events."""
    initial_total: float = 120.0
    """Time allowed for a WatchList's initial events."""
    settle: float = 1.0
    """How long a stream must be open to count as a success."""


@dataclass(slots=True)
class Cursor:
    """Where a watch stands: what the next request needs to lose nothing and repeat nothing."""

    version: str = ""
    """resourceVersion to go on from; "" means that a list is needed."""
    bookmarks: bool = False
    """Whether this server was seen to send bookmarks."""
    heard: bool = False
    """Whether the current request brought any event at all."""


async def watch_once(
    connection: Connection,
    path: str,
    decoder: RowDecoder[P, R],
    cursor: Cursor,
    *,
    initial: bool = False,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    settings: WatchSettings,
    clock: Clock,
    rng: random.Random,
) -> AsyncGenerator[WatchEvent]:
    """The events of one request from `cursor.version`, or with the initial events of a WatchList.

    `cursor.version` follows events and bookmarks, except during initial events, where versions are in no order.
    Ends when the server ends the stream; that is `Broken` where it does so at once without a word. Raises the
    error tree: an ERROR event as the error it holds (410 is `Expired`), a line cut short as `Broken`, silence as
    `lines.Silent`.
    """
    term = rng.uniform(*settings.term)
    asked = [*query, ("watch", "true"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", str(int(term) or 1))]
    if initial:
        asked += [("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan")]
    else:
        asked.append(("resourceVersion", cursor.version))
    quiet = (
        settings.initial_quiet if initial else settings.bookmark_gap if cursor.bookmarks else term + settings.grace
    )
    cursor.heard = False
    opened = clock.now()
    async with connection.stream(path, query=asked, headers=headers, quiet=quiet) as lines:
        line = None
        async with _first_line(lines, settings.settle) as first:
            if not first.done():
                yield OPENED
            line = await first
        while line is not None:
            event = _event(connection, decoder, line)
            cursor.heard = True
            if event.type == "BOOKMARK":
                cursor.bookmarks = True
                if not initial or event.initial_events_end:
                    initial, lines.quiet = False, settings.bookmark_gap
            if event.resource_version and not initial:
                cursor.version = event.resource_version
            yield event
            line = await anext(lines, None)
    if not initial and not cursor.heard and clock.now() - opened < settings.settle:
        raise Broken(f"{host_of(connection.server)} closed the watch at once.")


def _event(connection: Connection, decoder: RowDecoder[P, R], line: bytes) -> WatchEvent:
    try:
        event = decoder.event(line)
    except msgspec.DecodeError:
        event = None
    if event is None:
        raise not_kubernetes(connection.server, "a watch line that is no event")
    if event.type == "ERROR":
        raise error_from_event(event.status)
    return event


@contextlib.asynccontextmanager
async def _first_line(lines: LineStream, settle: float) -> AsyncIterator[asyncio.Task[bytes | None]]:
    """The task that reads the first line (None at the end), after it is done or `settle` seconds have passed."""
    task = asyncio.ensure_future(_next(lines))
    try:
        await asyncio.wait({task}, timeout=settle)
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()


async def _next(lines: LineStream) -> bytes | None:
    return await anext(lines, None)
