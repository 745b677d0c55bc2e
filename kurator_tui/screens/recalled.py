"""What was recorded of an incident that is over: the moment when it reached farthest, and what belongs to it then.

Only that is held: its findings, the rows of their objects, what events said of them, and the overviews.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State, incident_subject
from kurator_tui.kinds.overview import CLUSTERS, FLEETS
from kurator_tui.link.framing import RowReader
from kurator_tui.link.messages import RowsChanged
from kurator_tui.link.past import Past
from kurator_tui.link.recording import Entry, Mark
from kurator_tui.link.saver import beside
from kurator_tui.screens.evidence_parts import findings_of, workload_of
from kurator_tui.screens.then import findings_then
from kurator_tui.store.store import Store

WHOLE = (FLEETS.id, CLUSTERS.id, INCIDENTS.id)
"""Kinds of which all rows are held."""

Place = tuple[str, str, str, str]
"""Kind's id, cluster, namespace, name."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """An incident as it was."""

    at: float
    """Unix second."""
    findings: str
    """As the call `incident` tells them."""
    store: Store
    """What belongs to it, and how fresh its clusters were."""


async def recalled(past: Past, row: IncidentRow, now: float) -> Recalled | None:
    """What `past` knows of an incident that is over; None where nothing of it was recorded."""
    await past.look(now, row.created)
    found: list[float] = []
    await beside(lambda: found.extend(_farthest(past, row)))
    if not found or past.span(found[0]) is None:
        return None
    store = (await past.show(found[0])).rebuilt.store
    findings = findings_then(store, row.uid)
    return Recalled(found[0], findings, about(store, row, findings_of(findings))) if findings else None


async def over(past: Past, now: float) -> list[IncidentRow]:
    """Incidents that were recorded as over, each as it was last, the latest first."""
    await past.look(now)
    reader, found = RowReader(), dict[str, IncidentRow]()

    def read() -> None:
        for _at, entry in past.entries(0.0, now, Mark.TURNED):
            found.update((row.uid, row) for row in _incidents(entry, reader))

    await beside(read)
    ended = (row for row in found.values() if row.state == State.RESOLVED)
    return sorted(ended, key=lambda row: -row.resolved_at)


def _farthest(past: Past, row: IncidentRow) -> list[float]:
    """The middle of the longest time for which it held most objects: what belongs to it was there by then."""
    reader, told = RowReader(), list[tuple[float, int]]()
    for at, entry in past.entries(row.created, row.resolved_at):
        told += (
            (at, each.objects if each.state != State.RESOLVED else 0)
            for each in _incidents(entry, reader)
            if each.uid == row.uid
        )
    ends = [at for at, _objects in told[1:]] + [row.resolved_at]
    times = [
        (objects, end - at, (at + end) / 2) for (at, objects), end in zip(told, ends, strict=False) if objects
    ]
    return [max(times)[2]] if times else []


def _incidents(entry: Entry, reader: RowReader) -> list[IncidentRow]:
    """What an entry tells of incidents."""
    if not isinstance(entry, RowsChanged) or entry.kind != INCIDENTS.id:
        return []
    try:
        rows = reader.read(INCIDENTS, entry.rows)
    except msgspec.DecodeError:  # of another version
        return []
    return [each for each in rows if isinstance(each, IncidentRow)]


def about(store: Store, row: IncidentRow, findings: Iterable[FindingRow]) -> Store:
    """What of `store` belongs to an incident with these `findings`."""
    places = set(concerned(row, findings))
    named = {(cluster, namespace, name) for _kind, cluster, namespace, name in places}
    kept = Store()
    for kind in WHOLE:
        _keep(kept, kind, store.rows(kind))
    for kind in {each for each, *_ in places} - set(WHOLE):
        rows = store.rows(kind)
        _keep(kept, kind, (each for each in rows if (kind, each.cluster, each.namespace, each.name) in places))
    events = (each for each in store.rows(EVENT.id) if isinstance(each, EventRow))
    told = [each for each in events if (each.cluster, each.object_namespace, each.object_name) in named]
    _keep(kept, EVENT.id, told)
    for cluster, kind, freshness in store.freshness_items():
        if cluster in (HOST, *row.clusters):
            kept.set_freshness(cluster, kind, freshness)
    return kept


def concerned(row: IncidentRow, findings: Iterable[FindingRow]) -> list[Place]:
    """The objects of an incident, the one that leads first, and what they belong to."""
    subject = incident_subject(row)
    found: dict[Place, None] = {}
    if subject is not None:
        found[(subject.kind, subject.cluster, subject.namespace, subject.name)] = None
    for each in findings:
        found[(each.kind, each.cluster, each.namespace, each.name)] = None
        if (workload := workload_of([each])) is not None:
            found[(workload.kind, workload.cluster, workload.namespace, workload.name)] = None
        if node := each.mark("node"):
            found[("nodes", each.cluster, "", node)] = None
    return list(found)


def _keep(store: Store, kind: str, rows: Iterable[Row]) -> None:
    for row in rows:
        store.put(kind, row.cluster, {row.uid: row})
