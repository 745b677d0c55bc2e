"""What the details of a cluster say: connection, Kurator's belief against our probe, capacity. Pure functions."""

from __future__ import annotations

from kurator_tui.kinds.base import HOST, Format, Level
from kurator_tui.kinds.cells import cell_text
from kurator_tui.kinds.overview import ClusterOverview, cluster_overview_health, current_latency
from kurator_tui.screens.facts import UNKNOWN, ago, capacity, of, verdict
from kurator_tui.screens.summary import state_text
from kurator_tui.store.freshness import STATE_LEVELS, State
from kurator_tui.widgets.detail_pane import Line, Section

SOON = 30 * 86400
"""Seconds before a certificate's end from which it is a warning."""


def cluster_sections(row: ClusterOverview, now: float) -> tuple[Section, ...]:
    """The detail pane of one cluster at `now` (Unix seconds)."""
    return (
        verdict(cluster_overview_health(row), row.note),
        Section("Connection", _connection(row, now)),
        Section("Kurator and our probe", _belief(row, now)),
        Section("Capacity", _capacity(row, now)),
        Section("Lifecycle", _lifecycle(row, now)),
    )


def _connection(row: ClusterOverview, now: float) -> tuple[Line, ...]:
    latency = cell_text(current_latency(row), Format.MILLISECONDS)
    return (
        Line("state", state_text(row, now), STATE_LEVELS.get(row.state, Level.UNKNOWN)),
        Line("credentials", row.via or UNKNOWN),
        Line("server", row.server or UNKNOWN),
        Line("last contact", ago(row.contact, now) or "never"),
        Line("latency", latency or (UNKNOWN if row.latency is None else "not measured now")),
        Line("version", _version(row)),
        _certificate(row.certificate_expiry, now),
        Line("streams open", str(row.streams)),
    )


def _version(row: ClusterOverview) -> str:
    if not row.version:
        return UNKNOWN
    if row.skew is None:
        return row.version
    return f"{row.version}  ({'newest here' if row.skew <= 0 else f'{row.skew} minor behind the newest here'})"


def _certificate(expiry: float | None, now: float) -> Line:
    """The client certificate in use; clusters reached with a token have none."""
    if expiry is None:
        return Line("certificate", "none in use (token, or not known)")
    left = cell_text(expiry, Format.UNTIL, now)
    level = Level.FAILED if expiry <= now else Level.DEGRADED if expiry - now < SOON else None
    return Line("certificate", "expired" if expiry <= now else f"expires in {left}", level)


def _belief(row: ClusterOverview, now: float) -> tuple[Line, ...]:
    """Kurator's status is written when its controller last looked, possibly hours ago; ours is of now."""
    answers = row.state == State.LIVE
    probe = Line("our probe", "answers" if answers else state_text(row, now), STATE_LEVELS.get(row.state))
    if row.kind in ("Host", "Context"):
        return (Line("Kurator says", "nothing: this is no Kurator cluster"), probe)
    said = {None: "never said", True: "ready", False: "not ready"}[row.kurator_ready]
    lines: tuple[Line, ...] = (Line("Kurator says", ", ".join(part for part in (said, row.phase) if part)), probe)
    if row.kurator_ready is not None and row.kurator_ready != answers and row.state in (State.LIVE, *_BAD):
        lines = (*lines, Line("", "They disagree: Kurator's status may be hours old.", Level.DEGRADED))
    return lines


_BAD = (State.STALE, State.UNREACHABLE, State.FORBIDDEN)


def _capacity(row: ClusterOverview, now: float) -> tuple[Line, ...]:
    nodes_bad = row.nodes is not None and row.nodes_ready != row.nodes
    told = (Line("numbers", f"from Thanos, {ago(row.numbers, now)}"),) if row.numbers else ()
    return (
        Line("nodes ready", of(row.nodes_ready, row.nodes), Level.DEGRADED if nodes_bad else None),
        Line("pods ready", of(row.pods_ready, row.pods)),
        *capacity(
            (row.cpu_requested, row.cpu_allocatable), (row.memory_requested, row.memory_allocatable), row.gpus
        ),
        *told,
    )


def _lifecycle(row: ClusterOverview, now: float) -> tuple[Line, ...]:
    name = "/".join(part for part in (row.namespace, row.object_name or row.name) if part)
    lines = [
        Line("kind", row.kind or UNKNOWN),
        Line("object", "none" if row.name == HOST else name),
        Line("fleet", row.fleet or "none"),
        Line("phase", row.phase),
        Line("infrastructure", row.infrastructure),
        Line("endpoint", row.endpoint),
        Line("created", ago(row.created, now)),
    ]
    return tuple(line for line in lines if line.text)
