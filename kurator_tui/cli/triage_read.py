"""The incidents of the fleet once all members are synced, and what could not be seen. No output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kurator_tui.cli.options import Options
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.blindspots import BLINDSPOTS, BlindspotRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State, rank
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.store.freshness import State as Freshness

_WAITING = frozenset({str(Freshness.CONNECTING), str(Freshness.SYNCING)})


class Object(NamedTuple):
    """What something is wrong with."""

    cluster: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident with its objects, those it follows from first: at most as many as the feeder tells (1000)."""

    row: IncidentRow
    objects: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong, worst first, and what could not be seen."""

    incidents: tuple[Incident, ...] = ()
    blind: tuple[BlindspotRow, ...] = ()
    unsynced: tuple[tuple[str, str], ...] = ()
    """(cluster, why) of members that are not as they are now."""
    complete: bool = True
    """Whether the feeders had judged everything in time."""
    silenced: int = 0
    """Findings that make no incident because the user's file says so."""

    @property
    def synced(self) -> bool:
        """Whether nothing is missing but what nobody lets us read."""
        return self.complete and not self.unsynced


async def read(options: Options, patience: float, *, silence: bool = True) -> Found:
    """The incidents once all that analysers read was listed, or after `patience` seconds. Raises ConsoleError."""
    from kurator_tui.cli.run import session

    kinds = (CLUSTERS.id, INCIDENTS.id, FINDINGS.id, BLINDSPOTS.id)
    async with session(options, kinds, patience, silence=silence) as (opened, _notices, complete):
        store = opened.store
        going = [
            row for row in store.rows(INCIDENTS.id) if isinstance(row, IncidentRow) and row.state != State.RESOLVED
        ]
        incidents = []
        for row in sorted(going, key=lambda row: (-rank(row), row.uid)):
            incidents.append(Incident(row, objects_of(await opened.call("incident", uid=row.uid))))
        return Found(
            tuple(incidents),
            *unseen(store.rows(BLINDSPOTS.id), store.rows(CLUSTERS.id)),
            complete,
            sum(isinstance(row, FindingRow) and bool(row.silenced) for row in store.rows(FINDINGS.id)),
        )


def objects_of(answer: str) -> tuple[Object, ...]:
    """The objects of the call `incident`, each once."""
    found = (Object(each["cluster"], each["kind"], each["namespace"], each["name"]) for each in json.loads(answer))
    return tuple(dict.fromkeys(found))


def unseen(
    blindspots: Iterable[Row], clusters: Iterable[Row]
) -> tuple[tuple[BlindspotRow, ...], tuple[tuple[str, str], ...]]:
    """What cannot be seen, and which clusters are not synced and why: (blind spots, unsynced), by name."""
    blind = sorted(
        (row for row in blindspots if isinstance(row, BlindspotRow)), key=lambda row: (row.cluster, row.name)
    )
    late = {row.cluster: f"{row.name} {row.state}" for row in reversed(blind) if row.state in _WAITING}
    for row in clusters:
        if isinstance(row, ClusterOverview) and row.state != Freshness.LIVE:
            late[row.name] = ": ".join(part for part in (row.state, row.reason) if part)
    return tuple(blind), tuple(sorted(late.items()))


def unseen_text(found: Found) -> Iterator[tuple[str, str]]:
    """(title, message) of what is missing: a line a cluster."""
    for cluster, why in found.unsynced:
        yield "Not synced", f"{cluster}: {why}"
    if not found.complete and not found.unsynced:
        yield "Not complete", "not everything was judged in time"
    late = {cluster for cluster, _why in found.unsynced}
    for cluster in dict.fromkeys(row.cluster for row in found.blind if row.cluster not in late):
        first, *more = [row for row in found.blind if row.cluster == cluster]
        others = f" and {len(more)} more" if more else ""
        yield "Not seen", f"{cluster}: {first.name} {first.state}{others}: {first.reason}".rstrip(": ")
    if found.silenced:
        yield "Silenced", f"{found.silenced} findings: --no-silence tells them"
