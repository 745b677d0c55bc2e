"""Members read through karmada-search: one watch for all, and no more trust than Karmada itself has."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.fleet.aggregate import PROXY, covered
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.merging import too_large
from kurator_tui.fleet.options import HubOptions
from kurator_tui.kinds.karmada import ResourceRegistryRow
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Store
from tests import waiting
from tests.unit.fleet.fake_cluster import FakeCluster
from tests.unit.fleet.hub_estate import FLEETS, attach, kubeconfig

CLUSTERS = "/apis/cluster.karmada.io/v1alpha1/clusters"
REGISTRIES = "/apis/search.karmada.io/v1alpha1/resourceregistries"
PODS, NODES = f"{PROXY}/api/v1/pods", f"{PROXY}/api/v1/nodes"
CACHED = [{"apiVersion": "v1", "kind": "Pod"}, {"apiVersion": "v1", "kind": "Node"}]


class Estate:
    """A host, its Karmada and two members nobody can reach directly."""

    def __init__(self, host: FakeCluster, karmada: FakeCluster, hub: Hub) -> None:
        self.host, self.karmada, self.hub = host, karmada, hub
        self.notices: list[str] = []

    def ready(self, member: str, status: str = "True", reason: str = "ClusterReady") -> None:
        condition = {"type": "Ready", "status": status, "reason": reason, "message": ""}
        self.karmada.put(CLUSTERS, f"{member}-attachedcluster", {"status": {"conditions": [condition]}}, "Cluster")

    def pod(self, member: str, name: str) -> None:
        origin = {"resource.karmada.io/cached-from-cluster": f"{member}-attachedcluster"}
        parts = {"metadata": {"annotations": origin}, "status": {"phase": "Running"}}
        self.karmada.put(PODS, name, parts, "Pod")

    def pods(self, member: str) -> set[str]:
        return {row.name for row in self.hub.store.rows("pods", member)}

    def state(self, member: str, kind: str = "") -> State:
        return self.hub.store.freshness(member, kind).state

    def overview(self, member: str) -> ClusterOverview | None:
        rows = self.hub.store.rows("clusters", member)
        return next((row for row in rows if isinstance(row, ClusterOverview)), None)

    async def until(self, true: Callable[[], bool]) -> None:
        await waiting.until(self.hub.store, true)


@asynccontextmanager
async def estate(
    tmp_path: Path,
    *,
    search: bool = True,
    through: str = "karmada",
    cached: Sequence[Any] = CACHED,
    thanos: str = "",
) -> AsyncIterator[Estate]:
    async with FakeCluster(kurator=True) as host, FakeCluster() as karmada:
        if search:
            karmada.install_karmada(PROXY)
            karmada.put(REGISTRIES, "all", {"spec": {"resourceSelectors": list(cached)}}, "ResourceRegistry")
        unreachable = kubeconfig("http://127.0.0.1:9")
        for name in ("a", "b"):
            attach(host, name, unreachable)
        secret = base64.b64encode(yaml.safe_dump(kubeconfig(karmada.url)).encode()).decode()
        host.single["/api/v1/namespaces/default/secrets/kubeconfig"] = {
            "kind": "Secret",
            "data": {"kubeconfig": secret},
        }
        fleet: dict[str, Any] = {
            "metadata": {"annotations": {"fleet.kurator.dev/controlplane": "karmada"}},
            "spec": {"clusters": [{"kind": "AttachedCluster", "name": name} for name in ("a", "b")]},
            "status": {"phase": "Ready", "credentialSecret": "kubeconfig"},
        }
        host.put(FLEETS, "prod", fleet, "Fleet")
        path = tmp_path / "config"
        path.write_text(yaml.safe_dump(kubeconfig(host.url)))
        notices: list[str] = []
        options = HubOptions(through=through, thanos=thanos)
        hub = Hub(
            load_kubeconfig(str(path), {}), options, Store(), notice=lambda title, _message: notices.append(title)
        )
        running = Estate(host, karmada, hub)
        running.notices = notices
        task = asyncio.create_task(hub.run())
        try:
            yield running
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_members_nobody_can_reach_are_read_through_karmada(tmp_path: Path) -> None:
    async with estate(tmp_path) as found:
        for member in ("a", "b"):
            found.ready(member)
            found.pod(member, f"{member}-1")
        await found.until(lambda: found.state("a", "pods") is State.LIVE and found.state("b") is State.LIVE)
        await found.until(lambda: (found.pods("a"), found.pods("b")) == ({"a-1"}, {"b-1"}))
        found.pod("b", "b-2")
        found.karmada.remove(PODS, "a-1")
        await found.until(lambda: (found.pods("a"), found.pods("b")) == (set(), {"b-1", "b-2"}))
        await found.until(lambda: bool((row := found.overview("b")) and row.pods == 2))
        row = found.overview("b")
        assert row is not None
        assert (row.via, row.fleet) == ("karmada-search of fleet prod", "prod")
        assert found.notices == ["Fleet prod is read through Karmada"]


async def test_a_member_that_karmada_cannot_reach_is_stale_and_keeps_its_rows(tmp_path: Path) -> None:
    async with estate(tmp_path) as found:
        for member in ("a", "b"):
            found.ready(member)
        found.pod("a", "a-1")
        await found.until(lambda: found.pods("a") == {"a-1"} and found.state("a") is State.LIVE)
        found.ready("a", "False", "ClusterNotReachable")
        await found.until(lambda: found.state("a") is State.STALE)
        assert "ClusterNotReachable" in found.hub.store.freshness("a").reason
        assert (found.state("a", "pods"), found.state("b")) == (State.STALE, State.LIVE)
        assert found.pods("a") == {"a-1"}


async def test_a_karmada_that_dies_makes_all_its_members_stale_and_brings_them_back(tmp_path: Path) -> None:
    async with estate(tmp_path) as found:
        for member in ("a", "b"):
            found.ready(member)
            found.pod(member, f"{member}-1")
        await found.until(lambda: found.state("a") is State.LIVE and found.state("b") is State.LIVE)
        await found.karmada.stop()
        await found.until(lambda: found.state("a") is State.STALE and found.state("b") is State.STALE)
        assert found.pods("a") == {"a-1"}
        await found.karmada.start()
        await found.until(lambda: found.state("a") is State.LIVE and found.state("b") is State.LIVE)
        assert found.pods("b") == {"b-1"}


async def test_a_member_that_left_karmada_while_it_was_away_is_not_taken_for_live(tmp_path: Path) -> None:
    async with estate(tmp_path) as found:
        for member in ("a", "b"):
            found.ready(member)
        await found.until(lambda: found.state("a") is State.LIVE and found.state("b") is State.LIVE)
        await found.karmada.stop()
        await found.until(lambda: found.state("a") is State.STALE)
        found.karmada.remove(CLUSTERS, "a-attachedcluster")
        await found.karmada.start()
        await found.until(lambda: found.state("b") is State.LIVE and found.state("a") is State.UNREACHABLE)
        assert "knows no cluster" in found.hub.store.freshness("a").reason


async def test_without_karmada_search_members_are_read_one_by_one_and_it_is_said(tmp_path: Path) -> None:
    async with estate(tmp_path, search=False) as found:
        await found.until(lambda: found.state("a") is State.UNREACHABLE)
        row = found.overview("a")
        assert "refuses" in found.hub.store.freshness("a").reason
        assert row is None or "karmada" not in row.via
        assert found.notices[-1] == "Fleet prod is read member by member"


async def test_a_small_fleet_is_read_directly(tmp_path: Path) -> None:
    async with estate(tmp_path, through="auto") as found:
        await found.until(lambda: found.state("a") is State.UNREACHABLE)
        assert found.notices == []


def test_only_what_is_cached_of_every_cluster_counts() -> None:
    head = ("", "", "r", "r", 0.0)
    every = ResourceRegistryRow(*head, resources=(("v1", "Pod"),))
    some = ResourceRegistryRow(*head, resources=(("v1", "Node"),), clusters=("a",))
    chosen = ResourceRegistryRow(*head, resources=(("v1", "Event"),), selected=True)
    assert covered([every, some, chosen]) == {("v1", "Pod")}


def test_a_fleet_is_too_large_when_its_streams_are_more_than_the_feeders_hold() -> None:
    assert not too_large(2500, 2, cores=2)
    assert too_large(2501, 2, cores=2)
    assert not too_large(5000, 2, cores=3)
