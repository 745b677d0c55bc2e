"""TLS with shared buffers: the same bytes, the same checks, the same ends as the event loop's own."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
import uvloop
from aiohttp import web

from kurator_tui.api import transport
from kurator_tui.api.connection import Connection
from kurator_tui.api.handover import handler_of
from kurator_tui.api.secure import Secured
from kurator_tui.errors import Broken
from tests.unit.api.secured import App, Pair, Wire, secured
from tests.unit.api.support import certified, connected, kubeconfig, raw_serving, serving


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.cert_pem.bytes().decode())
    return context


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_large_and_small_messages_pass_whole_in_both_directions(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext, run: Any, version: ssl.TLSVersion
) -> None:
    sizes = [1, 5_000, 16_384, 16_385, 300_000]
    sent = b"".join(bytes([number]) * size for number, size in enumerate(sizes))
    trusting.maximum_version = version

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for size in sizes:
            writer.write(await reader.readexactly(size))
            await writer.drain()

    async def scene() -> None:
        async with secured(echo, server_tls, trusting) as app:
            at = 0
            for size in sizes:
                app.transport.write(sent[at : at + size])
                at += size
            async with asyncio.timeout(60):
                assert await app.over is None
            assert bytes(app.got) == sent
            assert app.events == ["made", "eof", "lost"]

    run(scene())


async def test_what_comes_with_the_end_of_the_handshake_is_not_lost(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await reader.read()

    async with secured(greet, server_tls, trusting) as app:
        async with asyncio.timeout(60):
            while app.got != b"hello":
                await asyncio.sleep(0)


async def test_an_aborted_connection_is_lost_once(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async def abort(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with secured(abort, server_tls, trusting) as app:
        async with asyncio.timeout(60):
            await app.over
        await asyncio.sleep(0)
    assert app.events.count("lost") == 1


async def test_damaged_ciphertext_breaks_the_connection(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with secured(wait, server_tls, trusting) as app:
        secure: Secured = app.transport
        rubbish = b"\x17\x03\x03\x00\x20" + b"x" * 32
        secure.get_buffer(-1)[: len(rubbish)] = rubbish
        secure.buffer_updated(len(rubbish))
        assert isinstance(await app.over, ssl.SSLError)
        assert secure.is_closing()
        secure.write(b"to nobody")
    assert app.events == ["made", "lost"]


async def test_reading_can_be_paused(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(await reader.readexactly(1))

    async with secured(twice, server_tls, trusting) as app:
        app.transport.pause_reading()
        app.transport.pause_reading()
        assert not app.transport.is_reading()
        app.transport.write(b"ab")
        await asyncio.sleep(0.02)
        assert app.got == b""
        app.transport.resume_reading()
        app.transport.resume_reading()
        async with asyncio.timeout(60):
            while app.got != b"ab":
                await asyncio.sleep(0)


async def test_connections_use_it(tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        assert len(await request.read()) == 900_002
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a\n")
        return response

    async with serving(handler, server_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority))
        async with connected(config) as connection:
            answer = await connection.request("POST", "/x", body="x" * 900_000)
            assert answer.body == b"a\n"
            assert list(_transports(connection)) == [Secured]


async def test_where_it_is_not_supported_tls_is_the_event_loops(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b"a")

    monkeypatch.setattr(transport, "SUPPORTED", False)
    async with serving(handler, server_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority))
        async with connected(config) as connection:
            assert (await connection.request("GET", "/x")).body == b"a"
            assert Secured not in _transports(connection)


def _transports(connection: Connection) -> list[type]:
    client: Any = connection._client
    return [type(protocol.transport) for kept in client._connector._conns.values() for protocol, _ in kept]


async def test_tls_through_a_proxy_is_the_event_loops(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    asked: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split()[1])
        host, port = asked[-1].decode().split(":")
        there = await asyncio.open_connection(host, int(port))
        writers.extend((writer, there[1]))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pipe(reader, there[1]), pipe(there[0], writer))

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a\nb\n")
        return response

    got: list[bytes] = []
    async with serving(handler, server_tls) as url, raw_serving(proxy) as via:
        config = kubeconfig(tmp_path, url, cluster={**certified(authority), "proxy-url": via})
        async with connected(config) as connection:
            assert (await connection.request("GET", "/x")).body == b"a\nb\n"
            async with connection.stream("/watch") as stream:
                assert handler_of(stream._response) is not None
                await stream.run(got.extend)
        await asyncio.gather(*[writer.wait_closed() for writer in writers], return_exceptions=True)
    assert got == [b"a", b"b"]
    assert asked
    assert set(asked) == {url.removeprefix("https://").encode()}


async def test_a_server_that_hangs_up_in_the_handshake_is_broken(tmp_path: Path, authority: trustme.CA) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with raw_serving(hang_up) as url:
        config = kubeconfig(tmp_path, url.replace("http:", "https:"), cluster=certified(authority))
        async with connected(config) as connection:
            with pytest.raises(Broken):
                await connection.request("GET", "/x")


async def test_closing_says_goodbye(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    pair = Pair(server_tls, trusting)
    pair.secure.write(b"x")
    pair.secure.close()
    assert pair.wire.closed
    assert pair.server.read(1) == b"x"
    assert pair.server.read(1) == b""  # `SSLWantReadError` without a goodbye


async def test_the_servers_goodbye_ends_what_is_received(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    pair = Pair(server_tls, trusting)
    pair.server.write(b"last")
    with contextlib.suppress(ssl.SSLWantReadError):
        pair.server.unwrap()
    pair.feed(pair.said())
    assert bytes(pair.app.got) == b"last"
    assert pair.app.events == ["made", "eof"]
    assert pair.wire.closed


async def test_nothing_is_received_after_damage_in_the_middle_of_a_read(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    pair = Pair(server_tls, trusting)
    pair.server.write(b"a" * 9000)
    first = pair.said()
    pair.server.write(b"b" * 9000)
    second = bytearray(pair.said())
    second[100] ^= 1
    pair.server.write(b"c" * 9000)
    pair.feed(first + bytes(second) + pair.said())
    assert bytes(pair.app.got) == b"a" * 9000
    assert pair.app.events == ["made", "lost"]
    assert "mac" in str(await pair.app.over).lower()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_connections_that_are_read_in_turns_keep_their_bytes_apart(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    trusting.maximum_version = version
    pairs = [Pair(server_tls, trusting) for _ in range(3)]
    for number, pair in enumerate(pairs):
        for size in (1, 20_000, 300):
            pair.server.write(bytes([number]) * size)
    waiting = [pair.said() for pair in pairs]
    while any(waiting):  # in pieces that end anywhere in a record
        for number, pair in enumerate(pairs):
            pair.feed(waiting[number][:777])
            waiting[number] = waiting[number][777:]
            pair.secure.write(b"%d" % number)
    for number, pair in enumerate(pairs):
        assert bytes(pair.app.got) == bytes([number]) * 20_301
        assert set(pair.server.read(16384)) == {ord(str(number))}


@pytest.mark.parametrize("goodbye", [True, False], ids=["a goodbye", "damage"])
async def test_what_an_end_leaves_unread_reaches_no_other_connection(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext, goodbye: bool
) -> None:
    ending, other = Pair(server_tls, trusting), Pair(server_tls, trusting)
    ending.server.write(b"a" * 1000)
    end = bytearray(ending.said())
    end[500] ^= 1
    if goodbye:
        with contextlib.suppress(ssl.SSLWantReadError):
            ending.server.unwrap()
        end = bytearray(ending.said())
    ending.feed(bytes(end) + b"left behind")
    assert ending.secure.is_closing()
    other.server.write(b"hello")
    other.feed(other.said())
    other.secure.write(b"to you")
    assert other.app.got == b"hello"
    assert other.server.read(16) == b"to you"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("wrong", ["authority", "name"])
async def test_a_server_that_cannot_prove_its_name_is_told_nothing(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext, version: ssl.TLSVersion, wrong: str
) -> None:
    strangers = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context, name = (strangers, "127.0.0.1") if wrong == "authority" else (trusting, "elsewhere.test")
    context.maximum_version = version
    pair = Pair(server_tls, context, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        await pair.secure.ready
    assert pair.app.events == []
    assert pair.wire.closed
    assert "ALERT" in pair.refused


async def test_a_connection_nobody_waits_for_any_more_ends_without_a_word(trusting: ssl.SSLContext) -> None:
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    secure = Secured(App(), trusting, "127.0.0.1")
    secure.connection_made(Wire(ssl.MemoryBIO()))
    secure.connection_lost(None)
    assert secure.ready.done()
    del secure
    gc.collect()
    assert complaints == []


async def test_a_diverted_connection_says_nothing_and_goes_on(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    asked = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"head")
        assert await reader.readexactly(4) == b"more"  # nothing before it
        asked.set()
        writer.write(b"body")
        await reader.read()

    async with secured(answer, server_tls, trusting) as app:
        taken = bytearray()
        async with asyncio.timeout(60):
            while app.got != b"head":
                await asyncio.sleep(0)
            cast(Secured, app.transport).divert(taken.extend)
            app.transport.write(b"more")
            await asked.wait()
            while taken != b"body":
                await asyncio.sleep(0)
