"""A hub over a host and members that are fake clusters."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.options import HubOptions
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.store.store import Store
from tests import waiting
from tests.unit.fleet.fake_cluster import FakeCluster

FLEETS = "/apis/fleet.kurator.dev/v1alpha1/fleets"


ATTACHED = "/apis/cluster.kurator.dev/v1alpha1/attachedclusters"


def kubeconfig(server: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "secret-token"}}],
    }


def attach(host: FakeCluster, name: str, config: dict[str, Any] | None) -> None:
    """An AttachedCluster with its Secret on the host; without `config` the Secret is missing."""
    host.put(ATTACHED, name, {"spec": {"kubeconfig": {"name": name}}}, "AttachedCluster")
    if config is not None:
        data = base64.b64encode(yaml.safe_dump(config).encode()).decode()
        host.single[f"/api/v1/namespaces/default/secrets/{name}"] = {"kind": "Secret", "data": {"value": data}}


def fleet(host: FakeCluster, *names: str) -> None:
    clusters = [{"kind": "AttachedCluster", "name": name} for name in names]
    host.put(FLEETS, "prod", {"spec": {"clusters": clusters}, "status": {"phase": "Ready"}}, "Fleet")


@asynccontextmanager
async def hub(tmp_path: Path, host: FakeCluster, **options: Any) -> AsyncIterator[Hub]:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(kubeconfig(host.url)))
    running = Hub(load_kubeconfig(str(path), {}), HubOptions(**options), Store())
    task = asyncio.create_task(running.run())
    try:
        yield running
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(hub: Hub, true: Callable[[], bool]) -> None:
    await waiting.until(hub.store, true)


def clusters(hub: Hub) -> dict[str, ClusterOverview]:
    return {row.name: row for row in hub.store.rows("clusters") if isinstance(row, ClusterOverview)}


def fleets(hub: Hub) -> list[FleetOverview]:
    return [row for row in hub.store.rows("fleets") if isinstance(row, FleetOverview)]


def state(hub: Hub, name: str) -> str:
    row = clusters(hub).get(name)
    return row.state if row else "absent"


def reason(hub: Hub, name: str) -> str:
    row = clusters(hub).get(name)
    return row.reason if row else ""
