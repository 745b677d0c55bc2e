"""Nodes: their objects, and the controller that keeps heartbeats, leases, readiness and taints."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.controllers.common import Surroundings
from kurator_tui.demo.world.kubelet import Kubelet

Obj = dict[str, Any]

LEASES = "leases.coordination.k8s.io"
HEARTBEAT = 40.0
LEASE = 10.0
#: World seconds of silence after which the node controller calls a node's conditions Unknown.
GRACE = 40.0
_UNREACHABLE = "node.kubernetes.io/unreachable"
_PRESSURES = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


@dataclass(frozen=True, slots=True)
class NodePool:
    """Nodes alike: how they are named, how big they are, what they carry.

    `memory` is in GiB.  `role` is control-plane, worker, gpu or edge.
    """

    prefix: str
    count: int
    role: str
    cpu: int
    memory: int
    instance: str
    zones: tuple[str, ...]
    gpus: int = 0
    arch: str = "amd64"
    region: str = ""
    npu_nodes: tuple[str, ...] = ()
    """Names of those with eight NPUs."""


def make_node(pool: NodePool, name: str, version: str, *, number: int, subnet: str, now: str) -> Obj:
    """A ready Node of a pool; `number` chooses zone and address."""
    zone = pool.zones[number % len(pool.zones)]
    capacity: Obj = {
        "cpu": str(pool.cpu),
        "ephemeral-storage": "104845292Ki",
        "hugepages-2Mi": "0",
        "memory": f"{pool.memory * 1024 * 1024}Ki",
        "pods": "110",
    }
    allocatable: Obj = {**capacity, "cpu": f"{pool.cpu * 1000 - 80}m", "ephemeral-storage": "96625420948"}
    allocatable["memory"] = f"{pool.memory * 1024 * 1024 - 614400}Ki"
    if pool.gpus:
        capacity["nvidia.com/gpu"] = allocatable["nvidia.com/gpu"] = str(pool.gpus)
    if name in pool.npu_nodes:
        capacity["huawei.com/Ascend910"] = allocatable["huawei.com/Ascend910"] = "8"
    address = f"{subnet}.{10 + number}"
    spec: Obj = {"podCIDR": f"10.244.{number}.0/24", "podCIDRs": [f"10.244.{number}.0/24"]}
    if pool.role != "edge":
        spec["providerID"] = f"demo:///{zone}/{name}"
    if pool.role == "control-plane":
        spec["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    if pool.role == "edge":
        spec["taints"] = [{"key": "node-role.kubernetes.io/edge", "effect": "NoSchedule"}]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": _labels(pool, name, zone),
            "annotations": _annotations(pool, address, subnet),
        },
        "spec": spec,
        "status": {
            "capacity": capacity,
            "allocatable": allocatable,
            "conditions": conditions(now, now, answering=True),
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "Hostname", "address": name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": _info(pool, name, version),
            "images": [],
        },
    }


def _labels(pool: NodePool, name: str, zone: str) -> Obj:
    labels = {
        "beta.kubernetes.io/arch": pool.arch,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": pool.arch,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": pool.instance,
        "topology.kubernetes.io/region": pool.region or zone.rstrip("abcdef"),
        "topology.kubernetes.io/zone": zone,
    }
    if pool.role in ("control-plane", "edge"):
        labels[f"node-role.kubernetes.io/{pool.role}"] = ""
    if pool.role == "edge":
        labels["apps.kubeedge.io/belonging-to"] = zone
    if name in pool.npu_nodes:
        labels |= {"accelerator": "huawei-Ascend910", "node.kubernetes.io/npu.chip.name": "910B3"}
    if pool.gpus:
        labels |= {"nvidia.com/gpu.present": "true", "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
    return labels


def _annotations(pool: NodePool, address: str, subnet: str) -> Obj:
    if pool.role == "edge":
        return {"cloudcore": f"{subnet}.2", "node.alpha.kubernetes.io/ttl": "0"}
    return {
        "node.alpha.kubernetes.io/ttl": "0",
        "projectcalico.org/IPv4Address": f"{address}/24",
        "volumes.kubernetes.io/controller-managed-attach-detach": "true",
    }


def _info(pool: NodePool, name: str, version: str) -> Obj:
    identity = hashlib.sha256(name.encode()).hexdigest()
    edge = pool.role == "edge"
    return {
        "machineID": identity[:32],
        "systemUUID": f"{identity[:8]}-{identity[8:12]}-{identity[12:16]}-{identity[16:20]}-{identity[20:32]}",
        "bootID": f"{identity[32:40]}-{identity[40:44]}-{identity[44:48]}-{identity[48:52]}-{identity[52:64]}",
        "kernelVersion": "5.15.0-1053-raspi" if edge else "5.15.0-105-generic",
        "osImage": "Ubuntu 22.04.4 LTS",
        "containerRuntimeVersion": "containerd://1.7.13" if edge else "containerd://1.7.18",
        "kubeletVersion": f"{version}-kubeedge-v1.17.0" if edge else version,
        "kubeProxyVersion": "v0.0.0-master+$Format:%H$" if edge else version,
        "operatingSystem": "linux",
        "architecture": pool.arch,
    }


def conditions(beat: str, since: str, *, answering: bool) -> list[Obj]:
    """The node conditions: all well, or all Unknown when the kubelet does not answer."""
    made = []
    ready = ("Ready", "KubeletReady", "kubelet is posting ready status")
    for kind, reason, message in (*_PRESSURES, ready):
        good = "True" if kind == "Ready" else "False"
        made.append(
            {
                "type": kind,
                "status": good if answering else "Unknown",
                "lastHeartbeatTime": beat,
                "lastTransitionTime": since,
                "reason": reason if answering else "NodeStatusUnknown",
                "message": message if answering else "Kubelet stopped posting node status.",
            }
        )
    return made


def silenced(node: Obj, heard: str, now: str) -> None:
    """Mark a node that does not answer since `now`, last heard of at `heard`: conditions Unknown, taints."""
    node["status"]["conditions"] = conditions(heard, now, answering=False)
    kept = [each for each in node["spec"].get("taints") or () if each["key"] != _UNREACHABLE]
    taints = [{"key": _UNREACHABLE, "effect": e, "timeAdded": now} for e in ("NoSchedule", "NoExecute")]
    node["spec"]["taints"] = [*kept, *taints]


def heard(node: Obj, now: str) -> None:
    """Mark a node that answers again."""
    node["status"]["conditions"] = conditions(now, now, answering=True)
    node["spec"]["taints"] = [each for each in node["spec"].get("taints") or () if each["key"] != _UNREACHABLE]


def lease(name: str, uid: str, renewed: str) -> Obj:
    """The heartbeat Lease of a node."""
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": name, "namespace": "kube-node-lease", "ownerReferences": [owner]},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed},
    }


class Nodes:
    """Heartbeats of the nodes that answer, and the marks on those that do not.

    `slow` stretches both periods: a large estate keeps its number of writes.
    """

    def __init__(self, around: Surroundings, kubelet: Kubelet, slow: float = 1.0) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self._kubelet = kubelet
        self._periods = (HEARTBEAT * slow, LEASE * slow)
        self._silences: dict[str, int] = {}
        for node in around.cluster.all_of("nodes"):
            self._start_beating(node["metadata"]["name"])

    def _start_beating(self, name: str) -> None:
        heartbeat, renewal = self._periods
        rng = self._cluster.rng
        self._cluster.after(rng.uniform(0, heartbeat), lambda: self._beat(name))
        self._cluster.after(rng.uniform(0, renewal), lambda: self._renew(name))

    def _beat(self, name: str) -> None:
        node = self._cluster.find("nodes", "", name)
        if node is None:
            return
        if name not in self._cluster.stopped_nodes:
            now = self._cluster.clock.stamp()
            beaten = [{**each, "lastHeartbeatTime": now} for each in node["status"]["conditions"]]
            self._cluster.set_status("nodes", node, {**node["status"], "conditions": beaten})
        self._cluster.after(self._periods[0], lambda: self._beat(name))

    def _renew(self, name: str) -> None:
        if self._cluster.find("nodes", "", name) is None:
            return
        if name not in self._cluster.stopped_nodes:
            now = self._cluster.clock.micro_stamp()
            held = {"leaseDurationSeconds": round(4 * self._periods[1])}
            self._cluster.modify(
                LEASES, "kube-node-lease", name, lambda o: o["spec"].update(renewTime=now, **held)
            )
        self._cluster.after(self._periods[1], lambda: self._renew(name))

    def stop(self, name: str) -> None:
        """The node's kubelet falls silent; the node controller marks the node and its pods."""
        node = self._cluster.find("nodes", "", name)
        if node is None or name in self._cluster.stopped_nodes:
            return
        self._cluster.stopped_nodes.add(name)
        self._mark(name)

    def cut(self, name: str) -> None:
        """The node loses its link: its heartbeats stop.  The node controller marks it when it was silent for
        `GRACE`, and evicts its pods when they tolerated that long enough; they stay until the node can confirm."""
        if self._cluster.find("nodes", "", name) is None or name in self._cluster.stopped_nodes:
            return
        self._cluster.stopped_nodes.add(name)
        self._later(name, GRACE, partial(self._lost, name))

    def _lost(self, name: str) -> None:
        self._mark(name)
        for pod in self._cluster.pods_on(name):
            if (seconds := podstates.tolerates_silence(pod)) is not None:
                place = (pod["metadata"]["namespace"], pod["metadata"]["name"])
                self._later(name, seconds, partial(self._cluster.delete, "pods", *place))

    def _later(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        """Do it when the node has been silent all the time."""
        silence = self._silences.setdefault(name, 0)

        def due() -> None:
            if name in self._cluster.stopped_nodes and self._silences[name] == silence:
                act()

        self._cluster.after(seconds, due)

    def _mark(self, name: str) -> None:
        node = self._cluster.find("nodes", "", name)
        if node is None:
            return
        now = self._cluster.clock.stamp()
        before = node["status"]["conditions"][-1]["lastHeartbeatTime"]
        self._cluster.modify("nodes", "", name, lambda copy: silenced(copy, before, now))
        self._record(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", source="node-controller")
        for pod in self._cluster.pods_on(name):
            if podstates.is_ready(pod):
                self._cluster.set_status("pods", pod, podstates.unreachable(pod, now))

    def resume(self, name: str) -> None:
        """The node's kubelet answers again."""
        self._cluster.stopped_nodes.discard(name)
        self._silences[name] = self._silences.get(name, 0) + 1
        node = self._cluster.find("nodes", "", name)
        if node is None:
            return
        now = self._cluster.clock.stamp()

        def unmark(copy: Obj) -> None:
            copy["status"]["conditions"] = conditions(now, now, answering=True)
            kept = [each for each in copy["spec"].get("taints") or () if each["key"] != _UNREACHABLE]
            copy["spec"]["taints"] = kept
            if not kept:
                del copy["spec"]["taints"]

        self._cluster.modify("nodes", "", name, unmark)
        self._record(node, "NodeReady", f"Node {name} status is now: NodeReady", source="kubelet", host=name)
        self._kubelet.wake_node(name)

    def add(self, node: Obj) -> None:
        """A new node joins: not ready for a few seconds, then ready."""
        name = node["metadata"]["name"]
        now = self._cluster.clock.stamp()
        fresh = {**node, "status": {**node["status"], "conditions": conditions(now, now, answering=False)}}
        created = self._cluster.create("nodes", fresh)
        beat = self._cluster.clock.micro_stamp()
        self._cluster.create(LEASES, lease(name, created["metadata"]["uid"], beat))
        message = f"Node {name} event: Registered Node {name} in Controller"
        self._record(created, "RegisteredNode", message, source="node-controller")
        self._cluster.after(3.0, lambda: self.resume(name))
        self._start_beating(name)
