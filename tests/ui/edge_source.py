"""A member with an edge for screens: rows of the sections of Edge as their joins make them of objects."""

from __future__ import annotations

from typing import Any

from kurator_tui.fleet import edge_devices, edge_jobs, edge_map, edge_nodes, edge_pods, edge_sites
from kurator_tui.fleet.join import Join
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.estimates import SPARKS, SparkRow
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS
from kurator_tui.kinds.kubeedge_jobs import NODE_UPGRADE_JOB
from kurator_tui.kinds.pods import POD
from tests.ui.estate import workloads
from tests.ui.source import FakeSource
from tests.unit.fleet.edge_objects import LIVE, START, Edge, at, lease, node, pod

NOW = START + 400.0
SECTIONS = (
    edge_sites.JOIN,
    edge_map.JOIN,
    edge_nodes.JOIN,
    edge_pods.JOIN,
    edge_devices.JOIN,
    edge_jobs.JOIN,
)


def device(name: str, on: str, desired: str, reported: str, state: str = "online") -> tuple[dict[str, Any], ...]:
    """A Device and its DeviceStatus."""
    meta = {"name": name, "namespace": "edge-apps", "uid": f"device-{name}", "creationTimestamp": at(0)}
    wish = {"name": "setpoint", "desired": {"value": desired}}
    spec = {"nodeName": on, "properties": [wish], "deviceModelRef": {"name": "cooling-unit"}}
    told = {"setpoint": reported, "temperature": "-17.9"}
    twins = [{"propertyName": key, "reported": {"value": value}} for key, value in told.items()]
    status = {"state": state, "lastOnlineTime": at(300), "twins": twins}
    return (
        {"metadata": meta, "spec": spec | {"protocol": {"protocolName": "modbus"}}},
        {"metadata": meta | {"uid": f"status-{name}"}, "status": status},
    )


def upgrade() -> dict[str, Any]:
    """Half done, one node failed."""
    done = {"phase": "Successful", "historicVersion": "v1.17.0", "currentVersion": "v1.21.0"}
    nodes = [
        {"nodeName": "harbour-1", **done, "actionFlow": [{"action": "Upgrade"}]},
        {"nodeName": "harbour-2", "phase": "InProgress", "actionFlow": [{"action": "WaitingConfirmation"}]},
        {"nodeName": "depot-1", "phase": "Failure", "reason": "insufficient disk space: 312Mi, 1Gi is needed"},
    ]
    meta = {"name": "to-1-21", "uid": "job", "creationTimestamp": at(0)}
    spec = {"version": "v1.21.0", "nodeNames": ["harbour-1", "harbour-2", "depot-1", "depot-2"]}
    return {"metadata": meta, "spec": spec, "status": {"phase": "InProgress", "nodeStatus": nodes}}


def member(join: Join) -> Edge:
    """A site in contact, one that lost its link, one with a node that failed; two regions."""
    found = Edge(join)
    found.now = NOW
    found.put(LEASE, *(lease(name, 395) for name in ("harbour-1", "harbour-2", "pier-1")), lease("depot-1", 310))
    found.put(
        POD, pod("telemetry-4k2vp", "harbour-1"), pod("video-x8s2m", "harbour-2"), pod("gate-9ttz4", "pier-1")
    )
    found.put(POD, pod("telemetry-7p6cd", "depot-1"), pod("video-m2n8q", "depot-1", ending=370))
    found.nodes(
        node("harbour-1", beat=380, group="harbour", region="baltic"),
        node("harbour-2", beat=380, group="harbour", region="baltic", spec={"unschedulable": True}),
        node("depot-1", "Unknown", beat=280, group="depot-7", region="baltic"),
        node("depot-2", "Unknown", beat=305, group="depot-7", region="baltic"),
        node("pier-1", beat=380, group="pier-12", region="alps"),
        node("pier-2", "False", beat=380, group="pier-12", region="alps"),
    )
    found.group("spare")
    found.cloudcore(1, 2)
    found.put_rows(SPARKS, SparkRow("m1", "", "edge", "m1/edge", NOW, (6.0, 4.0), 180.0))
    devices = [
        device("cooler-a", "harbour-1", "-18.0", "-18.0"),
        device("cooler-b", "harbour-2", "-18.0", "-17.2"),
        device("cooler-c", "depot-1", "-20.0", "-20.0"),
        device("cooler-d", "pier-1", "-18.0", "", "unhealthy"),
    ]
    found.put(DEVICE, *(each for each, _status in devices))
    found.put(DEVICE_STATUS, *(status for _each, status in devices))
    found.put(NODE_UPGRADE_JOB, upgrade())
    return found


def edged(*joins: Join) -> FakeSource:
    """What a console of that member has; rows of all sections without `joins`."""
    source = workloads()
    source.store.set_freshness("m1", "", LIVE)
    for join in joins or SECTIONS:
        source.store.put(join.kind.id, "m1", {row.uid: row for row in member(join).rows().values()})
    return source
