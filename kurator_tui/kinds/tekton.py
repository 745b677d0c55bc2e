"""Tekton: pipelines, tasks, their runs, and what listens for webhooks."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, conditions, judge
from kurator_tui.kinds.meta import one_line, unix
from kurator_tui.kinds.table import Part, cell, table
from kurator_tui.kinds.tekton_parts import chains, children, planned, skipped, steps, values

GROUP = "tekton.dev"

_VERSIONS = ("v1", "v1beta1")
_STOPPED = ("Cancelled", "CancelledRunningFinally", "StoppedRunningFinally", "TaskRunCancelled")
"""Reasons of a run that somebody ended."""


@judge(
    "status.conditions[*]",
    says="condition Succeeded: False is failed, degraded when somebody cancelled it; Unknown is progressing",
)
def _run(told: Any) -> Health:
    found = by_type(told).get("Succeeded")
    if found is None:
        return Health(Level.PROGRESSING, "not started")
    if found.get("status") == "True":
        return HEALTHY
    if found.get("status") == "False":
        return Health(Level.DEGRADED if found.get("reason") in _STOPPED else Level.FAILED, because(found))
    return Health(Level.PROGRESSING, because(found) or "Running")


def _lasted(started: Any, completed: Any) -> float | None:
    """Milliseconds a run that is over took."""
    if not (isinstance(started, str) and isinstance(completed, str)):
        return None
    return max(0.0, unix(completed) - unix(started)) * 1000


_STATUS = cell("status", "status.conditions[?(@.type=='Succeeded')].reason", priority=2)
_WHEN = (
    cell("started", "status.startTime", format=Format.AGE),
    cell("duration", "status.startTime", "status.completionTime", read=_lasted, format=Format.MILLISECONDS),
    cell("completed", "status.completionTime", format=Format.AGE, priority=5),
)
_CHAINS = Part(("metadata.annotations",), chains)
_MESSAGE = Part(
    ("status.conditions[?(@.type=='Succeeded')].message",), lambda found: one_line(next(iter(found), ""))
)
_ASKED = cell("asked", "spec.status", wide=True)
_ACCOUNT = cell("account", "spec.taskRunTemplate.serviceAccountName", "spec.serviceAccountName", wide=True)

PIPELINE_RUN = table(
    f"pipelineruns.{GROUP}",
    "PipelineRun",
    _VERSIONS,
    _STATUS,
    cell("pipeline", "spec.pipelineRef.name", "metadata.labels['tekton.dev/pipeline']", width=40),
    cell("tasks", "status.childReferences[*].name", "status.taskRuns", format=Format.COUNT),
    cell("skipped", "status.skippedTasks[*].name", format=Format.COUNT, priority=5),
    *_WHEN,
    _ASKED,
    _ACCOUNT,
    health=_run,
    short_names=("pr", "prs"),
    parts={
        "children": Part(("status.childReferences", "status.taskRuns", "status.runs"), children),
        "planned": Part(("status.pipelineSpec", "spec.pipelineSpec"), planned),
        "skipped": Part(("status.skippedTasks",), skipped),
        "params": Part(("spec.params",), values),
        "results": Part(("status.results", "status.pipelineResults"), values),
        "chains": _CHAINS,
        "message": _MESSAGE,
    },
)


def _steps(ended: Any, all_of_them: Any) -> str:
    return f"{len(ended)}/{len(all_of_them)}" if all_of_them else ""


TASK_RUN = table(
    f"taskruns.{GROUP}",
    "TaskRun",
    _VERSIONS,
    _STATUS,
    cell("task", "spec.taskRef.name", "metadata.labels['tekton.dev/pipelineTask']", width=40),
    cell("run", "metadata.labels['tekton.dev/pipelineRun']", title="PIPELINE RUN", width=40),
    cell("steps", "status.steps[*].terminated.reason", "status.steps[*].name", read=_steps),
    *_WHEN,
    cell("pod", "status.podName", priority=5, width=50),
    cell("retries", "status.retriesStatus", format=Format.COUNT, priority=5),
    _ASKED,
    _ACCOUNT,
    health=_run,
    short_names=("tr", "trs"),
    parts={
        "steps": Part(("status.steps",), steps),
        "params": Part(("spec.params",), values),
        "results": Part(("status.results", "status.taskResults"), values),
        "chains": _CHAINS,
        "message": _MESSAGE,
    },
)

PIPELINE = table(
    f"pipelines.{GROUP}",
    "Pipeline",
    _VERSIONS,
    cell("tasks", "spec.tasks[*].name", format=Format.COUNT),
    cell("finally", "spec.finally[*].name", format=Format.COUNT),
    cell("names", "spec.tasks[*].name", width=60, priority=4),
    cell("params", "spec.params[*].name", width=40, priority=5),
    cell("workspaces", "spec.workspaces[*].name", width=40, priority=5),
    cell("description", "spec.description", width=60, wide=True),
)

TASK = table(
    f"tasks.{GROUP}",
    "Task",
    _VERSIONS,
    cell("steps", "spec.steps[*].name", "spec.steps[*].image", format=Format.COUNT),
    cell("images", "spec.steps[*].image", read=lambda found: ",".join(dict.fromkeys(found)), width=60),
    cell("params", "spec.params[*].name", width=40, priority=5),
    cell("workspaces", "spec.workspaces[*].name", width=40, priority=5),
    cell("results", "spec.results[*].name", wide=True),
    cell("description", "spec.description", width=60, wide=True),
)

EVENT_LISTENER = table(
    "eventlisteners.triggers.tekton.dev",
    "EventListener",
    ("v1beta1", "v1alpha1"),
    cell("address", "status.address.url", width=60),
    cell("triggers", "spec.triggers", format=Format.COUNT),
    cell("account", "spec.serviceAccountName", wide=True),
    cell("service_type", "spec.resources.kubernetesResource.serviceType", title="SERVICE TYPE", priority=5),
    health=conditions("Ready", "Available"),
    short_names=("el",),
)

KINDS = (PIPELINE, PIPELINE_RUN, TASK, TASK_RUN, EVENT_LISTENER)
