"""What makes pods: deployments, sets, jobs."""

from __future__ import annotations

from kurator_tui.describe.parts import Item, Part, ago, item, joined, moment, part, present, said_of, selector_text
from kurator_tui.describe.pods import template
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import duration
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import Object, mapping, mappings, meta, text

REVISION = "deployment.kubernetes.io/revision"


def _count(status: Object, key: str) -> str:
    return said_of(status.get(key)) or "0"


def _short_of(have: str, want: str) -> Level | None:
    return None if have == want else Level.PROGRESSING


def deployment(found: Object, now: float) -> list[Part]:
    """Replicas, strategy, template."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    want = said_of(spec.get("replicas")) or "1"
    strategy = mapping(spec.get("strategy"))
    rolling = mapping(strategy.get("rollingUpdate"))
    unavailable, surge = said_of(rolling.get("maxUnavailable")), said_of(rolling.get("maxSurge"))
    limits = f" ({unavailable} max unavailable, {surge} max surge)"
    ready, updated = _count(status, "readyReplicas"), _count(status, "updatedReplicas")
    counts = (
        f"{want} desired, {updated} updated, {_count(status, 'replicas')} total, {ready} ready, "
        f"{_count(status, 'availableReplicas')} available, {_count(status, 'unavailableReplicas')} unavailable"
    )
    whole = ready == want and updated == want
    return present(
        [
            part(
                "Deployment",
                item("Replicas", counts, None if whole else Level.PROGRESSING),
                item("Paused", spec.get("paused") or None, Level.PROGRESSING),
                item("Selector", selector_text(spec.get("selector"))),
                item("Strategy", said_of(strategy.get("type")) + (limits if rolling else "")),
                item("Min ready", f"{said_of(spec.get('minReadySeconds')) or 0} s"),
                item("Progress deadline", _deadline(spec)),
                item("Revision", mapping(meta(found).get("annotations")).get(REVISION)),
                item("Revisions kept", spec.get("revisionHistoryLimit")),
            ),
            *template(spec.get("template")),
        ]
    )


def _deadline(spec: Object) -> str:
    seconds = said_of(spec.get("progressDeadlineSeconds"))
    return f"{seconds} s" if seconds else ""


def stateful_set(found: Object, now: float) -> list[Part]:
    """Replicas, update strategy, claims, template."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    want, ready = said_of(spec.get("replicas")) or "1", _count(status, "readyReplicas")
    strategy = mapping(spec.get("updateStrategy"))
    partition = said_of(mapping(strategy.get("rollingUpdate")).get("partition"))
    claims = [
        Item("Claims" if at == 0 else "", _claim(each))
        for at, each in enumerate(mappings(spec.get("volumeClaimTemplates")))
    ]
    current, update = said_of(status.get("currentRevision")), said_of(status.get("updateRevision"))
    return present(
        [
            part(
                "Stateful set",
                item(
                    "Replicas",
                    f"{want} desired, {_count(status, 'replicas')} total, {ready} ready, "
                    f"{_count(status, 'updatedReplicas')} updated",
                    _short_of(ready, want),
                ),
                item("Selector", selector_text(spec.get("selector"))),
                item("Service", spec.get("serviceName")),
                item("Update", said_of(strategy.get("type")) + (f", partition {partition}" if partition else "")),
                item("Pod management", spec.get("podManagementPolicy")),
                item("Revision", current if current == update else f"{current} → {update}"),
                *claims,
            ),
            *template(spec.get("template")),
        ]
    )


def _claim(each: Object) -> str:
    spec = mapping(each.get("spec"))
    asked = said_of(mapping(mapping(spec.get("resources")).get("requests")).get("storage"))
    words = (
        said_of(meta(each).get("name")),
        asked,
        joined(spec.get("accessModes")),
        said_of(spec.get("storageClassName")),
    )
    return " ".join(filter(None, words))


def daemon_set(found: Object, now: float) -> list[Part]:
    """On how many nodes it runs, update strategy, template."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    want, ready = _count(status, "desiredNumberScheduled"), _count(status, "numberReady")
    strategy = mapping(spec.get("updateStrategy"))
    return present(
        [
            part(
                "Daemon set",
                item(
                    "Nodes",
                    f"{want} desired, {_count(status, 'currentNumberScheduled')} scheduled, {ready} ready, "
                    f"{_count(status, 'updatedNumberScheduled')} updated, "
                    f"{_count(status, 'numberAvailable')} available",
                    _short_of(ready, want),
                ),
                item("Misscheduled", status.get("numberMisscheduled") or None, Level.DEGRADED),
                item("Selector", selector_text(spec.get("selector"))),
                item("Update", strategy.get("type")),
                item("Max unavailable", mapping(strategy.get("rollingUpdate")).get("maxUnavailable")),
            ),
            *template(spec.get("template")),
        ]
    )


def replica_set(found: Object, now: float) -> list[Part]:
    """Replicas and template."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    want, ready = said_of(spec.get("replicas")) or "1", _count(status, "readyReplicas")
    return present(
        [
            part(
                "Replica set",
                item(
                    "Replicas",
                    f"{want} desired, {_count(status, 'replicas')} total, {ready} ready, "
                    f"{_count(status, 'availableReplicas')} available",
                    _short_of(ready, want),
                ),
                item("Selector", selector_text(spec.get("selector"))),
                item("Revision", mapping(meta(found).get("annotations")).get(REVISION)),
            ),
            *template(spec.get("template")),
        ]
    )


def job(found: Object, now: float) -> list[Part]:
    """How far it is, its limits, template."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    failed = said_of(status.get("failed"))
    lines = [*_job_status(status, now), *_job_limits(spec)]
    return present(
        [
            part(
                "Job",
                item(
                    "Pods",
                    f"{_count(status, 'active')} active, {_count(status, 'succeeded')} succeeded, "
                    f"{failed or 0} failed",
                    Level.DEGRADED if failed and failed != "0" else None,
                ),
                *lines,
                item("Selector", selector_text(spec.get("selector"))),
            ),
            *template(spec.get("template")),
        ]
    )


def _job_status(status: Object, now: float) -> list[Item | None]:
    began, ended = unix(text(status.get("startTime"))), unix(text(status.get("completionTime")))
    return [
        item("Started", moment(status.get("startTime"), now)),
        item("Completed", moment(status.get("completionTime"), now)),
        item("Took", duration(ended - began) if began and ended else ""),
        item("Completed indexes", status.get("completedIndexes")),
        item("Failed indexes", status.get("failedIndexes"), Level.DEGRADED),
    ]


def _job_limits(spec: Object) -> list[Item | None]:
    return [
        item("Completions", spec.get("completions")),
        item("Parallelism", spec.get("parallelism")),
        item("Completion mode", spec.get("completionMode")),
        item("Backoff limit", spec.get("backoffLimit")),
        item("Deadline", f"{spec['activeDeadlineSeconds']} s" if spec.get("activeDeadlineSeconds") else ""),
        item(
            "Kept when finished",
            f"{spec['ttlSecondsAfterFinished']} s" if "ttlSecondsAfterFinished" in spec else "",
        ),
        item("Suspended", spec.get("suspend") or None, Level.PROGRESSING),
    ]


def cron_job(found: Object, now: float) -> list[Part]:
    """Schedule, what runs, what ran last, the job's template."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    made = mapping(mapping(spec.get("jobTemplate")).get("spec"))
    active = [said_of(each.get("name")) for each in mappings(status.get("active"))]
    succeeded = ago(status.get("lastSuccessfulTime"), now)
    return present(
        [
            part(
                "Cron job",
                item("Schedule", spec.get("schedule")),
                item("Time zone", spec.get("timeZone")),
                item("Suspended", spec.get("suspend") or None, Level.PROGRESSING),
                item("Concurrency", spec.get("concurrencyPolicy")),
                item("Starting deadline", _starting(spec)),
                item("Last schedule", moment(status.get("lastScheduleTime"), now)),
                item("Last success", f"{succeeded} ago" if succeeded else "never"),
                item("Active jobs", joined(active)),
                item("Kept", f"{_kept(spec, 'successful', 3)} succeeded, {_kept(spec, 'failed', 1)} failed"),
                *_job_limits(made),
            ),
            *template(made.get("template")),
        ]
    )


def _starting(spec: Object) -> str:
    seconds = said_of(spec.get("startingDeadlineSeconds"))
    return f"{seconds} s" if seconds else ""


def _kept(spec: Object, which: str, default: int) -> str:
    return said_of(spec.get(f"{which}JobsHistoryLimit")) or str(default)


DESCRIBERS = {
    "deployments.apps": deployment,
    "statefulsets.apps": stateful_set,
    "daemonsets.apps": daemon_set,
    "replicasets.apps": replica_set,
    "jobs.batch": job,
    "cronjobs.batch": cron_job,
}
