"""How the API is extended: definitions that are served, services that answer, webhooks in the way."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, AnyKind, Health, Level
from kurator_tui.kinds.extensions import (
    API_SERVICE,
    CUSTOM_RESOURCE_DEFINITION,
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION,
)
from tests.unit.kinds.support import health, values


def says(kind: str, status: str, reason: str = "") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason}


@pytest.mark.parametrize(
    ("kind", "told", "verdict"),
    [
        (CUSTOM_RESOURCE_DEFINITION, [], Health(Level.UNKNOWN, "no status yet")),
        (CUSTOM_RESOURCE_DEFINITION, [says("NamesAccepted", "True"), says("Established", "True")], HEALTHY),
        (
            CUSTOM_RESOURCE_DEFINITION,
            [says("NamesAccepted", "True"), says("Established", "False", "Installing")],
            Health(Level.PROGRESSING, "Installing"),
        ),
        (
            CUSTOM_RESOURCE_DEFINITION,
            [says("NamesAccepted", "False", "ShortNamesConflict"), says("Established", "True")],
            Health(Level.FAILED, "ShortNamesConflict"),
        ),
        (
            CUSTOM_RESOURCE_DEFINITION,
            [says("Terminating", "True", "InstanceDeletionInProgress"), says("Established", "True")],
            Health(Level.FAILED, "InstanceDeletionInProgress"),
        ),
        (API_SERVICE, [says("Available", "True")], HEALTHY),
        (API_SERVICE, [says("Available", "False", "MissingEndpoints")], Health(Level.FAILED, "MissingEndpoints")),
    ],
)
def test_health(kind: AnyKind, told: list[dict[str, Any]], verdict: Health) -> None:
    assert health(kind, status={"conditions": told}) == verdict


def test_a_definition_shows_the_versions_that_are_served() -> None:
    versions = [{"name": "v1", "served": True}, {"name": "v1beta1", "served": False}]
    spec = {"group": "velero.io", "names": {"kind": "Backup"}, "scope": "Namespaced", "versions": versions}
    found = values(CUSTOM_RESOURCE_DEFINITION, "kind", "group", "scope", "versions", spec=spec)
    assert found == ("Backup", "velero.io", "Namespaced", "v1")


def test_an_api_service_shows_who_answers() -> None:
    spec = {"service": {"namespace": "kube-system", "name": "metrics-server"}}
    assert values(API_SERVICE, "service", spec=spec) == ("kube-system/metrics-server",)
    assert values(API_SERVICE, "service", spec={}) == ("Local",)


@pytest.mark.parametrize("kind", [VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION])
def test_webhooks_say_what_happens_when_they_do_not_answer(kind: AnyKind) -> None:
    def hook(name: str) -> dict[str, Any]:
        return {"name": name, "failurePolicy": "Fail", "clientConfig": {"service": {"name": "kyverno-svc"}}}

    found = values(kind, "webhooks", "names", "on_failure", "services", webhooks=[hook("a"), hook("b")])
    assert found == (2, "a,b", "Fail", "kyverno-svc")
