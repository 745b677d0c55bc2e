"""Which object a row of any table stands for. Pure."""

from __future__ import annotations

from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.forwards import ForwardRow
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.kinds.reading import Which

_MEMBERS = {kind.name: kind for kind in (CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER)}


class NoObject(Exception):
    """The row stands for no object; the message says why."""


def as_object(kind: AnyKind, row: Row) -> tuple[AnyKind, Row]:
    """The object that `row` stands for, as a row of its own kind; other rows as they are. Raises NoObject."""
    if kind.subject is None:
        return kind, row
    from kurator_tui.kinds.registry import KINDS  # the first frame waits for no kinds

    which = target(kind, row)
    return KINDS[which.kind], Row(which.cluster, which.namespace, which.name, "", row.created)


def target(kind: AnyKind, row: Row) -> Which:
    """The object behind `row` of `kind`. Raises NoObject."""
    if isinstance(row, FleetOverview):
        return Which(HOST, FLEET.id, row.namespace, row.name)
    if isinstance(row, ClusterOverview):
        member = _MEMBERS.get(row.kind)
        if member is None:
            raise NoObject(f"{row.name} is known by {row.via or 'its context'}: there is no object of it")
        return Which(HOST, member.id, row.namespace, row.object_name or row.name)
    if isinstance(row, ForwardRow):
        return Which(row.cluster, row.kind, row.namespace, row.name)
    if isinstance(row, AuditRow):
        if row.target is None:
            raise NoObject("this entry is about no object")
        return Which(row.target.cluster, row.target.kind, row.target.namespace, row.target.name)
    if kind.subject is not None:
        subject = kind.subject(row)
        if subject is None:
            raise NoObject("this line is no object")
        return Which(subject.cluster, subject.kind, subject.namespace, subject.name)
    if kind.derived:
        raise NoObject(f"a row of {kind.plural or kind.id} is no object")
    return Which(row.cluster, kind.id, row.namespace, row.name)
