"""Plugins that fail, hang or are suspended, by their HelmReleases."""

from __future__ import annotations

from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.pods import POD
from kurator_tui.triage.analysers.plugins import INSTALLING, RELEASES
from tests.unit.triage.analysers.estate import Estate, release
from tests.unit.triage.pod_objects import meta, owned_by
from tests.unit.triage.stage import NOW


def test_a_plugin_that_helm_could_not_install_names_its_member_and_since_when() -> None:
    stage = Estate(RELEASES)
    bad = release("velero-eu", "False", "InstallFailed", "retries exhausted", plugin="backup", component="velero")
    stage.add(HELM_RELEASE, bad, release("velero-us", plugin="backup", component="velero"))
    found = stage.one()
    assert (found.code, found.message, found.created) == (
        "KT2301",
        "InstallFailed: retries exhausted",
        NOW - 60,
    )
    assert (found.mark("member"), found.mark("plugin"), found.mark("fleet")) == ("eu", "backup", "prod/f")


def test_a_plugin_that_waits_for_a_pod_waits_for_its_workload_on_the_member() -> None:
    stage = Estate(RELEASES)
    said = (
        'timed out waiting for the condition\n\npod velero/velero-5c7d9f8b6-x2lqk: container "velero" is waiting'
    )
    bad = release("velero-eu", "False", "UpgradeFailed", said, plugin="backup", component="velero")
    stage.add(HELM_RELEASE, bad)
    assert stage.one().mark("waits_for") == ""
    its = owned_by("ReplicaSet", "velero-5c7d9f8b6")
    pod = {"metadata": meta("velero-5c7d9f8b6-x2lqk", namespace="velero", ownerReferences=its)}
    stage.add(POD, pod, cluster="eu")
    assert (stage.one().mark("waits_in"), stage.one().mark("waits_for")) == ("velero", "Deployment/velero")


def test_a_release_that_is_no_plugin_is_not_judged_here() -> None:
    stage = Estate(RELEASES)
    stage.add(HELM_RELEASE, release("web", "False", "InstallFailed"))
    assert stage.codes == []


def test_a_plugin_that_is_being_installed_gets_its_time() -> None:
    stage = Estate(RELEASES)
    going = release("velero-eu", "Unknown", "Progressing", "waits", plugin="backup", component="velero")
    stage.add(HELM_RELEASE, going)
    stage.wait(INSTALLING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT2302"]


def test_a_plugin_that_stays_suspended_is_told_of_and_another_is_not() -> None:
    stage = Estate(RELEASES)
    held = release("velero-eu", plugin="backup", component="velero")
    held["spec"]["suspend"] = True
    stage.add(HELM_RELEASE, held, release("velero-us", plugin="backup", component="velero"))
    stage.wait(INSTALLING)
    assert [(row.code, row.name) for row in stage.findings] == [("KT2304", "velero-eu")]
