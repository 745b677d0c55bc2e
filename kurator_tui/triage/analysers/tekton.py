"""Tekton: runs that fail, that cannot begin, that do not end, and listeners that hear nothing."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.kinds.tekton import EVENT_LISTENER, PIPELINE_RUN, TASK_RUN
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, failed, number, word

BEGINNING = 600.0
"""Seconds within which a run should begin."""
_LIMITS = ("PipelineRunTimeout", "TaskRunTimeout")
_MISMADE = (
    *("CouldntGetPipeline", "CouldntGetTask", "PipelineValidationFailed", "TaskRunValidationFailed"),
    *("InvalidWorkspaceBindings", "InvalidTaskRunSpecs", "InvalidPipelineResourceBindings", "ParameterMissing"),
    *("ParameterTypeMismatch", "InvalidParamValue", "RequiredWorkspaceMarkedOptional", "InvalidGraph"),
    *("ObjectParameterMissKeys", "ParamArrayIndexingInvalid", "CreateRunFailed", "TaskRunResolutionFailed"),
    *("PodCreationFailed", "InvalidTaskResultReference"),
)
"""Reasons of runs that never did anything."""
_IMAGE = ("TaskRunImagePullFailed",)

_OF_PIPELINE = "tekton.dev/pipeline"
"""Label of a run: Tekton sets it."""

_REASON, _PIPELINE = word(PIPELINE_RUN, "status"), word(PIPELINE_RUN, "pipeline")
_STARTED, _COMPLETED = number(PIPELINE_RUN, "started"), number(PIPELINE_RUN, "completed")
_ASKED, _TASK = word(PIPELINE_RUN, "asked"), word(TASK_RUN, "task")
_TASK_REASON, _TASK_COMPLETED, _OF = (
    word(TASK_RUN, "status"),
    number(TASK_RUN, "completed"),
    word(TASK_RUN, "run"),
)

RUNS = Analyser(PIPELINE_RUN, concerns=lambda row: row.level in (Level.FAILED, Level.PROGRESSING))
TASKS = Analyser(TASK_RUN, concerns=failed, beside=(PIPELINE_RUN,))
LISTENERS = Analyser(EVENT_LISTENER, concerns=failed)


def _owner(row: ObjectRow) -> str:
    return f"Pipeline/{_PIPELINE(row)}" if _PIPELINE(row) else f"PipelineRun/{row.name}"


def _of_now(row: ObjectRow, look: Look) -> bool:
    """Whether it ended within a day, and no later run of its pipeline has ended."""
    pipeline = _PIPELINE(row)
    if look.now - (_COMPLETED(row) or row.created) >= DAY:
        return False
    return not pipeline or not any(
        other.created > row.created and other.level != Level.PROGRESSING
        for other in look.labelled(PIPELINE_RUN, row.cluster, row.namespace, _OF_PIPELINE, pipeline)
    )


def _ended(row: ObjectRow, look: Look, *, mismade: bool, late: bool) -> Iterator[Seen | Again]:
    reason = _REASON(row)
    if row.level != Level.FAILED or (reason in _MISMADE) != mismade or (reason in _LIMITS) != late:
        return
    if _of_now(row, look):
        since = _COMPLETED(row) or row.created
        yield Seen(row.reason, since, {"owner": _owner(row)})
        yield Again(since + DAY)


@RUNS.rule("KT3501", "pipeline failed", Severity.MEDIUM, suggests=("logs", "beneath", "run.rerun"))
def run_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The last run of a pipeline failed in one of its tasks; nothing it should have built or deployed is there.

    The evidence counts its tasks. Go to what is beneath it: the task that failed, its step, the end of that
    step's log. Then run it again. Told of until a later run ends, or for a day.
    """
    yield from _ended(row, look, mismade=False, late=False)


@RUNS.rule("KT3502", "pipeline cannot begin", Severity.HIGH, suggests=("read.describe", "pipeline.run", "edit"))
def run_mismade(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Tekton refused the run before any task began: it, or its pipeline, is not written as it must be.

    The evidence names what is missing: a Task, a parameter, a workspace. Running it again changes nothing:
    correct the pipeline, or what starts it.
    """
    yield from _ended(row, look, mismade=True, late=False)


@RUNS.rule("KT3503", "pipeline ran out of time", Severity.MEDIUM, suggests=("logs", "beneath", "run.rerun"))
def run_timed_out(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The last run of a pipeline was ended because it took longer than it may.

    See which task was running: one that waits (for a lock, a registry, a node for its pod) is the cause; one
    that works needs a longer limit. A pod that found no node is told of as such.
    """
    yield from _ended(row, look, mismade=False, late=True)


@RUNS.rule("KT3504", "pipeline does not begin", Severity.MEDIUM, suggests=("read.describe", "run.cancel", "logs"))
def run_waits(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A run has been there for ten minutes, and Tekton has not begun it.

    Tekton's controller does not run, or cannot read what the run refers to: look at the Deployment
    `tekton-pipelines-controller`. A run that was made pending on purpose is not told of.
    """
    if row.level != Level.PROGRESSING or _STARTED(row) or row.deleting or _ASKED(row) == "PipelineRunPending":
        return
    if look.now - row.created < BEGINNING:
        yield Again(row.created + BEGINNING)
    else:
        yield Seen(row.reason, row.created, {"owner": _owner(row), "controller": "tekton-pipelines-controller"})


@TASKS.rule(
    "KT3505", "image of a pipeline's step cannot be pulled", Severity.MEDIUM, suggests=("read.describe", "edit")
)
def task_image(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A task ended because the image of one of its steps cannot be pulled: the code it builds is not at fault.

    The evidence names the image. It is gone from its registry, its name is wrong, or the run's service account
    has no right to pull it. Told of until a later run of the pipeline ends, or for a day.
    """
    if _TASK_REASON(row) not in _IMAGE:
        return
    run = look.find(PIPELINE_RUN, row.cluster, row.namespace, _OF(row)) if _OF(row) else None
    since = _TASK_COMPLETED(row) or row.created
    if look.now - since >= DAY or (run is not None and not _of_now(run, look)):
        return
    owner = _owner(run) if run is not None else f"Task/{_TASK(row)}"
    yield Seen(row.reason, since, {"owner": owner})
    yield Again(since + DAY)


@LISTENERS.rule(
    "KT3511", "listener for webhooks is down", Severity.HIGH, suggests=("read.describe", "logs", "beneath")
)
def listener_down(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An EventListener is not ready: pushes to the repository start no pipeline, and nobody is told.

    Its Deployment is named `el-` and its name: look at that one's pod. Git servers give up on a webhook after
    some time: send the missed ones again once it is up.
    """
    yield Seen(row.reason, marks={"owner": f"Deployment/el-{row.name}"}, after=60.0)
