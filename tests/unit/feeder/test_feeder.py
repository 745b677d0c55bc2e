"""The real feeder process against real HTTP, seen through the console's end of the link."""

from __future__ import annotations

import json
import os
import pty
import signal
import termios
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import yaml

from kurator_tui.cli.options import Options
from kurator_tui.cli.run import FeederRefused, ask_all, collect, session
from kurator_tui.errors import ConsoleError, Refused
from kurator_tui.feeder.guard import RESET, restore
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.store.freshness import State
from tests.unit.fleet.fake_cluster import FakeCluster
from tests.unit.fleet.hub_estate import attach, fleet, kubeconfig


@pytest.fixture
async def member() -> AsyncIterator[FakeCluster]:
    async with FakeCluster() as cluster:
        cluster.put(
            "/api/v1/nodes", "n1", {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, "Node"
        )
        yield cluster


@pytest.fixture
async def host(member: FakeCluster) -> AsyncIterator[FakeCluster]:
    async with FakeCluster(kurator=True) as cluster:
        attach(cluster, "a", kubeconfig(member.url))
        fleet(cluster, "a")
        yield cluster


@pytest.fixture
async def options(tmp_path: Path, host: FakeCluster) -> Options:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(kubeconfig(host.url)))
    return Options(kubeconfig=str(path))


async def test_fleets_and_clusters_are_collected_once_everything_is_synced(options: Options) -> None:
    collected = await collect(options, ("fleets", "clusters"))
    assert collected.complete
    (prod,) = collected.rows["fleets"]
    assert isinstance(prod, FleetOverview)
    assert (prod.name, prod.live, prod.members) == ("prod", 1, ("a",))
    clusters = {row.name: row for row in collected.rows["clusters"] if isinstance(row, ClusterOverview)}
    assert clusters.keys() == {"host", "a"}
    assert (clusters["a"].nodes, clusters["a"].pods) == (1, 0)
    state = collected.state("a")
    assert state is not None
    assert state.state is State.LIVE


async def test_a_host_that_refuses_connections_is_an_error_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(kubeconfig("http://127.0.0.1:9")))
    with pytest.raises(ConsoleError, match=r"127\.0\.0\.1:9 refuses connections") as caught:
        await collect(Options(kubeconfig=str(path)), ("clusters",))
    error = caught.value
    assert (error.title, error.exit_code, bool(error.hint)) == (Refused.title, Refused.exit_code, True)


async def test_a_kubeconfig_that_cannot_be_used_is_fatal_with_its_own_exit_code(tmp_path: Path) -> None:
    with pytest.raises(FeederRefused) as caught:
        await collect(Options(kubeconfig=str(tmp_path)), ("clusters",))
    assert caught.value.exit_code == 4
    assert "directory" in caught.value.message


async def test_check_says_what_is_reached_and_allowed(options: Options) -> None:
    findings = json.loads((await ask_all(options, "check"))[0])
    reached = {found["cluster"]: found["health"] for found in findings if found["check"] == "reach"}
    assert reached == {"host": "healthy", "a": "healthy"}


async def test_killing_the_feeder_leaves_the_rows_stale_and_brings_them_back(options: Options) -> None:
    async with session(options, ("clusters",)) as (opened, _notices, complete):
        assert complete
        process = opened.workers[0]._attached
        assert process is not None
        os.kill(process.process.pid, signal.SIGKILL)
        from tests.unit.link.test_session import until

        await until(opened, lambda: opened.store.freshness("a").state is State.STALE)
        assert opened.store.count("clusters") == 2
        assert "feeder lost" in opened.store.freshness("a").reason
        await until(opened, lambda: opened.store.freshness("a").state is State.LIVE)


async def test_what_was_deleted_while_the_feeder_was_dead_is_gone_afterwards(
    options: Options, member: FakeCluster, host: FakeCluster
) -> None:
    from tests.unit.link.test_session import until

    attach(host, "b", kubeconfig(member.url))
    fleet(host, "a", "b")
    kinds = ("clusters", NODE.id, "fleets")
    async with session(options, kinds) as (opened, _notices, complete):
        assert complete
        assert (opened.store.count(NODE.id, "a"), opened.store.count("clusters", "b")) == (1, 1)
        process = opened.workers[0]._attached
        assert process is not None
        os.kill(process.process.pid, signal.SIGKILL)
        del member._objects["/api/v1/nodes"]["n1"]
        fleet(host, "a")
        await until(opened, lambda: opened.store.freshness("a").state is State.STALE)
        assert (opened.store.count(NODE.id, "a"), opened.store.count("clusters", "b")) == (1, 1)
        await until(opened, lambda: not opened.store.count("clusters", "b"))
        await until(opened, lambda: opened.store.freshness("a", NODE.id).state is State.LIVE)
        assert opened.store.count(NODE.id, "a") == 0
        assert {row.name for row in opened.store.rows("clusters")} == {"host", "a"}
        assert "b" not in {cluster for cluster, _kind, _freshness in opened.store.freshness_items()}


def test_a_killed_consoles_terminal_is_given_back() -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    raw = termios.tcgetattr(slave)
    raw[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(slave, termios.TCSANOW, raw)
    restore(os.ttyname(slave), msgspec.msgpack.encode(before))
    assert termios.tcgetattr(slave)[3] == before[3]
    assert RESET.split(b"\r\n")[0] in os.read(master, 1000)
    os.close(master)
    os.close(slave)
