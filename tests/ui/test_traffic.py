"""Traffic on screen 8: Enter leads from a host to its routes in all clusters, and the tree keeps its order."""

from __future__ import annotations

from kurator_tui.kinds.traffic import TRAFFIC, TRAFFIC_HOSTS
from tests.ui.driver import console
from tests.ui.estate import workloads
from tests.ui.source import FakeSource
from tests.unit.fleet.mesh_objects import Members, to

CLUSTERS = ("prod-cloud", "on-prem")


def meshes() -> FakeSource:
    """`web` and `api` in two clusters; in one of them a route of `web` leads nowhere."""
    found, source = Members(*CLUSTERS), workloads()
    for cluster in CLUSTERS:
        for name in ("web", "api"):
            found.app(name, cluster=cluster)
            found.routes(name, cluster=cluster)
    found.routes("web", {"route": [to("web", subset="v3")]}, cluster="on-prem")
    for cluster in CLUSTERS:
        source.store.put(TRAFFIC_HOSTS.id, cluster, {row.uid: row for row in found.hosts(cluster).values()})
        source.store.put(TRAFFIC.id, cluster, {row.uid: row for row in found.trees(cluster)})
    return source


async def test_enter_leads_from_a_host_to_its_routes_in_all_clusters() -> None:
    async with console(meshes(), size=(200, 50)) as drive:
        await drive.command("traffichosts")
        assert [(row["HOST"], row["CLUSTER"]) for row in drive.table()] == [
            *(("api.shop", "on-prem"), ("api.shop", "prod-cloud")),
            *(("web.shop", "on-prem"), ("web.shop", "prod-cloud")),
        ]
        await drive.filter("web")
        await drive.press("open")
        assert drive.app.frame.current.kind.id == TRAFFIC.id
        assert [(row["HOST, ROUTE, TO"].strip(), row["CLUSTER"]) for row in drive.table()] == [
            *(("web.shop", "on-prem"), ("route web", "on-prem"), ("web.shop v3", "on-prem")),
            *(("web.shop", "prod-cloud"), ("route web", "prod-cloud"), ("web.shop", "prod-cloud")),
        ]
        assert "subset v3 is undefined" in drive.screen()
