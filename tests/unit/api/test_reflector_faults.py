"""The promises of `reflect` when a server or the way to it fails: nothing lost, and honest about it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from kurator_tui.api.connection import Connection
from kurator_tui.api.facts import Listed, Lost, Resumed
from kurator_tui.api.probe import probe
from kurator_tui.api.stream import Silent
from kurator_tui.api.watch import WatchSettings
from kurator_tui.errors import Broken, Forbidden, Refused, ServerFault, Throttled
from tests.unit.api.reflecting import answer, reflecting, streaming
from tests.unit.api.support import (
    QuickClock,
    Shelf,
    connected,
    kubeconfig,
    line,
    raw_serving,
    serving,
)
from tests.unit.api.test_reflector import obj


async def test_a_cut_is_a_loss_then_goes_on_where_it_was(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.put("a", "1")
        await facts.knows(a="1")
        shelf.cut()
        lost = await facts.until(Lost)
        assert isinstance(lost.error, Broken)
        assert not lost.permanent
        assert lost.retry_in <= 0.2
        shelf.put("a", "2")
        shelf.put("b", "1")
        shelf.delete("a")
        assert isinstance(await facts.next(), Resumed)
        await facts.knows(b="1")
    assert [query.get("resourceVersion") for query in shelf.queries] == [None, "101"]


async def test_half_a_line_at_a_clean_end_is_broken_and_resumed(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.send(b'{"type":"ADDED","object":{"metadata":{"name":"ha')
        shelf.send(None)
        lost = await facts.until(Lost)
        assert isinstance(lost.error, Broken)
        shelf.put("whole", "1")
        assert isinstance(await facts.next(), Resumed)
        await facts.knows(whole="1")


async def test_what_precedes_a_bad_line_in_the_same_read_counts(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.send(line("ADDED", obj("a", 201, "1")) + b"<html>\n")
        await facts.until(Lost)
        assert facts.values == {"a": "1"}
        await facts.until(Resumed)
    assert shelf.queries[-1]["resourceVersion"] == "201"


async def test_a_quiet_stream_resumes_without_any_event(connection: Connection, shelf: Shelf) -> None:
    async with reflecting(connection) as facts:
        await facts.until(Listed)
        await shelf.watching.wait()
        shelf.cut()
        await facts.until(Lost)
        assert isinstance(await facts.next(), Resumed)


async def test_silence_past_the_deadline_is_a_dead_stream(connection: Connection, shelf: Shelf) -> None:
    settings = WatchSettings(bookmark_gap=0.1, settle=0.02)
    async with reflecting(connection, settings=settings) as facts:
        lost = await facts.until(Lost)
        assert isinstance(lost.error, Silent)
        assert "silent" in lost.error.message


@pytest.mark.parametrize(("code", "kind"), [(500, ServerFault), (429, Throttled)])
async def test_server_errors_back_off_and_honour_retry_after(
    connection: Connection, shelf: Shelf, code: int, kind: type[Exception]
) -> None:
    shelf.next_answers = [answer(code, "x", Retry_After="7"), answer(code, "x")]
    async with reflecting(connection) as facts:
        first, second = await facts.next(), await facts.next()
        await facts.until(Listed)
    assert isinstance(first.error, kind)
    assert 7.0 <= first.retry_in < 8.0
    assert second.retry_in < 1.0


async def test_a_page_of_html_is_broken_not_empty(connection: Connection, shelf: Shelf) -> None:
    async def login(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="<html>log in</html>", content_type="text/html")

    shelf.next_answers = [login, login]
    async with reflecting(connection) as facts:
        assert isinstance((await facts.until(Lost)).error, Broken)
        assert facts.history[0] != Listed("")
    shelf.next_answers = [login]
    async with reflecting(connection, watch_list=False) as facts:
        assert isinstance((await facts.until(Lost)).error, Broken)
        assert not any(isinstance(fact, Listed) for fact in facts.history)


async def test_a_json_answer_that_is_no_list_is_broken_not_empty(connection: Connection, shelf: Shelf) -> None:
    async def odd(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"hello": "world"})

    shelf.next_answers = [odd]
    async with reflecting(connection, watch_list=False) as facts:
        assert isinstance((await facts.until(Lost)).error, Broken)


async def test_forbidden_is_permanent_slow_and_heals(connection: Connection, shelf: Shelf) -> None:
    shelf.next_answers = [answer(403, "Forbidden")] * 5
    async with reflecting(connection) as facts:
        denied = [await facts.next() for _ in range(5)]
        await facts.until(Listed)
    assert all(isinstance(lost.error, Forbidden) and lost.permanent for lost in denied)
    assert denied[0].retry_in >= 3.75
    assert 45 <= denied[4].retry_in <= 75


async def test_a_server_that_closes_every_watch_at_once_is_not_asked_in_a_hot_loop(
    connection: Connection, shelf: Shelf
) -> None:
    clock = QuickClock(still=True)
    shelf.watch_list = "refused"
    async with reflecting(connection, clock) as facts:
        await facts.until(Listed)
        shelf.next_answers = [streaming()] * 6
        for _ in range(6):
            assert isinstance((await facts.until(Lost)).error, Broken)
    assert len(clock.slept) >= 5


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
        lost = await facts.until(Lost)
        assert isinstance(lost.error, Refused)
        port = int(url.rsplit(":", 1)[1])
        runner = web.ServerRunner(web.Server(shelf.handle), shutdown_timeout=0.001)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await connection.request("GET", "/api/v1/things")
        await facts.until(Listed)
        await runner.cleanup()


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


async def test_a_watch_list_that_is_always_cut_short_is_replaced_by_pages(
    connection: Connection, shelf: Shelf
) -> None:
    shelf.put("a", "1")
    shelf.next_answers = [streaming(line("ADDED", obj("x", 3)) + b'{"type":"ADDED","obj')] * 2
    async with reflecting(connection) as facts:
        assert isinstance((await facts.until(Lost)).error, Broken)
        await facts.until(Listed)
        assert facts.values == {"a": "1"}


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
