"""Deployments: what `kubectl rollout status` waits for, and what is a fault instead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow, deployment_health
from tests.unit.kinds.support import meta, recording, row


def condition(kind: str, status: str, reason: str, message: str = "") -> dict[str, str]:
    return {"type": kind, "status": status, "reason": reason, "message": message}


DONE = condition("Progressing", "True", "NewReplicaSetAvailable")
ROLLING = condition("Progressing", "True", "ReplicaSetUpdated")
LATE = condition("Progressing", "False", "ProgressDeadlineExceeded", "ReplicaSet timed out")
REFUSED = condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota")


def deployment(
    replicas: int,
    updated: int,
    available: int,
    *conditions: dict[str, str],
    desired: int = 3,
    paused: bool = False,
) -> DeploymentRow:
    counts = {"replicas": replicas, "updatedReplicas": updated, "availableReplicas": available}
    decoded: DeploymentRow = row(
        DEPLOYMENT,
        {
            "metadata": meta("web", generation=2),
            "spec": {"replicas": desired, "paused": paused},
            "status": {"observedGeneration": 2, **counts, "conditions": list(conditions)},
        },
    )
    return decoded


@pytest.mark.parametrize(
    ("decoded", "health"),
    [
        (deployment(3, 3, 3, DONE), Health(Level.HEALTHY)),
        (deployment(0, 0, 0, DONE, desired=0), Health(Level.HEALTHY)),
        (deployment(3, 1, 3, ROLLING), Health(Level.PROGRESSING, "1 of 3 new replicas updated")),
        (deployment(4, 3, 3, ROLLING), Health(Level.PROGRESSING, "1 old replicas pending termination")),
        (deployment(3, 3, 1, ROLLING), Health(Level.PROGRESSING, "1 of 3 updated replicas available")),
        (deployment(3, 3, 1, DONE), Health(Level.DEGRADED, "1 of 3 updated replicas available")),
        (deployment(3, 3, 0, DONE), Health(Level.FAILED, "0 of 3 updated replicas available")),
        (deployment(4, 1, 3, LATE), Health(Level.FAILED, "ProgressDeadlineExceeded: ReplicaSet timed out")),
        (deployment(1, 1, 1, ROLLING, REFUSED), Health(Level.DEGRADED, "FailedCreate: exceeded quota")),
        (deployment(0, 0, 0, ROLLING, REFUSED), Health(Level.FAILED, "FailedCreate: exceeded quota")),
        (deployment(3, 1, 3, ROLLING, paused=True), Health(Level.DEGRADED, "paused: 1 of 3 new replicas updated")),
        (deployment(3, 3, 3, DONE, paused=True), Health(Level.HEALTHY)),
    ],
)
def test_health(decoded: DeploymentRow, health: Health) -> None:
    assert deployment_health(decoded) == health


def test_a_spec_the_controller_has_not_seen_is_progress_whatever_the_old_counts_say() -> None:
    spec = {
        "metadata": meta(generation=5),
        "spec": {"replicas": 1},
        "status": {"observedGeneration": 3, "replicas": 1},
    }
    decoded = row(DEPLOYMENT, spec)
    assert decoded.lag == 2
    assert deployment_health(decoded) == Health(Level.PROGRESSING, "spec update not observed yet")


def test_a_deployment_that_is_being_deleted_says_so() -> None:
    decoded = row(DEPLOYMENT, {"metadata": meta(deletionTimestamp="2026-01-01T00:00:00Z")})
    assert deployment_health(decoded) == Health(Level.PROGRESSING, "Terminating")


def test_one_replica_is_desired_when_the_spec_does_not_say() -> None:
    assert row(DEPLOYMENT, {"metadata": meta()}).desired == 1


def test_all_images_of_the_template() -> None:
    containers: list[dict[str, Any]] = [{"image": "shop:v7"}, {"name": "none"}, {"image": "proxy:1"}]
    decoded = row(DEPLOYMENT, {"metadata": meta(), "spec": {"template": {"spec": {"containers": containers}}}})
    assert decoded.images == ("shop:v7", "proxy:1")


def test_recorded_karmada_deployments_decode() -> None:
    listed = recording("karmada/deployments.apps.json")
    rows = RowDecoder(DEPLOYMENT, "karmada").page(json.dumps(listed).encode()).rows
    assert [(decoded.name, decoded.desired, decoded.images) for decoded in rows] == [("nginx", 4, ("nginx:1.27",))]
    assert all(deployment_health(decoded).level in Level for decoded in rows)
