"""The join behind `pipelinetasks`: a tree a pipeline of its executions and their tasks, as lines of one table."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.execution_tasks import Task, pairs
from kurator_tui.fleet.executions import Execution, Runs, plain_url, results_of, verdict
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pipelines import FIELDS, HOST_KINDS, NOTHING, Pipelined, around
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.webhooks import Place, cell_of
from kurator_tui.kinds.base import SEVERITY, Level, Row
from kurator_tui.kinds.executions import TASKS, TaskLineRow
from kurator_tui.kinds.kurator_apps import PIPELINE as KURATOR_PIPELINE
from kurator_tui.kinds.table import part
from kurator_tui.kinds.tekton import PIPELINE_RUN, TASK_RUN

NEXT = " "
"""Between the parts of a path: before all that names are made of, so that a tree is not torn by a longer name."""


def task_lines(seen: Seen, cluster: str) -> Iterator[Row]:
    """The lines of the trees of one cluster."""
    here, host = seen.local(Runs, cluster), seen.shared(around).get(cluster, NOTHING)
    trees: dict[Place, list[Execution]] = {place: [] for place in host.pipelines}
    for each in here.executions:
        trees.setdefault((each.run.namespace, each.pipeline), []).append(each)
    for place, found in trees.items():
        yield _pipeline_line(seen, cluster, place, host.pipelines.get(place), found)
        for each in found:
            yield from _execution_lines(seen, each)


def _pipeline_line(
    seen: Seen, cluster: str, place: Place, pipelined: Pipelined | None, found: list[Execution]
) -> TaskLineRow:
    level, reason = verdict(seen, found[0]) if found else (Level.HEALTHY, "")
    if pipelined is not None and SEVERITY[pipelined.level] > SEVERITY[level]:
        level, reason = pipelined.level, pipelined.problem
    own = pipelined.row if pipelined is not None else None
    return TaskLineRow(
        cluster,
        place[0],
        place[1],
        f"pipeline/{place[0]}/{place[1]}",
        own.created if own is not None else 0.0,
        level=level,
        reason=reason,
        path=_path(place),
        pipeline=place[1],
        status={0: "never ran", 1: "1 execution"}.get(len(found), f"{len(found)} executions"),
        object_kind=KURATOR_PIPELINE.id if own is not None else "",
        object_name=place[1] if own is not None else "",
    )


def _path(place: Place, *more: str) -> str:
    return NEXT.join((place[1], place[0], *more))


def _execution_lines(seen: Seen, each: Execution) -> Iterator[TaskLineRow]:
    run, place = each.run, (each.run.namespace, each.pipeline)
    level, reason = verdict(seen, each)
    newest_first = f"{1e11 - each.started:015.3f}"
    path = _path(place, newest_first, run.name)
    ends = each.ended or max([seen.now(), *(task.ended for task in each.tasks)])
    yield TaskLineRow(
        run.cluster,
        run.namespace,
        run.name,
        run.uid,
        run.created,
        level=level,
        reason=reason,
        path=path,
        depth=1,
        pipeline=each.pipeline,
        run=run.name,
        status=cell_of(PIPELINE_RUN, run, "status") or "not started",
        started=each.started,
        ended=each.ended,
        params=pairs((name, plain_url(value)) for name, value in part(PIPELINE_RUN, run, "params") or ()),
        results=pairs(results_of(run)),
        object_kind=PIPELINE_RUN.id,
        object_name=run.name,
    )
    for number, task in enumerate(each.tasks):
        yield _task_line(each, task, f"{path}{NEXT}{number:04d}", number, ends)


def _task_line(each: Execution, task: Task, path: str, number: int, ends: float) -> TaskLineRow:
    run, span = each.run, max(ends - each.started, 1.0)
    begin = min(1.0, max(0.0, (task.started - each.started) / span)) if task.started else 0.0
    end = min(1.0, max(begin, ((task.ended or ends) - each.started) / span)) if task.started else 0.0
    return TaskLineRow(
        run.cluster,
        run.namespace,
        task.name,
        f"{run.uid}/{task.object or task.name}/{number}",
        task.started,
        level=task.level,
        reason=task.reason,
        path=path,
        depth=2,
        pipeline=each.pipeline,
        run=run.name,
        task=task.name,
        status=task.status,
        started=task.started,
        ended=task.ended,
        bar_from=round(begin, 3),
        bar_to=round(end, 3) or (0.001 if task.started else 0.0),
        steps=task.steps,
        retries=task.retries,
        params=plain_url(task.params),
        results=pairs(task.results),
        pod=task.pod,
        object_kind=TASK_RUN.id if task.kind == "TaskRun" else "",
        object_name=task.object if task.kind == "TaskRun" else "",
    )


JOIN = Join(TASKS, HOST_KINDS, (PIPELINE_RUN, TASK_RUN), task_lines, fields=FIELDS, planned=around)
