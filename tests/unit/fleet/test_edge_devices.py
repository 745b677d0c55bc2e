"""Devices and pods at the edge: what is wished, what is reported, what is believed and since when."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kurator_tui.fleet import edge_devices, edge_pods
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.edge_devices import EDGE_DEVICES, Twin
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import State
from tests.unit.fleet.edge_objects import START, Edge, at, lease, node, pod

Obj = dict[str, Any]
META = {"name": "cooler", "namespace": "edge-apps", "uid": "u1"}


@pytest.fixture
def edge() -> Edge:
    found = Edge(edge_devices.JOIN)
    found.nodes(node("e1", group="north"))
    return found


def old(desired: str, reported: str) -> Obj:
    """v1alpha2: both sides are in the Device's status."""
    where = [{"matchExpressions": [{"key": "", "operator": "In", "values": ["e1"]}]}]
    told = {"value": reported, "metadata": {"timestamp": str(int(START * 1000))}}
    twin = {"propertyName": "setpoint", "desired": {"value": desired}, "reported": told}
    spec = {"nodeSelector": {"nodeSelectorTerms": where}, "protocol": {"modbus": {"slaveID": 1}}}
    return {"metadata": META, "spec": spec | {"deviceModelRef": {"name": "fridge"}}, "status": {"twins": [twin]}}


def new(desired: str = "", *, on: str = "e1", status: Obj | None = None) -> Obj:
    """v1beta1: the wish is in the spec."""
    wish = {"name": "setpoint", **({"desired": {"value": desired}} if desired else {})}
    spec = {"nodeName": on, "properties": [wish, {"name": "power"}], "protocol": {"protocolName": "modbus"}}
    return {"metadata": META, "spec": spec, "status": status or {}}


def told(state: str = "online", *, seen: float = 0.0, **reported: str) -> Obj:
    """What a status says of state and properties, in the Device or in a DeviceStatus."""
    twins = [{"propertyName": name, "reported": {"value": value}} for name, value in reported.items()]
    return {"state": state, "lastOnlineTime": at(seen), "twins": twins}


def status(**fields: Any) -> Obj:
    return {"metadata": META | {"uid": "s1"}, "status": told(**fields)}


def test_both_sides_of_an_old_device_are_in_its_status(edge: Edge) -> None:
    edge.put(DEVICE, old("-18", "-21.5"))
    row = edge.rows()["cooler"]
    assert row.twins == (Twin("setpoint", "-18", "-21.5"),)
    assert (row.node, row.site, row.model, row.protocol) == ("e1", "north", "fridge", "modbus")
    assert (row.level, row.reason) == (Level.PROGRESSING, "setpoint: wants -18, reports -21.5")
    assert row.last_online == START


def test_a_device_before_its_status_was_a_kind_says_all_itself(edge: Edge) -> None:
    edge.put(DEVICE, new("-18", status=told(setpoint="-18", power="on")))
    row = edge.rows()["cooler"]
    assert row.twins == (Twin("power", "", "on"), Twin("setpoint", "-18", "-18"))
    assert (row.state, row.level) == ("online", Level.HEALTHY)


def test_a_later_device_is_joined_with_its_status_whichever_comes_first(edge: Edge) -> None:
    edge.put(DEVICE_STATUS, status(setpoint="-17"))
    assert edge.rows() == {}
    edge.put(DEVICE, new("-18"))
    row = edge.rows()["cooler"]
    assert row.twins == (Twin("setpoint", "-18", "-17"),)
    edge.put(DEVICE_STATUS, status(setpoint="-18"))
    assert edge.rows()["cooler"].level == Level.HEALTHY
    edge.delete(DEVICE_STATUS, "s1")
    assert edge.rows()["cooler"].twins == (Twin("setpoint", "-18", ""),)


def test_sides_stand_beside_each_other_in_the_same_order(edge: Edge) -> None:
    edge.put(DEVICE, new("-18", status=told(power="on")))
    row = edge.rows()["cooler"]
    cells = {column.key: column.value(row) for column in EDGE_DEVICES.columns}
    assert cells["desired"] == "setpoint=-18"
    assert cells["reported"] == "power=on  setpoint=?"
    assert cells["differs"] == "setpoint -18 → ?"


@pytest.mark.parametrize(
    ("state", "level"),
    [
        ("ok", Level.HEALTHY),
        ("offline", Level.DEGRADED),
        ("unhealthy", Level.FAILED),
        ("unknown", Level.UNKNOWN),
    ],
)
def test_a_device_is_as_well_as_it_says(edge: Edge, state: str, level: Level) -> None:
    edge.put(DEVICE, new(status=told(state)))
    assert edge.rows()["cooler"].level == level


def test_of_devices_of_a_node_out_of_contact_nothing_is_known(edge: Edge) -> None:
    edge.put(DEVICE, new(status=told("unhealthy")))
    assert edge.rows()["cooler"].level == Level.FAILED
    edge.nodes(node("e1", "Unknown", group="north"))
    row = edge.rows()["cooler"]
    assert (row.level, row.reason) == (Level.UNKNOWN, "its node is out of contact: as e1 reported it last")


def test_devices_without_a_node_say_so(edge: Edge) -> None:
    edge.put(DEVICE, new(on="gone", status=told()))
    assert edge.rows()["cooler"].reason == "its node gone does not exist"
    edge.put(DEVICE, new(on="", status=told()))
    assert edge.rows()["cooler"].reason == "it is bound to no node"


def test_a_device_without_any_status_is_unknown(edge: Edge) -> None:
    edge.put(DEVICE, new())
    assert (edge.rows()["cooler"].level, edge.rows()["cooler"].reason) == (Level.UNKNOWN, "no status yet")


def test_releases_without_the_kind_device_status_lack_nothing() -> None:
    edge = Edge(edge_devices.JOIN, statuses=State.ABSENT)
    edge.nodes(node("e1"))
    edge.put(DEVICE, new())
    assert edge.rows()["cooler"].level == Level.HEALTHY


def test_the_last_word_is_told_in_steps_of_a_minute(edge: Edge) -> None:
    edge.put(DEVICE, new(status=told(seen=0)))
    edge.rows()
    changes = 0
    for seconds in range(10, 180, 10):
        before = edge.rows()["cooler"]
        edge.put(DEVICE, new(status=told(seen=seconds)))
        changes += edge.rows()["cooler"] != before
    assert changes == 2
    assert edge.rows()["cooler"].last_online == START + 120


ODD: list[Obj] = [{}, {"propertyName": None, "reported": "text"}, {"reported": {"value": {"a": 1}}}]


@pytest.mark.parametrize("twin", ODD)
def test_twins_of_any_shape_harm_nobody(edge: Edge, twin: Obj) -> None:
    edge.put(DEVICE, new(status={"twins": [twin]}), {**new(), "metadata": META | {"name": "b", "uid": "u2"}})
    assert set(edge.rows()) == {"cooler", "b"}


def test_fifty_thousand_devices_are_made_once_and_then_one_by_one(edge: Edge) -> None:
    edge.put(DEVICE, new("-18"))
    one = next(iter(edge.store.rows(DEVICE.id, "m1")))
    edge.put_rows(DEVICE, *(replace(one, name=f"d{n}", uid=f"d{n}") for n in range(50_000)))
    assert len(edge.rows()) == 50_001
    edge.put(DEVICE, new("-19"))
    edge.rows()
    assert edge.made == ["cooler"]


# -- pods ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def pods() -> Edge:
    found = Edge(edge_pods.JOIN)
    found.put(NODE, node("e1", group="north"), node("c1", edge=False))
    found.put(POD, pod("p1", "e1"), pod("p2", "c1"), pod("p3", ""))
    return found


def test_pods_on_edge_nodes_are_believed_as_they_are_told(pods: Edge) -> None:
    rows = pods.rows()
    cloud = {name for name, row in rows.items() if row.node != "e1"}
    assert cloud <= {"p2"}  # its kubelet names edgecore
    row = rows["p1"]
    assert (row.status, row.ready, row.site, row.state, row.believed) == ("Running", "1/1", "north", "online", 0.0)
    assert row.level == Level.HEALTHY


def test_what_is_believed_of_a_silent_node_is_as_old_as_its_last_word(pods: Edge) -> None:
    pods.rows()
    pods.now = START + 100
    pods.put(LEASE, lease("e1", 30))
    pods.nodes(node("e1", "Unknown", group="north"))
    row = pods.rows()["p1"]
    assert (row.status, row.level, row.believed) == ("Running", Level.UNKNOWN, START + 30)
    assert row.reason == "its node is offline-autonomous: as it was at the last contact"
    pods.put(POD, pod("p1", "e1", ending=60))
    assert pods.rows()["p1"].reason == "its end is not confirmed before its node is back; it may still run"
    pods.nodes(node("e1", group="north"))
    assert pods.rows()["p1"].believed == 0.0


def test_pods_go_with_themselves_and_with_their_node(pods: Edge) -> None:
    pods.rows()
    pods.put(POD, pod("p4", "e1"))
    assert "p4" in pods.rows()
    pods.delete(POD, "pod-p4")
    assert "p4" not in pods.rows()
    pods.delete(NODE, "node-e1")
    assert "p1" not in pods.rows()
