"""The derived kinds `pipelineexecutions` and `pipelinetasks`: what Kurator Pipelines ran, and how far it got.

An execution is a PipelineRun; a pipeline that never ran has a row, too. The tasks are one table for all trees:
a line a pipeline, below it its executions, below those their tasks. `kurator_tui.fleet.executions` joins both.
"""

from __future__ import annotations

from kurator_tui.kinds.base import (
    AnyKind,
    Column,
    Format,
    Health,
    Interned,
    Kind,
    Level,
    Row,
    Subject,
    told_health,
)

BAR = 12
"""Cells of a bar of durations: as few as any column of text keeps."""


class ExecutionRow(Row, frozen=True, gc=False, array_like=True):
    """One PipelineRun, or a Pipeline without any (`run` is "").

    `name` is the run's, or the Pipeline's. Moments are Unix seconds, 0.0 where they are not known.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    pipeline: Interned = ""
    run: str = ""
    status: Interned = ""
    """Tekton's word, `never ran` without a run."""
    revision: str = ""
    """What was built: a branch, tag or commit."""
    repository: str = ""
    """Its URL, without user information."""
    trigger: Interned = ""
    """`webhook` where an EventListener started it, else `by hand`."""
    started: float = 0.0
    ended: float = 0.0
    done: int | None = None
    """Tasks that succeeded; None where that cannot be read."""
    tasks: int = 0
    skipped: int = 0
    task: Interned = ""
    """The one that failed, else the one that runs."""
    images: tuple[str, ...] = ()
    """Those that it built, with their digest."""
    signature: Interned = ""
    """`signed`, `not signed`, `failed`; "" where none was built or nothing is known. `reason` says why not."""
    attestation: str = ""
    address: str = ""
    """Where the webhook of the pipeline listens; why nowhere."""
    labels: tuple[tuple[str, str], ...] = ()


class TaskLineRow(Row, frozen=True, gc=False, array_like=True):
    """One line of a tree: `depth` 0 is a pipeline, 1 an execution, 2 a task. `path` orders all lines of all trees.

    The bar goes from `bar_from` to `bar_to`, shares of the time its execution took; both 0.0 without one.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    path: str = ""
    depth: int = 0
    pipeline: Interned = ""
    run: str = ""
    task: Interned = ""
    """Its name in the pipeline."""
    status: Interned = ""
    started: float = 0.0
    ended: float = 0.0
    bar_from: float = 0.0
    bar_to: float = 0.0
    steps: str = ""
    """`2/3`, with the exit code of what failed."""
    retries: int = 0
    params: str = ""
    results: str = ""
    pod: str = ""
    object_kind: Interned = ""
    """Id of the kind of the object that the line stands for, "" where there is none (yet)."""
    object_name: str = ""


def execution_health(row: ExecutionRow) -> Health:
    """What Tekton says of the run: failed with the task that failed and why, degraded when somebody ended it or
    its images could not be signed, progressing while it runs. A pipeline that never ran is healthy, unless it
    cannot."""
    return _told(row.level, row.reason)


def task_health(row: TaskLineRow) -> Health:
    """As Tekton says of the TaskRun; one that was left out on purpose is healthy and says why, one that waits for
    others is progressing. A pipeline's line is as its newest execution."""
    return _told(row.level, row.reason)


def _told(level: Level, reason: str) -> Health:
    return told_health(level, reason)


def took(row: ExecutionRow | TaskLineRow) -> float | None:
    """Milliseconds from its start to its end; None while it runs."""
    return max(0.0, row.ended - row.started) * 1000 if row.started and row.ended else None


def progress(row: ExecutionRow) -> str:
    """`3/4`: tasks that are done, left out ones among them, of all."""
    if not row.tasks:
        return ""
    return f"{'?' if row.done is None else row.done + row.skipped}/{row.tasks}"


def bar(row: TaskLineRow, width: int = BAR) -> str:
    """`  ████`: when it ran in the time its execution took; `▸` at the end of what still runs."""
    if row.bar_to <= 0.0:
        return ""
    begin = min(width - 1, int(row.bar_from * width))
    end = max(begin + 1, min(width, round(row.bar_to * width)))
    going = row.started and not row.ended
    return " " * begin + "█" * (end - begin - bool(going)) + ("▸" if going else "")


def _name(row: TaskLineRow) -> str:
    return "  " * row.depth + row.name


_RUN, _PIPELINE = "pipelineruns.tekton.dev", "pipelines.pipeline.kurator.dev"


def _run_of(row: ExecutionRow) -> Subject | None:
    """The PipelineRun, or the Pipeline that never ran."""
    if row.run:
        return Subject(_RUN, row.cluster, row.namespace, row.run)
    return Subject(_PIPELINE, row.cluster, row.namespace, row.pipeline) if row.pipeline else None


def _object_of(row: TaskLineRow) -> Subject | None:
    if not row.object_kind:
        return None
    return Subject(row.object_kind, row.cluster, row.namespace, row.object_name)


EXECUTIONS: AnyKind = Kind(
    id="pipelineexecutions",
    name="PipelineExecution",
    plural="pipelineexecutions",
    short_names=("executions",),
    row=ExecutionRow,
    joined=True,
    sort="started",
    subject=_run_of,
    health=execution_health,
    columns=(
        Column("name", "EXECUTION", lambda r: r.name, priority=0, width=36),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=8, wide=True),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=7, wide=True),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("pipeline", "PIPELINE", lambda r: r.pipeline, priority=7, width=30, wide=True),
        Column("status", "STATUS", lambda r: r.status, priority=7, width=24, wide=True),
        Column("tasks", "TASKS", progress, priority=1),
        Column("task", "TASK", lambda r: r.task, priority=3, width=24),
        Column("revision", "REVISION", lambda r: r.revision, priority=3, width=24),
        Column("started", "STARTED", lambda r: r.started, Format.AGE, priority=1),
        Column("took", "TOOK", took, Format.MILLISECONDS, priority=2),
        Column("trigger", "TRIGGER", lambda r: r.trigger, priority=5, wide=True),
        Column("repository", "REPOSITORY", lambda r: r.repository, priority=7, wide=True, width=50),
        Column("image", "IMAGE", lambda r: ",".join(r.images), priority=4, width=60),
        Column("signature", "SIGNATURE", lambda r: r.signature, priority=3),
        Column("attestation", "ATTESTATION", lambda r: r.attestation, priority=6, wide=True, width=60),
        Column("address", "WEBHOOK", lambda r: r.address, priority=3, width=50),
        Column("ended", "ENDED", lambda r: r.ended, Format.AGE, priority=7, wide=True),
        Column("skipped", "SKIPPED", lambda r: r.skipped, Format.COUNT, priority=7, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=60),
    ),
)

TASKS: AnyKind = Kind(
    id="pipelinetasks",
    name="PipelineTask",
    plural="pipelinetasks",
    row=TaskLineRow,
    joined=True,
    sort="path",
    subject=_object_of,
    health=task_health,
    columns=(
        Column("name", "PIPELINE / EXECUTION / TASK", _name, priority=0, width=40),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=8, wide=True),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=7, wide=True),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("status", "STATUS", lambda r: r.status, priority=5, width=20),
        Column("bar", "TIME", bar, priority=1, width=BAR),
        Column("took", "TOOK", took, Format.MILLISECONDS, priority=1),
        Column("started", "STARTED", lambda r: r.started, Format.AGE, priority=6, wide=True),
        Column("steps", "STEPS", lambda r: r.steps, priority=4, width=40),
        Column("retries", "RETRIES", lambda r: r.retries or None, Format.COUNT, priority=6),
        Column("results", "RESULTS", lambda r: r.results, priority=5, width=60),
        Column("params", "PARAMS", lambda r: r.params, priority=7, wide=True, width=60),
        Column("pod", "POD", lambda r: r.pod, priority=7, wide=True, width=50),
        Column("pipeline", "PIPELINE", lambda r: r.pipeline, hidden=True),
        Column("run", "EXECUTION", lambda r: r.run, hidden=True),
        Column("task", "TASK", lambda r: r.task, hidden=True),
        Column("depth", "DEPTH", lambda r: r.depth, Format.COUNT, hidden=True),
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=60),
    ),
)

KINDS = (EXECUTIONS, TASKS)
