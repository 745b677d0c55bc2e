"""Volcano: batch jobs that fail or restart, gangs that wait, and the queues that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.fleet.batch_shares import amounts, beyond
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.volcano import COMMAND, JOB, JOB_FLOW, POD_GROUP, QUEUE
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, number, unwell, word

WAITING = 600.0
"""Seconds for which a gang may wait: others end, or an autoscaler is at it."""
TAKING = 120.0
"""Seconds within which Volcano takes a command."""
OFTEN = 3
"""Restarts that are more than chance."""
FULL = 0.98
"""Share of what a queue may have from which nothing more fits in."""
_ENDED_BADLY = ("Failed", "Terminated")


_PHASE, _RETRIES, _CHANGED = word(JOB, "phase"), number(JOB, "retries"), number(JOB, "changed")
_JOB_QUEUE, _GROUP_QUEUE, _GROUP_PHASE = word(JOB, "queue"), word(POD_GROUP, "queue"), word(POD_GROUP, "phase")
_PENDING, _INQUEUE, _USED = number(QUEUE, "pending"), number(QUEUE, "inqueue"), number(QUEUE, "used")
_STATE, _TARGET, _ACTION = word(QUEUE, "state"), word(COMMAND, "target"), word(COMMAND, "action")


def _job_concerns(row: ObjectRow) -> bool:
    return unwell(row) or bool(_RETRIES(row))


def _group_concerns(row: ObjectRow) -> bool:
    return row.level not in (Level.HEALTHY, Level.FAILED)


def _queue_concerns(row: ObjectRow) -> bool:
    return bool(_PENDING(row)) or bool(_INQUEUE(row))


JOBS = Analyser(JOB, concerns=_job_concerns)
GANGS = Analyser(POD_GROUP, concerns=_group_concerns)
ORPHANS = Analyser(POD_GROUP, concerns=_group_concerns, beside=(QUEUE,))
QUEUES = Analyser(QUEUE, concerns=_queue_concerns)
FLOWS = Analyser(JOB_FLOW, concerns=unwell)
COMMANDS = Analyser(COMMAND)

# -- jobs -------------------------------------------------------------------------------------------------------


def _job_marks(row: ObjectRow) -> dict[str, str]:
    return {"owner": f"Job/{row.name}"}


@JOBS.rule(
    "KT3201", "batch job failed", Severity.HIGH, suggests=("logs.previous", "read.events", "volcano.restart")
)
def job_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A Volcano job ended without success: tasks failed more often than its policy allows, or it was terminated.

    Read the log of the first task that failed, not of the last: in a gang the others fall with it. Out of
    memory, a missing file, a peer that is not found are the usual ones. Mend it, then restart the job. Told of
    for a day.
    """
    if _PHASE(row) in _ENDED_BADLY:
        since = _CHANGED(row) or row.created
        if look.now - since < DAY:
            yield Seen(row.reason, since, _job_marks(row))
            yield Again(since + DAY)


@JOBS.rule("KT3202", "tasks of a batch job fail", Severity.MEDIUM, suggests=("logs.previous", "read.events"))
def tasks_fail(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Some pods of a job failed, and the job goes on with the others.

    Whether that matters is the job's policy: with `minAvailable` below its replicas it can afford some. A number
    that grows ends as a failed job: read the failed pods' logs now, while they are there.
    """
    if row.level == Level.DEGRADED and _PHASE(row) not in (*_ENDED_BADLY, "Aborted"):
        yield Seen(row.reason, marks=_job_marks(row))


@JOBS.rule(
    "KT3203", "batch job restarts again and again", Severity.MEDIUM, suggests=("logs.previous", "read.events")
)
def job_restarts(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Volcano restarted the whole job several times, and it is not through yet.

    Each restart begins all tasks anew: what was computed since the last checkpoint is lost. At `maxRetry` the
    job fails for good. Read the log of the task that fell first.
    """
    retries = int(_RETRIES(row))
    if retries >= OFTEN and _PHASE(row) not in (*_ENDED_BADLY, "Aborted", "Completed"):
        most = (part(JOB, row, "spec") or {}).get("maxRetry")
        limit = f" of {most}" if isinstance(most, int) else ""
        yield Seen(f"{retries}{limit} restarts, now {_PHASE(row)}", marks=_job_marks(row))


# -- gangs ------------------------------------------------------------------------------------------------------


def _gang_marks(row: ObjectRow) -> dict[str, str]:
    """A gang that its queue does not let in suffers from the queue; one that is in, as its pods do."""
    owner = row.owner or f"PodGroup/{row.name}"
    return {"owner": owner, "queue": "" if _GROUP_PHASE(row) == "Inqueue" else _GROUP_QUEUE(row)}


def _too_large(row: ObjectRow, look: Look) -> list[str]:
    """Resources of which the gang needs more than its queue may ever have."""
    queue = look.find(QUEUE, row.cluster, "", _GROUP_QUEUE(row))
    if queue is None:
        return []
    asked = amounts((part(POD_GROUP, row, "spec") or {}).get("minResources"))
    most = amounts((part(QUEUE, queue, "amounts") or {}).get("capability"))
    return beyond(asked, most)


@ORPHANS.rule(
    "KT3211", "gang waits for room", Severity.MEDIUM, suggests=("screen.batch", "read.events", "queue.weight")
)
def gang_waits(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The pods of a gang start together or not at all, and for ten minutes there has been no room for all of them.

    The evidence is Volcano's own. Either its queue has all that it may have (look at the queue: weight,
    capability, who else is in it), or no nodes together have enough free (look at the nodes: taints, devices,
    what else runs).
    """
    told: dict[str, Any] = part(POD_GROUP, row, "told") or {}
    since = unix(told.get("lastTransitionTime") or None) or row.created
    stuck = told.get("type") == "Unschedulable" or _GROUP_PHASE(row) == "Pending"
    if not stuck or row.deleting or _too_large(row, look) or not _has_queue(row, look):
        return
    if look.now - since < WAITING:
        yield Again(since + WAITING)
    else:
        yield Seen(row.reason or "not let in by its queue", since, _gang_marks(row))


@GANGS.rule(
    "KT3212", "gang is larger than its queue", Severity.HIGH, suggests=("edit", "screen.batch", "volcano.suspend")
)
def gang_too_large(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A gang needs at once more than its queue may ever have: it never starts, however long it waits.

    Lower its tasks or their requests, give it another queue, or raise the queue's `capability`.
    """
    if missing := _too_large(row, look):
        queue = _GROUP_QUEUE(row)
        marks = {"owner": row.owner or f"PodGroup/{row.name}"}
        yield Seen(f"more {', '.join(sorted(missing))} than queue {queue} may have", marks=marks)


@ORPHANS.rule("KT3213", "queue of a gang does not exist", Severity.HIGH, suggests=("edit", "screen.batch"))
def no_queue(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A gang names a queue that is not in its cluster: nothing schedules it.

    The queue was deleted, or the job was brought from a cluster that has it. Create the queue, or name another
    one in a new job: a job's queue cannot be changed.
    """
    queue = _GROUP_QUEUE(row)
    if not _has_queue(row, look):
        marks = {"owner": row.owner or f"PodGroup/{row.name}", "queue": queue}
        yield Seen(f"queue {queue} is not there", marks=marks, after=60.0)


def _has_queue(row: ObjectRow, look: Look) -> bool:
    """Whether the queue that it names is there; one that names none is in the default one."""
    queue = _GROUP_QUEUE(row)
    return not queue or look.find(QUEUE, row.cluster, "", queue) is not None


# -- queues -----------------------------------------------------------------------------------------------------


def _waiting(row: ObjectRow) -> str:
    return f"{int(_PENDING(row))} gangs wait, {int(_INQUEUE(row))} are let in"


@QUEUES.rule("KT3221", "closed queue with jobs in it", Severity.MEDIUM, suggests=("queue.open", "screen.batch"))
def closed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A queue is closed, or closing, and jobs wait in it: it takes nothing new, and they do not start.

    Somebody closed it, maybe for maintenance: the audit log says who. Open it, or move the jobs.
    """
    if _STATE(row) in ("Closed", "Closing"):
        yield Seen(f"{_STATE(row)}: {_waiting(row)}", marks={"queue": row.name})


@QUEUES.rule("KT3222", "queue is full", Severity.MEDIUM, suggests=("screen.batch", "queue.weight", "edit"))
def full(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A queue has had all that it may have for ten minutes, and jobs wait in it.

    That is what limits are for, unless the wait is too long for somebody: then look at what runs in it, suspend
    what can wait, or raise its `capability`. Free nodes do not help: the limit is the queue's own.
    """
    if _USED(row) >= FULL and _PENDING(row):
        said = f"{_USED(row):.0%} of its capability used, {_waiting(row)}"
        yield Seen(said, marks={"queue": row.name}, after=WAITING)


# -- flows and commands -----------------------------------------------------------------------------------------


@FLOWS.rule("KT3231", "flow of jobs failed", Severity.HIGH, suggests=("screen.batch", "beneath", "logs.previous"))
def flow_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A JobFlow stopped, because a job in it failed: those that depend on that job never start.

    The evidence names the jobs. Mend and restart the first of them, and see what it would have given the others.
    Told of for a day after the flow was made.
    """
    if look.now - row.created < DAY:
        yield Seen(row.reason, marks={"owner": f"JobFlow/{row.name}"})
        yield Again(row.created + DAY)


@COMMANDS.rule("KT3232", "Volcano does not take commands", Severity.MEDIUM, suggests=("read.describe", "logs"))
def command_left(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A command to a job or queue (suspend, resume, open, close) has lain there for minutes.

    Volcano's controller deletes a command when it takes it: so the controller does not run, or cannot. Look at
    the Deployment `volcano-controllers`, in `volcano-system` by default.
    """
    if look.now - row.created < TAKING:
        yield Again(row.created + TAKING)
    else:
        yield Seen(f"{_ACTION(row)} for {_TARGET(row)}", row.created, {"controller": "volcano-controllers"})
