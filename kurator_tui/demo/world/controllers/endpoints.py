"""EndpointSlices: the addresses behind each Service with a selector, ready or not."""

from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster, owner_reference
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.objects import matches

Obj = dict[str, Any]

SLICES = "endpointslices.discovery.k8s.io"
_LABEL = "kubernetes.io/service-name"
#: World seconds changes are gathered before a slice is written: a rollout is not a write a pod.
_GATHER = 1.5


class EndpointSlices:
    """One slice a Service, named after it."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        around.cluster.watch("services", self._service_changed)
        around.cluster.watch("pods", self._pod_changed)

    def _service_changed(self, event: StorageEvent) -> None:
        if event.type != "DELETED":
            self.queue.add(common.key_of(event.obj), 0.2)

    def _pod_changed(self, event: StorageEvent) -> None:
        if (
            event.old_obj is not None
            and event.type == "MODIFIED"
            and _relevant(event.old_obj) == _relevant(event.obj)
        ):
            return
        meta = event.obj["metadata"]
        for service in self._cluster.all_of("services", meta["namespace"]):
            selector = (service.get("spec") or {}).get("selector")
            if matches({"matchLabels": selector} if selector else None, meta.get("labels")):
                self.queue.add(common.key_of(service), _GATHER)

    def _reconcile(self, key: common.Key) -> None:
        service = self._cluster.find("services", *key)
        if service is None or not (service.get("spec") or {}).get("selector"):
            return
        made = slice_of(self._cluster, service)
        name = made["metadata"]["name"]
        if self._cluster.find(SLICES, key[0], name) is None:
            self._cluster.create(SLICES, made)
        else:
            change = {"endpoints": made["endpoints"], "ports": made["ports"]}
            self._cluster.modify(SLICES, key[0], name, lambda o: o.update(change))


def slice_of(cluster: SimCluster, service: Obj) -> Obj:
    """The EndpointSlice of a Service that has a selector, not yet stored."""
    meta, spec = service["metadata"], service["spec"]
    selector = {"matchLabels": spec["selector"]}
    pods = [
        pod
        for pod in cluster.all_of("pods", meta["namespace"])
        if matches(selector, pod["metadata"].get("labels")) and _relevant(pod)[0]
    ]
    ports = [
        {"name": port.get("name", ""), "port": _target(port), "protocol": port.get("protocol", "TCP")}
        for port in spec.get("ports") or ()
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{meta['name']}-{_suffix(meta['uid'])}",
            "generateName": f"{meta['name']}-",
            "namespace": meta["namespace"],
            "labels": {
                _LABEL: meta["name"],
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            },
            "ownerReferences": [owner_reference(service)],
        },
        "addressType": "IPv4",
        "endpoints": [_endpoint(pod) for pod in pods],
        "ports": ports,
    }


def _endpoint(pod: Obj) -> Obj:
    ready = podstates.is_ready(pod)
    terminating = bool(pod["metadata"].get("deletionTimestamp"))
    target = {key: pod["metadata"][key] for key in ("name", "namespace", "uid")}
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": ready, "terminating": terminating},
        "nodeName": pod["spec"].get("nodeName"),
        "targetRef": {"kind": "Pod", **target},
    }


def _relevant(pod: Obj) -> tuple[str, bool, bool]:
    """What of a pod a slice shows."""
    status = pod.get("status")
    address = status.get("podIP") if isinstance(status, dict) else ""
    gone = isinstance(status, dict) and status.get("phase") in ("Succeeded", "Failed")
    if gone or not isinstance(address, str):
        address = ""
    return address, podstates.is_ready(pod) if address else False, bool(pod["metadata"].get("deletionTimestamp"))


def _target(port: Obj) -> int:
    target = port.get("targetPort", port.get("port"))
    return target if isinstance(target, int) else int(port.get("port") or 0)


def _suffix(uid: str) -> str:
    """Five characters of a Service's uid, so that the name is the same at each start of one seed."""
    return uid.replace("-", "")[:5]
