"""Velero: backups, restores, schedules, where they are kept, and the volumes copied file by file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds import velero_runs
from kurator_tui.kinds.base import Format, Health, Level
from kurator_tui.kinds.judge import phase, suspended
from kurator_tui.kinds.table import Part, cell, table

GROUP = "velero.io"

_GOING = (
    *("New", "ReadyToStart", "Queued", "InProgress", "WaitingForPluginOperations", "Finalizing"),
    *("FinalizingPartiallyFailed", "WaitingForPluginOperationsPartiallyFailed", "Deleting"),
)
_PROBLEMS = ("status.failureReason", "status.validationErrors")


def _errors(errors: Any, warnings: Any) -> str:
    return f"{errors or 0}/{warnings or 0}" if errors or warnings else ""


_RUN = phase(
    "status.phase",
    healthy=("Completed",),
    progressing=_GOING,
    degraded=("PartiallyFailed",),
    failed=("Failed", "FailedValidation"),
    reason=_PROBLEMS,
    none=Health(Level.PROGRESSING, "not started"),
)


_PARTS = {"run": Part(("status",), velero_runs.run)}


def _progress(done: Any, total: Any) -> float | None:
    return done / total if isinstance(done, int) and isinstance(total, int) and total else None


BACKUP = table(
    f"backups.{GROUP}",
    "Backup",
    ("v1",),
    cell("phase", "status.phase"),
    cell(
        "progress",
        "status.progress.itemsBackedUp",
        "status.progress.totalItems",
        read=_progress,
        format=Format.RATIO,
    ),
    cell("errors", "status.errors", "status.warnings", read=_errors, title="ERR/WARN"),
    cell("namespaces", "spec.includedNamespaces", width=40, priority=5),
    cell("location", "spec.storageLocation", priority=5),
    cell("completed", "status.completionTimestamp", format=Format.AGE, priority=4),
    cell("expires", "status.expiration", format=Format.UNTIL, priority=5),
    cell("schedule", "metadata.labels['velero.io/schedule-name']", wide=True),
    health=_RUN,
    parts=_PARTS,
)

RESTORE = table(
    f"restores.{GROUP}",
    "Restore",
    ("v1",),
    cell("phase", "status.phase"),
    cell("backup", "spec.backupName", "spec.scheduleName", width=40),
    cell(
        "progress",
        "status.progress.itemsRestored",
        "status.progress.totalItems",
        read=_progress,
        format=Format.RATIO,
    ),
    cell("errors", "status.errors", "status.warnings", read=_errors, title="ERR/WARN"),
    cell("completed", "status.completionTimestamp", format=Format.AGE, priority=4),
    cell("namespaces", "spec.includedNamespaces", width=40, wide=True),
    health=_RUN,
    parts=_PARTS,
)

_NARROWER = (
    *("labelSelector", "orLabelSelectors", "includedResources", "includedNamespaceScopedResources"),
    "includedClusterScopedResources",
)
"""Fields of a template by which it saves only part of a namespace."""


def _reach(template: Any) -> dict[str, Any]:
    """Which namespaces a schedule saves; `narrower` are the fields that leave some of them out."""
    told = template if isinstance(template, Mapping) else {}
    spaces = {
        word: [each for each in found if isinstance(each, str)]
        for word, found in ((key, told.get(f"{key}Namespaces") or []) for key in ("included", "excluded"))
    }
    narrower = [key for key in _NARROWER if told.get(key) and told.get(key) != ["*"]]
    return {**spaces, "narrower": narrower, "location": told.get("storageLocation") or ""}


SCHEDULE = table(
    f"schedules.{GROUP}",
    "Schedule",
    ("v1",),
    cell("phase", "status.phase"),
    cell("schedule", "spec.schedule"),
    cell("last_backup", "status.lastBackup", format=Format.AGE),
    cell("namespaces", "spec.template.includedNamespaces", width=40, priority=5),
    cell("paused", "spec.paused", wide=True),
    health=suspended(
        "spec.paused",
        phase(
            "status.phase",
            healthy=("Enabled",),
            progressing=("New",),
            failed=("FailedValidation",),
            reason="status.validationErrors",
        ),
        "paused",
    ),
    parts={"reach": Part(("spec.template",), _reach)},
)

BACKUP_STORAGE_LOCATION = table(
    f"backupstoragelocations.{GROUP}",
    "BackupStorageLocation",
    ("v1",),
    cell("phase", "status.phase"),
    cell("provider", "spec.provider"),
    cell("bucket", "spec.objectStorage.bucket"),
    cell("prefix", "spec.objectStorage.prefix", wide=True),
    cell("access", "spec.accessMode", priority=5),
    cell("validated", "status.lastValidationTime", format=Format.AGE),
    cell("default", "spec.default", priority=5),
    health=phase("status.phase", healthy=("Available",), failed=("Unavailable",), reason="status.message"),
    short_names=("bsl",),
)

_VOLUME = phase(
    "status.phase",
    healthy=("Completed",),
    progressing=("New", "Accepted", "Prepared", "InProgress", "Canceling"),
    degraded=("Canceled",),
    failed=("Failed",),
    reason="status.message",
    none=Health(Level.PROGRESSING, "not started"),
)

POD_VOLUME_BACKUP = table(
    f"podvolumebackups.{GROUP}",
    "PodVolumeBackup",
    ("v1",),
    cell("phase", "status.phase"),
    cell("pod", "spec.pod.name", width=40),
    cell("volume", "spec.volume"),
    cell("done", "status.progress.bytesDone", format=Format.BYTES),
    cell("total", "status.progress.totalBytes", format=Format.BYTES),
    cell("started", "status.startTimestamp", format=Format.AGE, priority=4),
    cell("node", "spec.node", "status.node", priority=5),
    cell("location", "spec.backupStorageLocation", wide=True),
    cell("uploader", "spec.uploaderType", wide=True),
    health=_VOLUME,
)

DELETE_BACKUP_REQUEST = table(
    f"deletebackuprequests.{GROUP}",
    "DeleteBackupRequest",
    ("v1",),
    cell("backup", "spec.backupName", width=50),
    cell("phase", "status.phase"),
    cell("errors", "status.errors", width=60, priority=5),
    health=phase(
        "status.phase",
        healthy=("Processed",),
        progressing=("New", "InProgress"),
        reason="status.errors",
        none=Health(Level.PROGRESSING, "not taken yet"),
    ),
)

KINDS = (BACKUP, RESTORE, SCHEDULE, BACKUP_STORAGE_LOCATION, POD_VOLUME_BACKUP, DELETE_BACKUP_REQUEST)
