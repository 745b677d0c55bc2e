"""Tekton on the host: takes up PipelineRuns, runs their tasks one after another, and ends them.

How long a task takes follows from its name.  A run whose annotation `FAILS` names a task fails there, and one
whose `spec.status` says so is cancelled.
"""

from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import podstates, tekton
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import owner_reference
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.kubelet import DURATION
from kurator_tui.demo.world.site import condition

Obj = dict[str, Any]

PIPELINES, RUNS, TASK_RUNS = "pipelines.tekton.dev", "pipelineruns.tekton.dev", "taskruns.tekton.dev"
#: Annotation that names the task at which a run fails.
FAILS = "demo.kurator-tui.dev/fails"
_NOTICED = 1.0
_SHORTEST, _LONGEST = 12, 55
"""World seconds that a task takes."""
_WORDS = {
    "go-test": "FAIL ./checkout 12.481s: TestRefundTwice: expected 409, got 500",
    "go-lint": "checkout/refund.go:88:2: ineffectual assignment to err (ineffassign)",
    tekton.BUILD: "error checking push permissions: DENIED: permission_denied: write_package",
}


class Tekton:
    """Moves the PipelineRuns of one cluster."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self._due: dict[str, float] = {}
        """World second at which a TaskRun that runs is over, by its name."""
        self._queue = WorkQueue(around.cluster.timeline, self._turn)
        for run in around.cluster.all_of(RUNS):
            self._queue.add(common.key_of(run), _NOTICED)
        around.cluster.watch(RUNS, self._changed)

    def _changed(self, event: StorageEvent) -> None:
        """Somebody made or cancelled it; our own writes come at their own time."""
        old = event.old_obj or {}
        if event.type == "ADDED" or (event.type == "MODIFIED" and old.get("spec") != event.obj.get("spec")):
            self._queue.add(common.key_of(event.obj), _NOTICED)

    def _turn(self, key: common.Key) -> float | None:
        """One step; seconds until the next, None when it is over."""
        run = self._cluster.find(RUNS, *key)
        if run is None or run["metadata"].get("deletionTimestamp") or _state(run) in ("True", "False"):
            return None
        if "Cancel" in str(run["spec"].get("status")) or "Stopped" in str(run["spec"].get("status")):
            self._cancel(run)
            return None
        name = str((run["spec"].get("pipelineRef") or {}).get("name"))
        pipeline = self._cluster.find(PIPELINES, key[0], name)
        if pipeline is None:
            message = f"Error retrieving pipeline for pipelinerun {key[0]}/{key[1]}: {name} not found"
            self._finish(run, "False", "CouldntGetPipeline", message)
            return None
        tasks = [str(each["name"]) for each in pipeline["spec"]["tasks"]]
        begun = list((run.get("status") or {}).get("childReferences") or ())
        if begun and (left := self._end_task(run, begun[-1])) is not None:
            return left
        return self._after(run, tasks, [str(each["pipelineTaskName"]) for each in begun])

    def _after(self, run: Obj, tasks: list[str], begun: list[str]) -> float | None:
        """Begin the next task, or end the run."""
        run = self._cluster.find(RUNS, *common.key_of(run)) or run
        fails = str((run["metadata"].get("annotations") or {}).get(FAILS, ""))
        if begun and begun[-1] == fails:
            counts = f"Tasks Completed: {len(begun)} (Failed: 1, Cancelled 0), Skipped: {len(tasks) - len(begun)}"
            self._finish(run, "False", "Failed", counts)
            return None
        status: Obj = run.get("status") or {}
        left_out = [str(each["name"]) for each in status.get("skippedTasks") or ()]
        ahead = [task for task in tasks if task not in begun and task not in left_out]
        if ahead[:1] == ["publish"] and _revision(run) != "release":
            status = {**status, "skippedTasks": [tekton.skipped("publish", _revision(run))]}
            ahead = ahead[1:]
        if not ahead:
            run = {**run, "status": status}
            counts = f"Tasks Completed: {len(begun)} (Failed: 0, Cancelled 0), Skipped: {len(tasks) - len(begun)}"
            self._finish(run, "True", "Completed" if status.get("skippedTasks") else "Succeeded", counts)
            return None
        return self._begin(run, status, tasks, ahead[0], len(begun))

    def _begin(self, run: Obj, status: Obj, tasks: list[str], task: str, done: int) -> float:
        now, meta = self._cluster.clock.stamp(), run["metadata"]
        pipeline = str(run["spec"]["pipelineRef"]["name"])
        name = f"{meta['name']}-{task}"
        waits = f"Tasks Completed: {done} (Failed: 0, Cancelled 0), Incomplete: {len(tasks) - done}, Skipped: 0"
        told: Obj = {
            "startTime": now,
            "pipelineSpec": tekton.pipeline_spec(tasks, pipeline),
            **status,
            "conditions": [condition("Succeeded", "Unknown", now, "Running", waits)],
            "childReferences": [*(status.get("childReferences") or ()), tekton.reference(name, task)],
        }
        self._cluster.set_status(RUNS, run, told)
        head = {
            "name": name,
            "namespace": meta["namespace"],
            "labels": tekton.labels(pipeline, meta["name"], task),
            "ownerReferences": [owner_reference(run)],
        }
        spec = {
            "serviceAccountName": pipeline,
            "taskRef": {"kind": "Task", "name": f"{task}-{pipeline}"},
            "params": list(run["spec"].get("params") or ()),
            "timeout": "1h0m0s",
        }
        made = self._cluster.create(
            TASK_RUNS, {"apiVersion": tekton.API, "kind": "TaskRun", "metadata": head, "spec": spec}
        )
        pod = common.new_pod(self._cluster, made, f"{name}-pod", tekton.pod_of(made, task))
        pod["metadata"].setdefault("annotations", {})[DURATION] = str(seconds_of(name))
        self._cluster.create("pods", pod)
        running = condition(
            "Succeeded", "Unknown", now, "Running", "Not all Steps in the Task have finished executing"
        )
        state = {"podName": f"{name}-pod", "startTime": now, "conditions": [running]}
        self._cluster.set_status(TASK_RUNS, made, {**state, "steps": [tekton.step_state(task, now)]})
        self._record(run, "Running", waits, source="PipelineRun")
        self._due[name] = self._cluster.clock.elapsed + seconds_of(name)
        return float(seconds_of(name))

    def _end_task(self, run: Obj, child: Obj) -> float | None:
        """End the task that runs when its time has come; seconds until then, None when it is over."""
        namespace, name, task = run["metadata"]["namespace"], str(child["name"]), str(child["pipelineTaskName"])
        found = self._cluster.find(TASK_RUNS, namespace, name)
        if found is None or _state(found) in ("True", "False"):
            return None
        now = self._cluster.clock.elapsed
        due = self._due.setdefault(name, now + seconds_of(name))
        if now < due:
            return due - now
        del self._due[name]
        failed = (run["metadata"].get("annotations") or {}).get(FAILS) == task
        self._close(found, task, "Failed" if failed else "Succeeded")
        return None

    def _close(self, task_run: Obj, task: str, reason: str) -> None:
        """Write the end of a TaskRun."""
        now, meta = self._cluster.clock.stamp(), task_run["metadata"]
        messages = {
            "Succeeded": "All Steps have completed executing",
            "Failed": f'"step-{task}" exited with code 1: {_WORDS.get(task, "see its log")}',
            "TaskRunCancelled": f'TaskRun "{meta["name"]}" was cancelled',
        }
        good = reason == "Succeeded"
        began = str(task_run["status"]["startTime"])
        pipeline, run = meta["labels"]["tekton.dev/pipeline"], meta["labels"]["tekton.dev/pipelineRun"]
        made = tekton.results(task, pipeline, run) if good else []
        status = {
            **task_run["status"],
            "completionTime": now,
            "conditions": [condition("Succeeded", good, now, reason, messages[reason])],
            "steps": [tekton.step_state(task, began, now, failed=not good)],
            **({"results": made} if made else {}),
        }
        self._cluster.set_status(TASK_RUNS, task_run, status)
        pod = self._cluster.find("pods", meta["namespace"], f"{meta['name']}-pod")
        if pod is not None and (pod.get("status") or {}).get("phase") == "Running":
            failed = {**podstates.crashed(pod, now, waiting=False), "phase": "Failed"}
            self._cluster.set_status("pods", pod, podstates.completed(pod, now) if good else failed)

    def _cancel(self, run: Obj) -> None:
        for child in (run.get("status") or {}).get("childReferences") or ():
            found = self._cluster.find(TASK_RUNS, run["metadata"]["namespace"], str(child["name"]))
            if found is not None and _state(found) not in ("True", "False"):
                self._close(found, str(child["pipelineTaskName"]), "TaskRunCancelled")
                self._cluster.delete("pods", run["metadata"]["namespace"], f"{child['name']}-pod")
        message = f'PipelineRun "{run["metadata"]["name"]}" was cancelled'
        self._finish(run, "False", "Cancelled", message)

    def _finish(self, run: Obj, state: str, reason: str, message: str) -> None:
        now = self._cluster.clock.stamp()
        status = {
            "startTime": now,
            **(run.get("status") or {}),
            "completionTime": now,
            "conditions": [condition("Succeeded", state, now, reason, message)],
        }
        self._cluster.set_status(RUNS, run, status)
        good = state == "True"
        self._record(run, reason, message, source="PipelineRun", kind="Normal" if good else "Warning")


def seconds_of(task_run: str) -> int:
    """World seconds that a task takes, by the name of its TaskRun."""
    return _SHORTEST + int(tekton.hexadecimal(task_run, 6), 16) % (_LONGEST - _SHORTEST)


def _state(obj: Obj) -> str:
    """The status of the condition Succeeded; "" before Tekton took it up."""
    found = (obj.get("status") or {}).get("conditions") or ()
    return next((str(each.get("status")) for each in found if each.get("type") == "Succeeded"), "")


def _revision(run: Obj) -> str:
    params = run["spec"].get("params") or ()
    return next((str(each.get("value")) for each in params if each.get("name") == "revision"), "")
