"""One watch request as changes, one batch a network read. Knows nothing of lists or of trying again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from kurator_tui.api.backoff import Clock
from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import error_from_event, host_of, not_kubernetes
from kurator_tui.api.stream import Silent, Stream
from kurator_tui.api.transport import Query
from kurator_tui.errors import Broken, ConsoleError
from kurator_tui.kinds.base import P, R, Row
from kurator_tui.kinds.decode import RowDecoder, WatchEvent


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
    standing: float | None = None
    """Since when (`Clock.now`) the current request has been following the version; None before it does."""


class Backwards(Broken):
    """Versions went backwards: events are out of order, or the server was restored from a backup."""


class Opened(msgspec.Struct, frozen=True):
    """The stream has been open, and quiet, for `settle` seconds."""


class Synced(msgspec.Struct, frozen=True):
    """The initial events of a WatchList have all come."""

    resource_version: str


class Marked(msgspec.Struct, frozen=True):
    """A bookmark. One before `Synced` comes from a server that knows no WatchList."""

    resource_version: str


Word = Opened | Synced | Marked


class Hearer(Protocol):
    """Hears what a watch brings, in the server's order."""

    def rows(self, rows: dict[str, Row | None]) -> None:
        """What one network read brought, merged: uid -> the object's last row, None when it was deleted."""

    def word(self, word: Word) -> None:
        """What is about no object."""


async def watch_once(
    connection: Connection,
    path: str,
    decoder: RowDecoder[P, R],
    cursor: Cursor,
    hearer: Hearer,
    *,
    initial: bool = False,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    settings: WatchSettings,
    clock: Clock,
    rng: random.Random,
) -> None:
    """Tell `hearer` what one request brings from `cursor.version` on, or with the initial events of a WatchList.

    `cursor.version` follows events and bookmarks, except during initial events, where versions are in no order.
    Returns when the server ends the stream; that is `Broken` where it does so at once without a word. Raises the
    error tree: an ERROR event as the error it holds (410 is `Expired`), a line cut short as `Broken`, silence as
    `stream.Silent`, a version below the cursor's as `Backwards`; and what `hearer` raises.
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
    cursor.heard, cursor.standing = False, None
    began = clock.now()
    async with connection.stream(path, query=asked, headers=headers, quiet=quiet) as stream:
        opened = clock.now()
        reader = _Reader(connection, decoder, cursor, hearer, stream, settings, clock, initial)
        if not initial:
            cursor.standing = opened
        reader.arm(term + 2 * settings.grace)
        try:
            await stream.run(reader.lines)
        finally:
            reader.disarm()
    if not initial and not cursor.heard and clock.now() - began < settings.settle:
        raise ClosedAtOnce(f"{host_of(connection.server)} closed the watch at once.")


class ClosedAtOnce(Broken):
    """A watch that ended as soon as it began, without a word."""


class _Reader:
    """Lines into rows, and the cursor along with them."""

    __slots__ = (
        "_clock",
        "_connection",
        "_cursor",
        "_event",
        "_hearer",
        "_initial",
        "_overdue",
        "_rows",
        "_settings",
        "_stream",
        "_term",
        "_timer",
    )

    def __init__(
        self,
        connection: Connection,
        decoder: RowDecoder[P, R],
        cursor: Cursor,
        hearer: Hearer,
        stream: Stream,
        settings: WatchSettings,
        clock: Clock,
        initial: bool,
    ) -> None:
        self._connection = connection
        self._event = decoder.event
        self._cursor = cursor
        self._hearer = hearer
        self._stream = stream
        self._settings = settings
        self._clock = clock
        self._initial = initial
        self._rows: dict[str, Row | None] = {}
        """What the current read has brought so far."""
        self._term = 0.0
        self._timer: asyncio.TimerHandle | None = None
        """First of `settled`, then of `forgotten`: thousands of watches have one each."""
        self._overdue: asyncio.TimerHandle | None = None
        """While initial events come."""

    def arm(self, term: float) -> None:
        """Begin: the stream is open. `term` is in seconds: by then the server has to have ended it."""
        loop, settings = asyncio.get_running_loop(), self._settings
        self._term = max(0.0, term - settings.settle)
        self._timer = loop.call_later(settings.settle, self.settled)
        if self._initial:
            self._overdue = loop.call_later(settings.initial_total, self.overdue)

    def disarm(self) -> None:
        """The stream has ended."""
        for timer in (self._timer, self._overdue):
            if timer is not None:
                timer.cancel()
        self._timer = self._overdue = None

    def settled(self) -> None:
        """The stream has been open for `settle` seconds."""
        self._timer = asyncio.get_running_loop().call_later(self._term, self.forgotten)
        if not self._cursor.heard:
            try:
                self._hearer.word(Opened())
            except Exception as error:  # noqa: BLE001 - it belongs to whoever runs the watch
                self._stream.fail(error)

    def forgotten(self) -> None:
        """The server has forgotten the time. It is not silent, that has another deadline: the cursor holds."""
        self._cursor.heard = True
        self._stream.finish()

    def overdue(self) -> None:
        """The initial events of a WatchList have had all the time they may take."""
        if self._initial:
            host = host_of(self._connection.server)
            self._stream.fail(
                Silent(f"The first events of {host} take more than {self._settings.initial_total:g} s.")
            )

    def lines(self, lines: list[bytes]) -> None:
        """What one network read completed. What precedes a bad line counts."""
        self._connection.stats.events += len(lines)
        cursor, decode = self._cursor, self._event
        cursor.heard = True
        rows = self._rows
        failure: ConsoleError | None = None
        try:
            for line in lines:
                event = decode(line)
                row, kind, version = event.row, event.type, event.resource_version
                if row is None:
                    self._word(event)
                    rows = self._rows
                    continue
                if not self._initial:
                    known = cursor.version
                    # Newer: of numbers of the same length the larger text is the larger number.
                    if len(version) == len(known) and version > known:
                        cursor.version = version
                    else:
                        self._follow(version)
                if kind == "MODIFIED" or kind == "ADDED":
                    rows[row.uid] = row
                elif kind == "DELETED":
                    rows[row.uid] = None
        except msgspec.DecodeError:
            failure = not_kubernetes(self._connection.server, "a watch line that is no event")
        except ConsoleError as error:
            failure = error
        if rows:
            self._flush()
        if failure is not None:
            raise failure

    def _flush(self) -> None:
        rows = self._rows
        if rows:
            self._rows = {}
            self._hearer.rows(rows)

    def _word(self, event: WatchEvent) -> None:
        """A line that is about no object."""
        if event.type == "BOOKMARK":
            self._bookmark(event)
        elif event.type == "ERROR":
            raise error_from_event(event.status)

    def _bookmark(self, event: WatchEvent) -> None:
        version = event.resource_version
        self._flush()
        self._cursor.bookmarks = True
        word: Word = Marked(version)
        if self._initial and event.initial_events_end:
            self._initial = False
            if self._overdue is not None:
                self._overdue.cancel()
                self._overdue = None
            self._cursor.version, self._cursor.standing = version, self._clock.now()
            word = Synced(version)
        elif not self._initial:
            self._follow(version)
        if not self._initial:
            self._stream.quiet = self._settings.bookmark_gap
        self._hearer.word(word)

    def _follow(self, version: str) -> None:
        """Move the cursor on. The same version again is a duplicate: applying it again changes nothing."""
        known = self._cursor.version
        if version == known or not version:
            return
        if precedes(version, known):
            raise Backwards(
                f"{host_of(self._connection.server)} went back in time: {version[:40]} after {known[:40]}.",
                "Everything is listed again. Was the server restored from a backup?",
            )
        self._cursor.version = version


def precedes(version: str, other: str) -> bool:
    """Whether `version` is older. Versions that are no numbers are opaque: none is older than another."""
    if not (version.isdecimal() and other.isdecimal() and version.isascii() and other.isascii()):
        return False
    a, b = version.lstrip("0"), other.lstrip("0")
    return (len(a), a) < (len(b), b)
