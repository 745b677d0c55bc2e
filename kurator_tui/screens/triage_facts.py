"""What the details say of an incident. Pure."""

from __future__ import annotations

from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.inbox import InboxRow
from kurator_tui.kinds.incidents import IncidentRow, State, incident_level
from kurator_tui.screens.facts import ago
from kurator_tui.widgets.detail_pane import Line, Section

NAMED = 12
"""Clusters that are named; the others are counted."""


def incident_sections(row: IncidentRow, now: float) -> list[Section]:
    """What is wrong, where, why it is one, and what it may be."""
    over = row.state == State.RESOLVED
    head = [
        Line("", row.name, incident_level(row)),
        Line("", row.message),
    ]
    facts = [
        Line("severity", row.severity),
        Line("state", f"over since {ago(row.resolved_at, now)}" if over else state_of(row)),
        Line("since", since(row, now)),
        Line("last change", ago(row.changed, now)),
        Line("came", f"{row.times} times within the hour" if row.times > 1 else ""),
        Line("code", row.code),
        Line("object", row.target),
    ]
    holds = [
        Line("clusters", _named(row.clusters)),
        Line("objects", str(row.objects)),
        Line("workloads", str(row.workloads)),
        Line("symptoms", f"{row.symptoms} findings that follow from these" if row.symptoms else ""),
    ]
    return [
        Section("Incident", _said(head)),
        Section("What is known", _said(facts)),
        *([Section("What was said", lines)] if (lines := _said(handled(row, now))) else []),
        Section("How much it holds", _said(holds)),
        Section("Why it is one", _said([Line("", row.because), Line("", row.cause)])),
        Section("What may help", _said([Line("", action) for action in row.suggests])),
    ]


def state_of(row: IncidentRow) -> str:
    """Where it is going, in words."""
    return "not looked at any more: it may be over" if row.state == State.UNSEEN else row.state


def since(row: IncidentRow, now: float) -> str:
    """When it began, as far as that is known."""
    said = ago(row.created, now)
    return f"{said}, or longer: it was there when this was looked at first" if said and row.before else said


def handled(row: IncidentRow, now: float) -> list[Line]:
    """What people said of it; lines without a text where they said nothing."""
    if not isinstance(row, InboxRow):
        return []
    until = (
        f"for {duration(row.snoozed_until - now)}, or until it is worse"
        if row.snoozed_until
        else "until it is worse"
    )
    at = f", {ago(row.acknowledged_at, now)}" if row.acknowledged_at else ""
    return [
        Line("to you", f"{row.mark} since you looked" if row.mark else ""),
        Line("acknowledged", f"by {row.acknowledged}{at}" if row.acknowledged else ""),
        Line("assigned", f"to {row.assigned}" if row.assigned else ""),
        Line("put off", until if row.snoozed else ""),
        Line("note", row.note),
    ]


def _said(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.text)


def _named(clusters: tuple[str, ...]) -> str:
    more = len(clusters) - NAMED
    return ", ".join(clusters[:NAMED]) + (f" and {more} more" if more > 0 else "")
