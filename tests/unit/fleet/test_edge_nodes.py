"""Edge nodes: who is online, out of contact and maybe autonomous, or failed, and what that is known from."""

from __future__ import annotations

import pytest

from kurator_tui.fleet.edge_contact import versions
from kurator_tui.fleet.edge_nodes import JOIN
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.edge import EDGE_NODES, Contact, edge_health
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.edge_objects import START, Edge, lease, node, pod


@pytest.fixture
def edge() -> Edge:
    return Edge(JOIN)


def test_a_node_that_is_ready_is_online_whenever_it_was_heard(edge: Edge) -> None:
    edge.nodes(node("e1"))
    row = edge.rows()["e1"]
    assert (row.state, row.level, row.heard) == (Contact.ONLINE, Level.HEALTHY, 0.0)


def test_ready_unknown_with_pods_is_offline_and_maybe_autonomous(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1"), pod("p2", "e1", phase="Pending"))
    edge.nodes(node("e1", "Unknown", beat=5))
    row = edge.rows()["e1"]
    assert (row.state, row.level) == (Contact.AUTONOMOUS, Level.UNKNOWN)
    assert row.heard == START + 5
    assert row.reason == "no contact; may work on its own: 1 of 2 pods ran"


def test_pods_stuck_terminating_are_a_hint_of_autonomy(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1", phase="Pending", ending=60))
    edge.nodes(node("e1", "Unknown"))
    row = edge.rows()["e1"]
    assert (row.state, row.terminating) == (Contact.AUTONOMOUS, 1)
    assert "1 stuck Terminating" in row.reason


def test_ready_unknown_without_pods_is_offline(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1", phase="Succeeded"))
    edge.nodes(node("e1", "Unknown"))
    assert (edge.rows()["e1"].state, edge.rows()["e1"].level) == (Contact.OFFLINE, Level.UNKNOWN)


def test_ready_false_is_a_failure_in_the_nodes_own_words(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1"))
    edge.nodes(node("e1", "False"))
    row = edge.rows()["e1"]
    assert (row.state, row.level) == (Contact.FAILED, Level.FAILED)
    assert row.reason == "KubeletNotReady: container runtime is not running"


def test_a_node_that_never_reported_has_no_status(edge: Edge) -> None:
    bare = node("e1")
    edge.nodes({**bare, "status": {}})
    assert (edge.rows()["e1"].state, edge.rows()["e1"].level) == (Contact.NEW, Level.UNKNOWN)


def test_no_state_of_any_node_is_called_down(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1"))
    edge.nodes(*(node(f"e{ready}", ready) for ready in ("True", "False", "Unknown", "odd")))
    for row in edge.rows().values():
        cells = [str(column.value(row)) for column in EDGE_NODES.columns]
        assert "down" not in " ".join(cells).casefold()


def test_nodes_of_the_cloud_are_none_of_the_edge(edge: Edge) -> None:
    edge.put(NODE, cloud := node("c1", edge=False))
    cloud["status"]["nodeInfo"]["kubeletVersion"] = "v1.31.2"
    edge.put(NODE, cloud)
    assert edge.rows() == {}


def test_old_releases_are_known_by_their_version(edge: Edge) -> None:
    edge.put(NODE, node("e1", edge=False, labels={"node-role.kubernetes.io/agent": ""}))
    assert edge.rows()["e1"].edgecore == "v1.17.0"


# -- heartbeats ---------------------------------------------------------------------------------------------------


def test_the_last_contact_is_the_lease_where_there_is_one(edge: Edge) -> None:
    edge.put(LEASE, lease("e1", 30))
    edge.nodes(node("e1", "Unknown", beat=5))
    edge.now = START + 60
    assert edge.rows()["e1"].heard == START + 30


def test_a_node_whose_clock_runs_ahead_was_not_heard_in_the_future(edge: Edge) -> None:
    edge.put(LEASE, lease("e1", 3000))
    edge.nodes(node("e1", "Unknown", beat=5))
    edge.now = START + 60
    assert edge.rows()["e1"].heard == START + 60


def test_renewals_and_heartbeats_of_nodes_in_contact_change_no_row(edge: Edge) -> None:
    edge.put(LEASE, lease("e1", 0))
    edge.nodes(node("e1"))
    edge.rows()
    for seconds in range(10, 300, 10):
        edge.wait(10)
        edge.put(LEASE, lease("e1", seconds))
        edge.put(NODE, node("e1", beat=seconds))
        assert edge.rows()["e1"].state == Contact.ONLINE
        assert edge.made == []


def test_a_node_falls_silent_when_its_lease_is_not_renewed_though_it_is_ready(edge: Edge) -> None:
    edge.put(LEASE, lease("e1", 0))
    edge.nodes(node("e1"))
    edge.rows()
    edge.wait(30)
    edge.put(LEASE, lease("e1", 30))
    edge.wait(40)
    assert edge.rows()["e1"].state == Contact.ONLINE
    edge.wait(10)
    row = edge.rows()["e1"]
    assert (row.state, row.level, row.heard) == (Contact.SILENT, Level.UNKNOWN, START + 30)
    edge.put(LEASE, lease("e1", 80))
    assert edge.rows()["e1"].state == Contact.ONLINE


def test_a_clock_that_is_wrong_makes_no_node_silent(edge: Edge) -> None:
    edge.now = START + 1000
    edge.put(LEASE, lease("e1", 0))
    edge.nodes(node("e1", beat=900))
    edge.rows()
    for seconds in range(10, 100, 10):
        edge.wait(10)
        edge.put(LEASE, lease("e1", seconds))
    assert edge.rows()["e1"].state == Contact.ONLINE


@pytest.mark.parametrize("why", [State.FORBIDDEN, State.STALE])
def test_leases_that_cannot_be_read_say_nothing_of_silence(why: State) -> None:
    edge = Edge(JOIN, leases=why)
    edge.put(LEASE, lease("e1", 0))
    edge.nodes(node("e1"))
    edge.rows()
    edge.wait(300)
    assert edge.rows()["e1"].state == Contact.ONLINE


def test_a_cluster_that_does_not_answer_makes_no_node_silent(edge: Edge) -> None:
    edge.put(LEASE, lease("e1", 0))
    edge.nodes(node("e1"))
    edge.rows()
    edge.store.set_freshness("m1", "", Freshness(State.STALE, START, "no answer"))
    edge.wait(300)
    assert edge.rows()["e1"].state == Contact.ONLINE


def test_without_leases_heartbeats_decide(edge: Edge) -> None:
    edge.nodes(node("e1"))
    edge.rows()
    edge.wait(330)
    assert edge.rows()["e1"].state == Contact.ONLINE
    edge.wait(20)
    assert edge.rows()["e1"].state == Contact.SILENT
    edge.put(NODE, node("e1", beat=350))
    assert edge.rows()["e1"].state == Contact.ONLINE


def test_leases_of_controllers_are_no_heartbeats() -> None:
    controller = lease("e1", 0)
    controller["metadata"]["namespace"] = "kube-system"
    edge = Edge(JOIN)
    edge.put(LEASE, controller)
    edge.nodes(node("e1", "Unknown", beat=5))
    edge.now = START + 60
    assert edge.rows()["e1"].heard == START + 5


# -- the rest of a row --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("v1.29.5-kubeedge-v1.17.0", ("v1.29.5", "v1.17.0")),
        ("v1.24.14-kubeedge-v1.15.0-beta.0.12+abc", ("v1.24.14", "v1.15.0-beta.0.12+abc")),
        ("v1.31.2+k3s1", ("v1.31.2+k3s1", "")),
        ("", ("", "")),
        ("-kubeedge-", ("-kubeedge-", "")),
    ],
)
def test_versions_of_kubelet_and_edgecore_are_told_apart(told: str, known: tuple[str, str]) -> None:
    assert versions(told) == known


def test_load_is_what_pods_ask_for_and_follows_them(edge: Edge) -> None:
    edge.nodes(node("e1"), node("e2"))
    edge.put(POD, pod("p1", "e1"), pod("p2", "e1"), pod("p3", "e2"))
    row = edge.rows()["e1"]
    assert (row.pods, row.running, row.cpu_requested, row.memory_requested) == (2, 2, 1000, 2 * 2**30)
    assert (row.cpu_allocatable, row.runtime) == (2000, "containerd://1.7")
    edge.delete(POD, "pod-p1")
    edge.put(POD, pod("p2", "e1", phase="Failed"))
    assert edge.rows()["e1"].pods == 0
    assert edge.made == ["e1"]


def test_a_node_that_joins_later_has_the_pods_that_were_there(edge: Edge) -> None:
    edge.put(POD, pod("p1", "e1"))
    assert edge.rows() == {}
    edge.nodes(node("e1"))
    assert edge.rows()["e1"].pods == 1


def test_a_node_is_gone_and_comes_again_with_another_uid(edge: Edge) -> None:
    edge.nodes(node("e1"))
    edge.rows()
    again = node("e1", "False")
    again["metadata"]["uid"] = "other"
    edge.put(NODE, again)
    edge.delete(NODE, "node-e1")
    assert [row.uid for row in edge.rows().values()] == ["other"]
    edge.delete(NODE, "other")
    assert edge.rows() == {}


def test_a_node_that_comes_and_goes_flaps_until_an_hour_later(edge: Edge) -> None:
    edge.nodes(node("e1"))
    edge.rows()
    for ready in ("Unknown", "True", "Unknown", "True"):
        edge.nodes(node("e1", ready))
        edge.wait(10)
    row = edge.rows()["e1"]
    assert (row.flaps, row.level) == (4, Level.DEGRADED)
    assert row.reason == "flapping: 4 changes of contact in an hour"
    edge.wait(3600)
    edge.nodes(node("e1", beat=3600))
    assert (edge.rows()["e1"].flaps, edge.rows()["e1"].level) == (0, Level.HEALTHY)


def test_what_troubles_a_node_in_contact_degrades_it(edge: Edge) -> None:
    taints = [{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}]
    edge.nodes(node("e1", spec={"unschedulable": True, "taints": taints}))
    row = edge.rows()["e1"]
    assert edge_health(row).level is Level.DEGRADED
    assert row.reason == "Ready, but still tainted unreachable; cordoned"


def test_pods_that_cannot_be_read_leave_autonomy_open() -> None:
    edge = Edge(JOIN, pods=State.FORBIDDEN)
    edge.nodes(node("e1", "Unknown"))
    row = edge.rows()["e1"]
    assert (row.state, row.reason) == (
        Contact.AUTONOMOUS,
        "no contact; may work on its own: its pods cannot be read",
    )


def test_the_site_is_the_group_then_the_chosen_label_then_the_place_then_the_cluster() -> None:
    edge = Edge(JOIN, site_label="store")
    edge.nodes(
        node("e1", group="north", zone="z1", region="eu", labels={"store": "s1"}),
        node("e2", zone="z1", labels={"store": "s1"}),
        node("e3", zone="z1", region="eu"),
        node("e4", region="eu"),
        node("e5"),
    )
    found = {name: row.site for name, row in edge.rows().items()}
    assert found == {"e1": "north", "e2": "s1", "e3": "z1", "e4": "eu", "e5": "m1"}


def test_ten_thousand_nodes_are_made_once_and_then_one_by_one(edge: Edge) -> None:
    edge.put(NODE, *(node(f"e{number}") for number in range(10_000)))
    assert len(edge.rows()) == 10_000
    edge.put(NODE, node("e77", "Unknown"))
    edge.rows()
    assert edge.made == ["e77"]
