"""Lists that fail half-way or never end, objects too big or too many: then the store equals the servers."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest

from kurator_tui.store.freshness import State
from tests.faults.exchange import Exchange
from tests.faults.model import NODES, PODS, line, page
from tests.faults.server import Server
from tests.faults.stage import stage
from tests.faults.virtual import now, virtual_time


def paging(pods: int = 1200) -> Server:
    """A member of that many pods without WatchList: it is listed in pages of 500."""
    server = Server("m1")
    server.watch_list = False
    for number in range(pods):
        server.model.put(PODS, f"many-{number}", number)
    return server


@virtual_time
async def test_410_in_the_middle_of_paging(tmp_path: Path) -> None:
    async def compacted(exchange: Exchange) -> None:
        server.model.put(PODS, "many-7", 99)
        server.model.delete(PODS, "many-8")
        server.model.compact()
        await server.serve(exchange)

    server = paging()
    second = server.plant(compacted, "list", path=PODS, when=lambda asked: "continue" in asked.query)
    async with stage(tmp_path, server) as on:
        assert second.met
        assert len(server.lists(path=PODS)) <= 8
        await on.steady()


@virtual_time
async def test_410_at_every_second_page(tmp_path: Path) -> None:
    async def compacted(exchange: Exchange) -> None:
        server.model.compact()
        await server.serve(exchange)

    server = paging()
    plant = server.plant(compacted, "list", path=PODS, when=lambda asked: "continue" in asked.query, times=1e9)
    async with stage(tmp_path, server) as on:
        assert plant.met
        await on.steady()


@virtual_time
async def test_changes_while_pages_are_read(tmp_path: Path) -> None:
    """What happens between two pages is not in the list; the watch brings it."""

    async def busy(exchange: Exchange) -> None:
        number = len(plant.met)
        server.model.put(PODS, f"many-{number}", 1000 + number)
        server.model.delete(PODS, f"many-{600 + number}")
        server.model.put(PODS, f"born-{number}", number)
        await server.serve(exchange)

    server = paging()
    plant = server.plant(busy, "list", path=PODS, times=1e9)
    async with stage(tmp_path, server) as on:
        assert len(plant.met) == 3
        await on.steady()


@virtual_time
async def test_pages_without_items(tmp_path: Path) -> None:
    """A token may come with an empty page (a selector that filters): the list goes on."""

    async def empty(exchange: Exchange) -> None:
        version = server.model.version
        server.model.page(PODS, 500, "")
        await exchange.answer(200, page(PODS, [], version, f"0-{version}"))

    server = paging(700)
    server.plant(empty, "list", path=PODS)
    async with stage(tmp_path, server) as on:
        await on.steady()


@pytest.mark.parametrize("cut", ["gzip", "length", "chunk", "reset"])
@virtual_time
async def test_a_truncated_list(tmp_path: Path, cut: str) -> None:
    async def truncated(exchange: Exchange) -> None:
        packed = gzip.compress(server.model.page(PODS, 0, ""))
        half = packed[: len(packed) // 2]
        if cut == "gzip":
            await exchange.answer(200, half, Content_Encoding="gzip")
            return
        if cut == "length":
            exchange.head(200, Content_Encoding="gzip", Content_Length=str(len(packed)))
            exchange.writer.write(half)
        else:
            exchange.head(200, Content_Encoding="gzip", Transfer_Encoding="chunked")
            exchange.chunk(half)
        await exchange.writer.drain()
        if cut == "reset":
            exchange.reset()
        exchange.close()

    server = paging()
    plant = server.plant(truncated, "list", path=PODS, times=3)
    async with stage(tmp_path, server) as on:
        assert len(plant.met) == 3
        await on.steady()


@virtual_time
async def test_a_truncated_list_of_whole_objects(tmp_path: Path) -> None:
    """Cut exactly so that what is there is a list: nothing half is ever taken for everything."""

    async def truncated(exchange: Exchange) -> None:
        whole = page(PODS, server.model.raw(PODS)[:3], server.model.version)
        exchange.head(200, Content_Length=str(len(whole) + 5000))
        exchange.writer.write(whole)
        await exchange.writer.drain()
        exchange.close()

    server = paging(50)
    plant = server.plant(truncated, "list", path=PODS, times=2)
    async with stage(tmp_path, server) as on:
        assert len(plant.met) == 2
        await on.steady()


@virtual_time
async def test_a_list_in_gzip(tmp_path: Path) -> None:
    async def packed(exchange: Exchange) -> None:
        assert "gzip" in exchange.asked.headers.get("accept-encoding", "")
        query = exchange.asked.query
        body = server.model.page(PODS, int(query.get("limit", "0")), query.get("continue", ""))
        await exchange.answer(200, gzip.compress(body), Content_Encoding="gzip")

    server = paging()
    plant = server.plant(packed, "list", path=PODS, times=1e9)
    async with stage(tmp_path, server) as on:
        assert plant.met
        await on.steady()


@virtual_time
async def test_initial_events_that_drip_in_for_ever(tmp_path: Path) -> None:
    async def drip(exchange: Exchange) -> None:
        exchange.open()
        while not exchange.writer.is_closing():
            exchange.chunk(b" ")
            await asyncio.sleep(5)

    server = Server("m1")
    server.plant(drip, "watchlist", path=PODS, times=1)
    async with stage(tmp_path, server, sync=False) as on:
        await on.equal(900)
        await on.steady()


@virtual_time
async def test_a_list_that_is_slow_and_whole(tmp_path: Path) -> None:
    """A far server: each piece comes in time, the whole takes two minutes."""

    async def slow(exchange: Exchange) -> None:
        body = server.model.page(PODS, 0, "")
        exchange.head(200, Content_Length=str(len(body)))
        step = len(body) // 12 + 1
        for start in range(0, len(body), step):
            await asyncio.sleep(10)
            exchange.writer.write(body[start : start + step])

    server = paging(500)
    plant = server.plant(slow, "list", path=PODS, times=2)
    async with stage(tmp_path, server) as on:
        assert len(plant.met) == 1, "it is waited for"
        await on.steady()


BIG = "x" * 1_500_000
ESCAPED = "\x01" * 900_000
"""5.4 MB as JSON: what etcd takes in protobuf may be longer on the wire."""


@pytest.mark.parametrize("ballast", [BIG, ESCAPED], ids=["big", "escaped"])
@pytest.mark.parametrize("way", ["watch", "watchlist", "list"])
@virtual_time
async def test_an_object_of_one_and_a_half_megabytes(tmp_path: Path, way: str, ballast: str) -> None:
    server = Server("m1")
    server.watch_list = way == "watchlist"

    def big(revision: int) -> None:
        server.model.put(PODS, "big", revision, metadata={"annotations": {"ballast": ballast}})

    if way != "watch":
        big(1)
    async with stage(tmp_path, server) as on:
        big(2)
        await on.equal()
        server.model.put(PODS, "after", 1)
        await on.equal()
        await on.steady()


@virtual_time
async def test_ten_thousand_objects_deleted_at_once(tmp_path: Path) -> None:
    server = Server("m1")
    for number in range(10_000):
        server.model.put(PODS, f"many-{number}", number % 5)
    async with stage(tmp_path, server) as on:
        mark = len(server.log)
        for number in range(10_000):
            server.model.delete(PODS, f"many-{number}")
        await on.equal()
        assert on.store.count("pods", "m1") == 3
        assert not server.lists(mark)
        await on.steady()


@virtual_time
async def test_ten_thousand_objects_deleted_while_nobody_watched(tmp_path: Path) -> None:
    server = Server("m1")
    for number in range(10_000):
        server.model.put(PODS, f"many-{number}", number % 5)
    async with stage(tmp_path, server) as on:
        await server.stop()
        for number in range(10_000):
            server.model.delete(PODS, f"many-{number}")
        server.model.compact()
        await server.start()
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_namespace_deleted_and_made_again(tmp_path: Path) -> None:
    """The same names come again under other uids."""
    async with stage(tmp_path) as on:
        model = on["m1"].model
        for number in range(500):
            model.put(PODS, f"p{number}", 1, namespace="shop")
        await on.equal()
        for name in model.names(PODS, "shop"):
            model.delete(PODS, name, namespace="shop")
        for number in range(250):
            model.put(PODS, f"p{number}", 2, namespace="shop")
        await on.equal()
        assert on.store.count("pods", "m1") == 253
        await on.steady()


@virtual_time
async def test_a_list_that_is_empty_replaces_everything(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        await server.stop()
        for name in server.model.names(PODS):
            server.model.delete(PODS, name)
        server.model.compact()
        await server.start()
        await on.equal()
        assert on.store.count("pods", "m1") == 0


@virtual_time
async def test_rows_stay_while_a_list_is_read_again(tmp_path: Path) -> None:
    """Nothing half is shown: until the new list is whole, what was known stays."""

    async def slow(exchange: Exchange) -> None:
        counts.append(on.store.count("pods", "m1"))
        await asyncio.sleep(5)
        counts.append(on.store.count("pods", "m1"))
        await server.serve(exchange)

    counts: list[int] = []
    server = paging()
    async with stage(tmp_path, server) as on:
        before = on.store.count("pods", "m1")
        server.plant(slow, "list", path=PODS, times=3)
        await server.stop()
        server.model.put(PODS, "many-7", 99)
        server.model.compact()
        await server.start()
        mark = now()
        await on.until(lambda: len(counts) == 6)
        await on.equal()
        assert now() - mark >= 15
        assert set(counts) == {before}


@pytest.mark.parametrize("tokens", ["same", "new"])
@virtual_time
async def test_a_continue_token_that_never_ends(tmp_path: Path, tokens: str) -> None:
    async def endless(exchange: Exchange) -> None:
        token = "again" if tokens == "same" else str(len(plant.met))
        await exchange.answer(200, page(PODS, server.model.raw(PODS)[:2], server.model.version, token))

    server = paging(2)
    plant = server.plant(endless, "list", path=PODS, times=1e9)
    async with stage(tmp_path, server, sync=False) as on:
        await on.until(lambda: on.state("m1", NODES) is State.LIVE)
        await on.until(lambda: on.state("m1", PODS) in (State.UNREACHABLE, State.STALE), 60)
        assert len(plant.met) <= 2500
        plant.lift()
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_list_that_drips_in_for_ever(tmp_path: Path) -> None:
    """A byte now and then is no progress: after some minutes it is asked for again."""

    async def drip(exchange: Exchange) -> None:
        exchange.open()
        while not exchange.writer.is_closing():
            exchange.chunk(b" ")
            await asyncio.sleep(10)

    server = paging()
    plant = server.plant(drip, "list", path=PODS, times=1)
    async with stage(tmp_path, server, sync=False) as on:
        await on.equal(900)
        assert plant.met
        await on.steady()


@pytest.mark.parametrize("verb", ["list", "watchlist"])
@virtual_time
async def test_a_list_that_is_never_answered(tmp_path: Path, verb: str) -> None:
    async def hang(_exchange: Exchange) -> None:
        await asyncio.sleep(10_000)

    server = Server("m1")
    server.watch_list = verb == "watchlist"
    server.plant(hang, verb, path=PODS)
    async with stage(tmp_path, server, sync=False) as on:
        assert await on.equal() < 60
        await on.steady()


@virtual_time
async def test_initial_events_that_stop_half_way(tmp_path: Path) -> None:
    async def half(exchange: Exchange) -> None:
        exchange.open()
        for raw in server.model.raw(PODS)[:2]:
            exchange.chunk(line("ADDED", raw))
        await exchange.writer.drain()
        await asyncio.sleep(10_000)

    server = Server("m1")
    server.plant(half, "watchlist", path=PODS)
    async with stage(tmp_path, server, sync=False) as on:
        assert await on.equal() < 60
        await on.steady()


@virtual_time
async def test_a_list_that_breaks_half_way_takes_nothing_away(tmp_path: Path) -> None:
    """Neither what its first page held nor what it did not come to is forgotten, nor called live."""

    async def broken(exchange: Exchange) -> None:
        exchange.reset()

    server = paging()
    async with stage(tmp_path, server) as on:
        before = on.store.count("pods", "m1")
        plant = server.plant(broken, "list", path=PODS, times=1e9, when=lambda asked: "continue" in asked.query)
        await server.stop()
        server.model.put(PODS, "many-0", 77)
        server.model.delete(PODS, "many-1199")
        server.model.compact()
        await server.start()
        await on.until(lambda: len(plant.met) >= 3)
        assert on.store.count("pods", "m1") == before
        assert on.state("m1", PODS) is not State.LIVE
        plant.lift()
        await on.equal()
        await on.steady()
