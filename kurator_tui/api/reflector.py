"""One kind of one cluster, live: list, watch, and start over, for ever.

Three nested generators, each one idea:

    _for_ever        when it breaks, say so, wait, go on; made by `reflect`        (here)
    _list_then_watch know everything, then every change                            (here)
    watch_once       one request                                                   (watch)

What a consumer is promised:

- `Listed` comes first and *replaces* everything known of this kind and cluster; after it come `Upserted`,
  `Removed` and `Bookmarked` in the server's order;
- after a cut the watch goes on from the last version seen: nothing is lost, nothing comes twice; when the server
  no longer knows that version (410), or a whole watch brought nothing (a server restored from a backup stays
  silent about a version of its future), there is another `Listed`;
- `Lost` says that from now on the rows may be stale; it ends with `Listed` or `Resumed`;
- it ends only by being closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias

from kurator_tui.api.backoff import Backoff, Clock, SystemClock
from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.lines import LineTooLong, Silent
from kurator_tui.api.listing import PAGE, list_all
from kurator_tui.api.watch import OPENED, Cursor, WatchSettings, watch_once
from kurator_tui.errors import (
    ApiError,
    Broken,
    ConsoleError,
    CredentialError,
    Expired,
    Forbidden,
    KubeconfigError,
    NotFound,
    PluginFailure,
    Unauthorized,
)
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.decode import RowDecoder, WatchEvent

RETURN_JITTER = 0.3
"""Seconds within which all watches of a server that came back ask it again."""
RELIST_JITTER = 1.0
"""Seconds within which watches that all expired together (a restarted API server) list again."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Everything there is. Replaces what was known."""

    rows: Sequence[Row]
    resource_version: str


@dataclass(frozen=True, slots=True)
class Upserted:
    """One object was added or changed."""

    row: Row


@dataclass(frozen=True, slots=True)
class Removed:
    """One object was deleted (or left the selection); `row` is its last state."""

    row: Row


@dataclass(frozen=True, slots=True)
class Bookmarked:
    """The server is alive and at this version, and nothing of ours has changed."""

    resource_version: str


@dataclass(frozen=True, slots=True)
class Lost:
    """What is known may be stale from now on.

    `retry_in` is in seconds; `permanent` when the server said no, so that trying again soon is useless.
    """

    error: ConsoleError
    retry_in: float
    permanent: bool


@dataclass(frozen=True, slots=True)
class Resumed:
    """A watch that was lost goes on where it was; what is known is true again."""


Fact: TypeAlias = Listed | Upserted | Removed | Bookmarked | Lost | Resumed


@dataclass(frozen=True, slots=True)
class _Source:
    """All that stays the same while one kind of one cluster is reflected."""

    connection: Connection
    path: str
    decoder: RowDecoder[Any, Any]
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    limit: int
    clock: Clock
    backoff: Backoff
    settings: WatchSettings

    def watch(self, cursor: Cursor, *, initial: bool = False) -> AsyncGenerator[WatchEvent]:
        return watch_once(
            self.connection,
            self.path,
            self.decoder,
            cursor,
            initial=initial,
            query=self.query,
            headers=self.headers,
            settings=self.settings,
            clock=self.clock,
            rng=self.backoff.rng,
        )


class _NoWatchList(Exception):
    """This server does not send initial events."""


def reflect(
    connection: Connection,
    path: ResourcePath,
    decoder: RowDecoder[Any, Any],
    *,
    namespace: str | None = None,
    field_selector: str | None = None,
    label_selector: str | None = None,
    accept: str = "application/json",
    watch_list: bool = True,
    limit: int = PAGE,
    backoff: Backoff | None = None,
    clock: Clock | None = None,
    settings: WatchSettings | None = None,
) -> AsyncGenerator[Fact]:
    """The facts of one kind of one cluster, for ever (see the module). Close it with `contextlib.aclosing`.

    `accept` may ask for PartialObjectMetadata where the decoder reads metadata only. Raises nothing but
    cancellation: every `ConsoleError` becomes a `Lost`. The call itself raises `UsageError` for a namespace
    that is no name.
    """
    selectors = (("fieldSelector", field_selector), ("labelSelector", label_selector))
    source = _Source(
        connection,
        path.collection(namespace),
        decoder,
        tuple((key, value) for key, value in selectors if value),
        {"Accept": accept},
        limit,
        clock or SystemClock(),
        backoff or Backoff(),
        settings or WatchSettings(),
    )
    return _for_ever(source, _Modes(watch_list))


async def _for_ever(source: _Source, modes: _Modes) -> AsyncGenerator[Fact]:
    cursor = Cursor()
    lost = expired = False
    while True:
        failure: ConsoleError | None = None
        fruitful, started = False, source.clock.now()
        try:
            async with aclosing(_list_then_watch(source, cursor, modes)) as facts:
                async for fact in facts:
                    fruitful = True
                    if lost and not isinstance(fact, Listed):
                        yield Resumed()
                    lost = False
                    if not isinstance(fact, Resumed):
                        yield fact
        except ConsoleError as error:
            failure = error
        steady = fruitful and source.clock.now() - started >= source.settings.settle
        if steady:
            source.backoff.reset()
            expired = False
        if _list_again(failure, cursor):
            cursor.version = ""
        if failure is None and steady:
            continue
        if failure is None or (isinstance(failure, Expired) and not expired):
            delay = source.backoff.rng.uniform(0, RELIST_JITTER)
        else:
            delay = _delay(failure, source.backoff)
            lost = True
            yield Lost(failure, delay, _permanent(failure))
        expired = isinstance(failure, Expired)
        await _pause(source, delay)


@dataclass(slots=True)
class _Modes:
    """What this server was found to support; `cuts` counts WatchLists that broke before their initial end."""

    watch_list: bool
    cuts: int = 0


async def _list_then_watch(source: _Source, cursor: Cursor, modes: _Modes) -> AsyncGenerator[Fact]:
    """From the cursor, or from a list when it has no version, to the end of one watch.

    `Resumed` here says only that the stream is open and quiet.
    """
    if not cursor.version and modes.watch_list:
        try:
            async with aclosing(_watch_list(source, cursor, modes)) as facts:
                async for fact in facts:
                    yield fact
            return
        except _NoWatchList:
            modes.watch_list = False
            cursor.version = ""
    if not cursor.version:
        page = await list_all(
            source.connection,
            source.path,
            source.decoder,
            query=source.query,
            headers=source.headers,
            limit=source.limit,
        )
        cursor.version = page.resource_version
        yield Listed(page.rows, page.resource_version)
    async with aclosing(source.watch(cursor)) as events:
        async for event in events:
            change = _fact(event)
            if change is not None:
                yield change


async def _watch_list(source: _Source, cursor: Cursor, modes: _Modes) -> AsyncGenerator[Fact]:
    """List and watch in one request (WatchList, Kubernetes 1.32). Raises `_NoWatchList` where there is none."""
    rows: dict[tuple[str, str, str], Row] = {}
    synced = False
    deadline = source.clock.now() + source.settings.initial_total
    try:
        async with aclosing(source.watch(cursor, initial=True)) as events:
            async for event in events:
                if synced:
                    if (fact := _fact(event)) is not None:
                        yield fact
                elif event.type == "BOOKMARK":
                    if not event.initial_events_end:
                        raise _NoWatchList
                    synced = True
                    yield Listed(list(rows.values()), event.resource_version)
                    rows = {}
                else:
                    _gather(rows, event)
                    if source.clock.now() > deadline:
                        raise _NoWatchList
    except (ApiError, Silent, Broken) as error:
        modes.cuts += isinstance(error, Broken)
        unsupported = isinstance(error, Silent) or getattr(error, "code", 0) in (400, 405, 406, 415, 422)
        if synced or not (unsupported or modes.cuts > 1):
            raise
    if not synced:
        raise _NoWatchList


def _gather(rows: dict[tuple[str, str, str], Row], event: WatchEvent) -> None:
    row: Row | None = event.row
    if row is None:
        return
    key = (row.uid, row.namespace, row.name)
    if event.type == "DELETED":
        rows.pop(key, None)
    else:
        rows[key] = row


def _fact(event: WatchEvent) -> Fact | None:
    if event is OPENED:
        return Resumed()
    if event.type == "BOOKMARK":
        return Bookmarked(event.resource_version)
    if event.type in ("ADDED", "MODIFIED"):
        return Upserted(event.row)
    return Removed(event.row) if event.type == "DELETED" else None


def _list_again(failure: ConsoleError | None, cursor: Cursor) -> bool:
    """Whether the cursor's version leads nowhere."""
    if isinstance(failure, Expired | LineTooLong):
        return True
    return not cursor.heard and (failure is None or isinstance(failure, Silent))


def _permanent(failure: ConsoleError) -> bool:
    denied = (Unauthorized, Forbidden, NotFound, KubeconfigError, CredentialError)
    return isinstance(failure, denied) or (isinstance(failure, ApiError) and failure.code == 405)


def _delay(failure: ConsoleError, backoff: Backoff) -> float:
    retry_after = failure.retry_after if isinstance(failure, ApiError) else None
    if _permanent(failure) or isinstance(failure, PluginFailure):
        return backoff.slow(retry_after)
    return backoff.next(retry_after)


async def _pause(source: _Source, seconds: float) -> None:
    """Wait; but when a server that was down works for somebody again, only a moment longer."""
    sleep = asyncio.ensure_future(source.clock.sleep(seconds))
    recovered = asyncio.ensure_future(source.connection.recovered())
    waits = {sleep, recovered}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        early = not sleep.done()
    finally:
        for task in waits:
            task.cancel()
        await asyncio.wait(waits)
    if early:
        await source.clock.sleep(source.backoff.rng.uniform(0, RETURN_JITTER))
