"""Members come, go and restart, one by one and all at once, and afterwards the store equals the servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from kurator_tui.store.freshness import State
from tests.faults.exchange import Exchange
from tests.faults.model import NODES, PODS
from tests.faults.server import Server
from tests.faults.stage import Stage, attach, fleet, kurator_host, stage
from tests.faults.virtual import now, virtual_time


async def members(host: Server, *names: str) -> dict[str, Server]:
    """Listening members, attached to the host, of no Fleet yet."""
    made = {name: Server(name) for name in names}
    for server in made.values():
        await server.start()
        attach(host, server.name, server)
    return made


def shown(on: Stage) -> set[str]:
    """Clusters that a screen would show."""
    return {row.name for row in on.store.rows("clusters")}


def most_within(times: Iterable[float], window: float) -> int:
    """The largest number of moments within any `window` seconds."""
    ordered = sorted(times)
    return max(sum(start <= at < start + window for at in ordered) for start in ordered)


@virtual_time
async def test_members_that_leave_and_come_while_others_sync(tmp_path: Path) -> None:
    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(5)
        await exchange.server.serve(exchange)

    host = kurator_host()
    made = await members(host, "a", "b", "c")
    for server in made.values():
        server.plant(slow, "watchlist", "list", times=1e9)
    fleet(host, "a", "b")
    async with stage(tmp_path, *made.values(), host=host, sync=False) as on:
        await on.until(lambda: made["b"].lists())
        fleet(host, "a", "c")
        await on.until(lambda: made["c"].lists())
        fleet(host, "c", "b")
        await on.until(lambda: shown(on) == {"host", "b", "c"})
        del on.servers["a"]
        await on.equal()
        fleet(host, "b")
        await on.until(lambda: shown(on) == {"host", "b"})
        del on.servers["c"]
        await on.equal()
        for name in ("a", "c"):
            for kind in ("pods", "nodes", "clusters"):
                assert not on.store.count(kind, name), f"{name} left, its {kind} stay"
            mark = len(made[name].log)
            await asyncio.sleep(10)
            assert len(made[name].log) == mark, f"{name} is still asked"
            assert not made[name].streams()
        await on.steady()
        for name in ("a", "c"):
            await made[name].stop()


@virtual_time
async def test_a_member_that_leaves_and_returns_many_times(tmp_path: Path) -> None:
    host = kurator_host()
    made = await members(host, "a", "b")
    fleet(host, "a", "b")
    async with stage(tmp_path, *made.values(), host=host) as on:
        for turn in range(10):
            fleet(host, "a")
            await asyncio.sleep(0.05 * turn)
            made["b"].model.put(PODS, "p0", turn)
            fleet(host, "a", "b")
            await asyncio.sleep(0.05 * turn)
        await on.equal()
        await asyncio.sleep(5)
        assert len(made["b"].streams()) == 2
        await on.steady()


@virtual_time
async def test_a_fleet_that_is_emptied_and_filled_again(tmp_path: Path) -> None:
    host = kurator_host()
    names = [f"m{number}" for number in range(20)]
    made = await members(host, *names)
    fleet(host, *names)
    async with stage(tmp_path, *made.values(), host=host) as on:
        fleet(host)
        await on.until(lambda: shown(on) == {"host"})
        assert on.store.clusters("pods") == ["host"] or not any(on.store.count("pods", name) for name in names)
        fleet(host, *names)
        await on.equal()
        await on.until(lambda: shown(on) == {"host", *names})
        await on.steady()


@virtual_time
async def test_two_members_that_are_one_server(tmp_path: Path) -> None:
    """Each has the rows under its own name; one of them leaving takes nothing from the other."""
    host = kurator_host()
    one = (await members(host, "a"))["a"]
    attach(host, "b", one)
    fleet(host, "a", "b")
    async with stage(tmp_path, one, host=host) as on:
        on.servers["b"] = one
        await on.equal()
        one.model.put(PODS, "p0", 7)
        one.model.delete(PODS, "p1")
        await on.equal()
        await on.steady()
        fleet(host, "b")
        del on.servers["a"]
        await on.until(lambda: shown(on) == {"host", "b"})
        assert not on.store.count("pods", "a")
        one.model.put(PODS, "p0", 8)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_member_that_is_the_host(tmp_path: Path) -> None:
    host = kurator_host()
    await host.start()
    attach(host, "self", host)
    fleet(host, "self")
    async with stage(tmp_path, Server("idle"), host=host, sync=False) as on:
        await on.servers.pop("idle").stop()
        on.servers["self"] = host
        await on.equal()
        host.model.put(PODS, "p0", 7)
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_member_whose_secret_names_another_server(tmp_path: Path) -> None:
    """The credentials change under a running member: when the old server goes, the new one is found."""
    host = kurator_host()
    made = await members(host, "a")
    fleet(host, "a")
    async with stage(tmp_path, made["a"], host=host) as on:
        moved = Server("a")
        await moved.start()
        moved.model.put(PODS, "elsewhere", 3)
        attach(host, "a", moved)
        await made["a"].stop()
        on.servers["a"] = moved
        moved.changed = made["a"].changed
        await on.equal()
        await on.steady()


@virtual_time
async def test_all_members_restart_at_once_without_their_history(tmp_path: Path) -> None:
    """All must be listed again: over a second or more, a few at a time."""
    names = [f"m{number}" for number in range(40)]
    async with stage(tmp_path, *names) as on:
        servers = [on[name] for name in names]
        await asyncio.gather(*(server.stop() for server in servers))
        marks = [len(server.log) for server in servers]
        for server in servers:
            server.model.put(PODS, "p0", 9)
            server.model.put(NODES, "n0", 9)
            server.model.compact()
            await server.start()
        began = now()
        took = await on.equal()
        logs = [server.log[mark:] for server, mark in zip(servers, marks, strict=True)]
        lists = [asked.at - began for log in logs for asked in log if asked.lists]
        assert len(lists) == 2 * len(names), "each kind is listed once"
        assert most_within(lists, 0.1) <= len(lists) / 4
        assert took < 10
        await on.steady()


@virtual_time
async def test_watches_opened_together_are_not_to_end_together(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(40)]
    async with stage(tmp_path, *names) as on:
        asked = [asked for name in names for asked in on[name].log if "watch" in asked.query]
        terms = [float(asked.query["timeoutSeconds"]) for asked in asked]
        assert len(terms) == 2 * len(names)
        assert most_within(terms, 5.0) <= len(terms) / 4
        assert min(terms) >= 60


@pytest.mark.parametrize("seconds", [1.5, 20.0, 200.0])
@virtual_time
async def test_a_member_that_was_away(tmp_path: Path, seconds: float) -> None:
    async with stage(tmp_path, "m1", "m2") as on:
        server, seen = on["m1"], len(on.seen)
        await server.stop()
        await asyncio.sleep(seconds)
        assert on.state("m1", PODS) is State.STALE
        assert on.facts("m1", PODS)
        server.model.put(PODS, "p0", 9)
        server.model.delete(PODS, "p1")
        await server.start()
        took = await on.equal()
        assert took < 20
        assert on.states("m2", PODS, seen) == [], "another member's absence is not its own"
        await on.steady()


@virtual_time
async def test_a_member_that_hangs_and_comes_back(tmp_path: Path) -> None:
    """It accepts connections and says nothing, on none of them."""

    async def hang(_exchange: Exchange) -> None:
        await released.wait()

    released = asyncio.Event()
    async with stage(tmp_path, "m1", "m2") as on:
        server, seen = on["m1"], len(on.seen)
        plant = server.plant(hang, times=1e9)
        with server.held():
            server.model.put(PODS, "p0", 9)
            await on.until(lambda: on.state("m1", PODS) is State.STALE, 2.5)
            await asyncio.sleep(60)
            plant.lift()
            released.set()
            for stream in server.streams():
                stream.cut()
        await on.equal()
        assert on.states("m2", PODS, seen) == []
        await on.steady()


@virtual_time
async def test_a_host_that_is_away_keeps_its_members_live(tmp_path: Path) -> None:
    host = kurator_host()
    made = await members(host, "a")
    fleet(host, "a")
    async with stage(tmp_path, *made.values(), host=host) as on:
        await host.stop()
        seen = len(on.seen)
        await asyncio.sleep(100)
        made["a"].model.put(PODS, "p0", 9)
        await on.until(lambda: on.facts("a", PODS) == made["a"].model.facts(PODS))
        assert on.states("a", PODS, seen) == []
        await host.start()
        await on.equal()
        assert shown(on) == {"host", "a"}
        await on.steady()


@virtual_time
async def test_a_host_that_lost_its_fleets_for_a_moment_loses_no_member(tmp_path: Path) -> None:
    """The host's answer to a list of Fleets is a page of HTML: nobody has left."""

    async def html(exchange: Exchange) -> None:
        await exchange.answer(200, b"<html>maintenance</html>", "text/html")

    host = kurator_host()
    made = await members(host, "a")
    fleet(host, "a")
    async with stage(tmp_path, *made.values(), host=host) as on:
        plant = host.plant(html, times=1e9)
        host.model.compact()
        for stream in host.streams():
            stream.cut()
        seen = len(on.seen)
        await asyncio.sleep(60)
        assert shown(on) == {"host", "a"}
        assert on.states("a", PODS, seen) == []
        plant.lift()
        await on.equal()
        await on.steady()


@virtual_time
async def test_all_members_restart_at_once(tmp_path: Path) -> None:
    """No thundering herd: they return over a while, none twice, and each within seconds."""
    names = [f"m{number}" for number in range(40)]
    async with stage(tmp_path, *names) as on:
        servers = [on[name] for name in names]
        await asyncio.gather(*(server.stop() for server in servers))
        await asyncio.sleep(20)
        marks = [len(server.log) for server in servers]
        for server in servers:
            server.model.put(PODS, "p0", 9)
            await server.start()
        began = now()
        took = await on.equal()
        back = [server.log[mark:] for server, mark in zip(servers, marks, strict=True)]
        returns = [asked.at - began for log in back for asked in log if asked.verb == "watch"]
        assert not any(asked.lists for log in back for asked in log), "their history is there: nothing is listed"
        assert len(returns) == 2 * len(names)
        assert most_within(returns, 0.1) <= len(returns) / 4
        assert took < 5
        await on.steady()


@virtual_time
async def test_probes_of_many_members_do_not_come_together(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(40)]
    async with stage(tmp_path, *names) as on:
        await asyncio.sleep(5)
        marks = {name: len(on[name].log) for name in names}
        await asyncio.sleep(10)
        probes = [asked.at for name in names for asked in on[name].log[marks[name] :] if asked.verb == "probe"]
        assert len(probes) >= len(names)
        assert most_within(probes, 0.05) <= len(names) / 4
