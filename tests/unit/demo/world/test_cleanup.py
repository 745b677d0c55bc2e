"""Deleting owners, namespaces and nodes removes what belongs to them."""

from typing import Any

import pytest

from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]
FRONTEND = ("deployments.apps", "webapp", "frontend")


@pytest.fixture
def world() -> World:
    return running("still", 1)


@pytest.fixture
def cluster(world: World) -> SimCluster:
    return world.clusters["prod-cloud"]


def named(cluster: SimCluster, resource: str, start: str) -> list[Obj]:
    return [each for each in cluster.all_of(resource, "webapp") if each["metadata"]["name"].startswith(start)]


def doom(cluster: SimCluster, finalizer: str) -> None:
    """What the API server does for a delete with a propagation policy."""

    def mark(obj: Obj) -> None:
        obj["metadata"].update(deletionTimestamp=cluster.clock.stamp(), finalizers=[finalizer])

    cluster.modify(*FRONTEND, mark)


def test_deleting_a_deployment_collects_its_replica_sets_and_pods(world: World, cluster: SimCluster) -> None:
    cluster.delete(*FRONTEND)
    advance(world, 10)
    assert named(cluster, "replicasets.apps", "frontend-") == []
    assert named(cluster, "pods", "frontend-") == []


def test_a_foreground_delete_waits_for_the_pods(world: World, cluster: SimCluster) -> None:
    doom(cluster, "foregroundDeletion")
    advance(world, 0.5)
    assert cluster.find(*FRONTEND) is not None
    advance(world, 10)
    assert cluster.find(*FRONTEND) is None
    assert named(cluster, "pods", "frontend-") == []


def test_an_orphaning_delete_keeps_the_replica_set(world: World, cluster: SimCluster) -> None:
    pods = len(named(cluster, "pods", "frontend-"))
    doom(cluster, "orphan")
    advance(world, 5)
    assert cluster.find(*FRONTEND) is None
    (orphan,) = named(cluster, "replicasets.apps", "frontend-")
    assert orphan["metadata"]["ownerReferences"] == []
    assert len(named(cluster, "pods", "frontend-")) == pods


def test_a_deleted_namespace_is_emptied_and_removed(world: World, cluster: SimCluster) -> None:
    cluster.delete("namespaces", "", "webapp")
    namespace = cluster.find("namespaces", "", "webapp")
    assert namespace is not None
    assert namespace["status"]["phase"] == "Terminating"
    advance(world, 10)
    assert cluster.find("namespaces", "", "webapp") is None
    assert all(not cluster.all_of(name, "webapp") for name, rt in cluster.types.items() if rt.namespaced)


def test_a_new_namespace_gets_its_account_and_certificate(world: World, cluster: SimCluster) -> None:
    cluster.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "fresh"}})
    advance(world, 1)
    assert cluster.find("serviceaccounts", "fresh", "default")
    assert cluster.find("configmaps", "fresh", "kube-root-ca.crt")


def test_the_pods_of_a_deleted_node_are_removed_and_made_elsewhere(world: World, cluster: SimCluster) -> None:
    node = "prod-worker-01"
    assert cluster.pods_on(node)
    cluster.delete("nodes", "", node)
    advance(world, 20)
    assert cluster.pods_on(node) == []
    assert cluster.find("leases.coordination.k8s.io", "kube-node-lease", node) is None
    deployment = cluster.find(*FRONTEND)
    assert deployment is not None
    assert deployment["status"]["readyReplicas"] == deployment["spec"]["replicas"]


def test_events_count_up_and_expire(world: World, cluster: SimCluster) -> None:
    pod, record = cluster.all_of("pods")[0], world.machinery["prod-cloud"].record
    for _ in range(3):
        record(pod, "Probed", "it was probed", source="kubelet")
        advance(world, 1)
    (event,) = [each for each in cluster.all_of("events") if each["reason"] == "Probed"]
    assert event["count"] == 3
    assert event["lastTimestamp"] > event["firstTimestamp"]
    advance(world, 1000)
    assert not [each for each in cluster.all_of("events") if each["reason"] in ("Probed", "Unhealthy")]


def test_what_an_operator_holds_is_let_go() -> None:
    world = running("still", 1)
    cluster = world.clusters["prod-cloud"]
    canaries = "canaries.flagger.app"
    assert cluster.find(canaries, "webapp", "backend")
    cluster.delete(canaries, "webapp", "backend")
    held = cluster.find(canaries, "webapp", "backend")
    assert held is not None
    assert held["metadata"]["deletionTimestamp"]
    advance(world, 5)
    assert cluster.find(canaries, "webapp", "backend") is None
    assert cluster.find("virtualservices.networking.istio.io", "webapp", "backend") is None
