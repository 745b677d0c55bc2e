"""Prometheus operator: servers that are up, monitors and rules that were taken."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.prometheus import POD_MONITOR, PROMETHEUS, PROMETHEUS_RULE, SERVICE_MONITOR
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


def told(available: str, reconciled: str = "True", **more: str) -> Obj:
    first = {"type": "Available", "status": available} | more
    return {"conditions": [first, {"type": "Reconciled", "status": reconciled, "reason": "BadRules"}]}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        (told("True"), HEALTHY),
        (
            told("Degraded", reason="SomePodsNotReady", message="1 of 2"),
            Health(Level.DEGRADED, "SomePodsNotReady: 1 of 2"),
        ),
        (told("False", reason="NoPodReady"), Health(Level.FAILED, "NoPodReady")),
        (told("True", "False"), Health(Level.FAILED, "BadRules")),
    ],
)
def test_a_server(status: Obj, verdict: Health) -> None:
    assert health(PROMETHEUS, status=status) == verdict


def test_a_paused_server_says_so() -> None:
    assert health(PROMETHEUS, spec={"paused": True}, status=told("True")) == Health(Level.HEALTHY, "paused")


def test_a_server_wants_its_replicas_once_a_shard() -> None:
    assert values(PROMETHEUS, "desired", "ready", spec={"replicas": 2, "shards": 3}) == (6, None)
    assert values(PROMETHEUS, "desired", "ready", spec={}, status={"availableReplicas": 1}) == (1, 1)


REFUSED = {
    "name": "k8s",
    "conditions": [{"type": "Accepted", "status": "False", "reason": "InvalidConfiguration", "message": "port"}],
}


@pytest.mark.parametrize("kind", [SERVICE_MONITOR, POD_MONITOR, PROMETHEUS_RULE])
def test_what_a_server_refused_is_failed(kind: Any) -> None:
    assert health(kind) == HEALTHY
    assert health(kind, status={"bindings": [REFUSED]}) == Health(Level.FAILED, "k8s: InvalidConfiguration: port")


def test_monitors_show_what_they_scrape() -> None:
    keys = ("endpoints", "ports", "interval", "selector", "namespaces")
    endpoints = [{"port": "http", "path": "/metrics", "interval": "30s"}, {"targetPort": 9090, "interval": "30s"}]
    wanted = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}
    spec = {"endpoints": endpoints, "selector": wanted, "namespaceSelector": {"any": True}}
    assert values(SERVICE_MONITOR, *keys, spec=spec) == (2, "http/metrics,9090", "30s", "app=web,tier", "*")
    pods = {"podMetricsEndpoints": [{"port": "http"}], "namespaceSelector": {"matchNames": ["a", "b"]}}
    assert values(POD_MONITOR, *keys, spec=pods) == (1, "http", "", "", "a,b")


def test_rules_count_alerts_and_records() -> None:
    groups = [
        {"name": "a", "rules": [{"alert": "Down"}, {"record": "x:y"}]},
        {"name": "b", "rules": [{"alert": "Up"}]},
    ]
    assert values(PROMETHEUS_RULE, "groups", "alerts", "records", spec={"groups": groups}) == (2, 2, 1)
