"""Workloads but Deployments: verdicts as of `kubectl rollout status`, cells as of `kubectl get`."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.apps import CONTROLLER_REVISION, CRON_JOB, DAEMON_SET, JOB, REPLICA_SET, STATEFUL_SET
from kurator_tui.kinds.base import HEALTHY, Health, Level
from tests.unit.kinds.support import health, meta, values

Obj = dict[str, Any]


@pytest.mark.parametrize(
    ("spec", "status", "verdict"),
    [
        ({"replicas": 3}, {"replicas": 3, "readyReplicas": 3}, HEALTHY),
        ({"replicas": 0}, {"replicas": 0}, HEALTHY),
        ({"replicas": 3}, {"replicas": 3, "readyReplicas": 1}, Health(Level.DEGRADED, "1 of 3 ready")),
        ({}, {"replicas": 1}, Health(Level.FAILED, "0 of 1 ready")),
        ({"replicas": 0}, {"replicas": 2, "readyReplicas": 2}, Health(Level.PROGRESSING, "2 too many")),
        (
            {"replicas": 1},
            {"conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}]},
            Health(Level.FAILED, "FailedCreate"),
        ),
    ],
)
def test_a_replica_set(spec: Obj, status: Obj, verdict: Health) -> None:
    assert health(REPLICA_SET, spec=spec, status=status) == verdict


SETTLED = {"currentRevision": "a", "updateRevision": "a"}
ROLLING = {"currentRevision": "a", "updateRevision": "b"}
STAGED = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}


@pytest.mark.parametrize(
    ("spec", "status", "verdict"),
    [
        ({}, SETTLED | {"readyReplicas": 3}, HEALTHY),
        ({}, SETTLED | {"readyReplicas": 2}, Health(Level.DEGRADED, "2 of 3 pods ready")),
        ({}, SETTLED, Health(Level.FAILED, "0 of 3 pods ready")),
        (
            {},
            ROLLING | {"readyReplicas": 3, "updatedReplicas": 1},
            Health(Level.PROGRESSING, "1 of 3 pods updated, 3 ready"),
        ),
        ({"updateStrategy": {"type": "OnDelete"}}, ROLLING | {"readyReplicas": 3}, HEALTHY),
        (STAGED, ROLLING | {"readyReplicas": 3, "updatedReplicas": 1}, HEALTHY),
        (STAGED, ROLLING | {"readyReplicas": 3}, Health(Level.PROGRESSING, "0 of 3 pods updated, 3 ready")),
    ],
)
def test_a_stateful_set(spec: Obj, status: Obj, verdict: Health) -> None:
    assert health(STATEFUL_SET, spec={"replicas": 3} | spec, status=status) == verdict


@pytest.mark.parametrize("kind", [STATEFUL_SET, DAEMON_SET])
def test_a_new_spec_has_to_be_seen_first(kind: Any) -> None:
    status = SETTLED | {"readyReplicas": 1, "numberReady": 1, "desiredNumberScheduled": 1, "observedGeneration": 1}
    found = health(kind, metadata=meta(generation=2), status=status)
    assert found == Health(Level.PROGRESSING, "spec update not observed yet")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"desiredNumberScheduled": 0}, HEALTHY),
        ({"desiredNumberScheduled": 2, "numberReady": 2, "updatedNumberScheduled": 2}, HEALTHY),
        (
            {"desiredNumberScheduled": 2, "numberReady": 2, "updatedNumberScheduled": 1},
            Health(Level.PROGRESSING, "1 of 2 pods updated, 2 ready"),
        ),
        (
            {"desiredNumberScheduled": 2, "numberReady": 1, "updatedNumberScheduled": 2},
            Health(Level.DEGRADED, "1 of 2 pods ready"),
        ),
        (
            {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2},
            Health(Level.FAILED, "0 of 2 pods ready"),
        ),
        (
            {"desiredNumberScheduled": 0, "numberMisscheduled": 1},
            Health(Level.DEGRADED, "1 on nodes they should not be on"),
        ),
    ],
)
def test_a_daemon_set(status: Obj, verdict: Health) -> None:
    assert health(DAEMON_SET, status=status) == verdict


def ended(kind: str, reason: str = "") -> Obj:
    return {"conditions": [{"type": kind, "status": "True", "reason": reason}]}


@pytest.mark.parametrize(
    ("spec", "status", "verdict"),
    [
        ({}, {}, Health(Level.PROGRESSING, "not started")),
        ({}, {"active": 2, "ready": 1}, Health(Level.PROGRESSING, "2 active, 1 ready")),
        ({}, {"active": 1, "failed": 2}, Health(Level.DEGRADED, "2 failed, 1 active")),
        ({}, ended("Complete") | {"failed": 1}, HEALTHY),
        ({}, ended("Failed", "BackoffLimitExceeded"), Health(Level.FAILED, "BackoffLimitExceeded")),
        ({"suspend": True}, {}, Health(Level.HEALTHY, "suspended")),
        ({"suspend": True}, {"failed": 1}, Health(Level.DEGRADED, "1 failed, 0 active")),
    ],
)
def test_a_job(spec: Obj, status: Obj, verdict: Health) -> None:
    assert health(JOB, spec=spec, status=status) == verdict


@pytest.mark.parametrize(
    ("spec", "completions"),
    [({"completions": 5}, "2/5"), ({}, "2/1"), ({"parallelism": 3}, "2/1 of 3")],
)
def test_completions_are_printed_as_kubectl_does(spec: Obj, completions: str) -> None:
    assert values(JOB, "completions", spec=spec, status={"succeeded": 2}) == (completions,)


def test_a_job_lasts_until_it_is_complete() -> None:
    when = {"startTime": "2026-01-01T00:00:00Z"}
    assert values(JOB, "duration", status=when) == (None,)
    assert values(JOB, "duration", status=when | {"completionTime": "2026-01-01T00:00:05Z"}) == (5000,)


def test_cells_of_the_others() -> None:
    template = {"spec": {"containers": [{"image": "a:1"}, {"image": "b:2"}]}}
    found = values(REPLICA_SET, "desired", "ready", "images", spec={"replicas": 2, "template": template})
    assert found == (2, 0, "a:1,b:2")
    assert values(STATEFUL_SET, "ready", spec={"replicas": 0}) == ("0/0",)
    cron = {"schedule": "0 3 * * *", "timeZone": "UTC", "suspend": True}
    found = values(CRON_JOB, "schedule", "timezone", "suspend", "active", spec=cron, status={"active": [{}, {}]})
    assert found == ("0 3 * * *", "UTC", True, 2)
    assert health(CRON_JOB, spec=cron) == Health(Level.HEALTHY, "suspended")
    assert values(CONTROLLER_REVISION, "revision", revision=4) == (4,)
