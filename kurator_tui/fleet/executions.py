"""The join behind `pipelineexecutions`: PipelineRuns with their tasks, images and the webhook of their pipeline.

Kurator runs pipelines on the host. Runs of Tekton that are on members are shown as well; only the host's have a
Kurator Pipeline, and only there is looked for Tekton Chains.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kurator_tui.fleet.execution_images import FAILED, Chains, attestation, images, signature
from kurator_tui.fleet.execution_tasks import Task, ended, tasks
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pipelines import FIELDS, HOST_KINDS, NOTHING, Pipelined, around
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.fleet.webhooks import Place, cell_of
from kurator_tui.kinds.base import SEVERITY, Level, Row
from kurator_tui.kinds.executions import EXECUTIONS, ExecutionRow
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.tekton import PIPELINE_RUN, TASK_RUN
from kurator_tui.store.freshness import UNREADABLE

_REF = re.compile(r"[\w.][\w./+@-]{0,99}")
RUN_LABEL = "tekton.dev/pipelineRun"
WEBHOOK_LABEL = "triggers.tekton.dev/eventlistener"
INLINE = "(no pipeline)"
"""Stands for the pipeline of runs that bring their own specification."""
LATE = 60.0
"""Seconds after which a run that nobody took up says so."""
_USER = re.compile(r"(?<=://)[^/@\s]*@")
_GOING = ("", "Running", "Started")
"""Words of tasks that run as they should."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One PipelineRun with its tasks."""

    run: ObjectRow
    pipeline: str
    tasks: tuple[Task, ...]
    started: float
    ended: float


class Runs:
    """One cluster's runs, newest first, each with its tasks."""

    def __init__(self, seen: Seen, name: str) -> None:
        state = seen.freshness(name, TASK_RUN).state
        self.unread = cannot_be_read("taskruns") if state in UNREADABLE else ""
        by_name: dict[Place, ObjectRow] = {}
        by_run: dict[Place, list[ObjectRow]] = {}
        for row in seen.rows(TASK_RUN, name):
            by_name[(row.namespace, row.name)] = row
            run = next((value for key, value in row.labels if key == RUN_LABEL), "")
            if run:
                by_run.setdefault((row.namespace, run), []).append(row)
        found = [self._execution(seen, row, by_name, by_run) for row in seen.rows(PIPELINE_RUN, name)]
        self.executions = sorted(found, key=lambda each: (-each.started, each.run.namespace, each.run.name))

    def _execution(
        self,
        seen: Seen,
        run: ObjectRow,
        by_name: Mapping[Place, ObjectRow],
        by_run: Mapping[Place, list[ObjectRow]],
    ) -> Execution:
        own = {row.name: row for row in by_run.get((run.namespace, run.name), ())}
        for child in part(PIPELINE_RUN, run, "children") or ():
            if (row := by_name.get((run.namespace, child["name"]))) is not None:
                own[row.name] = row
        rows = tuple(own[name] for name in sorted(own))

        def make() -> Execution:
            pipeline = cell_of(PIPELINE_RUN, run, "pipeline") or INLINE
            begun = tuple(tasks(run, rows, unread=self.unread))
            return Execution(run, pipeline, begun, moment(run, "started"), moment(run, "completed"))

        return seen.unchanged(("execution", run.uid, self.unread), (run, *rows), make)


def moment(run: ObjectRow, key: str) -> float:
    value = PIPELINE_RUN.value(run, key)
    return value if isinstance(value, float) else 0.0


def plain_ref(revision: str) -> str:
    """A revision, which is kept on disk; what is no branch, tag or commit is told so."""
    return revision if _REF.fullmatch(revision) else "not a ref" if revision else ""


def plain_url(url: str) -> str:
    """`url` without user information."""
    return _USER.sub("", url)


def executions(seen: Seen, cluster: str) -> Iterator[Row]:
    """A row each PipelineRun of one cluster, and each Kurator Pipeline that has none."""
    here, host = seen.local(Runs, cluster), seen.shared(around).get(cluster, NOTHING)
    ran: set[Place] = set()
    for each in here.executions:
        place = (each.run.namespace, each.pipeline)
        ran.add(place)
        yield _row(seen, each, host.pipelines.get(place), host.chains, here.unread)
    for place, pipelined in host.pipelines.items():
        if place not in ran:
            yield _never_ran(seen, cluster, pipelined)


def _row(seen: Seen, each: Execution, pipelined: Pipelined | None, chains: Chains, unread: str) -> ExecutionRow:
    run = each.run
    params = dict(part(PIPELINE_RUN, run, "params") or ())
    built = images([pair for task in each.tasks for pair in task.results] + results_of(run))
    notes = [task.notes for task in each.tasks] + [part(PIPELINE_RUN, run, "chains") or {}]
    signed, unsigned = signature(notes, chains, ended=ended(run)) if built else ("", "")
    level, reason = verdict(seen, each)
    if signed == FAILED and SEVERITY[level] < SEVERITY[Level.DEGRADED]:
        level, reason = Level.DEGRADED, unsigned
    worst = worst_task(each)
    return ExecutionRow(
        run.cluster,
        run.namespace,
        run.name,
        run.uid,
        run.created,
        level=level,
        reason=reason or unsigned,
        pipeline=each.pipeline,
        run=run.name,
        status=cell_of(PIPELINE_RUN, run, "status") or "not started",
        revision=plain_ref(params.get("revision", "")),
        repository=plain_url(params.get("repo-url", "")),
        trigger="webhook" if any(key == WEBHOOK_LABEL for key, _value in run.labels) else "by hand",
        started=each.started,
        ended=each.ended,
        done=None if unread else sum(all_well(found) for found in by_task(each).values()),
        tasks=len(by_task(each)),
        skipped=sum(task.status == "skipped" for task in each.tasks),
        task=worst.name if worst is not None else "",
        images=built,
        signature=signed,
        attestation=attestation(notes) if built else "",
        address=pipelined.address if pipelined is not None else "",
        labels=run.labels,
    )


def results_of(run: ObjectRow) -> list[tuple[str, str]]:
    return [(name, value) for name, value in part(PIPELINE_RUN, run, "results") or ()]


def by_task(each: Execution) -> dict[str, list[Task]]:
    """What ran for each task of the pipeline: several TaskRuns where it is a matrix."""
    found: dict[str, list[Task]] = {}
    for task in each.tasks:
        found.setdefault(task.name, []).append(task)
    return found


def all_well(found: list[Task]) -> bool:
    """Whether a task is done."""
    return all(task.began and task.level is Level.HEALTHY for task in found)


def worst_task(each: Execution) -> Task | None:
    """The task that failed, else the one that was ended, else the first that runs."""
    for level in (Level.FAILED, Level.DEGRADED, Level.PROGRESSING):
        for task in each.tasks:
            if task.began and task.level is level:
                return task
    return None


def verdict(seen: Seen, each: Execution) -> tuple[Level, str]:
    """Level and reason of a run: the failed task's words before the run's, which only count tasks."""
    run, worst = each.run, worst_task(each)
    status, level = cell_of(PIPELINE_RUN, run, "status"), Level(run.level)
    if not status and level is Level.PROGRESSING and not run.deleting:
        if seen.now() - run.created > LATE:
            return Level.DEGRADED, "nobody has taken it up: does tekton-pipelines-controller run?"
        return level, run.reason
    if level is Level.HEALTHY or worst is None:
        return level, run.reason
    if level is Level.PROGRESSING and not run.deleting and status in _GOING:
        return level, f"{worst.name}: {worst.reason}" if worst.status not in _GOING else f"runs {worst.name}"
    if level is Level.FAILED and status == "Failed" and worst.level is Level.FAILED:
        return level, f"{worst.name}: {worst.reason.removeprefix('Failed: ')}"
    return level, run.reason


def _never_ran(seen: Seen, cluster: str, pipelined: Pipelined) -> ExecutionRow:
    row, runs = pipelined.row, seen.freshness(cluster, PIPELINE_RUN)
    level, reason = pipelined.level, pipelined.problem
    if runs.state in UNREADABLE:
        level = Level.UNKNOWN
        reason = cannot_be_read("pipelineruns", why=runs.reason) if runs.reason else "not read"
    return ExecutionRow(
        cluster,
        row.namespace,
        row.name,
        f"pipeline/{row.uid}",
        row.created,
        level=level,
        reason=reason,
        pipeline=row.name,
        status="not known" if runs.state in UNREADABLE else "never ran",
        address=pipelined.address,
        labels=row.labels,
    )


JOIN = Join(EXECUTIONS, HOST_KINDS, (PIPELINE_RUN, TASK_RUN), executions, fields=FIELDS, planned=around)
