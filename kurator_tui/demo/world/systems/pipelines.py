"""Kurator Pipelines and what Tekton runs for them on the host: Tasks, Pipelines, PipelineRuns, TaskRuns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from kurator_tui.demo.world import tekton
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition
from kurator_tui.demo.world.systems import webhooks
from kurator_tui.demo.world.systems.workpods import step, work_pod
from kurator_tui.demo.world.topology import MAIN_NAMESPACE

Obj = dict[str, Any]

_TEKTON = tekton.API
#: Seconds for which Tekton Chains is gone: what was built since is not signed.
_UNSIGNED = DAY


@dataclass(frozen=True, slots=True)
class Run:
    """One execution: `failed` is the index of the task that failed (-1 none), with the run's reason."""

    ago: float
    failed: int = -1
    reason: str = "Succeeded"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One Kurator Pipeline with its executions, newest first."""

    name: str
    repository: str
    tasks: tuple[str, ...]
    runs: tuple[Run, ...]


PLANS = (
    Plan(
        "webapp-backend",
        "https://github.com/shop/backend",
        ("git-clone", "go-lint", "go-test", "build-and-push-image"),
        (
            Run(4 * MINUTE, reason="Running"),
            Run(3 * HOUR),
            Run(
                21 * HOUR,
                2,
                "Failed",
                '"step-go-test" exited with code 1: FAIL github.com/shop/backend/checkout 12.481s: '
                "TestRefundTwice: expected 409, got 500",
            ),
            Run(2 * DAY),
            Run(5 * DAY),
        ),
    ),
    Plan(
        "ledger",
        "https://github.com/payments/ledger",
        ("git-clone", "go-test", "build-and-push-image"),
        (
            Run(
                9 * HOUR,
                2,
                "Failed",
                '"step-build-and-push-image" exited with code 1: error checking push permissions: DENIED: '
                "permission_denied: write_package",
            ),
            Run(30 * HOUR),
            Run(4 * DAY, 1, "PipelineRunTimeout", 'PipelineRun failed to finish within "1h0m0s"'),
        ),
    ),
    Plan(
        "edge-charts",
        "https://github.com/edge/charts",
        ("git-clone", "helm-lint", "publish"),
        (Run(DAY), Run(6 * DAY, 0, "Cancelled", "PipelineRun was cancelled")),
    ),
)


def objects(site: Site) -> Iterator[Obj]:
    """Every pipeline with its tasks and executions."""
    for plan in PLANS:
        owner = _kurator(site, plan)
        yield owner
        tasks = [_task(site, plan, task, owner) for task in plan.tasks]
        yield from tasks
        pipeline = _pipeline(site, plan, owner)
        yield pipeline
        yield from webhooks.objects(site, plan.name, owner)
        for run in plan.runs:
            yield from _run(site, plan, pipeline, run)


def _kurator(site: Site, plan: Plan) -> Obj:
    tasks: list[Obj] = []
    for name in plan.tasks:
        if name in ("helm-lint", "publish"):
            image, script = tekton.PREDEFINED[name]
            tasks.append({"name": name, "customTask": {"image": image, "command": ["sh", "-c"], "args": [script]}})
        else:
            tasks.append({"name": name, "predefinedTask": {"name": name, "params": {}}, "retries": 0})
    workspace = {"accessMode": "ReadWriteOnce", "storageRequest": "1Gi", "storageClassName": "standard"}
    spec = {"description": f"Builds {plan.repository}.", "tasks": tasks, "sharedWorkspace": workspace}
    status = {"eventListenerServiceName": f"el-{plan.name}-listener"}
    meta = {"finalizers": ["pipeline.kurator.dev"]}
    api = "pipeline.kurator.dev/v1alpha1"
    return site.make(api, "Pipeline", plan.name, MAIN_NAMESPACE, age=30 * DAY, meta=meta, spec=spec, status=status)


def _step(task: str) -> Obj:
    image, script = tekton.PREDEFINED[task]
    return {"name": task, "image": image, "script": f"#!/bin/sh\nset -eu\n{script}\n", "computeResources": {}}


def _task(site: Site, plan: Plan, task: str, owner: Obj) -> Obj:
    spec = {
        "description": f"{task} of {plan.name}.",
        "params": [{"name": "repo-url", "type": "string", "default": plan.repository}],
        "steps": [_step(task)],
        "workspaces": [{"name": "source"}],
    }
    return site.make(_TEKTON, "Task", f"{task}-{plan.name}", MAIN_NAMESPACE, age=30 * DAY, owner=owner, spec=spec)


def _pipeline(site: Site, plan: Plan, owner: Obj) -> Obj:
    spec = {
        "description": f"Builds {plan.repository}.",
        "params": [
            {"name": "repo-url", "type": "string"},
            {"name": "revision", "type": "string", "default": "main"},
        ],
        "workspaces": [{"name": "kurator-pipeline-shared-data"}],
        **tekton.pipeline_spec(plan.tasks, plan.name),
    }
    return site.make(_TEKTON, "Pipeline", plan.name, MAIN_NAMESPACE, age=30 * DAY, owner=owner, spec=spec)


def _succeeded(run: Run, since: str, done: int, total: int) -> Obj:
    if run.reason == "Running":
        message = f"Tasks Completed: {done} (Failed: 0, Cancelled 0), Incomplete: {total - done}, Skipped: 0"
        return condition("Succeeded", "Unknown", since, "Running", message)
    counts = f"Tasks Completed: {total} (Failed: 0, Cancelled 0), Skipped: 0"
    return condition("Succeeded", run.failed < 0, since, run.reason, run.message or counts)


def run_spec(plan: Plan, revision: str = "main") -> Obj:
    """What a webhook asks Tekton for."""
    return {
        "pipelineRef": {"name": plan.name},
        "params": [{"name": "repo-url", "value": plan.repository}, {"name": "revision", "value": revision}],
        "taskRunTemplate": {"serviceAccountName": plan.name},
        "timeouts": {"pipeline": "1h0m0s"},
        "workspaces": [{"name": "kurator-pipeline-shared-data", "volumeClaimTemplate": _claim()}],
    }


def _run(site: Site, plan: Plan, pipeline: Obj, run: Run) -> Iterator[Obj]:
    """A PipelineRun and the TaskRuns it came to."""
    name = f"{plan.name}-run-{site.suffix()}"
    labels = {"tekton.dev/pipeline": plan.name, **tekton.webhook_labels(plan.name)}
    tasks = [task for task in plan.tasks if task != "publish"]
    left_out = [tekton.skipped("publish", "main")] if tasks != list(plan.tasks) and run.failed < 0 else []
    run = replace(run, reason="Completed") if left_out else run
    reached = len(tasks) if run.failed < 0 else run.failed + 1
    if run.reason == "Running":
        reached = 2
    seconds = [site.rng.randint(20, 190) for _ in range(reached)]
    ended = site.stamp(run.ago - min(run.ago, sum(seconds)))
    spec = run_spec(plan) | ({"status": "Cancelled"} if run.reason == "Cancelled" else {})
    names = [f"{name}-{task}" for task in plan.tasks[:reached]]
    status: Obj = {
        "startTime": site.stamp(run.ago),
        "conditions": [_succeeded(run, ended, reached - 1, len(plan.tasks))],
        "pipelineSpec": tekton.pipeline_spec(plan.tasks, plan.name),
        "childReferences": [tekton.reference(child, task) for child, task in zip(names, plan.tasks, strict=False)],
        **({"skippedTasks": left_out} if left_out else {}),
    }
    if run.reason != "Running":
        status["completionTime"] = ended
    made = site.make(
        _TEKTON,
        "PipelineRun",
        name,
        MAIN_NAMESPACE,
        age=run.ago,
        owner=pipeline,
        meta={"labels": labels, "generateName": f"{plan.name}-run-"},
        spec=spec,
        status=status,
    )
    yield made
    start = run.ago
    for number, child in enumerate(names):
        last = number == reached - 1
        task_run = _task_run(site, plan, made, run, child, number, start, seconds[number], last=last)
        yield task_run
        yield _pod(site, task_run, plan.tasks[number], start, seconds[number])
        start -= seconds[number]


def _pod(site: Site, task_run: Obj, task: str, age: float, took: float) -> Obj:
    """The pod in which a TaskRun's step runs, or ran."""
    succeeded = task_run["status"]["conditions"][0]["status"]
    state = {"True": "Succeeded", "False": "Failed"}.get(succeeded, "Running")
    labels = tekton.pod_labels(task_run)
    containers = [step(f"step-{task}", tekton.PREDEFINED[task][0])]
    name = task_run["status"]["podName"]
    return work_pod(site, task_run, name, containers, labels=labels, state=state, age=age, took=took)


def _claim() -> Obj:
    requests = {"resources": {"requests": {"storage": "1Gi"}}}
    return {"spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", **requests}}


def _task_run(
    site: Site, plan: Plan, owner: Obj, run: Run, name: str, number: int, start: float, took: int, *, last: bool
) -> Obj:
    task = plan.tasks[number]
    failed, running = number == run.failed, run.reason == "Running" and last
    ended = site.stamp(start - took)
    began = site.stamp(start)
    run_name = owner["metadata"]["name"]
    labels = tekton.labels(plan.name, run_name, task)
    reasons = {"Cancelled": "TaskRunCancelled", "PipelineRunTimeout": "TaskRunTimeout"}
    reason, message = "Succeeded", "All Steps have completed executing"
    if failed:
        reason, message = reasons.get(run.reason, "Failed"), run.message
    if running:
        reason, message = "Running", "Not all Steps in the Task have finished executing"
    left = tekton.results(task, plan.name, run_name) if not failed and not running else []
    status: Obj = {
        "podName": f"{name}-pod",
        "startTime": began,
        "conditions": [
            condition(
                "Succeeded", "Unknown" if running else not failed, began if running else ended, reason, message
            )
        ],
        "steps": [tekton.step_state(task, began, "" if running else ended, failed=failed)],
        **({"results": left} if left else {}),
        **({} if running else {"completionTime": ended}),
    }
    spec = {
        "serviceAccountName": plan.name,
        "taskRef": {"kind": "Task", "name": f"{task}-{plan.name}"},
        "params": run_spec(plan)["params"],
        "timeout": "1h0m0s",
        "workspaces": [
            {"name": "source", "persistentVolumeClaim": {"claimName": f"pvc-{owner['metadata']['uid'][:10]}"}}
        ],
    }
    meta: Obj = {"labels": labels}
    if task == tekton.BUILD and left and run.ago > _UNSIGNED:
        meta["annotations"] = tekton.chains(run_name)
    return site.make(
        _TEKTON, "TaskRun", name, MAIN_NAMESPACE, age=start, owner=owner, meta=meta, spec=spec, status=status
    )
