"""Clusters that are made: what holds them up, and what is to be done before it hurts."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.cluster_api import (
    CLUSTER,
    KUBEADM_CONTROL_PLANE,
    MACHINE,
    MACHINE_DEPLOYMENT,
    MACHINE_HEALTH_CHECK,
)
from kurator_tui.kinds.kurator import CLUSTER as KURATOR_CLUSTER
from kurator_tui.kinds.kurator import CUSTOM_CLUSTER
from kurator_tui.triage.analysers import cluster_api
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import Stage

READY = [condition("Ready", "True")]


def host(kind: AnyKind, name: str = "one", **rest: Any) -> Row:
    return row(kind, made(name, "default", **rest), HOST)


def machine(name: str = "m1", phase: str = "Running", ready: str = "True", **rest: Any) -> Row:
    status = {"phase": phase, "conditions": [condition("Ready", ready, "NodeConditionsFailed", severity="Error")]}
    status |= rest.pop("status", {})
    return host(MACHINE, name, spec={"clusterName": "one"}, status=status, **rest)


def test_a_cluster_that_failed_is_told_of_with_its_reason() -> None:
    stage = Stage(cluster_api.CLUSTERS)
    failed = {"phase": "Failed", "failureReason": "CreateError", "failureMessage": "quota exceeded"}
    stage.put(CLUSTER, host(CLUSTER, status=failed))
    stage.put(CLUSTER, host(CLUSTER, "good", status={"phase": "Provisioned", "conditions": READY}))
    assert stage.codes == []
    stage.wait(cluster_api.SETTLING)
    found = stage.one()
    assert (found.code, found.mark("made"), found.message) == (
        *("KT3701", "default/one"),
        "CreateError: quota exceeded",
    )


def test_a_control_plane_is_worst_when_etcd_is_not_healthy() -> None:
    def plane(etcd: str, ready: int = 2) -> Row:
        told = [condition("Ready", "True"), condition("EtcdClusterHealthy", etcd)]
        status = {
            "initialized": True,
            "replicas": 3,
            "readyReplicas": ready,
            "updatedReplicas": 3,
            "conditions": told,
        }
        meta = {"labels": {"cluster.x-k8s.io/cluster-name": "one"}}
        return host(KUBEADM_CONTROL_PLANE, "one-kcp", meta=meta, spec={"replicas": 3}, status=status)

    stage = Stage(cluster_api.PLANES)
    stage.put(KUBEADM_CONTROL_PLANE, plane("True"))
    stage.wait(cluster_api.SETTLING)
    found = stage.one()
    assert (found.code, found.severity, found.mark("made")) == ("KT3702", "medium", "default/one")
    stage.put(KUBEADM_CONTROL_PLANE, plane("False"))
    assert (stage.one().severity, stage.one().message) == ("critical", "2 of 3 ready; etcd is not healthy")
    stage.put(KUBEADM_CONTROL_PLANE, plane("True", 3))
    assert stage.codes == []


def test_a_machine_is_broken_after_five_minutes() -> None:
    stage = Stage(cluster_api.MACHINES)
    stage.put(MACHINE, machine(ready="False", status={"nodeRef": {"name": "n1"}}), machine("good"))
    assert stage.codes == []
    stage.wait(cluster_api.SETTLING)
    assert (stage.one().code, stage.one().name, stage.one().mark("made")) == ("KT3703", "m1", "default/one")


def test_a_machine_has_twenty_minutes_to_become_a_node() -> None:
    stage = Stage(cluster_api.MACHINES)
    stage.put(MACHINE, machine(phase="Provisioning", ready="False", age=60))
    stage.put(MACHINE, machine("joined", phase="Provisioned", status={"nodeRef": {"name": "n1"}}, age=DAY))
    assert stage.codes == []
    stage.wait(cluster_api.JOINING)
    assert (stage.one().code, stage.one().name) == ("KT3704", "m1")


def test_workers_that_are_missing_are_told_of() -> None:
    def workers(name: str, ready: int) -> Row:
        status = {
            "phase": "Running",
            "replicas": 3,
            "readyReplicas": ready,
            "updatedReplicas": 3,
            "conditions": READY,
        }
        return host(MACHINE_DEPLOYMENT, name, spec={"clusterName": "one", "replicas": 3}, status=status)

    stage = Stage(cluster_api.SETS)
    stage.put(MACHINE_DEPLOYMENT, workers("md-0", 1), workers("md-1", 3))
    stage.wait(cluster_api.SETTLING)
    assert (stage.one().code, stage.one().name, stage.one().message) == ("KT3705", "md-0", "1 of 3 ready")


def test_a_check_that_may_replace_nothing_is_told_of_one_that_will_is_not() -> None:
    def check(name: str, allowed: str) -> Row:
        told = [condition("RemediationAllowed", allowed, "TooManyUnhealthy", "2 of 3 unhealthy")]
        status = {"expectedMachines": 3, "currentHealthy": 0, "conditions": told}
        return host(MACHINE_HEALTH_CHECK, name, spec={"clusterName": "one"}, status=status)

    stage = Stage(cluster_api.CHECKS)
    stage.put(MACHINE_HEALTH_CHECK, check("stopped", "False"), check("works", "True"))
    assert (stage.one().code, stage.one().name) == ("KT3706", "stopped")


@pytest.mark.parametrize(
    ("days", "severity", "said"),
    [(29, "medium", "end in 29 days"), (6, "high", "end in 6 days"), (-1, "critical", "have ended")],
)
def test_certificates_press_the_more_the_nearer_their_end(days: int, severity: str, said: str) -> None:
    stage = Stage(cluster_api.MACHINES)
    stage.put(MACHINE, machine(status={"certificatesExpiryDate": stamp(-days * DAY - 60)}))
    stage.put(MACHINE, machine("later", status={"certificatesExpiryDate": stamp(-90 * DAY)}))
    found = stage.one()
    assert (found.code, found.name, found.severity, found.message) == ("KT3707", "m1", severity, said)


def test_certificates_are_looked_at_again_when_it_is_time() -> None:
    stage = Stage(cluster_api.MACHINES)
    stage.put(MACHINE, machine(status={"certificatesExpiryDate": stamp(-31 * DAY)}))
    seen = []
    for days in (0, 2, 23, 7):
        stage.wait(days * DAY)
        seen.append([each.severity for each in stage.findings])
    assert seen == [[], ["medium"], ["high"], ["critical"]]


@pytest.mark.parametrize(
    ("kind", "analyser", "code"),
    [(CLUSTER, cluster_api.CLUSTERS, "KT3708"), (MACHINE, cluster_api.MACHINES, "KT3709")],
    ids=["cluster", "machine"],
)
def test_what_is_deleted_should_be_gone_in_half_an_hour(kind: AnyKind, analyser: Any, code: str) -> None:
    meta = {"deletionTimestamp": stamp(60), "finalizers": ["machine.cluster.x-k8s.io"]}
    stage = Stage(analyser)
    stage.put(kind, host(kind, meta=meta, spec={"clusterName": "one"}, status={"phase": "Deleting"}))
    assert stage.codes == []
    stage.wait(cluster_api.LEAVING)
    found = stage.one()
    assert (found.code, found.message, found.mark("made")) == (
        *(code, "finalizers: machine.cluster.x-k8s.io"),
        "default/one",
    )


def test_a_cluster_that_kurator_gave_up_is_told_of() -> None:
    told = [condition("InfrastructureReady", "False", "CredentialsNotFound", "no Secret")]
    stage = Stage(cluster_api.KURATOR)
    stage.put(KURATOR_CLUSTER, host(KURATOR_CLUSTER, status={"phase": "Failed", "conditions": told}))
    stage.put(KURATOR_CLUSTER, host(KURATOR_CLUSTER, "good", status={"phase": "Ready"}))
    assert (stage.one().code, stage.one().message) == ("KT3713", "CredentialsNotFound: no Secret")


def test_kubespray_that_failed_is_seen_by_its_condition_whatever_the_phase() -> None:
    def custom(name: str, status: str, reason: str) -> Row:
        told = [condition("Ready", "True"), condition("ScaledUp", status, reason)]
        return host(CUSTOM_CLUSTER, name, status={"phase": "Provisioned", "conditions": told})

    stage = Stage(cluster_api.CUSTOM)
    stage.put(CUSTOM_CLUSTER, custom("bad", "False", "ScaleUpWorkerRunFailed"), custom("good", "True", ""))
    found = stage.one()
    assert (found.code, found.name, found.message) == ("KT3711", "bad", "ScaledUp: ScaleUpWorkerRunFailed")
    assert found.mark("owner") == "CustomCluster/bad"


def test_kubespray_should_be_through_in_two_hours() -> None:
    stage = Stage(cluster_api.CUSTOM)
    stage.put(CUSTOM_CLUSTER, host(CUSTOM_CLUSTER, status={"phase": "Provisioning"}))
    stage.put(CUSTOM_CLUSTER, host(CUSTOM_CLUSTER, "good", status={"phase": "Provisioned"}))
    assert stage.codes == []
    stage.wait(cluster_api.PROVISIONING)
    assert (stage.one().code, stage.one().name) == ("KT3712", "one")
