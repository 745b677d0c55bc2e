"""What screens say about rows of any kind: titles, which clusters are missing, the details of one row. Pure."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kurator_tui.kinds.base import AnyColumn, AnyKind, Column, Format, Level, Row
from kurator_tui.kinds.blindspots import BLINDSPOTS
from kurator_tui.kinds.cells import cell_text, duration, inert
from kurator_tui.kinds.findings import FINDINGS
from kurator_tui.link.remembered import REASON as FROM_LAST_SESSION
from kurator_tui.screens.facts import ago, verdict
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.widgets.detail_pane import Line, Section
from kurator_tui.widgets.layout import cells

WAITING = (State.CONNECTING, State.SYNCING)
MISSING = (State.UNREACHABLE, State.FORBIDDEN, State.UNREAD)
HOW = {"forwards": ": :forward PORT on a pod, service or workload makes one"}
"""Kinds of this console that only its user makes -> how."""
JUDGED = frozenset({FINDINGS.id, BLINDSPOTS.id})
"""Kinds that triage makes of whatever is known of a cluster: nobody tells how fresh they are."""
NAMED = 2
"""Clusters without rows that a title names; the others are counted."""


def title_of(kind: AnyKind, *, alone: bool = True) -> str:
    """`HelmReleases`; not `alone`, where another kind has the same plural, with the group."""
    shared = 0
    for one, other in zip(kind.name.casefold(), kind.plural, strict=False):
        if one != other:
            break
        shared += 1
    title = kind.name[:shared] + kind.plural[shared:] if shared else kind.plural.capitalize()
    return title if alone or not kind.group else f"{title} {kind.group}"


def path_text(path: tuple[str, ...], width: int, *, ascii_only: bool = False) -> str:
    """`Deployments › web@edge-1 › Pods`, without its first steps where it is wider than `width` cells."""
    sign, more = (" > ", "...") if ascii_only else (" › ", "…")
    for start in range(len(path)):
        text = sign.join(((more,) if start else ()) + path[start:])
        if cells(inert(text)) <= width:
            return text
    return path[-1]


def with_health(kind: AnyKind) -> AnyKind:
    """`kind` with a column for its health, shown in wide mode only where it had none: what is sorted by status."""
    if kind.column("health") is not None:
        return kind

    def level(row: Row) -> Level:
        return kind.health(row).level

    column: AnyColumn = Column("health", "HEALTH", level, Format.HEALTH, priority=8, wide=True, level=level)
    return replace(kind, columns=(*kind.columns, column))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many clusters the rows of one kind are known."""

    clusters: int = 0
    listed: int = 0
    """Clusters whose rows are known, be they old, or known to be none."""
    waiting: int = 0
    absent: int = 0
    """Clusters that do not serve the kind; they are listed."""
    recalled: int = 0
    """Clusters whose rows are those of the last session; they are listed."""
    missing: tuple[tuple[str, str], ...] = ()
    """(cluster, state) of those that will not tell."""
    reason: str = ""
    """Why not, of most of them."""


def coverage(kind: str, states: Iterable[tuple[str, str, Freshness]], clusters: frozenset[str]) -> Coverage:
    """What `states` (cluster, kind or "" for the cluster, freshness) say of `kind` in `clusters`; empty: all."""
    told: dict[str, Freshness] = {}
    own: dict[str, Freshness] = {}
    recalled = 0
    for cluster, about, freshness in states:
        if about in (kind, "") and (not clusters or cluster in clusters):
            (told if about else own)[cluster] = freshness
            recalled += bool(about) and freshness.reason.endswith(FROM_LAST_SESSION)
    if kind in JUDGED:
        told = own | told
    waiting, missing, reasons = 0, list[tuple[str, str]](), Counter[str]()
    for cluster in own.keys() | told.keys():
        its = told.get(cluster)
        gone = its if its is not None and its.state in MISSING else None
        if its is None and own[cluster].state in (State.STALE, *MISSING):
            gone = own[cluster]  # never listed, and nobody to list it
        if gone is not None:
            missing.append((cluster, str(gone.state)))
            reasons[gone.reason] += 1
        elif its is None or its.state in WAITING:
            waiting += 1
    number = len(own.keys() | told.keys())
    return Coverage(
        clusters=number,
        listed=number - waiting - len(missing),
        waiting=waiting,
        absent=sum(each.state is State.ABSENT for each in told.values()),
        missing=tuple(sorted(missing)),
        recalled=recalled,
        reason=reasons.most_common(1)[0][0] if reasons else "",
    )


def as_of(moment: float) -> str:
    """What was asked for once, at `moment` (Unix seconds), and how it is asked for again."""
    return f"as of {time.strftime('%H:%M:%S', time.localtime(moment))}: Ctrl-r asks again"


def coverage_note(found: Coverage) -> str:
    """What a title says of clusters whose rows are not there; empty when all are."""
    parts = [f"{found.listed} of {found.clusters} clusters listed"] if found.waiting else []
    if found.missing:
        names = [f"{cluster} ({state})" for cluster, state in found.missing[:NAMED]]
        more = len(found.missing) - NAMED
        parts.append("without " + ", ".join(names) + (f" and {more} more" if more > 0 else ""))
    return ", ".join(parts)


def empty_text(kind: AnyKind, found: Coverage) -> str:
    """What a table without rows says."""
    if found.waiting:
        return f"listing {kind.plural}: {found.listed} of {found.clusters} clusters have answered"
    if found.clusters and found.absent == found.clusters:
        return f"no cluster here serves {kind.id}"
    if found.missing and not found.listed:
        return f"nothing is known of {kind.plural}: {inert(found.reason) or found.missing[0][1]}"
    known = ", as far as they are known" if found.missing else ""
    return f"no {kind.plural} here{known}{HOW.get(kind.id, '')}"


def kind_sections(kind: AnyKind, row: Row, freshness: Freshness, now: float) -> tuple[Section, ...]:
    """The detail pane of one row at `now` (Unix seconds): health, whose it is, how old, then every column."""
    head = (
        Line("kind", ", ".join(part for part in (kind.name, kind.group) if part)),
        Line("name", row.name),
        Line("namespace", row.namespace),
        Line("cluster", row.cluster),
        Line("created", ago(row.created, now)),
        Line("uid", row.uid),
    )
    sections = [
        verdict(kind.health(row)),
        Section("Object", tuple(line for line in head if line.text)),
        Section("Data", _data(freshness, now)),
        Section("Columns", tuple(_columns(kind, row, now))),
    ]
    if labels := getattr(row, "labels", ()):
        sections.append(Section("Labels", tuple(Line(key, value) for key, value in labels)))
    return tuple(sections)


_HEAD = ("name", "namespace", "cluster", "age", "health")
"""Columns that are told elsewhere."""


def _columns(kind: AnyKind, row: Row, now: float) -> Iterable[Line]:
    reason = kind.health(row).reason
    for column in kind.columns:
        value = column.value(row)
        text = cell_text(value, column.format, now)
        if column.key in _HEAD or not text or (column.key == "reason" and value == reason):
            continue
        level: Level | None = column.level(row) if column.level is not None else None
        yield Line(column.title.casefold(), text, None if level is Level.HEALTHY else level)


def _data(freshness: Freshness, now: float) -> tuple[Line, ...]:
    """How far this row can be trusted, and since when."""
    since = duration(now - freshness.since) if freshness.since else ""
    if freshness.trustworthy:
        return (Line("", f"live{f' for {since}' if since else ''}: this is what the server has", Level.HEALTHY),)
    text = f"{freshness.state}{f' for {since}' if since else ''}: this is how it was"
    lines = (Line("", text, Level.STALE),)
    return (*lines, Line("", freshness.reason)) if freshness.reason else lines
