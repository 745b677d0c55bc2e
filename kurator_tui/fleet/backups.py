"""The join behind `backupstatus`: Kurator's Backups, Restores and Migrates on each member, as Velero sees them.

Kurator never sets most of their phases and copies what it saw of Velero only until a run completed: what counts is
the object on the member. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from kurator_tui.fleet.backup_plan import HOST_KINDS, Planned, plans
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.velero import SCHEDULE_LABEL, Velero, label
from kurator_tui.kinds.backup_overview import BACKUP_STATUS, BackupStatusRow
from kurator_tui.kinds.base import HOST, SEVERITY, Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator_backups import BACKUP as KURATOR_BACKUP
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION, RESTORE, SCHEDULE
from kurator_tui.kinds.velero_runs import COMPLETED, FAILED, GOING, PARTLY, Run, read
from kurator_tui.store.freshness import State

KURATOR_LABELS = {"kurator.dev/backup-name": "Backup", "kurator.dev/migrate-name": "Migrate"}
PATIENCE = 180.0
"""Seconds in which Kurator and Velero are expected to begin."""


class _Cluster:
    def __init__(self, seen: Seen, cluster: str) -> None:
        self.velero = seen.local(Velero, cluster)
        self.restores = {row.name: row for row in seen.rows(RESTORE, cluster)}


class _Found(NamedTuple):
    """Velero's object and what it says."""

    row: ObjectRow
    run: Run
    location: str = ""


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster: what is planned for it, then what Velero keeps of objects that are gone."""
    here = seen.local(_Cluster, cluster)
    planned = seen.shared(plans).get(cluster, [])
    for each in planned:
        yield _row(seen, here, cluster, each)
    if cluster != HOST and seen.freshness(HOST, KURATOR_BACKUP).state is State.LIVE:
        yield from _left(here, cluster, {(each.kind, each.row.name) for each in planned})


JOIN = Join(
    BACKUP_STATUS,
    HOST_KINDS,
    (BACKUP, RESTORE, SCHEDULE, BACKUP_STORAGE_LOCATION, DEPLOYMENT),
    rows,
    planned=plans,
)


def _row(seen: Seen, here: _Cluster, cluster: str, planned: Planned) -> Row:
    head = BackupStatusRow(
        cluster,
        planned.row.namespace,
        planned.row.name,
        planned.uid,
        planned.row.created,
        kind=planned.kind,
        step=planned.step,
        schedule=planned.schedule,
        fleet=planned.fleet,
    )
    found = _found(here, planned)
    if found is not None:
        stale = "" if here.velero.readable else here.velero.unasked
        row = replace(_with(head, found.run), velero=found.row.name, location=found.location, stale=stale)
        level, reason = _verdict(here, found, planned)
        return replace(row, level=level, reason=reason)
    if planned.problem:
        return replace(head, level=Level.FAILED, reason=planned.problem)
    copy = planned.copy
    if copy is not None and copy.run.phase:
        row = replace(_with(head, copy.run), velero=copy.name)
        if not here.velero.readable and not here.velero.absent:
            stale = f"as Kurator saw it last; {here.velero.unasked}"
            return replace(row, level=copy.run.level, reason=_why(copy.run), stale=stale)
        return replace(row, **_lost(seen, copy.run))
    level, reason = _missing(seen, here, planned)
    return replace(head, level=level, reason=reason)


def _found(here: _Cluster, planned: Planned) -> _Found | None:
    """Velero's object of a plan: the newest run of a schedule."""
    if planned.step == "restore":
        row = here.restores.get(planned.velero)
        run = read(part(RESTORE, row, "run")) if row is not None else None
        return _Found(row, run) if row is not None and run is not None else None
    runs = here.velero.runs.get(planned.velero, []) if planned.schedule else []
    its = here.velero.backups.get(planned.velero)
    return newest([*runs, *([its] if its is not None else [])])


def newest(found: list[ObjectRow]) -> _Found | None:
    """The run that began last."""
    made = [
        _Found(row, run, _location(row)) for row in found if (run := read(part(BACKUP, row, "run"))) is not None
    ]
    return max(made, key=lambda each: (each.run.started or each.row.created, each.row.name), default=None)


def _location(row: ObjectRow) -> str:
    return str(BACKUP.value(row, "location") or "")


def _with(row: BackupStatusRow, run: Run) -> BackupStatusRow:
    return replace(
        row,
        phase=run.phase,
        done=run.done,
        total=run.total,
        errors=run.errors,
        warnings=run.warnings,
        started=run.started,
        completed=run.completed,
        expires=run.expires,
    )


def _verdict(here: _Cluster, found: _Found, planned: Planned) -> tuple[Level, str]:
    run, velero = found.run, here.velero
    level, said = run.level, [_why(run)]
    if run.phase in (*FAILED, PARTLY):
        said.append(velero.location_problem(found.location))
    elif run.phase in ("", *GOING) and velero.problem:
        level = max(level, Level.DEGRADED, key=SEVERITY.__getitem__)
        said = [f"it does not go on: {velero.problem}"]
    copy = planned.copy
    ended = (COMPLETED, PARTLY, *FAILED)
    if (
        copy is not None
        and copy.name == found.row.name
        and copy.run.phase in ended
        and copy.run.phase != run.phase
    ):
        said.append(f"Kurator says {copy.run.phase}, Velero {run.phase or 'nothing'}")
        level = max(level, Level.DEGRADED, key=SEVERITY.__getitem__)
    if planned.problem:
        said.append(planned.problem)
        level = max(level, Level.DEGRADED, key=SEVERITY.__getitem__)
    return level, "; ".join(each for each in said if each)


def _why(run: Run) -> str:
    """What a run says of itself, "" where its phase is enough."""
    if run.why:
        return run.why
    told = [many(number, word) for number, word in ((run.errors, "error"), (run.warnings, "warning")) if number]
    if run.phase == PARTLY or (run.phase in FAILED and told):
        return ", ".join(told)
    return "being deleted" if run.phase == "Deleting" else ""


def many(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _lost(seen: Seen, run: Run) -> dict[str, object]:
    """Kurator saw it, Velero has it no more."""
    if run.expires and run.expires < seen.now():
        return {"level": Level.HEALTHY, "reason": "expired: Velero has deleted it"}
    return {"level": Level.DEGRADED, "reason": "Velero has it no more: deleted, or its storage was emptied"}


def _missing(seen: Seen, here: _Cluster, planned: Planned) -> tuple[Level, str]:
    """Of what neither Kurator nor Velero has seen run."""
    velero = here.velero
    if velero.absent:
        return Level.FAILED, velero.problem
    if not velero.readable:
        return Level.UNKNOWN, velero.unasked
    if planned.waits:
        bad = any(word in planned.waits for word in (*FAILED, PARTLY))
        return (Level.FAILED if bad else Level.PROGRESSING), planned.waits
    if planned.schedule and planned.velero in velero.schedules:
        if Level(velero.schedules[planned.velero].level) is Level.FAILED:
            return Level.FAILED, f"Velero refuses the schedule: {velero.schedules[planned.velero].reason}"
        return Level.PROGRESSING, "no run yet"
    if velero.problem:
        return Level.FAILED, velero.problem
    if seen.now() - planned.row.created < PATIENCE:
        return Level.PROGRESSING, "not started"
    what = "schedule" if planned.schedule else planned.step
    return Level.FAILED, f"Kurator has made no {what} here: see its fleet-manager's log"


def _left(here: _Cluster, cluster: str, planned: set[tuple[str, str]]) -> Iterator[Row]:
    """What Velero still has of Kurator objects that are gone: it brings back what its storage holds."""
    left: dict[tuple[str, str], list[ObjectRow]] = {}
    for row in here.velero.backups.values():
        for key, kind in KURATOR_LABELS.items():
            if (name := label(row, key)) and (kind, name) not in planned:
                left.setdefault((kind, name), []).append(row)
    for (kind, name), its in left.items():
        found = newest(its)
        if found is None:
            continue
        again = f"{len(its)} kept; " if len(its) > 1 else ""
        head = BackupStatusRow(
            cluster, "", name, f"left/{kind}/{name}", found.row.created, kind=kind, step="backup"
        )
        yield replace(
            _with(head, found.run),
            level=found.run.level,
            reason=f"{again}there is no {kind} of Kurator: Velero brings back what its storage holds",
            velero=found.row.name,
            location=found.location,
            schedule=label(found.row, SCHEDULE_LABEL),
        )
