"""The last hop of a propagation: the object as the member itself says, beside what Karmada says of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from kurator_tui.fleet.aggregate import karmada_name
from kurator_tui.fleet.karmada_binding import Told, bound
from kurator_tui.fleet.karmada_plane import WORKLOADS, Plane
from kurator_tui.fleet.propagation_lines import LEVELS, object_at
from kurator_tui.fleet.propagations import BINDINGS
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HOST, SEVERITY, AnyKind, Level, Row
from kurator_tui.kinds.propagations import StepRow, root_of
from kurator_tui.store.freshness import UNREADABLE, State

_KINDS: dict[tuple[str, str], AnyKind] = {(f"{kind.group}/v1", kind.name): kind for kind in WORKLOADS}


class Brought(NamedTuple):
    """What the host's Karmada brings to a member, and what it is told of it."""

    uid: str
    kind: str
    namespace: str
    name: str
    known_as: str
    """The member's name in Karmada."""
    told: Told | None
    suspended: bool


def planned(seen: Seen) -> dict[str, list[Brought]]:
    """By member: what the host's Karmada brings there, of kinds whose rows are read."""
    plane, found = Plane(seen, HOST), dict[str, list[Brought]]()
    names = _names(seen)
    for kind in BINDINGS:
        for row in seen.rows(kind, HOST):
            its = seen.unchanged(("brought", row.uid), (row,), partial(bound, kind, row, plane))
            template = its.template
            if (template.api, template.kind) not in _KINDS:
                continue
            for cluster in dict.fromkeys((*its.clusters, *its.evicting)):
                if (member := names.get(cluster)) is not None:
                    off, told = its.suspended(cluster), its.told.get(cluster)
                    found.setdefault(member, []).append(
                        Brought(row.uid, template.kind, template.namespace, template.name, cluster, told, off)
                    )
    return found


def _names(seen: Seen) -> dict[str, str]:
    """Member by the name it has in Karmada: Kurator's, else its own."""
    found = {}
    for name, member in seen.members.items():
        if name != HOST:
            for known_as in (name, member.object_name, karmada_name(member)):
                found[known_as] = name
    return found


class _Objects:
    """One member's workloads by kind, namespace and name."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.rows = {
            (kind.name, row.namespace, row.name): row for kind in WORKLOADS for row in seen.rows(kind, cluster)
        }


def member_rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The lines of a member; none while what it has is not known."""
    brought = seen.shared(planned).get(cluster, ())
    if not brought:
        return
    here = seen.local(_Objects, cluster)
    for each in brought:
        kind = next(one for one in WORKLOADS if one.name == each.kind)
        state = seen.freshness(cluster, kind).state
        row = here.rows.get((each.kind, each.namespace, each.name))
        if row is not None or state in (State.LIVE, *UNREADABLE):
            yield _line(cluster, each, kind, row, readable=state not in UNREADABLE)


def _line(cluster: str, brought: Brought, kind: AnyKind, row: Any, *, readable: bool) -> StepRow:
    level, state, reason = _compared(brought, kind, row, readable=readable)
    root = root_of(brought.namespace, brought.kind, brought.name)
    at = f"{object_at(brought.known_as)} 0"
    return StepRow(
        cluster,
        brought.namespace,
        f"itself on {cluster}",
        f"{brought.uid} {at}",
        row.created if row is not None else 0.0,
        level=level,
        reason=reason,
        hop="member",
        state=state,
        depth=5,
        path=f"{root} {at}",
        root=root,
        member=brought.known_as,
        object_kind=kind.id if row is not None else "",
        object_namespace=brought.namespace,
        object_name=brought.name,
    )


def _compared(brought: Brought, kind: AnyKind, row: Any, *, readable: bool) -> tuple[Level, str, str]:
    """What the member says, and where Karmada says otherwise."""
    told = brought.told
    if row is None and not readable:
        return Level.UNKNOWN, "", f"{cannot_be_read(kind.plural)} here"
    if row is None:
        if told is not None and told.applied:
            return Level.DEGRADED, "missing", "Karmada says it is applied, and it is not here"
        return Level.HEALTHY if brought.suspended else Level.PROGRESSING, "missing", "not here yet"
    own = kind.health(row)
    said = str(own.level)
    if told is None:
        return own.level, said, own.reason
    theirs = LEVELS.get(told.health, Level.UNKNOWN)
    good = own.level is Level.HEALTHY
    if theirs is not Level.UNKNOWN and good != (theirs is Level.HEALTHY) and own.level is not Level.PROGRESSING:
        level = max(own.level, Level.DEGRADED, key=SEVERITY.__getitem__)
        return level, said, f"{own.reason or 'all is well here'}, but Karmada says {told.health}".strip()
    return own.level, said, own.reason
