"""The join behind `uncovered`: namespaces of a member that no schedule saves, with what is in them. Pure.

Left out is what the platform itself puts there, and would put there again: `SYSTEM`. How many those are, one row
of each member says.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read, unread
from kurator_tui.fleet.velero import Velero
from kurator_tui.kinds.apps import DAEMON_SET, STATEFUL_SET
from kurator_tui.kinds.backup_overview import UNCOVERED, UncoveredRow
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.core import NAMESPACE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.storage import PERSISTENT_VOLUME_CLAIM
from kurator_tui.kinds.table import part
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION, SCHEDULE
from kurator_tui.store.freshness import UNREADABLE

SYSTEM = (
    *(
        "kube-*",
        "velero",
        "kyverno",
        "istio-*",
        "kuma-*",
        "ingress-nginx",
        "submariner-*",
        "rook-ceph",
        "kubeedge",
    ),
    *(
        "volcano-*",
        "karmada-*",
        "flux-*",
        "kurator-*",
        "cert-manager",
        "calico-*",
        "tigera-*",
        "local-path-storage",
    ),
)
"""Namespaces of Kubernetes and of what Kurator installs: a fleet's plugins make them again."""
WORKLOADS = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)


class _Inside:
    """What is in the namespaces of a cluster: for `Seen.local`."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.workloads: dict[str, int] = {}
        self.volumes: dict[str, int] = {}
        self.capacity: dict[str, int] = {}
        for kind in WORKLOADS:
            rows: Any = seen.rows(kind, cluster)
            for row in rows:
                self.workloads[row.namespace] = self.workloads.get(row.namespace, 0) + 1
        for claim in seen.rows(PERSISTENT_VOLUME_CLAIM, cluster):
            self.volumes[claim.namespace] = self.volumes.get(claim.namespace, 0) + 1
            wanted = PERSISTENT_VOLUME_CLAIM.value(claim, "requested")
            more = wanted if isinstance(wanted, int) else 0
            self.capacity[claim.namespace] = self.capacity.get(claim.namespace, 0) + more
        self.unread = unread(seen, cluster, (*WORKLOADS, PERSISTENT_VOLUME_CLAIM))


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one member; the host's namespaces are no fleet's to save."""
    if cluster == HOST:
        return
    velero, inside = seen.local(Velero, cluster), seen.local(_Inside, cluster)
    if velero.state.state in UNREADABLE or seen.freshness(cluster, SCHEDULE).state in UNREADABLE:
        yield _row(cluster, "(not known)", Level.UNKNOWN, cannot_be_read("schedules"))
        return
    left_out = 0
    for space in seen.rows(NAMESPACE, cluster):
        if any(fnmatchcase(space.name, pattern) for pattern in SYSTEM):
            left_out += 1
        elif not space.deleting and (found := _of(velero, inside, cluster, space)) is not None:
            yield found
    if left_out:
        reason = f"{left_out} system namespaces: {', '.join(SYSTEM)}"
        yield _row(cluster, "(left out)", Level.HEALTHY, reason)


def failed(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    return _row(cluster, "(failed)", Level.FAILED, reason)


JOIN = Join(
    UNCOVERED,
    (),
    (NAMESPACE, SCHEDULE, BACKUP, BACKUP_STORAGE_LOCATION, *WORKLOADS, PERSISTENT_VOLUME_CLAIM),
    rows,
    failed=failed,
)


def _row(cluster: str, name: str, level: Level, reason: str) -> Row:
    return UncoveredRow(cluster, "", name, name, 0.0, level=level, reason=reason)


def _of(velero: Velero, inside: _Inside, cluster: str, space: Any) -> Row | None:
    """The row of a namespace; None where a schedule saves all of it."""
    partly: list[str] = []
    off: list[str] = []
    narrower: dict[str, None] = {}
    for row in velero.schedules.values():
        reach = part(SCHEDULE, row, "reach") or {}
        if not saves(reach, space.name):
            continue
        if SCHEDULE.value(row, "paused") is True or Level(row.level) is Level.FAILED:
            off.append(row.name)
        elif reach.get("narrower"):
            partly.append(row.name)
            narrower.update(dict.fromkeys(reach["narrower"]))
        else:
            return None
    workloads, volumes = inside.workloads.get(space.name, 0), inside.volumes.get(space.name, 0)
    if partly:
        why = f"only in part: {', '.join(narrower)}"
    elif off:
        why = "only by schedules that are paused or refused"
    else:
        why = velero.problem if velero.absent else "no schedule"
    if inside.unread:
        why += f"; {cannot_be_read(*inside.unread)}"
    empty = not workloads and not volumes and not inside.unread
    return UncoveredRow(
        cluster,
        space.name,
        space.name,
        space.uid,
        space.created,
        level=Level.HEALTHY if empty else Level.DEGRADED,
        reason=f"{why}; nothing runs in it" if empty else why,
        workloads=workloads,
        volumes=volumes,
        capacity=inside.capacity.get(space.name, 0),
        schedules=(*partly, *off),
    )


def saves(reach: dict[str, Any], namespace: str) -> bool:
    """Whether a schedule reaches a namespace: none included are all, excluded ones are not."""
    included, excluded = reach.get("included") or ["*"], reach.get("excluded") or []
    matches = [any(fnmatchcase(namespace, pattern) for pattern in each) for each in (included, excluded)]
    return matches[0] and not matches[1]
