"""The promises of `reflect`: nothing lost, nothing doubled, replaced when it must be, honest when lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp import web

from kurator_tui.api.backoff import Backoff
from kurator_tui.api.connection import Connection
from kurator_tui.api.probe import probe
from kurator_tui.api.reflector import Bookmarked, Fact, Listed, Lost, Removed, Resumed, Upserted, reflect
from kurator_tui.api.watch import WatchSettings
from kurator_tui.errors import Broken, Expired, Forbidden, Refused, ServerFault, Throttled
from tests.unit.api.support import (
    PATH,
    QUICK,
    QuickClock,
    Shelf,
    connected,
    decoder,
    kubeconfig,
    line,
    raw_serving,
    serving,
    status,
)


@contextlib.asynccontextmanager
async def reflecting(
    connection: Connection, clock: QuickClock | None = None, **kwargs: Any
) -> AsyncIterator[Facts]:
    settings = kwargs.pop("settings", QUICK)
    generator = reflect(connection, PATH, decoder(), clock=clock or QuickClock(), settings=settings, **kwargs)
    async with contextlib.aclosing(generator):
        yield Facts(generator)


class Facts:
    """Facts one by one, with a limit on patience."""

    def __init__(self, generator: AsyncGenerator[Fact]) -> None:
        self._generator = generator

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await anext(self._generator)

    async def until(self, kind: type[Any]) -> Any:
        while not isinstance(fact := await self.next(), kind):
            pass
        return fact


def names(listed: Listed) -> list[str]:
    return [row.name for row in listed.rows]


def answer(code: int, reason: str, **headers: str) -> Any:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = status(code, reason, reason)
        response.headers.update({key.replace("_", "-"): value for key, value in headers.items()})
        return response

    return handler


def streaming(*lines: bytes, version: str = "") -> Any:
    """A watch answer of these bytes that then ends cleanly."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for data in lines:
            await response.write(data)
        return response

    return handler


@pytest.mark.parametrize("watch_list", ["yes", "refused", "ignored"])
async def test_lists_then_follows_changes_with_and_without_watch_list(
    connection: Connection, shelf: Shelf, watch_list: str
) -> None:
    shelf.watch_list = watch_list
    shelf.put("a", "1")
    shelf.put("b")
    async with reflecting(connection) as facts:
        listed = await facts.next()
        assert isinstance(listed, Listed)
        assert (names(listed), listed.resource_version) == (["a", "b"], "102")
        shelf.put("a", "2")
        shelf.put("c")
        shelf.delete("b")
        changed, added, removed = [await facts.next() for _ in range(3)]
        shelf.bookmark()
        marked = await facts.next()
    assert isinstance(changed, Upserted)
    assert (changed.row.name, changed.row.value) == ("a", "2")  # type: ignore[attr-defined]
    assert isinstance(added, Upserted)
    assert isinstance(removed, Removed)
    assert removed.row.name == "b"
    assert marked == Bookmarked("105")
    used = ["sendInitialEvents" in query for query in shelf.queries]
    assert used == ([True] if watch_list == "yes" else [True, False, False])


async def test_an_empty_collection_is_listed_too(connection: Connection) -> None:
    async with reflecting(connection) as facts:
        assert (await facts.next()).rows == []


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
            await facts.next()
            shelf.put("x")
            await facts.next()
    assert paths == {"/api/v1/namespaces/fleet/things"}
    assert {(q["fieldSelector"], q["labelSelector"]) for q in shelf.queries} == {("metadata.name=x", "app")}


async def test_pages_are_joined(connection: Connection, shelf: Shelf) -> None:
    for number in range(7):
        shelf.put(f"t{number}")
    async with reflecting(connection, watch_list=False, limit=3) as facts:
        assert len((await facts.next()).rows) == 7
    assert [query.get("continue") for query in shelf.queries] == [None, "3", "6"]


async def test_expired_page_token_asks_for_everything_at_once(connection: Connection, shelf: Shelf) -> None:
    for number in range(4):
        shelf.put(f"t{number}")

    async def first_page(request: web.BaseRequest) -> web.StreamResponse:
        shelf.next_answers.insert(0, answer(410, "Expired"))
        return await shelf._list(request)

    shelf.next_answers = [first_page]
    async with reflecting(connection, watch_list=False, limit=2) as facts:
        assert names(await facts.next()) == ["t0", "t1", "t2", "t3"]
    assert "limit" not in shelf.queries[-1]


def page_with(*tokens: str) -> Any:
    """A list whose continue tokens are these, then these again."""
    more = itertools.cycle(tokens)

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"metadata": {"resourceVersion": "1", "continue": next(more)}, "items": []})

    return handler


async def test_a_continue_token_that_comes_again_ends_the_list(connection: Connection, shelf: Shelf) -> None:
    shelf.next_answers = [page_with("a", "b")] * 10
    async with reflecting(connection, watch_list=False) as facts:
        failure = (await facts.next()).error
    assert isinstance(failure, Broken)
    assert "without an end" in failure.message
    assert len(shelf.queries) == 3


async def test_a_list_of_too_many_pages_is_broken(
    connection: Connection, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kurator_tui.api.listing.MOST_PAGES", 4)
    shelf.next_answers = [page_with(*"abcdefghij")] * 10
    async with reflecting(connection, watch_list=False) as facts:
        assert isinstance((await facts.next()).error, Broken)
    assert len(shelf.queries) == 4


async def test_after_a_cut_nothing_is_lost_and_nothing_comes_twice(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.put("a", "1")
        assert (await facts.next()).row.value == "1"
        shelf.cut()
        lost = await facts.next()
        assert isinstance(lost, Lost)
        assert isinstance(lost.error, Broken)
        assert not lost.permanent
        assert lost.retry_in <= 0.2
        shelf.put("a", "2")
        shelf.delete("a")
        rest = [await facts.next() for _ in range(3)]
    assert isinstance(rest[0], Resumed)
    assert isinstance(rest[1], Upserted)
    assert rest[1].row.value == "2"  # type: ignore[attr-defined]
    assert isinstance(rest[2], Removed)
    assert [query.get("resourceVersion") for query in shelf.queries] == [None, "101"]


async def test_half_a_line_at_a_clean_end_is_broken_and_resumed(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.send(b'{"type":"ADDED","object":{"metadata":{"name":"ha')
        shelf.send(None)
        lost = await facts.next()
        assert isinstance(lost.error, Broken)
        shelf.put("whole")
        assert isinstance(await facts.next(), Resumed)
        assert (await facts.next()).row.name == "whole"


async def test_a_quiet_stream_resumes_without_any_event(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.cut()
        assert isinstance(await facts.next(), Lost)
        assert isinstance(await facts.next(), Resumed)


async def test_the_servers_own_end_of_a_stream_is_not_a_loss(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.put("a")
        await facts.next()
        shelf.send(None)
        shelf.put("b")
        assert (await facts.next()).row.name == "b"
    assert shelf.queries[-1]["resourceVersion"] == "101"


async def test_bookmarks_move_the_version_to_resume_from(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.version = 900
        shelf.bookmark()
        assert await facts.next() == Bookmarked("900")
        shelf.cut()
        await facts.until(Resumed)
    assert shelf.queries[-1]["resourceVersion"] == "900"


@pytest.mark.parametrize("how", ["event", "status"])
async def test_410_lists_again_and_replaces(connection: Connection, shelf: Shelf, how: str) -> None:
    clock = QuickClock()
    shelf.put("old")
    async with reflecting(connection, clock) as facts:
        assert names(await facts.next()) == ["old"]
        await shelf.watching.wait()
        del shelf.objects["old"]
        shelf.put("new")
        await facts.next()
        shelf.version += 100
        shelf.oldest = shelf.version
        if how == "status":
            shelf.next_answers = [answer(410, "Gone")]
        shelf.send(None)
        listed = await facts.next()
        assert isinstance(listed, Listed)
        assert names(listed) == ["new"]
        assert listed.resource_version == "202"
    assert clock.slept
    assert all(pause <= 1.0 for pause in clock.slept)


async def test_endless_410_backs_off(connection: Connection, shelf: Shelf) -> None:
    clock = QuickClock()
    shelf.oldest = 10**6
    async with reflecting(connection, clock, watch_list=False) as facts:
        for _ in range(4):
            lost = await facts.until(Lost)
            assert isinstance(lost.error, Expired)
    assert len(clock.slept) >= 3
    assert all(pause >= 0.1 for pause in clock.slept[1:])


async def test_a_version_of_the_future_is_listed_again(connection: Connection, shelf: Shelf) -> None:
    """A server restored from a backup keeps such a watch open, silent, and then just closes it."""

    async def silent(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.1)
        return response

    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.put("a")
        await facts.next()
        shelf.next_answers = [silent]
        shelf.send(None)
        shelf.version = 50
        shelf.objects.clear()
        listed = await facts.next()
    assert isinstance(listed, Listed)
    assert (names(listed), listed.resource_version) == ([], "50")


async def test_silence_past_the_deadline_is_a_dead_stream(connection: Connection, shelf: Shelf) -> None:
    settings = WatchSettings(bookmark_gap=0.1, settle=0.02)
    async with reflecting(connection, settings=settings) as facts:
        await facts.next()
        lost = await facts.next()
        assert "silent" in lost.error.message


@pytest.mark.parametrize(("code", "kind"), [(500, ServerFault), (429, Throttled)])
async def test_server_errors_back_off_and_honour_retry_after(
    connection: Connection, shelf: Shelf, code: int, kind: type[Exception]
) -> None:
    shelf.next_answers = [answer(code, "x", Retry_After="7"), answer(code, "x")]
    async with reflecting(connection) as facts:
        first, second, listed = [await facts.next() for _ in range(3)]
    assert isinstance(first.error, kind)
    assert 7.0 <= first.retry_in < 8.0
    assert second.retry_in < 1.0
    assert isinstance(listed, Listed)


async def test_a_page_of_html_is_broken_not_empty(connection: Connection, shelf: Shelf) -> None:
    async def login(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<html>log in</html>", content_type="text/html")

    shelf.next_answers = [login, login]
    async with reflecting(connection) as facts:
        assert isinstance((await facts.next()).error, Broken)
    shelf.next_answers = [login]
    async with reflecting(connection, watch_list=False) as facts:
        assert isinstance((await facts.next()).error, Broken)


async def test_a_json_answer_that_is_no_list_is_broken_not_empty(connection: Connection, shelf: Shelf) -> None:
    async def odd(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"hello": "world"})

    shelf.next_answers = [odd]
    async with reflecting(connection, watch_list=False) as facts:
        assert isinstance((await facts.next()).error, Broken)


async def test_forbidden_is_permanent_slow_and_heals(connection: Connection, shelf: Shelf) -> None:
    shelf.next_answers = [answer(403, "Forbidden")] * 5
    async with reflecting(connection) as facts:
        denied = [await facts.next() for _ in range(5)]
        assert isinstance(await facts.next(), Listed)
    assert all(isinstance(lost.error, Forbidden) and lost.permanent for lost in denied)
    assert denied[0].retry_in >= 3.75
    assert 45 <= denied[4].retry_in <= 75


async def test_a_server_that_closes_every_watch_at_once_is_not_asked_in_a_hot_loop(
    connection: Connection, shelf: Shelf
) -> None:
    clock = QuickClock()
    shelf.watch_list = "refused"
    async with reflecting(connection, clock) as facts:
        await facts.next()
        shelf.next_answers = [streaming()] * 6
        for _ in range(6):
            assert isinstance((await facts.next()).error, Broken)
    assert len(clock.slept) >= 5


async def test_a_line_too_long_for_a_watch_is_passed_by_a_new_list(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.put("a", annotation="x" * 1_000_000)
        assert (await facts.next()).row.name == "a"
        shelf.put("b", annotation="x" * 5_000_000)
        assert isinstance(await facts.next(), Lost)
        shelf.objects["b"]["metadata"].pop("annotations")
        listed = await facts.until(Listed)
    assert names(listed) == ["a", "b"]


async def test_odd_objects_and_unknown_event_types_do_not_stop_it(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        await shelf.watching.wait()
        shelf.send(line("NOVELTY", {"metadata": {"name": "x", "resourceVersion": "103"}}))
        shelf.send(line("ADDED", {"metadata": {"name": "odd", "uid": "u", "labels": 7}, "data": None}))
        assert (await facts.next()).row.name == "odd"


async def test_a_server_that_comes_back_is_asked_before_the_wait_is_over(tmp_path: Path, shelf: Shelf) -> None:
    """Anybody's success ends the waiting of all: here a probe's."""

    class Patient(QuickClock):
        async def sleep(self, seconds: float) -> None:
            self.slept.append(seconds)
            if len(self.slept) == 1:
                await asyncio.Event().wait()

    async with serving(shelf.handle) as url:
        config = kubeconfig(tmp_path, url)
    async with connected(config) as connection, reflecting(connection, Patient()) as facts:
        lost = await facts.next()
        assert isinstance(lost.error, Refused)
        waiting = asyncio.ensure_future(facts.next())
        await asyncio.sleep(0)
        port = int(url.rsplit(":", 1)[1])
        runner = web.ServerRunner(web.Server(shelf.handle), shutdown_timeout=0.001)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await connection.request("GET", "/api/v1/things")
        assert isinstance(await waiting, Listed)
        await runner.cleanup()


async def test_closing_it_closes_its_stream(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.next()
        assert connection.stats.open_streams == 1
    assert connection.stats.open_streams == 0


async def test_a_server_that_hangs_in_the_initial_events_falls_back_then_says_so(tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await asyncio.Event().wait()

    settings = WatchSettings(initial_quiet=0.05, settle=0.01)
    async with raw_serving(hang) as url, connected(kubeconfig(tmp_path, url)) as connection:
        connection._settings = type(connection._settings)(connect=0.1, answer=0.1, env={})
        async with reflecting(connection, settings=settings) as facts:
            fact = await facts.until(Lost)
    assert "in time" in fact.error.message


def test_it_runs_on_uvloop(tmp_path: Path) -> None:
    async def scene() -> None:
        shelf = Shelf()
        shelf.put("a")
        async with (
            serving(shelf.handle) as url,
            connected(kubeconfig(tmp_path, url)) as connection,
            reflecting(connection) as facts,
        ):
            assert names(await facts.next()) == ["a"]
            await shelf.watching.wait()
            shelf.cut()
            assert isinstance(await facts.next(), Lost)
            shelf.put("b")
            assert isinstance(await facts.next(), Resumed)
            assert (await facts.next()).row.name == "b"

    uvloop.run(scene())


def test_backoff_is_fast_at_first_capped_and_reset() -> None:
    backoff = Backoff()
    delays = [backoff.next() for _ in range(40)]
    assert 0.1 <= delays[0] <= 0.2
    assert max(delays) <= 15.0
    assert max(delays[20:]) > 5.0
    backoff.reset()
    assert backoff.next() <= 0.2
    assert 300.0 <= backoff.next(retry_after=99_999.0) < 301.0


async def follow(connection: Connection, known: dict[str, Any]) -> None:
    """Keep `known` as a consumer of facts would."""
    async with contextlib.aclosing(
        reflect(connection, PATH, decoder(), clock=QuickClock(), settings=QUICK)
    ) as facts:
        async for fact in facts:
            match fact:
                case Listed(rows):
                    known.clear()
                    known.update((row.name, row) for row in rows)
                case Upserted(row):
                    known[row.name] = row
                case Removed(row):
                    del known[row.name]


def disturb(shelf: Shelf, rng: random.Random) -> None:
    """A change of the collection, or some trouble."""
    name, trouble = f"t{rng.randrange(8)}", rng.randrange(10)
    if trouble == 0:
        shelf.cut()
    elif trouble == 1:
        shelf.send(None)
    elif trouble == 2:
        shelf.oldest = shelf.version
    elif trouble == 3:
        shelf.next_answers = [answer(rng.choice([410, 500, 503]), "x")]
    elif trouble < 6 and name in shelf.objects:
        shelf.delete(name)
    else:
        shelf.put(name, str(rng.random()))


async def test_whatever_happens_the_rows_end_equal_to_the_servers(tmp_path: Path, shelf: Shelf) -> None:
    """Changes, cuts, clean ends, compactions and refusals in a seeded disorder; `del` above proves no doubles."""
    rng, known = random.Random(7), dict[str, Any]()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return await shelf.handle(request) if request.path.endswith("things") else web.Response()

    def agree() -> bool:
        return {n: row.value for n, row in known.items()} == {n: o["data"]["v"] for n, o in shelf.objects.items()}

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        following = asyncio.create_task(follow(connection, known))
        for _ in range(400):
            disturb(shelf, rng)
            await connection.request("GET", "/tick")
        async with asyncio.timeout(5):
            while not agree() and not following.done():
                await connection.request("GET", "/tick")
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
    assert len(shelf.queries) > 40


async def test_a_watch_list_that_is_always_cut_short_is_replaced_by_pages(
    connection: Connection, shelf: Shelf
) -> None:
    shelf.put("a")
    shelf.next_answers = [streaming(b'{"type":"ADDED","obj')] * 2
    async with reflecting(connection) as facts:
        assert isinstance((await facts.next()).error, Broken)
        assert names(await facts.next()) == ["a"]


async def test_recovery_after_server_errors_is_known_by_a_probe(connection: Connection, shelf: Shelf) -> None:
    shelf.next_answers = [answer(500, "x"), answer(500, "x")]
    with pytest.raises(ServerFault):
        await probe(connection, 1.0)
    assert connection.down
    with pytest.raises(ServerFault):
        await connection.request("GET", "/version")
    recovered = asyncio.ensure_future(connection.recovered())
    await asyncio.sleep(0)
    assert not recovered.done()
    await connection.request("GET", "/api/v1/things")
    await recovered
    assert not connection.down
