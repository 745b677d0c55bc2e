"""Karmada: bindings without a cluster, Works that are refused, clusters that Karmada cannot use."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.karmada_propagation import CLUSTER_RESOURCE_BINDING, RESOURCE_BINDING, WORK
from kurator_tui.store.freshness import State
from kurator_tui.triage.analysers.propagation import (
    APPLYING,
    BINDINGS,
    CLUSTERS,
    EVICTING,
    LISTING,
    WIDE_BINDINGS,
    WORKS,
)
from kurator_tui.triage.rules import Analyser
from tests.unit.triage.analysers.estate import Estate, condition, named, stamp
from tests.unit.triage.stage import NOW

NO_FIT = "0/2 clusters are available: 1 cluster(s) did not match the placement cluster affinity constraint, " + (
    "1 cluster(s) had untolerated taint {cluster.karmada.io/not-ready: }."
)
APPLIED = {"clusterName": "eu-attachedcluster", "applied": True, "health": "Healthy"}


def binding(*conditions: dict[str, Any], told: list[dict[str, Any]] | None = None, **spec: Any) -> dict[str, Any]:
    policy = {
        "propagationpolicy.karmada.io/name": "spread",
        "propagationpolicy.karmada.io/namespace": "shop",
    }
    resource = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
    placed = [{"name": "eu-attachedcluster"}, {"name": "us-attachedcluster"}]
    return {
        "metadata": named("web-deployment", "shop", annotations=policy),
        "spec": {"resource": resource, "clusters": placed, **spec},
        "status": {"conditions": list(conditions), "aggregatedStatus": told or []},
    }


def cluster(name: str = "eu-attachedcluster", ready: str = "True", **more: Any) -> dict[str, Any]:
    told = [condition("Ready", ready, "ClusterReady" if ready == "True" else "ClusterNotReachable")]
    meta = named(name, "", **more.pop("meta", {}))
    return {"metadata": meta, "spec": {"taints": more.pop("taints", [])}, "status": {"conditions": told, **more}}


SCHEDULED = condition("Scheduled", "True", "Success")


def test_a_binding_without_a_cluster_says_what_keeps_each_cluster_off() -> None:
    stage = Estate(BINDINGS)
    taint = {"key": "cluster.karmada.io/not-ready", "effect": "NoSchedule"}
    stage.add(KARMADA_CLUSTER, cluster(taints=[taint], ready="False"), cluster("us-attachedcluster"))
    placement = {"clusterAffinity": {"clusterNames": ["eu-attachedcluster"]}}
    unfit = condition("Scheduled", "False", "NoClusterFit", NO_FIT, since=NOW - 90)
    stage.add(RESOURCE_BINDING, binding(unfit, placement=placement, clusters=[]))
    found = stage.one()
    assert (found.code, found.created) == ("KT2601", NOW - 90)
    assert found.message.startswith(
        "NoClusterFit: 1 affinity, 1 taint (eu-attachedcluster: cluster.karmada.io/not"
    )
    assert "us-attachedcluster: not named" in found.message
    marks = {what: found.mark(what) for what in ("member", "placement", "template", "owner")}
    assert marks == {
        "member": "eu",
        "placement": "shop/spread",
        "template": "shop/Deployment/web",
        "owner": "Deployment/web",
    }


def test_a_binding_that_quota_holds_back_has_karmadas_own_words() -> None:
    stage = Estate(BINDINGS)
    stage.add(RESOURCE_BINDING, binding(condition("Scheduled", "False", "QuotaExceeded", "cpu: 5 of 4")))
    assert stage.one().message == "QuotaExceeded: cpu: 5 of 4"
    assert not stage.one().mark("placement")


@pytest.mark.parametrize(
    ("kind", "analyser"), [(RESOURCE_BINDING, BINDINGS), (CLUSTER_RESOURCE_BINDING, WIDE_BINDINGS)]
)
def test_each_member_that_refuses_is_a_finding_of_its_own(kind: AnyKind, analyser: Analyser[Any]) -> None:
    stage = Estate(analyser)
    refused = {"clusterName": "us-attachedcluster", "applied": False, "appliedMessage": "namespace not found"}
    stage.add(kind, binding(SCHEDULED, told=[APPLIED, refused]))
    found = stage.one()
    assert (found.code, found.mark("member")) == ("KT2602", "us")
    assert found.message == "us-attachedcluster: namespace not found"


def test_a_binding_that_all_members_applied_is_well() -> None:
    stage = Estate(BINDINGS)
    both = [APPLIED, {**APPLIED, "clusterName": "us-attachedcluster"}]
    stage.add(RESOURCE_BINDING, binding(SCHEDULED, condition("FullyApplied", "True"), told=both))
    stage.wait(10_000)
    assert stage.codes == []


def test_a_member_that_says_nothing_is_named_after_a_while() -> None:
    stage = Estate(BINDINGS)
    stage.add(RESOURCE_BINDING, binding(SCHEDULED, told=[APPLIED]))
    stage.wait(APPLYING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().message) == ("KT2606", "not applied yet on us-attachedcluster")


def test_an_eviction_is_low_until_it_takes_too_long() -> None:
    stage = Estate(BINDINGS)
    task = {"fromCluster": "eu-attachedcluster", "reason": "TaintUntolerated", "creationTimestamp": stamp(NOW)}
    stage.add(RESOURCE_BINDING, binding(SCHEDULED, gracefulEvictionTasks=[task]))
    assert (stage.one().code, stage.one().severity) == ("KT2604", "low")
    assert (stage.one().mark("member"), stage.one().message) == ("eu", "from eu-attachedcluster: TaintUntolerated")
    stage.wait(EVICTING)
    assert stage.one().severity == "medium"


def work(applied: str, message: str = "") -> dict[str, Any]:
    manifest = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    return {
        "metadata": named("web-1", "karmada-es-eu-attachedcluster"),
        "spec": {"workload": {"manifests": [manifest]}},
        "status": {"conditions": [condition("Applied", applied, "AppliedFailed" if message else "", message)]},
    }


def test_a_work_that_is_refused_is_of_the_same_workload_as_its_binding() -> None:
    stage = Estate(WORKS)
    stage.add(WORK, work("False", "exceeded quota: team-a, requested: cpu=2"))
    found = stage.one()
    assert (found.code, found.mark("member"), found.mark("quota")) == ("KT2603", "eu", "team-a")
    assert found.mark("template") == "shop/Deployment/web"
    stage.add(WORK, work("True"))
    assert stage.codes == []


def test_a_cluster_that_karmada_does_not_reach_is_found_under_the_members_own_name() -> None:
    stage = Estate(CLUSTERS)
    stage.told("eu", None, State.LIVE)
    stage.add(KARMADA_CLUSTER, cluster(ready="False"), cluster("us-attachedcluster"))
    assert (stage.one().code, stage.one().mark("member"), stage.one().message) == (
        "KT2605",
        "eu",
        "ClusterNotReachable",
    )


def test_a_cluster_whose_apis_are_known_in_part_is_told_of_after_a_while() -> None:
    stage = Estate(CLUSTERS)
    told = [condition("Ready", "True"), condition("CompleteAPIEnablements", "False")]
    stage.add(KARMADA_CLUSTER, cluster(conditions=told), cluster("us-attachedcluster"))
    stage.wait(LISTING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert [(row.code, row.name) for row in stage.findings] == [("KT2607", "eu-attachedcluster")]


def test_nothing_is_concluded_from_a_control_plane_that_does_not_answer() -> None:
    stage = Estate(BINDINGS)
    stage.add(RESOURCE_BINDING, binding(SCHEDULED, told=[APPLIED]))
    stage.told(HOST, RESOURCE_BINDING, State.STALE)
    stage.wait(APPLYING)
    assert stage.codes == []
