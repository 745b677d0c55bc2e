"""A watch fails in every way it can, and afterwards the store equals the servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kurator_tui.store.freshness import State
from tests.faults.exchange import Exchange, Stream
from tests.faults.model import PODS, bookmark, line
from tests.faults.server import Server, status
from tests.faults.stage import Stage, stage
from tests.faults.virtual import virtual_time

INTERNAL = status(500, "InternalError", "etcdserver: no leader")


def happen(server: Server) -> None:
    """One pod more, one changed, one gone."""
    server.model.put(PODS, "new", 1)
    server.model.put(PODS, "p0", 9)
    server.model.delete(PODS, "p1")


def only(server: Server) -> Stream:
    """The one watch of pods."""
    (stream,) = server.streams(PODS)
    return stream


def relisted(on: Stage, mark: int) -> list[str]:
    """Paths that were listed at the member since log index `mark`."""
    return [asked.path for asked in on["m1"].lists(mark)]


@virtual_time
async def test_nothing_fails_and_all_is_equal(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        happen(on["m1"])
        await on.equal()
        await on.steady()


@virtual_time
async def test_an_error_event_and_then_the_end(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark, seen = on["m1"], len(on["m1"].log), len(on.seen)
        stream = only(server)
        with server.held():
            happen(server)
        stream.send(line("ERROR", INTERNAL))
        stream.end()
        await on.equal()
        assert relisted(on, mark) == []
        assert State.STALE in on.states("m1", PODS, seen), "rows of an ended watch are not called live"
        await on.steady()


@virtual_time
async def test_every_watch_ends_with_an_error_event(tmp_path: Path) -> None:
    async def failing(exchange: Exchange) -> None:
        exchange.open()
        exchange.chunk(line("ERROR", INTERNAL))
        await exchange.end()

    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        plant = server.plant(failing, "watch", path=PODS, times=1e9)
        only(server).cut()
        await asyncio.sleep(120)
        assert on.state("m1", PODS) is State.STALE
        assert len(plant.met) <= 40, "tries must back off"
        assert relisted(on, mark) == []
        happen(server)
        plant.lift()
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_watch_that_closes_at_once_for_ever(tmp_path: Path) -> None:
    async def closing(exchange: Exchange) -> None:
        exchange.open()
        await exchange.end()

    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        plant = server.plant(closing, "watch", path=PODS, times=1e9)
        with server.held():
            happen(server)
            only(server).cut()
            await asyncio.sleep(300)
        assert len(server.log) - mark - 300 < 150, "tries must back off"
        plant.lift()
        await on.equal()
        await on.steady()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("reset", [False, True])
@virtual_time
async def test_a_reset_in_the_middle_of_a_line(tmp_path: Path, reset: bool, tls: bool) -> None:
    async with stage(tmp_path, Server("m1", tls=tls)) as on:
        server, mark = on["m1"], len(on["m1"].log)
        stream = only(server)
        with server.held() as events:
            happen(server)
        stream.send(events[0].line, events[1].line[:50])
        await asyncio.sleep(0.01)
        if reset:
            stream.reset()
        else:
            stream.cut()
        await on.equal()
        assert relisted(on, mark) == []
        await on.steady()


@virtual_time
async def test_a_proper_end_in_the_middle_of_a_line(tmp_path: Path) -> None:
    """A proxy that ends the answer as if it were whole."""
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        stream = only(server)
        with server.held() as events:
            happen(server)
        stream.send(events[0].line, events[1].line[:50])
        stream.end()
        await on.equal()
        assert relisted(on, mark) == []
        await on.steady()


@virtual_time
async def test_the_last_line_without_its_end(tmp_path: Path) -> None:
    """All of an event but the line's end: known or asked for again, never lost."""
    async with stage(tmp_path) as on:
        server = on["m1"]
        stream = only(server)
        with server.held() as events:
            happen(server)
        stream.send(events[0].line.rstrip())
        stream.end()
        await on.equal()
        await on.steady()


@virtual_time
async def test_silence_without_close(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        with server.held(PODS):
            happen(server)
            took = await on.equal()
        assert took < 140, "bookmarks come once a minute: two of them missed are a dead stream"
        assert relisted(on, mark) == []
        await on.steady()


@virtual_time
async def test_silence_of_a_server_without_bookmarks_ends_with_the_term(tmp_path: Path) -> None:
    async def without(exchange: Exchange) -> None:
        exchange.open()
        stream = Stream(exchange, server.model.version)
        streams.append(stream)
        await stream.run(1e9)

    streams: list[Stream] = []
    server = Server("m1")
    server.watch_list = False
    plant = server.plant(without, "watch", path=PODS, times=1e9)
    async with stage(tmp_path, server) as on:
        server.model.put(PODS, "unseen", 1)
        await asyncio.sleep(1)
        plant.lift()
        await on.equal(340)
        await on.steady()


@virtual_time
async def test_a_line_that_drips_in_is_waited_for(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        stream = only(server)
        with server.held() as events:
            server.model.put(PODS, "new", 1)
        for byte in events[0].line:
            stream.send(bytes([byte]))
            await asyncio.sleep(0.1)
        await on.equal(1.0)
        assert [str(asked) for asked in server.log[mark:] if asked.verb != "probe"] == []
        await on.steady()


@virtual_time
async def test_a_line_that_drips_for_ever_is_given_up(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        stream = only(server)

        async def drip() -> None:
            stream.send(b'{"type":"MODIFIED","object":{"x":"')
            while True:
                stream.send(b"x")
                await asyncio.sleep(1)

        dripping = asyncio.ensure_future(drip())
        with server.held(PODS):
            happen(server)
            await on.equal()
        dripping.cancel()
        assert relisted(on, mark) == []
        await on.steady()


@virtual_time
async def test_a_watchlist_that_sends_bookmarks_and_never_its_end(tmp_path: Path) -> None:
    async def endless(exchange: Exchange) -> None:
        exchange.open()
        stream = Stream(exchange, 0)
        stream.send(bookmark(server.model.version), bookmark(server.model.version))
        await stream.run(300)

    server = Server("m1")
    server.plant(endless, "watchlist", times=1e9)
    async with stage(tmp_path, server) as on:
        assert server.lists(path=PODS)[-1].verb == "list"
        happen(server)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_watchlist_cut_before_its_end_and_again(tmp_path: Path) -> None:
    async def half(exchange: Exchange) -> None:
        exchange.open()
        exchange.chunk(line("ADDED", exchange.server.model.raw(PODS)[0]))
        await exchange.writer.drain()
        exchange.reset()

    server = Server("m1")
    server.plant(half, "watchlist", path=PODS, times=5)
    async with stage(tmp_path, server) as on:
        happen(server)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_line_that_is_no_json(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        stream = only(server)
        with server.held():
            happen(server)
        stream.send(b"<html>502 Bad Gateway</html>\n")
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_line_that_drips_for_ever_whatever_its_term(tmp_path: Path) -> None:
    async def drip(exchange: Exchange) -> None:
        exchange.open()
        exchange.chunk(b'{"type":"MODIFIED","object":{"x":"')
        while not exchange.writer.is_closing():
            exchange.chunk(b"x")
            await asyncio.sleep(5)

    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        plant = server.plant(drip, "watch", path=PODS)
        only(server).cut()
        await on.until(lambda: plant.met)
        happen(server)
        await on.equal()
        assert not server.lists(mark)
        await on.steady()
