"""What `pluginreleases` says of each component of a fleet's plugins on each member."""

from __future__ import annotations

from typing import Any

from kurator_tui.fleet import plugin_releases
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.plugin_releases import PluginReleaseRow
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import State
from tests.unit.fleet.lifecycle_objects import LIVE, Host, meta

METRIC: dict[str, Any] = {"metric": {"thanos": {}, "prometheus": {}}}


def fleet(plugin: dict[str, Any] | None = None, *members: str) -> Host:
    host = Host(plugin_releases.JOIN)
    listed = [{"kind": "AttachedCluster", "name": name} for name in members or ("m1",)]
    spec = {"clusters": listed, "plugin": METRIC if plugin is None else plugin}
    host.put(FLEET, {"metadata": meta("prod", "fleet-uid"), "spec": spec, "status": {"phase": "Ready"}})
    for each in listed:
        host.member(each["name"], "AttachedCluster")
        host.store.set_freshness(each["name"], POD.id, LIVE)
    return host


def release(host: Host, component: str, member: str = "m1", plugin: str = "metric", **spec: Any) -> None:
    name = f"{component}-{member}" if member != HOST else component
    labels = {
        "fleet.kurator.dev/name": "prod",
        "fleet.kurator.dev/plugin": plugin,
        "fleet.kurator.dev/component": component,
    }
    ready = spec.pop("ready", {"type": "Ready", "status": "True"})
    version = spec.pop("version", "8.9.1")
    target = spec.pop("target", "monitoring")
    found = {
        "chart": {"spec": {"chart": "kube-prometheus", "version": version}},
        "targetNamespace": target,
        **({"kubeConfig": {"secretRef": {"name": member}}} if member != HOST else {}),
        **spec,
    }
    host.put(
        HELM_RELEASE,
        {"metadata": meta(name, labels=labels), "spec": found, "status": {"conditions": [ready]}},
    )


def pod(host: Host, name: str, reason: str = "ImagePullBackOff", namespace: str = "monitoring") -> None:
    waiting = {"reason": reason, "message": "Back-off pulling image prometheus:2.44.0"}
    statuses = [{"name": "main", "ready": False, "state": {"waiting": waiting}}]
    obj = {
        "metadata": {**meta(name), "namespace": namespace},
        "spec": {"containers": [{"name": "main"}]},
        "status": {"phase": "Pending", "containerStatuses": statuses},
    }
    host.put(POD, obj, "m1")


def one(host: Host, component: str = "prometheus", cluster: str = "m1") -> PluginReleaseRow:
    found: list[PluginReleaseRow] = [row for row in host.rows(cluster) if row.component == component]
    assert len(found) == 1
    return found[0]


def test_a_release_that_is_ready_is_healthy_with_its_chart_and_version() -> None:
    host = fleet()
    release(host, "prometheus")
    row = one(host)
    assert (row.level, row.chart, row.version, row.wanted) == (Level.HEALTHY, "kube-prometheus", "8.9.1", "")
    assert row.fleet == "prod"


def test_one_that_kurator_never_made_is_unknown_and_says_so() -> None:
    row = one(fleet())
    assert (row.level, row.release) == (Level.UNKNOWN, "")
    assert row.reason == "no HelmRelease: the fleet's reconcile never reached it"


def test_the_pod_says_why_before_helm_says_that_it_waits() -> None:
    host = fleet()
    release(host, "prometheus", ready={"type": "Ready", "status": "False", "reason": "InstallFailed"})
    pod(host, "prometheus-prometheus-prometheus-0")
    row = one(host)
    assert (row.level, row.pods, row.pod) == (Level.FAILED, 1, "prometheus-prometheus-prometheus-0")
    assert row.reason.startswith("prometheus-prometheus-prometheus-0: ImagePullBackOff: Back-off pulling image")
    assert row.reason.endswith("InstallFailed")


def test_a_ready_release_whose_pod_fails_is_degraded() -> None:
    host = fleet()
    release(host, "prometheus")
    pod(host, "anything", "CrashLoopBackOff")
    assert one(host).level is Level.DEGRADED


def test_of_components_in_one_namespace_each_has_its_own_pods() -> None:
    host = fleet({"flagger": {}})
    release(host, "flagger", plugin="flagger", target="istio-system")
    release(host, "testloader", plugin="testloader", target="istio-system")
    pod(host, "istio-system-flagger-m1-abc", namespace="istio-system")
    pod(host, "istiod-abc", namespace="istio-system")
    assert (one(host, "flagger").pods, one(host, "testloader").pods) == (1, 0)


def test_another_version_than_kurators_own_is_told_beside_it() -> None:
    host = fleet()
    release(host, "prometheus", version="8.15.0")
    assert (one(host).version, one(host).wanted) == ("8.15.0", "8.9.1")


def test_values_that_the_fleet_sets_are_listed_and_those_rendered_otherwise_degrade_it() -> None:
    extra = {"retention": "10d", "admin": False, "password": "x"}
    host = fleet({"metric": {"prometheus": {"extraArgs": extra}}})
    rendered = {"retention": "10d", "admin": True, "password": "x", "other": 1}
    release(host, "prometheus", values=rendered, valuesFrom=[{"kind": "Secret", "name": "more"}])
    row = one(host)
    assert row.values == (
        "retention=10d",
        "admin=false, rendered as true",
        "password=(secret)",
        "and what Secret more holds",
    )
    assert (row.level, row.reason) == (Level.DEGRADED, "values are not what the fleet asks for")


def test_host_side_components_are_rows_of_the_host() -> None:
    host = fleet()
    release(host, "thanos", HOST, target="default")
    assert one(host, "thanos", HOST).level is Level.HEALTHY
    assert [row.component for row in host.rows("m1")] == ["prometheus"]


def test_pods_that_may_not_be_read_are_not_taken_for_none() -> None:
    host = fleet()
    release(host, "prometheus")
    host.state(POD, State.FORBIDDEN, "m1")
    assert one(host).pods is None


def test_a_fleet_without_plugins_has_no_rows() -> None:
    assert fleet({}).rows("m1") == []


def test_only_pods_that_fail_matter() -> None:
    host = fleet()
    pod(host, "bad")
    (bad,) = host.store.rows(POD.id, "m1")
    assert plugin_releases.fails(bad)  # type: ignore[arg-type]
    assert set(plugin_releases.JOIN.only) == {POD.id}


def test_every_plugin_on_every_member_is_there_once() -> None:
    members = [f"m{at}" for at in range(200)]
    host = fleet(None, *members)
    for name in members:
        release(host, "prometheus", name)
    rows = [row for name in members for row in host.rows(name)]
    assert len({(row.cluster, row.uid) for row in rows}) == len(rows) == 200
