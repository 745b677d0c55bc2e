"""Edge sites and the map: nodes summed up by place, their devices, and what CloudCore says of all of them."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import edge_map, edge_sites
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.edge import EDGE_MAP, EDGE_SITES
from kurator_tui.kinds.estimates import SPARKS, SparkRow
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS, NODE_GROUP
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.edge_objects import START, Edge, deployment, node, pod


@pytest.fixture
def edge() -> Edge:
    return Edge(edge_sites.JOIN)


def device(name: str, on: str, state: str = "") -> dict[str, Any]:
    """A v1beta1 Device of releases before DeviceStatus."""
    meta = {"name": name, "namespace": "edge-apps", "uid": f"device-{name}"}
    return {"metadata": meta, "spec": {"nodeName": on}, "status": {"state": state} if state else {}}


def status(name: str, state: str) -> dict[str, Any]:
    """The DeviceStatus of later releases."""
    meta = {"name": name, "namespace": "edge-apps", "uid": f"status-{name}"}
    return {"metadata": meta, "status": {"state": state}}


def connected(number: float) -> SparkRow:
    """What Thanos tells of CloudCore's count."""
    return SparkRow("m1", "", "edge", "m1/edge", START, (None, number), 180.0)


def test_nodes_of_one_group_are_one_site(edge: Edge) -> None:
    edge.nodes(node("e1", group="north", region="eu"), node("e2", group="north", region="eu"), node("e3"))
    rows = edge.rows()
    assert set(rows) == {"north", "m1"}
    north = rows["north"]
    assert (north.nodes, north.online, north.region, north.source) == (2, 2, "eu", "group")
    assert (north.state, north.level, north.reason) == ("online", Level.HEALTHY, "")
    assert (rows["m1"].source, rows["m1"].expected) == ("cluster", 3)


def test_a_site_out_of_contact_is_offline_autonomous_and_unknown_never_failed(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1"))
    edge.cloudcore(1, 1)
    edge.nodes(node("e1", "Unknown", beat=7, group="north"), node("e2", "Unknown", beat=3, group="north"))
    row = edge.rows()["north"]
    assert (row.state, row.level, row.online, row.away) == ("offline-autonomous", Level.UNKNOWN, 0, 2)
    assert row.heard == START + 7
    assert row.reason == "2 of 2 nodes out of contact, maybe autonomous"
    words = " ".join(str(column.value(row)) for column in EDGE_SITES.columns)
    assert "down" not in words.casefold()


def test_a_site_with_some_nodes_in_contact_is_partly_offline(edge: Edge) -> None:
    edge.nodes(node("e1", "Unknown", group="north"), node("e2", group="north"))
    row = edge.rows()["north"]
    assert (row.state, row.level, row.heard) == ("partly offline", Level.UNKNOWN, 0.0)


@pytest.mark.parametrize(
    ("others", "state", "level"),
    [("True", "partly failed", Level.DEGRADED), ("False", "failed", Level.FAILED)],
)
def test_failed_nodes_degrade_a_site_and_fail_it_when_all_did(
    edge: Edge, others: str, state: str, level: Level
) -> None:
    edge.nodes(node("e1", "False", group="north"), node("e2", others, group="north"))
    row = edge.rows()["north"]
    assert (row.state, row.level) == (state, level)


def test_only_the_site_of_a_changed_node_is_made_again(edge: Edge) -> None:
    edge.nodes(*(node(f"e{number}", group=f"g{number % 10}") for number in range(100)))
    edge.rows()
    edge.nodes(node("e13", group="g3", beat=20))
    edge.rows()
    assert edge.made == []
    edge.nodes(node("e13", "False", group="g3"))
    row = edge.rows()["g3"]
    assert "g3" in edge.made
    assert (row.nodes, row.failed) == (10, 1)


def test_a_node_that_changes_its_group_is_counted_once(edge: Edge) -> None:
    edge.nodes(node("e1", group="north"), node("e2", group="north"))
    edge.rows()
    edge.nodes(node("e2", group="south"))
    rows = edge.rows()
    assert (rows["north"].nodes, rows["south"].nodes) == (1, 1)
    edge.delete(NODE, "node-e1")
    assert set(edge.rows()) == {"south"}


def test_a_group_without_nodes_is_a_site_that_says_so(edge: Edge) -> None:
    edge.group("empty")
    row = edge.rows()["empty"]
    assert (row.state, row.level, row.reason) == ("no nodes", Level.UNKNOWN, "a group without nodes")
    edge.delete(NODE_GROUP, "group-empty")
    assert edge.rows() == {}


# -- devices ------------------------------------------------------------------------------------------------------


def test_devices_are_counted_by_what_either_kind_says(edge: Edge) -> None:
    edge.nodes(node("e1", group="north"))
    edge.put(DEVICE, device("a", "e1"), device("b", "e1", "online"), device("c", "e1", "unhealthy"))
    assert (edge.rows()["north"].devices_online, edge.rows()["north"].devices) == (2, 3)
    edge.put(DEVICE_STATUS, status("a", "offline"), status("c", "ok"))
    assert edge.rows()["north"].devices_online == 2
    edge.delete(DEVICE, "device-a", "device-b")
    assert (edge.rows()["north"].devices_online, edge.rows()["north"].devices) == (1, 1)


def test_what_a_silent_node_said_of_its_devices_is_no_news(edge: Edge) -> None:
    edge.nodes(node("e1", "Unknown", group="north"))
    edge.put(DEVICE, device("a", "e1", "online"))
    assert (edge.rows()["north"].devices_online, edge.rows()["north"].devices) == (0, 1)


@pytest.mark.parametrize("why", [State.ABSENT, State.FORBIDDEN])
def test_devices_that_cannot_be_read_are_not_none(why: State) -> None:
    edge = Edge(edge_sites.JOIN, devices=why)
    edge.nodes(node("e1", group="north"))
    assert edge.rows()["north"].devices is None


# -- CloudCore ----------------------------------------------------------------------------------------------------


def test_a_cloudcore_that_is_not_ready_degrades_its_sites(edge: Edge) -> None:
    edge.nodes(node("e1", group="north"))
    edge.put(DEPLOYMENT, deployment("cloudcore", "other", 0, 1))
    assert (edge.rows()["north"].cloudcore, edge.rows()["north"].level) == ("none", Level.HEALTHY)
    edge.cloudcore(0, 1)
    row = edge.rows()["north"]
    assert (row.cloudcore, row.level, row.reason) == ("0/1", Level.DEGRADED, "CloudCore 0/1 ready")
    edge.cloudcore(1, 2)
    assert (edge.rows()["north"].cloudcore, edge.rows()["north"].level) == ("1/2", Level.HEALTHY)
    edge.cloudcore(1, 1)
    assert edge.rows()["north"].level == Level.HEALTHY


def test_nodes_without_a_cloudcore_say_so_when_none_is_in_contact(edge: Edge) -> None:
    edge.nodes(node("e1", "Unknown", group="north"))
    assert "there is no Deployment cloudcore in kubeedge" in edge.rows()["north"].reason


def test_kinds_that_are_refused_are_named_and_nothing_is_worse_for_it() -> None:
    edge = Edge(edge_sites.JOIN, leases=State.FORBIDDEN, devices=State.FORBIDDEN, statuses=State.ABSENT)
    edge.nodes(node("e1", group="north"))
    row = edge.rows()["north"]
    assert (row.level, row.reason) == (Level.HEALTHY, "leases, devices cannot be read")


def test_what_cloudcore_counts_is_unknown_without_metrics_and_never_zero(edge: Edge) -> None:
    edge.nodes(node("e1"))
    assert edge.rows()["m1"].connected is None
    edge.put_rows(SPARKS, connected(1))
    assert edge.rows()["m1"].connected == 1


def test_old_metrics_count_nothing() -> None:
    edge = Edge(edge_sites.JOIN)
    edge.store.set_freshness("m1", SPARKS.id, Freshness(State.STALE, START, "no answer"))
    edge.nodes(node("e1"))
    edge.put_rows(SPARKS, connected(1))
    assert edge.rows()["m1"].connected is None


def test_fewer_connections_than_ready_nodes_are_told_when_the_number_had_time_to_arrive(edge: Edge) -> None:
    edge.nodes(node("e1"), node("e2"))
    edge.put_rows(SPARKS, connected(1))
    assert edge.rows()["m1"].level == Level.HEALTHY
    edge.wait(170)
    assert edge.rows()["m1"].level == Level.HEALTHY
    edge.wait(20)
    row = edge.rows()["m1"]
    assert (row.level, row.reason) == (Level.DEGRADED, "CloudCore counts 1 nodes connected, 2 are Ready")


# -- the map ------------------------------------------------------------------------------------------------------


def test_the_map_has_regions_over_their_sites() -> None:
    edge = Edge(edge_map.JOIN)
    edge.nodes(
        node("e1", group="b", region="eu"),
        node("e2", "False", group="a", region="eu"),
        node("e3", group="c", region="eu-2"),
        node("e4", group="d"),
    )
    lines = sorted(edge.rows().values(), key=lambda row: row.path)
    assert [EDGE_MAP.columns[0].value(row) for row in lines] == [
        *("(no region)", "  d", "eu", "  a", "  b", "eu-2", "  c")
    ]
    eu = edge.rows()["eu"]
    assert (eu.line, eu.nodes, eu.online, eu.failed) == ("region", 2, 1, 1)
    assert (eu.state, eu.level, eu.reason) == ("partly failed", Level.FAILED, "a: 1 of 1 nodes failed")


def test_a_region_whose_last_site_left_is_gone() -> None:
    edge = Edge(edge_map.JOIN)
    edge.nodes(node("e1", group="b", region="eu"))
    assert set(edge.rows()) == {"eu", "b"}
    edge.nodes(node("e1", group="b", region="us"))
    assert set(edge.rows()) == {"us", "b"}
    edge.delete(NODE, "node-e1")
    assert edge.rows() == {}
