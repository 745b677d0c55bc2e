"""Metrics: servers, what they refuse, members of which nothing arrives."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.observability import SIDECARS, SidecarRow
from kurator_tui.kinds.prometheus import POD_MONITOR, PROMETHEUS, PROMETHEUS_RULE, SERVICE_MONITOR
from kurator_tui.triage.analysers import prometheus
from tests.unit.triage.objects import condition, made, row
from tests.unit.triage.stage import Stage


def server(available: str = "True", name: str = "k8s", **spec: Any) -> Row:
    told = [condition("Available", available, "NoPodReady"), condition("Reconciled", "True")]
    return row(PROMETHEUS, made(name, "monitoring", spec=spec, status={"conditions": told}))


def test_a_server_that_is_away_for_two_minutes_is_told_of_with_its_pods_owner() -> None:
    stage = Stage(prometheus.SERVERS)
    stage.put(PROMETHEUS, server("False"), server(name="good"))
    assert stage.codes == []
    stage.wait(prometheus.SETTLING)
    found = stage.one()
    assert (found.code, found.severity, found.mark("owner")) == ("KT4001", "high", "StatefulSet/prometheus-k8s")
    stage.put(PROMETHEUS, server("Degraded"))
    assert stage.one().severity == "medium"


def test_a_server_paused_for_an_hour_was_forgotten() -> None:
    stage = Stage(prometheus.SERVERS)
    stage.put(PROMETHEUS, server(paused=True))
    stage.wait(prometheus.FORGOTTEN - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT4002"]
    stage.put(PROMETHEUS, server())
    assert stage.codes == []


@pytest.mark.parametrize(
    ("kind", "analyser"),
    [
        (SERVICE_MONITOR, prometheus.MONITORS),
        (POD_MONITOR, prometheus.POD_MONITORS),
        (PROMETHEUS_RULE, prometheus.ALERTING),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_what_the_operator_does_not_accept_is_told_of(kind: AnyKind, analyser: Any) -> None:
    def bound(name: str, accepted: str) -> Row:
        its = [{"name": "k8s", "conditions": [condition("Accepted", accepted, "InvalidConfiguration")]}]
        return row(kind, made(name, spec={}, status={"bindings": its}))

    stage = Stage(analyser)
    stage.put(kind, bound("bad", "False"), bound("good", "True"))
    assert (stage.one().code, stage.one().message) == ("KT4003", "k8s: InvalidConfiguration")


def test_rules_without_a_selector_are_not_read() -> None:
    stage = Stage(prometheus.READERS)
    stage.live(PROMETHEUS_RULE)
    stage.put(PROMETHEUS, server(), server(name="reads", ruleSelector={}))
    stage.wait(prometheus.FORGOTTEN)
    assert stage.codes == []
    stage.put(PROMETHEUS_RULE, row(PROMETHEUS_RULE, made("disk", spec={})))
    assert stage.codes == []
    stage.wait(prometheus.FORGOTTEN)
    assert (stage.one().code, stage.one().name) == ("KT4004", "k8s")


def sidecar(level: Level, reason: str, cluster: str = "eu") -> Row:
    return SidecarRow(cluster, "", cluster, cluster, 0.0, level, reason)


@pytest.mark.parametrize(
    ("level", "reason", "code"),
    [(Level.FAILED, "no sidecar", "KT4011"), (Level.DEGRADED, "its newest sample is 400 s old", "KT4012")],
)
def test_a_member_is_covered_where_its_fleet_has_the_metric_plugin(level: Level, reason: str, code: str) -> None:
    members = [{"kind": "AttachedCluster", "name": name} for name in ("eu", "us")]
    plugin: dict[str, Any] = {"metric": {}}
    stage = Stage(prometheus.COVERAGE)
    stage.put(FLEET, row(FLEET, made("quickstart", spec={"clusters": members, "plugin": plugin}), HOST))
    stage.put(
        SIDECARS, sidecar(level, reason), sidecar(Level.HEALTHY, "", "us"), sidecar(level, reason, "stranger")
    )
    assert stage.codes == []
    stage.wait(prometheus.SETTLING)
    found = stage.one()
    assert (found.code, found.mark("member"), found.message) == (code, "eu", reason)
