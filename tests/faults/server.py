"""An API server that says what its model holds, until a test tells it to say something else.

Raw TCP, so that everything which can go wrong on a wire can be done: a line cut in the middle, a reset, a body
that ends too early, an idle connection that closes just as it is used. A test plants faults (`plant`), or takes a
running watch (`streams`) and writes what it likes. `log` is every request with its arrival time.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import socket
import ssl
import weakref
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import msgspec
import trustme

from tests.faults.exchange import JSON, Asked, Exchange, Stream, read_request
from tests.faults.model import KINDS, Event, Expired, Model, bookmark, collection, line

BOOKMARKS = 60.0
"""Seconds between two bookmarks, as a real server has it."""


Answer = Callable[[Exchange], Awaitable[None]]


@dataclass(eq=False, slots=True)
class Plant:
    """A fault in place: which requests it meets, how often still, and which it has met."""

    answer: Answer
    verbs: tuple[str, ...]
    path: str
    left: float
    when: Callable[[Asked], bool]
    met: list[Asked] = field(default_factory=list)

    def takes(self, asked: Asked) -> bool:
        suits = not self.verbs or asked.verb in self.verbs
        return self.left > 0 and suits and self.path in ("", asked.path) and self.when(asked)

    def lift(self) -> None:
        """No more of it."""
        self.left = 0


class Server:
    """See the module. `watch_list`: whether WatchList is served; `future`: what a watch from a version that never
    was gets: "close" (recorded from a real server restored from a backup) or "silent".
    """

    def __init__(self, name: str, model: Model | None = None, *, tls: bool = False) -> None:
        self.name = name
        self.model = model or Model()
        self.tls = tls
        self.context: ssl.SSLContext | None = None
        """Its TLS; None: that of `certificate`, if `tls`."""
        self.address = "127.0.0.1"
        """Where it listens."""
        self.host = ""
        """What its URL calls it; "": its address."""
        self.log: list[Asked] = []
        self.watch_list = True
        self.future = "close"
        self.single: dict[str, bytes] = {}
        """Answers to plain GETs by path."""
        self.hidden: set[str] = set()
        """Collections that are not served for now, as after their CRD was removed."""
        self.holding: tuple[str, list[Event]] | None = None
        """While set, what happens in this collection ("": in any) is noted here and not told."""
        self.port = 0
        self.changed: Callable[[], None] = lambda: None
        """Called after each request."""
        self._plants: list[Plant] = []
        self._streams: list[Stream] = []
        self._numbers = itertools.count()
        self._server: asyncio.Server | None = None
        self._held: set[str] = set()
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.model.listen(self._on_event)

    @property
    def url(self) -> str:
        host = self.host or (f"[{self.address}]" if ":" in self.address else self.address)
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    # -- faults --------------------------------------------------------------------------------------------------

    def plant(
        self,
        answer: Answer,
        *verbs: str,
        path: str = "",
        times: float = 1,
        when: Callable[[Asked], bool] = lambda _asked: True,
    ) -> Plant:
        """Have the next `times` requests of these verbs (default: any) and this path answered by `answer`."""
        plant = Plant(answer, verbs, path, times, when)
        self._plants.append(plant)
        return plant

    def streams(self, path: str = "") -> list[Stream]:
        """The running watches of a collection (default: all)."""
        return [stream for stream in self._streams if path in ("", stream.path)]

    @contextlib.contextmanager
    def held(self, path: str = "") -> Iterator[list[Event]]:
        """What happens inside (in one collection, or in all) is told to no watch, and no bookmark is sent there.

        The block gets what happens as a list, to tell as it likes.
        """
        events: list[Event] = []
        self.holding = (path, events)
        try:
            yield events
        finally:
            self.holding = None

    def lists(self, since: int = 0, path: str = "") -> list[Asked]:
        """Requests for everything there is, from log index `since` on."""
        return [asked for asked in self.log[since:] if asked.lists and path in ("", asked.path)]

    # -- life ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._hold_port()
        context = self.context or (certificate()[1] if self.tls else None)
        server = await asyncio.start_server(self._talk, self.address, self.port, ssl=context, limit=2**20)
        self._server = server

    def _hold_port(self) -> None:
        """The port stays this server's while it is away: no other test's server is to be met there."""
        if self.address not in self._held:
            held = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET)
            weakref.finalize(self, held.close)
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind((self.address, self.port))
            self._held.add(self.address)
            self.port = held.getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for _ in range(3):  # a connection may just be coming in
            await asyncio.sleep(0)
            for writer in list(self._writers):
                writer.transport.abort()
            talks = list(self._talks)
            for talk in talks:
                talk.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.add(writer)
        number, nth = next(self._numbers), 0
        try:
            while (asked := await read_request(reader, number, nth)) is not None:
                nth += 1
                exchange = Exchange(self, asked, reader, writer)
                self.log.append(asked)
                self.changed()
                await self._answer(exchange)
                if exchange.over:
                    return
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._talks.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        for plant in self._plants:
            if plant.takes(exchange.asked):
                plant.left -= 1
                plant.met.append(exchange.asked)
                await plant.answer(exchange)
                return
        await self.serve(exchange)

    # -- the right answers ---------------------------------------------------------------------------------------

    async def serve(self, exchange: Exchange) -> None:
        """Answer as an API server does."""
        asked = exchange.asked
        if asked.verb == "probe":
            await exchange.answer(200, b'{"gitVersion":"v1.36.2"}')
        elif asked.verb == "discovery":
            await exchange.answer(200, self._discovery(asked.path))
        elif asked.path in self.single:
            await exchange.answer(200, self.single[asked.path])
        elif (path := collection(asked.path)[0]) not in self.model.tables or path in self.hidden:
            await exchange.answer(404, status(404, "NotFound", "the server could not find the requested resource"))
        elif asked.verb == "list":
            await self._list(exchange)
        elif asked.verb == "watchlist" and not self.watch_list:
            await exchange.answer(422, status(422, "Invalid", "sendInitialEvents: Forbidden"))
        else:
            await self._watch(exchange)

    async def _list(self, exchange: Exchange) -> None:
        query, (path, namespace) = exchange.asked.query, collection(exchange.asked.path)
        try:
            body = self.model.page(path, int(query.get("limit", "0")), query.get("continue", ""), namespace)
        except Expired:
            await exchange.answer(410, EXPIRED)
            return
        await exchange.answer(200, body)

    async def _watch(self, exchange: Exchange) -> None:
        asked = exchange.asked
        stream = Stream(exchange, int(asked.query.get("resourceVersion") or 0))
        exchange.open()
        if asked.verb == "watchlist":
            stream.since = self.model.version
            stream.send(*(line("ADDED", raw) for raw in self.model.raw(stream.path, stream.namespace)))
            stream.send(bookmark(self.model.version, end=True))
        elif stream.since > self.model.version:
            if self.future == "close":
                await exchange.end()
                return
        else:
            try:
                stream.send(*self.model.since(stream.path, stream.since, stream.namespace))
            except Expired:
                exchange.chunk(line("ERROR", EXPIRED))
                await exchange.end()
                return
        self._streams.append(stream)
        marks = asyncio.ensure_future(self._mark(stream))
        try:
            await stream.run(float(asked.query.get("timeoutSeconds") or 1800))
        finally:
            marks.cancel()
            self._streams.remove(stream)

    async def _mark(self, stream: Stream) -> None:
        while True:
            await asyncio.sleep(BOOKMARKS)
            if not self._holds(stream.path) and stream.since <= self.model.version:
                stream.send(bookmark(self.model.version))

    def _holds(self, path: str) -> bool:
        return self.holding is not None and self.holding[0] in ("", path)

    def _on_event(self, event: Event) -> None:
        if self.holding is not None and self._holds(event.path):
            self.holding[1].append(event)
            return
        for stream in self.streams(event.path):
            if event.version > stream.since and stream.namespace in ("", event.namespace):
                stream.send(event.line)

    def _discovery(self, root: str) -> bytes:
        groups: dict[tuple[str, str], list[object]] = {}
        for path in self.model.tables:
            if path in self.hidden or not path.startswith(f"{root}/"):
                continue
            parts = path.split("/")
            group = parts[2] if root == "/apis" else ""
            scope = "Cluster" if KINDS[path] == "Node" else "Namespaced"
            resource = {"resource": parts[-1], "scope": scope, "verbs": ["get", "list", "watch"]}
            groups.setdefault((group, parts[-2]), []).append({**resource, "responseKind": {"kind": KINDS[path]}})
        items = [
            {"metadata": {"name": group}, "versions": [{"version": version, "resources": resources}]}
            for (group, version), resources in groups.items()
        ]
        body = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items}
        return msgspec.json.encode(body)


@functools.cache
def certificate() -> tuple[bytes, ssl.SSLContext]:
    """(an authority's certificate as PEM, the context of a server that it vouches for)."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return authority.cert_pem.bytes(), context


def status(code: int, reason: str, message: str) -> bytes:
    """A `metav1.Status`."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason}
    return msgspec.json.encode({**body, "metadata": {}, "code": code})


EXPIRED = status(410, "Expired", "too old resource version: 1 (623)")


def saying(code: int, body: bytes | None = None, content_type: str = JSON, **headers: str) -> Answer:
    """An answer of this code; without a `body` a Status."""

    async def answer(exchange: Exchange) -> None:
        said = status(code, "Planted", f"planted {code}") if body is None else body
        await exchange.answer(code, said, content_type, **headers)

    return answer


def streaming(*lines: bytes) -> Answer:
    """A watch that says these lines and ends properly."""

    async def answer(exchange: Exchange) -> None:
        exchange.open()
        for each in lines:
            exchange.chunk(each)
        await exchange.end()

    return answer
