"""The lifecycle tree of a CustomCluster: its hosts, and kubespray's worker pods. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from kurator_tui.fleet.lifecycle_estate import Estate, Tree, parts_of, value
from kurator_tui.fleet.lifecycle_machines import machinery
from kurator_tui.fleet.lifecycle_order import Line
from kurator_tui.kinds import ladder as rungs
from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.kurator import CUSTOM_CLUSTER, ManagedClusterRow, managed_cluster_health
from kurator_tui.kinds.kurator_apps import CUSTOM_MACHINE
from kurator_tui.kinds.ladder import Rung, Step
from kurator_tui.kinds.lifecycle import LifecycleRow
from kurator_tui.kinds.pods import POD, PodRow, pod_health
from kurator_tui.kinds.table import ObjectRow, object_health, part

ACTIONS = ("init", "scale-up", "scale-down", "upgrade", "terminate")
"""What a kubespray worker pod does; the second part of its name (kurator-api §1.3)."""
_MOVING = ("ScalingUp", "ScalingDown", "Upgrading", "Provisioning", "Deleting", "Pending")


def custom_tree(estate: Estate, row: ManagedClusterRow) -> Iterator[Line]:
    """A cluster on hosts that kubespray sets up."""
    tree = Tree(estate, row, estate.member(row), f"{row.name}.{row.namespace}")
    its = parts_of(row)
    capi = _around(estate, row)
    below = list(machinery(tree, capi, "")) if capi is not None else []
    plane = next((line.row for line in below if line.row.kind == "KubeadmControlPlane"), None)
    pods = sorted(estate.pods.get(row.name, ()), key=lambda pod: pod.created)
    pods = [pod for pod in pods if pod.namespace == row.namespace]
    found = rungs.steps(its.conditions, rungs.KUBESPRAY)
    health = _custom_health(row, pods, found)
    top = tree.line(
        row,
        "CustomCluster",
        CUSTOM_CLUSTER,
        health,
        tree.path,
        phase=row.phase,
        version=plane.version if plane is not None else "",
        wanted=plane.wanted if plane is not None else "",
        ladder=rungs.counted(found),
        endpoint=f"kube-vip {its.address}" if its.address else "",
    )
    yield Line(top)
    yield from tree.steps(top, found)
    yield from below
    hosts = estate.hosts.get((row.namespace, its.machines or row.name))
    if hosts is not None:
        yield from _hosts(tree, hosts, row.phase, top)
    elif its.machines:
        yield _no_hosts(tree, its.machines, top)
    for pod in pods:
        yield Line(
            tree.line(
                pod,
                "worker pod",
                POD,
                _worker(pod),
                f"{tree.path}/3{pod.created:013.0f}{pod.name}",
                phase=action(row.name, pod.name),
                node=pod.node,
            )
        )


def _no_hosts(tree: Tree, machines: str, top: LifecycleRow) -> Line:
    """The line of a CustomMachine that is named and does not exist."""
    line = replace(
        top,
        uid=f"{top.uid}/hosts",
        name=machines,
        kind="CustomMachine",
        object_kind="",
        level=Level.FAILED,
        reason=f"CustomMachine {machines} does not exist: no hosts are known",
        path=f"{tree.path}/1",
        depth=1,
        endpoint="",
        ladder="",
        phase="",
        version="",
        wanted="",
    )
    return Line(line)


def action(cluster: str, pod: str) -> str:
    """What a worker pod of a CustomCluster does; "" for a pod that is none."""
    rest = pod.removeprefix(f"{cluster}-")
    return next((each for each in ACTIONS if rest.startswith(f"{each}-") or rest == each), "")


def _around(estate: Estate, row: ManagedClusterRow) -> ObjectRow | None:
    """The Cluster API Cluster whose infrastructure a CustomCluster is."""
    for place, capi in estate.made.items():
        made_for = part(CAPI_CLUSTER, capi, "template") if place[0] == row.namespace else ""
        if made_for == row.name and value(CAPI_CLUSTER, capi, "provider") == "CustomCluster":
            return capi
    return None


def _custom_health(row: ManagedClusterRow, pods: list[PodRow], found: tuple[Step, ...]) -> Health:
    health = managed_cluster_health(row)
    newest = pods[-1] if pods else None
    if newest is not None and row.phase in _MOVING:
        done = _worker(newest)
        what = f"kubespray {action(row.name, newest.name)}: pod {newest.name}"
        if done.level is Level.FAILED:
            return Health(Level.FAILED, f"{what} failed; deleting that pod tries again")
        return Health(Level.PROGRESSING, f"{row.phase}: {what} {newest.status}")
    failed = next((step for step in found if step.state is Rung.FAILED), None)
    if failed is not None and health.level is not Level.FAILED:
        # a failed scale goes back to Provisioned: only the condition tells
        return Health(Level.DEGRADED, f"{failed.name}: {failed.reason}")
    return health


def _worker(pod: PodRow) -> Health:
    if pod.phase == "Running":
        return Health(Level.PROGRESSING, "kubespray runs; its log is in `ansible`")
    return pod_health(pod)


def _hosts(tree: Tree, hosts: ObjectRow, phase: str, top: LifecycleRow) -> Iterator[Line]:
    """The hosts in the order in which kubespray takes them: masters, then nodes."""
    group = tree.line(hosts, "CustomMachine", CUSTOM_MACHINE, object_health(hosts), f"{tree.path}/1")
    yield Line(group)
    number = 0
    for role in ("masters", "workers"):
        for name, address in part(CUSTOM_MACHINE, hosts, role) or ():
            turn = (0, 0, 0, float(number), name) if top.wanted and phase == "Upgrading" else None
            yield Line(
                replace(
                    group,
                    name=name or address or f"host {number + 1}",
                    uid=f"{hosts.uid}/{role}/{number}",
                    level=top.level if top.level is Level.PROGRESSING and turn else Level.HEALTHY,
                    reason="waits for kubespray" if turn else "",
                    path=f"{group.path}/{number:04d}",
                    depth=group.depth + 1,
                    kind="master" if role == "masters" else "worker",
                    object_kind="",
                    object_name="",
                    version=top.version,
                    wanted=top.wanted,
                    node=name,
                    infrastructure=address,
                ),
                turn,
            )
            number += 1
