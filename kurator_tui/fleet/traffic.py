"""The joins behind `traffichosts` and `traffic`: the hosts of a cluster's mesh, from Istio's objects and Services.

Pods are not read for it: EndpointSlices count them, and change more rarely.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.mesh import WORKLOADS, Mesh
from kurator_tui.fleet.mesh_hosts import hosts
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.apps import REPLICA_SET
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.istio import (
    DESTINATION_RULE,
    GATEWAY,
    PEER_AUTHENTICATION,
    SERVICE_ENTRY,
    VIRTUAL_SERVICE,
)
from kurator_tui.kinds.networking import ENDPOINT_SLICE, SERVICE
from kurator_tui.kinds.traffic import TRAFFIC, TRAFFIC_HOSTS, TRAFFIC_NUMBERS

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


_ONLY = {REPLICA_SET.id: _makes_pods}

TRAFFIC_HOSTS_JOIN = Join(TRAFFIC_HOSTS, (), READ, host_rows, _ONLY)
TRAFFIC_JOIN = Join(TRAFFIC, (), READ, tree_rows, _ONLY)
