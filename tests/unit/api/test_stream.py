"""Streams: whole lines a network read, an end that is told, and no silence without a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
import uvloop
from aiohttp import web

from kurator_tui.api.body import LineTooLong
from kurator_tui.api.connection import Connection
from kurator_tui.api.handover import handler_of
from kurator_tui.api.stream import Silent, Stream
from kurator_tui.errors import Broken, Forbidden
from tests.unit.api.support import (
    certified,
    connected,
    kubeconfig,
    lines_of,
    raw_serving,
    serving,
    status,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


class Reads:
    """What a stream gave, one entry a network read."""

    def __init__(self) -> None:
        self.batches: list[list[bytes]] = []
        self._came = asyncio.Event()

    def __call__(self, lines: list[bytes]) -> None:
        self.batches.append(lines)
        self._came.set()

    @property
    def lines(self) -> list[bytes]:
        return [line for batch in self.batches for line in batch]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.lines) < count:
                self._came.clear()
                await self._came.wait()


@contextlib.asynccontextmanager
async def reading(stream: Stream) -> AsyncIterator[tuple[Reads, asyncio.Task[None]]]:
    reads = Reads()
    running = asyncio.create_task(stream.run(reads))
    try:
        yield reads, running
    finally:
        running.cancel()
        await asyncio.wait({running})
        running.cancelled() or running.exception()


@contextlib.asynccontextmanager
async def wire(folder: Path, *writes: bytes, hang: bool = True) -> AsyncIterator[Connection]:
    """A connection to a server that writes exactly these bytes, one write a turn, then hangs or hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for data in writes:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0.002)
        if hang:
            await asyncio.Event().wait()

    async with raw_serving(talk) as url, connected(kubeconfig(folder, url)) as connection:
        yield connection


@contextlib.asynccontextmanager
async def wired(
    folder: Path, *writes: bytes, hang: bool = True, quiet: float | None = None
) -> AsyncIterator[Stream]:
    """A stream of exactly these bytes."""
    async with wire(folder, *writes, hang=hang) as connection, connection.stream("/watch", quiet=quiet) as stream:
        yield stream


@pytest.fixture
async def streamed(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    async with serving(request.param) as url, connected(kubeconfig(tmp_path, url)) as connection:
        yield connection


@pytest.mark.parametrize("streamed", [lines_of(b"a\n\nb", b"c\r\nlast", hang=False)], indirect=True)
async def test_lines_arrive_whole_whatever_the_chunks(streamed: Connection) -> None:
    reads = Reads()
    async with streamed.stream("/watch") as stream:
        await stream.run(reads)
    assert reads.lines == [b"a", b"bc", b"last"]
    assert streamed.stats.bytes_in == len(b"a\n\nbc\r\nlast")


async def test_one_network_read_is_one_batch(tmp_path: Path) -> None:
    both = b"4\r\na\nb\n\r\n2\r\nc\n\r\n"
    async with wired(tmp_path, HEAD, both) as stream, reading(stream) as (reads, _):
        await reads.until(3)
    assert reads.batches == [[b"a", b"b", b"c"]]


@pytest.mark.parametrize("size", [1, 3, 50])
async def test_the_head_and_the_body_may_come_in_any_pieces(tmp_path: Path, size: int) -> None:
    sent = b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"4\r\na\nb\n\r\n2\r\nc\n\r\n0\r\n\r\n"
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    reads = Reads()
    async with wired(tmp_path, *pieces) as stream:
        await stream.run(reads)
    assert reads.lines == [b"a", b"b", b"c"]


async def test_a_body_in_the_packet_of_its_head_is_not_lost(tmp_path: Path) -> None:
    reads = Reads()
    async with wired(tmp_path, HEAD + b"2\r\na\n\r\n", hang=False) as stream:
        with pytest.raises(Broken):
            await stream.run(reads)
    assert reads.lines == [b"a"]


async def test_a_head_with_bare_line_ends_loses_nothing_of_its_body(tmp_path: Path) -> None:
    head = HEAD.replace(b"\r\n", b"\n")
    reads = Reads()
    async with wired(tmp_path, head + b"2\r\na\n\r\n2\r\n", b"b\n\r\n0\r\n\r\n") as stream:
        async with asyncio.timeout(60):
            await stream.run(reads)
    assert reads.lines == [b"a", b"b"]


@pytest.mark.parametrize("how", ["length", "gzip"])
async def test_bodies_that_are_not_chunked_or_compressed_against_our_wish_are_read_too(
    tmp_path: Path, how: str
) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        if how == "length":
            response.content_length = 4
        elif how == "gzip":
            response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        await response.write(b"a\nb\n")
        await response.write_eof()
        return response

    reads = Reads()
    async with (
        serving(handler) as url,
        connected(kubeconfig(tmp_path, url)) as connection,
        connection.stream("/watch") as stream,
    ):
        await stream.run(reads)
    assert reads.lines == [b"a", b"b"]


@pytest.mark.parametrize("loop", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_over_tls_bodies_bypass_the_http_library_and_requests_do_not(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext, loop: Callable[[Any], None]
) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for _ in range(3):
            await response.write(b"x" * 50_000 + b"\n")
        return response

    async def scene() -> None:
        async with serving(handler, server_tls) as url:
            config = kubeconfig(tmp_path, url, cluster=certified(authority))
            async with connected(config) as connection:
                for _ in range(2):
                    answer = await connection.request("GET", "/x")
                    assert len(answer.body) == 150_003
                async with connection.stream("/watch") as stream:
                    assert handler_of(stream._response) is not None
                    reads = Reads()
                    async with asyncio.timeout(60):
                        await stream.run(reads)
                    assert stream._response.content.total_bytes == 0
                assert [len(line) for line in reads.lines] == [50_000] * 3

    loop(scene())


@pytest.mark.parametrize("streamed", [lines_of(b"a\n")], indirect=True)
async def test_silence_past_the_deadline_ends_a_stream(streamed: Connection) -> None:
    async with streamed.stream("/watch", quiet=0.05) as stream, reading(stream) as (reads, running):
        assert streamed.stats.open_streams == 1
        await reads.until(1)
        with pytest.raises(Silent, match="silent"):
            await running
    assert streamed.stats.open_streams == 0


async def test_a_deadline_may_be_changed_while_the_stream_runs(tmp_path: Path) -> None:
    async with wired(tmp_path, HEAD, b"2\r\na\n\r\n") as stream, reading(stream) as (reads, running):
        await reads.until(1)
        stream.quiet = 0.01
        with pytest.raises(Silent):
            await running


async def test_a_process_that_was_stopped_reads_what_waits_before_it_calls_it_silence(tmp_path: Path) -> None:
    """SIGSTOP and SIGCONT: the deadline has passed, but not because the server said nothing."""
    async with (
        wired(tmp_path, HEAD + b"2\r\na\n\r\n", quiet=30.0) as stream,
        reading(stream) as (reads, running),
    ):
        await reads.until(1)
        stream._heard -= 60.0
        stream._look()
        assert not running.done()
        stream._received(b"2\r\nb\n\r\n")
        stream._disarm()
        stream._look()
        await asyncio.sleep(0)
        assert not running.done()
        assert reads.lines == [b"a", b"b"]


@pytest.mark.parametrize("streamed", [lines_of(b"x" * 1_500_000 + b"\n", b"y" * 5_000_000)], indirect=True)
async def test_a_megabyte_is_a_line_and_five_are_not(streamed: Connection) -> None:
    reads = Reads()
    async with streamed.stream("/watch") as stream:
        with pytest.raises(LineTooLong, match="127"):
            await stream.run(reads)
    assert [len(line) for line in reads.lines] == [1_500_000]


@pytest.mark.parametrize(
    "writes",
    [
        (HEAD, b"2\r\na\n\r\n", b"20\r\nb"),
        (HEAD, b"2\r\na\n\r\n"),
        (HEAD, b"2\r\na\n\r\n", b"nonsense\r\n"),
        (HEAD.replace(b"Transfer-Encoding: chunked", b"Content-Length: 100"), b"a\nb"),
    ],
)
async def test_a_stream_that_breaks_off_is_broken_after_its_whole_lines(
    tmp_path: Path, writes: tuple[bytes, ...]
) -> None:
    reads = Reads()
    async with wired(tmp_path, *writes, hang=False) as stream:
        with pytest.raises(Broken, match="broke off"):
            await stream.run(reads)
    assert reads.lines == [b"a"]


@pytest.mark.parametrize("mistake", [ValueError("ours"), RuntimeError("ours"), KeyError("ours")])
@pytest.mark.parametrize("streamed", [lines_of(b"a\n")], indirect=True)
async def test_what_the_taker_raises_ends_the_stream_as_it_is(streamed: Connection, mistake: Exception) -> None:
    def take(lines: list[bytes]) -> None:
        raise mistake

    async with streamed.stream("/watch") as stream:
        with pytest.raises(type(mistake), match="ours"):
            await stream.run(take)


@pytest.mark.parametrize("streamed", [lambda request: never(request)], indirect=True)
async def test_a_stream_is_checked_for_its_status_first(streamed: Connection) -> None:
    with pytest.raises(Forbidden):
        async with streamed.stream("/watch"):
            pytest.fail("opened")


async def never(request: web.BaseRequest) -> web.StreamResponse:
    return status(403, "Forbidden", "no")


@pytest.mark.parametrize("streamed", [lines_of(b"a\n")], indirect=True)
async def test_closing_ends_open_streams_and_refuses_new_requests(streamed: Connection) -> None:
    async with streamed.stream("/watch") as stream, reading(stream) as (reads, running):
        await reads.until(1)
        await streamed.close()
        with pytest.raises(Broken):
            await running
    with pytest.raises(Broken, match="closed"):
        await streamed.request("GET", "/version")


async def test_encodings_are_asked_for_as_they_serve_gzip_for_lists_none_for_streams(tmp_path: Path) -> None:
    asked: list[str] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.headers["Accept-Encoding"])
        return web.Response(text="x")

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        await connection.request("GET", "/x", listing=True)
        async with connection.stream("/watch"):
            pass
    assert "gzip" in asked[0]
    assert asked[1] == "identity"


async def test_a_mistake_of_ours_in_what_the_library_reads_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(_stream: Stream, _body: bytes) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(Stream, "_deliver", mistaken)
    head = HEAD.replace(b"Transfer-Encoding: chunked", b"Content-Length: 100")
    async with wire(tmp_path, head, b"a\nb") as connection, connection.stream("/watch") as stream:
        with pytest.raises(KeyError):
            await asyncio.wait_for(stream.run(lambda _lines: None), 60)
