"""Backups: Velero's on the members, where they are kept, and Kurator's over the members of a fleet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.fleet.cron import parse
from kurator_tui.fleet.velero import SCHEDULE_LABEL, label
from kurator_tui.kinds import kurator_backups as kurator
from kurator_tui.kinds.base import HOST, Kind, Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.velero import (
    BACKUP,
    BACKUP_STORAGE_LOCATION,
    POD_VOLUME_BACKUP,
    RESTORE,
    SCHEDULE,
)
from kurator_tui.kinds.velero_runs import FAILED, GOING, Copy, Run, read, read_copies
from kurator_tui.store.freshness import State
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, cell, failed, number, unwell, word

HANGING = 6 * 3600.0
"""Seconds after which a run that goes on does so no more: Velero itself gives up on a copy after four hours."""
LATE = 900.0
"""Seconds after its time in which a scheduled backup may begin."""
UNREACHABLE = 120.0
"""Seconds for which a storage location may be away: it is looked at once a minute."""
_MADE_FOR = ("kurator.dev/backup-name", "kurator.dev/restore-name", "kurator.dev/migrate-name")

_LOCATION, _RUN_SCHEDULE = word(BACKUP, "location"), word(BACKUP, "schedule")
_BUCKET, _DEFAULT = word(BACKUP_STORAGE_LOCATION, "bucket"), cell(BACKUP_STORAGE_LOCATION, "default")
_CRON, _LAST = word(SCHEDULE, "schedule"), number(SCHEDULE, "last_backup")
_PAUSED = cell(SCHEDULE, "paused")
_POD, _VOLUME, _STARTED = (
    word(POD_VOLUME_BACKUP, "pod"),
    word(POD_VOLUME_BACKUP, "volume"),
    number(POD_VOLUME_BACKUP, "started"),
)

BACKUPS = Analyser(BACKUP, concerns=lambda row: row.level != Level.HEALTHY)
RESTORES = Analyser(RESTORE, concerns=lambda row: row.level != Level.HEALTHY)
SCHEDULES = Analyser(SCHEDULE)
LOCATIONS = Analyser(BACKUP_STORAGE_LOCATION, concerns=failed)
VOLUMES = Analyser(POD_VOLUME_BACKUP, concerns=failed)
FLEET_BACKUPS = Analyser(kurator.BACKUP, concerns=unwell)
FLEET_RESTORES = Analyser(kurator.RESTORE, concerns=unwell)
MIGRATES = Analyser(kurator.MIGRATE, concerns=unwell)


def _bucket(row: ObjectRow | None) -> str:
    """What a storage location is, wherever it is named: its bucket."""
    return "" if row is None else _BUCKET(row) or f"{row.cluster}/{row.name}"


def _location(row: ObjectRow, look: Look) -> ObjectRow | None:
    """The storage location that a backup is for."""
    if name := _LOCATION(row):
        return look.find(BACKUP_STORAGE_LOCATION, row.cluster, row.namespace, name)
    found = look.all(BACKUP_STORAGE_LOCATION, row.cluster)
    default = [each for each in found if _DEFAULT(each) is True] or found
    return default[0] if len(default) == 1 else None


def _after(row: ObjectRow, look: Look) -> float:
    """Seconds after which a backup that failed is told of: not before its storage location, where that is away."""
    location = _location(row, look)
    return UNREACHABLE if location is not None and failed(location) else 0.0


def _made_for(row: ObjectRow) -> str:
    """The Kurator object by which it was made."""
    return next((found for key in _MADE_FOR if (found := label(row, key))), "")


def _run(kind: Kind[Any, ObjectRow], row: ObjectRow) -> Run:
    return read(part(kind, row, "run")) or Run()


def _ended(run: Run, row: ObjectRow) -> float:
    return run.completed or run.started or row.created


def _superseded(row: ObjectRow, look: Look) -> bool:
    """Whether its schedule has had a later run that ended: then that one tells how things are."""
    schedule = _RUN_SCHEDULE(row)
    return bool(schedule) and any(
        other.created > row.created and other.level != Level.PROGRESSING
        for other in look.labelled(BACKUP, row.cluster, row.namespace, SCHEDULE_LABEL, schedule)
    )


# -- runs -------------------------------------------------------------------------------------------------------


@BACKUPS.rule("KT3601", "backup failed", Severity.HIGH, suggests=("read.describe", "screen.policy", "velero.run"))
def backup_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A backup ended without anything that could be restored, and none of its schedule has been better since.

    First look at the storage location: when it is away, all backups of all clusters that use it fail. Then at
    the evidence: credentials, a hook in a pod, a volume that cannot be read. Run the schedule again once that is
    mended. A backup without a schedule is told of for a day.
    """
    run = _run(BACKUP, row)
    if run.phase in FAILED:
        yield from _ended_badly(row, run, look)


@BACKUPS.rule(
    "KT3602", "backup is not complete", Severity.MEDIUM, suggests=("read.describe", "logs", "velero.run")
)
def backup_partly(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A backup left some objects or volumes out: the rest of it can be restored, those cannot.

    `velero backup logs` says which; volumes that fail are findings of their own (KT3607). Until it is mended the
    last complete backup is the older one: see that it does not expire meanwhile.
    """
    run = _run(BACKUP, row)
    if row.level == Level.DEGRADED:
        yield from _ended_badly(row, run, look)


def _ended_badly(row: ObjectRow, run: Run, look: Look) -> Iterator[Seen | Again]:
    since = _ended(run, row)
    if _superseded(row, look) or (not _RUN_SCHEDULE(row) and look.now - since >= DAY):
        return
    counts = f" ({run.errors} errors)" if run.errors else ""
    yield Seen(f"{row.reason}{counts}", since, _backup_marks(row, look), after=_after(row, look))
    if not _RUN_SCHEDULE(row):
        yield Again(since + DAY)


def _backup_marks(row: ObjectRow, look: Look) -> dict[str, str]:
    location = _location(row, look)
    away = location is not None and failed(location)
    marks = {"location": _bucket(location) if away else "", "backup": _made_for(row), "run": row.name}
    return {**marks, "schedule": _RUN_SCHEDULE(row)}


@BACKUPS.rule("KT3603", "backup does not end", Severity.MEDIUM, suggests=("read.describe", "logs", "restart"))
def backup_hangs(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A backup has gone on for more than six hours.

    Either there is that much to copy (see whether its progress moves), or Velero was restarted in the midst of
    it and forgot it: such a run never ends, and others wait behind it. Look at Velero's log, then restart it.
    """
    run = _run(BACKUP, row)
    if run.phase in GOING and run.started and not row.deleting:
        if look.now - run.started < HANGING:
            yield Again(run.started + HANGING)
        else:
            said = f"{run.phase}: {run.done} of {run.total} objects"
            yield Seen(said, run.started, {"backup": _made_for(row), "run": row.name})


@RESTORES.rule("KT3604", "restore failed", Severity.HIGH, suggests=("read.describe", "logs"))
def restore_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A restore ended with errors: what it should have brought back is not there, or not all of it.

    `velero restore logs` names each object. What exists already is not overwritten, which is the usual warning;
    errors are objects that the cluster refused (webhooks, missing kinds, storage classes). Told of for a day.
    """
    run = _run(RESTORE, row)
    since = _ended(run, row)
    if unwell(row) and look.now - since < DAY:
        severity = Severity.MEDIUM if row.level == Level.DEGRADED else None
        counts = f" ({run.errors} errors)" if run.errors else ""
        yield Seen(f"{row.reason}{counts}", since, {"backup": _made_for(row), "run": row.name}, severity)
        yield Again(since + DAY)


@VOLUMES.rule("KT3607", "volume was not copied", Severity.MEDIUM, suggests=("read.describe", "logs"))
def volume_failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The files of one volume did not get into a backup: of this pod's data that backup has nothing.

    The evidence is the node agent's. Usual are a pod that moved meanwhile, a node agent that is not on the pod's
    node, and a storage location that was away. Told of for a day.
    """
    since = _STARTED(row) or row.created
    if look.now - since < DAY:
        run = label(row, "velero.io/backup-name")
        backup = look.find(BACKUP, row.cluster, row.namespace, run)
        marks = {"run": run, **({} if backup is None else _backup_marks(backup, look))}
        late = 0.0 if backup is None else _after(backup, look)
        yield Seen(f"{_POD(row)}, volume {_VOLUME(row)}: {row.reason}", since, marks, after=late)
        yield Again(since + DAY)


# -- schedules and locations ------------------------------------------------------------------------------------


@SCHEDULES.rule("KT3605", "backup schedule is refused", Severity.HIGH, suggests=("edit", "read.describe"))
def schedule_refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Velero does not accept the schedule: it never makes a backup.

    The evidence says what is wrong, mostly the cron text or the name of a storage location. A schedule that
    Kurator made is mended in the Kurator Backup, by making it anew: changes to one do not reach Velero.
    """
    if row.level == Level.FAILED:
        yield Seen(row.reason, marks={"backup": _made_for(row), "schedule": row.name})


@SCHEDULES.rule(
    "KT3606", "scheduled backup is overdue", Severity.HIGH, suggests=("velero.run", "logs", "read.describe")
)
def overdue(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A schedule's time passed, and no backup began: what happened since the last one cannot be brought back.

    Velero does not run, or is busy with a backup that does not end (KT3603), or its clock is wrong. Look at its
    Deployment and its log, then run the schedule now.
    """
    cron = parse(_CRON(row))
    last = max(_LAST(row), row.created)
    due = cron.after(last) if cron is not None else None
    if due is None or _PAUSED(row) is True or row.deleting or row.level != Level.HEALTHY:
        return
    if look.now < due + LATE:
        yield Again(due + LATE)
    elif look.freshness(row.cluster, SCHEDULE).trustworthy:
        missed = cron.between(last, look.now) if cron is not None else 1
        severity = Severity.MEDIUM if missed < 2 else None
        yield Seen(
            f"{_CRON(row)}: {missed} missed", due, {"backup": _made_for(row), "schedule": row.name}, severity
        )


@LOCATIONS.rule(
    "KT3611", "storage location is away", Severity.HIGH, suggests=("read.describe", "edit", "plugin.backup")
)
def location_away(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Velero cannot reach the bucket where backups are kept: none is made, and none can be restored.

    The evidence is the storage's own answer: a wrong key (rotated?), a bucket that is gone, a way that is
    blocked. Clusters of a fleet share the bucket: when all have this it is the storage or the key, when one has
    it its way.
    """
    said = ": ".join(each for each in (_BUCKET(row) and f"bucket {_BUCKET(row)}", row.reason) if each)
    yield Seen(said, marks={"location": _bucket(row)}, after=UNREACHABLE)


# -- Kurator's, over the members of a fleet ---------------------------------------------------------------------


def _unseen(kind: Kind[Any, ObjectRow], copies: dict[str, Copy], look: Look) -> Iterator[Copy]:
    """Runs that ended badly by Kurator's copy, on members where their own objects cannot be seen now."""
    for copy in copies.values():
        if copy.run.level not in (Level.FAILED, Level.DEGRADED):
            continue
        state = look.freshness(copy.cluster, kind).state
        if state in (State.CONNECTING, State.SYNCING):
            continue
        if look.find(kind, copy.cluster, "velero", copy.name) is None and not _runs_of(kind, copy, look):
            yield copy


def _runs_of(kind: Kind[Any, ObjectRow], copy: Copy, look: Look) -> list[ObjectRow]:
    """Where Kurator names a schedule for its newest run: the runs of that."""
    if kind is not BACKUP:
        return []
    return look.labelled(BACKUP, copy.cluster, "velero", SCHEDULE_LABEL, copy.name)


def _copied(row: ObjectRow, kind: Kind[Any, ObjectRow], copies: dict[str, Copy], look: Look) -> Iterator[Seen]:
    for copy in _unseen(kind, copies, look):
        said = f"{copy.cluster}: {copy.run.phase} {copy.run.why}".rstrip()
        severity = Severity.MEDIUM if copy.run.level is Level.DEGRADED else None
        marks = {"member": copy.cluster, "backup": row.name, "run": copy.name}
        since = copy.run.completed or copy.run.started
        yield Seen(said, since, marks, severity, detail=copy.cluster)


@FLEET_BACKUPS.rule(
    "KT3621", "fleet backup failed on a member", Severity.HIGH, suggests=("screen.policy", "beneath")
)
def fleet_backup(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator's Backup did not come through on a member, whose own objects cannot be seen now.

    This is Kurator's copy of what Velero said there: it is as old as Kurator's last contact with the member.
    Where the member can be read its own Backup is told of instead (KT3601). Get at the member first.
    """
    yield from _copied(row, BACKUP, read_copies(part(kurator.BACKUP, row, "runs")), look)


@FLEET_RESTORES.rule(
    "KT3622", "fleet restore failed on a member", Severity.HIGH, suggests=("screen.policy", "beneath")
)
def fleet_restore(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator's Restore did not come through on a member, whose own objects cannot be seen now.

    This is Kurator's copy of what Velero said there. Where the member can be read its own Restore is told of
    instead (KT3604). A Restore is done once: after mending make a new one.
    """
    yield from _copied(row, RESTORE, read_copies(part(kurator.RESTORE, row, "runs")), look)


@MIGRATES.rule(
    "KT3623", "migration failed", Severity.HIGH, suggests=("read.describe", "beneath", "backup.migrate")
)
def migration(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A migration between clusters stopped: Velero's backup at the source, or a restore at a target, failed.

    Kurator itself goes on saying BackupInProgress. Nothing was taken away at the source. Look at the Velero
    objects of the cluster that the evidence names, mend what they say, delete this Migrate and make a new one.
    """
    yield Seen(row.reason, marks={"backup": row.name if row.cluster == HOST else ""})
