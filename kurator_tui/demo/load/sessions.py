"""Connections of one member's API server: HTTP/1.1 as asyncio protocols, no more of it than API clients use.

One request at a time: a request that comes while another is answered waits in the buffer.
"""

import asyncio
import hmac
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.load.lists import GZIP_FROM, Lists, Page, selected_name
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.streams import Asked, Stream
from kurator_tui.demo.load.tables import Table

HIGH_WATER = 256 * 1024
"""Bytes of a connection that wait for its client before nothing more is written to it."""
_MOST = 1 << 20
"""Bytes of a request."""
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Request(NamedTuple):
    """A request as it came; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Traffic:
    """What all servers of an estate share: the streams open, and when connections came (loop's seconds)."""

    streams: set[Stream] = field(default_factory=set)
    arrivals: list[float] | None = None
    """Times of new connections while somebody counts them."""
    connections: int = 0
    lost: int = 0
    """Connections that ended since somebody reset this."""


class Session(asyncio.Protocol):
    """One connection to `member`; clients show `token`."""

    def __init__(self, member: Member, lists: Lists, traffic: Traffic, token: str, among: "set[Session]") -> None:
        self._member = member
        self._lists = lists
        self._traffic = traffic
        self._credential = f"Bearer {token}".encode()
        self._among = among
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._buffer = b""
        self._busy = False
        self._stream: Stream | None = None
        if traffic.arrivals is not None:
            traffic.arrivals.append(self._loop.time())

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop once TLS is agreed."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(HIGH_WATER)
        self._among.add(self)
        self._traffic.connections += 1

    def connection_lost(self, _error: Exception | None) -> None:
        """Called by the loop once."""
        self._among.discard(self)
        self._traffic.connections -= 1
        self._traffic.lost += 1
        self._end_stream()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def pause_writing(self) -> None:
        """The client reads slowly."""
        if self._stream:
            self._stream.pause()

    def resume_writing(self) -> None:
        """The client reads again."""
        if self._stream:
            self._stream.resume()

    def data_received(self, data: bytes) -> None:
        """Take in requests and answer them."""
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while not self._busy and self._buffer:
            try:
                request = self._take()
            except ValueError:
                self._fail(errors.bad_request("malformed request"))
                self._transport.close()
                return
            if request is None:
                return
            try:
                self._answer(request)
            except errors.StatusError as failure:
                self._fail(failure)

    def _take(self) -> Request | None:
        """The next request of the buffer, None when it is not all there. Raises ValueError."""
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            if len(self._buffer) > _MOST:
                raise ValueError
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length") or 0)
        if not 0 <= length <= _MOST:
            raise ValueError
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(method, unquote(parts.path), query, headers, rest[:length])

    # -- answers

    def _answer(self, request: Request) -> None:
        """Answer a request. Raises StatusError."""
        path = request.path.rstrip("/") or "/"
        schema = self._member.schema
        if path == "/version":
            return self._send(schema.version)
        if path in ("/healthz", "/livez", "/readyz"):
            return self._send(b"ok", content="text/plain")
        shown = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(shown, self._credential):
            raise errors.unauthorized()
        if path == _REVIEWS and request.method == "POST":
            return self._send(_review(request.body), status=201)
        if request.method != "GET":
            raise errors.method_not_allowed()
        wants_aggregated = "apidiscovery.k8s.io" in request.headers.get("accept", "")
        document = schema.document(path, wants_aggregated=wants_aggregated)
        if document is not None:
            content = "application/json"
            if wants_aggregated and path in ("/api", "/apis"):
                content += ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            return self._send(document, content=content)
        return self._resource(path, request)

    def _resource(self, path: str, request: Request) -> None:
        table, namespace, name = self._resolve(path)
        query = request.query
        if name:
            state = table.find(namespace, name)
            if state is None:
                raise errors.not_found(table.resource, name)
            return self._send(state.body())
        if query.get("watch", "").lower() in ("true", "1"):
            return self._watch(table, namespace, query)
        return self._list(self._lists.page(table, namespace, query), request)

    def _list(self, page: Page, request: Request) -> None:
        wants_gzip = "gzip" in request.headers.get("accept-encoding", "")
        packed = self._lists.packed(page) if wants_gzip else None
        if packed is not None:
            return self._send(packed, packed=True)
        pieces = page.pieces()
        if not wants_gzip or sum(map(len, pieces)) < GZIP_FROM:
            return self._send(*pieces)
        self._busy = True
        task = self._loop.run_in_executor(None, self._lists.pack, page, pieces)
        task.add_done_callback(self._packed)
        return None

    def _packed(self, task: "asyncio.Future[bytes]") -> None:
        self._busy = False
        if not task.cancelled() and not self._transport.is_closing():
            self._send(task.result(), packed=True)
            self._go_on()

    def _resolve(self, path: str) -> tuple[Table, str, str]:
        """(table, namespace, name) of a path; '' for what it does not name. Raises StatusError."""
        match path.split("/")[1:]:
            case ["api", version, *rest]:
                group = ""
            case ["apis", group, version, *rest]:
                pass
            case _:
                raise errors.resource_not_found()
        namespace = ""
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        if not 1 <= len(rest) <= 2 or (group, version, rest[0]) not in self._member.schema.resources:
            raise errors.resource_not_found()
        return self._member.tables[group, rest[0]], namespace, rest[1] if len(rest) == 2 else ""

    def _watch(self, table: Table, namespace: str, query: Mapping[str, str]) -> None:
        if selected_name(table, query):
            raise errors.bad_request("an estate made for load watches no single objects")
        version = query.get("resourceVersion", "") or "0"
        if not version.isdigit():
            raise errors.bad_request(f"invalid resource version {version!r}")
        listed = query.get("sendInitialEvents") == "true"
        bookmarks = query.get("allowWatchBookmarks") == "true"
        seconds = float(query.get("timeoutSeconds") or 0) or random.uniform(1800, 3600)
        asked = Asked(
            namespace=namespace,
            version=int(version),
            initial=listed or version == "0",
            marked=listed and bookmarks,
            bookmarks=bookmarks,
            seconds=seconds,
        )
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nCache-Control: no-cache, private\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        self._busy = True
        self._stream = Stream(self._transport, self._member, table, asked, self._loop.time(), self._over)
        self._traffic.streams.add(self._stream)
        self._stream.pump()

    def _over(self) -> None:
        """The stream has ended by itself; the next request may come."""
        self._end_stream()
        self._busy = False
        self._loop.call_soon(self._go_on)

    def _end_stream(self) -> None:
        if self._stream:
            self._stream.forget()
            self._traffic.streams.discard(self._stream)
            self._stream = None

    def _fail(self, failure: errors.StatusError) -> None:
        body = json.dumps(failure.body(), separators=(",", ":")).encode()
        self._send(body, status=failure.code)

    def _send(
        self, *body: bytes, status: int = 200, content: str = "application/json", packed: bool = False
    ) -> None:
        encoding = "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n" if packed else ""
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nCache-Control: no-cache, private\r\n"
            f"Content-Type: {content}\r\n{encoding}Content-Length: {sum(map(len, body))}\r\n\r\n"
        )
        self._transport.write(head.encode() + body[0])
        for piece in body[1:]:
            self._transport.write(piece)


def _review(body: bytes) -> bytes:
    """A SelfSubjectAccessReview allowed, as everything is to who has the token. Raises StatusError."""
    try:
        spec = json.loads(body).get("spec") or {}
    except (ValueError, AttributeError) as error:
        raise errors.bad_request("the body is no SelfSubjectAccessReview") from error
    review = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {}}
    return json.dumps({**review, "spec": spec, "status": {"allowed": True}}).encode()
