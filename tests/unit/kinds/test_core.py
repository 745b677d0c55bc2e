"""Nodes (with KubeEdge's), namespaces and events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.core import (
    EVENT,
    NAMESPACE,
    NODE,
    NodeRow,
    event_health,
    namespace_health,
    node_health,
    node_status,
)
from kurator_tui.kinds.decode import RowDecoder
from tests.unit.kinds.support import meta, recording, row

EDGE = {"node-role.kubernetes.io/edge": ""}
HEARTBEAT = "2026-03-01T12:00:00Z"


def node(
    ready: str | None = "True", *, labels: dict[str, str] | None = None, cordoned: bool = False, **more: Any
) -> NodeRow:
    conditions = [{"type": kind, "status": "True"} for kind in more.pop("bad", ())]
    if ready is not None:
        conditions.append(
            {
                "type": "Ready",
                "status": ready,
                "reason": "Kubelet",
                "message": "told so",
                "lastHeartbeatTime": HEARTBEAT,
            }
        )
    decoded: NodeRow = row(
        NODE,
        {
            "metadata": meta("n1", labels=labels or {}),
            "spec": {"unschedulable": cordoned},
            "status": {"conditions": conditions, **more},
        },
    )
    return decoded


def test_a_ready_node_is_healthy() -> None:
    assert node_health(node()).level is Level.HEALTHY
    assert node_status(node()) == "Ready"


def test_a_cordoned_node_is_degraded() -> None:
    assert node_health(node(cordoned=True)) == Health(Level.DEGRADED, "cordoned")
    assert node_status(node(cordoned=True)) == "Ready,SchedulingDisabled"


def test_since_when_it_is_cordoned_is_in_its_taint() -> None:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": HEARTBEAT}
    spec = {"unschedulable": True, "taints": [{"key": "gpu", "timeAdded": "2020-01-01T00:00:00Z"}, taint]}
    found: NodeRow = row(NODE, {"metadata": meta("n1"), "spec": spec})
    assert (found.unschedulable, found.cordoned) == (True, 1772366400.0)
    assert node(cordoned=True).cordoned == 0.0


def test_pressure_is_named() -> None:
    decoded = node(bad=("DiskPressure", "MemoryPressure"))
    assert node_health(decoded) == Health(Level.DEGRADED, "disk and memory pressure")


def test_a_node_that_is_not_ready_has_failed() -> None:
    assert node_health(node("False")) == Health(Level.FAILED, "Kubelet: told so")
    assert node_health(node("False", labels=EDGE)).level is Level.FAILED
    assert node_status(node("False")) == "NotReady"


def test_a_cloud_node_out_of_contact_has_failed() -> None:
    assert node_health(node("Unknown")).level is Level.FAILED
    assert node_status(node("Unknown")) == "NotReady"


def test_an_edge_node_out_of_contact_is_offline_and_never_failed() -> None:
    decoded = node("Unknown", labels=EDGE)
    assert decoded.edge
    assert node_health(decoded) == Health(Level.UNKNOWN, "offline – last seen 2026-03-01 12:00:00 UTC")


def test_an_edge_node_is_also_known_by_its_kubelet() -> None:
    assert node(nodeInfo={"kubeletVersion": "v1.29.5-kubeedge-v1.18.0"}).edge
    assert not node(nodeInfo={"kubeletVersion": "v1.33.1"}).edge


def test_a_node_that_never_reported_is_unknown() -> None:
    assert node_health(node(None)) == Health(Level.UNKNOWN, "no status yet")
    assert node_status(node(None)) == "Unknown"


def test_allocatable_is_in_base_units() -> None:
    amounts = {"cpu": "7910m", "memory": "15Gi", "pods": "110", "nvidia.com/gpu": "4", "amd.com/gpu": "2"}
    decoded = node(allocatable=amounts)
    assert (decoded.cpu_allocatable, decoded.memory_allocatable) == (7910, 15 * 2**30)
    assert (decoded.pods_allocatable, decoded.gpus) == (110, 6)


def test_roles_taints_and_addresses() -> None:
    labels = {
        "node-role.kubernetes.io/worker": "",
        "node-role.kubernetes.io/control-plane": "",
        "kubernetes.io/role": "old",
    }
    taints = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}, {"key": "dead", "effect": "NoExecute"}]
    addresses = [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.9"}]
    decoded = row(
        NODE,
        {"metadata": meta("n", labels=labels), "spec": {"taints": taints}, "status": {"addresses": addresses}},
    )
    assert decoded.roles == ("control-plane", "old", "worker")
    assert decoded.taints == ("gpu=yes:NoSchedule", "dead:NoExecute")
    assert decoded.internal_ip == "10.0.0.9"
    assert decoded.namespace == ""


def test_a_recorded_edge_node_is_offline_and_cordoned() -> None:
    recorded = recording("apiserver/099-node-status-patch.json")["response"]["body"]
    decoded = row(NODE, recorded)
    assert decoded.edge
    assert decoded.unschedulable
    assert node_health(decoded).level is Level.UNKNOWN
    assert node_status(decoded) == "NotReady,SchedulingDisabled"


def test_a_node_list_read_through_karmada_is_a_page() -> None:
    listed = recording("karmada/proxy-nodes.json")
    page = RowDecoder(NODE, "member-1").page(json.dumps(listed).encode())
    assert page.resource_version == listed["metadata"]["resourceVersion"]


@pytest.mark.parametrize(
    ("phase", "conditions", "health"),
    [
        ("Active", [], Health(Level.HEALTHY)),
        ("Terminating", [], Health(Level.PROGRESSING, "Terminating")),
        (
            "Terminating",
            [
                {
                    "type": "NamespaceContentRemaining",
                    "status": "True",
                    "reason": "SomeResourcesRemain",
                    "message": "1 pod",
                }
            ],
            Health(Level.DEGRADED, "SomeResourcesRemain: 1 pod"),
        ),
        (None, None, Health(Level.UNKNOWN, "no status yet")),
    ],
)
def test_namespaces(phase: str | None, conditions: list[Any] | None, health: Health) -> None:
    decoded = row(NAMESPACE, {"metadata": meta(), "status": {"phase": phase, "conditions": conditions}})
    assert namespace_health(decoded) == health


def test_an_event_counts_its_series_first() -> None:
    decoded = row(
        EVENT,
        {
            "metadata": meta("e"),
            "involvedObject": {"kind": "Pod", "name": "web", "namespace": "shop"},
            "type": "Warning",
            "reason": "BackOff",
            "count": 2,
            "series": {"count": 7, "lastObservedTime": "2026-03-01T12:00:05.000001Z"},
            "lastTimestamp": "2026-03-01T12:00:00Z",
            "source": {"component": "kubelet"},
        },
    )
    assert (decoded.count, decoded.last_seen) == (7, 1772366405.000001)
    assert (decoded.object_kind, decoded.object_name, decoded.source) == ("Pod", "web", "kubelet")
    assert event_health(decoded) == Health(Level.DEGRADED, "BackOff")


@pytest.mark.parametrize("field", ["eventTime", "firstTimestamp", "lastTimestamp"])
def test_an_event_was_last_seen_whenever_it_says(field: str) -> None:
    assert row(EVENT, {"metadata": meta("e"), field: "1970-01-01T00:01:00Z"}).last_seen == 60.0


def test_an_event_that_says_nothing_was_seen_when_it_was_created() -> None:
    decoded = row(EVENT, {"metadata": meta("e", creationTimestamp="1970-01-01T00:01:00Z"), "eventTime": None})
    assert (decoded.last_seen, decoded.count) == (60.0, 1)


def test_recorded_events_decode() -> None:
    listed = recording("apiserver/102-events-by-object.json")["response"]["body"]
    (decoded,) = RowDecoder(EVENT, "c1").page(json.dumps(listed).encode()).rows
    assert (decoded.object_kind, decoded.reason, decoded.count, decoded.source) == (
        "Canary",
        "Synced",
        2,
        "flagger",
    )
    assert event_health(decoded).level is Level.DEGRADED
