"""Alerts of all clusters as rows, as Thanos tells them. `fleet.alerts` makes them; `cluster` is the member's name.

An alert whose label `cluster` is no member's is a row of the host, and says so.
"""

from __future__ import annotations

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row

FIRING, PENDING = "firing", "pending"


class AlertRow(Row, frozen=True, gc=False, array_like=True):
    """`name` is the alert's, `namespace` its label, `created` the Unix second since which it is active."""

    state: Interned = FIRING
    severity: Interned = ""
    summary: str = ""
    """Its annotation `summary`, `message` or `description`."""
    target: str = ""
    """What it is about, by its labels: pod, deployment, node, instance or job."""
    value: float | None = None
    """Of the rule's query; None for what is no number."""
    query: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    stranger: str = ""
    """Why its cluster is not known: its label is no member's, or of several; "" when it is known."""
    runbook: str = ""


def alert_health(row: AlertRow) -> Health:
    """Firing is failed when critical, else degraded; informational ones and those that wait are progressing."""
    reason = row.summary or row.state
    if row.stranger:
        reason = f"{row.stranger} · {reason}"
    if row.state == PENDING or row.severity in ("info", "none"):
        return Health(Level.PROGRESSING, reason)
    if row.state != FIRING:
        return Health(Level.UNKNOWN, reason)
    critical = row.severity.lower() in ("critical", "page", "error", "emergency")
    return Health(Level.FAILED if critical else Level.DEGRADED, reason)


def _level(row: AlertRow) -> Level:
    return alert_health(row).level


def _value(row: AlertRow) -> float | int | None:
    """Without digits that nobody reads."""
    if row.value is None:
        return None
    return int(row.value) if row.value == int(row.value) else float(f"{row.value:.4g}")


ALERTS: AnyKind = Kind(
    id="alerts",
    name="Alert",
    plural="alerts",
    short_names=("alert",),
    row=AlertRow,
    health=alert_health,
    sort="-health",
    columns=(
        Column("name", "ALERT", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=3),
        Column("health", "HEALTH", _level, Format.HEALTH, wide=True, level=_level),
        Column("state", "STATE", lambda r: r.state, priority=4),
        Column("severity", "SEVERITY", lambda r: r.severity, priority=2),
        Column("target", "ABOUT", lambda r: r.target, priority=1, width=50),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=1),
        Column("value", "VALUE", _value, Format.COUNT, priority=5),
        Column("reason", "REASON", lambda r: alert_health(r).reason, priority=2, width=80),
        Column("query", "QUERY", lambda r: r.query, wide=True, priority=8, width=80),
        Column("runbook", "RUNBOOK", lambda r: r.runbook, wide=True, priority=8, width=60),
    ),
)

KINDS = (ALERTS,)
