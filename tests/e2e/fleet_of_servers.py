"""A host and two members as real API servers on loopback, and a hub that watches them."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.demo.apiserver.auth import ADMIN
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.options import HubOptions
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.store.store import Store
from tests import waiting

TOKEN = "admin-token"
CATALOGUE = default_catalogue(host=True)
NAMES = ("broken", "witness")
PATIENCE = 60.0


def kubeconfig(server: str) -> str:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
    }
    return yaml.safe_dump(config)


class Cluster:
    """One server, with the writes a test needs."""

    def __init__(self, name: str) -> None:
        self.storage = Storage(CATALOGUE, time.time)
        self.server = ClusterServer(name, CATALOGUE, self.storage, {TOKEN: ADMIN})
        self._numbers = itertools.count()
        self.add("namespaces", {"metadata": {"name": "default"}, "status": {"phase": "Active"}})

    def add(self, plural: str, obj: dict[str, Any], group: str = "") -> dict[str, Any]:
        return self.storage.create(CATALOGUE.by_plural(plural, group), obj)

    def add_pod(self) -> str:
        name = f"p{next(self._numbers)}"
        meta = {"name": name, "namespace": "default"}
        containers = [{"name": "c", "image": "i"}]
        self.add("pods", {"metadata": meta, "spec": {"containers": containers}, "status": {"phase": "Running"}})
        return name

    def remove_pod(self, name: str) -> None:
        self.storage.remove(CATALOGUE.by_plural("pods"), "default", name)

    def pods(self) -> dict[str, str]:
        """uid -> name of every pod the server has."""
        found, _ = self.storage.list(CATALOGUE.by_plural("pods"))
        return {pod["metadata"]["uid"]: pod["metadata"]["name"] for pod in found}


class FleetOfServers:
    """The servers and the hub. `rows` and `states` are what a screen would show."""

    def __init__(self, host: Cluster, members: dict[str, Cluster], hub: Hub) -> None:
        self.host = host
        self.members = members
        self.hub = hub

    def cluster(self, name: str) -> ClusterOverview | None:
        found = [row for row in self.hub.store.rows("clusters", name) if isinstance(row, ClusterOverview)]
        return found[0] if found else None

    def state(self, name: str) -> str:
        row = self.cluster(name)
        return row.state if row else "absent"

    def pods(self, name: str) -> dict[str, str]:
        return {row.uid: row.name for row in self.hub.store.rows("pods", name)}

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait for a condition on the rows."""
        await waiting.until(self.hub.store, true, seconds=seconds)

    async def until_state(self, name: str, state: str, seconds: float = PATIENCE) -> float:
        """Wait for a member's state; returns the seconds it took."""
        began = time.monotonic()
        await self.until(lambda: self.state(name) == state, seconds)
        return time.monotonic() - began


@asynccontextmanager
async def fleet_of_servers(folder: Path) -> AsyncIterator[FleetOfServers]:
    """A live fleet `prod` with the members `broken` and `witness`."""
    host, members = Cluster("host"), {name: Cluster(name) for name in NAMES}
    clusters = [host, *members.values()]
    for cluster in clusters:
        await cluster.server.start()
        cluster.add_pod()
    for name, member in members.items():
        data = {"value": base64.b64encode(kubeconfig(member.server.url).encode()).decode()}
        host.add("secrets", {"metadata": {"name": name, "namespace": "default"}, "data": data})
        spec = {"kubeconfig": {"name": name, "key": "value"}}
        meta = {"name": name, "namespace": "default"}
        host.add("attachedclusters", {"metadata": meta, "spec": spec}, "cluster.kurator.dev")
    listed = [{"kind": "AttachedCluster", "name": name} for name in NAMES]
    meta = {"name": "prod", "namespace": "default"}
    host.add("fleets", {"metadata": meta, "spec": {"clusters": listed}}, "fleet.kurator.dev")
    path = folder / "kubeconfig"
    path.write_text(kubeconfig(host.server.url))
    hub = Hub(load_kubeconfig(str(path), {}), HubOptions(), Store())
    task = asyncio.create_task(hub.run())
    fleet = FleetOfServers(host, members, hub)
    try:
        for name in NAMES:
            await fleet.until_state(name, "live")
        yield fleet
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for cluster in clusters:
            await cluster.server.stop()
