"""Volcano: batch jobs, the queues they wait in, their groups of pods, flows of jobs, commands to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge, phase
from kurator_tui.kinds.meta import quantity
from kurator_tui.kinds.table import Part, cell, table

_JOB_PHASE = phase(
    "status.state.phase",
    healthy=("Completed",),
    progressing=("Pending", "Running", "Restarting", "Completing", "Aborting", "Terminating"),
    degraded=("Aborted",),
    failed=("Failed", "Terminated"),
    reason=("status.state.reason", "status.state.message"),
    none=Health(Level.PROGRESSING, "not started"),
)


@judge(
    *_JOB_PHASE.paths,
    "status.running",
    "status.failed",
    says=_JOB_PHASE.says + "; failed pods of a job that goes on are degraded",
)
def _job(now: Any, reason: Any, message: Any, running: Any, failed: Any) -> Health:
    found = _JOB_PHASE.read(now, reason, message)
    if found.level is Level.PROGRESSING and failed:
        return Health(Level.DEGRADED, f"{now}: {failed} failed, {running or 0} running")
    if found.level is Level.PROGRESSING and now == "Running":
        return Health(Level.PROGRESSING, f"{running or 0} running")
    return found


def _fields(*names: str) -> Part:
    """The values at these paths by the last word of each, those that there are."""
    keys = [name.rpartition(".")[2] for name in names]
    return Part(
        names, lambda *found: {key: value for key, value in zip(keys, found, strict=True) if value is not None}
    )


_TASKS = (
    cell("tasks", "spec.tasks[*].name", width=40, priority=5),
    cell("images", "spec.tasks[*].template.spec.containers[*].image", wide=True, width=60),
)

JOB = table(
    "jobs.batch.volcano.sh",
    "Job",
    ("v1alpha1",),
    cell("phase", "status.state.phase", priority=2),
    cell("min", "spec.minAvailable", "status.minAvailable", format=Format.COUNT, title="MIN AVAILABLE"),
    cell("pending", "status.pending", format=Format.COUNT),
    cell("running", "status.running", format=Format.COUNT, priority=2),
    cell("succeeded", "status.succeeded", format=Format.COUNT),
    cell("failed", "status.failed", format=Format.COUNT),
    cell("queue", "spec.queue"),
    cell("retries", "status.retryCount", format=Format.COUNT, priority=5),
    cell("changed", "status.state.lastTransitionTime", format=Format.AGE, priority=5),
    cell("priority_class", "spec.priorityClassName", wide=True),
    *_TASKS,
    health=_job,
    short_names=("vcjob", "vj"),
    parts={
        "spec": _fields("spec.minAvailable", "spec.queue", "spec.maxRetry", "spec.priorityClassName"),
        "state": _fields(
            *(f"status.state.{name}" for name in ("phase", "reason", "message", "lastTransitionTime"))
        ),
        "counts": _fields(
            *(
                f"status.{name}"
                for name in ("pending", "running", "succeeded", "failed", "terminating", "retryCount")
            ),
            "status.runningDuration",
        ),
    },
)


def _share(used: Any, most: Any) -> float | None:
    """Of what a queue may have, the share of the resource that is nearest to its end."""
    if not isinstance(most, Mapping):
        return None
    had = used if isinstance(used, Mapping) else {}
    return max(
        (quantity(had.get(name)) / limit for name, text in most.items() if (limit := quantity(text))), default=None
    )


_QUEUE_STATE = phase("status.state", healthy=("Open", "Closed"), progressing=("Closing",))


@judge("status.state", says=_QUEUE_STATE.says + "; a closed one says so")
def _queue(state: Any) -> Health:
    return Health(Level.HEALTHY, "Closed") if state == "Closed" else _QUEUE_STATE.read(state)


QUEUE = table(
    "queues.scheduling.volcano.sh",
    "Queue",
    ("v1beta1",),
    cell("state", "status.state", priority=2),
    cell("weight", "spec.weight", format=Format.COUNT),
    cell("parent", "spec.parent", priority=5),
    cell("used", "status.allocated", "spec.capability", read=_share, format=Format.RATIO),
    cell("pending", "status.pending", format=Format.COUNT),
    cell("inqueue", "status.inqueue", format=Format.COUNT),
    cell("running", "status.running", format=Format.COUNT),
    cell("allocated", "status.allocated", width=50, priority=5),
    cell("capability", "spec.capability", width=50, priority=5),
    cell("deserved", "spec.deserved", width=50, wide=True),
    cell("reclaimable", "spec.reclaimable", wide=True),
    health=_queue,
    short_names=("q",),
    namespaced=False,
    parts={
        "spec": _fields(*(f"spec.{name}" for name in ("weight", "parent", "reclaimable"))),
        "amounts": _fields("spec.capability", "spec.deserved", "spec.guarantee.resource", "status.allocated"),
        "status": _fields(*(f"status.{name}" for name in ("state", "pending", "inqueue", "running", "completed"))),
    },
)

_GROUP_PHASE = phase(
    "status.phase",
    healthy=("Running", "Completed"),
    progressing=("Pending", "Inqueue"),
    degraded=("Unknown",),
    none=Health(Level.PROGRESSING, "Pending"),
)


@judge(
    "status.phase",
    "status.conditions[*]",
    says=_GROUP_PHASE.says + "; one that cannot be scheduled is degraded",
)
def _group(now: Any, told: Any) -> Health:
    found = _GROUP_PHASE.read(now)
    stuck = by_type(told).get("Unschedulable", {})
    if found.level is not Level.HEALTHY and stuck.get("status") == "True":
        return Health(Level.DEGRADED, because(stuck) or "Unschedulable")
    return found


def _unscheduled(conditions: Any) -> dict[str, Any] | None:
    """What the scheduler said last of a group: its condition `Unschedulable` while it holds, else `Scheduled`."""
    found = by_type(conditions)
    stuck = found.get("Unschedulable", {})
    told = stuck if stuck.get("status") == "True" else found.get("Scheduled")
    if not told:
        return None
    return {key: str(told.get(key) or "") for key in ("type", "reason", "message", "lastTransitionTime")}


POD_GROUP = table(
    "podgroups.scheduling.volcano.sh",
    "PodGroup",
    ("v1beta1",),
    cell("phase", "status.phase", priority=2),
    cell("min", "spec.minMember", format=Format.COUNT, title="MIN MEMBER"),
    cell("running", "status.running", format=Format.COUNT, priority=2),
    cell("succeeded", "status.succeeded", format=Format.COUNT),
    cell("failed", "status.failed", format=Format.COUNT),
    cell("queue", "spec.queue"),
    cell("resources", "spec.minResources", title="MIN RESOURCES", width=50, priority=5),
    cell("priority_class", "spec.priorityClassName", wide=True),
    health=_group,
    short_names=("pg",),
    parts={
        "spec": _fields("spec.queue", "spec.minMember", "spec.minResources"),
        "status": _fields("status.phase", "status.running"),
        "told": Part(("status.conditions[*]",), _unscheduled),
    },
)

JOB_FLOW = table(
    "jobflows.flow.volcano.sh",
    "JobFlow",
    ("v1alpha1",),
    cell("phase", "status.state.phase", priority=2),
    cell(
        "completed",
        "status.completedJobs",
        "spec.flows[*].name",
        read=lambda done, flows: f"{len(done or ())}/{len(flows)}",
        priority=2,
    ),
    cell("running", "status.runningJobs", format=Format.COUNT),
    cell("pending", "status.pendingJobs", format=Format.COUNT),
    cell("failed", "status.failedJobs", format=Format.COUNT),
    cell("flows", "spec.flows[*].name", width=60, priority=5),
    cell("retain", "spec.jobRetainPolicy", wide=True),
    health=phase(
        "status.state.phase",
        healthy=("Succeed",),
        progressing=("Pending", "Running", "Terminating"),
        failed=("Failed",),
        reason="status.failedJobs",
        none=Health(Level.PROGRESSING, "not started"),
    ),
    short_names=("jf",),
)

JOB_TEMPLATE = table(
    "jobtemplates.flow.volcano.sh",
    "JobTemplate",
    ("v1alpha1",),
    cell("min", "spec.minAvailable", format=Format.COUNT, title="MIN AVAILABLE"),
    cell("replicas", "spec.tasks[*].replicas", read=sum, format=Format.COUNT),
    cell("queue", "spec.queue"),
    cell("jobs", "status.jobDependsOnList", format=Format.COUNT),
    *_TASKS,
    short_names=("jt",),
)

COMMAND = table(
    "commands.bus.volcano.sh",
    "Command",
    ("v1alpha1",),
    cell("action", "action", priority=2),
    cell("target", "target.kind", "target.name", read=lambda kind, name: f"{kind}/{name}", width=50),
    cell("why", "reason"),
    cell("message", "message", width=60, priority=5),
    health=judge(says="progressing: Volcano deletes it when it takes it")(
        lambda: Health(Level.PROGRESSING, "not taken yet")
    ),
)

KINDS = (JOB, QUEUE, POD_GROUP, JOB_FLOW, JOB_TEMPLATE, COMMAND)
