"""Cluster API of v1beta1 and v1beta2: waits are told from faults, replicas are counted, paused is meant."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Health, Level
from kurator_tui.kinds.cluster_api import (
    CLUSTER,
    KUBEADM_CONTROL_PLANE,
    MACHINE,
    MACHINE_DEPLOYMENT,
    MACHINE_HEALTH_CHECK,
    MACHINE_SET,
)
from tests.unit.kinds.support import meta, row

Obj = dict[str, Any]
HEALTHY = Health(Level.HEALTHY)


def read(
    kind: AnyKind, status: Obj, annotations: dict[str, str] | None = None, **spec: Any
) -> tuple[Health, dict[str, Any]]:
    found = row(kind, {"metadata": meta(annotations=annotations), "spec": spec, "status": status})
    return kind.health(found), {column.key: column.value(found) for column in kind.columns}


def condition(type: str, status: str, reason: str = "", severity: str = "") -> Obj:
    return {"type": type, "status": status, "reason": reason, **({"severity": severity} if severity else {})}


NOT_READY = condition("Ready", "False", "WaitingForControlPlane", "Info")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"phase": "Provisioned", "conditions": [condition("Ready", "True")]}, HEALTHY),
        ({"phase": "Provisioned", "conditions": [condition("Available", "True")]}, HEALTHY),
        (
            {"phase": "Provisioned", "conditions": [condition("Ready", "False", "Scaling", "Warning")]},
            Health(Level.DEGRADED, "Scaling"),
        ),
        (
            {"phase": "Provisioned", "conditions": [condition("Ready", "False", "Lost", "Error")]},
            Health(Level.FAILED, "Lost"),
        ),
        (
            {"phase": "Provisioned", "conditions": [condition("Available", "False", "NotAvailable")]},
            Health(Level.FAILED, "NotAvailable"),
        ),
        (
            {"phase": "Provisioning", "conditions": [condition("Available", "False", "NotAvailable")]},
            Health(Level.PROGRESSING, "NotAvailable"),
        ),
        (
            {"phase": "Provisioning", "conditions": [NOT_READY]},
            Health(Level.PROGRESSING, "WaitingForControlPlane"),
        ),
        ({"phase": "Pending"}, Health(Level.PROGRESSING, "Pending")),
        ({"phase": "Failed"}, Health(Level.FAILED, "Failed")),
        (
            {"phase": "Provisioned", "failureReason": "CreateError", "failureMessage": "no quota"},
            Health(Level.FAILED, "CreateError: no quota"),
        ),
        (
            {"phase": "Provisioned", "deprecated": {"v1beta1": {"failureReason": "CreateError"}}},
            Health(Level.FAILED, "CreateError"),
        ),
    ],
)
def test_a_cluster_is_available_or_ready_or_on_its_way(status: Obj, health: Health) -> None:
    assert read(CLUSTER, status)[0] == health


def test_paused_is_healthy_but_hides_no_fault() -> None:
    up = {"phase": "Provisioned", "conditions": [condition("Available", "True")]}
    assert read(CLUSTER, up, paused=True)[0] == Health(Level.HEALTHY, "paused")
    marked = {"cluster.x-k8s.io/paused": ""}
    health, cells = read(MACHINE_SET, {"replicas": 1, "readyReplicas": 1}, marked, replicas=1)
    assert (health, cells["paused"]) == (Health(Level.HEALTHY, "paused"), True)
    assert read(CLUSTER, {"phase": "Failed"}, paused=True)[0].level is Level.FAILED


def test_a_cluster_counts_in_v1beta2_and_says_ready_in_v1beta1() -> None:
    new = {
        "controlPlane": {"readyReplicas": 3, "desiredReplicas": 3},
        "workers": {"desiredReplicas": 5},
        "initialization": {"infrastructureProvisioned": True},
    }
    cells = read(CLUSTER, new, controlPlaneEndpoint={"host": "10.0.0.1", "port": 6443})[1]
    assert (cells["control_plane"], cells["workers"], cells["infrastructure"]) == ("3/3", "0/5", True)
    assert cells["endpoint"] == "10.0.0.1:6443"
    cells = read(CLUSTER, {"controlPlaneReady": False, "infrastructureReady": True})[1]
    assert (cells["control_plane"], cells["workers"], cells["infrastructure"]) == ("not ready", "", True)


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({"phase": "Running", "conditions": [condition("Ready", "True")]}, HEALTHY),
        ({"phase": "Provisioned"}, Health(Level.PROGRESSING, "Provisioned")),
        (
            {"phase": "Running", "conditions": [condition("Ready", "False", "NodeNotHealthy")]},
            Health(Level.FAILED, "NodeNotHealthy"),
        ),
        (
            {"phase": "Running", "conditions": [condition("NodeHealthy", "False", "Conditions", "Warning")]},
            Health(Level.DEGRADED, "Conditions"),
        ),
        ({"phase": "Deleting", "conditions": [NOT_READY]}, Health(Level.PROGRESSING, "WaitingForControlPlane")),
        ({"phase": "Failed", "failureMessage": "gone"}, Health(Level.FAILED, "gone")),
    ],
)
def test_a_machine_is_healthy_when_it_runs_a_healthy_node(status: Obj, health: Health) -> None:
    assert read(MACHINE, status)[0] == health


def test_a_machine_shows_its_node_and_its_own_address() -> None:
    addresses = [{"type": "ExternalIP", "address": "1.2.3.4"}, {"type": "InternalIP", "address": "10.0.0.7"}]
    status = {"nodeRef": {"name": "n1"}, "addresses": addresses, "certificatesExpiryDate": "2026-01-01T00:00:00Z"}
    cells = read(MACHINE, status, clusterName="c", version="v1.30.1")[1]
    assert (cells["node"], cells["address"], cells["in_cluster"]) == ("n1", "10.0.0.7", "c")
    assert cells["certificates"] == 1767225600.0


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"phase": "Running", "replicas": 3, "readyReplicas": 3, "updatedReplicas": 3}, HEALTHY),
        ({"phase": "Running", "replicas": 3, "readyReplicas": 3, "upToDateReplicas": 3}, HEALTHY),
        (
            {"phase": "Running", "replicas": 3, "readyReplicas": 3, "upToDateReplicas": 1},
            Health(Level.PROGRESSING, "1 of 3 up to date"),
        ),
        (
            {"phase": "Running", "replicas": 3, "readyReplicas": 2, "updatedReplicas": 3},
            Health(Level.DEGRADED, "2 of 3 ready"),
        ),
        ({"phase": "Running", "replicas": 3, "updatedReplicas": 3}, Health(Level.FAILED, "0 of 3 ready")),
        (
            {"phase": "ScalingUp", "replicas": 2, "readyReplicas": 2, "updatedReplicas": 2},
            Health(Level.PROGRESSING, "2 of 3 ready"),
        ),
        (
            {
                "replicas": 4,
                "readyReplicas": 3,
                "upToDateReplicas": 3,
                "conditions": [condition("Available", "True"), condition("RollingOut", "True", "RollingOut")],
            },
            Health(Level.PROGRESSING, "RollingOut"),
        ),
    ],
)
def test_a_machine_deployment_counts_replicas(status: Obj, health: Health) -> None:
    assert read(MACHINE_DEPLOYMENT, status, replicas=3)[0] == health


def test_a_control_plane_that_never_ran_is_being_made() -> None:
    down = {"replicas": 1, "conditions": [condition("Available", "False", "NotAvailable")]}
    assert read(KUBEADM_CONTROL_PLANE, down, replicas=3)[0] == Health(Level.PROGRESSING, "NotAvailable")
    ran = {**down, "initialization": {"controlPlaneInitialized": True}}
    assert read(KUBEADM_CONTROL_PLANE, ran, replicas=3)[0] == Health(Level.FAILED, "NotAvailable")
    old = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "initialized": True, "version": "v1.29.0"}
    health, cells = read(KUBEADM_CONTROL_PLANE, old, replicas=3, version="v1.29.0")
    assert health == HEALTHY
    assert (cells["ready"], cells["initialized"], cells["running"]) == ("3/3", True, "v1.29.0")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"expectedMachines": 3, "currentHealthy": 3}, HEALTHY),
        ({"expectedMachines": 0}, HEALTHY),
        ({"expectedMachines": 3, "currentHealthy": 2}, Health(Level.DEGRADED, "2 of 3 machines healthy")),
        ({"expectedMachines": 3}, Health(Level.FAILED, "0 of 3 machines healthy")),
        (
            {"expectedMachines": 3, "conditions": [condition("RemediationAllowed", "False", "TooManyUnhealthy")]},
            Health(Level.FAILED, "TooManyUnhealthy"),
        ),
    ],
)
def test_a_health_check_counts_healthy_machines(status: Obj, health: Health) -> None:
    assert read(MACHINE_HEALTH_CHECK, status)[0] == health
