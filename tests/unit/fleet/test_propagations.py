"""Bindings as rows: which policy won, where it is, and what keeps it from there."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet.propagations import JOIN
from kurator_tui.kinds.base import HOST, Level, Subject
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.karmada_propagation import (
    CLUSTER_PROPAGATION_POLICY,
    CLUSTER_RESOURCE_BINDING,
    PROPAGATION_POLICY,
    RESOURCE_BINDING,
)
from kurator_tui.kinds.propagations import PROPAGATIONS
from tests.unit.fleet.karmada_objects import FORBIDDEN, LIVE, WEB, ControlPlane, meta, nowhere, scheduled, told


@pytest.fixture
def karmada() -> ControlPlane:
    return ControlPlane()


# -- where it is ------------------------------------------------------------------------------------------------


def test_a_binding_is_one_row_with_its_policy_and_clusters(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.binding()
    row = karmada.row()
    assert (row.cluster, row.namespace, row.kind, row.name) == (HOST, "shop", "Deployment", "web")
    assert (row.level, row.state, row.reason) == (Level.HEALTHY, "applied", "")
    assert (row.clusters, row.replicas, row.applied, row.unhealthy) == ((("m1", 2), ("m2", 2)), 4, 2, 0)
    assert (row.policy, row.match, row.note, row.others) == (
        *("pp/web", "name match", "name match, the only policy", 0),
    )


def test_a_row_stands_for_its_binding(karmada: ControlPlane) -> None:
    karmada.policy(wide=True)
    karmada.binding(wide=True)
    karmada.binding("all", name="shop-namespace", namespace="", resource={"kind": "Namespace", "name": "shop"})
    wide, own = sorted(karmada.rows(), key=lambda row: row.binding)
    assert PROPAGATIONS.subject is not None
    assert PROPAGATIONS.subject(own) == Subject("resourcebindings.work.karmada.io", HOST, "shop", "web-deployment")
    assert PROPAGATIONS.subject(wide) == Subject(
        "clusterresourcebindings.work.karmada.io", HOST, "", "shop-namespace"
    )


def test_what_has_no_replicas_shows_none(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.binding(spec={"clusters": [{"name": "m1"}], "replicas": 0})
    row = karmada.row()
    assert (row.clusters, row.replicas) == ((("m1", -1),), None)
    columns = {column.key: column.value(row) for column in PROPAGATIONS.columns}
    assert (columns["clusters"], columns["replicas"], columns["applied"]) == ("m1", "", "1/1")


def test_a_control_plane_may_be_any_cluster() -> None:
    karmada = ControlPlane("karmada-eu")
    karmada.policy()
    karmada.binding()
    assert karmada.row().cluster == "karmada-eu"
    assert karmada.rows(HOST) == karmada.rows("m1") == []


# -- what keeps it away -----------------------------------------------------------------------------------------


def test_no_cluster_fits_by_the_schedulers_own_numbers(karmada: ControlPlane) -> None:
    karmada.policy()
    sentence = (
        "0/2 clusters are available: 1 cluster(s) had untolerated taint {site=cold:NoSchedule}, "
        "1 cluster(s) did not have the API resource."
    )
    karmada.cluster("m1", ("site", "NoSchedule"))
    karmada.cluster("m2", status={"apiEnablements": [{"groupVersion": "v1", "resources": [{"kind": "Pod"}]}]})
    karmada.binding(clusters=(), status=nowhere(sentence))
    row = karmada.row()
    assert (row.level, row.state, row.summary) == (Level.FAILED, "NoClusterFit", "1 taint, 1 API")
    assert row.reason == "1 taint, 1 API: no cluster fits"


def test_without_the_schedulers_numbers_the_filters_are_applied_here(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.cluster("m1", ("site", "NoSchedule"))
    affinity = {"clusterAffinity": {"clusterNames": ["m1"]}}
    karmada.binding(clusters=(), placement=affinity, status=nowhere("no cluster"))
    assert karmada.row().reason == "1 taint, 1 affinity: no cluster fits"


def test_a_cluster_that_would_fit_now_is_named(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.binding(clusters=(), status=nowhere("0/2 clusters are available: 2 cluster(s) had untolerated taint."))
    assert karmada.row().reason == "2 taint: no cluster fits; m1, m2 would fit now"


def test_too_few_clusters_to_spread_over_are_told(karmada: ControlPlane) -> None:
    karmada.policy()
    spread = {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 3}]}
    karmada.binding(clusters=(), placement=spread, status=nowhere())
    assert karmada.row().reason == "is to be spread over at least 3 clusters, 2 fit"


@pytest.mark.parametrize("reason", ["Unschedulable", "QuotaExceeded", "SchedulerError"])
def test_any_other_failure_is_told_in_karmadas_words(karmada: ControlPlane, reason: str) -> None:
    karmada.policy()
    karmada.binding(clusters=(), status=nowhere("no room for 12 replicas", reason))
    row = karmada.row()
    assert (row.level, row.state, row.reason) == (Level.FAILED, reason, f"{reason}: no room for 12 replicas")


# -- what becomes of it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "spec", "found"),
    [
        (
            {"aggregatedStatus": [told("m1"), told("m2", applied=False, appliedMessage="denied")]},
            {},
            (Level.FAILED, "not applied", "m2: denied"),
        ),
        (
            {
                "aggregatedStatus": [
                    told("m1", applied=False, appliedMessage="Failed to apply all manifests (0/1): denied")
                ]
            },
            {},
            (Level.FAILED, "not applied", "m1: denied"),
        ),
        (
            {"aggregatedStatus": [told("m1", "Unhealthy"), told("m2")]},
            {},
            (Level.DEGRADED, "unhealthy", "unhealthy on m1"),
        ),
        ({"aggregatedStatus": [told("m1")]}, {}, (Level.PROGRESSING, "applying", "not applied yet on m2")),
        ({"conditions": []}, {}, (Level.UNKNOWN, "pending", "no status: Karmada's scheduler has not seen it")),
        ({}, {"suspension": {"dispatching": True}}, (Level.HEALTHY, "suspended", "dispatching suspended")),
        ({}, {"suspension": {"scheduling": True}}, (Level.HEALTHY, "suspended", "scheduling suspended")),
        (
            {"aggregatedStatus": [told("m1")]},
            {"suspension": {"dispatchingOnClusters": {"clusterNames": ["m2"]}}},
            (Level.HEALTHY, "applied", "dispatching suspended on m2"),
        ),
        (
            {},
            {"gracefulEvictionTasks": [{"fromCluster": "m3", "reason": "TaintUntolerated"}]},
            (Level.PROGRESSING, "evicting", "evicting from m3: TaintUntolerated"),
        ),
        (
            {"aggregatedStatus": []},
            {"clusters": []},
            (Level.UNKNOWN, "unplaced", "Success"),
        ),
    ],
    ids=[
        "refused",
        "plainly",
        "unhealthy",
        "applying",
        "unseen",
        "off",
        "unscheduled",
        "partly",
        "evicting",
        "unplaced",
    ],
)
def test_the_worst_that_is_known_decides(karmada: ControlPlane, status: Any, spec: Any, found: Any) -> None:
    karmada.policy()
    karmada.binding(status=status, spec=spec)
    row = karmada.row()
    assert (row.level, row.state, row.reason) == found


def test_a_newer_spec_is_not_scheduled_yet(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.binding(generation=4, status={"schedulerObservedGeneration": 3})
    assert (karmada.row().state, karmada.row().reason) == ("scheduling", "spec update not scheduled yet")


def test_what_is_told_of_a_cluster_that_karmada_lost_is_not_sure(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.cluster("m2", ready="False")
    karmada.binding()
    row = karmada.row()
    assert (row.level, row.reason) == (Level.UNKNOWN, "m2 not reached: as Karmada saw it last")


def test_a_cluster_that_karmada_does_not_have_is_a_contradiction(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.binding(clusters=("m1", "m9"))
    assert (karmada.row().level, karmada.row().reason) == (Level.DEGRADED, "Karmada has no cluster m9")
    karmada.delete(KARMADA_CLUSTER, "uid--m1")
    karmada.delete(KARMADA_CLUSTER, "uid--m2")
    assert karmada.row().level is Level.HEALTHY


# -- whose it is ------------------------------------------------------------------------------------------------


def test_policies_that_match_as_well_are_counted(karmada: ControlPlane) -> None:
    karmada.policy(priority=3)
    karmada.policy("all", {"apiVersion": "apps/v1", "kind": "Deployment"})
    karmada.policy("everything", {"apiVersion": "apps/v1", "kind": "Deployment"}, wide=True)
    karmada.binding()
    assert (karmada.row().others, karmada.row().note) == (2, "name match; priority 3 over 0 of pp/all")


def test_labels_of_the_template_decide_where_they_are_known(karmada: ControlPlane) -> None:
    selector = {"apiVersion": "apps/v1", "kind": "Deployment", "labelSelector": {"matchLabels": {"app": "web"}}}
    karmada.policy("web", selector)
    karmada.binding()
    assert karmada.row().note == "label match if its labels are so, the only policy"
    karmada.deployment(HOST, labels={"app": "web"})
    assert karmada.row().note == "label match, the only policy"
    karmada.deployment(HOST, labels={"app": "api"})
    row = karmada.row()
    assert (row.level, row.match, row.reason) == (
        *(Level.DEGRADED, "", "pp/web claimed it, and matches it no longer"),
    )


def test_a_policy_that_is_gone_is_told(karmada: ControlPlane) -> None:
    karmada.binding("old")
    row = karmada.row()
    assert (row.level, row.policy) == (Level.DEGRADED, "pp/old")
    assert row.reason == "pp/old claimed it, and is gone"


def test_policies_that_may_not_be_read_are_not_said_to_be_gone(karmada: ControlPlane) -> None:
    karmada.binding("old")
    karmada.freshness(PROPAGATION_POLICY, FORBIDDEN)
    row = karmada.row()
    assert (row.level, row.policy, row.note) == (
        *(Level.HEALTHY, "pp/old", "propagationpolicies.policy.karmada.io cannot be read"),
    )


def test_what_goes_along_with_another_binding_needs_no_policy(karmada: ControlPlane) -> None:
    karmada.binding("", spec={"requiredBy": [{"namespace": "shop", "name": "web-deployment"}]})
    assert (karmada.row().level, karmada.row().note) == (Level.HEALTHY, "goes along with shop/web-deployment")


# -- what nothing is bound of -----------------------------------------------------------------------------------


@pytest.fixture
def listed(karmada: ControlPlane) -> ControlPlane:
    """All its bindings are known."""
    for kind in (RESOURCE_BINDING, CLUSTER_RESOURCE_BINDING):
        karmada.freshness(kind, LIVE)
    return karmada


def test_what_a_policy_names_and_nothing_is_bound_of_is_told(listed: ControlPlane) -> None:
    listed.policy("front", WEB, WEB | {"name": "api"})
    listed.policy("again", WEB | {"name": "api"})
    listed.binding("front")
    (row,) = (row for row in listed.rows() if not row.binding)
    assert (row.namespace, row.name, row.kind, row.policy, row.policy_namespace) == (
        *("shop", "api", "Deployment", "pp/front", "shop"),
    )
    assert (row.level, row.state) == (Level.UNKNOWN, "no binding")
    assert row.reason == "there is no such Deployment, or Karmada's controllers do not run"


def test_a_template_that_is_there_and_has_no_binding_is_degraded(listed: ControlPlane) -> None:
    listed.policy()
    listed.deployment(HOST)
    assert listed.row().level is Level.DEGRADED
    assert listed.row().reason == "the Deployment is there and has no binding: do Karmada's controllers run?"


def test_a_wide_policy_without_a_namespace_is_content_with_a_binding_in_any(listed: ControlPlane) -> None:
    anywhere = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    listed.policy("all", anywhere, {"apiVersion": "apps/v1", "kind": "Deployment"}, wide=True)
    assert [row.state for row in listed.rows()] == ["no binding"]
    listed.binding("all", wide=True)
    assert [row.state for row in listed.rows()] == ["applied"]


def test_nothing_is_missed_while_bindings_cannot_be_read(listed: ControlPlane) -> None:
    listed.policy()
    listed.freshness(RESOURCE_BINDING, FORBIDDEN)
    assert listed.rows() == []


# -- cost and hostile values ------------------------------------------------------------------------------------


def test_only_what_changed_is_made_again(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.binding()
    karmada.binding(name="other", resource=WEB | {"name": "other"})
    before = {row.binding: row for row in karmada.rows()}
    karmada.cluster("m1", status={"nodeSummary": {"totalNum": 5}})
    karmada.put(RESOURCE_BINDING, {"metadata": meta("other"), "spec": {"resource": WEB}})
    after = {row.binding: row for row in karmada.rows()}
    assert after["web-deployment"] is before["web-deployment"]
    assert after["other"] is not before["other"]
    karmada.cluster("m1", ready="False")
    assert karmada.rows()[0] is not before["web-deployment"]


def test_a_host_that_says_the_same_of_templates_joins_nothing_again(karmada: ControlPlane) -> None:
    assert JOIN.planned is not None
    karmada.deployment(HOST, ready=2, labels={"app": "web"})
    before = JOIN.planned(karmada.seen)
    karmada.deployment(HOST, ready=1, labels={"app": "web"})
    assert JOIN.planned(karmada.seen) == before
    karmada.deployment(HOST, labels={"app": "api"})
    assert JOIN.planned(karmada.seen) != before
    assert DEPLOYMENT in JOIN.host


@pytest.mark.parametrize(
    "spec",
    [
        {"resource": "web", "clusters": {"m1": 2}, "placement": [], "gracefulEvictionTasks": "m1"},
        {"resource": {"kind": 7, "name": None}, "clusters": [None, {"name": 7, "replicas": "x"}]},
        {"placement": {"clusterAffinity": 7, "clusterTolerations": {}, "spreadConstraints": [{"minGroups": "x"}]}},
        {"suspension": {"dispatchingOnClusters": {"clusterNames": "m1"}}, "requiredBy": {"a": 1}},
        {"replicas": "\x1b[2J", "resource": {"kind": "\x1b[31m", "name": "\u202eweb"}},
    ],
    ids=["shapes", "values", "placement", "suspension", "hostile"],
)
@pytest.mark.parametrize("failed", [False, True], ids=["placed", "nowhere"])
def test_objects_of_any_shape_are_rows(karmada: ControlPlane, spec: Any, failed: bool) -> None:
    karmada.put(PROPAGATION_POLICY, {"metadata": meta("odd"), "spec": {"resourceSelectors": 7, "priority": "x"}})
    status = nowhere("0/2 clusters are available: x") if failed else {"conditions": [scheduled()]}
    karmada.put(
        RESOURCE_BINDING,
        {"metadata": meta("odd"), "spec": spec, "status": status | {"aggregatedStatus": [7, {"health": []}]}},
    )
    assert karmada.row().binding == "odd"


def test_hundreds_of_clusters_keep_what_is_told_of_each(karmada: ControlPlane) -> None:
    names = tuple(f"edge-member-number-{number}" for number in range(300))
    karmada.policy()
    status = {
        "aggregatedStatus": [told(name, "Unhealthy" if name.endswith("99") else "Healthy") for name in names]
    }
    karmada.binding(clusters=names, status=status)
    row = karmada.row()
    assert (len(row.clusters), row.applied, row.unhealthy) == (300, 300, 3)


def test_a_policy_that_matches_does_not_stand_for_one_that_is_gone(karmada: ControlPlane) -> None:
    karmada.policy("web")
    karmada.binding("old")
    assert (karmada.row().policy, karmada.row().match, karmada.row().level) == ("pp/old", "", Level.DEGRADED)


def test_a_policy_that_names_something_else_by_now_is_not_gone(karmada: ControlPlane) -> None:
    karmada.policy("web", WEB | {"name": "api"})
    karmada.binding()
    row = next(row for row in karmada.rows() if row.binding)
    assert (row.level, row.policy, row.reason) == (
        *(Level.DEGRADED, "pp/web", "pp/web claimed it, and matches it no longer"),
    )


def test_the_policy_that_claimed_is_found_by_its_permanent_id_as_well(karmada: ControlPlane) -> None:
    mark = "clusterpropagationpolicy.karmada.io/permanent-id"
    head = meta("all", "", labels={mark: "1-2-3"})
    karmada.put(CLUSTER_PROPAGATION_POLICY, {"metadata": head, "spec": {"resourceSelectors": [WEB]}})
    karmada.binding("", labels={mark: "1-2-3"})
    assert (karmada.row().policy, karmada.row().match) == ("cpp/all", "name match")


def test_a_policy_that_changes_is_looked_at_by_those_it_is_for(karmada: ControlPlane) -> None:
    karmada.policy()
    karmada.policy("other", WEB | {"name": "other"})
    karmada.binding()
    karmada.binding("other", name="other", resource=WEB | {"name": "other"})
    before = {row.binding: row for row in karmada.rows()}
    karmada.policy("other", WEB | {"name": "other"}, priority=7)
    after = {row.binding: row for row in karmada.rows()}
    assert after["web-deployment"] is before["web-deployment"]
    assert after["other"] is not before["other"]


def test_a_policy_that_names_a_template_and_its_whole_kind_is_one(karmada: ControlPlane) -> None:
    karmada.policy("web", WEB, {"apiVersion": "apps/v1", "kind": "Deployment"})
    karmada.binding()
    assert (karmada.row().others, karmada.row().note) == (0, "name match, the only policy")
