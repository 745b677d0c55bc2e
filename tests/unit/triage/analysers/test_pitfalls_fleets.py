"""Pitfalls of fleets, plugins and members: K2, K7 to K10, K12 to K14, K16, K19 to K22."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET
from kurator_tui.kinds.kurator_backups import MIGRATE
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD
from kurator_tui.triage.analysers.pitfalls_fleets import (
    BALANCED,
    BELIEVED,
    FLEETS,
    GRAFANA,
    INITIAL,
    MIGRATIONS,
    PLANES,
    PROBED,
    REACHED,
    RELEASES,
    SIDECARS,
)
from tests.unit.triage.analysers.estate import Estate, Object, attached, fleet, named, release
from tests.unit.triage.stage import NOW

KYVERNO: Object = {"policy": {"kyverno": {}}}


def test_a_ready_cluster_without_any_plugin_was_taken_by_its_cloud_credential() -> None:
    stage = Estate(FLEETS)
    stage.add(CLUSTER, {"metadata": named("aws"), "spec": {}, "status": {"phase": "Ready"}})
    stage.add(FLEET, fleet("f", "aws", kind="Cluster", plugin=KYVERNO))
    stage.wait(REACHED)
    assert (stage.one().code, stage.one().message) == ("KT5002", "Cluster aws is ready and has none of kyverno")
    stage.add(HELM_RELEASE, release("kyverno-aws", plugin="kyverno", component="kyverno"))
    assert stage.codes == []


def test_an_attached_cluster_has_a_kubeconfig_of_its_own() -> None:
    stage = Estate(FLEETS)
    stage.add(ATTACHED_CLUSTER, attached("eu"))
    stage.add(FLEET, fleet("f", "eu", plugin=KYVERNO))
    stage.wait(REACHED)
    assert stage.codes == []


def test_switches_that_nobody_reads_are_told_of() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet(plugin={"metric": {"prometheus": {"nodeExporter": {"enabled": False}}}}))
    assert (stage.one().code, stage.one().message) == ("KT5013", "prometheus.nodeExporter")
    stage.add(FLEET, fleet(plugin={"metric": {"prometheus": {"extraArgs": {"a": 1}}}}))
    assert stage.codes == []


@pytest.mark.parametrize(("provider", "found"), [("gcp", ["KT5014"]), ("azure", ["KT5014"]), ("aws", [])])
def test_only_some_providers_of_backups_work(provider: str, found: list[str]) -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet(plugin={"backup": {"storage": {"location": {"provider": provider}}}}))
    assert stage.codes == found


def test_a_reason_of_a_fleet_that_is_ready_is_old_and_of_another_it_is_not() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet("a", reason="cannot init"), fleet("b", reason="cannot init", phase="Running"))
    assert [(row.code, row.name) for row in stage.findings] == [("KT5021", "a")]


def test_a_cluster_in_two_fleets_of_one_namespace_is_found_once() -> None:
    stage = Estate(FLEETS)
    stage.add(FLEET, fleet("a", "eu", "us"), fleet("b", "us", "asia"), fleet("c", "other"))
    assert (stage.one().code, stage.one().message) == ("KT5022", "AttachedCluster us is in a and b")


def prometheus(ready: str) -> Object:
    return release("prometheus-eu", ready, "Progressing", "waits", plugin="metric", component="prometheus")


def test_prometheus_that_is_not_ready_on_one_member_holds_up_all() -> None:
    stage = Estate(RELEASES)
    stage.add(HELM_RELEASE, prometheus("Unknown"))
    assert stage.codes == []
    stage.wait(REACHED)
    assert (stage.one().code, stage.one().mark("member")) == ("KT5007", "eu")
    stage.add(HELM_RELEASE, prometheus("True"))
    assert stage.codes == []


def test_values_that_were_rendered_otherwise_than_asked_for_are_shown() -> None:
    stage = Estate(RELEASES)
    asked = {"metric": {"prometheus": {"extraArgs": {"retention": "<1d", "replicas": 2}}}}
    stage.add(FLEET, fleet(plugin=asked))
    rendered = prometheus("True")
    rendered["spec"]["values"] = {"retention": "&lt;1d", "replicas": 2}
    stage.add(HELM_RELEASE, rendered)
    stage.wait(PROBED)
    assert (stage.one().code, stage.one().message) == ("KT5012", "retention=<1d, rendered as &lt;1d")
    rendered["spec"]["values"] = {"retention": "<1d", "replicas": 2}
    stage.add(HELM_RELEASE, rendered)
    assert stage.codes == []


def service(name: str, namespace: str, *ingress: Object) -> Object:
    spec = {"type": "LoadBalancer", "clusterIP": "10.0.0.1"}
    return {
        "metadata": named(name, namespace),
        "spec": spec,
        "status": {"loadBalancer": {"ingress": list(ingress)}},
    }


@pytest.mark.parametrize(
    ("ingress", "found"),
    [
        ([{"ip": "203.0.113.7"}], []),
        ([{"ip": "2001:db8::7"}], []),
        ([{"hostname": "lb.example"}], ["KT5008"]),
        ([], ["KT5008"]),
    ],
)
def test_a_sidecar_needs_an_address_that_is_an_ip(ingress: list[Object], found: list[str]) -> None:
    stage = Estate(SIDECARS)
    stage.add(SERVICE, service("prometheus-prometheus-thanos", "monitoring", *ingress), cluster="eu")
    stage.wait(BALANCED - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == found


def test_grafana_with_an_address_and_no_password_is_open() -> None:
    stage = Estate(GRAFANA)
    grafana = release("grafana", plugin="grafana", component="grafana")
    stage.add(HELM_RELEASE, grafana)
    stage.add(SERVICE, service("prod-grafana", "prod"))
    assert stage.codes == []
    stage.add(SERVICE, service("prod-grafana", "prod", {"ip": "203.0.113.7"}))
    assert (stage.one().code, stage.one().message) == ("KT5016", "203.0.113.7, no password is set")
    grafana["spec"]["values"] = {"admin": {"existingSecret": "own"}}
    stage.add(HELM_RELEASE, grafana)
    assert stage.codes == []


@pytest.mark.parametrize(
    ("state", "ready", "severity"),
    [("stale", True, "low"), ("live", False, "medium"), ("live", True, ""), ("stale", False, "")],
)
def test_what_kurator_believes_of_a_member_is_compared_with_what_is(
    state: str, ready: bool, severity: str
) -> None:
    stage = Estate(BELIEVED)
    row = ClusterOverview("eu", "prod", "eu", "u", NOW, kind="AttachedCluster", state=state, kurator_ready=ready)
    stage.put(CLUSTERS, row)
    assert stage.codes == []
    stage.wait(PROBED)
    assert [(each.code, each.severity) for each in stage.findings] == ([("KT5009", severity)] if severity else [])


def pod(name: str, phase: str) -> Object:
    return {"metadata": named(name), "spec": {"containers": [{"name": "c"}]}, "status": {"phase": phase}}


def test_an_init_pod_that_failed_holds_up_its_fleet_and_other_pods_do_not() -> None:
    stage = Estate(INITIAL)
    stage.add(FLEET, fleet("f", phase="Running"))
    stage.add(POD, pod("f-init", "Succeeded"), pod("other-init", "Failed"))
    assert stage.codes == []
    stage.add(POD, pod("f-init", "Failed"))
    assert (stage.one().code, stage.one().mark("fleet")) == ("KT5019", "prod/f")
    stage.add(FLEET, fleet("f", phase="Ready"))
    assert stage.codes == []


def test_a_migration_that_velero_failed_never_says_so() -> None:
    stage = Estate(MIGRATIONS)

    def migrate(phase: str) -> Object:
        source = {"clusterName": "eu", "backupStatusInCluster": {"phase": "Failed", "failureReason": "no storage"}}
        status = {"phase": phase, "sourceClusterStatus": source}
        return {"metadata": named("m"), "spec": {}, "status": status}

    stage.add(MIGRATE, migrate("BackupInProgress"))
    assert stage.one().code == "KT5010"
    assert stage.one().message.startswith("BackupInProgress; ")
    stage.add(MIGRATE, migrate("Failed"))
    assert stage.codes == []


@pytest.mark.parametrize(
    ("provider", "asked", "found"),
    [
        ("CustomCluster", "v1.27.3", ["KT5020"]),
        ("CustomCluster", "v1.26.9", []),
        ("AWSCluster", "v1.27.3", []),
    ],
)
def test_a_custom_cluster_is_upgraded_one_minor_at_a_time(provider: str, asked: str, found: list[str]) -> None:
    stage = Estate(PLANES)
    labels = {"cluster.x-k8s.io/cluster-name": "cc"}
    reference: dict[str, Any] = {"infrastructureRef": {"kind": provider, "name": "cc"}}
    stage.add(CAPI_CLUSTER, {"metadata": named("cc"), "spec": reference, "status": {}})
    plane = {
        "metadata": named("cc-kcp", labels=labels),
        "spec": {"version": asked},
        "status": {"version": "v1.25.1"},
    }
    stage.add(KUBEADM_CONTROL_PLANE, plane)
    assert stage.codes == found
    assert all(row.cluster == HOST for row in stage.findings)
