"""apps and batch: ReplicaSet, StatefulSet, DaemonSet, ControllerRevision, Job, CronJob; not Deployment."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import Judge, because, by_type, judge, suspended
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.table import cell, table

POD_LABELS = {"pods": "spec.template.metadata.labels"}
"""Labels of the pods that a workload makes: rows of pods hold none."""
_IMAGES = cell("images", "spec.template.spec.containers[*].image", priority=5, width=60)


def _of(ready: Any, wanted: Any) -> str:
    return f"{ready or 0}/{1 if wanted is None else wanted}"


@judge(
    "spec.replicas",
    "status.replicas",
    "status.readyReplicas",
    "status.conditions[*]",
    says="all wanted replicas are ready; ReplicaFailure is failed",
)
def _replica_set(wanted: Any, made: Any, ready: Any, told: Any) -> Health:
    want = 1 if wanted is None else wanted
    failure = by_type(told).get("ReplicaFailure")
    if failure is not None and failure.get("status") == "True":
        return Health(Level.FAILED, because(failure))
    if (made or 0) > want:
        return Health(Level.PROGRESSING, f"{made - want} too many")
    if (ready or 0) >= want:
        return HEALTHY
    return Health(Level.DEGRADED if ready else Level.FAILED, f"{ready or 0} of {want} ready")


REPLICA_SET = table(
    "replicasets.apps",
    "ReplicaSet",
    ("v1",),
    cell("desired", "spec.replicas", format=Format.COUNT),
    cell("current", "status.replicas", format=Format.COUNT),
    cell("ready", "status.readyReplicas", format=Format.COUNT, read=lambda ready: ready or 0),
    _IMAGES,
    cell("revision", "metadata.annotations['deployment.kubernetes.io/revision']", wide=True),
    health=_replica_set,
    short_names=("rs",),
    parts=POD_LABELS,
)


@judge(
    "spec.replicas",
    "status.readyReplicas",
    "status.updatedReplicas",
    "status.currentRevision",
    "status.updateRevision",
    "spec.updateStrategy.type",
    "spec.updateStrategy.rollingUpdate.partition",
    "metadata.generation",
    "status.observedGeneration",
    says="the rules of `kubectl rollout status`; with all pods lost it is failed",
)
def _stateful_set(
    wanted: Any,
    ready: Any,
    updated: Any,
    current: Any,
    update: Any,
    strategy: Any,
    partition: Any,
    generation: Any,
    observed: Any,
) -> Health:
    want, have = 1 if wanted is None else wanted, ready or 0
    if isinstance(generation, int) and (observed or 0) < generation:
        return Health(Level.PROGRESSING, "spec update not observed yet")
    rolling = update and current != update and strategy != "OnDelete"
    if partition:  # pods below it keep the old revision, and mean to
        rolling = rolling and (updated or 0) < want - partition
    if have >= want and not rolling:
        return HEALTHY
    if rolling:
        return Health(Level.PROGRESSING, f"{updated or 0} of {want} pods updated, {have} ready")
    return Health(Level.DEGRADED if have else Level.FAILED, f"{have} of {want} pods ready")


STATEFUL_SET = table(
    "statefulsets.apps",
    "StatefulSet",
    ("v1",),
    cell("ready", "status.readyReplicas", "spec.replicas", read=_of, priority=1),
    cell("updated", "status.updatedReplicas", format=Format.COUNT, title="UP-TO-DATE"),
    cell("service", "spec.serviceName", priority=5),
    _IMAGES,
    cell("claims", "spec.volumeClaimTemplates[*].metadata.name", wide=True),
    health=_stateful_set,
    short_names=("sts",),
    parts=POD_LABELS,
)


@judge(
    "status.desiredNumberScheduled",
    "status.numberReady",
    "status.updatedNumberScheduled",
    "status.numberMisscheduled",
    "spec.updateStrategy.type",
    "metadata.generation",
    "status.observedGeneration",
    says="one ready pod on each wanted node; an update under way is progressing",
)
def _daemon_set(
    wanted: Any, ready: Any, updated: Any, astray: Any, strategy: Any, generation: Any, observed: Any
) -> Health:
    if wanted is None:
        return Health(Level.UNKNOWN, "no status yet")
    have = ready or 0
    if isinstance(generation, int) and (observed or 0) < generation:
        return Health(Level.PROGRESSING, "spec update not observed yet")
    if strategy != "OnDelete" and (updated or 0) < wanted:
        return Health(Level.PROGRESSING, f"{updated or 0} of {wanted} pods updated, {have} ready")
    if have < wanted:
        return Health(Level.DEGRADED if have else Level.FAILED, f"{have} of {wanted} pods ready")
    return Health(Level.DEGRADED, f"{astray} on nodes they should not be on") if astray else HEALTHY


DAEMON_SET = table(
    "daemonsets.apps",
    "DaemonSet",
    ("v1",),
    cell("ready", "status.numberReady", "status.desiredNumberScheduled", read=_of, priority=1),
    cell("updated", "status.updatedNumberScheduled", format=Format.COUNT, title="UP-TO-DATE"),
    cell("available", "status.numberAvailable", format=Format.COUNT, read=lambda number: number or 0),
    cell("selector", "spec.template.spec.nodeSelector", title="NODE SELECTOR", priority=5, width=40),
    _IMAGES,
    health=_daemon_set,
    parts={
        **POD_LABELS,
        "ready": "status.numberReady",
        "wanted": "status.desiredNumberScheduled",
        "images": "spec.template.spec.containers[*].image",
    },
    short_names=("ds",),
)

CONTROLLER_REVISION = table(
    "controllerrevisions.apps", "ControllerRevision", ("v1",), cell("revision", "revision", format=Format.COUNT)
)


@judge(
    "status.conditions[*]",
    "status.active",
    "status.failed",
    "status.ready",
    says="the conditions Complete and Failed; failed pods of a job that goes on are degraded",
)
def _job_end(told: Any, active: Any, failed: Any, ready: Any) -> Health:
    found = by_type(told)
    for kind, level in (("Failed", Level.FAILED), ("FailureTarget", Level.FAILED)):
        if found.get(kind, {}).get("status") == "True":
            return Health(level, because(found[kind]))
    if any(found.get(kind, {}).get("status") == "True" for kind in ("Complete", "SuccessCriteriaMet")):
        return HEALTHY
    if failed:
        return Health(Level.DEGRADED, f"{failed} failed, {active or 0} active")
    if active:
        return Health(Level.PROGRESSING, f"{active} active" + (f", {ready} ready" if ready is not None else ""))
    return Health(Level.PROGRESSING, "not started")


def _completions(done: Any, wanted: Any, parallel: Any) -> str:
    """As kubectl prints them: a job without a number of completions is done when one of its pods is."""
    if wanted is None and (parallel or 1) > 1:
        return f"{done or 0}/1 of {parallel}"
    return f"{done or 0}/{1 if wanted is None else wanted}"


def _lasted(started: Any, completed: Any) -> float | None:
    """Milliseconds a job that is complete took."""
    if not (isinstance(started, str) and isinstance(completed, str)):
        return None
    return max(0.0, unix(completed) - unix(started)) * 1000


JOB = table(
    "jobs.batch",
    "Job",
    ("v1",),
    cell(
        "completions",
        "status.succeeded",
        "spec.completions",
        "spec.parallelism",
        read=_completions,
        priority=1,
    ),
    cell("active", "status.active", format=Format.COUNT),
    cell("failed", "status.failed", format=Format.COUNT),
    cell("duration", "status.startTime", "status.completionTime", read=_lasted, format=Format.MILLISECONDS),
    cell("images", "spec.template.spec.containers[*].image", priority=5, width=60),
    health=suspended("spec.suspend", _job_end),
)


CRON_JOB = table(
    "cronjobs.batch",
    "CronJob",
    ("v1", "v1beta1"),
    cell("schedule", "spec.schedule", priority=1),
    cell("timezone", "spec.timeZone", wide=True),
    cell("suspend", "spec.suspend", priority=4),
    cell("active", "status.active", format=Format.COUNT),
    cell("last", "status.lastScheduleTime", format=Format.AGE, title="LAST SCHEDULE"),
    cell("succeeded", "status.lastSuccessfulTime", format=Format.AGE, title="LAST SUCCESS"),
    cell("images", "spec.jobTemplate.spec.template.spec.containers[*].image", priority=5, width=60),
    health=suspended("spec.suspend", Judge((), lambda: HEALTHY, "healthy: its jobs have the verdicts")),
    short_names=("cj",),
)

KINDS = (REPLICA_SET, STATEFUL_SET, DAEMON_SET, CONTROLLER_REVISION, JOB, CRON_JOB)
