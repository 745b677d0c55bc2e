"""Deliveries from objects: at which revision each member is, and what keeps it from the source's."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.base import HOST, Level, Subject
from kurator_tui.kinds.deliveries import DELIVERIES, Sync, short_revision
from kurator_tui.kinds.flux import GIT_REPOSITORY, HELM_REPOSITORY, KUSTOMIZATION, OCI_REPOSITORY
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET
from tests.unit.fleet.delivery_estate import ABSENT, FORBIDDEN, LABEL, ON_M1, DeliveryEstate, sync, told
from tests.unit.fleet.rollout_objects import NEXT, REVISION, at, meta, second


@pytest.fixture
def estate() -> DeliveryEstate:
    return DeliveryEstate()


def waiting(*names: str) -> dict[str, Any]:
    return {"dependsOn": [{"name": name} for name in names]}


NOT_READY = told("False", "DependencyNotReady", "dependency 'apps/base' is not ready")


# -- in sync and not --------------------------------------------------------------------------------------------


def test_a_member_at_the_revision_of_the_source_is_in_sync(estate: DeliveryEstate) -> None:
    estate.applied()
    row = estate.delivery()
    assert (row.name, row.cluster, row.namespace, row.policy, row.fleet) == ("web", "m1", "apps", "sync", "prod")
    assert (row.state, row.level, row.blocked_by, row.reason) == (Sync.IN_SYNC, Level.HEALTHY, "", "")
    assert (row.revision_before, row.revision_after, row.applied) == (REVISION, REVISION, second(2))
    assert (row.object_kind, row.object_name, row.source) == ("Kustomization", ON_M1, "GitRepository/web")
    assert row.behind == 0.0


def test_a_row_stands_for_the_application_on_the_host(estate: DeliveryEstate) -> None:
    estate.applied()
    assert DELIVERIES.subject is not None
    its = DELIVERIES.subject(estate.delivery())
    assert its == Subject("applications.apps.kurator.dev", HOST, "apps", "web")


def test_a_newer_revision_that_flux_has_not_begun_with_is_out_of_sync(estate: DeliveryEstate) -> None:
    estate.applied()
    estate.git(NEXT)
    estate.now = second(3)
    row = estate.delivery()
    assert (row.state, row.level, row.behind) == (Sync.OUT_OF_SYNC, Level.PROGRESSING, second(1))
    assert (row.revision_before, row.revision_after) == (REVISION, NEXT)


def test_out_of_sync_for_long_is_a_fault(estate: DeliveryEstate) -> None:
    estate.applied()
    estate.git(NEXT)
    estate.now = second(9)
    assert (estate.delivery().state, estate.delivery().level) == (Sync.OUT_OF_SYNC, Level.DEGRADED)


def test_a_revision_that_flux_works_on_is_being_applied(estate: DeliveryEstate) -> None:
    estate.git(NEXT)
    estate.applied(ON_M1, REVISION, told("Unknown", "Progressing", "Reconciliation in progress"), attempted=NEXT)
    estate.now = second(9)
    row = estate.delivery()
    assert (row.state, row.level) == (Sync.APPLYING, Level.PROGRESSING)
    assert row.reason == "Progressing: Reconciliation in progress"


def test_what_somebody_suspended_is_healthy_and_says_where_it_stopped(estate: DeliveryEstate) -> None:
    estate.applied(suspend=True)
    estate.git(NEXT)
    row = estate.delivery()
    assert (row.state, row.level) == (Sync.SUSPENDED, Level.HEALTHY)
    assert row.reason == f"suspended at {REVISION}; its source has {NEXT}"


def test_a_fault_from_before_it_was_suspended_still_shows(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, REVISION, told("False", "BuildFailed", "no file"), suspend=True)
    row = estate.delivery()
    assert (row.state, row.level) == (Sync.SUSPENDED, Level.FAILED)
    assert row.reason == f"suspended at {REVISION}; before that BuildFailed: no file"


def test_a_fault_of_the_source_shows_beside_what_is_suspended(estate: DeliveryEstate) -> None:
    estate.git("", told("False", "GitOperationFailed", "host key mismatch"))
    estate.web(revision="")
    estate.applied(ON_M1, "", suspend=True)
    row = estate.delivery()
    assert (row.state, row.level, row.blocked_by) == (Sync.SUSPENDED, Level.DEGRADED, "source")
    assert row.reason == (
        "suspended before anything was applied; GitRepository web: GitOperationFailed: host key mismatch"
    )


def test_a_suspended_source_holds_its_deliveries(estate: DeliveryEstate) -> None:
    estate.git(REVISION, suspend=True)
    estate.applied()
    row = estate.delivery()
    assert (row.state, row.level) == (Sync.SUSPENDED, Level.HEALTHY)
    assert row.reason == f"its source is suspended: nothing after {REVISION} is fetched"


# -- blocked, and by what ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "message", "by"),
    [
        ("BuildFailed", "kustomize build failed: no such file", "build"),
        ("HealthCheckFailed", "timeout waiting for: [Deployment/shop/web]", "health check"),
        ("PruneFailed", "cannot delete", "prune"),
        ("ReconciliationFailed", "Deployment.apps web is invalid", "apply"),
        ("ReconciliationFailed", 'Get "https://m1:6443/api": dial tcp: connect: connection refused', "member"),
        (
            "ReconciliationFailed",
            "failed to build kube client: unable to read KubeConfig secret 'apps/m1'",
            "kubeconfig",
        ),
        ("SomethingNew", "who knows", "Flux"),
    ],
)
def test_what_flux_failed_at_is_what_blocks_it(estate: DeliveryEstate, reason: str, message: str, by: str) -> None:
    estate.git(NEXT)
    estate.applied(ON_M1, REVISION, told("False", reason, message), attempted=NEXT)
    row = estate.delivery()
    assert (row.state, row.level, row.blocked_by) == (Sync.BLOCKED, Level.FAILED, by)
    assert row.reason.startswith(f"{reason}: {message[:100]}")
    assert row.behind == second(1)


def test_a_missing_kubeconfig_names_the_secret_that_kurator_takes(estate: DeliveryEstate) -> None:
    estate.seen.members = {**estate.seen.members, "m1": Member("m1", "AttachedCluster", "apps", "m1", "m1-key")}
    estate.applied(ON_M1, "", told("False", "ReconciliationFailed", 'Secret "m1-key" not found'))
    assert estate.delivery().reason.endswith("(AttachedCluster m1 names the Secret m1-key)")


def test_a_cluster_whose_cloud_credential_is_taken_for_a_kubeconfig_is_told(estate: DeliveryEstate) -> None:
    """K2: Kurator gives Flux the cloud credential of a Cluster."""
    estate.seen.members = {**estate.seen.members, "m3": Member("m3", "Cluster", "apps", "m3")}
    estate.put(CLUSTER, {"metadata": meta("m3", "apps")})
    fleet = {"spec": {"clusters": [{"kind": "Cluster", "name": "m3"}]}, "status": {"phase": "Ready"}}
    estate.put(FLEET, {"metadata": meta("prod", "apps"), **fleet})
    estate.applied("sync-cluster-m3", "", told("False", "ReconciliationFailed", "KubeConfig secret has no key"))
    row = estate.delivery("m3")
    assert row.blocked_by == "kubeconfig"
    assert "attach m3 by its kubeconfig Secret" in row.reason


def test_a_source_that_cannot_be_fetched_blocks_what_is_in_sync_with_its_last_revision(
    estate: DeliveryEstate,
) -> None:
    estate.git(REVISION, told("False", "GitOperationFailed", "authentication required"))
    estate.applied()
    row = estate.delivery()
    assert (row.state, row.level, row.blocked_by) == (Sync.BLOCKED, Level.DEGRADED, "source")
    assert row.reason == "GitRepository web: GitOperationFailed: authentication required"


def test_a_source_that_was_never_fetched_has_delivered_nothing(estate: DeliveryEstate) -> None:
    estate.git("", told("False", "GitOperationFailed", "authentication required"))
    estate.applied(ON_M1, "", told("False", "ArtifactFailed", "Source artifact not found"))
    row = estate.delivery()
    assert (row.state, row.level, row.blocked_by) == (Sync.BLOCKED, Level.FAILED, "source")
    assert "authentication required" in row.reason


def test_without_a_source_nothing_new_comes(estate: DeliveryEstate) -> None:
    estate.delete(GIT_REPOSITORY, "git")
    assert (estate.delivery().blocked_by, estate.delivery().reason) == (
        "source",
        "there is no GitRepository for it",
    )


def test_a_delivery_waits_for_its_dependency_and_says_why_that_is_not_ready(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, "", NOT_READY, **waiting("base"))
    estate.put(
        KUSTOMIZATION,
        {
            "metadata": meta("base", "apps"),
            "status": {"conditions": [told("False", "BuildFailed", "no file")]},
        },
    )
    row = estate.delivery()
    assert (row.state, row.level, row.blocked_by) == (Sync.BLOCKED, Level.DEGRADED, "dependency")
    assert row.reason == "waits for base: BuildFailed: no file"


def test_a_dependency_on_its_way_is_no_fault(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, "", NOT_READY, **waiting("base"))
    conditions = [told("Unknown", "Progressing", "in progress")]
    estate.put(KUSTOMIZATION, {"metadata": meta("base", "apps"), "status": {"conditions": conditions}})
    row = estate.delivery()
    assert (row.level, row.reason) == (Level.PROGRESSING, "waits for base: Progressing: in progress")


def test_a_dependency_that_does_not_exist_is_said(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, "", NOT_READY, **waiting("base"))
    assert estate.delivery().reason == "waits for base, which does not exist"


def test_a_suspended_dependency_is_said(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, "", NOT_READY, **waiting("base"))
    conditions = [told("Unknown", "Progressing", "in progress")]
    base = {"metadata": meta("base", "apps"), "spec": {"suspend": True}, "status": {"conditions": conditions}}
    estate.put(KUSTOMIZATION, base)
    row = estate.delivery()
    assert (row.level, row.reason) == (Level.DEGRADED, "waits for base, which is suspended")


def test_dependencies_that_wait_for_each_other_are_named(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, "", NOT_READY, **waiting("base"))
    base = {"metadata": meta("base", "apps"), "spec": waiting("middle"), "status": {"conditions": [NOT_READY]}}
    estate.put(KUSTOMIZATION, base)
    middle = {"metadata": meta("middle", "apps"), "spec": waiting(ON_M1), "status": {"conditions": [NOT_READY]}}
    estate.put(KUSTOMIZATION, middle)
    row = estate.delivery()
    assert (row.blocked_by, row.level) == ("dependency", Level.FAILED)
    assert row.reason == f"dependsOn goes in a circle: {ON_M1} → base → middle → {ON_M1}"


# -- before Kurator made anything -------------------------------------------------------------------------------


def test_kurator_has_made_nothing_yet(estate: DeliveryEstate) -> None:
    row = estate.delivery()
    assert (row.state, row.level, row.object_name) == (Sync.WAITING, Level.PROGRESSING, "")
    assert row.reason == "Kurator has made no Kustomization for it yet"
    assert row.revision_after == REVISION


def test_a_fleet_that_is_not_ready_blocks(estate: DeliveryEstate) -> None:
    estate.ready_fleet("Running")
    row = estate.delivery()
    assert (row.state, row.blocked_by, row.level) == (Sync.BLOCKED, "fleet", Level.DEGRADED)
    assert row.reason == "the fleet prod is Running and not Ready"


def test_a_member_that_kurator_cannot_use_blocks(estate: DeliveryEstate) -> None:
    estate.put(ATTACHED_CLUSTER, {"metadata": meta("m1", "apps"), "status": {"ready": False}})
    row = estate.delivery()
    assert (row.blocked_by, row.reason) == ("member", "AttachedCluster m1 is not ready")


def test_a_member_that_does_not_exist_is_said(estate: DeliveryEstate) -> None:
    gone = Member("m9", "AttachedCluster", "apps", "m9", missing=True)
    estate.seen.members = {**estate.seen.members, "m9": gone}
    estate.ready_fleet("Ready", "m9")
    row = estate.delivery("m9")
    assert (row.blocked_by, row.level) == ("member", Level.FAILED)
    assert row.reason == "the fleet prod lists AttachedCluster m9, which does not exist"


def test_a_fleet_that_does_not_exist_is_told_on_the_host(estate: DeliveryEstate) -> None:
    estate.delete(FLEET, "uid-prod")
    row = estate.delivery(HOST)
    assert (row.state, row.blocked_by, row.level) == (Sync.BLOCKED, "fleet", Level.FAILED)
    assert row.reason == "the fleet prod does not exist"


def test_a_selector_that_chooses_nobody_is_told_on_the_host(estate: DeliveryEstate) -> None:
    target = {"fleet": "prod", "clusterSelector": {"matchLabels": {"env": "none"}}}
    estate.web(sync(destination=target))
    assert (estate.delivery(HOST).blocked_by, estate.deliveries("m1")) == ("selector", [])


def test_without_flux_on_the_host_nothing_can_be_delivered(estate: DeliveryEstate) -> None:
    estate.state(KUSTOMIZATION, ABSENT)
    row = estate.delivery()
    assert (row.blocked_by, row.level) == ("Flux", Level.FAILED)
    assert row.reason == "Flux is not installed on the host: there are no kustomizations"


def test_flux_objects_that_may_not_be_read_are_not_called_missing(estate: DeliveryEstate) -> None:
    estate.state(KUSTOMIZATION, FORBIDDEN)
    row = estate.delivery()
    assert (row.state, row.level) == (Sync.WAITING, Level.UNKNOWN)
    assert row.reason == "kustomizations on the host cannot be read: forbidden: no"


def test_crds_without_a_controller_leave_no_status(estate: DeliveryEstate) -> None:
    estate.put(KUSTOMIZATION, {"metadata": meta(ON_M1, "apps", labels=LABEL), "status": {}})
    estate.git("", told())
    estate.web(revision="")
    row = estate.delivery()
    assert (row.state, row.level) == (Sync.WAITING, Level.UNKNOWN)
    assert row.reason == "no status yet: is its controller running?"


# -- other sources ----------------------------------------------------------------------------------------------


def test_an_oci_source_is_compared_though_kurator_never_copies_its_status(estate: DeliveryEstate) -> None:
    estate.web(source="ociRepository", revision="")
    status = {"artifact": {"revision": "v2@sha256:bb", "lastUpdateTime": at(1)}, "conditions": [told()]}
    estate.put(OCI_REPOSITORY, {"metadata": meta("web", "apps", labels=LABEL), "status": status})
    estate.applied(ON_M1, "v1@sha256:aa")
    row = estate.delivery()
    assert (row.state, row.revision_after, row.source) == (Sync.OUT_OF_SYNC, "v2@sha256:bb", "OCIRepository/web")


def test_a_chart_is_compared_with_what_was_tried_and_not_with_the_index(estate: DeliveryEstate) -> None:
    helm = {"name": "sync", "helm": {"chart": {"spec": {"chart": "web", "version": "2.3.0"}}}}
    estate.web(helm, source="helmRepository", revision="sha256:index")
    status = {"artifact": {"revision": "sha256:index", "lastUpdateTime": at(1)}, "conditions": [told()]}
    estate.put(HELM_REPOSITORY, {"metadata": meta("web", "apps", labels=LABEL), "status": status})
    estate.release(told(reason="ReconciliationSucceeded"))
    row = estate.delivery()
    assert (row.state, row.object_kind, row.revision_before) == (Sync.IN_SYNC, "HelmRelease", "2.2.0")
    failed = {"lastAppliedRevision": "2.2.0", "lastAttemptedRevision": "2.3.0"}
    estate.release(told("False", "UpgradeFailed", "field is immutable"), status=failed)
    row = estate.delivery()
    assert (row.state, row.blocked_by) == (Sync.BLOCKED, "upgrade")
    assert (row.revision_before, row.revision_after) == ("2.2.0", "2.3.0")


# -- what is left, and what contradicts -------------------------------------------------------------------------


def test_what_no_policy_asks_for_any_more_is_left_behind_on_its_member(estate: DeliveryEstate) -> None:
    estate.applied()
    estate.applied("old-attachedcluster-m1", uid="old")
    rows = {row.policy: row for row in estate.deliveries("m1")}
    left = rows["old-attachedcluster-m1"]
    assert (left.state, left.level, left.blocked_by) == (Sync.LEFT, Level.DEGRADED, "policy")
    assert rows["sync"].state == Sync.IN_SYNC
    assert len({row.uid for row in rows.values()}) == 2


def test_what_a_member_that_left_its_fleet_still_gets_is_told_on_the_host(estate: DeliveryEstate) -> None:
    estate.applied("sync-attachedcluster-gone", inventory=("shop_web_apps_Deployment",))
    row = estate.delivery(HOST)
    assert (row.state, row.objects, row.read) == (Sync.LEFT, 1, 0)


def test_an_application_without_a_source_is_said(estate: DeliveryEstate) -> None:
    estate.web(source="")
    assert (estate.delivery().blocked_by, estate.delivery().reason) == (
        *("source", "the Application names no source"),
    )


def test_an_application_that_cannot_go_without_its_fleet_says_so(estate: DeliveryEstate) -> None:
    estate.delete(FLEET, "uid-prod")
    estate.web(deletionTimestamp=at(9))
    row = estate.delivery(HOST)
    assert (row.state, row.blocked_by) == (Sync.DELETING, "fleet")
    assert "cannot be deleted without it" in row.reason


def test_hostile_texts_make_rows_and_no_error(estate: DeliveryEstate) -> None:
    estate.applied(ON_M1, "\x1b[31m" * 50, told("False", "\x1b[2J", "x" * 9000), dependsOn=["x", {"name": 3}])
    row = estate.delivery()
    assert row.state == Sync.BLOCKED
    assert len(row.reason) <= 300


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("main@sha1:8d2f1c7e5b0a94d36f2e1a7c9b8d4f6051e3a2c7", "main@8d2f1c7"),
        ("main/8d2f1c7e5b0a94d36f2e1a7c9b8d4f6051e3a2c7", "main@8d2f1c7"),
        ("8d2f1c7e5b0a94d36f2e1a7c9b8d4f6051e3a2c7", "8d2f1c7"),
        ("latest@sha256:" + "ab" * 32, "latest@abababa"),
        ("2024.6.1", "2024.6.1"),
        ("", ""),
    ],
)
def test_revisions_are_short_in_tables(long: str, short: str) -> None:
    assert short_revision(long) == short


def test_policies_of_one_name_are_two_rows(estate: DeliveryEstate) -> None:
    estate.web(sync(), sync())
    estate.applied()
    assert len({row.uid for row in estate.deliveries()}) == 2
