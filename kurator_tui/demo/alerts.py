"""Alerting rules of the members' Prometheuses: evaluated over what the estate's series say, without a state of
their own. Since when an alert has been active is read from the past it was active in."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from kurator_tui.demo import promql
from kurator_tui.demo.promql.series import Storage
from kurator_tui.demo.promql.values import Grid, Labels
from kurator_tui.demo.series.estate import REPLICA
from kurator_tui.demo.world.clock import rfc3339_micro

Obj = dict[str, Any]

INTERVAL = 30
_EXTERNAL = ("cluster", "prometheus", REPLICA)
_VALUE = re.compile(r"\{\{ *\$labels\.(\w+) *\}\}")


class Rule(NamedTuple):
    """One rule: `wait` is its `for` in seconds."""

    name: str
    query: str
    wait: int
    severity: str
    summary: str


GROUPS: dict[str, tuple[Rule, ...]] = {
    "kubernetes": (
        Rule(
            "KubeNodeNotReady",
            'kube_node_status_condition{condition="Ready",status="true"} == 0',
            60,
            "critical",
            "{{ $labels.node }} is not ready",
        ),
        Rule("TargetDown", "up == 0", 120, "warning", "{{ $labels.instance }} down"),
        Rule(
            "KubePodCrashLooping",
            'kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"} > 0',
            120,
            "warning",
            "{{ $labels.namespace }}/{{ $labels.pod }} is crash looping",
        ),
        Rule(
            "KubeDeploymentReplicasMismatch",
            "kube_deployment_spec_replicas > kube_deployment_status_replicas_available",
            300,
            "warning",
            "{{ $labels.namespace }}/{{ $labels.deployment }} has fewer replicas than wanted",
        ),
    ),
    "rollouts": (
        Rule(
            "CanaryFailed",
            "flagger_canary_status == 2",
            0,
            "warning",
            "{{ $labels.namespace }}/{{ $labels.name }} was rolled back",
        ),
        Rule(
            "HighErrorRate",
            "sum by (cluster, prometheus, destination_workload_namespace, destination_workload) "
            '(rate(istio_requests_total{response_code=~"5.."}[5m])) '
            "/ sum by (cluster, prometheus, destination_workload_namespace, destination_workload) "
            "(rate(istio_requests_total[5m])) > 0.05",
            60,
            "critical",
            "{{ $labels.destination_workload }} answers with errors",
        ),
    ),
    "backup": (
        Rule(
            "VeleroBackupFailed",
            "velero_backup_last_status == 0",
            0,
            "warning",
            "the last backup of {{ $labels.schedule }} failed",
        ),
    ),
}
QUERIES = tuple(rule.query for rules in GROUPS.values() for rule in rules)


class Alert(NamedTuple):
    """One alert: the cluster whose Prometheus raised it, and it as the API tells it."""

    cluster: str
    told: Obj


def evaluate(rule: Rule, storage: Storage, now: float) -> list[Alert]:
    """The alerts of a rule, of all clusters."""
    end = int(now) // INTERVAL * INTERVAL
    count = (2 * rule.wait + 600) // INTERVAL
    grid = Grid((end - (count - 1) * INTERVAL) * 1000, INTERVAL * 1000, count)
    found = []
    for labels, points in promql.over_range(storage, rule.query, grid).rows:
        times = {round(at) for at, _value in points}
        if end not in times:
            continue
        since = end
        while since - INTERVAL in times:
            since -= INTERVAL
        found.append(_alert(rule, labels, since, end, points[-1][1]))
    return found


def _alert(rule: Rule, labels: Labels, since: int, end: int, value: float) -> Alert:
    """A member's Prometheus knows no external labels: its rules tell the cluster, its alerts do not."""
    own = {name: each for name, each in labels.items() if name not in (*_EXTERNAL, "__name__")}
    summary = _VALUE.sub(lambda match: labels.get(match[1], ""), rule.summary)
    told = {
        "labels": {"alertname": rule.name, **own, "severity": rule.severity},
        "annotations": {"summary": summary},
        "state": "firing" if end - since >= rule.wait else "pending",
        "activeAt": rfc3339_micro(since),
        "value": f"{value:e}",
        "partialResponseStrategy": "WARN",
    }
    return Alert(labels.get("cluster", ""), told)


def groups(storage: Storage, clusters: Iterable[str], now: float) -> list[Obj]:
    """`rules`: every group of every cluster, with its alerts."""
    raised = {rule.name: evaluate(rule, storage, now) for rules in GROUPS.values() for rule in rules}
    return [
        {
            "name": name,
            "file": f"/etc/prometheus/rules/{name}.yaml",
            "rules": [_rule(rule, cluster, raised[rule.name], now) for rule in rules],
            "interval": INTERVAL,
            "evaluationTime": 0.000583147,
            "lastEvaluation": rfc3339_micro(now),
            "limit": 0,
            "partialResponseStrategy": "ABORT",
        }
        for cluster in clusters
        for name, rules in GROUPS.items()
    ]


def _rule(rule: Rule, cluster: str, raised: list[Alert], now: float) -> Obj:
    mine = [alert.told for alert in raised if alert.cluster == cluster]
    states = {alert["state"] for alert in mine}
    return {
        "state": "firing" if "firing" in states else "pending" if states else "inactive",
        "name": rule.name,
        "query": rule.query,
        "duration": rule.wait,
        "labels": {"cluster": cluster, "severity": rule.severity},
        "annotations": {"summary": rule.summary},
        "alerts": mine,
        "health": "ok",
        "evaluationTime": 0.000563538,
        "lastEvaluation": rfc3339_micro(now),
        "keepFiringFor": 0,
        "type": "alerting",
    }
