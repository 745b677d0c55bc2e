"""Watch requests: the lines a watch writes, from the storage's history and then live.

Promises of a real server kept here: events of one object in order; an object that stops matching the selector
arrives as DELETED with its old state; bookmarks carry the version reached; `sendInitialEvents` ends with a marked
bookmark; a version older than the history is one ERROR event with 410, then the end.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass

from kurator_tui.demo.apiserver import errors, forms, listing, selectors
from kurator_tui.demo.apiserver.changes import StorageEvent, Stored, Subscription, encode
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.storage import Storage

#: Seconds between two bookmarks of a quiet watch, and how long a watch lasts when the client names no time.
BOOKMARK_SECONDS = 30.0
_DEFAULT_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """A checked watch request; `ns` None is every namespace, `name` '' every object."""

    rt: ResourceType
    ns: str | None
    name: str
    selector: selectors.Selector
    view: forms.View
    version: int
    initial: bool
    initial_end: bool
    bookmarks: bool
    seconds: float

    def wants(self, entry: Stored | None) -> bool:
        """Whether this version of an object is in the watched set."""
        return (
            entry is not None
            and (self.ns is None or entry.key[0] == self.ns)
            and (not self.name or entry.key[1] == self.name)
            and self.selector.matches(entry.obj)
        )


def parse(rt: ResourceType, ns: str | None, name: str, query: Mapping[str, str], view: forms.View) -> WatchRequest:
    """The request, or 400/422/500 for parameters that make no sense."""
    version = listing.parse_version(query.get("resourceVersion", ""))
    send_initial = query.get("sendInitialEvents")
    bookmarks = _flag(query.get("allowWatchBookmarks"))
    if send_initial is not None and query.get("resourceVersionMatch") != "NotOlderThan":
        why = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        cause: errors.Cause = {"reason": "FieldValueForbidden", "message": why, "field": "sendInitialEvents"}
        raise errors.invalid_kind("meta.k8s.io", "ListOptions", "", [cause])
    wants_initial = _flag(send_initial) if send_initial is not None else not version
    seconds = float(query.get("timeoutSeconds") or 0) or _DEFAULT_SECONDS * (1 + random.random())
    return WatchRequest(
        rt=rt,
        ns=ns,
        name=name,
        selector=selectors.parse(rt, query.get("labelSelector", ""), query.get("fieldSelector", "")),
        view=view,
        version=version,
        initial=wants_initial,
        initial_end=wants_initial and send_initial is not None and bookmarks,
        bookmarks=bookmarks,
        seconds=seconds,
    )


def _flag(text: str | None) -> bool:
    return text is not None and text.lower() in ("true", "1", "")


class Watch:
    """One running watch: `lines` yields chunks of whole lines until the time is up.

    `clock` gives the time tables tell ages by (seconds since the epoch).
    """

    def __init__(self, storage: Storage, request: WatchRequest, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._request = request
        self._clock = clock
        self._first = True
        self._since = request.version

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Chunks to write; each ends with a newline."""
        subscription = self._storage.subscribe(self._request.rt)
        try:
            try:
                start = self._start()
            except errors.StatusError as failure:
                yield forms.error(failure)
                return
            if start:
                yield start
            async for chunk in self._live(subscription):
                yield chunk
        finally:
            subscription.close()

    async def _live(self, subscription: Subscription) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._request.seconds
        marked = loop.time()
        while (left := deadline - loop.time()) > 0 and not subscription.closed:
            events = await subscription.batch(min(left, BOOKMARK_SECONDS))
            chunk = b"".join(self._line(event) for event in events)
            if self._request.bookmarks and loop.time() - marked >= BOOKMARK_SECONDS:
                marked = loop.time()
                chunk += self._bookmark()
            if chunk:
                yield chunk

    def _start(self) -> bytes:
        """The initial objects, or the history since the version asked for."""
        request, storage = self._request, self._storage
        if request.initial:
            self._since = max(storage.rv, request.version)
            entries = storage.entries(request.rt, request.ns)
            lines = [self._write("ADDED", e.obj, e.raw) for e in entries if request.wants(e)]
            if request.initial_end:
                lines.append(self._bookmark(initial_end=True))
            return b"".join(lines)
        if not request.version:
            self._since = storage.rv
            return b""
        return b"".join(self._line(event) for event in storage.since(request.rt, request.version))

    def _bookmark(self, *, initial_end: bool = False) -> bytes:
        request, version = self._request, max(self._since, self._storage.rv)
        return forms.bookmark(request.view, request.rt, version, self._clock(), initial_end=initial_end)

    def _line(self, event: StorageEvent) -> bytes:
        """The line of one change; b'' when the client need not know."""
        if event.rv <= self._since:
            return b""
        before, after = self._request.wants(event.old), self._request.wants(event.new)
        if event.type == "DELETED":
            return self._write("DELETED", event.new.obj, event.new.raw) if before else b""
        if after:
            return self._write("MODIFIED" if before else "ADDED", event.new.obj, event.new.raw)
        if not before or event.old is None:
            return b""
        metadata = {**event.old.obj["metadata"], "resourceVersion": str(event.rv)}
        left = {**event.old.obj, "metadata": metadata}
        return self._write("DELETED", left, encode(left))

    def _write(self, kind: str, obj: dict[str, object], raw: bytes) -> bytes:
        request = self._request
        line = forms.event(request.view, request.rt, kind, obj, raw, self._clock(), first=self._first)
        self._first = False
        return line
