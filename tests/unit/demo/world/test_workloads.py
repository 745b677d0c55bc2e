"""Controllers bring workloads to what their specs say, the way Kubernetes does."""

from typing import Any

import pytest

from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.images import next_image
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


def get(cluster: SimCluster, resource: str, namespace: str, name: str) -> Obj:
    found = cluster.find(resource, namespace, name)
    assert found is not None
    return found


def pods_of(cluster: SimCluster, app: str) -> list[Obj]:
    return [pod for pod in cluster.all_of("pods") if (pod["metadata"].get("labels") or {}).get("app") == app]


def restart(obj: Obj) -> None:
    obj["spec"]["template"]["metadata"].setdefault("annotations", {})["kubectl.kubernetes.io/restartedAt"] = "now"


def progress(deployment: Obj) -> Obj:
    conditions: list[Obj] = deployment["status"]["conditions"]
    return next(each for each in conditions if each["type"] == "Progressing")


def test_a_restart_replaces_every_pod_within_seconds(world: World, cluster: SimCluster) -> None:
    before = {pod["metadata"]["uid"] for pod in pods_of(cluster, "frontend")}
    cluster.modify(*FRONTEND, restart)
    advance(world, 20)
    deployment = get(cluster, *FRONTEND)
    after = {pod["metadata"]["uid"] for pod in pods_of(cluster, "frontend")}
    assert len(after) == deployment["spec"]["replicas"]
    assert not before & after
    assert deployment["status"]["observedGeneration"] == deployment["metadata"]["generation"] == 2
    assert progress(deployment)["reason"] == "NewReplicaSetAvailable"


def test_a_rollout_keeps_its_surge_and_its_unavailability(world: World, cluster: SimCluster) -> None:
    desired = get(cluster, *FRONTEND)["spec"]["replicas"]
    cluster.modify(*FRONTEND, restart)
    for _ in range(200):
        advance(world, 0.1)
        pods = [pod for pod in pods_of(cluster, "frontend") if common.is_live(pod)]
        assert len(pods) <= desired + -(-desired // 4)
        assert common.ready_count(pods) >= desired - desired // 4


def test_an_undone_rollout_returns_to_the_old_replica_set_with_a_new_revision(
    world: World, cluster: SimCluster
) -> None:
    old = cluster.owned(get(cluster, *FRONTEND)["metadata"]["uid"], "replicasets.apps")[0]
    template = get(cluster, *FRONTEND)["spec"]["template"]
    cluster.modify(*FRONTEND, restart)
    advance(world, 20)
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(template=template))
    advance(world, 20)
    again = get(cluster, "replicasets.apps", "webapp", old["metadata"]["name"])
    number = "deployment.kubernetes.io/revision"
    assert again["status"]["readyReplicas"] == get(cluster, *FRONTEND)["spec"]["replicas"]
    assert int(again["metadata"]["annotations"][number]) == int(old["metadata"]["annotations"][number]) + 2
    assert get(cluster, *FRONTEND)["metadata"]["annotations"][number] == again["metadata"]["annotations"][number]


def test_a_bad_image_stops_the_rollout_and_a_good_one_ends_it(world: World, cluster: SimCluster) -> None:
    cluster.bad_images.add("nowhere:v1")
    image = get(cluster, *FRONTEND)["spec"]["template"]["spec"]["containers"][0]["image"]

    def use(name: str) -> None:
        cluster.modify(*FRONTEND, lambda o: o["spec"]["template"]["spec"]["containers"][0].update(image=name))

    use("nowhere:v1")
    advance(world, 90)
    deployment = get(cluster, *FRONTEND)
    desired = deployment["spec"]["replicas"]
    assert desired - desired // 4 <= deployment["status"]["readyReplicas"] < desired
    assert progress(deployment)["reason"] == "ProgressDeadlineExceeded"
    reasons = {podstates.waiting_reason(pod) for pod in pods_of(cluster, "frontend")} - {""}
    assert reasons <= {"ErrImagePull", "ImagePullBackOff"}
    assert reasons
    use(next_image(image))
    advance(world, 30)
    assert get(cluster, *FRONTEND)["status"]["readyReplicas"] == desired
    assert progress(get(cluster, *FRONTEND))["reason"] == "NewReplicaSetAvailable"


def test_a_recreate_strategy_ends_the_old_pods_first(world: World, cluster: SimCluster) -> None:
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(strategy={"type": "Recreate"}))
    advance(world, 5)
    cluster.modify(*FRONTEND, restart)
    mixed = 0
    for _ in range(100):
        advance(world, 0.2)
        hashes = {
            p["metadata"]["labels"]["pod-template-hash"] for p in pods_of(cluster, "frontend") if common.is_live(p)
        }
        mixed = max(mixed, len(hashes))
    assert mixed == 1
    assert get(cluster, *FRONTEND)["status"]["readyReplicas"] == get(cluster, *FRONTEND)["spec"]["replicas"]


@pytest.mark.parametrize("replicas", [0, 1, 25])
def test_a_scale_is_followed(world: World, cluster: SimCluster, replicas: int) -> None:
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(replicas=replicas))
    advance(world, 20)
    assert len(pods_of(cluster, "frontend")) == replicas
    assert get(cluster, *FRONTEND)["status"].get("readyReplicas", 0) == replicas


def test_a_paused_deployment_keeps_its_template_and_still_scales(world: World, cluster: SimCluster) -> None:
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(paused=True))
    cluster.modify(*FRONTEND, restart)
    advance(world, 10)
    assert len(cluster.owned(get(cluster, *FRONTEND)["metadata"]["uid"], "replicasets.apps")) == 1
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(paused=False))
    advance(world, 20)
    assert get(cluster, *FRONTEND)["status"]["updatedReplicas"] == get(cluster, *FRONTEND)["spec"]["replicas"]


def test_a_deleted_pod_is_made_again(world: World, cluster: SimCluster) -> None:
    victim = pods_of(cluster, "frontend")[0]["metadata"]["name"]
    cluster.delete("pods", "webapp", victim)
    world.tick(world.clock.wall() + 0.3)
    assert get(cluster, "pods", "webapp", victim)["metadata"]["deletionTimestamp"]
    advance(world, 10)
    assert cluster.find("pods", "webapp", victim) is None
    assert common.ready_count(pods_of(cluster, "frontend")) == get(cluster, *FRONTEND)["spec"]["replicas"]


def test_a_pod_goes_through_the_stages_kubectl_shows(world: World, cluster: SimCluster) -> None:
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(replicas=o["spec"]["replicas"] + 1))
    stages: list[str] = []
    known = {pod["metadata"]["uid"] for pod in pods_of(cluster, "frontend")}
    for _ in range(100):
        advance(world, 0.05)
        for pod in pods_of(cluster, "frontend"):
            if pod["metadata"]["uid"] in known:
                continue
            stage = podstates.waiting_reason(pod) or pod["status"]["phase"]
            stage += " ready" if podstates.is_ready(pod) else ""
            stages += [stage] if not stages or stages[-1] != stage else []
    assert stages == ["Pending", "ContainerCreating", "Running", "Running ready"]


def test_a_crash_loop_counts_restarts_and_ends(world: World, cluster: SimCluster) -> None:
    pod = pods_of(cluster, "frontend")[0]
    world.machinery["prod-cloud"].kubelet.crash(pod, 3)
    seen = set()
    for _ in range(60):
        advance(world, 1)
        seen.add(podstates.waiting_reason(get(cluster, "pods", "webapp", pod["metadata"]["name"])))
    after = get(cluster, "pods", "webapp", pod["metadata"]["name"])
    assert "CrashLoopBackOff" in seen
    assert podstates.is_ready(after)
    assert after["status"]["containerStatuses"][0]["restartCount"] >= 3
    assert after["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 1


def test_a_container_that_crashes_is_started_at_once_and_held_back_the_second_time(
    world: World, cluster: SimCluster
) -> None:
    name = pods_of(cluster, "frontend")[0]["metadata"]["name"]
    seen = []
    for _ in range(2):
        pod = get(cluster, "pods", "webapp", name)
        world.machinery["prod-cloud"].kubelet.crash(pod, reason="OOMKilled", exit_code=137)
        advance(world, 5)
        seen.append(get(cluster, "pods", "webapp", name)["status"]["containerStatuses"][0])
    once, again = seen
    assert (once["ready"], once["lastState"]["terminated"]["reason"]) == (True, "OOMKilled")
    assert again["state"]["waiting"]["reason"] == "CrashLoopBackOff"


def test_a_pod_that_fits_nowhere_is_pending_with_the_reason(world: World, cluster: SimCluster) -> None:
    def grow(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "64"

    cluster.modify(*FRONTEND, grow)
    advance(world, 10)
    pending = [pod for pod in pods_of(cluster, "frontend") if not pod["spec"].get("nodeName")]
    assert pending
    assert "11 Insufficient cpu" in pending[0]["status"]["conditions"][0]["message"]
    events = [each for each in cluster.all_of("events", "webapp") if each["reason"] == "FailedScheduling"]
    assert events


def test_a_stateful_set_rolls_from_the_highest_ordinal_one_at_a_time(world: World, cluster: SimCluster) -> None:
    place = ("statefulsets.apps", "webapp", "orders-db")
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in pods_of(cluster, "orders-db")}
    order: list[str] = []
    cluster.modify(*place, restart)
    for _ in range(300):
        advance(world, 0.1)
        pods = pods_of(cluster, "orders-db")
        assert common.ready_count(pods) >= 2
        for pod in pods:
            name = pod["metadata"]["name"]
            if pod["metadata"]["uid"] != before[name] and name not in order:
                order.append(name)
    assert order == ["orders-db-2", "orders-db-1", "orders-db-0"]
    status = get(cluster, *place)["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert status["updatedReplicas"] == status["readyReplicas"] == 3


def test_a_stateful_set_shrinks_and_grows_in_order(world: World, cluster: SimCluster) -> None:
    place = ("statefulsets.apps", "webapp", "orders-db")
    for replicas in (1, 4):
        cluster.modify(*place, lambda o, n=replicas: o["spec"].update(replicas=n))  # type: ignore[misc]
        advance(world, 30)
        assert [p["metadata"]["name"] for p in pods_of(cluster, "orders-db")] == [
            f"orders-db-{n}" for n in range(replicas)
        ]


def test_a_daemon_set_rolls_over_all_its_nodes(world: World, cluster: SimCluster) -> None:
    place = ("daemonsets.apps", "kube-system", "kube-proxy")
    cluster.modify(*place, restart)
    advance(world, 60)
    status = get(cluster, *place)["status"]
    assert status["updatedNumberScheduled"] == status["numberReady"] == status["desiredNumberScheduled"] == 14
    assert status["observedGeneration"] == 2


def test_a_job_completes_and_is_removed_after_its_time(world: World, cluster: SimCluster) -> None:
    template = {"metadata": {"labels": {"app": "once"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"template": template, "completions": 2, "parallelism": 1, "ttlSecondsAfterFinished": 100}
    meta = {"name": "once", "namespace": "webapp"}
    cluster.create("jobs.batch", {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec})
    advance(world, 70)
    job = get(cluster, "jobs.batch", "webapp", "once")
    assert job["status"]["succeeded"] == 2
    assert job["status"]["conditions"][0]["type"] == "Complete"
    assert [pod["status"]["phase"] for pod in pods_of(cluster, "once")] == ["Succeeded", "Succeeded"]
    advance(world, 110)
    assert cluster.find("jobs.batch", "webapp", "once") is None
    assert pods_of(cluster, "once") == []


@pytest.mark.parametrize(
    ("image", "expected"),
    [("a/b:v1.2.3", "a/b:v1.2.4"), ("a/b:2024.6", "a/b:2024.7"), ("a:latest", "a:latest.1"), ("a:7", "a:8")],
)
def test_the_next_image_counts_the_last_number_up(image: str, expected: str) -> None:
    assert next_image(image) == expected


def test_an_endpoint_slice_follows_its_pods(world: World, cluster: SimCluster) -> None:
    def addresses() -> dict[str, bool]:
        (found,) = [
            each
            for each in cluster.all_of("endpointslices.discovery.k8s.io", "webapp")
            if each["metadata"]["labels"]["kubernetes.io/service-name"] == "frontend"
        ]
        return {each["addresses"][0]: each["conditions"]["ready"] for each in found["endpoints"]}

    pods = pods_of(cluster, "frontend")
    assert addresses() == {pod["status"]["podIP"]: True for pod in pods}
    cluster.modify(*FRONTEND, lambda o: o["spec"].update(replicas=2))
    advance(world, 20)
    assert addresses() == {pod["status"]["podIP"]: True for pod in pods_of(cluster, "frontend")}
    assert len(addresses()) == 2
