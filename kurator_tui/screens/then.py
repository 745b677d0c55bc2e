"""What rows of another moment answer in a feeder's place. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from kurator_tui.kinds.alerts import ALERTS
from kurator_tui.kinds.base import Row, Subject
from kurator_tui.kinds.cells import cell_text
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, incident_subject
from kurator_tui.kinds.reading import LIVE, REFUSED, Happened, Standing, encode
from kurator_tui.kinds.registry import KINDS
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Store

MOST = 200
"""Findings that are told of."""
NO_OBJECTS = "objects are not recorded, only their rows"
_PLACE = frozenset({"name", "namespace", "cluster", "age"})
"""Columns that say which object it is."""
_KEYS = ("cluster", "namespace", "name", "kind", "code", "severity", "title", "message", "uid")


def findings_then(store: Store, uid: str) -> str | None:
    """The call `incident` out of recorded findings: the leading one, those with the mark that makes them one, and
    as many others with it as followed from these. None where none of these were recorded.
    """
    incident = next((row for row in store.rows(INCIDENTS.id) if row.uid == uid), None)
    if not isinstance(incident, IncidentRow):
        return None
    rows = [row for row in store.rows(FINDINGS.id) if isinstance(row, FindingRow) and _of(row, incident)]
    rows.sort(key=lambda row: (not _leads(row, incident), row.cluster, row.namespace, row.name))
    same = [row for row in rows if row.code == incident.code]
    others = [row for row in rows if row.code != incident.code][: incident.symptoms]
    told = [{**_told(row), "follows": False} for row in same[:MOST]]
    because = f"recorded with the same {incident.cause}"
    told += [{**_told(row), "follows": True, "because": because} for row in others[: MOST - len(told)]]
    return json.dumps(told) if told else None


def _told(row: FindingRow) -> dict[str, object]:
    return {**{key: getattr(row, key) for key in _KEYS}, "since": row.created, "marks": dict(row.marks)}


def _of(row: FindingRow, incident: IncidentRow) -> bool:
    """Whether a finding leads, or has the incident's mark in its clusters; an owner is one in its namespace."""
    if _leads(row, incident):
        return True
    subject = incident_subject(incident)
    elsewhere = subject is not None and incident.cause.startswith("owner ") and row.namespace != subject.namespace
    if elsewhere or row.cluster not in (incident.clusters or (row.cluster,)):
        return False
    return any(f"{what} {value}" == incident.cause for what, value in row.marks)


def _leads(row: FindingRow, incident: IncidentRow) -> bool:
    target = "/".join(part for part in (row.cluster, row.namespace, row.name) if part)
    return (target, row.kind, row.code) == (incident.target, incident.kind, incident.code)


def object_then(store: Store, which: Mapping[str, str]) -> list[bytes]:
    """The stream `object`: of the object that it is not known, and its events if they were read in its cluster."""
    cluster, name = which["cluster"], which["name"]
    told = [encode(Standing(REFUSED, 0.0, NO_OBJECTS))]
    if not read_then(store, EVENT.id, cluster):
        return [*told, encode(Standing(REFUSED, 0.0, nobody_read(EVENT.id), events=True))]
    kind = KINDS[which["kind"]].name if which["kind"] in KINDS else ""
    found = [
        row
        for row in store.rows(EVENT.id, cluster)
        if isinstance(row, EventRow)
        and (row.object_kind, row.object_name) == (kind, name)
        and (row.object_namespace or row.namespace) == (which["namespace"] or row.namespace)
    ]
    return [*told, encode(Happened(found, anew=True)), encode(Standing(LIVE, 0.0, events=True))]


def alerts_then(store: Store) -> str | None:
    """The call `alerts`; None where nobody read them."""
    if not read_then(store, ALERTS.id):
        return None
    return msgspec.json.encode([msgspec.structs.asdict(row) for row in store.rows(ALERTS.id)]).decode()


def read_then(store: Store, kind: str, cluster: str = "") -> bool:
    """Whether rows of `kind` were read in `cluster`, or in any."""
    told = ((place, each.state) for place, about, each in store.freshness_items() if about == kind)
    if any(state is not State.UNREAD and cluster in ("", place) for place, state in told):
        return True
    return store.count(kind, cluster or None) > 0


def nobody_read(kind: str) -> str:
    return f"nobody read {KINDS[kind].plural} then"


def row_told(store: Store, subject: Subject, now: float) -> str:
    """What the row of an object says: `STATUS CrashLoopBackOff · RESTARTS 7`; "" where none is known."""
    kind = KINDS.get(subject.kind)
    place = (subject.namespace, subject.name)
    rows = store.rows(subject.kind, subject.cluster)
    row = next((each for each in rows if (each.namespace, each.name) == place), None)
    return cells_told(row, subject.kind, now) if row is not None and kind is not None else ""


def cells_told(row: Row, kind: str, now: float) -> str:
    """The cells of a row that say more than which object it is."""
    shown = (
        (column.title, cell_text(column.value(row), column.format, now))
        for column in KINDS[kind].columns
        if column.key not in _PLACE and not column.hidden and not column.wide
    )
    return " · ".join(f"{title} {text}" for title, text in shown if text)
