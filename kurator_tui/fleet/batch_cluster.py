"""What one cluster's Volcano objects say together: queues with what they have and deserve, groups that wait.

Made once for each change of a cluster and read by the joins of queues and of jobs. Objects that contradict each
other are taken as they are: a queue whose parent is its own child hangs on nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from kurator_tui.fleet.batch_shares import Amounts, Claim, amounts, beyond, minus, plus, proportion, total
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.device_names import parsed, parsed_node
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.volcano import POD_GROUP, QUEUE
from kurator_tui.store.freshness import UNREADABLE

ROOT, DEFAULT = "root", "default"
WAITING_PHASES = ("", "Pending", "Inqueue")


@dataclass(frozen=True, slots=True)
class Group:
    """A pod group: its queue, what it must have at once, and what the scheduler said last."""

    row: ObjectRow
    queue: str
    phase: str
    members: int
    asks: Amounts
    told: str
    """`Unschedulable`, `Scheduled` or ""."""
    reason: str
    message: str
    told_at: float

    @property
    def waits(self) -> bool:
        """Whether it has no room yet."""
        return self.phase in WAITING_PHASES and not self.row.deleting


@dataclass(slots=True)
class Queue:
    """A queue with what it has, may have and deserves; None is not known, an empty `capability` no limit."""

    row: ObjectRow
    name: str
    parent: str
    state: str
    weight: int
    reclaimable: bool
    capability: Amounts
    said_deserved: Amounts
    guarantee: Amounts
    allocated: Amounts
    counts: Mapping[str, int]
    groups: list[Group]
    deserved: Amounts
    deserved_by: str = ""
    above: tuple[str, ...] = ()
    """Its parents, the nearest first."""

    @property
    def waiting(self) -> list[Group]:
        return [group for group in self.groups if group.waits]

    @property
    def over(self) -> list[str]:
        """Resources of which it has more than it deserves."""
        return beyond(self.allocated, self.deserved) if self.deserved_by else []


class Batch:
    """The queues and groups of one cluster."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.cluster = cluster
        self.groups = [
            seen.unchanged(("group", row.uid), (row,), partial(_group, row))
            for row in seen.rows(POD_GROUP, cluster)
        ]
        self.groups_known = seen.freshness(cluster, POD_GROUP).state not in UNREADABLE
        self.nodes_known = seen.freshness(cluster, NODE).state not in UNREADABLE
        self.by_place = {(group.row.namespace, group.row.name): group for group in self.groups}
        by_queue: dict[str, list[Group]] = {}
        for group in self.groups:
            by_queue.setdefault(group.queue, []).append(group)
        self.queues = {row.name: _queue(row, by_queue.get(row.name, [])) for row in seen.rows(QUEUE, cluster)}
        self.capacity = _capacity(seen, cluster) if self.queues else {}
        self.controlled = any(queue.state for queue in self.queues.values())
        """Whether somebody keeps the queues' status: without that Volcano's controllers are not there."""
        for queue in self.queues.values():
            queue.above = _above(self.queues, queue)
        self.children: dict[str, list[Queue]] = {}
        for queue in self.queues.values():
            if queue.above:
                self.children.setdefault(queue.above[0], []).append(queue)
        self._deal()
        leaves = [queue.allocated for queue in self.queues.values() if self.is_leaf(queue)]
        self.free = minus(self.capacity, total(leaves)) | (_free_devices(seen, cluster) if self.queues else {})
        """What no queue has, of nodes that are ready; of devices what no pod has, be it of Volcano or not."""

    def is_leaf(self, queue: Queue) -> bool:
        """Whether jobs run in it, and not only in queues below."""
        return queue.name not in self.children and queue.name != ROOT

    def _deal(self) -> None:
        """What each queue deserves: what it says, else by weight what the others leave; a parent those below."""
        leaves = [queue for queue in self.queues.values() if self.is_leaf(queue)]
        claims = []
        for queue in leaves:
            if queue.said_deserved:
                queue.deserved, queue.deserved_by = queue.said_deserved, "spec"
            else:
                request = self._request(queue)
                claims.append(Claim(queue.name, queue.weight, request, queue.capability, queue.guarantee))
        said = total(queue.said_deserved for queue in leaves)
        dealt = proportion(minus(self.capacity, said), claims) if self.capacity else {}
        for queue in leaves:
            if queue.name in dealt:
                queue.deserved, queue.deserved_by = dealt[queue.name], "weight"
        for queue in sorted(self.queues.values(), key=lambda one: -len(one.above)):
            below = self.children.get(queue.name, ())
            if queue.said_deserved:
                queue.deserved, queue.deserved_by = queue.said_deserved, "spec"
            elif below and all(child.deserved_by for child in below):
                queue.deserved, queue.deserved_by = total(child.deserved for child in below), "weight"

    def _request(self, queue: Queue) -> Amounts | None:
        """What it has and what its groups wait for; None where that cannot be known."""
        waiting = queue.waiting
        if not self.groups_known or any(not group.asks for group in waiting):
            return None
        return plus(queue.allocated, total(group.asks for group in waiting))


# -- reading rows -----------------------------------------------------------------------------------------------


def _group(row: ObjectRow) -> Group:
    spec, status = _part(POD_GROUP, row, "spec"), _part(POD_GROUP, row, "status")
    told = _part(POD_GROUP, row, "told")
    return Group(
        row,
        text(spec.get("queue")) or DEFAULT,
        text(status.get("phase")),
        number(spec.get("minMember")) or 0,
        amounts(spec.get("minResources")),
        text(told.get("type")),
        text(told.get("reason")),
        text(told.get("message")),
        unix(text(told.get("lastTransitionTime"))),
    )


def _queue(row: ObjectRow, groups: list[Group]) -> Queue:
    spec, amount, status = (_part(QUEUE, row, name) for name in ("spec", "amounts", "status"))
    allocated = amounts(amount.get("allocated"))
    if "allocated" not in amount:  # older ones do not say it: what its running groups need at least
        allocated = total(group.asks for group in groups if group.phase == "Running")
    weight = number(spec.get("weight"))
    return Queue(
        row,
        row.name,
        text(spec.get("parent")),
        text(status.get("state")),
        1 if weight is None else max(weight, 0),
        spec.get("reclaimable") is not False,
        amounts(amount.get("capability")),
        amounts(amount.get("deserved")),
        amounts(amount.get("resource")),
        allocated,
        {
            name: count
            for name in ("pending", "inqueue", "running", "completed")
            if (count := number(status.get(name))) is not None
        },
        groups,
        {},
    )


def _above(queues: Mapping[str, Queue], queue: Queue) -> tuple[str, ...]:
    """The parents of a queue, the nearest first; none for one that hangs in a circle."""
    found: list[str] = []
    at = queue.parent
    while at and at in queues:
        if at == queue.name or at in found:
            return ()
        found.append(at)
        at = queues[at].parent
    return tuple(found)


def _capacity(seen: Seen, cluster: str) -> dict[str, float]:
    """What the nodes have that can take pods."""
    cpu = memory = 0
    devices: dict[str, float] = {}
    for node in seen.rows(NODE, cluster):
        if takes_pods(node):
            cpu, memory = cpu + node.cpu_allocatable, memory + node.memory_allocatable
            for name, _capacity, allocatable in parsed_node(node.devices):
                devices[name] = devices.get(name, 0.0) + allocatable
    return {"cpu": cpu / 1000, "memory": float(memory), **devices} if cpu or memory else {}


def holds_devices(pod: PodRow) -> bool:
    """Whether a pod has accelerators, or waits for them."""
    return bool(pod.devices) and pod.phase not in ("Succeeded", "Failed")


def _free_devices(seen: Seen, cluster: str) -> dict[str, float]:
    used: Counter[tuple[str, str]] = Counter()
    for pod in seen.rows(POD, cluster):
        for resource, amount in parsed(pod.devices) if pod.node and holds_devices(pod) else ():
            used[pod.node, resource] += amount
    free: dict[str, float] = {}
    for node in seen.rows(NODE, cluster):
        if takes_pods(node):
            for name, _capacity, allocatable in parsed_node(node.devices):
                free[name] = free.get(name, 0.0) + max(0, allocatable - used[node.name, name])
    return free


def takes_pods(node: NodeRow) -> bool:
    """Whether the scheduler may put a pod on a node, as far as the node says."""
    return node.ready == "True" and not node.unschedulable and not node.deleting


def number(value: Any) -> int | None:
    """A count, or None for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else None


def _part(kind: Any, row: ObjectRow, name: str) -> Mapping[str, Any]:
    return mapping(part(kind, row, name))
