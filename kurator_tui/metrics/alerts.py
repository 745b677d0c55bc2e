"""Alerts as Thanos' /api/v1/rules tells them, with the cluster their rule is of; those of /api/v1/alerts beside.

An alert in /alerts lacks the external labels of its Prometheus, so nobody knows whose it is; its rule in /rules
has them. What only /alerts has is kept all the same, with what labels it has. Pure but for `read`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.meta import unix
from kurator_tui.metrics.answers import Payload, decoded

if TYPE_CHECKING:
    from kurator_tui.metrics.service import Metrics

MOST = 5000
"""Alerts that are kept."""
LONGEST = 300


class RawAlert(msgspec.Struct, rename="camel"):
    """As the API writes it."""

    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    state: str = ""
    active_at: str | None = None
    value: str = ""


class _Rule(msgspec.Struct):
    name: str = ""
    query: str = ""
    labels: dict[str, str] = {}
    alerts: list[RawAlert] | None = None


class _Group(msgspec.Struct):
    rules: list[_Rule] = []


class _Groups(msgspec.Struct):
    groups: list[_Group] | None = None


class _Alerts(msgspec.Struct):
    alerts: list[RawAlert] | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One active alert. `value` is None for what is no number, `since` 0.0 where it is not told."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    state: str = ""
    since: float = 0.0
    value: float | None = None
    query: str = ""


def from_rules(payload: Payload, where: str) -> list[Alert]:
    """Alerts of an answer of /api/v1/rules; a rule's labels, external ones among them, are the alerts' too."""
    found: _Groups = decoded(payload, _Groups, where)
    alerts: list[Alert] = []
    for group in found.groups or ():
        for rule in group.rules:
            for raw in rule.alerts or ():
                one = _alert(raw, rule.name, rule.query)
                alerts.append(replace(one, labels={**_inert(rule.labels), **one.labels}))
    return alerts[:MOST]


def from_alerts(payload: Payload, where: str) -> list[Alert]:
    """Alerts of an answer of /api/v1/alerts."""
    found: _Alerts = decoded(payload, _Alerts, where)
    return [_alert(raw, "", "") for raw in (found.alerts or ())[:MOST]]


def together(ruled: Iterable[Alert], plain: Iterable[Alert]) -> list[Alert]:
    """Every alert once: those of rules, and of the others what no rule explains."""
    ruled = list(ruled)
    known = {_identity(alert, alert.labels.keys()) for alert in ruled}
    for alert in ruled:  # as the other answer has it: without the external labels
        known.add(_identity(alert, alert.labels.keys() - _EXTERNAL))
    return ruled + [alert for alert in plain if _identity(alert, alert.labels.keys()) not in known]


_EXTERNAL = frozenset(("cluster", "prometheus", "prometheus_replica", "replica"))


def _identity(alert: Alert, names: Iterable[str]) -> tuple[object, ...]:
    return (alert.name, alert.since, *sorted((name, alert.labels[name]) for name in names))


def _alert(raw: RawAlert, name: str, query: str) -> Alert:
    try:
        value: float | None = float(raw.value)
    except ValueError:
        value = None
    return Alert(
        inert((raw.labels.get("alertname") or name)[:LONGEST]),
        _inert(raw.labels),
        _inert(raw.annotations),
        inert(raw.state[:20]),
        unix(raw.active_at or ""),
        value if value is not None and math.isfinite(value) else None,
        inert(query[:LONGEST]),
    )


def _inert(texts: dict[str, str]) -> dict[str, str]:
    return {inert(key[:LONGEST]): inert(value[:LONGEST]) for key, value in texts.items()}


async def read(metrics: Metrics) -> list[Alert]:
    """All active alerts. Raises ConsoleError when neither answer can be had."""
    try:
        ruled = from_rules(
            await metrics.get("rules", (("type", "alert"), ("partial_response", "true"))), metrics.name
        )
    except ConsoleError:
        return from_alerts(await metrics.get("alerts", (("partial_response", "true"),)), metrics.name)
    try:
        plain = from_alerts(await metrics.get("alerts", (("partial_response", "true"),)), metrics.name)
    except ConsoleError:
        plain = []
    return together(ruled, plain)
