"""One cluster's API server: HTTP on loopback around a `Dispatcher`.

Owns the listener, the open connections and the faults; knows nothing of Kubernetes beyond headers.
"""

import asyncio
import contextlib
import gzip
import logging
import socket
import ssl
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from aiohttp import WSMsgType, web

from kurator_tui.demo.apiserver import discovery, dispatch, errors
from kurator_tui.demo.apiserver.auth import Authenticator, User
from kurator_tui.demo.apiserver.dispatch import (
    Computed,
    Dispatcher,
    Forwarded,
    Reply,
    Request,
    Streamed,
    Switched,
)
from kurator_tui.demo.apiserver.faults import Faults, Mode
from kurator_tui.demo.apiserver.resources import Catalogue
from kurator_tui.demo.apiserver.serviceproxy import ServiceProxy
from kurator_tui.demo.apiserver.storage import Storage

_COMPUTING = ThreadPoolExecutor(1, "computing")
"""One at a time: the servers' own thread gets its turn after each slice of it."""
_LOG = logging.getLogger(__name__)
#: A real server compresses answers from this size on, and refuses bodies beyond that one.
_GZIP_FROM = 128 * 1024
_BODY_LIMIT = 3 * 1024 * 1024
_HALF_LINE = b'{"type":"MODIFIED","object":{"kind":"'


class ClusterServer:
    """Serves `storage` on 127.0.0.1; `tokens` maps bearer tokens to users.

    `port` 0 takes a free one at the first start and keeps it over stop and start.  With `ssl_context` it speaks
    TLS; a verified client certificate's common name is then a user's name.  `faults` misbehave on demand.
    `version` (such as v1.30.4) is what `/version` reports.
    """

    def __init__(
        self,
        name: str,
        catalogue: Catalogue,
        storage: Storage,
        tokens: Mapping[str, User],
        *,
        faults: Faults | None = None,
        ssl_context: ssl.SSLContext | None = None,
        port: int = 0,
        version: str = "",
    ) -> None:
        self.name = name
        self.catalogue = catalogue
        self.storage = storage
        self.faults = faults or Faults()
        self.port = port
        self.requests = 0
        self.members: dict[str, ClusterServer] = {}
        """Servers behind Karmada's proxy, by the names it knows them by."""
        self._ssl = ssl_context
        self._dispatcher = Dispatcher(storage, Authenticator(tokens))
        if version:
            self.run_version(version)
        self._runner: web.ServerRunner | None = None
        self._server: web.Server | None = None
        self._watches: set[asyncio.Transport] = set()
        self.faults.on_change(self._fault_changed)

    def run_version(self, version: str) -> None:
        """Be an API server of this version from now on: its binary was replaced."""
        self._dispatcher.version = discovery.version_info(version)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:port`, or https with TLS; the port is known after the first start."""
        return f"{'https' if self._ssl else 'http'}://127.0.0.1:{self.port}"

    @property
    def proxy(self) -> ServiceProxy:
        """What answers behind the cluster's Services."""
        return self._dispatcher.proxy

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    async def start(self) -> None:
        """Listen; returns when connections are accepted.  Raises OSError when the port is taken."""
        if self._runner:
            return
        listener = _listener(self.port)
        self.port = listener.getsockname()[1]
        self._dispatcher.address = f"127.0.0.1:{self.port}"
        self._server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0)
        await self._runner.setup()
        await web.SockSite(self._runner, listener, ssl_context=self._ssl).start()

    async def stop(self) -> None:
        """Stop listening and tear every connection down; `start` takes the same port again."""
        runner, server, self._runner, self._server = self._runner, self._server, None, None
        if runner is None or server is None:
            return
        for site in list(runner.sites):
            await site.stop()
        for connection in list(server.connections):
            transport = connection.transport
            if transport is not None:
                transport.abort()
        await runner.cleanup()

    async def _fault_changed(self, old: Mode, new: Mode) -> None:
        if new is Mode.REFUSE:
            await self.stop()
        elif old is Mode.REFUSE:
            await self.start()
        if new in (Mode.ERROR500, Mode.THROTTLE429, Mode.HALF_LINE):
            for transport in list(self._watches):
                if new is Mode.HALF_LINE:
                    transport.write(_chunk(_HALF_LINE))
                transport.close()

    # -- requests

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        faults = self.faults
        try:
            await faults.before_answer()
            result = self._dispatcher.handle(await _read(request))
            if isinstance(result, Forwarded):
                member = self._member(result.cluster)
                faults = member.faults
                await faults.before_answer()
                result = member._dispatcher.answer(result.request, result.user)
            if isinstance(result, Computed):
                result = Reply(*await asyncio.get_running_loop().run_in_executor(_COMPUTING, result.make))
        except errors.StatusError as error:
            result = dispatch.failure(error)
        except Exception as error:  # noqa: BLE001 - any fault of ours is a 500, as on a real server
            _LOG.exception("%s: %s %s", self.name, request.method, request.path)
            result = dispatch.failure(errors.internal(type(error).__name__))
        if isinstance(result, Streamed):
            return await self._stream(request, result, faults)
        if isinstance(result, Switched):
            return await _converse(request, result, faults)
        if isinstance(result, Forwarded):
            result = dispatch.failure(errors.internal("a member of a member"))
        return _respond(request, result)

    def _member(self, name: str) -> "ClusterServer":
        """Whom the proxy reaches; raises StatusError 404 for a stranger, 503 for one that does not listen."""
        member = self.members.get(name)
        if member is None:
            details: errors.Details = {"name": name, "group": dispatch.KARMADA, "kind": "clusters"}
            raise errors.StatusError(404, "NotFound", f'clusters.{dispatch.KARMADA} "{name}" not found', details)
        if not member.running:
            where = f"dial tcp 127.0.0.1:{member.port}: connect: connection refused"
            raise errors.StatusError(503, "ServiceUnavailable", f"error trying to reach service: {where}")
        return member

    async def _stream(self, request: web.BaseRequest, streamed: Streamed, faults: Faults) -> web.StreamResponse:
        response = web.StreamResponse(headers=_headers(streamed.content_type))
        response.enable_chunked_encoding()
        await response.prepare(request)
        transport = request.transport
        if transport is None:
            return response
        if streamed.watch:
            self._watches.add(transport)
        try:
            if streamed.watch and faults.mode is Mode.HALF_LINE:
                await response.write(_HALF_LINE)
                transport.close()
                return response
            with contextlib.suppress(ConnectionError):
                async with contextlib.aclosing(streamed.chunks) as chunks:
                    async for chunk in chunks:
                        await faults.before_line()
                        await response.write(chunk)
                await response.write_eof()
        finally:
            self._watches.discard(transport)
        return response


class _Wire:
    """A websocket as what runs inside containers sees it."""

    def __init__(self, socket: web.WebSocketResponse, faults: Faults) -> None:
        self._socket = socket
        self._faults = faults

    async def receive(self) -> bytes | None:
        """The next message; None once the client is gone."""
        message = await self._socket.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data).encode()
        return bytes(message.data) if message.type is WSMsgType.BINARY else None

    async def send(self, data: bytes) -> None:
        """Send a message; waits while the client does not read."""
        await self._faults.before_line()
        await self._socket.send_bytes(data)


async def _converse(request: web.BaseRequest, switched: Switched, faults: Faults) -> web.StreamResponse:
    socket = web.WebSocketResponse(protocols=switched.protocols, compress=False)
    await socket.prepare(request)
    with contextlib.suppress(ConnectionError):
        await switched.talk(_Wire(socket, faults))
        await socket.close()
    return socket


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def _read(request: web.BaseRequest) -> Request:
    if (request.content_length or 0) > _BODY_LIMIT:
        message = f"Request entity too large: limit is {_BODY_LIMIT}"
        raise errors.StatusError(413, "RequestEntityTooLarge", message, {})
    body = await request.content.read() if request.body_exists else b""
    return Request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        body=body,
        certificate_name=_certificate_name(request),
    )


def _certificate_name(request: web.BaseRequest) -> str:
    certificate = request.get_extra_info("peercert")
    if not certificate:
        return ""
    subject = (pair for entry in certificate.get("subject", ()) for pair in entry)
    return next((value for key, value in subject if key == "commonName"), "")


def _headers(content_type: str) -> dict[str, str]:
    return {
        "Audit-Id": str(uuid.uuid4()),
        "Cache-Control": "no-cache, private",
        "Content-Type": content_type,
    }


def _respond(request: web.BaseRequest, reply: Reply) -> web.Response:
    response = web.Response(status=reply.code, headers={**_headers(reply.content_type), **reply.headers})
    for warning in reply.warnings:
        text = warning.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{text}"')
    body = reply.body
    if len(body) >= _GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, compresslevel=1)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    response.body = body
    return response
