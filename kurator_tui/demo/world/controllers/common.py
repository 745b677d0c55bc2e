"""What the workload controllers share: their surroundings, pod making, and counting pods."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster, controller_of, owner_reference
from kurator_tui.demo.world.objects import pod_from_template, qos_class
from kurator_tui.demo.world.recorder import Recorder

Obj = dict[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a controller works with: its cluster and the cluster's Event recorder."""

    cluster: SimCluster
    record: Recorder


def key_of(obj: Obj) -> Key:
    """(namespace, name)."""
    return (str(obj["metadata"].get("namespace", "")), str(obj["metadata"]["name"]))


def follow(cluster: SimCluster, queue: WorkQueue, resource: str, kind: str) -> None:
    """Queue objects of `resource` when they change, or when something they control (`kind`) changes."""

    def changed(event: StorageEvent) -> None:
        if event.type != "DELETED":
            queue.add(key_of(event.obj))

    def dependent_changed(event: StorageEvent) -> None:
        ref = controller_of(event.obj)
        if ref and ref.get("kind") == kind:
            queue.add((str(event.obj["metadata"].get("namespace", "")), str(ref["name"])))

    cluster.watch(resource, changed)
    for dependents in ("pods", "replicasets.apps"):
        if dependents != resource:
            cluster.watch(dependents, dependent_changed)


def new_pod(cluster: SimCluster, owner: Obj, name: str, template: Obj, *, generate: str = "") -> Obj:
    """A pod of `owner` from `template`, not yet stored."""
    namespace = owner["metadata"]["namespace"]
    pod = pod_from_template(template, namespace=namespace, name=name, token_suffix=cluster.suffix())
    if generate:
        pod["metadata"]["generateName"] = generate
    pod["metadata"]["ownerReferences"] = [owner_reference(owner)]
    pod["status"]["qosClass"] = qos_class(pod["spec"])
    return pod


def live_pods(cluster: SimCluster, owner: Obj) -> list[Obj]:
    """The owner's pods that are neither being deleted nor finished, ordered by name."""
    return [pod for pod in cluster.owned(owner["metadata"]["uid"], "pods") if is_live(pod)]


def is_live(pod: Obj) -> bool:
    """True unless the pod is being deleted or has finished."""
    phase = (pod.get("status") or {}).get("phase")
    return not pod["metadata"].get("deletionTimestamp") and phase not in ("Succeeded", "Failed")


def ready_count(pods: Iterable[Obj]) -> int:
    """How many of these pods are ready."""
    return sum(1 for pod in pods if podstates.is_ready(pod))


def replicas_of(obj: Obj) -> int:
    """`spec.replicas`, 1 when absent."""
    value = (obj.get("spec") or {}).get("replicas")
    return 1 if value is None else int(value)


def share(value: object, total: int, *, up: bool) -> int:
    """An absolute number or a percentage of `total`, rounded up or down."""
    text = str(value)
    if not text.endswith("%"):
        return int(text)
    exact = int(text[:-1]) * total
    return -(-exact // 100) if up else exact // 100


def compact(status: Obj) -> Obj:
    """The status without counters that are zero, as the API omits them."""
    return {key: value for key, value in status.items() if value not in (0, None) or isinstance(value, bool)}
