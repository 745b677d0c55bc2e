"""`policy-enforce` and `backup-failing`: what they do to the objects that real controllers would write."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.demo.world.scenes import protection
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]
MEMBER = "prod-cloud"


@pytest.fixture(scope="module")
def enforcing() -> World:
    """Shortly before the policy audits again."""
    world = running("policy-enforce", 1)
    advance(world, 145)
    return world


def action(world: World) -> str:
    policy = world.clusters[MEMBER].find("clusterpolicies.kyverno.io", "", protection.POLICY)
    assert policy is not None
    return str(policy["spec"]["validationFailureAction"])


def refused(world: World) -> list[Obj]:
    """Deployments whose new pods are refused."""
    return [
        each
        for each in world.clusters[MEMBER].all_of("deployments.apps")
        if any(told["type"] == "ReplicaFailure" for told in each["status"]["conditions"])
    ]


def test_a_policy_that_enforces_refuses_the_pods_of_replica_sets(enforcing: World) -> None:
    assert action(enforcing) == "Enforce"
    events = [each for each in enforcing.clusters[MEMBER].all_of("events") if each["reason"] == "FailedCreate"]
    assert events
    assert all(each["involvedObject"]["kind"] == "ReplicaSet" and each["type"] == "Warning" for each in events)
    assert all(protection.POLICY in each["message"] for each in events)
    assert max(int(each["count"]) for each in events) > 3
    assert refused(enforcing)
    for deployment in refused(enforcing):
        assert deployment["status"].get("readyReplicas", 0) <= deployment["spec"]["replicas"]


def test_results_of_pods_that_are_gone_leave_the_reports(enforcing: World) -> None:
    cluster = enforcing.clusters[MEMBER]
    for space in {each["metadata"]["namespace"] for each in refused(enforcing)}:
        report = cluster.find("policyreports.wgpolicyk8s.io", space, f"cpol-{protection.POLICY}")
        assert report is not None
        assert report["summary"]["fail"] == sum(each["result"] == "fail" for each in report["results"]) > 0
        named = {each["resources"][0]["name"] for each in report["results"]}
        assert named <= {pod["metadata"]["name"] for pod in cluster.all_of("pods", space)}


def test_everything_recovers_when_the_policy_audits_again(enforcing: World) -> None:
    """The last one: it lets time pass."""
    advance(enforcing, 90)
    assert (action(enforcing), refused(enforcing)) == ("Audit", [])
    for deployment in enforcing.clusters[MEMBER].all_of("deployments.apps", "payments"):
        assert deployment["status"]["readyReplicas"] == deployment["spec"]["replicas"]


def runs(world: World) -> list[str]:
    """Phases of the runs, the oldest first."""
    found = world.clusters[MEMBER].all_of("backups.velero.io", "velero")
    its = [each for each in found if protection.BACKUP in each["metadata"]["name"]]
    return [each["status"]["phase"] for each in sorted(its, key=lambda each: each["status"]["startTimestamp"])]


def test_backups_fail_while_the_storage_denies_access_and_run_again_afterwards() -> None:
    world = running("backup-failing", 1)
    advance(world, 20)
    assert runs(world) == ["Completed", "Completed"]
    advance(world, 40)
    assert [phase for phase in hourly(world) if phase != "Completed"] == ["PartiallyFailed"]
    advance(world, 70)
    assert runs(world) == ["Completed", "Completed", "FailedValidation", "FailedValidation"]
    (location,) = world.clusters[MEMBER].all_of("backupstoragelocations.velero.io")
    assert location["status"]["phase"] == "Unavailable"
    assert "AccessDenied" in location["status"]["message"]
    advance(world, 370)
    (location,) = world.clusters[MEMBER].all_of("backupstoragelocations.velero.io")
    assert (location["status"]["phase"], "message" in location["status"]) == ("Available", False)
    assert (runs(world)[-1], runs(world).count("FailedValidation")) == ("Completed", 6)
    assert_copied(world)


def hourly(world: World) -> list[str]:
    found = world.clusters[MEMBER].all_of("backups.velero.io")
    return [each["status"]["phase"] for each in found if "payments-hourly" in each["metadata"]["name"]]


def assert_copied(world: World) -> None:
    """Kurator copies the newest run that completed."""
    backup = world.host.find("backups.backup.kurator.dev", "default", protection.BACKUP)
    assert backup is not None
    (detail,) = backup["status"]["backupDetails"]
    assert (detail["clusterName"], detail["backupStatusInCluster"]["phase"]) == (MEMBER, "Completed")
    assert world.clusters[MEMBER].find("backups.velero.io", "velero", detail["backupNameInCluster"]) is not None
