"""Websockets of a connection: agreed, refused, broken, slow."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import WSMsgType, web

from kurator_tui.api import websocket as module
from kurator_tui.api.connection import Connection, ConnectionSettings
from kurator_tui.api.websocket import MUCH, WebSocket
from kurator_tui.errors import (
    Broken,
    ConsoleError,
    Forbidden,
    NotFound,
    Refused,
    ServerFault,
    TransportError,
    Unauthorized,
    UpgradeRefused,
)
from tests.unit.api.support import TOKEN, certified, connected, kubeconfig, raw_serving, serving, status

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PATH = "/api/v1/namespaces/d/pods/p/exec"
Talk = Callable[[web.WebSocketResponse], Awaitable[object]]


def talking(talk: Talk, *protocols: str) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """A handler that switches to a websocket and lets `talk` have it."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=protocols or (V5, V4), compress=False)
        await socket.prepare(request)
        await talk(socket)
        return socket

    return handler


async def echoing(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        await socket.send_bytes(message.data)


@contextlib.asynccontextmanager
async def opened(
    folder: Path, handler: Any, tls: ssl.SSLContext | None = None, **config: Any
) -> AsyncIterator[tuple[Connection, WebSocket]]:
    async with (
        serving(handler, tls) as url,
        connected(kubeconfig(folder, url, **config)) as connection,
        connection.websocket(PATH, protocols=(V5, V4)) as socket,
    ):
        yield connection, socket


async def test_messages_go_both_ways_and_the_best_protocol_is_taken(tmp_path: Path) -> None:
    async with opened(tmp_path, talking(echoing)) as (connection, socket):
        assert socket.protocol == V5
        assert connection.stats.open_streams == 1
        for data in (b"", b"a", b"x" * 200, b"\r\n\r\n" * 20_000):
            await socket.send(data)
            assert await socket.receive() == data
    assert connection.stats.open_streams == 0


async def test_over_tls_with_the_connections_own_credentials(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    seen: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return await talking(echoing, V4)(request)

    config = {"cluster": certified(authority), "user": {"token": TOKEN}}
    async with opened(tmp_path, handler, server_tls, **config) as (_, socket):
        assert socket.protocol == V4
        await socket.send(b"x" * 100_000)
        assert await socket.receive() == b"x" * 100_000
    assert seen == [f"Bearer {TOKEN}"]


async def test_the_path_and_query_are_those_asked_for(tmp_path: Path) -> None:
    seen: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.path_qs)
        return await talking(echoing)(request)

    async with serving(handler) as url, connected(kubeconfig(tmp_path, f"{url}/k8s/c-1")) as connection:
        query = [("command", "sh"), ("command", "-c"), ("stdin", "true")]
        async with connection.websocket(PATH, query=query, protocols=(V5,)):
            pass
    assert seen == [f"/k8s/c-1{PATH}?command=sh&command=-c&stdin=true"]


async def test_through_an_http_proxy(tmp_path: Path) -> None:
    async with serving(talking(echoing)) as proxy:
        config = kubeconfig(tmp_path, "http://cluster.test", cluster={"proxy-url": proxy})
        async with (
            connected(config, ConnectionSettings(env={})) as connection,
            connection.websocket(PATH, protocols=(V5,)) as socket,
        ):
            await socket.send(b"through")
            assert await socket.receive() == b"through"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (status(401, "Unauthorized", "Unauthorized"), Unauthorized, "Unauthorized"),
        (status(403, "Forbidden", 'cannot create resource "pods/exec"'), Forbidden, "pods/exec"),
        (status(404, "NotFound", 'pods "p" not found'), NotFound, 'pods "p" not found'),
        (
            status(500, "InternalError", 'unable to upgrade connection: container not found ("c")'),
            ServerFault,
            "container not found",
        ),
        (status(400, "BadRequest", "container x is not valid for pod p"), ConsoleError, "not valid"),
        (status(400, "BadRequest", "Upgrade request required"), UpgradeRefused, "does not switch"),
        (web.Response(text="hello"), UpgradeRefused, r"\(answered 200\)"),
        (web.Response(status=501), UpgradeRefused, "501"),
        (web.Response(status=502, text="<html>bad gateway"), ServerFault, "502"),
    ],
)
async def test_refusals(tmp_path: Path, answer: web.Response, error: type[ConsoleError], words: str) -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return answer

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(error, match=words):
            async with connection.websocket(PATH, protocols=(V5, V4)):
                pytest.fail("it was refused")
        assert not connection.down


async def test_no_server_at_all(tmp_path: Path) -> None:
    async with serving(talking(echoing)) as url:
        config = kubeconfig(tmp_path, url)
    async with connected(config) as connection:
        with pytest.raises(Refused):
            async with connection.websocket(PATH, protocols=(V5,)):
                pytest.fail("nobody listens")


async def test_a_server_that_knows_none_of_our_protocols(tmp_path: Path) -> None:
    talk = talking(echoing, "channel.k8s.io")
    async with serving(talk) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(UpgradeRefused, match="speaks none of v5"):
            async with connection.websocket(PATH, protocols=(V5, V4)):
                pytest.fail("nothing was agreed upon")


async def test_something_that_switches_without_having_understood(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: nonsense\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n"
        )
        await reader.read()

    async with raw_serving(talk) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(UpgradeRefused, match="not to a websocket"):
            async with connection.websocket(PATH, protocols=(V5,)):
                pytest.fail("this is no websocket")


async def test_a_clean_end_comes_after_what_was_said_before(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"last words")
        await socket.close()

    async with opened(tmp_path, talking(talk)) as (_, socket):
        assert await socket.receive() == b"last words"
        assert await socket.receive() is None
        assert await socket.receive() is None
        with pytest.raises(Broken, match="has closed"):
            await socket.send(b"too late")


async def test_an_end_with_a_reason_is_a_failure_in_the_servers_words(tmp_path: Path) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.close(code=1011, message=b"kubelet \x1b[31mgone")

    async with opened(tmp_path, talking(talk)) as (_, socket):
        with pytest.raises(Broken, match=r"closed the connection \(1011\): kubelet") as caught:
            await socket.receive()
        assert "\x1b" not in caught.value.message


async def test_a_cut_is_told_after_what_came_before_it(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5,))
        await socket.prepare(request)
        await socket.send_bytes(b"half a")
        assert request.transport is not None
        request.transport.close()
        return socket

    async with opened(tmp_path, handler) as (connection, socket):
        assert await socket.receive() == b"half a"
        with pytest.raises(TransportError):
            await socket.receive()
        with pytest.raises(TransportError):
            await socket.send(b"x")
        assert not connection.down


async def test_closing_says_goodbye(tmp_path: Path) -> None:
    closed: asyncio.Queue[Any] = asyncio.Queue()

    async def talk(socket: web.WebSocketResponse) -> None:
        message = await socket.receive()
        closed.put_nowait((message.type, socket.close_code))

    async with opened(tmp_path, talking(talk)):
        pass
    assert await asyncio.wait_for(closed.get(), 60) == (WSMsgType.CLOSE, 1000)


async def test_pings_are_answered_while_nobody_reads(tmp_path: Path) -> None:
    got: asyncio.Queue[Any] = asyncio.Queue()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5,), autoping=False)
        await socket.prepare(request)
        await socket.ping(b"there?")
        got.put_nowait(await socket.receive())
        return socket

    async with opened(tmp_path, handler):
        message = await asyncio.wait_for(got.get(), 60)
        assert (message.type, message.data) == (WSMsgType.PONG, b"there?")


async def test_nonsense_on_the_wire_ends_it(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5,))
        await socket.prepare(request)
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await socket.receive()
        return socket

    async with opened(tmp_path, handler) as (_, socket):
        with pytest.raises(Broken, match="sent an extension"):
            await socket.receive()


async def test_a_slow_reader_makes_the_server_wait(tmp_path: Path) -> None:
    total, piece = 10 * 2**20, 32 * 1024
    sent = 0

    async def talk(socket: web.WebSocketResponse) -> None:
        nonlocal sent
        for _ in range(total // piece):
            await socket.send_bytes(b"x" * piece)
            sent += piece
        await socket.close()

    async with opened(tmp_path, talking(talk)) as (connection, socket):
        first = await socket.receive()
        before = -1
        while sent != before:  # until the server has filled every buffer between us and stands
            before = sent
            for _ in range(200):
                await asyncio.sleep(0)
        assert connection.stats.bytes_in < MUCH + 2**19
        assert sent < total
        received = len(first or b"")
        while (data := await socket.receive()) is not None:
            received += len(data)
        assert received == total


async def test_a_server_that_does_not_read_makes_us_wait(tmp_path: Path) -> None:
    read = asyncio.Event()
    received = 0

    async def talk(socket: web.WebSocketResponse) -> None:
        nonlocal received
        await read.wait()
        async for message in socket:
            received += len(message.data)
            if received == 64 * 2**20:
                await socket.close()

    async with opened(tmp_path, talking(talk)) as (_, socket):

        async def feed() -> None:
            for _ in range(64):
                await socket.send(bytes(2**20))

        feeding = asyncio.create_task(feed())
        done, _ = await asyncio.wait({feeding}, timeout=0.3)
        assert not done
        read.set()
        await feeding
        assert await socket.receive() is None


async def test_a_sender_that_waits_hears_of_the_end(tmp_path: Path) -> None:
    connections: list[asyncio.BaseTransport] = []
    here = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5,))
        await socket.prepare(request)
        assert request.transport is not None
        connections.append(request.transport)
        await here.wait()
        request.transport.abort()
        return socket

    async with opened(tmp_path, handler) as (_, socket):

        async def feed() -> None:
            while True:
                await socket.send(bytes(2**20))

        feeding = asyncio.create_task(feed())
        await asyncio.wait({feeding}, timeout=0.2)
        here.set()
        with pytest.raises(TransportError):
            await feeding


async def test_a_silent_server_is_asked_and_then_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.02)
    asked = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=(V5,), autoping=False)
        await socket.prepare(request)
        if (await socket.receive()).type is WSMsgType.PING:
            asked.set()
        while not socket.closed:
            await socket.receive()
        return socket

    async with opened(tmp_path, handler) as (_, socket):
        with pytest.raises(Broken, match="silent for"):
            await socket.receive()
        assert asked.is_set()


async def test_a_server_that_answers_pings_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT", 0.02)
    async with opened(tmp_path, talking(echoing)) as (_, socket):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive(), 0.4)
        await socket.send(b"still here")
        assert await socket.receive() == b"still here"
