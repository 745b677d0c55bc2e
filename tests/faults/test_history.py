"""Versions that are too old, too new, doubled or out of order, and afterwards the store equals the servers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from kurator_tui.store.freshness import State
from tests.faults.model import NODES, PODS, bookmark, line
from tests.faults.server import EXPIRED, saying
from tests.faults.stage import stage
from tests.faults.test_watch import happen, only, relisted
from tests.faults.virtual import virtual_time


@virtual_time
async def test_410_in_a_watch(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        stream = only(server)
        with server.held():
            happen(server)
        stream.send(line("ERROR", EXPIRED))
        stream.end()
        await on.equal()
        assert relisted(on, mark) == [PODS]
        await on.steady()


@pytest.mark.parametrize("http", [False, True])
@virtual_time
async def test_410_when_a_watch_goes_on(tmp_path: Path, http: bool) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        if http:
            server.plant(saying(410, EXPIRED), "watch", path=PODS)
        stream = only(server)
        with server.held():
            happen(server)
            server.model.compact()
        stream.cut()
        await on.equal()
        assert relisted(on, mark) == [PODS]
        await on.steady()


@virtual_time
async def test_410_in_every_watch_does_not_become_a_loop_of_lists(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        plant = server.plant(saying(410, EXPIRED), "watch", "watchlist", path=PODS, times=1e9)
        only(server).cut()
        await asyncio.sleep(300)
        assert len(server.lists(mark)) <= 60, "lists must back off"
        happen(server)
        plant.lift()
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_server_that_restarted_without_its_history(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        await server.stop()
        happen(server)
        server.model.compact()
        await server.start()
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_server_that_restarted_with_its_history_is_not_listed_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        await server.stop()
        happen(server)
        await on.until(lambda: on.state("m1") is State.STALE)
        await server.start()
        await on.equal()
        assert relisted(on, mark) == []
        await on.steady()


@virtual_time
async def test_duplicate_events(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        stream = only(server)
        with server.held() as events:
            happen(server)
        for event in events:
            stream.send(event.line, event.line, event.line)
        await on.equal()
        assert relisted(on, mark) == []
        await on.steady()


@pytest.mark.parametrize("order", [(1, 0), (0, 2, 1), (2, 0, 1)])
@virtual_time
async def test_reordered_events(tmp_path: Path, order: tuple[int, ...]) -> None:
    """Two states of one object and its deletion, the wrong way round."""
    async with stage(tmp_path) as on:
        server = on["m1"]
        stream = only(server)
        with server.held() as events:
            server.model.put(PODS, "p0", 8)
            server.model.put(PODS, "p0", 9)
            if len(order) > 2:
                server.model.delete(PODS, "p0")
        stream.send(*(events[index].line for index in order))
        await asyncio.sleep(30)
        await on.equal()
        await on.steady()


@virtual_time
async def test_an_event_told_again_much_later(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        stream = only(server)
        with server.held() as events:
            server.model.put(PODS, "p0", 8)
            server.model.delete(PODS, "p0")
        stream.send(*(event.line for event in events))
        await on.equal()
        stream.send(events[0].line)
        await asyncio.sleep(30)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_resource_version_that_goes_backwards_in_a_stream(tmp_path: Path) -> None:
    """A server behind the same address was restored, and the stream goes on with it."""
    async with stage(tmp_path) as on:
        server = on["m1"]
        backup = server.model.backup()
        for revision in range(20):
            server.model.put(PODS, "later", revision)
        await on.equal()
        server.model.restore(backup)
        server.model.put(PODS, "p0", 5)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_bookmark_that_goes_backwards(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        backup = server.model.backup()
        for revision in range(20):
            server.model.put(PODS, "later", revision)
        await on.equal()
        server.model.restore(backup)
        for stream in server.streams(PODS):
            stream.send(bookmark(server.model.version))
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_stream_of_nothing_but_bookmarks_keeps_its_place(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server, mark, seen = on["m1"], len(on["m1"].log), len(on.seen)
        for revision in range(10):
            server.model.put(NODES, "n1", revision)
            await asyncio.sleep(30)
        server.model.compact()
        for stream in server.streams(PODS):
            stream.send(bookmark(server.model.version))
        await asyncio.sleep(1)
        for stream in server.streams(PODS):
            stream.cut()
        server.model.put(PODS, "new", 1)
        await on.equal()
        assert relisted(on, mark) == [], "the last bookmark is where the watch goes on"
        assert State.STALE not in on.states("m1", NODES, seen)
        await on.steady()


@pytest.mark.parametrize("future", ["close", "silent"])
@virtual_time
async def test_a_server_restored_from_a_backup(tmp_path: Path, future: str) -> None:
    """Recorded: a watch from a version of the future brings no event and no error, it closes."""
    async with stage(tmp_path) as on:
        server = on["m1"]
        server.future = future
        backup = server.model.backup()
        for revision in range(50):
            server.model.put(PODS, "later", revision)
            server.model.put(NODES, "n1", revision)
        await on.equal()
        await server.stop()
        server.model.restore(backup)
        happen(server)
        await server.start()
        await on.equal()
        await on.steady()


@virtual_time
async def test_deletions_under_the_version_that_the_object_had(tmp_path: Path) -> None:
    """Some aggregated servers say DELETED with the last state's version: dearer, and right all the same."""
    async with stage(tmp_path) as on:
        server, mark = on["m1"], len(on["m1"].log)
        for number in range(12):
            server.model.put(PODS, f"short-{number}", number)
            raw = server.model.raw(PODS)[-1]
            server.model.put(PODS, "p0", number)
            (stream,) = server.streams(PODS)
            with server.held(PODS):
                server.model.delete(PODS, f"short-{number}")
            stream.send(line("DELETED", raw))
            await on.equal()
            await asyncio.sleep(30)
        assert len(server.lists(mark, PODS)) <= 12
        await on.steady()
