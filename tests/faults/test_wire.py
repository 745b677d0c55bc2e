"""The same answers in other pieces, framed otherwise, or packed: the store equals the servers all the same."""

from __future__ import annotations

import asyncio
import zlib
from pathlib import Path

import pytest

from tests.faults.exchange import Exchange
from tests.faults.model import NODES, PODS, bookmark, line, page
from tests.faults.server import Server
from tests.faults.stage import stage
from tests.faults.virtual import virtual_time


def initial(server: Server) -> bytes:
    """All the initial events of a WatchList of pods."""
    lines = [line("ADDED", raw) for raw in server.model.raw(PODS)]
    return b"".join([*lines, bookmark(server.model.version, end=True)])


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
@virtual_time
async def test_watches_in_pieces_of_any_size(tmp_path: Path, size: int, tls: bool) -> None:
    async def pieces(exchange: Exchange) -> None:
        exchange.pieces = size
        await exchange.server.serve(exchange)

    server = Server("m1", tls=tls)
    server.plant(pieces, "watch", "watchlist", times=1e9)
    async with stage(tmp_path, server) as on:
        mark = len(server.log)
        server.model.put(PODS, "p0", 7)
        server.model.delete(PODS, "p1")
        server.model.put(PODS, "größer 🚢", 7)
        await on.equal(30)
        assert not server.lists(mark)
        await on.steady()


@pytest.mark.parametrize("size", [1, 5, 33, 500])
@virtual_time
async def test_lines_across_chunks(tmp_path: Path, size: int) -> None:
    """Where a chunk ends says nothing of where a line does."""

    async def chunks(exchange: Exchange) -> None:
        exchange.open()
        data = initial(server)
        for start in range(0, len(data), size):
            exchange.chunk(data[start : start + size])
        await exchange.writer.drain()
        await asyncio.sleep(1000)

    server = Server("m1")
    plant = server.plant(chunks, "watchlist", path=PODS)
    async with stage(tmp_path, server) as on:
        assert plant.met
        assert len(server.lists(path=PODS)) == 1
        await on.equal()


@virtual_time
async def test_chunks_with_extensions_upper_case_sizes_and_trailers(tmp_path: Path) -> None:
    async def odd(exchange: Exchange) -> None:
        exchange.open()
        data = initial(server)
        exchange.writer.write(b"%X;name=value\r\n%s\r\n0\r\nX-Trailer: yes\r\n\r\n" % (len(data), data))
        await exchange.writer.drain()

    server = Server("m1")
    server.plant(odd, "watchlist", path=PODS)
    async with stage(tmp_path, server) as on:
        assert len(server.lists(path=PODS)) == 1
        await on.steady()


@pytest.mark.parametrize(
    "body", [b"zz\r\nhello\r\n", b"5\r\nhelloX\r\n", b"-1\r\n", b"ffffffffffffffffffff\r\n", b"\r\n"]
)
@virtual_time
async def test_chunks_that_are_none(tmp_path: Path, body: bytes) -> None:
    async def broken(exchange: Exchange) -> None:
        exchange.open()
        exchange.writer.write(body)
        await exchange.writer.drain()
        await asyncio.sleep(1)
        exchange.close()

    server = Server("m1")
    plant = server.plant(broken, "watchlist", "watch", path=PODS, times=3)
    async with stage(tmp_path, server) as on:
        for stream in server.streams(PODS):
            stream.cut()
        server.model.put(PODS, "p0", 7)
        await on.until(lambda: len(plant.met) == 3)
        await on.equal()
        await on.steady()


@pytest.mark.parametrize("length", [True, False])
@virtual_time
async def test_a_watch_that_is_not_in_chunks(tmp_path: Path, length: bool) -> None:
    """A proxy of HTTP/1.0 ends the body with the connection, or counts it."""

    async def plain(exchange: Exchange) -> None:
        data = initial(server)
        headers = {"Content_Length": str(len(data))} if length else {"Connection": "close"}
        exchange.head(200, **headers)
        exchange.writer.write(data)
        await exchange.writer.drain()
        await asyncio.sleep(5)
        exchange.close()

    server = Server("m1")
    server.plant(plain, "watchlist", path=PODS)
    async with stage(tmp_path, server) as on:
        assert len(server.lists(path=PODS)) == 1
        server.model.put(PODS, "p0", 7)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_watch_packed_by_a_proxy(tmp_path: Path) -> None:
    """It was not asked for, and is understood or asked for again; nothing is lost."""

    async def packed(exchange: Exchange) -> None:
        packer = zlib.compressobj(wbits=31)
        exchange.head(200, Transfer_Encoding="chunked", Content_Encoding="gzip")
        exchange.chunk(packer.compress(initial(server)) + packer.flush(zlib.Z_SYNC_FLUSH))
        await exchange.writer.drain()
        await asyncio.sleep(30)
        exchange.chunk(packer.flush())
        await exchange.end()

    server = Server("m1")
    server.plant(packed, "watchlist", path=PODS)
    async with stage(tmp_path, server) as on:
        server.model.put(PODS, "p0", 7)
        await on.equal()
        await on.steady()


@virtual_time
async def test_empty_lines_and_carriage_returns(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        (stream,) = server.streams(PODS)
        with server.held() as events:
            server.model.put(PODS, "p0", 7)
            server.model.put(PODS, "p1", 7)
        stream.send(b"\n\r\n\n", events[0].line.rstrip() + b"\r\n", b"\r\n", events[1].line)
        await on.equal()
        assert not server.lists(mark)
        await on.steady()


@pytest.mark.parametrize("bits", [0.0, 12.0])
@virtual_time
async def test_a_list_without_a_length(tmp_path: Path, bits: float) -> None:
    async def until_closed(exchange: Exchange) -> None:
        exchange.head(200, Connection="close")
        body = page(PODS, server.model.raw(PODS), server.model.version)
        exchange.writer.write(body[:100])
        await asyncio.sleep(bits)
        exchange.writer.write(body[100:])
        await exchange.writer.drain()
        exchange.close()

    server = Server("m1")
    server.watch_list = False
    server.plant(until_closed, "list", path=PODS)
    async with stage(tmp_path, server) as on:
        await on.steady()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@virtual_time
async def test_ten_thousand_events_in_one_write(tmp_path: Path, tls: bool) -> None:
    async with stage(tmp_path, Server("m1", tls=tls)) as on:
        server, mark = on["m1"], len(on["m1"].log)
        with server.held() as events:
            for number in range(10_000):
                server.model.put(PODS, f"p{number % 300}", number)
        for stream in server.streams(PODS):
            stream.send(b"".join(event.line for event in events))
        await on.equal()
        assert not server.lists(mark)
        await on.steady()


@virtual_time
async def test_events_without_a_resource_version(tmp_path: Path) -> None:
    """What cannot be gone on from must still be right in the end."""

    async def bare(exchange: Exchange) -> None:
        raw = server.model.raw(PODS)[0].replace(b'"resourceVersion"', b'"x"')
        exchange.open()
        exchange.chunk(line("MODIFIED", raw))
        await exchange.end()

    async with stage(tmp_path) as on:
        server = on["m1"]
        plant = server.plant(bare, "watch", path=PODS, times=2)
        for stream in server.streams(PODS):
            stream.cut()
        server.model.put(PODS, "p0", 7)
        server.model.put(NODES, "n0", 7)
        await on.until(lambda: len(plant.met) == 2)
        await on.equal()
        await asyncio.sleep(5)
        await on.steady()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("step", [1, 3, 50])
@virtual_time
async def test_a_whole_answer_in_pieces_its_head_too(tmp_path: Path, step: int, tls: bool) -> None:
    async def dribbled(exchange: Exchange) -> None:
        body = initial(server)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        answer = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        for start in range(0, len(answer), step):
            exchange.writer.write(answer[start : start + step])
            await asyncio.sleep(0.001)

    server = Server("m1", tls=tls)
    plant = server.plant(dribbled, "watchlist", path=PODS)
    async with stage(tmp_path, server) as on:
        assert plant.met
        assert len(server.lists(path=PODS)) == 1
        await on.steady()


@virtual_time
async def test_informational_answers_before_the_real_one(tmp_path: Path) -> None:
    async def hinted(exchange: Exchange) -> None:
        exchange.writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
        await exchange.writer.drain()
        await asyncio.sleep(0.1)
        await exchange.server.serve(exchange)

    server = Server("m1")
    server.plant(hinted, "watch", "watchlist", "probe", times=1e9)
    async with stage(tmp_path, server) as on:
        assert len(server.lists(path=PODS)) == 1
        server.model.put(PODS, "p0", 7)
        await on.equal(5)
        await on.steady()


@virtual_time
async def test_two_answers_to_one_request(tmp_path: Path) -> None:
    """What comes unasked on a kept connection belongs to no later request."""

    async def doubled(exchange: Exchange) -> None:
        await exchange.server.serve(exchange)
        await exchange.answer(200, page(PODS, [], 1))

    async with stage(tmp_path) as on:
        server = on["m1"]
        server.watch_list = False
        server.plant(doubled, "probe", "list", times=20)
        for turn in range(10):
            for stream in server.streams():
                stream.cut()
            server.model.put(PODS, "p0", turn)
            server.model.compact()
            await asyncio.sleep(2)
        await on.equal()
        await asyncio.sleep(20)
        await on.equal()
        await on.steady()
