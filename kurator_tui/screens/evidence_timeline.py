"""What happened around an incident, of all that is known: one list, newest first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kurator_tui.describe.common import merged
from kurator_tui.describe.writers import written
from kurator_tui.kinds.alerts import AlertRow
from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.screens.evidence_parts import Evidence

BEFORE = 3600.0
"""Seconds before the beginning from which everything is told; of what is older, changes and releases only."""
MOST = 40
"""Entries that are told."""
OLDER = 4
"""Changes and releases from before that are told."""
REPEATED = 3
"""Findings of one sort that are told one by one."""


class Happening(NamedTuple):
    """One thing that happened; `sort` says who tells it."""

    at: float
    sort: str
    where: str
    text: str
    level: Level | None = None


def timeline(known: Evidence, most: int = MOST, more: Iterable[Happening] = ()) -> list[Happening]:
    """Everything that is known and `more`, newest first, the same said twice once.

    At most `most` around the beginning.
    """
    began = known.began
    found = dict.fromkeys(each for each in (*_all(known), *more) if each.at > 0)
    ordered = sorted(found, key=lambda each: (-each.at, each.sort, each.text))
    near = [each for each in ordered if each.at >= began - BEFORE]
    older = [
        each
        for each in ordered
        if each.at < began - BEFORE and each.sort in ("change", "deploy", "release", "yours")
    ]
    return _bounded(near, began, most) + older[:OLDER]


def _bounded(near: list[Happening], began: float, most: int) -> list[Happening]:
    """At most so many, those nearest to the beginning."""
    kept = set(sorted(near, key=lambda each: (abs(each.at - began), each.sort))[:most])
    return [each for each in near if each in kept]


def _all(known: Evidence) -> Iterator[Happening]:
    yield from _findings(known.findings.value or ())
    cluster = _cluster(known)
    yield from happened(known.events.value or ())
    yield from happened(known.deploys.value or (), "deploy")
    for at, where, text in known.origin.value.deploys if known.origin.value is not None else ():
        yield Happening(at, "deploy", where, text)
    yield from changes(known.object.value, cluster)
    yield from changes(known.belongs.value, cluster)
    for entry in known.releases.value or ():
        yield Happening(entry.at, "release", entry.cluster, entry.text)
    yield from _audited(known.audit.value or ())
    yield from _alerts(known.alerts.value or ())


def _cluster(known: Evidence) -> str:
    return known.row.target.partition("/")[0]


def _findings(findings: Iterable[FindingRow]) -> Iterator[Happening]:
    """Each sort of finding with the first of its objects, then where else."""
    sorts: dict[tuple[str, str], list[FindingRow]] = {}
    for each in findings:
        sorts.setdefault((each.code, each.title), []).append(each)
    for (code, title), alike in sorts.items():
        alike.sort(key=lambda each: each.created)
        for each in alike[:REPEATED]:
            where = "/".join(part for part in (each.namespace, each.name) if part)
            yield Happening(each.created, "finding", each.cluster, f"{title}: {where} ({code})", Level.FAILED)
        if len(alike) > REPEATED:
            last = alike[-1]
            more = f"{title}: {len(alike) - REPEATED} more objects up to here ({code})"
            yield Happening(last.created, "finding", last.cluster, more, Level.FAILED)


def happened(events: Iterable[EventRow], sort: str = "event") -> Iterator[Happening]:
    """Events, those that say the same as one."""
    for event in merged(events):
        times = f" ({event.count} times)" if event.count > 1 else ""
        about = f"{event.object_kind.casefold()}/{event.object_name}: " if event.object_name else ""
        level = Level.DEGRADED if event.type == "Warning" else None
        text = f"{about}{event.reason} {' '.join(event.message.split())}{times}"
        yield Happening(event.last_seen, sort, event.cluster, text, level)


def changes(obj: dict[str, Any] | None, cluster: str) -> Iterator[Happening]:
    """Who wrote an object; status is what controllers do all the time."""
    if obj is None:
        return
    named = f"{str(obj.get('kind') or 'object').casefold()}/{(obj.get('metadata') or {}).get('name', '')}"
    for each in written(obj):
        if not each.part:
            yield Happening(each.at, "change", cluster, f"{named}: {each.manager} wrote {each.words}")


def _audited(rows: Iterable[AuditRow]) -> Iterator[Happening]:
    for row in rows:
        text = f"{row.name}: {row.verb} by {row.who or 'this user'}, {row.outcome}"
        yield Happening(row.created, "yours", row.cluster, text)


def _alerts(rows: Iterable[AlertRow]) -> Iterator[Happening]:
    for row in rows:
        said = f": {row.summary}" if row.summary else ""
        yield Happening(row.created, "alert", row.cluster, f"{row.name} {row.state}{said}", Level.DEGRADED)
