"""Applications and Flux: what is not fetched, not built, not applied, or goes nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.flux import GIT_REPOSITORY, HELM_CHART, HELM_RELEASE, HELM_REPOSITORY, KUSTOMIZATION
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.store.freshness import State
from kurator_tui.triage.analysers.deliveries import (
    APPLICATIONS,
    APPLIED,
    BEHIND,
    BUSY,
    CHARTS,
    GIT,
    HELM,
    HELM_RELEASES,
    KUSTOMIZATIONS,
    REACHED,
)
from kurator_tui.triage.rules import Analyser
from tests.unit.triage.analysers.estate import (
    Estate,
    application,
    attached,
    delivered,
    fleet,
    kustomization,
    named,
    of_application,
    release,
    repository,
)
from tests.unit.triage.stage import NOW

EU = "web-0-attachedcluster-eu"


def test_a_kustomization_that_fails_has_its_release_and_its_member() -> None:
    stage = Estate(KUSTOMIZATIONS)
    stage.add(GIT_REPOSITORY, repository("main/2"))
    stage.add(KUSTOMIZATION, kustomization(EU, "False", "BuildFailed", "no such file"))
    found = stage.one()
    assert (found.code, found.created) == ("KT2401", NOW - 60)
    assert found.message == "BuildFailed: no such file (revision main/1)"
    marks = {what: found.mark(what) for what in ("application", "revision", "member")}
    assert marks == {"application": "prod/web", "revision": "main/2", "member": "eu"}


def test_a_kustomization_that_a_policy_refuses_is_that_policys() -> None:
    stage = Estate(KUSTOMIZATIONS)
    said = "admission webhook denied the request: following policies no-latest: blocked"
    stage.add(KUSTOMIZATION, kustomization(EU, "False", "ReconciliationFailed", said))
    assert stage.one().mark("policy") == "no-latest"


def test_a_kustomization_whose_health_check_fails_names_the_workload_that_it_waits_for() -> None:
    stage = Estate(KUSTOMIZATIONS, HELM_RELEASES)
    said = "Health check failed after 5m0s: timeout waiting for: [Deployment/shop/web status: 'InProgress']"
    stage.add(KUSTOMIZATION, kustomization(EU, "False", "HealthCheckFailed", said))
    assert (stage.one().mark("waits_in"), stage.one().mark("waits_for")) == ("shop", "Deployment/web")
    stage.add(KUSTOMIZATION, kustomization(EU, "False", "BuildFailed", "no such file web/shop"))
    assert stage.one().mark("waits_for") == ""
    logs = "Helm upgrade failed: timed out waiting for the condition\n\nLast Helm logs:\n\n"
    said = f"{logs}StatefulSet is not ready: shop/db. 0 out of 1 expected pods are ready"
    stage.add(KUSTOMIZATION, kustomization(EU))
    stage.add(HELM_RELEASE, of_application(release(EU, "False", "UpgradeFailed", said)))
    assert stage.one().mark("waits_for") == "StatefulSet/db"


def test_a_kustomization_that_is_ready_is_well_and_one_that_goes_on_gets_its_time() -> None:
    stage = Estate(KUSTOMIZATIONS)
    stage.add(KUSTOMIZATION, kustomization("a"), kustomization(EU, "Unknown", "Progressing", "waits"))
    stage.wait(BUSY - 1)
    assert stage.codes == []
    stage.wait(1)
    assert [(row.code, row.name) for row in stage.findings] == [("KT2404", EU)]


def test_a_helm_release_that_fails_counts_how_often() -> None:
    stage = Estate(HELM_RELEASES)
    bad = of_application(release("web-0-attachedcluster-us", "False", "UpgradeFailed", "timed out"))
    bad["status"] |= {"failures": 3, "lastAttemptedRevision": "1.2.0"}
    stage.add(HELM_RELEASE, bad, of_application(release(EU)))
    found = stage.one()
    assert (found.code, found.mark("member"), found.mark("application")) == ("KT2402", "us", "prod/web")
    assert found.message == "UpgradeFailed: timed out (version 1.2.0, 3 failures)"


def test_a_helm_release_that_hangs_is_found_later_and_a_plugin_not_here() -> None:
    stage = Estate(HELM_RELEASES)
    stage.add(HELM_RELEASE, of_application(release(EU, "Unknown", "Progressing", "waits")))
    stage.add(HELM_RELEASE, release("velero-eu", "False", "InstallFailed", plugin="backup"))
    assert stage.codes == []
    stage.wait(BUSY)
    assert stage.codes == ["KT2405"]


def test_a_policys_newest_revision_should_be_applied_soon() -> None:
    stage = Estate(APPLIED)
    stage.add(KUSTOMIZATION, kustomization(EU))
    stage.add(GIT_REPOSITORY, repository())
    stage.wait(BEHIND)
    assert stage.codes == []
    stage.add(GIT_REPOSITORY, repository("main/2"))
    stage.wait(BEHIND - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().message) == ("KT2403", "main/1 is applied, main/2 is fetched")
    stage.add(KUSTOMIZATION, kustomization(EU, lastAppliedRevision="main/2"))
    assert stage.codes == []


def test_a_suspended_kustomization_is_meant_to_be_behind() -> None:
    stage = Estate(APPLIED)
    held = kustomization(EU)
    held["spec"]["suspend"] = True
    stage.add(KUSTOMIZATION, held)
    stage.add(GIT_REPOSITORY, repository("main/2"))
    stage.wait(BEHIND)
    assert stage.codes == []


@pytest.mark.parametrize(
    ("kind", "analyser"), [(GIT_REPOSITORY, GIT), (HELM_REPOSITORY, HELM), (HELM_CHART, CHARTS)]
)
def test_a_source_that_cannot_be_fetched_is_found_and_one_that_can_is_not(
    kind: AnyKind, analyser: Analyser[Any]
) -> None:
    stage = Estate(analyser)
    good, bad = repository(), repository(ready="False", reason="AuthenticationFailed", message="denied")
    bad["metadata"] = {**bad["metadata"], **named("other"), "labels": bad["metadata"]["labels"]}
    stage.add(kind, good, bad)
    found = stage.one()
    assert (found.code, found.name, found.created) == ("KT2409", "other", NOW - 60)
    assert found.message == "AuthenticationFailed: denied"
    assert found.mark("application") == "prod/web"


def test_an_application_whose_clusters_all_have_flux_objects_is_well() -> None:
    stage = Estate(APPLICATIONS)
    delivered(stage)
    stage.wait(REACHED)
    assert stage.codes == []


def test_an_application_of_a_fleet_that_does_not_exist_goes_nowhere_until_it_does() -> None:
    stage = Estate(APPLICATIONS)
    stage.add(APPLICATION, application(fleet="gone"))
    assert (stage.one().code, stage.one().message) == ("KT2406", "there is no fleet gone in prod")
    stage.add(FLEET, fleet("gone"))
    assert stage.codes == []


def test_a_policy_whose_labels_no_cluster_has_goes_nowhere() -> None:
    stage = Estate(APPLICATIONS)
    labels = {"fleet": "f", "clusterSelector": {"matchLabels": {"env": "test"}}}
    stage.add(FLEET, fleet("f", "eu"))
    stage.add(ATTACHED_CLUSTER, attached("eu", env="prod"))
    stage.add(KUSTOMIZATION, kustomization("p-attachedcluster-eu"))
    stage.add(APPLICATION, application({"name": "p", "kustomization": {}, "destination": labels}))
    assert (stage.one().code, stage.one().message) == ("KT2407", "policy p: no cluster of f has env=test")
    stage.add(ATTACHED_CLUSTER, attached("eu", env="test"))
    assert stage.codes == []


def test_clusters_for_which_kurator_made_nothing_are_named() -> None:
    stage = Estate(APPLICATIONS)
    delivered(stage)
    stage.add(FLEET, fleet("f", "eu", "us", "asia"))
    stage.add(ATTACHED_CLUSTER, attached("asia"))
    assert stage.codes == []
    stage.wait(REACHED)
    assert (stage.one().code, stage.one().message) == ("KT2408", "policy web-0: nothing for asia")
    assert (stage.one().mark("member"), stage.one().mark("fleet")) == ("asia", "prod/f")


def test_without_flux_nobody_can_say_what_kurator_would_have_made() -> None:
    stage = Estate(APPLICATIONS)
    delivered(stage)
    stage.told(HOST, KUSTOMIZATION, State.ABSENT)
    stage.add(FLEET, fleet("f", "eu", "us", "asia"))
    stage.add(ATTACHED_CLUSTER, attached("asia"))
    stage.wait(REACHED)
    assert stage.codes == []


def test_an_application_on_the_host_itself_needs_no_fleet() -> None:
    stage = Estate(APPLICATIONS)
    stage.add(APPLICATION, application(fleet=""))
    stage.wait(REACHED)
    assert stage.codes == []
