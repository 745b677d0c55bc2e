"""Prometheus operator: servers, what they scrape, and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, conditions, judge, suspended
from kurator_tui.kinds.table import Cell, Part, cell, table

GROUP = "monitoring.coreos.com"

_CONDITIONS = conditions("Available", "Reconciled")


@judge(*_CONDITIONS.paths, says=_CONDITIONS.says + "; Available may also be Degraded")
def _server(told: Any, generation: Any, observed: Any) -> Health:
    available = by_type(told).get("Available", {})
    if available.get("status") == "Degraded":
        return Health(Level.DEGRADED, because(available) or "Degraded")
    return _CONDITIONS.read(told, generation, observed)


PROMETHEUS = table(
    f"prometheuses.{GROUP}",
    "Prometheus",
    ("v1",),
    cell("version", "spec.version"),
    cell(
        "desired",
        "spec.replicas",
        "spec.shards",
        read=lambda replicas, shards: (1 if replicas is None else replicas) * (1 if shards is None else shards),
        format=Format.COUNT,
    ),
    cell("ready", "status.availableReplicas", format=Format.COUNT, priority=2),
    cell("updated", "status.updatedReplicas", format=Format.COUNT, wide=True),
    cell("reconciled", "status.conditions[?(@.type=='Reconciled')].status", priority=5),
    cell("retention", "spec.retention"),
    cell("size", "spec.storage.volumeClaimTemplate.spec.resources.requests.storage", format=Format.BYTES),
    cell("paused", "status.paused", "spec.paused", priority=5),
    cell("remote_write", "spec.remoteWrite[*].url", format=Format.COUNT, wide=True),
    health=suspended("spec.paused", _server, "paused"),
    short_names=("prom",),
    parts={"selects_rules": Part(("spec.ruleSelector",), lambda selector: selector is not None)},
)


@judge(
    "status.bindings[*]",
    says="`status.bindings`, where the operator writes them: Accepted False is failed",
)
def _bound(bindings: Any) -> Health:
    for binding in bindings or ():
        found = by_type(binding.get("conditions")).get("Accepted", {})
        if found.get("status") == "False":
            return Health(Level.FAILED, f"{binding.get('name', '')}: {because(found) or 'not accepted'}")
    return HEALTHY


def _namespaces(every: Any, names: Any) -> str:
    return "*" if every else ",".join(names or ())


def _labels(wanted: Any) -> str:
    labels = (wanted or {}).get("matchLabels") or {}
    asked = [f"{key}={value}" for key, value in labels.items()]
    asked += [str(each.get("key", "")) for each in (wanted or {}).get("matchExpressions") or ()]
    return ",".join(asked)


def _monitor(endpoints: str) -> tuple[Cell, ...]:
    return (
        cell("endpoints", f"{endpoints}[*]", format=Format.COUNT),
        cell("ports", f"{endpoints}[*]", read=lambda found: ",".join(_port(each) for each in found)),
        cell("interval", f"{endpoints}[*].interval", read=lambda found: ",".join(dict.fromkeys(found))),
        cell("selector", "spec.selector", read=_labels, width=50),
        cell(
            "namespaces",
            "spec.namespaceSelector.any",
            "spec.namespaceSelector.matchNames",
            read=_namespaces,
            priority=5,
        ),
        cell("job", "spec.jobLabel", wide=True),
        cell("bound", "status.bindings[*].name", title="BOUND TO", wide=True),
    )


def _port(endpoint: Mapping[str, Any]) -> str:
    port = endpoint.get("port") or endpoint.get("portNumber") or endpoint.get("targetPort")
    return f"{'' if port is None else port}{endpoint.get('path') or ''}"


SERVICE_MONITOR = table(
    f"servicemonitors.{GROUP}",
    "ServiceMonitor",
    ("v1",),
    *_monitor("spec.endpoints"),
    health=_bound,
    short_names=("smon",),
)
POD_MONITOR = table(
    f"podmonitors.{GROUP}",
    "PodMonitor",
    ("v1",),
    *_monitor("spec.podMetricsEndpoints"),
    health=_bound,
    short_names=("pmon",),
)

PROMETHEUS_RULE = table(
    f"prometheusrules.{GROUP}",
    "PrometheusRule",
    ("v1",),
    cell("groups", "spec.groups[*].name", format=Format.COUNT),
    cell("alerts", "spec.groups[*].rules[*].alert", format=Format.COUNT),
    cell("records", "spec.groups[*].rules[*].record", format=Format.COUNT),
    cell("names", "spec.groups[*].name", width=60, priority=5),
    cell("bound", "status.bindings[*].name", title="BOUND TO", wide=True),
    health=_bound,
    short_names=("promrule",),
)

KINDS = (PROMETHEUS, SERVICE_MONITOR, POD_MONITOR, PROMETHEUS_RULE)
