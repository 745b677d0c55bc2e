"""The tree of a propagation: each hop with its reason, and where its ends contradict each other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, Level, Subject
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.karmada_propagation import WORK
from kurator_tui.kinds.propagations import PROPAGATION_STEPS
from tests.unit.fleet.karmada_objects import FORBIDDEN, WEB, ControlPlane, meta, nowhere, told, tree

ADD: dict[str, Any] = {"labelsOverrider": [{"operator": "add", "value": {"env": "test"}}]}


@pytest.fixture
def karmada() -> ControlPlane:
    """Deployment `web` by policy `web` on both members, all well; nothing is read on the members."""
    found = ControlPlane()
    found.policy()
    found.binding()
    for cluster in ("m1", "m2"):
        found.work(cluster)
        found.freshness(DEPLOYMENT, FORBIDDEN, cluster)
    return found


def applied(*policies: str, wide: bool = False) -> dict[str, str]:
    """The annotation of a Work that was made with these override policies."""
    key = "policy.karmada.io/applied-cluster-overrides" if wide else "policy.karmada.io/applied-overrides"
    return {key: json.dumps([{"policyName": name, "overriders": ADD} for name in policies])}


def test_the_tree_in_its_order(karmada: ControlPlane) -> None:
    karmada.policy("all", {"apiVersion": "apps/v1", "kind": "Deployment"}, wide=True)
    karmada.override("web", {"overriders": ADD, "targetCluster": {"clusterNames": ["m1"]}})
    karmada.work("m1", annotations=applied("web"))
    karmada.freshness(DEPLOYMENT, karmada.store.freshness("m1"), "m1")
    karmada.deployment("m1")
    assert tree(karmada.steps()) == [
        "Deployment/web | healthy | applied",
        "  pp/web | healthy | chosen | name match; a pp comes before cpp/all",
        "  cpp/all | healthy | pre-empted | a cpp comes after pp/web",
        "  rb/web-deployment | healthy | scheduled | to 2 clusters, 4 replicas",
        "    m1 | healthy | 2 replicas | any cluster will do",
        "      op/web | healthy | applied | labels add env=test",
        "      wk/web-7f6 | healthy | applied",
        "        seen by Karmada | healthy | Healthy | 2/2 ready",
        "          itself on m1 | healthy | healthy",
        "    m2 | healthy | 2 replicas | any cluster will do",
        "      wk/web-7f6 | healthy | applied",
        "        seen by Karmada | healthy | Healthy | 2/2 ready",
        "          itself on m2 | unknown | deployments cannot be read here",
    ]


def test_trees_stand_one_after_another_and_every_line_is_its_own(karmada: ControlPlane) -> None:
    for name in ("api", "web-admin", "web2"):
        karmada.policy(name, WEB | {"name": name})
        karmada.binding(name, name=f"{name}-deployment", resource=WEB | {"name": name})
    steps = karmada.steps()
    roots = list(dict.fromkeys(row.root for row in steps))
    assert roots == [f"shop/Deployment/{name}" for name in ("api", "web", "web-admin", "web2")]
    assert [row.root for row in steps] == [root for root in roots for _ in range(11)]
    assert len({row.key for row in steps}) == len(steps)


def test_lines_stand_for_the_objects_they_are_about(karmada: ControlPlane) -> None:
    karmada.freshness(DEPLOYMENT, karmada.store.freshness("m1"), "m1")
    karmada.deployment("m1")
    assert PROPAGATION_STEPS.subject is not None
    subject = {(row.hop, row.member): PROPAGATION_STEPS.subject(row) for row in karmada.steps()}
    assert subject[("template", "")] == Subject("deployments.apps", HOST, "shop", "web")
    assert subject[("policy", "")] == Subject("propagationpolicies.policy.karmada.io", HOST, "shop", "web")
    assert subject[("binding", "")] == Subject("resourcebindings.work.karmada.io", HOST, "shop", "web-deployment")
    assert subject[("cluster", "m1")] == Subject("clusters.cluster.karmada.io", HOST, "", "m1")
    assert subject[("work", "m1")] == Subject("works.work.karmada.io", HOST, "karmada-es-m1", "web-7f6")
    assert subject[("object", "m1")] is None
    assert subject[("member", "m1")] == Subject("deployments.apps", "m1", "shop", "web")


# -- policies ---------------------------------------------------------------------------------------------------


def test_a_policy_that_is_gone_is_a_line(karmada: ControlPlane) -> None:
    karmada.binding("old")
    found = [row for row in karmada.steps() if row.hop == "policy"]
    assert [(row.name, row.state, row.level) for row in found] == [
        ("pp/old", "gone", Level.DEGRADED),
        ("pp/web", "to be chosen", Level.PROGRESSING),
    ]


def test_a_policy_that_is_to_take_over_is_progressing(karmada: ControlPlane) -> None:
    karmada.policy("new", priority=9, preemption="Always")
    new = next(row for row in karmada.steps() if row.name == "pp/new")
    assert (new.level, new.state, new.reason) == (
        *(Level.PROGRESSING, "preempting", "is to preempt pp/web, and has not yet"),
    )


def test_what_no_policy_matches_says_so(karmada: ControlPlane) -> None:
    karmada.binding("", resource=WEB | {"name": "api"})
    line = karmada.step("policy")
    assert (line.level, line.reason) == (Level.DEGRADED, "no policy matches it")


# -- clusters ---------------------------------------------------------------------------------------------------


def test_where_no_cluster_fits_each_one_says_which_filter_removed_it(karmada: ControlPlane) -> None:
    karmada.cluster("m1", ("site", "NoSchedule"))
    karmada.cluster("m2", status={"apiEnablements": [{"groupVersion": "v1", "resources": [{"kind": "Pod"}]}]})
    karmada.binding(
        clusters=(),
        placement={"clusterAffinity": {"clusterNames": ["m1"]}},
        status=nowhere("0/2 clusters are available: 1 cluster(s) had untolerated taint {site:NoSchedule}."),
    )
    clusters = {row.member: (row.level, row.state, row.reason) for row in karmada.steps() if row.hop == "cluster"}
    assert clusters == {
        "m1": (Level.DEGRADED, "removed", "taint: site:NoSchedule"),
        "m2": (Level.DEGRADED, "removed", "affinity: not named; API: does not serve Deployment apps/v1"),
    }
    assert karmada.step("binding").reason.startswith("0/2 clusters are available")


def test_a_cluster_that_is_asked_for_and_removed_is_told_beside_those_that_fit(karmada: ControlPlane) -> None:
    karmada.cluster("m2", ("site", "NoSchedule"))
    karmada.cluster("m3")
    karmada.binding(clusters=("m1",), placement={"clusterAffinity": {"clusterNames": ["m1", "m2"]}})
    lines = {row.member: (row.level, row.state) for row in karmada.steps() if row.hop == "cluster"}
    assert lines == {"m1": (Level.HEALTHY, "2 replicas"), "m2": (Level.HEALTHY, "removed")}


def test_of_very_many_removed_clusters_the_first_are_named(karmada: ControlPlane) -> None:
    for number in range(60):
        karmada.cluster(f"x{number:02d}", ("site", "NoSchedule"))
    karmada.binding(clusters=(), status=nowhere("none"))
    lines = [row.name for row in karmada.steps() if row.hop == "cluster"]
    assert (len(lines), lines[-1]) == (21, "and 42 more")


def test_an_eviction_in_progress_is_a_cluster_with_what_is_left_there(karmada: ControlPlane) -> None:
    task = {
        "fromCluster": "m2",
        "reason": "TaintUntolerated",
        "message": "not-ready",
        "producer": "TaintManager",
        "replicas": 2,
        "creationTimestamp": "2026-01-01T10:00:00Z",
    }
    status = {"aggregatedStatus": [told("m1"), told("m2", "Unknown")]}
    karmada.binding(clusters=("m1",), spec={"gracefulEvictionTasks": [task]}, status=status)
    line = karmada.step("cluster", "m2")
    assert (line.level, line.state, line.reason) == (
        *(Level.PROGRESSING, "evicting 2", "TaintUntolerated: not-ready (by TaintManager)"),
    )
    assert line.since > 0
    assert (karmada.step("work", "m2").state, karmada.step("object", "m2").state) == ("applied", "Unknown")


def test_a_cluster_whose_affinity_matches_no_longer_says_that_it_stays(karmada: ControlPlane) -> None:
    karmada.binding(placement={"clusterAffinity": {"clusterNames": ["m1"]}})
    assert karmada.step("cluster", "m1").reason == "named by the policy"
    assert karmada.step("cluster", "m2").reason == (
        "its affinity no longer matches; it stays until it is rescheduled"
    )


def test_a_lost_cluster_is_unknown_and_never_failed(karmada: ControlPlane) -> None:
    karmada.cluster("m2", ready="Unknown")
    assert (karmada.step("cluster", "m2").level, karmada.step("cluster", "m1").level) == (
        *(Level.UNKNOWN, Level.HEALTHY),
    )


# -- overrides --------------------------------------------------------------------------------------------------


def test_overrides_are_those_the_work_was_made_with_in_their_order(karmada: ControlPlane) -> None:
    karmada.override("b", {"overriders": ADD})
    karmada.override("a", {"overriders": ADD}, wide=True)
    karmada.work("m1", annotations=applied("b") | applied("a", wide=True))
    lines = [(row.name, row.state) for row in karmada.steps() if (row.hop, row.member) == ("override", "m1")]
    assert lines == [("cop/a", "applied"), ("op/b", "applied")]


def test_an_override_that_came_later_is_not_applied_yet(karmada: ControlPlane) -> None:
    karmada.override("late", {"overriders": ADD, "targetCluster": {"clusterNames": ["m1"]}})
    line = karmada.step("override", "m1")
    assert (line.level, line.state, line.reason) == (Level.PROGRESSING, "not applied", "labels add env=test")


def test_an_override_that_is_gone_is_still_in_the_work(karmada: ControlPlane) -> None:
    karmada.work("m1", annotations=applied("gone"))
    line = karmada.step("override", "m1")
    assert (line.level, line.reason) == (
        *(Level.PROGRESSING, "labels add env=test; no such override is for it any more"),
    )


def test_labels_of_a_template_that_is_not_read_are_those_of_its_work(karmada: ControlPlane) -> None:
    selector = {"apiVersion": "apps/v1", "kind": "Deployment", "labelSelector": {"matchLabels": {"app": "web"}}}
    karmada.override("front", {"overriders": ADD}, selectors=[selector])
    karmada.work("m1", labels={"app": "web"})
    karmada.work("m2", labels={"app": "api"})
    assert [row.member for row in karmada.steps() if row.hop == "override"] == ["m1"]


@pytest.mark.parametrize("said", ["{", "[[[[", '"x"', "[7, {}]", "[" * 100_000])
def test_annotations_that_are_no_overrides_are_none(karmada: ControlPlane, said: str) -> None:
    karmada.work("m1", annotations={"policy.karmada.io/applied-overrides": said})
    assert [row.name for row in karmada.steps() if row.hop == "override" and row.name != "op/"] == []


# -- Works and objects ------------------------------------------------------------------------------------------


def test_a_work_that_fails_to_apply_says_why(karmada: ControlPlane) -> None:
    denied = {"status": "False", "reason": "AppliedFailed", "message": "admission webhook denied the request"}
    karmada.work("m1", applied=denied)
    status = {"aggregatedStatus": [told("m1", applied=False, appliedMessage="denied"), told("m2")]}
    karmada.binding(status=status)
    work, thing = karmada.step("work", "m1"), karmada.step("object", "m1")
    assert (work.level, work.reason) == (*(Level.FAILED, "AppliedFailed: admission webhook denied the request"),)
    assert (thing.level, thing.state, thing.reason) == (Level.FAILED, "not applied", "denied")
    assert karmada.step("template").reason == "m1: denied"


def test_a_work_that_contradicts_its_binding_says_so(karmada: ControlPlane) -> None:
    karmada.work("m1", applied={"status": "False", "reason": "AppliedFailed"})
    line = karmada.step("object", "m1")
    assert (line.level, line.reason) == (
        *(Level.DEGRADED, "2/2 ready; the binding says applied, the Work does not"),
    )


def test_a_suspended_work_is_healthy_and_says_so(karmada: ControlPlane) -> None:
    karmada.work("m1", applied={"type": "Other"}, suspendDispatching=True)
    line = karmada.step("work", "m1")
    assert (line.level, line.state, line.reason) == (Level.HEALTHY, "suspended", "dispatching suspended")


def test_a_missing_work_is_told(karmada: ControlPlane) -> None:
    karmada.delete(WORK, "uid-karmada-es-m1-web-7f6")
    line = karmada.step("work", "m1")
    assert (line.level, line.state, line.reason) == (Level.PROGRESSING, "missing", "no Work in karmada-es-m1")


def test_a_work_without_marks_is_found_by_what_it_holds(karmada: ControlPlane) -> None:
    manifest = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    karmada.delete(WORK, "uid-karmada-es-m1-web-7f6")
    karmada.delete(WORK, "uid-karmada-es-m2-web-7f6")
    karmada.put(WORK, {"metadata": meta("bare", "karmada-es-m1"), "spec": {"workload": {"manifests": [manifest]}}})
    assert karmada.step("work", "m1").name == "wk/bare"


# -- the member itself ------------------------------------------------------------------------------------------


@pytest.fixture
def reading(karmada: ControlPlane) -> ControlPlane:
    """Its members' Deployments are read."""
    for cluster in ("m1", "m2"):
        karmada.freshness(DEPLOYMENT, karmada.store.freshness(cluster), cluster)
    return karmada


def test_the_members_own_object_is_the_members_row(reading: ControlPlane) -> None:
    reading.deployment("m1")
    line = reading.step("member", "m1")
    assert (line.cluster, line.name, line.level) == ("m1", "itself on m1", Level.HEALTHY)


def test_a_member_that_says_otherwise_than_karmada_is_told(reading: ControlPlane) -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    reading.deployment("m1", ready=0, conditions=[late])
    line = reading.step("member", "m1")
    assert (line.level, line.reason) == (Level.FAILED, "ProgressDeadlineExceeded, but Karmada says Healthy")
    reading.binding(status={"aggregatedStatus": [told("m1"), told("m2", "Unhealthy")]})
    reading.deployment("m2")
    line = reading.step("member", "m2")
    assert (line.level, line.reason) == (Level.DEGRADED, "all is well here, but Karmada says Unhealthy")


def test_what_karmada_says_is_applied_and_is_not_there_is_told(reading: ControlPlane) -> None:
    line = reading.step("member", "m1")
    assert (line.level, line.state, line.reason) == (
        *(Level.DEGRADED, "missing", "Karmada says it is applied, and it is not here"),
    )
    reading.binding(status={"aggregatedStatus": []})
    assert (reading.step("member", "m1").level, reading.step("member", "m1").reason) == (
        *(Level.PROGRESSING, "not here yet"),
    )


def test_members_are_known_by_the_name_that_kurator_gives_them_in_karmada(reading: ControlPlane) -> None:
    reading.cluster("m1-attachedcluster")
    reading.binding(clusters=("m1-attachedcluster",))
    reading.deployment("m1")
    line = reading.step("member", "m1-attachedcluster")
    assert (line.cluster, line.level) == ("m1", Level.HEALTHY)
    assert [row.hop for row in reading.steps()][-2:] == ["object", "member"]


def test_a_control_plane_of_its_own_has_its_trees_apart() -> None:
    karmada = ControlPlane("karmada-eu")
    karmada.policy()
    karmada.binding()
    assert {row.root for row in karmada.steps()} == {"karmada-eu:shop/Deployment/web"}
    assert {row.cluster for row in karmada.steps()} == {"karmada-eu"}


def test_only_trees_whose_objects_changed_are_made_again(reading: ControlPlane) -> None:
    reading.binding(name="other", resource=WEB | {"name": "other"})
    before = {row.uid: row for row in reading.steps(HOST)}
    reading.work("m1", applied={"status": "False"})
    after = {row.uid: row for row in reading.steps(HOST)}
    changed = {row.root for uid, row in after.items() if before.get(uid) is not row}
    assert changed == {"shop/Deployment/web"}


def test_a_cluster_without_karmada_has_no_lines() -> None:
    assert ControlPlane().steps() == []


def test_what_is_evicted_from_a_member_is_followed_there_until_it_is_gone(reading: ControlPlane) -> None:
    reading.binding(clusters=("m1",), spec={"gracefulEvictionTasks": [{"fromCluster": "m2"}]})
    reading.deployment("m2")
    assert (reading.step("member", "m2").state, reading.step("member", "m1").state) == ("healthy", "missing")
