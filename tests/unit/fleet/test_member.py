"""One member's link and its end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.api.connection import Connection, Stats
from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.errors import ConsoleError, CredentialError, ForbiddenCredential, TimedOut, Unauthorized
from kurator_tui.fleet.member import MemberLink
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.fleet.fake_cluster import FakeCluster

PODS = "/api/v1/pods"


class Linked:
    """A link to `cluster` that watches its pods; `live` is set once it does."""

    def __init__(self, tmp_path: Path, cluster: FakeCluster) -> None:
        self.path = tmp_path / "config"
        config = {
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": cluster.url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
        }
        self.path.write_text(yaml.safe_dump(config))
        self.store = Store()
        self.live = asyncio.Event()
        self.changes = 0
        self.link = MemberLink(Member("a", "Context"), self.connect, self.store, self.changed, lambda: 1.0)
        self.link.want({POD.id: POD}, frozenset((POD.id,)))
        self.task = asyncio.create_task(self.link.run())

    async def connect(self, member: Member) -> tuple[Connection, str]:
        config = load_kubeconfig(str(self.path), {})
        return await Connection.open(member.name, config, "it", user_owned=True, exec_gate=asyncio.Lock()), "it"

    def changed(self, _name: str) -> None:
        self.changes += 1
        if self.store.freshness("a").state is State.LIVE:
            self.live.set()


async def test_a_stopped_link_writes_and_reports_nothing_more(tmp_path: Path) -> None:
    async with FakeCluster() as cluster, asyncio.timeout(60):
        linked = Linked(tmp_path, cluster)
        await linked.live.wait()
        cluster.put(PODS, "late", {"status": {"phase": "Running"}}, "Pod")
        linked.link.stop()
        linked.store.forget_cluster("a")
        changes = linked.changes
        linked.link.resync()
        linked.task.cancel()
        await asyncio.gather(linked.task, return_exceptions=True)
        assert list(linked.store.freshness_items()) == []
        assert list(linked.store.rows(POD.id)) == []
        assert linked.changes == changes


async def test_by_how_much_a_servers_clock_is_ahead_is_told_by_its_answers(tmp_path: Path) -> None:
    async with FakeCluster() as cluster, asyncio.timeout(60):
        linked = Linked(tmp_path, cluster)
        await linked.live.wait()
        ours = linked.link._clock()
        assert abs(linked.link.facts.ahead - (time.time() - ours)) < 60
        linked.task.cancel()
        await asyncio.gather(linked.task, return_exceptions=True)


async def test_a_link_that_hangs_up_has_no_connection_to_watch_over(tmp_path: Path) -> None:
    async with FakeCluster() as cluster, asyncio.timeout(60):
        linked = Linked(tmp_path, cluster)
        await linked.live.wait()
        linked.task.cancel()
        await asyncio.sleep(0)
        assert not linked.task.done()
        assert linked.link.connection is None
        assert linked.link.served is None
        linked.link.resync()
        await asyncio.gather(linked.task, return_exceptions=True)


class Refused:
    """A link whose credentials `refuse` as the test says."""

    def __init__(self) -> None:
        self.store = Store()
        self.error: ConsoleError = ForbiddenCredential("you may not read Secret default/a")
        self.tried = asyncio.Event()
        self.link = MemberLink(
            Member("a", "AttachedCluster"), self.connect, self.store, lambda _name: None, lambda: 1.0
        )
        self.link.want({POD.id: POD}, frozenset((POD.id,)))

    async def connect(self, member: Member) -> tuple[Connection, str]:
        raise self.error

    async def run_until(self, state: State) -> None:
        found = asyncio.Event()
        stop = self.store.listen_freshness(lambda *told: found.set() if told[2].state is state else None)
        task = asyncio.create_task(self.link.run())
        async with asyncio.timeout(60):
            await found.wait()
        stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_member_whose_secret_may_not_be_read_is_forbidden_and_so_are_its_kinds() -> None:
    refused = Refused()
    await refused.run_until(State.FORBIDDEN)
    told = Freshness(State.FORBIDDEN, 1.0, "you may not read Secret default/a")
    assert refused.store.freshness("a") == refused.store.freshness("a", POD.id) == told


async def test_a_member_whose_secret_is_wrong_is_unreachable_even_if_it_was_forbidden_before() -> None:
    refused = Refused()
    await refused.run_until(State.FORBIDDEN)
    refused.error = CredentialError("Secret default/a does not exist")
    await refused.run_until(State.UNREACHABLE)
    assert refused.store.freshness("a").reason == "Secret default/a does not exist"


class Overloaded:
    """A connection with an open stream; each probe of it times out, and `brings` bytes come meanwhile."""

    def __init__(self, brings: list[int]) -> None:
        self.stats = Stats(open_streams=1)
        self.expiries = (None, None)
        self._brings = brings

    async def probe(self, _connection: object, _timeout: float) -> None:
        if not self._brings:
            raise Unauthorized("enough")
        self.stats.bytes_in += self._brings.pop(0)
        raise TimedOut("no answer in time")


class AtOnce:
    """Probes without a pause, of few members."""

    interval, sparing = 1.0, False

    async def wait(self, least: float = 0.0, *, first: bool = False) -> None: ...


@pytest.mark.parametrize(("brings", "error"), [([100, 100], ""), ([100, 0], "no answer in time")])
async def test_a_probe_that_times_out_while_bytes_arrive_is_contact(
    brings: list[int], error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection: Any = Overloaded(brings)
    pace: Any = AtOnce()
    monkeypatch.setattr("kurator_tui.fleet.member.probe", connection.probe)
    link = MemberLink(
        Member("a", "Context"), Refused().connect, Store(), lambda _name: None, lambda: 7.0, probes=pace
    )
    with pytest.raises(Unauthorized):
        await link._keep_probing(connection)
    assert link.contact.error == error
    assert link.contact.last == 7.0
