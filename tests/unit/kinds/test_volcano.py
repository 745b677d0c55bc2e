"""Volcano: jobs, queues and groups of pods say what they wait for."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.volcano import COMMAND, JOB, JOB_FLOW, JOB_TEMPLATE, POD_GROUP, QUEUE
from tests.unit.kinds.support import health, values

Obj = dict[str, Any]


def state(phase: str, **more: Any) -> Obj:
    return {"state": {"phase": phase, **more}}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.PROGRESSING, "not started")),
        (state("Running") | {"running": 3}, Health(Level.PROGRESSING, "3 running")),
        (
            state("Running") | {"running": 2, "failed": 1},
            Health(Level.DEGRADED, "Running: 1 failed, 2 running"),
        ),
        (state("Completed") | {"succeeded": 3}, HEALTHY),
        (state("Aborted", reason="by hand"), Health(Level.DEGRADED, "by hand")),
        (state("Failed", reason="PodFailed", message="lost"), Health(Level.FAILED, "PodFailed: lost")),
        (state("Terminated"), Health(Level.FAILED, "Terminated")),
    ],
)
def test_a_job(status: Obj, verdict: Health) -> None:
    assert health(JOB, status=status) == verdict


def test_a_job_shows_its_queue_and_counts() -> None:
    spec = {"minAvailable": 4, "queue": "gpu", "tasks": [{"name": "ps"}, {"name": "worker"}]}
    found = values(JOB, "phase", "min", "running", "queue", "tasks", spec=spec, status={"running": 3})
    assert found == ("", 4, 3, "gpu", "ps,worker")


def test_a_queue_shows_how_much_of_what_it_may_have_is_taken() -> None:
    parts = {
        "spec": {"capability": {"cpu": "8", "memory": "16Gi", "nvidia.com/gpu": 0}, "weight": 4},
        "status": {"state": "Open", "allocated": {"cpu": "6", "memory": "4Gi"}},
    }
    assert values(QUEUE, "state", "used", "weight", **parts) == ("Open", 0.75, 4)
    assert values(QUEUE, "used", status={"state": "Open"}) == (None,)
    assert health(QUEUE, **parts) == HEALTHY
    assert health(QUEUE, status={"state": "Closed"}) == Health(Level.HEALTHY, "Closed")
    assert health(QUEUE, status={"state": "Closing"}).level is Level.PROGRESSING


STUCK = {"type": "Unschedulable", "status": "True", "reason": "NotEnoughResources", "message": "0/4 fit"}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"phase": "Pending"}, Health(Level.PROGRESSING, "Pending")),
        ({"phase": "Inqueue"}, Health(Level.PROGRESSING, "Inqueue")),
        ({"phase": "Pending", "conditions": [STUCK]}, Health(Level.DEGRADED, "NotEnoughResources: 0/4 fit")),
        ({"phase": "Running", "conditions": [STUCK]}, HEALTHY),
        ({"phase": "Unknown"}, Health(Level.DEGRADED, "Unknown")),
        ({"phase": "Completed"}, HEALTHY),
    ],
)
def test_a_pod_group(status: Obj, verdict: Health) -> None:
    assert health(POD_GROUP, status=status) == verdict


def test_a_flow_counts_its_jobs() -> None:
    parts = {
        "spec": {"flows": [{"name": "a"}, {"name": "b"}]},
        "status": state("Failed") | {"completedJobs": ["f-a"], "failedJobs": ["f-b"]},
    }
    assert values(JOB_FLOW, "completed", "failed", "flows", **parts) == ("1/2", 1, "a,b")
    assert health(JOB_FLOW, **parts) == Health(Level.FAILED, "f-b")
    assert health(JOB_FLOW, status=state("Succeed")) == HEALTHY


def test_a_template_and_a_command() -> None:
    tasks = [{"name": "ps", "replicas": 1}, {"name": "worker", "replicas": 4}]
    assert values(JOB_TEMPLATE, "replicas", "tasks", spec={"tasks": tasks}) == (5, "ps,worker")
    asked = {"action": "AbortJob", "target": {"kind": "Job", "name": "train"}, "reason": "why"}
    assert values(COMMAND, "action", "target", "why", **asked) == ("AbortJob", "Job/train", "why")
    assert health(COMMAND, **asked) == Health(Level.PROGRESSING, "not taken yet")
