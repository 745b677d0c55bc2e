"""Entries of the audit as rows: one a write, or a note about a plan. `actions.audit` keeps them. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from kurator_tui.kinds.base import HEALTHY, AnyKind, Column, Format, Health, Interned, Kind, Level, Row
from kurator_tui.kinds.plans import Line, Target

BEGUN = "begun"
"""What is said of a write whose outcome is not in the audit."""


class AuditRow(Row, frozen=True, gc=False, array_like=True):
    """One write; `name` is `kind/name` of its object, `created` the Unix second in which it was begun."""

    plan: Interned = ""
    verb: Interned = ""
    request: str = ""
    outcome: Interned = BEGUN
    message: str = ""
    who: Interned = ""
    diff: tuple[Line, ...] = ()
    target: Target | None = None


class _Entry(msgspec.Struct, frozen=True):
    """What is read of an entry (`actions.audit.Entry`)."""

    event: str
    at: str
    plan: str
    verb: str
    step: int = -1
    target: Target | None = None
    request: str = ""
    diff: tuple[Line, ...] = ()
    outcome: str = ""
    message: str = ""
    user: str = ""
    host_user: str = ""


_Place = tuple[str, int, str]
"""Plan, step and cluster of a write."""


def audit_rows(answer: str) -> list[AuditRow]:
    """The rows of a JSON list of entries, in order: an outcome belongs to the write that was begun before it.

    Raises msgspec.DecodeError.
    """
    rows: dict[_Place, AuditRow] = {}
    for number, entry in enumerate(msgspec.json.decode(answer, type=list[_Entry])):
        cluster = entry.target.cluster if entry.target else ""  # each feeder numbers the steps of its own
        place = (entry.plan, entry.step if entry.step >= 0 else -number - 1, cluster)
        before = rows.get(place)
        if before is None:
            rows[place] = _row(entry, place)
        else:
            outcome, message = entry.outcome or before.outcome, entry.message or before.message
            rows[place] = msgspec.structs.replace(before, outcome=outcome, message=message)
    return list(rows.values())


def _row(entry: _Entry, place: _Place) -> AuditRow:
    target = entry.target
    name = f"{target.kind.partition('.')[0]}/{target.name}" if target else entry.message
    return AuditRow(
        target.cluster if target else "",
        target.namespace if target else "",
        name,
        f"{place[0]}/{place[1]}",
        _moment(entry.at),
        entry.plan,
        entry.verb,
        entry.request,
        entry.outcome or ("note" if entry.event == "note" else BEGUN),
        entry.message,
        entry.user or entry.host_user,
        entry.diff,
        target,
    )


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


_LEVELS = {"done": Level.HEALTHY, "note": Level.HEALTHY, "found done": Level.HEALTHY, "failed": Level.FAILED}


def audit_health(row: AuditRow) -> Health:
    """Healthy when it was done; what nobody knows is unknown, and so is what was begun."""
    level = _LEVELS.get(
        row.outcome, Level.DEGRADED if row.outcome in ("skipped", "not written") else Level.UNKNOWN
    )
    return HEALTHY if level is Level.HEALTHY else Health(level, row.message or row.outcome)


AUDIT: AnyKind = Kind(
    id="audit",
    name="Audit",
    plural="changes",
    row=AuditRow,
    health=audit_health,
    sort="-age",
    columns=(
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=0),
        Column("health", "OUTCOME", lambda r: r.outcome, priority=0, level=lambda r: audit_health(r).level),
        Column("verb", "VERB", lambda r: r.verb, priority=0),
        Column("name", "OBJECT", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("who", "WHO", lambda r: r.who, priority=3),
        Column("plan", "PLAN", lambda r: r.plan, priority=4),
        Column("request", "REQUEST", lambda r: r.request, priority=5),
        Column("reason", "MESSAGE", lambda r: r.message, priority=2, width=80),
    ),
)
