"""What is wrong in the estate from the start: crash loops, missing images, a silent node; and recent Events."""

from typing import Any

from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common, deployment, endpoints, replicaset, revisions
from kurator_tui.demo.world.nodes import LEASES, silenced
from kurator_tui.demo.world.recorder import make_event

Obj = dict[str, Any]

#: (cluster, namespace, application) of which one pod is in a crash loop, or cannot pull its image.
_CRASHING = (("on-prem", "webapp", "recommendation"), ("prod-cloud", "payments", "fraud-scoring"))
_NOT_PULLED = (
    ("edge-cold-chain", "edge-apps", "video-analytics"),
    ("ai-cloud", "notebooks", "user-session"),
    ("edge-cold-chain", "monitoring", "prometheus-prometheus-prometheus"),  # left the public catalogue
)
_SILENT_NODES = {"edge-cold-chain": "truck-05"}
_EVENTS = 12


def apply(cluster: SimCluster) -> None:
    """Blemish a cluster that was just built, and bring its controllers' statuses in line."""
    for name, namespace, app in _CRASHING:
        if name == cluster.name:
            _crash(cluster, _first_pod(cluster, namespace, app))
    for name, namespace, app in _NOT_PULLED:
        if name == cluster.name:
            _lose_image(cluster, _first_pod(cluster, namespace, app))
    if cluster.find("nodes", "", _SILENT_NODES.get(cluster.name, "")):
        _silence(cluster, _SILENT_NODES[cluster.name])
    recount(cluster)
    _slices(cluster)
    _remember(cluster)


def _first_pod(cluster: SimCluster, namespace: str, app: str) -> Obj | None:
    pods = cluster.all_of("pods", namespace)
    return next((pod for pod in pods if (pod["metadata"].get("labels") or {}).get("app") == app), None)


def _crash(cluster: SimCluster, pod: Obj | None) -> None:
    if pod is None:
        return
    address, now = pod["status"]["podIP"], cluster.clock.stamp(45)
    status = podstates.running(
        pod, cluster.clock.stamp(60), address, ready=False, restarts=cluster.rng.randint(9, 60)
    )
    status = podstates.crashed({**pod, "status": status}, now, waiting=False)
    cluster.set_status("pods", pod, podstates.crashed({**pod, "status": status}, now, waiting=True))


def _lose_image(cluster: SimCluster, pod: Obj | None) -> None:
    """The pod was started anew after its image had been removed from the registry."""
    if pod is None:
        return
    born = cluster.clock.stamp(1200)
    image = str(podstates.containers(pod)[0]["image"])
    cluster.bad_images.add(image)
    fresh = {**pod, "status": {}, "metadata": {**pod["metadata"], "creationTimestamp": born}}
    fresh["status"] = podstates.creating(fresh, born, pod["status"]["hostIP"])
    status = podstates.pull_failed(fresh, born, {image}, backoff=True)
    meta = pod["metadata"]
    cluster.remove("pods", meta["namespace"], meta["name"])
    cluster.create("pods", {**fresh, "status": status})


def _silence(cluster: SimCluster, name: str) -> None:
    cluster.stopped_nodes.add(name)
    since = cluster.clock.stamp(2400)
    cluster.modify("nodes", "", name, lambda node: silenced(node, since, since))
    renewed = cluster.clock.micro_stamp(2400)
    cluster.modify(LEASES, "kube-node-lease", name, lambda lease: lease["spec"].update(renewTime=renewed))
    for pod in cluster.pods_on(name):
        cluster.set_status("pods", pod, podstates.unreachable(pod, since))


def recount(cluster: SimCluster) -> None:
    """Statuses of workloads as their controllers would write them."""
    for rs in cluster.all_of("replicasets.apps"):
        pods = common.live_pods(cluster, rs)
        cluster.set_status("replicasets.apps", rs, replicaset.status_of(rs, pods))
    for each in cluster.all_of("deployments.apps"):
        sets = cluster.owned(each["metadata"]["uid"], "replicasets.apps")
        cluster.set_status("deployments.apps", each, deployment.status_of(each, sets, cluster.clock.stamp(900)))
    for each in cluster.all_of("statefulsets.apps"):
        pods = common.live_pods(cluster, each)
        cluster.set_status("statefulsets.apps", each, revisions.stateful_status(each, pods))
    for each in cluster.all_of("daemonsets.apps"):
        nodes, pods = revisions.eligible_nodes(cluster, each), common.live_pods(cluster, each)
        cluster.set_status("daemonsets.apps", each, revisions.daemon_status(each, nodes, pods))


def _slices(cluster: SimCluster) -> None:
    """The EndpointSlices of the Services, which know the pods' readiness."""
    for service in cluster.all_of("services"):
        if (service.get("spec") or {}).get("selector"):
            made = endpoints.slice_of(cluster, service)
            made["metadata"]["creationTimestamp"] = service["metadata"]["creationTimestamp"]
            cluster.create(endpoints.SLICES, made)


def _remember(cluster: SimCluster) -> None:
    """Events of the last quarter of an hour: what went wrong, and some ordinary ones."""
    pods = cluster.all_of("pods")
    for pod in pods:
        waiting = podstates.waiting_reason(pod)
        if waiting == "CrashLoopBackOff":
            _event(cluster, pod, "BackOff", "Back-off restarting failed container", kind="Warning", count=31)
        elif waiting:
            image = str(podstates.containers(pod)[0]["image"])
            _event(cluster, pod, "BackOff", podstates.PULL_BACKOFF.format(image=image), count=14)
            _event(cluster, pod, "Failed", podstates.PULL_ERROR.format(image=image), kind="Warning", count=4)
    for pod in cluster.rng.sample(pods, min(_EVENTS, len(pods))):
        message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
        reason, kind = ("Unhealthy", "Warning") if cluster.rng.random() < 0.3 else ("Pulled", "Normal")
        if kind == "Normal":
            message = f'Container image "{podstates.containers(pod)[0]["image"]}" already present on machine'
        _event(cluster, pod, reason, message, kind=kind)


def _event(
    cluster: SimCluster, pod: Obj, reason: str, message: str, *, kind: str = "Normal", count: int = 1
) -> None:
    name = f"{pod['metadata']['name']}.{cluster.rng.getrandbits(64):016x}"
    now, host = cluster.clock.stamp(cluster.rng.uniform(20, 900)), str(pod["spec"].get("nodeName", ""))
    made = make_event(pod, name, reason, message, kind=kind, source="kubelet", host=host, now=now, count=count)
    cluster.create("events", made)
