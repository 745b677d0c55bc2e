"""Tekton: how runs ended, in both versions of the API."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.tekton import PIPELINE, PIPELINE_RUN, TASK, TASK_RUN
from tests.unit.kinds.support import health, meta, values

Obj = dict[str, Any]


def succeeded(status: str, reason: str, message: str = "") -> Obj:
    return {"conditions": [{"type": "Succeeded", "status": status, "reason": reason, "message": message}]}


@pytest.mark.parametrize("kind", [PIPELINE_RUN, TASK_RUN])
@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.PROGRESSING, "not started")),
        (succeeded("Unknown", "Running", "2 to go"), Health(Level.PROGRESSING, "Running: 2 to go")),
        (succeeded("True", "Completed"), HEALTHY),
        (succeeded("False", "Failed", "step build"), Health(Level.FAILED, "Failed: step build")),
        (succeeded("False", "PipelineRunTimeout"), Health(Level.FAILED, "PipelineRunTimeout")),
        (succeeded("False", "Cancelled"), Health(Level.DEGRADED, "Cancelled")),
        (succeeded("False", "TaskRunCancelled"), Health(Level.DEGRADED, "TaskRunCancelled")),
    ],
)
def test_a_run(kind: Any, status: Obj, verdict: Health) -> None:
    assert health(kind, status=status) == verdict


WHEN = {"startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:01:30Z"}


def test_a_pipeline_run_shows_what_it_ran_and_how_long() -> None:
    status = succeeded("True", "Succeeded") | WHEN | {"childReferences": [{"name": "a"}, {"name": "b"}]}
    keys = ("status", "pipeline", "tasks", "duration")
    named = values(PIPELINE_RUN, *keys, spec={"pipelineRef": {"name": "build"}}, status=status)
    assert named == ("Succeeded", "build", 2, 90_000)
    labels = {"tekton.dev/pipeline": "inline"}
    old = {"metadata": meta(labels=labels), "status": {"taskRuns": {"x": {}}, "startTime": WHEN["startTime"]}}
    assert values(PIPELINE_RUN, *keys, **old) == ("", "inline", 1, None)


def test_a_task_run_counts_its_steps() -> None:
    steps = [{"name": "a", "terminated": {"reason": "Completed"}}, {"name": "b", "running": {}}]
    labels = {"tekton.dev/pipelineRun": "build-1", "tekton.dev/pipelineTask": "compile"}
    parts = {"metadata": meta(labels=labels), "status": {"steps": steps, "podName": "build-1-pod"}}
    found = values(TASK_RUN, "task", "run", "steps", "pod", **parts)
    assert found == ("compile", "build-1", "1/2", "build-1-pod")


def test_definitions_show_what_they_are_made_of() -> None:
    pipeline = {"tasks": [{"name": "a"}, {"name": "b"}], "finally": [{"name": "c"}], "params": [{"name": "url"}]}
    assert values(PIPELINE, "tasks", "finally", "names", "params", spec=pipeline) == (2, 1, "a,b", "url")
    task = {"steps": [{"image": "golang"}, {"image": "golang"}]}
    assert values(TASK, "steps", "images", spec=task) == (2, "golang")
