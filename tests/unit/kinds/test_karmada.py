"""Karmada: what is suspended is meant, what could not be placed or applied says why and where."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds import karmada_propagation as propagation
from kurator_tui.kinds import karmada_scaling as scaling
from kurator_tui.kinds.base import AnyKind, Health, Level
from kurator_tui.kinds.karmada import KARMADA_CLUSTER, KarmadaClusterRow, served
from kurator_tui.kinds.table import without_parts
from tests.unit.kinds.support import meta, row

Obj = dict[str, Any]
HEALTHY = Health(Level.HEALTHY)
SUSPENDED = Health(Level.HEALTHY, "dispatching suspended")


def read(kind: AnyKind, status: Obj | None = None, **spec: Any) -> tuple[Health, dict[str, Any]]:
    found = row(kind, {"metadata": meta(generation=3), "spec": spec, "status": status or {}})
    return kind.health(found), {column.key: column.value(found) for column in kind.columns}


def condition(type: str, status: str, reason: str = "", message: str = "") -> Obj:
    return {"type": type, "status": status, "reason": reason, "message": message}


def test_a_policy_shows_what_goes_where() -> None:
    selectors = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}]
    placement = {"clusterAffinity": {"clusterNames": ["m1", "m2"], "exclude": ["m3"]}}
    health, cells = read(propagation.PROPAGATION_POLICY, resourceSelectors=selectors, placement=placement)
    assert health == HEALTHY
    assert (cells["resources"], cells["placement"]) == ("Deployment/web", "m1,m2 but m3")
    groups = {"clusterAffinities": [{"clusterNames": ["m1"]}, {"clusterNames": ["m2"]}]}
    every = [{"kind": "Deployment"}, {"kind": "ConfigMap", "name": "x"}]
    cells = read(propagation.CLUSTER_PROPAGATION_POLICY, resourceSelectors=every, placement=groups)[1]
    assert (cells["resources"], cells["placement"]) == ("Deployment, ConfigMap", "m1,m2")
    assert read(propagation.PROPAGATION_POLICY)[1]["placement"] == "any"
    assert read(propagation.PROPAGATION_POLICY, suspension={"dispatching": True})[0] == SUSPENDED


def test_an_override_names_clusters_and_sorts_of_overriders_of_both_shapes() -> None:
    rule = {"targetCluster": {"clusterNames": ["m1"]}, "overriders": {"imageOverrider": [{}], "plaintext": [{}]}}
    cells = read(propagation.OVERRIDE_POLICY, overrideRules=[rule])[1]
    assert (cells["rules"], cells["clusters"], cells["overriders"]) == (1, "m1", "imageOverrider, plaintext")
    older: dict[str, Any] = {"targetCluster": {"clusterNames": ["m2"]}, "overriders": {"plaintext": [{}]}}
    cells = read(propagation.CLUSTER_OVERRIDE_POLICY, **older)[1]
    assert (cells["clusters"], cells["overriders"]) == ("m2", "plaintext")


PLACED = condition("Scheduled", "True", "Success")
APPLIED = condition("FullyApplied", "True", "FullyAppliedSuccess")
PENDING = condition("FullyApplied", "False", "FullyAppliedFailed", "not all applied")


@pytest.mark.parametrize(
    ("status", "spec", "health"),
    [
        ({}, {}, Health(Level.UNKNOWN, "no status yet")),
        ({"conditions": [PLACED, APPLIED]}, {}, HEALTHY),
        (
            {"conditions": [condition("Scheduled", "False", "NoClusterFit", "0/6 available")]},
            {"suspension": {"dispatching": True}},
            Health(Level.FAILED, "NoClusterFit: 0/6 available"),
        ),
        ({"conditions": [PLACED]}, {}, Health(Level.PROGRESSING, "not applied yet")),
        (
            {"conditions": [PLACED, PENDING], "aggregatedStatus": [{"clusterName": "m1", "applied": True}]},
            {},
            Health(Level.PROGRESSING, "FullyAppliedFailed: not all applied"),
        ),
        (
            {
                "conditions": [PLACED, PENDING],
                "aggregatedStatus": [
                    {"clusterName": "m1", "applied": True},
                    {"clusterName": "m2", "appliedMessage": "denied"},
                ],
            },
            {},
            Health(Level.FAILED, "m2: denied"),
        ),
        (
            {
                "conditions": [PLACED, APPLIED],
                "aggregatedStatus": [{"clusterName": "m1", "applied": True, "health": "Unhealthy"}],
            },
            {},
            Health(Level.DEGRADED, "unhealthy on m1"),
        ),
        ({"conditions": [PLACED]}, {"suspension": {"dispatching": True}}, SUSPENDED),
        (
            {"conditions": [PLACED, APPLIED]},
            {"gracefulEvictionTasks": [{"fromCluster": "m1"}]},
            Health(Level.PROGRESSING, "evicting from m1"),
        ),
        (
            {"conditions": [PLACED, APPLIED], "schedulerObservedGeneration": 2},
            {},
            Health(Level.PROGRESSING, "spec update not scheduled yet"),
        ),
    ],
)
def test_a_binding_is_as_its_scheduling_and_its_clusters(status: Obj, spec: Obj, health: Health) -> None:
    assert read(propagation.RESOURCE_BINDING, status, **spec)[0] == health


def test_a_binding_shows_replicas_by_cluster() -> None:
    spec = {
        "resource": {"kind": "Deployment", "name": "web"},
        "clusters": [{"name": "m1", "replicas": 2}, {"name": "m2"}],
        "replicas": 2,
    }
    status = {"aggregatedStatus": [{"clusterName": "m1", "applied": True}, {"clusterName": "m2"}]}
    cells = read(propagation.CLUSTER_RESOURCE_BINDING, status, **spec)[1]
    assert (cells["resource"], cells["clusters"], cells["applied"]) == ("Deployment/web", "m1=2, m2", "1/2")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, Health(Level.PROGRESSING, "not applied yet")),
        ({"conditions": [condition("Applied", "True")]}, HEALTHY),
        ({"conditions": [condition("Applied", "False", "AppliedFailed")]}, Health(Level.FAILED, "AppliedFailed")),
        ({"conditions": [condition("Dispatching", "False", "SuspendDispatching")]}, SUSPENDED),
        (
            {
                "conditions": [condition("Applied", "True")],
                "manifestStatuses": [{"health": "Healthy"}, {"health": "Unhealthy"}],
            },
            Health(Level.DEGRADED, "1 of 2 manifests unhealthy"),
        ),
    ],
)
def test_a_work_is_as_its_member_applied_it(status: Obj, health: Health) -> None:
    assert read(propagation.WORK, status)[0] == health


def test_a_work_names_its_member_and_its_workloads() -> None:
    manifests = [{"kind": "Deployment", "metadata": {"name": "web"}}]
    obj = {"metadata": {**meta(), "namespace": "karmada-es-m1"}, "spec": {"workload": {"manifests": manifests}}}
    cells = {column.key: column.value(row(propagation.WORK, obj)) for column in propagation.WORK.columns}
    assert (cells["member"], cells["workloads"]) == ("m1", "Deployment/web")


def test_an_autoscaler_fails_without_metrics_and_degrades_at_its_most() -> None:
    broken = {"conditions": [condition("ScalingActive", "False", "FailedGetResourceMetric")]}
    assert read(scaling.FEDERATED_HPA, broken)[0] == Health(Level.FAILED, "FailedGetResourceMetric")
    limited = {"conditions": [condition("ScalingLimited", "True", "TooManyReplicas")]}
    assert read(scaling.FEDERATED_HPA, limited, maxReplicas=9)[0].reason == "wants more than its 9 replicas"
    assert read(scaling.FEDERATED_HPA, {"currentReplicas": 2})[0] == HEALTHY


def history(failed: str = "", done: str = "") -> Obj:
    found: Obj = {"ruleName": "night", "nextExecutionTime": "2026-01-02T00:00:00Z"}
    if failed:
        found["failedExecutions"] = [{"executionTime": failed, "message": "not found"}]
    if done:
        found["successfulExecutions"] = [{"executionTime": done}]
    return {"executionHistories": [found]}


@pytest.mark.parametrize(
    ("status", "off", "health"),
    [
        ({}, False, HEALTHY),
        ({}, True, Health(Level.HEALTHY, "suspended")),
        (history(failed="2026-01-01T02:00:00Z"), False, Health(Level.FAILED, "night: not found")),
        (history(failed="2026-01-01T01:00:00Z", done="2026-01-01T02:00:00Z"), False, HEALTHY),
    ],
)
def test_a_cron_autoscaler_is_as_its_last_execution(status: Obj, off: bool, health: Health) -> None:
    rules = [{"name": "night", "schedule": "0 0 * * *", "suspend": off}]
    assert read(scaling.CRON_FEDERATED_HPA, status, rules=rules)[0] == health


def test_a_quota_that_is_used_up_is_degraded() -> None:
    used = {"overall": {"cpu": "10", "memory": "1Gi"}, "overallUsed": {"cpu": "10", "memory": "512Mi"}}
    health, cells = read(scaling.FEDERATED_RESOURCE_QUOTA, used)
    assert health == Health(Level.DEGRADED, "cpu is used up")
    assert (cells["fullest"], cells["used"]) == (1.0, "cpu 10/10, memory 512Mi/1Gi")


@pytest.mark.parametrize(
    ("results", "health"),
    [
        (["Successful", "Successful"], HEALTHY),
        (["Successful"], Health(Level.PROGRESSING, "1 of 2 rescheduled")),
        (["Successful", "Failed"], Health(Level.DEGRADED, "1 of 2: ReferencedBindingNotFound")),
        (["Failed", "Failed"], Health(Level.FAILED, "2 of 2: ReferencedBindingNotFound")),
    ],
)
def test_a_rebalancer_counts_its_workloads(results: list[str], health: Health) -> None:
    seen = [
        {"result": each, "reason": "ReferencedBindingNotFound" if each == "Failed" else ""} for each in results
    ]
    found = read(
        scaling.WORKLOAD_REBALANCER, {"observedWorkloads": seen}, workloads=[{"name": "a"}, {"name": "b"}]
    )
    assert found[0] == health
    assert found[1]["done"] == f"{results.count('Successful')}/2"


def test_a_service_over_clusters_is_as_its_conditions() -> None:
    status = {"conditions": [condition("ServiceApplied", "False", "ServiceAppliedFailed")]}
    health, cells = read(
        scaling.MULTI_CLUSTER_SERVICE, status, types=["CrossCluster"], providerClusters=[{"name": "m1"}]
    )
    assert health == Health(Level.FAILED, "ServiceAppliedFailed")
    assert (cells["types"], cells["providers"]) == ("CrossCluster", "m1")


# -- clusters ---------------------------------------------------------------------------------------------------

READY = condition("Ready", "True", "ClusterReady")


def taint(key: str, effect: str, **more: str) -> Obj:
    return {"key": key, "effect": effect, **more}


def test_a_cluster_shows_shares_of_what_is_allocatable() -> None:
    resources = {
        "allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"},
        "allocated": {"cpu": "6", "memory": "8Gi", "pods": "11"},
        "allocating": {"cpu": "2", "memory": "0"},
    }
    status = {"conditions": [READY], "resourceSummary": resources, "nodeSummary": {"totalNum": 3, "readyNum": 2}}
    cells = read(KARMADA_CLUSTER, status, provider="aws", region="eu", zone="a", syncMode="Pull")[1]
    assert [cells[key] for key in ("cpu", "memory", "pods", "allocating")] == [0.75, 0.25, 0.1, 0.25]
    assert [cells[key] for key in ("nodes", "mode", "provider", "region", "zones")] == [
        "2/3",
        "Pull",
        "aws",
        "eu",
        "a",
    ]
    assert read(KARMADA_CLUSTER, {"conditions": [READY], "resourceSummary": {}})[1]["cpu"] is None


@pytest.mark.parametrize(
    ("ready", "health"),
    [
        ("True", Health(Level.PROGRESSING, "leaving: what Karmada made there is removed first")),
        (
            "False",
            Health(
                Level.DEGRADED,
                "leaving hangs: the member is not reached, so its Works and finalizer stay; ClusterNotReachable",
            ),
        ),
    ],
)
def test_a_cluster_that_is_to_leave_while_nobody_reaches_it_hangs(ready: str, health: Health) -> None:
    told = condition("Ready", ready, "ClusterNotReachable" if ready == "False" else "")
    head = meta(deletionTimestamp="2026-01-01T00:00:00Z")
    found = row(KARMADA_CLUSTER, {"metadata": head, "status": {"conditions": [told]}})
    assert KARMADA_CLUSTER.health(found) == health


def test_the_kinds_of_a_cluster_stay_in_the_feeder() -> None:
    enabled = [{"groupVersion": "apps/v1", "resources": [{"kind": "Deployment"}, {"kind": "DaemonSet"}]}]
    found = row(KARMADA_CLUSTER, {"metadata": meta(), "status": {"apiEnablements": enabled}})
    assert (served(found), found.apis) == (("apps/v1 Deployment", "apps/v1 DaemonSet"), 2)
    (sent,) = without_parts(KARMADA_CLUSTER, [found])
    assert isinstance(sent, KarmadaClusterRow)
    assert (served(sent), sent.apis) == ((), 2)


@pytest.mark.parametrize(
    ("taints", "status", "health"),
    [
        ([], [READY], HEALTHY),
        ([taint("dedicated", "NoSchedule", value="gpu")], [READY], HEALTHY),
        (
            [taint("cluster.karmada.io/unschedulable", "NoSchedule")],
            [READY],
            Health(Level.HEALTHY, "cordoned: nothing new is scheduled here"),
        ),
        ([taint("x", "NoExecute")], [READY], Health(Level.HEALTHY, "evicted: workloads are moved away")),
        (
            [taint("cluster.karmada.io/not-ready", "NoExecute")],
            [condition("Ready", "False", "ClusterNotReachable")],
            Health(Level.FAILED, "ClusterNotReachable; workloads are moved away"),
        ),
        (
            [],
            [READY, condition("CompleteAPIEnablements", "False", "Partial")],
            Health(Level.DEGRADED, "not all of its APIs could be listed"),
        ),
        ([], [], Health(Level.UNKNOWN, "Ready is Unknown")),
    ],
    ids=["ready", "dedicated", "cordoned", "evicted", "failover", "partial", "silent"],
)
def test_a_cluster_says_what_karmada_does_with_it(taints: list[Obj], status: list[Obj], health: Health) -> None:
    found, cells = read(KARMADA_CLUSTER, {"conditions": status}, taints=taints)
    assert (found, cells["reason"]) == (health, health.reason)
    assert cells["taints"] == ", ".join(
        f"{each['key']}={each['value']}:{each['effect']}" if "value" in each else f"{each['key']}:{each['effect']}"
        for each in taints
    )
