"""The derived kinds about backups: what runs where, when it ran well last, and what no schedule saves.

`fleet.backups`, `fleet.backup_schedules` and `fleet.uncovered` join the rows; here is only what they hold and say.
"""

from __future__ import annotations

from kurator_tui.kinds.base import (
    HOST,
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
from kurator_tui.kinds.cells import duration


class _Judged(Row, frozen=True, gc=False, array_like=True):
    level: Level = Level.UNKNOWN
    reason: str = ""


class BackupStatusRow(_Judged, frozen=True, gc=False, array_like=True):
    """A Kurator Backup, Restore or Migrate on one member. `phase` is Velero's word for the newest run there;
    moments are Unix seconds, 0.0 where they are not known. `namespace` and `name` are the Kurator object's."""

    kind: Interned = ""
    step: Interned = ""
    """`backup` or `restore`: a Migrate is the one on its source, the other on its targets."""
    phase: Interned = ""
    schedule: Interned = ""
    """The cron text; "" for what runs once."""
    done: int = 0
    total: int = 0
    """Items."""
    errors: int = 0
    warnings: int = 0
    started: float = 0.0
    completed: float = 0.0
    expires: float = 0.0
    fleet: Interned = ""
    velero: str = ""
    """Name of the run in the member's namespace `velero`."""
    location: Interned = ""
    stale: str = ""
    """Why this may not be how things are now; "" when it is."""

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return self.completed - self.started if self.completed and self.started else None


class BackupScheduleRow(_Judged, frozen=True, gc=False, array_like=True):
    """A schedule of one member. `interval` is the number of seconds between two runs as its text says it now, None
    where that cannot be told."""

    schedule: Interned = ""
    phase: Interned = ""
    paused: bool = False
    good: float = 0.0
    """When the last run completed without errors."""
    last: float = 0.0
    """When the last run began."""
    outcome: Interned = ""
    """Phase of the last run."""
    next: float = 0.0
    interval: float | None = None
    missed: int | None = None
    """Runs due since the last good one began that were not good; None where that cannot be told."""
    namespaces: tuple[Interned, ...] = ()
    """What it saves; none are all."""
    location: Interned = ""
    backup: Interned = ""
    """The Kurator Backup behind it, "" where there is none."""
    fleet: Interned = ""
    kept: int = 0
    """Runs that Velero has."""


class UncoveredRow(_Judged, frozen=True, gc=False, array_like=True):
    """A namespace of one member that no schedule saves, or only in part."""

    workloads: int = 0
    volumes: int = 0
    capacity: int = 0
    """Bytes that its claims ask for."""
    schedules: tuple[str, ...] = ()
    """Those that save some of it, or would if they were not paused."""


def backup_health(row: BackupStatusRow) -> Health:
    """Velero's phase decides: Failed and FailedValidation are failed, PartiallyFailed is degraded, Completed is
    healthy, the others are progressing; failed where it cannot run at all, unknown where nobody can be asked."""
    return told_health(row.level, row.reason)


def schedule_health(row: BackupScheduleRow) -> Health:
    """Failed when two runs in a row were not good, when none ever was although one was due, or when Velero refuses
    it; degraded after one; healthy when paused. Unknown where its times cannot be told."""
    return told_health(row.level, row.reason)


def uncovered_health(row: UncoveredRow) -> Health:
    """Degraded where something runs or volumes are claimed; healthy where there is nothing, and for what is left
    out on purpose."""
    return told_health(row.level, row.reason)


_KINDS = {
    "Backup": "backups.backup.kurator.dev",
    "Restore": "restores.backup.kurator.dev",
    "Migrate": "migrates.backup.kurator.dev",
}


def _run(row: BackupStatusRow) -> Subject | None:
    """The Kurator object."""
    return Subject(_KINDS[row.kind], HOST, row.namespace, row.name) if row.namespace else None


def _schedule(row: BackupScheduleRow) -> Subject | None:
    return Subject("schedules.velero.io", row.cluster, row.namespace, row.name) if row.namespace else None


def _space(row: UncoveredRow) -> Subject | None:
    return Subject("namespaces", row.cluster, "", row.name) if row.namespace else None


def _level(row: _Judged) -> Level:
    return row.level


def _claimed(row: UncoveredRow) -> Level:
    return row.level if row.volumes else Level.HEALTHY


def _items(row: BackupStatusRow) -> str:
    return f"{row.done}/{row.total}" if row.total else ""


def _progress(row: BackupStatusRow) -> float | None:
    return min(1.0, row.done / row.total) if row.total else None


def _took(row: BackupStatusRow) -> str:
    return duration(row.seconds) if row.seconds is not None else ""


def _errors(row: BackupStatusRow) -> str:
    return f"{row.errors}/{row.warnings}" if row.errors or row.warnings else ""


def _fault(number: int | None) -> Level:
    return Level.DEGRADED if number else Level.HEALTHY


def _list(found: tuple[str, ...], most: int = 4) -> str:
    more = f" +{len(found) - most}" if len(found) > most else ""
    return ",".join(found[:most]) + more


def _interval(row: BackupScheduleRow) -> str:
    return duration(row.interval) if row.interval else "unknown"


def _state(row: BackupScheduleRow) -> str:
    return "paused" if row.paused else row.phase


BACKUP_STATUS: AnyKind = Kind(
    id="backupstatus",
    name="BackupStatus",
    plural="backupstatus",
    row=BackupStatusRow,
    joined=True,
    subject=_run,
    health=backup_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("kind", "KIND", lambda r: r.kind, priority=3),
        Column("step", "STEP", lambda r: r.step, priority=6),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=5, level=_level),
        Column("phase", "PHASE", lambda r: r.phase, priority=0, level=_level),
        Column("progress", "PROGRESS", _progress, Format.RATIO, priority=4),
        Column("items", "ITEMS", _items, priority=5),
        Column("errors", "ERR/WARN", _errors, priority=2, level=lambda r: _fault(r.errors)),
        Column("started", "STARTED", lambda r: r.started, Format.AGE, priority=2),
        Column("took", "TOOK", _took, priority=4),
        Column("seconds", "SECONDS", lambda r: r.seconds, Format.COUNT, hidden=True),
        Column("expires", "EXPIRES", lambda r: r.expires, Format.UNTIL, priority=5),
        Column("schedule", "SCHEDULE", lambda r: r.schedule, priority=4),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=6),
        Column("location", "LOCATION", lambda r: r.location, priority=7),
        Column("velero", "IN VELERO", lambda r: r.velero, priority=8, wide=True, width=60),
        Column("stale", "STALE", lambda r: r.stale, priority=7, wide=True, width=50),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=90),
    ),
)

BACKUP_SCHEDULES: AnyKind = Kind(
    id="backupschedules",
    name="BackupSchedule",
    plural="backupschedules",
    row=BackupScheduleRow,
    joined=True,
    subject=_schedule,
    health=schedule_health,
    columns=(
        Column("name", "NAME", lambda r: r.backup or r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=6, level=_level),
        Column("good", "LAST GOOD", lambda r: r.good, Format.AGE, priority=0, level=_level),
        Column("interval", "EVERY", _interval, priority=2),
        Column("missed", "MISSED", lambda r: r.missed, Format.COUNT, priority=2, level=lambda r: _fault(r.missed)),
        Column("outcome", "LAST RUN", lambda r: r.outcome, priority=4),
        Column("last", "RAN", lambda r: r.last, Format.AGE, priority=4),
        Column("next", "NEXT", lambda r: r.next, Format.UNTIL, priority=3),
        Column("schedule", "SCHEDULE", lambda r: r.schedule, priority=4),
        Column("state", "STATE", _state, priority=5),
        Column("namespaces", "NAMESPACES", lambda r: _list(r.namespaces) or "all", priority=5, width=40),
        Column("location", "LOCATION", lambda r: r.location, priority=6),
        Column("kept", "KEPT", lambda r: r.kept, Format.COUNT, priority=6),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=7),
        Column("paused", "PAUSED", lambda r: r.paused, priority=8, wide=True),
        Column("velero", "IN VELERO", lambda r: r.name, priority=8, wide=True, width=60),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=90),
    ),
)

UNCOVERED: AnyKind = Kind(
    id="uncovered",
    name="Uncovered",
    plural="uncovered",
    row=UncoveredRow,
    joined=True,
    subject=_space,
    health=uncovered_health,
    sort="-volumes",
    columns=(
        Column("name", "NAMESPACE", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=1, level=_level),
        Column("volumes", "VOLUMES", lambda r: r.volumes, Format.COUNT, priority=0, level=_claimed),
        Column("capacity", "CLAIMED", lambda r: r.capacity, Format.BYTES, priority=2),
        Column("workloads", "WORKLOADS", lambda r: r.workloads, Format.COUNT, priority=1),
        Column("schedules", "SCHEDULES", lambda r: _list(r.schedules), priority=4, width=50),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=90),
    ),
)

KINDS = (BACKUP_STATUS, BACKUP_SCHEDULES, UNCOVERED)
