"""Jobs that failed or do not begin, CronJobs whose runs pile up. Volcano's jobs have an analyser of their own."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.cron import parse
from kurator_tui.kinds.apps import CRON_JOB, JOB
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, cell, number, word

BEGINNING = 300.0
"""Seconds after which a job should have a pod."""
LATE = 600.0
"""Seconds by which a run may begin late."""
PILED = 3
"""Runs of one CronJob beside each other that are more than a late one."""

_ACTIVE, _FAILED = number(JOB, "active"), number(JOB, "failed")
_LAST, _SCHEDULE, _ZONE = number(CRON_JOB, "last"), word(CRON_JOB, "schedule"), word(CRON_JOB, "timezone")
_SUSPENDED = cell(CRON_JOB, "suspend")
_SUCCEEDED, _RUNS = number(CRON_JOB, "succeeded"), number(CRON_JOB, "active")
_CRON = "CronJob/"

JOBS = Analyser(JOB, concerns=lambda row: row.level != Level.HEALTHY and not row.deleting, beside=(CRON_JOB,))
CRON_JOBS = Analyser(CRON_JOB, concerns=lambda row: _RUNS(row) >= PILED)
SCHEDULES = Analyser(CRON_JOB, concerns=lambda row: not _SUSPENDED(row) and not row.deleting)


def _marks(row: ObjectRow) -> dict[str, str]:
    """Pods know their Job as owner; runs of one CronJob have that in common."""
    return {
        "owner": f"Job/{row.name}",
        "cronjob": row.owner.removeprefix(_CRON) if row.owner.startswith(_CRON) else "",
    }


def _made_good(row: ObjectRow, look: Look) -> bool:
    """Whether a later run of its CronJob succeeded."""
    if not row.owner.startswith(_CRON):
        return False
    cron = look.find(CRON_JOB, row.cluster, row.namespace, row.owner.removeprefix(_CRON))
    return cron is not None and _SUCCEEDED(cron) > row.created


@JOBS.rule("KT1501", "job failed", Severity.MEDIUM, suggests=("beneath", "logs.previous", "read.describe"))
def failed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A job gave up: its pods failed as often as they may, or it took longer than it may.

    The log of its last pod (`b`, then `l`) says why. A run of a CronJob is forgotten when a later run succeeds;
    anything else is low after a day: nobody seems to wait for it.
    """
    if row.level == Level.FAILED and not _made_good(row, look):
        old = look.now - row.created >= DAY
        yield Seen(row.reason, marks=_marks(row), severity=Severity.LOW if old else None)
        if not old:
            yield Again(row.created + DAY)


@JOBS.rule("KT1502", "runs of a job fail", Severity.LOW, suggests=("beneath", "logs.previous"))
def failing(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Pods of a job failed, and it goes on trying.

    It may still become complete. The log of the pods that failed (`b`, then `l`) says what to expect.
    """
    if row.level == Level.DEGRADED:
        yield Seen(row.reason, marks=_marks(row))


@JOBS.rule("KT1503", "job does not begin", Severity.MEDIUM, suggests=("read.events", "read.describe"))
def not_begun(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A job has no pod for more than five minutes, and is not suspended.

    Its events (`v`) say who refuses its pods: a quota, a policy or a webhook. Without events the job controller
    may not run.
    """
    if row.level == Level.PROGRESSING and not _ACTIVE(row) and not _FAILED(row):
        if look.now - row.created < BEGINNING:
            yield Again(row.created + BEGINNING)
        else:
            yield Seen(row.reason, row.created, _marks(row))


@CRON_JOBS.rule("KT1511", "runs pile up", Severity.MEDIUM, suggests=("beneath", "suspend", "read.describe"))
def piled_up(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Three or more runs of a CronJob go on at the same time: they take longer than the time between them.

    They may wait for each other, or for the same thing. `concurrencyPolicy: Forbid` keeps them apart; suspend it
    until it is clear what they wait for.
    """
    yield Seen(f"{_RUNS(row):g} runs at the same time", marks={"cronjob": row.name})


@SCHEDULES.rule("KT1512", "runs are missed", Severity.MEDIUM, suggests=("read.events", "read.describe"))
def missed(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Two runs of a CronJob in a row were due and did not begin.

    A run before that is still there and `concurrencyPolicy: Forbid` waits for it, or its pods are not let in.
    After a hundred missed runs the controller begins none any more. One run that is missed says little: the time
    zone of the controller is not known.
    """
    zone = f"CRON_TZ={_ZONE(row)} " if _ZONE(row) else ""
    cron = parse(zone + _SCHEDULE(row))
    first = cron.after(_LAST(row) or row.created) if cron is not None else None
    second = cron.after(first) if cron is not None and first is not None else None
    if second is None:
        return
    if look.now < second + LATE:
        yield Again(second + LATE)
    else:
        yield Seen(f"{_SCHEDULE(row)}: none since", _LAST(row) or row.created, {"cronjob": row.name})
