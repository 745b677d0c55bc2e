"""One open watch over one connection: initial objects, then changes, bookmarks, and its end.

It writes only while the client reads; what it misses meanwhile it takes from the table's history later, and when
the history no longer holds that, the connection is dropped, as a real server drops a watcher that is too slow.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.tables import ADDED, State, Table, chunks, rendered, watch_line

SLICE = 16
"""Objects written at a time while catching up: a TLS connection keeps a buffer as large as its largest write."""
BOOKMARK = 60.0
"""Seconds between two bookmarks."""


class Writer(Protocol):
    """The part of a transport that a stream uses."""

    def write(self, data: bytes) -> None:
        """Send."""

    def get_write_buffer_size(self) -> int:
        """Bytes that wait."""

    def close(self) -> None:
        """Send what is written, then close."""

    def abort(self) -> None:
        """Close at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A watch request. `initial`: send what there is first; `marked`: say where that ends; `seconds` to last."""

    namespace: str = ""
    version: int = 0
    initial: bool = False
    marked: bool = False
    bookmarks: bool = False
    seconds: float = 1800.0


class Stream:
    """See the module. `over` is called once when the stream ends by itself; `now` in seconds of any clock."""

    def __init__(
        self, writer: Writer, member: Member, table: Table, asked: Asked, now: float, over: Callable[[], None]
    ) -> None:
        self.live = False
        self.paused = False
        self.cut = False
        """Whether the next write is to be cut in the middle of a line."""
        self.namespace = asked.namespace
        self.ends = now + asked.seconds
        self.bookmark_due = now + BOOKMARK if asked.bookmarks else float("inf")
        self._writer = writer
        self.member = member
        self._table = table
        self._over = over
        self._marked = asked.marked
        self._initial: list[State] | None = None
        self._cursor = asked.version
        self._started = False
        if asked.initial:
            states = table.states()
            wanted = [s for s in states if s.namespace == asked.namespace] if asked.namespace else states
            self._initial, self._cursor = wanted[::-1], member.rv
        elif not asked.version:
            self._cursor = member.rv
        table.followers.add(self)

    def send(self, data: bytes, version: int) -> None:
        """Send chunks, which bring the client up to `version`."""
        self._cursor = max(self._cursor, version)
        if self.cut and data:
            self._writer.write(data[: len(data) // 2])
            self.forget()
            self._writer.close()
        elif data:
            self._writer.write(data)

    @property
    def written(self) -> bool:
        """Whether everything there is was taken by the connection."""
        return self.live and not self._writer.get_write_buffer_size()

    def pause(self) -> None:
        """The client reads slowly: write nothing until `resume`."""
        self.paused, self.live = True, False

    def resume(self) -> None:
        """The client reads again."""
        self.paused = False
        self.pump()

    def pump(self) -> None:
        """Send what is missing, until that is all or the client is slow."""
        while not self.paused and not self.live:
            if self._initial is not None:
                self._send_initial(self._initial)
                continue
            changes = self._table.since(self._cursor, SLICE)
            if changes is None:
                self._too_old()
                return
            self._started = True
            if not changes:
                self.live = self._cursor <= self.member.rv
                return
            self.send(rendered(changes, self.namespace), changes[-1][1].rv)

    def housekeep(self, now: float) -> None:
        """End it when its time is up, bookmark it when that is due, drop it when it can never catch up."""
        if now >= self.ends and not self.paused:
            self.finish()
        elif self.paused and self._initial is None and self._table.since(self._cursor, 1) is None:
            self.drop()
        elif self.live and now >= self.bookmark_due:
            self.bookmark_due = now + BOOKMARK
            self.send(_bookmark(self._table, self.member.rv), self.member.rv)

    def finish(self) -> None:
        """End the answer properly; the connection can be used again."""
        self.forget()
        self._writer.write(b"0\r\n\r\n")
        self._over()

    def drop(self) -> None:
        """Close the connection at once."""
        self.forget()
        self._writer.abort()

    def forget(self) -> None:
        """Follow the table no more."""
        self.live = False
        self.paused = True
        self._table.followers.discard(self)

    def _send_initial(self, left: list[State]) -> None:
        states = [left.pop() for _ in range(min(SLICE, len(left)))]
        data = chunks([state.line(ADDED) for state in states])
        if not left:
            self._initial = None
            if self._marked:
                data += _bookmark(self._table, self._cursor, initial_end=True)
        self.send(data, self._cursor)

    def _too_old(self) -> None:
        """The history is gone: said with an ERROR to a watch that begins, with a cut to one that fell behind."""
        if self._started:
            self.drop()
            return
        failure = errors.too_old(self._cursor, self._table.forgotten)
        body = json.dumps(failure.body(), separators=(",", ":")).encode()
        self._writer.write(chunks([watch_line(b"ERROR", body)]))
        self.finish()


def _bookmark(table: Table, version: int, *, initial_end: bool = False) -> bytes:
    resource = table.resource
    metadata: dict[str, object] = {"resourceVersion": str(version)}
    if initial_end:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    obj = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
    return chunks([watch_line(b"BOOKMARK", json.dumps(obj, separators=(",", ":")).encode())])
