"""The join behind `exportedservices`: what members export to each other, and imports that nobody exports."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.derived import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Health, Level, Row
from kurator_tui.kinds.interconnect import EXPORTED_SERVICES, IMPORTED, ExportedServiceRow
from kurator_tui.kinds.submariner import SERVICE_EXPORT, SERVICE_IMPORT
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State

Place = tuple[str, str]
"""(namespace, name)."""
_SOURCE = "lighthouse.submariner.io/sourceName", "lighthouse.submariner.io/sourceNamespace"
"""Labels of an import that is kept in Submariner's own namespace, under another name."""


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The exports of one member, and its imports of what is exported no more."""
    exporters = {name: {_place(row) for row in seen.rows(SERVICE_EXPORT, name)} for name in seen.members}
    imports = {name: {_imported(row): row for row in seen.rows(SERVICE_IMPORT, name)} for name in seen.members}
    own = imports.get(cluster, {})
    for export in seen.rows(SERVICE_EXPORT, cluster):
        place = _place(export)
        by = [name for name in sorted(exporters) if place in exporters[name]]
        count = sum(place in those for those in imports.values())
        yield _row(cluster, export, place, own.get(place), by, count, _judged(export))
    for place, imported in own.items():
        gone = _gone(seen, place, imported, exporters)
        if gone and place not in exporters.get(cluster, ()):
            by = [name for name in sorted(exporters) if place in exporters[name]]
            count = sum(place in those for those in imports.values())
            told = "stale import", Health(Level.DEGRADED, f"backed by {', '.join(gone)}, where nobody exports it")
            yield _row(cluster, imported, place, imported, by, count, told, IMPORTED)


def failed(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    return ExportedServiceRow(cluster, "", cluster, f"failed/{cluster}", 0.0, level=Level.FAILED, reason=reason)


JOIN = Join(EXPORTED_SERVICES, (), (SERVICE_EXPORT, SERVICE_IMPORT), rows, failed, crossed=True)


def _judged(export: ObjectRow) -> tuple[str, Health]:
    """Status in a word, and health."""
    health = Health(Level(export.level), export.reason)
    if health.level is Level.DEGRADED:
        return "conflict", health
    if health.level is Level.FAILED:
        return "not valid", health
    return ("exported" if health.level is Level.HEALTHY else "waiting"), health


def _gone(seen: Seen, place: Place, row: ObjectRow, exporters: dict[str, set[Place]]) -> list[str]:
    """Members that an import names, and that tell that they export no such service."""
    named = part(SERVICE_IMPORT, row, "clusters") or ()
    return [
        name
        for name in named
        if isinstance(name, str)
        and place not in exporters.get(name, {place})
        and seen.freshness(name).state is State.LIVE
        and seen.freshness(name, SERVICE_EXPORT).state is State.LIVE
    ]


def _row(
    cluster: str,
    row: ObjectRow,
    place: Place,
    imported: ObjectRow | None,
    by: list[str],
    count: int,
    told: tuple[str, Health],
    kind: str = SERVICE_EXPORT.id,
) -> ExportedServiceRow:
    namespace, name = place
    status, health = told
    return ExportedServiceRow(
        cluster,
        namespace,
        name,
        f"{kind}/{namespace}/{name}",
        row.created,
        status=status,
        clusters=", ".join(by),
        imported=count,
        type=_cell(imported, "type"),
        ip=_cell(imported, "ips"),
        ports=_cell(imported, "ports"),
        host=f"{name}.{namespace}.svc.clusterset.local",
        kind=kind,
        level=str(health.level),
        reason=health.reason,
    )


def _cell(row: ObjectRow | None, key: str) -> str:
    return str(SERVICE_IMPORT.value(row, key) or "") if row is not None else ""


def _place(row: Row) -> Place:
    return row.namespace, row.name


def _imported(row: ObjectRow) -> Place:
    """The service that an import is of."""
    labels = dict(row.labels)
    name, namespace = (labels.get(key, "") for key in _SOURCE)
    return (namespace, name) if name and namespace else _place(row)
