"""Flux's Kustomizations and sources, of every version."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Health, Level
from kurator_tui.kinds.flux import (
    GIT_REPOSITORY,
    HELM_CHART,
    HELM_REPOSITORY,
    KUSTOMIZATION,
    OCI_REPOSITORY,
)
from tests.unit.kinds.support import meta, row

Obj = dict[str, Any]
HEALTHY = Health(Level.HEALTHY)


def read(kind: AnyKind, status: Obj, generation: int = 1, **spec: Any) -> tuple[Health, dict[str, Any]]:
    found = row(kind, {"metadata": meta(generation=generation), "spec": spec, "status": status})
    return kind.health(found), {column.key: column.value(found) for column in kind.columns}


def told(*conditions: tuple[str, str, str, str]) -> Obj:
    words = ("type", "status", "reason", "message")
    return {"conditions": [dict(zip(words, each, strict=True)) for each in conditions]}


READY = ("Ready", "True", "Succeeded", "stored artifact")
FAILED = ("Ready", "False", "GitOperationFailed", "no such host")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        (told(READY), HEALTHY),
        (told(READY, ("Reconciling", "True", "NewRevision", "new upstream revision")), HEALTHY),
        (told(FAILED), Health(Level.FAILED, "GitOperationFailed: no such host")),
        (
            told(FAILED, ("Reconciling", "True", "ProgressingWithRetry", "retrying")),
            Health(Level.FAILED, "GitOperationFailed: no such host"),
        ),
        (
            told(("Ready", "Unknown", "Progressing", "building artifact")),
            Health(Level.PROGRESSING, "Progressing: building artifact"),
        ),
        (
            told(("Stalled", "True", "URLInvalid", "bad scheme"), ("Ready", "False", "URLInvalid", "bad scheme")),
            Health(Level.FAILED, "URLInvalid: bad scheme"),
        ),
        ({**told(READY), "observedGeneration": 0}, Health(Level.PROGRESSING, "spec update not observed yet")),
    ],
)
def test_a_source_is_as_its_condition_ready_says(status: Obj, health: Health) -> None:
    assert read(GIT_REPOSITORY, status)[0] == health


def test_a_suspended_source_is_healthy_unless_it_had_failed() -> None:
    assert read(OCI_REPOSITORY, told(READY), suspend=True)[0] == Health(Level.HEALTHY, "suspended")
    assert read(OCI_REPOSITORY, told(FAILED), suspend=True)[0].level is Level.FAILED


def test_a_kustomization_waits_for_its_dependencies() -> None:
    status = told(("Ready", "False", "DependencyNotReady", "dependency 'flux-system/infra' is not ready"))
    assert read(KUSTOMIZATION, status)[0].level is Level.PROGRESSING
    status = told(("Ready", "False", "HealthCheckFailed", "timeout"))
    assert read(KUSTOMIZATION, status)[0] == Health(Level.FAILED, "HealthCheckFailed: timeout")


def test_a_kustomization_shows_what_is_applied_where_and_from_what() -> None:
    status = {"lastAppliedRevision": "main@sha1:1", "inventory": {"entries": [{"id": "a"}, {"id": "b"}]}}
    source = {"kind": "GitRepository", "name": "web", "namespace": "flux"}
    target = {"secretRef": {"name": "m1", "key": "value"}}
    cells = read(KUSTOMIZATION, status, sourceRef=source, kubeConfig=target, path="./deploy")[1]
    assert (cells["revision"], cells["source"], cells["path"]) == (
        "main@sha1:1",
        "GitRepository/web (flux)",
        "./deploy",
    )
    assert (cells["target"], cells["objects"]) == ("m1", 2)


def test_a_helm_repository_that_is_only_an_address_is_healthy() -> None:
    assert read(HELM_REPOSITORY, {}, type="oci")[0] == HEALTHY
    assert read(HELM_REPOSITORY, told(FAILED), type="oci")[0].level is Level.FAILED
    assert read(HELM_REPOSITORY, {})[0].level is Level.UNKNOWN
    assert read(HELM_REPOSITORY, {}, url="https://charts.example")[1]["type"] == "default"


def test_a_reference_is_the_most_specific_one_and_a_digest_is_an_old_checksum_too() -> None:
    artifact = {"revision": "v1", "checksum": "abc", "lastUpdateTime": "2026-01-01T00:00:00Z"}
    cells = read(GIT_REPOSITORY, {"artifact": artifact}, ref={"branch": "main", "tag": "v1"})[1]
    assert (cells["ref"], cells["digest"], cells["fetched"]) == ("v1", "abc", 1767225600.0)


def test_a_chart_names_its_source() -> None:
    cells = read(HELM_CHART, {}, chart="erp", version="1.x", sourceRef={"kind": "HelmRepository", "name": "erp"})[
        1
    ]
    assert (cells["chart"], cells["version"], cells["source"]) == ("erp", "1.x", "HelmRepository/erp")
