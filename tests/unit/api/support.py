"""What the api tests share: a scripted API server, kubeconfigs, a clock that does not wait, one small kind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import trustme
import yaml
from aiohttp import web

from kurator_tui.api.connection import Connection, ConnectionSettings
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.kubeconfig import Kubeconfig, load_kubeconfig
from kurator_tui.api.watch import WatchSettings
from kurator_tui.kinds.base import HEALTHY, Kind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.meta import ObjectMeta, Projection

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

TOKEN = "s3cr3t-t0ken"
FAST = ConnectionSettings(connect=60.0, env={})
"""No limit that a busy machine reaches: a test in which one passes has settings of its own."""
QUICK = WatchSettings(term=(30.0, 40.0), initial_quiet=60.0, settle=0.05)


class Thing(Projection):
    metadata: ObjectMeta
    data: dict[str, str] | None = None


class ThingRow(Row, frozen=True, gc=False, array_like=True):
    value: str = ""


THINGS: Kind[Thing, ThingRow] = Kind(
    id="things",
    name="Thing",
    row=ThingRow,
    columns=(),
    health=lambda row: HEALTHY,
    versions=("v1",),
    plural="things",
    projection=Thing,
    project=lambda cluster, obj: ThingRow(
        cluster,
        obj.metadata.namespace or "",
        obj.metadata.name,
        obj.metadata.uid,
        0.0,
        (obj.data or {}).get("v", ""),
    ),
)
PATH = ResourcePath("", "v1", "things", True, frozenset({"list", "watch"}))


def decoder() -> RowDecoder[Thing, ThingRow]:
    return RowDecoder(THINGS, "m1")


class QuickClock:
    """Real time for `now`, or none with `still`; no time for `sleep`."""

    def __init__(self, *, still: bool = False) -> None:
        self.slept: list[float] = []
        self._still = still

    def now(self) -> float:
        return 0.0 if self._still else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The URL of an HTTP server on loopback that gives every request to `handler`."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.001)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"{'https' if tls else 'http'}://{host}:{port}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def raw_serving(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """The URL of a TCP server that is no HTTP server; `talk` runs for each connection."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def document(
    server: str, *, cluster: Mapping[str, Any] | None = None, user: Mapping[str, Any] | None = None
) -> str:
    """A kubeconfig of one context."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": "u", "user": dict(user or {})}],
        }
    )


def kubeconfig(
    folder: Path, server: str, *, cluster: Mapping[str, Any] | None = None, user: Mapping[str, Any] | None = None
) -> Kubeconfig:
    path = folder / "kubeconfig"
    path.write_text(document(server, cluster=cluster, user=user))
    return load_kubeconfig(str(path), {})


@contextlib.asynccontextmanager
async def connected(config: Kubeconfig, settings: ConnectionSettings = FAST) -> AsyncIterator[Connection]:
    connection = await Connection.open(
        "m1", config, None, user_owned=True, exec_gate=asyncio.Semaphore(1), settings=settings
    )
    try:
        yield connection
    finally:
        await connection.close()


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """Who asked, as JSON: headers and the client certificate's subject."""
    cert: Any = request.get_extra_info("peercert") or {}
    subject = {key: value for ((key, value),) in cert.get("subject", ())}
    text = await request.text()
    return web.json_response(
        {"headers": dict(request.headers), "subject": subject, "path": request.path_qs, "body": text}
    )


async def asked(connection: Connection, **kwargs: Any) -> dict[str, Any]:
    response = await connection.request("GET", "/version", **kwargs)
    answer: dict[str, Any] = msgspec.json.decode(response.body)
    return answer


def lines_of(*chunks: bytes, hang: bool = True) -> Any:
    """A handler that streams chunks and then stays silent, or ends."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if hang:
            await asyncio.Event().wait()
        return response

    return handler


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def certified(authority: trustme.CA) -> dict[str, str]:
    return {"certificate-authority-data": b64(authority.cert_pem.bytes())}


def client_certificate(authority: trustme.CA, name: str = "ada") -> tuple[bytes, bytes]:
    leaf = authority.issue_cert(f"{name}@example.com", common_name=name)
    return leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()


def status(code: int, reason: str, message: str, **details: Any) -> web.Response:
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    return web.json_response({**body, "details": details} if details else body, status=code)


class Shelf:
    """One collection, `/api/v1/things`, with list, watch, WatchList and every way to misbehave.

    `next_answers` are handlers used up one a request before the collection itself answers.
    """

    def __init__(self) -> None:
        self.version = 100
        self.oldest = 0
        self.objects: dict[str, dict[str, Any]] = {}
        self.log: list[tuple[int, dict[str, Any]]] = []
        self.queries: list[dict[str, str]] = []
        self.next_answers: list[Handler] = []
        self.watch_list = "yes"
        """`yes`, `refused` (422), or `ignored` (events without an end)."""
        self._queues: set[asyncio.Queue[bytes | None]] = set()
        self.watching = asyncio.Event()

    def put(self, name: str, value: str = "", annotation: str = "") -> None:
        self.version += 1
        meta = {"name": name, "namespace": "ns", "uid": f"uid-{name}", "resourceVersion": str(self.version)}
        if annotation:
            meta["annotations"] = {"big": annotation}  # type: ignore[assignment]
        kind = "MODIFIED" if name in self.objects else "ADDED"
        self.objects[name] = {"kind": "Thing", "metadata": meta, "data": {"v": value}}
        self._emit(kind, self.objects[name])

    def delete(self, name: str) -> None:
        self.version += 1
        gone = self.objects.pop(name)
        self._emit("DELETED", {**gone, "metadata": {**gone["metadata"], "resourceVersion": str(self.version)}})

    def bookmark(self) -> None:
        self.send(line("BOOKMARK", {"metadata": {"resourceVersion": str(self.version)}}))

    def send(self, data: bytes | None) -> None:
        """Bytes to all watches; None ends them cleanly."""
        for queue in self._queues:
            queue.put_nowait(data)

    def cut(self) -> None:
        """Break all watches without a word, in the middle of a line."""
        self.send(b'{"type":"MODIFIED","obj')
        self.send(b"CUT")

    def _emit(self, kind: str, obj: dict[str, Any]) -> None:
        self.log.append((self.version, {"type": kind, "object": obj}))
        self.send(line(kind, obj))

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.queries.append(dict(request.query))
        if self.next_answers:
            return await self.next_answers.pop(0)(request)
        return await (self._watch(request) if "watch" in request.query else self._list(request))

    async def _list(self, request: web.BaseRequest) -> web.StreamResponse:
        limit, start = int(request.query.get("limit", "0")), int(request.query.get("continue") or "0")
        items = list(self.objects.values())
        page = items[start : start + limit] if limit else items[start:]
        more = str(start + limit) if limit and start + limit < len(items) else ""
        meta = {"resourceVersion": str(self.version), "continue": more}
        return web.json_response({"kind": "ThingList", "metadata": meta, "items": page})

    async def _watch(self, request: web.BaseRequest) -> web.StreamResponse:
        initial = "sendInitialEvents" in request.query
        if initial and self.watch_list == "refused":
            return status(422, "Invalid", "sendInitialEvents is forbidden for watch")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._backlog(queue, request, initial)
        self._queues.add(queue)
        self.watching.set()
        try:
            while (data := await queue.get()) is not None:
                if data == b"CUT":
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                await response.write(data)
        finally:
            self._queues.discard(queue)
            self.watching.clear()
        return response

    def _backlog(self, queue: asyncio.Queue[bytes | None], request: web.BaseRequest, initial: bool) -> None:
        if initial:
            for obj in self.objects.values():
                queue.put_nowait(line("ADDED", obj))
            if self.watch_list == "yes":
                end = {"k8s.io/initial-events-end": "true"}
                meta = {"resourceVersion": str(self.version), "annotations": end}
                queue.put_nowait(line("BOOKMARK", {"metadata": meta}))
            return
        since = int(request.query["resourceVersion"])
        if since < self.oldest:
            gone = {"kind": "Status", "reason": "Expired", "code": 410, "message": "too old resource version"}
            queue.put_nowait(line("ERROR", gone))
            queue.put_nowait(None)
        for version, event in self.log:
            if version > since:
                queue.put_nowait(line(event["type"], event["object"]))


def line(kind: str, obj: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"
