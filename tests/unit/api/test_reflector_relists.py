"""When what is known can no longer be trusted, everything is listed again, and replaced."""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from kurator_tui.api.connection import Connection
from kurator_tui.api.facts import Began, Changed, Listed, Lost
from kurator_tui.api.reflector import reflect
from kurator_tui.api.watch import Backwards
from kurator_tui.errors import Expired
from tests.unit.api.reflecting import Consumer, answer, reflecting
from tests.unit.api.support import (
    PATH,
    QUICK,
    QuickClock,
    Shelf,
    connected,
    decoder,
    kubeconfig,
    line,
    serving,
)
from tests.unit.api.test_reflector import obj


@pytest.mark.parametrize("how", ["event", "status"])
async def test_410_lists_again_and_replaces(connection: Connection, shelf: Shelf, how: str) -> None:
    clock = QuickClock()
    shelf.put("old", "1")
    async with reflecting(connection, clock) as facts:
        await facts.knows(old="1")
        await shelf.watching.wait()
        del shelf.objects["old"]
        shelf.put("new", "1")
        await facts.knows(old="1", new="1")
        shelf.version += 100
        shelf.oldest = shelf.version
        if how == "status":
            shelf.next_answers = [answer(410, "Gone")]
        shelf.send(None)
        await facts.until(Began)
        listed = await facts.until(Listed)
        assert facts.values == {"new": "1"}
        assert listed.resource_version == "202"
    assert clock.slept
    assert all(pause <= 1.0 for pause in clock.slept)


async def test_endless_410_backs_off(connection: Connection, shelf: Shelf) -> None:
    clock = QuickClock(still=True)
    shelf.oldest = 10**6
    async with reflecting(connection, clock, watch_list=False) as facts:
        for _ in range(4):
            lost = await facts.until(Lost)
            assert isinstance(lost.error, Expired)
    assert len(clock.slept) >= 3
    assert all(pause >= 0.1 for pause in clock.slept[1:])


async def test_410_in_the_middle_of_paging_begins_the_list_anew(connection: Connection, shelf: Shelf) -> None:
    """Pages of the older list may hold what the newer one does not: it is gone when the newer one is complete."""
    for name in ("a", "b", "c"):
        shelf.put(name, "1")

    async def first(request: web.BaseRequest) -> web.StreamResponse:
        page = await shelf._list(request)
        shelf.delete("a")
        return page

    shelf.next_answers = [first, answer(410, "Expired")]
    async with reflecting(connection, watch_list=False, limit=1) as facts:
        told = [await facts.next() for _ in range(3)]
        assert [type(fact) for fact in told] == [Began, Changed, Began]
        await facts.until(Listed)
        assert facts.values == {"b": "1", "c": "1"}
    assert [query.get("limit") for query in shelf.queries][:4] == ["1"] * 4


async def test_a_list_whose_pages_always_expire_is_asked_for_at_once(connection: Connection, shelf: Shelf) -> None:
    for name in ("a", "b"):
        shelf.put(name, "1")
    shelf.next_answers = [shelf._list, answer(410, "Expired"), shelf._list, answer(410, "Expired")]
    async with reflecting(connection, watch_list=False, limit=1) as facts:
        await facts.until(Listed)
        assert facts.values == {"a": "1", "b": "1"}
    assert [query.get("limit") for query in shelf.queries[:5]] == ["1", "1", "1", "1", None]


async def test_a_list_that_breaks_half_way_begins_anew_after_a_loss(connection: Connection, shelf: Shelf) -> None:
    for name in ("a", "b"):
        shelf.put(name, "1")
    shelf.next_answers = [shelf._list, answer(500, "x")]
    async with reflecting(connection, watch_list=False, limit=1) as facts:
        told = [await facts.next() for _ in range(4)]
        assert [type(fact) for fact in told] == [Began, Changed, Lost, Began]
        await facts.until(Listed)
        assert facts.values == {"a": "1", "b": "1"}


async def test_lists_that_break_half_way_for_ever_back_off(connection: Connection, shelf: Shelf) -> None:
    clock = QuickClock()
    for name in ("a", "b"):
        shelf.put(name)
    shelf.next_answers = [shelf._list, answer(500, "x")] * 12
    async with reflecting(connection, clock, watch_list=False, limit=1) as facts:
        delays = [(await facts.until(Lost)).retry_in for _ in range(12)]
    assert max(delays) > 2.0


@pytest.mark.parametrize("kind", ["MODIFIED", "BOOKMARK"])
async def test_versions_that_go_backwards_are_listed_again(
    connection: Connection, shelf: Shelf, kind: str
) -> None:
    """Reordered events, or a server restored from a backup behind the same address."""
    shelf.version = 1000
    shelf.put("a", "new")
    async with reflecting(connection) as facts:
        await facts.knows(a="new")
        await shelf.watching.wait()
        shelf.version = 500
        shelf.put("b", "1")
        del shelf.objects["b"]
        shelf.objects["a"] = obj("a", 500, "restored")
        shelf.send(line(kind, obj("a", 500, "old")))
        lost = await facts.until(Lost)
        assert isinstance(lost.error, Backwards)
        assert not lost.permanent
        await facts.until(Began)
        listed = await facts.until(Listed)
        assert facts.values == {"a": "restored"}
        assert listed.resource_version == "501"
    assert not any(isinstance(fact, Changed) and "old" in str(fact) for fact in facts.history)


async def test_events_out_of_order_end_equal_to_the_server(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.version = 203
        shelf.objects["a"] = obj("a", 203, "3")
        shelf.send(line("ADDED", obj("a", 201, "1")))
        shelf.send(line("MODIFIED", obj("a", 203, "3")))
        shelf.send(line("MODIFIED", obj("a", 202, "2")))
        await facts.until(Lost)
        await facts.until(Listed)
        assert facts.values == {"a": "3"}


async def test_events_that_come_twice_change_nothing(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        for _ in range(2):
            shelf.send(line("ADDED", obj("a", 201, "1")))
        shelf.send(line("MODIFIED", obj("a", 202, "2")) * 2)
        for _ in range(2):
            shelf.send(line("DELETED", obj("a", 203)))
        shelf.send(line("ADDED", obj("end", 204, "1")))
        await facts.knows(end="1")
    assert not any(isinstance(fact, Lost) for fact in facts.history)


async def test_versions_that_are_no_numbers_are_taken_as_they_come(connection: Connection, shelf: Shelf) -> None:
    def opaque(name: str, version: str) -> dict[str, Any]:
        return {"metadata": {**obj(name, 0)["metadata"], "resourceVersion": version}}

    async with reflecting(connection) as facts:
        await facts.until(Listed)
        shelf.send(line("ADDED", opaque("a", "zz")))
        shelf.send(line("ADDED", opaque("b", "aa")))
        await facts.knows(a="", b="")
    assert not any(isinstance(fact, Lost) for fact in facts.history)


async def test_a_version_of_the_future_is_listed_again(connection: Connection, shelf: Shelf) -> None:
    """A server restored from a backup keeps such a watch open, silent, and then just closes it."""

    async def silent(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.1)
        return response

    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.put("a", "1")
        await facts.knows(a="1")
        shelf.next_answers = [silent]
        shelf.send(None)
        shelf.version = 50
        shelf.objects.clear()
        listed = await facts.until(Listed)
        assert facts.values == {}
    assert listed.resource_version == "50"


async def test_a_line_too_long_for_a_watch_is_passed_by_a_new_list(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.put("a", "1", annotation="x" * 1_500_000)
        await facts.knows(a="1")
        shelf.put("b", "1", annotation="x" * 5_000_000)
        await facts.until(Lost)
        shelf.objects["b"]["metadata"].pop("annotations")
        await facts.until(Listed)
        assert facts.values == {"a": "1", "b": "1"}


def disturb(shelf: Shelf, rng: random.Random) -> None:
    """A change of the collection, or some trouble."""
    name, trouble = f"t{rng.randrange(8)}", rng.randrange(12)
    if trouble == 0:
        shelf.cut()
    elif trouble == 1:
        shelf.send(None)
    elif trouble == 2:
        shelf.oldest = shelf.version
    elif trouble == 3:
        shelf.next_answers = [answer(rng.choice([410, 500, 503]), "x")]
    elif trouble == 4 and shelf.log:
        _, event = rng.choice(shelf.log)
        shelf.send(line(event["type"], event["object"]))
    elif trouble < 7 and name in shelf.objects:
        shelf.delete(name)
    else:
        shelf.put(name, str(rng.random()))


@pytest.mark.parametrize("watch_list", ["yes", "refused"])
async def test_whatever_happens_the_rows_end_equal_to_the_servers(
    tmp_path: Path, shelf: Shelf, watch_list: str
) -> None:
    """Changes, cuts, clean ends, compactions, refusals, old and doubled events in a seeded disorder."""
    rng, facts = random.Random(7), Consumer()
    shelf.watch_list = watch_list

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return await shelf.handle(request) if request.path.endswith("things") else web.Response()

    def agree() -> bool:
        return facts.values == {n: o["data"]["v"] for n, o in shelf.objects.items()}

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        following = asyncio.create_task(
            reflect(connection, PATH, decoder(), facts, limit=3, clock=QuickClock(), settings=QUICK)
        )
        for _ in range(400):
            disturb(shelf, rng)
            await connection.request("GET", "/tick")
        async with asyncio.timeout(60):
            while not agree() and not following.done():
                await connection.request("GET", "/tick")
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
    assert len(shelf.queries) > 40
