"""A host with Tekton, as plain objects, for the tests of the joins of executions and their tasks."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.fleet import execution_lines, executions
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.executions import ExecutionRow, TaskLineRow
from kurator_tui.kinds.kurator_apps import PIPELINE as KURATOR_PIPELINE
from kurator_tui.kinds.networking import INGRESS, SERVICE
from kurator_tui.kinds.tekton import EVENT_LISTENER, PIPELINE, PIPELINE_RUN, TASK_RUN
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.fleet.rollout_objects import LIVE, Object, at, meta, second

KINDS = (KURATOR_PIPELINE, PIPELINE, EVENT_LISTENER, SERVICE, INGRESS, DEPLOYMENT, PIPELINE_RUN, TASK_RUN)
TASKS = ("git-clone", "go-test", "build-and-push-image")
REPOSITORY = "https://github.com/shop/web"


class Host:
    """A host where Kurator made the pipeline `web` with its listener; nothing ran, and there is no Chains."""

    def __init__(self) -> None:
        self.store = Store()
        self.now = second(30)
        self.seen = Seen(self.store, lambda: self.now, lambda *_place: ())
        self.seen.members = {HOST: Member(HOST, "Host")}
        self.store.set_freshness(HOST, "", LIVE)
        for kind in KINDS:
            self.state(kind, State.LIVE)
        self.pipeline()
        self.listener()

    def state(self, kind: AnyKind, state: State, reason: str = "", cluster: str = HOST) -> None:
        self.store.set_freshness(cluster, kind.id, Freshness(state, 1.0, reason))
        self.seen.shared_changed()

    def put(self, kind: AnyKind, obj: Object, cluster: str = HOST) -> None:
        row = RowDecoder(kind, cluster).row(json.dumps(obj).encode())
        self.store.put(kind.id, cluster, {row.uid: row})
        self.seen.shared_changed()

    def delete(self, kind: AnyKind, name: str) -> None:
        self.store.put(kind.id, HOST, {f"uid-{name}": None})
        self.seen.shared_changed()

    def pipeline(self, name: str = "web", *, tekton: bool = True) -> None:
        status = {"eventListenerServiceName": f"el-{name}-listener"}
        self.put(KURATOR_PIPELINE, {"metadata": meta(name), "spec": {"tasks": []}, "status": status})
        if tekton:
            self.put(PIPELINE, {"metadata": meta(name), "spec": {"tasks": []}})

    def listener(self, name: str = "web-listener") -> None:
        url = f"http://el-{name}.shop.svc.cluster.local:8080"
        self.put(EVENT_LISTENER, {"metadata": meta(name), "spec": {}, "status": {"address": {"url": url}}})

    def service(self, kind: str = "ClusterIP", name: str = "el-web-listener", **status: Any) -> None:
        port = {"port": 8080} | ({"nodePort": 30080} if kind != "ClusterIP" else {})
        self.put(SERVICE, {"metadata": meta(name), "spec": {"type": kind, "ports": [port]}, "status": status})

    def chains(self, ready: int = 1) -> None:
        found = {"metadata": meta("tekton-chains-controller", "tekton-chains"), "spec": {"replicas": 1}}
        self.put(DEPLOYMENT, {**found, "status": {"readyReplicas": ready, "replicas": 1}})

    def run(self, name: str = "web-run-1", cluster: str = HOST, **more: Any) -> None:
        self.put(PIPELINE_RUN, pipeline_run(name, **more), cluster)

    def task(self, task: str, run: str = "web-run-1", cluster: str = HOST, **more: Any) -> None:
        self.put(TASK_RUN, task_run(task, run, **more), cluster)

    def rows(self, cluster: str = HOST) -> list[ExecutionRow]:
        self.seen.changed(cluster)
        self.seen.begin(cluster)
        found = list(executions.executions(self.seen, cluster))
        assert all(isinstance(row, ExecutionRow) for row in found)
        return found  # type: ignore[return-value]

    def row(self) -> ExecutionRow:
        (row,) = self.rows()
        return row

    def lines(self, cluster: str = HOST) -> list[TaskLineRow]:
        """In the order of the screen."""
        self.seen.changed(cluster)
        self.seen.begin(cluster)
        every = list(execution_lines.task_lines(self.seen, cluster))
        found = [row for row in every if isinstance(row, TaskLineRow)]
        assert len({row.uid for row in found}) == len(every)
        return sorted(found, key=lambda row: row.path)

    def tasks(self) -> dict[str, TaskLineRow]:
        """The lines of tasks by their name."""
        return {row.name: row for row in self.lines() if row.depth == 2}


def condition(status: str, reason: str, message: str = "") -> Object:
    return {"type": "Succeeded", "status": status, "reason": reason, "message": message}


def reference(task: str, run: str = "web-run-1", kind: str = "TaskRun") -> Object:
    return {"kind": kind, "name": f"{run}-{task}", "pipelineTaskName": task}


def planned(*names: str, **more: Any) -> Object:
    """A resolved specification whose tasks run one after another."""
    tasks = [
        {"name": name, "runAfter": [names[number - 1]] if number else []} for number, name in enumerate(names)
    ]
    return {"tasks": tasks, **more}


def pipeline_run(
    name: str,
    status: str = "True",
    reason: str = "Succeeded",
    message: str = "",
    *,
    began: float = 1,
    took: float | None = 10,
    tasks: tuple[str, ...] = TASKS,
    children: list[Object] | None = None,
    pipeline: str = "web",
    params: Object | None = None,
    labels: Object | None = None,
    annotations: Object | None = None,
    told: Object | None = None,
    spec: Object | None = None,
) -> Object:
    """A PipelineRun of `web` with a TaskRun each task."""
    given = {"repo-url": REPOSITORY, "revision": "main"} if params is None else params
    body = {
        "pipelineRef": {"name": pipeline},
        "params": [{"name": key, "value": value} for key, value in given.items()],
    } | (spec or {})
    state: Object = {
        "conditions": [condition(status, reason, message)],
        "startTime": at(began),
        "pipelineSpec": planned(*TASKS),
        "childReferences": [reference(task, name) for task in tasks] if children is None else children,
    }
    if took is not None:
        state["completionTime"] = at(began + took)
    head = meta(name, labels=labels or {}, annotations=annotations or {})
    return {"metadata": head, "spec": body, "status": {**state, **(told or {})}}


def task_run(
    task: str,
    run: str = "web-run-1",
    status: str = "True",
    reason: str = "Succeeded",
    message: str = "",
    *,
    began: float = 1,
    took: float | None = 2,
    labelled: bool = True,
    annotations: Object | None = None,
    told: Object | None = None,
    spec: Object | None = None,
    name: str = "",
) -> Object:
    """The TaskRun of a task, whose one step ended with 0 unless it failed."""
    labels = {"tekton.dev/pipelineRun": run, "tekton.dev/pipelineTask": task} if labelled else {}
    ending = {"terminated": {"exitCode": 0 if status == "True" else 1, "reason": "Completed"}}
    state: Object = {
        "conditions": [condition(status, reason, message)],
        "startTime": at(began),
        "podName": f"{run}-{task}-pod",
        "steps": [{"name": task, **({"running": {}} if took is None else ending)}],
    }
    if took is not None:
        state["completionTime"] = at(began + took)
    head = meta(name or f"{run}-{task}", labels=labels, annotations=annotations or {})
    return {
        "metadata": head,
        "spec": {"taskRef": {"name": f"{task}-web"}, **(spec or {})},
        "status": {**state, **(told or {})},
    }
