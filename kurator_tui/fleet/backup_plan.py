"""Which Kurator Backup, Restore or Migrate is to run on which member, and as what: the host's side of the joins.

Pure: rows in, plans out. Kurator looks the fleet up in the object's own namespace, and names Velero's objects
after the cluster, what is done, and the object (`<cluster>-backup-<namespace>-<name>`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.kurator import FLEET, FleetRow
from kurator_tui.kinds.kurator_backups import BACKUP, MIGRATE, RESTORE
from kurator_tui.kinds.shapes import text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.velero_runs import COMPLETED, Copy, read_copies
from kurator_tui.store.freshness import State

HOST_KINDS = (BACKUP, RESTORE, MIGRATE, FLEET)
Place = tuple[str, str]
"""(kind, name) of a cluster's object."""


class Planned(NamedTuple):
    """One object on one cluster. `velero` is the name of the Backup, Schedule or Restore that Kurator makes there,
    `copy` what Kurator saw of it last; `waits` says what has to happen before, `problem` why it cannot run."""

    kind: str
    row: ObjectRow
    step: str
    velero: str
    schedule: str = ""
    copy: Copy | None = None
    fleet: str = ""
    waits: str = ""
    problem: str = ""

    @property
    def uid(self) -> str:
        """Of its row on any cluster."""
        return f"{self.row.uid}/{self.step}"


class _Host:
    def __init__(self, seen: Seen) -> None:
        self.fleets: dict[Place, FleetRow] = {(row.namespace, row.name): row for row in seen.rows(FLEET, HOST)}
        self.fleets_known = seen.freshness(HOST, FLEET).state is State.LIVE
        self.backups = {(row.namespace, row.name): row for row in seen.rows(BACKUP, HOST)}
        self.clusters = {
            (member.kind, member.namespace, member.object_name): name for name, member in seen.members.items()
        }


class _Target(NamedTuple):
    """Where something goes: clusters as (kind, name), and what is wrong with that."""

    fleet: str
    clusters: list[Place]
    problem: str


def plans(seen: Seen) -> dict[str, list[Planned]]:
    """What is planned for each cluster, by its name; what goes to no cluster that is known, on the host."""
    host, found = _Host(seen), dict[str, list[Planned]]()
    for cluster, planned in _all(seen, host):
        found.setdefault(cluster, []).append(planned)
    return found


def _all(seen: Seen, host: _Host) -> Iterator[tuple[str, Planned]]:
    for row in seen.rows(BACKUP, HOST):
        schedule = str(BACKUP.value(row, "schedule") or "")
        target = _target(host, row, part(BACKUP, row, "plan"))
        yield from _spread(host, "Backup", row, "backup", target, part(BACKUP, row, "runs"), schedule=schedule)
    for row in seen.rows(RESTORE, HOST):
        yield from _spread(host, "Restore", row, "restore", _restored(host, row), part(RESTORE, row, "runs"))
    for row in seen.rows(MIGRATE, HOST):
        yield from _migrated(host, row)


def _restored(host: _Host, row: ObjectRow) -> _Target:
    """A Restore goes where it says, else where its Backup goes."""
    plan = part(RESTORE, row, "plan") or {}
    name = str(RESTORE.value(row, "backup") or "")
    backup = host.backups.get((row.namespace, name))
    if backup is None:
        target = _target(host, row, plan)
        return target._replace(problem=target.problem or f"there is no Backup {name}")
    its = part(BACKUP, backup, "plan") or {}
    target = _target(
        host,
        row,
        {"fleet": plan.get("fleet") or its.get("fleet"), "clusters": plan.get("clusters") or its.get("clusters")},
    )
    outside = [
        name
        for _kind, name in target.clusters
        if its.get("clusters") and name not in {each[1] for each in its["clusters"]}
    ]
    if outside and not target.problem:
        return target._replace(problem=f"its Backup does not save {', '.join(outside)}")
    return target


def _migrated(host: _Host, row: ObjectRow) -> Iterator[tuple[str, Planned]]:
    given = part(MIGRATE, row, "source") or {}
    source = _target(host, row, given)
    if len(given.get("clusters") or ()) != 1 and not source.problem:
        source = source._replace(problem="it has to name exactly one source cluster")
    saved = part(MIGRATE, row, "saved")
    yield from _spread(host, "Migrate", row, "backup", source, saved)
    waits = ""
    for _kind, name in source.clusters[:1]:
        copy = read_copies(saved).get(name)
        if copy is None or copy.run.phase != COMPLETED:
            waits = f"waits for the backup on {name}" + (f": {copy.run.phase}" if copy and copy.run.phase else "")
    target = _target(host, row, part(MIGRATE, row, "target"))
    yield from _spread(host, "Migrate", row, "restore", target, part(MIGRATE, row, "restored"), waits=waits)


def _target(host: _Host, row: ObjectRow, plan: Any) -> _Target:
    """Where a destination leads; the whole fleet where it names no clusters."""
    plan = plan or {}
    fleet = plan.get("fleet") if isinstance(plan.get("fleet"), str) else ""
    named = [(text(kind) or "Cluster", text(name)) for kind, name in plan.get("clusters") or () if text(name)]
    its = host.fleets.get((row.namespace, fleet or ""))
    if its is None:
        return _Target(fleet or "", named, f"the fleet {fleet} does not exist" if host.fleets_known else "")
    return _Target(fleet or "", named or list(its.members), "")


def _spread(
    host: _Host,
    kind: str,
    row: ObjectRow,
    step: str,
    target: _Target,
    copies: Iterable[Any] | None,
    *,
    schedule: str = "",
    waits: str = "",
) -> Iterator[tuple[str, Planned]]:
    """One object over its clusters; on the host where it reaches none."""
    known = read_copies(copies)
    fleet = host.fleets.get((row.namespace, target.fleet))
    word = "migrate" if kind == "Migrate" else step
    reached = False
    for place in target.clusters:
        name = host.clusters.get((place[0], row.namespace, place[1]))
        if name is None:
            continue
        reached = True
        outside = fleet is not None and place not in fleet.members
        problem = target.problem or (f"{place[1]} is not in the fleet {target.fleet}" if outside else "")
        velero = f"{place[1]}-{word}-{row.namespace}-{row.name}"
        copy = known.get(place[1])
        yield name, Planned(kind, row, step, velero, schedule, copy, target.fleet, waits, problem)
    if not reached:
        missing = ", ".join(name for _kind, name in target.clusters[:3])
        problem = target.problem or (f"no such cluster: {missing}" if missing else "it names no cluster")
        yield HOST, Planned(kind, row, step, "", schedule, None, target.fleet, waits, problem)
