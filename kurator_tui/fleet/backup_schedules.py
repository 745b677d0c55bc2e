"""The join behind `backupschedules`: each schedule of a member, and whether its last good backup is recent enough.

Pure. What counts is the beginning of the last run that completed: how often was the schedule due since? A run that
goes on now still has its chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kurator_tui.fleet.backup_plan import HOST_KINDS, Planned, plans
from kurator_tui.fleet.cron import Cron, parse
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.velero import Velero, label
from kurator_tui.kinds.backup_overview import BACKUP_SCHEDULES, BackupScheduleRow
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator import FLEET_LABEL
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION, SCHEDULE
from kurator_tui.kinds.velero_runs import COMPLETED, GOING, Run, read

BACKUP_LABEL = "kurator.dev/backup-name"
GRACE = 300.0
"""Seconds after its time in which a run may begin, half the interval at most: Velero looks once a minute."""
EVERY = 30.0
"""Seconds after which the age of the last good backup is looked at again."""


class _Runs(NamedTuple):
    """Of one schedule: the newest run, and the newest one that completed."""

    last: Run | None
    good: Run | None
    kept: int


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster: Velero's schedules, then those that Kurator plans and Velero lacks."""
    velero = seen.local(Velero, cluster)
    planned = {each.velero: each for each in seen.shared(plans).get(cluster, ()) if each.schedule}
    for name, row in velero.schedules.items():
        yield _row(seen, velero, cluster, row, planned.get(name))
    for name, each in planned.items():
        if name not in velero.schedules:
            yield _lacking(velero, cluster, each)


JOIN = Join(
    BACKUP_SCHEDULES,
    HOST_KINDS,
    (SCHEDULE, BACKUP, BACKUP_STORAGE_LOCATION, DEPLOYMENT),
    rows,
    planned=plans,
    every=EVERY,
)


def _row(seen: Seen, velero: Velero, cluster: str, row: ObjectRow, planned: Planned | None) -> Row:
    now, text = seen.now(), str(SCHEDULE.value(row, "schedule") or "")
    paused = SCHEDULE.value(row, "paused") is True
    cron, runs = parse(text), _runs(velero, row.name)
    reach = part(SCHEDULE, row, "reach") or {}
    following = cron.after(now) if cron is not None else None
    then = cron.after(following) if cron is not None and following is not None else None
    interval = then - following if then is not None and following is not None else None
    missed = _missed(cron, row, runs, now - min(GRACE, (interval or GRACE) / 2))
    location = str(reach.get("location") or "")
    level, reason = _verdict(velero, row, runs, missed, location, paused=paused, known=cron is not None)
    if planned is not None and planned.schedule != text:
        level = Level.DEGRADED if level in (Level.HEALTHY, Level.UNKNOWN) else level
        told = f"Kurator says {planned.schedule}: that change does not reach Velero"
        reason = f"{reason}; {told}" if reason else told
    return BackupScheduleRow(
        cluster,
        row.namespace,
        row.name,
        row.uid,
        row.created,
        level=level,
        reason=reason,
        schedule=text,
        phase=str(SCHEDULE.value(row, "phase") or ""),
        paused=paused,
        good=(runs.good.completed or runs.good.started) if runs.good is not None else 0.0,
        last=runs.last.started if runs.last is not None else 0.0,
        outcome=runs.last.phase if runs.last is not None else "",
        next=0.0 if paused else _next(cron, runs, now),
        interval=interval,
        missed=None if paused else missed,
        namespaces=tuple(each for each in reach.get("included", ()) if each != "*"),
        location=location,
        backup=label(row, BACKUP_LABEL),
        fleet=planned.fleet if planned is not None else label(row, FLEET_LABEL),
        kept=runs.kept,
    )


def _runs(velero: Velero, schedule: str) -> _Runs:
    found = [run for row in velero.runs.get(schedule, ()) if (run := read(part(BACKUP, row, "run"))) is not None]
    found.sort(key=lambda run: run.started)
    good = [run for run in found if run.phase == COMPLETED]
    return _Runs(found[-1] if found else None, good[-1] if good else None, len(found))


def _next(cron: Cron | None, runs: _Runs, now: float) -> float:
    """When it is due next; `@every` counts from the last run."""
    if cron is None:
        return 0.0
    began = runs.last.started if cron.every and runs.last is not None else now
    return cron.after(began) or 0.0


def _missed(cron: Cron | None, row: ObjectRow, runs: _Runs, end: float) -> int | None:
    """Runs due from the beginning of the last good one to `end` that were not good."""
    if cron is None:
        return None
    begin = runs.good.started if runs.good is not None else row.created
    due = cron.between(begin, end)
    return max(0, due - 1) if runs.last is not None and runs.last.phase in ("", *GOING) else due


def _verdict(
    velero: Velero, row: ObjectRow, runs: _Runs, missed: int | None, location: str, *, paused: bool, known: bool
) -> tuple[Level, str]:
    if Level(row.level) is Level.FAILED:
        return Level.FAILED, row.reason
    if paused:
        return Level.HEALTHY, "paused"
    blocked = velero.problem or velero.location_problem(location)
    if not known:
        return (Level.FAILED, blocked) if blocked else (Level.UNKNOWN, "when it is due cannot be told")
    if not missed:
        if blocked:
            return Level.DEGRADED, f"the next run will fail: {blocked}"
        return Level.HEALTHY, "" if runs.last is not None else "no run was due yet"
    why = [blocked or _last(runs)]
    if runs.good is None:
        return Level.FAILED, "; ".join(["no good backup yet", *filter(None, why)])
    many = "a run" if missed == 1 else f"{missed} runs"
    said = "; ".join([*filter(None, why), f"{many} due since the last good one"])
    return (Level.DEGRADED if missed == 1 else Level.FAILED), said


def _last(runs: _Runs) -> str:
    """What became of the last run, "" where it is good."""
    last = runs.last
    if last is None:
        return "it never ran"
    if last.phase == COMPLETED:
        return "no run began"
    return f"last run {last.phase}" + (
        f": {last.why}" if last.why else f", {last.errors} errors" if last.errors else ""
    )


def _lacking(velero: Velero, cluster: str, planned: Planned) -> Row:
    """A schedule of Kurator that the member does not have."""
    level, reason = Level.FAILED, planned.problem or velero.problem
    if not reason and not velero.readable:
        level, reason = Level.UNKNOWN, velero.unasked
    if cluster == HOST:
        reason = planned.problem
    return BackupScheduleRow(
        cluster,
        "",
        planned.row.name,
        planned.uid,
        planned.row.created,
        level=level,
        reason=reason or "Kurator plans it, and Velero has no such schedule",
        schedule=planned.schedule,
        backup=planned.row.name,
        fleet=planned.fleet,
    )
