"""What the lifecycle trees are made from: the host's objects by what they are looked up by, and lines. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

from kurator_tui.fleet.lifecycle_order import Line
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds import ladder as rungs
from kurator_tui.kinds.base import HOST, SEVERITY, AnyKind, Health, Level, Row
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE, MACHINE, MACHINE_DEPLOYMENT, MACHINE_SET
from kurator_tui.kinds.cluster_api_aws import AWS_IDENTITY, AWS_MACHINE
from kurator_tui.kinds.kurator import (
    ATTACHED_CLUSTER,
    CLUSTER,
    CUSTOM_CLUSTER,
    ManagedClusterRow,
)
from kurator_tui.kinds.kurator_apps import CUSTOM_MACHINE
from kurator_tui.kinds.ladder import ManagedParts, Rung, Step
from kurator_tui.kinds.lifecycle import LifecycleRow
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.shapes import text
from kurator_tui.kinds.table import ObjectRow, part

HELD_FOR = 600.0
"""Seconds after which an object that is being deleted is said to be held by its finalizers."""


def value(kind: AnyKind, row: Row, key: str) -> str:
    """The text in a column of a row."""
    return text(kind.value(row, key))


class Estate:
    """The host's objects by what they are looked up by."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.now = seen.now()
        self.clusters = sorted(seen.rows(CLUSTER, HOST), key=place_of)
        self.customs = sorted(seen.rows(CUSTOM_CLUSTER, HOST), key=place_of)
        self.attached = sorted(seen.rows(ATTACHED_CLUSTER, HOST), key=place_of)
        self.made = {place_of(row): row for row in seen.rows(CAPI_CLUSTER, HOST)}
        self.hosts = {place_of(row): row for row in seen.rows(CUSTOM_MACHINE, HOST)}
        self.instances = {place_of(row): row for row in seen.rows(AWS_MACHINE, HOST)}
        self.identities = list(seen.rows(AWS_IDENTITY, HOST))
        self.pods: dict[str, list[PodRow]] = {}
        for pod in seen.rows(POD, HOST):
            if pod.owner_kind == "CustomCluster":
                self.pods.setdefault(pod.owner, []).append(pod)
        self.within: dict[tuple[str, str, str], list[ObjectRow]] = {}
        """By kind, namespace and Cluster API cluster."""
        for kind in (KUBEADM_CONTROL_PLANE, MACHINE_DEPLOYMENT, MACHINE_SET, MACHINE):
            for row in seen.rows(kind, HOST):
                key = (kind.id, row.namespace, value(kind, row, "in_cluster"))
                self.within.setdefault(key, []).append(row)
        self.members = {
            (member.kind, member.namespace, member.object_name): name for name, member in seen.members.items()
        }

    def of(self, kind: AnyKind, cluster: ObjectRow) -> list[ObjectRow]:
        """Objects of `kind` that belong to a Cluster API cluster, by name."""
        return sorted(self.within.get((kind.id, cluster.namespace, cluster.name), ()), key=place_of)

    def wraps(self, attached: ManagedClusterRow) -> ManagedClusterRow | None:
        """The CustomCluster whose kubeconfig an AttachedCluster uses."""
        return next((row for row in self.customs if _same(attached, row)), None)

    def member(self, row: ManagedClusterRow) -> str:
        """The name under which a cluster is a member; "" for none."""
        wrapping = next((each for each in self.attached if row.secret_prefix and _same(each, row)), row)
        return self.members.get((wrapping.kind, wrapping.namespace, wrapping.name), "")


def _same(attached: ManagedClusterRow, custom: ManagedClusterRow) -> bool:
    return attached.namespace == custom.namespace and attached.secret.startswith(custom.secret_prefix)


def place_of(row: Row) -> tuple[str, str]:
    return row.namespace, row.name


class Tree:
    """Where lines are in one tree."""

    def __init__(self, estate: Estate, root: Row, member: str, path: str) -> None:
        self.estate = estate
        self.root = root.name
        self.member = member
        self.path = path

    def line(self, row: Row, kind: str, of: AnyKind, health: Health, path: str, **more: Any) -> LifecycleRow:
        """The line of an object."""
        held = held_by(of, row, self.estate.now)
        worse = held is not None and SEVERITY[health.level] < SEVERITY[held.level]
        found = held if worse and held is not None else health
        return LifecycleRow(
            HOST,
            row.namespace,
            row.name,
            f"{of.id}/{row.uid}",
            row.created,
            level=found.level,
            reason=found.reason,
            path=path,
            depth=path.count("/"),
            root=self.root,
            member=self.member,
            kind=kind,
            object_kind=of.id,
            object_name=row.name,
            **more,
        )

    def steps(self, above: LifecycleRow, found: Iterable[Step]) -> Iterator[Line]:
        """A line a step, where not all are done."""
        found = tuple(found)
        if all(step.state is Rung.DONE for step in found):
            return
        for number, step in enumerate(found):
            yield Line(
                LifecycleRow(
                    HOST,
                    above.namespace,
                    step.name,
                    f"{above.uid}/{step.name}",
                    0.0,
                    level=rungs.LEVELS[step.state],
                    reason=step.reason,
                    path=f"{above.path}/!{number:02d}",
                    depth=above.depth + 1,
                    root=self.root,
                    member=self.member,
                    kind="step",
                    phase=str(step.state),
                )
            )


def held_by(kind: AnyKind, row: Row, now: float) -> Health | None:
    """What is said of an object that its finalizers keep."""
    if isinstance(row, ObjectRow):
        since = row.deleting
        names = part(kind, row, "finalizers") if "finalizers" in kind.parts else ()
    elif isinstance(row, ManagedClusterRow) and row.parts:
        its = cast(ManagedParts, row.parts)
        since, names = its.deleting, its.finalizers
    else:
        return None
    if not since or now - since < HELD_FOR:
        return None
    word = ", ".join(str(name) for name in names or ()) or "nothing that is known"
    return Health(Level.DEGRADED, f"being deleted for {_span(now - since)}: held by {word}")


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes}m"
    return f"{minutes // 60}h" if minutes < 2880 else f"{minutes // 1440}d"


def parts_of(row: ManagedClusterRow) -> ManagedParts:
    return cast(ManagedParts, row.parts) if row.parts else ManagedParts([], [])


def same_version(one: str, other: str) -> bool:
    """Whether two versions are the same, with or without the `v`."""
    return one.removeprefix("v") == other.removeprefix("v")


def towards(now: str, wanted: str) -> str:
    return "" if not wanted or same_version(now, wanted) else wanted
