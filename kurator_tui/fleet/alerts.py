"""Alerts of every Thanos as rows of the kind `alerts`; `fleet.polled` asks in rounds, for none can be watched."""

from __future__ import annotations

import hashlib

from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.kinds.alerts import AlertRow
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.metrics import alerts as told
from kurator_tui.metrics.alerts import Alert
from kurator_tui.metrics.members import Owners

_ABOUT = (
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "job_name",
    "node",
    "persistentvolumeclaim",
    "instance",
    "job",
)
_SAID = ("summary", "message", "description")


async def alert_rows(thanoses: Thanoses, place: str) -> list[Row]:
    """Rows of all active alerts that the Thanos of a place tells of. Raises ConsoleError."""
    owners = thanoses.owners(place)
    rows = (alert_row(alert, owners) for alert in await told.read(thanoses.at(place)))
    return list({row.key: row for row in rows}.values())


def alert_row(alert: Alert, owners: Owners) -> AlertRow:
    """The row of one alert; its uid is made of its labels, so that it stays the same while it fires."""
    label = alert.labels.get("cluster", "")
    member = owners.names.get(label, HOST)
    words = "\x00".join(f"{name}={value}" for name, value in sorted(alert.labels.items()))
    return AlertRow(
        member,
        alert.labels.get("namespace", ""),
        alert.name,
        hashlib.sha256(f"{alert.name}\x00{words}".encode()).hexdigest()[:16],
        alert.since,
        state=alert.state,
        severity=alert.labels.get("severity", ""),
        summary=next((alert.annotations[name] for name in _SAID if alert.annotations.get(name)), ""),
        target=next((alert.labels[name] for name in _ABOUT if alert.labels.get(name)), ""),
        value=alert.value,
        query=alert.query,
        labels=tuple(sorted(alert.labels.items())),
        stranger="" if label in owners.names else _unknown(label, owners),
        runbook=alert.annotations.get("runbook_url", ""),
    )


def _unknown(label: str, owners: Owners) -> str:
    if not label:
        return "without a label `cluster`"
    if label in owners.shared:
        return f"{label} is the label of {', '.join(owners.shared[label])}"
    return f"{label} is no member"
