"""What a new estate holds, and that it agrees with itself."""

import base64
import json
from collections import Counter

import pytest

from kurator_tui.demo.world import kurator, podstates
from kurator_tui.demo.world.cluster import controller_of
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.controllers.fleets import FLEETS, RELEASES
from kurator_tui.demo.world.kurator import Access
from kurator_tui.demo.world.topology import members
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running, writes

ATTACHED, CLUSTERS = "attachedclusters.cluster.kurator.dev", "clusters.cluster.kurator.dev"


@pytest.fixture(scope="module")
def estate() -> World:
    world = World(members=6)
    world.build({name: Access(f"https://127.0.0.1/{name}", f"token-{name}", b"PEM") for name in world.plans})
    return world


def test_it_has_about_sixty_nodes_and_eight_hundred_pods(estate: World) -> None:
    assert 55 <= sum(len(c.all_of("nodes")) for c in estate.clusters.values()) <= 65
    assert 750 <= sum(len(c.all_of("pods")) for c in estate.clusters.values()) <= 900


def test_every_pod_is_on_a_node_that_exists_and_has_room(estate: World) -> None:
    for cluster in estate.clusters.values():
        nodes = {node["metadata"]["name"] for node in cluster.all_of("nodes")}
        for pod in cluster.all_of("pods"):
            if "nodeName" in pod["spec"]:
                assert pod["spec"]["nodeName"] in nodes
            else:
                (scheduled,) = (each for each in pod["status"]["conditions"] if each["type"] == "PodScheduled")
                assert (scheduled["status"], scheduled["reason"]) == ("False", "Unschedulable")
        for name in nodes:
            assert cluster.requested_on(name)["pods"] <= 110


def test_workload_statuses_count_their_pods(estate: World) -> None:
    for cluster in estate.clusters.values():
        for rs in cluster.all_of("replicasets.apps"):
            pods = common.live_pods(cluster, rs)
            assert len(pods) == rs["spec"]["replicas"] == rs["status"]["replicas"]
            assert common.ready_count(pods) == rs["status"].get("readyReplicas", 0)


def standing_pods(world: World) -> set[str]:
    """Uids of all pods but those of a pipeline's run, which goes on task by task once it was begun."""
    pods = [pod for cluster in world.clusters.values() for pod in cluster.all_of("pods")]
    return {
        pod["metadata"]["uid"] for pod in pods if "tekton.dev/taskRun" not in pod["metadata"].get("labels", {})
    }


def test_controllers_find_nothing_to_do() -> None:
    world = running("calm", 6)
    generations = {
        (name, each["metadata"]["uid"]): each["metadata"]["generation"]
        for name, cluster in world.clusters.items()
        for each in (*cluster.all_of("deployments.apps"), *cluster.all_of("replicasets.apps"))
    }
    pods = standing_pods(world)
    before = writes(world)
    advance(world, 60)
    assert standing_pods(world) == pods
    for name, cluster in world.clusters.items():
        for each in (*cluster.all_of("deployments.apps"), *cluster.all_of("replicasets.apps")):
            assert generations[(name, each["metadata"]["uid"])] == each["metadata"]["generation"]
    assert writes(world) - before < 60 * 12


def test_edge_nodes_look_like_kubeedge(estate: World) -> None:
    edge = [
        node
        for node in estate.clusters["edge-east"].all_of("nodes")
        if "node-role.kubernetes.io/edge" in node["metadata"]["labels"]
    ]
    assert len(edge) == 6
    assert all("-kubeedge-v" in node["status"]["nodeInfo"]["kubeletVersion"] for node in edge)


def test_the_ai_cloud_has_gpus_in_use(estate: World) -> None:
    cluster = estate.clusters["ai-cloud"]
    gpus = sum(int(n["status"]["capacity"].get("nvidia.com/gpu", 0)) for n in cluster.all_of("nodes"))
    used = sum(cluster.requested_on(n["metadata"]["name"])["nvidia.com/gpu"] for n in cluster.all_of("nodes"))
    assert gpus == 32
    assert 0 < used <= gpus


def test_members_run_different_versions() -> None:
    assert len({plan.version for plan in members(6)}) >= 4


def test_every_member_is_in_one_fleet(estate: World) -> None:
    found = Counter(each["name"] for fleet in estate.host.all_of(FLEETS) for each in fleet["spec"]["clusters"])
    assert found == Counter(estate.members)
    for fleet in estate.host.all_of(FLEETS):
        for each in fleet["spec"]["clusters"]:
            resource = {"Cluster": CLUSTERS, "AttachedCluster": ATTACHED}[each["kind"]]
            obj = estate.host.find(resource, fleet["metadata"]["namespace"], each["name"])
            assert obj is not None
            assert obj["metadata"]["labels"][kurator.FLEET_LABEL] == fleet["metadata"]["name"]


def _kubeconfig(world: World, namespace: str, name: str, key: str) -> dict[str, object]:
    secret = world.host.find("secrets", namespace, name)
    assert secret is not None
    found: dict[str, object] = json.loads(base64.b64decode(secret["data"][key]))
    return found


def test_every_member_kubeconfig_is_where_kurator_keeps_it(estate: World) -> None:
    servers = {}
    for obj in estate.host.all_of(ATTACHED):
        meta, where = obj["metadata"], obj["spec"]["kubeconfig"]
        servers[meta["name"]] = _kubeconfig(estate, meta["namespace"], where["name"], where["key"])
    for obj in estate.host.all_of(CLUSTERS):
        meta, secret = obj["metadata"], obj["status"]["kubeconfigSecretRef"]
        servers[meta["name"]] = _kubeconfig(estate, meta["namespace"], secret, "value")
    assert sorted(servers) == sorted(estate.members)
    for name, config in servers.items():
        cluster = config["clusters"][0]["cluster"]  # type: ignore[index]
        assert cluster["server"] == f"https://127.0.0.1/{name}"
        assert base64.b64decode(cluster["certificate-authority-data"]) == b"PEM"
        assert config["users"][0]["user"] == {"token": f"token-{name}"}  # type: ignore[index]


def test_secret_keys_differ_between_members(estate: World) -> None:
    keys = {obj["spec"]["kubeconfig"]["key"] for obj in estate.host.all_of(ATTACHED)}
    assert {"value", "kubeconfig", "admin.conf", "edge-east.config"} <= keys


def test_plugins_have_releases_for_each_member_and_some_are_not_ready(estate: World) -> None:
    releases = {each["metadata"]["name"]: each for each in estate.host.all_of(RELEASES)}
    assert {f"prometheus-{name}" for name in estate.members} <= set(releases)
    labels = releases["velero-on-prem"]["metadata"]["labels"]
    assert labels["fleet.kurator.dev/name"] == "production"
    assert labels["fleet.kurator.dev/plugin"] == "backup"
    messages = [
        each["status"]["conditions"][0]["message"] for each in releases.values() if not kurator.is_ready(each)
    ]
    assert any("ImagePullBackOff" in message for message in messages)


def test_something_is_wrong_from_the_start(estate: World) -> None:
    reasons = Counter(podstates.waiting_reason(p) for c in estate.clusters.values() for p in c.all_of("pods"))
    assert reasons["CrashLoopBackOff"] == 2
    assert reasons["ImagePullBackOff"] == 3
    assert estate.clusters["edge-cold-chain"].stopped_nodes == {"truck-05"}


def test_pods_name_their_controllers(estate: World) -> None:
    kinds = Counter((controller_of(p) or {}).get("kind") for p in estate.clusters["ai-cloud"].all_of("pods"))
    assert {"ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Node"} <= set(kinds)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_any_number_of_members_can_be_built(count: int) -> None:
    plans = members(count)
    assert len({plan.name for plan in plans}) == count
    if count <= 7:
        world = World(count)
        world.build({})
        assert len(world.members) == count


def test_a_negative_number_of_members_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        members(-1)
