"""Argo: an Application is its health and its sync, a Rollout its phase."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.argo import ANALYSIS_RUN, APPLICATION, APPLICATION_SET, ROLLOUT
from kurator_tui.kinds.base import AnyKind, Health, Level
from tests.unit.kinds.support import meta, row

Obj = dict[str, Any]
HEALTHY = Health(Level.HEALTHY)


def read(kind: AnyKind, status: Obj | None = None, **spec: Any) -> tuple[Health, dict[str, Any]]:
    found = row(kind, {"metadata": meta(), "spec": spec, "status": status or {}})
    return kind.health(found), {column.key: column.value(found) for column in kind.columns}


def state(health: str, sync: str, operation: str = "", message: str = "") -> Obj:
    found: Obj = {"health": {"status": health}, "sync": {"status": sync}}
    return {**found, "operationState": {"phase": operation, "message": message}} if operation else found


AUTOMATED: Obj = {"syncPolicy": {"automated": {}}}


@pytest.mark.parametrize(
    ("status", "spec", "health"),
    [
        ({}, {}, Health(Level.UNKNOWN, "no status yet")),
        (state("Healthy", "Synced", "Succeeded"), {}, HEALTHY),
        (state("Healthy", "OutOfSync"), {}, Health(Level.DEGRADED, "OutOfSync")),
        (state("Healthy", "OutOfSync"), AUTOMATED, Health(Level.PROGRESSING, "OutOfSync")),
        (state("Healthy", "Synced", "Running"), {}, Health(Level.PROGRESSING, "syncing")),
        (state("Progressing", "Synced"), {}, Health(Level.PROGRESSING, "Progressing")),
        (state("Degraded", "Synced"), {}, Health(Level.DEGRADED, "Degraded")),
        (state("Missing", "OutOfSync"), AUTOMATED, Health(Level.DEGRADED, "Missing")),
        (state("Suspended", "Synced"), {}, Health(Level.HEALTHY, "Suspended")),
        (state("Healthy", "Unknown"), {}, Health(Level.UNKNOWN, "sync status is unknown")),
        (state("Healthy", "OutOfSync", "Failed", "hook failed"), AUTOMATED, Health(Level.FAILED, "hook failed")),
        (state("Healthy", "Synced", "Failed", "an older failure"), {}, HEALTHY),
        (
            {**state("Healthy", "Synced"), "conditions": [{"type": "ComparisonError", "message": "no repo"}]},
            {},
            Health(Level.FAILED, "ComparisonError: no repo"),
        ),
        (
            {**state("Healthy", "Synced"), "conditions": [{"type": "OrphanedResourceWarning"}]},
            {},
            HEALTHY,
        ),
    ],
)
def test_an_application_is_its_health_and_its_sync(status: Obj, spec: Obj, health: Health) -> None:
    assert read(APPLICATION, status, **spec)[0] == health


def test_an_application_shows_where_it_goes_and_what_is_there() -> None:
    commit = "8d2f1c7e5b0a94d36f2e1a7c9b8d4f6051e3a2c7"
    status = {
        "sync": {"status": "OutOfSync", "revision": commit},
        "resources": [{"name": "a", "status": "OutOfSync"}, {"name": "b", "status": "Synced"}],
    }
    cells = read(APPLICATION, status, destination={"name": "m1", "namespace": "web"}, project="shop")[1]
    assert (cells["destination"], cells["revision"], cells["project"]) == ("m1/web", "8d2f1c7e", "shop")
    assert (cells["sync"], cells["out_of_sync"], cells["automated"]) == ("OutOfSync", 1, False)
    several = read(
        APPLICATION, {"sync": {"revisions": [commit, "1.2.0"]}}, sources=[{"repoURL": "a"}, {"repoURL": "b"}]
    )
    assert (several[1]["revision"], several[1]["repository"]) == ("8d2f1c7e,1.2.0", "a,b")


def test_an_application_set_fails_when_an_error_occurred() -> None:
    bad = {"conditions": [{"type": "ErrorOccurred", "status": "True", "reason": "ApplicationGenerationError"}]}
    assert read(APPLICATION_SET, bad)[0] == Health(Level.FAILED, "ApplicationGenerationError")
    good = {
        "conditions": [
            {"type": "ErrorOccurred", "status": "False"},
            {"type": "ResourcesUpToDate", "status": "True"},
        ]
    }
    assert read(APPLICATION_SET, good)[0] == HEALTHY


@pytest.mark.parametrize(
    ("status", "spec", "health"),
    [
        ({}, {}, Health(Level.UNKNOWN, "no status yet")),
        ({"phase": "Healthy"}, {}, HEALTHY),
        ({"phase": "Paused", "message": "CanaryPauseStep"}, {}, Health(Level.PROGRESSING, "CanaryPauseStep")),
        ({"phase": "Paused"}, {"paused": True}, Health(Level.HEALTHY, "paused")),
        ({"phase": "Degraded", "message": "timed out"}, {}, Health(Level.FAILED, "timed out")),
        ({"phase": "Degraded", "message": "aborted", "readyReplicas": 2}, {}, Health(Level.DEGRADED, "aborted")),
    ],
)
def test_a_rollout_is_its_phase(status: Obj, spec: Obj, health: Health) -> None:
    assert read(ROLLOUT, status, **spec)[0] == health


def test_a_rollout_shows_how_far_it_is() -> None:
    status = {"currentStepIndex": 1, "readyReplicas": 3, "canary": {"weights": {"canary": {"weight": 20}}}}
    cells = read(ROLLOUT, status, replicas=4, strategy={"canary": {"steps": [{}, {}, {}]}})[1]
    assert (cells["strategy"], cells["step"], cells["weight"], cells["ready"]) == ("canary", "1/3", 20, "3/4")
    assert read(ROLLOUT, strategy={"blueGreen": {"activeService": "a"}})[1]["strategy"] == "blueGreen"


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("Running", Level.PROGRESSING),
        ("Inconclusive", Level.DEGRADED),
        ("Error", Level.FAILED),
        ("", Level.PROGRESSING),
    ],
)
def test_an_analysis_is_its_phase(word: str, level: Level) -> None:
    assert read(ANALYSIS_RUN, {"phase": word})[0].level is level
