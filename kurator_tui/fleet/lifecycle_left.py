"""Lifecycle trees without machinery of their own: clusters made elsewhere, and what is left behind. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from kurator_tui.fleet.lifecycle_estate import Estate, Tree, held_by, parts_of, place_of, value
from kurator_tui.fleet.lifecycle_order import Line
from kurator_tui.kinds.base import HOST, AnyKind, Health, Level, Row
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE, MACHINE, MACHINE_DEPLOYMENT, MACHINE_SET
from kurator_tui.kinds.cluster_api_aws import AWS_IDENTITY
from kurator_tui.kinds.kurator import (
    ATTACHED_CLUSTER,
    CLUSTER,
    CUSTOM_CLUSTER,
    ManagedClusterRow,
    managed_cluster_health,
)
from kurator_tui.kinds.kurator_apps import CUSTOM_MACHINE
from kurator_tui.kinds.lifecycle import LifecycleRow
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State

KURATOR_NAME = "cluster.kurator.dev/cluster-name"


def plain_tree(estate: Estate, row: ManagedClusterRow) -> Line:
    """A cluster that somebody else made and keeps."""
    tree = Tree(estate, row, estate.member(row), f"{row.name}.{row.namespace}")
    health = managed_cluster_health(row)
    said = (
        health
        if health.level is not Level.HEALTHY
        else Health(Level.HEALTHY, "attached: made and upgraded elsewhere")
    )
    return Line(tree.line(row, "AttachedCluster", ATTACHED_CLUSTER, said, tree.path))


Place = tuple[str, str]
Left = dict[Place, list[tuple[AnyKind, Row]]]
"""By namespace and name of the cluster that is gone."""
_NEEDED = (CLUSTER, CUSTOM_CLUSTER, CAPI_CLUSTER)
"""Without all of these nobody knows what is gone."""
_BELOW = {kind.id: kind for kind in (KUBEADM_CONTROL_PLANE, MACHINE_DEPLOYMENT, MACHINE_SET, MACHINE)}


def left_behind(estate: Estate) -> Iterator[Line]:
    """What belongs to clusters that are gone (kurator-api §10.1), a tree a cluster."""
    if all(estate.seen.freshness(HOST, kind).state is State.LIVE for kind in _NEEDED):
        for (namespace, name), found in sorted(_left(estate).items()):
            yield from _orphans(estate, namespace, name, found)


def _left(estate: Estate) -> Left:
    asked = {place_of(row) for row in (*estate.clusters, *estate.customs)}
    known = asked | set(estate.made)
    left: Left = {}
    for place, kind, row in (*_of_cluster_api(estate, asked), *_of_kurator(estate, known)):
        left.setdefault(place, []).append((kind, row))
    return left


def _of_cluster_api(estate: Estate, asked: set[Place]) -> Iterator[tuple[Place, AnyKind, Row]]:
    """Clusters that nobody asks Kurator for any more, and machinery whose Cluster API Cluster is gone."""
    for place, capi in estate.made.items():
        name = dict(capi.labels).get(KURATOR_NAME)
        if name and (place[0], name) not in asked:
            yield (place[0], name), CAPI_CLUSTER, capi
    for (kind, namespace, cluster), rows in estate.within.items():
        if (namespace, cluster) not in estate.made:
            yield from (((namespace, cluster), _BELOW[kind], row) for row in rows)


def _of_kurator(estate: Estate, known: set[Place]) -> Iterator[tuple[Place, AnyKind, Row]]:
    """Worker pods, identities and lists of hosts of clusters that are not `known`."""
    for owner, pods in estate.pods.items():
        yield from (((pod.namespace, owner), POD, pod) for pod in pods if (pod.namespace, owner) not in known)
    names = {name for _namespace, name in known}
    for identity in estate.identities:
        name = value(AWS_IDENTITY, identity, "kurator_cluster")
        if name and name not in names:
            yield ("", name), AWS_IDENTITY, identity
    used = known | {(row.namespace, parts_of(row).machines) for row in estate.customs}
    yield from ((place, CUSTOM_MACHINE, hosts) for place, hosts in estate.hosts.items() if place not in used)


def _orphans(estate: Estate, namespace: str, name: str, found: list[tuple[AnyKind, Row]]) -> Iterator[Line]:
    top = LifecycleRow(
        HOST,
        namespace,
        name or "no cluster named",
        f"gone/{namespace}/{name}",
        0.0,
        level=Level.DEGRADED,
        reason=f"the cluster is gone, {len(found)} of its objects are left behind",
        path=f"{name}.{namespace}",
        root=name,
        kind="gone",
    )
    yield Line(top)
    tree = Tree(estate, replace(top), "", top.path)
    for kind, row in sorted(found, key=lambda each: (each[0].id, each[1].name)):
        held = held_by(kind, row, estate.now)
        finalizers = (part(kind, row, "finalizers") or ()) if isinstance(row, ObjectRow) else ()
        word = f"left behind; finalizers {', '.join(map(str, finalizers))}" if finalizers else "left behind"
        health = held or Health(Level.DEGRADED, word)
        yield Line(tree.line(row, kind.name, kind, health, f"{top.path}/{kind.name}{row.name}"))
