"""The join behind `accelerators`: devices by model on each member, and their sums over the members of a fleet.

Nodes say what they have (and by labels of which model), pods what they ask for. Which device a pod has is not
told: the counts are the scheduler's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from kurator_tui.fleet.batch_cluster import holds_devices, takes_pods
from kurator_tui.fleet.fleet_sums import fleets_of, missing, of_host
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.accelerators import ACCELERATORS, AcceleratorRow
from kurator_tui.kinds.base import HOST, SEVERITY, Level, Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.device_names import parsed, parsed_node, short
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.meta import intern
from kurator_tui.kinds.pods import POD

_MODEL_LABELS = {
    "nvidia.com": ("nvidia.com/gpu.product", "nvidia.com/gpu.machine"),
    "volcano.sh": ("nvidia.com/gpu.product",),
    "amd.com": ("amd.com/gpu.product-name", "beta.amd.com/gpu.product-name", "amd.com/gpu.family"),
    "gpu.intel.com": ("gpu.intel.com/product", "gpu.intel.com/family"),
    "huawei.com": ("node.kubernetes.io/npu.chip.name", "accelerator-type", "accelerator"),
    "google.com": ("cloud.google.com/gke-tpu-accelerator",),
    "habana.ai": ("habana.ai/model", "node.kubernetes.io/instance-type"),
}
"""Labels that say the model, the best one first: of NVIDIA's and AMD's discovery, MindX, GKE."""
_PROMISES = {
    "nvidia.com/gpu.present": "nvidia.com/gpu",
    "feature.node.kubernetes.io/pci-10de.present": "nvidia.com/gpu",
    "feature.node.kubernetes.io/pci-1002.present": "amd.com/gpu",
}
"""Labels by which node feature discovery found a device -> the resource that its device plugin should offer."""

Model = tuple[str, str]
"""(model, resource)."""


def has_devices(node: NodeRow) -> bool:
    """Whether a node has accelerators, or should have."""
    return bool(node.devices) or any(key in _PROMISES and value == "true" for key, value in node.labels)


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The models of one cluster; of the host also the sums of those that several members of a fleet have."""
    if cluster == HOST:
        yield from _sums(seen)
    fleet = seen.shared(fleets_of).get(cluster, "")
    for row in seen.local(_own, cluster):
        yield replace(row, fleet=fleet, path=f"{fleet}{row.path}")


def failed(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    head = (cluster, "", cluster, f"failed/{cluster}", 0.0)
    return AcceleratorRow(*head, level=Level.FAILED, reason=reason, model=cluster)


JOIN = Join(
    ACCELERATORS,
    (FLEET,),
    (NODE, POD),
    rows,
    {NODE.id: has_devices, POD.id: holds_devices},
    planned=of_host,
    sums=True,
    failed=failed,
)

# -- one cluster ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Tally:
    """What is counted of one model."""

    label: str = ""
    nodes: int = 0
    capacity: int = 0
    allocatable: int = 0
    used: int = 0
    blocked: int = 0
    free: list[int] = field(default_factory=list)
    """Of each node that takes pods."""
    over: list[str] = field(default_factory=list)
    """Nodes whose pods ask for more than they have."""
    broken: list[str] = field(default_factory=list)
    """Nodes with fewer devices to give than they have."""
    asked: Counter[int] = field(default_factory=Counter)
    """How many devices pods ask for at once -> how many pods: those that wait, else those that have some."""


def _own(seen: Seen, cluster: str) -> list[AcceleratorRow]:
    """The rows of one cluster without their fleet."""
    used: Counter[tuple[str, str]] = Counter()
    asked: dict[tuple[str, str], Counter[int]] = {}
    waiting: Counter[str] = Counter()
    for pod in seen.rows(POD, cluster):
        for resource, amount in parsed(pod.devices):
            asked.setdefault((pod.node, resource), Counter())[amount] += 1
            if pod.node:
                used[pod.node, resource] += amount
            elif pod.status != "SchedulingGated":
                waiting[resource] += amount
    tallies: dict[Model, _Tally] = {}
    lacking: list[str] = []
    for node in seen.rows(NODE, cluster):
        for resource, capacity, allocatable in parsed_node(node.devices):
            model, label = _model(node, resource)
            tally = tallies.setdefault((model, resource), _Tally(label))
            _count(tally, node, capacity, allocatable, used[node.name, resource])
            if not waiting[resource]:
                tally.asked += asked.get((node.name, resource), Counter())
        if _lacks_plugin(node):
            lacking.append(node.name)
    for (_model_name, resource), tally in tallies.items():
        tally.asked += asked.get(("", resource), Counter())
    found = [_row(cluster, model, tally, waiting[model[1]]) for model, tally in tallies.items()]
    return [*found, *_unserved(cluster, tallies, waiting), *_without_plugin(cluster, lacking)]


def _count(tally: _Tally, node: NodeRow, capacity: int, allocatable: int, used: int) -> None:
    tally.nodes += 1
    tally.capacity += capacity
    tally.allocatable += allocatable
    tally.used += used
    if allocatable < capacity:
        tally.broken.append(node.name)
    if used > allocatable:
        tally.over.append(node.name)
    elif takes_pods(node):
        tally.free.append(allocatable - used)
    else:
        tally.blocked += allocatable - used


def _model(node: NodeRow, resource: str) -> tuple[str, str]:
    """(what a device is called, the label that says so): by labels of its node, else by its resource."""
    labels, (domain, _, name) = dict(node.labels), resource.partition("/")
    key = next((key for key in _MODEL_LABELS.get(domain, ()) if labels.get(key)), "")
    if not key:
        return intern(name if domain == "huawei.com" else f"{domain} {name}"), ""
    told = labels[key]
    part_of_one = name.startswith(("mig-", "vgpu-"))
    return intern(f"{told} {name}" if part_of_one else told), intern(f"{key}={told}")


def _lacks_plugin(node: NodeRow) -> bool:
    """Whether a device was found on a node that offers none of it: its plugin does not run."""
    offered = {resource.partition("/")[0] for resource, _capacity, _allocatable in parsed_node(node.devices)}
    promised = {
        _PROMISES[key].partition("/")[0] for key, value in node.labels if key in _PROMISES and value == "true"
    }
    return bool(promised - offered)


def _row(cluster: str, model: Model, tally: _Tally, waiting: int) -> AcceleratorRow:
    commonest = max(tally.asked, key=lambda amount: (tally.asked[amount], amount), default=0)
    fragmented = sum(free for free in tally.free if free < commonest)
    level, reason = _verdict(model[1], tally, commonest, waiting)
    return AcceleratorRow(
        cluster,
        "",
        model[0],
        f"{cluster}/{model[0]}/{model[1]}",
        0.0,
        level=level,
        reason=reason,
        path=f"/{model[0]}/{model[1]} 1{cluster}",
        model=model[0],
        resource=model[1],
        label=tally.label,
        nodes=tally.nodes,
        capacity=tally.capacity,
        allocatable=tally.allocatable,
        used=tally.used,
        free=sum(tally.free),
        fragmented=fragmented,
        commonest=commonest,
        blocked=tally.blocked,
        waiting=waiting,
    )


def _verdict(resource: str, tally: _Tally, commonest: int, waiting: int) -> tuple[Level, str]:
    name, free = short(resource), sum(tally.free)
    if tally.over:
        return Level.DEGRADED, f"pods ask for more {name} than {_nodes(tally.over)} has"
    if tally.broken:
        lost = tally.capacity - tally.allocatable
        return Level.DEGRADED, f"{lost} of {tally.capacity} unhealthy on {_nodes(tally.broken)}"
    if waiting and free and commonest and max(tally.free) < commonest:
        return Level.DEGRADED, f"{free} free, but no node has {commonest} at once: pods wait for {waiting}"
    if waiting and tally.blocked >= commonest > free:
        return Level.DEGRADED, f"pods wait for {waiting}; {tally.blocked} are on nodes that take no pods"
    if waiting:
        return Level.PROGRESSING, f"pods wait for {waiting}, {free} free"
    if tally.blocked:
        return Level.HEALTHY, f"{tally.blocked} on nodes that take no pods"
    return Level.HEALTHY, ""


def _nodes(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _unserved(
    cluster: str, tallies: Mapping[Model, _Tally], waiting: Mapping[str, int]
) -> Iterator[AcceleratorRow]:
    """What pods wait for and no node of the cluster has."""
    served = {resource for _model_name, resource in tallies}
    for resource, amount in waiting.items():
        if resource not in served:
            yield AcceleratorRow(
                *(cluster, "", resource, f"{cluster}/none/{resource}", 0.0),
                level=Level.DEGRADED,
                reason=f"pods wait for {amount}, and no node has any",
                path=f"/{resource} 1{cluster}",
                model=intern(resource),
                resource=intern(resource),
                waiting=amount,
            )


def _without_plugin(cluster: str, nodes: list[str]) -> Iterator[AcceleratorRow]:
    """Nodes with devices that nobody can ask for."""
    if nodes:
        yield AcceleratorRow(
            *(cluster, "", "not offered", f"{cluster}/not-offered", 0.0),
            level=Level.DEGRADED,
            reason=f"no device plugin offers the devices of {_nodes(sorted(nodes))}",
            path=f"/~ 1{cluster}",
            model="not offered",
            nodes=len(nodes),
        )


# -- sums -------------------------------------------------------------------------------------------------------


def _sums(seen: Seen) -> Iterator[AcceleratorRow]:
    found: dict[tuple[str, str, str], list[AcceleratorRow]] = {}
    for cluster, fleet in sorted(seen.shared(fleets_of).items()):
        for row in seen.local(_own, cluster):
            if row.resource:
                found.setdefault((fleet, row.model, row.resource), []).append(row)
    for (fleet, model, resource), mine in found.items():
        if len(mine) > 1:
            yield _sum(seen, fleet, (model, resource), mine)


def _sum(seen: Seen, fleet: str, model: Model, mine: list[AcceleratorRow]) -> AcceleratorRow:
    worst = max(mine, key=lambda row: (SEVERITY[row.level], bool(row.reason)))
    told = (missing(seen, fleet, NODE), f"{worst.cluster}: {worst.reason}" if worst.reason else "")
    counts = {
        name: sum(getattr(row, name) for row in mine)
        for name in ("nodes", "capacity", "allocatable", "used", "free", "fragmented", "blocked", "waiting")
    }
    return AcceleratorRow(
        *(HOST, "", model[0], f"sum/{fleet}/{model[0]}/{model[1]}", 0.0),
        level=worst.level,
        reason="; ".join(text for text in told if text),
        fleet=fleet,
        path=f"{fleet}/{model[0]}/{model[1]} 0",
        model=model[0],
        resource=model[1],
        label=mine[0].label if len({row.label for row in mine}) == 1 else "",
        commonest=max(row.commonest for row in mine),
        members=tuple(row.cluster for row in mine),
        **counts,
    )
