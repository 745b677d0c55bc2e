"""The join behind `exportedservices`: what members export to each other, and imports that nobody exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kurator_tui.fleet.join import Join
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


@dataclass(frozen=True, slots=True)
class _Everywhere:
    """Exports and imports of all members."""

    by: dict[Place, list[str]]
    """Service -> members that export it, by name."""
    imports: dict[str, dict[Place, ObjectRow]]
    """Member -> its imports."""
    imported: Counter[Place]
    """Service -> how many members import it."""


def _everywhere(seen: Seen) -> _Everywhere:
    by: dict[Place, list[str]] = {}
    for name in sorted(seen.members):
        for place in {_place(row) for row in seen.rows(SERVICE_EXPORT, name)}:
            by.setdefault(place, []).append(name)
    imports = {name: {_imported(row): row for row in seen.rows(SERVICE_IMPORT, name)} for name in seen.members}
    return _Everywhere(by, imports, Counter(place for those in imports.values() for place in those))


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The exports of one member, and its imports of what is exported no more."""
    everywhere = seen.shared(_everywhere)
    own = everywhere.imports.get(cluster, {})
    for export in seen.rows(SERVICE_EXPORT, cluster):
        place = _place(export)
        by, count = everywhere.by.get(place, []), everywhere.imported[place]
        yield _row(cluster, export, place, own.get(place), by, count, _judged(export))
    for place, imported in own.items():
        by, count = everywhere.by.get(place, []), everywhere.imported[place]
        gone = _gone(seen, imported, by)
        if gone and cluster not in by:
            told = "stale import", Health(Level.DEGRADED, f"backed by {', '.join(gone)}, where nobody exports it")
            yield _row(cluster, imported, place, imported, by, count, told, IMPORTED)


JOIN = Join(EXPORTED_SERVICES, (), (SERVICE_EXPORT, SERVICE_IMPORT), rows, crossed=True)


def _judged(export: ObjectRow) -> tuple[str, Health]:
    """Status in a word, and health."""
    health = Health(Level(export.level), export.reason)
    if health.level is Level.DEGRADED:
        return "conflict", health
    if health.level is Level.FAILED:
        return "not valid", health
    return ("exported" if health.level is Level.HEALTHY else "waiting"), health


def _gone(seen: Seen, row: ObjectRow, by: list[str]) -> list[str]:
    """Members that an import names, and that tell that they export no such service."""
    named = part(SERVICE_IMPORT, row, "clusters") or ()
    return [
        name
        for name in named
        if isinstance(name, str)
        and name in seen.members
        and name not in by
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
