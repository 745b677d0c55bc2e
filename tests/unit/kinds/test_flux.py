"""HelmReleases, which carry the state of every fleet plugin."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.flux import HELM_RELEASE, helm_release_health
from tests.unit.kinds.support import meta, row


def release(*, ready: dict[str, str] | None = None, **spec: Any) -> Any:
    conditions = [] if ready is None else [{"type": "Ready", **ready}]
    labels = {
        "fleet.kurator.dev/name": "prod",
        "fleet.kurator.dev/plugin": "metric",
        "fleet.kurator.dev/component": "thanos",
    }
    return row(
        HELM_RELEASE,
        {"metadata": meta("thanos", labels=labels), "spec": spec, "status": {"conditions": conditions}},
    )


@pytest.mark.parametrize(
    ("decoded", "health"),
    [
        (release(ready={"status": "True"}), Health(Level.HEALTHY)),
        (
            release(ready={"status": "False", "reason": "InstallFailed", "message": "timeout"}),
            Health(Level.FAILED, "InstallFailed: timeout"),
        ),
        (release(ready={"status": "False", "reason": "Progressing"}), Health(Level.PROGRESSING, "Progressing")),
        (release(ready={"status": "Unknown", "reason": "Progressing"}), Health(Level.PROGRESSING, "Progressing")),
        (release(), Health(Level.UNKNOWN, "no status yet")),
        (release(ready={"status": "True"}, suspend=True), Health(Level.HEALTHY, "suspended")),
        (release(ready={"status": "Unknown"}, suspend=True), Health(Level.HEALTHY, "suspended")),
        (
            release(ready={"status": "False", "reason": "InstallFailed"}, suspend=True),
            Health(Level.FAILED, "InstallFailed"),
        ),
    ],
)
def test_health(decoded: Any, health: Health) -> None:
    assert helm_release_health(decoded) == health


def test_a_plugin_release_says_fleet_plugin_component_and_whether_it_is_remote() -> None:
    decoded = release(
        kubeConfig={"secretRef": {"name": "m1"}}, chart={"spec": {"chart": "thanos", "version": "12.5.1"}}
    )
    assert (decoded.fleet, decoded.plugin, decoded.component) == ("prod", "metric", "thanos")
    assert (decoded.remote, decoded.chart) == (True, "thanos 12.5.1")
    assert not release().remote


def test_a_release_says_its_source_its_kubeconfig_what_it_waits_for_and_its_history() -> None:
    history = [{"version": 4, "chartName": "thanos", "chartVersion": "12.5.1", "status": "deployed"}]
    obj = {
        "metadata": meta("thanos"),
        "spec": {
            "chart": {"spec": {"chart": "thanos", "sourceRef": {"kind": "HelmRepository", "name": "bitnami"}}},
            "kubeConfig": {"secretRef": {"name": "m1-kubeconfig"}},
            "dependsOn": [{"name": "crds"}, {"name": "base", "namespace": "flux-system"}],
        },
        "status": {"failures": 3, "history": history},
    }
    found = row(HELM_RELEASE, obj)
    assert (found.source, found.secret, found.failures) == ("HelmRepository/bitnami", "m1-kubeconfig", 3)
    assert found.depends == (f"{found.namespace}/crds", "flux-system/base")
    assert found.history == "v4 thanos 12.5.1 deployed"
    older = row(HELM_RELEASE, {"metadata": meta("thanos"), "status": {"lastReleaseRevision": 7}})
    assert older.history == "v7"
