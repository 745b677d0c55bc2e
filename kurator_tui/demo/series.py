"""The metrics of the simulated estate as functions of time: what each member's Prometheus would have scraped.

Only members are monitored, as in a real fleet; a member whose server misbehaves has no series.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.objects import quantity
from kurator_tui.demo.world.scheduling import ready
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]
Labels = dict[str, str]

_PERIOD = 600.0
_HISTORY = 30 * 86400.0
_JOBS = ("kubelet", "node-exporter")


@dataclass(frozen=True, slots=True)
class Series:
    """One series: labels including `__name__`, and its value at seconds since 1970."""

    labels: Labels
    at: Callable[[float], float]


def silent(world: World) -> list[str]:
    """The members whose metrics do not arrive."""
    return [name for name in world.members if world.faults.get(name, "none") not in ("none", "latency")]


def collect(world: World) -> list[Series]:
    """All present series."""
    lost = set(silent(world))
    return [s for name in world.members if name not in lost for s in _member(world, world.clusters[name])]


def _member(world: World, cluster: SimCluster) -> Iterator[Series]:
    external = {"cluster": cluster.name, "prometheus": "monitoring/prometheus-prometheus"}

    def gauge(name: str, value: float, **labels: str) -> Series:
        return Series({"__name__": name, **external, **labels}, lambda _t: value)

    yield gauge("up", 1, job="apiserver", instance=f"{world.plans[cluster.name].subnet}.10:6443")
    yield gauge("up", 1, job="kube-state-metrics", instance="10.244.0.20:8080")
    for node in cluster.all_of("nodes"):
        yield from _node(world, cluster, node, external, gauge)
    for pod in cluster.all_of("pods"):
        yield from _pod(pod, gauge)


def _pod(pod: Obj, gauge: Callable[..., Series]) -> Iterator[Series]:
    """As kube-state-metrics has them, but for phases and conditions a pod is not in."""
    found = pod.get("status")
    status = found if isinstance(found, dict) else {}
    spec = pod.get("spec") or {}
    labels = {"namespace": pod["metadata"]["namespace"], "pod": pod["metadata"]["name"]}
    yield gauge("kube_pod_status_phase", 1, **labels, phase=str(status.get("phase", "Unknown")))
    is_ready = str(ready(pod)).lower()
    yield gauge("kube_pod_status_ready", 1, **labels, condition=is_ready)
    for container in spec.get("containers") or ():
        placed = {**labels, "container": str(container.get("name", "")), "node": str(spec.get("nodeName", ""))}
        for resource, value in ((container.get("resources") or {}).get("requests") or {}).items():
            if resource in ("cpu", "memory"):
                yield gauge("kube_pod_container_resource_requests", quantity(value), **placed, resource=resource)


def _node(
    world: World, cluster: SimCluster, node: Obj, external: Labels, gauge: Callable[..., Series]
) -> Iterator[Series]:
    name = node["metadata"]["name"]
    address = node["status"]["addresses"][0]["address"]
    answers = name not in cluster.stopped_nodes
    capacity, info = node["status"]["capacity"], node["status"]["nodeInfo"]
    cores, memory = quantity(capacity["cpu"]), quantity(capacity["memory"])
    for job in _JOBS:
        port = 10250 if job == "kubelet" else 9100
        yield gauge("up", float(answers), job=job, instance=f"{address}:{port}", node=name)
    for condition in ("true", "false", "unknown"):
        is_so = condition == ("true" if ready(node) else "unknown")
        yield gauge("kube_node_status_condition", float(is_so), node=name, condition="Ready", status=condition)
    yield gauge("kube_node_info", 1, node=name, kubelet_version=info["kubeletVersion"], internal_ip=address)
    for resource, value in node["status"]["allocatable"].items():
        if resource in ("cpu", "memory", "pods", "nvidia.com/gpu"):
            plain = resource.replace(".", "_").replace("/", "_")
            yield gauge("kube_node_status_allocatable", quantity(value), node=name, resource=plain)
    if not answers:
        return
    yield gauge("machine_cpu_cores", cores, node=name)
    yield gauge("machine_memory_bytes", memory, node=name)
    yield gauge("kubelet_running_pods", float(len(cluster.pods_on(name))), node=name)
    load = _Load(name, world.clock.epoch - _HISTORY)
    used = f"{address}:9100"

    def series(metric: str, at: Callable[[float], float], **labels: str) -> Series:
        return Series({"__name__": metric, **external, **labels}, at)

    yield series("container_cpu_usage_seconds_total", lambda t: cores * load.total(t), id="/", node=name)
    yield series("container_memory_working_set_bytes", lambda t: memory * load.memory(t), id="/", node=name)
    yield series(
        "node_cpu_seconds_total", lambda t: cores * 0.8 * load.total(t), mode="user", instance=used, cpu="0"
    )
    yield series(
        "node_cpu_seconds_total", lambda t: cores * 0.2 * load.total(t), mode="system", instance=used, cpu="0"
    )
    yield series("node_cpu_seconds_total", lambda t: cores * load.idle(t), mode="idle", instance=used, cpu="0")
    yield series("node_memory_MemTotal_bytes", lambda _t: memory, instance=used)
    yield series("node_memory_MemAvailable_bytes", lambda t: memory * (1 - load.memory(t)), instance=used)


class _Load:
    """A node's use of its cores and memory, a wave of its own; counters are the wave's integral."""

    def __init__(self, name: str, start: float) -> None:
        digest = hashlib.sha256(name.encode()).digest()
        self._base = 0.15 + digest[0] / 255 * 0.5
        self._swing = self._base * (0.1 + digest[1] / 255 * 0.4)
        self._phase = digest[2] / 255 * math.tau
        self._memory = 0.25 + digest[3] / 255 * 0.5
        self._start = start

    def _angle(self, t: float) -> float:
        return math.tau * t / _PERIOD + self._phase

    def total(self, t: float) -> float:
        """Seconds of use a core has accumulated; grows without jumps."""
        integral = self._base * (t - self._start) - self._swing * _PERIOD / math.tau * math.cos(self._angle(t))
        return max(0.0, integral)

    def idle(self, t: float) -> float:
        """Seconds of idleness a core has accumulated."""
        return max(0.0, (t - self._start) - self.total(t))

    def memory(self, t: float) -> float:
        """Share of the memory in use."""
        return min(0.97, self._memory + 0.04 * math.sin(self._angle(t) / 3))
