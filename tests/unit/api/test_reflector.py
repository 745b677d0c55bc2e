"""The promises of `reflect` while nothing is wrong: a list that replaces, then every change in its order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp import web

from kurator_tui.api.connection import Connection
from kurator_tui.api.facts import Began, Bookmarked, Changed, Fact, Listed, Lost, Resumed
from kurator_tui.api.reflector import reflect
from kurator_tui.api.watch import precedes
from tests.unit.api.reflecting import Consumer, reflecting, streaming
from tests.unit.api.support import PATH, QUICK, QuickClock, Shelf, connected, decoder, kubeconfig, line, serving


def obj(name: str, version: int, value: str = "") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}", "resourceVersion": str(version)},
        "data": {"v": value},
    }


@pytest.mark.parametrize("watch_list", ["yes", "refused", "ignored"])
async def test_lists_then_follows_changes_with_and_without_watch_list(
    connection: Connection, shelf: Shelf, watch_list: str
) -> None:
    shelf.watch_list = watch_list
    shelf.put("a", "1")
    shelf.put("b", "1")
    quiet = 0.3 if watch_list == "ignored" else QUICK.initial_quiet
    async with reflecting(connection, settings=replace(QUICK, initial_quiet=quiet)) as facts:
        listed = await facts.until(Listed)
        assert listed == Listed("102")
        assert facts.values == {"a": "1", "b": "1"}
        await shelf.watching.wait()
        shelf.put("a", "2")
        shelf.put("c", "1")
        shelf.delete("b")
        await facts.knows(a="2", c="1")
        shelf.bookmark()
        assert await facts.until(Bookmarked) == Bookmarked("105")
    used = ["sendInitialEvents" in query for query in shelf.queries]
    assert used == ([True] if watch_list == "yes" else [True, False, False])
    assert not any(isinstance(fact, Lost | Resumed) for fact in facts.history)


async def test_an_empty_collection_is_listed_too(connection: Connection) -> None:
    async with reflecting(connection) as facts:
        assert [await facts.next(), await facts.next()] == [Began(), Listed("100")]


async def test_rows_of_each_page_are_told_as_it_comes(connection: Connection, shelf: Shelf) -> None:
    for number in range(5):
        shelf.put(f"t{number}")
    async with reflecting(connection, watch_list=False, limit=2) as facts:
        assert await facts.next() == Began()
        pages = [await facts.next() for _ in range(3)]
        assert await facts.next() == Listed("105")
    assert [len(page.rows) for page in pages] == [2, 2, 1]
    assert len(facts.rows) == 5


async def test_initial_events_are_told_before_all_have_come(connection: Connection, shelf: Shelf) -> None:
    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(line("ADDED", obj("a", 7)) + line("ADDED", obj("b", 5)))
        await asyncio.Event().wait()
        return response

    shelf.next_answers = [slow]
    async with reflecting(connection) as facts:
        assert await facts.next() == Began()
        changed = await facts.next()
        assert {row.name for row in changed.rows.values()} == {"a", "b"}
        assert facts.stale


async def test_rows_known_before_stay_until_the_next_list_is_complete(
    connection: Connection, shelf: Shelf
) -> None:
    shelf.put("gone")
    shelf.put("stays")
    async with reflecting(connection, watch_list=False, limit=1) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        del shelf.objects["gone"]
        shelf.version, shelf.oldest = 300, 300
        shelf.send(None)
        await facts.until(Began)
        await facts.until(Listed)
    names = [known_after(facts, count) for count in range(len(facts.history))]
    assert {"gone", "stays"} in names
    assert set(facts.values) == {"stays"}


def known_after(facts: Consumer, count: int) -> set[str]:
    """The names a consumer knows after the first `count` facts."""
    again = Consumer()
    for fact in facts.history[:count]:
        again(fact)
    return set(again.values)


async def test_one_network_read_is_one_change_with_the_last_state_of_each_object(
    connection: Connection, shelf: Shelf
) -> None:
    shelf.put("b", "1")
    shelf.put("c", "1")
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        shelf.send(
            line("ADDED", obj("a", 201, "1"))
            + line("MODIFIED", obj("a", 202, "2"))
            + line("DELETED", obj("b", 203))
            + line("DELETED", obj("c", 204))
            + line("ADDED", obj("c", 205, "2"))
            + line("BOOKMARK", {"metadata": {"resourceVersion": "206"}})
        )
        changed = await facts.next()
        assert isinstance(changed, Changed)
        assert {uid: row and row.value for uid, row in changed.rows.items()} == {  # type: ignore[attr-defined]
            "uid-a": "2",
            "uid-b": None,
            "uid-c": "2",
        }
        assert await facts.next() == Bookmarked("206")


async def test_changes_in_the_read_that_ends_the_initial_events_come_after_the_list(
    connection: Connection, shelf: Shelf
) -> None:
    end = {"metadata": {"resourceVersion": "10", "annotations": {"k8s.io/initial-events-end": "true"}}}
    shelf.next_answers = [
        streaming(
            line("ADDED", obj("b", 9))
            + line("ADDED", obj("a", 5))
            + line("BOOKMARK", end)
            + line("DELETED", obj("b", 11))
        )
    ]
    async with reflecting(connection) as facts:
        told = [await facts.next() for _ in range(4)]
    assert [type(fact) for fact in told] == [Began, Changed, Listed, Changed]
    assert set(facts.values) == {"a"}


async def test_selectors_and_namespace_go_with_every_request(tmp_path: Path, shelf: Shelf) -> None:
    paths: set[str] = set()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        paths.add(request.path)
        return await shelf.handle(request)

    shelf.watch_list = "refused"
    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        kwargs: dict[str, Any] = {
            "namespace": "fleet",
            "field_selector": "metadata.name=x",
            "label_selector": "app",
        }
        async with reflecting(connection, **kwargs) as facts:
            await facts.until(Listed)
            await shelf.watching.wait()
    assert paths == {"/api/v1/namespaces/fleet/things"}
    assert len(shelf.queries) == 3
    for query in shelf.queries:
        assert (query["fieldSelector"], query["labelSelector"]) == ("metadata.name=x", "app")


async def test_watches_ask_for_bookmarks_and_a_term(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
    assert shelf.queries[0]["allowWatchBookmarks"] == "true"
    assert 30 <= int(shelf.queries[0]["timeoutSeconds"]) <= 40


async def test_the_servers_own_end_of_a_stream_is_not_a_loss(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.put("a", "1")
        await facts.knows(a="1")
        shelf.send(None)
        shelf.put("b", "1")
        await facts.knows(a="1", b="1")
    assert shelf.queries[-1]["resourceVersion"] == "101"
    assert not any(isinstance(fact, Lost) for fact in facts.history)


async def test_bookmarks_move_the_version_to_resume_from(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.version = 900
        shelf.bookmark()
        assert await facts.until(Bookmarked) == Bookmarked("900")
        shelf.cut()
        await facts.until(Resumed)
    assert shelf.queries[-1]["resourceVersion"] == "900"


async def test_odd_objects_and_unknown_event_types_do_not_stop_it(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        shelf.send(line("NOVELTY", {"metadata": {"name": "x", "resourceVersion": "103"}}))
        shelf.send(line("ADDED", {"metadata": {"name": "odd", "uid": "u", "labels": 7}, "data": None}))
        await facts.knows(odd="")


async def test_it_ends_with_its_stream_closed(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        assert connection.stats.open_streams == 1
    assert connection.stats.open_streams == 0


async def test_events_are_counted(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        shelf.put("a", "1")
        await facts.knows(a="1")
    assert connection.stats.events == 2


async def test_a_mistake_of_the_consumer_is_raised_not_taken_for_a_broken_stream(
    connection: Connection, shelf: Shelf
) -> None:
    def tell(fact: Fact) -> None:
        if isinstance(fact, Changed):
            raise ValueError("a mistake")

    shelf.put("a")
    async with asyncio.timeout(60):
        with pytest.raises(ValueError, match="a mistake"):
            await reflect(connection, PATH, decoder(), tell, clock=QuickClock(), settings=QUICK)


def test_it_runs_on_uvloop(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = Shelf()
        shelf.put("a", "1")
        async with (
            serving(shelf.handle) as url,
            connected(kubeconfig(tmp_path, url)) as connection,
            reflecting(connection) as facts,
        ):
            await facts.knows(a="1")
            await shelf.watching.wait()
            shelf.cut()
            await facts.until(Lost)
            shelf.put("b", "1")
            await facts.until(Resumed)
            await facts.knows(a="1", b="1")

    uvloop.run(scene())


@pytest.mark.parametrize(
    ("version", "other", "older"),
    [
        ("9", "10", True),
        ("10", "9", False),
        ("10", "10", False),
        ("0009", "10", True),
        ("eyJtMSI6IjkifQ==", "10", False),
        ("9", "eyJtMSI6IjkifQ==", False),
        ("", "10", False),
        ("٣", "10", False),
        ("9" * 5000, "1" + "0" * 5000, True),
    ],
)
def test_versions_are_compared_as_numbers_where_they_are_numbers(version: str, other: str, older: bool) -> None:
    assert precedes(version, other) is older
