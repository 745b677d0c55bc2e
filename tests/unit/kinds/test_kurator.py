"""Kurator's own kinds: what the controllers write, and what must never be concluded from it."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Health, Level
from kurator_tui.kinds.kurator import (
    ATTACHED_CLUSTER,
    CLUSTER,
    CUSTOM_CLUSTER,
    FLEET,
    PLUGIN_KEYS,
    fleet_health,
    managed_cluster_health,
)
from kurator_tui.kinds.overview import PLUGINS
from tests.unit.kinds.support import meta, recording, row


def test_a_fleet_member_without_kind_is_a_cluster() -> None:
    clusters = [{"name": "a"}, {"name": "b", "kind": "AttachedCluster"}, {"kind": "Cluster"}]
    decoded = row(FLEET, {"metadata": meta("prod"), "spec": {"clusters": clusters}})
    assert decoded.members == (("Cluster", "a"), ("AttachedCluster", "b"))


def test_an_empty_plugin_block_turns_the_plugin_on_and_null_does_not() -> None:
    plugin: dict[str, Any] = {"grafana": {}, "policy": {"kyverno": {}}, "backup": None, "unheardOf": {}}
    assert row(FLEET, {"metadata": meta(), "spec": {"plugin": plugin}}).plugins == ("grafana", "kyverno")


def test_every_plugin_key_has_a_place_in_the_matrix() -> None:
    assert set(PLUGIN_KEYS.values()) == set(PLUGINS)


def test_the_unready_count_is_read_under_its_odd_spelling() -> None:
    decoded = row(FLEET, {"metadata": meta(), "status": {"readyClusters": 3, "unReadyClusters": 2}})
    assert (decoded.ready, decoded.unready) == (3, 2)


@pytest.mark.parametrize(
    ("phase", "reason", "health"),
    [
        ("Ready", "", Health(Level.HEALTHY)),
        ("Ready", "a control-plane error long ago", Health(Level.HEALTHY)),
        ("Failed", "no pod", Health(Level.FAILED, "no pod")),
        ("TerminateFailed", "", Health(Level.FAILED, "TerminateFailed")),
        ("Running", "", Health(Level.PROGRESSING, "Running")),
        ("Terminating", "", Health(Level.PROGRESSING, "Terminating")),
        (None, "", Health(Level.UNKNOWN, "no status yet")),
    ],
)
def test_fleet_health(phase: str | None, reason: str, health: Health) -> None:
    assert fleet_health(row(FLEET, {"metadata": meta(), "status": {"phase": phase, "reason": reason}})) == health


def test_a_cluster_names_its_kubeconfig_secret() -> None:
    status = {"kubeconfigSecretRef": "made-by-capi"}
    decoded = row(CLUSTER, {"metadata": meta("prod"), "status": status})
    assert (decoded.secret, decoded.secret_key) == ("made-by-capi", "value")


def test_a_cluster_without_the_reference_has_the_conventional_secret() -> None:
    assert row(CLUSTER, {"metadata": meta("prod")}).secret == "prod-kubeconfig"


def test_the_cloud_credential_of_a_cluster_is_never_taken_for_a_kubeconfig() -> None:
    spec = {"credential": {"secretRef": {"name": "aws-root"}}, "infraType": "aws", "region": "eu-central-1"}
    decoded = row(CLUSTER, {"metadata": meta("prod"), "spec": spec, "status": {}})
    assert decoded.secret == "prod-kubeconfig"
    assert "aws-root" not in str(decoded)
    assert decoded.infrastructure == "aws eu-central-1"


@pytest.mark.parametrize(
    ("kubeconfig", "secret", "key"),
    [
        ({"name": "member", "key": "kubeconfig"}, "member", "kubeconfig"),
        ({"name": "member"}, "member", "value"),
        (None, "", "value"),
    ],
)
def test_an_attached_cluster_names_secret_and_key(kubeconfig: Any, secret: str, key: str) -> None:
    decoded = row(ATTACHED_CLUSTER, {"metadata": meta("m"), "spec": {"kubeconfig": kubeconfig}})
    assert (decoded.secret, decoded.secret_key) == (secret, key)


def test_a_kubespray_cluster_is_known_by_the_prefix_of_its_secret() -> None:
    decoded = row(CUSTOM_CLUSTER, {"metadata": meta("metal"), "status": {"phase": "Provisioned"}})
    assert (decoded.secret, decoded.secret_prefix, decoded.secret_key) == ("", "metal-kubeconfig-", "admin.conf")
    assert decoded.ready is True


@pytest.mark.parametrize("kind", [CLUSTER, ATTACHED_CLUSTER])
def test_the_fleet_is_the_label_kurator_sets_on_join(kind: AnyKind) -> None:
    labels = {"fleet.kurator.dev/fleet-name": "production", "fleet.kurator.dev/name": "not this one"}
    assert row(kind, {"metadata": meta(labels=labels)}).fleet == "production"


def _condition(kind: str, status: str, **more: str) -> dict[str, str]:
    return {"type": kind, "status": status, **more}


@pytest.mark.parametrize(
    ("kind", "status", "health"),
    [
        (CLUSTER, {"conditions": [_condition("Ready", "True")], "phase": "Ready"}, Health(Level.HEALTHY)),
        (CLUSTER, {"phase": "Provisioning"}, Health(Level.PROGRESSING, "Provisioning")),
        (
            CLUSTER,
            {
                "phase": "Failed",
                "conditions": [_condition("InfrastructureReady", "False", reason="Quota", message="no IPs")],
            },
            Health(Level.FAILED, "Quota: no IPs"),
        ),
        (ATTACHED_CLUSTER, {"ready": True}, Health(Level.HEALTHY)),
        (ATTACHED_CLUSTER, {}, Health(Level.UNKNOWN, "never probed by Kurator")),
        (CUSTOM_CLUSTER, {"phase": "ProvisionFailed"}, Health(Level.FAILED, "ProvisionFailed")),
        (CUSTOM_CLUSTER, {"phase": "Upgrading"}, Health(Level.PROGRESSING, "Upgrading")),
    ],
)
def test_managed_cluster_health(kind: AnyKind, status: dict[str, Any], health: Health) -> None:
    assert managed_cluster_health(row(kind, {"metadata": meta(), "status": status})) == health


def test_a_recorded_attached_cluster_decodes() -> None:
    recorded = recording("apiserver/064-attachedcluster-status-merge-patch.json")["response"]["body"]
    decoded = row(ATTACHED_CLUSTER, recorded)
    assert (decoded.name, decoded.kind) == (recorded["metadata"]["name"], "AttachedCluster")
    assert decoded.ready is recorded["status"].get("ready")


def test_a_recorded_fleet_decodes() -> None:
    recorded = recording("apiserver/065-fleet-create.json")["response"]["body"]
    decoded = row(FLEET, recorded)
    assert len(decoded.members) == len(recorded["spec"]["clusters"])
    assert fleet_health(decoded) == Health(Level.UNKNOWN, "no status yet")
