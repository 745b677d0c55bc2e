"""Answers that say no, or are not a Kubernetes server's at all, and afterwards the store equals the servers."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from kurator_tui.store.freshness import State
from tests.faults.exchange import Asked, Exchange
from tests.faults.model import ATTACHED, FLEETS, NODES, PODS, page
from tests.faults.server import Answer, Server, saying, status
from tests.faults.stage import attach, fleet, kurator_host, stage
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
    server = Server("m1")
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
    server = Server("m1")
    server.plant(FAILURES[name], "discovery", times=4)
    async with stage(tmp_path, server) as on:
        await on.steady()


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/octet-stream", ""])
@virtual_time
async def test_the_right_bytes_under_a_wrong_content_type(tmp_path: Path, content_type: str) -> None:
    """What it is called is a proxy's doing; what it is decides."""

    async def mislabelled(exchange: Exchange) -> None:
        await exchange.answer(200, page(PODS, server.model.raw(PODS), server.model.version), content_type)

    server = Server("m1")
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
    server = Server("m1")
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
    server = Server("m1")
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


@virtual_time
async def test_429_of_everything_is_asked_again_no_sooner_than_retry_after(tmp_path: Path) -> None:
    """A probe that gets through first must not send the watches ahead of the time that they were told."""
    async with stage(tmp_path) as on:
        server = on["m1"]
        plant = server.plant(saying(429, Retry_After="30"), times=1e9)
        for stream in server.streams():
            stream.cut()
        await on.until(lambda: {PODS, NODES} <= {asked.path for asked in plant.met})
        server.model.put(PODS, "p0", 9)
        await asyncio.sleep(3)
        plant.lift()
        await on.equal()
        for path in (PODS, NODES):
            times = [asked.at for asked in server.log if asked.verb == "watch" and asked.path == path]
            refused = [asked.at for asked in plant.met if asked.path == path]
            assert len(refused) == 1
            assert min(at for at in times if at > refused[0]) - refused[0] >= 30
        await on.steady()


@virtual_time
async def test_a_server_that_works_again_for_others_is_not_asked_before_retry_after(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        probes = server.plant(saying(429, Retry_After="1"), "probe", times=2)
        refused = server.plant(saying(429, Retry_After="60"), "watch", path=PODS)
        for stream in server.streams():
            stream.cut()
        await on.until(lambda: probes.met and refused.met)
        await on.equal()
        watches = [asked.at for asked in server.log if asked.verb == "watch" and asked.path == PODS]
        assert min(at for at in watches if at > refused.met[0].at) >= refused.met[0].at + 60
        await on.steady()


@virtual_time
async def test_a_probe_that_is_throttled_waits_too(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        server = on["m1"]
        plant = server.plant(saying(429, Retry_After="10"), "probe", times=2)
        await on.until(lambda: len(plant.met) == 2)
        assert plant.met[1].at - plant.met[0].at >= 10
        await on.equal()
        await on.steady()


@pytest.mark.parametrize("everything", [True, False])
@virtual_time
async def test_a_custom_resource_definition_removed_and_made_again(tmp_path: Path, everything: bool) -> None:
    """Its objects went with it; those under the same names afterwards are others."""
    host, member = kurator_host(), Server("m1")
    await member.start()
    attach(host, "m1", member)
    fleet(host, "m1")
    crds = (FLEETS, ATTACHED) if everything else (ATTACHED,)
    async with stage(tmp_path, member, host=host) as on:
        for path in crds:
            for name in host.model.names(path):
                host.model.delete(path, name)
            host.hidden.add(path)
            for stream in host.streams(path):
                stream.end()
        await on.until(lambda: not any(on.facts("host", path) for path in crds), 150)
        await on.until(lambda: all(on.state("host", path) is State.ABSENT for path in crds), 150)
        host.hidden.clear()
        attach(host, "m1", member)
        fleet(host, "m1")
        await on.equal(150)
        await on.until(lambda: {row.name for row in on.store.rows("clusters")} == {"host", "m1"}, 30)
        await on.steady()


@virtual_time
async def test_a_definition_removed_under_a_watch_that_says_nothing(tmp_path: Path) -> None:
    """The watch is not told; its next request is answered with 404."""
    host, member = kurator_host(), Server("m1")
    await member.start()
    attach(host, "m1", member)
    fleet(host, "m1")
    async with stage(tmp_path, member, host=host) as on:
        with host.held():
            host.model.delete(ATTACHED, "m1")
        host.hidden.add(ATTACHED)
        await on.until(lambda: on.state("host", ATTACHED) is State.ABSENT, 500)
        assert not on.facts("host", ATTACHED)
