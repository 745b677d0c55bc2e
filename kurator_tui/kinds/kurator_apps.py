"""What Kurator does on fleets: Application, Backup, Restore, Migrate, Pipeline; and CustomMachine.

Several of these never get the phase that their CRD declares: it is derived here from what each cluster reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, SEVERITY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge, phase
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.table import Part, cell, table

_SOURCES = ("gitRepository", "helmRepository", "ociRepository")


def _dicts(found: Any) -> list[Mapping[str, Any]]:
    """The items of a list that are objects."""
    return [each for each in found or () if isinstance(each, Mapping)] if isinstance(found, list) else []


def _at(found: Any, *keys: str) -> Any:
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _each_once(*lists: Any) -> list[Any]:
    """Texts of several texts and lists, each one once."""
    flat = [value for found in lists for value in (found if isinstance(found, list) else [found])]
    return list(dict.fromkeys(value for value in flat if isinstance(value, str) and value))


def _worst(found: Iterable[Health]) -> Health:
    return max(found, key=lambda health: SEVERITY[health.level], default=HEALTHY)


def _of_cluster(cluster: Any, health: Health) -> Health:
    named = isinstance(cluster, str) and cluster and health.reason
    return Health(health.level, f"{cluster}: {health.reason}") if named else health


# -- Application ------------------------------------------------------------------------------------------------

_ROLLOUT = phase(
    "phase",
    healthy=("Initialized", "Succeeded"),
    progressing=(
        *("Initializing", "Waiting", "WaitingPromotion", "Progressing", "Promoting", "Finalising"),
        *("Terminating", "Terminated"),
    ),
    failed=("Failed",),
    none=Health(Level.PROGRESSING, "Initializing"),
)


def _rolled_out(found: Any) -> Iterable[Health]:
    """Verdicts of `rolloutStatus`, the one part of `syncStatus` that is each cluster's own."""
    for each in _dicts(found):
        verdict = _ROLLOUT.read(_at(each, "rolloutStatusInCluster", "phase"))
        if verdict.level is not Level.HEALTHY:
            reason = f"rollout {_at(each, 'rolloutNameInCluster') or ''} {verdict.reason}".replace("  ", " ")
            yield _of_cluster(_at(each, "clusterName"), Health(verdict.level, reason))


def _ready(told: Any, where: str, level: Level) -> Health:
    """The condition Ready of a Flux object; `level` is what False means."""
    found = by_type(told).get("Ready")
    if found is None or found.get("status") == "True":
        return HEALTHY
    word = because(found) or "not Ready"
    return Health(level if found.get("status") == "False" else Level.PROGRESSING, f"{where}{word}")


@judge(
    *(f"status.sourceStatus.{key}.conditions" for key in ("gitRepoStatus", "helmRepoStatus", "ociRepoStatus")),
    "status.syncStatus[*].name",
    "status.syncStatus[*].kustomizationStatus.conditions",
    "status.syncStatus[*].HelmReleaseStatus.conditions",
    "status.syncStatus[*].rolloutStatus",
    *(f"spec.source.{key}.suspend" for key in _SOURCES),
    says="the source's Ready and the rollouts decide. Flux statuses of several targets all repeat the last one's: "
    "a failure there is degraded, failed where there is one target only. A suspended source is healthy",
)
def _application(
    git: Any, helm: Any, oci: Any, names: Any, kustomized: Any, released: Any, rolled: Any, *off: Any
) -> Health:
    sources = [told for told in (git, helm, oci) if told]
    if not sources and not names:
        return Health(Level.UNKNOWN, "no status yet")
    blame = Level.DEGRADED if len(names or ()) > 1 else Level.FAILED
    found = [_ready(told, "source: ", Level.FAILED) for told in sources]
    found += [_ready(told, "", blame) for told in [*(kustomized or ()), *(released or ())]]
    verdict = _worst([*found, *_rolled_out(rolled)])
    if any(flag is True for flag in off) and SEVERITY[verdict.level] < SEVERITY[Level.DEGRADED]:
        return Health(Level.HEALTHY, "source suspended")
    return verdict


def _source(*found: Any) -> str:
    return next((key for key, each in zip(_SOURCES, found, strict=True) if each), "")


def _phases(found: Any) -> str:
    """`2 Progressing, 1 Failed` of rollouts."""
    counted = Counter(
        str(_at(each, "rolloutStatusInCluster", "phase") or "Initializing") for each in _dicts(found)
    )
    return ", ".join(f"{number} {word}" for word, number in counted.most_common())


_ROLLOUT_BLOCK = ("trafficRoutingProvider", "serviceName", "workload")


def _target(destination: Any) -> dict[str, Any] | None:
    """Fleet and labels of a destination; None without one."""
    labels = _at(destination, "clusterSelector", "matchLabels")
    return {"fleet": _at(destination, "fleet"), "labels": labels} if isinstance(destination, Mapping) else None


def _policy(found: Mapping[str, Any]) -> dict[str, Any]:
    """Name, way, destination and rollout block of one sync policy; its values and patches are not kept."""
    rollout = found.get("rollout")
    block = {key: rollout.get(key) for key in _ROLLOUT_BLOCK} if isinstance(rollout, Mapping) else None
    return {
        "name": found.get("name"),
        "way": "helm" if found.get("helm") else "kustomization",
        "destination": _target(found.get("destination")),
        "rollout": block,
    }


def _copies(synced: Any) -> list[dict[str, Any]]:
    """What the Application last saw of each cluster's Canary: fresh only while every cluster answers."""
    keys = ("phase", "canaryWeight", "iterations", "failedChecks", "lastTransitionTime")
    return [
        {
            "cluster": _at(each, "rolloutStatus", "clusterName"),
            "canary": _at(each, "rolloutStatus", "rolloutNameInCluster"),
            "status": {key: _at(each, "rolloutStatus", "rolloutStatusInCluster", key) for key in keys},
        }
        for each in _dicts(synced)
        if isinstance(each.get("rolloutStatus"), Mapping)
    ]


APPLICATION = table(
    "applications.apps.kurator.dev",
    "Application",
    ("v1alpha1",),
    cell("fleet", "spec.destination.fleet", "spec.syncPolicies[*].destination.fleet", read=_each_once),
    cell("targets", "status.syncStatus[*].name", format=Format.COUNT),
    cell("rollouts", "status.syncStatus[*].rolloutStatus", read=_phases, width=40),
    cell(
        "revision",
        *(f"status.sourceStatus.{key}.artifact.revision" for key in ("gitRepoStatus", "helmRepoStatus")),
        width=50,
    ),
    cell("url", *(f"spec.source.{key}.url" for key in _SOURCES), title="SOURCE", priority=5, width=60),
    cell("source_kind", *(f"spec.source.{key}.url" for key in _SOURCES), read=_source, wide=True),
    cell("policies", "spec.syncPolicies", format=Format.COUNT, priority=5),
    cell("suspended", *(f"spec.source.{key}.suspend" for key in _SOURCES), wide=True),
    health=_application,
    parts={
        "policies": Part(("spec.syncPolicies",), lambda found: [_policy(each) for each in _dicts(found)]),
        "destination": Part(("spec.destination",), _target),
        "copies": Part(("status.syncStatus",), _copies),
        "revision": Part(
            tuple(f"status.sourceStatus.{key}.artifact.revision" for key in ("gitRepoStatus", "helmRepoStatus")),
            lambda *found: next((each for each in found if each), None),
        ),
    },
)

# -- Backup, Restore, Migrate -----------------------------------------------------------------------------------

_VELERO = phase(
    "phase",
    healthy=("Completed",),
    progressing=(
        *("New", "ReadyToStart", "Queued", "InProgress", "WaitingForPluginOperations", "Finalizing", "Deleting"),
        *("FinalizingPartiallyFailed", "WaitingForPluginOperationsPartiallyFailed"),
    ),
    degraded=("PartiallyFailed",),
    failed=("Failed", "FailedValidation"),
    reason=("failureReason", "validationErrors"),
    none=Health(Level.PROGRESSING, "no run yet"),
)


def _newest(details: Any, key: str) -> list[tuple[str, Mapping[str, Any]]]:
    """(cluster, Velero's status) of each cluster's newest run: a schedule's list has an entry for every run."""
    found: dict[str, tuple[float, Mapping[str, Any]]] = {}
    for each in _dicts(details):
        status = _at(each, key)
        status = status if isinstance(status, Mapping) else {}
        cluster, started = str(_at(each, "clusterName") or ""), status.get("startTimestamp")
        moment = unix(started) if isinstance(started, str) else 0.0
        if cluster not in found or moment >= found[cluster][0]:
            found[cluster] = (moment, status)
    return [(cluster, status) for cluster, (_, status) in found.items()]


_BACKED_UP, _RESTORED = "backupStatusInCluster", "restoreStatusInCluster"


def _runs(details: Any, key: str) -> Health:
    """Any that failed before any that runs before all completed."""
    found = [
        _of_cluster(
            cluster, _VELERO.read(*(status.get(name) for name in ("phase", "failureReason", "validationErrors")))
        )
        for cluster, status in _newest(details, key)
    ]
    return _worst(found) if found else Health(Level.PROGRESSING, "not started")


def _phase_of(details: Any, key: str) -> str:
    """Velero's word for the cluster that is worst off."""
    judged = [
        (SEVERITY[_VELERO.read(status.get("phase"), None, None).level], str(status.get("phase") or ""))
        for _, status in _newest(details, key)
    ]
    return max(judged, default=(0, ""))[1] if judged else ""


def _completed(details: Any, key: str) -> str:
    """`2/3`: clusters whose newest run is complete."""
    newest = _newest(details, key)
    done = sum(1 for _, status in newest if status.get("phase") == "Completed")
    return f"{done}/{len(newest)}" if newest else ""


def _sums(details: Any, key: str) -> str:
    """`errors/warnings` of the newest runs."""
    told = [status for _, status in _newest(details, key)]
    errors, warnings = (
        sum(number for status in told if isinstance(number := status.get(word), int))
        for word in ("errors", "warnings")
    )
    return f"{errors}/{warnings}" if errors or warnings else ""


def _ended(details: Any, key: str) -> str | None:
    """When the last of the newest runs ended."""
    ends = [
        end for _, status in _newest(details, key) if isinstance(end := status.get("completionTimestamp"), str)
    ]
    return max(ends, default=None)


def _words(given: Any, details: Any, key: str) -> str:
    return given if isinstance(given, str) and given else _phase_of(details, key)


_BACKUPS, _RESTORES = "status.backupDetails[*]", "status.restoreDetails[*]"

BACKUP = table(
    "backups.backup.kurator.dev",
    "Backup",
    ("v1alpha1",),
    cell("phase", "status.phase", _BACKUPS, read=lambda given, runs: _words(given, runs, _BACKED_UP)),
    cell("schedule", "spec.schedule"),
    cell("clusters", _BACKUPS, read=lambda runs: _completed(runs, _BACKED_UP), title="COMPLETED"),
    cell("errors", _BACKUPS, read=lambda runs: _sums(runs, _BACKED_UP), title="ERR/WARN"),
    cell(
        "ended",
        _BACKUPS,
        read=lambda runs: _ended(runs, _BACKED_UP),
        format=Format.AGE,
        title="LAST RUN",
        priority=4,
    ),
    cell("fleet", "spec.destination.fleet", priority=4),
    cell("namespaces", "spec.policy.resourceFilter.includedNamespaces", width=40, priority=5),
    cell("ttl", "spec.policy.ttl", wide=True),
    health=judge(_BACKUPS, says="Velero's phase of the newest run on each cluster; the worst one decides")(
        lambda runs: _runs(runs, _BACKED_UP)
    ),
)

RESTORE = table(
    "restores.backup.kurator.dev",
    "Restore",
    ("v1alpha1",),
    cell("phase", "status.phase", _RESTORES, read=lambda given, runs: _words(given, runs, _RESTORED)),
    cell("backup", "spec.backupName", width=40),
    cell("clusters", _RESTORES, read=lambda runs: _completed(runs, _RESTORED), title="COMPLETED"),
    cell("errors", _RESTORES, read=lambda runs: _sums(runs, _RESTORED), title="ERR/WARN"),
    cell(
        "ended", _RESTORES, read=lambda runs: _ended(runs, _RESTORED), format=Format.AGE, title="ENDED", priority=4
    ),
    cell("fleet", "spec.destination.fleet", priority=4),
    cell("renamed", "spec.policy.namespaceMapping", title="NAMESPACE MAPPING", width=40, wide=True),
    health=judge(_RESTORES, says="Velero's phase on each cluster; the worst one decides")(
        lambda runs: _runs(runs, _RESTORED)
    ),
)


def _migrating(given: Any, told: Any) -> str:
    """The controller says BackupInProgress until the end: the condition tells when restoring begins."""
    ready = by_type(told).get("sourceReady", {}).get("status") == "True"
    return (
        "RestoreInProgress" if given == "BackupInProgress" and ready else given if isinstance(given, str) else ""
    )


_MIGRATE = phase(
    "status.phase",
    healthy=("Completed",),
    progressing=("Pending", "BackupInProgress", "RestoreInProgress"),
    failed=("Failed", "FailedValidation"),
    none=Health(Level.PROGRESSING, "not started"),
)


@judge(
    "status.phase",
    "status.conditions[*]",
    "status.sourceClusterStatus",
    "status.targetClusterStatus[*]",
    says="`status.phase`, and Velero's phases on the source and the targets: Kurator itself never writes Failed",
)
def _migrate(given: Any, told: Any, source: Any, targets: Any) -> Health:
    verdict = _MIGRATE.read(_migrating(given, told))
    there = [_runs([source], _BACKED_UP)] if source else []
    there += [_runs(targets, _RESTORED)] if targets else []
    bad = _worst(there)
    if SEVERITY[bad.level] >= SEVERITY[Level.DEGRADED]:
        return bad
    reason = next((because(each) for each in by_type(told).values() if each.get("status") == "False"), "")
    return Health(verdict.level, reason) if verdict.level is Level.FAILED and reason else verdict


MIGRATE = table(
    "migrates.backup.kurator.dev",
    "Migrate",
    ("v1alpha1",),
    cell("phase", "status.phase", "status.conditions[*]", read=_migrating),
    cell("source", "status.sourceClusterStatus.clusterName", "spec.sourceCluster.clusters[*].name", width=40),
    cell("target", "spec.targetCluster.clusters[*].name", width=40),
    cell(
        "clusters",
        "status.targetClusterStatus[*]",
        read=lambda runs: _completed(runs, _RESTORED),
        title="COMPLETED",
    ),
    cell("fleet", "spec.sourceCluster.fleet", priority=4),
    cell("namespaces", "spec.policy.resourceFilter.includedNamespaces", width=40, priority=5),
    health=_migrate,
)

# -- Pipeline, CustomMachine ------------------------------------------------------------------------------------


@judge(
    "status.eventListenerServiceName", says="healthy once its event listener exists: its executions have verdicts"
)
def _pipeline(listener: Any) -> Health:
    return HEALTHY if listener else Health(Level.PROGRESSING, "no event listener yet")


PIPELINE = table(
    "pipelines.pipeline.kurator.dev",
    "Pipeline",
    ("v1alpha1",),
    cell("tasks", "spec.tasks[*].name", width=60),
    cell("listener", "status.eventListenerServiceName"),
    cell("storage", "spec.sharedWorkspace.storageRequest", format=Format.BYTES, priority=5),
    cell("storage_class", "spec.sharedWorkspace.storageClassName", wide=True),
    cell("description", "spec.description", width=60, priority=5),
    health=_pipeline,
)


@judge("status.ready", says="`status.ready`, which says no more than that the Secret of the SSH key exists")
def _machine(ready: Any) -> Health:
    if ready is None:
        return Health(Level.UNKNOWN, "no status yet")
    return HEALTHY if ready is True else Health(Level.FAILED, "the Secret of the SSH key is missing")


CUSTOM_MACHINE = table(
    "custommachines.infrastructure.cluster.x-k8s.io",
    "CustomMachine",
    ("v1alpha1",),
    cell("ready", "status.ready"),
    cell("masters", "spec.master", format=Format.COUNT),
    cell("nodes", "spec.node", format=Format.COUNT),
    cell("hosts", "spec.master[*].hostName", "spec.node[*].hostName", read=_each_once, width=60, priority=5),
    cell("addresses", "spec.master[*].publicIP", "spec.node[*].publicIP", read=_each_once, width=60, wide=True),
    health=_machine,
)

KINDS = (APPLICATION, BACKUP, RESTORE, MIGRATE, PIPELINE, CUSTOM_MACHINE)
