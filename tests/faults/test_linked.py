"""The same at the far end of the link: the console's store equals the servers, whatever becomes of the feeder."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kurator_tui.store.freshness import State
from tests.faults.exchange import Exchange
from tests.faults.model import PODS, line
from tests.faults.server import EXPIRED, Server
from tests.faults.stage import attach, fleet, kurator_host, stage
from tests.faults.virtual import virtual_time


@virtual_time
async def test_changes_cross_the_link(tmp_path: Path) -> None:
    async with stage(tmp_path, linked=True) as on:
        on["m1"].model.put(PODS, "p0", 7)
        on["m1"].model.delete(PODS, "p1")
        await on.equal()
        await on.steady()


@virtual_time
async def test_ten_thousand_objects_deleted_at_once_cross_the_link(tmp_path: Path) -> None:
    server = Server("m1")
    for number in range(10_000):
        server.model.put(PODS, f"many-{number}", number % 5)
    async with stage(tmp_path, server, linked=True) as on:
        for number in range(10_000):
            server.model.delete(PODS, f"many-{number}")
        await on.equal()
        assert on.store.count("pods", "m1") == 3
        await on.steady()


@virtual_time
async def test_a_list_that_replaces_another_half_way_across_the_link(tmp_path: Path) -> None:
    """While the slices of one list are under way, the next one begins."""
    server = Server("m1")
    for number in range(6000):
        server.model.put(PODS, f"many-{number}", number % 5)
    async with stage(tmp_path, server, linked=True, sync=False) as on:
        await on.until(lambda: on.store.count("pods", "m1") > 0)
        for turn in range(4):
            for number in range(turn, 6000, 7):
                server.model.put(PODS, f"many-{number}", turn)
            for name in server.model.names(PODS)[turn * 100 : turn * 100 + 50]:
                server.model.delete(PODS, name)
            server.model.compact()
            for stream in server.streams(PODS):
                stream.send(line("ERROR", EXPIRED))
                stream.end()
            await asyncio.sleep(0.15)
        await on.equal()
        await on.steady()


@virtual_time
async def test_members_come_and_go_across_the_link(tmp_path: Path) -> None:
    host = kurator_host()
    made = {name: Server(name) for name in ("a", "b")}
    for server in made.values():
        await server.start()
        attach(host, server.name, server)
    fleet(host, "a", "b")
    async with stage(tmp_path, *made.values(), host=host, linked=True) as on:
        for turn in range(6):
            fleet(host, "a")
            await asyncio.sleep(0.07 * turn)
            made["b"].model.put(PODS, "p0", turn)
            fleet(host, "b", "a")
            await asyncio.sleep(0.05 * turn)
        await on.equal()
        fleet(host, "b")
        await on.until(lambda: {row.name for row in on.store.rows("clusters")} == {"host", "b"})
        assert not on.store.count("pods", "a")
        del on.servers["a"]
        await on.equal()
        await on.steady()
        await made["a"].stop()


@virtual_time
async def test_a_feeder_that_dies_while_it_lists(tmp_path: Path) -> None:
    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(2)
        await exchange.server.serve(exchange)

    server = Server("m1")
    server.watch_list = False
    server.plant(slow, "list", times=6)
    for number in range(2000):
        server.model.put(PODS, f"many-{number}", number % 5)
    async with stage(tmp_path, server, linked=True, sync=False) as on:
        await on.until(lambda: on.store.count("pods", "m1") > 0)
        on.feeders.running[0].kill()
        server.model.delete(PODS, "many-0")
        await on.equal()
        assert len(on.feeders.started) == 2
        await on.steady()


@virtual_time
async def test_what_goes_while_the_feeder_is_dead(tmp_path: Path) -> None:
    async with stage(tmp_path, "m1", "m2", linked=True) as on:
        for turn in range(3):
            on.feeders.running[0].kill()
            await on.until(lambda: on.state("m1", PODS) is State.STALE)
            assert on.facts("m1", PODS), "what was known stays to be seen"
            on["m1"].model.put(PODS, f"new-{turn}", turn)
            on["m2"].model.delete(PODS, f"p{turn}")
            await on.equal()
        assert len(on.feeders.started) == 4
        await on.steady()
