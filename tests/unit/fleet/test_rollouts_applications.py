"""Sync policies of Applications as rollouts, one row a cluster, and what goes wrong between host and members."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.argo import ROLLOUT
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.istio import VIRTUAL_SERVICE
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.rollouts import Outcome, outcome
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.rollout_objects import NEXT, REVISION, Estate, at, meta, policy, second

SYNC: dict[str, Any] = {"name": "sync", "kustomization": {"path": "./"}}
FORBIDDEN = Freshness(State.FORBIDDEN, 5.0, "no")


@pytest.fixture
def estate() -> Estate:
    return Estate()


# -- where a policy goes ----------------------------------------------------------------------------------------


def test_a_policy_is_one_row_on_each_member_with_its_own_canary(estate: Estate) -> None:
    estate.application(labels={"team": "shop"})
    estate.kustomization("canary-attachedcluster-m1")
    estate.canary("m1", weight=10)
    estate.canary("m2", weight=40)
    for cluster, weight in (("m1", 10), ("m2", 40)):
        row = estate.row(cluster)
        assert (row.name, row.application, row.application_namespace) == ("web", "web", "apps")
        assert (row.policy, row.policy_index, row.fleet, row.source) == ("canary", 0, "prod", "Kurator")
        assert (row.namespace, row.canary, row.weight) == ("shop", "backend", weight)
        assert row.labels == (("team", "shop"),)
    assert estate.row("m1").revision_after == REVISION
    assert estate.rows(HOST) == []


def test_policies_without_a_name_are_called_by_their_number(estate: Estate) -> None:
    estate.application(policy(name=""), SYNC | {"name": None})
    estate.kustomization("web-1-attachedcluster-m1")
    assert [row.policy for row in estate.rows()] == ["web-0", "web-1"]
    assert [row.phase for row in estate.rows()] == ["", "Succeeded"]


def test_a_selector_chooses_members_by_the_labels_of_their_objects(estate: Estate) -> None:
    estate.member("m2", env="test")
    target = {"fleet": "prod", "clusterSelector": {"matchLabels": {"env": "test"}}}
    estate.application(policy(destination=target))
    assert estate.rows("m1") == []
    assert estate.row("m2").policy == "canary"


def test_a_selector_that_chooses_nobody_is_told_on_the_host(estate: Estate) -> None:
    target = {"fleet": "prod", "clusterSelector": {"matchLabels": {"env": "none"}}}
    estate.application(policy(destination=target))
    row = estate.row(HOST)
    assert (row.level, row.reason) == (
        *(Level.FAILED, "no cluster of the fleet prod has the labels of its clusterSelector"),
    )


def test_without_a_destination_it_goes_to_the_host(estate: Estate) -> None:
    estate.application(SYNC, spec={"destination": None})
    estate.kustomization("sync-currentcluster-host")
    row = estate.row(HOST)
    assert (row.cluster, row.fleet, row.phase, row.strategy) == (HOST, "", "Succeeded", "sync")
    assert estate.rows("m1") == []


def test_a_fleet_that_is_gone_is_told_on_the_host(estate: Estate) -> None:
    estate.delete(FLEET, "uid-prod")
    estate.application()
    assert estate.rows("m1") == []
    row = estate.row(HOST)
    assert (row.level, row.reason, outcome(row)) == (
        *(Level.FAILED, "the fleet prod does not exist", Outcome.FAILED),
    )


def test_what_a_fleet_left_behind_when_it_went_keeps_its_rows(estate: Estate) -> None:
    estate.delete(FLEET, "uid-prod")
    estate.application(deletionTimestamp=at(9))
    estate.kustomization("canary-attachedcluster-m1")
    estate.canary(weight=30)
    row = estate.row()
    assert (row.weight, row.level) == (30, Level.DEGRADED)
    assert row.reason == "the fleet prod does not exist: the Application cannot be deleted without it"
    assert estate.rows(HOST) == []


# -- Flux -------------------------------------------------------------------------------------------------------


def test_flux_objects_are_read_and_never_their_copies_in_the_application(estate: Estate) -> None:
    """K1: every copy in `syncStatus` shows the last object's data."""
    wrong = {"conditions": [{"type": "Ready", "status": "False", "reason": "Wrong"}]}
    names = [f"sync-attachedcluster-{cluster}" for cluster in ("m1", "m2")]
    synced = [{"name": name, "kustomizationStatus": wrong} for name in names]
    estate.application(SYNC, status={"syncStatus": synced})
    estate.kustomization(names[0])
    estate.kustomization(names[1], revision="main@sha1:old", ready="False", message="no such file")
    assert (estate.row("m1").phase, estate.row("m1").level) == ("Succeeded", Level.HEALTHY)
    assert (estate.row("m2").phase, estate.row("m2").reason) == ("Failed", "Because: no such file")


def test_a_revision_that_is_not_applied_yet_is_no_success(estate: Estate) -> None:
    estate.application(policy(), SYNC, revision=NEXT)
    estate.kustomization("canary-attachedcluster-m1")
    estate.kustomization("sync-attachedcluster-m1")
    estate.canary(phase="Succeeded")
    for row in estate.rows():
        assert (row.revision_before, row.revision_after) == (REVISION, NEXT)
        assert (row.level, row.reason) == (Level.PROGRESSING, f"revision {NEXT} is not applied yet")
        assert outcome(row) is Outcome.GOING


def test_it_is_known_when_flux_applied_a_revision(estate: Estate) -> None:
    estate.application(policy(), SYNC)
    for name in ("canary", "sync"):
        estate.kustomization(f"{name}-attachedcluster-m1")
    estate.canary(phase="Succeeded")
    assert {row.applied for row in estate.rows()} == {second(2)}


def test_the_repository_knows_before_the_application_does(estate: Estate) -> None:
    estate.application(policy())
    estate.repository(NEXT)
    estate.kustomization("canary-attachedcluster-m1")
    estate.canary(phase="Succeeded")
    assert outcome(estate.row()) is Outcome.GOING
    estate.kustomization("canary-attachedcluster-m1", revision=NEXT)
    assert (estate.row().revision_before, estate.row().revision_after) == (NEXT, NEXT)
    assert outcome(estate.row()) is Outcome.SUCCEEDED


def test_a_failure_is_none_of_a_revision_that_is_not_applied_yet(estate: Estate) -> None:
    estate.application(policy())
    estate.repository(NEXT)
    estate.kustomization("canary-attachedcluster-m1")
    estate.canary(phase="Failed")
    assert (estate.row().phase, outcome(estate.row())) == ("Failed", Outcome.GOING)
    estate.kustomization("canary-attachedcluster-m1", revision=NEXT)
    assert outcome(estate.row()) is Outcome.FAILED


def test_a_suspended_kustomization_waits_with_a_newer_revision(estate: Estate) -> None:
    estate.application(SYNC, revision=NEXT)
    estate.kustomization("sync-attachedcluster-m1", suspend=True)
    row = estate.row()
    assert (row.phase, row.level, row.reason, row.suspended) == ("Waiting", Level.HEALTHY, "suspended", True)
    assert row.since == second(2)
    assert outcome(row) is Outcome.GOING


def test_a_helm_release_is_read_as_well(estate: Estate) -> None:
    estate.application({"name": "sync", "helm": {"chart": {}}})
    ready = {"type": "Ready", "status": "False", "reason": "UpgradeFailed", "lastTransitionTime": at(3)}
    status = {"conditions": [ready], "lastAppliedRevision": "1.0", "lastAttemptedRevision": "1.1"}
    labels = {"apps.kurator.dev/app-name": "web"}
    estate.put(
        HELM_RELEASE, {"metadata": meta("sync-attachedcluster-m1", "apps", labels=labels), "status": status}
    )
    row = estate.row("m1")
    assert (row.phase, row.reason, row.since) == ("Failed", "UpgradeFailed", second(3))
    assert (row.revision_before, row.revision_after) == ("1.0", "1.1")


def test_what_flux_cannot_apply_does_not_go_out(estate: Estate) -> None:
    estate.application()
    estate.kustomization("canary-attachedcluster-m1", ready="False", message="bad yaml")
    estate.canary(phase="Succeeded")
    row = estate.row()
    assert (row.level, row.reason, row.phase) == (Level.FAILED, "Flux: Because: bad yaml", "Succeeded")
    assert outcome(row) is Outcome.FAILED


def test_flux_objects_of_another_application_are_not_its_own(estate: Estate) -> None:
    estate.application(SYNC)
    estate.put(APPLICATION, {"metadata": meta("other", "apps"), "spec": {"syncPolicies": []}})
    estate.kustomization("sync-attachedcluster-m2")
    row = estate.row("m1")
    assert (row.phase, row.reason) == ("", "Kurator has made no Flux object for it")


def test_a_synced_policy_counts_the_deployments_that_flux_applied(estate: Estate) -> None:
    estate.application(SYNC)
    estate.kustomization("sync-attachedcluster-m1")
    labels = {
        "kustomize.toolkit.fluxcd.io/name": "sync-attachedcluster-m1",
        "kustomize.toolkit.fluxcd.io/namespace": "apps",
    }
    waiting: dict[str, Any] = {
        "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]
    }
    estate.workload("api", "api:2", ready=1, wanted=3, meta={"labels": labels}, **waiting)
    row = estate.row()
    assert (row.phase, row.primary_pods) == ("Progressing", (1, 3))
    assert row.reason == "api: 1 of 3 updated replicas available"


# -- members ----------------------------------------------------------------------------------------------------


def test_a_service_of_another_name_than_its_workload_loses_its_canary(estate: Estate) -> None:
    """K3: the Canary is made by the workload's name and looked for by the Service's."""
    estate.application(policy(service="web"))
    note = "serviceName web is not the workload's name backend: Kurator loses its Canary"
    estate.canary(phase="Succeeded", service={"name": "web"})
    row = estate.row()
    assert (row.canary, row.notes, row.level, row.reason) == ("backend", (note,), Level.DEGRADED, note)
    estate.delete(CANARY, "uid-backend", "m1")
    row = estate.row()
    assert (row.canary, row.notes, row.reason) == ("", (note,), "there is no Canary backend in shop")


def test_a_canary_that_is_missing_is_told(estate: Estate) -> None:
    estate.application()
    row = estate.row()
    assert (row.phase, row.level, row.reason) == ("", Level.DEGRADED, "there is no Canary backend in shop")
    assert outcome(row) is Outcome.GOING


def test_a_member_without_flagger_is_told(estate: Estate) -> None:
    estate.application()
    estate.store.set_freshness("m1", CANARY.id, Freshness(State.ABSENT, 1.0))
    assert estate.row().reason == "Flagger is not installed here"


def test_the_annotation_of_kumas_mesh_is_missed(estate: Estate) -> None:
    """K5: Kurator overwrites the annotations of its Canaries."""
    estate.application()
    estate.canary(phase="Initialized", provider="kuma")
    found = estate.row()
    assert found.notes == (
        "the annotation kuma.io/mesh is missing: Kurator overwrites annotations of its Canaries",
    )
    assert found.level is Level.DEGRADED
    estate.canary(phase="Initialized", provider="kuma", mesh="default")
    assert estate.row().notes == ()
    estate.canary(phase="Initialized", provider="istio")
    assert estate.row().notes == ()


@pytest.mark.parametrize(
    ("policies", "why"),
    [((SYNC,), "does not exist"), ((SYNC, {"name": "canary"}), "has no rollout for it any more")],
)
def test_a_canary_that_no_policy_asks_for_was_left_behind(estate: Estate, policies: Any, why: str) -> None:
    """K6: without its rollout block a policy leaves the Canary on the members."""
    estate.application(*policies)
    estate.canary(phase="Initialized")
    (row,) = (row for row in estate.rows() if row.source == "Canary")
    assert row.reason == f"Kurator left it behind: the sync policy canary {why}"
    assert (row.level, row.application) == (Level.DEGRADED, "")


def test_nothing_is_left_behind_while_applications_cannot_be_read(estate: Estate) -> None:
    estate.canary(phase="Initialized")
    estate.store.set_freshness(HOST, APPLICATION.id, FORBIDDEN)
    assert (estate.row().notes, estate.row().level) == ((), Level.HEALTHY)


def test_a_member_that_is_down_keeps_its_last_rows_and_says_so(estate: Estate) -> None:
    estate.application()
    estate.canary("m1", weight=20)
    estate.canary("m2", weight=30)
    assert estate.row().stale == ""
    estate.down("m1")
    row = estate.row("m1")
    assert (row.weight, row.stale) == (20, "stale: no answer")
    assert estate.row("m2").stale == ""
    assert outcome(row) is Outcome.GOING


def test_a_member_that_never_answered_shows_what_the_application_saw(estate: Estate) -> None:
    copy = {"phase": "Progressing", "canaryWeight": 30, "failedChecks": 1, "lastTransitionTime": at(3)}
    told = {"clusterName": "m1", "rolloutNameInCluster": "backend", "rolloutStatusInCluster": copy}
    estate.application(status={"syncStatus": [{"name": "x", "rolloutStatus": told}]})
    estate.store.set_freshness("m1", "", Freshness(State.UNREACHABLE, 5.0, "refused"))
    row = estate.row()
    assert (row.phase, row.weight, row.failed_checks, row.since) == ("Progressing", 30, 1, second(3))
    assert row.stale == "as the Application saw it last"
    estate.store.set_freshness("m2", "", Freshness(State.UNREACHABLE, 5.0, "refused"))
    row = estate.row("m2")
    assert (row.phase, row.level, row.reason) == ("", Level.UNKNOWN, "unreachable: refused")


def test_what_may_not_be_read_on_a_member_is_told(estate: Estate) -> None:
    estate.application()
    estate.canary()
    estate.store.set_freshness("m1", VIRTUAL_SERVICE.id, FORBIDDEN)
    assert estate.row().notes == ("virtualservices cannot be read",)
    assert estate.row().level is Level.PROGRESSING


# -- what no Application stands behind --------------------------------------------------------------------------


def test_only_deployments_that_replace_their_pods_now_are_rollouts(estate: Estate) -> None:
    estate.canary(phase="Progressing", policy="")
    going: dict[str, Any] = {
        "updatedReplicas": 1,
        "conditions": [{"type": "Progressing", "reason": "ReplicaSetUpdated"}],
    }
    for name in ("backend", "backend-primary", "api"):
        estate.workload(name, "api:2", ready=3, wanted=4, **going)
    estate.workload("done", "done:1")
    estate.workload("crashing", "crashing:1", ready=0)
    rows = {row.name: row for row in estate.rows()}
    assert set(rows) == {"backend", "api"}
    row = rows["api"]
    assert (row.source, row.strategy, row.phase, row.weight) == ("Deployment", "rolling", "Progressing", 25)
    assert (row.primary_pods, row.image_after) == ((3, 4), "api:2")


def test_a_deployment_beyond_its_deadline_failed(estate: Estate) -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
    estate.workload("api", "api:2", ready=0, conditions=[late | {"lastUpdateTime": at(4)}])
    row = estate.row()
    assert (row.phase, row.level, row.since) == ("Failed", Level.FAILED, second(4))
    assert row.reason == "ProgressDeadlineExceeded: timed out"


@pytest.mark.parametrize(
    ("word", "phase"),
    [("Healthy", "Succeeded"), ("Progressing", "Progressing"), ("Paused", "Waiting"), ("Degraded", "Failed")],
)
def test_an_argo_rollout_in_flaggers_words(estate: Estate, word: str, phase: str) -> None:
    steps = [{"setWeight": 20}, {"pause": {}}, {"setWeight": 60}]
    spec = {"replicas": 5, "strategy": {"canary": {"steps": steps}}}
    status = {"phase": word, "currentStepIndex": 1, "readyReplicas": 4, "updatedReplicas": 1}
    estate.argo(spec=spec, status=status | {"availableReplicas": 5})
    row = estate.row()
    assert (row.source, row.strategy, row.phase) == ("Argo", "canary", phase)
    assert (row.weight, row.steps, row.iteration, row.iterations) == (20, (20, 60), 1, 3)
    assert row.primary_pods == (4, 5)


def test_an_argo_rollout_that_was_aborted_failed(estate: Estate) -> None:
    estate.argo(spec={"strategy": {"blueGreen": {}}}, status={"phase": "Progressing", "abort": True})
    assert (estate.row().phase, estate.row().strategy, estate.row().weight) == ("Failed", "blue/green", None)


# -- cost and hostile values ------------------------------------------------------------------------------------


def test_rows_whose_objects_did_not_change_are_the_same(estate: Estate) -> None:
    estate.application(policy(), SYNC)
    estate.canary("m1", weight=10)
    estate.canary("m1", name="other", policy="")
    before = estate.rows()
    assert all(one is other for one, other in zip(before, estate.rows(), strict=True))
    estate.canary("m1", weight=20)
    after = estate.rows()
    changed = [row.name for row, old in zip(after, before, strict=True) if row is not old]
    assert (changed, after[0].weight) == (["web"], 20)


@pytest.mark.parametrize(
    "policies",
    [
        [None, "policy", 7],
        [{"name": 7, "rollout": "yes", "destination": []}],
        [{"rollout": {"workload": "backend", "serviceName": {}}}],
        [{"destination": {"fleet": ["prod"], "clusterSelector": "all"}, "rollout": {}}],
        [{"destination": {"fleet": "prod", "clusterSelector": {"matchLabels": [1]}}}],
    ],
)
def test_hostile_policies_cost_nothing_but_themselves(estate: Estate, policies: Any) -> None:
    estate.put(APPLICATION, {"metadata": meta("web", "apps"), "spec": {"syncPolicies": policies}})
    estate.canary(policy="")
    for cluster in (HOST, "m1", "m2"):
        estate.rows(cluster)
    assert "backend" in {row.canary for row in estate.rows()}


def test_hostile_workloads_cost_nothing_but_themselves(estate: Estate) -> None:
    for kind in (DEPLOYMENT, ROLLOUT, VIRTUAL_SERVICE):
        estate.put(kind, {"metadata": meta("backend"), "spec": 7, "status": "x"}, "m1")
    estate.canary(policy="")
    assert {row.source for row in estate.rows()} == {"Canary", "Argo"}


def test_texts_of_members_stay_short(estate: Estate) -> None:
    estate.canary(phase="Failed", policy="")
    estate.says(5, "Halt backend.shop advancement " + "x" * 5000)
    row = estate.row()
    assert max(len(row.reason), len(row.told)) <= 200
