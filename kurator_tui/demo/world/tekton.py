"""Statuses of PipelineRuns and TaskRuns as Tekton writes them.  Pure functions of names and times."""

import hashlib
from collections.abc import Sequence
from typing import Any

from kurator_tui.demo.world.objects import pod_template
from kurator_tui.demo.world.systems.workpods import step as step_container

Obj = dict[str, Any]

API = "tekton.dev/v1"
BUILD = "build-and-push-image"
#: Task → image and script of its one step.
PREDEFINED = {
    "git-clone": ("gcr.io/tekton-releases/git-init:v0.40.2", "git clone --depth 1 $(params.repo-url) ."),
    "go-test": ("golang:1.20", "go test -race -cover ./..."),
    "go-lint": ("golangci/golangci-lint:v1.55.2", "golangci-lint run --timeout 5m"),
    BUILD: ("gcr.io/kaniko-project/executor:v1.19.2", "/kaniko/executor --destination $(params.image)"),
    "helm-lint": ("alpine/helm:3.12.3", "helm lint charts/*"),
    "publish": ("alpine/helm:3.12.3", "helm push charts/* oci://registry.edge.example/charts"),
}


def image_of(task: str) -> str:
    """The image of a task's step."""
    return PREDEFINED.get(task, ("alpine:3.19", ""))[0]


def hexadecimal(text: str, length: int = 64) -> str:
    """Digits that look random and are always the same for `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def planned(task: str, tasks: Sequence[str], owner: str) -> Obj:
    """A task of a pipeline's specification: each after the one before it."""
    at = list(tasks).index(task)
    made: Obj = {
        "name": task,
        "taskRef": {"name": f"{task}-{owner}", "kind": "Task"},
        "workspaces": [{"name": "source", "workspace": "kurator-pipeline-shared-data"}],
    }
    if task == "publish":
        made["when"] = [{"input": "$(params.revision)", "operator": "in", "values": ["release"]}]
    return made | ({"runAfter": [tasks[at - 1]]} if at else {})


def pipeline_spec(tasks: Sequence[str], owner: str) -> Obj:
    """The tasks of a pipeline, as its runs keep them in their status."""
    return {"tasks": [planned(task, tasks, owner) for task in tasks]}


def reference(name: str, task: str) -> Obj:
    """An entry of `status.childReferences`."""
    return {"apiVersion": API, "kind": "TaskRun", "name": name, "pipelineTaskName": task}


def skipped(task: str, revision: str) -> Obj:
    """An entry of `status.skippedTasks` for a task that only a release has."""
    when = [{"input": revision, "operator": "in", "values": ["release"]}]
    return {"name": task, "reason": "When Expressions evaluated to false", "whenExpressions": when}


def results(task: str, pipeline: str, run: str) -> list[Obj]:
    """What a task leaves: a clone its commit, a build its image."""
    if task == "git-clone":
        return [{"name": "commit", "type": "string", "value": hexadecimal(run, 40)}]
    if task != BUILD:
        return []
    url = f"registry.shop.example/{pipeline}:{hexadecimal(run, 7)}"
    values = (("IMAGE_URL", url), ("IMAGE_DIGEST", f"sha256:{hexadecimal(url)}"))
    return [{"name": name, "type": "string", "value": value} for name, value in values]


def step_state(task: str, began: str, ended: str = "", *, failed: bool = False) -> Obj:
    """The state of a task's one step: it runs, or it ended."""
    state: Obj = {"running": {"startedAt": began}}
    if ended:
        code, reason = (1, "Error") if failed else (0, "Completed")
        ending = {"startedAt": began, "finishedAt": ended, "exitCode": code, "reason": reason}
        state = {"terminated": {**ending, "containerID": f"containerd://{hexadecimal(task + began)}"}}
    return {"name": task, "container": f"step-{task}", "imageID": image_of(task), **state}


def labels(pipeline: str, run: str, task: str) -> dict[str, str]:
    """Those of a TaskRun."""
    return {
        "tekton.dev/pipeline": pipeline,
        "tekton.dev/pipelineRun": run,
        "tekton.dev/pipelineTask": task,
        "tekton.dev/task": f"{task}-{pipeline}",
    }


def pod_labels(task_run: Obj) -> dict[str, str]:
    """Those of the pod of a TaskRun."""
    meta = task_run["metadata"]
    return {
        **meta["labels"],
        "app.kubernetes.io/managed-by": "tekton-pipelines",
        "tekton.dev/taskRun": meta["name"],
    }


def pod_of(task_run: Obj, task: str) -> Obj:
    """The template of the pod of a TaskRun."""
    containers = [step_container(f"step-{task}", image_of(task))]
    return pod_template(pod_labels(task_run), containers, restartPolicy="Never")


def webhook_labels(pipeline: str) -> dict[str, str]:
    """Labels that Tekton Triggers gives what a webhook started."""
    listener, trigger = f"{pipeline}-listener", f"{pipeline}-trigger"
    return {"triggers.tekton.dev/eventlistener": listener, "triggers.tekton.dev/trigger": trigger}


def chains(run: str, kind: str = "taskrun") -> dict[str, str]:
    """Annotations that Tekton Chains leaves on what it signed."""
    index = int(hexadecimal(run, 7), 16)
    return {
        "chains.tekton.dev/signed": "true",
        f"chains.tekton.dev/payload-{kind}-{hexadecimal(run, 8)}": "e30=",
        "chains.tekton.dev/transparency": f"https://rekor.sigstore.dev/api/v1/log/entries?logIndex={index}",
    }
