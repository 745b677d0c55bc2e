"""The joins behind `traffichosts` and `traffic`: the hosts of a cluster's mesh, from Istio's objects and Services.

Pods are not read for it: EndpointSlices count them, and change more rarely.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.fleet.derived import Join
from kurator_tui.fleet.mesh import WORKLOADS, Mesh
from kurator_tui.fleet.mesh_hosts import hosts
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.apps import REPLICA_SET
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.istio import (
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.networking import ENDPOINT_SLICE, SERVICE
from kurator_tui.kinds.traffic import TRAFFIC, TRAFFIC_HOSTS, TRAFFIC_NUMBERS, TrafficHostRow, TrafficRow

READ = (
    *(VIRTUAL_SERVICE, DESTINATION_RULE, GATEWAY, SERVICE_ENTRY, PEER_AUTHENTICATION),
    *(SERVICE, ENDPOINT_SLICE, *WORKLOADS, TRAFFIC_NUMBERS),
)


def _makes_pods(row: Any) -> bool:
    """Deployments keep old ReplicaSets: those want no pods."""
    return REPLICA_SET.value(row, "desired") != 0


def host_rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """A row a host of `cluster`."""
    for view in hosts(seen.local(Mesh, cluster)):
        yield view.row


def tree_rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The lines of the trees of all hosts of `cluster`."""
    for view in hosts(seen.local(Mesh, cluster)):
        yield from view.lines


def failed_host(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    return TrafficHostRow(cluster, "", cluster, f"failed/{cluster}", 0.0, level=Level.FAILED, reason=reason)


def failed_tree(cluster: str, reason: str) -> Row:
    """The same among trees."""
    return TrafficRow(cluster, "", cluster, f"failed/{cluster}", 0.0, level=Level.FAILED, reason=reason)


_ONLY = {REPLICA_SET.id: _makes_pods}

TRAFFIC_HOSTS_JOIN = Join(TRAFFIC_HOSTS, (), READ, host_rows, failed_host, _ONLY)
TRAFFIC_JOIN = Join(TRAFFIC, (), READ, tree_rows, failed_tree, _ONLY)
