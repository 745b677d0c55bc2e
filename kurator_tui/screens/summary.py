"""The status line's content from the store: pure functions, tested from rows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable

from kurator_tui.kinds.base import HOST, SEVERITY, Level, Row
from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.findings import Severity, finding_level
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.incidents import State as Going
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview
from kurator_tui.screens.source import LIVE, STARTING, Source
from kurator_tui.store.freshness import STATE_LEVELS, State
from kurator_tui.widgets.status_line import Status, Trouble


def members(rows: Iterable[ClusterOverview]) -> list[ClusterOverview]:
    """All clusters but the host."""
    return [row for row in rows if row.kind != "Host" and row.name != HOST]


def describe(
    source: Source,
    now: float,
    *,
    fleet: str = "",
    read_only: bool = False,
    ascii_only: bool = False,
    clusters: frozenset[str] = frozenset(),
    plans: tuple[int, int] | None = None,
    put_off: Callable[[IncidentRow], bool] | None = None,
    as_of: tuple[str, ...] = (),
    unrecorded: str = "",
) -> Status:
    """The status line at `now` (Unix seconds). Nodes and pods are summed over what was listed.

    With `clusters` only those are counted, and it says so. `plans` is how much of what is applied is settled.
    Incidents that are `put_off` are not counted.
    `as_of` says of which moment the rows are, where they are not live; `unrecorded` why none of now is kept.
    """
    every = [row for row in source.store.rows(CLUSTERS.id) if isinstance(row, ClusterOverview)]
    if clusters:
        every = [row for row in every if row.name in clusters]
    rows = members(every)
    fleets = [row.name for row in source.store.rows(FLEETS.id)]
    lost = source.feeder_state not in (LIVE, STARTING)
    return Status(
        context=source.host.context if source.host else "",
        fleet=fleet or (fleets[0] if len(fleets) == 1 else ""),
        members=len(rows),
        live=0 if lost else sum(row.state == State.LIVE for row in rows),
        troubles=() if lost else (*host_trouble(source, now), *troubles(rows, now)),
        nodes=_sum(row.nodes for row in every),
        pods=_sum(row.pods for row in every),
        incidents=incidents(source.store.rows(INCIDENTS.id), put_off),
        counting=any(row.state in _COUNTING for row in every),
        read_only=read_only,
        feeder=source.feeder_state if lost else "",
        clock=time.strftime("%H:%M:%S", time.localtime(now)),
        ascii_only=ascii_only,
        scoped=bool(clusters),
        plans=plans,
        as_of=as_of,
        unrecorded=unrecorded,
    )


def incidents(
    rows: Iterable[Row], put_off: Callable[[IncidentRow], bool] | None = None
) -> tuple[tuple[str, Level, int], ...]:
    """(severity, how it is drawn, how many) of those that go on and are worth a look now, the worst first.

    Those that nobody looks at any more count: they are not over because somebody left the inbox.
    """
    going = [row for row in rows if isinstance(row, IncidentRow) and row.state != Going.RESOLVED]
    matter = [row for row in going if finding_level(row.severity) in _MATTER]
    found = Counter(row.severity for row in matter if put_off is None or not put_off(row))
    return tuple((each, finding_level(each), found[each]) for each in Severity if found[each])


_MATTER = (Level.DEGRADED, Level.FAILED)

_COUNTING = (State.CONNECTING, State.SYNCING)
_SILENT = (State.STALE, State.UNREACHABLE, State.FORBIDDEN)


def host_trouble(source: Source, now: float) -> tuple[Trouble, ...]:
    """The host, when it does not answer: then nothing that Kurator says is known to be true now."""
    told = source.store.freshness(HOST)
    if told.state not in _SILENT:
        return ()
    age = f" {duration(now - told.since)}" if told.since else ""
    return (Trouble(HOST, f"{told.state}{age}", STATE_LEVELS[told.state]),)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def troubles(rows: list[ClusterOverview], now: float) -> tuple[Trouble, ...]:
    """Members that are not live, worst first and then longest first."""
    found = [
        (Trouble(row.name, state_text(row, now), STATE_LEVELS.get(row.state, Level.UNKNOWN)), row.since)
        for row in rows
        if row.state != State.LIVE
    ]
    found.sort(key=lambda item: (-SEVERITY[item[0].level], item[1], item[0].cluster))
    return tuple(trouble for trouble, _ in found)


def state_text(row: ClusterOverview, now: float) -> str:
    """A member's state and for how long: `stale 4m`."""
    return f"{row.state} {duration(now - row.since)}" if row.since else row.state
