"""What happens around the console: clocks are set, laptops sleep, names move. Nothing is lost by it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.link import worker
from kurator_tui.store.freshness import State
from tests.faults import stage as staging
from tests.faults.exchange import Exchange
from tests.faults.model import NODES, PODS, Model
from tests.faults.server import Server
from tests.faults.stage import Stage, attach, fleet, kurator_host, stage
from tests.faults.virtual import EPOCH, VirtualLoop, now, virtual_time

HOUR = 3600.0
NAME = "api.cluster.test"


class Wall:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return EPOCH + now() + self.ahead


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """The wall clock of every hub and console of the test."""
    clock = Wall()
    monkeypatch.setattr(staging, "unix", clock)
    return clock


def opened(server: Server, since: int = 0) -> int:
    """How many watches and lists were asked for."""
    return sum(asked.verb in ("watch", "watchlist", "list") for asked in server.log[since:])


def connections(server: Server, since: int = 0) -> int:
    """Over how many connections the server was asked."""
    return len({asked.connection for asked in server.log[since:]})


# -- the clock is set --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("step", [HOUR, -HOUR])
@virtual_time
async def test_a_clock_that_is_set_while_all_is_well_changes_nothing(
    tmp_path: Path, wall: Wall, step: float, linked: bool
) -> None:
    async with stage(tmp_path, "m1", "m2", linked=linked) as on:
        await asyncio.sleep(5)
        seen, marks = len(on.seen), {name: len(server.log) for name, server in on.servers.items()}
        wall.ahead = step
        await asyncio.sleep(40)
        assert {seen.state for seen in on.seen[seen:]} <= {State.LIVE}
        for name, server in on.servers.items():
            assert not opened(server, marks[name])
            probes = [asked for asked in server.log[marks[name] :] if asked.verb == "probe"]
            assert 35 <= len(probes) <= 50
        on["m1"].model.put(PODS, "p0", 9)
        await on.equal()
        await on.steady()


@pytest.mark.parametrize("step", [HOUR, -HOUR])
@virtual_time
async def test_a_clock_that_is_set_during_an_outage_neither_ends_nor_prolongs_a_wait(
    tmp_path: Path, wall: Wall, step: float
) -> None:
    """An outage of ten seconds keeps its watches (no new credentials, no list), whatever the clock says."""
    async with stage(tmp_path, "m1", "m2") as on:
        server, seen = on["m1"], len(on.seen)
        await server.stop()
        await asyncio.sleep(5)
        wall.ahead = step
        await asyncio.sleep(5)
        assert on.state("m1", PODS) is State.STALE
        mark = len(server.log)
        server.model.put(PODS, "p0", 9)
        await server.start()
        took = await on.equal()
        assert took < 20
        assert not server.lists(mark)
        assert on.states("m2", PODS, seen) == []
        await on.steady()


@pytest.mark.parametrize("step", [HOUR, -HOUR, 0.0])
@virtual_time
async def test_new_credentials_are_looked_for_in_time_though_the_clock_was_set(
    tmp_path: Path, wall: Wall, step: float
) -> None:
    """The member moved: its Secret says where to. That is read after half a minute, not after an hour."""
    host, member, moved = kurator_host(), Server("m1", Model()), Server("m1", Model())
    await member.start()
    attach(host, "m1", member)
    fleet(host, "m1")
    async with stage(tmp_path, member, host=host) as on:
        await moved.start()
        moved.model.put(PODS, "elsewhere", 3)
        attach(host, "m1", moved)
        await member.stop()
        await asyncio.sleep(3)
        wall.ahead = step
        on.servers["m1"], moved.changed = moved, member.changed
        took = await on.equal()
        assert 20 < took < 60
        await on.steady()


@pytest.mark.parametrize("step", [HOUR, -HOUR])
@virtual_time
async def test_a_feeder_that_dies_again_and_again_is_not_hurried_by_the_clock(
    tmp_path: Path, wall: Wall, step: float
) -> None:
    async with stage(tmp_path, linked=True) as on:
        await asyncio.sleep(worker.SETTLED + 1)
        for _ in range(len(worker.RESTART_DELAYS) + 1):
            wall.ahead += step
            on.feeders.running[0].kill()
            began, count = now(), len(on.feeders.started)
            while len(on.feeders.started) == count:
                await asyncio.sleep(0.01)
        assert now() - began >= worker.RESTART_DELAYS[-1] * 0.8
        await on.equal()
        await on.steady()


# -- the machine sleeps ------------------------------------------------------------------------------------------


def asleep(seconds: float) -> None:
    """Nothing runs for `seconds`; the machine wakes up late."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop._leaping.now += seconds


def declared_dead(on: Stage, since: int) -> list[Any]:
    """Clusters and kinds that were called anything but live."""
    return [seen for seen in on.seen[since:] if seen.state is not State.LIVE]


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("seconds", [3.0, 60.0])
@virtual_time
async def test_a_machine_that_slept_calls_nobody_dead(tmp_path: Path, seconds: float, linked: bool) -> None:
    """It falls asleep at any moment: with a probe under way, with a batch due, between two beats of the feeder."""

    async def far(exchange: Exchange) -> None:
        await asyncio.sleep(0.2)
        await exchange.server.serve(exchange)

    async with stage(tmp_path, "m1", "m2", linked=linked) as on:
        for server in on.servers.values():
            server.plant(far, "probe", times=1e9)
        await asyncio.sleep(3)
        seen, marks = len(on.seen), {name: len(server.log) for name, server in on.servers.items()}
        for turn in range(12):
            await asyncio.sleep(1.13)
            with on["m1"].held() as events:
                on["m1"].model.put(PODS, "p0", turn)
            asleep(seconds)
            for stream in on["m1"].streams(PODS):
                stream.send(*(event.line for event in events))
            await on.until(lambda: on.facts("m1", PODS) == on["m1"].model.facts(PODS), 10)
        await on.equal()
        assert declared_dead(on, seen) == []
        assert len(on.feeders.started) == linked
        for name, server in on.servers.items():
            assert not server.lists(marks[name])
        await on.steady()


@virtual_time
async def test_a_machine_whose_servers_hung_up_while_it_slept(tmp_path: Path) -> None:
    """They waited for an answer for a minute; then all return, and list nothing."""
    async with stage(tmp_path, "m1", "m2", linked=True) as on:
        await asyncio.sleep(3)
        marks = {name: len(server.log) for name, server in on.servers.items()}
        asleep(60)
        for server in on.servers.values():
            for stream in server.streams():
                stream.reset()
            server.model.put(PODS, "p0", 9)
            server.model.delete(NODES, "n0")
        took = await on.equal()
        assert took < 20
        for name, server in on.servers.items():
            assert not server.lists(marks[name])
        await on.steady()


# -- the network is another --------------------------------------------------------------------------------------


class Names:
    """A DNS: what `NAME` resolves to. `asked` counts the questions."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked = 0

    async def getaddrinfo(self, host: str, port: int, **_more: Any) -> list[Any]:
        self.asked += 1
        assert host == NAME
        if not self.address:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.address, port))]


def names(monkeypatch: pytest.MonkeyPatch, address: str) -> Names:
    """The running loop asks this DNS from now on, and what is remembered of it ages with the loop."""
    loop, found = asyncio.get_running_loop(), Names(address)
    monkeypatch.setattr(loop, "getaddrinfo", found.getaddrinfo)
    monkeypatch.setattr("aiohttp.connector.monotonic", loop.time)
    return found


@virtual_time
async def test_a_name_that_resolves_to_another_address_after_an_outage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dns = names(monkeypatch, "127.0.0.1")
    server = Server("m1", Model())
    server.host = NAME
    async with stage(tmp_path, server, "m2") as on:
        seen = len(on.seen)
        await server.stop()
        await asyncio.sleep(3)
        assert on.state("m1", PODS) is State.STALE
        server.address = dns.address = "127.0.0.2"
        server.model.put(PODS, "p0", 9)
        mark = len(server.log)
        await server.start()
        took = await on.equal()
        assert took < 20
        assert not server.lists(mark), "it is the same cluster: its watches go on"
        assert on.states("m2", PODS, seen) == []
        await on.steady()


@virtual_time
async def test_a_name_that_moves_while_its_old_address_still_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load balancer that is replaced: what runs goes on, what is opened anew goes to the new address."""
    dns = names(monkeypatch, "127.0.0.1")
    server = Server("m1", Model())
    server.host = NAME
    behind = Server("m1", server.model)
    behind.address = "127.0.0.2"
    async with stage(tmp_path, server) as on:
        behind.port = server.port
        await behind.start()
        behind.changed = server.changed
        dns.address = "127.0.0.2"
        seen = len(on.seen)
        await asyncio.sleep(15)
        for stream in server.streams():
            stream.cut()
        server.model.put(PODS, "p0", 9)
        await on.equal()
        await on.until(lambda: len(behind.streams()) == 2)
        await server.stop()
        server.model.put(PODS, "p0", 10)
        on.servers["m1"] = behind
        await on.equal()
        assert State.UNREACHABLE not in on.states("m1", PODS, seen)
        assert not behind.lists()
        await on.steady()
        await behind.stop()


@virtual_time
async def test_a_name_that_does_not_resolve_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dns = names(monkeypatch, "127.0.0.1")
    server = Server("m1", Model())
    server.host = NAME
    async with stage(tmp_path, server, "m2") as on:
        seen, dns.address = len(on.seen), ""
        await asyncio.sleep(11)
        await server.stop()
        await server.start()
        server.model.put(PODS, "p0", 9)
        await asyncio.sleep(20)
        assert on.state("m1", PODS) is State.STALE
        assert any("does not resolve" in seen.reason for seen in on.seen[seen:] if seen.cluster == "m1")
        assert dns.asked < 60
        mark, dns.address = len(server.log), "127.0.0.1"
        took = await on.equal()
        assert took < 25
        assert not server.lists(mark)
        assert on.states("m2", PODS, seen) == []
        await on.steady()


def _ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not _ipv6(), reason="this machine has no IPv6 loopback")
@virtual_time
async def test_a_server_of_ipv6(tmp_path: Path) -> None:
    server = Server("m1", Model())
    server.address = "::1"
    async with stage(tmp_path, server, "m2") as on:
        assert "[::1]" in server.url
        assert connections(server)
        await server.stop()
        await asyncio.sleep(3)
        assert any("::1" in seen.reason for seen in on.seen if seen.cluster == "m1")
        server.model.put(PODS, "p0", 9)
        await server.start()
        await on.equal()
        await on.steady()
