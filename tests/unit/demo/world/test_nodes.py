"""Heartbeats, silence, draining, and budgets."""

from typing import Any

import pytest

from kurator_tui.demo.world import podstates, scheduling
from kurator_tui.demo.world.cluster import SimCluster, controller_of
from kurator_tui.demo.world.nodes import LEASES, make_node
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]
NODE = "prod-worker-02"


@pytest.fixture
def world() -> World:
    return running("still", 1)


@pytest.fixture
def cluster(world: World) -> SimCluster:
    return world.clusters["prod-cloud"]


def node(cluster: SimCluster, name: str = NODE) -> Obj:
    found = cluster.find("nodes", "", name)
    assert found is not None
    return found


def test_leases_and_heartbeats_are_renewed(world: World, cluster: SimCluster) -> None:
    def beats() -> tuple[str, str]:
        lease = cluster.find(LEASES, "kube-node-lease", NODE)
        assert lease is not None
        return lease["spec"]["renewTime"], node(cluster)["status"]["conditions"][-1]["lastHeartbeatTime"]

    before = beats()
    advance(world, 41)
    assert all(new > old for new, old in zip(beats(), before, strict=True))


def test_a_silent_node_is_marked_with_its_pods_and_recovers(world: World, cluster: SimCluster) -> None:
    nodes = world.machinery["prod-cloud"].nodes
    nodes.stop(NODE)
    advance(world, 1)
    silent = node(cluster)
    assert [each["status"] for each in silent["status"]["conditions"]] == ["Unknown"] * 4
    assert {each["effect"] for each in silent["spec"]["taints"]} == {"NoSchedule", "NoExecute"}
    assert not any(podstates.is_ready(pod) for pod in cluster.pods_on(NODE))
    nodes.resume(NODE)
    advance(world, 5)
    assert scheduling.ready(node(cluster))
    assert "taints" not in node(cluster)["spec"]
    assert all(podstates.is_ready(pod) for pod in cluster.pods_on(NODE))


def test_pods_of_a_silent_node_stay_terminating(world: World, cluster: SimCluster) -> None:
    nodes = world.machinery["prod-cloud"].nodes
    nodes.stop(NODE)
    victim = next(pod for pod in cluster.pods_on(NODE) if (controller_of(pod) or {})["kind"] == "ReplicaSet")
    cluster.delete("pods", victim["metadata"]["namespace"], victim["metadata"]["name"])
    advance(world, 60)
    found = cluster.find("pods", victim["metadata"]["namespace"], victim["metadata"]["name"])
    assert found is not None
    assert found["metadata"]["deletionTimestamp"]
    nodes.resume(NODE)
    advance(world, 10)
    assert cluster.find("pods", victim["metadata"]["namespace"], victim["metadata"]["name"]) is None


def test_a_cordoned_node_takes_no_new_pods(world: World, cluster: SimCluster) -> None:
    cluster.modify("nodes", "", NODE, lambda o: o["spec"].update(unschedulable=True))
    for pod in cluster.pods_on(NODE):
        if (controller_of(pod) or {})["kind"] != "DaemonSet":
            cluster.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
    advance(world, 20)
    assert {(controller_of(pod) or {})["kind"] for pod in cluster.pods_on(NODE)} == {"DaemonSet"}


def test_a_new_node_becomes_ready_and_gets_daemon_pods(world: World, cluster: SimCluster) -> None:
    pool = world.plans["prod-cloud"].pools[1]
    made = make_node(pool, "extra", "v1.30.4", number=90, subnet="10.1.1", now=cluster.clock.stamp())
    world.machinery["prod-cloud"].nodes.add(made)
    assert not scheduling.ready(node(cluster, "extra"))
    advance(world, 15)
    assert scheduling.ready(node(cluster, "extra"))
    daemons = len(cluster.all_of("daemonsets.apps"))
    assert sum(podstates.is_ready(pod) for pod in cluster.pods_on("extra")) == daemons


def test_a_budget_follows_its_pods(world: World, cluster: SimCluster) -> None:
    def status() -> Obj:
        found = cluster.find("poddisruptionbudgets.policy", "webapp", "orders-db")
        assert found is not None
        return dict(found["status"])

    assert (status()["currentHealthy"], status()["desiredHealthy"], status()["disruptionsAllowed"]) == (3, 2, 1)
    cluster.delete("pods", "webapp", "orders-db-1")
    advance(world, 0.5)
    assert (status()["currentHealthy"], status()["disruptionsAllowed"]) == (2, 0)
    assert status()["conditions"][0]["reason"] == "InsufficientPods"
    advance(world, 15)
    assert status()["disruptionsAllowed"] == 1


def test_requests_on_a_node_follow_its_pods(world: World, cluster: SimCluster) -> None:
    cluster.modify("deployments.apps", "webapp", "frontend", lambda o: o["spec"].update(replicas=2))
    advance(world, 20)
    for each in cluster.all_of("nodes"):
        name = each["metadata"]["name"]
        assert cluster.requested_on(name)["pods"] == len(cluster.pods_on(name))
