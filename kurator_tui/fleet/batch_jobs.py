"""The join behind `batchjobs`: Volcano's jobs, and why those that wait do, from their pod groups and queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kurator_tui.fleet.batch_cluster import DEFAULT, Batch, Group, Queue, holds_devices, number
from kurator_tui.fleet.batch_queues import at_limit
from kurator_tui.fleet.batch_shares import beyond, devices_first, shown
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.batch import JOBS, JobRow, amount_text
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.device_names import short
from kurator_tui.kinds.meta import intern, one_line, unix
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.volcano import JOB, POD_GROUP, QUEUE

Why = tuple[Level, str, str]
"""(level, reason, what to do next)."""
UNSEEN = 120.0
"""Seconds after which a group that no scheduler said anything of is one that none looks at."""
_WAITING = ("", "Pending", "Restarting")
_LEVELS = {
    "Completed": Level.HEALTHY,
    "Aborted": Level.DEGRADED,
    "Failed": Level.FAILED,
    "Terminated": Level.FAILED,
}
_HINTS = {
    "Aborted": "resume it, or delete it",
    "Failed": "see the logs of its failed pods, then restart it",
    "Terminated": "see its events, then restart it",
}


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The jobs of one cluster."""
    here = seen.local(Batch, cluster)
    queues_known = seen.freshness(cluster, QUEUE).state.value not in ("forbidden", "unreachable", "absent")
    for job in seen.rows(JOB, cluster):
        group = _group_of(here, job)
        if job.deleting:
            yield _row(job, group, (Level.PROGRESSING, "Terminating", ""))
        else:
            yield _row(job, group, _why(here, job, group, seen.now(), queues_known=queues_known))


JOIN = Join(JOBS, (), (JOB, POD_GROUP, QUEUE, NODE, POD), rows, {POD.id: holds_devices})


def _group_of(here: Batch, job: ObjectRow) -> Group | None:
    """Volcano calls the group `<job>-<uid>`; older ones by the job's own name."""
    for name in (f"{job.name}-{job.uid}", job.name):
        if (found := here.by_place.get((job.namespace, name))) is not None:
            return found
    return None


def _row(job: ObjectRow, group: Group | None, why: Why) -> JobRow:
    spec, state, counts = (_part(job, name) for name in ("spec", "state", "counts"))
    level, reason, hint = why
    return JobRow(
        job.cluster,
        job.namespace,
        job.name,
        job.uid,
        job.created,
        level=level,
        reason=one_line(reason)[:400],
        phase=intern(text(state.get("phase"))),
        queue=intern(text(spec.get("queue")) or DEFAULT),
        wanted=number(spec.get("minAvailable")),
        pending=_count(counts, "pending"),
        running=_count(counts, "running"),
        succeeded=_count(counts, "succeeded"),
        failed=_count(counts, "failed"),
        retries=_count(counts, "retryCount"),
        retries_most=number(spec.get("maxRetry")),
        since=unix(text(state.get("lastTransitionTime"))),
        took=text(counts.get("runningDuration"))[:20],
        asks=intern(shown(group.asks)) if group is not None else "",
        priority_class=intern(text(spec.get("priorityClassName"))),
        hint=hint,
    )


# -- why --------------------------------------------------------------------------------------------------------


def _why(here: Batch, job: ObjectRow, group: Group | None, now: float, *, queues_known: bool) -> Why:
    state, counts = _part(job, "state"), _part(job, "counts")
    phase = text(state.get("phase"))
    if phase in _LEVELS:
        told = _said(state)
        return _LEVELS[phase], "" if phase == "Completed" else told or phase, _HINTS.get(phase, "")
    if phase in _WAITING and (group is None or group.waits):
        return _waits(here, job, group, now, queues_known=queues_known)
    gone = _count(counts, "failed")
    if gone:
        return (
            Level.DEGRADED,
            f"{gone} failed, {_count(counts, 'running')} running",
            "see the logs of its failed pods",
        )
    if phase == "Restarting":
        return Level.DEGRADED, f"{_said(state) or 'restarting'}{_tries(job)}", ""
    if not phase:
        return Level.PROGRESSING, "not started", ""
    return Level.PROGRESSING, _said(state), ""


def _tries(job: ObjectRow) -> str:
    count, most = _count(_part(job, "counts"), "retryCount"), number(_part(job, "spec").get("maxRetry"))
    return f", retry {count} of {most}" if count and most else ""


def _waits(here: Batch, job: ObjectRow, group: Group | None, now: float, *, queues_known: bool) -> Why:
    """Why a job that is to run does not: the queue first, then room, then what the scheduler says."""
    name = text(_part(job, "spec").get("queue")) or DEFAULT
    queue = here.queues.get(name)
    if queue is None and queues_known:
        return Level.DEGRADED, f"queue {name} does not exist", f"create queue {name}, or use another one"
    if queue is not None and (found := _by_queue(here, queue, group)) is not None:
        return found
    if not here.groups_known:
        return Level.PROGRESSING, f"waits; {cannot_be_read('pod groups')}", ""
    if group is None:
        return _no_group(job, now)
    if not group.told:
        if now - max(group.row.created, job.created) > UNSEEN:
            return (
                Level.DEGRADED,
                "no scheduler looked at it: does Volcano's run?",
                "look at pods in volcano-system",
            )
        return Level.PROGRESSING, "not looked at yet", ""
    words = ": ".join(text for text in (group.reason, group.message) if text)
    if group.told == "Unschedulable":
        return Level.DEGRADED, words or "Unschedulable", _room(here, group)
    return Level.PROGRESSING, f"{group.phase or 'Pending'}{_tries(job)}", ""


def _no_group(job: ObjectRow, now: float) -> Why:
    if job.created and now - job.created > UNSEEN:
        return (
            Level.DEGRADED,
            "no pod group was made: does Volcano's controller run?",
            "look at pods in volcano-system",
        )
    return Level.PROGRESSING, "no pod group yet", ""


def _by_queue(here: Batch, queue: Queue, group: Group | None) -> Why | None:
    """What the queue has against it."""
    for name in (queue.name, *queue.above):
        state = here.queues[name].state
        if state in ("Closed", "Closing"):
            return Level.DEGRADED, f"queue {name} is {state.lower()}", f"open queue {name}"
    if group is None or not group.asks:
        return None
    for name in (queue.name, *queue.above):
        most = here.queues[name].capability
        if most and (never := beyond(group.asks, most)):
            what = min(never, key=devices_first)
            asks = f"asks {amount_text(what, group.asks[what])} {short(what)}"
            never_fits = f"{asks}, queue {name} may have {amount_text(what, most[what])}"
            return Level.DEGRADED, never_fits, f"raise the capability of {name}, or ask for less"
    reached = at_limit(here, queue, group.asks)
    return (Level.DEGRADED, reached, f"wait, or raise the capability of {queue.name}") if reached else None


def _room(here: Batch, group: Group) -> str:
    """What to do about a group for which no node has room."""
    if not here.capacity:
        return ""
    never = [what for what in beyond(group.asks, here.capacity) if what in group.asks]
    lacks = [what for what in group.asks if group.asks[what] > here.capacity.get(what, 0.0)]
    if never or lacks:
        what = (never or lacks)[0]
        has = amount_text(what, here.capacity.get(what, 0.0))
        return f"the cluster has {has} {short(what)}: ask for less, or add nodes"
    return "wait, or see who has the room: the queues"


# -- pieces -----------------------------------------------------------------------------------------------------


def _said(state: Mapping[str, Any]) -> str:
    return ": ".join(word for word in (text(state.get("reason")), text(state.get("message"))) if word)


def _count(counts: Mapping[str, Any], name: str) -> int:
    return number(counts.get(name)) or 0


def _part(job: ObjectRow, name: str) -> Mapping[str, Any]:
    return mapping(part(JOB, job, name))
