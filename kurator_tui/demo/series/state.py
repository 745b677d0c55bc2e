"""kube-state-metrics: what the API server knows, as metrics; but for phases and conditions an object is not in."""

from collections.abc import Callable, Iterator
from typing import Any

from kurator_tui.demo.promql.values import Labels
from kurator_tui.demo.series.families import (
    Family,
    Member,
    Row,
    address,
    named,
    number_of,
    part,
    parts,
    seconds_of,
)
from kurator_tui.demo.series.waves import constant, steps
from kurator_tui.demo.world.objects import quantity

Obj = dict[str, Any]

_INSTANCE = "10.244.0.20:8080"
_BACK_OFF = (10.0, 20.0, 40.0, 80.0, 160.0, 300.0)
_MOST_RESTARTS = 1000


def _pod_labels(pod: Obj) -> Labels:
    meta = pod["metadata"]
    return {"namespace": str(meta["namespace"]), "pod": str(meta["name"]), "uid": str(meta.get("uid", ""))}


def _lives(member: Member) -> Iterator[tuple[Obj, float, float]]:
    """Pods that are there and pods that were: (pod, born, ended or 0)."""
    for pod in member.all_of("pods"):
        yield pod, seconds_of(pod["metadata"].get("creationTimestamp")), 0.0
    for pod, ended in member.past.pods:
        yield pod, seconds_of(pod["metadata"].get("creationTimestamp")), ended


def _ready(obj: Obj) -> bool:
    return any(c.get("type") == "Ready" and c.get("status") == "True" for c in parts(obj, "status", "conditions"))


def _pod_info(member: Member) -> Iterator[Row]:
    for pod, born, ended in _lives(member):
        owner = next(iter(parts(pod, "metadata", "ownerReferences")), {})
        labels = {
            **_pod_labels(pod),
            "node": str(part(pod, "spec").get("nodeName") or ""),
            "created_by_kind": str(owner.get("kind", "")),
            "created_by_name": str(owner.get("name", "")),
        }
        yield Row(labels, constant(1.0), born, ended)


def _pod_phase(member: Member) -> Iterator[Row]:
    for pod, born, ended in _lives(member):
        labels = {**_pod_labels(pod), "phase": str(part(pod, "status").get("phase", "Unknown"))}
        yield Row(labels, constant(1.0), born, ended)


def _pod_ready(member: Member) -> Iterator[Row]:
    for pod, born, ended in _lives(member):
        yield Row({**_pod_labels(pod), "condition": str(_ready(pod)).lower()}, constant(1.0), born, ended)


def _requests(member: Member) -> Iterator[Row]:
    for pod, born, ended in _lives(member):
        for container in parts(pod, "spec", "containers"):
            placed = {**_pod_labels(pod), "container": str(container.get("name", ""))}
            placed["node"] = str(part(pod, "spec").get("nodeName") or "")
            for resource, value in part(container, "resources", "requests").items():
                if resource in ("cpu", "memory", "nvidia.com/gpu"):
                    labels = {**placed, "resource": _plain(resource)}
                    yield Row(labels, constant(quantity(value)), born, ended)


def _restarts(member: Member) -> Iterator[Row]:
    for pod, born, ended in _lives(member):
        for status in parts(pod, "status", "containerStatuses"):
            labels = {**_pod_labels(pod), "container": str(status.get("name", ""))}
            count = min(int(number_of(status.get("restartCount"))), _MOST_RESTARTS)
            terminated = [part(status, each, "terminated") for each in ("state", "lastState")]
            last = max(seconds_of(each.get("finishedAt")) for each in terminated)
            if not count or not last:
                yield Row(labels, constant(float(count)), 0.0, ended)
                continue
            # Only the last end is on record: those before it are taken to lie a back-off apart.
            times, values = [last], [float(count)]
            for number in range(count - 1, 0, -1):
                times.insert(0, times[0] - _BACK_OFF[min(number, len(_BACK_OFF) - 1)])
                values.insert(0, float(number))
            yield Row(labels, steps([born, *times], [0.0, *values]), born, ended)


def _waiting(member: Member) -> Iterator[Row]:
    for pod in member.all_of("pods"):
        for status in parts(pod, "status", "containerStatuses"):
            waiting = part(status, "state", "waiting")
            if waiting.get("reason"):
                labels = {
                    **_pod_labels(pod),
                    "container": str(status.get("name", "")),
                    "reason": str(waiting["reason"]),
                }
                yield Row(labels, constant(1.0))


def _deployments(of: Callable[[Obj], object]) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for each in member.all_of("deployments.apps"):
            labels = {"namespace": str(each["metadata"]["namespace"]), "deployment": named(each)}
            yield Row(labels, constant(number_of(of(each))))

    return rows


def _replicas(deployment: Obj) -> object:
    found = part(deployment, "spec").get("replicas")
    return 1 if found is None else found


def _node_info(member: Member) -> Iterator[Row]:
    for node in member.nodes:
        version = str(part(node, "status", "nodeInfo").get("kubeletVersion", ""))
        labels = {"node": named(node), "kubelet_version": version, "internal_ip": address(node)}
        yield Row(labels, constant(1.0))


def _node_condition(member: Member) -> Iterator[Row]:
    for node in member.nodes:
        now = "true" if _ready(node) else "unknown"
        for status in ("true", "false", "unknown"):
            labels = {"node": named(node), "condition": "Ready", "status": status}
            yield Row(labels, constant(float(status == now)))


def _node_amounts(which: str) -> Callable[[Member], Iterator[Row]]:
    def rows(member: Member) -> Iterator[Row]:
        for node in member.nodes:
            for resource, value in part(node, "status", which).items():
                if resource in ("cpu", "memory", "pods", "nvidia.com/gpu"):
                    labels = {"node": named(node), "resource": _plain(resource)}
                    yield Row(labels, constant(quantity(value)))

    return rows


def _plain(resource: str) -> str:
    return resource.replace(".", "_").replace("/", "_").replace("-", "_")


def _scraped(rows: Callable[[Member], Iterator[Row]]) -> Callable[[Member], Iterator[Row]]:
    """Only where the exporter runs; with its instance."""

    def where_it_runs(member: Member) -> Iterator[Row]:
        for row in rows(member):
            yield row._replace(labels={"instance": _INSTANCE, **row.labels})

    return where_it_runs


FAMILIES = tuple(
    Family(name, kind, text, "kube-state-metrics", _scraped(rows))
    for name, kind, text, rows in (
        ("kube_node_info", "gauge", "Information about a cluster node.", _node_info),
        ("kube_node_status_condition", "gauge", "The condition of a cluster node.", _node_condition),
        ("kube_node_status_allocatable", "gauge", "What a node can schedule.", _node_amounts("allocatable")),
        ("kube_node_status_capacity", "gauge", "What a node has.", _node_amounts("capacity")),
        ("kube_pod_info", "gauge", "Information about pod.", _pod_info),
        ("kube_pod_status_phase", "gauge", "The pods current phase.", _pod_phase),
        ("kube_pod_status_ready", "gauge", "Describes whether the pod is ready to serve requests.", _pod_ready),
        ("kube_pod_container_resource_requests", "gauge", "What a container requested.", _requests),
        (
            "kube_pod_container_status_restarts_total",
            "counter",
            "The number of container restarts per container.",
            _restarts,
        ),
        (
            "kube_pod_container_status_waiting_reason",
            "gauge",
            "Describes the reason the container is currently in waiting state.",
            _waiting,
        ),
        ("kube_deployment_spec_replicas", "gauge", "Number of desired pods.", _deployments(_replicas)),
        (
            "kube_deployment_status_replicas_available",
            "gauge",
            "The number of available replicas per deployment.",
            _deployments(lambda each: part(each, "status").get("availableReplicas")),
        ),
    )
)
