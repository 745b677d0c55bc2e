"""Kurator's unified backups: Backup, Restore, Migrate.

The controllers never set most of the phases that their CRDs declare: they are derived here from what each cluster
reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds import velero_runs
from kurator_tui.kinds.base import SEVERITY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge, of_cluster, phase, worst_of
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import at, mappings
from kurator_tui.kinds.table import Part, cell, table

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
    for each in mappings(details):
        status = at(each, key)
        status = status if isinstance(status, Mapping) else {}
        cluster, started = str(at(each, "clusterName") or ""), status.get("startTimestamp")
        moment = unix(started) if isinstance(started, str) else 0.0
        if cluster not in found or moment >= found[cluster][0]:
            found[cluster] = (moment, status)
    return [(cluster, status) for cluster, (_, status) in found.items()]


_BACKED_UP, _RESTORED = "backupStatusInCluster", "restoreStatusInCluster"


def _runs(details: Any, key: str) -> Health:
    """Any that failed before any that runs before all completed."""
    found = [
        of_cluster(
            cluster, _VELERO.read(*(status.get(name) for name in ("phase", "failureReason", "validationErrors")))
        )
        for cluster, status in _newest(details, key)
    ]
    return worst_of(found) if found else Health(Level.PROGRESSING, "not started")


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


def _plan(destination: Any) -> dict[str, Any]:
    """Fleet and clusters of a destination; without clusters the whole fleet is meant."""
    clusters = [[at(each, "kind"), at(each, "name")] for each in mappings(at(destination, "clusters"))]
    return {"fleet": at(destination, "fleet"), "clusters": clusters}


def _runs_part(path: str, name: str, status: str) -> Part:
    return Part((path,), lambda details: velero_runs.copies(details, name, status))


_UNFILTERED = Part(
    ("spec.policy",), lambda policy: isinstance(policy, Mapping) and policy.get("resourceFilter") is None
)
"""Whether there is a policy without `resourceFilter`: the controller reads it without looking."""

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
    parts={
        "plan": Part(("spec.destination",), _plan),
        "unfiltered": _UNFILTERED,
        "runs": _runs_part("status.backupDetails", "backupNameInCluster", _BACKED_UP),
    },
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
    parts={
        "plan": Part(("spec.destination",), _plan),
        "unfiltered": _UNFILTERED,
        "runs": _runs_part("status.restoreDetails", "restoreNameInCluster", _RESTORED),
    },
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
    bad = worst_of(there)
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
    parts={
        "source": Part(("spec.sourceCluster",), _plan),
        "unfiltered": _UNFILTERED,
        "target": Part(("spec.targetCluster",), _plan),
        "saved": _runs_part("status.sourceClusterStatus", "backupNameInCluster", _BACKED_UP),
        "restored": _runs_part("status.targetClusterStatus", "restoreNameInCluster", _RESTORED),
    },
)

KINDS = (BACKUP, RESTORE, MIGRATE)
