"""KubeEdge: what a device reports, which nodes of a group or a job are away, in every release's shape."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.kubeedge import (
    DEVICE,
    DEVICE_MODEL,
    DEVICE_STATUS,
    EDGE_APPLICATION,
    NODE_GROUP,
    RULE,
    RULE_ENDPOINT,
)
from kurator_tui.kinds.kubeedge_jobs import CONFIG_UPDATE_JOB, IMAGE_PRE_PULL_JOB, NODE_UPGRADE_JOB
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


def twin(wanted: str, told: str, key: str = "observedDesired") -> Obj:
    return {"propertyName": "mode", key: {"value": wanted}, "reported": {"value": told}}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"state": "online"}, HEALTHY),
        ({"state": "offline"}, Health(Level.DEGRADED, "offline")),
        ({"state": "unhealthy"}, Health(Level.FAILED, "unhealthy")),
        ({"state": "unknown"}, Health(Level.UNKNOWN, "unknown")),
        ({"state": "ok", "twins": [twin("on", "on")]}, HEALTHY),
        ({"state": "ok", "twins": [twin("", "21")]}, HEALTHY),
        (
            {"state": "ok", "twins": [twin("on", "off")]},
            Health(Level.PROGRESSING, "mode: wants on, reports off"),
        ),
        (
            {"state": "ok", "twins": [twin("on", "", "desired")]},
            Health(Level.PROGRESSING, "mode: wants on, reports nothing"),
        ),
    ],
)
def test_a_device_says_how_it_is_and_what_it_has_not_done_yet(status: Obj, verdict: Health) -> None:
    assert health(DEVICE, status=status) == verdict
    assert health(DEVICE_STATUS, status=status) == verdict


def test_a_device_whose_state_moved_to_another_kind_is_no_fault() -> None:
    assert health(DEVICE, status={"reportCycle": 100}) == Health(Level.HEALTHY, "no state of its own")
    assert health(DEVICE_STATUS).level is Level.UNKNOWN


def test_devices_of_both_versions_show_node_protocol_and_values() -> None:
    keys = ("model", "node", "protocol", "reported", "properties")
    new = {
        "spec": {
            "deviceModelRef": {"name": "thermometer"},
            "nodeName": "edge-1",
            "protocol": {"protocolName": "modbus"},
            "properties": [{"name": "mode"}, {"name": "temperature"}],
        },
        "status": {"twins": [twin("on", "off")]},
    }
    old = {
        "spec": {
            "deviceModelRef": {"name": "thermometer"},
            "nodeSelector": {"nodeSelectorTerms": [{"matchExpressions": [{"values": ["edge-1"]}]}]},
            "protocol": {"opcua": {"url": "opc.tcp://plc", "password": "secret"}},
            "propertyVisitors": [{"propertyName": "mode"}],
        },
        "status": {"twins": [{"propertyName": "mode", "desired": {"value": "on"}}]},
    }
    assert values(DEVICE, *keys, **new) == ("thermometer", "edge-1", "modbus", "mode=off", 2)
    assert values(DEVICE, *keys, **old) == ("thermometer", "edge-1", "opcua", "mode=?", 1)


def test_a_model_counts_its_properties() -> None:
    properties = [{"name": "mode", "accessMode": "ReadWrite"}, {"name": "temperature", "accessMode": "ReadOnly"}]
    found = values(
        DEVICE_MODEL, "protocol", "properties", "writable", spec={"protocol": "b", "properties": properties}
    )
    assert found == ("b", 2, 1)


def node(name: str, ready: str = "Ready", selected: str = "Succeeded", why: str = "") -> Obj:
    return {"nodeName": name, "readyStatus": ready, "selectionStatus": selected, "selectionStatusReason": why}


@pytest.mark.parametrize(
    ("nodes", "verdict"),
    [
        ([], Health(Level.UNKNOWN, "no status yet")),
        ([node("a"), node("b")], HEALTHY),
        ([node("a"), node("b", "NotReady")], Health(Level.DEGRADED, "1 of 2 nodes: b NotReady")),
        ([node("a", "NotReady")], Health(Level.FAILED, "1 of 1 nodes: a NotReady")),
        ([node("a", "Unknown")], Health(Level.DEGRADED, "1 of 1 nodes: a Unknown")),
        ([node("a"), node("b", "", "Failed", "of another group")], Health(Level.DEGRADED, "b: of another group")),
    ],
)
def test_a_node_group_names_the_nodes_that_are_away(nodes: list[Obj], verdict: Health) -> None:
    assert health(NODE_GROUP, status={"nodeStatuses": nodes}) == verdict


def test_a_node_group_counts_its_nodes() -> None:
    status = {"nodeStatuses": [node("a"), node("b", "NotReady")]}
    assert values(NODE_GROUP, "ready", "nodes", status=status) == ("1/2", "a,b")
    assert values(NODE_GROUP, "ready", "nodes", spec={"nodes": ["c"]}) == ("0/0", "c")


def test_an_edge_application_waits_for_all_its_objects() -> None:
    parts: Obj = {
        "spec": {
            "workloadTemplate": {"manifests": [{"kind": "Deployment", "metadata": {"name": "web"}}]},
            "workloadScope": {"targetNodeGroups": [{"name": "hz"}, {"name": "bj"}]},
        },
        "status": {
            "workloadStatus": [
                {"conditions": "Available", "identifier": {"kind": "Deployment", "name": "web-hz"}},
                {"conditions": "Processing", "identifier": {"kind": "Deployment", "name": "web-bj"}},
            ]
        },
    }
    assert health(EDGE_APPLICATION, **parts) == Health(
        Level.PROGRESSING, "1 of 2 objects: Deployment/web-bj Processing"
    )
    assert values(EDGE_APPLICATION, "available", "groups", "objects", **parts) == (
        "1/2",
        "hz,bj",
        "Deployment/web",
    )
    parts["status"]["workloadStatus"].pop()
    assert health(EDGE_APPLICATION, **parts) == HEALTHY


NEW = {
    "phase": "InProgress",
    "nodeStatus": [
        {"nodeName": "edge-1", "phase": "Successful"},
        {"nodeName": "edge-2", "phase": "Failure", "reason": "no disk"},
    ],
}
OLD = {
    "state": "Upgrading",
    "nodeStatus": [
        {"nodeName": "edge-1", "state": "Successful"},
        {"nodeName": "edge-2", "state": "Failed", "reason": "no disk"},
    ],
}
OLD_PULL = {"state": "Checking", "status": [{"nodeStatus": each} for each in OLD["nodeStatus"]]}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (NODE_UPGRADE_JOB, NEW),
        (NODE_UPGRADE_JOB, OLD),
        (IMAGE_PRE_PULL_JOB, NEW),
        (IMAGE_PRE_PULL_JOB, OLD_PULL),
        (CONFIG_UPDATE_JOB, NEW),
    ],
)
def test_a_job_over_nodes_counts_them_whatever_the_release(kind: Any, status: Obj) -> None:
    assert values(kind, "done", "failed", status=status) == ("1/2", 1)
    assert health(kind, status=status) == Health(Level.DEGRADED, "1 of 2 nodes failed, edge-2: no disk")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.PROGRESSING, "not started")),
        ({"phase": "InProgress"}, Health(Level.PROGRESSING, "InProgress")),
        ({"state": "BackingUp"}, Health(Level.PROGRESSING, "BackingUp")),
        ({"phase": "Completed"}, HEALTHY),
        ({"state": "Successful"}, HEALTHY),
        ({"phase": "Failure", "reason": "too many"}, Health(Level.FAILED, "too many")),
        ({"state": "Pause"}, Health(Level.DEGRADED, "Pause")),
    ],
)
def test_a_job_says_how_far_it_is(status: Obj, verdict: Health) -> None:
    assert health(NODE_UPGRADE_JOB, status=status) == verdict


def test_a_rule_says_what_it_could_not_deliver() -> None:
    failing = {"failMessages": 2, "errors": ["old", "connection refused"]}
    assert health(RULE, status={"successMessages": 9}) == HEALTHY
    assert health(RULE, status=failing) == Health(Level.FAILED, "2 messages failed: connection refused")
    assert health(RULE, status=failing | {"successMessages": 1}).level is Level.DEGRADED
    spec = {"source": "mqtt", "sourceResource": {"topic": "t"}, "target": "http", "targetResource": {"url": "u"}}
    assert values(RULE, "source", "target", spec=spec) == ("mqtt t", "http u")
    assert values(RULE_ENDPOINT, "type", spec={"ruleEndpointType": "rest"}) == ("rest",)
