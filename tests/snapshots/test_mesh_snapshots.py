"""Pictures of Traffic, Routes, Links and Exported: rows as their joins make them, 80×24 and 200×50."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.interconnect import EXPORTED_SERVICES, LINK_MATRIX, LINKS
from kurator_tui.kinds.traffic import TRAFFIC, TRAFFIC_HOSTS
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.estate import NOW, workloads
from tests.unit.fleet.mesh_objects import Members, to
from tests.unit.fleet.test_interconnect import Fleet, export, imported
from tests.unit.fleet.test_interconnect import to as connected

CLUSTERS = ("prod-cloud", "on-prem", "edge-east")


def app(kind: AnyKind, rows: Iterable[Row]) -> App[int]:
    """The console on the section of `kind`, which has these rows."""
    source = workloads()
    for row in rows:
        source.store.put(kind.id, row.cluster, {row.uid: row})
    return KuratorApp(source, Settings(), clock=lambda: NOW, view=kind.id)


def mesh() -> Members:
    """A host divided between subsets at a gateway, one with two VirtualServices, one that leads nowhere."""
    found = Members("prod-cloud", "on-prem")
    found.service(
        "gateway",
        "istio-system",
        type="LoadBalancer",
        status={"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}},
    )
    found.pods("gateway", "gateway", namespace="istio-system")
    found.gateway("public", "shop.example")
    found.app("web", version="v1")
    found.pods("web", "web-next", {"version": "v2"}, ready=1, known=1)
    found.rule("web", primary={"version": "v1"}, canary={"version": "v2"})
    beta = {"match": [{"headers": {"x-beta": {"exact": "true"}}}], "route": [to("web", subset="canary")]}
    rest = {"route": [to("web", 90, "primary"), to("web", 10, "canary")]}
    found.routes("web", beta, rest, hosts=["shop.example", "web"], gateways=["istio-system/public", "mesh"])
    found.mtls("STRICT")
    found.counted("web", 52.0, 99.9, 41.0)
    found.counted("web-next", 5.8, 96.2, 640.0)
    found.app("cart")
    found.routes("cart", {"route": [to("cart", subset="v3")]})
    found.app("web", cluster="on-prem")
    found.routes("web", cluster="on-prem")
    found.routes("web-preview", {"route": [to("web")]}, cluster="on-prem", hosts=["web"])
    return found


def fleet() -> Fleet:
    """A link that only one side has, a slow one; a service that two export, one that nobody exports any more."""
    found = Fleet(*CLUSTERS)
    found.mesh(*CLUSTERS)
    found.gateway("prod-cloud", connected("on-prem"), connected("edge-east", rtt=240.0))
    found.gateway("on-prem", connected("prod-cloud"), connected("edge-east", "error", "no ping from 10.0.0.7"))
    found.gateway("edge-east", connected("prod-cloud", rtt=240.0), connected("on-prem"), version="v0.16.3")
    found.gateway("edge-east", name="gw-2", haStatus="passive")
    export(found, "prod-cloud", "db")
    export(found, "on-prem", "db", Conflict=("True", "ConflictingPorts"))
    for cluster in CLUSTERS:
        imported(found, cluster, "db", "prod-cloud", "on-prem")
        imported(found, cluster, "old", "on-prem")
    return found


@SIZES
def test_hosts_of_meshes_with_weights_and_conflicts(snap_compare: Compare, size: tuple[int, int]) -> None:
    found = mesh()
    rows = [row for cluster in ("prod-cloud", "on-prem") for row in found.hosts(cluster).values()]
    assert snap_compare(app(TRAFFIC_HOSTS, rows), terminal_size=size)


@SIZES
def test_the_trees_of_hosts(snap_compare: Compare, size: tuple[int, int]) -> None:
    found = mesh()
    rows = [row for cluster in ("prod-cloud", "on-prem") for row in found.trees(cluster)]
    assert snap_compare(app(TRAFFIC, rows), terminal_size=size)


@SIZES
def test_links_between_members(snap_compare: Compare, size: tuple[int, int]) -> None:
    found = fleet()
    rows = [row for cluster in CLUSTERS for row in found.links(cluster).values()]
    assert snap_compare(app(LINKS, rows), terminal_size=size)


@SIZES
def test_the_matrix_of_links(snap_compare: Compare, size: tuple[int, int]) -> None:
    found = fleet()
    rows = [row for cluster in CLUSTERS if (row := found.line(cluster)) is not None]
    assert snap_compare(app(LINK_MATRIX, rows), terminal_size=size)


@SIZES
def test_services_between_members(snap_compare: Compare, size: tuple[int, int]) -> None:
    found = fleet()
    rows = [row for cluster in CLUSTERS for row in found.exports(cluster).values()]
    assert snap_compare(app(EXPORTED_SERVICES, rows), terminal_size=size)
