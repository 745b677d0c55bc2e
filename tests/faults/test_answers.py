"""Answers that say no, or are not a Kubernetes server's at all, and afterwards the store equals the servers."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from kurator_tui.store.freshness import State
from tests.faults.model import PODS, Model, page
from tests.faults.server import Answer, Asked, Exchange, Server, saying, status
from tests.faults.stage import stage
from tests.faults.virtual import virtual_time

HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"
PROTOBUF = b"k8s\x00\x0a\x0c\x0a\x02v1\x12\x07PodList"

FAILURES: dict[str, Answer] = {
    "500": saying(500),
    "502 of a proxy": saying(502, b"<html>Bad Gateway</html>", "text/html"),
    "503": saying(503),
    "504 of a proxy": saying(504, b"upstream request timeout", "text/plain"),
    "200 login page": saying(200, HTML, "text/html; charset=utf-8"),
    "200 empty": saying(200, b""),
    "200 wrong JSON": saying(200, b'{"hello":"world"}'),
    "200 protobuf": saying(200, PROTOBUF, "application/vnd.kubernetes.protobuf"),
    "401": saying(401, status(401, "Unauthorized", "Unauthorized")),
    "403": saying(403, status(403, "Forbidden", "forbidden")),
    "404": saying(404, status(404, "NotFound", "not found")),
    "302 to a login": saying(302, b"", Location="https://login.example.com/"),
}


@pytest.mark.parametrize("name", FAILURES)
@virtual_time
async def test_a_server_that_answers_everything_so_for_a_while(tmp_path: Path, name: str) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        plant = server.plant(FAILURES[name], times=1e9)
        for stream in server.streams():
            stream.cut()
        server.model.put(PODS, "p0", 9)
        server.model.delete(PODS, "p1")
        await asyncio.sleep(20)
        assert on.state("m1", PODS) is not State.LIVE
        assert on.facts("m1", PODS), "what was known stays to be seen"
        assert not on.differences() or all(found.startswith("m1") for found in on.differences())
        plant.lift()
        await on.equal()
        await on.steady()


@pytest.mark.parametrize("verb", ["watch", "watchlist", "list"])
@pytest.mark.parametrize("name", FAILURES)
@virtual_time
async def test_a_server_that_answers_one_kind_of_request_so(tmp_path: Path, name: str, verb: str) -> None:
    server = Server("m1", Model())
    server.watch_list = verb == "watchlist"
    server.plant(FAILURES[name], verb, path=PODS, times=3)
    async with stage(tmp_path, server) as on:
        for stream in server.streams(PODS):
            stream.cut()
        server.model.put(PODS, "p0", 9)
        await on.equal()
        await on.steady()


@pytest.mark.parametrize("name", FAILURES)
@virtual_time
async def test_discovery_that_fails_first(tmp_path: Path, name: str) -> None:
    server = Server("m1", Model())
    server.plant(FAILURES[name], "discovery", times=4)
    async with stage(tmp_path, server) as on:
        await on.steady()


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/octet-stream", ""])
@virtual_time
async def test_the_right_bytes_under_a_wrong_content_type(tmp_path: Path, content_type: str) -> None:
    """What it is called is a proxy's doing; what it is decides."""

    async def mislabelled(exchange: Exchange) -> None:
        await exchange.answer(200, page(PODS, server.model.raw(PODS), server.model.version), content_type)

    server = Server("m1", Model())
    server.watch_list = False
    server.plant(mislabelled, "list", path=PODS)
    async with stage(tmp_path, server) as on:
        await on.steady()


@virtual_time
async def test_a_watch_that_is_answered_with_a_list(tmp_path: Path) -> None:
    """A proxy that drops the query."""

    async def listed(exchange: Exchange) -> None:
        await exchange.answer(200, page(PODS, server.model.raw(PODS), server.model.version))

    async with stage(tmp_path) as on:
        server = on["m1"]
        plant = server.plant(listed, "watch", path=PODS, times=3)
        for stream in server.streams(PODS):
            stream.cut()
        server.model.put(PODS, "p0", 9)
        await on.equal()
        assert len(plant.met) == 3
        await on.steady()


def first(log: list[Asked], *verbs: str) -> Asked:
    return next(asked for asked in log if asked.verb in verbs and asked.path == PODS)


@pytest.mark.parametrize("verb", ["watch", "list"])
@virtual_time
async def test_429_of_a_kind_is_asked_again_no_sooner_than_retry_after(tmp_path: Path, verb: str) -> None:
    server = Server("m1", Model())
    server.watch_list = False
    async with stage(tmp_path, server) as on:
        plant = server.plant(saying(429, Retry_After="30"), verb, path=PODS)
        for stream in server.streams(PODS):
            stream.cut()
        with server.held():
            server.model.put(PODS, "p0", 9)
            server.model.compact()
        await on.until(lambda: plant.met)
        mark = len(server.log)
        await on.equal()
        again = first(server.log[mark:], verb)
        assert 30 <= again.at - plant.met[0].at <= 40
        await on.steady()


@virtual_time
async def test_an_idle_connection_closed_just_as_it_is_used(tmp_path: Path) -> None:
    """The server hangs up on a connection it had kept, the request already under way: nobody may notice."""

    async def hang_up(exchange: Exchange) -> None:
        exchange.close()

    async with stage(tmp_path) as on:
        server, seen = on["m1"], len(on.seen)
        plant = server.plant(hang_up, times=1e9, when=lambda asked: asked.nth > 0 and len(server.log) % 2 == 0)
        for revision in range(40):
            server.model.put(PODS, "p0", revision)
            await asyncio.sleep(0.5)
        assert len(plant.met) >= 5
        plant.lift()
        await on.equal()
        assert {seen.state for seen in on.seen[seen:] if seen.cluster == "m1"} <= {State.LIVE}
        await on.steady()


@virtual_time
async def test_an_idle_connection_reset_just_as_a_watch_goes_on(tmp_path: Path) -> None:
    async def reset(exchange: Exchange) -> None:
        exchange.reset()

    async with stage(tmp_path) as on:
        server = on["m1"]
        plant = server.plant(reset, "watch", times=4, when=lambda asked: asked.nth > 0)
        for _ in range(4):
            for stream in server.streams():
                stream.end()
            server.model.put(PODS, "p0", len(server.log))
            await on.equal()
            await asyncio.sleep(3)
        assert plant.met
        await on.steady()


@virtual_time
async def test_a_resource_that_lists_and_does_not_watch_is_asked_again_slowly(tmp_path: Path) -> None:
    server = Server("m1", Model())
    server.watch_list = False
    refused = saying(405, status(405, "MethodNotAllowed", "the server does not allow this method"))
    plant = server.plant(refused, "watch", "watchlist", path=PODS, times=1e9)
    async with stage(tmp_path, server, sync=False) as on:
        await on.until(lambda: on.facts("m1", PODS) == server.model.facts(PODS))
        await asyncio.sleep(300)
        assert len(plant.met) < 20
        plant.lift()
        await on.equal()


@virtual_time
async def test_failures_of_every_sort_in_turn(tmp_path: Path) -> None:
    """What one failure leaves behind must not spoil the next."""
    async with stage(tmp_path) as on:
        server = on["m1"]
        turns = itertools.cycle(FAILURES.values())

        async def next_one(exchange: Exchange) -> None:
            await next(turns)(exchange)

        plant = server.plant(next_one, "watch", "watchlist", "list", "probe", "discovery", times=1e9)
        for stream in server.streams():
            stream.cut()
        for revision in range(60):
            server.model.put(PODS, "p0", revision)
            await asyncio.sleep(10)
        plant.lift()
        await on.equal()
        await on.steady()
