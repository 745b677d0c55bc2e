"""One kind of one cluster, live: list, watch, and start over, for ever.

Three nested coroutines, each one idea:

    _Reflection.run    when it breaks, say so, wait, go on; made by `reflect`      (here)
    _Reflection._once  know everything, then every change                          (here)
    watch_once         one request                                                 (watch)

What a consumer is told, by calls from within the event loop's read callback (so it may not block):

- `Began`: a list begins. All `Changed` up to `Listed` together are everything there is; rows that were known
  before and were not among them are gone at `Listed`, not earlier. Another `Began` before it starts the list over;
- after `Listed` come `Changed` and `Bookmarked`, one of each a network read, in the server's order;
- after a cut the watch goes on from the last version seen: nothing is lost; what comes twice changes nothing. When
  the server no longer knows that version (410), its versions went backwards, or a whole watch brought nothing (a
  server restored from a backup stays silent about a version of its future), there is another list;
- `Lost` says that from now on the rows may be stale; it ends with `Listed` or `Resumed`;
- it ends only by being cancelled.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias

from kurator_tui.api.backoff import LONGEST_RETRY_AFTER, Backoff, Clock, Herd, SystemClock
from kurator_tui.api.body import LineTooLong
from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.facts import Began, Bookmarked, Changed, Listed, Lost, Resumed, Tell
from kurator_tui.api.listing import PAGE, list_pages
from kurator_tui.api.metadata import OBJECTS, Accept
from kurator_tui.api.stream import Silent
from kurator_tui.api.watch import (
    Backwards,
    ClosedAtOnce,
    Cursor,
    Hearer,
    Marked,
    Synced,
    WatchSettings,
    Word,
    watch_once,
)
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
from kurator_tui.kinds.decode import RowDecoder

RETURN_JITTER = 0.3
"""Seconds within which all watches of a server that came back ask it again, when they are few."""
MUTE = 3
"""Watches closed at once, in a row, after which the version asked from is given up: a server that was restored
from a backup does not know it yet."""
RELIST_JITTER = 1.0
"""Seconds within which watches that all expired together (a restarted API server) list again, when few."""


Admit: TypeAlias = Callable[[], Awaitable[Callable[[], None]]]
"""Awaited for leave to list; what it returns is called when the list has been read, or was given up."""


async def _at_once() -> Callable[[], None]:
    return lambda: None


@dataclass(frozen=True, slots=True)
class _Source:
    """All that stays the same while one kind of one cluster is reflected."""

    connection: Connection
    path: str
    decoder: RowDecoder[Any, Any]
    query: tuple[tuple[str, str], ...]
    accept: Accept
    limit: int
    clock: Clock
    backoff: Backoff
    settings: WatchSettings
    herd: Herd
    admit: Admit

    async def watch(self, cursor: Cursor, hearer: Hearer, *, initial: bool = False) -> None:
        await watch_once(
            self.connection,
            self.path,
            self.decoder,
            cursor,
            hearer,
            initial=initial,
            query=self.query,
            headers={"Accept": self.accept.watches},
            settings=self.settings,
            clock=self.clock,
            rng=self.backoff.rng,
        )


class _Phase(enum.Enum):
    ASKED = enum.auto()
    """A list was asked for, nothing has come."""
    LISTING = enum.auto()
    SYNCED = enum.auto()
    """The list is complete: changes follow."""


class _NoWatchList(Exception):
    """This server does not send initial events."""


async def reflect(
    connection: Connection,
    path: ResourcePath,
    decoder: RowDecoder[Any, Any],
    tell: Tell,
    *,
    namespace: str | None = None,
    field_selector: str | None = None,
    label_selector: str | None = None,
    accept: Accept = OBJECTS,
    watch_list: bool = True,
    limit: int = PAGE,
    backoff: Backoff | None = None,
    clock: Clock | None = None,
    settings: WatchSettings | None = None,
    herd: Herd | None = None,
    admit: Admit | None = None,
) -> None:
    """Call `tell` with the facts of one kind of one cluster until cancelled (see the module).

    `accept` may ask for metadata alone where the decoder reads no more (`api.metadata`). `herd` is shared by all
    that could break together, so that they do not come back together; `admit` is awaited before each list. Raises
    nothing but cancellation (every `ConsoleError` becomes a `Lost`), what `tell` raises, and `UsageError` for a
    namespace that is no name.
    """
    selectors = (("fieldSelector", field_selector), ("labelSelector", label_selector))
    source = _Source(
        connection,
        path.collection(namespace),
        decoder,
        tuple((key, value) for key, value in selectors if value),
        accept,
        limit,
        clock or SystemClock(),
        backoff or Backoff(),
        settings or WatchSettings(),
        herd or Herd(),
        admit or _at_once,
    )
    await _Reflection(source, tell, watch_list).run()


class _Reflection:
    """One reflection: what it knows of the server, and what its consumer believes."""

    __slots__ = (
        "_cursor",
        "_cuts",
        "_expired",
        "_leave",
        "_lost",
        "_mute",
        "_phase",
        "_source",
        "_tell",
        "_watch_list",
    )

    def __init__(self, source: _Source, tell: Tell, watch_list: bool) -> None:
        self._source = source
        self._tell = tell
        self._cursor = Cursor()
        self._leave: Callable[[], None] = lambda: None
        """Lets somebody else list."""
        self._watch_list = watch_list
        """Whether to ask for initial events: until the server was found not to send them."""
        self._mute = 0
        """Watches in a row that were closed at once without a word."""
        self._cuts = 0
        """WatchLists that broke before their end."""
        self._lost = False
        """Whether the consumer believes that its rows may be stale."""
        self._expired = False
        """Whether the last watch ended with a 410."""
        self._phase = _Phase.ASKED
        """How far the list is."""

    async def run(self) -> None:
        source, cursor = self._source, self._cursor
        while True:
            failure: ConsoleError | None = None
            cursor.standing = None
            try:
                await self._once()
            except ConsoleError as error:
                failure = error
            self._mute = self._mute + 1 if isinstance(failure, ClosedAtOnce) else 0
            steady = cursor.standing is not None and source.clock.now() - cursor.standing >= source.settings.settle
            if steady:
                source.backoff.reset()
                self._expired = False
            if _list_again(failure, cursor) or self._mute >= MUTE:
                cursor.version, self._mute = "", 0
            if failure is None and steady:
                continue
            with source.herd:
                await _pause(source, self._delay(failure), _told(failure))
            self._expired = isinstance(failure, Expired)

    def _delay(self, failure: ConsoleError | None) -> float:
        """Seconds to wait before the next try; says so where the rows are stale meanwhile."""
        source = self._source
        if failure is None or (isinstance(failure, Expired) and not self._expired):
            return source.herd.spread(RELIST_JITTER, source.backoff.rng)
        delay = _back_off(failure, source.backoff) + source.herd.spread(0.0, source.backoff.rng)
        self._lost = True
        self._tell(Lost(failure, delay, _permanent(failure)))
        return delay

    async def _once(self) -> None:
        """From the cursor, or from a list when it has no version, to the end of one watch."""
        cursor = self._cursor
        if not cursor.version:
            self._leave = await self._source.admit()
            try:
                if await self._list():
                    return
            finally:
                self._leave()
        await self._source.watch(cursor, self)

    async def _list(self) -> bool:
        """Everything there is; whether it came by a watch, which has ended as well."""
        if self._watch_list:
            try:
                await self._list_watching()
            except _NoWatchList:
                self._watch_list, self._cursor.version = False, ""
            else:
                return True
        await self._list_in_pages()
        return False

    async def _list_in_pages(self) -> None:
        """Begins anew when a continue token expires on the way, and the third time asks for all of it at once."""
        source = self._source
        for size in (source.limit, source.limit, 0):
            self._tell(Began())
            try:
                async with aclosing(
                    list_pages(
                        source.connection,
                        source.path,
                        source.decoder,
                        query=source.query,
                        headers={"Accept": source.accept.lists},
                        limit=size,
                    )
                ) as pages:
                    async for page in pages:
                        if page.rows:
                            self._tell(Changed({row.uid: row for row in page.rows}))
                        version = page.resource_version
            except Expired:
                if not size:
                    raise
                continue
            self._listed(version)
            return

    async def _list_watching(self) -> None:
        """List and watch in one request (WatchList, Kubernetes 1.32). Raises `_NoWatchList`."""
        self._phase = _Phase.ASKED
        try:
            await self._source.watch(self._cursor, self, initial=True)
        except (ApiError, Silent, Broken) as error:
            self._cuts += isinstance(error, Broken)
            unsupported = isinstance(error, Silent) or getattr(error, "code", 0) in (400, 405, 406, 415, 422)
            if self._phase is _Phase.SYNCED or not (unsupported or self._cuts > 1):
                raise
        if self._phase is not _Phase.SYNCED:
            raise _NoWatchList

    def rows(self, rows: dict[str, Row | None]) -> None:
        """Of a watch: what one network read brought."""
        if self._phase is not _Phase.SYNCED or self._lost:
            self._before()
        self._tell(Changed(rows))

    def word(self, word: Word) -> None:
        """Of a watch: what is about no object."""
        if self._phase is _Phase.SYNCED:
            self._before()
            if isinstance(word, Marked):
                self._tell(Bookmarked(word.resource_version))
        elif isinstance(word, Synced):
            self._before()
            self._listed(word.resource_version)
        elif isinstance(word, Marked):
            raise _NoWatchList

    def _before(self) -> None:
        """What has to be told before anything a watch brings."""
        if self._phase is _Phase.ASKED:
            self._phase = _Phase.LISTING
            self._tell(Began())
        elif self._phase is _Phase.SYNCED and self._lost:
            self._lost = False
            self._tell(Resumed())

    def _listed(self, version: str) -> None:
        self._cursor.version = version
        self._lost, self._phase = False, _Phase.SYNCED
        self._leave()
        self._tell(Listed(version))


def _list_again(failure: ConsoleError | None, cursor: Cursor) -> bool:
    """Whether the cursor's version leads nowhere."""
    if isinstance(failure, Expired | LineTooLong | Backwards):
        return True
    return not cursor.heard and (failure is None or isinstance(failure, Silent))


def _permanent(failure: ConsoleError) -> bool:
    denied = (Unauthorized, Forbidden, NotFound, KubeconfigError, CredentialError)
    return isinstance(failure, denied) or (isinstance(failure, ApiError) and failure.code == 405)


def _back_off(failure: ConsoleError, backoff: Backoff) -> float:
    retry_after = _told(failure) or None
    if _permanent(failure) or isinstance(failure, PluginFailure):
        return backoff.slow(retry_after)
    return backoff.next(retry_after)


def _told(failure: ConsoleError | None) -> float:
    """Seconds that the server asked to be left alone for; 0 when it did not say."""
    told = failure.retry_after if isinstance(failure, ApiError) else None
    return min(told or 0.0, LONGEST_RETRY_AFTER)


async def _pause(source: _Source, seconds: float, least: float) -> None:
    """Wait; but when a server that was down works for somebody again, only a moment longer.

    Never less than `least` seconds: what the server told one watch holds even when it answers another.
    """
    if least:
        await source.clock.sleep(least)
    sleep = asyncio.ensure_future(source.clock.sleep(seconds - least))
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
        await source.clock.sleep(source.herd.spread(RETURN_JITTER, source.backoff.rng))
